"""Every network fault on top of the rehearsed day, one source at a time: the run ends with its table, the fault is told, and nobody else's readings differ."""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import socket
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

import healthy
import pytest
import rehearsed
from click.testing import CliRunner, Result
from few import few
from misbehaving import (
    FAILURES,
    HASTY,
    JSON,
    ODDITIES,
    READ,
    RETRY_AFTER,
    ZIP,
    Answer,
    Factory,
    MisbehavingServer,
    document,
    hung_up,
    status,
)
from saved import SAMPLES, needs_samples
from sqlite_utils import Database

from db import open_database
from scrapers import catalogue, gather
from scrapers.archive import Archive
from scrapers.transport import http
from scripts.main import mnav
from scripts.shared import scraping
from scripts.shared.options import SOME_SOURCES_FAILED

pytestmark = [needs_samples, pytest.mark.slow, pytest.mark.usefixtures("quick_archive")]

FEW = {"3350.T", "ASST", "MSTR", "NAKA", "SWC.L"}  # of the reference universe
FILINGS = 60  # of Strategy, the newest in its index
CLOSES_SINCE, PRICES_SINCE = "2026-06-01", "2026-08-15"
# of JSON, each of a host of its own; and a page
PLAIN, PAGE = ("fear_greed", "coingecko_treasuries", "deribit", "strategytracker", "coinbase"), "bitbo"
ENDLESS = ("silence", "slow drip", "slow headers")
IMPATIENT = replace(HASTY, retries=0, silence=0.5, answer=1)


def _to_wait(value: str) -> Factory:
    return lambda body, media: status(429, Retry_After=value)


# what goes wrong: the answer in place of the good one, the kind of document it is for, and words of the line that tells it
KINDS: dict[str, tuple[Factory, str, str]] = {
    **{name: (factory, "json", words) for name, (factory, words) in FAILURES.items()},
    **ODDITIES,
    **{f"429, Retry-After {name}": (_to_wait(value), "json", words or "status 429") for name, (value, words) in RETRY_AFTER.items()},
}  # fmt: skip
OF_EVERY_SOURCE: dict[str, tuple[Factory, str]] = {
    "turned away": (lambda body, media: status(429), "status 429"),
    "half a body": FAILURES["truncated body"],
}
HOSTS = {host for name in catalogue.names() for host in catalogue.load(name).HOSTS}
Rows = Counter[tuple[object, ...]]


@dataclass
class Day:
    """The rehearsed day of a few companies, and how it went without a fault."""

    folder: Path
    server: MisbehavingServer
    patch: pytest.MonkeyPatch
    stdout: str = ""

    def run(
        self,
        folder: Path,
        policy: http.Policy = healthy.PATIENT,
        sources: tuple[str, ...] = (),
        elsewhere: Mapping[str, str] | None = None,
    ) -> Result:
        """`mnav run` on a copy of the universe as it was before; of some sources alone, and with hosts that are `elsewhere`."""
        folder.mkdir(exist_ok=True)
        path = Path(shutil.copy(self.folder / "before.db", folder / "mnav.db"))
        made = healthy.transport(self.server, policy)
        made = partial(made, servers={**self.server.standing_in_for(*HOSTS), **(elsewhere or {})})
        with self.patch.context() as patch:
            patch.setattr(http, "Transport", made)
            if sources:
                patch.setattr(gather, "order", lambda wanted: list(sources))
            return CliRunner().invoke(mnav, ["run", "--db", str(path)])

    @property
    def calm(self) -> Path:
        return self.folder / "calm"

    def paths(self, source: str) -> list[str]:
        """What a source asked for on the calm day."""
        found = [urlsplit(entry.url) for entry in Archive(self.calm / scraping.ARCHIVE).entries(source)]
        return [f"{one.path}?{one.query}" if one.query else one.path for one in found]


@pytest.fixture(scope="module")
def day(reference_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    with MisbehavingServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDGAR_IDENTITY", "Jane Doe jane@doe.example")
        patch.delenv("DEFILLAMA_API_KEY", raising=False)
        patch.setenv("MNAV_TODAY", rehearsed.NOW.date().isoformat())
        patch.setattr(scraping, "_clock", lambda: rehearsed.NOW)
        patch.setattr("scrapers.transport.reach.reachable", lambda hosts: True)
        patch.setattr("scripts.shared.session.load", lambda db, settings: Counter())  # a few companies are enough
        patch.setattr("scripts.shared.drawing.draw_mnav", lambda db, tickers, path, *more, **how: path)
        rehearsed.answers(server, open_database(reference_db))
        _few_filings(server)
        server.answers("/stats/eurofxref/eurofxref-hist.zip", document(_newest_rates(open_database(reference_db)), ZIP))
        found = Day(tmp_path_factory.mktemp("day"), server, patch)
        few(found.folder / "before.db", FEW, closes_since=CLOSES_SINCE, prices_since=PRICES_SINCE)
        done = found.run(found.calm)
        assert done.exit_code == 0, done.stderr
        assert {"MSTR", "3350.T"} <= set(re.findall(r"^\S+", done.stdout, re.MULTILINE))
        found.stdout = done.stdout
        yield found


def _few_filings(server: MisbehavingServer) -> None:
    index = json.loads((SAMPLES / "sec_xbrl" / "mstr_subs.json").read_bytes())
    recent = {name: column[:FILINGS] for name, column in index["filings"]["recent"].items()}
    index["filings"] = {"recent": recent, "files": []}
    server.answers("/submissions/CIK0001050446.json", document(json.dumps(index).encode(), JSON))


def _newest_rates(db: Database) -> bytes:
    """The file of one day, as the ECB has it too: its history takes a second to read."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(rehearsed.rates(db))) as whole, zipfile.ZipFile(file, "w") as newest:
        newest.writestr("eurofxref.csv", b"\n".join(whole.read("eurofxref-hist.csv").splitlines()[:2]) + b"\n")
    return file.getvalue()


def readings(path: Path) -> Rows:
    """What a scrape stored, each row with the source that brought it; the file is sound."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    found: Rows = Counter()
    for table in ("fact", "price", "instrument_price", "context", "split", "purchase", "quarantine"):
        names = [
            name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})") if name not in ("id", "document")
        ]
        columns = ", ".join(f"r.{name}" for name in names)
        by = (
            ("'purchases'", "")
            if table == "purchase"
            else ("coalesce(d.source, r.source)", "LEFT JOIN document d ON d.id = r.document")
            if table in ("fact", "quarantine")
            else ("r.source", "")
        )
        found.update(
            (by_source, table, *row)
            for by_source, *row in connection.execute(f"SELECT {by[0]}, {columns} FROM {table} r {by[1]}")
        )
    connection.close()
    return found


calm_readings = cache(lambda folder: readings(folder / "mnav.db"))


def affected(source: str) -> set[str]:
    """A source, those it leads to, those of its host, and those that stand in for it."""
    hosts = set(catalogue.load(source).HOSTS)
    found = {source} | {name for name in catalogue.names() if hosts & set(catalogue.load(name).HOSTS)}
    found |= {name for name in catalogue.names() if catalogue.all_leaders(name) & found}
    return found | {name for name in catalogue.names() if set(catalogue.fallback_for(name)) & found}


def of_others(rows: Rows, source: str, not_asked: Set[str]) -> Rows:
    """Purchases are stored under the filing's own name."""
    out = affected(source) | not_asked | ({"purchases"} if "www.sec.gov" in catalogue.load(source).HOSTS else set())
    return Counter({row: count for row, count in rows.items() if row[0] not in out})


def tickers(stdout: str) -> list[str]:
    return re.findall(r"^([0-9A-Z]\S*) ", stdout, re.MULTILINE)


def ended_well(
    day: Day, done: Result, folder: Path, source: str, calm: Path, words: str, not_asked: Set[str] = frozenset()
) -> None:
    """The run printed its table and told what went wrong with that source alone; what is stored is whole, and of everyone else the same."""
    assert done.exit_code == (0 if words == READ else SOME_SOURCES_FAILED), done.stderr
    assert "Traceback" not in done.stderr
    assert "stumbled" not in done.stderr
    assert tickers(done.stdout) == tickers(day.stdout)
    assert words in done.stderr
    word = re.search(rf"^{source}: (done|partly|failed)[;:]", done.stderr, re.MULTILINE)
    assert word
    assert (word[1] == "done") == (words == READ)
    stored, whole = readings(folder / "mnav.db"), calm_readings(calm)
    assert of_others(stored, source, not_asked) == of_others(whole, source, not_asked)
    if words == READ:
        own = [Counter({row: count for row, count in rows.items() if row[0] == source}) for rows in (stored, whole)]
        assert own[0] == own[1] != Counter()
    assert list(Archive(folder / scraping.ARCHIVE).damaged()) == []


@pytest.fixture(scope="module")
def calm_of_few(day: Day) -> Path:
    folder = day.folder / "few"
    assert day.run(folder, sources=(*PLAIN, PAGE)).exit_code == 0
    return folder


@pytest.mark.parametrize(
    ("kind", "source"),
    [(kind, PAGE if KINDS[kind][1] == "html" else PLAIN[number % len(PLAIN)]) for number, kind in enumerate(KINDS)],
)
def test_a_fault_of_one_source_is_told_and_touches_nobody_else(
    kind: str, source: str, day: Day, calm_of_few: Path, tmp_path: Path
) -> None:
    factory, _, words = KINDS[kind]
    asked = tuple(sorted({PLAIN[0], PLAIN[1], source, PAGE}))  # all of them each time would be twice the work
    with day.server.spoilt(day.paths(source), factory):
        done = day.run(tmp_path, IMPATIENT if kind in ENDLESS else healthy.PATIENT, asked)
    words = words.removesuffix(f"{HASTY.silence:g} s").removesuffix(f"{HASTY.answer:g} s")
    ended_well(day, done, tmp_path, source, calm_of_few, words, {*PLAIN} - {*asked})


ASKED = sorted(rehearsed.REAL - {"bitstamp"} | rehearsed.MADE)


@pytest.mark.parametrize(
    ("source", "kind"), [(source, list(OF_EVERY_SOURCE)[number % 2]) for number, source in enumerate(ASKED)]
)
def test_whichever_source_fails_everyone_else_says_the_same(source: str, kind: str, day: Day, tmp_path: Path) -> None:
    factory, words = OF_EVERY_SOURCE[kind]
    paths = day.paths(source)
    assert paths
    with day.server.spoilt(paths, factory):
        done = day.run(tmp_path)
    ended_well(day, done, tmp_path, source, day.calm, words)


PAIRS = [(source, kind) for source in ASKED for kind in KINDS]  # MNAV_FAULTS=all: an hour
SOME = PAIRS if os.environ.get("MNAV_FAULTS") == "all" else random.Random(7).sample(PAIRS, 4)


@pytest.mark.parametrize(("source", "kind"), SOME)
def test_any_fault_of_any_source_is_told_or_read_past_and_touches_nobody_else(
    source: str, kind: str, day: Day, tmp_path: Path
) -> None:
    """A kind made for another sort of document is read as if nothing were wrong, or told; which of both depends on the format."""
    needed = {source, *catalogue.fallback_for(source)}  # one that stands in for another is asked beside it
    asked = tuple(sorted({"coinbase"}.union(needed, *map(catalogue.all_leaders, needed))))
    calm = day.folder / f"calm-{source}"
    if not calm.exists():
        day.run(calm, sources=asked)
    spoil = KINDS[kind][0]

    def spoilt(body: bytes, media: str) -> Answer:
        try:
            return spoil(body, media)
        except UnicodeDecodeError:  # a kind of text, on what is none
            return hung_up()

    with day.server.spoilt(day.paths(source), spoilt):
        done = day.run(tmp_path, IMPATIENT if kind in ENDLESS else healthy.PATIENT, asked)
    word = re.search(rf"^{source}: (done|partly|failed)[;:]", done.stderr, re.MULTILINE)
    assert word, done.stderr
    fine = word[1] == "done"
    assert done.exit_code == (0 if fine else SOME_SOURCES_FAILED), done.stderr
    assert "Traceback" not in done.stderr
    assert "stumbled" not in done.stderr
    assert tickers(done.stdout) == tickers(day.stdout)
    stored, whole = readings(tmp_path / "mnav.db"), calm_readings(calm)
    others = {"coinbase"} - affected(source)
    assert {row: count for row, count in stored.items() if row[0] in others} == {
        row: count for row, count in whole.items() if row[0] in others
    }
    own = [Counter({row: count for row, count in rows.items() if row[0] == source}) for rows in (stored, whole)]
    assert own[0] == own[1] if fine else own[0] <= own[1], "what is read is read right"
    assert list(Archive(tmp_path / scraping.ARCHIVE).damaged()) == []


@pytest.mark.parametrize(
    ("address", "words"),
    [("http://nobody.invalid", "no address for"), ("http://127.0.0.1:1", "a broken connection")],
    ids=["a name that resolves nowhere", "a port where nobody listens"],
)
def test_a_host_that_cannot_be_reached_is_told_and_touches_nobody_else(
    address: str, words: str, day: Day, calm_of_few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up = socket.getaddrinfo

    def looked_up(name: str, *more: object, **how: object) -> object:
        if name == "nobody.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(name, *more, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    done = day.run(tmp_path, sources=(*PLAIN, PAGE), elsewhere={catalogue.load("coinbase").HOSTS[0]: address})
    ended_well(day, done, tmp_path, "coinbase", calm_of_few, words)
