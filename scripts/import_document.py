"""mnav import-document: store a notice you have, with what it states."""

from __future__ import annotations

import click

from scripts.shared.moments import moment
from scripts.shared.options import Settings, known_ticker, verb

TOLD_COLUMNS = ("quantity", "instrument", "value", "unit", "as_of", "period_start", "doubt")
NOTICES = "issuer_notice"
LONGEST_URL = 2_000  # characters; no browser takes more


@verb("import-document")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--company", required=True, metavar="TICKER", help="Whose notice it is.")
@click.option("--published-at", required=True, metavar="MOMENT", help="When the public could read it.")
@click.option("--url", default="", help="Where it is from [default: the name of FILE].")
@click.option("--check", is_flag=True, default=False, help="Only say what it states; store nothing.")
def command(settings: Settings, file: str, company: str, published_at: str, url: str, check: bool) -> None:
    """Keep a notice of a company (a page, text or a PDF) in the archive, and store what it states as a scrape would.

    What it contradicts, only bounds or leaves open is kept out with the reason, and so is what cannot be true beside what is
    known: `mnav check` lists it. The same notice again changes nothing. A moment is written 2026-04-24T06:00:00Z.

    \b
    Example: mnav import-document notice.html --company SWC.L --published-at 2026-04-24T06:00:00Z
    """
    from datetime import UTC, datetime
    from pathlib import Path

    from db import open_database
    from db.reads import views
    from db.tables import for_scraping, scraped
    from scrapers import catalogue
    from scrapers.archive import Archive
    from scrapers.normalise import Publisher, normalise
    from scripts.shared.given import contents
    from scripts.shared.output import emit
    from scripts.shared.scraping import ARCHIVE
    from scripts.shared.session import load
    from treasury.model import Document

    if len(url) > LONGEST_URL or not url.isprintable():
        raise click.BadParameter(f"is longer than {LONGEST_URL:,} characters, or holds unseen ones", param_hint="--url")
    published, now = moment(published_at, "--published-at"), datetime.now(UTC)
    if published is None or published > now:
        raise click.BadParameter("lies in the future", param_hint="--published-at")
    db = open_database(settings.db, writable=True)
    if not views.tickers(db):
        load(db, settings)
    ticker = known_ticker(db, company)
    path = Path(file)
    document = Document(NOTICES, f"issuer:{ticker}/{url or path.name}", contents(path), now, published)
    source = catalogue.load(NOTICES)
    offers = for_scraping.offers(db, now.date())
    examined = catalogue.examine(source, document, **catalogue.given(source.parse, offers))
    publisher = Publisher(NOTICES, catalogue.source_kind(source), catalogue.about(source), catalogue.dialect(source), adds_up=True)  # fmt: skip
    harvest = normalise(examined, document, publisher, for_scraping.identity(db), for_scraping.history(db))
    kept_out = {id(kept.reading): kept.reason for kept in harvest.kept_out}
    stored_otherwise = {
        (kept.reading.quantity, kept.reading.instrument, kept.reading.as_of): kept.reason
        for kept in scraped.contradictions(db, harvest)
    }
    readings = [*harvest.passed, *(kept.reading for kept in harvest.kept_out)]
    rows = [
        {
            "quantity": reading.quantity,
            "instrument": reading.instrument,
            "value": reading.value,
            "unit": reading.unit,
            "as_of": reading.as_of.isoformat(),
            "period_start": reading.period_start and reading.period_start.isoformat(),
            "doubt": kept_out.get(id(reading))
            or stored_otherwise.get((reading.quantity, reading.instrument, reading.as_of)),
        }
        for reading in readings
    ]
    emit(rows, TOLD_COLUMNS, settings.output, below=("doubt",))
    if not readings:
        answer = getattr(source, "answer")(document, **catalogue.given(getattr(source, "answer"), offers))  # noqa: B009
        settings.say(f"{path.name}: {answer}")
    if check:
        return
    Archive(settings.db.parent / ARCHIVE).keep(document)
    counts = scraped.take(db, [harvest])
    new = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing new"
    settings.say(f"{path.name}: {new}" + ("; now run `mnav value`" if counts["fact"] or counts["purchase"] else ""))


if __name__ == "__main__":
    command()
