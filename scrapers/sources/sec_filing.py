"""sec.gov/Archives — 10-Q, 10-K, 20-F and 40-F of companies that hold bitcoin: shares, bitcoin, cash, debt, preferred stock.

What is tagged in the primary document as inline XBRL (scrapers/formats/xbrl.py), and nothing of its text. Share counts are those of the
cover, of the cover's own day; all else is of the day of the balance sheet, and comparatives of earlier days are left to the
reports of their days. How bitcoin and claims are told from what looks like them: scrapers/sec_reports/bitcoin.py, scrapers/sec_reports/claims.py.
A figure that the same document contradicts is given with its doubt, and kept out. A report without bitcoin gives its other figures.

Classes of shares are summed where each on the cover is common stock, counted on the same day. Whether a class has economic rights the
cover does not say: the note names what was summed, and NO_ECONOMIC_RIGHTS leaves out what is known to have none.

2019-06     inline XBRL begins with the largest filers, in 2021 with the last; an older report is refused as not one
2024-05-01  two classes only by StatementClassOfStockAxis (Strategy); one class without an axis (CleanSpark, NAKA, 2025)
Not seen: 20-F and 40-F (names of dei and ifrs-full are from the taxonomies); the statements of a 40-F are exhibits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from scrapers.sec_reports import bitcoin as filing_bitcoin
from scrapers.sec_reports import claims
from scrapers.sec_reports import report as filing
from scrapers.sec_reports.report import Figure, Filing, local, named
from treasury.model import Document, ParseError, Reading

HOSTS = ("www.sec.gov",)
URLS: tuple[str, ...] = ()  # sec_submissions says which filings there are
KIND = "html"
FRESH = timedelta(days=36_525)  # a filing never changes
SOURCE_KIND = "filing"
DIALECT = "cik"
FILED_AS = "10-Q or 10-K"
AT_LEAST = 0  # an amendment may tag its cover only; who filed it, what and up to when is always there, or it is refused

# Twenty One Capital (XXI): class B has votes only (8-K 0001213900-25-121293 of 2025-12-12, by a reader of it)
NO_ECONOMIC_RIGHTS = {2070457: "B"}

_COVER = named("dei:EntityCommonStockSharesOutstanding")
_CLASS_AXIS = "StatementClassOfStockAxis"
_COMMON = re.compile(r"(?!.*(?:Preferred|Preference|Warrant|Unit|Right|Deposit|Adr|ADR|ADS|Ads))"
                     r".*(?:Common|Ordinary|Voting|Class[A-Z](?![a-z]))")  # fmt: skip
_LETTER = re.compile(r"Class([A-Z])(?![a-z])")
_CLASSES = {"A": "shares_class_a", "B": "shares_class_b"}


def parse(document: Document, bitcoin: Mapping[date, float] | None = None) -> Iterator[Reading]:
    """What a report states. `bitcoin` are its closes by UTC day, to check a number of coins against their fair value."""
    report = filing.load(document)
    yield from _shares(report)
    yield from filing_bitcoin.readings(report, bitcoin or {})
    yield from claims.readings(report)


def _shares(report: Filing) -> Iterator[Reading]:
    counts = [one for one in report.figures(_COVER) if not one.members or _class(one)]
    for one in counts:
        if one.unit != "xbrli:shares":
            raise ParseError(f"{report.report.source}: found {one.name} in {one.unit!r}, expected xbrli:shares")
    if not counts:
        return
    classes = [one for one in counts if one.members]
    if len(counts) > 1:
        for one in classes:
            if _COMMON.match(_class(one)) and (quantity := _CLASSES.get(_letter(one))):
                yield report.reading(quantity, one)
    yield _basic(report, classes or counts, [one for one in counts if not one.members] if classes else [])


def _basic(report: Filing, counts: list[Figure], totals: list[Figure]) -> Reading:
    """All shares with economic rights; in doubt where the cover does not show that these are they."""
    idle = [one for one in counts if _letter(one) == NO_ECONOMIC_RIGHTS.get(report.cik, "none")]
    if len(counts) == 1 and not totals:
        votes_only = f"the cover counts {_class(counts[0])} only, which has no economic rights" if idle else None
        return report.reading("shares_basic", counts[0], doubt=votes_only or _not_all(counts, totals))
    summed = [one for one in counts if one not in idle]
    total = replace(counts[0], value=sum(one.value for one in summed), day=max(one.day for one in counts))
    note = " + ".join(f"{_class(one)} {one.value:,.0f}" for one in summed)
    note += "".join(f"; {_class(one)} {one.value:,.0f} without economic rights left out" for one in idle)
    return report.reading("shares_basic", total, note=note, doubt=_not_all(counts, totals))


def _not_all(counts: list[Figure], totals: list[Figure]) -> str | None:
    days = sorted({one.day for one in (*counts, *totals)})
    odd = [_class(one) for one in counts if one.members and not _COMMON.match(_class(one))]
    if odd:
        return f"the cover counts {', '.join(odd)}, not known as common stock"
    if len(days) > 1:
        return f"the cover counts its shares on {' and '.join(map(str, days))}"
    if len({one.members for one in counts}) < len(counts) or len(totals) > 1:
        return "the cover counts the same shares twice, and differently"
    if totals and totals[0].value != sum(one.value for one in counts):
        return f"the cover counts {totals[0].value:,.0f} shares in all, its classes are another number"
    return None


def _class(count: Figure) -> str:
    """The member of the one axis of classes, without its prefix; "" for a count by any other axis."""
    return local(count.members[0][1]) if [axis for axis, _ in count.members] == [_CLASS_AXIS] else ""


def _letter(count: Figure) -> str:
    found = _LETTER.search(_class(count))
    return found[1] if found else ""
