"""What went wrong on the way, one name each: every oddity of an answer is read rightly or told in a line, and costs no more than its time."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from misbehaving import (
    HASTY,
    HTML,
    JSON,
    Answer,
    MisbehavingServer,
    as_written,
    document,
    drip,
    hasty,
    redirect,
    reset,
    silence,
    status,
)

from scrapers.archive import Archive
from scrapers.request import Kind, Request, Unavailable
from scrapers.transport.http import PATIENT, Policy, Transport
from treasury.model import Document, FetchError

HOST, OTHER = "api.exchange.coinbase.com", "www.sec.gov"
BODY = b'{"companies": [{"name": "Strategy", "total_holdings": 843775}]}'
PAGE = b"<!DOCTYPE html><html><head><title>Holders</title></head><p>843,775</p></html>"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BOMB = b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><b>&b;</b>'
LOGIN = b"<!DOCTYPE html><html><head><title>Log in to continue</title></head><form></form></html>"


class Clock:
    """A clock that moves only by what is slept, and by `tick` each time it is read."""

    def __init__(self, tick: float = 0.0) -> None:
        self.seconds, self.tick = 0.0, tick
        self.slept: list[float] = []

    def read(self) -> float:
        self.seconds += self.tick
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as server:
        yield server


@pytest.fixture
def asking(server: MisbehavingServer, tmp_path: Path) -> Iterator[Callable[..., Transport]]:
    made: list[Transport] = []

    def transport(clock: Clock | None = None, policy: Policy = HASTY) -> Transport:
        clock = clock or Clock()
        made.append(
            Transport(
                Archive(tmp_path / "mnav-archive"), [HOST], lambda: NOW, servers=server.standing_in_for(HOST, OTHER),
                identity="Jane Doe jane@mail.example", policy=policy, groups=hasty(), sleep=clock.sleep, clock=clock.read,
            )
        )  # fmt: skip
        return made[-1]

    yield transport
    for one in made:
        one.close()


def asked(path: str = "/btc", kind: Kind = "json", host: str = HOST, **more: Any) -> Request:
    return Request("coinbase", f"https://{host}{path}", kind, **more)


def head(*lines: str, status_line: str = "HTTP/1.1 200 OK", media: str = JSON) -> bytes:
    return "\r\n".join([status_line, f"Content-Type: {media}", *lines, "", ""]).encode("latin-1")


def whole(*lines: str, body: bytes = BODY) -> Answer:
    return as_written(head(f"Content-Length: {len(body)}", *lines) + body)


def labelled(body: bytes, charset: str) -> Answer:
    return document(body, f"text/html; charset={charset}")


def chunked(*pieces: bytes) -> Answer:
    return as_written(head("Transfer-Encoding: chunked") + b"".join(pieces))


PACKED, READ = gzip.compress(BODY), ""
WESTERN = PAGE.replace(b"Holders", "Société".encode("cp1252"))
# what went wrong: the answer, what was asked for, and words of the line that tells it; none where the answer is read all the same
ODD: dict[str, tuple[Answer, Kind, str]] = {
    "reset in mid-body": (as_written(head("Content-Length: 99999") + BODY, reset), "json", "a broken connection"),
    "wrong charset": (labelled(WESTERN, "utf-16"), "html", "text labelled utf-16"),
    "another charset": (labelled(WESTERN, "windows-1252"), "html", "text labelled windows-1252"),
    "unknown charset": (labelled(WESTERN, "klingon\x1b[31m"), "html", "text labelled klingon"),
    "another charset of plain letters": (labelled(PAGE, "windows-1252"), "html", READ),
    "no charset": (document(PAGE, "text/html"), "html", READ),
    "UTF-16": (document(BODY.decode().encode("utf-16"), JSON), "json", "as UTF-16 has them"),
    "UTF-16 page": (document(PAGE.decode().encode("utf-16-le"), HTML), "html", "as UTF-16 has them"),
    "zstd": (document(b"\x28\xb5\x2f\xfd", JSON, Content_Encoding="zstd"), "json", "content encoding zstd"),
    "brotli": (document(b"\x0b\x02", JSON, Content_Encoding="br"), "json", "content encoding br"),
    "deflate": (document(zlib.compress(BODY), JSON, Content_Encoding="deflate"), "json", "content encoding deflate"),
    "gzip of two members": (document(gzip.compress(BODY[:9]) + gzip.compress(BODY[9:]), JSON, Content_Encoding="gzip"), "json", READ),
    "gzip filled up with noughts": (document(PACKED + bytes(512), JSON, Content_Encoding="gzip"), "json", READ),
    "gzip with trailing bytes": (document(PACKED + b"trailing", JSON, Content_Encoding="gzip"), "json", "a damaged gzip stream"),
    "second member cut short": (document(PACKED + PACKED[:-3], JSON, Content_Encoding="gzip"), "json", "a gzip stream cut off"),
    "double gzip": (document(gzip.compress(PACKED), JSON, Content_Encoding="gzip"), "json", "a gzip stream that was not declared"),
    "double gzip declared": (document(gzip.compress(PACKED), JSON, Content_Encoding="gzip, gzip"), "json", "content encoding gzip, gzip"),
    "undeclared gzip": (document(PACKED, "text/csv"), "csv", "a gzip stream that was not declared"),
    "trailing bytes": (as_written(head(f"Content-Length: {len(BODY)}") + BODY + b"HTTP/1.1 200 OK\r\n\r\nmore"), "json", READ),
    "chunked garbage": (chunked(b"zz\r\n" + BODY), "json", "a broken connection"),
    "huge chunk size": (chunked(b"F" * 16 + b"\r\n" + BODY), "json", "a broken connection"),
    "endless chunk size": (chunked(b"1" * 1_000_000), "json", "a broken connection"),
    "negative chunk size": (chunked(b"-5\r\n" + BODY + b"\r\n0\r\n\r\n"), "json", "in chunks that are none"),
    "chunks and a length": (as_written(head("Transfer-Encoding: chunked", "Content-Length: 5") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)), "json", READ),
    "negative Content-Length": (as_written(head("Content-Length: -5") + BODY), "json", READ),
    "doubled Content-Length": (whole(f"Content-Length: {len(BODY)}"), "json", READ),
    "two Content-Lengths": (whole("Content-Length: 7"), "json", "no answer that can be read"),
    "Content-Length of 5,000 digits": (as_written(head(f"Content-Length: {'9' * 5000}") + BODY), "json", "above the limit"),
    "header of 1 MB": (whole(f"X-Padding: {'x' * 1_000_000}"), "json", "a broken connection"),
    "a thousand headers": (whole(*("X-Padding: x",) * 1000), "json", "a broken connection"),
    "no HTTP": (as_written(b"SSH-2.0-OpenSSH_9.6\r\n"), "json", "a broken connection"),
    "100 Continue": (as_written(b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + head(f"Content-Length: {len(BODY)}") + BODY), "json", READ),
    "304 without a body": (status(304), "json", "status 304"),
    "206 of the whole": (status(206, BODY, JSON, Content_Range=f"bytes 0-9/{len(BODY)}"), "json", "status 206"),
    "skewed Date": (whole("Date: Thu, 01 Jan 1970 00:00:00 GMT"), "json", READ),
    "login page": (document(LOGIN, HTML), "json", 'an HTML page titled "Log in to continue"'),
    "entity bomb": (document(BOMB, "application/xml"), "html", "content type application/xml"),
    "deep JSON": (document(b"[" * 200_000 + b"]" * 200_000, JSON), "json", "not whole JSON"),
    "a word that turns a terminal": (as_written(head("Content-Length: 0", status_line="HTTP/1.1 403 \x1b]0;gotcha\x07no")), "json", "status 403 ?]0;gotcha?no"),
    "a title that turns a terminal": (document(b"<html><title>\x1b[31m\xe2\x80\xaered</title>", HTML), "json", 'titled "?[31m?red"'),
    "redirect to a file": (redirect("file:///etc/passwd"), "json", "a redirect to file:///etc/passwd"),
    "redirect to a metadata address": (redirect("http://169.254.169.254/latest/meta-data/"), "json", "a redirect to http://169.254"),
    "redirect with a user": (redirect(f"https://user:pa55@{HOST}/"), "json", "a redirect to https://"),
    "redirect to another port": (redirect(f"https://{HOST}:8443/"), "json", "a redirect to https://"),
    "redirect to a broken address": (redirect("https://[::1"), "json", "a redirect to a malformed address"),
    "redirect to bytes": (redirect("https://\xff\xfe/"), "json", "a redirect to"),
    "redirect to nothing": (status(302), "json", "status 302"),
    "redirect to where it stands": (redirect("next"), "json", READ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "kind", "words"), ODD.values(), ids=ODD)
def test_an_odd_answer_is_read_or_told(
    answer: Answer, kind: Kind, words: str, server: MisbehavingServer, asking: Callable[..., Transport]
) -> None:
    server.answers("/btc", answer)
    server.answers("/next", document(BODY, JSON))
    transport = asking()
    if not words:
        found = transport.get(asked(kind=kind)).document
        assert (found.body, found.fetched_at) == (PAGE if kind == "html" else BODY, NOW)
    else:
        with pytest.raises(FetchError) as caught:
            transport.get(asked(kind=kind))
        message = str(caught.value)
        assert message.startswith(f"coinbase: https://{HOST}/btc: found ")
        assert words in message
        assert message.isprintable()
        assert "pa55" not in message
        assert len(message) < 700
    server.answers("/btc", document(BODY, JSON))
    assert asking().get(asked()).document.body == BODY, "the next run is not hurt by the last"


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


@pytest.mark.parametrize(("value", "words"), RETRY_AFTER.values(), ids=RETRY_AFTER)
def test_a_host_that_asks_to_wait_oddly(
    value: str, words: str, server: MisbehavingServer, asking: Callable[..., Transport]
) -> None:
    server.answers("/btc", status(429, Retry_After=value), document(BODY, JSON))
    if not words:
        assert asking().get(asked()).document.body == BODY
    else:
        with pytest.raises(Unavailable, match=words):
            asking().get(asked())
        assert len(server.hits) == 1


# ---- no host costs more than a minute ------------------------------------------------------------------------------


def test_a_wait_of_59_seconds_is_waited_once(server: MisbehavingServer, asking: Callable[..., Transport]) -> None:
    server.answers("/btc", status(429, Retry_After="59"))
    clock = Clock()
    with pytest.raises(Unavailable, match="Retry-After of 59 s"):
        asking(clock, Policy(per_second=1000)).get(asked())
    assert clock.slept == [59]


def test_a_host_that_brings_nothing_costs_a_minute_and_the_next_one_is_asked(
    server: MisbehavingServer, asking: Callable[..., Transport]
) -> None:
    for path in ("/a", "/b", "/c"):
        server.answers(path, status(503, Retry_After="25"), status(404))
    server.answers("/d", document(BODY, JSON))
    clock = Clock()
    transport = asking(clock, Policy(per_second=1000))
    for path in ("/a", "/b"):
        with pytest.raises(FetchError, match="status 404"):
            transport.get(asked(path))
    with pytest.raises(Unavailable, match="a run waits at most 60 s for a host"):
        transport.get(asked("/c"))
    assert clock.slept == [25, 25]
    assert transport.get(asked("/d", host=OTHER)).document.body == BODY


def test_a_dead_host_is_given_up_when_its_minute_is_over(
    server: MisbehavingServer, asking: Callable[..., Transport]
) -> None:
    server.answers("/btc", as_written(b""))
    clock = Clock(tick=1)
    with pytest.raises(Unavailable, match=r"a broken connection|an answer not complete"):
        asking(clock, Policy(per_second=1000, retries=50)).get(asked())
    assert clock.seconds < PATIENT.budget + 20
    assert len(server.hits) < 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (silence(2), "silence for 0.*3 attempts"),
        (drip(b"x" * 60, JSON, headers=True), "not complete after"),
        (as_written(b"HTTP/1.1 100 Continue\r\n\r\n" * 200_000), "a broken connection|not complete after"),
    ],
    ids=["silent host", "dripping host", "endless 100 Continue"],
)
def test_a_host_that_takes_its_time(answer: Answer, words: str, server: MisbehavingServer, tmp_path: Path) -> None:
    server.answers("/btc", answer)
    policy = Policy(per_second=1000, silence=0.3, budget=0.9, backoff=0.01, retries=50)
    with (
        Transport(
            Archive(tmp_path / "a"), [HOST], lambda: NOW, servers=server.standing_in_for(HOST), policy=policy
        ) as transport,
        pytest.raises(Unavailable, match=words),
    ):
        transport.get(asked())
    assert len(server.hits) < 6


# ---- this machine ------------------------------------------------------------------------------------------------


def test_a_name_that_nobody_knows(
    server: MisbehavingServer, asking: Callable[..., Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unavailable, match=f"no address for {HOST}"):
        asking().get(asked())


def test_a_bundle_of_certificates_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    with (
        Transport(Archive(tmp_path / "a"), [HOST], lambda: NOW, policy=HASTY) as transport,
        pytest.raises(Unavailable, match=r"no certificates to trust a host by .*gone.pem.*see REQUESTS_CA_BUNDLE"),
    ):
        transport.get(asked())


def test_a_document_checked_in_the_future_is_stale(
    server: MisbehavingServer, asking: Callable[..., Transport], tmp_path: Path
) -> None:
    ahead = NOW + timedelta(days=400)  # when this machine's clock was wrong
    Archive(tmp_path / "mnav-archive").keep(Document("coinbase", f"https://{HOST}/btc", b"[1]", ahead, None, JSON))
    server.answers("/btc", document(BODY, JSON))
    daily = asked(max_age=timedelta(days=1))
    assert asking().get(daily).origin == "fetched"
    again = asking().get(daily)
    assert (again.origin, again.document.body) == ("fresh", BODY)
