"""The requests adapter of one group of hosts: a rate they share, an end to every answer, and servers that stand in."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPResponse
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests_ratelimiter import LimiterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family


class Overdue(Exception):
    """An answer is still dripping in when its time is up. No OSError: urllib3 would take it for a silent host."""


class Deadline:
    """How long the next answer may take once it was asked for, by a clock that only runs forward; set anew for each."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.seconds = self.latest = self._end = float("inf")  # `latest`: whenever it was asked for

    def begin(self) -> None:
        self._end = min(self.clock() + self.seconds, self.latest)

    @property
    def left(self) -> float:
        return self._end - self.clock()


class HostAdapter(LimiterAdapter):
    """At most `per_second` requests to all hosts it is mounted for together, no answer after the `deadline`.

    `servers` sends the requests for a host to another address instead, for tests: {"www.sec.gov": "http://127.0.0.1:8000"}.
    """

    def __init__(self, per_second: float, deadline: Deadline, servers: Mapping[str, str]) -> None:
        self._pools = _pools(deadline)
        self._servers = servers
        # limit_statuses: the caller waits after a 429 by itself, as long as the host asks; the adapter need not as well
        super().__init__(per_second=per_second, per_host=False, limit_statuses=(), max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(request.url or "")
        server = self._servers.get(parts.netloc)
        if server is not None:
            request.headers["Host"] = parts.netloc
            request.url = server + parts._replace(scheme="", netloc="").geturl()
            kwargs["proxies"] = {}
        return super().send(request, *args, **kwargs)


def _pools(deadline: Deadline) -> dict[str, type[HTTPConnectionPool]]:
    """Connection pools whose answers end at the deadline.

    A socket's timeout starts anew with every byte, and neither requests nor urllib3 has one for the whole answer; so
    the clock sits where http.client reads from the socket, where it sees dripping headers as well as bodies.
    """

    class Timed(HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
            self.fp = io.BufferedReader(_TimedReader(self.fp.detach(), sock, deadline))

    class Plain(HTTPConnection):
        response_class = Timed

        def request(self, *args: Any, **kwargs: Any) -> None:
            deadline.begin()  # here the turn of the host has come, and it is connected
            super().request(*args, **kwargs)

        def _new_conn(self) -> socket.socket:
            """A connection to the first address that gives one. urllib3 waits without end for a name, and for each dead address anew."""
            name, patience = self._dns_host, float(self.timeout or 0)
            try:
                addresses = _addresses(name, self.port, patience)
            except socket.gaierror as error:
                raise NameResolutionError(name, self, error) from error
            try:
                for address in addresses[:-1]:
                    self._dns_host = address
                    try:
                        return super()._new_conn()
                    except (ConnectTimeoutError, NewConnectionError):
                        self.timeout = min(patience, deadline.latest - deadline.clock())
                        if self.timeout <= 0:
                            raise
                self._dns_host = addresses[-1]
                return super()._new_conn()
            finally:
                self._dns_host, self.timeout = name, patience

    class Secure(Plain, HTTPSConnection):
        pass

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _addresses(name: str, port: int, seconds: float) -> list[str]:
    """Where a host can be reached. Raises socket.gaierror, also when nobody has said so in time: a look-up of the system has no limit."""
    told: SimpleQueue[list[str] | BaseException] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(name, port, allowed_gai_family(), socket.SOCK_STREAM)
            told.put(list(dict.fromkeys(str(address[0]) for *_, address in found)))
        except BaseException as error:  # noqa: BLE001  # raised where somebody waits for it
            told.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = told.get(timeout=seconds)
    except Empty:
        answer = socket.gaierror(socket.EAI_AGAIN, f"the look-up of its name took more than {seconds:.3g} s")
    if isinstance(answer, BaseException):
        raise answer
    return answer


class _TimedReader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: Deadline) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = deadline
        self._begun = False  # until then a host is silent

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left, silence = self._deadline.left, self._sock.gettimeout()
        if left <= 0:
            raise Overdue
        if silence is None or silence > left:  # the next byte may take no longer than the whole answer
            self._sock.settimeout(left)
        try:
            count = self._raw.readinto(buffer)
        except TimeoutError:
            if self._begun and self._deadline.left <= 0:
                raise Overdue from None
            raise
        self._begun = True
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
