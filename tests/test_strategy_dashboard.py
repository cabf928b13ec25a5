"""Strategy's dashboard: each number in its own unit, by the definition of its day, and nothing from a page that is another."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from saved import REFERENCE, SAMPLES, documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.sources import strategy_dashboard as dashboard
from treasury.model import Document, ParseError, Reading
from treasury.publishers.definitions import EV_UNTIL, NET_SINCE, own_mnav_periods

SOURCE = catalogue.load("strategy_dashboard")
KPIS, MSTR, HOME = dashboard.URLS


def _document(name: str) -> Document:
    return saved(next(path for path in documents("strategy_dashboard") if path.stem == name))


def _page(properties: Any) -> bytes:
    told = json.dumps({"props": {"pageProps": properties}})
    return f'<html><body><script id="__NEXT_DATA__" type="application/json">{told}</script></body></html>'.encode()


def _home(*rows: dict[str, Any], **beside: Any) -> Document:
    return replace(_document("home"), body=_page({"btcTrackerData": list(rows), **beside}))


def _kpis(**results: Any) -> Document:
    body = json.dumps({"timestamp": "2026-07-24T14:59:00", "results": results}).encode()
    return replace(_document("bitcoin_holdings"), body=body)


def _quoted(**changed: Any) -> Document:
    (row,) = json.loads(_document("in_millions").body)
    return replace(_document("in_millions"), body=json.dumps([{**row, **changed}]).encode())


def test_three_documents_of_two_kinds() -> None:
    assert [catalogue.kind_of(SOURCE, url) for url in dashboard.URLS] == ["json", "json", "html"]


def test_a_challenge_in_place_of_the_home_page_leaves_the_other_documents() -> None:
    with pytest.raises(ParseError, match="Just a moment"):
        catalogue.read(SOURCE, _document("challenge"))
    assert len(catalogue.read(SOURCE, _document("bitcoin_holdings"))) == 1
    assert len(catalogue.read(SOURCE, _document("in_millions"))) == 4


@pytest.mark.slow
def test_every_day_has_one_definition_and_each_its_multiple() -> None:
    assert {name for ticker, name, *_ in own_mnav_periods() if ticker == "MSTR"} == {
        "strategy-basic-2020", "strategy-ev-2025", "strategy-net-2026"
    }  # fmt: skip
    day = date(2024, 12, 25)
    while day <= NET_SINCE:
        document = _kpis(mNav=1.0016)
        body = document.body.replace(b"2026-07-24", str(day).encode())
        (reading,) = catalogue.read(SOURCE, replace(document, body=body))
        assert reading.instrument == ("market_cap" if day < date(2024, 12, 31) else "ev" if day <= EV_UNTIL else "net")
        day += timedelta(days=1)


def test_per_cent_of_the_bitcoin_is_no_money() -> None:
    with pytest.raises(ParseError, match="found 0 readings, expected at least 1"):
        catalogue.read(SOURCE, _kpis(debtByBN=13, prefByBN=29, debtPrefByBN=41, btcNavNumber=53839))


@pytest.mark.parametrize("held", ["846 842", "846,84", "846.842.1", "", "n/a", True])
def test_holdings_are_a_number_with_commas_or_without(held: Any) -> None:
    with pytest.raises(ParseError, match=r"\$\.results\.btcHoldings: found .*, expected a number"):
        catalogue.read(SOURCE, _kpis(btcHoldings=held))
    (reading,) = catalogue.read(SOURCE, _kpis(btcHoldings=846842))
    assert reading.value == 846842


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"marketCap": "40.1"}, r"marketCap: found \"40\.1\", expected a market cap in \$ millions at 112\.53 a share"),
        ({"marketCap": "40,097,000,000"}, r"expected a market cap in \$ millions"),
        ({"marketCap": "40,097", "ufPrice": 0}, r"expected a market cap in \$ millions at 0 a share"),
        ({"debt": None}, r"\.debt: found null, expected a number"),
        ({"pref": "—"}, r"\.pref: found .*, expected a number, with commas or without"),
        ({"company": "STRE"}, "expected MSTR or one of its preferred series in dollars"),
        ({"timeStampUtc": "2026-06-18T20:00:00Z"}, "expected a moment like 2026-07-24T14:59:00"),
    ],
)
def test_another_unit_or_layout_is_an_error(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ParseError, match=message):
        catalogue.read(SOURCE, _quoted(**changed))


def test_plain_numbers_are_millions_too() -> None:
    assert catalogue.read(SOURCE, _quoted(marketCap=40097, entVal=61225, debt=6754, pref=15475)) == catalogue.read(
        SOURCE, _quoted()
    )


@pytest.mark.parametrize(
    "metrics",
    [
        {"shares": 7750000, "notional": 882802500},  # dollars, and no rate to tell
        {"shares": 7750000, "notional": 882802500, "current_fx_rate": 1.05},
        {"shares": 0, "notional": 882802500, "current_fx_rate": 1.1391},
        {"shares": 7750000, "notional": 100, "current_fx_rate": 1.1391},  # of one share
    ],
)
def test_a_claim_in_no_currency_that_goes_with_its_shares_is_an_error(metrics: dict[str, Any]) -> None:
    with pytest.raises(ParseError, match=r"notional: found .*, expected 100 for each of .* in EUR or converted"):
        catalogue.read(SOURCE, _home({"as_of_date": "2026-06-29", "btc_holdings": 847363, "stre_metrics": metrics}))


def test_a_rate_is_not_looked_at_for_a_claim_in_dollars() -> None:
    metrics = {"shares": 100000, "notional": 11391000, "current_fx_rate": 1.1391}
    with pytest.raises(ParseError, match="in USD or converted"):
        catalogue.read(SOURCE, _home({"as_of_date": "2026-06-29", "btc_holdings": 847363, "strk_metrics": metrics}))


def test_counts_in_thousands_stand_in_for_no_whole_count_and_contradict_none() -> None:
    row = {"as_of_date": "2026-07-20", "btc_holdings": 843775, "basic_shares_outstanding": 379160499}
    found = catalogue.read(SOURCE, _home(row, shares=[{"date": "2026-07-20", "basic_shares_outstanding": 379160}]))
    assert [one.value for one in found if one.quantity == "shares_basic"] == [379160499]
    with pytest.raises(ParseError, match="found 379460, expected the thousands of the 379,160,499 in btcTrackerData"):
        catalogue.read(SOURCE, _home(row, shares=[{"date": "2026-07-20", "basic_shares_outstanding": 379460}]))
    with pytest.raises(ParseError, match="found 379160000, expected a count in thousands of shares"):
        catalogue.read(SOURCE, _home(row, shares=[{"date": "2026-07-20", "basic_shares_outstanding": 379160000}]))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html><head><title>Access Denied</title></head></html>", 'titled "Access Denied", expected the home page'),
        (b"<", "expected the home page"),
        (b'<html><script id="__NEXT_DATA__"></script></html>', "found nothing"),
        (b'<html><script id="__NEXT_DATA__">{"props": {</script></html>', "expected JSON"),
        (_page({"purchases": []}), r"\$\.props\.pageProps: .*expected an object with 'btcTrackerData'"),
        (_page({"btcTrackerData": []}), "found 0 readings, expected at least 1"),
        (_page({"btcTrackerData": [{"as_of_date": "July 20, 2026"}]}), "expected a day like"),
        (_page({"btcTrackerData": [{"as_of_date": "2026-07-20", "btc_holdings": "843,775"}]}), "expected a number"),
    ],
)
def test_a_page_that_is_not_the_home_page_is_an_error(body: bytes, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        catalogue.read(SOURCE, replace(_document("home"), body=body))


# -- against what is known otherwise -------------------------------------------------------------------------------


def _facts(*sources: str) -> Iterator[dict[str, str]]:
    with (REFERENCE / "facts.csv").open(newline="") as file:
        yield from (row for row in csv.DictReader(file) if row["ticker"] == "MSTR" and row["source"] in sources)


def _in_force(quantity: str, instrument: str, day: str) -> float:
    """What the issuer's export showed by that day."""
    rows = [
        row
        for row in _facts("strategy-dashboard")
        if (row["quantity"], row["instrument"]) == (quantity, instrument) and row["as_of"] <= day
    ]
    return float(max(rows, key=lambda row: row["as_of"])["value"])


def _captured() -> list[Reading]:
    captured = [
        ("bitcoinKpis.2026-06-20.json", "2026-06-20T13:08:30", KPIS),
        ("bitcoinKpis.2026-07-24.json", "2026-07-24T14:59:30", KPIS),
        ("mstrKpiData.2026-06-20.json", "2026-06-20T13:08:30", MSTR),
        ("mstrKpiData.2026-07-24.json", "2026-07-24T14:59:30", MSTR),
        ("strcKpiData.2026-05-22.json", "2026-05-22T20:30:00", MSTR.replace("mstr", "strc")),
    ]
    found = [
        reading
        for name, at, url in captured
        for reading in catalogue.read(SOURCE, sample("strategy_dashboard", f"strategy_com/{name}", at, url))
    ]
    properties = json.loads((SAMPLES / "strategy_com" / "next_data.home.2026-07-20.json").read_bytes())["props"]
    return found + catalogue.read(SOURCE, replace(_document("home"), body=_page(properties["pageProps"])))


@needs_samples
def test_the_captures_give_every_fact_the_reference_data_has_from_them() -> None:
    found = {(one.quantity, one.instrument or "", str(one.as_of)): one.value for one in _captured()}
    compared = 0
    for row in _facts("strategy-home", "strategy-api"):
        if "residual" in (row["note"] or ""):
            continue  # made of several, none of them printed alone
        assert found[row["quantity"], row["instrument"], row["as_of"]] == float(row["value"])
        compared += 1
    assert compared == 16


@needs_samples
def test_the_captures_meet_the_issuers_own_export() -> None:
    """Exact where both are of the same days; $ millions are the same rounded."""
    found = {(one.quantity, one.instrument or "", str(one.as_of)): one.value for one in _captured()}
    assert found["btc_holdings", "", "2026-05-11"] == _in_force("btc_holdings", "", "2026-05-11")
    assert found["btc_holdings", "", "2026-06-20"] == _in_force("btc_holdings", "", "2026-06-20")
    strc = found["liquidation_preference", "strc", "2026-05-22"]
    assert strc == _in_force("liquidation_preference", "strc", "2026-05-22") == 10489470500
    for quantity in ("debt_total", "preferred_total"):
        exact = _in_force(quantity, "", "2026-06-18")
        assert abs(found[quantity, "", "2026-06-18"] - exact) <= 500_000


@needs_samples
@pytest.mark.parametrize(
    ("day", "reserve"),
    [("2026-06-18", 1_100_000_000), ("2026-07-24", 3_225_000_000)],  # the USD Reserve shown that week
)
def test_the_captured_enterprise_value_is_the_sum_of_its_parts(day: str, reserve: float) -> None:
    found = {one.quantity: one.value for one in _captured() if str(one.as_of) == day and one.instrument is None}
    parts = found["market_cap_published"] + found["debt_total"] + found["preferred_total"] - reserve
    assert abs(found["ev_published"] - parts) <= 2_000_000  # four numbers rounded to a million
