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
from contextlib import suppress
from html import escape, unescape
from pathlib import Path
from typing import Any

import forked
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

        page.server, page.address = server.pid, address.removesuffix("/mnav")  # type: ignore[attr-defined]
        yield page
        server.send_signal(signal.SIGINT)
        said = server.stderr.read()
        assert server.wait(10) == 0, said
        assert [line for line in said.splitlines() if not line.startswith("ERROR: conn=")] == [
            "Ctrl-C ends it"
        ]  # and not one traceback


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
def test_a_question_takes_a_company_by_any_of_its_names(get: Callable[[str], Any]) -> None:
    for typed in ("metaplanet", "MTPLF", "TYO:3350"):
        row = get(f"/mnav/sources_of_a_company.json?_shape=array&ticker={typed}")[0]
        assert "3350" in get(f"/mnav/what_changed.json?_shape=array&ticker={typed}")[0]["ticker"]
        assert row["quantity"]
    with pytest.raises(urllib.error.HTTPError) as refused:
        get("/mnav/premium_over_time.json?_shape=array&ticker=Metaplant")
    assert "did you mean 3350.T?" in refused.value.read().decode()
    refused.value.close()


@pytest.mark.slow
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


N = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 100000000) "
HOSTILE = (
    "SELECT randomblob(1000000000)",
    "SELECT hex(zeroblob(500000000))",
    "SELECT length(printf('%3900000000d', 1))",
    "SELECT replace(hex(zeroblob(400000)), '0', hex(zeroblob(400000)))",
    f"{N}SELECT group_concat(hex(x)) FROM n",
    f"{N}SELECT json_group_array(x) FROM n",
    f"{N}SELECT hex(zeroblob(400000)) FROM n",
    f"{N}SELECT DISTINCT randomblob(900000) FROM n",
    f"{N}SELECT randomblob(900000) AS b FROM n ORDER BY b",
    f"{N}SELECT x, count(*) FROM n GROUP BY randomblob(100000)",
    f"{N}SELECT {', '.join(['hex(zeroblob(400000))'] * 400)} FROM n",
    "SELECT a.*, b.* FROM fact a, fact b ORDER BY a.note || b.note",
)


@pytest.mark.slow
@needs_datasette
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the memory of another process")
def test_no_question_takes_the_memory_of_the_machine(get: Callable[[str], Any]) -> None:
    for statement in HOSTILE:
        with suppress(urllib.error.HTTPError):
            get(f"/mnav.json?_timelimit=1000&{urllib.parse.urlencode({'sql': statement})}")
    most = memory_of(get)
    assert most < 500, f"{most:.0f} MB"
    assert get("/mnav/mnav_latest.json?_shape=array"), "it serves on"


def memory_of(get: Callable[[str], Any]) -> float:
    """The most memory the server ever had, in MB."""
    status = Path(f"/proc/{get.server}/status").read_text()  # type: ignore[attr-defined]
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


@needs_datasette
@pytest.mark.parametrize("host", ["elsewhere.example", "elsewhere.example:8001", "127.0.0.1.elsewhere.example", ""])
def test_a_page_from_elsewhere_is_refused(get: Callable[[str], Any], host: str) -> None:
    asked = urllib.request.Request(get.address + "/mnav.json?sql=select+1", headers={"Host": host})  # type: ignore[attr-defined]
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=20)
    assert refused.value.code == 403
    assert b"answers only to 127.0.0.1, localhost" in refused.value.read()


@pytest.mark.slow
@needs_datasette
@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-origin", 200), ("same-site", 200), ("none", 200)]
)
def test_a_page_from_elsewhere_has_no_question_worked_out(get: Callable[[str], Any], site: str, status: int) -> None:
    address = get.address + "/mnav.json?sql=select+1"  # type: ignore[attr-defined]
    asked = urllib.request.Request(address, headers={"Sec-Fetch-Site": site})
    try:
        answered = urllib.request.urlopen(asked, timeout=20).status
    except urllib.error.HTTPError as refused:
        answered = refused.code
    assert answered == status


@pytest.mark.slow
@needs_datasette
@pytest.mark.parametrize(
    "path", ["/-/databases.json", "/-/threads.json", "/-/plugins.json", "/_memory", "/_internal",
             "/mnav.json?sql=SELECT+*+FROM+pragma_database_list", "/mnav.json?sql=PRAGMA+database_list", "/mnav.db"],
)  # fmt: skip
def test_where_the_file_lies_is_not_told(get: Callable[[str], Any], path: str, database: Path) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(path)
    said = refused.value.read().decode()
    assert refused.value.code in (400, 403, 404)
    assert str(database.parent) not in said
    assert str(database.parent) not in get("/mnav") + get("/")


@needs_datasette
def test_a_row_leads_to_its_source_and_back(get: Callable[[str], Any]) -> None:
    """SQLite leaves the key of REFERENCES source open; Datasette needs its name."""
    assert "MSTR 8-K 0000950170-25-025233" in get("/mnav/source/sec-0000950170-25-025233")
    assert "/mnav/fact?source=sec-0000950170-25-025233" in get("/mnav/source/sec-0000950170-25-025233")


@pytest.mark.slow
@needs_datasette
def test_a_taken_port_is_said(get: Callable[[str], Any], database: Path) -> None:
    port = "1"  # not ours to use, or else refused by the system
    if os.geteuid() == 0:
        port = get.__closure__[0].cell_contents.rpartition(":")[2].removesuffix("/mnav")  # type: ignore[index]
    result = forked.mnav("--db", str(database), "browse", "--port", port)  # it bounds the memory of its whole process
    assert result.returncode == 1
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
