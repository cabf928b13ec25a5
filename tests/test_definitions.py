"""What each publisher's definition gives, when it held, and what stands where it gives nothing (the edge matrix)."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from made import CLOSES, DAY, ORANGE, fact, market

from db import daily, open_database, prices
from db.reads import views
from scripts.definitions import definitions
from treasury.claims.capital_stack import capital_stack
from treasury.claims.credit import (
    VOLATILITY_2025,
    VOLATILITY_2026,
    btc_breakeven_arr_pct,
    btc_credit_bp,
    btc_floor_price,
    btc_rating,
    btc_risk,
    months_of_coverage,
    years_of,
)
from treasury.instruments import Award, Convertible
from treasury.known.resolve import resolve
from treasury.metrics.btc_yield import (
    is_tiny_base,
    months_to_cover,
    quarterly_gains,
    yearly_gains,
)
from treasury.metrics.definition_range import band
from treasury.metrics.metric import evaluate
from treasury.metrics.row_wise import INPUTS
from treasury.model import Fact, Instrument
from treasury.publishers.definition import Definition, Subject
from treasury.publishers.definitions import BY_ID, DEFINITIONS
from treasury.publishers.price_at_one import Terms, par_price_diluted, price_at_one, terms
from treasury.valuation.inputs import inputs_at

# -- the table -----------------------------------------------------------------------------------------------------


def test_every_id_is_one_of_a_kind() -> None:
    assert len(BY_ID) == len(DEFINITIONS)


def own(ticker: str, day: date) -> list[str]:
    return [one.id for one in DEFINITIONS if one.own_mnav and one.issuer == ticker and one.in_force(day)]


@pytest.mark.parametrize(
    ("day", "definition"),
    [
        (date(2020, 8, 11), "strategy-basic-2020"),
        (date(2024, 12, 30), "strategy-basic-2020"),
        (date(2024, 12, 31), "strategy-ev-2025"),
        (date(2026, 6, 29), "strategy-ev-2025"),
        (date(2026, 6, 30), "strategy-net-2026"),
        (date(2026, 8, 21), "strategy-net-2026"),
    ],
)
def test_just_one_of_strategys_three_eras_is_in_force(day: date, definition: str) -> None:
    assert own("MSTR", day) == [definition]


def test_the_view_names_the_definition_in_force(read: sqlite3.Connection) -> None:
    rows = read.execute(
        "SELECT ticker, definition_version, min(date) AS first, max(date) AS last FROM mnav_daily"
        " WHERE definition_version IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 3"
    ).fetchall()
    assert [tuple(row) for row in rows] == [
        ("3350.T", "metaplanet-ev", "2024-04-01", "2026-09-30"),
        ("MSTR", "strategy-basic-2020", "2020-08-03", "2024-12-30"),
        ("MSTR", "strategy-ev-2025", "2024-12-31", "2026-06-29"),
        ("MSTR", "strategy-net-2026", "2026-06-30", "2026-08-31"),
    ]


def test_a_definition_speaks_of_its_own_issuer_and_time_only() -> None:
    subject = Subject(ORANGE, DAY, {})
    assert BY_ID["strategy-ev-2025"].on(subject).reason == "NOT_ITS_ISSUER"
    theirs = replace(subject, company=replace(ORANGE, ticker="MSTR"), day=date(2024, 1, 2))
    assert BY_ID["strategy-ev-2025"].on(theirs).reason == "NOT_IN_FORCE"


def values_of(reference_db: Path, ticker: str, day: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in definitions(open_database(reference_db), ticker, day)[1]}


def test_strategys_day_in_november_2025(reference_db: Path) -> None:
    """The view's six multiples under their publishers' names; 1.35 % and 74 years as published (docs/metrics.md 1.7)."""
    found = values_of(reference_db, "MSTR", "2025-11-28")
    assert found["strategy-ev-2025"]["value"] == pytest.approx(1.133, abs=0.0005)  # as docs/metrics.md 1.2 works it out
    db = open_database(reference_db)
    ours = daily(db, "MSTR", ["btc_price"], since="2025-11-28", until="2025-11-28")["btc_price"].item()
    theirs = prices(db, "BTC", "strategy")["2025-11-28"]  # they were published on the page's own price
    assert found["strategy-breakeven-arr"]["value"] * ours / theirs == pytest.approx(1.35, abs=0.005)
    assert found["strategy-btc-duration"]["value"] * theirs / ours == pytest.approx(74, abs=0.5)
    assert "strategy-months-of-coverage" not in found  # the reserve was announced on 1 December
    # known at the last close of 2024; the 447,470 of 31 December were filed on 6 January
    assert found["strategy-btc-gain-ytd"]["note"] == "on 446,400 BTC"
    assert (found["defillama-realistic"]["value"], found["defillama-realistic"]["reason"]) == (
        None,
        "MISSING_GAAP_DILUTED_COUNT",
    )
    assert (found["theblock-mnav"]["value"], found["theblock-mnav"]["reason"]) == (None, "FORMULA_UNPUBLISHED")


def test_months_of_coverage_on_the_day_of_the_reserve(reference_db: Path) -> None:
    """Published as 21 months, truncated (8-K of 2025-12-01)."""
    found = values_of(reference_db, "MSTR", "2025-12-01")["strategy-months-of-coverage"]["value"]
    assert int(found) == 21


def test_what_lacks_is_named(reference_db: Path) -> None:
    found = values_of(reference_db, "SMLR", "2026-01-14")
    assert (found["bitcointreasuries-ev"]["value"], found["bitcointreasuries-ev"]["reason"]) == (
        None, "MISSING_PREFERRED",
    )  # fmt: skip
    assert found["bitcointreasuries-basic"]["value"] > 0


@pytest.mark.parametrize("ticker", ["MSTR", "3350.T", "XXI", "ASST", "MARA"])
def test_every_definition_has_a_value_or_a_reason_and_every_price_at_par_is_par(
    reference_db: Path, ticker: str
) -> None:
    for row in definitions(open_database(reference_db), ticker, None, everything=True)[1]:
        assert (row["value"] is None) == bool(row["reason"]), row["id"]
        assert row["value"] is None or np.isfinite(row["value"]), row["id"]


# -- the edge matrix (docs/metrics.md 9) -----------------------------------------------------------------------------------

SERIES = Instrument("ORNG", "series", "preferred", "USD", date(2025, 1, 2), rate_pct=8.0)
FACTS = {
    "btc": fact("btc_holdings", 100.0),
    "shares": fact("shares_basic", 1e6),
    "debt": fact("debt_total", 1e6),
    "preferred": fact("liquidation_preference", 2e6, instrument="series"),
    "cash": fact("cash", 0.5e6),
}


def subject(
    without: str = "", btc_price: float | None = 100_000.0, complete: bool = True, **changed: Fact
) -> tuple[Subject, dict[str, Any]]:
    """A company at $15 a share whose facts are FACTS, one of them left out or some changed."""
    facts = [one for name, one in (FACTS | changed).items() if name != without]
    company = replace(ORANGE, instruments_complete=complete)
    instruments = [SERIES]
    state = resolve(company, DAY, facts, instruments, [], CLOSES)
    at = market(btc_price) if btc_price is not None else replace(market(1.0), bitcoin={})
    inputs = inputs_at(state, company, 15.0, DAY, CLOSES, at)
    stack = capital_stack(company, state, inputs, DAY, {"USD": 1.0}.get)
    fixings = {} if btc_price is None else {"utc": btc_price}
    return Subject(company, DAY, inputs, stack_of=lambda: stack, fixings=fixings), evaluate(inputs)


def answer(id_: str, of: Subject) -> tuple[float | None, str]:
    """The answer of a definition as if it spoke of this company and day."""
    one: Definition = replace(BY_ID[id_], issuer=None, since=None, until=None)
    return one.on(of)[:2]


MULTIPLES = ("bitcointreasuries-basic", "bitcointreasuries-ev", "strategy-net-2026")


def test_the_plain_case_has_all_of_it() -> None:
    """V $10m, cap $15m, debt 1, preferred 2, cash 0.5: EV 17.5, net reserve 7.5."""
    of, values = subject()
    assert [answer(one, of)[0] for one in MULTIPLES] == pytest.approx([1.5, 1.75, 2.0])
    assert values["implied_premium_usd"] == pytest.approx(7.5e6)
    assert answer("strategy-rating-2025", of)[0] == pytest.approx(10 / 3)
    assert answer("strategy-rating-2026", of)[0] == pytest.approx(4.0)
    assert answer("cebe-sats-per-share-gross", of)[0] == pytest.approx(7000)  # 100 − 30 bitcoin on a million shares
    assert answer("cebe-sats-per-share", of)[0] == pytest.approx(7500)  # 100 − 25: the cash pays for five of the thirty
    assert answer("strive-accretion-premium", of)[0] == pytest.approx(50)


def test_no_bitcoin() -> None:
    of, values = subject(btc=fact("btc_holdings", 0.0))
    assert [answer(one, of) for one in MULTIPLES[:2]] == [(None, "NAV_ZERO")] * 2
    assert answer("strategy-net-2026", of) == (None, "NET_RESERVE_NONPOSITIVE")
    assert values["implied_premium_usd"] == values["enterprise_value"] == pytest.approx(17.5e6)
    assert answer("strategy-rating-2025", of) == (0.0, "")


def test_no_bitcoin_price() -> None:
    of, values = subject(btc_price=None)
    for one in MULTIPLES:
        assert answer(one, of) == (None, "MISSING_PRICE")
    assert values["implied_premium_usd"] is None
    assert answer("strategy-rating-2025", of) == (None, "MISSING_NAV")


def test_no_share_count() -> None:
    of, _ = subject(without="shares")
    for one in MULTIPLES:
        assert answer(one, of) == (None, "MISSING_SHARES")
    assert answer("strategy-rating-2025", of)[0] == pytest.approx(10 / 3)


@pytest.mark.parametrize(("left_out", "code"), [("cash", "MISSING_CASH"), ("debt", "MISSING_DEBT")])
def test_a_claim_or_the_cash_is_not_known(left_out: str, code: str) -> None:
    of, values = subject(without=left_out, complete=False, preferred=fact("preferred_total", 2e6))
    assert answer("bitcointreasuries-basic", of)[0] == pytest.approx(1.5)
    assert answer("bitcointreasuries-ev", of) == (None, code)
    assert code in answer("strategy-net-2026", of)[1]
    assert values["implied_premium_usd"] is None


def test_net_reserve_below_zero() -> None:
    of, values = subject(debt=fact("debt_total", 9e6))
    assert answer("strategy-net-2026", of) == (None, "NET_RESERVE_NONPOSITIVE")
    assert answer("cebe-net-mnav", of) == (None, "NET_RESERVE_NONPOSITIVE")
    assert answer("nydig-equity-premium", of) == (None, "NET_RESERVE_NONPOSITIVE")
    assert answer("bitcointreasuries-ev", of)[0] == pytest.approx(2.55)
    assert values["net_reserve"] == pytest.approx(-0.5e6)


def test_net_reserve_of_exactly_zero() -> None:
    of, values = subject(debt=fact("debt_total", 8.5e6))
    assert values["net_reserve"] == 0.0
    assert answer("strategy-net-2026", of) == (None, "NET_RESERVE_NONPOSITIVE")


def test_an_enterprise_value_below_zero_is_shown_as_it_is() -> None:
    of, _ = subject(cash=fact("cash", 28e6))
    assert answer("bitcointreasuries-ev", of)[0] == pytest.approx(-1.0)


def test_cash_above_the_claims() -> None:
    of, _ = subject(cash=fact("cash", 4e6))
    assert answer("strategy-rating-2026", of) == (None, "NO_CLAIMS")
    assert answer("strategy-rating-2025", of)[0] == pytest.approx(10 / 3)  # gross of cash there are claims


def test_no_obligations() -> None:
    of, _ = subject(debt=fact("debt_total", 0.0), preferred=fact("liquidation_preference", 0.0, instrument="series"))
    for one in ("strategy-usd-duration", "strategy-btc-duration", "strategy-breakeven-arr"):
        assert answer(one, of) == (None, "NO_OBLIGATIONS")
    assert answer("strategy-rating-2025", of) == (None, "NO_CLAIMS")
    assert answer("strategy-floor-price", of) == (None, "NO_CLAIMS")


def test_no_opening_value() -> None:
    of, _ = subject()
    assert answer("strategy-btc-yield-ytd", of) == (None, "NO_BASE")
    assert answer("strategy-btc-gain-ytd", of) == (None, "NO_BASE")


def test_months_to_cover_at_its_edges() -> None:
    assert months_to_cover(0.8, 0.1, 12)[:2] == (0.0, "")
    assert months_to_cover(1.0, -0.1, 12)[:2] == (0.0, "")
    assert months_to_cover(1.5, 0.0, 12)[:2] == (None, "NEVER")
    assert months_to_cover(1.5, -0.2, 12)[:2] == (None, "NEVER")


def test_unknown_is_not_none_owed() -> None:
    assert btc_rating(1.0, None).reason == "MISSING_CLAIMS"
    assert btc_rating(1.0, 1.0, None).reason == "MISSING_CLAIMS"
    assert btc_floor_price(None, 1.0).reason == "MISSING_BTC"
    assert btc_floor_price(0.0, 1.0).reason == "NAV_ZERO"
    assert years_of(None, 1.0).reason == "MISSING_AMOUNT"
    assert months_of_coverage(1.0, None).reason == "MISSING_OBLIGATIONS"
    assert btc_breakeven_arr_pct(1.0, 0.0).reason == "NAV_ZERO"


# -- risk ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rating", "years", "volatility", "risk_pct", "credit"),
    [(5, 10, VOLATILITY_2025, 13.09, 140.3), (4, 8, VOLATILITY_2026, 8.59, 112.2)],
)
def test_the_issuers_own_examples_of_risk_and_credit(
    rating: float, years: float, volatility: float, risk_pct: float, credit: float
) -> None:
    risk = btc_risk(rating, years, volatility=volatility)
    assert risk * 100 == pytest.approx(risk_pct, abs=0.005)
    assert btc_credit_bp(risk, years) == pytest.approx(credit, abs=0.05)


# -- break-evens, fed back -----------------------------------------------------------------------------------------

MADE_OF = {one.multiple.metric for one in DEFINITIONS if one.multiple}
CLAIMS = st.lists(st.tuples(st.floats(1e4, 1e7), st.floats(0.5, 60.0), st.booleans()), max_size=4)
AWARDS = st.lists(st.tuples(st.floats(1e3, 1e6), st.one_of(st.none(), st.floats(0.5, 60.0))), max_size=3)


@pytest.mark.slow
@given(CLAIMS, AWARDS, st.floats(1e6, 1e9), st.floats(0, 1e7), st.floats(0, 1e8))
def test_the_price_at_par_fed_back_is_par(
    notes: list[tuple[float, float, bool]], awards: list[tuple[float, float | None]], nav: float, straight: float, cash: float
) -> None:  # fmt: skip
    convertibles = [
        Convertible(f"n{at}", "convertible", "USD", amount, strike, net)
        for at, (amount, strike, net) in enumerate(notes)
    ]
    held = [Award(f"a{at}", "option", "USD", count, strike) for at, (count, strike) in enumerate(awards)]
    coming = terms(convertibles, held, {"USD": 1.0})
    debt, shares = straight + sum(one.principal for one in convertibles), 1e6

    def at(price: float) -> dict[str, Any]:
        both: tuple[Convertible | Award, ...] = (*convertibles, *held)
        dilutive = sum(one.shares_at(price) for one in both)
        itm = sum(one.principal - one.claim_at(price) for one in convertibles)
        known = {
            "price": price, "fx": 1.0, "btc_price": 1.0, "btc": nav, "shares_basic": shares, "dilutive_shares": dilutive,
            "shares_assumed_diluted": 2e6, "debt": debt, "preferred": 0.0, "cash": cash, "debt_itm": itm, "preferred_itm": 0.0,
            "preferred_at_market": 0.0,
        }  # fmt: skip
        return evaluate({name: known.get(name) for name in INPUTS})

    claims = debt - cash
    assume(abs(nav - claims) > 1e-4 * nav)  # a difference of nearly equal numbers keeps too few digits to compare
    for name in {*MADE_OF, "mnav_diluted", "mnav_ev_diluted"} - {"mnav_full_nav", "mnav_ev_tav"}:
        price = price_at_one(name, at(1.0), coming)
        if price.value is None:
            assert price.reason == ("STEP" if name == "mnav_diluted" else "NET_RESERVE_NONPOSITIVE"), name
            assert name == "mnav_diluted" or nav <= claims
        else:
            assert at(price.value)[name] == pytest.approx(1.0, rel=1e-9), name


def test_a_diluted_multiple_may_jump_over_par() -> None:
    """A note of $100 at 10 on 100 shares: $1,000 at the price of 10, $1,100 just above; $1,050 is never reached."""
    note = [Terms(10.0, 10.0, debt=True)]
    assert par_price_diluted(100.0, note, 1050.0, None) == (None, "STEP", "")
    assert par_price_diluted(100.0, note, 1050.0, 100.0).value == pytest.approx(9.5)
    assert par_price_diluted(100.0, note, 1210.0, None).value == pytest.approx(11.0)


DOLLARS = st.just(0.0) | st.floats(0.01, 1e9)  # nobody owes less than a cent


@given(st.floats(1.0, 1e6), st.floats(1.0, 1e9), DOLLARS, DOLLARS, DOLLARS, st.floats(1, 1e3))
def test_bitcoin_prices_that_break_even_do(
    btc: float, shares: float, debt: float, preferred: float, cash: float, price: float
) -> None:
    known = {
        "price": price,
        "fx": 1.0,
        "btc": btc,
        "shares_basic": shares,
        "debt": debt,
        "preferred": preferred,
        "cash": cash,
    }
    one = evaluate({name: ({"btc_price": 1.0} | known).get(name) for name in INPUTS})
    implied, even = one["implied_btc_price"], one["break_even_btc_price"]
    if implied > 0:
        again = evaluate({name: ({"btc_price": implied} | known).get(name) for name in INPUTS})
        assert again["mnav_ev"] == pytest.approx(1.0, rel=1e-9)
    if even is not None:
        assert btc_rating(btc * even, debt + preferred, cash).value == pytest.approx(1.0, rel=1e-6)
    floor = btc_floor_price(btc, debt + preferred).value
    if floor is not None:
        assert btc_rating(btc * floor, debt + preferred).value == pytest.approx(1.0, rel=1e-9)


# -- gains ---------------------------------------------------------------------------------------------------------


def frame(**ends: tuple[float, float]) -> pd.DataFrame:
    """Quarter ends ("q2024_12_31") with sats per share and bitcoin, bitcoin at $100,000."""
    days = [name[1:].replace("_", "-") for name in ends]
    sats, btc = zip(*ends.values(), strict=True)
    return pd.DataFrame(
        {"sats_per_share_assumed": sats, "btc": btc, "btc_price": 100_000.0, "split_factor": 1.0},
        index=pd.DatetimeIndex(days),
    )


YEAR = frame(q2025_12_31=(100.0, 1000.0), q2026_03_31=(110.0, 1200.0), q2026_06_30=(121.0, 1500.0))


def test_compound_quarters_multiply_and_additive_ones_add_up_to_the_year() -> None:
    compound, additive = quarterly_gains(YEAR, "compound"), quarterly_gains(YEAR, "additive_ytd")
    assert compound["btc_yield_pct"].tolist()[1:] == pytest.approx([10.0, 10.0])
    assert additive["btc_yield_pct"].tolist()[1:] == pytest.approx([10.0, 11.0])
    (year,) = yearly_gains(YEAR)["btc_yield_pct"].tolist()[1:]
    assert year == pytest.approx(21.0)


def test_gains_keep_their_base_and_do_not_add_up() -> None:
    """Q2 is 11 % of the 1,200 bitcoin at its start; the year 21 % of 1,000."""
    additive, year = quarterly_gains(YEAR, "additive_ytd"), yearly_gains(YEAR)
    assert additive["base_btc"].tolist()[1:] == [1000.0, 1200.0]
    assert additive["btc_gain"].tolist()[1:] == pytest.approx([100.0, 132.0])
    assert year["btc_gain"].iloc[-1] == pytest.approx(210.0)
    assert year["btc_gain_usd"].iloc[-1] == pytest.approx(21e6)
    assert np.isnan(additive["btc_yield_pct"].iloc[0])  # no base


def test_a_split_in_the_quarter_makes_no_yield() -> None:
    split = YEAR.assign(sats_per_share_assumed=[100.0, 11.0, 12.1], split_factor=[1.0, 10.0, 10.0])
    assert quarterly_gains(split, "compound")["btc_yield_pct"].tolist()[1:] == pytest.approx([10.0, 10.0])


def test_a_missing_quarter_is_no_base() -> None:
    gap = YEAR.drop(pd.Timestamp("2026-03-31"))
    assert np.isnan(quarterly_gains(gap, "compound")["btc_yield_pct"].iloc[-1])


def test_a_yield_from_almost_nothing_is_marked() -> None:
    """Under one per cent of today's bitcoin: 40 of 2,800 is just above it."""
    assert not is_tiny_base(40, 2800)
    assert is_tiny_base(27, 2800)


# -- the band ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_band_of_the_view_is_that_of_the_frame(reference_db: Path) -> None:
    db = open_database(reference_db)
    kinds = set()
    for ticker in ("MSTR", "3350.T", "MARA", "CLSK", "XXI", "SMLR", "ABTC"):
        daily = views.daily(db, ticker)
        expected = band(daily)
        for name in ("mnav_low", "mnav_high"):
            np.testing.assert_allclose(daily[name].astype(float), expected[name], rtol=1e-12)
        theirs = [None if one is None or one != one else one for one in daily["issuing_zone"]]
        assert theirs == expected["issuing_zone"].tolist(), ticker
        kinds |= set(theirs)
    assert kinds == {"accretive", "dilutive", "between", None}


def test_a_band_over_what_is_known() -> None:
    nan = float("nan")
    names = ("mnav_market_cap", "mnav_diluted", "mnav_assumed_diluted", "mnav_ev", "mnav_ev_diluted", "mnav_net")
    rows = [
        (0.58, 0.73, nan, 0.79, nan, nan),
        (0.9, 1.1, nan, nan, nan, nan),
        (nan,) * 6,
        (1.2, nan, nan, 1.4, nan, 2.0),
    ]
    found = band(pd.DataFrame(rows, columns=list(names)))
    assert found["mnav_low"].tolist()[:2] == [0.58, 0.9]
    assert found["mnav_high"].tolist()[3] == 2.0
    assert found["issuing_zone"].tolist() == ["dilutive", "between", None, "accretive"]
    assert np.isnan(found["mnav_low"].iloc[2])
