"""What was known then against what is known now."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from treasury.charts import chart
from treasury.charts.history import with_gaps
from treasury.charts.style import FAINT, blank, in_style

APART = 0.01  # of the multiple: what counts as moved


@chart
def vintage(
    vintages: pd.DataFrame,
    *,
    name: str = "",
    metric: str = "mnav_ev",
    label: str = "",
    meaning: str = "",
    source: str = "",
) -> Figure:
    """One multiple of one company from what was known on each day and from what is known now.

    `vintages` has a sorted DatetimeIndex (session days) and the columns `then` and `now` (ratios, NaN unknown). Raises
    ValueError where no day has both.
    """
    both = vintages.dropna()
    if both.empty:
        raise ValueError(f"{metric} of {name} is not known both then and now on any day")
    with in_style():
        figure, axes = blank(_finding(both, name, label or metric), f"{meaning}  {source}".strip())
        for column, text in (("now", "from what is known now"), ("then", "from what was known then")):
            line = with_gaps(vintages[column].dropna())
            axes.plot(line.index, line.to_numpy(), label=text)
        axes.fill_between(
            both.index,
            both["then"].to_numpy(),
            both["now"].to_numpy(),
            color=FAINT,
            alpha=0.25,
            linewidth=0,
            label="the gap",
        )
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}x"))
        locator = AutoDateLocator()
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        axes.margins(x=0.015)
        axes.legend(loc="best", ncols=3)
    return figure


def _finding(both: pd.DataFrame, name: str, label: str) -> str:
    gap = both["now"] - both["then"]
    apart = int((gap.abs() > APART * both["then"].abs()).sum())
    worst = gap.index[int(np.argmax(np.abs(gap.to_numpy())))]
    return (
        f"{name}: hindsight moves {label} over {APART:.0%} on {apart:,} of {len(both):,} days, "
        f"most {worst:%Y-%m-%d}: {both['then'][worst]:.2f}x to {both['now'][worst]:.2f}x"
    ).replace("%", " %")
