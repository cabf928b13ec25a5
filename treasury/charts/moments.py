"""A published multiple against the one of a single moment."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from treasury.amounts import with_minus
from treasury.charts import chart
from treasury.charts.measure import on_axis
from treasury.charts.style import (
    COLOURS,
    FAINT,
    SOURCE,
    called,
    days_axis,
    in_style,
    named,
    panels,
    values_as,
    with_gaps,
)
from treasury.metrics.mnav_daily import DAILY


@chart("moments")
def moments(days: pd.DataFrame) -> Figure:
    """EV mNAV as the issuer published it, and the same with bitcoin at the share's own close.

    `days` has a sorted DatetimeIndex (session days) and the columns ticker, published and same_moment (NaN unknown). Raises
    ValueError where no day has both.
    """
    name = str(days["ticker"].iloc[0]) if len(days) else ""
    both = days[["published", "same_moment"]].dropna()
    if both.empty:
        raise ValueError(f"{name} has no day with a published multiple and one of the same moment")
    apart = (both["published"] / both["same_moment"] - 1) * 100
    worst = apart.abs().idxmax()
    title = (
        f"{called(days, name)}: the published multiple is {apart.abs().median():.2f} % from that of the share's own close in the median, "
        f"{apart.abs().max():.1f} % on {worst:%Y-%m-%d}"
    )
    with in_style():
        figure, (axes, below) = panels(
            title,
            f"Published: bitcoin at another moment than the share's close. Both on its page's inputs.  {SOURCE}",
            (3, 1),
        )
        for column, text, colour in (
            ("published", "as published", COLOURS[1]),
            ("same_moment", "at the share's close", COLOURS[0]),
        ):
            line = with_gaps(days[column].dropna())
            axes.plot(line.index.to_numpy(), line.to_numpy(), label=text, color=colour)
        values_as(axes, lambda value: on_axis(value, DAILY["mnav_ev"]))
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)
        below.vlines(apart.index.to_numpy(), 0, apart.to_numpy(), color=COLOURS[1], linewidth=0.8)
        below.axhline(0, color=FAINT, linewidth=1.0)
        named(below, "published against the same moment")
        values_as(below, lambda value: with_minus(f"{value:+g} %") if value else "0 %")
        below.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))  # the same, however high the layout makes it
        days_axis(below)
    return figure
