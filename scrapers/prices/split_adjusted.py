"""Closes that a publisher adjusted for all later splits become closes as they were quoted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from treasury.model import ParseError
from treasury.splits import ADJUSTED, is_large, step_at

Closes = list[tuple[date, float]]  # oldest first
Splits = Sequence[tuple[date, float]]  # ex-date, and new shares for one old share


def as_quoted(day: date, close: float, splits: Splits, digits: int) -> float:
    """What the close of a day was before the splits after it, to as many significant digits as its publisher's prices have."""
    return float(f"{close * math.prod(ratio for ex_date, ratio in splits if ex_date > day):.{digits}g}")


def check_adjusted(source: str, symbol: str, closes: Closes, splits: Splits) -> None:
    """Raise ParseError where the closes step at a large split as quoted prices do: they were not adjusted for it."""
    for ex_date, ratio in splits:
        step = step_at([one for one in closes if one[1] > 0], ex_date, ratio)
        if step is not None and is_large(ratio) and step[2] > ADJUSTED:
            raise ParseError(
                f"{source}: {symbol}: found {step[0]:g} before and {step[1]:g} after the split of {ex_date} by {ratio:g}, "
                "expected closes adjusted for it; the publisher may not have done so yet: ask again tomorrow"
            )
