"""Reads: the closes of every treasury company that ever was one, as the sector index takes them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from db.tables import objects
from treasury.consolidation import Consolidation
from treasury.league import in_league
from treasury.studies.sector_index import LEGS, IndexClose

if TYPE_CHECKING:
    from sqlite_utils import Database


def index_closes(db: Database, metric: str) -> dict[str, list[IndexClose]]:
    """Every close with both legs of a multiple known and above nought, by ticker; merged and delisted companies included.

    Eligible is a treasury company whose bitcoin is at least a tenth of its market cap and is not counted in another's.
    """
    paid, held = LEGS[metric]
    rows = db.execute(
        f"""SELECT d.ticker, d.date, d.{paid}, d.{held}, c.kind, d.btc_nav, d.market_cap
            FROM company c CROSS JOIN mnav_daily d ON d.ticker = c.ticker
            WHERE c.kind = 'treasury' AND d.{paid} > 0 AND d.{held} > 0 ORDER BY d.ticker, d.date"""
    ).fetchall()
    rule = Consolidation(objects.relations(db))
    found: dict[str, list[IndexClose]] = {}
    for ticker, text, up, down, kind, btc_nav, market_cap in rows:
        day = date.fromisoformat(text)
        large = in_league({"kind": kind, "btc_nav": btc_nav, "market_cap": market_cap})
        close = IndexClose(day, up, down, large and not rule.counted_elsewhere(ticker, day))
        found.setdefault(ticker, []).append(close)
    return found


def index_ends(db: Database) -> dict[str, date]:
    """The first day on which a company no longer stands alone (merged, delisted)."""
    rows = db.execute("SELECT ticker, active_to FROM company WHERE active_to IS NOT NULL").fetchall()
    return {ticker: date.fromisoformat(day) for ticker, day in rows}
