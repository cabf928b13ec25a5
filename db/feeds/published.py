"""Every published number known, ours beside it, the difference and why: compared on every call, never an input."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from treasury.publishers.compared import (
    COMPARED_COLUMNS,
    PUBLISHED_GAINS,
    column_of,
    ours_beside,
    period_start,
    same_quarter,
    unit_in_usd,
    why_apart,
)
from treasury.quantities import PUBLISHED

if TYPE_CHECKING:
    from sqlite_utils import Database

_WITHIN_DAYS = 7  # an older close is not the day the publisher spoke of


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
        row = _after(db, ticker, as_of, known_at[:10]) if quantity in PUBLISHED_GAINS else None
        row = row or _near(db, ticker, as_of)
        ours, explanation = None, "no close within seven days before it"
        if row is not None:
            per_unit = unit_in_usd(unit, currency, row["fx"])
            opening = (
                _opening_btc(db, ticker, row["date"], column_of(quantity, about))
                if quantity in PUBLISHED_GAINS
                else None
            )
            ours, explanation = ours_beside(quantity, about, row, opening, per_unit, unit)
            if ours is not None:
                explanation = why_apart(quantity, value, ours, row, per_unit, note or "")
        told.append(
            {
                "ticker": ticker, "quantity": quantity, "about": about, "as_of": as_of, "published": value, "unit": unit,
                "ours": ours, "our_day": row["date"] if row is not None else None,
                "difference_pct": (ours / value - 1) * 100 if ours is not None and value else None,
                "explanation": explanation,
                "source": source,
            }
        )  # fmt: skip
    return told


def _near(db: Database, ticker: str, as_of: str) -> dict[str, Any] | None:
    row = db.execute(
        f"SELECT {', '.join(COMPARED_COLUMNS)} FROM mnav_daily WHERE ticker = ? AND date <= ? AND date >= date(?, '-{_WITHIN_DAYS} days')"
        " ORDER BY date DESC LIMIT 1",
        (ticker, as_of, as_of),
    ).fetchone()
    return dict(zip(COMPARED_COLUMNS, row, strict=True)) if row else None


def _after(db: Database, ticker: str, as_of: str, known_on: str) -> dict[str, Any] | None:
    """The first close from the day of publication on; None where it lies in another quarter than `as_of`."""
    row = db.execute(
        f"SELECT {', '.join(COMPARED_COLUMNS)} FROM mnav_daily WHERE ticker = ? AND date >= ? AND date <= date(?, '+{_WITHIN_DAYS} days')"
        " ORDER BY date LIMIT 1",
        (ticker, known_on, known_on),
    ).fetchone()
    if row is None or not same_quarter(date.fromisoformat(row[0]), date.fromisoformat(as_of)):
        return None
    return dict(zip(COMPARED_COLUMNS, row, strict=True))


def _opening_btc(db: Database, ticker: str, day: str, column: str) -> float | None:
    """The holdings of the last close before the period that the column measures."""
    row = db.execute(
        "SELECT btc FROM mnav_daily WHERE ticker = ? AND date < ? ORDER BY date DESC LIMIT 1",
        (ticker, str(period_start(date.fromisoformat(day), column))),
    ).fetchone()
    return row[0] if row else None
