"""The bytes of one answer: decoded, proven complete, and never more than allowed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import urllib3

from scrapers.formats.describe import printable
from scrapers.transport.adapter import Overdue
from treasury.model import FetchError

_CHUNK = 1 << 16
_LONGEST_LENGTH = 18  # digits of a length, letters of an encoding


class Trouble(Exception):
    """Why an exchange gave no answer: `passing` when the next attempt may, `kind` what it becomes when none does."""

    def __init__(self, found: str, *, kind: type[FetchError] = FetchError, passing: bool = False) -> None:
        super().__init__(found)
        self.kind = kind
        self.passing = passing


def whole(raw: urllib3.BaseHTTPResponse, largest: int) -> bytes:
    """The decoded body of a success. urllib3's own decoding accepts a gzip stream that just stops, so it is done here."""
    declared = raw.headers.get("Content-Length", "")
    if declared.isdecimal() and (len(declared) > _LONGEST_LENGTH or int(declared) > largest):
        raise Trouble(f"a body of {printable(declared, _LONGEST_LENGTH)} bytes, above the limit of {largest:,}")
    encoding = raw.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise Trouble(f"content encoding {printable(encoding, _LONGEST_LENGTH)}, which was not asked for")
    unpack = _Members() if encoding.endswith("gzip") else None
    body = bytearray()
    try:
        for chunk in raw.stream(_CHUNK, decode_content=False):
            for piece in unpack.pieces(chunk, largest + 1 - len(body)) if unpack else (chunk,):
                body += piece
                if len(body) > largest:
                    raise Trouble(f"a body above the limit of {largest:,} bytes")
    except zlib.error as error:
        raise Trouble(f"a damaged gzip stream ({error})", passing=True) from error
    except ValueError as error:  # urllib3 reads a chunk of less than no bytes
        raise Trouble("a body in chunks that are none", passing=True) from error
    if unpack and not unpack.whole:
        raise Trouble(f"a gzip stream cut off after {len(body):,} bytes", passing=True)
    return bytes(body)


class _Members:
    """The members of a gzip stream one after the other, as gzip itself reads them; noughts may fill up its end."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=31)
        self._begun = False  # the member at hand

    @property
    def whole(self) -> bool:
        return not self._begun

    def pieces(self, packed: bytes, room: int) -> Iterator[bytes]:
        """What these bytes unpack to, a member at a time and no more than `room` of each."""
        while packed:
            if not self._begun and not (packed := packed.lstrip(b"\0")):
                return
            self._begun = True
            yield self._decoder.decompress(packed, room)
            packed = b""
            if self._decoder.eof:
                packed = self._decoder.unused_data
                self._decoder, self._begun = zlib.decompressobj(wbits=31), False


def beginning(raw: urllib3.BaseHTTPResponse) -> bytes:
    """As much of a failure's body as a message can use; it may be cut short or damaged in its turn."""
    try:
        body = next(iter(raw.stream(_CHUNK, decode_content=False)), b"")
        if raw.headers.get("Content-Encoding", "").endswith("gzip"):
            body = zlib.decompressobj(wbits=31).decompress(body, _CHUNK)
    except (Overdue, zlib.error, urllib3.exceptions.HTTPError):
        return b""
    return body
