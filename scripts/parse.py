"""mnav parse: what a source's parser reads from a saved document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts.shared.options import Settings, verb

if TYPE_CHECKING:
    from datetime import datetime

COLUMNS = ("company", "instrument", "quantity", "value", "unit", "as_of", "period_start", "known_at", "note")


@verb()
@click.argument("source")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--url", default="", help="Where the document is from [default: FILE]; some sources read the question from it."
)
@click.option("--fetched-at", default=None, metavar="MOMENT", help="When it was fetched [default: now].")
@click.option("--published-at", default=None, metavar="MOMENT", help="When it was published: the readings' known_at.")
def command(
    settings: Settings, source: str, file: str, url: str, fetched_at: str | None, published_at: str | None
) -> None:
    """Print every reading of a saved document as its publisher names it; none where it holds none.

    A moment is written 2026-01-05T13:00:27Z, with its offset.

    \b
    Example: mnav parse strategy_8k filing.htm --json
    """
    from datetime import UTC, datetime
    from pathlib import Path

    from scrapers import catalogue
    from scripts.shared.output import emit
    from treasury.model import Document

    if source not in catalogue.names():
        raise click.UsageError(f"unknown source {source!r}; the sources are {', '.join(catalogue.names())}")
    module = catalogue.load(source)
    published = _moment(published_at, "--published-at")
    fetched = _moment(fetched_at, "--fetched-at") or datetime.now(UTC)
    document = Document(source, url or file, Path(file).read_bytes(), fetched, published)
    examined = catalogue.sift(module.parse(document))
    for reading, reason in examined.refused:
        settings.say(f"left out: {reading.company} {reading.quantity} of {reading.as_of}: {reason}")
    rows = [
        {name: getattr(reading, name) for name in COLUMNS} | {"known_at": reading.known_at or published}
        for reading in examined.readings
    ]
    emit([{name: _plain(value) for name, value in row.items()} for row in rows], COLUMNS, settings.output)
    next_urls = getattr(module, "next_urls", None)
    if next_urls and not rows:
        for further in next_urls(document):
            settings.say(f"nothing here; look in {further}")


def _moment(text: str | None, option: str) -> datetime | None:
    """An aware moment, or a usage error that shows how to write one."""
    from datetime import UTC, datetime

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a moment; write 2026-01-05T13:00:27Z", param_hint=option) from None
    if moment.tzinfo is None:
        raise click.BadParameter(f"{text!r} has no offset; write 2026-01-05T13:00:27Z", param_hint=option)
    return moment.astimezone(UTC)


def _plain(value: object) -> object:
    from datetime import date, datetime

    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else value


if __name__ == "__main__":
    command()
