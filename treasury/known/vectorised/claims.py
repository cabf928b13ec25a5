"""Rule 6 in columns: totals of debt and preferred stock, convertibles, and awards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from treasury.instruments import AWARD_KINDS, CONVERTIBLE_KINDS
from treasury.known.resolve import COUNT_MISSING
from treasury.known.vectorised.changes import Ground
from treasury.known.vectorised.columns import NEVER, Claims, Floats, Ints
from treasury.known.vectorised.precedence import winners_until
from treasury.known.vectorised.series import POOLS

# what a claim is: a net-share settled convertible gives shares and keeps its principal
DEBT, PREFERRED, AWARD, NET_SHARE = 0, 1, 2, 3
ROLES = ("convertibles", "convertible_preferred", "awards", "net_share")  # their names in stored states


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
    def of(cls, ground: Ground) -> Pairs:
        owner = ground.instruments.owner
        start = np.searchsorted(owner, ground.company, side="left")
        count = np.searchsorted(owner, ground.company, side="right") - start
        state = np.repeat(np.arange(len(ground.company)), count)
        instrument = np.arange(len(state)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(start, count)
        series = len(ground.companies) * len(POOLS) + instrument
        day = ground.day[state]
        fact, ended = ground.winners.at(series, day), ground.instruments.ends[instrument] <= day
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
class Total:
    """Debt or preferred stock of each state: an amount in `unit`, and `parts` (state, unit, amount) in further ones."""

    value: Floats
    unit: Ints
    as_of: Ints
    fact: Ints
    known: Ints
    assumed: Ints
    secondary: Ints
    parts: tuple[Ints, Ints, Floats]


def total(ground: Ground, pool: str, winner: Ints, pairs: Pairs, kinds: tuple[str, ...]) -> Total:
    """The last primary total plus what dated principals changed by since; else the complete sum; else `winner`."""
    table, count = ground.table, len(ground.company)
    primary = ground.primary.at(ground.series(pool), ground.day)
    as_of, assumed_flag = np.append(table.as_of, NEVER), np.append(table.assumed, 0)
    secondary_flag = table.secondary
    of_kind = np.isin(ground.instruments.kind[pairs.instrument], kinds)
    ours = pairs.only(of_kind & (pairs.fact >= 0))
    now_day = np.where(ours.ended, ground.instruments.ends[ours.instrument], as_of[ours.fact])
    now = np.where(ours.ended, 0.0, table.value[ours.fact])
    unit = table.unit[ours.fact]

    total_day = as_of[primary[ours.state]]
    changed = np.flatnonzero((primary[ours.state] >= 0) & (now_day > total_day))
    then = winners_until(table, ours.series[changed], ground.day[ours.state[changed]], total_day[changed])
    # one that existed at the total's day with no amount printed by then is in the total already
    counts = (then >= 0) | (ground.instruments.issued[ours.instrument[changed]] > total_day[changed])
    changed, then = changed[counts], then[counts]
    had = then >= 0
    by_sum = ground.complete & (primary < 0)
    by_sum[pairs.state[of_kind & pairs.unstated]] = False  # a sum with an unknown in it is unknown
    summed = np.flatnonzero(by_sum[ours.state])

    state = np.concatenate([ours.state[changed], ours.state[changed][had], ours.state[summed]])
    amount = np.concatenate([now[changed], -table.value[then[had]], now[summed]])
    units = np.concatenate([unit[changed], table.unit[then[had]], unit[summed]])
    used = np.concatenate([changed, summed])

    fact = np.where(by_sum, -1, np.where(primary >= 0, primary, winner))
    base_unit = np.where(by_sum, ground.currency, np.append(table.unit, -1)[fact])
    base = np.where(by_sum, 0.0, np.append(table.value, np.nan)[fact])
    same = units == base_unit[state]
    latest = np.where(fact >= 0, as_of[fact], -NEVER)
    np.maximum.at(latest, ours.state[used], now_day[used])
    assumed, secondary = assumed_flag[fact], secondary_flag[fact]
    np.maximum.at(assumed, ours.state[used], table.assumed[ours.fact[used]])
    np.maximum.at(secondary, ours.state[used], secondary_flag[ours.fact[used]])
    return Total(
        value=base + np.bincount(state[same], amount[same], minlength=count),
        unit=base_unit,
        as_of=np.where(latest > -NEVER, latest, NEVER),
        fact=fact,
        known=by_sum | (fact >= 0),
        assumed=assumed,
        secondary=secondary,
        parts=_sorted_parts(state[~same], units[~same], amount[~same]),
    )


def _sorted_parts(state: Ints, unit: Ints, amount: Floats) -> tuple[Ints, Ints, Floats]:
    order = np.argsort(state, kind="stable")
    return state[order], unit[order], amount[order]


@dataclass(frozen=True, slots=True)
class Stack:
    """Convertibles and awards of each state, whether awards are complete, what `missing` says of them."""

    claims: Claims
    dilution_known: Ints
    missing: dict[str, Ints]
    assumed: Ints


def stack(ground: Ground, pairs: Pairs) -> Stack:
    """Convertibles with their principal, and awards with their count, on the split basis of each state's day."""
    table, instruments, count = ground.table, ground.instruments, len(ground.company)
    day, kind = ground.day[pairs.state], instruments.kind[pairs.instrument]
    value, as_of = np.append(table.value, np.nan), np.append(table.as_of, NEVER)
    live, stated = ~pairs.ended, pairs.fact >= 0

    convertible = live & stated & np.isin(kind, CONVERTIBLE_KINDS) & (value[pairs.fact] > 0)
    convertible &= ~np.isnan(instruments.converts_at[pairs.instrument])
    award = (
        live & np.isin(kind, AWARD_KINDS) & (instruments.issued[pairs.instrument] <= day) & ground.complete[pairs.state]
    )
    gross = np.isnan(instruments.strike[pairs.instrument])
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
    company = ground.company[state]
    since_issue = ground.splits.factor(company, instruments.issued[instrument], day[rows])
    since_count = ground.splits.factor(company, as_of[fact], day[rows])
    assumed = np.zeros(count, dtype=np.int64)
    np.maximum.at(assumed, state, table.assumed[fact])
    convertible_kind = np.where(instruments.kind[instrument] == "convertible", DEBT, PREFERRED)
    convertible_kind[instruments.net_share[instrument]] = NET_SHARE
    claims = Claims(
        state=state,
        kind=np.where(is_award, AWARD, convertible_kind),
        instrument=[instruments.name[index] for index in instrument],
        unit=np.where(is_award, instruments.unit[instrument], table.unit[fact]),
        amount=np.where(is_award, value[fact] * since_count, value[fact]),
        at=np.where(is_award, instruments.strike[instrument], instruments.converts_at[instrument]) / since_issue,
        fact=table.id[fact],
    )
    return Stack(claims, ground.complete & ~states_with(unknown | unstated), missing, assumed)
