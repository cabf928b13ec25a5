"""api.exchange.coinbase.com, BTC-USD candles — bitcoin daily at 00:00 UTC, and at every full hour, since 2015-07-20.

A candle is [start in seconds, LOW, HIGH, open, close, volume]: low before high, newest first, at most 300 an answer.
Candles without a trade are left out. What is made of them stands in scrapers/prices/candles.py.

2024-03-13  the oldest answer at hand; nothing has changed since
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from scrapers.formats.strict_json import Json, load
from scrapers.prices import candles
from scrapers.prices.candles import A_DAY, HOUR, Candle, ReadCandles
from treasury.model import Document, Reading

HOSTS = ("api.exchange.coinbase.com",)
CANDLES = "https://api.exchange.coinbase.com/products/BTC-USD/candles"
KIND = "json"
SOURCE_KIND = "market"
DIALECT = "ours"
FRESH = timedelta(hours=6)
AT_LEAST = 1
MOST_CANDLES = 300
FIRST_DAY = date(2015, 7, 20)
STEPS = {"86400": A_DAY, "3600": HOUR}  # as `granularity` of the URL, in seconds


def urls(bitcoin_since: date, today: date, steps: Sequence[timedelta] = (A_DAY, HOUR)) -> list[str]:
    """The requests for all daily and hourly candles of the days `bitcoin_since` to `today`; the short ones are the oldest."""
    return [
        f"{CANDLES}?granularity={step.total_seconds():.0f}&start={start:%Y-%m-%dT%H:%M:%SZ}&end={end:%Y-%m-%dT%H:%M:%SZ}"
        for step in steps
        for start, end in candles.pages(bitcoin_since, today, step, MOST_CANDLES)
    ]


def parse(document: Document) -> Iterator[Reading]:
    found = _prices(document)
    yield from candles.fixings(document, found, candles.step_of(document, found, "granularity", STEPS))


def remarks(document: Document) -> list[str]:
    """Candles that cannot be read, where the others stand."""
    return candles.unread(_prices(document))


def check_whole(document: Document) -> None:
    """Raise ParseError where far fewer candles came than the URL asked for."""
    start, end = candles.asked(document, "start"), candles.asked(document, "end")
    if start is None or end is None:
        return
    found = _prices(document)
    step = candles.step_of(document, found, "granularity", STEPS)
    candles.check_count(document, found, step, max(start, datetime.combine(FIRST_DAY, time(), UTC)), end)


@lru_cache(maxsize=1)  # a document is judged whole, read and remarked on one after the other
def _prices(document: Document) -> ReadCandles:
    return candles.prices(document.source, load(document).rows(), _start, _candle, newest_first=True)


def _start(row: Json) -> datetime:
    return row[0].moment()


def _candle(row: Json) -> Candle:
    if len(row.rows()) != 6:
        raise row.wrong("[time, low, high, open, close, volume]")
    low, high, opened, close, volume = (row[i].number() for i in range(1, 6))
    return Candle(_start(row), opened, high, low, close, volume)
