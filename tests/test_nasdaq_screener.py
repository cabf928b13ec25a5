"""Nasdaq's screener: the count of all shares of every US-listed holder, and its last sale where that is the close of a day."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from saved import FIXTURES, costs_itself, saved

from scrapers import catalogue
from scrapers.sources import nasdaq_screener
from treasury.model import Document, ParseError, Reading

SOURCE = catalogue.load("nasdaq_screener")
GOOD = saved(FIXTURES / "nasdaq_screener" / "good_day_nasdaq.json")
HOLDERS = {"MSTR": None}
TUESDAY = {"MSTR": (date(2025, 1, 14), 340.0)}  # MSTR closes at 350, 10 dollars higher


def _told(document: Document = GOOD, **choices: Any) -> dict[str, Reading]:
    offered: dict[str, Any] = {"symbols": HOLDERS, "last_closes": TUESDAY, **choices}
    return {one.quantity: one for one in nasdaq_screener.parse(document, **offered)}


def _changed(change: Callable[[list[dict[str, Any]]], object]) -> Document:
    answer = json.loads(GOOD.body)
    change(answer["data"]["rows"])
    return replace(GOOD, body=json.dumps(answer).encode())


def test_market_cap_over_last_sale_is_the_count_of_all_shares() -> None:
    told = _told()
    assert (told["shares_basic"].company, told["shares_basic"].value) == ("NASDAQ:MSTR", 246_777_900)
    assert told["shares_basic"].doubt is None
    assert _told(listed_units={"MSTR"}).keys() == {"shares_listed_units", "close"}, "an ADS counts in its own units"


def test_only_holders_are_read_and_what_is_not_told_is_unknown() -> None:
    assert {one.company for one in nasdaq_screener.parse(GOOD, HOLDERS)} == {"NASDAQ:MSTR"}
    assert list(nasdaq_screener.parse(GOOD, {"NONE": None})) == []
    zero = _changed(lambda rows: rows[0].update(marketCap="0.00"))
    assert _told(zero).keys() == {"close"}, "a cap of nothing is unknown, no count of 0"


def test_a_count_from_a_cap_of_another_moment_is_in_doubt() -> None:
    def stale(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            if row["marketCap"] not in ("", "0.00"):
                row["marketCap"] = f"{round(float(row['marketCap']) * 0.9713)}.00"

    doubt = _told(_changed(stale))["shares_basic"].doubt
    assert doubt is not None
    assert "of different moments?" in doubt


def test_the_last_sale_is_the_close_of_the_session_that_has_just_ended() -> None:
    close = _told()["close"]
    assert (close.value, close.unit, close.as_of, close.doubt) == (350.0, "USD", date(2025, 1, 15), None)


@pytest.mark.parametrize(
    ("fetched_at", "day"),
    [
        ("2025-01-15T21:20:00", None),  # 16:20 in New York: not settled
        ("2025-01-15T15:00:00", None),  # while it lasts
        ("2025-01-15T13:00:00", date(2025, 1, 14)),  # before it opens
        ("2025-01-18T13:00:00", date(2025, 1, 17)),  # a Saturday
        ("2025-01-20T13:00:00", date(2025, 1, 17)),  # a Monday before the opening
    ],
)
def test_the_session_is_told_by_the_clock_of_new_york(fetched_at: str, day: date | None) -> None:
    document = replace(GOOD, fetched_at=datetime.fromisoformat(fetched_at).replace(tzinfo=UTC))
    readings = {one.quantity: one for one in nasdaq_screener.parse(document, HOLDERS)}
    assert (readings["close"].as_of if "close" in readings else None) == day


def test_the_sales_of_a_day_that_is_stored_are_no_new_closes() -> None:
    late = _told(last_closes={"MSTR": (date(2025, 1, 14), 350.0)})
    assert late.keys() == {"shares_basic"}


def test_a_close_whose_day_cannot_be_told_is_in_doubt() -> None:
    for known in ({}, {"MSTR": (date(2025, 1, 13), 340.0)}, {"MSTR": (date(2025, 1, 14), 333.0)}):
        assert "cannot be told" in (_told(last_closes=known)["close"].doubt or ""), known


def test_a_day_that_the_answer_prints_is_its_day() -> None:
    dated = GOOD.body.replace(b'"asOf":null', b'"asof":"Last price as of Jan 14, 2025"')
    assert _told(replace(GOOD, body=dated), last_closes={"MSTR": (date(2025, 1, 13), 340.0)})["close"].as_of == date(
        2025, 1, 14
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[1].update(symbol="MSTR"), "every symbol once"),
        (lambda rows: rows[0].update(lastsale="350 USD"), "expected a price like $13.03"),
        (lambda rows: rows[0].update(marketCap="8.5B"), "expected a number like 8531481312.00"),
        (lambda rows: rows[0].pop("lastsale"), "expected an object with 'lastsale'"),
    ],
)
def test_a_row_that_cannot_be_read_costs_itself(change: Callable[[list[dict[str, Any]]], object], message: str) -> None:
    left = costs_itself(GOOD, _changed(change), message)
    assert "NASDAQ:MSTR" not in {one.company for one in left}


def test_a_part_of_the_list_and_another_layout_are_refused() -> None:
    with pytest.raises(ParseError, match="found 5 stocks, expected at least 100"):
        catalogue.read(SOURCE, _changed(lambda rows: rows.__delitem__(slice(5, None))))
    with pytest.raises(ParseError, match=r"expected a price like \$13\.03"):
        list(nasdaq_screener.parse(_changed(lambda rows: [row.update(lastsale="350 USD") for row in rows])))
    with pytest.raises(ParseError, match="expected a URL with exchange=NASDAQ"):
        list(nasdaq_screener.parse(replace(GOOD, url="https://api.nasdaq.com/api/screener/stocks")))
