"""A file from the first days of the tables, with data in it, becomes one of today: nothing that was stored is lost, and it values as a new one does."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from db import open_database
from db.connection import APPLICATION_ID
from db.derived.valuations import bring_up_to_date
from db.feeds.integrity import damage, unlike_a_rebuild
from db.tables.reference import load_reference
from db.tables.schema import migrations

STORED = ("source", "exchange", "company", "alias", "instrument", "fact", "retraction", "purchase", "split", "price")
DERIVED = ("state", "valuation")
MET = ("fx", "btc_price", "btc_price_at", "btc_fixing")  # stood in each valuation, before `at_close`


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]


def as_it_was(path: Path, today: Path, stop_before: str) -> None:
    """A file whose tables are those before a migration, with the bundled data as far as there was room for it.

    Its bitcoin prices of Strategy's dashboard stand under `nyse`, as they did, and its multiples, where it has any, are wrong.
    """
    db = Database(sqlite3.connect(path))
    migrations.apply(db, stop_before=stop_before)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("ATTACH DATABASE ? AS today", (str(today),))
    for table in (*STORED, *DERIVED):
        if own := columns(db.conn, table):
            names = ", ".join(name for name in own if name not in MET)
            db.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM today.{table}")
    db.execute("UPDATE price SET fixing = 'nyse' WHERE fixing = 'strategy'")
    if columns(db.conn, "valuation"):
        db.execute("UPDATE valuation SET price = 2 * price")
    db.conn.commit()
    db.close()


@pytest.mark.slow
@pytest.mark.parametrize("stop_before", ["relations", "context", "raised"])
def test_a_file_of_earlier_tables_values_as_a_new_one(tmp_path: Path, reference_db: Path, stop_before: str) -> None:
    path = tmp_path / "old.db"
    as_it_was(path, reference_db, stop_before)
    before = {table: sqlite3.connect(path).execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in STORED}
    assert before["fact"] > 3000

    db = open_database(path, writable=True)
    assert migrations.pending(db) == []
    kept = {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in STORED}
    assert kept == before
    if stop_before != "relations":  # it had been valued: what it says is kept beside it
        assert (tmp_path / "old-before-publisher-fixing.db").exists()
    load_reference(db)  # what there was no room for
    bring_up_to_date(db)
    assert list(damage(db)) == []
    assert list(unlike_a_rebuild(db, path)) == []
    db.close()

    upgraded, fresh = sqlite3.connect(path), sqlite3.connect(reference_db)
    for query in ("SELECT * FROM mnav_daily ORDER BY ticker, date", "SELECT ticker, quantity, as_of, value FROM known_fact ORDER BY 1, 2, 3, 4"):  # fmt: skip
        ours, theirs = (connection.execute(query).fetchall() for connection in (upgraded, fresh))
        assert len(ours) == len(theirs)
        assert next((pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]), None) is None
