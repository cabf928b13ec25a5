"""Rows of mnav_daily on another bitcoin price than that of the share's own close: what a publisher's number is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from db.reads import views
from treasury.metrics.adjusted import ON_TODAYS_BASIS
from treasury.metrics.definition_range import band
from treasury.metrics.metric import METRICS, evaluate
from treasury.metrics.mnav_daily import DAILY
from treasury.metrics.row_wise import INPUTS
from treasury.model import InputError
from treasury.publishers.definition import CLOSE
from treasury.publishers.definitions import WALKABLE

if TYPE_CHECKING:
    from sqlite_utils import Database

PUBLISHER = "publisher"
_WITHOUT = ("mnav_ev_low", "mnav_ev_high", "mnav_ev_doubt")  # bars of our own multiple


def fixing_of(ticker: str) -> str:
    """The bitcoin price by which a company makes its own multiple. Raises InputError for one that publishes none of its own."""
    fixings = [
        one.multiple.fixing
        for one in WALKABLE
        if one.issuer == ticker and one.multiple and one.multiple.fixing != CLOSE
    ]
    if not fixings:
        raise InputError(f"no bitcoin price of its own is known of {ticker}: its multiples are those at the close")
    return fixings[0]


def daily(
    db: Database, ticker: str, columns: Iterable[str], *, since: str | None = None, until: str | None = None
) -> pd.DataFrame:
    """Columns of mnav_daily of one company, all made again with bitcoin at the price its own multiple uses; NaN where it had none.

    What does not depend on bitcoin's price stays. Raises InputError for a company without such a price, or the error bars.
    """
    wanted = list(columns)
    if barred := [name for name in wanted if name in _WITHOUT]:
        raise InputError(f"{', '.join(barred)}: the bars are of our own multiple, at the close")
    if adjusted := [name for name in wanted if name in ON_TODAYS_BASIS]:
        raise InputError(f"{', '.join(adjusted)}: shares on today's basis are read at the close alone")
    fixing = fixing_of(ticker)
    stored = [name for name in INPUTS if name in DAILY]
    frame = views.daily(
        db, ticker, dict.fromkeys([*stored, "debt_otm", "preferred_otm", *wanted]), since=since, until=until
    )
    theirs = views.prices(db, "BTC", fixing).reindex(frame.index).astype(float)
    inputs = {name: frame[name].astype(float) for name in stored}
    inputs |= {
        f"{side}_itm": frame[side].astype(float) - frame[f"{side}_otm"].astype(float) for side in ("debt", "preferred")
    }
    made = pd.DataFrame(
        {name: column for name, column in evaluate(inputs | {"btc_price": theirs}).items() if name in METRICS}
    )
    made = pd.concat([made, band(made)], axis=1).assign(
        btc_price=theirs,
        btc_fixing=fixing,
        btc_price_at=None,  # a publisher does not say of which moment
    )
    return frame.assign(**{name: made[name] for name in wanted if name in made})[wanted]
