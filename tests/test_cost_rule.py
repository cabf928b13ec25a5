"""Rule 9: a cost belongs to the coins it bought."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

import pytest
from made import CLOSES, DAY, ORANGE, fact, market
from sqlite_utils import Database

from db.derived.valuations import bring_up_to_date, rebuild
from db.tables.store import add
from db.tables.transaction import writing
from treasury.intake.csv_files import SHEETS, read_sheet
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


@pytest.mark.slow
def test_a_purchase_added_later_makes_the_days_after_it_again(bundled: Database) -> None:
    """Nakamoto's cost of 21 coins, and a purchase of the rest: the days after its announcement alone change."""
    db = bundled
    rebuild(db)
    select = "SELECT date, cost_of_holdings FROM mnav_daily WHERE ticker = 'NAKA' AND date >= '2026-01-01' ORDER BY date LIMIT 20"
    assert {cost for _, cost in db.execute(select).fetchall()} == {None}
    told = db.execute(
        "SELECT value, as_of FROM known_fact WHERE ticker = 'NAKA' AND quantity = 'btc_cost_basis' ORDER BY as_of DESC LIMIT 1"
    ).fetchone()
    before = db.execute(
        "SELECT value FROM known_fact WHERE ticker = 'NAKA' AND quantity = 'btc_holdings' AND as_of = ?", (told[1],)
    ).fetchone()
    held, of = db.execute(
        "SELECT btc, btc_as_of FROM state s JOIN company c ON c.id = s.company_id WHERE ticker = 'NAKA' AND from_date <= '2026-01-08' ORDER BY from_date DESC LIMIT 1"
    ).fetchone()
    row = f"NAKA,2026-01-08,,{of},{held - before[0]},600000000,USD,,,{db.execute('SELECT min(id) FROM source').fetchone()[0]}"
    sheet = read_sheet([f"{','.join(SHEETS['purchase'].header)}\n", row], "purchases.csv")
    with writing(db):
        add(db, [(*sheet, "purchases.csv")])
    bring_up_to_date(db)
    now = db.execute(select).fetchall()
    assert {cost is None for day, cost in now if day <= "2026-01-08"} == {True}
    assert {cost for day, cost in now if "2026-01-08" < day <= "2026-01-20"} == {told[0] + 600e6}
    rebuild(db)
    assert db.execute(select).fetchall() == now


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
