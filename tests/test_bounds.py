"""What a document may say at all: days, names and lengths out of bounds are kept out with a cut text; a stumbling reader costs its document."""

from __future__ import annotations

import errno
import sqlite3
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from db.reads.outside import bounded
from scrapers import catalogue, gather
from scrapers.catalogue import Examined
from scrapers.normalise import Publisher, normalise
from scrapers.request import Fetched, Request
from treasury.intake.harvest import Harvest
from treasury.intake.identity import Identity, Listed
from treasury.intake.plausible import History
from treasury.model import Document, Reading

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PAGE = Document("toy", "https://example.org/a", b"x", NOW)


class Nobody:
    def get(self, request: Request) -> Fetched:
        raise AssertionError(f"asked for {request.url}")


def harvested(*readings: Reading) -> Harvest:
    return normalise(
        Examined(list(readings), []),
        PAGE,
        Publisher("toy", "tracker", "a toy", "ours"),
        Identity([Listed("ONE", "One", "XNAS")], []),
        History(),
    )


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1969, 12, 31), date(2007, 12, 31), date(9999, 12, 31)])
@pytest.mark.parametrize(("quantity", "unit"), [("btc_holdings", "BTC"), ("close", "USD"), ("fear_greed", "index")])
def test_a_day_that_cannot_be(day: date, quantity: str, unit: str) -> None:
    harvest = harvested(Reading("ONE", quantity, 50.0, unit, day))
    assert (harvest.facts, harvest.prices, harvest.context) == ([], [], [])
    assert [one.reading.as_of for one in harvest.kept_out] == [day]


@pytest.mark.parametrize("known", [date(1, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)])
def test_a_moment_of_publication_that_cannot_be(known: date) -> None:
    harvest = harvested(Reading("ONE", "btc_holdings", 50.0, "BTC", date(2026, 11, 1), known_at=known))
    assert harvest.facts == []
    assert "before 2008-01-01" in harvest.kept_out[0].reason


@pytest.mark.parametrize("name", ["O" * 5_000_000, "ONE\x1b[31m", "O\u202eNE", "ONE\x00", "ONE\ud800"])
def test_a_name_that_nobody_has(name: str) -> None:
    (kept,) = harvested(Reading(name, "btc_holdings", 50.0, "BTC", date(2026, 11, 1))).kept_out
    assert "its name has marks that nobody prints, or is too long to be one" in kept.reason
    assert len(kept.reading.company) <= 200
    assert kept.reading.company.isprintable()
    kept.reading.company.encode()


def test_a_note_is_cut_and_its_number_stays() -> None:
    harvest = harvested(Reading("ONE", "btc_holdings", 50.0, "BTC", date(2026, 11, 1), note="\x1b" + "n" * 10_000))
    assert [len(fact.note or "") for fact in harvest.facts] == [2_000]


def test_whatever_a_reader_stumbles_over_costs_its_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(document: Document) -> Any:
        raise RecursionError("maximum\ndepth " + "x" * 1_000)

    monkeypatch.setattr(catalogue, "load", lambda name: SimpleNamespace(parse=parse, KIND="json"))
    outcome = gather.Outcome("toy")
    assert gather.examine("toy", PAGE, outcome, {}) is None
    (told,) = outcome.failures
    assert told.startswith("toy: stumbled over https://example.org/a (RecursionError: maximum depth xxx")
    assert len(told) < 400
    assert outcome.word == "failed"


def test_a_reading_that_its_reader_refused_is_bounded_too() -> None:
    reading = Reading("ONE\ud800" * 1_000, "btc_holdings", 5e9, "BTC", date(2026, 11, 1))
    examined = Examined([], [(reading, "btc_holdings of \x1b[31m" + "x" * 10_000)])
    publisher = Publisher("toy", "tracker", "a toy", "ours")
    (kept,) = normalise(examined, PAGE, publisher, Identity([], []), History()).kept_out
    assert len(kept.reading.company) <= 200
    kept.reading.company.encode()
    assert len(kept.reason) <= 2_000
    assert "\x1b" not in kept.reason


@pytest.mark.parametrize(
    "error", [RecursionError("deep"), UnicodeError("\x1b"), KeyError("x"), AttributeError("no such")]
)
def test_whatever_an_answer_makes_the_transport_stumble_over_costs_its_document(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stumbling:
        def get(self, request: Request) -> Fetched:
            if request.url.endswith("/a"):
                raise error
            return Fetched(PAGE, "fetched")

    toy = SimpleNamespace(
        URLS=["https://example.org/a", "https://example.org/b"], KIND="json", FRESH=timedelta(0), parse=None
    )
    monkeypatch.setattr(catalogue, "load", lambda name: toy)
    outcome = gather.Outcome("toy")
    assert list(gather.Round(Stumbling(), {}).documents("toy", outcome)) == [PAGE]
    (told,) = outcome.failures
    assert told.startswith(f"toy: stumbled over https://example.org/a ({type(error).__name__}")


def test_a_source_that_does_not_know_what_to_ask_for_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def urls() -> list[str]:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(
        catalogue, "load", lambda name: SimpleNamespace(urls=urls, KIND="json", FRESH=timedelta(0), parse=None)
    )
    outcome = gather.Outcome("toy")
    assert list(gather.Round(Nobody(), {}).documents("toy", outcome)) == []
    assert outcome.failures[0].startswith("toy: stumbled over what to ask for (OverflowError: date value out of range)")


def test_a_full_disk_ends_a_scrape(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def get(self, request: Request) -> Fetched:
            raise OSError(errno.ENOSPC, "No space left on device")

    toy = SimpleNamespace(URLS=["https://example.org/a"], KIND="json", FRESH=timedelta(0), parse=None)
    monkeypatch.setattr(catalogue, "load", lambda name: toy)
    with pytest.raises(OSError, match="No space left"):
        list(gather.Round(Full(), {}).documents("toy", gather.Outcome("toy")))


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
BOMBS = {
    "entities": f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY e0 "boom">{ENTITIES}]><html><body><p>&e11;</p></body></html>'.encode(),
    "nesting": b"<html><body>" + b"<div>" * 30_000 + b"x" + b"</div>" * 30_000 + b"</body></html>",
    "spans": b"<html><body><table><tr>"
    + b"<td colspan=1000000 rowspan=99999999>1</td>" * 50
    + b"</tr></table></body></html>",
}


@pytest.mark.slow
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_page_that_swells_as_it_is_read_is_no_page_anybody_knows(bomb: str) -> None:
    url = "https://www.sec.gov/Archives/edgar/data/1050446/000095017025001854/mstr-20250106.htm"
    for name in catalogue.names():
        outcome = gather.Outcome(name)
        tracemalloc.start()
        gather.examine(name, Document(name, url, BOMBS[bomb], NOW, NOW, "text/html"), outcome, {})
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert not [line for line in outcome.failures if "stumbled" in line], name
        assert most < 100_000_000, name


def test_a_page_that_is_stumbled_over_twice_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(document: Document) -> Any:
        raise KeyError("figures")

    def leads(document: Document) -> Any:
        raise TypeError("no list")

    page = SimpleNamespace(parse=parse, leads=leads, KIND="json", FRESH=timedelta(0), URLS=(PAGE.url,))
    monkeypatch.setattr(catalogue, "load", lambda name: page)
    monkeypatch.setattr(catalogue, "leaders", lambda name: ())
    monkeypatch.setattr(catalogue, "needs_key", lambda name: "")
    fetcher = SimpleNamespace(get=lambda request: SimpleNamespace(document=PAGE, new=True))
    outcome = gather.Outcome("toy")
    for document in gather.Round(fetcher, {}).documents("toy", outcome):
        gather.examine("toy", document, outcome, {})
    assert [line.partition(" (")[2].partition(":")[0] for line in outcome.failures] == ["KeyError"]


def test_a_statement_from_outside_searches_no_text_so_long_that_nothing_ends_it() -> None:
    """`instr` over two texts of a million bytes takes ten seconds in which no handler is asked."""
    connection = sqlite3.connect(":memory:")
    search = "SELECT instr(printf('%.{0}c', 'a'), printf('%.{0}c', 'a') || 'b')"
    with bounded(connection):
        assert connection.execute(search.format(90_000)).fetchone() == (0,)
        assert connection.execute(search.format(300_000)).fetchone() == (None,)  # printf makes no such text
