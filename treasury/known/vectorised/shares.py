"""Rule 4's share count in columns: the count that speaks, in listed units, moved by what was sold and bought back since."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from treasury.known.shares import CLASS_QUANTITIES, FLOWS, LARGE_REVERSE_SPLIT
from treasury.known.vectorised.changes import KnownColumns, day_column
from treasury.known.vectorised.columns import NEVER, Floats, Ints
from treasury.known.vectorised.series import POOL, POOLS, PRIMARY


@dataclass(frozen=True, slots=True)
class Counts:
    """The count of each state: in listed units of its day (NaN: none told, or the unit is not known), and where it is from.

    `told_on` is the day the count describes (NEVER: none), `as_of` that of the last flow that moved it.
    """

    value: Floats
    told_on: Ints
    as_of: Ints
    fact: Ints
    assumed: Ints
    rolled: Ints
    derived: Ints
    from_before: Ints


def basic_counts(ground: KnownColumns, told: Ints, from_market_cap: Ints) -> Counts:
    """`told` is the count in force; the sum of the classes speaks where each has a newer one, a market cap where nobody told any."""
    table, company, day = ground.table, ground.company, ground.day
    summed = _sums_of_classes(ground)
    derived = (told < 0) & (summed.fact < 0) & (from_market_cap >= 0)
    winner = np.where(derived, from_market_cap, told)
    value, as_of = np.append(table.value, np.nan), np.append(table.as_of, NEVER)
    listed, assumed_flag = np.append(table.listed, False), np.append(table.assumed, 0)
    told_on = as_of[winner]
    counts = value[winner] * np.where(
        listed[winner], ground.bases.units(company, told_on, day), ground.bases.listed(company, told_on, day)
    )
    fact, assumed = winner.copy(), assumed_flag[winner]
    newer = (summed.fact >= 0) & ((winner < 0) | (summed.told_on > told_on))
    counts = np.where(newer, summed.value, counts)
    told_on = np.where(newer, summed.told_on, told_on)
    fact = np.where(newer, summed.fact, fact)
    assumed = np.where(newer, summed.assumed, assumed)
    return _rolled(ground, counts, told_on, fact, assumed, derived)


@dataclass(frozen=True, slots=True)
class _Sums:
    value: Floats
    told_on: Ints
    fact: Ints
    assumed: Ints


def _sums_of_classes(ground: KnownColumns) -> _Sums:
    """Σ count × ratio over every class with a share in profits; `fact` −1 where one lacks a primary count, or no class is known."""
    table, count = ground.table, len(ground.company)
    value, as_of, assumed_flag = (
        np.append(table.value, np.nan),
        np.append(table.as_of, NEVER),
        np.append(table.assumed, 0),
    )
    number = {one.ticker: index for index, one in enumerate(ground.companies)}
    total, told_on = np.zeros(count), np.full(count, NEVER)
    fact, lacks, assumed = np.full(count, -1), np.zeros(count, dtype=bool), np.zeros(count, dtype=np.int64)
    for row in ground.register.classes:
        if row.ticker not in number or row.ratio is None:
            continue
        begins, ends = day_column([row.valid_from, row.valid_to])
        at = np.flatnonzero(
            (ground.company == number[row.ticker]) & ((begins == NEVER) | (begins <= ground.day)) & (ground.day < ends)
        )
        if row.name not in CLASS_QUANTITIES:
            lacks[at] = True
            continue
        pool = POOL[CLASS_QUANTITIES[row.name]]
        found = ground.primary.at(ground.company[at] * len(POOLS) + pool, ground.day[at])
        lacks[at] |= found < 0
        factor = ground.bases.listed(ground.company[at], as_of[found], ground.day[at])
        total[at] += value[found] * row.ratio * factor
        told_on[at] = np.minimum(told_on[at], as_of[found])
        fact[at] = np.where(fact[at] < 0, found, fact[at])
        assumed[at] |= assumed_flag[found]
    return _Sums(total, told_on, np.where(lacks, -1, fact), assumed)


def _rolled(ground: KnownColumns, counts: Floats, told_on: Ints, fact: Ints, assumed: Ints, derived: Ints) -> Counts:
    """The counts with the flows of whole periods after them, company by company and period by period."""
    table = ground.table
    moved, rolled = np.zeros(len(counts)), np.zeros(len(counts), dtype=bool)
    as_of, assumed = told_on.copy(), assumed.copy()
    in_pools = table.series < len(ground.companies) * len(POOLS)
    for name, sign in FLOWS.items():
        flows = np.flatnonzero(in_pools & (table.series % len(POOLS) == POOL[name]) & (table.tier == PRIMARY))
        flows = flows[np.lexsort((-table.rank[flows], table.as_of[flows], table.start[flows], table.series[flows]))]
        until = told_on.copy()
        for flow in flows.tolist():
            owner = int(table.series[flow]) // len(POOLS)
            first, last = np.searchsorted(ground.company, [owner, owner + 1])
            at = np.arange(first, last)
            at = at[(ground.day[at] >= table.effective[flow]) & (table.start[flow] > until[at]) & ~np.isnan(counts[at])]
            day_of_flow = np.full(len(at), table.as_of[flow])
            of_shares = ground.bases.per_unit(ground.company[at], day_of_flow) == 1
            factor = ground.bases.listed(ground.company[at], day_of_flow, ground.day[at])
            keep = of_shares & ~np.isnan(factor)
            at, factor = at[keep], factor[keep]
            moved[at] += sign * table.value[flow] * factor
            until[at] = table.as_of[flow]
            rolled[at] = True
            assumed[at] |= table.assumed[flow]
        as_of = np.where(rolled, np.maximum(as_of, until), as_of)
    before = np.zeros(len(counts), dtype=bool)
    for owner, ex_date, ratio in zip(
        ground.bases.splits.company, ground.bases.splits.day, ground.bases.splits.ratio, strict=True
    ):
        if ratio <= LARGE_REVERSE_SPLIT:
            before |= (ground.company == owner) & (told_on < ex_date) & (ex_date <= ground.day)
    return Counts(counts + moved, told_on, as_of, fact, assumed, rolled, derived, before)
