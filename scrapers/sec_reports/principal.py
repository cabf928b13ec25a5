"""The principal of what a report shows as borrowings, in all and tranche by tranche.

In all it is known where an addition shows it to the last digit: a tagged amount that exceeds a part of the rows by exactly a tagged
discount; rows that are each one tranche's principal less its own discounts; principal due by years that adds up to a tagged total.
Of one tranche it is what a member of the filer's own on an axis of debt says (standard members are kinds of debt, and figures of
theirs subtotals); a face amount is what a note was issued with, so that it counts only where the tranche is carried near it on that day.

2024-05-01  Strategy: `mstr:DebtInstrumentOutstandingPrincipal` by LongtermDebtTypeAxis, with DebtInstrumentAxis beside it or without;
            `DebtInstrumentFaceAmount` 800.0 with scale 0 instead of 6; LongTermDebt is the non-current part only
2025        Fold: a note at fair value beside one at cost; NVIDIA: principal by note only; Apple: adjusted for hedges
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

from scrapers.sec_reports.balance_sheet import SheetRow
from scrapers.sec_reports.report import STANDARD, FiledReport, Members, ReportFigure, local, named, told_once
from treasury.model import Reading

NEAR_FACTOR = 2.0  # times a carrying amount: a discount halves no principal, repayment and a wrong scale do
COARSE = 0.005  # of face amounts told in millions, beside a principal told to the dollar
MOST_ROWS = 6  # whose parts are tried against tagged principals

_DEBT_AXES = frozenset({"LongtermDebtTypeAxis", "DebtInstrumentAxis", "ShortTermDebtTypeAxis"})
_OUTSTANDING = re.compile(r"(?:Outstanding|Unpaid)Principal|Principal(?:Amount)?Outstanding")
_FACE = named("us-gaap:DebtInstrumentFaceAmount")
_CARRYING = frozenset(
    f"us-gaap:{name}"
    for name in (
        "LongTermDebt", "LongTermDebtNoncurrent", "DebtInstrumentCarryingAmount", "DebtLongtermAndShorttermCombinedAmount",
        "ConvertibleNotesPayable", "ConvertibleNotesPayableNoncurrent", "ConvertibleLongTermNotesPayable", "ConvertibleDebt",
        "ConvertibleDebtNoncurrent", "SecuredDebt", "SeniorNotes", "NotesPayable", "LoansPayable", "LineOfCredit",
    )
)  # fmt: skip
_OF_TRANCHES = (
    "DebtInstrumentFaceAmount",
    "DebtInstrumentCarryingAmount",
)  # the latter where a discount leads to the row
_EITHER_WAY = re.compile(r"FairValue|Hedge|Premium(?!.*Discount)")
_FAIR_VALUE = re.compile(r"FairValueAdjustment|ChangeInFairValue")
_MATURITIES = re.compile(r"^LongTermDebtMaturitiesRepaymentsOfPrincipal")
_LONG_TERM = re.compile(
    r"\b(?:long[-\s]?term|non[-\s]?current|current\s+(?:portion|maturit\w+|instal\w+)|portion\s+due|due\s+within)\b",
    re.I,
)
_GROSS = re.compile(r"Debt|Notes?(?![a-z])|Loan|Borrowing|LineOfCredit|Principal|FaceAmount|Payable")
_NO_GROSS = re.compile(r"Receivable|Securities|Capacity|Interest|Accounts|Tax|FairValue")
_DISCOUNT = re.compile(
    r"Discount|Unamortized|IssuanceCost|IssuanceExpense|DeferredFinanc|DebtPremium|HedgeAccountingAdjustment"
)
_GROSS_OR_DISCOUNT = re.compile(f"{_GROSS.pattern}|{_DISCOUNT.pattern}")


@dataclass(frozen=True, slots=True)
class Borrowings:
    """What the rows of a sheet say of debt: the rows that are, what they add up to, the words about it, and the doubt."""

    rows: tuple[SheetRow, ...]
    total: float
    note: str
    doubt: str | None


def principal_total(filing: FiledReport, found: Borrowings) -> tuple[float, str] | None:
    """The principal of all borrowings, where an addition to the last digit shows it: by discount, by tranche, or by maturity."""
    for way in (_by_discount, _row_by_row, _by_maturity):
        if len(results := way(filing, found)) == 1:
            return next(iter(results.items()))
        if results:
            return None  # two additions that differ
    return None


def _by_discount(filing: FiledReport, found: Borrowings) -> dict[float, str]:
    """Tagged amounts, or what one concept says of the tranches together, that exceed rows of the sheet by exactly a tagged discount.

    The largest parts of the rows that are explained so count first; parts that overlap, or are explained in two ways, say nothing. What
    no part explains counts as carried, but where what is said of one tranche alone explains the others.
    """
    money = [one for one in filing.at_end(_GROSS_OR_DISCOUNT) if one.currency and one.doubt is None]
    told, rest = _parts_explained(found, _discounted(money, at_least=2))
    if not told:
        told, rest = _parts_explained(found, _discounted(money, at_least=1))
        told = {} if rest else told
    return told


def _parts_explained(found: Borrowings, discounted: _Discounted) -> tuple[dict[float, str], list[SheetRow]]:
    """The principal of all rows with the words, and the rows that none explains; nothing where no part or two ways do."""
    rest = list(found.rows)
    total, notes = found.total, list[str]()
    for size in range(len(rest), 0, -1) if len(rest) <= MOST_ROWS else (len(rest),):
        explained = [(part, ways) for part in combinations(rest, size) if (ways := _explained(part, found, discounted))]
        if any(len(ways) > 1 for _, ways in explained) or sum(len(set(part)) for part, _ in explained) > len(
            {row for part, _ in explained for row in part}
        ):
            return {}, rest
        for part, ways in explained:
            ((principal, note),) = ways.items()
            total += principal - _carried(part, found)
            notes.append(note)
            rest = [row for row in rest if row not in part]
    if notes and rest:
        notes.append(f"other rows {sum(row.amount or 0.0 for row in rest):,.10g}")
    return ({round(total, 2): "; ".join(notes)} if notes else {}), rest


def _carried(part: Sequence[SheetRow], found: Borrowings) -> float:
    return found.total if len(part) == len(found.rows) else sum(row.amount or 0.0 for row in part)


@dataclass(frozen=True, slots=True)
class _Discounted:
    """Amounts that may be principal, from small to large, and what may be taken off them: (amount, step, concepts)."""

    gross: Sequence[ReportFigure]
    values: Sequence[float]  # of them
    taken: Sequence[tuple[float, float, str]]
    widest: float  # step of the amounts


def _discounted(money: Sequence[ReportFigure], at_least: int) -> _Discounted:
    """What is said of the whole, and of so many tranches at least."""
    whole = [one for one in money if not one.members]
    discounts = [one for one in whole if _DISCOUNT.search(one.local) and one.value]
    discounts += _summed((one for one in money if _DISCOUNT.search(one.local) and one.value), at_least)
    gross = [
        one for one in whole if one.value > 0 and not _DISCOUNT.search(one.local) and not _NO_GROSS.search(one.local)
    ]
    gross += _summed(filter(_is_principal, money), at_least)
    taken = [(abs(one.value), one.step, one.local) for one in discounts]
    taken += [
        (abs(one.value) + abs(other.value), one.step + other.step, f"{one.local} + {other.local}")
        for one, other in combinations(discounts, 2)
    ]
    gross.sort(key=lambda fact: fact.value)
    return _Discounted(gross, [fact.value for fact in gross], taken, max((fact.step for fact in gross), default=0.0))


def _explained(part: Sequence[SheetRow], found: Borrowings, discounted: _Discounted) -> dict[float, str]:
    """The principals that lead to a part of the rows, and how."""
    carried = _carried(part, found)
    slack = sum(10.0**row.scale for row in part) / 2
    ways: dict[float, str] = {}
    for discount, step, name in discounted.taken:
        if discount <= slack:
            continue
        reach = slack + (discounted.widest + step) / 2
        first = bisect_left(discounted.values, carried + discount - reach)
        last = bisect_right(discounted.values, carried + discount + reach)
        for fact in discounted.gross[first:last]:
            near = slack + (fact.step + step) / 2
            if abs(fact.value - discount - carried) <= near <= COARSE * carried and fact.value > discount:
                ways.setdefault(
                    round(fact.value, 2),
                    f"{fact.local} {fact.value:,.10g} less {name} {discount:,.10g} is what is carried",
                )
    return ways


def _summed(figures: Iterable[ReportFigure], at_least: int) -> list[ReportFigure]:
    """What each concept says of so many tranches or more, as one figure."""
    by_concept: dict[str, list[ReportFigure]] = {}
    for figure in figures:
        if len(figure.members) == 1 and figure.members[0][0] in _DEBT_AXES:
            by_concept.setdefault(figure.name, []).append(figure)
    return [
        replace(figures[0], members=(), value=sum(one.value for one in figures), step=sum(one.step for one in figures))
        for figures in by_concept.values()
        if len(figures) >= at_least
    ]


def _is_principal(figure: ReportFigure) -> bool:
    return figure.local in _OF_TRANCHES or bool(figure.own and _OUTSTANDING.search(figure.local))


def _row_by_row(filing: FiledReport, found: Borrowings) -> dict[float, str]:
    """Each row as one tranche: its principal less its discounts, or with what its fair value adds, is the row."""
    by_members: dict[Members, list[ReportFigure]] = {}
    for figure in filing.at_end(_GROSS_OR_DISCOUNT):
        if figure.members and figure.currency and figure.doubt is None and figure.value:
            by_members.setdefault(figure.members, []).append(figure)
    total, notes = 0.0, []
    for row in found.rows:
        explained = [chain for figures in by_members.values() for chain in _chains(figures, row)]
        if not explained:
            return {}
        principal, words = min(explained, key=lambda chain: chain[0].step)
        if not all(other.agrees(principal) for other, _ in explained):
            return {}
        by_members.pop(principal.members)
        total += principal.value
        notes.append(f"{words} is the row {row.label[:60]!r}")
    whole = (
        abs(sum(row.amount or 0.0 for row in found.rows) - found.total) < 1
    )  # no discount or leases in rows of their own
    return {round(total, 2): "; ".join(notes)} if whole else {}


def _chains(figures: Sequence[ReportFigure], row: SheetRow) -> Iterator[tuple[ReportFigure, str]]:
    """The principals of a tranche that one or two of its own adjustments lead to the row."""
    carried = row.amount or 0.0
    adjusting = [one for one in figures if _DISCOUNT.search(one.local) or _FAIR_VALUE.search(one.local)]
    for gross in filter(_is_principal, figures):
        for taken in (part for size in (1, 2) for part in combinations(adjusting, size)):
            slack = 10.0**row.scale + sum(one.step for one in (gross, *taken)) / 2
            for signs in product(*((-1, 1) if _EITHER_WAY.search(one.local) else (-1,) for one in taken)):
                led = gross.value + sum(sign * abs(one.value) for sign, one in zip(signs, taken, strict=True))
                if abs(led - carried) <= slack <= COARSE * carried:
                    said = " and ".join(f"{one.local} {abs(one.value):,.10g}" for one in taken)
                    yield gross, f"{gross.local} {gross.value:,.10g} with {said}"


def _by_maturity(filing: FiledReport, found: Borrowings) -> dict[float, str]:
    """Principal due by years that adds up to a tagged total, of debt whose rows are all long-term debt and its current part."""
    years = [one for one in filing.at_end(_MATURITIES) if not one.members and one.currency and one.doubt is None]
    due = sum(one.value for one in years)
    step = sum(one.step for one in years)
    if not years or due < found.total - step or due > NEAR_FACTOR * found.total:
        return {}
    if not all(_LONG_TERM.search(row.label) for row in found.rows):
        return {}  # borrowings of a short term are in no such schedule
    wholes = [one for one in filing.at_end(_GROSS) if not one.members and one.currency and one not in years]
    told = next((one for one in wholes if abs(one.value - due) <= (one.step + step) / 2), None)
    return (
        {round(due, 2): f"principal due by years adds up to {told.local} {told.value:,.10g}"}
        if told is not None
        else {}
    )


# -- one by one ----------------------------------------------------------------------------------------------------


def by_tranche(filing: FiledReport, found: Borrowings | None, principal: float | None) -> Iterator[Reading]:
    """`principal` of each tranche; `principal` given is that of all, and shows that face amounts are outstanding where they are it."""
    outstanding, faces = (
        _tranches([one for one in filing.at_end(_OUTSTANDING) if one.own]),
        _tranches(filing.at_end(_FACE)),
    )
    if not outstanding and not faces:
        return
    carrying = _tranches(filing.at_end(_CARRYING))
    whole = sum(figures[0].value for figures in faces.values())
    complete = principal is not None and abs(whole - principal) <= COARSE * whole
    for tranche in dict.fromkeys((*outstanding, *faces)):
        for fact in told_once(outstanding.get(tranche) or faces[tranche]):
            beside = [other for other in carrying.get(tranche, ()) if other.unit == fact.unit]
            note = doubt = None
            if tranche not in outstanding:
                note = "face amount"
                if not beside and not complete:
                    doubt = f"the face amount of {fact.value:,.10g} may be repaid: no carrying amount of this tranche is tagged"
            elif odd := [other for other in faces.get(tranche, ()) if not other.agrees(fact)]:
                note = f"its face amount is tagged with {odd[0].value:,.10g}"
            if beside and not any(
                other.value / NEAR_FACTOR <= fact.value <= other.value * NEAR_FACTOR for other in beside
            ):
                doubt = (
                    f"{fact.local} of {fact.value:,.10g} is carried at {beside[0].value:,.10g}: scale, or partly repaid"
                )
            if found is not None and found.doubt is None and fact.value > NEAR_FACTOR * found.total:
                doubt = f"{fact.local} of {fact.value:,.10g} is more than all borrowings of the balance sheet, {found.total:,.10g}"
            yield filing.reading("principal", fact, instrument=tranche, note=note, doubt=doubt)


def _tranches(figures: Iterable[ReportFigure]) -> dict[str, list[ReportFigure]]:
    """Figures by the one member of the filer's own, without its prefix; those of a range, a lender, several are left out."""
    found: dict[str, list[ReportFigure]] = {}
    for figure in figures:
        own = {local(member) for _, member in figure.members if member.partition(":")[0] not in STANDARD}
        if len(own) == 1 and _DEBT_AXES.issuperset(axis for axis, _ in figure.members):
            found.setdefault(own.pop(), []).append(figure)
    return found
