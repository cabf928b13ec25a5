"""Inline XBRL: the facts tagged in a filing, each with its company, period, dimensions, unit and value; nothing of what they mean.

An inline XBRL document is XHTML. `ix:nonFraction` wraps a number as printed, `ix:nonNumeric` a text; both name a concept and a
context (whose, when, of which members). A number's value is its text, read by its `format`, times 10^scale, negative with sign="-".
Formats are read when a number is asked for, so that an odd one in a corner nobody needs refuses nothing. Texts that go on
elsewhere (`continuedAt`) are read up to there.

2015-02-26  transformation registry: `ixt:numdotdecimal`, `ixt:datemonthdayyearen`; nil numbers are empty (seen 2025-08)
2022-02-16  `ixt:num-dot-decimal`, `ixt:fixed-zero`, `ixt:date-monthname-day-year-en`; SEC's `ixt-sec:numwordsen` in both (seen 2024-05)
Spellings with a decimal comma, and `zerodash`, are the registries' and have not been seen in a filing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree

from scrapers.formats.describe import describe
from scrapers.formats.number_words import number_in
from scrapers.formats.text import date_from, plain
from treasury.model import Document, ParseError

_IX = "{http://www.xbrl.org/2013/inlineXBRL}"
_XBRL = "{http://www.xbrl.org/2003/instance}"
_DIMENSION = "{http://xbrl.org/2006/xbrldi}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

_DOT = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?")
_COMMA = re.compile(r"(?:[0-9]{1,3}(?:[. ][0-9]{3})+|[0-9]+)?(?:,[0-9]+)?")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_LARGEST = 15  # of a scale: nobody counts in more than millions of billions
_DOT_FORMATS = frozenset({"num-dot-decimal", "numdotdecimal", "numcommadot"})
_COMMA_FORMATS = frozenset({"num-comma-decimal", "numcommadecimal", "numdotcomma"})
_ZERO_FORMATS = frozenset({"fixed-zero", "zerodash", "numdash"})
_DATES = {
    **dict.fromkeys(("date-monthname-day-year-en", "datemonthdayyearen", "datelongus"), ("%B %d %Y", "%b %d %Y")),
    **dict.fromkeys(("date-day-monthname-year-en", "datedaymonthyearen", "datelonguk"), ("%d %B %Y", "%d %b %Y")),
    **dict.fromkeys(("date-month-day-year", "datemonthdayyear", "dateslashus"), ("%m %d %Y",)),
    **dict.fromkeys(("date-day-month-year", "datedaymonthyear", "dateslasheu"), ("%d %m %Y",)),
    **dict.fromkeys(("date-year-month-day", ""), ("%Y %m %d",)),
}


@dataclass(frozen=True, slots=True)
class Context:
    """Whose figure, and when: an instant, or a period with `start`; `members` are (axis, member) in the order of axes."""

    entity: str
    end: date
    start: date | None = None
    members: tuple[tuple[str, str], ...] = ()

    @property
    def instant(self) -> date | None:
        return self.end if self.start is None else None


@dataclass(frozen=True, slots=True)
class Fact:
    """A number as tagged. `unit` is `iso4217:USD`, `xbrli:shares`, `iso4217:USD/xbrli:shares`, `mstr:Bitcoin`."""

    source: str
    name: str
    context: Context
    unit: str
    text: str
    format: str = ""
    scale: int = 0
    negative: bool = False
    decimals: int | None = None  # digits after the point that are accurate, negative before it; None: all
    nil: bool = False

    @property
    def value(self) -> float | None:
        """In whole units; None where the filer says that there is none to state."""
        if self.nil:
            return None
        value = float(self._digits().scaleb(self.scale))
        if not math.isfinite(value):
            raise ParseError(f"{self.source}: {self.name}: found {self.text[:60]!r}, expected a number of a sane size")
        return -value if self.negative and value else value

    @property
    def step(self) -> float:
        """What the last accurate digit is worth; 0 where the figure is exact."""
        return 0.0 if self.decimals is None else 10.0**-self.decimals

    def _digits(self) -> Decimal:
        text, form = plain(self.text), self.format.rpartition(":")[2]
        if form in _ZERO_FORMATS:
            return Decimal(0)
        if form == "numwordsen" and (number := number_in(text)) is not None:
            return Decimal(number)
        if form in _DOT_FORMATS and text and _DOT.fullmatch(text):
            return Decimal(text.replace(",", ""))
        if form in _COMMA_FORMATS and text and _COMMA.fullmatch(text):
            return Decimal(re.sub(r"[. ]", "", text).replace(",", "."))
        if not form and _PLAIN.fullmatch(text):
            return Decimal(text)
        known = ", ".join(sorted({*_DOT_FORMATS, *_COMMA_FORMATS, *_ZERO_FORMATS, "numwordsen"}))
        raise ParseError(
            f"{self.source}: {self.name}: found {text[:60]!r} in format {self.format or 'none'!r},"
            f" expected a number in one of {known}, or plain digits without a format"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """Everything tagged in one document, in the order printed."""

    source: str
    contexts: dict[str, Context]
    facts: list[Fact]
    _texts: list[tuple[str, Context, Any]] = field(repr=False)

    def text(self, name: str) -> str:
        """What the document says of itself as a whole under this name: once, or several times the same."""
        return self._one(name, {plain(_text(element)) for element in self._elements(name)})

    def day(self, name: str) -> date:
        """The same for a day."""
        days = {self._day(name, element) for element in self._elements(name)}
        return date.fromisoformat(self._one(name, {day.isoformat() for day in days}))

    def _elements(self, name: str) -> list[Any]:
        return [element for told, context, element in self._texts if told == name and not context.members]

    def _one(self, name: str, found: set[str]) -> str:
        if len(found) != 1:
            what = " and ".join(sorted(found)) or f"no {name}"
            raise ParseError(f"{self.source}: found {what}, expected {name} once")
        return found.pop()

    def _day(self, name: str, element: Any) -> date:
        form = element.get("format", "").rpartition(":")[2]
        if form not in _DATES:
            raise ParseError(
                f"{self.source}: {name}: found the format {form!r}, expected one of {', '.join(filter(None, _DATES))}"
            )
        try:
            return date_from(re.sub(r"\W+", " ", _text(element)), _DATES[form])
        except ParseError as error:
            raise ParseError(f"{self.source}: {name}: found {error}, expected a day in format {form!r}") from None


def load(document: Document) -> Report:
    """The facts of a whole inline XBRL document; anything else, a part of one too, is refused."""
    parser = etree.XMLParser(
        huge_tree=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(document.body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        found = describe(document.body)
        raise ParseError(f"{document.source}: found {found} ({error}), expected a whole inline XBRL document") from None
    if next(root.iter(f"{_IX}header"), None) is None:
        raise ParseError(f"{document.source}: found {describe(document.body)}, expected one with an ix:header")
    reader = _Reader(document.source, root)
    facts = [reader.fact(element) for element in root.iter(f"{_IX}nonFraction")]
    texts = [
        (reader.attribute(element, "name"), reader.context(element), element)
        for element in root.iter(f"{_IX}nonNumeric")
    ]
    return Report(document.source, reader.contexts, facts, texts)


class _Reader:
    """Turns elements into contexts and facts; what a fact refers to must be there."""

    def __init__(self, source: str, root: Any) -> None:
        self._source = source
        self.contexts = dict(self._once(self._context, root.iter(f"{_XBRL}context")))
        self._units = dict(self._once(self._unit, root.iter(f"{_XBRL}unit")))

    def fact(self, element: Any) -> Fact:
        scale, decimals, sign = (element.get(name) for name in ("scale", "decimals", "sign"))
        nil = element.get(_NIL) in ("true", "1")
        if sign not in (None, "-"):
            raise self._wrong(f"sign={sign!r}", "no sign, or -")
        return Fact(
            self._source,
            self.attribute(element, "name"),
            self.context(element),
            self._referred(self._units, "unit", self.attribute(element, "unitRef")),
            "" if nil else _text(element),
            element.get("format", ""),
            0 if scale is None else self._whole("scale", scale),
            sign == "-",
            None if decimals in (None, "INF") else self._whole("decimals", decimals),
            nil,
        )

    def context(self, element: Any) -> Context:
        context: Context = self._referred(self.contexts, "context", self.attribute(element, "contextRef"))
        return context

    def attribute(self, element: Any, name: str) -> str:
        value = element.get(name)
        if not value:
            raise self._wrong(f"{etree.QName(element).localname} without {name}", f"a {name}")
        return str(value)

    def _once(self, read: Any, elements: Iterator[Any]) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for element in elements:
            name = self.attribute(element, "id")
            if name in seen:
                raise self._wrong(f"id {name!r} twice", "each once")
            seen.add(name)
            yield name, read(element)

    def _context(self, element: Any) -> Context:
        instant = element.find(f"{_XBRL}period/{_XBRL}instant")
        if instant is None:
            start = self._day(element.find(f"{_XBRL}period/{_XBRL}startDate"))
            end = self._day(element.find(f"{_XBRL}period/{_XBRL}endDate"))
        else:
            start, end = None, self._day(instant)
        named = [
            *((self.attribute(one, "dimension"), _text(one).strip()) for one in element.iter(f"{_DIMENSION}explicitMember")),
            *((self.attribute(one, "dimension"), plain(_text(one))) for one in element.iter(f"{_DIMENSION}typedMember")),
        ]  # fmt: skip
        identifier = element.find(f"{_XBRL}entity/{_XBRL}identifier")
        if identifier is None:
            raise self._wrong(f"context {element.get('id')!r} of nobody", "an entity's identifier")
        return Context(_text(identifier).strip(), end, start, tuple(sorted(named)))

    def _unit(self, element: Any) -> str:
        """Measures above and below the line, each joined by * where there are several."""
        parts = [element.find(f"{_XBRL}divide/{_XBRL}unit{part}") for part in ("Numerator", "Denominator")]
        sides = [one for one in parts if one is not None] or [element]
        return "/".join("*".join(_text(one).strip() for one in side.iter(f"{_XBRL}measure")) for side in sides)

    def _day(self, element: Any) -> date:
        text = "" if element is None else _text(element).strip()
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                return date.fromisoformat(text)
        except ValueError:
            pass  # 30 February: said below
        raise self._wrong(f"{text[:60]!r} in a context", "a day like 2025-06-30")

    def _whole(self, name: str, text: str) -> int:
        if not re.fullmatch(r"[-+]?[0-9]{1,2}", text) or abs(int(text)) > _LARGEST:
            raise self._wrong(f"{name}={text[:60]!r}", f"a whole number up to {_LARGEST}")
        return int(text)

    def _referred(self, known: dict[str, Any], kind: str, name: str) -> Any:
        if name not in known:
            raise self._wrong(f"a fact of {kind} {name!r}", f"a {kind} that the document defines")
        return known[name]

    def _wrong(self, found: str, expected: str) -> ParseError:
        return ParseError(f"{self._source}: found {found}, expected {expected}")


def _text(element: Any) -> str:
    """What is printed, without what `ix:exclude` takes out."""
    if next(element.iter(f"{_IX}exclude"), None) is None:
        return "".join(element.itertext())
    return (element.text or "") + "".join(
        ("" if child.tag == f"{_IX}exclude" else _text(child)) + (child.tail or "") for child in element
    )
