"""A tear sheet: tables and pictures, each with the line that says where its numbers are from, on printable pages or as HTML.

Tables flow down A4 pages; a block that does not fit begins the next page. Widths are measured with the font's own metrics, so that no
two texts overlap, and what is too long is shortened. Pages are vector graphics; the same sheet gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from treasury.charts.style import FAINT, GRID, INK, font_of, in_font, in_style
from treasury.whole_file import whole_file

PAGE_WIDE, PAGE_HIGH, PAGE_MARGIN = 8.27, 11.69, 0.55  # inches: A4
BODY_POINTS, SMALL_POINTS, HEAD_POINTS, TITLE_POINTS = 6.8, 5.6, 8.2, 13.0  # points
LINE_INCHES, BLOCK_GAP, COLUMN_BETWEEN = (
    0.135,
    0.15,
    0.11,
)  # inches: of a line of a table, between blocks, between columns
LEAST_INCHES = 0.55  # inches that the widest text column keeps
PIXEL_ROUNDING = 0.5  # points that a letter of any size may grow by where a screen snaps it to pixels, over its size


@dataclass(frozen=True, slots=True)
class Block:
    """A table: texts in columns, the first one on the left, and where they are from. A block without rows says `empty`."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    source: str
    empty: str = ""
    left: tuple[int, ...] = (0,)  # columns of words; the others are numbers and stand on the right


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture that is drawn on given axes; `height` in inches."""

    title: str
    draw: Callable[[Axes], None]
    source: str
    height: float = 1.75


@dataclass(frozen=True, slots=True)
class TearSheet:
    """`parts` in their order; drawings in one tuple stand beside each other."""

    title: str
    subtitle: str
    parts: tuple[Block | tuple[Drawing, ...], ...]
    foot: str


def pages(sheet: TearSheet) -> list[Figure]:
    """The sheet on A4 pages."""
    made = _Pages(sheet)
    for part in sheet.parts:
        if isinstance(part, Block):
            made.table(part)
        else:
            made.drawings(part)
    made.number()
    return made.figures


def save_pdf(sheet: TearSheet, path: Path) -> int:
    """Write the pages as PDF without a date in it; returns their number."""
    with in_style(), mpl.rc_context({"pdf.fonttype": 42}):
        figures, made = pages(sheet), io.BytesIO()
        with PdfPages(
            made, metadata={"CreationDate": None, "Creator": None, "Producer": None, "Title": sheet.title}
        ) as file:
            for figure in figures:
                file.savefig(figure)
    with whole_file(path) as draft:
        draft.write_bytes(made.getvalue())  # matplotlib would leave a file open where the disk is full
    return len(figures)


def html(sheet: TearSheet) -> str:
    """The sheet as one HTML page, pictures in it as SVG."""
    parts = []
    with in_style():
        for part in sheet.parts:
            if isinstance(part, Block):
                parts.append(_html_table(part))
            else:
                parts.append(f'<div class="side">{"".join(_html_drawing(one) for one in part)}</div>')
    return _HTML_PAGE.format(
        title=escape(sheet.title), subtitle=escape(sheet.subtitle), body="\n".join(parts), foot=escape(sheet.foot)
    )


# -- pages ---------------------------------------------------------------------------------------------------------


class _Pages:
    """Figures of a page each, and how far down the last one is filled (inches from the top)."""

    def __init__(self, sheet: TearSheet) -> None:
        self._sheet = sheet
        self.figures: list[Figure] = []
        self._down = 0.0
        self._turn()
        self._words(sheet.title, TITLE_POINTS, PAGE_MARGIN, INK, bold=True)
        self._down += 0.26
        for line in _lines(sheet.subtitle, BODY_POINTS + 0.6):
            self._words(line, BODY_POINTS + 0.6, PAGE_MARGIN, FAINT)
            self._down += 0.14
        self._down += BLOCK_GAP

    def _turn(self) -> None:
        figure = Figure(figsize=(PAGE_WIDE, PAGE_HIGH))
        self.figures.append(figure)
        self._down = PAGE_MARGIN

    def _words(
        self, text: str, size: float, across: float, color: str, *, bold: bool = False, right: bool = False
    ) -> None:
        self.figures[-1].text(
            across / PAGE_WIDE, 1 - self._down / PAGE_HIGH, in_font(text), fontsize=size, color=color, fontweight="bold" if bold else "normal",
            ha="right" if right else "left", va="top",
        )  # fmt: skip

    def _rule(self, color: str) -> None:
        at = 1 - self._down / PAGE_HIGH
        self.figures[-1].add_artist(
            Line2D(
                [PAGE_MARGIN / PAGE_WIDE, 1 - PAGE_MARGIN / PAGE_WIDE],
                [at, at],
                color=color,
                linewidth=0.6,
                linestyle="-",
            )
        )

    def _make_room(self, inches: float) -> None:
        if self._down + inches > PAGE_HIGH - PAGE_MARGIN - 0.15 and self._down > PAGE_MARGIN:
            self._turn()

    def _heading(self, title: str) -> None:
        self._words(title, HEAD_POINTS, PAGE_MARGIN, INK, bold=True)
        self._down += 0.175

    def _source(self, text: str, across: float = PAGE_MARGIN, width: float = PAGE_WIDE - 2 * PAGE_MARGIN) -> None:
        for line in _lines(f"Source: {text}", SMALL_POINTS, width):
            self._words(line, SMALL_POINTS, across, FAINT)
            self._down += 0.1

    def table(self, block: Block) -> None:
        rows = list(block.rows)
        lines = len(_lines(f"Source: {block.source}", SMALL_POINTS))
        self._make_room(0.175 + LINE_INCHES * (min(len(rows), 6) + 1.4) + 0.1 * lines)
        self._heading(block.title)
        if not rows:
            self._words(block.empty or "nothing known", BODY_POINTS, PAGE_MARGIN, FAINT)
            self._down += LINE_INCHES * 1.3
        widths = _widths(block)
        if rows and any(block.columns):
            self._row(block, block.columns, widths, FAINT)
            self._rule(FAINT)
            self._down += 0.03
        for row in rows:
            if self._down + LINE_INCHES + 0.1 * lines + 0.05 > PAGE_HIGH - PAGE_MARGIN:
                self._turn()
                self._row(block, block.columns, widths, FAINT)
            self._row(block, row, widths, INK)
        self._down += 0.02
        self._source(block.source)
        self._down += BLOCK_GAP

    def _row(self, block: Block, cells: Sequence[str], widths: Sequence[float], color: str) -> None:
        across = PAGE_MARGIN
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            words = at in block.left
            self._words(
                _shortened(cell, width), BODY_POINTS, across if words else across + width, color, right=not words
            )
            across += width + COLUMN_BETWEEN
        self._down += LINE_INCHES

    def drawings(self, side: tuple[Drawing, ...]) -> None:
        height = max(one.height for one in side)
        each = (PAGE_WIDE - 2 * PAGE_MARGIN - 0.3 * (len(side) - 1)) / len(side)
        sources = max(len(_lines(f"Source: {one.source}", SMALL_POINTS, each)) for one in side)
        self._make_room(height + 0.5 + 0.1 * sources)
        top = self._down
        for at, drawing in enumerate(side):
            self._down = top
            left = PAGE_MARGIN + at * (each + 0.3)
            self._words(_shortened(drawing.title, each, HEAD_POINTS, bold=True), HEAD_POINTS, left, INK, bold=True)
            self._down += 0.2
            axes = self.figures[-1].add_axes(
                (
                    (left + 0.38) / PAGE_WIDE,
                    1 - (self._down + height) / PAGE_HIGH,
                    (each - 0.4) / PAGE_WIDE,
                    height / PAGE_HIGH,
                )
            )
            drawing.draw(axes)
            axes.tick_params(labelsize=SMALL_POINTS, length=2)
            self._down += height + 0.27
            self._source(drawing.source, left, each)
        self._down = top + 0.2 + height + 0.27 + 0.1 * sources + BLOCK_GAP

    def number(self) -> None:
        for at, figure in enumerate(self.figures, start=1):
            figure.text(PAGE_MARGIN / PAGE_WIDE, 0.3 / PAGE_HIGH, self._sheet.foot, fontsize=SMALL_POINTS, color=FAINT)
            figure.text(
                1 - PAGE_MARGIN / PAGE_WIDE,
                0.3 / PAGE_HIGH,
                f"{at} / {len(self.figures)}",
                fontsize=SMALL_POINTS,
                color=FAINT,
                ha="right",
            )


def _widths(block: Block) -> list[float]:
    """Inches of each column: what its longest text takes; where that is too much, the widest columns of words give way."""
    cells = [block.columns, *block.rows]
    widths = [max(_inches(row[at], BODY_POINTS) for row in cells) for at in range(len(block.columns))]
    room = PAGE_WIDE - 2 * PAGE_MARGIN - COLUMN_BETWEEN * (len(widths) - 1)
    while sum(widths) > room:
        widest = max(block.left, key=lambda at: widths[at])
        if widths[widest] <= LEAST_INCHES:
            break
        widths[widest] = max(LEAST_INCHES, widths[widest] - (sum(widths) - room))
    return widths


def _inches(text: str, size: float, bold: bool = False) -> float:
    """How wide a text is in the font of the page, with what a renderer that rounds letters to pixels may add."""
    points = sum(_advance(letter, bold) for letter in in_font(text)) * size
    return points / 72 * (1 + PIXEL_ROUNDING / size)


@cache
def _advance(letter: str, bold: bool) -> float:
    """The width of a letter as a part of the font's size."""
    font = font_of(bold)
    font.set_size(100, 72)
    return float(font.load_char(ord(letter)).linearHoriAdvance) / 65536 / 100


def _shortened(text: str, width: float, size: float = BODY_POINTS, *, bold: bool = False) -> str:
    if _inches(text, size, bold) <= width + 0.01:
        return text
    while text and _inches(f"{text}…", size, bold) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _lines(text: str, size: float, width: float = PAGE_WIDE - 2 * PAGE_MARGIN) -> list[str]:
    """A text broken at spaces to a width; a word that is longer by itself is shortened."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if _inches(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(_shortened(word, width, size))
    return [line for line in lines if line] or [""]


# -- HTML ----------------------------------------------------------------------------------------------------------


_UNBROKEN = re.compile(
    r"[\d\W]*( days|x)?|\d{4}-\d\d-\d\d|[\w-]{1,15}"
)  # a number, a day or a short name stays on its line


def _html_table(block: Block) -> str:
    def cell(tag: str, at: int, text: str) -> str:
        whole = " o" if _UNBROKEN.fullmatch(text) else ""
        return f'<{tag} class="{"w" if at in block.left else "n"}{whole}">{escape(text)}</{tag}>'

    head = "".join(cell("th", at, name) for at, name in enumerate(block.columns))
    body = "\n".join(f"<tr>{''.join(cell('td', at, text) for at, text in enumerate(row))}</tr>" for row in block.rows)
    table = (
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        if block.rows
        else f"<p>{escape(block.empty or 'nothing known')}</p>"
    )
    return (
        f'<section><h2>{escape(block.title)}</h2>{table}<p class="source">Source: {escape(block.source)}</p></section>'
    )


def _html_drawing(one: Drawing) -> str:
    figure = Figure(figsize=(5.0, one.height + 0.5), layout="constrained")
    one.draw(figure.subplots())
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    svg = file.getvalue()
    return f'<section><h2>{escape(one.title)}</h2>{svg[svg.index("<svg") :]}<p class="source">Source: {escape(one.source)}</p></section>'


_HTML_PAGE = (
    """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><meta name="viewport" content="width=device-width">
<style>
body {{ font: 13px/1.4 system-ui, sans-serif; color: """
    + INK
    + """; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ margin: 0; font-size: 1.6rem; }} h2 {{ font-size: 1rem; margin: 1.4rem 0 .3rem; }}
p.sub, p.source, footer {{ color: """
    + FAINT
    + """; }} p.source {{ font-size: .8rem; margin: .2rem 0 0; }}
section {{ overflow-x: auto; break-inside: avoid; }} svg {{ width: 100%; height: auto; }}
.side {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1.5rem; }}
table {{ border-collapse: collapse; }} th {{ font-weight: normal; color: """
    + FAINT
    + """; border-bottom: 1px solid """
    + GRID
    + """; }}
th, td {{ padding: .1rem .9rem .1rem 0; }} .n {{ text-align: right; font-variant-numeric: tabular-nums; }} .w {{ text-align: left; }} .o {{ white-space: nowrap; }}
</style></head><body>
<h1>{title}</h1><p class="sub">{subtitle}</p>
{body}
<footer><p>{foot}</p></footer></body></html>
"""
)
