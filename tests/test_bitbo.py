"""bitbo's table of listed companies: symbols as printed, no other section, nothing without its total."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from conftest import Rows
from hypothesis import given
from hypothesis import strategies as st
from saved import documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.sources import bitbo
from treasury.intake.identity import Alias, Identity, Listed, Stranger
from treasury.model import Document, ParseError

SOURCE = catalogue.load("bitbo")
BITCOIN = '<td class="td-company_btc">{}</td>'


def _document(stem: str = "2026-07-11") -> Document:
    return saved(next(path for path in documents("bitbo") if path.stem == stem))


def _with(old: str, new: str, document: Document | None = None) -> Document:
    document = document or _document()
    assert old.encode() in document.body
    return replace(document, body=document.body.replace(old.encode(), new.encode(), 1))


def test_the_good_day_is_whole() -> None:
    readings = catalogue.read(SOURCE, _document("good_day"))
    assert len(readings) == 106
    assert (readings[0].company, readings[0].value) == ("MSTR:NADQ", 450_000)


def test_fewer_companies_than_ever_were_listed_are_an_error() -> None:
    with pytest.raises(ParseError, match="bitbo: found 19 readings, expected at least 100"):
        catalogue.read(SOURCE, _document())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (BITCOIN.format("35,102"), BITCOIN.format("53,102"), r"found 20 companies with 986,365\.9 BTC, expected the 968,366\.0 of 'Totals:'"),
        (BITCOIN.format("11"), BITCOIN.format(""), r"found 20 companies with 968,354\.9 BTC, expected the 968,366\.0"),
        (BITCOIN.format("968,366"), BITCOIN.format("968,366 BTC"), "row 21 of the public companies: found not a number: '968,366 BTC', expected the total in bitcoin"),
        (BITCOIN.format("968,366"), "<td>968,366</td>", "row 21 of the public companies: found 0 cells of class td-company_btc, expected one with the total"),
    ],
)  # fmt: skip
def test_companies_that_do_not_add_up_to_the_total_are_noticed(old: str, new: str, message: str) -> None:
    document = _document()
    at = document.body.index(b'id="public"')
    changed = _with(old, new, replace(document, body=document.body[at:]))
    changed = replace(changed, body=document.body[:at] + changed.body)
    with pytest.raises(ParseError, match=message):
        bitbo.check_whole(changed)


def test_rounding_to_tenths_is_no_difference() -> None:
    bitbo.check_whole(_document())
    bitbo.check_whole(_with(BITCOIN.format("0.2"), BITCOIN.format("0.7")))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id="public"', 'id="listed"', "found 0 headings h2#public"),
        ('id="private"', 'id="public"', "found 2 headings h2#public"),
        ("<th>Entity</th>", "<th>Company</th>", r"found the columns \['Company', .*expected one each of \['Entity'\]"),
        ("<th>Country</th>", "<th># of BTC</th>", r"expected one each of \['# of BTC'\]"),
        ("<th>Country</th>", "<th>Country</th><th>Rank</th>", "row 1 of the public companies: found 7 cells, expected the 8 of the headers"),
        ("<th># of BTC</th><th>Value Today</th>", "<th>Value Today</th><th># of BTC</th>", "row 1 of the public companies: found class 'td-value usd-value' under '# of BTC', expected td-company_btc"),
        (BITCOIN.format("35,102"), BITCOIN.format("35.102,0"), r"row 4 of the public companies: Metaplanet Inc\.: found not a number: '35\.102,0', expected a number of bitcoin"),
        (BITCOIN.format("35,102"), BITCOIN.format("NaN"), r"Metaplanet Inc\.: found not a number: 'NaN', expected a number of bitcoin"),
        (">Metaplanet Inc.</a>", "></a>", r"row 4 of the public companies: found '3350\.T:TYO' without a name, expected a company with one"),
        ("<strong>Totals:</strong>", "<strong>Sum</strong>", r"row 21 of the public companies: found ' \|  \|  \| Sum \| 968,366 .*', expected 'Totals:' in the last row"),
        ("July 10, 2026", "10/07/2026", "td-last-updated: found date '10/07/2026' is not of the form"),
        ("July 10, 2026</td>", 'July 10, 2026</td><td class="td-last-updated">July 9, 2026</td>', r"found \['July 10, 2026', 'July 9, 2026'\] in td-last-updated, expected one day"),
    ],
)  # fmt: skip
def test_another_layout_is_refused(old: str, new: str, message: str) -> None:
    document = _document()
    at = document.body.index(b'<table class="treasuries-table"><thead>') if old.startswith("<th>") else 0
    changed = _with(old, new, replace(document, body=document.body[at:]))
    with pytest.raises(ParseError, match=rf"^bitbo: .*{message}"):
        list(bitbo.parse(replace(changed, body=document.body[:at] + changed.body)))


def test_the_table_of_another_section_is_not_taken_for_the_public_one() -> None:
    document = _document()
    start, end = (document.body.index(mark) for mark in (b'<table class="treasuries-table"><thead>', b'<h2 class="center-on-mobile" id="private">'))  # fmt: skip
    with pytest.raises(ParseError, match="found no table of class treasuries-table under h2#public, expected one"):
        list(bitbo.parse(replace(document, body=document.body[:start] + document.body[end:])))


def test_a_page_without_its_day_still_counts() -> None:
    readings = list(bitbo.parse(_with("July 10, 2026", "")))
    assert {reading.as_of for reading in readings} == {date(2026, 7, 11)}
    assert readings[0].note == "Strategy (MicroStrategy)"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"null", b"Too Many Requests\r\n", b"\xff\xfe\x00", b"<", b'<?xml version="1.0" encoding="latin-1"?><html/>', b"<table><tr><td>Totals:</td></tr></table>", b"<h2 id='public'></h2>"],
)  # fmt: skip
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match=r"^bitbo: found .*expected"):
        catalogue.read(SOURCE, replace(_document(), body=body))


@given(at=st.floats(0, 0.999))
def test_a_page_cut_off_before_its_total_is_refused(at: float) -> None:
    document = _document("good_day")
    total = document.body.index(b"<strong>Totals:")
    with pytest.raises(ParseError):
        catalogue.read(SOURCE, replace(document, body=document.body[: int(at * total)]))


def test_whom_the_symbols_and_names_mean(reference: Callable[[str], Rows]) -> None:
    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    identity = Identity(
        [Listed(row["ticker"], row["name"], row["mic"] or None) for row in reference("companies")],
        [Alias(row["ticker"], row["alias"], row["kind"], day(row["valid_from"]), day(row["valid_to"])) for row in reference("aliases")],
    )  # fmt: skip
    meant = [
        identity.match(one.company, one.as_of, name=(one.note or "").partition(";")[0], dialect=bitbo.DIALECT)
        for one in bitbo.parse(_document())
    ]
    assert [None if isinstance(one, Stranger) else one.ticker for one in meant] == [
        "MSTR", "XXI", "MARA", "3350.T", "XYZ", "0434.HK", "SWC.L", "3825.T", None, "NTHOL.IS", "SATO.V", "MOGO", "ISP.MI",
        None, "SATO.V", "AB1.DE", "HARY.CN", "WULF", "BTDR",
    ]  # fmt: skip


@needs_samples
def test_the_sample_of_the_layout() -> None:
    document = sample("bitbo", "bitbo/treasuries.shape.html", "2026-07-20T09:00:00", bitbo.URLS[0])
    (only,) = bitbo.parse(document)
    assert (only.company, only.value, only.unit, only.note) == ("MSTR:NADQ", 843775, "BTC", "Strategy (MicroStrategy)")
    with pytest.raises(ParseError, match=r"found 1 companies with 843,775\.0 BTC, expected the 1,201,521\.0"):
        bitbo.check_whole(document)
