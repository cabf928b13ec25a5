"""A file from before what comes in had bounds: the next run withdraws what cannot be true, cuts what no cell may hold, says so, and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_up import closes, company, facts, ground, sheet, store
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import rebuild
from db.tables.repaired import fitted, repair
from db.tables.transaction import writing
from scripts.main import mnav
from treasury.intake.csv_files import FIRST_TERM, LAST_TERM, read_sheet, symbol
from treasury.model import InputError

LONG = "A" * 251
ENDLESS = "B" * 5_000_000
KEPT = ("btc_holdings 2025-01-05 2025-01-05 100 BTC", "shares_basic 2025-01-05 2025-01-05 1000000 shares")


def older(path: Path) -> None:
    """A valued database with every kind of row that got in once."""
    db = open_database(path, writable=True)
    ground(db)
    store(db, company("ONE"), facts("ONE", *KEPT), closes("ONE", 50))
    assert rebuild(db) == 5
    with writing(db):
        name = "INSERT INTO company (ticker, name, mic, country, currency, kind, source) VALUES (?, ?, 'XNAS', 'US', 'USD', 'treasury', 'filings')"
        db.execute(name, (LONG, "An\x1b[31m Inc"))
        db.execute(name, ("../../etc/x", "Path Inc"))
        db.execute("INSERT INTO alias VALUES ('ONE', ?, 'symbol', NULL, NULL, 'filings')", (ENDLESS,))
        fact = "INSERT INTO fact (ticker, quantity, as_of, known_at, known_assumed, value, unit, source, note) VALUES (?, ?, ?, ?, 0, ?, ?, 'tracker-2025-01-06', ?)"
        for row in (
            ("ONE", "btc_holdings", "0001-01-01", "0001-01-01", 5.0, "BTC", None),
            ("ONE", "btc_holdings", "9999-12-31", "9999-12-31", 6.0, "BTC", None),
            ("ONE", "btc_holdings", "2025-01-06", "9999-12-31T00:00:00Z", 7.0, "BTC", None),
            ("ONE", "shares_basic", "2025-01-06", "2025-01-06", 1e300, "shares", None),
            ("ONE", "debt_total", "2025-01-06", "2025-01-06", 5e6, "USD", "n\u202eote" * 2_000),
            (LONG, "btc_holdings", "2025-01-05", "2025-01-05", 9.0, "BTC", None),
        ):
            db.execute(fact, row)
        price = "INSERT INTO price (symbol, date, fixing, close, currency, source) VALUES (?, ?, ?, ?, 'USD', 'market')"
        for told in (
            ("ONE", "2025-01-09", "close2", 1e308), ("ONE", "0001-01-01", "close", 50), ("ONE", "9999-12-31", "close", 50),
            ("BTC", "9999-12-31", "utc", 100_000), ("JPYUSD", "0001-01-01", "ecb", 0.01), (ENDLESS, "2025-01-09", "close", 50),
            (LONG, "2025-01-09", "close", 50),
        ):  # fmt: skip
            db.execute(price, told)
        db.execute("UPDATE price SET close = 1e308 WHERE symbol = 'ONE' AND date = '2025-01-10'")
        db.execute(
            "INSERT INTO purchase VALUES ('ONE', '9999-12-31', NULL, NULL, 5, NULL, NULL, NULL, NULL, 'filings')"
        )
        db.execute(
            "INSERT INTO context (series, date, value, unit, source) VALUES ('fear_greed', '9999-12-31', 50, 'index', 'market')"
        )
        db.execute(
            "INSERT INTO quarantine (source, company, quantity, as_of, value, unit, reason, first_seen)"
            " VALUES ('coingecko', ?, 'btc_holdings', '0001-01-01', 5, 'BTC', ?, '2025-01-06T00:00:00Z')",
            (ENDLESS, "is \x1b]0;no\x07 name"),
        )  # fmt: skip
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'bounds'")
    db.close()


def call(path: Path, *words: str) -> Result:
    return CliRunner().invoke(mnav, ["--db", str(path), "--today", "2025-01-12", *words], prog_name="mnav")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    older(tmp_path / "mnav.db")
    return tmp_path / "mnav.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    db = open_database(path, writable=True)
    yield db
    db.close()


@pytest.mark.slow
def test_the_next_run_says_what_it_repairs_and_every_verb_works_after_it(
    path: Path, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    assert "made by an earlier version of mnav (bounds out of date)" in call(path, "show", "ONE").output
    assert call(path, "value").exit_code == 0
    said = [record.getMessage() for record in caplog.records]
    for words in (
        f"the company '{'A' * 60}… (251 characters)' goes by {'A' * 11}-",
        "goes by ETC-X-",
        "1 of alias.alias cut to 4,000 characters",
        "ONE btc_holdings of tracker-2025-01-06 is withdrawn: as_of: 0001-01-01 is before 2008-01-01",
        "known_at: 9999-12-31T00:00:00Z has not come yet",
        "ONE close of 2025-01-10 from market is withdrawn: 1e+308 USD is more than anything costs",
    ):
        assert any(words in line for line in said), words
    assert all(line.isprintable() and len(line) < 500 for line in said)
    for verb in (["show"], ["show", "ONE"], ["check", "--all"], ["revisions"], ["history", "ONE"], ["explain", "ONE"], ["value", "--full"],
                  ["report", "-o", str(tmp_path / "r.html")], ["export", "mnav_daily"], ["export", "fact", "--json"]):  # fmt: skip
        result = call(path, *verb)
        assert result.exit_code in (0, 1) if verb[0] == "check" else result.exit_code == 0, (
            words,
            result.output[-500:],
        )
        assert len(result.output) < 100_000, verb
        assert "1e308" not in result.output
        assert "inf" not in result.output.replace("info", "")
    (row,) = open_database(path).execute("SELECT date, btc, price FROM mnav_latest WHERE ticker = 'ONE'").fetchall()
    assert row == ("2025-01-09", 100, 50)


def test_nothing_goes_in_silence(db: Database) -> None:
    reasons = dict(
        db.execute("SELECT f.as_of || ' ' || f.value, reason FROM retraction r JOIN fact f ON f.id = r.fact").fetchall()
    )
    assert len(reasons) == 4
    assert reasons["2025-01-06 1.0e+300"].startswith("shares_basic 1e+300 shares is outside")
    dropped = db.execute("SELECT kind, ticker, day, value FROM withdrawn ORDER BY kind, value, ticker").fetchall()
    assert len(dropped) == 9
    assert ("equity_price", "ONE", "2025-01-10", 1e308) in dropped
    assert ("btc_price", "BTC", None, 100_000) in dropped
    assert ("purchase", "ONE", None, 5) in dropped
    assert ("context", "fear_greed", None, 50) in dropped
    assert db.execute("SELECT max(length(ticker)) FROM withdrawn").fetchone()[0] < 100


def test_a_company_keeps_its_rows_under_a_ticker_that_names_a_file(db: Database) -> None:
    tickers = [one for (one,) in db.execute("SELECT ticker FROM company").fetchall()]
    assert all(symbol(one) for one in tickers)
    (new,) = [one for one in tickers if one.startswith("AAA")]
    assert db.execute("SELECT value FROM fact WHERE ticker = ?", (new,)).fetchall() == [(9.0,)]
    assert db.execute("SELECT close FROM price WHERE symbol = ?", (new,)).fetchall() == [(50.0,)]
    assert db.execute("SELECT name FROM company WHERE ticker = ?", (new,)).fetchone() == ("An[31m Inc",)
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_facts_are_append_only_again(db: Database) -> None:
    for statement in ("UPDATE fact SET value = 1", "DELETE FROM retraction"):
        with pytest.raises(Exception, match="append-only"):
            db.execute(statement)
    db.conn.rollback()
    (note,) = db.execute("SELECT note FROM fact WHERE quantity = 'debt_total'").fetchone()
    assert note.startswith("notenote")
    assert len(note) <= 4_000


def test_a_sound_file_is_left_alone_however_the_clock_stands(tmp_path: Path) -> None:
    db = open_database(tmp_path / "mnav.db", writable=True)
    ground(db)
    store(db, company("ONE"), facts("ONE", *KEPT), closes("ONE", 50))
    store(db, sheet("fact", "ONE,,btc_holdings,2025-02-01,2025-01-06,120,BTC,filings,forward dated: a closing"))
    db.execute("INSERT INTO run (started_at, asked, versions) VALUES ('2025-02-01T00:00:00Z', 'run', '{}')")
    with writing(db):
        assert repair(db, date(2024, 6, 1)) == []
    db.close()


NOTE = "ONE,NOTE,convertible,USD,2024-01-01,2030-01-01,,,1,10,,,,,,,filings"
TERMS = {  # a file that states the day
    "instrument": "ONE,NOTE,convertible,USD,{0},{0},{0},{0},1,10,,,,,{0},,filings",
    "split": "ONE,{0},2,1,filings,",
    "listing": "ONE,ADS,2,{0},,filings,",
    "alias": "ONE,UNO,symbol,{0},{0},filings",
    "share_class": "ONE,B,economic,1,{0},,filings,",
    "relation": "ONE,ONE,consolidated_by,{0},,filings,",
    "exchange": "XNAS,America/New_York,16:00,{0},market,",
}


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
@pytest.mark.parametrize("kind", TERMS)
def test_terms_and_validity_have_bounds_of_their_own(kind: str, day: str) -> None:
    with pytest.raises(InputError, match="is before 1900-01-01 or after 2199-12-31"):
        read_sheet(sheet(kind, TERMS[kind].format(day)).splitlines(keepends=True), "file.csv")


@pytest.mark.parametrize(
    ("kind", "row", "words"),
    [
        ("instrument", "ONE,NOTE,convertible,USD,2024-01-01,,,,1e300,10,,,,,,,filings", "per cent a year"),
        ("instrument", "ONE,NOTE,convertible,USD,2024-01-01,,,,1,1e300,,,,,,,filings", "more than anything costs"),
        ("instrument", "ONE,NOTE,convertible,USD,2024-01-01,,,,1,10,1e-300,,,,,,filings", "no ratio of shares"),
        ("listing", "ONE,ADS,1e300,,,filings,", "no ratio of shares"),
        ("share_class", "ONE,B,economic,1e-300,,,filings,", "no ratio of shares"),
        ("split", "ONE,2025-01-08,1e15,1,filings,", "no ratio of shares"),
        ("purchase", "ONE,2025-01-06,,,22000000,,,,,filings", "btc 22,000,000 is outside"),
        ("purchase", "ONE,2025-01-06,,,5,1e300,USD,,,filings", "cost 1e\\+300 is outside"),
        ("purchase", "ONE,2025-01-06,,,5,5,USD,1e300,,filings", "more than anything costs"),
    ],
)
def test_no_magnitude_is_beyond_belief(kind: str, row: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_sheet(sheet(kind, row).splitlines(keepends=True), "file.csv")


@pytest.mark.slow
@pytest.mark.parametrize("day", [FIRST_TERM, LAST_TERM])
@pytest.mark.parametrize("kind", [kind for kind in TERMS if kind != "relation"])
def test_the_farthest_terms_are_valued(kind: str, day: str, tmp_path: Path) -> None:
    db = open_database(tmp_path / "mnav.db", writable=True)
    ground(db)
    store(
        db,
        company("ONE"),
        sheet("instrument", NOTE),
        facts("ONE", *KEPT, "principal/NOTE 2025-01-05 2025-01-05 1000000 USD"),
        closes("ONE", 50),
    )
    store(db, sheet(kind, TERMS[kind].format(day)))
    assert rebuild(db) == 5
    db.close()


def test_terms_beyond_every_contract_are_brought_to_the_bounds(tmp_path: Path) -> None:
    db = open_database(tmp_path / "mnav.db", writable=True)
    ground(db)
    store(db, company("ONE"), sheet("instrument", NOTE), facts("ONE", *KEPT), closes("ONE", 50))
    with writing(db):
        db.execute("UPDATE instrument SET issue_date = '0001-01-01', maturity = '9999-12-31'")
        db.execute(
            "INSERT INTO split VALUES ('ONE', '1900-01-01', 2, 1, 'filings', NULL), ('ONE', '0001-01-01', 3, 1, 'filings', NULL)"
        )
        done = repair(db, date(2025, 2, 1))
    assert done == [
        "instrument of ONE: issue_date 0001-01-01 is taken as 1900-01-01",
        "instrument of ONE: maturity 9999-12-31 is taken as 2199-12-31",
        "ONE split of 0001-01-01 from filings is withdrawn: ex_date 0001-01-01 is no day of any",
    ]
    assert db.execute("SELECT issue_date, maturity FROM instrument").fetchone() == ("1900-01-01", "2199-12-31")
    assert db.execute("SELECT numerator FROM split").fetchall() == [(2.0,)]
    assert rebuild(db) == 5
    db.close()


def test_words_that_were_cut_stay_apart() -> None:
    one, other = fitted("C" * 9_999 + "1"), fitted("C" * 9_999 + "2")
    assert len(one) == len(other) == 4_000
    assert one != other
    assert fitted("Strategy Inc") == "Strategy Inc"
