"""SvelteKit's page data unpacked: one array in which every value stands once, and members are the indices of their values.

The format is what devalue writes (github.com/sveltejs/devalue, src/parse.js; in SvelteKit since 1.0 of 2022-12). Place 0 is
the object a page's load function returned. The members of an object or a list are places in the same array; what JSON cannot
write has a negative one: −1 undefined, −2 a hole in a list, −3 NaN, −4 and −5 the infinities, −6 minus zero; −7, which begins
a list that is mostly holes, is refused. A list that begins with a text is a tagged value: its members are places in ["Map", key, value, …], ["Set", …] and ["null", "key", value, …], which is
an object; literal in ["Date", "2025-08-04T00:00:00.000Z"] and JavaScript's other own types; and a page's own type, such as
["BigDecimal", 7], names the place of its text, or holds the text itself (seen in hand-made answers only).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from scrapers.formats.strict_json import Json

_SPECIAL = {-1: None, -2: None, -3: math.nan, -4: math.inf, -5: -math.inf, -6: 0.0}  # unknown both; none is a number
_LITERAL = frozenset({"Date", "RegExp", "BigInt", "Object", "URL", "URLSearchParams"})


def unpacked(flat: Json, member: str) -> Json:
    """A member of the page's object with everything in it; what only other members refer to is not looked at.

    A tagged value becomes an object with its tag as the only member: {"Date": text}, {"BigDecimal": text}, {"Set": list},
    {"Map": list of [key, value]}. Undefined is null. Raises ParseError where a place is outside the array or inside itself.
    """
    try:
        value = _Unpacking(flat).at(flat[0][member])
    except RecursionError:
        raise flat.wrong("values nested to a sane depth") from None
    return Json(flat.source, f"{flat.path}:{member}", value)


@dataclass(slots=True)
class _Unpacking:
    """One array, the places already unpacked and those begun; a place begun and not done lies inside itself."""

    flat: Json
    done: dict[int, Any] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)

    def at(self, place: Json) -> Any:
        index = place.value
        if isinstance(index, bool) or not isinstance(index, int):
            raise place.wrong("the index of a value")
        if index in _SPECIAL:
            return _SPECIAL[index]
        if index not in self.done:
            if not 0 <= index < len(self.flat.value):
                raise place.wrong(f"an index below {len(self.flat.value)}")
            if index in self.begun:
                raise place.wrong("a value that does not contain itself")
            self.begun.add(index)
            self.done[index] = self._value(self.flat[index])
        return self.done[index]

    def _value(self, slot: Json) -> Any:
        if isinstance(slot.value, dict):
            return {key: self.at(place) for key, place in slot.items()}
        if not isinstance(slot.value, list):
            return slot.value
        if slot.value and isinstance(slot.value[0], str):
            return self._tagged(slot, slot.value[0], slot.rows()[1:])
        return [self.at(place) for place in slot.rows()]

    def _tagged(self, slot: Json, tag: str, places: list[Json]) -> Any:
        if tag == "Set":
            return {tag: [self.at(place) for place in places]}
        if tag in ("Map", "null"):
            if len(places) % 2:
                raise slot.wrong(f"keys and values in pairs after {tag!r}")
            pairs = list(zip(places[::2], places[1::2], strict=True))
            if tag == "null":
                return {key.text(): self.at(value) for key, value in pairs}
            return {tag: [[self.at(key), self.at(value)] for key, value in pairs]}
        if not places:
            raise slot.wrong(f"a value after {tag!r}")
        told = [one.value if tag in _LITERAL or isinstance(one.value, str) else self.at(one) for one in places]
        return {tag: told[0] if len(told) == 1 else told}
