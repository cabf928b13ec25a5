"""Attribution: the move between closes split into bitcoin, purchases, issuance, claims, FX and multiple, with nothing left over.

Two models, because a multiple means two things:

- `basic` (docs/metrics.md 7.1): price × fx = m · (B / S) · p with m the basic multiple. Logarithms add, so the parts are exact log
  points, and the log parts of many days are those of the whole span.
- `ev`: price × fx = (k · B · p − N) / S with k the EV multiple and N = debt + preferred − cash. There is no clean log split;
  each factor's part is its Shapley value, the average over all orders in which the factors could have moved. It sums
  exactly and does not depend on an order.

In money, a span is the sum of its links from close to close (of every close on which all factors are known), so that the daily
parts add up to the whole. Shares and prices are put on the share basis of the last day. Market cap knows no issuance: what
new shares add to the count they take from the price. A claim in another currency is revalued under `claims`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
PARTS = ("bitcoin", "purchases", "issuance", "claims", "fx", "multiple")
MEASURES = ("price", "price_usd", "market_cap", "market_cap_usd")  # the first and third in the listing currency
ATTRIBUTION_INPUTS = ("price", "fx", "btc_price", "btc", "shares_basic", "debt", "preferred", "cash", "split_factor")
SUM_ROUNDING = 1e-9  # of the opening value: sums of thousands of links differ by less in another order
_POSITIVE = ("price", "fx", "btc_price", "btc", "shares_basic")


@dataclass(frozen=True, slots=True)
class Attribution:
    """One measure's move from one close to another. `unit` "log" (log points) or "money"; None with `reason` where unknown.

    `residual` is the move less its parts, as a share of the opening value for money: 0, or the scheme is wrong.
    """

    model: str
    measure: str
    unit: str
    start: float | None
    end: float | None
    move: float | None
    parts: dict[str, float | None]
    residual: float | None
    reason: str = ""


def attribute(daily: pd.DataFrame) -> list[Attribution]:
    """The whole span of `daily` (COLUMNS by sorted day, first and last row the two closes), every model and measure."""
    rows = []
    for model, unit in (("basic", "log"), ("basic", "money"), ("ev", "money")):
        factors, reason = _factors(daily, model)
        for measure in MEASURES:
            if reason:
                rows.append(Attribution(model, measure, unit, None, None, None, dict.fromkeys(PARTS), None, reason))
                continue
            rows.append(_summed(model, measure, unit, factors, _links(factors, model, measure, unit)))
    return rows


def links(daily: pd.DataFrame, model: str, measure: str, unit: str) -> pd.DataFrame:
    """The same from close to close: one row per link, indexed by its later day, with `start`, `end`, `move` and PARTS.

    Days on which a factor is unknown are passed over: their move belongs to the link that ends on the next known one.
    Raises ValueError with the reason where the first or last day lacks a factor.
    """
    factors, reason = _factors(daily, model)
    if reason:
        raise ValueError(reason)
    value = _value(factors, measure)
    parts = _links(factors, model, measure, unit)
    if model == "basic":
        parts["claims"] = np.full(len(value) - 1, np.nan)  # not a part of this model, so unknown rather than zero
    move = np.diff(np.log(value)) if unit == "log" else np.diff(value)
    return pd.DataFrame({"start": value[:-1], "end": value[1:], "move": move, **parts}, index=factors.index[1:])


def _factors(daily: pd.DataFrame, model: str) -> tuple[pd.DataFrame, str]:
    """The factors on one share basis, of the days that have them all; and why the first or last day does not."""
    needed = [*_POSITIVE, *(("debt", "preferred", "cash") if model == "ev" else ())]
    known = daily[needed].notna().all(axis=1) & (daily[list(_POSITIVE)] > 0).all(axis=1)
    if daily.empty or len(daily) < 2:
        return daily, "fewer than two closes"
    for position in (0, -1):
        if not known.iloc[position]:
            row, day = daily.iloc[position], daily.index[position]
            lacking = [name for name in needed if pd.isna(row[name])]
            what = f"{', '.join(lacking)} unknown" if lacking else "a factor is zero or less"
            return daily, f"{what} on {day:%Y-%m-%d}"
    rows = daily[known]
    basis = rows["split_factor"] / rows["split_factor"].iloc[-1]
    price, shares = rows["price"] * basis, rows["shares_basic"] / basis
    claims = rows["debt"] + rows["preferred"] - rows["cash"] if model == "ev" else pd.Series(0.0, index=rows.index)
    nav = rows["btc"] * rows["btc_price"]
    multiple = (price * rows["fx"] * shares + claims) / nav
    factors = pd.DataFrame(
        {
            "bitcoin": rows["btc_price"], "purchases": rows["btc"], "issuance": shares, "claims": claims,
            "fx": rows["fx"], "multiple": multiple, "price": price,
        }
    )  # fmt: skip
    if (multiple <= 0).iloc[[0, -1]].any():
        return factors, "enterprise value is zero or less"
    return factors[multiple > 0], ""


def _value(factors: pd.DataFrame, measure: str) -> Floats:
    """The measure as quoted: price, price in dollars, or the market cap in either."""
    value = factors["price"].to_numpy(dtype=float)
    if measure.endswith("_usd"):
        value = value * factors["fx"].to_numpy(dtype=float)
    shares = factors["issuance"].to_numpy(dtype=float)
    return np.multiply(value, shares) if measure.startswith("market_cap") else value


def _links(factors: pd.DataFrame, model: str, measure: str, unit: str) -> dict[str, Floats]:
    per_share, in_usd = measure.startswith("price"), measure.endswith("_usd")
    if model == "ev":
        return _shapley(factors, per_share, in_usd)
    steps = {
        name: np.diff(np.log(factors[name].to_numpy(dtype=float))) for name in ("bitcoin", "purchases", "multiple")
    }
    none = np.zeros(len(factors) - 1)
    steps["issuance"] = 0.0 - np.diff(np.log(factors["issuance"].to_numpy(dtype=float))) if per_share else none
    steps["fx"] = none if in_usd else 0.0 - np.diff(np.log(factors["fx"].to_numpy(dtype=float)))
    steps["claims"] = none  # the basic multiple does not know them: they are inside it
    if unit == "money":
        weight = _logarithmic_mean(_value(factors, measure))
        steps = {name: step * weight for name, step in steps.items()}
    return {name: steps[name] for name in PARTS}


def _logarithmic_mean(value: Floats) -> Floats:
    """(b − a) / ln(b / a) of neighbours: what turns log points into money without a rest."""
    before, after = value[:-1], value[1:]
    ratio = np.log(after / before)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (after - before) / ratio
    return np.where(ratio == 0, before, mean)


def _shapley(factors: pd.DataFrame, per_share: bool, in_usd: bool) -> dict[str, Floats]:
    columns = {name: factors[name].to_numpy(dtype=float) for name in PARTS}
    names = [name for name in PARTS if (per_share or name != "issuance") and not (in_usd and name == "fx")]

    def value(of: dict[str, Floats]) -> Floats:
        result = of["multiple"] * of["purchases"] * of["bitcoin"] - of["claims"]
        result = result / of["issuance"] if per_share else result
        return result if in_usd else result / of["fx"]

    parts = shapley({name: (columns[name][:-1], columns[name][1:]) for name in PARTS}, names, value)
    return {name: parts.get(name, np.zeros(len(factors) - 1)) for name in PARTS}


def shapley(
    ends: dict[str, tuple[Floats, Floats]],
    names: list[str],
    value: Callable[[dict[str, Floats]], Floats],
) -> dict[str, Floats]:
    """Each named factor's average effect on `value` over all orders of moving from the first ends to the second ones.

    `ends` holds every factor `value` reads; those not in `names` stay at their first end. The parts sum to
    value(all moved) − value(none moved).
    """
    worth = {
        moved: value({name: pair[name in moved] for name, pair in ends.items()})
        for size in range(len(names) + 1)
        for moved in map(frozenset, combinations(names, size))
    }
    count = len(names)
    weight = [factorial(size) * factorial(count - size - 1) / factorial(count) for size in range(count)]
    return {
        name: np.sum(
            [weight[len(moved)] * (worth[moved | {name}] - worth[moved]) for moved in worth if name not in moved],
            axis=0,
        )
        for name in names
    }


def rest(move: float, parts: float, opening: float) -> float:
    """What the parts leave of a move, as a share of the opening value; 0 where that is the rounding of sums alone."""
    left = (move - parts) / opening
    return 0.0 if abs(left) < SUM_ROUNDING else left


def _summed(model: str, measure: str, unit: str, factors: pd.DataFrame, steps: dict[str, Floats]) -> Attribution:
    value = _value(factors, measure)
    start, end = float(value[0]), float(value[-1])
    move = float(np.log(end / start)) if unit == "log" else end - start
    parts: dict[str, float | None] = {name: float(step.sum()) for name, step in steps.items()}
    residual = rest(move, sum(float(step.sum()) for step in steps.values()), 1.0 if unit == "log" else start)
    if model == "basic":
        parts["claims"] = None  # not a part of this model, so unknown rather than zero
    return Attribution(model, measure, unit, start, end, move, parts, residual)
