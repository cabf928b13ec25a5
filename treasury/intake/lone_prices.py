"""Which prices of bitcoin in one answer stand alone: far from those beside them, before and after."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import log

LONE_STEP = log(1.5)  # bitcoin closed a day 39 % lower in March 2020, and the next closes were there too
NEIGHBOURS = 2  # prices on either side that are asked
NEIGHBOURHOOD = timedelta(days=5)  # a price this far off says nothing about another


def lone_prices(told: Iterable[tuple[datetime, float]]) -> dict[datetime, str]:
    """Why prices of one answer (moment and dollars, in any order, each moment once) are in doubt, by moment.

    One is where it is far from all but one of those beside it, of which there must be two.
    """
    prices = sorted((moment, price) for moment, price in told if price > 0)
    found = {}
    for at, (moment, price) in enumerate(prices):
        beside = [*prices[max(0, at - NEIGHBOURS) : at], *prices[at + 1 : at + 1 + NEIGHBOURS]]
        near = [other for when, other in beside if abs(when - moment) <= NEIGHBOURHOOD]
        far = max(sum(sign * (log(price) - log(other)) > LONE_STEP for other in near) for sign in (1, -1))
        if len(near) >= NEIGHBOURS and far >= max(NEIGHBOURS, len(near) - 1):
            others = " and ".join(f"{other:,.10g}" for other in (near[0], near[-1]))
            found[moment] = f"bitcoin at {price:,.10g} between {others}: alone there"
    return found
