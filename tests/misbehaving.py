"""A local server that misbehaves on purpose, and the ways a host can fail a source that asks it for a document.

    with MisbehavingServer() as server:
        server.answers("/holders.json", status(429), document(b"[1]", JSON))
        transport = Transport(archive, [], now, servers=server.standing_in_for("www.sec.gov"), policy=HASTY, groups=hasty())

Each path gives its answers one after the other and then repeats the last; `server.hits` is the server's own log.
"""

from __future__ import annotations

import gzip
import itertools
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from scrapers.transport.hosts import HOST_GROUPS, HostGroup
from scrapers.transport.http import Policy

JSON, HTML, TEXT, CSV, ZIP = "application/json", "text/html; charset=utf-8", "text/plain", "text/csv", "application/zip"
HASTY = Policy(per_second=1000, connect=2, silence=0.3, answer=1.2, retries=2, backoff=0.01)


def hasty() -> tuple[HostGroup, ...]:
    """The real groups of hosts without their rates, for tests about something else."""
    return tuple(replace(group, per_second=1000) for group in HOST_GROUPS)


@dataclass(frozen=True)
class Hit:
    """One request as it reached the server."""

    moment: float
    host: str
    path: str
    headers: dict[str, str]


Handler = BaseHTTPRequestHandler
Answer = Callable[[Handler], None]


class MisbehavingServer:
    """Answers each path as told; 404 elsewhere."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.sent = 0  # bytes of endless bodies that went out before the client hung up
        self._answers: dict[str, list[Answer]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients hang up here on purpose
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> MisbehavingServer:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answers(self, path: str, *answers: Answer) -> None:
        self._answers[path] = list(answers)

    def standing_in_for(self, *hosts: str) -> dict[str, str]:
        """The `servers` of a transport that takes this server for those hosts."""
        return dict.fromkeys(hosts, self.url)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handling(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            misbehaving = owner

            def do_GET(self) -> None:
                hit = Hit(time.monotonic(), self.headers.get("Host", ""), self.path, dict(self.headers.items()))
                owner.hits.append(hit)
                queue = owner._answers.get(self.path) or owner._answers.get(self.path.partition("?")[0])
                answer = (queue.pop(0) if len(queue) > 1 else queue[0]) if queue else status(404)
                answer(self)

            def log_message(self, *args: object) -> None:
                pass

        return Handling


def document(body: bytes, media_type: str, **headers: str) -> Answer:
    """What was asked for. Header names are written with underscores: `Last_Modified="…"`."""

    def answer(handler: Handler) -> None:
        _head(handler, 200, {"Content-Type": media_type, "Content-Length": str(len(body)), **_named(headers)})
        handler.wfile.write(body)

    return answer


def status(code: int, body: bytes = b"", media_type: str = TEXT, **headers: str) -> Answer:
    def answer(handler: Handler) -> None:
        _head(handler, code, {"Content-Type": media_type, "Content-Length": str(len(body)), **_named(headers)})
        handler.wfile.write(body)

    return answer


def zipped(body: bytes, media_type: str, cut: int = 0) -> Answer:
    """A gzip-encoded document; the last `cut` bytes of the stream are missing, and Content-Length agrees with that."""
    stream = gzip.compress(body)
    return document(stream[: len(stream) - cut], media_type, Content_Encoding="gzip")


def cut_short(body: bytes, media_type: str) -> Answer:
    """Half of what Content-Length promises."""

    def answer(handler: Handler) -> None:
        _head(handler, 200, {"Content-Type": media_type, "Content-Length": str(len(body)), "Connection": "close"})
        handler.wfile.write(body[: len(body) // 2])
        _hang_up(handler)

    return answer


def chunks_cut_short(body: bytes, media_type: str) -> Answer:
    """A chunked body without its end."""

    def answer(handler: Handler) -> None:
        _head(handler, 200, {"Content-Type": media_type, "Transfer-Encoding": "chunked", "Connection": "close"})
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))
        _hang_up(handler)

    return answer


def as_written(answer_: bytes, end: Callable[[Handler], None] | None = None) -> Answer:
    """An answer byte for byte, head and all; then the line is cut."""

    def answer(handler: Handler) -> None:
        handler.wfile.write(answer_)
        (end or _hang_up)(handler)

    return answer


def reset(handler: Handler) -> None:
    """Cut the line as a machine that goes down does: with RST in place of FIN."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def silence(seconds: float = 3) -> Answer:
    def answer(handler: Handler) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return answer


def hung_up() -> Answer:
    return _hang_up


def drip(body: bytes, media_type: str, interval: float = 0.05, *, headers: bool = False) -> Answer:
    """A body (or a header) byte by byte, each in time for the socket's own timeout."""

    def answer(handler: Handler) -> None:
        beginning = {"Content-Type": media_type, "Content-Length": str(len(body))}
        if headers:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Padding: ")
        else:
            _head(handler, 200, beginning)
        for n in range(len(body)):
            handler.wfile.write(body[n : n + 1])
            time.sleep(interval)

    return answer


def huge(megabytes: int = 300, *, declared: bool = True, compressed: bool = False) -> Answer:
    """A JSON list far too long, made as it is sent; compressed it is a few hundred kB on the wire."""

    def answer(handler: Handler) -> None:
        headers = {"Content-Type": JSON, "Connection": "close"}
        if compressed:
            headers["Content-Encoding"] = "gzip"
        elif declared:
            headers["Content-Length"] = str(megabytes * 1_000_000)
        _head(handler, 200, headers)
        block = b"[" + b"0," * 499_999 + b"0"
        pieces = _compressed(block, megabytes) if compressed else itertools.repeat(block, megabytes)
        for piece in pieces:
            handler.wfile.write(piece)
            handler.misbehaving.sent += len(piece)  # type: ignore[attr-defined]
        _hang_up(handler)

    return answer


def redirect(url: str, code: int = 302) -> Answer:
    return status(code, Location=url)


def revalidated(body: bytes, media_type: str, etag: str, last_modified: str = "") -> Answer:
    """A document with validators; 304 to a client that shows them."""

    def answer(handler: Handler) -> None:
        if handler.headers.get("If-None-Match") == etag:
            return status(304)(handler)
        marks = {"ETag": etag, "Last-Modified": last_modified}
        return document(body, media_type, **{name: mark for name, mark in marks.items() if mark})(handler)

    return answer


UNDECLARED = (
    b'<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml">\n<head>\n'
    b"<title>SEC.gov | Your Request Originates from an Undeclared Automated Tool</title>\n</head><body>"
    b"<p>Reference ID: 0.0.0</p></body></html>"
)
CHALLENGE = (
    b'<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head>'
    b'<body><script src="/cdn-cgi/challenge-platform/x"></script></body></html>'
)
OUT_OF_RANGE = (
    b'{"error":{"status":{"error_code":10012,"error_message":"Your request exceeds the allowed time range."}}}'
)

# name: what the host does instead of sending this body, and words of the message that must come of it. Every source is
# run through it; a source's own traps (a renamed column, half the rows, NaN) are bodies, not behaviours of a host.
FAILURES: dict[str, tuple[Callable[[bytes, str], Answer], str]] = {
    "429": (lambda body, kind: status(429, b"Too Many Requests\r\n"), "status 429"),
    "429 with a short Retry-After": (lambda body, kind: status(429, Retry_After="1"), "status 429"),
    "429 with a long Retry-After": (lambda body, kind: status(429, Retry_After="3600"), "Retry-After of 3600 s"),
    "403 page": (lambda body, kind: status(403, UNDECLARED, HTML), "Undeclared Automated Tool"),
    "401 JSON": (lambda body, kind: status(401, OUT_OF_RANGE, JSON), "allowed time range"),
    "451 JSON": (lambda body, kind: status(451, b'{"code":0,"msg":"restricted location"}', JSON), "status 451"),
    "404": (lambda body, kind: status(404), "status 404"),
    "500 for ever": (lambda body, kind: status(500, b"oops"), "status 500"),
    "silence": (lambda body, kind: silence(), f"silence for {HASTY.silence:g} s"),
    "slow drip": (lambda body, kind: drip((body * 60)[:60], kind), f"not complete after {HASTY.answer:g} s"),
    "slow headers": (lambda body, kind: drip(b"x" * 60, kind, headers=True), f"not complete after {HASTY.answer:g} s"),
    "hung up": (lambda body, kind: hung_up(), "a broken connection"),
    "truncated gzip": (lambda body, kind: zipped(body, kind, cut=9), "a gzip stream cut off"),
    "damaged gzip": (lambda body, kind: document(b"\x1f\x8b" + body, kind, Content_Encoding="gzip"), "damaged gzip"),
    "other encoding": (lambda body, kind: document(body, kind, Content_Encoding="br"), "content encoding br"),
    "truncated body": (cut_short, "a broken connection"),
    "truncated chunks": (chunks_cut_short, "a broken connection"),
    "wrong content type": (lambda body, kind: document(body, "image/png"), "content type image/png"),
    "challenge with status 200": (lambda body, kind: document(CHALLENGE, HTML), "Just a moment"),
    "empty body": (lambda body, kind: document(b"", kind), "an empty body"),
    "nothing": (lambda body, kind: status(204, media_type=kind), "status 204"),
    "300 MB declared": (lambda body, kind: huge(), "above the limit of 60,000,000"),
    "300 MB undeclared": (lambda body, kind: huge(declared=False), "above the limit of 60,000,000"),
    "300 MB compressed": (lambda body, kind: huge(compressed=True), "above the limit of 60,000,000"),
    "redirect to a stranger": (lambda body, kind: redirect("https://elsewhere.example/x?token=t0p"), "a redirect to"),
    "redirect to http": (lambda body, kind: redirect("http://www.sec.gov/"), "a redirect to"),
    "redirect to itself": (lambda body, kind: redirect(""), "status 302"),
    "redirect to no address": (lambda body, kind: redirect("https://[::1"), "a redirect to"),
}


def _head(handler: Handler, code: int, headers: dict[str, str]) -> None:
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name, value)
    if headers.get("Connection") == "close":
        handler.close_connection = True
    handler.end_headers()


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _hang_up(handler: Handler) -> None:
    handler.close_connection = True
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def _compressed(block: bytes, times: int) -> Iterator[bytes]:
    """A gzip stream of a block repeated: packed once, as each piece stands alone after a full flush."""
    packer = zlib.compressobj(level=1, wbits=31)
    first = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    yield first
    yield from itertools.repeat(again, times - 1)
