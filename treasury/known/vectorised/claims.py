"""Rule 6 in columns: totals of debt and preferred stock, convertibles, and awards."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from treasury.instruments import AWARD_KINDS, CONVERTIBLE_KINDS, DEBT_KINDS, PREFERRED_KINDS
from treasury.known.claims import CARRYING_WITHIN, COUNT_MISSING, MORE, OVERRULED, ClaimKind
from treasury.known.precedence import PRIMARY_FRESH_DAYS
from treasury.known.vectorised.changes import KnownColumns
from treasury.known.vectorised.columns import NEVER, Claims, Floats, Ints
from treasury.known.vectorised.precedence import best_so_far, winners_until
from treasury.known.vectorised.series import FIRST, KIND_CODES, POOL, POOLS

# what a claim is: a net-share settled convertible gives shares and keeps its principal
# a series is preferred stock at its liquidation preference, beside what it converts into; a borrowing stands where no total of debt is known
CLAIM_DEBT, CLAIM_PREFERRED, CLAIM_AWARD, CLAIM_NET_SHARE, CLAIM_SERIES, CLAIM_BORROWING = 0, 1, 2, 3, 4, 5
ROLES = (
    "convertibles",
    "convertible_preferred",
    "awards",
    "net_share",
    "series",
    "borrowings",
)  # their names in stored states


@dataclass(frozen=True, slots=True)
class Pairs:
    """Every state with every instrument of its company, in the order of the states, and the principal or count stated."""

    state: Ints
    instrument: Ints
    series: Ints
    fact: Ints
    ended: Ints
    unstated: Ints

    @classmethod
    def of(cls, ground: KnownColumns) -> Pairs:
        owner = ground.instruments.owner
        start = np.searchsorted(owner, ground.company, side="left")
        count = np.searchsorted(owner, ground.company, side="right") - start
        state = np.repeat(np.arange(len(ground.company)), count)
        instrument = np.arange(len(state)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(start, count)
        series = len(ground.companies) * len(POOLS) + instrument
        day = ground.day[state]
        fact, ended = ground.winners.at(series, day), ground.instruments.gone[instrument] <= day
        unstated = ~ended & (fact < 0) & (ground.instruments.due[instrument] <= day)
        return cls(state, instrument, series, fact, ended, unstated)

    def only(self, mask: Ints) -> Pairs:
        return Pairs(
            self.state[mask],
            self.instrument[mask],
            self.series[mask],
            self.fact[mask],
            self.ended[mask],
            self.unstated[mask],
        )


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts of states: `amount` in the coded unit of each entry."""

    state: Ints
    unit: Ints
    amount: Floats

    def only(self, mask: Ints) -> Amounts:
        return Amounts(self.state[mask], self.unit[mask], self.amount[mask])

    def of_state(self, count: int) -> Floats:
        """What they add up to in each state; of one unit or meaningless."""
        return np.bincount(self.state, self.amount, minlength=count).astype(float)

    @classmethod
    def joined(cls, *parts: Amounts) -> Amounts:
        return cls(
            np.concatenate([one.state for one in parts]),
            np.concatenate([one.unit for one in parts]),
            np.concatenate([one.amount for one in parts]),
        )

    def sorted(self) -> Amounts:
        return self.only(np.argsort(self.state, kind="stable"))


@dataclass(frozen=True, slots=True)
class Total:
    """Debt or preferred stock of each state: an amount in `unit` and, by name, what is settled by a day's rates (PARTS).

    `at_carrying`: a balance-sheet amount; `overruled`: what is documented sums to clearly more than was told, and stands.
    """

    value: Floats
    unit: Ints
    as_of: Ints
    fact: Ints
    known: Ints
    assumed: Ints
    secondary: Ints
    at_carrying: Ints
    overruled: Ints
    parts: dict[str, Amounts]


# of a total in stored states: amounts in further currencies, and what only rates can settle (`Resolved`)
MONEY_PARTS = ("", "_added", "_repaid", "_documented")


def total(ground: KnownColumns, claim: ClaimKind, pool: str, chosen: dict[str, Ints], pairs: Pairs) -> Total:
    """The last total told with what dated principals added and repaid since, or the complete sum; not below what is documented."""
    table, count = ground.table, len(ground.company)
    of_kind = np.isin(ground.instruments.kind[pairs.instrument], claim.kinds)
    ours = pairs.only(of_kind & (pairs.fact >= 0))
    now = np.where(ours.ended, 0.0, table.value[ours.fact])
    now_day = np.where(ours.ended, ground.instruments.ends[ours.instrument], table.as_of[ours.fact])

    primary = ground.primary.at(ground.series(pool), ground.day)
    by_sum = ground.complete & (primary < 0)
    by_sum[pairs.state[of_kind & pairs.unstated]] = False  # a sum with an unknown in it is unknown
    base = np.where(by_sum, -1, np.where(primary >= 0, primary, chosen[pool]))
    at_carrying = np.zeros(count, dtype=bool)
    if claim.carrying is not None:
        carrying = chosen[claim.carrying]
        at_carrying = ~by_sum & (carrying >= 0) & ((base < 0) | _outgrown(ground, ours, base, carrying))
        base = np.where(at_carrying, carrying, base)
    moved = _moved(ground, ours, now, now_day, base, by_sum)
    parts, open_, latest, assumed = moved.parts, moved.open, moved.as_of, moved.assumed

    backed = ~ours.ended & (now > 0) & ~by_sum[ours.state] & (base[ours.state] >= 0)
    if backed.any():
        backed &= _is_documented(ground, claim, pool, ours)
    documented = Amounts(ours.state[backed], table.unit[ours.fact[backed]], now[backed])
    comparable = ~open_ & _of_one_unit(
        Amounts.joined(Amounts(np.arange(count), moved.unit, moved.value), parts[""], documented), count
    )
    sums, told = documented.of_state(count), moved.value + parts[""].of_state(count)
    backing = comparable & (sums > told * MORE)
    parts["_documented"] = documented.only(~comparable[documented.state])
    parts[""] = parts[""].only(~backing[parts[""].state])
    left_to_rates = np.flatnonzero(backed)[~comparable[ours.state[backed]]]
    np.maximum.at(assumed, ours.state[left_to_rates], table.assumed[ours.fact[left_to_rates]])
    counted = np.flatnonzero(backed)[backing[ours.state[backed]]]
    backed_unit, backed_day, backed_assumed = moved.unit.copy(), np.full(count, -NEVER), np.zeros(count, dtype=np.int64)
    backed_unit[ours.state[counted]] = table.unit[ours.fact[counted]]
    np.maximum.at(backed_day, ours.state[counted], now_day[counted])
    np.maximum.at(backed_assumed, ours.state[counted], table.assumed[ours.fact[counted]])
    latest = np.where(backing, backed_day, latest)
    overruled = comparable & (sums > told * OVERRULED)
    return Total(
        value=np.where(backing, sums, moved.value),
        unit=np.where(backing, backed_unit, moved.unit),
        as_of=np.where(latest > -NEVER, latest, NEVER),
        fact=np.where(backing, -1, base),
        known=by_sum | (base >= 0),
        assumed=np.where(backing, backed_assumed, assumed),
        secondary=moved.secondary & ~backing,
        at_carrying=at_carrying & ~overruled,
        overruled=overruled,
        parts={name: amounts.sorted() for name, amounts in parts.items()},
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """What each state's total became by what was told of instruments since; `open`: only a day's rates can settle what was repaid."""

    value: Floats
    unit: Ints
    as_of: Ints
    assumed: Ints
    secondary: Ints
    open: Ints
    parts: dict[str, Amounts]


def _moved(ground: KnownColumns, ours: Pairs, now: Floats, now_day: Ints, base: Ints, by_sum: Ints) -> Moved:
    """A total with what dated principals added and repaid after its day, or where `by_sum` their sum."""
    table, count = ground.table, len(ground.company)
    # one more entry than facts, so that −1 reads as unknown
    as_of = np.append(table.as_of, NEVER)
    unit = np.where(by_sum, ground.currency, np.append(table.unit, -1)[base])
    held = np.where(by_sum, 0.0, np.append(table.value, np.nan)[base])

    changed, added, repaid = _since(ground, ours, now, now_day, as_of[base])
    summed = np.flatnonzero(by_sum[ours.state])
    added = Amounts.joined(added, Amounts(ours.state[summed], table.unit[ours.fact[summed]], now[summed]))
    used = np.concatenate([changed, summed])
    latest = np.where(base >= 0, as_of[base], -NEVER)
    np.maximum.at(latest, ours.state[used], now_day[used])
    assumed, secondary = np.append(table.assumed, 0)[base], table.secondary[base]
    np.maximum.at(assumed, ours.state[used], table.assumed[ours.fact[used]])
    np.maximum.at(secondary, ours.state[used], table.secondary[ours.fact[used]])

    # what it held is all that can have been repaid of it; in another currency only a day's rates can tell
    open_ = np.zeros(count, dtype=bool)
    open_[repaid.state[repaid.unit != unit[repaid.state]]] = True
    settled = np.maximum(held - repaid.only(~open_[repaid.state]).of_state(count), 0.0)
    same = (added.unit == unit[added.state]) & ~open_[added.state]
    return Moved(
        value=np.where(open_, held, settled) + added.only(same).of_state(count),
        unit=unit,
        as_of=latest,
        assumed=assumed,
        secondary=secondary.astype(bool),
        open=open_,
        parts={
            "": added.only(~same & ~open_[added.state]),
            "_added": added.only(open_[added.state]),
            "_repaid": repaid.only(open_[repaid.state]),
        },
    )


def _outgrown(ground: KnownColumns, ours: Pairs, base: Ints, carrying: Ints) -> Ints:
    """Whether a newer balance sheet cannot show the carrying amount of what the total was by its day (`treasury.known.claims`)."""
    table = ground.table
    as_of, unit = np.append(table.as_of, -NEVER), np.append(table.unit, -1)
    sheet_day, total_day = as_of[carrying], as_of[base]
    found: Ints = (base >= 0) & (sheet_day > total_day) & (unit[carrying] == unit[base])
    found &= table.secondary[base] | ~table.secondary[carrying] | (ground.day - total_day > PRIMARY_FRESH_DAYS)
    if not found.any():
        return found
    ours = ours.only(found[ours.state])
    day = sheet_day[ours.state]
    fact = winners_until(table, ours.series, ground.day[ours.state], day)
    told = np.flatnonzero(fact >= 0)
    ended = ground.instruments.gone[ours.instrument] <= day
    by_then = replace(ours, fact=fact, ended=ended).only(told)
    now = np.where(by_then.ended, 0.0, table.value[by_then.fact])
    now_day = np.where(by_then.ended, ground.instruments.ends[by_then.instrument], table.as_of[by_then.fact])
    then = _moved(ground, by_then, now, now_day, base, np.zeros(len(base), dtype=bool))
    found &= ~then.open
    found[then.parts[""].state] = False  # only exchange rates could tell
    found &= np.abs(np.append(table.value, np.nan)[carrying] - then.value) > then.value * CARRYING_WITHIN
    return found


def _since(
    ground: KnownColumns, ours: Pairs, now: Floats, now_day: Ints, total_day: Ints
) -> tuple[Ints, Amounts, Amounts]:
    """Which tranches changed after their state's total, and what that added and repaid."""
    table = ground.table
    total_day = np.where(total_day == NEVER, NEVER, total_day)[ours.state]
    changed = np.flatnonzero((total_day != NEVER) & (now_day > total_day))
    then = winners_until(table, ours.series[changed], ground.day[ours.state[changed]], total_day[changed])
    # one that existed at the total's day with no amount printed by then is in the total already
    counts = (then >= 0) | (ground.instruments.issued[ours.instrument[changed]] > total_day[changed])
    changed, then = changed[counts], then[counts]
    state, unit = ours.state[changed], table.unit[ours.fact[changed]]
    before = np.append(table.value, 0.0)[then]
    other_unit = (then >= 0) & (np.append(table.unit, -1)[then] != unit)
    change = now[changed] - np.where(other_unit, 0.0, before)
    exchanged = Amounts(state[other_unit], table.unit[then[other_unit]], before[other_unit])
    added = Amounts(state, unit, np.maximum(change, 0.0))
    repaid = Amounts.joined(Amounts(state, unit, np.maximum(-change, 0.0)), exchanged)
    return changed, added.only(added.amount > 0), repaid.only(repaid.amount > 0)


def _is_documented(ground: KnownColumns, claim: ClaimKind, pool: str, ours: Pairs) -> Ints:
    """Whether each tranche's amount is a filing's or the issuer's, and no newer total settles it (`treasury.known.claims`)."""
    table = ground.table
    kind, as_of = table.kind[ours.fact], table.as_of[ours.fact]
    pools = [POOL[name] for name in (pool, claim.carrying) if name is not None]
    of_total = (table.series < len(ground.companies) * len(POOLS)) & np.isin(table.series % len(POOLS), pools)
    of_total &= table.tier != FIRST
    backed = np.zeros(len(ours.state), dtype=bool)
    for source, settles in (("filing", ("filing", "press")), ("issuer", KIND_CODES)):
        at = np.flatnonzero(of_total & np.isin(table.kind, [KIND_CODES.index(name) for name in settles]))
        company = table.series[at] // len(POOLS)
        order = np.lexsort((table.rank[at], table.effective[at], company))
        newest = best_so_far(table, at[order], company[order]).at(ground.company, ground.day)
        covered = np.append(table.as_of, -NEVER)[newest][ours.state]
        backed |= (kind == KIND_CODES.index(source)) & (as_of >= covered)
    return backed


def _of_one_unit(amounts: Amounts, count: int) -> Ints:
    """Whether what is not zero of each state is all in one unit."""
    told = amounts.only(amounts.amount > 0)
    low, high = np.full(count, NEVER), np.full(count, -NEVER)
    np.minimum.at(low, told.state, told.unit)
    np.maximum.at(high, told.state, told.unit)
    return low >= high


@dataclass(frozen=True, slots=True)
class ClaimColumns:
    """Convertibles and awards of each state, whether awards are complete, what `missing` says of them.

    `counted_on` is the oldest day on which awards were counted; NEVER where none count.
    """

    claims: Claims
    dilution_known: Ints
    missing: dict[str, Ints]
    assumed: Ints
    counted_on: Ints


def stack(ground: KnownColumns, pairs: Pairs, debt_known: Ints) -> ClaimColumns:
    """Convertibles with their principal, and awards with their count, on the split basis of each state's day."""
    table, instruments, count = ground.table, ground.instruments, len(ground.company)
    day, kind = ground.day[pairs.state], instruments.kind[pairs.instrument]
    value, as_of = np.append(table.value, np.nan), np.append(table.as_of, NEVER)
    live, stated = ~pairs.ended, pairs.fact >= 0
    owner = ground.company[pairs.state]
    per_unit = ground.bases.units(owner, instruments.issued[pairs.instrument], day)
    units = ground.bases.listed(owner, as_of[pairs.fact], day)

    convertible = live & stated & ~np.isnan(per_unit) & np.isin(kind, CONVERTIBLE_KINDS)
    convertible &= (value[pairs.fact] > 0) & ~np.isnan(instruments.converts_at[pairs.instrument])
    award = (
        live & np.isin(kind, AWARD_KINDS) & (instruments.issued[pairs.instrument] <= day) & ground.complete[pairs.state]
    )
    gross = np.isnan(instruments.strike[pairs.instrument])
    stated &= ~np.isnan(units) & (gross | ~np.isnan(per_unit))
    # a strike that moves with the market dilutes like a sale at the market: not counted
    moving = award & stated & gross & (kind == "warrant") & np.isnan(instruments.per_unit[pairs.instrument])
    unknown = award & ~stated
    unstated = pairs.unstated & np.isin(kind, CONVERTIBLE_KINDS)

    def states_with(mask: Ints) -> Ints:
        flag = np.zeros(count, dtype=bool)
        flag[pairs.state[mask]] = True
        return flag

    missing = {
        "instruments": ~ground.complete | states_with(unstated),
        "option_strikes": states_with(award & stated & gross & (kind == "option")),
        "warrant_strikes": states_with(moving),
    } | {name: states_with(unknown & (kind == one)) for one, name in COUNT_MISSING.items()}

    rows = np.flatnonzero(convertible | (award & stated & ~moving))
    state, instrument, fact, is_award = pairs.state[rows], pairs.instrument[rows], pairs.fact[rows], award[rows]
    assumed = np.zeros(count, dtype=np.int64)
    np.maximum.at(assumed, state, table.assumed[fact])
    convertible_kind = np.where(instruments.kind[instrument] == "convertible", CLAIM_DEBT, CLAIM_PREFERRED)
    convertible_kind[instruments.net_share[instrument]] = CLAIM_NET_SHARE
    claims = Claims(
        state=state,
        kind=np.where(is_award, CLAIM_AWARD, convertible_kind),
        instrument=[instruments.name[index] for index in instrument],
        unit=np.where(is_award, instruments.unit[instrument], table.unit[fact]),
        amount=np.where(is_award, value[fact] * units[rows], value[fact]),
        at=np.where(is_award, instruments.strike[instrument], instruments.converts_at[instrument]) / per_unit[rows],
        fact=table.id[fact],
    )
    counted_on = np.full(count, NEVER)
    np.minimum.at(counted_on, state[is_award], as_of[fact[is_award]])
    claims = _joined(claims, _outstanding(ground, pairs, debt_known))
    return ClaimColumns(claims, ground.complete & ~states_with(unknown | unstated), missing, assumed, counted_on)


def _outstanding(ground: KnownColumns, pairs: Pairs, debt_known: Ints) -> Claims:
    """Every series of preferred stock that is outstanding, at its liquidation preference (`at`: what one share of it is owed), and
    borrowings at their principal where no total of debt is known."""
    table, instruments = ground.table, ground.instruments
    preferred = np.isin(instruments.kind, PREFERRED_KINDS)[pairs.instrument]
    borrowed = np.isin(instruments.kind, DEBT_KINDS)[pairs.instrument] & ~debt_known[pairs.state]
    stated = ~pairs.ended & (pairs.fact >= 0) & (np.append(table.value, 0.0)[pairs.fact] > 0)
    of_series, ours = preferred[stated & (preferred | borrowed)], pairs.only(stated & (preferred | borrowed))
    unit = table.unit[ours.fact]
    own = unit == instruments.unit[ours.instrument]
    return Claims(
        state=ours.state,
        kind=np.where(of_series, CLAIM_SERIES, CLAIM_BORROWING),
        instrument=[instruments.name[index] for index in ours.instrument],
        unit=unit,
        amount=table.value[ours.fact],
        at=np.where(own, instruments.stated_amount[ours.instrument], np.nan),
        fact=table.id[ours.fact],
    )


def _joined(first: Claims, second: Claims) -> Claims:
    """The claims of both, sorted by state."""
    state = np.concatenate([first.state, second.state])
    order = np.argsort(state, kind="stable")
    names = [*first.instrument, *second.instrument]
    return Claims(
        state=state[order],
        kind=np.concatenate([first.kind, second.kind])[order],
        instrument=[names[index] for index in order.tolist()],
        unit=np.concatenate([first.unit, second.unit])[order],
        amount=np.concatenate([first.amount, second.amount])[order],
        at=np.concatenate([first.at, second.at])[order],
        fact=np.concatenate([first.fact, second.fact])[order],
    )
