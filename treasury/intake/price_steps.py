"""Which closes of a share are in doubt: steps of a split's size on no split's day, and hundredths among units.

A step is believed where the closes after it hold the new level, as after any move of a market. It is in doubt while none has followed;
where the closes step back to where they were (those between are the odd ones); where the level is fifty times another (hundredths
taken for units); and where it looks like a split nobody told of: a whole ratio, after which the share moves as calmly as on any day.
Such a level is believed once a second source says the same, or a later answer's new closes do. First closes are judged by those
after them: the first long stretch without a step is taken as the measure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import exp, log, prod, sqrt
from typing import NamedTuple

Series = Sequence[tuple[date, float]]  # oldest first

STEP = log(1.9)  # the smallest split, 2:1, on a day on which the share moved by 5 % besides
HUNDREDTHS_STEP = log(50)  # from here on no market moved it
HOURS_SHUT = 5  # days: the longest usual pause between two closes; after longer ones a share may have moved farther
LONGEST = timedelta(days=365)  # a close older than this says nothing about one
LOOK_AHEAD = 10  # closes in which an odd stretch steps back
BACK = log(1.35)  # from the old level: back where it was
CONFIRMING = 2  # closes after a step that hold its level
LATER = 3  # closes of a later answer that hold a level which was in doubt
WHOLE_STEP = 0.05  # from a whole ratio
CALM = log(1.12)  # the largest daily move after a split nobody told of
DAYS_OF_CALM = 5
UNTOLD_SPLIT = "a split nobody told of? in doubt until it is known, a second source agrees, or later closes do"
SAME_STEP = log(1.02)  # two sources' closes of one day


class Doubted(NamedTuple):
    """A close kept out before: who said it, and the day it was first seen."""

    source: str
    close: float
    seen: date


class _Close(NamedTuple):
    day: date
    close: float
    level: float  # log of the close on the newest split basis
    known: bool


def doubts(
    told: Series,
    known: Series,
    splits: Series,
    doubted: Mapping[date, Sequence[Doubted]] | None = None,
    source: str = "",
) -> dict[date, str]:
    """Why closes that one answer tells (as quoted, each day once) are not believed, by day; the others are.

    `known` are closes believed before, `splits` ex-dates and ratios, `doubted` what was kept out before by day.
    """
    basis = _Basis(splits)
    stored = dict(known)
    found: dict[date, str] = {}
    fresh: list[tuple[date, float, bool]] = []
    for day, close in told:
        had = stored.get(day)
        if had is not None and abs(log(close) - log(had)) >= STEP:
            found[day] = (
                f"closes at {close:,.10g}, {had:,.10g} is stored: adjusted for a split that is not known? add it with mnav import"
            )
        elif had is None:
            fresh.append((day, close, False))
    in_time = sorted(fresh + [(day, close, True) for day, close in known])
    levels = [basis.level(day, close) for day, close, _ in in_time]
    if not any(abs(one - last) >= STEP for last, one in pairwise(levels)):
        return found  # nothing to walk for: the closes of nearly every share
    closes = [_Close(day, close, level, had) for (day, close, had), level in zip(in_time, levels, strict=True)]
    anchor = next((at for at, one in enumerate(closes) if one.known), _measure(closes))
    confirmed = _Confirmed(doubted or {}, source, [day for day, _ in told])
    walk = _Walk(closes, confirmed)
    onward = walk.judged(range(anchor, len(closes)))
    near = [one.level for one in closes[anchor : anchor + LOOK_AHEAD] if one.day not in onward]
    return found | onward | walk.judged(range(anchor, -1, -1), near)


class _Basis:
    """Puts closes on the basis of after all splits."""

    def __init__(self, splits: Series) -> None:
        self._splits = sorted(splits)

    def level(self, day: date, close: float) -> float:
        if not self._splits:
            return log(close)
        return log(close) - log(prod(ratio for ex_date, ratio in self._splits if ex_date > day))


class _Confirmed:
    """What speaks for a level beside the closes around it."""

    def __init__(self, doubted: Mapping[date, Sequence[Doubted]], source: str, told: Sequence[date]) -> None:
        self._doubted, self._source, self._told = doubted, source, sorted(told)

    def by_another(self, one: _Close) -> bool:
        """Whether a second source said the same of that day, in doubt too for want of one."""
        return any(
            other.source != self._source and abs(log(one.close) - log(other.close)) <= SAME_STEP
            for other in self._doubted.get(one.day, ())
        )

    def by_later_closes(self, one: _Close) -> bool:
        """Whether it was in doubt before, and enough closes were told since."""
        seen = [other.seen for other in self._doubted.get(one.day, ()) if other.source == self._source]
        return bool(seen) and len(self._told) - bisect_left(self._told, min(seen) + timedelta(days=1)) >= LATER


def _measure(closes: Sequence[_Close]) -> int:
    """Where the first long stretch without a step begins, one at least half as long as the longest.

    The first, since a level that nobody explains is in doubt from its step on.
    """
    starts = [0, *(at for at in range(1, len(closes)) if _is_step(closes[at - 1], closes[at])), len(closes)]
    lengths = [end - start for start, end in pairwise(starts)]
    return next(start for start, length in zip(starts, lengths, strict=False) if 2 * length >= max(lengths))


class _Walk:
    """Goes along closes, in time or against it, from one that is believed."""

    def __init__(self, closes: Sequence[_Close], confirmed: _Confirmed) -> None:
        self._closes, self._confirmed = closes, confirmed

    def judged(self, order: range, near: Sequence[float] = ()) -> dict[date, str]:
        """The doubts along `order`, positions in the closes, the first of which is believed; `near`: levels believed beside it."""
        found: dict[date, str] = {}
        believed = before = order[0]
        levels = [*near, self._closes[believed].level]  # of the closes believed so far
        told: str | None = None  # why the close before is in doubt
        for at in order[1:]:
            one = self._closes[at]
            if one.known or not _is_step(self._closes[believed], one) or self._confirmed.by_another(one):
                told = None
            elif any(abs(level - one.level) <= BACK for level in levels[-LOOK_AHEAD:]):
                told = None  # back where it was within days
            elif told != UNTOLD_SPLIT or _is_step(self._closes[before], one):
                told = self._why_not(believed, at, self._ahead(order, at))
            elif self._held(one, self._ahead(order, at)):
                told = None  # what was said of the stretch it stands in holds no more
            before = at
            if told is None:
                believed = at
                levels.append(one.level)
            else:
                last = self._closes[believed]
                side = "after" if last.day < one.day else "before"
                found[one.day] = f"closes at {one.close:,.10g} {side} {last.close:,.10g} on {last.day}: {told}"
        return found

    def _ahead(self, order: range, at: int) -> list[_Close]:
        return [self._closes[later] for later in order[order.index(at) + 1 :][:LOOK_AHEAD]]

    def _why_not(self, believed: int, at: int, ahead: Sequence[_Close]) -> str | None:
        last, one = self._closes[believed], self._closes[at]
        step = one.level - last.level
        if abs(step) >= HUNDREDTHS_STEP:
            return "hundredths taken for units?"
        if self._held(one, ahead):
            return None
        for before, later in pairwise((one, *ahead)):
            if abs(later.level - last.level) <= BACK and abs(later.level - before.level) >= STEP:
                return f"{later.close:,.10g} again on {later.day}"
        if len(ahead) < CONFIRMING:
            return "a step of a split's size on no split's day; in doubt until a second source or the next closes agree"
        newer = max(at, believed)  # a split leaves a share calm after it, whichever way we go
        moves = [
            abs(later.level - before.level)
            for before, later in pairwise(self._closes[newer : newer + 1 + DAYS_OF_CALM])
        ]
        calm = len(moves) >= CONFIRMING and max(moves) <= CALM
        return UNTOLD_SPLIT if calm and _is_whole(step) else None

    def _held(self, one: _Close, ahead: Sequence[_Close]) -> bool:
        """Whether a believed close near by has its level, or closes of a later answer do."""
        near = any(later.known and abs(later.level - one.level) <= BACK for later in ahead)
        return near or self._confirmed.by_later_closes(one)


def _is_step(last: _Close, one: _Close) -> bool:
    """Whether a close lies farther from another than a share moves between their days."""
    moved = abs(one.level - last.level)
    if moved < STEP:
        return False
    pause = abs((one.day - last.day).days)
    return pause <= LONGEST.days and moved >= min(STEP * sqrt(max(1.0, pause / HOURS_SHUT)), HUNDREDTHS_STEP)


def _is_whole(step: float) -> bool:
    ratio = exp(abs(step))
    return abs(ratio / round(ratio) - 1) <= WHOLE_STEP
