"""States met with prices: the stored inputs of every company and trading day (docs/architecture.md, rule 5, 6 and 8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from treasury.claims.preferred import OTHER_SERIES, PRICE_AGE_DAYS
from treasury.known.claims import OVERRULED
from treasury.known.closing_times import ECB_PUBLISHES, Closes, local_minutes, local_seconds
from treasury.known.fixings import UTC_CLOSE, clock_of, named, preference
from treasury.known.vectorised import MONEY, NEVER, Floats, Ints, States
from treasury.known.vectorised.claims import (
    CLAIM_AWARD,
    CLAIM_BORROWING,
    CLAIM_DEBT,
    CLAIM_NET_SHARE,
    CLAIM_PREFERRED,
    CLAIM_SERIES,
)
from treasury.model import Company
from treasury.valuation.inputs import (
    DOUBTED_HOLDINGS_DAYS,
    DOUBTED_SHARES_DAYS,
    PRICE_FRESH_DAYS,
    TINY_MARKET_CAP,
)


@dataclass(frozen=True, slots=True)
class Series:
    """A daily series: days since 1970, ascending, and their values."""

    day: Ints
    value: Floats

    def latest(self, until: Ints, today: Ints, age: int = PRICE_FRESH_DAYS) -> Floats:
        """The last value dated up to `until`; NaN where it is more than `age` days older than `today`."""
        if not len(self.day):
            return np.full(len(until), np.nan)
        found = np.searchsorted(self.day, until, side="right") - 1
        fresh = (found >= 0) & (today - self.day[found] <= age)
        return np.where(fresh, self.value[found], np.nan)


@dataclass(frozen=True, slots=True)
class Readings:
    """Bitcoin prices by their moment (seconds since 1970, ascending); `of_the_day`: known as the close of a UTC day only."""

    moment: Ints
    value: Floats
    of_the_day: Ints

    @classmethod
    def of(cls, bitcoin: Mapping[str, Series]) -> Readings:
        """Every price that has a moment; of several of one moment the one that is preferred."""
        nothing = np.empty(0, dtype=np.int64)
        moments, values, ranks = [nothing], [np.empty(0)], [nothing]
        for fixing, series in bitcoin.items():
            if (clock := clock_of(fixing)) is not None:
                day = series.day + clock.days_later
                if clock.timezone == "UTC":
                    moments.append(day * 86400 + (clock.time.hour * 60 + clock.time.minute) * 60)
                else:
                    moments.append(local_seconds(clock.timezone, clock.time, day))
                values.append(series.value)
                ranks.append(np.full(len(series.day), preference(fixing)))
        moment, value, rank = np.concatenate(moments), np.concatenate(values), np.concatenate(ranks)
        order = np.lexsort((rank, moment))
        moment, value, rank = moment[order], value[order], rank[order]
        last = np.append(np.diff(moment) > 0, np.ones(min(len(moment), 1), dtype=bool))
        return cls(moment[last], value[last], rank[last] == preference(UTC_CLOSE))

    def within(self, seconds: int, before: Ints) -> bool:
        """Whether each of some moments has a reading at it or less than `seconds` before it."""
        if not len(self.moment):
            return False
        found = np.searchsorted(self.moment, before, side="right") - 1
        return bool(((found >= 0) & (before - self.moment[found] < seconds)).all())


@dataclass(frozen=True)
class Prices:
    """Bitcoin in dollars by fixing, dollars for one unit by currency, and closes of instruments by (ticker, instrument, currency)."""

    bitcoin: Mapping[str, Series]
    rates: Mapping[str, Series]
    listed: Mapping[tuple[str, str, str], Series] = field(default_factory=dict)

    @cached_property
    def readings(self) -> Readings:
        """Bitcoin's prices by their moments."""
        return Readings.of(self.bitcoin)


@dataclass(frozen=True, slots=True)
class Days:
    """The closes to value, sorted by company and day: index of the company, day, close in its currency."""

    company: Ints
    day: Ints
    price: Floats


Venue = tuple[str | None, str]  # an exchange, and the currency that is quoted there


@dataclass(frozen=True, slots=True)
class AtClose:
    """What every company of a venue meets at the closes of some days (ascending): bitcoin, and dollars for one unit of its currency. NaN is unknown."""

    day: Ints
    fx: Floats
    btc_price: Floats
    btc_price_at: Ints  # seconds since 1970; −1 where no price is known
    btc_fixing: npt.NDArray[Any]  # texts and None


@dataclass(frozen=True, slots=True)
class Valued:
    """The stored inputs, one entry a row of `days`; `state` −1 where nothing was known yet. NaN is unknown.

    `at_close` is stored once for all companies of a venue; `fx` and `btc_price` are of it, for each row.
    `raised`, of debt and preferred stock: whether the day's rates show that what is documented overrules what was told.
    `debt_stated` and `preferred_stated` are what is stated of single tranches where no total is known.
    `at_preference` names what counts at its liquidation preference in preferred stock at market; where that is unknown, all series.
    """

    days: Days
    state: Ints
    at_close: dict[Venue, AtClose]
    fx: Floats
    btc_price: Floats
    money: dict[str, Floats]
    dilutive_shares: Floats
    debt_itm: Floats
    preferred_itm: Floats
    raised: dict[str, Ints]
    doubted: Ints
    preferred_at_market: Floats
    at_preference: list[str | None]
    debt_stated: Floats
    preferred_stated: Floats


def value(
    companies: Sequence[Company],
    states: States,
    days: Days,
    prices: Prices,
    closes: Closes,
    known: Mapping[Venue, AtClose] | None = None,
) -> Valued:
    """The inputs of each row of `days`. Rows on or after a company's `active_to` must have been left out.

    `known` is what the closes met where that was worked out before, of every venue for each of its days; bitcoin's prices are not asked then.
    """
    state = _state_of(states, days)
    at_close, rates = _met(companies, days, prices, closes, states.units, known or {})
    fx, btc_price = (
        np.concatenate([np.empty(0), *(getattr(one, name) for one in at_close.values())])[rates.close]
        for name in ("fx", "btc_price")
    )

    every = np.arange(len(days.day))
    money = {
        name: rates.dollars(_of_state(states.value[name], state), _of_state(states.unit[name], state, -1), every)
        for name in MONEY
    }
    apart = {name: _dollars(rates, state, every, parts, len(states.day)) for name, parts in states.parts.items()}
    raised = {name: np.zeros(len(every), dtype=np.int64) for name in ("debt", "preferred")}
    for name in money:
        told = money[name]
        if (further := apart.get(name)) is not None:
            told = told + further
        if (repaid := apart.get(f"{name}_repaid")) is not None:
            told = np.maximum(told - repaid, 0.0)
        if (added := apart.get(f"{name}_added")) is not None:
            told = told + added
        if (documented := apart.get(f"{name}_documented")) is not None:
            raised[name] = (documented > told * OVERRULED).astype(np.int64)
            told = np.maximum(told, documented)  # a rate that is missing for either leaves it unknown
        money[name] = told
    dilutive_shares, debt_itm, preferred_itm = _if_converted(companies, states, state, days, fx, rates)
    return Valued(
        days,
        state,
        at_close,
        fx,
        btc_price,
        money,
        dilutive_shares,
        debt_itm,
        preferred_itm,
        raised,
        _doubted(states, state, days, fx, btc_price),
        *_at_market(companies, states, state, days, rates, money["preferred"]),
        _stated(states, state, rates, CLAIM_BORROWING, "debt"),
        _stated(states, state, rates, CLAIM_SERIES, "preferred"),
    )


def venue_days(companies: Sequence[Company], days: Days) -> dict[Venue, Ints]:
    """The days, ascending, on which each venue has a close."""
    venues = _grouped([(one.mic, one.currency) for one in companies], days.company)
    return {venue: _distinct(days.day[rows])[0] for venue, rows in venues if len(rows)}


def _met(
    companies: Sequence[Company],
    days: Days,
    prices: Prices,
    closes: Closes,
    units: Sequence[str],
    known: Mapping[Venue, AtClose],
) -> tuple[dict[Venue, AtClose], _Rates]:
    """What each venue meets at each of its closes among `days`, and the rates there: worked out once, however many companies share them."""
    close, count = np.empty(len(days.day), dtype=np.int64), 0
    every = {}
    for venue, rows in _grouped([(one.mic, one.currency) for one in companies], days.company):
        day, of_row = _distinct(days.day[rows])
        close[rows] = count + of_row
        count += len(day)
        every[venue] = (day, closes.seconds(venue[0], day))
    nothing = np.empty(0, dtype=np.int64)
    day, moment = (np.concatenate([nothing, *(one[at] for one in every.values())]) for at in (0, 1))
    rates = _Rates.at(moment, day, close, prices, units)
    found, begin = {}, 0
    for (mic, currency), (day, moment) in every.items():
        if (before := known.get((mic, currency))) is not None:
            found[mic, currency] = before
            begin += len(day)
            continue
        fx = rates.at_closes(currency)[begin : begin + len(day)]
        found[mic, currency] = AtClose(day, fx, *_bitcoin(prices.readings, moment, closes.timezone(mic)))
        begin += len(day)
    return found, rates


def _distinct(days: Ints) -> tuple[Ints, Ints]:
    """The distinct days, ascending, and which of them each entry is: by counting, since companies share a few thousand."""
    if not len(days):
        return days, days
    first = days.min()
    told = np.bincount(days - first) > 0
    return np.flatnonzero(told) + first, (np.cumsum(told) - 1)[days - first]


def _doubted(states: States, state: Ints, days: Days, fx: Floats, btc_price: Floats) -> Ints:
    """Of each row what is not believed: 1 the holdings, 2 the shares (`treasury.valuation.inputs`)."""
    btc, shares = (_of_state(states.value[name], state) for name in ("btc", "shares_basic"))
    of_btc, of_shares = (_of_state(states.as_of[name], state, float(NEVER)) for name in ("btc", "shares_basic"))
    tiny = days.price * fx * shares < TINY_MARKET_CAP * btc * btc_price
    old = (days.day - of_shares > DOUBTED_SHARES_DAYS) | (_of_state(states.from_before, state, 0) > 0)
    return tiny * ((days.day - of_btc > DOUBTED_HOLDINGS_DAYS) + 2 * old).astype(np.int64)


def _dollars(rates: _Rates, state: Ints, every: Ints, parts: tuple[Ints, Ints, Floats], count: int) -> Floats | None:
    """The dollars of each row that some amounts of its state come to; None where no state has any."""
    owner, unit, amount = parts
    if not len(owner):
        return None
    rows, part = _expand(state, owner, count)
    return np.bincount(rows, rates.dollars(amount[part], unit[part], rows), minlength=len(every)).astype(float)


def _grouped(venues: Sequence[Venue], company: Ints) -> Iterator[tuple[Venue, Ints]]:
    """Each venue with the rows of its companies."""
    distinct = list(dict.fromkeys(venues))
    code = np.array([distinct.index(venue) for venue in venues], dtype=np.int64)[company]
    for number, venue in enumerate(distinct):
        yield venue, np.flatnonzero(code == number)


@dataclass(frozen=True, slots=True)
class _Rates:
    """Dollars for one unit at closes: the last rate published before each, by currency. `close` is which of them each row has."""

    prices: Prices
    until: Ints
    today: Ints
    close: Ints
    units: Sequence[str]
    known: dict[str, Floats]

    @classmethod
    def at(cls, moment: Ints, day: Ints, close: Ints, prices: Prices, units: Sequence[str]) -> _Rates:
        published = local_seconds(*ECB_PUBLISHES, day) <= moment
        return cls(prices, np.where(published, day, day - 1), day, close, units, {"USD": np.ones(len(day))})

    def at_closes(self, currency: str) -> Floats:
        """The rate of a currency at each close."""
        if currency not in self.known:
            series = self.prices.rates.get(currency)
            unknown = np.full(len(self.today), np.nan)
            self.known[currency] = unknown if series is None else series.latest(self.until, self.today)
        return self.known[currency]

    def each(self, unit: Ints, rows: Ints) -> Floats:
        """The rate of each entry's coded unit at its row; NaN for an unknown unit."""
        result = np.full(len(unit), np.nan)
        for code in np.flatnonzero(np.bincount(unit[unit >= 0], minlength=1)).tolist():
            at = np.flatnonzero(unit == code)
            result[at] = self.at_closes(self.units[code])[self.close[rows[at]]]
        return result

    def dollars(self, amount: Floats, unit: Ints, rows: Ints) -> Floats:
        """Amounts in coded units, in dollars; an amount of 0 needs no rate."""
        in_dollars: Floats = np.where(amount == 0, 0.0, amount * self.each(unit, rows))
        return in_dollars


def _if_converted(
    companies: Sequence[Company], states: States, state: Ints, days: Days, fx: Floats, rates: _Rates
) -> tuple[Floats, Floats, Floats]:
    """Dilutive shares, and the debt and preferred stock that count as shares, of each row (rules of `capital`)."""
    claims, dilutes = states.claims, np.flatnonzero(states.claims.kind <= CLAIM_NET_SHARE)
    rows, claim = _expand(state, claims.state[dilutes], len(states.day))
    claim = dilutes[claim]
    unit, amount, at, kind = claims.unit[claim], claims.amount[claim], claims.at[claim], claims.kind[claim]
    code = {name: number for number, name in enumerate(states.units)}
    own = np.array([code.get(one.currency, -2) for one in companies], dtype=np.int64)[days.company[rows]] == unit
    per_unit = rates.each(unit, rows)
    price = np.where(own, days.price[rows], days.price[rows] * fx[rows] / per_unit)
    in_the_money = price > at
    underlying = amount / at
    excess = np.where(kind == CLAIM_NET_SHARE, underlying * (1 - at / price), underlying)
    converted = np.where(in_the_money, excess, 0.0)
    exercised = np.where(np.isnan(at), amount, np.where(in_the_money, amount * (1 - at / price), 0.0))
    shares = np.where(np.isnan(price), np.nan, np.where(kind == CLAIM_AWARD, exercised, converted))
    principal = np.where(np.isnan(price) | np.isnan(per_unit), np.nan, np.where(in_the_money, amount * per_unit, 0.0))

    def total(of: Ints, what: Floats) -> Floats:
        return np.bincount(rows[of], what[of], minlength=len(state)).astype(float)

    known = _of_state(states.dilution_known, state, 0) > 0
    dilutive = np.where(known, np.bincount(rows, shares, minlength=len(state)), np.nan)
    return dilutive, total(kind == CLAIM_DEBT, principal), total(kind == CLAIM_PREFERRED, principal)


def _at_market(
    companies: Sequence[Company], states: States, state: Ints, days: Days, rates: _Rates, preferred: Floats
) -> tuple[Floats, list[str | None]]:
    """Preferred stock at its own closes, and what counts at liquidation preference there (`treasury.valuation.inputs`)."""
    claims, series = states.claims, np.flatnonzero(states.claims.kind == CLAIM_SERIES)
    worth: Floats = np.where(preferred == 0, 0.0, np.nan)
    without: list[str | None] = [None] * len(state)
    if not len(series):
        return worth, without
    rows, entry = _expand(state, claims.state[series], len(states.day))
    claim = series[entry]
    owner, unit, par = days.company[rows], claims.unit[claim], claims.at[claim]
    notional = claims.amount[claim] * rates.each(unit, rows)
    close, of_the_day = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=bool)
    named = np.array(claims.instrument, dtype=object)[claim]
    for (ticker, instrument, currency), prices in rates.prices.listed.items():
        at = np.flatnonzero(named == instrument)
        at = at[[companies[one].ticker == ticker for one in owner[at].tolist()]]
        at = at[[states.units[one] == currency for one in unit[at].tolist()]]
        if len(at):
            today = days.day[rows[at]]
            same = companies[owner[at[0]]].currency == currency
            close[at] = prices.latest(today if same else today - 1, today, PRICE_AGE_DAYS)
            of_the_day[at] = same & ~np.isnan(prices.latest(today, today, 0))
    market = notional * close / par
    known, count = ~np.isnan(market), len(state)
    discount = np.bincount(rows, np.where(known, notional - market, 0.0), minlength=count)
    priced = np.bincount(rows, np.where(known, notional, 0.0), minlength=count)
    stated = np.bincount(rows, np.nan_to_num(notional), minlength=count)
    fresh = np.bincount(rows, known & of_the_day, minlength=count) > 0
    told = (preferred > 0) & fresh & (priced <= preferred * OVERRULED)
    has_par = np.bincount(rows, ~np.isnan(par), minlength=count) > 0
    unpriced = ~told & (preferred > 0) & has_par  # then all are named
    shown = np.flatnonzero(~known & told[rows] | unpriced[rows])
    for row, name in zip(rows[shown].tolist(), named[shown].tolist(), strict=True):
        without[row] = name if without[row] is None else f"{without[row]},{name}"
    for row in np.flatnonzero(told & (preferred > stated * OVERRULED)).tolist():
        without[row] = OTHER_SERIES if without[row] is None else f"{without[row]},{OTHER_SERIES}"
    return np.where(told, preferred - discount, worth), without


def _stated(states: States, state: Ints, rates: _Rates, kind: int, total: str) -> Floats:
    """What the tranches of one kind of claim sum to where no total of them is known; NaN where one is, and where nothing is stated."""
    ours = np.flatnonzero(states.claims.kind == kind)
    if not len(ours):
        return np.full(len(state), np.nan)
    rows, entry = _expand(state, states.claims.state[ours], len(states.day))
    claim = ours[entry]
    dollars = rates.dollars(states.claims.amount[claim], states.claims.unit[claim], rows)
    summed = np.bincount(rows, dollars, minlength=len(state)).astype(float)
    return np.where(np.isnan(_of_state(states.value[total], state)) & (summed > 0), summed, np.nan)


def columns(states: States, valued: Valued) -> dict[str, pd.Series]:
    """The inputs of `treasury.metrics.row_wise` as columns, one entry a row of days."""
    inputs = {
        name: _of_state(states.value[name], valued.state) for name in ("btc", "shares_basic", "shares_assumed_diluted")
    }
    inputs["btc"] = np.where(valued.doubted & 1, np.nan, inputs["btc"])
    for name in ("shares_basic", "shares_assumed_diluted"):
        inputs[name] = np.where(valued.doubted & 2, np.nan, inputs[name])
    inputs |= {"price": valued.days.price, "fx": valued.fx, "btc_price": valued.btc_price, **valued.money}
    beside = ("dilutive_shares", "debt_itm", "preferred_itm", "preferred_at_market", "debt_stated", "preferred_stated")
    inputs |= {name: getattr(valued, name) for name in beside}
    elsewhere = _of_state(states.cost_elsewhere, valued.state, 0) > 0
    inputs["cost_of_holdings"] = np.where(elsewhere, np.nan, valued.money["cost_basis"])
    return {name: pd.Series(column) for name, column in inputs.items()}


def _state_of(states: States, days: Days) -> Ints:
    """The last state that began on or before each row's day; −1 before the first."""
    span = np.int64(1 << 22)
    found = np.searchsorted(states.company * span + states.day, days.company * span + days.day, side="right") - 1
    ours = (found >= 0) & (np.append(states.company, -1)[found] == days.company)
    return np.where(ours, found, -1)


def _of_state(column: Ints | Floats, state: Ints, unknown: float = float("nan")) -> Ints:
    """A column of states, for rows that name theirs; −1 reads as unknown."""
    longer: Ints = np.append(column, np.array([unknown]).astype(column.dtype))
    return longer[state]


def _expand(state: Ints, owner: Ints, count: int) -> tuple[Ints, Ints]:
    """Rows of days against the entries (sorted by owning state) of their state: pairs of indices."""
    start = np.searchsorted(owner, np.arange(count + 1), side="left")
    begin, many = np.append(start[:-1], 0)[state], np.append(np.diff(start), 0)[state]
    rows = np.repeat(np.arange(len(state)), many)
    entry = np.arange(len(rows)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(begin, many)
    return rows, entry


def _bitcoin(readings: Readings, close: Ints, timezone: str) -> tuple[Floats, Ints, npt.NDArray[Any]]:
    """Price, moment and name of the latest reading at or before each close (rule 8); NaN, −1 and None where it is too old."""
    if not len(readings.moment):
        return np.full(len(close), np.nan), np.full(len(close), -1), np.full(len(close), None)
    found = np.searchsorted(readings.moment, close, side="right") - 1
    fresh = (found >= 0) & (close - readings.moment[found] <= PRICE_FRESH_DAYS * 86400)
    at = np.where(fresh, readings.moment[found], -1)
    minutes, place = np.unique(local_minutes(timezone, at), return_inverse=True)
    name = np.array([named(timezone, minute) for minute in minutes.tolist()], dtype=object)[place]
    name[readings.of_the_day[found]] = UTC_CLOSE
    name[~fresh] = None
    return np.where(fresh, readings.value[found], np.nan), at, name
