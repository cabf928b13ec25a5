"""Coverage: which source serves each need of each company, since when, and what is missing."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from made import ORANGE, fact
from made_up import closes, company, facts, ground, sheet, store

from db import open_database
from db.derived.valuations import rebuild
from db.feeds.coverage import COVERAGE_COLUMNS, coverage
from db.reads import views
from scripts.main import mnav
from scripts.sources import glance, told
from treasury.known.coverage import LIST, NAMES, NEEDS, currencies, served
from treasury.known.precedence import Resolved
from treasury.known.resolve import NOTHING_KNOWN, State
from treasury.trust.grade import GRADES

ROOT = Path(__file__).parent.parent
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def rows(reference_db: Path) -> Rows:
    db = open_database(reference_db)
    found = coverage(db)
    db.close()
    return found


def of(rows: Rows, ticker: str) -> dict[Any, dict[str, Any]]:
    return {row["need"]: row for row in rows if row["ticker"] == ticker}


# -- the pure part -------------------------------------------------------------------------------------------------


def state(**known: object) -> State:
    """A state of which only some inputs are known."""
    names = ("btc", "shares_basic", "shares_assumed_diluted", "cost_basis", "cash", "debt", "preferred")
    claims: dict[str, Any] = {
        "convertibles": (),
        "awards": None,
        "claim_facts": (),
        "missing": NOTHING_KNOWN,
        "reasons": (),
    }
    given: dict[str, Any] = {**dict.fromkeys(names), **claims, **known}
    return State(**given)


def test_of_a_sum_the_weakest_fact_speaks_and_all_are_counted() -> None:
    old = fact("debt_total", 5.0, date(2025, 1, 1), source="10-K", number=1)
    paper = fact("principal", 2.0, date(2025, 2, 1), instrument="note", kind="press", source="paper", number=2)
    new = fact("principal", 3.0, date(2025, 5, 1), instrument="bond", source="8-K", number=3)
    debt = Resolved((("USD", 10.0),), date(2025, 5, 1), (old, paper, new))
    (one,) = [one for one in served(state(debt=debt, missing=())) if one.need.name == "debt"]
    assert (one.value, one.unit, one.as_of, one.fact, one.facts, one.kind) == (10, "USD", date(2025, 5, 1), paper, 3, "press")  # fmt: skip
    debt = Resolved((("USD", 8.0),), date(2025, 5, 1), (old, new))
    (one,) = [one for one in served(state(debt=debt, missing=())) if one.need.name == "debt"]
    assert (one.fact, one.kind) == (new, "filing")


def test_a_sum_in_several_currencies_has_no_single_value() -> None:
    both = Resolved((("JPY", 10.0), ("USD", 1.0)), date(2025, 5, 1))
    (one,) = [one for one in served(state(debt=both, missing=())) if one.need.name == "debt"]
    assert (one.value, one.unit, one.missing) == (None, None, ())


def test_nothing_owed_by_a_complete_list_has_no_age_and_is_not_missing() -> None:
    nothing = Resolved((("USD", 0.0),), None)
    (one,) = [one for one in served(state(debt=nothing, missing=())) if one.need.name == "debt"]
    assert (one.value, one.kind, one.as_of, one.missing) == (0, LIST, None, ())


def test_what_nobody_said_is_missing_by_its_name() -> None:
    lacking = {one.need.name: one.missing for one in served(state())}
    assert lacking == {
        "holdings": ("btc_holdings",), "shares": ("shares_basic",), "diluted": ("instruments",), "assumed": ("shares_assumed_diluted",),
        "debt": ("debt_total",), "preferred": ("preferred_total",), "cash": ("cash",), "cost": ("btc_cost_basis",),
    }  # fmt: skip


def test_the_currencies_are_those_of_the_price_and_of_money_that_is_not_nothing() -> None:
    known = state(
        btc=Resolved((("BTC", 1.0),), date(2025, 1, 1)),
        debt=Resolved((("EUR", 5.0), ("USD", 1.0)), date(2025, 1, 1)),
        cash=Resolved((("GBP", 0.0),), date(2025, 1, 1)),
    )
    assert currencies(known, "USD") == ["EUR"]
    assert currencies(known, "JPY") == ["JPY", "EUR"]
    assert currencies(state(), ORANGE.currency) == []


# -- the reference data --------------------------------------------------------------------------------------------


def test_every_company_has_every_need_once_and_each_is_served_or_missing(rows: Rows, read: sqlite3.Connection) -> None:
    (standing,) = read.execute("SELECT count(*) FROM company WHERE active_to IS NULL").fetchone()
    assert len({row["ticker"] for row in rows}) == standing > 150
    for ticker in {row["ticker"] for row in rows}:
        own = [row["need"] for row in rows if row["ticker"] == ticker]
        assert own[: len(NAMES) - 1] == list(NAMES[:-1])
        assert set(own[len(NAMES) - 1 :]) <= {"fx"}
    for row in rows:
        assert (row["missing"] is None) == (row["source_kind"] is not None), row
        if row["missing"] is None and row["source_kind"] != LIST:
            assert row["source"]
            assert row["value"] is not None
            assert row["as_of"] <= row["date"]
            assert row["first_as_of"] <= row["as_of"]
            assert row["age_days"] == (date.fromisoformat(str(row["date"])) - date.fromisoformat(str(row["as_of"]))).days  # fmt: skip
    held = [float(row["value"] or 0) for row in rows if row["need"] == "holdings"]
    assert held == sorted(held, reverse=True)


def test_what_is_served_is_the_state_the_valuation_uses(rows: Rows, read: sqlite3.Connection) -> None:
    """The plain rules here, the kernel there."""
    compared = 0
    for (day, ticker), own in {(row["date"], row["ticker"]): of(rows, str(row["ticker"])) for row in rows}.items():
        stored = read.execute(
            "SELECT s.* FROM state s JOIN company c ON c.id = s.company_id WHERE c.ticker = ? AND s.from_date <= ? ORDER BY s.from_date DESC LIMIT 1", (ticker, day)
        ).fetchone()  # fmt: skip
        for need in NEEDS:
            if not need.input:
                continue
            row = own[need.name]
            assert row["value"] == (None if stored is None else pytest.approx(stored[need.input])), (ticker, need.name)
            if stored is None or row["missing"]:
                continue
            assert row["as_of"] == stored[f"{need.input}_as_of"]
            if row["sources"] == 1 and stored[f"{need.input}_fact"] is not None:
                (source,) = read.execute("SELECT source FROM fact WHERE id = ?", (stored[f"{need.input}_fact"],)).fetchone()  # fmt: skip
                assert row["source_id"] == source
            assert (row["source_kind"] in ("press", "tracker")) == (need.input in stored["secondary"].split())
            compared += 1
    assert compared > 300


def test_a_few_needs_by_hand(rows: Rows) -> None:
    """As read in facts.csv: Strategy's 8-Ks and dashboard; XXI's 10-Q of May 2026; nobody says that Boyaa has no preferred stock."""
    strategy, twenty_one, metaplanet = (of(rows, ticker) for ticker in ("MSTR", "XXI", "3350.T"))
    assert {strategy["holdings"][name] for name in ("value", "as_of", "first_as_of", "age_days", "source_kind", "date")} == {
        840_447, "2026-08-17", "2020-08-11", 14, "issuer", "2026-08-31",
    }  # fmt: skip
    assert strategy["cash"]["quantity"] == "usd_reserve"
    assert strategy["diluted"]["unit"] == "claims"
    assert "fx" not in strategy
    debt = twenty_one["debt"]
    assert (debt["value"], debt["unit"], debt["as_of"], debt["age_days"], debt["source_kind"]) == (486.5e6, "USD", "2026-03-31", 153, "filing")  # fmt: skip
    assert str(debt["url"]).startswith("https://www.sec.gov/")
    assert (twenty_one["preferred"]["value"], twenty_one["preferred"]["source_kind"]) == (0, "filing")
    boyaa = of(rows, "0434.HK")
    assert (boyaa["preferred"]["missing"], boyaa["preferred"]["source_kind"]) == ("preferred_total", None)
    assert {(row["date"], row["age_days"]) for row in (boyaa["price"],)} == {
        ("2026-02-05", 0)
    }  # as known at its own last close
    assert (metaplanet["debt"]["source_kind"], metaplanet["fx"]["unit"], metaplanet["fx"]["source_id"]) == ("tracker", "USD per JPY", "ecb")  # fmt: skip
    assert of(rows, "CEPO")["holdings"]["missing"] == "SPAC_PENDING"


def test_the_grade_is_that_of_the_league_table_and_f_without_a_close(rows: Rows, read: sqlite3.Connection) -> None:
    graded = dict(read.execute("SELECT ticker, grade FROM mnav_latest").fetchall())
    found = {str(row["ticker"]): row["grade"] for row in rows}
    assert {ticker: found[ticker] for ticker in graded} == graded
    assert {found[ticker] for ticker in set(found) - set(graded)} == {"F"}


# -- a made-up world -----------------------------------------------------------------------------------------------


def test_a_merged_company_is_left_out_and_an_old_rate_is_missing(tmp_path: Path) -> None:
    db = open_database(tmp_path / "mnav.db", writable=True)
    ground(db)
    assert coverage(db) == []
    later = ("2025-01-10", "2025-01-20")
    store(
        db,
        company("YEN", mic="XTKS", currency="JPY", complete="yes"),
        company("GONE", active_to="2025-01-08"),
        facts("YEN", "btc_holdings 2025-01-01 2025-01-02 10 BTC", "btc_holdings 2025-01-05 2025-01-06 12 BTC"),
        facts("YEN", "btc_holdings 2025-01-06 2025-01-07 99 BTC", source="press"),
        closes("YEN", 500, later),
    )
    rebuild(db)
    own = of(coverage(db), "YEN")
    assert {row["ticker"] for row in coverage(db)} == {"YEN"}
    held = own["holdings"]
    assert (held["value"], held["source_id"], held["as_of"], held["first_as_of"], held["age_days"]) == (12, "filings", "2025-01-05", "2025-01-01", 15)  # fmt: skip
    assert (own["fx"]["missing"], own["fx"]["first_as_of"]) == (
        "usd_per_unit",
        "2025-01-03",
    )  # ten days old on the 20th
    assert (own["debt"]["value"], own["debt"]["source_kind"], own["debt"]["missing"]) == (0, LIST, None)
    assert told(own["debt"]) == "its complete list of instruments holds none"
    assert glance(list(own.values())) == {
        "holdings": "filing 15", "shares": None, "diluted": "list", "assumed": None, "debt": "list", "preferred": "list", "cash": None,
        "cost": None, "price": "market 0", "fx": None,
    }  # fmt: skip
    store(db, sheet("fx_rate", "2025-01-17,JPY,0.01,market"))
    assert glance(list(of(coverage(db), "YEN").values()))["fx"] == "market 3"
    db.close()


# -- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture
def run(reference_db: Path) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(mnav, ["--db", str(reference_db), "sources", *words], prog_name="mnav")


def test_one_company_need_by_need(run: Callable[..., Result]) -> None:
    done = run("xxi", "MSTR")
    assert done.exit_code == 0
    first, second = done.stdout.split("\n\nTwenty One Capital")[0], done.stdout.split("\n\nTwenty One Capital")[1]
    assert first.startswith("Strategy Inc (MSTR), as known at the close of 2026-08-31\ngrade A: conversions known;")
    lines = {line.split()[0]: line for line in second.splitlines() if line.strip()}
    assert lines["debt"].split()[:7] == ["debt", "486,500,000", "USD", "filing", "2026-03-31", "153", "2025-12-09"]
    assert lines["preferred"].split()[:6] == ["preferred", "0", "USD", "filing", "2026-03-31", "153"]
    third = run("0434.HK").stdout
    (line,) = [line for line in third.splitlines() if line.startswith("preferred ")]
    assert line.endswith("preferred_total: its preferred stock; where there is none, nobody has said so")
    assert "missing" in line


@pytest.mark.slow
def test_all_companies_at_a_glance_with_the_rules_beside(run: Callable[..., Result], rows: Rows) -> None:
    done = run("--coverage")
    head, _, first, *rest = done.stdout.splitlines()
    assert head.split() == ["ticker", "grade", *NAMES]
    assert first.split() == ["MSTR", "A", "issuer", "14", "issuer", "14", "press", "97", "issuer", "14", "issuer", "42", "issuer", "14", "issuer", "14", "filing", "98", "market", "0"]  # fmt: skip
    assert len(rest) + 1 == len({row["ticker"] for row in rows})
    for letter, meaning in GRADES.items():
        assert f" {letter}  {meaning}" in done.stderr
    assert run("--coverage", "-q").stderr == ""
    assert [line.split()[0] for line in run("--coverage", "3350.T").stdout.splitlines()[2:]] == ["3350.T"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ticker", "grade", "kept"),
    [
        ("MSTR", "A", []),
        ("XXI", "B", ["the oldest of its awards 234 days old, more than 137"]),
        ("3350.T", "B", ["diluted multiple not known: lacks instruments", "debt from press or a tracker", "cash from press or a tracker", "the oldest of debt, preferred stock and cash 214 days old, more than 137"]),
        ("HUT", "D", ["EV multiple not known: lacks preferred_total", "diluted multiple not known: lacks instruments", "shares from press or a tracker", "debt at its balance-sheet amount: the principal is not known"]),
        ("ADE.DE", "F", ["no close is valued"]),
    ],
)  # fmt: skip
def test_what_keeps_each_from_an_a(run: Callable[..., Result], ticker: str, grade: str, kept: list[str]) -> None:
    """On 2026-07-31, by the rules of treasury.trust.grade."""
    lines = run(ticker, "--on", "2026-07-31").stdout.splitlines()
    assert lines[1].startswith(f"grade {grade}: ")
    assert [line.removeprefix("  kept from A: ") for line in lines[2 : 2 + len(kept)]] == kept
    assert lines[2 + len(kept)] == ""
    told = json.loads(run(ticker, "--on", "2026-07-31", "--json").stdout)
    assert {row["kept_from_a"] for row in told} == {"; ".join(kept)}


def test_nine_grades_of_march_and_six_of_july_are_a_or_b(reference_db: Path) -> None:
    db = open_database(reference_db)
    found = {day: {row["ticker"] for row in views.league(db, day) if row["grade"] in "AB"} for day in ("2026-03-31", "2026-07-31")}  # fmt: skip
    db.close()
    assert found == {
        "2026-03-31": {"MSTR", "MARA", "XXI", "3350.T", "ASST", "CLSK", "XYZ", "NAKA", "FLD"},
        "2026-07-31": {"MSTR", "XXI", "3350.T", "ASST", "DJT", "XYZ"},
    }


@pytest.mark.slow
@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_glance_and_a_company_fit_a_terminal(
    run: Callable[..., Result], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scripts.shared.output.terminal_width", lambda: width)
    for words in (["--coverage"], ["XXI"], ["3350.T"]):
        lines = run(*words).stdout.split("\n\n")[-1].splitlines()
        assert max(map(len, lines)) <= width
        assert {"holdings", "shares", "debt", "preferred"} <= set(" ".join(lines).split())


@pytest.mark.slow
def test_programs_get_a_row_for_each_company_and_need(run: Callable[..., Result], rows: Rows) -> None:
    assert json.loads(run("--coverage", "--json").stdout) == rows
    own = json.loads(run("3350.T", "--json").stdout)
    assert own == [row for row in rows if row["ticker"] == "3350.T"]
    assert list(own[0]) == list(COVERAGE_COLUMNS)
    told = list(csv.DictReader(io.StringIO(run("MSTR", "--csv").stdout)))
    assert [float(row["value"]) for row in told if row["need"] == "holdings"] == [840_447]


def test_the_rules_are_in_the_help_and_unknown_companies_refused(run: Callable[..., Result]) -> None:
    shown = run("--help").stdout
    assert all(f"  {letter}  {meaning}" in shown for letter, meaning in GRADES.items())
    done = run("MSTRR")
    assert done.exit_code == 2
    assert "did you mean MSTR" in done.stderr


def test_every_need_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    for need in NEEDS:
        assert f"| `{need.name}` | {need.meaning} |" in page
