"""The euro reference rates crossed through the euro, and the days they may be apart, whoever republishes them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise

from treasury.model import ParseError, Reading

LONGEST_GAP = timedelta(days=7)  # 5 were seen, over Easter and Christmas


def crossed(
    source: str, day: date, rates: Mapping[str, float], currencies: Collection[str] | None
) -> Iterator[Reading]:
    """USD for one unit of the currencies wanted (None: of all), from units of each currency for one euro."""
    if (usd := rates.get("USD")) is None:
        raise ParseError(f"{source}: {day}: found no USD rate, expected one: the others are crossed through it")
    if currencies is None or "EUR" in currencies:
        yield Reading("EUR", "usd_per_unit", usd, "USD", day, instrument="ecb")
    for name, rate in rates.items():
        if name != "USD" and (currencies is None or name in currencies):
            yield Reading(name, "usd_per_unit", _quotient(source, day, name, usd, rate), "USD", day, instrument="ecb")


def check_gaps(source: str, days: Iterable[date]) -> None:
    """Raise ParseError where days, in either order, are further apart than holidays make them."""
    for earlier, later in pairwise(sorted(days)):
        if later - earlier > LONGEST_GAP:
            raise ParseError(
                f"{source}: found no day between {earlier} and {later}, expected at most {LONGEST_GAP.days} days"
            )


def _quotient(source: str, day: date, name: str, usd: float, rate: float) -> float:
    if not math.isfinite(usd / rate):
        raise ParseError(f"{source}: {day} {name}: found {rate} for one euro, expected a rate of a sane size")
    return usd / rate
