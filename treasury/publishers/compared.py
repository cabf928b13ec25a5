"""A published number beside ours: which of our columns it speaks of, in which money, and why the two differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from treasury.amounts import plain
from treasury.publishers.definition import PRINTED_AS
from treasury.publishers.printed import half_step

WITHIN_ROUNDING = "agrees within its rounding"
COMPARED_COLUMNS = (
    "date", "price", "price_usd", "fx", "btc", "shares_basic", "debt", "preferred", "cash", "market_cap", "enterprise_value",
    "mnav_ev", "mnav_market_cap", "mnav_net", "btc_yield_ytd_pct", "btc_yield_qtd_pct", "missing", "reason",
)  # fmt: skip
PUBLISHED_GAINS = frozenset({"btc_yield_published_pct", "btc_gain_published"})
PUBLISHED_MONEY = frozenset({"market_cap_published", "ev_published", "cash_used_in_published_ev"})


def column_of(quantity: str, about: str | None) -> str:
    """Our column that a published quantity of a definition or period speaks of; "" where there is none."""
    if quantity in PUBLISHED_GAINS:
        return _yield_of(about or "")
    if quantity == "mnav_published":
        return PRINTED_AS.get(about or "ev", "")
    return {
        "market_cap_published": "market_cap", "ev_published": "enterprise_value", "cash_used_in_published_ev": "cash",
        "share_price_published": "price",
    }[quantity]  # fmt: skip


def unit_in_usd(unit: str, currency: str, fx: float | None) -> float | None:
    """Dollars for one unit of a published number, of a company quoted in `currency` at `fx`; 1 for what is no money, None where not known."""
    if unit == "USD" or unit == "BTC" or len(unit) != 3:
        return 1.0
    return fx if unit == currency else None


def same_quarter(one: date, other: date) -> bool:
    return (one.year, (one.month - 1) // 3) == (other.year, (other.month - 1) // 3)


def period_start(day: date, column: str) -> date:
    """The first day of the year, or of the quarter, that a yield of this column is of."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1 if "qtd" in column else 1, 1)


def ours_beside(
    quantity: str,
    about: str | None,
    row: Mapping[str, Any],
    opening_btc: float | None,
    per_unit: float | None,
    unit: str,
) -> tuple[float | None, str]:
    """Our number for a published quantity from a row of `COMPARED_COLUMNS`, in its unit; and what to say where there is none.

    `opening_btc` are the holdings before the period of a gain.
    """
    name = column_of(quantity, about)
    if not name:
        return None, f"{about} is not a definition or period computed here"
    value: float | None = row[name]
    if value is None:
        lacks = " ".join(one for one in (row["missing"], row["reason"]) if one)
        return None, f"{name} is unknown: {lacks}" if lacks else f"{name} is unknown"
    if quantity == "btc_gain_published":
        return (None, "no opening holdings") if opening_btc is None else (opening_btc * value / 100, "")
    if quantity in PUBLISHED_MONEY:
        return (value / per_unit, "") if per_unit else (None, f"no rate for {unit}")
    return value, ""


def why_apart(
    quantity: str, value: float, ours: float, row: Mapping[str, Any], per_unit: float | None, note: str
) -> str:
    """Why a published number and ours differ, as far as the row tells; that they agree where they do within its rounding."""
    if abs(ours - value) <= half_step(value) * 1.000001:
        return WITHIN_ROUNDING
    if quantity == "market_cap_published" and row["price_usd"] and row["shares_basic"] and per_unit:
        shares = value * per_unit / row["price_usd"]
        return f"at our close it implies {shares:,.0f} shares, known were {row['shares_basic']:,.0f}; else another price or moment"
    if quantity == "ev_published" and row["market_cap"] is not None and per_unit:
        net = row["debt"] + row["preferred"] - row["cash"]
        return f"it implies claims less cash of {plain(round(value * per_unit - row['market_cap']))} USD at our market cap, known were {plain(round(net))}"
    if quantity == "cash_used_in_published_ev":
        return "the page netted another balance than the last one reported (cash vintage)"
    if quantity == "mnav_published":
        return note or "another price, moment or vintage"
    return "ours is point-in-time: counts of the period's ends that became known later are not in it; theirs is restated and rounded"


def tally(rows: Sequence[Mapping[str, Any]]) -> str:
    """In one line: how many published numbers are known, how many ours meets, how many it does not, how many it has no number for."""
    known = [row for row in rows if row["ours"] is not None]
    agree = sum(row["explanation"] == WITHIN_ROUNDING for row in known)
    return (
        f"{len(rows):,} numbers that companies and trackers published: {agree} are ours to their last digit, {len(known) - agree} differ"
        f" (other prices, counts or days: each says which), of {len(rows) - len(known)} nothing comparable is known here"
    )


def _yield_of(period: str) -> str:
    """The column that measures a period: FY2024, YTD2025 and H1-2026 run from the year's start, QTD2024 and 2025Q1 from the quarter's."""
    if period.startswith(("FY", "YTD", "H1")):
        return "btc_yield_ytd_pct"
    return "btc_yield_qtd_pct" if period.startswith("QTD") or "Q" in period else ""
