"""How a notice writes its numbers: 1,046.66 or 1.046,66, read the second way only where its own numbers leave no other; and whose dollars."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from scrapers.announcements.layout import Layout, Paragraph

_DECIMALS = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+),(\d{1,2})(?![\d,.]*\d)")  # 1.046,66
_MILLIONS = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d,.]*\d)")  # 1.234.567
_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d{1,2})(?![\d,.]*\d)")  # 29,95
_ENGLISH = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,]*\d)")  # 1,234 or 1,234.56
_DOLLARS = {"canadian": "C$", "australian": "A$", "hong kong": "HK$", "singapore": "S$"}
_WHOSE = rf"(?P<whose>{'|'.join(_DOLLARS)})"
_ALL_IN = re.compile(
    rf"(?:\ball (?:[\w-]+ ){{0,4}}(?:amounts?|figures?|references?|dollars?|values|results)\b[^.;]{{0,60}}?\b(?:in|to|are)|\b(?:expressed|reported|presented|stated|denominated) in)"
    rf" (?:thousands of |millions of )?(?:{_WHOSE}|US|U\.S\.|United States) dollars?\b",
    re.I,
)
_BARE_DOLLAR = re.compile(r"(?<![A-Za-z])\$(?=\s?\d)")
_SAID_BEHIND = re.compile(
    rf"(?<![A-Za-z])\$(?P<amount>\s?\d[\d,.]*(?: (?:thousand|million|billion))?) \(?{_WHOSE} dollars?\)?", re.I
)
_SURE = 2  # different numbers that can be read in one way only


def points_part_thousands(texts: Iterable[str]) -> bool:
    """Whether a number of the texts surely parts its thousands with points, and none with commas."""
    return _surely(list(texts)) > 0


def in_english(page: Layout) -> Layout:
    """The page with its numbers as figures_in reads them, where it writes several the other way and none so; else as it is.

    One point before three digits stays: it may part thousands or decimals.
    """
    if _surely(list(_texts(page))) < _SURE:
        return page
    return _rewritten(page, _turned)


def in_own_dollars(page: Layout) -> Layout:
    """The page with C$ where it prints $ and says that its dollars, or those of an amount, are Canadian; so with others."""
    told = {(found["whose"] or "").lower() for text in _texts(page) for found in _ALL_IN.finditer(text)}
    sign = _DOLLARS.get(told.pop()) if len(told) == 1 else None

    def signed(text: str) -> str:
        text = _SAID_BEHIND.sub(lambda found: f"{_DOLLARS[found['whose'].lower()]}{found['amount']}", text)
        return _BARE_DOLLAR.sub(sign, text) if sign else text

    return _rewritten(page, signed) if sign or any(map(_SAID_BEHIND.search, _texts(page))) else page


def _texts(page: Layout) -> Iterator[str]:
    for block in page.blocks:
        if isinstance(block, Paragraph):
            yield block.text
        else:
            yield from (cell.text for row in block.rows for cell in row.cells)


def _rewritten(page: Layout, turn: Callable[[str], str]) -> Layout:
    """The page with every paragraph and cell turned."""
    blocks = (
        replace(block, text=turn(block.text))
        if isinstance(block, Paragraph)
        else replace(
            block,
            rows=tuple(
                replace(row, cells=tuple(replace(cell, text=turn(cell.text)) for cell in row.cells))
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
