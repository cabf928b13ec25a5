"""`mnav …` as a process of its own, forked from one that has imported everything: the same as from a shell, without its second of imports.

Where nothing can be forked, every call is a new interpreter.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
SERVER = """
import gc, json, os, sys, traceback
import db.connection, db.derived.valuations, db.derived.views, db.feeds.charts, matplotlib.pyplot, pandas, treasury.charts
from scripts.main import main

gc.freeze()  # what is imported no child need look through
for line in sys.stdin:
    call = json.loads(line)
    child = os.fork()
    if not child:
        os.chdir(call["folder"])
        os.environ.clear(), os.environ.update(call["environment"])
        for path, at in ((call["out"], 1), (call["err"], 2)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOCTTY), at)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        status = 70
        try:
            sys.argv = ["mnav", *call["words"]]
            main()
            status = 0
        except SystemExit as ended:
            status = ended.code or 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def mnav(*words: str, folder: Path = CHECKOUT, environment: Mapping[str, str] | None = None, check: bool = False) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """What `mnav *words`, called in `folder`, wrote and how it ended; with `check`, CalledProcessError where that is not 0."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), **(environment or {})}
    if not hasattr(os, "fork"):
        command = [sys.executable, "-m", "scripts.main", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=check)
    server, heard = _server()
    out, err = heard / "out", heard / "err"
    call = {"words": words, "folder": str(folder), "environment": environment, "out": str(out), "err": str(err)}
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(call) + "\n")
    server.stdin.flush()
    status = int(server.stdout.readline())
    done = subprocess.CompletedProcess(words, status, out.read_text("utf-8"), err.read_text("utf-8"))
    if check:
        done.check_returncode()
    return done


def on_a_terminal(*words: str, width: int, lines: int = 24, folder: Path = CHECKOUT, environment: Mapping[str, str] | None = None) -> tuple[int, str]:  # fmt: skip
    """How `mnav *words` ended, and what it wrote to a pseudo-terminal of that size, stdout and stderr together."""
    import fcntl
    import pty
    import select
    import struct
    import termios
    import tty
    from concurrent.futures import ThreadPoolExecutor

    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, width, 0, 0))
    server, _ = _server()
    name = os.ttyname(theirs)
    told = {one: value for one, value in os.environ.items() if one not in ("COLUMNS", "LINES", "NO_COLOR")}
    told |= {"PYTHONPATH": str(CHECKOUT), "TERM": "xterm-256color", **(environment or {})}
    call = {"words": words, "folder": str(folder), "environment": told, "out": name, "err": name}
    assert server.stdin is not None
    assert server.stdout is not None
    written = b""
    with ThreadPoolExecutor(1) as waiting:
        server.stdin.write(json.dumps(call) + "\n")
        server.stdin.flush()
        ended = waiting.submit(server.stdout.readline)
        while (ready := select.select([ours], [], [], 0.02)[0]) or not ended.done():
            written += os.read(ours, 65536) if ready else b""
    os.close(theirs)
    os.close(ours)
    return int(ended.result()), written.decode()


@cache
def _server() -> tuple[subprocess.Popen[str], Path]:
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT), "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"},
    )
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    atexit.register(server.kill)
    return server, Path(folder.name)
