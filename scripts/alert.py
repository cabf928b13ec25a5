"""mnav alert: tell what meets your rules, once until it clears."""

from __future__ import annotations

import click

from scripts.shared.alerting import RULES_FILE, TOLD, tell
from scripts.shared.options import NEWS, Settings, verb

ALERT_COLUMNS = ("alert", "ticker", "date", "close_age_days", "value", "say", "when", "row")
ALERT_SHOWN = ALERT_COLUMNS[:-1]


@verb()
@click.argument("rules", required=False, type=click.Path(dir_okay=False))
@click.option(
    "--state",
    type=click.Path(dir_okay=False),
    default=None,
    help=f"What was told [default: {TOLD} beside the database].",
)
@click.option("--peek", is_flag=True, default=False, help="Tell, and remember nothing.")
@click.option("--all", "everything", is_flag=True, default=False, help="What was told before too, as long as it holds.")
def command(settings: Settings, rules: str | None, state: str | None, peek: bool, everything: bool) -> None:
    """Evaluate the rules of a TOML file [default: mnav-alerts.toml beside the database] over the views, reading only.
    Exit status 4 where something new is told (docs/scenarios.md).

    \b
    Examples: mnav alert
              mnav alert rules.toml --json
    """
    from pathlib import Path

    from db import open_database
    from scripts.shared.output import emit

    path = Path(rules) if rules else settings.db.parent / RULES_FILE
    fresh, standing = tell(
        open_database(settings.db),
        path,
        Path(state) if state else settings.db.parent / TOLD,
        settings.clock(None),
        peek=peek,
    )
    shown = standing if everything else fresh
    if settings.output == "table":
        emit(shown, ALERT_SHOWN, "table", {"close_age_days": "close age"}, below=("value", "say", "when"))
    elif settings.output == "csv":
        emit(shown, ALERT_SHOWN, "csv")
    else:
        emit(shown, ALERT_COLUMNS, settings.output)
    settings.say(f"{len(fresh)} new, {len(standing) - len(fresh)} told before and still so")
    if fresh:
        click.get_current_context().exit(NEWS)


if __name__ == "__main__":
    command()
