"""Tables for charts, made from what is stored: who stands before the shares, when it falls due, what moved the price."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from treasury.capital import DEBT_KINDS, PREFERRED_KINDS, PRINCIPAL_QUANTITY, conversion_price, split_factor
from treasury.closes import Closes
from treasury.evidence import Evidence, is_known, observe
from treasury.model import Company, Fact, Instrument, Split

CLAIM_COLUMNS = ("instrument", "kind", "usd", "conversion_price", "put_date", "maturity", "seniority")
NOT_ITEMISED = "not itemised"
_SENIORITY_UNKNOWN = {"loan": 1, "bond": 2, "convertible": 2}  # below: preferred stock


def claims(
    company: Company,
    day: date,
    facts: Iterable[Fact],
    instruments: Sequence[Instrument],
    splits: Sequence[Split],
    terms: Mapping[str, Mapping[str, Any]],
    usd_per_unit: Mapping[str, float],
    totals: Mapping[str, float | None],
    closes: Closes,
) -> pd.DataFrame:
    """What each instrument claims at the close of a day, senior first, of equals who is paid soonest: the columns CLAIM_COLUMNS.

    `usd` is in US dollars, `conversion_price` in the instrument's currency on the split basis of the day.
    `terms` holds put_date, maturity and seniority by instrument, `usd_per_unit` the day's rates, `totals` the resolved debt and
    preferred of the day (USD). What a total holds beyond its instruments is a line of its own, kind debt or preferred; an
    instrument whose amount nobody stated is left to it.
    """
    moment = closes.moment(company.mic, day)
    own = [fact for fact in facts if fact.ticker == company.ticker]
    evidence = Evidence(day, tuple(seen for seen in observe(own) if is_known(seen.fact, moment, day)))
    found = []
    for one in instruments:
        if one.ticker != company.ticker or one.kind not in PRINCIPAL_QUANTITY or (one.ends_on and one.ends_on <= day):
            continue
        stated = evidence.winner((PRINCIPAL_QUANTITY[one.kind],), one.instrument)
        if stated is None or not stated.value or stated.parts[0][0] not in usd_per_unit:
            continue
        term, at = terms.get(one.instrument, {}), conversion_price(one)
        factor = split_factor([split for split in splits if split.ticker == company.ticker], one.issue_date, day)
        found.append(
            {
                "instrument": one.instrument,
                "kind": one.kind,
                "usd": stated.value * usd_per_unit[stated.parts[0][0]],
                "conversion_price": at / factor if at is not None else None,
                "put_date": term.get("put_date"),
                "maturity": term.get("maturity"),
                "seniority": term.get("seniority") or _SENIORITY_UNKNOWN.get(one.kind, 9),
            }
        )
    frame = pd.DataFrame(found, columns=list(CLAIM_COLUMNS))
    for name, kinds, seniority in (("debt", DEBT_KINDS, 2), ("preferred", PREFERRED_KINDS, 9)):
        total = totals.get(name)
        rest = None if total is None else total - float(frame.loc[frame["kind"].isin(kinds), "usd"].sum())
        if rest is not None and total and rest > 0.005 * total:
            line = {"instrument": f"{name}, {NOT_ITEMISED}", "kind": name, "usd": rest, "seniority": seniority}
            frame = pd.DataFrame([*frame.to_dict("records"), line], columns=list(CLAIM_COLUMNS))
    due = frame["put_date"].fillna(frame["maturity"]).fillna("9999-12-31")
    order = frame.assign(due=due).sort_values(["seniority", "due", "instrument"], kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def floors(frame: pd.DataFrame, btc: float) -> pd.DataFrame:
    """The claims with `above` (USD, this claim and all before it) and `floor_price`: USD per bitcoin at which they are just covered.

    Cumulative claims / bitcoin held, cash not deducted (METRICS 1.6).
    """
    above = frame["usd"].cumsum()
    return frame.assign(above=above, floor_price=above / btc)


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
    price = multiple × bitcoin price × bitcoin per share / fx, so the logarithms add up exactly (METRICS 7.1); `points` share
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
