"""Reads: bitcoin's closes and the context series, as they were known on a day."""

from __future__ import annotations

from datetime import date

from sqlite_utils import Database

from treasury.bitcoin.condition import Point


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


def context_series(db: Database, on: str | None = None) -> dict[str, list[Point]]:
    """Every stored series by name, as known at the end of a day; of two sources for a day the later known one speaks."""
    until = on or "9999-12-31"
    rows = db.execute(
        "SELECT c.series, c.date, c.value, s.title FROM context c JOIN source s ON s.id = c.source"
        " WHERE c.date <= ? AND substr(coalesce(c.known_at, c.date), 1, 10) <= ?"
        " ORDER BY c.series, c.date, coalesce(c.known_at, c.date), c.source",
        (until, until),
    ).fetchall()
    found: dict[str, dict[date, Point]] = {}
    for series, day, value, source in rows:
        on_day = date.fromisoformat(day)
        found.setdefault(series, {})[on_day] = Point(on_day, value, source)
    return {series: list(points.values()) for series, points in found.items()}
