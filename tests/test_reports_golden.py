"""Captured periodic reports against what a careful reader finds in them: bars per quantity, and nothing wrong without a doubt."""

from __future__ import annotations

import contextlib
import csv
import random
import re
from collections import defaultdict
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from saved import REFERENCE, SAMPLES, needs_samples, sample

from scrapers import catalogue
from scrapers.sec_reports import debt, labels, report
from treasury.model import Document, ParseError

SOURCE = catalogue.load("sec_filing")
REPORTS = SAMPLES / "reports"
NEAR = 0.005
BARS = {
    "shares_basic": 1.0, "cash": 0.97, "debt_carrying": 0.9, "preferred_total": 0.92, "btc_holdings": 0.95, "btc_encumbered": 0.85,
    "debt_total": 0.8,
}  # fmt: skip
NEVER_WRONG = (*BARS, "btc_cost_basis")
CLAIMS = ("cash", "debt_carrying", "preferred_total")

Golden = dict[str, dict[str, float | None]]


@cache
def golden() -> Golden:
    """What is in each file by quantity; None where it cannot be known from the document."""
    found: Golden = defaultdict(dict)
    with (REPORTS / "golden.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["file"]][row["quantity"]] = float(row["value"]) if row["value"] else None
    return found


@cache
def closes() -> dict[date, float]:
    with (REFERENCE / "btc_usd.csv").open(newline="") as file:
        return {
            date.fromisoformat(row["date"]): float(row["close"])
            for row in csv.DictReader(file)
            if row["fixing"] == "utc"
        }


@cache
def captured(file: str) -> Document:
    return sample("sec_filing", f"reports/{file}", "2026-11-01T00:00:00")


@cache
def told(file: str) -> dict[str, float]:
    examined = catalogue.examine(SOURCE, captured(file), bitcoin=closes())
    return {one.quantity: one.value for one in examined.readings if one.instrument is None}


def right(quantity: str, file: str) -> bool:
    wanted, found = golden()[file].get(quantity), told(file).get(quantity)
    return wanted is not None and found is not None and abs(found - wanted) <= NEAR * abs(wanted)


@pytest.mark.slow
@needs_samples
def test_nothing_is_wrong_without_a_doubt() -> None:
    wrong = [
        f"{file}: {quantity} {told(file)[quantity]:,.10g}, not {expected[quantity]}"
        for file, expected in golden().items()
        for quantity in NEVER_WRONG
        if quantity in expected and quantity in told(file) and not right(quantity, file)
    ]
    assert wrong == []


@pytest.mark.slow
@needs_samples
@pytest.mark.parametrize("quantity", BARS)
def test_most_are_read(quantity: str) -> None:
    files = [file for file, expected in golden().items() if expected.get(quantity) is not None]
    assert files
    missed = [file for file in files if not right(quantity, file)]
    assert len(missed) <= (1 - BARS[quantity]) * len(files) + 1e-9, missed


@pytest.mark.slow
@needs_samples
def test_all_three_claims_are_read_in_three_of_four_reports() -> None:
    files = [file for file, expected in golden().items() if all(claim in expected for claim in CLAIMS)]
    whole = [file for file in files if all(right(claim, file) for claim in CLAIMS)]
    assert len(whole) >= 0.75 * len(files)


@pytest.mark.slow
@needs_samples
@pytest.mark.parametrize(
    "word",
    [
        "notes?",
        "loans?",
        "debt",
        "borrowings?",
        "lines? of credit",
        "commercial paper",
        "prepaid advance",
        "promissory",
    ],
)
def test_without_one_companys_words_debt_is_right_or_in_doubt(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the lists did not know a word: it is replaced in every label by one that nobody knows."""
    known = labels.plain_label
    stranger = re.compile(rf"\b{word}\b", re.I)
    monkeypatch.setattr(labels, "plain_label", lambda label: stranger.sub("zorbs", known(label)))
    wrong = []
    for file, expected in golden().items():
        filing = _loaded(file)
        if filing.sheet is None or expected.get("debt_carrying") is None:
            continue
        found = debt._of_sheet(filing, filing.sheet)
        if found.doubt is None and abs(found.total - (expected["debt_carrying"] or 0.0)) > NEAR * (
            expected["debt_carrying"] or 0.0
        ):
            wrong.append(f"{file}: {found.total:,.0f}, not {expected['debt_carrying']:,.0f}: {found.note}")
    assert wrong == []


@cache
def _loaded(file: str) -> report.FiledReport:
    return report.load(captured(file))


@needs_samples
@pytest.mark.parametrize("seed", range(6))
def test_bytes_cells_and_tags_swapped_give_a_refusal_a_doubt_or_what_can_be_true(seed: int) -> None:
    dice = random.Random(seed)
    whole = captured(["fld_10Q-2023-06-30.html", "fld_10Q-2024-09-30.html", "naka_10Q-2024-03-31.html"][seed % 3])
    for way in (_bytes, _cells, _tags):
        broken = replace(whole, body=way(whole.body, dice), digest="")
        with contextlib.suppress(ParseError):  # anything else fails the test
            examined = catalogue.examine(SOURCE, broken, bitcoin=closes())
            assert all(catalogue.why_implausible(one) is None for one in examined.readings)
            assert all(reason for _, reason in examined.refused)


def _bytes(body: bytes, dice: random.Random) -> bytes:
    broken = bytearray(body)
    for _ in range(12):
        broken[dice.randrange(len(body) // 3, len(body))] = dice.choice(b"0123456789 ,.-abc")
    return bytes(broken)


def _cells(body: bytes, dice: random.Random) -> bytes:
    return _swapped(body, re.compile(rb"(<ix:nonFraction[^>]*>)([0-9,.]+)(</ix:nonFraction>)"), 2, dice)


def _tags(body: bytes, dice: random.Random) -> bytes:
    return _swapped(body, re.compile(rb'(<ix:nonFraction[^>]*? name=")([^"]+)(")'), 2, dice)


def _swapped(body: bytes, wanted: re.Pattern[bytes], group: int, dice: random.Random) -> bytes:
    places = [found.span(group) for found in wanted.finditer(body)]
    for _ in range(20):
        (a, b), (c, d) = sorted(dice.sample(places, 2))
        if b - a == d - c:
            body = body[:a] + body[c:d] + body[b:c] + body[a:b] + body[d:]
    return body
