"""ecb.europa.eu/stats/eurofxref — the euro reference rates: about 30 currencies a day, every day since 1999-01-04.

Crossed through the euro: USD for one unit of a currency = (USD for one euro) / (units of the currency for one euro);
the euro itself is the USD column. Fixed about 16:00 Frankfurt time on TARGET days only; nothing is filled in for the
days between. "N/A" is a currency that did not exist or no longer does. There is no TWD. A line or a rate that cannot be
read costs itself, and a day without dollars itself.

1999-01-04  eurofxref-hist.csv (in a zip): ISO dates, newest first, a comma at the end of every line, "N/A"
2026-04-13  eurofxref.csv (the newest day alone): "13 April 2026", a space after every comma
"""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from functools import lru_cache

from scrapers.formats.text import date_from, number
from scrapers.prices import euro_rates
from scrapers.prices.bars import Odd, check_few, reason, sifted
from scrapers.prices.euro_rates import Day
from treasury.model import Document, ParseError, Reading

HOSTS = ("www.ecb.europa.eu",)
HISTORY = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
NEWEST = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref.zip"
URLS = (HISTORY,)
KIND = "zip"
SOURCE_KIND = "market"
DIALECT = "ours"
FRESH = timedelta(hours=6)
AT_LEAST = 1  # as few as are wanted of one day; check_whole counts days and currencies
CURRENCIES_AT_LEAST = 25  # beside the euro, in either file: 29 in 2026
DAYS_AT_LEAST = 6_900  # of the whole history: 6,983 on 2026-04-13, and it only grows
LARGEST = 50_000_000  # bytes unpacked; 1.9 million on 2026-04-13

_CURRENCY = re.compile(r"[A-Z]{3}")


def parse(
    document: Document, currencies: Collection[str] | None = None, rates_since: date = date.min
) -> Iterator[Reading]:
    """Both files, zipped or plain; only the `currencies` asked for, or all, and only from a day on."""
    days, _ = _days(document, _named(currencies))
    yield from euro_rates.crossed(document.source, days, currencies, rates_since)


def remarks(document: Document, currencies: Collection[str] | None = None) -> list[str]:
    """Lines and rates that cannot be read, where the others stand."""
    return euro_rates.unread(*_days(document, _named(currencies)))


def check_whole(document: Document) -> None:
    """Raise ParseError where currencies are missing, or days of the history; the newest day alone is whole."""
    columns, days, _ = _table(document)
    if len(columns) < CURRENCIES_AT_LEAST:
        raise ParseError(f"{document.source}: found {len(columns)} currencies, expected at least {CURRENCIES_AT_LEAST}")
    if len(days) == 1:
        return
    if len(days) < DAYS_AT_LEAST:
        raise ParseError(
            f"{document.source}: found {len(days)} days, expected at least {DAYS_AT_LEAST}; {document.url}"
        )
    euro_rates.check_gaps(document.source, (day for day, _ in days))


def _named(currencies: Collection[str] | None) -> frozenset[str] | None:
    return None if currencies is None else frozenset(currencies)


@lru_cache(maxsize=1)  # seven thousand days are read and remarked on one after the other
def _days(document: Document, currencies: frozenset[str] | None) -> tuple[list[Day], list[Odd[date]]]:
    """What one euro was worth on each day in the currencies wanted, newest first; and what of it cannot be used."""
    columns, lines, odd = _table(document)
    wanted = [(i, name) for i, name in enumerate(columns) if currencies is None or name == "USD" or name in currencies]
    days: list[Day] = []
    unread: list[Odd[date]] = []
    for day, cells in lines:
        known: dict[str, float] = {}
        for i, name in wanted:
            try:
                rate = _rate(document, day, name, cells[i])
            except ParseError as error:
                unread.append(Odd(day, None, reason(error)))
            else:
                if rate is not None:
                    known[name] = rate
        days.append((day, known))
    check_few(document.source, unread, len(wanted) * len(lines))
    return days, odd + unread


@lru_cache(maxsize=1)  # and judged whole before
def _table(document: Document) -> tuple[list[str], list[tuple[date, tuple[str, ...]]], list[Odd[date]]]:
    """The currencies, and per day their cells, newest first; and the lines that are not used."""
    try:
        lines = list(csv.reader(io.StringIO(_text(document)), skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise ParseError(f"{document.source}: found a file that is no CSV ({error}), expected one") from None
    header = [cell.strip() for cell in lines[0]] if lines else []
    columns = header[1:-1]
    known = header[:1] == ["Date"] and header[-1] == "" and all(map(_CURRENCY.fullmatch, columns))
    if not known or "USD" not in columns or len(set(columns)) != len(columns):
        found = ",".join(header)[:120] or "nothing"
        raise ParseError(
            f"{document.source}: found the header {found!r}, expected Date,USD,JPY,…, with a comma at the end"
        )
    _cells(document, lines[-1], len(header))  # a file that was cut off ends within a line
    read: list[tuple[date, tuple[str, ...]]] = []
    odd: list[Odd[date]] = []
    for cells in lines[1:]:
        day: date | None = None
        try:
            day = _day(document, cells[0].strip() if cells else "")
            read.append((day, _cells(document, cells, len(header))))
        except ParseError as error:
            odd.append(Odd(day, None, reason(error)))
    days, astray = sifted(read, lambda line: line[0], lambda _: None, newest_first=True)
    odd += astray
    check_few(document.source, odd, len(lines) - 1)
    return columns, days, odd


def _cells(document: Document, cells: list[str], wanted: int) -> tuple[str, ...]:
    if len(cells) != wanted or cells[-1].strip():
        raise ParseError(
            f"{document.source}: found a line of {len(cells)} cells ({','.join(cells)[:60]!r}), expected {wanted}, the last one empty"
        )
    return tuple(cells[1:-1])


def _text(document: Document) -> str:
    body = _unzip(document) if document.body[:2] == b"PK" else document.body
    try:
        return body.decode("ascii")
    except UnicodeDecodeError as error:
        raise ParseError(
            f"{document.source}: found a file that is not plain text ({error.reason}), expected a zip or a CSV"
        ) from None


def _unzip(document: Document) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(document.body)) as archive:
            members = archive.infolist()
            if not (len(members) == 1 and _plain(members[0])):
                found = ", ".join(f"{one.filename} of {one.file_size:,} bytes" for one in members)[:120] or "nothing"
                raise ParseError(
                    f"{document.source}: found a zip with {found}, expected one .csv of at most {LARGEST:,} bytes"
                )
            with archive.open(members[0]) as file:
                return file.read(LARGEST)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError) as error:
        # cut off, damaged, or under a password
        raise ParseError(
            f"{document.source}: found a zip that cannot be read ({error}), expected a whole one"
        ) from None


def _plain(member: zipfile.ZipInfo) -> bool:
    usual = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return member.filename.endswith(".csv") and member.file_size <= LARGEST and usual


def _day(document: Document, text: str) -> date:
    try:
        return date_from(text, ["%Y-%m-%d", "%d %B %Y"])
    except ParseError:
        raise ParseError(
            f"{document.source}: found {text!r}, expected a day like 2026-04-13 or 13 April 2026"
        ) from None


def _rate(document: Document, day: date, currency: str, cell: str) -> float | None:
    cell = cell.strip()
    if cell == "N/A":
        return None
    try:
        rate = number(cell)
    except ParseError:
        rate = 0.0
    if rate <= 0:
        raise ParseError(f"{document.source}: {day} {currency}: found {cell!r}, expected a rate above zero or N/A")
    return rate
