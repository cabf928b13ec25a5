"""The archive keeps every document, through kills, and gives back exactly what it was given."""

from __future__ import annotations

import gzip
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scrapers import gather
from scrapers.archive import COMPRESSION, Archive, ArchiveError
from scrapers.request import without_secrets
from treasury.model import Document

ROOT = Path(__file__).parents[1]
START = datetime(2026, 11, 22, 9, tzinfo=UTC)
URL = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "mnav-archive")


def reopened(archive: Archive) -> Archive:
    return Archive(archive.folder)


def doc(body: bytes, hours: float = 0, url: str = URL, source: str = "ecb") -> Document:
    return Document(source, url, body, START + timedelta(hours=hours), None, "application/zip")


def test_what_was_kept_comes_back(archive: Archive) -> None:
    published = datetime(2026, 11, 21, 15, 0, 0, 123456, tzinfo=UTC)
    document = Document("ecb", URL, bytes(range(256)) * 40, START, published, "application/zip")
    archive.keep(document, etag='W/"ä"', last_modified="Sat, 21 Nov 2026 00:00:00 GMT")
    archive = reopened(archive)
    entry = archive.newest("ecb", URL)
    assert entry is not None
    assert archive.document(entry) == document
    assert list(archive.documents("ecb")) == [document]
    assert (entry.etag, entry.last_modified, entry.status) == ('W/"ä"', "Sat, 21 Nov 2026 00:00:00 GMT", 200)
    assert archive.sources() == ["ecb"]


def test_an_empty_archive_is_not_made_by_reading(archive: Archive) -> None:
    assert archive.newest("ecb", URL) is None
    assert list(archive.documents("ecb")) == []
    assert (archive.sources(), archive.sizes()) == ([], [])
    assert archive.prune(set()).bodies == 0
    assert not archive.folder.exists()


def test_bodies_are_named_by_content_and_stored_once(archive: Archive) -> None:
    archive.keep(doc(b"a" * 1000))
    archive.keep(doc(b"a" * 1000, hours=1))
    archive.keep(doc(b"a" * 1000, source="other"))
    [path] = archive.folder.glob("bodies/*/*")
    assert path.name == f"{doc(b'a' * 1000).sha256}.gz"
    assert path.read_bytes() == gzip.compress(b"a" * 1000, COMPRESSION, mtime=0)
    assert len(list(archive.documents("ecb"))) == 2, "the same bytes on two days are two observations"


def test_documents_come_in_the_order_they_were_fetched(archive: Archive) -> None:
    for hours in (5, 1, 3):
        archive.keep(doc(b"%d" % hours, hours, url=f"{URL}?{hours}"))
    archive.keep(doc(b"another source", source="other"))
    assert [document.body for document in reopened(archive).documents("ecb")] == [b"1", b"3", b"5"]


def test_keeping_the_same_fetch_twice_changes_nothing(archive: Archive) -> None:
    archive.keep(doc(b"x"), etag="e")
    before = {path: path.read_bytes() for path in archive.folder.rglob("*") if path.is_file()}
    archive.keep(doc(b"x"), etag="e")
    reopened(archive).keep(doc(b"x"), etag="e")
    assert {path: path.read_bytes() for path in archive.folder.rglob("*") if path.is_file()} == before


def test_a_confirmation_is_fresh_but_no_new_document(archive: Archive) -> None:
    entry = archive.keep(doc(b"x"))
    archive.confirm(entry, START + timedelta(hours=9))
    entry = reopened(archive).newest("ecb", URL)  # type: ignore[assignment]
    assert entry.fresh_until(timedelta(hours=1)) == START + timedelta(hours=10)
    assert entry.fetched_at == START
    assert len(list(archive.documents("ecb"))) == 1
    archive.confirm(entry, START + timedelta(hours=12))
    assert len(list(archive.documents("ecb"))) == 1


def test_the_newest_is_the_last_noted_of_the_last_moment(archive: Archive) -> None:
    for hours, body in ((2, b"first at two"), (2, b"last at two"), (1, b"earlier")):
        archive.keep(doc(body, hours))
    for view in (archive, reopened(archive)):
        entry = view.newest("ecb", URL)
        assert entry is not None
        assert view.document(entry).body == b"last at two"


def test_moments_have_a_time_zone(archive: Archive) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        archive.keep(Document("ecb", URL, b"x", datetime(2026, 11, 22)))  # noqa: DTZ001


@pytest.mark.parametrize("source", ["", "../elsewhere", "a/b", ".hidden"])
def test_a_source_is_not_a_path(source: str, archive: Archive) -> None:
    with pytest.raises(ValueError, match="not the name of a source"):
        archive.keep(doc(b"x", source=source))


def test_damage_is_an_error_and_never_a_document(archive: Archive) -> None:
    entry = archive.keep(doc(b"x" * 100))
    [path] = archive.folder.glob("bodies/*/*")
    path.write_bytes(gzip.compress(b"forged"))
    with pytest.raises(ArchiveError, match="does not hold the bytes it is named after"):
        archive.document(entry)
    path.write_bytes(b"\x1f\x8b")
    with pytest.raises(ArchiveError, match="is damaged"):
        archive.document(entry)
    archive.keep(doc(b"x" * 100))
    assert archive.document(entry).body == b"x" * 100, "keeping it again mends it"


def test_a_line_without_a_time_zone_is_passed_over(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    archive.keep(doc(b"x"))
    [index] = archive.folder.glob("index/*.jsonl")
    index.write_text(index.read_text().replace("+00:00", ""))
    assert reopened(archive).newest("ecb", URL, START) is None
    assert "ecb.jsonl line 1 cannot be read" in caplog.text


def test_a_moment_of_a_clock_gone_wrong_is_not_the_newest(archive: Archive) -> None:
    archive.keep(doc(b"from the future", hours=9_000))
    assert archive.newest("ecb", URL, START) is not None, "nothing else is here"
    archive.keep(doc(b"of today"))
    entry = archive.newest("ecb", URL, START)
    assert entry is not None
    assert archive.document(entry).body == b"of today"


@pytest.mark.slow
def test_a_torn_line_is_passed_over_and_the_next_starts_anew(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    archive.keep(doc(b"1", 1))
    index = archive.folder / "index" / "ecb.jsonl"
    whole = index.read_bytes()
    for cut in range(1, len(whole)):
        index.write_bytes(whole + whole[:cut])
        reopened(archive).keep(doc(b"2", 2))
        bodies = [document.body for document in reopened(archive).documents("ecb")]
        assert bodies == ([b"1", b"2"] if cut < len(whole) - 1 else [b"1", b"1", b"2"])
    assert "ecb.jsonl line 2 cannot be read" in caplog.text


WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from scrapers.archive import COMPRESSION, Archive
from treasury.model import Document

archive, start = Archive(Path(sys.argv[1])), datetime(2026, 11, 22, tzinfo=UTC)
n = len(archive.entries("toy"))
while True:
    body = b"%d " % n * 5000
    archive.keep(Document("toy", f"https://toy.example/{n % 7}", body, start + timedelta(seconds=n)))
    print(n, flush=True)
    n += 1
"""


@pytest.mark.slow
def test_a_killed_writer_leaves_a_readable_archive(archive: Archive) -> None:
    luck = random.Random(5)
    said = 0
    for _ in range(10):
        command = [sys.executable, "-c", WRITER, str(archive.folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as writer:
            assert writer.stdout is not None
            said = int(writer.stdout.readline())
            time.sleep(luck.uniform(0, 0.03))
            os.kill(writer.pid, signal.SIGKILL)
            said = max([said, *(int(line) for line in writer.stdout.read().split(b"\n")[:-1])])
        kept = [document.body for document in reopened(archive).documents("toy")]
        assert kept == [b"%d " % n * 5000 for n in range(len(kept))], "nothing torn, nothing lost, nothing twice"
        assert len(kept) >= said + 1, "what was reported as kept is there"
    draft = next(archive.folder.glob("bodies/*")) / ".abc.gz.123"
    draft.write_bytes(b"half a bo")
    freed = reopened(archive).prune({document.sha256 for document in archive.documents("toy")})
    assert freed.bodies <= 10, "bodies of killed runs that no line points to"
    assert not list(archive.folder.glob("bodies/*/.*")), "nor any draft"
    assert [document.body for document in reopened(archive).documents("toy")] == kept


def test_sizes_per_source(archive: Archive) -> None:
    archive.keep(doc(b"a" * 1000))
    archive.keep(doc(b"a" * 1000, hours=1))
    archive.keep(doc(b"b" * 500, hours=2))
    archive.keep(doc(b"c", source="other"))
    ecb, other = reopened(archive).sizes()
    assert (ecb.source, ecb.documents, ecb.raw_bytes) == ("ecb", 3, 1500)
    stored = sum(path.stat().st_size for path in archive.folder.glob("bodies/*/*"))
    assert ecb.stored_bytes + other.stored_bytes == stored
    assert ecb.stored_bytes < 200


def test_pruning_keeps_what_a_fact_needs_and_the_newest_of_every_url(archive: Archive) -> None:
    for hours in range(4):
        archive.keep(doc(b"ecb %d" % hours, hours))
        archive.keep(doc(b"other %d" % hours, hours, url=URL + "?other", source="other"))
    spare = [archive.folder / "bodies" / d.sha256[:2] / f"{d.sha256}.gz" for d in [doc(b"ecb 0"), doc(b"ecb 2")]]
    size = sum(path.stat().st_size for path in spare)
    needed = {doc(b"ecb 1").sha256} | {doc(b"other %d" % hours).sha256 for hours in range(3)}
    freed = archive.prune(needed)
    assert (freed.bodies, freed.stored_bytes) == (2, size)
    for view in (archive, reopened(archive)):
        assert [document.body for document in view.documents("ecb")] == [b"ecb 1", b"ecb 3"]
        assert len(list(view.documents("other"))) == 4
        assert len(view.entries("ecb")) == 4, "that it was fetched stays known"
    with pytest.raises(ArchiveError, match="is not in the archive"):
        archive.body(doc(b"ecb 0").sha256)
    assert archive.prune(needed).bodies == 0


def test_pruning_never_takes_a_document_its_host_confirmed_last(archive: Archive) -> None:
    first = archive.keep(doc(b"old"))
    archive.keep(doc(b"new", hours=1))
    archive.confirm(first, START + timedelta(hours=2))
    archive.prune(set())
    assert [document.body for document in archive.documents("ecb")] == [b"old"]


def test_a_replay_keeps_what_it_hands_out_once(archive: Archive, tmp_path: Path) -> None:
    recorded = Archive(tmp_path / "recorded")
    recorded.keep(doc(b"x"), etag="e")
    for _ in range(2):
        assert list(gather.recorded(recorded, "ecb", gather.Outcome("ecb"), archive)) == [doc(b"x")]
    assert list(archive.documents("ecb")) == [doc(b"x")]
    entry = archive.newest("ecb", URL)
    assert entry is not None
    assert entry.etag == "e"


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://a.example/x?api_key=s3cret", "https://a.example/x"),
        ("https://a.example/x?a=1&X-CG-Demo-Api-Key=s3cret&b=%20+", "https://a.example/x?a=1&b=%20+"),
        ("https://a.example/x?page_token=2&keyword=k", "https://a.example/x?page_token=2&keyword=k"),
        ("https://jane:s3cret@a.example/x?q=%22BTC%20Update%22#s3cret", "https://a.example/x?q=%22BTC%20Update%22"),
        ("https://a.example/x?period1=0&TOKEN=s3cret", "https://a.example/x?period1=0"),
    ],
)
def test_secrets_never_reach_the_disk(url: str, stored: str, archive: Archive) -> None:
    assert without_secrets(url) == stored
    archive.keep(doc(b"x", url=url))
    entry = archive.newest("ecb", url)
    assert entry is not None
    assert archive.document(entry).url == stored
    for path in archive.folder.rglob("*"):
        assert path.is_dir() or b"s3cret" not in path.read_bytes()
