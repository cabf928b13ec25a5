"""HTML, and its tables as rows of text. The cells of a row are told apart by their order: in filings colspans do not align."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from scrapers.formats.text import plain

text_of = etree.XPath("string()", smart_strings=False)  # of an element with all in it

MOST_ATTRIBUTES = 1_000  # of a tag; libxml2 holds each against all others, for hours where there are a million
# Without one of these no tag is so long: one that no ">" ends soon, and a ">" in a quoted value. Hardly any page has one, and to look
# for them takes a tenth of what the search for tags does, which takes longer than to parse
_MAY_BE_LONG = tuple(
    re.compile(pattern) for pattern in (rb"<[a-zA-Z][^<>]{0,4000}+(?!>)", rb"=\s*+(?:\"[^\"<>]*+>|'[^'<>]*+>)")
)
# Behind every "<" that may begin one, also in a comment, a script or a quoted value; group 1 where blanks and quoted values are too many
_TAG = re.compile(
    rb"<[a-z](?:(?=(?:[^\s/>=]*+(?:[\s/]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"']*+))){%d}+)())?+(?:[^>=]++|=(?!\s*+[\"']))*+"
    % (2 * MOST_ATTRIBUTES),
    re.I,
)
_FOOTNOTES = re.compile(r"(?:\s*(?:\(\d{1,2}\)|\*+))+$")  # "32 (1)", "602.8 (4)", "May 31, 2026*"
_FILLING = re.compile(r"[$€%*)]?|\(\d{1,2}\)")  # empty and spacer cells, a sign or a footnote in a cell of its own


def parsed(body: bytes, encoding: str | None = None) -> Any:
    """The root of a page; lxml.html asks a Python function about each element that is looked at, which takes longer than the rest."""
    may_be_long = any(pattern.search(body) for pattern in _MAY_BE_LONG)
    if may_be_long and any(tag.lastindex for tag in _TAG.finditer(body)):
        raise etree.ParserError("a tag of more attributes than any has")
    root = etree.fromstring(body, etree.HTMLParser(encoding=encoding, huge_tree=True))
    if root is None:
        raise etree.ParserError("the document is empty")
    return root


def rows(table: Any) -> list[list[str]]:
    """The non-empty cells of each row of an lxml table, without spacers, lone currency signs and footnote marks.

    Rows of tables inside its cells are theirs, not its own. A row that holds nothing is left out.
    """
    own = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
    found = ([plain(text_of(each)) for each in row if each.tag in ("td", "th")] for row in own)
    filled = ([without_footnotes(text) for text in cells if not _FILLING.fullmatch(text)] for cells in found)
    return [cells for cells in filled if cells]


def without_footnotes(text: str) -> str:
    """The text without the footnote marks at its end; a number in parentheses alone is a number and stays."""
    return _FOOTNOTES.sub("", text) or text
