"""Documents as a publisher's worst day may make them: captured bodies with bytes, cells, tags, numbers, dates and names changed, by a seed."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from random import Random
from typing import Any

NUMBER = re.compile(rb"(?<![\w.])-?\d[\d,]*(?:\.\d+)?")
DAY = re.compile(rb"\d{4}-\d{2}-\d{2}|\d{8}T\d{6}Z|(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4}")  # fmt: skip
TAG = re.compile(rb"</?[A-Za-z][^<>]*>")
CELL = re.compile(rb"<t[dh][^>]*>.*?</t[dh]>", re.DOTALL)
WORD = re.compile(rb"[A-Za-z]{3,}")
ODD_NUMBERS = (
    b"0", b"-0", b"-1", b"1e308", b"-1e308", b"1e999", b"NaN", b"9" * 30, b"0.1e-320", b"1,2,3", b"12.345.678,90", b"21000001", b"1e3", b"null",
    b'""', b"\xd9\xa1\xd9\xa2\xd9\xa3", b"(5)", b"1/0", b"1" * 5000, b"-9223372036854775809", b"0x10", b"true",
)  # fmt: skip
ODD_DAYS = (
    b"0001-01-01", b"9999-12-31", b"1969-12-31", b"2007-12-31", b"2026-02-30", b"2026-13-01", b"2199-01-01", b"2024-02-29", b"0000-00-00",
    b"February 30, 2026", b"December 31, 9999", b"January 1, 0001", b"99991231T000000Z", b"12345678T999999Z",
)  # fmt: skip
ODD_WORDS = (
    b"", b"x" * 10_000, b"\xe2\x80\xae", b"\x1b[31m", b"\0", b"\xff\xfe", b"../../etc/passwd", b"'; DROP TABLE fact; --", b"=cmd|' /C calc'!A0",
    b"<script>alert(1)</script>", b"%n%s%d", b"\xf0\x9f\xa6\x84", b"Strategy", b"3350.T", b"\\ud800", b"&#0;", b"{}", b"\n\n\n",
)  # fmt: skip
SCALES = (10, 1000, 1e6, 0.1, 0.001, -1, 0, 1.01, 2)
ODD_VALUES: tuple[Any, ...] = (
    None, True, "", 0, -1, 1e308, -1e308, 5e-324, 10**30, "NaN", [], {}, [[]], {"": None}, "x" * 10_000, "\x1b]0;t\x07", "\u202e", "\ud800", "9999-12-31",
    "0001-01-01", 253402300800, -62135596801, 1e15, "1e400",
)  # fmt: skip


def mutated(body: bytes, dice: Random) -> bytes:
    """A body with a few things changed, mostly so that it can still be read; what is packed is changed inside."""
    if body.startswith(b"PK"):
        return _inside(body, dice)
    changes = IN_JSON if body.lstrip()[:1] in (b"{", b"[") else IN_TEXT
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        body = dice.choice(changes)(body, dice)
    return _bytes(body, dice) if dice.random() < 0.05 else body


def _inside(body: bytes, dice: Random) -> bytes:
    if dice.random() < 0.1:
        return _bytes(body, dice)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, mutated(old.read(name), dice))
    return file.getvalue()


def _bytes(body: bytes, dice: Random) -> bytes:
    """A few bytes lost, doubled, turned, or all after them."""
    at = dice.randrange(len(body) + 1)
    end = min(len(body), at + dice.choice((1, 2, 8, 200)))
    piece = dice.choice((b"", body[at:end] * 2, dice.randbytes(end - at), body[at:end][::-1]))
    return body[:at] + piece + (body[end:] if dice.random() < 0.9 else b"")


def _found(pattern: re.Pattern[bytes], odd: tuple[bytes, ...]) -> Callable[[bytes, Random], bytes]:
    """One thing of a kind replaced by something odd, or by another of its document."""

    def change(body: bytes, dice: Random) -> bytes:
        spans = [one.span() for one in pattern.finditer(body)]
        if not spans:
            return _bytes(body, dice)
        start, end = dice.choice(spans)
        first, last = dice.choice(spans)
        return body[:start] + dice.choice((*odd, body[first:last], body[first:last], body[start:end] * 2)) + body[end:]

    return change


def _swapped(pattern: re.Pattern[bytes]) -> Callable[[bytes, Random], bytes]:
    """Two things of a kind change places."""

    def change(body: bytes, dice: Random) -> bytes:
        spans = [one.span() for one in pattern.finditer(body)]
        if len(spans) < 2:
            return _bytes(body, dice)
        (a, b), (c, d) = sorted(dice.sample(spans, 2))
        return body[:a] + body[c:d] + body[b:c] + body[a:b] + body[d:]

    return change


def _node(body: bytes, dice: Random) -> bytes:
    """One value of a JSON document replaced, lost, doubled, or by one from elsewhere in it."""
    try:
        whole = json.loads(body)
    except ValueError:
        return _bytes(body, dice)
    places: list[tuple[Any, Any]] = []
    waiting = [whole]
    while waiting:
        node = waiting.pop()
        inner = (
            list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
        )
        places += [(node, key) for key, _ in inner]
        waiting += [value for _, value in inner]
    if not places:
        return _bytes(body, dice)
    (node, key), (other, place) = dice.choice(places), dice.choice(places)
    value = node[key]
    match dice.randrange(8):
        case 0:
            del node[key]
        case 1 if isinstance(node, list):
            node.insert(key, value)
        case 2:
            node[key] = json.loads(json.dumps(other[place]))
        case 3:
            node[key] = dice.choice(ODD_VALUES)
        case _ if isinstance(value, int | float):
            node[key] = value * dice.choice(SCALES)
        case _ if isinstance(value, str):
            text = dice.choice((_scaled, _found(DAY, ODD_DAYS), _found(WORD, ODD_WORDS)))(value.encode(), dice)
            node[key] = text.decode(errors="surrogateescape")
    return json.dumps(whole).encode()


def _scaled(body: bytes, dice: Random) -> bytes:
    """A number in another unit, or with another sign."""
    spans = [one.span() for one in NUMBER.finditer(body)]
    if not spans:
        return _bytes(body, dice)
    start, end = dice.choice(spans)
    number = float(body[start:end].replace(b",", b"")) * dice.choice(SCALES)
    return body[:start] + f"{number:{dice.choice(('.10g', ',.0f', '.2f'))}}".encode() + body[end:]


IN_JSON: tuple[Callable[[bytes, Random], bytes], ...] = (
    _node,
    _node,
    _node,
    _node,
    _swapped(NUMBER),
    _swapped(DAY),
    _found(DAY, ODD_DAYS),
)
IN_TEXT: tuple[Callable[[bytes, Random], bytes], ...] = (
    _scaled, _scaled, _found(NUMBER, ODD_NUMBERS), _found(DAY, ODD_DAYS), _found(WORD, ODD_WORDS), _found(TAG, (b"", b"<", b"<!--")), _swapped(NUMBER),
    _swapped(NUMBER), _swapped(DAY), _swapped(TAG), _swapped(CELL), _swapped(CELL),
)  # fmt: skip
