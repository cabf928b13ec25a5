"""A company of one's own: typed in, asked for at a terminal, or kept in one sheet."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from db import open_database
from scripts.main import mnav

CHECKOUT = Path(__file__).parents[1]
Run = Callable[..., Result]
# 100 million shares at 15, 10,000 BTC at 115,295.57 (New York's close of the bundled hourly series), 150 million of debt, 30 of cash
ORANGE = (
    "add",
    "orng",
    "--price",
    "15",
    "--shares",
    "100m",
    "--btc",
    "10k",
    "--exchange",
    "XNYS",
    "--on",
    "2025-08-06",
)
CLAIMS = ("--debt", "$150m", "--preferred", "0", "--cash", "30,000,000")
SHEET = """ticker;date;price;shares;btc;debt;preferred;cash
ORNG;2025-08-05;14,5;100.000.000;10000;150000000;0;30000000
ORNG;2025-08-06;15;100.000.000;10000;150000000;0;30000000
"""


@pytest.fixture
def run(reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNAV_DB", str(shutil.copy(reference_db, tmp_path / "mnav.db")))
    return lambda *words: CliRunner().invoke(mnav, [str(one) for one in words], prog_name="mnav")


def rows(run: Run, *metrics: str) -> list[dict[str, Any]]:
    done = run("history", "ORNG", *(word for name in metrics for word in ("--metric", name)), "--json")
    assert done.exit_code == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_handful_of_figures_make_a_valued_company(run: Run) -> None:
    done = run(*ORANGE, *CLAIMS, "--name", 'Orange "O", Corp')
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith('Orange "O", Corp (ORNG) · treasury')
    (row,) = rows(run, "mnav_market_cap", "mnav_ev")
    assert row["mnav_market_cap"] == pytest.approx(1500 / 1152.9557, rel=1e-6)
    assert row["mnav_ev"] == pytest.approx(1620 / 1152.9557, rel=1e-6)


def test_whatever_was_typed_in_says_so(run: Run) -> None:
    run(*ORANGE)
    inputs = run("explain", "orng", "--on", "2025-08-06").stdout
    assert inputs.count("entered by hand (mnav add)") == 3  # price, shares, bitcoin
    assert "user-mnav add,user,entered by hand (mnav add)" in run("export", "source", "--csv").stdout


def test_what_is_not_given_stays_unknown(run: Run) -> None:
    run(*ORANGE)
    (row,) = rows(run, "mnav_market_cap", "mnav_ev", "missing")
    assert row["mnav_market_cap"] is not None
    assert row["mnav_ev"] is None
    assert "cash" in row["missing"]


@pytest.mark.slow
def test_another_day_adds_and_the_same_day_corrects(run: Run) -> None:
    run(*ORANGE)
    assert "ORNG is here already: leave out --exchange" in run(*ORANGE).stderr
    run("add", "ORNG", "--price", "16", "--shares", "100m", "--btc", "11k", "--on", "2025-08-07")
    run(*[word if word != "10k" else "9k" for word in ORANGE if word not in ("--exchange", "XNYS")])
    assert [row["btc"] for row in rows(run, "btc")] == [9_000, 11_000]
    run(
        *[word for word in ORANGE if word not in ("--exchange", "XNYS")]
    )  # and back: what was withdrawn once counts again
    assert [row["btc"] for row in rows(run, "btc")] == [10_000, 11_000]
    assert run("revisions", "ORNG", "--csv").stdout.count("withdrawn") == 2


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("add", "ORNG", "--price", "15"), 2, "missing --shares, --btc; give them, or call mnav add at a terminal"),
        (("add", "MSTR", "--price", "15", "--shares", "1m", "--btc", "1"), 2, "MSTR is here already, from what is published"),
        (("add", "mtplf", "--price", "15", "--shares", "1m", "--btc", "1"), 2, "3350.T is here already, from what is published"),
        ((*ORANGE[:4], "--shares", "10", "--btc", "1"), 1, "Error: shares_basic 10 shares is outside 100,000 to"),
        ((*ORANGE[:6], "--btc", "22m"), 1, "Error: btc_holdings 22,000,000 BTC is outside 0 to 21,000,000"),
        ((*ORANGE[:8], "--exchange", "XMOON"), 1, "unknown mic 'XMOON'"),
        ((*ORANGE[:8], "--on", "2099-01-01"), 1, "has not come yet"),
        ((*ORANGE[:8], "--exchange", "XNYS", "--on", "2025-08-09"), 1, "so ORNG has no close of that day"),
        ((*ORANGE[:8], "--currency", "GBX"), 1, "'GBX' is not an ISO 4217 currency code"),
        ((*ORANGE[:6], "--btc", "ten"), 2, "'ten' is not a number; write it as 60000, 60,000, 60k or $1.5bn"),
    ],
)  # fmt: skip
def test_what_cannot_be_true_is_refused_and_nothing_is_stored(run: Run, words: tuple[str, ...], status: int, says: str) -> None:  # fmt: skip
    done = run(*words)
    assert (done.exit_code, done.stdout) == (status, "")
    assert says in done.stderr
    assert "unknown ticker" in run("history", "ORNG").stderr


def test_a_count_of_shares_in_doubt_is_refused_as_a_filed_one_is(run: Run) -> None:
    """A thousand times too many: a market cap of 1.5 trillion over a billion of bitcoin."""
    done = run(*[word if word != "100m" else "100bn" for word in ORANGE])
    assert done.exit_code == 1
    assert "ORNG shares_basic" in done.stderr


@pytest.mark.slow
def test_at_a_terminal_what_is_missing_is_asked_for(reference_db: Path, tmp_path: Path) -> None:
    database = shutil.copy(reference_db, tmp_path / "mnav.db")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "scripts.main", "add", "--on", "2025-08-06", "--db", str(database)],
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    ) as asked:  # fmt: skip
        os.close(theirs)
        os.write(ours, b"ORNG\nOrange Corp\n\nfifteen\n15\n100m\n10k\n150m\n0\n\n")
        out, err = asked.communicate(timeout=60)
    os.close(ours)
    assert asked.returncode == 0, err.decode()
    assert b"'fifteen' is not a number" in err
    assert out.decode().startswith("Orange Corp (ORNG)")
    facts = open_database(database).execute("SELECT quantity, value FROM fact WHERE ticker = 'ORNG' ORDER BY 1")
    assert facts.fetchall() == [
        ("btc_holdings", 10_000), ("debt_total", 150e6), ("preferred_total", 0), ("shares_basic", 100e6),
    ]  # fmt: skip


# -- one sheet -----------------------------------------------------------------------------------------------------


def test_one_sheet_between_semicolons_is_a_companys_history(run: Run, tmp_path: Path) -> None:
    (tmp_path / "orange.csv").write_text(SHEET, encoding="utf-8-sig")
    done = run("import", "orange.csv")
    assert done.exit_code == 0, done.stderr
    assert "company_close     2" in done.stdout
    assert run("value").exit_code == 0
    assert [(row["price"], row["btc"]) for row in rows(run, "price", "btc")] == [(14.5, 10_000), (15, 10_000)]
    assert "taken: nothing new" in run("import", "orange.csv").stderr


def test_a_sheet_about_a_company_that_is_here_goes_by_any_of_its_names(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("ticker,date,price,shares,btc\nmetaplanet,2026-10-15,380,1200000000,43500\n")
    assert run("import", "own.csv").exit_code == 0
    told = json.loads(run("export", "fact", "--company", "3350.T", "--format", "json").stdout)
    assert ("3350.T", 43_500) in {(row["ticker"], row["value"]) for row in told if row["source"] == "user-own.csv"}


def test_a_company_file_and_several_sheets_tell_of_one_company(run: Run, tmp_path: Path) -> None:
    """The file describes it; two sheets tell of it, and none makes it anew."""
    company = "ticker,name,country,currency,kind,source\nORNG,Orange SA,FR,EUR,operating,user-one.csv\n"
    (tmp_path / "company.csv").write_text(company, encoding="utf-8")
    for name, day in (("one", "2025-08-06"), ("two", "2025-08-07")):
        (tmp_path / f"{name}.csv").write_text(f"ticker,date,price,shares,btc\nORNG,{day},15,100000000,10000\n")
    done = run("import", "one.csv", "two.csv", "company.csv")
    assert done.exit_code == 0, done.stderr
    (row,) = json.loads(run("export", "company", "--company", "ORNG", "--format", "json").stdout)
    assert (row["name"], row["currency"], row["kind"]) == ("Orange SA", "EUR", "operating")
    assert run("value").exit_code == 0
    assert [row["price_currency"] for row in rows(run, "price_currency")] == ["EUR", "EUR"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("ticker,date,price,btc\nORNG,2025-08-06,15,10\n", "own.csv:1: read as a company_close file: missing column 'shares'"),
        ("ticker,date,price,shares,btc\nORNG,2025-08-06,15,10,10\n", "own.csv:2: shares_basic 10 shares is outside"),
        ("ticker,date,price,shares,btc,currency\nmetaplanet,2025-08-06,15,1000000,10,USD\n", "own.csv:2: currency: 3350.T is told in JPY, not in USD"),
        ("ticker;date;price;shares;btc\nORNG;2025-08-06;1.500;1000000;10\n", "own.csv:2: price: '1.500' may mean thousands or decimals"),
        ("ticker,date,price,shares,btc\nO RNG,2025-08-06,15,1000000,10\n", "own.csv:2: ticker: 'O RNG' is no ticker"),
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_be_taken_says_where_and_why(run: Run, tmp_path: Path, body: str, says: str) -> None:
    (tmp_path / "own.csv").write_text(body, encoding="utf-8")
    done = run("import", "own.csv")
    assert (done.exit_code, done.stdout) == (1, "")
    assert says in done.stderr
