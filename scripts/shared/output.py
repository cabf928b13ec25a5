"""Rows to stdout: a table with sensible digits for people, JSON and CSV at full precision for programs."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from treasury.amounts import UNKNOWN_SIGN, in_unit
from treasury.intake.csv_files import FORMULA
from treasury.metrics.adjusted import DAY_BY_DAY

_SIDE = re.compile(r"_(from|to|change)$")
COLUMN_GAP = 2  # spaces between two columns; tabulate gives a title as many for itself
SHORTEST = 14  # a text shortened further says nothing


def emit(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    output: str,
    headers: Mapping[str, str] | None = None,
    *,
    spare: Sequence[str] = (),
    old: str = "",
    right: Sequence[str] = (),
) -> None:
    """Print the given columns of all rows as "table", "json" or "csv"; unknown is –, null or an empty cell.

    On a terminal too narrow for the table, the columns of `spare` are left out, the first of them first, and its last
    column is shortened; piped output is whole. A row whose column `old` is true is printed faintly on a terminal. Texts of
    the columns `right` stand on the right like numbers.
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
    else:
        from tabulate import tabulate

        table = {
            name: [(headers or {}).get(name, name), *(shown_as(name, row.get(name)) for row in rows)]
            for name in columns
        }
        if spare and (width := terminal_width()):
            table = fitted(table, width, spare)
        numeric = [
            name in right or all(isinstance(_plain(row.get(name)), int | float | None) for row in rows)
            for name in table
        ]
        align = ["right" if one else "left" for one in numeric]
        titles, *shown = zip(*table.values(), strict=True) if table else ((),)
        text = tabulate(shown, titles, tablefmt="simple", colalign=align if rows else None, disable_numparse=True)
        head, lines = text.split("\n")[:2], text.split("\n")[2:]
        click.echo(
            "\n".join([*head, *(faint(line) if row.get(old) else line for line, row in zip(lines, rows, strict=False))])
        )


def terminal_width() -> int | None:
    """Characters in a line of the terminal that stdout is; None where it is a pipe or a file."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def faint(text: str) -> str:
    """Text that should recede, on a terminal that may be coloured (no-color.org); click strips it elsewhere."""
    return text if os.environ.get("NO_COLOR") else click.style(text, dim=True)


def fitted(table: Mapping[str, list[str]], width: int, spare: Sequence[str]) -> dict[str, list[str]]:
    """Columns (each its title and cells) that fit a width: spare ones go in their order, then the last is shortened."""
    kept = dict(table)
    last = next(reversed(kept))
    for name in [None, *spare]:
        if name is not None:
            kept.pop(name, None)
        others = sum(_width(cells) + COLUMN_GAP for column, cells in kept.items() if column != last)
        longest = max(map(len, table[last]))
        room = width - others
        if last in kept and room < min(longest, SHORTEST):
            continue
        if last in kept and longest > room:
            kept[last] = [cell if len(cell) <= room else cell[: room - 1].rstrip() + "…" for cell in table[last]]
        if sum(_width(cells) + COLUMN_GAP for cells in kept.values()) - COLUMN_GAP <= width:
            break
    return kept


def _width(cells: list[str]) -> int:
    return max(len(cells[0]) + COLUMN_GAP, *map(len, cells))


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
    value = _plain(value)
    if value is None:
        return UNKNOWN_SIGN
    if isinstance(value, str):
        return value
    name = _SIDE.sub("", name)  # a column of then, of now or of what changed reads like the column itself
    column = DAY_BY_DAY.get(name)
    if column is not None:
        return in_unit(value, column.unit, column.each)
    for told, unit in _UNIT_OF_NAME.items():
        if name.startswith(told) or name.endswith(told):
            return in_unit(value, unit)
    return in_unit(value, "")


# of columns that are made of one of mnav_daily: the beginning or end of their names, what tells more first
_UNIT_OF_NAME = {
    "_pct": "%",
    "_z_1y": "",
    "_rank": "",
    "_rank_of": "",
    "mnav_": "x",
    "sats_": "sats",
    "notional": "USD",
    "at_market": "USD",
}
