"""Export: every digit, nothing a spreadsheet would run, and files that make the same database again."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st

from db.feeds.export import EXPORTS, WHOLE
from scripts.main import mnav
from scripts.shared.output import spreadsheet_safe
from scripts.shared.workbook import WorkbookSheet, write_workbook
from treasury.intake.csv_files import SHEETS, text
from treasury.metrics.metric import METRICS

Run = Callable[..., Result]
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture
def run(reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNAV_DB", str(reference_db))
    return lambda *arguments: CliRunner().invoke(mnav, list(arguments), prog_name="mnav")


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def number(cell: str) -> float | str | None:
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell


# -- views ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mnav_daily", "mnav_latest", "holdings", "purchases", "revisions"])
def test_csv_and_json_hold_every_row_with_every_digit(read: sqlite3.Connection, run: Run, name: str) -> None:
    company = ["--company", "MSTR", "--company", "3350.T"]
    wanted = [dict(row) for row in read.execute(f"SELECT * FROM {name} WHERE ticker IN ('MSTR', '3350.T')")]
    assert len(wanted) >= 2
    from_json = json.loads(done(run("export", name, *company, "--json")))
    from_csv = list(csv.DictReader(io.StringIO(done(run("export", name, *company)))))

    def key(row: dict[str, object]) -> str:
        return str(sorted((column, str(value)) for column, value in row.items()))

    assert sorted(from_json, key=key) == sorted(wanted, key=key)
    plain = [{column: None if value is None else value for column, value in row.items()} for row in from_json]
    assert len(from_csv) == len(plain)
    for ours, theirs in zip(from_csv, plain, strict=True):
        for column, value in theirs.items():
            if isinstance(value, str):
                assert ours[column] in (value, f"'{value}")
            else:
                assert number(ours[column]) == value, column


def test_a_span_and_columns_of_choice(run: Run) -> None:
    told = done(
        run(
            "export",
            "mnav_daily",
            "--company",
            "mstr",
            "--since",
            "2025-11-07",
            "--until",
            "2025-11-10",
            "--columns",
            "mnav_ev,date",
        )
    )
    head, *lines = told.splitlines()
    assert head == "mnav_ev,date"
    assert [line.partition(",")[2] for line in lines] == ["2025-11-07", "2025-11-10"]
    assert [round(float(line.partition(",")[0]), 3) for line in lines] == [1.269, 1.229]


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ("", 2, "export what? see mnav export --list"),
        ("mnav_dayly", 2, "unknown export 'mnav_dayly'; there are: mnav_daily"),
        ("mnav_daily --company MSTRR", 2, "did you mean MSTR"),
        ("mnav_daily --columns date,mnav", 1, "mnav_daily has no column mnav; there are: ticker, date"),
        ("holdings --since 2025-01-01", 1, "holdings is not about days"),
        ("fx_rate --company MSTR", 1, "fx_rate is not about companies"),
        ("all", 2, "`all` is whole, and needs a folder"),
        ("holdings -o none/holdings.csv", 1, "the folder none does not exist"),
        ("holdings --format parquet", 2, "Parquet is no text"),
        ("holdings --format xlsx", 2, "A workbook is no text"),
        ("holdings purchases", 2, "several exports go into one workbook"),
        ("holdings all -o files", 2, "several exports go into one workbook"),
        ("mnav_daily holdings --columns btc -o two.xlsx", 2, "--columns is of one export"),
        ("all -o all.xlsx", 2, "`all` is whole, and needs a folder"),
        ("holdings -o panel.xls", 2, "panel.xls ends in .xls; an export is written as .csv, .json, .parquet, .xlsx"),
    ],
)
def test_what_cannot_be_exported_says_why(run: Run, tmp_path: Path, arguments: str, status: int, says: str) -> None:
    result = run("export", *arguments.split())
    assert result.exit_code == status
    assert says in result.stderr.replace("\n", " ")
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_the_list_names_every_export(run: Run) -> None:
    assert {row["what"] for row in json.loads(done(run("export", "--list", "--json")))} == {*EXPORTS, "league", "all"}


# -- spreadsheets --------------------------------------------------------------------------------------------------


def test_the_league_table_opens_in_a_spreadsheet(read: sqlite3.Connection, run: Run, tmp_path: Path) -> None:
    done(run("export", "league", "-o", "league.csv", "--today", "2026-09-08"))
    shown = {row["ticker"]: row for row in json.loads(done(run("show", "--json", "--today", "2026-09-08")))}
    assert {bool(row["stale"]) for row in shown.values()} == {True, False}
    body = (tmp_path / "league.csv").read_bytes()
    assert body.startswith(b"\xef\xbb\xbf"), "Excel reads UTF-8 only with its mark"
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert rows[0]["Ticker"] == "MSTR"
    wanted = {row["ticker"]: row for row in read.execute("SELECT * FROM mnav_latest")}
    for row in rows:
        stored = wanted[row["Ticker"]]
        assert (float(row["mNAV EV"]) if row["mNAV EV"] else None) == (
            None if stored["mnav_ev"] is None else pytest.approx(stored["mnav_ev"], abs=5e-5)
        )
        assert row["Old"] == ("old" if shown[row["Ticker"]]["stale"] else "")
        assert row["Grade"] == shown[row["Ticker"]]["grade"]
    (twenty_one,) = [row for row in rows if row["Ticker"] == "XXI"]
    assert float(twenty_one["Implied premium, USD"]) < -1e8, "a negative number is a number"


@pytest.mark.slow
def test_no_cell_begins_a_formula(own_db: Path, run: Run) -> None:
    connection = sqlite3.connect(own_db)
    connection.execute("UPDATE company SET name = ?, note = '-1+1' WHERE ticker = 'MSTR'", [FORMULA])
    connection.execute("UPDATE source SET title = '@SUM(A1)', licence_note = char(9) || '=1'")
    connection.commit()
    connection.close()
    for name in (*EXPORTS, "league"):
        cells = {cell for row in csv.reader(io.StringIO(done(run("export", name)))) for cell in row}
        begun = {cell for cell in cells if cell.startswith(("=", "+", "@", "-", "\t", "\r"))}
        assert [cell for cell in begun if cell[0] != "-" or not isinstance(number(cell), float)] == [], name
    assert f"'{FORMULA}" in done(run("export", "league"))


@given(st.text())
@example(FORMULA)
@example("'=1")
@example("''@x")
@example("'tis")
def test_the_escape_is_taken_away_again_by_import(value: str) -> None:
    assert text(spreadsheet_safe(value)) == value
    assert not spreadsheet_safe(value).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


# -- round trip ----------------------------------------------------------------------------------------------------


@pytest.fixture
def own_db(reference_db: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    monkeypatch.setenv("MNAV_DB", str(path))
    return path


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    tables = {
        name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=str)
        for name in (
            "company",
            "source",
            "exchange",
            "alias",
            "relation",
            "instrument",
            "share_class",
            "tranche_name",
            "purchase",
            "split",
            "listing",
            "price",
            "mnav_latest",
        )
    }
    tables["fact"] = sorted(
        connection.execute(
            "SELECT ticker, instrument, quantity, as_of, known_at, known_assumed, value, unit, source, note FROM known_fact"
        ).fetchall(),
        key=str,
    )
    tables["mnav_daily"] = connection.execute("SELECT * FROM mnav_daily ORDER BY ticker, date").fetchall()
    connection.close()
    tables["company"] = [row[1:] for row in tables["company"]]  # without the row's own number
    return tables


@pytest.mark.slow
def test_what_is_exported_makes_the_same_database_again(own_db: Path, run: Run, tmp_path: Path) -> None:
    """With names that look like formulas, a withdrawn fact, and days nobody printed."""
    connection = sqlite3.connect(own_db)
    connection.execute("UPDATE company SET name = ?, note = '''=x' WHERE ticker = 'MSTR'", [FORMULA])
    connection.execute("INSERT INTO retraction SELECT max(id), '2026-11-01', 'misread' FROM fact WHERE ticker = 'MSTR'")
    connection.commit()
    connection.close()
    done(run("value", "--full"))
    files = done(run("export", "all", "-o", "files")).splitlines()
    assert (
        [Path(name).stem for name in files]
        == list(WHOLE)
        == [kind for kind in SHEETS if kind not in ("retraction", "withdrawn")]
    )
    again = tmp_path / "again.db"
    done(run("import", *files, "--db", str(again)))
    done(run("value", "--db", str(again)))
    wanted, made = content(own_db), content(again)
    for name, rows in wanted.items():
        assert len(rows) > 1, name
        assert made[name] == rows, name
    second = run("import", *files, "--db", str(again))
    assert "nothing new" in second.stderr


def test_what_may_be_given_on_is_cut_out_by_the_mark_of_its_source_and_stands_on_its_own(
    own_db: Path, run: Run, tmp_path: Path
) -> None:
    """A principal goes with its instrument; names and exchanges are ours; the rest makes a database again."""
    connection = sqlite3.connect(own_db)
    connection.execute("UPDATE source SET redistributable = NULL")
    connection.execute("UPDATE source SET redistributable = 'yes' WHERE kind = 'filing'")
    connection.execute("UPDATE source SET redistributable = 'no' WHERE kind = 'market'")
    connection.commit()
    files = done(run("export", "all", "--redistributable", "-o", "files")).splitlines()
    kinds = dict(connection.execute("SELECT id, kind FROM source"))
    for name in files:
        with Path(name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        if Path(name).stem in ("fact", "instrument", "purchase", "split", "equity_price", "btc_price", "fx_rate"):
            assert {kinds[row["source"]] for row in rows} <= {"filing"}, name
            assert bool(rows) == (Path(name).stem not in ("equity_price", "btc_price", "fx_rate")), name
    again = tmp_path / "again.db"
    done(run("import", *files, "--db", str(again)))
    (left,) = sqlite3.connect(again).execute("SELECT count(*) FROM fact").fetchone()
    (whole,) = connection.execute(
        "SELECT count(*) FROM known_fact WHERE source_kind = 'filing' AND (instrument IS NULL OR quantity LIKE '%published%')"
    ).fetchone()
    assert whole <= left <= connection.execute("SELECT count(*) FROM known_fact").fetchone()[0]
    connection.close()
    for mixed in ("mnav_daily", "league"):
        result = run("export", mixed, "--redistributable")
        assert result.exit_code == 1
        assert "mixes what several sources say" in result.stderr


# -- parquet -------------------------------------------------------------------------------------------------------


def test_parquet_without_its_extra_names_it_in_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run("export", "holdings", "-o", "holdings.parquet")
    assert result.exit_code == 1
    assert result.stderr == "Error: Parquet needs the extra `parquet`: pip install 'mnav[parquet]'\n"
    assert list(tmp_path.iterdir()) == []


def test_parquet_holds_numbers_as_numbers(read: sqlite3.Connection, run: Run, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    done(run("export", "mnav_daily", "--company", "XXI", "-o", "xxi.parquet"))
    table = parquet.read_table(tmp_path / "xxi.parquet")
    wanted = [dict(row) for row in read.execute("SELECT * FROM mnav_daily WHERE ticker = 'XXI' ORDER BY date")]
    plain = [
        {name: cell.isoformat() if isinstance(cell, date) else cell for name, cell in row.items()}
        for row in table.to_pylist()
    ]
    assert plain == wanted
    types = {field.name: str(field.type) for field in table.schema}
    assert (types["date"], types["btc"], types["btc_age_days"], types["preferred"]) == (
        "date32[day]",
        "double",
        "int64",
        "double",
    )


def test_parquet_files_of_two_companies_fit_together(run: Run, tmp_path: Path) -> None:
    """Of one nearly all is known, of the other nearly nothing."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    schemas = []
    for ticker in ("MSTR", "RIOT"):
        done(run("export", "mnav_daily", "--company", ticker, "-o", f"{ticker}.parquet"))
        schemas.append(parquet.read_schema(tmp_path / f"{ticker}.parquet"))
    assert schemas[0] == schemas[1]


# -- workbooks -----------------------------------------------------------------------------------------------------


def test_a_workbook_has_the_numbers_and_live_formulas(run: Run, tmp_path: Path) -> None:
    """The formula of a multiple, worked out over the cells it names, is the number that stands there and in the view."""
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    pytest.importorskip("xlsxwriter", reason="the extra excel is not installed")
    span = ("mnav_daily", "--company", "MSTR", "--since", "2025-11-03", "--until", "2025-11-10")
    done(run("export", *span, "-o", "mstr.xlsx"))
    rows = json.loads(done(run("export", *span, "--json")))
    sheets = [
        openpyxl.load_workbook(tmp_path / "mstr.xlsx", data_only=stored)["mnav_daily"] for stored in (False, True)
    ]
    live, stored = sheets
    names = [cell.value for cell in live[1]]
    assert (live.freeze_panes, len(rows), live.max_row) == ("C2", 6, 7)
    at = {name: number for number, name in enumerate(names, start=1)}
    for line, row in enumerate(rows, start=2):
        assert stored.cell(line, at["date"]).value.isoformat()[:10] == row["date"]
        for name in names:
            if name not in ("date",) and isinstance(row[name], int | float):
                assert stored.cell(line, at[name]).value == pytest.approx(row[name], rel=1e-14), name
        for name in ("mnav_ev", "mnav_market_cap", "implied_premium_usd", "enterprise_value", "sats_per_share"):
            text = live.cell(line, at[name]).value
            assert text.startswith("="), name
            cells = re.sub(r"[A-Z]+[0-9]+", lambda cell: repr(stored[cell[0]].value), text[1:])
            assert eval(cells) == pytest.approx(row[name], rel=1e-12), name
        if row["mnav_low"] is None:
            assert live.cell(line, at["mnav_low"]).value is None
    assert live.cell(2, at["mnav_ev"]).number_format == '0.000"x"'


def test_no_text_of_a_workbook_is_a_formula(run: Run, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    done(run("export", "source", "-o", "source.xlsx"))
    sheet = openpyxl.load_workbook(tmp_path / "source.xlsx")["source"]
    assert sheet.max_row > 100
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n", "d"}


@pytest.mark.parametrize("text", ["=1+1", "{=1+1}", "@SUM(A1)", "https://x.example", "\t=1"])
def test_a_text_of_a_workbook_is_written_as_one(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """XlsxWriter's `write` guesses what a text is, each version as it likes."""
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    worksheet = pytest.importorskip("xlsxwriter.worksheet", reason="xlsxwriter is not installed")
    monkeypatch.setattr(
        worksheet.Worksheet, "_write_token_as_string", lambda self, _, *cell: self._write_formula(*cell)
    )
    sheet = WorkbookSheet("one", ("a", "b"), [(text, 1.0)])
    write_workbook([sheet], WorkbookSheet("source", ("id",), [(text,)]), tmp_path / "book.xlsx")
    cells = [page.cell(2, 1) for page in openpyxl.load_workbook(tmp_path / "book.xlsx")]
    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s"), (text, "s")]


def test_a_workbook_without_its_extra_names_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run("export", "holdings", "-o", "holdings.xlsx")
    assert result.stderr == "Error: A workbook needs the extra `excel`: pip install 'mnav[excel]'\n"


def test_a_workbook_has_one_sheet_an_export_then_columns_and_sources(
    read: sqlite3.Connection, run: Run, tmp_path: Path
) -> None:
    """What is not about days is whole, whatever days are asked for; sources are those of the companies in it."""
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    done(
        run(
            "export",
            "league",
            "mnav_daily",
            "holdings",
            "purchases",
            "--company",
            "MSTR",
            "--since",
            "2026-06-01",
            "-o",
            "mstr.xlsx",
        )
    )
    book = openpyxl.load_workbook(tmp_path / "mstr.xlsx")
    assert book.sheetnames == ["league", "mnav_daily", "holdings", "purchases", "columns", "sources"]
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "C2", sheet.title
        assert sheet["A1"].font.bold
    assert (book["league"].max_row, book["holdings"].max_row) == (2, 2)
    assert min(cell.value.isoformat() for cell in book["mnav_daily"]["B"][1:])[:10] == "2026-06-01"
    league = {cell.value: other.value for cell, other in zip(book["league"][1], book["league"][2], strict=True)}
    for live in ("mNAV basic", "mNAV diluted", "mNAV EV", "mNAV net", "Enterprise value, USD", "Implied premium, USD"):
        assert str(league[live]).startswith("="), live
    meanings = {row[0]: row[1:] for row in book["columns"].iter_rows(min_row=2, values_only=True)}
    assert meanings["mnav_ev"] == ("x", METRICS["mnav_ev"].meaning, "enterprise_value / btc_nav")
    assert meanings["mNAV EV"] == meanings["mnav_ev"]
    sources = {row[0] for row in book["sources"].iter_rows(min_row=2, values_only=True)}
    of_facts = {one for (one,) in read.execute("SELECT DISTINCT source FROM known_fact WHERE ticker = 'MSTR'")}
    assert of_facts < sources
    assert len(sources) < read.execute("SELECT count(*) FROM source").fetchone()[0]


@pytest.mark.slow
def test_libreoffice_reads_the_same_numbers_and_works_out_the_formulas(run: Run, tmp_path: Path) -> None:
    """The numbers that the workbook stores beside its formulas are taken out first, so that LibreOffice must make its own."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    pytest.importorskip("xlsxwriter", reason="the extra excel is not installed")
    span = ("mnav_daily", "--company", "MSTR", "--since", "2025-11-03", "--until", "2025-11-10")
    done(run("export", *span, "-o", "written.xlsx"))
    rows = json.loads(done(run("export", *span, "--json")))
    formulas = 0
    with zipfile.ZipFile("written.xlsx") as written, zipfile.ZipFile("bare.xlsx", "w") as bare:
        for name in written.namelist():
            body, count = re.subn(rb"(</f>)<v>[^<]*</v>", rb"\1", written.read(name))
            formulas += count
            bare.writestr(name, body)
    assert formulas > 100
    every_sheet_with_all_digits = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
    subprocess.run(
        [soffice, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", every_sheet_with_all_digits, "bare.xlsx"],
        check=True, capture_output=True, cwd=tmp_path,
    )  # fmt: skip
    with (tmp_path / "bare-mnav_daily.csv").open(encoding="utf-8") as file:
        read_there = list(csv.DictReader(file))
    assert len(read_there) == len(rows) == 6
    for there, ours in zip(read_there, rows, strict=True):
        for name, value in ours.items():
            if isinstance(value, int | float):
                assert float(there[name]) == pytest.approx(value, rel=1e-12), name
            else:
                assert there[name] == (value or ""), name
