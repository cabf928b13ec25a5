"""How far an issuer's own EV multiple is from ours on a day, term by term, and over many days."""

from __future__ import annotations

from typing import Any

import pandas as pd

from treasury.publishers.bridge import bridge
from treasury.publishers.definition import Definition, Multiple, Subject, value_on
from treasury.publishers.definitions import WALKABLE

DELTAS = {
    "btc_price": "bitcoin", "price": "share_price", "shares_basic": "share_count", "debt": "debt", "preferred": "preferred", "cash": "cash",
    "btc": "holdings",
}  # fmt: skip


def own_ev_multiples(ticker: str) -> list[Definition]:
    """The definitions of a company's own EV multiple that can be rebuilt from its page."""
    return [
        one
        for one in WALKABLE
        if one.issuer == ticker and one.multiple is not None and one.multiple.page and one.multiple.metric == "mnav_ev"
    ]


def issuer_gap(definition: Definition, stands: Subject) -> dict[str, float | None] | None:
    """Our mnav_ev of a close, the issuer's own from its page's inputs, and what makes the difference; None without such a page.

    Keys: mnav_ev, mnav_ev_issuer, difference_pct, then the deltas of the multiple, which sum to mnav_ev_issuer − mnav_ev:
    bitcoin (the moment it is priced at), share_price, share_count, debt, preferred, cash, holdings; last same_bitcoin_pct, the
    difference that remains with bitcoin at the issuer's price, and issuer_at_close, its multiple with bitcoin at the share's close.
    """
    multiple, made = definition.multiple, bridge(definition, stands)
    if multiple is None or stands.page is None:
        return None
    ours, total = value_on(stands.inputs, multiple.metric), made.total
    at_their_bitcoin = value_on({**stands.inputs, "btc_price": multiple.taken(stands)["btc_price"]}, multiple.metric)
    delta = {name: sum(term.delta for term in made.terms if term.input == column) for column, name in DELTAS.items()}
    return {
        "mnav_ev": ours, "mnav_ev_issuer": total, "difference_pct": _apart_pct(ours, total), **delta,
        "same_bitcoin_pct": _apart_pct(at_their_bitcoin, total), "issuer_at_close": at_the_close(multiple, stands),
    }  # fmt: skip


def at_the_close(multiple: Multiple, stands: Subject) -> float | None:
    """A multiple of an issuer's page with bitcoin at the share's close."""
    return value_on({**multiple.taken(stands), "btc_price": stands.inputs["btc_price"]}, multiple.metric)


def distribution(series: pd.DataFrame, column: str = "difference_pct") -> dict[str, Any]:
    """How far plain mnav_ev is from the issuer's own: days, median and worst in per cent, share of days within 0.1 %."""
    gap = series[column].abs().dropna() if len(series) else pd.Series(dtype=float)
    if gap.empty:
        return {"days": 0, "median_pct": None, "within_0_1_pct": None, "worst_pct": None, "worst_on": None}
    return {
        "days": len(gap), "median_pct": float(gap.median()), "within_0_1_pct": float((gap <= 0.1).mean() * 100),
        "worst_pct": float(gap.max()), "worst_on": f"{gap.idxmax():%Y-%m-%d}",
    }  # fmt: skip


def _apart_pct(ours: float | None, theirs: float | None) -> float | None:
    return None if ours is None or not theirs else (ours / theirs - 1) * 100
