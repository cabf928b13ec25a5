"""Stress: hand-worked companies, the published floor and ratings of Strategy, and what must hold of any company."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path

import forked
import pytest
from made import CLOSES, DAY, ORANGE, fact, market

from db import open_database
from db.reads.close import situations
from treasury.claims.capital_stack import capital_stack
from treasury.claims.credit import btc_rating, months_of_coverage
from treasury.known.resolve import resolve
from treasury.model import Instrument
from treasury.studies.scenario import Situation, price_at_ev, price_at_net, sector, stress
from treasury.valuation.inputs import inputs_at

ROOT = Path(__file__).parent.parent


def orange(price: float = 15.0, strike: float = 25.0, debt: float = 150e6, rate: float | None = 10.0) -> Situation:
    """docs/metrics.md 6: 10,000 BTC at $100,000, 100m shares, a $150m convertible at 2 %, $150m preferred at 10 %, $30m cash."""
    issued = date(2025, 1, 2)
    facts = [
        fact("btc_holdings", 10_000),
        fact("shares_basic", 100e6),
        fact("principal", 150e6, instrument="note"),
        fact("liquidation_preference", 150e6, instrument="pref"),
        fact("debt_total", debt),
        fact("preferred_total", 150e6),
        fact("cash", 30e6),
    ]
    claims = [
        Instrument("ORNG", "note", "convertible", "USD", issue_date=issued, conversion_price=strike, rate_pct=2.0),
        Instrument("ORNG", "pref", "preferred", "USD", issue_date=issued, rate_pct=rate),
    ]
    state = resolve(ORANGE, DAY, facts, claims, [], CLOSES)
    inputs = inputs_at(state, ORANGE, price, DAY, CLOSES, market(100_000))
    stack = capital_stack(ORANGE, state, inputs, DAY, {"USD": 1.0}.get)
    return Situation(ORANGE, DAY, price, state, CLOSES, market(100_000), stack)


def test_orange_at_half_the_bitcoin_price() -> None:
    """NAV 500m; EV 1,770m as before, so 3.54x; net reserve 500 − 150 − 150 + 30 = 230m.

    At 1.77x the company is worth 885m, less 270m of net claims: 615m, $6.15 a share. At 1,500/730 of the net reserve:
    230m × 2.0547945 = 472.6m, $4.726."""
    at = stress(orange(), 50_000)
    assert at.values["btc_nav"] == 500e6
    assert at.values["net_reserve"] == 230e6
    assert at.values["mnav_ev"] == pytest.approx(3.54)
    assert at.values["mnav_market_cap"] == pytest.approx(3.0)
    assert at.price_at_mnav_ev == pytest.approx(6.15)
    assert at.price_at_mnav_net == pytest.approx(4.7260274)
    assert at.coverage_months == pytest.approx(20)  # 30m over 18m a year
    assert at.uncovered == ()
    assert at.moved == ()


def test_orange_when_its_note_comes_into_the_money() -> None:
    """At $200,000 and 1.77x: 3,540m − 270m = 3,270m, $32.70, above the strike of $25.

    At 1,500/730 net with the note as 6m shares: (2,000 − 150 + 30) × 2.0547945 / 106m = $36.44."""
    at = stress(orange(), 200_000)
    assert at.price_at_mnav_ev == pytest.approx(32.70)
    assert at.moved == ("+note",)
    assert at.price_at_mnav_net == pytest.approx(1880 * 1500 / 730 / 106)


def test_the_days_own_price_gives_the_days_own_share() -> None:
    for price in (15.0, 24.9, 25.1, 40.0):
        situation = orange(price)
        at = stress(situation, 100_000)
        assert at.price_at_mnav_ev == pytest.approx(price, rel=1e-12)
        assert at.price_at_mnav_net == pytest.approx(price, rel=1e-12)


def test_below_the_claims_the_share_has_no_price() -> None:
    assert price_at_ev(orange(), 10_000, 1.0) is None  # 100m of bitcoin under 270m of net claims
    assert price_at_net(orange(), 10_000, 1.0) is None
    assert stress(orange(), 10_000).uncovered == ("note", "pref")
    assert stress(orange(), 20_000).uncovered == ("pref",)


def test_a_net_multiple_below_one_stops_at_the_strike() -> None:
    """At 0.5x of the net reserve the line jumps over nought at the strike of $25: with the note as debt
    2,500m = 0.5 × (10,000 p − 270m) at p = 527,000; as shares 2,650m = 0.5 × (10,000 p − 120m) at p = 542,000.
    Between the two bitcoin prices there is only the strike."""
    assert price_at_net(orange(), 530_000, 0.5) == pytest.approx(25.0, rel=1e-9)


@pytest.mark.parametrize("ticker", ["MSTR", "3350.T", "ASST"])
def test_below_its_floor_price_a_layer_is_uncovered(reference_db: Path, ticker: str) -> None:
    (one,) = situations(open_database(reference_db), [ticker], "2025-12-01")
    assert one.stack.layers
    for layer in one.stack.layers:
        floor = layer.floor_price.value
        assert floor is not None
        assert layer.instrument in (stress(one, floor * 0.999).uncovered or ())
        assert layer.instrument not in (stress(one, floor * 1.001).uncovered or ())


def test_published_ratings_of_strategys_notes() -> None:
    """5.9x at $74,000 and 2.0x at $25,000 over $8.214bn, 650,000 BTC (2025-11-28); the whole stack is in test_stack."""
    covers = [btc_rating(650_000 * price, 8214e6).value or 0 for price in (74_000, 25_000)]
    assert [round(cover, 1) for cover in covers] == [5.9, 2.0]


def test_strategy_at_the_end_of_november_2025(reference_db: Path) -> None:
    """Benchmark's $12,700 for the notes alone; the issuer's 21 months (truncated) with the reserve of 2025-12-01."""
    db = open_database(reference_db)
    (one,) = situations(db, ["MSTR"], "2025-11-28")
    (last,) = [layer for layer in one.stack.layers if layer.instrument == "convert-2032"]
    assert last.floor_price.value == pytest.approx(12_700, abs=100)
    (one,) = situations(db, ["MSTR"], "2025-12-01")
    months = months_of_coverage(one.values()["cash"], one.annual_obligations).value
    assert months is not None
    assert int(months) == 21


def test_a_years_cost_is_not_guessed() -> None:
    assert orange().annual_obligations == pytest.approx(18e6)
    assert orange(rate=None).annual_obligations is None
    assert orange(debt=155e6).annual_obligations == pytest.approx(18e6)  # 5m of 305m without terms: 1.6 %
    assert orange(debt=160e6).annual_obligations is None  # 10m of 310m: 3.2 %
    assert stress(orange(debt=160e6), 50_000).coverage_months is None


def test_the_sector_is_the_sum() -> None:
    total = sector([stress(orange(), 50_000), stress(orange(30.0), 50_000)])
    assert total["btc_nav"] == 1000e6
    assert total["mnav_market_cap"] == pytest.approx((1500 + 3000) / 1000)
    assert total["mnav_ev"] == pytest.approx((1770 + 3270) / 1000)


def mnav(reference_db: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return forked.mnav(*words, "--db", str(reference_db))


def test_the_verb(reference_db: Path) -> None:
    done = mnav(reference_db, "stress", "--btc", "100000,60000", "MSTR", "3350.T", "--on", "2025-11-10", "--json")
    rows = json.loads(done.stdout)
    assert [(row["ticker"], row["btc_price"]) for row in rows] == [
        ("MSTR", 100000), ("MSTR", 60000), ("3350.T", 100000), ("3350.T", 60000), ("SECTOR", 100000), ("SECTOR", 60000),
    ]  # fmt: skip
    assert rows[4]["btc_nav"] == pytest.approx((641_692 + 30_823) * 100_000)
    assert [row["currency"] for row in rows[::2]] == ["USD", "JPY", "USD"]
    assert (rows[4]["date"], rows[4]["companies"]) == ("2025-11-10", 2)
    assert mnav(reference_db, "stress", "--btc", "nought", "MSTR").returncode == 2


def test_the_sector_adds_closes_of_one_week_and_names_who_is_older(reference_db: Path) -> None:
    """Semler's last close stands three weeks before Strategy's of that day."""
    done = mnav(reference_db, "stress", "--btc", "90000", "MSTR", "3350.T", "SMLR", "--on", "2026-02-05", "--json")
    *companies, sector = json.loads(done.stdout)
    assert {row["ticker"]: row["date"] for row in companies}["SMLR"] < "2026-01-29"
    assert sector["companies"] == 2
    assert sector["btc_nav"] == pytest.approx(sum(row["btc_nav"] for row in companies if row["ticker"] != "SMLR"))
    assert "SECTOR adds closes of the week to 2026-02-05; left out as of another week: SMLR (" in done.stderr


def test_a_few_later_closes_are_no_sector(reference_db: Path) -> None:
    """Tokyo's closes run a month longer than New York's: the sector ends where those with half of the coins closed last."""
    done = mnav(reference_db, "stress", "--btc", "90000", "MSTR", "3350.T", "XXI", "--json")
    *companies, sector = json.loads(done.stdout)
    assert {row["ticker"]: row["date"] for row in companies} == {"MSTR": "2026-08-31", "3350.T": "2026-09-30", "XXI": "2026-08-31"}  # fmt: skip
    assert (sector["date"], sector["companies"]) == ("2026-08-31", 2)
    assert "left out as of another week: 3350.T (2026-09-30) (--on 2026-08-31 takes" in done.stderr
    everybody = mnav(reference_db, "stress", "--btc", "90000", "MSTR", "3350.T", "XXI", "--json", "--on", "2026-08-31")
    assert json.loads(everybody.stdout)[-1]["companies"] == 3
