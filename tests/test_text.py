"""Text becomes a number or a day in one strict way, or not at all."""

from __future__ import annotations

import math
import sys
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.formats.text import Money, Printed, cell, date_from, money, number, plain, printed, scaled, unit_of
from treasury.model import ParseError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0),
        ("12.345", 12.345),
        ("1,234.5", 1234.5),
        ("843738", 843738.0),
        ("843,738", 843738.0),
        ("-2", -2.0),
        ("+2", 2.0),
        ("\u22122.5", -2.5),
        ("(1,234)", -1234.0),
        ("\u00a01,000\u00a0", 1000.0),
    ],
)
def test_number(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "—",
        "1,2,3",
        "84,3738",
        "3,000[3]",
        "3,000 (3)",
        "(-5)",
        "1.234,56",
        "1 234",
        "12.",
        ".5",
        "007",
        "5.2%",
        "$5",
        "1e6",
        "1_000",
        "0x10",
        "nan",
        "inf",
        "１２",
        "twelve",
        "1.2.3",
    ],
)
def test_what_is_no_number_raises(text: str) -> None:
    with pytest.raises(ParseError):
        number(text)


@pytest.mark.parametrize(
    ("text", "value"), [("", None), (" \u00a0", None), ("-", 0.0), ("\u2013", 0.0), ("\u2014", 0.0), ("1,234", 1234.0)]
)
def test_a_dash_says_none_and_an_empty_cell_says_nothing(text: str, value: float | None) -> None:
    assert cell(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.92 billion", 1_920_000_000.0),
        ("285.8million", 285_800_000.0),
        ("52.1B", 52_100_000_000.0),
        ("3K", 3_000.0),
        ("2 trillion", 2e12),
        ("1.5億", 150_000_000.0),
        ("3,000百万円", 3_000_000_000.0),
        ("2兆円", 2e12),
        ("(1.5 million)", None),
        ("(1.5) million", -1_500_000.0),
        ("1.5 dozen", None),
        ("1.5 million of shares", None),
        ("million", None),
    ],
)
def test_scaled(text: str, value: float | None) -> None:
    if value is None:
        with pytest.raises(ParseError):
            scaled(text)
    else:
        assert scaled(text) == value


def test_printed_knows_its_last_digit_and_refuses_two_units() -> None:
    assert printed("35.63 billion") == Printed(35_630_000_000.0, 10_000_000.0)
    assert printed("40,790.4", 1_000_000) == Printed(40_790_400_000.0, 100_000.0)
    with pytest.raises(ParseError, match="another"):
        printed("1.92 billion", 1_000_000)


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("Aggregate Purchase Price (in millions) (2)", 10**6),
        ("Aggregate Purchase Price(in billions)", 10**9),
        ("AggregatePurchasePrice (inmillions) (2)", 10**6),
        ("Shares Outstanding (in \u2018000s) (1)", 1000),
        ("($ millions)", 10**6),
        ("Average Purchase Price", 1),
        ("単位：百万円", 10**6),
    ],
)
def test_unit_of_a_header(header: str, unit: int) -> None:
    assert unit_of(header) == unit


def test_two_units_in_a_header_raise() -> None:
    with pytest.raises(ParseError):
        unit_of("Shares in thousands, dollars in millions")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$52.1B", Money(52_100_000_000.0, "USD")),
        ("$ 1,234.50", Money(1234.5, "USD")),
        ("US$3 million", Money(3_000_000.0, "USD")),
        ("\u2212$5", Money(-5.0, "USD")),
        ("€100", Money(100.0, "EUR")),
        ("£2.5m", Money(2_500_000.0, "GBP")),
        ("¥1,781", Money(1781.0, "JPY")),
        ("HK$7", Money(7.0, "HKD")),
    ],
)
def test_money(text: str, expected: Money) -> None:
    assert money(text) == expected


@pytest.mark.parametrize("text", ["52.1B", "$", "$-", "$1,2,3", "Fr. 5", "$$5", ""])
def test_money_without_a_known_sign_or_number_raises(text: str) -> None:
    with pytest.raises(ParseError):
        money(text)


def test_date_from() -> None:
    assert date_from("March\u00a03, 2025", ["%B %d, %Y"]) == date(2025, 3, 3)
    assert date_from("2/9/2025", ["%m/%d/%Y"]) == date(2025, 2, 9)
    assert date_from("2025-2-9", ["%Y-%m-%d"]) == date_from("2025-02-09", ["%Y-%m-%d"]) == date(2025, 2, 9)


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("843,738", ["%B %d, %Y", "%Y-%m-%d"]),
        ("May", ["%B %d, %Y"]),
        ("February 30, 2025", ["%B %d, %Y"]),
        ("2025-02-30", ["%Y-%m-%d", "%d %B %Y"]),
        ("2025-W07-7", ["%Y-%m-%d"]),
        ("2025-09-02", ["%Y-%m-%d", "%Y-%d-%m"]),
        ("2/9/2025", ["%m/%d/%Y", "%d/%m/%Y"]),  # two readings
        ("\uff12/9/2025", ["%m/%d/%Y"]),
        ("", ["%Y"]),
    ],
)
def test_a_date_of_another_form_raises(text: str, formats: list[str]) -> None:
    with pytest.raises(ParseError):
        date_from(text, formats)


def test_plain() -> None:
    assert plain(" a\u00a0\n b\u200b ") == "a b"


@given(st.integers(-(10**15), 10**15), st.integers(0, 4))
def test_a_formatted_number_comes_back(digits: int, decimals: int) -> None:
    value = digits / 10**decimals
    assert number(f"{value:,.{decimals}f}") == pytest.approx(value, rel=1e-15)
    assert scaled(f"{value:,.{decimals}f} million") == pytest.approx(value * 1e6, rel=1e-15)
    if value < 0:
        assert number(f"({-value:,.{decimals}f})") == pytest.approx(value, rel=1e-15)


ODD = st.text("0123456789.,-+()$€£\u2212\u2014 \u00a0kKmMbBtT万億兆円%[]eE_nai'", max_size=20)


@given(st.one_of(ODD, st.text(max_size=30)))
def test_only_a_finite_number_or_a_parse_error_comes_out(text: str) -> None:
    for function in (number, cell, scaled, lambda each: money(each).value, unit_of):
        try:
            value = function(text)
        except ParseError:
            continue
        assert value is None or math.isfinite(value)


@given(st.text("0123456789/-, JanuryFebMach", max_size=20))
def test_only_a_day_or_a_parse_error_comes_out(text: str) -> None:
    with suppress(ParseError):
        assert isinstance(date_from(text, ["%B %d, %Y", "%m/%d/%Y", "%Y-%m-%d"]), date)


def test_a_long_text_is_plain_as_a_short_one() -> None:
    blanks = [letter for letter in map(chr, range(sys.maxunicode + 1)) if letter.isspace()]
    words = " ".join(f"word{blank * (place % 4 + 1)}" for place, blank in enumerate(blanks)) + "\u200b\ufeff end\n"
    assert plain(words * 500) == " ".join(plain(words) for _ in range(500))
