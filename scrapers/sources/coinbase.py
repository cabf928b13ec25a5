"""api.exchange.coinbase.com, BTC-USD candles — bitcoin daily at 00:00 UTC, and hourly at each exchange's close, since 2015-07-20.

A candle is [start in seconds, LOW, HIGH, open, close, volume]: low before high, newest first, at most 300 an answer.
Candles without a trade are left out. The candle still open when the document was fetched is dropped.
Daily candles give the fixing "utc": the price at 00:00 UTC after the day `as_of`. Hourly candles give one fixing per
exchange: the price at its closing time of that local day, summer time included; where an exchange closes inside an
hour, the last full hour before it (a later price would look ahead), and the note says so.

2024-03-13  the oldest answer at hand; nothing has changed since
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from scrapers.shapes import Json, load
from treasury.closes import FIXINGS
from treasury.model import Document, ParseError, Reading

HOSTS = ("api.exchange.coinbase.com",)
CANDLES = "https://api.exchange.coinbase.com/products/BTC-USD/candles"
KIND = "json"
SOURCE_KIND = "market"
DIALECT = "ours"
FRESH = timedelta(hours=6)
AT_LEAST = 1
MOST_CANDLES = 300
FIRST_DAY = date(2015, 7, 20)
SHARE_EXPECTED = 0.75  # of the candles asked for; an outage of the exchange leaves out hours, not days
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class ExchangeClose(NamedTuple):
    """When an exchange closes, in its own time, from a day on; `fixing` names the bitcoin price of that moment."""

    fixing: str
    timezone: str
    close: time
    valid_from: date = date.min


CLOSES = tuple(ExchangeClose(name, *where) for name, where in FIXINGS.items())


def urls(bitcoin_since: date, today: date, steps: Sequence[timedelta] = (DAY, HOUR)) -> list[str]:
    """The requests for all daily and hourly candles of the days `bitcoin_since` to `today`; the short ones are the oldest."""
    return [url for step in steps for url in _urls(bitcoin_since, today, step)]


def parse(document: Document, closes: Sequence[ExchangeClose] = CLOSES) -> Iterator[Reading]:
    candles = _candles(document)
    step = _step(document, list(candles))
    ended = {start + step: price for start, price in candles.items() if start + step <= document.fetched_at}
    if step == DAY:
        for end, price in ended.items():
            yield Reading("BTC", "close", price, "USD", (end - DAY).date(), instrument="utc")
    elif ended:
        for fixing in dict.fromkeys(one.fixing for one in closes):
            yield from _at_close(ended, [one for one in closes if one.fixing == fixing])


def check_whole(document: Document) -> None:
    """Raise ParseError where far fewer candles came than the URL asked for."""
    asked_from, asked_to = _asked(document, "start"), _asked(document, "end")
    if asked_from is None or asked_to is None:
        return
    candles = _candles(document)
    step = _step(document, list(candles))
    start = max(asked_from, datetime.combine(FIRST_DAY, time(), UTC))
    end = min(asked_to, document.fetched_at)
    asked = max(0, (end - start) // step + 1)
    if len(candles) < SHARE_EXPECTED * asked:
        raise ParseError(f"{document.source}: found {len(candles)} candles, expected about {asked}; {document.url}")


def _candles(document: Document) -> dict[datetime, float]:
    """The closing price of each candle by its start, newest first as printed."""
    candles: dict[datetime, float] = {}
    previous: datetime | None = None
    for row in load(document).rows():
        if len(row.rows()) != 6:
            raise row.wrong("[time, low, high, open, close, volume]")
        start = row[0].moment()
        low, high, opened, close = (row[i].number() for i in range(1, 5))
        if not 0 < low <= min(opened, close) <= max(opened, close) <= high:
            raise _odd(row, "low ≤ open, close ≤ high, in the order time, low, high, open, close")
        if previous is not None and start >= previous:
            raise _odd(row, f"a candle before {previous:%Y-%m-%d %H:%M}: newest first, each once")
        candles[start] = close
        previous = start
    return candles


def _urls(first: date, last: date, step: timedelta) -> list[str]:
    days_each = timedelta(days=MOST_CANDLES * step // DAY)
    requests = []
    while first <= last:
        start = max(first, last - days_each + DAY)
        start_at, end_at = f"{start}T00:00:00Z", f"{datetime.combine(last, time()) + DAY - step:%Y-%m-%dT%H:%M:%SZ}"
        requests.append(f"{CANDLES}?granularity={step.total_seconds():.0f}&start={start_at}&end={end_at}")
        last = start - DAY
    return requests[::-1]


def _asked(document: Document, key: str) -> datetime | None:
    """One end of the range in the URL, UTC, where the URL has one."""
    given = parse_qs(urlsplit(document.url).query).get(key)
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given[0])
    except ValueError:
        raise ParseError(
            f"{document.source}: found {key}={given[0]} in the URL, expected a moment in ISO form"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _step(document: Document, starts: list[datetime]) -> timedelta:
    """What one candle spans, by the URL, or by the candles where the document was saved without one."""
    asked = parse_qs(urlsplit(document.url).query).get("granularity")
    if asked is not None:
        step = {"86400": DAY, "3600": HOUR}.get(asked[0])
    else:
        closest = min((later - earlier for later, earlier in pairwise(starts)), default=None)
        step = closest if closest in (DAY, HOUR) else None
    if step is None and starts:
        raise ParseError(
            f"{document.source}: found candles of unknown length, expected a URL with granularity=86400 or 3600"
        )
    for start in starts:
        if (start - datetime.combine(start.date(), time(), UTC)) % (step or DAY):
            raise ParseError(
                f"{document.source}: found a candle at {start:%Y-%m-%d %H:%M:%S}, expected whole steps of {step}"
            )
    return step or DAY


def _at_close(ended: dict[datetime, float], rows: list[ExchangeClose]) -> Iterator[Reading]:
    """One reading per local day whose closing hour is among the candles; `rows` are one exchange's times."""
    day, last = min(ended).date() - DAY, max(ended).date() + DAY
    while day <= last:
        in_force = max((row for row in rows if row.valid_from <= day), key=lambda row: row.valid_from, default=None)
        if in_force is not None:
            moment = datetime.combine(day, in_force.close, ZoneInfo(in_force.timezone)).astimezone(UTC)
            hour = moment.replace(minute=0, second=0)
            minutes = (moment - hour) // timedelta(minutes=1)
            if hour in ended:
                note = f"price at {hour:%H:%M} UTC, {minutes} minutes before the close" if minutes else None
                yield Reading("BTC", "close", ended[hour], "USD", day, instrument=in_force.fixing, note=note)
        day += DAY


def _odd(row: Json, expected: str) -> ParseError:
    return ParseError(f"{row.source}: {row.path}: found {row.value}, expected {expected}")
