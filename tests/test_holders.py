"""Everybody who holds bitcoin, the league on two days, and the age of a row against today."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from made_up import closes, company, empty, facts, ground, sheet, store
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import rebuild
from db.feeds.compare import compare
from db.feeds.holders import holders
from db.reads.absence import why_not_valued
from scripts.main import mnav
from treasury.trust.grade import aged

MONDAY, FRIDAY = "2025-01-06", "2025-01-10"


@pytest.fixture
def world(tmp_path: Path) -> Database:
    """A parent that counts its subsidiary's coins, a company without a price, one that merged away, one that holds nothing."""
    db = empty(tmp_path / "mnav.db")
    ground(db)
    store(
        db,
        company("PARE") + company("SUBS").partition("\n")[2] + company("DARK").partition("\n")[2]
        + company("GONE", active_to="2025-01-08").partition("\n")[2] + company("NONE").partition("\n")[2],
    )  # fmt: skip
    store(
        db,
        facts("PARE", "btc_holdings 2025-01-03 2025-01-03T12:00:00Z 100 BTC", "btc_holdings 2025-01-08 2025-01-08T12:00:00Z 130 BTC", "shares_basic 2025-01-03 2025-01-03 1000000 shares"),
        facts("SUBS", "btc_holdings 2025-01-03 2025-01-03T12:00:00Z 40 BTC"),
        facts("DARK", "btc_holdings 2025-01-03 2025-01-03T12:00:00Z 70 BTC"),
        facts("GONE", "btc_holdings 2025-01-03 2025-01-03T12:00:00Z 9 BTC"),
        facts("NONE", "btc_holdings 2025-01-03 2025-01-03T12:00:00Z 0 BTC"),
        closes("PARE", 20.0), sheet("relation", "SUBS,PARE,consolidated_by,2024-06-01,,filings,"),
        sheet("relation", "GONE,PARE,merged_into,2025-01-08,,filings,"),
    )  # fmt: skip
    rebuild(db)
    return db


def test_coins_counted_in_another_company_are_listed_and_summed_once(world: Database) -> None:
    rows = {row["ticker"]: row for row in holders(world, FRIDAY)}
    assert list(rows) == ["PARE", "DARK", "SUBS"]
    assert (rows["SUBS"]["counted_in"], rows["SUBS"]["rank"], rows["SUBS"]["share_pct"]) == ("PARE", None, None)
    assert (rows["PARE"]["share_pct"], rows["DARK"]["share_pct"]) == (65.0, 35.0)
    assert (rows["PARE"]["rank"], rows["DARK"]["rank"]) == (1, 2)


def test_the_change_is_against_what_was_known_then(world: Database) -> None:
    rows = {row["ticker"]: row for row in holders(world, FRIDAY, since="2025-01-07")}
    assert rows["PARE"]["change"] == 30
    assert rows["DARK"]["change"] == 0
    assert {row["change"] for row in holders(world, FRIDAY, since="2024-12-01")} == {None}  # nothing was known then
    assert {row["btc"] for row in holders(world, "2025-01-07") if row["ticker"] == "PARE"} == {100}


def test_a_holder_without_a_price_is_listed_with_the_reason(world: Database) -> None:
    rows = {row["ticker"]: row for row in holders(world, FRIDAY)}
    assert rows["DARK"]["without_price"].startswith("no price known; import")
    assert rows["PARE"]["without_price"] is None
    later = {row["ticker"]: row for row in holders(world, "2025-02-03")}
    assert later["PARE"]["without_price"].startswith(f"lacks a price since {FRIDAY}")


def test_a_multiple_of_an_earlier_close_is_no_multiple_of_the_day(run: Callable[..., Result]) -> None:
    told = run("holders", "--country", "jp")
    assert "multiple of 2026-09-30" in told.stdout
    assert "0 of them have a multiple that day, 3 one of an earlier close" in told.stderr
    assert run("holders", "--country", "xx").stderr.startswith("nobody of those asked for is known to hold bitcoin")


def test_what_begins_later_is_not_unknown(reference_db: Path) -> None:
    assert why_not_valued(open_database(reference_db), "MSTR", "2010-01-01") == (
        "no price known by 2010-01-01; its closes begin on 2020-08-03"
    )


@pytest.mark.parametrize(
    ("ticker", "why"),
    [("GONE", "merged into PARE on 2025-01-08"), ("DARK", "no price known"), ("NONE", "no price known")],
)
def test_somebody_missing_is_explained(world: Database, ticker: str, why: str) -> None:
    assert why_not_valued(world, ticker, FRIDAY).startswith(why)


def test_a_company_enters_and_leaves_the_comparison(world: Database) -> None:
    store(world, closes("DARK", 1.0, [FRIDAY]), facts("DARK", "shares_basic 2025-01-03 2025-01-03 50000000 shares"))
    rebuild(world)
    rows = {row["ticker"]: row for row in compare(world, MONDAY, FRIDAY, everyone=True)}
    assert (rows["DARK"]["what"], rows["DARK"]["rank_from"]) == ("entered", None)
    assert (rows["PARE"]["what"], rows["PARE"]["btc_from"], rows["PARE"]["btc_to"]) == ("", 100, 130)
    assert rows["PARE"]["btc_change_pct"] == pytest.approx(30)


def test_prices_and_satoshis_are_compared_on_one_split_basis(world: Database) -> None:
    """Ten for one on Friday: the price falls from 20 to 2 and nothing has happened."""
    world.execute("DELETE FROM price WHERE symbol = 'PARE' AND date = ?", [FRIDAY])
    store(world, sheet("split", f"PARE,{FRIDAY},10,1,filings,"), closes("PARE", 2.0, [FRIDAY]))
    rebuild(world)
    row = compare(world, "2025-01-09", FRIDAY, ["PARE"])[0]
    assert row["price_usd_change_pct"] == pytest.approx(0)
    assert row["sats_per_share_on_one_basis_change_pct"] == pytest.approx(0)


ROW = {
    "date": "2025-11-07", "stale": 0, "btc_age_days": 10, "shares_age_days": 10, "claims_age_days": 10, "award_age_days": 10, "mnav_ev": 1.2,
    "mnav_diluted": 1.1, "mnav_market_cap": 1.0, "secondary": "", "reason": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("today", "age", "stale", "grade"),
    [("2025-11-07", 0, 0, "A"), ("2025-11-14", 7, 0, "A"), ("2025-11-15", 8, 1, "C"), ("2025-11-01", 0, 0, "A")],
)
def test_a_row_ages_against_today(today: str, age: int, stale: int, grade: str) -> None:
    row = aged(ROW, date.fromisoformat(today))
    assert (row["close_age_days"], row["stale"], row["grade"]) == (age, stale, grade)


def test_inputs_grow_older_with_the_close() -> None:
    """137 days (a quarter and its report) are the limit of A: 134 at the close are 138 four days later."""
    assert aged({**ROW, "btc_age_days": 134}, date(2025, 11, 10))["grade"] == "A"
    assert aged({**ROW, "btc_age_days": 134}, date(2025, 11, 11))["grade"] == "B"


@pytest.fixture
def run(reference_db: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("MNAV_TODAY", "2026-09-30")

    def run(*words: str) -> Result:
        return CliRunner().invoke(mnav, ["--db", str(reference_db), *words], prog_name="mnav")

    return run


def rows_of(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


@pytest.mark.slow
def test_a_million_coins_at_160_companies_in_november_2025(run: Callable[..., Result]) -> None:
    rows = rows_of(run("holders", "--on", "2025-11-10", "--json"))
    assert len(rows) >= 160
    counted = [row for row in rows if row["counted_in"] is None]
    assert sum(row["btc"] for row in counted) == pytest.approx(1.0e6, rel=0.05)
    assert [row["rank"] for row in counted] == list(range(1, len(counted) + 1))
    held = {row["ticker"]: row["btc"] for row in rows}
    assert (held["MSTR"], held["3350.T"], held["MARA"]) == (
        641_692,
        30_823,
        52_850,
    )  # 8-K of that day, TDnet 2025-09-30, 10-Q
    assert next(row for row in rows if row["ticker"] == "ABTC")["counted_in"] == "HUT"


def test_holders_says_what_it_is_given_wrong(run: Callable[..., Result]) -> None:
    assert "unknown kind 'banks'; there are: treasury" in run("holders", "--kind", "banks").output
    assert (
        "--since 2025-11-11 is not before 2025-11-10"
        in run("holders", "--on", "2025-11-10", "--since", "2025-11-11").output
    )


def test_the_falls_of_strategy_and_metaplanet_come_out_of_the_comparison(run: Callable[..., Result]) -> None:
    rows = {
        row["ticker"]: row for row in rows_of(run("compare", "--from", "2025-07-16", "--to", "2025-11-07", "--json"))
    }
    assert rows["MSTR"]["market_cap_change_pct"] == pytest.approx(-45.9, abs=0.1)
    assert rows["MSTR"]["sats_per_share_on_one_basis_change_pct"] == pytest.approx(4.57, abs=0.01)
    assert rows["3350.T"]["mnav_market_cap_from"] > 3 > 1 > rows["3350.T"]["mnav_market_cap_to"]


def test_the_comparison_is_drawn(run: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "slope.svg"
    result = run("compare", "--from", "2025-07-16", "--to", "2025-11-07", "-o", str(path))
    assert result.exit_code == 0, result.output
    assert path.read_text(encoding="utf-8").startswith("<?xml")


def test_a_ticker_that_merged_says_into_whom(run: Callable[..., Result]) -> None:
    assert "SMLR: merged into ASST on 2026-01-16" in run("show", "SMLR").output


def test_show_tells_the_age_of_every_close(run: Callable[..., Result]) -> None:
    for row in rows_of(run("show", "--json")):
        assert row["close_age_days"] == (date(2026, 9, 30) - date.fromisoformat(row["date"])).days
        assert row["stale"] == (row["close_age_days"] > 7) or row["stale"]
    (row,) = rows_of(run("show", "MSTR", "--on", "2025-11-10", "--json"))
    # its options and units were last counted on 2025-02-23, 260 days before: the diluted multiple rests on them, an A asks for 137
    assert (row["close_age_days"], row["grade"], row["award_age_days"]) == (0, "B", 260)
    assert "MNAV_TODAY is 'soon', not a day" in CliRunner().invoke(mnav, ["show"], env={"MNAV_TODAY": "soon"}).output
