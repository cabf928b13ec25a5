"""What was said of a company, by whom and from when to when: the ground on which trackers are judged."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from treasury.consolidation import Relation
from treasury.known.precedence import known_order, latest, tracker_name
from treasury.model import Fact, Split
from treasury.quantities import PUBLISHED

SAME = 0.005  # apart by no more, two values are one: sources round, and a coin arrives between two looks
EXACT = 1e-4  # what printing in thousands or millions takes away
WATCHED = timedelta(days=92)  # a tracker looked at more seldom than each quarter is not being watched

Key = tuple[str, str, str | None]  # ticker, quantity, instrument


@dataclass(frozen=True, slots=True)
class TrackerClaim:
    """What a publisher shows, from the day it was first seen to the last day it was.

    `first` marks what it showed on the first look, or after a long time without one: nobody knows since when. `kept_out`
    is the reason why a reading became no fact.
    """

    publisher: str
    fact: Fact
    since: date
    until: date
    first: bool = False
    newest: bool = True
    kept_out: str = ""

    @property
    def key(self) -> Key:
        return key_of(self.fact)


def near(one: float, other: float) -> bool:
    """Whether two values are the same but for rounding: half a per cent, or one rounds to the other."""
    apart = abs(one - other)
    return apart <= SAME * max(abs(one), abs(other)) or (apart < 1 and (round(one) == other or round(other) == one))


def exactly(one: float, other: float) -> bool:
    """Whether two values that are near are one number: within a coin or share, or a hundredth of a per cent."""
    return near(one, other) and abs(one - other) < max(1.0, EXACT * abs(other))


def day_known(fact: Fact) -> date:
    known = fact.known_at
    return known.astimezone(UTC).date() if isinstance(known, datetime) else known


def is_undated(fact: Fact) -> bool:
    """Whether its day is the one on which a tracker was seen to show it, not one the tracker gave."""
    return fact.source_kind == "tracker" and not fact.known_assumed and fact.as_of == day_known(fact)


def key_of(fact: Fact) -> Key:
    return (fact.ticker, fact.quantity, fact.instrument)


def _spans(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """First and last day of each stretch without a long gap."""
    begins = last = days[0]
    for day in days[1:]:
        if day - last > WATCHED:
            yield begins, last
            begins = day
        last = day
    yield begins, last


@dataclass
class TrackerRecord:
    """Everything said that bears on what trackers show.

    `looks` holds the days each publisher was looked at, where facts do not tell; `ends` the day a company no longer
    stands alone; `rate` gives US dollars for a currency on a day, `former_symbol` the word for a company that is out of use.
    """

    facts: Sequence[Fact]
    kept_out: Sequence[TrackerClaim] = ()
    looks: Mapping[str, Collection[date]] = field(default_factory=dict)
    relations: Sequence[Relation] = ()
    splits: Sequence[Split] = ()
    currencies: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, date] = field(default_factory=dict)
    rate: Callable[[str, date], float | None] = lambda currency, day: None
    former_symbol: Callable[[str, date], str | None] = lambda ticker, day: None

    @cached_property
    def spoken(self) -> dict[Key, list[Fact]]:
        """What filings and issuers say, in the order it became known; the press where they never spoke."""
        primary: dict[Key, list[Fact]] = {}
        press: dict[Key, list[Fact]] = {}
        for fact in self.facts:
            if fact.primary or fact.source_kind == "market":
                primary.setdefault(key_of(fact), []).append(fact)
            elif fact.source_kind == "press":
                press.setdefault(key_of(fact), []).append(fact)
        found = press | primary
        for facts in found.values():
            facts.sort(key=lambda fact: known_order(fact.known_at))
        return found

    @cached_property
    def _days(self) -> dict[Key, list[date]]:
        return {key: [day_known(fact) for fact in facts] for key, facts in self.spoken.items()}

    @cached_property
    def claims(self) -> list[TrackerClaim]:
        """Every change of what a tracker shows; what it dates itself ends a claim and is none, nor are its own multiples."""
        series: dict[tuple[str, Key], list[Fact]] = {}
        for fact in self.facts:
            if fact.source_kind == "tracker" and not fact.known_assumed and fact.quantity not in PUBLISHED:
                series.setdefault((tracker_name(fact.source), key_of(fact)), []).append(fact)
        return [claim for (publisher, _), facts in series.items() for claim in self._standing(publisher, facts)]

    def _standing(self, publisher: str, facts: list[Fact]) -> Iterable[TrackerClaim]:
        facts.sort(key=lambda fact: (day_known(fact), fact.as_of))
        changes: list[Fact] = []
        for fact in facts:
            if not changes or (fact.value != changes[-1].value and fact.as_of >= changes[-1].as_of):
                changes.append(fact)
        if publisher not in self.watched:
            return  # it dates whatever it shows
        last = self.watched[publisher][-1][1]
        if (ends := self.ends.get(facts[0].ticker)) is not None:
            last = min(last, ends - timedelta(days=1))
        for fact, after in zip(changes, [*changes[1:], None], strict=True):
            if not is_undated(fact):
                continue
            since = day_known(fact)
            until = max(since, last if after is None else day_known(after) - timedelta(days=1))
            first = any(begins == since for begins, _ in self.watched[publisher])
            yield TrackerClaim(publisher, fact, since, until, first=first, newest=after is None)

    @cached_property
    def watched(self) -> dict[str, list[tuple[date, date]]]:
        """The spans of days on which each tracker was watched, from look to look."""
        looks: dict[str, set[date]] = {publisher: set(days) for publisher, days in self.looks.items()}
        for fact in self.facts:
            if is_undated(fact):
                looks.setdefault(tracker_name(fact.source), set()).add(day_known(fact))
        return {publisher: list(_spans(sorted(days))) for publisher, days in looks.items()}

    @cached_property
    def _shown(self) -> dict[tuple[str, Key], list[TrackerClaim]]:
        found: dict[tuple[str, Key], list[TrackerClaim]] = {}
        for claim in self.claims:
            found.setdefault((claim.publisher, claim.key), []).append(claim)
        return found

    @cached_property
    def _same_number(self) -> dict[tuple[str, str, float], list[TrackerClaim]]:
        found: dict[tuple[str, str, float], list[TrackerClaim]] = {}
        for claim in self.claims:
            found.setdefault((claim.publisher, claim.fact.quantity, claim.fact.value), []).append(claim)
        return found

    # -- questions -------------------------------------------------------------------------------------------------

    def known(self, key: Key, day: date) -> list[Fact]:
        """What filings and issuers (press where they never spoke) had said by a day of the time up to it."""
        facts = self.spoken.get(key)
        return [fact for fact in facts[: bisect_right(self._days[key], day)] if fact.as_of <= day] if facts else []

    def later(self, key: Key, day: date) -> list[Fact]:
        """What they came to say after a day."""
        facts = self.spoken.get(key)
        return facts[bisect_right(self._days[key], day) :] if facts else []

    def newest(self, key: Key, day: date) -> Fact | None:
        """What speaks for it on a day."""
        return latest(self.known(key, day))

    def shown(self, publisher: str, key: Key, day: date) -> TrackerClaim | None:
        """What the publisher shows on a day."""
        return next((one for one in self._shown.get((publisher, key), ()) if one.since <= day <= one.until), None)

    def first_shown(self, claim: TrackerClaim, after: date) -> TrackerClaim:
        """The publisher's first claim of the same number from a day on, where it came back to it."""
        own = self._shown.get((claim.publisher, claim.key), ())
        return next((one for one in own if one.since >= after and one.fact.value == claim.fact.value), claim)

    def same_number(self, claim: TrackerClaim) -> Iterable[TrackerClaim]:
        """The publisher's claims of the very same number about other companies at the same time."""
        for other in self._same_number.get((claim.publisher, claim.fact.quantity, claim.fact.value), ()):
            if other.fact.ticker != claim.fact.ticker and other.since <= claim.until and claim.since <= other.until:
                yield other

    def related(
        self, kind: str, day: date, *, ticker: str | None = None, other: str | None = None
    ) -> Iterable[Relation]:
        for relation in self.relations:
            if relation.kind == kind and relation.holds(day) and (relation.ticker == ticker or relation.other == other):
                yield relation

    def days_watched(self, publisher: str, start: date, end: date) -> int:
        """How many of the days from one up to, but not on, another the publisher was watched."""
        one_day = timedelta(days=1)
        return sum(
            max(0, (min(end, until + one_day) - max(start, since)).days)
            for since, until in self.watched.get(publisher, ())
        )

    def shares_grown(self, ticker: str, after: date, upto: date) -> float:
        """New shares for one old share by the splits after one day up to another."""
        grown = 1.0
        for split in self.splits:
            if split.ticker == ticker and after < split.ex_date <= upto:
                grown *= split.ratio
        return grown


@dataclass(frozen=True)
class Case:
    """A claim on a day, against the newest filing or issuer known then; `known` are all those known, `later` those to come."""

    claim: TrackerClaim
    on: date
    against: Fact
    known: Sequence[Fact]
    later: Sequence[Fact]
    ground: TrackerRecord

    @property
    def value(self) -> float:
        return self.claim.fact.value

    @property
    def ticker(self) -> str:
        return self.claim.fact.ticker

    @cached_property
    def expected(self) -> float:
        return self.printed(self.against)

    def printed(self, fact: Fact) -> float:
        """Another fact's value in the claim's unit and on the share basis of its day; not a number without a rate."""
        unit, day = self.claim.fact.unit, self.claim.since
        if fact.unit != unit:
            one, other = self.rate(fact.unit), self.rate(unit)
            return fact.value * one / other if one and other else math.nan
        return fact.value * self.ground.shares_grown(self.ticker, fact.as_of, day) if unit == "shares" else fact.value

    def rate(self, currency: str) -> float | None:
        """US dollars for one unit of a currency on the day of the claim."""
        return 1.0 if currency == "USD" else self.ground.rate(currency, self.claim.since)

    def newest(self, quantity: str, ticker: str | None = None) -> Fact | None:
        return self.ground.newest((ticker or self.ticker, quantity, self.claim.fact.instrument), self.on)

    def is_near(self, fact: Fact) -> bool:
        """Whether another fact states the same of the same quantity."""
        return fact.quantity == self.claim.fact.quantity and near(self.value, self.printed(fact))
