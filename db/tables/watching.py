"""Watch lists: companies a person looks at together, under a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from treasury.errors import InputError

if TYPE_CHECKING:
    from sqlite_utils import Database

LIST_SIGN = "@"  # before the name of a list, where a company could stand
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def watch_lists(db: Database) -> dict[str, list[str]]:
    """Every list with its companies, in the order in which they were added."""
    found: dict[str, list[str]] = {}
    for name, ticker in db.execute("SELECT name, ticker FROM watched ORDER BY name, rowid").fetchall():
        found.setdefault(name, []).append(ticker)
    return found


def listed(db: Database, name: str) -> list[str]:
    """The companies of one list; none where there is no such list."""
    return watch_lists(db).get(name.lower(), [])


def watch(db: Database, name: str, tickers: Sequence[str]) -> int:
    """Add companies to a list, which is made where it is not there; how many were not on it. In the caller's transaction.

    Raises InputError for a name that is none.
    """
    if not _NAME.fullmatch(name.lower()):
        raise InputError(f"{name!r} is no name of a watch list; write letters, digits, - or _, 40 at most")
    before = len(listed(db, name))
    db.conn.executemany(
        "INSERT OR IGNORE INTO watched (name, ticker) VALUES (?, ?)", [(name.lower(), one) for one in tickers]
    )
    return len(listed(db, name)) - before


def unwatch(db: Database, name: str, tickers: Sequence[str] = ()) -> int:
    """Take companies off a list, or all of it; how many were on it. In the caller's transaction."""
    gone = [one for one in listed(db, name) if not tickers or one in tickers]
    db.conn.executemany("DELETE FROM watched WHERE name = ? AND ticker = ?", [(name.lower(), one) for one in gone])
    return len(gone)
