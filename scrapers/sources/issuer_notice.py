"""A file of yours — a notice that a company published outside EDGAR, given with its company and its moment (`mnav import-document`).

Read by the grammar of `announcement`. Nothing is fetched: no keyless address serves such notices for good (docs/foreign-notices.md).
Whose notice it is stands before its address, `issuer:SWC.L/https://…`, so that it can be read again from the archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from scrapers.announcements import readings
from scrapers.announcements.notice import UNKNOWN, Notice
from treasury.model import Document, Reading

HOSTS: tuple[str, ...] = ()
URLS: tuple[str, ...] = ()
KIND = "html"
FRESH = timedelta(days=36_525)  # a notice never changes
SOURCE_KIND = "issuer"
DIALECT = "ours"
AT_LEAST = 0  # a notice may be about something else
ASKED_ONLY = True
ADDS_UP = True


def parse(
    document: Document, bitcoin: Mapping[date, float] | None = None, known_as: readings.Names | None = None
) -> Iterator[Reading]:
    """What the notice states of the company whose name stands before its address."""
    yield from readings.readings(_read(document, known_as), bitcoin)


def answer(document: Document, known_as: readings.Names | None = None) -> str:
    """What a notice without readings is: nothing here, leads to exhibits, layout unknown."""
    return _read(document, known_as).answer


def remarks(document: Document, known_as: readings.Names | None = None) -> list[str]:
    """The words beside numbers of coins of which none was understood."""
    found = _read(document, known_as)
    return [f"layout unknown: {text!r}" for text in found.unread[:3]] if found.answer == UNKNOWN else []


def _read(document: Document, known_as: readings.Names | None) -> Notice:
    issuer = readings.NOTICE.match(document.url)
    return readings.read(document, issuer["ticker"] if issuer else "", known_as)
