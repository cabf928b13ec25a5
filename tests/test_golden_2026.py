"""Numbers others published of 2025 and 2026, met by definitions, rows and the journal of the reference data.

Each stands with its tolerance (the publisher's rounding and the hour it did not print) and the page that printed it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from db import open_database
from db.reads import views
from db.reads.published_multiple import subject
from treasury.publishers.definition import UTC
from treasury.publishers.table import BY_ID


@pytest.fixture(scope="module")
def db(reference_db: Path) -> Database:
    return open_database(reference_db)


@pytest.mark.parametrize(
    ("name", "ticker", "day", "published", "tolerance"),
    [
        # strategy.com, "hitting 1.02 on Tuesday", quoted at alookzone.com/en-PH/news/421219
        ("strategy-ev-2025", "MSTR", "2026-01-06", 1.02, 0.01),
        # "Basic" of a Monday morning, newsletter.bitcointreasuries.net/p/bitcoin-balance-sheet-041
        ("bitcointreasuries-basic", "MSTR", "2025-12-15", 0.843, 0.02),
        # 35,102 BTC, basic or diluted not said, stacker.news/items/1401996
        ("bitcointreasuries-basic", "3350.T", "2025-12-30", 1.14, 0.09),
    ],
)
def test_a_published_number_is_met_by_its_definition(
    db: Database, name: str, ticker: str, day: str, published: float, tolerance: float
) -> None:
    assert BY_ID[name].on(subject(db, ticker, day)).value == pytest.approx(published, abs=tolerance)


def test_a_multiple_of_a_sunday_is_the_share_of_friday_and_the_bitcoin_of_the_day(db: Database) -> None:
    """BitcoinTreasuries.net: 0.856 basic, 0.954 diluted, 1.105 EV on 2025-11-30 (hodlingbtc.com/stories/mnav-capital-structure-2026-06)."""
    friday = subject(db, "MSTR", "2025-11-30")
    sunday = replace(friday, fixings={UTC: float(views.prices(db, "BTC", UTC)["2025-11-30"])})
    found = {name: BY_ID[f"bitcointreasuries-{name}"].on(sunday).value for name in ("basic", "diluted", "ev")}
    assert found["basic"] == pytest.approx(0.856, abs=0.012)  # bitcoin of an hour nobody printed
    assert found["basic"] is not None
    assert found["diluted"] is not None
    assert found["diluted"] / found["basic"] == pytest.approx(1.1145, abs=0.0012)  # free of the bitcoin price


def test_satoshis_a_share_as_announced_before_the_listing(read: sqlite3.Connection) -> None:
    """XXI: 12,559 sats a fully diluted share (coincentral.com, 5,800 BTC ahead of the debut); 43,514 / 346,548,153 by the 8-K."""
    row = read.execute(
        "SELECT sats_per_share FROM mnav_daily WHERE ticker = 'XXI' AND date >= '2025-12-15' AND sats_per_share IS NOT NULL ORDER BY date LIMIT 1"
    ).fetchone()
    assert row["sats_per_share"] == pytest.approx(12_559, abs=5)


def test_holdings_of_the_annual_report_stand_in_the_journal(read: sqlite3.Connection) -> None:
    """ABTC: 5,401 on 2025-12-31 (us-gaap:CryptoAssetNumberOfUnits, accession 0001193125-26-127278, and the 8-K before it)."""
    rows = read.execute(
        "SELECT new FROM revisions WHERE ticker = 'ABTC' AND quantity = 'btc_holdings' AND as_of = '2025-12-31'"
    ).fetchall()
    assert [row["new"] for row in rows] == [5_401]
