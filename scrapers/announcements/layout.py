"""A notice as paragraphs and tables in the order printed, whether it came as HTML, as text or as a PDF; nothing is understood here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from scrapers.announcements.flow import from_lines, separated
from scrapers.announcements.sheet import Cell, PrintedTable
from scrapers.formats import pdf_text
from scrapers.formats.html_tables import parsed, text_of
from scrapers.formats.text import plain
from treasury.model import ParseError

__all__ = ["Cell", "Layout", "Paragraph", "PrintedTable", "layout"]

LONGEST_NOTICE, LONGEST_PARAGRAPH = 1_000_000, 50_000  # characters; the longest seen have 241,000 and 7,600
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "footer", "form", "header",
     "hr", "li", "main", "ol", "p", "pre", "section", "td", "th", "tr", "ul", *HEADINGS)
)  # fmt: skip
_DROPPED = frozenset(("script", "style", "head", "noscript", "template", "ix:header"))
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
_RAISED = re.compile(r"vertical-align\s*:\s*(?:super|text-top)|position\s*:\s*relative;\s*top\s*:\s*-", re.I)
_FOOTNOTE = re.compile(r"[\s(\[]*(?:\d{1,2}|[a-z*†‡§])(?:\s*[,/]\s*(?:\d{1,2}|[a-z*†‡§]))*[\s)\].]*")
_LINK = re.compile(r"https?://[^\s()<>\"]+")
_HTML = re.compile(rb"<(?:!doctype|html|body|div|p|table|head|document|sec-document)\b", re.I)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text on one line; `heading` where the page set it as one."""

    text: str
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """`kind` is html, text or pdf; `printed` is all of its text, for what stands on the cover."""

    kind: str
    title: str
    blocks: tuple[Paragraph | PrintedTable, ...]
    links: str = ""  # where a text points to

    @property
    def printed(self) -> str:
        return " ".join(
            block.text
            if isinstance(block, Paragraph)
            else " ".join(cell.text for row in block.rows for cell in (Cell(row.label, 0, 0), *row.cells))
            for block in self.blocks
        )


def layout(body: bytes) -> Layout:
    """The paragraphs and tables of a document of any kind; ParseError where it is none of HTML, text and PDF."""
    if pdf_text.is_pdf(body):
        lines = [line for page in pdf_text.pages(body) for line in (*page.split("\n"), "")]
        return Layout("pdf", "", _bounded(_paragraphs(from_lines(lines)[1])))
    if _HTML.search(body[:4096]) or b"</" in body[:4096]:
        return _from_html(body)
    text = _decoded(body)
    if text.count("\x00") or sum(not (letter.isprintable() or letter.isspace()) for letter in text[:4096]) > 40:
        raise ParseError("neither HTML nor text nor a PDF: its bytes are no writing")
    title, pieces = from_lines(text.splitlines())
    return Layout("text", title, _bounded(_paragraphs(pieces)), " ".join(_LINK.findall(text)))


def _bounded(blocks: Iterable[Paragraph | PrintedTable]) -> tuple[Paragraph | PrintedTable, ...]:
    """All blocks; ParseError for more than a notice says, which would take hours to understand."""
    found: list[Paragraph | PrintedTable] = []
    length = 0
    for block in blocks:
        words = _length(block)
        length += words
        if isinstance(block, Paragraph) and words > LONGEST_PARAGRAPH:
            raise ParseError(f"a paragraph of {words:,} characters, above the {LONGEST_PARAGRAPH:,} of any notice")
        if length > LONGEST_NOTICE:
            raise ParseError(f"a text above the {LONGEST_NOTICE:,} characters of any notice")
        found.append(block)
    return tuple(found)


def _length(block: Paragraph | PrintedTable) -> int:
    if isinstance(block, Paragraph):
        return len(block.text)
    return sum(len(row.label) + sum(len(cell.text) for cell in row.cells) for row in block.rows)


def _decoded(body: bytes) -> str:
    """UTF-8 with or without its mark, else Japanese or Western as far as they decode."""
    for encoding in ("utf-8-sig", "cp932", "cp1252"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", "replace")


def _from_html(body: bytes) -> Layout:
    body = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    try:
        root = parsed(body, _declared(body))
    except (etree.LxmlError, ValueError) as error:
        raise ParseError(f"not HTML: {error}") from error
    title = root.findtext(".//title") or ""
    return Layout("html", plain(title), _bounded(_walk(root)))


def _declared(body: bytes) -> str | None:
    """UTF-8 where it decodes, whatever the page declares; else what it declares."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _walk(root: Any) -> Iterator[Paragraph | PrintedTable]:
    """Depth first without recursion: text gathers until a block begins or ends; a table of data is taken whole."""
    gathered: list[str] = []
    heading = False

    def flush() -> Iterator[Paragraph | PrintedTable]:
        text = "".join(gathered)
        gathered.clear()
        if text.strip():
            yield from _paragraphs(from_lines(text.split("\n"), broken=False)[1], heading)

    waiting: list[tuple[Any, bool]] = [(root, False)]
    while waiting:
        element, leaving = waiting.pop()
        if leaving:
            if element.tag in _BLOCKS:
                yield from flush()
            if element.tag in HEADINGS:
                heading = False
            gathered.append(_flat(element.tail))
            continue
        if not isinstance(element.tag, str) or _unseen(element):
            gathered.append(_flat(element.tail) if element is not root else "")
            continue
        if element.tag == "table" and (table := _table(element)) is not None:
            yield from flush()
            yield table
            gathered.append(_flat(element.tail))
            continue
        if element.tag == "pre" and len(element) == 0 and element.text:
            yield from flush()
            yield from _paragraphs(from_lines(element.text.splitlines())[1])
            gathered.append(_flat(element.tail))
            continue
        if element.tag in _BLOCKS or element.tag == "table":
            yield from flush()
            heading = element.tag in HEADINGS
        if element.tag == "br":
            gathered.append("\n")
        gathered.append(_flat(element.text))
        waiting.append((element, True))
        waiting.extend((child, False) for child in reversed(element))
    yield from flush()


def _flat(text: str | None) -> str:
    """Line breaks of the source are spaces; those of the page come from its tags."""
    return separated(text).replace("\n", " ").replace("\r", " ") if text else ""


def _unseen(element: Any) -> bool:
    """Hidden, no writing, or a raised footnote mark, which would be glued to the word or number before it."""
    if element.tag in _DROPPED or ((style := element.get("style", "")) and _HIDDEN.search(style)):
        return True
    if element.tag == "sup" or (style and _RAISED.search(style)):
        return bool(_FOOTNOTE.fullmatch(text_of(element).strip()))
    return False


def _paragraphs(pieces: Iterable[str | PrintedTable], heading: bool = False) -> Iterator[Paragraph | PrintedTable]:
    for piece in pieces:
        yield (
            piece
            if isinstance(piece, PrintedTable)
            else Paragraph(plain(piece.removeprefix("# ")), heading or piece[:2] == "# ")
        )


# -- tables ------------------------------------------------------------------------------------------------------------


def _table(table: Any) -> PrintedTable | None:
    """A table of figures; None where a table only sets text on the page, or holds other tables."""
    if next(table.iterdescendants("table"), None) is not None:
        return None
    rows = [_cells(row) for row in table.iter("tr")]
    rows = [row for row in rows if row]
    wide = [row for row in rows if len(row) > 1 and any(letter.isdigit() for cell in row[1:] for letter in cell.text)]
    if not wide or all(len(row[0].text) <= 3 and len(row) == 2 for row in wide):  # bullets and numbered paragraphs
        return None
    return PrintedTable.of(rows)


def _cells(row: Any) -> list[Cell]:
    """The cells that hold something, each with the columns it spans."""
    found, column = [], 0
    for each in row:
        if each.tag not in ("td", "th"):
            continue
        span = each.get("colspan", "1")
        width = min(int(span), 100) if span.isascii() and span.isdigit() else 1
        text = plain(_seen(each))
        if text:
            found.append(Cell(text, column, column + width))
        column += width
    return found


def _seen(element: Any) -> str:
    """The text of a cell without raised footnote marks; breaks and blocks inside it are spaces."""
    parts: list[str] = []

    def gather(node: Any) -> None:
        if not isinstance(node.tag, str) or _unseen(node):
            return
        parts.append(" " if node.tag in _BLOCKS or node.tag == "br" else "")
        parts.append(_flat(node.text))
        for child in node:
            gather(child)
            parts.append(_flat(child.tail))

    depth = sum(1 for _ in element.iter())
    if depth > 500:  # a cell that holds a page
        return _flat(text_of(element))
    gather(element)
    return "".join(parts)
