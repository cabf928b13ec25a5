"""mnav check: each check finds the defect it is for, is silent without it, and the reference data has just the findings reviewed here."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_up import DAYS, closes, company, empty, facts, ground, sheet, store
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import rebuild
from db.feeds.checks import CHECKS, findings
from scripts.main import mnav
from treasury.trust.findings import Finding

# ONE: 1,000 BTC at 100,000 USD, 10 million shares at 15.25 USD, bought at 50,000: nothing to question
PLAIN = (
    company("ONE"),
    facts(
        "ONE",
        "btc_holdings 2024-12-31 2025-01-02 1000 BTC",
        "btc_cost_basis 2024-12-31 2025-01-02 50000000 USD",
        "shares_basic 2024-12-31 2025-01-02 10000000 shares",
    ),
    closes("ONE", 15.25),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Callable[..., list[Finding]]]:
    """Store PLAIN and more files, value, and list what is found; coverage, which is always told, apart."""
    db = empty(tmp_path / "mnav.db")
    ground(db)

    def found(*files: str, plain: bool = True, then: Callable[[Database], object] | None = None) -> list[Finding]:
        store(db, *(PLAIN if plain else ()), *files)
        if then is not None:
            then(db)
        rebuild(db)
        return [one for one in findings(db) if one.check != "coverage"]

    yield found
    db.close()


World = Callable[..., list[Finding]]


def only(found: list[Finding], check: str, severity: str) -> Finding:
    """The single finding there is, of this check."""
    assert [(one.check, one.severity) for one in found] == [(check, severity)]
    return found[0]


def told(found: list[Finding], check: str) -> list[tuple[str | None, str | None, str]]:
    return [(one.ticker, one.date, one.message) for one in found if one.check == check]


def test_a_plain_company_has_nothing_to_question(world: World) -> None:
    assert world() == []


# -- what cannot be right ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "says"),
    [
        (50_000_000_000, "average cost $50,000,000 per bitcoin lies above the highest price so far, $100,000"),
        (50_000, "average cost $50.00 per bitcoin is under 1 % of the highest price so far"),
        (110_500_000, "average cost $110,500 per bitcoin lies above"),
        (109_500_000, None),  # fees, and prices within the day
        (1_100_000, None),  # mined early
    ],
)
def test_a_cost_a_thousandfold(world: World, cost: int, says: str | None) -> None:
    found = world(
        company("TWO"),
        facts(
            "TWO",
            "btc_holdings 2025-01-06 2025-01-07 1000 BTC",
            f"btc_cost_basis 2025-01-06 2025-01-07 {cost} USD",
            "shares_basic 2025-01-06 2025-01-07 10000000 shares",
        ),
        closes("TWO", 16.25),
    )
    if says is None:
        assert found == []
    else:
        one = only(found, "implausible cost", "error")
        assert (one.ticker, one.date) == ("TWO", "2025-01-06")
        assert says in one.message
        assert "wrong unit or scale?" in one.message


def test_a_cost_in_yen_is_compared_in_dollars(world: World) -> None:
    """5bn yen of a cent each are 50,000 USD per bitcoin; taken for dollars they would be 5 million."""
    yen = company("TEN", mic="XTKS", currency="JPY")
    holding = "btc_holdings 2025-01-06 2025-01-07 1000 BTC"
    shares = "shares_basic 2025-01-06 2025-01-07 10000000 shares"
    assert world(yen, facts("TEN", holding, shares, "btc_cost_basis 2025-01-06 2025-01-07 5000000000 JPY"), closes("TEN", 1525.5)) == []  # fmt: skip
    found = world(facts("TEN", "btc_holdings 2025-01-07 2025-01-08 1000 BTC", "btc_cost_basis 2025-01-07 2025-01-08 5000000000 USD"), plain=False)  # fmt: skip
    assert only(found, "implausible cost", "error").date == "2025-01-07"


def test_a_series_of_closes_pasted_into_another(world: World) -> None:
    two = company("TWO"), facts("TWO", "btc_holdings 2025-01-06 2025-01-06 1000 BTC", "shares_basic 2025-01-06 2025-01-06 10000000 shares")  # fmt: skip
    one = only(world(*two, closes("TWO", 15.25)), "copied prices", "error")
    assert (one.ticker, one.date) == ("ONE", "2025-01-06")
    assert one.message == "5 of 5 closes equal those of TWO"


@pytest.mark.parametrize(
    ("price", "days", "currency"),
    [
        (15, DAYS, "USD"),  # round closes meet by chance
        (15.25, DAYS[:4], "USD"),  # so do four days
        (15.25, DAYS, "JPY"),  # and two currencies
    ],
)
def test_closes_that_meet_by_chance(world: World, price: float, days: tuple[str, ...], currency: str) -> None:
    mic = "XTKS" if currency == "JPY" else "XNAS"
    shares = 10_000_000 if currency == "USD" else 1_000_000_000
    found = world(
        company("TWO", mic=mic, currency=currency),
        facts("TWO", "btc_holdings 2025-01-06 2025-01-06 1000 BTC", f"shares_basic 2025-01-06 2025-01-06 {shares} shares"),
        closes("TWO", price, days),
        *([closes("TWO", price + 1, DAYS[4:])] if len(days) < 5 else []),
        *([closes("ONE", 15)] if price == 15 else []),
    )  # fmt: skip
    assert told(found, "copied prices") == []


def test_more_bitcoin_than_can_exist(world: World) -> None:
    """Each within its bounds, together 22 million."""
    held = [
        (company(ticker, mic=""), facts(ticker, "btc_holdings 2025-01-06 2025-01-06 11000000 BTC"))
        for ticker in ("TWO", "SIX")
    ]
    found = world(*(file for files in held for file in files))
    assert told(found, "too much bitcoin") == [
        (None, "2025-01-07", "all companies together hold 22,001,000 BTC, more than can exist")
    ]
    assert [one.severity for one in found if one.check == "too much bitcoin"] == ["error"]


def test_bitcoin_of_a_consolidated_company_does_not_make_too_much(world: World) -> None:
    held = [
        (company(ticker, mic=""), facts(ticker, "btc_holdings 2025-01-06 2025-01-06 11000000 BTC"))
        for ticker in ("TWO", "SIX")
    ]
    found = world(*(file for files in held for file in files), sheet("relation", "SIX,TWO,consolidated_by,2024-01-01,,filings,"))  # fmt: skip
    assert told(found, "too much bitcoin") == []
    assert told(found, "counted in another") == [
        ("SIX", "2024-01-01", "11,000,000 BTC are part of TWO's 11,000,000; totals leave them out")
    ]


def test_errors_come_first(world: World) -> None:
    """A pasted series (error), a company without prices (note) and a jump (warning)."""
    found = world(
        company("TWO"),
        facts("TWO", "btc_holdings 2025-01-06 2025-01-06 1000 BTC", "shares_basic 2025-01-06 2025-01-06 10000000 shares"),
        closes("TWO", 15.25),
        company("SIX"),
        facts("SIX", "btc_holdings 2025-01-06 2025-01-06 1000 BTC"),
        facts("ONE", "btc_holdings 2025-01-07 2025-01-07 150000 BTC"),
    )  # fmt: skip
    severities = [one.severity for one in found]
    assert severities == sorted(severities, key=("error", "warning", "note").index)
    assert set(severities) == {"error", "warning", "note"}


# -- what may mislead ----------------------------------------------------------------------------------------------


def test_holdings_a_hundred_and_fiftyfold(world: World) -> None:
    found = world(facts("ONE", "btc_holdings 2025-01-07 2025-01-07 150000 BTC"))
    assert told(found, "implausible step") == [
        ("ONE", "2025-01-08", "holdings step by a factor of 150, from 1,000 to 150,000 BTC")
    ]


@pytest.mark.parametrize("btc", ["99000", "0", "11"])
def test_holdings_may_grow_fall_and_be_sold(world: World, btc: str) -> None:
    found = world(facts("ONE", f"btc_holdings 2025-01-07 2025-01-07 {btc} BTC"))
    assert told(found, "implausible step") == []


def test_a_first_small_purchase_is_no_step(world: World) -> None:
    found = world(
        company("TWO", mic=""),
        facts("TWO", "btc_holdings 2025-01-06 2025-01-06 0.5 BTC", "btc_holdings 2025-01-07 2025-01-07 99 BTC"),
    )
    assert told(found, "implausible step") == []


SPLIT = sheet("split", "ONE,2025-01-08,2,1,filings,")
HALF = closes("ONE", 7.75, DAYS[2:])


def test_twice_the_shares_without_a_split(world: World) -> None:
    found = world(facts("ONE", "shares_basic 2025-01-07 2025-01-07 20000000 shares"))
    one = only(found, "implausible step", "warning")
    assert (one.ticker, one.date) == ("ONE", "2025-01-08")
    assert one.message == "share count steps by a factor of 2.00, from 10,000,000 to 20,000,000, with no split that day"


def test_half_the_shares_without_a_split(world: World) -> None:
    found = world(facts("ONE", "shares_basic 2025-01-07 2025-01-07 5000000 shares"))
    assert "by a factor of 2.00, from 10,000,000 to 5,000,000" in only(found, "implausible step", "warning").message


def test_twice_the_shares_with_a_split(world: World) -> None:
    assert world(SPLIT, HALF, facts("ONE", "shares_basic 2025-01-08 2025-01-08 20000000 shares")) == []


def test_a_split_nobody_restated_yet(world: World) -> None:
    assert world(SPLIT, HALF) == []


def test_an_issue_of_shares_is_no_step(world: World) -> None:
    assert world(facts("ONE", "shares_basic 2025-01-07 2025-01-07 14900000 shares")) == []


@pytest.mark.parametrize(
    ("price", "says"),
    [
        (45.75, "close moves from 15.25 to 45.75 and no split is known that day"),
        (5.05, "close moves from 15.25 to 5.05"),
    ],
)
def test_three_times_the_price_without_a_split(world: World, price: float, says: str) -> None:
    found = world(closes("ONE", price, DAYS[2:]))
    one = only(found, "implausible price", "warning")
    assert (one.ticker, one.date) == ("ONE", "2025-01-08")
    assert says in one.message


def test_three_times_the_price_with_a_split(world: World) -> None:
    split = sheet("split", "ONE,2025-01-08,1,3,filings,")
    assert world(split, closes("ONE", 45.75, DAYS[2:])) == []
    assert told(world(closes("ONE", 16.25, DAYS[2:]), plain=False), "implausible price") == []


def test_a_split_at_which_the_closes_do_not_step(world: World) -> None:
    found = world(then=lambda db: store(db, sheet("split", "ONE,2025-01-08,10,1,filings,")))
    ((ticker, day, message),) = told(found, "split without a step")
    assert (ticker, day) == ("ONE", "2025-01-08")
    assert "close moves from 15.25 to 15.25 over a split by 10" in message


def test_twice_the_price_is_not_questioned_and_companies_are_not_compared(world: World) -> None:
    other = company("TWO"), facts("TWO", "btc_holdings 2025-01-06 2025-01-06 100000 BTC", "shares_basic 2025-01-06 2025-01-06 10000000 shares")  # fmt: skip
    assert world(closes("ONE", 36.25, DAYS[2:]), *other, closes("TWO", 1500.5)) == []


@pytest.mark.parametrize(("price", "multiple"), [(60.5, "6.05x"), (2.5, "0.25x")])
def test_an_absurd_multiple_of_a_treasury(world: World, price: float, multiple: str) -> None:
    message = f"mnav_market_cap {multiple} lies outside 0.3 to 5; see mnav explain ONE --on 2025-01-10"
    assert world(closes("ONE", price)) == [Finding("warning", "absurd multiple", "ONE", "2025-01-10", message)]


def test_an_absurd_multiple_of_the_enterprise(world: World) -> None:
    """1.525 by market cap, and 5.525 with 400 million USD of preferred stock."""
    claims = facts("ONE", "preferred_total 2025-01-06 2025-01-06 400000000 USD", "cash 2025-01-06 2025-01-06 0 USD")
    assert [message for _, _, message in told(world(claims), "absurd multiple")] == [
        "mnav_ev 5.53x lies outside 0.3 to 5; see mnav explain ONE --on 2025-01-10"
    ]


def test_the_multiple_of_a_quarter_is_that_of_its_last_close(world: World) -> None:
    """It was 6 for four days and is 1.5 on the fifth; the quarter before ended with 6."""
    before = ("2024-12-30", "2024-12-31")
    found = world(
        closes("ONE", 60.5, (*before, *DAYS[:4])),
        closes("ONE", 25.25, DAYS[4:]),
        sheet("btc_price", *(f"{day},utc,100000,market" for day in ("2024-12-27", *before))),
        facts("ONE", "btc_holdings 2024-12-28 2024-12-28 999 BTC", "shares_basic 2024-12-28 2024-12-28 10000000 shares"),
    )  # fmt: skip
    assert {date for _, date, _ in told(found, "absurd multiple")} == {"2024-12-31"}


def test_the_multiple_of_a_miner_is_not_questioned(world: World) -> None:
    found = world(
        company("MINE", kind="miner"),
        facts("MINE", "btc_holdings 2025-01-06 2025-01-06 10 BTC", "shares_basic 2025-01-06 2025-01-06 10000000 shares"),
        closes("MINE", 16.25),
    )  # fmt: skip
    assert found == []


def test_a_tie_that_nothing_decides(world: World) -> None:
    store_other = "id,kind,title,url,licence_note\nfilings-2,filing,Another 8-K,https://example.org/8-k-2,\n"
    cash = "cash 2025-01-06 2025-01-07 {} USD"
    found = world(store_other, facts("ONE", cash.format(1000000)), facts("ONE", cash.format(1100000), source="filings-2"))  # fmt: skip
    assert [one.check for one in found] == ["undecidable tie", "disagreement"]
    (told_,) = told(found, "undecidable tie")
    assert told_ == ("ONE", "2025-01-06", "cash: 1,000,000 (filings) or 1,100,000 (filings-2); withdraw one")


@pytest.mark.parametrize(
    ("kind", "amount", "known_at"),
    [
        ("filing", 1004000, "2025-01-07"),  # half a per cent apart: rounding
        ("filing", 1100000, "2025-01-08"),  # the later restates it
        ("issuer", 1100000, "2025-01-07"),  # the filing prevails
        ("press", 1100000, "2025-01-07"),
    ],
)
def test_a_tie_that_something_decides(world: World, kind: str, amount: int, known_at: str) -> None:
    other = f"id,kind,title,url,licence_note\nother,{kind},Another,https://example.org/other,\n"
    found = world(
        other,
        facts("ONE", "cash 2025-01-06 2025-01-07 1000000 USD"),
        facts("ONE", f"cash 2025-01-06 {known_at} {amount} USD", source="other"),
    )
    assert told(found, "undecidable tie") == []
    assert len(told(found, "disagreement")) == (amount == 1100000)


def test_two_series_that_differ_alike_are_told_once_each(world: World) -> None:
    other = "id,kind,title,url,licence_note\nother,press,Another,https://example.org/other,\n"
    amount = "liquidation_preference/{} 2025-01-06 2025-01-07 {} USD"
    series = sheet("instrument", *(f"ONE,{name},preferred,USD,2024-01-01,,,,,,,,,,,,filings" for name in ("AA", "BB")))
    found = world(
        other,
        series,
        facts("ONE", *(amount.format(name, 100) for name in ("AA", "BB"))),
        facts("ONE", *(amount.format(name, 120) for name in ("AA", "BB")), source="other"),
    )
    assert len(told(found, "disagreement")) == 2


def test_a_withdrawn_fact_ties_with_nothing(world: World) -> None:
    other = "id,kind,title,url,licence_note\nfilings-2,filing,Another 8-K,https://example.org/8-k-2,\n"
    found = world(
        other,
        facts("ONE", "cash 2025-01-06 2025-01-07 1000000 USD"),
        facts("ONE", "cash 2025-01-06 2025-01-07 1100000 USD", source="filings-2"),
        sheet("retraction", "ONE,,cash,2025-01-06,2025-01-07,1100000,filings-2,2025-01-09,read wrongly"),
    )
    assert found == []


def test_a_total_below_what_was_filed(world: World) -> None:
    """A total of the issuer's page that lacks a filed note: the note stands, and the stretch of days is said."""
    two = company("TWO", complete="no")
    rest = (
        facts("TWO", "btc_holdings 2025-01-02 2025-01-02 1000 BTC", "shares_basic 2025-01-02 2025-01-02 10000000 shares"),
        closes("TWO", 16.25),
        facts("TWO", "debt_total 2025-01-03 2025-01-03 1000000 USD", source="issuer"),
    )  # fmt: skip
    page = "id,kind,title,url,licence_note\nissuer,issuer,Its page,https://example.org/page,\n"
    note = sheet("instrument", "TWO,note-2030,loan,USD,2025-01-02,2030-01-03,,,5,,,,,,,,filings")
    assert told(world(two, page, *rest), "total below its tranches") == []
    found = world(note, facts("TWO", "principal/note-2030 2025-01-02 2025-01-02 7000000 USD"), plain=False)
    ((_, first, message),) = told(found, "total below its tranches")
    assert first == "2025-01-06"
    assert "1,000,000 USD of 2025-01-03" in message
    assert "their sum, $7,000,000, stands" in message


@pytest.mark.parametrize(("as_of", "old"), [("2024-09-12", []), ("2024-09-11", ["its holdings are 121 days old at the newest close"])])  # fmt: skip
def test_inputs_older_than_120_days(world: World, as_of: str, old: list[str]) -> None:
    """2024-09-12 lies 120 days before 2025-01-10."""
    found = world(
        company("TWO"),
        facts("TWO", f"btc_holdings {as_of} 2024-10-01 1000 BTC", "shares_basic 2025-01-02 2025-01-02 10000000 shares"),
        closes("TWO", 16.25),
    )
    assert [message for _, _, message in told(found, "stale input")] == old
    assert all(one.severity == "warning" for one in found)


def test_a_reading_in_quarantine_until_it_is_resolved(world: World) -> None:
    row = {"source": "tracker", "company": "Orange", "quantity": "btc_holdings", "as_of": "2025-01-06", "value": 22e6, "unit": "BTC", "reason": "more than can exist", "first_seen": "2025-01-07"}  # fmt: skip
    found = world(then=lambda db: db["quarantine"].insert(row))
    one = only(found, "in quarantine", "warning")
    assert (one.ticker, one.date) == ("Orange", "2025-01-06")
    assert one.message == "tracker: btc_holdings 22,000,000 BTC: more than can exist"
    assert world(plain=False, then=lambda db: db.execute("UPDATE quarantine SET resolved_on = '2025-01-09'")) == []


# -- what is good to know ------------------------------------------------------------------------------------------


def test_sources_that_disagree(world: World) -> None:
    found = world(facts("ONE", "btc_holdings 2024-12-31 2025-01-02 1010 BTC", source="press"))
    one = only(found, "disagreement", "note")
    assert (one.ticker, one.date) == ("ONE", "2024-12-31")
    assert (
        one.message
        == "btc_holdings: 1,010 BTC (press) against 1,000 of 2024-12-31 (filings), +1.0 %: both speak of that day"
    )


def test_published_multiples_may_disagree_with_each_other(world: World) -> None:
    press = facts("ONE", "market_cap_published 2025-01-06 2025-01-06 150000000 USD", source="press")
    tracker = facts("ONE", "market_cap_published 2025-01-06 2025-01-06 180000000 USD", source="tracker-2025-01-06")
    assert world(press, tracker) == []


HELD = "btc_holdings 2025-01-02 2025-01-02 1000 BTC"
COUNT = "shares_basic 2025-01-02 2025-01-02 10000000 shares"


@pytest.mark.parametrize(
    ("made", "lacks"),
    [
        ((company("TWO"), facts("TWO", COUNT), closes("TWO", 16.25)), "lacks holdings"),
        ((company("TWO"),), "lacks holdings"),
        ((company("TWO"), facts("TWO", HELD, COUNT)), "lacks a price series"),
        ((company("TWO", mic=""), facts("TWO", HELD, COUNT)), "lacks an exchange and a price series"),
        (
            (company("TWO", currency="CHF"), facts("TWO", HELD, COUNT), closes("TWO", 16.25)),
            "lacks an exchange rate for CHF",
        ),
        ((company("TWO"), facts("TWO", HELD), closes("TWO", 16.25)), "lacks a share count"),
        (
            (
                company("TWO"),
                facts("TWO", HELD, "shares_basic 2023-11-01 2023-11-01 10000000 shares"),
                closes("TWO", 16.25),
            ),
            "lacks a share count not over 400 days old",
        ),
        (
            (
                company("TWO"),
                facts("TWO", "btc_holdings 2023-11-01 2023-11-01 1000 BTC", COUNT),
                closes("TWO", 16.25),
            ),
            "lacks usable holdings (STALE_BTC)",
        ),
        (
            (company("TWO"), facts("TWO", "btc_holdings 2025-01-02 2025-01-02 0 BTC", COUNT), closes("TWO", 16.25)),
            "lacks any bitcoin",
        ),
        (
            (company("TWO"), facts("TWO", HELD, COUNT), closes("TWO", 16.25, (*DAYS, "2025-01-24"))),
            "lacks a bitcoin price",
        ),
    ],
)
def test_a_company_not_valued_and_the_one_thing_it_lacks(world: World, made: tuple[str, ...], lacks: str) -> None:
    found = world(*made)
    one = only([one for one in found if one.ticker == "TWO"], "not valued", "note")
    assert one.message == lacks


@pytest.mark.parametrize("kind", ["spac", "other_crypto"])
def test_companies_that_shall_have_no_multiple_lack_nothing(world: World, kind: str) -> None:
    assert world(company("TWO", kind=kind), facts("TWO", HELD, COUNT), closes("TWO", 16.25)) == []


def test_a_merged_company_lacks_nothing(world: World) -> None:
    assert world(company("TWO", active_to="2025-01-08"), facts("TWO", HELD, COUNT)) == []


def test_a_company_that_is_part_of_another(world: World) -> None:
    two = company("TWO"), facts("TWO", HELD.replace("1000", "300"), COUNT), closes("TWO", 4.25)
    row = "TWO,ONE,consolidated_by,2024-06-01,{},filings,"
    found = world(*two, sheet("relation", row.format("")))
    one = only(found, "counted in another", "note")
    assert (one.ticker, one.date) == ("TWO", "2024-06-01")
    assert one.message == "300 BTC are part of ONE's 1,000; totals leave them out"
    assert world(sheet("relation", row.format("2025-01-03")), plain=False) == []


def test_every_check_is_tried_above() -> None:
    """A new check wants a defect of its own here."""
    assert {check.__name__ for check in CHECKS} == {
        "implausible_costs", "implausible_steps", "implausible_prices", "splits_without_a_step", "copied_prices", "too_much_bitcoin", "absurd_multiples", "ties",
        "overruled_totals", "doubted_inputs", "stale_inputs", "quarantined", "disagreements", "not_valued", "counted_twice", "coverage",
    }  # fmt: skip


# -- the reference data --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found(reference_db: Path) -> list[Finding]:
    db = open_database(reference_db)
    rows = findings(db)
    db.close()
    return rows


def test_the_reference_data_has_nothing_that_cannot_be_right(found: list[Finding]) -> None:
    assert [one for one in found if one.severity == "error"] == []


# every warning that stands, and why; further reasons in tests/test_reference.py and tests/test_universe.py
REVIEWED: dict[tuple[str, str], dict[str, str]] = {
    ("implausible step", "BTCW.V"): {"2025-08-16": "two trackers, 11 and 1,573.5: one is wrong; no prices, never valued"},
    ("implausible step", "NAKA"): {
        "2025-08-20": "merger of KindlyMD (21 BTC, 7.6m shares) and Nakamoto with its private placement",
        "2026-02-27": "shares issued for the acquisitions of February 2026",
    },
    ("implausible step", "3350.T"): {
        "2024-10-29": "the 11th series of warrants",
        "2025-09-23": "385 million shares sold abroad in September 2025",
    },
    ("implausible step", "AVX"): dict.fromkeys(("2023-08-05", "2023-11-03", "2024-04-02", "2024-08-14", "2024-11-20", "2025-04-30", "2025-05-16", "2025-08-15", "2025-11-15"), "reverse splits without a sourced ratio; no prices, never valued"),
    ("implausible step", "BMNR"): {
        "2025-07-04": "offering of June 2025; an ether treasury, no multiple",
        "2025-11-22": "counts of July to November 2025 were not found; an ether treasury, no multiple",
    },
    ("implausible step", "BTBT"): {"2025-08-15": "offering of June 2025; an ether treasury, no multiple"},
    ("implausible step", "BTCS"): {"2025-08-14": "offerings of summer 2025; an ether treasury, no multiple"},
    ("implausible step", "CORZ"): {"2024-03-14": "new shares at the emergence of 2024-01-23; the count before is of the cancelled ones"},
    ("implausible step", "DDC"): {
        "2025-09-29": "shares issued since the 20-F, as its page of quarters counts them",
        **dict.fromkeys(("2025-10-15", "2025-10-21"), "9,999,199 of class A in the 6-K of 2025-10-14, and 23,309,005 with those it says are to come"),
        "2026-07-03": "the screener's count of April stands once the 6-K of March is 120 days old",
    },
    ("implausible step", "ALCPB.PA"): {"2025-11-26": "bonds converted from July to November 2025; no prices in the data"},
    ("implausible step", "ATAI"): {"2025-11-15": "merger with Beckley Psytech in November 2025"},
    ("implausible step", "GDC"): {
        "2025-09-18": "39.2 million shares for the coins of Pallas Capital, September 2025",
        "2026-06-27": "the screener's count before the 1 for 250; closes of 2026 are left out",
    },
    ("implausible step", "GNS"): {"2026-03-12": "as the screener counts them; no notice was read"},
    ("implausible step", "HOLO"): dict.fromkeys(("2025-08-27", "2026-04-01"), "as the screener counts them; no notice was read"),
    ("implausible step", "LMFA"): {
        "2025-04-03": "as the screener counts them; no notice was read",
        "2025-08-26": "private placement of August 2025",
        "2026-08-19": "the screener's count after the 1 for 25",
    },
    ("implausible step", "ONMD"): {"2025-08-16": "as the screener counts them; no notice was read"},
    ("implausible step", "PHUN"): {"2024-11-14": "as the screener counts them; no notice was read"},
    ("implausible step", "ZOOZ"): {"2025-10-01": "private placement of September 2025"},
    ("implausible step", "H100.ST"): {"2025-07-03": "a tracker's 117.1m against the issuer's 233.2m; no prices, never valued"},
    ("implausible step", "NXTT"): {
        **dict.fromkeys(("2023-11-21", "2024-08-22", "2025-03-28"), "before its closes begin"),
        **dict.fromkeys(("2026-04-03", "2026-07-29"), "72 and 71 million shares more, as the screener counts them"),
    },
    ("implausible price", "ASST"): {"2025-05-07": "Asset Entities rose on its merger with Strive"},
    ("implausible price", "BTM"): {"2026-05-18": "the week before its last close"},
    ("implausible price", "BMNR"): {"2025-06-30": "BitMine announced its ether treasury"},
    ("absurd multiple", "3350.T"): {
        "2024-06-28": "141 BTC at the beginning; issuers and press print multiples beyond 20 that summer",
        "2024-09-30": "399 BTC for 19 million shares at 991 yen",
        "2025-06-30": "premium of June 2025",
    },
    ("absurd multiple", "3189.T"): {"2026-09-30": "debt of four tenths of its coins stands before the share"},
    ("absurd multiple", "DDC"): dict.fromkeys(("2026-06-30", "2026-08-31"), "shares issued all along, and priced below its coins"),
    ("absurd multiple", "NAKA"): {"2026-06-30": "0.21x before 165 million of debt"},
    ("absurd multiple", "NXTT"): dict.fromkeys(("2025-12-31", "2026-06-30", "2026-07-31"), "5,833 coins last told by a tracker in August 2025"),
    ("absurd multiple", "KULR"): {
        "2024-12-31": "217 BTC five days after its first purchase, for a maker of batteries worth 761 million",
        "2025-03-31": "668 BTC, the same company",
    },
    ("total below its tranches", "MARA"): {"2025-11-05": "its books carry less than the principal of its notes and line of credit"},
    ("absurd multiple", "SQNS"): {"2026-03-31": "94.5 million of debt secured by its coins stand before the share"},
    ("implausible step", "NCTY"): {"2025-05-02": "as a vendor counts the ADS of each report; no notice was read"},
    ("implausible step", "SOS"): dict.fromkeys(("2025-09-16", "2026-08-20"), "as a vendor counts the shares of each report; no notice was read"),
    ("inputs doubted", "LMFA"): {"2026-07-13": "a count from before its reverse split"},
    ("inputs doubted", "NXTT"): dict.fromkeys(("2025-09-16", "2026-01-07", "2026-02-12"), "counts from before splits and issues, coins of 2025"),
    ("total below its tranches", "MSTR"): {
        "2025-02-24": "the page said 6,516m for three weeks, without the notes of that February",
    },
    # nothing newer was found of the input that the finding names
    **{("stale input", ticker): {"2026-02-05": "the last reports in the data"} for ticker in ("0434.HK",)},
    **{("stale input", ticker): {"2026-03-04": "the last reports in the data"} for ticker in ("IMG",)},
    **{("stale input", ticker): {"2026-05-22": "the last reports in the data"} for ticker in ("BTM",)},
    **{("stale input", ticker): {"2026-07-08": "the last reports in the data"} for ticker in ("MSW",)},
    **{("stale input", ticker): {"2026-07-31": "the last reports in the data"} for ticker in ("NXTT",)},
    **{("stale input", ticker): {"2026-08-21": "the last reports in the data"} for ticker in ("CAN", "SOS", "NCTY", "ARLP", "BITF", "CIFR", "CLSK", "COIN", "CORZ", "DGXX", "DJT", "EXOD", "FUFU", "GME", "GNS", "HIVE", "HUT", "KULR", "LMFA", "MARA", "MELI", "MOGO", "NA", "ONMD", "PHUN", "PRE", "RIOT", "TSLA", "VIRT", "WFCF", "XYZ")},
    **{("stale input", ticker): {"2026-08-31": "the last reports in the data"} for ticker in ("ABTC", "BLSH", "BRR", "BTGO", "CANG", "DDC", "FLD", "GLXY", "NAKA", "XXI", "ZOOZ")},
    **{("stale input", ticker): {"2026-09-30": "the last reports in the data"} for ticker in ("3189.T", "3350.T", "3825.T")},
    # a tracker's count that is in force because the filings in the data are over 120 days old
    ("disagreement", "3350.T"): {"2026-09-09": "the only total of its debt after the 19th series of bonds"},
    ("disagreement", "ARLP"): {"2026-04-15": "a research note of October 2025 stands beside it"},
    ("disagreement", "HIVE"): {"2026-04-17": "the tracker leaves pledged coins out; the last release in the data is of March 2025"},
    ("disagreement", "LMFA"): {"2026-04-15": "the news beside it is of January 2025"},
    ("disagreement", "NDA.V"): {"2026-04-15": "the release beside it is of November 2023"},
    ("disagreement", "CLSK"): {"2026-07-07": "monthly production updates of 2026 are not in the data"},
    ("disagreement", "MARA"): {"2026-07-07": "sales of 2026 are not in the data", "2026-08-10": "the annual report's count is of February"},
    ("disagreement", "RIOT"): {"2026-07-07": "production updates of 2026 are not in the data"},
    ("stale tracker", "FUFU"): {"2026-04-15": "January's count shown in April, after February's was filed; old enough filings give way to it"},
}  # fmt: skip


def test_the_warnings_of_the_reference_data_are_those_reviewed(found: list[Finding]) -> None:
    warnings = {(one.check, one.ticker, one.date) for one in found if one.severity == "warning"}
    assert warnings == {(check, ticker, day) for (check, ticker), days in REVIEWED.items() for day in days}


def test_companies_called_never_valued_are_never_valued(read: sqlite3.Connection) -> None:
    for (_, ticker), days in REVIEWED.items():
        if any("never valued" in reason or "no multiple" in reason for reason in days.values()):
            assert read.execute("SELECT count(mnav_market_cap) FROM mnav_daily WHERE ticker = ?", (ticker,)).fetchone()[0] == 0, ticker  # fmt: skip


def test_the_age_of_claims_is_counted_from_the_day_the_review_names(read: sqlite3.Connection) -> None:
    """Five of the reasons above, by the calendar."""
    rows = dict(read.execute("SELECT ticker, claims_age_days FROM mnav_latest").fetchall())
    assert {ticker: rows[ticker] for ticker in ("MARA", "3350.T", "CLSK", "ASST", "DJT")} == {
        "MARA": 233,  # preferred and cash of 2025-12-31 to 2026-08-21
        "3350.T": 275,  # preferred of 2025-12-29 to 2026-09-30
        "CLSK": 417,  # preferred of 2025-06-30 to 2026-08-21
        "ASST": 60,  # cash of 2026-07-02 to 2026-08-31
        "DJT": 143,  # all of 2026-03-31 to 2026-08-21
    }


def test_the_notes_of_the_reference_data(found: list[Finding]) -> None:
    assert told(found, "counted in another") == [
        ("ABTC", "2025-09-03", "8,000 BTC are part of HUT's 16,331; totals leave them out")
    ]
    verdicts = Counter(one.check for one in found if one.severity == "note")
    assert (verdicts["disagreement"], verdicts["stale tracker"]) == (73, 28)
    assert {message for _, _, message in told(found, "not valued")} == {
        "lacks a price series",
        "lacks an exchange and a price series",
        "lacks a share count",
        "lacks a share count somebody told",
        "lacks any bitcoin",
        "lacks holdings",
        "lacks usable holdings (HOLDINGS_OUTDATED)",
        "lacks usable holdings (STALE_BTC)",
    }


def test_coverage_counts_what_the_tables_hold(found: list[Finding], read: sqlite3.Connection) -> None:
    """Counted once more over plain tables: closes before a company ended, and rows of Python."""
    kinds = dict(read.execute("SELECT ticker, kind FROM company").fetchall())
    days: dict[str, list[int]] = {}
    basic: dict[str, set[str]] = {}
    for row in read.execute("SELECT ticker, mnav_market_cap, mnav_ev FROM mnav_daily"):
        counts = days.setdefault(kinds[row["ticker"]], [0, 0, 0])
        counts[0] += 1
        counts[1] += row["mnav_market_cap"] is not None
        counts[2] += row["mnav_ev"] is not None
        if row["mnav_market_cap"] is not None:
            basic.setdefault(kinds[row["ticker"]], set()).add(row["ticker"])
    lines = sorted(message for _, _, message in told(found, "coverage"))
    assert lines == sorted(
        f"{kind}: {all_:,} company-days, {cap:,} with a market-cap multiple ({len(basic.get(kind, ()))} companies), {ev:,} with an enterprise-value multiple"
        for kind, (all_, cap, ev) in days.items()
    )
    (closes_,) = read.execute(
        "SELECT count(*) FROM price p JOIN company c ON c.ticker = p.symbol WHERE p.fixing = 'close' AND p.date < coalesce(c.active_to, '9999')"
    ).fetchone()
    assert sum(counts[0] for counts in days.values()) == closes_


# -- the command ---------------------------------------------------------------------------------------------------


def run(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(mnav, ["--db", str(path), "check", *arguments], prog_name="mnav")


@pytest.mark.slow
def test_findings_are_status_0_and_with_strict_status_1(reference_db: Path) -> None:
    plain, strict = run(reference_db), run(reference_db, "--strict")
    assert (plain.exit_code, strict.exit_code) == (0, 1)
    assert plain.stdout == strict.stdout
    assert "167 findings, 232 notes" in strict.stderr
    assert "Traceback" not in strict.stderr


def test_strict_is_status_0_where_there_are_only_notes(tmp_path: Path) -> None:
    db = empty(tmp_path / "mnav.db")
    ground(db)
    store(db, *PLAIN, company("TWO"), facts("TWO", HELD, COUNT))
    rebuild(db)
    db.close()
    done = run(tmp_path / "mnav.db", "--strict")
    assert done.exit_code == 0
    assert "0 findings, 2 notes" in done.stderr
    assert "lacks a price series" in done.stdout


@pytest.mark.slow
def test_json_has_every_finding_and_the_table_says_what_it_leaves_out(reference_db: Path, found: list[Finding]) -> None:
    rows = json.loads(run(reference_db, "--json").stdout)
    assert [tuple(row.values()) for row in rows] == [
        (one.severity, one.check, one.ticker, one.date, one.message) for one in found
    ]
    assert list(rows[0]) == ["severity", "check", "ticker", "date", "message"]
    short, whole = run(reference_db), run(reference_db, "--all")
    assert len(whole.stdout.splitlines()) == len(found) + 2
    steps = len(told(found, "implausible step"))
    assert f"{steps - 8} more of 'implausible step'" in short.stderr
    assert short.stdout.count("implausible step") == 8
    assert "see --all" not in whole.stderr


def test_a_database_of_nobody_is_no_database_without_findings(tmp_path: Path) -> None:
    open_database(tmp_path / "mnav.db", writable=True).close()
    done = run(tmp_path / "mnav.db", "--strict", "--json")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "holds no company yet" in done.stderr
