"""The company a person means, and the watch list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from db.tables.watching import LIST_SIGN, listed, watch_lists
from treasury.errors import InputError

if TYPE_CHECKING:
    from sqlite_utils import Database


def meant(db: Database, typed: str) -> str:
    """The ticker of a company named by ticker, stored symbol or name, in any case.

    Raises InputError where that is nobody's (and names the likeliest) or more than one company's.
    """
    text = typed.strip().upper()
    for table, column in (("company", "ticker"), ("alias", "alias")):
        rows = db.execute(f"SELECT DISTINCT ticker FROM {table} WHERE upper({column}) = ?", (text,)).fetchall()
        if len(rows) == 1:
            return str(rows[0][0])
    from db.tables.for_scraping import identity

    known = identity(db)
    found = known.meant(typed)
    if len(found) > 1:
        raise InputError(f"{typed!r} may be {' or '.join(found)}; give the ticker")
    if not found:
        near = known.near(typed)
        raise InputError(f"unknown ticker {typed!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))
    return found[0]


def all_meant(db: Database, typed: Sequence[str]) -> tuple[str, ...]:
    """The tickers meant by several such words, `@name` standing for the companies of a watch list; each once.

    Raises InputError as `meant` does, and for a watch list that is not there.
    """
    found: list[str] = []
    for text in typed:
        found += (
            _of_list(db, text.strip().removeprefix(LIST_SIGN))
            if text.strip().startswith(LIST_SIGN)
            else [meant(db, text)]
        )
    return tuple(dict.fromkeys(found))


def _of_list(db: Database, name: str) -> list[str]:
    found = listed(db, name)
    if not found:
        there = ", ".join(LIST_SIGN + one for one in watch_lists(db))
        raise InputError(
            f"no watch list {LIST_SIGN}{name}; {f'there are {there}' if there else 'there is none yet'}: `mnav watch {name or 'NAME'} TICKER...` makes one"
        )
    return found


def told_by(db: Database, typed: str) -> tuple[str, str] | None:
    """The company of a ticker or stored symbol, and the kind of the source that told it; None where nobody did."""
    row = db.execute(
        """SELECT c.ticker, s.kind FROM company c JOIN source s ON s.id = c.source
           WHERE upper(c.ticker) = :typed OR c.ticker IN (SELECT ticker FROM alias WHERE upper(alias) = :typed)
           ORDER BY upper(c.ticker) = :typed DESC""",
        {"typed": typed.strip().upper()},
    ).fetchone()
    return None if row is None else (str(row[0]), str(row[1]))
