"""How a notice writes its numbers: 1,046.66 or 1.046,66, read the second way only where its own numbers leave no other; and whose dollars."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from scrapers.announcements.layout import Layout, Paragraph, PrintedTable
from scrapers.announcements.sheet import PrintedRow

_DECIMALS = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+),(\d{1,2})(?![\d,.]*\d)")  # 1.046,66
_MILLIONS = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d,.]*\d)")  # 1.234.567
_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d{1,2})(?![\d,.]*\d)")  # 29,95
_ENGLISH = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,]*\d)")  # 1,234 or 1,234.56
_DOLLARS = {
    "canadian": "C$", "australian": "A$", "new zealand": "NZ$", "hong kong": "HK$", "singapore": "S$", "new taiwan": "NT$",
    "cad": "C$", "aud": "A$", "nzd": "NZ$", "hkd": "HK$", "sgd": "S$", "twd": "NT$",
}  # fmt: skip
_WHOSE = r"(?:(?P<whose>Canadian|Australian|New Zealand|Hong Kong|Singapore|New Taiwan|US|U\.S\.|United States) dollars?|(?P<iso>CAD|AUD|NZD|HKD|SGD|TWD|USD))\b"
_AMOUNTS = (
    r"(?:(?:dollar|monetary|financial|currency|reported|consolidated|interim|quarterly|monthly) ){0,3}"
    r"(?:amounts?|figures?|numbers|references?|dollars?|values|results|statements?|information|reports?)"
)
_OF_THE_NOTICE = (  # closed: "all amounts owed to suppliers in Canadian dollars" tells nothing of the notice's own
    r"(?:[ ,(“\"‘']+(?:in|of|to|this|the|these|our|news|press|release|announcement|report|document|herein|below|above|are|is|presented|quoted|expressed|"
    r"stated|reported|shown|denominated|set|out|contained|unless|otherwise|noted|indicated|specified|or|and|dollars?|\$)[)”\"’']*)*?"
)
_ALL_IN = re.compile(  # "all figures in CAD", "results are presented in Canadian dollars", "“$” means Canadian dollars"
    rf"(?:(?:\ball (?:of )?(?:the |our )?|(?:^|[.;:(,]\s?)(?:the |our )?){_AMOUNTS}{_OF_THE_NOTICE} (?:in|to|are)"
    rf"|[(](?:expressed|reported|presented|stated) in|[“\"‘']\$[”\"’'] (?:(?:are|is|refers?|means?) )?(?:to|in)?)"
    rf" ?(?:thousands of |millions of )?{_WHOSE}(?!,? (?:were|was|have|has)\b)",
    re.I,
)
_AMOUNT = r"\s?\d[\d,.]*(?: ?(?:thousand|million|billion|[kmb]n?)\b)?"
_BARE_DOLLAR = re.compile(rf"(?<![A-Za-z])(?<!\bUS )(?<!\bUSD )\$(?=(?>{_AMOUNT})(?! ?\(?US\b(?! ?\$)))", re.I)
_SAID_BEHIND = re.compile(rf"(?<![A-Za-z])\$(?P<amount>{_AMOUNT})(?: in)? \(?{_WHOSE}\)?(?! ?[\d$])", re.I)
_AMERICAN = re.compile(r"\bUS ?\$|\bUSD\b|\b(?:US|U\.S\.) dollars?\b")
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
    told = {_sign(found) for text in _texts(page) for found in _ALL_IN.finditer(text)}
    sign = told.pop() if len(told) == 1 else "US$"

    def signed(text: str) -> str:
        return _BARE_DOLLAR.sub(sign, _SAID_BEHIND.sub(lambda found: f"{_sign(found)}{found['amount']}", text))

    if sign == "US$" and not any(map(_SAID_BEHIND.search, _texts(page))):
        return page
    return _rewritten(page, signed, _in_american_dollars)


def _sign(found: re.Match[str]) -> str:
    return _DOLLARS.get((found["whose"] or found["iso"]).lower(), "US$")


def _in_american_dollars(table: PrintedTable, row: PrintedRow) -> bool:
    """`Average cost (US$) | $68,000`, or `US$ | June 30, 2026` over the columns."""
    return _american(row) or (_american(table.rows[0]) and not any(map(_BARE_DOLLAR.search, _words(table.rows[0]))))


def _american(row: PrintedRow) -> bool:
    return any(map(_AMERICAN.search, _words(row)))


def _words(row: PrintedRow) -> list[str]:
    return [row.label, *(cell.text for cell in row.cells)]


def _texts(page: Layout) -> Iterator[str]:
    for block in page.blocks:
        if isinstance(block, Paragraph):
            yield block.text
        else:
            yield from (cell.text for row in block.rows for cell in row.cells)


def _rewritten(
    page: Layout, turn: Callable[[str], str], but: Callable[[PrintedTable, PrintedRow], bool] = lambda table, row: False
) -> Layout:
    """The page with every paragraph and cell turned, but some rows."""
    blocks = (
        replace(block, text=turn(block.text))
        if isinstance(block, Paragraph)
        else replace(
            block,
            rows=tuple(
                row
                if but(block, row)
                else replace(row, cells=tuple(replace(cell, text=turn(cell.text)) for cell in row.cells))
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
