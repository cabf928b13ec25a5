"""A file opened to be read: plain SQLite, since sqlite-utils takes longer to import than most questions take to answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlite_utils import Database


class Reader:
    """Reads as a sqlite-utils Database does; whatever else such a Database can do is asked of one, made when it is first needed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.conn = connection

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        return self.conn.execute(sql, parameters)

    def query(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> Iterator[dict[str, Any]]:
        """The rows by their columns' names."""
        cursor = self.conn.execute(sql, params)
        names = [name for name, *_ in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    def close(self) -> None:
        self.conn.close()

    @cached_property
    def whole(self) -> Database:
        from sqlite_utils import Database

        return Database(self.conn, execute_plugins=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)

    def __getitem__(self, table: str) -> Any:
        return self.whole[table]
