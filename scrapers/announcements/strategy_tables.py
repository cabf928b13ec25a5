"""The tables of Strategy's bitcoin updates: bitcoin, shares sold at the market and what may still be, assumed diluted shares.

2025-03-31  bitcoin and ATM tables replace sentences, units in the cells ("1.92 billion"; "3,645,528 MSTR Shares")
2025-06-09  units in the headers, and not the same for each column; from 2025-08-04 page breaks cut tables in two
2025-08-18  "Aggregate Purchase Price(in billions)", "AggregatePurchase": spaces go missing, so labels are compared without
2026-01-05  two periods in one filing; 2026-06-01 a sale in two tables, "May 31, 2026*"; 2026-08 "BTC Purchased", repurchases
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from typing import Any

from scrapers.announcements.strategy_figures import (
    COMMON_SHARES,
    COMPANY,
    IN_THOUSANDS,
    Figures,
    beside,
    day,
    position,
    transaction,
)
from scrapers.formats.html_tables import rows, text_of
from scrapers.formats.text import DASH_SIGNS, Printed, cell, date_from, printed, unit_of
from treasury.model import ParseError, Reading

_DATE = r"[A-Z][a-z]+ \d{1,2}, ?\d{4}"

_DURING = re.compile(rf"During (?:the )?Period ?(?:from )?({_DATE})\*? ?(?:to|through|and|-|–|—) ?({_DATE})")
_SHORT_DAY = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")
_AS_OF = re.compile(rf"As of ?({_DATE})")
# A word of every table of ours, and of every half that a page break left.
_OURS = re.compile(r"BTC|Diluted|Shares\s*(?:Sold|Outstanding)|STR[A-Z]?\s*(?:Stock|ATM)|Common\s*ATM")
_BTC_HEADERS = {"btcacquired": "bought", "btcpurchased": "bought", "btcsold": "sold", "aggregatebtcholdings": "held"}
_BTC_PRICES = {
    "aggregatepurchaseprice": "cost", "aggregatesaleprice": "cost",
    "averagepurchaseprice": "average", "averagesaleprice": "average",
}  # fmt: skip
_SECURITY = re.compile(rf"(?:[A-Z][a-z]+ )?(?:20\d\d )?(Common|{COMPANY}|STR[A-Z]) (?:ATM|Stock|Shares)")
_SHARES_SOLD = re.compile(rf"(.+?)(?:\s*(?:{COMPANY}|STR[A-Z])\s*Shares)?")
_AVAILABLE = "availableforissuanceandsale"
_OF_SHARES = re.compile(rf" of (?:{COMPANY}|STR[A-Z]) Shares$")
_UNIT_ALONE = re.compile(rf"(?:{COMPANY}|STR[A-Z])\s*Shares")
_CONVERTIBLE = re.compile(r"(\d{4}[A-Z]?|STR[A-Z]) Convertible Shares ?@ ?\$[\d,.]+")
BASIC_COUNT, DILUTED_COUNT = ("shares_basic", None), ("shares_assumed_diluted", None)
_SHARE_ROWS: dict[str, tuple[str, str | None]] = {
    "Class A": ("shares_class_a", None), "Class B": ("shares_class_b", None),
    "Basic Shares Outstanding": BASIC_COUNT, "Assumed Diluted Shares Outstanding": DILUTED_COUNT,
    "Options Outstanding": ("options_outstanding", "options"), "RSU/PSU Unvested": ("rsu_unvested", "rsu"),
}  # fmt: skip
_INSTRUMENTS = {"2030": "convert-2030a"}  # called 2030A only once there was a 2030B, in February 2025


def readings(tables: Iterable[Any], unread: list[str] | None = None) -> Iterator[Reading]:
    """Everything these tables state; what cannot be read of anything but bitcoin is noted in `unread`."""
    unread = [] if unread is None else unread
    lines = _Lines(chain.from_iterable(rows(table) for table in tables if _OURS.search(text_of(table))))
    for cells in lines:
        if lines.is_period(cells):
            continue
        names = [_letters(text) for text in cells]
        if any(name in _BTC_HEADERS for name in names):
            yield from _bitcoin(cells, names, lines)
        elif "sharessold" in names:
            yield from beside(_shares_sold(cells[names.index("sharessold") :], lines, unread), unread)
        elif all(map(_SHORT_DAY.fullmatch, cells)):
            yield from beside(_share_counts(cells, lines, unread), unread)


class _Lines:
    """The rows of all tables as one stream (page breaks cut tables anywhere), and the period they stand under."""

    def __init__(self, lines: Iterator[list[str]]) -> None:
        self._lines = lines
        self._kept: list[list[str]] = []
        self._start: date | None = None
        self._end: date | None = None
        self._as_of: date | None = None

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        return self._kept.pop() if self._kept else next(self._lines)

    def put_back(self, cells: list[str]) -> None:
        self._kept.append(cells)

    def is_period(self, cells: list[str]) -> bool:
        """Whether this row says which period or day the next rows are about; if so, remember it."""
        found = False
        for text in cells:
            if text.startswith(("During Period", "During the Period")) and len(text) < 100:
                match = _DURING.fullmatch(text)
                if not match:
                    raise ParseError(f"a period in words this parser does not know: {text!r}")
                self._start, self._end, self._as_of, found = day(match[1]), day(match[2]), None, True
                if self._start > self._end:
                    raise ParseError(f"a period that ends before it starts: {text!r}")
            elif match := _AS_OF.fullmatch(text):
                self._as_of, found = day(match[1]), True
        return found

    def period(self) -> tuple[date, date]:
        if self._start is None or self._end is None:
            raise ParseError("a table of what was bought or sold without its period")
        return self._start, self._end

    def as_of(self) -> date:
        if self._as_of is None:
            raise ParseError("a table of bitcoin holdings without its day")
        return self._as_of


def _bitcoin(cells: list[str], names: list[str], lines: _Lines) -> Iterator[Reading]:
    values = next(lines, [])
    if len(values) != len(cells):
        raise ParseError(f"{len(cells)} columns of bitcoin figures, {cells}, over {len(values)} values, {values}")
    groups: list[tuple[str, dict[str, tuple[str, int]]]] = []  # bought, sold or held, and what its columns say
    for header, name, value in zip(cells, names, values, strict=True):
        if name in _BTC_HEADERS:
            groups.append((_BTC_HEADERS[name], {"coins": (value, unit_of(header))}))
            continue
        column = _BTC_PRICES.get(name)
        if column is None or not groups or column in groups[-1][1]:
            raise ParseError(f"unexpected column {header!r} among the bitcoin figures {cells}")
        groups[-1][1][column] = (value, unit_of(header))
    for kind, group in groups:
        count, unit = group["coins"]
        coins = cell(count)
        if coins is None or unit != 1:
            raise ParseError(f"bitcoin in a unit of its own, {unit:,}: {cells}")
        figures = Figures(coins, _dollars(group.get("cost")), _dollars(group.get("average")))
        if kind == "held":
            yield from position(figures, lines.as_of())
        else:
            yield from transaction(figures, *lines.period(), sold=kind == "sold")


def _shares_sold(columns: list[str], lines: _Lines, unread: list[str]) -> Iterator[Reading]:
    """One row per security, a description under each; ends with the total, or with the next header.

    A row that does not fit costs its security, which is then not told at all: another programme of it would be a part.
    """
    start, end = lines.period()
    sold: dict[str, float] = {}  # two programmes for one class add up
    available: dict[str, float] = {}
    lost: set[str] = set()
    unit = unit_of(columns[-1]) if _letters(columns[-1]) == _AVAILABLE else None
    for printed_cells in lines:
        cells = _with_units_joined(printed_cells)
        security = _SECURITY.fullmatch(cells[0])
        if security and len(cells) == len(columns) + 1:
            ticker = COMMON_SHARES if security[1] == "Common" else security[1].lower()
            count = _SHARES_SOLD.fullmatch(cells[1])
            shares = _count(count[1]) if count else None
            if shares is None:
                lost.add(ticker)
                unread.append(f"no number of shares sold in {cells}")
            else:
                sold[ticker] = sold.get(ticker, 0.0) + shares
                left = None if unit is None else _dollars((_OF_SHARES.sub("", cells[-1]), unit))
                if left is not None:
                    available[ticker] = available.get(ticker, 0.0) + left.value
        elif security:
            lost.add(COMMON_SHARES if security[1] == "Common" else security[1].lower())
            unread.append(f"a row of shares sold that does not fit its columns {columns}: {cells}")
        elif len(cells) == len(columns) + 1 and cells[0] != "Total":
            unread.append(f"shares sold of a security this parser does not know: {cells}")
        elif cells[0] == "Total":
            break
        elif len(cells) > 1 or _begins(cells):
            lines.put_back(printed_cells)
            break
    if not sold and not lost:
        raise ParseError(f"no security under the header of shares sold {columns}")
    for ticker, shares in sold.items():
        if ticker in lost:
            continue
        yield Reading(COMPANY, "shares_sold", shares, "shares", end, instrument=ticker, period_start=start)
        if ticker in available:
            series = None if ticker == COMMON_SHARES else ticker
            yield Reading(COMPANY, "issuance_available", available[ticker], "USD", end, instrument=series)


def _count(text: str) -> float | None:
    """A number of shares; None where the cell holds none."""
    try:
        return cell(text)
    except ParseError:
        return None


def _with_units_joined(cells: list[str]) -> list[str]:
    """`573,976` | `STRK Shares` is one cell that was cut in two."""
    joined: list[str] = []
    for text in cells:
        if _UNIT_ALONE.fullmatch(text) and len(joined) > 1:
            joined[-1] = f"{joined[-1]} {text}"
        else:
            joined.append(text)
    return joined


def _share_counts(heads: list[str], lines: _Lines, unread: list[str]) -> Iterator[Reading]:
    """Basic and assumed diluted shares on the newest day; the other columns repeat or, over a split, restate old news."""
    days = [date_from(text, ["%m/%d/%Y"]) for text in heads]
    unit, newest = None, days.index(max(days))
    again: dict[str, int] = {}
    found: dict[tuple[str, str | None], float] = {}
    for cells in lines:
        label = cells[0]
        if _begins(cells):
            lines.put_back(cells)
            break
        if label.startswith("Shares Outstanding"):
            unit = unit_of(label)
        elif row := _share_row(label, again):
            counts = [value for value in map(cell, cells[1:]) if value is not None]
            if unit is None or len(counts) != len(days):
                raise ParseError(f"a row of share counts under {len(days)} days, unit {unit}: {cells}")
            found[row] = counts[newest] * unit
            if row == DILUTED_COUNT:
                break
    if found and unit:
        _check_sums(found, unit)
        for (quantity, instrument), count in found.items():
            yield Reading(COMPANY, quantity, count, "shares", days[newest], instrument, note=IN_THOUSANDS)


def _begins(cells: list[str]) -> bool:
    """Whether another table begins with this row."""
    if all(map(_SHORT_DAY.fullmatch, cells)) or any(_DURING.match(text) or _AS_OF.fullmatch(text) for text in cells):
        return True
    return any(name in _BTC_HEADERS or name == "sharessold" for name in map(_letters, cells))


def _share_row(label: str, again: dict[str, int]) -> tuple[str, str | None] | None:
    """A row by its label; the second and third notes of one year are others, b and c, in the order listed."""
    if convertible := _CONVERTIBLE.fullmatch(label):
        name = convertible[1].lower()
        if name.isalpha():
            return "shares_underlying", name
        again[name] = again.get(name, 0) + 1
        if again[name] > 1:
            return "shares_underlying", f"convert-{name}{chr(ord('a') + again[name] - 1)}"
        return "shares_underlying", _INSTRUMENTS.get(name, f"convert-{name}")
    return _SHARE_ROWS.get(label)


def _check_sums(counts: dict[tuple[str, str | None], float], unit: int) -> None:
    parts = {row: count for row, count in counts.items() if row not in (BASIC_COUNT, DILUTED_COUNT)}
    classes = sum(count for (quantity, _), count in parts.items() if quantity.startswith("shares_class"))
    for total, expected in ((BASIC_COUNT, classes), (DILUTED_COUNT, sum(parts.values()))):
        if abs(counts.get(total, 0.0) - expected) > unit * len(parts):
            raise ParseError(f"{total[0]} is {counts.get(total, 0.0):,.0f}, but its parts add up to {expected:,.0f}")


def _dollars(column: tuple[str, int] | None) -> Printed | None:
    if column is None:
        return None
    text = column[0].removeprefix("$").lstrip()
    return Printed(0.0, 0.0) if text in DASH_SIGNS else printed(text, column[1])


def _letters(text: str) -> str:
    """A label without spaces, footnotes and units, so that missing spaces do not matter."""
    return re.sub(r"[^a-z]", "", re.sub(r"\(.*?\)", "", text.lower()))
