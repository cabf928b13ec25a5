"""The pictures of a tear sheet, each drawn on axes that it is given."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from treasury.charts.measure import is_multiple, on_axis
from treasury.charts.style import COLOURS, FAINT, INK, days_axis, draw_line, values_as, with_gaps
from treasury.metrics.column import DailyColumn


def in_its_year(axes: Axes, days: pd.DataFrame, column: DailyColumn) -> None:
    """A metric in the range of the year before each day, with the median of five years (columns of `db.feeds.charts.own_past`)."""
    low, high = (with_gaps(days[end].dropna()) for end in ("low", "high"))
    axes.fill_between(low.index, low, high, color=COLOURS[0], alpha=0.16, linewidth=0)
    middle = with_gaps(days["middle"].dropna())
    axes.plot(middle.index, middle, color=FAINT, linewidth=0.8, linestyle="--")
    draw_line(axes, days["value"].dropna(), column.called, 0, linewidth=1.0)
    if is_multiple(column):
        axes.axhline(1.0, color=INK, linewidth=0.6, linestyle="-")
    values_as(axes, lambda value: on_axis(value, column))
    days_axis(axes)


def over_time(axes: Axes, line: pd.Series, column: DailyColumn) -> None:
    """A column of mnav_daily over time; pauses stay open."""
    axes.plot(line.index, with_gaps(line.dropna()).reindex(line.index), color=COLOURS[0], linewidth=1.0, linestyle="-")
    values_as(axes, lambda value: on_axis(value, column))
    days_axis(axes)


def beside_each_other(axes: Axes, names: Sequence[str], values: Sequence[float]) -> None:
    """A multiple of several companies as bars, the first on top, with the line at 1.0x."""
    at = range(len(names))
    axes.barh(list(at), list(values), color=COLOURS[0], alpha=0.75, height=0.65)
    axes.axvline(1.0, color=INK, linewidth=0.8, linestyle="-")
    axes.set_yticks(list(at), list(names))
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    for row, value in zip(at, values, strict=True):
        axes.annotate(
            f"{value:.2f}x",
            (value, row),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=5.6,
            color=INK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
    axes.margins(x=0.12)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}x")
