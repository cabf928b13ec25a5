"""Kraken candles: the same fixings as Coinbase's; a gap before the newest 720 is told, never hidden."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from saved import REFERENCE, costs_itself, documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.sources import coinbase, kraken
from treasury.model import Document, ParseError

SOURCE = catalogue.load("kraken")


def _document(name: str) -> Document:
    return saved(next(path for path in documents("kraken") if path.stem == name))


def _hours(first: datetime, count: int, since: datetime, fetched_at: datetime) -> Document:
    rows = [
        [int((first + timedelta(hours=n)).timestamp()), "9.0", "9.5", "8.5", "9.1", "9.0", "1.0", 3]
        for n in range(count)
    ]
    body = json.dumps({"error": [], "result": {"XXBTZUSD": rows, "last": rows[-1][0]}}).encode()
    return Document("kraken", f"{kraken.CANDLES}&interval=60&since={since.timestamp():.0f}", body, fetched_at)


def _reference() -> dict[tuple[str, str], float]:
    with gzip.open(REFERENCE / "btc_hourly.csv.gz", "rt", newline="") as file:
        return {(row["fixing"], row["date"]): float(row["close"]) for row in csv.DictReader(file)}


def test_it_is_asked_once_for_days_and_once_for_hours() -> None:
    assert kraken.urls(date(2025, 1, 7), date(2025, 1, 15)) == [
        "https://api.kraken.com/0/public/OHLC?pair=XBTUSD&interval=1440&since=1736207999",
        "https://api.kraken.com/0/public/OHLC?pair=XBTUSD&interval=60&since=1736207999",
    ]
    assert kraken.urls(date(2025, 1, 16), date(2025, 1, 15)) == []


@pytest.mark.parametrize("clock", ["00:00", "10:00", "23:00", "23:59"])
def test_any_hour_of_a_day_gives_the_same_completed_days(clock: str) -> None:
    document = replace(
        _document("daily_open_candle_and_no_trade"), fetched_at=datetime.fromisoformat(f"2026-09-27T{clock}:00+00:00")
    )
    assert [r.as_of.day for r in kraken.parse(document)] == [24, 25]


def test_the_same_candles_give_the_same_readings_as_coinbase() -> None:
    document = _document("hourly_2023-12-05")
    rows = json.loads(document.body)["result"]["XXBTZUSD"]
    turned = [[row[0], *(float(row[i]) for i in (3, 2, 1, 4, 6))] for row in reversed(rows)]
    body = json.dumps(turned).encode()
    theirs = replace(document, source="coinbase", url=f"{coinbase.CANDLES}?granularity=3600", body=body)
    assert list(kraken.parse(document)) == list(coinbase.parse(theirs))[::-1]  # theirs begin with the newest


def test_a_real_day_lies_near_the_reference() -> None:
    """Kraken's trades are not those behind the reference: prices of one moment differ by a few hundredths of a per cent."""
    hours = _document("hourly_2023-12-05")
    known = _reference()
    found = {(str(r.instrument), r.as_of.isoformat()): r.value for r in catalogue.read(SOURCE, hours)}
    assert {("00:00", "2023-12-05"), ("21:00", "2023-12-05")} <= set(found)
    assert found == {key: pytest.approx(known[key], rel=1e-3) for key in found}


@pytest.mark.parametrize("late", [timedelta(hours=25), timedelta(days=30)])
def test_candles_that_begin_after_the_day_asked_for_are_refused(late: timedelta) -> None:
    since, fetched_at = datetime(2025, 1, 7, tzinfo=UTC) - kraken.SECOND, datetime(2025, 3, 15, tzinfo=UTC)
    whole = _hours(datetime(2025, 1, 7, tzinfo=UTC), 67 * 24, since, fetched_at)
    assert catalogue.read(SOURCE, whole)
    with pytest.raises(ParseError, match="expected them from 2025-01-07: Kraken has only the newest 720"):
        catalogue.read(SOURCE, _hours(datetime(2025, 1, 7, tzinfo=UTC) + late, 720, since, fetched_at))


def test_a_few_hours_without_a_trade_at_the_beginning_are_no_gap() -> None:
    since, fetched_at = datetime(2025, 1, 7, tzinfo=UTC) - kraken.SECOND, datetime(2025, 1, 15, tzinfo=UTC)
    assert catalogue.read(SOURCE, _hours(datetime(2025, 1, 7, 5, tzinfo=UTC), 187, since, fetched_at))


def test_missing_candles_are_noticed() -> None:
    document = _document("good_day_hourly")
    assert len(catalogue.read(SOURCE, document)) == 214
    answer = json.loads(document.body)
    answer["result"]["XXBTZUSD"] = answer["result"]["XXBTZUSD"][::2]
    with pytest.raises(ParseError, match="found 108 candles, expected about 215"):
        catalogue.read(SOURCE, replace(document, body=json.dumps(answer).encode()))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"error":[],', "", "expected an object with 'error'"),
        ('"error":[]', '"error":["EQuery:Unknown asset pair","EGeneral:Internal error"]', "asset pair; EGeneral:Internal"),
        ('"XXBTZUSD"', '"XXBTZEUR"', "expected one pair, XXBTZUSD or XBTUSD"),
        ('"last"', '"XBTUSD":[],"last"', "expected one pair"),
    ],
)  # fmt: skip
def test_another_layout_is_refused(old: str, new: str, message: str) -> None:
    document = _document("daily_open_candle_and_no_trade")
    assert old in document.body.decode()
    with pytest.raises(ParseError) as caught:
        list(kraken.parse(replace(document, body=document.body.decode().replace(old, new, 1).encode())))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"84380.0","84060.4"', '84380.0,"84060.4"', "found 84380.0, expected a number as text"),
        ('"84380.0","84060.4"', '"84,38","84060.4"', 'found "84,38", expected a number as text'),
        ('"84914.8"', '"84000.0"', "found open 84384.5, high 84000, low 82832.3, close 84380"),
        ("1790208000", "1790211600", "expected whole steps of 1 day"),
        ("139286", '139286,"more"', "expected [time, open, high, low, close, average, volume, trades]"),
        ('"84380.0","84060.4"', '"0","84060.4"', "close 0, "),
        ('"84380.0","84060.4"', 'null,"84060.4"', "found null, expected a number as text"),
    ],
)  # fmt: skip
def test_a_candle_that_cannot_be_read_or_be_true_costs_itself(old: str, new: str, message: str) -> None:
    document = _document("daily_open_candle_and_no_trade")
    assert old in document.body.decode()
    costs_itself(document, replace(document, body=document.body.decode().replace(old, new, 1).encode()), message)


def test_both_names_of_the_pair_are_the_same() -> None:
    document = _document("daily_open_candle_and_no_trade")
    plain = replace(document, body=document.body.replace(b"XXBTZUSD", b"XBTUSD"))
    assert list(kraken.parse(plain)) == list(kraken.parse(document))


@needs_samples
def test_the_captured_answers() -> None:
    minute = sample("kraken", "kraken/ohlc.doc.json", "2023-07-07T12:00:00", f"{kraken.CANDLES}&interval=1440")
    with pytest.raises(ParseError, match="found a candle at 2023-07-06 19:20:00, expected whole steps of 1 day"):
        list(kraken.parse(minute))
    close = float(json.loads(minute.body)["result"]["XXBTZUSD"][0][4])
    assert close == pytest.approx(_reference()["19:00", "2023-07-06"], rel=5e-3)  # twenty minutes before
    with pytest.raises(ParseError, match="found EGeneral:Too many requests, expected no error"):
        list(kraken.parse(sample("kraken", "kraken/error_rate.shape.json", "2023-07-07T12:00:00")))
