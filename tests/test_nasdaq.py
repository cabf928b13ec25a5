"""Nasdaq's closes: on the basis they were quoted in, or refused; US listings only; an open session is no close."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from saved import REFERENCE, costs_itself, documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.sources import nasdaq
from treasury.model import DelistedError, Document, ParseError

SOURCE = catalogue.load("nasdaq")
SPLITS = {"MSTR": [(date(2024, 8, 8), 10.0)]}
AROUND = ("2024-08-05", "2024-08-06", "2024-08-07", "2024-08-08", "2024-08-09")


def _document(name: str) -> Document:
    return saved(next(path for path in documents("nasdaq") if path.stem == name))


def _changed(name: str, change: Callable[[dict[str, Any]], object]) -> Document:
    """A saved answer after a change to its data."""
    document = _document(name)
    answer = json.loads(document.body)
    change(answer["data"])
    return replace(document, body=json.dumps(answer).encode())


def _made(closes: dict[str, float], fetched_at: str, symbol: str = "MSTR") -> Document:
    """An answer with these closes, adjusted as given."""
    rows = [
        {"date": f"{date.fromisoformat(day):%m/%d/%Y}", "close": f"${close:,}"}
        for day, close in sorted(closes.items(), reverse=True)
    ]
    answer = {"data": {"symbol": symbol, "totalRecords": len(rows), "tradesTable": {"rows": rows}}, "message": None}
    url = nasdaq.HISTORICAL.format(symbol, min(closes), max(closes))
    return Document("nasdaq", url, json.dumps(answer).encode(), datetime.fromisoformat(fetched_at))


def _reference(ticker: str) -> dict[str, float]:
    with (REFERENCE / "equity_prices.csv").open(newline="") as file:
        return {row["date"]: float(row["close"]) for row in csv.DictReader(file) if row["ticker"] == ticker}


def _adjusted(days: Sequence[str] = AROUND) -> dict[str, float]:
    """MSTR's closes around its split as they have been printed since."""
    return {
        day: round(close / 10, 4) if day < "2024-08-08" else close
        for day, close in _reference("MSTR").items()
        if day in days
    }


def _read(document: Document, **choices: object) -> dict[str, float]:
    return {r.as_of.isoformat(): r.value for r in catalogue.read(SOURCE, document, **choices)}


def test_only_us_listings_are_asked_for_from_before_the_last_day_had() -> None:
    symbols = {"MSTR": date(2025, 1, 10), "3350.T": None, "NA": None, "SWC.L": date(2025, 1, 10)}
    assert nasdaq.urls(symbols, date(2025, 1, 15)) == [
        "https://api.nasdaq.com/api/quote/MSTR/historical?assetclass=stocks&fromdate=2025-01-05&todate=2025-01-15&limit=9999",
        "https://api.nasdaq.com/api/quote/NA/historical?assetclass=stocks&fromdate=2015-01-16&todate=2025-01-15&limit=9999",
    ]


@pytest.mark.parametrize(
    ("today", "had", "asked"),
    [("2025-01-15", "2025-01-14", False), ("2025-01-15", "2025-01-13", True), ("2025-01-13", "2025-01-10", False),
     ("2025-01-12", "2025-01-10", False), ("2025-01-11", "2025-01-09", True)],
)  # fmt: skip
def test_what_another_source_has_brought_is_not_asked_for(today: str, had: str, asked: bool) -> None:
    assert bool(nasdaq.urls({"MSTR": date.fromisoformat(had)}, date.fromisoformat(today))) is asked


@pytest.mark.parametrize(
    ("fetched_at", "complete"),
    [
        ("2025-01-17T09:00:00-05:00", False),
        ("2025-01-17T15:59:00-05:00", False),
        ("2025-01-17T16:29:00-05:00", False),
        ("2025-01-17T16:30:00-05:00", True),
        ("2025-01-18T03:00:00+00:00", True),
        ("2025-01-18T09:00:00-05:00", True),
    ],
)
def test_the_row_of_a_session_that_was_open_is_dropped(fetched_at: str, complete: bool) -> None:
    document = replace(_document("open_session_and_unknown"), fetched_at=datetime.fromisoformat(fetched_at))
    days = [r.as_of.day for r in nasdaq.parse(document, splits={}) if r.quantity == "close"]
    assert days == [13, 15, 16, *([17] if complete else [])]


# ---- the split basis -------------------------------------------------------------------------------------------


def test_closes_before_a_split_are_what_was_quoted() -> None:
    document = _made(_adjusted(), "2024-08-12T12:00:00-04:00")
    expected = {day: close for day, close in _reference("MSTR").items() if day in AROUND}
    assert len(expected) == 5
    assert _read(document, splits=SPLITS) == expected
    assert _read(document, splits=SPLITS, last_closes={"MSTR": (date(2024, 8, 7), 1246.85)}) == expected


def test_without_the_splits_the_note_says_that_closes_are_adjusted() -> None:
    readings = list(nasdaq.parse(_made(_adjusted(), "2024-08-12T12:00:00-04:00")))
    assert [r.value for r in readings][:3] == [130.9, 136.921, 124.685]
    assert {r.note for r in readings} == {nasdaq.ADJUSTED}
    assert {r.note for r in nasdaq.parse(_document("good_day"), splits={})} == {None}


def test_a_split_to_come_changes_nothing() -> None:
    document = _made({day: _reference("MSTR")[day] for day in AROUND[:3]}, "2024-08-07T18:00:00-04:00")
    assert _read(document, splits=SPLITS) == _read(document, splits={})


def test_closes_not_yet_adjusted_are_refused() -> None:
    quoted = {day: _reference("MSTR")[day] for day in AROUND[:4]}
    with pytest.raises(ParseError, match=r"found 1246.85 before and 135.99 after the split of 2024-08-08 by 10"):
        _read(_made(quoted, "2024-08-08T18:00:00-04:00"), splits=SPLITS)


@pytest.mark.parametrize("adjusted", [True, False])
def test_on_the_morning_of_a_split_nobody_can_tell_the_basis(adjusted: bool) -> None:
    closes = _adjusted(AROUND[:3]) if adjusted else {day: _reference("MSTR")[day] for day in AROUND[:3]}
    with pytest.raises(ParseError, match="found closes to 2024-08-07, expected one since the split of 2024-08-08"):
        _read(_made(closes, "2024-08-08T09:00:00-04:00"), splits=SPLITS)


def test_a_split_nobody_told_us_of_shows_in_the_last_close_stored() -> None:
    document = _made(_adjusted(), "2024-08-12T12:00:00-04:00")
    with pytest.raises(
        ParseError, match=r"MSTR 2024-08-07: found a close of 124\.685, expected about the 1246\.85 stored"
    ):
        _read(document, splits={}, last_closes={"MSTR": (date(2024, 8, 7), 1246.85)})
    for known in ({}, {"MARA": (date(2024, 8, 7), 1.0)}, {"MSTR": (date(2024, 8, 2), 1447.99)}):
        assert _read(document, splits=SPLITS, last_closes=known)


def test_a_consolidation_is_undone_too() -> None:
    document = _made(
        {"2026-02-04": 9.862, "2026-02-05": 9.486, "2026-02-06": 9.725}, "2026-02-07T12:00:00-05:00", "ASST"
    )
    assert _read(document, splits={"ASST": [(date(2026, 2, 6), 0.05)]}) == {
        "2026-02-04": 0.4931, "2026-02-05": 0.4743, "2026-02-06": 9.725,
    }  # fmt: skip


# ---- what is refused -------------------------------------------------------------------------------------------


def test_a_symbol_that_is_no_us_stock_is_gone_and_a_passing_failure_is_not() -> None:
    with pytest.raises(DelistedError, match="assetclass stocks"):
        catalogue.read(SOURCE, _document("no_such_symbol"))
    document = _document("no_such_symbol")
    passing = replace(document, body=document.body.replace(b"Symbol not exists.", b"Something went wrong."))
    with pytest.raises(ParseError, match=r"Something went wrong\..*assetclass") as caught:
        list(nasdaq.parse(passing))
    assert not isinstance(caught.value, DelistedError)
    for body in (b'{"data": null}', b'{"data": null, "status": null}', b'{"data": null, "status": {"rCode": 400}}'):
        with pytest.raises(ParseError, match="no reason given"):
            list(nasdaq.parse(replace(document, body=body)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(symbol="MARA"), 'found "MARA", expected MSTR'),
        (lambda d: d.pop("tradesTable"), "expected an object with 'tradesTable'"),
        (lambda d: d["tradesTable"]["rows"].reverse(), "out of order, expected newest first, each once"),
        (lambda d: d["tradesTable"]["rows"].pop(), "found 7, expected the 6 rows that came"),
        (lambda d: d["tradesTable"].update(rows=None), "found 7, expected the 0 rows that came"),
    ],
)
def test_another_layout_is_refused(change: Callable[[dict[str, Any]], object], message: str) -> None:
    with pytest.raises(ParseError) as caught:
        catalogue.read(SOURCE, _changed("good_day", change), splits={})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda d: d["tradesTable"]["rows"][1].update(date=d["tradesTable"]["rows"][0]["date"]),
            "found 2 bars of 2025-01-15, expected each once",
        ),
        (lambda d: d["tradesTable"]["rows"][1].update(date="01/14/2005"), "found the bar of 2005-01-14 out of order"),
        (lambda d: d["tradesTable"]["rows"][0].update(date="01/16/2025"), "expected no day after 2025-01-15"),
        (lambda d: d["tradesTable"]["rows"][0].update(date="2025-01-15"), "expected a day like 01/10/2024"),
        (lambda d: d["tradesTable"]["rows"][0].update(close="360.62"), 'found "360.62", expected a price above zero'),
        (lambda d: d["tradesTable"]["rows"][0].update(close="$3.6B"), "expected a price above zero"),
        (lambda d: d["tradesTable"]["rows"][0].update(close=360.62), "found 360.62, expected a text"),
        (lambda d: d["tradesTable"]["rows"][0].pop("close"), "expected an object with 'close'"),
    ],
)
def test_a_row_that_cannot_be_read_or_be_true_costs_itself(
    change: Callable[[dict[str, Any]], object], message: str
) -> None:
    costs_itself(_document("good_day"), _changed("good_day", change), message, splits={})


def test_half_the_rows_are_noticed() -> None:
    days = [date(2025, 3, 3) + timedelta(n) for n in range(0, 50, 3)]
    document = _made({day.isoformat(): 300.0 for day in days}, "2025-05-01T12:00:00-04:00")
    with pytest.raises(ParseError, match="MSTR: found 17 rows, expected about 35 from 2025-03-03 to 2025-04-20"):
        catalogue.read(SOURCE, document)


def test_no_sessions_are_no_readings_and_no_success() -> None:
    assert list(nasdaq.parse(_document("no_sessions"), splits=SPLITS)) == []
    with pytest.raises(ParseError, match="found 0 readings, expected at least 1"):
        catalogue.read(SOURCE, _document("no_sessions"), splits=SPLITS)


def test_a_price_in_thousands_has_a_comma() -> None:
    assert _read(_made({"2024-03-28": 1704.56}, "2024-03-29T12:00:00-04:00"), splits={}) == {"2024-03-28": 1704.56}


@needs_samples
def test_the_captured_shape() -> None:
    document = sample("nasdaq", "nasdaq/historical.shape.json", "2024-01-11T12:00:00")
    (reading,) = catalogue.read(SOURCE, document)
    assert (reading.company, reading.as_of, reading.value, reading.unit) == ("AAPL", date(2024, 1, 10), 185.92, "USD")
