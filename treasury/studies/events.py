"""What the multiple and satoshis per share did around issues, purchases and sales, across companies."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any, Literal

from treasury.studies.bootstrap import interval

Kind = Literal["issuance", "purchase", "sale", "repaying_sale"]
KINDS: tuple[Kind, ...] = ("issuance", "purchase", "sale", "repaying_sale")
HORIZONS = (0, 5, 20)  # closes after the first one at which it was known
EVENTS_TOGETHER = 4  # neighbouring events of a company overlap: they are drawn together
REPAID_WITHIN_DAYS = 45  # a sale with the known debt falling this close to it is told apart
LARGEST_CHANGE = 3.0  # a larger one is a merger or a correction, not an issue or a purchase
# the columns of each event and of their sums, and their kinds
REACTION = {
    "ticker": "text", "kind": "text", "date": "day", "size_pct": "%", "metric": "text", "base": "day",
    **{f"after_{horizon}": "number" for horizon in HORIZONS},
}  # fmt: skip
REACTION_TOTALS = {
    "metric": "text", "kind": "text", "closes_after": "whole", "events": "number", "companies": "number", "mean": "number",
    "mean_low": "number", "mean_high": "number", "median": "number", "risen": "number",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A change in the journal: what was known of a quantity before and after a day; `old` is above 0."""

    ticker: str
    day: date
    quantity: str
    old: float
    new: float


@dataclass(frozen=True, slots=True)
class Event:
    """A change of what was known: `size_pct` of the shares or the bitcoin before it, on the first day it counts."""

    ticker: str
    kind: Kind
    day: date
    size_pct: float


@dataclass(frozen=True, slots=True)
class Reaction:
    """The change from the last close before the event to some closes after it, by horizon; None where either is unknown."""

    event: Event
    base: date
    changes: Mapping[int, float | None]


@dataclass(frozen=True, slots=True)
class Summary:
    """The changes of one kind of event at one horizon. The interval of the mean is a 95 % bootstrap; None for fewer than eight events."""

    kind: Kind
    horizon: int
    events: int
    companies: int
    mean: float
    median: float
    interval: tuple[float, float] | None
    risen: int


def event_row(metric: str, one: Reaction) -> dict[str, Any]:
    """An event and what a metric did, with the columns of REACTION."""
    event = one.event
    after = {f"after_{horizon}": change for horizon, change in one.changes.items()}
    return {
        "ticker": event.ticker, "kind": event.kind, "date": str(event.day), "size_pct": event.size_pct, "metric": metric,
        "base": str(one.base), **after,
    }  # fmt: skip


def total_row(metric: str, one: Summary) -> dict[str, Any]:
    """The changes of a metric after one kind of event at one horizon, with the columns of REACTION_TOTALS."""
    low, high = one.interval or (None, None)
    return {
        "metric": metric, "kind": one.kind, "closes_after": one.horizon, "events": one.events, "companies": one.companies,
        "mean": one.mean, "mean_low": low, "mean_high": high, "median": one.median, "risen": one.risen,
    }  # fmt: skip


def events_of(changes: Sequence[Change], least_pct: float) -> list[Event]:
    """The events of at least `least_pct` per cent among changes of btc_holdings, shares_basic and debt_total, oldest first.

    A rise of basic shares is an issuance, a rise of bitcoin a purchase, a fall a sale; a repaying sale is one within 45
    days of which the debt known fell too, the nearest the facts come to a forced one. A buy-back is none of these.
    """
    repaid = [(one.ticker, one.day) for one in changes if one.quantity == "debt_total" and one.new < one.old]
    found = []
    for change in changes:
        times, size = change.new / change.old, (change.new / change.old - 1) * 100
        if change.quantity == "debt_total" or abs(size) < least_pct or not 1 / LARGEST_CHANGE < times < LARGEST_CHANGE:
            continue
        kind: Kind = "issuance" if change.quantity == "shares_basic" else "purchase" if size > 0 else "sale"
        if kind == "issuance" and size < 0:
            continue
        near = [
            day
            for ticker, day in repaid
            if ticker == change.ticker and abs((change.day - day).days) <= REPAID_WITHIN_DAYS
        ]
        found.append(Event(change.ticker, "repaying_sale" if kind == "sale" and near else kind, change.day, size))
    return sorted(found, key=lambda event: (event.day, event.ticker, event.kind))


def reaction(event: Event, series: Sequence[tuple[date, float | None]], *, relative: bool) -> Reaction | None:
    """The event in one company's daily series (in order of days): differences, or per cent where `relative`.

    None where there is no close before it, or none within ten days of it on either side.
    """
    days = [day for day, _ in series]
    first = bisect_left(days, event.day)
    if first == 0 or first == len(days):
        return None
    if (event.day - days[first - 1]).days > 10 or (days[first] - event.day).days > 10:
        return None
    base = series[first - 1][1]
    changes: dict[int, float | None] = {}
    for horizon in HORIZONS:
        after = series[first + horizon][1] if first + horizon < len(series) else None
        if base is None or after is None or (relative and base <= 0):
            changes[horizon] = None
        else:
            changes[horizon] = (after / base - 1) * 100 if relative else after - base
    return Reaction(event, days[first - 1], changes)


def summarise(reactions: Sequence[Reaction], *, seed: int = 0) -> list[Summary]:
    """Every kind at every horizon that has an event, over all companies."""
    found = []
    ordered = sorted(reactions, key=lambda one: (one.event.ticker, one.event.day))
    for kind in KINDS:
        for horizon in HORIZONS:
            known = [
                (one.event.ticker, change)
                for one in ordered
                if one.event.kind == kind and (change := one.changes[horizon]) is not None
            ]
            if not known:
                continue
            changes = [change for _, change in known]
            found.append(
                Summary(
                    kind,
                    horizon,
                    len(known),
                    len({ticker for ticker, _ in known}),
                    sum(changes) / len(changes),
                    median(changes),
                    interval(changes, block=EVENTS_TOGETHER, seed=seed),
                    sum(change > 0 for change in changes),
                )
            )
    return found
