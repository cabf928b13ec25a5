"""The euro reference rates crossed through the euro, and the days they may be apart, whoever republishes them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from scrapers.prices.bars import Odd, check_few, unreadable
from treasury.model import ParseError, Reading

Day = tuple[date, Mapping[str, float]]  # units of each currency for one euro

LONGEST_GAP = timedelta(days=7)  # 5 were seen, over Easter and Christmas


def crossed(source: str, days: Sequence[Day], currencies: Collection[str] | None, since: date) -> Iterator[Reading]:
    """USD for one unit of the currencies wanted (None: of all) from a day on, from units of each currency for one euro.

    Raises ParseError where most days have no dollars: the others are crossed through them.
    """
    check_few(source, [_no_dollars(day) for day, rates in days if "USD" not in rates], len(days))
    for day, rates in days:
        usd = rates.get("USD")
        if usd is None or day < since:
            continue
        for name, rate in {"EUR": 1.0, **rates}.items():
            if name != "USD" and (currencies is None or name in currencies) and math.isfinite(usd / rate):
                yield Reading(name, "usd_per_unit", usd / rate, "USD", day, instrument="ecb")


def unread(days: Sequence[Day], odd: Sequence[Odd[date]]) -> list[str]:
    """What to tell of lines, days and rates that are not used."""
    lacking = [_no_dollars(day) for day, rates in days if "USD" not in rates]
    tiny = [
        Odd[date](day, None, f"{day} {name}: found {rate} for one euro, expected a rate of a sane size")
        for day, rates in days
        for name, rate in rates.items()
        if not math.isfinite(rates.get("USD", 1.0) / rate)
    ]
    return unreadable([*odd, *lacking, *tiny])


def _no_dollars(day: date) -> Odd[date]:
    return Odd(day, None, f"{day}: found no USD rate, expected one: the others are crossed through it")


def check_gaps(source: str, days: Iterable[date]) -> None:
    """Raise ParseError where days, in either order, are further apart than holidays make them."""
    for earlier, later in pairwise(sorted(days)):
        if later - earlier > LONGEST_GAP:
            raise ParseError(
                f"{source}: found no day between {earlier} and {later}, expected at most {LONGEST_GAP.days} days"
            )
