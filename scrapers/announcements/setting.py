"""What a sentence inherits from the notice around it, and what it states."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from scrapers.announcements.days import DatePhrase
from scrapers.announcements.figures import CoinFigure
from scrapers.announcements.issuer import Issuer

CLAUSE = re.compile(
    r"[;•]|,? (?:which|while|whereas|although|but)\b|, (?:and|as|with|after|following|compared|up from|down from|bringing|increasing|taking|raising|reducing)\b|\s[–—]\s|\band (?:now|currently) (?:holds?|owns?|has|have)\b|\band (?:plans?|intends?|expects?|aims?|will|has|have|had|its|the|sold|bought|acquired)\b"
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a sentence inherits: the issuer, its paragraph's and section's days, the period the notice is about."""

    issuer: Issuer
    heading: str = ""
    before: str = ""  # the sentences before it in its paragraph
    period: DatePhrase | None = None  # the month, quarter or half-year the whole notice reports
    subject: bool | None = None  # whether the last company named before was the issuer itself
    after: str = ""  # the sentence after it
    aside: str = ""  # why the whole section is not the issuer's own statement of today


@dataclass(frozen=True, slots=True)
class StatedCoins:
    """One number of coins with its role and day; `doubts` are reasons not to trust it, `note` what else to know."""

    role: str
    figure: CoinFigure
    day: date
    start: date | None = None
    dated: bool = True
    doubts: tuple[str, ...] = ()
    note: str = ""
    text: str = field(default="", compare=False)
