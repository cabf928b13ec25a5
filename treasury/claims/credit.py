"""What stands behind a claim: rating, floor price, risk and credit spread, and how long cash and bitcoin pay the coupons.

The formulas are Strategy's own (docs/metrics.md 1.6 and 1.7). Amounts are US dollars, rates fractions a year, times years.
No bitcoin is pledged to its preferred stock: these say how much there is, not whose it is.
"""

from __future__ import annotations

from math import log, sqrt

from treasury.unknown import Answer

DRIFT = 0.10  # μ of the published risk figures
VOLATILITY_2025, VOLATILITY_2026 = 0.45, 0.40  # σ, December 2025 and August 2026


def btc_rating(btc_nav: float | None, claims: float | None, usd_assets: float | None = 0.0) -> Answer:
    """Bitcoin NAV over the claims down to a layer; `usd_assets` come off the claims under the rating of August 2026.

    NO_CLAIMS where nothing is owed, or cash exceeds it: unlevered, not infinitely well covered.
    """
    net = _net(claims, usd_assets)
    if btc_nav is None:
        return Answer(None, "MISSING_NAV")
    if net is None:
        return Answer(None, "MISSING_CLAIMS")
    return Answer(None, "NO_CLAIMS") if net <= 0 else Answer(btc_nav / net)


def btc_floor_price(btc: float | None, claims: float | None, usd_assets: float | None = 0.0) -> Answer:
    """The bitcoin price at which the rating is 1: claims over bitcoin, the same as price ÷ rating."""
    net = _net(claims, usd_assets)
    if btc is None:
        return Answer(None, "MISSING_BTC")
    if net is None:
        return Answer(None, "MISSING_CLAIMS")
    if net <= 0:
        return Answer(None, "NO_CLAIMS")
    return Answer(None, "NAV_ZERO") if btc <= 0 else Answer(net / btc)


def loan_to_value_pct(rating: float) -> float:
    """Claims in per cent of the bitcoin: 1 / rating. What is missing to 100 is how far bitcoin can fall until they are just covered."""
    return 100 / rating


def btc_risk(rating: float, years: float, *, drift: float = DRIFT, volatility: float = VOLATILITY_2026) -> float:
    """The chance that bitcoin does not cover the claims after `years`: Φ([ln(1/R) − (μ − σ²/2)T] / (σ√T)), a fraction."""
    distance = (log(1 / rating) - (drift - volatility**2 / 2) * years) / (volatility * sqrt(years))
    from statistics import NormalDist

    return NormalDist().cdf(distance)


def btc_credit_bp(risk: float, years: float) -> float:
    """The yearly spread that pays for a risk, in basis points: −ln(1 − risk) / T."""
    return -log(1 - risk) / years * 1e4


def years_of(amount: float | None, obligations: float | None) -> Answer:
    """How many years an amount pays a year's interest and preferred dividends: USD and BTC Duration."""
    if amount is None:
        return Answer(None, "MISSING_AMOUNT")
    if obligations is None:
        return Answer(None, "MISSING_OBLIGATIONS")
    return Answer(None, "NO_OBLIGATIONS") if obligations <= 0 else Answer(amount / obligations)


def months_of_coverage(usd_reserve: float | None, obligations: float | None) -> Answer:
    """12 × USD Reserve ÷ annual obligations. Strategy prints it truncated: 21.6 is its "21 months"."""
    years = years_of(usd_reserve, obligations)
    return years if years.value is None else Answer(years.value * 12)


def btc_breakeven_arr_pct(obligations: float | None, btc_nav: float | None) -> Answer:
    """The yearly rise of bitcoin that pays the obligations, in per cent: A ÷ V."""
    if obligations is None:
        return Answer(None, "MISSING_OBLIGATIONS")
    if btc_nav is None:
        return Answer(None, "MISSING_NAV")
    if obligations <= 0:
        return Answer(None, "NO_OBLIGATIONS")
    return Answer(None, "NAV_ZERO") if btc_nav <= 0 else Answer(obligations / btc_nav * 100)


def _net(claims: float | None, usd_assets: float | None) -> float | None:
    return None if claims is None or usd_assets is None else claims - usd_assets
