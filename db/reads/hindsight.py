"""What hindsight changes: the same days valued with everything known today, against what was known then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from db.tables import objects
from treasury.known.vectorised import states
from treasury.metrics.metric import evaluate
from treasury.model import Company
from treasury.trust.findings import MOVED
from treasury.valuation.vectorised import Days, columns, value

if TYPE_CHECKING:
    from sqlite_utils import Database


def compare(db: Database, tickers: Sequence[str] = (), since: str | None = None) -> list[dict[str, Any]]:
    """Per company: the gap (hindsight less point-in-time) of mnav_ev, its median, median size and worst day. Stores nothing."""
    companies, days, then, now = _vintages(db, tickers, since, "mnav_ev")
    rows: list[dict[str, Any]] = []
    for index, company in enumerate(companies):
        own = days.company == index
        at = np.flatnonzero(own & ~np.isnan(then) & ~np.isnan(now))
        if not len(at):
            continue
        gap = now[at] - then[at]
        worst = at[np.argmax(np.abs(gap))]
        rows.append(
            {
                "ticker": company.ticker,
                "days": len(at),
                "mnav_ev_median_gap": float(np.median(gap)),
                "mnav_ev_worst_gap": float(now[worst] - then[worst]),
                "worst_on": str(np.datetime64(int(days.day[worst]), "D")),
                "then": float(then[worst]),
                "now": float(now[worst]),
                "mnav_ev_median_size": float(np.median(np.abs(gap))),
                "days_apart": int(np.sum(np.abs(gap) > MOVED * np.abs(then[at]))),
                "days_only_now": int(np.sum(own & np.isnan(then) & ~np.isnan(now))),
            }
        )
    return rows


def vintages(db: Database, ticker: str, metric: str = "mnav_ev", since: str | None = None) -> pd.DataFrame:
    """One company's multiple on each close, `then` from what was known then and `now` from what is known now; NaN unknown."""
    _, days, then, now = _vintages(db, (ticker,), since, metric)
    index = pd.DatetimeIndex(days.day.astype("datetime64[D]").astype("datetime64[s]"))
    return pd.DataFrame({"then": then, "now": now}, index=index)


def _vintages(
    db: Database, tickers: Sequence[str], since: str | None, metric: str
) -> tuple[list[Company], Days, Any, Any]:
    companies = objects.companies(db)
    ids = [number for number, one in companies.items() if not tickers or one.ticker in tickers]
    closes, splits, instruments, prices = (
        objects.closes(db),
        objects.splits(db),
        objects.instruments(db),
        objects.price_series(db),
    )
    facts = objects.fact_columns(db, None if not tickers else list(tickers))
    chunk = [companies[number] for number in ids]
    days = objects.equity_days(
        db, {number: index for index, number in enumerate(ids)}, companies, dict.fromkeys(range(len(ids)), since or "")
    )
    then, now = (
        evaluate(
            columns(
                made := states(chunk, instruments, splits, facts, closes, objects.register(db), hindsight=hindsight),
                value(chunk, made, days, prices, closes),
            )
        )[metric].to_numpy()
        for hindsight in (False, True)
    )
    return chunk, days, then, now
