"""Arithmetic that only publishers use and that is no column of ours: metrics like any other, kept apart from the view's."""

from __future__ import annotations

from functools import partial
from typing import Any

from treasury.metrics.metric import METRICS, Metric, metric
from treasury.metrics.row_wise import INPUTS

FORMULAS: dict[str, Metric] = {}
# what a close may also state; where no fact does, nothing is added, and the definition's note says so
ALSO = ("other_assets", "minority_interest", "marketable_securities")
_formula = partial(metric, among=FORMULAS)


@_formula(unit="USD")
def full_nav(net_reserve: Any, other_assets: Any, minority_interest: Any) -> Any:
    """Net reserve and the assets besides bitcoin and cash, less what belongs to others (NYDIG, 4)."""
    return net_reserve + other_assets - minority_interest


@_formula(unit="x", positive=("full_nav",))
def mnav_full_nav(market_cap_diluted: Any, full_nav: Any) -> Any:
    """Diluted market cap per dollar of full NAV (NYDIG, 4)."""
    return market_cap_diluted / full_nav


@_formula(unit="x", positive=("btc_nav",))
def net_claims_ratio(net_claims: Any, btc_nav: Any) -> Any:
    """Debt and preferred stock less cash per dollar of bitcoin (CEBE's drag net of cash, 5)."""
    return net_claims / btc_nav


@_formula(unit="sats", positive=("btc_price", "shares_basic"))
def sats_per_share_net_of_cash(equity_nav: Any, btc_price: Any, shares_basic: Any) -> Any:
    """Satoshis per basic share once debt and preferred stock less cash are paid in bitcoin (CEBE as published 2026-06-25, 5)."""
    return equity_nav / btc_price / shares_basic * 1e8


@_formula(unit="x", positive=("sats_per_share_net_of_cash",))
def sats_amplification(sats_per_share: Any, sats_per_share_net_of_cash: Any) -> Any:
    """Satoshis per share before claims for each one after claims net of cash (CEBE's amplification, 5)."""
    return sats_per_share / sats_per_share_net_of_cash


@_formula(unit="x", positive=("sats_per_share_claims_adjusted",))
def sats_amplification_gross(sats_per_share: Any, sats_per_share_claims_adjusted: Any) -> Any:
    """Satoshis per share before claims for each one after claims, cash left out."""
    return sats_per_share / sats_per_share_claims_adjusted


@_formula(unit="USD")
def total_asset_value(btc_nav: Any, cash: Any, marketable_securities: Any) -> Any:
    """Bitcoin, cash and liquid securities (Strive's TAV, 5)."""
    return btc_nav + cash + marketable_securities


@_formula(unit="x", positive=("total_asset_value",))
def mnav_ev_tav(enterprise_value_at_market: Any, marketable_securities: Any, total_asset_value: Any) -> Any:
    """Enterprise value with preferred stock at market, net of liquid securities, per dollar of bitcoin, cash and securities (Strive, 5)."""
    return (enterprise_value_at_market - marketable_securities) / total_asset_value


def formula_named(name: str) -> Metric:
    """A metric of ours or of a publisher. Raises KeyError for an unknown name."""
    return METRICS[name] if name in METRICS else FORMULAS[name]


def stored_inputs(of: Metric) -> frozenset[str]:
    """The inputs of a close that a metric is made of in the end."""
    found: set[str] = set()
    for name in of.parameters:
        found |= {name} if name in INPUTS or name in ALSO else stored_inputs(formula_named(name))
    return frozenset(found)
