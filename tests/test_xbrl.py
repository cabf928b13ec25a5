"""Inline XBRL read as tagged: contexts with their members, units, and numbers by scale, sign, format and nil."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from saved import SAMPLES, needs_samples
from tagged import document, number, report

from scrapers.formats import number_words, xbrl
from treasury.model import Document, ParseError


def value(text: str, **attributes: Any) -> float | None:
    (fact,) = xbrl.load(document(report(number("us-gaap:Cash", text, **attributes)))).facts
    return fact.value


@pytest.mark.parametrize(
    ("text", "attributes", "expected"),
    [
        ("81,326", {"scale": 3}, 81_326_000.0),
        ("1.050", {"scale": 9}, 1_050_000_000.0),
        ("800.0", {"scale": 0}, 800.0),
        ("99", {"scale": -2}, 0.99),
        ("39,019", {"sign": "-"}, -39_019.0),
        ("0", {"sign": "-"}, 0.0),
        (" 2,250,566\n", {"format": "ixt:numdotdecimal"}, 2_250_566.0),
        (".001", {}, 0.001),
        ("0.001", {"format": ""}, 0.001),
        ("1.234,5", {"format": "ixt:num-comma-decimal"}, 1_234.5),
        ("62,1", {"format": "ixt:numcommadecimal", "scale": 6}, 62_100_000.0),
        ("—", {"format": "ixt:fixed-zero", "scale": 3}, 0.0),
        ("-", {"format": "ixt:zerodash"}, 0.0),
        ("no", {"format": "ixt-sec:numwordsen", "scale": 3}, 0.0),
        ("Twenty-five", {"format": "ixt-sec:numwordsen"}, 25.0),
        ("", {"xsi:nil": "true", "format": ""}, None),
        ("—", {"xsi:nil": "1"}, None),
    ],
)
def test_a_number_is_its_text_by_format_scale_and_sign(
    text: str, attributes: dict[str, Any], expected: float | None
) -> None:
    assert value(text, **attributes) == expected


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("1,2,3", {}),
        ("1 234", {}),
        ("(5)", {}),
        ("-5", {}),
        ("", {}),
        ("N/A", {}),
        ("1,234", {"format": ""}),
        ("1e3", {"format": ""}),
        ("NaN", {"format": ""}),
        ("٣", {}),
        ("1,5", {}),
        ("several", {"format": "ixt-sec:numwordsen"}),
        ("5,120", {"format": "ixt:num-unit-decimal"}),
        ("9" * 400, {"format": ""}),
    ],
)
def test_a_number_in_no_known_spelling_is_refused_when_it_is_asked_for(text: str, attributes: dict[str, Any]) -> None:
    (fact,) = xbrl.load(document(report(number("us-gaap:Cash", text, **attributes)))).facts
    with pytest.raises(ParseError, match=r"sec_filing: us-gaap:Cash: found .*, expected a number"):
        _ = fact.value


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('scale="3"', 'scale="thousands"', "scale='thousands'"),
        ('scale="3"', 'scale="99"', "scale='99'"),
        ('scale="3"', 'sign="+"', r"sign='\+'"),
        ('scale="3"', 'decimals="x"', "decimals='x'"),
        ('unitRef="usd"', 'unitRef="dollars"', "a fact of unit 'dollars'"),
        ('contextRef="c1"', 'contextRef="c9"', "a fact of context 'c9'"),
        ('contextRef="c1"', "", "nonFraction without contextRef"),
        ('context id="c1"', 'context id="c0"', "a fact of context 'c1'"),
        ("<xbrli:instant>2025-06-30", "<xbrli:instant>2025-06-31", "'2025-06-31' in a context"),
        ("<xbrli:instant>2025-06-30", "<xbrli:instant>2025-06-30T00:00:00", "'2025-06-30T00:00:00' in a context"),
        (
            "<xbrli:instant>2025-06-30</xbrli:instant>",
            "<xbrli:forever/>",
            "'' in a context",
        ),
    ],
)
def test_a_cell_that_does_not_hold_together_costs_itself(old: str, new: str, found: str) -> None:
    good = number("us-gaap:Assets", "5", day="2024-12-31")
    body = report(number("us-gaap:Cash", "81,326", scale=3), good).decode()
    assert old in body
    read = xbrl.load(document(body.replace(old, new, 1).encode()))
    bad, other = read.facts
    with pytest.raises(ParseError, match=f"sec_filing: found {found}.*, expected"):
        _ = bad.value
    assert bad.printed_digits in (81_326.0, 81_326_000.0)
    assert (other.value, [fact.value for fact in read.named("us-gaap:Assets")]) == (5.0, [5.0])


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("ix:header", "ix:other", 'an HTML page titled "10-Q"'),
        ("</body>", "", 'an HTML page titled "10-Q"'),
        ("2013/inlineXBRL", "2008/inlineXBRL", 'an HTML page titled "10-Q"'),
    ],
)
def test_a_document_that_does_not_hold_together_is_refused(old: str, new: str, found: str) -> None:
    body = report(number("us-gaap:Cash", "81,326", scale=3)).decode()
    assert old in body
    with pytest.raises(ParseError, match=f"sec_filing: found {found}.*, expected"):
        xbrl.load(document(body.replace(old, new).encode()))


@pytest.mark.parametrize("before", [b"\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n  "])
def test_leading_newline_and_byte_order_mark_lose_nothing(before: bytes) -> None:
    body = report(number("us-gaap:Cash", "81,326", scale=3))
    assert [fact.value for fact in xbrl.load(document(before + body)).facts] == [81_326_000.0]


@pytest.mark.parametrize(("text", "expected"), [("32 ,499", 32_499.0), ("1, 234,567", 1_234_567.0), ("12 .5", 12.5)])
def test_cash_space_inside_number_is_read(text: str, expected: float) -> None:
    assert value(text) == expected


def test_a_context_knows_whose_and_when_and_of_which_members() -> None:
    axes = {"srt:CryptoAssetAxis": "abc:BTCMember", "us-gaap:LongtermDebtTypeAxis": "abc:LoanMember"}
    facts = xbrl.load(
        document(report(number("a:X", "1", axes=axes), number("a:Y", "2", start="2025-04-01", unit="shares")))
    ).facts
    assert facts[0].context == xbrl.Context("0000999999", date(2025, 6, 30), None, tuple(axes.items()))
    assert facts[0].context.instant == date(2025, 6, 30)
    assert (facts[1].context.start, facts[1].context.end) == (date(2025, 4, 1), date(2025, 6, 30))
    assert facts[1].context.instant is None
    assert [fact.unit for fact in facts] == ["iso4217:USD", "xbrli:shares"]


def test_a_typed_member_is_told_by_its_text_and_a_quotient_has_two_measures() -> None:
    body = report(number("a:X", "1", axes={"a:Axis": "a:Member"})).decode()
    body = body.replace(
        '<xbrldi:explicitMember dimension="a:Axis">a:Member</xbrldi:explicitMember>',
        '<xbrldi:typedMember dimension="a:Axis"><a xmlns="urn:a"> 2024-07-01 </a></xbrldi:typedMember>',
    ).replace(
        '<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>',
        '<xbrli:unit id="usd"><xbrli:divide><xbrli:unitNumerator><xbrli:measure>iso4217:USD</xbrli:measure>'
        "</xbrli:unitNumerator><xbrli:unitDenominator><xbrli:measure>xbrli:shares</xbrli:measure>"
        "</xbrli:unitDenominator></xbrli:divide></xbrli:unit>",
    )
    (fact,) = xbrl.load(document(body.encode())).facts
    assert fact.context.members == (("a:Axis", "2024-07-01"),)
    assert fact.unit == "iso4217:USD/xbrli:shares"


def test_what_is_accurate_to_a_step_says_so() -> None:
    facts = xbrl.load(
        document(report(*(number("a:X", "603.8", decimals=told) for told in (-5, "INF", 2)), number("a:X", "1")))
    ).facts
    assert [fact.step for fact in facts] == [100_000.0, 0.0, 0.01, 0.0]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("ixt:date-monthname-day-year-en", "June 30, 2025"),
        ("ixt:datemonthdayyearen", "Jun 30 , 2025"),
        ("ixt:date-monthname-day-year-en", "June<ix:exclude>30</ix:exclude> <b>30</b>,&#160;2025"),
        ("ixt:date-day-monthname-year-en", "30 June 2025"),
        ("ixt:date-month-day-year", "06/30/2025"),
        ("ixt:date-day-month-year", "30.6.2025"),
        ("", "2025-06-30"),
    ],
)
def test_the_documents_own_day_in_the_forms_covers_use(form: str, text: str) -> None:
    cover = report().replace(
        b'DocumentPeriodEndDate" contextRef="c0">2025-06-30',
        f'DocumentPeriodEndDate" contextRef="c0" format="{form}">{text}'.encode(),
    )
    assert xbrl.load(document(cover)).day("dei:DocumentPeriodEndDate") == date(2025, 6, 30)


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [
        ("ixt:date-jpn-era", "R7.6.30", "the format 'date-jpn-era'"),
        ("ixt:date-month-day-year", "June 30", "date 'June 30'"),
        ("", "2025-02-30", "date '2025 02 30'"),
    ],
)
def test_a_day_in_another_form_is_refused(form: str, text: str, found: str) -> None:
    cover = report().replace(
        b'DocumentPeriodEndDate" contextRef="c0">2025-06-30',
        f'DocumentPeriodEndDate" contextRef="c0" format="{form}">{text}'.encode(),
    )
    with pytest.raises(ParseError, match=f"sec_filing: dei:DocumentPeriodEndDate: found .*{found}.*, expected"):
        xbrl.load(document(cover)).day("dei:DocumentPeriodEndDate")


def test_a_unit_defined_twice_must_be_the_same() -> None:
    body = report(number("us-gaap:Cash", "5")).decode()
    unit = '<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>'
    assert unit in body
    ((fact,), (odd,)) = (
        xbrl.load(document(body.replace(unit, f"{unit}\n {second}").encode())).facts
        for second in (unit, unit.replace("iso4217:USD", "iso4217:JPY"))
    )
    assert (fact.value, fact.unit) == (5.0, "iso4217:USD")
    with pytest.raises(ParseError, match="found id 'usd' twice, expected each once"):
        _ = odd.value


def test_a_text_told_twice_must_be_the_same() -> None:
    twice = b'<p><ix:nonNumeric name="dei:DocumentType" contextRef="c0"> 10-Q </ix:nonNumeric></p>'
    same = report().replace(b"</body>", twice + b"</body>")
    assert xbrl.load(document(same)).text("dei:DocumentType") == "10-Q"
    other = report().replace(b"</body>", twice.replace(b"10-Q", b"10-K") + b"</body>")
    with pytest.raises(ParseError, match="found 10-K and 10-Q, expected dei:DocumentType once"):
        xbrl.load(document(other)).text("dei:DocumentType")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", 0), ("None", 0), ("zero", 0), ("five", 5), ("forty two", 42), ("one hundred and five", 105),
        ("two hundred and fifty thousand", 250_000), ("one million two thousand three", 1_002_003),
        ("", None), ("hundred", None), ("and five", None), ("five five", None), ("twenty eleven", None),
        ("two thousand million", None), ("five thousand six thousand", None), ("a dozen", None), ("no five", None),
    ],
)  # fmt: skip
def test_numbers_in_words(text: str, expected: int | None) -> None:
    assert number_words.number_in(text) == expected


@given(st.integers(1, 999), st.integers(0, 999))
def test_every_number_in_words_is_read_back(thousands: int, rest: int) -> None:
    spelled = f"{_spelled(thousands)} thousand" + (f" {_spelled(rest)}" if rest else "")
    assert number_words.number_in(spelled) == thousands * 1000 + rest


def _spelled(number: int) -> str:
    named = {number: word for word, number in (number_words.ONES | number_words.TENS).items()}
    hundreds, rest = divmod(number, 100)
    parts = [f"{named[hundreds]} hundred"] if hundreds else []
    if rest in named and (rest or not parts):
        parts.append(named[rest])
    elif rest:
        parts.append(f"{named[rest // 10 * 10]}-{named[rest % 10]}")
    return " ".join(parts)


@needs_samples
@pytest.mark.parametrize(
    ("name", "facts", "contexts", "nil"),
    [
        ("mstr_10-Q_2024-05-01", 1210, 322, 2),
        ("clsk_10q_10-Q-2025-06-30", 1186, 313, 0),
        ("naka_10q_10Q-2025-06-30", 612, 127, 113),
    ],
)
def test_every_number_of_the_captured_filings_can_be_read(name: str, facts: int, contexts: int, nil: int) -> None:
    body = (SAMPLES / "sec_10q" / f"{name}.html").read_bytes()
    read = xbrl.load(Document("sec_filing", "", body, datetime(2026, 1, 1, tzinfo=UTC)))
    assert (len(read.facts), len(list(read.header.iter("{http://www.xbrl.org/2003/instance}context")))) == (
        facts,
        contexts,
    )
    assert sum(fact.value is None for fact in read.facts) == nil
