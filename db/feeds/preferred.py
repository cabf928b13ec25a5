"""Feed of `mnav preferred`: every listed series of preferred stock at its own close, and what stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from db.feeds.programmes import programme
from db.reads.close import Picture, StoredCloses, picture, picture_of
from db.reads.views import last_close
from db.tables import objects
from treasury.bitcoin.condition import FRESH_DAYS, Point
from treasury.bitcoin.technicals import session_volatility
from treasury.claims.capital_stack import OTHER_PREFERRED, Layer, obligations_down_to
from treasury.claims.credit import VOLATILITY_2026, btc_credit_bp, btc_risk
from treasury.claims.preferred import (
    PRICE_AGE_DAYS,
    discount_to_par_pct,
    effective_yield_pct,
    years_between,
    yield_to_call_pct,
)
from treasury.instruments import PREFERRED_KINDS
from treasury.model import Instrument, MnavError

if TYPE_CHECKING:
    from sqlite_utils import Database

AVERAGED_SESSIONS = 30  # of the volatility
CLOSE_COLUMNS = (
    "date", "close", "currency", "par", "discount_to_par_pct", "dividend_rate_pct", "effective_yield_pct", "spread_pct", "volatility_pct",
    "volume", "source",
)  # fmt: skip
COVER_COLUMNS = ("cover", "cover_net_of_cash", "floor_price")
_KINDS = ", ".join(f"'{kind}'" for kind in PREFERRED_KINDS)

Closes = list[tuple[date, float]]


def series(db: Database) -> list[tuple[str, str]]:
    """(ticker, instrument) of every series of preferred stock in the database, by ticker and seniority."""
    return list(
        db.execute(
            f"SELECT ticker, instrument FROM instrument WHERE kind IN ({_KINDS}) ORDER BY ticker, coalesce(seniority, 99), instrument"
        ).fetchall()
    )


def last_priced(db: Database, only: Sequence[str] = (), ticker: str | None = None) -> tuple[str, str] | None:
    """The last day with a price of a series (of `only`, of one company) and the newest valued close, where that has none of its week.

    None where the newest close has prices, or no series ever had one.
    """
    wanted = {name.lower() for name in only}
    owners = [
        (owner, instrument)
        for owner, instrument in series(db)
        if ticker in (None, owner) and (not wanted or instrument.lower() in wanted)
    ]
    days: dict[str, tuple[str, str]] = {}  # by company: the newest price of a series, and its newest valued close
    for owner, instrument in owners:
        (priced,) = db.execute(
            "SELECT max(date) FROM instrument_price WHERE ticker = ? AND instrument = ?", (owner, instrument)
        ).fetchone()
        closed = last_close(db, owner, "9999-12-31") if priced is not None else None
        if closed is not None:
            days[owner] = (max(priced, days.get(owner, (priced, closed))[0]), closed)
    if not days or any(
        (date.fromisoformat(closed) - date.fromisoformat(priced)).days <= PRICE_AGE_DAYS
        for priced, closed in days.values()
    ):
        return None
    return max(days.values())


RiskFree = Callable[[date], float | None]  # the yield, per cent, that a day's spread is taken to


def no_yield(day: date) -> float | None:
    """That no spread is asked for."""


def yields_of(points: Sequence[Point]) -> RiskFree:
    """The newest reading up to a day, as known at its end; None where that is more than a week old."""

    def on(day: date) -> float | None:
        told = [one for one in points if one.on <= day]
        return told[-1].value if told and (day - told[-1].on).days <= FRESH_DAYS else None

    return on


def preferred(
    db: Database, on: str | None = None, risk_free: RiskFree = no_yield, only: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Every series outstanding at its company's newest valued close up to `on`, senior first; `only` by name, in any case.

    Prices and `par` are per share in `currency`; `notional` and `at_market` US dollars of all shares; `*_pct` per cent; `cover` bitcoin NAV
    over all claims down to the series, `coupon_cover` the US dollar reserve over a year's interest and dividends down to it; `risk_pct` and
    `credit_bp` at the stated `years`; `programme_usd` what its programme may still sell in US dollars, `programme_shares` shares at today's
    price, `programme_owed` what would then be owed. What is not known is None, and `reason` names it.
    """
    wanted = {name.lower() for name in only}
    rows: list[dict[str, Any]] = []
    for ticker in dict.fromkeys(ticker for ticker, _ in series(db)):
        try:
            seen = picture(db, ticker, on)
        except MnavError:
            continue  # its company has no valued close, so nothing stands behind it here
        terms = {instrument: one for (owner, instrument), one in _terms(db).items() if owner == ticker}
        rows += [
            _row(db, seen, layer, terms[layer.instrument], risk_free)
            for layer in seen.stack.layers
            if layer.instrument in terms and (not wanted or layer.instrument.lower() in wanted)
        ]
    return rows


def history(
    db: Database,
    ticker: str,
    instrument: str,
    since: str | None = None,
    until: str | None = None,
    risk_free: RiskFree = no_yield,
) -> list[dict[str, Any]]:
    """A series day by day, whenever it or its company has a close: what `closes` tells, and the cover, cover net of cash and floor price
    of the company's close of that very day.
    """
    stands = {row["date"]: row for row in covers(db, ticker, since, until) if row["series"] == instrument}
    told = {row["date"]: row for row in closes(db, ticker, instrument, since, until, risk_free)}
    unpriced = dict.fromkeys(CLOSE_COLUMNS)
    rate = _rates(db, ticker, instrument)
    par = _par(db, ticker, instrument) if stands.keys() - told.keys() else None
    return [
        told.get(day, {**unpriced, "date": day, "par": par, "dividend_rate_pct": rate(day)})
        | {name: stands[day][name] if day in stands else None for name in COVER_COLUMNS}
        for day in sorted(told.keys() | stands.keys())
    ]


def covers(db: Database, ticker: str, since: str | None = None, until: str | None = None) -> list[dict[str, Any]]:
    """What stands behind every series of a company at each of its closes, as `mnav capital` has it: date, btc_price, series, and
    COVER_COLUMNS; senior first.
    """
    (first,) = db.execute(
        f"SELECT min(f.as_of) FROM known_fact f JOIN instrument i USING (ticker, instrument) WHERE ticker = ? AND i.kind IN ({_KINDS})",
        (ticker,),
    ).fetchone()
    if first is None:
        return []
    rows = []
    for close in StoredCloses(db).through(ticker, max(first, since or ""), until):
        for layer in picture_of(close).stack.layers:
            if layer.kind in PREFERRED_KINDS and layer.instrument != OTHER_PREFERRED:
                rows.append(
                    {
                        "date": str(close.day), "btc_price": close.inputs["btc_price"], "series": layer.instrument,
                        "cover": layer.cover.value, "cover_net_of_cash": layer.cover_net_of_cash.value, "floor_price": layer.floor_price.value,
                    }
                )  # fmt: skip
    return rows


def closes(
    db: Database,
    ticker: str,
    instrument: str,
    since: str | None = None,
    until: str | None = None,
    risk_free: RiskFree = no_yield,
) -> list[dict[str, Any]]:
    """A series by its own closes: date, close, currency, par, discount to par, dividend rate of the day, effective yield, spread,
    volatility of the 30 sessions to it, and volume.
    """
    rows = db.execute(
        "SELECT date, close, currency, source, volume FROM instrument_price WHERE ticker = ? AND instrument = ? AND date <= ? ORDER BY date",
        (ticker, instrument, until or "9999-12-31"),
    ).fetchall()
    series: Closes = [(date.fromisoformat(day), close) for day, close, *_ in rows]
    par, rate = _par(db, ticker, instrument), _rates(db, ticker, instrument)
    found = []
    for at, (day, close, currency, source, volume) in enumerate(rows):
        if day < (since or ""):
            continue
        told = _yields(close, par, rate(day))
        volatility = session_volatility(series[max(0, at - AVERAGED_SESSIONS) : at + 1], AVERAGED_SESSIONS)
        found.append(
            {
                "date": day, "close": close, "currency": currency, "par": par, **told,
                "spread_pct": _spread(told["effective_yield_pct"], risk_free(series[at][0])),
                "volatility_pct": None if volatility is None else volatility * 100, "volume": volume, "source": source,
            }
        )  # fmt: skip
    return found


def _row(db: Database, seen: Picture, layer: Layer, terms: Instrument, risk_free: RiskFree) -> dict[str, Any]:
    ticker, day = seen.company.ticker, seen.day
    closes: Closes = [
        (date.fromisoformat(at), close)
        for at, close in db.execute(
            "SELECT date, close FROM instrument_price WHERE ticker = ? AND instrument = ? AND date <= ? ORDER BY date",
            (ticker, layer.instrument, str(day)),
        ).fetchall()
    ]
    fresh = bool(closes) and (day - closes[-1][0]).days <= PRICE_AGE_DAYS
    close = closes[-1][1] if fresh else None
    par = _par(db, ticker, layer.instrument)
    told = _yields(close, par, layer.rate_pct)
    volatility = session_volatility(closes, AVERAGED_SESSIONS) if fresh else None
    effective = told["effective_yield_pct"]
    call = None
    if terms.call_date is not None and close is not None and par is not None and layer.rate_pct is not None:
        call = yield_to_call_pct(layer.rate_pct, close, par, par, years_between(day, terms.call_date))
    risk = (
        btc_risk(layer.cover.value, layer.years, volatility=VOLATILITY_2026)
        if layer.cover.value and layer.years
        else None
    )
    obligations = seen.stack.annual_obligations.value
    down_to = obligations_down_to(seen.stack, layer, seen.state).value
    told_of = programme(db, seen, layer.instrument)
    close_usd = None if close is None or layer.currency not in seen.rates else close * seen.rates[layer.currency]
    units = told_of.available / close_usd if told_of.available is not None and close_usd else None
    return {
        "ticker": ticker, "series": layer.instrument, "date": str(day), "price_date": str(closes[-1][0]) if closes else None,
        "close": close, "currency": layer.currency, "par": par, **told, "yield_to_call_pct": call,
        "risk_free_pct": risk_free(day), "spread_pct": _spread(effective, risk_free(day)),
        "volatility_pct": None if volatility is None else volatility * 100, "seniority": layer.seniority,
        "notional": layer.notional, "at_market": layer.at_market,
        "annual_dividends": layer.notional * layer.rate_pct / 100 if layer.notional is not None and layer.rate_pct is not None else None,
        "cover": layer.cover.value, "cover_net_of_cash": layer.cover_net_of_cash.value, "floor_price": layer.floor_price.value,
        "risk_pct": None if risk is None else risk * 100,
        "credit_bp": None if risk is None or layer.years is None else btc_credit_bp(risk, layer.years),
        "coupon_cover": seen.stack.usd_reserve / down_to if seen.stack.usd_reserve is not None and down_to else None,
        "programme_usd": told_of.available, "programme_as_of": None if told_of.as_of is None else str(told_of.as_of), "programme_shares": units,
        "programme_owed": units * par * seen.rates[layer.currency] if units is not None and par is not None else None,
        "reserve_months": seen.stack.usd_reserve / obligations * 12 if seen.stack.usd_reserve is not None and obligations else None,
        "reason": " ".join(code for code, lacks in (("NO_PRICE", not closes), ("OLD_PRICE", bool(closes) and not fresh), ("NO_STATED_AMOUNT", par is None)) if lacks),
    }  # fmt: skip


def _spread(effective: float | None, risk_free: float | None) -> float | None:
    return None if effective is None or risk_free is None else effective - risk_free


def _yields(close: float | None, par: float | None, rate_pct: float | None) -> dict[str, float | None]:
    known = close is not None and par is not None
    return {
        "discount_to_par_pct": discount_to_par_pct(close, par) if known else None,  # type: ignore[arg-type]
        "dividend_rate_pct": rate_pct,
        "effective_yield_pct": effective_yield_pct(rate_pct, close, par) if known and rate_pct is not None else None,  # type: ignore[arg-type]
    }


def _terms(db: Database) -> dict[tuple[str, str], Instrument]:
    return {(one.ticker, one.instrument): one for one in objects.instruments(db) if one.kind in PREFERRED_KINDS}


def _par(db: Database, ticker: str, instrument: str) -> float | None:
    """What one share is owed, by the newest fact; it never changes with the day."""
    row = db.execute(
        "SELECT value FROM known_fact WHERE ticker = ? AND instrument = ? AND quantity = 'stated_amount' ORDER BY as_of DESC LIMIT 1",
        (ticker, instrument),
    ).fetchone()
    return None if row is None else float(row[0])


def _rates(db: Database, ticker: str, instrument: str) -> Callable[[str], float | None]:
    """The dividend rate in force on a day: the newest stated by then, else the one first fixed."""
    stated = db.execute(
        "SELECT as_of, value FROM known_fact WHERE ticker = ? AND instrument = ? AND quantity = 'dividend_rate_pct' ORDER BY as_of",
        (ticker, instrument),
    ).fetchall()
    first = _terms(db)[ticker, instrument].rate_pct

    def on(day: str) -> float | None:
        return next((float(value) for as_of, value in reversed(stated) if as_of <= day), first)

    return on
