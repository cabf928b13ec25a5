"""Coinbase candles: completed days only, the price at each exchange's close, requests of at most 300."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from saved import costs_itself, documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.prices.candles import A_DAY, HOUR
from scrapers.sources import coinbase
from treasury.model import Document, ParseError


def _document(name: str) -> Document:
    return saved(next(path for path in documents("coinbase") if path.stem == name))


def _hours(first: str, count: int, fetched_at: str = "2026-01-01T00:00:00+00:00") -> Document:
    """Hourly candles, each closing at 1000 plus its number, newest first."""
    start = int(datetime.fromisoformat(first).timestamp())
    rows = [[start + 3600 * i, 1.0, 9999.0, 1000.0, 1000.0 + i, 1.0] for i in reversed(range(count))]
    url = f"{coinbase.CANDLES}?granularity=3600"
    return Document("coinbase", url, json.dumps(rows).encode(), datetime.fromisoformat(fetched_at))


@pytest.mark.parametrize("clock", ["00:00", "10:00", "23:00", "23:59"])
def test_any_hour_of_a_day_gives_the_same_completed_days(clock: str) -> None:
    document = replace(
        _document("daily_open_candle_and_gap"), fetched_at=datetime.fromisoformat(f"2025-03-11T{clock}:00+00:00")
    )
    assert [r.as_of.day for r in coinbase.parse(document)] == [10, 9, 7, 6]


def test_the_open_hour_gives_no_price() -> None:
    document = _document("hourly_over_summer_time")
    hours = {(r.as_of.day, r.instrument) for r in coinbase.parse(document)}
    before = replace(document, fetched_at=datetime.fromisoformat("2025-03-10T19:59:59+00:00"))
    assert hours - {(r.as_of.day, r.instrument) for r in coinbase.parse(before)} == {(10, "20:00"), (10, "21:00")}


def test_an_hour_is_filed_under_the_moment_it_ends() -> None:
    """The candle that begins at 23:00 is the price of 00:00 of the next day."""
    readings = list(coinbase.parse(_hours("2024-11-01T00:00:00+00:00", 25)))
    found = {(r.as_of, r.instrument): r.value for r in readings}
    assert len(found) == len(readings) == 25
    assert found[date(2024, 11, 1), "01:00"] == 1000
    assert found[date(2024, 11, 1), "23:00"] == 1000 + 22
    assert found[date(2024, 11, 2), "00:00"] == 1000 + 23
    assert found[date(2024, 11, 2), "01:00"] == 1000 + 24


@pytest.mark.parametrize(("step", "each"), [(A_DAY, 300), (HOUR, 12)])
def test_requests_cover_every_day_once_with_at_most_300_candles(step: timedelta, each: int) -> None:
    first, last = date(2023, 1, 1), date(2024, 12, 31)
    covered = []
    for url in coinbase.urls(first, last, (step,)):
        query = dict(part.split("=") for part in url.split("?")[1].split("&"))
        assert query["granularity"] == str(int(step.total_seconds()))
        start, end = datetime.fromisoformat(query["start"]), datetime.fromisoformat(query["end"])
        assert (end - start) // step + 1 <= 300
        assert end.date() - start.date() <= timedelta(days=each)
        covered += [start + i * step for i in range((end - start) // step + 1)]
    assert covered == [datetime(2023, 1, 1, tzinfo=UTC) + i * step for i in range(731 * (A_DAY // step))]


def test_no_days_are_no_requests() -> None:
    assert coinbase.urls(date(2026, 1, 2), date(2026, 1, 1)) == []


def test_two_candles_of_one_moment_cost_both_and_one_out_of_order_itself() -> None:
    document = _document("daily_open_candle_and_gap")
    rows = json.loads(document.body)
    another = [*rows[1][:5], rows[1][5] + 1]
    found = costs_itself(document, _of(document, [*rows[:2], another, *rows[2:]]), "found 2 bars of 2025-03-10")
    assert sum(one.doubt is not None for one in found) == 2
    costs_itself(document, _of(document, [*rows[:2], *rows[3:], rows[2]]), "2025-03-09 00:00:00+00:00 out of order")
    with pytest.raises(ParseError, match="out of order, expected newest first, each once"):
        list(coinbase.parse(_of(document, rows[::-1])))


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (4, None, "found null, expected a number"),
        (4, "78544.71", "expected a number"),
        (4, 0, "close 0, volume"),
        (4, 785447.1, "close 785447.1"),
        (1, -1, "low -1, close"),
        (0, "2025-03-10", "expected a number"),
        (0, 1741564860, "found a candle at 2025-03-10 00:01:00, expected whole steps of 1 day"),
    ],
)
def test_a_candle_that_cannot_be_read_or_be_true_costs_itself(at: int, value: object, message: str) -> None:
    document = _document("daily_open_candle_and_gap")
    rows = json.loads(document.body)
    rows[1][at] = value
    costs_itself(document, _of(document, rows), message)


def test_where_most_candles_cannot_be_read_the_layout_is_another() -> None:
    document = _document("daily_open_candle_and_gap")
    rows = json.loads(document.body)
    with pytest.raises(ParseError, match=r"\$\[0\]: found \[?.*expected \[time, low, high"):
        list(coinbase.parse(_of(document, [row[:5] for row in rows[:3]] + rows[3:])))


def _of(document: Document, rows: list[list[float]]) -> Document:
    return replace(document, body=json.dumps(rows).encode())


def test_a_candle_repeated_to_the_letter_is_one_candle() -> None:
    document = _document("daily_open_candle_and_gap")
    rows = json.loads(document.body)
    repeated = replace(document, body=json.dumps([*rows[:2], *rows[1:]]).encode())
    assert list(coinbase.parse(repeated)) == list(coinbase.parse(document))


def test_half_the_candles_are_noticed() -> None:
    document = _document("daily_open_candle_and_gap")
    assert len(catalogue.read(catalogue.load("coinbase"), document)) == 4
    half = replace(document, body=json.dumps(json.loads(document.body)[::2]).encode())
    with pytest.raises(ParseError, match="found 3 candles, expected about 6"):
        catalogue.read(catalogue.load("coinbase"), half)


def test_without_a_url_the_candles_tell_their_length_or_are_refused() -> None:
    daily = replace(_document("daily_open_candle_and_gap"), url="")
    assert {r.instrument for r in coinbase.parse(daily)} == {"utc"}
    hourly = replace(_document("hourly_over_summer_time"), url="")
    assert {"19:00", "20:00", "21:00"} <= {r.instrument for r in coinbase.parse(hourly)}
    one = replace(daily, body=json.dumps(json.loads(daily.body)[:1]).encode())
    with pytest.raises(ParseError, match="expected a URL with granularity"):
        list(coinbase.parse(one))


@needs_samples
def test_the_captured_candle_is_no_day() -> None:
    url = f"{coinbase.CANDLES}?granularity=86400"
    with pytest.raises(ParseError, match="found a candle at 2024-03-13 11:00:00, expected whole steps of 1 day"):
        list(coinbase.parse(sample("coinbase", "coinbase/candles.json", "2024-03-14T12:00:00", url)))
    hour = sample("coinbase", "coinbase/candles.json", "2024-03-14T12:00:00", f"{coinbase.CANDLES}?granularity=3600")
    (reading,) = coinbase.parse(hour)
    assert (reading.as_of, reading.instrument, reading.value) == (date(2024, 3, 13), "12:00", 73370.65)
