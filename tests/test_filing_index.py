"""A filing's own index page: its documents by type, and the moment EDGAR accepted it, whatever page says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from saved import FIXTURES, saved

from scrapers.sec_reports import filing_index
from scrapers.sources import sec_filing_index
from treasury.model import Document, ParseError

PAGE = saved(FIXTURES / "sec_filing_index" / "8-k_page.html")
HEADERS = saved(FIXTURES / "sec_filing_index" / "6-k_headers.html")
FOLDER = "https://www.sec.gov/Archives/edgar/data/1050446/000119312525303157/"


def test_the_page_for_people_tells_type_sequence_name_and_description() -> None:
    index = filing_index.read(PAGE)
    assert (index.accession, index.form, index.filed_on) == ("0001193125-25-303157", "8-K", date(2025, 12, 1))
    assert index.accepted_at == datetime(2025, 12, 1, 12, 58, 18, tzinfo=UTC), "the page prints New York's clock"
    assert [(one.type, one.sequence, one.name) for one in index.documents] == [
        ("8-K", 1, "d69948d8k.htm"), ("EX-99.1", 2, "d69948.press..htm"), ("EX-99.2", 3, "slides.pdf"),
        ("GRAPHIC", 4, "ex99-logo.jpg"), ("EX-101.SCH", 6, "mstr-20251130.xsd"),
    ]  # fmt: skip
    assert index.documents[0].url == FOLDER + "d69948d8k.htm", "not the viewer's address"
    assert index.documents[1].description == "USD Reserve & outlook"
    assert [one.inline for one in index.documents] == [True, False, False, False, False]


def test_the_header_page_says_the_same() -> None:
    index = filing_index.read(HEADERS)
    assert (index.form, index.filed_on) == ("6-K/A", date(2026, 1, 20))
    assert index.accepted_at == datetime(2026, 1, 16, 23, 15, 3, tzinfo=UTC)
    assert [(one.type, one.sequence, one.name) for one in index.documents] == [
        ("6-K/A", 1, "ea1917606ka.htm"), ("EX-99.1", 2, "holdings_update.htm"), ("EX-10.1", 3, "ex99-like-name.htm"),
        ("GRAPHIC", 4, "logo.jpg"),
    ]  # fmt: skip
    assert index.documents[1].description == "PRESS RELEASE & TABLE"
    assert [one.inline for one in index.documents] == [None] * 4


def test_a_whole_submission_is_an_index_too() -> None:
    text = (
        "<SEC-DOCUMENT>0001999999-26-000001.txt : 20260120\n<SEC-HEADER>0001999999-26-000001.hdr.sgml : 20260120\n"
        "<ACCEPTANCE-DATETIME>20260120080028\nACCESSION NUMBER:\t\t0001999999-26-000001\n"
        "CONFORMED SUBMISSION TYPE:\t8-K\nFILED AS OF DATE:\t\t20260120\n</SEC-HEADER>\n"
        "<DOCUMENT>\n<TYPE>8-K\n<SEQUENCE>1\n<FILENAME>a.htm\n<TEXT>\n<html>A &lt;TYPE&gt; of its own, $5 &amp; more</html>\n</TEXT>\n</DOCUMENT>\n"
        "<DOCUMENT>\n<TYPE>EX-99\n<SEQUENCE>2\n<FILENAME>b.txt\n<DESCRIPTION>NOTICE\n<TEXT>\nWe hold 5 bitcoin.\n</TEXT>\n</DOCUMENT>\n"
    )
    index = filing_index.read(Document("toy", "", text.encode(), datetime(2026, 2, 1, tzinfo=UTC)))
    assert (index.accession, index.form) == ("0001999999-26-000001", "8-K")
    assert index.accepted_at == datetime(2026, 1, 20, 13, 0, 28, tzinfo=UTC)
    assert [one.name for one in filing_index.announcements(index)] == ["a.htm", "b.txt"]


def test_announcements_are_the_body_and_every_exhibit_99_by_type_never_by_name() -> None:
    assert [one.name for one in filing_index.announcements(filing_index.read(PAGE))] == [
        "d69948d8k.htm", "d69948.press..htm", "slides.pdf",
    ]  # fmt: skip
    assert [one.name for one in filing_index.announcements(filing_index.read(HEADERS))] == [
        "ea1917606ka.htm", "holdings_update.htm",
    ]  # fmt: skip
    quarterly = replace(filing_index.read(PAGE), form="10-Q")
    assert filing_index.announcements(quarterly) == []


def test_reports_are_what_is_marked_as_inline_xbrl_and_the_body_of_a_periodic_report() -> None:
    assert filing_index.reports(filing_index.read(PAGE)) == [], "an 8-K tags its cover only"
    for form in ("10-K", "6-K"):
        tagged = replace(filing_index.read(PAGE), form=form)
        assert [one.name for one in filing_index.reports(tagged)] == ["d69948d8k.htm"]
    assert filing_index.reports(filing_index.read(HEADERS)) == [], "a 6-K of which nothing is marked announces only"
    annual = replace(filing_index.read(HEADERS), form="40-F")
    assert [one.name for one in filing_index.reports(annual)] == ["ea1917606ka.htm"]


def test_the_source_leads_to_each_with_the_moment_of_the_page() -> None:
    """The index of all filings had said another moment: the page's own decides."""
    late = replace(PAGE, published_at=datetime(2025, 12, 1, 7, 58, 18, tzinfo=UTC))
    moment = datetime(2025, 12, 1, 12, 58, 18, tzinfo=UTC)
    assert sec_filing_index.leads(late) == [
        ("announcement", FOLDER + "d69948d8k.htm", moment), ("announcement", FOLDER + "d69948.press..htm", moment),
        ("announcement", FOLDER + "slides.pdf", moment),
    ]  # fmt: skip
    silent = PAGE.body.replace(b"Accepted", b"Received")
    told = datetime(2025, 12, 1, 13, tzinfo=UTC)
    assert {at for *_, at in sec_filing_index.leads(replace(PAGE, body=silent, published_at=told))} == {told}
    with pytest.raises(ParseError, match="found no moment of acceptance"):
        sec_filing_index.leads(replace(PAGE, body=silent))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"<td scope=\"row\">8-K</td><td scope=\"row\"><a href=\"/ix?doc=/Archives/edgar/data/1050446/000119312525303157/",
         b"<td scope=\"row\">8-K</td><td scope=\"row\"><a href=\"/ix?doc=/Archives/edgar/data/1050446/000119312525303158/", "documents of 000119312525303158"),
        (b"/Archives/edgar/data/1050446/000119312525303157/slides.pdf", b"https://example.org/slides.pdf", "example.org"),
        (b"2025-12-01 07:58:18", b"2025-12-01 07:58", "found acceptance '202512010758'"),
        (b"<th scope=\"col\">Type</th>", b"<th scope=\"col\">Kind</th>", "found no document"),
    ],
)  # fmt: skip
def test_another_page_is_refused(old: bytes, new: bytes, message: str) -> None:
    assert old in PAGE.body
    with pytest.raises(ParseError, match=message):
        filing_index.read(replace(PAGE, body=PAGE.body.replace(old, new)))


def test_a_listing_without_types_is_no_index() -> None:
    listing = b'{"directory": {"item": [{"name": "ex99.htm", "type": "text.gif"}]}}'
    with pytest.raises(ParseError, match="found no document"):
        filing_index.read(replace(PAGE, body=listing))
