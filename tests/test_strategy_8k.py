"""Strategy's 8-Ks: every layout since 2020, by fixtures of our own and by the captured filings where they are at hand."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrapers.sources.strategy_8k import next_urls, parse, remarks
from treasury.model import Document, ParseError
from treasury.quantities import QUANTITIES

FIXTURES = Path(__file__).parent / "fixtures" / "strategy_8k"
PAGES = sorted(FIXTURES.glob("*.html"))
SAMPLES = Path(__file__).parents[2] / "shared" / "samples" / "sec_8k"
FOLDER = "https://www.sec.gov/Archives/edgar/data/1050446/000095017025077387/"
SCALES = {"million": 1e6, "millions": 1e6, "billion": 1e9, "billions": 1e9}


def document(body: bytes | str, name: str = "mstr-20250527.htm") -> Document:
    return Document(
        "strategy_8k",
        FOLDER + name,
        body if isinstance(body, bytes) else body.encode(),
        datetime(2026, 11, 1, tzinfo=UTC),
    )


def page(*parts: str) -> str:
    return "<html><body><p>Strategy Inc</p>" + "".join(parts) + "</body></html>"


def table(*rows: list[str]) -> str:
    return (
        "<table>" + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows) + "</table>"
    )


PERIOD = ["During Period August 3, 2026 to August 9, 2026", "As of August 9, 2026"]
HEADERS = ["BTC Sold", "Aggregate Sale Price (in millions)", "Average Sale Price", "Aggregate BTC Holdings"]
HEADERS += ["Aggregate Purchase Price (in billions)", "Average Purchase Price"]
VALUES = ["1,690", "$108.6", "$64,262", "840,447", "$63.36", "$75,385"]


def test_an_update_in_an_exhibit_is_unknown_here_and_found_there() -> None:
    filing = document((FIXTURES / "2025-05-27.html").read_bytes())
    assert list(parse(filing)) == []
    assert next_urls(filing) == [FOLDER + "mstr-ex99_1.htm"]
    assert len(list(parse(document((FIXTURES / "2025-05-27-ex99.html").read_bytes(), "mstr-ex99_1.htm")))) > 3


def test_exhibits_without_a_link_are_looked_up_in_the_index_of_the_filing() -> None:
    body = (FIXTURES / "2025-05-27.html").read_text().replace('href="mstr-ex99_1.htm"', "")
    assert next_urls(document(body)) == [FOLDER + "index.json"]
    names = ["mstr-20250527.htm", "mstr-ex99_1.htm", "R1.htm"]
    index = document(json.dumps({"directory": {"item": [{"name": name, "size": ""} for name in names]}}), "index.json")
    assert list(parse(index)) == []
    assert next_urls(index) == [FOLDER + "mstr-ex99_1.htm"]


@pytest.mark.parametrize("stem", ["2020-08-11", "2024-09-18", "2026-01-02", "2026-01-05"])
def test_filings_with_an_update_or_about_something_else_have_no_exhibit_to_follow(stem: str) -> None:
    assert next_urls(document((FIXTURES / f"{stem}.html").read_bytes())) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", "not HTML"),
        (
            b"<html><title>Your Request Originates from an Undeclared Automated Tool</title></html>",
            "not a filing of Strategy",
        ),
        ((FIXTURES / "2025-03-31.html").read_bytes().replace(b"0001050446", b"0001920406"), "CIK 1920406"),
        ((FIXTURES / "2025-03-31.html").read_bytes()[:1500], "cut off"),
        (page("<p>BTC Update</p><p>Holdings: see our website.</p>"), "without bitcoin holdings"),
        (page(table(HEADERS, VALUES)), "without its period"),
        (page(table(PERIOD, HEADERS, VALUES[:-1])), "6 columns"),
        (page(table(PERIOD, HEADERS)), "0 values"),
        (page(table(PERIOD, [*HEADERS[:-1], "Fair Value"], VALUES)), "unexpected column"),
        (page(table(PERIOD, HEADERS, ["1,690", "$108.6", "$64,262", "84,0447", "$63.36", "$75,385"])), "not a number"),
        (
            page(table(PERIOD, HEADERS, ["1,690", "$108.6", "$64,262", "840,447", "$63.36 billion", "$75,385"])),
            "another",
        ),
        (
            page(table(PERIOD, HEADERS, ["1,690", "$108.6", "$64,262", "740,447", "$63.36", "$75,385"])),
            "printed 63,360",
        ),
        (page(table(["During Period this week", PERIOD[1]], HEADERS, VALUES)), "words this parser does not know"),
        (page(table(["During Period August 9, 2026 to August 3, 2026"], HEADERS, VALUES)), "ends before"),
        (
            page("<p>As of May 1, 2026, 5,000 bitcoins at an aggregate purchase price of $3.0 million.</p>"),
            "position in words",
        ),
    ],
)
def test_what_is_not_the_page_we_know_raises_and_says_what_was_found(body: bytes | str, found: str) -> None:
    with pytest.raises(ParseError, match=found):
        list(parse(document(body)))


def test_spaces_that_go_missing_and_footnotes_do_not_matter() -> None:
    squeezed = [header.replace(" ", "") + " (1)" for header in HEADERS]
    marked = [f"{VALUES[0]} (1)", *VALUES[1:]]
    plain = list(parse(document(page(table(PERIOD, HEADERS, VALUES)))))
    assert list(parse(document(page(table([f"{text}*" for text in PERIOD], squeezed, marked))))) == plain


def read(*paragraphs: str) -> dict[str, tuple[float, str]]:
    filing = document(page(*(f"<p>{text}</p>\n" for text in paragraphs)))
    return {
        f"{each.quantity} {each.instrument or ''}".strip(): (each.value, each.as_of.isoformat())
        for each in parse(filing)
    }


def test_a_position_without_a_day_has_the_day_of_the_sentence_before() -> None:
    found = read(
        "On December 4, 2020, the Company announced that it had purchased approximately 2,574 bitcoins for $50.0 million in "
        "cash, at an average price of approximately $19,427 per bitcoin. The Company holds approximately 40,824 bitcoins that "
        "were acquired at an aggregate purchase price of $475.0 million."
    )
    assert found["btc_holdings"] == (40_824.0, "2020-12-04")
    assert found["btc_acquired"] == (2_574.0, "2020-12-04")


def test_programmes_of_one_class_add_up_and_a_repeated_sentence_does_not() -> None:
    first = (
        "During the period between March 3, 2025 and March 9, 2025, the Company sold an aggregate of 1,500 shares of its "
        "8.00% Series A Perpetual Strike Preferred Stock under the STRK ATM."
    )
    other = first.replace("1,500", "700").replace("the STRK ATM", "the Second STRK ATM")
    assert read(first, other, first) == {"shares_sold strk": (2_200.0, "2025-03-09")}


@pytest.mark.parametrize(
    "text",
    [
        "The collateral account holds approximately 14,890 bitcoins.",
        "The Company has acquired 13,005 bitcoins since inception.",
        "In 2022, we sold approximately 704 bitcoins for cash proceeds of $11.8 million.",
        "Sales followed the seizure of about 50,000 bitcoin in January 2024.",
        "Strategy may adjust the balance of the USD Reserve from time to time.",
    ],
)
def test_numbers_of_bitcoin_that_are_no_update_pass(text: str) -> None:
    assert read(text) == {}


SOLD_HEAD = ["Security", "Shares Sold", "Net Proceeds"]
DESCRIBED = ["Strike Preferred Stock, $0.001 par value per share"]
HELD = ("btc_holdings", None, 840_447.0)


def told(*parts: str) -> set[tuple[str, str | None, float]]:
    """An update with these parts beside its bitcoin."""
    found = parse(document(page(table(PERIOD, HEADERS, VALUES), *parts)))
    return {(reading.quantity, reading.instrument, reading.value) for reading in found}


@pytest.mark.parametrize(
    ("rows", "sold"),
    [
        ([["STRK ATM", "573,976STRK Shares", "$5"], DESCRIBED], {("shares_sold", "strk", 573_976.0)}),
        ([["STRK ATM", "573,976", "STRK Shares", "$5"], DESCRIBED], {("shares_sold", "strk", 573_976.0)}),
        ([["STRK ATM", "57x3", "$5"], ["STRF ATM", "12 STRF Shares", "$1"]], {("shares_sold", "strf", 12.0)}),
        ([["STRK ATM", "5", "6", "7", "8"], ["STRF ATM", "12", "$1"]], {("shares_sold", "strf", 12.0)}),
        ([["BTCX Notes", "5", "7"], ["STRF ATM", "12", "$1"]], {("shares_sold", "strf", 12.0)}),
        ([["Common ATM", "5", "$1"], ["MSTR Stock", "??", "$1"]], set()),
    ],
)
def test_no_cell_beside_it_costs_the_bitcoin_of_an_update(
    rows: list[list[str]], sold: set[tuple[str, str | None, float]]
) -> None:
    found = told(table(PERIOD[:1], [SOLD_HEAD[1], SOLD_HEAD[2]], *rows, ["Total"]))
    assert HELD in found
    assert {one for one in found if one[0] == "shares_sold"} == sold


def test_what_is_lost_beside_the_bitcoin_is_told() -> None:
    reserve = "<p>As of May 1, 2026, the balance of the USD Reserve rose to $3.0 billion.</p>"
    filing = document(page(table(PERIOD, HEADERS, VALUES), reserve))
    assert any(reading.quantity == "btc_holdings" for reading in parse(filing))
    (line,) = remarks(filing)
    assert "USD Reserve in words" in line


def test_a_part_of_the_diluted_shares_that_is_not_known_costs_the_counts_alone() -> None:
    body = (FIXTURES / "2024-11-25.html").read_text()
    whole = {reading.quantity for reading in parse(document(body))}
    filing = document(body.replace("2029 Convertible Shares", "2035 Perpetual Shares"))
    assert {reading.quantity for reading in parse(filing)} < whole
    assert "btc_holdings" in {reading.quantity for reading in parse(filing)}
    assert any("add up" in line for line in remarks(filing))


def test_two_notes_of_one_year_are_two_instruments() -> None:
    days = ["12/31/2024", "2/23/2025"]
    rows = [["Shares Outstanding (in '000s)"], ["Class A", "200,000", "201,000"], ["Class B", "20,000", "20,000"]]
    rows += [
        ["Basic Shares Outstanding", "220,000", "221,000"],
        ["2030 Convertible Shares @ $149.77", "5,342", "5,342"],
    ]
    rows += [["2030 Convertible Shares @ $433.43", "-", "4,614"], ["Options Outstanding", "4,000", "4,000"]]
    rows += [["RSU/PSU Unvested", "1,000", "1,000"], ["Assumed Diluted Shares Outstanding", "230,342", "235,956"]]
    found = told(table(days, *rows))
    assert HELD in found
    assert {
        ("shares_underlying", "convert-2030a", 5_342_000.0),
        ("shares_underlying", "convert-2030b", 4_614_000.0),
    } <= found


def test_shares_of_the_class_sold_in_prose_and_a_new_dividend_rate() -> None:
    prose = (
        "<p>During the period between July 7, 2026 and July 13, 2026, the Company sold an aggregate of 797,008 MSTR Shares under the "
        "Common ATM.</p><p>On July 31, 2026, Strategy increased the regular dividend rate per annum on the STRC Stock effective for monthly "
        "periods commencing on or after August 1, 2026 from 11.25% to 11.50%. Strategy announced this new rate.</p>"
    )
    found = told(prose)
    assert {HELD, ("shares_sold", "mstr", 797_008.0), ("dividend_rate_pct", "strc", 11.5)} <= found


def test_a_dividend_rate_alone_is_no_update_and_is_told() -> None:
    filing = document(
        page(
            "<p>On July 31, 2026, Strategy increased the regular dividend rate per annum on the STRC Stock effective for monthly "
            "periods commencing on or after August 1, 2026 from 11.25% to 11.50%. Strategy announced this new rate.</p>"
        )
    )
    assert list(parse(filing)) == []
    assert remarks(filing) == [
        "not read: a dividend rate told alone: 11.5 % of strc, from 11.25%, effective 2026-08-01"
    ]


@pytest.fixture(scope="module")
def labels() -> list[dict[str, str]]:
    if not SAMPLES.exists():
        pytest.skip("left out: ../shared/samples is not here")
    with (SAMPLES / "labels.csv").open() as file:
        return list(csv.DictReader(file))


def test_captured_filings_yield_exactly_the_golden_holdings(labels: list[dict[str, str]]) -> None:
    expected: dict[str, set[tuple[str, float, float, float | None]]] = {row["file"]: set() for row in labels}
    with (SAMPLES / "golden_holdings.csv").open() as file:
        for row in csv.DictReader(file):
            if row["holdings_btc"]:
                cost = round(float(row["cost_raw"].replace(",", "")) * SCALES[row["cost_unit"]])
                average = float(row["avg_cost_usd"]) if row["avg_cost_usd"] else None
                expected[row["file"]].add((row["as_of"], float(row["holdings_btc"]), cost, average))
    for name, golden in expected.items():
        read = {
            (reading.quantity, reading.as_of): reading.value
            for reading in parse(document((SAMPLES / name).read_bytes()))
        }
        held = {
            (day.isoformat(), coins, read["btc_cost_basis", day], read.get(("btc_average_cost", day)))
            for (quantity, day), coins in read.items()
            if quantity == "btc_holdings"
        }
        assert held == golden, name


def test_captured_filings_without_an_update_yield_nothing(labels: list[dict[str, str]]) -> None:
    for row in labels:
        filing = document((SAMPLES / row["file"]).read_bytes())
        if row["class"] != "btc_update":
            assert list(parse(filing)) == [], row["file"]
        assert bool(next_urls(filing)) == (row["class"] == "exhibit_only"), row["file"]


def test_captured_activity_is_the_golden_activity(labels: list[dict[str, str]]) -> None:
    """Coins and their sign; the golden file leaves out most of what the sentences before 2025 say."""
    assert labels
    with (SAMPLES / "golden_holdings.csv").open() as file:
        for row in csv.DictReader(file):
            if row["acquired_raw"]:
                coins = 0.0 if row["acquired_raw"] in ("-", "—") else float(row["acquired_raw"].replace(",", ""))
                read = [
                    each
                    for each in parse(document((SAMPLES / row["file"]).read_bytes()))
                    if each.quantity == "btc_acquired"
                ]
                assert (-coins if row["label"] == "Sold" else coins) in [each.value for each in read], row


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_filings_yield_a_parse_error_or_readings_within_bounds(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from(PAGES)).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(body) - 1))
        piece = data.draw(
            st.one_of(st.binary(max_size=6), st.sampled_from([b"<td>", b"</table>", b"9", b",", b"-", b"&#1;", b"$"]))
        )
        body[at : at + data.draw(st.integers(0, 12))] = piece
        if not body:
            break
    try:
        readings = list(parse(document(bytes(body))))
        next_urls(document(bytes(body)))
    except ParseError:
        return
    for reading in readings:
        QUANTITIES[reading.quantity].check(reading.value, reading.unit)
