"""Strict JSON: bytes become checked values, or a ParseError naming the source, the place, what was found and what was expected."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from scrapers.formats.text import number
from treasury.model import Document, ParseError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_HALF = re.compile("[\ud800-\udfff]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Json:
    """A value inside a document that remembers where it stands, so that every surprise can say so."""

    source: str
    path: str
    value: Any = field(repr=False)

    def __getitem__(self, key: str | int) -> Json:
        """The member that must be there (it may still be null)."""
        if isinstance(key, int):
            if not isinstance(self.value, list) or not 0 <= key < len(self.value):
                raise self.wrong(f"a list of more than {key}")
            return Json(self.source, f"{self.path}[{key}]", self.value[key])
        if not isinstance(self.value, dict) or key not in self.value:
            raise self.wrong(f"an object with {key!r}")
        return Json(self.source, f"{self.path}.{key}", self.value[key])

    def get(self, key: str) -> Json | None:
        """The member, or None where the publisher left it out or wrote null: unknown either way."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return None if self.value.get(key) is None else self[key]

    def rows(self) -> list[Json]:
        """The members of a list."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return [Json(self.source, f"{self.path}[{i}]", value) for i, value in enumerate(self.value)]

    def items(self) -> Iterator[tuple[str, Json]]:
        """The members of an object."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        for key in self.value:
            yield key, self[key]

    def number(self) -> float:
        """A finite JSON number; a number in quotes is another layout."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("a number")
        try:
            number = float(self.value)
        except OverflowError:
            raise self.wrong("a number of a sane size") from None
        if not math.isfinite(number):
            raise self.wrong("a finite number")
        return number

    def text(self) -> str:
        """A string that can be stored, stripped of the spaces around it; half a character, which costs one name alone, is �."""
        if not isinstance(self.value, str):
            raise self.wrong("a text")
        return _HALF.sub("\ufffd", self.value).strip()

    def unquoted(self) -> Json:
        """The number that stands in quotes, in the same place; a number without them is another layout."""
        try:
            return Json(self.source, self.path, number(self.text()))
        except ParseError:
            raise self.wrong("a number in quotes") from None

    def moment(self, per_second: int = 1) -> datetime:
        """A moment given in seconds since 1970, or in thousandths of them (`per_second` 1000)."""
        expected = "milliseconds since 1970" if per_second == 1000 else "seconds since 1970 (not milliseconds)"
        seconds = self.number() / per_second
        try:
            moment = _EPOCH + timedelta(seconds=seconds)
        except OverflowError:
            raise self.wrong(expected) from None
        if not _EARLIEST <= moment <= _LATEST:
            raise self.wrong(expected)
        return moment

    def day(self) -> date:
        """A day as 2026-01-20 and in no other form."""
        text = self.text()
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass  # 30 February: said below
        raise self.wrong("a day like 2026-01-20")

    def zone(self) -> ZoneInfo:
        """A time zone by its name in the time-zone database."""
        name = self.text()
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # not found; not a legal key; a directory
            raise self.wrong("a name of the time-zone database") from None

    def wrong(self, expected: str) -> ParseError:
        return ParseError(f"{self.source}: {self.path}: found {_describe(self.value)}, expected {expected}")


@lru_cache(maxsize=1)  # a document is judged whole, read and remarked on one after the other
def load(document: Document, *, nan_is_null: bool = False) -> Json:
    """The whole document as one value, a byte order mark before it or not; NaN, Infinity, HTML and half a file are refused.

    `nan_is_null` is for a publisher whose program writes NaN where it knows nothing; Infinity is refused all the same.
    """
    try:
        value = json.loads(document.body.decode("utf-8-sig"), parse_constant=_null if nan_is_null else _refuse)
    except RecursionError:
        raise ParseError(f"{document.source}: found JSON nested without end, expected the known answer") from None
    except ValueError as error:  # not UTF-8, not JSON, not a number, or a number of thousands of digits
        found = repr(document.body[:60].decode("utf-8", "replace")) if document.body else "nothing"
        raise ParseError(f"{document.source}: found {found} ({error}), expected JSON") from None
    return Json(document.source, "$", value)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number in JSON")


def _null(constant: str) -> None:
    if constant != "NaN":
        _refuse(constant)


def _describe(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        keys = list(value)
        if any(key in value for key in ("error", "message", "msg", "status")):  # the publisher says what is wrong
            return _shorten(json.dumps(value))
        return f"an object with {_shorten(', '.join(keys))}" if keys else "an empty object"
    return _shorten(json.dumps(value))


def _shorten(text: str) -> str:
    return text if len(text) <= 200 else text[:200] + "…"
