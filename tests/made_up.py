"""A small made-up world as the CSV files a user would import: numbers so round that every answer is worked out by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlite_utils import Database

from db import open_database
from db.tables.store import add
from db.tables.transaction import writing
from treasury.intake.csv_files import SHEETS, read_sheet

SOURCES = """id,kind,title,url,licence_note
filings,filing,Form 8-K,https://example.org/8-k,
press,press,A newspaper,https://example.org/news,
tracker-2025-01-06,tracker,A tracker,https://example.org/tracker,
tracker-2025-02-03,tracker,A tracker,https://example.org/tracker,
market,market,Closing prices,https://example.org/prices,
"""
EXCHANGES = """mic,timezone,close_time,valid_from,source,note
XNAS,America/New_York,16:00,,market,
XTKS,Asia/Tokyo,15:30,,market,
"""
# BTC 100,000 USD and JPY 0.01 USD throughout, so that every ratio can be worked out in the head
DAYS = ("2025-01-06", "2025-01-07", "2025-01-08", "2025-01-09", "2025-01-10")
BITCOIN = "date,fixing,close,source\n" + "".join(
    f"{day},utc,100000,market\n" for day in ("2025-01-03", "2025-01-04", "2025-01-05", *DAYS)
)
RATES = "date,currency,usd_per_unit,source\n" + "".join(f"{day},JPY,0.01,market\n" for day in ("2025-01-03", *DAYS))


def empty(path: Path) -> Database:
    """A writable database of no company. Its tables and views are made once; how a first call makes them is for tests/test_db.py."""
    path.write_bytes(_tables())
    return open_database(path, writable=True)


@cache
def _tables() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mnav.db"
        open_database(path, writable=True).close()
        return path.read_bytes()


def sheet(kind: str, *rows: str) -> str:
    """A CSV file of one kind from its rows without the header; late columns are left out."""
    return "\n".join([",".join(SHEETS[kind].headers[-1]), *rows, ""])


def company(ticker: str, *, mic: str = "XNAS", currency: str = "USD", kind: str = "treasury", active_to: str = "", complete: str = "yes", cik: str = "") -> str:  # fmt: skip
    return sheet("company", f"{ticker},{ticker} Inc,{mic},US,{currency},{kind},{cik},{active_to},{complete},,filings")


def facts(ticker: str, *rows: str, source: str = "filings") -> str:
    """Facts from "quantity as_of known_at value unit", known_at - for none; an instrument stands after the quantity as quantity/instrument."""
    lines = []
    for row in rows:
        quantity, as_of, known_at, value, unit = row.split()
        quantity, _, instrument = quantity.partition("/")
        lines.append(
            f"{ticker},{instrument},{quantity},{as_of},{known_at.strip('-') and known_at},{value},{unit},{source},"
        )
    return sheet("fact", *lines)


def closes(ticker: str, price: float, days: Iterable[str] = DAYS) -> str:
    return sheet("equity_price", *(f"{ticker},{day},{price},market" for day in days))


def store(db: Database, *files: str) -> Counter[str]:
    """Take CSV texts as `mnav import` would: read strictly, all or nothing."""
    sheets = [
        (*read_sheet(text.splitlines(keepends=True), f"file{number}.csv"), f"file{number}.csv")
        for number, text in enumerate(files)
    ]
    with writing(db):
        return add(db, sheets)


def ground(db: Database) -> None:
    """What every company needs: sources, exchanges, bitcoin prices and rates."""
    store(db, SOURCES, EXCHANGES, BITCOIN, RATES)
