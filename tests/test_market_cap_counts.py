"""A published market cap by the close of its day gives a share count, and only where nobody told one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from made_up import DAYS, closes, company, empty, facts, ground, sheet, store
from sqlite_utils import Database

from db import open_database
from db.derived import market_caps
from db.derived.valuations import bring_up_to_date, rebuild
from db.tables import objects
from db.tables.store import retract
from db.tables.transaction import writing
from treasury.known.shares import count_from_market_cap

TRACKER = "tracker-2025-01-06"
CAP = "market_cap_published 2025-01-06 2025-01-06 {} {}"


@pytest.fixture
def db(tmp_path: Path) -> Database:
    """ORNG holds 10 BTC (1 million USD) and closes at 4 USD; YEN the same at 400 JPY; of neither is a count known."""
    found = empty(tmp_path / "mnav.db")
    ground(found)
    store(found, company("ORNG"), company("YEN", mic="XTKS", currency="JPY"))
    for ticker, price in (("ORNG", 4), ("YEN", 400)):
        store(found, facts(ticker, "btc_holdings 2025-01-02 2025-01-03 10 BTC"), closes(ticker, price))
    return found


def rows(db: Database, ticker: str = "ORNG") -> dict[str, tuple[Any, ...]]:
    """Day by day the count, the multiple, and whether the reason tells where the count is from."""
    return {
        day: (shares, multiple, "SHARES_FROM_MARKET_CAP" in (reason or "").split())
        for day, shares, multiple, reason in db.execute(
            "SELECT date, shares_basic, mnav_market_cap, reason FROM mnav_daily WHERE ticker = ? ORDER BY date",
            (ticker,),
        ).fetchall()
    }


def test_the_count_is_the_market_cap_by_that_days_close_in_its_currency() -> None:
    assert count_from_market_cap(2_000_000, 1.0, 4.0, 1.0) == 500_000
    assert count_from_market_cap(2_000_000, 1.0, 400.0, 0.01) == 500_000  # 400 yen are 4 dollars
    assert count_from_market_cap(200, 1.0, 4.0, 1.0) is None  # fifty shares are no company


def test_it_speaks_from_the_next_close_on_and_says_so(db: Database) -> None:
    for ticker in ("ORNG", "YEN"):
        store(db, facts(ticker, CAP.format(2_000_000, "USD"), source=TRACKER))
    rebuild(db)
    for ticker in ("ORNG", "YEN"):
        told = rows(db, ticker)
        assert told[DAYS[0]] == (None, None, False)  # a day stands at its end
        assert {told[day] for day in DAYS[1:]} == {(500_000, 2.0, True)}
    (fact,) = [one for one in objects.facts(db, "YEN") if one.quantity == "shares_from_market_cap"]
    cap = db.execute("SELECT id FROM fact WHERE ticker = 'YEN' AND quantity = 'market_cap_published'").fetchone()[0]
    assert (fact.id, fact.value, fact.source_kind) == (cap, 500_000, "tracker")


def test_it_never_stands_beside_a_count_somebody_told(db: Database) -> None:
    store(
        db,
        facts("ORNG", CAP.format(2_000_000, "USD"), source=TRACKER),
        facts("ORNG", "shares_basic 2025-01-07 2025-01-07 400000 shares", source="press"),
    )
    rebuild(db)
    told = rows(db)
    assert told[DAYS[1]] == (500_000, 2.0, True)
    assert told[DAYS[2]] == (400_000, 1.6, False)


@pytest.mark.parametrize("source", ["filings", "market"])
def test_a_filing_tells_its_count_itself_and_one_known_by_then_leaves_no_room(db: Database, source: str) -> None:
    store(db, facts("ORNG", CAP.format(2_000_000, "USD"), source=source))
    store(db, facts("YEN", "shares_basic 2025-01-02 2025-01-03 400000 shares"), facts("YEN", CAP.format(2e6, "USD"), source=TRACKER))  # fmt: skip
    rebuild(db)
    assert set(rows(db).values()) == {(None, None, False)}
    assert set(rows(db, "YEN").values()) == {(400_000, 1.6, False)}
    assert db.execute("SELECT count(*) FROM derived_count").fetchone()[0] == 0


def test_it_is_used_for_ninety_days(db: Database) -> None:
    late = ("2025-04-04", "2025-04-07")
    store(
        db,
        facts("ORNG", CAP.format(2_000_000, "USD"), source=TRACKER),
        closes("ORNG", 4, late),
        sheet("btc_price", "2025-04-03,utc,100000,market", "2025-04-06,utc,100000,market"),
    )
    rebuild(db)
    told = rows(db)
    assert (told[late[0]], told[late[1]]) == ((500_000, 2.0, True), (None, None, True))  # 88 and 91 days
    (reason,) = db.execute("SELECT reason FROM mnav_daily WHERE ticker = 'ORNG' AND date = ?", late[1:]).fetchone()
    assert reason.split()[0] == "STALE_SHARES"


def test_beside_a_tiny_market_cap_it_is_doubted_like_any_count(db: Database) -> None:
    """From before a split of 1 for 20, and 0.05 of the bitcoin."""
    store(db, facts("ORNG", CAP.format(2_000_000, "USD"), source=TRACKER))
    store(db, sheet("split", "ORNG,2025-01-08,1,20,filings,"), closes("ORNG", 2, DAYS[2:]))
    rebuild(db)
    told = rows(db)
    assert told[DAYS[1]] == (500_000, 2.0, True)
    assert {told[day] for day in DAYS[2:]} == {(None, None, True)}
    assert db.execute("SELECT count(*) FROM mnav_daily WHERE instr(reason, 'INPUTS_DOUBTED') > 0").fetchone()[0] == 3


def test_a_later_close_a_corrected_one_and_a_withdrawn_market_cap_reach_the_rows(db: Database) -> None:
    """What is valued again where something changed equals what is valued anew."""
    store(db, company("LATE"), facts("LATE", "btc_holdings 2025-01-02 2025-01-03 10 BTC"))
    rebuild(db)
    steps = (
        (facts("LATE", CAP.format(2_000_000, "USD"), source=TRACKER), None),
        (closes("LATE", 4), 500_000),
        (closes("LATE", 5, DAYS[:1]), 400_000),
    )
    for file, shares in steps:
        store(db, file)
        bring_up_to_date(db)
        told = rows(db, "LATE")
        assert {row[0] for day, row in told.items() if day > DAYS[0]} == ({shares} if shares else set())
        rebuild(db)
        assert rows(db, "LATE") == told
    (cap,) = db.execute("SELECT id FROM fact WHERE ticker = 'LATE' AND quantity = 'market_cap_published'").fetchone()
    with writing(db):
        retract(db, cap, "2025-02-01", "of another company")
    bring_up_to_date(db)
    assert {row[0] for row in rows(db, "LATE").values()} == {None}


def test_a_database_from_before_gets_its_counts(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    store(db, facts("ORNG", CAP.format(2_000_000, "USD"), source=TRACKER))
    (path,) = [Path(file) for _, name, file in db.execute("PRAGMA database_list").fetchall() if name == "main"]
    with monkeypatch.context() as before:
        before.setattr(market_caps, "refresh", lambda db: None)
        rebuild(db)
    assert {rows(db)[day][:2] for day in DAYS} == {(None, None)}
    with db.conn:
        db.execute("DROP TABLE derived_count")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'counts_of_market_caps'")
    db.close()
    again = open_database(path, writable=True)
    bring_up_to_date(again)
    assert {rows(again)[day] for day in DAYS[1:]} == {(500_000, 2.0, True)}
