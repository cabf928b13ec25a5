"""mnav show: the league table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.options import DAY, Settings, known_tickers, verb
from treasury.league import in_league

if TYPE_CHECKING:
    from sqlite_utils import Database

COLUMNS = (
    "ticker", "date", "btc", "market_cap", "mnav_market_cap", "mnav_diluted", "mnav_ev", "mnav_net", "implied_premium_usd",
    "sats_per_share", "leverage", "btc_age_days", "notes",
)  # fmt: skip
HEADERS = {
    "market_cap": "market cap", "mnav_market_cap": "mNAV basic", "mnav_diluted": "diluted", "mnav_ev": "EV", "mnav_net": "net",
    "implied_premium_usd": "EV premium", "sats_per_share": "sats/share", "btc_age_days": "BTC age", "date": "close of",
}  # fmt: skip


@verb()
@click.argument("tickers", nargs=-1)
@click.option("--on", type=DAY, default=None, help="As of this day instead of the newest.")
@click.option("--all", "everyone", is_flag=True, default=False, help="Miners, exchanges and operating companies too.")
def command(settings: Settings, tickers: tuple[str, ...], on: str | None, everyone: bool) -> None:
    """The league table: treasuries whose bitcoin is at least 10 % of their market cap, or the given TICKERS.

    \b
    Examples: mnav show
              mnav show MSTR 3350.T --on 2025-11-07
    """
    from db import open_database

    db = open_database(settings.db)
    show(settings, db, known_tickers(db, tickers), on, everyone)


def show(
    settings: Settings, db: Database, tickers: tuple[str, ...] = (), on: str | None = None, everyone: bool = False
) -> None:
    """Print the league table and say on stderr how old it is."""
    from db import query
    from scripts.output import emit

    rows = query.league(db, on)
    if tickers:
        rows = [row for row in rows if row["ticker"] in tickers]
    elif not everyone:
        rows = [row for row in rows if in_league(row)]
    if settings.output == "table":
        for row in rows:
            row["notes"] = notes(row)
        emit(rows, COLUMNS, "table", HEADERS)
    else:
        emit(rows, list(rows[0]) if rows else ["ticker"], settings.output)
    if not rows:
        settings.say("no company has a valued close" + (f" up to {on}" if on else "; run `mnav run --offline` first"))
        return
    newest = max(row["date"] for row in rows)
    if on is not None and newest < on:
        settings.say(f"No close on {on}: the last earlier one is shown, {newest}.")
    if any(row["stale"] for row in rows):
        settings.say("old: more than 7 days behind the newest close in the database.")


def notes(row: dict[str, Any]) -> str:
    """What the reader must know of a row: that it is old, and why numbers are missing."""
    words = ["old"] if row["stale"] else []
    words += [code for code in (row["reason"] or "").split() if code not in ("NO_BASE", "NO_CLAIMS")]
    unknown = [name for name in (row["missing"] or "").split() if name in ("debt_total", "preferred_total", "cash")]
    if unknown:
        words.append("unknown: " + ", ".join(name.removesuffix("_total") for name in unknown))
    return "; ".join(words)


if __name__ == "__main__":
    command()
