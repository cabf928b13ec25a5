"""mnav history: one company day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import ALL_ROWS, BITCOIN_PRICE, DAY, Settings, known_ticker, verb
from treasury.amounts import counted

if TYPE_CHECKING:
    import pandas as pd

HISTORY_SPARE = (
    "btc_price",
    "market_cap",
    "btc",
    "mnav_market_cap",
)  # what a narrow terminal does without, the first first
HISTORY_DEFAULT = ("price", "btc_price", "btc", "market_cap", "mnav_market_cap", "mnav_ev", "implied_premium_usd")


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
@click.option(
    "--past",
    is_flag=True,
    default=False,
    help="Each metric against its own past too: z-score, percentile and place in the range of the year before, distance from the five-year median, rank since its first day.",
)
@ALL_ROWS
@BITCOIN_PRICE
def command(
    settings: Settings,
    ticker: str,
    metrics: tuple[str, ...],
    since: str | None,
    until: str | None,
    past: bool,
    everything: bool,
    bitcoin_price: str | None,
) -> None:
    """Print TICKER's inputs and metrics for every close; on a terminal those of the last screen, unless --since or --all asks for more.

    \b
    Examples: mnav history MSTR --metric mnav_ev --metric implied_premium_usd --since 2025-11-01 --until 2025-11-10
              mnav history MSTR --metric mnav_ev --past --since 2025-11-01 --until 2025-11-10
              mnav history MSTR --metric mnav_ev --bitcoin-price publisher --since 2025-11-01 --until 2025-11-10
    """
    from db import open_database
    from db.reads import views
    from scripts.shared.output import emit_last
    from treasury.metrics.adjusted import DAY_BY_DAY

    for name in metrics:
        if name not in DAY_BY_DAY:
            raise click.UsageError(f"unknown metric {name!r}; there are: {', '.join(DAY_BY_DAY)}")
    db = open_database(settings.db)
    ticker = known_ticker(db, ticker)
    columns = list(metrics or HISTORY_DEFAULT)
    rows: list[dict[str, Any]]
    if past or bitcoin_price == "publisher":
        from db.reads import repriced

        read = repriced.daily if bitcoin_price == repriced.PUBLISHER else views.daily
        frame = read(db, ticker, columns, since=None if past else since, until=until)
        if past:
            frame = against_their_past(frame, columns)
            columns = list(frame.columns)
            frame = frame.loc[since:]  # the days before serve as the past
        rows = [{"date": f"{day:%Y-%m-%d}", **frame.loc[day]} for day in frame.index]
    else:
        rows = views.daily_rows(db, ticker, columns, since=since, until=until)
    left = emit_last(
        rows, ["date", *columns], settings.output, asked=everything or since is not None, spare=HISTORY_SPARE
    )
    if not rows:
        from db.reads.absence import why_no_close

        settings.say(why_no_close(db, ticker, since, until))
    elif settings.output == "table":
        settings.say(f"{ticker}: {counted(len(rows), 'close')} from {rows[0]['date']} to {rows[-1]['date']}{left}")


def against_their_past(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The frame with six more columns for every one that holds numbers: NAME_z_1y, NAME_percentile_1y_pct, NAME_range_52w_pct,
    NAME_from_5y_median_pct, NAME_rank (1 is the highest since the first value known) and NAME_rank_of (of how many)."""
    import pandas as pd

    from treasury.metrics.own_past import against_past, columns_of

    parts = []
    for name in columns:
        parts.append(frame[[name]])
        if not pd.api.types.is_numeric_dtype(frame[name]):
            continue
        values = [
            (at.date(), None if pd.isna(value) else float(value))
            for at, value in zip(pd.DatetimeIndex(frame.index), frame[name], strict=True)
        ]
        told = [columns_of(name, now) for _, now in against_past(values)]
        parts.append(pd.DataFrame(told, index=frame.index, dtype=float))
    return pd.concat(parts, axis=1)


if __name__ == "__main__":
    command()
