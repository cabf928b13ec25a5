"""README and docs are run: every command and example in them is executed, and what they print is what they show."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from treasury.metric import METRICS, formula
from treasury.series import OVER_TIME

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SESSIONS = [
    (path.name, command, output)
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    for kind, block in FENCED.findall(path.read_text(encoding="utf-8"))
    if kind == "console"
    for command, output in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


def mnav(command: str, database: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    assert words[0] == "mnav"
    environment = {**os.environ, "MNAV_DB": str(database), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "scripts.main", *words[1:]],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        check=False,
    )


@pytest.mark.parametrize(
    ("page", "command", "output"), SESSIONS, ids=[f"{page}: {command}" for page, command, _ in SESSIONS]
)
def test_a_shown_session_is_what_the_command_prints(
    page: str, command: str, output: str, reference_db: Path, tmp_path: Path
) -> None:
    done = mnav(command, reference_db, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip() == output.rstrip()


INLINE = sorted({command for command in re.findall(r"`(mnav [a-z][^`…]*)`", README) if "--offline" not in command})


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


def test_the_two_commands_stand_first() -> None:
    """.ci/run takes the first two `sh` blocks of the README as written."""
    first, second = [block for kind, block in FENCED.findall(README) if kind == "sh"][:2]
    assert "mnav run --offline" in first
    assert "pytest" in second


@pytest.mark.parametrize("name", [*METRICS, *OVER_TIME])
def test_every_metric_is_in_the_readme(name: str) -> None:
    (row,) = [line for line in README.splitlines() if line.startswith(f"| `{name}` |")]
    if name in METRICS:
        assert f"`{formula(METRICS[name])}`" in row
        assert METRICS[name].meaning in row


def test_every_verb_is_in_the_docs() -> None:
    from scripts.main import mnav as group

    pages = README + "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    for verb in group.commands if group.commands else group.list_commands(None):  # type: ignore[arg-type]
        assert f"mnav {verb}" in pages, f"mnav {verb} is in no page"


def test_links_lead_somewhere() -> None:
    for path in (ROOT / "README.md", ROOT / "DATA.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
