"""The front page's data of bitcointreasuries.net: listed companies only, unknown left out, one page with entities."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from saved import documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.sources import bitcointreasuries
from treasury.model import Document, ParseError

SOURCE = catalogue.load("bitcointreasuries")
SAMPLE = "bitcointreasuries_net/__data.shape.json"


def _document(stem: str = "2026-07-20") -> Document:
    return saved(next(path for path in documents("bitcointreasuries") if path.stem == stem))


def _page(*slots: Any) -> Document:
    """An answer whose second node holds these slots."""
    nodes = [None, {"type": "data", "data": slots}]
    return replace(_document(), body=json.dumps({"type": "data", "nodes": nodes}).encode())


def _company(btc: Any, cost: Any = None, *rest: Any) -> Document:
    """One company with these two values, `rest` in the places from 9 on."""
    entity = {"type": 3, "name": 4, "ticker": 5, "btc_balance": 7, "cost_basis": 8}
    return _page({"entities": 1}, [2], entity, "PUBLIC_COMPANY", "Strategy", {"symbol": 6}, "MSTR", btc, cost, *rest)


def test_it_is_asked_only_by_name_and_expects_json_of_the_page() -> None:
    assert SOURCE.ASKED_ONLY is True  # type: ignore[attr-defined]
    assert catalogue.kind_of(SOURCE, bitcointreasuries.URLS[0]) == "json"


def test_the_good_day_is_whole() -> None:
    readings = catalogue.read(SOURCE, _document("good_day"))
    assert len(readings) == 102
    assert [(one.quantity, one.value) for one in readings[:2]] == [
        ("btc_holdings", 450_000),
        ("btc_cost_basis", 28.2e9),
    ]


def test_fewer_companies_than_ever_were_listed_are_an_error() -> None:
    with pytest.raises(ParseError, match="bitcointreasuries: found 10 readings, expected at least 100"):
        catalogue.read(SOURCE, _document())


@pytest.mark.parametrize(
    ("btc", "cost", "rest", "expected"),
    [
        (843775, ["BigDecimal", 9], ["63870055699"], {"btc_holdings": 843775, "btc_cost_basis": 63870055699}),
        (0, 0, [], {"btc_holdings": 0}),  # none is a claim; a cost of nothing is not
        (["BigDecimal", "0.5"], None, [], {"btc_holdings": 0.5}),
        (None, ["BigDecimal", "1000"], [], {"btc_cost_basis": 1000}),
        (-3, -2, [], {"btc_holdings": -3, "btc_cost_basis": -2}),  # as printed: the bounds refuse it by its name
    ],
)
def test_numbers_are_plain_or_a_decimal_and_unknown_stays_unknown(
    btc: Any, cost: Any, rest: list[Any], expected: dict[str, float]
) -> None:
    assert {one.quantity: one.value for one in bitcointreasuries.parse(_company(btc, cost, *rest))} == expected


@pytest.mark.parametrize(
    ("btc", "message"),
    [
        ("843775", 'btc_balance: found "843775", expected a number'),
        (["BigDecimal", "8.4e5"], 'btc_balance.BigDecimal: found "8.4e5", expected a decimal number'),
        (["BigDecimal", 9], "btc_balance.BigDecimal: found an object with a, expected a decimal number"),
        (["Date", "2026-07-20"], "btc_balance: found an object with Date, expected an object with 'BigDecimal'"),
        ([-3], "btc_balance: found a list of 1, expected a number"),
    ],
)
def test_what_is_no_number_is_refused(btc: Any, message: str) -> None:
    with pytest.raises(ParseError, match=re.escape(f"bitcointreasuries: $.nodes[1].data:entities[0].{message}")):
        list(bitcointreasuries.parse(_company(btc, None, {"a": 3})))


def test_not_a_number_and_infinity_are_refused() -> None:
    for place, found in ((-3, "NaN"), (-4, "Infinity"), (-5, "-Infinity")):
        entity = {"type": 3, "name": 4, "ticker": -1, "btc_balance": place, "cost_basis": -1}
        with pytest.raises(ParseError, match=rf"btc_balance: found {found}, expected a finite number"):
            list(bitcointreasuries.parse(_page({"entities": 1}, [2], entity, "PUBLIC_COMPANY", "Strategy")))


@pytest.mark.parametrize("slots", [[{"other": 1}, 5], [{"entities": None}], [-1]])
def test_a_page_without_entities_is_refused(slots: list[Any]) -> None:
    with pytest.raises(ParseError, match=r"^bitcointreasuries: .*found .*expected"):
        list(bitcointreasuries.parse(_page(*slots)))


def test_two_pages_with_entities_are_refused() -> None:
    answer = json.loads(_document().body)
    answer["nodes"].append(answer["nodes"][1])
    with pytest.raises(ParseError, match=r"\$\.nodes: found a list of 4, expected one page with entities, not 2"):
        list(bitcointreasuries.parse(replace(_document(), body=json.dumps(answer).encode())))


def test_a_company_listed_twice_is_named() -> None:
    document = _document("good_day")
    answer = json.loads(document.body)
    answer["nodes"][1]["data"][1].append(answer["nodes"][1]["data"][1][3])
    with pytest.raises(ParseError, match=r"found XX48 btc_holdings 2025-01-15 twice \(48\.5, 48\.5\), expected once"):
        catalogue.read(SOURCE, replace(document, body=json.dumps(answer).encode()))


@needs_samples
def test_the_sample_of_the_layout() -> None:
    document = sample("bitcointreasuries", SAMPLE, "2026-07-20T09:00:00", bitcointreasuries.URLS[0])
    assert [
        (one.company, one.quantity, one.value, one.unit, one.note) for one in bitcointreasuries.parse(document)
    ] == [
        ("MSTR", "btc_holdings", 843775, "BTC", "Strategy"),
        ("MSTR", "btc_cost_basis", 63870055699, "USD", "Strategy"),
    ]


@needs_samples
def test_the_page_of_2025_is_another_layout() -> None:
    name = "bitcointreasuries_net/company_2025.shape.html"
    with pytest.raises(ParseError, match=r"^bitcointreasuries: found '<html>.*expected JSON"):
        list(bitcointreasuries.parse(sample("bitcointreasuries", name, "2025-08-05T09:00:00")))
