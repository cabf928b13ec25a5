"""Metrics over time: BTC Yield and ages, as functions of one company's daily frame."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from treasury.metrics.column import MULTIPLES_GROUP, PER_SHARE_GROUP, DailyColumn

if TYPE_CHECKING:
    import pandas as pd

BASE_WITHIN = timedelta(days=10)  # how far before the start of a period its opening row may lie (holidays)


def _over_time(name: str, unit: str, label: str, meaning: str, group: str = "") -> DailyColumn:
    return DailyColumn(name, unit, meaning, formula="over time", label=label, group=group)


OVER_TIME = {
    column.name: column
    for column in (
        _over_time(
            "btc_yield_ytd_pct",
            "%",
            "BTC yield YTD",
            "growth of satoshis per assumed-diluted share since the last close of the year before",
            PER_SHARE_GROUP,
        ),
        _over_time(
            "btc_yield_qtd_pct",
            "%",
            "BTC yield QTD",
            "growth of satoshis per assumed-diluted share since the last close of the quarter before",
            PER_SHARE_GROUP,
        ),
        _over_time(
            "btc_yield_1y_pct",
            "%",
            "BTC yield 1y",
            "growth of satoshis per assumed-diluted share since the same day a year earlier",
            PER_SHARE_GROUP,
        ),
        _over_time("btc_age_days", "days", "holdings", "since the day the holdings describe"),
        _over_time("shares_age_days", "days", "shares", "since the day the basic share count describes"),
        _over_time(
            "claims_age_days",
            "days",
            "claims",
            "since the oldest of the days that debt, preferred stock and cash describe",
        ),
        _over_time(
            "cost_age_days",
            "days",
            "cost basis",
            "since the day the cost basis describes; where it is of other coins, unrealised_gain_usd is unknown",
        ),
        _over_time(
            "award_age_days",
            "days",
            "awards",
            "since the oldest of the days on which its options, units and warrants were counted",
        ),
        _over_time(
            "mnav_ev_low",
            "x",
            "EV, low end",
            "mnav_ev had shares, holdings and claims gone on at their recent rates: the lowest it could be",
        ),
        _over_time(
            "mnav_ev_high",
            "x",
            "EV, high end",
            "mnav_ev had shares, holdings and claims gone on at their recent rates: the highest it could be",
        ),
        _over_time(
            "mnav_ev_doubt",
            "text",
            "EV, most in doubt",
            "which of shares, holdings and claims makes most of that bar",
            MULTIPLES_GROUP,
        ),
    )
}


def btc_yields(daily: pd.DataFrame) -> pd.DataFrame:
    """BTC Yield year to date, quarter to date and over a year, in per cent (docs/metrics.md 1.4), from point-in-time rows.

    `daily` has a sorted DatetimeIndex and the columns `sats_per_share_assumed` and `split_factor` (which puts the first on
    one share basis). The opening row is the last close before the period, at most ten days before it; NaN where there is
    none, or where it or the day's own value is unknown.
    """
    import pandas as pd

    sats = daily["sats_per_share_assumed"].astype(float) * daily["split_factor"]
    day = pd.DatetimeIndex(daily.index)
    year = pd.DatetimeIndex(day.year.astype(str) + "-01-01")
    quarter = pd.PeriodIndex(day, freq="Q").to_timestamp()
    year_ago = pd.DatetimeIndex([_a_year_before(one) + pd.Timedelta(days=1) for one in day])
    starts = {"btc_yield_ytd_pct": year, "btc_yield_qtd_pct": quarter, "btc_yield_1y_pct": year_ago}
    return pd.DataFrame(
        {name: (sats / _opening(sats, start) - 1) * 100 for name, start in starts.items()}, index=daily.index
    )


def _a_year_before(day: pd.Timestamp) -> pd.Timestamp:
    """The same date a year earlier; 29 February becomes 1 March, as in SQLite."""
    import pandas as pd

    if (day.month, day.day) == (2, 29):
        return pd.Timestamp(day.year - 1, 3, 1)
    return day.replace(year=day.year - 1)


def _opening(sats: pd.Series, start: pd.DatetimeIndex) -> pd.Series:
    """For each row the value of the last row before `start`."""
    import pandas as pd

    found = pd.DatetimeIndex(sats.index).searchsorted(start, side="left") - 1
    values = sats.to_numpy()[found.clip(min=0)]
    days = pd.DatetimeIndex(sats.index)[found.clip(min=0)]
    usable = (found >= 0) & (days >= start - BASE_WITHIN)
    return pd.Series(values, index=sats.index).where(usable)
