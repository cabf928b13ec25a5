"""sec.gov/Archives — 10-Q, 10-K, 20-F, 40-F and 6-K accounts of companies that hold bitcoin: shares, bitcoin, cash, debt, preferred stock.

What the primary document prints and tags as inline XBRL: the balance sheet row by row (scrapers/sec_reports/balance_sheet.py), the
cover's share counts, the notes' figures of bitcoin, principals, warrants and awards. All is of the day of the balance sheet but the
count on the cover, which is of its own day; comparatives of earlier days are left to the reports of their days. A figure
that the same document contradicts, or that cannot be known from it, is given with its doubt, and kept out.

2019-06     inline XBRL begins with the largest filers, in 2021 with the last; an older report is refused as not one
2025-05     a 20-F (DDC) in two currencies
Not seen: 40-F and 6-K (names of dei and ifrs-full are from the taxonomies); the statements of a 40-F are exhibits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from scrapers.sec_reports import awards, cash, debt, preferred, report, shares
from scrapers.sec_reports import bitcoin as coins
from treasury.intake.bundled import bundled_share_classes
from treasury.model import Document, Reading
from treasury.share_classes import ShareClass

HOSTS = ("www.sec.gov",)
URLS: tuple[str, ...] = ()  # sec_submissions says which filings there are
KIND = "html"
FRESH = timedelta(days=36_525)  # a filing never changes
SOURCE_KIND = "filing"
DIALECT = "cik"
FILED_AS = "10-Q or 10-K"
AT_LEAST = 0  # an amendment may tag its cover only; who filed it, what and up to when is always there, or it is refused


def parse(
    document: Document,
    bitcoin: Mapping[date, float] | None = None,
    share_classes: Sequence[ShareClass] | None = None,
) -> Iterator[Reading]:
    """What a report states. `bitcoin` are its closes by UTC day, to check a number of coins against their fair value;
    `share_classes` are what classes of shares are worth, from the bundled reference data where they are not given."""
    filing = report.load(document)
    classes = bundled_share_classes() if share_classes is None else share_classes
    yield from _once(
        [
            *shares.readings(filing, classes),
            *coins.readings(filing, bitcoin or {}),
            *cash.readings(filing),
            *debt.readings(filing),
            *preferred.readings(filing),
            *awards.readings(filing),
        ]
    )


def _once(readings: list[Reading]) -> Iterator[Reading]:
    """Each quantity once; where two without a doubt differ, neither is sure."""
    sure: dict[tuple[object, ...], list[Reading]] = {}
    for reading in readings:
        if reading.doubt is None:
            sure.setdefault((reading.quantity, reading.instrument, reading.as_of, reading.period_start), []).append(
                reading
            )
    for reading in readings:
        same = sure.get((reading.quantity, reading.instrument, reading.as_of, reading.period_start), [])
        if reading.doubt is not None or len(same) == 1:
            yield reading
        elif len({other.value for other in same}) > 1:
            told = " and ".join(f"{value:,.10g}" for value in sorted({other.value for other in same}))
            yield replace(reading, doubt=f"the document says {told}")
        elif reading is same[0]:
            yield reading
