"""mnav scrape: ask the sources, keep what they send, store what is new."""

from __future__ import annotations

import click

from scripts.shared.options import DAY, SOME_SOURCES_FAILED, Settings, known_tickers, verb


@verb()
@click.option("--source", "sources", multiple=True, metavar="SOURCE", help="Only this source (see mnav sources).")
@click.option("--company", "companies", multiple=True, metavar="TICKER", help="Only prices of this company.")
@click.option("--since", type=DAY, default=None, help="Ask for days from this one on, whatever is stored.")
@click.option("--dry-run", is_flag=True, default=False, help="Ask and read, store nothing in the database.")
@click.option("--refresh", is_flag=True, default=False, help="Ask for everything anew, however fresh it is.")
@click.option(
    "--record", type=click.Path(), default=None, metavar="DIR", help="Keep every document in this folder too."
)
@click.option("--replay", type=click.Path(exists=True, file_okay=False), default=None, metavar="DIR", help="Take the documents of a recording; open no socket.")  # fmt: skip
@click.option("--from-archive", is_flag=True, default=False, help="Read all stored documents again; open no socket.")
def command(
    settings: Settings,
    sources: tuple[str, ...],
    companies: tuple[str, ...],
    since: str | None,
    dry_run: bool,
    refresh: bool,
    record: str | None,
    replay: str | None,
    from_archive: bool,
) -> None:
    """Ask every source (or those given) for what is new, and store what can be true.

    \b
    Example: mnav scrape --source coinbase --source ecb
    """
    from datetime import date
    from pathlib import Path

    from db import open_database
    from scrapers import catalogue
    from scripts.shared.scraping import Asked, scrape

    if sum(map(bool, (record, replay, from_archive))) > 1:
        raise click.UsageError("--record, --replay and --from-archive exclude each other")
    for name in sources:
        if name not in catalogue.names():
            raise click.UsageError(f"unknown source {name!r}; the sources are {', '.join(catalogue.names())}")
    db = open_database(settings.db, writable=True)
    asked = Asked(
        sources, known_tickers(db, companies) if companies else (), date.fromisoformat(since) if since else None,
        dry_run, refresh, Path(record) if record else None, Path(replay) if replay else None, from_archive,
    )  # fmt: skip
    outcomes = scrape(db, settings, asked)
    if any(one.problems for one in outcomes):
        raise click.exceptions.Exit(SOME_SOURCES_FAILED)


if __name__ == "__main__":
    command()
