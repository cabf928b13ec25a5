"""The rules of `treasury.resolve` for all companies at once: from facts to states, one per change of what was known.

Everything is an array over facts or states; days are int64 days since 1970. A test holds the result equal to
`resolve` on random and on real facts. The one idea: a fact takes effect on the first close at which it was known and
its day had come; sorted by that day, the winner of a series is a running maximum of its rank.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from treasury.capital import (
    AWARD_KINDS,
    CONVERTIBLE_KINDS,
    COUNT_QUANTITIES,
    DEBT_KINDS,
    PREFERRED_KINDS,
    PRINCIPAL_QUANTITY,
    conversion_price,
)
from treasury.closes import Closes
from treasury.model import Company, Instrument, Split
from treasury.resolve import (
    CASH_QUANTITIES,
    COUNT_MISSING,
    MISSING,
    NOT_VALUED,
    PRIMARY_FRESH_DAYS,
    REASONS,
    STALE_DAYS,
    tracker_name,
)

Ints = np.ndarray
Floats = np.ndarray
NEVER = np.int64(1 << 40)  # later than any day
_DAY = np.int64(1 << 22)  # series × _DAY + day sorts by series, then day
_RANKS = np.int64(1 << 32)  # more facts than anyone has

# the inputs every company has, and the quantities each is chosen from; instruments add series of their own
POOLS: dict[str, tuple[str, ...]] = {
    "btc": ("btc_holdings",),
    "shares_basic": ("shares_basic",),
    "shares_assumed_diluted": ("shares_assumed_diluted",),
    "cost_basis": ("btc_cost_basis",),
    "cash": CASH_QUANTITIES,
    "debt": ("debt_total",),
    "preferred": ("preferred_total",),
    "debt_carrying": ("debt_carrying",),
}
MONEY = ("cash", "debt", "preferred", "cost_basis")
_POOL_OF = {quantity: number for number, quantities in enumerate(POOLS.values()) for quantity in quantities}
_POOL = {name: number for number, name in enumerate(POOLS)}
_STALE_POOLS = ("btc", "shares_basic", "shares_assumed_diluted")
_KIND_RANK = {"filing": 1, "issuer": 0, "press": 1, "tracker": 0}
FIRST, SECONDARY, PRIMARY = 0, 1, 2


@dataclass(frozen=True, slots=True)
class FactColumns:
    """Facts as columns of equal length, as the database gives them. Texts are as stored; retracted facts are left out."""

    id: Sequence[int]
    ticker: Sequence[str]
    instrument: Sequence[str | None]
    quantity: Sequence[str]
    as_of: Sequence[str]
    known_at: Sequence[str]
    known_assumed: Sequence[int]
    value: Sequence[float]
    unit: Sequence[str]
    source: Sequence[str]
    source_kind: Sequence[str]


@dataclass(frozen=True, slots=True)
class States:
    """One row per company and change of what was known, sorted by company and day; NaN and −1 are unknown.

    `fact` and `as_of` name the chosen fact even where its value is not used (NaN) for the reason in `reason`. Money is in `unit[name]` (a code of `units`); `parts` holds amounts in further currencies. Convertibles and awards
    are flat columns with the state they belong to; `dilution_known` says whether the awards are complete.
    """

    units: tuple[str, ...]
    company: Ints
    day: Ints
    value: dict[str, Floats]
    unit: dict[str, Ints]
    as_of: dict[str, Ints]
    fact: dict[str, Ints]
    split_factor: Floats
    dilution_known: Ints
    known_assumed: Ints
    missing: list[str]
    reason: list[str]
    parts: dict[str, tuple[Ints, Ints, Floats]]
    claims: Claims


@dataclass(frozen=True, slots=True)
class Claims:
    """Convertibles (kind 0 debt, 1 preferred) and awards (kind 2) of states, sorted by state; `at` NaN: no strike, gross."""

    state: Ints
    kind: Ints
    instrument: list[str]
    unit: Ints
    amount: Floats
    at: Floats
    fact: Ints


def states(
    companies: Sequence[Company],
    instruments: Iterable[Instrument],
    splits: Iterable[Split],
    facts: FactColumns,
    closes: Closes,
    *,
    hindsight: bool = False,
) -> States:
    """All states of `companies`; `company` in the result counts them in the given order.

    With `hindsight` every fact takes effect on the day it describes, whenever it became known.
    """
    number = {company.ticker: index for index, company in enumerate(companies)}
    own = sorted(
        (one for one in instruments if one.ticker in number), key=lambda one: (number[one.ticker], one.instrument)
    )
    table = _Table.of(companies, number, own, facts, closes, hindsight)
    return _Assembly(companies, number, own, [one for one in splits if one.ticker in number], table).states()


# -- facts in series -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Table:
    """The facts that belong to a series (a pool of a company, or an instrument), sorted by series and day of effect."""

    units: tuple[str, ...]
    series: Ints
    effective: Ints
    as_of: Ints
    tier: Ints
    rank: Ints
    value: Floats
    unit: Ints
    id: Ints
    assumed: Ints

    @classmethod
    def of(
        cls,
        companies: Sequence[Company],
        number: dict[str, int],
        own: list[Instrument],
        facts: FactColumns,
        closes: Closes,
        hindsight: bool,
    ) -> _Table:
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
            if ticker not in number:
                continue
            if instrument is not None:
                series[at] = series_of.get((ticker, instrument, quantity), -1)
            elif quantity in _POOL_OF:
                series[at] = number[ticker] * len(POOLS) + _POOL_OF[quantity]
        used = np.flatnonzero(series >= 0)

        def column(values: Sequence[object]) -> list[object]:
            return [values[at] for at in used]

        units, unit = np.unique(np.array([*column(facts.unit), "USD"], dtype=str), return_inverse=True)
        _, source = np.unique(np.array(column(facts.source) or [""], dtype=str), return_inverse=True)
        as_of = np.array(column(facts.as_of), dtype="datetime64[D]").astype(np.int64)
        known, usable = _known(
            [companies[number[ticker]].mic for ticker in column(facts.ticker)], column(facts.known_at), closes
        )  # type: ignore[index]
        kind = column(facts.source_kind)
        value = np.array(column(facts.value), dtype=float)
        tier = _tiers(kind, column(facts.source), series[used], column(facts.quantity), value, known, as_of, source)
        kind_rank = np.array([_KIND_RANK[str(one)] for one in kind], dtype=np.int64)
        order = np.lexsort((unit[:-1], value, source[: len(used)], known, kind_rank, as_of))
        rank = np.empty(len(used), dtype=np.int64)
        rank[order] = np.arange(len(used))
        effective = as_of if hindsight else np.maximum(usable, as_of)
        by_series = np.lexsort((rank, effective, series[used]))
        by_series = by_series[tier[by_series] >= 0]
        return cls(
            tuple(units),
            series[used][by_series],
            effective[by_series],
            as_of[by_series],
            tier[by_series],
            rank[by_series],
            value[by_series],
            unit[:-1][by_series],
            np.array(column(facts.id), dtype=np.int64)[by_series],
            np.array(column(facts.known_assumed), dtype=np.int64)[by_series],
        )


def _known(mics: list[str | None], known_at: list[object], closes: Closes) -> tuple[Ints, Ints]:
    """When each fact became known (seconds; a day stands at its end), and the first day whose close came after that."""
    texts = [str(text) for text in known_at]
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


def _tiers(
    kind: list[object],
    source: list[object],
    series: Ints,
    quantity: list[object],
    value: Floats,
    known: Ints,
    as_of: Ints,
    order: Ints,
) -> Ints:
    """PRIMARY, SECONDARY, FIRST (a tracker's first value) or −1 (a tracker that repeats itself)."""
    tier = np.array([PRIMARY if one in ("filing", "issuer") else SECONDARY for one in kind], dtype=np.int64)
    trackers = np.array([at for at, one in enumerate(kind) if one == "tracker"], dtype=np.int64)
    last: dict[tuple[str, object, object], float] = {}
    for at in trackers[np.lexsort((value[trackers], order[trackers], as_of[trackers], known[trackers]))]:
        key = (tracker_name(str(source[at])), int(series[at]), quantity[at])
        if key not in last:
            tier[at] = FIRST
        elif last[key] == value[at]:
            tier[at] = -1
        last[key] = value[at]
    return tier


# -- who wins when -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Steps:
    """For each series, the fact in force from each day on (−1: none), sorted by series and day."""

    key: Ints
    series: Ints
    day: Ints
    fact: Ints

    @classmethod
    def of(cls, series: Ints, day: Ints, fact: Ints) -> _Steps:
        return cls(series * _DAY + day, series, day, fact)

    def at(self, series: Ints, day: Ints) -> Ints:
        """The fact in force in each asked series on each asked day, −1 where there is none."""
        if not len(self.key):
            return np.full(len(series), -1, dtype=np.int64)
        found = np.searchsorted(self.key, series * _DAY + day, side="right") - 1
        same = (found >= 0) & (self.series[found] == series)
        return np.where(same, self.fact[found], -1)


def _running(table: _Table, tier: int) -> _Steps:
    """The best rank of one tier so far, at every day it changes."""
    at = np.flatnonzero(table.tier == tier)
    ranked = table.series[at] * _RANKS + table.rank[at]
    at = at[ranked == np.maximum.accumulate(ranked)]
    last_of_day = np.append((np.diff(table.series[at]) != 0) | (np.diff(table.effective[at]) != 0), True)[: len(at)]
    at = at[last_of_day]
    return _Steps.of(table.series[at], table.effective[at], at)


def _choose(table: _Table, day: Ints, primary: Ints, secondary: Ints, first: Ints) -> Ints:
    """Rule 2 and 3, given the best fact of each tier (−1: none) on each day."""
    rank, as_of = np.append(table.rank, -1), np.append(table.as_of, -NEVER)
    any_secondary = np.where(rank[secondary] >= rank[first], secondary, first)
    gives_way = (day - as_of[primary] > PRIMARY_FRESH_DAYS) & (as_of[secondary] > as_of[primary]) & (secondary >= 0)
    return np.where(primary < 0, any_secondary, np.where(gives_way, secondary, primary))


def _winners(table: _Table, tiers: tuple[_Steps, _Steps, _Steps]) -> _Steps:
    first, secondary, primary = tiers
    ages = np.append(table.as_of, 0)[primary.fact] + PRIMARY_FRESH_DAYS + 1
    series = np.concatenate([first.series, secondary.series, primary.series, primary.series])
    day = np.concatenate([first.day, secondary.day, primary.day, np.maximum(ages, primary.day)])
    keys = np.unique(series * _DAY + day)
    series, day = keys // _DAY, keys % _DAY
    fact = _choose(table, day, primary.at(series, day), secondary.at(series, day), first.at(series, day))
    changes = np.append(True, (np.diff(series) != 0) | (np.diff(fact) != 0))[: len(fact)]
    return _Steps.of(series[changes], day[changes], fact[changes])


def _winners_until(table: _Table, series: Ints, day: Ints, until: Ints) -> Ints:
    """The winner among facts that describe days up to `until`, for a few (series, day) asked."""
    start, end = np.searchsorted(table.series, series, side="left"), np.searchsorted(table.series, series, side="right")
    asked = np.repeat(np.arange(len(series)), end - start)
    fact = np.arange(len(asked)) - np.repeat(np.cumsum(end - start) - (end - start), end - start) + start[asked]
    fits = (table.as_of[fact] <= until[asked]) & (table.effective[fact] <= day[asked])
    best = []
    for tier in (PRIMARY, SECONDARY, FIRST):
        at = np.flatnonzero(fits & (table.tier[fact] == tier))
        at = at[np.argsort(table.rank[fact[at]], kind="stable")]
        winner = np.full(len(series), -1, dtype=np.int64)
        winner[asked[at]] = fact[at]  # the last assignment, of the highest rank, stands
        best.append(winner)
    return _choose(table, day, *best)


# -- states --------------------------------------------------------------------------------------------------------


class _Assembly:
    """Puts states together; holds what its steps share."""

    def __init__(
        self,
        companies: Sequence[Company],
        number: dict[str, int],
        own: list[Instrument],
        splits: list[Split],
        table: _Table,
    ) -> None:
        self.companies, self.own, self.table = companies, own, table
        self.owner = np.array([number[one.ticker] for one in own], dtype=np.int64)
        self.ends = _days([one.ends_on for one in own])
        self.issued = _days([one.issue_date for one in own], unknown=-NEVER)
        self.kinds = np.array([one.kind for one in own], dtype=str)
        tiers = (_running(table, FIRST), _running(table, SECONDARY), _running(table, PRIMARY))
        self.primary = tiers[PRIMARY]
        self.winners = _winners(table, tiers)
        order = sorted(splits, key=lambda one: (number[one.ticker], one.ex_date))
        self.split_company = np.array([number[one.ticker] for one in order], dtype=np.int64)
        self.split_day = _days([one.ex_date for one in order])
        self.split_ratio = np.array([one.ratio for one in order], dtype=float)
        self.company, self.day = self._changes()

    def states(self) -> States:
        table, company, day = self.table, self.company, self.day
        # one more entry than facts, so that −1 reads as unknown
        value, as_of = np.append(table.value, np.nan), np.append(table.as_of, NEVER)
        unit, ids, assumed = np.append(table.unit, -1), np.append(table.id, -1), np.append(table.assumed, 0)
        chosen = {name: self.winners.at(company * len(POOLS) + pool, day) for name, pool in _POOL.items()}
        values, missing, reasons = {name: value[fact] for name, fact in chosen.items()}, {}, {}

        for name in ("btc", "shares_basic", "shares_assumed_diluted", "cost_basis", "cash"):
            missing[POOLS[name][0]] = chosen[name] < 0
        reasons["MISSING_SHARES"] = missing["shares_basic"]
        for kind, code in NOT_VALUED.items():
            reasons[code] = np.array([one.kind == kind for one in self.companies], dtype=bool)[company]
        not_valued = np.logical_or.reduce([reasons[code] for code in NOT_VALUED.values()])
        stale = {name: (chosen[name] >= 0) & (day - as_of[chosen[name]] > STALE_DAYS) for name in _STALE_POOLS}
        reasons["STALE_BTC"] = stale["btc"] & ~not_valued
        reasons["STALE_SHARES"] = stale["shares_basic"]
        for name in ("shares_basic", "shares_assumed_diluted"):
            values[name] = values[name] * self._split_factor(company, as_of[chosen[name]], day)
        below_basic = (values["shares_assumed_diluted"] < values["shares_basic"]) & ~stale["shares_basic"]
        reasons["STALE_DILUTED"] = (chosen["shares_assumed_diluted"] >= 0) & (
            stale["shares_assumed_diluted"] | below_basic
        )
        dropped = {
            "btc": stale["btc"] | not_valued,
            "shares_basic": stale["shares_basic"],
            "shares_assumed_diluted": reasons["STALE_DILUTED"],
        }
        for name, gone in dropped.items():
            values[name] = np.where(gone, np.nan, values[name])

        days = {name: np.where(fact >= 0, as_of[fact], NEVER) for name, fact in chosen.items()}
        units = {name: unit[chosen[name]] for name in MONEY}
        known_assumed = np.zeros(len(day), dtype=np.int64)
        for name in ("btc", "shares_basic", "shares_assumed_diluted", "cost_basis", "cash"):
            known_assumed |= np.where(np.isnan(values[name]), 0, assumed[chosen[name]])

        pairs = self._pairs()
        parts: dict[str, tuple[Ints, Ints, Floats]] = {"cash": _NO_PARTS, "cost_basis": _NO_PARTS}
        for name, kinds, quantity in (
            ("debt", DEBT_KINDS, "debt_total"),
            ("preferred", PREFERRED_KINDS, "preferred_total"),
        ):
            total = self._total(name, chosen[name], pairs, np.isin(self.kinds, kinds))
            values[name], units[name], days[name], chosen[name], parts[name] = (
                total.value,
                total.unit,
                total.as_of,
                total.fact,
                total.parts,
            )
            known_assumed |= total.assumed
            missing[quantity] = ~total.known
        at_carrying = missing["debt_total"] & (chosen["debt_carrying"] >= 0)
        fact = chosen["debt_carrying"]
        values["debt"] = np.where(at_carrying, value[fact], values["debt"])
        units["debt"] = np.where(at_carrying, unit[fact], units["debt"])
        days["debt"] = np.where(at_carrying, as_of[fact], days["debt"])
        chosen["debt"] = np.where(at_carrying, fact, chosen["debt"])
        known_assumed |= np.where(at_carrying, assumed[fact], 0)
        reasons["DEBT_AT_CARRYING"] = at_carrying
        missing["debt_total"] = missing["debt_total"] & ~at_carrying

        claims, dilution_known, flags, claim_assumed = self._claims(pairs)
        missing.update(flags)
        known_assumed |= claim_assumed
        return States(
            units=table.units,
            company=company,
            day=day,
            value={name: values[name] for name in ("btc", "shares_basic", "shares_assumed_diluted", *MONEY)},
            unit=units,
            as_of={name: days[name] for name in ("btc", "shares_basic", "shares_assumed_diluted", *MONEY)},
            fact={name: ids[chosen[name]] for name in ("btc", "shares_basic", "shares_assumed_diluted", *MONEY)},
            split_factor=self._split_factor(company, np.full(len(day), -NEVER), day),
            dilution_known=dilution_known,
            known_assumed=known_assumed,
            missing=_names(MISSING, missing, len(day)),
            reason=_names(REASONS, reasons, len(day)),
            parts=parts,
            claims=claims,
        )

    def _changes(self) -> tuple[Ints, Ints]:
        """Every (company, day) on which something known may change, sorted."""
        pools = len(self.companies) * len(POOLS)
        series = self.winners.series
        of_instrument = np.append(self.owner, 0)[np.clip(series - pools, 0, len(self.owner))]
        company = np.where(series < pools, series // len(POOLS), of_instrument)
        stale = (
            np.isin(series % len(POOLS), [_POOL[name] for name in _STALE_POOLS])
            & (series < pools)
            & (self.winners.fact >= 0)
        )
        expiry = self.table.as_of[self.winners.fact[stale]] + STALE_DAYS + 1
        companies = np.concatenate([company, company[stale], self.split_company, self.owner, self.owner])
        days = np.concatenate([self.winners.day, expiry, self.split_day, self.ends, self.issued])
        real = (days < NEVER) & (days > -NEVER)
        keys = np.unique(companies[real] * _DAY + days[real])
        first = np.full(len(self.companies), NEVER)  # nothing happens to a company before its first fact
        np.minimum.at(first, company, self.winners.day)
        started = keys % _DAY >= first[keys // _DAY]
        return keys[started] // _DAY, keys[started] % _DAY

    def _split_factor(self, company: Ints, after: Ints, until: Ints) -> Floats:
        factor = np.ones(len(company))
        for owner, day, ratio in zip(self.split_company, self.split_day, self.split_ratio, strict=True):
            factor[(company == owner) & (after < day) & (day <= until)] *= ratio
        return factor

    def _pairs(self) -> _Pairs:
        """Every state with every instrument of its company, in the order of the states, and the principal or count stated."""
        start = np.searchsorted(self.owner, self.company, side="left")
        count = np.searchsorted(self.owner, self.company, side="right") - start
        state = np.repeat(np.arange(len(self.company)), count)
        instrument = np.arange(len(state)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(start, count)
        series = len(self.companies) * len(POOLS) + instrument
        fact = self.winners.at(series, self.day[state])
        return _Pairs(state, instrument, series, fact, self.ends[instrument] <= self.day[state])

    def _total(self, name: str, winner: Ints, pairs: _Pairs, of_kind: Ints) -> _Total:
        """Rule 6 for debt or preferred stock."""
        table, count = self.table, len(self.company)
        primary = self.primary.at(self.company * len(POOLS) + _POOL[name], self.day)
        complete = np.array([one.instruments_complete for one in self.companies], dtype=bool)[self.company]
        as_of, ids = np.append(table.as_of, NEVER), np.append(table.assumed, 0)
        ours = pairs.only(of_kind[pairs.instrument] & (pairs.fact >= 0))
        now_day = np.where(ours.ended, self.ends[ours.instrument], as_of[ours.fact])
        now = np.where(ours.ended, 0.0, table.value[ours.fact])
        unit = table.unit[ours.fact]

        # after a primary total: what dated principals changed by since
        total_day = as_of[primary[ours.state]]
        changed = np.flatnonzero((primary[ours.state] >= 0) & (now_day > total_day))
        then = _winners_until(table, ours.series[changed], self.day[ours.state[changed]], total_day[changed])
        documented = (then >= 0) | (self.issued[ours.instrument[changed]] > total_day[changed])
        changed, then = changed[documented], then[documented]
        had = then >= 0
        state = np.concatenate([ours.state[changed], ours.state[changed][had]])
        amount = np.concatenate([now[changed], -table.value[then[had]]])
        units = np.concatenate([unit[changed], table.unit[then[had]]])
        used = changed
        # without one, where the list of instruments is complete: their sum
        summed = np.flatnonzero(complete[ours.state] & (primary[ours.state] < 0))
        state, amount, units = (
            np.concatenate([state, ours.state[summed]]),
            np.concatenate([amount, now[summed]]),
            np.concatenate([units, unit[summed]]),
        )
        used = np.concatenate([used, summed])
        by_sum = complete & (primary < 0)
        fact = np.where(by_sum, -1, np.where(primary >= 0, primary, winner))
        base_unit = np.where(by_sum, self._currency_codes()[self.company], np.append(table.unit, -1)[fact])
        value = np.where(by_sum, 0.0, np.append(table.value, np.nan)[fact])
        same = units == base_unit[state]
        value = value + np.bincount(state[same], amount[same], minlength=count)
        latest = np.where(fact >= 0, as_of[fact], -NEVER)
        np.maximum.at(latest, ours.state[used], now_day[used])
        assumed = ids[fact]
        np.maximum.at(assumed, ours.state[used], table.assumed[ours.fact[used]])
        return _Total(
            value=value,
            unit=base_unit,
            as_of=np.where(latest > -NEVER, latest, NEVER),
            fact=fact,
            known=by_sum | (fact >= 0),
            assumed=assumed,
            parts=(state[~same], units[~same], amount[~same]),
        )

    def _currency_codes(self) -> Ints:
        """Each company's currency as a code of the table's units; US dollars where no fact is in it."""
        code = {name: number for number, name in enumerate(self.table.units)}
        return np.array([code.get(one.currency, code["USD"]) for one in self.companies], dtype=np.int64)

    def _claims(self, pairs: _Pairs) -> tuple[Claims, Ints, dict[str, Ints], Ints]:
        """Convertibles and awards in force, whether awards are complete, what `missing` says of them, and assumed moments."""
        table, count = self.table, len(self.company)
        complete = np.array([one.instruments_complete for one in self.companies], dtype=bool)[self.company]
        at = np.array([_or_nan(conversion_price(one)) for one in self.own], dtype=float)
        strike = np.array([_or_nan(one.conversion_price) for one in self.own], dtype=float)
        per_unit = np.array([_or_nan(one.shares_per_unit) for one in self.own], dtype=float)
        live = ~pairs.ended
        kinds, day = self.kinds[pairs.instrument], self.day[pairs.state]
        factor = self._split_factor(self.company[pairs.state], self.issued[pairs.instrument], day)
        value, as_of = np.append(table.value, np.nan), np.append(table.as_of, NEVER)

        is_convertible = live & np.isin(kinds, CONVERTIBLE_KINDS) & ~np.isnan(at[pairs.instrument]) & (pairs.fact >= 0)
        is_convertible &= value[pairs.fact] > 0
        is_award = live & np.isin(kinds, AWARD_KINDS) & (self.issued[pairs.instrument] <= day) & complete[pairs.state]
        counted = is_award & (pairs.fact >= 0)
        gross = np.isnan(strike[pairs.instrument])
        moving = counted & gross & (kinds == "warrant") & np.isnan(per_unit[pairs.instrument])
        flags = {
            name: np.zeros(count, dtype=bool)
            for name in ("instruments", "option_strikes", "warrant_strikes", *COUNT_MISSING.values())
        }
        flags["instruments"] = ~complete
        flags["option_strikes"][pairs.state[counted & gross & (kinds == "option")]] = True
        flags["warrant_strikes"][pairs.state[moving]] = True
        unknown = is_award & (pairs.fact < 0)
        for kind, name in COUNT_MISSING.items():
            flags[name][pairs.state[unknown & (kinds == kind)]] = True
        dilution_known = complete.copy()
        dilution_known[pairs.state[unknown]] = False

        rows = np.flatnonzero(is_convertible | (counted & ~moving))
        fact, instrument, state = pairs.fact[rows], pairs.instrument[rows], pairs.state[rows]
        award = counted[rows]
        code = {name: number for number, name in enumerate(table.units)}
        own_unit = np.array([code.get(one.currency, code["USD"]) for one in self.own], dtype=np.int64)
        shares_factor = self._split_factor(self.company[state], as_of[fact], self.day[state])
        assumed = np.zeros(count, dtype=np.int64)
        np.maximum.at(assumed, state, table.assumed[fact])
        claims = Claims(
            state=state,
            kind=np.where(award, 2, np.where(self.kinds[instrument] == "convertible", 0, 1)),
            instrument=[self.own[index].instrument for index in instrument],
            unit=np.where(award, own_unit[instrument], table.unit[fact]),
            amount=np.where(award, value[fact] * shares_factor, value[fact]),
            at=np.where(award, strike[instrument], at[instrument]) / factor[rows],
            fact=table.id[fact],
        )
        return claims, dilution_known, flags, assumed


@dataclass(frozen=True, slots=True)
class _Pairs:
    state: Ints
    instrument: Ints
    series: Ints
    fact: Ints
    ended: Ints

    def only(self, mask: Ints) -> _Pairs:
        return _Pairs(self.state[mask], self.instrument[mask], self.series[mask], self.fact[mask], self.ended[mask])


@dataclass(frozen=True, slots=True)
class _Total:
    value: Floats
    unit: Ints
    as_of: Ints
    fact: Ints
    known: Ints
    assumed: Ints
    parts: tuple[Ints, Ints, Floats]


_NO_PARTS = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))


def _days(dates: Sequence[object], unknown: np.int64 = NEVER) -> Ints:
    return np.array(
        [unknown if day is None else np.datetime64(day, "D").astype(np.int64) for day in dates], dtype=np.int64
    )  # type: ignore[call-overload]


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _names(order: tuple[str, ...], flags: dict[str, Ints], count: int) -> list[str]:
    """For each state the names whose flag is set, in the given order, joined by spaces."""
    code = np.zeros(count, dtype=np.int64)
    for bit, name in enumerate(order):
        if name in flags:
            code |= flags[name].astype(np.int64) << bit
    texts = {int(one): " ".join(name for bit, name in enumerate(order) if one >> bit & 1) for one in np.unique(code)}
    return [texts[one] for one in code.tolist()]
