"""What went wrong on the way, one name each: every oddity of an answer is read rightly or told in a line, and costs no more than its time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from misbehaving import (
    HASTY,
    HTML,
    JSON,
    ODDITIES,
    READ,
    RETRY_AFTER,
    Answer,
    Factory,
    MisbehavingServer,
    as_written,
    document,
    drip,
    hasty,
    redirect,
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


LEADS_ON = "redirect to where it stands"  # the page there is served by the test
ODD: dict[str, tuple[Factory, str, str]] = {
    **ODDITIES,
    "redirect with a user": (lambda body, media: redirect(f"https://user:pa55@{HOST}/"), "json", "a redirect to https://"),
    "redirect to another port": (lambda body, media: redirect(f"https://{HOST}:8443/"), "json", "a redirect to https://"),
    LEADS_ON: (lambda body, media: redirect("next"), "json", READ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("factory", "kind", "words"), ODD.values(), ids=ODD)
def test_an_odd_answer_is_read_or_told(
    factory: Factory, kind: Kind, words: str, server: MisbehavingServer, asking: Callable[..., Transport]
) -> None:
    server.answers("/btc", factory(PAGE, HTML) if kind == "html" else factory(BODY, JSON))
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


def test_a_name_whose_look_up_never_ends(
    server: MisbehavingServer, asking: Callable[..., Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answers.wait())
    with pytest.raises(Unavailable, match=rf"no address for {HOST} \(the look-up of its name took more than 0.01 s\)"):
        asking(policy=replace(HASTY, connect=0.01)).get(asked())
    answers.set()


@pytest.mark.parametrize(("dead", "asked_of"), [(2, 3), (40, 6)])
def test_dead_addresses_of_one_host_cost_no_more_than_its_minute(
    dead: int,
    asked_of: int,
    server: MisbehavingServer,
    asking: Callable[..., Transport],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next one is tried as long as the document has time left."""
    server.answers("/btc", document(BODY, JSON))
    clock, connect, tried = Clock(), socket.socket.connect, []
    names = [f"127.0.1.{number}" for number in range(dead)] + ["127.0.0.1"]
    look_up = socket.getaddrinfo

    def addresses(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        found = names if host == "127.0.0.1" and threading.current_thread() is not threading.main_thread() else [host]
        return [one for name in found for one in look_up(name, port, *args, **kwargs)]

    def connected(self: socket.socket, address: Any) -> None:
        tried.append((address[0], self.gettimeout()))
        if address[0] != "127.0.0.1":
            clock.seconds += self.gettimeout() or 0
            raise TimeoutError
        connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    monkeypatch.setattr(socket.socket, "connect", connected)
    transport = asking(clock, Policy(per_second=1000))
    if dead == 2:
        assert transport.get(asked()).document.body == BODY
    else:
        with pytest.raises(Unavailable, match="no connection in 10 s"):
            transport.get(asked())
        assert clock.seconds == pytest.approx(PATIENT.budget)
    assert len(tried) == asked_of
    assert all(seconds is not None and seconds <= PATIENT.connect for _, seconds in tried)


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


@pytest.mark.parametrize("mark", ['\x0b"a"', '"\x01"', f'"{"x" * 60_000}"'], ids=["tab", "control", "long"])
def test_a_mark_that_cannot_be_sent_back_costs_no_later_answer(
    mark: str, server: MisbehavingServer, asking: Callable[..., Transport]
) -> None:
    server.answers("/btc", document(BODY, JSON, ETag=mark))
    asking().get(asked())
    assert asking().get(asked()).document.body == BODY
    assert len(server.hits) == 2
    assert "If-None-Match" not in server.hits[1].headers


@pytest.mark.parametrize("address", ["/" + "a" * 50_000, "https://elsewhere.example/" + "a" * 50_000])
def test_an_address_that_a_host_leads_to_is_told_in_a_line(
    address: str, server: MisbehavingServer, asking: Callable[..., Transport]
) -> None:
    server.answers("/btc", redirect(f"{address}\x9b2J"))
    with pytest.raises(FetchError, match="redirect") as told:
        asking().get(asked())
    assert len(str(told.value)) < 1_000
    assert str(told.value).isprintable()
