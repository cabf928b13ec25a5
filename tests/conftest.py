"""What many tests share: the reference data as rows, and as a valued database built once; and no test leaves this machine."""

from __future__ import annotations

import csv
import gc
import gzip
import ipaddress
import os
import shutil
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import rebuild
from db.tables.reference import load_reference

Rows = list[dict[str, str]]

# no server of a test is behind a proxy: to look for one at every request was a twelfth of a scrape
os.environ["NO_PROXY"] = "localhost,127.0.0.1"

# The same examples every time, so that a change fails for what it changes; --hypothesis-profile=search looks for new ones.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", max_examples=2_000, deadline=None)
hypothesis.settings.load_profile("steady")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores where slow tests run too: those that wait for a server or another process leave theirs idle."""
    return (os.cpu_count() or 1) + ("not slow" not in config.option.markexpr)


def pytest_configure() -> None:
    """Where a shell began this in the background nothing heeds an interrupt, nor would the servers that tests end by one."""
    gc.disable()  # until everything is collected: none of it is garbage, and to search it took a quarter of that time
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that mostly wait begin first, so that nobody waits for them in the end."""
    items.sort(key=lambda item: item.get_closest_marker("waits") is None)


def pytest_collection_finish() -> None:
    """What was collected stays to the end: no later search for cycles need walk through it."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def reference() -> Callable[[str], Rows]:
    """The rows of one bundled file as its text, read without the project's reader; `line` is where each stands."""
    cache: dict[str, Rows] = {}

    def rows(name: str) -> Rows:
        if name not in cache:
            folder = files("treasury").joinpath("reference")
            packed = folder.joinpath(f"{name}.csv.gz")
            text = (
                gzip.decompress(packed.read_bytes()).decode("utf-8")
                if packed.is_file()
                else folder.joinpath(f"{name}.csv").read_text(encoding="utf-8")
            )
            reader = csv.DictReader(text.splitlines(keepends=True))
            cache[name] = [{**row, "line": str(reader.line_num)} for row in reader]
        return cache[name]

    return rows


def _built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], None]) -> Path:
    """A database of this worker's own, copied from the one that the first worker to ask built for all; the others wait for it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        build(path := factory.mktemp(name) / "mnav.db")
        return path
    shared = factory.getbasetemp().parent / name
    try:
        shared.mkdir()
    except FileExistsError:
        while not (shared / "mnav.db").exists():
            if (shared / "failed").exists():
                pytest.fail(f"another worker could not build the database {name!r}; its own error says why")
            time.sleep(0.05)
    else:
        try:
            build(shared / "draft.db")
            (shared / "draft.db").rename(shared / "mnav.db")
        except BaseException:
            (shared / "failed").touch()
            raise
    return Path(shutil.copy(shared / "mnav.db", factory.mktemp(name) / "mnav.db"))


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the bundled reference data, not yet valued."""

    def build(path: Path) -> None:
        db = open_database(path, writable=True)
        load_reference(db)
        db.close()

    return _built_once(tmp_path_factory, "loaded", build)


@pytest.fixture(scope="session")
def reference_db(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, valued. Tests that write copy it first."""

    def build(path: Path) -> None:
        db = open_database(shutil.copy(loaded, path), writable=True)
        rebuild(db)
        db.close()

    return _built_once(tmp_path_factory, "reference", build)


@pytest.fixture
def bundled(loaded: Path, tmp_path: Path) -> Iterator[Database]:
    """A writable database of one's own with the bundled reference data, not yet valued."""
    db = open_database(shutil.copy(loaded, tmp_path / "bundled.db"), writable=True)
    yield db
    db.close()


@pytest.fixture
def read(reference_db: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection to it whose rows go by column name."""
    connection = sqlite3.connect(f"{reference_db.as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


@pytest.fixture
def quick_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents packed lightly and not waited for: what a power cut leaves is for tests/test_archive.py and tests/test_killed.py."""
    monkeypatch.setattr("scrapers.archive.COMPRESSION", 1)
    monkeypatch.setattr("os.fsync", lambda _: None)


class SocketUsed(BaseException):
    """A test tried to leave this machine. No Exception: nothing under test may swallow it as a broken connection."""


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection, datagram and name look-up except to loopback addresses."""
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_unless_loopback(host)
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def _guarded(method: Any) -> Any:
    def guarded(self: socket.socket, *args: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_unless_loopback(args[-1][0])
        return method(self, *args)

    return guarded


def _refuse_unless_loopback(host: str | bytes | None) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return
    try:
        loopback = ipaddress.ip_address(name).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise SocketUsed(f"a test asked for {name}")
