"""mnav watch: companies you look at together, under a name that stands where a ticker can."""

from __future__ import annotations

import click

from scripts.shared.options import Settings, known_tickers, verb


@verb()
@click.argument("name", required=False)
@click.argument("tickers", nargs=-1)
@click.option("--remove", is_flag=True, default=False, help="Take TICKERS off the list; without any, the whole list.")
def command(settings: Settings, name: str | None, tickers: tuple[str, ...], remove: bool) -> None:
    """Show your watch lists, the companies of the list NAME, or add TICKERS to it. `@NAME` then stands for them wherever a verb or
    an alert rule takes companies.

    \b
    Examples: mnav watch mine MSTR metaplanet
              mnav show @mine
              mnav watch mine MSTR --remove
    """
    from db import open_database
    from db.tables import watching
    from db.tables.transaction import writing
    from scripts.shared.output import emit

    if name is not None and not name.strip():
        raise click.UsageError("a watch list needs a name; write letters, digits, - or _")
    name = name.removeprefix(watching.LIST_SIGN) if name else None
    open_database(settings.db).close()  # a list needs companies: none is made of nothing
    if name and (tickers or remove):
        db = open_database(settings.db, writable=True)
        chosen = known_tickers(db, tickers)
        with writing(db):
            changed = watching.unwatch(db, name, chosen) if remove else watching.watch(db, name, chosen)
        settings.say(f"{changed} {'taken off' if remove else 'added to'} {watching.LIST_SIGN}{name}")
    lists = watching.watch_lists(open_database(settings.db))
    if name and name.lower() not in lists and not remove:
        there = ", ".join(watching.LIST_SIGN + one for one in lists)
        raise click.UsageError(f"no watch list {name!r}; {f'there are {there}' if there else 'give it TICKERS'}")
    shown = {one: tickers for one, tickers in lists.items() if name in (None, one) or one == str(name).lower()}
    rows = [{"list": one, "ticker": ticker} for one, tickers in shown.items() for ticker in tickers]
    emit(rows, ("list", "ticker"), settings.output)
    if not lists:
        settings.say("no watch list yet: mnav watch NAME TICKER... makes one")


if __name__ == "__main__":
    command()
