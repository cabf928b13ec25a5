"""Rule 9 in columns: the cost of the coins held, of their own day or rolled forward to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from treasury.known.cost import WITHIN_COINS, WITHIN_SHARE
from treasury.known.vectorised.changes import KnownColumns, day_column, known_from
from treasury.known.vectorised.columns import NEVER, Floats, Ints
from treasury.known.vectorised.precedence import winners_until
from treasury.model import Purchase


@dataclass(frozen=True, slots=True)
class CostColumns:
    """The cost of each state, in the unit of `fact`; `elsewhere`: it is that of other coins, of another day."""

    value: Floats
    as_of: Ints
    fact: Ints
    elsewhere: Ints


def costs(ground: KnownColumns, held: Ints, told: Ints, *, hindsight: bool) -> CostColumns:
    """`held` and `told` are the holdings and the cost in force."""
    table = ground.table
    value, as_of = np.append(table.value, np.nan), np.append(table.as_of, NEVER)
    fact, amount, of = told.copy(), value[told], as_of[told]
    open_ = np.flatnonzero((held >= 0) & (told >= 0) & (as_of[held] != as_of[told]))
    elsewhere = np.zeros(len(told), dtype=bool)
    if not len(open_):
        return CostColumns(amount, of, fact, elsewhere)
    day, of_coins = ground.day[open_], as_of[held[open_]]
    same = winners_until(table, ground.series("cost_basis")[open_], day, of_coins, since=of_coins)
    fact[open_] = np.where(same >= 0, same, told[open_])
    amount[open_], of[open_] = value[fact[open_]], as_of[fact[open_]]
    open_ = open_[same < 0]
    elsewhere[open_] = True
    day, of_cost, of_coins = ground.day[open_], as_of[told[open_]], as_of[held[open_]]
    before = winners_until(table, ground.series("btc")[open_], day, of_cost, since=of_cost)
    rolled, fine = _rolled(ground, open_, value[told[open_]], value[before], of_cost, of_coins, hindsight=hindsight)
    off = np.abs(rolled[1] - value[held[open_]])
    fine &= (before >= 0) & (of_cost <= of_coins)
    fine &= (off < WITHIN_COINS) & (off <= WITHIN_SHARE * value[held[open_]])
    at = open_[fine]
    amount[at], of[at], elsewhere[at] = rolled[0][fine], of_coins[fine], False
    return CostColumns(amount, of, fact, elsewhere)


def _rolled(
    ground: KnownColumns, rows: Ints, cost: Floats, coins: Floats, after: Ints, until: Ints, *, hindsight: bool
) -> tuple[tuple[Floats, Floats], Ints]:
    """Cost and coins of some rows after what was bought and sold in between, and whether every cost was printed."""
    table, fine = ground.table, np.ones(len(rows), dtype=bool)
    cost, coins = cost.copy(), coins.copy()
    unit = np.append(table.unit, -1)[ground.winners.at(ground.series("cost_basis")[rows], ground.day[rows])]
    code = {name: at for at, name in enumerate(table.units)}
    company, day = ground.company[rows], ground.day[rows]
    number = {one.ticker: index for index, one in enumerate(ground.companies)}
    for (owner, of, btc), told in sorted(_alike(ground.register.purchases, number).items()):
        first, last = np.searchsorted(company, [owner, owner + 1])
        at = np.arange(first, last)
        at = at[(after[at] < of) & (of <= until[at])]
        known = np.zeros(len(at), dtype=bool)
        paid, currency = np.full(len(at), np.nan), np.full(len(at), -1)
        for entry in reversed(told):  # the first one known stands
            heard = day[at] >= day_column([known_from(entry, hindsight=hindsight)])[0]
            known |= heard
            paid[heard] = np.nan if entry.cost is None else entry.cost
            currency[heard] = code.get(entry.currency or "", -2)
        at, paid, currency = at[known], paid[known], currency[known]
        if btc >= 0:
            fine[at] &= ~np.isnan(paid) & (currency == unit[at])
            cost[at] += paid
        else:
            fine[at] &= coins[at] + btc >= 0
            with np.errstate(divide="ignore", invalid="ignore"):
                cost[at] *= (coins[at] + btc) / coins[at]
        coins[at] += btc
    return (cost, coins), fine & ~np.isnan(cost)


def _alike(purchases: object, number: dict[str, int]) -> dict[tuple[int, int, float], list[Purchase]]:
    """Purchases of one company, day and number of coins, the one with a cost first."""
    found: dict[tuple[int, int, float], list[Purchase]] = {}
    assert isinstance(purchases, list | tuple)
    ordered = sorted(
        purchases, key=lambda one: (one.cost is None, one.announced_on, one.cost or 0.0, one.currency or "")
    )
    for entry in ordered:
        if entry.ticker in number:
            found.setdefault((number[entry.ticker], int(day_column([entry.day])[0]), entry.btc), []).append(entry)
    return found
