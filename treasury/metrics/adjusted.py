"""Columns of `mnav_daily` on the basis of today's shares: no fall of 90 % on the day of a split.

They apply splits that nobody knew on the day of the row, so they stand in the view `mnav_adjusted`, never in `mnav_daily`.
"""

from __future__ import annotations

from dataclasses import replace

from treasury.metrics.column import DailyColumn
from treasury.metrics.mnav_daily import DAILY

ADJUSTED_SUFFIX = "_adjusted"
OF_THE_LISTED_UNIT = ("price", "price_usd")
OF_A_SHARE = ("net_btc_per_share", *(name for name, column in DAILY.items() if column.unit == "sats"))
COUNTS_OF_SHARES = tuple(name for name, column in DAILY.items() if column.unit == "shares")
ADJUSTABLE = (*OF_THE_LISTED_UNIT, *OF_A_SHARE, *COUNTS_OF_SHARES)


def _adjusted(column: DailyColumn) -> DailyColumn:
    return replace(
        column,
        name=f"{column.name}{ADJUSTED_SUFFIX}",
        meaning=f"{column.meaning.rstrip('.')}; on the basis of today's shares.",
        stored="",
        formula=f"{column.name} on today's basis",
        label=f"{column.called}, on today's share basis",
    )


# NAME_adjusted by name, in the order of the view
ON_TODAYS_BASIS: dict[str, DailyColumn] = {f"{name}{ADJUSTED_SUFFIX}": _adjusted(DAILY[name]) for name in ADJUSTABLE}
# what can be asked of one company day by day
DAY_BY_DAY: dict[str, DailyColumn] = DAILY | ON_TODAYS_BASIS
