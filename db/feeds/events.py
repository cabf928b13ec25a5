"""Reads: issues, purchases and sales as the journal of what was known tells them, and what metrics did around them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from db.reads import views
from db.reads.typed import typed
from treasury.errors import InputError
from treasury.league import mostly_bitcoin
from treasury.studies.events import (
    REACTION,
    REACTION_TOTALS,
    Change,
    Event,
    Reaction,
    event_row,
    events_of,
    reaction,
    summarise,
    total_row,
)

if TYPE_CHECKING:
    from sqlite_utils import Database


def events(db: Database, tickers: list[str], least_pct: float) -> list[Event]:
    """Changes of at least `least_pct` per cent that a filing, the issuer or the press reported, oldest first.

    What each is says `treasury.studies.events.events_of`.
    """
    marks = ", ".join("?" * len(tickers))
    rows = db.execute(
        f"""SELECT r.ticker, r.date, r.quantity, r.old, r.new FROM revisions r JOIN source s ON s.id = r.source
            WHERE r.what = 'changed' AND r.quantity IN ('btc_holdings', 'shares_basic', 'debt_total') AND r.old > 0
              AND r.new IS NOT NULL AND (s.kind IN ('filing', 'issuer', 'press') OR r.quantity = 'debt_total')
              AND r.ticker IN ({marks})
            ORDER BY r.ticker, r.date, r.quantity""",
        tickers,
    ).fetchall()
    changes = [Change(ticker, date.fromisoformat(day), quantity, old, new) for ticker, day, quantity, old, new in rows]
    return events_of(changes, least_pct)


class Study:
    """What metrics did around the events of companies, and frames of it with one type a column; NaN is unknown."""

    def __init__(self, found: dict[str, list[Reaction]], seed: int = 0) -> None:
        self.found, self.seed = found, seed

    def event_rows(self) -> list[dict[str, Any]]:
        """A row for each event and metric, oldest first, with the columns of REACTION."""
        rows = [event_row(metric, one) for metric, known in self.found.items() for one in known]
        return sorted(rows, key=lambda row: (row["date"], row["ticker"], row["kind"]))

    def total_rows(self) -> list[dict[str, Any]]:
        """A row for each metric, kind of event and horizon, with the columns of REACTION_TOTALS."""
        return [
            total_row(metric, one) for metric, known in self.found.items() for one in summarise(known, seed=self.seed)
        ]

    @cached_property
    def events(self) -> pd.DataFrame:
        """Each event by (ticker, date, kind, metric): its size, and the change from the close before to 0, 5 and 20 closes after it."""
        frame = typed(pd.DataFrame(self.event_rows(), columns=list(REACTION)), REACTION)
        return frame.set_index(["ticker", "date", "kind", "metric"]).sort_index()

    @cached_property
    def summary(self) -> pd.DataFrame:
        """The changes by (metric, kind, closes_after): how many, their mean with its interval `mean_low` to `mean_high`, how many rose."""
        frame = typed(pd.DataFrame(self.total_rows(), columns=list(REACTION_TOTALS)), REACTION_TOTALS)
        return frame.set_index(["metric", "kind", "closes_after"]).sort_index()


def study(db: Database, tickers: Sequence[str], metrics: Sequence[str], least_pct: float = 1.0, seed: int = 0) -> Study:
    """Metrics around the events of companies (none given: of all) of at least `least_pct` per cent of their shares or bitcoin."""
    chosen = list(tickers) or views.tickers(db)
    return Study({metric: reactions(db, chosen, metric, least_pct) for metric in metrics}, seed)


def reactions(db: Database, tickers: list[str], metric: str, least: float) -> list[Reaction]:
    """Every event of the companies in one metric. Raises InputError for a metric that is none or has no meaning here."""
    found: list[Reaction] = []
    frames: dict[str, pd.DataFrame] = {}
    for event in events(db, tickers, least):
        if event.ticker not in frames:
            try:
                frames[event.ticker] = views.daily(
                    db, event.ticker, list(dict.fromkeys([metric, "split_factor", "btc_nav", "market_cap"]))
                )
            except KeyError as error:
                raise InputError(str(error.args[0])) from None
            if not pd.api.types.is_numeric_dtype(frames[event.ticker][metric]):
                raise InputError(f"{metric} is not a number")
        frame = frames[event.ticker]
        before = frame[frame.index < pd.Timestamp(event.day)].tail(1)
        if before.empty or not mostly_bitcoin(*map(float, before[["btc_nav", "market_cap"]].iloc[0])):
            continue
        values = frame[metric] * frame["split_factor"] if metric.startswith(("sats_", "price")) else frame[metric]
        days = [day.date() for day in pd.DatetimeIndex(values.index)]
        series = [(day, None if pd.isna(value) else float(value)) for day, value in zip(days, values, strict=True)]
        told = reaction(event, series, relative=not metric.endswith("_pct") and "premium" not in metric)
        if told is not None:
            found.append(told)
    return found
