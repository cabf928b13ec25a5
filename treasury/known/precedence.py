"""Which fact speaks for a quantity on a day: what was known, trackers that repeat themselves, primary before secondary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property, lru_cache

from treasury.model import Fact

PRIMARY_FRESH_DAYS = 120  # an older primary fact gives way to a newer secondary one
ROUNDED_TO = (1e3, 1e6)  # as filings tag amounts and counts
TELLING_DIGITS = 4  # 1,500 coins are many companies'
SHOWN_TOGETHER = timedelta(days=183)  # what was shown longer before is no copy
TIE = 0.005  # two values of one day nearer than this are the same number; farther apart they are listed


@dataclass(frozen=True, slots=True)
class Resolved:
    """One input: its amounts by unit (several only where claims are in several currencies), its day and its facts.

    Of a total of claims only the day's exchange rates can sometimes settle the amount. Then `parts` is what was told,
    `added` and `repaid` what happened since, and `documented` what the total must not lie below; else they are empty.
    """

    parts: tuple[tuple[str, float], ...]
    as_of: date | None
    facts: tuple[Fact, ...] = ()
    added: tuple[tuple[str, float], ...] = ()
    repaid: tuple[tuple[str, float], ...] = ()
    documented: tuple[tuple[str, float], ...] = ()

    @property
    def value(self) -> float:
        """The single amount of an input that has just one unit."""
        ((_, amount),) = self.parts
        return amount


# -- rule 1 and 3: what counts as known ----------------------------------------------------------------------------


def is_known(fact: Fact, moment: datetime, day: date) -> bool:
    """Whether the public knew it at `moment`, the close of `day`; a date-only `known_at` counts after that day's close."""
    if fact.as_of > day:
        return False  # announced ahead
    return fact.known_at <= moment if isinstance(fact.known_at, datetime) else fact.known_at < day


def known_order(known_at: datetime | date) -> datetime:
    """Moments and days on one scale: a day stands at its end."""
    if isinstance(known_at, datetime):
        return known_at
    return datetime.combine(known_at + timedelta(days=1), time(0), UTC)


def is_telling(value: float) -> bool:
    """Whether a number has so many digits that two companies do not share it by chance."""
    return len(f"{abs(value):.10f}".replace(".", "").strip("0")) >= TELLING_DIGITS


def is_copy(known_at: datetime | date, other: datetime | date) -> bool:
    """Whether a tracker's number may be the one it showed for another company, by when it showed both."""
    return timedelta(0) <= known_order(known_at) - known_order(other) <= SHOWN_TOGETHER


@cache
def tracker_name(source: str) -> str:
    """A tracker is its source id without the day of the snapshot: bitbo-2025-08-15 is bitbo."""
    return re.sub(r"-\d{4}-\d{2}(-\d{2})?$", "", source)


@dataclass(frozen=True, slots=True)
class Seen:
    """A fact as evidence. `first` marks a tracker's first value for a quantity: nobody knows how old it is.

    `authority` decides between kinds of sources about one day: a filing above the issuer, the press above a tracker.
    """

    fact: Fact
    authority: int
    first: bool = False


@lru_cache(maxsize=2)  # the same facts are resolved on day after day
def observe(facts: tuple[Fact, ...]) -> tuple[Seen, ...]:
    """One company's facts in the order they became known, without those that say nothing.

    A tracker that repeats itself says nothing new (rule 3), one that shows another company's number nothing at all; nor
    does a rounded figure beside an exact one of the same day, and an exact one takes the authority of its rounded form (rule 2).
    """
    last: dict[tuple[str, str | None, str], float] = {}
    of_day: dict[tuple[object, ...], list[Seen]] = {}
    seen: list[Seen] = []
    for fact in sorted(facts, key=lambda fact: (known_order(fact.known_at), fact.as_of, fact.source, fact.value)):
        if fact.copied:
            continue
        first = False
        if fact.source_kind == "tracker":
            series = (tracker_name(fact.source), fact.instrument, fact.quantity)
            repeats, first = last.get(series) == fact.value, series not in last
            last[series] = fact.value
            if repeats:
                continue
        others = of_day.setdefault((fact.instrument, fact.quantity, fact.as_of, fact.primary, fact.unit), [])
        if any(is_rounded(fact.value, other.fact.value) for other in others):
            continue
        authority = KIND_RANK.get(fact.source_kind, 0)
        rounded = [other.authority for other in others if is_rounded(other.fact.value, fact.value)]
        one = Seen(fact, max([authority, *rounded]), first)
        others.append(one)
        seen.append(one)
    return tuple(seen)


def is_rounded(value: float, exact: float) -> bool:
    """Whether a value is the other one in whole thousands or millions, cut off or rounded."""
    return any(
        value % step == 0 and exact % step != 0 and abs(value - exact) < step and abs(value - exact) <= TIE * abs(exact)
        for step in ROUNDED_TO
    )


# -- rule 2: which fact speaks for a quantity ----------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """All that was known of one company on one day."""

    day: date
    seen: tuple[Seen, ...]

    def winner(self, quantities: Sequence[str], instrument: str | None = None) -> Resolved | None:
        """The primary fact; a secondary one where none exists, or where it is newer than a primary over 120 days old."""
        primary = self.primary(quantities, instrument)
        secondary = self.secondary(quantities, instrument, with_primary=primary is not None)
        if primary is None or secondary is None:
            return resolved_from(primary or secondary)
        too_old = (self.day - primary.as_of).days > PRIMARY_FRESH_DAYS
        return resolved_from(secondary if too_old and secondary.as_of > primary.as_of else primary)

    def primary(self, quantities: Sequence[str], instrument: str | None = None) -> Fact | None:
        return best(seen for seen in self._about(quantities, instrument) if seen.fact.primary)

    def secondary(self, quantities: Sequence[str], instrument: str | None = None, *, with_primary: bool) -> Fact | None:
        """`with_primary`: a primary fact exists, so a tracker's first value, of unknown age, does not count (rule 3)."""
        return best(
            seen
            for seen in self._about(quantities, instrument)
            if not seen.fact.primary and not (with_primary and seen.first)
        )

    def until(self, as_of: date) -> Evidence:
        """The same knowledge, of the facts that describe days up to `as_of`."""
        return Evidence(self.day, tuple(seen for seen in self.seen if seen.fact.as_of <= as_of))

    def on(self, as_of: date) -> Evidence:
        """The same knowledge, of the facts that describe one day."""
        return Evidence(self.day, tuple(seen for seen in self.seen if seen.fact.as_of == as_of))

    @cached_property
    def _of(self) -> dict[tuple[str, str | None], list[Seen]]:
        """What is seen, by quantity and instrument."""
        found: dict[tuple[str, str | None], list[Seen]] = {}
        for seen in self.seen:
            found.setdefault((seen.fact.quantity, seen.fact.instrument), []).append(seen)
        return found

    def _about(self, quantities: Sequence[str], instrument: str | None) -> Iterable[Seen]:
        return (seen for quantity in quantities for seen in self._of.get((quantity, instrument), ()))


KIND_RANK = {"filing": 1, "issuer": 0, "press": 1, "tracker": 0}


def latest(facts: Iterable[Fact]) -> Fact | None:
    """The latest as_of; on a tie the filing (press before a tracker), the latest known_at, the source id."""
    return best(Seen(fact, KIND_RANK.get(fact.source_kind, 0)) for fact in facts)


def best(evidence: Iterable[Seen]) -> Fact | None:
    """The same of evidence, where an exact figure has the authority of its rounded form."""
    found = max(evidence, key=rank, default=None)
    return None if found is None else found.fact


def rank(seen: Seen) -> tuple[object, ...]:
    """What decides between facts of one tier: the highest speaks."""
    fact = seen.fact
    return (fact.as_of, seen.authority, known_order(fact.known_at), fact.source, fact.value, fact.unit)


def resolved_from(fact: Fact | None) -> Resolved | None:
    return None if fact is None else Resolved(((fact.unit, fact.value),), fact.as_of, (fact,))
