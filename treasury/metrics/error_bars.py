"""Error bars from age: how far mnav_ev would be if what is known had gone on at its recent rate since the day it describes.

For the shares, the holdings and the claims: age × recent rate, where the rate is the growth a day between what was known a year
before the day the current value describes (or the first value known) and now; only what was known then is used. A growing
share count or growing claims would lift the multiple, growing holdings lower it. The effects are added, each to its side;
a company without news for long gets a wide bar, one that reported today none. No rate (less than 30 days between the two
values, or no earlier one) is no bar.

The view computes the same from the stored states (db/derived/error_bars.py); a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

RATE_OVER_DAYS = 365  # how far back the earlier value lies
LEAST_DAYS = 30  # a rate over less says nothing
DOUBTS = ("shares", "holdings", "claims")  # the first of equals is named


@dataclass(frozen=True, slots=True)
class Aged:
    """A value with the day it describes, and an earlier one. Shares are on one split basis, claims are dollars."""

    now: float
    as_of: date
    then: float | None = None
    then_as_of: date | None = None

    def growth(self) -> float | None:
        """Change a day, in the value's unit; None where there is no earlier value at least 30 days before."""
        if self.then is None or self.then_as_of is None:
            return None
        days = (self.as_of - self.then_as_of).days
        return (self.now - self.then) / days if days >= LEAST_DAYS else None

    def drift(self, day: date) -> float | None:
        """What it would have grown by from the day it describes to `day` at that rate."""
        growth = self.growth()
        return None if growth is None else growth * (day - self.as_of).days


@dataclass(frozen=True, slots=True)
class ErrorBar:
    """mnav_ev if the recent rates went on: lowest and highest; `effects` by name; `doubt` the largest, None where all are 0."""

    low: float
    high: float
    doubt: str | None
    effects: Mapping[str, float]


def error_bar(
    day: date, market_cap: float, net_claims: float, btc_nav: float, shares: Aged, btc: Aged, claims: Aged
) -> ErrorBar | None:
    """The bar of one close; None where a rate is unknown, the NAV is not above 0, or the holdings would have gone to nothing."""
    more_shares, more_btc, more_claims = shares.drift(day), btc.drift(day), claims.drift(day)
    if more_shares is None or more_btc is None or more_claims is None or btc_nav <= 0 or btc.now + more_btc <= 0:
        return None
    multiple = (market_cap + net_claims) / btc_nav
    effects = {
        "shares": market_cap * more_shares / shares.now / btc_nav,
        "holdings": multiple * (btc.now / (btc.now + more_btc) - 1),
        "claims": more_claims / btc_nav,
    }
    low = multiple + sum(min(effect, 0.0) for effect in effects.values())
    high = multiple + sum(max(effect, 0.0) for effect in effects.values())
    largest = max(DOUBTS, key=lambda name: abs(effects[name]))
    return ErrorBar(low, high, largest if effects[largest] else None, effects)
