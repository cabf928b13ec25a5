"""The share price at which a multiple is exactly 1.0x, with every conversion and exercise tested at that price.

Along the share price the diluted market cap is a chain of straight lines that bends at each conversion price and strike. Under
the definitions that take a converted note out of the claims it has no step, so there is just one such price; the plain
diluted market cap jumps by the note where it converts, and may jump over 1.0x.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from treasury.instruments import Award, Convertible
from treasury.unknown import Answer


@dataclass(frozen=True, slots=True)
class Terms:
    """Shares that may come, with their strike in US dollars; `debt`: a claim of count × strike goes when they do."""

    count: float
    strike: float
    debt: bool


def terms(
    convertibles: Iterable[Convertible], awards: Iterable[Award] | None, rates: Mapping[str, float]
) -> list[Terms] | None:
    """The terms of a state; None where awards or a currency's US dollars are unknown."""
    if awards is None:
        return None
    found = []
    for note in convertibles:
        if note.currency not in rates:
            return None
        strike = note.conversion_price * rates[note.currency]
        found.append(Terms(note.principal / note.conversion_price, strike, not note.net_share))
    for award in awards:
        if award.strike is not None and award.currency not in rates:
            return None
        found.append(Terms(award.count, 0.0 if award.strike is None else award.strike * rates[award.currency], False))
    return found


def price_at_one(metric: str, values: Mapping[str, float | None], coming: list[Terms] | None) -> Answer:
    """The share price in US dollars at which a multiple is 1.0x on `values` (inputs and metrics as the definition takes them).

    Raises KeyError for a metric that is none of the multiples.
    """
    basic, nav, claims = values["shares_basic"], values["btc_nav"], values["net_claims"]
    if metric in ("mnav_market_cap", "mnav_assumed_diluted"):
        return par_price_basic(nav, basic if metric == "mnav_market_cap" else values["shares_assumed_diluted"])
    if metric in ("mnav_ev", "mnav_claims_adjusted"):
        return par_price_basic(None if claims is None or nav is None else nav - claims, basic)
    if metric in ("mnav_ev_at_market", "mnav_ev_tav"):
        return par_price_basic(_left_at_market(metric, values), basic)
    if metric == "mnav_diluted":
        return par_price_diluted(basic, coming, nav, None)
    besides = {
        "mnav_net": 0.0,
        "mnav_ev_diluted": 0.0,
        "mnav_full_nav": (values.get("other_assets") or 0.0) - (values.get("minority_interest") or 0.0),
    }[metric]
    return par_price_diluted(basic, None if claims is None else coming, None if nav is None else nav + besides, claims)


def _left_at_market(metric: str, values: Mapping[str, float | None]) -> float | None:
    """What bitcoin (and what else its denominator holds) leaves for the shares once debt and preferred stock are bought at market."""
    debt, preferred, cash = values["debt"], values["preferred_at_market"], values["cash"]
    securities = values["marketable_securities"] or 0.0 if metric == "mnav_ev_tav" else 0.0
    worth = values["total_asset_value" if metric == "mnav_ev_tav" else "btc_nav"]
    if worth is None or debt is None or preferred is None or cash is None:
        return None
    return worth + securities - (debt + preferred - cash)


def par_price_basic(worth: float | None, shares: float | None) -> Answer:
    """The price at which `shares` are worth `worth`: for definitions whose share count does not move with the price."""
    if worth is None or not shares:
        return Answer(None, "MISSING_INPUT")
    return Answer(worth / shares) if worth > 0 else Answer(None, "NET_RESERVE_NONPOSITIVE")


def par_price_diluted(
    shares: float | None, coming: list[Terms] | None, worth: float | None, claims: float | None
) -> Answer:
    """The price in US dollars at which diluted market cap + claims not converted = `worth`.

    `claims` counts every claim less cash, as if nothing were converted; None leaves claims out altogether (plain diluted
    market cap). STEP where the multiple jumps over 1.0x at a conversion price; NET_RESERVE_NONPOSITIVE where no positive price does.
    """
    if shares is None or coming is None or worth is None:
        return Answer(None, "MISSING_INPUT")
    bends = sorted({0.0, *(one.strike for one in coming)})
    for low, high in zip(bends, [*bends[1:], float("inf")], strict=True):
        slope, level = shares, claims or 0.0
        for award in coming:
            if award.strike <= low:
                slope += award.count
                level -= 0.0 if award.debt and claims is None else award.count * award.strike
        price = (worth - level) / slope
        if low < price <= high:
            return Answer(price)
    if worth <= (claims or 0.0):
        return Answer(None, "NET_RESERVE_NONPOSITIVE")
    return Answer(None, "STEP")
