"""Reads: issues, purchases and sales as the journal of what was known tells them."""

from __future__ import annotations

from datetime import date

from sqlite_utils import Database

from treasury.studies.events import Event, Kind

REPAID_WITHIN_DAYS = 45  # a sale with the known debt falling this close to it is told apart
LARGEST = 3.0  # a larger change is a merger or a correction, not an issue or a purchase


def events(db: Database, tickers: list[str], least_pct: float) -> list[Event]:
    """Changes of at least `least_pct` per cent that a filing, the issuer or the press reported, oldest first.

    A rise of basic shares is an issuance, a rise of bitcoin a purchase, a fall a sale; a repaying sale is one within 45
    days of which the debt known fell too, the nearest the facts come to a forced one.
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
    repaid = [
        (ticker, date.fromisoformat(day))
        for ticker, day, quantity, old, new in rows
        if quantity == "debt_total" and new < old
    ]
    found = []
    for ticker, text, quantity, old, new in rows:
        day, change = date.fromisoformat(text), (new / old - 1) * 100
        if quantity == "debt_total" or abs(change) < least_pct or not 1 / LARGEST < new / old < LARGEST:
            continue
        kind: Kind = "issuance" if quantity == "shares_basic" else "purchase" if change > 0 else "sale"
        if kind == "issuance" and change < 0:
            continue  # a buy-back is none of these
        if kind == "sale" and any(
            other == ticker and abs((day - when).days) <= REPAID_WITHIN_DAYS for other, when in repaid
        ):
            kind = "repaying_sale"
        found.append(Event(ticker, kind, day, change))
    return sorted(found, key=lambda one: (one.day, one.ticker, one.kind))
