"""Preferred stock at its own price: yields of all series side by side, and one against its stated amount."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
from matplotlib.figure import Figure

from treasury.charts import chart
from treasury.charts.style import (
    COLOURS,
    FAINT,
    INK,
    SOURCE,
    blank,
    days_axis,
    draw_line,
    end_labels,
    in_style,
    note_at,
    values_as,
)


@chart("preferred_closes", companies="one")
def preferred_yields(days: pd.DataFrame) -> Figure:
    """Effective yields of a company's preferred series side by side: dividend rate × stated amount ÷ close.

    `days` is indexed by session with the columns series, close, par (per share in one currency) and effective_yield_pct.
    """
    names = list(dict.fromkeys(days["series"]))
    newest = days.dropna(subset=["effective_yield_pct"]).groupby("series")["effective_yield_pct"].last()
    if newest.empty:
        raise ValueError("no series has both a price and a dividend rate")
    highest = str(newest.idxmax())
    title = f"{highest.upper()} yields most, {newest[highest]:.1f} % on {days.index.max():%Y-%m-%d}; the least is {newest.min():.1f} %"
    return _lines(
        days,
        names,
        "effective_yield_pct",
        title,
        "Dividend rate of the day × stated amount ÷ close.",
        lambda value: f"{value:g} %",
    )


@chart("preferred_closes", companies="one")
def preferred_prices(days: pd.DataFrame) -> Figure:
    """Closes of a company's preferred series against what a share is owed.

    `days` is indexed by session with the columns series, close, par (per share in one currency) and effective_yield_pct.
    """
    names = list(dict.fromkeys(days["series"]))
    share = (days["close"] / days["par"] * 100).rename("of_par")
    days = days.assign(of_par=share)
    newest = days.dropna(subset=["of_par"]).groupby("series")["of_par"].last()
    if newest.empty:
        raise ValueError("no series has both a price and a stated amount")
    below = int((newest < 100).sum())
    title = f"{below} of {len(newest)} series below what a share is owed on {days.index.max():%Y-%m-%d}, the lowest at {newest.min():.0f} % of it"
    return _lines(
        days,
        names,
        "of_par",
        title,
        "Close in per cent of the stated amount.",
        lambda value: f"{value:g} %",
        level=100.0,
    )


def _lines(
    days: pd.DataFrame,
    names: Sequence[str],
    column: str,
    title: str,
    told: str,
    text: Callable[[float], str],
    level: float | None = None,
) -> Figure:
    with in_style():
        figure, axes = blank(title, f"{told}  {SOURCE}")
        ends = {}
        for number, name in enumerate(names):
            line = days.loc[days["series"] == name, column].dropna()
            if line.empty:
                continue
            draw_line(axes, line, name.upper(), number)
            ends[f"{name.upper()} {text(round(float(line.iloc[-1]), 1))}"] = (
                float(line.iloc[-1]),
                COLOURS[number % len(COLOURS)],
            )
        if level is not None:
            axes.axhline(level, color=FAINT, linewidth=1.0, linestyle="-")
            note_at(axes, level, "what a share is owed")
        values_as(axes, text)
        days_axis(axes)
        axes.tick_params(axis="y", labelcolor=INK)
        end_labels(figure, axes, ends)
    return figure
