"""Reads: bitcoin's prices, its closes and the context series, as they were known on a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from db.tables import objects
from treasury.bitcoin.condition import CONTEXT, Point
from treasury.known.fixings import clock_of
from treasury.model import InputError

if TYPE_CHECKING:
    from sqlite_utils import Database


def bitcoin_closes(db: Database, on: str | None = None) -> tuple[list[tuple[date, float]], str]:
    """Bitcoin's closes of UTC days up to and including `on`, and the titles of their sources, newest first."""
    rows = db.execute(
        "SELECT date, close FROM price WHERE symbol = 'BTC' AND fixing = 'utc' AND date <= ? ORDER BY date",
        (on or "9999-12-31",),
    ).fetchall()
    titles = db.execute(
        "SELECT s.title FROM price p JOIN source s ON s.id = p.source WHERE p.symbol = 'BTC' AND p.fixing = 'utc' AND p.date <= ?"
        " GROUP BY s.id ORDER BY max(p.date) DESC LIMIT 1",
        (on or "9999-12-31",),
    ).fetchall()
    return [(date.fromisoformat(day), close) for day, close in rows], "; ".join(title for (title,) in titles)


def newest_price(db: Database) -> dict[str, Any] | None:
    """Bitcoin's price of the latest moment, with that moment and its source; no publisher's own series."""
    found: tuple[datetime, str, str] | None = None
    for symbol, fixing in objects.market_series(db):
        if symbol == "BTC" and (clock := clock_of(fixing)) is not None:
            (day,) = db.execute("SELECT max(date) FROM price WHERE symbol = 'BTC' AND fixing = ?", (fixing,)).fetchone()
            found = (
                max(found, (clock.on(date.fromisoformat(day)), fixing, day))
                if found
                else (clock.on(date.fromisoformat(day)), fixing, day)
            )
    if found is None:
        return None
    at, fixing, day = found
    (row,) = db.query(
        "SELECT p.close, src.title AS source, src.url FROM price p JOIN source src ON src.id = p.source"
        " WHERE p.symbol = 'BTC' AND p.fixing = ? AND p.date = ?",
        [fixing, day],
    )
    return {"at": f"{at:%Y-%m-%d %H:%M} UTC", **row}


def local_prices(db: Database, fixing: str) -> list[tuple[str, float]]:
    """Bitcoin at one time of the day at a place (nyse, london_1630): what is filed under it, and the hours of the UTC day that it is."""
    own = dict(db.execute("SELECT date, close FROM price WHERE symbol = 'BTC' AND fixing = ?", (fixing,)).fetchall())
    clock = clock_of(fixing)
    if clock is not None and clock.timezone != "UTC":
        stored = {
            (f"{day}T{hour}"): close
            for day, hour, close in db.execute(
                "SELECT date, fixing, close FROM price WHERE symbol = 'BTC' AND fixing GLOB '[0-2][0-9]:[0-5][0-9]'"
            )
        }
        for day in sorted({moment[:10] for moment in stored}):
            close = stored.get(f"{clock.on(date.fromisoformat(day)):%Y-%m-%dT%H:%M}")
            if close is not None:
                own.setdefault(day, close)
    return sorted(own.items())


def context_series(db: Database, on: str | None = None) -> dict[str, list[Point]]:
    """Every stored series by name, as known at the end of a day; of two sources of one publisher for a day the later known one speaks.

    A reading without a moment of publication counts from the end of its own day.
    """
    until = on or "9999-12-31"
    rows = db.execute(
        "SELECT c.series, c.date, c.value, s.title, coalesce(c.publisher, ''), coalesce(c.note, ''), c.rowid"
        " FROM context c JOIN source s ON s.id = c.source"
        " WHERE c.date <= ? AND substr(coalesce(c.known_at, c.date), 1, 10) <= ?"
        " ORDER BY c.series, c.date, coalesce(c.known_at, c.date), c.source",
        (until, until),
    ).fetchall()
    found: dict[str, dict[tuple[date, str], Point]] = {}
    for series, day, value, source, publisher, note, stored in rows:
        one = Point(date.fromisoformat(day), value, source, publisher or CONTEXT[series].publisher, note, stored)
        found.setdefault(series, {})[one.on, one.whose] = one
    return {series: list(points.values()) for series, points in found.items()}


def treasury_yields(db: Database, series: str) -> list[Point]:
    """A stored yield day by day. Raises InputError where none is known."""
    points = sorted(context_series(db).get(series, ()), key=lambda one: (one.on, one.stored))
    if not points:
        raise InputError(f"no {series} is known; import a file of kind context with it, or give --risk-free")
    return points
