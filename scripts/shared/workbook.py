"""A workbook: one sheet an export with frozen heads, days as days and a format by unit; multiples as live formulas; what columns mean, and sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from treasury.errors import InputError
from treasury.metrics.adjusted import DAY_BY_DAY
from treasury.metrics.metric import METRICS, formula

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

ROWS_OF_A_SHEET = 1_048_575  # of one sheet, without its head
NUMBER_FORMATS = {
    "x": '0.000"x"',
    "%": "0.0",
    "USD": "#,##0",
    "BTC": "#,##0.####",
    "sats": "#,##0",
    "shares": "#,##0",
    "days": "0",
}
_EACH = "#,##0.00"  # an amount of one share or one bitcoin
_CELL = re.compile(r"[a-z_][a-z_0-9]*")


class WorkbookSheet(NamedTuple):
    """Rows under the names of columns; `headings` are what is written over them where people are told otherwise."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    headings: Sequence[str] = ()


def write_workbook(sheets: Iterable[WorkbookSheet], sources: WorkbookSheet, path: Path) -> None:
    """The sheets, then `columns` (unit, meaning and formula of theirs) and the sources. Each row is read and written once."""
    from contextlib import suppress
    from io import BytesIO
    from tempfile import TemporaryDirectory

    import xlsxwriter

    with TemporaryDirectory() as folder:  # where the rows of each sheet wait
        book = xlsxwriter.Workbook(
            made := BytesIO(),  # written at once: a full disk is an error of the system, and leaves no zip file open
            {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True, "constant_memory": True, "tmpdir": folder},
        )  # fmt: skip
        try:
            _fill(book, sheets, sources)
            book.close()
        except BaseException:
            for sheet in book.worksheets():
                with suppress(OSError, AttributeError):  # of a full disk again; a sheet without rows has no file
                    sheet._opt_close()
            raise
    path.write_bytes(made.getbuffer())


def _fill(book: Workbook, sheets: Iterable[WorkbookSheet], sources: WorkbookSheet) -> None:
    told: dict[str, str] = {}
    for sheet in sheets:
        headed = zip(sheet.headings or sheet.columns, sheet.columns, strict=True)
        told |= {heading: name for heading, name in headed if name in DAY_BY_DAY}
        _write(book, sheet)
    meanings = [
        (heading, (column := DAY_BY_DAY[name]).unit, column.meaning, column.formula if name in METRICS else "")
        for heading, name in told.items()
    ]
    if meanings:
        _write(book, WorkbookSheet("columns", ("column", "unit", "meaning", "formula"), meanings))
    _write(book, sources)


def _write(book: Workbook, sheet: WorkbookSheet) -> None:
    from xlsxwriter.utility import xl_rowcol_to_cell

    page = book.add_worksheet(sheet.name)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    days = book.add_format({"num_format": "yyyy-mm-dd"})
    shown = [_number_format(name) for name in sheet.columns]
    formats = {one: book.add_format({"num_format": one}) for one in set(shown) if one}
    of_column = [formats[one] if one else None for one in shown]
    formulas = {at: made for at, name in enumerate(sheet.columns) if (made := _cells_of(name, sheet.columns))}
    for at, heading in enumerate(sheet.headings or sheet.columns):
        page.set_column(at, at, min(max(len(heading) + 2, 11), 28))
        page.write_string(0, at, heading, head)
    page.freeze_panes(1, 2)
    count = 0
    for count, row in enumerate(sheet.rows, start=1):
        if count > ROWS_OF_A_SHEET:
            raise InputError(
                f"{sheet.name} has more than {ROWS_OF_A_SHEET:,} rows, the most of a sheet; cut it down with --since or --company"
            )
        for at, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if at in formulas and all(row[used] is not None for used in formulas[at][1]):
                text = formulas[at][0].format(*(xl_rowcol_to_cell(count, used) for used in formulas[at][1]))
                page.write_formula(count, at, f"={text}", of_column[at], cell)
            elif isinstance(cell, str) and (day := as_day(cell)) is not None:
                page.write_datetime(count, at, day, days)
            elif isinstance(cell, str):  # never `write`, which makes a formula of {=…} in XlsxWriter 3.2
                page.write_string(count, at, cell, of_column[at])
            else:
                page.write(count, at, cell, of_column[at])
    if count and sheet.columns:
        page.autofilter(0, 0, count, len(sheet.columns) - 1)


def _number_format(name: str) -> str | None:
    column = DAY_BY_DAY.get(name)
    if column is None or not column.numeric:
        return None
    return _EACH if column.each and column.unit == "USD" else NUMBER_FORMATS.get(column.unit)


def _cells_of(name: str, names: Sequence[str]) -> tuple[str, list[int]] | None:
    """A metric's arithmetic with {} for each column it uses, and which these are; None where a spreadsheet cannot work it out."""
    if name not in METRICS:
        return None
    text = formula(METRICS[name])
    used = _CELL.findall(text)
    if not used or not set(used) <= set(names) or not re.fullmatch(r"[a-z_0-9.+*/() -]+", text):
        return None
    return _CELL.sub("{}", text), [list(names).index(one) for one in used]


def as_day(text: str) -> datetime | None:
    """The day a cell is, where it is one and nothing else."""
    if len(text) != len("2025-11-10") or text[4] != "-" or text[7] != "-":
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
