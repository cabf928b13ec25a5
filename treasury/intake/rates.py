"""Which exchange rates cannot be true: upside down, or far from those before; also in the first file, and after a long silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from math import log, sqrt

FRESH_RATE = timedelta(days=30)  # a rate older than this may have drifted
NEAR_PARITY = (
    0.06  # a rate this near to one is nearly its own inverse; the euro rose from 0.9954 to 1.0308 on 2022-11-11
)
RATE_JUMP = 2.5
YEAR = timedelta(days=365)
MARGIN = 1.5  # beyond what a currency has ever been worth

# US dollars for one unit, lowest and highest of the ECB's reference rates from 1999 to 2026 (crossed through the euro); the
# Gulf's by their pegs
EVER: Mapping[str, tuple[float, float]] = {
    "AED": (0.272, 0.273), "AUD": (0.48, 1.11), "BGN": (0.42, 0.82), "BHD": (2.65, 2.66), "BRL": (0.155, 0.65), "CAD": (0.61, 1.1),
    "CHF": (0.54, 1.4), "CNY": (0.12, 0.167), "CZK": (0.024, 0.07), "DKK": (0.11, 0.215), "EUR": (0.82, 1.6), "GBP": (1.05, 2.11),
    "HKD": (0.127, 0.13), "HUF": (0.0022, 0.0068), "IDR": (0.000055, 0.00015), "ILS": (0.2, 0.34), "INR": (0.0103, 0.026),
    "ISK": (0.0066, 0.0168), "JPY": (0.006, 0.0133), "KRW": (0.00062, 0.00111), "MXN": (0.039, 0.112), "MYR": (0.2, 0.34),
    "NOK": (0.085, 0.203), "NZD": (0.39, 0.89), "PHP": (0.0165, 0.0265), "PLN": (0.2, 0.5), "RON": (0.2, 0.46), "SEK": (0.085, 0.17),
    "SGD": (0.53, 0.84), "THB": (0.0218, 0.0353), "TRY": (0.015, 0.89), "TWD": (0.028, 0.037), "ZAR": (0.05, 0.182),
}  # fmt: skip


def why_not(currency: str, day: date, rate: float, before: tuple[date, float] | None) -> str | None:
    """Why this is no rate of that day after the last one believed: upside down, or far from it, the farther the older that is."""
    if before is None or rate <= 0:
        return None
    age = max(day - before[0], FRESH_RATE)
    told, had = log(rate), log(before[1])
    move, inverted = abs(told - had), abs(told + had)
    if move > NEAR_PARITY * sqrt(age / FRESH_RATE) and inverted < move:
        return f"{rate:,.10g} USD for one {currency} after {before[1]:,.10g} on {before[0]}: upside down?"
    if move > log(RATE_JUMP) * max(1.0, sqrt(age / YEAR)):
        return f"{rate:,.10g} USD for one {currency} after {before[1]:,.10g} on {before[0]}"
    return None


def why_not_first(currency: str, rate: float) -> str | None:
    """Why a rate before which none is known is none of that currency: far from all it was ever worth."""
    low, high = EVER.get(currency, (0.0, float("inf")))
    if low / MARGIN <= rate <= high * MARGIN:
        return None
    upside_down = "; upside down?" if low / MARGIN <= 1 / rate <= high * MARGIN else ""
    return f"{rate:,.10g} USD for one {currency}, which was worth between {low:g} and {high:g} so far{upside_down}"


def days_upside_down(doubts: Iterable[tuple[date, str]]) -> set[date]:
    """The days on which a rate of one answer stands upside down: the others of those days may too, where nothing fresh tells."""
    return {day for day, reason in doubts if "upside down" in reason}
