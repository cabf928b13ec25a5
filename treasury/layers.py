"""The claims ahead of the common share, from the most senior down, and what bitcoin price covers each of them.

Cover of a layer is bitcoin NAV over the claims senior to and including it (Strategy's BTC Rating, METRICS 1.6), gross of
cash as published in December 2025; the net variants take cash off the claims (August 2026). Debt is one layer: principals
of single borrowings are not known of every company.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

SAME = 0.005  # preferred series that add up to the total within this share of it are itemised


@dataclass(frozen=True, slots=True)
class Terms:
    """What an instrument pays and when it can end, beside what valuing it needs. `rate_pct` is per cent a year."""

    ticker: str
    instrument: str
    kind: str
    currency: str
    issue_date: date | None
    maturity: date | None
    put_date: date | None
    call_date: date | None
    rate_pct: float | None
    seniority: int | None
    retired_on: date | None
    cumulative: bool | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its own claim, and the claims down to and including it, in US dollars."""

    name: str
    claim: float
    cumulative: float

    def floor_price(self, btc: float) -> float | None:
        """The bitcoin price below which it is uncovered; None where nothing is claimed or no bitcoin is held."""
        return self.cumulative / btc if btc > 0 and self.cumulative > 0 else None

    def floor_price_net(self, btc: float, cash: float) -> float | None:
        """The same with cash taken off the claims; None where cash exceeds them (NO_CLAIMS)."""
        return (self.cumulative - cash) / btc if btc > 0 and self.cumulative > cash else None

    def cover(self, btc: float, btc_price: float) -> float | None:
        """Bitcoin NAV over the claims down to this layer: the price over the price at which it goes uncovered."""
        floor = self.floor_price(btc)
        return None if floor is None else btc_price / floor


def layers(
    debt: float | None, preferred: float | None, series: Mapping[str, float], terms: Iterable[Terms]
) -> tuple[Layer, ...] | None:
    """Debt, then the preferred series by seniority; one layer of preferred where its series do not add up to its total.

    Amounts are US dollars; `series` holds the liquidation preference of each series. None where a total is unknown.
    """
    if debt is None or preferred is None:
        return None
    rank = {one.instrument: one.seniority for one in terms}
    named = {name: amount for name, amount in series.items() if amount > 0}
    itemised = (
        bool(named)
        and all(rank.get(name) is not None for name in named)
        and abs(sum(named.values()) - preferred) <= SAME * preferred
    )
    claims = [("debt", debt)]
    if itemised:
        claims += sorted(named.items(), key=lambda one: (rank[one[0]], one[0]))
    else:
        claims.append(("preferred", preferred))
    found: list[Layer] = []
    cumulative = 0.0
    for name, claim in claims:
        cumulative += claim
        if claim > 0:
            found.append(Layer(name, claim, cumulative))
    return tuple(found)


def annual_obligations(owed: Mapping[str, tuple[float, float | None]], debt: float, preferred: float) -> float | None:
    """Coupons and preferred dividends a year, US dollars, from principal and rate (per cent) of every claim.

    None where a rate is unknown, or where the claims known one by one do not add up to the totals within 2 %.
    """
    total = debt + preferred
    if abs(sum(amount for amount, _ in owed.values()) - total) > 0.02 * total:
        return None
    yearly = 0.0
    for amount, rate in owed.values():
        if amount and rate is None:
            return None
        yearly += amount * (rate or 0.0) / 100
    return yearly
