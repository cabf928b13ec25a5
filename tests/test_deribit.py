"""Deribit's open interest: inverse futures in dollars, inverse options in bitcoin, and nothing of an unknown form."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from saved import documents, saved

from scrapers.sources import deribit
from treasury.bitcoin.condition import CONTEXT
from treasury.model import Document, ParseError


def _document(name: str) -> Document:
    return saved(next(path for path in documents("deribit") if path.stem == name))


def _with(*instruments: tuple[str, Any], name: str = "good_day_future") -> Document:
    rows = [{"instrument_name": instrument, "open_interest": amount} for instrument, amount in instruments]
    return replace(_document(name), body=json.dumps({"jsonrpc": "2.0", "result": rows}).encode())


def test_the_units_are_those_of_the_series() -> None:
    assert {name: CONTEXT[name].unit for name in deribit.UNITS} == deribit.UNITS
    assert not set(deribit.UNITS) & {"futures_open_interest"}


def test_a_good_day_is_whole() -> None:
    assert [_document("good_day_future").url, _document("good_day_option").url] == list(deribit.URLS)
    for name in ("good_day_future", "good_day_option"):
        deribit.check_whole(_document(name))


@pytest.mark.parametrize(
    "instrument",
    ["BTC_USDC", "BTC-FS-19MAY26_PERP", "BTC-CS-19MAY26-70000_75000", "ETH-PERPETUAL", "BTC-27XXX24", "BTC-27DEC24-1-X",
     "BTC-27DEC2٤", "BTC-PERPETUAL-27DEC24", "btc-perpetual", ""],
)  # fmt: skip
def test_an_instrument_of_unknown_form_is_refused(instrument: str) -> None:
    with pytest.raises(
        ParseError, match=r"\$\.result\[1\]\.instrument_name: found .*, expected a name like BTC-PERPETUAL"
    ):
        list(deribit.parse(_with(("BTC-PERPETUAL", 5.0), (instrument, 1.0))))


def test_the_name_decides_what_is_summed() -> None:
    (futures,) = deribit.parse(_with(("BTC-PERPETUAL", 1e9), ("BTC-5AUG26", 2e6), ("BTC_USDT-PERPETUAL", 900.0)))
    assert (futures.value, futures.unit, futures.note) == (
        1.002e9,
        "USD",
        "2 inverse instruments; without 1 linear ones",
    )
    (options,) = deribit.parse(
        _with(("BTC-5AUG26-100000-C", 3.5), ("BTC-5AUG26-9500-P", 1.0), ("BTC_USDC-5AUG26-9500-P", 7.0))
    )
    assert (options.quantity, options.value, options.unit) == ("options_open_interest_deribit", 4.5, "BTC")


def test_a_snapshot_is_of_the_utc_day_it_was_fetched() -> None:
    document = replace(_document("good_day_future"), fetched_at=datetime.fromisoformat("2025-01-15T19:30:00-05:00"))
    assert [reading.as_of for reading in deribit.parse(document)] == [date(2025, 1, 16)]


def test_an_instrument_twice_would_count_twice() -> None:
    with pytest.raises(ParseError, match=r"\$\.result\[1\]\.instrument_name: .*expected every instrument once"):
        list(deribit.parse(_with(("BTC-PERPETUAL", 5.0), ("BTC-PERPETUAL", 5.0))))


@pytest.mark.parametrize("amount", [None, "5", -1.0, True])
def test_an_open_interest_nobody_knows_is_not_zero(amount: Any) -> None:
    with pytest.raises(ParseError, match=r"\$\.result\[1\]\.open_interest: found .*, expected"):
        list(deribit.parse(_with(("BTC-PERPETUAL", 5.0), ("BTC-5AUG26", amount))))


def test_what_is_missing_is_noticed() -> None:
    with pytest.raises(ParseError, match="found 1 futures, expected BTC-PERPETUAL among them"):
        deribit.check_whole(_with(("BTC-5AUG26", 5.0)))
    with pytest.raises(ParseError, match="found 1 options of one side, expected calls and puts"):
        deribit.check_whole(_with(("BTC-5AUG26-100000-C", 5.0)))
    with pytest.raises(ParseError, match="found a list of 0, expected either futures or options"):
        list(deribit.parse(_with()))
    with pytest.raises(ParseError, match="found an open interest of inf in all"):
        list(deribit.parse(_with(("BTC-PERPETUAL", 1e308), ("BTC-5AUG26", 1e308))))
