"""Feed of `mnav holders`: everybody known to hold bitcoin on a day, priced or not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from db.reads.absence import why_without_a_price
from treasury.consolidation import consolidated_sql

if TYPE_CHECKING:
    from sqlite_utils import Database

# the last state of company c that had begun by a day
_STATE = "(SELECT id FROM state n WHERE n.company_id = c.id AND n.from_date <= {day} ORDER BY n.from_date DESC LIMIT 1)"


def holders(db: Database, on: str, since: str | None = None) -> list[dict[str, Any]]:
    """Every company known to hold bitcoin at the end of `on`, most first; bitcoin in BTC, ages in days, shares in per cent.

    `counted_in` names the company whose holdings already hold these coins; such a row has no rank and no share of the total.
    `change` is against what was known at the end of `since`; None where nothing was known then. `price` is the last close up to
    `on` in `price_currency`; `without_price` says why there is none, or that it has ended.
    """
    cursor = db.execute(
        f"""SELECT c.ticker, c.name, c.kind, c.country, s.btc, s.btc_as_of AS as_of, f.known_at, f.known_assumed, src.kind AS source_kind,
              src.title AS source, src.url, f.note, b.btc AS btc_before,
              (SELECT k.other FROM relation k WHERE k.ticker = c.ticker AND {consolidated_sql("k", ":on")}) AS counted_in,
              p.date AS price_date, p.close AS price, p.currency AS price_currency
            FROM company c JOIN state s ON s.id = {_STATE.format(day=":on")}
            LEFT JOIN fact f ON f.id = s.btc_fact LEFT JOIN source src ON src.id = f.source
            LEFT JOIN state b ON b.id = {_STATE.format(day=":since")}
            LEFT JOIN price p ON p.symbol = c.ticker AND p.fixing = 'close'
              AND p.date = (SELECT max(q.date) FROM price q WHERE q.symbol = c.ticker AND q.fixing = 'close' AND q.date <= :on)
            WHERE s.btc > 0 AND (c.active_to IS NULL OR c.active_to > :on)
            ORDER BY s.btc DESC, c.ticker""",
        {"on": on, "since": since or "0001-01-01"},
    )
    names = [column for column, *_ in cursor.description]
    valued = _valued(db, on)
    rows = [dict(zip(names, row, strict=True)) | valued.get(row[0], _NOT_VALUED) for row in cursor.fetchall()]
    total = sum(row["btc"] for row in rows if row["counted_in"] is None)
    ended = why_without_a_price(db, on)
    rank = 0
    for row in rows:
        counted = row["counted_in"] is None
        rank += counted
        before = row.pop("btc_before")
        row |= {
            "rank": rank if counted else None,
            "share_pct": row["btc"] / total * 100 if counted else None,
            "age_days": (date.fromisoformat(on) - date.fromisoformat(row["as_of"])).days,
            "change": row["btc"] - before if since is not None and before is not None else None,
            "without_price": ended.get(row["ticker"]),
        }
    return rows


_NOT_VALUED = {"mnav_market_cap": None, "mnav_ev": None, "valued_on": None}


def _valued(db: Database, on: str) -> dict[str, dict[str, Any]]:
    """The multiples of every company's last close up to a day. A question of its own: joined from the left, the whole view would be made."""
    rows = db.execute(
        """SELECT d.ticker, d.mnav_market_cap, d.mnav_ev, d.date FROM company c CROSS JOIN mnav_daily d ON d.ticker = c.ticker
           AND d.date = (SELECT max(v.date) FROM valuation v WHERE v.company_id = c.id AND v.date <= ?)""",
        (on,),
    ).fetchall()
    return {ticker: dict(zip(_NOT_VALUED, told, strict=True)) for ticker, *told in rows}


def newest_day(db: Database) -> str:
    """The newest day anything is known of: the last close or the last fact, whichever is later."""
    day: str | None = db.execute(
        "SELECT max(day) FROM (SELECT max(date) AS day FROM price UNION ALL SELECT max(substr(known_at, 1, 10)) FROM fact)"
    ).fetchone()[0]
    return day or "0001-01-01"
