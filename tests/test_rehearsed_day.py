"""A live day rehearsed over the whole reference universe: `mnav run` ends with status 0, twice the same, and the doctor proves every source of which a body was captured."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import click
import healthy
import pytest
import rehearsed
from click.testing import CliRunner, Result
from misbehaving import MisbehavingServer
from saved import needs_samples

from db import open_database
from scrapers import catalogue
from scrapers.transport import http
from scripts.main import mnav
from scripts.shared import scraping
from treasury.trust.proof import NOT_ASKED, PROVEN

Live = Callable[..., Result]

COMPANIES = 54  # with a multiple; of the 56 that the bundle alone values weeks earlier, inputs of one are doubted by then, and KULR sold coins

pytestmark = [needs_samples, pytest.mark.slow, pytest.mark.usefixtures("quick_archive")]


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Live:
    """`mnav …` on that day, with a server in place of every host."""
    monkeypatch.setenv("EDGAR_IDENTITY", "Jane Doe jane@doe.example")
    monkeypatch.delenv("DEFILLAMA_API_KEY", raising=False)
    monkeypatch.setenv("MNAV_TODAY", rehearsed.NOW.date().isoformat())
    monkeypatch.setattr(scraping, "_clock", lambda: rehearsed.NOW)
    monkeypatch.setattr("scrapers.transport.reach.reachable", lambda hosts: True)  # the server is every host

    def called(server: MisbehavingServer, path: Path, *words: str) -> Result:
        monkeypatch.setattr(http, "Transport", healthy.transport(server))
        return CliRunner().invoke(mnav, [*words, "--db", str(path)])

    return called


Contents = dict[str, Counter[tuple[object, ...]]]  # in whatever order the rows came
OF_RUNS = {"run", "noted"}  # tell of runs, not of data


def contents(path: Path) -> Contents:
    db = open_database(path)
    tables = {name for name in db.table_names() if not name.startswith(("_", "sqlite_"))} - OF_RUNS
    found = {name: Counter(db.execute(f"SELECT * FROM {name}").fetchall()) for name in tables}
    db.close()
    return found


def test_a_live_day_ends_well_twice_the_same_and_every_captured_source_is_proven(
    live: Live,
    reference_db: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    other = tmp_path / "elsewhere" / "mnav.db"
    other.parent.mkdir()
    shutil.copy(reference_db, other)
    with MisbehavingServer() as server:
        rehearsed.answers(server, open_database(reference_db))
        run = live(server, first, "run")
        assert run.exit_code == 0, run.stderr
        asked = set(re.findall(r"^(\w+): asking", run.stderr, re.MULTILINE))
        assert asked == (rehearsed.REAL - {"bitstamp"}) | rehearsed.MADE | rehearsed.REFUSED | {"defillama_dat"}
        told = re.search(r"; (\d+) companies have a multiple", run.stderr)
        assert told
        assert int(told[1]) >= COMPANIES

        monkeypatch.setattr("scripts.shared.drawing.draw_mnav", lambda db, tickers, path, *_, **__: path)  # drawn once
        before = contents(first)
        again = live(server, first, "run")
        assert (again.exit_code, again.stdout) == (0, run.stdout)
        assert told[0] in again.stderr
        later = contents(first)
        documents = later.pop("document")  # shorter ranges are asked for by then
        assert later == {name: rows for name, rows in before.items() if name != "document"}, "the same day again"
        assert documents.total() >= before["document"].total()
        assert live(server, other, "run").stdout == run.stdout
        assert contents(other) == before, "another machine, the same day"

        assert (
            live(server, first, "scrape", "--source", "bitstamp").exit_code == 0
        )  # stands in for others: no run asks it
    verdicts = {row["source"]: row["verdict"] for row in json.loads(live(server, first, "doctor", "--json").stdout)}
    assert {name for name in rehearsed.REAL if verdicts[name] != PROVEN} == set()
    assert verdicts["binance_futures"] == NOT_ASKED
    with capsys.disabled():
        never = sorted(set(catalogue.names()) - rehearsed.REAL)
        click.echo(f"\nrehearsed day: {told[1]} companies have a multiple; proven: {', '.join(sorted(rehearsed.REAL))}; no captured body of: {', '.join(never)}")  # fmt: skip
