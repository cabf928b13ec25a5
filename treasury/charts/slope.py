"""The league on two days, as lines from then to now."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import treasury.metrics.row_wise  # registers what METRICS holds
from treasury.charts import chart
from treasury.charts.style import COLOURS, FAINT, INK, SOURCE, blank, in_style, labelled, log_axis, spread, values_as
from treasury.metrics.metric import METRICS

assert treasury.metrics

MOST = 12  # companies with a name and colour; more would stand upon each other
WIDE = 8.0  # where the largest multiple is so many times the smallest, the scale is logarithmic
FALLEN, RISEN = COLOURS[1], COLOURS[2]


@chart("compared", companies="any")
def slope(rows: pd.DataFrame, *, metric: str = "mnav_market_cap") -> Figure:
    """A multiple of each company of the league on two days, one line from then to now.

    `rows` is indexed by ticker with the columns then and now (the metric, a ratio, NaN unknown) and btc_nav (USD), and has the two days
    in `attrs`: since, until.
    """
    known = rows.dropna(subset=["then", "now"])
    known = known[(known["then"] > 0) & (known["now"] > 0)]
    since, until = rows.attrs["since"], rows.attrs["until"]
    if known.empty:
        raise ValueError(f"{metric} is not known of any company on both {since} and {until}")
    drawn = known.sort_values("btc_nav", ascending=False, kind="stable").head(MOST)
    fell = int((known["now"] < known["then"]).sum())
    title = f"{fell} of {len(known)} companies lower than on {since}: {METRICS[metric].label} on {until}"
    rest = f" The {MOST} largest by bitcoin of {len(known)}." if len(known) > MOST else ""
    with in_style():
        figure, axes = blank(title, f"{METRICS[metric].meaning}{rest}  {SOURCE}")
        figure.set_size_inches(9.0, max(4.2, 1.8 + 0.3 * len(drawn)))
        ends = pd.concat([drawn["then"], drawn["now"]])
        if float(ends.max() / ends.min()) > WIDE:
            log_axis(axes)
        for _, row in drawn.iterrows():
            colour = FALLEN if row["now"] < row["then"] else RISEN
            axes.plot(
                [0, 1],
                [row["then"], row["now"]],
                color=colour,
                linestyle="-",
                linewidth=1.4,
                marker="o",
                markersize=3.5,
            )
        axes.plot([0, 1], [1.0, 1.0], color=FAINT, linewidth=1.0, linestyle="-", zorder=1)  # not under the names
        axes.set_xlim(-0.25, 1.55)
        axes.set_xticks([0, 1], [since, until])
        axes.tick_params(axis="x", labelcolor=INK, length=0)
        axes.grid(visible=False, axis="x")
        values_as(axes, lambda value: f"{value:g}x")
        _names(figure, axes, drawn["then"].rename(str), 0, "right")
        _names(figure, axes, drawn["now"].rename(lambda ticker: labelled(rows, str(ticker))), 1, "left")
    return figure


def _names(figure: Figure, axes: Axes, values: pd.Series, at: int, align: str) -> None:
    """Name (the index) and value beside each end, none upon another."""
    axes.get_ylim()  # what was drawn so far sets the limits only when they are asked for
    least = 11.0 / (axes.get_position().height * figure.get_size_inches()[1] * 72)
    inverse = axes.transAxes.inverted()
    heights = [float(inverse.transform(axes.transData.transform((0, value)))[1]) for value in values]
    along = axes.get_xaxis_transform()
    for (name, value), height in zip(values.items(), spread(heights, least), strict=True):
        axes.annotate(
            f"{name} {value:.2f}x", (at, height), xycoords=along, xytext=(-7 if at == 0 else 7, 0), textcoords="offset points",
            ha=align, va="center", fontsize=7.5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip
