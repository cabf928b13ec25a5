"""The database in Datasette: described from where things are defined, answering questions, and closed to writing."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from db import open_database
from db.derived.views import DAILY_COLUMNS
from db.feeds.browse import TABLES, describe, metadata
from db.feeds.questions import QUESTIONS
from scripts.browse import datasette
from scripts.main import mnav
from treasury.quantities import QUANTITIES

ROOT = Path(__file__).parents[1]
needs_datasette = pytest.mark.skipif(
    not importlib.util.find_spec("datasette"), reason="the extra browse is not installed"
)


@pytest.fixture(scope="module")
def database(reference_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(reference_db, tmp_path_factory.mktemp("browse") / "my own.db"))


@pytest.fixture(scope="module")
def get(database: Path) -> Iterator[Callable[[str], Any]]:
    """`mnav browse` on a free port; a function from a path to the page's text, or its data where the path ends in .json."""
    command = [sys.executable, "-m", "scripts.main", "--db", str(database), "browse", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=database.parent
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")

        def page(path: str) -> Any:
            with urllib.request.urlopen(address.removesuffix("/mnav") + path, timeout=20) as answer:
                text = answer.read().decode()
            return json.loads(text) if ".json" in path else text

        yield page
        server.send_signal(signal.SIGINT)
        said = server.stderr.read()
        assert server.wait(10) == 0, said
        assert said.splitlines() == ["Ctrl-C ends it"]  # and not one traceback


@pytest.mark.slow
@needs_datasette
@pytest.mark.parametrize("name", TABLES)
def test_every_table_shows_a_page_with_its_description(get: Callable[[str], Any], name: str) -> None:
    page = get(f"/mnav/{name}")
    assert f"<p>One row is {escape(TABLES[name][0])}.</p>" in page


@needs_datasette
def test_pages_show_units_facets_and_labels(get: Callable[[str], Any]) -> None:
    page = get("/mnav/mnav_latest")
    assert "<dt>mnav_ev</dt><dd>x: Enterprise value per dollar of bitcoin;" in page
    assert "_facet=kind" in page or 'data-column="kind"' in page
    front = unescape(get("/mnav"))
    for question in QUESTIONS:
        assert question.title in front
    assert "_sqlite_migrations" not in front.partition("hidden table")[0]
    rows = get("/mnav/fact.json?_shape=objects&_labels=on&ticker=MSTR&_size=1")["rows"]
    assert set(rows[0]["source"]) == {"value", "label"}  # a source is shown by its title


@needs_datasette
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_every_question_has_an_answer(get: Callable[[str], Any], question: Any) -> None:
    empty = "&ticker=&since="
    assert get(f"/mnav/{question.name}.json?_shape=array{empty}")


@needs_datasette
def test_answers_are_right(get: Callable[[str], Any]) -> None:
    day = [row for row in get("/mnav/premium_over_time.json?_shape=array&ticker=MSTR") if row["date"] == "2025-11-10"]
    assert round(day[0]["implied_premium_usd"] / 1e9, 2) == 15.57  # the day after the 8-K of 2025-11-10, see README
    bought = get("/mnav/who_bought.json?_shape=array&since=2020-01-01")
    assert {"ticker": "MSTR", "btc": 21_454.0}.items() <= next(
        row for row in bought if row["announced_on"] == "2020-08-11"
    ).items()


@needs_datasette
def test_the_download_that_the_page_names_is_whole(get: Callable[[str], Any], read: sqlite3.Connection) -> None:
    page = (ROOT / "docs" / "browse.md").read_text(encoding="utf-8")
    (address,) = re.findall(r"`(/mnav/mnav_daily\.csv\?[^`]+)`", page)
    lines = list(csv.reader(get(address).splitlines()))
    (there,) = read.execute("SELECT count(*) FROM mnav_daily WHERE ticker = 'MSTR'").fetchone()
    assert len(lines) - 1 == there > 1_000
    assert {len(line) for line in lines} == {len(DAILY_COLUMNS)}


@needs_datasette
def test_writing_is_impossible(get: Callable[[str], Any], database: Path) -> None:
    before = database.read_bytes()
    for statement in (
        "DELETE FROM company",
        "INSERT INTO run (started_at, asked, versions) VALUES ('', '', '')",
        "PRAGMA user_version = 7",
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(f"/mnav.json?{urllib.parse.urlencode({'sql': statement})}")
        assert refused.value.code == 400
        refused.value.close()
    assert database.read_bytes() == before
    assert sorted(one.name for one in database.parent.iterdir()) == [database.name]  # not even a journal


@pytest.mark.slow
@needs_datasette
def test_a_plugin_gets_no_connection_to_write_with(database: Path) -> None:
    served = datasette(database, {}).databases["mnav"]
    with pytest.raises(PermissionError):
        served.connect(write=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        served.connect().execute("DELETE FROM alias")
    served.close()


@needs_datasette
def test_a_row_leads_to_its_source_and_back(get: Callable[[str], Any]) -> None:
    """SQLite leaves the key of REFERENCES source open; Datasette needs its name."""
    assert "MSTR 8-K 0000950170-25-025233" in get("/mnav/source/sec-0000950170-25-025233")
    assert "/mnav/fact?source=sec-0000950170-25-025233" in get("/mnav/source/sec-0000950170-25-025233")


@needs_datasette
def test_a_taken_port_is_said(get: Callable[[str], Any], database: Path) -> None:
    port = "1"  # not ours to use, or else refused by the system
    if os.geteuid() == 0:
        port = get.__closure__[0].cell_contents.rpartition(":")[2].removesuffix("/mnav")  # type: ignore[index]
    result = CliRunner().invoke(mnav, ["--db", str(database), "browse", "--port", port], prog_name="mnav")
    assert result.exit_code == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in result.stderr


def test_every_column_of_the_public_views_is_described(database: Path) -> None:
    db = open_database(database)
    assert [name for name in DAILY_COLUMNS if not describe(name)] == []
    about = metadata(db)["databases"]["mnav"]["tables"]
    assert set(about) == {*db.table_names(), *db.view_names()}  # described, or hidden on purpose
    for view in ("mnav_daily", "mnav_latest", "holdings", "purchases", "revisions", "disagreements"):
        columns = [column for column, *_ in db.execute(f"SELECT * FROM {view} LIMIT 0").description]
        assert set(about[view]["columns"]) == set(columns)
    assert all(f"<code>{name}</code>" in about["fact"]["description_html"] for name in QUANTITIES)
    db.close()


def test_questions_run_read_only(database: Path) -> None:
    with sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True) as connection:
        for question in QUESTIONS:
            assert connection.execute(question.sql, {"ticker": None, "since": None}).fetchone()
    connection.close()


def test_without_the_extra_one_sentence_names_it(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasette.app", None)
    result = CliRunner().invoke(mnav, ["--db", str(database), "browse"], prog_name="mnav")
    assert result.exit_code == 1
    assert result.stderr.strip() == "Error: browsing needs Datasette: pip install 'mnav[browse]'"


def test_the_page_lists_every_question() -> None:
    page = (ROOT / "docs" / "browse.md").read_text(encoding="utf-8")
    for question in QUESTIONS:
        assert f"| {question.title} | `/mnav/{question.name}" in page
