"""Which share counts cannot be true: steps no issue explains in their time, and first counts a thousand times too high or low."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from statistics import median

from treasury.quantities import HUNDREDFOLD

ISSUED_AT_ONCE = 1.5  # times the count before: what may be issued at once without a split
QUARTER = timedelta(days=91)
PER_QUARTER = 2.0  # times more for each quarter between two counts: three times in a quarter, as holders have grown
MOST_GROWTH = 8.0  # however long the time: ten for one is a split
SHRINKS = 0.5  # of the count before; fewer needs a reverse split
BETWEEN_FILINGS = timedelta(days=20)  # a count that a later filing repeats
TOLD_ENOUGH = 100_000.0  # shares: trackers' placeholders are below it
MOST_TIMES = 50.0  # a treasury's market cap to its bitcoin, or its bitcoin to its market cap times two
LEAST_BTC = 100.0  # fewer are not what a market cap is measured by
WORLD = 1e13  # dollars: no company is worth as much


def grew_in_bounds(had: float, value: float, between: timedelta) -> bool:
    """Whether a count can have become another in that time, without a split."""
    if not had:
        return value == had
    quarters: float = abs(between) / QUARTER
    most: float = min(ISSUED_AT_ONCE * PER_QUARTER**quarters, MOST_GROWTH)
    return SHRINKS <= value / had <= most


def why_not_beside(value: float, others: Iterable[float]) -> str | None:
    """Why a first count is not believed beside what else is told of the company's shares, all on one split basis."""
    told = [one for one in others if one >= TOLD_ENOUGH]
    if not told:
        return None
    usual = median(told)
    if 1 / HUNDREDFOLD < value / usual < HUNDREDFOLD:
        return None
    return f"{value:,.0f} shares, told beside {usual:,.0f}: thousands taken for single shares?"


def why_not_worth(value: float, price_usd: float, coins: float, btc_price: float) -> str | None:
    """Why a treasury's first count is not believed: what the market pays is no multiple of its bitcoin (USD)."""
    cap, worth = value * price_usd, coins * btc_price
    if cap > WORLD:
        return f"{value:,.0f} shares at {price_usd:,.4g} USD would be worth {cap:,.0f} USD, more than any company"
    if coins < LEAST_BTC or 1 / (2 * MOST_TIMES) <= cap / worth <= MOST_TIMES:
        return None
    return (
        f"{value:,.0f} shares at {price_usd:,.4g} USD would be {cap / worth:,.3g} times its {coins:,.10g} BTC: "
        "thousands taken for single shares?"
    )
