"""What every verb shares: the global flags, taken before or after the verb, and errors said in one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO, TypeVar

import click

from scripts.shared.tables import folded
from scripts.shared.terminal import guarded
from treasury.errors import MnavError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from click.shell_completion import CompletionItem
    from sqlite_utils import Database

DATABASE = "mnav.db"
CHARTS_FOLDER = "mnav-charts"
USUAL_WIDTH = 80  # of a terminal that does not tell
REMARK = "  "  # before the second line of a remark
DONE, FAILED, USAGE, SOME_SOURCES_FAILED, NEWS = 0, 1, 2, 3, 4
STOPPED = 130  # by Ctrl-C, as shells have it
WHOLE_ERRORS = "MNAV_TRACEBACK"  # with it, what nobody foresaw is shown as Python has it
_LONGEST_FAULT = 300  # characters


class Settings(NamedTuple):
    """The global flags as they stand for one call."""

    db: Path
    output: str = "table"
    quiet: bool = False
    today: date | None = None

    def clock(self, on: str | None = None) -> date:
        """The day against which ages are told: the one asked about, else --today or MNAV_TODAY, else today (UTC)."""
        from datetime import date

        return date.fromisoformat(on) if on is not None else self.today or _now()

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

    def main(self, *arguments: Any, **named: Any) -> Any:
        from scripts.shared.streams import speak_plainly

        speak_plainly()
        with guarded():
            return super().main(*arguments, **named)

    def invoke(self, context: click.Context) -> Any:
        import sqlite3

        from scripts.shared.streams import broken, flushed, leave

        _refuse_reversed(context)
        had_database = settings(context).db.exists()
        try:
            with flushed():
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
            except sqlite3.Error:
                if os.environ.get(WHOLE_ERRORS):
                    raise
                raise click.ClickException(_fault(error)) from None
        except BrokenPipeError:
            leave()  # the reader of our output has left; that is not an error
            raise click.exceptions.Exit(DONE) from None
        except OSError as error:
            raise click.ClickException(broken(error)) from None
        except (KeyboardInterrupt, click.Abort):  # Abort: at a question
            click.echo(_stopped(settings(context).db, had_database), err=True)
            raise click.exceptions.Exit(STOPPED) from None
        except MemoryError:
            raise click.ClickException("there is not memory enough for this; ask for fewer companies or days") from None
        except Exception as error:
            if isinstance(error, click.ClickException | click.exceptions.Exit) or os.environ.get(WHOLE_ERRORS):
                raise
            raise click.ClickException(_fault(error)) from error


def _fault(error: Exception) -> str:
    """What nobody foresaw, in one line."""
    told = " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST_FAULT]
    return (
        f"stumbled ({told}); a fault of mnav, or a damaged database: please report it, with what {WHOLE_ERRORS}=1 adds"
    )


def _stopped(db: Path, had_database: bool) -> str:
    """What stands after Ctrl-C. A database that was begun and holds nobody yet is taken away: whoever asks it would hear of unknown tickers."""
    if not db.exists():
        return "stopped; no database was made"
    from db import open_database
    from db.tables.transaction import DatabaseError

    try:
        open_database(db).close()
    except DatabaseError:
        if not had_database:
            db.unlink()
            return "stopped; no database was made"
    return f"stopped; {db} is whole: what was stored before stands, and the same command goes on from there"


def _refuse_reversed(context: click.Context) -> None:
    """Say that a span ends before it begins, instead of showing nothing."""
    days = {
        option: context.params[parameter.name]
        for parameter in context.command.params
        if isinstance(parameter.type, Day) and parameter.name and context.params.get(parameter.name)
        for option in parameter.opts
    }
    for first, last in (("--since", "--until"), ("--from", "--to")):
        if first in days and last in days and days[first] > days[last] and days[first][:1].isdigit():
            raise click.UsageError(
                f"{first} {days[first]} is after {last} {days[last]}: no day lies between; swap them", context
            )


def verb(name: str | None = None, **attributes: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """A click command with the global flags; its first parameter receives the Settings."""

    def wrap(function: Callable[..., Any]) -> click.Command:
        from functools import update_wrapper

        def called(*arguments: Any, **named: Any) -> Any:
            return function(settings(click.get_current_context()), *arguments, **named)

        command = click.command(name or function.__name__.rstrip("_"), cls=Verb, **attributes)(
            update_wrapper(called, function)
        )
        for parameter in command.params:
            if parameter.name in COMPLETED and parameter.type is click.STRING:
                parameter.type = Completed(COMPLETED[parameter.name])
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
        is_eager=True,  # before days told against it, as yesterday
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


def _now() -> date:
    from datetime import UTC, datetime

    return datetime.now(UTC).date()


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
    """The tickers meant by tickers, symbols or names in any case and @lists, or a usage error that names the nearest ones there are."""
    from db.reads.meant import all_meant

    try:
        return all_meant(db, typed)
    except MnavError as error:
        raise click.UsageError(str(error)) from None


def known_ticker(db: Database, typed: str) -> str:
    """The one ticker meant, as `known_tickers`; a usage error for a list of several."""
    found = known_tickers(db, (typed,))
    if len(found) > 1:
        raise click.UsageError(f"{typed} names {', '.join(found)}; this verb takes one company")
    return found[0]


class Day(click.ParamType[str]):
    """A day on the command line, kept as YYYY-MM-DD; a month or year is its first day where a span begins, else its last."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        from treasury.intake.days_typed import day_typed

        begins = parameter is not None and bool({"--since", "--from"} & set(parameter.opts))
        given = (context.find_root().obj or {}).get("today") if context is not None else None
        try:
            return day_typed(str(value), _today(given) or _now(), first=begins)
        except ValueError as problem:
            self.fail(str(problem), parameter, context)


class Amount(click.ParamType[float]):
    """A number as people write it: 60000, 60,000, 60k, $1.5bn."""

    name = "AMOUNT"

    def __init__(self, least: float | None = None) -> None:
        self.least = least

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        from treasury.amounts import read_amount

        try:
            amount = read_amount(value) if isinstance(value, str) else float(value)
        except ValueError as problem:
            self.fail(str(problem), parameter, context)
        if self.least is not None and amount < self.least:
            self.fail(f"{value} is less than {self.least:g}", parameter, context)
        return amount


class Between(click.FloatRange):
    """A number between bounds; what is no number at all (nan) is neither above nor below them."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        number: float = super().convert(value, parameter, context)
        if number != number:
            self.fail(f"{value} is not a number", parameter, context)
        return number


FEE = click.option(
    "--fee",
    type=Between(0, 1, max_open=True),
    default=0.0,
    show_default=True,
    help="The part of an issue's proceeds that does not arrive, 0.02 for 2 %.",
)


class Completed(click.ParamType[str]):
    """Text that a shell completes from what there is."""

    name = "text"

    def __init__(self, words: Callable[[click.Context], Iterable[str]]) -> None:
        self.words = words

    def shell_complete(
        self, context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        begins = [word for word in self.words(context) if word.lower().startswith(incomplete.lower())]
        return [CompletionItem(word) for word in begins]


def _companies(context: click.Context) -> list[str]:
    """Watch lists and tickers; none without a database."""
    from db import open_database
    from db.reads.views import tickers
    from db.tables.watching import LIST_SIGN, watch_lists

    try:
        db = open_database(settings(context).db)
    except MnavError:
        return []
    return [*(LIST_SIGN + name for name in watch_lists(db)), *tickers(db)]


def _charts(context: click.Context) -> list[str]:
    from treasury.charts import CHARTS

    return list(CHARTS)


def _columns(context: click.Context) -> list[str]:
    from treasury.metrics.mnav_daily import DAILY

    return list(DAILY)


COMPLETED: dict[str, Callable[[click.Context], Iterable[str]]] = {  # what a parameter of this name is completed from
    **dict.fromkeys(("ticker", "tickers", "company", "companies"), _companies),
    **dict.fromkeys(("metric", "metrics", "sort"), _columns),
    "chart": _charts,
}
DAY = Day()
AMOUNT = Amount()
ALL_ROWS = click.option(
    "--all",
    "everything",
    is_flag=True,
    default=False,
    help="Every row, where a terminal would be shown the last screen.",
)
BITCOIN_PRICE = click.option(
    "--bitcoin-price",
    type=click.Choice(["close", "publisher"]),
    default=None,
    help="Bitcoin at the share's close, or at the price by which the company makes its own multiple [default: close].",
)
