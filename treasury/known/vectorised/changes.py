"""What every step of making states stands on: companies, instruments and splits as columns, and the rows to fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from treasury.instruments import NET_SHARE, conversion_price
from treasury.known.claims import STATED_WITHIN_DAYS
from treasury.known.precedence import PRIMARY_FRESH_DAYS
from treasury.known.resolve import STALE_DAYS
from treasury.known.vectorised.columns import NEVER, Floats, Ints
from treasury.known.vectorised.precedence import Steps, keyed, running, unkeyed, winners
from treasury.known.vectorised.series import FIRST, POOL, POOLS, PRIMARY, SECONDARY, Table
from treasury.model import Company, Instrument, Split

STALE_POOLS = ("btc", "shares_basic", "shares_assumed_diluted")


@dataclass(frozen=True, slots=True)
class Instruments:
    """Instruments as columns, sorted by their company's index. NaN: no such price. `due`: somebody must have stated its amount. `unit` codes the table's units."""

    name: list[str]
    owner: Ints
    kind: Ints
    issued: Ints
    due: Ints
    ends: Ints
    converts_at: Floats
    strike: Floats
    per_unit: Floats
    net_share: Ints
    unit: Ints

    @classmethod
    def of(cls, own: Sequence[Instrument], number: dict[str, int], code: dict[str, int]) -> Instruments:
        return cls(
            name=[one.instrument for one in own],
            owner=np.array([number[one.ticker] for one in own], dtype=np.int64),
            kind=np.array([one.kind for one in own], dtype=str),
            issued=day_column([one.issue_date for one in own], unknown=-NEVER),
            due=day_column([one.issue_date for one in own]) + STATED_WITHIN_DAYS,
            ends=day_column([one.ends_on for one in own]),
            converts_at=_numbers([conversion_price(one) for one in own]),
            strike=_numbers([one.conversion_price for one in own]),
            per_unit=_numbers([one.shares_per_unit for one in own]),
            net_share=np.array([one.settlement == NET_SHARE for one in own], dtype=bool),
            unit=np.array([code.get(one.currency, code["USD"]) for one in own], dtype=np.int64),
        )


@dataclass(frozen=True, slots=True)
class Splits:
    """Splits as columns."""

    company: Ints
    day: Ints
    ratio: Floats

    @classmethod
    def of(cls, splits: Sequence[Split], number: dict[str, int]) -> Splits:
        return cls(
            np.array([number[one.ticker] for one in splits], dtype=np.int64),
            day_column([one.ex_date for one in splits]),
            _numbers([one.ratio for one in splits]),
        )

    def factor(self, company: Ints, after: Ints, until: Ints) -> Floats:
        """New shares for one share of the basis of day `after`, on the basis of day `until`."""
        factor = np.ones(len(company))
        for owner, day, ratio in zip(self.company, self.day, self.ratio, strict=True):
            factor[(company == owner) & (after < day) & (day <= until)] *= ratio
        return factor


@dataclass(frozen=True, slots=True)
class Ground:
    """The facts in series and their winners, and the rows to fill: `company` and `day` of each state."""

    companies: Sequence[Company]
    table: Table
    instruments: Instruments
    splits: Splits
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
        table: Table,
    ) -> Ground:
        code = {name: at for at, name in enumerate(table.units)}
        instruments, split_columns = Instruments.of(own, number, code), Splits.of(splits, number)
        tiers = (running(table, FIRST), running(table, SECONDARY), running(table, PRIMARY))
        won = winners(table, tiers)
        active_to = day_column([one.active_to for one in companies])
        company, day = _changes(active_to, table, won, instruments, split_columns)
        return cls(
            companies=companies,
            table=table,
            instruments=instruments,
            splits=split_columns,
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


def _changes(active_to: Ints, table: Table, won: Steps, instruments: Instruments, splits: Splits) -> tuple[Ints, Ints]:
    """Every (company, day) on which something known may change, sorted; none before a company's first fact."""
    count = len(active_to)
    pools = count * len(POOLS)

    def owners(series: Ints) -> Ints:
        of_instrument = np.append(instruments.owner, 0)[np.clip(series - pools, 0, len(instruments.owner))]
        return np.where(series < pools, series // len(POOLS), of_instrument)

    owner = owners(won.series)
    stale = (
        (won.series < pools) & np.isin(won.series % len(POOLS), [POOL[name] for name in STALE_POOLS]) & (won.fact >= 0)
    )
    replaced = np.append(np.where(np.diff(won.series) == 0, won.day[1:], NEVER), NEVER)[: len(won.day)]
    expiry = table.as_of[won.fact] + STALE_DAYS + 1
    stale &= expiry < replaced  # a fact replaced before it grew too old never expires
    # what a total changed by since looks at more than the winner in force: every fact of totals and instruments counts
    totals = [POOL["debt"], POOL["debt_carrying"], POOL["preferred"]]
    claims = (table.series >= pools) | np.isin(table.series % len(POOLS), totals)
    told, heard = owners(table.series[claims]), table.effective[claims]
    gives_way = np.maximum(table.as_of[claims] + PRIMARY_FRESH_DAYS + 1, heard)
    contested = _first_secondary(table, table.series[claims]) <= gives_way  # one heard later is a change of its own day
    gives_way = np.where(contested, gives_way, heard)
    company = np.concatenate(
        [owner, owner[stale], told, told, splits.company, *[instruments.owner] * 3, np.arange(count)]
    )
    terms = [instruments.ends, instruments.issued, instruments.due, active_to]
    day = np.concatenate([won.day, expiry[stale], heard, gives_way, splits.day, *terms])
    real = (day < NEVER) & (day > -NEVER)
    company, day = unkeyed(np.unique(keyed(company[real], day[real])))
    first = np.full(count, NEVER)
    np.minimum.at(first, owner, won.day)
    started = day >= first[company]
    return company[started], day[started]


def _first_secondary(table: Table, series: Ints) -> Ints:
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


_EPOCH = date(1970, 1, 1).toordinal()
