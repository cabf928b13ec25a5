"""Binance's open interest: in tether, of the day that ended; thirty days, and a refusal said in the host's own words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from misbehaving import HASTY, JSON, MisbehavingServer, hasty, status
from saved import documents, saved

from scrapers import gather
from scrapers.archive import Archive
from scrapers.request import Request, Unavailable
from scrapers.sources import binance_futures
from scrapers.transport.http import Transport
from treasury.bitcoin.condition import CONTEXT
from treasury.model import Document, ParseError


def _document(name: str = "good_day") -> Document:
    return saved(next(path for path in documents("binance_futures") if path.stem == name))


def test_tether_is_not_the_dollar_and_one_venue_not_the_market() -> None:
    readings = list(binance_futures.parse(_document()))
    assert {(r.quantity, r.unit) for r in readings} == {("futures_open_interest_binance", "USDT")}
    assert CONTEXT["futures_open_interest_binance"].unit == "USDT"


def test_a_row_is_of_the_day_that_ends_at_its_moment() -> None:
    rows = json.loads(_document().body)
    assert datetime.fromtimestamp(rows[-1]["timestamp"] / 1000, UTC) == datetime(2025, 1, 15, tzinfo=UTC)
    assert [r.as_of for r in binance_futures.parse(_document())][-2:] == [date(2025, 1, 13), date(2025, 1, 14)]


def test_missing_days_are_noticed() -> None:
    binance_futures.check_whole(_document())
    rows = json.loads(_document().body)
    few = replace(_document(), body=json.dumps(rows[:3] + rows[7:]).encode())
    with pytest.raises(ParseError, match="found 26 days, expected about 30"):
        binance_futures.check_whole(few)
    late = replace(_document(), fetched_at=_document().fetched_at + timedelta(days=3))
    with pytest.raises(ParseError, match="found 2025-01-14 as the newest day, expected one of 2025-01-15 or later"):
        binance_futures.check_whole(late)
    with pytest.raises(ParseError, match="found 0 days, expected about 30"):
        binance_futures.check_whole(replace(_document(), body=b"[]"))


@pytest.mark.parametrize(
    ("member", "value", "expected"),
    [
        ("timestamp", 1_736_899_200_000, "every day once"),
        ("timestamp", 1_737_590_400_000, "a moment before it was fetched"),
        ("timestamp", "1736812800000", "a number"),
        ("timestamp", 1e30, "milliseconds since 1970"),
        ("sumOpenInterestValue", 8_785_524_572.9, "a number in quotes"),
        ("sumOpenInterestValue", "0.00000000", "an open interest above zero"),
        ("sumOpenInterestValue", "n/a", "a number in quotes"),
    ],
)
def test_what_is_odd_is_refused(member: str, value: object, expected: str) -> None:
    rows = json.loads(_document().body)
    rows[0][member] = value
    with pytest.raises(ParseError, match=rf"^binance_futures: \$\[\d+\]\.{member}: found .*, expected {expected}"):
        list(binance_futures.parse(replace(_document(), body=json.dumps(rows).encode())))


def test_where_it_may_not_serve_is_a_line_and_no_failure(tmp_path: Path) -> None:
    with MisbehavingServer() as server:
        server.answers("/futures/data/openInterestHist", status(451, _document("restricted").body, JSON))
        around = gather.Round(
            Transport(
                Archive(tmp_path), binance_futures.HOSTS, lambda: datetime(2025, 1, 15, tzinfo=UTC),
                servers=server.standing_in_for(*binance_futures.HOSTS), policy=HASTY, groups=hasty(),
            ), {},
        )  # fmt: skip
        outcome = gather.Outcome("binance_futures")
        assert list(around.documents("binance_futures", outcome)) == []
    assert (outcome.word, outcome.problems) == ("skipped", [])
    assert outcome.skipped.startswith("binance_futures: skipped: refused from here; https://fapi.binance.com/")
    assert "status 451" in outcome.skipped


def test_where_it_may_not_serve_the_transport_says_so(tmp_path: Path) -> None:
    url = binance_futures.URLS[0]
    with MisbehavingServer() as server:
        server.answers("/futures/data/openInterestHist", status(451, _document("restricted").body, JSON))
        transport = Transport(
            Archive(tmp_path), binance_futures.HOSTS, lambda: datetime(2025, 1, 15, tzinfo=UTC),
            servers=server.standing_in_for(*binance_futures.HOSTS), policy=HASTY, groups=hasty(),
        )  # fmt: skip
        with transport, pytest.raises(Unavailable, match=r"status 451 .*restricted location.*expected JSON"):
            transport.get(Request("binance_futures", url, "json", binance_futures.FRESH))
