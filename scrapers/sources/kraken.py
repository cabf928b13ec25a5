"""api.kraken.com, XBT/USD candles — bitcoin daily at 00:00 UTC for two years, and at every full hour for thirty days.

The answer is {"error": […], "result": {"XXBTZUSD": […], "last": …}}: a failure comes with status 200 and words in
`error`, and the key is Kraken's own name of the pair asked for. A candle is [start in seconds, "open", "high", "low",
"close", "average", "volume", trades], prices as text, oldest first, the last one still open. Only the newest 720 come,
whatever `since` says: an answer that begins after the day asked for is refused, since what is missing before it would
never be asked for again. What is made of the candles stands in scrapers/prices/candles.py.

2018-05-07  `since` itself is left out; asked one second earlier, the candle of the moment wanted comes either way
2023-12-05  the oldest hourly answer at hand
2026-09-28  a candle that begins at `since` comes too
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from scrapers.formats.strict_json import Json, load
from scrapers.prices import candles
from scrapers.prices.candles import A_DAY, HOUR, Candle, ReadCandles, quoted
from treasury.model import Document, ParseError, Reading

HOSTS = ("api.kraken.com",)
CANDLES = "https://api.kraken.com/0/public/OHLC?pair=XBTUSD"
KIND = "json"
SOURCE_KIND = "market"
DIALECT = "ours"
FALLBACK_FOR = ("coinbase",)
FRESH = timedelta(hours=6)
AT_LEAST = 1
MOST_CANDLES = 720
PAIRS = ("XXBTZUSD", "XBTUSD")  # as Kraken names bitcoin in dollars
STEPS = {"1440": A_DAY, "60": HOUR}  # as `interval` of the URL, in minutes
SECOND = timedelta(seconds=1)


def urls(bitcoin_since: date, today: date, steps: Sequence[timedelta] = (A_DAY, HOUR)) -> list[str]:
    """One request for the daily and one for the hourly candles from `bitcoin_since` to now; there are no pages."""
    if bitcoin_since > today:
        return []
    since = datetime.combine(bitcoin_since, time(), UTC) - SECOND
    return [f"{CANDLES}&interval={step.total_seconds() / 60:.0f}&since={since.timestamp():.0f}" for step in steps]


def parse(document: Document) -> Iterator[Reading]:
    found = _prices(document)
    yield from candles.fixings(document, found, candles.step_of(document, found, "interval", STEPS))


def remarks(document: Document) -> list[str]:
    """Candles that cannot be read, where the others stand."""
    return candles.unread(_prices(document))


def check_whole(document: Document) -> None:
    """Raise ParseError where the candles begin after the day asked for, or far fewer came than there were since."""
    since = candles.asked(document, "since")
    if since is None:
        return
    found = _prices(document)
    if found.closes and min(found.closes) > since + A_DAY:
        raise ParseError(
            f"{document.source}: found candles from {min(found.closes):%Y-%m-%d %H:%M}, expected them from {since + SECOND:%Y-%m-%d}: "
            f"Kraken has only the newest {MOST_CANDLES}; {document.url}"
        )
    step = candles.step_of(document, found, "interval", STEPS)
    candles.check_count(document, found, step, since + SECOND, document.fetched_at)


@lru_cache(maxsize=1)  # a document is judged whole, read and remarked on one after the other
def _prices(document: Document) -> ReadCandles:
    answer = load(document)
    if errors := [one.text() for one in answer["error"].rows()]:
        raise ParseError(f"{document.source}: $.error: found {'; '.join(errors)}, expected no error; {document.url}")
    named = [one for name, one in answer["result"].items() if name != "last"]
    if len(named) != 1 or not set(PAIRS) & set(answer["result"].value):
        raise answer["result"].wrong(f"one pair, {' or '.join(PAIRS)}")
    return candles.prices(document.source, named[0].rows(), _start, _candle)


def _start(row: Json) -> datetime:
    return row[0].moment()


def _candle(row: Json) -> Candle:
    if len(row.rows()) != 8:
        raise row.wrong("[time, open, high, low, close, average, volume, trades]")
    opened, high, low, close, volume = (quoted(row[i]) for i in (1, 2, 3, 4, 6))
    return Candle(_start(row), opened, high, low, close, volume)
