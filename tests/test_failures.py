"""Whatever the machine lacks, people read a sentence or the right result, never a traceback."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import scripts.main
from scrapers.transport.reach import reachable
from scripts.main import mnav
from treasury.amounts import read_amount, split_amounts
from treasury.intake.days_typed import day_typed

CHECKOUT = Path(__file__).parents[1]
Run = Callable[..., Result]
FULL = Path("/dev/full")


@pytest.fixture
def run(reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNAV_DB", str(shutil.copy(reference_db, tmp_path / "mnav.db")))
    return lambda *words: CliRunner().invoke(mnav, [str(one) for one in words], prog_name="mnav")


def process(*words: str, database: Path, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """`mnav *words` in an interpreter of its own."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "MNAV_DB": str(database), **more.pop("environment", {})}
    command = [sys.executable, "-m", "scripts.main", *words]
    return subprocess.run(command, env=environment, check=False, **{"capture_output": True, **more})


# -- terminals of 8 bits -------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
@pytest.mark.parametrize(
    "words",
    ["show", "show MSTR", "history MSTR --since 2026-08", "capital MSTR", "market", "definitions MSTR", "explain MSTR",
     "holders", "stress --btc 60k MSTR", "metrics", "show --json", "export holdings", "plot --help"],
)  # fmt: skip
def test_a_terminal_of_8_bits_reads_the_likest_signs_it_has(
    reference_db: Path, monkeypatch: pytest.MonkeyPatch, words: str, encoding: str
) -> None:
    monkeypatch.setenv("MNAV_DB", str(reference_db))
    monkeypatch.setattr("sys.argv", ["mnav", *words.split()])
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding=encoding))
    with pytest.raises(SystemExit) as ended:
        scripts.main.main()
    assert ended.value.code == 0
    assert len(written.getvalue().decode(encoding)) > 100


@pytest.mark.slow
def test_signs_that_are_lacking_are_written_with_others(reference_db: Path) -> None:
    told = process("capital", "MSTR", database=reference_db, environment={"PYTHONIOENCODING": "latin-1"})
    plain = process("capital", "MSTR", database=reference_db, environment={"PYTHONIOENCODING": "utf-8"})
    assert (told.returncode, told.stderr) == (0, b"")
    assert told.stdout.decode("latin-1") == plain.stdout.decode().replace("–", "-").replace("−", "-")
    posix = process("show", "MSTR", database=reference_db, environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})  # fmt: skip
    assert posix.returncode == 0
    assert b"Strategy Inc (MSTR)" in posix.stdout


# -- files and folders ---------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize("words", ["show MSTR", "history MSTR --csv", "export holdings", "--help"])
def test_a_full_disk_is_said_once(reference_db: Path, words: str) -> None:
    with FULL.open("wb") as full:
        told = process(*words.split(), database=reference_db, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert told.returncode == 1
    assert (
        told.stderr.decode().strip()
        == "Error: the output: No space left on device; free some space; what stood there before stands"
    )


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder here in which nobody can write")
@pytest.mark.parametrize(
    "words",
    ["run --offline --db /proc/x.db", "plot mnav MSTR -o /proc/x.svg", "report -o /proc/x.html", "sheet MSTR -o /proc/x.html",
     "sheet MSTR -o /proc/x.pdf", "export holdings -o /proc/x.csv", "export all -o /proc/x", "add ONE --price 1 --shares 1m --btc 1 --db /proc/x.db"],
)  # fmt: skip
def test_a_folder_that_cannot_be_written_is_named(run: Run, words: str) -> None:
    done = run(*words.split())
    assert done.exit_code == 1, done.output
    assert done.stderr.startswith("Error: /proc/x")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_is_no_file_is_written_to_and_not_replaced(run: Run, tmp_path: Path) -> None:
    """`-o /dev/stdout` is a device: it may never become a file."""
    os.mkfifo(tmp_path / "pipe.csv")
    reader = os.open(tmp_path / "pipe.csv", os.O_RDONLY | os.O_NONBLOCK)
    assert run("export", "holdings", "--company", "MSTR", "-o", "pipe.csv").exit_code == 0
    assert os.read(reader, 10_000).startswith(b"ticker,name")
    os.close(reader)
    assert (tmp_path / "pipe.csv").is_fifo()


# -- the interpreter and its libraries -----------------------------------------------------------------------------


@pytest.mark.slow
def test_an_interpreter_without_docstrings_gives_the_same(reference_db: Path) -> None:
    for words in (("metrics",), ("show", "--help")):
        told = process(*words, database=reference_db, environment={"PYTHONOPTIMIZE": "2"})
        usual = process(*words, database=reference_db)
        assert (told.returncode, told.stdout, told.stderr) == (0, usual.stdout, usual.stderr)
    inside = [sys.executable, "-OO", "-m", "scripts.show", "MSTR", "--db", str(reference_db)]
    told = subprocess.run(inside, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(CHECKOUT)})
    assert told.returncode == 1
    assert told.stderr.startswith(b"Error: Python runs without docstrings (-OO, PYTHONOPTIMIZE=2)")


@pytest.mark.slow
def test_charts_look_the_same_whatever_the_user_set(reference_db: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "matplotlibrc").write_text(
        "backend: Qt5Agg\ntext.usetex: True\nfont.size: 30\naxes.facecolor: red\nsavefig.dpi: 20\n", encoding="utf-8"
    )
    pictures = []
    for folder in (tmp_path, own):
        told = process("plot", "mnav", "MSTR", "-o", "chart.png", database=reference_db, cwd=folder)
        assert told.returncode == 0, told.stderr
        pictures.append((folder / "chart.png").read_bytes())
    assert pictures[0] == pictures[1]


# -- no network ----------------------------------------------------------------------------------------------------


def refused(host: str, port: int, seconds: float) -> None:
    raise OSError("Network is unreachable")


def test_one_host_that_answers_is_a_network() -> None:
    asked = []

    def connect(host: str, port: int, seconds: float) -> None:
        asked.append((host, port))
        if host != "b.example":
            raise OSError("refused")

    hosts = ["a.example", "b.example", "c.example"]
    assert reachable(hosts, 4, connect)
    assert ("b.example", 443) in asked
    assert not reachable(hosts, 4, refused)


def test_hosts_that_never_answer_are_not_waited_for() -> None:
    never = threading.Event()

    def silent(host: str, port: int, seconds: float) -> None:
        never.wait()

    assert not reachable(["a.example", "b.example"], 0.2, silent)
    never.set()


def test_the_way_leads_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    asked = []
    assert reachable(["a.example"], 4, lambda host, port, seconds: asked.append((host, port)))
    assert asked == [("proxy.example", 3128)]


@pytest.mark.slow
def test_without_network_a_run_says_so_in_one_line_and_shows_what_is_stored(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrapers.transport.reach.reachable", lambda hosts: False)
    asked = run("scrape")
    assert asked.exit_code == 3
    assert asked.stderr.strip().endswith("sources not asked")
    assert asked.stderr.count("\n") == 1
    done = run("run")
    assert done.exit_code == 3
    assert done.stderr.startswith("no network: ")
    assert "asking" not in done.stderr
    assert "MSTR" in done.stdout


# -- Ctrl-C --------------------------------------------------------------------------------------------------------


def interrupt(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_a_first_run_that_is_stopped_leaves_no_database(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.tables.reference.load_reference", interrupt)
    done = run("run", "--offline", "--db", "new.db")
    assert (done.exit_code, done.stderr.strip()) == (130, "stopped; no database was made")
    assert not (tmp_path / "new.db").exists()
    assert "no database at new.db" in run("show", "MSTR", "--db", "new.db").stderr


@pytest.mark.slow
def test_a_run_that_is_stopped_later_says_what_stands(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.derived.valuations.bring_up_to_date", interrupt)
    done = run("run", "--offline")
    assert done.exit_code == 130
    assert f"stopped; {tmp_path / 'mnav.db'} is whole: what was stored before stands" in done.stderr
    assert run("show", "MSTR").exit_code == 0


def test_a_database_without_companies_does_not_call_tickers_unknown(run: Run) -> None:
    """Whoever killed the first run, or valued before there was anything."""
    assert run("value", "--db", "new.db").exit_code == 0
    told = run("show", "MSTR", "--db", "new.db")
    assert told.exit_code == 1
    assert "new.db holds no company yet; run `mnav run --offline` to fill it" in told.stderr


# -- days, amounts, spans ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2025-11-07", "2025-11-07", "2025-11-07"), ("2025-11", "2025-11-01", "2025-11-30"), ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-12", "2025-12-01", "2025-12-31"), ("2025", "2025-01-01", "2025-12-31"),
        ("today", "2026-01-01", "2026-01-01"), ("Yesterday", "2025-12-31", "2025-12-31"),
    ],
)  # fmt: skip
def test_days_are_read_as_people_type_them(typed: str, first: str, last: str) -> None:
    today = date(2026, 1, 1)
    assert (day_typed(typed, today, first=True), day_typed(typed, today, first=False)) == (first, last)


@pytest.mark.parametrize("typed", ["2025-13", "2025-02-30", "tomorrow", "11/2025", "25-11", ""])
def test_what_is_no_day_is_none(typed: str) -> None:
    with pytest.raises(ValueError, match="is not a day; write YYYY-MM-DD, YYYY-MM, today or yesterday"):
        day_typed(typed, date(2026, 1, 1), first=True)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("60000", 60e3), ("60k", 60e3), ("60K", 60e3), ("$60,000", 60e3), ("1.5bn", 1.5e9), ("1.5 m", 1.5e6), ("-2t", -2e12),
        ("1,234,567.5", 1_234_567.5), (".5", 0.5), ("1e6", 1e6), ("€5", 5),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_type_them(typed: str, amount: float) -> None:
    assert read_amount(typed) == amount


@pytest.mark.parametrize("typed", ["", "k", "60 000", "60.000,5", "1,23", "12,3456", "nan", "inf", "1e", "$", "5%"])
def test_what_is_no_amount_is_none(typed: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        read_amount(typed)


def test_a_comma_parts_amounts_or_thousands() -> None:
    assert split_amounts("100000,60000") == ["100000", "60000"]
    assert split_amounts("high, 50w,60k") == ["high", "50w", "60k"]
    assert split_amounts("$60,000,$80,000") == ["$60,000", "$80,000"]
    assert split_amounts("100000,600") == ["100000", "600"]
    with pytest.raises(ValueError, match="may be one number or several"):
        split_amounts("60,000,100,000")


@pytest.mark.parametrize(
    "words",
    ["history MSTR --since 2025-11-10 --until 2025-11-01", "export mnav_daily --since 2026 --until 2025",
     "plot mnav MSTR --since yesterday --until 2025", "pair MSTR --from 2025-11-07 --to 2024-12-02",
     "compare --from 2025-11-07 --to 2025-07-16", "revisions --since 2026-01-01 --until 2025-01-01"],
)  # fmt: skip
def test_a_span_that_ends_before_it_begins_is_said_as_such(run: Run, words: str) -> None:
    done = run(*words.split())
    assert done.exit_code == 2
    assert "no day lies between; swap them" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("history MSTR --since 2030", "MSTR has no valued close since 2030-01-01; its closes run from 2020-08-03"),
        ("export mnav_daily --company MSTR --since 2030", "no row of mnav_daily meets what was asked"),
        ("accretion MSTR --since 2030", "holdings or shares changed in that stretch"),
        ("index --since 2030", "no treasury company is valued in that stretch"),
        ("revisions MSTR --since 2030", "0 changes"),
        ("pair MSTR --from 2030", "MSTR has 0 priced closes in that stretch"),
        ("attribution MSTR --from 2030", "MSTR has no two closes in that span"),
        ("plot mnav MSTR --since 2030", "is not known on any day of MSTR"),
    ],
)
def test_a_span_in_which_nothing_is_known_is_said(run: Run, words: str, says: str) -> None:
    assert says in run(*words.split()).stderr


@pytest.mark.slow
def test_options_take_days_and_amounts_as_people_type_them(run: Run) -> None:
    def same(one: str, other: str) -> None:
        told = [run(*words.split()) for words in (one, other)]
        assert told[0].exit_code == 0, told[0].stderr
        assert told[0].stdout == told[1].stdout

    same(
        "history MSTR --since 2025-11 --until 2025-11 --csv", "history MSTR --since 2025-11-01 --until 2025-11-30 --csv"
    )
    same("show MSTR --on yesterday --today 2025-11-11 --csv", "show MSTR --on 2025-11-10 --csv")
    same("stress --btc 60k,$80,000 MSTR --csv", "stress --btc 60000,80000 MSTR --csv")
    same("wall MSTR --btc 60k --csv", "wall MSTR --btc 60000 --csv")
    same("market --support $100k --csv", "market --support 100000 --csv")
    same("show --min-btc 10k --csv", "show --min-btc 10000 --csv")
    same("issuance MSTR --weekly 500m --csv", "issuance MSTR --weekly 500000000 --csv")
