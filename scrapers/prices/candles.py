"""Candles of a bitcoin exchange become prices of moments: of 00:00 UTC, and of every full hour.

All exchanges are read to the same meaning, so that one can stand in for another. A candle counts once it has ended by
the time its document was fetched, and only if something was traded in it; one that cannot be read or be true costs itself. Daily candles give the fixing "utc": the
price at 00:00 UTC after the day `as_of`. Hourly candles give a price at the END of each: the fixing "21:00" of a day is
the close of its candle of 20:00, in UTC. Which of them a share's close meets is settled when it is valued.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from scrapers.formats.strict_json import Json
from scrapers.formats.text import number
from scrapers.prices.bars import Odd, check_few, in_doubt, reason, sifted, unreadable
from treasury.model import Document, ParseError, Reading

A_DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SHARE_EXPECTED = 0.75  # of the candles asked for; an outage of an exchange leaves out hours, not days


class Candle(NamedTuple):
    """ReadCandles in USD and volume in BTC of the span that begins at `start`."""

    start: datetime
    opened: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class ReadCandles:
    """The closing price of each candle by its start, in the order printed; and the candles that are not used."""

    closes: dict[datetime, float]
    odd: list[Odd[datetime]]


def pages(first: date, last: date, step: timedelta, most: int) -> list[tuple[datetime, datetime]]:
    """First and last candle of the requests for all candles of the days `first` to `last`, whole days, at most `most` each.

    The short request is the oldest, so that the others are the same on another day.
    """
    days_each = timedelta(days=most * step // A_DAY)
    requests = []
    while first <= last:
        start = max(first, last - days_each + A_DAY)
        requests.append((_midnight(start), _midnight(last + A_DAY) - step))
        last = start - A_DAY
    return requests[::-1]


def prices(
    source: str,
    rows: Sequence[Json],
    start: Callable[[Json], datetime],
    read: Callable[[Json], Candle],
    *,
    newest_first: bool = False,
) -> ReadCandles:
    """The closing prices of the candles that can be read, can be true and stand in order; those without a trade are left out.

    Raises ParseError where they are not the most.
    """
    readable: list[Candle] = []
    odd: list[Odd[datetime]] = []
    for row in rows:
        at: datetime | None = None
        try:
            at = start(row)
            candle = read(row)
        except ParseError as error:
            odd.append(Odd(at, None, reason(error)))
            continue
        if (why := _why_untrue(row, candle)) is not None:
            odd.append(Odd(at, candle.close, why))
        else:
            readable.append(candle)
    good, astray = sifted(readable, lambda one: one.start, lambda one: one.close, newest_first=newest_first)
    odd += astray
    check_few(source, odd, len(rows))
    return ReadCandles({one.start: one.close for one in good if one.volume > 0}, odd)


def fixings(document: Document, found: ReadCandles, step: timedelta) -> Iterator[Reading]:
    """The readings of candles that had ended when the document was fetched; of odd ones with what speaks against them."""
    told = [(start, price, _why_astray(start, step)) for start, price in found.closes.items()]
    for start, price, doubt in (*told, *in_doubt(found.odd)):
        end = start + step
        if end <= document.fetched_at:
            day, fixing = (start.date(), "utc") if step == A_DAY else (end.date(), f"{end:%H:%M}")
            yield Reading("BTC", "close", price, "USD", day, instrument=fixing, doubt=doubt)


def unread(found: ReadCandles) -> list[str]:
    """What to tell of candles that are no price of a moment."""
    return unreadable(found.odd)


def step_of(document: Document, found: ReadCandles, parameter: str, steps: Mapping[str, timedelta]) -> timedelta:
    """What one candle spans, by this parameter of the URL, or by the candles where the document was saved without one."""
    given = parse_qs(urlsplit(document.url).query).get(parameter)
    if given is not None:
        step = steps.get(given[0])
    else:
        starts = sorted(found.closes)
        closest = min((later - earlier for earlier, later in pairwise(starts)), default=None)
        step = closest if closest in (A_DAY, HOUR) else None
    if step is None and found.closes:
        raise ParseError(
            f"{document.source}: found candles of unknown length, expected a URL with {parameter}={' or '.join(steps)}"
        )
    astray = [why for start in found.closes if (why := _why_astray(start, step or A_DAY)) is not None]
    if 2 * len(astray) > len(found.closes):
        raise ParseError(f"{document.source}: {astray[0]}")
    return step or A_DAY


def asked(document: Document, parameter: str) -> datetime | None:
    """A moment the URL names, in ISO form or in seconds since 1970, where it names one."""
    given = parse_qs(urlsplit(document.url).query).get(parameter)
    if given is None:
        return None
    try:
        told = given[0]
        moment = datetime.fromtimestamp(int(told), UTC) if told.isdecimal() else datetime.fromisoformat(told)
    except (ValueError, OverflowError, OSError):
        raise ParseError(
            f"{document.source}: found {parameter}={given[0][:40]} in the URL, expected a moment in ISO form or in seconds"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def check_count(document: Document, found: ReadCandles, step: timedelta, start: datetime, end: datetime) -> None:
    """Raise ParseError where far fewer candles came than there were from `start` to `end` or the fetch."""
    end = min(end, document.fetched_at)
    expected = max(0, (end - start) // step + 1)
    came = sum(start <= one <= end for one in found.closes)
    if came < SHARE_EXPECTED * expected:
        raise ParseError(f"{document.source}: found {came} candles, expected about {expected}; {document.url}")


def quoted(cell: Json) -> float:
    """A number that an exchange prints as a text."""
    try:
        return number(cell.text())
    except ParseError:
        raise cell.wrong('a number as text, "97000.5"') from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _why_untrue(row: Json, one: Candle) -> str | None:
    if 0 < one.low <= min(one.opened, one.close) <= max(one.opened, one.close) <= one.high and one.volume >= 0:
        return None
    return (
        f"{row.path}: found open {one.opened:.10g}, high {one.high:.10g}, low {one.low:.10g}, close {one.close:.10g}, "
        f"volume {one.volume:.10g}, expected low ≤ open, close ≤ high, none below zero"
    )


def _why_astray(start: datetime, step: timedelta) -> str | None:
    if (start - _midnight(start.date())) % step:
        return f"found a candle at {start:%Y-%m-%d %H:%M:%S}, expected whole steps of {step}"
    return None
