"""Shares on one basis: what splits between two days make of one share."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import isclose, log

from treasury.model import Split

LARGE_SPLIT = 3.0  # from here on an adjusted price and an unadjusted one cannot be confused
ADJUSTED = 0.5  # of the split's step, on a logarithmic scale: closes as quoted step by about all of it, adjusted ones by nothing
FEW_SHARES = 20  # 21 for 20 is a dividend of 5 % in shares, and the finest split there is
MOST_FOR_ONE = 10_000
NEAR = timedelta(days=30)  # closes farther from a split say nothing about it


def split_factor(splits: list[Split], after: date | None, until: date) -> float:
    """New shares for one share of the basis of `after`, on the basis of `until`. `after` None: from the beginning."""
    factor = 1.0
    for split in sorted(splits, key=lambda split: split.ex_date):
        if (after is None or after < split.ex_date) and split.ex_date <= until:
            factor *= split.ratio
    return factor


def step_at(closes: Sequence[tuple[date, float]], ex_date: date, ratio: float) -> tuple[float, float, float] | None:
    """The closes before and after a split, oldest first, and how much of its step they make: about 1 as quoted, 0 as adjusted.

    None where no close stands near enough on one side.
    """
    at = bisect_left(closes, (ex_date, 0.0))
    if not 0 < at < len(closes) or ratio == 1:
        return None
    (day_before, before), (day_after, after) = closes[at - 1], closes[at]
    if ex_date - day_before > NEAR or day_after - ex_date > NEAR or min(before, after) <= 0:
        return None
    return before, after, (log(before) - log(after)) / log(ratio)


def is_split_ratio(ratio: float) -> bool:
    """Whether shares are split so: of one for another few. A spin-off that a publisher lists as a split is 1281 for 1000."""
    told = Fraction(ratio).limit_denominator(MOST_FOR_ONE)
    if not isclose(told, ratio, rel_tol=1e-9):
        return False
    return 0 < min(told.numerator, told.denominator) <= FEW_SHARES


def is_large(ratio: float) -> bool:
    """Whether closes tell of a split of this ratio, whatever the share did that day besides."""
    return max(ratio, 1 / ratio) >= LARGE_SPLIT
