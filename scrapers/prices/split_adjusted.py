"""Closes that a publisher adjusted for all later splits become closes as they were quoted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

from treasury.intake.plausible import SAME_SPLIT_DAYS
from treasury.model import ParseError
from treasury.splits import ADJUSTED, is_large, step_at

NO_PRICE = "no share closes there: a row without a price"
SAME_SPLIT = timedelta(days=SAME_SPLIT_DAYS)  # between the days that two sources give for one split
TELLING = 1.5  # a ratio from which on the closes tell whether they were adjusted

Closes = list[tuple[date, float]]  # oldest first
Splits = Sequence[tuple[date, float]]  # ex-date, and new shares for one old share


def as_quoted(day: date, close: float, splits: Splits, digits: int) -> float:
    """What the close of a day was before the splits after it, to as many significant digits as its publisher's prices have."""
    return float(f"{close * math.prod(ratio for ex_date, ratio in splits if ex_date > day):.{digits}g}")


def as_traded(day: date, volume: float, splits: Splits) -> float:
    """What was traded on a day, in the shares of that day: volumes are adjusted for the splits after it as closes are."""
    return float(round(volume / math.prod(ratio for ex_date, ratio in splits if ex_date > day)))


def check_adjusted(source: str, symbol: str, closes: Closes, splits: Splits) -> None:
    """Raise ParseError where the closes step at a large split as quoted prices do: they were not adjusted for it."""
    for ex_date, ratio in splits:
        step = step_at([one for one in closes if one[1] > 0], ex_date, ratio)
        if step is not None and is_large(ratio) and step[2] > ADJUSTED:
            raise ParseError(
                f"{source}: {symbol}: found {step[0]:g} before and {step[1]:g} after the split of {ex_date} by {ratio:g}, "
                "expected closes adjusted for it; the publisher may not have done so yet: ask again tomorrow"
            )


def undone(closes: Closes, listed: Splits, stored: Splits) -> list[tuple[date, float]]:
    """The splits that closes were adjusted for: those their publisher lists, and those stored that it forgot or turned over.

    The closes about a split tell which ratio they were adjusted by: the one that makes them step as quoted closes do.
    """
    found: list[tuple[date, float]] = []
    for ex_date, ratio in listed:
        filed = next((had for day, had in stored if abs(day - ex_date) <= SAME_SPLIT), ratio)
        found.append((ex_date, _adjusted_by(closes, ex_date, filed, (filed, ratio))))
    for ex_date, ratio in stored:
        if (
            closes
            and closes[0][0] < ex_date <= closes[-1][0]
            and not any(abs(day - ex_date) <= SAME_SPLIT for day, _ in listed)
        ):
            candidates = (ratio, 1.0) if max(ratio, 1 / ratio) >= TELLING else (ratio,)
            found.append((ex_date, _adjusted_by(closes, ex_date, ratio, candidates)))
    return sorted(found)


def _adjusted_by(closes: Closes, ex_date: date, true: float, candidates: Sequence[float]) -> float:
    """The ratio by which the closes before a split were adjusted; the first of the candidates where they do not tell."""
    step = step_at([one for one in closes if one[1] > 0], ex_date, true)
    if step is None:
        return candidates[0]
    return min(candidates, key=lambda ratio: abs(step[2] + math.log(ratio) / math.log(true) - 1))
