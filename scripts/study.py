"""mnav study: what the multiple and satoshis per share did after issues, purchases and sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts.shared.options import Settings, known_tickers, verb

if TYPE_CHECKING:
    from sqlite_utils import Database

    from treasury.studies.events import Reaction

STUDY_SUMMARY = (
    "metric",
    "kind",
    "closes_after",
    "events",
    "companies",
    "mean",
    "mean_low",
    "mean_high",
    "median",
    "risen",
)
STUDY_HEADERS = {"closes_after": "after", "mean_low": "from", "mean_high": "to"}
EVENTS = ("ticker", "kind", "date", "size_pct", "metric", "base", "after_0", "after_5", "after_20")
STUDIED = ("mnav_market_cap", "sats_per_share")


@verb()
@click.argument("tickers", nargs=-1)
@click.option("--metric", "metrics", multiple=True, default=STUDIED, show_default=True, help="Columns of mnav_daily; those in per cent or dollars of premium by difference, others by per cent.")  # fmt: skip
@click.option("--least", type=click.FloatRange(min=0, min_open=True), default=1.0, show_default=True, help="Smallest event, per cent of shares or bitcoin.")  # fmt: skip
@click.option("--events", "by_event", is_flag=True, default=False, help="Every event instead of the sums.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
def command(
    settings: Settings, tickers: tuple[str, ...], metrics: tuple[str, ...], least: float, by_event: bool, seed: int
) -> None:
    """Issues, purchases and sales of the TICKERS (default: everyone) and the change of each metric from the close before
    to the first close at which it was known, and 5 and 20 closes later (docs/scenarios.md).

    \b
    Examples: mnav study
              mnav study SQNS --events
    """
    from db import open_database
    from db.reads import views
    from scripts.shared.output import emit
    from treasury.studies.events import summarise

    db = open_database(settings.db)
    chosen = known_tickers(db, tickers) or tuple(views.tickers(db))
    found = {metric: reactions(db, list(chosen), metric, least) for metric in metrics}
    if by_event:
        rows = [
            {"ticker": event.event.ticker, "kind": event.event.kind, "date": str(event.event.day), "size_pct": event.event.size_pct,
             "metric": metric, "base": str(event.base), **{f"after_{horizon}": change for horizon, change in event.changes.items()}}
            for metric, known in found.items() for event in known
        ]  # fmt: skip
        emit(rows, EVENTS, settings.output, spare=("base",))
        settings.say(f"{len(rows):,} events")
    else:
        totals = [
            {"metric": metric, "kind": event.kind, "closes_after": event.horizon, "events": event.events, "companies": event.companies,
             "mean": event.mean, "mean_low": event.interval[0] if event.interval else None,
             "mean_high": event.interval[1] if event.interval else None, "median": event.median, "risen": event.risen}
            for metric, known in found.items() for event in summarise(known, seed=seed)
        ]  # fmt: skip
        if settings.output == "table":
            totals = [
                {name: f"{value:+.3f}" if isinstance(value, float) else value for name, value in row.items()}
                for row in totals
            ]
        emit(totals, STUDY_SUMMARY, settings.output, STUDY_HEADERS, spare=("companies", "median"))
    settings.say(
        "changes in per cent (of *_pct and premium columns: differences); an association, prices move for more reasons than one"
    )


def reactions(db: Database, tickers: list[str], metric: str, least: float) -> list[Reaction]:
    """Every event of the companies in one metric. Raises InputError for a metric that is none or has no meaning here."""
    import pandas as pd

    from db.feeds.events import events
    from db.reads import views
    from treasury.league import mostly_bitcoin
    from treasury.model import InputError
    from treasury.studies.events import reaction

    found: list[Reaction] = []
    frames: dict[str, pd.DataFrame] = {}
    for event in events(db, tickers, least):
        if event.ticker not in frames:
            try:
                frames[event.ticker] = views.daily(
                    db, event.ticker, list(dict.fromkeys([metric, "split_factor", "btc_nav", "market_cap"]))
                )
            except KeyError as error:
                raise InputError(str(error.args[0])) from None
            if not pd.api.types.is_numeric_dtype(frames[event.ticker][metric]):
                raise InputError(f"{metric} is not a number")
        frame = frames[event.ticker]
        before = frame[frame.index < pd.Timestamp(event.day)].tail(1)
        if before.empty or not mostly_bitcoin(*map(float, before[["btc_nav", "market_cap"]].iloc[0])):
            continue
        values = frame[metric] * frame["split_factor"] if metric.startswith(("sats_", "price")) else frame[metric]
        days = [day.date() for day in pd.DatetimeIndex(values.index)]
        series = [(day, None if pd.isna(value) else float(value)) for day, value in zip(days, values, strict=True)]
        told = reaction(event, series, relative=not metric.endswith("_pct") and "premium" not in metric)
        if told is not None:
            found.append(told)
    return found


if __name__ == "__main__":
    command()
