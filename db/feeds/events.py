"""Reads: issues, purchases and sales as the journal of what was known tells them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from treasury.studies.events import Change, Event, events_of

if TYPE_CHECKING:
    from sqlite_utils import Database


def events(db: Database, tickers: list[str], least_pct: float) -> list[Event]:
    """Changes of at least `least_pct` per cent that a filing, the issuer or the press reported, oldest first.

    What each is says `treasury.studies.events.events_of`.
    """
    marks = ", ".join("?" * len(tickers))
    rows = db.execute(
        f"""SELECT r.ticker, r.date, r.quantity, r.old, r.new FROM revisions r JOIN source s ON s.id = r.source
            WHERE r.what = 'changed' AND r.quantity IN ('btc_holdings', 'shares_basic', 'debt_total') AND r.old > 0
              AND r.new IS NOT NULL AND (s.kind IN ('filing', 'issuer', 'press') OR r.quantity = 'debt_total')
              AND r.ticker IN ({marks})
            ORDER BY r.ticker, r.date, r.quantity""",
        tickers,
    ).fetchall()
    changes = [Change(ticker, date.fromisoformat(day), quantity, old, new) for ticker, day, quantity, old, new in rows]
    return events_of(changes, least_pct)
