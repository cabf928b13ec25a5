"""Shares on one basis: what splits and changes of the listed unit between two days make of one share."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import isclose, log

from treasury.model import Listing, Split

LARGE_SPLIT = 3.0  # from here on an adjusted price and an unadjusted one cannot be confused
ADJUSTED = 0.5  # of the split's step, on a logarithmic scale: closes as quoted step by about all of it, adjusted ones by nothing
FEW_SHARES = 20  # 21 for 20 is a dividend of 5 % in shares, and the finest split there is
MOST_FOR_ONE = 10_000
SAME_RATIO = 0.01  # vendors round ratios
NEAR = timedelta(days=30)  # closes farther from a split say nothing about it


def split_factor(splits: Sequence[Split], after: date | None, until: date) -> float:
    """New shares for one share of the basis of `after`, on the basis of `until`. `after` None: from the beginning."""
    factor = 1.0
    for split in sorted(splits, key=lambda split: split.ex_date):
        if (after is None or after < split.ex_date) and split.ex_date <= until:
            factor *= split.ratio
    return factor


def unit_steps(listings: Sequence[Listing]) -> list[tuple[date, float | None]]:
    """The days on which one listed unit of a company becomes another, and how many new ones an old one is worth; None: not known.

    `listings` are one company's. Where the last one ends the share itself is listed.
    """
    rows = sorted(listings, key=lambda row: row.valid_from or date.min)
    steps: list[tuple[date, float | None]] = []
    for row, later in zip(rows, [*rows[1:], *([None] if rows else [])], strict=True):
        if row is rows[0] and row.valid_from is not None:
            steps.append((row.valid_from, None))  # what the unit was worth before nobody said
        if row.valid_to is None:
            break
        if later is None:
            steps.append((row.valid_to, row.shares_per_unit))
        elif later.valid_from == row.valid_to and row.shares_per_unit and later.shares_per_unit:
            steps.append((row.valid_to, row.shares_per_unit / later.shares_per_unit))
        else:
            steps.append((row.valid_to, None))
    return steps


def splits_of_shares(splits: Sequence[Split], listings: Sequence[Listing]) -> list[Split]:
    """One company's splits without those that vendors make of a change of the listed unit: the same day, the same ratio."""
    steps = dict(unit_steps(listings))
    return [
        split
        for split in splits
        if (ratio := steps.get(split.ex_date)) is None or abs(split.ratio / ratio - 1) > SAME_RATIO
    ]


class ShareBasis:
    """One company's shares and listed units (an ADS and the like) from one day's basis to another's."""

    def __init__(self, splits: Sequence[Split], listings: Sequence[Listing] = ()) -> None:
        self._listings = sorted(listings, key=lambda row: row.valid_from or date.min)
        self.splits = splits_of_shares(splits, listings)
        self.steps = unit_steps(listings)

    def per_unit(self, day: date) -> float | None:
        """Shares that one listed unit stands for; 1 where the share itself is listed, None where nobody said."""
        for row in self._listings:
            if (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or day < row.valid_to):
                return row.shares_per_unit
        last = self._listings[-1].valid_to if self._listings else date.min
        return 1.0 if last is not None and last <= day else None

    def shares(self, after: date | None, until: date) -> float:
        """Shares on `until` for one share of `after`."""
        return split_factor(self.splits, after, until)

    def listed(self, after: date | None, until: date) -> float | None:
        """Listed units on `until` for one share of `after`; None where the unit is not known."""
        per_unit = self.per_unit(until)
        return None if per_unit is None else self.shares(after, until) / per_unit

    def units(self, after: date | None, until: date) -> float | None:
        """Listed units on `until` for one of `after`; None where a unit between is not known."""
        factor = self.shares(after, until)
        for day, ratio in self.steps:
            if (after is None or after < day) and day <= until:
                if ratio is None:
                    return None
                factor *= ratio
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
