"""api.nasdaq.com, stock screener — every US-listed stock of one exchange: last sale and market cap, so the count of all its shares.

Three requests a day: {"data": {"headers", "rows": [{symbol, name, lastsale "$13.03", netchange "0.09", volume, marketCap
"8531481312.00", …}]}}. Market cap ÷ last sale is the count Nasdaq has, the newest cover's, of all classes, in units of the listing
(ADS): usually to the share, for the cap is rounded to the dollar only. Only companies that hold bitcoin are read where `symbols` says who
does; a cap of 0.00 and a price that is not there are unknown.

Nothing says of which moment the rows are, so two things are told by the rows together:
- cap and sale are of one moment where most quotients are whole numbers (of shares above 5 dollars, at most a fifth would be by chance);
  where they are not, every count is in doubt;
- the sales are of the session just ended where last sale − net change is the close stored before it (`last_closes`). Where it is the last
  sale itself that is stored, the answer is a day late (four stretches of 2025 were), or the exchanges were shut: its sales are no
  new closes. Where neither can be told the closes are in doubt. While a session lasts there is no close.

2024-04  rows of a daily public copy: symbols of warrants, units, notes and preferred stock stand beside those of shares
2026-09  "bCodeMessage" says why there is no data, with status 200
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from scrapers.formats.strict_json import Json, load
from scrapers.formats.text import date_from, number
from scrapers.prices.bars import reason
from scrapers.sources.yahoo_chart import SETTLED
from treasury.known.closing_times import NEW_YORK_CLOSE, local_moment
from treasury.model import Document, ParseError, Reading

HOSTS = ("api.nasdaq.com",)
EXCHANGES = ("NASDAQ", "NYSE", "AMEX")
URLS = tuple(
    f"https://api.nasdaq.com/api/screener/stocks?tableonly=true&limit=25&offset=0&exchange={exchange}&download=true"
    for exchange in EXCHANGES
)
KIND = "json"
FRESH = timedelta(hours=12)
AT_LEAST = 0  # of one exchange perhaps nobody holds bitcoin; check_whole counts its rows
ROWS_AT_LEAST = 100  # NYSE American lists some 300, the others thousands
OPENS = time(9, 30)
DEAR = 5.0  # dollars: from here on a quotient is whole by chance in one of five at most
MOSTLY = 0.6
PRICE_STEP = 1e-4

_NEW_YORK = ZoneInfo(NEW_YORK_CLOSE[0])


class ScreenerRow(NamedTuple):
    """One stock: its price, what it had changed by, and its market cap, each None where it is not told."""

    symbol: str
    name: str
    price: float | None
    change: float | None
    cap: float | None

    @property
    def shares(self) -> float | None:
        """Market cap ÷ last sale."""
        return self.cap / self.price if self.cap and self.price else None

    @property
    def whole(self) -> bool:
        """Whether the quotient can be a whole number, the cap being rounded to the dollar."""
        return (
            self.shares is not None
            and self.price is not None
            and abs(self.shares - round(self.shares)) <= 0.5 / self.price
        )


def parse(
    document: Document,
    symbols: Mapping[str, date | None] | None = None,
    last_closes: Mapping[str, tuple[date, float]] | None = None,
    listed_units: Set[str] = frozenset(),
) -> Iterator[Reading]:
    """Count and close of each holder, under the symbol with its exchange."""
    exchange, rows = _exchange(document), _rows(document)
    session = _told_day(document) or _session(document.fetched_at)
    seen = session or document.fetched_at.astimezone(_NEW_YORK).date()
    torn = _why_no_counts(rows)
    held = [row for row in rows if symbols is None or row.symbol in symbols]
    late, untold = _lateness(held, last_closes or {}, session)
    for row in held:
        company = f"{exchange}:{row.symbol}"
        if row.shares is not None and round(row.shares):
            quantity = "shares_listed_units" if row.symbol in listed_units else "shares_basic"
            note = f"{row.name}; market cap {row.cap:,.0f} ÷ last sale {row.price:,.10g}"
            yield Reading(company, quantity, float(round(row.shares)), "shares", seen, note=note, doubt=torn)
        if row.price is not None and session is not None and not late:
            yield Reading(company, "close", row.price, "USD", session, note=row.name, doubt=untold)


def remarks(document: Document, symbols: Mapping[str, date | None] | None = None) -> list[str]:
    """Rows of holders that cannot be read, where the others stand."""
    return [why for symbol, why in _read(document)[1].items() if symbols is None or symbol in symbols or "[" in symbol]


def check_whole(document: Document) -> None:
    """Raise ParseError where far fewer stocks came than any of the exchanges lists."""
    if (found := len(_rows(document))) < ROWS_AT_LEAST:
        raise ParseError(f"{document.source}: found {found} stocks, expected at least {ROWS_AT_LEAST}; {document.url}")


def _told_day(document: Document) -> date | None:
    """The day of the prices where the answer prints it ("Last price as of Feb 24, 2023"), and it is over."""
    data = load(document)["data"]
    told = data.get("asof") if data.value is not None else None
    if told is None:
        return None
    try:
        day = date_from(told.text().removeprefix("Last price as of "), ["%b %d, %Y"])
    except ParseError:
        raise told.wrong("Last price as of Feb 24, 2023") from None
    return day if document.fetched_at >= local_moment(*NEW_YORK_CLOSE, day) + SETTLED else None


def _session(fetched_at: datetime) -> date | None:
    """The session that the last sales close, by the clock alone; None while one lasts. Holidays are told by the prices."""
    local = fetched_at.astimezone(_NEW_YORK)
    day = local.date()
    if day.weekday() < 5 and fetched_at >= local_moment(*NEW_YORK_CLOSE, day) + SETTLED:
        return day
    if day.weekday() < 5 and local.time() >= OPENS:
        return None
    return _weekday_before(day)


def _why_no_counts(rows: list[ScreenerRow]) -> str | None:
    dear = [row for row in rows if row.shares is not None and row.price is not None and row.price >= DEAR]
    whole = sum(row.whole for row in dear)
    if dear and whole >= MOSTLY * len(dear):
        return None
    return f"market cap ÷ last sale is a whole number for {whole} of {len(dear)} stocks above {DEAR:g} USD: of different moments?"


def _lateness(
    rows: list[ScreenerRow], last_closes: Mapping[str, tuple[date, float]], session: date | None
) -> tuple[bool, str | None]:
    """Whether the sales are those of a day that is stored already; and why their day cannot be told, where it cannot.

    A close of the weekday before the session tells; an older one would fit an answer that is late by as much.
    """
    late = fresh = 0
    for row in rows:
        day, close = last_closes.get(row.symbol, (date.max, 0.0))
        if session is None or day >= session or row.price is None or not row.change:
            continue  # nothing changed: both are the same
        late += abs(row.price - close) <= PRICE_STEP
        fresh += day == _weekday_before(session) and abs(row.price - row.change - close) <= PRICE_STEP
    if late > fresh:
        return True, None
    if fresh:
        return False, None
    return False, f"whether the last sale closed {session} cannot be told: no close of the weekday before it is stored"


def _weekday_before(day: date) -> date:
    before = day - timedelta(days=1)
    return before - timedelta(days=max(0, before.weekday() - 4))


def _exchange(document: Document) -> str:
    """The one asked for."""
    asked = parse_qs(urlsplit(document.url).query).get("exchange", [""])[0].upper()
    if asked not in EXCHANGES:
        raise ParseError(
            f"{document.source}: found {document.url!r}, expected a URL with exchange={' or '.join(EXCHANGES)}"
        )
    return asked


def _rows(document: Document) -> list[ScreenerRow]:
    return _read(document)[0]


@lru_cache(maxsize=1)  # a document is judged whole, read and remarked on one after the other
def _read(document: Document) -> tuple[list[ScreenerRow], dict[str, str]]:
    """The rows that can be read, each symbol once; and of the others, by symbol or place, why not."""
    answer = load(document)
    data = answer["data"]
    if data.value is None:
        status = answer.get("status")
        told = status.get("bCodeMessage") if status is not None else None
        reasons = " ".join(one["errorMessage"].text() for one in told.rows()) if told is not None else "no reason given"
        raise ParseError(
            f"{document.source}: found no data ({reasons}), expected the stocks of an exchange; {document.url}"
        )
    found: dict[str, ScreenerRow] = {}
    odd: dict[str, str] = {}
    rows = data["rows"].rows()
    for cells in rows:
        symbol = cells.path
        try:
            symbol = cells["symbol"].text()
            row = _row(symbol, cells)
            if found.setdefault(symbol, row) != row:
                raise cells["symbol"].wrong("every symbol once")
        except ParseError as error:
            odd[symbol] = reason(error)
    if 2 * len(odd) > len(rows):
        raise ParseError(f"{document.source}: {next(iter(odd.values()))}")
    return [row for symbol, row in found.items() if symbol not in odd], odd


def _row(symbol: str, cells: Json) -> ScreenerRow:
    name = cells["name"].text().partition(";")[0]
    return ScreenerRow(
        symbol, name, _money(cells["lastsale"]), _number(cells["netchange"]), _number(cells["marketCap"])
    )


def _money(cell: Json) -> float | None:
    """A price in dollars; None where none is told."""
    text = cell.text() if cell.value is not None else ""
    if text.startswith("$") and (price := _parsed(cell, text[1:])) > 0:
        return price
    if text in ("", "NA", "N/A", "$0.00"):
        return None
    raise cell.wrong("a price like $13.03")


def _number(cell: Json) -> float | None:
    text = cell.text() if cell.value is not None else ""
    if text in ("", "NA", "N/A", "UNCH", "unch"):
        return None
    return _parsed(cell, text)


def _parsed(cell: Json, text: str) -> float:
    try:
        return number(text)
    except ParseError:
        raise cell.wrong("a number like 8531481312.00") from None
