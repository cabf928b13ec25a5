"""Bitstamp candles: the same fixings as Coinbase's, pages of a thousand, nothing of another pair."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from saved import REFERENCE, costs_itself, documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.prices.candles import A_DAY, HOUR
from scrapers.sources import bitstamp, coinbase
from treasury.model import Document, ParseError

SOURCE = catalogue.load("bitstamp")


def _document(name: str) -> Document:
    return saved(next(path for path in documents("bitstamp") if path.stem == name))


@pytest.mark.parametrize(("step", "most"), [(A_DAY, 1000), (HOUR, 984)])
def test_pages_cover_every_day_once_with_at_most_a_thousand_candles(step: timedelta, most: int) -> None:
    covered, sizes = [], []
    for url in bitstamp.urls(date(2020, 8, 1), date(2024, 12, 31), (step,)):
        query = {name: one[0] for name, one in parse_qs(urlsplit(url).query).items()}
        assert (query["step"], query["limit"]) == (str(int(step.total_seconds())), "1000")
        start, end = (datetime.fromtimestamp(int(query[name]), UTC) for name in ("start", "end"))
        sizes.append((end - start) // step + 1)
        covered += [start + n * step for n in range(sizes[-1])]
    assert covered == [datetime(2020, 8, 1, tzinfo=UTC) + n * step for n in range(1614 * (A_DAY // step))]
    assert max(sizes[0], most) == most
    assert set(sizes[1:]) == {most}


def test_no_days_are_no_requests() -> None:
    assert bitstamp.urls(date(2026, 1, 2), date(2026, 1, 1)) == []


def test_the_same_candles_give_the_same_readings_as_coinbase() -> None:
    for name, granularity in [("good_day_daily", 86400), ("good_day_hourly", 3600)]:
        document = _document(name)
        rows = json.loads(document.body)["data"]["ohlc"]
        order = ("low", "high", "open", "close", "volume")
        turned = [[int(row["timestamp"]), *(float(row[key]) for key in order)] for row in reversed(rows)]
        body = json.dumps(turned).encode()
        theirs = replace(document, source="coinbase", url=f"{coinbase.CANDLES}?granularity={granularity}", body=body)
        found, expected = list(bitstamp.parse(document)), list(coinbase.parse(theirs))
        assert sorted(found, key=repr) == sorted(expected, key=repr)  # theirs begin with the newest day
        assert len(found) == {86400: 8, 3600: 214}[granularity]


def test_an_hour_without_a_trade_has_no_price() -> None:
    found = {r.instrument: r.value for r in bitstamp.parse(_document("hourly_no_trade"))}
    assert found == {"19:00": 78903, "20:00": 79451}  # nothing was traded from 20:00 to 21:00


def test_candles_before_the_range_do_not_stand_in_for_missing_ones() -> None:
    document = _document("daily_open_candle")
    assert len(catalogue.read(SOURCE, document)) == 5
    rows = json.loads(document.body)["data"]["ohlc"]
    early = [{**rows[0], "timestamp": str(int(rows[0]["timestamp"]) - 86400 * n)} for n in range(9, 0, -1)]
    for kept, whole in ([*early, *rows], True), ([*early, *rows[:4]], False):
        body = json.dumps({"data": {"pair": "BTC/USD", "ohlc": kept}}).encode()
        if whole:
            assert len(catalogue.read(SOURCE, replace(document, body=body))) == 14
        else:
            with pytest.raises(ParseError, match="found 4 candles, expected about 6"):
                catalogue.read(SOURCE, replace(document, body=body))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"pair": "BTC/USD"', '"pair": "BTC/EUR"', 'found "BTC/EUR", expected BTC/USD'),
        ('"data"', '"errors"', "expected an object with 'data'"),
    ],
)
def test_another_layout_is_refused(old: str, new: str, message: str) -> None:
    document = _document("daily_open_candle")
    assert old in document.body.decode()
    with pytest.raises(ParseError) as caught:
        list(bitstamp.parse(replace(document, body=document.body.decode().replace(old, new, 1).encode())))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"1741219200"', "1741219200", "found 1741219200, expected a number as text"),
        ('"1741219200"', '"1741219200000"', "expected seconds since 1970 (not milliseconds)"),
        ('"close": "89918"', '"close": 89918', "found 89918, expected a number as text"),
        ('"close": "89918"', '"close": "0"', "close 0, volume 2210.432018, expected low ≤ open, close ≤ high"),
        ('"volume": "2210.43201811"', '"volume": "-1"', "volume -1, expected"),
        ('"volume": "2210.43201811"', '"amount": "1"', "expected an object with 'volume'"),
        ('"1741305600"', '"1741132800"', "expected oldest first, each once"),
        ('"1741305600"', '"1741309200"', "expected whole steps of 1 day"),
    ],
)
def test_a_candle_that_cannot_be_read_or_be_true_costs_itself(old: str, new: str, message: str) -> None:
    document = _document("daily_open_candle")
    assert old in document.body.decode()
    costs_itself(document, replace(document, body=document.body.decode().replace(old, new, 1).encode()), message)


@needs_samples
def test_the_captured_candle_is_of_another_pair_and_near_the_prices_of_its_hour() -> None:
    """It is in tether, an hour of 2024-03-13: 0.12 % below Coinbase's candle of that hour, the day's closes 0.2 % around."""
    document = sample("bitstamp", "bitstamp/ohlc.json", "2024-03-14T12:00:00", f"{bitstamp.CANDLES}?step=3600")
    with pytest.raises(ParseError, match='found "BTC/USDT", expected BTC/USD'):
        list(bitstamp.parse(document))
    (row,) = json.loads(document.body)["data"]["ohlc"]
    ((start, _, _, _, theirs, _),) = json.loads(sample("coinbase", "coinbase/candles.json", "2024-03-14T12:00:00").body)
    assert int(row["timestamp"]) == start
    assert float(row["close"]) == pytest.approx(theirs, rel=2e-3)
    with (REFERENCE / "btc_usd.csv").open(newline="") as file:
        day = [float(one["close"]) for one in csv.DictReader(file) if one["date"] == "2024-03-13"]
    assert len(day) == 2  # the UTC day's close and the dashboard's
    assert day == pytest.approx([float(row["close"])] * 2, rel=5e-3)
