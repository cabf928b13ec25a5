"""mnav run: the whole job: scrape, load, value, print the league table, draw the charts."""

from __future__ import annotations

import sys

import click

from scripts.shared.options import CHARTS_FOLDER, REMARK, SOME_SOURCES_FAILED, Settings, verb, width_of
from scripts.shared.tables import folded


@verb()
@click.option(
    "--offline", is_flag=True, default=False, help="Open no socket: use the bundled reference data and what is stored."
)
def command(settings: Settings, offline: bool) -> None:
    """Ask the sources, load the reference data, value every company and day, print the league table, draw the charts.

    \b
    Example: mnav run --offline
    """
    from db import open_database
    from db.derived.valuations import bring_up_to_date
    from db.feeds import news
    from db.feeds.published import published_numbers
    from db.reads import views
    from db.tables import store
    from scripts.shared.drawing import default_path, draw_mnav
    from scripts.shared.league_table import show
    from scripts.shared.session import load, now, versions
    from treasury.league import in_league, largest_of_two_countries
    from treasury.publishers.compared import tally
    from treasury.trust.grade import OLD_CLOSE_DAYS

    db = open_database(settings.db, writable=True)
    outcomes = []
    if not offline:
        from scripts.shared.scraping import Asked, scrape

        outcomes = scrape(db, settings, Asked())
    run = store.begin_run(db, "run --offline" if offline else "run", now(), versions())
    loaded = load(db, settings)
    valued = bring_up_to_date(db)
    priced = sum(row["mnav_market_cap"] is not None for row in views.league(db))
    settings.say(f"valued {valued:,} company-days; {priced} companies have a multiple at their last close")
    news.end_run(db, run, now(), loaded)
    show(settings, db)
    settings.say(f"{tally(published_numbers(db))}; mnav bridge --all lists them")

    league = [row["ticker"] for row in views.league(db) if in_league(row)]
    drawn = [
        draw_mnav(db, (ticker,), default_path(settings, "mnav", (ticker,)))
        for ticker in views.with_multiple(db, league, "mnav_ev")
    ]
    pair = largest_of_two_countries(row for row in views.league(db) if row["ticker"] in league)
    if len(pair) > 1:
        drawn.append(draw_mnav(db, pair, default_path(settings, "mnav", pair), "mnav_market_cap", log=True))
    settings.say(f"drew {len(drawn)} charts in {settings.db.parent / CHARTS_FOLDER}; the database is {settings.db}")
    from scripts.shared.alerting import RULES_FILE, TOLD, tell

    if (rules := settings.db.parent / RULES_FILE).exists():
        for alert in tell(open_database(settings.db), rules, settings.db.parent / TOLD, settings.clock(None))[0]:
            age = alert["close_age_days"]
            old = f"({age} days old)" if age is not None and age > OLD_CLOSE_DAYS else None
            about = " ".join(
                str(one) for one in (alert["ticker"], alert["date"], old, alert["value"], alert["say"]) if one
            )
            click.echo(folded(f"alert: {alert['alert']}: {about}", width_of(sys.stderr), REMARK), err=True)

    if any(one.problems for one in outcomes):
        raise click.exceptions.Exit(SOME_SOURCES_FAILED)


if __name__ == "__main__":
    command()
