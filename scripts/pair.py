"""mnav pair: long bitcoin and short the share, over a stretch or by rules, and where the profit came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import ALL_ROWS, AMOUNT, DAY, Between, Settings, known_tickers, verb
from treasury.amounts import in_unit, with_minus

if TYPE_CHECKING:
    from collections.abc import Sequence


PAIR_HEADERS = {
    "price_from": "share", "price_to": "then", "btc_from": "BTC", "btc_to": "then", "mnav_from": "EV mNAV", "mnav_to": "then",
    "share_leg": "share leg", "bitcoin_leg": "BTC leg", "round_trips": "trips", "mean_trade": "a trade", "trade_interval": "a trade (95 %)",
    "day_interval": "a day (95 %)", "sharpe_interval": "Sharpe (95 %)", "sharpe": "Sharpe",
}  # fmt: skip
# a column for people: the low and high of programs
INTERVALS = {"trade_interval": "mean_trade", "day_interval": "mean_day", "sharpe_interval": "sharpe"}
# what a narrow terminal does without, the first first
PAIR_SPARE = (
    "tries",
    "day_interval",
    "trade_interval",
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


@verb()
@click.argument("tickers", nargs=-1, required=True)
@click.option("--from", "since", type=DAY, default=None, help="First day.")
@click.option("--to", "until", type=DAY, default=None, help="Last day.")
@click.option("--hedge", type=click.Choice(["exact", "coin", "dollar"]), default=None,
              help="Bitcoin against one share: k·b (exact), b (coin), or equal dollars. [default: all three; exact with rules]")  # fmt: skip
@click.option("--notional", type=AMOUNT, default=1_000_000.0, show_default=True, help="US dollars of the share.")
@click.option("--borrow", type=Between(0, 1000), default=0.0, help="Per cent a year on what is shorted.")
@click.option("--financing", type=Between(0, 1000), default=0.0, help="Per cent a year on what is held.")
@click.option("--fee-bp", type=Between(0, 10_000), default=0.0, help="Basis points of every dollar traded.")
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
@ALL_ROWS
@click.option("--daily", is_flag=True, default=False, help="Back-test: profit, running total and drawdown day by day.")
def command(
    settings: Settings, tickers: tuple[str, ...], since: str | None, until: str | None, hedge: str | None, notional: float, borrow: float,
    financing: float, fee_bp: float, reverse: bool, exit_price: float | None, exit_btc: float | None, enters: tuple[str, ...],
    leave: str | None, tries: int, folds: int, seed: int, summary: bool, everything: bool, daily: bool,
) -> None:  # fmt: skip
    """Short the share of each of TICKERS against bitcoin: profit by leg, and as multiple, drift, direction and carry (docs/scenarios.md).
    With --enter and --leave a back-test on what was known, filled at the next close, and the same with look-ahead beside it.

    \b
    Examples: mnav pair MSTR --from 2024-12-02 --to 2025-11-07 --exit-price 222.66 --exit-btc 100000
              mnav pair MSTR --enter "mnav_ev > 2.0" --leave "mnav_ev < 1.25" --summary
              mnav pair MSTR 3350.T --enter "mnav_ev > 1.5" --leave "mnav_ev < 1.1" --daily --csv
    """
    from db import open_database
    from db.feeds.pair_trade import back_test, enough_bars
    from scripts.shared.output import emit_last
    from treasury.model import InputError
    from treasury.studies.backtest import Strategy, rule
    from treasury.studies.pair_trade import HEDGES, costs_asked, trade
    from treasury.studies.runs import RUN_BY_DAY, RUN_BY_TRADE, RUN_SUMMARY, TRADE_COLUMNS, TestedRun, trade_row

    if bool(enters) != bool(leave):
        raise click.UsageError("a back-test needs both --enter and --leave")
    if any(one is not None and one <= 0 for one in (exit_price, exit_btc)):
        raise click.UsageError("a price is above 0")
    if len(tickers) > 1 and exit_price is not None:
        raise click.UsageError("--exit-price is of one share: name one company")
    db = open_database(settings.db)
    asked = known_tickers(db, tickers)
    try:
        costs = costs_asked(notional, borrow, financing, fee_bp)
    except InputError as wrong:
        raise click.UsageError(str(wrong)) from None
    chosen = HEDGES if hedge is None else tuple(one for one in HEDGES if one == hedge)
    variants = [Strategy(rule(enter), rule(leave), chosen[0], notional, costs, reverse) for enter in enters if leave]
    columns: Sequence[str]
    if variants:
        made = back_test(db, asked, variants, since, until, folds=folds, tries=tries, seed=seed)
        columns = list(RUN_BY_DAY if daily else RUN_SUMMARY if summary else RUN_BY_TRADE)
        rows = list(made.rows(TestedRun.by_day if daily else made.totals if summary else TestedRun.by_trade))
    else:
        columns = [name for name in TRADE_COLUMNS if name != "open"]
        rows = []
        for ticker in asked:
            path = enough_bars(db, ticker, since, until)
            path[-1] = path[-1].at(exit_price, exit_btc)
            for pair in chosen:
                try:
                    rows.append({"ticker": ticker, **trade_row(trade(path, pair, notional, costs, reverse=reverse))})
                except InputError as unknown:
                    settings.say(str(unknown))
    if settings.output == "table":
        rows = [for_people(row) for row in rows]
        columns = _of_people(columns, several=len(variants) > 1)
    if settings.output != "table" or len(asked) > 1:
        columns = ["ticker", *columns]
    rows = [{**row, "open": "open" if row.get("open") else None} for row in rows]
    left = emit_last(
        rows,
        columns,
        settings.output,
        PAIR_HEADERS,
        asked=everything or since is not None,
        turn=not variants,
        below=("rule",),
        spare=PAIR_SPARE,
        right=tuple(INTERVALS),
    )
    side = "bitcoin short, the share long" if reverse else "bitcoin long, the share short"
    settings.say(f"profit in US dollars per ${notional:,.0f} of the share of {', '.join(asked)}, {side}{left}")
    if variants:
        settings.say("look-ahead: hindsight's metrics filled at the same close, which nobody could have traded")
        if summary and made.tries > 1:
            settings.say(f"each interval holds for {made.tries} rules together")


def _of_people(columns: Sequence[str], *, several: bool) -> list[str]:
    """An interval as one column, and the rule where there are several."""
    shown = [name for name in columns if name != "rule" or several]
    lows = {f"{of}_low": name for name, of in INTERVALS.items()}
    return [lows.get(name, name) for name in shown if not name.endswith("_high")]


def for_people(row: dict[str, Any]) -> dict[str, Any]:
    """Whole dollars, two decimals of prices and ratios; intervals in one cell."""
    from scripts.shared.output import span

    shown = {name: told(name, value) if isinstance(value, float) else value for name, value in row.items()}
    for name, of in INTERVALS.items():
        shown[name] = span(shown.get(f"{of}_low"), shown.get(f"{of}_high"))
    return shown


def told(name: str, value: float) -> str:
    if name.startswith("mnav_"):
        return in_unit(value, "x")
    return with_minus(f"{value:,.2f}" if name.startswith(("price_", "sharpe")) else f"{round(value):,}")


if __name__ == "__main__":
    command()
