"""A local server that misbehaves on purpose, and the ways a host can fail a source that asks it for a document.

    with MisbehavingServer() as server:
        server.answers("/holders.json", status(429), document(b"[1]", JSON))
        transport = Transport(archive, [], now, servers=server.standing_in_for("www.sec.gov"), policy=HASTY, groups=hasty())

Each path gives its answers one after the other and then repeats the last; `server.hits` is the server's own log.
"""

from __future__ import annotations

import gzip
import io
import itertools
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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
Factory = Callable[[bytes, str], Answer]  # what comes in place of a body of that type


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

    @contextmanager
    def spoilt(self, paths: Iterable[str], factory: Factory) -> Iterator[None]:
        """For a while these paths, each with its query or without, answer with what `factory` makes of their good answers."""
        good = dict(self._answers)
        for path in {path if path in good else path.partition("?")[0] for path in paths} & good.keys():
            self._answers[path] = [_instead(good[path][0], factory)]
        try:
            yield
        finally:
            self._answers = good

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


def _instead(good: Answer, factory: Factory) -> Answer:
    """What a host sends that fails with the very body another one would have sent."""

    def answer(handler: Handler) -> None:
        said = _Said(handler.path)
        good(said)  # type: ignore[arg-type]  # it writes to it and no more
        factory(said.wfile.getvalue(), said.headers.get("Content-Type", TEXT))(handler)

    return answer


class _Said:
    """A handler that only remembers what it was told to send."""

    def __init__(self, path: str) -> None:
        self.path, self.wfile, self.headers = path, io.BytesIO(), dict[str, str]()

    def send_response(self, code: int) -> None:
        pass

    def send_header(self, name: str, value: str) -> None:
        self.headers[name] = value

    def end_headers(self) -> None:
        pass


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


def huge(megabytes: int = 300, *, declared: bool = True, compressed: bool = False, location: str = "") -> Answer:
    """A JSON list far too long, made as it is sent; compressed it is a few hundred kB on the wire. With a location, of a redirect."""

    def answer(handler: Handler) -> None:
        headers = {"Content-Type": JSON, "Connection": "close"}
        if compressed:
            headers["Content-Encoding"] = "gzip"
        elif declared:
            headers["Content-Length"] = str(megabytes * 1_000_000)
        _head(handler, 302 if location else 200, headers | ({"Location": location} if location else {}))
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
FAILURES: dict[str, tuple[Factory, str]] = {
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


def _written(*lines: str, body: bytes = b"", media: str = JSON, first: str = "HTTP/1.1 200 OK", end: Callable[[Handler], None] | None = None) -> Answer:  # fmt: skip
    """An answer with its lines of the head as they are given."""
    return as_written("\r\n".join([first, f"Content-Type: {media}", *lines, "", ""]).encode("latin-1") + body, end)


def _whole(body: bytes, media: str, *lines: str) -> Answer:
    return _written(f"Content-Length: {len(body)}", *lines, body=body, media=media)


def _chunked(body: bytes, media: str) -> Answer:
    return _written("Transfer-Encoding: chunked", body=body, media=media)


def _labelled(body: bytes, charset: str) -> Answer:
    return document(body, f"text/html; charset={charset}")


def _western(body: bytes) -> bytes:
    """A page with a word in Windows' letters."""
    return body + "<!-- Société -->".encode("cp1252")


BOMB = b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><b>&b;</b>'
LOGIN = b"<!DOCTYPE html><html><head><title>Log in to continue</title></head><form></form></html>"
TITLE = b"<html><title>\x1b[31m\xe2\x80\xaered</title>"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
READ = ""

# name: what an odd host sends in place of this body, what kind of document was asked for, and words of the line that tells it; READ
# where the body is read all the same.
ODDITIES: dict[str, tuple[Factory, str, str]] = {
    "reset in mid-body": (lambda body, media: _written("Content-Length: 50000000", body=body, media=media, end=reset), "json", "a broken connection"),
    "wrong charset": (lambda body, media: _labelled(_western(body), "utf-16"), "html", "text labelled utf-16"),
    "another charset": (lambda body, media: _labelled(_western(body), "windows-1252"), "html", "text labelled windows-1252"),
    "unknown charset": (lambda body, media: _labelled(_western(body), "klingon\x1b[31m"), "html", "text labelled klingon"),
    "another charset of plain letters": (lambda body, media: _labelled(body, "windows-1252"), "html", READ),
    "no charset": (lambda body, media: document(body, media.partition(";")[0]), "html", READ),
    "UTF-16": (lambda body, media: document(body.decode().encode("utf-16"), media), "json", "as UTF-16 has them"),
    "UTF-16 page": (lambda body, media: document(body.decode().encode("utf-16-le"), media), "html", "as UTF-16 has them"),
    "zstd": (lambda body, media: document(b"\x28\xb5\x2f\xfd", media, Content_Encoding="zstd"), "json", "content encoding zstd"),
    "brotli": (lambda body, media: document(b"\x0b\x02", media, Content_Encoding="br"), "json", "content encoding br"),
    "deflate": (lambda body, media: document(zlib.compress(body), media, Content_Encoding="deflate"), "json", "content encoding deflate"),
    "gzip of two members": (lambda body, media: document(gzip.compress(body[:9]) + gzip.compress(body[9:]), media, Content_Encoding="gzip"), "json", READ),
    "gzip filled up with noughts": (lambda body, media: document(gzip.compress(body) + bytes(512), media, Content_Encoding="gzip"), "json", READ),
    "gzip with trailing bytes": (lambda body, media: document(gzip.compress(body) + b"trailing", media, Content_Encoding="gzip"), "json", "a damaged gzip stream"),
    "second member cut short": (lambda body, media: document(gzip.compress(body) + gzip.compress(body)[:-3], media, Content_Encoding="gzip"), "json", "a gzip stream cut off"),
    "double gzip": (lambda body, media: document(gzip.compress(gzip.compress(body)), media, Content_Encoding="gzip"), "json", "a gzip stream that was not declared"),
    "double gzip declared": (lambda body, media: document(gzip.compress(gzip.compress(body)), media, Content_Encoding="gzip, gzip"), "json", "content encoding gzip, gzip"),
    "undeclared gzip": (lambda body, media: document(gzip.compress(body), media), "json", "a gzip stream that was not declared"),
    "trailing bytes": (lambda body, media: _written(f"Content-Length: {len(body)}", body=body + b"HTTP/1.1 200 OK\r\n\r\nmore", media=media), "json", READ),
    "chunked garbage": (lambda body, media: _chunked(b"zz\r\n" + body, media), "json", "a broken connection"),
    "huge chunk size": (lambda body, media: _chunked(b"F" * 16 + b"\r\n" + body, media), "json", "a broken connection"),
    "endless chunk size": (lambda body, media: _chunked(b"1" * 1_000_000, media), "json", "a broken connection"),
    "negative chunk size": (lambda body, media: _chunked(b"-5\r\n" + body + b"\r\n0\r\n\r\n", media), "json", "in chunks that are none"),
    "chunks and a length": (lambda body, media: _written("Transfer-Encoding: chunked", "Content-Length: 5", body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), media=media), "json", READ),
    "negative Content-Length": (lambda body, media: _written("Content-Length: -5", body=body, media=media), "json", READ),
    "doubled Content-Length": (lambda body, media: _whole(body, media, f"Content-Length: {len(body)}"), "json", READ),
    "two Content-Lengths": (lambda body, media: _whole(body, media, "Content-Length: 7"), "json", "no answer that can be read"),
    "Content-Length of 5,000 digits": (lambda body, media: _written(f"Content-Length: {'9' * 5000}", body=body, media=media), "json", "above the limit"),
    "header of 1 MB": (lambda body, media: _whole(body, media, f"X-Padding: {'x' * 1_000_000}"), "json", "a broken connection"),
    "a thousand headers": (lambda body, media: _whole(body, media, *("X-Padding: x",) * 1000), "json", "a broken connection"),
    "no HTTP": (lambda body, media: as_written(b"SSH-2.0-OpenSSH_9.6\r\n"), "json", "a broken connection"),
    "100 Continue": (lambda body, media: _written(f"Content-Length: {len(body)}", body=body, media=media, first=f"{CONTINUE.decode() * 3}HTTP/1.1 200 OK"), "json", READ),
    "304 without a body": (lambda body, media: status(304), "json", "status 304"),
    "206 of the whole": (lambda body, media: status(206, body, media, Content_Range=f"bytes 0-9/{len(body)}"), "json", "status 206"),
    "skewed Date": (lambda body, media: _whole(body, media, "Date: Thu, 01 Jan 1970 00:00:00 GMT"), "json", READ),
    "login page": (lambda body, media: document(LOGIN, HTML), "json", 'an HTML page titled "Log in to continue"'),
    "entity bomb": (lambda body, media: document(BOMB, "application/xml"), "html", "content type application/xml"),
    "deep JSON": (lambda body, media: document(b"[" * 200_000 + b"]" * 200_000, JSON), "json", "not whole JSON"),
    "a word that turns a terminal": (lambda body, media: _written("Content-Length: 0", first="HTTP/1.1 403 \x1b]0;gotcha\x07no"), "json", "status 403 ?]0;gotcha?no"),
    "a title that turns a terminal": (lambda body, media: document(TITLE, HTML), "json", 'titled "?[31m?red"'),
    "redirect to a file": (lambda body, media: redirect("file:///etc/passwd"), "json", "a redirect to file:///etc/passwd"),
    "redirect to a metadata address": (lambda body, media: redirect("http://169.254.169.254/latest/meta-data/"), "json", "a redirect to http://169.254"),
    "redirect to a broken address": (lambda body, media: redirect("https://[::1"), "json", "a redirect to a malformed address"),
    "redirect to bytes": (lambda body, media: redirect("https://\xff\xfe/"), "json", "a redirect to"),
    "redirect to nothing": (lambda body, media: status(302), "json", "status 302"),
}  # fmt: skip

# what a host that turns us away asks for, and words of the line that tells it; READ where the document is asked for again and comes
RETRY_AFTER = {
    "a day": ("86400", "Retry-After of 86400 s"),
    "negative": ("-5", READ),
    "a date gone by": ("Thu, 01 Jan 1970 00:00:00 GMT", READ),
    "a date to come": ("Fri, 31 Dec 2199 23:59:59 GMT", "Retry-After of "),
    "a date of no calendar": ("Fri, 99 Foo 99999 99:99:99 GMT", READ),
    "junk": ("soon\xff", READ),
    "400 digits": ("9" * 400, "Retry-After of "),
    "5,000 digits": ("9" * 5_000, READ),
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
