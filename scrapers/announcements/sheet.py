"""A table as printed: rows of a label and its cells, each with the columns it spans; a sign in a cell of its own joins its number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

_SIGN = re.compile(
    r"[-−(△▲]?\s*(?:US\$|HK\$|C\$|A\$|S\$|R\$|\$|€|£|¥|￥|₩|₿|USD|GBP|EUR|JPY|HKD|CAD|AUD|SEK|CHF)\s*\(?"
)
_TAIL = re.compile(r"[)%]+|BTC|bitcoins?", re.I)
_MARK = re.compile(r"\(\d{1,2}\)|[*†‡§]+|\(?[a-z]\)")
_LABEL_MARKS = re.compile(r"(?:\s*(?:\(\d{1,2}\)|\[\d{1,2}\]|[*†‡§]+))+$")
_GLUED = re.compile(r"(?<=[A-Za-z)])\d{1,2}(?:[,/]\d{1,2})*$")  # "Bitcoin mined3": a raised mark without its rise
_WORDED = re.compile(r"[^\W\d_]{2}")
_NUMERIC = re.compile(r"[\d.,()%$€£¥△▲−\s-]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """Text, and the columns [start, end) it spans."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """The label without footnote marks, and what stands to its right; a heading row has no cells or no numbers."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """`flowing` where the columns are known by their order alone."""

    rows: tuple[PrintedRow, ...]
    flowing: bool = False

    @classmethod
    def of(cls, rows: Sequence[Sequence[Cell]], flowing: bool = False) -> PrintedTable:
        """A table from its non-empty cells."""
        return cls(tuple(_row(_joined(row), flowing) for row in rows if row), flowing)


def without_marks(label: str) -> str:
    """A label without the footnote marks at its end."""
    label = _LABEL_MARKS.sub("", label.strip())
    glued = _GLUED.sub("", label)
    return glued.strip() if not re.search(r"\b(?:[QHF]Y?|Item|Series|Class)$", glued) else label.strip()


def _row(cells: list[Cell], flowing: bool) -> PrintedRow:
    head = cells[0]
    labelled = head.start == 0 or flowing or _WORDED.search(head.text)
    if not labelled or (_NUMERIC.fullmatch(head.text) and head.start > 0):
        return PrintedRow("", tuple(cells))
    return PrintedRow(without_marks(head.text), tuple(cells[1:]))


def _joined(cells: Sequence[Cell]) -> list[Cell]:
    """Signs join the number after them, brackets and units the one before; marks in cells of their own are left out."""
    joined: list[Cell] = []
    sign: Cell | None = None
    negative = not any(letter.isdigit() for cell in cells[1:] for letter in cell.text if not _MARK.fullmatch(cell.text))
    for cell in cells:
        if _MARK.fullmatch(cell.text) and not (negative and cell.text[1:2].isdigit()):
            continue
        if _SIGN.fullmatch(cell.text):
            sign = cell
            continue
        if sign is not None:
            cell = Cell(
                f"{sign.text.strip()} {cell.text}" if sign.text[-1:].isalpha() else sign.text.strip() + cell.text,
                sign.start,
                cell.end,
            )
            sign = None
        if joined and _TAIL.fullmatch(cell.text) and any(letter.isdigit() for letter in joined[-1].text):
            gap = "" if cell.text[0] in ")%" else " "
            joined[-1] = replace(joined[-1], text=joined[-1].text + gap + cell.text, end=cell.end)
            continue
        joined.append(cell)
    return joined or list(cells[:1])
