"""mnav show: the league table."""

from __future__ import annotations

from typing import Any

import click

from scripts.shared.league_table import show
from scripts.shared.options import DAY, Amount, Settings, known_tickers, verb


@verb()
@click.argument("tickers", nargs=-1)
@click.option("--on", type=DAY, default=None, help="As of this day instead of the newest.")
@click.option("--all", "everyone", is_flag=True, default=False, help="Miners, exchanges and operating companies too.")
@click.option(
    "--sort", default=None, metavar="COLUMN", help="Any column of mnav_daily, largest first [default: btc_nav]."
)
@click.option("--ascending", is_flag=True, default=False, help="Smallest first.")
@click.option("--min-btc", type=Amount(least=0), default=None, help="Only companies with at least this many bitcoin.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    help="Only treasury, miner, exchange, operating, spac or other_crypto (repeatable).",
)
@click.option("--country", "countries", multiple=True, help="Only this country, as US or JP (repeatable).")
def command(
    settings: Settings, tickers: tuple[str, ...], on: str | None, everyone: bool, sort: str | None, ascending: bool,
    min_btc: float | None, kinds: tuple[str, ...], countries: tuple[str, ...],
) -> None:  # fmt: skip
    """The league table: treasuries whose bitcoin is at least 10 % of their market cap, or the given TICKERS.

    One ticker alone prints its company card.

    \b
    Examples: mnav show
              mnav show MSTR
              mnav show --sort mnav_market_cap --min-btc 1000
              mnav show MSTR 3350.T --on 2025-11-07
    """
    from db import open_database
    from treasury.intake.csv_files import COMPANY_KINDS

    for kind in kinds:
        if kind not in COMPANY_KINDS:
            raise click.UsageError(f"unknown kind {kind!r}; there are: {', '.join(COMPANY_KINDS)}")
    db = open_database(settings.db)
    asked = {country.upper() for country in countries}

    def wanted(row: dict[str, Any]) -> bool:
        enough = min_btc is None or (row["btc"] is not None and row["btc"] >= min_btc)
        return enough and (not kinds or row["kind"] in kinds) and (not asked or row["country"] in asked)

    show(settings, db, known_tickers(db, tickers), on, everyone or bool(kinds), wanted, sort, ascending)


if __name__ == "__main__":
    command()
