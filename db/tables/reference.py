"""The bundled reference data, loaded like any file of a user's, but for what somebody else brought: that stands."""

from __future__ import annotations

from collections import Counter
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from db.tables.store import add
from db.tables.transaction import without_collector, writing
from treasury.intake.bundled import reference_sheets

if TYPE_CHECKING:
    from sqlite_utils import Database


def load_reference(db: Database, folder: Traversable | None = None) -> Counter[str]:
    """Add what is new in the reference data (or in `folder`) and drop what was withdrawn from it, whole or not at all.

    Returns the number of new, changed or dropped rows by table.
    """
    with without_collector(), writing(db):
        return add(db, reference_sheets(folder=folder), bundled=True)


def add_hours(db: Database) -> int:
    """Add the bundled hours of bitcoin, and the calendars of exchanges, to a database made before there were any, in the caller's transaction.

    Without them it would be priced at the last close of a UTC day until the next `mnav run`.
    """
    (dashboard,) = db.execute("SELECT count(*) FROM price WHERE symbol = 'BTC' AND fixing = 'strategy'").fetchone()
    if not dashboard:
        return 0
    hours = [one for one in reference_sheets("btc_price") if one[2].endswith(".gz")]
    return add(db, [*reference_sheets("source"), *reference_sheets("exchange"), *hours], bundled=True)["price"]
