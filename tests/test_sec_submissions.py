"""The index of filings: which exist, when the public could read them, which may carry a bitcoin update."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from saved import REFERENCE, SAMPLES, documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.sources import sec_submissions as sec
from treasury.model import Document, ParseError


def _document(name: str) -> Document:
    return saved(next(path for path in documents("sec_submissions") if path.stem == name))


def test_a_filing_is_told_apart_by_its_accession_number() -> None:
    filings = sec.filings(_document("newest"))
    assert len(filings) == 8
    january = [filing for filing in filings if filing.primary_document == "mstr-20260105.htm"]
    assert [filing.url for filing in january] == [
        "https://www.sec.gov/Archives/edgar/data/1050446/000119312526016002/mstr-20260105.htm",
        "https://www.sec.gov/Archives/edgar/data/1050446/000119312526009811/mstr-20260105.htm",
    ]
    assert january[0].items == ("7.01", "8.01")


def test_the_z_of_acceptance_is_eastern_time_summer_and_winter() -> None:
    accepted = {filing.accession: filing.accepted_at for filing in sec.filings(_document("newest"))}
    assert accepted["0001193125-26-016002"] == datetime(2026, 1, 20, 13, 0, 28, tzinfo=UTC)
    assert accepted["0001193125-25-238132"] == datetime(2025, 10, 14, 11, 59, 25, tzinfo=UTC)


def test_updates_are_8ks_with_their_items_oldest_first() -> None:
    chosen = sec.updates(sec.filings(_document("newest")))
    assert [filing.accession[-6:] for filing in chosen] == ["215604", "238132", "303157", "009811", "016002"]
    assert [f.accession[-6:] for f in sec.updates(sec.filings(_document("newest")), date(2026, 1, 13))] == ["016002"]


def test_everybodys_periodic_reports_in_force_and_strategys_updates_are_led_to() -> None:
    document = _document("newest")
    ours = replace(document, body=document.body.replace(b'"144"', b'"10-Q"'))
    led = sec.leads(ours)
    assert [url.rsplit("/")[-2][-6:] for target, url, _ in led if target == "strategy_8k"] == [
        "215604", "238132", "303157", "009811", "016002",
    ]  # fmt: skip
    (report,) = (one for one in led if one[0] == "sec_filing")
    assert report[1].endswith("/000195917326000301/xsl144X01/primary_doc.xml")
    assert report[2] == datetime(2026, 1, 14, 17, 48, 40, tzinfo=UTC)
    another = replace(ours, body=ours.body.replace(b"0001050446", b"0001507605"))
    assert [target for target, *_ in sec.leads(another)] == ["sec_filing"]
    later = replace(another, fetched_at=datetime(2026, 6, 1, tzinfo=UTC))  # superseded by the next quarter's
    assert sec.leads(later) == []
    assert [target for target, *_ in sec.leads(later, date(2026, 1, 1))] == ["sec_filing"]
    assert sec.next_urls(another, date(2015, 1, 1)) == []


def test_older_pages_are_named_only_where_they_reach_the_days_wanted() -> None:
    assert sec.next_urls(_document("newest")) == []
    older = "https://data.sec.gov/submissions/CIK0001050446-submissions-001.json"
    assert sec.next_urls(_document("newest"), date(2015, 1, 1)) == [older]
    assert sec.next_urls(_document("older_page"), date(1990, 1, 1)) == []


def test_an_older_page_has_its_company_in_its_url_only() -> None:
    filings = sec.filings(_document("older_page"))
    assert [filing.cik for filing in filings] == [1050446, 1050446]
    assert (
        filings[1].url == "https://www.sec.gov/Archives/edgar/data/1050446/000092838598000800/0000928385-98-000800.txt"
    )
    with pytest.raises(ParseError, match="found no cik"):
        sec.filings(replace(_document("older_page"), url=""))


def test_urls_pad_the_cik() -> None:
    assert sec.urls() == ["https://data.sec.gov/submissions/CIK0001050446.json"]
    assert sec.urls([1507605, 1]) == [
        f"https://data.sec.gov/submissions/CIK{cik}.json" for cik in ("0001507605", "0000000001")
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda recent: recent.pop("items"), "expected an object with 'items'"),
        (
            lambda recent: recent["accessionNumber"].__setitem__(1, recent["accessionNumber"][0]),
            "0001193125-26-016002 twice",
        ),
        (lambda recent: recent["accessionNumber"].__setitem__(0, "26-016002"), "expected an accession number"),
        (lambda recent: recent["filingDate"].__setitem__(0, "01/20/2026"), "expected a day like"),
        (
            lambda recent: recent["acceptanceDateTime"].__setitem__(0, "2026-01-20T08:00:28-05:00"),
            "expected a moment like",
        ),
        (
            lambda recent: recent["acceptanceDateTime"].__setitem__(0, "2026-01-21T01:00:28.000Z"),
            "does SEC print UTC now",
        ),
        (lambda recent: recent["primaryDocument"].__setitem__(0, "../../x"), "expected a file name"),
    ],
)
def test_another_layout_is_refused(change: Callable[[dict[str, Any]], object], message: str) -> None:
    answer = json.loads(_document("newest").body)
    change(answer["filings"]["recent"])
    with pytest.raises(ParseError, match=message):
        list(sec.parse(replace(_document("newest"), body=json.dumps(answer).encode())))


def test_half_the_filings_are_noticed() -> None:
    with pytest.raises(ParseError, match="found 8 filings beside 1 older pages, expected at least 1000"):
        catalogue.read(catalogue.load("sec_submissions"), _document("newest"))


@needs_samples
def test_the_captured_index_names_every_captured_update() -> None:
    document = sample("sec_submissions", "sec_xbrl/mstr_subs.json", "2026-01-21T12:00:00")
    assert catalogue.read(catalogue.load("sec_submissions"), document) == []
    filings = sec.filings(document)
    assert len(filings) == 1000
    chosen = {f"8k-{filing.filed_on}-{filing.accession[-6:]}.html" for filing in sec.updates(filings)}
    with (SAMPLES / "sec_8k" / "labels.csv").open(newline="") as file:
        labels = {row["file"]: row["class"] for row in csv.DictReader(file) if row["file"] < "8k-2026-01-21"}
    missed = {name for name, label in labels.items() if label != "no_btc_update"} - chosen
    assert missed == set()


@needs_samples
def test_the_captured_index_leads_to_the_quarterly_report_in_force() -> None:
    document = sample("sec_submissions", "sec_xbrl/mstr_subs.json", "2026-01-21T12:00:00")
    reports = [url for target, url, _ in sec.leads(document) if target == "sec_filing"]
    assert reports == ["https://www.sec.gov/Archives/edgar/data/1050446/000119312525262568/mstr-20250930.htm"]


@needs_samples
def test_the_captured_acceptance_times_are_the_known_at_of_the_reference() -> None:
    document = sample("sec_submissions", "sec_xbrl/mstr_subs.json", "2026-01-21T12:00:00")
    accepted = {f"sec-{f.accession}": f"{f.accepted_at:%Y-%m-%dT%H:%M:%SZ}" for f in sec.filings(document)}
    with (REFERENCE / "facts.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] in accepted and "T" in row["known_at"]]
    assert len(rows) > 300
    assert {row["source"] for row in rows if row["known_at"] != accepted[row["source"]]} == set()


@needs_samples
def test_the_403_page_is_refused() -> None:
    with pytest.raises(ParseError, match="found '<!DOCTYPE html"):
        sec.filings(sample("sec_submissions", "sec_edgar/SEC.AutomatedTool.html", "2026-01-21T12:00:00"))
