"""mnav history: one company day by day."""

from __future__ import annotations

from typing import Any

import click

from scripts.shared.options import BITCOIN_PRICE, DAY, Settings, known_tickers, verb

DEFAULT = ("price", "btc_price", "btc", "market_cap", "mnav_market_cap", "mnav_ev", "implied_premium_usd")


@verb()
@click.argument("ticker")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="COLUMN",
    help="Columns of mnav_daily to print (repeatable); mnav metrics lists them.",
)
@click.option("--since", type=DAY, default=None, help="First day.")
@click.option("--until", type=DAY, default=None, help="Last day.")
@BITCOIN_PRICE
def command(
    settings: Settings,
    ticker: str,
    metrics: tuple[str, ...],
    since: str | None,
    until: str | None,
    bitcoin_price: str | None,
) -> None:
    """Print TICKER's inputs and metrics for every close.

    \b
    Examples: mnav history MSTR --metric mnav_ev --metric implied_premium_usd --since 2025-11-01 --until 2025-11-10
              mnav history MSTR --metric mnav_ev --bitcoin-price publisher --since 2025-11-01 --until 2025-11-10
    """
    from db import open_database
    from db.derived.views import DAILY_COLUMNS
    from db.reads import repriced, views
    from scripts.shared.output import emit

    for name in metrics:
        if name not in DAILY_COLUMNS:
            raise click.UsageError(f"unknown metric {name!r}; there are: {', '.join(DAILY_COLUMNS)}")
    db = open_database(settings.db)
    (ticker,) = known_tickers(db, (ticker,))
    columns = list(metrics or DEFAULT)
    read = repriced.daily if bitcoin_price == repriced.PUBLISHER else views.daily
    frame = read(db, ticker, columns, since=since, until=until)
    rows: list[dict[str, Any]] = [{"date": f"{day:%Y-%m-%d}", **frame.loc[day]} for day in frame.index]
    emit(rows, ["date", *columns], settings.output)
    if not rows:
        settings.say(f"{ticker} has no valued close in that span")


if __name__ == "__main__":
    command()
