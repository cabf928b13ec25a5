"""A falling wedge: two falling lines that converge, through the swings of a stretch of closes (docs/metrics.md 7.10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from treasury.bitcoin.technicals import SWING_BARS, Closes, swings


@dataclass(frozen=True, slots=True)
class Line:
    """Price = `at_start` + `per_day` × days since `start`."""

    start: date
    at_start: float
    per_day: float

    def on(self, day: date) -> float:
        return self.at_start + self.per_day * (day - self.start).days


@dataclass(frozen=True, slots=True)
class Wedge:
    """The lines through swing highs and lows from the first of them on; `target` is where a breakout is measured to.

    `broke_out_on` is the first close above the upper line after the last swing, `broke_down_on` the first below the lower
    one, before or after a breakout; None while there is none. The target is
    then the upper line of that day (else of the last one) plus the height where the wedge is widest, at its beginning.
    """

    upper: Line
    lower: Line
    highs: int
    lows: int
    apex: date
    height: float
    broke_out_on: date | None
    broke_down_on: date | None
    target: float

    @property
    def state(self) -> Literal["forming", "broken out", "failed"]:
        if self.broke_down_on is not None:  # a breakout that fell back below the lower line has failed as well
            return "failed"
        return "forming" if self.broke_out_on is None else "broken out"


def falling_wedge(closes: Closes, bars: int = SWING_BARS) -> Wedge | None:
    """The wedge of these closes by least squares through their swings; None where there is none.

    Both lines fall, the upper one faster, neither has crossed the other by the last close, each stands on two swings or more.
    """
    prices = [close for _, close in closes]
    highs, lows = swings(prices, bars, low=False), swings(prices, bars, low=True)
    if len(highs) < 2 or len(lows) < 2:
        return None
    start, last = closes[min(highs[0], lows[0])][0], closes[-1][0]
    upper, lower = _through(closes, highs, start), _through(closes, lows, start)
    if not upper.per_day < lower.per_day < 0 or upper.on(last) <= lower.on(last):
        return None
    height = upper.at_start - lower.at_start
    apex = start + timedelta(days=height / (lower.per_day - upper.per_day))
    after = closes[max(highs[-1], lows[-1]) + 1 :]
    out = next((day for day, close in after if close > upper.on(day)), None)
    down = next((day for day, close in after if close < lower.on(day)), None)
    return Wedge(upper, lower, len(highs), len(lows), apex, height, out, down, upper.on(out or last) + height)


def _through(closes: Closes, at: Sequence[int], start: date) -> Line:
    days = [(closes[one][0] - start).days for one in at]
    prices = [closes[one][1] for one in at]
    middle, level = sum(days) / len(days), sum(prices) / len(prices)
    slope = sum((day - middle) * (price - level) for day, price in zip(days, prices, strict=True)) / sum(
        (day - middle) ** 2 for day in days
    )
    return Line(start, level - slope * middle, slope)
