"""The one way from printed text to numbers and days: it knows the spellings below and raises on every other."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from treasury.model import ParseError

DASH_SIGNS = frozenset("-‐‑‒–—―−")  # a cell that holds only one of these says "none"

SCALES = {  # what follows a number, lower case, and what it multiplies by
    "k": 10**3, "thousand": 10**3, "thousands": 10**3,
    "m": 10**6, "mm": 10**6, "mn": 10**6, "million": 10**6, "millions": 10**6,
    "b": 10**9, "bn": 10**9, "billion": 10**9, "billions": 10**9,
    "t": 10**12, "tn": 10**12, "trillion": 10**12, "trillions": 10**12,
    "千": 10**3, "万": 10**4, "百万": 10**6, "億": 10**8, "十億": 10**9, "兆": 10**12,
    "円": 1, "千円": 10**3, "万円": 10**4, "百万円": 10**6, "億円": 10**8, "十億円": 10**9, "兆円": 10**12,
}  # fmt: skip

SIGNS = {  # what stands before an amount, longest first; a bare "$" is the US dollar: say so where a source differs
    "US$": "USD", "HK$": "HKD", "NT$": "TWD", "C$": "CAD", "A$": "AUD", "NZ$": "NZD", "S$": "SGD", "R$": "BRL",
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "₩": "KRW", "₹": "INR",
}  # fmt: skip

_DIGITS = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*|0)(?:\.[0-9]+)?"
_NUMBER = re.compile(rf"(?P<sign>[-+−])?(?P<digits>{_DIGITS})|\((?P<negative>{_DIGITS})\)")
_BARE = re.compile(r"(?:[1-9][0-9]*|0)(?:\.[0-9]+)?")  # without a sign, and nothing parts its thousands
_SCALED = re.compile(rf"(?P<number>[-+−]?{_DIGITS}|\({_DIGITS}\))(?: ?(?P<unit>[^\W\d]+))?")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HEADER_UNIT = re.compile(
    r"(?P<word>thousands|millions|billions|trillions)|(?<![\d,.])(?P<zeros>000s?)\b|単位\s?[:：]\s?(?P<japanese>[千万百十億兆円]+)",
    re.I,
)
_LONG_TEXT = (
    20_000  # characters from which to cut a text into words takes several times as long as to replace its blanks
)
_BLANKS = (  # what str.split() splits at, but the space
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_LONGEST = 60  # characters of a number with its unit; anything longer is a sentence, not a number


class Printed(NamedTuple):
    """A number as printed, in whole units, and what one step of its last printed digit is worth."""

    value: float
    step: float


class Money(NamedTuple):
    """An amount in whole units of an ISO 4217 currency."""

    value: float
    currency: str


def plain(text: str) -> str:
    """The text with every run of white space (non-breaking too) as one space, and no zero-width characters."""
    text = text.replace("\u200b", "").replace("\ufeff", "")
    if len(text) < _LONG_TEXT:
        return " ".join(text.split())
    for blank in _BLANKS:
        text = text.replace(blank, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ")


def number(text: str) -> float:
    """`1,234.5`, `-2`, `−2` or `(2)`: nothing else is a number, least of all `1,2,3`, `3,000[3]`, `5.2%` or `-`."""
    if len(text) <= _LONGEST and _BARE.fullmatch(text):
        return float(text)  # the same, many times as fast: histories have a hundred thousand of them
    return _finite(_decimal(plain(text)), text)


def cell(text: str) -> float | None:
    """A table cell: a dash says none (0.0), an empty cell says nothing (None), anything else must be a number."""
    text = plain(text)
    if not text:
        return None
    return 0.0 if text in DASH_SIGNS else number(text)


def printed(text: str, unit: int = 1) -> Printed:
    """A number with its scale (`1.92 billion`, `1.5億`), or one in the unit of its column; both at once is an error."""
    found = _SCALED.fullmatch(plain(text)) if len(text) <= _LONGEST else None
    if not found:
        raise ParseError(f"not a number with a known unit: {_shown(text)}")
    word = found["unit"]
    if word is not None:
        if unit != 1:
            raise ParseError(f"a unit in the cell and another ({unit:,}) in its header: {_shown(text)}")
        unit = scale(word)
    digits = _decimal(found["number"])
    exponent = digits.as_tuple().exponent
    assert isinstance(exponent, int)  # _decimal lets no NaN through
    return Printed(_finite(digits * unit, text), float(Decimal(unit).scaleb(exponent)))


def scaled(text: str) -> float:
    """`1.92 billion`, `52.1B`, `1.5億`, `3,000百万円` or a plain number, in whole units."""
    return printed(text).value


def scale(word: str) -> int:
    """What a scale word multiplies by."""
    try:
        return SCALES[word.lower()]
    except KeyError:
        raise ParseError(f"unknown unit {_shown(word)}; known are {', '.join(SCALES)}") from None


def unit_of(header: str) -> int:
    """The unit a header gives its column, `(in millions)` or `in ‘000s` (spaces may be missing); 1 where it gives none."""
    found = {
        scale(unit["word"]) if unit["word"] else 1000 if unit["zeros"] else scale(unit["japanese"])
        for unit in _HEADER_UNIT.finditer(plain(header))
    }
    if len(found) > 1:
        raise ParseError(f"two units in one header: {_shown(header)}")
    return found.pop() if found else 1


def money(text: str) -> Money:
    """`$52.1B`, `−$1,234.50`, `€100` or `£2.5 million`: a currency sign is required."""
    text = plain(text)
    minus, rest = ("-", text[1:].lstrip()) if text[:1] in ("-", "−") else ("", text)
    for sign, currency in SIGNS.items():
        if rest.startswith(sign):
            return Money(scaled(minus + rest.removeprefix(sign).lstrip()), currency)
    raise ParseError(f"no currency sign this project knows before {_shown(text)}")


def date_from(text: str, formats: Sequence[str]) -> date:
    """The day that exactly one reading of the given strptime formats yields; a source has few formats, a surprise raises."""
    text = plain(text)
    days = set()
    if text.isascii() or not any(letter.isdigit() and not letter.isascii() for letter in text):
        for form in formats:
            try:
                days.add(_day(text, form))
            except ValueError:
                continue
    if len(days) != 1:
        problem = "can be read in two ways" if days else "is not of the form"
        raise ParseError(f"date {_shown(text)} {problem} {' or '.join(formats)}")
    return days.pop()


def _day(text: str, form: str) -> date:
    if form == "%Y-%m-%d" and _ISO_DAY.fullmatch(text):
        return date.fromisoformat(text)  # the same, many times as fast: histories have thousands of them
    return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone


def _decimal(text: str) -> Decimal:
    found = _NUMBER.fullmatch(text)
    if not found:
        raise ParseError(f"not a number: {_shown(text)}")
    if found["negative"]:
        return -Decimal(found["negative"].replace(",", ""))
    value = Decimal(found["digits"].replace(",", ""))
    return -value if found["sign"] in ("-", "−") else value


def _finite(value: Decimal, text: str) -> float:
    result = float(value)
    if not math.isfinite(result):
        raise ParseError(f"too large a number: {_shown(text)}")
    return result + 0.0  # no negative zero


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")
