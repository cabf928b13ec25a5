"""From facts to states: one per company and change of what was known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from treasury.known.claims import AT_CARRYING, DEBT_CLAIM, PREFERRED_CLAIM
from treasury.known.closing_times import Closes
from treasury.known.cost import ANOTHER_DAY
from treasury.known.register import NO_REGISTER, Register
from treasury.known.resolve import HOLDINGS_OUTDATED, MISSING, NOT_VALUED, REASONS, STALE_DAYS, STATE_INPUTS
from treasury.known.shares import DERIVED, DERIVED_DAYS, FROM_MARKET_CAP, ROLLED, UNIT_UNKNOWN
from treasury.known.vectorised.changes import STALE_POOLS, KnownColumns
from treasury.known.vectorised.claims import Pairs, stack, total
from treasury.known.vectorised.columns import MONEY, NEVER, FactColumns, Ints, States
from treasury.known.vectorised.cost import costs
from treasury.known.vectorised.series import POOL, POOLS, SeriesTable
from treasury.known.vectorised.shares import basic_counts
from treasury.model import Company, Instrument, Split


def states(
    companies: Sequence[Company],
    instruments: Iterable[Instrument],
    splits: Iterable[Split],
    facts: FactColumns,
    closes: Closes,
    register: Register = NO_REGISTER,
    *,
    hindsight: bool = False,
) -> States:
    """All states of `companies`; `company` in the result counts them in the given order.

    With `hindsight` every fact and purchase takes effect on the day it describes, whenever it became known.
    """
    number = {company.ticker: index for index, company in enumerate(companies)}
    own = sorted(
        (one for one in instruments if one.ticker in number), key=lambda one: (number[one.ticker], one.instrument)
    )
    table = SeriesTable.of(companies, number, own, facts, closes, hindsight=hindsight)
    own_splits = [one for one in splits if one.ticker in number]
    return _fill(KnownColumns.of(companies, number, own, own_splits, register, table, hindsight=hindsight), hindsight)


def _fill(ground: KnownColumns, hindsight: bool) -> States:
    table, company, day = ground.table, ground.company, ground.day
    # one more entry than facts, so that −1 reads as unknown
    value, as_of = np.append(table.value, np.nan), np.append(table.as_of, NEVER)
    unit, ids, assumed = np.append(table.unit, -1), np.append(table.id, -1), np.append(table.assumed, 0)
    chosen = {pool: ground.winners.at(ground.series(pool), day) for pool in POOL}
    values = {pool: value[fact] for pool, fact in chosen.items()}
    counts = basic_counts(ground, chosen["shares_basic"], chosen[FROM_MARKET_CAP])
    values["shares_basic"], chosen["shares_basic"] = counts.value, counts.fact
    missing = {POOLS[pool][0]: chosen[pool] < 0 for pool in STATE_INPUTS if pool not in ("debt", "preferred")}
    diluted = chosen["shares_assumed_diluted"]
    values["shares_assumed_diluted"] = values["shares_assumed_diluted"] * ground.bases.listed(
        company, as_of[diluted], day
    )
    cost = costs(ground, chosen["btc"], chosen["cost_basis"], hindsight=hindsight)
    values["cost_basis"], chosen["cost_basis"] = cost.value, cost.fact
    merged = day >= ground.active_to[company]
    reasons = {
        code: np.array([one.kind == kind for one in ground.companies], dtype=bool)[company] & ~merged
        for kind, code in NOT_VALUED.items()
    }
    reasons["MERGED"] = merged
    not_valued = np.logical_or.reduce(list(reasons.values()))
    stale = {pool: (chosen[pool] >= 0) & (day - as_of[chosen[pool]] > STALE_DAYS) for pool in STALE_POOLS}
    fresh = np.where(counts.derived, DERIVED_DAYS, STALE_DAYS)
    stale["shares_basic"] = (counts.told_on != NEVER) & (day - counts.told_on > fresh)
    below_basic = (values["shares_assumed_diluted"] < values["shares_basic"]) & ~stale["shares_basic"]
    # where nothing was told both are NEVER
    outdated = (chosen["btc_outdated"] >= 0) & (as_of[chosen["btc_outdated"]] > as_of[chosen["btc"]])
    reasons[HOLDINGS_OUTDATED] = outdated & ~not_valued
    reasons["STALE_BTC"] = stale["btc"] & ~outdated & ~not_valued
    reasons["MISSING_SHARES"] = missing["shares_basic"]
    reasons["STALE_SHARES"] = stale["shares_basic"]
    reasons["STALE_DILUTED"] = (diluted >= 0) & (stale["shares_assumed_diluted"] | below_basic)
    unit_unknown = (counts.fact >= 0) & np.isnan(values["shares_basic"]) & ~stale["shares_basic"]
    unit_unknown |= (diluted >= 0) & np.isnan(values["shares_assumed_diluted"]) & ~reasons["STALE_DILUTED"]
    reasons[UNIT_UNKNOWN] = unit_unknown
    reasons[ROLLED] = counts.rolled & ~stale["shares_basic"]
    reasons[DERIVED] = counts.derived
    reasons[ANOTHER_DAY] = cost.elsewhere & ~merged
    for pool, unused in (
        ("btc", stale["btc"] | outdated | not_valued),
        ("shares_basic", stale["shares_basic"]),
        ("shares_assumed_diluted", reasons["STALE_DILUTED"]),
    ):
        values[pool] = np.where(unused, np.nan, values[pool])

    days = {pool: np.where(fact >= 0, as_of[fact], NEVER) for pool, fact in chosen.items()}
    days["shares_basic"], days["cost_basis"] = counts.as_of, cost.as_of
    units = {pool: unit[chosen[pool]] for pool in MONEY}
    known_assumed, secondary = np.zeros(len(day), dtype=np.int64), {}
    for pool in ("btc", "shares_basic", "shares_assumed_diluted", "cost_basis", "cash"):
        flag = counts.assumed if pool == "shares_basic" else assumed[chosen[pool]]
        known_assumed |= np.where(np.isnan(values[pool]), 0, flag)
        secondary[pool] = ~np.isnan(values[pool]) & table.secondary[chosen[pool]]

    pairs = Pairs.of(ground)
    parts = {}
    for pool, claim in (("debt", DEBT_CLAIM), ("preferred", PREFERRED_CLAIM)):
        found = total(ground, claim, pool, chosen, pairs)
        values[pool], units[pool], days[pool], chosen[pool] = found.value, found.unit, found.as_of, found.fact
        for name, amounts in found.parts.items():
            parts[pool + name] = (amounts.state, amounts.unit, amounts.amount)
        known_assumed |= found.assumed
        secondary[pool] = found.secondary
        missing[claim.quantity] = ~found.known
        reasons[claim.from_tranches] = found.overruled
        if claim.carrying is not None:
            reasons[AT_CARRYING] = found.at_carrying

    claims = stack(ground, pairs, ~missing[DEBT_CLAIM.quantity])
    return States(
        units=table.units,
        company=company,
        day=day,
        value={name: values[name] for name in STATE_INPUTS},
        unit=units,
        as_of={name: days[name] for name in STATE_INPUTS} | {"awards": claims.counted_on},
        fact={name: ids[chosen[name]] for name in STATE_INPUTS},
        split_factor=ground.bases.since_the_beginning(company, day),
        dilution_known=claims.dilution_known,
        known_assumed=known_assumed | claims.assumed,
        from_before=counts.from_before,
        cost_elsewhere=reasons[ANOTHER_DAY],
        missing=_names(MISSING, missing | claims.missing, len(day)),
        reason=_names(REASONS, reasons, len(day)),
        secondary=_names(STATE_INPUTS, secondary, len(day)),
        parts=parts,
        claims=claims.claims,
    )


def _names(order: tuple[str, ...], flags: dict[str, Ints], count: int) -> list[str]:
    """For each state the names whose flag is set, in the given order, joined by spaces."""
    code = np.zeros(count, dtype=np.int64)
    for bit, name in enumerate(order):
        if name in flags:
            code |= flags[name].astype(np.int64) << bit
    texts = {int(one): " ".join(name for bit, name in enumerate(order) if one >> bit & 1) for one in np.unique(code)}
    return [texts[one] for one in code.tolist()]
