"""Captured documents, changed at random, through the real door: scrape, value, check, report, export. No traceback, no number without bounds, and what was kept out says why.

A few seeds in every run; `MNAV_FUZZ_MINUTES=10 pytest tests/test_fuzz.py -n 0` looks for new ones as long. A failure names its seed: `MNAV_FUZZ_SEED=…` plays it again.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from few import few
from mutated import mutated
from saved import SAMPLES, beside, documents, sample, saved

from scrapers import catalogue
from scrapers.archive import Archive
from scripts.main import mnav
from scripts.shared import scraping
from scripts.shared.options import SOME_SOURCES_FAILED
from treasury.bitcoin.condition import CONTEXT, check_context
from treasury.model import Document
from treasury.quantities import QUANTITIES

pytestmark = pytest.mark.slow

NOW = datetime(2026, 12, 31, 12, tzinfo=UTC)
COMPANIES = {"3350.T", "ASST", "MSTR", "NAKA", "SWC.L"}
DOCUMENTS = 12  # of one seed
STEADY = 6  # seeds of every run
EARLIEST, LATEST = "2008-01-01", "2027-01-01"
LONGEST = 4_000  # characters of a stored text
CALLS = (
    ("value",), ("check", "--all", "--json"), ("check", "--trackers"), ("show", "--all"), ("explain", "MSTR"), ("holders",),
    ("report", "--all", "-o", "report.html"), ("export", "mnav_daily", "-o", "daily.csv"), ("export", "all", "-o", "files"),
)  # fmt: skip


def seeds() -> Iterator[int]:
    if asked := os.environ.get("MNAV_FUZZ_SEED"):
        yield int(asked)
    elif minutes := os.environ.get("MNAV_FUZZ_MINUTES"):
        end = time.monotonic() + 60 * float(minutes)
        first = time.time_ns() // 1_000_000
        while time.monotonic() < end:
            yield first
            first += 1
    else:
        yield from range(STEADY)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "mnav.db"
    few(path, COMPANIES, closes_since="2026-08-01", prices_since="2026-08-01", everybody=True)
    return path


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`mnav …` in a folder; what it said, of whatever it was told nothing but a sentence."""
    monkeypatch.setattr(scraping, "_clock", lambda: NOW)
    monkeypatch.setenv("MNAV_TODAY", NOW.date().isoformat())

    def called(folder: Path, *words: str, may: tuple[int, ...] = (0,)) -> str:
        monkeypatch.chdir(folder)
        done = CliRunner().invoke(mnav, [*words, "--db", "mnav.db"], prog_name="mnav")
        assert isinstance(done.exception, SystemExit | None), (words, repr(done.exception))
        assert done.exit_code in may, (words, done.stderr)
        assert "stumbled over" not in done.stderr, done.stderr
        return done.stdout

    return called


def test_changed_documents_end_in_numbers_or_in_reasons(world: Path, call: Callable[..., str], tmp_path: Path) -> None:
    captured = list(bodies())
    for seed in seeds():
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            one_seed(Random(seed), captured, world, call, folder)
        except BaseException as error:
            error.add_note(f"MNAV_FUZZ_SEED={seed}")
            raise
        shutil.rmtree(folder)


def bodies() -> Iterator[Document]:
    """Every saved document that reads, and captured filings where they are here."""
    for path in documents():
        if path.parent.name in catalogue.names() and json.loads(beside(path).read_text()).get("readings"):
            yield saved(path)
    for path in sorted((SAMPLES / "sec_8k").glob("8k-*.html"))[::10]:
        url, filed = f"https://www.sec.gov/Archives/edgar/data/1050446/{path.stem}.htm", path.stem[3:13]
        document = sample("strategy_8k", f"sec_8k/{path.name}", filed, url)
        yield replace(document, published_at=document.fetched_at)


def one_seed(dice: Random, captured: list[Document], world: Path, call: Callable[..., str], folder: Path) -> None:
    path = Path(shutil.copy(world, folder / "mnav.db"))
    recording = Archive(folder / "recorded")
    for original in dice.sample(captured, DOCUMENTS):
        recording.keep(replace(original, body=mutated(original.body, dice)))
    call(folder, "scrape", "--replay", "recorded", may=(0, SOME_SOURCES_FAILED))
    for words in CALLS:
        call(folder, *words)
    bounded(path)
    readable(folder)


def bounded(path: Path) -> None:
    """Every number that came in has its bounds and its day, every valuation is finite, and every row kept out its reason."""
    connection = sqlite3.connect(path)
    facts = "SELECT quantity, value, unit, as_of, known_at FROM fact WHERE document IS NOT NULL"
    for quantity, value, unit, as_of, known_at in connection.execute(facts):
        QUANTITIES[quantity].check(value, unit)
        assert as_of >= EARLIEST
        assert EARLIEST <= known_at <= LATEST
    for series, value in connection.execute("SELECT series, value FROM context"):
        check_context(series, value, CONTEXT[series].unit)
    for symbol, day, close in connection.execute("SELECT symbol, date, close FROM price"):
        assert 0 < close <= 1e12, (symbol, day, close)
        assert EARLIEST <= day <= LATEST
    rows = connection.execute("SELECT * FROM mnav_daily")
    for row in rows:
        assert all(math.isfinite(value) for value in row if isinstance(value, float)), row
    for source, reason in connection.execute("SELECT source, reason FROM quarantine"):
        assert reason, source
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('fact', 'quarantine', 'purchase', 'document', 'split')").fetchall():  # fmt: skip
        for row in connection.execute(f"SELECT * FROM {table}"):
            texts = [value for value in row if isinstance(value, str)]
            assert all(len(one) <= LONGEST and one.isprintable() for one in texts), row
    connection.close()


def readable(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<script>alert(1)</script>" not in page
    for word in ("NaN", "Infinity"):
        assert f":{word}" not in page.replace(" ", "")
    for file in (folder / "daily.csv", *(folder / "files").iterdir()):
        cells = file.read_text(encoding="utf-8").replace("\n", ",").split(",")
        assert not {"nan", "inf", "-inf"} & set(cells), file
