"""Every published number known, ours beside it, the difference and why: compared on every call, never an input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from db.reads.published_multiple import half_step
from treasury.publishers.definition import PRINTED_AS
from treasury.quantities import PUBLISHED

_WITHIN_DAYS = 7  # an older close is not the day the publisher spoke of


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of mnav_daily, by column; empty where there is no close near the day."""

    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)


_COLUMNS = (
    "date", "price", "price_usd", "fx", "btc", "shares_basic", "debt", "preferred", "cash", "market_cap", "enterprise_value",
    "mnav_ev", "mnav_market_cap", "mnav_net", "btc_yield_ytd_pct", "btc_yield_qtd_pct", "missing", "reason",
)  # fmt: skip


def published_numbers(db: Database, tickers: Sequence[str] = ()) -> list[dict[str, Any]]:
    """One row a published fact: ticker, quantity, about (period or definition), as_of, published, unit, ours, difference, explanation.

    Ours is of the last close up to `as_of`, at most seven days before it, in the publisher's unit; None is unknown. A yield
    or gain is compared at the first close after it was published, if that lies in the same quarter: there the same is known.
    """
    rows = db.execute(
        f"""SELECT f.ticker, f.quantity, f.instrument, f.as_of, f.value, f.unit, f.source, c.currency, f.note, f.known_at
            FROM known_fact f JOIN company c ON c.ticker = f.ticker
            WHERE f.quantity IN ({", ".join("?" * len(PUBLISHED))}) ORDER BY c.id, f.quantity, f.as_of, f.source""",
        sorted(PUBLISHED),
    ).fetchall()
    told = []
    for ticker, quantity, about, as_of, value, unit, source, currency, note, known_at in rows:
        if tickers and ticker not in tickers:
            continue
        row = _after(db, ticker, as_of, known_at[:10]) if quantity in _YIELDS else _Row({})
        row = row if row["date"] else _near(db, ticker, as_of)
        per_unit = {"USD": 1.0, currency: row["fx"]}.get(unit, None if len(unit) == 3 and unit != "BTC" else 1.0)
        ours, lacking = _ours(db, ticker, quantity, about, row)
        if ours is not None and quantity in _MONEY:
            ours, lacking = (ours / per_unit, "") if per_unit else (None, f"no rate for {unit}")
        told.append(
            {
                "ticker": ticker, "quantity": quantity, "about": about, "as_of": as_of, "published": value, "unit": unit,
                "ours": ours, "our_day": row["date"],
                "difference_pct": (ours / value - 1) * 100 if ours is not None and value else None,
                "explanation": lacking or _why(quantity, value, ours, row, per_unit, note or ""),
                "source": source,
            }
        )  # fmt: skip
    return told


WITHIN_ROUNDING = "agrees within its rounding"


def tally(rows: Sequence[dict[str, Any]]) -> str:
    """In one line: how many published numbers are known, how many ours meets, how many it does not, how many it has no number for."""
    known = [row for row in rows if row["ours"] is not None]
    agree = sum(row["explanation"] == WITHIN_ROUNDING for row in known)
    return (
        f"{len(rows):,} published numbers: {agree} agree with ours within their rounding, {len(known) - agree} differ, "
        f"{len(rows) - len(known)} have none of ours beside them"
    )


_YIELDS = {"btc_yield_published_pct", "btc_gain_published"}
_MONEY = {"market_cap_published", "ev_published", "cash_used_in_published_ev"}


def _near(db: Database, ticker: str, as_of: str) -> _Row:
    row = db.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM mnav_daily WHERE ticker = ? AND date <= ? AND date >= date(?, '-{_WITHIN_DAYS} days')"
        " ORDER BY date DESC LIMIT 1",
        (ticker, as_of, as_of),
    ).fetchone()
    return _Row(dict(zip(_COLUMNS, row, strict=True)) if row else {})


def _after(db: Database, ticker: str, as_of: str, known_on: str) -> _Row:
    """The first close from the day of publication on; empty where it lies in another quarter than `as_of`."""
    row = db.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM mnav_daily WHERE ticker = ? AND date >= ? AND date <= date(?, '+{_WITHIN_DAYS} days')"
        " ORDER BY date LIMIT 1",
        (ticker, known_on, known_on),
    ).fetchone()
    if row is None or (row[0][:4], (int(row[0][5:7]) - 1) // 3) != (as_of[:4], (int(as_of[5:7]) - 1) // 3):
        return _Row({})
    return _Row(dict(zip(_COLUMNS, row, strict=True)))


def _ours(db: Database, ticker: str, quantity: str, about: str | None, row: _Row) -> tuple[float | None, str]:
    """Our number for a published quantity, and what to say where there is none."""
    if row["date"] is None:
        return None, "no close within seven days before it"
    name = {
        "market_cap_published": "market_cap", "ev_published": "enterprise_value", "cash_used_in_published_ev": "cash",
        "share_price_published": "price",
        "mnav_published": PRINTED_AS.get(about or "ev", ""),
        "btc_yield_published_pct": _yield_of(about), "btc_gain_published": _yield_of(about),
    }[quantity]  # fmt: skip
    if not name:
        return None, f"{about} is not a definition or period computed here"
    value = row[name]
    if value is None:
        lacks = " ".join(one for one in (row["missing"], row["reason"]) if one)
        return None, f"{name} is unknown: {lacks}" if lacks else f"{name} is unknown"
    if quantity == "btc_gain_published":
        base = _opening_btc(db, ticker, row["date"], quarter="qtd" in name)
        return (None, "no opening holdings") if base is None else (base * value / 100, "")
    return value, ""


def _yield_of(period: str | None) -> str:
    """The column that measures a period: FY2024, YTD2025 and H1-2026 run from the year's start, QTD2024 and 2025Q1 from the quarter's."""
    text = period or ""
    if text.startswith(("FY", "YTD", "H1")):
        return "btc_yield_ytd_pct"
    return "btc_yield_qtd_pct" if text.startswith("QTD") or "Q" in text else ""


def _opening_btc(db: Database, ticker: str, day: str, *, quarter: bool) -> float | None:
    month = (int(day[5:7]) - 1) // 3 * 3 + 1 if quarter else 1
    row = db.execute(
        "SELECT btc FROM mnav_daily WHERE ticker = ? AND date < ? ORDER BY date DESC LIMIT 1", (ticker, f"{day[:4]}-{month:02d}-01")
    ).fetchone()  # fmt: skip
    return row[0] if row else None


def _why(quantity: str, value: float, ours: float | None, row: _Row, per_unit: float | None, note: str) -> str:
    if ours is None:
        return ""
    if abs(ours - value) <= half_step(value) * 1.000001:
        return WITHIN_ROUNDING
    if quantity == "market_cap_published" and row["price_usd"] and row["shares_basic"] and per_unit:
        shares = value * per_unit / row["price_usd"]
        return f"at our close it implies {shares:,.0f} shares, known were {row['shares_basic']:,.0f}; else another price or moment"
    if quantity == "ev_published" and row["market_cap"] is not None and per_unit:
        net = row["debt"] + row["preferred"] - row["cash"]
        return f"it implies claims less cash of {value * per_unit - row['market_cap']:,.0f} USD at our market cap, known were {net:,.0f}"
    if quantity == "cash_used_in_published_ev":
        return "the page netted another balance than the last one reported (cash vintage)"
    if quantity == "mnav_published":
        return note or "another price, moment or vintage"
    return "ours is point-in-time: counts of the period's ends that became known later are not in it; theirs is restated and rounded"


__all__ = ["published_numbers", "tally"]
