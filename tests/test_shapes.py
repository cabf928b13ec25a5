"""Strict JSON: what is not the known answer says where it stands, what was found and what was expected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from scrapers.formats.strict_json import Json, load
from treasury.model import Document, ParseError


def _load(text: str) -> Json:
    return load(Document("toy", "", text.encode("utf-8", "surrogatepass"), datetime(2026, 1, 5, tzinfo=UTC)))


def test_values_are_reached_by_their_path() -> None:
    answer = _load('{"a": [{"b": 1.5, "c": " x ", "d": null, "t": 1767571200, "on": "2026-01-05"}]}')
    row = answer["a"][0]
    assert row["b"].number() == 1.5
    assert row["c"].text() == "x"
    assert row.get("d") is None
    assert row.get("e") is None
    assert row["t"].moment() == datetime(2026, 1, 5, tzinfo=UTC)
    assert row["on"].day() == date(2026, 1, 5)
    assert [key for key, _ in row.items()] == ["b", "c", "d", "t", "on"]


@pytest.mark.parametrize(
    ("text", "reach", "message"),
    [
        ('{"a": {"b": 1}}', lambda j: j["a"]["c"], "toy: $.a: found an object with b, expected an object with 'c'"),
        ('{"a": [1]}', lambda j: j["a"][1], "toy: $.a: found a list of 1, expected a list of more than 1"),
        ('{"a": "5"}', lambda j: j["a"].number(), 'toy: $.a: found "5", expected a number'),
        ('{"a": true}', lambda j: j["a"].number(), "toy: $.a: found true, expected a number"),
        ('{"a": 1e999}', lambda j: j["a"].number(), "expected a finite number"),
        ('{"a": 1' + "0" * 400 + "}", lambda j: j["a"].number(), "expected a number of a sane size"),
        ('{"a": 5}', lambda j: j["a"].text(), "toy: $.a: found 5, expected a text"),
        ('{"a": 1767571200000}', lambda j: j["a"].moment(), "not milliseconds"),
        ('{"a": "2026-2-30"}', lambda j: j["a"].day(), 'toy: $.a: found "2026-2-30", expected a day like 2026-01-20'),
        ('{"a": "2026-02-30"}', lambda j: j["a"].day(), "expected a day like 2026-01-20"),
        ('{"a": "Europe/Atlantis"}', lambda j: j["a"].zone(), "expected a name of the time-zone database"),
        ('{"a": "../etc"}', lambda j: j["a"].zone(), "expected a name of the time-zone database"),
        ('{"a": "Europe"}', lambda j: j["a"].zone(), "expected a name of the time-zone database"),
        ('{"message": "NotFound"}', lambda j: j.rows(), 'toy: $: found {"message": "NotFound"}, expected a list'),
    ],
)
def test_a_surprise_says_place_found_and_expected(text: str, reach: Callable[[Json], object], message: str) -> None:
    with pytest.raises(ParseError) as caught:
        reach(_load(text))
    assert message in str(caught.value)


def test_half_a_character_costs_no_more_than_its_word() -> None:
    assert _load('{"a": " Half \\ud800 Inc "}')["a"].text() == "Half \ufffd Inc"
    assert _load('{"a": "\\ud83d\\ude00"}')["a"].text() == "😀"


def test_a_byte_order_mark_is_no_part_of_the_answer() -> None:
    assert _load('\ufeff{"a": 1}')["a"].number() == 1


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_what_json_has_no_number_for_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match=r"is no number in JSON.*expected JSON"):
        _load(text)


def test_nan_is_null_only_where_it_is_asked_for_and_infinity_never() -> None:
    document = Document("toy", "", b'{"a": NaN, "b": 1}', datetime(2026, 1, 5, tzinfo=UTC))
    assert load(document, nan_is_null=True).get("a") is None
    for body, asked in ((document.body, False), (b"[Infinity]", True), (b"[-Infinity]", True)):
        odd = Document("toy", "", body, document.fetched_at)
        with pytest.raises(ParseError, match="is no number in JSON"):
            load(odd, nan_is_null=asked)
