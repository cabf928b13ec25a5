"""The runs of a back-test, and what each comes to: trade by trade, day by day, and in sum with how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from treasury.studies.backtest import (
    Signal,
    Strategy,
    daily_profit,
    drawdowns,
    sharpe,
    sharpe_interval,
    simulate,
    walk_forward,
)
from treasury.studies.bootstrap import interval
from treasury.studies.pair_trade import Bar, Trade

BLOCK = 20  # neighbouring days that stay together when the daily profit is drawn again
KNOWN_THEN, WITH_LOOK_AHEAD, FORWARD = "known then", "look-ahead", "forward"
TRADE_COLUMNS = {  # the columns of a trade and their kinds; amounts in US dollars
    "from": "day", "to": "day", "hedge": "text", "price_from": "USD", "price_to": "USD", "btc_from": "USD", "btc_to": "USD",
    "mnav_from": "x", "mnav_to": "x", "share_leg": "USD", "bitcoin_leg": "USD", "multiple": "USD", "drift": "USD", "direction": "USD",
    "carry": "USD", "total": "USD", "open": "flag",
}  # fmt: skip
RUN_BY_TRADE = {"run": "text", **TRADE_COLUMNS, "rule": "text"}
RUN_BY_DAY = {"run": "text", "date": "day", "profit": "USD", "total": "USD", "drawdown": "USD"}
RUN_SUMMARY = {
    "run": "text", "rule": "text", "round_trips": "number", "total": "USD", "mean_trade": "USD", "mean_trade_low": "USD",
    "mean_trade_high": "USD", "mean_day_low": "USD", "mean_day_high": "USD", "tries": "number", "drawdown": "USD", "sharpe": "number",
    "sharpe_low": "number", "sharpe_high": "number",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TestedRun:
    """One way through a stretch of closes: by which rules, on which bars, and the trades that made."""

    name: str
    strategy: Strategy
    bars: Sequence[Bar]
    trades: Sequence[Trade]

    @property
    def rule(self) -> str:
        return f"{self.strategy.enter} until {self.strategy.leave}"

    def profit(self) -> list[float]:
        """Of each bar over the one before, in US dollars."""
        return daily_profit(self.bars, self.trades, self.strategy)

    def by_trade(self) -> Iterator[dict[str, Any]]:
        """A row for each round trip, with the columns of RUN_BY_TRADE."""
        for one in self.trades:
            yield {"run": self.name, **trade_row(one), "rule": self.rule}

    def by_day(self) -> Iterator[dict[str, Any]]:
        """A row for each bar, with the columns of RUN_BY_DAY: `total` is the running sum, `drawdown` how far it lies below its highest."""
        profit = self.profit()
        for bar, made, total, below in zip(self.bars, profit, accumulate(profit), drawdowns(profit), strict=True):
            yield {"run": self.name, "date": str(bar.day), "profit": made, "total": total, "drawdown": below}

    def summary(self, tries: int = 1, seed: int = 0) -> dict[str, Any]:
        """What it came to, with the columns of RUN_SUMMARY. The intervals hold for `tries` rules together; None for too few trades or days."""
        totals = [one.total for one in self.trades]
        profit = self.profit()
        trade_low, trade_high = interval(totals, tries=tries, seed=seed) or (None, None)
        by_day = interval(profit, block=BLOCK, tries=tries, seed=seed) if self.trades else None
        day_low, day_high = by_day or (None, None)
        sharpe_low, sharpe_high = sharpe_interval(profit, BLOCK, tries, seed) or (None, None)
        return {
            "run": self.name, "rule": self.rule, "round_trips": len(totals), "total": sum(totals),
            "mean_trade": sum(totals) / len(totals) if totals else None, "mean_trade_low": trade_low, "mean_trade_high": trade_high,
            "mean_day_low": day_low, "mean_day_high": day_high, "tries": tries, "drawdown": max(drawdowns(profit)),
            "sharpe": sharpe(profit), "sharpe_low": sharpe_low, "sharpe_high": sharpe_high,
        }  # fmt: skip


def runs(
    bars: Sequence[Bar], then: Signal, now: Signal, variants: Sequence[Strategy], folds: int = 4
) -> Iterator[TestedRun]:
    """Every variant on what was known `then`, the first with look-ahead on what is known `now`, and the walk-forward's stretches."""
    for number, variant in enumerate(variants, start=1):
        name = KNOWN_THEN if len(variants) == 1 else f"{KNOWN_THEN} {number}"
        yield TestedRun(name, variant, bars, simulate(bars, then, variant))
    yield TestedRun(WITH_LOOK_AHEAD, variants[0], bars, simulate(bars, now, variants[0], look_ahead=True))
    for number, fold in enumerate(walk_forward(bars, then, variants, folds) if folds else (), start=1):
        stretch = [bar for bar in bars if fold.first.day <= bar.day <= fold.last.day]
        yield TestedRun(f"{FORWARD} {number}", fold.chosen, stretch, fold.trades)


def trade_row(one: Trade) -> dict[str, Any]:
    """One round trip with the columns of TRADE_COLUMNS."""
    return {
        "from": str(one.entry.day), "to": str(one.exit.day), "hedge": one.hedge, "price_from": one.entry.price, "price_to": one.exit.price,
        "btc_from": one.entry.btc_price, "btc_to": one.exit.btc_price, "mnav_from": one.entry.multiple, "mnav_to": one.exit.multiple,
        "share_leg": one.share_leg, "bitcoin_leg": one.bitcoin_leg, "multiple": one.multiple, "drift": one.drift,
        "direction": one.direction, "carry": one.carry, "total": one.total, "open": one.open,
    }  # fmt: skip
