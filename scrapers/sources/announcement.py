"""sec.gov/Archives — 8-Ks and 6-Ks with every EX-99 of companies that hold bitcoin: coins held, bought, sold and mined, with their cost.

The grammar is scrapers/announcements/: prose, tables and labelled lines, in pages, plain text and PDFs, English and Japanese, with
sentences in French, German, Portuguese, Spanish and Swedish. The issuer is the filer: by the address of the filing, else by its tags or
header; a notice found elsewhere is read for the company given (`mnav parse announcement FILE --company TICKER`). What a document
contradicts, only bounds, or leaves open is given with its doubt.
A document without readings is one of three things, and `answer` says which: nothing here, leads to exhibits, layout unknown.

2021     exhibits as plain text and PDF; 2023-11 figures that only an index of exhibits tells, in the title of the press release
2025-10  the saved header of a submission before its page (6-K)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scrapers.announcements import readings
from scrapers.announcements.notice import UNKNOWN, Notice
from treasury.model import Document, Reading

HOSTS = ("www.sec.gov",)
URLS: tuple[str, ...] = ()  # sec_filing_index says which documents there are
KIND = "html"
FRESH = timedelta(days=36_525)  # a filing never changes
SOURCE_KIND = "filing"
DIALECT = "cik"
FILED_AS = "8-K or 6-K"
ADDS_UP = True
AT_LEAST = 0  # most announcements are about something else

_KINDS = {".pdf": "pdf", ".txt": "text"}
_NEW_YORK = ZoneInfo("America/New_York")  # by whose day a filing is dated


def kind(url: str) -> str:
    """A page unless the name of the document says otherwise."""
    return _KINDS.get(urlsplit(url).path[-4:].lower(), KIND)


def parse(
    document: Document,
    bitcoin: Mapping[date, float] | None = None,
    known_as: readings.Names | None = None,
    company: str = "",
) -> Iterator[Reading]:
    """What a notice states. `bitcoin` are its closes by UTC day, `known_as` what companies are called, `company` whose notice it is."""
    yield from readings.readings(_read(document, known_as, company), bitcoin)


def answer(document: Document, known_as: readings.Names | None = None, company: str = "") -> str:
    """What a document without readings is: nothing here, leads to exhibits, layout unknown; "" where it has readings."""
    return _read(document, known_as, company).answer


def remarks(document: Document, known_as: readings.Names | None = None, company: str = "") -> list[str]:
    """The words beside numbers of coins of which none was understood, for somebody to look at."""
    found = _read(document, known_as, company)
    return [f"layout unknown: {text!r}" for text in found.unread[:3]] if found.answer == UNKNOWN else []


def _read(document: Document, known_as: readings.Names | None, company: str) -> Notice:
    day = document.published_at.astimezone(_NEW_YORK).date() if document.published_at else None
    return readings.read(document, company, known_as, day)
