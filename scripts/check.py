"""mnav check: what a careful reader would question in the database."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

import click

from scripts.shared.options import FAILED, Settings, verb

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
def command(settings: Settings, strict: bool, everything: bool, trackers: bool) -> None:
    """List implausible facts and valuations, what trackers show against what was filed, stale inputs, and what companies lack.

    \b
    Examples: mnav check --all
              mnav check --trackers
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
    found = findings(db)
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
    if strict and severe:
        click.get_current_context().exit(FAILED)


if __name__ == "__main__":
    command()
