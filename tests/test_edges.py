"""Wrong code that the other tests once let pass: each line here fails for a mutant that survived (`python -m scripts.mutate`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import exp, log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made import CLOSES, DAY, ORANGE, TOKYO, columns, fact, market

from scrapers.catalogue import Examined
from scrapers.normalise import Publisher, normalise
from treasury.claims.capital_stack import Stack, capital_stack
from treasury.claims.credit import (
    btc_breakeven_arr_pct,
    btc_floor_price,
    btc_rating,
    btc_risk,
    months_of_coverage,
    years_of,
)
from treasury.claims.funding_wall import Owed, share_issued_a_quarter, wall
from treasury.claims.preferred import years_between
from treasury.intake import rates
from treasury.intake.bundled import bundled_names, reference_sheets
from treasury.intake.company_closes import as_files
from treasury.intake.csv_files import SHEETS, per_cent, read_sheet, term
from treasury.intake.days_typed import day_typed
from treasury.intake.identity import Alias, Identity, Listed, Match, Stranger
from treasury.intake.lone_prices import lone_prices
from treasury.intake.plausible import History
from treasury.intake.price_steps import Doubted, doubts
from treasury.intake.words import BITCOIN_BEGAN
from treasury.known.closing_times import local_minutes, rate_moment
from treasury.known.cost import is_to_the_coin
from treasury.known.fixings import clock_of, named
from treasury.known.precedence import Resolved, is_rounded, latest
from treasury.known.resolve import State, resolve
from treasury.known.shares import period_start_of
from treasury.known.vectorised import states
from treasury.known.vectorised.precedence import Steps
from treasury.metrics.btc_yield import p_byd, to_date
from treasury.metrics.claim_range import claim_range
from treasury.metrics.column import DailyColumn
from treasury.metrics.error_bars import Aged
from treasury.metrics.explain import input_lines, metric_lines
from treasury.metrics.lacking import lacking, unknown
from treasury.metrics.metric import Symbol
from treasury.metrics.over_time import BASE_WITHIN, btc_yields
from treasury.metrics.own_past import MEDIAN_FEWEST, newest_against_past
from treasury.metrics.row_wise import GUARD_REASONS, INPUTS, failed_guards
from treasury.model import Company, Document, Fact, InputError, Instrument, Reading, Split
from treasury.valuation.inputs import Market, claim_in_dollars, inputs_at, reasons_at
from treasury.valuation.vectorised import Days, Prices, Series, value
from treasury.valuation.vectorised import columns as input_columns

ISSUED = date(2025, 1, 2)
EPOCH = date(1970, 1, 1).toordinal()
YEN = 0.0065

# -- a claim in another currency than the share's ------------------------------------------------------------------

METEOR = Company("ORNG", "Orange KK", TOKYO.mic, "JP", "JPY", "treasury", instruments_complete=True)
YEN_NOTE = Instrument("ORNG", "note", "convertible", "JPY", ISSUED, None, None, 2000.0, None)
DOLLAR_NOTE = Instrument("ORNG", "note", "convertible", "USD", ISSUED, None, None, 10.0, None)
BASE = [fact("btc_holdings", 1000.0), fact("shares_basic", 1e7)]


def both_ways(
    company: Company, note: Instrument, principal: float, price: float
) -> tuple[dict[str, float | None], Stack]:
    """The inputs by the plain rules, held equal to the kernel's, and the stack."""
    facts = [*BASE, fact("principal", principal, instrument="note", unit=note.currency)]
    quotes = market(100_000.0, rates={"JPY": YEN})
    state = resolve(company, DAY, facts, [note], [], CLOSES)
    inputs = inputs_at(state, company, price, DAY, CLOSES, quotes)
    day, before = DAY.toordinal() - EPOCH, DAY.toordinal() - EPOCH - 1
    bitcoin = {"nyse": Series(np.array([day]), np.array([1e5])), "utc": Series(np.array([before]), np.array([1e5]))}
    prices = Prices(bitcoin, {"JPY": Series(np.array([before]), np.array([YEN]))}, {})
    made = states([company], [note], [], columns(facts), CLOSES)
    valued = value([company], made, Days(np.array([0]), np.array([day]), np.array([price])), prices, CLOSES)
    kernel = {name: column.iloc[0] for name, column in input_columns(made, valued).items()}
    for name in ("dilutive_shares", "debt_itm", "debt"):
        assert kernel[name] == pytest.approx(inputs[name], rel=1e-12), name
    return inputs, capital_stack(company, state, inputs, DAY, {"USD": 1.0, "JPY": YEN}.get)


@pytest.mark.parametrize(
    ("company", "note", "principal", "price", "shares", "dollars"),
    [
        (ORANGE, YEN_NOTE, 1.5e9, 15.0, 750_000.0, 9.75e6),  # $15.00 are 2,308 yen
        (ORANGE, YEN_NOTE, 1.5e9, 12.9, 0.0, 9.75e6),  # $12.90 are 1,985
        (METEOR, DOLLAR_NOTE, 1e7, 1600.0, 1e6, 1e7),  # 1,600 yen are $10.40
        (METEOR, DOLLAR_NOTE, 1e7, 1500.0, 0.0, 1e7),  # 1,500 are $9.75
    ],
    ids=["yen note in", "yen note out", "dollar note in", "dollar note out"],
)
def test_a_note_is_tested_in_its_own_currency(
    company: Company, note: Instrument, principal: float, price: float, shares: float, dollars: float
) -> None:
    inputs, stack = both_ways(company, note, principal, price)
    converted = dollars if shares else 0.0
    assert inputs["dilutive_shares"] == pytest.approx(shares)
    assert (inputs["debt_itm"], inputs["debt"]) == (pytest.approx(converted), pytest.approx(dollars))
    (layer,) = stack.layers
    assert (layer.amount, layer.currency, layer.notional) == (principal, note.currency, pytest.approx(dollars))
    assert (layer.shares, layer.claim) == (pytest.approx(shares), pytest.approx(dollars - converted))
    assert layer.test == ("in the money: shares" if shares else "out of the money: a claim")
    assert layer.cover.value == pytest.approx(1e8 / dollars)


@pytest.mark.parametrize(
    ("company", "note", "principal", "price"), [(ORANGE, YEN_NOTE, 1.5e9, 15.0), (METEOR, DOLLAR_NOTE, 1e7, 1e4 / 6)]
)
def test_a_note_settled_net_stays_a_claim_and_gives_the_excess_in_shares(
    company: Company, note: Instrument, principal: float, price: float
) -> None:
    """$15.00 are 2,308 yen, 15.4 % above 2,000; 1,667 yen are $10.83, 8.3 % above ten."""
    inputs, stack = both_ways(company, replace(note, settlement="net_share"), principal, price)
    shares = 750_000 * (1 - 13 / 15) if company is ORANGE else 1e6 * (1 - 10 / (1e4 / 6 * YEN))
    assert inputs["dilutive_shares"] == pytest.approx(shares)
    assert inputs["debt_itm"] == 0.0
    (layer,) = stack.layers
    assert (layer.shares, layer.claim) == (pytest.approx(shares), layer.notional)
    assert layer.test == "in the money, settled net: a claim, the excess shares"


# -- awards on the company's own share basis -----------------------------------------------------------------------

OPTIONS = Instrument("ORNG", "options", "option", "USD", ISSUED, None, None, 12.0, None)
GRANTED = fact("options_outstanding", 3e6, instrument="options")


@pytest.mark.parametrize(("ticker", "count", "strike"), [("LEMN", 3e6, 12.0), ("ORNG", 3e7, 1.2)])
def test_only_its_own_splits_change_a_companys_awards(ticker: str, count: float, strike: float) -> None:
    lemon, splits = replace(ORANGE, ticker="LEMN"), [Split(ticker, DAY - timedelta(days=1), 10.0)]
    (award,) = resolve(ORANGE, DAY, [*BASE, GRANTED], [OPTIONS], splits, CLOSES).awards or ()
    assert (award.count, award.strike) == (count, pytest.approx(strike))
    made = states([lemon, ORANGE], [OPTIONS], splits, columns([*BASE, GRANTED]), CLOSES)
    at = np.flatnonzero((made.claims.state == len(made.day) - 1) & np.isin(made.claims.instrument, ["options"]))
    assert (made.claims.amount[at].tolist(), made.claims.at[at].tolist()) == ([count], [pytest.approx(strike)])


@pytest.mark.parametrize(("price", "shares"), [(15.0, 600_000.0), (12.0, 0.0), (9.0, 0.0)])
def test_options_dilute_by_the_treasury_stock_method_in_the_kernel_too(price: float, shares: float) -> None:
    """3 million at 12: what 15 pays for is a fifth of them."""
    state = resolve(ORANGE, DAY, [*BASE, GRANTED], [OPTIONS], [], CLOSES)
    assert inputs_at(state, ORANGE, price, DAY, CLOSES, market(1e5))["dilutive_shares"] == pytest.approx(shares)
    day = DAY.toordinal() - EPOCH
    made = states([ORANGE], [OPTIONS], [], columns([*BASE, GRANTED]), CLOSES)
    valued = value([ORANGE], made, Days(np.array([0]), np.array([day]), np.array([price])), Prices({}, {}, {}), CLOSES)
    assert valued.dilutive_shares.tolist() == [pytest.approx(shares)]


def test_before_anything_is_known_nobody_knows_what_dilutes() -> None:
    made = states([ORANGE], [], [], columns(BASE), CLOSES)
    days = np.array([BASE[0].as_of.toordinal() - EPOCH - 30, DAY.toordinal() - EPOCH])
    asked = Days(np.array([0, 0]), days, np.array([15.0, 15.0]))
    before, after = value([ORANGE], made, asked, Prices({}, {}, {}), CLOSES).dilutive_shares.tolist()
    assert np.isnan(before)
    assert after == 0.0


def test_options_that_nobody_counted_leave_dilution_unknown() -> None:
    state = resolve(ORANGE, DAY, BASE, [OPTIONS], [], CLOSES)
    assert state.awards is None
    assert inputs_at(state, ORANGE, 15.0, DAY, CLOSES, market(1e5))["dilutive_shares"] is None
    assert [line.name for line in input_lines(state, inputs_at(state, ORANGE, 15.0, DAY, CLOSES, market(1e5)), ORANGE)]


# -- who speaks ----------------------------------------------------------------------------------------------------


def test_the_first_fact_of_all_is_found() -> None:
    """Its number is 0, which is no "none"."""
    ints = np.array
    steps = Steps.of(ints([0, 3]), ints([10, 10]), ints([0, 1]))
    assert steps.at(ints([0, 0, 0, 3, 2, 4]), ints([9, 10, 99, 10, 10, 10])).tolist() == [-1, 0, 0, 1, -1, -1]
    made = states([ORANGE], [], [], columns([fact("btc_holdings", 7.0, number=4)]), CLOSES)
    assert (made.value["btc"][0], made.fact["btc"][0]) == (7.0, 4)


def test_of_one_day_the_filing_speaks_before_the_issuer_and_the_press_before_a_tracker() -> None:
    later = DAY - timedelta(days=1)
    for first, second in (("filing", "issuer"), ("press", "tracker"), ("press", "user")):
        told = [fact("btc_holdings", 1.0, kind=first), fact("btc_holdings", 2.0, known_at=later, kind=second)]
        found = latest(told)
        assert found is not None
        assert found.value == 1.0
    newer = latest([fact("btc_holdings", 1.0), fact("btc_holdings", 2.0, DAY, kind="issuer")])
    assert newer is not None
    assert newer.value == 2.0
    assert latest([]) is None


def test_on_a_day_the_press_speaks_before_what_a_person_typed_later() -> None:
    told = [fact("btc_holdings", 1.0, kind="press"), fact("btc_holdings", 2.0, known_at=DAY - timedelta(days=1), kind="user")]  # fmt: skip
    held = resolve(ORANGE, DAY, told, [], [], CLOSES).btc
    assert held is not None
    assert held.value == 1.0


def test_what_says_the_same_is_not_the_other_one_rounded() -> None:
    assert is_rounded(642_000.0, 641_692.0)
    assert not is_rounded(642_000.0, 642_000.0)
    assert not is_rounded(641_692.0, 642_000.0)


def test_to_the_coin_is_less_than_a_coin_and_of_few_coins_a_thousandth() -> None:
    told = [(1e6, 1e6 + 0.9), (1e6, 1e6 + 1.0), (1e6 + 1.5, 1e6), (10.0, 10.01), (10.02, 10.0)]
    assert [is_to_the_coin(coins, held) for coins, held in told] == [True, False, False, True, False]


def test_coins_pledged_loan_by_loan_add_up_where_nobody_told_the_whole() -> None:
    loans = [Instrument("ORNG", name, "loan", "USD", ISSUED) for name in ("a", "b")]
    pledged = [fact("btc_encumbered", 5.0, DAY - timedelta(days=20), unit="BTC", instrument="a"), fact("btc_encumbered", 7.0, unit="BTC", instrument="b")]  # fmt: skip
    found = resolve(ORANGE, DAY, [*BASE, *pledged], loans, [], CLOSES).beside["btc_encumbered"]
    assert (found.value, found.as_of) == (12.0, DAY - timedelta(days=20))
    whole = fact("btc_encumbered", 11.0, unit="BTC")
    assert resolve(ORANGE, DAY, [*BASE, *pledged, whole], loans, [], CLOSES).beside["btc_encumbered"].value == 11.0


# -- what is unknown of claims -------------------------------------------------------------------------------------


def told_of(*facts: Fact, complete: bool = False) -> tuple[State, Stack]:
    company = replace(ORANGE, instruments_complete=complete)
    state = resolve(company, DAY, [*BASE, *facts], [], [], CLOSES)
    inputs = inputs_at(state, company, 15.0, DAY, CLOSES, market(100_000.0))
    return state, capital_stack(company, state, inputs, DAY, {"USD": 1.0, "JPY": YEN}.get)


def test_what_stands_apart_is_told_in_dollars() -> None:
    _, stack = told_of(fact("minority_interest", 1e9, unit="JPY"), fact("usd_reserve", 2e9, unit="JPY"))
    assert stack.apart == {"minority_interest": pytest.approx(1e9 * YEN)}
    assert stack.usd_reserve == pytest.approx(2e9 * YEN)


def test_a_loan_is_no_series_without_a_close() -> None:
    """Preferred stock at market is of preferred stock alone: 100 million of preference at 80 for a hundred."""
    terms = [
        Instrument("ORNG", "loan", "loan", "USD", ISSUED),
        Instrument("ORNG", "series", "preferred", "USD", ISSUED, stated_amount=100.0),
    ]
    told = [fact("principal", 1e9, instrument="loan"), fact("liquidation_preference", 1e8, instrument="series")]
    quotes = replace(market(1e5), listed={("ORNG", "series", "USD", DAY): 80.0})
    state = resolve(ORANGE, DAY, [*BASE, *told], terms, [], CLOSES)
    assert inputs_at(state, ORANGE, 15.0, DAY, CLOSES, quotes)["preferred_at_market"] == pytest.approx(8e7)
    assert reasons_at(state, ORANGE, 15.0, DAY, CLOSES, quotes) == ()


def test_a_years_cost_is_unknown_where_either_claim_is() -> None:
    none = {name: fact(name, 0.0) for name in ("debt_total", "preferred_total")}
    for name in none:
        assert told_of(none[name])[1].annual_obligations == (None, "MISSING_CLAIMS", "")
    assert told_of(*none.values())[1].annual_obligations == (0.0, "", "")


def test_a_total_without_a_rate_is_no_layer_and_no_error() -> None:
    state, stack = told_of(fact("debt_total", 3e9, unit="JPY"), fact("preferred_total", 0.0))
    assert state.debt is not None
    assert stack.layers == ()


def test_obligations_nobody_knows_cover_nothing() -> None:
    assert years_of(100.0, None) == (None, "MISSING_OBLIGATIONS", "")
    assert years_of(None, 50.0) == (None, "MISSING_AMOUNT", "")
    assert years_of(100.0, 0.0) == (None, "NO_OBLIGATIONS", "")
    assert years_of(100.0, 50.0).value == 2.0
    assert months_of_coverage(100.0, None) == (None, "MISSING_OBLIGATIONS", "")
    assert months_of_coverage(100.0, 50.0).value == 24.0
    assert btc_breakeven_arr_pct(None, 100.0) == (None, "MISSING_OBLIGATIONS", "")
    assert btc_breakeven_arr_pct(5.0, 100.0).value == 5.0


def test_claims_covered_to_the_median_of_bitcoin_are_a_toss() -> None:
    """Without drift the median falls by half the variance a year."""
    assert btc_risk(exp(0.125), 1.0, drift=0.0, volatility=0.5) == pytest.approx(0.5)
    assert btc_risk(exp(0.36), 2.0, drift=0.0, volatility=0.6) == pytest.approx(0.5)


def test_without_cash_told_nothing_comes_off_the_claims() -> None:
    assert btc_rating(100.0, 50.0).value == 2.0
    assert btc_floor_price(10.0, 50.0).value == 5.0
    assert btc_floor_price(0.0, 50.0) == (None, "NAV_ZERO", "")
    assert btc_rating(100.0, 50.0, None) == (None, "MISSING_CLAIMS", "")


# -- what may come in ----------------------------------------------------------------------------------------------

FILED = ("ORNG", "shares_basic", None)


@pytest.mark.parametrize(
    ("kind", "dated", "kept_out"),
    [("filing", False, 0), ("issuer", False, 0), ("tracker", False, 1), ("tracker", True, 0)],
)
def test_only_what_a_tracker_repeats_is_superseded(kind: str, dated: bool, kept_out: int) -> None:
    """A filing may say again what an older one said: it is a filing, and speaks. So does a row that carries its own day."""
    history = History(primary=[(*FILED, date(2026, 3, 31), 50e6), (*FILED, date(2026, 6, 30), 52e6)])
    reading = Reading("CIK 0000000099", "shares_basic", 50e6, "shares", date(2026, 9, 30))
    identity = Identity([Listed("ORNG", "Orange Corp", "XNYS", "0000000099", None)], [], {})
    document = Document("made_up", "https://example.org/CIK0000000099.json", b"", datetime(2026, 11, 1, tzinfo=UTC))
    harvest = normalise(Examined([reading], []), document, Publisher("made_up", kind, "companies", "cik", dated=dated), identity, history)  # fmt: skip
    assert len(harvest.kept_out) == kept_out
    assert all("superseded" in one.reason for one in harvest.kept_out)


def test_only_a_first_count_of_all_shares_is_judged_by_what_else_is_told() -> None:
    """Ten thousand founders' shares beside ten million issued are a class; as the whole they are thousands, misread."""
    day = date(2025, 6, 2)
    issued = {("shares_issued", day): 1e7}
    assert History().why_not_first_count("ORNG", "shares_class_b", day, 1e4, issued) is None
    assert History().why_not_first_count("ORNG", "shares_basic", day, 1e4, issued) is not None
    assert History().why_not_first_count("ORNG", "shares_basic", day, 9e6, issued) is None
    assert History().why_not_fact("ORNG", "shares_basic", None, day, 1e4, primary=True, beside=issued) is not None


@pytest.mark.parametrize(
    ("day", "taken"), [(BITCOIN_BEGAN, True), ("2007-12-31", False), ("2026-11-02", True), ("2026-11-03", False)]
)
def test_days_are_taken_from_the_first_of_bitcoin_to_tomorrow(day: str, taken: bool) -> None:
    lines = ["ticker,date,close,source\n", f"ORNG,{day},10,press\n"]
    if taken:
        assert [row["date"] for row in read_sheet(lines, "x.csv", date(2026, 11, 1))[1]] == [day]
    else:
        with pytest.raises(InputError, match=day):
            read_sheet(lines, "x.csv", date(2026, 11, 1))


@pytest.mark.parametrize(("ratio", "doubted"), [(1.85, 0), (2.0, 3), (10.0, 3), (1 / 2.0, 3)])
def test_the_smallest_split_is_a_step_overnight(ratio: float, doubted: int) -> None:
    """2 for 1 on a weekday, calm before and after: in doubt until somebody tells of the split."""
    days = [date(2025, 6, 2) + timedelta(days=ahead) for ahead in range(5)]
    calm = [100.0, 101.0, 100.0 * ratio, 101.0 * ratio, 100.0 * ratio]
    known = [(date(2025, 5, 26) + timedelta(days=ahead), 100.0 + ahead % 2) for ahead in range(5)]
    assert len(doubts(list(zip(days, calm, strict=True)), known, [])) == doubted


def test_a_move_below_a_split_is_no_step_on_the_last_day_of_a_wild_share_either() -> None:
    """It went up by half today, and had once gone from 101 to 250 and stayed there."""
    closes = [100.0, 101.0, 250.0, 251.0, 250.0, 375.0]
    told = [(date(2025, 6, 2) + timedelta(days=ahead), close) for ahead, close in enumerate(closes)]
    assert doubts(told, [(date(2025, 6, 1), 100.0)], []) == {}


@pytest.mark.parametrize(("close", "doubted"), [(1.9, True), (1.89, False)])
def test_a_close_told_again_nearly_doubled_is_another_basis(close: float, doubted: bool) -> None:
    assert (DAY in doubts([(DAY, close)], [(DAY, 1.0)], [])) == doubted


def test_a_rate_in_doubt_is_no_measure_for_the_next() -> None:
    """A euro at 0.862 could be true; beside a yen that is upside down it is not believed, and tomorrow's 1.16 is no step from it."""
    history, today, tomorrow = History(), date(2026, 11, 2), date(2026, 11, 3)
    told = [("EUR", today, 1 / 1.16), ("JPY", today, 1 / YEN)]
    assert set(history.why_not_rates(told)) == {("EUR", today), ("JPY", today)}
    assert history.why_not_rates([("EUR", tomorrow, 1.16), ("JPY", tomorrow, YEN)]) == {}
    assert history.why_not_rate("EUR", tomorrow + timedelta(days=1), 1 / 1.16) is not None


# -- arithmetic ----------------------------------------------------------------------------------------------------


def test_the_rates_of_a_day_are_published_at_four_in_frankfurt() -> None:
    assert rate_moment(date(2025, 6, 2)) == datetime(2025, 6, 2, 14, tzinfo=UTC)
    assert rate_moment(date(2025, 1, 2)) == datetime(2025, 1, 2, 15, tzinfo=UTC)


@pytest.mark.parametrize(("before", "known"), [(0, True), (1, False)])
def test_a_year_opens_with_a_close_of_at_most_ten_days_before(before: int, known: bool) -> None:
    start = pd.Timestamp("2025-01-01")
    index = pd.DatetimeIndex([start - BASE_WITHIN - timedelta(days=before), start + timedelta(days=8)])
    daily = pd.DataFrame({"sats_per_share_assumed": [100.0, 125.0], "split_factor": [1.0, 1.0]}, index=index)
    gained = btc_yields(daily)["btc_yield_ytd_pct"].iloc[-1]
    assert gained == 25.0 if known else np.isnan(gained)


def test_price_to_bitcoin_yield_is_in_years() -> None:
    assert p_byd(2.0, 0.1, 4).value == pytest.approx(log(2) / (4 * log(1.1)))


def test_a_guard_fails_at_nought_and_not_above() -> None:
    values = dict.fromkeys(GUARD_REASONS, 0.5)
    assert failed_guards(values) == []
    assert failed_guards({**values, "btc_nav": 0.0}) == ["NAV_ZERO"]
    assert failed_guards({**values, "net_claims": -1.0}) == ["NO_CLAIMS"]
    assert failed_guards({**values, "net_reserve": None}) == []


def test_a_range_stands_where_one_claim_alone_is_unknown() -> None:
    """Market cap 100, bitcoin 100: with 20 preferred less 10 cash at least 1.10, with 50 stated of debt 1.60."""
    rows = pd.DataFrame(
        {
            "debt": [np.nan, 30.0, 30.0, np.nan, 30.0, np.nan], "preferred": [20.0, np.nan, 20.0, np.nan, 20.0, 20.0],
            "cash": [10.0, 10.0, np.nan, 10.0, 10.0, 10.0], "debt_stated": [50.0, np.nan, np.nan, 50.0, np.nan, 50.0],
            "preferred_stated": [np.nan, 40.0, np.nan, 40.0, np.nan, np.nan], "market_cap": [100.0] * 6,
            "btc_nav": [100.0] * 5 + [0.0],
        }
    )  # fmt: skip
    made = claim_range(rows)
    assert made["mnav_ev_min"].tolist() == pytest.approx([1.1, 1.2, np.nan, np.nan, np.nan, np.nan], nan_ok=True)
    assert made["mnav_ev_max"].tolist() == pytest.approx([1.6, 1.6, 1.5, np.nan, np.nan, np.nan], nan_ok=True)
    assert made["mnav_ev_unclear"].tolist() == ["debt", "preferred", "cash", None, None, None]


def test_only_none_and_nan_are_unknown() -> None:
    assert [unknown(cell) for cell in (None, float("nan"), 0.0, 1.5, 3, "utc")] == [True, True, False, False, False, False]  # fmt: skip


def test_a_negative_number_stands_in_brackets_in_a_formula_and_what_is_swapped_stays_so() -> None:
    inputs: dict[str, float | None] = dict.fromkeys(INPUTS)
    inputs |= {"debt": 5.0, "preferred": 0.0, "cash": 12.0, "btc": 2.0}
    lines = {line.name: line for line in metric_lines(inputs)}
    assert lines["net_claims"].value == -7.0
    assert lines["break_even_btc_price"].numbers == "(-7) / 2"
    halves = {line.name: line for line in metric_lines({**inputs, "cash": 4.5})}
    assert halves["break_even_btc_price"].numbers == "0.5 / 2"
    one = Symbol("a")
    assert [(3 - one).text, (one - 3).text, (3 / one).text] == ["3.0 - a", "a - 3.0", "3.0 / a"]
    assert [(3 + one).text, (3 * one).text] == ["3.0 + a", "3.0 * a"]


# -- what single cells, names and days are read as -----------------------------------------------------------------


def test_a_share_of_no_exchange_is_found_over_the_counter() -> None:
    identity = Identity([Listed("ABCD", "Abcd Inc", None, None, None)], [Alias("ABCD", "ABCD", "symbol", None, None)])
    assert identity.match("OTCMKTS:ABCD", DAY) == Match("ABCD")
    assert isinstance(identity.match("NASDAQ:ABCD", DAY), Stranger)


def test_a_ratio_of_shares_is_the_number_it_says() -> None:
    header = ",".join(SHEETS["share_class"].header)
    cells = {"ticker": "ORNG", "class": "b", "rights": "economic", "ratio": "0.5", "source": "filings"}
    line = ",".join(cells.get(column, "") for column in SHEETS["share_class"].header)
    assert [row["ratio"] for row in read_sheet([header + "\n", line + "\n"], "x.csv")[1]] == [0.5]


def test_the_kernel_knows_no_market_of_a_day_from_the_day_before() -> None:
    """A series that closed yesterday alone counts at nothing known today, by the plain rules and in the kernel."""
    terms = [Instrument("ORNG", "series", "preferred", "USD", ISSUED, stated_amount=100.0)]
    facts = [*BASE, fact("liquidation_preference", 1e8, instrument="series"), fact("preferred_total", 1e8)]
    made = states([ORANGE], terms, [], columns(facts), CLOSES)
    today = DAY.toordinal() - EPOCH
    for age, worth in ((0, 8e7), (1, None)):
        closed, at = DAY - timedelta(days=age), np.array([today - age])
        quotes = replace(market(1e5), listed={("ORNG", "series", "USD", closed): 80.0})
        state = resolve(ORANGE, DAY, facts, terms, [], CLOSES)
        assert inputs_at(state, ORANGE, 15.0, DAY, CLOSES, quotes)["preferred_at_market"] == (
            worth and pytest.approx(worth)
        )
        bitcoin = {"nyse": Series(np.array([today]), np.array([1e5]))}
        prices = Prices(bitcoin, {}, {("ORNG", "series", "USD"): Series(at, np.array([80.0]))})
        valued = value([ORANGE], made, Days(np.array([0]), np.array([today]), np.array([15.0])), prices, CLOSES)
        (kernel,) = valued.preferred_at_market.tolist()
        assert unknown(kernel) if worth is None else kernel == pytest.approx(worth)


def test_a_column_without_a_label_is_called_by_its_name() -> None:
    assert DailyColumn("btc_price", "USD", "").called == "btc price"
    assert DailyColumn("btc_price", "USD", "", label="bitcoin").called == "bitcoin"


def test_what_no_column_holds_lacks_only_where_nothing_else_explains_it() -> None:
    """A row without a column of cash: it lacks where debt and preferred stock are known, and not where debt is what is unknown."""
    assert lacking("net_claims", {"debt": None, "preferred": 1.0}) == ["debt"]
    assert lacking("net_claims", {"debt": 1.0, "preferred": 1.0}) == ["cash"]
    assert lacking("net_claims", {"debt": 1.0}) == ["preferred", "cash"]


def test_a_guard_that_fails_is_named_at_nought_and_not_above() -> None:
    assert lacking("mnav_market_cap", {"market_cap": 1.0, "btc_nav": 0.5}) == []
    assert lacking("mnav_market_cap", {"market_cap": 1.0, "btc_nav": 0.0}) == ["btc_nav not above 0"]


def test_a_close_is_back_at_any_level_believed_within_days_not_only_at_the_first() -> None:
    """Up to 21 in small steps, 60 on a day that is known, 21 again: no step down from 60 that wants a split."""
    days = [date(2025, 6, 2) + timedelta(days=ahead) for ahead in range(6)]
    known = [(days[0], 10.0), (days[4], 60.0)]
    told = list(zip([*days[1:4], days[5]], [13.0, 16.5, 21.0, 21.0], strict=True))
    assert doubts(told, known, []) == {}


def test_a_source_of_ones_own_stands_on_the_first_line_of_its_file() -> None:
    (source, *_) = as_files([], "mine.csv", {})
    assert [(row["id"], row.line) for row in source[1]] == [("user-mine.csv", 1)]


def test_units_count_from_the_day_they_were_granted() -> None:
    granted = DAY - timedelta(days=3)
    terms = [Instrument("ORNG", "units", "rsu", "USD", granted)]
    told = [*BASE, fact("rsu_unvested", 5.0, granted - timedelta(days=9), instrument="units", unit="shares")]
    for day, count in ((granted - timedelta(days=1), 0), (granted, 1)):
        state = resolve(replace(ORANGE, instruments_complete=True), day, told, terms, [], CLOSES)
        assert len(state.awards or ()) == count


def test_a_first_count_beside_nothing_is_judged_by_nothing() -> None:
    assert History().why_not_fact("ORNG", "shares_basic", None, DAY, 1e7, primary=True) is None
    assert History().why_not_fact("ORNG", "shares_basic", None, DAY, 1e7) is None


def test_a_source_was_last_seen_when_it_last_said_something_new() -> None:
    history, first = History(), datetime(2026, 11, 1, tzinfo=UTC)
    for hours, told in ((0, 1.0), (2, 2.0), (1, 3.0), (5, 2.0)):
        history.look("bitbo", "ORNG", "btc_holdings", DAY, told, first + timedelta(hours=hours))
    assert history.looked("bitbo", "ORNG", "btc_holdings") == first + timedelta(hours=2)
    assert history.looked("bitbo", "ORNG", "shares_basic") is None


def test_a_local_minute_is_of_the_whole_day() -> None:
    moments = np.array([int(datetime(2025, 11, 10, 21, 5, tzinfo=UTC).timestamp())])
    assert local_minutes("America/New_York", moments).tolist() == [16 * 60 + 5]


def test_yesterday_is_a_day_ago_and_today_is_not() -> None:
    assert [day_typed(word, DAY, first=False) for word in ("Today", "yesterday")] == [
        str(DAY),
        str(DAY - timedelta(days=1)),
    ]


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [("2025-02", "2025-02-01", "2025-02-28"), ("2025-12", "2025-12-01", "2025-12-31"), ("2024", "2024-01-01", "2024-12-31")],
)  # fmt: skip
def test_a_month_and_a_year_are_their_first_day_or_their_last(typed: str, first: str, last: str) -> None:
    assert (day_typed(typed, DAY, first=True), day_typed(typed, DAY, first=False)) == (first, last)


@pytest.mark.parametrize(
    ("had", "told", "refused"), [(120_000, 250_000, True), (150_000, 260_000, False), (10.0, 90_000, False)]
)
def test_coins_more_than_anybody_ever_bought_must_also_double_what_was_held(
    had: float, told: float, refused: bool
) -> None:
    history = History()
    history.learn("ORNG", "btc_holdings", None, DAY, had)
    assert (history.why_not_at_once("ORNG", told, DAY) is not None) == refused


def test_a_count_in_bounds_of_any_that_was_told_of_the_last_day_is_believed() -> None:
    """One tracker prints the float, another the whole: the whole again is no jump, a tenth of either is one."""
    history = History()
    for had in (5e6, 50e6):
        history.learn("ORNG", "shares_basic", None, DAY - timedelta(days=30), had)
    assert history.why_not_fact("ORNG", "shares_basic", None, DAY, 52e6) is None
    assert history.why_not_fact("ORNG", "shares_basic", None, DAY, 0.4e6) is not None


def test_terms_are_of_the_times_that_contracts_speak_of() -> None:
    assert [term(cell) for cell in ("1900-01-01", "2199-12-31")] == ["1900-01-01", "2199-12-31"]
    for cell in ("1899-12-31", "2200-01-01"):
        with pytest.raises(ValueError, match=cell):
            term(cell)


def test_a_company_is_called_by_its_ticker_and_by_its_number() -> None:
    names = bundled_names()
    assert names["MSTR"] == names["CIK 0001050446"]
    assert "MicroStrategy" in names["MSTR"]


def test_a_year_ago_is_the_close_of_the_same_date() -> None:
    days = pd.DatetimeIndex(["2024-11-08", "2024-11-11", "2024-11-12", "2025-11-11"])
    rows = pd.DataFrame({"sats_per_share_assumed": [100.0, 125.0, 200.0, 250.0], "split_factor": 1.0}, index=days)
    assert btc_yields(rows)["btc_yield_1y_pct"].iloc[-1] == pytest.approx(100.0)


def test_a_year_before_a_leap_day_is_the_first_of_march() -> None:
    days = pd.DatetimeIndex(["2023-02-28", "2023-03-01", "2023-03-31", "2024-02-29"])
    rows = pd.DataFrame({"sats_per_share_assumed": [50.0, 100.0, 200.0, 300.0], "split_factor": 1.0}, index=days)
    assert btc_yields(rows)["btc_yield_1y_pct"].iloc[-1] == pytest.approx(200.0)


def test_a_note_is_explained_by_what_it_does_at_the_price() -> None:
    note = Instrument("ORNG", "note", "convertible", "USD", ISSUED, None, None, 20.0, None)
    state = resolve(ORANGE, DAY, [*BASE, fact("principal", 1e7, instrument="note")], [note], [], CLOSES)
    said = []
    for price in (15.0, 25.0):
        inputs = inputs_at(state, ORANGE, price, DAY, CLOSES, market(1e5))
        said += [line.note for line in input_lines(state, inputs, ORANGE) if line.name == "note"]
    assert said == [
        "USD 10,000,000 at 20: out of the money, a claim",
        "USD 10,000,000 at 20: in the money, 500,000 shares instead of a claim",
    ]


def test_a_note_in_a_currency_without_a_rate_converts_into_nothing_known() -> None:
    """At the price of the day it is in or out of the money by its own currency; what it is worth in dollars nobody knows."""
    note = Instrument("ORNG", "note", "convertible", "JPY", ISSUED, None, None, 2000.0, None)
    facts = [*BASE, fact("principal", 1e9, instrument="note", unit="JPY")]
    made = states([METEOR], [note], [], columns(facts), CLOSES)
    state = resolve(METEOR, DAY, facts, [note], [], CLOSES)
    today = np.array([DAY.toordinal() - EPOCH])
    prices = Prices({"nyse": Series(today, np.array([1e5]))}, {}, {})
    for price in (1_900.0, 2_100.0):
        assert inputs_at(state, METEOR, price, DAY, CLOSES, market(1e5))["debt_itm"] is None
        assert np.isnan(
            value([METEOR], made, Days(np.array([0]), today, np.array([price])), prices, CLOSES).debt_itm[0]
        )


def test_growth_needs_a_value_before_and_its_day() -> None:
    before = DAY - timedelta(days=90)
    assert Aged(100.0, DAY, 50.0).growth() is None
    assert Aged(100.0, DAY, None, before).growth() is None
    assert Aged(100.0, DAY, 10.0, before).growth() == pytest.approx(1.0)


def test_yields_to_date_are_those_of_the_last_row() -> None:
    days = pd.DatetimeIndex(["2024-12-31", "2025-01-02", "2025-03-31", "2025-05-30"])
    rows = pd.DataFrame(
        {"btc": [100.0, 100.0, 120.0, 150.0], "btc_price": 1e5, "sats_per_share_assumed": [100.0, 100.0, 110.0, 125.0], "split_factor": 1.0},
        index=days,
    )  # fmt: skip
    found = to_date(rows)
    assert found["btc_yield_ytd_pct"] == pytest.approx(25.0)
    assert found["btc_gain_ytd"] == pytest.approx(25.0)


def test_gains_to_date_are_those_of_the_last_of_many_years_and_quarters() -> None:
    days = pd.DatetimeIndex(["2022-12-30", "2023-12-29", "2024-03-28", "2024-06-28", "2024-09-30", "2024-12-31", "2025-03-31", "2025-05-30"])  # fmt: skip
    coins = [100.0, 110.0, 115.0, 120.0, 125.0, 130.0, 140.0, 150.0]
    rows = pd.DataFrame({"btc": coins, "btc_price": 1e5, "sats_per_share_assumed": coins, "split_factor": 1.0}, index=days)  # fmt: skip
    found = to_date(rows)
    assert (found["base_btc_ytd"], found["base_btc_qtd"]) == (130.0, 140.0)
    assert found["btc_gain_ytd"] == pytest.approx(20.0)
    assert found["btc_gain_qtd_compound"] == pytest.approx(10.0)
    assert found["btc_gain_qtd_additive"] == pytest.approx(140 * 10 / 130)  # of what the year began with


@pytest.mark.parametrize(
    ("timezone", "hour", "name"),
    [("America/New_York", 16, "nyse"), ("America/New_York", 13, "nyse_1300"), ("Asia/Hong_Kong", 16, "hong_kong")],
)
def test_a_price_is_named_after_its_exchange_and_local_hour(timezone: str, hour: int, name: str) -> None:
    assert named(timezone, hour * 60) == name


def test_a_thousand_per_cent_is_paid_by_somebody() -> None:
    assert per_cent("1000") == 1000.0
    with pytest.raises(ValueError, match=r"1000\.1"):
        per_cent("1000.1")


def test_a_column_that_the_row_has_lacks_whatever_else_is_unknown() -> None:
    assert lacking("net_claims", {"debt": None, "preferred": None, "cash": 1.0}) == ["debt", "preferred"]


def test_the_period_of_a_flow_is_in_its_note() -> None:
    assert period_start_of("from 2025-11-03; sold under the ATM") == "2025-11-03"
    assert period_start_of(None) is None


def test_a_rate_serves_four_days_and_no_fifth() -> None:
    quotes = Market({}, {("JPY", DAY): YEN})
    for age, known in ((4, True), (5, False)):
        day = DAY + timedelta(days=age)
        assert (quotes.rate_at("JPY", datetime(day.year, day.month, day.day, 20, tzinfo=UTC), day) is not None) == known


def test_a_claim_is_unknown_where_any_of_its_parts_has_no_rate() -> None:
    told, yen = Resolved((("USD", 5.0),), DAY, ()), (("JPY", 1.0),)
    parts = [
        replace(told, parts=yen),
        replace(told, added=yen),
        replace(told, repaid=yen),
        replace(told, documented=yen),
    ]
    assert [claim_in_dollars(one, {"USD": 1.0}.get) for one in parts] == [(None, False)] * 4


def test_a_fact_is_known_on_its_day_or_later() -> None:
    header = ",".join(SHEETS["fact"].header)
    cells = {
        "ticker": "ORNG",
        "quantity": "btc_holdings",
        "as_of": "2025-06-02",
        "value": "5",
        "unit": "BTC",
        "source": "filings",
    }
    for known, taken in (("", True), ("2025-06-02", True), ("2025-06-01", False)):
        line = ",".join({**cells, "known_at": known}.get(column, "") for column in SHEETS["fact"].header)
        if taken:
            assert len(read_sheet([header + "\n", line + "\n"], "x.csv")[1]) == 1
        else:
            with pytest.raises(InputError, match="is before as_of"):
                read_sheet([header + "\n", line + "\n"], "x.csv")


def test_shares_sold_of_a_day_and_of_a_period_both_move_the_count() -> None:
    sold = [
        fact("shares_sold", 1e5, DAY - timedelta(days=6), unit="shares"),
        replace(fact("shares_sold", 2e5, DAY - timedelta(days=2), unit="shares"), period_start=DAY - timedelta(days=4)),
    ]
    for told in (sold, sold[::-1]):
        state = resolve(ORANGE, DAY, [*BASE, *told], [], [], CLOSES)
        assert state.shares_basic is not None
        assert state.shares_basic.value == 1e7 + 3e5


def test_a_loan_of_an_unknown_day_of_issue_adds_to_a_total_before_it() -> None:
    loan = Instrument("ORNG", "loan", "loan", "USD")
    later = fact("principal", 5e6, DAY - timedelta(days=2), instrument="loan")
    state = resolve(ORANGE, DAY, [*BASE, fact("debt_total", 1e8), later], [loan], [], CLOSES)
    assert state.debt is not None
    assert state.debt.value == 1.05e8


def test_a_cell_that_runs_over_two_lines_keeps_them_apart(tmp_path: Path) -> None:
    (tmp_path / "sources.csv").write_text('id,kind,title,url,licence_note\nx,press,"one\ntwo",,\n')
    ((_, rows, _),) = reference_sheets(folder=tmp_path)
    assert [row["title"] for row in rows] == ["one\ntwo"]


def test_what_a_market_lists_under_a_symbol_is_an_instrument() -> None:
    identity = Identity([], [], {}, {"STRC": ("MSTR", "strc")})
    assert (identity.listed_instrument("STRC"), identity.listed_instrument("STRX")) == (("MSTR", "strc"), None)


def test_a_dollar_more_than_is_listed_is_a_rounding_and_two_are_debt() -> None:
    note = Instrument("ORNG", "note", "bond", "USD", ISSUED)
    for more, layers in ((1.0, 1), (2.0, 2)):
        facts = [
            *BASE,
            fact("principal", 1e6, instrument="note"),
            fact("debt_total", 1e6 + more),
            fact("preferred_total", 0.0),
        ]
        state = resolve(ORANGE, DAY, facts, [note], [], CLOSES)
        inputs = inputs_at(state, ORANGE, 15.0, DAY, CLOSES, market(1e5))
        assert len(capital_stack(ORANGE, state, inputs, DAY, {"USD": 1.0}.get).layers) == layers


def test_options_struck_in_another_currency_dilute_at_the_rate_of_the_day() -> None:
    options = Instrument("ORNG", "options", "option", "JPY", ISSUED, None, None, 1_000.0, None)
    facts = [*BASE, fact("options_outstanding", 100.0, instrument="options", unit="shares")]
    state = resolve(ORANGE, DAY, facts, [options], [], CLOSES)
    for price, shares in ((13.0, 50.0), (None, None)):
        inputs = {**inputs_at(state, ORANGE, 13.0, DAY, CLOSES, market(1e5, rates={"JPY": YEN})), "price": price}
        (held,) = capital_stack(ORANGE, state, inputs, DAY, {"USD": 1.0, "JPY": YEN}.get).awards
        assert held.shares == (shares and pytest.approx(shares))


def test_a_name_is_borne_from_its_first_day() -> None:
    alias = Alias("ORNG", "Tangerine Corp", "name", DAY, None)
    identity = Identity([Listed("ORNG", "Orange Corp", "XNYS", None, None)], [alias])
    assert identity.match("Tangerine Corp", DAY) == Match("ORNG")
    assert identity.match("Tangerine Corp", DAY - timedelta(days=1)) != Match("ORNG")


def test_a_first_rate_may_be_half_beyond_all_it_ever_was() -> None:
    low, high = rates.EVER["EUR"]
    for rate, doubted in ((low / rates.MARGIN, False), (high * rates.MARGIN, False), (low / rates.MARGIN * 0.99, True)):
        assert (rates.why_not_first("EUR", rate) is not None) == doubted


def test_what_ends_on_the_first_day_of_a_quarter_falls_due_in_it() -> None:
    note = Owed(Instrument("X", "one", "bond", "USD", maturity=date(2026, 4, 1)), 1e6, 0.0, None)
    assert [one.maturities for one in wall([note], date(2026, 1, 1), 0.0, 3, 10.0, 0.0).quarters] == [0.0, 1e6, 0.0]


def test_a_quarter_of_what_was_issued_in_a_year() -> None:
    counts = [(DAY - timedelta(days=366), 100.0), (DAY, 140.0)]
    assert share_issued_a_quarter(counts, DAY) == pytest.approx(0.1)
    assert share_issued_a_quarter(counts[1:], DAY) is None
    assert share_issued_a_quarter([(counts[0][0], 100.0), (DAY, 90.0)], DAY) == 0.0


def test_years_are_of_365_days_and_a_quarter() -> None:
    assert years_between(date(2025, 1, 1), date(2029, 1, 1)) == 4.0


def test_a_hundredfold_of_shares_is_a_jump_of_shares_and_no_count_told_again() -> None:
    history = History()
    history.learn("ORNG", "shares_basic", None, DAY - timedelta(days=30), 1e6, primary=True)
    beside = {("shares_basic", DAY + timedelta(days=30)): 2e8}
    said = history.why_not_fact("ORNG", "shares_basic", None, DAY, 2e8, primary=True, beside=beside)
    assert said is not None
    assert said.startswith("shares_basic jumps")
    assert history.repeats("bitbo", "ORNG", "btc_holdings", None, 5.0) is False
    assert history.repeats("bitbo", "ORNG", "btc_holdings", None, 5.0) is True


def test_a_close_of_london_is_a_local_moment() -> None:
    clock = clock_of("london_1630")
    assert clock is not None
    assert (clock.timezone, clock.time.hour, clock.time.minute) == ("Europe/London", 16, 30)


@pytest.mark.parametrize(
    ("held", "bought", "doubted"), [(100_109.0, 100.0, False), (100_111.0, 100.0, True), (20.9, 20.0, False)]
)
def test_holdings_follow_to_the_coin_or_to_a_ten_thousandth(held: float, bought: float, doubted: bool) -> None:
    history = History()
    history.learn("ORNG", "btc_holdings", None, DAY, 0.0 if held < 100 else 100_000.0, primary=True)
    assert (history.why_not_sum("ORNG", DAY + timedelta(days=7), held, bought) is not None) == doubted


@pytest.mark.parametrize(("days", "asked"), [(26, False), (27, True), (32, True), (33, False)])
def test_a_miners_coins_are_asked_for_month_by_month(days: int, asked: bool) -> None:
    history = History()
    history.learn("ORNG", "btc_holdings", None, DAY, 1_000.0, primary=True)
    said = history.why_not_sum("ORNG", DAY + timedelta(days=days), 5_000.0, 0.0, 100.0)
    assert (said is not None) == asked


@pytest.mark.parametrize(("before", "known"), [(MEDIAN_FEWEST, True), (MEDIAN_FEWEST - 1, False)])
def test_a_median_is_of_a_year_of_sessions_at_least(before: int, known: bool) -> None:
    closes = [(DAY - timedelta(days=ago), 1.0 + ago / 1_000) for ago in range(before, -1, -1)]
    found = newest_against_past(closes)
    assert found is not None
    assert (found.middle is not None) == known


@pytest.mark.parametrize("price", [50_000.0, 200_000.0])
def test_a_lone_price_is_told_between_its_first_and_last_neighbour(price: float) -> None:
    start = datetime(2025, 6, 2, tzinfo=UTC)
    told = [(start + timedelta(days=at), close) for at, close in enumerate((1e5, 101e3, price, 102e3, 103e3))]
    assert list(lone_prices(told).values()) == [f"bitcoin at {price:,.0f} between 100,000 and 103,000: alone there"]


def test_of_what_was_told_of_a_day_the_most_is_what_a_company_had() -> None:
    history = History()
    for had in (10.0, 100_000.0):
        history.learn("ORNG", "btc_holdings", None, DAY, had)
    assert history.why_not_at_once("ORNG", 150_000.0, DAY) is None


def test_every_currency_is_worth_what_it_ever_was() -> None:
    for currency, (low, high) in rates.EVER.items():
        assert low <= high
        assert rates.why_not_first(currency, (low + high) / 2) is None


def test_a_second_source_says_the_same_within_two_per_cent() -> None:
    """Doubled overnight: another source that stands five per cent away, in doubt itself, confirms nothing."""
    days = [DAY + timedelta(days=ahead) for ahead in range(4)]
    known = [(DAY - timedelta(days=ahead), 100.0 + ahead % 2) for ahead in range(1, 9)]
    told = [(day, close) for day, close in zip(days, (200.0, 201.0, 200.0, 201.0), strict=True)]
    for other, count in ((201.0, 0), (210.0, 4)):
        doubted = {day: [Doubted("another", other, DAY)] for day in days}
        assert len(doubts(told, known, [], doubted, "one")) == count


def test_a_strike_in_dollars_is_not_met_by_a_price_in_a_currency_without_a_rate() -> None:
    facts = [*BASE, fact("principal", 1e7, instrument="note")]
    state = resolve(METEOR, DAY, facts, [DOLLAR_NOTE], [], CLOSES)
    inputs = inputs_at(state, METEOR, 1_600.0, DAY, CLOSES, market(1e5))
    assert inputs["dilutive_shares"] is None
    assert inputs["debt_itm"] is None


def test_what_is_documented_and_what_was_told_are_the_same_at_the_days_rate() -> None:
    bond = Instrument("ORNG", "bond", "bond", "JPY", ISSUED)
    facts = [*BASE, fact("principal", 6e9, instrument="bond", unit="JPY"), fact("debt_total", 6e9 * YEN, kind="press")]
    made = states([ORANGE], [bond], [], columns(facts), CLOSES)
    today = np.array([DAY.toordinal() - EPOCH])
    prices = Prices({"nyse": Series(today, np.array([1e5]))}, {"JPY": Series(today - 1, np.array([YEN]))}, {})
    valued = value([ORANGE], made, Days(np.array([0]), today, np.array([15.0])), prices, CLOSES)
    assert (valued.money["debt"].tolist(), valued.raised["debt"].tolist()) == ([pytest.approx(6e9 * YEN)], [0])


def test_a_series_in_euros_is_at_market_in_dollars() -> None:
    """€100m at 80 for a hundred and $10m at 90: 1.2 dollars a euro make 96 and 9 million of 130."""
    terms = [
        Instrument("ORNG", "stre", "preferred", "EUR", ISSUED, stated_amount=100.0),
        Instrument("ORNG", "strc", "preferred", "USD", ISSUED, stated_amount=100.0),
    ]
    told = [
        fact("liquidation_preference", 1e8, instrument="stre", unit="EUR"),
        fact("liquidation_preference", 1e7, instrument="strc"),
        fact("preferred_total", 1.3e8),
    ]
    listed = {("ORNG", "stre", "EUR", DAY - timedelta(days=1)): 80.0, ("ORNG", "strc", "USD", DAY): 90.0}
    quotes = replace(market(1e5, rates={"EUR": 1.2}), listed=listed)
    state = resolve(ORANGE, DAY, [*BASE, *told], terms, [], CLOSES)
    assert inputs_at(state, ORANGE, 15.0, DAY, CLOSES, quotes)["preferred_at_market"] == pytest.approx(1.05e8)


def test_doubted_holdings_and_doubted_shares_are_left_out_each_for_itself() -> None:
    made, today = states([ORANGE], [], [], columns(BASE), CLOSES), np.array([DAY.toordinal() - EPOCH])
    prices = Prices({"nyse": Series(today, np.array([1e5]))}, {}, {})
    valued = value([ORANGE], made, Days(np.array([0]), today, np.array([15.0])), prices, CLOSES)
    for doubted, known in ((0, (True, True)), (1, (False, True)), (2, (True, False))):
        shown = input_columns(made, replace(valued, doubted=np.array([doubted])))
        assert tuple(not np.isnan(shown[name].iloc[0]) for name in ("btc", "shares_basic")) == known
