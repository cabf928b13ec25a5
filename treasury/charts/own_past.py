"""A multiple against its own past: in the range of the year before it, and how many deviations from that year's mean."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from treasury.amounts import signed
from treasury.charts import chart
from treasury.charts.measure import is_multiple, on_axis, written
from treasury.charts.style import (
    COLOURS,
    FAINT,
    INK,
    SOURCE,
    called,
    days_axis,
    draw_line,
    in_style,
    named,
    panels,
    values_as,
)
from treasury.metrics.adjusted import DAY_BY_DAY

DEAR, CHEAP = 2.0, -2.0  # deviations; closed-end funds are called dear above and cheap below


@chart("own_past")
def past(days: pd.DataFrame, *, metric: str = "mnav_ev") -> Figure:
    """One metric of a company in the range of the year before each day, its five-year median, and its z-score below.

    `days` has a sorted DatetimeIndex and the columns ticker, value, low, high (of the closes of the year before), middle (median of the five
    years before) and z; NaN is unknown. Raises ValueError where nothing can be held against a past.
    """
    column, name = DAY_BY_DAY[metric], str(days["ticker"].iloc[0])
    known = days.dropna(subset=["value"])
    if known["z"].notna().sum() == 0:
        raise ValueError(f"{metric} of {name} is not known on enough days to be held against its own past")
    last, day = known.iloc[-1], known.index[-1]
    title = f"{called(days, name)}: {column.called} {written(last['value'], column)} at the close of {day:%Y-%m-%d}"
    if pd.notna(last["z"]):
        title += f", {signed(last['z'], 1)} deviations from the mean of the year before"
    told = f"{column.meaning} Shaded: lowest to highest close of the 365 days before; dashed: median of the five years before. Only days before count."
    with in_style():
        figure, (above, below) = panels(title, f"{told}  {SOURCE}", (2.2, 1.0))
        above.fill_between(
            days.index.to_numpy(),
            days["low"],
            days["high"],
            color=COLOURS[0],
            alpha=0.16,
            linewidth=0,
            label="year before",
        )
        above.plot(
            days.index.to_numpy(),
            days["middle"],
            color=FAINT,
            linewidth=1.0,
            linestyle="--",
            label="median of five years",
        )
        draw_line(above, known["value"], column.called, 0)
        if is_multiple(column):
            above.axhline(1.0, color=FAINT, linewidth=0.8, linestyle="-")
        values_as(above, lambda value: on_axis(value, column))
        named(above, f"{column.called}, and the range of its year")
        for level in (CHEAP, 0.0, DEAR):
            below.axhline(level, color=FAINT, linewidth=0.8, linestyle="-" if level == 0 else ":")
        below.plot(days.index.to_numpy(), days["z"], color=INK, linewidth=1.0, label="z-score")
        values_as(below, lambda value: signed(value, 0) if value else "0")
        named(below, "standard deviations from the mean of the year before")
        days_axis(below)
    return figure
