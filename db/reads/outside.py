"""Statements that come from outside: how long their texts may get, and how much SQLite may hold for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

# bytes of one text or row; the longest stored has some forty thousand. In two of a million instr searches ten seconds, and nothing ends it
LONGEST_VALUE = 200_000
MOST_HELD = 200_000_000  # bytes that SQLite holds in all, of a process that does nothing else
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,  # so that randomblob, zeroblob, printf, replace and || end there
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 500,  # mnav_daily has a hundred
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 100,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}


@contextmanager
def bounded(connection: sqlite3.Connection) -> Iterator[None]:
    """A connection whose statements meanwhile make nothing endless."""
    before = {limit: connection.setlimit(limit, most) for limit, most in _LIMITS.items()}
    try:
        yield
    finally:
        for limit, most in before.items():
            connection.setlimit(limit, most)


def bind(connection: sqlite3.Connection) -> None:
    """The same for good, and no word of where the file lies."""
    for limit, most in _LIMITS.items():
        connection.setlimit(limit, most)
    connection.set_authorizer(_without_paths)


def hold_at_most(connection: sqlite3.Connection, most: int = MOST_HELD) -> None:
    """Let SQLite hold no more than this in the whole process, from now on: a statement that wants more fails."""
    connection.execute(f"PRAGMA hard_heap_limit = {most}").fetchall()


def _without_paths(action: int, first: str | None, *_: str | None) -> int:
    told = action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in (
        "database_list",
        "hard_heap_limit",
        "soft_heap_limit",
    )
    return sqlite3.SQLITE_DENY if told or action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK
