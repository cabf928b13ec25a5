"""The bundled reference data, loaded like any file of a user's."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files

from sqlite_utils import Database

from db.tables.store import add
from db.tables.transaction import writing
from treasury.intake.csv_files import Row, Sheet, read_sheet


def reference_sheets() -> list[tuple[Sheet, list[Row], str]]:
    """Every file of treasury/reference, read strictly."""
    sheets = []
    for file in sorted(files("treasury").joinpath("reference").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".csv"):
            sheets.append(
                (*read_sheet(file.read_text(encoding="utf-8").splitlines(keepends=True), file.name), file.name)
            )
    return sheets


def load_reference(db: Database) -> Counter[str]:
    """Add what is new in the reference data, whole or not at all. Returns the number of new rows by table."""
    sheets = reference_sheets()
    with writing(db):
        return add(db, sheets)
