"""The pair trade and its back-test: a worked example to the cent, crossings, chance, and no look-ahead."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import forked
import pytest
from made_up import store

from db import open_database
from db.derived.valuations import bring_up_to_date
from db.feeds.pair_trade import bars, known_now, known_then
from treasury.model import InputError
from treasury.studies.backtest import (
    Signal,
    Strategy,
    daily_profit,
    drawdowns,
    rule,
    sharpe,
    sharpe_interval,
    simulate,
    walk_forward,
)
from treasury.studies.bootstrap import interval
from treasury.studies.pair_trade import Bar, Costs, Hedge, trade

ROOT = Path(__file__).parent.parent
START = date(2025, 1, 6)
# 300 + 100 over 0.002 × 100,000 is 2x; 250 + 110 over 0.0025 × 110,000 is 1.30909x; 73 days are a fifth of a year
FIRST = Bar(START, 300.0, 100_000.0, 0.002, 100.0)
LAST = Bar(START + timedelta(days=73), 250.0, 110_000.0, 0.0025, 110.0)
COSTS = Costs(borrow=0.05, financing=0.10, fee=0.001)


def test_a_worked_example_to_the_cent() -> None:
    """1,000 shares short at 300, 4 BTC long. Legs: 50 × 1,000 and 4 × 10,000. Multiple: 0.690909 × 0.002 × 110,000 = 152 a share;
    drift: −1.30909 × 110,000 × 0.0005 = −72, and claims +10. Borrow 5 % of 300,000 for a fifth of a year, financing 10 % of 400,000,
    fee 0.1 % of 300,000 + 400,000 + 250,000 + 440,000."""
    one = trade([FIRST, LAST], "exact", 300_000.0, COSTS)
    assert (one.shares, one.bitcoin) == (-1000, pytest.approx(4))
    assert one.share_leg == pytest.approx(50_000.00, abs=0.005)
    assert one.bitcoin_leg == pytest.approx(40_000.00, abs=0.005)
    assert one.multiple == pytest.approx(152_000.00, abs=0.005)
    assert one.drift == pytest.approx(-62_000.00, abs=0.005)
    assert one.direction == pytest.approx(0, abs=0.005)
    assert (one.borrow, one.financing, one.fees) == (pytest.approx(3_000), pytest.approx(8_000), pytest.approx(1_390))
    assert one.total == pytest.approx(77_610.00, abs=0.005)


@pytest.mark.parametrize(("hedge", "leg", "direction"), [("coin", 20_000, -20_000), ("dollar", 30_000, -10_000)])
def test_the_other_hedges_leave_a_direction(hedge: Hedge, leg: float, direction: float) -> None:
    one = trade([FIRST, LAST], hedge, 300_000.0)
    assert one.bitcoin_leg == pytest.approx(leg)
    assert one.direction == pytest.approx(direction)
    assert one.total == pytest.approx(50_000 + leg)


def test_the_reverse_is_the_other_side() -> None:
    """Costs stay costs: 5 % on 400,000 of bitcoin shorted, 10 % on 300,000 of shares held."""
    one = trade([FIRST, LAST], "exact", 300_000.0, COSTS, reverse=True)
    assert (one.share_leg, one.bitcoin_leg) == (pytest.approx(-50_000), pytest.approx(-40_000))
    assert (one.multiple, one.drift) == (pytest.approx(-152_000), pytest.approx(62_000))
    assert (one.borrow, one.financing) == (pytest.approx(4_000), pytest.approx(6_000))


def test_costs_follow_each_days_values() -> None:
    middle = Bar(START + timedelta(days=36), 400.0, 100_000.0, 0.002, 100.0)
    one = trade([FIRST, middle, LAST], "exact", 300_000.0, Costs(borrow=0.05))
    assert one.borrow == pytest.approx(300_000 * 0.05 * 36 / 365 + 400_000 * 0.05 * 37 / 365)


def test_what_is_unknown_has_no_split_and_no_exact_hedge() -> None:
    blind = Bar(START, 300.0, 100_000.0, 0.002, None)
    one = trade([blind, LAST], "dollar", 300_000.0)
    assert (one.multiple, one.drift, one.direction) == (None, None, None)
    assert one.total == pytest.approx(80_000)
    with pytest.raises(InputError, match=str(START)):
        trade([blind, LAST], "exact")


def path(multiples: Sequence[float]) -> list[Bar]:
    """A company with 0.001 BTC a share and no claims, bitcoin at 100,000: its price is 100 times its multiple."""
    return [Bar(START + timedelta(days=at), 100 * one, 100_000.0, 0.001, 0.0) for at, one in enumerate(multiples)]


def multiple_of(path: Sequence[Bar]) -> Signal:
    return lambda metric, at: path[at].multiple


SHORT = Strategy(rule("mnav_ev > 2.0"), rule("mnav_ev < 1.25"), "exact", 1_000.0)
CROSSINGS = [1.5, 2.1, 2.0, 1.2, 1.0, 1.5, 2.5, 2.0, 1.1, 1.0, 1.9, 2.2, 2.4, 1.2, 1.1]


def test_three_crossings_are_three_round_trips_filled_at_the_next_close() -> None:
    """In at the close after 2.1, 2.5 and 2.2 (at 2.0, 2.0, 2.4), out after 1.2, 1.1 and 1.2 (at 1.0, 1.0, 1.1).

    1,000 dollars short: a half of it, a half of it, and 1.3 / 2.4 of it."""
    walked = path(CROSSINGS)
    found = simulate(walked, multiple_of(walked), SHORT)
    assert [(one.entry.price, one.exit.price, one.open) for one in found] == [
        (200, 100, False), (200, 100, False), (pytest.approx(240), pytest.approx(110), False),
    ]  # fmt: skip
    assert [one.total for one in found] == [pytest.approx(500), pytest.approx(500), pytest.approx(1000 * 1.3 / 2.4)]
    assert sum(daily_profit(walked, found, SHORT)) == pytest.approx(1000 + 1000 * 1.3 / 2.4)
    ahead = simulate(walked, multiple_of(walked), SHORT, look_ahead=True)
    assert [one.entry.price for one in ahead] == [pytest.approx(210), 250, pytest.approx(220)]


def test_a_trade_still_open_is_marked_at_the_end() -> None:
    walked = path([1.5, 2.1, 2.0, 1.8])
    (one,) = simulate(walked, multiple_of(walked), SHORT)
    assert one.open
    assert one.total == pytest.approx(100)
    assert simulate(walked[:3], multiple_of(walked), SHORT) == []  # filled at the last close: no trade yet


def test_more_days_change_no_earlier_trade() -> None:
    walked = path(CROSSINGS)
    whole = simulate(walked, multiple_of(walked), SHORT)
    for end in range(3, len(walked)):
        closed = [one for one in simulate(walked[:end], multiple_of(walked), SHORT) if not one.open]
        assert closed == whole[: len(closed)]


def chance(seed: int, *, knowing: bool = False) -> list[float]:
    """Profits of trades entered and left by dice (or by tomorrow's price) on a price without drift."""
    dice = random.Random(seed)
    multiples = [2.0]
    for _ in range(600):
        multiples.append(multiples[-1] + dice.choice([-0.001, 0.001]))
    walked = path(multiples)
    tosses = [dice.random() for _ in walked]
    if knowing:  # high where the price falls after the fill
        tosses = [float(before > after) for before, after in pairwise(multiples[1:])] + [0.5, 0.5]
    found = simulate(walked, lambda _, at: tosses[at], Strategy(rule("dice > 0.5"), rule("dice <= 0.5"), "exact"))
    return [one.total for one in found]


def test_random_signals_earn_nothing_within_the_interval() -> None:
    """A 95 % interval holds nought in about 95 of 100 worlds; in these 60, at least 52."""
    held = 0
    for seed in range(60):
        low, high = interval(chance(seed), draws=400, seed=seed) or (1.0, 1.0)
        held += low <= 0 <= high
    assert held >= 52
    low, _ = interval(chance(1, knowing=True), draws=400) or (0.0, 0.0)
    assert low > 0


def test_intervals_are_repeatable_and_widen_with_tries() -> None:
    values = [float(one % 7) for one in range(50)]
    first = interval(values, block=5, seed=3)
    assert first is not None
    assert first == interval(values, block=5, seed=3)
    wider = interval(values, block=5, seed=3, tries=10)
    assert wider is not None
    assert wider[0] < first[0] < 3 < first[1] < wider[1]
    assert interval([1.0]) is None


def test_walk_forward_chooses_only_on_the_past() -> None:
    """Two rules; above 2.0 earns in the first half, above 2.3 in the second: each stretch is traded with what won before it."""
    walked = path(CROSSINGS * 4)
    variants = [Strategy(rule(f"mnav_ev > {level}"), rule("mnav_ev < 1.25"), "exact", 1_000.0) for level in (2.3, 2.0)]
    folds = walk_forward(walked, multiple_of(walked), variants, 3)
    assert len(folds) == 3
    for fold in folds:
        start = walked.index(fold.first)
        totals = [sum(one.total for one in simulate(walked[:start], multiple_of(walked), one)) for one in variants]
        assert fold.profit_before == max(totals)
        assert all(one.entry.day >= fold.first.day for one in fold.trades)
    changed = [*walked[:45], *(path([9.0] * 60)[45:60])]
    assert walk_forward(changed, multiple_of(changed), variants, 3)[0] == folds[0]


@pytest.mark.parametrize("text", ["mnav_ev", "mnav_ev > x", "mnav_ev => 2", "mnav_ev > 2; drop", "2 < mnav_ev"])
def test_what_is_no_rule_is_said(text: str) -> None:
    with pytest.raises(InputError, match="is not a rule"):
        rule(text)
    assert not rule("mnav_ev > 2").holds(None)
    assert not rule("mnav_ev < 2").holds(float("nan"))


def test_a_split_is_no_profit(reference_db: Path) -> None:
    """MSTR split 10 for 1 on 2024-08-08: 2024-08-07 closed at $1,233.87, $123.39 on the later basis."""
    found = bars(open_database(reference_db), "MSTR", "2024-08-01", "2024-08-15")
    by_day = {str(one.day): one for one in found}
    assert by_day["2024-08-07"].price == pytest.approx(by_day["2024-08-08"].price, rel=0.12)
    assert by_day["2024-08-07"].price < 200
    assert by_day["2024-08-07"].btc_per_share == pytest.approx(by_day["2024-08-08"].btc_per_share, rel=0.02)


@pytest.mark.slow
def test_a_fact_known_later_changes_no_earlier_trade(reference_db: Path, tmp_path: Path) -> None:
    path = tmp_path / "mnav.db"
    shutil.copy(reference_db, path)
    db = open_database(path, writable=True)
    strategy = Strategy(rule("mnav_ev > 1.9"), rule("mnav_ev < 1.6"))

    def trades() -> list[object]:
        found = bars(db, "MSTR")
        then = known_then(db, "MSTR", ["mnav_ev"])["mnav_ev"]
        values = [then[str(one.day)] for one in found]
        return [one for one in simulate(found, lambda _, at: values[at], strategy) if str(one.exit.day) < "2025-06-01"]

    before = trades()
    assert len(before) == 2
    store(
        db,
        "ticker,instrument,quantity,as_of,known_at,value,unit,source,note\n"
        "MSTR,,btc_holdings,2024-06-30,2025-06-02,900000,BTC,strategy-dashboard,\n",
    )
    bring_up_to_date(db)
    # on one basis and at one fill, everything known before June 2025 stands; hindsight does see the fact
    assert trades() == before
    assert known_now(db, "MSTR").loc["2024-07-01":"2024-07-05", "btc"].eq(900_000).any()


def mnav(reference_db: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return forked.mnav("pair", *words, "--db", str(reference_db))


@pytest.mark.slow
def test_the_verb(reference_db: Path) -> None:
    done = mnav(reference_db, "MSTR", "--from", "2024-12-02", "--to", "2025-11-07", "--exit-price", "222.66", "--exit-btc", "100000", "--json")  # fmt: skip
    exact, coin, dollar = json.loads(done.stdout)
    assert exact["mnav_to"] == pytest.approx(1.23, abs=0.01)  # METRICS G02
    assert exact["direction"] == pytest.approx(0, abs=1e-6)
    for row in (exact, coin, dollar):
        assert row["share_leg"] == pytest.approx(1e6 * (1 - 222.66 / row["price_from"]))
        assert row["total"] == pytest.approx(row["share_leg"] + row["bitcoin_leg"] + row["carry"])
        assert row["total"] == pytest.approx(row["multiple"] + row["drift"] + row["direction"] + row["carry"])


@pytest.mark.slow
def test_the_verbs_back_test(reference_db: Path) -> None:
    rules = ("--enter", "mnav_ev > 2.0", "--leave", "mnav_ev < 1.25")
    rows = json.loads(mnav(reference_db, "MSTR", *rules, "--json").stdout)
    assert {row["run"] for row in rows} >= {"known then", "look-ahead"}
    then, ahead = ([row for row in rows if row["run"] == run] for run in ("known then", "look-ahead"))
    assert sum(row["total"] for row in ahead) != sum(row["total"] for row in then)
    summary = mnav(reference_db, "MSTR", *rules, "--summary", "--json")
    assert summary.stdout == mnav(reference_db, "MSTR", *rules, "--summary", "--json").stdout
    assert mnav(reference_db, "MSTR", "--enter", "mnav_ev > 2").returncode == 2
    assert "no column" in (failed := mnav(reference_db, "MSTR", "--enter", "x > 2", "--leave", "x < 1")).stderr or "not a column" in failed.stderr  # fmt: skip


def test_drawdown_and_sharpe_of_a_worked_week() -> None:
    """10 − 4 − 6 + 3 + 20: the total is 10, 6, 0, 3, 23; mean 4.6, variance (n − 1) 455.2 / 4 = 113.8."""
    week = [10.0, -4.0, -6.0, 3.0, 20.0]
    assert drawdowns(week) == [0, 4, 10, 7, 0]
    assert drawdowns([-5.0, 2.0]) == [5, 3], "a loss at the start is one already"
    assert sharpe(week) == pytest.approx(4.6 / 113.8**0.5 * 252**0.5)
    assert sharpe([1.0, 1.0]) is None
    assert sharpe([]) is None
    low, high = sharpe_interval(week * 40, block=5) or (0.0, 0.0)
    assert low <= (sharpe(week * 40) or 0) <= high
    assert sharpe_interval([0.0] * 50, block=5) is None
    assert sharpe_interval(week * 40, block=5) == sharpe_interval(week * 40, block=5)


@pytest.mark.slow
def test_the_verbs_back_test_of_several_companies_day_by_day(reference_db: Path) -> None:
    rules = ("--enter", "mnav_ev > 1.5", "--leave", "mnav_ev < 1.1", "--folds", "0")
    days = json.loads(mnav(reference_db, "MSTR", "3350.T", *rules, "--daily", "--json").stdout)
    sums = json.loads(mnav(reference_db, "MSTR", "3350.T", *rules, "--summary", "--json").stdout)
    assert [row["ticker"] for row in sums] == ["MSTR", "MSTR", "3350.T", "3350.T"]
    for one in sums:
        own = [row for row in days if (row["ticker"], row["run"]) == (one["ticker"], one["run"])]
        assert sum(row["profit"] for row in own) == pytest.approx(one["total"], abs=1e-6)
        assert max(row["drawdown"] for row in own) == pytest.approx(one["drawdown"])
        assert own[-1]["total"] == pytest.approx(one["total"], abs=1e-6)
    table = mnav(reference_db, "MSTR", "3350.T", *rules, "--summary")
    assert table.stdout.startswith("ticker")
    assert "per $1,000,000 of the share of MSTR, 3350.T, bitcoin long" in table.stderr
    assert mnav(reference_db, "MSTR", "3350.T", "--exit-price", "3").returncode == 2
