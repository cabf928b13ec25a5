"""What publishers show besides multiples of bitcoin: ratings, floor prices, risk, coverage, and what is made over time."""

from __future__ import annotations

from functools import partial

from treasury.claims.capital_stack import Layer
from treasury.claims.credit import (
    btc_breakeven_arr_pct,
    btc_credit_bp,
    btc_floor_price,
    btc_rating,
    btc_risk,
    months_of_coverage,
    years_of,
)
from treasury.instruments import DEBT_KINDS
from treasury.metrics.btc_yield import is_tiny_base, months_to_cover, p_byd
from treasury.publishers.definition import Compute, Subject, of_metric
from treasury.unknown import Answer, unless_missing

# -- over the stack ------------------------------------------------------------------------------------------------


def rating(subject: Subject, *, net_cash: bool) -> Answer:
    cash = subject.get("cash") if net_cash else 0.0
    return btc_rating(subject.get("btc_nav"), subject.stack.claims, cash)


def floor_price(subject: Subject) -> Answer:
    return btc_floor_price(subject.get("btc"), subject.stack.claims)


def _last_dated_debt(subject: Subject) -> Layer | None:
    dated = [one for one in subject.stack.layers if one.kind in DEBT_KINDS and one.years and one.cover.value]
    return dated[-1] if dated else None


def risk(subject: Subject, *, volatility: float, credit: bool = False) -> Answer:
    """Of the most junior debt with a day on which it falls due; of preferred stock the duration is not known."""
    layer = _last_dated_debt(subject)
    if layer is None or layer.years is None or layer.cover.value is None:
        return Answer(None, "NO_DATED_DEBT")
    chance = btc_risk(layer.cover.value, layer.years, volatility=volatility)
    return Answer(btc_credit_bp(chance, layer.years) if credit else chance * 100, note=f"of {layer.instrument}")


def _noted(answer: Answer, subject: Subject) -> Answer:
    return answer._replace(note=subject.stack.annual_obligations.note)


def coverage(subject: Subject) -> Answer:
    if subject.stack.usd_reserve is None:
        return Answer(None, "MISSING_USD_RESERVE")
    return _noted(months_of_coverage(subject.stack.usd_reserve, subject.stack.annual_obligations.value), subject)


def usd_duration(subject: Subject) -> Answer:
    return _noted(years_of(subject.get("cash"), subject.stack.annual_obligations.value), subject)


def btc_duration(subject: Subject) -> Answer:
    return _noted(years_of(subject.get("btc_nav"), subject.stack.annual_obligations.value), subject)


def breakeven(subject: Subject) -> Answer:
    return _noted(btc_breakeven_arr_pct(subject.stack.annual_obligations.value, subject.get("btc_nav")), subject)


def accretion_premium(subject: Subject) -> Answer:
    """The issuer clips it at nought; `implied_premium_pct` does not."""
    multiple = of_metric("mnav_market_cap")(subject)
    return multiple if multiple.value is None else Answer(max(0.0, (multiple.value - 1) * 100))


# -- over time -----------------------------------------------------------------------------------------------------


def in_yen(subject: Subject) -> Answer:
    gain, price, fx = subject.get("btc_gain_ytd"), subject.get("btc_price"), subject.get("fx")
    if gain is None or price is None or fx is None:
        return Answer(None, "NO_BASE" if gain is None else "MISSING_PRICE")
    return Answer(gain * price / fx)


def cover_time(subject: Subject, *, years: bool) -> Answer:
    multiple, growth = of_metric("mnav_ev")(subject), of_metric("btc_yield_1y_pct")(subject)
    if multiple.value is None or growth.value is None:
        return multiple if multiple.value is None else growth
    if years:
        return p_byd(multiple.value, growth.value / 100, 1)
    return months_to_cover(multiple.value, growth.value / 100, 12)


def gain(name: str, base: str) -> Compute:
    """A gain with the bitcoin it is a gain on."""
    return partial(_with_base, name=name, base=base)


def _with_base(subject: Subject, *, name: str, base: str) -> Answer:
    opening = subject.over_time().get(base)
    answer = unless_missing(subject.over_time().get(name), "NO_BASE")
    if answer.value is None or opening is None:
        return answer
    now = subject.get("btc")
    tiny = ", under 1 % of today's: it says little" if now is not None and is_tiny_base(opening, now) else ""
    return answer._replace(note=f"on {opening:,.10g} BTC{tiny}")
