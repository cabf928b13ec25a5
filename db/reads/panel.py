"""Many companies at once: columns of `mnav_daily` as one frame, also on the basis of today's shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from db.derived import share_basis
from db.reads.views import selected
from treasury.errors import InputError
from treasury.metrics.adjusted import DAY_BY_DAY

if TYPE_CHECKING:
    from sqlite_utils import Database


def panel(
    db: Database,
    metrics: Sequence[str],
    tickers: Iterable[str] | None = None,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    wide: bool = True,
) -> pd.DataFrame:
    """Columns of `mnav_daily` of many companies (default: all that have a row), unknown as NaN, in the view's units.

    Wide: indexed by session day, columns (metric, ticker), or the tickers alone where one metric is asked. Long: indexed by
    (date, ticker), one column a metric. `NAME_adjusted` of a price, a count of shares or an amount per share is on the basis of
    today's shares: splits later than the row, which nobody knew that day, are applied to it. Raises InputError for an unknown column.
    """
    numbers = [name for name, column in DAY_BY_DAY.items() if column.numeric]
    for name in metrics:
        if name not in numbers:
            raise InputError(f"{name!r} is no number of mnav_daily or mnav_adjusted; there are {', '.join(numbers)}")
    chosen = list(dict.fromkeys(tickers)) if tickers is not None else None
    among = "" if chosen is None else f" AND d.ticker IN ({', '.join('?' * len(chosen))})"
    columns = list(dict.fromkeys(metrics))
    rows = db.execute(
        f"SELECT d.date, d.ticker, {selected(columns)} FROM {share_basis.JOINED} WHERE d.date >= ? AND d.date <= ?{among}",
        [str(since or "0001-01-01"), str(until or "9999-12-31"), *(chosen or [])],
    ).fetchall()
    read = pd.DataFrame(rows, columns=["date", "ticker", *columns])
    read["date"] = pd.to_datetime(read["date"], format="%Y-%m-%d")
    read[columns] = read[columns].astype(float)
    frame = read.sort_values(["date", "ticker"]).set_index(["date", "ticker"])
    if not wide:
        return frame
    spread = frame.unstack("ticker")
    assert isinstance(spread, pd.DataFrame)
    if chosen is not None:
        spread = spread.reindex(columns=pd.MultiIndex.from_product([columns, chosen], names=[None, "ticker"]))
    only = spread[columns[0]] if len(columns) == 1 else spread
    assert isinstance(only, pd.DataFrame)
    return only
