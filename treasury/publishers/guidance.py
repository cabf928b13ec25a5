"""What issuers said of when they would sell shares: rules by their own multiple, dated (docs/metrics.md 1.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from treasury.publishers.issuers import issuer_of


@dataclass(frozen=True, slots=True)
class Guidance:
    """A rule of one issuer from a day until another is told: what holds from `low` up to below `high` of its EV multiple."""

    issuer: str
    since: date
    low: float
    high: float
    says: str


_STRATEGY, _FIRST, _SECOND, _THIRD = issuer_of("Strategy"), date(2025, 7, 31), date(2025, 10, 30), date(2025, 12, 1)
_ANY = float("inf")
RULES = (
    Guidance(_STRATEGY, _FIRST, 0.0, 2.5, "no common shares sold except for interest and preferred dividends (loosened in August 2025)"),
    Guidance(_STRATEGY, _FIRST, 2.5, _ANY, "common shares may be sold"),
    Guidance(_STRATEGY, _SECOND, 0.0, 2.5, "common shares sold tactically"),
    Guidance(_STRATEGY, _SECOND, 2.5, 4.0, "common shares sold opportunistically"),
    Guidance(_STRATEGY, _SECOND, 4.0, _ANY, "common shares sold actively"),
    Guidance(_STRATEGY, _THIRD, 0.0, 1.0, "common shares sold tactically; bitcoin may be sold where capital cannot be had"),
    Guidance(_STRATEGY, _THIRD, 1.0, 2.5, "common shares sold tactically"),
    Guidance(_STRATEGY, _THIRD, 2.5, 4.0, "common shares sold opportunistically"),
    Guidance(_STRATEGY, _THIRD, 4.0, _ANY, "common shares sold actively"),
)  # fmt: skip


def guidance_on(ticker: str, day: date, multiple: float | None) -> Guidance | None:
    """The newest rule an issuer had told by a day, for its EV multiple; None where it told none, or the multiple is not known."""
    told = [rule for rule in RULES if rule.issuer == ticker and rule.since <= day]
    newest = max((rule.since for rule in told), default=None)
    if multiple is None:
        return None
    return next((rule for rule in told if rule.since == newest and rule.low <= multiple < rule.high), None)
