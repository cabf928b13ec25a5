"""Companies beside each other on one day."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from treasury.amounts import round_dollars
from treasury.charts import chart
from treasury.charts.measure import axis_name, is_multiple, on_axis, written
from treasury.charts.style import (
    COLOURS,
    FAINT,
    INK,
    SOURCE,
    blank,
    called,
    in_style,
    log_axis,
    named,
    note_at,
    spread,
)
from treasury.metrics.mnav_daily import DAILY

OLD = "hatched: last close more than 7 days older than the newest"


@chart("league", companies="any")
def league(rows: pd.DataFrame, *, metric: str = "mnav_market_cap") -> Figure:
    """League-table bars: a multiple of every company, largest first.

    `metric` is any column of mnav_daily that is an amount, in its own unit. `rows` is indexed by ticker with the columns date
    (text), value (the metric, NaN unknown) and stale (1 where old).
    """
    column = DAILY[metric]
    label = column.called
    known = rows[rows["value"].notna()].sort_values("value", kind="stable")
    if known.empty:
        raise ValueError(f"{metric} is not known of any of {', '.join(map(str, rows.index))}")
    newest = str(rows["date"].max())
    below = int((known["value"] < 1).sum())
    unknown = ", ".join(sorted(str(name) for name in rows.index[rows["value"].isna()]))
    title = (
        f"{below} of {len(known)} companies below 1.0x: {label} at the last close up to {newest}"
        if is_multiple(column)
        else f"{called(rows, str(known.index[-1]))} first of {len(known)} companies: {label} {written(known['value'].iloc[-1], column)}, "
        f"at the last close up to {newest}"
    )
    told = column.meaning + (f" Unknown for {unknown}." if unknown else "")
    with in_style():
        figure, axes = blank(title, f"{told}  {SOURCE}")
        figure.set_size_inches(9.0, max(3.2, 1.6 + 0.27 * len(known)))
        bars = axes.barh([str(one) for one in known.index], known["value"], color=COLOURS[0], height=0.66)
        for bar, (_, row) in zip(bars, known.iterrows(), strict=True):
            if row["stale"]:
                bar.set(facecolor="white", edgecolor=COLOURS[0], hatch="////", linewidth=0.8)
            axes.annotate(
                written(row["value"], column) + (f"  ({row['date']})" if row["stale"] else ""),
                (row["value"], bar.get_y() + bar.get_height() / 2), xytext=(4, 0), textcoords="offset points",
                va="center", fontsize=8, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
            )  # fmt: skip
        if is_multiple(column):
            axes.axvline(1.0, color=FAINT, linewidth=1.0, linestyle="-")
        axes.set_xlim(min(0.0, float(known["value"].min()) * 1.15), max(0.0, float(known["value"].max())) * 1.16)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: on_axis(value, column)))
        axes.tick_params(axis="y", labelcolor=INK, length=0)
        axes.grid(visible=False, axis="y")
        remarks = (axis_name(column), OLD if rows["stale"].any() else "")
        if any(remarks):
            named(axes, " · ".join(remark for remark in remarks if remark))
    return figure


@chart("league", companies="any")
def size(rows: pd.DataFrame, *, metric: str = "mnav_market_cap") -> Figure:
    """Scatter of a multiple against size: every company by the bitcoin it holds.

    `metric` is any column of mnav_daily that is an amount, in its own unit; only what is above 0 has a place. `rows` is indexed by
    ticker with the columns date (text), value (NaN unknown), btc_nav (USD) and stale (1 where old).
    """
    column = DAILY[metric]
    known = rows[rows["value"].gt(0) & rows["btc_nav"].gt(0)].sort_values("btc_nav", kind="stable")
    if known.empty:
        raise ValueError(f"{metric} is not known of any of {', '.join(map(str, rows.index))}")
    largest = known.iloc[-1]
    title = (
        f"{len(known)} companies by size: the largest, {called(rows, str(known.index[-1]))}, at {written(largest['value'], column)}; the others between "
        f"{written(known['value'][:-1].min(), column)} and {written(known['value'][:-1].max(), column)}, at the last close up to {rows['date'].max()}"
        if len(known) > 1
        else f"{called(rows, str(known.index[0]))}: {written(largest['value'], column)}, at the close of {largest['date']}"
    )
    with in_style():
        figure, axes = blank(title, f"Vertical: {column.meaning}  {SOURCE}")
        if is_multiple(column):
            axes.axhline(1.0, color=FAINT, linewidth=1.0, linestyle="-")
        for old, face in ((0, COLOURS[0]), (1, "white")):
            some = known[known["stale"].astype(int) == old]
            axes.scatter(
                some["btc_nav"], some["value"], s=34, facecolor=face, edgecolor=COLOURS[0], zorder=3, linewidth=1.2
            )
        axes.set_xscale("log")
        log_axis(axes)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: round_dollars(value)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: on_axis(value, column)))
        axes.margins(x=0.09, y=0.1)
        named(
            axes,
            f"{column.called} against bitcoin held, US dollars"
            + ("; hollow: last close is old" if known["stale"].any() else ""),
        )
        if is_multiple(column):
            note_at(axes, 1.0, "1.0x")
        _names(known, axes)
    return figure


def _names(known: pd.DataFrame, axes: object) -> None:
    """Names right of their points, moved apart where points lie close to each other."""
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    pixels = axes.transData.transform(known[["btc_nav", "value"]].to_numpy(dtype=float))
    groups: list[list[int]] = []
    for at in sorted(range(len(known)), key=lambda at: float(pixels[at][0])):
        if groups and pixels[at][0] - pixels[groups[-1][-1]][0] < 90:
            groups[-1].append(at)
        else:
            groups.append([at])
    for group in groups:
        heights = spread([float(pixels[at][1]) for at in group], 22.0)
        for at, height in zip(group, heights, strict=True):
            axes.annotate(
                str(known.index[at]), (known["btc_nav"].iloc[at], known["value"].iloc[at]),
                xytext=(7, (height - float(pixels[at][1])) * 72 / axes.figure.dpi), textcoords="offset points", va="center", fontsize=8,
                zorder=4, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.85},
            )  # fmt: skip
