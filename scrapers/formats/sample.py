"""A document cut down to what shows its form, without anybody's address in it: what can be sent with a report."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable

SHORT_ENOUGH = 50_000  # bytes: what is shorter stays as it is
HEAD, TAIL = 30_000, 10_000  # characters of a longer text
SHORTEST_SECRET = 4  # characters: a shorter word would be struck out of others
FIRST_ROWS, LAST_ROWS = 4, 2  # rows of a longer list
_ADDRESSES = (  # of people and machines, and what is printed instead
    (re.compile(r"[^\s@<>\"'()]{1,64}@[^\s@<>\"'()]{1,253}\.[A-Za-z]{2,}"), "someone@example.org"),
    (re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"), "192.0.2.1"),
    (re.compile(r"(?i)(?<![\w:])(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}(?![\w:])"), "2001:db8::1"),
)


def sample(body: bytes, secrets: Iterable[str] = ()) -> tuple[str, str] | None:
    """The document as (suffix of a file, text); None where it is no text, such as a PDF. `secrets` are struck out."""
    if zipfile.is_zipfile(io.BytesIO(body)):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts = [f"{name}:\n{_shortened(_text(packed.read(name)) or '')}" for name in packed.namelist()]
        return "txt", anonymous("\n".join(parts), secrets)
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
    """Without addresses of mail and machines, nor the words given."""
    for secret in sorted((one for one in secrets if len(one) >= SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(secret, "…")
    for address, instead in _ADDRESSES:
        text = address.sub(instead, text)
    return text


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
