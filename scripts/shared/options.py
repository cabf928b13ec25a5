"""What every verb shares: the global flags, taken before or after the verb, and errors said in one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO, TypeVar

import click

from scripts.shared.tables import folded
from treasury.errors import MnavError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sqlite_utils import Database

DATABASE = "mnav.db"
CHARTS_FOLDER = "mnav-charts"
USUAL_WIDTH = 80  # of a terminal that does not tell
REMARK = "  "  # before the second line of a remark
DONE, FAILED, USAGE, SOME_SOURCES_FAILED, NEWS = 0, 1, 2, 3, 4


class Settings(NamedTuple):
    """The global flags as they stand for one call."""

    db: Path
    output: str = "table"
    quiet: bool = False
    today: date | None = None

    def clock(self, on: str | None = None) -> date:
        """The day against which ages are told: the one asked about, else --today or MNAV_TODAY, else today (UTC)."""
        from datetime import UTC, date, datetime

        return date.fromisoformat(on) if on is not None else self.today or datetime.now(UTC).date()

    def say(self, text: str) -> None:
        """A remark for the person at the terminal; never data."""
        if not self.quiet:
            click.echo(folded(text, width_of(sys.stderr), REMARK), err=True)

    def say_if_earlier(self, ticker: str, on: str | None, day: str) -> None:
        """Say that a day asked for has no close and which one is taken instead."""
        if on is not None and day != on:
            self.say(f"{ticker} has no close on {on}: the last earlier one is shown, {day}.")


def remark(text: str) -> None:
    """The same from where no Settings are at hand."""
    if (context := click.get_current_context(silent=True)) is not None:
        settings(context).say(text)


def width_of(stream: TextIO) -> int | None:
    """Characters in a line of the terminal that a stream is; None where it is a pipe or a file."""
    if not stream.isatty():
        return None
    try:
        return int(os.environ.get("COLUMNS", 0)) or os.get_terminal_size(stream.fileno()).columns or USUAL_WIDTH
    except (ValueError, OSError):
        return USUAL_WIDTH


_Command = TypeVar("_Command", bound=click.Command)


class Verb(click.Command):
    """A command that reports what went wrong in one line, exit status 1, instead of a traceback."""

    def invoke(self, context: click.Context) -> Any:
        import sqlite3

        try:
            return super().invoke(context)
        except MnavError as error:
            raise click.ClickException(str(error)) from None
        except sqlite3.Error as error:
            from db.tables.transaction import explained

            try:
                with explained(settings(context).db):
                    raise error
            except MnavError as clear:
                raise click.ClickException(str(clear)) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader of our output has left; that is not an error
            raise click.exceptions.Exit(DONE) from None


def verb(name: str | None = None, **attributes: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """A click command with the global flags; its first parameter receives the Settings."""

    def wrap(function: Callable[..., Any]) -> click.Command:
        from functools import update_wrapper

        def called(*arguments: Any, **named: Any) -> Any:
            return function(settings(click.get_current_context()), *arguments, **named)

        command = click.command(name or function.__name__.rstrip("_"), cls=Verb, **attributes)(
            update_wrapper(called, function)
        )
        return global_flags(command)

    return wrap


def global_flags(command: _Command) -> _Command:
    """Add the global flags to a command or group; each writes into the root context, the later one wins."""

    def remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        root = context.find_root()
        root.obj = root.obj or {}
        if value is not None and value is not False:
            root.obj[parameter.name] = value

    def flag(*names: str, **attributes: Any) -> None:
        command.params.append(click.Option(names, callback=remember, expose_value=False, **attributes))

    flag(
        "--db",
        type=click.Path(),
        default=None,
        help=f"The database file [default: {DATABASE}, or MNAV_DB].",
    )
    flag("--json", is_flag=True, default=False, help="Print JSON, full precision.")
    flag("--csv", is_flag=True, default=False, help="Print CSV, full precision.")
    flag(
        "--today",
        type=DAY,
        default=None,
        help="The day against which ages are told, where --on names none [default: today, or MNAV_TODAY].",
    )
    flag("-q", "--quiet", is_flag=True, default=False, help="Say nothing on stderr but errors.")
    return command


def settings(context: click.Context) -> Settings:
    given = context.find_root().obj or {}
    if given.get("json") and given.get("csv"):
        raise click.UsageError("--json and --csv exclude each other")
    from pathlib import Path

    return Settings(
        db=Path(given.get("db") or os.environ.get("MNAV_DB") or DATABASE),
        output="json" if given.get("json") else "csv" if given.get("csv") else "table",
        quiet=bool(given.get("quiet")),
        today=_today(given.get("today")),
    )


def _today(given: str | None) -> date | None:
    from datetime import date

    text = given or os.environ.get("MNAV_TODAY")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"MNAV_TODAY is {text!r}, not a day as 2026-07-31") from None


def known_tickers(db: Database, typed: Sequence[str]) -> tuple[str, ...]:
    """The tickers meant by tickers, symbols or names in any case, or a usage error that names the nearest ones there are."""
    from db.reads.meant import meant

    try:
        return tuple(meant(db, text) for text in typed)
    except MnavError as error:
        raise click.UsageError(str(error)) from None


class Day(click.ParamType[str]):
    """A day on the command line, kept as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        from treasury.intake.csv_files import day

        try:
            return day(str(value))
        except ValueError as problem:
            self.fail(str(problem), parameter, context)


DAY = Day()
BITCOIN_PRICE = click.option(
    "--bitcoin-price",
    type=click.Choice(["close", "publisher"]),
    default=None,
    help="Bitcoin at the share's close, or at the price by which the company makes its own multiple [default: close].",
)
