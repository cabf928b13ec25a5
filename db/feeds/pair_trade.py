"""Reads: the bars of a pair trade and the metrics known at each, point-in-time; or with hindsight, to show what it is worth; and back-tests on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from db.reads import views
from db.reads.typed import typed
from db.tables import objects
from treasury.amounts import counted
from treasury.errors import InputError
from treasury.known.vectorised import states
from treasury.metrics.metric import evaluate
from treasury.studies.backtest import Signal, Strategy
from treasury.studies.pair_trade import BAR_COLUMNS, Bar, bars_of
from treasury.studies.runs import RUN_BY_DAY, RUN_BY_TRADE, RUN_SUMMARY, TestedRun, runs
from treasury.valuation.vectorised import columns, value

if TYPE_CHECKING:
    from sqlite_utils import Database


FEWEST_CLOSES_OF_A_TRADE = 3  # closes of a trade: a signal, a fill and an end


def bars(db: Database, ticker: str, since: str | None = None, until: str | None = None) -> list[Bar]:
    """The closes of a company with a known share and bitcoin price in US dollars, on the share basis of the last one."""
    return bars_of(views.daily(db, ticker, BAR_COLUMNS, since=since, until=until))


def enough_bars(db: Database, ticker: str, since: str | None = None, until: str | None = None) -> list[Bar]:
    """The same. Raises InputError where they are too few for a trade."""
    found = bars(db, ticker, since, until)
    if len(found) < FEWEST_CLOSES_OF_A_TRADE:
        raise InputError(
            f"{ticker} has {counted(len(found), 'priced close')} in that stretch; a trade needs {FEWEST_CLOSES_OF_A_TRADE}"
        )
    return found


class BackTest:
    """The runs of a back-test by company, and frames of them with one type a column; amounts in US dollars, NaN is unknown."""

    def __init__(self, runs: dict[str, list[TestedRun]], tries: int, seed: int) -> None:
        self.runs, self.tries, self.seed = runs, tries, seed

    def rows(self, of: Callable[[TestedRun], Iterable[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
        """What `of` makes of each run, with its ticker."""
        return ({"ticker": ticker, **row} for ticker, made in self.runs.items() for run in made for row in of(run))

    def totals(self, run: TestedRun) -> list[dict[str, Any]]:
        return [run.summary(self.tries, self.seed)]

    @cached_property
    def trades(self) -> pd.DataFrame:
        """Each round trip by (ticker, run): `from`, `to`, prices, legs, causes and `total` (docs/scenarios.md)."""
        return self._frame(TestedRun.by_trade, RUN_BY_TRADE, ["ticker", "run"])

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Each close by (ticker, run, date): `profit` since the close before, running `total`, `drawdown` below its highest."""
        return self._frame(TestedRun.by_day, RUN_BY_DAY, ["ticker", "run", "date"])

    @cached_property
    def summary(self) -> pd.DataFrame:
        """What each run came to by (ticker, run): totals, `drawdown`, `sharpe` by the year, and the intervals `*_low` to `*_high`."""
        return self._frame(self.totals, RUN_SUMMARY, ["ticker", "run"])

    def _frame(
        self, of: Callable[[TestedRun], Iterable[dict[str, Any]]], kinds: dict[str, str], index: list[str]
    ) -> pd.DataFrame:
        return (
            typed(pd.DataFrame(self.rows(of), columns=["ticker", *kinds]), kinds)
            .set_index(index)
            .sort_index(kind="stable")
        )


def back_test(
    db: Database,
    tickers: Iterable[str],
    variants: Sequence[Strategy],
    since: str | None = None,
    until: str | None = None,
    *,
    folds: int = 4,
    tries: int = 1,
    seed: int = 0,
) -> BackTest:
    """Strategies on the closes of companies: on what was known, with look-ahead, and out of sample (`treasury.studies.runs`).

    `tries` is how many rules were looked at, these among them. Raises InputError for too few closes and for a rule on what is
    no number of mnav_daily.
    """
    made = {}
    for ticker in tickers:
        found = enough_bars(db, ticker, since, until)
        made[ticker] = list(runs(found, *signals(db, ticker, found, variants), variants, folds))
    return BackTest(made, max(tries, len(variants)), seed)


def signals(db: Database, ticker: str, found: Sequence[Bar], variants: Sequence[Strategy]) -> tuple[Signal, Signal]:
    """The metrics of the rules at each bar, as known then and as known now. Raises InputError for an unknown metric."""
    wanted = sorted({one.metric for variant in variants for one in (variant.enter, variant.leave)})
    try:
        then = known_then(db, ticker, wanted)
    except KeyError as error:
        raise InputError(str(error.args[0])) from None
    now = known_now(db, ticker)
    for name in wanted:
        if not pd.api.types.is_numeric_dtype(then[name]):
            raise InputError(f"{name} is not a number; a rule compares numbers")
        if name not in now:
            now[name] = then[name]  # over time: no hindsight of its own
    days = pd.DatetimeIndex([one.day for one in found])
    return _signal(then.reindex(days)), _signal(now.reindex(days))


def _signal(frame: pd.DataFrame) -> Signal:
    columns = {str(name): frame[name].to_list() for name in frame.columns}
    return lambda metric, at: columns[metric][at]


def known_then(db: Database, ticker: str, metrics: list[str]) -> pd.DataFrame:
    """Metrics of every close as they were known at it. Raises KeyError for what is no column of mnav_daily."""
    return views.daily(db, ticker, metrics)


def known_now(db: Database, ticker: str) -> pd.DataFrame:
    """Every metric of every close from all that is known today: hindsight, for the counter-example only."""
    ((number, company),) = [(number, one) for number, one in objects.companies(db).items() if one.ticker == ticker]
    closes, prices = objects.closes(db), objects.price_series(db)
    made = states(
        [company],
        objects.instruments(db),
        objects.splits(db),
        objects.fact_columns(db, [ticker]),
        closes,
        objects.register(db),
        hindsight=True,
    )
    days = objects.equity_days(db, {number: 0}, {number: company}, {0: ""})
    frame = pd.DataFrame(evaluate(columns(made, value([company], made, days, prices, closes))))
    frame.index = pd.DatetimeIndex(days.day.astype("datetime64[D]").astype("datetime64[ns]"))
    return frame
