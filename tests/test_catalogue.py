"""The catalogue finds sources by their files, and holds every document against the same promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import scrapers.sources
from scrapers import catalogue
from treasury.model import Document, InputError, ParseError, Reading

DOCUMENT = Document("toy", "https://example.org/toy", b"3", datetime(2026, 1, 5, tzinfo=UTC))
ONE = Reading("ACME", "btc_holdings", 3.0, "BTC", date(2026, 1, 5))


def _source(*readings: Reading, at_least: int = 1) -> catalogue.Source:
    return cast(catalogue.Source, SimpleNamespace(AT_LEAST=at_least, parse=lambda document: iter(readings)))


def test_a_new_file_is_a_new_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "toy.py").write_text(
        '"""example.org/toy — one number, one company."""\n'
        "from datetime import timedelta\n"
        "from treasury.model import Reading\n"
        'HOSTS, URLS, KIND, FRESH, AT_LEAST = ("example.org",), ("https://example.org/toy",), "json", timedelta(hours=1), 1\n'
        "def parse(document):\n"
        '    yield Reading("ACME", "btc_holdings", float(document.body), "BTC", document.fetched_at.date())\n'
    )
    monkeypatch.setattr(scrapers.sources, "__path__", [*scrapers.sources.__path__, str(tmp_path)])
    assert "toy" in catalogue.names()
    toy = catalogue.load("toy")
    assert catalogue.about(toy) == "example.org/toy — one number, one company."
    assert catalogue.read(toy, DOCUMENT) == [ONE]


def test_a_source_that_lacks_a_promise_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bare.py").write_text("AT_LEAST = 1\n")
    monkeypatch.setattr(scrapers.sources, "__path__", [*scrapers.sources.__path__, str(tmp_path)])
    with pytest.raises(InputError, match=r"bare\.py lacks HOSTS, KIND, FRESH, parse, URLS or urls\(\), a docstring"):
        catalogue.load("bare")


def test_an_unknown_source_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"unknown source 'nobody'; the sources are .*coinbase"):
        catalogue.load("nobody")


def test_too_few_readings_are_an_error() -> None:
    with pytest.raises(ParseError, match=r"toy: found 1 readings, expected at least 2; https://example\.org/toy"):
        catalogue.read(_source(ONE, at_least=2), DOCUMENT)


@pytest.mark.parametrize("other", [3.0, 4.0])
def test_a_reading_printed_twice_is_an_error(other: float) -> None:
    twice = _source(ONE, replace(ONE, value=other))
    with pytest.raises(
        ParseError, match=f"toy: found ACME btc_holdings 2026-01-05 twice \\(3, {other:g}\\), expected once"
    ):
        catalogue.read(twice, DOCUMENT)


def test_two_periods_are_two_readings() -> None:
    periods = _source(ONE, replace(ONE, period_start=date(2026, 1, 1)))
    assert len(catalogue.read(periods, DOCUMENT)) == 2


def test_a_restatement_is_a_reading_of_its_own() -> None:
    first = replace(ONE, known_at=date(2026, 1, 6))
    restated = replace(ONE, value=4.0, known_at=date(2026, 2, 6))
    assert catalogue.read(_source(first, restated), DOCUMENT) == [first, restated]
    with pytest.raises(ParseError, match=r"found ACME btc_holdings 2026-01-05 2026-01-06 twice \(3, 4\)"):
        catalogue.read(_source(first, replace(restated, known_at=first.known_at)), DOCUMENT)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"value": 21_000_001.0}, "outside 0 to 21,000,000"),
        ({"value": float("nan")}, "outside"),
        ({"unit": "USD"}, "is in BTC, not 'USD'"),
        ({"quantity": "btc"}, "no quantity"),
        ({"doubt": "the same page says 2"}, "the same page says 2"),
    ],
)
def test_what_cannot_be_true_refuses_the_document_or_is_set_aside(changed: dict[str, Any], reason: str) -> None:
    odd = replace(ONE, company="ODD", **changed)
    with pytest.raises(ParseError, match=f"toy: ODD on 2026-01-05: .*{reason}"):
        catalogue.read(_source(ONE, odd), DOCUMENT)
    examined = catalogue.examine(_source(ONE, odd), DOCUMENT)
    assert examined.readings == [ONE]
    assert [reading for reading, _ in examined.refused] == [odd]
    assert reason in examined.refused[0][1]


@pytest.mark.parametrize(
    ("url", "as_a_page", "as_told"),
    [
        ("https://example.org/filing.htm", "html", "html"),
        ("https://example.org/index.json", "json", "html"),
        ("https://api.example.org/kpis", "html", "json"),
    ],
)
def test_a_url_leads_to_what_its_source_says_or_its_ending(url: str, as_a_page: str, as_told: str) -> None:
    page = SimpleNamespace(KIND="html")
    told = SimpleNamespace(KIND="html", kind=lambda url: "json" if "//api." in url else "html")
    assert catalogue.kind_of(cast(catalogue.Source, page), url) == as_a_page
    assert catalogue.kind_of(cast(catalogue.Source, told), url) == as_told


def test_a_doubted_reading_may_stand_beside_the_one_that_is_sure() -> None:
    doubted = replace(ONE, value=ONE.value * 1000, doubt="tagged in thousands")
    assert catalogue.examine(_source(doubted, ONE), DOCUMENT) == catalogue.Examined(
        [ONE], [(doubted, "tagged in thousands")]
    )


def test_a_document_that_shows_gaps_is_refused_before_it_is_read() -> None:
    def check_whole(document: Document) -> None:
        raise ParseError("toy: found 1 day, expected 2")

    def parse(document: Document) -> Iterator[Reading]:
        raise AssertionError("read all the same")

    source = cast(catalogue.Source, SimpleNamespace(AT_LEAST=0, parse=parse, check_whole=check_whole))
    with pytest.raises(ParseError, match="found 1 day, expected 2"):
        catalogue.read(source, DOCUMENT)


@pytest.mark.parametrize(
    ("name", "words"),
    [("ecb", "always"), ("frankfurter", "if ecb fails"), ("bitstamp", "if coinbase and kraken fail"),
     ("bitcointreasuries", "only by name"), ("strategy_dashboard", "always, but for what strategy_8k prints: that only if it fails")],
)  # fmt: skip
def test_when_a_source_is_asked_is_said_in_words(name: str, words: str) -> None:
    assert catalogue.when_asked(name) == words


@pytest.mark.parametrize("name", catalogue.names())
def test_what_is_stated_is_what_is_loaded(name: str) -> None:
    """A list of sources reads their files without running them, and says the same."""
    stated, source = catalogue.stated(name), catalogue.load(name)
    assert stated["__doc__"].splitlines()[0] == catalogue.about(source)
    assert stated.get("SOURCE_KIND", catalogue.USUAL_KIND) == catalogue.source_kind(source)
    assert (stated.get("NEEDS_KEY", ""), stated.get("ASKED_ONLY", False)) == (
        catalogue.needs_key(name),
        catalogue.asked_only(name),
    )
    assert (stated.get("FALLBACK_FOR", ()), "BESIDE" in stated) == (
        catalogue.fallback_for(name),
        bool(catalogue.beside(name)),
    )


@pytest.mark.parametrize("name", catalogue.names())
def test_who_stands_in_does_so_for_sources_that_come_before(name: str) -> None:
    primaries = catalogue.fallback_for(name)
    assert set(primaries) <= set(catalogue.names()) - {name}
    assert all(len(catalogue.fallback_for(one)) < len(primaries) for one in primaries)
