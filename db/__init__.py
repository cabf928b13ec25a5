"""The one SQLite file. Python users start here: `from db import open_database, daily`."""

from db.connection import open_database
from db.reads.views import daily, latest, prices
from db.tables.transaction import DatabaseError

__all__ = ["DatabaseError", "daily", "latest", "open_database", "prices"]
