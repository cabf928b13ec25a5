"""An answer in a few words: what came, for a message or a doubt."""

from __future__ import annotations

_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<title")
BEGINNING = 20_000  # bytes in which a page shows what it is


def describe(body: bytes) -> str:
    """An answer in a few words: the title of a page, the beginning of anything else."""
    if looks_like_html(body):
        return f'an HTML page titled "{title(body)}"' if title(body) else "an HTML page without a title"
    shown = printable(" ".join(body[:BEGINNING].decode("utf-8", "replace").split()), 200)
    return f'"{shown}"' if shown else "an empty body"


def printable(text: str, most: int) -> str:
    """Words from outside for a message: cut, and without marks that a terminal obeys."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:most])


def looks_like_html(body: bytes) -> bool:
    beginning = body[:BEGINNING].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return beginning.startswith(_HTML) or (beginning.startswith((b"<?xml", b"<!--")) and b"<html" in beginning)


def title(body: bytes) -> str:
    beginning = body[:BEGINNING]
    start = beginning.lower().find(b"<title")
    if start < 0:
        return ""
    text = beginning[start:].partition(b">")[2].partition(b"<")[0]
    return printable(" ".join(text.decode("utf-8", "replace").split()), 120)
