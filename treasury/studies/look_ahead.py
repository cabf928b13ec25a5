"""What a back-test gains when its multiple holds a bitcoin price from after the close it trades at.

The trade: hold the share from each close at which its multiple fell to the next close (it became cheaper), and, long and short,
sell it short after each at which it rose. A bitcoin that rises in the hours after the close lowers a multiple priced then, and
lifts the share at the next open: such a multiple knows tomorrow. The same trade by the multiple of one moment does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from treasury.studies.bootstrap import interval

Sides = Literal["long-only", "long-short"]
SIDES: tuple[Sides, ...] = ("long-only", "long-short")
_WEEK = 5  # a week of closes is drawn together: a fall of the multiple depends on the day before
AS_PUBLISHED, SAME_MOMENT, LATER_HOURS, OUR_MULTIPLE = "published", "same moment", "the later hours", "our mnav_ev"


@dataclass(frozen=True, slots=True)
class TradeOutcome:
    """A trade by one multiple: its mean return a session in basis points with the 95 % interval, and what it made in all.

    Of `LATER_HOURS`, the sessions by the published multiple less the same sessions by that of one moment, there is no sum of its own: None.
    """

    trade: Sides
    by: str
    closes: int
    mean_bp: float
    low_bp: float | None
    high_bp: float | None
    total_pct: float | None


def next_session(price: pd.Series, multiple: pd.Series, trade: Sides) -> pd.Series:
    """The return of the session after each close of the trade; NaN where price or multiple is unknown at either end.

    `price` is adjusted for splits; both are indexed by close, in order.
    """
    change = multiple.diff()
    position = pd.Series(
        np.where(change < 0, 1.0, np.where((change > 0) & (trade == "long-short"), -1.0, 0.0)), change.index
    )
    return (position * (price.shift(-1) / price - 1)).where(change.notna())


def outcomes(days: pd.DataFrame, seed: int = 0) -> list[TradeOutcome]:
    """The trade by the published multiple, by the same at one moment, what the later hours gave it, and the trade by ours.

    `days` has the columns price, published, same_moment and mnav_ev. Only closes at which all is known on both sides of the
    session count. Raises ValueError where there are none.
    """
    found = []
    for trade in SIDES:
        named = {AS_PUBLISHED: "published", SAME_MOMENT: "same_moment", OUR_MULTIPLE: "mnav_ev"}
        sessions = pd.DataFrame(
            {by: next_session(days["price"], days[column], trade) for by, column in named.items()}
        ).dropna()
        if sessions.empty:
            raise ValueError("no two closes after one another have a price and every multiple")
        sessions.insert(2, LATER_HOURS, sessions[AS_PUBLISHED] - sessions[SAME_MOMENT])
        for by in sessions.columns:
            made = sessions[by].to_numpy(float)
            span = interval(made.tolist(), block=_WEEK, seed=seed)
            low, high = (None, None) if span is None else (span[0] * 1e4, span[1] * 1e4)
            total = None if by == LATER_HOURS else (float(np.prod(1 + made)) - 1) * 100
            found.append(TradeOutcome(trade, str(by), len(made), float(made.mean()) * 1e4, low, high, total))
    return found
