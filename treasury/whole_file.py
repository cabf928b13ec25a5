"""Files for the user are there whole or not at all: a full disk or a kill leaves what stood there before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name beside `path`, with its ending, to write to; what is written there takes its place in the end, or goes.

    What is no file (a pipe, /dev/stdout) is written to as it is.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    target = path.resolve()  # a link stays one
    draft = target.with_name(f".{target.stem[:100]}.{os.getpid()}{target.suffix}")
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
