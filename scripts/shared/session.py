"""What every run that writes begins with: the reference data, the moment, the versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treasury import __version__

if TYPE_CHECKING:
    from sqlite_utils import Database

    from scripts.shared.options import Settings


def load(db: Database, settings: Settings) -> dict[str, int]:
    """Take the bundled reference data, and say how much of it is new, by table."""
    from db.tables.reference import load_reference

    loaded = load_reference(db)
    new = ", ".join(f"{count:,} new {table}" for table, count in loaded.items() if count)
    settings.say(f"reference data: {new or 'nothing new'}")
    return loaded


def now() -> str:
    """The moment, as it is stored."""
    from datetime import UTC, datetime

    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def versions() -> dict[str, str]:
    """What a run was made with."""
    import sqlite3
    from importlib.metadata import version

    return {"mnav": __version__, "sqlite": sqlite3.sqlite_version, "pandas": version("pandas")}
