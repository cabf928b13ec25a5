"""One company at one close as the plain resolver sees it: state, inputs and capital structure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlite_utils import Database

from db import query
from treasury.market import Market, inputs_at
from treasury.metric import evaluate
from treasury.model import Company, InputError
from treasury.resolve import State, evidence_at, resolve
from treasury.stack import Stack, capital_stack


@dataclass(frozen=True, slots=True)
class Picture:
    """`values` are the day's inputs and every row-wise metric; `rates` US dollars for one unit of each currency used."""

    company: Company
    day: date
    state: State
    values: dict[str, Any]
    stack: Stack
    rates: dict[str, float]


def picture(db: Database, ticker: str, on: str | None = None) -> Picture:
    """The newest close up to a day. Raises InputError where the company has none."""
    company = next(one for one in query.companies(db).values() if one.ticker == ticker)
    row = db.execute(
        "SELECT v.date, v.price FROM valuation v JOIN company c ON c.id = v.company_id"
        " WHERE c.ticker = ? AND v.date <= ? ORDER BY v.date DESC LIMIT 1",
        (ticker, on or "9999-12-31"),
    ).fetchone()
    if row is None:
        raise InputError(f"{ticker} has no valued close" + (f" up to {on}" if on else "; it lacks a price series"))
    day, closes, market = date.fromisoformat(row[0]), query.closes(db), query.market(db)
    facts, instruments, splits = query.facts(db, ticker), query.instruments(db), query.splits(db)
    state = resolve(company, day, facts, instruments, splits, closes)
    inputs = inputs_at(state, company, row[1], day, closes, market)
    rates = _rates(market, company, day, closes.moment(company.mic, day), instruments)
    evidence = evidence_at(company, day, facts, closes)
    stack = capital_stack(company, state, inputs, evidence, instruments, splits, rates.get)
    return Picture(company, day, state, evaluate(inputs), stack, rates)


def _rates(market: Market, company: Company, day: date, moment: Any, instruments: list[Any]) -> dict[str, float]:
    wanted = {"USD", company.currency, *(currency for currency, _ in market.rates)}
    wanted |= {one.currency for one in instruments if one.ticker == company.ticker}
    found = {currency: market.rate_at(currency, moment, day) for currency in wanted}
    return {currency: rate for currency, rate in found.items() if rate is not None}
