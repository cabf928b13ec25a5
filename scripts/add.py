"""mnav add: a company of your own, from a handful of figures: asked for, or given as options."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import AMOUNT, DAY, Amount, Settings, verb

if TYPE_CHECKING:
    from sqlite_utils import Database

BY_HAND = "mnav add"  # in place of the name of a file
NEEDED = {"price": "Close of its share", "shares": "Shares outstanding", "btc": "Bitcoin held"}
CLAIMS = {"debt": "Debt", "preferred": "Preferred stock", "cash": "Cash"}
ASKED_AMOUNTS = {**NEEDED, **CLAIMS}


@verb()
@click.argument("ticker", required=False)
@click.option("--name", default=None, help="Its name [default: the ticker].")
@click.option("--price", type=AMOUNT, default=None, help="The share's close, unadjusted.")
@click.option("--shares", type=AMOUNT, default=None, help="Shares outstanding.")
@click.option("--btc", type=Amount(least=0), default=None, help="Bitcoin held.")
@click.option(
    "--debt", type=Amount(least=0), default=None, help="Principal of what it borrowed; 0 where there is none."
)
@click.option(
    "--preferred", type=Amount(least=0), default=None, help="What preferred stock is owed; 0 where there is none."
)
@click.option("--cash", type=Amount(least=0), default=None, help="Cash.")
@click.option("--currency", default=None, help="Of price and amounts [default: USD].")
@click.option(
    "--exchange",
    default=None,
    metavar="MIC",
    help="Such as XNYS or XTKS: bitcoin is priced at its close [default: 24:00 UTC].",
)
@click.option("--country", default=None, help="As US or JP [default: ZZ, unknown].")
@click.option("--on", type=DAY, default=None, help="The day of these figures [default: today].")
def command(settings: Settings, ticker: str | None, on: str | None, **given: Any) -> None:
    """Store TICKER with the figures of one day, value it and print its card. Without options, what is needed is asked for.

    The same ticker another day adds to its history; the same day again corrects it. What is not known stays out: debt, preferred
    stock and cash are asked for with 0 meaning none.

    \b
    Example: mnav add ORNG --price 15 --shares 100m --btc 10k --debt 150m --preferred 0 --cash 30m --on 2025-08-06
    """
    from db import open_database
    from db.derived.valuations import bring_up_to_date
    from db.reads import views
    from scripts.shared.league_table import show
    from scripts.shared.session import load

    if ticker is None or any(given[name] is None for name in NEEDED):
        ticker = _ask(ticker, given)
    day = str(settings.clock(on))
    db = open_database(settings.db, writable=True)
    if not views.tickers(db):
        load(db, settings)  # exchanges, rates and prices of bitcoin
    ticker = _own(db, ticker, given)
    _store(settings, db, ticker, day, given)
    bring_up_to_date(db)
    show(settings, db, (ticker,), day)


def _ask(ticker: str | None, given: dict[str, Any]) -> str:
    """Fill in what is missing from the person at the terminal. Raises a usage error that names it where nobody is there."""
    lacking = [*([] if ticker else ["TICKER"]), *(f"--{name}" for name in NEEDED if given[name] is None)]
    if not sys.stdin.isatty():
        raise click.UsageError(f"missing {', '.join(lacking)}; give them, or call mnav add at a terminal to be asked")
    told = ticker or str(click.prompt("Ticker", err=True))
    if ticker is None:
        given["name"] = given["name"] or click.prompt("Name", default=told, err=True)
        given["currency"] = given["currency"] or click.prompt("Currency", default="USD", err=True)
    for name, words in ASKED_AMOUNTS.items():
        while given[name] is None:
            needed = name in NEEDED
            answer = click.prompt(words if needed else f"{words} (0 none, empty not known)", default=None if needed else "", show_default=False, err=True)  # fmt: skip
            if not answer:
                break
            try:
                given[name] = AMOUNT.convert(answer, None, None)
            except click.BadParameter as problem:
                click.echo(problem.message, err=True)
    return told


def _own(db: Database, typed: str, given: dict[str, Any]) -> str:
    """The ticker in capitals; a usage error for that of a company whose figures are published, and for what an import changes."""
    from db.reads.meant import told_by
    from treasury.intake.company_closes import USER

    known = told_by(db, typed)
    if known is None:
        return typed.strip().upper()
    ticker, kind = known
    if kind != USER:
        raise click.UsageError(
            f"{ticker} is here already, from what is published; facts of your own about it come in by `mnav import`"
        )
    if told := [f"--{name}" for name in ("name", "exchange", "country") if given[name] is not None]:
        raise click.UsageError(
            f"{ticker} is here already: leave out {', '.join(told)}, or import a company file to change it"
        )
    return ticker


def _store(settings: Settings, db: Database, ticker: str, day: str, given: dict[str, Any]) -> None:
    """Through the door of all imports, as a file of one row would."""
    from datetime import UTC, datetime

    from db.tables.judged import add_judged
    from db.tables.transaction import writing
    from treasury.intake.csv_files import read_sheet
    from treasury.model import InputError

    for name in ("currency", "exchange", "country"):
        given[name] = given[name] and given[name].upper()
    values = {"ticker": ticker, "date": day, **{name: value for name, value in given.items() if value is not None}}
    lines = [",".join(values), ",".join(_cell(value) for value in values.values())]
    try:
        file = (*read_sheet([f"{line}\n" for line in lines], BY_HAND, settings.clock()), BY_HAND)
        with writing(db):
            _, kept_out = add_judged(db, [file], datetime.now(UTC))
    except InputError as problem:
        raise InputError(str(problem).replace(f"{BY_HAND}:2: ", "")) from None  # there is no file to look at
    for line in kept_out:
        settings.say(f"kept out, in doubt: {line}")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.12f}".rstrip("0").rstrip(".")
    return '"' + str(value).replace('"', '""') + '"'


if __name__ == "__main__":
    command()
