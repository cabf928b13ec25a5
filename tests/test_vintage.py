"""What hindsight changes: quantified per company, drawn, and the point-in-time side is the stored one."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from db import open_database
from db.reads import views
from db.reads.hindsight import compare, vintages
from scripts.main import mnav
from treasury.charts import CHARTS


def test_then_is_what_is_stored_and_now_knows_the_later_count(reference_db: Path) -> None:
    """On 2024-11-11 the 8-K of 2024-11-18 (count and bitcoin of the week before) was a week away."""
    db = open_database(reference_db)
    both = vintages(db, "MSTR", since="2024-11-01")
    stored = views.daily(db, "MSTR", ["mnav_ev"], since="2024-11-01")["mnav_ev"]
    pd.testing.assert_series_equal(both["then"], stored, check_names=False, check_index_type=False, check_freq=False)
    day = pd.Timestamp("2024-11-11")
    assert both["then"][day] == pytest.approx(3.330, abs=0.01)
    assert both["now"][day] == pytest.approx(3.006, abs=0.01)


def test_the_gap_is_quantified_per_company(reference_db: Path) -> None:
    db = open_database(reference_db)
    rows = {row["ticker"]: row for row in compare(db)}
    both = vintages(db, "MSTR").dropna()
    gap = both["now"] - both["then"]
    assert rows["MSTR"]["days"] == len(both) == 1340
    assert rows["MSTR"]["worst_on"] == f"{gap.abs().idxmax():%Y-%m-%d}" == "2024-11-11"
    assert rows["MSTR"]["mnav_ev_worst_gap"] == pytest.approx(-0.324, abs=0.001)
    assert rows["MSTR"]["days_apart"] == 68
    assert rows["MSTR"]["days_only_now"] == 82  # from 2021-01-04: the year-end count became known in 2025
    assert {"3350.T", "ASST", "MARA"} <= set(rows)


def test_the_chart_draws_both_and_says_the_gap(tmp_path: Path) -> None:
    days = pd.to_datetime(["2025-01-02", "2025-01-03", "2025-01-06"])
    figure = CHARTS["vintage"].draw(
        pd.DataFrame({"then": [1.5, 1.5, float("nan")], "now": [1.5, 1.2, 1.2], "ticker": "ONE"}, index=days),
    )
    (axes,) = figure.axes
    assert [line.get_label() for line in axes.lines] == ["from what is known now", "from what was known then"]
    assert [len(line.get_xdata()) for line in axes.lines] == [3, 2]
    assert "over 1 % on 1 of 2 days, most 2025-01-03: 1.50x to 1.20x" in figure.get_suptitle()
    with pytest.raises(ValueError, match="not known both then and now"):
        CHARTS["vintage"].draw(pd.DataFrame({"then": [float("nan")], "now": [1.0], "ticker": "ONE"}, index=days[:1]))


def test_the_verbs(reference_db: Path, tmp_path: Path) -> None:
    out = tmp_path / "vintage.svg"
    done = CliRunner().invoke(
        mnav, ["plot", "vintage", "MSTR", "--since", "2024-11-01", "-o", str(out), "--db", str(reference_db)]
    )
    assert done.exit_code == 0, done.output
    assert out.read_text(encoding="utf-8").startswith("<?xml")
    failed = CliRunner().invoke(mnav, ["plot", "vintage", "CORZ", "-o", str(out), "--db", str(reference_db)])
    assert failed.exit_code == 1
    assert "not known both then and now" in failed.stderr


def test_explain_shows_what_the_error_bar_is_made_of(reference_db: Path) -> None:
    done = CliRunner().invoke(mnav, ["explain", "3350.T", "--on", "2026-04-24", "--json", "--db", str(reference_db)])
    bar = json.loads(done.stdout)["error_bar"]
    row = views.daily(
        open_database(reference_db), "3350.T", ["mnav_ev", "mnav_ev_low", "mnav_ev_high", "mnav_ev_doubt"]
    ).loc["2026-04-24"]
    assert (bar["low"], bar["high"], bar["doubt"]) == (
        pytest.approx(row["mnav_ev_low"]), pytest.approx(row["mnav_ev_high"]), row["mnav_ev_doubt"],
    )  # fmt: skip
    assert {one["name"]: one["age_days"] for one in bar["made_of"]} == {"shares": 70, "holdings": 70, "claims": 206}
    assert row["mnav_ev"] + sum(max(one["effect"], 0) for one in bar["made_of"]) == pytest.approx(bar["high"])
    unknown = CliRunner().invoke(mnav, ["explain", "CORZ", "--json", "--db", str(reference_db)])
    assert json.loads(unknown.stdout)["error_bar"] is None
