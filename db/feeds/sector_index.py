"""Reads: the closes of every treasury company that ever was one, as the sector index takes them."""

from __future__ import annotations

from datetime import date

from sqlite_utils import Database

from treasury.studies.sector_index import LEGS, Close

TREASURY_SHARE = 0.10  # of market cap: what a company's bitcoin must be, as in the league table


def index_closes(db: Database, metric: str) -> dict[str, list[Close]]:
    """Every close with both legs of a multiple known and above nought, by ticker; merged and delisted companies included.

    Eligible is a treasury company whose bitcoin is at least a tenth of its market cap and is not counted in another's.
    """
    paid, held = LEGS[metric]
    rows = db.execute(
        f"""SELECT d.ticker, d.date, d.{paid}, d.{held},
              d.btc_nav >= {TREASURY_SHARE} * d.market_cap AND NOT EXISTS (
                SELECT 1 FROM relation k WHERE k.ticker = d.ticker AND k.kind = 'consolidated_by' AND k.valid_from <= d.date
                AND (k.valid_to IS NULL OR k.valid_to > d.date))
            FROM company c CROSS JOIN mnav_daily d ON d.ticker = c.ticker
            WHERE c.kind = 'treasury' AND d.{paid} > 0 AND d.{held} > 0 ORDER BY d.ticker, d.date"""
    ).fetchall()
    found: dict[str, list[Close]] = {}
    for ticker, day, up, down, eligible in rows:
        found.setdefault(ticker, []).append(Close(date.fromisoformat(day), up, down, bool(eligible)))
    return found


def index_ends(db: Database) -> dict[str, date]:
    """The first day on which a company no longer stands alone (merged, delisted)."""
    rows = db.execute("SELECT ticker, active_to FROM company WHERE active_to IS NOT NULL").fetchall()
    return {ticker: date.fromisoformat(day) for ticker, day in rows}
