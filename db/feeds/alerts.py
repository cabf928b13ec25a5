"""Evaluates alert rules on a read-only database whose authorizer lets them read the public views and do nothing else."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from db.reads.outside import bounded
from treasury.messages.alerts import DATED, VIEWS, Alert, condition
from treasury.model import InputError

if TYPE_CHECKING:
    from sqlite_utils import Database

# functions a rule may call, and those the views are made of; a rule could call itself by a view's name, so there is one list
FUNCTIONS = {
    "abs", "coalesce", "ifnull", "nullif", "iif", "min", "max", "round", "lower", "upper", "length", "substr", "trim", "instr",
    "like", "glob", "date", "julianday", "count", "sum", "avg", "total",
    "strftime", "printf", "lag",
}  # fmt: skip
_LITERAL, _WITH = re.compile(r"'[^']*'"), re.compile(r"\bwith\b", re.IGNORECASE)
STEPS = 200_000_000  # virtual machine instructions before a rule is called off: two or three seconds; a scan of all rows of the bundle takes a third


def evaluate(
    db: Database, alert: Alert, file: str, extra: Mapping[str, Mapping[str, object]]
) -> dict[str, dict[str, Any]]:
    """The rows that meet a rule, by their key. `extra` holds columns of mnav_latest by ticker, those that no view has and those
    that stand for the view's own.

    Raises InputError that names file and line where the condition is no condition, or wants more than to read.
    """
    (newest,) = db.execute("SELECT coalesce(max(date), '9999-12-31') FROM mnav_latest").fetchone()
    where, values = [], []
    if alert.tickers:
        where.append(f"ticker IN ({', '.join('?' * len(alert.tickers))})")
        values += list(alert.tickers)
    if alert.view in DATED:
        where.append(f"{DATED[alert.view]} > date(?, ?) AND {DATED[alert.view]} <= ?")
        values += [newest, f"-{alert.days} days", newest]
    rows, given = _source(db, alert, extra)
    sql = f"SELECT * FROM ({rows}) AS rows WHERE {' AND '.join([*where, '1'])} AND (\n{condition(alert.when)}\n)"
    with _reading_only(db), bounded(db.conn):
        try:
            if _WITH.search(_LITERAL.sub("''", alert.when)):  # a name of its own could stand for a view's
                raise sqlite3.DatabaseError("not authorized")
            cursor = db.conn.execute(sql, [*given, *values])
            names = [column for column, *_ in cursor.description]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except (sqlite3.Error, sqlite3.Warning) as error:
            why = "it asks for more than to read the views" if "not authorized" in str(error) or "prohibited" in str(error) else str(error)  # fmt: skip
            why = "it takes too long" if "interrupted" in why else why
            raise InputError(f"{file}:{alert.line}: the alert {alert.name!r} cannot be evaluated: {why}") from None
    return {json.dumps([row[name] for name in VIEWS[alert.view]], ensure_ascii=False): row for row in found}


def _source(db: Database, alert: Alert, extra: Mapping[str, Mapping[str, object]]) -> tuple[str, list[object]]:
    """The view with the extra columns, which stand for its own of the same name."""
    if alert.view != "mnav_latest":
        return f"SELECT * FROM {alert.view}", []
    names = sorted({name for row in extra.values() for name in row})
    if not names:
        return "SELECT * FROM mnav_latest", []
    own = [column for column, *_ in db.execute("SELECT * FROM mnav_latest LIMIT 0").description if column not in names]
    columns = "".join(f", e.column{at} AS {name}" for at, name in enumerate(names, start=2))
    row = f"({', '.join('?' * (len(names) + 1))})"
    given: list[object] = [
        value for ticker, held in extra.items() for value in (ticker, *(held.get(name) for name in names))
    ]
    rows = ", ".join([row] * len(extra))
    kept = ", ".join(f"v.{name}" for name in own)
    return f"SELECT {kept}{columns} FROM mnav_latest v LEFT JOIN (VALUES {rows}) e ON e.column1 = v.ticker", given


@contextmanager
def _reading_only(db: Database) -> Iterator[None]:
    """Nothing but SELECT over the public views of this file, and the listed functions, however the statement is written."""

    def allow(action: int, first: str | None, second: str | None, database: str | None, source: str | None) -> int:
        if action == sqlite3.SQLITE_SELECT:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and database == "main" and (source or first in VIEWS):
            return (
                sqlite3.SQLITE_OK
            )  # what a view is made of (then `source` names the view or a part of it), or its own columns
        if action == sqlite3.SQLITE_READ and database is None and not second:
            return sqlite3.SQLITE_OK  # count(*) reads no column
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in FUNCTIONS:
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    db.conn.set_authorizer(allow)
    left = iter(range(STEPS // 1_000_000))
    db.conn.set_progress_handler(lambda: int(next(left, None) is None), 1_000_000)
    try:
        yield
    finally:
        db.conn.set_progress_handler(None, 0)
        db.conn.set_authorizer(None)
