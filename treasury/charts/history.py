"""Multiples over time."""

from __future__ import annotations

import pandas as pd
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from treasury.charts import chart
from treasury.charts.style import FAINT, blank, in_style

GAP = pd.Timedelta(days=10)  # a longer pause than any holiday is left open in the line


@chart
def mnav(
    multiples: pd.DataFrame,
    *,
    metric: str = "mnav_ev",
    label: str = "",
    meaning: str = "",
    source: str = "",
    log: bool = False,
) -> Figure:
    """mNAV history of one or several companies, with the 1.0x line.

    `multiples` has a sorted DatetimeIndex (session days), one column a company and the metric in it (ratio, NaN unknown).
    Raises ValueError where no company has a single known value.
    """
    known = multiples.dropna(axis="columns", how="all")
    if known.empty:
        raise ValueError(f"{metric} is not known on any day of {', '.join(map(str, multiples.columns))}")
    with in_style():
        figure, axes = blank(_finding(known, label or metric), f"{meaning}  {source}".strip())
        axes.axhline(1.0, color=FAINT, linewidth=1.0, linestyle="-")
        axes.annotate(
            "1.0x: priced at its bitcoin",
            (0.0, 1.0),
            xycoords=("axes fraction", "data"),
            xytext=(5, -10),
            textcoords="offset points",
            fontsize=7,
            color=FAINT,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
        )
        for name in known.columns:
            line = with_gaps(known[name].dropna())
            (drawn,) = axes.plot(line.index, line.to_numpy())
            last = known[name].dropna()
            drawn.set_label(f"{name}, last {last.iloc[-1]:.2f}x")
            axes.scatter(last.index[-1:], last.iloc[-1:].to_numpy(), s=14, color=drawn.get_color(), zorder=3)
        if log:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}x"))
        locator = AutoDateLocator()
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        axes.margins(x=0.015)
        if len(known.columns) > 1:
            axes.legend(loc="upper left", ncols=min(len(known.columns), 4))
    return figure


def with_gaps(line: pd.Series) -> pd.Series:
    """The series with a NaN after every pause longer than a holiday, so that the line is left open there."""
    day = pd.DatetimeIndex(line.index)
    pauses = day[:-1][(day[1:] - day[:-1]) > GAP]
    holes = pd.Series(float("nan"), index=pauses + pd.Timedelta(days=1), dtype=float)
    return pd.concat([line.astype(float), holes]).sort_index() if len(holes) else line.astype(float)


def _finding(known: pd.DataFrame, label: str) -> str:
    if len(known.columns) == 1:
        line = known.iloc[:, 0].dropna()
        return (
            f"{known.columns[0]}: {label} {line.iloc[-1]:.2f}x at the close of {line.index[-1]:%Y-%m-%d}; "
            f"high {line.max():.2f}x ({line.idxmax():%Y-%m-%d}), low {line.min():.2f}x ({line.idxmin():%Y-%m-%d})"
        )
    lasts = {name: known[name].dropna() for name in known.columns}
    shown = ", ".join(f"{name} {line.iloc[-1]:.2f}x ({line.index[-1]:%Y-%m-%d})" for name, line in lasts.items())
    return f"{label[:1].upper()}{label[1:]} at the last known close: {shown}"
