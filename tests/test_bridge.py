"""The bridge: terms sum to the whole on every company, the issuer's own series comes out of its page's inputs, and the known weeks are explained."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from made import CLOSES, DAY, ORANGE, fact, market
from sqlite_utils import Database

from db import open_database
from db.feeds.published import published_numbers
from db.reads import views
from db.reads.published_multiple import bridged, definition_series, issuer_series, subject
from treasury.claims.capital_stack import capital_stack
from treasury.known.resolve import resolve
from treasury.model import Fact, Instrument
from treasury.publishers.bridge import Bridge, bridge
from treasury.publishers.compared import tally
from treasury.publishers.definition import STRATEGY, UTC, Definition, Multiple, Subject
from treasury.publishers.definitions import BY_ID, DEFINITIONS, WALKABLE, definition_meant
from treasury.publishers.issuer_gap import DELTAS, distribution
from treasury.publishers.issuer_page import CASH_QUANTITY, Page, Shown, page_at
from treasury.publishers.printed import half_step
from treasury.valuation.inputs import inputs_at

EXACT = 1e-9
ISSUED = date(2025, 1, 2)
# 100 BTC at $100,000; 1m shares at $15; a note of $1m in the money for 100,000 shares, $2m of other debt, $1m preferred, $0.5m cash
INSTRUMENTS = [
    Instrument("ORNG", "note", "convertible", "USD", ISSUED, None, None, 10.0, None, "physical"),
    Instrument("ORNG", "loan", "loan", "USD", ISSUED),
    Instrument("ORNG", "series-a", "preferred", "USD", ISSUED),
    Instrument("ORNG", "units", "rsu", "USD", ISSUED),
]
FACTS = {
    "btc": fact("btc_holdings", 100.0),
    "shares": fact("shares_basic", 1e6),
    "assumed": fact("shares_assumed_diluted", 1.2e6),
    "debt": fact("debt_total", 3e6),
    "note": fact("principal", 1e6, instrument="note"),
    "loan": fact("principal", 1.5e6, instrument="loan"),
    "series": fact("liquidation_preference", 1e6, instrument="series-a"),
    "units": fact("rsu_unvested", 50_000.0, instrument="units"),
    "cash": fact("cash", 5e5),
}
PAGE = Page(
    "page",
    None,
    Shown(990_000.0, date(2025, 5, 1), "shares"),
    Shown(3e6, DAY, "USD"),
    Shown(1e6, DAY, "USD"),
    Shown(4e5, DAY, "USD"),
)
FIXINGS = {STRATEGY: 100_000.0, UTC: 125_000.0}


def stands(
    page: Page | None = PAGE,
    changes: Mapping[str, Fact] | None = None,
    without: str = "",
    price: float = 15.0,
    btc_price: float = 100_000.0,
    **changed: Fact,
) -> Subject:
    facts = [one for name, one in (FACTS | dict(changes or {}) | changed).items() if name != without]
    state = resolve(ORANGE, DAY, facts, INSTRUMENTS, [], CLOSES)
    inputs = inputs_at(state, ORANGE, price, DAY, CLOSES, market(btc_price))
    stack = capital_stack(ORANGE, state, inputs, DAY, {"USD": 1.0}.get)
    return Subject(ORANGE, DAY, inputs, stack_of=lambda: stack, page=page, fixings=FIXINGS, fixing="nyse")


def to(name: str, subject: Subject) -> Bridge:
    """The bridge to a definition as if it spoke of this company and day."""
    return bridge(replace(BY_ID[name], issuer=None, since=None, until=None), subject)


def terms(made: Bridge) -> dict[str, float]:
    return {one.term: round(one.delta, 12) for one in made.terms}


def test_strategys_walk_by_hand() -> None:
    """Basic 1.5; + 0.05 not itemised + 0.1 + 0.15 of debt + 0.1 preferred − 0.05 cash = 1.85; its page: + 0.01 cash − 0.015 shares = 1.845."""
    made = to("strategy-ev-2025", stands())
    assert made.start == pytest.approx(1.5)
    assert terms(made) == {
        "debt: not itemised": 0.05, "debt: loan": 0.15, "debt: note": 0.1, "preferred: series-a": 0.1, "cash": -0.05,
        "cash vintage": 0.01, "share-count date": -0.015,
    }  # fmt: skip
    assert made.total == made.value == pytest.approx(1.845)
    assert "990,000" in next(one.note for one in made.terms if one.term == "share-count date")


def test_the_price_the_holdings_and_the_bitcoin_of_a_page_are_terms() -> None:
    """16 × 1m + 3.5m over 110 × 90,000; ours 15 × 1m + 3.5m over 100 × 100,000."""
    page = Page("page", Shown(110.0, DAY, "BTC"), None, None, None, None, Shown(16.0, DAY, "USD"))
    subject = replace(stands(page), fixings={STRATEGY: 90_000.0})
    made = to("strategy-ev-2025", subject)
    assert made.total == pytest.approx(19.5e6 / 9.9e6)
    assert [one.input for one in made.terms if one.input] == ["btc", "price", "btc_price"]
    assert made.terms[-1].term == "bitcoin at 24:00 New York instead of the close"


def test_nydigs_walk_by_hand() -> None:
    """Diluted cap 17.25m over 10m + 0.5m − 2m other debt − 1m preferred = 7.5m: the note is shares and no claim."""
    made = to("nydig-equity-premium", stands())
    assert made.total == pytest.approx(2.3)
    assert made.value == pytest.approx(130.0)
    found = terms(made)
    assert "debt: note" not in found
    assert found["diluted shares: note"] == pytest.approx(0.15)
    assert found["diluted shares: units"] == pytest.approx(0.075)


def test_trackers_price_bitcoin_by_the_utc_day() -> None:
    assert to("defillama-realized", stands()).total == pytest.approx(15e6 / 12.5e6)
    assert to("defillama-maximum", stands()).total == pytest.approx(18e6 / 12.5e6)
    assert to("bitcointreasuries-ev", stands()).total == pytest.approx(18.5e6 / 12.5e6)


def test_what_is_unknown_is_named_and_gives_no_total() -> None:
    made = to("cebe-net-mnav", stands(without="cash"))
    assert (made.start, made.terms, made.total, made.missing, made.reason) == (
        None,
        (),
        None,
        ("cash",),
        "MISSING_CASH",
    )
    assert to("defillama-realized", stands(without="cash")).total is not None
    assert to("strategy-ev-2025", stands(without="cash")).total == pytest.approx(
        1.845
    )  # its page says which cash it nets
    under = to("cebe-net-mnav", stands(debt=fact("debt_total", 3e7)))
    assert (under.total, under.reason) == (None, "NET_RESERVE_NONPOSITIVE")
    assert to("bitcointreasuries-ev", stands(btc=fact("btc_holdings", 0.0))).reason == "NAV_ZERO"
    assert to("theblock-mnav", stands()).reason == "FORMULA_UNPUBLISHED"
    assert bridge(BY_ID["strategy-ev-2025"], stands()).reason == "NOT_ITS_ISSUER"


def test_a_walk_may_pass_where_there_is_no_multiple() -> None:
    """Claims of 12m over 10m of bitcoin, with 4m cash: below nought until the cash is counted; those steps go together."""
    rich = {
        "debt": fact("debt_total", 11e6),
        "loan": fact("principal", 10e6, instrument="loan"),
        "cash": fact("cash", 4e6),
    }
    made = to("cebe-net-mnav", stands(changes=rich))
    assert made.total == pytest.approx(15e6 / 2e6)
    assert made.terms[-1].term == "debt: loan, debt: note, preferred: series-a, cash"


AMOUNTS = st.floats(0.0, 2e7)


@pytest.mark.slow
@given(
    AMOUNTS,
    AMOUNTS,
    AMOUNTS,
    AMOUNTS,
    st.floats(0.01, 500.0),
    st.floats(1.0, 1e6),
    st.sampled_from(sorted(FACTS)),
    st.booleans(),
)
def test_a_bridge_arrives_at_its_definition_for_any_company(
    debt: float, loan: float, series: float, cash: float, price: float, btc_price: float, without: str, known: bool
) -> None:
    """The law: start + terms = total = the definition's value, or neither has one."""
    amounts = {
        "debt": fact("debt_total", debt), "loan": fact("principal", loan, instrument="loan"), "cash": fact("cash", cash),
        "series": fact("liquidation_preference", series, instrument="series-a"),
    }  # fmt: skip
    subject = stands(
        PAGE if known else None, without=without if known else "", price=price, btc_price=btc_price, changes=amounts
    )
    for definition in WALKABLE:
        holds(replace(definition, issuer=None, since=None, until=None), subject)


def holds(definition: Definition, subject: Subject) -> Bridge:
    """Asserts the law for one definition and subject; the walk's own arithmetic and the metric's meet to a billionth."""
    answer, made = definition.on(subject), bridge(definition, subject)
    assert made.value == answer.value
    assert (made.total is None) == (answer.value is None)
    if made.total is None or answer.value is None:
        assert made.reason == answer.reason != ""
        return made
    shown = (made.total - 1) * 100 if definition.unit == "%" else made.total
    scale = max(abs(made.start or 1.0), *(abs(one.multiple) for one in made.terms), 1.0)
    assert shown == pytest.approx(answer.value, rel=EXACT, abs=EXACT * scale * 100)
    if made.start is not None:
        assert made.start + sum(one.delta for one in made.terms) == pytest.approx(
            made.total, rel=EXACT, abs=EXACT * scale
        )
    return made


def test_a_publisher_alone_means_its_definition_in_force() -> None:
    days = {
        "2024-06-03": "strategy-basic-2020",
        "2024-12-31": "strategy-ev-2025",
        "2026-06-29": "strategy-ev-2025",
        "2026-06-30": "strategy-net-2026",
    }
    assert {day: definition_meant("strategy", date.fromisoformat(day)).id for day in days} == days
    names = ("metaplanet", "bitcointreasuries", "bitbo", "defillama", "nydig", "strive")
    assert [definition_meant(name, DAY).id for name in names] == [
        "metaplanet-ev", "bitcointreasuries-ev", "bitbo-premium-diluted", "defillama-realized", "nydig-equity-premium", "strive-ntav-multiple"
    ]  # fmt: skip
    for name in ("strategy-leverage", "nobody", ""):
        with pytest.raises(KeyError):
            definition_meant(name, DAY)
    with pytest.raises(ValueError, match="is no multiple"):
        bridge(BY_ID["strategy-leverage"], stands())


def test_the_eras_of_a_publisher_follow_one_another_without_gap() -> None:
    eras = [one for one in DEFINITIONS if one.own_mnav and one.publisher == "Strategy"]
    assert eras[0].since is None
    assert eras[-1].until is None
    assert all(one.until is not None and after.since == one.until + timedelta(days=1) for one, after in pairwise(eras))


def test_a_definition_says_its_share_count_its_cash_and_its_bitcoin() -> None:
    told = {
        one.id: (one.multiple.share_count, one.multiple.cash, one.multiple.fixing) for one in WALKABLE if one.multiple
    }
    assert told["bitcointreasuries-diluted"] == told["defillama-maximum"] == ("assumed diluted", "not netted", "utc")
    assert told["strategy-ev-2025"] == ("basic", "netted, as its page showed it", STRATEGY)
    assert told["strategy-net-2026"] == ("diluted", "netted, as last reported", "close")


# -- on the reference data -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def db(reference_db: Path) -> Database:
    return open_database(reference_db)


COMPANIES = ("MSTR", "3350.T", "ASST", "MARA")


@pytest.mark.slow
@pytest.mark.parametrize("ticker", COMPANIES)
def test_definitions_and_bridges_agree_on_thirty_days_of_2025_and_2026(db: Database, ticker: str) -> None:
    days = [
        day
        for (day,) in db.execute(
            "SELECT date FROM mnav_daily WHERE ticker = ? AND date >= '2025-01-01' ORDER BY date", (ticker,)
        ).fetchall()
    ]
    thirty = {days[round(at * (len(days) - 1) / 29)] for at in range(30)}
    assert len(thirty) == 30
    valued = set()
    for day in sorted(thirty):
        on = subject(db, ticker, day)
        for definition in WALKABLE:
            made = holds(definition, on)
            valued |= {definition.id} if made.total is not None else set()
            if definition.id == "strategytracker-ev" and made.terms:
                assert made.start == pytest.approx(on.values()["mnav_market_cap"], rel=1e-12)
    assert {"defillama-realized", "bitcointreasuries-basic"} <= valued
    assert (
        ticker != "MSTR"
        or {"strategy-ev-2025", "cebe-net-mnav", "bitcointreasuries-diluted", "nydig-equity-premium"} <= valued
    )


@pytest.mark.slow
def test_terms_sum_on_every_company_and_arrive_at_our_own_columns(db: Database, read: sqlite3.Connection) -> None:
    tickers = [
        ticker for (ticker,) in db.execute("SELECT DISTINCT symbol FROM price WHERE fixing = 'close'").fetchall()
    ]
    ours = ("mnav_market_cap", "mnav_assumed_diluted", "mnav_ev", "mnav_net", "mnav_diluted", "mnav_ev_diluted")
    told = 0
    for ticker in tickers:
        days = [
            day for (day,) in db.execute("SELECT date FROM mnav_daily WHERE ticker = ? AND mnav_market_cap IS NOT NULL ORDER BY date", (ticker,)).fetchall()
        ]  # fmt: skip
        for day in {days[0], days[len(days) // 2], days[-1]} if days else ():
            on = subject(db, ticker, day)
            row = read.execute("SELECT * FROM mnav_daily WHERE ticker = ? AND date = ?", (ticker, day)).fetchone()
            for name in ours:  # a definition of nobody's for each of our multiples
                made = holds(Definition(name, "ours", name, "x", "", Multiple(name)), on)
                assert (made.total is None) == (row[name] is None), (ticker, day, name)
                assert made.total is None or made.total == pytest.approx(row[name], rel=1e-9)
                told += made.total is not None
    assert told > 50


def test_bitcointreasuries_diluted_count_is_the_assumed_one(db: Database) -> None:
    """It printed 0.856 basic and 0.954 diluted for 2025-11-30 (a Sunday: the share of the 28th): a ratio of 1.1145."""
    on = subject(db, "MSTR", "2025-11-30")
    basic, diluted, largest = (
        BY_ID[name].on(on).value
        for name in ("bitcointreasuries-basic", "bitcointreasuries-diluted", "defillama-maximum")
    )
    assert basic is not None
    assert diluted is not None
    assert diluted / basic == pytest.approx(0.954 / 0.856, abs=0.0006)  # half a step of both
    assert largest == diluted


def test_cebe_nets_cash_as_published(db: Database) -> None:
    """138,146 sats on 2026-06-25 net of cash, 131,386 without netting, at a bitcoin price of 59,133 (docs/metrics.md 5)."""
    on = subject(db, "MSTR", "2026-06-25")
    at = replace(on, inputs={**on.inputs, "btc_price": 59_133.0})
    net, gross, multiple = (
        BY_ID[f"cebe-{name}"].on(at).value for name in ("sats-per-share", "sats-per-share-gross", "net-mnav")
    )
    assert net == pytest.approx(138_146, abs=700)  # its tolerance as published; without netting it is ten times as far
    assert gross == pytest.approx(131_386, rel=0.001)
    price = at.inputs["price"]
    assert multiple is not None
    assert net is not None
    assert price is not None
    assert multiple == pytest.approx(price / (net / 1e8 * 59_133), rel=1e-9)  # the same netting in both


@pytest.mark.slow
def test_strategys_own_ratio_is_reproduced_from_its_pages_inputs(
    db: Database, reference: Callable[[str], list[dict[str, str]]]
) -> None:
    """facts/README: (close × shares + debt + preferred − cash netted) ÷ (holdings × its bitcoin price), each the page's own; here from the files."""
    series = definition_series(db, "MSTR", [BY_ID["strategy-ev-2025"]], "2024-12-31", "2026-06-29")
    assert len(series) == 373  # every close of the span
    assert {row["reason"] for row in series} == {""}
    steps: dict[str, list[tuple[str, float]]] = {}
    for row in reference("facts"):
        if row["ticker"] == "MSTR" and row["source"] == "strategy-dashboard" and not row["instrument"]:
            steps.setdefault(row["quantity"], []).append((row["as_of"], float(row["value"])))
    bitcoin = {row["date"]: float(row["close"]) for row in reference("btc_usd") if row["fixing"] == STRATEGY}
    prices = {row["date"]: float(row["close"]) for row in reference("equity_prices") if row["ticker"] == "MSTR"}
    prices |= dict(steps.pop("share_price_published"))  # of the one day on which it was exported before the close
    holdings = [
        (row["known_at"], row["as_of"], float(row["value"])) for row in reference("facts")
        if row["ticker"] == "MSTR" and row["quantity"] == "btc_holdings" and not row["source"].startswith(("bitbo", "bitcointreasuries"))
    ]  # fmt: skip
    for made in series:
        day = made["date"]
        shown = {name: max(one for one in of if one[0] <= day)[1] for name, of in steps.items() if min(of)[0] <= day}
        btc = max(
            (as_of, value)
            for known, as_of, value in holdings
            if known < day + "T20" or known in (f"{day}T20:00:00Z", f"{day}T21:00:00Z")
        )[1]
        preferred = shown.get("preferred_total", 0.0)  # on 2025-02-06 and 07 its page left STRK out
        cap = prices[day] * shown["shares_basic"]
        expected = (cap + shown["debt_total"] + preferred - shown["cash_used_in_published_ev"]) / (btc * bitcoin[day])
        assert made["value"] == pytest.approx(expected, rel=1e-9), day


def test_a_series_has_one_row_a_day_and_a_reason_for_each_without_a_value(db: Database) -> None:
    rows = definition_series(
        db, "MSTR", [BY_ID["strategy-ev-2025"], BY_ID["strategy-btc-duration"]], "2024-12-30", "2024-12-31"
    )
    assert [(row["date"], row["id"], row["reason"]) for row in rows] == [
        ("2024-12-30", "strategy-ev-2025", "NOT_IN_FORCE"), ("2024-12-30", "strategy-btc-duration", "NOT_IN_FORCE"),
        ("2024-12-31", "strategy-ev-2025", ""), ("2024-12-31", "strategy-btc-duration", "NOT_IN_FORCE"),
    ]  # fmt: skip
    assert [
        row["reason"] for row in definition_series(db, "MARA", [BY_ID["strategy-ev-2025"]], "2025-06-02", "2025-06-02")
    ] == ["NOT_ITS_ISSUER"]


EXCEPTIONS = {  # all days on which plain mnav_ev, on the page's bitcoin price, is more than 0.1 % from the published multiple; docs/metrics.md
    "share_count": [
        *map(str, pd.bdate_range("2025-01-21", "2025-01-24").date),
        *map(str, pd.bdate_range("2025-02-24", "2025-03-14").date),
    ],
    "preferred": ["2025-02-06", "2025-02-07"],
    "share_price": ["2026-06-29"],
    "holdings": [*map(str, pd.bdate_range("2026-02-09", "2026-02-13").date)],
}


@pytest.mark.slow
def test_plain_mnav_ev_stays_near_it_and_every_gap_has_its_term(db: Database) -> None:
    series = issuer_series(db, "MSTR", "2024-12-31", "2026-06-29")
    told = distribution(series, "same_bitcoin_pct")
    assert told["days"] == 373
    assert told["median_pct"] < 0.01
    assert round(told["within_0_1_pct"], 1) == 92.8
    parts = series[[*DELTAS.values()]].sum(axis=1)
    assert (series["mnav_ev_issuer"] - series["mnav_ev"] - parts).abs().max() < EXACT
    far = series[series["same_bitcoin_pct"].abs() > 0.1]
    assert sorted(f"{day:%Y-%m-%d}" for day in far.index) == sorted(day for days in EXCEPTIONS.values() for day in days)
    for name, days in EXCEPTIONS.items():
        assert (far.loc[days, name].abs() > 0.001).all(), name
    page = (Path(__file__).parents[1] / "docs" / "metrics.md").read_text(encoding="utf-8")
    at_its_close = series["mnav_ev"] + series["share_price"] + series["bitcoin"]
    apart = (at_its_close / series["mnav_ev_issuer"] - 1).abs() * 100
    near = int((apart <= 0.1).sum())
    assert (
        f"on {near / len(series):.1%} of the\ndays ({near}). All {len(series) - near} exceptions".replace("%", " %")
        in page
    )
    assert f"with which it is {told['within_0_1_pct']:.1f} %" in page
    assert f"differ by {told['median_pct']:.4f} % on the median day" in page


def test_the_page_of_metrics_shows_the_multiples_of_its_day(db: Database) -> None:
    page = (Path(__file__).parents[1] / "docs" / "metrics.md").read_text(encoding="utf-8")
    names = ("mnav_market_cap", "mnav_diluted", "mnav_assumed_diluted", "mnav_ev", "mnav_ev_diluted", "mnav_net")
    row = views.daily(db, "MSTR", list(names), since="2025-11-10", until="2025-11-10").iloc[0]
    for name in names:
        assert f"| `{name}` | {row[name]:.3f}x |" in page


def test_the_weeks_of_the_old_share_count_are_its_term(db: Database) -> None:
    """facts/README: from 2025-02-24 to 2025-03-14 the dashboard still used 258,180,000; the filing of 2025-02-24 gives 260,286,000."""
    definition = BY_ID["strategy-ev-2025"]
    for day in pd.bdate_range("2025-02-24", "2025-03-14")[[0, 7, -1]]:
        made = bridge(definition, subject(db, "MSTR", f"{day:%Y-%m-%d}"))
        (term,) = [one for one in made.terms if one.term == "share-count date"]
        assert "258,180,000" in term.note
        assert "260,286,000" in term.note
        assert made.start is not None
        assert term.delta == pytest.approx(made.start * (258_180_000 / 260_286_000 - 1), rel=1e-9)
    assert "share-count date" not in terms(bridge(definition, subject(db, "MSTR", "2025-03-17")))


def test_the_enterprise_value_strategy_printed_is_met_to_the_last_digit(db: Database) -> None:
    """$61,225m on 2026-06-18 (strategy-api): ours is within the half million of its rounding."""
    _, made, found = bridged(db, "MSTR", BY_ID["strategy-ev-2025"], "2026-06-18")
    assert found is not None
    assert made.total is not None
    assert abs(found.multiple - made.total) <= found.half_step
    assert found.half_step < 1e-5


def test_a_page_is_what_it_showed_that_day() -> None:
    """No total of preferred stock is none in its enterprise value; a price lasts a day; what its owner announced that day it shows."""
    showed = [
        fact(CASH_QUANTITY, 4e5, DAY - timedelta(days=9), source="page", kind="issuer"),
        fact("shares_basic", 9e5, DAY - timedelta(days=9), source="page", kind="issuer"),
        fact("share_price_published", 16.0, DAY - timedelta(days=1), source="page", kind="issuer"),
        fact("liquidation_preference", 1e6, DAY, source="page", kind="issuer", instrument="series-a"),
        fact("btc_holdings", 110.0, DAY, source="paper", kind="press"),
        fact("btc_holdings", 999.0, DAY, source="tracker", kind="tracker"),
        fact("shares_basic", 1e6, DAY, source="sec-1"),
    ]
    moment = CLOSES.moment("XNYS", DAY)
    page = page_at(showed, DAY, moment)
    assert page is not None
    assert page.in_dollars({"USD": 1.0}) == {"btc": 110.0, "shares_basic": 9e5, "preferred": 0.0, "cash": 4e5}
    before = page_at(showed, DAY - timedelta(days=1), moment - timedelta(days=1))
    assert before is not None
    assert before.in_dollars({"USD": 1.0})["price"] == 16.0
    assert before.btc is None
    assert page_at(showed[1:], DAY, moment) is None


def test_half_of_the_last_printed_digit() -> None:
    assert half_step(1.2) == pytest.approx(0.05)
    assert half_step(1.84) == pytest.approx(0.005)
    assert half_step(61_225_000_000) == 500_000
    assert half_step(69_500_000_000) == 50_000_000


def test_every_published_number_stands_beside_ours_or_says_why_not(db: Database) -> None:
    rows = published_numbers(db)
    (facts,) = db.execute("SELECT count(*) FROM known_fact WHERE quantity LIKE '%published%'").fetchone()
    assert len(rows) == facts > 300
    for row in rows:
        assert row["explanation"], row
        assert (row["ours"] is None) <= (row["difference_pct"] is None)
    of = {(row["ticker"], row["quantity"], row["as_of"], row["about"], row["source"]): row for row in rows}
    cap = next(row for key, row in of.items() if key[:3] == ("MSTR", "market_cap_published", "2025-11-07"))
    assert cap["explanation"] == "agrees within its rounding"
    quarter = next(
        row
        for key, row in of.items()
        if key[:3] == ("MSTR", "btc_yield_published_pct", "2024-12-01") and key[3] == "QTD2024"
    )
    assert quarter["ours"] == pytest.approx(38.7, abs=0.05)


def test_every_run_says_how_many_published_numbers_are_met() -> None:
    row: dict[str, Any] = {"ours": 1.0, "explanation": "agrees within its rounding"}
    rows: list[dict[str, Any]] = [
        row,
        {**row, "explanation": "another price"},
        {"ours": None, "explanation": "unknown"},
    ]
    assert tally(rows).startswith(
        "3 numbers that companies and trackers published: 1 are ours to their last digit, 1 differ"
    )


def test_the_verb(reference_db: Path) -> None:
    from scripts.bridge import command

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(command, [*arguments, "--db", str(reference_db)])
        assert done.exit_code == 0, done.output
        return done.stdout

    told = json.loads(run("MSTR", "--to", "strategy", "--on", "2025-03-03", "--json"))
    assert told["definition"] == "strategy-ev-2025"
    assert told["start"] + sum(one["delta"] for one in told["terms"]) == pytest.approx(told["total"], abs=EXACT)
    assert "share-count date" in run("MSTR", "--to", "strategy", "--on", "2025-03-03")
    assert "missing: " in run("CLSK", "--to", "nydig")
    assert "the premium is this less 1" in run("MSTR", "--to", "nydig")
    assert len(json.loads(run("MSTR", "--daily", "--since", "2026-06-01", "--json"))) == 20
    assert len(json.loads(run("--list", "--json"))) == len(WALKABLE)
    for wrong in (["MSTR", "--to", "nobody"], ["MSTR", "--to", "strategy-leverage"], ["MSTR"], []):
        assert CliRunner().invoke(command, [*wrong, "--db", str(reference_db)]).exit_code == 2


@pytest.mark.slow
@pytest.mark.parametrize("definition", WALKABLE, ids=lambda one: one.id)
def test_the_verb_takes_every_multiple_and_tells_what_definitions_tells(
    reference_db: Path, definition: Definition
) -> None:
    from scripts.bridge import command
    from scripts.definitions import command as definitions

    on = str(
        definition.until or "2026-04-01"
        if definition.since is None or definition.since < date(2026, 4, 1)
        else definition.since
    )
    ticker = definition.issuer or "MSTR"
    walked = CliRunner().invoke(
        command, [ticker, "--to", definition.id, "--on", on, "--json", "--db", str(reference_db)]
    )
    valued = CliRunner().invoke(
        definitions, [ticker, "--id", definition.id, "--on", on, "--json", "--db", str(reference_db)]
    )
    assert (walked.exit_code, valued.exit_code) == (0, 0), walked.output + valued.output
    told, (row,) = json.loads(walked.stdout), json.loads(valued.stdout)
    assert told["value"] == row["value"]
    assert told["reason"] == row["reason"]
