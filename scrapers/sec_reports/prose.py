"""Sentences of a report around a word, cut out of its bytes: to make text of a whole document takes as long as to parse it.

A sentence ends at a full stop and a blank, or where its paragraph or cell ends; tags in between are taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from scrapers.formats.text import plain

_TAG = re.compile(r"<[^>]*>")
_ENDS = (b". ", b"</p>", b"</div>", b"</td>")
_LONGEST = 6000  # bytes of a sentence on either side of a word, with its tags
_FARTHEST = 24_000  # bytes before a number, in which some hundred characters stand
_HEADER_ENDS = b"</ix:header>"


class Prose:
    """What a document prints, asked by words."""

    def __init__(self, body: bytes, encoding: str) -> None:
        self._body, self._encoding = body, encoding
        self._lower = body.lower()
        self._begins = max(self._lower.find(_HEADER_ENDS), 0)
        self._found: dict[tuple[str, ...], list[str]] = {}

    def sentences(self, *words: str) -> list[str]:
        """The sentences that hold one of some words (in small letters), each run of white space as one space, in their order."""
        if words not in self._found:
            self._found[words] = list(self._sentences(words))
        return self._found[words]

    def says(self, word: str) -> bool:
        """Whether a word (in small letters) is printed anywhere."""
        return next(self._places(word.encode()), None) is not None

    def before(self, number: str, size: int) -> list[str]:
        """What stands before each place where a number is printed, up to `size` characters of it, across cells."""
        return [
            self._text(self._body[max(self._begins, place - _FARTHEST) : place])[-size:]
            for place in self._places(number.encode())
            if not self._body[place - 1 : place].isdigit()
            and self._body[place + len(number) :][:1] not in b"0123456789,"
        ]

    def _sentences(self, words: tuple[str, ...]) -> Iterator[str]:
        end = self._begins
        for place in sorted(place for word in words for place in self._places(word.encode())):
            if place < end:
                continue
            first = max(end, place - _LONGEST)
            begins = max(
                (found + len(mark) for mark in _ENDS if (found := self._lower.rfind(mark, first, place)) >= 0),
                default=first,
            )
            last = min(place + _LONGEST, len(self._lower))
            end = (
                min((found for mark in _ENDS if (found := self._lower.find(mark, place, last)) >= 0), default=last) + 1
            )
            yield self._text(self._body[begins:end])

    def _places(self, word: bytes) -> Iterator[int]:
        place = self._lower.find(word, self._begins)
        while place >= 0:
            yield place
            place = self._lower.find(word, place + len(word))

    def _text(self, part: bytes) -> str:
        """The text of a part, without a tag that it begins in the middle of."""
        text = part.decode(self._encoding, "replace")
        opens, closes = text.find("<"), text.find(">")
        if closes >= 0 and (closes < opens or opens < 0):
            text = text[closes + 1 :]
        text = _TAG.sub("", text)
        return plain(unescape(text.partition("<")[0]))
