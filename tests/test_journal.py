"""The journal: what changed, old and new, ties to the states it tells of, and its totals count no coin twice."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from made_up import closes, company, empty, facts, ground, sheet, store
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import bring_up_to_date, rebuild
from db.reads import views
from scripts.main import mnav

INPUTS = {
    "btc_holdings": "btc",
    "shares_basic": "shares_basic",
    "shares_assumed_diluted": "shares_assumed_diluted",
    "debt_total": "debt",
    "preferred_total": "preferred",
    "cash": "cash",
    "btc_cost_basis": "cost_basis",
}
Entry = sqlite3.Row


@pytest.fixture(scope="module")
def reference(reference_db: Path) -> Iterator[Database]:
    db = open_database(reference_db)
    yield db
    db.close()


@pytest.fixture(scope="module")
def journal(reference: Database) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The entries of each company and quantity, oldest first."""
    entries = defaultdict(list)
    for row in views.revisions(reference):
        assert row["quantity"] in INPUTS or row["what"] == "withdrawn"
        entries[row["ticker"], row["quantity"]].append(row)
    return entries


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Database]:
    db = empty(tmp_path / "mnav.db")
    ground(db)
    yield db
    db.close()


def entries(db: Database, ticker: str, quantity: str = "btc_holdings") -> list[tuple[object, ...]]:
    return [
        (row["date"], row["what"], row["old"], row["new"]) for row in views.revisions(db, [ticker], quantity=quantity)
    ]


def totals(db: Database) -> dict[str, float]:
    return {row["date"]: row["btc"] for row in views.holdings_totals(db)}


# -- entries and states --------------------------------------------------------------------------------------------


def test_the_last_entry_is_what_the_last_state_holds(
    read: sqlite3.Connection, journal: dict[tuple[str, str], list[dict[str, Any]]]
) -> None:
    """Of every company and input; what was never known has no entry. States of days to come are no news yet."""
    (known,) = read.execute("SELECT max(date) FROM price").fetchone()  # later than every fact of this data
    assert known > read.execute("SELECT max(known_at) FROM fact").fetchone()[0]
    rows = read.execute(
        "SELECT c.ticker, s.* FROM company c JOIN state s ON s.company_id = c.id WHERE s.from_date <= ? ORDER BY s.from_date", (known,)
    ).fetchall()  # fmt: skip
    last = {row["ticker"]: row for row in rows}
    compared = 0
    for ticker, state in last.items():
        for quantity, name in INPUTS.items():
            told = journal.get((ticker, quantity), [])
            assert (told[-1]["new"] if told else None) == state[name], (ticker, quantity)
            compared += bool(told)
    assert set(last) == {ticker for ticker, _ in journal}
    assert compared == len(journal) > 300


def test_every_entry_takes_up_where_the_one_before_left_off(
    journal: dict[tuple[str, str], list[dict[str, Any]]],
) -> None:
    for key, rows in journal.items():
        before = None
        for row in rows:
            assert row["old"] == before, (key, row["date"])
            assert row["new"] != row["old"], (key, row["date"])
            what = "appeared" if row["old"] is None else "vanished" if row["new"] is None else row["what"]
            assert row["what"] == what
            assert what in ("appeared", "vanished", "changed", "split")
            before = row["new"]
        assert [row["date"] for row in rows] == sorted({row["date"] for row in rows}), key


def test_every_entry_leads_to_a_fact_that_was_known(
    read: sqlite3.Connection, journal: dict[tuple[str, str], list[dict[str, Any]]]
) -> None:
    stored = {row["id"]: row for row in read.execute("SELECT * FROM known_fact")}
    traced = 0
    for (ticker, quantity), rows in journal.items():
        for row in rows:
            if row["fact"] is None:
                # a sum over instruments, or the zero of a complete list without any
                assert quantity in ("debt_total", "preferred_total"), (ticker, row["date"])
                continue
            fact = stored[row["fact"]]
            assert (fact["ticker"], fact["source"], fact["known_at"]) == (ticker, row["source"], row["known_at"])
            if quantity not in (
                "debt_total",
                "preferred_total",
                "shares_basic",
                "btc_cost_basis",
            ):  # those may have moved since the number they start from
                assert fact["as_of"] == row["as_of"]
            assert row["as_of"] <= row["date"]
            assert fact["known_at"][:10] <= row["date"]
            if quantity == "btc_holdings" and row["new"] is not None:
                assert (fact["quantity"], fact["value"]) == (quantity, row["new"])
                traced += 1
    assert traced > 700


def test_the_holdings_of_strategy_are_those_it_announced(reference: Database, read: sqlite3.Connection) -> None:
    """Published totals of its first months, each from the first close after it was public."""
    assert entries(reference, "MSTR")[:12] == [
        ("2020-08-11", "appeared", None, 21454),
        ("2020-09-15", "changed", 21454, 38250),
        ("2020-12-05", "changed", 38250, 40824),
        ("2020-12-22", "changed", 40824, 70470),
        ("2021-01-22", "changed", 70470, 70784),
        ("2021-02-02", "changed", 70784, 71079),
        ("2021-02-25", "changed", 71079, 90531),
        ("2021-03-01", "changed", 90531, 90859),
        ("2021-03-05", "changed", 90859, 91064),
        ("2021-03-12", "changed", 91064, 91326),
        ("2021-04-05", "changed", 91326, 91579),
        ("2021-05-13", "changed", 91579, 91850),
    ]


# -- splits, appearing, vanishing, withdrawing ---------------------------------------------------------------------


def test_splits_are_told_as_splits_with_their_ratio(reference: Database) -> None:
    ratios = {
        (row["ticker"], row["date"]): row["new"] / row["old"]
        for row in views.revisions(reference, quantity="shares_basic")
        if row["what"] == "split"
    }
    assert ratios == {
        ("ABTC", "2026-07-06"): pytest.approx(1 / 15),
        ("ALCPB.PA", "2026-09-08"): pytest.approx(1 / 10),
        ("BTM", "2026-02-23"): pytest.approx(1 / 7),
        ("CANG", "2026-07-21"): pytest.approx(1 / 10),
        ("GDC", "2026-06-29"): pytest.approx(1 / 250),
        ("IMG", "2025-12-05"): pytest.approx(1 / 13),
        ("LMFA", "2026-07-13"): pytest.approx(1 / 25),
        ("NAKA", "2026-05-22"): pytest.approx(1 / 40),
        ("NXTT", "2026-08-10"): pytest.approx(1 / 100),
        ("TSLA", "2022-08-25"): pytest.approx(3),
        ("ZOOZ", "2026-06-01"): pytest.approx(1 / 20),
        ("MSTR", "2024-08-08"): pytest.approx(10),
        ("3350.T", "2024-07-30"): pytest.approx(1 / 10),
        ("3350.T", "2025-03-28"): pytest.approx(10),
        ("ASST", "2026-02-06"): pytest.approx(1 / 20),
        ("BMNR", "2025-05-15"): pytest.approx(1 / 20),
        ("KULR", "2025-06-23"): pytest.approx(1 / 8),
        ("NXTT", "2025-09-16"): pytest.approx(1 / 200),
    }  # of SQNS and ABTC no count of before is known


def test_no_split_is_a_change_of_holdings(reference: Database) -> None:
    told = {row["quantity"] for row in views.revisions(reference) if row["what"] == "split"}
    assert told <= {"shares_basic", "shares_assumed_diluted"}


def test_a_split_changes_no_total(world: Database) -> None:
    store(world, company("ONE"), closes("ONE", 15), facts("ONE", "btc_holdings 2025-01-01 2025-01-02 1000 BTC", "shares_basic 2025-01-01 2025-01-02 10000000 shares"))  # fmt: skip
    rebuild(world)
    before = totals(world)
    store(world, sheet("split", "ONE,2025-01-08,2,1,filings,"))
    rebuild(world)
    assert totals(world) == before == {"2025-01-03": 1000}
    assert entries(world, "ONE", "shares_basic") == [
        ("2025-01-03", "appeared", None, 10_000_000),
        ("2025-01-08", "split", 10_000_000, 20_000_000),
    ]
    assert entries(world, "ONE") == [("2025-01-03", "appeared", None, 1000)]


def test_semler_vanishes_with_its_merger(reference: Database) -> None:
    (row,) = [row for row in views.revisions(reference, ["SMLR"], quantity="btc_holdings") if row["what"] == "vanished"]
    assert (row["date"], row["old"], row["new"], row["note"]) == ("2026-01-16", 5048, None, "MERGED")
    assert [
        row["what"] for row in views.revisions(reference, ["SMLR"], since="2026-01-17", quantity="btc_holdings")
    ] == []


def test_whoever_vanishes_does_so_for_a_reason(journal: dict[tuple[str, str], list[dict[str, Any]]]) -> None:
    reasons = defaultdict(set)
    for (_, quantity), rows in journal.items():
        for row in rows:
            if row["what"] == "vanished":
                reasons[quantity].add(str(row["note"]).split()[0] if row["note"] else None)
    assert reasons["btc_holdings"] == {"STALE_BTC", "MERGED", "HOLDINGS_OUTDATED"}
    assert all(None not in codes for codes in reasons.values())


def test_teslas_coins_vanish_when_its_last_word_is_400_days_old(reference: Database) -> None:
    """43,200 BTC at 2021-03-31, then nothing until a snapshot of 2024-01-07: 401 days later are 2022-05-06 and 2025-02-11."""
    assert date(2021, 3, 31) + timedelta(401) == date(2022, 5, 6)
    assert date(2024, 1, 7) + timedelta(401) == date(2025, 2, 11)
    told = entries(reference, "TSLA")
    assert ("2022-05-06", "vanished", 43200, None) in told
    assert ("2025-01-31", "changed", 10500, 11509) in told  # the annual report, eleven days before that
    assert told[told.index(("2022-05-06", "vanished", 43200, None)) + 1][1:] == ("appeared", None, 10500)


def test_what_will_be_too_old_one_day_has_not_vanished_yet(world: Database) -> None:
    """Known 2025-01-02, too old in 2026: the last thing known in this world is of January 2025."""
    store(world, company("ONE"), closes("ONE", 15), facts("ONE", "btc_holdings 2025-01-01 2025-01-02 1000 BTC"))
    rebuild(world)
    assert [what for _, what, *_ in entries(world, "ONE")] == ["appeared"]
    store(world, company("TWO"), facts("TWO", "btc_holdings 2026-03-01 2026-03-02 5 BTC"))
    bring_up_to_date(world)
    assert entries(world, "ONE")[1:] == [("2026-02-06", "vanished", 1000, None)]
    assert date(2025, 1, 1) + timedelta(401) == date(2026, 2, 6)
    assert totals(world) == {"2025-01-03": 1000, "2026-02-06": 0, "2026-03-03": 5}


def test_the_newest_fact_is_in_the_journal_at_once(world: Database) -> None:
    """Told on the day of the newest price, it counts from the day after; nothing newer has to come first."""
    store(world, company("ONE"), closes("ONE", 15), facts("ONE", "btc_holdings 2025-01-09 2025-01-10 1000 BTC"))
    rebuild(world)
    assert entries(world, "ONE") == [("2025-01-11", "appeared", None, 1000)]
    assert totals(world) == {"2025-01-11": 1000}


def test_a_withdrawn_fact_stays_visible_and_leaves_the_totals(world: Database) -> None:
    store(
        world,
        company("ONE"),
        closes("ONE", 15),
        facts("ONE", "btc_holdings 2025-01-01 2025-01-02 1000 BTC", "btc_holdings 2025-01-06 2025-01-06 100000 BTC"),
    )
    rebuild(world)
    assert totals(world) == {"2025-01-03": 1000, "2025-01-07": 100000}
    store(
        world, sheet("retraction", "ONE,,btc_holdings,2025-01-06,2025-01-06,100000,filings,2025-01-09,a typing error")
    )
    bring_up_to_date(world)
    assert entries(world, "ONE") == [
        ("2025-01-03", "appeared", None, 1000),
        ("2025-01-09", "withdrawn", 100000, None),
    ]
    assert totals(world) == {"2025-01-03": 1000}
    assert views.holdings_on(world, "2025-01-31") == 1000


def test_a_fact_that_says_the_same_again_is_no_entry(world: Database) -> None:
    store(world, company("ONE"), facts("ONE", "btc_holdings 2025-01-01 2025-01-02 1000 BTC", "btc_holdings 2025-01-05 2025-01-06 1000 BTC"))  # fmt: skip
    rebuild(world)
    assert entries(world, "ONE") == [("2025-01-03", "appeared", None, 1000)]


# -- totals --------------------------------------------------------------------------------------------------------


def test_the_total_of_every_day_is_the_sum_of_the_states(reference: Database) -> None:
    running = totals(reference)
    days = sorted(running)
    total = 0.0
    for day in (str(date(2020, 8, 1) + timedelta(3 * step)) for step in range(760)):
        while days and days[0] <= day:
            total = running[days.pop(0)]
        assert views.holdings_on(reference, day) == pytest.approx(total, abs=1e-6), day
    assert days == []


# announced or reported by then: Strategy, plus Nexon's 1,717, plus Tesla's 43,200 (assumed known 45 days after the quarter)
TOTALS = {
    "2020-08-10": 0,
    "2020-12-31": 70_470,
    "2021-02-24": 71_079,
    "2021-02-25": 90_531,
    "2021-05-01": 91_579 + 1_717,
    "2021-05-15": 91_850 + 1_717,
    "2021-05-16": 91_850 + 1_717 + 43_200,
    "2021-06-30": 105_085 + 1_717 + 43_200,
}


@pytest.mark.parametrize(("day", "btc"), TOTALS.items())
def test_the_total_of_the_first_days_by_hand(reference: Database, day: str, btc: int) -> None:
    assert views.holdings_on(reference, day) == btc
    assert [total for date_, total in totals(reference).items() if date_ <= day][-1:] == ([btc] if btc else [])


KIND_ORDER = {"filing": 1, "press": 1}


def said(rows: list[Entry], day: str, sold: list[Entry]) -> float:
    """What one company held on a Sunday, by docs/architecture.md once more: of a Sunday, every moment of days before is known."""
    known = [row for row in rows if row["known_at"][:10] < day and row["as_of"] <= day]
    primary = [row for row in known if row["source_kind"] in ("filing", "issuer")]
    secondary = [row for row in known if row["source_kind"] == "press"]
    shown: dict[str, float] = {}  # by tracker, which is its source without the day
    for row in sorted(known, key=lambda row: (row["known_at"], row["as_of"], row["source"])):
        if row["source_kind"] == "tracker":
            tracker = row["source"].rstrip("0123456789-")
            if shown.get(tracker) != row["value"] and (tracker in shown or not primary):
                secondary.append(row)
            shown[tracker] = row["value"]

    def latest(some: list[Entry]) -> Entry | None:
        return max(some, key=lambda row: (row["as_of"], KIND_ORDER.get(row["source_kind"], 0), row["known_at"], row["source"]), default=None)  # fmt: skip

    first, second = latest(primary), latest(secondary)
    age = (date.fromisoformat(day) - date.fromisoformat(first["as_of"])).days if first else 0
    winner = second if first is None or (second and age > 120 and second["as_of"] > first["as_of"]) else first
    if winner is None or (date.fromisoformat(day) - date.fromisoformat(winner["as_of"])).days > 400:
        return 0.0
    if any(row["known_at"][:10] < day and winner["as_of"] < row["as_of"] <= day for row in sold):
        return 0.0  # it sold, and nobody says what is left
    return float(winner["value"])


SUNDAYS = ["2022-01-02", "2023-06-04", "2024-03-31", "2024-12-29", "2025-07-13", "2025-09-07", "2026-01-18", "2026-02-22", "2026-06-28", "2026-09-27"]  # fmt: skip


@pytest.mark.parametrize("day", SUNDAYS)
def test_the_total_computed_again_from_the_facts(reference: Database, read: sqlite3.Connection, day: str) -> None:
    """A SPAC's or ether holder's coins are not used, a merged company's are another's, a consolidated one's too."""
    assert date.fromisoformat(day).isoweekday() == 7
    companies = {row["ticker"]: row for row in read.execute("SELECT * FROM company")}
    part_of_another = {
        ticker for (ticker,) in read.execute("SELECT ticker FROM relation WHERE kind = 'consolidated_by'")
    }
    told: dict[str, list[Entry]] = defaultdict(list)
    for row in read.execute("SELECT * FROM known_fact WHERE quantity = 'btc_holdings'"):
        told[row["ticker"]].append(row)
    outdated = read.execute("SELECT * FROM known_fact WHERE quantity = 'btc_holdings_outdated'").fetchall()
    total = sum(
        said(rows, day, [row for row in outdated if row["ticker"] == ticker])
        for ticker, rows in told.items()
        if companies[ticker]["kind"] not in ("spac", "other_crypto")
        and day < (companies[ticker]["active_to"] or "9999")
        and ticker not in part_of_another
    )
    assert total > 100_000
    assert views.holdings_on(reference, day) == pytest.approx(total, abs=1e-6)


# -- no coin twice -------------------------------------------------------------------------------------------------


def of(db: Database, tickers: tuple[str, ...], day: str) -> dict[str, float]:
    """What the journal says of some companies on a day."""
    held: dict[str, float] = {}
    for row in views.revisions(db, tickers, until=day, quantity="btc_holdings"):
        held[row["ticker"]] = row["new"] or 0
    return held


@pytest.mark.parametrize(
    ("day", "held"),
    [
        ("2026-01-15", {"SMLR": 5048, "ASST": 5886}),
        (
            "2026-01-16",
            {"SMLR": 0, "ASST": 5886},
        ),  # the merged company's day has come, its coins are told the day after
        ("2026-01-17", {"SMLR": 0, "ASST": 12798}),
        ("2026-01-20", {"SMLR": 0, "ASST": 12798}),
    ],
)
def test_semlers_coins_are_strives_from_the_merger_on(reference: Database, day: str, held: dict[str, float]) -> None:
    assert of(reference, ("SMLR", "ASST"), day) == held
    assert sum(held.values()) <= 5048 + 7750  # 12,798 after the merger: never both companies' coins and the sum of them


def test_the_total_moves_by_the_merger_and_by_no_coin_more(reference: Database) -> None:
    """From Thursday to Saturday: Strive tells 12,798 after 5,886, Semler's 5,048 go; others change by what they tell."""
    others = sum(
        (row["new"] or 0) - (row["old"] or 0)
        for row in views.revisions(reference, since="2026-01-16", until="2026-01-17", quantity="btc_holdings")
        if row["ticker"] not in ("SMLR", "ASST", "ABTC")
    )
    grown = views.holdings_on(reference, "2026-01-17") - views.holdings_on(reference, "2026-01-15")
    assert grown == pytest.approx(12798 - 5886 - 5048 + others)


def test_american_bitcoins_coins_are_counted_in_hut(reference: Database) -> None:
    """Its entries are in the journal and move no total; HUT's do."""
    own = views.revisions(reference, ["ABTC"], quantity="btc_holdings")
    assert [row["new"] for row in own] == [4004, 4783, 5098, 5401, 6500, 7021, 8000, 8002, 8000]
    running = totals(reference)
    everyone = defaultdict(set)
    for row in views.revisions(reference, quantity="btc_holdings"):
        everyone[row["date"]].add(row["ticker"])
    alone = [row["date"] for row in own if everyone[row["date"]] == {"ABTC"}]
    assert alone != []
    assert all(day not in running for day in alone)
    before, after = (views.holdings_on(reference, day) for day in ("2025-11-04", "2025-11-05"))
    others = sum((row["new"] or 0) - (row["old"] or 0) for row in views.revisions(reference, since="2025-11-05", until="2025-11-05", quantity="btc_holdings") if row["ticker"] != "HUT")  # fmt: skip
    assert after - before == pytest.approx(13696 - 10667 + others)  # as filed for September and June, its coins in both


def test_a_company_is_left_out_only_while_it_is_consolidated(world: Database) -> None:
    """TWO is ONE's from the 7th to the 8th: 100 coins leave, 150 and 170 are told meanwhile, 170 come back on the 9th."""
    store(
        world,
        company("ONE"),
        company("TWO"),
        facts("ONE", "btc_holdings 2025-01-01 2025-01-05 1000 BTC"),
        facts(
            "TWO",
            "btc_holdings 2025-01-01 2025-01-05 100 BTC",
            "btc_holdings 2025-01-06 2025-01-06 150 BTC",
            "btc_holdings 2025-01-07 2025-01-07 170 BTC",
        ),
        closes("ONE", 15),
        sheet("relation", "TWO,ONE,consolidated_by,2025-01-07,2025-01-09,filings,"),
    )
    rebuild(world)
    assert totals(world) == {"2025-01-06": 1100, "2025-01-07": 1000, "2025-01-09": 1170}
    held = [views.holdings_on(world, f"2025-01-{day:02}") for day in range(5, 12)]
    assert held == [0, 1100, 1000, 1000, 1170, 1170, 1170]
    assert [new for *_, new in entries(world, "TWO")] == [100, 150, 170]  # its own journal goes on


def test_a_merger_alone_leaves_nothing_out(world: Database) -> None:
    """`merged_into` is history: active_to makes the coins vanish, once."""
    store(
        world,
        company("ONE"),
        company("TWO", active_to="2025-01-08"),
        facts("ONE", "btc_holdings 2025-01-01 2025-01-05 1000 BTC", "btc_holdings 2025-01-08 2025-01-08 1100 BTC"),
        facts("TWO", "btc_holdings 2025-01-01 2025-01-05 100 BTC"),
        closes("ONE", 15),
        sheet("relation", "TWO,ONE,merged_into,2025-01-08,,filings,"),
    )
    rebuild(world)
    assert totals(world) == {"2025-01-06": 1100, "2025-01-08": 1000, "2025-01-09": 1100}


# -- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture
def run(reference_db: Path) -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(
        mnav, ["--db", str(reference_db), "revisions", *arguments], prog_name="mnav"
    )


def test_revisions_by_company_quantity_and_days(run: Callable[..., Result]) -> None:
    done = run("mstr", "--quantity", "btc_holdings", "--since", "2021-02-01", "--until", "2021-03-05", "--json")
    assert done.exit_code == 0
    rows = json.loads(done.stdout)
    assert [(row["date"], row["old"], row["new"], row["unit"]) for row in rows] == [
        ("2021-02-02", 70784, 71079, "BTC"),
        ("2021-02-25", 71079, 90531, "BTC"),
        ("2021-03-01", 90531, 90859, "BTC"),
        ("2021-03-05", 90859, 91064, "BTC"),
    ]
    assert list(rows[0]) == ["date", "ticker", "quantity", "what", "old", "new", "unit", "as_of", "known_at", "known_assumed", "source", "url", "note", "fact", "old_unit"]  # fmt: skip
    assert all(row["url"].startswith("https://") and row["fact"] for row in rows)
    assert done.stderr == "4 changes\n"


def test_revisions_of_two_companies_follow_each_other_by_day(run: Callable[..., Result]) -> None:
    rows = json.loads(run("SMLR", "ASST", "--since", "2026-01-10", "--until", "2026-02-10", "--json").stdout)
    assert {row["ticker"] for row in rows} == {"SMLR", "ASST"}
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    assert ("2026-01-16", "SMLR", "vanished", "MERGED") in {(row["date"], row["ticker"], row["what"], row["note"]) for row in rows}  # fmt: skip


def test_revisions_of_everyone(run: Callable[..., Result], journal: dict[tuple[str, str], list[object]]) -> None:
    done = run("--csv")
    assert len(done.stdout.splitlines()) - 1 == sum(len(rows) for rows in journal.values())


def test_revisions_for_people(run: Callable[..., Result]) -> None:
    lines = run("SMLR", "--since", "2026-01-16", "--quantity", "btc_holdings").stdout.splitlines()
    assert lines[0].split() == [
        "date",
        "ticker",
        "quantity",
        "what",
        "old",
        "new",
        "unit",
        "as_of",
        "known_at",
        "source",
    ]
    assert lines[2].split() == ["2026-01-16", "SMLR", "btc_holdings", "vanished", "5,048", "–", "BTC", "2025-09-30", "2025-10-03", "pubt-46135201"]  # fmt: skip


def test_the_total_day_by_day(run: Callable[..., Result]) -> None:
    rows = json.loads(run("--total", "--until", "2021-04-05", "--json").stdout)
    assert [(row["date"], row["btc"]) for row in rows][:3] == [("2020-08-11", 21454), ("2020-09-15", 38250), ("2020-12-05", 40824)]  # fmt: skip
    assert rows[-1] == {"date": "2021-04-05", "btc": 91579, "changes": 1}
    later = json.loads(run("--total", "--since", "2021-06-01", "--until", "2021-06-30", "--json").stdout)
    assert later == [{"date": "2021-06-22", "btc": 150002, "changes": 1}]  # not from zero on


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["NOSUCH99"], "unknown ticker 'NOSUCH99'"),
        (["--quantity", "bitcoins"], "unknown quantity 'bitcoins'; the journal follows btc_holdings, shares_basic, "),
        (["--since", "someday"], "'someday' is not a day"),
    ],
)
def test_wrong_usage_is_status_2(run: Callable[..., Result], arguments: list[str], says: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert done.stdout == ""
