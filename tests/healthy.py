"""A server that answers for every source as it does on a good day, and a small database that asks them.

A source brings its good day with it: tests/fixtures/<source>/good_day*, each page served under its URL, and `brought`
in the expected answers says how many new rows it makes here. The first six are made below.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from made_up import BITCOIN, EXCHANGES, RATES, SOURCES, closes, company, empty, facts, sheet, store
from misbehaving import HASTY, HTML, JSON, ZIP, Answer, Handler, MisbehavingServer, document, hasty
from saved import FIXTURES, beside, documents
from sqlite_utils import Database

from scrapers import catalogue
from scrapers.sources import coinbase
from scrapers.transport.http import Policy, Transport
from scripts.shared.options import Settings
from scripts.shared.scraping import Asked, scrape

os.environ.setdefault("DEFILLAMA_API_KEY", "key-of-a-test")  # in the address of its good day
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
MEDIA = {".json": JSON, ".html": HTML, ".zip": ZIP}
BROUGHT = {  # new rows by table; figures of the answers below
    # 00:00 UTC after the 11th to the 14th; the hours of nine days, less the two to come and the seven that are stored
    "coinbase": {"price": 4 + 9 * 24 - 2 - 7},
    "coingecko_treasuries": {"fact": 2, "strangers": 33},
    "ecb": {"price": 1160},  # JPY on the weekdays from 29 July 2020 to 15 January 2025 but for the 6 that are known
    "strategy_8k": {"fact": 8, "purchase": 1, "kept out": 1},  # a convertible the made-up world does not list
    "yahoo_chart": {
        "price": 16
    },  # the sessions from 16 December to 15 January but for the 4 that are known; a bar of a holiday is none
}


class Page(NamedTuple):
    """One answer of a source: its path with the query, if any, and what it sends."""

    path: str
    body: bytes
    media: str


@cache
def pages(name: str) -> tuple[Page, ...]:
    """All answers of a source on a good day."""
    if name in PATHS:
        return (Page(PATHS[name], bodies()[name], KINDS.get(name, JSON)),)
    return tuple(
        Page(_path(path), path.read_bytes(), MEDIA[path.suffix])
        for path in documents(name)
        if path.name.startswith("good_day")
    )


def brought(name: str) -> dict[str, int]:
    """How many new rows a source makes on a good day, by table."""
    if name in BROUGHT:
        return BROUGHT[name]
    told = [json.loads(beside(path).read_text()) for path in documents(name) if path.name.startswith("good_day")]
    assert any("brought" in one for one in told), (
        f"tests/fixtures/{name}/good_day*: no expected answer says what is `brought`"
    )
    total: Counter[str] = Counter()
    for one in told:
        total.update(one.get("brought", {}))
    return dict(total)


def bystanders(failing: Iterable[str]) -> list[str]:
    """The sources asked for everything that share neither a host nor a leader with those that fail."""
    hosts = {host for name in failing for host in catalogue.load(name).HOSTS}
    return [
        name
        for name in EVERYTHING.sources
        if not hosts & set(catalogue.load(name).HOSTS) and not set(failing) & {name, *catalogue.all_leaders(name)}
    ]


def _path(saved: Path) -> str:
    parts = urlsplit(json.loads(beside(saved).read_text())["url"])
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def world(path: Path) -> Database:
    """MSTR alone, with bitcoin, closes and rates to 10 January 2025, and a fact nobody may lose."""
    db = empty(path)
    bitcoin = BITCOIN + "".join(
        f"2025-01-{day:02d},{hour},100000,market\n" for day in (6, 7, 8, 9, 10) for hour in ("00:00", "21:00")
    )
    store(
        db,
        *(SOURCES, EXCHANGES, bitcoin, RATES, company("MSTR", cik="0001050446"), company("ORNG", mic="XTKS", currency="JPY"), company("3350.T", mic="XTKS", currency="JPY")),
        facts("MSTR", "btc_holdings 2024-12-29 2024-12-30T13:00:00Z 446400 BTC", "shares_basic 2024-12-29 2024-12-30 245777900 shares"),
        closes("MSTR", 340.0), sheet("split", "MSTR,2024-08-08,10,1,filings,"),
    )  # fmt: skip
    return db


@cache
def bodies() -> Mapping[str, bytes]:
    """What each source sends; coinbase's is made as it is asked."""
    holders = [
        {"name": "Strategy", "symbol": "MSTR.US", "total_holdings": 447_470, "total_entry_value_usd": 27_954_000_000}
    ]
    holders += [
        {"name": f"Stranger {n}", "symbol": f"XX{n}.US", "total_holdings": n, "total_entry_value_usd": 0}
        for n in range(1, 34)
    ]
    filings = [
        ("0000950170-25-001854", "2025-01-06", "2025-01-06T08:00:10.000Z", "8-K", "7.01,8.01", "mstr-20250106.htm")
    ]
    for report in documents("sec_filing"):
        if report.name.startswith("good_day"):
            accession, name = _path(report).split("/")[-2:]
            number = f"{accession[:10]}-{accession[10:12]}-{accession[12:]}"
            filings.append((number, "2024-11-06", "2024-11-06T16:30:00.000Z", "10-Q", "", name))
    columns = ("accessionNumber", "filingDate", "acceptanceDateTime", "form", "items", "primaryDocument")
    submissions = {
        "cik": "1050446",
        "filings": {"recent": dict(zip(columns, map(list, zip(*filings, strict=True)), strict=True)), "files": []},
    }
    return {
        "coinbase": b"[[1736899200, 90000.0, 99000.0, 95000.0, 97000.0, 1.5]]",
        "coingecko_treasuries": json.dumps(
            {"total_holdings": sum(one["total_holdings"] for one in holders), "companies": holders}
        ).encode(),
        "ecb": _rates(),
        "sec_submissions": json.dumps(submissions).encode(),
        "strategy_8k": (FIXTURES / "strategy_8k" / "2025-01-06.html").read_bytes(),
        "yahoo_chart": _chart(),
    }  # fmt: skip


def answers(server: MisbehavingServer) -> None:
    """Let the server be every source on a good day."""
    for name in catalogue.names():
        for page in pages(name):
            server.answers(page.path, candles if name == "coinbase" else document(page.body, page.media))


def fail(server: MisbehavingServer, name: str, factory: Callable[[bytes, str], Answer]) -> None:
    """Let every answer of a source be a failure of misbehaving.FAILURES instead."""
    for page in pages(name):
        server.answers(page.path, factory(page.body, page.media))


def candles(handler: Handler) -> None:
    """The candles a query asks for."""
    document(_candles(handler.path), JSON)(handler)


def candle_pages() -> list[Page]:
    """What coinbase is asked for on a good day, with the answers."""
    urls = [urlsplit(url) for url in coinbase.urls(date(2025, 1, 7), NOW.date())]
    return [Page(f"{url.path}?{url.query}", _candles(f"{url.path}?{url.query}"), JSON) for url in urls]


def _candles(path: str) -> bytes:
    """At 97,000 dollars; none of the future."""
    query = {name: one[0] for name, one in parse_qs(urlsplit(path).query).items()}
    step = timedelta(seconds=int(query["granularity"]))
    start, end = (datetime.fromisoformat(query[name]) for name in ("start", "end"))
    rows = []
    while start <= min(end, NOW):
        rows.append([int(start.timestamp()), 96_000.0, 98_000.0, 96_500.0, 97_000.0, 1.5])
        start += step
    return json.dumps(rows[::-1]).encode()


PATIENT = replace(HASTY, retries=1, silence=20, answer=60)  # a busy machine may take its time
IMPATIENT = replace(HASTY, retries=0, silence=1, answer=2)  # for a server that never ends


def transport(server: MisbehavingServer, policy: Policy = PATIENT, **options: Any) -> Callable[..., Transport]:
    """The real transport, with the server standing in for every host."""
    hosts = {host for name in catalogue.names() for host in catalogue.load(name).HOSTS}
    options = {"sleep": lambda seconds: None, **options}  # test_http.py is about waiting
    return partial(Transport, servers=server.standing_in_for(*hosts), policy=policy, groups=hasty(), **options)


EVERYTHING = Asked(
    sources=tuple(name for name in catalogue.names() if catalogue.load(name).HOSTS)
)  # fallbacks too, and what is asked only by name; not what reads files that people bring
UNLED = (
    "announcement",
    "sec_filing_index",
)  # nothing leads there on a good day: Strategy's filings have a source of their own


def run(
    db: Database, folder: Path, server: MisbehavingServer, asked: Asked | None = None, policy: Policy = PATIENT
) -> dict[str, Any]:
    """One scrape of everything that is asked on a good day; outcomes by source."""
    settings = Settings(folder / "mnav.db", quiet=True)
    outcomes = scrape(db, settings, asked or Asked(), transport(server, policy), lambda: NOW)
    return {one.source: one for one in outcomes}


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
