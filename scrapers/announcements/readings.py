"""A notice's statements as readings of a source: with their doubts, each key once, prices held against bitcoin's closes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, timedelta
from functools import lru_cache

from scrapers.announcements import notice
from scrapers.announcements.issuer import cik_of
from scrapers.announcements.layout import Layout, layout
from scrapers.announcements.notice import Notice
from scrapers.announcements.statement import Statement
from treasury.model import Document, ParseError, Reading

NOTICE = re.compile(r"issuer:(?P<ticker>[A-Za-z0-9.&-]+)/(?P<where>.*)")  # the address of a notice given by hand
PERIODIC = (
    "btc_acquired",
    "btc_acquired_cost",
    "btc_acquired_average",
    "btc_mined",
    "btc_yield_published_pct",
    "debt_drawn",
    "debt_repaid",
)
_AROUND = timedelta(days=4)  # days of closes beside a purchase, for fixings and weekends
_SPREAD = 1.25  # of the closes around: prices within a day, fees
_DOLLARS = "USD"

Names = Mapping[str, Iterable[str]]


def read(document: Document, company: str = "", names: Names | None = None, published_on: date | None = None) -> Notice:
    """A document read as the notice of `company`, or of the filer that its address, tags or header name.

    `names` are what companies are called, by ticker or `CIK 0001920406`. Raises ParseError where it is no writing at all.
    """
    page = _layout(document)
    issuer = company or cik_of(document.url, document.body, page.printed)
    if published_on is None and document.published_at is not None:
        published_on = document.published_at.astimezone(UTC).date()
    return _notice(document, issuer, tuple((names or {}).get(issuer, ())), published_on)


@lru_cache(maxsize=1)  # a document is read, answered for and remarked on one after the other
def _notice(document: Document, issuer: str, names: tuple[str, ...], published_on: date | None) -> Notice:
    return notice.read(_layout(document), issuer, names, published_on)


def readings(found: Notice, bitcoin: Mapping[date, float] | None = None) -> Iterator[Reading]:
    """The statements as readings; `bitcoin` are its closes by UTC day, which a price per coin must be near to."""
    seen: set[tuple[object, ...]] = set()
    for statement in found.statements:
        judged = _priced(statement, bitcoin or {})
        start = judged.start if judged.quantity in PERIODIC else None
        key = (judged.quantity, judged.day, start, judged.instrument)
        if not judged.doubts and key in seen:
            judged = replace(judged, doubts=("the same notice tells another number for the same day",))
        elif not judged.doubts:
            seen.add(key)
        yield Reading(
            found.issuer.company, judged.quantity, judged.value, judged.unit, judged.day,
            judged.instrument or None, start, None,
            judged.note or None, "; ".join(judged.doubts) or None,
        )  # fmt: skip


@lru_cache(maxsize=1)
def _layout(document: Document) -> Layout:
    try:
        return layout(document.body)
    except ParseError as error:
        raise ParseError(f"{document.source}: {document.url}: found {error}, expected a notice") from error


def _priced(statement: Statement, bitcoin: Mapping[date, float]) -> Statement:
    """A price in dollars that bitcoin never had in those days is in doubt."""
    if statement.quantity != "btc_acquired_average" or statement.unit != _DOLLARS:
        return statement
    first, last = (statement.start or statement.day) - _AROUND, statement.day + _AROUND
    closes = [
        bitcoin[day] for number in range((last - first).days + 1) if (day := first + timedelta(days=number)) in bitcoin
    ]
    if not closes or min(closes) / _SPREAD <= statement.value <= max(closes) * _SPREAD:
        return statement
    return statement.doubted(f"bitcoin closed between {min(closes):,.0f} and {max(closes):,.0f} in those days")
