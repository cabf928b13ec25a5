"""DefiLlama's treasuries: bitcoin as of its last announcement, the realized mNAV, and nothing of other coins."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from saved import documents, needs_samples, sample, saved

from scrapers import catalogue, gather
from scrapers.request import Fetched, Request, secrets_of, without_secrets
from scrapers.sources import defillama_dat
from treasury.model import Document, ParseError

SOURCE = catalogue.load("defillama_dat")


class _Nobody:
    """A fetcher that must not be asked."""

    def get(self, request: Request) -> Fetched:
        raise AssertionError(request)


NOBODY = _Nobody()


def _document(stem: str = "2026-04-13") -> Document:
    return saved(next(path for path in documents("defillama_dat") if path.stem == stem))


def _changed(change: Callable[[Any], object], stem: str = "2026-04-13") -> Document:
    answer = json.loads(_document(stem).body)
    change(answer)
    return replace(_document(stem), body=json.dumps(answer).encode())


def _announced(day: object) -> Document:
    return _changed(
        lambda told: told["institutionMetadata"]["1"]["holdings"]["bitcoin"].update(lastAnnouncementDate=day)
    )


def test_the_good_day_is_whole() -> None:
    readings = catalogue.read(SOURCE, _document("good_day"))
    assert len(readings) == 34
    assert [(one.quantity, one.value, one.as_of) for one in readings[:2]] == [
        ("btc_holdings", 450_000, date(2025, 1, 13)),
        ("mnav_published", 1.9, date(2025, 1, 15)),
    ]


def test_fewer_institutions_than_ever_were_listed_are_an_error() -> None:
    with pytest.raises(ParseError, match="defillama_dat: found 10 readings, expected at least 30"):
        catalogue.read(SOURCE, _document())


@pytest.mark.parametrize(
    ("day", "as_of"),
    [
        ("2026-04-06", date(2026, 4, 6)),
        ("2026-04-06T00:00:00.000Z", date(2026, 4, 6)),
        (1775433600, date(2026, 4, 6)),
        (1775433600000, date(2026, 4, 6)),
        (None, date(2026, 4, 13)),
    ],
)
def test_holdings_are_as_of_the_last_announcement(day: object, as_of: date) -> None:
    assert next(defillama_dat.parse(_announced(day))).as_of == as_of


@pytest.mark.parametrize(
    "day", ["", "06/04/2026", "2026-13-45", "1775433600", 999_999_999_999, True, -1e20, [2026, 4, 6]]
)
def test_another_day_is_refused(day: object) -> None:
    with pytest.raises(ParseError, match=r"^defillama_dat: \$\.institutionMetadata\.1\.holdings\.bitcoin\.lastAnnouncementDate: found .*, expected"):  # fmt: skip
        list(defillama_dat.parse(_announced(day)))


def test_the_other_definitions_of_mnav_are_not_mixed_in() -> None:
    def without_realized(told: Any) -> None:
        told["institutionMetadata"]["1"]["realized_mNAV"] = None

    found = [one for one in defillama_dat.parse(_changed(without_realized)) if one.company == "MSTR"]
    assert [one.quantity for one in found] == ["btc_holdings"]


def test_institutions_that_do_not_add_up_to_the_total_are_noticed() -> None:
    defillama_dat.check_whole(_document())
    with pytest.raises(ParseError, match=r"found 6 institutions with 811,194 BTC, expected the 846,296 of totalAmount"):
        defillama_dat.check_whole(_changed(lambda told: told["institutionMetadata"].pop("3")))
    with pytest.raises(
        ParseError, match=r"\$\.assetMetadata: found an empty object, expected an object with 'bitcoin'"
    ):
        defillama_dat.check_whole(_changed(lambda told: told["assetMetadata"].clear()))


def test_an_institution_listed_twice_is_named() -> None:
    def twice(told: Any) -> None:
        told["institutionMetadata"]["99"] = told["institutionMetadata"]["17"]
        told["assetMetadata"]["bitcoin"]["totalAmount"] += 17.5

    with pytest.raises(ParseError, match=r"found XX17 btc_holdings 2025-01-10 twice \(17\.5, 17\.5\), expected once"):
        catalogue.read(SOURCE, _changed(twice, "good_day"))


@needs_samples
def test_the_sample_of_the_layout() -> None:
    name = "defillama/institutions.shape.json"
    document = sample("defillama_dat", name, "2026-06-20T09:00:00", "https://pro-api.llama.fi/dat/institutions")
    (only,) = defillama_dat.parse(document)
    assert (only.company, only.quantity, only.value, only.as_of) == ("MSTR", "btc_holdings", 846842, date(2026, 6, 15))
    assert only.note == "Strategy; last announced 2026-06-15"
    defillama_dat.check_whole(document)


def test_it_is_asked_with_a_paid_key_only_and_a_line_says_so_otherwise() -> None:
    around = gather.Round(NOBODY, {"keys": {}})
    outcome = gather.Outcome("defillama_dat")
    assert list(around.documents("defillama_dat", outcome)) == []
    assert (outcome.word, outcome.problems) == ("skipped", [])
    assert outcome.skipped == "defillama_dat: skipped: asked only with a paid key, set DEFILLAMA_API_KEY"


def test_the_key_in_its_address_is_never_stored_or_shown() -> None:
    (url,) = defillama_dat.urls({"DEFILLAMA_API_KEY": "a/secret"})
    assert url == "https://pro-api.llama.fi/a%2Fsecret/dat/institutions"
    assert without_secrets(url) == "https://pro-api.llama.fi/dat/institutions"
    assert without_secrets(without_secrets(url)) == without_secrets(url)
    assert "a%2Fsecret" in secrets_of(url)
    assert "a/secret" in secrets_of(url)
