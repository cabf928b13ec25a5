"""Whole answers recorded from the markets' own services: today's parsers take them as they came."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from saved import SAMPLES, needs_samples, sample

from scrapers import catalogue
from scrapers.sources import bitview
from treasury.model import DelistedError, ParseError, Reading

pytestmark = needs_samples


def _read(source: str, name: str, fetched_at: str = "2026-09-20T23:00:00", url: str = "") -> list[Reading]:
    document = sample(source, name, fetched_at, url)
    return list(catalogue.load(source).parse(document))


def _closes(readings: list[Reading]) -> dict[date, float]:
    return {one.as_of: one.value for one in readings if one.quantity == "close"}


def test_deribits_open_interest() -> None:
    (futures,) = _read("deribit", "deribit/future_2026-09-19.json", "2026-09-19T19:00:00")
    assert (futures.value, futures.unit, futures.as_of) == (1_696_495_400, "USD", date(2026, 9, 19))
    (options,) = _read("deribit", "deribit/option_2026-09-19.cut.json", "2026-09-19T19:00:00")
    assert (round(options.value, 6), options.unit) == (392.7, "BTC")


def test_bitviews_series_in_bulk_are_aligned_with_their_days() -> None:
    """The third of the three recorded series is another one: what counts is that days and values meet."""
    told = _read("bitview", "onchain/bulk_2026-09-19.three_of_twenty.json", "2026-09-19T19:10:00", bitview.URLS[0])
    first = {one.as_of: one.value for one in told if one.quantity == bitview.SERIES[0]}
    assert first[date(2026, 9, 15)] == pytest.approx(12_744_938.77239125)
    assert max(first) == date(2026, 9, 18), "the day of the stamp is running"


def test_the_index_of_fear_and_greed() -> None:
    told = _read("fear_greed", "feargreed/fng_limit30_2026-09-19.json", "2026-09-19T19:10:00")
    assert len(told) == 30
    assert (told[0].as_of, told[0].value) == (date(2026, 9, 19), 71)


def test_days_of_coinbase_and_bitstamp_agree_where_both_tell() -> None:
    url = "https://api.exchange.coinbase.com/products/BTC-USD/candles?granularity=86400"
    coinbase = _closes(_read("coinbase", "coinbase/candles_1d_2026-09-19.cut.json", url=url))
    url = "https://www.bitstamp.net/api/v2/ohlc/btcusd/?step=86400&limit=1000"
    bitstamp = _closes(_read("bitstamp", "bitstamp/ohlc_1d_2026-09-19.cut.json", url=url))
    assert coinbase[date(2026, 9, 18)] == 80_875.04
    assert len(both := coinbase.keys() & bitstamp.keys()) >= 4
    assert all(abs(coinbase[day] / bitstamp[day] - 1) < 0.002 for day in both)


@pytest.mark.parametrize("name", ["CAPR_2026-08.json", "CAPR_bom.json"])
def test_nasdaqs_history_with_and_without_a_byte_order_mark(name: str) -> None:
    closes = _closes(_read("nasdaq", f"nasdaq/{name}", "2026-08-14T22:00:00"))
    assert len(closes) == 10
    assert closes[date(2026, 8, 14)] == 6.65


def test_what_nasdaq_says_in_place_of_a_history() -> None:
    source = catalogue.load("nasdaq")
    with pytest.raises(ParseError, match="found 0 readings"):
        catalogue.read(source, sample("nasdaq", "nasdaq/no_rows.json", "2026-08-14T22:00:00"))
    with pytest.raises(DelistedError, match="Symbol not exists"):
        catalogue.read(source, sample("nasdaq", "nasdaq/no_symbol.json", "2026-08-14T22:00:00"))
    with pytest.raises(ParseError, match="Provided date is less than from date"):
        catalogue.read(source, sample("nasdaq", "nasdaq/same_day_window.json", "2026-08-14T22:00:00"))


def test_tokyos_bars_are_put_back_on_the_basis_of_their_day() -> None:
    plain = _closes(_read("yahoo_chart", "yahoo/1301.T_2024-12.json"))
    assert plain[date(2024, 11, 6)] == 4035
    told = _read("yahoo_chart", "yahoo/6309.T_split_dividend_2025-05.json")
    assert [(one.as_of, one.value) for one in told if one.quantity == "split"] == [(date(2025, 4, 28), 3.0)]
    closes = _closes(told)
    before, after = max(day for day in closes if day < date(2025, 4, 28)), date(2025, 4, 28)
    assert 2.5 < closes[before] / closes[after] < 3.5, "three shares for one; a dividend adjusts no close"


@pytest.mark.parametrize("folder", ["deribit", "onchain", "feargreed", "coinbase", "bitstamp", "nasdaq", "yahoo"])
def test_nothing_recorded_breaks_a_parser_in_any_other_way(folder: str) -> None:
    sources: dict[str, Any] = {"onchain": "bitview", "feargreed": "fear_greed", "yahoo": "yahoo_chart"}
    source = catalogue.load(sources.get(folder, folder))
    for path in sorted((SAMPLES / folder).iterdir()):
        document = sample(source.__name__.rpartition(".")[2], f"{folder}/{path.name}", "2026-09-20T23:00:00")
        with suppress(ParseError):  # anything else would end the run
            assert all(type(one.as_of) is date for one in source.parse(document))
