"""A periodic report filed with the SEC: who filed it, what it is, the day it closes on, and its figures, each told once.

A filing tags one figure many times: in the balance sheet in thousands, in a note in full, in prose in millions. They are
one `ReportFigure` where they agree within what each says of its accuracy, and the most accurate one speaks; where they do not,
each stands with the doubt.

The day is the balance sheet's own. It lies within NEAR of the end of the period that the cover names: a year of 52 or 53
weeks ends on a Saturday, and the cover may name the month's last day.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from scrapers.formats import xbrl
from scrapers.sec_reports.balance_sheet import BalanceSheet, PrintedTables
from scrapers.sec_reports.prose import Prose
from treasury.model import Document, ParseError, Reading

FORMS = frozenset(
    f"{form}{amended}"
    for form in ("10-Q", "10-QT", "10-K", "10-KT", "20-F", "20-FT", "40-F", "6-K")
    for amended in ("", "/A")
)
STANDARD = frozenset({"us-gaap", "ifrs-full", "dei", "srt"})  # prefixes of taxonomies; any other is the filer's own
ROUNDING = 1e-9  # of a figure: what adding floats may change
NEAR_PERIOD = timedelta(days=10)  # between the period's end on the cover and the balance sheet

Wanted = frozenset[str] | re.Pattern[str] | Callable[[str], bool]
Members = tuple[tuple[str, str], ...]  # (axis, member) without prefixes of the axes, in their order


@dataclass(frozen=True, slots=True)
class ReportFigure:
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
    def told(self) -> tuple[str, float]:
        """Its concept and its value."""
        return self.local, self.value

    @property
    def own(self) -> bool:
        """Whether the concept is the filer's own, not one of a taxonomy."""
        return self.name.partition(":")[0] not in STANDARD

    @property
    def currency(self) -> str | None:
        """The ISO 4217 code of an amount of money."""
        prefix, _, code = self.unit.partition(":")
        return code if prefix == "iso4217" and "/" not in code else None

    def agrees(self, other: ReportFigure) -> bool:
        """Whether both can be the same number, each rounded in its own way."""
        slack = (self.step + other.step) / 2 + ROUNDING * abs(self.value)
        return self.unit == other.unit and abs(self.value - other.value) <= slack


@dataclass(frozen=True)
class FiledReport:
    """`end` is the day of its balance sheet, `currency` the ISO code it reports in, `sheet` the balance sheet where one is printed."""

    cik: int
    form: str
    end: date
    currency: str
    report: xbrl.TaggedReport
    sheet: BalanceSheet | None = None
    body: bytes = field(default=b"", repr=False)
    _figures: dict[tuple[str, date | None], list[ReportFigure]] = field(default_factory=dict, repr=False, compare=False)

    def figures(self, wanted: Wanted) -> list[ReportFigure]:
        """Figures of a day (not of a period) under the concepts wanted: by name, by a pattern of names without prefix, or by a rule."""
        return [figure for name in self._names(wanted) for figure in self._told(name, None)]

    def at_end(self, wanted: Wanted) -> list[ReportFigure]:
        """Those of the day of its balance sheet; amounts of money in the currency it reports in."""
        return [
            figure
            for name in self._names(wanted)
            for figure in self._told(name, self.end)
            if figure.currency in (None, self.currency)
        ]

    def _names(self, wanted: Wanted) -> list[str]:
        if isinstance(wanted, frozenset):
            return [name for name in wanted if name in self.report.names]
        if isinstance(wanted, re.Pattern):
            if wanted not in self._matching:
                self._matching[wanted] = [name for name, concept in self._concepts if wanted.search(concept)]
            return self._matching[wanted]
        return [name for name in self.report.names if wanted(name)]

    @cached_property
    def _matching(self) -> dict[re.Pattern[str], list[str]]:
        """Concepts by the pattern that was asked for: some are asked for several times, and there are hundreds of concepts."""
        return {}

    @cached_property
    def _concepts(self) -> list[tuple[str, str]]:
        return [(name, local(name)) for name in self.report.names]

    def _told(self, name: str, day: date | None) -> list[ReportFigure]:
        key = (name, day)
        if key not in self._figures:
            groups: dict[tuple[Members, str, date], list[ReportFigure]] = {}
            for fact in self.report.named(name, day):
                nowhere = fact.context is xbrl.NOWHERE
                if fact.context.instant is None or (not nowhere and fact.context.entity.lstrip("0") != str(self.cik)):
                    continue
                doubt = None
                try:
                    value = fact.value
                except ParseError as error:
                    value, doubt = fact.printed_digits, str(error)
                if value is None:
                    continue
                members = tuple((axis.rpartition(":")[2], member) for axis, member in fact.context.members)
                stands = self.end if nowhere else fact.context.end
                figure = ReportFigure(name, stands, members, fact.unit, value, fact.step, fact.scale, doubt)
                groups.setdefault((members, fact.unit, figure.day), []).append(figure)
            self._figures[key] = [figure for group in groups.values() for figure in told_once(group)]
        return self._figures[key]

    @cached_property
    def prose(self) -> Prose:
        """The sentences that are printed."""
        return Prose(self.body, self.report.root.getroottree().docinfo.encoding or "utf-8")

    def reading(
        self,
        quantity: str,
        figure: ReportFigure,
        *,
        instrument: str | None = None,
        note: str | None = None,
        doubt: str | None = None,
    ) -> Reading:
        """A figure under one of our names; money in its currency, anything else in the unit the quantity is in."""
        unit = "BTC" if quantity.startswith("btc_") else "shares"
        return self.stated(
            quantity, figure.value, figure.currency or unit, day=figure.day, instrument=instrument, note=note,
            doubt=doubt or figure.doubt,
        )  # fmt: skip

    def stated(
        self,
        quantity: str,
        value: float,
        unit: str | None = None,
        *,
        day: date | None = None,
        instrument: str | None = None,
        note: str | None = None,
        doubt: str | None = None,
    ) -> Reading:
        """A number under one of our names, of the balance sheet's day and in the report's currency unless said otherwise."""
        return Reading(
            f"CIK {self.cik:010d}", quantity, value, unit or self.currency, day or self.end, instrument, note=note, doubt=doubt
        )  # fmt: skip


def told_once(figures: Iterable[ReportFigure]) -> list[ReportFigure]:
    """Figures that mean the same thing as one, the most accurate, where all agree; else each that stands apart, in doubt.

    One that cannot be read says nothing beside one that can.
    """
    told = list(figures)
    if len(told) == 1:
        return told
    apart: list[ReportFigure] = []
    for figure in sorted([one for one in told if one.doubt is None] or told, key=lambda one: one.step):
        if not any(figure.agrees(other) for other in apart):
            apart.append(figure)
    if len(apart) < 2:
        return apart
    said = " and ".join(f"{one.value:,.10g} ({one.local})" for one in apart)
    return [replace(one, doubt=f"tagged are {said}, which cannot be the same") for one in apart]


def load(document: Document) -> FiledReport:
    """The report in a document; one that does not say who filed it, what it is and up to when, is refused."""
    report = xbrl.load(document)
    cik, form = report.text("dei:EntityCentralIndexKey"), report.text("dei:DocumentType")
    if not re.fullmatch(r"[0-9]{1,10}", cik):
        raise ParseError(f"{document.source}: found the CIK {cik[:60]!r}, expected up to ten digits")
    if form not in FORMS:
        raise ParseError(f"{document.source}: found form {form[:60]!r}, expected one of {', '.join(sorted(FORMS))}")
    for entity in report.whose("dei:EntityCentralIndexKey"):
        if entity.lstrip("0") != cik.lstrip("0"):
            raise ParseError(f"{document.source}: found figures of {entity[:60]!r}, expected those of CIK {cik} only")
    printed = PrintedTables(report)
    end = _balance_day(report, printed)
    currency = _currency(report)
    return FiledReport(int(cik), form, end, currency, report, printed.sheet(end, currency), document.body)


def _balance_day(report: xbrl.TaggedReport, printed: PrintedTables) -> date:
    """The day of the balance sheet: of its total of assets, else the day most amounts are of, near the end of the period."""
    named = "dei:DocumentPeriodEndDate"
    context_end = report.period_end(named)
    try:
        ends = [report.day(named)]
    except ParseError:
        if context_end is None:  # neither its text nor its context says
            raise
        ends = []
    if context_end is not None:
        ends.append(context_end)

    def near(day: date) -> bool:
        return any(abs(day - end) <= NEAR_PERIOD for end in ends)

    if days := [day for day in printed.days() if near(day)]:
        return max(days)
    amounts = Counter(
        day
        for name in report.names
        if not name.startswith("dei:")
        for fact in report.named(name)
        if fact.flaw is None and (day := fact.context.instant) is not None and near(day)
    )
    return max(amounts, key=lambda day: (amounts[day], day), default=ends[0])


def _currency(report: xbrl.TaggedReport) -> str:
    """The currency tagged most often: a translation into dollars for convenience is not. USD where no money is tagged."""
    money = {unit for unit in report.defined_units if unit.startswith("iso4217:") and "/" not in unit}
    if len(money) > 1:  # to count takes time, and most report in one
        money = {next((unit for unit, _ in report.units.most_common() if unit in money), "iso4217:USD")}
    return money.pop().partition(":")[2] if money else "USD"


def local(name: str) -> str:
    """A member or concept without its prefix."""
    return name.rpartition(":")[2]


def named(*names: str) -> frozenset[str]:
    """These concepts, with their prefixes."""
    return frozenset(names)
