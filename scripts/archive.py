"""mnav archive: what the stored documents take up, and pruning."""

from __future__ import annotations

import click

from scripts.shared.options import Settings, verb

ARCHIVE_COLUMNS = ("source", "documents", "megabytes", "stored_megabytes")


@verb()
@click.option(
    "--prune", is_flag=True, default=False, help="Delete documents that no fact rests on and that are not the newest."
)
def command(settings: Settings, prune: bool) -> None:
    """Show the size of the archive per source; with --prune, delete what no fact needs.

    \b
    Example: mnav archive
    """
    from scrapers.archive import Archive
    from scripts.shared.output import emit
    from scripts.shared.scraping import ARCHIVE

    archive = Archive(settings.db.parent / ARCHIVE)
    if prune:
        from db import open_database
        from db.tables import for_scraping

        freed = archive.prune(for_scraping.needed_bodies(open_database(settings.db)))
        settings.say(f"deleted {freed.bodies:,} documents, {freed.stored_bytes / 1e6:,.1f} MB")
    rows = [
        {
            "source": size.source,
            "documents": size.documents,
            "megabytes": size.raw_bytes / 1e6,
            "stored_megabytes": size.stored_bytes / 1e6,
        }
        for size in archive.sizes()
    ]
    if not rows:
        settings.say("no document is stored yet: `mnav run` and `mnav scrape` keep what the sources send")
    emit(rows, ARCHIVE_COLUMNS, settings.output, {"megabytes": "MB", "stored_megabytes": "MB stored"})


if __name__ == "__main__":
    command()
