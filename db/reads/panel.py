"""Many companies at once: columns of `mnav_daily` as one frame, also on the basis of today's shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from db.derived.views import DAILY_COLUMNS
from db.tables import objects
from treasury.errors import InputError
from treasury.metrics.mnav_daily import DAILY
from treasury.splits import ShareBasis

if TYPE_CHECKING:
    from sqlite_utils import Database

ADJUSTED_SUFFIX = "_adjusted"
OF_THE_LISTED_UNIT = ("price", "price_usd")
OF_A_SHARE = ("net_btc_per_share", *(name for name, column in DAILY.items() if column.unit == "sats"))
COUNTS_OF_SHARES = tuple(name for name, column in DAILY.items() if column.unit == "shares")
ADJUSTABLE = (*OF_THE_LISTED_UNIT, *OF_A_SHARE, *COUNTS_OF_SHARES)
_NUMERIC = tuple(name for name, column in DAILY.items() if column.numeric)


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
    plain = {name: name if name in DAILY_COLUMNS else name.removesuffix(ADJUSTED_SUFFIX) for name in metrics}
    for name, column in plain.items():
        if column not in _NUMERIC or (name != column and column not in ADJUSTABLE):
            raise InputError(
                f"{name!r} is no number of mnav_daily; there are {', '.join(_NUMERIC)}, and adjusted {', '.join(one + ADJUSTED_SUFFIX for one in ADJUSTABLE)}"
            )
    chosen = list(dict.fromkeys(tickers)) if tickers is not None else None
    among = "" if chosen is None else f" AND ticker IN ({', '.join('?' * len(chosen))})"
    columns = list(dict.fromkeys(plain.values()))
    rows = db.execute(
        f"SELECT date, ticker, {', '.join(columns)} FROM mnav_daily WHERE date >= ? AND date <= ?{among}",
        [str(since or "0001-01-01"), str(until or "9999-12-31"), *(chosen or [])],
    ).fetchall()
    read = pd.DataFrame(rows, columns=["date", "ticker", *columns])
    read["date"] = pd.to_datetime(read["date"], format="%Y-%m-%d")
    read[columns] = read[columns].astype(float)
    long = read.sort_values(["date", "ticker"]).set_index(["date", "ticker"])
    made = {name: long[column] if name == column else _adjusted(db, long[column]) for name, column in plain.items()}
    frame = pd.DataFrame(made, index=long.index)
    if not wide:
        return frame
    spread = frame.unstack("ticker")
    assert isinstance(spread, pd.DataFrame)
    if chosen is not None:
        spread = spread.reindex(columns=pd.MultiIndex.from_product([metrics, chosen], names=[None, "ticker"]))
    only = spread[metrics[0]] if len(metrics) == 1 else spread
    assert isinstance(only, pd.DataFrame)
    return only


def _adjusted(db: Database, values: pd.Series[float]) -> pd.Series[float]:
    """The values of one adjustable column by (date, ticker), each on the basis of today's shares."""
    name = str(values.name)
    splits, listings = objects.splits(db), objects.listings(db)
    factors = pd.Series(1.0, index=values.index)
    for ticker, of_one in values.groupby(level="ticker"):
        own = [split for split in splits if split.ticker == ticker]
        basis = ShareBasis(own, [one for one in listings if one.ticker == ticker])
        cuts = sorted({split.ex_date for split in own} | {step for step, _ in basis.steps})
        if not cuts:
            continue
        make = basis.units if name in OF_THE_LISTED_UNIT else basis.shares
        pieces = [make(before, date.max) for before in [None, *cuts]]
        days = of_one.index.get_level_values("date")
        piece = np.searchsorted(pd.to_datetime(pd.Index(cuts)).to_numpy(), days.to_numpy(), side="right")
        factors[of_one.index] = np.array([np.nan if one is None else one for one in pieces])[piece]
    return values * factors if name in COUNTS_OF_SHARES else values / factors
