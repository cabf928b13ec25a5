"""The bundled reference data, loaded like any file of a user's."""

from __future__ import annotations

from collections import Counter

from sqlite_utils import Database

from db.tables.store import add
from db.tables.transaction import writing
from treasury.intake.bundled import reference_sheets


def load_reference(db: Database) -> Counter[str]:
    """Add what is new in the reference data, whole or not at all. Returns the number of new rows by table."""
    with writing(db):
        return add(db, reference_sheets())
