"""mnav pair: long bitcoin and short the share, over a stretch or by rules, and where the profit came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import AMOUNT, DAY, Settings, known_tickers, verb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from treasury.studies.backtest import Signal, Strategy
    from treasury.studies.pair_trade import Bar, Trade

PAIR_COLUMNS = (
    "run", "from", "to", "hedge", "price_from", "price_to", "btc_from", "btc_to", "mnav_from", "mnav_to", "share_leg", "bitcoin_leg",
    "multiple", "drift", "direction", "carry", "total", "open",
)  # fmt: skip
PAIR_SUMMARY = ("run", "rule", "round_trips", "total", "mean_trade", "mean_trade_low", "mean_trade_high", "mean_day_low", "mean_day_high", "tries",
                "drawdown", "sharpe", "sharpe_low", "sharpe_high")  # fmt: skip
PAIR_DAILY = ("run", "date", "profit", "total", "drawdown")
PAIR_HEADERS = {
    "price_from": "share", "price_to": "then", "btc_from": "BTC", "btc_to": "then", "mnav_from": "EV mNAV", "mnav_to": "then",
    "share_leg": "share leg", "bitcoin_leg": "BTC leg", "mean_trade": "a trade", "mean_trade_low": "from", "mean_trade_high": "to",
    "sharpe_low": "from", "sharpe_high": "to", "mean_day_low": "a day from", "mean_day_high": "to", "round_trips": "trips",
}  # fmt: skip
# what a narrow terminal does without, the first first
PAIR_SPARE = (
    "tries",
    "hedge",
    "btc_from",
    "btc_to",
    "price_from",
    "price_to",
    "direction",
    "carry",
    "drift",
    "multiple",
    "mnav_from",
    "mnav_to",
    "open",
)
BLOCK = 20  # neighbouring days that stay together when the daily profit is drawn again


@verb()
@click.argument("tickers", nargs=-1, required=True)
@click.option("--from", "since", type=DAY, default=None, help="First day.")
@click.option("--to", "until", type=DAY, default=None, help="Last day.")
@click.option("--hedge", type=click.Choice(["exact", "coin", "dollar"]), default=None,
              help="Bitcoin against one share: k·b (exact), b (coin), or equal dollars. [default: all three; exact with rules]")  # fmt: skip
@click.option("--notional", type=AMOUNT, default=1_000_000.0, show_default=True, help="US dollars of the share.")
@click.option("--borrow", type=float, default=0.0, help="Per cent a year on what is shorted.")
@click.option("--financing", type=float, default=0.0, help="Per cent a year on what is held.")
@click.option("--fee-bp", type=float, default=0.0, help="Basis points of every dollar traded.")
@click.option("--reverse", is_flag=True, default=False, help="Long the share, short bitcoin.")
@click.option(
    "--exit-price", type=AMOUNT, default=None, help="The share's price at the end instead of the close (US dollars)."
)
@click.option("--exit-btc", type=AMOUNT, default=None, help="The bitcoin price at the end instead of the close's.")
@click.option(
    "--enter", "enters", multiple=True, help='Back-test: a rule such as "mnav_ev > 2.0"; several are variants.'
)
@click.option("--leave", default=None, help='The rule to leave by, such as "mnav_ev < 1.25".')
@click.option("--tries", type=click.IntRange(1), default=1, help="How many rules you looked at before this one.")
@click.option("--folds", type=click.IntRange(0), default=4, show_default=True, help="Stretches out of sample.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
@click.option(
    "--summary", is_flag=True, default=False, help="Back-test: the totals and intervals instead of the trades."
)
@click.option("--daily", is_flag=True, default=False, help="Back-test: profit, running total and drawdown day by day.")
def command(
    settings: Settings, tickers: tuple[str, ...], since: str | None, until: str | None, hedge: str | None, notional: float, borrow: float,
    financing: float, fee_bp: float, reverse: bool, exit_price: float | None, exit_btc: float | None, enters: tuple[str, ...],
    leave: str | None, tries: int, folds: int, seed: int, summary: bool, daily: bool,
) -> None:  # fmt: skip
    """Short the share of each of TICKERS against bitcoin: profit by leg, and as multiple, drift, direction and carry (docs/scenarios.md).
    With --enter and --leave a back-test on what was known, filled at the next close, and the same with look-ahead beside it.

    \b
    Examples: mnav pair MSTR --from 2024-12-02 --to 2025-11-07 --exit-price 222.66 --exit-btc 100000
              mnav pair MSTR --enter "mnav_ev > 2.0" --leave "mnav_ev < 1.25" --summary
              mnav pair MSTR 3350.T --enter "mnav_ev > 1.5" --leave "mnav_ev < 1.1" --daily --csv
    """
    from db import open_database
    from db.feeds.pair_trade import bars
    from scripts.shared.output import emit
    from treasury.model import InputError
    from treasury.studies.backtest import Strategy, rule
    from treasury.studies.pair_trade import HEDGES, Costs, trade

    if bool(enters) != bool(leave):
        raise click.UsageError("a back-test needs both --enter and --leave")
    if notional <= 0 or min(borrow, financing, fee_bp) < 0 or any(one is not None and one <= 0 for one in (exit_price, exit_btc)):  # fmt: skip
        raise click.UsageError("amounts and prices are above nought, costs not below it")
    if len(tickers) > 1 and exit_price is not None:
        raise click.UsageError("--exit-price is of one share: name one company")
    db = open_database(settings.db)
    asked = known_tickers(db, tickers)
    costs = Costs(borrow / 100, financing / 100, fee_bp / 1e4)
    chosen = HEDGES if hedge is None else tuple(one for one in HEDGES if one == hedge)
    variants = [Strategy(rule(enter), rule(leave), chosen[0], notional, costs, reverse) for enter in enters if leave]
    columns = PAIR_COLUMNS[1:-1] if not variants else PAIR_DAILY if daily else PAIR_SUMMARY if summary else PAIR_COLUMNS
    rows: list[dict[str, Any]] = []
    for ticker in asked:
        found = bars(db, ticker, since, until)
        if len(found) < 3:
            raise InputError(f"{ticker} has {len(found)} priced closes in that stretch; a trade needs three")
        of_ticker: list[dict[str, Any]] = []
        if not variants:
            path = [*found[:-1], found[-1].at(exit_price, exit_btc)]
            for pair in chosen:
                try:
                    of_ticker.append(trade_row("hold", trade(path, pair, notional, costs, reverse=reverse)))
                except InputError as unknown:
                    settings.say(str(unknown))
        else:
            then, now = signals(db, ticker, found, variants)
            for name, strategy, stretch, trades in back_test(found, then, now, variants, folds):
                if daily:
                    of_ticker += daily_rows(name, stretch, strategy, trades)
                elif summary:
                    of_ticker.append(summary_row(name, stretch, strategy, trades, max(tries, len(variants)), seed))
                else:
                    of_ticker += [trade_row(name, one) for one in trades]
        rows += [{"ticker": ticker, **row} for row in of_ticker]
    if settings.output == "table":
        rows = [for_people(row) for row in rows]
    if settings.output != "table" or len(asked) > 1:
        columns = ("ticker", *columns)
    emit(rows, columns, settings.output, PAIR_HEADERS, turn=not variants, below=("rule",), spare=PAIR_SPARE)
    side = "bitcoin short, the share long" if reverse else "bitcoin long, the share short"
    settings.say(f"profit in US dollars per ${notional:,.0f} of {', '.join(asked)}'s share, {side}")
    if variants:
        settings.say("look-ahead: hindsight's metrics filled at the same close, which nobody could have traded")


def signals(db: Any, ticker: str, found: Sequence[Bar], variants: Sequence[Strategy]) -> tuple[Signal, Signal]:
    """The metrics of the rules at each bar, as known then and as known now. Raises InputError for an unknown metric."""
    import pandas as pd

    from db.feeds.pair_trade import known_now, known_then
    from treasury.model import InputError

    wanted = sorted({one.metric for variant in variants for one in (variant.enter, variant.leave)})
    try:
        then = known_then(db, ticker, wanted)
    except KeyError as error:
        raise InputError(str(error.args[0])) from None
    now = known_now(db, ticker)
    for name in wanted:
        if not pd.api.types.is_numeric_dtype(then[name]):
            raise InputError(f"{name} is not a number; a rule compares numbers")
        if name not in now:
            now[name] = then[name]  # over time: no hindsight of its own
    days = pd.DatetimeIndex([one.day for one in found])
    return _signal(then.reindex(days)), _signal(now.reindex(days))


def _signal(frame: pd.DataFrame) -> Signal:
    columns = {str(name): frame[name].to_list() for name in frame.columns}
    return lambda metric, at: columns[metric][at]


def back_test(
    found: Sequence[Bar], then: Signal, now: Signal, variants: Sequence[Strategy], folds: int
) -> Iterator[tuple[str, Strategy, Sequence[Bar], Sequence[Trade]]]:
    """Every variant on what was known, the first with look-ahead, and the walk-forward's stretches."""
    from treasury.studies.backtest import simulate, walk_forward

    for variant in variants:
        yield "known then", variant, found, simulate(found, then, variant)
    yield "look-ahead", variants[0], found, simulate(found, now, variants[0], look_ahead=True)
    for number, fold in enumerate(walk_forward(found, then, variants, folds) if folds else (), start=1):
        stretch = [bar for bar in found if fold.first.day <= bar.day <= fold.last.day]
        yield f"forward {number}", fold.chosen, stretch, fold.trades


def trade_row(run: str, one: Trade) -> dict[str, Any]:
    return {
        "run": run, "from": str(one.entry.day), "to": str(one.exit.day), "hedge": one.hedge, "price_from": one.entry.price,
        "price_to": one.exit.price, "btc_from": one.entry.btc_price, "btc_to": one.exit.btc_price, "mnav_from": one.entry.multiple,
        "mnav_to": one.exit.multiple, "share_leg": one.share_leg, "bitcoin_leg": one.bitcoin_leg, "multiple": one.multiple,
        "drift": one.drift, "direction": one.direction, "carry": one.carry, "total": one.total, "open": "open" if one.open else None,
    }  # fmt: skip


def daily_rows(run: str, found: Sequence[Bar], strategy: Strategy, trades: Sequence[Trade]) -> Iterator[dict[str, Any]]:
    from itertools import accumulate

    from treasury.studies.backtest import daily_profit, drawdowns

    profit = daily_profit(found, trades, strategy)
    for bar, made, total, below in zip(found, profit, accumulate(profit), drawdowns(profit), strict=True):
        yield {"run": run, "date": str(bar.day), "profit": made, "total": total, "drawdown": below}


def summary_row(
    run: str, found: Sequence[Bar], strategy: Strategy, trades: Sequence[Trade], tries: int, seed: int
) -> dict[str, Any]:
    from treasury.studies.backtest import daily_profit, drawdowns, sharpe, sharpe_interval
    from treasury.studies.bootstrap import interval

    totals = [one.total for one in trades]
    by_trade = interval(totals, tries=tries, seed=seed)
    profit = daily_profit(found, trades, strategy)
    by_day = interval(profit, block=BLOCK, tries=tries, seed=seed) if trades else None
    low, high = by_trade or (None, None)
    day_low, day_high = by_day or (None, None)
    sharpe_low, sharpe_high = sharpe_interval(profit, BLOCK, tries, seed) or (None, None)
    return {
        "run": run, "rule": f"{strategy.enter} until {strategy.leave}", "round_trips": len(trades), "total": sum(totals),
        "mean_trade": sum(totals) / len(totals) if totals else None, "mean_trade_low": low, "mean_trade_high": high,
        "mean_day_low": day_low, "mean_day_high": day_high, "tries": tries, "drawdown": max(drawdowns(profit)),
        "sharpe": sharpe(profit), "sharpe_low": sharpe_low, "sharpe_high": sharpe_high,
    }  # fmt: skip


def for_people(row: dict[str, Any]) -> dict[str, Any]:
    """Whole dollars, two decimals of prices."""
    shown = dict(row)
    for name, value in row.items():
        if isinstance(value, float):
            shown[name] = f"{value:,.2f}" if name.startswith("price_") else f"{value:.3f}x" if name.startswith("mnav_") else f"{value:.2f}" if name.startswith("sharpe") else f"{round(value):,}"  # fmt: skip
    return shown


if __name__ == "__main__":
    command()
