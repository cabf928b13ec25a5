"""Tables for charts, made from what is stored: when claims fall due, what moved the price."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd


def falling_due(frame: pd.DataFrame) -> pd.DataFrame:
    """The dated claims with `due`, `what` ("put" where holders may ask earlier, else "maturity") and `quarter` (2027Q3), soonest first."""
    put, matures = pd.to_datetime(frame["put_date"]), pd.to_datetime(frame["maturity"])
    due = put.fillna(matures)
    dated = frame.assign(due=due, what=put.notna().map({True: "put", False: "maturity"}))[due.notna()]
    return dated.assign(quarter=dated["due"].dt.to_period("Q").astype(str)).sort_values(
        ["due", "instrument"], ignore_index=True
    )


def return_terms(before: Mapping[str, float], after: Mapping[str, float]) -> pd.DataFrame:
    """What a share's return between two closes came from: the columns term, log_points and points (both in per cent).

    A close holds price (own currency), fx (USD for one unit), btc_price (USD), btc, shares (any one definition) and split_factor.
    price = multiple × bitcoin price × bitcoin per share / fx, so the logarithms add up exactly (docs/metrics.md 7.1); `points` share
    out the simple return in their proportion and add up to it. Raises ValueError where something is unknown or not above zero.
    """
    names = ("price", "fx", "btc_price", "btc", "shares", "split_factor")
    for close in (before, after):
        lacking = [name for name in names if close.get(name) is None or not float(close[name]) > 0]
        if lacking:
            raise ValueError(f"{', '.join(lacking)} is not known at both ends")

    def logs(close: Mapping[str, float]) -> dict[str, float]:
        price = close["price"] * close["split_factor"]  # all on the share basis of the beginning
        each = close["btc"] / close["shares"] * close["split_factor"]
        return {
            "bitcoin price": math.log(close["btc_price"]),
            "bitcoin per share": math.log(each),
            "multiple": math.log(price * close["fx"] / (each * close["btc_price"])),
            "currency": -math.log(close["fx"]),
        }

    first, last = logs(before), logs(after)
    terms = {
        name: (last[name] - first[name]) * 100 for name in first if name != "currency" or last[name] != first[name]
    }
    total = sum(terms.values())
    gain = math.expm1(total / 100) * 100
    scale = gain / total if total else 1.0
    return pd.DataFrame(
        {"term": list(terms), "log_points": list(terms.values()), "points": [term * scale for term in terms.values()]}
    )
