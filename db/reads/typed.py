"""Frames whose column types follow from what a column is, never from what happens to be known in it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from treasury.metrics.adjusted import DAY_BY_DAY

# columns of other frames that people get; what is here and in mnav_daily alike has one unit
_BESIDES = {
    "name": "text", "kind": "text", "country": "text", "grade": "text", "source": "text", "source_kind": "text", "url": "text", "note": "text",
    "counted_in": "text", "without_price": "text", "stale": "flag", "as_of": "day", "price_date": "day", "valued_on": "day",
    "close_age_days": "days", "age_days": "days", "change": "BTC", "share_pct": "%", "rank": "number",
}  # fmt: skip


def typed(frame: pd.DataFrame, besides: Mapping[str, str] = _BESIDES) -> pd.DataFrame:
    """Days and moments as such, flags as `boolean`, text as `string`, numbers as floats; a column nobody knows stays as it is.

    `besides`: the units of columns that are none of the views.
    """
    units = {name: column.unit for name, column in DAY_BY_DAY.items()} | {**besides}
    return frame.assign(**{str(name): _typed(column, units.get(str(name))) for name, column in frame.items()})


def _typed(column: pd.Series, unit: str | None) -> pd.Series:
    if unit is None:
        return column
    if unit in ("day", "moment"):
        return pd.to_datetime(column, format="ISO8601", utc=unit == "moment").dt.as_unit(
            "us"
        )  # of no rows pandas takes another
    if unit == "whole":
        return column.astype("int64")
    if unit == "flag":
        return column.astype("Int64").astype("boolean")
    return column.astype("string" if unit == "text" else float)
