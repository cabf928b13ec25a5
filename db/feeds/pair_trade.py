"""Reads: the bars of a pair trade and the metrics known at each, point-in-time; or with hindsight, to show what it is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from db.reads import views
from db.tables import objects
from treasury.known.vectorised import states
from treasury.metrics.metric import evaluate
from treasury.studies.pair_trade import BAR_COLUMNS, Bar, bars_of
from treasury.valuation.vectorised import columns, value

if TYPE_CHECKING:
    from sqlite_utils import Database


def bars(db: Database, ticker: str, since: str | None = None, until: str | None = None) -> list[Bar]:
    """The closes of a company with a known share and bitcoin price in US dollars, on the share basis of the last one."""
    return bars_of(views.daily(db, ticker, BAR_COLUMNS, since=since, until=until))


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
