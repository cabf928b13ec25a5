"""mnav value: make the valuations from what is stored."""

from __future__ import annotations

import click

from scripts.shared.options import DAY, Settings, known_tickers, verb
from treasury.amounts import counted


@verb()
@click.option("--company", "companies", multiple=True, metavar="TICKER", help="Only these companies.")
@click.option("--since", type=DAY, default=None, help="Only days from this one on.")
@click.option("--full", is_flag=True, default=False, help="Value everything again, changed or not.")
@click.option(
    "--vintage", type=click.Choice(["latest"]), default=None, help="Compare with what is known today instead of then."
)
def command(settings: Settings, companies: tuple[str, ...], since: str | None, full: bool, vintage: str | None) -> None:
    """Value what new facts, prices or rates can have changed (all of it with --full).

    \b
    Example: mnav value --full
    """
    from db import open_database
    from db.derived.valuations import bring_up_to_date, rebuild

    db = open_database(settings.db, writable=True)
    tickers = known_tickers(db, companies)
    if vintage:
        from db.reads.hindsight import compare
        from scripts.shared.output import emit

        rows = compare(db, tickers, since)
        emit(
            rows,
            [
                "ticker",
                "days",
                "mnav_ev_median_gap",
                "mnav_ev_worst_gap",
                "worst_on",
                "then",
                "now",
                "mnav_ev_median_size",
                "days_apart",
                "days_only_now",
            ],
            settings.output,
            spare=("days_only_now", "days", "mnav_ev_median_gap", "mnav_ev_median_size"),
        )
        settings.say(f"{counted(len(rows), 'company', 'companies')} whose EV multiple hindsight changes or could")
        return
    if full:
        settings.say(f"valued {rebuild(db):,} company-days")
    else:
        settings.say(f"valued {bring_up_to_date(db, tickers, since):,} company-days again")


if __name__ == "__main__":
    command()
