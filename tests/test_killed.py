"""Killed with SIGKILL at any moment, or two at once: the file is never damaged, and running again ends in the same place.

One worker process imports everything once and forks a child for each call, so that dozens of kills cost seconds.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import healthy
import pytest
from few import few
from made_up import sheet
from saved import FIXTURES
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import bring_up_to_date, rebuild
from db.tables import objects as stored
from scrapers import catalogue
from scrapers.archive import Archive
from treasury.intake.bundled import NO_SHEETS
from treasury.model import Document

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows knows neither fork nor SIGKILL")

CHECKOUT = Path(__file__).parents[1]
# what corrects older databases is for the bundle alone; a hundred thousand prices more are no other test
LEFT_OUT = {*NO_SHEETS, "withdrawn.csv", "retractions.csv", "equity_prices.csv"}
REFERENCE = sorted(
    str(path) for path in (CHECKOUT / "treasury" / "reference").glob("*.csv") if path.name not in LEFT_OUT
)
DERIVED = ("state", "valuation", "at_close", "dirty", "reconciliation")
WORKER = """
import gc, json, os, signal, sys, time, traceback
import db.connection, db.derived.valuations, db.feeds.charts, db.tables.reference, db.tables.store, matplotlib.pyplot, scripts.shared.drawing, scripts.shared.output
import treasury.charts
from scripts.main import mnav

gc.freeze()  # what is imported no child need look through
# one line of JSON is a list of calls to start at once; the answer is how each ended: 0, 1, … or -9
for line in sys.stdin:
    calls = []
    for call in json.loads(line):
        child = os.fork()
        if not child:
            db.connection.LOCK_SECONDS = call["patience"]
            os.chdir(call["folder"])
            os.environ["MNAV_DB"] = "mnav.db"
            said = os.open(call["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(said, 1), os.dup2(said if call["remarks"] else os.open(os.devnull, os.O_WRONLY), 2)
            status = 70
            if call["argv"][0] == "run":
                scripts.shared.drawing.draw_mnav = lambda db, tickers, chart, *_, **__: chart
            try:
                mnav(call["argv"], prog_name="mnav")
            except SystemExit as ended:
                status = ended.code
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush(), sys.stderr.flush()
                os._exit(status)
        calls.append((child, call))
    for child, call in calls:
        if call["kill_after"] is not None:
            deadline = time.monotonic() + 5
            while call["once"] and not os.path.exists(call["once"]) and time.monotonic() < deadline:
                if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                    break
            time.sleep(call["kill_after"])
            os.kill(child, signal.SIGKILL)  # it is not reaped yet, so its id is still its own
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, _ in calls]), flush=True)
"""


class Worker:
    """Runs `mnav …`, kills it on demand."""

    def __init__(self, folder: Path) -> None:
        self.said = folder / "said"
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(CHECKOUT), "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"},
        )

    def call(self, *argv: object, kill_after: float | None = None, once: Path | None = None, patience: float = 10.0, remarks: bool = True, folder: Path = CHECKOUT) -> dict[str, object]:  # fmt: skip
        """A call as the worker takes it: killed so many seconds after its start, or after the file `once` is there. Its database is that of `folder`, where none is named."""
        return {"argv": [str(one) for one in argv], "kill_after": kill_after, "once": once and str(once), "patience": patience, "remarks": remarks, "said": str(self.said), "folder": str(folder)}  # fmt: skip

    def start(self, *calls: dict[str, object]) -> None:
        for number, call in enumerate(calls):
            call["said"] = f"{self.said}{number}"
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(calls) + "\n")
        self.process.stdin.flush()

    def ended(self) -> list[tuple[int, str]]:
        """How the calls started last ended, and what they said."""
        assert self.process.stdout is not None
        statuses = json.loads(self.process.stdout.readline())
        return [(status, Path(f"{self.said}{at}").read_text(encoding="utf-8")) for at, status in enumerate(statuses)]

    def run(self, *argv: object, **how: object) -> tuple[int, str]:
        self.start(self.call(*argv, **how))  # type: ignore[arg-type]
        ((status, said),) = self.ended()
        return status, said

    def done(self, *argv: object, **how: object) -> str:
        status, said = self.run(*argv, **how)
        assert status == 0, said
        return said


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    made = Worker(tmp_path_factory.mktemp("worker"))
    yield made
    assert made.process.stdin is not None
    assert made.process.stdout is not None
    made.process.stdin.close()
    made.process.wait(10)
    made.process.stdout.close()


Contents = dict[str, list[tuple[object, ...]]]


def contents(path: Path, *, derived: bool = True) -> Contents:
    """Every row of every table, after the file was found sound. `run`, `noted` and the dates of migrations tell of runs, not of data."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    tables = [
        name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    found = {
        name: connection.execute(f"SELECT * FROM {name}").fetchall()
        for name in tables
        if not name.startswith(("sqlite_", "_")) and name not in ("run", "noted") and (derived or name not in DERIVED)
    }
    connection.close()
    return found


@pytest.fixture(scope="module")
def undisturbed(reference_db: Path) -> Contents:
    return contents(reference_db)


def journal(path: Path) -> Path:
    """The file that SQLite keeps beside the database while something is being written."""
    return path.with_name(path.name + "-journal")


def same(ours: Contents, theirs: Contents) -> bool:
    return ours == theirs  # without pytest's account of a hundred thousand rows


# -- killed --------------------------------------------------------------------------------------------------------


def kill(worker: Worker, dice: random.Random, path: Path, *argv: object, span: float, times: int, fresh: Path | None, finished: Callable[[Path], bool]) -> None:  # fmt: skip
    """Run a call on `path` and kill it, several times: while it writes, or every third time anywhere in it.

    `finished` says whether it had done its work, having asserted that it had done all or nothing; then it begins again from `fresh`,
    and is given half the time, so that a fast machine is hit as well as a slow one.
    """
    hits = 0
    for attempt in range(6 * times):
        once = None if attempt % 3 == 2 else journal(path)
        moment = (
            span * (hits + dice.random()) / times
        )  # at random within the first part of the span, the second, and so on
        status, said = worker.run(*argv, "--db", path, kill_after=moment, once=once)
        assert status in (0, -signal.SIGKILL), said
        hits += status != 0
        done = finished(path)
        assert done or status != 0
        if hits == times:
            return
        if done:
            span /= 2
            journal(path).unlink(missing_ok=True)
            path.unlink()
            if fresh is not None:
                shutil.copy(fresh, path)
    pytest.fail(f"killed {hits} times of {6 * times}")


@pytest.fixture(scope="module")
def imported(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What the files alone make, without the bundled hours."""
    path = tmp_path_factory.mktemp("imported") / "mnav.db"
    worker.done("import", *REFERENCE, "--db", path)
    worker.done("value", "--db", path)
    return contents(path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_an_import_killed_at_random_points_and_run_again(
    worker: Worker, tmp_path: Path, imported: Contents, seed: int
) -> None:
    path = tmp_path / "mnav.db"

    def finished(path: Path) -> bool:
        found = contents(path) if path.exists() else {}
        rows = {name: len(found.get(name, [])) for name in imported if name not in DERIVED}
        assert rows in (dict.fromkeys(rows, 0), {name: len(imported[name]) for name in rows}), "all or nothing"
        return rows["fact"] > 0

    kill(worker, random.Random(seed), path, "import", *REFERENCE, span=0.5, times=2, fresh=None, finished=finished)
    worker.done("import", *REFERENCE, "--db", path)
    worker.done("value", "--db", path)
    assert same(contents(path), imported)


@pytest.mark.slow
def test_a_first_call_killed_while_it_makes_its_tables(worker: Worker, tmp_path: Path) -> None:
    path, sources = tmp_path / "mnav.db", tmp_path / "sources.csv"
    sources.write_text(sheet("source", "filings,filing,Form 8-K,https://example.org/8-k,"), encoding="utf-8")

    def objects(path: Path) -> set[str]:
        connection = sqlite3.connect(path)
        found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        connection.close()
        return found

    worker.done("import", sources, "--db", tmp_path / "calm.db")
    whole = objects(tmp_path / "calm.db")
    assert {"fact", "valuation", "mnav_daily", "holdings_total", "fact_no_delete"} <= whole

    def finished(path: Path) -> bool:
        assert objects(path) in (set(), whole), "all tables or none"
        copy = Path(shutil.copy(path, tmp_path / "copy.db"))  # from wherever it stopped, the next call goes on
        assert "taken: " in worker.done("import", sources, "--db", copy)
        assert objects(copy) == whole
        assert contents(copy)["source"] == [("filings", "filing", "Form 8-K", "https://example.org/8-k", None, None)]
        copy.unlink()
        return bool(objects(path))

    kill(worker, random.Random(3), path, "import", sources, span=0.03, times=6, fresh=None, finished=finished)


@pytest.mark.slow
def test_a_full_valuation_killed_at_random_points_and_run_again(
    worker: Worker, tmp_path: Path, reference_db: Path, undisturbed: Contents
) -> None:
    """Begun on valuations that were all made wrong: a killed run leaves them all, a whole one mends them all."""
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE valuation SET price = price + 1")
    connection.commit()
    connection.close()
    fresh, wrong = Path(shutil.copy(path, tmp_path / "fresh.db")), contents(path)

    def finished(path: Path) -> bool:
        found = contents(path)
        assert same(found, wrong) or same(found, undisturbed)
        return same(found, undisturbed)

    kill(worker, random.Random(4), path, "value", "--full", span=0.3, times=6, fresh=fresh, finished=finished)
    worker.done("value", "--full", "--db", path)
    assert same(contents(path), undisturbed)


def corrections(path: Path) -> Path:
    """Something new for nearly everyone: rates, bitcoin, facts, a split, and a mistake withdrawn."""
    connection = sqlite3.connect(path)
    days = [day for (day,) in connection.execute("SELECT date FROM price WHERE symbol = 'BTC' AND fixing = 'nyse' AND date >= '2024-06-01'")]  # fmt: skip
    fact = connection.execute(
        "SELECT ticker, coalesce(instrument, ''), quantity, as_of, known_at, value, source FROM fact WHERE ticker = 'MARA' AND quantity = 'btc_holdings' AND known_assumed = 0 LIMIT 1"
    ).fetchone()
    connection.close()
    folder = path.parent / "corrections"
    folder.mkdir()
    for name, body in {
        "btc.csv": sheet("btc_price", *(f"{day},nyse,{60000 + number},ecb" for number, day in enumerate(days))),
        "fx.csv": sheet("fx_rate", *(f"{day},JPY,0.0066,ecb" for day in days)),
        "facts.csv": sheet(
            "fact",
            *(f"{ticker},,btc_holdings,2024-07-0{number},2024-07-0{number},{number * 1000},BTC,ecb," for number, ticker in enumerate(("MARA", "CLSK", "HUT", "CORZ", "DJT", "KULR"), 1)),
        ),
        "split.csv": sheet("split", "CLSK,2025-02-03,3,1,ecb,"),
        "retraction.csv": sheet("retraction", ",".join(str(one) for one in fact) + ",2026-01-01,a mistake"),
    }.items():  # fmt: skip
        (folder / name).write_text(body, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_an_update_killed_at_random_points_and_run_again(worker: Worker, tmp_path: Path, reference_db: Path) -> None:
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    files = sorted(corrections(path).iterdir())
    calm = Path(shutil.copy(path, tmp_path / "calm.db"))
    before = contents(path)
    worker.done("import", *files, "--db", calm)
    imported, fresh = contents(calm), Path(shutil.copy(calm, tmp_path / "fresh.db"))
    worker.done("value", "--db", calm)
    after = contents(calm)
    assert imported["dirty"] != []
    assert imported["valuation"] == before["valuation"] != after["valuation"]

    def either(one: Contents, other: Contents) -> Callable[[Path], bool]:
        def finished(path: Path) -> bool:
            found = contents(path)
            assert same(found, one) or same(found, other)
            return same(found, other)

        return finished

    dice = random.Random(5)
    kill(worker, dice, path, "import", *files, span=0.06, times=2, fresh=reference_db, finished=either(before, imported))  # fmt: skip
    worker.done("import", *files, "--db", path)
    kill(worker, dice, path, "value", span=0.3, times=4, fresh=fresh, finished=either(imported, after))
    worker.done("value", "--db", path)
    assert same(contents(path), after)
    assert worker.done("value", "--db", path).endswith("valued 0 company-days again\n")


KEPT_OUT_OF = ("bitbo", "coingecko_treasuries", "nasdaq_screener", "strategy_8k", "strategytracker", "yahoo_chart")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [6, 7])
def test_a_scrape_killed_at_random_points_and_run_again(
    worker: Worker, tmp_path: Path, reference_db: Path, seed: int
) -> None:
    """A source is stored whole or not at all; in the end facts, prices and what was kept out are those of a calm run."""
    recording = Archive(tmp_path / "recorded")
    for name in KEPT_OUT_OF:
        for page in healthy.pages(name):
            url = f"https://{catalogue.load(name).HOSTS[0]}{page.path}"
            recording.keep(Document(name, url, page.body, healthy.NOW, healthy.NOW if name == "strategy_8k" else None))
    words = ("scrape", "--replay", recording.folder)
    folders = [tmp_path / "calm", tmp_path / "killed"]
    for folder in folders:
        folder.mkdir()
    calm, path = (Path(shutil.copy(reference_db, folder / "mnav.db")) for folder in folders)
    worker.done(*words, "--db", calm)
    after = contents(calm)
    told = {source for (source,) in sqlite3.connect(calm).execute("SELECT DISTINCT source FROM quarantine")}
    assert len(told) >= 3

    def finished(path: Path) -> bool:
        found = contents(path)
        for source in told:
            own = [[row for row in one["quarantine"] if source in row] for one in (found, after)]
            assert own[0] in ([], own[1]), f"{source}: all or nothing"
        return same(found, after)

    kill(worker, random.Random(seed), path, *words, span=0.6, times=4, fresh=reference_db, finished=finished)
    worker.done(*words, "--db", path)
    assert same(contents(path), after)


# -- every verb that writes ----------------------------------------------------------------------------------------

KILLS = int(os.environ.get("MNAV_KILLS", "0"))  # of all verbs together; one each where none is said
OF_THIS_MACHINE = ("fetched_at", "first_seen")  # columns that hold the moment of the call
OLD = b"what stood there"
WRITING = {  # what it writes beside the database stands last
    "import": ("import", "facts.csv"),
    "add": ("add", "OWN", "--price", "10", "--shares", "1m", "--btc", "100", "--on", "2026-09-01"),
    "watch": ("watch", "mine", "MSTR", "3350.T"),
    "import-document": ("import-document", "notice.html", "--company", "SWC.L", "--published-at", "2026-04-24T06:00:00Z"),
    "scrape": ("scrape", "--replay", "recorded"),
    "value": ("value",),
    "value --full": ("value", "--full"),
    "run --offline": ("run", "--offline"),
    "alert": ("alert", "rules.toml", "--state", "told.json"),
    "export": ("export", "mnav_daily", "-o", "daily.csv"),
    "report": ("report", "-o", "report.html"),
    "sheet": ("sheet", "MSTR", "-o", "sheet.html"),
    "plot": ("plot", "mnav", "MSTR", "-o", "chart.png"),
}  # fmt: skip


def written(folder: Path) -> dict[str, bytes]:
    """What stands beside the database, but for drafts that a killed call left."""
    beside = {"mnav.db", "mnav.db-journal", "facts.csv", "notice.html", "rules.toml"}
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file() and one.name not in beside and not one.name.startswith(".")}  # fmt: skip


def rows(path: Path) -> Contents:
    """All contents but for the moments of calls."""
    found = contents(path)
    connection = sqlite3.connect(path)
    for table, told in found.items():
        names = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
        kept = [at for at, name in enumerate(names) if name not in OF_THIS_MACHINE]
        found[table] = [tuple(row[at] for at in kept) for row in told]
    connection.close()
    return found


@pytest.fixture(scope="module")
def few_companies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small database that has something to value, and with what the verbs read."""
    folder = tmp_path_factory.mktemp("few")
    few(folder / "mnav.db", {"MSTR", "3350.T", "SWC.L"}, closes_since="2026-06-01", prices_since="2026-06-01")
    connection = sqlite3.connect(folder / "mnav.db")
    connection.execute("INSERT INTO dirty SELECT id, 1, '2026-08-01', NULL FROM company")
    connection.execute("UPDATE valuation SET price = price + 1")
    connection.commit()
    connection.close()
    days = (f"MSTR,,shares_class_b,2015-{month:02d}-{day:02d},2015-{month:02d}-{day:02d},{month * day},shares,ecb," for month in range(1, 13) for day in range(1, 29))  # fmt: skip
    (folder / "facts.csv").write_text(sheet("fact", *days), encoding="utf-8")
    (folder / "rules.toml").write_text('[[alert]]\nname = "any"\nwhen = "mnav_ev > 0"\n', encoding="utf-8")
    shutil.copy(FIXTURES / "announcement" / "monthly_mining.html", folder / "notice.html")
    for name in ("bitbo", "coingecko_treasuries", "fear_greed"):
        for page in healthy.pages(name):
            url = f"https://{catalogue.load(name).HOSTS[0]}{page.path}"
            Archive(folder / "recorded").keep(Document(name, url, page.body, healthy.NOW))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("verb", WRITING)
def test_whatever_writes_is_killed_and_run_again(
    verb: str, worker: Worker, few_companies: Path, tmp_path: Path
) -> None:
    """Database, quarantine, archive and files are those of a call that nobody disturbed; a file is the old one or the new one meanwhile.

    A run draws no charts here: most kills would hit those, and `plot` is killed while it draws one.
    """
    dice = random.Random(verb)
    words = WRITING[verb]

    def folder(name: str) -> Path:
        made = Path(shutil.copytree(few_companies, tmp_path / name))
        if "-o" in words:
            (made / words[-1]).write_bytes(OLD)
        return made

    calm = folder("calm")
    started = time.monotonic()
    expected, _ = worker.run(*words, folder=calm)
    span = time.monotonic() - started
    assert expected in (0, 4)
    after, files = rows(calm / "mnav.db"), written(calm)
    for number in range(max(1, KILLS // len(WRITING))):
        disturbed = folder(str(number))
        status, said = worker.run(*words, folder=disturbed, kill_after=span * dice.random())
        assert status in (expected, -signal.SIGKILL), said
        contents(disturbed / "mnav.db")
        for name, body in written(disturbed).items():
            assert body in (OLD, files[name]), f"{name} is torn"
        status, said = worker.run(*words, folder=disturbed)
        assert status == expected or (status == 0 and expected == 4), said
        assert same(rows(disturbed / "mnav.db"), after)
        assert written(disturbed) == files
        assert list(Archive(disturbed / "mnav-archive").damaged()) == []
        shutil.rmtree(disturbed)


# -- two at once ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_two_writers_at_once_wait_for_each_other(worker: Worker, tmp_path: Path, reference_db: Path) -> None:
    """An import, a full valuation and an update started together end as one after the other."""
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    files = sorted(corrections(path).iterdir())
    calm = Path(shutil.copy(path, tmp_path / "calm.db"))
    for verb in (("import", *files), ("value",)):
        worker.done(*verb, "--db", calm)
    worker.start(
        worker.call("value", "--full", "--db", path),
        worker.call("import", *files, "--db", path),
        worker.call("value", "--db", path),
    )
    for status, said in worker.ended():
        assert status == 0 or (status == 1 and "is in use by another" in said), said
    contents(path)
    worker.done("import", *files, "--db", path)
    worker.done("value", "--db", path)
    assert same(contents(path), contents(calm))


@pytest.mark.slow
@pytest.mark.parametrize("make", [rebuild, lambda db: bring_up_to_date(db, since="2025-01-01")], ids=["full", "update"])
def test_a_valuation_forgets_no_change_that_came_meanwhile(
    tmp_path: Path, reference_db: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Database], int]
) -> None:
    """Another writer marks a change whenever the valuation reads something: it is refused, or its mark is still there."""
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    ours = open_database(path, writable=True)
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    accepted, refused = 0, 0

    def meanwhile(read: Callable[..., object]) -> Callable[..., object]:
        def called(*arguments: object, **named: object) -> object:
            nonlocal accepted, refused
            try:
                other.execute("INSERT INTO dirty VALUES (1, 1, '2025-01-01', NULL)")
                accepted += 1
            except sqlite3.OperationalError:
                refused += 1
            return read(*arguments, **named)

        return called

    for name in ("companies", "closes", "splits", "instruments", "price_series", "fact_columns", "equity_days"):
        monkeypatch.setattr(stored, name, meanwhile(getattr(stored, name)))
    assert make(ours) > 1000
    ours.close()
    assert accepted + refused > 7
    assert other.execute("SELECT count(*) FROM dirty").fetchone() == (accepted,)
    other.close()


@pytest.mark.slow
@pytest.mark.parametrize("make", [rebuild, lambda db: bring_up_to_date(db, since="2025-01-01")], ids=["full", "update"])
def test_a_valuation_locks_readers_out_for_its_commit_alone(
    tmp_path: Path, reference_db: Path, make: Callable[[Database], int]
) -> None:
    """A reader that does not wait at all reads beside every statement, the COMMIT's beginning too: what is written stays in the writer's cache."""
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    ours = open_database(path, writable=True)
    reader = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0)
    seen: list[str] = []
    locked: list[str] = []

    def beside(statement: str) -> None:
        if not len(seen) % 25 or statement == "COMMIT":
            try:
                reader.execute("SELECT count(*) FROM company").fetchone()
            except sqlite3.OperationalError as error:  # raised here, SQLite would swallow it
                locked.append(f"{statement[:40]}: {error}")
        seen.append(statement.partition(" ")[0])

    ours.conn.set_trace_callback(beside)
    assert make(ours) > 1000
    ours.conn.set_trace_callback(None)
    assert locked == []
    assert seen.count("COMMIT") == 1
    assert len(seen) > 50
    reader.close()
    ours.close()


@pytest.mark.slow
def test_two_first_imports_at_once(worker: Worker, tmp_path: Path, imported: Contents) -> None:
    """Both make the file, its tables and views."""
    path = tmp_path / "mnav.db"
    worker.start(*(worker.call("import", *REFERENCE, "--db", path) for _ in range(2)))
    ended = worker.ended()
    for status, said in ended:
        assert status == 0 or (status == 1 and "is in use by another" in said), said
    assert 0 in [status for status, _ in ended]
    worker.done("value", "--db", path)
    assert same(contents(path), imported)


@pytest.mark.slow
@pytest.mark.parametrize("verb", [("value",), ("value", "--full"), ("import", *REFERENCE)])
def test_a_writer_that_cannot_wait_longer_says_so(
    worker: Worker, tmp_path: Path, reference_db: Path, undisturbed: Contents, verb: tuple[str, ...]
) -> None:
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    status, said = worker.run(*verb, "--db", path, patience=0.05)
    assert status == 1
    assert (
        said == f"Error: {path} is in use by another mnav or program (database is locked); wait for it and try again\n"
    )
    other.close()
    assert same(contents(path), undisturbed)


@pytest.mark.slow
def test_a_writer_waits_for_one_that_finishes(worker: Worker, tmp_path: Path, reference_db: Path) -> None:
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    worker.start(worker.call("value", "--full", "--db", path))
    time.sleep(0.5)
    other.execute("ROLLBACK")
    other.close()
    ((status, said),) = worker.ended()
    (days,) = sqlite3.connect(reference_db).execute("SELECT count(*) FROM valuation").fetchone()
    assert (status, said) == (0, f"valued {days:,} company-days\n")


@pytest.mark.slow
@pytest.mark.parametrize("ends", ["COMMIT", "ROLLBACK"])
def test_readers_see_the_old_state_until_a_writer_has_finished(
    worker: Worker, tmp_path: Path, reference_db: Path, ends: str
) -> None:
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    before = worker.done("show", "--json", "--db", path, remarks=False)
    assert len(json.loads(before)) > 5
    writer = open_database(path, writable=True).conn
    writer.isolation_level = None
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM valuation WHERE company_id > 1")
    assert worker.done("show", "--json", "--db", path, remarks=False) == before
    writer.execute(ends)
    writer.close()
    after = worker.done("show", "--json", "--db", path, remarks=False)
    assert (after == before) == (ends == "ROLLBACK")


@pytest.mark.slow
def test_readers_during_a_valuation_see_all_of_the_old_or_all_of_the_new(
    worker: Worker, tmp_path: Path, reference_db: Path
) -> None:
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE valuation SET price = price + 1")
    connection.commit()
    connection.close()

    def sums() -> tuple[float, ...]:
        reader = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)
        found: tuple[float, ...] = reader.execute("SELECT count(*), sum(price) FROM valuation").fetchone()
        reader.close()
        return found

    old, seen, while_writing = sums(), [], 0
    worker.start(worker.call("value", "--full", "--db", path))
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        being_written = journal(path).exists()
        seen.append(sums())
        while_writing += being_written and seen[-1] == old
        if seen[-1] != old:
            break
    worker.ended()
    new = sums()
    assert set(seen) == {old, new}
    assert new[0] == old[0]
    assert new[1] == pytest.approx(old[1] - old[0])
    assert while_writing > 0
