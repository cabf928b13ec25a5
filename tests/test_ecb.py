"""The ECB's rates: both files, zipped or plain; days that are missing are noticed."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from saved import costs_itself, documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.sources import ecb
from treasury.model import Document, ParseError


def _document(name: str) -> Document:
    return saved(next(path for path in documents("ecb") if path.stem == name))


def _zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return buffer.getvalue()


def test_zipped_and_plain_read_alike() -> None:
    plain = _document("history")
    zipped = replace(plain, body=_zipped(("eurofxref-hist.csv", plain.body)))
    assert list(ecb.parse(zipped)) == list(ecb.parse(plain))


def test_only_the_currencies_wanted() -> None:
    readings = list(ecb.parse(_document("history"), {"EUR", "CYP"}))
    assert [(r.company, r.as_of.year) for r in readings] == [("EUR", 2025)] * 3 + [("EUR", 1999), ("CYP", 1999)]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (_zipped(), "found a zip with nothing"),
        (_zipped(("a.csv", b""), ("b.csv", b"")), r"a\.csv of 0 bytes, b\.csv of 0 bytes"),
        (_zipped(("readme.txt", b"")), r"readme\.txt"),
        (_zipped(("a.csv", b"Date,USD,\n"), method=zipfile.ZIP_LZMA), "expected one .csv"),
        (_zipped(("a.csv", b"Date,USD,\n"))[:40], "cannot be read"),
        (_zipped(("a.csv", b"0" * (ecb.LARGEST + 1))), "50,000,001 bytes"),
    ],
    ids=["empty", "two", "text", "lzma", "cut", "huge"],
)
def test_another_zip_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        list(ecb.parse(replace(_document("history"), body=body)))


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, 400), put=st.binary(min_size=1, max_size=6))
def test_a_damaged_zip_gives_an_error_or_the_same_rates(at: int, put: bytes) -> None:
    plain = _document("history")
    whole = _zipped(("eurofxref-hist.csv", plain.body))
    document = replace(plain, body=whole[:at] + put + whole[at + len(put) :])
    try:
        found = list(ecb.parse(document))
    except ParseError:
        return
    assert found == list(ecb.parse(plain))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("USD,JPY", "JPY,US$", "found the header"),
        ("USD,JPY", "USD,USD", "found the header"),
        ("Date,USD", '"Date,USD', "found a file that is no CSV|found the header"),
    ],
)
def test_another_layout_is_refused(old: str, new: str, message: str) -> None:
    document = _document("history")
    with pytest.raises(ParseError, match=message):
        list(ecb.parse(replace(document, body=document.body.replace(old.encode(), new.encode(), 1))))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2025-04-22,", "2025-04-23,", "found 2 bars of 2025-04-23, expected each once"),
        ("2025-04-22,", "2055-04-22,", "found the bar of 2055-04-22 out of order"),
        ("2025-04-22,", "22/04/2025,", "expected a day like 2026-04-13 or 13 April 2026"),
        ("2025-04-22,", "2025-02-30,", "found '2025-02-30'"),
        ("2025-04-22,", "30 Smarch 2025,", "found '30 Smarch 2025'"),
        ("1.1415", "N/A", "2025-04-23: found no USD rate"),
        ("1.1415", "0", "found '0', expected a rate above zero"),
        ("1.1415", "NaN", "found 'NaN'"),
        ("161.68", "1e5", "2025-04-23 JPY: found '1e5'"),
        ("161.68", "", "2025-04-23 JPY: found '', expected a rate above zero"),
        ("161.68", "0." + "0" * 319 + "1", "expected a rate of a sane size"),
        ("161.68,", "161.68,7,", "found a line of 9 cells"),
    ],
)
def test_a_line_or_a_rate_that_cannot_be_read_costs_itself(old: str, new: str, message: str) -> None:
    document = _document("history")
    costs_itself(document, replace(document, body=document.body.replace(old.encode(), new.encode(), 1)), message)


def test_missing_currencies_and_days_are_noticed() -> None:
    document = _document("history")
    with pytest.raises(ParseError, match="found 6 currencies, expected at least 25"):
        catalogue.read(catalogue.load("ecb"), document)
    names = ",".join(f"AA{chr(65 + i)}" for i in range(20))
    lines = [
        line + (names if line.startswith("Date") else "1," * 19 + "1") + "," for line in document.body.decode().split()
    ]
    with pytest.raises(ParseError, match="found 4 days, expected at least 6900"):
        catalogue.read(catalogue.load("ecb"), replace(document, body="\n".join(lines).encode()))


@pytest.mark.slow
@needs_samples
def test_the_captured_files() -> None:
    source = catalogue.load("ecb")
    history = sample("ecb", "ecb/eurofxref-hist.csv", "2026-04-13T18:00:00")
    lines = history.body.splitlines(keepends=True)
    newest = catalogue.read(source, sample("ecb", "ecb/eurofxref.csv", "2026-04-13T18:00:00"))
    assert len(newest) == 29
    yen = catalogue.read(source, history, currencies={"JPY"})
    assert {r.company for r in yen} == {"JPY"}
    assert len(yen) == 6983
    of_history = list(ecb.parse(replace(history, body=b"".join(lines[:2]))))
    assert {r.company: r.value for r in newest} == {r.company: r.value for r in of_history}
    assert {r.as_of for r in newest} == {date(2026, 4, 13)}
    for half in (lines[:1] + lines[1::2], lines[: len(lines) // 2], lines[:1] + lines[len(lines) // 2 :]):
        with pytest.raises(ParseError, match="expected at least 6900"):
            catalogue.read(source, replace(history, body=b"".join(half)))
    with pytest.raises(ParseError, match="found no day between"):
        catalogue.read(source, replace(history, body=b"".join(lines[:100] + lines[108:])))
    with pytest.raises(ParseError, match="found the header 'FREQ,CURRENCY"):
        list(ecb.parse(sample("ecb", "ecb/ecb_recent.csvdata.csv", "2026-04-13T18:00:00")))
