"""sec.gov/Archives — the index page of one filing: its documents by type, and the moment EDGAR accepted it, by its header.

No readings: `leads` offers the bodies and EX-99.x of 8-Ks and 6-Ks to `announcement`, and whatever is marked as inline XBRL, or is
the body of a periodic report, to `sec_filing`, each with that moment. sec_submissions says which filings there are; its own
moments are by a clock that differs by filer, the one of the page never is. How the page is read: scrapers/sec_reports/filing_index.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from scrapers.sec_reports import filing_index
from treasury.model import Document, ParseError, Reading

HOSTS = ("www.sec.gov",)
URLS: tuple[str, ...] = ()  # sec_submissions says which filings there are
KIND = "html"
SOURCE_KIND = "filing"
FRESH = timedelta(days=36_525)  # a filing never changes
AT_LEAST = 0  # an index holds no readings; one without documents is refused
LEADS_TO = ("announcement", "sec_filing")


def parse(document: Document) -> Iterator[Reading]:
    """No readings; an index that cannot be read is an error here too."""
    filing_index.read(document)
    return iter(())


def leads(document: Document, since: date | None = None) -> list[tuple[str, str, datetime]]:
    """The documents of the filing that others read, and when the public could read them; `since` chose the filing already."""
    index = filing_index.read(document)
    moment = index.accepted_at or document.published_at
    if moment is None:
        raise ParseError(
            f"{document.source}: {document.url}: found no moment of acceptance, expected one in its header"
        )
    chosen = zip(LEADS_TO, (filing_index.announcements(index), filing_index.reports(index)), strict=True)
    return [(target, one.url, moment) for target, documents in chosen for one in documents]
