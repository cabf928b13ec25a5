"""The transport against a real server that misbehaves on purpose."""

from __future__ import annotations

import logging
import socket
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import SocketUsed
from misbehaving import (
    CHALLENGE,
    FAILURES,
    HASTY,
    HTML,
    JSON,
    Answer,
    MisbehavingServer,
    document,
    hasty,
    huge,
    redirect,
    revalidated,
    status,
    zipped,
)

from scrapers import gather
from scrapers.archive import Archive
from scrapers.gather import Outcome
from scrapers.request import IdentityMissing, Kind, NotFound, Refused, Request, Unavailable
from scrapers.transport.hosts import BROWSER, HOST_GROUPS
from scrapers.transport.http import PATIENT, Transport
from treasury.model import FetchError

HOST = "api.exchange.coinbase.com"
SEC = ("www.sec.gov", "data.sec.gov", "efts.sec.gov")
YAHOO = ("query1.finance.yahoo.com", "query2.finance.yahoo.com")
NASDAQ = "api.nasdaq.com"
IDENTITY = "Jane Doe jane.doe@mail.example"
BODY = b'{"companies": [{"name": "Strategy", "total_holdings": 843775}]}'
START = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved, and remembers how long it was told to sleep."""

    def __init__(self) -> None:
        self.moment = START
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "mnav-archive")


@pytest.fixture
def transport(server: MisbehavingServer, archive: Archive, clock: Clock) -> Iterator[Transport]:
    with hurried(server, archive, clock) as transport:
        yield transport


def hurried(server: MisbehavingServer, archive: Archive, clock: Clock, **settings: Any) -> Transport:
    """A transport without patience, with our server in place of the hosts."""
    servers = server.standing_in_for(HOST, *SEC, *YAHOO, NASDAQ)
    given = {"identity": IDENTITY, "policy": HASTY, "groups": hasty(), "sleep": clock.sleep, **settings}
    return Transport(archive, [HOST], clock.now, servers=servers, **given)


def asked(path: str = "/btc", kind: Kind = "json", host: str = HOST, **more: Any) -> Request:
    return Request("coinbase", f"https://{host}{path}", kind, **more)


def test_without_a_network_the_first_host_is_insisted_on_and_the_next_ones_are_asked_once(
    server: MisbehavingServer, transport: Transport, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for host, waits in ((HOST, HASTY.retries), (SEC[0], 0), (NASDAQ, 0)):
        slept = len(clock.slept)
        with monkeypatch.context() as offline:
            offline.setattr(socket, "getaddrinfo", unknown)
            with pytest.raises(Unavailable, match=f"no address for {host} "):
                transport.get(asked(host=host))
        assert len(clock.slept) - slept == waits, host
    server.answers("/btc", status(503), document(BODY, JSON))
    assert transport.get(asked()).document.body == BODY, "what answers is insisted on as ever"


# ---- what comes back -------------------------------------------------------------------------------------------


def test_a_document_comes_back_and_is_kept(server: MisbehavingServer, transport: Transport, archive: Archive) -> None:
    server.answers("/btc", document(BODY, "application/json; charset=utf-8"))
    accepted = datetime(2026, 11, 20, 13, tzinfo=UTC)
    fetched = transport.get(asked(published_at=accepted))
    assert fetched.new
    assert fetched.document.body == BODY
    assert fetched.document.media_type == "application/json"
    assert fetched.document.fetched_at == START
    assert fetched.document.published_at == accepted
    assert list(archive.documents("coinbase")) == [fetched.document]


def test_a_compressed_document_is_unpacked(server: MisbehavingServer, transport: Transport) -> None:
    server.answers("/btc", zipped(BODY, JSON))
    assert transport.get(asked()).document.body == BODY
    assert server.hits[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.slow
@pytest.mark.parametrize(("behaviour", "words"), FAILURES.values(), ids=FAILURES)
def test_a_failure_says_what_was_found_and_keeps_what_was_known(
    behaviour: Any, words: str, server: MisbehavingServer, transport: Transport, archive: Archive, clock: Clock
) -> None:
    server.answers("/btc", document(BODY, JSON), behaviour(BODY, JSON))
    known = transport.get(asked()).document
    with pytest.raises(FetchError) as caught:
        transport.get(asked())
    message = str(caught.value)
    assert message.startswith(f"coinbase: https://{HOST}/btc: found ")
    assert words in message
    assert "; expected " in message
    assert "t0p" not in message
    assert list(archive.documents("coinbase")) == [known]
    assert len(server.hits) <= 1 + 1 + HASTY.retries
    server.answers("/btc", document(BODY, JSON))
    assert transport.get(asked()).document.body == BODY, "the next run is not hurt by the last"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (404, NotFound),
        (410, NotFound),
        (403, Refused),
        (451, Refused),
        (503, Unavailable),
        (401, FetchError),
        (400, FetchError),
    ],
)
def test_the_error_tells_a_missing_page_from_a_closed_door(
    code: int, kind: type[FetchError], server: MisbehavingServer, transport: Transport
) -> None:
    server.answers("/btc", status(code))
    with pytest.raises(FetchError) as caught:
        transport.get(asked())
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("kind", "body", "media_type", "found"),
    [
        ("json", b'{"a": [1, 2', JSON, "not whole JSON"),
        ("json", b"[" * 100_000, JSON, "not whole JSON"),
        ("json", b"<html><title>Sorry</title></html>", JSON, 'an HTML page titled "Sorry"'),
        ("json", b"No data", JSON, "not whole JSON"),
        ("html", b"Exceeded the daily hits limit", HTML, '"Exceeded the daily hits limit"'),
        ("html", CHALLENGE, HTML, "Just a moment"),
        ("csv", b"<!DOCTYPE html><html><head></head></html>", "text/csv", "an HTML page without a title"),
        ("csv", b"Date,USD\n", HTML, "content type text/html"),
        ("zip", b"PK\x03\x04 and no more", "application/zip", "a damaged ZIP file"),
        ("text", b"  \r\n", "text/plain", "an empty body"),
        ("html", b'<html><form action="/__verify"></form></html>', HTML, "made to stop programs"),
    ],
)
def test_a_success_must_be_what_was_asked_for(
    kind: Kind, body: bytes, media_type: str, found: str, server: MisbehavingServer, transport: Transport
) -> None:
    server.answers("/btc", document(body, media_type))
    with pytest.raises(FetchError, match="found ") as caught:
        transport.get(asked(kind=kind))
    assert found in str(caught.value)


def test_a_page_that_speaks_of_challenges_is_still_a_page(server: MisbehavingServer, transport: Transport) -> None:
    page = b"<html><head><title>8-K</title></head><p>access denied, just a moment</p></html>"
    server.answers("/btc", document(page, HTML))
    assert transport.get(asked(kind="html")).document.body == page


# ---- patience --------------------------------------------------------------------------------------------------


def test_a_passing_failure_is_asked_again(server: MisbehavingServer, transport: Transport, clock: Clock) -> None:
    server.answers("/btc", status(500), status(503), document(BODY, JSON))
    assert transport.get(asked()).document.body == BODY
    assert clock.slept == [0.01, 0.02]


def test_a_host_is_waited_for_as_long_as_it_asks(server: MisbehavingServer, transport: Transport, clock: Clock) -> None:
    server.answers("/btc", status(429, Retry_After="7"), status(429, Retry_After="nonsense"), document(BODY, JSON))
    assert transport.get(asked()).document.body == BODY
    assert clock.slept == [7, 0.02]


def test_a_truncated_answer_is_asked_again(server: MisbehavingServer, transport: Transport) -> None:
    server.answers("/btc", zipped(BODY, JSON, cut=9), document(BODY, JSON))
    assert transport.get(asked()).document.body == BODY


def test_a_door_that_is_closed_is_not_knocked_at_again(server: MisbehavingServer, transport: Transport) -> None:
    server.answers("/btc", status(403))
    with pytest.raises(Unavailable):
        transport.get(asked())
    assert len(server.hits) == 1


@pytest.mark.parametrize("settings", [{"declared": False}, {"compressed": True}])
def test_a_huge_body_is_never_held(settings: dict[str, Any], server: MisbehavingServer, transport: Transport) -> None:
    server.answers("/btc", huge(**settings))
    tracemalloc.start()
    try:
        with pytest.raises(FetchError, match="above the limit"):
            transport.get(asked())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2.5 * HASTY.largest
    assert server.sent < 1.5 * HASTY.largest


def test_the_huge_body_of_a_redirect_is_never_read(server: MisbehavingServer, transport: Transport) -> None:
    server.answers("/btc", huge(compressed=True, location="/there"))
    server.answers("/there", document(BODY, JSON))
    tracemalloc.start()
    try:
        assert transport.get(asked()).document.body == BODY
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < HASTY.largest / 10


# ---- politeness ------------------------------------------------------------------------------------------------


def most_in_any(seconds: float, server: MisbehavingServer) -> int:
    moments = [hit.moment for hit in server.hits]
    return max(sum(start <= moment < start + seconds for moment in moments) for start in moments)


@pytest.mark.slow
def test_the_sec_gets_at_most_ten_requests_a_second_in_all(
    server: MisbehavingServer, archive: Archive, clock: Clock
) -> None:
    with hurried(server, archive, clock, groups=HOST_GROUPS) as transport:
        for n in range(18):
            server.answers(f"/{n}", *[status(500)] * (n % 3 == 0), document(BODY, JSON))
            transport.get(asked(f"/{n}", host=SEC[n % 3]))
    assert len(server.hits) == 24
    assert {hit.host for hit in server.hits} == set(SEC)
    assert most_in_any(1, server) <= 10


@pytest.mark.slow
def test_yahoo_gets_at_most_one_request_every_two_seconds_retries_included(
    server: MisbehavingServer, archive: Archive, clock: Clock
) -> None:
    server.answers("/a", document(BODY, JSON))
    server.answers("/b", status(429, b"Too Many Requests\r\n"), document(BODY, JSON))
    with hurried(server, archive, clock, groups=HOST_GROUPS) as transport:
        transport.get(asked("/a", host=YAHOO[0]))
        transport.get(asked("/b", host=YAHOO[1]))
    assert [hit.host for hit in server.hits] == [YAHOO[0], YAHOO[1], YAHOO[1]]
    assert most_in_any(1.95, server) == 1


@pytest.mark.slow
def test_other_hosts_are_asked_once_a_second(server: MisbehavingServer, archive: Archive, clock: Clock) -> None:
    server.answers("/btc", document(BODY, JSON))
    with hurried(server, archive, clock, policy=PATIENT) as transport:
        transport.get(asked())
        transport.get(asked())
    assert server.hits[1].moment - server.hits[0].moment > 0.95


def test_the_contact_goes_to_the_sec_and_to_nobody_else(server: MisbehavingServer, transport: Transport) -> None:
    server.answers("/x", document(BODY, JSON))
    for host in (SEC[0], YAHOO[0], HOST):
        transport.get(asked("/x", host=host))
    sec, yahoo, coinbase = (hit.headers["User-Agent"] for hit in server.hits)
    assert sec.startswith("mnav/")
    assert sec.endswith(f" {IDENTITY}")
    assert yahoo == BROWSER
    assert coinbase == sec.removesuffix(f" {IDENTITY}")


def test_what_a_host_insists_on_goes_to_it_and_to_nobody_else(server: MisbehavingServer, transport: Transport) -> None:
    server.answers("/x", document(BODY, JSON))
    server.answers("/old", redirect(f"https://{HOST}/x"))
    transport.get(asked("/x", host=HOST))
    transport.get(asked("/x", host=NASDAQ))
    transport.get(asked("/old", host=NASDAQ))
    ours, nasdaq, moved, followed = (hit.headers for hit in server.hits)
    for headers in (nasdaq, moved):
        assert headers["User-Agent"] == BROWSER
        assert headers["Accept"] == "application/json, text/plain, */*"
        assert headers["Origin"] == "https://www.nasdaq.com"
        assert headers["Referer"] == "https://www.nasdaq.com/"
        assert headers["Accept-Encoding"] == "gzip"
    for headers in (ours, followed):
        assert headers["Accept"] == "*/*"
        assert not {"Origin", "Referer"} & set(headers)


@pytest.mark.parametrize("identity", [None, "", "Jane Doe", "noreply@mail.example", "Jané jane@mail.example"])
def test_without_a_contact_the_sec_is_not_asked(
    identity: str | None, server: MisbehavingServer, archive: Archive, clock: Clock
) -> None:
    with (
        hurried(server, archive, clock, identity=identity) as transport,
        pytest.raises(IdentityMissing, match="coinbase: skipped: set EDGAR_IDENTITY"),
    ):
        transport.get(asked(host=SEC[0]))
    assert server.hits == []


@pytest.mark.parametrize(
    "url",
    [
        "http://www.sec.gov/x",
        "https://elsewhere.example/x",
        "https://www.sec.gov.elsewhere.example/x",
        "https://user:pa55@www.sec.gov/x",
        "https://www.sec.gov:8443/x",
        "file:///etc/hosts",
    ],
)
def test_no_other_host_and_no_other_scheme(url: str, server: MisbehavingServer, transport: Transport) -> None:
    with pytest.raises(FetchError, match="expected https and a host its sources name") as caught:
        transport.get(Request("toy", url, "json"))
    assert "pa55" not in str(caught.value)
    assert server.hits == []


def test_a_redirect_among_known_hosts_is_followed(
    server: MisbehavingServer, transport: Transport, archive: Archive
) -> None:
    server.answers("/old", redirect(f"https://{SEC[1]}/new", 301))
    server.answers("/new", document(BODY, JSON, ETag='"of the target"'))
    fetched = transport.get(asked("/old"))
    assert fetched.document.url == f"https://{HOST}/old"
    assert [hit.host for hit in server.hits] == [HOST, SEC[1]]
    assert "mail.example" not in server.hits[0].headers["User-Agent"]
    assert server.hits[1].headers["User-Agent"].endswith(IDENTITY)
    entry = archive.newest("coinbase", f"https://{HOST}/old")
    assert entry is not None
    assert entry.etag == ""


def test_redirects_end(server: MisbehavingServer, transport: Transport) -> None:
    server.answers("/btc", redirect("/btc"))
    with pytest.raises(FetchError, match="more than 5 redirects"):
        transport.get(asked())


# ---- the archive in front of the network -----------------------------------------------------------------------


def test_an_unchanged_document_is_not_sent_again(
    server: MisbehavingServer, transport: Transport, archive: Archive, clock: Clock
) -> None:
    day = "Sat, 21 Nov 2026 00:00:00 GMT"
    server.answers("/btc", revalidated(BODY, JSON, '"v1"', day))
    first = transport.get(asked())
    clock.moment += timedelta(hours=1)
    second = transport.get(asked())
    assert second.origin == "unchanged"
    assert second.document == first.document, "the same bytes, known since the same moment"
    assert server.hits[1].headers["If-None-Match"] == '"v1"'
    assert server.hits[1].headers["If-Modified-Since"] == day
    assert "If-None-Match" not in server.hits[0].headers
    assert list(archive.documents("coinbase")) == [first.document]
    assert transport.get(asked(max_age=timedelta(minutes=30))).origin == "fresh", "fresh since it was confirmed"
    assert len(server.hits) == 2


def test_a_changed_document_replaces_nothing(
    server: MisbehavingServer, transport: Transport, archive: Archive, clock: Clock
) -> None:
    server.answers("/btc", revalidated(BODY, JSON, '"v1"'), revalidated(b"[2]", JSON, '"v2"'))
    transport.get(asked())
    clock.moment += timedelta(days=1)
    assert transport.get(asked()).new
    assert [kept.body for kept in archive.documents("coinbase")] == [BODY, b"[2]"]


def test_a_fresh_document_costs_no_request(server: MisbehavingServer, transport: Transport, clock: Clock) -> None:
    server.answers("/btc", document(BODY, JSON))
    daily = asked(max_age=timedelta(hours=20))
    origins = []
    for hours in (0, 1, 18, 2):
        clock.moment += timedelta(hours=hours)
        origins.append(transport.get(daily).origin)
    assert origins == ["fetched", "fresh", "fresh", "fetched"]
    assert len(server.hits) == 2


def test_refresh_asks_anew_and_unconditionally(server: MisbehavingServer, archive: Archive, clock: Clock) -> None:
    server.answers("/btc", revalidated(BODY, JSON, '"v1"'))
    for _ in range(2):
        with hurried(server, archive, clock, refresh=True) as transport:
            assert transport.get(asked(max_age=timedelta(days=1))).new
    assert "If-None-Match" not in server.hits[1].headers


def test_a_304_that_nobody_asked_for_is_no_document(server: MisbehavingServer, transport: Transport) -> None:
    server.answers("/btc", status(304))
    with pytest.raises(FetchError, match="status 304"):
        transport.get(asked())


def test_a_pruned_or_damaged_document_is_fetched_again(
    server: MisbehavingServer, transport: Transport, archive: Archive
) -> None:
    server.answers("/btc", revalidated(BODY, JSON, '"v1"'))
    document_ = transport.get(asked(max_age=timedelta(days=1))).document
    [body] = archive.folder.glob("bodies/*/*.gz")
    body.write_bytes(body.read_bytes()[:-3])
    again = transport.get(asked(max_age=timedelta(days=1)))
    assert again.new
    assert again.document == document_
    assert archive.body(document_.sha256) == BODY
    body.unlink()
    assert transport.get(asked(max_age=timedelta(days=1))).new


def test_a_recording_replays_without_a_socket(
    server: MisbehavingServer, archive: Archive, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers("/btc", revalidated(BODY, JSON, '"v1"'))
    server.answers("/eth", document(b"[1]", JSON))
    daily = asked("/eth", max_age=timedelta(days=1))
    with hurried(server, archive, clock) as transport:
        live = [transport.get(asked()).document, transport.get(daily).document]
    recorded = Archive(tmp_path / "recorded")
    with hurried(server, archive, clock, record=recorded) as transport:
        assert [transport.get(r).origin for r in (asked(), daily)] == ["unchanged", "fresh"]
    monkeypatch.setattr(socket, "socket", None)
    told = Outcome("coinbase")
    replayed = list(gather.recorded(Archive(tmp_path / "recorded"), "coinbase", told))
    assert replayed == live, "answers that cost nothing are recorded too"
    assert told.failures == []
    assert list(gather.recorded(Archive(tmp_path / "recorded"), "ecb", told)) == []
    assert "found no recorded document" in told.failures[0]


# ---- secrets ---------------------------------------------------------------------------------------------------


def echo(code: int, padding: int = 0) -> Answer:
    """A host that prints what it was told."""

    def answer(handler: Any) -> None:
        told = f"{handler.path} {'x' * padding} {handler.headers['User-Agent']}".encode()
        status(code, told, JSON)(handler)

    return answer


def test_no_secret_in_errors_logs_or_archive(
    server: MisbehavingServer, transport: Transport, archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = "/x?x_cg_demo_api_key=CG-s3cret%21&page=1"
    server.answers(
        "/x", document(BODY, JSON, Set_Cookie="session=c00kie"), status(500), echo(403), echo(200, 150), echo(403, 150)
    )
    transport.get(asked(path, host=SEC[0]))
    said = []
    for _ in range(3):
        with pytest.raises(FetchError, match=r"\[secret\]") as caught:
            transport.get(asked(path, host=SEC[0]))
        said.append(str(caught.value).encode())
    assert server.hits[0].path == path, "the host itself is told"
    assert "Cookie" not in server.hits[1].headers
    everything = [*said, caplog.text.encode()]
    everything += [file.read_bytes() for file in archive.folder.rglob("*") if file.is_file()]
    for secret in (b"s3cret", b"jane.d", b"mail.example", b"Jane", b"c00kie"):
        assert not [place for place in everything if secret in place], secret
    assert "/x?page=1" in caplog.text


def test_passwords_of_other_programs_stay_where_they_are(
    server: MisbehavingServer, transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {HOST} login jane password s3cret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.answers("/btc", document(BODY, JSON))
    transport.get(asked())
    assert "Authorization" not in server.hits[0].headers


def test_a_test_cannot_leave_this_machine(archive: Archive, clock: Clock) -> None:
    with Transport(archive, [HOST], clock.now) as transport, pytest.raises(SocketUsed, match=HOST):
        transport.get(asked())
    with socket.socket() as plain, pytest.raises(SocketUsed):
        plain.connect(("192.0.2.1", 443))
