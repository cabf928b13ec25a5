"""What hindsight changes: the same days valued with everything known today, against what was known then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlite_utils import Database

from db import query
from treasury.kernel import states
from treasury.metric import evaluate
from treasury.valuation import columns, value


def compare(db: Database, tickers: Sequence[str] = (), since: str | None = None) -> list[dict[str, Any]]:
    """Per company: the gap (hindsight less point-in-time) of mnav_ev, its median and its worst day. Stores nothing."""
    companies = query.companies(db)
    ids = [number for number, one in companies.items() if not tickers or one.ticker in tickers]
    closes, splits, instruments, prices = (
        query.closes(db),
        query.splits(db),
        query.instruments(db),
        query.price_series(db),
    )
    facts = query.fact_columns(db, None if not tickers else list(tickers))
    chunk = [companies[number] for number in ids]
    days = query.equity_days(
        db, {number: index for index, number in enumerate(ids)}, companies, dict.fromkeys(range(len(ids)), since or "")
    )
    multiples = []
    for hindsight in (False, True):
        made = states(chunk, instruments, splits, facts, closes, hindsight=hindsight)
        multiples.append(evaluate(columns(made, value(chunk, made, days, prices, closes)))["mnav_ev"].to_numpy())
    then, now = multiples
    rows = []
    for index, one in enumerate(chunk):
        at = np.flatnonzero((days.company == index) & ~np.isnan(then) & ~np.isnan(now))
        if not len(at):
            continue
        gap = now[at] - then[at]
        worst = at[np.argmax(np.abs(gap))]
        rows.append(
            {
                "ticker": one.ticker,
                "days": len(at),
                "mnav_ev_median_gap": float(np.median(gap)),
                "mnav_ev_worst_gap": float(now[worst] - then[worst]),
                "worst_on": str(np.datetime64(int(days.day[worst]), "D")),
                "then": float(then[worst]),
                "now": float(now[worst]),
            }
        )
    return rows
