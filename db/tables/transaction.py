"""One transaction, what surrounds a large one, and SQLite's errors in words that say what to do."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from treasury.model import MnavError

if TYPE_CHECKING:
    from sqlite_utils import Database


class DatabaseError(MnavError):
    """The database file is missing, busy, unwritable, too new, or not ours."""


@contextmanager
def explained(path: str | Path) -> Iterator[None]:
    """Turn SQLite's errors about the file into one line that says what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise DatabaseError(
                f"{path} is in use by another mnav or program ({text}); wait for it and try again"
            ) from None
        if "readonly" in text and Path(f"{path}-journal").exists():
            raise DatabaseError(
                f"{path} was left in the middle of a change, which {path}-journal undoes ({text}); run `mnav value`, which may write"
            ) from None
        if "readonly" in text or "read-only" in text or "unable to open" in text:
            raise DatabaseError(
                f"{path} cannot be {'opened' if 'open' in text else 'written'} ({text}); check the permissions of the file and its folder"
            ) from None
        if "disk I/O" in text:
            raise DatabaseError(
                f"{path}: {text}; free some space, or check the disk and what stands beside the file; nothing was half stored"
            ) from None
        if "disk" in text or "full" in text:
            raise DatabaseError(f"{path}: {text}; free some space and run again, nothing was half stored") from None
        if "decode to UTF-8" in text:
            raise DatabaseError(
                f"{path} holds text that is none ({text}): another program wrote it, or it is damaged; go back to a copy"
            ) from None
        if "no such column" in text or "no such table" in text or "already exists" in text:
            raise DatabaseError(
                f"{path} was made by another version of mnav ({text}); run `mnav value` to bring it up to date, or where that says so, go back to a copy"
            ) from None
        raise
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error) or "malformed" in str(error):
            raise DatabaseError(
                f"{path} is not a usable SQLite database ({error}); move it away or give another --db"
            ) from None
        raise


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """One transaction that holds the write lock from its start, so that two writers never meet half-way."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.conn.rollback()
        raise
    db.conn.commit()


@contextmanager
def without_collector() -> Iterator[None]:
    """Leave out the search for cycles while millions of cells are made and none of them is in one: 7 % of a rebuild."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()
