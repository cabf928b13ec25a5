"""How a notice writes its numbers: 1,046.66 or 1.046,66; read the second way only where its own numbers leave no other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from scrapers.announcements.layout import Layout, Paragraph, PrintedTable

_DECIMALS = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+),(\d{1,2})(?![\d,.]*\d)")  # 1.046,66
_MILLIONS = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d,.]*\d)")  # 1.234.567
_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d{1,2})(?![\d,.]*\d)")  # 29,95
_ENGLISH = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,]*\d)")  # 1,234 or 1,234.56
_SURE = 2  # different numbers that can be read in one way only


def points_part_thousands(texts: Iterable[str]) -> bool:
    """Whether a number of the texts surely parts its thousands with points, and none with commas."""
    return _surely(list(texts)) > 0


def in_english(page: Layout) -> Layout:
    """The page with its numbers as figures_in reads them, where it writes several the other way and none so; else as it is.

    One point before three digits stays: it may part thousands or decimals.
    """
    texts = [block.text for block in page.blocks if isinstance(block, Paragraph)]
    texts += [
        cell.text
        for block in page.blocks
        if isinstance(block, PrintedTable)
        for row in block.rows
        for cell in row.cells
    ]
    if _surely(texts) < _SURE:
        return page
    blocks = (
        replace(block, text=_turned(block.text))
        if isinstance(block, Paragraph)
        else replace(
            block,
            rows=tuple(
                replace(row, cells=tuple(replace(cell, text=_turned(cell.text)) for cell in row.cells))
                for row in block.rows
            ),
        )
        for block in page.blocks
    )
    return replace(page, blocks=tuple(blocks))


def _surely(texts: list[str]) -> int:
    """How many different numbers part thousands with points beyond doubt; none where one parts them with commas."""
    if any(map(_ENGLISH.search, texts)):
        return 0
    return len({found[0] for text in texts for wanted in (_DECIMALS, _MILLIONS) for found in wanted.finditer(text)})


def _turned(text: str) -> str:
    text = _DECIMALS.sub(lambda found: f"{found[1].replace('.', ',')}.{found[2]}", text)
    text = _MILLIONS.sub(lambda found: found[0].replace(".", ","), text)
    return _COMMA.sub(r"\1.\2", text)
