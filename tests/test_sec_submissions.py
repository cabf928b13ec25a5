"""The index of filings: which exist, when the public could read them, which may carry a bitcoin update."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from saved import REFERENCE, SAMPLES, documents, needs_samples, sample, saved

from scrapers import catalogue, gather
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


def _index(*rows: str, cik: int = 1999999, fetched_at: str = "2026-06-01") -> Document:
    """An index of rows `form filed accepted described`, newest first, of a filer whose Z is UTC."""
    columns: dict[str, list[str]] = {name: [] for name in (*sec._COLUMNS, "reportDate")}
    for number, row in enumerate(rows):
        form, filed, accepted, *described = row.rsplit(" ", 3) if row.count(" ") > 2 else row.split(" ")
        cells = (
            f"0001999999-26-{number:06d}",
            filed,
            f"{accepted}.000Z",
            form,
            "",
            f"doc{number}.htm",
            *(described or [""]),
        )
        for name, cell in zip(columns, cells, strict=True):
            columns[name].append(cell)
    answer = {"cik": f"{cik:010d}", "name": "Example Treasury plc", "filings": {"recent": columns, "files": []}}
    url = f"https://data.sec.gov/submissions/CIK{cik:010d}.json"
    return Document(
        "sec_submissions", url, json.dumps(answer).encode(), datetime.fromisoformat(f"{fetched_at}T12:00:00+00:00")
    )


UTC_ROWS = ("8-K 2025-01-08 2025-01-08T22:20:00 2025-01-08", "8-K 2025-01-07 2025-01-07T22:21:00 2025-01-07")


def _led(document: Document, since: date | None = None) -> list[tuple[str, str]]:
    return [(target, url.rpartition("/")[2]) for target, url, _ in sec.leads(document, since)]


def test_strategys_updates_are_led_to() -> None:
    led = sec.leads(_document("newest"))
    assert [url.rsplit("/")[-2][-6:] for target, url, _ in led if target == "strategy_8k"] == [
        "215604", "238132", "303157", "009811", "016002",
    ]  # fmt: skip
    another = replace(_document("newest"), body=_document("newest").body.replace(b"0001050446", b"0001507605"))
    assert "strategy_8k" not in {target for target, *_ in sec.leads(another)}
    assert sec.next_urls(another, date(2015, 1, 1)) == []


def test_strategys_filings_of_new_securities_are_read_as_anybodys() -> None:
    led = [url for target, url, _ in sec.leads(_document("newest")) if target == "sec_filing_index"]
    assert [url.rsplit("/")[-2][-6:] for url in led] == ["138477"], "Stride's, of June 2025; no update, no election"


def test_a_report_of_any_age_is_in_force_while_no_newer_one_exists_and_so_is_what_amends_it() -> None:
    annual = _index("20-F/A 2025-08-01 2025-08-01T15:00:00 2024-12-31", "20-F 2025-04-30 2025-04-30T15:00:00 2024-12-31",
                    "20-F 2024-04-30 2024-04-30T15:00:00 2023-12-31", *UTC_ROWS)  # fmt: skip
    assert _led(annual) == [("sec_filing", "doc1.htm"), ("sec_filing", "doc0.htm")]
    assert _led(annual, date(2026, 5, 1)) == _led(annual)
    quarterly = _index("10-Q 2026-05-11 2026-05-11T20:00:00 2026-03-31", "10-K/A 2026-04-01 2026-04-01T15:00:00 2025-12-31",
                       "10-K 2026-02-20 2026-02-20T15:00:00 2025-12-31", "10-Q 2025-11-03 2025-11-03T15:00:00 2025-09-30", *UTC_ROWS)  # fmt: skip
    assert [name for _, name in _led(quarterly)] == ["doc2.htm", "doc1.htm", "doc0.htm"], "filed in the last 135 days"
    assert sec.leads(quarterly)[-1] == (
        "sec_filing", "https://www.sec.gov/Archives/edgar/data/1999999/000199999926000000/doc0.htm",
        datetime(2026, 5, 11, 20, tzinfo=UTC),
    )  # fmt: skip


def test_an_amendment_alone_does_not_displace_the_report_it_amends() -> None:
    amended = _index(
        "10-K/A 2026-04-29 2026-04-29T15:00:00 2025-12-31", "10-K 2025-12-22 2025-12-22T15:00:00 2025-12-31", *UTC_ROWS
    )
    assert [name for _, name in _led(amended)] == ["doc1.htm", "doc0.htm"]


def test_current_reports_and_forty_fs_are_read_by_their_own_index_page() -> None:
    listed = _index("6-K 2026-05-20 2026-05-20T12:00:00 2026-05-19", "6-K 2025-12-30 2025-12-30T12:00:00",
                    "40-F 2026-03-30 2026-03-30T12:00:00 2025-12-31", "8-K/A 2026-01-02 2026-01-02T12:00:00", *UTC_ROWS)  # fmt: skip
    assert _led(listed) == [
        ("sec_filing_index", "0001999999-26-000002-index.html"), ("sec_filing_index", "0001999999-26-000003-index.html"),
        ("sec_filing_index", "0001999999-26-000000-index.html"),
    ], "announced since 2025-12-31, the day the newest report describes"  # fmt: skip
    assert len(_led(listed, date(2025, 12, 1))) == 4
    silent = _index("6-K 2026-05-20 2026-05-20T12:00:00", "6-K 2025-04-01 2025-04-01T12:00:00", *UTC_ROWS)
    assert len(_led(silent)) == 1, "without a report: what is not older than 400 days"


@pytest.mark.parametrize(
    ("rows", "told", "moment"),
    [
        (("8-K 2025-12-19 2025-12-19T22:14:45",), "UTC", "2025-12-19T22:14:45"),
        (("8-K 2025-12-19 2025-12-19T04:10:00",), "undecided", "2025-12-19T09:10:00"),  # in neither reading
        (
            ("8-K 2025-12-19 2025-12-19T07:58:18", "8-K 2025-12-12 2025-12-12T08:00:00"),
            "New York",
            "2025-12-19T12:58:18",
        ),
        (("8-K 2025-07-18 2025-07-18T15:00:00",), "undecided", "2025-07-18T19:00:00"),
        (
            ("EFFECT 2025-04-03 2025-04-04T00:15:23", "8-K 2025-07-18 2025-07-18T15:00:00"),
            "undecided",
            "2025-04-04T04:15:23",
        ),
        (
            ("8-K 2025-07-19 2025-07-18T21:45:00", "8-K 2025-07-18 2025-07-18T15:00:00"),
            "undecided",
            "2025-07-19T01:45:00",
        ),
        (("S-1 1998-04-10 1998-04-10T00:00:00",), "undecided", "1998-04-11T02:00:00"),  # of the day only: its end
    ],
)
def test_the_clock_is_decided_by_the_filers_own_rows(rows: tuple[str, ...], told: str, moment: str) -> None:
    first = sec.filings(_index(*rows))[0]
    assert first.clock == told
    assert first.accepted_at == datetime.fromisoformat(moment + "+00:00")
    assert (first.note is None) == (told != "undecided")


def test_whose_clock_is_undecided_is_read_by_the_page_that_prints_it() -> None:
    assert _led(_index("10-Q 2026-05-08 2026-05-08T15:00:00 2026-03-31")) == [
        ("sec_filing_index", "0001999999-26-000000-index.html"),
    ]  # fmt: skip


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


def _changed(change: Callable[[dict[str, Any]], object]) -> Document:
    answer = json.loads(_document("newest").body)
    change(answer["filings"]["recent"])
    return replace(_document("newest"), body=json.dumps(answer).encode())


def test_another_layout_is_refused() -> None:
    with pytest.raises(ParseError, match="expected an object with 'items'"):
        list(sec.parse(_changed(lambda recent: recent.pop("items"))))
    with pytest.raises(ParseError, match=r"found no row that can be read, expected 8 filings; .*an accession number"):
        list(sec.parse(_changed(lambda recent: recent.__setitem__("accessionNumber", ["26-016002"] * 8))))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("accessionNumber", "26-016002", "expected an accession number"),
        ("accessionNumber", "0001193125-26-009811", "expected every accession number once"),
        ("filingDate", "01/20/2026", "expected a day like"),
        ("acceptanceDateTime", "2026-01-20T08:00:28-05:00", "expected a moment like"),
        ("acceptanceDateTime", None, "expected a text"),
        ("reportDate", "2026-13-20", "expected a day"),
        ("primaryDocument", "../../x", "expected a file name"),
        ("primaryDocument", "a/../x.htm", "expected a file name"),
        ("form", None, "expected a text"),
    ],
)
def test_a_row_that_cannot_be_read_costs_itself_and_names_the_company(column: str, value: Any, message: str) -> None:
    index = sec.read(_changed(lambda recent: recent[column].__setitem__(0, value)))
    assert len(index.filings) == 7
    (line,) = index.unread
    assert message in line
    assert "$.filings.recent." in line
    assert line.endswith("a filing of Strategy Inc, CIK 0001050446 that is not read")


def test_a_row_of_no_interest_is_passed_over_without_a_word() -> None:
    index = sec.read(_changed(lambda recent: recent["primaryDocument"].__setitem__(1, "../primary_doc.xml")))
    assert len(index.filings) == 7
    assert index.unread == []


def test_names_may_hold_dots_and_an_index_may_be_empty() -> None:
    dotted = sec.filings(_changed(lambda recent: recent["primaryDocument"].__setitem__(0, "tesla.motors.inc..txt")))
    assert dotted[0].url.endswith("/000119312526016002/tesla.motors.inc..txt")

    def emptied(recent: dict[str, Any]) -> None:
        recent.update({name: [] for name in recent})

    empty = _changed(emptied)
    answer = json.loads(empty.body)
    answer["filings"]["files"] = []
    empty = replace(empty, body=json.dumps(answer).encode())
    assert catalogue.read(catalogue.load("sec_submissions"), empty) == []
    assert sec.leads(empty) == []


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


INDEXES = sorted((SAMPLES / "sec_edgar" / "submissions").glob("*.json"))


@needs_samples
@pytest.mark.parametrize("path", INDEXES, ids=lambda path: path.stem)
def test_every_captured_index_is_read_to_its_last_row(path: Path) -> None:
    url = f"https://data.sec.gov/submissions/{path.name}"
    document = sample("sec_submissions", f"sec_edgar/submissions/{path.name}", "2026-06-10T12:00:00", url)
    printed = json.loads(path.read_bytes())
    recent = printed.get("filings", {}).get("recent", printed)
    catalogue.read(catalogue.load("sec_submissions"), document)
    index = sec.read(document)
    assert (len(index.filings), index.unread) == (len(recent["accessionNumber"]), [])
    if len(index.filings) > 2:
        assert {one.clock for one in index.filings} == {
            "New York" if path.stem in ("CIK0000320193", "CIK0001814722") else "UTC"
        }


@needs_samples
@pytest.mark.parametrize(
    ("name", "accession", "moment"),
    [
        # accepted at 21:08 of 22 October in New York, after 17:30: filed under the 23rd
        ("sec_edgar/submissions/CIK0001318605.json", "0001628280-25-045968", "2025-10-23T01:08:43"),
        # accepted at 8:00 of 20 January in New York
        ("sec_xbrl/mstr_subs.json", "0001193125-26-016002", "2026-01-20T13:00:28"),
    ],
)
def test_the_moment_is_edgars_own(name: str, accession: str, moment: str) -> None:
    document = sample(
        "sec_submissions", name, "2026-03-01T12:00:00", "https://data.sec.gov/submissions/CIK0001318605.json"
    )
    accepted = {one.accession: one.accepted_at for one in sec.filings(document)}
    assert accepted[accession] == datetime.fromisoformat(moment + "+00:00")


@needs_samples
def test_the_403_page_is_refused() -> None:
    with pytest.raises(ParseError, match="found '<!DOCTYPE html"):
        sec.filings(sample("sec_submissions", "sec_edgar/SEC.AutomatedTool.html", "2026-01-21T12:00:00"))


def test_what_fails_of_a_filer_names_the_company() -> None:
    """A CIK in an address tells nobody; rows that cannot be read are told beside those that can."""
    offers = {"filers": {1050446: "MSTR"}}
    broken = _changed(lambda recent: recent["filingDate"].__setitem__(0, "01/20/2026"))
    answer = json.loads(broken.body)
    answer["filings"]["files"] = []
    outcome = gather.Outcome("sec_submissions")
    assert (
        gather.examine("sec_submissions", replace(broken, body=json.dumps(answer).encode()), outcome, offers)
        is not None
    )
    assert outcome.word == "partly"
    assert outcome.problems[0].startswith("sec_submissions: MSTR: $.filings.recent.filingDate[0]: found ")
    refused = gather.Outcome("sec_filing")
    url = "https://www.sec.gov/Archives/edgar/data/1050446/000119312526016002/mstr-20260105.htm"
    assert (
        gather.examine("sec_filing", Document("sec_filing", url, b"<html></html>", broken.fetched_at), refused, offers)
        is None
    )
    assert refused.problems[0].startswith("sec_filing: MSTR: ")


def test_leaders_of_leaders_are_taken_along_and_asked_first() -> None:
    assert gather.order(("sec_filing",)) == ["sec_submissions", "sec_filing_index", "sec_filing"]
