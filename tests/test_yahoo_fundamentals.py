"""Yahoo's balance sheets: dated by period, known when first seen, in each point's own currency; what is absent is not zero."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from saved import FIXTURES, SAMPLES, needs_samples, saved

from scrapers import catalogue
from scrapers.sources import yahoo_fundamentals
from treasury.model import DelistedError, Document, ParseError, Reading

SOURCE = catalogue.load("yahoo_fundamentals")
FOLDER = FIXTURES / "yahoo_fundamentals"
QUARTERS = saved(FOLDER / "quarters.json")
YEARS = saved(FOLDER / "years.json")
EMPTY = saved(FOLDER / "half_yearly.json")
DAY = date(2024, 12, 31)


def _changed(document: Document, change: Callable[[Any], object]) -> Document:
    answer = json.loads(document.body)
    change(answer["timeseries"]["result"])
    return replace(document, body=json.dumps(answer).encode())


def _told(document: Document, **choices: Any) -> dict[tuple[str, date], Reading]:
    return {(one.quantity, one.as_of): one for one in yahoo_fundamentals.parse(document, **choices)}


def _without(*kinds: str) -> Callable[[Any], object]:
    return lambda entries: entries.__setitem__(
        slice(None), [one for one in entries if not one or one["meta"]["type"][0] not in kinds]
    )


def _set(kind: str, raw: float) -> Callable[[Any], object]:
    def change(entries: Any) -> None:
        (entry,) = (one for one in entries if one and one["meta"]["type"] == [kind])
        for point in entry[kind]:
            if point:
                point["reportedValue"]["raw"] = raw

    return change


def test_a_point_is_of_its_period_and_known_when_it_was_first_seen() -> None:
    count = _told(QUARTERS)["shares_basic", DAY]
    assert (count.value, count.unit, count.doubt) == (36_268_334, "shares", None)
    assert count.known_at == datetime(2025, 1, 15, 22, 30, tzinfo=UTC)


def test_debt_is_both_halves_without_leases() -> None:
    told = _told(QUARTERS)
    assert (told["debt_carrying", DAY].value, told["debt_carrying", DAY].unit) == (10_750_000_000, "JPY")
    assert told["debt_carrying", date(2024, 9, 30)].value == 1_000_000_000, "a told zero is a half of it"


def test_half_of_debt_stands_only_where_a_sum_says_that_it_is_the_whole() -> None:
    half = _told(_changed(QUARTERS, _without("quarterlyLongTermDebt")))["debt_carrying", DAY]
    assert half.value == 9_250_000_000
    assert "without the other half" in (half.doubt or "")
    whole = _changed(_changed(QUARTERS, _without("quarterlyLongTermDebt")), _set("quarterlyTotalDebt", 9_260_000_000))
    assert _told(whole)["debt_carrying", DAY].doubt is None
    total = _told(_changed(QUARTERS, _without("quarterlyLongTermDebt", "quarterlyCurrentDebt")))["debt_carrying", DAY]
    assert (total.value, total.note) == (10_750_000_000, "TotalDebt, with leases, as far as counted")
    nothing = _changed(QUARTERS, _without("quarterlyLongTermDebt", "quarterlyCurrentDebt", "quarterlyTotalDebt"))
    assert ("debt_carrying", DAY) not in _told(nothing), "absent is not zero"


def test_preferred_is_zero_where_it_is_told_and_never_by_absence() -> None:
    assert ("preferred_total", DAY) not in _told(QUARTERS)
    assert _told(YEARS)["preferred_total", date(2025, 4, 30)].value == 0
    some = _changed(YEARS, _set("annualPreferredSharesNumber", 10))
    assert ("preferred_total", date(2025, 4, 30)) not in _told(some)


def test_a_carrying_amount_of_preferred_is_no_liquidation_preference() -> None:
    def add(entries: Any) -> None:
        kind = "annualPreferredStockEquity"
        point = {"asOfDate": "2025-04-30", "currencyCode": "GBP", "reportedValue": {"raw": 7.5e6}}
        entries.append({"meta": {"symbol": ["SWC.L"], "type": [kind]}, kind: [point]})

    told = _told(_changed(YEARS, add))
    assert told["preferred_carrying", date(2025, 4, 30)].value == 7_500_000
    assert ("preferred_total", date(2025, 4, 30)) not in told


def test_a_count_that_market_cap_contradicts_or_of_a_listing_in_units_is_in_doubt() -> None:
    choices = {"last_closes": {"3350.T": (date(2025, 1, 14), 3480.0)}, "quoted_in": {"3350.T": "JPY"}}
    assert _told(QUARTERS, **choices)["shares_basic", DAY].doubt is None, "126bn ÷ 3,480 is 36.2m"
    stale = {**choices, "last_closes": {"3350.T": (date(2025, 1, 14), 2000.0)}}
    assert "market cap ÷ close counts 63,000,000" in (_told(QUARTERS, **stale)["shares_basic", DAY].doubt or "")
    assert _told(QUARTERS, **stale)["shares_basic", date(2024, 9, 30)].doubt is None, "only the newest can be compared"
    assert _told(QUARTERS, **{**stale, "quoted_in": {"3350.T": "USD"}})["shares_basic", DAY].doubt is None
    assert "units" in (_told(QUARTERS, listed_units={"3350.T"})["shares_basic", DAY].doubt or "")


def test_points_of_no_month_end_and_of_the_future_are_in_doubt() -> None:
    def later(entries: Any, day: str = "2024-12-28") -> None:
        for entry in entries:
            for point in (entry and entry.get(entry["meta"]["type"][0])) or ():
                if point and point["asOfDate"] == "2024-12-31":
                    point["asOfDate"] = day

    assert "no month's end" in (_told(_changed(QUARTERS, later))["cash", date(2024, 12, 28)].doubt or "")
    never = _changed(QUARTERS, partial(later, day="9999-12-31"))
    assert "after it was fetched" in (_told(never)["cash", date.max].doubt or "")
    early = replace(QUARTERS, fetched_at=datetime(2024, 12, 30, tzinfo=UTC))
    assert "after it was fetched" in (_told(early)["cash", DAY].doubt or "")


def test_years_are_asked_where_no_quarter_is_told() -> None:
    (url,) = yahoo_fundamentals.next_urls(EMPTY)
    assert "/timeseries/SWC.L?symbol=SWC.L&type=annualOrdinarySharesNumber," in url
    assert url.endswith("&period1=1577836800&period2=1767225600"), "the same window"
    assert yahoo_fundamentals.next_urls(QUARTERS) == []
    assert yahoo_fundamentals.next_urls(YEARS) == []
    years = replace(EMPTY, url=url, body=EMPTY.body.replace(b"quarterly", b"annual"))
    with pytest.raises(DelistedError, match=r"SWC\.L: found no figure of any year"):
        catalogue.read(SOURCE, years)


def test_only_old_balance_sheets_are_asked_for_those_abroad_first_under_one_address_a_year() -> None:
    symbols = dict.fromkeys(("MSTR", "SWC.L", "XXI", "3350.T"))
    known = {"XXI": date(2025, 12, 31), "MSTR": date(2025, 9, 30)}
    asked = yahoo_fundamentals.urls(symbols, known, date(2026, 1, 15))
    assert [url.partition("timeseries/v1/finance/timeseries/")[2].partition("?")[0] for url in asked] == [
        "3350.T",
        "SWC.L",
        "MSTR",
    ]
    assert asked == yahoo_fundamentals.urls(symbols, known, date(2026, 12, 30))[:2] + asked[2:]
    assert all(len(url) < 2000 for url in asked), "longer ones are dropped on the way"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"timeseries": {"result": [], "error": null}}', "an entry for every type"),
        (b'{"timeseries": {"result": null, "error": null}}', "an entry for every type"),
        (b'{"timeseries": {"result": [{}], "error": null}}', "not of nobody"),
        (b'{"timeseries": {"result": [{"meta": {"symbol": ["X"], "type": ["annualTotalDebt"]}}]}}', "not of X"),
    ],
)
def test_an_answer_about_nobody_or_another_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        list(yahoo_fundamentals.parse(replace(YEARS, body=body)))


def _body(name: str) -> bytes:
    """The body of a recorded exchange, or a file that is one."""
    text = (SAMPLES / "yahoo_fundamentals" / name).read_text()
    answer = json.loads(text)
    told = answer.get("response", {})
    body = told.get("bodyJson", told.get("body", answer))
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


RECORDED = sorted(
    str(path.relative_to(SAMPLES / "yahoo_fundamentals")) for path in (SAMPLES / "yahoo_fundamentals").rglob("*.json")
)


@needs_samples
@pytest.mark.parametrize("name", RECORDED)
def test_every_recorded_answer_is_read_whole(name: str) -> None:
    document = Document("yahoo_fundamentals", "", _body(name), datetime(2026, 11, 30, tzinfo=UTC))
    try:
        examined = catalogue.examine(SOURCE, document)
    except DelistedError:
        return
    assert {reason for _, reason in examined.refused if "without the other half" not in reason} == set()


@needs_samples
def test_apples_recorded_balance_sheets() -> None:
    annual = Document(
        "yahoo_fundamentals",
        "",
        _body("fundamentalsTimeSeries-AAPL-balance-sheet-annual.json"),
        datetime(2026, 11, 30, tzinfo=UTC),
    )
    told = {quantity: one.value for (quantity, day), one in _told(annual).items() if day == date(2024, 9, 30)}
    assert told["shares_basic"] == 15_116_786_000
    assert told["cash"] == 29_943_000_000
    assert told["debt_carrying"] == 106_629_000_000
    assert "preferred_total" not in told
