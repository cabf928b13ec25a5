"""mnav revisions: what changed, when we learned it, old and new."""

from __future__ import annotations

from typing import Any

import click

from scripts.shared.options import ALL_ROWS, DAY, NEWS, Day, Settings, known_tickers, verb
from treasury.amounts import counted

REVISIONS_COLUMNS = ("date", "ticker", "quantity", "what", "old", "new", "unit", "as_of", "known_at", "source")
REVISIONS_SPARE = (
    "source",
    "known_at",
    "as_of",
    "what",
    "unit",
    "old",
)  # what a narrow terminal does without, the first first
LAST_RUN = "last-run"


class Since(Day):
    """A day, or the last run."""

    name = f"YYYY-MM-DD|{LAST_RUN}"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        return LAST_RUN if value == LAST_RUN else super().convert(value, parameter, context)


@verb()
@click.argument("tickers", nargs=-1)
@click.option(
    "--since",
    type=Since(),
    default=None,
    metavar=Since.name,
    help=f"First day, or {LAST_RUN}: what the last `mnav run` brought.",
)
@click.option("--until", type=DAY, default=None, help="Last day.")
@click.option("--quantity", default=None, help="Only this quantity, such as btc_holdings.")
@click.option(
    "--total",
    is_flag=True,
    default=False,
    help="The bitcoin of all companies day by day instead, no coin counted twice.",
)
@click.option(
    "--mail", is_flag=True, default=False, help="As a message to be mailed, its subject first; needs --since."
)
@ALL_ROWS
@click.option("--exit-code", is_flag=True, default=False, help=f"Exit status {NEWS} where there is something to tell.")
def command(
    settings: Settings,
    tickers: tuple[str, ...],
    since: str | None,
    until: str | None,
    quantity: str | None,
    total: bool,
    mail: bool,
    everything: bool,
    exit_code: bool,
) -> None:
    """The journal over all inputs of valuation: companies appearing and vanishing, values changing, facts withdrawn; and prices, bitcoin's
    fixings and splits that were replaced.

    With --since last-run the rows that the last `mnav run` was the first to have, however far back their day lies; --mail adds what it
    kept out and which sources failed (docs/scheduling.md mails it after each run).

    \b
    Examples: mnav revisions MSTR --quantity btc_holdings --since 2025-11-01 --until 2025-11-30
              mnav revisions --since 2026-06-20 --mail
              mnav revisions --total --since 2026-01-01
    """
    from db import open_database
    from db.derived.views import JOURNAL, RESTATED
    from db.reads import views
    from scripts.shared.output import emit_last

    quantities = [*(name for name, *_ in JOURNAL), *RESTATED]
    if quantity is not None and quantity not in quantities:
        raise click.UsageError(f"unknown quantity {quantity!r}; the journal follows {', '.join(quantities)}")
    if since == LAST_RUN and (until or total):
        raise click.UsageError(f"{LAST_RUN} is no day; it goes without --until and --total")
    if mail and (since is None or total or settings.output != "table"):
        raise click.UsageError(f"--mail is plain text about --since a day or {LAST_RUN}")
    asked = everything or since is not None
    db = open_database(settings.db)
    if total:
        rows = views.holdings_totals(db, since, until)
        left = emit_last(rows, ["date", "btc", "changes"], settings.output, asked=asked)
        if rows:
            settings.say(
                f"{rows[-1]['btc']:,.0f} BTC on {rows[-1]['date']}, after {counted(len(rows), 'day')} of change{left}"
            )
        _exit(exit_code and bool(rows))
        return
    who = known_tickers(db, tickers)
    if mail and since is not None:
        from db.feeds import news
        from treasury.messages.news import message

        last = since == LAST_RUN
        found = news.since_last_run(db, who, quantity) if last else news.since_day(db, since, until, who, quantity)
        click.echo(message(found))
        _exit(exit_code and bool(found))
        return
    if since == LAST_RUN:
        from db.feeds.news import last_run

        run = last_run(db)
        rows = views.revisions(db, who, quantity=quantity, run=run.id)
        settings.say(f"run of {run.ended_at}" + ("" if run.before else ", the first here: all is new"))
    else:
        rows = views.revisions(db, who, since, until, quantity)
    columns = (
        REVISIONS_COLUMNS
        if settings.output == "table"
        else (*REVISIONS_COLUMNS[:-1], "known_assumed", "source", "url", "note", "fact", "old_unit")
    )
    left = emit_last(rows, columns, settings.output, asked=asked, spare=REVISIONS_SPARE)
    settings.say(f"{counted(len(rows), 'change')}{left}")
    _exit(exit_code and bool(rows))


def _exit(news: bool) -> None:
    if news:
        click.get_current_context().exit(NEWS)


if __name__ == "__main__":
    command()
