"""The sector index: worked links, no jump when a company enters or leaves, contributions that add up."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import forked
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import open_database
from db.feeds.sector_index import index_closes, index_ends
from treasury.studies.sector_index import IndexClose, chain

ROOT = Path(__file__).parent.parent
START = date(2025, 3, 3)


def closes(*values: tuple[float, float] | None, start: int = 0, eligible: bool = True) -> list[IndexClose]:
    return [
        IndexClose(START + timedelta(days=start + at), *value, eligible) for at, value in enumerate(values) if value is not None
    ]  # fmt: skip


def test_links_by_hand() -> None:
    """A: 200 for 100, then 150 for 100. B: 100 for 100, then 100 for 50. Together 1.5, then 250/150 = 1.667."""
    first, second = chain({"A": closes((200, 100), (150, 100)), "B": closes((100, 100), (100, 50))})
    assert (first.index, first.index_median, first.premium_usd) == (1.5, 1.5, 100)
    assert second.index == pytest.approx(5 / 3)
    assert second.premium_pct == pytest.approx(200 / 3)
    assert second.index_median == pytest.approx(1.75)  # 1.5 and 2
    # above the old 1.5: A 150 − 150 = 0 of 150, before 50 of 200; B 100 − 75 = 25 of 150, before −50 of 200
    assert second.contributions == {"A": pytest.approx(-0.25), "B": pytest.approx(1 / 6 + 0.25)}


@given(st.floats(0.01, 100), st.floats(1, 1e6), st.integers(1, 5))
def test_a_company_entering_changes_no_past_value_and_makes_no_step(multiple: float, held: float, entry: int) -> None:
    old = {"A": closes((200, 100), (150, 100), (160, 90), (170, 80), (100, 100), (120, 100), (130, 100))}
    new = {**old, "B": closes(*[(multiple * held, held)] * (7 - entry), start=entry)}
    before, after = chain(old), chain(new)
    for one, other in zip(before[: entry + 1], after[: entry + 1], strict=True):
        assert other.index == pytest.approx(one.index, rel=1e-12)
        assert other.index_median == pytest.approx(one.index_median, rel=1e-12)
    assert after[entry].entered == ("B",)


def test_a_company_leaving_makes_no_step() -> None:
    """B stands at 10x and falls silent: ten days later it is out, and the index moves with A alone."""
    a = closes(*[(200, 100)] * 20)
    found = chain({"A": a, "B": closes((1000, 100), (1000, 100))})
    assert {round(one.index, 12) for one in found} == {6.0}
    assert [one.left for one in found if one.left] == [("B",)]
    assert found[-1].aggregate == 2.0  # the plain multiple does jump
    assert found[11].members == ("A", "B")
    assert found[12].members == ("A",)


def test_who_is_not_eligible_has_no_say_until_the_day_after() -> None:
    b = [*closes((10, 100), eligible=False), *closes((900, 100), (1800, 100), start=1)]
    found = chain({"A": closes((200, 100), (200, 100), (200, 100)), "B": b})
    assert [one.index for one in found] == [2.0, 2.0, pytest.approx(2.0 * (2000 / 200) / (1100 / 200))]


def test_an_exchange_that_is_shut_carries_its_last_close() -> None:
    found = chain({"A": closes((200, 100), None, (220, 100)), "B": closes((100, 100), (100, 100), (100, 100))})
    assert [round(one.index, 9) for one in found] == [1.5, 1.5, 1.6]


def test_contributions_add_up_to_the_change(reference_db: Path) -> None:
    db = open_database(reference_db)
    found = chain(index_closes(db, "mnav_market_cap"), index_ends(db))
    assert len(found) > 1000
    for before, after in zip(found, found[1:], strict=False):  # noqa: RUF007
        assert sum(after.contributions.values()) == pytest.approx(after.index - before.index, abs=1e-9)
    assert {"SMLR", "MSTR", "3350.T"} <= {
        ticker for one in found for ticker in one.members
    }  # merged away, and still there
    assert max(one.day for one in found if "SMLR" in one.members) == date(2026, 1, 15)  # Strive's from the 16th on


@pytest.mark.slow
def test_the_verb(reference_db: Path) -> None:
    done = forked.mnav(
        "index", "--since", "2025-11-03", "--until", "2025-11-07", "--json", "--db", str(reference_db), check=True
    )
    rows = json.loads(done.stdout)
    assert [row["date"] for row in rows] == [f"2025-11-{day:02}" for day in range(3, 8)]
    assert all(row["members"] >= 5 for row in rows)


def test_the_sector_is_told_of_the_day_when_most_of_it_closed_last(reference_db: Path) -> None:
    told = forked.mnav("index", "--since", "2026-08-01", "--db", str(reference_db), check=True).stderr
    assert told.startswith("premium of 2026-09-30: −23.3 %, 2 companies stand behind it; of 2026-09-10, the last close")
    told = forked.mnav("index", "--until", "2026-08-20", "--db", str(reference_db), check=True).stderr
    assert told == "premium of 2026-08-20: −30.0 %, 10 companies stand behind it\n1,355 days from 2021-04-30\n"
