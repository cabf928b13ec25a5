"""What a class of shares is worth in listed shares: known by data with a source, never by a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# ClassB, CommonClassB, CommonStockClassBMember: a letter that stands alone after the word
_LETTER = re.compile(r"Class\s*([A-Z])(?![a-z])")


@dataclass(frozen=True, slots=True)
class ShareClass:
    """One row of `share_class`: `ratio` listed shares for one share, None where it has votes only.

    `name` is a letter ("B"), or what the class is called in filings ("MultipleVotingSharesMember"). `valid_from` is the
    first day, `valid_to` the first day on which it no longer holds; None where no day is known. `cik` is the filer's.
    """

    ticker: str
    name: str
    ratio: float | None
    valid_from: date | None = None
    valid_to: date | None = None
    cik: int | None = None

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


def letter(name: str) -> str:
    """The letter of a class as filings name it; "" where it has none."""
    found = _LETTER.search(name)
    return found[1] if found else name if re.fullmatch(r"[A-Z]", name) else ""


def share_class(classes: Iterable[ShareClass], name: str, day: date) -> ShareClass | None:
    """The row about a class of one company on a day, by its whole name before its letter; None where nobody told."""
    told = [one for one in classes if one.holds_on(day)]
    whole = [one for one in told if one.name == name]
    return next(iter(whole or [one for one in told if one.name and one.name == letter(name)]), None)
