"""A database of an earlier version is copied, brought over and says so; the journal tells of prices, fixings and splits that were replaced."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_up import DAYS, closes, company, facts, ground, sheet, store
from sqlite_utils import Database

from db import open_database
from db.connection import APPLICATION_ID
from db.derived.valuations import bring_up_to_date, rebuild
from db.feeds import news
from db.tables.reference import add_hours, load_reference
from db.tables.schema import migrations
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


@pytest.mark.slow
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


@pytest.mark.slow
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


OLD_ROWS = """
INSERT INTO source (id, kind, title) VALUES ('filings', 'filing', 'Form 8-K'), ('market', 'market', 'Closes'), ('strategy-dashboard', 'issuer', 'strategy.com');
INSERT INTO exchange (mic, timezone, close_time, source) VALUES ('XNAS', 'America/New_York', '16:00', 'market'), ('XTKS', 'Asia/Tokyo', '15:30', 'market');
INSERT INTO company (ticker, name, mic, country, currency, kind, instruments_complete, source) VALUES
  ('ONE', 'One Inc', 'XNAS', 'US', 'USD', 'treasury', 'yes', 'filings'), ('TWO', 'Two KK', 'XTKS', 'JP', 'JPY', 'treasury', 'yes', 'filings');
INSERT INTO fact (ticker, quantity, as_of, known_at, known_assumed, value, unit, source) VALUES
  ('ONE', 'btc_holdings', '2024-11-24', '2024-11-25T13:00:00Z', 0, 100, 'BTC', 'filings'), ('ONE', 'shares_basic', '2024-11-24', '2024-11-25T13:00:00Z', 0, 1000000, 'shares', 'filings'),
  ('TWO', 'btc_holdings', '2024-11-24', '2024-11-25T03:00:00Z', 0, 100, 'BTC', 'filings'), ('TWO', 'shares_basic', '2024-11-24', '2024-11-25T03:00:00Z', 0, 1000000, 'shares', 'filings');
INSERT INTO split (ticker, ex_date, numerator, denominator, source) VALUES ('ONE', '2024-12-02', 2, 1, 'filings');
INSERT INTO price (symbol, date, fixing, close, currency, source) VALUES
  ('ONE', '2024-11-27', 'close', 10, 'USD', 'market'), ('ONE', '2024-11-29', 'close', 10, 'USD', 'market'), ('ONE', '2024-12-02', 'close', 5, 'USD', 'market'),
  ('TWO', '2024-11-27', 'close', 1500, 'JPY', 'market'), ('TWO', '2024-11-29', 'close', 1500, 'JPY', 'market'), ('JPYUSD', '2024-11-26', 'ecb', 0.0066, 'USD', 'market'),
  ('BTC', '2024-11-26', 'utc', 91000, 'USD', 'market'), ('BTC', '2024-11-28', 'utc', 95000, 'USD', 'market'),
  ('BTC', '2024-11-27', 'nyse', 95900, 'USD', 'strategy-dashboard'), ('BTC', '2024-11-29', 'nyse', 97400, 'USD', 'strategy-dashboard'), ('BTC', '2024-12-02', 'nyse', 95800, 'USD', 'market');
INSERT INTO state (id, company_id, from_date, btc, btc_as_of, shares_basic, shares_basic_as_of, split_factor, dilution_known, known_assumed, missing, reason) VALUES
  (1, 1, '2024-11-25', 100, '2024-11-24', 1000000, '2024-11-24', 1, 0, 0, '', '');
INSERT INTO valuation (company_id, date, price, fx, btc_price, btc_fixing, dilutive_shares, state) VALUES (1, '2024-11-27', 10, 1, 95900, 'nyse', 0, 1), (1, '2024-11-29', 10, 1, 97400, 'nyse', 0, 1);
"""  # the dashboard's prices of 24:00 called nyse, one true 16:00 price of a live source, and what was valued with them


def made_in_the_old_schema(path: Path) -> None:
    """A file as the version before listed units, early closes and hours of bitcoin wrote it, statement by statement."""
    db = Database(path)
    migrations.apply(db, stop_before="listing")
    db.conn.executescript(OLD_ROWS)
    db.execute("CREATE VIEW mnav_daily AS SELECT * FROM valuation")  # an older view of the same name
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.conn.commit()
    db.close()


@pytest.mark.slow
def test_a_file_of_the_old_schema_is_copied_moved_valued_again_and_told(tmp_path: Path) -> None:
    path, fresh = tmp_path / "mnav.db", tmp_path / "fresh.db"
    made_in_the_old_schema(path)

    def call(*words: str, db: Path = path) -> str:
        done = CliRunner().invoke(mnav, [*words, "--db", str(db)], prog_name="mnav")
        assert done.exit_code == 0, done.output
        return done.output

    call("value")
    with sqlite3.connect(tmp_path / "mnav-before-publisher-fixing.db") as copy:
        assert copy.execute("SELECT btc_price, btc_fixing FROM valuation").fetchall() == [
            (95900, "nyse"),
            (97400, "nyse"),
        ]
        assert copy.execute("SELECT count(*) FROM price WHERE fixing = 'nyse'").fetchone() == (3,)
    with sqlite3.connect(path) as db:
        prices = (
            "SELECT date, fixing, close FROM price WHERE symbol = 'BTC' AND fixing IN ('nyse', 'strategy') ORDER BY 1"
        )
        assert db.execute(prices).fetchall() == [
            ("2024-11-27", "strategy", 95900), ("2024-11-29", "strategy", 97400), ("2024-12-02", "nyse", 95800),
        ]  # fmt: skip
        rows = {
            (ticker, day): told
            for ticker, day, *told in db.execute(
                "SELECT ticker, date, btc_price_at, btc_fixing, round(mnav_market_cap * btc_price) FROM mnav_daily"
            )
        }
    assert rows["ONE", "2024-11-27"] == ["2024-11-27T21:00:00Z", "nyse", 100_000]
    assert rows["ONE", "2024-11-29"] == ["2024-11-29T18:00:00Z", "nyse_1300", 100_000], (
        "the day after Thanksgiving ends at 13:00"
    )
    assert rows["ONE", "2024-12-02"] == ["2024-12-02T21:00:00Z", "nyse", 100_000], "on the basis of its split"
    assert rows["TWO", "2024-11-29"][0] <= "2024-11-29T06:30:00Z"

    made = open_database(fresh, writable=True)  # the same rows, as this version would have stored them
    made.conn.executescript(OLD_ROWS[: OLD_ROWS.index("INSERT INTO state")])
    made.execute("UPDATE price SET fixing = 'strategy' WHERE source = 'strategy-dashboard'")
    add_hours(made)
    made.conn.commit()
    rebuild(made)
    made.close()
    with sqlite3.connect(path) as ours, sqlite3.connect(fresh) as theirs:
        told = "SELECT * FROM mnav_daily ORDER BY ticker, date"
        assert ours.execute(told).fetchall() == theirs.execute(told).fetchall()

    later = {
        "close.csv": closes("ONE", 11, ["2024-11-27"]),
        "rate.csv": sheet("fx_rate", "2024-11-26,JPY,0.0067,market"),
        "split.csv": sheet("split", "ONE,2024-12-02,4,2,filings,", "TWO,2024-11-28,1,1.25,filings,"),
        "fixing.csv": sheet("btc_price", "2024-11-28,utc,95100,market"),
    }
    for name, text in later.items():
        (tmp_path / name).write_text(text)
    call("import", *(str(tmp_path / name) for name in later))
    journal = call("revisions", "--csv")
    for line in ("ONE,close,", "JPYUSD,usd_per_unit,", "TWO,split,", "BTC,close,"):
        assert line in journal, journal


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
