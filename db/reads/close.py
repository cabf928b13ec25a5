"""One company at one close, as the plain resolver sees it: what `explain`, capital structure and bridges stand on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from db.tables import objects
from treasury.claims.capital_stack import Stack, capital_stack
from treasury.claims.funding_wall import LONGEST_YEAR_DAYS, Owed, share_issued_a_quarter
from treasury.instruments import CONVERTIBLE_KINDS, PREFERRED_KINDS
from treasury.known.closing_times import Closes
from treasury.known.resolve import State, resolve
from treasury.metrics.metric import evaluate
from treasury.model import Company, Fact, InputError, Instrument, Split
from treasury.studies.scenario import Situation, strikes
from treasury.valuation.inputs import Market, Quote, inputs_at, reasons_at

if TYPE_CHECKING:
    from sqlite_utils import Database


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
    def reasons(self) -> tuple[str, ...]:
        """The codes of `reason` that only the day's prices and rates can give."""
        return reasons_at(self.state, self.company, self.price, self.day, self.closes, self.market)

    def rate(self, currency: str) -> float | None:
        """US dollars for one unit, by the last rate published before the close."""
        return self.market.rate_at(currency, self.moment, self.day)

    @property
    def bitcoin(self) -> Quote | None:
        """Bitcoin at the close."""
        return self.market.bitcoin_quote(self.moment, self.closes.timezone(self.company.mic))

    def close_of(self, instrument: str, currency: str) -> float | None:
        """What one share of a listed instrument cost in a currency, by its own last close."""
        quote = self.market.close_of(self.company, instrument, currency, self.day)
        return quote.value if quote else None

    def price_in(self, currency: str) -> float | None:
        """The share's price in the currency of a strike."""
        if currency == self.company.currency:
            return self.price
        ours, theirs = self.rate(self.company.currency), self.rate(currency)
        return None if ours is None or theirs is None else self.price * ours / theirs


def series_closes(db: Database, close: Close) -> dict[str, dict[str, Any]]:
    """The closes that preferred stock is taken at on a day, by series: date, close, currency and source of each."""
    found: dict[str, dict[str, Any]] = {}
    for tranche in close.state.tranches:
        ((unit, amount),) = tranche.principal.parts
        quote = close.market.close_of(close.company, tranche.terms.instrument, unit, close.day)
        if tranche.terms.kind not in PREFERRED_KINDS or not amount or quote is None:
            continue
        (source,) = db.execute(
            "SELECT source FROM instrument_price WHERE ticker = ? AND instrument = ? AND date = ?",
            (close.company.ticker, tranche.terms.instrument, str(quote.day)),
        ).fetchone()
        found[tranche.terms.instrument] = {
            "date": str(quote.day),
            "close": quote.value,
            "currency": unit,
            "source": source,
        }
    return found


def company_of(db: Database, ticker: str) -> Company:
    """One company. Raises InputError for an unknown ticker."""
    for company in objects.companies(db).values():
        if company.ticker == ticker:
            return company
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
    stored = StoredCloses(db)
    newest = [(ticker, day) for ticker in tickers for day in stored.days(ticker, until=on, newest=True)]
    return [stored.at(ticker, day) for ticker, day in newest]


class StoredCloses:
    """The valued closes of companies; what all of them are made of is read once."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._companies = {one.ticker: one for one in objects.companies(db).values()}
        self._closes = objects.closes(db)
        self._instruments, self._splits = objects.instruments(db), objects.splits(db)
        self._market, self._priced = Market({}, {}), (date.max, date.min)
        self._register = objects.register(db)
        self._facts: dict[str, list[Fact]] = {}
        self._prices: dict[tuple[str, date], float] = {}
        self._state_of: dict[tuple[str, date], int | None] = {}

    def days(
        self, ticker: str, since: str | None = None, until: str | None = None, *, newest: bool = False
    ) -> list[date]:
        """The valued days of a company from one day to another, oldest first; `newest`: only the last of them."""
        rows = self._db.execute(
            "SELECT v.date, v.price, v.state FROM valuation v JOIN company c ON c.id = v.company_id WHERE c.ticker = ? AND v.date BETWEEN ? AND ?"
            f" ORDER BY v.date DESC{' LIMIT 1' if newest else ''}",
            (ticker, since or "", until or "9999-12-31"),
        ).fetchall()
        self._prices |= {(ticker, date.fromisoformat(day)): float(price) for day, price, _ in rows}
        self._state_of |= {(ticker, date.fromisoformat(day)): state for day, _, state in rows}
        return [date.fromisoformat(day) for day, *_ in reversed(rows)]

    def through(self, ticker: str, since: str | None = None, until: str | None = None) -> Iterator[Close]:
        """The closes of `days`, resolved once for each stored state: between two of them no coin, share or claim changes, while what
        enters no multiple (`beside`, `rates`) may.
        """
        resolved: dict[int | None, State] = {}
        for day in self.days(ticker, since, until):
            number = self._state_of[ticker, day]
            close = self.at(ticker, day, resolved.get(number))
            resolved[number] = close.state
            yield close

    def at(self, ticker: str, day: date, state: State | None = None) -> Close:
        """The close of one of `days`; `state` where it is known already."""
        if ticker not in self._facts:
            self._facts[ticker] = objects.facts(self._db, ticker)
        company, facts, closes, price = (
            self._companies[ticker],
            self._facts[ticker],
            self._closes,
            self._prices[ticker, day],
        )
        own = [one for one in self._instruments if one.ticker == ticker]
        splits = [one for one in self._splits if one.ticker == ticker]
        state = state or resolve(company, day, facts, own, splits, closes, self._register)
        market = self._market_of(day)
        inputs = inputs_at(state, company, price, day, closes, market)
        return Close(
            company,
            day,
            closes.moment(company.mic, day),
            price,
            facts,
            own,
            splits,
            closes,
            market,
            state,
            inputs,
        )

    def _market_of(self, day: date) -> Market:
        """Prices and rates of the days asked for so far, a day of which this is."""
        if not self._priced[0] <= day <= self._priced[1]:
            asked = [known for _, known in self._prices]
            self._priced = (min(asked), max(asked))
            self._market = objects.market(self._db, str(self._priced[0]), str(self._priced[1]))
        return self._market


@dataclass(frozen=True, slots=True)
class Picture:
    """`values` are the day's inputs and every row-wise metric; `rates` US dollars for one unit of each currency used.

    `reasons` are the codes that only the day's prices and rates give, besides those of the state. `moment` is that of the close, UTC.
    """

    company: Company
    day: date
    moment: datetime
    state: State
    values: dict[str, Any]
    stack: Stack
    rates: dict[str, float]
    reasons: tuple[str, ...] = ()


def picture(db: Database, ticker: str, on: str | None = None) -> Picture:
    """The newest close up to a day. Raises InputError where the company has none."""
    return picture_of(close_of(db, ticker, on))


def picture_of(close: Close) -> Picture:
    """What is known at a close, with the capital structure."""
    wanted = {"USD", close.company.currency, *close.market.currencies}
    wanted |= {one.currency for one in close.instruments}
    rates = {currency: rate for currency in wanted if (rate := close.rate(currency)) is not None}
    stack = capital_stack(close.company, close.state, close.inputs, close.day, rates.get, close.close_of)
    return Picture(
        close.company, close.day, close.moment, close.state, evaluate(close.inputs), stack, rates, close.reasons
    )


def situations(db: Database, tickers: Sequence[str], on: str | None = None) -> list[Situation]:
    """Each company at its newest valued close up to a day; companies without one are left out."""
    return [
        Situation(one.company, one.day, one.price, one.state, one.closes, one.market, picture_of(one).stack)
        for one in closes_of(db, tickers, on)
    ]


def claims_owed(db: Database, situation: Situation) -> list[Owed]:
    """What a company owes at its close, claim by claim; what its totals hold beyond its instruments is not among them."""
    strike = strikes(situation)
    terms = {one.instrument: one for one in objects.instruments(db) if one.ticker == situation.company.ticker}
    return [
        Owed(
            terms[layer.instrument],
            layer.notional,
            layer.rate_pct,
            strike.get(layer.instrument) if layer.kind in CONVERTIBLE_KINDS else None,
        )
        for layer in situation.stack.layers
        if layer.instrument in terms and layer.notional is not None
    ]


def issued_a_quarter(db: Database, ticker: str, day: date) -> float | None:
    """A quarter of the share of its basic shares that a company issued in the year before (`treasury.claims.funding_wall`)."""
    rows = db.execute(
        "SELECT date, shares_basic / split_factor FROM mnav_daily WHERE ticker = ? AND date <= ? AND date > date(?, ?)"
        " AND shares_basic IS NOT NULL ORDER BY date",
        (ticker, str(day), str(day), f"-{LONGEST_YEAR_DAYS} days"),
    ).fetchall()
    return share_issued_a_quarter([(date.fromisoformat(text), count) for text, count in rows], day)
