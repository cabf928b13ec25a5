"""The text of a PDF, page by page and line by line, as it reads on the page; pictures of text have none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from treasury.model import ParseError

MOST_PAGES = 400  # an annual report has 300; more is no announcement
MOST_SECONDS = 60  # of one document; that report takes two
MOST_MEMORY = 500_000_000  # bytes; such a report takes a fifth
MARKER = b"%PDF-"
_TOO_MUCH = "a PDF that takes more time or memory to read than any notice does"


def is_pdf(body: bytes) -> bool:
    """Whether these bytes are a PDF, whatever they are called; the marker may stand behind a little noise."""
    return MARKER in body[:1024]


def pages(body: bytes) -> list[str]:
    """The text of each page with its line breaks; ParseError where it is no PDF, locked, damaged or without any text.

    Read in a process of its own: a page of a few kilobytes may want all memory there is, and PDFium ends the process that has no more.
    """
    here = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
    try:
        told = subprocess.run(
            [sys.executable, "-P", "-m", __name__], input=body, capture_output=True, timeout=MOST_SECONDS,
            env={**os.environ, "PYTHONPATH": here},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ParseError(_TOO_MUCH) from None
    if told.returncode:
        raise ParseError(_why_ended(told.returncode, told.stderr.decode(errors="replace")))
    found = json.loads(told.stdout)
    if isinstance(found, str):
        raise ParseError(found)
    return list(found)


def _why_ended(status: int, stderr: str) -> str:
    """Why the process gave no pages: the system ended it (PDFium has no more memory), Python has no more, or a fault that is not the PDF's."""
    last = (stderr.strip().splitlines() or [""])[-1]
    if status != 1 or last.startswith("MemoryError"):
        return _TOO_MUCH
    return f"the process that reads a PDF failed: {last}"


def _apart() -> None:
    """Print as JSON the pages of the PDF that comes in, or why it has none."""
    with suppress(ImportError, ValueError, OSError):  # of another system, or bounded closer from outside
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found: list[str] | str
    try:
        found = _pages(sys.stdin.buffer.read())
    except ParseError as error:
        found = str(error)
    sys.stdout.write(json.dumps(found))


def _pages(body: bytes) -> list[str]:
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise ParseError(f"not a PDF that can be opened: {error}") from error
    texts: list[str] = []
    try:
        if len(pdf) > MOST_PAGES:
            raise ParseError(f"a PDF of {len(pdf)} pages, expected at most {MOST_PAGES}")
        for number in range(len(pdf)):
            try:
                text: str = pdf[number].get_textpage().get_text_range(errors="replace")
            except pypdfium2.PdfiumError as error:
                raise ParseError(f"page {number + 1} of the PDF cannot be read: {error}") from error
            # a hyphen that broke a word at the end of a line comes as U+FFFE or U+0002; pages may repeat the carriage return
            texts.append(text.replace("\ufffe", "").replace("\x02", "").replace("\r\n", "\n").replace("\r", "\n"))
    finally:
        pdf.close()
    if not any(text.strip() for text in texts):
        raise ParseError("a PDF without text: its pages are pictures, which are not read")
    return texts


if __name__ == "__main__":
    _apart()
