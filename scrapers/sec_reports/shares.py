"""The share count on the cover of a report: every class with a share in profits, in listed shares, on the cover's own day.

Classes A, B and C are summed as common stock; what any class is worth in listed shares, `share_class` says with a source
(treasury/share_classes.py), and a class with votes only is left out. A class under another letter or name that nobody
explained keeps the sum in doubt. The count is in shares of the class: what an ADS stands for is told elsewhere (`listing`).

2024-05-01  two classes only by StatementClassOfStockAxis (Strategy); one class without an axis (CleanSpark, NAKA, 2025)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from scrapers.sec_reports.report import FiledReport, ReportFigure, local, named
from treasury.model import Reading
from treasury.quantities import QUANTITIES
from treasury.share_classes import ShareClass, letter, share_class

_COVER = named("dei:EntityCommonStockSharesOutstanding")
_BALANCE = named("us-gaap:CommonStockSharesOutstanding", "ifrs-full:NumberOfSharesOutstanding")
TOO_FAR = 50.0  # times: no company issues or splits so many between the balance sheet and its report, but a slip of thousands does
_CLASS_AXES = ("StatementClassOfStockAxis", "ClassesOfShareCapitalAxis")
_NO_COMMON = re.compile(r"Preferred|Preference|Warrant|Unit|Right|Deposit|Adr|ADR|ADS|Ads|Exchangeable|Special")
_COMMON = re.compile(r"Common|Ordinary|Voting|Class[A-Z](?![a-z])")
_SUMMED = "ABC"  # letters of classes that are common stock wherever nobody says otherwise
_CLASSES = {"A": "shares_class_a", "B": "shares_class_b"}


def readings(filing: FiledReport, classes: Sequence[ShareClass]) -> Iterator[Reading]:
    """`shares_basic`, and classes A and B where there are several; `classes` are what is known of any company's."""
    told = [one for one in classes if one.cik == filing.cik]
    counts = [one for one in filing.figures(_COVER) if not one.members or _class(one)]
    if not counts:
        if other := filing.figures(_COVER):
            doubt = f"the cover counts its shares by {', '.join(sorted({axis for one in other for axis, _ in one.members}))} only"
            yield filing.reading("shares_basic", replace(other[0], value=sum(one.value for one in other)), doubt=doubt)
        return
    by_class = [one for one in counts if one.members]
    if len(counts) > 1:
        for counted in by_class:
            quantity = _CLASSES.get(letter(_class(counted)))
            if quantity and (_is_common(counted) or share_class(told, _class(counted), counted.day)):
                yield filing.reading(quantity, counted, doubt=_unit(counted))
    yield _basic(filing, by_class or counts, [one for one in counts if not one.members] if by_class else [], told)


def _basic(
    filing: FiledReport, counts: list[ReportFigure], totals: list[ReportFigure], told: list[ShareClass]
) -> Reading:
    """All shares with a share in profits; in doubt where the cover does not show that these are they."""
    rows = {one: share_class(told, _class(one), one.day) for one in counts if one.members}
    idle = [one for one in counts if (row := rows.get(one)) is not None and row.ratio is None]
    summed = [one for one in counts if one not in idle]
    odd = [_class(one) for one in summed if one.members and rows.get(one) is None and not _is_common(one)]
    doubt = next((reason for one in counts if (reason := _unit(one) or one.doubt)), None)
    if odd:
        doubt = (
            doubt
            or f"the cover counts {', '.join(odd)}, and no row of share_class says what they are worth in listed shares"
        )
    if not summed:
        doubt = doubt or f"the cover counts {_class(counts[0])} only, which has votes only"
        return filing.reading("shares_basic", counts[0], doubt=doubt)
    worth = {one: (row.ratio or 1.0) if (row := rows.get(one)) is not None else 1.0 for one in summed}
    total = replace(
        summed[0],
        value=sum(one.value * ratio for one, ratio in worth.items()),
        day=max(one.day for one in summed),
        doubt=None,
    )
    doubt = doubt or _too_large(total) or _far_off(filing, total) or _not_all(counts, totals)
    if len(counts) == 1 and not totals and worth[summed[0]] == 1:
        return filing.reading("shares_basic", total, doubt=doubt)
    note = " + ".join(
        f"{_class(one)} {one.value:,.0f}{f' x {ratio:g}' if ratio != 1 else ''}" for one, ratio in worth.items()
    )
    note += "".join(f"; {_class(one)} {one.value:,.0f} with votes only left out" for one in idle)
    return filing.reading("shares_basic", total, note=note, doubt=doubt)


def _not_all(counts: list[ReportFigure], totals: list[ReportFigure]) -> str | None:
    days = sorted({one.day for one in (*counts, *totals)})
    if len(days) > 1:
        return f"the cover counts its shares on {' and '.join(map(str, days))}"
    if len({one.members for one in counts}) < len(counts) or len(totals) > 1:
        return "the cover counts the same shares twice, and differently"
    if totals and totals[0].value != sum(one.value for one in counts):
        return f"the cover counts {totals[0].value:,.0f} shares in all, its classes are another number"
    return None


def _unit(count: ReportFigure) -> str | None:
    return None if count.unit == "xbrli:shares" else f"{count.name} is in {count.unit!r}, not in xbrli:shares"


def _too_large(total: ReportFigure) -> str | None:
    most = QUANTITIES["shares_basic"].high
    return f"{total.value:,.0f} shares are more than {most:,.0f}" if total.value > most else None


def _far_off(filing: FiledReport, total: ReportFigure) -> str | None:
    """Whether the balance sheet counts another number of shares altogether: a cover in thousands, or of something else."""
    counted = [one for one in filing.at_end(_BALANCE) if one.unit == "xbrli:shares" and one.doubt is None and one.value]
    whole = [one.value for one in counted if not one.members]
    told = whole[0] if whole else sum(one.value for one in counted)
    if told and total.value and not 1 / TOO_FAR < total.value / told < TOO_FAR:
        return f"the cover counts {total.value:,.0f} shares, the balance sheet {told:,.0f}"
    return None


def _is_common(count: ReportFigure) -> bool:
    """Common stock by its member: by a letter known as such, or without a letter by its words."""
    name = _class(count)
    if _NO_COMMON.search(name) or not _COMMON.search(name):
        return False
    return not letter(name) or letter(name) in _SUMMED


def _class(count: ReportFigure) -> str:
    """The member of the one axis of classes, without its prefix; "" for a count by any other axis."""
    return local(count.members[0][1]) if len(count.members) == 1 and count.members[0][0] in _CLASS_AXES else ""
