"""Rows to stdout: a table with sensible digits for people, JSON and CSV at full precision for programs."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import click

from scripts.shared.options import remark, width_of
from scripts.shared.tables import folded, laid_out
from scripts.shared.terminal import own, plain
from treasury.amounts import UNKNOWN_SIGN, in_unit, with_minus
from treasury.intake.csv_files import FORMULA
from treasury.metrics.adjusted import DAY_BY_DAY
from treasury.metrics.mnav_daily import DAILY
from treasury.trust.findings import OLD_DAYS

_SIDE = re.compile(r"_(from|to|change)$")
_LINE_ENDS = re.compile(r"[\s\x85]*[\n\r\t\v\f\x85\u2028\u2029]\s*")
_BELOW_NOUGHT = re.compile(r"-[\d$]")  # a number that a verb formatted itself
ABOUT = 10  # lines of a screen that are not rows: the head, what is said below, folded where the screen is narrow, the prompt
Row = TypeVar("Row")
DUMB = "dumb"  # a terminal that shows no colours


def emit(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    output: str,
    headers: Mapping[str, str] | None = None,
    *,
    spare: Sequence[str] = (),
    below: Sequence[str] = (),
    turn: bool = False,
    old: str = "",
    right: Sequence[str] = (),
) -> None:
    """Print the given columns of all rows as "table", "json" or "csv"; unknown is –, null or an empty cell. No rows make no table.

    On a terminal the table fits (`scripts.shared.tables`), and a line on stderr says which columns it goes without; piped output is
    whole. A row whose column `old` is true is printed faintly on a terminal.
    """
    if output == "json":
        click.echo(
            json.dumps(
                [{name: _plain(row.get(name)) for name in columns} for row in rows], indent=1, ensure_ascii=False
            )
        )
    elif output == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow(
                ["" if (value := _plain(row.get(name))) is None else spreadsheet_safe(value) for name in columns]
            )
    elif rows:
        table = {
            name: [(headers or {}).get(name, name), *(_cell(name, row.get(name)) for row in rows)] for name in columns
        }
        width = terminal_width()

        def painted(name: str, row: int, text: str) -> str:
            return coloured(name, rows[row].get(name), text)

        laid = laid_out(
            table, width, spare=spare, below=below, turn=turn, right=right, paint=painted if colours() else None
        )
        lines = [*laid.head]
        for row, of_row in zip(rows, laid.rows, strict=False):
            lines += [faint(click.unstyle(line)) if row.get(old) else line for line in of_row]
        painted_lines(lines)
        if laid.left_out:
            remark(
                f"{width} columns leave no room for {', '.join(laid.left_out)}; a wider terminal, a pipe or --csv has all"
            )


def terminal_width() -> int | None:
    """Characters in a line of the terminal that stdout is; None where it is a pipe or a file."""
    return width_of(sys.stdout)


def emit_last(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    output: str,
    headers: Mapping[str, str] | None = None,
    *,
    asked: bool,
    more: str = "--all shows all",
    **layout: Any,
) -> str:
    """Print rows of a long table, the newest last: on a terminal those of the last screen, unless `asked` for more.

    What it returns ends the line that sums up: how many rows were left out and how to have them, or nothing.
    """
    shown = rows if asked or output != "table" else last_screen(rows)
    emit(shown, columns, output, headers, **layout)
    left = len(rows) - len(shown)
    return f"; {left:,} before the last {len(shown)} are left out, {more}" if left else ""


def span(low: str | None, high: str | None) -> str | None:
    """An interval in one cell; None where it is not known."""
    return None if low is None or high is None else f"{low} to {high}"


def last_screen(rows: Sequence[Row]) -> Sequence[Row]:
    """The last rows, as many as a screen of the terminal has room for; all where stdout is none."""
    import shutil

    return rows[-max(shutil.get_terminal_size().lines - ABOUT, 1) :] if terminal_width() else rows


def colours() -> bool:
    """Whether stdout is a terminal that may be coloured (no-color.org)."""
    return terminal_width() is not None and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != DUMB


def draws() -> bool:
    """Whether stdout is a terminal that has the signs of a sparkline."""
    return terminal_width() is not None and (sys.stdout.encoding or "").lower().startswith("utf")


def painted_lines(lines: Iterable[str]) -> None:
    """Print lines whose only marks are colours of ours: what they say is plain already."""
    click.echo("\n".join(lines), file=own(sys.stdout))


def faint(text: str) -> str:
    """Text that should recede, where colour is allowed."""
    return click.style(text, dim=True) if colours() else text


def coloured(name: str, value: Any, text: str) -> str:
    """A cell in the colour of what it says: a premium green, a discount red, an old input yellow, a grade by its letter."""
    if name == "grade":
        colour = {"A": "green", "B": "green", "C": None}.get(value, "yellow") if value else None
    elif isinstance(value, int | float) and name.endswith("age_days"):
        colour = "yellow" if value > OLD_DAYS else None
    elif isinstance(value, int | float) and "premium" in name:
        colour = "green" if value > 0 else "red"
    elif isinstance(value, int | float) and name in DAILY and name.startswith("mnav_") and DAILY[name].unit == "x":
        colour = "green" if value > 1 else "red"
    else:
        colour = None
    return click.style(text, fg=colour) if colour and value == value else text


def prose(text: str, after: str = "") -> None:
    """Print a line of prose, on a terminal broken between words; `after` stands before every line but the first."""
    click.echo(folded(text, terminal_width(), after))


def _plain(value: Any) -> Any:
    """A value as JSON and CSV have it: unknown is None, numpy scalars are Python's."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def spreadsheet_safe(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe, which `mnav import` takes away again."""
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def shown_as(name: str, value: Any) -> str:
    """A value for human eyes: in the unit of the column of mnav_daily, else of the kind that its name tells."""
    if isinstance(value, str):
        return value
    value = _plain(value)
    if value is None:
        return UNKNOWN_SIGN
    if isinstance(value, str):
        return value
    return in_unit(value, *_unit(name))


def _cell(name: str, value: Any) -> str:
    """A value in its place of a table, which is on one line: what follows a line's end would stand there as a row of its own."""
    text = plain(_LINE_ENDS.sub(" ", shown_as(name, value)))
    return with_minus(text) if _BELOW_NOUGHT.match(text) else text


@cache
def _unit(name: str) -> tuple[str, bool]:
    name = _SIDE.sub("", name)  # a column of then, of now or of what changed reads like the column itself
    column = DAY_BY_DAY.get(name)
    if column is not None:
        return column.unit, column.each
    found = (unit for told, unit in _UNIT_OF_NAME.items() if name.startswith(told) or name.endswith(told))
    return next(found, ""), False


# of columns that are made of one of mnav_daily: the beginning or end of their names, what tells more first
_UNIT_OF_NAME = {
    "_pct": "%",
    "_z_1y": "",
    "_rank": "",
    "_rank_of": "",
    "mnav_": "x",
    "sats_": "sats",
    "premium_usd": "USD",
    "notional": "USD",
    "at_market": "USD",
    "programme_usd": "USD",
    "programme_owed": "USD",
    "coupon_cover": "x",
}
