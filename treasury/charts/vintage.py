"""What was known then against what is known now."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from treasury.charts import chart
from treasury.charts.measure import on_axis, written
from treasury.charts.style import FAINT, SOURCE, blank, called, days_axis, in_style, values_as, with_gaps
from treasury.metrics.column import DailyColumn
from treasury.metrics.mnav_daily import DAILY
from treasury.trust.findings import MOVED


@chart("vintages")
def vintage(vintages: pd.DataFrame, *, metric: str = "mnav_ev") -> Figure:
    """One multiple of one company from what was known on each day and from what is known now.

    `vintages` has a sorted DatetimeIndex (session days) and the columns ticker, `then` and `now` (the metric, NaN
    unknown). Raises ValueError where no day has both.
    """
    name = str(vintages["ticker"].iloc[0]) if len(vintages) else ""
    both = vintages.dropna()
    if both.empty:
        raise ValueError(f"{metric} of {name} is not known both then and now on any day")
    with in_style():
        figure, axes = blank(
            _finding(both, called(vintages, name), DAILY[metric]), f"{DAILY[metric].meaning}  {SOURCE}"
        )
        for column, text in (("now", "from what is known now"), ("then", "from what was known then")):
            line = with_gaps(vintages[column].dropna())
            axes.plot(line.index.to_numpy(), line.to_numpy(), label=text)
        axes.fill_between(
            both.index.to_numpy(),
            both["then"].to_numpy(),
            both["now"].to_numpy(),
            color=FAINT,
            alpha=0.25,
            linewidth=0,
            label="the gap",
        )
        values_as(axes, lambda value: on_axis(value, DAILY[metric]))
        days_axis(axes)
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)
    return figure


def _finding(both: pd.DataFrame, name: str, column: DailyColumn) -> str:
    gap = both["now"] - both["then"]
    apart = int((gap.abs() > MOVED * both["then"].abs()).sum())
    worst = gap.index[int(np.argmax(np.abs(gap.to_numpy())))]
    return (
        f"{name}: hindsight moves {column.called} over {MOVED * 100:.0f} % on {apart:,} of {len(both):,} days, "
        f"most {worst:%Y-%m-%d}: {written(both['then'][worst], column)} to {written(both['now'][worst], column)}"
    )
