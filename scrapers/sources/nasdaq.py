"""api.nasdaq.com, historical quotes — the daily closes of one stock listed in the US, up to ten years, in USD.

The answer is {"data": {"symbol", "totalRecords", "tradesTable": {"rows": [{date "01/10/2024", close "$185.92", …}]}},
"status": …}, newest first, "N/A" where a close is unknown. A symbol of another asset class (an ETF) or unknown is
{"data": null} with status 200, the reason in status.bCodeMessage; so is a passing failure. A range without a session
has rows null. Undocumented; it may never answer a client that does not look like Nasdaq's own pages.

Closes are adjusted for all splits up to the fetch, and unlike Yahoo's chart the answer does not list them: `splits`
(ticker to ex-dates and ratios) says what to undo. A wrong basis is refused where it can be told: closes that step at a
large split, no close yet since the newest split, and, with `last_closes` (ticker to the newest close stored), a close
of that day which is another one: a split nobody has told us of. Without `splits` closes stay as adjusted, and the note
says so. Whether volumes are adjusted was never seen: none is told of a day before a split. Today's close counts as in scrapers/sources/yahoo_chart.py, half an hour after New York's close; half days are
not known here and count as late.

2024-01     the oldest row at hand; all of its neighbours and the envelope were never seen byte for byte
2026-09     "Symbol not exists." (code 1001), "No record found." and passing failures with status 200
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from scrapers.formats.strict_json import Json, load
from scrapers.formats.text import date_from, number
from scrapers.prices.bars import Odd, check_few, in_doubt, reason, sifted, unreadable
from scrapers.prices.split_adjusted import NO_PRICE, Closes, Splits, as_quoted, check_adjusted
from scrapers.sources.yahoo_chart import SETTLED
from treasury.known.closing_times import NEW_YORK_CLOSE, local_moment
from treasury.model import DelistedError, Document, ParseError, Reading

HOSTS = ("api.nasdaq.com",)
HISTORICAL = "https://api.nasdaq.com/api/quote/{}/historical?assetclass=stocks&fromdate={}&todate={}&limit=9999"
KIND = "json"
SOURCE_KIND = "market"
DIALECT = "ours"
FALLBACK_FOR = ("yahoo_chart",)
FRESH = timedelta(hours=12)
AT_LEAST = 1
LONGEST = timedelta(days=3652)  # ten years are kept
OVERLAP = timedelta(days=5)  # before the last day had, so that it is among the rows
SHARE_EXPECTED = 0.6  # of the weekdays; holidays take less than a tenth
DIGITS = 10  # of a price: it is printed as a decimal number
TOLERANCE = 0.05  # between two closes of one day: a late correction, not a split
ADJUSTED = "split-adjusted as of the fetch"
UNKNOWN = "N/A"
ZERO = re.compile(r"\$0(\.0+)?")
NO_SYMBOL = "Symbol not exists"

_NEW_YORK = ZoneInfo(NEW_YORK_CLOSE[0])


def urls(symbols: Mapping[str, date | None], today: date) -> list[str]:
    """One request per US listing (a ticker without a suffix) whose close of the last weekday is not there yet.

    From before the last day already had; None: all there is.
    """
    return [
        HISTORICAL.format(quote(symbol, safe=""), had - OVERLAP if had else today - LONGEST, today)
        for symbol, had in symbols.items()
        if "." not in symbol and (had is None or had < _weekday_before(today))
    ]


def _weekday_before(day: date) -> date:
    return day - timedelta(days=max(1, day.weekday() - 4 if day.weekday() else 3))


def parse(
    document: Document,
    splits: Mapping[str, Splits] | None = None,
    last_closes: Mapping[str, tuple[date, float]] | None = None,
) -> Iterator[Reading]:
    symbol, (closes, odd) = _symbol(document), _closes(document)
    for day, close, why in in_doubt(odd):
        yield Reading(symbol, "close", close, "USD", day, doubt=why)
    if splits is None:
        for day, close in closes:
            yield Reading(symbol, "close", close, "USD", day, note=ADJUSTED, doubt=None if close else NO_PRICE)
        return
    quoted = _as_quoted(document, symbol, closes, splits.get(symbol, ()))
    _check_basis(document, symbol, quoted, (last_closes or {}).get(symbol))
    volumes, newest = _volumes(document)[0], max((ex_date for ex_date, _ in splits.get(symbol, ())), default=date.min)
    for day, close in quoted:
        yield Reading(symbol, "close", close, "USD", day, doubt=None if close else NO_PRICE)
        if close and day >= newest and (volume := volumes.get(day)) is not None:
            yield Reading(symbol, "volume", volume, "shares", day)


def remarks(document: Document) -> list[str]:
    """Rows and volumes that cannot be read, where the others stand."""
    return unreadable([*_closes(document)[1], *_volumes(document)[1]])


def check_whole(document: Document) -> None:
    """Raise ParseError where rows are missing: fewer than the answer itself counts, or far fewer than weekdays."""
    data, came = _data(document), len(_rows(document))
    total = data.get("totalRecords")
    if total is not None and total.number() != came:
        raise total.wrong(f"the {came} rows that came")
    days = [day for day, _ in _read(document)[0]]
    if not days:
        return
    weekdays = sum((days[-1] + timedelta(n)).weekday() < 5 for n in range((days[0] - days[-1]).days + 1))
    if len(days) < SHARE_EXPECTED * weekdays:
        raise ParseError(
            f"{document.source}: {_symbol(document)}: found {len(days)} rows, expected about {weekdays} from {days[-1]} to {days[0]}"
        )


def _data(document: Document) -> Json:
    """The member `data`, or the reason Nasdaq states for having none."""
    answer = load(document)
    if answer["data"].value is not None:
        return answer["data"]
    status = answer.get("status")
    told = status.get("bCodeMessage") if status is not None else None
    reasons = [one["errorMessage"].text() for one in told.rows()] if told is not None else []
    kind = DelistedError if any(NO_SYMBOL in reason for reason in reasons) else ParseError
    raise kind(
        f"{document.source}: $.data: found nothing ({' '.join(reasons) or 'no reason given'}), "
        f"expected the closes of a US listing of assetclass stocks; {document.url}"
    )


def _symbol(document: Document) -> str:
    """The symbol of the answer, which is the one asked for."""
    symbol = _data(document)["symbol"]
    parts = urlsplit(document.url).path.split("/")
    asked = unquote(parts[-2]) if parts[-1] == "historical" else symbol.text()
    if not asked or symbol.text() != asked:
        raise symbol.wrong(asked or "a symbol")
    return asked


def _rows(document: Document) -> list[Json]:
    rows = _data(document)["tradesTable"].get("rows")
    return rows.rows() if rows is not None else []


def _closes(document: Document) -> tuple[Closes, list[Odd[date]]]:
    """The known closes of sessions that were over when the document was fetched, oldest first, as adjusted; and odd rows."""
    today = document.fetched_at.astimezone(_NEW_YORK).date()
    over = document.fetched_at >= local_moment(*NEW_YORK_CLOSE, today) + SETTLED
    read, odd = _read(document)
    closes = [(day, close) for day, close in read if close is not None and (day < today or over)]
    return closes[::-1], odd


def _read(document: Document) -> tuple[list[tuple[date, float | None]], list[Odd[date]]]:
    """Day and close (None: not known) of the rows that can be read, newest first; and the others."""
    today, rows = document.fetched_at.astimezone(_NEW_YORK).date(), _rows(document)
    read: list[tuple[date, float | None]] = []
    odd: list[Odd[date]] = []
    for row in rows:
        day: date | None = None
        try:
            day = _day(row["date"])
            close = _price(row["close"])
        except ParseError as error:
            odd.append(Odd(day, None, reason(error)))
            continue
        if day > today:
            odd.append(Odd(day, close, reason(row["date"].wrong(f"no day after {today}"))))
        else:
            read.append((day, close))
    days, astray = sifted(read, lambda row: row[0], lambda row: row[1], newest_first=True)
    odd += astray
    check_few(document.source, odd, len(rows))
    return days, odd


def _volumes(document: Document) -> tuple[dict[date, float], list[Odd[date]]]:
    """What was traded by day, where the answer says so (58,414,460); and what cannot be read."""
    read: dict[date, float] = {}
    odd: list[Odd[date]] = []
    for row in _rows(document):
        cell = row.get("volume")
        if cell is None or cell.value in (None, UNKNOWN):
            continue
        try:
            read[_day(row["date"])] = number(cell.text())
        except ParseError as error:
            odd.append(Odd(None, None, reason(error)))
    return read, odd


def _day(cell: Json) -> date:
    try:
        return date_from(cell.text(), ["%m/%d/%Y"])
    except ParseError:
        raise cell.wrong("a day like 01/10/2024") from None


def _price(cell: Json) -> float | None:
    """A price in dollars, none below zero; None where it is not known."""
    if cell.text() == UNKNOWN:
        return None
    if ZERO.fullmatch(cell.text()):
        return 0.0
    try:
        price = number(cell.text().removeprefix("$")) if cell.text().startswith("$") else 0.0
    except ParseError:
        price = 0.0
    if price <= 0:
        raise cell.wrong("a price above zero like $185.92, or N/A")
    return price


def _as_quoted(document: Document, symbol: str, closes: Closes, splits: Splits) -> Closes:
    """The closes without the adjustment for splits up to the day of the fetch."""
    today = document.fetched_at.astimezone(_NEW_YORK).date()
    past = [(ex_date, ratio) for ex_date, ratio in splits if ex_date <= today]
    newest = max((ex_date for ex_date, _ in past), default=date.min)
    if closes and closes[-1][0] < newest:
        raise ParseError(
            f"{document.source}: {symbol}: found closes to {closes[-1][0]}, expected one since the split of {newest}: "
            "whether those before are adjusted for it cannot be told; ask again tomorrow"
        )
    check_adjusted(document.source, symbol, closes, past)
    return [(day, as_quoted(day, close, past, DIGITS)) for day, close in closes]


def _check_basis(document: Document, symbol: str, closes: Closes, stored: tuple[date, float] | None) -> None:
    """Raise ParseError where the close of the last day stored is another one: on another split basis."""
    day, had = stored or (date.min, 0.0)
    found = dict(closes).get(day)
    if found and abs(found / had - 1) > TOLERANCE:
        raise ParseError(
            f"{document.source}: {symbol} {day}: found a close of {found:.10g}, expected about the {had:.10g} stored: "
            "a split that is not known? add it with mnav import"
        )
