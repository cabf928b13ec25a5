"""SvelteKit's flattened data: every kind of value, shared ones once, and what cannot be refused by its place."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.formats.devalue import unpacked
from scrapers.formats.strict_json import Json
from treasury.model import ParseError


def _unpacked(*rest: Any, root: Any = None) -> Any:
    """The member "found" of a page's object, its value in place 1."""
    return unpacked(Json("page", "$.data", [root or {"found": 1}, *rest]), "found").value


def test_members_are_the_places_of_their_values() -> None:
    assert _unpacked([2, 5], {"name": 3, "btc": 4}, "Strategy", 843775, {"name": 6, "btc": 7}, "MARA", 35303.5) == [
        {"name": "Strategy", "btc": 843775},
        {"name": "MARA", "btc": 35303.5},
    ]


def test_a_value_two_members_share_is_unpacked_once() -> None:
    one, other = _unpacked([2, 2], {"country": 3}, "US")
    assert one is other


def test_what_json_cannot_write_has_a_negative_place() -> None:
    undefined, hole, nan, infinite, minus, zero = _unpacked([-1, -2, -3, -4, -5, -6])
    assert (undefined, hole, infinite, minus) == (None, None, math.inf, -math.inf)
    assert math.isnan(nan)
    assert math.copysign(1, zero) == 1


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ([["Date", "2025-08-04T00:00:00.000Z"]], {"Date": "2025-08-04T00:00:00.000Z"}),
        ([["BigDecimal", 2], "63870055699"], {"BigDecimal": "63870055699"}),
        ([["BigDecimal", "63870055699"]], {"BigDecimal": "63870055699"}),
        ([["BigInt", "21000000"]], {"BigInt": "21000000"}),
        ([["Object", 42]], {"Object": 42}),
        ([["RegExp", "a+", "g"]], {"RegExp": ["a+", "g"]}),
        ([["Set", 2, 3], "a", "b"], {"Set": ["a", "b"]}),
        ([["Set"]], {"Set": []}),
        ([["Map", 2, 3, 4, 5], "ETH", 1.5, "SOL", ["BigDecimal", 6], "2.5"], {"Map": [["ETH", 1.5], ["SOL", {"BigDecimal": "2.5"}]]}),
        ([["null", "btc", 2], 7], {"btc": 7}),
        ([[]], []),
        ([{}], {}),
        ([None], None),
    ],
)  # fmt: skip
def test_tagged_values_become_an_object_of_their_tag(rest: list[Any], expected: Any) -> None:
    assert _unpacked(*rest) == expected


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ([[2]], r"page: \$\.data\[1\]\[0\]: found 2, expected an index below 2"),
        ([[-8]], r"\$\.data\[1\]\[0\]: found -8, expected an index below 2"),
        ([[-7, 3]], r"\$\.data\[1\]\[0\]: found -7, expected an index below 2"),
        ([[1]], r"\$\.data\[1\]\[0\]: found 1, expected a value that does not contain itself"),
        ([{"a": 2}, {"b": 3}, [1]], r"\$\.data\[3\]\[0\]: found 1, expected a value that does not contain itself"),
        ([{"btc": 2.0}, 3], r"\$\.data\[1\]\.btc: found 2\.0, expected the index of a value"),
        ([{"btc": True}, 3], r"\$\.data\[1\]\.btc: found true, expected the index of a value"),
        ([{"btc": None}, 3], r"\$\.data\[1\]\.btc: found null, expected the index of a value"),
        ([{"btc": "3"}, 3], r"\$\.data\[1\]\.btc: found \"3\", expected the index of a value"),
        ([["Map", 2], "a"], r"\$\.data\[1\]: found a list of 2, expected keys and values in pairs after 'Map'"),
        ([["null", 2, 2], "a"], r"\$\.data\[1\]\[1\]: found 2, expected a text"),
        ([["BigDecimal"]], r"\$\.data\[1\]: found a list of 1, expected a value after 'BigDecimal'"),
        ([["BigDecimal", 2]], r"\$\.data\[1\]\[1\]: found 2, expected an index below 2"),
    ],
)
def test_what_cannot_be_is_refused_by_its_place(rest: list[Any], message: str) -> None:
    with pytest.raises(ParseError, match=message):
        _unpacked(*rest)


def test_the_page_itself_must_have_the_member() -> None:
    for root in ({"other": 1}, [1], 7):
        with pytest.raises(ParseError, match=r"page: \$\.data\[0\]: found .*, expected an object with 'found'"):
            _unpacked(1, root=root)
    with pytest.raises(ParseError, match=r"\$\.data: found an empty object, expected a list of more than 0"):
        unpacked(Json("page", "$.data", {}), "found")


@pytest.mark.slow
def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(ParseError, match="expected values nested to a sane depth"):
        _unpacked(*([n] for n in range(2, 100_000)), 1)


def test_what_other_members_refer_to_is_not_looked_at() -> None:
    assert _unpacked(7, [99], root={"found": 1, "other": 2}) == 7


places = st.integers(-9, 12) | st.booleans() | st.none() | st.text(max_size=3)
slots = st.lists(places | st.sampled_from(["Map", "Set", "null"]), max_size=4) | st.dictionaries(st.text(max_size=2), places, max_size=3) | places  # fmt: skip


@pytest.mark.slow
@given(st.lists(slots, max_size=10))
def test_whatever_the_array_holds_it_is_unpacked_or_refused(rest: list[Any]) -> None:
    with suppress(ParseError):
        _unpacked(*rest)
