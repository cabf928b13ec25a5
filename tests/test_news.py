"""What a run changed: every row of the journal is told once, by the run that first had it, and as a message that can be mailed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import closes, company, empty, facts, ground, sheet, store
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import bring_up_to_date
from db.feeds import news
from db.reads import views
from db.tables.store import begin_run
from db.tables.store import end_run as end_scrape
from scripts.main import mnav
from treasury.messages.news import FIRST_RUN, News, message
from treasury.model import InputError

ROOT = Path(__file__).parent.parent
HELD = "btc_holdings 2025-01-01 2025-01-02 1000 BTC"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Database]:
    db = empty(tmp_path / "mnav.db")
    ground(db)
    store(db, company("ONE", complete=""), closes("ONE", 15), facts("ONE", HELD, "cash 2025-01-01 2025-01-02 50 USD"))
    yield db
    db.close()


def run(db: Database, minute: int = 0) -> None:
    """What `mnav run` does with what is stored."""
    number = begin_run(db, "run", f"2025-01-11T22:{minute:02d}:00Z", {})
    bring_up_to_date(db)
    news.end_run(db, number, f"2025-01-11T22:{minute:02d}:30Z", {"fact": 1})


def told(db: Database) -> list[tuple[Any, ...]]:
    """What the last run changed."""
    rows = views.revisions(db, run=news.last_run(db).id)
    return [(row["date"], row["ticker"], row["quantity"], row["what"], row["old"], row["new"]) for row in rows]


# -- told once -----------------------------------------------------------------------------------------------------


def test_each_change_is_told_by_the_run_that_brought_it(world: Database) -> None:
    run(world)
    assert told(world) == [
        ("2025-01-03", "ONE", "btc_holdings", "appeared", None, 1000),
        ("2025-01-03", "ONE", "cash", "appeared", None, 50),
    ]
    run(world, 1)
    assert told(world) == []
    store(world, facts("ONE", "btc_holdings 2025-01-08 2025-01-09 1200 BTC"))
    run(world, 2)
    assert told(world) == [("2025-01-10", "ONE", "btc_holdings", "changed", 1000, 1200)]
    run(world, 3)
    assert told(world) == []


def test_what_is_learned_late_is_told_now(world: Database) -> None:
    """A purchase of the past: its row of the journal is old, and new here; the row after it is not told again."""
    store(world, facts("ONE", "btc_holdings 2025-01-08 2025-01-09 1200 BTC"))
    run(world)
    store(world, facts("ONE", "btc_holdings 2025-01-05 2025-01-06 1100 BTC"))
    run(world, 1)
    assert told(world) == [("2025-01-07", "ONE", "btc_holdings", "changed", 1000, 1100)]
    assert [row["old"] for row in views.revisions(world, quantity="btc_holdings")] == [None, 1000, 1100]


def test_what_changes_without_a_fact_of_its_own_is_told(world: Database) -> None:
    """A tranche changes the debt whose total stays the fact behind it, a split comes late, a company turns out to have merged."""
    store(
        world,
        company("TWO"),
        facts("TWO", HELD),
        sheet("instrument", "ONE,loan,loan,USD,2024-12-01,2030-01-01,,,,,,,,,,,filings"),
        facts("ONE", "debt_total 2025-01-01 2025-01-02 300 USD", "principal/loan 2025-01-01 2025-01-02 100 USD", "shares_basic 2025-01-01 2025-01-02 1000000 shares"),
    )  # fmt: skip
    run(world)
    store(
        world,
        facts("ONE", "principal/loan 2025-01-05 2025-01-06 150 USD"),
        sheet("split", "ONE,2025-01-08,2,1,filings,"),
        company("TWO", active_to="2025-01-08"),
    )
    run(world, 1)
    assert told(world) == [
        ("2025-01-07", "ONE", "debt_total", "changed", 300, 350),
        ("2025-01-08", "ONE", "shares_basic", "split", 1_000_000, 2_000_000),
        ("2025-01-08", "ONE", "split", "appeared", None, 2),
        ("2025-01-08", "TWO", "btc_holdings", "vanished", 1000, None),
    ]


def test_what_is_withdrawn_is_told(world: Database) -> None:
    store(world, facts("ONE", "btc_holdings 2025-01-06 2025-01-06 100000 BTC"))
    run(world)
    store(
        world, sheet("retraction", "ONE,,btc_holdings,2025-01-06,2025-01-06,100000,filings,2025-01-09,a typing error")
    )
    run(world, 1)
    assert told(world) == [("2025-01-09", "ONE", "btc_holdings", "withdrawn", 100000, None)]
    assert "  bitcoin: 100,000 BTC withdrawn: a typing error" in message(news.since_last_run(world)).splitlines()


def test_time_alone_makes_news(world: Database) -> None:
    """Known 2025-01-02 and 401 days old on 2026-02-06, which comes with a newer fact of another company."""
    run(world)
    store(world, company("TWO"), facts("TWO", "btc_holdings 2026-03-01 2026-03-02 5 BTC"))
    run(world, 1)
    assert ("2026-02-06", "ONE", "btc_holdings", "vanished", 1000, None) in told(world)
    text = message(news.since_last_run(world))
    assert "ONE Inc (ONE), vanished" in text
    assert "bitcoin: 1,000 BTC is no longer used: the last holdings known are over 400 days old" in text


def test_what_a_killed_run_learned_is_told_by_the_next(world: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    run(world)
    store(world, facts("ONE", "btc_holdings 2025-01-08 2025-01-09 1200 BTC"))
    number = begin_run(world, "run", "2025-01-12T22:00:00Z", {})
    bring_up_to_date(world)
    with pytest.raises(TypeError):
        news.end_run(world, number, "2025-01-12T22:00:30Z", {"fact": object()})  # what is noted is taken back
    assert told(world) != []  # still the first run's
    assert news.last_run(world).before == 0
    run(world, 1)
    assert told(world) == [("2025-01-10", "ONE", "btc_holdings", "changed", 1000, 1200)]


amounts = st.sampled_from([0, 1, 2.5, 40, 41])
days = st.integers(1, 20).map(lambda day: f"2025-01-{day:02d}")
statements = st.builds(
    lambda quantity, as_of, known, value, source: (quantity, as_of, max(as_of, known), value, source),
    st.sampled_from(["btc_holdings", "cash", "debt_total"]), days, days, amounts, st.sampled_from(["filings", "press", "tracker-2025-01-06"]),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(st.lists(statements, max_size=4), min_size=1, max_size=4))
def test_the_runs_together_tell_the_journal_and_no_row_twice(batches: list[list[tuple[Any, ...]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = empty(Path(folder) / "mnav.db")
        ground(db)
        store(db, company("ONE"), closes("ONE", 5))
        heard: list[tuple[Any, ...]] = []
        for number, batch in enumerate(batches):
            seen = set(db.execute("SELECT ticker, quantity, as_of, known_at, source FROM fact").fetchall())
            for quantity, as_of, known, value, source in batch:
                if ("ONE", quantity, as_of, known, source) not in seen:
                    seen.add(("ONE", quantity, as_of, known, source))
                    unit = "BTC" if quantity == "btc_holdings" else "USD"
                    store(db, facts("ONE", f"{quantity} {as_of} {known} {value} {unit}", source=source))
            before = {_key(row) for row in views.revisions(db)}
            run(db, number)
            after = {_key(row) for row in views.revisions(db)}
            now = [_key(row) for row in views.revisions(db, run=news.last_run(db).id)]
            assert after - before <= set(now) if number else after == set(now)
            assert not set(now) & set(heard)
            heard += now
        assert after <= set(heard)
        assert len(heard) == len(set(heard))
        db.close()


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("ticker", "quantity", "date", "what", "new", "fact"))


# -- the message ---------------------------------------------------------------------------------------------------


def test_the_message_of_a_run_as_it_is_mailed(world: Database) -> None:
    run(world)
    scrape = begin_run(world, "scrape", "2025-01-11T22:10:00Z", {})
    store(
        world,
        company("ORNG", complete=""),
        facts("ONE", "btc_holdings 2025-01-05 2025-01-06 1100 BTC", "btc_holdings 2025-01-08 2025-01-09 900 BTC", "cash 2025-01-08 2025-01-09 7000000000 JPY"),
        facts("ORNG", "btc_holdings 2025-01-08 - 12.5 BTC", source="press"),
    )  # fmt: skip
    kept = "INSERT INTO quarantine (source, company, quantity, as_of, value, unit, reason, first_seen, resolved_on) VALUES ('bitbo', ?, 'btc_holdings', '2025-01-09', ?, 'BTC', ?, '2025-01-11', ?)"
    for row in (
        ("ONE", 90_000, "100 times\n\x1b[31mthe last", None),
        ("Acme AG", 3, "stranger: nobody is called that", None),
        ("ONE", 5, "settled meanwhile", "2025-01-11"),
    ):
        world.execute(kept, row)
    fared = {"ecb": {"outcome": "failed", "message": "ecb: found 403, expected 200"}, "coinbase": {"outcome": "done", "message": ""}, "yahoo_chart": {"outcome": "partly", "message": "2 symbols"}}  # fmt: skip
    end_scrape(world, scrape, "2025-01-11T22:11:00Z", "some sources failed", fared)
    run(world, 12)
    assert message(news.since_last_run(world)).splitlines() == [
        "mnav: 4 changes at 2 companies, 1 appeared, 1 kept out, 1 not matched, 2 sources failed",
        "",
        "Run of 2025-01-11 22:12 UTC, after that of 2025-01-11 22:00 UTC. Newest close 2025-01-10.",
        "",
        "ONE Inc (ONE)",
        "  bitcoin: 1,100 → 900 BTC (−200; after 1 earlier change)",
        "      as of 2025-01-08, known 2025-01-09, https://example.org/8-k",
        "  cash: 50 USD → 7,000,000,000 JPY",
        "      as of 2025-01-08, known 2025-01-09, https://example.org/8-k",
        "",
        "ORNG Inc (ORNG), appeared",
        "  bitcoin: 12.5 BTC, not known before",
        "      as of 2025-01-08, known 2025-01-08, https://example.org/news",
        "",
        "Kept out, because it cannot be true (mnav check lists all):",
        "  bitbo: ONE btc_holdings 90,000 BTC as of 2025-01-09: 100 times [31mthe last",
        "",
        "Not matched to a company:",
        "  bitbo: Acme AG",
        "",
        "Sources that failed; what was known from them stands:",
        "  ecb: found 403, expected 200",
        "  yahoo_chart: 2 symbols",
    ]
    run(world, 13)
    assert message(news.since_last_run(world)).splitlines() == [
        "mnav: nothing changed", "", "Run of 2025-01-11 22:13 UTC, after that of 2025-01-11 22:12 UTC. Newest close 2025-01-10.",
    ]  # fmt: skip


def test_the_first_run_has_nothing_before_it_to_compare_with(world: Database) -> None:
    with pytest.raises(InputError, match="no `mnav run` has ended in this database yet"):
        news.since_last_run(world)
    run(world)
    found = news.since_last_run(world)
    assert found.subject == FIRST_RUN
    assert "ONE Inc" not in message(found)
    assert bool(found)


def test_many_strangers_are_counted() -> None:
    strangers = [{"source": "bitbo", "company": f"C{number}", "reason": "stranger: no"} for number in range(40)]
    text = message(News("Now.", [], (), strangers))
    assert text.startswith("mnav: 40 not matched\n")
    assert text.endswith("C10, C11 and 28 more")


def test_the_message_since_a_day_is_of_that_day_on(world: Database) -> None:
    store(world, facts("ONE", "btc_holdings 2025-01-08 2025-01-09 1200 BTC"))
    run(world)
    text = message(news.since_day(world, "2025-01-04"))
    assert text.startswith(
        "mnav: 1 change at 1 company\n\nSince 2025-01-04. Newest close 2025-01-10.\n\nONE Inc (ONE)\n"
    )
    assert message(news.since_day(world, "2025-01-01", "2025-01-04", quantity="cash")).splitlines()[0] == "mnav: 1 change at 1 company"  # fmt: skip
    assert news.since_day(world, "2025-01-11").subject == "mnav: nothing changed"


def test_the_message_until_a_day_has_what_was_kept_out_by_then(world: Database) -> None:
    run(world)
    kept = "INSERT INTO quarantine (source, company, quantity, as_of, value, unit, reason, first_seen) VALUES ('bitbo', ?, 'btc_holdings', '2025-01-09', 9, 'BTC', 'a jump', ?)"
    world.conn.executemany(kept, [("ONE", "2025-01-10T22:00:00Z"), ("TWO", "2025-01-11T00:00:00Z")])
    told = news.since_day(world, "2025-01-08", "2025-01-10")
    assert [row["company"] for row in told.kept_out] == ["ONE"]
    assert news.since_day(world, "2025-01-08").subject == "mnav: 2 kept out"


# -- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture
def call(world: Database, tmp_path: Path) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(mnav, ["--db", str(tmp_path / "mnav.db"), "revisions", *words], prog_name="mnav")  # fmt: skip


def test_the_exit_status_on_request(world: Database, call: Callable[..., Result]) -> None:
    refused = call("--since", "last-run")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "run it first" in refused.stderr
    run(world)
    assert call("--since", "last-run").exit_code == 0
    first = call("--since", "last-run", "--exit-code")
    assert (first.exit_code, len(first.stdout.splitlines())) == (4, 4)
    assert "the first here: all is new" in first.stderr
    run(world, 1)
    for words in ((), ("--mail",), ("--json",), ("ONE",), ("--quantity", "cash")):
        assert call("--since", "last-run", "--exit-code", *words).exit_code == 0
    assert json.loads(call("--since", "last-run", "--json").stdout) == []
    store(world, facts("ONE", "cash 2025-01-08 2025-01-09 60 USD"))
    run(world, 2)
    for words, status in (((), 4), (("--mail",), 4), (("--quantity", "cash"), 4), (("--quantity", "btc_holdings"), 0)):
        assert call("--since", "last-run", "--exit-code", *words).exit_code == status, words
    (row,) = json.loads(call("--since", "last-run", "--json").stdout)
    assert (row["old"], row["old_unit"], row["new"], row["unit"], row["url"]) == (
        50,
        "USD",
        60,
        "USD",
        "https://example.org/8-k",
    )
    assert call("--since", "2025-01-10", "--exit-code").exit_code == 4
    assert call("--since", "2025-01-11", "--exit-code").exit_code == 0
    assert call("--since", "2025-01-01", "--total", "--exit-code").exit_code == 4


def test_a_source_that_failed_is_something_to_mail(world: Database, call: Callable[..., Result]) -> None:
    run(world)
    scrape = begin_run(world, "scrape", "2025-01-11T22:10:00Z", {})
    end_scrape(
        world, scrape, "2025-01-11T22:11:00Z", "some sources failed", {"ecb": {"outcome": "failed", "message": ""}}
    )
    run(world, 12)
    done = call("--since", "last-run", "--mail", "--exit-code")
    assert done.exit_code == 4
    assert done.stdout.startswith("mnav: 1 source failed\n")
    assert call("--since", "last-run", "--exit-code").exit_code == 0  # no row changed


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--since last-run --until 2025-01-05", "last-run is no day; it goes without --until and --total"),
        ("--since last-run --total", "last-run is no day"),
        ("--mail", "--mail is plain text about --since a day or last-run"),
        ("--since last-run --mail --json", "--mail is plain text"),
        ("--since someday", "'someday' is not a day"),
    ],
)
def test_wrong_usage_is_status_2(call: Callable[..., Result], words: str, says: str) -> None:
    done = call(*words.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr


# -- an older database, and the recipe of the docs -----------------------------------------------------------------


def test_a_database_from_before_is_brought_up_to_date(world: Database, tmp_path: Path) -> None:
    store(world, facts("ONE", "btc_holdings 2025-01-08 2025-01-09 7 BTC", source="tracker-2025-01-06"))
    bring_up_to_date(world)
    names = ", ".join(world["state"].columns_dict)  # in another order after the upgrade
    states = world.execute(f"SELECT {names} FROM state ORDER BY id").fetchall()
    world.close()
    connection = sqlite3.connect(tmp_path / "mnav.db")
    for (view,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
        connection.execute(f"DROP VIEW {view}")
    for statement in (
        "ALTER TABLE state DROP COLUMN secondary",
        "ALTER TABLE state DROP COLUMN from_before",
        "ALTER TABLE valuation DROP COLUMN doubted",
        "DROP TABLE noted",
        "ALTER TABLE run DROP COLUMN quarantine",
        "DELETE FROM _sqlite_migrations WHERE name IN ('secondary', 'noted', 'doubted')",
    ):
        connection.execute(statement)
    connection.commit()
    connection.close()
    again = open_database(tmp_path / "mnav.db", writable=True)
    bring_up_to_date(again)
    assert again.execute(f"SELECT {names} FROM state ORDER BY id").fetchall() == states
    run(again)
    assert news.last_run(again).before == 0
    again.close()


WITHOUT_CHARTS = "from scripts.shared import drawing; drawing.draw_mnav = lambda *_, **__: None; from scripts.main import main; main()"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a recipe for sh")
def test_the_recipe_of_the_docs_mails_what_changed(reference_db: Path, tmp_path: Path) -> None:
    """Its script as it stands there, with `mail`, a network that is not there and charts replaced: silent where nothing changed."""
    page = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^`mnav-daily`[^\n]*\n+```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    programs, home = tmp_path / "bin", tmp_path / "mnav"
    programs.mkdir()
    home.mkdir()
    shutil.copy(reference_db, home / "mnav.db")  # valued, by no run
    offline = f'if [ "$1" = run ]; then shift; set -- run --offline "$@"; fi\nexec {shlex.quote(sys.executable)} -c {shlex.quote(WITHOUT_CHARTS)} "$@"'
    for name, body in (("mnav", offline), ("mail", 'printf "%s\\n" "$@" > ../mailed; cat >> ../mailed')):
        (programs / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    (tmp_path / "daily").write_text(script, encoding="utf-8")
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "MNAV_DB": ""}  # fmt: skip

    def daily() -> str:
        (tmp_path / "mailed").unlink(missing_ok=True)
        done = subprocess.run(["/bin/sh", str(tmp_path / "daily")], capture_output=True, text=True, env=environment, check=False, cwd=tmp_path)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return (tmp_path / "mailed").read_text(encoding="utf-8") if (tmp_path / "mailed").exists() else ""

    assert f"-s\n{FIRST_RUN}\n" in daily()
    assert daily() == ""
    db = open_database(home / "mnav.db", writable=True)
    store(db, sheet("source", "mine,filing,Form 8-K,https://example.org/8-k,"))
    store(db, facts("MSTR", "btc_holdings 2026-08-18 2026-08-19T12:00:00Z 849000 BTC", source="mine"))
    db.close()
    mailed = daily()
    assert "mnav: 1 change at 1 company\n" in mailed
    assert "Strategy Inc (MSTR)\n  bitcoin: 840,447 → 849,000 BTC (+8,553)\n      as of 2026-08-18, known 2026-08-19, https://example.org/8-k\n" in mailed  # fmt: skip
    assert daily() == ""
