"""The Fear & Greed Index: numbers in quotes, every day once, newest first; a history that stops early is noticed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from saved import documents, needs_samples, sample, saved

from scrapers.sources import fear_greed
from treasury.model import Document, ParseError


def _document(name: str = "good_day") -> Document:
    return saved(next(path for path in documents("fear_greed") if path.stem == name))


def _with(rows: list[dict[str, str]]) -> Document:
    return replace(_document(), body=json.dumps({"data": rows, "metadata": {"error": None}}).encode())


def _rows() -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(_document().body)["data"]
    return rows


def test_a_good_day_is_whole_and_ends_today() -> None:
    fear_greed.check_whole(_document())
    assert [reading.as_of for reading in fear_greed.parse(_document())][:2] == [date(2025, 1, 15), date(2025, 1, 14)]


def test_days_known_to_be_missing_are_no_error_but_a_fortnight_is() -> None:
    fear_greed.check_whole(_document("missing_days_of_2018"))
    rows = _rows()
    with pytest.raises(ParseError, match="found no day between 2024-12-31 and 2025-01-15, expected at most 7 days"):
        fear_greed.check_whole(_with([rows[0], *rows[15:]]))


@pytest.mark.parametrize(("late", "whole"), [(2, True), (3, False)])
def test_an_index_that_is_no_longer_published_is_noticed(late: int, whole: bool) -> None:
    document = replace(_document(), fetched_at=_document().fetched_at + timedelta(days=late))
    if whole:
        fear_greed.check_whole(document)
    else:
        with pytest.raises(ParseError, match="found 2025-01-15 as the newest day, expected one of 2025-01-16 or later"):
            fear_greed.check_whole(document)


def test_oldest_first_is_another_layout_and_an_empty_history_no_success() -> None:
    with pytest.raises(ParseError, match="newest first, each once"):
        list(fear_greed.parse(_with(_rows()[::-1])))
    with pytest.raises(ParseError, match="found no day as the newest day"):
        fear_greed.check_whole(_with([]))


def test_a_day_that_has_not_begun_is_refused() -> None:
    document = replace(_document(), fetched_at=datetime.fromisoformat("2025-01-14T23:59:59+00:00"))
    with pytest.raises(ParseError, match=r'\$\.data\[0\]\.timestamp: found "1736899200", expected a moment before'):
        list(fear_greed.parse(document))


@needs_samples
def test_the_rebuilt_sample_reads() -> None:
    document = sample("fear_greed", "feargreed/fng.shape.json", "2023-11-15T09:00:00")
    found = [(r.company, r.quantity, r.unit, r.as_of, r.value) for r in fear_greed.parse(document)]
    assert found == [
        ("BTC", "fear_greed", "index", date(2023, 11, 14), 75),
        ("BTC", "fear_greed", "index", date(2023, 11, 13), 30),
    ]
    fear_greed.check_whole(document)
