"""What we write to: terminals of 8 bits, readers that leave, disks that are full."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

PLAIN_SIGNS = str.maketrans({
    "–": "-", "—": "-", "−": "-", "…": "...", "·": ".", "×": "x", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≈": "~",
    "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "√": "sqrt ", "Δ": "d", "σ": "sigma",
})  # fmt: skip


def speak_plainly() -> None:
    """Let a stream whose encoding lacks a sign write the likest it has: - for –, never a traceback."""
    codecs.register_error("mnav-plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors="mnav-plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    import unicodedata

    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end].translate(PLAIN_SIGNS)
    plain = unicodedata.normalize("NFKD", signs).encode("ascii", "ignore").decode()
    return plain or "?" * (error.end - error.start), error.end


@contextmanager
def flushed() -> Iterator[None]:
    """Whatever is written inside reaches stdout before the end, or its error is raised here and not as Python exits."""
    try:
        yield
    finally:
        sys.stdout.flush()


def leave() -> None:
    """Write no more to stdout, so that Python does not stumble over it again as it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def broken(error: OSError) -> str:
    """An error of the system in one sentence with its remedy."""
    if error.filename is None and error.errno == errno.ENOSPC:
        leave()
    what = error.filename if error.filename is not None else "the output"
    remedies = {
        "free some space; what stood there before stands": (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
        "check the permissions of the file and its folder": (errno.EACCES, errno.EPERM, errno.EROFS),
        "check the path": (errno.ENOENT, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG),
    }
    remedy = next((told for told, numbers in remedies.items() if error.errno in numbers), "nothing was half written")
    return f"{what}: {error.strerror or error}; {remedy}"
