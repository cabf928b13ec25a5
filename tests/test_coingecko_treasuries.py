"""CoinGecko's companies: every symbol as printed, unknown costs left out, missing rows noticed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from saved import documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.sources import coingecko_treasuries as coingecko
from treasury.model import Document, ParseError


def _document() -> Document:
    return saved(next(path for path in documents("coingecko_treasuries") if path.stem == "dialects_and_unknowns"))


def _with(count: int, page: int = 1) -> Document:
    """A page of that many companies with 10 BTC each."""
    row = {"country": "US", "total_holdings": 10, "total_entry_value_usd": 5}
    rows = [{"name": f"No. {i}", "symbol": f"N{i}.US", **row} for i in range(count)]
    body = json.dumps({"total_holdings": 10 * count, "companies": rows}).encode()
    return replace(_document(), body=body, url=coingecko.PAGE.format(page))


def test_a_full_page_has_a_next_one() -> None:
    assert coingecko.next_urls(_with(175)) == []
    assert coingecko.next_urls(_with(250)) == [coingecko.PAGE.format(2)]
    assert coingecko.next_urls(_with(250, page=2)) == [coingecko.PAGE.format(3)]


def test_a_company_listed_twice_is_named() -> None:
    answer = json.loads(_with(40).body)
    answer["companies"].insert(7, answer["companies"][7])
    answer["total_holdings"] += 10
    with pytest.raises(ParseError, match=r"found N7\.US btc_holdings 2026-05-20 twice \(10, 10\), expected once"):
        catalogue.read(catalogue.load("coingecko_treasuries"), replace(_document(), body=json.dumps(answer).encode()))


def test_companies_that_do_not_add_up_to_the_total_are_noticed() -> None:
    source = catalogue.load("coingecko_treasuries")
    assert len(catalogue.read(source, _with(40))) == 80
    answer = json.loads(_with(40).body)
    answer["companies"] = answer["companies"][:39]
    with pytest.raises(ParseError, match="found 39 companies with 390 BTC, expected the 400 of total_holdings"):
        catalogue.read(source, replace(_document(), body=json.dumps(answer).encode()))


@needs_samples
def test_the_capture_of_2025_06_28() -> None:
    name = "coingecko/companies_public_treasury_bitcoin.2025-06-28.json"
    document = sample("coingecko_treasuries", name, "2025-06-28T09:00:00")
    readings = catalogue.read(catalogue.load("coingecko_treasuries"), document)
    holdings = {r.company: r.value for r in readings if r.quantity == "btc_holdings"}
    costs = {r.company: r.value for r in readings if r.quantity == "btc_cost_basis"}
    assert len(holdings) == 34
    assert len(costs) == 22  # 11 of 0, one of −2
    assert {r.as_of for r in readings} == {date(2025, 6, 28)}
    assert holdings["NASDAQ:MSTR"] == 576230
    assert holdings["TSE: GLXY"] == 15449
    assert holdings["CORZ:NASDAQ"] == 21
    assert holdings["HKG:1357"] == 0
    assert costs["JAS. BK"] == 38258873
    half = json.loads(document.body)
    half["companies"] = half["companies"][:17]
    with pytest.raises(ParseError, match="found 17 companies"):
        catalogue.read(catalogue.load("coingecko_treasuries"), replace(document, body=json.dumps(half).encode()))


@needs_samples
def test_other_captured_answers() -> None:
    name = "coingecko/companies_public_treasury_bitcoin.doc-2026.json"
    readings = list(coingecko.parse(sample("coingecko_treasuries", name, "2026-02-20T09:00:00")))
    assert [(r.company, r.quantity, r.value) for r in readings] == [
        ("MSTR.US", "btc_holdings", 714644),
        ("MSTR.US", "btc_cost_basis", 54674553864),
    ]
    for name, message in [
        ("error_401_365d", "exceeds the allowed time range"),
        ("error_429", "exceeded the Rate Limit"),
    ]:
        with pytest.raises(ParseError, match=message):
            list(coingecko.parse(sample("coingecko_treasuries", f"coingecko/{name}.json", "2026-02-20T09:00:00")))
