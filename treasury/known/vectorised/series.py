"""Facts in series, with the day each takes effect and its rank among those that describe the same thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from treasury.instruments import COUNT_QUANTITIES, PRINCIPAL_QUANTITY
from treasury.known.closing_times import Closes
from treasury.known.precedence import KIND_RANK, is_rounded, tracker_name
from treasury.known.resolve import CASH_QUANTITIES, OUTDATED
from treasury.known.shares import (
    CLASS_QUANTITIES,
    FLOWS,
    FROM_MARKET_CAP,
    IN_LISTED_UNITS,
    SHARE_QUANTITIES,
    is_own_share,
)
from treasury.known.vectorised.columns import NEVER, FactColumns, Floats, Ints, coded
from treasury.model import Company, Instrument

# the inputs every company has, and the quantities each is chosen from; instruments add series of their own
POOLS: dict[str, tuple[str, ...]] = {
    "btc": ("btc_holdings",),
    "btc_outdated": (OUTDATED,),
    "shares_basic": SHARE_QUANTITIES,
    "shares_assumed_diluted": ("shares_assumed_diluted",),
    "cost_basis": ("btc_cost_basis",),
    "cash": CASH_QUANTITIES,
    "debt": ("debt_total",),
    "preferred": ("preferred_total",),
    "debt_carrying": ("debt_carrying",),
    **{name: (name,) for name in (*FLOWS, *CLASS_QUANTITIES.values(), FROM_MARKET_CAP)},
}
POOL = {name: number for number, name in enumerate(POOLS)}
_POOL_OF = {quantity: number for number, quantities in enumerate(POOLS.values()) for quantity in quantities}
FIRST, SECONDARY, PRIMARY = 0, 1, 2
KIND_CODES = ("tracker", "press", "issuer", "filing")  # of a source, in the code of a table's `kind`
_DAYS = np.int64(1 << 22)  # more days than anyone asks for
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SeriesTable:
    """The facts that belong to a series (a pool of a company, or an instrument), sorted by series and day of effect.

    `start` is the first day of a flow's period, else `as_of`; `listed`: it counts listed units.
    """

    units: tuple[str, ...]
    series: Ints
    effective: Ints
    as_of: Ints
    kind: Ints
    tier: Ints
    rank: Ints
    value: Floats
    unit: Ints
    id: Ints
    assumed: Ints
    start: Ints
    listed: Ints

    @classmethod
    def of(
        cls,
        companies: Sequence[Company],
        number: dict[str, int],
        own: list[Instrument],
        facts: FactColumns,
        closes: Closes,
        *,
        hindsight: bool,
    ) -> SeriesTable:
        series_of = {
            (one.ticker, one.instrument, quantity): len(companies) * len(POOLS) + index
            for index, one in enumerate(own)
            for quantity in (
                (PRINCIPAL_QUANTITY[one.kind],) if one.kind in PRINCIPAL_QUANTITY else COUNT_QUANTITIES[one.kind]
            )
        }
        belonging, told = coded(list(zip(facts.ticker, facts.instrument, facts.quantity, strict=True)))
        of_told = np.full(len(told), -1, dtype=np.int64)
        for at, (ticker, instrument, quantity) in enumerate(told):
            if ticker not in number:
                continue
            if instrument is not None and not (quantity in FLOWS and is_own_share(instrument, ticker)):
                of_told[at] = series_of.get((ticker, instrument, quantity), -1)
            elif quantity in _POOL_OF:
                of_told[at] = number[ticker] * len(POOLS) + _POOL_OF[quantity]
        series = np.where(np.array(facts.copied, dtype=bool), -1, of_told[belonging])
        used = np.flatnonzero(series >= 0)
        pick = used.tolist()
        day, days = coded(_picked(facts.as_of, pick))
        as_of = np.array(days, dtype="datetime64[D]").astype(np.int64)[day]
        value = np.array(_picked(facts.value, pick), dtype=float)
        source, kind = _picked(facts.source, pick), _picked(facts.source_kind, pick)
        unit, units = _in_order([*_picked(facts.unit, pick), "USD"])
        unit = unit[:-1]
        source_order = _in_order(source)[0]
        mics = [companies[number[ticker]].mic for ticker in _picked(facts.ticker, pick)]
        known, usable = _known(mics, _picked(facts.known_at, pick), closes)
        quantity_of = _picked(facts.quantity, pick)
        told_in = np.lexsort((value, source_order, as_of, known))  # the order in which they became known
        tier = _tiers(kind, source, series[used], quantity_of, value, told_in)
        authority = _mapped(kind, lambda one: KIND_RANK.get(one, 0))
        _rounded(tier, authority, series[used], quantity_of, value, unit, as_of, told_in)
        order = np.lexsort((unit, value, source_order, known, authority, as_of))
        rank = np.empty(len(used), dtype=np.int64)
        rank[order] = np.arange(len(used))
        effective = as_of if hindsight else np.maximum(usable, as_of)
        by_series = np.lexsort((rank, effective, series[used]))
        by_series = by_series[tier[by_series] >= 0]
        return cls(
            units,
            series[used][by_series],
            effective[by_series],
            as_of[by_series],
            _mapped(kind, lambda one: KIND_CODES.index(one) if one in KIND_CODES else len(KIND_CODES))[by_series],
            tier[by_series],
            rank[by_series],
            value[by_series],
            unit[by_series],
            np.array(_picked(facts.id, pick), dtype=np.int64)[by_series],
            np.array(_picked(facts.known_assumed, pick), dtype=np.int64)[by_series],
            _starts(_picked(facts.period_start, pick), as_of)[by_series],
            _mapped(quantity_of, IN_LISTED_UNITS.__contains__)[by_series].astype(bool),
        )

    @property
    def secondary(self) -> Ints:
        """Of each fact whether press or a tracker says it; one more entry, so that −1 reads as no."""
        return np.append(self.tier != PRIMARY, False)


def _picked(values: Sequence[T], at: Sequence[int]) -> Sequence[T]:
    return values if len(at) == len(values) else [values[index] for index in at]


def _in_order(texts: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    """Texts as places in the sorted distinct ones, and these."""
    code, distinct = coded(texts)
    place = {text: at for at, text in enumerate(sorted(distinct))}
    return np.array([place[text] for text in distinct], dtype=np.int64)[code], tuple(place)


def _mapped(texts: Sequence[str], number: Callable[[str], int]) -> Ints:
    """A number for each text, worked out once for each distinct one."""
    code, distinct = coded(texts)
    return np.array([number(text) for text in distinct], dtype=np.int64)[code]


def _known(mics: Sequence[str | None], texts: Sequence[str], closes: Closes) -> tuple[Ints, Ints]:
    """When each fact became known (seconds; a day stands at its end), and the first day whose close came after that."""
    code, distinct = coded(texts)
    is_moment = np.array([len(text) > 10 for text in distinct], dtype=bool)[code]
    days = np.array([text[:10] for text in distinct], dtype="datetime64[D]").astype(np.int64)[code]
    seconds = np.array([text[:19] for text in distinct], dtype="datetime64[s]").astype(np.int64)[code]
    known = np.where(is_moment, seconds, (days + 1) * 86400)
    usable = days + 1
    exchange, exchanges = coded(mics)
    for number, mic in enumerate(exchanges):
        at = np.flatnonzero(is_moment & (exchange == number))
        first = np.full(len(at), NEVER)
        for ahead in (1, 0, -1):  # the local day may be the UTC day's neighbour
            day = days[at] + ahead
            first = np.where(closes.seconds(mic, day) >= seconds[at], day, first)
        usable[at] = first
    return known, usable


def _starts(texts: Sequence[str | None], as_of: Ints) -> Ints:
    """The first days of periods; of what has none the day it describes."""
    start = as_of.copy()
    told = [at for at, text in enumerate(texts) if text is not None]
    if told:
        start[told] = np.array([texts[at] for at in told], dtype="datetime64[D]").astype(np.int64)
    return start


def _tiers(
    kind: Sequence[str], source: Sequence[str], series: Ints, quantity: Sequence[str], value: Floats, told_in: Ints
) -> Ints:
    """PRIMARY, SECONDARY, FIRST (a tracker's first value) or −1 (a tracker that repeats itself)."""
    tier = _mapped(kind, lambda one: PRIMARY if one in ("filing", "issuer") else SECONDARY)
    is_tracker = _mapped(kind, lambda one: one == "tracker").astype(bool)
    last: dict[tuple[str, int, str], float] = {}
    for at in told_in[is_tracker[told_in]]:
        key = (tracker_name(source[at]), int(series[at]), quantity[at])
        if key not in last:
            tier[at] = FIRST
        elif last[key] == value[at]:
            tier[at] = -1
        last[key] = value[at]
    return tier


def _rounded(
    tier: Ints,
    authority: Ints,
    series: Ints,
    quantity: Sequence[str],
    value: Floats,
    unit: Ints,
    as_of: Ints,
    told_in: Ints,
) -> None:
    """Silence what is rounded beside an exact figure of the same day, and give that the authority of its rounded form."""
    _, group, count = np.unique(series * _DAYS + as_of, return_inverse=True, return_counts=True)
    several = (count[group] > 1) & (tier >= 0)
    heard: dict[tuple[object, ...], list[int]] = {}
    for at in told_in[several[told_in]].tolist():
        others = heard.setdefault((series[at], quantity[at], as_of[at], tier[at] == PRIMARY, unit[at]), [])
        if any(is_rounded(value[at], value[other]) for other in others):
            tier[at] = -1
            continue
        authority[at] = max([authority[at], *(authority[one] for one in others if is_rounded(value[one], value[at]))])
        others.append(at)
