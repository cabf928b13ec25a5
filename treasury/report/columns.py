"""What the report shows of mnav_daily: every column that is an amount or a metric, by its group; and which have a history."""

from __future__ import annotations

from treasury.metrics.column import COLUMN_GROUPS, MULTIPLES_GROUP, PREMIUM_GROUP, SIZE_GROUP, DailyColumn
from treasury.metrics.definition_range import MULTIPLES as BAND
from treasury.metrics.mnav_daily import DAILY, metric_rows

# what fits a screen of 1,280 pixels; the reader chooses the others
SHOWN_AT_FIRST = (
    "mnav_market_cap", "mnav_diluted", "mnav_ev", "mnav_net", "implied_premium_usd", "implied_premium_pct", "btc", "market_cap",
    "btc_price", "sats_per_share", "btc_age_days",
)  # fmt: skip
_FIRST_GROUPS = (MULTIPLES_GROUP, PREMIUM_GROUP, SIZE_GROUP)  # the multiples are what the reader came for

_METRICS = {column.name for column in metric_rows()}


def groups() -> dict[str, list[DailyColumn]]:
    """The columns by group, multiples first; what belongs to the row itself has a place of its own on the page."""
    shown = [column for column in DAILY.values() if column.numeric or column.name in _METRICS]
    return {
        group: own
        for group in dict.fromkeys((*_FIRST_GROUPS, *COLUMN_GROUPS))
        if (own := [column for column in shown if column.belongs_to == group])
    }


COLUMNS = tuple(column for members in groups().values() for column in members)
BAND_COLUMNS = tuple(DAILY[name] for name in BAND)
# with a line in the charts of each company; every further one makes the page larger
HISTORY = tuple(
    DAILY[name]
    for name in (
        "price", "btc", *BAND, "implied_premium_usd", "implied_premium_pct", "sats_per_share", "leverage", "btc_age_days",
    )
)  # fmt: skip
