"""The one store of bytes: every document ever fetched, found again by source, URL or content.

    bodies/ab/abcdef….gz     one body, named by the sha256 of its bytes, written whole or not at all
    index/<source>.jsonl     one line per fetch, appended and never changed

A line is written in one append after its body is safe on disk, so a killed run leaves at worst a body nobody points
to and one torn last line; readers pass over it, the next append starts a new line, and the document is fetched again.
One file per fetch would be as safe, but costs a disk block and an open() each, 100,000 a year.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import os
import re
import secrets
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from scrapers.request import without_secrets
from treasury.model import Document, MnavError

log = logging.getLogger(__name__)
NOT_MODIFIED = 304
COMPRESSION = 6  # of the captured documents 9 saves another 1.6 % and takes 1.6 times as long; 4 takes 0.6 times as long and 8 % more room
_SOURCE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_MOMENTS = ("fetched_at", "checked_at", "published_at")


class ArchiveError(MnavError):
    """Stored bytes are missing or are not what was stored."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One fetch. `fetched_at` is when the bytes came, `checked_at` when the host last said that they still stand."""

    source: str
    url: str
    fetched_at: datetime
    checked_at: datetime
    published_at: datetime | None
    status: int
    sha256: str
    size: int
    media_type: str
    etag: str
    last_modified: str

    def fresh_until(self, max_age: timedelta) -> datetime:
        return self.checked_at + max_age


@dataclass(frozen=True, slots=True)
class Size:
    """What one source takes up; a body fetched twice is stored once."""

    source: str
    documents: int
    raw_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Freed:
    """What pruning removed."""

    bodies: int
    stored_bytes: int


class Archive:
    """A folder of documents; made when the first one is kept. For one writing process at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bodies = folder / "bodies"
        self._index = folder / "index"
        self._known: dict[str, dict[str, list[Entry]]] = {}

    def keep(self, document: Document, *, etag: str = "", last_modified: str = "") -> Entry:
        """Store a document; storing the same fetch again changes nothing."""
        url, body = without_secrets(document.url), document.body
        if document.fetched_at.tzinfo is None:
            raise ValueError(f"{document.source}: fetched_at has no time zone: {document.fetched_at}")
        entry = Entry(
            source=document.source,
            url=url,
            fetched_at=document.fetched_at,
            checked_at=document.fetched_at,
            published_at=document.published_at,
            status=200,
            sha256=document.sha256,
            size=len(body),
            media_type=document.media_type,
            etag=etag,
            last_modified=last_modified,
        )
        path = self._path(entry.sha256)
        if not (path.exists() and _whole(path, entry.sha256)):
            _write(path, gzip.compress(body, COMPRESSION, mtime=0))
        if entry not in self._by_url(entry.source).get(url, []):
            self._append(entry)
        return entry

    def confirm(self, entry: Entry, checked_at: datetime) -> Entry:
        """Note that the host answered "not modified" about a stored document."""
        confirmed = replace(entry, checked_at=checked_at, status=NOT_MODIFIED)
        self._append(confirmed)
        return confirmed

    def newest(self, source: str, url: str, now: datetime | None = None) -> Entry | None:
        """The last word about a URL whose bytes are still here; one from after `now`, of a clock that went wrong, only where none is from before."""
        entries = self._by_url(source).get(without_secrets(url), [])
        latest_first = sorted(entries, key=lambda one: (now is None or one.checked_at <= now, one.checked_at))[::-1]
        return next((entry for entry in latest_first if self._path(entry.sha256).exists()), None)

    def document(self, entry: Entry) -> Document:
        """The bytes of an entry as a document, proven against their sha256."""
        return Document(
            entry.source, entry.url, self.body(entry.sha256), entry.fetched_at, entry.published_at, entry.media_type
        )

    def documents(self, source: str) -> Iterator[Document]:
        """Every document of a source still stored, in the order it was fetched."""
        for entry in self.kept(source):
            yield self.document(entry)

    def kept(self, source: str) -> list[Entry]:
        """The fetches of a source whose bytes were not pruned, in the order they were made."""
        fetched = [entry for entry in self.entries(source) if entry.status != NOT_MODIFIED]
        return [entry for entry in fetched if self._path(entry.sha256).exists()]

    def body(self, sha256: str) -> bytes:
        """Stored bytes by their name; ArchiveError when they are missing or damaged."""
        path = self._path(sha256)
        try:
            body = _read(path)
        except FileNotFoundError:
            raise ArchiveError(f"{path} is not in the archive: it was pruned, or belongs to another one") from None
        except (OSError, EOFError, zlib.error) as error:
            raise ArchiveError(f"{path} is damaged ({error}): delete it, and it is fetched again") from error
        if hashlib.sha256(body).hexdigest() != sha256:
            raise ArchiveError(f"{path} does not hold the bytes it is named after: delete it, and it is fetched again")
        return body

    def sources(self) -> list[str]:
        return sorted(path.stem for path in self._index.glob("*.jsonl"))

    def entries(self, source: str) -> list[Entry]:
        """Every fetch of a source and every confirmation, in the order they were made."""
        every = [entry for entries in self._by_url(source).values() for entry in entries]
        return sorted(every, key=lambda entry: entry.checked_at)

    def damaged(self) -> Iterator[str]:
        """What is wrong with a stored body, of every one that is here."""
        for path in sorted(self._bodies.glob("*/*.gz")):
            try:
                self.body(path.name.removesuffix(".gz"))
            except ArchiveError as error:
                yield str(error)

    def sizes(self) -> list[Size]:
        """The archive's size per source."""
        return [self._size(source) for source in self.sources()]

    def prune(self, keep: Collection[str]) -> Freed:
        """Delete the bodies that no fact needs (`keep` names those that one does) and that are nobody's newest.

        The index keeps its lines, so that it stays known what was fetched. Not to be run beside a scrape.
        """
        needed = set(keep)
        for source in self.sources():
            newest: dict[str, Entry] = {}
            for entry in self.entries(source):
                if self._path(entry.sha256).exists():
                    newest[entry.url] = entry
            needed |= {entry.sha256 for entry in newest.values()}
        spare = [path for path in self._bodies.glob("*/*") if path.name.removesuffix(".gz") not in needed]
        freed = Freed(sum(path.suffix == ".gz" for path in spare), sum(path.stat().st_size for path in spare))
        for path in spare:  # left-overs of killed writes among them
            path.unlink()
        return freed

    def _size(self, source: str) -> Size:
        fetched = [entry for entry in self.entries(source) if entry.status != NOT_MODIFIED]
        sizes = {e.sha256: e.size for e in fetched if self._path(e.sha256).exists()}
        stored = sum(self._path(sha256).stat().st_size for sha256 in sizes)
        return Size(source, sum(entry.sha256 in sizes for entry in fetched), sum(sizes.values()), stored)

    def _by_url(self, source: str) -> dict[str, list[Entry]]:
        """The index of a source; read once, then kept up to date."""
        if source not in self._known:
            path = self._index_of(source)
            by_url = self._known[source] = defaultdict(list)
            for number, line in enumerate(path.read_bytes().split(b"\n") if path.exists() else [], start=1):
                if line and (entry := _entry(line, path, number)):
                    by_url[entry.url].append(entry)
        return self._known[source]

    def _append(self, entry: Entry) -> None:
        """Add a line in one write, so that a kill tears at most this one."""
        known, path = self._by_url(entry.source), self._index_of(entry.source)
        path.parent.mkdir(parents=True, exist_ok=True)
        first = not path.exists()
        line = json.dumps(asdict(entry), default=datetime.isoformat, ensure_ascii=False).encode() + b"\n"
        with path.open("a+b", buffering=0) as file:
            if file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                line = b"\n" + line  # close the line that a killed run left torn
            file.write(line)
            os.fsync(file.fileno())
        if first:
            _sync_folder(path.parent)
        known[entry.url].append(entry)

    def _path(self, sha256: str) -> Path:
        return self._bodies / sha256[:2] / f"{sha256}.gz"

    def _index_of(self, source: str) -> Path:
        if not _SOURCE.fullmatch(source):
            raise ValueError(f"not the name of a source: {source!r}")
        return self._index / f"{source}.jsonl"


def _entry(line: bytes, path: Path, number: int) -> Entry | None:
    try:
        fields = json.loads(line)
        moments = {name: fields[name] and datetime.fromisoformat(fields[name]) for name in _MOMENTS}
        if any(moment and moment.tzinfo is None for moment in moments.values()):
            raise ValueError("a moment without a time zone")
        return Entry(**{**fields, **moments})
    except (ValueError, TypeError, KeyError):
        log.warning("%s line %d cannot be read, most likely torn when a run was killed: passed over", path, number)
        return None


def _read(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def _whole(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(_read(path)).hexdigest() == sha256
    except (OSError, EOFError, zlib.error):
        return False


def _write(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, even if the machine stops."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder, and keeps renames by itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
