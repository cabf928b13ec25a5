"""Reads: companies at a close as `treasury.scenario` takes them, with their layers of claims and what these cost a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlite_utils import Database

from db import query
from treasury.capital import CONVERTIBLE_KINDS, DEBT_KINDS, PREFERRED_KINDS, PRINCIPAL_QUANTITY
from treasury.closes import Closes
from treasury.evidence import Evidence, is_known, observe
from treasury.layers import Terms, annual_obligations, layers
from treasury.market import Market, inputs_at
from treasury.model import Company
from treasury.resolve import resolve
from treasury.scenario import Situation, strikes
from treasury.wall import Owed


def situations(db: Database, tickers: Sequence[str], on: str | None = None) -> list[Situation]:
    """Each company at its newest valued close up to a day; companies without one are left out."""
    companies = {one.ticker: one for one in query.companies(db).values()}
    closes, market = query.closes(db), query.market(db)
    instruments, splits, claims = query.instruments(db), query.splits(db), terms(db)
    found = []
    for ticker in tickers:
        company = companies[ticker]
        row = db.execute(
            "SELECT v.date, v.price FROM valuation v JOIN company c ON c.id = v.company_id"
            " WHERE c.ticker = ? AND v.date <= ? ORDER BY v.date DESC LIMIT 1",
            (ticker, on or "9999-12-31"),
        ).fetchone()
        if row is None:
            continue
        day, price = date.fromisoformat(row[0]), row[1]
        state = resolve(company, day, query.facts(db, ticker), instruments, splits, closes)
        inputs = inputs_at(state, company, price, day, closes, market)
        own = [one for one in claims if one.ticker == ticker]
        owed = principals(db, company, own, day, closes, market)
        series = {one.instrument: owed[one.instrument][0] for one in own if one.kind in PREFERRED_KINDS and one.instrument in owed}  # fmt: skip
        debt, preferred = inputs["debt"], inputs["preferred"]
        known = company.instruments_complete and debt is not None and preferred is not None
        found.append(
            Situation(
                company,
                day,
                price,
                state,
                closes,
                market,
                layers(debt, preferred, series, own),
                annual_obligations(owed, debt or 0.0, preferred or 0.0) if known else None,
            )
        )
    return found


def principals(
    db: Database, company: Company, own: Sequence[Terms], day: date, closes: Closes, market: Market
) -> dict[str, tuple[float, float | None]]:
    """What is outstanding of each debt and preferred on a day, in US dollars, with its rate known then (per cent a year)."""
    moment = closes.moment(company.mic, day)
    facts = query.facts(db, company.ticker)
    evidence = Evidence(day, tuple(seen for seen in observe(facts) if is_known(seen.fact, moment, day)))
    found: dict[str, tuple[float, float | None]] = {}
    for one in own:
        if one.kind not in (*DEBT_KINDS, *PREFERRED_KINDS):
            continue
        ends = min((end for end in (one.maturity, one.retired_on) if end is not None), default=None)
        amount = evidence.winner((PRINCIPAL_QUANTITY[one.kind],), one.instrument)
        if amount is None or (ends is not None and ends <= day):
            continue
        ((currency, value),) = amount.parts
        per_unit = market.rate_at(currency, moment, day)
        if per_unit is None:
            continue
        rate = evidence.winner(("dividend_rate_pct",), one.instrument)
        found[one.instrument] = (value * per_unit, rate.value if rate is not None else one.rate_pct)
    return found


def claims_owed(db: Database, situation: Situation) -> list[Owed]:
    """What a company owes at its close, claim by claim."""
    company, strike = situation.company, strikes(situation)
    own = [one for one in terms(db) if one.ticker == company.ticker]
    held = principals(db, company, own, situation.day, situation.closes, situation.market)
    return [
        Owed(one, *held[one.instrument], strike.get(one.instrument) if one.kind in CONVERTIBLE_KINDS else None)
        for one in own
        if one.instrument in held
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


def terms(db: Database) -> list[Terms]:
    """The terms of every instrument that time and money hang on."""
    rows = db.execute(
        "SELECT ticker, instrument, kind, currency, issue_date, maturity, put_date, call_date, rate_pct, seniority, retired_on, cumulative"
        " FROM instrument ORDER BY ticker, instrument"
    ).fetchall()

    def day(text: str | None) -> date | None:
        return date.fromisoformat(text) if text else None

    return [
        Terms(
            ticker, name, kind, currency, day(issued), day(matures), day(put), day(call), rate, seniority, day(retired),
            None if cumulative is None else cumulative == "yes",
        )
        for ticker, name, kind, currency, issued, matures, put, call, rate, seniority, retired, cumulative in rows
    ]  # fmt: skip


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
