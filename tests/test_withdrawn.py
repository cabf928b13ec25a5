"""A later bundle over an older database: it ends like a fresh one, drops what was withdrawn and says so; what others brought stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import BITCOIN, EXCHANGES, RATES, SOURCES, closes, company, facts, sheet, store
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import bring_up_to_date
from db.tables.reference import load_reference
from treasury.errors import InputError

LATER = "2026-11-30"
SPLIT = "TWO,2025-01-08,1,100,market,"
# the first bundle: a split on the wrong day, a close read from another row, a sale that was none, a count misread
FIRST = {
    "sources": SOURCES,
    "exchanges": EXCHANGES,
    "btc_usd": BITCOIN,
    "fx": RATES,
    "companies": company("TWO"),
    "aliases": sheet("alias", "TWO,Second Inc,name,,,filings", "TWO,Wrong Inc,name,,,press"),
    "equity_prices": closes("TWO", 10),
    "splits": sheet("split", "TWO,2025-01-07,1,100,press,about that day"),
    "purchases": sheet(
        "purchase", "TWO,2025-01-06,,2025-01-05,10,900000,USD,90000,,filings", "TWO,2025-01-07,,,-5,,USD,,,press"
    ),
    "facts": facts(
        "TWO",
        "btc_holdings 2025-01-05 2025-01-05 1000 BTC",
        "shares_basic 2025-01-05 2025-01-05 900000000 shares",
        "debt_total 2025-01-05 2025-01-05 0 USD",
        "preferred_total 2025-01-05 2025-01-05 0 USD",
        "cash 2025-01-05 2025-01-05 0 USD",
    ),
}
WITHDRAWN = sheet(
    "withdrawn",
    f"split,TWO|2025-01-07|press,{LATER},the notice says 2025-01-08",
    f"equity_price,TWO|2025-01-06|market,{LATER},an export of the afternoon",
    f"equity_price,TWO|2025-01-07|market,{LATER},the exchange was shut",
    f"purchase,TWO|2025-01-07|||-5|press,{LATER},a transfer between its own wallets",
    f"alias,TWO|Wrong Inc|name||press,{LATER},another company",
    f"equity_price,TWO|2024-06-03|market,{LATER},never stored here",
)
SECOND = FIRST | {
    "aliases": sheet("alias", "TWO,Second Inc,name,,,filings"),
    "equity_prices": sheet("equity_price", "TWO,2025-01-06,12,press", *closes("TWO", 10).splitlines()[3:]),
    "splits": sheet("split", SPLIT),
    "purchases": sheet("purchase", "TWO,2025-01-06,,2025-01-05,10,950000,USD,95000,with fees,filings"),
    "facts": FIRST["facts"].replace("900000000", "100000000"),
    "retractions": sheet(
        "retraction",
        f"TWO,,shares_basic,2025-01-05,2025-01-05,900000000,filings,{LATER},misread",
        f"TWO,,shares_basic,2024-12-31,2025-01-05,1,filings,{LATER},never stored here",
    ),
    "withdrawn": WITHDRAWN,
}
TABLES = {
    "company": "ticker, name, source", "alias": "*", "split": "*", "purchase": "*", "price": "*", "source": "*",
    "known_fact": "ticker, instrument, quantity, as_of, known_at, known_assumed, value, unit, source, note", "mnav_daily": "*",
}  # fmt: skip


@pytest.fixture
def bundle(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Write a bundle's files into a folder of its own, load them, and value."""

    def load(db: Database, files: dict[str, str]) -> dict[str, int]:
        folder = tmp_path / f"bundle-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        counts = load_reference(db, folder)
        bring_up_to_date(db)
        return {table: count for table, count in counts.items() if count}

    return load


def content(db: Database) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: sorted(db.execute(f"SELECT {columns} FROM {table}").fetchall(), key=str)
        for table, columns in TABLES.items()
    }


def new(path: Path) -> Database:
    return open_database(path, writable=True)


def test_an_old_database_with_the_new_bundle_ends_like_a_fresh_one(tmp_path: Path, bundle) -> None:  # type: ignore[no-untyped-def]
    old, fresh = new(tmp_path / "old.db"), new(tmp_path / "fresh.db")
    bundle(old, FIRST)
    ((before,),) = old.execute("SELECT mnav_market_cap FROM mnav_daily WHERE date = '2025-01-10'").fetchall()
    assert before == pytest.approx(9_000_000 * 10 / 1e8)
    told = bundle(old, SECOND)
    assert (told["withdrawn"], told["retraction"], told["fact"]) == (5, 1, 1)
    bundle(fresh, SECOND)
    assert content(old) == content(fresh)
    assert [row[:2] for row in old.execute("SELECT ticker, ex_date FROM split")] == [("TWO", "2025-01-08")]
    ((after,),) = old.execute("SELECT mnav_market_cap FROM mnav_daily WHERE date = '2025-01-10'").fetchall()
    assert after == pytest.approx(1_000_000 * 10 / 1e8), "one split, not 1 for 10,000"
    assert bundle(old, SECOND) == {}, "the same again changes nothing"
    assert bundle(fresh, SECOND) == {}


def test_what_was_dropped_stands_in_the_journal_with_its_reason(tmp_path: Path, bundle) -> None:  # type: ignore[no-untyped-def]
    old, fresh = new(tmp_path / "old.db"), new(tmp_path / "fresh.db")
    bundle(old, FIRST)
    bundle(old, SECOND)
    bundle(fresh, SECOND)
    journal = "SELECT ticker, quantity, old, new, as_of, note FROM revisions WHERE what = 'withdrawn' AND date = ? ORDER BY quantity, as_of"
    assert old.execute(journal, [LATER]).fetchall() == [
        ("TWO", "alias", None, None, None, "another company"),
        ("TWO", "btc_acquired", -5, None, "2025-01-07", "a transfer between its own wallets"),
        ("TWO", "close", 10, None, "2025-01-06", "an export of the afternoon"),
        ("TWO", "close", 10, None, "2025-01-07", "the exchange was shut"),
        ("TWO", "shares_basic", 9e8, None, "2025-01-05", "misread"),
        ("TWO", "split", 0.01, None, "2025-01-07", "the notice says 2025-01-08"),
    ]
    assert fresh.execute(journal, [LATER]).fetchall() == [], "a fresh database never had them"


def test_a_bundled_row_never_replaces_what_somebody_else_brought(tmp_path: Path, bundle) -> None:  # type: ignore[no-untyped-def]
    db = new(tmp_path / "mnav.db")
    bundle(db, FIRST)
    store(
        db,
        "id,kind,title,url,licence_note\nexchange-feed,market,Closes of an exchange,,\n",
        sheet("equity_price", "TWO,2025-01-09,11,exchange-feed"),
        sheet("split", "TWO,2025-01-08,1,50,exchange-feed,"),
    )
    bundle(db, SECOND)
    assert db.execute("SELECT close, source FROM price WHERE symbol = 'TWO' AND date = '2025-01-09'").fetchall() == [
        (11, "exchange-feed")
    ]
    assert db.execute("SELECT ex_date, denominator, source FROM split").fetchall() == [
        ("2025-01-08", 50, "exchange-feed")
    ]
    assert bundle(db, SECOND) == {}


def test_a_withdrawal_takes_the_row_of_its_source_and_no_other(tmp_path: Path, bundle) -> None:  # type: ignore[no-untyped-def]
    db = new(tmp_path / "mnav.db")
    bundle(db, FIRST)
    store(db, sheet("equity_price", "TWO,2025-01-06,11,press"))
    bundle(db, FIRST | {"withdrawn": WITHDRAWN})
    assert db.execute("SELECT close, source FROM price WHERE symbol = 'TWO' AND date = '2025-01-06'").fetchall() == [
        (11, "press")
    ]


def test_somebody_who_withdraws_what_is_not_stored_is_told(tmp_path: Path, bundle) -> None:  # type: ignore[no-untyped-def]
    db = new(tmp_path / "mnav.db")
    bundle(db, FIRST)
    with pytest.raises(InputError, match=r"file0.csv:2: no such split is stored: TWO\|2025-01-09\|press"):
        store(db, sheet("withdrawn", f"split,TWO|2025-01-09|press,{LATER},a typing error"))
    with pytest.raises(InputError, match=r"write ticker\|ex_date\|source"):
        store(db, sheet("withdrawn", f"split,TWO|2025-01-07,{LATER},no source"))
    store(db, sheet("withdrawn", f"btc_price,2025-01-04|utc|market,{LATER},an unfinished day"))
    assert db.execute("SELECT ticker, quantity, old FROM revisions WHERE what = 'withdrawn'").fetchall() == [
        ("BTC", "close", 100000)
    ]
