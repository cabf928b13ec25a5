"""mnav plot: draw a chart from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts.options import CHARTS, DAY, Settings, known_tickers, verb

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlite_utils import Database


@verb()
@click.argument("chart", required=False)
@click.argument("tickers", nargs=-1)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    help="A .png or .svg file [default: in mnav-charts/].",
)
@click.option("--metric", default="mnav_ev", show_default=True, help="Which multiple to draw.")
@click.option("--since", type=DAY, default=None, help="First day.")
@click.option("--until", type=DAY, default=None, help="Last day.")
@click.option("--log", is_flag=True, default=False, help="Logarithmic scale.")
@click.option("--list", "list_charts", is_flag=True, default=False, help="List the charts there are.")
def command(
    settings: Settings, chart: str | None, tickers: tuple[str, ...], output: str | None, metric: str, since: str | None,
    until: str | None, log: bool, list_charts: bool,
) -> None:  # fmt: skip
    """Draw CHART for the given TICKERS.

    \b
    Examples: mnav plot mnav MSTR
              mnav plot mnav MSTR 3350.T --metric mnav_market_cap -o both.svg
    """
    from treasury.charts import CHARTS as KNOWN

    if list_charts:
        from scripts.output import emit

        emit([{"chart": one.name, "shows": one.meaning} for one in KNOWN.values()], ["chart", "shows"], settings.output)
        return
    if chart not in KNOWN:
        raise click.UsageError(
            f"unknown chart {chart!r}; there are: {', '.join(KNOWN)}" if chart else "which chart? see mnav plot --list"
        )
    if not tickers:
        raise click.UsageError("which companies? give at least one ticker")
    from pathlib import Path

    from db import open_database

    db = open_database(settings.db)
    if chart == "vintage":
        for ticker in known_tickers(db, tickers):
            if output and len(tickers) > 1:
                raise click.UsageError("the vintage chart is of one company: with -o give one ticker")
            click.echo(
                draw_vintage(
                    db, ticker, Path(output) if output else default_path(settings, f"vintage-{ticker}"), metric, since
                )
            )
        return
    path = draw_mnav(
        db,
        known_tickers(db, tickers),
        Path(output) if output else default_path(settings, f"{chart}-{'-'.join(tickers)}"),
        metric,
        since,
        until,
        log,
        settings.say,
    )
    click.echo(path)


def draw_mnav(
    db: Database,
    tickers: tuple[str, ...],
    path: Path,
    metric: str = "mnav_ev",
    since: str | None = None,
    until: str | None = None,
    log: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Path:
    """Draw the mnav chart from the database into a file; `say` is told which companies it had to leave out."""
    import pandas as pd

    from db import query
    from treasury.charts import CHARTS as KNOWN
    from treasury.charts import save
    from treasury.metric import METRICS
    from treasury.model import InputError

    if metric not in METRICS or METRICS[metric].unit != "x":
        multiples = ", ".join(name for name, one in METRICS.items() if one.unit == "x")
        raise click.UsageError(f"{metric!r} is not a multiple; there are: {multiples}")
    frames = {ticker: query.daily(db, ticker, [metric], since=since, until=until)[metric] for ticker in tickers}
    multiples_ = pd.DataFrame(frames)
    meaning = METRICS[metric].meaning
    try:
        figure = KNOWN["mnav"].draw(
            multiples_,
            metric=metric,
            label=METRICS[metric].label,
            meaning=meaning,
            source="Data: mnav, point-in-time, at each exchange's close.",
            log=log,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        save(figure, path)
    except ValueError as error:
        raise InputError(str(error)) from None
    for ticker in multiples_.columns[multiples_.isna().all()]:
        say(f"{metric} is not known on any day of {ticker}: left out")
    return path


def draw_vintage(db: Database, ticker: str, path: Path, metric: str = "mnav_ev", since: str | None = None) -> Path:
    """Draw one company's multiple from what was known then and from what is known now."""
    from db.vintage import vintages
    from treasury.charts import CHARTS as KNOWN
    from treasury.charts import save
    from treasury.metric import METRICS
    from treasury.model import InputError

    if metric not in METRICS or METRICS[metric].unit != "x":
        raise click.UsageError(f"{metric!r} is not a multiple")
    one = METRICS[metric]
    try:
        figure = KNOWN["vintage"].draw(
            vintages(db, ticker, metric, since),
            name=ticker,
            metric=metric,
            label=one.label,
            meaning=one.meaning,
            source="Data: mnav, at each exchange's close.",
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        save(figure, path)
    except ValueError as error:
        raise InputError(str(error)) from None
    return path


def default_path(settings: Settings, stem: str) -> Path:
    return settings.db.parent / CHARTS / f"{stem}.png"


if __name__ == "__main__":
    command()
