"""What has to be valued again: the companies and days that new, changed or withdrawn rows concern."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from treasury.valuation.inputs import PRICE_FRESH_DAYS

if TYPE_CHECKING:
    from sqlite_utils import Database


def mark_states(db: Database, ticker: object, begins: str = "0001-01-01") -> None:
    """All that is derived for a company (None: for everyone) from a day on has to be made again."""
    if ticker is None:
        db.conn.execute("INSERT INTO dirty VALUES (NULL, 1, ?, NULL)", (begins,))
    else:
        db.conn.execute("INSERT INTO dirty SELECT id, 1, ?, NULL FROM company WHERE ticker = ?", (begins, ticker))


def mark_prices(db: Database, changed: Iterable[tuple[str, str, str]]) -> None:
    """The days behind which prices (symbol, day, fixing) may stand have to be valued again; states stay."""
    series: dict[tuple[str, bool], tuple[str, str]] = {}
    for symbol, day, fixing in changed:
        of_series = (symbol, fixing == "close")
        first, last = series.get(of_series, (day, day))
        series[of_series] = (day if day < first else first, day if day > last else last)
    company = dict(db.execute("SELECT ticker, id FROM company").fetchall())
    spans: dict[object, tuple[str, str]] = {}
    for (symbol, is_close), (begins, ends) in series.items():
        if not is_close:  # bitcoin and exchange rates serve later days too
            ends = (date.fromisoformat(ends) + timedelta(days=PRICE_FRESH_DAYS + 1)).isoformat()
        if symbol == "BTC":  # and bitcoin's those of places where a day ends in the next UTC day
            begins = (date.fromisoformat(begins) - timedelta(days=1)).isoformat()
        owner = company.get(symbol)
        low, high = spans.get(owner, (begins, ends))
        spans[owner] = (min(low, begins), max(high, ends))
    db.conn.executemany(
        "INSERT INTO dirty VALUES (?, 0, ?, ?)", [(owner, low, high) for owner, (low, high) in spans.items()]
    )
