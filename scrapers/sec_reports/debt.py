"""Borrowings in a periodic report: the rows of its balance sheet that are debt, and what is owed under them (principal.py).

The carrying total is the sum of the rows that are debt by their labels (labels.py), in a sheet whose rows add up. A row of
an unknown kind puts it in doubt, and no row of debt at all is a reading of 0. Notes of the accounts never add to the sheet.
A line mixed with finance leases loses what the filing tags as finance leases, and keeps them with a remark where it tags none.

2025-01-30  Tesla: "debt and finance leases" in two lines, leases tagged in one sum
2025-11     GameSquare: a line of credit printed in parentheses, a balance in the company's favour
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scrapers.sec_reports.balance_sheet import BalanceSheet, SheetRow
from scrapers.sec_reports.labels import Kind, liability
from scrapers.sec_reports.principal import Borrowings, by_tranche, principal_total
from scrapers.sec_reports.report import FiledReport, ReportFigure, named
from treasury.model import Reading

SMALL = 0.0025  # of the sum: an unknown row that cannot change it by more than half of what is tolerated

_TAGGED = re.compile(  # an amount of debt, for reports that print no sheet
    r"^(?!.*(?:Receivable|Securities|Interest|IssuanceCost|Discount|Derivative|Loaned|Asset|Prepaid|Deposit|Maturit|Repay|Proceeds|Warrant|"
    r"Fee|Rate|Premium|Covenant|Gain|Loss|Unused|Capacity|Collateral|FaceAmount|Principal|Period|Notebook))"
    r".*(?:Debt|Notes?Payable|NotesAnd|LoansAnd|SeniorNotes|LongTermNotes|Loans?Payable|LongTermLoans|Borrowings?|Debenture|CommercialPaper|Lines?OfCredit|Overdraft)"
)
_CURRENT = re.compile(r"(?<!Non)(?<!non)Current|ShortTerm|Shortterm|CommercialPaper")
_FINANCE_LEASES = ("FinanceLeaseLiability", "FinanceLeaseLiabilityCurrent", "FinanceLeaseLiabilityNoncurrent")
_EQUITY_PART = re.compile(r"\b(?:stock|shares?|equity|reserves?|capital|option|component|premium)\b", re.I)
_LEASES_TAGGED = named(*(f"us-gaap:{name}" for name in _FINANCE_LEASES))


def readings(filing: FiledReport) -> Iterator[Reading]:
    """`debt_carrying`, `debt_total` where it can be known, and principals by tranche."""
    found = _of_sheet(filing, filing.sheet) if filing.sheet is not None else None
    principal = None
    if found is not None:
        yield filing.stated("debt_carrying", found.total, note=found.note, doubt=found.doubt)
        if found.total == 0:
            yield filing.stated("debt_total", 0.0, note=found.note, doubt=found.doubt)
        elif (principal := principal_total(filing, found)) is not None:
            total, note = principal
            yield filing.stated("debt_total", total, note=note, doubt=found.doubt)
    elif (tagged := _without_sheet(filing)) is not None:
        yield tagged
    yield from by_tranche(filing, found, principal[0] if principal else None)


# -- the balance sheet ---------------------------------------------------------------------------------------------


def _of_sheet(filing: FiledReport, sheet: BalanceSheet) -> Borrowings:
    rows = [(row, liability(row.label, row.heading)) for row in sheet.liabilities]
    kinds = {kind: [row for row, told in rows if told is kind] for kind in Kind}
    borrowed = [row for row in (*kinds[Kind.DEBT], *kinds[Kind.DEBT_AND_LEASES]) if row.amount]
    counted = [row for row in borrowed if not row.taken_off]
    total = sum(row.amount or 0.0 for row in counted)
    notes = [f"{row.label[:60]} {row.amount:,.10g}" for row in counted]
    for row in kinds[Kind.CONTRA]:
        if row.amount and row.amount < 0 and counted:
            total += row.amount
            notes.append(f"{row.label[:60]} {row.amount:,.10g}")
    notes = [" + ".join(notes)] if notes else ["no row of the balance sheet is a borrowing"]
    notes += [f"{row.label[:60]} {row.amount:,.10g} is in the company's favour" for row in borrowed if row.taken_off]
    doubts = [sheet.open_liabilities]
    if mixed := [row for row in kinds[Kind.DEBT_AND_LEASES] if row.amount]:
        leases, said, unsure = _finance_leases(filing, mixed)
        total -= leases
        doubts.append(unsure)
        notes.append(said)
    doubts += [
        f"the row {row.label[:80]!r} of {row.amount:,.10g} holds debt and something else"
        for row in kinds[Kind.MIXED]
        if row.amount
    ]
    unknown = [row for row in kinds[Kind.UNKNOWN] if row.amount]
    unknown += [row for row in kinds[Kind.CONTRA] if row.amount and row.amount > 0]  # adds, where it should take off
    if sum(abs(row.amount or 0.0) for row in unknown) > SMALL * total:
        doubts += [f"the row {row.label[:80]!r} of {row.amount:,.10g} may be debt or not" for row in unknown]
    doubts += [
        f"the row {row.label[:80]!r} of {row.amount:,.10g} stands outside the liabilities"
        for row in sheet.equity
        if row.amount and liability(row.label) is Kind.DEBT and not _EQUITY_PART.search(row.label)
    ]
    suspects = (Kind.DEBT, Kind.DEBT_AND_LEASES, Kind.MIXED, Kind.UNKNOWN, Kind.CONTRA)
    doubts += [row.doubt for row, kind in rows if row.doubt is not None and kind in suspects]
    doubt = next((one for one in doubts if one), None)
    if total < 0:
        doubt, total = doubt or f"the rows of debt add up to {total:,.10g}", 0.0
    return Borrowings(tuple(counted), total, "; ".join(notes), doubt)


def _finance_leases(filing: FiledReport, mixed: Sequence[SheetRow]) -> tuple[float, str, str | None]:
    """The finance leases inside lines that mix them with debt, what is to be said of them, and the doubt."""
    told = {one.local: one.value for one in filing.at_end(_LEASES_TAGGED) if not one.members and one.doubt is None}
    whole, current, later = (told.get(name) for name in _FINANCE_LEASES)
    if len(mixed) > 1:
        found = whole if whole is not None else None if current is None or later is None else current + later
    else:
        found = (
            current
            if re.search(r"\bcurrent\b(?!.*net of current)", mixed[0].label, re.I)
            and not re.search(r"\bnon|net of|less", mixed[0].label, re.I)
            else later
        )
    if found is None or found > sum(row.amount or 0.0 for row in mixed):
        held = f"finance leases of {whole:,.10g} are tagged in one sum" if whole else None
        return 0.0, "finance leases are in it, and not tagged apart", held
    return found, f"finance leases {found:,.10g} taken off", None


# -- without a printed sheet ---------------------------------------------------------------------------------------


def _without_sheet(filing: FiledReport) -> Reading | None:
    """What is tagged, where no balance sheet is printed: a part at least, and the whole only where a current and a later part are a tagged total."""
    figures = [one for one in filing.at_end(_TAGGED) if not one.members and one.currency]
    filled = [one for one in figures if one.value]
    if not filled:
        return None
    current, later = ([one for one in filled if bool(_CURRENT.search(one.local)) is wanted] for wanted in (True, False))
    for first in current:
        for second in later:
            both = first.value + second.value
            for total in later:
                if total is not second and abs(total.value - both) <= (total.step + first.step + second.step) / 2:
                    note = (
                        f"{first.local} {first.value:,.10g} + {second.local} {second.value:,.10g}, {total.local} in all"
                    )
                    return filing.reading(
                        "debt_carrying", total, note=note, doubt=_more(total, filled, (first, second))
                    )
    if len(filled) == len(current) + len(later) == 2 and len(current) == 1 and _pair(current[0], later[0]):
        note = f"{current[0].local} {current[0].value:,.10g} + {later[0].local} {later[0].value:,.10g}"
        both = current[0].value + later[0].value
        return filing.stated("debt_carrying", both, note=note, doubt=current[0].doubt or later[0].doubt)
    largest = max(filled, key=lambda one: one.value)
    told = " + ".join(f"{one.local} {one.value:,.10g}" for one in filled)
    at_least = sum(one.value for one in current) + max((one.value for one in later), default=0.0)
    doubt = f"no balance sheet is printed, and what is tagged may be a part, or overlap: {told}"
    return filing.stated("debt_carrying", max(at_least, largest.value), note=told, doubt=largest.doubt or doubt)


def _pair(current: ReportFigure, later: ReportFigure) -> bool:
    """Whether two concepts are the current and the later part of one line, and so all of it."""
    stems = {re.sub(r"Noncurrent|Current", "", one.local) for one in (current, later)}
    return (later.local.endswith("Noncurrent") and len(stems) == 1) or later.name == "ifrs-full:LongtermBorrowings"


def _more(total: ReportFigure, filled: Sequence[ReportFigure], parts: Sequence[ReportFigure]) -> str | None:
    """Why a tagged total may not be all: something else is tagged as debt beside it."""
    rest = [
        one
        for one in filled
        if one is not total
        and one not in parts
        and not one.agrees(total)
        and not any(one.agrees(part) for part in parts)
    ]
    return f"{rest[0].local} of {rest[0].value:,.10g} is tagged beside {total.local}" if rest else total.doubt
