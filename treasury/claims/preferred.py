"""One series of preferred stock at its market price: discount, yields, spread, and the amount it is worth there.

Prices, stated amounts and calls are per share in the series' own currency, rates and yields in per cent a year.
"""

from __future__ import annotations

from datetime import date

# a close of a series older than this is no price of the day: as for bitcoin and exchange rates (docs/architecture.md, rule 8)
PRICE_AGE_DAYS = 4
# codes of the column `reason`; the second is followed by the names, AT_PREFERENCE:stre
UNPRICED, AT_PREFERENCE = "PREFERRED_UNPRICED", "AT_PREFERENCE"
OTHER_SERIES = "other"  # what a total holds besides the series whose amount somebody stated


def discount_to_par_pct(close: float, par: float) -> float:
    """How far below its stated amount a share trades, in per cent of it; negative above it."""
    return (1 - close / par) * 100


def effective_yield_pct(rate_pct: float, close: float, par: float) -> float:
    """The dividends of a year over the price: rate × stated amount ÷ close, as Strategy prints it (rate × 100 ÷ close)."""
    return rate_pct * par / close


def yield_to_call_pct(rate_pct: float, close: float, par: float, call_price: float, years: float) -> float | None:
    """The yearly return of buying at `close`, taking the dividends as they come (monthly on average, so simple interest within a
    period does not matter to the second digit) and being called at `call_price` after `years`; None where the call is not ahead.

    Solved by bisection on close = Σ dividends ÷ (1 + y)^t + call price ÷ (1 + y)^years, dividends at each twelfth of a year.
    """
    if years <= 0:
        return None
    payments = max(1, round(years * 12))
    dividend = rate_pct / 100 * par * years / payments

    def worth(rate: float) -> float:
        steps = float((1 + rate) ** (-years / payments))
        return sum(dividend * steps**number for number in range(1, payments + 1)) + call_price * steps**payments

    low, high = -0.99, 10.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if worth(middle) > close else (low, middle)
    return (low + high) / 2 * 100


def at_market(notional: float | None, close: float | None, par: float | None) -> float | None:
    """What all shares of a series cost at the close, in the money of `notional`: notional × close ÷ stated amount; None where unknown."""
    if notional is None or close is None or par is None or par <= 0:
        return None
    return notional * close / par


def years_between(day: date, later: date) -> float:
    return (later - day).days / 365.25
