"""One company at one close, as the plain resolver sees it: what `explain`, capital structure and bridges stand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlite_utils import Database

from db import stored
from treasury.closes import Closes
from treasury.evidence import Evidence
from treasury.market import Market, inputs_at
from treasury.model import Company, Fact, InputError, Instrument, Split
from treasury.resolve import State, evidence_at, resolve


@dataclass(frozen=True, slots=True)
class Close:
    """The close of `day` at `moment`: the price, everything stored of the company, and what it resolves to."""

    company: Company
    day: date
    moment: datetime
    price: float
    facts: list[Fact]
    instruments: list[Instrument]
    splits: list[Split]
    closes: Closes
    market: Market
    state: State
    inputs: dict[str, float | None]

    @property
    def evidence(self) -> Evidence:
        """The facts known at the close."""
        return evidence_at(self.company, self.day, self.facts, self.closes)

    def rate(self, currency: str) -> float | None:
        """US dollars for one unit, by the last rate published before the close."""
        return self.market.rate_at(currency, self.moment, self.day)

    def price_in(self, currency: str) -> float | None:
        """The share's price in the currency of a strike."""
        if currency == self.company.currency:
            return self.price
        ours, theirs = self.rate(self.company.currency), self.rate(currency)
        return None if ours is None or theirs is None else self.price * ours / theirs


def company_of(db: Database, ticker: str) -> Company:
    """One company. Raises InputError for an unknown ticker."""
    for one in stored.companies(db).values():
        if one.ticker == ticker:
            return one
    raise InputError(f"unknown ticker {ticker!r}")


def close_of(db: Database, ticker: str, on: str | None = None) -> Close:
    """The newest valued close up to a day. Raises InputError where the company has none by then."""
    found = closes_of(db, (ticker,), on)
    if not found:
        company_of(db, ticker)
        raise InputError(f"{ticker} has no valued close" + (f" up to {on}" if on else "; it lacks a price series"))
    return found[0]


def closes_of(db: Database, tickers: Sequence[str], on: str | None = None) -> list[Close]:
    """The newest valued close of each company up to a day, what all share read once; companies without one are left out."""
    companies = {one.ticker: one for one in stored.companies(db).values()}
    closes, market, instruments, splits = (
        stored.closes(db),
        stored.market(db),
        stored.instruments(db),
        stored.splits(db),
    )
    found = []
    for ticker in tickers:
        row = db.execute(
            "SELECT v.date, v.price FROM valuation v JOIN company c ON c.id = v.company_id"
            " WHERE c.ticker = ? AND v.date <= ? ORDER BY v.date DESC LIMIT 1",
            (ticker, on or "9999-12-31"),
        ).fetchone()
        if row is None:
            continue
        company, day, price = companies[ticker], date.fromisoformat(row[0]), float(row[1])
        facts = stored.facts(db, ticker)
        own, split = (
            [one for one in instruments if one.ticker == ticker],
            [one for one in splits if one.ticker == ticker],
        )
        state = resolve(company, day, facts, own, split, closes)
        inputs = inputs_at(state, company, price, day, closes, market)
        moment = closes.moment(company.mic, day)
        found.append(Close(company, day, moment, price, facts, own, split, closes, market, state, inputs))
    return found
