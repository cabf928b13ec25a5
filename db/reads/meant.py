"""The company a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treasury.errors import InputError

if TYPE_CHECKING:
    from sqlite_utils import Database


def meant(db: Database, typed: str) -> str:
    """The ticker of a company named by ticker, stored symbol or name, in any case.

    Raises InputError where that is nobody's (and names the likeliest) or more than one company's.
    """
    row = db.execute("SELECT ticker FROM company WHERE upper(ticker) = ?", (typed.strip().upper(),)).fetchone()
    if row is not None:
        return str(row[0])
    from db.tables.for_scraping import identity

    known = identity(db)
    found = known.meant(typed)
    if len(found) > 1:
        raise InputError(f"{typed!r} may be {' or '.join(found)}; give the ticker")
    if not found:
        near = known.near(typed)
        raise InputError(f"unknown ticker {typed!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))
    return found[0]
