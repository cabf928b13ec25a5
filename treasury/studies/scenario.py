"""One company on one day at another bitcoin price: what its multiples, its share and the cover of its claims would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from treasury.claims.capital_stack import OTHER_DEBT, OTHER_PREFERRED, Stack
from treasury.claims.credit import months_of_coverage
from treasury.known.closing_times import Closes
from treasury.known.resolve import State
from treasury.metrics.metric import evaluate
from treasury.model import Company
from treasury.valuation.inputs import Market, inputs_at

TERMS_UNKNOWN = 0.02  # of the claims: more without known terms and a year's cost is not known


@dataclass(frozen=True, slots=True)
class Situation:
    """A company at one close: its state, its price, and its capital structure."""

    company: Company
    day: date
    price: float
    state: State
    closes: Closes
    market: Market
    stack: Stack

    @property
    def annual_obligations(self) -> float | None:
        """Coupons and preferred dividends a year, US dollars; None where over 2 % of the claims has no known terms, or a rate is unknown."""
        layers, claims = self.stack.layers, self.stack.claims
        if not self.company.instruments_complete or claims is None:
            return None
        open_ = sum(one.notional or 0.0 for one in layers if one.instrument in (OTHER_DEBT, OTHER_PREFERRED))
        return None if open_ > TERMS_UNKNOWN * claims else self.stack.annual_obligations.value

    def values(self, btc_price: float | None = None, price: float | None = None) -> dict[str, Any]:
        """Inputs and metrics at another bitcoin price (US dollars) and share price (listing currency), else the day's own."""
        supposed = self.price if price is None else price
        inputs = inputs_at(self.state, self.company, supposed, self.day, self.closes, self.market, self.price)
        if btc_price is not None:
            inputs["btc_price"] = btc_price
        return evaluate(inputs)


@dataclass(frozen=True, slots=True)
class Stressed:
    """A company at one bitcoin price; the share price is the day's in `values`, the answer in `price_at_*`."""

    btc_price: float
    values: Mapping[str, Any]
    price_at_mnav_ev: float | None
    price_at_mnav_net: float | None
    coverage_months: float | None
    uncovered: tuple[str, ...] | None
    moved: tuple[str, ...]


def stress(situation: Situation, btc_price: float) -> Stressed:
    """The company at `btc_price` US dollars: every multiple at its share price, its share price at its multiples."""
    now = situation.values()
    at_ev = price_at_ev(situation, btc_price, now["mnav_ev"])
    at_net = price_at_net(situation, btc_price, now["mnav_net"])
    stack = situation.stack
    uncovered = (
        None
        if stack.claims is None or not now["btc"]
        else tuple(one.instrument for one in stack.layers if (one.floor_price.value or 0.0) > btc_price)
    )
    return Stressed(
        btc_price,
        situation.values(btc_price),
        at_ev,
        at_net,
        months_of_coverage(now["cash"], situation.annual_obligations).value,
        uncovered,
        moneyness(situation, at_ev),
    )


def price_at_ev(situation: Situation, btc_price: float, multiple: float | None) -> float | None:
    """The share price at which mnav_ev is `multiple`; None where an input is unknown or nothing is left for the share."""
    now = situation.values(btc_price)
    needed = ("btc_nav", "debt", "preferred", "cash", "shares_basic", "fx")
    if multiple is None or any(now[name] is None for name in needed):
        return None
    equity = multiple * now["btc_nav"] - now["debt"] - now["preferred"] + now["cash"]
    return float(equity / now["shares_basic"] / now["fx"]) if equity > 0 else None


def price_at_net(situation: Situation, btc_price: float, multiple: float | None) -> float | None:
    """The share price at which mnav_net is `multiple`, in-the-money test included; None where there is none.

    Between two strikes, diluted market cap less multiple times net reserve is a straight line in the share price, so each
    stretch is solved exactly. Several stretches can hold an answer; the one nearest to the day's price is taken. Where the
    line jumps over nought at a strike, that strike is the answer.
    """
    if multiple is None or (situation.values(btc_price)["mnav_net"] is None and situation.values()["mnav_net"] is None):
        return None

    def gap(price: float) -> float | None:
        at = situation.values(btc_price, price)
        if at["market_cap_diluted"] is None or at["net_reserve"] is None:
            return None
        return float(at["market_cap_diluted"] - multiple * at["net_reserve"])

    edges = [0.0, *_strikes(situation)]
    found: list[float] = []
    before: float | None = None
    for low, high in zip(edges, [*edges[1:], max(edges[-1], situation.price) * 1000], strict=True):
        a, b = low + (high - low) / 3, low + 2 * (high - low) / 3
        at_a, at_b = gap(a), gap(b)
        if at_a is None or at_b is None:
            return None
        slope = (at_b - at_a) / (b - a)
        at_low, at_high = at_a - slope * (a - low), at_b + slope * (high - b)
        if before is not None and before < 0 < at_low:
            found.append(low)
        if slope > 0 and at_low <= 0 <= at_high:
            found.append(a - at_a / slope)
        before = at_high
    above = [price for price in found if price > 0]
    return min(above, key=lambda price: abs(price - situation.price)) if above else None


def moneyness(situation: Situation, price: float | None) -> tuple[str, ...]:
    """What falls in ("+name") or out ("−name") of the money when the share goes from the day's price to `price`."""
    if price is None:
        return ()
    was, now = _in_the_money(situation, situation.price), _in_the_money(situation, price)
    return tuple(f"+{name}" for name in sorted(now - was)) + tuple(f"−{name}" for name in sorted(was - now))


def sector(stressed: Sequence[Stressed]) -> dict[str, Any]:
    """Sums over companies at one bitcoin price, and the multiples of the sums; each over those where both legs are known."""
    rows = [one.values for one in stressed]

    def total(name: str, *others: str) -> float | None:
        known = [row[name] for row in rows if all(row[other] is not None for other in (name, *others))]
        return sum(known) if known else None

    def ratio(top: str, below: str) -> float | None:
        over, under = total(top, below), total(below, top)
        return over / under if over is not None and under is not None and under > 0 else None

    assumed = [
        (row["price_usd"] * row["shares_assumed_diluted"], row["btc_nav"])
        for row in rows
        if None not in (row["price_usd"], row["shares_assumed_diluted"], row["btc_nav"])
    ]
    bitcoin = sum(nav for _, nav in assumed)
    return {
        "companies": sum(row["btc_nav"] is not None for row in rows),
        "companies_ev": sum(row["mnav_ev"] is not None for row in rows),
        "btc": total("btc"),
        "btc_nav": total("btc_nav"),
        "net_reserve": total("net_reserve"),
        "mnav_market_cap": ratio("market_cap", "btc_nav"),
        "mnav_diluted": ratio("market_cap_diluted", "btc_nav"),
        "mnav_assumed_diluted": sum(cap for cap, _ in assumed) / bitcoin if bitcoin else None,
        "mnav_ev": ratio("enterprise_value", "btc_nav"),
        "mnav_ev_diluted": None,
        "mnav_net": ratio("market_cap_diluted", "net_reserve"),
        "implied_premium_usd": total("implied_premium_usd"),
    }


def strikes(situation: Situation) -> dict[str, float]:
    """The strike of everything that can become shares, by name, in the listing currency and on the day's share basis."""
    found = {name: _in_listing_currency(situation, strike, currency) for name, strike, currency in _claims(situation)}
    return {name: strike for name, strike in found.items() if strike is not None}


def _in_the_money(situation: Situation, price: float) -> set[str]:
    """The names of what has a strike below a share price."""
    return {name for name, strike in strikes(situation).items() if price > strike}


def _strikes(situation: Situation) -> list[float]:
    """Every price of the share at which something changes its money, in the listing currency, rising."""
    return sorted(one for one in set(strikes(situation).values()) if one)


def _claims(situation: Situation) -> list[tuple[str, float | None, str]]:
    """Name, strike and its currency of everything that can become shares."""
    return [
        *((one.instrument, one.conversion_price, one.currency) for one in situation.state.convertibles),
        *((one.instrument, one.strike, one.currency) for one in situation.state.awards or ()),
    ]


def _in_listing_currency(situation: Situation, amount: float | None, currency: str) -> float | None:
    if amount is None or currency == situation.company.currency:
        return amount
    moment = situation.closes.moment(situation.company.mic, situation.day)
    theirs = situation.market.rate_at(currency, moment, situation.day)
    ours = situation.market.rate_at(situation.company.currency, moment, situation.day)
    return None if theirs is None or ours is None else amount * theirs / ours
