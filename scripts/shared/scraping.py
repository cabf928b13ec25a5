"""A scrape, source after source: ask, read, judge, store, and say what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from sqlite_utils import Database

    from scrapers.archive import Archive
    from scrapers.gather import Outcome
    from scrapers.request import Fetcher
    from scripts.shared.options import Settings
    from treasury.model import Document

ARCHIVE = "mnav-archive"
IDENTITY = "EDGAR_IDENTITY"
NO_NETWORK = "no network"
PROGRESS = 25  # documents between two lines
STRANGERS = 10  # of one source named at the end
REMARKS = 10  # of one source: documents nobody understood, bars that cannot be read; named at the end
ROWS = {  # what a source can bring, one and many
    "fact": ("new fact", "new facts"), "price": ("new price", "new prices"), "split": ("new split", "new splits"),
    "instrument_price": ("new price of an instrument", "new prices of instruments"),
    "purchase": ("new purchase", "new purchases"), "context": ("new day of a series", "new days of series"),
    "kept out": ("reading kept out", "readings kept out"), "strangers": ("reading not matched", "readings not matched"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What to scrape. `replay` is a folder of recorded documents that stands in for the network."""

    sources: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    since: date | None = None
    dry_run: bool = False
    refresh: bool = False
    record: Path | None = None
    replay: Path | None = None
    from_archive: bool = False

    def __str__(self) -> str:
        """The words of the command line that ask for this."""
        words = ["scrape"]
        words += [f"--source {name}" for name in self.sources] + [f"--company {one}" for one in self.companies]
        words += [f"--since {self.since}"] if self.since else []
        words += ["--refresh"] if self.refresh else []
        words += [f"--replay {self.replay}"] if self.replay else []
        return " ".join([*words, "--from-archive"] if self.from_archive else words)


def scrape(
    db: Database,
    settings: Settings,
    asked: Asked,
    transport: Any = None,
    clock: Callable[[], datetime] | None = None,
) -> list[Outcome]:
    """Gather, read and store, source after source; progress and a summary go to stderr.

    `transport(archive, hosts, now, **options)` and `clock` are for tests; they default to the Transport of
    scrapers/transport/http.py and to the time of day.
    """
    from db.reads import views
    from db.tables import store
    from scrapers import catalogue, gather
    from scrapers.archive import Archive
    from scripts.shared.session import load, now, versions
    from treasury.model import InputError

    archive = Archive(settings.db.parent / ARCHIVE)
    recording = Archive(asked.replay) if asked.replay else archive if asked.from_archive else None
    if recording:
        recorded = tuple(name for name in recording.sources() if name in catalogue.names())
        names = [name for name in gather.order(asked.sources or recorded) if asked.sources or name in recorded]
    else:
        names = gather.order(asked.sources)
    if recording and not names:
        made_by = "mnav scrape --record" if asked.replay else "mnav scrape"
        raise InputError(f"found no document of any source in {recording.folder}, expected those of {made_by}")
    if not views.tickers(db):
        load(db, settings)  # whom readings can be about
    run = None if asked.dry_run else store.begin_run(db, str(asked), now(), versions())
    if recording is None and transport is None and not _is_network():
        settings.say(f"no network: {_numbered(len(names), 'source', 'sources')} not asked")
        if run is not None:
            store.end_run(db, run, now(), NO_NETWORK, {})
        return [gather.Outcome(name, failures=[NO_NETWORK]) for name in names]
    outcomes: list[Outcome] = []
    clock = clock or _clock
    with _documents(db, asked, archive, recording, transport, clock) as scraped:
        for name in names:
            primaries, beside = catalogue.fallback_for(name), frozenset[str]()
            stands_in = not primaries or name in asked.sources or gather.all_failed(primaries, outcomes)
            if not stands_in and set(primaries) & set(names):
                beside = catalogue.beside(name)
                if not beside and recording is None:
                    continue
            elif primaries and recording is None and name not in asked.sources:
                words = {one.source: one.word for one in outcomes}
                settings.say(f"{name}: asked in place of {', '.join(f'{one} ({words[one]})' for one in primaries)}")
                scraped.offers.update(_offers(db, asked, clock))  # what the others brought need not be asked for
            settings.say(f"{name}: asking …")
            outcome = gather.Outcome(name)
            _one(db, asked, settings, scraped, outcome, beside)
            outcomes.append(outcome)
            for line in _told(outcome):
                settings.say(line)
    _summary(db, settings, outcomes)
    if run is not None:
        word = "some sources failed" if any(one.problems for one in outcomes) else "done"
        store.end_run(db, run, now(), word, {one.source: _counted(one) for one in outcomes})
    return outcomes


def _is_network() -> bool:
    from scrapers import catalogue
    from scrapers.transport.reach import reachable

    return reachable(sorted({host for name in catalogue.names() for host in catalogue.load(name).HOSTS}))


@dataclass(slots=True)
class _Scraped:
    """Where documents come from, and what the database knew before the first new one; told by `known` when there is one."""

    documents: Callable[[str, Outcome], Iterator[Document]]
    offers: dict[str, Any]
    known: Callable[[], tuple[Any, Any]]
    read_again: bool
    close: Callable[[], None] = field(default=lambda: None)

    def __enter__(self) -> _Scraped:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _documents(
    db: Database,
    asked: Asked,
    archive: Archive,
    recording: Archive | None,
    transport: Any,
    clock: Callable[[], datetime],
) -> _Scraped:
    import os
    from functools import cache

    from db.tables import for_scraping
    from scrapers import catalogue, gather

    offers = _offers(db, asked, clock)
    so_far = cache(lambda: (for_scraping.identity(db), for_scraping.history(db)))
    if recording is not None:
        keep = archive if asked.replay and not asked.dry_run else None

        def replayed(name: str, outcome: Outcome) -> Iterator[Document]:
            return gather.recorded(recording, name, outcome, keep)

        return _Scraped(replayed, offers, so_far, read_again=asked.from_archive)
    from scrapers.archive import Archive as Folder

    if transport is None:
        from scrapers.transport.http import Transport as transport
    fetcher: Fetcher = transport(
        archive,
        {host for name in catalogue.names() for host in catalogue.load(name).HOSTS},
        clock,
        identity=os.environ.get(IDENTITY),
        record=Folder(asked.record) if asked.record else None,
        refresh=asked.refresh,
    )
    around = gather.Round(fetcher, offers, asked.since)
    return _Scraped(
        around.documents, offers, so_far, read_again=asked.refresh, close=getattr(fetcher, "close", lambda: None)
    )


def _offers(db: Database, asked: Asked, clock: Callable[[], datetime]) -> dict[str, Any]:
    from db.tables import for_scraping

    return {**for_scraping.offers(db, clock().date(), asked.companies, asked.since), "keys": keys()}


def keys() -> dict[str, str]:
    """The paid keys that the user has, by the variable that holds them."""
    import os

    from scrapers import catalogue

    needed = filter(None, map(catalogue.needs_key, catalogue.names()))
    return {name: os.environ[name] for name in needed if os.environ.get(name)}


def _clock() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _one(
    db: Database, asked: Asked, settings: Settings, scraped: _Scraped, outcome: Outcome, beside: frozenset[str]
) -> None:
    """One source: its documents read and judged, then stored in one transaction; of some quantities alone where `beside` names them."""
    import sqlite3
    from collections import Counter

    from db.tables import for_scraping
    from db.tables import scraped as ingest
    from scrapers import catalogue, gather
    from scrapers.normalise import normalise, publisher_of

    publisher = publisher_of(outcome.source)
    harvests, again = [], []
    for number, document in enumerate(scraped.documents(outcome.source, outcome), start=1):
        if number % PROGRESS == 0:
            settings.say(f"{outcome.source}: {number} documents …")
        if not scraped.read_again and for_scraping.is_stored(db, document):
            outcome.documents += 1
            again.append(document.without_body())
            continue
        examined = gather.examine(outcome.source, document, outcome, scraped.offers)
        if examined is not None:
            examined = catalogue.only(examined, beside)
            try:
                harvests.append(normalise(examined, document, publisher, *scraped.known()))
            except Exception as error:  # noqa: BLE001  # whatever one document makes the judges stumble over costs that document
                outcome.failures.append(gather.fault(outcome.source, document, error))
    if asked.dry_run:
        made: Counter[str] = Counter()
        for harvest in harvests:
            made["fact"] += len(harvest.facts)
            made["price"] += len(harvest.prices)
            made["kept out"] += len(harvest.kept_out)
        outcome.counts = dict(made)
        return
    try:
        outcome.counts = dict(ingest.take(db, harvests, again))
    except (sqlite3.Error, OSError):
        raise  # of the database itself: nothing more can be stored
    except Exception as error:  # noqa: BLE001  # nothing of this source is stored, and the others go on
        outcome.documents = 0
        outcome.failures.append(gather.stumble(outcome.source, "what it brought together", error))


def _told(outcome: Outcome) -> Iterator[str]:
    brought = ", ".join(_numbered(count, *ROWS[name]) for name, count in outcome.counts.items() if count)
    if outcome.skipped and not outcome.documents:
        yield outcome.skipped
    else:
        gone = f"; {len(outcome.gone)} no longer there" if outcome.gone and outcome.documents else ""
        documents = _numbered(outcome.documents, "document", "documents")
        yield f"{outcome.source}: {outcome.word}; {documents}, {brought or 'nothing new'}{gone}"
    for problem in outcome.problems_told:
        yield f"  {problem}"
    for remark in outcome.remarks[:REMARKS]:
        yield f"  {remark}"
    if len(outcome.remarks) > REMARKS:
        yield f"  and {len(outcome.remarks) - REMARKS} more remarks of this source"


def _numbered(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _summary(db: Database, settings: Settings, outcomes: list[Outcome]) -> None:
    """Who could not be matched, and how many sources failed."""
    from db.tables import scraped as ingest

    for outcome in outcomes:
        unknown = [company for _, company, _ in ingest.strangers(db, outcome.source)]
        if unknown:
            shown = ", ".join(unknown[:STRANGERS]) + (" …" if len(unknown) > STRANGERS else "")
            settings.say(
                f"{outcome.source}: {_numbered(len(unknown), 'company', 'companies')} not matched: {shown}; mnav check --all says why"
            )
    failed = [one.source for one in outcomes if one.problems]
    if failed:
        settings.say(f"{len(failed)} of {len(outcomes)} sources failed: {', '.join(failed)}; what was known stands")


def _counted(outcome: Outcome) -> dict[str, Any]:
    return {
        "outcome": outcome.word,
        "documents": outcome.documents,
        "fetched": outcome.fetched,
        "gone": len(outcome.gone),
        **outcome.counts,
        "message": outcome.skipped or "; ".join(outcome.problems_told)[:1000],
    }
