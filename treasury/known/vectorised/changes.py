"""What every step of making states stands on: companies, instruments and splits as columns, and the rows to fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from treasury.instruments import NET_SHARE, conversion_price
from treasury.known.claims import STATED_WITHIN_DAYS
from treasury.known.precedence import PRIMARY_FRESH_DAYS
from treasury.known.register import Register
from treasury.known.resolve import STALE_DAYS
from treasury.known.shares import CLASS_QUANTITIES, DERIVED_DAYS, FLOWS, FROM_MARKET_CAP
from treasury.known.vectorised.columns import NEVER, Floats, Ints
from treasury.known.vectorised.precedence import Steps, keyed, running, unkeyed, winners
from treasury.known.vectorised.series import FIRST, POOL, POOLS, PRIMARY, SECONDARY, SeriesTable
from treasury.model import Company, Instrument, Listing, Purchase, Split
from treasury.splits import splits_of_shares, unit_steps

CLASS_POOLS = tuple(CLASS_QUANTITIES.values())
STALE_POOLS = ("btc", "shares_basic", "shares_assumed_diluted")
EXPIRING = {**dict.fromkeys(STALE_POOLS, STALE_DAYS), FROM_MARKET_CAP: DERIVED_DAYS}


@dataclass(frozen=True, slots=True)
class Instruments:
    """Instruments as columns, sorted by their company's index. NaN: no such price. `due`: somebody must have stated its amount. `unit` codes the table's units."""

    name: list[str]
    owner: Ints
    kind: Ints
    issued: Ints
    due: Ints
    ends: Ints
    gone: Ints
    converts_at: Floats
    strike: Floats
    per_unit: Floats
    net_share: Ints
    unit: Ints
    stated_amount: Floats

    @classmethod
    def of(cls, own: Sequence[Instrument], number: dict[str, int], code: dict[str, int]) -> Instruments:
        return cls(
            name=[one.instrument for one in own],
            owner=np.array([number[one.ticker] for one in own], dtype=np.int64),
            kind=np.array([one.kind for one in own], dtype=str),
            issued=day_column([one.issue_date for one in own], unknown=-NEVER),
            due=day_column([one.issue_date for one in own]) + STATED_WITHIN_DAYS,
            ends=day_column([one.ends_on for one in own]),
            gone=day_column([one.gone_from for one in own]),
            converts_at=_numbers([conversion_price(one) for one in own]),
            strike=_numbers([one.conversion_price for one in own]),
            per_unit=_numbers([one.shares_per_unit for one in own]),
            net_share=np.array([one.settlement == NET_SHARE for one in own], dtype=bool),
            unit=np.array([code.get(one.currency, code["USD"]) for one in own], dtype=np.int64),
            stated_amount=_numbers([one.stated_amount if one.currency in code else None for one in own]),
        )


@dataclass(frozen=True, slots=True)
class Splits:
    """Splits as columns, or changes of the listed unit; an unknown ratio is NaN."""

    company: Ints
    day: Ints
    ratio: Floats

    @classmethod
    def of(cls, steps: Sequence[tuple[int, date, float | None]]) -> Splits:
        """Steps as (index of the company, day, ratio)."""
        company, days, ratios = zip(*steps, strict=True) if steps else ((), (), ())
        return cls(np.array(company, dtype=np.int64), day_column(days), _numbers(ratios))

    def factor(self, company: Ints, after: Ints, until: Ints) -> Floats:
        """New shares for one share of the basis of day `after`, on the basis of day `until`."""
        factor = np.ones(len(company))
        for owner, day, ratio in zip(self.company, self.day, self.ratio, strict=True):
            factor[(company == owner) & (after < day) & (day <= until)] *= ratio
        return factor


@dataclass(frozen=True, slots=True)
class Bases:
    """`treasury.splits.ShareBasis` of many companies: splits of shares, steps of the listed unit, and what a unit stands for."""

    splits: Splits
    steps: Splits
    listings: dict[int, list[Listing]]

    @classmethod
    def of(cls, splits: Sequence[Split], listings: Sequence[Listing], number: dict[str, int]) -> Bases:
        rows: dict[int, list[Listing]] = {}
        for row in sorted(listings, key=lambda row: row.valid_from or date.min):
            if row.ticker in number:
                rows.setdefault(number[row.ticker], []).append(row)
        own: dict[int, list[Split]] = {}
        for split in splits:
            own.setdefault(number[split.ticker], []).append(split)
        of_shares = [
            (owner, split.ex_date, split.ratio)
            for owner, told in own.items()
            for split in splits_of_shares(told, rows.get(owner, ()))
        ]
        steps = [(owner, day, ratio) for owner, told in rows.items() for day, ratio in unit_steps(told)]
        return cls(Splits.of(of_shares), Splits.of(steps), rows)

    def per_unit(self, company: Ints, day: Ints) -> Floats:
        """Shares that one listed unit stands for; NaN where nobody said."""
        found = np.ones(len(company))
        for owner, rows in self.listings.items():
            ours = company == owner
            found[ours] = np.nan
            for row in rows:
                begins, ends = day_column([row.valid_from, row.valid_to])
                at = ours & ((begins == NEVER) | (begins <= day)) & (day < ends)
                found[at] = np.nan if row.shares_per_unit is None else row.shares_per_unit
            if rows[-1].valid_to is not None:
                found[ours & (day >= day_column([rows[-1].valid_to])[0])] = 1.0
        return found

    def shares(self, company: Ints, after: Ints, until: Ints) -> Floats:
        return self.splits.factor(company, after, until)

    def listed(self, company: Ints, after: Ints, until: Ints) -> Floats:
        return self.shares(company, after, until) / self.per_unit(company, until)

    def units(self, company: Ints, after: Ints, until: Ints) -> Floats:
        return self.shares(company, after, until) * self.steps.factor(company, after, until)

    def since_the_beginning(self, company: Ints, until: Ints) -> Floats:
        """Listed units for one of the first basis, as far as the steps between are known."""
        known = ~np.isnan(self.steps.ratio)
        steps = Splits(self.steps.company[known], self.steps.day[known], self.steps.ratio[known])
        always = np.full(len(until), -NEVER)
        return self.shares(company, always, until) * steps.factor(company, always, until)


@dataclass(frozen=True, slots=True)
class KnownColumns:
    """The facts in series and their winners, and the rows to fill: `company` and `day` of each state."""

    companies: Sequence[Company]
    table: SeriesTable
    instruments: Instruments
    bases: Bases
    register: Register
    primary: Steps
    winners: Steps
    complete: Ints
    currency: Ints
    active_to: Ints
    company: Ints
    day: Ints

    @classmethod
    def of(
        cls,
        companies: Sequence[Company],
        number: dict[str, int],
        own: Sequence[Instrument],
        splits: Sequence[Split],
        register: Register,
        table: SeriesTable,
        *,
        hindsight: bool,
    ) -> KnownColumns:
        code = {name: at for at, name in enumerate(table.units)}
        instruments, bases = Instruments.of(own, number, code), Bases.of(splits, register.listings, number)
        tiers = (running(table, FIRST), running(table, SECONDARY), running(table, PRIMARY))
        won = winners(table, tiers)
        active_to = day_column([one.active_to for one in companies])
        bought = [one for one in register.purchases if one.ticker in number]
        other = [
            *zip(bases.splits.company.tolist(), bases.splits.day.tolist(), strict=True),
            *zip(bases.steps.company.tolist(), bases.steps.day.tolist(), strict=True),
            *((number[one.ticker], _ordinal(known_from(one, hindsight=hindsight))) for one in bought),
            *((number[row.ticker], _ordinal(day)) for row in register.classes if row.ticker in number
              for day in (row.valid_from, row.valid_to) if day is not None),
        ]  # fmt: skip
        company, day = _changes(active_to, table, won, instruments, other)
        return cls(
            companies=companies,
            table=table,
            instruments=instruments,
            bases=bases,
            register=register,
            primary=tiers[PRIMARY],
            winners=won,
            complete=np.array([one.instruments_complete for one in companies], dtype=bool)[company],
            currency=np.array([code.get(one.currency, code["USD"]) for one in companies], dtype=np.int64)[company],
            active_to=active_to,
            company=company,
            day=day,
        )

    def series(self, pool: str) -> Ints:
        """The series of one pool, for each row."""
        return self.company * len(POOLS) + POOL[pool]


def _changes(
    active_to: Ints, table: SeriesTable, won: Steps, instruments: Instruments, other: Sequence[tuple[int, int]]
) -> tuple[Ints, Ints]:
    """Every (company, day) on which something known may change, sorted; none before a company's first fact.

    `other` are days of what is no fact: splits, changes of the listed unit and of classes, and purchases announced.
    """
    count = len(active_to)
    pools = count * len(POOLS)

    def owners(series: Ints) -> Ints:
        of_instrument = np.append(instruments.owner, 0)[np.clip(series - pools, 0, len(instruments.owner))]
        return np.where(series < pools, series // len(POOLS), of_instrument)

    owner = owners(won.series)
    stale = (won.series < pools) & np.isin(won.series % len(POOLS), [POOL[name] for name in EXPIRING]) & (won.fact >= 0)
    replaced = np.append(np.where(np.diff(won.series) == 0, won.day[1:], NEVER), NEVER)[: len(won.day)]
    derived = (won.series < pools) & (won.series % len(POOLS) == POOL[FROM_MARKET_CAP])
    expiry = table.as_of[won.fact] + np.where(derived, EXPIRING[FROM_MARKET_CAP], STALE_DAYS) + 1
    stale &= expiry < replaced  # a fact replaced before it grew too old never expires
    # what a total changed by since looks at more than the winner in force: every fact of totals and instruments counts
    totals = [POOL[name] for name in ("debt", "debt_carrying", "preferred", "cost_basis", *FLOWS, *CLASS_POOLS)]
    claims = (table.series >= pools) | np.isin(table.series % len(POOLS), totals) | _of_a_costs_day(table, pools)
    told, heard = owners(table.series[claims]), table.effective[claims]
    gives_way = np.maximum(table.as_of[claims] + PRIMARY_FRESH_DAYS + 1, heard)
    series = table.series[claims]
    # an old total gives way to a balance sheet too (`treasury.known.claims._outgrown`)
    of_debt = (series < pools) & (series % len(POOLS) == POOL["debt"])
    sheets = np.where(of_debt, series - POOL["debt"] + POOL["debt_carrying"], series)
    first_other = np.minimum(_first_secondary(table, series), _first_secondary(table, sheets))
    contested = first_other <= gives_way  # one heard later is a change of its own day
    gives_way = np.where(contested, gives_way, heard)
    other_company, other_day = np.array(other, dtype=np.int64).reshape(-1, 2).T
    by_class = np.flatnonzero(
        (table.series < pools) & np.isin(table.series % len(POOLS), [POOL[n] for n in CLASS_POOLS])
    )
    company = np.concatenate(
        [owner, owner[stale], told, told, owners(table.series[by_class]), other_company, *[instruments.owner] * 3, np.arange(count)]
    )  # fmt: skip
    terms = [instruments.gone, instruments.issued, instruments.due, active_to]
    too_old = table.as_of[by_class] + STALE_DAYS + 1
    day = np.concatenate([won.day, expiry[stale], heard, gives_way, too_old, other_day, *terms])
    real = (day < NEVER) & (day >= 0)  # terms and validity may begin before 1970, when nothing had been told
    company, day = unkeyed(np.unique(keyed(company[real], day[real])))
    first = np.full(count, NEVER)
    np.minimum.at(first, owner, won.day)
    started = day >= first[company]
    return company[started], day[started]


def _of_a_costs_day(table: SeriesTable, pools: int) -> Ints:
    """Whether a fact tells the holdings of a day whose cost somebody told, so that a cost may be rolled on from it."""
    of_day = keyed(table.series // len(POOLS), table.as_of)
    costs = (table.series < pools) & (table.series % len(POOLS) == POOL["cost_basis"])
    holdings = (table.series < pools) & (table.series % len(POOLS) == POOL["btc"])
    of_costs: Ints = holdings & np.isin(of_day, of_day[costs])
    return of_costs


def _first_secondary(table: SeriesTable, series: Ints) -> Ints:
    """The first day on which a source that is not primary spoke in each of some series; NEVER where none did."""
    other = table.tier != PRIMARY
    contested, at = np.unique(table.series[other], return_inverse=True)
    first = np.full(len(contested) + 1, NEVER)
    np.minimum.at(first, at, table.effective[other])
    found = np.searchsorted(contested, series)
    return np.where(np.append(contested, -1)[found] == series, first[found], NEVER)


def day_column(days: Sequence[date | None], unknown: np.int64 = NEVER) -> Ints:
    return np.array([unknown if day is None else day.toordinal() - _EPOCH for day in days], dtype=np.int64)


def _numbers(values: Sequence[float | None]) -> Floats:
    return np.array([float("nan") if value is None else value for value in values], dtype=float)


def known_from(purchase: Purchase, *, hindsight: bool) -> date:
    """The first day on which a purchase was known: the day after its announcement, or its own day in hindsight."""
    return purchase.day if hindsight else purchase.announced_on + timedelta(days=1)


def _ordinal(day: date) -> int:
    return day.toordinal() - _EPOCH


_EPOCH = date(1970, 1, 1).toordinal()
