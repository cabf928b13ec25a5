"""Whose coins are counted in whose, and on which days: the one rule for every sum over companies.

A subsidiary keeps its own row, multiple and journal; what is summed over companies leaves it out while another counts its coins,
so that no coin counts twice. The view `holdings_total` says the same in SQL, and a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

CONSOLIDATED_BY, MERGED_INTO = "consolidated_by", "merged_into"


@dataclass(frozen=True, slots=True)
class Relation:
    """`ticker`'s coins are counted in `other`'s (consolidated_by), or are its own now (merged_into); through the day before `until`."""

    ticker: str
    other: str
    kind: str
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


def consolidated_sql(relation: str, day: str) -> str:
    """That a row of the table `relation` says so of a day, as an SQL condition."""
    return (
        f"{relation}.kind = '{CONSOLIDATED_BY}' AND {relation}.valid_from <= {day}"
        f" AND ({day} < {relation}.valid_to OR {relation}.valid_to IS NULL)"
    )


class Consolidation:
    """What the relations say of each company and day."""

    def __init__(self, relations: Iterable[Relation] = ()) -> None:
        self._of: dict[str, list[Relation]] = {}
        for relation in relations:
            if relation.kind == CONSOLIDATED_BY:
                self._of.setdefault(relation.ticker, []).append(relation)

    def owners(self, ticker: str, day: date) -> tuple[str, ...]:
        """Every company that counts its coins on a day, the nearest first: its parent, and whoever counts the parent's."""
        found: dict[str, None] = {}
        ahead = [ticker]
        while ahead:
            for relation in self._of.get(ahead.pop(0), ()):
                if relation.holds(day) and relation.other not in found and relation.other != ticker:
                    found[relation.other] = None
                    ahead.append(relation.other)
        return tuple(found)

    def counted_elsewhere(self, ticker: str, day: date, among: Collection[str] | None = None) -> bool:
        """Whether another company counts its coins on a day; with `among`, one of these."""
        owners = self.owners(ticker, day)
        return bool(owners) if among is None else any(owner in among for owner in owners)

    def counted_once(self, tickers: Sequence[str], day: date) -> list[str]:
        """Those whose coins are not already in another's of the same list on a day."""
        return [ticker for ticker in tickers if not self.counted_elsewhere(ticker, day, tickers)]

    def spans(self, ticker: str, among: Collection[str] | None = None) -> list[tuple[date, date | None]]:
        """The stretches in which its coins are another's: first day, and the first day they are not any more (None: still)."""
        if ticker not in self._of:
            return []
        relations = [relation for own in self._of.values() for relation in own]
        days = sorted({day for one in relations for day in (one.since, one.until) if day is not None})
        found: list[tuple[date, date | None]] = []
        for begins, ends in zip(days, [*days[1:], None], strict=True):
            if not self.counted_elsewhere(ticker, begins, among):
                continue
            if found and found[-1][1] == begins:
                found[-1] = (found[-1][0], ends)
            else:
                found.append((begins, ends))
        return found


__all__ = ["CONSOLIDATED_BY", "MERGED_INTO", "Consolidation", "Relation", "consolidated_sql"]
