"""The bridge: terms sum to the whole on every company, the issuer's own series comes out of its page's inputs, and the known weeks are explained."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from db import open_database
from db.feeds.published import published_numbers, tally
from db.reads.published_multiple import distribution, ground, half_step, issuer_series, printed
from treasury.claims.tranches import Tranche
from treasury.publishers.bridge import DEFINITIONS, PUBLISHERS, Ground, bridge, definition_of
from treasury.publishers.issuer_page import Page, Shown

EXACT = 1e-9
# 100 BTC at $100,000; 1m shares at $15; a note of $1m in the money for 100,000 shares, $2m of other debt, $1m preferred, $0.5m cash
ORANGE: dict[str, float | None] = {
    "price": 15.0, "fx": 1.0, "btc_price": 100_000.0, "btc": 100.0, "shares_basic": 1e6, "dilutive_shares": 150_000.0,
    "shares_assumed_diluted": 1.2e6, "debt": 3e6, "preferred": 1e6, "cash": 5e5, "debt_itm": 1e6, "preferred_itm": 0.0, "cost_basis": None,
}  # fmt: skip
TRANCHES = (
    Tranche("note", "convertible", 1e6, 100_000.0),
    Tranche("loan", "loan", 1.5e6),
    Tranche("series-a", "preferred", 1e6),
)
DAY = date(2025, 6, 2)
PAGE = Page(
    "page",
    None,
    Shown(990_000.0, date(2025, 5, 1), "shares"),
    Shown(3e6, DAY, "USD"),
    None,
    Shown(400_000.0, DAY, "USD"),
)


def stands(**changed: float | None) -> Ground:
    return Ground(
        DAY, ORANGE | changed, TRANCHES, (("units", 50_000.0),), PAGE, {"nyse": 100_000.0, "utc": 125_000.0}, "nyse"
    )


def terms(publisher: str, **changed: float | None) -> dict[str, float]:
    return {one.term: one.delta for one in bridge(publisher, stands(**changed)).terms}


def test_strategys_walk_by_hand() -> None:
    """Basic 1.5; + 0.1 + 0.15 + 0.05 of debt + 0.1 preferred − 0.05 cash = 1.85; its page: + 0.01 cash − 0.015 shares = 1.845."""
    made = bridge("strategy", stands())
    assert made.start == pytest.approx(1.5)
    assert {one.term: round(one.delta, 12) for one in made.terms} == {
        "debt: note": 0.1, "debt: loan": 0.15, "debt: not itemised": 0.05, "preferred: series-a": 0.1, "cash": -0.05,
        "cash vintage": 0.01, "share-count date": -0.015,
    }  # fmt: skip
    assert made.total == pytest.approx(1.845)
    assert "990,000" in next(one.note for one in made.terms if one.term == "share-count date")


def test_nydigs_walk_by_hand() -> None:
    """Diluted cap 17.25m over 10m + 0.5m − 2m other debt − 1m preferred = 7.5m: the note is shares and no claim."""
    made = bridge("nydig", stands())
    assert made.total == pytest.approx(2.3)
    found = terms("nydig")
    assert "debt: note" not in found
    assert found["diluted shares: note"] == pytest.approx(0.15)
    assert found["diluted shares: units"] == pytest.approx(0.075)


def test_trackers_price_bitcoin_by_the_utc_day() -> None:
    assert bridge("defillama", stands()).total == pytest.approx(15e6 / 12.5e6)
    assert bridge("defillama-maximum", stands()).total == pytest.approx(18e6 / 12.5e6)
    assert bridge("bitcointreasuries", stands()).total == pytest.approx(18.5e6 / 12.5e6)


def test_what_is_unknown_is_named_and_gives_no_total() -> None:
    made = bridge("strategy", stands(cash=None, preferred=None))
    assert (made.start, made.terms, made.total) == (None, (), None)
    assert made.missing == ("preferred", "cash")
    assert bridge("defillama", stands(cash=None)).total is not None
    under = bridge("nydig", stands(debt=3e7))
    assert (under.total, under.reason) == (None, "NET_RESERVE_NONPOSITIVE")
    assert bridge("strategy", stands(btc=0.0)).reason == "NAV_ZERO"


def test_definitions_follow_one_another_without_gap() -> None:
    for publisher in PUBLISHERS:
        held = [one for one in DEFINITIONS if one.publisher == publisher]
        assert (held[0].valid_from, held[-1].valid_to) == (date.min, date.max)
        assert all(one.valid_to == after.valid_from for one, after in pairwise(held))
    days = {date(2024, 6, 3): "market_cap", date(2024, 12, 31): "ev", date(2026, 6, 29): "ev", date(2026, 8, 21): "net"}
    assert {day: definition_of("strategy", day).version for day in days} == days


# -- on the reference data -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def db(reference_db: Path) -> Database:
    return open_database(reference_db)


def test_terms_sum_on_every_company_and_arrive_at_our_own_columns(db: Database, read: sqlite3.Connection) -> None:
    tickers = [
        ticker for (ticker,) in db.execute("SELECT DISTINCT symbol FROM price WHERE fixing = 'close'").fetchall()
    ]
    told = 0
    for ticker in tickers:
        days = [
            day for (day,) in db.execute("SELECT date FROM mnav_daily WHERE ticker = ? AND mnav_market_cap IS NOT NULL ORDER BY date", (ticker,)).fetchall()
        ]  # fmt: skip
        for day in {days[0], days[len(days) // 2], days[-1]} if days else ():
            on = ground(db, ticker, day)
            row = read.execute("SELECT * FROM mnav_daily WHERE ticker = ? AND date = ?", (ticker, day)).fetchone()
            for publisher in PUBLISHERS:
                made = bridge(publisher, on)
                if made.total is None or made.start is None:
                    assert made.missing or made.reason
                    continue
                told += 1
                assert abs(made.start + sum(one.delta for one in made.terms) - made.total) < EXACT
                assert made.start == pytest.approx(row["mnav_market_cap"], rel=1e-12)
            for publisher, column in (("metaplanet", "mnav_ev"), ("nydig", "mnav_net")):
                total = bridge(publisher, on).total
                assert (total is None) == (row[column] is None), (ticker, day, publisher)
                assert total is None or total == pytest.approx(row[column], rel=1e-12)
    assert told > 100


def test_strategys_own_ratio_is_reproduced_from_its_pages_inputs(
    db: Database, reference: Callable[[str], list[dict[str, str]]]
) -> None:
    """facts/README: (close × shares + debt + preferred − cash netted) ÷ (holdings × nyse price), each the page's own; here from the files."""
    series = issuer_series(db, "MSTR", "2024-12-31", "2026-06-29")
    assert len(series) == 373  # every close of the span
    steps: dict[str, list[tuple[str, float]]] = {}
    for stored in reference("facts"):
        if stored["ticker"] == "MSTR" and stored["source"] == "strategy-dashboard" and not stored["instrument"]:
            steps.setdefault(stored["quantity"], []).append((stored["as_of"], float(stored["value"])))
    bitcoin = {row["date"]: float(row["close"]) for row in reference("btc_usd") if row["fixing"] == "nyse"}
    prices = {row["date"]: float(row["close"]) for row in reference("equity_prices") if row["ticker"] == "MSTR"}
    holdings = [
        (row["known_at"], row["as_of"], float(row["value"])) for row in reference("facts")
        if row["ticker"] == "MSTR" and row["quantity"] == "btc_holdings" and not row["source"].startswith(("bitbo", "bitcointreasuries"))
    ]  # fmt: skip
    for stamp, row in series.iterrows():
        day = str(stamp)[:10]
        shown = {name: max(one for one in of if one[0] <= day)[1] for name, of in steps.items() if min(of)[0] <= day}
        btc = max((as_of, value) for known, as_of, value in holdings if (known < day + "T20" if "T" in known else known < day) or known == f"{day}T20:00:00Z" or known == f"{day}T21:00:00Z")[1]  # fmt: skip
        preferred = shown.get(
            "preferred_total", 730e6 if day >= "2025-02-06" else 0.0
        )  # STRK alone, before the first total
        cap = prices[day] * shown["shares_basic"]
        expected = (cap + shown["debt_total"] + preferred - shown["cash_used_in_published_ev"]) / (btc * bitcoin[day])
        assert row["mnav_ev_issuer"] == pytest.approx(expected, rel=1e-5), day  # 0.001 %


def test_plain_mnav_ev_stays_near_it_and_every_gap_has_its_term(db: Database) -> None:
    series = issuer_series(db, "MSTR", "2024-12-31", "2026-06-29")
    told = distribution(series)
    assert told["median_pct"] < 0.001
    assert told["within_0_1_pct"] > 93.5
    assert told["worst_pct"] < 1.2
    parts = series[["share_count", "debt", "preferred", "cash", "holdings"]].sum(axis=1)
    assert (series["mnav_ev_issuer"] - series["mnav_ev"] - parts).abs().max() < EXACT
    far = series[series["difference_pct"].abs() > 0.1]
    assert (
        ((far["share_count"] + far["holdings"] + far["cash"]) / (far["mnav_ev_issuer"] - far["mnav_ev"]))
        .between(0.99, 1.01)
        .all()
    )
    days = [f"{day:%Y-%m-%d}" for day in far.index]
    assert days[:4] == [
        "2025-01-21",
        "2025-01-22",
        "2025-01-23",
        "2025-01-24",
    ]  # a count of the 8-K its page passed over
    assert (days[4], days[18]) == ("2025-02-24", "2025-03-14")  # the known weeks of the old count
    assert far["holdings"].iloc[:19].abs().max() < EXACT
    assert days[19:] == [
        "2026-02-10",
        "2026-02-11",
        "2026-02-12",
        "2026-02-13",
    ]  # 714,644 BTC, by press alone until the 17th
    assert (far["holdings"].iloc[19:] < -0.0018).all()


def test_the_weeks_of_the_old_share_count_are_its_term(db: Database) -> None:
    """facts/README: from 2025-02-24 to 2025-03-14 the dashboard still used 258,180,000; the filing of 2025-02-24 gives 260,286,000."""
    days = pd.bdate_range("2025-02-24", "2025-03-14")
    for day in days[[0, 7, -1]]:
        on = ground(db, "MSTR", f"{day:%Y-%m-%d}")
        made = bridge("strategy", on)
        (term,) = [one for one in made.terms if one.term == "share-count date"]
        assert "258,180,000" in term.note
        assert "260,286,000" in term.note
        assert made.start is not None
        assert term.delta == pytest.approx(made.start * (258_180_000 / 260_286_000 - 1), rel=1e-9)
    assert "share-count date" not in {one.term for one in bridge("strategy", ground(db, "MSTR", "2025-03-17")).terms}


def test_the_enterprise_value_strategy_printed_is_met_to_the_last_digit(db: Database) -> None:
    """$61,225m on 2026-06-18 (strategy-api): ours is within the half million of its rounding."""
    on = ground(db, "MSTR", "2026-06-18")
    made = bridge("strategy", on)
    found = printed(db, "MSTR", "strategy", made, on)
    assert found is not None
    assert made.total is not None
    assert abs(found.multiple - made.total) <= found.half_step
    assert found.half_step < 1e-5


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
    assert tally(rows).startswith("3 published numbers: 1 agree with ours within their rounding, 1 differ, 1 have none")


def test_the_verb(reference_db: Path) -> None:
    from scripts.bridge import command

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(command, [*arguments, "--db", str(reference_db)])
        assert done.exit_code == 0, done.output
        return done.stdout

    told = json.loads(run("MSTR", "--to", "strategy", "--on", "2025-03-03", "--json"))
    assert told["version"] == "ev"
    assert told["start"] + sum(one["delta"] for one in told["terms"]) == pytest.approx(told["total"], abs=EXACT)
    assert "share-count date" in run("MSTR", "--to", "strategy", "--on", "2025-03-03")
    assert "missing: " in run("CLSK", "--to", "nydig")
    assert len(json.loads(run("MSTR", "--daily", "--since", "2026-06-01", "--json"))) == 20
    assert CliRunner().invoke(command, ["MSTR", "--to", "nobody", "--db", str(reference_db)]).exit_code == 2
    assert CliRunner().invoke(command, ["--db", str(reference_db)]).exit_code == 2
