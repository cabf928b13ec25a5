"""Rows that are no facts and say something else now: the journal keeps what stood there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def restate(db: Database, rows: Iterable[tuple[object, ...]]) -> None:
    """Note (ticker, quantity, day, what, old, new, unit, source, note) rows, in the caller's transaction."""
    db.conn.executemany(
        "INSERT INTO restated (ticker, quantity, day, what, old, new, unit, source, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
