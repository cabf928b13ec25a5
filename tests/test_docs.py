"""README and docs are run: every command and example in them is executed, and what they print is what they show."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import forked
import pytest

from scripts.shared.options import NEWS
from treasury.intake.csv_files import SHEETS
from treasury.metrics.metric import METRICS, formula
from treasury.metrics.over_time import OVER_TIME
from treasury.quantities import A_CURRENCY, QUANTITIES, STORED_APART

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SESSIONS = [
    (path.name, command, output)
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    for kind, block in FENCED.findall(path.read_text(encoding="utf-8"))
    if kind == "console" and path.name not in ("your-own-companies.md", "questions.md")  # told as stories, below
    for command, output in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


def mnav(command: str, database: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    assert words[0] == "mnav"
    return forked.mnav(*words[1:], folder=folder, environment={"MNAV_DB": str(database)})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "command", "output"), SESSIONS, ids=[f"{page}: {command}" for page, command, _ in SESSIONS]
)
def test_a_shown_session_is_what_the_command_prints(
    page: str, command: str, output: str, reference_db: Path, tmp_path: Path
) -> None:
    done = mnav(command, reference_db, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip() == output.rstrip()


UNTIL_CTRL_C = ("browse", "serve")
EXAMPLES = re.findall(
    r"\| `(mnav [^`]+)` \|$", (ROOT / "docs" / "commands.md").read_text(encoding="utf-8"), re.MULTILINE
)
SHOWN = {command for _, command, _ in SESSIONS}  # what is run there, to the letter, need not run again
INLINE = sorted(
    {
        command
        for command in re.findall(r"`(mnav [a-z][^`…]*)`", README)
        if "--offline" not in command and command.split()[1] not in UNTIL_CTRL_C
    }
    - {*EXAMPLES}
    - SHOWN
)


@pytest.mark.slow
@pytest.mark.parametrize("command", INLINE)
def test_a_command_named_in_the_readme_runs(command: str, reference_db: Path, tmp_path: Path) -> None:
    done = mnav(command, reference_db, tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_sql_of_the_readme_runs(reference_db: Path) -> None:
    from db import open_database

    db = open_database(reference_db)
    statements = [block for kind, block in FENCED.findall(README) if kind == "sql"]
    assert statements
    for statement in statements:
        assert db.execute(statement).fetchall()


@pytest.mark.slow
def test_the_python_page_prints_what_it_shows(
    reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(reference_db, tmp_path / "mnav.db")
    monkeypatch.chdir(tmp_path)
    blocks = FENCED.findall((ROOT / "docs" / "python.md").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    printed = ""
    for kind, block in blocks:
        if kind == "python":
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(block, "docs/python.md", "exec"), names)
            printed = out.getvalue()
        elif kind == "text":
            assert printed.rstrip() == block.rstrip()
    assert [kind for kind, _ in blocks].count("text") >= 4


def test_the_charts_page_shows_every_chart_and_its_example_draws(
    reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from treasury.charts import CHARTS

    page = (ROOT / "docs" / "charts.md").read_text(encoding="utf-8")
    for name in CHARTS:
        assert f"mnav plot {name}" in page, f"{name} has no picture"
    for image in re.findall(r"\]\((images/\S+)\)", page):
        assert (ROOT / "docs" / image).stat().st_size > 10_000
    shutil.copy(reference_db, tmp_path / "mnav.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("treasury.charts.CHARTS", dict(CHARTS))
    (block,) = [block for kind, block in FENCED.findall(page) if kind == "python"]
    (shown,) = [block for kind, block in FENCED.findall(page) if kind == "text"]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(block, "docs/charts.md", "exec"), {})
    assert out.getvalue() == shown


@pytest.mark.slow
def test_the_recipes_of_the_export_page_work(
    reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In their order, in one folder: commands, Python with what it prints, SQL; DuckDB where it is installed."""
    shutil.copy(reference_db, tmp_path / "mnav.db")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    printed, kinds = "", []
    for kind, block in FENCED.findall((ROOT / "docs" / "export.md").read_text(encoding="utf-8")):
        kinds.append(kind)
        if kind == "sh":
            for command in block.splitlines():
                program, *words = shlex.split(command)
                if program == "mnav":
                    done = mnav(command, tmp_path / "mnav.db", tmp_path)
                else:
                    done = subprocess.run([sys.executable, "-m", program.replace("-", "_"), *words], capture_output=True, text=True, check=False)  # fmt: skip
                assert done.returncode == 0, done.stderr
                assert done.stdout.strip() or "value" in command
        elif kind == "python":
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(block, "docs/export.md", "exec"), names)
            printed = out.getvalue()
        elif kind == "text":
            assert printed.rstrip() == block.rstrip()
        elif kind == "sql":
            with contextlib.closing(sqlite3.connect("mnav.db")) as connection:
                assert connection.execute(block).fetchall()
        elif kind == "duckdb" and importlib.util.find_spec("duckdb"):
            duckdb = importlib.import_module("duckdb")
            reader = "SELECT 1 FROM duckdb_extensions() WHERE extension_name = 'sqlite_scanner' AND installed"
            if "TYPE sqlite" not in block or duckdb.sql(reader).fetchall():  # that one is fetched from the network
                assert duckdb.sql(block).fetchall()
    assert set(kinds) == {"console", "sh", "python", "text", "sql", "duckdb"}
    with (
        contextlib.closing(sqlite3.connect("copy.db")) as copy,
        contextlib.closing(sqlite3.connect("mnav.db")) as first,
    ):
        counts = [
            one.execute("SELECT count(*), sum(mnav_ev), sum(btc) FROM mnav_daily").fetchone() for one in (copy, first)
        ]
    assert counts[0] == counts[1]


def runs_as_shown(session: str, database: Path, folder: Path) -> int:
    """Run the commands of a session one after the other, each of which prints what stands below it; how many there were."""
    steps = re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE)
    for command, output in steps:
        program, *words = shlex.split(command)
        if program == "mnav":
            done = mnav(command, database, folder)
        else:
            module = [sys.executable, "-m", program.replace("-", "_"), *words]
            done = subprocess.run(module, capture_output=True, text=True, check=False, cwd=folder)
        assert done.returncode in ((0, NEWS) if words[0] == "alert" else (0,)), done.stderr
        assert done.stdout.rstrip() == output.rstrip()
    return len(steps)


@pytest.mark.slow
def test_the_page_about_own_companies_does_what_it_says(reference_db: Path, tmp_path: Path) -> None:
    """Its files, written as they stand there; its first sessions on the bundled data, its last on an empty database."""
    page = (ROOT / "docs" / "your-own-companies.md").read_text(encoding="utf-8")
    for name, body in re.findall(r"^`(\w+\.csv)`[^\n]*\n```csv\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        (tmp_path / name).write_text(body, encoding="utf-8")
    *first, valued, sold = [block for kind, block in FENCED.findall(page) if kind == "console"]
    shutil.copy(reference_db, tmp_path / "first.db")
    for block in first:
        runs_as_shown(block, tmp_path / "first.db", tmp_path)
    assert runs_as_shown(valued, tmp_path / "own.db", tmp_path) == 3
    assert runs_as_shown(sold, tmp_path / "own.db", tmp_path) == 3
    (retraction,) = re.findall(
        r"```csv\n(ticker,instrument,quantity,as_of,known_at,value,source,retracted_on.*?)^```$",
        page,
        re.MULTILINE | re.DOTALL,
    )
    (tmp_path / "retraction.csv").write_text(retraction, encoding="utf-8")
    assert mnav("mnav import retraction.csv", tmp_path / "own.db", tmp_path).returncode == 0
    assert mnav("mnav value", tmp_path / "own.db", tmp_path).returncode == 0
    assert "–" in mnav("mnav history ORNG --metric mnav_ev", tmp_path / "own.db", tmp_path).stdout.splitlines()[-1]


QUESTIONS = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
PEOPLE = re.split(r"^## ", QUESTIONS, flags=re.MULTILINE)[1:]
MOST_COMMANDS = 3  # to an answer


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.partition("\n")[0])
def test_the_questions_of_people_are_answered_in_few_commands(person: str, reference_db: Path, tmp_path: Path) -> None:
    database = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    for name, body in re.findall(r"^`([\w.]+)`\n```\w+\n(.*?)^```$", person, re.MULTILINE | re.DOTALL):
        (tmp_path / name).write_text(body, encoding="utf-8")
    questions = re.split(r"^### ", person, flags=re.MULTILINE)[1:]
    assert len(questions) >= 4
    for question in questions:
        (session,) = [block for kind, block in FENCED.findall(question) if kind == "console"]
        assert 1 <= runs_as_shown(session, database, tmp_path) <= MOST_COMMANDS


def test_five_people_ask() -> None:
    assert len(PEOPLE) == 5


def test_the_table_of_files_is_complete() -> None:
    page = (ROOT / "docs" / "your-own-companies.md").read_text(encoding="utf-8")
    for kind, sheet in SHEETS.items():
        columns = ", ".join(f"**{column.name}**" if column.required else column.name for column in sheet.columns)
        assert f"| {kind} | {columns} |" in page


def test_the_table_of_quantities_is_complete() -> None:
    page = (ROOT / "docs" / "your-own-companies.md").read_text(encoding="utf-8")
    units = {one: "a currency" if one.unit == A_CURRENCY else one.unit for one in QUANTITIES.values()}
    told = [f"| `{one.id}` | {unit} | {one.meaning} |" for one, unit in units.items() if one.id not in STORED_APART]
    (_, table) = page.split("| quantity | unit | what it is |\n|---|---|---|\n")
    assert table.partition("\n\n")[0].splitlines() == told


def test_the_two_commands_stand_first() -> None:
    """.ci/run takes the first two `sh` blocks of the README as written."""
    first, second = [block for kind, block in FENCED.findall(README) if kind == "sh"][:2]
    assert "mnav run --offline" in first
    assert "pytest" in second


@pytest.mark.slow
def test_the_readme_tells_the_last_day_of_the_data(reference_db: Path) -> None:
    with contextlib.closing(sqlite3.connect(reference_db)) as connection:
        (last,) = connection.execute("SELECT max(date) FROM mnav_daily").fetchone()
    assert f"The bundled history ends on {last}." in README


@pytest.mark.parametrize("name", [*METRICS, *OVER_TIME])
def test_every_metric_is_in_the_readme(name: str) -> None:
    (row,) = [line for line in README.splitlines() if line.startswith(f"| `{name}` |")]
    if name in METRICS:
        assert f"`{formula(METRICS[name])}`" in row
        assert METRICS[name].meaning in row


def test_every_verb_is_in_the_docs() -> None:
    from scripts.main import mnav as group

    pages = README + "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    assert isinstance(group, click.Group)
    for verb in group.list_commands(click.Context(group)):
        assert f"mnav {verb}" in pages, f"mnav {verb} is in no page"


NEEDS_MORE = (
    *UNTIL_CTRL_C,
    "scrape",
    "import",
    "import-document",
    "parse",
    "alert",
    "archive",
)  # a network, or files of the user's own


@pytest.mark.slow
@pytest.mark.parametrize("example", sorted({*EXAMPLES} - SHOWN))
def test_an_example_of_the_commands_page_runs(example: str, reference_db: Path, tmp_path: Path) -> None:
    """What needs more than the database is only taken apart: its verb and options are there."""
    from scripts.main import mnav as group

    verb, *words = shlex.split(example)[1:]
    if verb in NEEDS_MORE:
        for name in (word for word in words if Path(word).suffix):
            (tmp_path / name).touch()
        with contextlib.chdir(tmp_path):
            command = group.get_command(click.Context(group), verb)
            assert command is not None
            command.make_context(verb, words, parent=click.Context(group))
        return
    shutil.copy(reference_db, tmp_path / "mnav.db")
    done = mnav(example, tmp_path / "mnav.db", tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_commands_page_has_an_example_of_every_verb() -> None:
    from scripts.main import mnav as group

    assert sorted(example.split()[1] for example in EXAMPLES) == sorted(group.list_commands(click.Context(group)))


def test_links_lead_somewhere() -> None:
    for path in (ROOT / "README.md", ROOT / "DATA.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
