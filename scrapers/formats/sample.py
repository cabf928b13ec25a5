"""A document cut down to what shows its form, without anybody's address in it: what can be sent with a report."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from html import escape
from ipaddress import IPv6Address
from urllib.parse import quote, quote_plus

SHORT_ENOUGH = 50_000  # bytes: what is shorter stays as it is
HEAD, TAIL = 30_000, 10_000  # characters of a longer text
SHORTEST_SECRET = 4  # characters: a shorter word would be struck out of others
FIRST_ROWS, LAST_ROWS = 4, 2  # rows of a longer list
MOST_PARTS, MOST_UNPACKED = 6, 5_000_000  # of a ZIP: parts shown, and bytes unpacked of each
_AT = re.compile(r"(?i)(?:%40|&#0*64;|&#x0*40;|&commat;|\\u0040)(?=[\w.-]{1,253}\.[a-z]{2,})")  # @ as pages hide it
_MAIL = re.compile(r"[^\s@<>\"'()]{1,64}@[^\s@<>\"'()]{1,253}\.[A-Za-z]{2,}")
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"(?i)(?<![\w:])[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)


def sample(body: bytes, secrets: Iterable[str] = ()) -> tuple[str, str] | None:
    """The document as (suffix of a file, text); None where it is no text, such as a PDF. `secrets` are struck out."""
    if zipfile.is_zipfile(io.BytesIO(body)):
        parts = _parts(body)
        return ("txt", anonymous("\n".join(parts), secrets)) if parts else None
    text = _text(body)
    if text is None:
        return None
    try:
        told = json.loads(text)
    except ValueError:
        suffix = "html" if "<" in text[:1000] else "txt"
        return suffix, anonymous(text if len(body) <= SHORT_ENOUGH else _shortened(text), secrets)
    return "json", anonymous(
        text if len(body) <= SHORT_ENOUGH else json.dumps(_fewer(told), ensure_ascii=False), secrets
    )


def anonymous(text: str, secrets: Iterable[str] = ()) -> str:
    """Without addresses of mail and machines, nor the words given, however a page writes them."""
    for secret in sorted({form for one in secrets for form in _written(one)}, key=len, reverse=True):
        text = re.sub(re.escape(secret), "…", text, flags=re.IGNORECASE)
    text = _MAIL.sub("someone@example.org", _AT.sub("@", text))
    return _IPV6.sub(_if_address, _IPV4.sub("192.0.2.1", text))


def _written(secret: str) -> set[str]:
    """A word as it stands in text, HTML, JSON and addresses."""
    if len(secret) < SHORTEST_SECRET:
        return set()
    in_json = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    return {secret, escape(secret), quote(secret, safe=""), quote_plus(secret), *in_json}


def _if_address(found: re.Match[str]) -> str:
    try:
        IPv6Address(found[0])
    except ValueError:  # a time of day
        return found[0]
    return "2001:db8::1"


def _parts(body: bytes) -> list[str]:
    """The texts in a ZIP, each under its name; none where it is damaged, or packed as nobody here unpacks it."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts = []
            for member in packed.infolist()[:MOST_PARTS]:
                with packed.open(member) as file:
                    parts.append(f"{member.filename}:\n{_shortened(_text(file.read(MOST_UNPACKED)) or '')}")
            return parts
    except _UNREADABLE:
        return []


def _text(body: bytes) -> str | None:
    if b"\0" in body[:SHORT_ENOUGH] or body.startswith(b"%PDF"):
        return None
    return body.decode("utf-8", errors="replace")


def _shortened(text: str) -> str:
    if len(text) <= HEAD + TAIL:
        return text
    return f"{text[:HEAD]}\n… {len(text) - HEAD - TAIL:,} characters left out …\n{text[-TAIL:]}"


def _fewer(told: object) -> object:
    """The same with the first and last rows of every list: columns of equal length stay so."""
    if isinstance(told, dict):
        return {name: _fewer(value) for name, value in told.items()}
    if isinstance(told, list):
        rows = told if len(told) <= FIRST_ROWS + LAST_ROWS else [*told[:FIRST_ROWS], *told[-LAST_ROWS:]]
        return [_fewer(row) for row in rows]
    return told
