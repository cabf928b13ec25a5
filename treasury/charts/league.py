"""Companies beside each other on one day."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import Bbox

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
    labelled,
    log_axis,
    named,
    note_at,
    width_of,
)
from treasury.metrics.mnav_daily import DAILY

ROOM = 1.15  # names left of the bars take from the width that a label is measured against
LABEL_OFFSETS = [
    (1, 0),
    (-1, 0),
    (1, 9),
    (1, -9),
    (-1, 9),
    (-1, -9),
    (1, 18),
    (1, -18),
]  # right or left of a point, and points of height
OLD = "hatched: last close more than 7 days older than that of most"


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
        bars = axes.barh(
            [labelled(rows, str(ticker)) for ticker in known.index], known["value"], color=COLOURS[0], height=0.66
        )
        axes.set_xlim(min(0.0, float(known["value"].min()) * 1.15), max(0.0, float(known["value"].max())) * 1.16)
        point = (axes.get_xlim()[1] - axes.get_xlim()[0]) / (
            axes.get_position().width * figure.get_size_inches()[0] * 72
        )
        for bar, (_, row) in zip(bars, known.iterrows(), strict=True):
            if row["stale"]:
                bar.set(facecolor="white", edgecolor=COLOURS[0], hatch="////", linewidth=0.8)
            said = written(row["value"], column) + (f"  ({row['date']})" if row["stale"] else "")
            ends = row["value"] + (4 + width_of(said, 8) * ROOM) * point
            axes.annotate(
                said,
                (1.0 if is_multiple(column) and row["value"] < 1.0 < ends else row["value"], bar.get_y() + bar.get_height() / 2), xytext=(4, 0), textcoords="offset points",
                va="center", fontsize=8, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
            )  # fmt: skip
        if is_multiple(column):
            axes.axvline(1.0, color=FAINT, linewidth=1.0, linestyle="-")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: on_axis(value, column)))
        axes.tick_params(axis="y", labelcolor=INK, labelsize=8, length=0)
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
        _names(rows, known, axes, 1.0 if is_multiple(column) else None)
    return figure


def _names(rows: pd.DataFrame, known: pd.DataFrame, axes: Axes, level: float | None) -> None:
    """Each point's company beside it, the largest first: name and ticker where they have room, else the ticker; over no other point or
    label, and not across a level line.

    Room is measured before the layout, which moves points apart and leaves letters as they are.
    """
    axes.get_xlim(), axes.get_ylim()
    points = axes.transData.transform(known[["btc_nav", "value"]].to_numpy(dtype=float)) * 72 / axes.figure.dpi
    edge = axes.transAxes.transform((1.0, 1.0))[0] * 72 / axes.figure.dpi
    line = (
        None if level is None else axes.transData.transform((known["btc_nav"].iloc[0], level))[1] * 72 / axes.figure.dpi
    )
    taken = [Bbox.from_extents(x - 4, y - 4, x + 4, y + 4) for x, y in points]
    for at in reversed(range(len(known))):
        ticker, (x, y) = str(known.index[at]), points[at]
        places = [
            (text, aside, above)
            for text in dict.fromkeys((labelled(rows, ticker, 18), ticker)) for aside, above in LABEL_OFFSETS
        ]  # fmt: skip

        def box(place: tuple[str, int, int], x: float = x, y: float = y) -> Bbox:
            wide = width_of(place[0], 8)
            return Bbox.from_bounds(x + 7 if place[1] > 0 else x - 7 - wide, y + place[2] - 5, wide, 10)

        def crowd(place: tuple[str, int, int], at: int = at) -> int:
            own = box(place)
            crossed = line is not None and own.y0 - 1 < line < own.y1 + 1
            over = int(own.count_overlaps([one for number, one in enumerate(taken) if number != at]))
            return over + crossed + bool(own.x1 > edge)

        text, aside, above = best = min(
            places, key=crowd
        )  # of equals the first: names before tickers, right before left
        taken.append(box(best))
        axes.annotate(
            text, (known["btc_nav"].iloc[at], known["value"].iloc[at]), xytext=(7 * aside, above), textcoords="offset points",
            ha="left" if aside > 0 else "right", va="center", fontsize=8, zorder=4,
        )  # fmt: skip
