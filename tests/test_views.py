"""The views, which are the public interface: names, units, unknowns, and the same numbers as the metrics' own arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_up import DAYS, closes, company, empty, facts, ground, sheet, store
from sqlite_utils import Database

from db import daily, latest, open_database
from db.derived import at_close
from db.derived.valuations import rebuild
from db.tables.store import retract
from db.tables.transaction import writing
from treasury.metrics.metric import METRICS, evaluate
from treasury.metrics.over_time import btc_yields
from treasury.metrics.row_wise import INPUTS

# the promise of DESIGN.md section 3, typed out: a renamed or moved column breaks people's queries
PROMISED = (
    """
ticker, date, price, price_currency, price_usd, btc_price, btc_fixing, btc, shares_basic, shares_diluted, shares_assumed_diluted, debt,
preferred, cash, debt_otm, preferred_otm, market_cap, market_cap_diluted, enterprise_value, btc_nav, net_reserve,
mnav_market_cap, mnav_diluted, mnav_assumed_diluted, mnav_ev, mnav_ev_diluted, mnav_net, implied_premium_usd, implied_premium_pct,
equity_premium_pct, sats_per_share, sats_per_share_diluted, sats_per_share_assumed, leverage, claims_ratio, amplification,
btc_yield_ytd_pct, btc_yield_qtd_pct, btc_yield_1y_pct, cost_basis, unrealised_gain_usd, break_even_btc_price,
btc_age_days, shares_age_days, claims_age_days, known_assumed, missing, reason
""".replace("\n", " ")
    .strip()
    .split(", ")
)
PROMISED = [name.strip() for name in PROMISED]

FRIDAY = "2025-01-10"
LAST_OF_2024 = "2024-12-31"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Database]:
    """Bitcoin at 100,000 USD and a yen at 0.01 USD on every day; no company yet."""
    db = empty(tmp_path / "mnav.db")
    ground(db)
    yield db
    db.close()


@pytest.fixture(scope="module")
def reference(reference_db: Path) -> Iterator[Database]:
    db = open_database(reference_db)
    yield db
    db.close()


# A company worked out by hand. It bought 4 of its 20 bitcoin in January. Its note converts at 4 and its shares trade at 5.
STATED = {
    "btc_holdings": ("2024-12-20 2024-12-21 16 BTC", "2025-01-05 2025-01-06 20 BTC"),
    "shares_basic": ("2024-12-15 2024-12-16 500000 shares",),
    "shares_assumed_diluted": ("2024-12-15 2024-12-16 640000 shares",),
    "debt_total": ("2024-12-01 2024-12-16 300000 USD",),  # the note included
    "principal/note": ("2024-12-01 2024-12-16 100000 USD",),
    "rsu_unvested/units": ("2024-12-01 2024-12-16 75000 shares",),
    "preferred_total": ("2024-12-05 2024-12-16 100000 USD",),
    "cash": ("2024-12-10 2024-12-16 200000 USD",),
    "btc_cost_basis": ("2025-01-05 2025-01-06 1500000 USD",),
}
INSTRUMENTS = (
    "{0},note,convertible,{1},2024-06-01,2030-06-01,,,,{2},,,,,,,filings",
    "{0},units,rsu,{1},2024-06-01,,,,,,,,,,,,filings",
)


def make(
    db: Database, ticker: str = "ONE", *, currency: str = "USD", mic: str = "XNAS", scale: float = 1, price: float = 5, kind: str = "treasury",
    complete: str = "yes", days: tuple[str, ...] = (LAST_OF_2024, *DAYS), **changes: tuple[str, ...],
) -> dict[str, object]:  # fmt: skip
    """Store and value the company, with some of STATED replaced; its row of 10 January."""
    stated = STATED | {name.replace("__", "/"): rows for name, rows in changes.items()}
    rows = [f"{quantity} {row}" for quantity, many in stated.items() for row in many]
    if currency != "USD":
        rows = [scaled(row, currency, scale) for row in rows]
    store(
        db,
        company(ticker, currency=currency, mic=mic, kind=kind, complete=complete),
        sheet("instrument", *(row.format(ticker, currency, 4 * scale) for row in INSTRUMENTS)),
        facts(ticker, *rows),
        closes(ticker, price * scale, days),
    )
    rebuild(db)
    return row_of(db, ticker, days[-1])


def scaled(row: str, currency: str, scale: float) -> str:
    quantity, as_of, known_at, value, unit = row.split()
    return f"{quantity} {as_of} {known_at} {float(value) * scale} {currency}" if unit == "USD" else row


def row_of(db: Database, ticker: str, day: str) -> dict[str, object]:
    (row,) = db.query("SELECT * FROM mnav_daily WHERE ticker = ? AND date = ?", [ticker, day])
    return row


BY_HAND = {
    "ticker": "ONE",
    "date": FRIDAY,
    "price": 5,
    "price_currency": "USD",
    "price_usd": 5,
    "btc_price": 100_000,
    "btc_fixing": "utc",
    "btc": 20,
    "shares_basic": 500_000,
    "shares_diluted": 600_000,  # 25,000 of the note, 75,000 units
    "shares_assumed_diluted": 640_000,
    "debt": 300_000,
    "preferred": 100_000,
    "cash": 200_000,
    "debt_otm": 200_000,
    "preferred_otm": 100_000,
    "market_cap": 2_500_000,
    "market_cap_diluted": 3_000_000,
    "enterprise_value": 2_700_000,
    "btc_nav": 2_000_000,
    "net_reserve": 1_900_000,
    "mnav_market_cap": 1.25,
    "mnav_diluted": 1.5,
    "mnav_assumed_diluted": 1.6,
    "mnav_ev": 1.35,
    "mnav_ev_diluted": 1.55,
    "mnav_net": 30 / 19,
    "implied_premium_usd": 700_000,
    "implied_premium_pct": 35,
    "equity_premium_pct": 1100 / 19,
    "sats_per_share": 4000,
    "sats_per_share_diluted": 10_000 / 3,
    "sats_per_share_assumed": 3125,
    "leverage": 0.15,
    "claims_ratio": 0.2,
    "amplification": 20 / 19,
    "btc_yield_ytd_pct": 25,  # from 16 to 20 bitcoin on the same shares
    "btc_yield_qtd_pct": 25,
    "btc_yield_1y_pct": None,
    "cost_basis": 1_500_000,
    "unrealised_gain_usd": 500_000,
    "break_even_btc_price": 10_000,
    "btc_age_days": 5,
    "shares_age_days": 26,
    "claims_age_days": 40,
    "known_assumed": 0,
    "missing": None,
    "reason": None,
    "fx": 1,
    "split_factor": 1,
    "mnav_low": 1.25,
    "mnav_high": 1.6,
    "issuing_zone": "accretive",
    "definition_version": None,
    "sats_per_share_claims_adjusted": 3200,  # 4 of the 20 bitcoin go to debt and preferred stock
    "mnav_ev_low": None,  # one count of shares tells no rate
    "mnav_ev_high": None,
    "mnav_ev_doubt": None,
    "cost_age_days": 5,  # from 2025-01-05, as the holdings
    "cost_of_holdings": 1_500_000,
    "award_age_days": 40,  # units counted on 2024-12-01
    "net_claims": 200_000,
    "loan_to_value": 0.05,  # 300,000 of debt less 200,000 of cash over 2,000,000
    "equity_nav": 1_800_000,
    "mnav_claims_adjusted": 25 / 18,
    "equity_rating": 0.72,
    "net_btc_per_share": 19 / 6,
    "implied_btc_price": 135_000,
    "dilutive_shares": 100_000,
    "btc_price_at": "2025-01-10T00:00:00Z",
    "preferred_at_market": None,  # no series of it has a price
    "enterprise_value_at_market": None,
    "mnav_ev_at_market": None,
    "implied_premium_at_market_usd": None,
    "debt_stated": None,  # a total is known
    "preferred_stated": None,
    "mnav_ev_min": None,  # mnav_ev itself is known
    "mnav_ev_max": None,
    "mnav_ev_unclear": None,
    "volume": None,  # no source of its closes tells it
}


# -- names and units -----------------------------------------------------------------------------------------------


def columns(db: Database, view: str) -> list[str]:
    return [name for name, *_ in db.execute(f"SELECT * FROM {view} LIMIT 0").description]


def test_the_promised_columns_come_first_and_in_their_order(reference: Database) -> None:
    found = columns(reference, "mnav_daily")
    assert found[: len(PROMISED)] == PROMISED
    assert len(set(found)) == len(found)
    assert set(found) == set(BY_HAND), "a new column needs its hand-worked value here"


def test_mnav_latest_has_every_column_of_mnav_daily(reference: Database) -> None:
    assert set(columns(reference, "mnav_latest")) == {
        *columns(reference, "mnav_daily"),
        "name",
        "kind",
        "country",
        "stale",
        "grade",
    }


def test_every_unit_by_an_example_worked_out_by_hand(world: Database) -> None:
    row = make(world)
    for name, value in BY_HAND.items():
        assert row[name] == (pytest.approx(value, rel=1e-12) if isinstance(value, int | float) else value), name


def test_a_company_in_yen_has_the_same_ratios_and_dollars(world: Database) -> None:
    row = make(world, currency="JPY", mic="XTKS", scale=100)
    own = {"price": 500, "price_currency": "JPY", "fx": 0.01}
    for name, value in (BY_HAND | own).items():
        assert row[name] == (pytest.approx(value, rel=1e-12) if isinstance(value, int | float) else value), name


def test_a_note_out_of_the_money_is_debt_and_no_shares(world: Database) -> None:
    row = make(world, price=3)
    assert (row["shares_diluted"], row["debt_otm"]) == (575_000, 300_000)
    assert row["net_reserve"] == 1_800_000


def test_a_date_is_text_of_ten_characters(reference: Database) -> None:
    odd = "SELECT count(*) FROM mnav_daily WHERE typeof(date) <> 'text' OR date <> strftime('%Y-%m-%d', date)"
    assert reference.execute(odd).fetchone() == (0,)


# -- unknown is not zero -------------------------------------------------------------------------------------------

NONE_OF_IT = ("mnav_market_cap", "mnav_diluted", "mnav_assumed_diluted", "mnav_ev", "mnav_ev_diluted", "mnav_net")


def test_zero_bitcoin_has_a_premium_and_no_multiple(world: Database) -> None:
    row = make(world, btc_holdings=("2024-12-20 2024-12-21 0 BTC",))
    assert row["reason"] == "COST_OF_ANOTHER_DAY NAV_ZERO NET_RESERVE_NONPOSITIVE NO_BASE"
    assert row["missing"] is None
    assert (row["btc"], row["btc_nav"], row["implied_premium_usd"]) == (0, 0, 2_700_000)
    nothing = (*NONE_OF_IT, "leverage", "implied_premium_pct", "break_even_btc_price", "btc_yield_ytd_pct")
    assert {name: row[name] for name in nothing} == dict.fromkeys(nothing)


def test_claims_above_the_bitcoin_leave_no_net_multiple_but_an_ev_multiple(world: Database) -> None:
    row = make(world, debt_total=("2024-12-01 2024-12-16 2300000 USD",))
    assert row["reason"] == "NET_RESERVE_NONPOSITIVE"
    assert row["net_reserve"] == -100_000
    assert (row["mnav_net"], row["amplification"], row["equity_premium_pct"]) == (None, None, None)
    assert row["mnav_ev"] == pytest.approx(2.35)


def test_a_convertible_in_the_money_that_counts_as_debt_can_leave_no_equity_nav(world: Database) -> None:
    """2.25m of debt and preferred, 0.2m of cash: 50,000 short with the note of 100,000 as debt, 50,000 left with it as shares."""
    row = make(world, debt_total=("2024-12-01 2024-12-16 2150000 USD",))
    assert (row["equity_nav"], row["net_reserve"]) == (-50_000, 50_000)
    assert row["reason"] == "EQUITY_NAV_NONPOSITIVE"
    assert (row["mnav_claims_adjusted"], row["mnav_net"]) == (None, 60)


def test_cash_above_the_claims_has_no_break_even(world: Database) -> None:
    row = make(world, cash=("2024-12-10 2024-12-16 400000 USD",))
    assert (row["reason"], row["break_even_btc_price"]) == ("NO_CLAIMS", None)
    assert row["mnav_ev"] == pytest.approx(1.25)


def test_without_a_fresh_bitcoin_price_nothing_is_priced_in_it(world: Database) -> None:
    late = (LAST_OF_2024, *DAYS, "2025-01-14", "2025-01-15")
    row = make(world, days=late)  # the last UTC close is that of the 10th: five days before the 15th
    assert (row["reason"], row["missing"], row["btc_price"], row["btc_fixing"]) == (
        "MISSING_PRICE",
        "btc_price",
        None,
        None,
    )
    assert row["btc_nav"] is None
    assert (row["market_cap"], row["btc"], row["btc_yield_ytd_pct"]) == (2_500_000, 20, 25)
    assert row_of(world, "ONE", "2025-01-14")["btc_price"] == 100_000


def test_without_a_fresh_rate_nothing_is_in_dollars(world: Database) -> None:
    row = make(world, currency="JPY", mic="XTKS", scale=100, days=(LAST_OF_2024, *DAYS, "2025-01-20"))
    assert (row["reason"], row["missing"]) == ("MISSING_PRICE", "btc_price usd_per_unit")
    in_dollars = ("price_usd", "market_cap", "debt", "preferred", "cash", "cost_basis", "enterprise_value", *NONE_OF_IT)
    assert {name: row[name] for name in in_dollars} == dict.fromkeys(in_dollars)
    assert (row["price"], row["btc"]) == (500, 20)


def test_without_shares_there_is_no_market_cap(world: Database) -> None:
    row = make(world, shares_basic=())
    assert (row["reason"], row["missing"]) == ("MISSING_SHARES", "shares_basic")
    nothing = ("market_cap", "enterprise_value", "implied_premium_usd", "sats_per_share", "shares_diluted", "shares_age_days", "mnav_market_cap", "mnav_ev")  # fmt: skip
    assert {name: row[name] for name in nothing} == dict.fromkeys(nothing)
    assert (row["btc_nav"], row["mnav_assumed_diluted"], row["btc_yield_ytd_pct"]) == (2_000_000, 1.6, 25)


@pytest.mark.parametrize(
    ("quantity", "amount", "code", "column", "age"),
    [("btc_holdings", "20 BTC", "STALE_BTC", "btc", "btc_age_days"), ("shares_basic", "500000 shares", "STALE_SHARES", "shares_basic", "shares_age_days")],
)  # fmt: skip
def test_what_is_older_than_400_days_is_not_used(
    world: Database, quantity: str, amount: str, code: str, column: str, age: str
) -> None:
    at_most, too_old = (date.fromisoformat(FRIDAY) - timedelta(days=days) for days in (400, 401))
    given: dict[str, Any] = {quantity: (f"{too_old} {too_old} {amount}",)}
    row = make(world, "OLD", **given)
    assert code in str(row["reason"]).split()
    assert (row[column], row["mnav_market_cap"], row[age]) == (None, None, 401)
    given = {quantity: (f"{at_most} {at_most} {amount}",)}
    row = make(world, "YOUNG", **given)
    assert code not in str(row["reason"]).split()
    assert (row[column], row[age]) == (float(amount.split()[0]), 400)


def test_a_spac_holds_no_bitcoin_before_its_merger(world: Database) -> None:
    row = make(world, kind="spac")
    assert (row["reason"], row["btc"], row["mnav_ev"], row["market_cap"]) == ("SPAC_PENDING", None, None, 2_500_000)


def test_debt_at_its_carrying_value_is_used_and_said(world: Database) -> None:
    row = make(world, complete="", debt_total=(), debt_carrying=("2024-12-01 2024-12-16 290000 USD",))
    assert (row["reason"], row["missing"]) == ("DEBT_AT_CARRYING", "instruments")
    assert (row["debt"], row["mnav_ev"]) == (290_000, 1.345)
    assert (row["shares_diluted"], row["mnav_diluted"], row["mnav_net"]) == (None, None, None)


@pytest.mark.parametrize(
    ("quantity", "column"), [("debt_total", "debt"), ("preferred_total", "preferred"), ("cash", "cash")]
)
def test_without_a_claim_known_there_is_a_market_multiple_and_no_ev(
    world: Database, quantity: str, column: str
) -> None:
    none: dict[str, Any] = {quantity: ()}
    row = make(world, complete="", **none)
    assert quantity in str(row["missing"]).split()
    assert (row[column], row["enterprise_value"], row["mnav_ev"], row["break_even_btc_price"]) == (
        None,
        None,
        None,
        None,
    )
    assert row["mnav_market_cap"] == 1.25


def test_without_a_close_before_the_year_there_is_no_yield(world: Database) -> None:
    row = make(world, days=DAYS)
    assert (row["reason"], row["btc_yield_ytd_pct"], row["btc_yield_qtd_pct"]) == ("NO_BASE", None, None)
    assert row["mnav_ev"] == 1.35


@pytest.mark.parametrize(
    ("day", "ytd"), [("2024-12-22", 25), ("2024-12-21", None)]
)  # ten days before the year, and eleven
def test_the_base_of_a_yield_lies_at_most_ten_days_before_its_period(
    world: Database, day: str, ytd: float | None
) -> None:
    row = make(world, days=(day, *DAYS))
    assert row["btc_yield_ytd_pct"] == ytd
    assert row["reason"] == (None if ytd else "NO_BASE")


def test_a_price_before_anything_was_known_is_a_row_of_unknowns(world: Database) -> None:
    make(world, days=("2024-12-02", *DAYS))
    row = row_of(world, "ONE", "2024-12-02")
    everything = (
        "btc_holdings shares_basic shares_assumed_diluted instruments debt_total preferred_total cash btc_cost_basis"
    )
    assert (row["missing"], row["reason"]) == (f"{everything} btc_price", "MISSING_SHARES MISSING_PRICE")
    known = {"ticker", "date", "price", "price_currency", "price_usd", "fx", "split_factor", "missing", "reason"}
    assert {name for name, value in row.items() if value is not None} == known


def test_a_day_that_nobody_stated_is_marked_as_assumed(world: Database) -> None:
    row = make(world, cash=("2024-12-10 - 200000 USD",))
    assert (row["known_assumed"], row["cash"]) == (1, 200_000)


# -- the view and the metrics are one arithmetic -------------------------------------------------------------------


@pytest.mark.slow
def test_every_metric_of_every_row_is_what_python_makes_of_the_stored_inputs(reference: Database) -> None:
    stored = "v.price, m.fx, m.btc_price, s.btc, s.shares_basic, v.dilutive_shares, s.shares_assumed_diluted, v.debt, v.preferred, v.cash, v.debt_itm, v.preferred_itm, v.cost_basis, v.preferred_at_market, v.debt_stated, v.preferred_stated"
    stored = stored.replace("s.btc", "iif(v.doubted & 1, NULL, s.btc) AS btc")
    for name in ("s.shares_basic", "s.shares_assumed_diluted"):
        stored = stored.replace(name, f"iif(v.doubted & 2, NULL, {name}) AS {name[2:]}")
    stored += ", iif(instr(s.reason, 'COST_OF_ANOTHER_DAY'), NULL, v.cost_basis) AS cost_of_holdings"
    inputs = pd.read_sql_query(
        f"SELECT {stored} FROM valuation v JOIN company c ON c.id = v.company_id{at_close.JOIN} LEFT JOIN state s ON s.id = v.state ORDER BY c.ticker, v.date",
        reference.conn,
    ).astype(float)
    view = pd.read_sql_query("SELECT * FROM mnav_daily ORDER BY ticker, date", reference.conn)
    assert set(inputs.columns) == set(INPUTS)
    assert len(view) == len(inputs) > 10_000
    wanted = evaluate({str(name): inputs[name] for name in inputs})
    compared = [name for name in METRICS if name in view]
    assert compared == list(METRICS), "every row-wise metric is a column"
    for name in compared:
        np.testing.assert_allclose(view[name].astype(float), wanted[name], rtol=1e-12, err_msg=name)
        assert view[name].notna().any(), name


@pytest.mark.slow
def test_the_yields_of_the_view_are_those_of_the_series(reference: Database) -> None:
    names = ["btc_yield_ytd_pct", "btc_yield_qtd_pct", "btc_yield_1y_pct"]
    known = dict.fromkeys(names, 0)
    for (ticker,) in reference.execute(
        "SELECT ticker FROM company WHERE id IN (SELECT company_id FROM valuation)"
    ).fetchall():
        frame = daily(reference, ticker, ["sats_per_share_assumed", "split_factor", *names])
        wanted = btc_yields(frame)
        for name in names:
            np.testing.assert_allclose(
                frame[name].astype(float), wanted[name], rtol=1e-9, atol=1e-9, err_msg=f"{ticker} {name}"
            )
            known[name] += int(frame[name].notna().sum())
    assert all(count > 100 for count in known.values()), known


@pytest.mark.slow
def test_no_metric_of_the_reference_data_is_infinite(reference: Database) -> None:
    view = pd.read_sql_query("SELECT * FROM mnav_daily", reference.conn).select_dtypes("number")
    assert not np.isinf(view.to_numpy()).any()


def test_every_unknown_multiple_says_why(reference: Database) -> None:
    silent = "SELECT count(*) FROM mnav_daily WHERE (mnav_ev IS NULL OR mnav_market_cap IS NULL) AND missing IS NULL AND reason IS NULL"
    assert reference.execute(silent).fetchone() == (0,)


# -- mnav_latest ---------------------------------------------------------------------------------------------------


def test_the_latest_row_of_each_company_and_whether_it_was_left_behind(world: Database) -> None:
    last = {"NEW": FRIDAY, "WEEK": "2025-01-03", "OLD": "2025-01-02", "GONE": FRIDAY, "LEAVES": FRIDAY}
    ends = {"GONE": "2025-01-08", "LEAVES": "2025-02-01"}
    for ticker, day in last.items():
        store(
            world,
            company(ticker, active_to=ends.get(ticker, "")),
            closes(ticker, 5, ["2025-01-02", day] if day > "2025-01-02" else [day]),
        )
    rebuild(world)
    rows = world.execute("SELECT ticker, date, stale FROM mnav_latest ORDER BY ticker").fetchall()
    assert rows == [("LEAVES", FRIDAY, 0), ("NEW", FRIDAY, 0), ("OLD", "2025-01-02", 1), ("WEEK", "2025-01-03", 0)]
    assert row_of(world, "GONE", "2025-01-02")["price"] == 5
    assert world.execute(
        "SELECT count(*) FROM mnav_daily WHERE ticker = 'GONE' AND date >= '2025-01-08'"
    ).fetchone() == (0,)


@pytest.mark.slow
def test_latest_of_the_reference_data_is_the_last_row_of_each_history(reference: Database) -> None:
    frame = latest(reference)
    assert frame.index.is_unique
    merged = {
        ticker for (ticker,) in reference.execute("SELECT ticker FROM company WHERE active_to IS NOT NULL").fetchall()
    }
    assert "SMLR" in merged, "merged into Strive in January 2026"
    newest = dict(reference.execute("SELECT ticker, max(date) FROM mnav_daily GROUP BY ticker").fetchall())
    assert dict(frame["date"]) == {ticker: day for ticker, day in newest.items() if ticker not in merged}
    for name in ("btc", "price", "mnav_ev", "btc_yield_ytd_pct"):
        stored = {one: row_of(reference, one, newest[one])[name] for one in frame.index}
        np.testing.assert_array_equal(frame[name].astype(float), pd.Series(stored)[frame.index].astype(float))


# -- speed, as the plan tells it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM mnav_latest",
        "SELECT ticker, mnav_ev FROM mnav_latest ORDER BY btc_nav DESC LIMIT 20",
        "SELECT * FROM mnav_daily WHERE ticker = 'MSTR' ORDER BY date",
        "SELECT date, mnav_ev FROM mnav_daily WHERE ticker = 'MSTR' AND date BETWEEN '2025-01-01' AND '2025-12-31'",
        "SELECT * FROM mnav_daily WHERE ticker = 'MSTR' ORDER BY date DESC LIMIT 1",
        "SELECT * FROM mnav_daily WHERE date = '2025-11-07'",
        "SELECT * FROM mnav_daily WHERE date = '2025-11-07' ORDER BY btc_nav DESC LIMIT 20",
        "SELECT mnav_ev FROM mnav_daily WHERE ticker = 'MSTR' AND date = '2025-11-07'",
        "SELECT * FROM holdings",
    ],
)
def test_a_typical_read_walks_through_no_whole_table(reference: Database, sql: str) -> None:
    plan = [detail for *_, detail in reference.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()]
    assert any(step.startswith("SEARCH") for step in plan)
    whole = [
        step
        for step in plan
        if step.startswith("SCAN") and step.split()[1] not in ("c", "k", "company", "newest", "of_exchange")
    ]  # some hundred companies, and a row an exchange that says its newest day
    assert whole == [], plan


# -- holdings, purchases, revisions, disagreements -----------------------------------------------------------------


def test_holdings_are_the_facts_that_speak_now_with_their_source(world: Database) -> None:
    make(world)
    store(world, company("GONE", active_to="2025-01-08"), facts("GONE", "btc_holdings 2024-12-20 2024-12-21 7 BTC"))
    rebuild(world)
    (row,) = world.query("SELECT * FROM holdings")
    wanted = {
        "ticker": "ONE",
        "btc": 20,
        "as_of": "2025-01-05",
        "known_at": "2025-01-06",
        "source": "Form 8-K",
        "url": "https://example.org/8-k",
    }
    assert {name: row[name] for name in wanted} == wanted


def test_holdings_of_the_reference_data_lead_to_their_source(reference: Database) -> None:
    rows = list(reference.query("SELECT * FROM holdings"))
    assert len({row["ticker"] for row in rows}) == len(rows) > 150
    assert all(row["source"] and 0 <= row["btc"] < 21e6 for row in rows)
    assert not [row for row in rows if row["ticker"] == "SMLR"]


def test_purchases_add_up_as_they_go(world: Database) -> None:
    store(
        world,
        company("ONE"),
        sheet(
            "purchase",
            "ONE,2025-01-08,,,-3,,,,sold,filings",
            "ONE,2025-01-06,2024-12-30,2025-01-05,5,500000,USD,,,filings",
            "ONE,2025-01-06,2024-12-23,2024-12-29,10,1000000,USD,100000,,filings",
        ),
    )
    rows = world.execute(
        "SELECT btc, btc_bought_so_far, source FROM purchases WHERE ticker = 'ONE' ORDER BY announced_on, period_end"
    ).fetchall()
    assert rows == [(10, 10, "Form 8-K"), (5, 15, "Form 8-K"), (-3, 12, "Form 8-K")]


def test_purchases_of_the_reference_data_add_up_company_by_company(reference: Database) -> None:
    rows = reference.execute(
        "SELECT ticker, btc, btc_bought_so_far FROM purchases ORDER BY ticker, announced_on, period_end"
    ).fetchall()
    assert len(rows) > 150
    for ticker, own in groupby(rows, key=lambda row: row[0]):
        _, bought, so_far = zip(*own, strict=True)
        assert so_far == pytest.approx(list(accumulate(bought)), abs=1e-6), ticker


def test_revisions_tell_what_appeared_changed_and_was_withdrawn(world: Database) -> None:
    store(
        world,
        company("ONE"),
        facts(
            "ONE",
            "btc_holdings 2025-01-01 2025-01-02 10 BTC",
            "btc_holdings 2025-01-05 2025-01-06 12 BTC",
            "cash 2025-01-01 2025-01-02 1 USD",
        ),
        facts("ONE", "btc_holdings 2025-01-06 2025-01-07 12 BTC", source="press"),
        facts("ONE", "btc_holdings 2025-01-07 2025-01-08 999 BTC", source="press"),
    )
    (wrong,) = world.execute("SELECT id FROM fact WHERE value = 999").fetchone()
    with writing(world):
        retract(world, wrong, "2025-01-09", "a typing error")
    rebuild(world)
    told = world.execute(
        "SELECT date, what, old, new, source FROM revisions WHERE quantity = 'btc_holdings' ORDER BY date"
    ).fetchall()
    # each counts from the first close after the day it became known; the press, confirming or not, changes nothing here
    assert told == [
        ("2025-01-03", "appeared", None, 10, "filings"),
        ("2025-01-07", "changed", 10, 12, "filings"),
        ("2025-01-09", "withdrawn", 999, None, "press"),
    ]
    assert world.execute("SELECT note FROM revisions WHERE what = 'withdrawn'").fetchone() == ("a typing error",)


def test_disagreements_are_sources_that_differ_about_one_day_by_more_than_half_a_per_cent(world: Database) -> None:
    store(
        world,
        company("ONE"),
        facts("ONE", "btc_holdings 2025-01-01 2025-01-02 1000 BTC", "cash 2025-01-01 2025-01-02 1000 USD", "cash 2025-01-03 2025-01-04 5 USD"),
        facts("ONE", "btc_holdings 2025-01-01 2025-01-02 1010 BTC", "cash 2025-01-01 2025-01-02 1004 USD", "cash 2025-01-03 2025-01-04 5 USD", source="press"),
    )  # fmt: skip
    (row,) = world.query("SELECT * FROM disagreements")
    assert (row["quantity"], row["value"], row["other_value"], row["other_source"]) == (
        "btc_holdings",
        1000,
        1010,
        "press",
    )
    assert row["difference_pct"] == pytest.approx(1)
    assert (row["verdict"], row["rule"], row["judged_on"], row["age_days"]) == (
        "disagreement",
        "same day",
        "2025-01-02",
        1,
    )


def test_the_columns_of_disagreements_are_the_promised_ones_and_appended_ones(reference: Database) -> None:
    assert columns(reference, "disagreements") == [
        "ticker", "instrument", "quantity", "as_of", "value", "unit", "source", "other_value", "other_source", "difference_pct", "url", "other_url",
        "other_as_of", "other_unit", "source_kind", "other_source_kind", "known_at", "other_known_at", "age_days", "other_age_days", "judged_on",
        "verdict", "rule", "why",
    ]  # fmt: skip


def test_disagreements_of_the_reference_data(reference: Database) -> None:
    """Of one day a few; of trackers that show an older or another number than was filed, or stand alone, more."""
    rows = list(reference.query("SELECT * FROM disagreements"))
    assert all(row["source"] != row["other_source"] and row["verdict"] != "agrees" for row in rows)
    same_day = [row for row in rows if row["rule"] == "same day"]
    assert {(row["ticker"], row["quantity"], row["as_of"]) for row in same_day} == {
        ("3350.T", "btc_yield_published_pct", "2024-09-30"), ("3350.T", "btc_yield_published_pct", "2024-12-31"),
        ("3350.T", "shares_basic", "2024-04-23"), ("H100.ST", "btc_holdings", "2025-05-22"), ("H100.ST", "shares_basic", "2025-07-02"),
    }  # fmt: skip
    assert all(abs(row["difference_pct"]) > 0.5 for row in same_day)
    assert len(rows) - len(same_day) == 108
