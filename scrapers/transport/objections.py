"""What an answer must look like before it counts as a document, and how to say what came instead."""

from __future__ import annotations

import io
import json
import zipfile

from scrapers.formats.describe import BEGINNING, describe, looks_like_html, title
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


def objection(kind: Kind, media_type: str, body: bytes) -> str | None:
    """What is wrong with the answer, as the words that follow "found", or None where it is what was asked for."""
    if not body.strip():
        return "an empty body"
    if kind != "html" and looks_like_html(body):
        return describe(body)
    if media_type and not (media_type in _TYPES[kind] or (kind == "json" and media_type.endswith("+json"))):
        return f"content type {media_type}"
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


def _not_json(body: bytes) -> str | None:
    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        return f"{len(body):,} bytes that are not whole JSON ({error}), beginning {describe(body[:80])}"
    return None
