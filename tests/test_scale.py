"""Parquet by year and company: the same rows as the view, moved into place whole; and what docs/scale.md says of engines past one machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import forked
import pytest
from click.testing import CliRunner, Result

from scripts.main import mnav

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIRST, *SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)
Run = Callable[..., Result]


@pytest.fixture
def run(reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNAV_DB", str(reference_db))
    return lambda *words: CliRunner().invoke(mnav, ["export", *words], prog_name="mnav")


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


SPAN = ("--company", "MSTR", "--company", "3350.T", "--since", "2025-12-22", "--until", "2026-01-09")


@pytest.mark.slow
def test_the_folder_holds_the_rows_of_the_view_by_year_and_company(read: sqlite3.Connection, run: Run) -> None:
    from pyarrow import dataset

    assert done(run("--partitioned", "daily", *SPAN)) == "daily\n"
    assert sorted(str(path) for path in Path("daily").rglob("*.*") if path.is_file()) == [
        f"daily/year={year}/ticker={ticker}/part-0.parquet" for year in (2025, 2026) for ticker in ("3350.T", "MSTR")
    ]
    rows = dataset.dataset("daily", partitioning="hive").to_table().to_pylist()
    wanted = read.execute(
        "SELECT * FROM mnav_daily WHERE ticker IN ('MSTR', '3350.T') AND date BETWEEN '2025-12-22' AND '2026-01-09'"
    ).fetchall()
    assert len(wanted) > 20
    assert sorted((row["ticker"], row["date"].isoformat()) for row in rows) == [
        (row["ticker"], row["date"]) for row in sorted(wanted, key=lambda row: (row["ticker"], row["date"]))
    ]
    by_key = {(row["ticker"], row["date"].isoformat()): row for row in rows}
    for row in wanted:
        made = by_key[row["ticker"], row["date"]]
        assert made.pop("year") == int(row["date"][:4])
        assert made | {"date": made["date"].isoformat()} == dict(row)


@pytest.mark.slow
def test_every_file_has_the_same_types_also_where_nothing_is_known(run: Run) -> None:
    """A column with nothing but unknowns in one company's file would else be of another type there, and Spark refuses the folder."""
    from pyarrow import parquet

    done(run("--partitioned", "daily"))
    schemas = {path: parquet.read_schema(path) for path in Path("daily").rglob("*.parquet")}
    assert len(schemas) > 100
    assert len({schema.to_string(show_schema_metadata=False) for schema in schemas.values()}) == 1
    schema = next(iter(schemas.values()))
    assert "ticker" not in schema.names
    assert [str(schema.field(name).type) for name in ("date", "btc", "btc_age_days", "reason")] == [
        "date32[day]",
        "double",
        "int64",
        "string",
    ]
    assert set(schema.names) > {"mnav_ev", "known_assumed", "btc_price_at"}


@pytest.mark.slow
@pytest.mark.parametrize("what", ["fact", "purchase", "split", "equity_price", "instrument_price"])
def test_kinds_of_import_files_are_partitioned_by_the_day_they_are_about(run: Run, what: str) -> None:
    from pyarrow import dataset

    done(run(what, "--partitioned", "parts"))
    table = dataset.dataset("parts", partitioning="hive").to_table()
    assert table.num_rows == len(done(run(what)).splitlines()) - 1
    day = {"fact": "as_of", "purchase": "announced_on", "split": "ex_date"}.get(what, "date")
    assert all(row["year"] == row[day].year for row in table.select(["year", day]).to_pylist())


def test_chosen_columns_keep_the_day(run: Run) -> None:
    from pyarrow import parquet

    done(run("equity_price", "--partitioned", "closes", "--company", "XXI", "--columns", "close"))
    (path,) = Path("closes").rglob("year=2026/*/*.parquet")
    assert parquet.read_schema(path).names == ["close", "date"]


def test_a_second_run_replaces_the_folder_whole_and_what_a_killed_one_left(run: Run) -> None:
    done(run("equity_price", "--partitioned", "closes"))
    Path("closes.part/year=1999").mkdir(parents=True)
    done(run("equity_price", "--partitioned", "closes", "--company", "XXI"))
    assert {path.name for path in Path("closes").glob("*/*")} == {"ticker=XXI"}
    assert [path.name for path in Path().iterdir()] == ["closes"]


def test_a_run_that_fails_leaves_the_folder_as_it_was(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    done(run("equity_price", "--partitioned", "closes", "--company", "XXI"))
    before = sorted(Path("closes").rglob("*"))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.parquet.write_table", full)
    assert run("equity_price", "--partitioned", "closes").exit_code == 1
    assert sorted(Path("closes").rglob("*")) == before
    assert [path.name for path in Path().iterdir()] == ["closes"]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ("holdings --partitioned x", 1, "holdings is not by company and day"),
        ("fx_rate --partitioned x", 1, "there are: mnav_daily, fact"),
        ("revisions --partitioned x", 1, "revisions is not by company and day, or not of one type"),
        ("mnav_daily --partitioned x -o y.parquet", 2, "of one export: it takes no -o and no --format"),
        ("mnav_daily --partitioned none/x", 1, "the folder none does not exist"),
        ("mnav_daily --partitioned x --company XXI --until 2015-01-01", 1, "mnav_daily has no rows of these companies and days"),
        ("mnav_daily --partitioned mine", 1, "mine holds something else than year=*; give the name of a new folder"),
    ],
)  # fmt: skip
def test_what_cannot_be_partitioned_says_why(run: Run, words: str, status: int, says: str) -> None:
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("four years", encoding="utf-8")
    result = run(*words.split())
    assert result.exit_code == status
    assert says in result.stderr.replace("\n", " ")
    assert [str(path) for path in Path().rglob("*")] == ["mine", "mine/thesis.txt"]


def test_a_name_that_is_no_ticker_stays_in_its_folder(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    from scripts.shared.partitioned import write_company

    types = {"date": "date32", "close": "double"}
    write_company(tmp_path / "x", "../../up", ["ticker", "date", "close"], [("../../up", "2025-11-10", 1)], "date", types)  # fmt: skip
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.parquet")] == [
        "x/year=2025/ticker=..%2F..%2Fup/part-0.parquet"
    ]


# -- the page ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "module", "program"), [("DuckDB", "duckdb", None), ("Spark", "pyspark", "java")], ids=["DuckDB", "Spark"]
)
def test_the_same_multiples_come_out_elsewhere(
    reference_db: Path, tmp_path: Path, engine: str, module: str, program: str | None
) -> None:
    """The page's commands, then the section's Python with the first part's, in an interpreter of its own."""
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed: {engine}'s part of docs/scale.md is not run")
    if program and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed: {engine}'s part of docs/scale.md is not run")
    (section,) = [section for section in SECTIONS if section.startswith(engine)]
    for kind, block in FENCED.findall(FIRST):
        if kind == "sh":
            for command in block.splitlines():
                words = command.removeprefix("mnav ").split()
                done_ = forked.mnav(*words, folder=tmp_path, environment={"MNAV_DB": str(reference_db)})
                assert done_.returncode == 0, done_.stderr
    blocks = [*FENCED.findall(FIRST), *FENCED.findall(section)]
    (tmp_path / "page.py").write_text("\n".join(block for kind, block in blocks if kind == "python"), encoding="utf-8")
    made = subprocess.run(
        [sys.executable, "page.py"], cwd=tmp_path, env=os.environ | {"SPARK_LOCAL_IP": "127.0.0.1"}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    shown = "".join(block for kind, block in blocks if kind == "text")
    assert made.stdout == shown
    assert "True" in shown
    assert "False" not in shown
