"""A metric is arithmetic with declared guards, and the same on numbers, columns and SQL."""

from __future__ import annotations

import sqlite3

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasury.metrics import row_wise
from treasury.metrics.metric import METRICS, as_sql, evaluate, metric
from treasury.metrics.row_wise import GUARD_REASONS, INPUTS


def test_a_branch_fails_at_import() -> None:
    with pytest.raises(TypeError, match="branches"):

        @metric(unit="x")
        def clipped(price: float) -> float:
            """A premium that may not be negative."""
            return price if price > 0 else 0.0


def test_a_hidden_branch_fails_at_import() -> None:
    with pytest.raises(TypeError, match="compare or branch"):

        @metric(unit="x")
        def clipped(price: float) -> float:
            """The same by max()."""
            return max(price, 0.0)


def test_a_division_needs_a_guard() -> None:
    with pytest.raises(TypeError, match="must declare positive"):

        @metric(unit="x")
        def ratio(debt: float, cash: float) -> float:
            """Debt to cash."""
            return debt / cash


def test_a_metric_needs_its_sentence() -> None:
    with pytest.raises(TypeError, match="docstring"):

        @metric(unit="x")
        def nameless(debt: float) -> float:
            return debt


def test_refused_metrics_leave_no_trace() -> None:
    assert not {"clipped", "ratio", "nameless"} & set(METRICS)


def test_numbers_by_hand() -> None:
    assert row_wise.mnav_ev(3.0, 2.0) == 1.5
    assert row_wise.mnav_ev(None, 2.0) is None
    assert row_wise.mnav_ev(float("nan"), 2.0) is None
    assert row_wise.mnav_ev(3.0, 0.0) is None  # no bitcoin: no multiple, not infinity
    assert row_wise.mnav_net(5.0, -1.0) is None  # under water: no multiple, not a negative one
    assert row_wise.enterprise_value(market_cap=10.0, debt=4.0, preferred=2.0, cash=1.0) == 15.0
    assert row_wise.implied_premium_pct(0.46, 2.0) == 23.0


def test_a_wrong_argument_names_the_right_ones() -> None:
    with pytest.raises(TypeError, match="market_cap, debt, preferred, cash"):
        row_wise.enterprise_value(1.0)


amounts = st.one_of(st.none(), st.floats(-1e12, 1e12, allow_nan=False).map(lambda value: round(value, 3)))
rows = st.fixed_dictionaries(dict.fromkeys(INPUTS, amounts))


@pytest.mark.slow
@given(rows)
def test_numbers_columns_and_sql_agree(row: dict[str, float | None]) -> None:
    numbers = evaluate(row)
    columns = evaluate({name: pd.Series([np.nan if value is None else value]) for name, value in row.items()})
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE row ({', '.join(f'{name} REAL' for name in row)})")
    connection.execute(f"INSERT INTO row VALUES ({', '.join('?' * len(row))})", list(row.values()))
    expressions = {name: sql for name, sql in as_sql({name: name for name in INPUTS}).items() if name in METRICS}
    stored = connection.execute(f"SELECT {', '.join(expressions.values())} FROM row").fetchone()
    connection.close()
    for name, in_sql in zip(expressions, stored, strict=True):
        number, column = numbers[name], float(columns[name].iloc[0])
        if number is None:
            assert in_sql is None
            assert np.isnan(column)
        else:
            assert in_sql == pytest.approx(number, rel=1e-9, abs=1e-9)
            assert column == pytest.approx(number, rel=1e-9, abs=1e-9)


def test_every_guard_has_its_reason_or_is_an_unknown() -> None:
    counts = {
        "shares_basic",
        "shares_diluted",
        "shares_assumed_diluted",
        "btc",
    }  # zero shares do not exist; 0 BTC is NAV_ZERO
    counts |= {"btc_price", "market_cap"}  # nor do prices of nought
    assert {guard for one in METRICS.values() for guard in one.positive} - counts == set(GUARD_REASONS)
