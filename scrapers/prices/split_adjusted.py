"""Closes that a publisher adjusted for all later splits become closes as they were quoted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from treasury.model import ParseError

LARGE_SPLIT = 3.0  # from here on an adjusted price and an unadjusted one cannot be confused

Closes = list[tuple[date, float]]  # oldest first
Splits = Sequence[tuple[date, float]]  # ex-date, and new shares for one old share


def as_quoted(day: date, close: float, splits: Splits, digits: int) -> float:
    """What the close of a day was before the splits after it, to as many significant digits as its publisher's prices have."""
    return float(f"{close * math.prod(ratio for ex_date, ratio in splits if ex_date > day):.{digits}g}")


def check_adjusted(source: str, symbol: str, closes: Closes, splits: Splits) -> None:
    """Raise ParseError where the closes step at a large split as quoted prices do: they were not adjusted for it."""
    for ex_date, ratio in splits:
        before = [close for day, close in closes if day < ex_date and close > 0][-1:]
        after = [close for day, close in closes if day >= ex_date and close > 0][:1]
        if before and after and max(ratio, 1 / ratio) >= LARGE_SPLIT:
            step = (math.log(before[0]) - math.log(after[0])) / math.log(
                ratio
            )  # about 0 where adjusted, about 1 where not
            if step > 0.5:
                raise ParseError(
                    f"{source}: {symbol}: found {before[0]:g} before and {after[0]:g} after the split of {ex_date} by {ratio:g}, "
                    "expected closes adjusted for it; the publisher may not have done so yet: ask again tomorrow"
                )
