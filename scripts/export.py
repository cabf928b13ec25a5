"""mnav export: write views, facts and prices as CSV, JSON, Parquet or a workbook."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import DAY, Settings, known_tickers, verb
from treasury.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import TextIO

    from sqlite_utils import Database

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
    ("grade", "Grade", None),
)  # fmt: skip


@verb()
@click.argument("what", required=False)
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
@click.option("--list", "list_", is_flag=True, default=False, help="List what can be exported.")
def command(
    settings: Settings, what: str | None, output: str | None, kind: str | None, companies: tuple[str, ...], since: str | None,
    until: str | None, columns: str, redistributable: bool, list_: bool,
) -> None:  # fmt: skip
    """Write WHAT (a view, a kind of import file, `league` for a spreadsheet, or `all` import files) as CSV, JSON,
    Parquet or a workbook.

    \b
    Examples: mnav export mnav_daily --company MSTR --since 2025-11-01 --columns date,mnav_ev
              mnav export league -o league.csv
              mnav export fact --company 3350.T
              mnav export all --redistributable -o files
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
    if what not in known:
        raise click.UsageError(
            f"unknown export {what!r}; there are: {', '.join(known)}" if what else "export what? see mnav export --list"
        )
    path = Path(output) if output else None
    ending = path.suffix.lower().removeprefix(".") if path and what != EVERYTHING else ""
    if ending and not kind and ending not in FORMATS:
        raise click.UsageError(
            f"{path} ends in .{ending}; an export is written as .{', .'.join(FORMATS)}, or as --format says"
        )
    form = kind or ending or ("json" if settings.output == "json" else "csv")
    if form in FILES_ALONE:
        _need(form, path)
    wanted = [name.strip() for name in columns.split(",") if name.strip()]
    db = open_database(settings.db)
    tickers = known_tickers(db, companies)
    if what == EVERYTHING:
        if path is None or tickers or since or until or wanted:
            raise click.UsageError("`all` is whole, and needs a folder: mnav export all -o FOLDER")
        path.mkdir(parents=True, exist_ok=True)
        for sheet in export.WHOLE:
            write(form, *export.rows(db, sheet, redistributable=redistributable), path / f"{sheet}.{form}")
            click.echo(path / f"{sheet}.{form}")
        return
    if what == LEAGUE:
        if redistributable:
            raise InputError(
                "the league table mixes what several sources say; only kinds of import file can be cut down to what may be given on"
            )
        if since or until or wanted:
            raise click.UsageError("the league table is of the newest closes and has columns of its own")
        names, rows = league_rows(db, tickers)
    else:
        names, rows = export.rows(db, what, tickers, since, until, wanted, redistributable)
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        settings.say(f"no row of {what} meets what was asked: the columns are all there is")
    rows = chain([] if first is None else [first], rows)
    write(form, names, rows, path, mark=what == LEAGUE and path is not None)
    if path is not None:
        click.echo(path)


def league_rows(db: Database, tickers: tuple[str, ...]) -> tuple[list[str], Iterable[Sequence[Any]]]:
    """The league table with headings for people, numbers rounded to what they are worth, text safe to open."""
    from db.reads import views
    from treasury.league import in_league

    rows = [row for row in views.league(db) if (row["ticker"] in tickers if tickers else in_league(row))]
    return [heading for _, heading, _ in SPREADSHEET_COLUMNS], [
        [_cell({**row, "old": "old" if row["stale"] else ""}, name, digits) for name, _, digits in SPREADSHEET_COLUMNS]
        for row in rows
    ]


def _cell(row: dict[str, Any], name: str, digits: int | None) -> Any:
    value = row[name]
    return round(value, digits) if digits is not None and value is not None else value


def write(
    form: str, names: Sequence[str], rows: Iterable[Sequence[Any]], path: Path | None, mark: bool = False
) -> None:
    """Write rows as csv, json or parquet, a file whole or not at all; `mark` begins a CSV as Excel wants UTF-8 to begin."""
    from treasury.whole_file import whole_file

    if path is None:
        _write_text(sys.stdout, form, names, rows)
        return
    if not path.parent.is_dir():
        raise InputError(f"the folder {path.parent} does not exist; make it, or give another -o")
    with whole_file(path) as draft:
        if form == "parquet":
            _write_parquet(names, rows, draft)
        elif form == "xlsx":
            _write_workbook(names, rows, draft)
        else:
            with draft.open("w", encoding="utf-8-sig" if mark and form == "csv" else "utf-8", newline="") as file:
                _write_text(file, form, names, rows)


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


def _write_workbook(names: Sequence[str], rows: Iterable[Sequence[Any]], path: Path) -> None:
    """One sheet with a frozen head, days as days and a format by unit; a metric whose inputs are columns too is a live formula."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError
    from xlsxwriter.utility import xl_rowcol_to_cell

    from treasury.metrics.mnav_daily import DAILY

    book = xlsxwriter.Workbook(
        str(path),
        {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True, "in_memory": True},
    )
    sheet = book.add_worksheet("mnav")
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    days = book.add_format({"num_format": "yyyy-mm-dd"})
    formats = {unit: book.add_format({"num_format": shown}) for unit, shown in NUMBER_FORMATS.items()}
    of_column = [formats.get(DAILY[name].unit) if name in DAILY else None for name in names]
    formulas = {at: made for at, name in enumerate(names) if (made := _cells_of(name, names))}
    for at, name in enumerate(names):
        sheet.write_string(0, at, name, head)
        sheet.set_column(at, at, min(max(len(name) + 2, 11), 28))
    count = 0
    for count, row in enumerate(rows, start=1):
        for at, cell in enumerate(row):
            if cell is None:
                continue
            if at in formulas and all(row[used] is not None for used in formulas[at][1]):
                text = formulas[at][0].format(*(xl_rowcol_to_cell(count, used) for used in formulas[at][1]))
                sheet.write_formula(count, at, f"={text}", of_column[at], cell)
            elif isinstance(cell, str) and (day := _day(cell)) is not None:
                sheet.write_datetime(count, at, day, days)
            else:
                sheet.write(count, at, cell, of_column[at])
    sheet.freeze_panes(1, 2)
    if count and names:
        sheet.autofilter(0, 0, count, len(names) - 1)
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] from None


NUMBER_FORMATS = {
    "x": '0.000"x"',
    "%": "0.0",
    "USD": "#,##0",
    "BTC": "#,##0.####",
    "sats": "#,##0",
    "shares": "#,##0",
    "days": "0",
}


def _cells_of(name: str, names: Sequence[str]) -> tuple[str, list[int]] | None:
    """A metric's arithmetic with {} for each column it uses, and which these are; None where a spreadsheet cannot work it out."""
    import re

    from treasury.metrics.metric import METRICS, formula

    if name not in METRICS:
        return None
    text = formula(METRICS[name])
    used = re.findall(r"[a-z_][a-z_0-9]*", text)
    if not used or not set(used) <= set(names) or not re.fullmatch(r"[a-z_0-9.+*/() -]+", text):
        return None
    return re.sub(r"[a-z_][a-z_0-9]*", "{}", text), [names.index(one) for one in used]


def _day(text: str) -> datetime | None:
    """The day a cell is, where it is one and nothing else."""
    from datetime import datetime

    try:
        return datetime.strptime(text, "%Y-%m-%d") if len(text) == len("2025-11-10") else None  # noqa: DTZ007  # a day
    except ValueError:
        return None


def _write_parquet(names: Sequence[str], rows: Iterable[Sequence[Any]], path: Path) -> None:
    import pyarrow
    from pyarrow.parquet import write_table

    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    arrays = [pyarrow.array(_as_days(column), _arrow_type(column)) for column in columns]
    write_table(pyarrow.table(dict(zip(names, arrays, strict=True))), path)


def _all_days(column: Sequence[Any]) -> bool:
    known = [cell for cell in column if cell is not None]
    return bool(known) and all(isinstance(cell, str) and _day(cell) is not None for cell in known)


def _as_days(column: Sequence[Any]) -> Sequence[Any]:
    """A column of nothing but days as days."""
    if not _all_days(column):
        return column
    return [None if (day := cell and _day(cell)) is None else day.date() for cell in column]


def _arrow_type(column: Sequence[Any]) -> str:
    """Days, text, whole numbers, or numbers; a column of unknowns is one of numbers, as everywhere."""
    if _all_days(column):
        return "date32"
    kinds = {type(cell) for cell in column if cell is not None}
    return "string" if str in kinds else "int64" if kinds == {int} else "double"


if __name__ == "__main__":
    command()
