"""Changes of shape in their order: which of them a file has is read in plain SQL, and sqlite-utils is there to apply them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

Change = Callable[["Database"], None]
MIGRATIONS_TABLE = "_sqlite_migrations"  # where sqlite-utils keeps those of every set


class Migrations:
    """One set of changes, known by the names of their functions."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.changes: dict[str, Change] = {}

    def __call__(self) -> Callable[[Change], Change]:
        def add(change: Change) -> Change:
            self.changes[change.__name__] = change
            return change

        return add

    def applied(self, db: Database) -> list[str]:
        """The names of those a file has, oldest first, whether this code knows them or not."""
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (MIGRATIONS_TABLE,)).fetchone():
            return []
        rows = db.execute(f"SELECT name FROM {MIGRATIONS_TABLE} WHERE migration_set = ? ORDER BY rowid", (self.name,))
        return [name for (name,) in rows.fetchall()]

    def pending(self, db: Database) -> list[str]:
        """The names of those a file lacks."""
        has = set(self.applied(db))
        return [name for name in self.changes if name not in has]

    def apply(self, db: Database, *, stop_before: str | None = None) -> None:
        """Make those a file lacks, each in a transaction of its own."""
        if not self.pending(db):
            return  # most openings: nothing to load sqlite-utils' part for
        from sqlite_utils import Migrations as Applied

        to_apply = Applied(self.name)
        for change in self.changes.values():
            to_apply()(change)
        to_apply.apply(db, stop_before=stop_before)
