"""A table as lines that fit a width. What does not fit is turned on its side, set below its row, shortened or left out, in that order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from treasury.amounts import UNKNOWN_SIGN

BETWEEN_COLUMNS = "  "  # between two columns
SHORTEST = 14  # the last column shortened further says nothing
SHORTEST_NAME = 20  # and any other text
MOST_TURNED = 6  # rows of a table that may stand on its side
SET_BELOW = "    "  # what stands before a text below its row
# an amount as people are shown it: 641,692 · −$1.20bn · +4.4 % · 1.269x · (30) · 3,521 JPY
_NUMBER = re.compile(r"\(?[+-]?−?\$?\d[\d,]*\.?\d*(e[+-]?\d+)?( ?(bn|m|k|x|%)| [A-Z]{3})?\)?")
_NOTHING = ("", UNKNOWN_SIGN)

Columns = Mapping[str, list[str]]  # by name, each its title and cells
Paint = Callable[[str, int, str], str]  # a cell as it is printed: of which column, in which row


class Laid(NamedTuple):
    """A table laid out: its head, the lines of each row, and the titles of the columns it goes without."""

    head: list[str]
    rows: list[list[str]]
    left_out: list[str]


def laid_out(
    table: Columns,
    width: int | None,
    *,
    spare: Sequence[str] = (),
    below: Sequence[str] = (),
    turn: bool = False,
    right: Sequence[str] = (),
    paint: Paint | None = None,
) -> Laid:
    """Lay out a table in `width` characters (None: any number).

    Of a table too wide, one of few rows that may `turn` has a line for each column; else the texts `below` stand under their rows, long
    texts are shortened, and columns go: those of `spare`, the first of them first, then from the right, never the first column. Texts of the columns `right`
    stand on the right like numbers.
    """
    if not table:
        return Laid([], [], [])
    numeric = {name for name, (_, *cells) in table.items() if name in right or _numbers(cells)}
    count = len(next(iter(table.values()))) - 1
    if width is None or _breadth(table) <= width:
        return _grid(table, numeric, paint)
    if turn and count <= MOST_TURNED and max(map(wide, _turned(table, None).head)) <= width:
        return _turned(table, paint)
    texts = [name for name in below if name in table]
    kept = fitted({name: cells for name, cells in table.items() if name not in texts}, width, spare, numeric)
    grid = _grid(kept, numeric, paint)
    rows = [
        [*lines, *(line for name in texts for line in _set_below(table[name][row + 1], width))]
        for row, lines in enumerate(grid.rows)
    ]
    titles = [cells[0] for cells in table.values()]
    left_out = [
        cells[0] if cells[0] and titles.count(cells[0]) == 1 else name
        for name, cells in table.items()
        if name not in kept and name not in texts
    ]
    return Laid(grid.head, rows, left_out)


def fitted(table: Columns, width: int, spare: Sequence[str], numeric: set[str] | None = None) -> dict[str, list[str]]:
    """Columns that fit a width: those of which nothing is known go, then spare ones in their order, then those on the right; texts are
    shortened as far as they say something, and what went comes back where there is room after all.
    """
    if numeric is None:
        numeric = {name for name, (_, *cells) in table.items() if _numbers(cells)}
    kept = dict(table)
    first = next(iter(table))
    going = [name for name, (_, *cells) in table.items() if name != first and cells and set(cells) == {UNKNOWN_SIGN}]
    going += [name for name in spare if name in table and name not in going and name != first]
    going += [name for name in reversed(list(table)) if name not in going and name != first]
    for name in [None, *going]:
        if name is not None:
            kept.pop(name)
        room = width - _breadth(kept)
        if room >= 0:
            return _filled(table, kept, [one for one in reversed(going) if one not in kept], width)
        shortest = _shortest(kept, numeric)
        if sum(_widest(kept[column]) - least for column, least in shortest.items()) >= -room:
            return _shortened(kept, shortest, -room)
    return {first: [cut(cell, width) for cell in table[first]]}


def _filled(table: Columns, kept: Mapping[str, list[str]], gone: Sequence[str], width: int) -> dict[str, list[str]]:
    for name in gone:
        with_it = {one: cells for one, cells in table.items() if one in kept or one == name}
        if _breadth(with_it) <= width:
            kept = with_it
    return dict(kept)


def cut(text: str, width: int) -> str:
    """A text of at most so many characters, with … where more was said."""
    if wide(text) <= width:
        return text
    while wide(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def folded(text: str, width: int | None, after: str = "") -> str:
    """Prose broken between words to lines of a width (None: left as it is); `after` stands before every line but the first."""
    if width is None or all(wide(line) <= width for line in text.split("\n")):
        return text
    import textwrap

    return "\n".join(
        textwrap.fill(line, width, subsequent_indent=after, break_on_hyphens=False) for line in text.split("\n")
    )


def wide(text: str) -> int:
    """Characters of a terminal that a text takes up: two for a Chinese or Japanese sign."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(2 if east_asian_width(sign) in "WF" else 0 if combining(sign) else 1 for sign in text)


def sparkline(values: Sequence[float | None], width: int) -> str:
    """The course of a series in so many characters, each the mean of its stretch; a gap where nothing is known."""
    if len([value for value in values if value is not None]) < 2:
        return ""
    stretches = [
        [value for value in values[at * len(values) // width : (at + 1) * len(values) // width] if value is not None]
        for at in range(width)
    ]
    means = [sum(stretch) / len(stretch) if stretch else None for stretch in stretches]
    known = [mean for mean in means if mean is not None]
    low, span = min(known), max(known) - min(known)
    return "".join(
        " " if mean is None else _BARS[round((mean - low) / span * (len(_BARS) - 1)) if span else 0] for mean in means
    )


_BARS = "▁▂▃▄▅▆▇█"


def _numbers(cells: Sequence[str]) -> bool:
    return all(cell in _NOTHING or _NUMBER.fullmatch(cell) for cell in cells) and any(
        cell not in _NOTHING for cell in cells
    )


def _widest(cells: Sequence[str]) -> int:
    return max(map(wide, cells))


def _breadth(table: Columns) -> int:
    return sum(_widest(cells) + len(BETWEEN_COLUMNS) for cells in table.values()) - len(BETWEEN_COLUMNS)


def _shortest(table: Columns, numeric: set[str]) -> dict[str, int]:
    """How far each text may be shortened: none below its title, and no number at all."""
    last = next(reversed(list(table)))
    least = {
        name: max(wide(cells[0]), SHORTEST if name == last else SHORTEST_NAME)
        for name, cells in table.items()
        if name not in numeric
    }
    return {name: floor for name, floor in least.items() if _widest(table[name]) > floor}


def _shortened(table: Columns, shortest: Mapping[str, int], by: int) -> dict[str, list[str]]:
    """The table narrower by so many characters, taken from the last text first, then from the widest."""
    widths = {name: _widest(table[name]) for name in shortest}
    for name in sorted(shortest, key=lambda name: (name != next(reversed(list(table))), -widths[name])):
        taken = min(by, widths[name] - shortest[name])
        widths[name], by = widths[name] - taken, by - taken
    return {
        name: [cut(cell, widths[name]) for cell in cells] if name in widths else cells for name, cells in table.items()
    }


def _grid(table: Columns, numeric: set[str], paint: Paint | None) -> Laid:
    if not table:
        return Laid([], [], [])
    columns = {}
    for name, cells in table.items():
        width = _widest(cells)
        columns[name] = [_padded(cell, width, name in numeric) for cell in cells]
    rule = BETWEEN_COLUMNS.join("-" * wide(title) for title, *_ in columns.values())
    if paint is not None:
        columns = {
            name: [title, *(paint(name, row, cell) for row, cell in enumerate(cells))]
            for name, (title, *cells) in columns.items()
        }
    head, *rows = (BETWEEN_COLUMNS.join(cells).rstrip() for cells in zip(*columns.values(), strict=True))
    return Laid([head, rule], [[row] for row in rows], [])


def _turned(table: Columns, paint: Paint | None) -> Laid:
    """A line for each column: its title and the cells of all rows."""
    titles = max(wide(title) for title, *_ in table.values())
    widths = [_widest(row) for row in zip(*(cells for _, *cells in table.values()), strict=True)]
    lines = []
    for name, (title, *cells) in table.items():
        shown = [_padded(cell, width, right=True) for cell, width in zip(cells, widths, strict=True)]
        if paint is not None:
            shown = [paint(name, row, cell) for row, cell in enumerate(shown)]
        lines.append(BETWEEN_COLUMNS.join([_padded(title, titles), *shown]).rstrip())
    return Laid(lines, [], [])


def _padded(text: str, width: int, right: bool = False) -> str:
    if text.isascii():
        return text.rjust(width) if right else text.ljust(width)
    blanks = " " * (width - wide(text))
    return blanks + text if right else text + blanks


def _set_below(text: str, width: int) -> list[str]:
    return [] if text in _NOTHING else folded(SET_BELOW + text, width, SET_BELOW).split("\n")
