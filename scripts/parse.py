"""mnav parse: what a source's parser reads from a saved document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from scripts.shared.moments import moment
from scripts.shared.options import Settings, verb

if TYPE_CHECKING:
    from treasury.model import Document

PARSE_COLUMNS = (
    "company",
    "instrument",
    "quantity",
    "value",
    "unit",
    "as_of",
    "period_start",
    "known_at",
    "note",
    "doubt",
)
NOTHING, ELSEWHERE = "nothing here", "leads to exhibits"


@verb()
@click.argument("source")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--url", default="", help="Where the document is from [default: FILE]; some sources read the question from it."
)
@click.option("--company", default="", metavar="TICKER", help="Whose notice it is, where the document does not say.")
@click.option("--fetched-at", default=None, metavar="MOMENT", help="When it was fetched [default: now].")
@click.option("--published-at", default=None, metavar="MOMENT", help="When it was published: the readings' known_at.")
def command(
    settings: Settings, source: str, file: str, url: str, company: str, fetched_at: str | None, published_at: str | None
) -> None:
    """Print every reading of a saved document as its publisher names it, those in doubt with their doubt.

    A moment is written 2026-01-05T13:00:27Z, with its offset. Bitcoin's closes and companies' names are those of the database,
    where there is one, as in a scrape. Where a document holds no readings, stderr says what it is: nothing here, leads to
    exhibits, or layout unknown.

    \b
    Examples: mnav parse strategy_8k filing.htm --json
              mnav parse announcement notice.html --company SWC.L --published-at 2026-04-24T06:00:00Z
    """
    from datetime import UTC, datetime
    from pathlib import Path

    from scrapers import catalogue
    from scripts.shared.given import contents
    from scripts.shared.output import emit
    from treasury.model import Document

    if source not in catalogue.names():
        raise click.UsageError(f"unknown source {source!r}; the sources are {', '.join(catalogue.names())}")
    module = catalogue.load(source)
    published = moment(published_at, "--published-at")
    fetched = moment(fetched_at, "--fetched-at") or datetime.now(UTC)
    document = Document(source, url or file, contents(Path(file)), fetched, published)
    offers = _offers(settings, company)
    examined = catalogue.sift(module.parse(document, **catalogue.given(module.parse, offers)))
    rows = [
        {name: getattr(reading, name) for name in PARSE_COLUMNS}
        | {"known_at": reading.known_at or published, "doubt": doubt}
        for reading, doubt in (*((reading, None) for reading in examined.readings), *examined.refused)
    ]
    for reading, doubt in examined.refused:
        settings.say(f"in doubt, kept out: {reading.company} {reading.quantity} of {reading.as_of}: {doubt}")
    emit(
        [{name: _plain(value) for name, value in row.items()} for row in rows],
        PARSE_COLUMNS,
        settings.output,
        below=("note", "doubt"),
        spare=("known_at", "period_start", "company", "instrument"),
    )
    for line in _why_empty(module, document, offers) if not rows else _remarks(module, document, offers):
        settings.say(line)


def _offers(settings: Settings, company: str) -> dict[str, Any]:
    """What a scrape would give a parser: from the database given, else names from the bundle; and the company asked for."""
    from contextlib import suppress
    from datetime import UTC, datetime

    from db import open_database
    from db.reads.meant import meant
    from db.tables import for_scraping
    from treasury.intake.bundled import bundled_names
    from treasury.model import InputError

    if settings.db.exists():
        db = open_database(settings.db)
        offers = for_scraping.offers(db, datetime.now(UTC).date())
        with suppress(InputError):  # a company that nobody knows yet may have a notice too
            company = meant(db, company) if company else company
    else:
        offers = {"known_as": bundled_names()}
    known: Mapping[str, list[str]] = offers["known_as"]
    if company and company not in known:  # SWC for SWC.AQ, where nobody else is meant
        of_root = [ticker for ticker in known if ticker.partition(".")[0].upper() == company.upper()]
        offers["known_as"] = {**known, company: [name for ticker in of_root[:1] for name in known[ticker]]}
    return {**offers, "company": company}


def _why_empty(module: Any, document: Document, offers: Mapping[str, object]) -> list[str]:
    """What a document without readings is, and where to look or what to look at."""
    from scrapers import catalogue

    further = [f"{ELSEWHERE}; look in {url}" for url in _next_urls(module, document)]
    answer = getattr(module, "answer", None)
    word = answer(document, **catalogue.given(answer, offers)) if answer else NOTHING
    return further or _remarks(module, document, offers) or [word]


def _remarks(module: Any, document: Document, offers: Mapping[str, object]) -> list[str]:
    """What to look at in a document; for prices, the bars that cannot be read."""
    from scrapers import catalogue

    remarks = getattr(module, "remarks", None)
    return remarks(document, **catalogue.given(remarks, offers)) if remarks else []


def _next_urls(module: Any, document: Document) -> list[str]:
    next_urls = getattr(module, "next_urls", None)
    return list(next_urls(document)) if next_urls else []


def _plain(value: object) -> object:
    from datetime import date, datetime

    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else value


if __name__ == "__main__":
    command()
