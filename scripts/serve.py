"""mnav serve: the report in a web browser, live from the database; this machine only, nothing is written."""

from __future__ import annotations

import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import TYPE_CHECKING

import click

from scripts.shared.options import Settings, known_tickers, verb

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"  # loopback only, on purpose not an option
OWN_NAMES = (
    HOST,
    "localhost",
)  # what a browser on this machine calls it; another name is a page from elsewhere that points here
ANSWER_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@verb()
@click.argument("tickers", nargs=-1)
@click.option(
    "-p", "--port", type=click.IntRange(0, 65535), default=8002, show_default=True, help="0 takes a free one."
)
@click.option("--all", "everyone", is_flag=True, default=False, help="Miners, exchanges and operating companies too.")
def command(settings: Settings, tickers: tuple[str, ...], port: int, everyone: bool) -> None:
    """Serve the report to a web browser on this machine until Ctrl-C; the page renews itself when a run has ended.

    \b
    Example: mnav serve
    """
    from db import open_database
    from treasury.model import MnavError

    live = Live(settings, known_tickers(open_database(settings.db), tickers), everyone)
    live.page()  # what is wrong is said now, not to the browser
    try:
        server = _Server((HOST, port), handler(live))
    except OSError:
        raise MnavError(f"port {port} of {HOST} cannot be used; give another --port, or 0 for a free one") from None
    with server, suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
        click.echo(f"http://{HOST}:{server.server_port}/")
        settings.say("Ctrl-C ends it")
        server.serve_forever()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that breaks off is nothing to tell; whatever else goes wrong with one answer is a sentence."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            click.echo(f"an answer failed: {type(error).__name__}: {error}", err=True)


class Live:
    """The page of the database as its last ended run left it, gathered anew once a later one has ended or a day has passed."""

    def __init__(self, settings: Settings, tickers: tuple[str, ...], everyone: bool) -> None:
        self._settings, self._tickers, self._everyone = settings, tickers, everyone
        self._made: tuple[str, bytes] | None = None
        self._one_at_a_time = Lock()

    def version(self) -> str:
        """What the page is of: the runs that have ended and today, against which ages are told."""
        from db import open_database
        from db.feeds.report import last_run

        db = open_database(self._settings.db)
        try:
            runs, ended = last_run(db)
        finally:
            db.close()
        return f"{runs} {ended or ''} {self._settings.clock()}"

    def page(self) -> bytes:
        from db import open_database
        from scripts.shared.reporting import gather
        from treasury.report import render

        with self._one_at_a_time:
            version = self.version()
            if self._made is None or self._made[0] != version:
                db = open_database(self._settings.db)
                try:
                    report = gather(db, self._tickers, self._everyone, today=self._settings.clock())
                finally:
                    db.close()
                self._made = version, render(report, version=version).encode()
            return self._made[1]


def handler(live: Live) -> type[BaseHTTPRequestHandler]:
    """Answers GET of the page and of its version, to a browser that asks for this machine by name."""
    import sqlite3

    from treasury.model import MnavError

    pages: dict[str, tuple[str, Callable[[], bytes]]] = {
        "/": ("text/html; charset=utf-8", live.page),
        "/version": ("text/plain; charset=utf-8", lambda: live.version().encode()),
    }

    class Answer(BaseHTTPRequestHandler):
        server_version, sys_version = "mnav", ""
        timeout = 30  # a browser that connects and asks nothing is let go

        def do_GET(self) -> None:  # the name the library calls
            port = self.connection.getsockname()[1]
            if self.headers.get("Host") not in [f"{name}:{port}" for name in OWN_NAMES]:
                return self._send(403, "text/plain; charset=utf-8", b"mnav serve answers this machine only\n")
            found = pages.get(self.path.partition("?")[0])
            if found is None:
                return self._send(404, "text/plain; charset=utf-8", b"there is one page here: /\n")
            kind, body = found
            try:
                self._send(200, kind, body())
            except (MnavError, sqlite3.Error) as error:  # locked for a moment, or gone
                self._send(503, "text/plain; charset=utf-8", f"{error}\n".encode())

        do_HEAD = do_GET

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            for header, value in {**ANSWER_HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}.items():
                self.send_header(header, value)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(ConnectionError):  # a browser that has left
                    self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: who reads the page need not be told that he does."""

    return Answer


if __name__ == "__main__":
    command()
