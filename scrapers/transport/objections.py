"""What an answer must look like before it counts as a document, and how to say what came instead."""

from __future__ import annotations

import io
import json
import zipfile
from email.message import Message

from scrapers.formats.describe import BEGINNING, describe, looks_like_html, printable, title
from scrapers.request import Kind

EXPECTED: dict[Kind, str] = {
    "json": "JSON",
    "html": "an HTML page",
    "csv": "CSV",
    "zip": "a ZIP file",
    "text": "plain text",
    "pdf": "a PDF",
}
PDF = b"%PDF-"
_BINARY = "application/octet-stream"
_WRITTEN = frozenset[Kind](["json", "html", "csv", "text"])
_GZIP = b"\x1f\x8b"
_LONGEST_TYPE = 60  # characters of a label in a message
_TYPES: dict[Kind, frozenset[str]] = {
    "json": frozenset(["application/json", "text/json"]),
    "html": frozenset(["text/html", "application/xhtml+xml"]),
    "csv": frozenset(["text/csv", "application/csv", "application/vnd.ms-excel", "text/plain", _BINARY]),
    "zip": frozenset(["application/zip", "application/x-zip-compressed", _BINARY]),
    "text": frozenset(["text/plain", _BINARY]),
    "pdf": frozenset(["application/pdf", "application/x-pdf", _BINARY]),
}
# Titles of pages that stand in for the one asked for. Cloudflare and Akamai send them with 200 as well as 403 and 503;
# the SEC's two are for undeclared and for hasty clients.
_CHALLENGES = (
    "just a moment",
    "attention required",
    "access denied",
    "pardon our interruption",
    "verify you are human",
    "are you a robot",
    "ddos protection",
    "undeclared automated tool",
    "request rate threshold exceeded",
)
_PROOF_OF_WORK = b"/__verify"  # Stooq's page since 2026-07-29 makes the browser compute before it may ask


def media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def objection(kind: Kind, content_type: str, body: bytes) -> str | None:
    """What is wrong with the answer, as the words that follow "found", or None where it is what was asked for."""
    if not body.strip():
        return "an empty body"
    told = media_type(content_type)
    if kind in _WRITTEN and (odd := _no_writing(content_type, body)) is not None:
        return odd
    if kind != "html" and looks_like_html(body):
        return describe(body)
    if told and not (told in _TYPES[kind] or (kind == "json" and told.endswith("+json"))):
        return f"content type {printable(told, _LONGEST_TYPE)}"
    if kind == "html" and not body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return describe(body)
    if kind == "pdf" and PDF not in body[:BEGINNING]:
        return describe(body)
    if kind == "json":
        return _not_json(body)
    if kind == "zip" and not zipfile.is_zipfile(io.BytesIO(body)):
        return "a damaged ZIP file" if body.startswith(b"PK") else describe(body)
    return None


def is_challenge(body: bytes) -> bool:
    """Whether this is a page for telling browsers from programs. It is reported, never solved."""
    if not looks_like_html(body):
        return False
    heading = title(body).lower()
    return any(words in heading for words in _CHALLENGES) or _PROOF_OF_WORK in body[:BEGINNING]


def _no_writing(content_type: str, body: bytes) -> str | None:
    """Bytes that are packed or of an encoding nobody here reads: text is UTF-8, or of the letters all encodings share."""
    if body.startswith(_GZIP):
        return "a gzip stream that was not declared"
    if b"\0" in body[:BEGINNING]:
        return "bytes of nought among the letters, as UTF-16 has them"
    label = Message()
    label["Content-Type"] = content_type
    charset = label.get_content_charset("utf-8")
    if body.isascii() or charset in ("utf-8", "utf8"):
        return None
    try:
        same = body.decode(charset) == body.decode("utf-8")
    except (LookupError, ValueError):
        same = False
    return None if same else f"text labelled {printable(charset, _LONGEST_TYPE)}"


def _not_json(body: bytes) -> str | None:
    try:
        json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return f"{len(body):,} bytes that are not whole JSON ({error}), beginning {describe(body[:80])}"
    return None
