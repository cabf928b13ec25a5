"""How a chart writes the values of a column of `mnav_daily`, whatever its unit."""

from __future__ import annotations

from treasury.amounts import in_unit, round_dollars
from treasury.metrics.column import CLAIMS_GROUP, MULTIPLES_GROUP, DailyColumn


def is_multiple(column: DailyColumn) -> bool:
    """Whether 1.0 means that the shares cost what their bitcoin is worth."""
    return column.unit == "x" and column.belongs_to == MULTIPLES_GROUP


def goes_in_steps(column: DailyColumn) -> bool:
    """Whether a value stands until somebody tells another: holdings, counts and claims, not prices and what is made of them."""
    told = column.stored and column.belongs_to == CLAIMS_GROUP
    return bool(told) or column.unit in ("BTC", "shares", "sats")


def written(value: float, column: DailyColumn) -> str:
    """A value in a title or beside a line: 1.23x, $15.75bn, 41 days."""
    if column.unit == "x":
        return f"{value:.2f}x"
    if column.unit == "USD" and column.each:
        return f"{'−' if value < 0 else ''}${abs(value):,.2f}"
    text = in_unit(value, column.unit, column.each)
    return f"{text} {column.unit}" if column.unit in ("BTC", "sats", "shares", "days") else text


def on_axis(value: float, column: DailyColumn) -> str:
    """A value at a tick, without digits that say nothing."""
    if column.unit == "x":
        return f"{value:g}x"
    if column.unit == "%":
        return f"{value:g} %"
    if column.unit == "USD" and not column.each:
        return round_dollars(value)
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"


def axis_name(column: DailyColumn) -> str:
    """What the axis measures, where its ticks do not say it; empty for a ratio."""
    if column.unit in ("x", "ratio"):
        return ""
    unit = {"USD": "US dollars", "%": "per cent", "price currency": "in the currency of the listing"}
    said = unit.get(column.unit, column.unit)
    return f"{column.called}, {said}"
