"""The kinds of CSV file people give us, told apart by their header row, and read strictly.

Every problem names file, line, what stands there and what is wanted; a file is taken whole or not at all.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import TextIO

from treasury.bitcoin.condition import CONTEXT, check_context
from treasury.intake.rates import why_not_first
from treasury.intake.words import BITCOIN_BEGAN, CONTROL, DIRECTION, FIRST_RATE
from treasury.known.fixings import clock_of
from treasury.model import ImplausibleError, InputError
from treasury.quantities import A_CURRENCY, HUNDREDTHS, QUANTITIES, STORED_APART
from treasury.splits import is_split_ratio

Value = str | float | int | None
MOST_PROBLEMS = 20  # more than anyone reads at once

COMPANY_KINDS = ("treasury", "miner", "exchange", "operating", "spac", "other_crypto")
SOURCE_KINDS = ("filing", "issuer", "press", "tracker", "market", "user")
INSTRUMENT_KINDS = (
    "convertible", "loan", "bond", "preferred", "convertible_preferred", "warrant", "option", "rsu",
)  # fmt: skip
# kinds of row that can be taken back by their key (facts are append-only and have retractions)
WITHDRAWABLE = (
    "alias",
    "relation",
    "instrument",
    "share_class",
    "tranche_name",
    "instrument_symbol",
    "purchase",
    "split",
    "listing",
    "equity_price",
    "instrument_price",
    "btc_price",
    "fx_rate",
    "context",
)
SETTLEMENTS = ("physical", "net_share", "cash", "issuer_choice", "unknown")
RIGHTS = ("economic", "votes_only")


class Row(dict[str, Value]):
    """One row: its values by column, in the order of the header, and the line of the file on which it begins."""

    __slots__ = ("line",)
    line: int


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its text becomes a value, whether it may be empty, and whether older files end before it."""

    name: str
    read: Callable[[str], Value]
    required: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of file: its columns in their order, and the columns that name a row."""

    kind: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    check: Callable[[Row], None] | None = None

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns if column.required)

    @property
    def headers(self) -> tuple[tuple[str, ...], ...]:
        """The header rows that are taken: the whole one, and those of files made before the late columns."""
        late = len([column for column in self.columns if column.late])
        return tuple(self.header[: len(self.columns) - without] for without in range(late + 1))


# -- cells ---------------------------------------------------------------------------------------------------------

# ASCII throughout: other scripts' digits are numbers to Python, and a surprise to everyone else
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
# how a text begins that a spreadsheet would run; with apostrophes before it, one of them is an escape (scripts.output)
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_WHOLE_DIGITS = 18  # what an integer column of a database holds
_BLANK = "\u200b\u2060\ufeff"  # that nobody sees at the ends of a name, beside what Python calls space
_THOUSANDS_OR_DECIMAL = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)  # 1.500 in a file that could mean either
_POINTED_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3}){2,}|[+-]?[1-9]\d{0,2}(\.\d{3})+,\d+", re.ASCII)
_COMMAED_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3}){2,}|[+-]?[1-9]\d{0,2}(,\d{3})+\.\d+", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
LONGEST_TICKER = 20
_SYMBOL = re.compile(rf"(?=.{{1,{LONGEST_TICKER}}}$)[A-Z0-9]+([.-][A-Z0-9]+)*", re.ASCII)
MOST_CHARACTERS = 4_000  # of one cell; the longest note of the bundle has 600
LEAST_COSTS, MOST_COSTS = QUANTITIES["close"].low, QUANTITIES["close"].high
MOST_REMEMBERED = 10_000  # different cells of a column: forty years of sessions
# of a file: a few kilobytes, packed, can unpack to more than any machine holds
MOST_COLUMNS = 100
LONGEST_LINE = 1_000_000  # characters
LONGEST_FILE = 500_000_000  # characters; ten million closes
MOST_LINES_OF_A_ROW = 1_000
MOST_BLANK_ROWS = 2_000_000  # a spreadsheet saves the 1,048,576 it has
_SHOWN = 60
MOST_SHARES_FOR_ONE = 1e6  # shares; the largest reverse splits are 1 for 5,000
MOST_PER_CENT = 1_000
FIRST_TERM, LAST_TERM = "1900-01-01", "2199-12-31"
_WORKBOOK = b"PK\x03\x04"  # how a zip begins, which is what workbooks are
LATEST_AFTER = timedelta(days=1)  # where a day begins first, it is today's tomorrow in UTC


def text(cell: str) -> str:
    """The text as it stands, without the apostrophe that keeps a spreadsheet from running it as a formula."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def symbol(cell: str) -> str:
    """A company's own symbol: what also names its charts and files."""
    if not _SYMBOL.fullmatch(cell):
        raise ValueError(
            f"{cut(cell)!r} is no ticker; write up to {LONGEST_TICKER} letters and digits, with . or - between them"
        )
    return cell


def close(cell: str) -> float:
    """A price of one share, unit or coin."""
    value = positive(cell)
    if value > MOST_COSTS:
        raise ValueError(f"{cut(cell)!r} is more than anything costs ({MOST_COSTS:,.0f})")
    if value < LEAST_COSTS:
        raise ValueError(f"{cut(cell)!r} is less than anything costs ({LEAST_COSTS:g})")
    return value


def volume(cell: str) -> float:
    """What was traded in a session; none is a number too."""
    value = number(cell)
    if value < 0:
        raise ValueError(f"{cut(cell)!r} is below zero; leave the cell empty where what was traded is unknown")
    return value


def cut(cell: str) -> str:
    """A cell as far as a message needs it."""
    return cell if len(cell) <= _SHOWN else f"{cell[:_SHOWN]}… ({len(cell):,} characters)"


def number(cell: str) -> float:
    """A plain decimal number. No separators, signs of currency, NaN or infinity."""
    if not _NUMBER.fullmatch(cell):
        raise ValueError(f"{cut(cell)!r} is not a number; write digits with '.' as decimal sign and no separators")
    value = float(cell)
    if not math.isfinite(value):
        raise ValueError(f"{cut(cell)!r} is too large to be a number")
    if ("e" in cell or "E" in cell) and _rounded(cell):
        raise ValueError(
            f"{cut(cell)!r} has lost digits: a spreadsheet rounded it; format the column as a number without exponent and save again"
        )
    return value


def _rounded(cell: str) -> bool:
    """Whether a number was written as spreadsheets shorten it: 3.47E+08 for anything about 347 million.

    A person's 1e6 is one million; an exponent of as few digits as the number before it has decimals loses nothing.
    """
    mantissa, mark, exponent = cell.lower().partition("e")
    if not mark or (exponent.isdigit() and mantissa.isdigit()):
        return False
    return "E" in cell or int(exponent) > len(mantissa.partition(".")[2])


def positive(cell: str) -> float:
    value = number(cell)
    if value <= 0:
        raise ValueError(f"{cut(cell)!r} must be above zero; leave the row out where it is unknown")
    return value


def ratio(cell: str) -> float:
    """How many of one thing stand for another: shares for a unit, a class, a note of 1,000."""
    value = positive(cell)
    if not 1 / MOST_SHARES_FOR_ONE <= value <= MOST_SHARES_FOR_ONE:
        raise ValueError(f"{cut(cell)!r} is no ratio of shares: none is beyond {MOST_SHARES_FOR_ONE:,.0f} to one")
    return value


def per_cent(cell: str) -> float:
    value = number(cell)
    if abs(value) > MOST_PER_CENT:
        raise ValueError(f"{cut(cell)!r} per cent a year is more than anything pays ({MOST_PER_CENT:,.0f})")
    return value


def whole(cell: str) -> int:
    if not cell.isascii() or not cell.isdigit() or len(cell) > _WHOLE_DIGITS:
        raise ValueError(f"{cut(cell)!r} is not a whole number")
    return int(cell)


@lru_cache(maxsize=20_000)  # files tell many things of one day
def day(cell: str) -> str:
    """A day as YYYY-MM-DD."""
    if not _DAY.fullmatch(cell):
        raise ValueError(f"{cut(cell)!r} is not a day; write YYYY-MM-DD")
    try:
        return date.fromisoformat(cell).isoformat()
    except ValueError:
        raise ValueError(f"{cut(cell)!r} is not a day; write YYYY-MM-DD") from None


def term(cell: str) -> str:
    """A day of terms, of a split or of validity, which may lie far off, but in times that contracts speak of."""
    told = day(cell)
    if not FIRST_TERM <= told <= LAST_TERM:
        raise ValueError(
            f"{cut(cell)!r} is before {FIRST_TERM} or after {LAST_TERM}; mend the year, or leave the cell empty where there is no such day"
        )
    return told


def moment(cell: str) -> str:
    """A day, or a UTC moment as YYYY-MM-DDTHH:MM:SSZ."""
    if "T" not in cell:
        return day(cell)
    if not _MOMENT.fullmatch(cell):
        raise ValueError(f"{cut(cell)!r} is not a moment; write YYYY-MM-DDTHH:MM:SSZ in UTC, or a day")
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"{cut(cell)!r} is not a moment of any day") from None
    return cell


def currency(cell: str) -> str:
    if len(cell) != 3 or not cell.isascii() or not cell.isalpha() or not cell.isupper() or cell in HUNDREDTHS:
        raise ValueError(f"{cut(cell)!r} is not an ISO 4217 currency code such as USD (pence are GBP divided by 100)")
    return cell


def fixing(cell: str) -> str:
    """What bitcoin prices are called: utc, a time of the UTC day, a place, or a publisher (treasury.known.fixings)."""
    clock_of(cell)
    return cell


def clock(cell: str) -> str:
    if not _CLOCK.fullmatch(cell):
        raise ValueError(f"{cut(cell)!r} is not a time of day; write HH:MM")
    return cell


NUMBERS = (number, positive, close, volume, ratio, per_cent)
_STRICT = frozenset(
    (*NUMBERS, whole, day, term, moment, currency, clock)
)  # nothing stands beside these; names are trimmed


def one_of(*names: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if cell not in names:
            raise ValueError(f"{cut(cell)!r} is not one of {', '.join(names)}")
        return cell

    return read


# -- rows ----------------------------------------------------------------------------------------------------------


def _check_fact(row: Row) -> None:
    quantity = QUANTITIES[str(row["quantity"])]
    assert isinstance(row["value"], float)
    if (kind := STORED_APART.get(quantity.id)) is not None:
        raise ValueError(f"quantity: {quantity.id} is no fact: it belongs in a file of the kind {kind}")
    quantity.check(row["value"], str(row["unit"]))
    known, note = row["known_at"], str(row["note"] or "")
    if known is not None and str(known)[:10] < str(row["as_of"]) and "forward dated" not in note:
        raise ValueError(
            f"known_at {known} is before as_of {row['as_of']}; if it was announced ahead, begin the note with 'forward dated'"
        )


def _check_context(row: Row) -> None:
    assert isinstance(row["value"], float)
    check_context(str(row["series"]), row["value"], str(row["unit"]))
    if row["known_at"] is not None and str(row["known_at"])[:10] < str(row["date"]):
        raise ValueError(f"known_at {row['known_at']} is before the day it describes, {row['date']}")


def check_purchase(row: Row) -> None:
    """Raise ImplausibleError for coins or money that there cannot be."""
    for name, quantity in (
        ("btc", "btc_acquired"),
        ("cost", "btc_acquired_cost"),
        ("average_price", "btc_acquired_average"),
    ):
        bounds, value = QUANTITIES[quantity], row[name]
        if value is not None and not bounds.low <= float(value) <= bounds.high:
            raise ImplausibleError(f"{name} {float(value):,.10g} is outside {bounds.low:,.0f} to {bounds.high:,.0f}")


def _check_share_class(row: Row) -> None:
    if (row["rights"] == "economic") != (row["ratio"] is not None):
        raise ValueError("an economic class needs a ratio in listed shares, a class with votes only has none")


def _check_rate(row: Row) -> None:
    if (reason := why_not_first(str(row["currency"]), float(str(row["usd_per_unit"])))) is not None:
        raise ValueError(reason)


def _check_split(row: Row) -> None:
    if row["numerator"] == row["denominator"]:
        raise ValueError("a split of 1 for 1 changes nothing; leave it out")
    new, old = float(str(row["numerator"])), float(str(row["denominator"]))
    if not is_split_ratio(new / old):
        raise ValueError(
            f"{new:.10g} for {old:.10g} is no ratio of a split: a spin-off, which leaves the shares as they are"
        )


def _check_listing(row: Row) -> None:
    if row["valid_from"] is not None and row["valid_to"] is not None and str(row["valid_to"]) <= str(row["valid_from"]):
        raise ValueError(f"valid_to {row['valid_to']} is not after valid_from {row['valid_from']}")


def withdrawn_key(kind: str) -> tuple[str, ...]:
    """The columns whose cells, joined by |, name a row of this kind to withdraw: its key, then its source."""
    key = SHEETS[kind].key
    return key if "source" in key else (*key, "source")


def _check_withdrawn(row: Row) -> None:
    columns = withdrawn_key(str(row["kind"]))
    if len(str(row["key"]).split("|")) != len(columns):
        raise ValueError(f"key {row['key']!r} does not name a row of kind {row['kind']}; write {'|'.join(columns)}")


def _c(name: str, read: Callable[[str], Value] = text, required: bool = False) -> Column:
    return Column(name, read, required)


SHEETS: dict[str, Sheet] = {
    sheet.kind: sheet
    for sheet in (
        Sheet(
            "source",
            (_c("id", text, True), _c("kind", one_of(*SOURCE_KINDS), True), _c("title", text, True), _c("url"), _c("licence_note"),
             Column("redistributable", one_of("yes", "no"), late=True)),
            ("id",),
        ),
        Sheet(
            "exchange",
            (
                _c("mic", text, True), _c("timezone", text, True), _c("close_time", clock, True), _c("valid_from", term),
                _c("source", text, True), _c("note"), Column("calendar", text, late=True),
                Column("auction_minutes", whole, late=True),
            ),
            ("mic", "valid_from"),
        ),
        Sheet(
            "company",
            (
                _c("ticker", symbol, True), _c("name", text, True), _c("mic"), _c("country", text, True),
                _c("currency", currency, True), _c("kind", one_of(*COMPANY_KINDS), True), _c("cik"),
                _c("active_to", term), _c("instruments_complete", one_of("yes", "no")), _c("note"), _c("source", text, True),
            ),
            ("ticker",),
        ),
        Sheet(
            "alias",
            (
                _c("ticker", text, True), _c("alias", text, True), _c("kind", one_of("symbol", "name", "former_name"), True),
                _c("valid_from", term), _c("valid_to", term), _c("source", text, True),
            ),
            ("ticker", "alias", "kind", "valid_from"),
        ),
        Sheet(
            "relation",
            (
                _c("ticker", text, True), _c("other", text, True), _c("kind", one_of("consolidated_by", "merged_into"), True),
                _c("valid_from", term, True), _c("valid_to", term), _c("source", text, True), _c("note"),
            ),
            ("ticker", "other", "kind", "valid_from"),
        ),
        Sheet(
            "instrument",
            (
                _c("ticker", text, True), _c("instrument", text, True), _c("kind", one_of(*INSTRUMENT_KINDS), True),
                _c("currency", currency, True), _c("issue_date", term, True), _c("maturity", term), _c("put_date", term),
                _c("call_date", term), _c("rate_pct", per_cent), _c("conversion_price", close),
                _c("shares_per_unit", ratio), _c("settlement", one_of(*SETTLEMENTS)),
                _c("cumulative", one_of("yes", "no")), _c("seniority", whole), _c("retired_on", term), _c("note"),
                _c("source", text, True),
            ),
            ("ticker", "instrument"),
        ),
        Sheet(
            "share_class",
            (
                _c("ticker", text, True), _c("class", text, True), _c("rights", one_of(*RIGHTS), True), _c("ratio", ratio),
                _c("valid_from", term), _c("valid_to", term), _c("source", text, True), _c("note"),
            ),
            ("ticker", "class", "valid_from"),
            _check_share_class,
        ),
        Sheet(
            "tranche_name",
            (
                _c("ticker", text, True), _c("name", text, True), _c("instrument", text, True), _c("source", text, True), _c("note"),
            ),
            ("ticker", "name"),
        ),
        Sheet(
            "instrument_symbol",  # under which a market lists an instrument, in Yahoo's spelling
            (
                _c("ticker", text, True), _c("instrument", text, True), _c("symbol", symbol, True), _c("mic"),
                _c("source", text, True), _c("note"),
            ),
            ("ticker", "instrument"),
        ),
        Sheet(
            "fact",
            (
                _c("ticker", text, True), _c("instrument"), _c("quantity", one_of(*QUANTITIES), True), _c("as_of", day, True),
                _c("known_at", moment), _c("value", number, True), _c("unit", text, True), _c("source", text, True), _c("note"),
            ),
            ("ticker", "instrument", "quantity", "as_of", "known_at", "source"),
            _check_fact,
        ),
        Sheet(
            "retraction",
            (
                _c("ticker", text, True), _c("instrument"), _c("quantity", one_of(*QUANTITIES), True), _c("as_of", day, True),
                _c("known_at", moment), _c("value", number, True), _c("source", text, True), _c("retracted_on", day, True),
                _c("reason", text, True),
            ),
            ("ticker", "instrument", "quantity", "as_of", "known_at", "value", "source"),
        ),
        Sheet(
            "purchase",
            (
                _c("ticker", text, True), _c("announced_on", day, True), _c("period_start", day), _c("period_end", day),
                _c("btc", number, True), _c("cost", number), _c("currency", currency), _c("average_price", close),
                _c("note"), _c("source", text, True),
            ),
            ("ticker", "announced_on", "period_start", "period_end", "btc", "source"),
            check_purchase,
        ),
        Sheet(
            "split",
            (
                _c("ticker", text, True), _c("ex_date", term, True), _c("numerator", ratio, True),
                _c("denominator", ratio, True), _c("source", text, True), _c("note"),
            ),
            ("ticker", "ex_date"),
            _check_split,
        ),
        Sheet(
            "listing",  # `valid_to` is the first day on which it holds no more; an unknown number of shares stays empty
            (
                _c("ticker", text, True), _c("unit", text, True), _c("shares_per_unit", ratio), _c("valid_from", term),
                _c("valid_to", term), _c("source", text, True), _c("note"),
            ),
            ("ticker", "valid_from"),
            _check_listing,
        ),
        Sheet(
            "equity_price",
            (
                _c("ticker", text, True), _c("date", day, True), _c("close", close, True), _c("source", text, True),
                Column("volume", volume, late=True),
            ),
            ("ticker", "date"),
        ),
        Sheet(
            "instrument_price",
            (
                _c("ticker", text, True), _c("instrument", text, True), _c("date", day, True), _c("close", close, True),
                _c("currency", currency, True), _c("source", text, True), Column("volume", volume, late=True),
            ),
            ("ticker", "instrument", "date"),
        ),
        Sheet(
            "btc_price",
            (_c("date", day, True), _c("fixing", fixing, True), _c("close", close, True), _c("source", text, True)),
            ("date", "fixing"),
        ),
        Sheet(
            "fx_rate",
            (_c("date", day, True), _c("currency", currency, True), _c("usd_per_unit", close, True), _c("source", text, True)),
            ("date", "currency"),
            _check_rate,
        ),
        Sheet(
            "context",
            (
                _c("series", one_of(*CONTEXT), True), _c("date", day, True), _c("known_at", moment), _c("value", number, True),
                _c("unit", text, True), _c("source", text, True), _c("note"), Column("publisher", text, late=True),
            ),
            ("series", "date", "source"),
            _check_context,
        ),
        Sheet(
            "withdrawn",
            (_c("kind", one_of(*WITHDRAWABLE), True), _c("key", text, True), _c("withdrawn_on", day, True), _c("reason", text, True)),
            ("kind", "key"),
            _check_withdrawn,
        ),
    )
}  # fmt: skip
ORDER = tuple(SHEETS)  # what a later kind refers to comes first
# the days of which a row tells what was: none of them can lie ahead
TOLD_OF = {
    "fact": ("as_of", "known_at"),
    "purchase": ("announced_on", "period_start", "period_end"),
    "equity_price": ("date",),
    "company_close": ("date",),
    "instrument_price": ("date",),
    "btc_price": ("date",),
    "fx_rate": ("date",),
    "context": ("date", "known_at"),
}


TOLD_BY_COLUMN = {  # which quantity a column of company_close tells
    "btc": "btc_holdings",
    "shares": "shares_basic",
    "debt": "debt_total",
    "preferred": "preferred_total",
    "cash": "cash",
}


def _check_company_close(row: Row) -> None:
    for column, name in TOLD_BY_COLUMN.items():
        value, quantity = row[column], QUANTITIES[name]
        if isinstance(value, float):
            quantity.check(value, str(row["currency"] or "USD") if quantity.unit == A_CURRENCY else quantity.unit)


# one row a close of a company, with all that people keep in one sheet about it (treasury.intake.company_closes makes files of it)
COMPANY_CLOSE = Sheet(
    "company_close",
    (
        _c("ticker", text, True), _c("date", day, True), _c("price", close, True), _c("shares", positive, True), _c("btc", number, True),
        _c("debt", number), _c("preferred", number), _c("cash", number), _c("currency", currency), _c("name"), _c("exchange"), _c("country"),
    ),
    ("ticker", "date"),
    _check_company_close,
)  # fmt: skip
_READABLE = (*SHEETS.values(), COMPANY_CLOSE)


def sheet_for(header: Sequence[str], name: str) -> Sheet:
    """The kind of file with these columns, in any order, those it needs among them; columns that are not there count as `late`.

    Raises InputError that names the kind likeliest meant, what it lacks and what it does not know.
    """
    if len(header) > MOST_COLUMNS:
        raise InputError(f"{name}:1: {len(header):,} columns, more than {MOST_COLUMNS}; is its first row a header row?")
    twice = sorted({column for column in header if header.count(column) > 1})
    for sheet in _READABLE if not twice else ():
        if sheet.required <= set(header) <= set(sheet.header):
            given = [column if column.name in header else replace(column, late=True) for column in sheet.columns]
            return replace(sheet, columns=tuple(given))
    nearest = max(
        _READABLE, key=lambda sheet: (len(set(sheet.header) & set(header)), -len(sheet.required - set(header)))
    )
    found = [
        f"{what} {', '.join(repr(cut(column)) for column in columns)}"
        for what, columns in (
            ("column twice:", twice),
            ("unknown column", [column for column in header if column not in nearest.header]),
            ("missing column", [column for column in nearest.header if column in nearest.required - set(header)]),
        )
        if columns
    ]
    columns = ", ".join(one.name if one.required else f"[{one.name}]" for one in nearest.columns)
    raise InputError(f"{name}:1: read as a {nearest.kind} file: {'; '.join(found)}; its columns are {columns}")


def read_sheet(lines: TextIO | Iterable[str], name: str, today: date | None = None) -> tuple[Sheet, list[Row]]:
    """All rows of one CSV file, between commas or semicolons; rows of empty cells are passed over.

    `today`: days after it (and after tomorrow's begin in the East) are refused; None: any day is taken.
    Raises InputError that lists the first problems as file:line: what is wrong.
    """
    begins, blank = 1, 0
    readable = _checked_lines(lines, name, lambda: begins)
    try:
        first = next(readable, "")
    except UnicodeDecodeError as problem:
        raise _not_utf8(name, 1, problem) from None
    european = _between_semicolons(first)
    reader = csv.reader(chain([first], readable), strict=True, delimiter=";" if european else ",")
    decimal: set[str] = set()
    problems: list[str] = []
    rows: list[Row] = []
    try:
        header = [_trimmed(cell).lower() for cell in next(reader, [])]
        if not any(header):
            raise InputError(f"{name}:1: the file is empty; it must begin with a header row")
        sheet = sheet_for(header, name)
        places = None if tuple(header) in sheet.headers else [_place(column, header) for column in sheet.header]
        seen: list[dict[str, Value]] = [{} for _ in sheet.columns]
        refuse_other_times = None if today is None else OfItsTime(sheet, today + LATEST_AFTER)
        first_seen: dict[object, int] = {}
        key_of = itemgetter(*sheet.key)
        begins = reader.line_num + 1
        for cells in reader:
            line, begins = begins, reader.line_num + 1  # a quoted cell may run over several lines
            if not (cells and cells[0][:1].isalnum()) and not any(map(_trimmed, cells)):
                blank += 1  # as editors leave at the end, and spreadsheets with all its commas
                if blank > MOST_BLANK_ROWS:
                    raise InputError(f"{name}:{line}: more than {MOST_BLANK_ROWS:,} blank rows; take them out")
                continue
            try:
                if len(cells) != len(header):
                    raise ValueError(f"{len(cells)} cells where the header has {len(header)}; is the file cut off?")
                if places is not None:
                    cells = ["" if place is None else cells[place] for place in places]
                if european:
                    cells = _with_points(sheet, cells, decimal)
                row = _row(sheet, cells, seen)
                if refuse_other_times is not None:
                    refuse_other_times(row)
            except (ValueError, ImplausibleError) as problem:
                problems.append(f"{name}:{line}: {problem}")
            else:
                row.line = line
                earlier = first_seen.setdefault(key_of(row), line)
                if earlier != line:
                    problems.append(f"{name}:{line}: repeats line {earlier} ({_named(sheet, row)})")
                rows.append(row)
            if len(problems) >= MOST_PROBLEMS:
                problems.append("… and perhaps more; mend these first")
                break
    except csv.Error as problem:
        raise InputError(f"{name}:{reader.line_num}: {problem}; is the file complete, and are quotes closed?") from None
    except UnicodeDecodeError as problem:
        raise _not_utf8(name, reader.line_num + 1, problem) from None
    if problems:
        raise InputError("\n".join(problems))
    return sheet, rows


def _not_utf8(name: str, line: int, problem: UnicodeDecodeError) -> InputError:
    if problem.object.startswith(_WORKBOOK):
        return _is_workbook(name)
    line += problem.object[: problem.start].count(b"\n")  # the text is decoded in blocks
    return InputError(f"{name}:{line}: not UTF-8 ({problem.reason}); save the file as UTF-8")


def lines_of(file: TextIO) -> Iterator[str]:
    """The lines of a file, those that never end in pieces."""
    return iter(lambda: file.readline(LONGEST_LINE + 1), "")


def _checked_lines(lines: Iterable[str], name: str, row_began: Callable[[], int]) -> Iterator[str]:
    """The lines without the byte order mark that Excel writes before the first. `row_began`: the line on which the row at hand begins.

    Raises InputError for a NUL, and for more than a file has that somebody keeps.
    """
    length = 0
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            if line.startswith(_WORKBOOK.decode()):
                raise _is_workbook(name)
            raise InputError(
                f"{name}:{number}: a NUL character stands in it; the file is damaged, or not UTF-8: save it as UTF-8"
            )
        length += len(line)
        if len(line) > LONGEST_LINE:
            raise InputError(f"{name}:{number}: a line of more than {LONGEST_LINE:,} characters; is it a CSV file?")
        if length > LONGEST_FILE:
            raise InputError(f"{name}:{number}: more than {LONGEST_FILE:,} characters; split the file")
        if number % MOST_LINES_OF_A_ROW == 0 and number - row_began() > MOST_LINES_OF_A_ROW:
            raise InputError(
                f"{name}:{row_began()}: a row of more than {MOST_LINES_OF_A_ROW:,} lines; are quotes closed?"
            )
        yield line if number > 1 else line.removeprefix("\ufeff")


def _is_workbook(name: str) -> InputError:
    return InputError(f"{name}: a workbook, not a CSV file; open it in its spreadsheet and save the sheet as CSV UTF-8")


def _between_semicolons(header: str) -> bool:
    """Whether a header row stands between semicolons, as spreadsheets save it where commas are decimal."""
    return header.count(";") > header.count(",")


def _trimmed(cell: str) -> str:
    """The cell without what cannot be seen at its ends, and with plain spaces inside."""
    if cell.isascii():
        return cell.strip()
    return cell.replace("\u00a0", " ").replace("\u202f", " ").strip().strip(_BLANK).strip()


def _with_points(sheet: Sheet, cells: list[str], decimal: set[str]) -> list[str]:
    """The numbers of a row between semicolons with a decimal point; `decimal` holds the one sign this file uses.

    1.234.567,89 and 1,234,567.89 part thousands beyond doubt. Raises ValueError where a sign may part thousands or decimals,
    and where a file uses both.
    """
    made = list(cells)
    for at, (column, cell) in enumerate(zip(sheet.columns, cells, strict=False)):
        if column.read not in NUMBERS or not ("," in cell or "." in cell):
            continue
        if _THOUSANDS_OR_DECIMAL.fullmatch(cell):
            raise ValueError(
                f"{column.name}: {cell!r} may mean thousands or decimals; write it without separators and '.' as decimal sign"
            )
        if _DECIMAL_COMMA.fullmatch(cell) or _POINTED_THOUSANDS.fullmatch(cell):
            decimal.add(",")
            made[at] = cell.replace(".", "").replace(",", ".")
        elif _COMMAED_THOUSANDS.fullmatch(cell):
            decimal.add(".")
            made[at] = cell.replace(",", "")
        elif _NUMBER.fullmatch(cell):
            decimal.add(".")
        if len(decimal) > 1:
            raise ValueError(
                f"{column.name}: {cell!r} has another decimal sign than numbers before it; write '.' in all"
            )
    return made


class OfItsTime:
    """Refuses what is told of a day before there was bitcoin, or that has not come.

    A note that begins "forward dated" tells ahead. Terms, ex-dates and validity are of any day.
    """

    def __init__(self, sheet: Sheet, last: date) -> None:
        self._first, self._last = FIRST_RATE if sheet.kind == "fx_rate" else BITCOIN_BEGAN, last.isoformat()
        self._columns = TOLD_OF.get(sheet.kind, ())
        self._taken: set[Value] = {None}  # files tell a lot of each day

    def __call__(self, row: Row) -> None:
        """Raise ValueError where a row is refused."""
        for name in self._columns:
            told = row[name]
            if told in self._taken:
                continue
            if self._first <= str(told)[:10] <= self._last:
                if len(self._taken) < MOST_REMEMBERED:
                    self._taken.add(told)
                continue
            if str(told) < self._first:
                raise ValueError(f"{name}: {told} is before {self._first}; mend the year, or take the row out")
            ahead = name != "known_at" and str(row.get("note") or "").startswith("forward dated")
            if not ahead:
                raise ValueError(
                    f"{name}: {told} has not come yet; a future day cannot be known, take the row out or mend the year"
                )


def _place(column: str, header: list[str]) -> int | None:
    return header.index(column) if column in header else None


def _row(sheet: Sheet, cells: list[str], seen: list[dict[str, Value]]) -> Row:
    """The row; `seen` remembers of each column what its cells were read as, for tickers, days and sources come again and again."""
    late = len(sheet.columns) - len(cells)  # late columns may be left out
    if late > 0:
        cells = cells + [""] * late
    row = Row()
    for column, cell, known in zip(sheet.columns, cells, seen, strict=False):
        row[column.name] = known[cell] if cell in known else _learnt(column, cell, known)
    if sheet.check:
        sheet.check(row)
    return row


def _learnt(column: Column, cell: str, known: dict[str, Value]) -> Value:
    value = _value(column, cell)
    if len(known) < MOST_REMEMBERED:
        known[cell] = value
    return value


def _value(column: Column, cell: str) -> Value:
    """What a cell says. Raises ValueError that begins with the column's name."""
    if column.read not in _STRICT:
        cell = _trimmed(cell)
    if cell == "":
        if column.required:
            raise ValueError(f"{column.name} is empty; it is required")
        return None
    if len(cell) > MOST_CHARACTERS:
        raise ValueError(f"{column.name}: {len(cell):,} characters, more than {MOST_CHARACTERS:,}; shorten it")
    if not cell.isascii() and (mark := DIRECTION.search(cell)):
        raise ValueError(f"{column.name}: the mark U+{ord(mark[0]):04X} turns the direction of the text; take it out")
    if not cell.isprintable() and (control := CONTROL.search(cell)):
        raise ValueError(f"{column.name}: the control character U+{ord(control[0]):04X} stands in it; take it out")
    try:
        return column.read(cell)
    except ValueError as problem:
        raise ValueError(f"{column.name}: {problem}") from None


def _named(sheet: Sheet, row: Row) -> str:
    return ", ".join(f"{column} {row[column]}" for column in sheet.key if row[column] is not None)


def iter_problems(error: InputError) -> Iterator[str]:
    """The single problems of an error raised here."""
    yield from str(error).split("\n")
