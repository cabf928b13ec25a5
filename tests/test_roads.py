"""Two roads to one number end at it: what a command prints, SQL reads, Python gets and a chart draws is the same.

Beside these: definition = bridge (tests/test_bridge.py), report = capital (tests/test_report.py), the sums over companies
(tests/test_consolidation.py), and every metric of the README by history, export and report (tests/test_mnav_daily.py).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.patches import Rectangle
from sqlite_utils import Database

from db import daily, latest, open_database
from db.feeds import charts
from scripts.main import mnav
from treasury.charts import history, league
from treasury.metrics.mnav_daily import DAILY

NUMBERS = [name for name, column in DAILY.items() if column.numeric]


@pytest.fixture(scope="module")
def reference(reference_db: Path) -> Iterator[Database]:
    db = open_database(reference_db)
    yield db
    db.close()


def told(reference_db: Path, *words: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(mnav, ["--db", str(reference_db), *words, "--json"], prog_name="mnav")
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def same(one: Any, other: Any) -> bool:
    """Equal to the last bit; None and NaN are both unknown."""
    unknown = [value is None or (isinstance(value, float) and math.isnan(value)) for value in (one, other)]
    return all(unknown) if any(unknown) else bool(one == other)


@pytest.mark.slow
@pytest.mark.parametrize("ticker", ["MSTR", "3350.T", "ASST", "MARA"])
def test_a_history_is_the_same_by_command_sql_and_python(ticker: str, reference_db: Path, reference: Database) -> None:
    since, until = "2025-06-01", "2025-12-31"
    asked = [word for name in NUMBERS for word in ("--metric", name)]
    printed = told(reference_db, "history", ticker, *asked, "--since", since, "--until", until)
    stored = list(
        reference.query(
            f"SELECT date, {', '.join(NUMBERS)} FROM mnav_daily WHERE ticker = ? AND date BETWEEN ? AND ? ORDER BY date",
            (ticker, since, until),
        )
    )
    frame = daily(reference, ticker, NUMBERS, since=since, until=until)
    assert len(printed) == len(stored) == len(frame) > 0
    for row, own, (day, values) in zip(printed, stored, frame.iterrows(), strict=True):
        assert row["date"] == own["date"] == f"{day:%Y-%m-%d}"
        for name in NUMBERS:
            assert same(row[name], own[name]), (row["date"], name)
            assert same(values[name], own[name]), (row["date"], name)


def test_the_newest_rows_are_the_same_by_sql_and_python(reference: Database) -> None:
    frame = latest(reference)
    for row in reference.query("SELECT * FROM mnav_latest"):
        for name in NUMBERS:
            assert same(frame.loc[row["ticker"], name], row[name]), (row["ticker"], name)


def test_the_league_is_the_view_on_each_companys_own_day(reference_db: Path, reference: Database) -> None:
    rows = told(reference_db, "show", "--all", "--on", "2026-02-05")
    assert len(rows) > 15
    for row in rows:
        (own,) = reference.query("SELECT * FROM mnav_daily WHERE ticker = ? AND date = ?", (row["ticker"], row["date"]))
        assert {name: row[name] for name in DAILY} == own


@pytest.mark.parametrize("metric", ["mnav_ev", "loan_to_value", "btc_yield_ytd_pct", "net_btc_per_share"])
def test_a_chart_draws_the_view(metric: str, reference: Database) -> None:
    """Every known day of two companies is a point of its line, at the value of the view, and there is no other."""
    (axes,) = history.mnav(charts.multiples(reference, ("MSTR", "3350.T"), metric), metric=metric).axes
    lines = {str(line.get_label()).partition(",")[0]: line for line in axes.lines}
    for ticker in ("MSTR", "3350.T"):
        stored = reference.execute(
            f"SELECT date, {metric} FROM mnav_daily WHERE ticker = ? AND {metric} IS NOT NULL ORDER BY date", (ticker,)
        ).fetchall()
        if not stored:
            assert ticker not in lines
            continue
        drawn = pd.Series(
            np.asarray(lines[ticker].get_ydata(), dtype=float), pd.DatetimeIndex(np.asarray(lines[ticker].get_xdata()))
        )
        assert [(f"{day:%Y-%m-%d}", value) for day, value in drawn.dropna().items()] == stored


def test_the_league_chart_draws_the_league(reference_db: Path, reference: Database) -> None:
    rows = {row["ticker"]: row["mnav_market_cap"] for row in told(reference_db, "show", "--on", "2026-02-05")}
    (axes,) = league.league(
        charts.league(reference, (), "mnav_market_cap", on="2026-02-05"), metric="mnav_market_cap"
    ).axes
    drawn = {
        label.get_text(): bar.get_width()
        for label, bar in zip(axes.get_yticklabels(), axes.patches, strict=True)
        if isinstance(bar, Rectangle)
    }
    assert drawn == {ticker: value for ticker, value in rows.items() if value is not None}
