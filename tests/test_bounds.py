"""What a document may say at all: days, names and lengths out of bounds are kept out with a cut text; a stumbling reader costs its document."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from scrapers import catalogue, gather
from scrapers.catalogue import Examined
from scrapers.normalise import Publisher, normalise
from treasury.intake.harvest import Harvest
from treasury.intake.identity import Identity, Listed
from treasury.intake.plausible import History
from treasury.model import Document, Reading

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PAGE = Document("toy", "https://example.org/a", b"x", NOW)


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
