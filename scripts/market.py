"""mnav market: bitcoin's own condition: drawdown, averages, RSI, power laws, and the series stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts.shared.options import AMOUNT, DAY, Settings, verb

if TYPE_CHECKING:
    from sqlite_utils import Database

    from treasury.bitcoin.condition import Measure

LONGEST_SOURCE = 40  # of a table: some tell how their file was made
MARKET_COLUMNS = ("measure", "value", "unit", "date", "source", "note")


@verb()
@click.option("--on", type=DAY, default=None, help="As of this day instead of the newest.")
@click.option("--support", "supports", multiple=True, type=AMOUNT, help="A level of yours in US dollars; repeatable.")
def command(settings: Settings, on: str | None, supports: tuple[float, ...]) -> None:
    """Bitcoin's drawdown, 50- and 100-week averages, weekly RSI and divergence, falling wedge, power laws, volatility, and
    the context series stored (docs/scenarios.md), each with value, date and source.

    \b
    Example: mnav market --on 2025-11-07 --support 98000
    """
    from db import open_database
    from scripts.shared.output import emit
    from scripts.shared.tables import cut

    if any(not 0 < one < float("inf") for one in supports):
        raise click.UsageError("a support level is a price above nought")
    db = open_database(settings.db)
    found = measures(db, on, supports)
    rows = [
        {"measure": measure.name, "value": measure.value, "unit": measure.unit, "date": None if measure.on is None else str(measure.on),
         "source": measure.source or None, "note": measure.note or None}
        for measure in found
    ]  # fmt: skip
    if settings.output == "table":
        for row in rows:
            row["source"] = cut(str(row["source"] or ""), LONGEST_SOURCE)
    emit(rows, MARKET_COLUMNS, settings.output, below=("note",), spare=("source",))
    if not rows:
        settings.say("no bitcoin price is known" + (f" up to {on}" if on else "; run `mnav run --offline` first"))


def measures(db: Database, on: str | None, supports: tuple[float, ...] = ()) -> list[Measure]:
    """Every measure of the market as known at the end of a day (default: the newest close)."""
    from db.reads.bitcoin import bitcoin_closes, context_series
    from treasury.bitcoin.condition import market_measures, series_measures

    closes, source = bitcoin_closes(db, on)
    if not closes:
        return []
    day, price = closes[-1]
    return [*market_measures(closes, source, supports), *series_measures(context_series(db, on), day, price)]


if __name__ == "__main__":
    command()
