"""A database of an earlier version is copied, brought over and says so; the journal tells of prices, fixings and splits that were replaced."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_up import DAYS, closes, company, facts, ground, sheet, store
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import bring_up_to_date, rebuild
from db.feeds import news
from db.tables.reference import load_reference
from db.tables.store import begin_run
from scripts.main import mnav
from treasury.messages.news import message

LATER = ("publisher_fixing", "restated")


def made_earlier(path: Path, reference: bool = False) -> None:
    """A database as it was before bitcoin moved to the share's own close: dashboard prices called nyse, and no hours."""
    db = open_database(path, writable=True)
    if reference:
        load_reference(db)
    else:
        ground(db)
        store(
            db,
            "id,kind,title,url,licence_note\nstrategy-dashboard,issuer,strategy.com,,\n",
            company("ONE"),
            closes("ONE", 15),
        )
        store(
            db,
            facts(
                "ONE", "btc_holdings 2025-01-05 2025-01-05 100 BTC", "shares_basic 2025-01-05 2025-01-05 1000000 shares"
            ),
        )
        store(db, sheet("btc_price", "2025-01-06,strategy,120000,strategy-dashboard", "2025-01-07,nyse,125000,market"))
    with db.conn:
        db.execute("DELETE FROM price WHERE symbol = 'BTC' AND fixing LIKE '__:__'")
        db.execute("UPDATE price SET fixing = 'nyse' WHERE symbol = 'BTC' AND fixing = 'strategy'")
        db.execute("UPDATE exchange SET calendar = NULL, auction_minutes = NULL")
    rebuild(db)
    for view in [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()]:
        db.execute(f"DROP VIEW {view}")
    db.execute("DROP TABLE restated")
    db.execute(f"DELETE FROM _sqlite_migrations WHERE name IN ({', '.join('?' * len(LATER))})", LATER)
    db.conn.commit()
    db.close()


def test_an_earlier_database_is_copied_beside_itself_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "mnav.db"
    made_earlier(path)
    (tmp_path / "as-it-was.db").write_bytes(path.read_bytes())
    db = open_database(path, writable=True)
    copy = tmp_path / "mnav-before-publisher-fixing.db"
    assert [record.getMessage() for record in caplog.records] == [
        f"this version changes stored multiples; {copy} is as it was before"
    ]
    with sqlite3.connect(copy) as old, sqlite3.connect(tmp_path / "as-it-was.db") as whole:
        assert list(old.iterdump()) == list(whole.iterdump())
    moved = "SELECT date, fixing, close FROM price WHERE symbol = 'BTC' AND fixing IN ('nyse', 'strategy') ORDER BY 1"
    assert db.execute(moved).fetchall() == [
        ("2025-01-06", "strategy", 120_000), ("2025-01-07", "nyse", 125_000),  # somebody else's stays
    ]  # fmt: skip
    bring_up_to_date(db)
    rows = db.execute("SELECT date, btc_fixing, btc_price FROM mnav_daily ORDER BY date LIMIT 2").fetchall()
    assert [row[:2] for row in rows] == [("2025-01-06", "nyse"), ("2025-01-07", "nyse")]
    assert rows[0][2] == pytest.approx(102_200, rel=0.01)  # the bundled hour of 21:00 UTC
    db.close()
    open_database(path, writable=True).close()
    assert len(caplog.records) == 1


def test_a_new_or_empty_database_is_not_copied(tmp_path: Path) -> None:
    open_database(tmp_path / "mnav.db", writable=True).close()
    assert [one.name for one in tmp_path.iterdir()] == ["mnav.db"]


def test_an_earlier_database_ends_like_a_fresh_one(tmp_path: Path, reference_db: Path) -> None:
    """By the next command that values, without another load of the bundled data; the mail of a run says it in a line."""
    path = tmp_path / "mnav.db"
    made_earlier(path, reference=True)
    done = CliRunner().invoke(mnav, ["value", "--db", str(path)], prog_name="mnav")
    assert done.exit_code == 0, done.output
    rows = "SELECT ticker, date, btc_price, btc_fixing, btc_price_at, mnav_market_cap, mnav_ev, missing, reason FROM mnav_daily ORDER BY 1, 2"
    with sqlite3.connect(path) as ours, sqlite3.connect(reference_db) as fresh:
        assert ours.execute(rows).fetchall() == fresh.execute(rows).fetchall()
    told = CliRunner().invoke(
        mnav, ["revisions", "--since", "2026-11-01", "--mail", "--db", str(path)], prog_name="mnav"
    )
    assert (
        "\nBitcoin (BTC)\n  close: 1,478 of 2020-08-10 to 2026-06-29 withdrawn: the price at 24:00 New York"
        in told.stdout
    )


# -- the journal ---------------------------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> Database:
    db = open_database(tmp_path / "mnav.db", writable=True)
    ground(db)
    store(db, company("ONE"), closes("ONE", 15), facts("ONE", "btc_holdings 2025-01-05 2025-01-05 1000 BTC", "shares_basic 2025-01-05 2025-01-05 1000000 shares"))  # fmt: skip
    store(db, sheet("split", "ONE,2024-06-03,2,1,filings,"))
    rebuild(db)
    return db


def told(db: Database) -> list[tuple[object, ...]]:
    return db.execute(
        "SELECT date, ticker, quantity, what, old, new, unit, note FROM revisions WHERE quantity IN ('close', 'usd_per_unit', 'split')"
    ).fetchall()


@pytest.mark.parametrize(
    ("change", "entry"),
    [
        (closes("ONE", 16, DAYS[:1]), (DAYS[0], "ONE", "close", "changed", 15, 16, "USD", "replaces what market said")),
        (
            sheet("btc_price", "2025-01-07,utc,99000,market"),
            ("2025-01-07", "BTC", "close", "changed", 100_000, 99_000, "USD", "at utc, replaces what market said"),
        ),
        (
            sheet("fx_rate", "2025-01-07,JPY,0.011,market"),
            ("2025-01-07", "JPYUSD", "usd_per_unit", "changed", 0.01, 0.011, "USD", "replaces what market said"),
        ),
        (
            sheet("split", "ONE,2024-06-03,3,1,filings,"),
            ("2024-06-03", "ONE", "split", "changed", 2, 3, "ratio", "another ratio of a split"),
        ),
        (
            sheet("split", "ONE,2025-01-08,1,10,filings,"),
            (
                "2025-01-08",
                "ONE",
                "split",
                "appeared",
                None,
                0.1,
                "ratio",
                "a split told after days from it on were valued",
            ),
        ),
    ],
)
def test_what_is_replaced_is_told(world: Database, change: str, entry: tuple[object, ...]) -> None:
    assert told(world) == []
    store(world, change)
    assert told(world) == [entry]
    store(world, change)  # the same again is no change
    assert told(world) == [entry]


@pytest.mark.parametrize(
    "row",
    [
        sheet("split", "ONE,2025-03-03,2,1,filings,"),
        closes("ONE", 17, ["2025-01-13"]),
        sheet("btc_price", "2025-01-08,21:00,1,market"),
    ],
)
def test_what_is_new_is_no_revision(world: Database, row: str) -> None:
    store(world, row)
    assert told(world) == []


def test_a_run_tells_of_replaced_prices_in_its_message(world: Database) -> None:
    def run(minute: int) -> None:
        bring_up_to_date(world)
        news.end_run(
            world, begin_run(world, "run", f"2025-01-11T22:{minute:02d}:00Z", {}), f"2025-01-11T22:{minute:02d}:30Z", {}
        )

    run(0)
    store(world, closes("ONE", 16, DAYS[:1]), sheet("btc_price", "2025-01-07,utc,99000,market"))
    run(1)
    text = message(news.since_last_run(world)).splitlines()
    assert "ONE Inc (ONE)" in text
    assert "  close: 15 → 16 USD (+1)" in text
    assert "Bitcoin (BTC)" in text
    assert "  close: 100,000 → 99,000 USD (−1,000)" in text


def test_the_verb_takes_the_new_quantities(world: Database, tmp_path: Path) -> None:
    store(world, closes("ONE", 16, DAYS[:1]))
    world.conn.commit()

    def call(*words: str) -> str:
        done = CliRunner().invoke(
            mnav, ["revisions", *words, "--db", str(tmp_path / "mnav.db"), "--csv"], prog_name="mnav"
        )
        assert done.exit_code == 0, done.output
        return done.stdout

    for quantity, shown in (("close", True), ("split", False), ("usd_per_unit", False)):
        assert ("ONE" in call("--quantity", quantity)) == shown
