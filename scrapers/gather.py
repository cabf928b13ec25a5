"""One source after another is asked for its documents, and for those they lead to; what fails is told and never stops the rest."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from math import isnan
from typing import cast
from urllib.parse import urlsplit

from scrapers import catalogue
from scrapers.archive import Archive, ArchiveError
from scrapers.request import Fetcher, IdentityMissing, Kind, NotFound, Refused, Request, Unavailable
from treasury.model import DelistedError, Document, FetchError, ParseError

log = logging.getLogger(__name__)
LONGEST_FAULT = 200  # characters of an exception's words
MOST_TOLD = 10  # kinds of failures of one source
_ADDRESS = re.compile(r"(?<=: )(?:\S+: )?https?://\S+")  # and whose it is
_FILER = re.compile(r"/(?:data/|CIK0*)(\d{1,10})[/.-]")


@dataclass(slots=True)
class Outcome:
    """How one source fared. `gone` is what its publisher no longer has: no failure, as long as anything else came."""

    source: str
    documents: int = 0
    fetched: int = 0
    gone: list[str] = field(default_factory=list)
    skipped: str = ""
    failures: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)  # what somebody should look at; no failure
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """failed, partly (some documents failed), skipped or done."""
        if self.skipped and not self.documents:
            return "skipped"
        if self.problems:
            return "partly" if self.documents else "failed"
        return "done"

    @property
    def problems(self) -> list[str]:
        """What went wrong, in words."""
        return self.failures + ([] if self.documents else self.gone)

    @property
    def problems_told(self) -> list[str]:
        """The same for people: what is to be said of many addresses alike is said of the first, and how many more there are."""
        alike: dict[str, list[str]] = {}
        for problem in self.problems:
            alike.setdefault(_ADDRESS.sub("", problem), []).append(problem)
        told = [
            f"{first}; the same of {_addresses(len(others))}" if others else first for first, *others in alike.values()
        ]
        rest = sum(len(one) for one in [*alike.values()][MOST_TOLD:])
        return told[:MOST_TOLD] + ([f"{self.source}: {rest:,} failures more"] if rest else [])


def _addresses(count: int) -> str:
    return f"{count:,} more address{'es' if count > 1 else ''}"


def order(wanted: tuple[str, ...]) -> list[str]:
    """The sources asked for (none: all but those asked only by name) with those that lead to them.

    Markets come first: their splits and prices tell what can be true of what is filed. Then leaders; and those that
    stand in for others after them.
    """
    names = list(wanted or (name for name in catalogue.names() if not catalogue.asked_only(name)))
    for name in names:  # grows as leaders of leaders are found
        names += [leader for leader in catalogue.leaders(name) if leader not in names]

    def turn(name: str) -> tuple[bool, bool, int, int, str]:
        market = catalogue.source_kind(catalogue.load(name)) == "market"
        leads = catalogue.leads_to(name)
        far = len(catalogue.all_leaders(name)) if leads else 0
        return (not market, not leads, far, len(catalogue.fallback_for(name)), name)

    return sorted(names, key=turn)


def all_failed(names: Iterable[str], outcomes: Iterable[Outcome]) -> bool:
    """Whether each of these sources had its turn in this run and something of it is missing, skipped ones too."""
    return {one.source for one in outcomes if one.word != "done"}.issuperset(names)


@dataclass(slots=True)
class Round:
    """One round over the sources: which hosts have turned us away, and where documents led."""

    fetcher: Fetcher
    offers: Mapping[str, object]
    since: date | None = None
    lost: dict[str, str] = field(default_factory=dict)
    leads: dict[str, list[tuple[str, datetime]]] = field(default_factory=dict)
    led: set[str] = field(default_factory=set)  # leaders that had their say: what they did not find is not there
    skipped: dict[str, str] = field(default_factory=dict)

    def documents(self, name: str, outcome: Outcome) -> Iterator[Document]:
        """Every document of a source that can be had; what cannot is noted in `outcome`."""
        source = catalogue.load(name)
        try:
            waiting = [*self._first(name, source, outcome)]
        except Exception as error:  # noqa: BLE001  # a source that does not know what to ask for costs itself
            outcome.failures.append(stumble(name, "what to ask for", error))
            return
        asked: set[str] = set()
        while waiting:
            request = waiting.pop(0)
            if request.url in asked:
                continue
            asked.add(request.url)
            document = self._get(request, outcome)
            if document is None:
                continue
            yield document
            try:
                waiting += self._after(source, document, request)
            except ParseError:
                continue  # the caller reads the same document, and tells
            except Exception as error:  # noqa: BLE001  # whatever a page makes a reader stumble over costs this page
                if not any(
                    document.url in line for line in outcome.failures
                ):  # the caller stumbled over it too, and told
                    outcome.failures.append(fault(name, document, error))

    def _first(self, name: str, source: catalogue.Source, outcome: Outcome) -> Iterator[Request]:
        for leader in catalogue.leaders(name):
            if leader in self.skipped and not outcome.skipped:
                outcome.skipped = f"{name}: skipped with {leader}, which lists its documents"
                self.skipped[name] = outcome.skipped
            elif leader not in self.skipped and leader not in self.led:
                outcome.failures.append(f"{name}: found no list of its documents, expected one from {leader}")
        if (key := catalogue.needs_key(name)) and not cast(Mapping[str, str], self.offers.get("keys", {})).get(key):
            outcome.skipped = self.skipped[name] = f"{name}: skipped: asked only with a paid key, set {key}"
            return
        urls = getattr(source, "urls", None)
        first = urls(**catalogue.given(urls, self.offers)) if urls else getattr(source, "URLS", ())
        if not first and not self.leads.get(name) and not outcome.skipped and not outcome.failures:
            self.led.add(name)
        for url in first:
            yield _request(name, source, url)
        for url, published_at in self.leads.get(name, ()):  # by every leader, one after the other
            yield replace(_request(name, source, url), published_at=published_at)

    def _get(self, request: Request, outcome: Outcome) -> Document | None:
        host = urlsplit(request.url).netloc
        if host in self.lost:
            if not outcome.failures:
                outcome.failures.append(f"{request.source}: {host} is not asked again in this run; {self.lost[host]}")
            return None
        try:
            fetched = self.fetcher.get(request)
        except IdentityMissing as error:
            outcome.skipped = self.skipped[request.source] = str(error)
        except Unavailable as error:
            if isinstance(error, Refused) and catalogue.may_refuse(request.source):
                told = str(error).partition(": ")[2]
                outcome.skipped = self.skipped[request.source] = f"{request.source}: skipped: refused from here; {told}"
            else:
                outcome.failures.append(_named(str(error), request.url, self.offers))
            self.lost[host] = str(error)
        except NotFound as error:
            outcome.gone.append(_named(str(error), request.url, self.offers))
        except FetchError as error:
            outcome.failures.append(_named(str(error), request.url, self.offers))
        except OSError:
            raise  # of the archive's disk: nothing more can be kept
        except Exception as error:  # noqa: BLE001  # whatever an answer makes the transport stumble over costs this document
            outcome.failures.append(stumble(request.source, request.stored_url, error))
        else:
            outcome.fetched += fetched.new
            return fetched.document
        return None

    def _after(self, source: catalogue.Source, document: Document, request: Request) -> Iterator[Request]:
        """Where a document leads: further pages of its own source, with its moment; and of another, kept for later."""
        next_urls = getattr(source, "next_urls", None)
        for url in next_urls(document) if next_urls else ():
            yield replace(_request(document.source, source, url), published_at=document.published_at)
        if leads := getattr(source, "leads", None):
            found = leads(document, self.since) if self.since else leads(document)
            self.led.add(document.source)
            for target, url, published_at in found:
                self.leads.setdefault(target, []).append((url, published_at))


def recorded(recording: Archive, name: str, outcome: Outcome, keep: Archive | None = None) -> Iterator[Document]:
    """Every recorded document of a source in the order it was fetched, in place of the network; kept in `keep` as well."""
    entries = recording.kept(name)
    if not entries:
        outcome.failures.append(f"{name}: found no recorded document in {recording.folder}, expected at least one")
    for entry in entries:
        try:
            document = recording.document(entry)
        except ArchiveError as error:
            outcome.failures.append(f"{name}: {error}")
            continue
        if keep is not None:
            keep.keep(document, etag=entry.etag, last_modified=entry.last_modified)
        yield document


def examine(name: str, document: Document, outcome: Outcome, offers: Mapping[str, object]) -> catalogue.Examined | None:
    """The readings of a document, or None and a failure told."""
    source = catalogue.load(name)
    try:
        examined = catalogue.examine(source, document, **catalogue.given(source.parse, offers))
        for reading, _ in examined.refused:
            if isnan(reading.value):  # nothing that could be kept, not even apart
                what = f"{reading.company} {reading.quantity} {reading.as_of}"
                raise ParseError(f"{name}: found {what} as NaN, expected a number")
        unread, remarks = getattr(source, "unread", None), getattr(source, "remarks", None)
        if remarks:
            told = remarks(document, **catalogue.given(remarks, offers))
            outcome.remarks += [
                _named(f"{name}: {line}", document.url, offers) + f" in {document.url}" for line in told
            ]
        outcome.failures += [_named(line, document.url, offers) for line in (unread(document) if unread else ())]
    except DelistedError as error:
        outcome.gone.append(_named(str(error), document.url, offers))
        return None
    except ParseError as error:
        outcome.failures.append(_named(str(error), document.url, offers))
        return None
    except Exception as error:  # noqa: BLE001  # whatever a document makes a reader stumble over costs this document
        outcome.failures.append(fault(name, document, error))
        return None
    outcome.documents += 1
    return examined


def fault(name: str, document: Document, error: Exception) -> str:
    """A document that a reader stumbled over, in one line: a fault of ours, and what to send with a report."""
    return f"{stumble(name, document.url, error)} with that document from the archive"


def stumble(name: str, where: str, error: Exception) -> str:
    """What nobody foresaw, in one line: a fault of ours."""
    log.debug("%s: %s", name, where, exc_info=error)
    told = " ".join(f"{type(error).__name__}: {error}".split())[:LONGEST_FAULT]
    return f"{name}: stumbled over {where} ({told}); a fault of mnav, please report it"


def _named(problem: str, url: str, offers: Mapping[str, object]) -> str:
    """What went wrong, with the company whose filing or index it was: a CIK in a URL tells nobody."""
    found, filers = _FILER.search(url), cast(Mapping[int, str], offers.get("filers", {}))
    ticker = filers.get(int(found[1])) if found else None
    source, colon, rest = problem.partition(": ")
    return f"{source}: {ticker}: {rest}" if ticker and colon else problem


def _request(name: str, source: catalogue.Source, url: str) -> Request:
    return Request(name, url, cast(Kind, catalogue.kind_of(source, url)), source.FRESH)
