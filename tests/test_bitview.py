"""Holders' coins: aligned by the dates in the same answer, in the unit it states, completed days only."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from saved import documents, needs_samples, sample, saved

from scrapers.sources import bitview
from treasury.bitcoin.condition import check_context
from treasury.model import Document, ImplausibleError, ParseError

BULK = "https://bitview.space/api/series/bulk?series={}&index=day1&start=2020-08-01"


def _document(name: str = "good_day") -> Document:
    return saved(next(path for path in documents("bitview") if path.stem == name))


def _changed(change: Any, url: str = bitview.URLS[0]) -> Document:
    answer = json.loads(_document().body)
    changed = change(answer)
    return replace(_document(), body=json.dumps(answer if changed is None else changed).encode(), url=url)


def _values(document: Document) -> dict[tuple[str, date], float]:
    return {(reading.quantity, reading.as_of): reading.value for reading in bitview.parse(document)}


def test_the_origin_of_the_index_does_not_matter() -> None:
    def shift(answer: list[dict[str, Any]]) -> None:
        for series in answer:
            series["start"], series["end"] = series["start"] - 2, series["end"] - 2

    assert _values(_changed(shift)) == _values(_document())


def test_the_url_says_which_series_is_which() -> None:
    swapped = _changed(lambda answer: answer[::-1], BULK.format("sth_supply,lth_supply,date"))
    assert _values(swapped) == _values(_document())
    for names in ("lth_supply,sth_supply", "date,lth_supply,supply", "date,lth_supply,lth_supply", "date"):
        with pytest.raises(ParseError, match=r"^bitview: .*found .*expected"):
            list(bitview.parse(_changed(lambda answer: None, BULK.format(names))))


def test_in_another_order_than_asked_dates_are_no_coins() -> None:
    with pytest.raises(ParseError, match=r'\$\[0\]\.type: found "Bitcoin", expected Date'):
        list(bitview.parse(_changed(lambda answer: answer[::-1])))


@pytest.mark.parametrize(
    ("stamp", "fetched_at", "last"),
    [
        ("2025-01-15T22:29:58Z", "2025-01-15T22:30:00+00:00", 14),
        ("2025-01-15T22:29:58Z", "2025-01-16T00:10:00+00:00", 14),  # an answer kept on the way
        ("2025-01-16T00:00:00Z", "2025-01-16T00:00:01+00:00", 15),
        ("2025-01-16T00:00:02Z", "2025-01-15T23:59:59+00:00", 14),  # clocks that differ
    ],
)
def test_the_day_that_was_still_running_is_dropped(stamp: str, fetched_at: str, last: int) -> None:
    def stamped(answer: list[dict[str, Any]]) -> None:
        for series in answer:
            series["stamp"] = stamp

    document = replace(_changed(stamped), fetched_at=datetime.fromisoformat(fetched_at))
    assert max(day for _, day in _values(document)) == date(2025, 1, last)


def test_a_day_left_out_and_an_answer_that_stands_still_are_noticed() -> None:
    bitview.check_whole(_document())
    late = replace(_document(), fetched_at=_document().fetched_at + timedelta(days=3))
    with pytest.raises(ParseError, match="found 2025-01-15 as the newest day, expected one of 2025-01-16 or later"):
        bitview.check_whole(late)

    def without_one(answer: list[dict[str, Any]]) -> None:
        for series in answer:
            del series["data"][7]
            series["end"] -= 1

    with pytest.raises(ParseError, match="found 2024-12-23 after 2024-12-21, expected every day once, oldest first"):
        bitview.check_whole(_changed(without_one))

    def empty(answer: list[dict[str, Any]]) -> None:
        for series in answer:
            series["data"], series["end"] = [], series["start"]

    with pytest.raises(ParseError, match="found no day as the newest day"):
        bitview.check_whole(_changed(empty))


def test_more_coins_than_there_can_be_are_refused_by_the_bounds() -> None:
    """As satoshis under the type of bitcoin would be."""

    def in_satoshis(answer: list[dict[str, Any]]) -> None:
        for series in answer[1:]:
            series["data"] = [value * 1e8 for value in series["data"]]

    for reading in bitview.parse(_changed(in_satoshis)):
        with pytest.raises(ImplausibleError):
            check_context(reading.quantity, reading.value, reading.unit)


@needs_samples
def test_one_series_without_its_dates_is_refused() -> None:
    url = "https://bitview.space/api/series/lth_supply/day1"
    document = sample("bitview", "onchain/bitview_series_day1.shape.json", "2026-09-11T12:00:00", url)
    with pytest.raises(ParseError, match="expected date and one or more of lth_supply, sth_supply"):
        list(bitview.parse(document))
    with pytest.raises(
        ParseError, match=r"found an object with version, .*, expected a list of 3 series: date, lth_supply"
    ):
        list(bitview.parse(replace(document, url=bitview.URLS[0])))
