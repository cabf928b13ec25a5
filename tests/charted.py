"""Answers of Yahoo's chart made from closes, and what a scrape of them leaves in a database of one company."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from made_up import company, empty, store
from sqlite_utils import Database

from scrapers.archive import Archive
from scrapers.gather import Outcome
from scrapers.sources.yahoo_chart import CHART
from scripts.shared.options import Settings
from scripts.shared.scraping import Asked, scrape
from treasury.model import Document

FIRST = date(2025, 6, 2)
SOURCES = "id,kind,title,url,licence_note\nfilings,filing,Form 8-K,,\nmarket,market,Closes,,\n"
EXCHANGES = "mic,timezone,close_time,valid_from,source,note\nXNAS,America/New_York,16:00,,market,\nXLON,Europe/London,16:35,,market,\n"


def sessions(count: int, first: date = FIRST) -> list[date]:
    """Weekdays without the two holidays of that summer in New York."""
    days = (first + timedelta(days=n) for n in range(2 * count + 9))
    return [day for day in days if day.weekday() < 5 and day not in (date(2025, 6, 19), date(2025, 7, 4))][:count]


def chart(
    closes: Sequence[float],
    days: Sequence[date] | None = None,
    *,
    splits: Mapping[date, tuple[float, float]] | None = None,
    symbol: str = "ORNG",
    currency: str = "USD",
    zone: str = "America/New_York",
    volumes: Sequence[float | None] | None = None,
) -> Document:
    """An answer fetched in the evening of its last bar."""
    days = days or sessions(len(closes))
    opens = [int(datetime.combine(day, time(9, 30), ZoneInfo(zone)).timestamp()) for day in days]
    ended = opens[-1] + 390 * 60
    meta = {
        "currency": currency, "symbol": symbol, "firstTradeDate": opens[0], "regularMarketTime": ended, "exchangeTimezoneName": zone,
        "dataGranularity": "1d", "currentTradingPeriod": {"regular": {"start": opens[-1], "end": ended}},
    }  # fmt: skip
    listed = {
        str(at): {"date": at, "numerator": new, "denominator": old}
        for day, (new, old) in (splits or {}).items()
        for at in [int(datetime.combine(day, time(9, 30), ZoneInfo(zone)).timestamp())]
    }
    quote: dict[str, Any] = {"close": list(closes)} | ({} if volumes is None else {"volume": list(volumes)})
    result: dict[str, Any] = {"meta": meta, "timestamp": opens, "indicators": {"quote": [quote]}}
    if listed:
        result["events"] = {"splits": listed}
    body = json.dumps({"chart": {"result": [result], "error": None}}).encode()
    fetched_at = datetime.fromtimestamp(ended, ZoneInfo("UTC")) + timedelta(hours=2)
    return Document("yahoo_chart", f"{CHART}{symbol}?range=1y&interval=1d&events=div%2Csplits", body, fetched_at)


def world(
    path: Path, *files: str, ticker: str = "ORNG", mic: str = "XNAS", currency: str = "USD", cik: str = ""
) -> Database:
    """A database in which one company is listed."""
    db = empty(path)
    store(db, SOURCES, EXCHANGES, company(ticker, mic=mic, currency=currency, cik=cik), *files)
    return db


def scraped(db: Database, path: Path, *documents: Document) -> list[Outcome]:
    """Scrape recorded documents, one run for each."""
    outcomes: list[Outcome] = []
    for document in documents:
        folder = path / f"recorded-{len(list(path.iterdir()))}"
        Archive(folder).keep(document)
        now = document.fetched_at
        settings = Settings(path / "mnav.db", quiet=True)
        outcomes += scrape(db, settings, Asked(replay=folder), clock=lambda now=now: now)  # type: ignore[misc]
    return outcomes


def closes_of(db: Database, ticker: str = "ORNG") -> dict[date, float]:
    rows = db.execute("SELECT date, close FROM price WHERE symbol = ? AND fixing = 'close' ORDER BY date", (ticker,))
    return {date.fromisoformat(day): close for day, close in rows.fetchall()}


def splits_of(db: Database) -> list[tuple[str, float]]:
    return db.execute("SELECT ex_date, numerator / denominator FROM split ORDER BY ex_date").fetchall()


def kept_out(db: Database) -> dict[date, str]:
    """Why closes wait, by day; those released are left out."""
    rows = db.execute(
        "SELECT as_of, reason FROM quarantine WHERE resolved_on IS NULL AND quantity = 'close'"
    ).fetchall()
    return {date.fromisoformat(day): reason for day, reason in rows}


def waiting(db: Database, quantity: str) -> list[str]:
    rows = db.execute(
        "SELECT reason FROM quarantine WHERE resolved_on IS NULL AND quantity = ?", (quantity,)
    ).fetchall()
    return [reason for (reason,) in rows]


def on(days: Iterable[date], closes: Iterable[float]) -> dict[date, float]:
    return dict(zip(days, closes, strict=True))
