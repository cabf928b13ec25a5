"""Who wins when: for each series, the fact in force from each day on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from treasury.known.precedence import PRIMARY_FRESH_DAYS
from treasury.known.vectorised.columns import NEVER, Ints
from treasury.known.vectorised.series import FIRST, PRIMARY, SECONDARY, SeriesTable

_DAY = np.int64(1 << 22)  # series × _DAY + day sorts by series, then day
_RANKS = np.int64(1 << 32)  # more facts than anyone has


def keyed(series: Ints, day: Ints) -> Ints:
    """One number per (series, day) that sorts by series, then day."""
    return series * _DAY + day


def unkeyed(key: Ints) -> tuple[Ints, Ints]:
    return key // _DAY, key % _DAY


@dataclass(frozen=True, slots=True)
class Steps:
    """For each series, the fact in force from each day on (−1: none), sorted by series and day."""

    key: Ints
    series: Ints
    day: Ints
    fact: Ints

    @classmethod
    def of(cls, series: Ints, day: Ints, fact: Ints) -> Steps:
        return cls(keyed(series, day), series, day, fact)

    def at(self, series: Ints, day: Ints) -> Ints:
        """The fact in force in each asked series on each asked day, −1 where there is none."""
        if not len(self.key):
            return np.full(len(series), -1, dtype=np.int64)
        found = np.searchsorted(self.key, keyed(series, day), side="right") - 1
        same = (found >= 0) & (self.series[found] == series)
        return np.where(same, self.fact[found], -1)


def running(table: SeriesTable, tier: int) -> Steps:
    """The best rank of one tier so far, at every day it changes."""
    at = np.flatnonzero(table.tier == tier)
    return best_so_far(table, at, table.series[at])


def best_so_far(table: SeriesTable, at: Ints, series: Ints) -> Steps:
    """The best rank so far among some facts, of each the series given, at every day it changes; sorted by series and day of effect."""
    ranked = series * _RANKS + table.rank[at]
    best = ranked == np.maximum.accumulate(ranked)
    at, series = at[best], series[best]
    last_of_day = np.append((np.diff(series) != 0) | (np.diff(table.effective[at]) != 0), True)[: len(at)]
    at, series = at[last_of_day], series[last_of_day]
    return Steps.of(series, table.effective[at], at)


def _choose(table: SeriesTable, day: Ints, primary: Ints, secondary: Ints, first: Ints) -> Ints:
    """Rule 2 and 3, given the best fact of each tier (−1: none) on each day."""
    rank, as_of = np.append(table.rank, -1), np.append(table.as_of, -NEVER)
    any_secondary = np.where(rank[secondary] >= rank[first], secondary, first)
    gives_way = (day - as_of[primary] > PRIMARY_FRESH_DAYS) & (as_of[secondary] > as_of[primary]) & (secondary >= 0)
    return np.where(primary < 0, any_secondary, np.where(gives_way, secondary, primary))


def winners(table: SeriesTable, tiers: tuple[Steps, Steps, Steps]) -> Steps:
    first, secondary, primary = tiers
    ages = np.append(table.as_of, 0)[primary.fact] + PRIMARY_FRESH_DAYS + 1
    series = np.concatenate([first.series, secondary.series, primary.series, primary.series])
    day = np.concatenate([first.day, secondary.day, primary.day, np.maximum(ages, primary.day)])
    keys = np.unique(keyed(series, day))
    series, day = unkeyed(keys)
    fact = _choose(table, day, primary.at(series, day), secondary.at(series, day), first.at(series, day))
    changes = np.append(True, (np.diff(series) != 0) | (np.diff(fact) != 0))[: len(fact)]
    return Steps.of(series[changes], day[changes], fact[changes])


def winners_until(table: SeriesTable, series: Ints, day: Ints, until: Ints, since: Ints | None = None) -> Ints:
    """The winner among facts that describe days up to `until` (and from `since` on), for a few (series, day) asked."""
    start, end = np.searchsorted(table.series, series, side="left"), np.searchsorted(table.series, series, side="right")
    asked = np.repeat(np.arange(len(series)), end - start)
    fact = np.arange(len(asked)) - np.repeat(np.cumsum(end - start) - (end - start), end - start) + start[asked]
    fits = (table.as_of[fact] <= until[asked]) & (table.effective[fact] <= day[asked])
    if since is not None:
        fits &= table.as_of[fact] >= since[asked]
    best = []
    for tier in (PRIMARY, SECONDARY, FIRST):
        at = np.flatnonzero(fits & (table.tier[fact] == tier))
        at = at[np.argsort(table.rank[fact[at]], kind="stable")]
        winner = np.full(len(series), -1, dtype=np.int64)
        winner[asked[at]] = fact[at]  # the last assignment, of the highest rank, stands
        best.append(winner)
    return _choose(table, day, *best)
