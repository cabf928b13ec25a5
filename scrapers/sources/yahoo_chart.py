"""query1.finance.yahoo.com/v8/finance/chart — one listing's daily closes, volumes and splits, in its trading currency.

Yahoo adjusts every close for all later splits (not for dividends), while we keep closes as they were quoted: each is
multiplied back by the splits that the same document lists after its day. That is right only if the range ends now, so
every range asked for does, and a document whose last bar lies before the last trade (regularMarketTime) is refused; so
is one whose prices jump at a split as if it had not been adjusted yet. Prices come as single-precision floats
(9.6899995803833 for 9.69): seven significant digits are kept. Pence, South African cents and agorot (GBp, ZAc, ILA)
are divided by 100, told by meta.currency alone. `as_of` is the day in the exchange's own time zone. Bars without a
close are skipped, and one that cannot be read costs itself. Today's bar counts only once the session is over, the last trade lies at or after its end, and the
delayed feeds and closing auctions had time to settle. Volumes are adjusted for splits as closes are (NVDA on 2024-06-07:
412,386,000 where 41 million traded, ten to one three days later). Listed instruments, such as preferred stock, are asked for
by the symbol that the table instrument_symbol gives them.

2025-04-30  429 "Too Many Requests" (text/plain) for clients without a browser-like User-Agent
2026-08-28  no cookie and no crumb needed for this endpoint
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo

from scrapers.formats.strict_json import Json, load
from scrapers.prices.bars import Odd, check_few, in_doubt, reason, sifted, unreadable
from scrapers.prices.split_adjusted import NO_PRICE, Closes, Splits, as_quoted, as_traded, check_adjusted, undone
from treasury.model import DelistedError, Document, ParseError, Reading

HOSTS = ("query1.finance.yahoo.com", "query2.finance.yahoo.com")
CHART = "https://query1.finance.yahoo.com/v8/finance/chart/"
KIND = "json"
SOURCE_KIND = "market"
DIALECT = "ours"  # our tickers are Yahoo's symbols, and instruments' symbols are said in its spelling
FRESH = timedelta(hours=12)
AT_LEAST = 1
HUNDREDTHS = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ILA": "ILS"}
SETTLED = timedelta(minutes=30)  # after the session's end
DIGITS = 7  # that a single-precision float holds
SHARE_EXPECTED = 0.6  # of the weekdays; holidays take less than a tenth

_SPANS = {"1mo": 1 / 12, "3mo": 1 / 4, "6mo": 1 / 2, "1y": 1, "2y": 2, "5y": 5, "10y": 10, "max": 100}  # years


def urls(
    symbols: Mapping[str, date | None], today: date, listed_instruments: Mapping[str, date | None] | None = None
) -> list[str]:
    """One request per symbol, for a range that ends now and begins before the last day already had (None: all there is)."""
    return [
        f"{CHART}{quote(symbol, safe='')}?range={_span(had, today)}&interval=1d&events=div%2Csplits"
        for symbol, had in (*symbols.items(), *(listed_instruments or {}).items())
    ]


def parse(document: Document, splits: Mapping[str, Splits] | None = None) -> Iterator[Reading]:
    """Closes as quoted, volumes, and splits; `splits` are those stored (ticker to ex-dates and ratios), which the answer may forget."""
    chart = _chart(document)
    symbol, zone = _text(chart["meta"]["symbol"]), chart["meta"]["exchangeTimezoneName"].zone()
    currency, per_unit = _currency(chart["meta"])
    listed, stored = _splits(chart, zone), (splits or {}).get(symbol, ())
    bars, odd = _closed_bars(document, chart, zone)
    adjusted_for = undone(bars, listed, stored)
    check_adjusted(document.source, symbol, bars, [one for one in listed if one in adjusted_for])
    for day, ratio in listed:
        yield Reading(symbol, "split", ratio, "ratio", day)
    if bars and not any(0 < close < math.inf for _, close in bars):
        raise ParseError(
            f"{document.source}: {symbol} {bars[0][0]}: found a close of {bars[0][1]:g}, expected a price above zero"
        )
    volumes = _volumes(chart, zone)[0]
    for day, close in bars:
        quoted = as_quoted(day, close / per_unit, adjusted_for, DIGITS)
        doubt = None if 0 < quoted < math.inf else NO_PRICE
        yield Reading(symbol, "close", quoted, currency, day, doubt=doubt)
        if doubt is None and (volume := volumes.get(day)) is not None:
            yield Reading(symbol, "volume", as_traded(day, volume, adjusted_for), "shares", day)
    for day, close, why in in_doubt(odd):
        yield Reading(symbol, "close", as_quoted(day, close / per_unit, adjusted_for, DIGITS), currency, day, doubt=why)


def remarks(document: Document) -> list[str]:
    """Bars and volumes that cannot be read, where the others stand."""
    chart = _chart(document)
    zone = chart["meta"]["exchangeTimezoneName"].zone()
    return unreadable([*_bars(chart, zone)[1], *_volumes(chart, zone)[1]])


def check_whole(document: Document) -> None:
    """Raise ParseError where far fewer bars came than the range has weekdays."""
    chart = _chart(document)
    zone, meta = chart["meta"]["exchangeTimezoneName"].zone(), chart["meta"]
    days = [day for day, _ in _bars(chart, zone)[0]]
    asked = _asked_from(document, meta, zone)
    if not days or asked is None:
        return
    weekdays = sum((asked + timedelta(n)).weekday() < 5 for n in range((days[-1] - asked).days + 1))
    if len(days) < SHARE_EXPECTED * weekdays:
        raise ParseError(
            f"{document.source}: {_text(meta['symbol'])}: found {len(days)} bars since {asked}, expected about {weekdays}"
        )


def _chart(document: Document) -> Json:
    """The one result, or the error that Yahoo states instead."""
    chart = load(document)["chart"]
    if (error := chart.get("error")) is not None:
        description = error["description"].text()
        kind = DelistedError if "delisted" in description else ParseError
        raise kind(f"{document.source}: found {error['code'].text()}: {description}; {document.url}")
    results = chart["result"].rows()
    if len(results) != 1:
        raise chart["result"].wrong("one result")
    meta = results[0]["meta"]
    if (granularity := meta.get("dataGranularity")) is not None and granularity.text() != "1d":
        raise granularity.wrong("daily bars, 1d")
    return results[0]


def _currency(meta: Json) -> tuple[str, int]:
    """The ISO currency and how many of the printed units make one of it."""
    if "currency" in meta.value and meta["currency"].value is None:
        raise DelistedError(f"{meta.source}: {_text(meta['symbol'])}: found no currency: Yahoo lists it no longer")
    printed = meta["currency"].text()
    if printed in HUNDREDTHS:
        return HUNDREDTHS[printed], 100
    if not (len(printed) == 3 and printed.isascii() and printed.isalpha() and printed.isupper()):
        raise meta["currency"].wrong(f"an ISO currency or one of {', '.join(HUNDREDTHS)}")
    return printed, 1


def _splits(chart: Json, zone: ZoneInfo) -> list[tuple[date, float]]:
    """Ex-date and ratio of every split in the document, oldest first."""
    splits = []
    events = chart.get("events")
    listed = events.get("splits") if events is not None else None
    for _, event in listed.items() if listed is not None else ():
        new, old = event["numerator"].number(), event["denominator"].number()
        if not (new > 0 and old > 0 and 1e-4 <= new / old <= 1e4):
            raise event.wrong(f"a split of at most 10,000, not {new:g}:{old:g}")
        splits.append((event["date"].moment().astimezone(zone).date(), new / old))
    return sorted(splits)


def _closed_bars(document: Document, chart: Json, zone: ZoneInfo) -> tuple[Closes, list[Odd[date]]]:
    """The bars with a close whose session was over, from a document that reaches the last trade; and the odd ones."""
    bars, odd = _bars(chart, zone)
    if not bars:
        return [], odd
    traded_at = chart["meta"]["regularMarketTime"].moment()
    newest = max([bars[-1][0], *(one.at for one in odd if one.at is not None)])
    if newest < traded_at.astimezone(zone).date():
        raise ParseError(
            f"{document.source}: {_text(chart['meta']['symbol'])}: found bars to {newest}, expected them to the last trade on "
            f"{traded_at.astimezone(zone).date()}: splits after the range would be missed; ask for a range that ends now"
        )
    today = document.fetched_at.astimezone(zone).date()
    closed = [
        (day, close)
        for day, close in bars
        if close is not None
        and (day < today or (day == today and _session_over(document, chart["meta"], zone, traded_at)))
    ]
    return closed, odd


def _bars(chart: Json, zone: ZoneInfo) -> tuple[list[tuple[date, float | None]], list[Odd[date]]]:
    """Local day and close (None: not known) of every bar that can be read, oldest first; and the others.

    Of two bars for the last day (the second is live) the later that has a close counts.
    """
    if chart.get("timestamp") is None:  # Yahoo leaves it out where a range holds no bar
        return [], []
    stamps, closes = chart["timestamp"].rows(), chart["indicators"]["quote"][0]["close"].rows()
    if len(stamps) != len(closes):
        raise chart["timestamp"].wrong(f"one timestamp for each of the {len(closes)} closes")
    read: list[tuple[date, float | None]] = []
    odd: list[Odd[date]] = []
    for stamp, close in zip(stamps, closes, strict=True):
        day: date | None = None
        try:
            day = stamp.moment().astimezone(zone).date()
            read.append((day, None if close.value is None else close.number()))
        except ParseError as error:
            odd.append(Odd(day, None, reason(error)))
    if len(read) > 1 and read[-1][0] == read[-2][0]:
        read.pop(-1 if read[-1][1] is None else -2)
    bars, astray = sifted(read, lambda bar: bar[0], lambda bar: bar[1])
    odd += astray
    check_few(chart.source, odd, len(stamps))
    return bars, odd


def _volumes(chart: Json, zone: ZoneInfo) -> tuple[dict[date, float], list[Odd[date]]]:
    """What was traded by local day, where the answer says so, as adjusted; and what cannot be read."""
    read: dict[date, float] = {}
    odd: list[Odd[date]] = []
    told = chart["indicators"]["quote"][0].get("volume") if chart.get("timestamp") is not None else None
    if told is None:
        return read, odd
    stamps, volumes = chart["timestamp"].rows(), told.rows()
    if len(stamps) != len(volumes):
        raise told.wrong(f"one volume for each of the {len(stamps)} timestamps")
    for stamp, volume in zip(stamps, volumes, strict=True):
        if volume.value is None:
            continue
        try:
            read[stamp.moment().astimezone(zone).date()] = volume.number()
        except ParseError as error:
            odd.append(Odd(None, None, reason(error)))
    return read, odd


def _session_over(document: Document, meta: Json, zone: ZoneInfo, traded_at: datetime) -> bool:
    """Whether today's session had ended when the document was fetched, and its last price is in it."""
    if meta.get("currentTradingPeriod") is None:
        return False
    end = meta["currentTradingPeriod"]["regular"]["end"].moment()
    today = document.fetched_at.astimezone(zone).date()
    return end.astimezone(zone).date() == today and traded_at >= end and document.fetched_at >= end + SETTLED


def _asked_from(document: Document, meta: Json, zone: ZoneInfo) -> date | None:
    """The first day the URL asks for, where it says so, but not before the first trade."""
    span = parse_qs(urlsplit(document.url).query).get("range", [""])[0]
    years = _SPANS.get(span)
    if years is None or meta.get("firstTradeDate") is None:
        return None
    first = meta["firstTradeDate"].moment().astimezone(zone).date()
    return max(first, (document.fetched_at - timedelta(days=365.25 * years)).astimezone(zone).date())


def _span(had: date | None, today: date) -> str:
    if had is None:
        return "max"
    return next((name for name, years in _SPANS.items() if (today - had).days < 365 * years), "max")


def _text(cell: Json) -> str:
    if not cell.text():
        raise cell.wrong("a text that is not blank")
    return cell.text()
