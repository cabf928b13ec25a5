"""Cash and the claims before the common shares in a periodic report: loans and notes, one by one and in all, and preferred stock.

Everything is of the day of the balance sheet. A principal is of one tranche: a member of the filer's own on an axis of debt;
standard members (ConvertibleDebtMember) are kinds of debt, and figures of theirs subtotals. A face amount is what a note was
issued with, so that it counts only where the tranche's carrying amount is near; so are wrong scales caught. A carrying total is the
sum of the balance sheet's current and non-current line; where there are more lines than one of a kind they may overlap, and the
sum stands in doubt unless the notes give it as a total. Preferred stock counts with its liquidation preference, never
with its carrying or par value; where no preferred share is outstanding, nothing is preferred.

2024-05-01  Strategy: `mstr:DebtInstrumentOutstandingPrincipal` by LongtermDebtTypeAxis, with DebtInstrumentAxis beside it or without;
            `DebtInstrumentFaceAmount` 800.0 with scale 0 instead of 6; LongTermDebt is the non-current part only
2025-08-07  CleanSpark: LoansPayableCurrent and LongTermLoansPayable, their sum as DebtInstrumentCarryingAmount
Never seen in a filing: liquidation preferences (`PreferredStockLiquidationPreferenceValue`), and the borrowings of ifrs-full.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from scrapers.sec_reports.report import STANDARD, Figure, Filing, Members, local, named, told_once
from treasury.model import Reading

NEAR = 2.0  # times a carrying amount: a discount halves no principal, repayment and a wrong scale do
CENT = 0.01  # of preference a share: less is the preference of a single share, or of none

# Members that are instruments of the reference data, by CIK; any other name is kept out until somebody says which it is
TRANCHES = {
    1050446: {  # Strategy, 10-Q of 2024-05-01
        "ConvertibleSeniorNotesDueTwentyTwentyFiveMember": "convert-2025",
        "ConvertibleSeniorNotesDueTwentyTwentySevenMember": "convert-2027",
        "ConvertibleSeniorNotesDueTwentyThirtyMember": "convert-2030a",
        "ConvertibleSeniorNotesDueTwentyThirtyOneMember": "convert-2031",
        "SecuredNotesDueTwentyTwentyEightMember": "secured-2028",
    },
}

_CASH = named("us-gaap:CashAndCashEquivalentsAtCarryingValue", "ifrs-full:CashAndCashEquivalents")

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
_CURRENT = frozenset(
    f"us-gaap:{name}"
    for name in (
        "DebtCurrent", "LongTermDebtCurrent", "ShortTermBorrowings", "LoansPayableCurrent", "NotesPayableCurrent",
        "NotesAndLoansPayableCurrent", "OtherNotesPayableCurrent", "OtherLoansPayableCurrent", "LinesOfCreditCurrent",
        "ConvertibleNotesPayableCurrent", "ConvertibleDebtCurrent", "SecuredDebtCurrent", "SeniorNotesCurrent",
    )
) | {
    f"ifrs-full:{name}"
    for name in (
        "ShorttermBorrowings", "CurrentPortionOfLongtermBorrowings",
        "CurrentBorrowingsAndCurrentPortionOfNoncurrentBorrowings",
    )
}  # fmt: skip
_NON_CURRENT = frozenset(
    f"us-gaap:{name}"
    for name in (
        "LongTermDebtNoncurrent", "LongTermLoansPayable", "LongTermNotesPayable", "LongTermNotesAndLoans",
        "LongTermLineOfCredit", "OtherLongTermDebtNoncurrent", "OtherLongTermNotesPayable", "OtherLoansPayableLongTerm",
        "ConvertibleNotesPayableNoncurrent", "ConvertibleLongTermNotesPayable", "ConvertibleDebtNoncurrent",
        "SecuredLongTermDebt", "UnsecuredLongTermDebt", "SeniorLongTermNotes",
    )
) | {"ifrs-full:LongtermBorrowings"}  # fmt: skip
_OWN_LINE = re.compile(
    r"(?!.*(?:Receivable|Securities|Interest|Cost|Discount|FairValue|Derivative|Loaned|Asset))"
    r".*(?:Debt|Note|Loan|Borrowing|Debenture)\w*(?:Non)?[Cc]urrent"
)
_UNDIVIDED = named(  # carrying or gross amounts, of all or of a part: said of debt without its term
    *(f"us-gaap:{name}" for name in ("ConvertibleNotesPayable", "ConvertibleDebt", "NotesPayable", "LoansPayable",
      "NotesAndLoansPayable", "SecuredDebt", "UnsecuredDebt", "SeniorNotes", "LineOfCredit"))
)  # fmt: skip
_TOTALS = named(
    "us-gaap:DebtInstrumentCarryingAmount", "us-gaap:DebtLongtermAndShorttermCombinedAmount", "us-gaap:LongTermDebt",
    "ifrs-full:Borrowings",
)  # fmt: skip

_PREFERENCE = named("us-gaap:PreferredStockLiquidationPreferenceValue", "us-gaap:TemporaryEquityLiquidationPreference")
_PREFERRED = re.compile(
    r"us-gaap:(?:PreferredStock|TemporaryEquity)"
    r"(?:SharesOutstanding|SharesIssued|Value|ValueOutstanding|CarryingAmount\w*|LiquidationPreferenceValue)"
)
_NO_SHARES = named("us-gaap:PreferredStockSharesOutstanding", "us-gaap:PreferredStockSharesIssued")
_SHARES = named("us-gaap:PreferredStockSharesOutstanding", "us-gaap:TemporaryEquitySharesOutstanding")
_CLASS_AXIS = "StatementClassOfStockAxis"


def readings(filing: Filing) -> Iterator[Reading]:
    """Cash, principals by tranche, the carrying total, liquidation preferences by series and in all."""
    for cash in filing.at_end(_CASH):
        if not cash.members:
            yield filing.reading("cash", cash)
    yield from _principals(filing)
    yield from _carrying_total(filing)
    yield from _preferred(filing)


# -- loans and notes -----------------------------------------------------------------------------------------------


def _principals(filing: Filing) -> Iterator[Reading]:
    outstanding, faces = _by_tranche(filing.at_end(_is_outstanding)), _by_tranche(filing.at_end(_FACE))
    carrying = _by_tranche(filing.at_end(_CARRYING.__contains__))
    for tranche in dict.fromkeys((*outstanding, *faces)):
        for one in told_once(outstanding.get(tranche) or faces[tranche]):
            beside = [other for other in carrying.get(tranche, ()) if other.unit == one.unit]
            note = None
            if tranche not in outstanding:
                note = "face amount" if beside else "face amount; no carrying amount of this tranche to compare it with"
            elif odd := [other for other in faces.get(tranche, ()) if not other.agrees(one)]:
                note = f"its face amount is tagged with {odd[0].value:,.10g}"
            doubt = None
            if beside and not any(other.value / NEAR <= one.value <= other.value * NEAR for other in beside):
                doubt = (
                    f"{one.local} of {one.value:,.10g} is carried at {beside[0].value:,.10g}: scale, or partly repaid"
                )
            instrument = TRANCHES.get(filing.cik, {}).get(tranche, tranche)
            yield filing.reading("principal", one, instrument=instrument, note=note, doubt=doubt)


def _is_outstanding(name: str) -> bool:
    prefix, _, concept = name.partition(":")
    return prefix not in STANDARD and bool(_OUTSTANDING.search(concept))


def _by_tranche(figures: Iterable[Figure]) -> dict[str, list[Figure]]:
    """Figures by the one member of the filer's own, without its prefix; those of a range, a lender, several are left out."""
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        own = {local(member) for _, member in figure.members if member.partition(":")[0] not in STANDARD}
        if len(own) == 1 and _DEBT_AXES.issuperset(axis for axis, _ in figure.members):
            found.setdefault(own.pop(), []).append(figure)
    return found


def _carrying_total(filing: Filing) -> Iterator[Reading]:
    lines, totals, undivided = (
        [one for one in filing.at_end(wanted) if not one.members] for wanted in (_is_line, _TOTALS, _UNDIVIDED)
    )
    if not lines:
        for one in told_once(totals or undivided):
            yield filing.reading("debt_carrying", one, note=one.local)
        return
    filled = [one for one in lines if one.value]
    if not filled:
        return  # an empty line says nothing of debt under another name
    value, step = sum(one.value for one in filled), sum(one.step for one in filled)
    total = replace(filled[0], name="sum", value=value, step=step)
    told = " + ".join(f"{one.local} {one.value:,.10g}" for one in filled)
    yield filing.reading("debt_carrying", total, note=told, doubt=_overlap(filled, total, totals, undivided))


def _is_line(name: str) -> bool:
    prefix, _, concept = name.partition(":")
    return name in _CURRENT or name in _NON_CURRENT or (prefix not in STANDARD and bool(_OWN_LINE.fullmatch(concept)))


def _overlap(lines: list[Figure], total: Figure, totals: list[Figure], undivided: list[Figure]) -> str | None:
    """Why these lines may not be all the debt, each dollar once."""
    if len({one.unit for one in lines}) > 1:
        return "the lines of debt are in several currencies"
    if any(total.agrees(one) for one in totals):
        return next((one.doubt for one in lines if one.doubt), None)
    more = [one for one in totals if one.value > total.value]
    more += [one for one in undivided if one.value and not any(one.agrees(other) for other in (total, *lines))]
    if more:
        return f"the lines of debt add up to {total.value:,.10g}, but {more[0].local} is {more[0].value:,.10g}"
    later = [one for one in lines if one.name in _NON_CURRENT or one.local.lower().endswith("noncurrent")]
    if max(len(later), len(lines) - len(later)) > 1:
        return f"the lines of debt may overlap: no total of {total.value:,.10g} is tagged"
    return next((one.doubt for one in lines if one.doubt), None)


# -- preferred stock -----------------------------------------------------------------------------------------------


def _preferred(filing: Filing) -> Iterator[Reading]:
    shares = {one.members: one.value for one in filing.at_end(_SHARES)}
    by_series: dict[Members, list[Figure]] = {}
    for one in filing.at_end(_PREFERENCE):
        if not one.members or [axis for axis, _ in one.members] == [_CLASS_AXIS]:
            by_series.setdefault(one.members, []).append(one)
    for members, figures in by_series.items():
        quantity, series = ("liquidation_preference", local(members[0][1])) if members else ("preferred_total", None)
        for one in told_once(figures):
            small = one.value < CENT * shares.get(members, 0.0)
            doubt = f"{one.value:,.10g} for {shares[members]:,.0f} shares is less than a cent each" if small else None
            yield filing.reading(quantity, one, instrument=series, note=one.local, doubt=doubt)
    if not by_series and (none := _none_outstanding(filing)) is not None:
        yield filing.reading("preferred_total", none, note="no preferred shares are outstanding")


def _none_outstanding(filing: Filing) -> Figure | None:
    """Zero where the filing counts no preferred shares, and tags none of any series, in the mezzanine either."""
    counts = [one for one in filing.at_end(_NO_SHARES) if not one.members]
    if not counts or any(one.value for one in filing.at_end(lambda name: bool(_PREFERRED.fullmatch(name)))):
        return None
    units = (fact.unit for fact in filing.report.facts)
    money = next((unit for unit in units if unit.startswith("iso4217:") and "/" not in unit), None)
    return replace(counts[0], unit=money) if money else None
