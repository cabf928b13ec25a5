"""fapi.binance.com, open interest history — one call: the open interest of Binance's BTCUSDT futures, the last 30 days.

{symbol, sumOpenInterest, sumOpenInterestValue (numbers in quotes), timestamp (milliseconds)}, and members that are not
read; nothing older than 30 days can be had. The value is in USDT, which is not the US dollar, and one venue's own: it
is never the market's `futures_open_interest`. A row is the open interest at the moment of its timestamp, which is
00:00 UTC: the end of the day before. `as_of` is that day before, as it is for bitcoin's close of the same moment;
under the day of the timestamp it would stand a day later than the price it belongs to.
Binance answers 451 from where it may not serve (the United States, hosted runners) with {"code", "msg"}: told in a line, no failure.

2026-11  known from Binance's documentation (which prints the timestamp in quotes) and from an answer captured on
         2026-09-20 (which does not), with steps of five minutes; not seen: daily rows, and in which order they come
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from urllib.parse import parse_qs, urlsplit

from scrapers.formats.strict_json import Json, load
from treasury.model import Document, ParseError, Reading

HOSTS = ("fapi.binance.com",)
SYMBOL = "BTCUSDT"
URLS = (f"https://fapi.binance.com/futures/data/openInterestHist?symbol={SYMBOL}&period=1d&limit=30",)
KIND = "json"
SOURCE_KIND = "market"
DIALECT = "ours"
FRESH = timedelta(hours=12)
MAY_REFUSE = True  # 451 or 403 from the United States and from the runners of hosted services
AT_LEAST = 1  # check_whole counts the days asked for
SHARE_EXPECTED = 0.9  # of the days asked for
LATEST = timedelta(days=2)  # how long ago the newest row may be
DAY = timedelta(days=1)


def parse(document: Document) -> Iterator[Reading]:
    for day, value in _days(document).items():
        yield Reading("BTC", "futures_open_interest_binance", value, "USDT", day)


def check_whole(document: Document) -> None:
    """Raise ParseError where far fewer days came than the URL asked for, or the newest are missing."""
    days = _days(document)
    asked = parse_qs(urlsplit(document.url).query).get("limit", [""])[0]
    if asked.isdecimal() and len(days) < SHARE_EXPECTED * int(asked):
        raise ParseError(f"{document.source}: found {len(days)} days, expected about {asked}; {document.url}")
    since = (document.fetched_at - LATEST).date() - DAY
    if not days or max(days) < since:
        newest = str(max(days)) if days else "no day"
        raise ParseError(f"{document.source}: found {newest} as the newest day, expected one of {since} or later")


def _days(document: Document) -> dict[date, float]:
    """The value at the end of each day, in the order printed."""
    days: dict[date, float] = {}
    for row in load(document).rows():
        if row["symbol"].text() != SYMBOL:
            raise row["symbol"].wrong(SYMBOL)
        day = _day_ended(row["timestamp"], document)
        if day in days:
            raise row["timestamp"].wrong("every day once")
        value = row["sumOpenInterestValue"].unquoted().number()
        if value <= 0:
            raise row["sumOpenInterestValue"].wrong("an open interest above zero")
        days[day] = value
    return days


def _day_ended(cell: Json, document: Document) -> date:
    """The day that ends at a moment of 00:00 UTC."""
    moment = cell.moment(per_second=1000)
    if moment.time() != time():
        raise cell.wrong("00:00 UTC: daily rows")
    if moment > document.fetched_at:
        raise cell.wrong(f"a moment before it was fetched, {document.fetched_at}")
    return moment.date() - DAY
