"""`mnav check --integrity`: whether the file itself is sound, and what is derived is what a rebuild would make."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from db.connection import open_database
from db.derived.valuations import rebuild
from treasury.trust.findings import Finding

DERIVED_TABLES = ("state", "valuation", "at_close", "reconciliation", "derived_count")
# what no valuation meets any more (its only close was taken back) stays until the next rebuild
_MET = """EXISTS (SELECT 1 FROM {0}.company c CROSS JOIN {0}.valuation v ON v.company_id = c.id AND v.date = a.date
  WHERE coalesce(c.mic, '') = a.mic AND c.currency = a.currency)"""
MOST_DAMAGES = 20  # of one kind: the first tell what is wrong


def damage(db: Database) -> Iterator[Finding]:
    """Pages that cannot be read, indexes that disagree with their tables, rows that point at nothing."""
    for (problem,) in db.execute(f"PRAGMA quick_check({MOST_DAMAGES})").fetchall():
        if problem != "ok":
            yield Finding("error", "damaged file", None, None, f"{problem}; restore a copy, or make the file anew from bundle and archive")  # fmt: skip
    for table, row, other, _ in db.execute("PRAGMA foreign_key_check").fetchall()[:MOST_DAMAGES]:
        yield Finding("error", "broken reference", None, None, f"row {row} of {table} names a row that {other} does not have")  # fmt: skip


def unlike_a_rebuild(db: Database, path: Path) -> Iterator[Finding]:
    """Derived tables whose rows differ from those that a rebuild of a copy of the file makes."""
    (waiting,) = db.execute("SELECT count(*) FROM dirty").fetchone()
    (valued,) = db.execute("SELECT count(*) FROM state").fetchone()
    if waiting or not valued:
        what = f"{waiting:,} changes are not valued yet" if waiting else "nothing is valued yet"
        yield Finding("note", "not compared", None, None, f"{what}: run `mnav value` before a rebuild can be compared")
        return
    with tempfile.TemporaryDirectory(prefix="mnav-") as folder:
        copied = Path(folder) / "copy.db"
        copy = Database(copied)
        db.conn.backup(copy.conn)
        copy.close()
        copy = open_database(copied, writable=True)
        try:
            rebuild(copy)
            copy.execute("ATTACH DATABASE ? AS stored", (f"{path.absolute().as_uri()}?mode=ro",))
            for table in DERIVED_TABLES:
                yield from _differences(copy, table)
        finally:
            copy.close()


def _differences(copy: Database, table: str) -> Iterator[Finding]:
    columns = ", ".join(f'"{row[1]}"' for row in copy.execute(f"PRAGMA main.table_info({table})").fetchall())
    of_table = _MET if table == "at_close" else "1"
    sides = [
        f"SELECT {columns} FROM {schema}.{table} a WHERE {of_table.format(schema)}" for schema in ("stored", "main")
    ]
    too_many, too_few = (
        copy.execute(f"SELECT count(*) FROM ({one} EXCEPT {other})").fetchone()[0]
        for one, other in (sides, sides[::-1])
    )
    if too_many or too_few:
        yield Finding(
            "error", "unlike a rebuild", None, None,
            f"{table}: {too_many:,} stored rows are not what a rebuild makes, and {too_few:,} that it makes are not stored; run `mnav value --full`",
        )  # fmt: skip
