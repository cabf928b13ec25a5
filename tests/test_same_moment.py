"""The page on moments says what its commands print, the later hours show in a back-test, and the honest series makes nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.figure import Figure

from db import open_database
from db.reads.published_multiple import issuer_series, same_moment
from scripts.main import mnav
from treasury.charts import CHARTS
from treasury.metrics.row_wise import INPUTS
from treasury.model import InputError
from treasury.publishers.definition import value_on, values_on
from treasury.publishers.formulas import ALSO
from treasury.studies.look_ahead import AS_PUBLISHED, LATER_HOURS, OUR_MULTIPLE, SAME_MOMENT, next_session, outcomes

PAGE = Path(__file__).parent.parent / "docs" / "same-moment.md"  # its commands are run by test_docs


@pytest.mark.slow
def test_the_page_says_how_far_the_two_are_apart(reference_db: Path) -> None:
    done = CliRunner().invoke(mnav, ["--db", str(reference_db), "moment", "MSTR"], prog_name="mnav")
    found = re.search(
        r"(\d+) closes: .* is ([\d.]+) % .* median, ([\d.]+) % at the 90th percentile, ([\d.]+) % at worst \((.*)\)",
        done.stderr,
    )
    assert found is not None
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    closes, median, far, worst, day = found.groups()
    assert (
        f"Over the {closes} closes the two are {median} % apart in the median, {far} % at the 90th percentile, {worst} % at worst ({day})"
        in text
    )


@pytest.fixture(scope="module")
def days(reference_db: Path) -> pd.DataFrame:
    return same_moment(open_database(reference_db), "MSTR")


def test_the_eight_hours_show_in_the_published_series_and_nothing_in_the_honest_one(days: pd.DataFrame) -> None:
    found = {(one.trade, one.by): one for one in outcomes(days)}
    assert {one.closes for one in found.values()} == {371}
    for trade in ("long-only", "long-short"):
        for by in (SAME_MOMENT, OUR_MULTIPLE):
            honest = found[trade, by]
            assert honest.high_bp is not None
            assert honest.low_bp is not None
            assert honest.low_bp < 0 < honest.high_bp, by
        hours = found[trade, LATER_HOURS]
        assert hours.low_bp is not None
        assert hours.low_bp > 20  # basis points a session that nobody could have had
    published = found["long-short", AS_PUBLISHED]
    assert published.low_bp is not None
    assert published.low_bp > 0


def test_stored_inputs_and_the_walk_through_every_claim_lead_to_the_same_multiples(
    reference_db: Path, days: pd.DataFrame
) -> None:
    """Weeks in which the page used an old share count: what is stored, and what is resolved anew, term by term."""
    walked = issuer_series(open_database(reference_db), "MSTR", "2025-02-20", "2025-03-20")
    stored = days.loc[walked.index]
    assert len(stored) == 21
    for ours, theirs in (
        ("published", "mnav_ev_issuer"), ("same_moment", "issuer_at_close"), ("mnav_ev", "mnav_ev"),
    ):  # fmt: skip
        assert stored[ours].tolist() == pytest.approx(walked[theirs].tolist(), rel=1e-12), ours


@pytest.mark.parametrize("lacking", [(), ("cash",), ("shares_basic", "debt")])
def test_one_metric_alone_is_that_of_all(lacking: tuple[str, ...]) -> None:
    inputs = {name: 3.0 + 7 * at for at, name in enumerate((*INPUTS, *ALSO)) if name not in lacking}
    every = values_on(inputs)
    assert {name: value_on(inputs, name) for name in every} == every


def test_the_gap_foretells_the_next_session_only_in_the_published_series(days: pd.DataFrame) -> None:
    """A published multiple above that of the close says bitcoin fell after it, and the share's next session follows."""
    tomorrow = days["price"].shift(-1) / days["price"] - 1
    gap = days["published"] / days["same_moment"]
    assert gap.corr(tomorrow) < -0.2


# -- by hand -------------------------------------------------------------------------------------------------------


def frame(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.bdate_range("2025-06-02", periods=len(next(iter(columns.values())))))


def test_the_trade_by_hand() -> None:
    """Falls at the second and fourth close, rises at the third: +10 %, then −(−10 %), and the last close has no next session."""
    days = frame(price=[100.0, 100.0, 110.0, 99.0], multiple=[2.0, 1.9, 2.1, 1.8])
    held = next_session(days["price"], days["multiple"], "long-only").tolist()
    both = next_session(days["price"], days["multiple"], "long-short").tolist()
    assert held[1:3] == pytest.approx([0.1, 0.0])
    assert both[1:3] == pytest.approx([0.1, 0.1])
    assert np.isnan(
        [held[0], held[3], both[0], both[3]]
    ).all()  # no multiple before the first close, no session after the last
    flat = frame(price=[100.0, 101.0, 102.0], multiple=[2.0, 2.0, 2.0])
    assert next_session(flat["price"], flat["multiple"], "long-short").dropna().tolist() == [0.0]


def test_a_multiple_that_knows_the_next_session_gains_and_one_that_does_not_gains_nothing() -> None:
    """Share and bitcoin fall and rise alike by chance; the published multiple divides by the bitcoin of half a session later."""
    random = np.random.default_rng(1)
    moves = random.normal(0, 0.02, 801)
    price = np.exp(np.cumsum(moves))
    later = np.append(moves[1:], 0.0) / 2
    days = frame(price=price.tolist(), same_moment=np.exp(random.normal(0, 0.01, 801)).tolist())
    days["published"] = days["same_moment"] * np.exp(-later)
    days["mnav_ev"] = days["same_moment"]
    found = {(one.trade, one.by): one for one in outcomes(days)}
    gained, honest = found["long-short", LATER_HOURS], found["long-short", SAME_MOMENT]
    assert gained.low_bp is not None
    assert gained.low_bp > 10
    assert honest.low_bp is not None
    assert honest.high_bp is not None
    assert honest.low_bp < 0 < honest.high_bp
    assert outcomes(days, seed=3) == outcomes(days, seed=3)


def test_an_unknown_multiple_makes_no_session() -> None:
    days = frame(
        price=[100.0, 101.0, 102.0, 103.0],
        published=[2.0, float("nan"), 1.9, 1.8],
        same_moment=[2.0, 1.9, 1.8, 1.7],
        mnav_ev=[2.0, 1.9, 1.8, 1.7],
    )
    with pytest.raises(ValueError, match="no two closes after one another"):
        outcomes(days.iloc[:3])
    with pytest.raises(ValueError, match="no day with a published multiple"):
        CHARTS["moments"].draw(days.assign(published=float("nan"), ticker="ORNG"))


def test_the_chart_says_the_distance(days: pd.DataFrame) -> None:
    figure: Figure = CHARTS["moments"].draw(days.assign(ticker="MSTR"))
    title: Any = figure.get_suptitle().replace("\n", " ")
    assert (
        title
        == "MSTR: the published multiple is 0.59 % from that of the share's own close in the median, 4.1 % on 2025-04-02"
    )


def test_a_company_that_publishes_no_multiple_of_its_own_is_told_so(reference_db: Path) -> None:
    with pytest.raises(InputError, match=r"3350\.T published no EV multiple of its own"):
        same_moment(open_database(reference_db), "3350.T")
    done = CliRunner().invoke(mnav, ["--db", str(reference_db), "moment", "3350.T"], prog_name="mnav")
    assert done.exit_code == 1
