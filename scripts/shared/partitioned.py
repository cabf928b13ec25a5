"""Rows of companies and days as a folder of Parquet files by year and company, as DuckDB, Spark and pyarrow find them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from treasury.errors import InputError

if TYPE_CHECKING:
    import pyarrow

TICKER = "ticker"
YEARS = "year=*"  # what a folder of ours holds
FILE = "part-0.parquet"


def column_types(what: str) -> dict[str, str]:
    """The Arrow type of every column: the same in all files, also where one of them knows nothing in it."""
    from treasury.intake import csv_files
    from treasury.metrics.mnav_daily import DAILY

    if what == "mnav_daily":
        of_unit = {"day": "date32", "days": "int64", "flag": "int64", "text": "string", "moment": "string"}
        return {name: of_unit.get(column.unit, "double") for name, column in DAILY.items()}
    of_reader: dict[object, str] = {csv_files.day: "date32", csv_files.term: "date32", csv_files.whole: "int64"}
    of_reader |= dict.fromkeys(csv_files.NUMBERS, "double")
    return {column.name: of_reader.get(column.read, "string") for column in csv_files.SHEETS[what].columns}


def write_company(
    folder: Path, ticker: str, names: Sequence[str], rows: Iterable[Sequence[Any]], day: str, types: dict[str, str]
) -> int:
    """One company's rows below year=YYYY/ticker=TICKER, without the column that the folder tells. Returns the number of files."""
    import pyarrow
    from pyarrow.parquet import write_table

    at = names.index(day)
    years: dict[str, list[Sequence[Any]]] = {}
    for row in rows:
        years.setdefault(row[at][:4], []).append(row)
    kept = [name for name in names if name != TICKER]
    for year, own in years.items():
        columns = dict(zip(names, zip(*own, strict=True), strict=True))
        path = folder / f"year={year}" / f"{TICKER}={quote(ticker, safe='')}" / FILE
        path.parent.mkdir(parents=True)
        write_table(pyarrow.table({name: _array(columns[name], types[name]) for name in kept}), path)
    return len(years)


def _array(cells: Sequence[Any], kind: str) -> pyarrow.Array:
    import pyarrow

    array = pyarrow.array(cells, "string" if kind == "date32" else kind)
    return array.cast("date32") if kind == "date32" else array


@contextmanager
def moved_into_place(folder: Path) -> Iterator[Path]:
    """A folder beside it to write to, which takes its place whole in the end: readers see the old rows or the new ones.

    Raises InputError where there is something else than what an earlier call wrote.
    """
    if not folder.name:
        raise InputError(f"{folder} is where you are; give the name of a new folder")
    if not folder.parent.is_dir():
        raise InputError(f"the folder {folder.parent} does not exist; make it, or give another --partitioned")
    beside, old = (folder.with_name(f"{folder.name}.{ending}") for ending in ("part", "old"))
    for place in (folder, beside, old):
        if place.exists() and not (place.is_dir() and set(place.iterdir()) <= set(place.glob(YEARS))):
            raise InputError(f"{place} holds something else than {YEARS}; give the name of a new folder")
    for left in (beside, old):  # by a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    beside.mkdir()
    try:
        yield beside
        if folder.exists():
            folder.replace(old)
        beside.replace(folder)
    finally:
        for left in (beside, old):
            shutil.rmtree(left, ignore_errors=True)
