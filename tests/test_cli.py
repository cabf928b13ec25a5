"""The command line: data on stdout, everything else on stderr, exit statuses as promised, and examples that run."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import db.connection
from db import open_database
from db.reads.explained import explain
from scrapers.archive import Archive
from scripts.main import mnav
from scripts.shared.output import spreadsheet_safe
from treasury.model import Document
from treasury.trust.grade import aged

CHECKOUT = Path(__file__).parents[1]
LIGHT = (  # what is asked most, and answered in at most four times the CPU of --help (scripts/benchmark)
    ["show"], ["show", "MSTR"], ["history", "MSTR"], ["holders"], ["explain", "MSTR"], ["sources"], ["sources", "MSTR"], ["revisions", "MSTR"], ["capital", "MSTR"],
)  # fmt: skip
HEAVY = ("pandas", "numpy", "matplotlib", "sqlite_utils", "requests", "bs4")
VERBS = mnav.list_commands(click.Context(mnav))
EV_ON_2025_11_10 = 1.229  # see test_explain_…: (68.643 + 8.244 + 6.743 - 0.054) / (641,692 x 105,985.94)

Run = Callable[..., Result]


@pytest.fixture
def run(reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `mnav …` in an empty folder; MNAV_DB names a valued database of the reference data that nobody may change."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNAV_DB", str(reference_db))
    runner = CliRunner()
    return lambda *arguments: runner.invoke(mnav, list(arguments), prog_name="mnav")


@pytest.fixture
def own_db(reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Path:
    """The same with a copy that may be changed."""
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    monkeypatch.setenv("MNAV_DB", str(path))
    return path


@pytest.fixture(scope="module")
def reference(reference_db: Path) -> Iterator[object]:
    db = open_database(reference_db)
    yield db
    db.close()


def python(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """A new interpreter that finds this checkout."""
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)} | dict(options.pop("env", {}))  # type: ignore[call-overload]
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, **options)  # type: ignore[call-overload,no-any-return]


def refused(result: Result, status: int) -> str:
    """What a refusal says: nothing on stdout, no traceback."""
    assert result.exit_code == status, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert "Error: " in result.stderr
    return result.stderr


# -- exit statuses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("show MSTRR", "did you mean MSTR"),
        ("show MSTR NOSUCH99", "unknown ticker 'NOSUCH99'"),
        ("history 3350.TT", "did you mean 3350.T"),
        ("show Metaplant", "did you mean 3350.T"),
        ("league", "did you mean mnav show?"),
        ("histry MSTR", "did you mean mnav history?"),
        ("explain MSTRR", "did you mean MSTR"),
        ("plot mnav MSTRR", "did you mean MSTR"),
        ("value --company MSTRR", "did you mean MSTR"),
        ("history", "Missing argument 'TICKER'"),
        ("history MSTR --metric mnav", "unknown metric 'mnav'; there are: ticker, date"),
        ("show --on someday", "'someday' is not a day; write YYYY-MM-DD, YYYY-MM, today or yesterday"),
        ("show --on 2025-02-30", "'2025-02-30' is not a day; write YYYY-MM-DD"),
        ("history MSTR --since 2025-W06-3", "is not a day"),
        ("show --json --csv", "--json and --csv exclude each other"),
        ("--json show --csv", "--json and --csv exclude each other"),
        ("plot", "which chart?"),
        ("plot pie MSTR", "unknown chart 'pie'; there are: "),
        ("plot mnav", "which companies?"),
        ("plot stack MSTR --log", "stack takes no --log; it takes: --on"),
        ("plot mnav MSTR --metric reason", "'reason' is no number of mnav_daily; there are: price, price_usd"),
        ("value --vintage newest", "is not 'latest'"),
        ("show --loud", "No such option"),
        ("shwo", "no verb 'shwo'; did you mean mnav show?"),
    ],
)
def test_wrong_usage_is_status_2_and_says_what_would_be_right(own_db: Path, run: Run, command: str, says: str) -> None:
    assert says in refused(run(*command.split()), 2)


@pytest.mark.parametrize("command", ["show", "history MSTR", "explain MSTR", "plot mnav MSTR"])
def test_a_missing_database_is_status_1_and_is_not_made(tmp_path: Path, run: Run, command: str) -> None:
    path = tmp_path / "none.db"
    told = refused(run(*command.split(), "--db", str(path)), 1)
    assert (
        told
        == f"Error: no database at {path}; run `mnav run --offline` to make one, or point to one with --db or MNAV_DB\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["show", "value", "run --offline"])
def test_a_file_that_is_no_database_is_status_1(tmp_path: Path, run: Run, command: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes\n" * 100)
    told = refused(run(*command.split(), "--db", str(path)), 1)
    assert told.count("\n") == 1
    assert "is not a usable SQLite database" in told
    assert path.read_text() == "my notes\n" * 100


def test_a_database_in_use_is_status_1(own_db: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.connection, "LOCK_SECONDS", 0.05)
    other = sqlite3.connect(own_db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "is in use by another" in refused(run("value"), 1)
    other.close()


def test_a_database_whose_views_are_missing_says_how_to_mend_it(own_db: Path, run: Run) -> None:
    connection = sqlite3.connect(own_db)
    connection.execute("DROP VIEW mnav_daily")
    connection.commit()
    connection.close()
    assert "run `mnav value` to bring it up to date" in refused(run("history", "MSTR"), 1)
    assert run("value").exit_code == 0
    assert run("history", "MSTR").exit_code == 0


@pytest.mark.parametrize(
    "command", ["show", "history MSTR", "explain MSTR", "metrics", "plot --list", "--version", "--help", "-h"]
)
def test_done_is_status_0_with_data_on_stdout(run: Run, command: str) -> None:
    result = run(*command.split())
    assert result.exit_code == 0
    assert result.stdout.count("\n") >= 1


# -- global flags --------------------------------------------------------------------------------------------------


def test_the_global_flags_stand_before_or_after_the_verb(
    reference_db: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNAV_DB")
    path = str(reference_db)
    results = [
        run("--db", path, "--json", "-q", "show", "MSTR"),
        run("show", "MSTR", "--db", path, "--json", "-q"),
        run("--json", "show", "-q", "MSTR", "--db", path),
        run("--db", "elsewhere.db", "show", "MSTR", "--db", path, "--json", "--quiet"),
    ]
    assert [result.exit_code for result in results] == [0] * 4
    assert len({result.stdout for result in results}) == 1
    assert json.loads(results[0].stdout)[0]["ticker"] == "MSTR"
    assert {result.stderr for result in results} == {""}


def test_the_flag_prevails_over_the_environment(run: Run) -> None:
    assert "no database at other.db" in refused(run("show", "--db", "other.db"), 1)


# -- data ----------------------------------------------------------------------------------------------------------


def test_json_has_every_digit_and_null_for_unknown(reference: Any, run: Run) -> None:
    rows = json.loads(run("show", "--all", "--json").stdout)
    stored = {row["ticker"]: row for row in reference.query("SELECT * FROM mnav_latest")}
    assert {row["ticker"] for row in rows} == set(stored)
    assert len(rows) > 20
    for row in rows:
        as_stored = stored[row["ticker"]]
        assert {name: row[name] for name in as_stored if name not in ("stale", "grade")} == {
            name: as_stored[name] for name in as_stored if name not in ("stale", "grade")
        }
        older = aged({**row, **as_stored}, date.today())  # noqa: DTZ011  # the clock of the command
        assert (row["stale"], row["grade"]) == (older["stale"], older["grade"])
    assert any(row["mnav_ev"] is None for row in rows)
    assert any(row["mnav_ev"] for row in rows)


def test_csv_has_every_digit_and_an_empty_cell_for_unknown(reference: Any, run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("show", "--all", "--csv").stdout)))
    stored = {row["ticker"]: row for row in reference.query("SELECT * FROM mnav_latest")}
    assert len(rows) == len(stored)
    for row in rows:
        for name in ("mnav_ev", "btc", "implied_premium_usd", "btc_yield_1y_pct", "known_assumed"):
            assert (float(row[name]) if row[name] else None) == stored[row["ticker"]][name]


def test_history_prints_the_stored_rows(reference: Any, run: Run) -> None:
    span = ["--since", "2025-11-01", "--until", "2025-11-10"]
    rows = json.loads(
        run("history", "MSTR", "--metric", "mnav_ev", "--metric", "btc_yield_1y_pct", *span, "--json").stdout
    )
    wanted = reference.query(
        "SELECT date, mnav_ev, btc_yield_1y_pct FROM mnav_daily WHERE ticker = 'MSTR' AND date BETWEEN '2025-11-01' AND '2025-11-10' ORDER BY date"
    )
    assert rows == list(wanted)
    assert [row["date"] for row in rows] == [
        "2025-11-03",
        "2025-11-04",
        "2025-11-05",
        "2025-11-06",
        "2025-11-07",
        "2025-11-10",
    ]


def test_history_without_a_row_says_so_and_prints_no_data(run: Run) -> None:
    result = run("history", "MSTR", "--since", "2030-01-01", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert "MSTR has no valued close since 2030-01-01; its closes run from 2020-08-03 to 2026-08-31" in result.stderr


def test_a_ticker_in_small_letters_is_understood(run: Run) -> None:
    assert json.loads(run("show", "mstr", "--json").stdout)[0]["ticker"] == "MSTR"


def test_the_league_is_of_treasuries_whose_bitcoin_is_a_tenth_of_their_market_cap(run: Run) -> None:
    league = json.loads(run("show", "--json").stdout)
    everyone = json.loads(run("show", "--all", "--json").stdout)
    wanted = [
        row["ticker"]
        for row in everyone
        if row["kind"] == "treasury" and (row["btc_nav"] or 0) >= 0.1 * (row["market_cap"] or 1e99)
    ]
    assert [row["ticker"] for row in league] == wanted
    assert 2 < len(league) < len(everyone)
    assert [row["btc_nav"] for row in league] == sorted((row["btc_nav"] for row in league), reverse=True)


def test_the_table_is_for_people(run: Run) -> None:
    result = run("show", "MSTR", "3350.T", "--on", "2025-11-07")
    head, _, first, second = result.stdout.splitlines()
    assert head.split()[:3] == ["ticker", "close", "of"]
    assert first.split()[:4] == ["MSTR", "2025-11-07", "641,205", "$69.52bn"]
    assert "1.269x" in first
    assert second.startswith("3350.T")
    assert result.stderr == ""


def listed(run: Run, *arguments: str) -> list[str]:
    return [row["ticker"] for row in json.loads(run("show", "--json", *arguments).stdout)]


def test_the_table_is_sorted_by_any_column_unknown_last(reference: Any, run: Run) -> None:
    rows = json.loads(run("show", "--all", "--json", "--sort", "leverage").stdout)
    known = [row["leverage"] for row in rows if row["leverage"] is not None]
    assert len(known) > 3
    assert known == sorted(known, reverse=True)
    assert [row["leverage"] for row in rows] == known + [None] * (len(rows) - len(known))
    rising = listed(run, "--all", "--sort", "leverage", "--ascending")[: len(known)]
    assert rising[0] != rows[0]["ticker"]
    assert {row["ticker"] for row in rows[: len(known)]} == set(rising)
    shown = run("show", "--sort", "mnav_net").stdout.splitlines()
    assert shown[2].split()[0] == "ASST"
    added = run("show", "--sort", "btc_yield_1y_pct").stdout.splitlines()
    assert "btc_yield_1y_pct" in added[0], "a table sorted by what it does not show"
    assert "unknown column 'mnav'; there are: name, kind" in refused(run("show", "--sort", "mnav"), 2)


def test_the_table_is_filtered_by_size_kind_and_country(run: Run) -> None:
    everyone = json.loads(run("show", "--all", "--json").stdout)
    assert listed(run, "--all", "--min-btc", "30000") == [
        one["ticker"] for one in everyone if (one["btc"] or 0) >= 30_000
    ]
    assert {"MSTR", "3350.T"} < set(listed(run, "--min-btc", "30000"))
    assert set(listed(run, "--kind", "miner")) == {one["ticker"] for one in everyone if one["kind"] == "miner"}
    assert listed(run, "--country", "jp") == ["3350.T", "3189.T"]
    nobody = run("show", "--country", "XX").stderr
    assert nobody.startswith("none of the ")
    assert nobody.endswith(" companies with a valued close meets --min-btc, --kind and --country\n")
    assert set(listed(run, "--kind", "miner", "--kind", "treasury", "--country", "US")) == {
        one["ticker"] for one in everyone if one["kind"] in ("miner", "treasury") and one["country"] == "US"
    }
    assert "unknown kind 'bank'; there are: treasury, miner" in refused(run("show", "--kind", "bank"), 2)


def test_what_is_old_or_missing_is_marked(run: Run) -> None:
    (line,) = [line for line in run("show").stdout.splitlines() if line.startswith("0434.HK ")]
    assert line.split()[1:3] == ["2026-02-05", "old"]
    assert line.endswith("unknown: preferred")
    assert " – " in line


def test_one_ticker_alone_prints_its_card(run: Run, reference: Any) -> None:
    lines = run("show", "MSTR", "--on", "2025-11-10").stdout.splitlines()
    assert len(lines) <= 40
    assert lines[0] == "Strategy Inc (MSTR) · treasury · US · XNAS"
    assert "close of 2025-11-10: 238.88 USD" in lines[1]
    told = {line[:11].strip(): line[11:] for line in lines if line[:1].strip()}
    assert told["mNAV"] == "1.009x to 1.321x, by definition"
    shown = {
        line.split("x  ")[0].rsplit(None, 1)[0].strip(): line
        for line in lines
        if line.startswith("  ") and "x  " in line
    }
    assert {"basic", "diluted", "assumed-diluted", "EV", "diluted EV", "net"} == set(shown)
    assert "1.229x" in shown["EV"]
    assert told["premium"].startswith("EV less bitcoin $15.57bn (+22.9 %)")
    assert told["bitcoin"].startswith("641,692 BTC, $68.01bn · holdings 1 days old")
    assert told["claims"].startswith("debt $8.24bn · preferred $6.74bn · cash $54.3m")
    assert told["bought"].split()[:3] == ["2025-11-10", "+487", "BTC"]
    assert "mnav explain MSTR" in told["next"]
    assert (
        json.loads(run("show", "MSTR", "--json").stdout)[0]["ticker"] == "MSTR"
    )  # for programs it is a row like any other
    assert run("show", "MSTR", "--csv").stdout.count("\n") == 2


def test_the_card_says_what_is_missing_old_and_for_what(run: Run) -> None:
    result = run("show", "0434.HK")
    assert "close of 2026-02-05, OLD" in result.stdout
    assert re.search(r"^  EV +–  needs preferred$", result.stdout, re.MULTILINE)
    assert re.search(r"^  net +–  needs dilutive_shares, preferred$", result.stdout, re.MULTILINE)
    assert re.search(r" 0\.9\d\dx, the one definition known$", result.stdout, re.MULTILINE)
    assert "preferred_total: its preferred stock; where there is none, nobody has said so" in result.stdout
    assert "cost as of 2025-07-08, coins as of 2025-11-17" in result.stdout
    assert "128 days old (OLD)" in result.stdout
    assert "80 days old (OLD)" not in result.stdout


def test_the_card_tells_sales_from_purchases_and_what_the_grade_was(run: Run) -> None:
    told = run("show", "MSTR", "--on", "2026-08-31").stdout
    assert "\nsold       2026-08-10       −1,691 BTC\n" in told
    assert "−3,588 BTC for 216,000,000 USD\n" in told
    assert "on the day of its close" not in told
    old = run("--today", "2026-12-01", "show", "MSTR").stdout
    assert "\ngrade      C: " in old
    assert "           on the day of its close A: conversions known" in old
    mixed = run("show", "MSTR", "--on", "2026-07-08").stdout.splitlines()
    (sold,) = [at for at, line in enumerate(mixed) if line.startswith("sold       2026-07-06")]
    assert mixed[sold + 1].startswith("bought     2026-06-22         +521 BTC")
    assert mixed[sold + 2].startswith("           2026-06-15       +1,586 BTC")


def test_what_is_unknown_of_a_premium_is_one_dash_and_an_old_close_one_sentence(run: Run) -> None:
    result = run("show", "0434.HK")
    assert "EV less bitcoin – · equity to net reserve –" in result.stdout
    assert re.search(r"^the close of 2026-02-05 is \d+ days old on ", result.stderr, re.MULTILINE)
    assert "1 of 1" not in result.stderr


def test_no_rows_make_no_table(run: Run) -> None:
    assert run("show", "--country", "XX").stdout == ""
    assert run("show", "--country", "XX", "--csv").stdout == "ticker\n"
    assert run("show", "--country", "XX", "--json").stdout == "[]\n"


def test_published_numbers_and_ours_stand_in_their_unit(run: Run) -> None:
    result = run("bridge", "MSTR", "--all")
    assert re.search(r"^MSTR +btc_gain_published +2025Q1 +2025-03-31 +49,131  BTC ", result.stdout, re.MULTILINE)
    assert "$" in result.stdout
    assert " are ours to their last digit, " in result.stderr
    assert {row["published"] for row in json.loads(run("bridge", "MSTR", "--all", "--json").stdout)} > {49_131.0}


def test_every_reason_has_its_words() -> None:
    from treasury.claims.preferred import AT_PREFERENCE, UNPRICED
    from treasury.known.resolve import MISSING, REASONS
    from treasury.metrics.row_wise import GUARD_REASONS
    from treasury.unknown import NOT_KNOWN, WHY

    assert set(WHY) == {
        *REASONS,
        *GUARD_REASONS.values(),
        "MISSING_PRICE",
        "NO_BASE",
        "INPUTS_DOUBTED",
        UNPRICED,
        AT_PREFERENCE,
    }
    assert set(NOT_KNOWN) <= set(MISSING)


@pytest.mark.slow
@pytest.mark.parametrize("output", [[], ["--json"], ["--csv"]])
def test_a_day_without_a_close_says_which_one_is_shown(run: Run, output: list[str]) -> None:
    told = "the last earlier one is shown, 2025-11-07."  # the 8th and 9th were a weekend
    saturday = run("show", "MSTR", "--on", "2025-11-08", *output)
    assert told in saturday.stderr
    assert told not in saturday.stdout
    friday = run("show", "MSTR", "--on", "2025-11-07", *output)  # the same but for the age of its close
    ages = {"--json": ('"close_age_days": 0', '"close_age_days": 1'), "--csv": (",2025-11-02,0,0,", ",2025-11-02,0,1,")}
    younger, older = ages.get("".join(output), ("", ""))
    assert saturday.stdout == friday.stdout.replace(younger, older)
    assert run("show", "MSTR", "--on", "2025-11-08", "-q", *output).stderr == ""
    explained = run("explain", "MSTR", "--on", "2025-11-09", *output)
    assert "MSTR has no close on 2025-11-09: the last earlier one is shown, 2025-11-07" in explained.stderr
    assert run("explain", "MSTR", "--on", "2025-11-07", *output).stderr == ""


def test_a_day_before_everything_is_no_league_and_no_error(run: Run) -> None:
    result = run("show", "--on", "2009-01-03", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert "no company has a valued close up to 2009-01-03" in result.stderr
    assert "MSTR has no valued close up to 2009-01-03" in refused(run("explain", "MSTR", "--on", "2009-01-03"), 1)


@pytest.mark.parametrize(
    ("text", "safe"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("-x", "'-x"), ("+1", "'+1"), (-5.0, -5.0), ("MSTR", "MSTR")]
)
def test_text_that_a_spreadsheet_would_run_is_defused(text: object, safe: object) -> None:
    assert spreadsheet_safe(text) == safe


# -- explain -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def explained(reference: Any) -> dict[str, object]:
    return explain(reference, "MSTR", "2025-11-10")


def test_explain_gives_every_fact_with_source_days_and_address(explained: Any) -> None:
    told = [line for line in explained["inputs"] if line["name"].startswith("· ")]
    assert len(told) > 12
    for line in told:
        assert line["source"], line
        assert re.fullmatch(r"https?://\S+", line["url"]), line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|\d{4}-\d\d-\d\d", line["known_at"]), line
        assert line["known_at"] <= "2025-11-10T21:00:00Z", "known only after the close"
        assert line["age_days"] >= 0
    (btc,) = (line for line in told if line["name"] == "· btc_holdings")
    assert (btc["value"], btc["unit"], btc["as_of"], btc["age_days"]) == (641_692, "BTC", "2025-11-09", 1)
    assert btc["known_at"].startswith("2025-11-10T13:00")  # the 8-K was accepted before that close
    assert btc["url"].startswith("https://www.sec.gov/Archives/edgar/data/1050446/")


def test_explain_gives_the_prices_with_their_source(explained: Any) -> None:
    lines = {line["name"]: line for line in explained["inputs"]}
    for name in ("price", "btc_price"):
        assert (lines[name]["as_of"], lines[name]["age_days"]) == ("2025-11-10", 0)
        assert lines[name]["source"]
        assert lines[name]["url"].startswith("https://")
    assert explained["btc_fixing"] == "nyse"


def test_explain_has_what_is_made_over_time_and_over_definitions(explained: Any, reference: Any) -> None:
    row = next(iter(reference.query("SELECT * FROM mnav_daily WHERE ticker = 'MSTR' AND date = '2025-11-10'")))
    told = {line["name"]: line["value"] for line in explained["across"]}
    assert list(told) == [
        "btc_yield_ytd_pct", "btc_yield_qtd_pct", "btc_yield_1y_pct", "mnav_low", "mnav_high", "issuing_zone", "definition_version",
    ]  # fmt: skip
    assert told == {name: row[name] for name in told}
    assert (told["issuing_zone"], told["definition_version"]) == ("accretive", "strategy-ev-2025")


def test_explain_follows_each_metric_from_formula_over_numbers_to_result(explained: Any) -> None:
    values = {line["name"]: line["value"] for line in explained["inputs"]} | {
        one["name"]: one["value"] for one in explained["metrics"]
    }
    assert len(explained["metrics"]) > 20
    for one in explained["metrics"]:
        over_names = eval(one["formula"], {"__builtins__": {}}, values)
        over_numbers = eval(one["numbers"].replace(",", ""), {"__builtins__": {}})
        assert over_names == pytest.approx(one["value"], rel=1e-12), one
        assert over_numbers == pytest.approx(one["value"], rel=1e-4), one
    assert values["mnav_ev"] == pytest.approx(EV_ON_2025_11_10, abs=5e-4)
    assert values["implied_premium_usd"] == pytest.approx(15.566e9, rel=1e-4)


def test_explain_on_the_terminal(run: Run) -> None:
    result = run("explain", "MSTR", "--on", "2025-11-10")
    assert "Strategy Inc (MSTR), close of 2025-11-10" in result.stdout
    assert re.search(
        r"· btc_holdings +641,692 +BTC +2025-11-09 +2025-11-10T13:00:\d\dZ +1 +\S.*https://www.sec.gov/", result.stdout
    )
    assert re.search(
        r"mnav_ev = enterprise_value / btc_nav\n +=.*\d / \d.*\n +=.*1\.228\d+ x \(1\.229x\)", result.stdout
    )
    assert "missing: option_strikes" in result.stdout
    assert "e+" not in result.stdout


def test_a_count_told_to_be_outdated_after_the_close_is_noted_beside_it(run: Run) -> None:
    """KULR's coins of its last close, 2026-08-21, were sold by 2026-09-11."""
    (row,) = [line for line in run("show").stdout.splitlines() if line.startswith("KULR ")]
    assert "how many it holds is not known" in row
    card = {day: run("show", "KULR", *day).stdout for day in ((), ("--on", "2026-08-21"))}
    assert ["nobody says how many" in one for one in card.values()] == [True, False]


def test_explain_names_who_says_that_a_count_of_coins_stands_no_longer(run: Run) -> None:
    done = run("explain", "EMPD", "--on", "2026-07-31", "--json")
    (told,) = [row for row in json.loads(done.stdout)["inputs"] if row["name"] == "· btc_holdings_outdated"]
    assert (told["value"], told["as_of"]) == (3439, "2026-07-10")
    assert "Empery" in told["source"]


@pytest.mark.slow
def test_explain_and_the_view_agree_for_every_company(reference: Any) -> None:
    """explain reads the rules slowly, one company and day at a time; the view holds what the kernel made of everyone."""
    days = reference.execute("SELECT ticker, max(date) FROM mnav_daily GROUP BY ticker").fetchall()
    days += reference.execute("SELECT ticker, date FROM mnav_daily WHERE reason LIKE '%MISSING_PRICE%'").fetchall()
    for first in ("reason LIKE '%CARRYING%'", "reason LIKE 'SPAC%'", "1"):
        days += reference.execute(
            f"SELECT ticker, min(date) FROM mnav_daily WHERE {first} GROUP BY ticker LIMIT 4"
        ).fetchall()
    assert len(days) > 30
    for ticker, day in days:
        told = explain(reference, ticker, day)
        (row,) = reference.query("SELECT * FROM mnav_daily WHERE ticker = ? AND date = ?", [ticker, day])
        values = {line["name"]: line["value"] for line in (*told["inputs"], *told["metrics"]) if line["name"] in row}
        assert len(values) > 30
        for name, value in values.items():
            assert value == (row[name] if row[name] is None else pytest.approx(row[name], rel=1e-12)), (
                ticker,
                day,
                name,
            )
        assert told["known_assumed"] == bool(row["known_assumed"])
        assert told["missing"] == (row["missing"] or "").split(), (ticker, day)
        assert told["reason"] == [code for code in (row["reason"] or "").split() if code != "NO_BASE"], (ticker, day)


# -- value ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_value_says_how_much_it_did_and_prints_no_data(own_db: Path, run: Run, reference: Any) -> None:
    (all_days,) = reference.execute("SELECT count(*) FROM valuation").fetchone()
    (since,) = reference.execute(
        "SELECT count(*) FROM mnav_daily WHERE ticker = 'MSTR' AND date >= '2025-11-01'"
    ).fetchone()
    for arguments, count in ((["--full"], all_days), ([], 0), (["--company", "MSTR", "--since", "2025-11-01"], since)):
        result = run("value", *arguments)
        assert (result.exit_code, result.stdout) == (0, "")
        assert f"valued {count:,} company-days" in result.stderr


def test_value_with_hindsight_compares_and_stores_nothing(own_db: Path, run: Run) -> None:
    before = own_db.read_bytes()[100:]
    (row,) = json.loads(
        run("value", "--vintage", "latest", "--company", "MSTR", "--since", "2025-01-01", "--json").stdout
    )
    assert row["ticker"] == "MSTR"
    assert row["mnav_ev_worst_gap"] == pytest.approx(row["now"] - row["then"])
    assert own_db.read_bytes()[100:] == before


# -- charts and report as data -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_chart_and_a_report_are_data_where_data_is_asked_for(run: Run, reference: Any, tmp_path: Path) -> None:
    """Nothing is drawn or written but what -o names."""
    span = ("plot", "premium", "MSTR", "--since", "2025-11-05", "--until", "2025-11-10")
    sql = "SELECT date, implied_premium_usd, ticker FROM mnav_daily WHERE ticker = 'MSTR' AND date BETWEEN ? AND ?"
    rows = reference.execute(sql, ("2025-11-05", "2025-11-10")).fetchall()
    wanted = [dict(zip(("date", "implied_premium_usd", "ticker"), row, strict=True)) for row in rows]
    before = set(tmp_path.rglob("*"))
    assert json.loads(run(*span, "--json").stdout) == wanted
    lines = list(csv.DictReader(io.StringIO(run(*span, "--csv").stdout)))
    assert [float(line["implied_premium_usd"]) for line in lines] == [row["implied_premium_usd"] for row in wanted]
    (row,) = json.loads(run("report", "MSTR", "--json").stdout)
    (stored,) = reference.execute("SELECT date, mnav_ev FROM mnav_latest WHERE ticker = 'MSTR'")
    assert (row["date"], row["mnav_ev"]) == tuple(stored)
    assert set(tmp_path.rglob("*")) == before
    named = run(*span, "--csv", "-o", "named.png")
    assert named.stdout.splitlines()[0] == "date,implied_premium_usd,ticker"
    assert Path("named.png").stat().st_size > 1000


@pytest.mark.slow
def test_a_price_that_steps_with_a_split_is_said_and_the_adjusted_one_is_there(run: Run) -> None:
    drawn = run("plot", "mnav", "MSTR", "--metric", "price", "-o", "price.png")
    assert (
        "MSTR: price is of each day's own shares and steps on 2024-08-08; --metric price_adjusted does not"
        in drawn.stderr
    )
    for quiet in (("--metric", "price_adjusted"), ("--metric", "price", "--since", "2024-08-08"), ()):
        assert "steps on" not in run("plot", "mnav", "MSTR", *quiet, "-o", "other.png").stderr
    days = json.loads(
        run(
            "history", "MSTR", "--metric", "price_adjusted", "--since", "2024-08-07", "--until", "2024-08-08", "--json"
        ).stdout
    )
    assert [round(day["price_adjusted"], 2) for day in days] == [124.68, 135.99]


@pytest.mark.parametrize("chart", ["stack", "attribution", "league", "vintage", "moments"])
def test_every_kind_of_frame_prints(run: Run, chart: str) -> None:
    given = {"attribution": ("MSTR", "--since", "2025-07-16", "--until", "2025-11-07"), "league": ()}.get(
        chart, ("MSTR",)
    )
    rows = json.loads(run("plot", chart, *given, "--json").stdout)
    assert rows
    assert "index" not in rows[0]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"]) for row in rows if row.get("date"))


# -- examples ------------------------------------------------------------------------------------------------------


def examples(verb: str) -> list[str]:
    command = mnav.get_command(click.Context(mnav), verb)
    assert command is not None
    told = re.search(r"\bExamples?:(.*?)(\n\n|$)", command.help or "", re.DOTALL)
    return [line.strip() for line in told[1].splitlines() if line.strip()] if told else []


def test_the_verbs_are_those_promised_so_far() -> None:
    assert {"run", "value", "show", "history", "explain", "plot", "metrics"} <= set(VERBS)


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_an_example_in_its_help_that_runs(own_db: Path, run: Run, verb: str) -> None:
    found = examples(verb)
    assert found
    shutil.copy(CHECKOUT / "tests" / "fixtures" / "strategy_8k" / "2026-01-05.html", "filing.htm")
    shutil.copy(CHECKOUT / "tests" / "fixtures" / "announcement" / "monthly_mining.html", "notice.html")
    Archive(Path("mnav-archive")).keep(Document("ecb", "https://example.org", b"1", datetime(2026, 1, 5, tzinfo=UTC)))
    shown = run(verb, "--help").stdout
    for example in found:
        assert example in shown, "help reflows the example"
        program, *arguments = shlex.split(example)
        assert program == "mnav"
        if verb in ("run", "scrape", "browse", "serve"):
            continue  # run below, twice; scrape needs a network (test_scrape), two serve until they are ended (test_browse, test_serve)
        for name in (
            re.findall(r"\b(\w+)\.csv", example) if verb == "import" else ()
        ):  # files of the user's own: two that the database holds already
            bundled = {"facts": "facts", "prices": "equity_prices"}[name]
            shutil.copy(CHECKOUT / "treasury" / "reference" / f"{bundled}.csv", f"{name}.csv")
        for name in ("mnav-alerts.toml", "rules.toml") if verb == "alert" else ():  # the user's own rules
            Path(name).write_text('[[alert]]\nname = "one"\nwhen = "btc < 0"\n', encoding="utf-8")
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        if verb not in ("value",):
            assert result.output.strip()
        for path in re.findall(r"\S+\.(?:svg|png)$", result.stdout, re.MULTILINE):
            assert Path(path).stat().st_size > 1000


@pytest.mark.slow
def test_every_verb_runs_as_a_module_of_its_own(run: Run) -> None:
    module = python("-m", "scripts.show", "MSTR", "--json")
    assert (module.returncode, module.stdout) == (0, run("show", "MSTR", "--json").stdout)
    for verb in VERBS:
        module_file = next(
            path
            for path in (CHECKOUT / "scripts" / f"{verb.replace('-', '_')}{ending}.py" for ending in ("", "_"))
            if path.exists()
        )  # import is a word of Python's: import_.py
        source = module_file.read_text()
        assert 'if __name__ == "__main__":\n    command()' in source, verb


# -- the process ---------------------------------------------------------------------------------------------------


def test_help_imports_nothing_heavy() -> None:
    told = python(
        "-c",
        "import sys, atexit; sys.argv = ['mnav', '--help']\n"
        f"atexit.register(lambda: print('loaded:', [name for name in {HEAVY} if name in sys.modules]))\n"
        "from scripts.main import main; main()",
    )
    assert told.returncode == 0, told.stderr
    assert "explain" in told.stdout
    assert told.stdout.endswith("loaded: []\n")


@pytest.mark.slow
@pytest.mark.parametrize("words", LIGHT, ids=" ".join)
def test_light_verbs_import_nothing_heavy(run: Run, words: list[str]) -> None:
    told = python(
        "-c",
        f"import sys, atexit; sys.argv = {['mnav', *words]}\n"
        f"atexit.register(lambda: print('loaded:', [name for name in {(*HEAVY, 'tabulate', 'lxml')} if name in sys.modules]))\n"
        "from scripts.main import main; main()",
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.endswith("loaded: []\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", ["history MSTR", "history MSTR --csv", "history MSTR --json", "show --csv", "metrics"]
)
@pytest.mark.parametrize("lines", [0, 1])
def test_a_reader_who_leaves_early_is_no_error(run: Run, command: str, lines: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.main", *command.split(), "-q"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    for _ in range(lines):
        assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 0
    process.stderr.close()


def on_a_terminal(command: str, **environment: str) -> bytes:
    """What a verb writes to a pseudo-terminal."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.main", *command.split()],
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT), "TERM": "xterm-256color"} | environment,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            block = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not block:
            break
        shown += block
    os.close(ours)
    assert process.wait(30) in (0, 2)
    assert len(shown) > 50
    return shown


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
@pytest.mark.parametrize("command", ["show", "show MSTR", "show NOSUCH99"])
def test_no_color_is_respected_on_a_terminal(run: Run, command: str) -> None:
    assert b"\x1b" not in on_a_terminal(command, NO_COLOR="1")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
def test_the_table_fits_the_terminal(run: Run) -> None:
    shown = on_a_terminal("show -q", COLUMNS="80", NO_COLOR="").decode()
    assert "\x1b[2m" in shown, "old rows recede where colour is allowed"
    lines = re.sub(r"\x1b\[\d*m", "", shown).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split()[:3] == ["ticker", "close", "of"]
    assert "leverage" not in lines[0]
    assert "leverage" in run("show").stdout.splitlines()[0], "a pipe gets all columns"


NO_SOCKETS = """
import sys
from typing import Any
def refuse(event, arguments):
    if event.startswith('socket.'):
        raise RuntimeError(f'{event} {arguments}: a run offline opened a socket')
sys.addaudithook(refuse)
"""


def all_but_runs(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    dumped = [line for line in connection.iterdump() if not line.startswith('INSERT INTO "run"')]
    connection.close()
    return dumped


@pytest.mark.slow
def test_a_run_offline_opens_no_socket_and_the_second_changes_nothing(tmp_path: Path) -> None:
    offline = NO_SOCKETS + "sys.argv = ['mnav', 'run', '--offline']; from scripts.main import main; main()"
    environment = {"MNAV_DB": "", "MPLCONFIGDIR": str(tmp_path / "matplotlib")}
    first = python("-c", offline, cwd=tmp_path, env=environment)
    assert first.returncode == 0, first.stderr
    stored, drawn = (
        all_but_runs(tmp_path / "mnav.db"),
        {one.name: one.read_bytes() for one in (tmp_path / "mnav-charts").iterdir()},
    )
    assert {"mnav-MSTR.png", "mnav-3350.T.png"} <= set(drawn)
    second = python("-c", offline, cwd=tmp_path, env=environment)
    assert second.returncode == 0, second.stderr
    assert all_but_runs(tmp_path / "mnav.db") == stored
    assert {one.name: one.read_bytes() for one in (tmp_path / "mnav-charts").iterdir()} == drawn
    assert first.stdout == second.stdout
    assert first.stdout.splitlines()[2].startswith("MSTR ")
    assert "reference data: nothing new" in second.stderr
    connection = sqlite3.connect(tmp_path / "mnav.db")
    runs = connection.execute("SELECT asked, outcome, started_at <= ended_at FROM run").fetchall()
    connection.close()
    assert runs == [("run --offline", "done", 1)] * 2


def test_the_guard_against_sockets_would_notice_one() -> None:
    told = python("-c", NO_SOCKETS + "import socket; socket.create_connection(('127.0.0.1', 9))")
    assert told.returncode == 1
    assert "a run offline opened a socket" in told.stderr


def test_explain_names_the_day_of_the_quote_that_was_used(run: Run) -> None:
    """At the Tokyo close of Monday 2026-01-05 bitcoin had a price of that very half hour; the last ECB rate was Friday's."""
    told = json.loads(run("explain", "3350.T", "--on", "2026-01-05", "--json").stdout)
    quotes = {
        line["name"]: (line["as_of"], line["age_days"])
        for line in told["inputs"]
        if line["name"] in ("price", "fx", "btc_price")
    }
    assert quotes == {"price": ("2026-01-05", 0), "fx": ("2026-01-02", 3), "btc_price": ("2026-01-05", 0)}


def test_every_word_for_a_verb_leads_to_one() -> None:
    import click

    from scripts.main import _OTHER_WORDS

    assert isinstance(mnav, click.Group)
    verbs = mnav.list_commands(click.Context(mnav))
    assert set(_OTHER_WORDS.values()) <= set(verbs)
    assert not set(_OTHER_WORDS) & set(verbs), "a verb needs no other word"
