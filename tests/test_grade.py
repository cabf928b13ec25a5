"""Grades: each rule by hand, the view's SQL equal to the rules, and what the bundled data deserve."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import closes, company, empty, facts, ground, store
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import rebuild
from db.reads import views
from treasury.trust.grade import GRADE_RULES, GRADES, grade, grade_sql

ROOT = Path(__file__).parent.parent
BEST = {
    "mnav_ev": 1.2, "mnav_diluted": 1.1, "mnav_market_cap": 1.0, "btc_age_days": 1, "shares_age_days": 0, "claims_age_days": 137,
    "award_age_days": 137, "secondary": "", "reason": "NO_BASE", "stale": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "letter"),
    [
        ({}, "A"),
        ({"claims_age_days": None}, "A"),  # nothing owed, so nothing that could be old
        ({"secondary": "shares_assumed_diluted cost_basis"}, "A"),  # no part of the EV multiple
        ({"claims_age_days": 138}, "B"),
        ({"award_age_days": 491}, "B"),  # the diluted multiples rest on them; a B promises none
        ({"award_age_days": None}, "A"),
        ({"btc_age_days": 274}, "B"),
        ({"mnav_diluted": None}, "B"),
        ({"secondary": "debt"}, "B"),
        ({"secondary": "preferred cash"}, "B"),
        ({"reason": "DEBT_AT_CARRYING NO_BASE"}, "B"),
        ({"shares_age_days": 275}, "C"),
        ({"secondary": "btc"}, "C"),
        ({"secondary": "btc shares_basic debt"}, "C"),
        ({"stale": 1}, "C"),
        ({"mnav_ev": None}, "D"),
        ({"mnav_ev": None, "secondary": "btc", "stale": 1}, "D"),
        ({"mnav_ev": None, "mnav_diluted": None, "mnav_market_cap": None}, "F"),
    ],
)
def test_each_rule_by_hand(changed: dict[str, object], letter: str) -> None:
    assert grade({**BEST, **changed}) == letter


def in_sql(row: dict[str, object]) -> str:
    """What SQLite makes of a row."""
    found: str = (
        sqlite3.connect(":memory:")
        .execute(f"SELECT {grade_sql({name: f':{name}' for name in row})}", row)
        .fetchone()[0]
    )
    return found


words = st.lists(st.sampled_from(["btc", "shares_basic", "shares_assumed_diluted", "debt", "cash"]), unique=True)
ages = st.one_of(st.none(), st.sampled_from([0, 1, 136, 137, 138, 273, 274, 275, 400]))
multiples = st.one_of(st.none(), st.sampled_from([-0.5, 0.0, 1.2]))


@given(
    st.fixed_dictionaries(
        {
            "mnav_ev": multiples, "mnav_diluted": multiples, "mnav_market_cap": multiples, "btc_age_days": ages, "shares_age_days": ages,
            "claims_age_days": ages, "award_age_days": ages, "secondary": st.one_of(st.none(), words.map(" ".join)),
            "reason": st.sampled_from([None, "", "DEBT_AT_CARRYING", "STALE_DILUTED DEBT_AT_CARRYING", "NO_BASE"]), "stale": st.sampled_from([0, 1]),
        }
    )
)  # fmt: skip
def test_the_sql_says_what_the_rules_say(row: dict[str, object]) -> None:
    assert in_sql(row) == grade(row)


def test_the_last_rule_asks_for_nothing() -> None:
    assert GRADE_RULES[-1].conditions == ()
    assert list(GRADES) == sorted(GRADES)


@pytest.mark.parametrize("day", [None, "2026-02-05", "2025-11-10", "2025-03-03", "2024-06-28", "2021-05-14"])
def test_every_row_of_the_reference_data_has_the_grade_its_inputs_deserve(reference_db: Path, day: str | None) -> None:
    db = open_database(reference_db)
    seconds = dict(
        db.execute(
            "SELECT c.ticker || v.date, s.secondary FROM company c JOIN valuation v ON v.company_id = c.id JOIN state s ON s.id = v.state"
        ).fetchall()
    )
    rows = views.league(db, day)
    assert rows
    for row in rows:
        assert row["grade"] == grade({**row, "secondary": seconds.get(row["ticker"] + row["date"])}), row["ticker"]
    if day is None:
        assert {row["ticker"]: row["grade"] for row in rows} == dict(
            db.execute("SELECT ticker, grade FROM mnav_latest").fetchall()
        )
    db.close()


def test_the_grades_of_the_reference_data(reference_db: Path) -> None:
    """MSTR reports weekly; of XXI the quarter's report says all, of Metaplanet a tracker does; how many coins Sequans sold is not known."""
    db = open_database(reference_db)
    found = {row["ticker"]: row["grade"] for row in views.league(db)}
    assert {name: found[name] for name in ("MSTR", "3350.T", "MARA", "XXI", "DCC.AX", "SQNS", "CEPO")} == {
        "MSTR": "A", "3350.T": "C", "MARA": "C", "XXI": "B", "DCC.AX": "D", "SQNS": "F", "CEPO": "F",
    }  # fmt: skip
    then = {row["ticker"]: row["grade"] for row in views.league(db, "2025-11-10")}
    # Strategy's options were last counted in March; MARA's debt is a balance-sheet amount; Metaplanet's cash is of 2024-12-31
    assert (then["MSTR"], then["MARA"], then["3350.T"]) == ("B", "B", "C")
    db.close()


@pytest.fixture
def world(tmp_path: Path) -> Database:
    db = empty(tmp_path / "mnav.db")
    ground(db)
    return db


KNOWN = {
    "btc_holdings": "btc_holdings 2025-01-05 2025-01-06 20 BTC",
    "shares_basic": "shares_basic 2024-12-15 2024-12-16 500000 shares",
    "debt_total": "debt_total 2024-12-01 2024-12-16 300000 USD",
    "preferred_total": "preferred_total 2024-12-01 2024-12-16 0 USD",
    "cash": "cash 2024-12-01 2024-12-16 200000 USD",
}


@pytest.mark.parametrize(
    ("second_hand", "complete", "letter"),
    [
        ((), "yes", "A"),
        ((), "", "B"),
        (
            ("debt_total",),
            "yes",
            "A",
        ),  # its complete list, which is empty, says that nothing is owed: a tracker is not asked
        (("debt_total",), "", "B"),
        (("cash", "preferred_total"), "", "B"),
        (("btc_holdings",), "yes", "C"),
        (("shares_basic", "cash"), "", "C"),
    ],
)
def test_what_press_gave_lowers_the_grade(
    world: Database, second_hand: tuple[str, ...], complete: str, letter: str
) -> None:
    store(
        world,
        company("ONE", complete=complete),
        facts("ONE", *(row for name, row in KNOWN.items() if name not in second_hand)),
        facts("ONE", *(KNOWN[name] for name in second_hand), source="press"),
        closes("ONE", 5),
    )
    rebuild(world)
    assert world.execute("SELECT grade FROM mnav_latest WHERE ticker = 'ONE'").fetchone() == (letter,)
    world.close()


@pytest.mark.parametrize(("letter", "meaning"), GRADES.items())
def test_every_rule_is_in_the_docs(letter: str, meaning: str) -> None:
    assert f"| {letter} | {meaning} |" in (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
