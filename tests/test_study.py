"""The event study: which changes are events, and changes from the close before them, by hand."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import forked
import made_up
import pytest

from db import open_database
from db.derived.valuations import rebuild
from db.feeds.events import events
from treasury.studies.events import Event, reaction, summarise

ROOT = Path(__file__).parent.parent
START = date(2025, 1, 6)


def series(*values: float | None) -> list[tuple[date, float | None]]:
    return [(START + timedelta(days=at), value) for at, value in enumerate(values)]


def test_changes_run_from_the_close_before() -> None:
    """2.0 the day before; 1.8, then 5 closes after the first 1.0: −10 %, −50 %, and 20 closes after is not there."""
    known = series(3.0, 2.0, 1.8, 1.7, 1.6, 1.5, 1.4, 1.0)
    told = reaction(Event("X", "issuance", START + timedelta(days=2), 5.0), known, relative=True)
    assert told is not None
    assert told.base == START + timedelta(days=1)
    assert told.changes == {0: pytest.approx(-10), 5: pytest.approx(-50), 20: None}
    points = reaction(told.event, known, relative=False)
    assert points is not None
    assert points.changes[5] == pytest.approx(-1.0)


def test_an_event_without_a_close_before_it_is_none() -> None:
    assert reaction(Event("X", "sale", START, -5.0), series(1.0, 2.0), relative=True) is None
    assert reaction(Event("X", "sale", START + timedelta(days=9), -5.0), series(1.0, 2.0), relative=True) is None
    gap = [(START, 1.0), (START + timedelta(days=30), 2.0)]
    assert reaction(Event("X", "sale", START + timedelta(days=15), -5.0), gap, relative=True) is None
    unknown = reaction(Event("X", "sale", START + timedelta(days=1), -5.0), series(None, 2.0), relative=True)
    assert unknown is not None
    assert set(unknown.changes.values()) == {None}


def test_sums_over_companies() -> None:
    told = [
        reaction(Event(ticker, "purchase", START + timedelta(days=1), 1.0), series(100.0, after), relative=True)
        for ticker, after in (("A", 110.0), ("B", 90.0), ("C", 106.0))
    ]
    (one,) = summarise([each for each in told if each is not None])
    assert (one.kind, one.horizon, one.events, one.companies, one.risen) == ("purchase", 0, 3, 3, 2)
    assert one.mean == pytest.approx(2.0)
    assert one.median == pytest.approx(6.0)
    assert one.interval is None  # too few to say


def test_what_counts_as_an_event(tmp_path: Path) -> None:
    db = open_database(tmp_path / "mnav.db", writable=True)
    made_up.ground(db)
    made_up.store(db, made_up.company("ORNG"), made_up.closes("ORNG", 10.0))
    made_up.store(
        db,
        made_up.facts(
            "ORNG",
            "btc_holdings 2024-12-31 2025-01-03 100 BTC",
            "shares_basic 2024-12-31 2025-01-03 1000000 shares",
            "debt_total 2024-12-31 2025-01-03 9000000 USD",
            "btc_holdings 2025-01-06 2025-01-06T12:00:00Z 110 BTC",
            "shares_basic 2025-01-06 2025-01-06T12:00:00Z 1040000 shares",
            "btc_holdings 2025-01-07 2025-01-07T12:00:00Z 110.5 BTC",
            "btc_holdings 2025-01-08 2025-01-08T12:00:00Z 88.4 BTC",
            "debt_total 2025-01-09 2025-01-09T12:00:00Z 4000000 USD",
        ),
    )
    rebuild(db)
    found = [(one.kind, str(one.day), round(one.size_pct, 6)) for one in events(db, ["ORNG"], 1.0)]
    assert found == [
        ("issuance", "2025-01-06", 4.0),
        ("purchase", "2025-01-06", 10.0),
        ("repaying_sale", "2025-01-08", -20.0),
    ]
    assert len(events(db, ["ORNG"], 0.1)) == 4
    assert events(db, ["ORNG"], 30.0) == []


@pytest.mark.slow
def test_the_verb(reference_db: Path) -> None:
    def rows(*words: str) -> list[dict[str, object]]:
        done = forked.mnav("study", *words, "--json", "--db", str(reference_db), check=True)
        found: list[dict[str, object]] = json.loads(done.stdout)
        return found

    totals = rows()
    bought = next(
        row for row in totals if (row["metric"], row["kind"], row["closes_after"]) == ("sats_per_share", "purchase", 0)
    )
    assert int(str(bought["events"])) > 80
    assert float(str(bought["median"])) > 0  # a purchase known adds satoshis a share
    single = rows("MSTR", "--events", "--least", "5")
    assert {row["ticker"] for row in single} == {"MSTR"}
    assert all(abs(float(str(row["size_pct"]))) >= 5 for row in single)
