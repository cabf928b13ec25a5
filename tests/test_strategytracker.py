"""StrategyTracker: rows by day with their traps of basis, currency and date; nothing of the series at one exchange rate."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from conftest import Rows
from saved import documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.formats.strict_json import load
from scrapers.normalise import Publisher, normalise
from scrapers.sources import strategytracker as tracker
from treasury.intake.identity import Alias, Identity, Listed
from treasury.intake.plausible import History
from treasury.model import Document, ParseError, Reading

SOURCE = catalogue.load("strategytracker")
WHITE_LABEL = "white_label_2025-07-28"
CONSOLIDATION, SPLIT = ("3350.T", date(2024, 7, 30), 0.1), ("3350.T", date(2025, 3, 28), 10.0)


def _document(stem: str) -> Document:
    return saved(next(path for path in documents("strategytracker") if path.stem == stem))


def _changed(stem: str, change: Callable[[Any], object]) -> Document:
    """A saved document after `change` to its object."""
    document = _document(stem)
    answer = json.loads(document.body)
    change(answer)
    return replace(document, body=json.dumps(answer).encode())


def _told(readings: list[Reading], quantity: str) -> dict[date, float]:
    return {reading.as_of: reading.value for reading in readings if reading.quantity == quantity}


# -- which files ---------------------------------------------------------------------------------------------------


def test_the_newest_version_has_a_file_for_each_company_wanted() -> None:
    urls = tracker.next_urls(_document("good_day_index"))
    assert len(urls) == len(tracker.COMPANIES)
    assert urls[:2] == [
        "https://data.strategytracker.com/3350_T.v20250115T221934Z.json",
        "https://data.strategytracker.com/H100.v20250115T221934Z.json",
    ]
    assert tracker.next_urls(_document("good_day_3350_T")) == []


def test_an_index_gives_no_readings_and_a_feed_that_stands_still_is_noticed() -> None:
    index = _document("good_day_index")
    assert catalogue.read(SOURCE, index) == []
    later = replace(index, fetched_at=index.fetched_at + timedelta(days=8))
    with pytest.raises(
        ParseError, match=r"found \"20250115T221934Z\", expected a version of the 7 days before 2025-01-23"
    ):
        catalogue.read(SOURCE, later)
    odd = _changed("good_day_index", lambda index: index.update(version="20251345T990000Z"))
    with pytest.raises(ParseError, match=r"\$\.version: found .*, expected a moment"):
        catalogue.read(SOURCE, odd)


def test_a_file_must_be_of_the_company_asked_for() -> None:
    other = replace(_document("good_day_3350_T"), url="https://data.strategytracker.com/H100.v20250115T221934Z.json")
    with pytest.raises(
        ParseError, match=r"found 3350\.T, expected the company of https://data\.strategytracker\.com/H100"
    ):
        catalogue.read(SOURCE, other)
    nobody = _changed("good_day_3350_T", lambda answer: answer["companies"].clear())
    with pytest.raises(ParseError, match="found no company, expected"):
        catalogue.read(SOURCE, nobody)


def test_a_table_that_ends_too_early_is_noticed() -> None:
    def without(*rows: int) -> Document:
        def change(answer: Any) -> None:
            table = answer["processedMetrics"]["treasury_table"]
            table[:] = [row for number, row in enumerate(table) if number not in rows]

        return _changed(WHITE_LABEL, change)

    assert catalogue.read(SOURCE, _document(WHITE_LABEL))
    with pytest.raises(
        ParseError, match=r"found 16352\.0 BTC and 2025-07-13 at its end, expected 17132\.0 .* 2025-07-27"
    ):
        catalogue.read(SOURCE, without(9))
    with pytest.raises(ParseError, match="found a list of 2, expected at least 3 days"):
        catalogue.read(SOURCE, without(*range(8)))


# -- what is unknown -----------------------------------------------------------------------------------------------


def test_nan_is_unknown_in_this_feed_alone() -> None:
    document = _document(WHITE_LABEL)
    assert b"NaN" in document.body
    assert list(tracker.parse(document))
    with pytest.raises(ParseError, match="NaN is no number in JSON"):
        load(document)
    with pytest.raises(ParseError, match="Infinity is no number in JSON"):
        list(tracker.parse(replace(document, body=document.body.replace(b"NaN", b"Infinity"))))


def test_zero_debt_and_a_diluted_count_equal_to_the_basic_one_are_unknown() -> None:
    readings = [one for one in tracker.parse(_document("companies_2026-09-09")) if one.company == "H100"]
    assert {one.quantity for one in readings} == {"btc_holdings", "shares_basic", "shares_assumed_diluted"}
    assert _told(readings, "shares_basic")[date(2026, 9, 9)] == 371_000_000  # never the vendor's 10,000,000
    assert _told(readings, "shares_assumed_diluted") == {date(2025, 11, 20): 360_000_000}


def test_amounts_need_a_currency() -> None:
    def without(answer: Any) -> None:
        del answer["companies"]["3350.T"]["processedMetrics"]["currencyInfo"]

    with pytest.raises(
        ParseError, match=r"3350\.T\.processedMetrics: found .*, expected an object with 'currencyInfo'"
    ):
        list(tracker.parse(_changed("companies_2026-09-09", without)))


def test_nothing_comes_out_of_the_series_at_one_exchange_rate() -> None:
    def spoil(answer: Any) -> None:
        answer["historicalData"] = answer["historicalDataOriginal"] = {"btc_balance": [1.0], "dates": ["2025-07-29"]}
        metrics = answer["processedMetrics"]
        metrics |= {"sharesOutstanding": 1.0, "currentMarketCap": 1.0, "latestCostBasis": 1.0, "stockPrice": 1.0}
        for row in metrics["treasury_table"]:
            row |= {"Cost Basis": 1.0, "Market Price": 1.0}

    readings = list(tracker.parse(_document(WHITE_LABEL)))
    assert list(tracker.parse(_changed(WHITE_LABEL, spoil))) == readings
    assert {reading.unit for reading in readings} == {"BTC", "shares", "ratio"}


# -- who, and on which share basis ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def identity(reference: Callable[[str], Rows]) -> Identity:
    return Identity(
        [Listed(row["ticker"], row["name"], row["mic"] or None) for row in reference("companies")],
        [Alias(row["ticker"], row["alias"], row["kind"]) for row in reference("aliases")],
    )


@pytest.mark.parametrize(
    ("printed", "name", "ticker"),
    [
        ("3350.T", "Metaplanet Inc.", "3350.T"),
        ("H100", "H100 Group AB", "H100.ST"),
        ("ASST", "Strive, Inc.", "ASST"),
        ("SWC.AQ", "The Smarter Web Company PLC", "SWC.L"),
        ("ALCPB.PA", "Capital B", "ALCPB.PA"),
        ("BTCT.V", "Bitcoin Treasury Corporation", "BTCT.V"),
        ("OBTC3.SA", "OranjeBTC", "OBTC3.SA"),
        ("LQWD.V", "LQWD Technologies Corp.", "LQWD.V"),
    ],
)
def test_every_company_wanted_is_one_of_ours(identity: Identity, printed: str, name: str, ticker: str) -> None:
    assert printed in tracker.COMPANIES
    reading = Reading(printed, "btc_holdings", 100.0, "BTC", date(2026, 8, 31), note=f"{name}; on some basis")
    document = Document("strategytracker", "", b"", datetime(2026, 9, 9, tzinfo=UTC))
    examined = catalogue.Examined([reading], [])
    harvest = normalise(examined, document, Publisher("strategytracker", "tracker", "a — b."), identity, History())
    assert [fact.ticker for fact in harvest.facts] == [ticker]


def test_counts_printed_after_a_split_are_not_those_of_the_days_before(identity: Identity) -> None:
    """Metaplanet's 181,700,000 of August 2024 were 18,169,218 then; the 114,700,000 of April are on today's basis again."""
    document = _document(WHITE_LABEL)
    publisher = Publisher("strategytracker", "tracker", catalogue.about(SOURCE))
    harvest = normalise(catalogue.examine(SOURCE, document), document, publisher, identity, History(splits=[CONSOLIDATION, SPLIT]))  # fmt: skip
    assert [(kept.reading.quantity, kept.reading.value) for kept in harvest.kept_out] == [
        ("shares_basic", 181_700_000),
        ("shares_assumed_diluted", 454_201_984),
    ]
    assert "is on a share basis from after the split of 2025-03-28" in harvest.kept_out[0].reason
    stored = {(fact.quantity, fact.as_of): fact.value for fact in harvest.facts}
    assert stored["shares_basic", date(2024, 4, 23)] == 114_700_000
    assert stored["btc_holdings", date(2024, 8, 13)] == 303.1


# -- the captured file ---------------------------------------------------------------------------------------------


@needs_samples
def test_the_capture_of_2025_07_28() -> None:
    def read(name: str) -> list[Reading]:
        return catalogue.read(SOURCE, sample("strategytracker", f"strategytracker/{name}.json", "2025-07-28T22:00:00"))

    readings = read("metaplanet_fallback_data")
    assert readings == read("metaplanet.trimmed")
    held = _told(readings, "btc_holdings")
    assert len(held) == 43
    assert (min(held), max(held)) == (date(2024, 4, 23), date(2025, 7, 27))
    assert _told(readings, "shares_basic")[date(2025, 7, 27)] == 686_214_340
    assert _told(readings, "shares_assumed_diluted")[date(2025, 7, 27)] == 865_942_925
    assert _told(readings, "mnav_published") == {date(2025, 7, 28): pytest.approx(2.8319, abs=1e-4)}
    assert {reading.unit for reading in readings} == {"BTC", "shares", "ratio"}


@needs_samples
def test_the_captured_rows_agree_with_the_reference_up_to_a_day_and_the_split(reference: Callable[[str], Rows]) -> None:
    document = sample("strategytracker", "strategytracker/metaplanet_fallback_data.json", "2025-07-28T22:00:00")
    readings = catalogue.read(SOURCE, document)
    sources = {row["id"]: row["kind"] for row in reference("sources")}
    known = {
        (row["quantity"], date.fromisoformat(row["as_of"])): float(row["value"])
        for row in reference("facts")
        if row["ticker"] == "3350.T" and sources[row["source"]] != "tracker"
    }

    def beside(quantity: str, day: date) -> tuple[int, float]:
        return next((off, known[quantity, day + timedelta(off)]) for off in (0, 1, -1) if (quantity, day + timedelta(off)) in known)  # fmt: skip

    apart = {day: beside("btc_holdings", day)[0] for day in _told(readings, "btc_holdings")}
    assert {day.isoformat()[2:]: off for day, off in apart.items() if off} == {
        "24-05-10": -1, "24-06-11": -1, "25-04-23": 1, "25-06-15": 1, "25-06-22": 1, "25-06-25": 1, "25-06-29": 1,
        "25-07-06": 1, "25-07-13": 1, "25-07-27": 1,
    }  # fmt: skip
    for day, value in _told(readings, "btc_holdings").items():
        assert value == pytest.approx(beside("btc_holdings", day)[1], abs=0.86)  # 97 for 97.85; four digits later
        assert day < date(2025, 1, 1) or value == beside("btc_holdings", day)[1]
    for day, value in _told(readings, "shares_basic").items():
        if day >= CONSOLIDATION[1]:
            basis = SPLIT[2] if day < SPLIT[1] else 1
            assert value / basis == pytest.approx(beside("shares_basic", day)[1], rel=2e-4), day  # treasury shares
