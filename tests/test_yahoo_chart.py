"""Yahoo's chart: closes as quoted, open bars dropped, documents that end too early refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from saved import FIXTURES, costs_itself, documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.sources import yahoo_chart
from treasury.model import DelistedError, Document, ParseError


def _document(name: str) -> Document:
    return saved(next(path for path in documents("yahoo_chart") if path.stem == name))


def _changed(name: str, change: Callable[[dict[str, Any]], object]) -> Document:
    """A saved chart after a change to its one result."""
    document = _document(name)
    answer = json.loads(document.body)
    change(answer["chart"]["result"][0])
    return replace(document, body=json.dumps(answer).encode())


def _closes(document: Document) -> dict[str, float]:
    return {r.as_of.isoformat(): r.value for r in yahoo_chart.parse(document) if r.quantity == "close"}


def test_a_range_always_ends_now() -> None:
    url = yahoo_chart.urls({"MSTR": None, "BRK/B": date(2026, 4, 1)}, date(2026, 4, 14))
    assert url[0] == "https://query1.finance.yahoo.com/v8/finance/chart/MSTR?range=max&interval=1d&events=div%2Csplits"
    assert "/BRK%2FB?range=1mo&" in url[1]
    assert not any("period2" in one for one in url)


@pytest.mark.parametrize(
    ("fetched_at", "complete"),
    [
        ("2024-08-12T10:00:00-04:00", False),
        ("2024-08-12T16:05:00-04:00", False),  # the last trade in the document is of 11:07
        ("2024-08-12T23:00:00-04:00", False),
        ("2024-08-13T10:00:00-04:00", True),
    ],
)
def test_the_bar_of_a_session_that_was_open_is_dropped(fetched_at: str, complete: bool) -> None:
    closes = _closes(replace(_document("split_and_live_bar"), fetched_at=datetime.fromisoformat(fetched_at)))
    assert ("2024-08-12" in closes) is complete
    assert closes["2024-08-09"] == 135.37


@pytest.mark.parametrize(("clock", "complete"), [("16:10", False), ("16:29", False), ("16:30", True), ("23:00", True)])
def test_a_session_counts_half_an_hour_after_its_end(clock: str, complete: bool) -> None:
    def after_the_close(result: dict[str, Any]) -> None:
        result["meta"]["regularMarketTime"] = result["meta"]["currentTradingPeriod"]["regular"]["end"] + 1

    document = _changed("split_and_live_bar", after_the_close)
    closes = _closes(replace(document, fetched_at=datetime.fromisoformat(f"2024-08-12T{clock}:00-04:00")))
    assert closes.get("2024-08-12") == (134.25 if complete else None)  # of the two bars of that day, the later


def test_the_split_basis_holds_on_both_sides_of_the_ex_date() -> None:
    closes = _closes(_document("split_and_live_bar"))
    assert closes["2024-08-07"] == 1246.85
    assert closes["2024-08-08"] == 135.99


def test_a_later_split_leaves_the_quoted_history_as_it_was() -> None:
    def split_again(result: dict[str, Any]) -> None:
        quote = result["indicators"]["quote"][0]
        quote["close"] = [None if close is None else close / 2 for close in quote["close"]]
        result["events"]["splits"]["x"] = {"date": result["timestamp"][-1], "numerator": 2, "denominator": 1}

    before, after = _document("split_and_live_bar"), _changed("split_and_live_bar", split_again)
    assert _closes(after) == _closes(before)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r["meta"].pop("currency"), "expected an object with 'currency'"),
        (lambda r: r["meta"].update(currency="pence"), "expected an ISO currency or one of GBp"),
        (lambda r: r["meta"].pop("regularMarketTime"), "expected an object with 'regularMarketTime'"),
        (lambda r: r["meta"].update(symbol=""), "expected a text that is not blank"),
        (lambda r: r["timestamp"].pop(), "expected one timestamp for each of the 7 closes"),
        (lambda r: r["timestamp"].reverse(), "expected each once"),
        (lambda r: r["indicators"]["quote"][0].update(close=[0.0] * 7), "expected a price above zero"),
        (lambda r: r["indicators"]["quote"][0].pop("close"), "expected an object with 'close'"),
        (lambda r: r["events"]["splits"].update(x={"date": 1723123800, "numerator": 0, "denominator": 1}), "0:1"),
    ],
)
def test_another_layout_is_refused(change: Callable[[dict[str, Any]], object], message: str) -> None:
    with pytest.raises(ParseError, match=message):
        list(yahoo_chart.parse(_changed("split_and_live_bar", change)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r["indicators"]["quote"][0]["close"].__setitem__(1, "133.1"), "close[1]: found \"133.1\", expected a number"),
        (lambda r: r["indicators"]["quote"][0]["close"].__setitem__(1, -1.0), "no share closes there"),
        (lambda r: r["timestamp"].__setitem__(1, None), "timestamp[1]: found null, expected a number"),
        (lambda r: r["timestamp"].__setitem__(1, r["timestamp"][0]), "found 2 bars of"),
        (lambda r: r["timestamp"].__setitem__(1, r["timestamp"][1] + 10**9), "out of order, expected oldest first"),
    ],
)  # fmt: skip
def test_a_bar_that_cannot_be_read_or_be_true_costs_itself(
    change: Callable[[dict[str, Any]], object], message: str
) -> None:
    costs_itself(_document("split_and_live_bar"), _changed("split_and_live_bar", change), message)


@pytest.mark.parametrize("name", ["delisted", "not_found"])
def test_a_delisted_symbol_is_an_error_of_its_own(name: str) -> None:
    with pytest.raises(DelistedError):
        list(yahoo_chart.parse(_document(name)))


def test_half_the_bars_are_noticed() -> None:
    document = _document("split_and_live_bar")
    wide = replace(document, fetched_at=datetime.fromisoformat("2024-08-12T11:10:00-04:00"))
    with pytest.raises(ParseError, match="MSTR: found 6 bars since 2024-07-13, expected about 21"):
        catalogue.read(catalogue.load("yahoo_chart"), wide)


def test_no_bars_are_no_readings_and_no_success() -> None:
    assert list(yahoo_chart.parse(_document("no_bars"))) == []
    with pytest.raises(ParseError, match="found 0 readings, expected at least 1"):
        catalogue.read(catalogue.load("yahoo_chart"), _document("no_bars"))


def test_fixtures_name_every_hundredth() -> None:
    printed = {
        json.loads(path.read_text())["chart"]["result"][0]["meta"]["currency"]
        for path in FIXTURES.glob("yahoo_chart/*_*.json")
        if '"meta"' in path.read_text()
    }
    assert {"GBp", "ZAc"} <= printed


@needs_samples
def test_captured_charts() -> None:
    fund = sample("yahoo_chart", "yahoo/chart_FBIIX_null_last_bar.json", "2022-02-28T13:10:00")
    assert _closes(fund) == {"2022-02-23": 9.69, "2022-02-24": 9.71, "2022-02-25": 9.69}
    empty = sample("yahoo_chart", "yahoo/chart_no_timestamp_XSP.TO.json", "2018-04-03T12:00:00")
    assert list(yahoo_chart.parse(empty)) == []
    for name, message in [
        ("chart_BARC.L_GBp_2017.json", 'found "1m", expected daily bars'),  # minutes: no close of a day
        ("chart_NVDA_split_events.json", "expected an object with 'currency'"),  # trimmed by its recorder
        ("error_400_interval.json", "found Bad Request: Invalid input"),
        ("error_404.json", "symbol may be delisted"),
        ("error_429_body.txt", "Too Many Requests"),
        ("quote_v7_XSP.TO.json", "expected an object with 'chart'"),
    ]:
        with pytest.raises(ParseError, match=message):
            list(yahoo_chart.parse(sample("yahoo_chart", f"yahoo/{name}", "2026-04-13T12:00:00")))


@needs_samples
def test_the_captured_split_with_what_its_recorder_trimmed_put_back() -> None:
    document = sample("yahoo_chart", "yahoo/chart_NVDA_split_events.json", "2024-06-11T12:00:00")
    answer = json.loads(document.body)
    answer["chart"]["result"][0]["meta"] |= {"currency": "USD", "regularMarketTime": 1718049601}
    readings = list(yahoo_chart.parse(replace(document, body=json.dumps(answer).encode())))
    assert [(r.quantity, r.as_of.isoformat(), r.value) for r in readings] == [
        ("split", "2024-06-10", 10.0),
        ("close", "2024-06-07", 1208.88),  # as quoted that Friday
        ("volume", "2024-06-07", 41_238_600),  # in the shares of that Friday
        ("close", "2024-06-10", 121.79),
        ("volume", "2024-06-10", 314_162_700),
    ]
