"""Files for the user are there whole or not at all: a full disk or a kill leaves what stood there before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from treasury.errors import InputError

_SQLITE = b"SQLite format 3\0"  # how its files begin
_OF_NAME = 30  # characters, of up to four bytes each: a name has 255


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name beside `path`, with its ending, to write to; what is written there takes its place in the end, or goes.

    What is no file (a pipe, /dev/stdout) is written to as it is. Raises InputError for a database, which nothing here may replace.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    target = Path(os.path.realpath(path))  # a link stays one
    if _is_database(target):
        raise InputError(f"{path} is a database; name another file, it is left as it is")
    draft = target.with_name(f".{target.stem[:_OF_NAME]}.{os.getpid()}{target.suffix[:_OF_NAME]}")
    try:
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, draft)
        draft.replace(target)
    except OSError as error:
        if error.filename in (None, str(draft)):
            error.filename, error.filename2 = str(path), None  # the name the user knows
        raise
    finally:
        draft.unlink(missing_ok=True)


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:  # not there, or not to be read
        return False
