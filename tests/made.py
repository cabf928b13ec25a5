"""Companies, facts and markets for tests, made in a line; the defaults are one plain US treasury company."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from treasury.known.closing_times import Closes, Hours
from treasury.known.vectorised import FactColumns
from treasury.model import Company, Fact
from treasury.valuation.inputs import Market

NEW_YORK = Hours("XNYS", "America/New_York", time(16, 0))
TOKYO = Hours("XTKS", "Asia/Tokyo", time(15, 0))
TOKYO_LATER = Hours("XTKS", "Asia/Tokyo", time(15, 30), date(2024, 11, 5))
CLOSES = Closes([NEW_YORK, TOKYO, TOKYO_LATER])
ORANGE = Company("ORNG", "Orange Corp", "XNYS", "US", "USD", "treasury", instruments_complete=True)
DAY = date(2025, 6, 2)


def fact(
    quantity: str,
    value: float,
    as_of: date = DAY - timedelta(days=7),
    known_at: datetime | date | None = None,
    *,
    unit: str | None = None,
    instrument: str | None = None,
    kind: str = "filing",
    source: str = "sec-1",
    ticker: str = "ORNG",
    number: int = 0,
) -> Fact:
    if unit is None:
        unit = (
            "BTC"
            if quantity.startswith("btc_h")
            else "shares"
            if "shares" in quantity or "outstanding" in quantity
            else "USD"
        )
    return Fact(number, ticker, instrument, quantity, as_of, known_at or as_of, value, unit, source, kind)


def at(day: date, clock: str) -> datetime:
    """A UTC moment of a day."""
    return datetime.combine(day, time.fromisoformat(clock), UTC)


def market(btc: float, day: date = DAY, rates: dict[str, float] | None = None) -> Market:
    """Bitcoin at the New York close and by UTC the day before, and exchange rates of the day before."""
    before = day - timedelta(days=1)
    return Market(
        {("nyse", day): btc, ("utc", before): btc},
        {(currency, before): rate for currency, rate in (rates or {}).items()},
    )


def columns(facts: Iterable[Fact]) -> FactColumns:
    rows: Sequence[Fact] = list(facts)
    return FactColumns(
        [one.id for one in rows],
        [one.ticker for one in rows],
        [one.instrument for one in rows],
        [one.quantity for one in rows],
        [one.as_of.isoformat() for one in rows],
        [
            f"{one.known_at:%Y-%m-%dT%H:%M:%SZ}" if isinstance(one.known_at, datetime) else one.known_at.isoformat()
            for one in rows
        ],
        [int(one.known_assumed) for one in rows],
        [one.value for one in rows],
        [one.unit for one in rows],
        [one.source for one in rows],
        [one.source_kind for one in rows],
        [one.period_start.isoformat() if one.period_start else None for one in rows],
        [int(one.copied) for one in rows],
    )
