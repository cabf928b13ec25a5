"""Frankfurter's rates are the ECB's to the last digit; days that are missing are noticed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from saved import SAMPLES, costs_itself, documents, needs_samples, sample, saved

from scrapers import catalogue
from scrapers.sources import ecb, frankfurter
from treasury.model import Document, ParseError

SOURCE = catalogue.load("frankfurter")


def _document(name: str) -> Document:
    return saved(next(path for path in documents("frankfurter") if path.stem == name))


def _changed(name: str, change: Callable[[dict[str, Any]], object]) -> Document:
    document = _document(name)
    answer = json.loads(document.body)
    change(answer)
    return replace(document, body=json.dumps(answer).encode())


def test_one_request_for_all_days_in_euros() -> None:
    assert frankfurter.urls({"SEK", "EUR", "JPY"}, date(2020, 7, 29), date(2025, 1, 15)) == [
        "https://api.frankfurter.dev/v1/2020-07-29..2025-01-15?base=EUR&symbols=JPY,SEK,USD"
    ]
    assert frankfurter.urls(set(), date(2020, 7, 29), date(2025, 1, 15))[0].endswith("base=EUR&symbols=USD")


def test_the_same_days_read_as_they_do_from_the_ecb() -> None:
    theirs = saved(next(path for path in documents("ecb") if path.stem == "history"))
    wanted = {"EUR", "JPY", "GBP", "SEK"}
    known = {(r.company, r.as_of): r for r in ecb.parse(theirs, wanted, date(2025, 1, 1))}
    found = {(r.company, r.as_of): r for r in catalogue.read(SOURCE, _document("days_around_easter"))}
    assert found == known
    assert len(found) == 12


def test_only_the_currencies_wanted_from_the_day_wanted() -> None:
    found = list(frankfurter.parse(_document("days_around_easter"), {"EUR", "TWD"}, date(2025, 4, 22)))
    assert [(r.company, r.as_of.day) for r in found] == [("EUR", 22), ("EUR", 23)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.update(amount=2.0), "found 2.0, expected rates of one euro"),
        (lambda a: a.update(base="USD"), 'found "USD", expected EUR'),
        (lambda a: a.update(rates={}), "expected at least one day"),
    ],
)
def test_another_layout_is_refused(change: Callable[[dict[str, Any]], object], message: str) -> None:
    with pytest.raises(ParseError) as caught:
        list(frankfurter.parse(_changed("days_around_easter", change)))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda a: a["rates"].update({"23 April 2025": a["rates"].pop("2025-04-22")}),
            'found "23 April 2025", expected',
        ),
        (lambda a: a["rates"].update({"2025-4-23": a["rates"].pop("2025-04-22")}), "expected a day like 2026-01-20"),
        (lambda a: a["rates"]["2025-04-22"].pop("USD"), "2025-04-22: found no USD rate"),
        (lambda a: a["rates"]["2025-04-22"].update(USD="1.14"), 'found "1.14", expected a number'),
        (lambda a: a["rates"]["2025-04-22"].update(JPY=0), "$.rates.2025-04-22.JPY: found 0, expected a rate above"),
        (lambda a: a["rates"]["2025-04-22"].update(JPY=None), "found null, expected a number"),
        (lambda a: a["rates"]["2025-04-22"].update(JPY=1e-320), "expected a rate of a sane size"),
        (lambda a: a["rates"].update({"2025-04-22": []}), "found a list of 0, expected an object"),
    ],
)
def test_a_day_or_a_rate_that_cannot_be_read_costs_itself(
    change: Callable[[dict[str, Any]], object], message: str
) -> None:
    costs_itself(_document("days_around_easter"), _changed("days_around_easter", change), message)


def _without(first: str, last: str) -> Document:
    """The good day without the days between."""

    def drop(answer: dict[str, Any]) -> None:
        answer["rates"] = {day: rates for day, rates in answer["rates"].items() if not first <= day <= last}
        answer["start_date"], answer["end_date"] = min(answer["rates"]), max(answer["rates"])

    return _changed("good_day", drop)


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("2020-07-29", "2020-08-10", "found no day between 2020-07-29 and 2020-08-11"),
        ("2022-03-01", "2022-03-10", "found no day between 2022-02-28 and 2022-03-11"),
        ("2025-01-06", "2025-01-15", "found no day between 2025-01-03 and 2025-01-15"),
    ],
)
def test_days_missing_at_either_end_or_in_between_are_noticed(first: str, last: str, message: str) -> None:
    assert len(catalogue.read(SOURCE, _document("good_day"))) == 2294
    with pytest.raises(ParseError, match=message):
        catalogue.read(SOURCE, _without(first, last))


def test_every_third_day_is_noticed() -> None:
    def thin(answer: dict[str, Any]) -> None:
        answer["rates"] = dict(list(answer["rates"].items())[::3])
        answer["end_date"] = max(answer["rates"])

    with pytest.raises(ParseError, match=r"found 383 days, expected about 1166 from 2020-07-29 to 2025-01-15"):
        catalogue.read(SOURCE, _changed("good_day", thin))


def _end_on_easter(name: str, answer: dict[str, Any]) -> None:
    answer[name] = "2025-04-21"


def test_the_ends_the_answer_names_are_those_of_its_rates() -> None:
    for name in ("start_date", "end_date"):
        with pytest.raises(ParseError, match=rf"\$\.{name}: found .2025-04-21., expected 2025-04-"):
            catalogue.read(SOURCE, _changed("days_around_easter", partial(_end_on_easter, name)))
    later = _changed("days_around_easter", lambda a: a.update(start_date="2025-04-19"))
    with pytest.raises(ParseError, match="expected 2025-04-17, as in the rates"):
        catalogue.read(SOURCE, later)


@pytest.mark.parametrize("path", ["2025-04-19..", "..", "a..b", "2025-04-19..2025-04-20..2025-04-21"])
def test_a_range_that_is_none_is_told(path: str) -> None:
    document = replace(_document("days_around_easter"), url=f"https://api.frankfurter.dev/v1/{path}")
    with pytest.raises(ParseError, match="in the URL, expected 2024-01-01"):
        catalogue.read(SOURCE, document)


@pytest.mark.slow
@needs_samples
def test_the_good_day_is_the_captured_history_of_the_ecb() -> None:
    """Not near it: the same digits, and so the same readings."""
    with (SAMPLES / "ecb" / "eurofxref-hist.csv").open(newline="") as file:
        history = {row["Date"]: row for row in csv.DictReader(file)}
    printed = json.loads(_document("good_day").body)["rates"]
    assert len(printed) == 1147
    assert set(printed) == {day for day in history if "2020-07-29" <= day <= "2025-01-15"}
    for day, rates in printed.items():
        assert rates == {name: float(history[day][name]) for name in ("JPY", "USD")}, day
    whole = sample("ecb", "ecb/eurofxref-hist.zip", "2026-04-13T18:00:00")
    known = {(r.company, r.as_of): r.value for r in ecb.parse(whole, {"EUR", "JPY"}, date(2020, 7, 29))}
    found = {(r.company, r.as_of): r.value for r in frankfurter.parse(_document("good_day"))}
    assert found == {key: value for key, value in known.items() if key[1] <= date(2025, 1, 15)}


@pytest.mark.slow
@needs_samples
def test_all_the_captured_history_in_their_form_reads_as_the_ecb_does() -> None:
    with (SAMPLES / "ecb" / "eurofxref-hist.csv").open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["Date"])
    rates = {
        row["Date"]: {name: float(cell) for name, cell in row.items() if len(name) == 3 and cell != "N/A"}
        for row in rows
    }
    answer = {"amount": 1.0, "base": "EUR", "start_date": min(rates), "end_date": max(rates), "rates": rates}
    url = "https://api.frankfurter.dev/v1/1999-01-01..2026-04-13?base=EUR"
    document = Document("frankfurter", url, json.dumps(answer).encode(), datetime(2026, 4, 13, 18, tzinfo=UTC))
    known = ecb.parse(sample("ecb", "ecb/eurofxref-hist.zip", "2026-04-13T18:00:00"))
    found = catalogue.read(SOURCE, document)
    assert {(r.company, r.as_of): r.value for r in found} == {(r.company, r.as_of): r.value for r in known}
    assert len({r.as_of for r in found}) == 6983
