"""Reads: the database as domain objects, as columns for the kernel, and as DataFrames for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

import numpy as np
import pandas as pd
from sqlite_utils import Database

from db.views import DAILY_COLUMNS
from treasury.closes import Closes, Hours
from treasury.kernel import FactColumns
from treasury.model import Company, Fact, Instrument, Split
from treasury.resolve import Market
from treasury.valuation import Days, Prices, Series

# -- for people ----------------------------------------------------------------------------------------------------


def daily(
    db: Database, ticker: str, columns: Iterable[str] | None = None, *, since: str | date | None = None, until: str | date | None = None
) -> pd.DataFrame:
    """One company's rows of mnav_daily, indexed by `date` (sorted, tz-naive session days of its exchange).

    Units are those of the view: ratios in mnav_*, per cent in *_pct, US dollars elsewhere; NaN is unknown, never 0.
    Raises KeyError for an unknown column; an unknown ticker gives an empty frame.
    """
    wanted = list(columns) if columns is not None else [name for name in DAILY_COLUMNS if name not in ("ticker", "date")]
    for name in wanted:
        if name not in DAILY_COLUMNS:
            raise KeyError(f"{name} is not a column of mnav_daily; there are {', '.join(DAILY_COLUMNS)}")
    sql = f"SELECT date, {', '.join(wanted)} FROM mnav_daily WHERE ticker = ? AND date >= ? AND date <= ? ORDER BY date"
    rows = db.execute(sql, (ticker, str(since or "0001-01-01"), str(until or "9999-12-31"))).fetchall()
    return _frame(rows, ["date", *wanted])


def latest(db: Database) -> pd.DataFrame:
    """The newest row of every company (the view mnav_latest), indexed by ticker; `stale` is 1 for rows left behind."""
    cursor = db.execute("SELECT * FROM mnav_latest")
    frame = pd.DataFrame(cursor.fetchall(), columns=[column for column, *_ in cursor.description])
    return frame.set_index("ticker").sort_index()


def prices(db: Database, symbol: str, fixing: str = "close") -> pd.Series:
    """One stored price series as quoted, indexed by day: a ticker, "BTC" (utc, nyse), or "JPYUSD" (ecb)."""
    rows = db.execute("SELECT date, close FROM price WHERE symbol = ? AND fixing = ? ORDER BY date", (symbol, fixing)).fetchall()
    return _frame(rows, ["date", "close"])["close"].rename(symbol)


def _frame(rows: Sequence[Sequence[object]], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    frame["date"] = pd.to_datetime(frame["date"], format="%Y-%m-%d")
    for name in columns[1:]:
        if frame[name].isna().all():
            frame[name] = np.nan  # a column of unknowns is a column of numbers
    return frame.set_index("date").sort_index()


# -- for the engine ------------------------------------------------------------------------------------------------


def companies(db: Database) -> dict[int, Company]:
    rows = db.execute(
        "SELECT id, ticker, name, mic, country, currency, kind, active_to, instruments_complete FROM company ORDER BY id"
    ).fetchall()
    return {
        number: Company(*rest, active_to=_day(active_to), instruments_complete=complete == "yes")
        for number, *rest, active_to, complete in rows
    }


def instruments(db: Database) -> list[Instrument]:
    rows = db.execute(
        "SELECT ticker, instrument, kind, currency, issue_date, maturity, retired_on, conversion_price, shares_per_unit, settlement"
        " FROM instrument ORDER BY ticker, instrument"
    ).fetchall()
    return [Instrument(*row[:4], *map(_day, row[4:7]), *row[7:9], row[9] or "") for row in rows]


def splits(db: Database) -> list[Split]:
    rows = db.execute("SELECT ticker, ex_date, numerator / denominator FROM split ORDER BY ticker, ex_date").fetchall()
    return [Split(ticker, date.fromisoformat(ex_date), ratio) for ticker, ex_date, ratio in rows]


def closes(db: Database) -> Closes:
    rows = db.execute("SELECT mic, timezone, close_time, valid_from FROM exchange").fetchall()
    return Closes(Hours(mic, timezone, time.fromisoformat(clock), _day(valid_from)) for mic, timezone, clock, valid_from in rows)


_FACT = "id, ticker, instrument, quantity, as_of, known_at, known_assumed, value, unit, source, source_kind"


def fact_columns(db: Database, tickers: Sequence[str] | None = None) -> FactColumns:
    """Every fact that is not retracted, as columns; of some companies only where `tickers` is given."""
    if tickers is None:
        rows = db.execute(f"SELECT {_FACT} FROM known_fact").fetchall()
    else:
        marks = ", ".join("?" * len(tickers))
        rows = db.execute(f"SELECT {_FACT} FROM known_fact WHERE ticker IN ({marks})", list(tickers)).fetchall()
    return FactColumns(*(zip(*rows, strict=True) if rows else ((),) * 11))


def facts(db: Database, ticker: str) -> list[Fact]:
    """One company's facts that are not retracted."""
    rows = db.execute(f"SELECT {_FACT} FROM known_fact WHERE ticker = ?", (ticker,)).fetchall()
    return [
        Fact(
            number, ticker, instrument, quantity, date.fromisoformat(as_of), _moment(known_at), value, unit, source, kind, bool(assumed)
        )
        for number, ticker, instrument, quantity, as_of, known_at, assumed, value, unit, source, kind in rows
    ]


def price_series(db: Database) -> Prices:
    """All bitcoin prices and exchange rates."""
    series: dict[tuple[str, str], tuple[list[str], list[float]]] = {}
    for symbol, fixing, day, close in db.execute(
        "SELECT symbol, fixing, date, close FROM price WHERE fixing <> 'close' ORDER BY symbol, fixing, date"
    ):
        days, values = series.setdefault((symbol, fixing), ([], []))
        days.append(day)
        values.append(close)
    made = {key: Series(day_numbers(days), np.array(values, dtype=float)) for key, (days, values) in series.items()}
    return Prices(
        bitcoin={fixing: one for (symbol, fixing), one in made.items() if symbol == "BTC"},
        rates={symbol.removesuffix("USD"): one for (symbol, fixing), one in made.items() if fixing == "ecb"},
    )


def market(db: Database) -> Market:
    """The same for the plain resolver."""
    bitcoin, rates = {}, {}
    for symbol, fixing, day, close in db.execute("SELECT symbol, fixing, date, close FROM price WHERE fixing <> 'close'"):
        if symbol == "BTC":
            bitcoin[fixing, date.fromisoformat(day)] = close
        else:
            rates[symbol.removesuffix("USD"), date.fromisoformat(day)] = close
    return Market(bitcoin, rates)


def equity_days(db: Database, numbers: dict[int, int], companies: dict[int, Company], since: str = "0001-01-01") -> Days:
    """The closes of companies (database id to index) from a day on, without those after a company ceased to stand alone."""
    company, day, price = [], [], []
    for number, index in numbers.items():
        one = companies[number]
        ends = one.active_to.isoformat() if one.active_to else "9999-12-31"
        rows = db.execute(
            "SELECT date, close FROM price WHERE symbol = ? AND fixing = 'close' AND date >= ? AND date < ? ORDER BY date",
            (one.ticker, since, ends),
        ).fetchall()
        if rows:
            dates, closes_ = zip(*rows, strict=True)
            company.extend([index] * len(rows))
            day.extend(dates)
            price.extend(closes_)
    return Days(np.array(company, dtype=np.int64), day_numbers(day), np.array(price, dtype=float))


def day_numbers(days: Sequence[str]) -> np.ndarray:
    """ISO days as int64 days since 1970."""
    return np.array(days, dtype="datetime64[D]").astype(np.int64)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str) -> datetime | date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
