"""What a company may still sell at the market, and how much of it trades: feed of `mnav issuance` and `mnav preferred`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from db.reads.close import Picture

if TYPE_CHECKING:
    from sqlite_utils import Database

TRADED_SESSIONS = 30  # over which what trades is averaged
FEWEST_TRADED = 10  # of them whose volume is known
PROGRAMME_DAYS = 120  # a programme told longer ago may be used up, or renewed


@dataclass(frozen=True, slots=True)
class Programme:
    """Of a company's shares or one of its series: US dollars it may still sell (told `as_of`), and US dollars traded a session.

    `sessions` is over how many with a known volume. None is unknown, or too old.
    """

    available: float | None
    as_of: date | None
    traded: float | None
    sessions: int


def programme(db: Database, seen: Picture, instrument: str | None = None) -> Programme:
    """As known at a close; what traded is volume × close of each session, so that splits do not matter."""
    ticker = seen.company.ticker
    told = db.execute(
        "SELECT value, unit, as_of FROM known_fact WHERE ticker = ? AND instrument IS ? AND quantity = 'issuance_available'"
        " AND known_at <= ? AND (length(known_at) > 10 OR known_at < ?) ORDER BY as_of DESC, known_at DESC LIMIT 1",
        (ticker, instrument, f"{seen.moment:%Y-%m-%dT%H:%M:%SZ}", str(seen.day)),
    ).fetchone()
    available, as_of = None, None
    if told is not None:
        as_of = date.fromisoformat(told[2])
        rate = seen.rates.get(told[1])
        if rate is not None and (seen.day - as_of).days <= PROGRAMME_DAYS:
            available = told[0] * rate
    table, where, key = ("price", "symbol = ? AND fixing = ?", (ticker, "close"))
    if instrument is not None:
        table, where, key = ("instrument_price", "ticker = ? AND instrument = ?", (ticker, instrument))
    sessions = db.execute(
        f"SELECT close * volume, currency FROM (SELECT date, close, volume, currency FROM {table} WHERE {where} AND date <= ?"
        " ORDER BY date DESC LIMIT ?) WHERE volume IS NOT NULL",
        (*key, str(seen.day), TRADED_SESSIONS),
    ).fetchall()
    worth = [amount * seen.rates[currency] for amount, currency in sessions if currency in seen.rates]
    return Programme(available, as_of, sum(worth) / len(worth) if len(worth) >= FEWEST_TRADED else None, len(worth))
