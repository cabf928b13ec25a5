"""The bytes of one answer: decoded, proven complete, and never more than allowed."""

from __future__ import annotations

import zlib

import urllib3

from scrapers.transport.adapter import Overdue
from treasury.model import FetchError

_CHUNK = 1 << 16


class Trouble(Exception):
    """Why an exchange gave no answer: `passing` when the next attempt may, `kind` what it becomes when none does."""

    def __init__(self, found: str, *, kind: type[FetchError] = FetchError, passing: bool = False) -> None:
        super().__init__(found)
        self.kind = kind
        self.passing = passing


def whole(raw: urllib3.BaseHTTPResponse, largest: int) -> bytes:
    """The decoded body of a success. urllib3's own decoding accepts a gzip stream that just stops, so it is done here."""
    declared = raw.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > largest:
        raise Trouble(f"a body of {int(declared):,} bytes, above the limit of {largest:,}")
    encoding = raw.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise Trouble(f"content encoding {encoding}, which was not asked for")
    decoder = zlib.decompressobj(wbits=31) if encoding.endswith("gzip") else None
    body = bytearray()
    try:
        for chunk in raw.stream(_CHUNK, decode_content=False):
            body += decoder.decompress(chunk, largest + 1 - len(body)) if decoder else chunk
            if len(body) > largest:
                raise Trouble(f"a body above the limit of {largest:,} bytes")
    except zlib.error as error:
        raise Trouble(f"a damaged gzip stream ({error})", passing=True) from error
    if decoder and body and not decoder.eof:
        raise Trouble(f"a gzip stream cut off after {len(body):,} bytes", passing=True)
    if decoder and decoder.unused_data:
        raise Trouble(f"{len(decoder.unused_data):,} bytes after the end of a gzip stream")
    return bytes(body)


def beginning(raw: urllib3.BaseHTTPResponse) -> bytes:
    """As much of a failure's body as a message can use; it may be cut short or damaged in its turn."""
    try:
        body = next(iter(raw.stream(_CHUNK, decode_content=False)), b"")
        if raw.headers.get("Content-Encoding", "").endswith("gzip"):
            body = zlib.decompressobj(wbits=31).decompress(body, _CHUNK)
    except (Overdue, zlib.error, urllib3.exceptions.HTTPError):
        return b""
    return body
