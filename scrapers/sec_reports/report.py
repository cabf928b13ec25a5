"""A periodic report filed with the SEC: who filed it, what it is, the day it closes on, and its figures, each told once.

A filing tags one figure many times: in the balance sheet in thousands, in a note in full, in prose in millions. They are
one `Figure` where they agree within what each says of its accuracy, and the most accurate one speaks; where they do not,
each stands with the doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from scrapers.formats import xbrl
from treasury.model import Document, ParseError, Reading

FORMS = frozenset(
    f"{form}{amended}" for form in ("10-Q", "10-QT", "10-K", "10-KT", "20-F", "40-F", "6-K") for amended in ("", "/A")
)
STANDARD = frozenset({"us-gaap", "ifrs-full", "dei", "srt"})  # prefixes of taxonomies; any other is the filer's own
ROUNDING = 1e-9  # of a figure: what adding floats may change

Members = tuple[tuple[str, str], ...]  # (axis, member) without prefixes of the axes, in their order


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a day, in whole units; `step` is what its last accurate digit is worth, 0 where it is exact."""

    name: str
    day: date
    members: Members
    unit: str
    value: float
    step: float
    scale: int
    doubt: str | None = None

    @property
    def local(self) -> str:
        """The concept without its prefix."""
        return self.name.rpartition(":")[2]

    @property
    def own(self) -> bool:
        """Whether the concept is the filer's own, not one of a taxonomy."""
        return self.name.partition(":")[0] not in STANDARD

    @property
    def currency(self) -> str | None:
        """The ISO 4217 code of an amount of money."""
        prefix, _, code = self.unit.partition(":")
        return code if prefix == "iso4217" and "/" not in code else None

    def agrees(self, other: Figure) -> bool:
        """Whether both can be the same number, each rounded in its own way."""
        slack = (self.step + other.step) / 2 + ROUNDING * abs(self.value)
        return self.unit == other.unit and abs(self.value - other.value) <= slack


@dataclass(frozen=True, slots=True)
class Filing:
    """`end` is the day of its balance sheet, the end of the period it reports on."""

    cik: int
    form: str
    end: date
    report: xbrl.Report

    def figures(self, wanted: Callable[[str], bool]) -> list[Figure]:
        """Figures of a day (not of a period) under the concepts wanted, in the order first printed."""
        groups: dict[tuple[str, Members, str, date], list[Figure]] = {}
        for fact in self.report.facts:
            day = fact.context.instant
            if day is None or not wanted(fact.name) or (value := fact.value) is None:
                continue
            members = tuple((axis.rpartition(":")[2], member) for axis, member in fact.context.members)
            figure = Figure(fact.name, day, members, fact.unit, value, fact.step, fact.scale)
            groups.setdefault((fact.name, members, fact.unit, day), []).append(figure)
        return [figure for group in groups.values() for figure in told_once(group)]

    def at_end(self, wanted: Callable[[str], bool]) -> list[Figure]:
        """Those of the day of its balance sheet."""
        return [figure for figure in self.figures(wanted) if figure.day == self.end]

    def reading(
        self,
        quantity: str,
        figure: Figure,
        *,
        instrument: str | None = None,
        note: str | None = None,
        doubt: str | None = None,
    ) -> Reading:
        """A figure under one of our names; money in its currency, anything else in the unit the quantity is in."""
        unit = "BTC" if quantity.startswith("btc_") else "shares"
        return Reading(
            f"CIK {self.cik:010d}", quantity, figure.value, figure.currency or unit, figure.day, instrument,
            note=note, doubt=doubt or figure.doubt,
        )  # fmt: skip


def told_once(figures: Iterable[Figure]) -> list[Figure]:
    """Figures that mean the same thing as one, the most accurate, where all agree; else each that stands apart, in doubt."""
    apart: list[Figure] = []
    for figure in sorted(figures, key=lambda one: one.step):
        if not any(figure.agrees(other) for other in apart):
            apart.append(figure)
    if len(apart) < 2:
        return apart
    told = " and ".join(f"{one.value:,.10g} ({one.local})" for one in apart)
    return [replace(one, doubt=f"tagged are {told}, which cannot be the same") for one in apart]


def load(document: Document) -> Filing:
    """The report in a document; one that does not say who filed it, what it is and up to when, is refused."""
    report = xbrl.load(document)
    cik, form = report.text("dei:EntityCentralIndexKey"), report.text("dei:DocumentType")
    if not re.fullmatch(r"[0-9]{1,10}", cik):
        raise ParseError(f"{document.source}: found the CIK {cik[:60]!r}, expected up to ten digits")
    if form not in FORMS:
        raise ParseError(f"{document.source}: found form {form[:60]!r}, expected one of {', '.join(sorted(FORMS))}")
    filing = Filing(int(cik), form, report.day("dei:DocumentPeriodEndDate"), report)
    for entity in {context.entity for context in report.contexts.values()}:
        if entity.lstrip("0") != cik.lstrip("0"):
            raise ParseError(f"{document.source}: found figures of {entity[:60]!r}, expected those of CIK {cik} only")
    return filing


def local(name: str) -> str:
    """A member or concept without its prefix."""
    return name.rpartition(":")[2]


def named(*names: str) -> Callable[[str], bool]:
    """Whether a concept is one of these."""
    return frozenset(names).__contains__
