"""The sector's multiple as a chain-linked index: every day's change is of the same companies, so none enters or leaves with a jump.

A link from one day to the next takes the companies that were eligible on the earlier day and valued on both. The index begins
at their multiple on the first day and is multiplied by every link. What a company is worth relative to the others when it
enters or leaves therefore changes nothing; what it does while it is in, does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median

CARRY_DAYS = 10  # a company's last close stands in on days its exchange is shut; a longer silence is an exit
LEGS = {
    "mnav_market_cap": ("market_cap", "btc_nav"),
    "mnav_diluted": ("market_cap_diluted", "btc_nav"),
    "mnav_ev": ("enterprise_value", "btc_nav"),
    "mnav_net": ("market_cap_diluted", "net_reserve"),
}  # a multiple that can be added up over companies: what is paid, and for what


@dataclass(frozen=True, slots=True)
class IndexClose:
    """One company's close: what is paid and for what (US dollars), and whether it is eligible for the next link."""

    day: date
    paid: float
    held: float
    eligible: bool


@dataclass(frozen=True, slots=True)
class IndexDay:
    """One day: the chain-linked multiples, the plain ones of the day's members, and what each member added to the index."""

    day: date
    index: float
    index_median: float
    aggregate: float
    median: float
    premium_usd: float
    members: tuple[str, ...]
    entered: tuple[str, ...]
    left: tuple[str, ...]
    contributions: Mapping[str, float] = field(default_factory=dict)

    @property
    def premium_pct(self) -> float:
        return (self.index - 1) * 100

    @property
    def premium_median_pct(self) -> float:
        return (self.index_median - 1) * 100


def chain(closes: Mapping[str, Sequence[IndexClose]], ends: Mapping[str, date] | None = None) -> list[IndexDay]:
    """The index over every day on which any company closed, from the first with a member. `closes` are in order of days.

    `ends` is the first day on which a company no longer stands alone: its last close is not carried past it.

    A day on which no company links to the day before repeats the index of the day before.
    """
    days = sorted({close.day for rows in closes.values() for close in rows})
    position = dict.fromkeys(closes, -1)
    found: list[IndexDay] = []
    before: dict[str, IndexClose] = {}
    for day in days:
        now: dict[str, IndexClose] = {}
        for ticker, rows in sorted(closes.items()):
            while position[ticker] + 1 < len(rows) and rows[position[ticker] + 1].day <= day:
                position[ticker] += 1
            last = rows[position[ticker]] if position[ticker] >= 0 else None
            gone = ends is not None and ticker in ends and day >= ends[ticker]
            if last is not None and not gone and (day - last.day).days <= CARRY_DAYS:
                now[ticker] = last
        members = tuple(ticker for ticker, close in now.items() if close.eligible)
        if members or found:
            found.append(_next(day, found[-1] if found else None, before, now, members))
        before = now
    return found


def _next(
    day: date,
    last: IndexDay | None,
    before: Mapping[str, IndexClose],
    now: Mapping[str, IndexClose],
    members: tuple[str, ...],
) -> IndexDay:
    aggregate = _ratio(now, members) if members else float("nan")
    middle = _middle(now, members) if members else float("nan")
    premium = sum(now[one].paid - now[one].held for one in members)
    if last is None:
        return IndexDay(day, aggregate, middle, aggregate, middle, premium, members, members, ())
    linked = [ticker for ticker, close in before.items() if close.eligible and ticker in now]
    index, index_median, added = last.index, last.index_median, {}
    if linked:
        was, held_was = _ratio(before, linked), sum(before[one].held for one in linked)
        held_now = sum(now[one].held for one in linked)
        index *= _ratio(now, linked) / was
        index_median *= _middle(now, linked) / _middle(before, linked)
        # what each paid above the old multiple, per dollar held, now less then: adds up to the change of the multiple
        added = {
            step: last.index
            / was
            * (
                (now[step].paid - was * now[step].held) / held_now
                - (before[step].paid - was * before[step].held) / held_was
            )
            for step in linked
        }
    entered = tuple(one for one in members if one not in last.members)
    left = tuple(one for one in last.members if one not in members)
    return IndexDay(day, index, index_median, aggregate, middle, premium, members, entered, left, added)


def _ratio(closes: Mapping[str, IndexClose], tickers: Sequence[str]) -> float:
    return sum(closes[one].paid for one in tickers) / sum(closes[one].held for one in tickers)


def _middle(closes: Mapping[str, IndexClose], tickers: Sequence[str]) -> float:
    return median(closes[one].paid / closes[one].held for one in tickers)
