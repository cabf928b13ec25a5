"""Closes of companies as people enter them: whom a row means, and what it corrects."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from db.tables.for_scraping import identity
from db.tables.store import retract
from treasury.intake.company_closes import as_files, tells_closes
from treasury.intake.csv_files import Row, Sheet

if TYPE_CHECKING:
    from sqlite_utils import Database

Sheets = list[tuple[Sheet, list[Row], str]]


def entered(db: Database, sheets: Iterable[tuple[Sheet, list[Row], str]], today: date) -> Sheets:
    """The files with those of company closes as files of the kinds that are stored, in the caller's transaction.

    A fact entered before with another value, of the same file and day, is withdrawn as its writer's mistake.
    """
    sheets = list(sheets)
    currencies: dict[str, str] = dict(db.execute("SELECT ticker, currency FROM company").fetchall())
    currencies |= {
        str(row["ticker"]): str(row["currency"]) for kind, rows, _ in sheets if kind.kind == "company" for row in rows
    }
    found: Sheets = []
    for sheet, rows, name in sheets:
        if not tells_closes(sheet):
            found.append((sheet, rows, name))
            continue
        known = identity(db)
        for row in rows:
            typed = str(row["ticker"])
            meant = known.meant(typed) if typed.upper() not in currencies else []
            row["ticker"] = meant[0] if len(meant) == 1 else typed.upper()
        for kind, made, told_in in as_files(rows, name, currencies):
            if kind.kind == "company":
                currencies |= {str(row["ticker"]): str(row["currency"]) for row in made}
            if kind.kind == "fact":
                made = [row for row in made if _is_news(db, row, today)]
            found.append((kind, made, told_in))
    return found


def _is_news(db: Database, row: Row, today: date) -> bool:
    """Whether a fact is not stored as it is; what it corrects is withdrawn, and it counts a second after it.

    The second keeps it apart from a value that was withdrawn once and is entered again.
    """
    of = (row["ticker"], row["quantity"], row["as_of"], row["source"])
    stored = db.execute(
        "SELECT f.id, f.value, f.unit, r.fact IS NULL FROM fact f LEFT JOIN retraction r ON r.fact = f.id"
        " WHERE f.ticker = ? AND f.quantity = ? AND f.as_of = ? AND f.source = ? AND f.instrument IS NULL",
        of,
    ).fetchall()
    for fact, value, unit, stands in stored:
        if stands and (value, unit) == (row["value"], row["unit"]):
            return False
        if stands:
            retract(db, fact, today.isoformat(), f"entered again as {row['value']:.10g} {row['unit']}")
    row["known_at"] = f"{row['as_of']}T00:{len(stored) // 60:02d}:{len(stored) % 60:02d}Z"
    return True
