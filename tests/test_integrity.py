"""`mnav check --integrity`: a sound file says so; a damaged page, document, reference or derived row is told."""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scrapers.archive import Archive
from scripts.main import mnav
from treasury.model import Document

pytestmark = pytest.mark.slow


@pytest.fixture
def own(reference_db: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(reference_db, tmp_path / "mnav.db"))


def integrity(path: Path) -> Result:
    return CliRunner().invoke(mnav, ["check", "--integrity", "--json", "--db", str(path)], catch_exceptions=False)


def changed(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_sound_file_says_so(own: Path) -> None:
    before = own.read_bytes()
    done = integrity(own)
    assert (done.exit_code, json.loads(done.stdout)) == (0, [])
    assert done.stderr.endswith("file, archive and derived tables are sound\n")
    assert own.read_bytes() == before, "it is looked at, not written"


def test_a_derived_row_that_no_rebuild_makes_is_told(own: Path) -> None:
    changed(own, "UPDATE valuation SET debt = debt + 1 WHERE date = '2025-11-10' AND company_id = (SELECT id FROM company WHERE ticker = 'MSTR')", "DELETE FROM reconciliation WHERE rowid < 4")  # fmt: skip
    done = integrity(own)
    assert done.exit_code == 1
    assert [row["message"] for row in json.loads(done.stdout)] == [
        f"{table}: {many} stored rows are not what a rebuild makes, and {few} that it makes are not stored; run `mnav value --full`"
        for table, many, few in (("valuation", 1, 1), ("reconciliation", 0, 3))
    ]


def test_what_is_not_valued_yet_is_no_damage(own: Path) -> None:
    changed(own, "INSERT INTO dirty VALUES (1, 1, '2025-01-01', NULL)")
    done = integrity(own)
    assert done.exit_code == 0
    (row,) = json.loads(done.stdout)
    assert row["message"] == "1 changes are not valued yet: run `mnav value` before a rebuild can be compared"


def test_a_row_that_points_at_nothing_is_told(own: Path) -> None:
    changed(own, "DELETE FROM source WHERE id = 'fa-closes'")  # SQLite leaves foreign keys alone unless asked
    done = integrity(own)
    assert done.exit_code == 1
    assert {row["check"] for row in json.loads(done.stdout)} == {"broken reference"}


def test_a_page_overwritten_with_noise_is_told(own: Path) -> None:
    root, size = (sqlite3.connect(own).execute(query).fetchone()[0] for query in ("SELECT rootpage FROM sqlite_master WHERE name = 'fact_key'", "PRAGMA page_size"))  # fmt: skip
    with own.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xab" * size)
    done = integrity(own)
    assert done.exit_code == 1
    assert "fact_key" in done.output or "malformed" in done.output or "damaged file" in done.output
    assert "Traceback" not in done.output


def test_a_document_that_is_not_what_was_stored_is_told(own: Path) -> None:
    archive = Archive(own.parent / "mnav-archive")
    for body in (b"one", b"two"):
        archive.keep(Document("ecb", f"https://example.org/{body!r}", body, datetime(2026, 1, 5, tzinfo=UTC)))
    assert integrity(own).exit_code == 0
    first, second = sorted((own.parent / "mnav-archive" / "bodies").glob("*/*.gz"))
    first.write_bytes(second.read_bytes())
    second.write_bytes(b"torn")
    messages = [row["message"] for row in json.loads(integrity(own).stdout)]
    assert len(messages) == 2
    assert "does not hold the bytes it is named after" in messages[0]
    assert "is damaged" in messages[1]
