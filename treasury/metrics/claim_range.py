"""A range of `mnav_ev` where just one of debt, preferred stock and cash is not known: with that one left out, and with what is stated of it.

Beside the NULL of `mnav_ev`, never in its place. A claim left out makes the lowest it can be; the highest is told only where single
tranches of the claim are stated, and is then what is known of it, not a limit. Without the cash it is the highest, and no lowest is told.
The SQL of `mnav_daily` says the same, and a test holds them equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from treasury.metrics.column import MULTIPLES_GROUP, DailyColumn

if TYPE_CHECKING:
    import pandas as pd

DEBT, PREFERRED, CASH = "debt", "preferred", "cash"

RANGE = {
    column.name: column
    for column in (
        DailyColumn(
            "mnav_ev_min",
            "x",
            "mnav_ev without the one claim that is not known (mnav_ev_unclear): at least that; NULL where mnav_ev is known",
            formula="over claims",
            label="EV, at least",
        ),
        DailyColumn(
            "mnav_ev_max",
            "x",
            "mnav_ev with all that is stated of that claim, or without the cash where that is not known; NULL where nothing is",
            formula="over claims",
            label="EV, with what is stated",
        ),
        DailyColumn(
            "mnav_ev_unclear",
            "text",
            "which of debt, preferred and cash is the only one not known",
            formula="over claims",
            label="EV, unclear claim",
            group=MULTIPLES_GROUP,
        ),
    )
}


def claim_range(daily: pd.DataFrame) -> pd.DataFrame:
    """`mnav_ev_min`, `mnav_ev_max` and `mnav_ev_unclear` of each row, from columns of mnav_daily; NaN and None where there is no range."""
    import numpy as np
    import pandas as pd

    claims = daily[[DEBT, PREFERRED, CASH]].astype(float)
    nav, unknown = daily["btc_nav"].astype(float), claims.isna()
    one = (unknown.sum(axis=1) == 1) & daily["market_cap"].notna() & (nav > 0)
    bare = (daily["market_cap"].astype(float) + (claims.fillna(0.0) * [1.0, 1.0, -1.0]).sum(axis=1)) / nav
    stated = daily["debt_stated"].astype(float).where(unknown[DEBT], daily["preferred_stated"].astype(float)) / nav
    name = pd.Series(np.select([unknown[DEBT], unknown[PREFERRED]], [DEBT, PREFERRED], CASH), daily.index, dtype=object)
    return pd.DataFrame(
        {
            "mnav_ev_min": bare.where(one & ~unknown[CASH]),
            "mnav_ev_max": bare.where(unknown[CASH], bare + stated).where(one),
            "mnav_ev_unclear": name.where(one, None),
        }
    )


def range_sql(columns: dict[str, str]) -> dict[str, str]:
    """The same as SQL over the expressions of the columns it needs."""
    debt, preferred, cash, cap, nav = (
        f"({columns[name]})" for name in (DEBT, PREFERRED, CASH, "market_cap", "btc_nav")
    )
    one = f"({debt} IS NULL) + ({preferred} IS NULL) + ({cash} IS NULL) = 1 AND {cap} IS NOT NULL AND {nav} > 0"
    bare = f"({cap} + coalesce({debt}, 0) + coalesce({preferred}, 0) - coalesce({cash}, 0)) / {nav}"
    stated = f"CASE WHEN {debt} IS NULL THEN {columns['debt_stated']} ELSE {columns['preferred_stated']} END / {nav}"
    return {
        "mnav_ev_min": f"CASE WHEN {one} AND {cash} IS NOT NULL THEN {bare} END",
        "mnav_ev_max": f"CASE WHEN {one} THEN CASE WHEN {cash} IS NULL THEN {bare} ELSE {bare} + {stated} END END",
        "mnav_ev_unclear": f"CASE WHEN {one} THEN CASE WHEN {debt} IS NULL THEN '{DEBT}' WHEN {preferred} IS NULL THEN '{PREFERRED}' ELSE '{CASH}' END END",
    }
