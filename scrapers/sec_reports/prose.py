"""Sentences of a report around a word, cut out of its bytes: to make text of a whole document takes as long as to parse it.

A sentence ends at a full stop and a blank, or where its paragraph or cell ends; tags in between are taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from html import unescape

from scrapers.formats.text import plain

_TAG = re.compile(r"<[^>]*>")
_ENDS = (b". ", b"</p>", b"</div>", b"</td>")
_LONGEST = 6000  # bytes of a sentence on either side of a word, with its tags
_MOSTLY = 500  # of them in which most end: what takes long is to look far for the marks that are not there
_FARTHEST = (4_000, 24_000)  # bytes before a number, in which some hundred characters stand
_HEADER, _HEADER_ENDS = b"<ix:header", b"</ix:header>"


class Prose:
    """What a document prints, asked by words; its header, mostly first and sometimes last, is no part of it."""

    def __init__(self, body: bytes, encoding: str) -> None:
        self._body, self._encoding = body, encoding
        first = max(body.find(_HEADER), 0)
        last = max(body.find(_HEADER_ENDS, first), 0)
        self._parts = ((0, first), (last, len(body)))  # before its header and after it
        self._known_places: dict[str, list[int]] = {}
        self._known_spans: dict[tuple[str, ...], list[tuple[int, int]]] = {}

    def sentences(self, *words: str, naming: Sequence[str] = ()) -> Iterator[str]:
        """The sentences that hold one of some words, and one of those further ones (in small letters), white space as one space, in their order."""
        if words not in self._known_spans:
            self._known_spans[words] = list(self._spans(words))
        for begins, ends in self._known_spans[words]:
            if not naming or any(self._small.find(word.encode(), begins, ends) >= 0 for word in naming):
                yield self._text(self._body[begins:ends])

    def says(self, word: str, *beside: str) -> bool:
        """Whether a word (in small letters) is printed anywhere; others that are asked for next may be found beside it."""
        self._places(word, *beside)
        return bool(self._places(word))

    def before(self, number: str, size: int) -> list[str]:
        """What stands before each place where a number is printed, up to `size` characters of it, across cells."""
        return [
            self._up_to(place, size)
            for place in self._places(number)
            if not self._body[place - 1 : place].isdigit()
            and self._body[place + len(number) : place + len(number) + 1] not in b"0123456789,"
        ]

    def _up_to(self, place: int, size: int) -> str:
        """The last characters before a place, out of as few bytes as hold them."""
        text = ""
        for far in _FARTHEST:
            text = self._text(self._body[max(self._part(place)[0], place - far) : place])
            if len(text) >= size:
                break
        return text[-size:]

    def _spans(self, words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
        """Where the sentences around some words begin and end."""
        end = 0
        for place in sorted(self._places(*words)):
            if place < end:
                continue
            first, closes = self._part(place)
            begins = self._behind_mark(max(end, first, place - _LONGEST), place)
            end = self._before_mark(place, min(place + _LONGEST, closes)) + 1
            yield begins, end

    def _behind_mark(self, first: int, place: int) -> int:
        """Where the last mark before a place ends; the first place where there is none."""
        for near in (max(first, place - _MOSTLY), first):
            begins = near
            for mark in _ENDS:  # each is looked for only where the ones before it left room
                if (found := self._body.rfind(mark, begins, place)) >= 0:
                    begins = found + len(mark)
            if begins > near:
                return begins
        return first

    def _before_mark(self, place: int, last: int) -> int:
        """Where the first mark behind a place begins; the last place where there is none."""
        for near in (min(last, place + _MOSTLY), last):
            ends = near
            for mark in _ENDS:
                if (found := self._body.find(mark, place, ends)) >= 0:
                    ends = found
            if ends < near:
                return ends
        return last

    @cached_property
    def _small(self) -> bytes:
        """All of it in small letters: made once, since several words are looked for."""
        return self._body.lower()

    def _places(self, *words: str) -> list[int]:
        """Where words (in small letters) are printed, in whatever letters; those with one initial are found in one pass."""
        unknown = [word for word in words if word not in self._known_places]
        self._known_places |= {word: [] for word in unknown}
        for initial in dict.fromkeys(word[0] for word in unknown):
            wanted = re.compile(b"|".join(re.escape(word.encode()) for word in unknown if word[0] == initial))
            body = self._body if initial.isdigit() else self._small
            for begins, ends in self._parts:
                for found in wanted.finditer(body, begins, ends):
                    self._known_places[found[0].decode()].append(found.start())
        return [place for word in words for place in self._known_places[word]]

    def _part(self, place: int) -> tuple[int, int]:
        return self._parts[place >= self._parts[1][0]]

    def _text(self, part: bytes) -> str:
        """The text of a part, without a tag that it begins in the middle of."""
        text = part.decode(self._encoding, "replace")
        opens, closes = text.find("<"), text.find(">")
        if closes >= 0 and (closes < opens or opens < 0):
            text = text[closes + 1 :]
        text = _TAG.sub("", text)
        return plain(unescape(text.partition("<")[0]))
