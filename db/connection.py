"""Opening the one SQLite file: what can be wrong with it is said in one line, and nothing is ever overwritten."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, cast

from db.derived.views import create_views, outdated_views
from db.tables.migrations import MIGRATIONS_TABLE
from db.tables.reader import Reader
from db.tables.schema import CHANGES_MULTIPLES, migrations
from db.tables.transaction import DatabaseError, explained, writing

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x6D6E6176  # "mnav", in the file's header
LOCK_SECONDS = 10.0
PAGE_SIZE = (
    8192  # a rebuild is as fast as with 16384, and a new day, which touches a page of each company, writes half as much
)
WRITER_CACHE_KIB = (
    65536  # what a daily run changes stays in memory until it commits: what is written early locks readers out
)
SQLITE_FLOOR = (3, 37, 0)  # STRICT tables


def open_database(path: str | Path = "mnav.db", *, writable: bool = False) -> Database:
    """The database as a sqlite-utils Database (`db.tables.reader` where it is only read). Read-only unless `writable`; a writable one is created where missing.

    Raises DatabaseError in one line where the file is missing, locked, not a database, another program's, or newer
    than this version.
    """
    path = Path(path)
    if sqlite3.sqlite_version_info < SQLITE_FLOOR:
        raise DatabaseError(
            f"SQLite {sqlite3.sqlite_version} is too old; mnav needs {'.'.join(map(str, SQLITE_FLOOR))} or newer"
        )
    if path.is_dir():
        raise DatabaseError(f"{path} is a folder, not a database; give a file with --db")
    if not path.exists() and not writable:
        raise DatabaseError(
            f"no database at {path}; run `mnav run --offline` to make one, or point to one with --db or MNAV_DB"
        )
    if path.exists() and not path.is_file():  # a pipe would be waited for without end
        raise DatabaseError(f"{path} is a device or a pipe, not a database; give a file with --db")
    if not path.parent.is_dir():
        raise DatabaseError(f"the folder {path.parent} does not exist; make it, or give another --db")
    with explained(path):
        mode = "rwc" if writable else "ro"
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=LOCK_SECONDS)
        db = _writer(connection) if writable else cast("Database", Reader(connection))
        try:
            db.execute(f"PRAGMA page_size = {PAGE_SIZE}")  # of a file that is about to be made; others keep theirs
            db.execute("PRAGMA foreign_keys = ON")
            _with_roots(db)
            _refuse_foreign(db, path, writable)
            if writable:
                db.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
                db.execute(
                    "PRAGMA secure_delete = OFF"
                )  # some builds overwrite what is deleted; nothing here is secret
                _keep_a_copy(db, path)
                db.execute("PRAGMA foreign_keys = OFF")  # a migration may make a table anew that others refer to
                with writing(db):  # or say that it is locked or cannot be written, before any work is done
                    before = set(migrations.pending(db))
                    migrations.apply(db)  # under one lock: two first calls at once make the tables once
                    if before & CHANGES_MULTIPLES:
                        from db.tables.reference import add_hours

                        add_hours(db)
                    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    create_views(db)
                db.execute("PRAGMA foreign_keys = ON")
            elif migrations.pending(db) or (outdated := outdated_views(db)):
                what = ", ".join(migrations.pending(db)) or ", ".join(outdated)
                raise DatabaseError(
                    f"{path} was made by an earlier version of mnav ({what} out of date); run `mnav value` to bring it up to date"
                )
            elif not db.execute("SELECT 1 FROM company LIMIT 1").fetchone():
                raise DatabaseError(  # a first run that was stopped: of no company could be said more than that it is unknown
                    f"{path} holds no company yet; run `mnav run --offline` to fill it, or give another --db"
                )
        except BaseException:
            db.close()
            raise
    return db


def _writer(connection: sqlite3.Connection) -> Database:
    from sqlite_utils import Database

    return Database(connection, execute_plugins=False)  # to look for plugins would take longer than most work


def _with_roots(db: Database) -> None:
    """Give a SQLite built without its mathematical functions the one that a view needs."""
    try:
        db.execute("SELECT sqrt(1.0)").fetchone()
    except sqlite3.OperationalError:
        db.conn.create_function("sqrt", 1, lambda value: None if value is None else value**0.5, deterministic=True)


def _keep_a_copy(db: Database, path: Path) -> None:
    """Copy a valued file beside itself before a migration changes its multiples, and say so."""
    pending = [name for name in migrations.pending(db) if name in CHANGES_MULTIPLES]
    stored = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'valuation'").fetchone()
    if not pending or not stored or not db.execute("SELECT 1 FROM valuation LIMIT 1").fetchone():
        return
    copy = path.with_name(f"{path.stem}-before-{pending[0].replace('_', '-')}{path.suffix}")
    if copy.exists():
        return  # an upgrade that was stopped: the first copy is the one of before
    with closing(sqlite3.connect(copy)) as beside:
        db.conn.backup(beside)
    import logging

    # without a handler of the user's, warnings go to stderr
    logging.getLogger("mnav").warning("this version changes stored multiples; %s is as it was before", copy)


def _refuse_foreign(db: Database, path: Path, writable: bool) -> None:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    found = {name for (name,) in db.execute("SELECT tbl_name FROM sqlite_master").fetchall()}
    blank = application == 0 and not found  # a new file, or one whose first run was killed
    if found == {MIGRATIONS_TABLE}:
        blank = application == 0 and not db.execute(f"SELECT 1 FROM {MIGRATIONS_TABLE} LIMIT 1").fetchone()
    if blank and not writable:
        raise DatabaseError(f"{path} is empty; run `mnav run --offline` to fill it, or give another --db")
    if not blank and application != APPLICATION_ID and not migrations.applied(db):
        raise DatabaseError(f"{path} is a SQLite database, but not one of mnav's; it is left alone, give another --db")
    newer = sorted(set(migrations.applied(db)) - set(migrations.changes))
    if newer:
        raise DatabaseError(f"{path} was made by a newer mnav (it has {', '.join(newer)}); upgrade mnav to use it")
