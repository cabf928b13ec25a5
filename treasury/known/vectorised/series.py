"""Facts in series, with the day each takes effect and its rank among those that describe the same thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from treasury.instruments import COUNT_QUANTITIES, PRINCIPAL_QUANTITY
from treasury.known.closing_times import Closes
from treasury.known.precedence import KIND_RANK, is_rounded, tracker_name
from treasury.known.resolve import CASH_QUANTITIES
from treasury.known.shares import (
    CLASS_QUANTITIES,
    FLOWS,
    FROM_MARKET_CAP,
    IN_LISTED_UNITS,
    SHARE_QUANTITIES,
    is_own_share,
)
from treasury.known.vectorised.columns import NEVER, FactColumns, Floats, Ints
from treasury.model import Company, Instrument

# the inputs every company has, and the quantities each is chosen from; instruments add series of their own
POOLS: dict[str, tuple[str, ...]] = {
    "btc": ("btc_holdings",),
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
        series = np.full(len(facts.id), -1, dtype=np.int64)
        for at, (ticker, instrument, quantity) in enumerate(
            zip(facts.ticker, facts.instrument, facts.quantity, strict=True)
        ):
            if ticker not in number or facts.copied[at]:
                continue
            if instrument is not None and not (quantity in FLOWS and is_own_share(instrument, ticker)):
                series[at] = series_of.get((ticker, instrument, quantity), -1)
            elif quantity in _POOL_OF:
                series[at] = number[ticker] * len(POOLS) + _POOL_OF[quantity]
        used = np.flatnonzero(series >= 0)
        pick = used.tolist()
        as_of = np.array(_picked(facts.as_of, pick), dtype="datetime64[D]").astype(np.int64)
        value = np.array(_picked(facts.value, pick), dtype=float)
        source, kind = _picked(facts.source, pick), _picked(facts.source_kind, pick)
        units, unit = np.unique(np.array([*_picked(facts.unit, pick), "USD"], dtype=str), return_inverse=True)
        unit = unit[:-1]
        source_order = np.unique(np.array([*source, ""], dtype=str), return_inverse=True)[1][:-1]
        mics = [companies[number[ticker]].mic for ticker in _picked(facts.ticker, pick)]
        known, usable = _known(mics, _picked(facts.known_at, pick), closes)
        quantity_of = _picked(facts.quantity, pick)
        told_in = np.lexsort((value, source_order, as_of, known))  # the order in which they became known
        tier = _tiers(kind, source, series[used], quantity_of, value, told_in)
        authority = np.array([KIND_RANK.get(one, 0) for one in kind], dtype=np.int64)
        _rounded(tier, authority, series[used], quantity_of, value, unit, as_of, told_in)
        order = np.lexsort((unit, value, source_order, known, authority, as_of))
        rank = np.empty(len(used), dtype=np.int64)
        rank[order] = np.arange(len(used))
        effective = as_of if hindsight else np.maximum(usable, as_of)
        by_series = np.lexsort((rank, effective, series[used]))
        by_series = by_series[tier[by_series] >= 0]
        return cls(
            tuple(units.tolist()),
            series[used][by_series],
            effective[by_series],
            as_of[by_series],
            np.array([KIND_CODES.index(one) if one in KIND_CODES else len(KIND_CODES) for one in kind], dtype=np.int64)[
                by_series
            ],
            tier[by_series],
            rank[by_series],
            value[by_series],
            unit[by_series],
            np.array(_picked(facts.id, pick), dtype=np.int64)[by_series],
            np.array(_picked(facts.known_assumed, pick), dtype=np.int64)[by_series],
            _starts(_picked(facts.period_start, pick), as_of)[by_series],
            np.array([one in IN_LISTED_UNITS for one in quantity_of], dtype=bool)[by_series],
        )

    @property
    def secondary(self) -> Ints:
        """Of each fact whether press or a tracker says it; one more entry, so that −1 reads as no."""
        return np.append(self.tier != PRIMARY, False)


def _picked(values: Sequence[T], at: Sequence[int]) -> list[T]:
    return [values[index] for index in at]


def _known(mics: list[str | None], texts: list[str], closes: Closes) -> tuple[Ints, Ints]:
    """When each fact became known (seconds; a day stands at its end), and the first day whose close came after that."""
    is_moment = np.array([len(text) > 10 for text in texts], dtype=bool)
    days = np.array([text[:10] for text in texts], dtype="datetime64[D]").astype(np.int64)
    seconds = np.array([text[:19] for text in texts], dtype="datetime64[s]").astype(np.int64)
    known = np.where(is_moment, seconds, (days + 1) * 86400)
    usable = days + 1
    exchange = np.array([mic or "" for mic in mics], dtype=str)
    for mic in np.unique(exchange[is_moment]):
        at = np.flatnonzero(is_moment & (exchange == mic))
        first = np.full(len(at), NEVER)
        for ahead in (1, 0, -1):  # the local day may be the UTC day's neighbour
            day = days[at] + ahead
            first = np.where(closes.seconds(mic or None, day) >= seconds[at], day, first)
        usable[at] = first
    return known, usable


def _starts(texts: list[str | None], as_of: Ints) -> Ints:
    """The first days of periods; of what has none the day it describes."""
    start = as_of.copy()
    told = [at for at, text in enumerate(texts) if text is not None]
    if told:
        start[told] = np.array([texts[at] for at in told], dtype="datetime64[D]").astype(np.int64)
    return start


def _tiers(kind: list[str], source: list[str], series: Ints, quantity: list[str], value: Floats, told_in: Ints) -> Ints:
    """PRIMARY, SECONDARY, FIRST (a tracker's first value) or −1 (a tracker that repeats itself)."""
    tier = np.array([PRIMARY if one in ("filing", "issuer") else SECONDARY for one in kind], dtype=np.int64)
    is_tracker = np.array([one == "tracker" for one in kind], dtype=bool)
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
    quantity: list[str],
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
