"""mnav check: what a careful reader would question in the database."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from scripts.shared.options import FAILED, Settings, verb

if TYPE_CHECKING:
    from sqlite_utils import Database

    from treasury.trust.findings import Finding

SCORED = (
    "tracker", "companies", "values", "days", "agrees_pct", "stale_pct", "scope_pct", "wrong_pct", "unconfirmed_pct", "kept_out",
    "disclosures", "shown", "median_days_late", "worst_days_late",
)  # fmt: skip
SCORED_SPARE = (
    "kept_out",
    "shown",
    "disclosures",
    "unconfirmed_pct",
    "days",
    "worst_days_late",
    "companies",
)  # the first goes first
CHECK_SHOWN = 8  # of one check on the terminal, unless --all


@verb()
@click.option("--strict", is_flag=True, default=False, help="Exit with 1 where anything but notes was found.")
@click.option(
    "--all", "everything", is_flag=True, default=False, help="Every finding, not the first few of each check."
)
@click.option("--trackers", is_flag=True, default=False, help="How late and how often wrong each tracker was, instead.")
@click.option("--integrity", is_flag=True, default=False, help="Whether file, archive and derived tables are sound, instead; exits with 1 where one is not.")  # fmt: skip
def command(settings: Settings, strict: bool, everything: bool, trackers: bool, integrity: bool) -> None:
    """List implausible facts and valuations, what trackers show against what was filed, stale inputs, and what companies lack.

    With --integrity: SQLite's own check of the file, every document of the archive against its checksum, and the derived tables
    against those that a rebuild of a copy makes.

    \b
    Examples: mnav check --all
              mnav check --trackers
              mnav check --integrity
    """
    from db import open_database
    from db.feeds.checks import findings
    from scripts.shared.output import emit

    db = open_database(settings.db)
    if trackers:
        from db.derived.reconciliation import tracker_scores

        headers = {name: name.removesuffix("_pct").replace("_", " ") for name in SCORED}
        emit([asdict(one) for one in tracker_scores(db)], SCORED, settings.output, headers, spare=SCORED_SPARE)
        return
    found = _integrity(db, settings) if integrity else findings(db)
    counts = Counter(one.check for one in found)
    rows, seen = [], Counter[str]()
    for finding in found:
        seen[finding.check] += 1
        if everything or settings.output != "table" or seen[finding.check] <= CHECK_SHOWN:
            rows.append(asdict(finding))
    emit(rows, ["severity", "check", "ticker", "date", "message"], settings.output, below=("message",))
    hidden = {check: count - CHECK_SHOWN for check, count in counts.items() if count > CHECK_SHOWN}
    if hidden and not everything and settings.output == "table":
        settings.say(
            "not shown: " + ", ".join(f"{count} more of {check!r}" for check, count in hidden.items()) + "; see --all"
        )
    severe = sum(one.severity != "note" for one in found)
    settings.say(f"{severe} findings, {len(found) - severe} notes")
    if integrity and not found:
        settings.say("file, archive and derived tables are sound")
    if severe and (strict or integrity):
        click.get_current_context().exit(FAILED)


def _integrity(db: Database, settings: Settings) -> list[Finding]:
    """What is wrong with the file, the archive and the derived tables; nothing is rebuilt from a damaged file."""
    from db.feeds.integrity import damage, unlike_a_rebuild
    from scrapers.archive import Archive
    from scripts.shared.scraping import ARCHIVE
    from treasury.trust.findings import Finding

    found = list(damage(db))
    if not found:
        found += unlike_a_rebuild(db, settings.db)
    damaged = Archive(settings.db.parent / ARCHIVE).damaged()
    return [*found, *(Finding("error", "damaged document", None, None, problem) for problem in damaged)]


if __name__ == "__main__":
    command()
