"""The pair trade: long bitcoin and short the share (or the reverse), its hedge, and where its profit came from (docs/metrics.md 7.7).

One share is worth P = k·b·p − c: k the EV multiple, b bitcoin per share, p the bitcoin price, c net claims per share. Short
one share and long h bitcoin from 0 to 1 earns, exactly,

    −Δk·b0·p1  (multiple)  − k1·p1·Δb + Δc  (drift)  + (h − k0·b0)·Δp  (direction)  − borrow, financing and fees  (carry)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal

import pandas as pd

from treasury.claims.funding_wall import YEAR_DAYS
from treasury.model import InputError

Hedge = Literal["exact", "coin", "dollar"]
HEDGES: tuple[Hedge, ...] = ("exact", "coin", "dollar")


@dataclass(frozen=True, slots=True)
class Bar:
    """One close: the share in US dollars, bitcoin, and per share the bitcoin and the net claims (US dollars); one share basis.

    None where it was not known at that close.
    """

    day: date
    price: float
    btc_price: float
    btc_per_share: float | None
    claims_per_share: float | None

    @property
    def multiple(self) -> float | None:
        """EV per dollar of bitcoin at this bar."""
        if self.btc_per_share is None or self.claims_per_share is None or self.btc_per_share <= 0:
            return None
        return (self.price + self.claims_per_share) / (self.btc_per_share * self.btc_price)

    def at(self, price: float | None, btc_price: float | None) -> Bar:
        """The same company at other prices, such as those of the open."""
        return replace(self, price=price or self.price, btc_price=btc_price or self.btc_price)


@dataclass(frozen=True, slots=True)
class Costs:
    """Yearly rates on the value of what is shorted (`borrow`) and held (`financing`), and a fee on every dollar traded."""

    borrow: float = 0.0
    financing: float = 0.0
    fee: float = 0.0


NO_COSTS = Costs()


def costs_asked(notional: float, borrow_pct: float, financing_pct: float, fee_bp: float) -> Costs:
    """Costs as people give them: per cent a year, basis points of every dollar traded. Raises InputError for what no trade has."""
    if not notional > 0 or not min(borrow_pct, financing_pct, fee_bp) >= 0:
        raise InputError("a trade is of more than 0 US dollars, and costs are not below 0")
    return Costs(borrow_pct / 100, financing_pct / 100, fee_bp / 1e4)


@dataclass(frozen=True, slots=True)
class Trade:
    """One round trip in US dollars. `multiple`, `drift` and `direction` are None where an input at either end was unknown.

    total = share_leg + bitcoin_leg + carry = multiple + drift + direction + carry.
    """

    entry: Bar
    exit: Bar
    hedge: Hedge
    shares: float
    bitcoin: float
    share_leg: float
    bitcoin_leg: float
    multiple: float | None
    drift: float | None
    direction: float | None
    borrow: float
    financing: float
    fees: float
    open: bool = False

    @property
    def carry(self) -> float:
        return 0.0 - (self.borrow + self.financing + self.fees)

    @property
    def total(self) -> float:
        return self.share_leg + self.bitcoin_leg + self.carry


BAR_COLUMNS = ("price_usd", "btc_price", "btc", "shares_basic", "debt", "preferred", "cash", "split_factor")


def bars_of(daily: pd.DataFrame) -> list[Bar]:
    """The closes with a known share and bitcoin price in US dollars, on the share basis of the last one.

    `daily` has BAR_COLUMNS of mnav_daily, indexed by day in order; per share are the bitcoin, and debt and preferred stock less cash.
    """
    frame = daily[daily["price_usd"].notna() & daily["btc_price"].notna()]
    if frame.empty:
        return []
    basis = frame["split_factor"] / frame["split_factor"].iloc[-1]
    per_share = basis / frame["shares_basic"]
    claims = (frame["debt"] + frame["preferred"] - frame["cash"]) * per_share
    rows = zip(
        pd.DatetimeIndex(frame.index),
        frame["price_usd"] * basis,
        frame["btc_price"],
        frame["btc"] * per_share,
        claims,
        strict=True,
    )
    return [
        Bar(day.date(), float(price), float(btc), *(None if pd.isna(one) else float(one) for one in (held, owed)))
        for day, price, btc, held, owed in rows
    ]


def hedge_ratio(bar: Bar, hedge: Hedge) -> float | None:
    """Bitcoin against one share: k·b (exact), b (coin per coin) or P / p (dollar-neutral); None where not known."""
    if hedge == "dollar":
        return bar.price / bar.btc_price
    if hedge == "coin":
        return bar.btc_per_share
    if bar.multiple is None or bar.btc_per_share is None:
        return None
    return bar.multiple * bar.btc_per_share


def trade(
    path: Sequence[Bar],
    hedge: Hedge = "exact",
    notional: float = 1_000_000.0,
    costs: Costs = NO_COSTS,
    *,
    reverse: bool = False,
    still_open: bool = False,
) -> Trade:
    """Hold from the first bar to the last: `notional` US dollars of the share against `hedge` of bitcoin, not rebalanced.

    Short the share and long bitcoin; `reverse` is the other way about. Costs accrue on each bar's values over the calendar
    days to the next. Raises InputError where the hedge is not known at the first bar.
    """
    first, last = path[0], path[-1]
    ratio = hedge_ratio(first, hedge)
    if ratio is None:
        raise InputError(f"the {hedge} hedge is not known on {first.day}: bitcoin, shares or claims are missing")
    side = -1 if reverse else 1
    shares = notional / first.price
    short_of, long_of = (1.0, ratio) if not reverse else (ratio, 1.0)
    borrow = financing = 0.0
    for bar, after in pairwise(path):
        years = (after.day - bar.day).days / YEAR_DAYS
        shorted, held = (bar.price, bar.btc_price) if not reverse else (bar.btc_price, bar.price)
        borrow += shares * short_of * shorted * costs.borrow * years
        financing += shares * long_of * held * costs.financing * years
    traded = sum(bar.price + ratio * bar.btc_price for bar in (first, last))
    split = _split(first, last, ratio)
    multiple, drift, direction = (None if one is None else side * shares * one for one in split)
    return Trade(
        first,
        last,
        hedge,
        -side * shares,
        side * shares * ratio,
        -side * shares * (last.price - first.price),
        side * shares * ratio * (last.btc_price - first.btc_price),
        multiple,
        drift,
        direction,
        borrow,
        financing,
        shares * traded * costs.fee,
        still_open,
    )


def _split(first: Bar, last: Bar, ratio: float) -> tuple[float | None, float | None, float | None]:
    """Multiple, drift and direction of one share short and `ratio` bitcoin long."""
    k0, k1 = first.multiple, last.multiple
    if k0 is None or k1 is None:
        return None, None, None
    b0, b1, c0, c1 = first.btc_per_share, last.btc_per_share, first.claims_per_share, last.claims_per_share
    assert b0 is not None
    assert b1 is not None
    assert c0 is not None
    assert c1 is not None
    multiple = -(k1 - k0) * b0 * last.btc_price
    drift = -k1 * last.btc_price * (b1 - b0) + (c1 - c0)
    return multiple, drift, (ratio - k0 * b0) * (last.btc_price - first.btc_price)
