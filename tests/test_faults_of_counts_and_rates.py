"""Rates, bitcoin's price and share counts as they go wrong in a first file or after a long silence: each fault by its name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from scrapers.catalogue import Examined
from scrapers.normalise import Publisher, normalise
from treasury.intake import rates
from treasury.intake.harvest import Harvest
from treasury.intake.identity import Identity, Listed
from treasury.intake.plausible import History
from treasury.intake.rates import EVER
from treasury.intake.share_counts import grew_in_bounds, why_not_worth
from treasury.model import Document, Reading

DAY = date(2026, 12, 1)
OLD = date(2025, 12, 1)
TRUE = {"EUR": 1.16, "JPY": 0.0065, "GBP": 1.33, "CHF": 1.25, "CAD": 0.72, "AUD": 0.65}
UPSIDE_DOWN = {currency: 1 / rate for currency, rate in TRUE.items()}


def told(rates: dict[str, float], day: date = DAY) -> list[tuple[str, date, float]]:
    return [(currency, day, rate) for currency, rate in rates.items()]


# -- rates ---------------------------------------------------------------------------------------------------------


def test_a_first_file_upside_down_is_kept_out_whole() -> None:
    """The franc at 0.80 and the Australian dollar at 1.54 could be true: the yen and the pound beside them tell."""
    assert set(History().why_not_rates(told(UPSIDE_DOWN))) == {(currency, DAY) for currency in TRUE}


def test_a_first_file_that_is_right_is_taken() -> None:
    assert History().why_not_rates(told(TRUE)) == {}


def test_rates_upside_down_after_a_year_of_silence_are_kept_out() -> None:
    """No rate younger than thirty days is stored on the first live run after the bundled data ends."""
    stored = told(TRUE, OLD)
    assert set(History(rates=stored).why_not_rates(told(UPSIDE_DOWN))) == {(currency, DAY) for currency in TRUE}
    assert History(rates=stored).why_not_rates(told({currency: rate * 1.1 for currency, rate in TRUE.items()})) == {}


@pytest.mark.parametrize(("days", "doubted"), [(30, True), (120, False)])
def test_a_rate_near_parity_may_cross_it_with_time(days: int, doubted: bool) -> None:
    """From 0.95 to 1.06 within a month is upside down; in four months a currency moves twice as far."""
    reason = rates.why_not("EUR", DAY, 1.06, (DAY - timedelta(days=days), 0.95))
    assert (reason is not None) == doubted
    assert not doubted or "upside down?" in str(reason)


def test_one_bad_cell_of_a_history_costs_the_rates_of_its_day_at_most() -> None:
    days = [DAY - timedelta(days=n) for n in range(9, -1, -1)]
    rows = [(currency, day, rate) for day in days for currency, rate in TRUE.items()]
    rows[rows.index(("JPY", days[4], 0.0065))] = ("JPY", days[4], 153.8)
    assert {day for _, day in History().why_not_rates(rows)} == {days[4]}
    assert set(History(rates=told(TRUE, days[0] - timedelta(days=1))).why_not_rates(rows)) == {("JPY", days[4])}


def test_what_is_learned_judges_the_next_answer() -> None:
    history = History()
    history.why_not_rates(told(TRUE, DAY - timedelta(days=3)))
    assert set(history.why_not_rates(told({"CHF": 0.8}))) == {("CHF", DAY)}


@pytest.mark.parametrize(("currency", "rate"), [("JPY", 0.65), ("KRW", 0.07), ("GBP", 133.0), ("JPY", 152.0), ("TRY", 0.0001)])  # fmt: skip
def test_a_first_rate_far_from_all_a_currency_was_worth(currency: str, rate: float) -> None:
    assert set(History().why_not_rates([(currency, DAY, rate)])) == {(currency, DAY)}


@pytest.mark.slow
def test_every_rate_of_the_reference_data_lies_where_its_currency_was(
    reference: Callable[[str], list[dict[str, str]]],
) -> None:
    rows = [(row["currency"], date.fromisoformat(row["date"]), float(row["usd_per_unit"])) for row in reference("fx")]
    assert {currency for currency, *_ in rows} <= set(EVER)
    assert all(EVER[currency][0] <= rate <= EVER[currency][1] for currency, _, rate in rows)
    assert History().why_not_rates(rows) == {}


# -- bitcoin -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("price", [1_080.0, 10_800_000.0, 108.0, 3_200.0, 0.0])
@pytest.mark.parametrize("stored", [[], [(OLD, 90_000.0)]])
def test_a_first_close_of_bitcoin_is_judged(price: float, stored: list[tuple[date, float]]) -> None:
    assert History(bitcoin=stored).why_not_bitcoin(DAY, price) is not None


@pytest.mark.parametrize("price", [35_000.0, 64_000.0, 120_000.0, 400_000.0])
def test_bitcoin_may_have_gone_far_in_a_year(price: float) -> None:
    assert History(bitcoin=[(OLD, 90_000.0)]).why_not_bitcoin(DAY, price) is None
    assert History().why_not_bitcoin(DAY, price) is None


def test_no_close_of_the_reference_data_is_doubted_as_a_first(
    reference: Callable[[str], list[dict[str, str]]],
) -> None:
    rows = [(date.fromisoformat(row["date"]), float(row["close"])) for row in reference("btc_usd")]
    assert [row for row in rows if History().why_not_bitcoin(*row)] == []
    assert min(rows)[0] < date(2012, 1, 1), "its first years were wilder"


# -- share counts --------------------------------------------------------------------------------------------------

COUNT_DAY = date(2025, 8, 1)
KNOWN = {
    "closes": [("ORNG", COUNT_DAY, 15.0)],
    "bitcoin": [(COUNT_DAY, 113_000.0)],
    "currencies": [("ORNG", "USD")],
    "kinds": [("ORNG", "treasury")],
    "values": [("ORNG", "btc_holdings", None, date(2025, 6, 30), 5_000.0)],
}


def why_not(history: History, value: float, quantity: str = "shares_basic", **beside: float) -> str | None:
    others = {(name, COUNT_DAY): told for name, told in beside.items()}
    return history.why_not_fact("ORNG", quantity, None, COUNT_DAY, value, primary=True, beside=others)


@pytest.mark.parametrize(("value", "believed"), [(29e6, True), (29e9, False), (290e6, True), (29e3, False)])
def test_a_first_count_a_thousand_times_too_high_by_price_and_bitcoin(value: float, believed: bool) -> None:
    reason = why_not(History(**KNOWN), value)  # type: ignore[arg-type]
    assert (reason is None) is believed
    assert believed or "thousands taken for single shares?" in str(reason)


def test_the_coins_may_stand_in_the_same_document() -> None:
    history = History(**{**KNOWN, "values": ()})  # type: ignore[arg-type]
    assert why_not(history, 29e9) is None, "nothing tells"
    assert why_not(history, 29e9, btc_holdings=5_000.0) is not None


def test_a_company_that_lives_by_something_else_is_worth_what_it_is() -> None:
    history = History(**{**KNOWN, "kinds": [("ORNG", "operating")]})  # type: ignore[arg-type]
    assert why_not(history, 3e9) is None
    assert "more than any company" in str(why_not(history, 3e12))


def test_no_company_is_worth_more_than_ten_trillion_dollars() -> None:
    assert why_not_worth(1e13, 1.0, 0.0, 1e5) is None
    assert why_not_worth(1e13 + 1, 1.0, 0.0, 1e5) is not None


def test_bitcoin_told_beside_a_first_count_is_no_count_of_shares() -> None:
    assert why_not(History(), 30e6, btc_holdings=200_000.0) is None


def test_a_first_count_a_thousand_times_that_of_its_own_document_or_of_trackers() -> None:
    assert "told beside 29,000,000" in str(why_not(History(), 29e9, shares_issued=29e6))
    trackers = History(values=[("ORNG", "shares_basic", None, date(2025, 7, 1), 28_500_000.0)])
    assert "told beside 28,500,000" in str(why_not(trackers, 29e9))
    assert why_not(trackers, 29e6) is None
    placeholder = History(values=[("ORNG", "shares_basic", None, date(2025, 7, 1), 1_000.0)])
    assert why_not(placeholder, 29e6) is None


def test_a_count_does_not_speak_for_itself_in_its_own_document() -> None:
    assert "told beside 29,000,000" in str(why_not(History(), 29e9, shares_basic=29e9, shares_issued=29e6))


def test_a_first_count_of_a_tracker_is_judged_too() -> None:
    history = History(**KNOWN)  # type: ignore[arg-type]
    assert history.why_not_fact("ORNG", "shares_basic", None, COUNT_DAY, 29e9) is not None
    assert history.why_not_fact("ORNG", "shares_basic", None, COUNT_DAY, 29e6) is None


def test_a_split_is_no_thousandfold() -> None:
    history = History(splits=[("ORNG", date(2025, 7, 1), 1 / 250)])
    told_of = {("shares_basic", date(2025, 5, 1)): 5e9, ("shares_basic", COUNT_DAY): 20e6}
    assert history.why_not_fact("ORNG", "shares_basic", None, COUNT_DAY, 20e6, primary=True, beside=told_of) is None


@pytest.mark.parametrize(
    ("days", "times", "believed"),
    [(1, 1.5, True), (1, 1.6, False), (91, 2.0, True), (91, 3.0, True), (91, 3.1, False), (365, 8.0, True), (365, 10.0, False),
     (365, 0.5, True), (365, 0.4, False)],
)  # fmt: skip
def test_the_share_jump_grows_with_the_time_between_counts(days: int, times: float, believed: bool) -> None:
    assert grew_in_bounds(100e6, times * 100e6, timedelta(days=days)) is believed


PUBLISHER = Publisher("sec_companyfacts", "filing", "figures", "cik")


def harvested(history: History, *counts: tuple[date, float], accession: int = 1) -> Harvest:
    """One document of a filer with share counts of several days."""
    url = f"https://www.sec.gov/Archives/edgar/data/99/{accession:018d}/a.htm"
    fetched = datetime(2026, 11, 1, tzinfo=UTC)
    readings = [Reading("CIK 0000000099", "shares_basic", value, "shares", day) for day, value in counts]
    identity = Identity([Listed("ORNG", "Orange Corp", "XNYS", "0000000099", None)], [], {})
    return normalise(
        Examined(readings, []), Document("sec_companyfacts", url, b"", fetched), PUBLISHER, identity, history
    )


QUARTERS = [date(2025, 2, 1), date(2025, 5, 1), date(2025, 8, 1), date(2025, 11, 1)]


def test_a_holder_that_doubles_in_a_quarter_keeps_its_newest_count() -> None:
    harvest = harvested(History(), *zip(QUARTERS, (50e6, 100e6, 210e6, 230e6), strict=True))
    assert harvest.kept_out == []


def test_a_jump_that_the_next_count_repeats_is_believed() -> None:
    harvest = harvested(History(), *zip(QUARTERS, (50e6, 52e6, 400e6, 410e6), strict=True))
    assert harvest.kept_out == []


def test_a_jump_that_the_next_count_takes_back_is_not() -> None:
    harvest = harvested(History(), *zip(QUARTERS, (50e6, 52e6, 400e6, 54e6), strict=True))
    assert [one.reading.value for one in harvest.kept_out] == [400e6]


def test_a_jump_is_released_when_a_later_filing_repeats_it() -> None:
    history = History()
    assert harvested(history, (QUARTERS[0], 50e6)).kept_out == []
    assert len(harvested(history, (QUARTERS[1], 400e6), accession=2).kept_out) == 1
    assert harvested(history, (QUARTERS[2], 410e6), accession=3).kept_out == []


@pytest.mark.parametrize("first", [29e9, 29e3])
def test_a_first_count_of_a_history_a_thousand_times_off_leaves_the_others(first: float) -> None:
    harvest = harvested(History(), *zip(QUARTERS, (first, 29e6, 30e6, 31e6), strict=True))
    assert [one.reading.value for one in harvest.kept_out] == [first]
    assert len(harvest.facts) == 3
