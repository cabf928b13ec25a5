"""Share counts where nobody told one: a published market cap by the close of its day, in listed units."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from db.tables.outdated import mark_states
from treasury.known.shares import CLASS_QUANTITIES, SHARE_QUANTITIES, count_from_market_cap
from treasury.valuation.inputs import PRICE_FRESH_DAYS

if TYPE_CHECKING:
    from sqlite_utils import Database

_COUNTS = ", ".join(f"'{name}'" for name in (*SHARE_QUANTITIES, *CLASS_QUANTITIES.values()))
# of a company of which no count was known by then; a filing or an issuer tells its count itself. Company by company, so that each is a seek
_CAPS = f"""SELECT f.id, f.ticker, f.as_of, f.value, f.unit, p.close, p.currency
  FROM company c CROSS JOIN known_fact f ON f.ticker = c.ticker CROSS JOIN price p ON p.symbol = f.ticker AND p.fixing = 'close' AND p.date = f.as_of
  WHERE f.quantity = 'market_cap_published' AND f.instrument IS NULL AND f.source_kind IN ('press', 'tracker')
    AND NOT EXISTS (SELECT 1 FROM known_fact n WHERE n.ticker = f.ticker AND n.quantity IN ({_COUNTS}) AND n.known_at <= f.known_at)"""


def refresh(db: Database) -> None:
    """Bring `derived_count` up to date and mark the companies it changes for, in the caller's transaction."""
    found: dict[int, float] = {}
    owner: dict[int, tuple[str, str]] = {}
    for fact, ticker, as_of, cap, unit, close, currency in db.execute(_CAPS).fetchall():
        rate, close_rate = _rate(db, unit, as_of), _rate(db, currency, as_of)
        count = None if rate is None or close_rate is None else count_from_market_cap(cap, rate, close, close_rate)
        if count is not None:
            found[fact], owner[fact] = count, (ticker, as_of)
    stored: dict[int, float] = {}
    for fact, value, ticker, as_of in db.execute(
        "SELECT d.fact, d.value, f.ticker, f.as_of FROM derived_count d CROSS JOIN fact f ON f.id = d.fact"
    ).fetchall():
        stored[fact] = value
        owner.setdefault(fact, (ticker, as_of))
    changed = [fact for fact in {**found, **stored} if found.get(fact) != stored.get(fact)]
    db.conn.executemany("DELETE FROM derived_count WHERE fact = ?", [(fact,) for fact in changed])
    db.conn.executemany(
        "INSERT INTO derived_count VALUES (?, ?)", [(fact, found[fact]) for fact in changed if fact in found]
    )
    for fact in changed:
        mark_states(db, *owner[fact])


def _rate(db: Database, currency: str, day: str) -> float | None:
    """US dollars for one unit, as last quoted by a day; None where that is too old."""
    if currency == "USD":
        return 1.0
    since = date.fromisoformat(day) - timedelta(days=PRICE_FRESH_DAYS)
    row = db.execute(
        "SELECT close FROM price WHERE symbol = ? AND fixing = 'ecb' AND date BETWEEN ? AND ? ORDER BY date DESC LIMIT 1",
        (f"{currency}USD", str(since), day),
    ).fetchone()
    return float(row[0]) if row else None
