"""Alerts: told once until they clear; rules can read the views and nothing else; a malformed rule names its line."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import forked
import pytest
from click.testing import CliRunner

from db import open_database
from db.feeds.alerts import evaluate
from scripts.main import mnav
from scripts.shared.alerting import ages, tell
from treasury.messages.alerts import Alert, condition, pasts_named, read_alerts, settle, values_named
from treasury.model import InputError

ROOT = Path(__file__).parent.parent
TODAY = date(2026, 9, 4)
CHEAP = Alert("cheap", "mnav_ev < 1.25", tickers=("MSTR",), line=3)


def rules(*lines: str) -> str:
    return "\n".join(["[[alert]]", 'name = "one"', *lines, ""])


def test_an_alert_is_told_once_until_it_clears() -> None:
    alerts = [CHEAP]
    fresh, told = settle(alerts, {"cheap": {"MSTR": {}}}, {})
    assert fresh == [("cheap", "MSTR")]
    fresh, told = settle(alerts, {"cheap": {"MSTR": {}, "XXI": {}}}, told)
    assert fresh == [("cheap", "XXI")]
    fresh, told = settle(alerts, {"cheap": {"XXI": {}}}, told)
    assert fresh == []
    fresh, told = settle(alerts, {"cheap": {"MSTR": {}, "XXI": {}}}, told)
    assert fresh == [("cheap", "MSTR")]
    rewritten = [Alert("cheap", "mnav_ev < 1.2")]
    assert settle(rewritten, {"cheap": {"XXI": {}}}, told)[0] == [("cheap", "XXI")]


def test_what_meets_a_rule(reference_db: Path) -> None:
    db = open_database(reference_db)
    (row,) = evaluate(db, CHEAP, "rules.toml", {}).values()
    assert row["ticker"] == "MSTR"
    assert row["mnav_ev"] < 1.25
    assert evaluate(db, Alert("no", "mnav_ev > 100000"), "r", {}) == {}
    stale = evaluate(db, Alert("old", "stale = 1"), "r", {})
    assert len(stale) > 3
    both = Alert("thin", "mnav_net < 2 and coverage_months < 18")
    assert evaluate(db, both, "r", {"MSTR": {"coverage_months": 17.4}})
    assert not evaluate(db, both, "r", {"MSTR": {"coverage_months": 18.4}})
    assert not evaluate(db, both, "r", {"MSTR": {"coverage_months": None}})


def test_a_rule_over_the_newest_rows_asks_how_old_they_are_today(reference_db: Path) -> None:
    """`stale` and `grade` of the view are of the row's own day; a rule, like the league table, means today's."""
    db = open_database(reference_db)
    rule = Alert("aged", "stale = 1 and grade = 'C' and close_age_days > 90", tickers=("MSTR",))
    assert not evaluate(db, rule, "r", ages(db, date(2026, 9, 4)))
    (row,) = evaluate(db, rule, "r", ages(db, date(2026, 12, 1))).values()
    assert (row["close_age_days"], row["stale"], row["grade"]) == (92, 1, "C")
    (stored,) = db.execute("SELECT grade FROM mnav_latest WHERE ticker = 'MSTR'").fetchone()
    assert stored == "A"


def test_what_happened_looks_back_from_the_newest_close(reference_db: Path) -> None:
    db = open_database(reference_db)
    bought = Alert("bought", "quantity = 'btc_holdings' and what = 'changed'", view="revisions", days=30)
    found = evaluate(db, bought, "r", {})
    assert found
    assert all("2026-08-31" < row["date"] <= "2026-09-30" for row in found.values())
    assert len(evaluate(db, Alert("b", bought.when, view="revisions", days=300), "r", {})) > len(found)


ATTACKS = [
    "1); DELETE FROM price; --",
    "1) UNION SELECT * FROM pragma_database_list --",
    "ticker IN (SELECT load_extension('x'))",
    "ticker IN (WITH mnav_latest AS (SELECT load_extension('x') AS y) SELECT y FROM mnav_latest)",
    "ticker = readfile('/etc/passwd')",
    "ticker = writefile('x', 'y')",
    "length(randomblob(1000000)) > 0",
    "ticker IN (WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n)",
    "ticker IN (SELECT name FROM pragma_table_info('price'))",
    "ticker IN (SELECT symbol FROM price)",
    "ticker IN (SELECT asked FROM run)",
    "ticker IN (SELECT p.symbol FROM (SELECT symbol FROM price) AS p)",
    "ticker IN (WITH mnav_latest AS (SELECT symbol FROM price) SELECT symbol FROM mnav_latest)",
    "ticker IN (SELECT ticker FROM (with/**/mnav_daily AS (SELECT ticker FROM fact) SELECT ticker FROM mnav_daily))",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_rule_cannot_do_anything_but_read(reference_db: Path, attack: str) -> None:
    before = hashlib.sha256(reference_db.read_bytes()).hexdigest()
    db = open_database(reference_db)
    with pytest.raises(InputError, match=r"^rules\.toml:7: the alert 'attack' cannot be evaluated"):
        evaluate(db, Alert("attack", attack, line=7), "rules.toml", {})
    assert hashlib.sha256(reference_db.read_bytes()).hexdigest() == before
    assert db.execute("SELECT count(*) FROM price").fetchone()[0] > 0  # and the connection is itself again


@pytest.mark.parametrize("statement", ["ATTACH 'x.db' AS x", "PRAGMA writable_schema = 1", "DELETE FROM price", "VACUUM", "CREATE TEMP TABLE t (x)"])  # fmt: skip
def test_the_authorizer_refuses_whole_statements(reference_db: Path, statement: str) -> None:
    import sqlite3

    from db.feeds.alerts import _reading_only

    db = open_database(reference_db)
    with _reading_only(db), pytest.raises(sqlite3.DatabaseError, match=r"not authorized|readonly|authorization"):
        db.conn.execute(statement)


@pytest.mark.parametrize("endless", ["printf('%3900000000d', 1)", "printf('%.*c', 1100000, 'x')"])
def test_a_text_without_end_is_unknown(reference_db: Path, endless: str) -> None:
    db = open_database(reference_db)
    assert evaluate(db, Alert("long", f"length({endless}) > 0", tickers=("MSTR",)), "r", {}) == {}
    assert evaluate(db, Alert("long", "length(printf('%.*c', 190000, 'x')) = 190000", tickers=("MSTR",)), "r", {})
    assert db.execute("SELECT length(printf('%.*c', 1100000, 'x'))").fetchone() == (1_100_000,), "itself again"


@pytest.mark.slow
def test_a_rule_that_never_ends_is_called_off(reference_db: Path) -> None:
    endless = " , ".join(f"price p{one}" for one in range(5))
    with pytest.raises(InputError, match="too long"):
        evaluate(open_database(reference_db), Alert("long", f"(SELECT count(*) FROM {endless}) > 0"), "r", {})


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('[[alert]]\nname = "a"\nwhen = mnav\n', 3, "not TOML"),
        (rules('when = "mnav_ev < 1"', "", 'vew = "holdings"'), 5, "unknown key 'vew'"),
        (rules('when = "mnav_ev < 1"', 'view = "prices"'), 4, "unknown view 'prices'"),
        (rules('say = "x"'), 1, "needs a when"),
        (rules('when = "x"', "days = 0"), 4, "at least 1"),
        (rules('when = "x"', "days = 1000000000000"), 4, "at most 36,525"),
        (rules('when = "mnav_ev is lowest in 1000000000000 days"'), 3, "at most 36,525"),
        (rules("when = 5"), 3, "must be text"),
        (rules('when = "a"') + rules('when = "b"'), 4, "two alerts called 'one'"),
        ('# nothing\n\ntitle = "x"\n', 3, "rules stand under"),
        ("", 1, "rules stand under"),
        ("# nothing\n" + "a." * 20_000 + "b = 1\n", 2, "more than 500 dots"),
    ],
)
def test_a_malformed_rule_names_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(InputError, match=f"^rules.toml:{line}: ") as raised:
        read_alerts(text, "rules.toml")
    assert what in str(raised.value)


def test_an_unknown_column_names_its_line(reference_db: Path, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(rules('when = "stale = 0"') + '\n[[alert]]\nname = "two"\n\nwhen = "mnav_evv < 1"\n')
    with pytest.raises(InputError, match=r"^rules\.toml:8: .*mnav_evv"):
        tell(open_database(reference_db), path, tmp_path / "told.json", TODAY)
    assert not (tmp_path / "told.json").exists()


def test_what_fired_is_told_with_its_value() -> None:
    row = {"ticker": "MSTR", "date": "2026-08-31", "mnav_ev": 1.05, "grade": "C", "btc": 3.0}
    assert values_named(Alert("one", "mnav_ev < 1.25 and grade = 'btc' and ticker = 'MSTR'"), row) == {
        "mnav_ev": 1.05,
        "grade": "C",
    }
    change = {"ticker": "MSTR", "date": "2026-08-31", "quantity": "btc_holdings", "old": 5.0, "new": 7.0}
    assert values_named(Alert("two", "quantity = 'btc_holdings'", view="revisions"), change) == {
        "quantity": "btc_holdings",
        "old": 5.0,
        "new": 7.0,
    }


@pytest.mark.slow
def test_the_verb_tells_once(reference_db: Path, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[[alert]]\nname = "thin"\nwhen = "mnav_net < 2 and coverage_months < 48"\nsay = "look"\n')

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return forked.mnav(
            "alert",
            str(path),
            "--state",
            str(tmp_path / "told.json"),
            "--json",
            *words,
            "--db",
            str(reference_db),
            "--today",
            "2026-09-04",
        )

    assert run("--peek").returncode == 4
    first = run()
    assert first.returncode == 4
    (one,) = json.loads(first.stdout)
    assert (one["alert"], one["ticker"], one["say"]) == ("thin", "MSTR", "look")
    assert one["close_age_days"] == one["row"]["close_age_days"] == 4
    assert one["row"]["coverage_months"] == pytest.approx(33.53, abs=0.01)
    assert one["value"] == "mnav_net 1.084x, coverage_months 33.53", "what fired"
    again = run()
    assert (again.returncode, json.loads(again.stdout)) == (0, [])
    assert len(json.loads(run("--all").stdout)) == 1
    path.write_text("[[alert]]\nname = 1\n")
    broken = run()
    assert broken.returncode == 1
    assert "rules.toml:2:" in broken.stderr


def test_a_spoiled_memory_is_said(reference_db: Path, tmp_path: Path) -> None:
    path, told = tmp_path / "rules.toml", tmp_path / "told.json"
    path.write_text(rules('when = "stale = 0"'))
    for text in ("{", "[]", '{"one": 1}'):
        told.write_text(text)
        with pytest.raises(InputError, match="delete it"):
            tell(open_database(reference_db), path, told, TODAY)
        assert told.read_text() == text


@pytest.mark.slow
def test_the_rules_of_the_docs_can_be_evaluated(reference_db: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    path = tmp_path / "rules.toml"
    path.write_text(page.partition("```toml\n")[2].partition("```")[0])
    new, _ = tell(open_database(reference_db), path, tmp_path / "told.json", TODAY)
    assert {one["alert"] for one in new} >= {"premium gone", "old inputs"}


@pytest.mark.slow
def test_run_tells_alerts_at_its_end(reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once: the second run has nothing new to tell. Spoken on stderr even where everything else is quiet."""
    monkeypatch.setattr("scripts.shared.drawing.draw_mnav", lambda *_, **__: None)  # its charts are no matter here
    shutil.copy(reference_db, tmp_path / "mnav.db")
    (tmp_path / "mnav-alerts.toml").write_text(rules("when = \"mnav_ev < 1.25 and ticker = 'MSTR'\"", 'say = "cover"'))
    words = ["run", "--offline", "-q", "--db", str(tmp_path / "mnav.db")]
    first, second = (CliRunner().invoke(mnav, words, catch_exceptions=False) for _ in range(2))
    assert first.exit_code == second.exit_code == 0
    assert re.search(
        r"^alert: one: MSTR 2026-08-31 \(\d+ days old\) mnav_ev \d\.\d+x cover$", first.stderr, re.MULTILINE
    )
    assert "alert:" not in second.stderr


# -- against its own past ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_lowest_in_a_year_fires_on_its_day_and_once(reference_db: Path, tmp_path: Path) -> None:
    """MSTR's EV multiple was the lowest of 365 days on 1 August 2025, for the first time that year, and on 26 June 2026."""
    path = tmp_path / "mnav.db"
    shutil.copy(reference_db, path)
    file, state = tmp_path / "rules.toml", tmp_path / "told.json"
    file.write_text(rules('when = "mnav_ev is lowest in a year"', 'tickers = ["MSTR"]'), encoding="utf-8")
    db = open_database(path, writable=True)
    db.execute("CREATE TABLE later AS SELECT * FROM valuation")
    told = []
    for day in (
        "2025-07-30",
        "2025-07-31",
        "2025-08-01",
        "2025-08-01",
        "2025-08-04",
        "2026-06-25",
        "2026-06-26",
        "2026-06-26",
    ):
        with db.atomic():
            db.execute("DELETE FROM valuation")
            db.execute("INSERT INTO valuation SELECT * FROM later WHERE date <= ?", [day])
        told.append([(one["ticker"], one["date"]) for one in tell(db, file, state, date.fromisoformat(day))[0]])
    assert told == [[], [], [("MSTR", "2025-08-01")], [], [], [], [("MSTR", "2026-06-26")], []]
    db.close()


def test_the_words_of_a_condition() -> None:
    assert condition("mnav_ev < 1") == "mnav_ev < 1"
    made = condition("mnav_net is the highest in 90 days and stale = 0")
    assert "count(p.mnav_net) >= 50 THEN max(p.mnav_net)" in made
    assert made.endswith(" and stale = 0")
    assert pasts_named("mnav_ev_z_1y < -2 or mnav_net_rank = 1 or nonsense_z_1y > 0") == {"mnav_ev", "mnav_net"}


def test_a_rule_may_ask_for_the_columns_of_a_past(reference_db: Path, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(rules('when = "mnav_ev_z_1y < -0.9 and mnav_ev_percentile_1y_pct < 25"'), encoding="utf-8")
    (found,) = [
        one
        for one in tell(open_database(reference_db), file, tmp_path / "t.json", date(2026, 9, 4))[1]
        if one["ticker"] == "MSTR"
    ]
    assert found["row"]["mnav_ev_z_1y"] == pytest.approx(-0.956, abs=0.001)


@pytest.mark.parametrize("when", ["no_such is lowest in a year", "mnav_ev is lowest in 0 days and no_such = 1"])
def test_a_past_of_what_is_no_column_names_its_line(reference_db: Path, when: str) -> None:
    with pytest.raises(InputError, match="r:3: the alert 'x' cannot be evaluated"):
        evaluate(open_database(reference_db), Alert("x", when, line=3), "r", {})


def test_a_rule_names_companies_as_people_do_and_nobody_is_an_error(reference_db: Path, tmp_path: Path) -> None:
    """A rule for a company that is not there would never fire, and nobody would notice."""
    file, db = tmp_path / "rules.toml", open_database(reference_db)
    file.write_text(rules('when = "btc > 0"', 'tickers = ["metaplanet"]'), encoding="utf-8")
    assert [one["ticker"] for one in tell(db, file, tmp_path / "t.json", date(2026, 9, 4))[1]] == ["3350.T"]
    file.write_text(rules('when = "btc > 0"', 'tickers = ["Metaplanett"]'), encoding="utf-8")
    with pytest.raises(InputError, match=r"rules\.toml:\d+: unknown ticker 'Metaplanett'; did you mean 3350\.T"):
        tell(db, file, tmp_path / "t.json", date(2026, 9, 4))
