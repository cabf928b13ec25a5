"""A disk that is full, may not be written, or takes no larger file: every writing verb ends in a sentence, the file is as before, and the same call goes on afterwards."""

from __future__ import annotations

import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from pathlib import Path

import healthy
import pytest
from click.testing import CliRunner, Result
from made_up import sheet
from saved import FIXTURES
from sqlite_utils import Database

import db
from scrapers import catalogue
from scrapers.archive import Archive
from scripts.main import mnav
from treasury.model import Document

pytestmark = pytest.mark.slow

SMALL = ("import-document", "scrape")  # what they bring here may find room in pages that are there
LARGEST = 200_000  # bytes of a file: the database has millions
RUNS = {"run", "noted"}  # that a call began is stored before what it does


@contextmanager
def full(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """SQLite's own limit of pages, which ends as ENOSPC does: SQLITE_FULL."""
    open_database = db.open_database

    def opened(path: str | Path, *, writable: bool = False) -> Database:
        found = open_database(path, writable=writable)
        (pages,) = found.execute("PRAGMA page_count").fetchone()
        (spare,) = found.execute("PRAGMA freelist_count").fetchone()
        found.execute(f"PRAGMA max_page_count = {pages - spare + 1}")
        return found

    with patch.context() as patched:
        patched.setattr(db, "open_database", opened)
        yield


@contextmanager
def no_larger_file(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """The system's limit for one file (ulimit -f): SQLITE_IOERR, as of a disk that fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def read_only(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """A file that may only be read; permissions would not stop an administrator."""
    connect = sqlite3.connect

    def connected(path: str, **named: object) -> sqlite3.Connection:
        return connect(path.replace("mode=rwc", "mode=ro"), **named)  # type: ignore[call-overload,no-any-return]

    with patch.context() as patched:
        patched.setattr(sqlite3, "connect", connected)
        yield


DISKS: dict[str, Callable[[pytest.MonkeyPatch], AbstractContextManager[None]]] = {"full": full, "no larger file": no_larger_file, "read-only": read_only}  # fmt: skip
SAID = {"full": "database or disk is full", "no larger file": "disk I/O error", "read-only": "readonly database"}


def calls(folder: Path) -> dict[str, list[str]]:
    """Every verb that writes into the database, with enough to write."""
    first = date(2015, 1, 1)
    rows = (f"MSTR,,shares_class_b,{first + timedelta(n)},{first + timedelta(n)},{1_000_000 + n},shares,ecb," for n in range(3000))  # fmt: skip
    (folder / "facts.csv").write_text(sheet("fact", *rows), encoding="utf-8")
    shutil.copy(FIXTURES / "announcement" / "monthly_mining.html", folder / "notice.html")
    (page,) = healthy.pages("fear_greed")
    url = f"https://{catalogue.load('fear_greed').HOSTS[0]}{page.path}"
    Archive(folder / "recorded").keep(Document("fear_greed", url, page.body, healthy.NOW))
    return {
        "import": ["import", str(folder / "facts.csv")],
        "import-document": ["import-document", str(folder / "notice.html"), "--company", "SWC.L", "--published-at", "2026-04-24T06:00:00Z"],
        "run --offline": ["run", "--offline"],
        "scrape": ["scrape", "--replay", str(folder / "recorded")],
        "value": ["value"],
        "value --full": ["value", "--full"],
    }  # fmt: skip


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    kept = sorted(name for name in names - RUNS if not name.startswith(("sqlite_", "_")))
    return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in kept}


@pytest.mark.parametrize("disk", DISKS)
@pytest.mark.parametrize("verb", ["import", "import-document", "run --offline", "scrape", "value", "value --full"])
def test_a_verb_that_cannot_write_says_so_and_changes_nothing(
    verb: str, disk: str, loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(shutil.copy(loaded, tmp_path / "mnav.db"))
    words = calls(tmp_path)[verb]
    before = contents(path)
    monkeypatch.setattr("scripts.shared.drawing.draw_mnav", lambda db, tickers, chart, *_, **__: chart)  # no database

    def call() -> Result:
        return CliRunner().invoke(mnav, [*words, "--db", str(path)])

    with DISKS[disk](monkeypatch):
        done = call()
    if disk == "full" and verb in SMALL and done.exit_code == 0:
        return
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code in ((1, 3) if verb == "scrape" else (1,)), done.output
    assert SAID[disk] in done.stderr.splitlines()[-1] or verb == "scrape"
    assert SAID[disk] in done.stderr
    assert str(path) in done.stderr
    assert "Traceback" not in done.output
    assert contents(path) == before
    if not verb.startswith("value --full"):
        done = call()
        assert done.exit_code == 0, done.output
        assert contents(path) != before
