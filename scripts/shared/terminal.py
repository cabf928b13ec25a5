"""What a terminal may be sent: words, and no sequence, mark or title that makes it do something else."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO

from treasury.intake.words import MARKS

_OBEYED = re.compile(f"{MARKS.pattern}|[\r\u2028\u2029]")


def plain(text: str) -> str:
    """The text with ? for every mark that a terminal obeys or that no file can hold; line ends and tabs stay."""
    return _OBEYED.sub("?", text) if _OBEYED.search(text) else text  # nearly always: a table may have a million rows


@contextmanager
def guarded() -> Iterator[None]:
    """All that is written to stdout and stderr meanwhile is plain, whoever writes it: names, notes, addresses, errors, logs."""
    with redirect_stdout(_guard(sys.stdout)), redirect_stderr(_guard(sys.stderr)):
        yield


def own(stream: TextIO) -> TextIO:
    """The stream behind the guard, for what moves a cursor or has a colour: plain words, and marks of ours alone."""
    return stream.unguarded if isinstance(stream, _Guarded) else stream


class _Guarded:
    def __init__(self, stream: TextIO) -> None:
        self.unguarded = stream

    def write(self, text: str) -> int:
        self.unguarded.write(plain(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        self.unguarded.writelines(map(plain, lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


def _guard(stream: TextIO) -> Any:
    return stream if isinstance(stream, _Guarded) else _Guarded(stream)
