"""The printed balance sheet, row by row: what each row says, of which day, and whether the rows add up.

Rows are found by their labels, since tags of totals are sometimes wrong; the number of a row is the one tagged in it for the
day of the sheet, in the currency of the report, outside its label and not broken down. What is printed in parentheses is taken off.

A sheet closes where every printed total is the sum of rows before it, and all of them together are what the assets are. Only then
is what no row says known to be nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

from scrapers.formats.html_tables import text_of
from scrapers.formats.text import DASH_SIGNS, plain, unit_of
from scrapers.formats.xbrl import TaggedFact, TaggedReport
from treasury.model import ParseError

_XHTML = "{http://www.w3.org/1999/xhtml}"
_TABLE = f"{_XHTML}table"
_BREAK = f"{_XHTML}br"
_BLOCKS = (_BREAK, f"{_XHTML}p", f"{_XHTML}div")
_CELLS = (f"{_XHTML}td", f"{_XHTML}th")

_TOTAL_ASSETS = re.compile(
    r"(?:total\s*assets|assets,?\s+total|assets\s*[-–—]\s*total)\b(?!\s*(?:less|held|of|at|acquired|under|per|in\b))",
    re.I,
)
_ASSETS = ("us-gaap:Assets", "ifrs-full:Assets")
_MAY_HOLD = re.compile(r"total[\s\xa0]*assets|assets,?[\s\xa0]+total", re.I)
_TOTAL = re.compile(r"\s*(?:sub-?\s?)?totals?\b", re.I)
_BOTH_SIDES = re.compile(r"(?=.*(?:liabilit|equity|deficit|deficiency|net\s+assets))", re.I)
_TOTAL_TAGS = frozenset(
    {
        "Liabilities", "LiabilitiesCurrent", "LiabilitiesNoncurrent", "StockholdersEquity", "LiabilitiesAndStockholdersEquity",
        "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest", "Equity", "EquityAndLiabilities",
        "CurrentLiabilities", "NoncurrentLiabilities", "EquityAttributableToOwnersOfParent",
    }
)  # fmt: skip
_TOTAL_LIABILITIES = re.compile(
    r"total\s+liabilities(?!.*(?:equity|deficit|deficiency|capital))|liabilities,?\s+total", re.I
)
_NET_ASSETS = re.compile(r"(?:total\s+)?net\s+(?:current\s+)?(?:assets|liabilities)\b|total\s+assets\s+less", re.I)
_NUMERIC = re.compile(r"[\s$€£¥₩%()\[\]—–\-−.,0-9]*")
_TAKEN_OFF = re.compile(r"\s*(?:[A-Z]{0,3}[$€£¥]?\s*)[(−–-]\s*(?:[A-Z]{0,3}[$€£¥]?\s*)[0-9]")
_PRINTED = re.compile(r"\d{1,3}(?:,\d{3})+|\d{3,}")
_MOST_TABLES = 8  # a sheet may run over pages; the next statement is not far
_LESS = re.compile(r"less\b|unamorti[sz]ed\b|discount\b", re.I)
_LONGEST = 400  # rows of a sheet
_HEAD_ROWS, _HEAD_TEXT = 5, 300  # rows, and characters before a table, in which its unit is told
_IN_UNITS = re.compile(
    r"\bin\s+(?:[a-z.$]+\s+){0,4}?(?:thousands|millions|billions)\b|\b(?:thousands|millions|billions)\s+of\b", re.I
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line: `amount` as printed (None: no number of this day), `facts` all that is tagged in it, `heading` what it stands under.

    `doubt` says why the number may not be the one printed; `taken_off` that it stands in parentheses.
    """

    label: str
    heading: str
    facts: tuple[TaggedFact, ...]
    amount: float | None = None
    unit: str = ""
    tag: str = ""
    scale: int = 0
    taken_off: bool = False
    doubt: str | None = None
    sums_up: bool = False  # a sum of the rows before it that is not called a total

    @property
    def is_total(self) -> bool:
        if self.sums_up:
            return True
        tagged = self.tag.rpartition(":")[2] in _TOTAL_TAGS
        return bool(_TOTAL.match(self.label)) or (tagged and bool(_BOTH_SIDES.match(self.label) or not self.label))


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """A balance sheet: its day, its currency (ISO code), the rows of its assets, and those after them up to the last total."""

    day: date
    currency: str
    assets: tuple[SheetRow, ...]
    claims: tuple[SheetRow, ...]
    total: float
    unit: int = 1  # that the words above it give: 1,000 for "in thousands"
    whole: bool = True  # of the company, not of a member such as the parent alone

    @property
    def liabilities(self) -> tuple[SheetRow, ...]:
        """The rows that are liabilities, without totals; those of equity and between are left out."""
        return tuple(row for row in self._parts()[0] if not row.is_total)

    @property
    def equity(self) -> tuple[SheetRow, ...]:
        """The rows after the liabilities: between the two, and equity."""
        return tuple(row for row in self._parts()[1] if not row.is_total)

    @property
    def open_sum(self) -> str | None:
        """Why the sheet does not close; None where it does."""
        return self._other_scale() or _open_sum(self.claims, self.total)

    def _other_scale(self) -> str | None:
        """Whether the sheet is printed in thousands or millions, and tagged as if it were not, or the other way about."""
        scales = {row.scale for row in self.claims if row.amount}
        if self.unit == 1 or len(scales) != 1 or 10 ** (scale := scales.pop()) == self.unit:
            return None
        return f"the balance sheet is printed in units of {self.unit:,}, and tagged with scale {scale}"

    @property
    def open_liabilities(self) -> str | None:
        """Why the liabilities do not add up to their total (without one: why the sheet does not close); None where they do."""
        part = list(self._parts()[0])
        if part and _TOTAL_LIABILITIES.match(part[-1].label) and part[-1].amount is not None:
            return self._other_scale() or _open_sum(part, part[-1].amount)
        return self.open_sum

    @property
    def open_assets(self) -> str | None:
        """Why the rows of the assets do not add up to their total; None where they do."""
        return self._other_scale() or _open_sum([*self.assets, _as_total_of_assets(self.claims[-1])], self.total)

    def _parts(self) -> tuple[Sequence[SheetRow], Sequence[SheetRow]]:
        """Rows up to the total of liabilities and those after it; without that total, up to the first row of equity."""
        rows = self.claims
        ends = [place for place, row in enumerate(rows) if _TOTAL_LIABILITIES.match(row.label)]
        if ends:
            liabilities_first = rows[: ends[-1] + 1], rows[ends[-1] + 1 :]
            before = next((place for place, row in enumerate(rows) if _is_equity(row)), len(rows))
            if before < ends[-1]:  # equity stands first, as some print it
                middle = next(
                    (place for place in range(before, ends[-1]) if _TOTAL_EQUITY.match(rows[place].label)), None
                )
                if middle is not None:
                    return rows[middle + 1 : ends[-1] + 1], (*rows[: middle + 1], *rows[ends[-1] + 1 :])
            return liabilities_first
        before = next((place for place, row in enumerate(rows) if _is_equity(row)), len(rows))
        last = max((place for place, row in enumerate(rows) if _TOTAL_EQUITY.match(row.label)), default=0)
        if last and not any(
            row.amount is not None for row in rows[:before]
        ):  # equity first, liabilities without a total
            return rows[last + 1 :], rows[: last + 1]
        return rows[:before], rows[before:]


_EQUITY = re.compile(
    r"(?:class\s+[a-z]\s+)?(?:convertible\s+)?(?:redeemable\s+)?(?:common|ordinary|preferred|preference|capital)\s+(?:stock|shares?|units?)|share\s+capital|issued\s+capital"
    r"|series\s+[a-z0-9-]+\s+.*(?:preferred|preference)|(?:additional\s+)?paid[-\s]in|capital\s+(?:surplus|reserve|in\s+excess)|retained|accumulated|treasury\s+(?:stock|shares)"
    r"|(?:redeemable\s+)?non[-\s]?controlling\s+interest|mezzanine|temporary\s+equity|members?['’]?\s+(?:equity|capital|deficit)|.*subject\s+to\s+possible\s+redemption",
    re.I,
)
_TOTAL_EQUITY = re.compile(r"total\s+(?:(?!liabilit)\S+\s+){0,3}(?:equity|deficit|deficiency)(?!.*liabilit)", re.I)


def _is_equity(row: SheetRow) -> bool:
    return bool(_EQUITY.match(row.label) or _TOTAL_EQUITY.match(row.label))


class PrintedTables:
    """The tables of a document, as far as looking for the balance sheet needs them."""

    def __init__(self, report: TaggedReport) -> None:
        self._report = report

    @cached_property
    def candidates(self) -> list[Any]:
        """The tables that may hold the assets: those that tag their total; all that speak of it, where none does."""
        tagged = [table for name in _ASSETS for table in self._report.tables_of(name)]
        tables = dict.fromkeys(tagged) if tagged else self._report.root.iter(_TABLE)
        found = [table for table in tables if _MAY_HOLD.search(text_of(table))]
        holders = {holder for table in found for holder in table.iterancestors(_TABLE)}
        return [table for table in found if table not in holders and self._report.within(table, 1)]

    def days(self) -> Iterator[date]:
        """The days that rows of total assets are of."""
        for table in self.candidates:
            for line in table.iter(f"{_XHTML}tr"):
                if _TOTAL_ASSETS.match(plain(text_of(line))):
                    yield from (
                        fact.context.end
                        for fact in self._report.within(line)
                        if fact.flaw is None and fact.context.instant is not None and not fact.context.members
                    )

    def sheet(self, day: date, currency: str) -> BalanceSheet | None:
        """The first balance sheet of that day in that currency of the company as a whole, or else of a member."""
        of_member = None
        for table in self.candidates:
            if (found := self._sheet(table, day, currency)) is not None:
                if found.whole:
                    return found
                of_member = of_member or found
        return of_member

    def _sheet(self, table: Any, day: date, currency: str) -> BalanceSheet | None:
        assets: list[SheetRow] = []
        claims: list[SheetRow] = []
        total: SheetRow | None = None
        both_sides: list[SheetRow] | None = (
            None  # claims up to a total of equity that closes the sheet with that of liabilities
        )
        for row in self._rows(_with_following(table), day, currency):
            if total is None:
                if _TOTAL_ASSETS.match(row.label) and row.amount is not None:
                    total = row
                else:
                    assets.append(row)
                continue
            assert total.amount is not None
            if len(claims) > _LONGEST or (_TOTAL_ASSETS.match(row.label) and row.amount is not None):
                break  # another statement
            claims.append(row)
            if row.amount is not None and _is_end(row, total):
                return _sheet_of(day, currency, assets, claims, total, table)
            if both_sides is None and _TOTAL_EQUITY.match(row.label):
                both_sides = _closed(claims, total)
        if total is None or total.amount is None or both_sides is None:
            return None
        return _sheet_of(day, currency, assets, both_sides, total, table)

    def _rows(self, tables: Iterable[Any], day: date, currency: str) -> Iterator[SheetRow]:
        heading, before = "", None
        for table in tables:
            for line in table.iter(f"{_XHTML}tr"):
                row = self._row(line, heading, day, currency)
                if row is None or (row.amount is not None and _same(row, before)):
                    continue
                if row.amount is None and not row.facts and row.doubt is None:
                    heading = row.label
                    continue
                yield row
                before = row if row.amount is not None else before
                if row.is_total:
                    heading = ""

    def _row(self, line: Any, heading: str, day: date, currency: str) -> SheetRow | None:
        cells = list(line.iterchildren(*_CELLS))
        texts = [plain(text_of(cell)) if len(cell) or cell.text else "" for cell in cells]
        place = next((number for number, text in enumerate(texts) if text and not _NUMERIC.fullmatch(text)), None)
        if not any(texts):
            return None
        label = "" if place is None else _spaced(cells[place]) if _in_lines(cells[place]) else texts[place]
        tagged = self._report.by_child(line)
        facts: list[TaggedFact] = []
        found: list[tuple[TaggedFact, str]] = []
        for number, cell in enumerate(cells):
            told = tagged.get(cell, []) if texts[number] else []
            facts += told
            if number != place:
                before = (
                    texts[number - 1]
                    if number and number - 1 != place and _NUMERIC.fullmatch(texts[number - 1])
                    else ""
                )
                found += [
                    (fact, f"{before if before.endswith(('(', '-', '−', '–')) else ''}{texts[number]}") for fact in told
                ]
        row = self._amount(SheetRow(label, heading, tuple(facts)), found, texts, place, day, currency)
        if not tagged and row.doubt is None and any(text in DASH_SIGNS for text in texts):
            return None  # a line of nothing is no heading of the lines below it
        return row

    def _amount(
        self,
        row: SheetRow,
        found: list[tuple[TaggedFact, str]],
        texts: list[str],
        place: int | None,
        day: date,
        currency: str,
    ) -> SheetRow:
        money = [(fact, text) for fact, text in found if fact.unit == f"iso4217:{currency}" or fact.flaw is not None]
        now = [(fact, text) for fact, text in money if fact.flaw is not None or fact.context.instant == day]
        whole = [one for one in now if not one[0].context.members] or now[:1]
        if not whole:
            untagged = [
                text
                for number, text in enumerate(texts)
                if number != place and _PRINTED.search(text) and _NUMERIC.fullmatch(text)
            ]
            if untagged and not found and not _looks_like_head(texts):
                return replace(row, doubt=f"the row {row.label[:80]!r} prints {untagged[0]} and tags nothing")
            return row
        try:
            values = {fact.value for fact, _ in whole}
        except ParseError as error:
            fact = whole[0][0]
            return replace(
                row, amount=fact.printed_digits, unit=fact.unit, tag=fact.name, scale=fact.scale, doubt=str(error)
            )
        fact, text = whole[0]
        if (value := fact.value) is None:
            return replace(row, unit=fact.unit, tag=fact.name)
        doubt = None
        if len(values) > 1:
            doubt = f"the row {row.label[:80]!r} tags {' and '.join(f'{one or 0.0:,.10g}' for one in sorted(values, key=lambda one: one or 0.0))} of one day"
        taken_off = bool(_TAKEN_OFF.match(text))
        amount = -abs(value) if taken_off else value
        return replace(
            row, amount=amount, unit=fact.unit, tag=fact.name, scale=fact.scale, taken_off=taken_off, doubt=doubt
        )


def _in_lines(cell: Any) -> bool:
    """Whether a cell is printed in several lines, whose words the text alone would join."""
    blocks = [block.tag for block in cell.iter(*_BLOCKS)]
    return len(blocks) > 1 or _BREAK in blocks


def _spaced(cell: Any) -> str:
    def told(element: Any) -> str:
        inside = (element.text or "") + "".join(told(child) + (child.tail or "") for child in element)
        return f" {inside} " if element.tag in _BLOCKS else inside

    return plain(told(cell))


def _unit_above(table: Any) -> int:
    """The unit that the first rows of a table, or else the words right before it, say it is in; 1 where they say none, or two."""
    head = " ".join(plain(text_of(line)) for line in islice(table.iter(f"{_XHTML}tr"), _HEAD_ROWS))
    before, element = "", table
    while element is not None and len(before) < _HEAD_TEXT:
        for sibling in element.itersiblings(preceding=True):
            before = f"{plain(text_of(sibling))[-_HEAD_TEXT:]} {before}"
            if len(before) >= _HEAD_TEXT:
                break
        element = element.getparent()
    for words in (head, before[-_HEAD_TEXT:]):
        units = {unit_of(found[0]) for found in _IN_UNITS.finditer(words)}
        if units:
            return units.pop() if len(units) == 1 else 1
    return 1


def _with_following(table: Any) -> Iterator[Any]:
    """A table and those after it, asked for only where the sheet goes on in them."""
    yield table
    after = (other for other in _following(table) if next(other.iterdescendants(_TABLE), None) is None)
    yield from islice(after, _MOST_TABLES)


def _following(element: Any) -> Iterator[Any]:
    """The tables that begin after an element ends."""
    while element is not None:
        for sibling in element.itersiblings():
            yield from sibling.iter(_TABLE)
        element = element.getparent()


def _same(row: SheetRow, before: SheetRow | None) -> bool:
    """Whether a row repeats the number of the row before it under the same tag, as some print a series and its value."""
    if before is None or (row.tag, row.amount) != (before.tag, before.amount):
        return False
    contexts = {fact.context for fact in row.facts if fact.name == row.tag}
    return bool(contexts & {fact.context for fact in before.facts if fact.name == row.tag})


def _looks_like_head(texts: list[str]) -> bool:
    """Days and years above the columns are no amounts."""
    return all(not text or re.fullmatch(r"(?:19|20)\d\d|.*[A-Za-z].*|\W*", text) for text in texts)


def _is_end(row: SheetRow, total: SheetRow) -> bool:
    """Whether a row is the last total: what the assets are, called by both sides."""
    assert row.amount is not None
    assert total.amount is not None
    local = row.tag.rpartition(":")[2]
    said = (
        _TOTAL.match(row.label)
        and re.search(r"liabilit", row.label, re.I)
        and re.search(r"equity|deficit|deficiency|capital", row.label, re.I)
    )
    return bool(said or local in ("LiabilitiesAndStockholdersEquity", "EquityAndLiabilities")) and bool(
        said or abs(row.amount - total.amount) <= _slack([total, row])
    )


def _closed(claims: Sequence[SheetRow], total: SheetRow) -> list[SheetRow] | None:
    """The rows of a sheet that ends with its equity, without the net assets in between; None where both sides are not the assets."""
    rows = [row for row in claims if not _NET_ASSETS.match(row.label)]
    liabilities = next((row for row in rows if _TOTAL_LIABILITIES.match(row.label)), None)
    if liabilities is None or liabilities.amount is None or rows[-1].amount is None or total.amount is None:
        return None
    if abs(liabilities.amount + rows[-1].amount - total.amount) > _slack([liabilities, rows[-1], total]):
        return None
    return [*rows, replace(total, label="Total liabilities and equity", facts=())]


def _slack(rows: Sequence[SheetRow]) -> float:
    """What rounding each row in its own unit may add up to."""
    return sum(10.0**row.scale for row in rows) / 2 + 10.0 ** max((row.scale for row in rows), default=0)


def _open_sum(rows: Sequence[SheetRow], total: float) -> str | None:
    """Why the rows do not add up to their totals, and all of them to the total; None where they do."""
    waiting: list[list[SheetRow]] = []  # each with the rows it is made of, the first of them being what counts
    for row in rows[:-1]:
        if row.amount is None:
            continue
        if row.is_total or not row.label:
            size = _suffix(waiting, row)
            if size is None:
                if row.is_total:
                    return f"the rows above {row.label[:80]!r} do not add up to {row.amount:,.10g}"
            else:
                del waiting[len(waiting) - size :]
        waiting.append([row])
    last = rows[-1]
    added = sum(one[0].amount or 0.0 for one in waiting)
    if abs(added - total) > _slack([one[0] for one in waiting] + [last]):
        return f"the rows add up to {added:,.10g}, {last.label[:80]!r} is {total:,.10g}"
    return None


def _sheet_of(
    day: date, currency: str, assets: list[SheetRow], claims: list[SheetRow], total: SheetRow, table: Any
) -> BalanceSheet:
    assert total.amount is not None
    left = _with_subtotals([*assets, _as_total_of_assets(claims[-1])], total.amount)[:-1]
    whole = any(fact.context.instant == day and not fact.context.members for fact in total.facts)
    rows = tuple(_with_subtotals(claims, total.amount))
    return BalanceSheet(day, currency, tuple(left), rows, total.amount, _unit_above(table), whole)


def _as_total_of_assets(last: SheetRow) -> SheetRow:
    return replace(last, label="Total assets")


def _with_subtotals(rows: list[SheetRow], total: float) -> list[SheetRow]:
    """Rows with those marked that are sums not called totals ("Property, net" below what is taken off), where only so they add up."""
    if _open_sum(rows, total) is None:
        return rows
    marked: list[SheetRow] = []
    waiting: list[list[SheetRow]] = []
    for row in rows[:-1]:
        if row.amount and row.amount > 0 and _LESS.match(row.label):
            row = replace(row, amount=-row.amount, taken_off=True)
        if row.amount is not None:
            called = row.is_total or not row.label
            size = (_suffix(waiting, row) or 0) if called else _exact_suffix(waiting, row)
            row = replace(row, sums_up=size > 0 and not called)
            del waiting[len(waiting) - size :]
            waiting.append([row])
        marked.append(row)
    marked.append(rows[-1])
    return marked if _open_sum(marked, total) is None else rows


def _exact_suffix(waiting: list[list[SheetRow]], row: SheetRow) -> int:
    """How many of the last open rows, two or more and none of them nothing, are a row to the last printed digit; 0 where none are."""
    assert row.amount is not None
    added = 0.0
    for size, (last, *_) in enumerate(reversed(waiting), 1):
        if not last.amount or last.is_total:
            return 0
        added += last.amount
        if size > 1 and abs(added - row.amount) < 10.0**row.scale / 2:
            return size
    return 0


def _suffix(waiting: list[list[SheetRow]], total: SheetRow) -> int | None:
    """How many of the last open rows add up to a total; the fewest, with the zeros before them."""
    assert total.amount is not None
    added = 0.0
    for size in range(1, len(waiting) + 1):
        added += waiting[-size][0].amount or 0.0
        if abs(added - total.amount) <= _slack([one[0] for one in waiting[-size:]] + [total]):
            return size
    return 0 if total.amount == 0 else None
