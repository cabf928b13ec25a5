"""The text of a PDF, page by page and line by line, as it reads on the page; pictures of text have none."""

from __future__ import annotations

import pypdfium2

from treasury.model import ParseError

MOST_PAGES = 400  # an annual report has 300; more is no announcement
MARKER = b"%PDF-"


def is_pdf(body: bytes) -> bool:
    """Whether these bytes are a PDF, whatever they are called; the marker may stand behind a little noise."""
    return MARKER in body[:1024]


def pages(body: bytes) -> list[str]:
    """The text of each page with its line breaks; ParseError where it is no PDF, locked, damaged or without any text."""
    try:
        pdf = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise ParseError(f"not a PDF that can be opened: {error}") from error
    try:
        if len(pdf) > MOST_PAGES:
            raise ParseError(f"a PDF of {len(pdf)} pages, expected at most {MOST_PAGES}")
        texts = [_text(pdf, number) for number in range(len(pdf))]
    finally:
        pdf.close()
    if not any(text.strip() for text in texts):
        raise ParseError("a PDF without text: its pages are pictures, which are not read")
    return texts


def _text(pdf: pypdfium2.PdfDocument, number: int) -> str:
    try:
        page = pdf[number]
        text: str = page.get_textpage().get_text_range(errors="replace")
    except pypdfium2.PdfiumError as error:
        raise ParseError(f"page {number + 1} of the PDF cannot be read: {error}") from error
    # a hyphen that broke a word at the end of a line comes as U+FFFE or U+0002; pages may repeat the carriage return
    return text.replace("\ufffe", "").replace("\x02", "").replace("\r\n", "\n").replace("\r", "\n")
