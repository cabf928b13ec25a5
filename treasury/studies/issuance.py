"""Issuance at the margin: what a sum raised by common or preferred stock at today's price buys, and does to each share (docs/metrics.md 7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from treasury.studies.accretion import btc_yield_of_issue, net_change_of_issue

SESSIONS_A_WEEK = 5
SATS = 1e8  # of a bitcoin


@dataclass(frozen=True, slots=True)
class Raised:
    """A sum raised by one programme and spent on bitcoin. `price` of one unit and all amounts in US dollars.

    `change_pct`: bitcoin per basic share, `sats_change` the same in satoshis. `net_change_pct`: net reserve per diluted share, in which new preferred stock counts at what it
    is owed. `claims` and `dividends` (a year's) come with preferred stock. None is unknown.
    """

    programme: str
    price: float | None
    units: float | None
    btc: float | None
    change_pct: float | None
    sats_change: float | None
    net_change_pct: float | None
    claims: float
    dividends: float | None


def by_common(values: Mapping[str, float | None], dollars: float, fee: float = 0.0) -> Raised:
    """Selling shares for `dollars` at the close; `values` are inputs and metrics of that close, `fee` the part that does not arrive."""
    price, cap, multiple = values["price_usd"], values["market_cap"], values["mnav_market_cap"]
    reserve, shares = values["net_reserve"], values["shares_diluted"]
    change = None if not cap or multiple is None else btc_yield_of_issue(multiple, dollars / cap, fee) * 100
    net = None
    if price and reserve is not None and shares is not None:
        net = net_change_of_issue(reserve, shares, dollars / price, price, fee)
    return Raised(
        "common", price, dollars / price if price else None, _coins(values, dollars, fee), change, _sats(values, change),
        None if net is None else net * 100, 0.0, 0.0,
    )  # fmt: skip


def by_preferred(
    values: Mapping[str, float | None], dollars: float, series: str, close: float, par: float, rate_pct: float | None, fee: float = 0.0
) -> Raised:  # fmt: skip
    """Selling a series for `dollars` at its own close (US dollars a share): what is then owed is more than what came in, below par."""
    owed, coins, btc, reserve = (
        dollars * par / close,
        _coins(values, dollars, fee),
        values["btc"],
        values["net_reserve"],
    )
    change = coins / btc * 100 if coins is not None and btc else None
    return Raised(
        series, close, dollars / close, coins, change, _sats(values, change),
        (dollars * (1 - fee) - owed) / reserve * 100 if reserve is not None and reserve > 0 else None,
        owed, None if rate_pct is None else owed * rate_pct / 100,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a programme can raise beside what is asked of it: US dollars still available, which would take `weeks` at that pace;
    `volume_pct`: the pace in per cent of a week's trading. None is unknown.
    """

    programme_usd: float | None
    programme_shares: float | None
    weeks: float | None
    volume_pct: float | None


def capacity(dollars: float, price: float | None, available: float | None, traded: float | None) -> Capacity:
    """At a price of one unit, `dollars` a week and `traded` US dollars a session."""
    return Capacity(
        available,
        available / price if available is not None and price else None,
        available / dollars if available is not None else None,
        dollars / (traded * SESSIONS_A_WEEK) * 100 if traded else None,
    )


def _sats(values: Mapping[str, float | None], change_pct: float | None) -> float | None:
    """A change of bitcoin per basic share in satoshis."""
    btc, cap, price = values["btc"], values["market_cap"], values["price_usd"]
    return None if change_pct is None or not (btc and cap and price) else change_pct / 100 * btc / (cap / price) * SATS


def _coins(values: Mapping[str, float | None], dollars: float, fee: float) -> float | None:
    price = values["btc_price"]
    return dollars * (1 - fee) / price if price else None
