"""A server that answers for all six sources as they do on a good day, and a small database that asks them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from made_up import BITCOIN, EXCHANGES, RATES, SOURCES, closes, company, facts, store
from misbehaving import HASTY, HTML, JSON, ZIP, Answer, Handler, MisbehavingServer, document, hasty
from saved import FIXTURES
from sqlite_utils import Database

from db import open_database
from scrapers import catalogue
from scrapers.http import Transport
from scripts.options import Settings
from scripts.scrape import Asked, scrape

NOW = datetime(2025, 1, 15, 22, 30, tzinfo=UTC)  # a Wednesday, an hour and a half after New York's close
FILING = "/Archives/edgar/data/1050446/000095017025001854/mstr-20250106.htm"
PATHS = {
    "coinbase": "/products/BTC-USD/candles",
    "coingecko_treasuries": "/api/v3/companies/public_treasury/bitcoin",
    "ecb": "/stats/eurofxref/eurofxref-hist.zip",
    "sec_submissions": "/submissions/CIK0001050446.json",
    "strategy_8k": FILING,
    "yahoo_chart": "/v8/finance/chart/MSTR",
}
KINDS = {"ecb": ZIP, "strategy_8k": HTML}
BROUGHT = {  # new rows by table; figures of the answers below
    # 00:00 UTC after the 11th to the 14th; New York's close, 11th to 15th; seven other exchanges' closes, 7th to 15th
    "coinbase": {"price": 4 + 5 + 7 * 9},
    "coingecko_treasuries": {"fact": 2, "strangers": 33},
    "ecb": {"price": 1160},  # JPY on the weekdays from 29 July 2020 to 15 January 2025 but for the 6 that are known
    "strategy_8k": {"fact": 8, "purchase": 1, "kept out": 1},  # a convertible the made-up world does not list
    "yahoo_chart": {"price": 18},  # the weekdays from 16 December to 15 January but for the 5 that are known
}


def world(path: Path) -> Database:
    """MSTR alone, with bitcoin, closes and rates to 10 January 2025, and a fact nobody may lose."""
    db = open_database(path, writable=True)
    bitcoin = BITCOIN + "".join(f"2025-01-{day:02d},nyse,100000,market\n" for day in (6, 7, 8, 9, 10))
    store(
        db,
        *(SOURCES, EXCHANGES, bitcoin, RATES, company("MSTR"), company("ORNG", mic="XTKS", currency="JPY")),
        facts("MSTR", "btc_holdings 2024-12-29 2024-12-30T13:00:00Z 446400 BTC", "shares_basic 2024-12-29 2024-12-30 245777900 shares"),
        closes("MSTR", 340.0),
    )  # fmt: skip
    return db


def bodies() -> dict[str, bytes]:
    """What each source sends; coinbase's is made as it is asked."""
    holders = [
        {"name": "Strategy", "symbol": "MSTR.US", "total_holdings": 447_470, "total_entry_value_usd": 27_954_000_000}
    ]
    holders += [
        {"name": f"Stranger {n}", "symbol": f"XX{n}.US", "total_holdings": n, "total_entry_value_usd": 0}
        for n in range(1, 34)
    ]
    filing = ("0000950170-25-001854", "2025-01-06", "2025-01-06T08:00:10.000Z", "8-K", "7.01,8.01", "mstr-20250106.htm")
    names = ("accessionNumber", "filingDate", "acceptanceDateTime", "form", "items", "primaryDocument")
    submissions = {
        "cik": "1050446",
        "filings": {"recent": {name: [cell] for name, cell in zip(names, filing, strict=True)}, "files": []},
    }
    return {
        "coinbase": b"[[1736899200, 90000.0, 99000.0, 95000.0, 97000.0, 1.5]]",
        "coingecko_treasuries": json.dumps(
            {"total_holdings": sum(one["total_holdings"] for one in holders), "companies": holders}  # type: ignore[misc]
        ).encode(),
        "ecb": _rates(),
        "sec_submissions": json.dumps(submissions).encode(),
        "strategy_8k": (FIXTURES / "strategy_8k" / "2025-01-06.html").read_bytes(),
        "yahoo_chart": _chart(),
    }  # fmt: skip


def answers(server: MisbehavingServer) -> None:
    """Let the server be every source on a good day."""
    for name, body in bodies().items():
        kind = KINDS.get(name, JSON)
        server.answers(PATHS[name], candles if name == "coinbase" else document(body, kind))


def candles(handler: Handler) -> None:
    """The candles a query asks for, at 97,000 dollars; none of the future."""
    query = {name: one[0] for name, one in parse_qs(urlsplit(handler.path).query).items()}
    step = timedelta(seconds=int(query["granularity"]))
    start, end = (datetime.fromisoformat(query[name]) for name in ("start", "end"))
    rows = []
    while start <= min(end, NOW):
        rows.append([int(start.timestamp()), 96_000.0, 98_000.0, 96_500.0, 97_000.0, 1.5])
        start += step
    document(json.dumps(rows[::-1]).encode(), JSON)(handler)


def transport(server: MisbehavingServer, **options: Any) -> Callable[..., Transport]:
    """The real transport, impatient, with the server standing in for every host."""
    hosts = {host for name in catalogue.names() for host in catalogue.load(name).HOSTS}
    policy = replace(HASTY, retries=1, silence=0.2, answer=0.5)
    options = {"sleep": lambda seconds: None, **options}  # test_http.py is about waiting
    return partial(Transport, servers=server.standing_in_for(*hosts), policy=policy, groups=hasty(), **options)


def run(db: Database, folder: Path, server: MisbehavingServer, asked: Asked | None = None) -> dict[str, Any]:
    """One scrape of everything; outcomes by source."""
    settings = Settings(folder / "mnav.db", quiet=True)
    outcomes = scrape(db, settings, asked or Asked(), transport(server), lambda: NOW)
    return {one.source: one for one in outcomes}


def answer_of(factory: Callable[[bytes, str], Answer], name: str) -> Answer:
    """A failure of misbehaving.FAILURES in place of what a source sends."""
    return factory(bodies()[name], KINDS.get(name, JSON))


def _rates() -> bytes:
    """7,000 days of 26 currencies: one euro is 1.03 dollars and 160 yen."""
    currencies = ["USD", "JPY", *(f"X{chr(65 + n)}X" for n in range(24))]
    rows = ["1.03,160," + "2," * 24] * 7000
    days: list[date] = []
    day = NOW.date()
    while len(days) < len(rows):
        if day.weekday() < 5:
            days.append(day)
        day -= timedelta(days=1)
    text = f"Date,{','.join(currencies)},\n" + "\n".join(f"{day},{row}" for day, row in zip(days, rows, strict=True))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", text)
    return file.getvalue()


def _chart() -> bytes:
    """MSTR's sessions from 16 December to 15 January, at 350 dollars."""
    days = [date(2024, 12, 16) + timedelta(days=n) for n in range(31)]
    opens = [datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC) for day in days if day.weekday() < 5]
    close = int(NOW.replace(hour=21, minute=0).timestamp())
    meta = {
        "currency": "USD", "symbol": "MSTR", "exchangeTimezoneName": "America/New_York", "regularMarketTime": close + 1,
        "currentTradingPeriod": {"regular": {"start": close - 23_400, "end": close}}, "dataGranularity": "1d",
        "firstTradeDate": 897_600_000,
    }  # fmt: skip
    quote = [{"close": [350.0] * len(opens)}]
    result = {"meta": meta, "timestamp": [int(one.timestamp()) for one in opens], "indicators": {"quote": quote}}
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()
