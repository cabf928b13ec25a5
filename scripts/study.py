"""mnav study: what the multiple and satoshis per share did after issues, purchases and sales."""

from __future__ import annotations

import click

from scripts.shared.options import ALL_ROWS, Between, Settings, known_tickers, verb
from treasury.amounts import counted, signed

# for people: an interval in one column
STUDY_SHOWN = ("metric", "kind", "closes_after", "events", "companies", "mean", "interval", "median", "risen")
STUDY_HEADERS = {"closes_after": "after", "interval": "mean (95 %)"}


@verb()
@click.argument("tickers", nargs=-1)
@click.option("--metric", "metrics", multiple=True, default=("mnav_market_cap", "sats_per_share"), show_default=True, help="Columns of mnav_daily; those in per cent or dollars of premium by difference, others by per cent.")  # fmt: skip
@click.option("--least", type=Between(min=0, max=100, min_open=True), default=1.0, show_default=True, help="Smallest event, per cent of shares or bitcoin.")  # fmt: skip
@click.option("--events", "by_event", is_flag=True, default=False, help="Every event instead of the sums.")
@ALL_ROWS
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
def command(
    settings: Settings, tickers: tuple[str, ...], metrics: tuple[str, ...], least: float, by_event: bool, everything: bool, seed: int
) -> None:  # fmt: skip
    """Issues, purchases and sales of the TICKERS (default: everyone) and the change of each metric from the close before
    to the first close at which it was known, and 5 and 20 closes later (docs/scenarios.md).

    \b
    Examples: mnav study
              mnav study SQNS --events
    """
    from db import open_database
    from db.feeds.events import study
    from scripts.shared.output import emit, emit_last, span
    from treasury.studies.events import REACTION, REACTION_TOTALS

    db = open_database(settings.db)
    found = study(db, known_tickers(db, tickers), metrics, least, seed)
    if by_event:
        rows = found.event_rows()
        left = emit_last(rows, tuple(REACTION), settings.output, asked=everything, spare=("base",))
        events = {(row["ticker"], row["kind"], row["date"]) for row in rows}
        settings.say(f"{counted(len(events), 'event')}, {counted(len(rows), 'change')}{left}")
    elif settings.output == "table":
        told = [
            {name: signed(value) if isinstance(value, float) else value for name, value in row.items()}
            for row in found.total_rows()
        ]
        shown = [{**row, "interval": span(row["mean_low"], row["mean_high"])} for row in told]
        emit(
            shown,
            STUDY_SHOWN,
            settings.output,
            STUDY_HEADERS,
            spare=("companies", "median", "risen"),
            right=("interval",),
        )
    else:
        emit(found.total_rows(), tuple(REACTION_TOTALS), settings.output)
    settings.say(
        "changes in per cent (of *_pct and premium columns: differences), from the close before to so many closes after the first that knew;"
        " an association, prices move for more reasons than one"
    )


if __name__ == "__main__":
    command()
