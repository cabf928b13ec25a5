"""mnav revisions: what changed, when we learned it, old and new."""

from __future__ import annotations

import click

from scripts.options import DAY, Settings, known_tickers, verb

COLUMNS = ("date", "ticker", "quantity", "what", "old", "new", "unit", "as_of", "known_at", "source")


@verb()
@click.argument("tickers", nargs=-1)
@click.option("--since", type=DAY, default=None, help="First day.")
@click.option("--until", type=DAY, default=None, help="Last day.")
@click.option("--quantity", default=None, help="Only this quantity, such as btc_holdings.")
@click.option(
    "--total",
    is_flag=True,
    default=False,
    help="The bitcoin of all companies day by day instead, no coin counted twice.",
)
def command(
    settings: Settings,
    tickers: tuple[str, ...],
    since: str | None,
    until: str | None,
    quantity: str | None,
    total: bool,
) -> None:
    """The journal over all inputs of valuation: companies appearing and vanishing, values changing, facts withdrawn.

    \b
    Examples: mnav revisions MSTR --quantity btc_holdings --since 2025-11-01 --until 2025-11-30
              mnav revisions --total --since 2026-01-01
    """
    from db import open_database, query
    from db.views import JOURNAL
    from scripts.output import emit

    quantities = [name for name, *_ in JOURNAL]
    if quantity is not None and quantity not in quantities:
        raise click.UsageError(f"unknown quantity {quantity!r}; the journal follows {', '.join(quantities)}")
    db = open_database(settings.db)
    if total:
        emit(query.holdings_totals(db, since, until), ["date", "btc", "changes"], settings.output)
        return
    rows = query.revisions(db, known_tickers(db, tickers), since, until, quantity)
    columns = (
        COLUMNS if settings.output == "table" else (*COLUMNS[:-1], "known_assumed", "source", "url", "note", "fact")
    )
    emit(rows, columns, settings.output)
    settings.say(f"{len(rows):,} changes")


if __name__ == "__main__":
    command()
