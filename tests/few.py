"""A few companies of the reference data with what is newest of them, valued in a second."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from db import open_database
from db.derived.valuations import rebuild
from db.tables.store import add
from db.tables.transaction import writing
from treasury.intake.bundled import reference_sheets

WHO = ("company", "alias", "listing", "share_class")  # sheets that say who there is


def few(path: Path, tickers: Collection[str], *, closes_since: str, prices_since: str, everybody: bool = False) -> None:
    """Make a database of these companies; with `everybody` the others are there too, by name alone."""

    def kept(kind: str, row: dict[str, Any]) -> bool:
        if "ticker" in row:
            own = row["ticker"] in tickers or (everybody and kind in WHO)
            return own and (kind != "equity_price" or str(row["date"]) >= closes_since)
        return "date" not in row or str(row["date"]) >= prices_since

    db = open_database(path, writable=True)
    sheets = [(one, [row for row in rows if kept(one.kind, row)], name) for one, rows, name in reference_sheets()]
    with writing(db):
        add(db, sheets, bundled=True)
    rebuild(db)
    db.close()
