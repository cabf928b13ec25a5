"""Metaplanet's purchases: lines of text in whatever markup, each checked against itself and the line before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest import Rows
from made_up import EXCHANGES, SOURCES, company, sheet, store
from saved import documents, saved

from db import open_database
from db.tables import scraped
from scrapers import catalogue
from scrapers.normalise import Publisher, normalise
from scrapers.sources import metaplanet_analytics as analytics
from treasury.intake.identity import Identity, Listed
from treasury.intake.plausible import History
from treasury.model import Document, ParseError

SOURCE = catalogue.load("metaplanet_analytics")


def _document(stem: str) -> Document:
    return saved(next(path for path in documents("metaplanet_analytics") if path.stem == stem))


def _page(*lines: str) -> Document:
    return replace(_document("good_day"), body=f"<html><body><p>{'</p><p>'.join(lines)}</p></body></html>".encode())


def test_the_order_of_the_page_does_not_matter() -> None:
    document = _document("good_day")
    lines = document.body.decode().split("\n")
    first = next(number for number, line in enumerate(lines) if "row" in line and "div" in line)
    lines[first : first + 6] = lines[first : first + 6][::-1]
    assert catalogue.read(SOURCE, replace(document, body="\n".join(lines).encode())) == catalogue.read(SOURCE, document)


def test_a_page_without_its_lines_is_no_success() -> None:
    shell = _page("Loading …", "₿43,000 BTC Holdings", "As of Jun 30, 2026")
    with pytest.raises(
        ParseError, match=r"found 0 readings, expected at least 20; https://metaplanet\.jp/en/analytics"
    ):
        catalogue.read(SOURCE, shell)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Dec 30, 2025 ₿4,279 $105,412 $451.07M ₿35,102", None),  # 451.055 is as near, with the rounding of coins
        (
            "Dec 30, 2025 ₿4,279 $105,412 $452.06M ₿35,102",
            r"2025-12-30: found a cost of \$452,060,000, expected 4,279 ×",
        ),
        (
            "Dec 30, 2025 ₿4,279 ¥16,325,073 ¥69.86B ₿35,102",
            r"found \"Dec 30, 2025 ₿4,279 ¥16.*, expected a date, ₿ coins",
        ),
        ("Dec 30, 2025 ₿4,279 – – ₿35,102", "expected a date, ₿ coins"),
        ("Dek 30, 2025 ₿4,279 $105,412 $451.06M ₿35,102", r"date 'Dek 30, 2025' is not of the form"),
        ("Feb 30, 2025 ₿4,279 $105,412 $451.06M ₿35,102", r"date 'Feb 30, 2025' is not of the form"),
    ],
)
def test_a_line_must_agree_with_itself(line: str, expected: str | None) -> None:
    if expected is None:
        assert len(list(analytics.parse(_page(line)))) == 4
        return
    with pytest.raises(ParseError, match=f"^metaplanet_analytics: .*{expected}"):
        list(analytics.parse(_page(line)))


def test_what_is_not_utf_8_is_refused() -> None:
    body = "<html><body>メタプラネット</body></html>".encode("shift_jis")
    with pytest.raises(ParseError, match="found no HTML in UTF-8"):
        list(analytics.parse(replace(_document("good_day"), body=body)))


def test_every_purchase_of_the_reference_would_pass(reference: Callable[[str], Rows]) -> None:
    """The page as it must have stood at the end of 2025, from the figures that were taken down from it."""
    held = {row["as_of"]: row["value"] for row in reference("facts") if _is_holdings(row)}
    lines = []
    for row in reference("purchases"):
        cost, average = _in_usd(row)
        if row["ticker"] == "3350.T" and cost:
            day = date.fromisoformat(row["announced_on"])
            total = held.get(row["announced_on"]) or held["2025-09-30"]  # of October 1
            lines.append(
                f"{day:%b %d, %Y} ₿{_with_commas(row['btc'])} ${_with_commas(average)} {_short(cost)} ₿{_with_commas(total)}"
            )
    assert len(lines) == 52
    readings = catalogue.read(SOURCE, _page(*lines))
    assert len(readings) == 4 * 52
    newest = {reading.quantity: reading.value for reading in readings[-4:]}
    assert newest == {
        "btc_holdings": 35_102,
        "btc_acquired": 4_279,
        "btc_acquired_average": 105_412,
        "btc_acquired_cost": 451_060_000,
    }


def test_purchases_stored_by_the_day_they_were_announced_are_not_stored_again(tmp_path: Path) -> None:
    """The bundled rows have no period; October 1 in Tokyo is September 30 elsewhere."""
    db = open_database(tmp_path / "mnav.db", writable=True)
    known = sheet(
        "purchase", "3350.T,2025-09-22,,,5419,93646000000,JPY,,,filings", "3350.T,2025-09-30,,,5268,,,,,filings"
    )
    store(db, SOURCES, EXCHANGES, company("3350.T", mic="XTKS", currency="JPY"), known)
    document = _document("table_and_narrow_list")
    publisher = Publisher(document.source, "issuer", catalogue.about(SOURCE), "ours")
    who = Identity([Listed("3350.T", "Metaplanet Inc.", "XTKS")], [])
    harvest = normalise(catalogue.sift(analytics.parse(document)), document, publisher, who, History())
    counts = scraped.take(db, [harvest])
    assert counts["purchase"] == 1
    rows = db.execute("SELECT period_end, btc, cost, currency FROM purchase WHERE period_end IS NOT NULL").fetchall()
    assert rows == [("2025-12-30", 4279.0, 451_060_000.0, "USD")]


def _is_holdings(row: dict[str, str]) -> bool:
    trackers = ("bitbo", "coingecko", "bitcointreasuries", "strategytracker")
    return row["ticker"] == "3350.T" and row["quantity"] == "btc_holdings" and not row["source"].startswith(trackers)


def _in_usd(row: dict[str, str]) -> tuple[str, str]:
    """The cost and average of the page, which the reference has in the note where yen were known."""
    if row["currency"] == "USD":
        return row["cost"], row["average_price"]
    told = row["note"].partition("issuer analytics in USD: ")[2].split(" ")
    return (told[0], told[2]) if len(told) > 2 else ("", "")


def _with_commas(number: str) -> str:
    whole, dot, rest = number.partition(".")
    return f"{int(whole):,}{dot}{rest}"


def _short(cost: str) -> str:
    return f"${float(cost) / 1e6:.2f}M" if float(cost) >= 1e6 else f"${float(cost) / 1e3:.2f}K"
