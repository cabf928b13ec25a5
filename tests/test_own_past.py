"""A value against its own past: the same as pandas on the same rows, and never against a later day."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from db import daily, open_database
from scripts.main import mnav
from treasury.metrics.own_past import (
    FEWEST_CLOSES,
    PAST_SUFFIXES,
    AgainstPast,
    against_past,
    columns_of,
    lowest_since,
    newest_against_past,
    told,
)

FIRST = date(2025, 1, 6)


def days(*values: float | None) -> list[tuple[date, float | None]]:
    return [(FIRST + timedelta(days=number), value) for number, value in enumerate(values)]


def test_it_is_what_pandas_finds_on_the_same_rows(reference_db: Path) -> None:
    series = daily(open_database(reference_db), "MSTR", ["mnav_ev"])["mnav_ev"]
    ours = {
        day: found
        for day, found in against_past(
            [
                (at.date(), None if pd.isna(value) else value)
                for at, value in zip(pd.DatetimeIndex(series.index), series, strict=True)
            ]
        )
        if found
    }
    known = series.dropna()
    year = known.rolling("365D", closed="left")
    compared = 0
    for at in known.index[::7]:
        before = known[(known.index >= at - pd.Timedelta(days=365)) & (known.index < at)]
        found = ours[at.date()]
        if len(before) < FEWEST_CLOSES:
            assert found.z is None
            continue
        assert found.z == pytest.approx((known[at] - before.mean()) / before.std())
        assert found.percentile_pct == pytest.approx((before <= known[at]).mean() * 100)
        assert found.range_pct == pytest.approx((known[at] - before.min()) / (before.max() - before.min()) * 100)
        five = known[(known.index >= at - pd.Timedelta(days=1826)) & (known.index < at)]
        if len(five) >= 250:
            assert found.from_median_pct == pytest.approx((known[at] / five.median() - 1) * 100)
        assert found.rank == (known[known.index <= at] > known[at]).sum() + 1
        compared += 1
    assert compared > 100
    assert year.count().max() > 240


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["mnav_ev", "implied_premium_pct"])
def test_the_view_is_what_python_finds(reference_db: Path, metric: str) -> None:
    db = open_database(reference_db)
    series = [
        (date.fromisoformat(day), value)
        for day, value in db.execute(
            f"SELECT date, {metric} FROM mnav_daily WHERE ticker = 'MSTR' ORDER BY date"
        ).fetchall()
    ]
    wanted = {day: now for day, now in against_past(series) if now}
    for day in [*sorted(wanted)[::600], max(wanted)]:
        (row,) = db.query(
            "SELECT * FROM mnav_past WHERE ticker = 'MSTR' AND metric = ? AND date = ?", [metric, str(day)]
        )
        for suffix in PAST_SUFFIXES:
            expected = columns_of(metric, wanted[day])[f"{metric}_{suffix}"]
            assert row[suffix] == (expected if expected is None else pytest.approx(expected, rel=1e-9)), (day, suffix)
    assert wanted[max(wanted)] == newest_against_past(series)


def test_a_day_is_never_held_against_a_later_one() -> None:
    values = [1.0 + (number * 37 % 100) / 100 for number in range(400)]
    whole = dict(against_past(days(*values)))
    for cut in (70, 230, 399):
        assert (
            dict(against_past(days(*values[: cut + 1])))[FIRST + timedelta(days=cut)]
            == whole[FIRST + timedelta(days=cut)]
        )


def test_too_few_days_say_nothing_and_an_unknown_day_is_left_out() -> None:
    found = list(against_past(days(*[1.0 + number / 100 for number in range(FEWEST_CLOSES)], None, 3.0)))
    assert found[10][1] == AgainstPast(None, None, None, None, 1, 11)
    assert found[-2][1] is None
    newest = found[-1][1]
    assert newest is not None
    assert (newest.percentile_pct, newest.rank, newest.days) == (100, 1, FEWEST_CLOSES + 1)


def test_a_flat_past_has_no_deviation_and_no_range() -> None:
    newest = list(against_past(days(*[1.0] * (FEWEST_CLOSES + 1))))[-1][1]
    assert newest is not None
    assert (newest.z, newest.range_pct, newest.percentile_pct) == (None, None, 100)


@pytest.mark.parametrize(
    ("percentile", "place", "words"),
    [
        (0, -3, "the lowest in a year"), (0, 0, "the lowest in a year"), (4, 2, "lowest tenth of its year"), (20, 9, "lowest quarter of its year"),
        (60, 50, "upper half of its year"), (97, 99, "highest tenth of its year"), (100, 100, "the highest in a year"),
    ],
)  # fmt: skip
def test_words_for_a_card(percentile: float, place: float, words: str) -> None:
    assert told(AgainstPast(0.0, percentile, place, None, 1, 300)) == words
    assert told(None) == told(AgainstPast(None, None, None, None, 1, 9)) == ""


def test_since_when_it_was_not_lower() -> None:
    assert lowest_since(days(3, 1, 2, None, 1.5)) == FIRST + timedelta(days=1)
    assert lowest_since(days(3, 2, 1)) is None
    assert lowest_since([]) is None


def test_history_shows_a_metric_against_its_past(reference_db: Path) -> None:
    words = [
        "--db",
        str(reference_db),
        "history",
        "MSTR",
        "--metric",
        "mnav_ev",
        "--past",
        "--since",
        "2025-11-07",
        "--until",
        "2025-11-10",
        "--json",
    ]
    result = CliRunner().invoke(mnav, words, prog_name="mnav")
    assert result.exit_code == 0, result.output
    row = json.loads(result.stdout)[-1]
    assert row["date"] == "2025-11-10"
    assert row["mnav_ev_range_52w_pct"] < 5  # the multiple had fallen to the low end of its year
    assert row["mnav_ev_percentile_1y_pct"] < 5
    assert row["mnav_ev_z_1y"] < -1.5


def test_the_chart_draws_the_year_before_each_day(reference_db: Path) -> None:
    from db.feeds.charts import own_past
    from treasury.charts.own_past import past

    days = own_past(open_database(reference_db), ["MSTR"], "mnav_ev", since="2025-11-03", until="2025-11-10")
    assert list(pd.DatetimeIndex(days.index).strftime("%m-%d")) == [
        "11-03",
        "11-04",
        "11-05",
        "11-06",
        "11-07",
        "11-10",
    ]
    assert (days["value"] <= days["low"]).tolist()[-1]  # a new low
    figure = past(days)
    assert (
        "1.23x at the close of 2025-11-10, −1.8 deviations from the mean of the year before"
        in figure.get_suptitle().replace("\n", " ")
    )
    with pytest.raises(ValueError, match="not known on enough days"):
        past(days.assign(z=float("nan")))


def test_no_part_of_a_median_that_is_not_above_nought_is_a_distance() -> None:
    newest = newest_against_past(days(*[-1.0 - number / 1000 for number in range(300)], 2.0))
    assert newest is not None
    assert (newest.from_median_pct, newest.rank) == (None, 1)
    assert newest.z is not None
    assert newest.z > 0
