"""The one SQLite file: what can be wrong with it is said in one line, what is stored stays, and nothing is half stored."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from made_up import BITCOIN, DAYS, EXCHANGES, SOURCES, closes, company, facts, ground, sheet, store
from sqlite_utils import Database, Migrations

import db.connection
from db import DatabaseError, open_database
from db.tables.objects import fact_columns
from db.tables.reference import load_reference
from db.tables.schema import migrations
from db.tables.store import add, retract
from db.tables.transaction import explained, writing
from treasury.intake.bundled import reference_sheets
from treasury.model import InputError

NOBODY = 65534


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty writable database."""
    db = open_database(tmp_path / "mnav.db", writable=True)
    yield db
    db.close()


@pytest.fixture
def reference_copy(reference_db: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(reference_db, tmp_path / "mnav.db"))


def dump(db: Database) -> list[str]:
    return list(db.conn.iterdump())


def refusal(path: Path, *, writable: bool) -> str:
    """The one line in which opening fails; the file (where there is one) keeps its bytes."""
    before = path.read_bytes() if path.is_file() else None
    beside = sorted(path.parent.iterdir()) if path.parent.is_dir() else None
    with pytest.raises(DatabaseError) as error:
        open_database(path, writable=writable)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert (sorted(path.parent.iterdir()) if path.parent.is_dir() else None) == beside, "something was left behind"
    message = str(error.value)
    assert "\n" not in message
    assert str(path) in message or str(path.parent) in message
    return message


# -- opening -------------------------------------------------------------------------------------------------------


def test_a_missing_file_says_how_to_make_one_and_makes_none(tmp_path: Path) -> None:
    assert "mnav run --offline" in refusal(tmp_path / "mnav.db", writable=False)


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "no" / "mnav.db", writable=True)


@pytest.mark.parametrize("writable", [False, True])
def test_a_folder_is_not_a_database(tmp_path: Path, writable: bool) -> None:
    assert "is a folder" in refusal(tmp_path, writable=writable)


@pytest.mark.parametrize("writable", [False, True])
@pytest.mark.parametrize("body", [b"hello", b"ticker,date\n" * 500, b"\x00" * 4096, b"\x1f\x8b\x08" * 2000])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, body: bytes, writable: bool) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(body)
    assert "is not a usable SQLite database" in refusal(path, writable=writable)


@pytest.mark.parametrize("writable", [False, True])
def test_a_damaged_database_is_left_alone(reference_copy: Path, writable: bool) -> None:
    whole = reference_copy.read_bytes()
    reference_copy.write_bytes(whole[:16] + b"\xff" * 84 + whole[100:])  # the header after its magic
    assert "is not a usable SQLite database" in refusal(reference_copy, writable=writable)
    reference_copy.write_bytes(whole[: len(whole) // 2])  # a copy that was cut off
    assert "is not a usable SQLite database" in refusal(reference_copy, writable=writable)


def another_program(*statements: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with sqlite3.connect(path) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    return make


@pytest.mark.parametrize("writable", [False, True])
@pytest.mark.parametrize(
    "make",
    [
        another_program("CREATE TABLE notes (text)"),
        another_program("CREATE VIEW one AS SELECT 1"),
        another_program("PRAGMA application_id = 1196444487", "CREATE TABLE gpkg_contents (a)"),
        another_program(  # another program that keeps its migrations as we do
            "CREATE TABLE prompts (text)",
            "CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)",
            "INSERT INTO _sqlite_migrations VALUES (1, 'llm', 'initial', '2024-01-01')",
        ),
    ],
    ids=["table", "view", "application id", "migrations"],
)
def test_another_programs_database_is_left_alone(tmp_path: Path, make: Callable[[Path], None], writable: bool) -> None:
    make(path := tmp_path / "other.db")
    assert "not one of mnav's" in refusal(path, writable=writable)


@pytest.mark.parametrize("writable", [False, True])
def test_a_newer_versions_database_says_to_upgrade(reference_copy: Path, writable: bool) -> None:
    with sqlite3.connect(reference_copy) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('mnav', 'of_2031', '2031-01-01')"
        )
    connection.close()
    message = refusal(reference_copy, writable=writable)
    assert "newer mnav" in message
    assert "of_2031" in message


def test_an_empty_file_is_said_to_be_empty_and_only_a_writer_fills_it(tmp_path: Path) -> None:
    """A run killed in its first moment leaves 0 bytes, so the next run must be able to go on."""
    path = tmp_path / "mnav.db"
    path.touch()
    assert "is empty; run `mnav run --offline`" in refusal(path, writable=False)
    open_database(path, writable=True).close()
    assert "holds no company yet; run `mnav run --offline`" in refusal(path, writable=False)  # not: unknown ticker


def test_a_first_run_killed_before_its_first_table_can_go_on(tmp_path: Path) -> None:
    path = tmp_path / "mnav.db"
    begun = Database(path)
    Migrations("mnav").ensure_migrations_table(begun)
    begun.close()
    assert "is empty" in refusal(path, writable=False)
    db = open_database(path, writable=True)
    assert {"fact", "valuation"} <= set(db.table_names())
    db.close()


def test_a_file_another_writer_holds_says_so(reference_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.connection, "LOCK_SECONDS", 0.05)
    other = sqlite3.connect(reference_copy, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match=r"^\S+ is in use by another mnav or program \(database is locked\)"):
        open_database(reference_copy, writable=True)
    reader = open_database(reference_copy)  # who only reads need not wait
    assert reader.execute("SELECT count(*) FROM fact").fetchone()[0] > 0
    reader.close()
    other.execute("ROLLBACK")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseError, match="is in use by another"):
        open_database(reference_copy)
    other.close()
    open_database(reference_copy, writable=True).close()


@contextmanager
def as_an_ordinary_user() -> Iterator[Path]:
    """A folder anyone may enter, and for the time of the block no rights of the superuser, to whom permissions mean nothing."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    superuser = os.geteuid() == 0
    try:
        if superuser:
            os.seteuid(NOBODY)
        yield folder
    finally:
        if superuser:
            os.seteuid(0)
        for path in (folder, *folder.iterdir()):
            path.chmod(0o755)
        shutil.rmtree(folder)


@contextmanager
def permissions(path: Path, mode: int) -> Iterator[None]:
    """The path with these permissions, set by its owner."""
    user, before = os.geteuid(), stat.S_IMODE(path.stat().st_mode)
    os.seteuid(path.stat().st_uid if user == NOBODY else user)
    path.chmod(mode)
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(path.stat().st_uid if user == NOBODY else user)
        path.chmod(before)
        os.seteuid(user)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions work another way on Windows")
def test_a_read_only_file_can_be_read_and_says_why_it_cannot_be_written(reference_db: Path) -> None:
    body = reference_db.read_bytes()
    with as_an_ordinary_user() as folder:
        path = folder / "mnav.db"
        with permissions(folder, 0o777):
            path.write_bytes(body)
        with permissions(path, 0o444):
            assert not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
            message = refusal(path, writable=True)
            assert "cannot be written (attempt to write a readonly database); check the permissions" in message
            reader = open_database(path)
            assert reader.execute("SELECT count(*) FROM mnav_latest").fetchone()[0] > 0
            reader.close()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions work another way on Windows")
def test_a_read_only_folder_says_why_nothing_can_be_made_in_it(reference_db: Path) -> None:
    body = reference_db.read_bytes()
    with as_an_ordinary_user() as folder:
        with permissions(folder, 0o777):
            (folder / "there.db").write_bytes(body)
        with permissions(folder, 0o555):
            assert "cannot be opened" in refusal(folder / "new.db", writable=True)
            assert "check the permissions of the file and its folder" in refusal(folder / "there.db", writable=True)
            open_database(folder / "there.db").close()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions work another way on Windows")
def test_a_file_that_may_not_be_read_says_so(reference_db: Path) -> None:
    body = reference_db.read_bytes()
    with as_an_ordinary_user() as folder:
        path = folder / "mnav.db"
        with permissions(folder, 0o777):
            path.write_bytes(body)
        with permissions(path, 0o000), pytest.raises(DatabaseError, match=r"cannot be opened .*check the permissions"):
            open_database(path)


def test_a_full_disk_says_that_nothing_was_half_stored(reference_copy: Path) -> None:
    db = open_database(reference_copy, writable=True)
    before = reference_copy.read_bytes()
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages + 1}")
    with (
        pytest.raises(DatabaseError, match=r"full.*nothing was half stored"),
        explained(reference_copy),
        writing(db),
    ):
        db.conn.executemany(
            "INSERT INTO price (symbol, date, fixing, close, currency, source) VALUES ('FULL', ?, 'close', 1, 'USD', 'ecb')",
            ((f"{year}-01-{day:02}",) for year in range(1000, 2000) for day in range(1, 29)),
        )
    assert reference_copy.read_bytes() == before
    db.close()


def test_opening_for_reading_cannot_write(reference_copy: Path) -> None:
    reader = open_database(reference_copy)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM valuation")
    reader.close()


def test_opening_again_changes_nothing(reference_copy: Path) -> None:
    before = reference_copy.read_bytes()
    open_database(reference_copy).close()
    assert reference_copy.read_bytes() == before
    open_database(reference_copy, writable=True).close()
    after = reference_copy.read_bytes()
    assert after[100:] == before[100:]  # opening for writing tries the disk: the header counts it as a change


# -- the tables ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_table_of_ours_is_strict(reference_db: Path) -> None:
    db = open_database(reference_db)
    kinds = {
        name: bool(strict)
        for _, name, kind, _, _, strict in db.execute("PRAGMA table_list").fetchall()
        if kind == "table"
    }
    lax = {name for name, strict in kinds.items() if not strict and not name.startswith("sqlite_")}
    assert lax == {"_sqlite_migrations"}  # sqlite-utils' own
    assert {"fact", "price", "state", "valuation", "source", "company"} <= set(kinds)
    db.close()


@pytest.mark.slow
def test_without_rowid_only_where_nothing_is_kept(reference_db: Path) -> None:
    db = open_database(reference_db)
    without = {
        name
        for _, name, kind, _, without, _ in db.execute("PRAGMA table_list").fetchall()
        if kind == "table" and without
    }
    assert without <= {"state", "valuation", "at_close", "share_basis"}
    db.close()


def test_text_is_no_number_and_a_day_is_a_day(database: Database) -> None:
    ground(database)
    for value, day in (("'much'", "2025-01-06"), ("1", "6 January 2025"), ("1", "2025-1-6")):
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(
                f"INSERT INTO price (symbol, date, fixing, close, currency, source) VALUES ('BTC', '{day}', 'nyse', {value}, 'USD', 'market')"
            )


@pytest.fixture
def one_fact(database: Database) -> Database:
    ground(database)
    store(database, company("ONE"), facts("ONE", "btc_holdings 2025-01-05 2025-01-06T12:00:00Z 10 BTC"))
    with writing(database):
        database.execute(
            "INSERT INTO fact SELECT 2, ticker, instrument, quantity, '2025-01-04', known_at, 0, 9, unit, source, NULL, NULL FROM fact"
        )
        retract(database, 2, "2025-02-01", "mistyped")
    return database


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fact SET value = 11",
        "UPDATE fact SET note = 'seen'",
        "DELETE FROM fact",
        "DELETE FROM fact WHERE id = 1",
        "INSERT OR REPLACE INTO fact SELECT id, ticker, instrument, quantity, as_of, known_at, 0, 11, unit, source, NULL, NULL FROM fact WHERE id = 1",
        "INSERT OR REPLACE INTO fact SELECT 3, ticker, instrument, quantity, as_of, known_at, 0, value, unit, source, NULL, 'x' FROM fact WHERE id = 1",
        "UPDATE retraction SET reason = 'other'",
        "DELETE FROM retraction",
        "INSERT OR REPLACE INTO retraction VALUES (2, '2025-02-02', 'other')",
    ],
)
def test_facts_and_retractions_are_only_ever_added(one_fact: Database, statement: str) -> None:
    before = dump(one_fact)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        one_fact.execute(statement)
    one_fact.conn.rollback()
    assert dump(one_fact) == before


def test_foreign_keys_hold(one_fact: Database) -> None:
    for statement in (
        "INSERT INTO fact (ticker, quantity, as_of, known_at, known_assumed, value, unit, source)"
        " VALUES ('ONE', 'cash', '2025-01-01', '2025-01-02', 0, 1, 'USD', 'nobody')",
        "INSERT INTO retraction VALUES (77, '2025-01-01', 'no such fact')",
        "DELETE FROM source WHERE id = 'filings'",
        "DELETE FROM company WHERE ticker = 'ONE'",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            one_fact.execute(statement)
        one_fact.conn.rollback()


def test_migrations_applied_twice_change_nothing(database: Database) -> None:
    before = dump(database)
    migrations.apply(database)
    assert dump(database) == before
    assert migrations.pending(database) == []


# -- the reference data --------------------------------------------------------------------------------------------


def test_every_fact_and_price_leads_to_a_titled_source(reference_db: Path) -> None:
    db = open_database(reference_db)
    for table in ("fact", "price", "split", "purchase", "instrument", "company", "alias", "exchange"):
        untraced = f"SELECT count(*) FROM {table} t LEFT JOIN source s ON s.id = t.source WHERE length(trim(coalesce(s.title, ''))) = 0"
        assert db.execute(untraced).fetchone() == (0,), table
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0, table
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


def test_a_source_without_an_address_is_one_that_has_none(reference_db: Path) -> None:
    db = open_database(reference_db)
    used = db.execute("SELECT DISTINCT s.id, s.url FROM known_fact f JOIN source s ON s.id = f.source").fetchall()
    assert len(used) > 100
    bad = [one for one, url in used if url is not None and not url.startswith(("https://", "http://"))]
    assert bad == []
    db.close()


@pytest.mark.slow
def test_loading_the_reference_data_again_changes_nothing(reference_copy: Path) -> None:
    db = open_database(reference_copy, writable=True)
    before = reference_copy.read_bytes()
    assert not any(load_reference(db).values())
    assert reference_copy.read_bytes() == before
    db.close()


@pytest.mark.slow
def test_every_row_of_the_reference_files_is_stored(reference_db: Path) -> None:
    db = open_database(reference_db)
    wanted = Counter[str]()
    for sheet_, rows, _ in reference_sheets():
        if sheet_.kind not in ("retraction", "withdrawn"):  # there is nothing to take back in a new database
            wanted["price" if sheet_.kind in ("equity_price", "btc_price", "fx_rate") else sheet_.kind] += len(rows)
    assert wanted.keys() > {"fact", "price", "purchase", "source"}
    for table, count in wanted.items():
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,), table
    db.close()


@pytest.mark.slow
def test_a_fact_withdrawn_from_the_reference_data_stays_withdrawn(reference_copy: Path) -> None:
    db = open_database(reference_copy, writable=True)
    (fact,) = db.execute("SELECT max(id) FROM fact WHERE ticker = 'MSTR' AND quantity = 'btc_holdings'").fetchone()
    with writing(db):
        retract(db, fact, "2026-01-01", "read from the wrong column")
    before = reference_copy.read_bytes()
    assert not any(load_reference(db).values())
    assert reference_copy.read_bytes() == before
    db.close()


# -- adding --------------------------------------------------------------------------------------------------------

CLOSES = closes("ONE", 5)


def test_a_file_is_taken_whole_or_not_at_all(database: Database) -> None:
    ground(database)
    store(database, company("ONE"))
    before = dump(database)
    with pytest.raises(InputError, match=r"^file0.csv:7: unknown ticker 'TWO'; give a company file"):
        store(database, CLOSES + "TWO,2025-01-06,5,market\n")
    assert dump(database) == before
    good = facts("ONE", "btc_holdings 2025-01-05 2025-01-06 10 BTC")
    with pytest.raises(InputError, match="unknown source 'nobody'"):
        store(database, CLOSES, good + good.splitlines()[1].replace("filings", "nobody") + "\n")
    assert dump(database) == before, "the prices of the first file stayed though the second failed"


def test_a_row_that_names_something_unknown_is_said_with_its_own_line(database: Database) -> None:
    ground(database)
    store(database, company("ONE"))
    rows = sheet(
        "fact",
        'ONE,,cash,2025-01-05,2025-01-06,1,USD,filings,"a note\nof two lines"',
        "",
        "ONE,,cash,2025-01-06,2025-01-07,1,USD,nobody,",
    )
    with pytest.raises(InputError, match=r"^file0.csv:5: unknown source 'nobody'"):
        store(database, rows)


def test_files_may_stand_in_any_order(database: Database) -> None:
    store(
        database,
        CLOSES,
        facts("ONE", "btc_holdings 2025-01-05 2025-01-06 10 BTC"),
        company("ONE"),
        BITCOIN,
        EXCHANGES,
        SOURCES,
    )
    assert database.execute("SELECT count(*) FROM fact").fetchone() == (1,)


def test_the_same_rows_again_are_nothing_new(one_fact: Database) -> None:
    files = (
        company("ONE"),
        CLOSES,
        facts("ONE", "btc_holdings 2025-01-05 2025-01-06T12:00:00Z 10 BTC"),
        SOURCES,
        BITCOIN,
    )
    store(one_fact, *files)
    before = dump(one_fact)
    assert not any(store(one_fact, *files).values())
    assert dump(one_fact) == before


def test_a_contradicting_fact_is_refused_and_names_what_is_stored(one_fact: Database) -> None:
    before = dump(one_fact)
    with pytest.raises(InputError) as error:
        store(one_fact, facts("ONE", "btc_holdings 2025-01-05 2025-01-06T12:00:00Z 11 BTC"))
    message = str(error.value)
    assert message.startswith("file0.csv:2: ONE btc_holdings as of 2025-01-05 is stored as 10 BTC")
    assert "this row says 11 BTC" in message
    assert "retraction" in message
    assert dump(one_fact) == before


def test_after_a_retraction_the_right_value_is_taken_and_the_wrong_one_stays_out(one_fact: Database) -> None:
    wrong, right = (facts("ONE", f"btc_holdings 2025-01-05 2025-01-06T12:00:00Z {value} BTC") for value in (10, 11))
    with writing(one_fact):
        retract(one_fact, 1, "2025-02-01", "10 was the purchase, not the holdings")
    assert store(one_fact, wrong)["fact"] == 0
    assert store(one_fact, right)["fact"] == 1
    assert one_fact.execute("SELECT value FROM known_fact").fetchall() == [(11,)]
    assert not any(store(one_fact, wrong, right).values()), "both again are nothing new"


def test_a_restatement_known_later_is_a_fact_of_its_own(one_fact: Database) -> None:
    assert store(one_fact, facts("ONE", "btc_holdings 2025-01-05 2025-03-01T12:00:00Z 11 BTC"))["fact"] == 1
    assert one_fact.execute("SELECT value FROM known_fact ORDER BY known_at").fetchall() == [(10,), (11,)]


def test_retracted_facts_do_not_count(one_fact: Database) -> None:
    assert one_fact.execute("SELECT count(*) FROM fact").fetchone() == (2,)
    assert one_fact.execute("SELECT id, source_title, url FROM known_fact").fetchall() == [
        (1, "Form 8-K", "https://example.org/8-k")
    ]
    assert list(fact_columns(one_fact).id) == [1]


def test_only_a_fact_that_stands_can_be_withdrawn_and_with_a_reason(one_fact: Database) -> None:
    for fact, reason in ((99, "no such fact"), (2, "withdrawn already"), (1, "  ")):
        with pytest.raises(InputError):
            retract(one_fact, fact, "2025-02-01", reason)


def test_a_corrected_price_replaces_the_old_one(one_fact: Database) -> None:
    store(one_fact, closes("ONE", 5))
    assert store(one_fact, closes("ONE", 6, DAYS[:2]))["price"] == 2
    assert [close for (close,) in one_fact.execute("SELECT close FROM price WHERE symbol = 'ONE' ORDER BY date")] == [
        6,
        6,
        5,
        5,
        5,
    ]


def test_a_fact_without_a_moment_says_that_its_moment_is_assumed(database: Database) -> None:
    ground(database)
    store(database, company("ONE"), facts("ONE", "btc_holdings 2025-01-05 - 10 BTC"))
    assert database.execute("SELECT known_at, known_assumed FROM fact").fetchall() == [("2025-01-05", 1)]


# what has to be valued again, as (company, states too, first day, last day), after each kind of change
CHANGES = [
    (facts("ONE", "cash 2025-01-06 2025-01-08T12:00:00Z 1 USD"), {("ONE", 1, "2025-01-07", None)}),
    (facts("ONE", "cash 2025-01-06 2025-01-06T12:00:00Z 1 USD"), {("ONE", 1, "2025-01-06", None)}),
    (closes("ONE", 7, ["2025-01-08"]), {("ONE", 0, "2025-01-08", "2025-01-08")}),
    (sheet("btc_price", "2025-01-08,utc,99,market"), {(None, 0, "2025-01-07", "2025-01-13")}),
    (sheet("fx_rate", "2025-01-08,JPY,0.012,market"), {(None, 0, "2025-01-08", "2025-01-13")}),
    (sheet("split", "ONE,2025-01-08,2,1,filings,"), {("ONE", 1, "0001-01-01", None)}),
    (sheet("instrument", "ONE,note,convertible,USD,2025-01-01,,,,,10,,,,,,,filings"), {("ONE", 1, "0001-01-01", None)}),
    (company("ONE", complete=""), {("ONE", 1, "0001-01-01", None)}),
    (EXCHANGES.replace("16:00", "17:00"), {(None, 1, "0001-01-01", None)}),
    (SOURCES.replace("filings,filing", "filings,press"), {("ONE", 1, "0001-01-01", None)}),
    (SOURCES.replace("example.org/8-k", "example.org/other"), set()),
    (sheet("purchase", "ONE,2025-01-06,,,1,,,,,filings"), {("ONE", 1, "2025-01-06", None)}),
    (sheet("alias", "ONE,First,former_name,,,filings"), set()),
]  # fmt: skip


@pytest.mark.parametrize(("file", "dirty"), CHANGES, ids=[f"{number} {file.split(',')[0]}" for number, (file, _) in enumerate(CHANGES)])  # fmt: skip
def test_what_a_change_can_have_touched_is_marked(
    one_fact: Database, file: str, dirty: set[tuple[object, ...]]
) -> None:
    store(one_fact, closes("ONE", 5))
    with writing(one_fact):
        one_fact.execute("DELETE FROM dirty")
    store(one_fact, file)
    marked = "SELECT ticker, states, from_date, to_date FROM dirty d LEFT JOIN company c ON c.id = d.company_id"
    assert set(one_fact.execute(marked).fetchall()) == dirty


def test_a_retraction_marks_from_the_day_its_fact_counted(one_fact: Database) -> None:
    with writing(one_fact):
        one_fact.execute("DELETE FROM dirty")
        retract(one_fact, 1, "2025-02-01", "mistyped")
    assert one_fact.execute("SELECT states, from_date, to_date FROM dirty").fetchall() == [(1, "2025-01-05", None)]


@pytest.mark.slow
def test_an_error_inside_the_transaction_leaves_no_row(database: Database) -> None:
    before = dump(database)

    def killed() -> None:
        with writing(database):
            add(database, reference_sheets("source"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert dump(database) == before


def test_a_database_of_an_earlier_version_says_so_and_one_writing_command_mends_it(tmp_path: Path) -> None:
    """Reading changes nothing, so it cannot bring the views up to date; the user's own views stay as they are."""
    path = tmp_path / "old.db"
    db = open_database(path, writable=True)
    db.execute("DROP VIEW mnav_latest")
    db.execute("CREATE VIEW mnav_latest AS SELECT ticker FROM company")
    db.execute("CREATE VIEW my_own AS SELECT ticker FROM mnav_daily")
    db.close()
    with pytest.raises(DatabaseError, match="earlier version of mnav \\(mnav_latest out of date\\); run `mnav value`"):
        open_database(path)
    open_database(path, writable=True).close()
    db = Database(path)
    assert {"mnav_latest", "my_own"} <= set(db.view_names())
    assert "stale" in {column.name for column in db["mnav_latest"].columns}
    db.close()


def test_a_file_from_before_entries_by_hand_keeps_its_sources_and_takes_them(tmp_path: Path) -> None:
    """Its table of sources is made anew, with all that refers to it."""
    path = tmp_path / "old.db"
    db = Database(path)
    migrations.apply(db, stop_before="watch_lists")
    db.execute("INSERT INTO source (id, kind, title, redistributable) VALUES ('f', 'filing', 'a filing', 'yes')")
    db.execute(
        "INSERT INTO company (ticker, name, country, currency, kind, source) VALUES ('ONE', 'One', 'US', 'USD', 'treasury', 'f')"
    )
    db.conn.commit()
    db.close()
    db = open_database(path, writable=True)
    assert db.execute("SELECT * FROM source").fetchall() == [("f", "filing", "a filing", None, None, "yes")]
    db.execute("INSERT INTO source (id, kind, title) VALUES ('u', 'user', 'entered by hand')")
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("DELETE FROM source WHERE id = 'f'")  # a company rests on it
    db.close()
