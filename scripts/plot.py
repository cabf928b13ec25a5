"""mnav plot: draw a chart from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.drawing import default_path, draw, frame_of, rows_of
from scripts.shared.options import BITCOIN_PRICE, DAY, Settings, known_tickers, verb

if TYPE_CHECKING:
    from treasury.charts import Chart


@verb()
@click.argument("chart", required=False)
@click.argument("tickers", nargs=-1)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    help="A .png, .svg, .pdf or .jpg file [default: in mnav-charts/].",
)
@click.option(
    "--metric",
    default=None,
    metavar="COLUMN",
    help="Any column of mnav_daily that is a number [default: the chart's own].",
)
@click.option("--since", type=DAY, default=None, help="First day.")
@click.option("--until", type=DAY, default=None, help="Last day.")
@click.option("--on", type=DAY, default=None, help="The day of a chart about one day.")
@BITCOIN_PRICE
@click.option("--log", is_flag=True, default=None, help="Logarithmic scale.")
@click.option("--list", "list_charts", is_flag=True, default=False, help="List the charts there are.")
def command(
    settings: Settings, chart: str | None, tickers: tuple[str, ...], output: str | None, list_charts: bool, **given: Any
) -> None:
    """Draw CHART for the given TICKERS; `--list` says which charts there are and what they take.

    With --json or --csv the numbers it draws are printed, and it is drawn only where -o names a file.

    \b
    Examples: mnav plot mnav MSTR
              mnav plot mnav MSTR 3350.T --metric mnav_market_cap -o both.svg
              mnav plot mnav MSTR --metric loan_to_value
              mnav plot mnav MSTR --bitcoin-price publisher -o published.png
              mnav plot league -o league.png
              mnav plot premium MSTR --since 2025-11-01 --csv
    """
    from treasury.charts import CHARTS as KNOWN

    if list_charts:
        from scripts.shared.output import emit

        rows = [
            {
                "chart": drawing.name,
                "companies": drawing.companies,
                "options": " ".join(sorted(options_of(drawing))).replace("_", "-"),
                "shows": drawing.meaning,
            }
            for drawing in KNOWN.values()
        ]
        emit(rows, ["chart", "companies", "options", "shows"], settings.output, below=("shows",))
        return
    if chart not in KNOWN:
        raise click.UsageError(
            f"unknown chart {chart!r}; there are: {', '.join(KNOWN)}" if chart else "which chart? see mnav plot --list"
        )
    options = {name: value for name, value in given.items() if value is not None}
    _refuse_unfit(KNOWN[chart], tickers, options)
    from pathlib import Path

    from db import open_database
    from db.reads import views
    from treasury.metrics.adjusted import ADJUSTED_SUFFIX, ON_TODAYS_BASIS

    db = open_database(settings.db)
    known = known_tickers(db, tickers)
    _refuse_several(KNOWN[chart], known)  # of a watch list
    if settings.output != "table":
        from scripts.shared.output import emit

        columns, rows = rows_of(frame_of(db, chart, known, **options))
        emit(rows, columns, settings.output)
        if output:
            draw(db, chart, known, Path(output), settings.say, **options)
        return
    path = Path(output) if output else default_path(settings, chart, known)
    click.echo(draw(db, chart, known, path, settings.say, **options))
    metric = options.get("metric")
    if metric is not None and f"{metric}{ADJUSTED_SUFFIX}" in ON_TODAYS_BASIS:
        for ticker in known:
            if steps := views.share_steps(db, ticker, options.get("since"), options.get("until")):
                settings.say(
                    f"{ticker}: {metric} is of each day's own shares and steps on {', '.join(steps)}; --metric {metric}{ADJUSTED_SUFFIX} does not"
                )


def options_of(chart: Chart) -> set[str]:
    """The options of `mnav plot` that a chart takes: its own, and those of the query that makes its frame."""
    import inspect

    from db.feeds import charts as frames

    asked = set(inspect.signature(getattr(frames, chart.frame)).parameters) - {"db", "tickers", "columns"}
    return asked | set(chart.options)


def _flag(option: str) -> str:
    return f"--{option.replace('_', '-')}"


def _refuse_several(chart: Chart, tickers: tuple[str, ...]) -> None:
    if chart.companies == "one" and len(tickers) > 1:
        raise click.UsageError(f"{chart.name} is about one company; draw it once for each")


def _refuse_unfit(chart: Chart, tickers: tuple[str, ...], options: dict[str, Any]) -> None:
    if chart.companies == "none" and tickers:
        raise click.UsageError(f"{chart.name} is about bitcoin itself: give no ticker")
    if chart.companies in ("one", "some") and not tickers:
        raise click.UsageError("which companies? give at least one ticker")
    _refuse_several(chart, tickers)
    taken = options_of(chart)
    for name in options:
        if name not in taken:
            raise click.UsageError(
                f"{chart.name} takes no {_flag(name)}; it takes: {', '.join(map(_flag, sorted(taken)))}"
            )
    from treasury.metrics.adjusted import DAY_BY_DAY

    metric = options.get("metric")
    if metric is not None and (metric not in DAY_BY_DAY or not DAY_BY_DAY[metric].numeric):
        numeric = ", ".join(name for name, column in DAY_BY_DAY.items() if column.numeric)
        raise click.UsageError(f"{metric!r} is no number of mnav_daily; there are: {numeric}")


if __name__ == "__main__":
    command()
