"""The documents of one filing, by its own index page or its submission text: type, sequence, name and description of each.

What a document is, only its TYPE says; names and items do not (12 of 92 exhibits of a sample look like no exhibits by their name).
Three shapes say the same, and all are read: the page for people (<accession>-index.html, a table headed Seq, Description, Document,
Type), the header page (<accession>-index-headers.html) and the submission itself (<accession>.txt), both with the tags <TYPE>,
<SEQUENCE>, <FILENAME> and <DESCRIPTION>. The moment of acceptance stands there too, always by New York's clock.

2024-01  index.json lists names and sizes only: it is no such index
2026-03  an extracted inline XBRL instance and rendered pages stand among the data files; their type is XML or EX-101, never EX-99
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from scrapers.formats.text import plain
from scrapers.sec_reports.clock import from_new_york
from treasury.model import Document, ParseError

ARCHIVES = "https://www.sec.gov/Archives/edgar/data/"
CURRENT = ("8-K", "6-K")  # what a company reports as it happens
READABLE = (".htm", ".html", ".txt", ".pdf")

_FOLDER = re.compile(r"/Archives/edgar/data/(?P<cik>\d+)/(?P<accession>\d{18})/(?P<name>[^?#]+)$")
_DOCUMENT = re.compile(r"<DOCUMENT>(.*?)(?:<TEXT>|</DOCUMENT>|(?=<DOCUMENT>)|\Z)", re.S | re.I)
_TAG = r"<{}>[ \t]*(?:<a [^>]*>)?([^<\r\n]*)"
_ACCEPTED = re.compile(r"<ACCEPTANCE-DATETIME>\s*(\d{14})")
_HEADER_FORM = re.compile(r"(?:CONFORMED SUBMISSION TYPE:|<TYPE>)[ \t]*([^\s<][^<\r\n]*)")
_HEADER_FILED = re.compile(r"(?:FILED AS OF DATE:|<FILING-DATE>)\s*(\d{8})")
_PAGE_FORM = re.compile(r"\bForm (?P<form>.+?)(?: - |$)")
_EXHIBIT_99 = re.compile(r"EX-99(?:\..+)?", re.I)
_LONGEST_HEADER = (
    200_000  # characters before the first document of a submission; the body of a document is not searched
)


@dataclass(frozen=True, slots=True)
class FiledDocument:
    """One document of a filing. `inline` is None where the index does not say whether it carries inline XBRL."""

    type: str
    sequence: int | None
    url: str
    description: str = ""
    inline: bool | None = None

    @property
    def name(self) -> str:
        """Its file name."""
        return self.url.rpartition("/")[2]

    @property
    def readable(self) -> bool:
        """Whether it is text a reader can open: a page, plain text or a PDF, and no picture or data file."""
        return self.name.lower().endswith(READABLE)


@dataclass(frozen=True, slots=True)
class FilingIndex:
    """A filing and its documents in the order listed. `accepted_at` (UTC) is None where the page does not print it."""

    accession: str
    form: str
    filed_on: date | None
    accepted_at: datetime | None
    documents: tuple[FiledDocument, ...]

    @property
    def main(self) -> FiledDocument | None:
        """The body of the filing: the document of the form's own type, else the first one."""
        readable = [one for one in self.documents if one.readable]
        bodies = [one for one in readable if one.type.upper() == self.form.upper()]
        return min(bodies or readable[:1], key=lambda one: one.sequence or 0, default=None)

    @property
    def exhibits_99(self) -> list[FiledDocument]:
        """Every readable EX-99 and EX-99.x, whatever its name."""
        return [one for one in self.documents if one.readable and _EXHIBIT_99.fullmatch(one.type)]


def announcements(index: FilingIndex) -> list[FiledDocument]:
    """What may announce something: the body of an 8-K or 6-K (or an amendment of one) and every EX-99.x filed with it."""
    if index.form.upper().removesuffix("/A") not in CURRENT:
        return []
    body = [index.main] if index.main is not None else []
    return body + [one for one in index.exhibits_99 if one not in body]


def reports(index: FilingIndex) -> list[FiledDocument]:
    """What may hold tagged statements: a periodic report's documents marked as inline XBRL, or its body where none is marked.

    Of a 6-K what is marked (interim accounts); never an 8-K, which tags its cover only.
    """
    form = index.form.upper().removesuffix("/A")
    if form == "8-K":
        return []
    marked = [one for one in index.documents if one.inline and one.readable]
    if marked or form in CURRENT:
        return marked
    return [index.main] if index.main is not None else []


def read(document: Document) -> FilingIndex:
    """The index of one filing. Raises ParseError where the page lists no document, or those of another filing."""
    text = document.body.decode("utf-8", "replace")
    index = _tagged(document, text) if re.search(r"(?:<|&lt;)DOCUMENT(?:>|&gt;)", text, re.I) else _page(document)
    if not index.documents:
        raise _wrong(document, "no document", "at least one with its type and name")
    strangers = {found["accession"] for one in index.documents if (found := _FOLDER.search(one.url))} - {
        index.accession.replace("-", "")
    }
    if strangers:
        raise _wrong(document, f"documents of {', '.join(sorted(strangers))}", f"those of {index.accession} alone")
    return index


def _tagged(document: Document, text: str) -> FilingIndex:
    """A header page (where the tags are escaped) or a submission text."""
    if not re.search("<DOCUMENT>", text, re.I):
        text = unescape(text)
    before = unescape(text[:_LONGEST_HEADER]).partition("<DOCUMENT>")[0]
    accession = _accession(document, before)
    folder = _folder(document, accession)
    found = []
    for block in _DOCUMENT.finditer(text):
        tags = {name: _tag(name, block[1]) for name in ("TYPE", "SEQUENCE", "FILENAME", "DESCRIPTION")}
        if tags["TYPE"] and tags["FILENAME"]:
            url = _inside(document, urljoin(folder, tags["FILENAME"]))
            found.append(FiledDocument(tags["TYPE"], _sequence(tags["SEQUENCE"]), url, tags["DESCRIPTION"]))
    form, filed, accepted = _HEADER_FORM.search(before), _HEADER_FILED.search(before), _ACCEPTED.search(before)
    return FilingIndex(
        accession,
        plain(form[1]) if form else (found[0].type if found else ""),
        _day(document, filed[1]) if filed else None,
        _moment(document, accepted[1]) if accepted else None,
        tuple(found),
    )


def _tag(name: str, block: str) -> str:
    found = re.search(_TAG.format(name), block, re.I)
    return plain(unescape(found[1])) if found else ""


def _page(document: Document) -> FilingIndex:
    """The page for people."""
    try:
        root = html.document_fromstring(document.body.decode("utf-8", "replace"))
    except (etree.LxmlError, ValueError) as error:
        raise _wrong(document, f"no page ({error})", "the index of a filing") from error
    told = dict(_labelled(root))
    accession = _accession(document, plain(" ".join(root.itertext())))
    heading = " ".join(plain(one.text_content()) for one in root.xpath("//*[@id='formName']"))
    form = _PAGE_FORM.search(heading)
    documents = tuple(_listed(document, root, _folder(document, accession)))
    accepted, filed = told.get("accepted"), told.get("filing date")
    return FilingIndex(
        accession,
        form["form"] if form else (documents[0].type if documents else ""),
        _day(document, filed.replace("-", "")) if filed else None,
        _moment(document, re.sub(r"\D", "", accepted)) if accepted else None,
        documents,
    )


def _labelled(root: html.HtmlElement) -> Iterator[tuple[str, str]]:
    """What stands beneath each heading of the page: Filing Date, Accepted, Documents, Period of Report."""
    for head in root.xpath("//*[contains(concat(' ', @class, ' '), ' infoHead ')]"):
        value = head.xpath("following-sibling::*[contains(concat(' ', @class, ' '), ' info ')][1]")
        if value:
            yield plain(head.text_content()).lower(), plain(value[0].text_content())


def _listed(document: Document, root: html.HtmlElement, folder: str) -> Iterator[FiledDocument]:
    """The rows of every table that has the columns of a list of documents; one without a type is the whole submission."""
    for table in root.iter("table"):
        columns: dict[str, int] = {}
        for row in table.iter("tr"):
            cells = [cell for cell in row if cell.tag in ("td", "th")]
            words = [plain(cell.text_content()) for cell in cells]
            named = {word.lower(): at for at, word in enumerate(words)}
            if {"seq", "document", "type"} <= named.keys():
                columns = named
                continue
            if not columns or len(cells) <= max(columns[one] for one in ("seq", "document", "type")):
                continue
            link, kind = cells[columns["document"]].find(".//a"), words[columns["type"]]
            if link is None or not kind or not link.get("href"):
                continue
            target = link.get("href")
            inline = "ix?doc=" in target or "ixviewer" in target
            described = words[columns["description"]] if "description" in columns else ""
            url = _inside(document, urljoin(folder, target.rpartition("doc=")[2] if inline else target))
            yield FiledDocument(kind, _sequence(words[columns["seq"]]), url, described, inline)


def _accession(document: Document, text: str) -> str:
    """From the URL, else as the page prints it."""
    if found := _FOLDER.search(urlsplit(document.url).path):
        digits = found["accession"]
        return f"{digits[:10]}-{digits[10:12]}-{digits[12:]}"
    printed = re.search(r"\b\d{10}-\d{2}-\d{6}\b", text)
    if printed is None:
        raise _wrong(document, "no accession number", "one like 0001193125-26-016002 in its URL or text")
    return printed[0]


def _folder(document: Document, accession: str) -> str:
    """Where the filing's documents lie; without a URL the CIK is that of the accession number's filer agent, which EDGAR takes too."""
    if found := _FOLDER.search(urlsplit(document.url).path):
        return f"{ARCHIVES}{found['cik']}/{found['accession']}/"
    return f"{ARCHIVES}{int(accession[:10])}/{accession.replace('-', '')}/"


def _inside(document: Document, url: str) -> str:
    """The address of a document, which must lie in EDGAR's archive."""
    parts = urlsplit(url)
    if parts.netloc != "www.sec.gov" or not _FOLDER.search(parts.path) or ".." in parts.path.split("/"):
        raise _wrong(document, f"a document under {url!r}", "one in EDGAR's archive")
    return url


def _sequence(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() else None


def _moment(document: Document, digits: str) -> datetime:
    try:
        if len(digits) != len("20260120080028"):
            raise ValueError(digits)
        return from_new_york(datetime.strptime(digits, "%Y%m%d%H%M%S"))  # noqa: DTZ007 - the clock of New York
    except (ValueError, OverflowError):
        raise _wrong(document, f"acceptance {digits!r}", "a moment like 20260120080028") from None


def _day(document: Document, digits: str) -> date:
    try:
        return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise _wrong(document, f"filing date {digits!r}", "a day like 20260120") from None


def _wrong(document: Document, found: str, expected: str) -> ParseError:
    return ParseError(f"{document.source}: {document.url}: found {found}, expected {expected}")
