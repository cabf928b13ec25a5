"""The one SQLite file. Python users start here: `from db import open_database, daily`."""

from db.connection import DatabaseError, open_database
from db.query import daily, latest, prices

__all__ = ["DatabaseError", "daily", "latest", "open_database", "prices"]
