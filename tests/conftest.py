"""What many tests share: one valued database of the bundled reference data, made once. Tests that write copy it."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import open_database
from db.reference import load_reference
from db.valuations import rebuild


@pytest.fixture(scope="session")
def reference_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of a valued database of the bundled reference data. Read only: a test that writes copies it."""
    path = tmp_path_factory.mktemp("reference") / "mnav.db"
    db = open_database(path, writable=True)
    load_reference(db)
    rebuild(db)
    db.close()
    return path
