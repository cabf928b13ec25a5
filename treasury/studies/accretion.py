"""Accretion: what each raise and purchase did to the bitcoin of one share, before and after claims (docs/metrics.md 7.2).

Selling a fraction x of the shares at multiple m and buying bitcoin with it changes the bitcoin per share by
(1 + x·m·(1 − fee)) / (1 + x) − 1, so it pays from m = 1 / (1 − fee) on; after claims, from mnav_net = 1 / (1 − fee) on, which in
terms of the basic multiple is net reserve / NAV of it. Between the two a raise takes bitcoin from each share and adds net value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd


def btc_yield_of_issue(mnav: float, issue_fraction: float, fee: float = 0.0) -> float:
    """Change of bitcoin per share, as a fraction, of selling `issue_fraction` of the shares at `mnav` and buying bitcoin.

    `fee` is the fraction of the proceeds that does not arrive. mnav must be on the share count that `issue_fraction` is of.
    """
    return (1 + issue_fraction * mnav * (1 - fee)) / (1 + issue_fraction) - 1


def net_change_of_issue(
    net_reserve: float, shares: float, new_shares: float, issue_price: float, fee: float = 0.0
) -> float | None:
    """Change of net reserve per share, as a fraction, of selling `new_shares`; None where the reserve or the shares are not above 0."""
    if net_reserve <= 0 or shares <= 0 or shares + new_shares <= 0:
        return None
    after = (net_reserve + new_shares * issue_price * (1 - fee)) / (shares + new_shares)
    return after / (net_reserve / shares) - 1


def break_even_multiple(fee: float = 0.0) -> float:
    """The multiple from which an issue adds bitcoin to each share; mnav_net from which it adds net reserve. Raises ValueError for a fee of all."""
    if not 0 <= fee < 1:
        raise ValueError(f"a fee is a fraction from 0 to below 1, not {fee:g}")
    return 1 / (1 - fee)


@dataclass(frozen=True, slots=True)
class Prospect:
    """What selling `issue_fraction` of the shares at a close and buying bitcoin would do, in per cent; None is unknown.

    `change_pct`: bitcoin per basic share; `net_change_pct`: net reserve per diluted share. The break-evens are the multiples
    above which each gains.
    """

    date: str
    issue_fraction: float
    fee: float
    mnav_market_cap: float | None
    change_pct: float | None
    mnav_net: float | None
    net_change_pct: float | None
    break_even: float


OF_A_CLOSE = ("mnav_market_cap", "mnav_net", "net_reserve", "shares_diluted", "price_usd")


def prospect(daily: pd.DataFrame, issue_fraction: float, fee: float = 0.0) -> Prospect:
    """At the last close of `daily`, which holds the columns OF_A_CLOSE. Raises ValueError for an issue of nothing or less."""
    if not issue_fraction > 0:
        raise ValueError(f"an issue is a fraction of the shares above 0, not {issue_fraction:g}")
    now = {name: _known(daily[name].iloc[-1]) for name in OF_A_CLOSE}
    multiple, reserve, shares, price = (
        now[name] for name in ("mnav_market_cap", "net_reserve", "shares_diluted", "price_usd")
    )
    change = None if multiple is None else btc_yield_of_issue(multiple, issue_fraction, fee) * 100
    net = None
    if reserve is not None and shares is not None and price is not None:
        net = net_change_of_issue(reserve, shares, issue_fraction * shares, price, fee)
    return Prospect(
        str(daily.index[-1])[:10], issue_fraction, fee, multiple, change, now["mnav_net"], None if net is None else net * 100,
        break_even_multiple(fee),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CapitalEvent:
    """What one close first knew: shares issued (negative: bought back) and bitcoin bought (negative: sold).

    Sats are of one basic share on the day's own basis. `*_net_*` are after claims: bitcoin less (debt + preferred − cash) at
    the day's bitcoin price, so that the price itself changes nothing. `break_even_net` is the basic multiple from which an
    issue adds net value to each share. None is unknown.
    """

    date: str
    what: str
    shares_change: float | None
    btc_change: float | None
    sats_before: float | None
    sats_after: float | None
    change_pct: float | None
    sats_net_before: float | None
    sats_net_after: float | None
    net_change_pct: float | None
    mnav_market_cap: float | None
    break_even: float
    break_even_net: float | None
    announced_btc: float | None
    announced_cost: float | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class CapitalPurchase:
    """A disclosed purchase (negative: sale), with its cost as printed."""

    announced_on: str
    btc: float
    cost: float | None
    currency: str | None


ACCRETION_INPUTS = (
    "btc", "shares_basic", "split_factor", "debt", "preferred", "cash", "btc_price", "mnav_market_cap",
)  # fmt: skip
_LEAST_CHANGE = 1e-9  # a change smaller than this part of the amount is rounding


def ledger(daily: pd.DataFrame, purchases: Iterable[CapitalPurchase], fee: float = 0.0) -> list[CapitalEvent]:
    """One event per close on which the known holdings or the known shares changed, or a purchase was announced.

    `daily` holds one company's closes in order, with the columns btc, shares_basic, split_factor, debt, preferred, cash,
    btc_price and mnav_market_cap. A split is no event. A purchase belongs to the first close on or after its announcement.
    """
    multiple = break_even_multiple(fee)
    waiting = sorted(purchases, key=lambda one: one.announced_on)
    events: list[CapitalEvent] = []
    before: pd.Series | None = None
    for day, now in daily.iterrows():
        text = str(day)[:10]
        announced = [one for one in waiting if one.announced_on <= text]
        waiting = waiting[len(announced) :]
        if before is None:
            before = now  # what was announced earlier is in the first row already
            continue
        event = _event(text, before, now, announced, multiple)
        if event is not None:
            events.append(event)
        before = now
    return events


def _event(
    day: str, before: pd.Series, now: pd.Series, announced: list[CapitalPurchase], break_even: float
) -> CapitalEvent | None:
    basis = now["split_factor"] / before["split_factor"]
    had = before["shares_basic"] * basis
    shares, btc = _change(had, now["shares_basic"]), _change(before["btc"], now["btc"])
    if not shares and not btc and not announced:
        return None
    gross = _per_share(before["btc"], had), _per_share(now["btc"], now["shares_basic"])
    net = _per_share(_net(before, now), had), _per_share(_net(now, now), now["shares_basic"])
    nav, claims = now["btc"] * now["btc_price"], now["debt"] + now["preferred"] - now["cash"]
    share_of_net = _known((nav - claims) / nav) if nav > 0 else None
    costs = [one.cost for one in announced]
    currencies = {one.currency for one in announced}
    whole = bool(costs) and None not in costs and len(currencies) == 1
    return CapitalEvent(
        date=day,
        what=_what(shares, btc),
        shares_change=shares,
        btc_change=btc,
        sats_before=gross[0],
        sats_after=gross[1],
        change_pct=_growth(*gross),
        sats_net_before=net[0],
        sats_net_after=net[1],
        net_change_pct=_growth(*net),
        mnav_market_cap=_known(now["mnav_market_cap"]),
        break_even=break_even,
        break_even_net=None if share_of_net is None or share_of_net <= 0 else share_of_net * break_even,
        announced_btc=sum(one.btc for one in announced) if announced else None,
        announced_cost=sum(cost for cost in costs if cost is not None) if whole else None,
        currency=announced[0].currency if whole else None,
    )


def _net(row: pd.Series, priced: pd.Series) -> float:
    """Bitcoin after claims, at the bitcoin price of `priced`."""
    return float(row["btc"] - (row["debt"] + row["preferred"] - row["cash"]) / priced["btc_price"])


def _what(shares: float | None, btc: float | None) -> str:
    """In words: what grew and what shrank."""
    of_shares = "" if not shares else "raise" if shares > 0 else "buy-back"
    of_btc = "" if not btc else "purchase" if btc > 0 else "sale"
    return " and ".join(one for one in (of_shares, of_btc) if one) or "announcement"


def _change(before: float, now: float) -> float | None:
    if pd.isna(before) or pd.isna(now):
        return None
    return 0.0 if abs(now - before) <= _LEAST_CHANGE * abs(now) else float(now - before)


def _per_share(btc: float, shares: float) -> float | None:
    return None if pd.isna(btc) or pd.isna(shares) or shares <= 0 else float(btc / shares * 1e8)


def _growth(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None or before <= 0 else (after / before - 1) * 100


def _known(value: float) -> float | None:
    return None if pd.isna(value) else float(value)
