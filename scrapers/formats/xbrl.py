"""Inline XBRL: the facts tagged in a filing, each with its company, period, dimensions, unit and value; nothing of what they mean.

An inline XBRL document is XHTML. `ix:nonFraction` wraps a number as printed, `ix:nonNumeric` a text; both name a concept and a
context (whose, when, of which members). A number's value is its text, read by its `format`, times 10^scale, negative with sign="-".
Only what is asked for is read, and one odd cell costs itself: a fact whose context, unit or number cannot be understood carries
its flaw, and says it when its value is asked for. Texts that go on elsewhere (`continuedAt`) are read up to there.

2015-02-26  transformation registry: `ixt:numdotdecimal`, `ixt:datemonthdayyearen`; nil numbers are empty (seen 2025-08)
2022-02-16  `ixt:num-dot-decimal`, `ixt:fixed-zero`, `ixt:date-monthname-day-year-en`; SEC's `ixt-sec:numwordsen` in both (seen 2024-05)
Spellings with a decimal comma, and `zerodash`, are the registries' and have not been seen in a filing.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

from lxml import etree

from scrapers.formats.describe import describe
from scrapers.formats.number_words import number_in
from scrapers.formats.text import date_from, plain
from treasury.model import Document, ParseError

_IX = "{http://www.xbrl.org/2013/inlineXBRL}"
_XBRL = "{http://www.xbrl.org/2003/instance}"
_DIMENSION = "{http://xbrl.org/2006/xbrldi}"
_NUMBER, _WORDS, _HEADER = f"{_IX}nonFraction", f"{_IX}nonNumeric", f"{_IX}header"
_COVER = "dei:"  # texts about the document itself; those of the notes are left where they are
_IDENTIFIER = f"{_XBRL}identifier"
_DAYS = (f"{_XBRL}instant", f"{_XBRL}startDate", f"{_XBRL}endDate")
_MEMBERS = (f"{_DIMENSION}explicitMember", f"{_DIMENSION}typedMember")
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

_DOT = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?")
_COMMA = re.compile(r"(?:[0-9]{1,3}(?:[. ][0-9]{3})+|[0-9]+)?(?:,[0-9]+)?")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_LARGEST = 15  # of a scale: nobody counts in more than millions of billions
_WHOLE_NUMBERS = {
    f"{sign}{size:0{width}}": -size if sign == "-" else size
    for size in range(_LARGEST + 1)
    for sign in ("", "+", "-")
    for width in (1, 2)
}  # every way to write one
_DOT_FORMATS = frozenset({"num-dot-decimal", "numdotdecimal", "numcommadot", "numspacedot", "num-dot-decimal-apos"})
_COMMA_FORMATS = frozenset(
    {"num-comma-decimal", "numcommadecimal", "numdotcomma", "numspacecomma", "num-comma-decimal-apos"}
)
_ZERO_FORMATS = frozenset({"fixed-zero", "zerodash", "numdash"})
_DATES = {
    **dict.fromkeys(("date-monthname-day-year-en", "datemonthdayyearen", "datelongus"), ("%B %d %Y", "%b %d %Y")),
    **dict.fromkeys(("date-day-monthname-year-en", "datedaymonthyearen", "datelonguk"), ("%d %B %Y", "%d %b %Y")),
    **dict.fromkeys(("date-month-day-year", "datemonthdayyear", "dateslashus"), ("%m %d %Y",)),
    **dict.fromkeys(("date-day-month-year", "datedaymonthyear", "dateslasheu"), ("%d %m %Y",)),
    **dict.fromkeys(("date-year-month-day", ""), ("%Y %m %d",)),
}


_BOM = b"\xef\xbb\xbf"


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


NOWHERE = Context("", date.min)  # of a fact whose context cannot be read


@dataclass(frozen=True, slots=True)
class TaggedFact:
    """A number as tagged. `unit` is `iso4217:USD`, `xbrli:shares`, `iso4217:USD/xbrli:shares`, `mstr:Bitcoin`.

    `flaw` says what in the document cannot be understood; such a fact has no value.
    """

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
    flaw: str | None = None

    @property
    def value(self) -> float | None:
        """In whole units; None where the filer says that there is none to state. ParseError where it cannot be read."""
        if self.flaw is not None:
            raise ParseError(self.flaw)
        if self.nil:
            return None
        value = float(self._digits().scaleb(self.scale))
        if not math.isfinite(value):
            raise ParseError(f"{self.source}: {self.name}: found {self.text[:60]!r}, expected a number of a sane size")
        return -value if self.negative and value else value

    @property
    def printed_digits(self) -> float:
        """What its digits alone would be worth: for the word about a number that cannot be read, and nothing else."""
        digits = re.sub(r"[^0-9]", "", self.text)[:_LARGEST]
        return float(digits or 0) * 10.0**self.scale

    @property
    def step(self) -> float:
        """What the last accurate digit is worth; 0 where the figure is exact."""
        return 0.0 if self.decimals is None else 10.0**-self.decimals

    def _digits(self) -> Decimal:
        text, form = plain(self.text), self.format.rpartition(":")[2]
        text = re.sub(r"(?<=[0-9])['’](?=[0-9]{3})", "", text) if form.endswith("apos") else text
        text = _joined(text) if form in _DOT_FORMATS else text
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


class TaggedReport:
    """Everything tagged in one document, in the order printed; facts and contexts are made when they are asked for."""

    def __init__(self, source: str, root: Any, tagged: Iterable[Any]) -> None:
        """`tagged` are its numbers, texts and header, in the order printed."""
        self.source, self.root = source, root
        self._facts: dict[Any, TaggedFact] = {}
        self._contexts: dict[str, Context] = {}
        self._days: dict[tuple[date, str], bool] = {}
        self._units: dict[str, str] = {}
        self._elements: list[Any] = []
        self._numbers: defaultdict[str, list[Any]] = defaultdict(list)
        self._texts: defaultdict[str, list[Any]] = defaultdict(list)
        headers: list[Any] = []
        for element in tagged:
            tag, name = element.tag, element.get("name", "")
            if tag == _NUMBER:
                self._elements.append(element)
                self._numbers[name].append(element)
            elif tag == _HEADER:
                headers.append(element)
            elif name.startswith(_COVER):
                self._texts[name].append(element)
        self.header: Any = headers[0] if headers else None
        self._context_elements: dict[str, list[Any]] = {}
        self._unit_elements: dict[str, list[Any]] = {}
        for resources in headers[0].iterchildren(f"{_IX}resources") if headers else ():
            for kind, found in ((f"{_XBRL}context", self._context_elements), (f"{_XBRL}unit", self._unit_elements)):
                for element in resources.iterchildren(kind):
                    found.setdefault(element.get("id", ""), []).append(element)

    @property
    def names(self) -> Mapping[str, object]:
        """The concepts of its numbers, in the order first printed."""
        return self._numbers

    @property
    def defined_units(self) -> set[str]:
        """The units it defines, used or not; one that cannot be read is left out."""
        found = set()
        for name in self._unit_elements:
            with suppress(ParseError):
                found.add(self._unit(name))
        return found

    @property
    def units(self) -> Counter[str]:
        """How many numbers are in which unit, the first printed before others as frequent."""
        found: Counter[str] = Counter()
        for name, uses in Counter([element.get("unitRef", "") for element in self._elements]).items():
            if name in self._unit_elements:
                found[self._unit(name)] += uses
        return found

    @property
    def facts(self) -> list[TaggedFact]:
        """Every number."""
        return [self.fact(element) for element in self._elements]

    def named(self, name: str, day: date | None = None) -> list[TaggedFact]:
        """The numbers under one concept; with a day only those of it, and those whose context cannot be read."""
        elements = self._numbers.get(name, ())
        if day is not None:
            elements = [one for one in elements if self._may_be_of(day, one.get("contextRef") or "")]
        return [self.fact(element) for element in elements]

    def _may_be_of(self, day: date, context: str) -> bool:
        """Whether a context is of a day, or cannot be read."""
        if (told := self._days.get((day, context))) is None:
            try:
                told = self._context(context).instant == day
            except ParseError:
                told = True
            self._days[day, context] = told
        return told

    def within(self, element: Any, most: int | None = None) -> list[TaggedFact]:
        """The numbers printed inside an element; no more than the first `most` where it is given."""
        return [self.fact(one) for one in islice(element.iter(_NUMBER), most)]

    def by_child(self, element: Any) -> dict[Any, list[TaggedFact]]:
        """The numbers printed inside an element, by which of its children they stand in."""
        found: dict[Any, list[TaggedFact]] = {}
        for number in element.iterdescendants(_NUMBER):
            child = number
            while (parent := child.getparent()) is not element:
                child = parent
            found.setdefault(child, []).append(self.fact(number))
        return found

    def tables_of(self, name: str) -> Iterator[Any]:
        """The innermost table around each number under one concept."""
        for element in self._numbers.get(name, ()):
            if (table := next(element.iterancestors("{http://www.w3.org/1999/xhtml}table"), None)) is not None:
                yield table

    def fact(self, element: Any) -> TaggedFact:
        """The number an element tags."""
        if (made := self._facts.get(element)) is None:
            made = self._facts[element] = self._fact(element)
        return made

    def text(self, name: str) -> str:
        """What the document says of itself as a whole under this name: once, or several times the same."""
        return self._one(name, {plain(_text(element)) for element in self._of_whole(name)})

    def day(self, name: str) -> date:
        """The same for a day."""
        days = {self._day(name, element) for element in self._of_whole(name)}
        return date.fromisoformat(self._one(name, {day.isoformat() for day in days}))

    def period_end(self, name: str) -> date | None:
        """The day up to which the contexts of a text reach, where they are one."""
        ends = {context.end for element in self._texts.get(name, ()) if (context := self._context_of(element))}
        return ends.pop() if len(ends) == 1 else None

    def _of_whole(self, name: str) -> list[Any]:
        return [
            element
            for element in self._texts.get(name, ())
            if (context := self._context_of(element)) is not None and not context.members
        ]

    def whose(self, name: str) -> set[str]:
        """Whom the contexts of a text are about."""
        return {context.entity for element in self._texts.get(name, ()) if (context := self._context_of(element))}

    def _context_of(self, element: Any) -> Context | None:
        try:
            return self._context(element.get("contextRef") or "")
        except ParseError:
            return None

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
        text = re.sub(r"\bSept\b", "Sep", re.sub(r"\W+", " ", _text(element)))  # four letters, as the English write it
        try:
            return date_from(text, _DATES[form])
        except ParseError as error:
            raise ParseError(f"{self.source}: {name}: found {error}, expected a day in format {form!r}") from None

    # -- what facts refer to ---------------------------------------------------------------------------------------

    def _fact(self, element: Any) -> TaggedFact:
        name, text, nil = element.get("name", ""), _text(element), element.get(_NIL) in ("true", "1")
        context, unit, scale, decimals = NOWHERE, "", 0, None
        flaws = []
        try:
            unit = self._unit(self._attribute(element, "unitRef"))
        except ParseError as error:
            flaws.append(str(error))
        try:
            context = self._context(self._attribute(element, "contextRef"))
            scale = self._whole("scale", element.get("scale", "0"))
            told = element.get("decimals")
            decimals = None if told in (None, "INF") else self._whole("decimals", told)
            if element.get("sign") not in (None, "-"):
                raise self._wrong(f"sign={element.get('sign')!r}", "no sign, or -")
        except ParseError as error:
            flaws.append(str(error))
        flaw = f"{flaws[0]} ({name} {text[:60]!r})" if flaws else None
        negative, form = element.get("sign") == "-", element.get("format", "")
        return TaggedFact(
            self.source, name, context, unit, "" if nil else text, form, scale, negative, decimals, nil, flaw
        )  # fmt: skip

    def _context(self, name: str) -> Context:
        if (made := self._contexts.get(name)) is None:
            made = self._contexts[name] = self._read_context(self._referred(self._context_elements, "context", name))
        return made

    def _unit(self, name: str) -> str:
        if (made := self._units.get(name)) is None:
            made = self._units[name] = self._read_unit(self._referred(self._unit_elements, "unit", name))
        return made

    def _read_unit(self, element: Any) -> str:
        """Measures above and below the line, each joined by * where there are several."""
        parts = [element.find(f"{_XBRL}divide/{_XBRL}unit{part}") for part in ("Numerator", "Denominator")]
        sides = [one for one in parts if one is not None] or [element]
        return "/".join("*".join(_text(one).strip() for one in side.iter(f"{_XBRL}measure")) for side in sides)

    def _read_context(self, element: Any) -> Context:
        """Read as it mostly stands: an entity with its members, and a period with one day or two."""
        identifier, days, members = None, {}, []
        for part in element.iter("*"):
            tag = part.tag
            if tag == _IDENTIFIER:
                identifier = (part.text or "").strip()
            elif tag in _DAYS:
                days[tag] = self._day_of(part)
            elif tag in _MEMBERS:
                members.append((self._attribute(part, "dimension"), plain(_text(part))))
        if identifier is None:
            raise self._wrong(f"context {element.get('id')!r} of nobody", "an entity's identifier")
        start = None if _DAYS[0] in days else days.get(_DAYS[1])
        end = days.get(_DAYS[0]) or days.get(_DAYS[2])
        if end is None or (start is None and _DAYS[0] not in days):
            raise self._wrong("'' in a context", "a day like 2025-06-30")
        return Context(identifier, end, start, tuple(sorted(members)))

    def _day_of(self, element: Any) -> date:
        text = _text(element).strip()
        if (day := _iso_day(text)) is None:
            raise self._wrong(f"{text[:60]!r} in a context", "a day like 2025-06-30")
        return day

    def _attribute(self, element: Any, name: str) -> str:
        value = element.get(name)
        if not value:
            raise self._wrong(f"{etree.QName(element).localname} without {name}", f"a {name}")
        return str(value)

    def _whole(self, name: str, text: str) -> int:
        if text not in _WHOLE_NUMBERS:
            raise self._wrong(f"{name}={text[:60]!r}", f"a whole number up to {_LARGEST}")
        return _WHOLE_NUMBERS[text]

    def _referred(self, known: dict[str, list[Any]], kind: str, name: str) -> Any:
        found = known.get(name, [])
        if not found:
            raise self._wrong(f"a fact of {kind} {name!r}", f"a {kind} that the document defines")
        if len(found) > 1 and len({_written(one) for one in found}) > 1:
            raise self._wrong(f"id {name!r} twice", "each once")
        return found[0]

    def _wrong(self, found: str, expected: str) -> ParseError:
        return ParseError(f"{self.source}: found {found}, expected {expected}")


def load(document: Document) -> TaggedReport:
    """The facts of a whole inline XBRL document; anything else, a part of one too, is refused."""
    parser = etree.XMLPullParser(  # what is tagged is told while it is parsed: to walk it afterwards takes a quarter as long again
        events=("start",), tag=(_NUMBER, _WORDS, _HEADER), huge_tree=True, resolve_entities=False, no_network=True,
        remove_comments=True, remove_pis=True, collect_ids=False,
    )  # fmt: skip
    try:
        parser.feed(document.body.removeprefix(_BOM).lstrip())
        root = parser.close()
    except (etree.XMLSyntaxError, ValueError) as error:
        found = describe(document.body)
        raise ParseError(f"{document.source}: found {found} ({error}), expected a whole inline XBRL document") from None
    report = TaggedReport(document.source, root, [element for _, element in parser.read_events()])
    if report.header is None:
        raise ParseError(f"{document.source}: found {describe(document.body)}, expected one with an ix:header")
    return report


@lru_cache(maxsize=1024)  # a document has hundreds of contexts of a few days
def _iso_day(text: str) -> date | None:
    with suppress(ValueError):  # 30 February
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    return None


def _written(element: Any) -> str:
    """An element in the one way in which two that say the same are the same."""
    return str(etree.canonicalize(etree.tostring(element, with_tail=False, encoding="unicode"), rewrite_prefixes=True))


def _joined(text: str) -> str:
    """Digits with a blank beside a comma or point, as in "32 ,499", without it; a blank between digits may part two numbers."""
    return re.sub(r"(?<=[0-9,.]) (?=[,.])|(?<=[,.]) (?=[0-9])", "", text)


def _text(element: Any) -> str:
    """What is printed, without what `ix:exclude` takes out."""
    if not len(element):
        return element.text or ""
    if next(element.iter(f"{_IX}exclude"), None) is None:
        return "".join(element.itertext())
    return (element.text or "") + "".join(
        ("" if child.tag == f"{_IX}exclude" else _text(child)) + (child.tail or "") for child in element
    )
