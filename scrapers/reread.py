"""A source's newest documents read once more: what they say now, by our own names, whatever was stored of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scrapers import gather
from scrapers.archive import Archive, ArchiveError, Entry
from scrapers.normalise import Publisher, company_of, origin_of, publisher_of
from treasury.bitcoin.condition import CONTEXT
from treasury.intake.identity import Identity, Stranger
from treasury.known.fixings import UTC_CLOSE
from treasury.model import Document, Reading
from treasury.trust.proof import Told

MOST_DOCUMENTS = 40  # of one source: its newest say whether it still is what we know
MOST_BYTES = 30_000_000


@dataclass(slots=True)
class Reread:
    """What the newest documents of a source say. `unread` is why others could not be read; `bodies` are both, the newest first."""

    documents: int = 0
    unread: list[str] = field(default_factory=list)
    newest: datetime | None = None
    numbers: list[Told] = field(default_factory=list)
    bodies: list[Entry] = field(default_factory=list)


def reread(archive: Archive, name: str, offers: Mapping[str, object], identity: Identity) -> Reread:
    """The newest document of each address of a source, at most so many and so large."""
    found, size = Reread(), 0
    if name not in archive.sources():
        return found
    publisher, outcome = publisher_of(name), gather.Outcome(name)
    newest = {entry.url: entry for entry in archive.kept(name)}
    for entry in sorted(newest.values(), key=lambda entry: entry.published_at or entry.fetched_at, reverse=True):
        size += entry.size
        if found.bodies and (len(found.bodies) == MOST_DOCUMENTS or size > MOST_BYTES):
            break
        found.bodies.append(entry)
        try:
            document = archive.document(entry)
        except ArchiveError as error:
            outcome.failures.append(f"{name}: {error}")
            continue
        examined = gather.examine(name, document, outcome, offers)
        if examined is not None:
            found.documents += 1
            found.numbers += [
                number
                for reading in examined.readings
                if (number := _told(reading, document, publisher, identity)) is not None
            ]
    found.unread = outcome.failures + ([] if found.documents else outcome.gone)
    found.newest = max((entry.checked_at for entry in archive.entries(name)), default=None)
    return found


def _told(reading: Reading, document: Document, publisher: Publisher, identity: Identity) -> Told | None:
    """A reading under our own names; None where it is a stranger's."""
    at, about = reading.instrument or "", reading.company
    if reading.quantity == "close" and about == "BTC":
        at = at or UTC_CLOSE
    elif reading.quantity not in CONTEXT and reading.quantity != "usd_per_unit":
        match = company_of(reading, publisher, identity)
        if isinstance(match, Stranger):
            return None
        about = match.ticker
        at = "close" if reading.quantity == "close" else identity.instrument(about, reading.instrument) or ""
    return Told(
        origin_of(document, publisher).id, about, reading.quantity, reading.as_of, reading.value, reading.unit, at,
        primary=publisher.kind in ("filing", "issuer"),
    )  # fmt: skip
