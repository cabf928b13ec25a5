"""mnav run: the whole job: load, value, print the league table, draw the charts."""

from __future__ import annotations

import click

from scripts.options import CHARTS, Settings, verb
from treasury import __version__


@verb()
@click.option(
    "--offline", is_flag=True, default=False, help="Open no socket: use the bundled reference data and what is stored."
)
def command(settings: Settings, offline: bool) -> None:
    """Load the reference data, value every company and day, print the league table, draw the charts.

    \b
    Example: mnav run --offline
    """
    from db import open_database, store
    from db.reference import load_reference
    from db.valuations import bring_up_to_date
    from scripts.plot import draw_mnav
    from scripts.show import in_league, show

    if not offline:
        raise click.UsageError("this version has no live sources yet; use mnav run --offline")
    db = open_database(settings.db, writable=True)
    run = store.begin_run(db, "run --offline", _now(), _versions())
    loaded = load_reference(db)
    settings.say(
        "reference data: "
        + (", ".join(f"{count:,} new {table}" for table, count in loaded.items() if count) or "nothing new")
    )
    settings.say(f"valued {bring_up_to_date(db):,} company-days")
    store.end_run(db, run, _now(), "done", loaded)
    show(settings, db)

    from db import query

    folder = settings.db.parent / CHARTS
    league = [row["ticker"] for row in query.league(db) if in_league(row)]
    drawn = [
        draw_mnav(db, (ticker,), folder / f"mnav-{ticker}.png") for ticker in query.with_multiple(db, league, "mnav_ev")
    ]
    both = tuple(ticker for ticker in ("MSTR", "3350.T") if ticker in league)
    if len(both) > 1:
        drawn.append(draw_mnav(db, both, folder / "mnav-MSTR-3350.T.png", "mnav_market_cap", log=True))
    settings.say(f"drew {len(drawn)} charts in {folder}; the database is {settings.db}")

    from scripts.alert import RULES, TOLD, tell

    if (rules := settings.db.parent / RULES).exists():
        for alert in tell(open_database(settings.db), rules, settings.db.parent / TOLD)[0]:
            about = " ".join(str(alert[name]) for name in ("ticker", "date", "say") if alert[name])
            click.echo(f"alert: {alert['alert']}: {about}", err=True)


def _now() -> str:
    from datetime import UTC, datetime

    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _versions() -> dict[str, str]:
    import sqlite3
    from importlib.metadata import version

    return {"mnav": __version__, "sqlite": sqlite3.sqlite_version, "pandas": version("pandas")}


if __name__ == "__main__":
    command()
