"""mnav doctor: which sources still tell the truth: each one's newest numbers beside what others say of the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import SOME_SOURCES_FAILED, Settings, verb
from treasury.amounts import counted
from treasury.trust.proof import NOT_ASKED, VERDICTS

if TYPE_CHECKING:
    from pathlib import Path

    from sqlite_utils import Database

    from scrapers.archive import Archive
    from scrapers.reread import Reread
    from treasury.trust.proof import Verdict

DOCTOR_COLUMNS = ("source", "verdict", "asked", "check", "found", "expected")
SAMPLES_OF_A_SOURCE = 3  # documents: the newest of as many addresses
_VERDICTS = "\n".join(["\b", *(f"{name:<10} {meaning}" for name, meaning in VERDICTS.items())])


@verb(epilog=_VERDICTS)
@click.option("--source", "sources", multiple=True, metavar="SOURCE", help="Only this source (see mnav sources).")
@click.option("--replay", type=click.Path(exists=True, file_okay=False), default=None, metavar="DIR", help="Look at a recording of mnav scrape --record instead of the archive.")  # fmt: skip
@click.option("--sample", type=click.Path(file_okay=False), default=None, metavar="DIR", help="Write what can be sent with a report of the sources that are not proven: documents cut short, without addresses or keys.")  # fmt: skip
def command(settings: Settings, sources: tuple[str, ...], replay: str | None, sample: str | None) -> None:
    """Say of every source whether it is proven, changed or dead, with what was found and what was expected.

    The newest documents of the archive are read again, and their numbers compared: exchanges with each other, copies of the
    ECB's rates with the ECB, trackers with filings, the newest 8-K with the dashboard, holders' coins with all coins mined, splits,
    closes and share counts with those stored from others. Exit status 3 where a source is changed or dead.

    \b
    Examples: mnav doctor --source kraken --source coinbase
              mnav doctor --source yahoo_chart --sample to-send
    """
    from pathlib import Path

    from db import open_database
    from scrapers import catalogue
    from scrapers.archive import Archive
    from scripts.shared.output import emit
    from scripts.shared.scraping import ARCHIVE
    from treasury.trust.proof import WORRYING

    for name in sources:
        if name not in catalogue.names():
            raise click.UsageError(f"unknown source {name!r}; the sources are {', '.join(catalogue.names())}")
    db = open_database(settings.db)
    archive = Archive(Path(replay) if replay else settings.db.parent / ARCHIVE)
    read, verdicts = _examined(db, archive, settings, live=replay is None)
    shown = [one for one in verdicts if not sources or one.source in sources]
    not_asked = [one for one in shown if one.verdict == NOT_ASKED]
    in_a_line = not_asked if settings.output == "table" and not sources else []
    listed = [row for one in shown if one not in in_a_line for row in _rows(one)]
    emit(listed, DOCTOR_COLUMNS, settings.output, spare=("asked",))
    worrying = [one for one in shown if one.verdict in WORRYING]
    if in_a_line == shown:
        settings.say(
            f"none of {counted(len(shown), 'source')} was asked yet, so nothing can be proven: `mnav run` without --offline asks them"
        )
    else:
        told = {name: sum(one.verdict == name for one in shown) for name in VERDICTS}
        settings.say(", ".join(f"{count} {name}" for name, count in told.items() if count))
        if in_a_line:
            settings.say(f"{NOT_ASKED}: {', '.join(one.source for one in in_a_line)}; --source says why")
    if sample:
        _write(Path(sample), shown if sources else worrying, read, archive, settings)
    elif worrying:
        named = " ".join(f"--source {one.source}" for one in worrying)
        settings.say(
            f"to report: what stands above, and the files that `mnav doctor {named} --sample to-send` writes; look through them first"
        )
    if worrying:
        raise click.exceptions.Exit(SOME_SOURCES_FAILED)


def _examined(
    db: Database, archive: Archive, settings: Settings, *, live: bool
) -> tuple[dict[str, Reread], list[Verdict]]:
    """Every source read again, and judged; of a recording nothing is known but its documents."""
    from db.reads.told import told
    from db.tables import for_scraping
    from scrapers import catalogue
    from scrapers.reread import reread
    from treasury.trust.proof import Asking, Numbers, verdicts

    offers = for_scraping.offers(db, settings.clock()) | {"keys": {}}
    identity = for_scraping.identity(db)
    runs = for_scraping.last_runs(db) if live else {}
    read = {name: reread(archive, name, offers, identity) for name in catalogue.names()}
    asked = []
    for name, found in read.items():
        _, counts = runs.get(name, ("", {}))
        asked.append(
            Asking(
                name, counts.get("outcome", ""), counts.get("message", ""), counts.get("fetched", 0), found.documents, found.unread,
                found.newest, catalogue.leads_to(name), found.numbers,
            )
        )  # fmt: skip
    priced = [number for one in asked for number in one.numbers if number.quantity != "usd_per_unit"]
    closes = [number for number in priced if number.quantity == "close"]
    since = min((number.day for number in priced), default=settings.clock())
    return read, verdicts(Numbers(asked, told(db, {number.about for number in closes}, since)))


def _rows(verdict: Verdict) -> list[dict[str, Any]]:
    """A row for every comparison, those that speak against a source first; one at least."""
    asked = f"{verdict.newest:%Y-%m-%d}" if verdict.newest else None
    told = {"source": verdict.source, "verdict": verdict.verdict, "asked": asked}
    rows = [
        {**told, "check": one.check, "found": one.found, "expected": one.expected}
        for one in sorted(verdict.comparisons, key=lambda one: one.holds)
    ]
    if verdict.about or not rows:
        rows.insert(0, {**told, "check": "its documents", "found": verdict.about or VERDICTS[verdict.verdict]})
    return rows


def _write(
    folder: Path, verdicts: list[Verdict], read: dict[str, Reread], archive: Archive, settings: Settings
) -> None:
    """A report with what was found and expected, and beside it the newest documents, cut short and without addresses or keys."""
    import json
    import os

    from scrapers.archive import ArchiveError
    from scrapers.formats.sample import anonymous, sample
    from scripts.shared.scraping import IDENTITY, keys
    from scripts.shared.session import versions

    identity = os.environ.get(IDENTITY, "")
    secrets = {
        *keys().values(),
        identity,
        identity.rpartition(" ")[0],
        str(archive.folder.absolute().parent),
        os.path.expanduser("~"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    report: list[dict[str, Any]] = []
    for verdict in verdicts:
        documents = []
        for number, entry in enumerate(read[verdict.source].bodies[:SAMPLES_OF_A_SOURCE], start=1):
            try:
                cut = sample(archive.body(entry.sha256), secrets)
            except ArchiveError:  # told among what cannot be read
                cut = None
            file = f"{verdict.source}-{number}.{cut[0]}" if cut else None
            if cut and file:
                (folder / file).write_text(cut[1], encoding="utf-8")
            about = {"url": entry.url, "fetched_at": entry.fetched_at.isoformat(), "bytes": entry.size}
            documents.append(about | {"sha256": entry.sha256, "media_type": entry.media_type, "file": file})
        report.append({"source": verdict.source, "checks": _rows(verdict), "documents": documents})
    text = json.dumps({"versions": versions(), "sources": report}, indent=1, ensure_ascii=False)
    (folder / "report.json").write_text(anonymous(text, secrets) + "\n", encoding="utf-8")
    settings.say(f"wrote a report of {len(report)} sources to {folder}; look through it before you send it")


if __name__ == "__main__":
    command()
