"""www.bitstamp.net, BTC/USD candles — bitcoin daily at 00:00 UTC, and at every full hour, since 2011-08-18.

The answer is {"data": {"pair": "BTC/USD", "ohlc": [{timestamp, open, high, low, close, volume}, …]}}: everything is
text, times in seconds, oldest first, at most 1000 an answer, the last one still open. A span without a trade comes as
a candle with the price before it and a volume of 0; it is left out. Where both are given, `end` counts and `start` may
not (Bitstamp's documentation), so that candles before the range may come too. What is made of them stands in
scrapers/prices/candles.py.

2024-03-13  the oldest answer at hand (of another pair); nothing has changed since
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from scrapers.formats.strict_json import Json, load
from scrapers.prices import candles
from scrapers.prices.candles import A_DAY, HOUR, Candle, ReadCandles, quoted
from treasury.model import Document, Reading

HOSTS = ("www.bitstamp.net",)
CANDLES = "https://www.bitstamp.net/api/v2/ohlc/btcusd/"
KIND = "json"
SOURCE_KIND = "market"
DIALECT = "ours"
FALLBACK_FOR = ("coinbase", "kraken")
FRESH = timedelta(hours=6)
AT_LEAST = 1
MOST_CANDLES = 1000
FIRST_DAY = date(2011, 8, 18)
PAIR = "BTC/USD"
STEPS = {"86400": A_DAY, "3600": HOUR}  # as `step` of the URL, in seconds


def urls(bitcoin_since: date, today: date, steps: Sequence[timedelta] = (A_DAY, HOUR)) -> list[str]:
    """The requests for all daily and hourly candles of the days `bitcoin_since` to `today`; the short ones are the oldest."""
    return [
        f"{CANDLES}?step={step.total_seconds():.0f}&limit={MOST_CANDLES}&start={start.timestamp():.0f}&end={end.timestamp():.0f}"
        for step in steps
        for start, end in candles.pages(bitcoin_since, today, step, MOST_CANDLES)
    ]


def parse(document: Document) -> Iterator[Reading]:
    found = _prices(document)
    yield from candles.fixings(document, found, candles.step_of(document, found, "step", STEPS))


def remarks(document: Document) -> list[str]:
    """Candles that cannot be read, where the others stand."""
    return candles.unread(_prices(document))


def check_whole(document: Document) -> None:
    """Raise ParseError where far fewer candles came than the URL asked for."""
    start, end = candles.asked(document, "start"), candles.asked(document, "end")
    if start is None or end is None:
        return
    found = _prices(document)
    step = candles.step_of(document, found, "step", STEPS)
    candles.check_count(document, found, step, max(start, datetime.combine(FIRST_DAY, time(), UTC)), end)


@lru_cache(maxsize=1)  # a document is judged whole, read and remarked on one after the other
def _prices(document: Document) -> ReadCandles:
    data = load(document)["data"]
    if data["pair"].text() != PAIR:
        raise data["pair"].wrong(PAIR)
    return candles.prices(document.source, data["ohlc"].rows(), _start, _candle)


def _start(row: Json) -> datetime:
    start = row["timestamp"]
    return Json(start.source, start.path, quoted(start)).moment()


def _candle(row: Json) -> Candle:
    opened, high, low, close, volume = (quoted(row[name]) for name in ("open", "high", "low", "close", "volume"))
    return Candle(_start(row), opened, high, low, close, volume)
