"""Units, currencies, scales and share bases taken for one another: what multiplies a number by a factor one can name."""

from __future__ import annotations

import math

from treasury.quantities import A_CURRENCY, QUANTITIES
from treasury.trackers.record import SAME, Case

MISTAKEN_SCALES = (  # a value so many times, or one so many-th of, what it should be
    (100.0, "hundredths taken for whole units", "whole units taken for hundredths"),
    (1e3, "multiplied by a thousand once too often", "thousands taken for units"),
    (1e6, "multiplied by a million once too often", "millions taken for units"),
    (1e8, "satoshis taken for bitcoin", "bitcoin taken for satoshis"),
)
COUNT_DRIFT = 0.02  # from one report to the next, where a factor of hundred or more is looked for
PRICE_DRIFT = 0.5  # of a share from its last close: as far as a hundredth is told from a crash (treasury.plausible)
RATE_DRIFT = 0.01  # between the rate of our day and the one a publisher took
TELLING_RATE = 0.1  # a currency so near to the dollar explains any small difference, hence none


def currency_mistaken(case: Case) -> str | None:
    unit, meant = case.claim.fact.unit, case.against.unit
    if unit != meant and _within(case.value, case.against.value, PRICE_DRIFT if _is_price(case) else SAME):
        return f"a number of {meant} taken for {unit}"
    return None


def scale(case: Case) -> str | None:
    drift = PRICE_DRIFT if _is_price(case) else COUNT_DRIFT
    for factor, times, part in MISTAKEN_SCALES:
        if "satoshis" in times and case.claim.fact.unit != "BTC":
            continue
        if _within(case.value, case.expected * factor, drift):
            return f"{factor:,.0f} times as much: {times}"
        if _within(case.value * factor, case.expected, drift):
            return f"1/{factor:,.0f} of it: {part}"
    return None


def exchange_rate(case: Case) -> str | None:
    if case.claim.fact.quantity == "usd_per_unit":
        return "the rate upside down" if _within(case.value * case.expected, 1.0, COUNT_DRIFT) else None
    if QUANTITIES[case.claim.fact.quantity].unit != A_CURRENCY:
        return None
    for currency in sorted({case.claim.fact.unit, case.against.unit, case.ground.currencies.get(case.ticker, "USD")}):
        rate = case.rate(currency)
        if rate is None or abs(math.log(rate)) < TELLING_RATE:
            continue
        for factor, words in (
            (1 / rate, f"{currency} taken for dollars"), (rate, f"dollars taken for {currency}, or converted twice"),
            (1 / rate**2, f"{currency} converted with the rate upside down"), (rate**2, "dollars converted with the rate upside down"),
        ):  # fmt: skip
            if _within(case.value, case.expected * factor, RATE_DRIFT):
                return f"{words}: {rate:.6g} USD each on {case.claim.since}"
    return None


def share_basis(case: Case) -> str | None:
    if case.claim.fact.unit != "shares":
        return None
    for split in case.ground.splits:
        if split.ticker == case.ticker and any(
            _within(case.value, case.expected * one, COUNT_DRIFT) for one in (split.ratio, 1 / split.ratio)
        ):
            return f"on the other side of the split of {split.ex_date}, {split.ratio:g} shares for one"
    return None


def _is_price(case: Case) -> bool:
    return case.claim.fact.quantity == "close"


def _within(value: float, wanted: float, drift: float) -> bool:
    return wanted != 0 and abs(value / wanted - 1) <= drift
