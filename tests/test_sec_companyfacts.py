"""SEC's company facts: every balance once, from the day it was filed first, and again where it was restated."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from saved import REFERENCE, documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.catalogue import Examined
from scrapers.normalise import Publisher, normalise
from scrapers.sources import sec_companyfacts as sec
from treasury.intake.identity import Identity, Listed
from treasury.intake.plausible import History
from treasury.model import Document, ParseError, Reading

SOURCE = catalogue.load("sec_companyfacts")
CASH = "CashAndCashEquivalentsAtCarryingValue"


def _document(name: str) -> Document:
    return saved(next(path for path in documents("sec_companyfacts") if path.stem == name))


def _with(facts: dict[str, Any]) -> Document:
    body = json.dumps({"cik": 1050446, "entityName": "STRATEGY INC", "facts": facts}).encode()
    return replace(_document("restated_and_repeated"), body=body)


def _row(end: str, value: float, filed: str, accession: str = "0001193125-25-262568", form: str = "10-Q") -> Any:
    return {"end": end, "val": value, "accn": accession, "fy": 2025, "fp": "Q3", "form": form, "filed": filed}


def test_one_url_a_filer_with_its_number_in_ten_digits() -> None:
    assert sec.urls([1050446, 2100603]) == [
        "https://data.sec.gov/api/xbrl/companyfacts/CIK0001050446.json",
        "https://data.sec.gov/api/xbrl/companyfacts/CIK0002100603.json",
    ]


def test_the_order_of_rows_does_not_decide_what_was_known_first() -> None:
    document = _document("restated_and_repeated")
    answer = json.loads(document.body)
    for tags in answer["facts"]["us-gaap"].values():
        for rows in tags["units"].values():
            rows.reverse()
    turned = replace(document, body=json.dumps(answer).encode())
    assert catalogue.examine(SOURCE, turned) == catalogue.examine(SOURCE, document)


def test_a_value_that_was_restated_and_restored_is_told_three_times() -> None:
    rows = [
        _row("2012-12-31", 1.0, "2013-02-21"),  # long before any bitcoin
        _row("2025-06-30", 2.0, "2025-08-04", "0000950170-25-102209"),
        _row("2025-06-30", 3.0, "2025-11-03"),
        _row("2025-06-30", 2.0, "2026-02-19", "0001050446-26-000020", "10-K"),
    ]
    found = catalogue.read(SOURCE, _with({"us-gaap": {CASH: {"units": {"USD": rows}}}}))
    assert [(one.value, one.known_at) for one in found] == [
        (2.0, date(2025, 8, 4)),
        (3.0, date(2025, 11, 3)),
        (2.0, date(2026, 2, 19)),
    ]


def test_one_filing_with_two_values_of_one_day_is_an_error() -> None:
    rows = [_row("2025-09-30", 54285000, "2025-11-03"), _row("2025-09-30", 54300000, "2025-11-03")]
    with pytest.raises(ParseError, match=r"cash 2025-09-30 2025-11-03 twice \(54285000, 54300000\), expected once"):
        catalogue.read(SOURCE, _with({"us-gaap": {CASH: {"units": {"USD": rows}}}}))


def test_two_currencies_for_every_balance_are_an_error_and_no_choice() -> None:
    units = {unit: [_row("2025-09-30", value, "2025-11-03")] for unit, value in (("CNY", 73e6), ("USD", 10.3e6))}
    with pytest.raises(ParseError, match=r"cash 2025-09-30 2025-11-03 twice"):
        catalogue.read(SOURCE, _with({"us-gaap": {CASH: {"units": units}}}))


def test_a_count_in_another_unit_is_set_aside() -> None:
    facts = {
        "dei": {"EntityCommonStockSharesOutstanding": {"units": {"pure": [_row("2025-10-31", 4e8, "2025-11-03")]}}},
        "us-gaap": {CASH: {"units": {"USD": [_row("2025-09-30", 54285000, "2025-11-03")]}}},
    }
    examined = catalogue.examine(SOURCE, _with(facts))
    assert [one.quantity for one in examined.readings] == ["cash"]
    assert [reason for _, reason in examined.refused] == ["shares_basic is in shares, not 'pure'"]


def test_a_newcomer_has_nothing_to_tell_but_a_filer_of_reports_has_cash() -> None:
    assert catalogue.read(SOURCE, _with({"ffd": {"NetFeeAmt": {"units": {"USD": []}}}})) == []
    with pytest.raises(ParseError, match=r"\$\.facts: found an empty object, expected at least one taxonomy"):
        catalogue.read(SOURCE, _with({}))
    with pytest.raises(ParseError, match=r"found no balance of us-gaap:Cash.*, expected some"):
        catalogue.read(
            SOURCE, _with({"us-gaap": {"Goodwill": {"units": {"USD": [_row("2025-09-30", 1, "2025-11-03")]}}}})
        )


def _stated(**tags: float) -> dict[str, Any]:
    return {
        "us-gaap": {tag: {"units": {"USD": [_row("2025-09-30", value, "2025-11-03")]}} for tag, value in tags.items()}
    }


def test_companyfacts_us_gaap_cash_only_is_read() -> None:
    (cash,) = catalogue.read(SOURCE, _with(_stated(Cash=1e6)))
    assert (cash.quantity, cash.value) == ("cash", 1e6)
    (cash,) = catalogue.read(SOURCE, _with(_stated(Cash=1e6, CashAndCashEquivalentsAtCarryingValue=2e6)))
    assert cash.value == 2e6


def test_restricted_cash_comes_off_or_keeps_the_total_out() -> None:
    total = "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents"
    (cash,) = catalogue.read(SOURCE, _with(_stated(**{total: 10e6, "RestrictedCash": 4e6})))
    assert cash.value == 6e6
    examined = catalogue.examine(SOURCE, _with(_stated(**{total: 10e6})))
    assert examined.readings == []
    assert [reason for _, reason in examined.refused] == [
        "it holds restricted cash, and the filing does not state how much"
    ]


def test_a_part_tagged_as_the_total_is_no_restatement_of_the_whole() -> None:
    """Strategy tags the noncurrent part alone as LongTermDebt; another filing states the parts only."""
    parts = {"LongTermDebtNoncurrent": 3_558e6, "LongTermDebtCurrent": 1e6}
    facts = _stated(LongTermDebt=3_558e6, CashAndCashEquivalentsAtCarryingValue=1.0, **parts)
    later = "0001050446-26-000020"
    for tag, value in parts.items():
        facts["us-gaap"][tag]["units"]["USD"].append(_row("2025-09-30", value, "2026-02-19", later, "10-K"))
    debts = [one for one in catalogue.read(SOURCE, _with(facts)) if one.quantity == "debt_carrying"]
    assert [(one.value, one.known_at) for one in debts] == [(3_559e6, date(2025, 11, 3))]


def test_a_part_alone_or_other_debt_beside_it_keeps_the_sum_out() -> None:
    for more in ({"LongTermDebtNoncurrent": 5e6}, {"LongTermDebt": 5e6, "CommercialPaper": 1e6}):
        examined = catalogue.examine(SOURCE, _with(_stated(CashAndCashEquivalentsAtCarryingValue=1.0, **more)))
        assert [one.quantity for one in examined.readings] == ["cash"]
        assert [(one.quantity, one.value) for one, _ in examined.refused] == [("debt_carrying", 5e6)]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"accn": "000119312525262568"}, "expected an accession number like"),
        ({"filed": "11/03/2025"}, r"\.filed: found \"11/03/2025\", expected a day like"),
        ({"val": None}, r"\.val: found null, expected a number"),
        ({"val": "54,285,000"}, "expected a number"),
    ],
)
def test_a_row_of_another_layout_is_an_error(changed: dict[str, Any], message: str) -> None:
    row = {**_row("2025-09-30", 54285000, "2025-11-03"), **changed}
    with pytest.raises(ParseError, match=message):
        catalogue.read(SOURCE, _with({"us-gaap": {CASH: {"units": {"USD": [row]}}}}))


def test_a_restatement_is_kept_beside_what_it_restates() -> None:
    moment = datetime(2024, 9, 1, tzinfo=UTC)
    first = Reading("MSTR", "debt_carrying", 2182108000, "USD", date(2023, 12, 31), known_at=date(2024, 2, 15))
    both = Examined([first, replace(first, value=2182591000, known_at=date(2024, 8, 6))], [])
    harvest = normalise(
        both,
        Document("toy", "https://example.org/toy", b"", moment),
        Publisher("toy", "filing", "example.org — one", "ours"),
        Identity([Listed("MSTR", "Strategy", "XNAS")], []),
        History(),
    )
    assert [fact.value for fact in harvest.facts] == [2182108000, 2182591000]
    assert harvest.kept_out == []


def _reference(quantity: str) -> dict[date, tuple[float, str, str]]:
    """Strategy's facts from filings: value, day it was accepted, filing."""
    with (REFERENCE / "facts.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["ticker"], row["quantity"]) == ("MSTR", quantity)]
    return {
        date.fromisoformat(row["as_of"]): (float(row["value"]), row["known_at"][:10], row["source"])
        for row in rows
        if row["source"].startswith("sec-")
    }


@needs_samples
def test_strategys_file_of_2026_02_09() -> None:
    document = sample("sec_companyfacts", "sec_xbrl/mstr_xbrl.json", "2026-02-09T12:00:00", sec.urls([1050446])[0])
    found = catalogue.examine(SOURCE, document).readings
    assert {one.company for one in found} == {"CIK 0001050446"}
    assert {one.quantity for one in found} == {
        "cash",
        "debt_carrying",
    }  # no bitcoin, no share count, no preferred stock
    cash = [one for one in found if one.quantity == "cash"]
    debt = [one for one in found if one.quantity == "debt_carrying"]
    assert len(cash) == 22  # every quarter's end from 2020-06-30 to 2025-09-30, none restated
    assert cash[-1].value == 54285000
    assert cash[-1].as_of == date(2025, 9, 30)
    assert debt[-1].value == 8173903000
    assert [one.value for one in debt if one.as_of == date(2023, 12, 31)] == [
        2182591000
    ]  # a part tagged as the whole is no restatement
    assert min(one.as_of for one in debt) == date(
        2021, 6, 30
    )  # of 2020-12-31 a part is told, of 2021-03-31 payments with interest


@needs_samples
def test_the_captured_cash_is_the_reference_datas_with_its_filing_and_day() -> None:
    document = sample("sec_companyfacts", "sec_xbrl/mstr_xbrl.json", "2026-02-09T12:00:00", sec.urls([1050446])[0])
    known = _reference("cash")
    compared = 0
    for one in catalogue.examine(SOURCE, document).readings:
        if one.quantity != "cash" or one.as_of not in known:
            continue
        value, accepted, source = known[one.as_of]
        assert one.value == value
        assert source.removeprefix("sec-") in str(one.note)
        assert isinstance(one.known_at, date)
        assert 0 <= (one.known_at - date.fromisoformat(accepted)).days <= 1  # accepted after 17:30: filed the next day
        compared += 1
    assert compared == 22
