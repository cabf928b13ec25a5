"""The files people give us: what is read, what is refused, and whether the refusal names the place."""

from __future__ import annotations

import csv
import io
import itertools
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treasury.intake.csv_files import (
    COMPANY_CLOSE,
    MOST_PROBLEMS,
    SHEETS,
    OfItsTime,
    Row,
    iter_problems,
    ratio,
    read_sheet,
    volume,
)
from treasury.model import InputError

# one right row of every kind
ROWS = {
    "source": "edgar,filing,Form 8-K,https://example.org,,yes",
    "exchange": "XNAS,America/New_York,16:00,,edgar,,XNYS,",
    "company": "MSTR,Strategy Inc,XNAS,US,USD,treasury,0001050446,,yes,,edgar",
    "alias": "MSTR,MicroStrategy,former_name,,2025-02-05,edgar",
    "instrument": "MSTR,convert-2027,convertible,USD,2021-02-19,2027-02-15,,2024-02-20,0,1432.46,0.6981,issuer_choice,,2,2025-02-24,,edgar",
    "fact": "MSTR,,btc_holdings,2025-11-09,2025-11-10T13:00:07Z,641692,BTC,edgar,",
    "relation": "ABTC,HUT,consolidated_by,2025-09-03,,edgar,majority owned",
    "share_class": "MSTR,B,economic,1,,,edgar,ten votes a share",
    "tranche_name": "MSTR,ConvertibleSeniorNotesDueTwentyTwentySevenMember,convert-2027,edgar,",
    "purchase": "MSTR,2025-11-10,2025-11-03,2025-11-09,487,49900000,USD,102557,,edgar",
    "retraction": "MSTR,,btc_holdings,2025-02-03,2025-02-03T13:00:00Z,10,edgar,2026-01-05,read a total as a purchase",
    "split": "MSTR,2024-08-08,10,1,edgar,",
    "listing": "CAN,ADS,15,,,edgar,",
    "equity_price": "MSTR,2025-11-07,241.93,edgar,19000000",
    "instrument_price": "MSTR,strc,2025-11-07,99.5,USD,edgar,",
    "instrument_symbol": "MSTR,strc,STRC,XNAS,edgar,cover of an 8-K",
    "btc_price": "2025-11-07,nyse,103000.5,edgar",
    "fx_rate": "2025-11-07,JPY,0.0065,edgar",
    "withdrawn": "split,NXTT|2025-09-15|edgar,2026-11-30,the day after it is the ex-date",
    "context": "fear_greed,2025-11-07,,24,index,a,,",
}
PRICES = "ticker,date,close,source"  # as files without volumes begin
FACT = "ticker,instrument,quantity,as_of,known_at,value,unit,source,note\n"


def read(text: str, name: str = "file.csv") -> Any:
    return read_sheet(io.StringIO(text, newline=""), name)


def problems(text: str) -> list[str]:
    with pytest.raises(InputError) as error:
        read(text)
    return list(iter_problems(error.value))


def fact(*, quantity: str = "btc_holdings", as_of: str = "2025-02-03", known_at: str = "2025-02-03T13:00:00Z", value: str = "10", unit: str = "BTC", note: str = "") -> str:  # fmt: skip
    return f"{FACT}MSTR,,{quantity},{as_of},{known_at},{value},{unit},edgar,{note}\n"


def header(kind: str) -> str:
    return ",".join(SHEETS[kind].header)


# -- which kind ----------------------------------------------------------------------------------------------------


def test_a_file_made_before_a_late_column_is_taken_as_it_is() -> None:
    older, cells = "id,kind,title,url,licence_note", "edgar,filing,Form 8-K,https://example.org,"
    sheet, (row,) = read(f"{older}\n{cells}\n")
    assert (sheet.kind, row["redistributable"], tuple(row)) == ("source", None, sheet.header)
    assert "6 cells where the header has 5" in problems(f"{older}\n{cells},yes\n")[0]


@pytest.mark.parametrize("kind", SHEETS)
def test_every_kind_is_told_by_its_header_row(kind: str) -> None:
    sheet, (row,) = read(f"{header(kind)}\n{ROWS[kind]}\n")
    assert sheet.kind == kind
    assert list(row) == header(kind).split(",")


def test_a_row_becomes_typed_values_and_unknown_is_none() -> None:
    _, (row,) = read(f"{header('fact')}\n{ROWS['fact']}\n")
    assert row == {
        "ticker": "MSTR",
        "instrument": None,
        "quantity": "btc_holdings",
        "as_of": "2025-11-09",
        "known_at": "2025-11-10T13:00:07Z",
        "value": 641692.0,
        "unit": "BTC",
        "source": "edgar",
        "note": None,
    }
    assert type(row["value"]) is float


def test_zero_is_a_number_and_empty_is_not() -> None:
    _, (row,) = read(fact(value="0"))
    assert row["value"] == 0.0
    assert problems(fact(value="")) == ["file.csv:2: value is empty; it is required"]


def test_an_unknown_column_names_itself_and_the_columns_there_are() -> None:
    (line,) = problems("date,fixing,close,source,colour\n2025-11-07,nyse,103000,edgar,red\n")
    assert line.startswith("file.csv:1: read as a btc_price file: unknown column 'colour'")
    assert line.endswith("its columns are date, fixing, close, source")


def test_a_missing_column_names_itself_and_the_kind_meant() -> None:
    (line,) = problems("date,fixing,close\n2025-11-07,nyse,103000\n")
    assert "read as a btc_price file: missing column 'source'" in line
    assert "unknown" not in line
    (line,) = problems("ticker,date,price,btc\nORNG,2025-11-07,15,1000\n")
    assert "read as a company_close file: missing column 'shares'" in line


def test_columns_are_found_by_name_in_any_order_and_case() -> None:
    sheet, (row,) = read("Fixing,DATE,close,source\nnyse,2025-11-07,103000,edgar\n")
    assert sheet.kind == "btc_price"
    assert list(row.items()) == [("date", "2025-11-07"), ("fixing", "nyse"), ("close", 103000.0), ("source", "edgar")]


def test_columns_that_are_not_required_may_be_left_out() -> None:
    sheet, (row,) = read("ticker,quantity,as_of,value,unit,source\nMSTR,btc_holdings,2025-02-03,10,BTC,edgar\n")
    assert (sheet.kind, row["known_at"], row["note"], row["value"]) == ("fact", None, None, 10.0)
    assert list(row) == list(SHEETS["fact"].header)


def test_a_column_that_stands_twice_is_refused() -> None:
    (line,) = problems("date,fixing,close,close,source\n2025-11-07,nyse,103000,103000,edgar\n")
    assert "column twice: 'close'" in line


def test_no_header_fits_two_kinds() -> None:
    kinds = [*SHEETS.values(), COMPANY_CLOSE]
    for one, other in itertools.combinations(kinds, 2):
        assert not (one.required <= set(other.header) and other.required <= set(one.header)), (one.kind, other.kind)


def test_a_file_of_something_else_says_what_was_expected() -> None:
    (line,) = problems('{"bitcoin": 1}\n')
    assert "unknown column" in line
    assert "its columns are" in line


# -- cells ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    ["1,234", "1e999", "-1e999", "NaN", "nan", "inf", "-inf", "Infinity", "０", "１２", "٣", "1_000", " 1", "1 ", "1\t",
     "0x10", "$5", "5%", "1.2.3", "--1", "1e", ".", "-", "1 000", "1\u00a0000", "12k", "–5", "None", "null", "n/a"],
)  # fmt: skip
def test_what_is_not_a_plain_number_is_refused_and_shown(value: str) -> None:
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow(
        ["MSTR", "", "btc_holdings", "2025-02-03", "", value, "BTC", "edgar", ""]
    )
    (line,) = problems(FACT + row.getvalue())
    assert line.startswith("file.csv:2: value: ")
    assert repr(value) in line


@pytest.mark.parametrize(
    ("value", "is_"), [("10", 10), ("-0", 0), ("+3", 3), (".5", 0.5), ("1.", 1), ("6.41692e5", 641692)]
)
def test_plain_numbers_are_read(value: str, is_: float) -> None:
    _, (row,) = read(fact(value=value))
    assert row["value"] == is_


@pytest.mark.parametrize(
    "day",
    ["2025-2-3", "2025-02-30", "2025-13-01", "2025-00-10", "0000-01-01", "02/03/2025", "03.02.2025", "20250203", "2025-W06-3",
     "２０２５-02-03", "2025-02-03 ", "2025-2-003", "45691", "today", "2025-02-03T00:00:00Z"],
)  # fmt: skip
def test_what_is_not_a_day_is_refused_and_shown(day: str) -> None:
    (line,) = problems(fact(as_of=day))
    assert line.startswith("file.csv:2: as_of: ")
    assert repr(day) in line


@pytest.mark.parametrize(
    "moment",
    ["2025-02-03T13:00:00", "2025-02-03T13:00:00+00:00", "2025-02-03T13:00Z", "2025-02-03T13:00:00.5Z", "2025-02-03T25:00:00Z",
     "2025-02-30T13:00:00Z", "2025-02-03T13:60:00Z", "2025-02-03 13:00:00Z", "2025-02-03t13:00:00Z", "２025-02-03T13:00:00Z",
     "2025-02-03T1٣:00:00Z", "2025-W06-3"],
)  # fmt: skip
def test_a_moment_is_a_day_or_utc_with_z(moment: str) -> None:
    (line,) = problems(fact(known_at=moment))
    assert line.startswith("file.csv:2: known_at: ")
    assert repr(moment) in line


def test_a_moment_may_be_only_a_day() -> None:
    _, (row,) = read(fact(known_at="2025-02-04"))
    assert row["known_at"] == "2025-02-04"


@pytest.mark.parametrize("code", ["usd", "US", "USDT", "U$D", "A1B", "ÅBC", "GBp", "   "])
def test_a_currency_is_three_capital_letters(code: str) -> None:
    (line,) = problems(f"{header('fx_rate')}\n2025-11-07,{code},0.01,edgar\n")
    assert line.startswith("file.csv:2: currency: ")


@pytest.mark.parametrize("clock", ["24:00", "9:30", "16:60", "16:00:00", "4 pm", "1٣:00"])
def test_a_closing_time_is_hh_mm(clock: str) -> None:
    (line,) = problems(f"{header('exchange')}\nXNAS,America/New_York,{clock},,edgar,,XNYS,\n")
    assert line.startswith("file.csv:2: close_time: ")


def test_a_ratio_of_shares_is_up_to_a_million_to_one_either_way() -> None:
    assert [ratio(cell) for cell in ("1000000", "0.000001")] == [1e6, 1e-6]
    for cell in ("1000001", "0.00000099"):
        with pytest.raises(ValueError, match="no ratio of shares"):
            ratio(cell)


def test_what_was_traded_is_nought_or_more() -> None:
    assert [volume(cell) for cell in ("0", "19000000")] == [0.0, 19e6]
    with pytest.raises(ValueError, match="below zero"):
        volume("-1")


@pytest.mark.parametrize("price", ["0", "-1", "-0"])
def test_a_price_of_zero_or_less_is_not_a_price(price: str) -> None:
    (line,) = problems(f"{PRICES}\nMSTR,2025-11-07,{price},edgar\n")
    assert "must be above zero" in line


@pytest.mark.parametrize("rank", ["1.5", "-1", "²", "٣", "9" * 30, "9" * 5000])
def test_a_whole_number_is_one_that_a_database_can_hold(rank: str) -> None:
    row = ROWS["instrument"].replace(",2,2025-02-24,", f",{rank},2025-02-24,")
    (line,) = problems(f"{header('instrument')}\n{row}\n")
    assert line.startswith("file.csv:2: seniority: ")


def test_a_kind_that_does_not_exist_lists_those_that_do() -> None:
    (line,) = problems(f"{header('source')}\nedgar,blog,A blog,,,\n")
    assert "'blog' is not one of filing, issuer, press, tracker, market" in line
    (line,) = problems(fact(quantity="bitcoin"))
    assert "'bitcoin' is not one of btc_holdings" in line


# -- facts that cannot be true -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "value", "unit", "says"),
    [
        ("btc_holdings", "22000000", "BTC", "outside 0 to 21,000,000"),
        ("btc_holdings", "-1", "BTC", "outside 0 to 21,000,000"),
        ("btc_holdings", "10", "USD", "btc_holdings is in BTC, not 'USD'"),
        ("btc_holdings", "10", "btc", "not 'btc'"),
        ("shares_basic", "-5000000", "shares", "outside 100,000 to"),
        ("shares_basic", "0", "shares", "outside 100,000 to"),
        ("shares_basic", "287000", "BTC", "shares_basic is in shares"),
        ("shares_basic", "287", "shares", "outside 100,000 to"),  # printed in millions
        ("shares_assumed_diluted", "1", "shares", "outside 100,000 to"),
        ("shares_basic", "1e12", "shares", "outside 100,000 to"),
        ("debt_total", "-1", "USD", "outside 0 to"),
        ("cash", "100", "shares", "its unit must be an ISO currency code"),
        ("cash", "100", "BTC", "its unit must be an ISO currency code"),
        ("cash", "100", "A1B", "its unit must be an ISO currency code"),
        ("cash", "1e16", "USD", "outside 0 to"),
        ("dividend_rate_pct", "101", "percent", "outside 0 to 100"),
        ("options_outstanding", "-1", "shares", "outside 0 to"),
    ],
)
def test_values_outside_their_bounds_or_unit_are_refused(quantity: str, value: str, unit: str, says: str) -> None:
    (line,) = problems(fact(quantity=quantity, value=value, unit=unit))
    assert line.startswith("file.csv:2: ")
    assert says in line


def test_known_before_it_was_so_is_refused_unless_announced_ahead() -> None:
    early = fact(as_of="2025-02-03", known_at="2025-02-02T23:59:59Z")
    (line,) = problems(early)
    assert line.startswith("file.csv:2: known_at 2025-02-02T23:59:59Z is before as_of 2025-02-03")
    assert "forward dated" in line
    _, (row,) = read(fact(as_of="2025-02-03", known_at="2025-02-02", note="forward dated: redemption announced"))
    assert row["as_of"] == "2025-02-03"
    read(fact(as_of="2025-02-03", known_at="2025-02-03T00:00:00Z"))  # the same day is not before it


@pytest.mark.parametrize(("known_at", "taken"), [("", True), ("2025-11-07", True), ("2025-11-06", False)])
def test_a_measure_is_known_on_its_day_or_later(known_at: str, taken: bool) -> None:
    text = f"{header('context')}\nfear_greed,2025-11-07,{known_at},24,index,edgar,,\n"
    if taken:
        assert [row["known_at"] for row in read(text)[1]] == [known_at or None]
    else:
        assert "known_at 2025-11-06 is before" in problems(text)[0]


def test_a_split_of_one_for_one_is_refused() -> None:
    assert "changes nothing" in problems(f"{header('split')}\nMSTR,2024-08-08,10,10,edgar,\n")[0]


def test_a_repeated_key_names_both_lines() -> None:
    text = f"{PRICES}\nMSTR,2025-11-07,241.93,edgar\nMSTR,2025-11-10,243.51,edgar\nMSTR,2025-11-07,240.00,edgar\n"
    assert problems(text) == ["file.csv:4: repeats line 2 (ticker MSTR, date 2025-11-07)"]


def test_the_same_quantity_from_another_source_is_no_repetition() -> None:
    _, rows = read(fact() + fact().splitlines()[1].replace("edgar", "press") + "\n")
    assert len(rows) == 2


# -- files that are damaged or from another program ----------------------------------------------------------------


def test_a_file_cut_off_in_a_row_is_refused_with_the_line() -> None:
    whole = f"{header('btc_price')}\n2025-11-06,nyse,101000,edgar\n2025-11-07,nyse,103000,edgar\n"
    (line,) = problems(whole[: whole.index("103000") + 2])
    assert line == "file.csv:3: 3 cells where the header has 4; is the file cut off?"


def test_a_file_cut_off_in_a_quoted_note_is_refused() -> None:
    whole = fact(note='"redeemed, in full"')
    (line,) = problems(whole[: whole.index("in full")])
    assert line.startswith("file.csv:2: ")
    assert "is the file complete" in line


def test_a_row_with_a_cell_too_many_is_refused() -> None:
    (line,) = problems(f"{PRICES}\nMSTR,2025-11-07,1,241.93,edgar\n")
    assert line.startswith("file.csv:2: 5 cells where the header has 4")


@pytest.mark.parametrize("text", ["", "\n", "\r\n", "\n\n"])
def test_an_empty_file_is_no_success(text: str) -> None:
    assert problems(text) == ["file.csv:1: the file is empty; it must begin with a header row"]


def test_a_header_alone_has_no_rows() -> None:
    for ending in ("", "\n", "\r\n"):
        sheet, rows = read(header("fact") + ending)
        assert (sheet.kind, rows) == ("fact", [])


def test_blank_lines_are_passed_over_and_counted() -> None:
    _, rows = read(f"{PRICES}\nMSTR,2025-11-07,241.93,edgar\n\n")
    assert len(rows) == 1
    text = f"{PRICES}\n\nMSTR,2025-11-07,zero,edgar\n"
    assert problems(text)[0].startswith("file.csv:3: close: 'zero'")


def test_line_ends_of_windows_are_read() -> None:
    _, rows = read(f"{header('split')}\r\n{ROWS['split']}\r\n")
    assert [row["note"] for row in rows] == [None]
    _, rows = read(fact(note="last").replace("\n", "\r\n"))
    assert rows[0]["note"] == "last"


@pytest.mark.parametrize("quoted", [False, True])
def test_the_byte_order_mark_that_excel_writes_is_passed_over(tmp_path: Path, quoted: bool) -> None:
    file = tmp_path / "excel.csv"
    text = f"{header('split')}\r\n{ROWS['split']}\r\n"
    file.write_bytes((text.replace("ticker", '"ticker"') if quoted else text).encode("utf-8-sig"))
    with file.open(encoding="utf-8", newline="") as lines:
        sheet, rows = read_sheet(lines, "excel.csv")
    assert (sheet.kind, rows[0]["ticker"]) == ("split", "MSTR")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_another_encoding_is_named_and_the_remedy_too(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "other.csv"
    file.write_text(f"{header('source')}\n{ROWS['source']}\namf,issuer,Déclaration,,\n", encoding=encoding)
    with file.open(encoding="utf-8", newline="") as lines, pytest.raises(InputError, match="save the file as UTF-8"):
        read_sheet(lines, "other.csv")


def test_bytes_that_are_not_text_name_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    rows = "".join(f"s{number},issuer,{'x' * 60},,,\n" for number in range(300))
    file.write_bytes(f"{header('source')}\n{rows}amf,issuer,D".encode() + "éclaration,,,\n".encode("latin-1"))
    with file.open(encoding="utf-8", newline="") as lines, pytest.raises(InputError) as error:
        read_sheet(lines, "other.csv")
    assert str(error.value).startswith("other.csv:302: not UTF-8")  # though text is decoded in blocks of many lines


def test_line_numbers_stay_right_after_a_note_of_several_lines() -> None:
    text = (
        FACT
        + 'MSTR,,btc_holdings,2025-02-03,,10,BTC,edgar,"first\nsecond\nthird"\n'  # lines 2 to 4
        + "MSTR,,btc_holdings,2025-02-04,,ten,BTC,edgar,\n"  # line 5
        + 'MSTR,,btc_holdings,2025-02-03,,11,BTC,edgar,"again\nthe same key"\n'  # lines 6 to 7
    )
    bad, repeated = problems(text)
    assert bad.startswith("file.csv:5: value: 'ten'")
    assert repeated.startswith("file.csv:6: repeats line 2 ")


def test_a_long_list_of_problems_is_cut_short() -> None:
    rows = "".join(f"MSTR,2025-01-{1 + number % 28:02},zero,edgar\n" for number in range(50))
    lines = problems(f"{PRICES}\n{rows}")
    assert len(lines) == MOST_PROBLEMS + 1 == 21
    assert lines[19].startswith("file.csv:21: ")
    assert "perhaps more" in lines[20]


def test_all_problems_of_a_file_are_told_at_once() -> None:
    lines = problems(f"{PRICES}\nMSTR,2025-11-07,zero,edgar\nMSTR,2025-11-10,1,edgar\n,2025-11-11,1,edgar\n")
    assert [line.split(": ")[0] for line in lines] == ["file.csv:2", "file.csv:4"]


# -- laws ----------------------------------------------------------------------------------------------------------

_cells = st.one_of(
    st.text(max_size=12), st.sampled_from(["", "MSTR", "2025-02-03", "1", "USD", "BTC", "NaN", '"', "\x00", "\ufeff"])
)
_rows = st.sampled_from(sorted(SHEETS)).flatmap(
    lambda kind: st.lists(st.lists(_cells, min_size=1, max_size=18).map(",".join), max_size=6).map(
        lambda rows: "\n".join([header(kind), *rows])
    )
)


@pytest.mark.slow
@settings(deadline=None)
@given(st.one_of(st.text(), _rows))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        read(text)
    except InputError as error:
        assert all(line.startswith(("file.csv:", "…")) for line in iter_problems(error))  # noqa: PT017


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_words(body: bytes) -> None:
    lines = io.TextIOWrapper(io.BytesIO(f"{header('source')}\n".encode() + body), encoding="utf-8", newline="")
    try:
        read_sheet(lines, "file.csv")
    except InputError as error:
        assert "file.csv:" in str(error)  # noqa: PT017


@settings(deadline=None)
@given(st.floats(min_value=0, max_value=21e6))
def test_a_number_written_by_python_comes_back_to_the_last_digit(value: float) -> None:
    _, (row,) = read(fact(value=repr(value)))
    assert row["value"] == value


# -- cells that come again -----------------------------------------------------------------------------------------

AGAIN = [
    "ORNG,2025-11-06,10,press",
    "ORNG,2025-11-07,10.5,press",
    "press,2025-11-06,10,ORNG",
    "'10,2025-11-06,10,press",
]


def test_a_cell_is_remembered_for_its_own_column_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """10 is a price here and a ticker there; and what is remembered changes nothing that is read."""
    text = "\n".join([PRICES, *AGAIN, ""])
    _, rows = read(text)
    assert [tuple(row.values())[:4] for row in rows] == [
        ("ORNG", "2025-11-06", 10.0, "press"), ("ORNG", "2025-11-07", 10.5, "press"), ("press", "2025-11-06", 10.0, "ORNG"),
        ("'10", "2025-11-06", 10.0, "press"),
    ]  # fmt: skip
    assert {type(row["close"]) for row in rows} == {float}
    for most in (0, 1):
        monkeypatch.setattr("treasury.intake.csv_files.MOST_REMEMBERED", most)
        assert read(text)[1] == rows


def test_what_is_remembered_of_the_days_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treasury.intake.csv_files.MOST_REMEMBERED", 2)
    refuse = OfItsTime(SHEETS["fact"], date(2026, 1, 1))
    for day in range(1, 9):
        refuse(Row(as_of=f"2025-02-0{day}", known_at=f"2025-02-0{day}T13:00:00Z"))
    assert len(refuse._taken) == 2


def test_a_wrong_cell_is_told_on_every_line_it_stands_on() -> None:
    told = problems(f"{PRICES}\nORNG,2025-11-06,dear,press\nORNG,2025-11-07,dear,press\nORNG,2025-11-10,9,\n")
    assert [line.split(": ")[0] for line in told] == ["file.csv:2", "file.csv:3", "file.csv:4"]
