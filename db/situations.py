"""Reads: companies at a close as `treasury.scenario` and `treasury.wall` take them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlite_utils import Database

from db import stored
from db.close import closes_of
from db.picture import picture_of
from treasury.capital import CONVERTIBLE_KINDS
from treasury.scenario import Situation, strikes
from treasury.wall import Owed


def situations(db: Database, tickers: Sequence[str], on: str | None = None) -> list[Situation]:
    """Each company at its newest valued close up to a day; companies without one are left out."""
    return [
        Situation(one.company, one.day, one.price, one.state, one.closes, one.market, picture_of(one).stack)
        for one in closes_of(db, tickers, on)
    ]


def claims_owed(db: Database, situation: Situation) -> list[Owed]:
    """What a company owes at its close, claim by claim; what its totals hold beyond its instruments is not among them."""
    strike = strikes(situation)
    terms = {one.instrument: one for one in stored.instruments(db) if one.ticker == situation.company.ticker}
    return [
        Owed(
            terms[one.instrument],
            one.notional,
            one.rate_pct,
            strike.get(one.instrument) if one.kind in CONVERTIBLE_KINDS else None,
        )
        for one in situation.stack.layers
        if one.instrument in terms and one.notional is not None
    ]


def issued_a_quarter(db: Database, ticker: str, day: date) -> float | None:
    """A quarter of the share of its basic shares that a company issued in the year before; None where either count is unknown."""
    rows = db.execute(
        "SELECT date, shares_basic / split_factor FROM mnav_daily WHERE ticker = ? AND date <= ? AND date > date(?, '-375 days')"
        " AND shares_basic IS NOT NULL ORDER BY date",
        (ticker, str(day), str(day)),
    ).fetchall()
    if not rows or (day - date.fromisoformat(rows[0][0])).days < 360:
        return None
    year_before = [count for text, count in rows if (day - date.fromisoformat(text)).days >= 360]
    return float(max(0.0, rows[-1][1] / year_before[-1] - 1) / 4)


def counted_once(db: Database, tickers: Sequence[str], on: str) -> list[str]:
    """Those whose coins are not already in another company's of the same list on that day."""
    inside = {
        ticker
        for ticker, other in db.execute(
            "SELECT ticker, other FROM relation WHERE kind = 'consolidated_by' AND valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)",
            (on, on),
        ).fetchall()
        if other in tickers
    }
    return [ticker for ticker in tickers if ticker not in inside]
