"""mnav export: write views, facts and prices as CSV, JSON, Parquet or a workbook."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import DAY, Settings, known_tickers, verb
from treasury.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path
    from typing import TextIO

    from sqlite_utils import Database

    from scripts.shared.workbook import WorkbookSheet

FORMATS = ("csv", "json", "parquet", "xlsx")
FILES_ALONE = {
    "parquet": ("Parquet", "pyarrow", "parquet"),
    "xlsx": ("a workbook", "xlsxwriter", "excel"),
}  # no text; the extra each needs
LEAGUE, EVERYTHING = "league", "all"
# the league table for a spreadsheet: column, heading with its unit, digits worth having
SPREADSHEET_COLUMNS = (
    ("ticker", "Ticker", None), ("name", "Company", None), ("kind", "Kind", None), ("country", "Country", None),
    ("date", "Close of", None), ("old", "Old", None), ("btc", "Bitcoin", 8), ("btc_nav", "Bitcoin, USD", 0),
    ("market_cap", "Market cap, USD", 0), ("enterprise_value", "Enterprise value, USD", 0),
    ("mnav_market_cap", "mNAV basic", 4), ("mnav_diluted", "mNAV diluted", 4), ("mnav_assumed_diluted", "mNAV assumed diluted", 4),
    ("mnav_ev", "mNAV EV", 4), ("mnav_ev_diluted", "mNAV EV diluted", 4), ("mnav_net", "mNAV net", 4),
    ("implied_premium_usd", "Implied premium, USD", 0), ("sats_per_share", "Sats per share", 3), ("debt", "Debt, USD", 0),
    ("preferred", "Preferred, USD", 0), ("cash", "Cash, USD", 0), ("btc_yield_ytd_pct", "BTC yield year to date, %", 2),
    ("btc_age_days", "Age of holdings, days", None), ("shares_age_days", "Age of shares, days", None),
    ("claims_age_days", "Age of claims, days", None), ("missing", "Not known", None), ("reason", "Reason", None),
    ("grade", "Grade", None), ("btc_price", "Bitcoin price, USD", 2), ("market_cap_diluted", "Market cap diluted, USD", 0),
    ("net_reserve", "Net reserve, USD", 0),
)  # fmt: skip


@verb()
@click.argument("what", nargs=-1)
@click.option("-o", "--output", type=click.Path(), default=None, help="A file; a folder for `all` [default: stdout].")
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), default=None, help="[default: by the file's ending, else csv]"
)
@click.option("--company", "companies", multiple=True, metavar="TICKER", help="Only this company (repeatable).")
@click.option("--since", type=DAY, default=None, help="First day.")
@click.option("--until", type=DAY, default=None, help="Last day.")
@click.option("--columns", default="", metavar="A,B,…", help="Only these columns, in this order.")
@click.option(
    "--redistributable",
    is_flag=True,
    default=False,
    help="Leave out what its source does not allow to be given on (column `redistributable` of source).",
)
@click.option(
    "--partitioned",
    type=click.Path(),
    default=None,
    metavar="FOLDER",
    help="Parquet by year and company into a folder (docs/scale.md) [WHAT: mnav_daily].",
)
@click.option("--list", "list_", is_flag=True, default=False, help="List what can be exported.")
def command(
    settings: Settings, what: tuple[str, ...], output: str | None, kind: str | None, companies: tuple[str, ...], since: str | None,
    until: str | None, columns: str, redistributable: bool, partitioned: str | None, list_: bool,
) -> None:  # fmt: skip
    """Write WHAT (a view, a kind of import file, `league` for a spreadsheet, or `all` import files) as CSV, JSON,
    Parquet or a workbook; a workbook takes several, each as a sheet.

    \b
    Examples: mnav export mnav_daily --company MSTR --since 2025-11-01 --columns date,mnav_ev
              mnav export league -o league.csv
              mnav export league holdings purchases -o mnav.xlsx
              mnav export fact --company 3350.T
              mnav export all --redistributable -o files
              mnav export mnav_daily --partitioned daily
    """
    from itertools import chain
    from pathlib import Path

    from db import open_database
    from db.feeds import export

    known = {name: one.meaning for name, one in export.EXPORTS.items()}
    known |= {LEAGUE: "the league table for a spreadsheet", EVERYTHING: "every kind of import file, into a folder"}
    if list_:
        from scripts.shared.output import emit

        emit(
            [{"what": name, "holds": told} for name, told in known.items()],
            ["what", "holds"],
            settings.output,
            below=("holds",),
        )
        return
    if partitioned and not what:
        what = ("mnav_daily",)
    if not what:
        raise click.UsageError("export what? see mnav export --list")
    for name in what:
        if name not in known:
            raise click.UsageError(f"unknown export {name!r}; there are: {', '.join(known)}")
    wanted = [name.strip() for name in columns.split(",") if name.strip()]
    if partitioned:
        if output or kind or len(what) > 1:
            raise click.UsageError(
                "--partitioned is a folder of Parquet files of one export: it takes no -o and no --format"
            )
        _need("parquet", Path(partitioned))
        db = open_database(settings.db)
        tickers = known_tickers(db, companies)
        count = _write_partitioned(db, what[0], Path(partitioned), tickers, since, until, wanted, redistributable)
        settings.say(f"{count:,} files by year and company")
        click.echo(partitioned)
        return
    path = Path(output) if output else None
    whole = EVERYTHING in what
    ending = path.suffix.lower().removeprefix(".") if path else ""
    if ending and not kind and not whole and ending not in FORMATS:
        raise click.UsageError(
            f"{path} ends in .{ending}; an export is written as .{', .'.join(FORMATS)}, or as --format says"
        )
    form = kind or (ending if not whole else "") or ("json" if settings.output == "json" else "csv")
    if form in FILES_ALONE:
        _need(form, path)
    if len(what) > 1 and (form != "xlsx" or whole):
        raise click.UsageError("several exports go into one workbook: mnav export league holdings -o FILE.xlsx")
    if len(what) > 1 and wanted:
        raise click.UsageError("--columns is of one export, and there are several")
    db = open_database(settings.db)
    tickers = known_tickers(db, companies)
    if whole:
        if path is None or ending in FORMATS or tickers or since or until or wanted:
            raise click.UsageError("`all` is whole, and needs a folder: mnav export all -o FOLDER")
        path.mkdir(parents=True, exist_ok=True)
        for sheet in export.WHOLE:
            write(form, *export.rows(db, sheet, redistributable=redistributable), path / f"{sheet}.{form}")
            click.echo(path / f"{sheet}.{form}")
        return
    if LEAGUE in what:
        if redistributable:
            raise InputError(
                "the league table mixes what several sources say; only kinds of import file can be cut down to what may be given on"
            )
        if len(what) == 1 and (since or until or wanted):
            raise click.UsageError("the league table is of the newest closes and has columns of its own")
    if form == "xlsx":
        assert path is not None
        asked = (tickers, since, until, wanted, redistributable)
        _write_sheets(
            db,
            [_sheet(db, name, *asked, some=len(what) > 1, today=settings.clock()) for name in dict.fromkeys(what)],
            tickers,
            path,
        )
    else:
        (name,) = what
        if name == LEAGUE:
            names, found = league_rows(db, tickers, settings.clock())
        else:
            names, found = export.rows(db, name, tickers, since, until, wanted, redistributable)
        rows = iter(found)
        first = next(rows, None)
        if first is None:
            settings.say(f"no row of {name} meets what was asked: the columns are all there is")
        rows = chain([] if first is None else [first], rows)
        write(form, names, rows, path, mark=name == LEAGUE and path is not None)
    if path is not None:
        click.echo(path)


def _sheet(
    db: Database, name: str, tickers: tuple[str, ...], since: str | None, until: str | None, wanted: Sequence[str], redistributable: bool,
    *, some: bool, today: date,
) -> WorkbookSheet:  # fmt: skip
    """One export as a sheet; among `some`, what is not about companies or days is whole."""
    from db.feeds import export
    from scripts.shared.workbook import WorkbookSheet

    if name == LEAGUE:
        headings, rows = league_rows(db, tickers, today, rounded=False)
        return WorkbookSheet(name, [column for column, _, _ in SPREADSHEET_COLUMNS], rows, headings)
    if some:
        about = export.EXPORTS[name]
        tickers = tickers if about.tickers else ()
        since, until = (since, until) if about.day else (None, None)
    return WorkbookSheet(name, *export.rows(db, name, tickers, since, until, wanted, redistributable))


def _write_sheets(db: Database, sheets: Sequence[WorkbookSheet], tickers: tuple[str, ...], path: Path) -> None:
    from db.feeds import export
    from scripts.shared.workbook import WorkbookSheet, write_workbook

    sources = WorkbookSheet("sources", *export.sources(db, tickers))
    with whole_or_not_at_all(path) as part:
        write_workbook(sheets, sources, part)


def _write_partitioned(
    db: Database, what: str, folder: Path, tickers: tuple[str, ...], since: str | None, until: str | None, wanted: list[str],
    redistributable: bool,
) -> int:  # fmt: skip
    """The files of one company after the other, so that memory holds one of them. Returns their number."""
    from db.feeds import export
    from db.reads import views
    from scripts.shared.partitioned import column_types, moved_into_place, write_company
    from treasury.intake.csv_files import SHEETS

    there_are = [
        name for name, one in export.EXPORTS.items() if one.day and one.tickers and name in ("mnav_daily", *SHEETS)
    ]
    if what not in there_are:
        raise InputError(f"{what} is not by company and day, or not of one type; there are: {', '.join(there_are)}")
    day, types, files = export.EXPORTS[what].day, column_types(what), 0
    columns = [*wanted, day] if wanted and day not in wanted else wanted
    with moved_into_place(folder) as beside:
        for ticker in tickers or views.tickers(db):
            names, rows = export.rows(db, what, (ticker,), since, until, columns, redistributable)
            files += write_company(beside, ticker, names, rows, day, types)
        if not files:
            raise InputError(f"{what} has no rows of these companies and days")
    return files


def league_rows(
    db: Database, tickers: tuple[str, ...], today: date, rounded: bool = True
) -> tuple[list[str], Iterable[Sequence[Any]]]:
    """The league table as it reads on `today`, with headings for people, numbers `rounded` to what they are worth, text safe to open."""
    from db.reads import views
    from treasury.league import in_league
    from treasury.trust.grade import aged

    valued = [aged(row, today) for row in views.league(db)]
    rows = [row for row in valued if (row["ticker"] in tickers if tickers else in_league(row))]
    return [heading for _, heading, _ in SPREADSHEET_COLUMNS], [
        [
            _cell({**row, "old": "old" if row["stale"] else ""}, name, digits if rounded else None)
            for name, _, digits in SPREADSHEET_COLUMNS
        ]
        for row in rows
    ]


def _cell(row: dict[str, Any], name: str, digits: int | None) -> Any:
    value = row[name]
    return round(value, digits) if digits is not None and value is not None else value


def write(
    form: str, names: Sequence[str], rows: Iterable[Sequence[Any]], path: Path | None, mark: bool = False
) -> None:
    """Write rows as csv, json or parquet, a file whole or not at all; `mark` begins a CSV as Excel wants UTF-8 to begin."""
    if path is None:
        _write_text(sys.stdout, form, names, rows)
        return
    with whole_or_not_at_all(path) as part:
        if form == "parquet":
            _write_parquet(names, rows, part)
            return
        with part.open("w", encoding="utf-8-sig" if mark and form == "csv" else "utf-8", newline="") as file:
            _write_text(file, form, names, rows)


@contextmanager
def whole_or_not_at_all(path: Path) -> Iterator[Path]:
    """A file beside `path` to write into, moved there once it is whole and gone where it is not. Raises InputError without the folder."""
    from treasury.whole_file import whole_file

    if not path.parent.is_dir():
        raise InputError(f"the folder {path.parent} does not exist; make it, or give another -o")
    with whole_file(path) as draft:
        yield draft


def _write_text(file: TextIO, form: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    import csv
    import json

    from scripts.shared.output import spreadsheet_safe

    if form == "csv":
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(["" if cell is None else _number(spreadsheet_safe(cell)) for cell in row] for row in rows)
        return
    file.write("[")
    for number, row in enumerate(rows):
        file.write(",\n " if number else "\n ")
        file.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False))
    file.write("\n]\n")


def _number(cell: Any) -> Any:
    """250000000.0 is written 250000000: the same number, without a digit that nobody printed."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15 else cell


def _need(form: str, path: Path | None) -> None:
    from importlib.util import find_spec

    called, module, extra = FILES_ALONE[form]
    if path is None:
        raise click.UsageError(f"{called[0].upper()}{called[1:]} is no text; name a file with -o")
    if find_spec(module) is None:
        raise InputError(f"{called[0].upper()}{called[1:]} needs the extra `{extra}`: pip install 'mnav[{extra}]'")


def _write_parquet(names: Sequence[str], rows: Iterable[Sequence[Any]], path: Path) -> None:
    import pyarrow
    from pyarrow.parquet import write_table

    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    kinds = [_arrow_type(name, column) for name, column in zip(names, columns, strict=True)]
    arrays = [
        pyarrow.array(_as_days(column) if kind == "date32" else column, kind)
        for kind, column in zip(kinds, columns, strict=True)
    ]
    write_table(pyarrow.table(dict(zip(names, arrays, strict=True))), path)


def _as_days(column: Sequence[Any]) -> Sequence[Any]:
    from scripts.shared.workbook import as_day

    return [None if (day := cell and as_day(cell)) is None else day.date() for cell in column]


# so that files of two companies fit together, whatever is known of either
_ARROW_OF_UNIT = {"text": "string", "moment": "string", "day": "date32", "flag": "int64", "days": "int64"}


def _arrow_type(name: str, column: Sequence[Any]) -> str:
    """By what the column is; of others by what is in it: days, text, whole numbers, or numbers (a column of unknowns too)."""
    from scripts.shared.workbook import as_day
    from treasury.metrics.adjusted import DAY_BY_DAY

    if name in DAY_BY_DAY:
        return _ARROW_OF_UNIT.get(DAY_BY_DAY[name].unit, "double")
    known = [cell for cell in column if cell is not None]
    if known and all(isinstance(cell, str) and as_day(cell) is not None for cell in known):
        return "date32"
    kinds = {type(cell) for cell in known}
    return "string" if str in kinds else "int64" if kinds == {int} else "double"


if __name__ == "__main__":
    command()
