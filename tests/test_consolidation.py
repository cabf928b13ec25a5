"""No coin counts twice, on any day, by any road: the rule, the view, and every sum over companies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import DAYS, closes, company, empty, facts, ground, sheet, store
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import rebuild
from db.feeds import report
from db.feeds.charts import sector
from db.feeds.sector_index import index_closes
from db.reads import views
from db.tables import objects
from treasury.charts.sector import aggregate
from treasury.consolidation import CONSOLIDATED_BY, MERGED_INTO, Consolidation, Relation, consolidated_sql


def day(number: int) -> date:
    return date(2025, 1, number)


def owned(ticker: str, other: str, since: int = 1, until: int | None = None) -> Relation:
    return Relation(ticker, other, CONSOLIDATED_BY, day(since), day(until) if until else None)


def test_the_rule_is_dated() -> None:
    rule = Consolidation([owned("B", "A", 5, 8)])
    assert [rule.counted_elsewhere("B", day(number)) for number in (4, 5, 7, 8)] == [False, True, True, False]
    assert rule.spans("B") == [(day(5), day(8))]
    assert rule.spans("A") == []


def test_what_a_parents_parent_counts_is_counted_there() -> None:
    """C is in B and B in A: beside A, C counts twice even where B is not asked for."""
    rule = Consolidation([owned("C", "B", 2), owned("B", "A", 4)])
    assert rule.owners("C", day(3)) == ("B",)
    assert rule.owners("C", day(4)) == ("B", "A")
    assert rule.counted_once(["A", "C"], day(3)) == ["A", "C"]
    assert rule.counted_once(["A", "C"], day(4)) == ["A"]
    assert rule.spans("C", ["A", "C"]) == [(day(4), None)]
    assert rule.spans("C") == [(day(2), None)]


def test_a_circle_of_owners_ends() -> None:
    rule = Consolidation([owned("A", "B"), owned("B", "A")])
    assert rule.owners("A", day(2)) == ("B",)


def test_a_merger_is_no_consolidation() -> None:
    assert Consolidation([Relation("B", "A", MERGED_INTO, day(1))]).owners("B", day(2)) == ()


numbers = st.integers(1, 12)
relations = st.lists(st.builds(lambda ticker, other, since, length: (ticker, other, since, length), st.sampled_from("BC"), st.sampled_from("ABC"), numbers, st.none() | st.integers(1, 9)), max_size=4)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(relations, numbers)
def test_sql_and_python_say_the_same(made: list[tuple[str, str, int, int | None]], on: int) -> None:
    some = [
        owned(one, other, since, since + length if length else None)
        for one, other, since, length in made
        if one != other
    ]
    db = Database(memory=True)
    db.execute("CREATE TABLE relation (ticker TEXT, other TEXT, kind TEXT, valid_from TEXT, valid_to TEXT)")
    for one in some:
        db.execute("INSERT INTO relation VALUES (?, ?, ?, ?, ?)", (one.ticker, one.other, one.kind, str(one.since), str(one.until) if one.until else None))  # fmt: skip
    inside = {ticker for (ticker,) in db.execute(f"SELECT k.ticker FROM relation k WHERE {consolidated_sql('k', '?')}", (str(day(on)),) * 2)}  # fmt: skip
    rule = Consolidation(some)
    assert inside == {ticker for ticker in "ABC" if rule.counted_elsewhere(ticker, day(on))}
    for ticker in "ABC":
        within = any(since <= day(on) and (until is None or day(on) < until) for since, until in rule.spans(ticker))
        assert within == rule.counted_elsewhere(ticker, day(on))
    db.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Database]:
    """ONE counts TWO's coins on the 7th and 8th, by two relations that overlap; both are treasuries with a close each day."""
    db = empty(tmp_path / "mnav.db")
    ground(db)
    every = ["debt_total 2024-12-01 2024-12-16 0 USD", "preferred_total 2024-12-01 2024-12-16 0 USD", "cash 2024-12-01 2024-12-16 0 USD", "shares_basic 2024-12-15 2024-12-16 20000000 shares"]  # fmt: skip
    store(
        db,
        company("ONE"),
        company("TWO"),
        company("SIX"),
        *(facts(ticker, f"btc_holdings 2024-12-20 2024-12-21 {held} BTC", *every) for ticker, held in (("ONE", 1000), ("TWO", 300), ("SIX", 500))),
        *(closes(ticker, 5) for ticker in ("ONE", "TWO", "SIX")),
        sheet("relation", "TWO,ONE,consolidated_by,2025-01-07,2025-01-09,filings,", "TWO,SIX,consolidated_by,2025-01-08,2025-01-09,filings,"),
    )  # fmt: skip
    rebuild(db)
    yield db
    db.close()


def test_every_sum_leaves_it_out_on_the_same_days(world: Database) -> None:
    """View, point-in-time sum, report, sector chart, index: 1,800 coins, 1,500 on the 7th and 8th, 1,800 again."""
    expected = {"2025-01-06": 1800, "2025-01-07": 1500, "2025-01-08": 1500, "2025-01-09": 1800, "2025-01-10": 1800}
    days = [text for text in expected if text in DAYS]
    assert "2025-01-07" in days
    assert "2025-01-09" in days
    totals = {row["date"]: row["btc"] for row in views.holdings_totals(world)}
    assert (totals["2025-01-07"], totals["2025-01-09"]) == (1500, 1800)
    assert "2025-01-08" not in totals, "nothing changes where the second relation begins"
    chart = sector(world, ())
    index = index_closes(world, "mnav_market_cap")
    reported = report.enterprise_days(world)
    for text in days:
        held = expected[text]
        assert views.holdings_on(world, text) == held
        assert sum(row["btc"] for row in report.holdings(world, text) if not row["counted_in"]) == held
        assert chart["btc_nav"][text] == pytest.approx(held * 100_000)
        assert (
            sum(close.held for own in index.values() for close in own if close.eligible and str(close.day) == text)
            == held * 100_000
        )
        assert sum(nav for _, when, _, nav, _ in reported if when == text) == pytest.approx(held * 100_000)


def test_given_companies_leave_out_only_what_one_of_them_counts(world: Database) -> None:
    rule = Consolidation(objects.relations(world))
    assert rule.counted_once(["ONE", "TWO"], date(2025, 1, 7)) == ["ONE"]
    assert rule.counted_once(["TWO"], date(2025, 1, 7)) == ["TWO"]
    alone, both = sector(world, ("TWO",)), sector(world, ("ONE", "TWO"))
    assert alone["btc_nav"]["2025-01-07"] == 30_000_000
    assert both["btc_nav"]["2025-01-07"] == 100_000_000
    assert both["btc_nav"]["2025-01-09"] == 130_000_000


def test_a_last_close_does_not_stand_for_who_is_counted_elsewhere() -> None:
    rows = pd.DataFrame(
        {"date": pd.to_datetime(["2025-01-06", "2025-01-06", "2025-01-07"]), "ticker": ["A", "B", "A"], "market_cap": 1.0, "btc_nav": 1.0, "btc": 1.0}
    )  # fmt: skip
    assert list(aggregate(rows)["btc_nav"]) == [2, 2]
    assert list(aggregate(rows, {"B": [(day(7), None)]})["btc_nav"]) == [2, 1]


def test_the_bundled_relations_hold_by_every_road(reference_db: Path) -> None:
    db = open_database(reference_db)
    rule = Consolidation(objects.relations(db))
    spans = {ticker: rule.spans(ticker) for ticker in views.tickers(db) if rule.spans(ticker)}
    assert spans
    for own in spans.values():
        for begins, ends in own:
            for at in {begins - timedelta(days=1), begins, *((ends,) if ends else ())}:
                total = sum(row["btc"] for row in report.holdings(db, str(at)) if not row["counted_in"])
                assert total == pytest.approx(views.holdings_on(db, str(at)))
    db.close()
