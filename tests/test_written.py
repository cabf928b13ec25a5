"""What is written for people: files whole or not at all, and nothing on a terminal that makes it do something."""

from __future__ import annotations

import errno
import json
import logging
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from scripts.main import mnav
from scripts.shared.options import Settings, verb
from scripts.shared.output import emit
from scripts.shared.streams import broken
from scripts.shared.terminal import plain
from treasury.whole_file import whole_file

HOSTILE = "A\x1b]0;gotcha\x07\x1b[31mB\u202eC\x00D\ud800E\x9bF"


@pytest.fixture(scope="module")
def database(reference_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(reference_db, tmp_path_factory.mktemp("written") / "mnav.db"))


def call(database: Path, *words: str) -> Result:
    return CliRunner().invoke(mnav, ["--db", str(database), "--today", "2025-11-10", *words], prog_name="mnav")


@contextmanager
def full_disk(most: int = 2_000) -> Iterator[None]:
    """No file may grow beyond some bytes: a write fails as it does where there is no room."""
    before, compiled = resource.getrlimit(resource.RLIMIT_FSIZE), sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # Python would leave torn .pyc files, and stumble over them the next time
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        sys.dont_write_bytecode = compiled


OUTPUTS = {
    "prices.csv": ("export", "equity_price", "--company", "MSTR", "-o"),
    "prices.json": ("export", "equity_price", "--company", "MSTR", "-o"),
    "prices.parquet": ("export", "mnav_daily", "--company", "MSTR", "-o"),
    "prices.xlsx": ("export", "equity_price", "--company", "MSTR", "--since", "2025-06-01", "-o"),
    "sheet.html": ("sheet", "MSTR", "--on", "2025-11-10", "-o"),
    "sheet.pdf": ("sheet", "MSTR", "--on", "2025-11-10", "-o"),
    "report.html": ("report", "MSTR", "-o"),
    "chart.png": ("plot", "mnav", "MSTR", "-o"),
    "chart.svg": ("plot", "mnav", "MSTR", "-o"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OUTPUTS)
def test_a_full_disk_leaves_what_stood_there(name: str, database: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("what stood there")
    with full_disk():
        result = call(database, *OUTPUTS[name], str(path))
    assert result.exit_code == 1, result.output
    assert result.stderr.splitlines()[-1].startswith("Error: ")
    assert "free some space" in result.stderr or "nothing was half written" in result.stderr
    assert "Traceback" not in result.output
    assert path.read_text() == "what stood there"
    assert [one.name for one in tmp_path.iterdir()] == [name], "nothing is left beside it"


@pytest.mark.slow
def test_what_was_told_is_remembered_whole(database: Path, tmp_path: Path) -> None:
    rules, state = tmp_path / "rules.toml", tmp_path / "told.json"
    rules.write_text('[[alert]]\nname = "every"\nwhen = "btc > 0"\n')
    state.write_text("{}")
    with full_disk(100):
        assert call(database, "alert", str(rules), "--state", str(state)).exit_code == 1
    assert state.read_text() == "{}"
    result = call(database, "alert", str(rules), "--state", str(state))
    assert result.exit_code == 4, result.output
    assert json.loads(state.read_text())["every"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["rules.toml", "told.json"]


def test_a_file_keeps_its_rights_and_a_link_stays_one(tmp_path: Path) -> None:
    kept, link = tmp_path / "kept.txt", tmp_path / "link.txt"
    kept.write_text("before")
    kept.chmod(0o640)
    link.symlink_to(kept)
    with whole_file(link) as draft:
        draft.write_text("after")
    assert link.is_symlink()
    assert kept.read_text() == "after"
    assert kept.stat().st_mode & 0o777 == 0o640


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    with whole_file(Path(os.devnull)) as draft:
        assert draft == Path(os.devnull)


def test_a_stop_in_mid_file_leaves_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text("before")

    def stopped() -> None:
        with whole_file(path) as draft:
            draft.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert [one.read_text() for one in tmp_path.iterdir()] == ["before"]


# ---- the terminal ------------------------------------------------------------------------------------------------


@verb("toy")
@click.argument("how")
def toy(settings: Settings, how: str) -> None:
    row = {"ticker": HOSTILE, "note": HOSTILE}
    roads: dict[str, Any] = {
        "table": lambda: emit([row], ["ticker", "note"], "table"),
        "csv": lambda: emit([row], ["ticker", "note"], "csv"),
        "json": lambda: emit([row], ["ticker", "note"], "json"),
        "say": lambda: settings.say(HOSTILE),
        "echo": lambda: click.echo(HOSTILE),
        "log": lambda: logging.getLogger("mnav").warning(HOSTILE.encode(errors="ignore").decode()),  # pytest keeps it
        "usage": lambda: (_ for _ in ()).throw(click.UsageError(HOSTILE)),
        "error": lambda: (_ for _ in ()).throw(click.ClickException(HOSTILE)),
        "system": lambda: (_ for _ in ()).throw(OSError(errno.ENOENT, "No such file", HOSTILE)),
        "bare": lambda: sys.stderr.writelines([HOSTILE]),
    }
    roads[how]()


@pytest.mark.parametrize("how", ["table", "csv", "json", "say", "echo", "log", "usage", "error", "system", "bare"])
@pytest.mark.parametrize("color", [True, False])
def test_no_road_leads_a_sequence_to_the_terminal(how: str, color: bool) -> None:
    result = CliRunner().invoke(toy, [how], color=color)
    shown = result.stdout + result.stderr
    if how != "log":  # taken up by pytest
        assert "B?C" in shown
    assert all(sign.isprintable() or sign == "\n" for sign in shown), repr(shown)


def test_only_marks_that_a_terminal_obeys_are_taken_out() -> None:
    assert plain("\x1b[2mold\x1b[0m\x1b[5mx\r\n") == "?[2mold?[0m?[5mx?\n"
    assert plain("プレミアム ¥ é – ✓\t\n") == "プレミアム ¥ é – ✓\t\n"


@pytest.mark.slow
def test_what_the_system_refuses_is_a_sentence(database: Path, tmp_path: Path) -> None:
    assert broken(PermissionError(errno.EACCES, "Permission denied", "x")) == (
        "x: Permission denied; check the permissions of the file and its folder"
    )
    file = tmp_path / "file"
    file.write_text("")
    for words in (("report", "MSTR", "-o", str(file / "r.html")), ("export", "all", "-o", str(file / "f"))):
        result = call(database, *words)
        assert result.exit_code == 1
        assert "Traceback" not in result.output
        assert result.stderr.splitlines()[-1].endswith("; check the path")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("words", [["--help"], ["metrics"], ["metrics", "--csv"], ["metrics", "--json"]])
def test_a_full_disk_behind_stdout_is_a_sentence(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "scripts.main", *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: the output: No space left on device; free some space")
    assert "Traceback" not in done.stderr
