"""Whether there is a network at all, found out before every source is waited for in vain."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies

SECONDS = 4.0  # to wait for the first answer of any host
STAGGER = 0.15  # between two hosts, so that one that answers spares the others


def reachable(
    hosts: Collection[str], seconds: float = SECONDS, connect: Callable[[str, int, float], None] | None = None
) -> bool:
    """Whether any of these hosts, or the proxy on the way to it, takes a connection within some seconds.

    `connect(host, port, seconds)` is for tests: it raises OSError where there is no way.
    """
    ask = connect or _connect
    answered, silent = threading.Event(), threading.Semaphore(0)

    def one(host: str) -> None:
        try:
            ask(*_address(host), seconds)
            answered.set()
        except (OSError, ValueError):  # ValueError: a proxy or name that is no address
            pass
        finally:
            silent.release()

    ends = time.monotonic() + seconds
    for host in hosts:
        threading.Thread(target=one, args=(host,), daemon=True).start()
        if answered.wait(STAGGER) or time.monotonic() > ends:
            return answered.is_set()
    for _ in hosts:  # all have failed, or the time is over
        if answered.is_set() or not silent.acquire(timeout=max(0.0, ends - time.monotonic())):
            break
    return answered.is_set()


def _address(host: str) -> tuple[str, int]:
    """Where a request to a host goes first."""
    proxy = get_environ_proxies(f"https://{host}/").get("https")
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else urlsplit(f"https://{host}")
    return parts.hostname or host, parts.port or (443 if parts.scheme == "https" else 80)


def _connect(host: str, port: int, seconds: float) -> None:
    socket.create_connection((host, port), timeout=seconds).close()
