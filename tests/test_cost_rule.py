"""Rule 9: a cost belongs to the coins it bought."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

import pytest
from made import CLOSES, DAY, ORANGE, fact, market

from treasury.known.register import Register
from treasury.known.resolve import resolve
from treasury.metrics.metric import evaluate
from treasury.model import Fact, Purchase
from treasury.valuation.inputs import inputs_at

FIRST, SECOND = DAY - timedelta(days=60), DAY - timedelta(days=30)
BASE = [fact("btc_holdings", 100.0, FIRST), fact("btc_cost_basis", 4e6, FIRST), fact("shares_basic", 1e6, FIRST)]


def bought(btc: float, cost: float | None, day: date, announced: int = 0, currency: str = "USD") -> Purchase:
    return Purchase("ORNG", day + timedelta(days=announced), day, btc, cost, currency)


def gain(*facts: Fact, purchases: list[Purchase] | None = None) -> tuple[float | None, float | None, bool]:
    """Cost and gain at 100,000 dollars a coin, and whether the cost is called another day's."""
    state = resolve(ORANGE, DAY, [*BASE, *facts], [], [], CLOSES, Register(purchases=purchases or []))
    values = evaluate(inputs_at(state, ORANGE, 50.0, DAY, CLOSES, market(100_000.0)))
    return values["cost_basis"], values["unrealised_gain_usd"], "COST_OF_ANOTHER_DAY" in state.reasons


def test_the_cost_of_the_day_of_the_holdings() -> None:
    assert gain() == (4e6, 6e6, False)


def test_a_cost_of_other_coins_gives_no_gain() -> None:
    """The cost of 100 coins says nothing of 5,398."""
    assert gain(fact("btc_holdings", 5398.0, SECOND)) == (4e6, None, True)


def test_a_cost_rolls_forward_by_what_was_bought_to_the_coin() -> None:
    held = fact("btc_holdings", 150.0, SECOND)
    assert gain(held, purchases=[bought(50.0, 5e6, SECOND)]) == (9e6, 6e6, False)
    assert gain(held, purchases=[bought(48.5, 5e6, SECOND)]) == (4e6, None, True)
    assert gain(held, purchases=[bought(50.0, None, SECOND)]) == (4e6, None, True)
    assert gain(held, purchases=[bought(50.0, 5e6, SECOND, currency="JPY")]) == (4e6, None, True)
    assert gain(held, purchases=[bought(50.0, 5e6, SECOND, announced=31)]) == (4e6, None, True)  # not known yet


def test_a_purchase_told_twice_is_one() -> None:
    twice = [bought(50.0, 5e6, SECOND), bought(50.0, None, SECOND, announced=1), bought(50.0, 5e6, SECOND, announced=2)]
    assert gain(fact("btc_holdings", 150.0, SECOND), purchases=twice) == (9e6, 6e6, False)


def test_what_is_sold_takes_its_average_cost_along() -> None:
    """A quarter of 100 coins at 40,000 each leaves 3 million."""
    assert gain(fact("btc_holdings", 75.0, SECOND), purchases=[bought(-25.0, -2e6, SECOND)]) == (3e6, 4.5e6, False)


def test_the_same_coins_told_again_keep_their_cost() -> None:
    assert gain(fact("btc_holdings", 100.0, SECOND)) == (4e6, 6e6, False)


def test_a_cost_of_that_very_day_speaks_before_a_better_source_of_another() -> None:
    press = fact("btc_cost_basis", 9.1e6, SECOND, kind="press", source="paper")
    assert gain(fact("btc_holdings", 150.0, SECOND), press) == (9.1e6, 5.9e6, False)


@pytest.mark.parametrize(
    ("ticker", "day", "cost", "known"),
    [
        ("NAKA", "2026-02-05", 2.0e6, False),  # the cost of 21 coins beside 5,398
        ("MSTR", "2026-05-22", 54.26e9, False),  # of January; later purchases are told without what they cost
        ("MSTR", "2026-06-29", 63.87e9, False),
        ("MSTR", "2025-11-10", 47.54e9, True),
        ("MSTR", "2026-03-17", 57.61e9, True),
    ],
)
def test_costs_of_the_bundle(read: sqlite3.Connection, ticker: str, day: str, cost: float, known: bool) -> None:
    row = read.execute("SELECT * FROM mnav_daily WHERE ticker = ? AND date = ?", (ticker, day)).fetchone()
    assert row["cost_basis"] == pytest.approx(cost, rel=0.05)
    assert (row["unrealised_gain_usd"] is not None) == known
    assert (row["cost_of_holdings"] is not None) == known
    assert ("COST_OF_ANOTHER_DAY" in (row["reason"] or "")) != known
