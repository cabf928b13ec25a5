"""Which sources there are, and what every document of theirs must hold. A new file in scrapers/sources/ is a new source."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import scrapers.sources
from treasury.bitcoin.condition import CONTEXT, check_context
from treasury.model import Document, ImplausibleError, InputError, ParseError, Reading
from treasury.quantities import QUANTITIES

USUAL_KIND = "tracker"  # of a source that does not say what its readings count as
DOCUMENT_KINDS = ("json", "csv", "zip", "html")


class Source(Protocol):
    """What a module of scrapers/sources/ promises.

    Beside it `URLS` or `urls(...)`, where to ask. `urls` and `parse` name what else they need as parameters, and get it
    by that name from `offers` of db/tables/for_scraping.py. Optional:

    - `next_urls(document)`: further pages of the same source;
    - `LEADS_TO` and `leads(document, since)`: pages of other sources, each (source, URL, the moment it was published);
    - `answer(document)`: what a document without readings is; `remarks(document)`: what to look at in it, which is no failure;
    - `unread(document)`: what of it could not be read, line by line, where the rest stands;
    - `check_whole(document)`: raises ParseError where a document shows by itself that rows are missing;
    - `kind(url)`: where not all its documents are of the same KIND;
    - `SOURCE_KIND`: what its readings count as; a tracker unless it says otherwise;
    - `DIALECT`: how it writes companies (treasury/intake/identity.py): "ours" by our tickers, "cik" as CIK 0001050446;
    - `FILED_AS`: what its filings are called, such as 8-K;
    - `DATED`: true where its rows are a history that carries its own days, each known on its day as far as anyone can say;
    - `FALLBACK_FOR`: the sources in whose place it is asked, where every one of them failed in this run;
    - `BESIDE`: the quantities it is asked for all the same where those it stands in for did not fail: what they do not print;
    - `ADDS_UP`: true where what a document says was bought must lead from the holdings stated before to those it states;
    - `ASKED_ONLY`: true where it is asked only by name;
    - `NEEDS_KEY`: the environment variable with the paid key without which it is not asked; it gets `keys` by that name;
    - `MAY_REFUSE`: true where its host serves some countries and networks only: being refused is no failure.
    """

    __name__: str
    __doc__: str | None
    AT_LEAST: int  # readings per document; fewer means that the page changed
    HOSTS: tuple[str, ...]  # the only hosts it may be fetched from
    KIND: str  # json, csv, zip or html
    FRESH: timedelta  # how long a fetched document need not be asked for again

    def parse(self, document: Document, **choices: Any) -> Iterator[Reading]: ...


@dataclass(frozen=True, slots=True)
class Examined:
    """The readings of a document that can be true, and those that cannot, each with the reason."""

    readings: list[Reading]
    refused: list[tuple[Reading, str]]


def names() -> list[str]:
    """The names of all sources: their files, nothing else."""
    return list(_names(tuple(scrapers.sources.__path__)))


@cache
def _names(folders: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(folders)))


def load(name: str) -> Source:
    """The source of that name, its promises checked."""
    if name not in _names(tuple(scrapers.sources.__path__)):
        raise InputError(f"unknown source {name!r}; the sources are {', '.join(names())}")
    return _promising(importlib.import_module(f"scrapers.sources.{name}"), name)


@cache
def _promising(module: ModuleType, name: str) -> Source:
    missing = [word for word in ("AT_LEAST", "HOSTS", "KIND", "FRESH", "parse") if not hasattr(module, word)]
    if not (hasattr(module, "URLS") or hasattr(module, "urls")):
        missing.append("URLS or urls()")
    if not (module.__doc__ or "").strip():
        missing.append("a docstring")
    if missing:
        raise InputError(f"scrapers/sources/{name}.py lacks {', '.join(missing)}")
    source = cast(Source, module)
    if source.KIND not in DOCUMENT_KINDS:
        raise InputError(
            f"scrapers/sources/{name}.py: KIND is {source.KIND!r}, expected one of {', '.join(DOCUMENT_KINDS)}"
        )
    return source


@cache
def stated(name: str) -> Mapping[str, Any]:
    """The docstring of a source and what its contract states in plain words, read without running it: a list of sources needs no parser.

    What is not a plain value but made of others is None.
    """
    spec = importlib.util.find_spec(f"scrapers.sources.{name}")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_bytes())
    told: dict[str, Any] = {"__doc__": ast.get_docstring(tree) or ""}
    for line in tree.body:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            try:
                told[line.targets[0].id] = ast.literal_eval(line.value)
            except ValueError:
                told[line.targets[0].id] = None
    return told


def source_kind(source: Source) -> str:
    """What its readings count as: filing, issuer, press, tracker or market."""
    return getattr(source, "SOURCE_KIND", USUAL_KIND)


def dialect(source: Source) -> str:
    """How it writes symbols; "" where only what every publisher means is understood."""
    return getattr(source, "DIALECT", "")


def leads_to(name: str) -> tuple[str, ...]:
    """The sources whose documents this one says where to find."""
    return getattr(load(name), "LEADS_TO", ())


def leaders(name: str) -> list[str]:
    """The sources whose documents say where to find those of this one."""
    return [one for one in names() if name in leads_to(one)]


def all_leaders(name: str) -> set[str]:
    """Its leaders, theirs, and so on: what must be asked before it is known where its documents are."""
    return {leader for one in leaders(name) for leader in {one, *all_leaders(one)}}


def fallback_for(name: str) -> tuple[str, ...]:
    """The sources this one stands in for where all of them fail; none for a source of its own."""
    return getattr(load(name), "FALLBACK_FOR", ())


def beside(name: str) -> frozenset[str]:
    """The quantities a source that stands in for others is asked for where they did not fail; none for most."""
    return getattr(load(name), "BESIDE", frozenset())


def asked_only(name: str) -> bool:
    """Whether it is asked only by name."""
    return getattr(load(name), "ASKED_ONLY", False)


def needs_key(name: str) -> str:
    """The environment variable that must hold a paid key; "" where none is needed."""
    return getattr(load(name), "NEEDS_KEY", "")


def may_refuse(name: str) -> bool:
    """Whether its host serves some countries and networks only."""
    return getattr(load(name), "MAY_REFUSE", False)


def when_asked(name: str) -> str:
    """When a run asks it, in words."""
    told = stated(name)
    if key := told.get("NEEDS_KEY"):
        return f"with a paid key in {key}"
    if told.get("ASKED_ONLY"):
        return "only by name"
    primaries = told.get("FALLBACK_FOR", ())
    if "BESIDE" in told:
        return f"always, but for what {' and '.join(primaries)} print{'s' if len(primaries) == 1 else ''}: that only if {'it fails' if len(primaries) == 1 else 'they fail'}"
    return f"if {' and '.join(primaries)} fail{'s' if len(primaries) == 1 else ''}" if primaries else "always"


def kind_of(source: Source, url: str) -> str:
    """What kind of document stands under a URL: what its source says, or JSON where an index lists pages in HTML."""
    kind: Callable[[str], str] | None = getattr(source, "kind", None)
    if kind is not None:
        return kind(url)
    return "json" if urlsplit(url).path.endswith(".json") else source.KIND


def given(function: Callable[..., Any], offers: Mapping[str, object]) -> dict[str, object]:
    """Those of the offers that a source's function names as its parameters."""
    return {name: offers[name] for name in inspect.signature(function).parameters if name in offers}


def about(source: Source) -> str:
    """The first line of its docstring: where, how many, what."""
    return (source.__doc__ or "").strip().splitlines()[0]


def read(source: Source, document: Document, **choices: object) -> list[Reading]:
    """Every reading of a document that is whole; one value that cannot be true refuses the document.

    `choices` are what a source's parse takes beside the document: the currencies of `ecb`, the closes of `coinbase`.
    """
    examined = examine(source, document, **choices)
    for reading, reason in examined.refused:
        raise ParseError(f"{document.source}: {reading.company} on {reading.as_of}: {reason}")
    return examined.readings


def examine(source: Source, document: Document, **choices: object) -> Examined:
    """Like `read`, but values that cannot be true are set aside for the quarantine, the others stand."""
    if (check_whole := getattr(source, "check_whole", None)) is not None:
        check_whole(document)
    found = list(source.parse(document, **choices))
    if len(found) < source.AT_LEAST:
        raise ParseError(
            f"{document.source}: found {len(found)} readings, expected at least {source.AT_LEAST}; {document.url}"
        )
    _refuse_duplicates(document, [one for one in found if one.doubt is None])
    return sift(found)


def only(examined: Examined, quantities: frozenset[str]) -> Examined:
    """What a document says of some quantities; of all, where none is named."""
    if not quantities:
        return examined
    return Examined(
        [reading for reading in examined.readings if reading.quantity in quantities],
        [(reading, reason) for reading, reason in examined.refused if reading.quantity in quantities],
    )


def sift(readings: Iterable[Reading]) -> Examined:
    """Readings parted by whether they can be true; for a single saved document, where no number of rows is promised."""
    examined = Examined([], [])
    for reading in readings:
        if (reason := why_implausible(reading)) is None:
            examined.readings.append(reading)
        else:
            examined.refused.append((reading, reason))
    return examined


def why_implausible(reading: Reading) -> str | None:
    """Why a reading cannot be true, by its own document or by the unit and bounds of its quantity or series; None where it can."""
    if reading.doubt is not None:
        return reading.doubt
    try:
        if reading.quantity in CONTEXT:
            check_context(reading.quantity, reading.value, reading.unit)
        elif reading.quantity in QUANTITIES:
            QUANTITIES[reading.quantity].check(reading.value, reading.unit)
        else:
            return f"{reading.quantity!r} is no quantity of treasury/quantities.py and no series of treasury/bitcoin/condition.py"
    except ImplausibleError as error:
        return str(error)
    return None


def _refuse_duplicates(document: Document, readings: list[Reading]) -> None:
    """Raise ParseError where a number is there twice; what was restated later is another reading, known later."""
    seen: dict[tuple[object, ...], float] = {}
    for reading in readings:
        key = (
            reading.company,
            reading.instrument,
            reading.quantity,
            reading.as_of,
            reading.period_start,
            reading.known_at,
        )
        if key in seen:
            what = " ".join(str(part) for part in key if part is not None)
            raise ParseError(
                f"{document.source}: found {what} twice ({seen[key]:.10g}, {reading.value:.10g}), expected once"
            )
        seen[key] = reading.value
