"""Entry and exit rules on what was known, filled at the next close; how it goes out of sample, and what hindsight would show."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import fmean, stdev
from typing import Any

from treasury.model import InputError
from treasury.studies.bootstrap import interval
from treasury.studies.pair_trade import NO_COSTS, Bar, Costs, Hedge, Trade, hedge_ratio, trade

SESSIONS_A_YEAR = 252
_RULE = re.compile(r"\s*([a-z_0-9]+)\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*", re.ASCII)
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TradeRule:
    """A metric against a level, such as mnav_ev > 2."""

    metric: str
    sign: str
    level: float

    def holds(self, value: float | None) -> bool:
        """Whether it is met; what is not known meets no rule."""
        return value is not None and value == value and _COMPARE[self.sign](value, self.level)

    def __str__(self) -> str:
        return f"{self.metric} {self.sign} {self.level:g}"


def rule(text: str) -> TradeRule:
    """Read "mnav_ev > 2.0". Raises InputError."""
    match = _RULE.fullmatch(text)
    if match is None:
        raise InputError(f"{text!r} is not a rule; write a metric, one of < <= > >=, and a number: mnav_ev > 2.0")
    return TradeRule(match[1], match[2], float(match[3]))


@dataclass(frozen=True, slots=True)
class Strategy:
    """When to be in the trade, and how. `enter` and `leave` are rules on the signals given to `simulate`."""

    enter: TradeRule
    leave: TradeRule
    hedge: Hedge = "exact"
    notional: float = 1_000_000.0
    costs: Costs = NO_COSTS
    reverse: bool = False


Signal = Callable[[str, int], float | None]  # a metric at a bar, as it was known at that bar's close


def simulate(bars: Sequence[Bar], signal: Signal, strategy: Strategy, *, look_ahead: bool = False) -> list[Trade]:
    """Every round trip. A signal at one close is filled at the next one; one still open at the end is marked there.

    `look_ahead` fills at the very close that gave the signal, which nobody can: the counter-example.
    """
    found: list[Trade] = []
    entered: int | None = None
    delay = 0 if look_ahead else 1
    for at in range(len(bars) - delay):
        fill = at + delay
        if entered is None:
            wanted = strategy.enter.holds(signal(strategy.enter.metric, at))
            if wanted and fill < len(bars) - 1 and hedge_ratio(bars[fill], strategy.hedge) is not None:
                entered = fill
        elif fill > entered and strategy.leave.holds(signal(strategy.leave.metric, at)):
            found.append(_trade(bars[entered : fill + 1], strategy))
            entered = None
    if entered is not None:
        found.append(_trade(bars[entered:], strategy, still_open=True))
    return found


def _trade(path: Sequence[Bar], strategy: Strategy, *, still_open: bool = False) -> Trade:
    return trade(
        path, strategy.hedge, strategy.notional, strategy.costs, reverse=strategy.reverse, still_open=still_open
    )


def daily_profit(bars: Sequence[Bar], trades: Sequence[Trade], strategy: Strategy) -> list[float]:
    """The profit of each bar over the one before, nought outside a trade; adds up to the trades' totals, costs included."""
    index = {bar.day: at for at, bar in enumerate(bars)}
    profit = [0.0] * len(bars)
    for step in trades:
        start, end = index[step.entry.day], index[step.exit.day]
        running = 0.0
        for at in range(start + 1, end + 1):
            so_far = _trade(bars[start : at + 1], strategy).total
            profit[at] += so_far - running
            running = so_far
    return profit


def drawdowns(profit: Sequence[float]) -> list[float]:
    """By how much the running total lies below its highest so far, after each day; nought at a new high."""
    totals = list(accumulate(profit))
    return [high - total for high, total in zip(accumulate(totals, max, initial=0.0), [0.0, *totals], strict=True)][1:]


def sharpe(profit: Sequence[float]) -> float | None:
    """Mean over standard deviation of a day's profit, by the year; None where all days are alike. Days outside a trade count as nought."""
    spread = stdev(profit) if len(profit) > 1 else 0.0
    return fmean(profit) / spread * SESSIONS_A_YEAR**0.5 if spread else None


def sharpe_interval(profit: Sequence[float], block: int, tries: int = 1, seed: int = 0) -> tuple[float, float] | None:
    """The interval of the same, neighbouring days drawn together; None where no day had a profit or a loss."""
    if sharpe(profit) is None:
        return None

    def ratio(drawn: Any) -> Any:
        spread = drawn.std(axis=1, ddof=1)
        spread[spread == 0] = float("inf")  # a draw without a trade earned nothing
        return drawn.mean(axis=1) / spread * SESSIONS_A_YEAR**0.5

    return interval(profit, block=block, tries=tries, seed=seed, of=ratio)


@dataclass(frozen=True, slots=True)
class Fold:
    """One stretch out of sample: the variant that did best before it, and what it then did."""

    first: Bar
    last: Bar
    chosen: Strategy
    profit_before: float
    trades: tuple[Trade, ...]

    @property
    def profit(self) -> float:
        return sum(one.total for one in self.trades)


def walk_forward(bars: Sequence[Bar], signal: Signal, variants: Sequence[Strategy], folds: int = 4) -> list[Fold]:
    """Choose on all bars before a stretch, trade the stretch, go on; the first of `folds` + 1 stretches only chooses."""
    edges = [len(bars) * at // (folds + 1) for at in range(folds + 2)]
    found = []
    for start, end in pairwise(edges[1:]):
        if end - start < 3:
            continue
        past = bars[:start]
        results = [sum(one.total for one in simulate(past, signal, variant)) for variant in variants]
        best = max(range(len(variants)), key=lambda at: (results[at], -at))
        stretch = bars[start:end]
        trades = simulate(stretch, _from(signal, start), variants[best])
        found.append(Fold(stretch[0], stretch[-1], variants[best], results[best], tuple(trades)))
    return found


def _from(signal: Signal, start: int) -> Signal:
    """The same signals for bars counted from `start`."""
    return lambda metric, at: signal(metric, start + at)
