"""sec.gov/Archives — Strategy's (MicroStrategy's) 8-Ks: bitcoin bought, sold and held, shares sold, the USD Reserve.

How the layout changed is told where it is read: scrapers/announcements/strategy_sentences.py and scrapers/announcements/strategy_tables.py.
2025-05-27  in holiday weeks the update is in a press release only, filed as exhibit 99.1: `next_urls` says where
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from scrapers.announcements import strategy_sentences, strategy_tables
from scrapers.announcements.strategy_figures import COMPANY, IN_THOUSANDS
from scrapers.formats.html_tables import parsed, text_of
from scrapers.formats.text import plain
from treasury.intake.bundled import cik_of
from treasury.model import Document, ImplausibleError, ParseError, Reading
from treasury.quantities import QUANTITIES

HOSTS = ("www.sec.gov",)
URLS: tuple[str, ...] = ()  # sec_submissions says which filings there are
KIND = "html"
FRESH = timedelta(days=36_525)  # a filing never changes
SOURCE_KIND = "filing"
FILED_AS = "8-K"
DIALECT = "ours"
CIK = cik_of(COMPANY)
AT_LEAST = 0  # a filing about something else holds nothing, and that is no error

_ISSUER = re.compile(rf"MicroStrategy|{COMPANY}|Strategy Inc|strategy\.com|Aggregate BTC Holdings")
_UPDATE = re.compile(r"(?:BTC|Bitcoin|Bitcoin Holdings|Bitcoin Activity) Update")
_IN_EXHIBIT = re.compile(
    r"press release [^.]{0,250}?\b(?:bitcoin|BTC) (?:holdings|purchases?|acquisitions?|activity|[Uu]pdates?)\b"
)
_EXHIBIT = re.compile(r"ex-?99[^/]*\.html?$", re.I)


def parse(document: Document) -> Iterator[Reading]:
    """What an 8-K, or the press release filed with it, states; nothing where it is about something else."""
    yield from _read(document)[0]


def remarks(document: Document) -> list[str]:
    """What could not be read beside the bitcoin of an update: it costs itself only."""
    return [f"not read: {line}" for line in _read(document)[1]]


@lru_cache(maxsize=1)  # a document is judged whole, read and remarked on one after the other
def _read(document: Document) -> tuple[list[Reading], list[str]]:
    """The readings, and a line for everything but bitcoin that could not be read; a rate alone is no update."""
    if _is_index(document):
        return [], []
    unread: list[str] = []
    root, text = _page(document)
    try:
        stated = [*strategy_tables.readings(root.iter("table"), unread), *strategy_sentences.readings(text, unread)]
        found = _once(stated, unread)
        announced = _UPDATE.search(text)
        if announced and not _IN_EXHIBIT.search(text) and all(reading.quantity != "btc_holdings" for reading in found):
            raise ParseError(f"{announced[0]!r} without bitcoin holdings in any layout this parser knows")
    except (ParseError, ImplausibleError) as error:
        raise ParseError(f"{document.source}: {document.url}: {error}") from error
    if all(reading.quantity == "dividend_rate_pct" for reading in found):
        unread += [f"a dividend rate told alone: {one.value:g} % of {one.instrument}, {one.note}" for one in found]
        return [], unread
    return found, unread


def next_urls(document: Document) -> list[str]:
    """Where to look when a filing says that its update is in a press release filed with it; else nothing.

    The linked exhibits, or the folder's index.json where there is no link; given that index, the exhibits it lists.
    """
    if _is_index(document):
        return [urljoin(document.url, name) for name in _names(document) if _EXHIBIT.search(name)]
    root, text = _page(document)
    if not _IN_EXHIBIT.search(text) or any(parse(document)):
        return []
    links = dict.fromkeys(link for link in root.xpath("//a/@href") if _EXHIBIT.search(link))
    return [urljoin(document.url, link) for link in links or ["index.json"]]


@lru_cache(maxsize=1)  # a document is judged whole, read and remarked on one after the other
def _page(document: Document) -> tuple[Any, str]:
    try:
        root = parsed(document.body)
    except (etree.LxmlError, ValueError) as error:
        raise ParseError(f"{document.source}: {document.url}: not HTML ({error})") from error
    text = plain(text_of(root))
    filers = (text_of(fact) for fact in root.iter("ix:nonnumeric") if fact.get("name") == "dei:EntityCentralIndexKey")
    filer = next(filers, "").strip().lstrip("0")
    if filer not in ("", str(CIK)) or not _ISSUER.search(text):
        found = f"the filer is CIK {filer}" if filer else f"it begins {text[:80]!r}"
        raise ParseError(f"{document.source}: {document.url}: not a filing of Strategy, CIK {CIK}: {found}")
    if filer and "SIGNATURE" not in text:
        raise ParseError(f"{document.source}: {document.url}: a filing cut off before its signature, at {text[-80:]!r}")
    return root, text


def _once(readings: Iterable[Reading], unread: list[str]) -> list[Reading]:
    """Each figure once and within its bounds; the exact count where another is in thousands.

    Two that differ, or one that cannot be, are an error among the bitcoin, and cost themselves beside it.
    """
    kept: dict[tuple[str, str | None, date, date | None], Reading] = {}
    lost: set[tuple[str, str | None, date, date | None]] = set()
    for reading in readings:
        key = (reading.quantity, reading.instrument, reading.as_of, reading.period_start)
        try:
            QUANTITIES[reading.quantity].check(reading.value, reading.unit)
            other = kept.setdefault(key, reading)
            if other.value == reading.value:
                continue
            if IN_THOUSANDS not in (other.note, reading.note) or abs(other.value - reading.value) > 1000:
                raise ParseError(f"{reading.quantity} of {reading.as_of} is both {other.value:,} and {reading.value:,}")
            kept[key] = reading if other.note == IN_THOUSANDS else other
        except (ParseError, ImplausibleError) as error:
            if reading.quantity.startswith("btc_"):
                raise
            unread.append(str(error))
            lost.add(key)
    return [reading for key, reading in kept.items() if key not in lost]


def _is_index(document: Document) -> bool:
    return document.url.endswith("/index.json")


def _names(document: Document) -> list[str]:
    try:
        return [str(item["name"]) for item in json.loads(document.body)["directory"]["item"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ParseError(f"{document.source}: {document.url}: not the index of a filing ({error})") from error
