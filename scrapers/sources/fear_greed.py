"""api.alternative.me/fng — one call: the Fear & Greed Index, 0 to 100, every day since 2018-02-01.

Numbers and moments (seconds since 1970) stand in quotes, newest first; only the newest row has `time_until_update`. A
new value comes at 00:00 UTC and stands for the day that begins: `as_of` is the UTC day of its timestamp. Days are
missing (2018-04-14 to 16) and are not filled in. An answer without values has the reason in `metadata.error`.
60 requests a minute. Attribution, which the publisher asks for: Fear & Greed Index by Alternative.me,
https://alternative.me/crypto/fear-and-greed-index/

2026-11  known from clients' code and the publisher's page; no captured answer was at hand
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from itertools import pairwise

from scrapers.formats.strict_json import load
from treasury.model import Document, ParseError, Reading

HOSTS = ("api.alternative.me",)
URLS = ("https://api.alternative.me/fng/?limit=0&format=json",)  # 0: the whole history
KIND = "json"
SOURCE_KIND = "market"
DIALECT = "ours"
FRESH = timedelta(hours=6)
AT_LEAST = 30  # a month; the whole history has some 3,200, but nothing in an answer says where it begins
LONGEST_GAP = timedelta(days=7)  # 4 are known
LATEST = timedelta(days=2)  # how old the newest day may be


def parse(document: Document) -> Iterator[Reading]:
    for day, value in _days(document):
        yield Reading("BTC", "fear_greed", value, "index", day)


def check_whole(document: Document) -> None:
    """Raise ParseError where the newest days are missing, or many between two others."""
    days = [day for day, _ in _days(document)]
    today = document.fetched_at.astimezone(UTC).date()
    if not days or today - days[0] > LATEST:
        newest = str(days[0]) if days else "no day"
        raise ParseError(
            f"{document.source}: found {newest} as the newest day, expected one of {today - LATEST} or later"
        )
    for later, earlier in pairwise(days):
        if later - earlier > LONGEST_GAP:
            raise ParseError(
                f"{document.source}: found no day between {earlier} and {later}, expected at most {LONGEST_GAP.days} days"
            )


def _days(document: Document) -> list[tuple[date, float]]:
    """Every day with its value, newest first as printed."""
    answer = load(document)
    metadata = answer.get("metadata")
    if metadata is not None and (error := metadata.get("error")) is not None:
        raise error.wrong("null: no error")
    days: list[tuple[date, float]] = []
    for row in answer["data"].rows():
        moment = row["timestamp"].unquoted().moment()
        if moment > document.fetched_at:
            raise row["timestamp"].wrong(f"a moment before it was fetched, {document.fetched_at}")
        if days and moment.date() >= days[-1][0]:
            raise row["timestamp"].wrong(f"a day before {days[-1][0]}: newest first, each once")
        days.append((moment.date(), row["value"].unquoted().number()))
    return days
