"""What a careful reader would question: findings, and the thresholds from which something is questioned."""

from __future__ import annotations

from dataclasses import dataclass

from treasury.quantities import HUNDREDFOLD

# a finding is an "error" (cannot be right), a "warning" (may mislead) or a "note" (good to know, no finding for --strict)
SEVERITIES = ("error", "warning", "note")

COST_TOLERANCE = 1.10  # average cost may exceed the highest close: fees, intraday prices
LOWEST_COST_SHARE = 0.01  # of the highest bitcoin price so far: mined or early coins cost little, but not nothing
LEAST_BTC_WITH_COST = 20  # of fewer coins an average cost is a rounding
LEAST_BTC_TO_STEP = 100
SHARE_JUMP = 1.5
PRICE_MOVE = 2.5
PLAUSIBLE_MULTIPLES = (0.3, 5.0)  # outside it a treasury's multiple is right only for a reason one can name
OLD_DAYS = (
    120  # an input older than this is marked old; it is used until it is STALE_DAYS old (treasury/known/resolve.py)
)
LEAST_COPIED_CLOSES, COPIED_SHARE = (
    5,
    0.05,
)  # equal closes of two companies: so many, and more than this part of their common days
MOVED = 0.01  # of a multiple: a day on which hindsight changes it by more is counted


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: what was checked, of whom, when, and what is odd about it with the remedy."""

    severity: str
    check: str
    ticker: str | None
    date: str | None
    message: str


def average_cost(cost_usd: float, btc: float, highest: float) -> str | None:
    """Why an average cost per bitcoin cannot be right, given the highest bitcoin price up to its day; None where it can."""
    average = cost_usd / btc
    if average > highest * COST_TOLERANCE:
        return f"average cost ${average:,.0f} per bitcoin lies above the highest price so far, ${highest:,.0f}: wrong unit or scale?"
    if average < highest * LOWEST_COST_SHARE:
        return (
            f"average cost ${average:,.2f} per bitcoin is under 1 % of the highest price so far: wrong unit or scale?"
        )
    return None


def jump(quantity: str, old: float, new: float) -> str | None:
    """Why a step from one value to the next is questionable; None where it is not."""
    if old <= 0 or new <= 0:
        return None
    factor = max(new / old, old / new)
    if quantity == "btc_holdings" and factor >= HUNDREDFOLD and max(old, new) >= LEAST_BTC_TO_STEP:
        return f"holdings step by a factor of {factor:,.0f}, from {old:,.10g} to {new:,.10g} BTC"
    if quantity == "shares_basic" and factor > SHARE_JUMP:
        return f"share count steps by a factor of {factor:.2f}, from {old:,.0f} to {new:,.0f}, with no split that day"
    return None


def multiple(name: str, value: float) -> str | None:
    """Why a treasury company's multiple is questionable; None where it is not."""
    low, high = PLAUSIBLE_MULTIPLES
    return None if low <= value <= high else f"{name} {value:.3g}x lies outside {low:g} to {high:g}"
