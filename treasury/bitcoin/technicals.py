"""What chartists read off closes: weekly averages, RSI, swings and divergences, drawdown, realised volatility (docs/metrics.md 7.10)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

RSI_BARS = 14
SWING_BARS = 5  # closes on either side that a swing must stand out from
SUNDAY = 6
Closes = Sequence[tuple[date, float]]


@dataclass(frozen=True, slots=True)
class Divergence:
    """Price and RSI disagree over two swings in a row. Nobody could know it before `confirmed_on`, the bar that made the swing."""

    kind: Literal["bullish", "bearish"]
    first: date
    second: date
    first_price: float
    second_price: float
    first_rsi: float
    second_rsi: float
    confirmed_on: date


def weekly(closes: Closes) -> list[tuple[date, float]]:
    """The closes of Sundays, bitcoin's week (23:59 UTC). A week whose Sunday is unknown has none."""
    return [(day, close) for day, close in closes if day.weekday() == SUNDAY]


def average(closes: Closes, bars: int, every_days: int = 1) -> float | None:
    """The simple mean of the last `bars` closes; None where there are fewer, or where one is missing between them."""
    if len(closes) < bars:
        return None
    used = closes[-bars:]
    if (used[-1][0] - used[0][0]).days != (bars - 1) * every_days:
        return None
    return math.fsum(close for _, close in used) / bars


def rsi(closes: Sequence[float], bars: int = RSI_BARS) -> list[float | None]:
    """Wilder's RSI of each close: seeded with the plain mean of the first `bars` moves, then (13 × before + now) / 14.

    None for the first `bars` closes. 100 where nothing fell, 50 where nothing moved.
    """
    found: list[float | None] = [None] * min(len(closes), bars)
    if len(closes) <= bars:
        return found
    moves = [after - before for before, after in pairwise(closes)]
    gain = math.fsum(max(move, 0.0) for move in moves[:bars]) / bars
    loss = math.fsum(max(-move, 0.0) for move in moves[:bars]) / bars
    found.append(_strength(gain, loss))
    for move in moves[bars:]:
        gain = ((bars - 1) * gain + max(move, 0.0)) / bars
        loss = ((bars - 1) * loss + max(-move, 0.0)) / bars
        found.append(_strength(gain, loss))
    return found


def _strength(gain: float, loss: float) -> float:
    if loss == 0:
        return 100.0 if gain > 0 else 50.0
    return 100 - 100 / (1 + gain / loss)


def swings(values: Sequence[float], bars: int = SWING_BARS, *, low: bool) -> list[int]:
    """The positions whose value lies below (low) or above all `bars` values on either side."""
    sign = 1 if low else -1
    found = []
    for at in range(bars, len(values) - bars):
        around = (*values[at - bars : at], *values[at + 1 : at + 1 + bars])
        if all(sign * values[at] < sign * other for other in around):
            found.append(at)
    return found


def divergences(closes: Closes, bars: int = SWING_BARS) -> list[Divergence]:
    """Every pair of neighbouring swings at which price and RSI disagree, oldest first.

    Bullish: a lower low of price with a higher low of RSI. Bearish: a higher high of price with a lower high of RSI.
    """
    prices = [close for _, close in closes]
    strength = rsi(prices)
    found: list[Divergence] = []
    sides: tuple[tuple[Literal["bullish", "bearish"], bool, int], ...] = (("bullish", True, 1), ("bearish", False, -1))
    for kind, low, sign in sides:
        at = swings(prices, bars, low=low)
        for first, second in pairwise(at):
            was, now = strength[first], strength[second]
            if was is None or now is None:
                continue
            if sign * prices[second] < sign * prices[first] and sign * now > sign * was:
                found.append(
                    Divergence(
                        kind, closes[first][0], closes[second][0], prices[first], prices[second], was, now,
                        closes[second + bars][0],
                    )
                )  # fmt: skip
    return sorted(found, key=lambda one: one.confirmed_on)


def drawdown(closes: Closes) -> tuple[float, date, float] | None:
    """The last close against the highest one (a share below nought), the day of that high, and the high; None without closes."""
    if not closes:
        return None
    high_on, high = max(closes, key=lambda one: one[1])
    return closes[-1][1] / high - 1, high_on, high


def realised_volatility(closes: Closes, days: int) -> float | None:
    """The sample deviation of the last `days` daily log returns, a year of 365 days; None where a day is missing."""
    if len(closes) < days + 1 or (closes[-1][0] - closes[-days - 1][0]).days != days:
        return None
    return _yearly_deviation([close for _, close in closes[-days - 1 :]], 365)


def session_volatility(closes: Closes, sessions: int) -> float | None:
    """The same of something with sessions: the last `sessions` log returns, a year of 252 of them; None with fewer."""
    return _yearly_deviation([close for _, close in closes[-sessions - 1 :]], 252) if len(closes) > sessions else None


def _yearly_deviation(closes: list[float], year: int) -> float:
    returns = [math.log(after / before) for before, after in pairwise(closes)]
    mean = math.fsum(returns) / len(returns)
    return math.sqrt(math.fsum((one - mean) ** 2 for one in returns) / (len(returns) - 1) * year)


def levels(closes: Closes) -> dict[str, float | None]:
    """The levels of the market people stress at: the last close, the highest one, the 50- and 100-week averages."""
    weeks = weekly(closes)
    return {
        "now": closes[-1][1] if closes else None,
        "high": max((close for _, close in closes), default=None),
        "50w": average(weeks, 50, 7),
        "100w": average(weeks, 100, 7),
    }
