"""A file from the first days of the tables, with data in it, becomes one of today: nothing that was stored is lost, and it values as a new one does."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from db import open_database
from db.connection import APPLICATION_ID
from db.derived import at_close
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


DAILY = "SELECT * FROM mnav_daily ORDER BY ticker, date"


@pytest.fixture(scope="module")
def daily(reference_db: Path) -> list[tuple[object, ...]]:
    """What every file must value as: seconds to read."""
    return sqlite3.connect(reference_db).execute(DAILY).fetchall()


@pytest.mark.slow
@pytest.mark.parametrize("stop_before", ["relations", "context", "raised"])
def test_a_file_of_earlier_tables_values_as_a_new_one(
    tmp_path: Path, reference_db: Path, daily: list[tuple[object, ...]], stop_before: str
) -> None:
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
    facts = "SELECT ticker, quantity, as_of, value FROM known_fact ORDER BY 1, 2, 3, 4"
    for query, theirs in ((DAILY, daily), (facts, fresh.execute(facts).fetchall())):
        ours = upgraded.execute(query).fetchall()
        assert len(ours) == len(theirs)
        assert next((pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]), None) is None


def before_at_close(path: Path, today: Path) -> None:
    """The file of today as the version before wrote it: bitcoin and rate stand in each valuation."""
    db = Database(sqlite3.connect(path))
    migrations.apply(db, stop_before="at_close")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("ATTACH DATABASE ? AS today", (str(today),))
    for (table,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'").fetchall():  # fmt: skip
        names = ", ".join(columns(db.conn, table))
        told = (
            table if table != "valuation" else f"company c JOIN today.valuation v ON v.company_id = c.id{at_close.JOIN}"
        )
        db.execute(f"INSERT INTO main.{table} ({names}) SELECT {names.replace('date', 'v.date') if told != table else names} FROM today.{told}")  # fmt: skip
    db.conn.commit()
    db.close()


@pytest.mark.slow
def test_what_each_valuation_held_of_its_close_moves_and_shows_the_same(
    tmp_path: Path, reference_db: Path, daily: list[tuple[object, ...]]
) -> None:
    path = tmp_path / "old.db"
    before_at_close(path, reference_db)
    db = open_database(path, writable=True)
    assert db.execute("SELECT count(*) FROM dirty").fetchone() == (0,)
    assert db.execute(DAILY).fetchall() == daily
    db.close()


@pytest.mark.slow
def test_a_valuation_whose_close_met_something_else_is_left_out_until_the_next_run(
    tmp_path: Path, reference_db: Path, daily: list[tuple[object, ...]]
) -> None:
    path = tmp_path / "old.db"
    before_at_close(path, reference_db)
    with sqlite3.connect(path) as old:
        day = "company_id = (SELECT id FROM company WHERE ticker = 'MSTR') AND date = '2025-11-10'"
        assert old.execute(f"UPDATE valuation SET btc_price = btc_price + 1 WHERE {day}").rowcount == 1
        (before,) = old.execute("SELECT count(*) FROM valuation").fetchone()
    db = open_database(path, writable=True)
    (kept,) = db.execute("SELECT count(*) FROM mnav_daily").fetchone()
    assert kept < before
    bring_up_to_date(db)
    assert db.execute(DAILY).fetchall() == daily
    db.close()
