"""What listed bitcoin holders are worth, from Python: `import mnav`, then frames of a database that `mnav run` made.

    import mnav

    book = mnav.open("mnav.db")                    # default: MNAV_DB, else mnav.db here
    book.panel("mnav_ev", ["MSTR", "metaplanet"], since="2025-01-01")

Every function is there on its own too and opens the default database: `mnav.daily("MSTR")`. Units are those of the view
`mnav_daily`: multiples as ratios, `*_pct` in per cent, amounts in US dollars; NaN is unknown, never 0; days are datetimes, flags
booleans, text strings, whatever is known. Companies go by ticker,
stored symbol or name. What is wrong raises `mnav.MnavError` (an unknown company or column, a missing or outdated file).
"""

from __future__ import annotations

import os

from treasury import __version__
from treasury.errors import InputError, MnavError

TYPE_CHECKING = False  # what type checkers take for true; `typing` alone takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date
    from typing import Any, Concatenate, ParamSpec, TypeVar

    import pandas as pd
    from sqlite_utils import Database

    from db.feeds.events import Study
    from db.feeds.pair_trade import BackTest
    from treasury.studies.pair_trade import Hedge

    Day = str | date | None
    P = ParamSpec("P")
    R = TypeVar("R")

__all__ = [
    "Book",
    "MnavError",
    "__version__",
    "back_test",
    "daily",
    "explain",
    "holders",
    "latest",
    "open",
    "panel",
    "sql",
    "study",
    "tickers",
]


class Book:
    """A database, read-only. `db` is the sqlite-utils Database beneath. Closes itself as a context manager."""

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        from db import open_database

        self.path = os.fspath(path or os.environ.get("MNAV_DB") or "mnav.db")
        self.db: Database = open_database(self.path)

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"mnav.open({self.path!r})"

    def close(self) -> None:
        self.db.close()

    def ticker(self, company: str) -> str:
        """The ticker of a company named by ticker, symbol or name, in any case. Raises InputError where that is nobody's, or several's."""
        from db.reads.meant import meant

        return meant(self.db, company)

    def tickers(self) -> list[str]:
        """Every company there is, valued or not."""
        from db.reads import views

        return views.tickers(self.db)

    def panel(
        self,
        metrics: str | Sequence[str],
        companies: str | Iterable[str] | None = None,
        since: Day = None,
        until: Day = None,
        *,
        wide: bool = True,
    ) -> pd.DataFrame:
        """Columns of many companies (default: all; `@mine` is a watch list): wide by day with columns (metric, ticker), or long by (date, ticker).

        With one metric a wide frame's columns are the tickers. `price_adjusted`, `sats_per_share_adjusted`, `shares_basic_adjusted`
        and their like are on the basis of today's shares: no fall of 90 % on the day of a split.
        """
        from db.reads.panel import panel

        named = [metrics] if isinstance(metrics, str) else list(metrics)
        if not named:
            raise InputError("no metric is named; `mnav metrics` lists them")
        begins, ends = _span(since, until)
        return panel(self.db, named, self._chosen(companies), since=begins, until=ends, wide=wide)

    def daily(
        self, company: str, columns: Iterable[str] | None = None, since: Day = None, until: Day = None
    ) -> pd.DataFrame:
        """One company day by day: any columns of `mnav_daily` (default: all) or `mnav_adjusted`, indexed by session day."""
        from db.reads import views
        from db.reads.typed import typed

        begins, ends = _span(since, until)
        try:
            return typed(views.daily(self.db, self.ticker(company), columns, since=begins, until=ends))
        except KeyError as error:
            raise InputError(str(error.args[0])) from None

    def latest(self, today: date | None = None) -> pd.DataFrame:
        """The newest row of every company, indexed by ticker; with `today`, `stale`, `grade` and `close_age_days` as of that day."""
        from db.reads import views
        from db.reads.typed import typed

        return typed(views.latest(self.db, today))

    def holders(self, on: Day = None, since: Day = None) -> pd.DataFrame:
        """Everybody known to hold bitcoin on a day (default: the newest), most first, coins of subsidiaries once; indexed by ticker."""
        import pandas as pd

        from db.feeds import holders
        from db.reads.typed import typed

        day = _day(on) or holders.newest_day(self.db)
        rows = holders.holders(self.db, day, _day(since))
        if not rows:
            raise InputError(f"nobody is known to hold bitcoin on {day}")
        return typed(pd.DataFrame(rows).set_index("ticker"))

    def explain(self, company: str, on: Day = None) -> dict[str, Any]:
        """Each input of a row with source, dates, age and URL; each metric as formula, numbers and result."""
        from db.reads.explained import explain

        return explain(self.db, self.ticker(company), _day(on))

    def back_test(
        self,
        companies: str | Iterable[str],
        enter: str | Sequence[str],
        leave: str,
        since: Day = None,
        until: Day = None,
        *,
        hedge: Hedge = "exact",
        notional: float = 1_000_000.0,
        borrow: float = 0.0,
        financing: float = 0.0,
        fee_bp: float = 0.0,
        reverse: bool = False,
        folds: int = 4,
        tries: int = 1,
        seed: int = 0,
    ) -> BackTest:
        """`mnav pair` with rules, such as "mnav_ev > 2.0" and "mnav_ev < 1.25": short each share against bitcoin while they say so.

        What it gives has three frames, made when asked for: `daily` (profit, running total, drawdown), `trades` and `summary` (drawdown,
        Sharpe ratio with its interval), by (ticker, run), in US dollars for a `notional` of the share. Runs: "known then", "look-ahead" (the
        counter-example), "forward 1" and on (out of sample). `borrow` and `financing` in per cent a year, `fee_bp` of every dollar traded;
        several rules to `enter` are variants, `tries` how many you looked at.
        """
        from db.feeds.pair_trade import back_test
        from treasury.studies.backtest import Strategy, rule
        from treasury.studies.pair_trade import HEDGES, costs_asked

        if hedge not in HEDGES:
            raise InputError(f"{hedge!r} is no hedge; there are {', '.join(HEDGES)}")
        costs, ends = costs_asked(notional, borrow, financing, fee_bp), rule(leave)
        begins = [rule(one) for one in ([enter] if isinstance(enter, str) else enter)]
        if not begins:
            raise InputError("no rule to enter by is given")
        variants = [Strategy(one, ends, hedge, notional, costs, reverse) for one in begins]
        span = _span(since, until)
        return back_test(self.db, self._named(companies), variants, *span, folds=folds, tries=tries, seed=seed)

    def study(
        self,
        companies: str | Iterable[str] | None = None,
        metrics: str | Sequence[str] = ("mnav_market_cap", "sats_per_share"),
        *,
        least: float = 1.0,
        seed: int = 0,
    ) -> Study:
        """`mnav study`: what metrics did after issues, purchases and sales of at least `least` per cent (default: of all companies).

        What it gives has two frames, made when asked for: `events` (each, with the change 0, 5 and 20 closes after) and `summary` (their
        means with intervals).
        """
        from db.feeds.events import study

        return study(
            self.db, self._chosen(companies) or [], [metrics] if isinstance(metrics, str) else metrics, least, seed
        )

    def sql(self, query: str, parameters: Sequence[object] | dict[str, object] = ()) -> pd.DataFrame:
        """A query of your own as a frame. Raises MnavError where SQLite does not take it; nothing can be written."""
        import sqlite3

        from db.reads import views

        try:
            return views.queried(self.db, query, parameters)
        except sqlite3.Error as error:
            raise InputError(f"SQLite says of the query: {error}") from None

    def _chosen(self, companies: str | Iterable[str] | None) -> list[str] | None:
        if companies is None:
            return None
        return self._named(companies, "; leave `companies` out for all of them")

    def _named(self, companies: str | Iterable[str], otherwise: str = "") -> list[str]:
        if not (companies := [companies] if isinstance(companies, str) else list(companies)):
            raise InputError(f"no company is named{otherwise}")
        from db.reads.meant import all_meant

        return list(all_meant(self.db, companies))


def _day(given: Day) -> str | None:
    """A day as the views write it: of text as YYYY-MM-DD, a date, or a moment such as pandas' Timestamp."""
    if given is None:
        return None
    from treasury.intake.csv_files import day

    text = given if isinstance(given, str) else f"{given:%Y-%m-%d}"
    try:
        return day(text)
    except ValueError as problem:
        raise InputError(str(problem)) from None


def _span(since: Day, until: Day) -> tuple[str | None, str | None]:
    begins, ends = _day(since), _day(until)
    if begins and ends and begins > ends:
        raise InputError(f"the span is empty: since {begins} is after until {ends}")
    return begins, ends


def open(path: str | os.PathLike[str] | None = None) -> Book:
    """The database at `path`, else the one MNAV_DB names, else mnav.db here. Raises MnavError where there is none."""
    return Book(path)


def _of_the_default(method: Callable[Concatenate[Book, P], R]) -> Callable[P, R]:
    """The same on the default database, opened for this call alone; bound, so that `help` and editors show the signature without `self`."""

    def alone(_: object, /, *arguments: P.args, **named: P.kwargs) -> R:
        with open() as book:
            return method(book, *arguments, **named)

    alone.__name__, alone.__doc__, alone.__wrapped__ = method.__name__, method.__doc__, method  # type: ignore[attr-defined]
    bound: Callable[P, R] = alone.__get__(Book)
    return bound


panel = _of_the_default(Book.panel)
daily = _of_the_default(Book.daily)
latest = _of_the_default(Book.latest)
holders = _of_the_default(Book.holders)
back_test = _of_the_default(Book.back_test)
study = _of_the_default(Book.study)
explain = _of_the_default(Book.explain)
sql = _of_the_default(Book.sql)
tickers = _of_the_default(Book.tickers)
