"""The only module that opens a socket: politely, within bounds, and only to hosts it knows."""

from __future__ import annotations

import logging
import math
import re
import socket
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from urllib3.util import Retry

from scrapers.archive import Archive, ArchiveError, Entry
from scrapers.formats.describe import describe, printable
from scrapers.request import (
    KEY_IN_PATH,
    LARGEST,
    Fetched,
    IdentityMissing,
    NotFound,
    Refused,
    Request,
    Unavailable,
    secrets_of,
    without_secrets,
)
from scrapers.transport.adapter import Deadline, HostAdapter, Overdue
from scrapers.transport.body import Trouble, beginning, whole
from scrapers.transport.hosts import BROWSER, HOST_GROUPS, HostGroup
from scrapers.transport.objections import EXPECTED, is_challenge, media_type, objection
from treasury.model import Document, FetchError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient a transport is. Times in seconds; `per_second` is for each host outside the groups by itself."""

    per_second: float = 1
    connect: float = 10
    silence: float = 30  # between two bytes
    answer: float = 60  # from the question to the last byte
    retries: int = 3
    backoff: float = 2  # before the first retry, then doubled
    budget: float = (
        60  # one document, its retries, waits and redirects; and what one host may cost in a run for nothing
    )
    largest: int = LARGEST


PATIENT = Policy()
_PASSING = frozenset([429, 500, 502, 503, 504, 520, 521, 522, 523, 524])  # 52x: Cloudflare without its origin
_REDIRECTS = frozenset([301, 302, 303, 307, 308])
_MOST_REDIRECTS = 5
_EVER = 10**9  # seconds: no wait that is asked for is cut before it is judged
_LONGEST_REASON, _LONGEST_CAUSE, _LONGEST_ADDRESS, _LONGEST_MARK = 100, 300, 500, 1000  # characters
_REFUSED = frozenset([403, 451])
_TURNED_AWAY = frozenset([429])
_CONTACT = re.compile(r"(?<![^\s<])(?!noreply@)[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")  # the SEC turns noreply@ away
_KEY_IN_PATH = re.compile(r"(?<![/\w])/[^/\s]+/")  # the first segment of a path
_LOGGERS_OF_URLS = ("urllib3.connectionpool", "urllib3.util.retry")


@dataclass(frozen=True, slots=True)
class _Answer:
    url: str
    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    raw: urllib3.BaseHTTPResponse

    @property
    def media_type(self) -> str:
        return media_type(self.headers.get("Content-Type", ""))

    def __str__(self) -> str:
        said = f"status {self.status} {printable(self.reason, _LONGEST_REASON)}".rstrip()
        return said + (f", {describe(self.body)}" if self.body else "")


class _Session(requests.Session):
    """Never looks by itself where an answer leads: requests reads the whole body of a redirect for that, asked to follow it or not."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class Transport:
    """Turns requests into documents, asking hosts only for what the archive cannot answer. For one thread.

    `hosts` are known beside those of `groups`. `identity` is the user's contact ("Name mail@domain") for hosts that
    insist on one, and is sent to those alone. `record` is a second archive that gets every document handed out.
    `refresh` asks for everything anew. `sleep`, `clock` and `servers` (host to address, see HostAdapter) are for tests.
    """

    def __init__(
        self,
        archive: Archive,
        hosts: Iterable[str],
        now: Callable[[], datetime],
        *,
        identity: str | None = None,
        record: Archive | None = None,
        refresh: bool = False,
        policy: Policy = PATIENT,
        groups: Collection[HostGroup] = HOST_GROUPS,
        servers: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._archive = archive
        self._now = now
        self._identity = (identity or "").strip()
        self._record = record
        self._refresh = refresh
        self._policy = policy
        self._sleep = sleep
        self._deadline = Deadline(clock)
        self._end = math.inf  # of the document that is being asked for
        self._wasted: dict[str, float] = {}  # seconds in which a host brought nothing
        self._unknown_names = 0  # look-ups that failed since a host last answered
        self._groups: dict[str, HostGroup] = {}
        self._session = _Session()
        self._session.auth = _anonymous
        self._session.adapters.clear()  # a host that is not mounted below cannot be reached
        grouped = {host for group in groups for host in group.hosts}
        alone = [HostGroup((host,), policy.per_second) for host in sorted({*hosts} - grouped)]
        for group in (*groups, *alone):
            adapter = HostAdapter(group.per_second, self._deadline, servers or {})
            for host in group.hosts:
                self._session.mount(f"https://{host}/", adapter)
                self._groups[host] = group
        for name in _LOGGERS_OF_URLS:
            logging.getLogger(name).addFilter(_without_secrets)

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    def get(self, request: Request) -> Fetched:
        """The document behind a request, or a FetchError that says what was found and what was expected."""
        held = None if self._refresh else self._held(request)
        if held and held[0].checked_at <= self._now() < held[0].fresh_until(request.max_age):
            fetched = Fetched(held[1], "fresh")
        else:
            fetched = self._ask(request, held)
        if self._record is not None:
            self._record.keep(fetched.document)
        log.info("%s: %s is %s", request.source, request.stored_url, fetched.origin)
        return fetched

    def _held(self, request: Request) -> tuple[Entry, Document] | None:
        entry = self._archive.newest(request.source, request.url, self._now())
        try:
            return (entry, self._archive.document(entry)) if entry else None
        except ArchiveError as error:
            log.warning("%s: %s", request.source, error)
            return None

    def _ask(self, request: Request, held: tuple[Entry, Document] | None) -> Fetched:
        validators = _validators(held[0]) if held else {}
        answer = self._follow(request, validators)
        moment = self._now()
        if answer.status == 304 and held and validators:
            self._archive.confirm(held[0], moment)
            return Fetched(held[1], "unchanged")
        self._check(request, answer)
        document = Document(
            request.source, request.stored_url, answer.body, moment, request.published_at, answer.media_type
        )
        # What a redirect led to may be another page tomorrow: its validators say nothing about the URL asked for.
        marks = answer.headers if answer.url == request.url else {}
        self._archive.keep(document, etag=marks.get("ETag", ""), last_modified=marks.get("Last-Modified", ""))
        return Fetched(document, "fetched")

    def _follow(self, request: Request, validators: Mapping[str, str]) -> _Answer:
        """The answer behind all redirects."""
        url = request.url
        self._end = self._deadline.clock() + self._policy.budget
        for _ in range(_MOST_REDIRECTS + 1):
            self._check_known(request, url)
            try:
                answer = self._insist(url, {**validators, **self._headers(request, url)})
            except Trouble as trouble:
                raise self._error(trouble.kind, request, str(trouble)) from trouble
            location = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or not location:
                return answer
            try:
                url, validators = urljoin(url, location), {}
            except ValueError:  # no address at all, such as https://[::1: refused as one nobody knows
                url = location
        raise self._error(FetchError, request, f"more than {_MOST_REDIRECTS} redirects")

    def _insist(self, url: str, headers: Mapping[str, str]) -> _Answer:
        """One answer, after as many attempts as the policy allows.

        urllib3's Retry does the counting and the arithmetic. Its own loop is not used: it runs below the rate limit,
        reads the whole body of a failure into memory, and has ended before the body of a success is read.
        """
        policy = self._policy
        retry = Retry(policy.retries, status_forcelist=_PASSING, backoff_factor=policy.backoff, retry_after_max=_EVER)
        host, attempts = urlsplit(url).netloc, 0
        while True:
            if self._left(host) <= 0:
                raise Trouble(f"no answer of {host} in {policy.budget:g} s of this run", kind=Unavailable)
            answer = trouble = None
            started, attempts = self._deadline.clock(), attempts + 1
            try:
                answer = self._exchange(url, headers)
                if not retry.is_retry("GET", answer.status, "Retry-After" in answer.headers):
                    return answer
            except Trouble as error:
                trouble = error
            try:
                if trouble and not trouble.passing:
                    raise trouble
                retry = retry.increment("GET", without_secrets(url))
                self._wait(retry, answer, trouble, host, attempts)
            except urllib3.exceptions.MaxRetryError:
                raise self._given_up(answer, trouble, attempts) from trouble
            finally:
                self._wasted[host] = self._wasted.get(host, 0.0) + self._deadline.clock() - started

    def _left(self, host: str) -> float:
        """Seconds that this document, and this host in this run, may still cost."""
        return min(self._end - self._deadline.clock(), self._policy.budget - self._wasted.get(host, 0.0))

    def _given_up(self, answer: _Answer | None, trouble: Trouble | None, attempts: int) -> Trouble:
        found = f"{answer or trouble}, {attempts} attempt{'s' if attempts > 1 else ''}"
        return Trouble(found, kind=trouble.kind if trouble else Unavailable)

    def _wait(self, retry: Retry, answer: _Answer | None, trouble: Trouble | None, host: str, attempts: int) -> None:
        try:
            asked = retry.get_retry_after(answer.raw) if answer else None
        except (urllib3.exceptions.InvalidHeader, ArithmeticError, ValueError):  # no moment, or one of no calendar
            asked = None
        left = self._left(host)
        if asked and asked >= left:
            wait = f"a Retry-After of {asked:.0f} s (a run waits at most {self._policy.budget:.0f} s for a host)"
            raise Trouble(f"{answer}, and {wait}", kind=Unavailable)
        # get_backoff_time is 0 before the first retry
        pause = asked or max(retry.get_backoff_time(), self._policy.backoff)
        if pause >= left:
            raise self._given_up(answer, trouble, attempts) from trouble
        self._sleep(pause)

    def _exchange(self, url: str, headers: Mapping[str, str]) -> _Answer:
        """Ask once. Only the body of a success is read whole; of a failure, what fits a message."""
        policy = self._policy
        sent = {"Accept": "*/*", "Accept-Encoding": "gzip", **headers}
        left = self._left(urlsplit(url).netloc)
        allowed = min(policy.answer, left)
        connect, silence = min(policy.connect, allowed), min(policy.silence, allowed)
        self._deadline.seconds, self._deadline.latest = allowed, self._deadline.clock() + left
        try:
            with self._session.get(
                url, headers=sent, timeout=(connect, silence), stream=True, allow_redirects=False
            ) as response:
                self._unknown_names = 0
                self._session.cookies.clear()  # each request stands alone, as a replay of it must
                status, raw = response.status_code, response.raw
                body = whole(raw, policy.largest) if status == 200 else self._struck(beginning(raw), url)
                return _Answer(url, status, response.reason or "", response.headers, body, raw)
        except Overdue as error:
            raise Trouble(f"an answer not complete after {allowed:.3g} s", kind=Unavailable) from error
        except (requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError) as error:
            raise Trouble(f"no connection in {connect:.3g} s", kind=Unavailable, passing=True) from error
        except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
            raise Trouble(f"silence for {silence:.3g} s", kind=Unavailable, passing=True) from error
        except (requests.ConnectionError, urllib3.exceptions.ProtocolError) as error:
            if _is_unknown_name(error):
                # Where names cannot be looked up there is no network: the first host is insisted on, the next ones asked once.
                self._unknown_names += 1
                again = self._unknown_names <= policy.retries
                found = f"no address for {urlsplit(url).netloc} ({_cause(error)})"
                raise Trouble(found, kind=Unavailable, passing=again) from error
            raise Trouble(f"a broken connection ({_cause(error)})", kind=Unavailable, passing=True) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise Trouble(f"no answer that can be read ({_cause(error)})") from error
        except OSError as error:  # requests' word for a file of certificates that is not there; nobody's network
            found = f"no certificates to trust a host by ({printable(str(error), 200)})"
            raise Trouble(f"{found}; see REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE", kind=Unavailable) from error

    def _headers(self, request: Request, url: str) -> dict[str, str]:
        """Who we say we are, and what else the host of this URL insists on."""
        group = self._groups[urlsplit(url).netloc]
        return {"User-Agent": self._agent(request, group), **dict(group.headers)}

    def _agent(self, request: Request, group: HostGroup) -> str:
        if group.agent == "browser":
            return BROWSER
        if group.agent == "ours":
            return f"mnav/{_version()}"
        if not (_CONTACT.search(self._identity) and self._identity.isascii() and self._identity.isprintable()):
            state = "its mail address is not one the host accepts" if self._identity else "it is not set"
            raise IdentityMissing(
                f"{request.source}: skipped: set EDGAR_IDENTITY to 'Your Name mail@your.domain' ({state}); "
                "the SEC answers only clients that say who they are"
            )
        return f"mnav/{_version()} {self._identity}"

    def _check_known(self, request: Request, url: str) -> None:
        try:
            parts = urlsplit(url)
            known = parts.scheme == "https" and parts.netloc in self._groups
        except ValueError:
            known = False
        if not known:
            found = "this URL" if url == request.url else f"a redirect to {_shown(url)}"
            raise self._error(FetchError, request, found, "https and a host its sources name")

    def _check(self, request: Request, answer: _Answer) -> None:
        via = f", redirected to {_shown(answer.url)}" if answer.url != request.url else ""
        if answer.status != 200:
            raise self._error(_kind_of_failure(answer.status), request, f"{answer}{via}")
        if is_challenge(answer.body):
            page = f"{describe(self._struck(answer.body, request.url))}, made to stop programs, with status 200"
            raise self._error(Unavailable, request, f"{page}{via}")
        said = answer.headers.get("Content-Type", "")
        if objection(request.kind, said, answer.body):
            found = objection(request.kind, said, self._struck(answer.body, request.url))
            raise self._error(FetchError, request, f"{found}{via}")

    def _error(self, kind: type[FetchError], request: Request, found: str, expected: str = "") -> FetchError:
        found = self._struck(found.encode(), request.url).decode()
        wanted = expected or EXPECTED[request.kind]
        return kind(f"{request.source}: {request.stored_url}: found {found}; expected {wanted}")

    def _struck(self, text: bytes, url: str) -> bytes:
        """Text from outside, which may repeat what the host was told, without the user's contact and keys."""
        for secret in (self._identity, *_CONTACT.findall(self._identity), *secrets_of(url)):
            text = text.replace(secret.encode(), b"[secret]") if secret else text
        return text


def _validators(entry: Entry) -> dict[str, str]:
    """What the host marked the document with, where that can be sent back: neither control characters nor a book."""
    marks = {"If-None-Match": entry.etag, "If-Modified-Since": entry.last_modified}
    return {name: mark for name, mark in marks.items() if mark and mark.isprintable() and len(mark) <= _LONGEST_MARK}


def _kind_of_failure(status: int) -> type[FetchError]:
    if status in (404, 410):
        return NotFound
    if status in _REFUSED:
        return Refused
    return Unavailable if status in _TURNED_AWAY or status >= 500 else FetchError


def _cause(error: BaseException) -> str:
    """The first cause in its own words: those of the wrappers around it hold the whole URL."""
    error = _first(error)
    told = getattr(error, "strerror", None) or f"{type(error).__name__} {error}".strip()
    return printable(told, _LONGEST_CAUSE)


def _first(error: BaseException) -> BaseException:
    while cause := error.__cause__ or error.__context__:
        error = cause
    return error


def _is_unknown_name(error: BaseException) -> bool:
    """Whether the host's name was looked up in vain; a proxy's name is another matter."""
    return isinstance(_first(error), socket.gaierror) and not isinstance(error, requests.exceptions.ProxyError)


def _anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Adds nothing; set as a session's auth, it keeps requests from sending passwords out of a .netrc file."""
    return request


def _shown(url: str) -> str:
    try:
        return printable(without_secrets(url), _LONGEST_ADDRESS)
    except ValueError:  # urlsplit's word for a malformed address
        return "a malformed address"


def _without_secrets(record: logging.LogRecord) -> bool:
    """Strike secrets from the lines in which the libraries below log whole URLs, or host and path apart."""
    words = record.getMessage().split(" ")
    told = " ".join(_shown(word) if "?" in word or "://" in word else word for word in words)
    if any(host in told for host in KEY_IN_PATH):
        told = _KEY_IN_PATH.sub("/[secret]/", told)
    record.msg, record.args = told, ()
    return True


@cache  # to look it up reads the metadata of what is installed
def _version() -> str:
    try:
        return version("mnav")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0"
