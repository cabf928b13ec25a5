"""Files that somebody names: read whole, as long as they are no larger than what a scrape takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def contents(path: Path) -> bytes:
    """The bytes of a file. Raises InputError where they do not end in time, as those of a device never do."""
    from scrapers.request import LARGEST
    from treasury.model import InputError

    try:
        with path.open("rb") as file:
            found = file.read(LARGEST + 1)
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
    if len(found) > LARGEST:
        raise InputError(
            f"{path} has more than {LARGEST / 1e6:.0f} MB, which nothing of this kind has; name another file"
        )
    return found
