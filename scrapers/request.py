"""What is asked of a host, what comes back, and how it can fail; sources and the command line need no more than this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

from treasury.model import Document, FetchError

Kind = Literal["json", "html", "csv", "zip", "text", "pdf"]
Origin = Literal["fetched", "unchanged", "fresh"]

LARGEST = 60_000_000  # bytes of a document, decoded; the largest known one has 17 million (StrategyTracker's)

# Names of query parameters whose values are secrets; anything ending in api_key is one too (CoinGecko: x_cg_demo_api_key).
SECRET_PARAMETERS = frozenset(
    [
        "key",
        "apikey",
        "token",
        "access_token",
        "auth",
        "authorization",
        "password",
        "secret",
        "client_secret",
        "signature",
    ]
)

# Hosts whose paths begin with the key of a paying client, and what comes after it.
KEY_IN_PATH = {"pro-api.llama.fi": "/dat/"}


class IdentityMissing(FetchError):
    """The host answers only clients that name a contact, and none was given: this source is skipped."""


class Unavailable(FetchError):
    """The host is down or turns us away: its other URLs are not worth asking for in this run."""


class Refused(Unavailable):
    """The host says that it does not serve whoever asks from here (status 403 or 451)."""


class NotFound(FetchError):
    """The host answers, but has nothing under this URL."""


@dataclass(frozen=True, slots=True)
class Request:
    """One URL a source wants. A stored document younger than `max_age` answers it without asking the host.

    `published_at` is the publisher's own moment where the source knows it before fetching (a filing's acceptance).
    """

    source: str
    url: str
    kind: Kind
    max_age: timedelta = timedelta(0)
    published_at: datetime | None = None

    @property
    def stored_url(self) -> str:
        return without_secrets(self.url)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document and where it comes from: "fetched" now, "unchanged" says the host, or "fresh" enough."""

    document: Document
    origin: Origin

    @property
    def new(self) -> bool:
        """Whether these bytes arrived just now."""
        return self.origin == "fetched"


class Fetcher(Protocol):
    """What turns requests into documents."""

    def get(self, request: Request) -> Fetched: ...


def without_secrets(url: str) -> str:
    """The URL as it may be stored, logged and shown: no key, no password, no fragment; nothing else is touched."""
    parts = urlsplit(url)
    query = "&".join(pair for pair in parts.query.split("&") if not _secret(pair))
    host, path = parts.netloc.rpartition("@")[2], parts.path
    if (after := KEY_IN_PATH.get(host)) and after in path:
        path = path[path.index(after) :]
    return urlunsplit((parts.scheme, host, path, query, ""))


def secrets_of(url: str) -> list[str]:
    """The values `without_secrets` leaves out, so that they can be struck from messages too."""
    parts = urlsplit(url)
    values = [pair.partition("=")[2] for pair in parts.query.split("&") if _secret(pair)]
    values += parts.netloc.rpartition("@")[0].split(":")
    if after := KEY_IN_PATH.get(parts.netloc):
        values.append(parts.path.partition(after)[0].removeprefix("/"))
    return [form for value in values for form in {value, unquote(value)} if form]


def _secret(pair: str) -> bool:
    name = unquote(pair.partition("=")[0]).lower().replace("-", "_")
    return name in SECRET_PARAMETERS or name.endswith("api_key")
