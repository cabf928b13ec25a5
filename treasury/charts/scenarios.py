"""Bitcoin itself, and what a share would cost elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from treasury.amounts import per_cent, round_dollars, with_minus
from treasury.charts import chart
from treasury.charts.style import (
    FAINT,
    INK,
    blank,
    called,
    days_axis,
    draw_line,
    end_labels,
    in_style,
    log_axis,
    named,
    panels,
    values_as,
)

SUNDAYS = "Data: mnav, closes of UTC days; averages and RSI of Sunday closes (docs/scenarios.md)."

# columns and rows of the heat-map, written as round numbers beside the day's own
BTC_STEPS = (0.25, 0.4, 0.55, 0.7, 0.85, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0)  # times the day's bitcoin price
MULTIPLE_STEPS = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)  # times the day's EV mNAV


def round_steps(own: float, steps: Sequence[float]) -> list[float]:
    """`own` times each step, rounded to what people call round (25, 105, 180, 1.15); `own` itself as it is."""
    return sorted({own if step == 1.0 else _round(own * step) for step in steps})


def _round(value: float) -> float:
    size: float = 10.0 ** math.floor(math.log10(value))
    parts = 20 if value / size < 2 else 4 if value / size < 3 else 2
    return round(value / size * parts) / parts * size


@chart("bitcoin", companies="none")
def market(days: pd.DataFrame) -> Figure:
    """Bitcoin with its 50- and 100-week averages, its fall from the highest close so far, and its weekly RSI.

    `days` has a sorted DatetimeIndex and the columns close, sma_50w, sma_100w (USD), drawdown_pct (per cent, at most 0) and
    rsi_14w (0 to 100, on Sundays); NaN unknown. Raises ValueError where there is no close.
    """
    if days.empty:
        raise ValueError("no close of bitcoin is known")
    last = days.iloc[-1]
    average = days["sma_50w"].dropna()
    against = "" if average.empty else f"; its 50-week average is ${average.iloc[-1]:,.0f}"
    title = (
        f"Bitcoin at ${last['close']:,.0f} on {days.index[-1]:%Y-%m-%d}, "
        f"{-last['drawdown_pct']:.1f} % below its highest close{against}"
    )
    with in_style():
        figure, (price, fall, strength) = panels(title, SUNDAYS, (3, 1.2, 1.2))
        ends = {}
        for at, (column, label) in enumerate((("close", "close"), ("sma_50w", "50 weeks"), ("sma_100w", "100 weeks"))):
            known = days[column].dropna()
            if len(known):
                ends[label] = (float(known.iloc[-1]), draw_line(price, known, label, at, linewidth=1.2))
        log_axis(price)
        values_as(price, round_dollars)
        named(price, "US dollars, logarithmic")
        fall.fill_between(
            days.index.to_numpy(), days["drawdown_pct"], 0, color=FAINT, alpha=0.35, linewidth=0, label="drawdown"
        )
        values_as(fall, lambda value: with_minus(f"{value:.0f} %"))
        named(fall, "below the highest close so far")
        draw_line(strength, days["rsi_14w"].dropna(), "rsi", 0, linewidth=1.0)
        strength.set_ylim(0, 100)
        strength.set_yticks([30, 50, 70])
        named(strength, "weekly RSI(14), Wilder")
        days_axis(strength)
        end_labels(figure, price, ends)
    return figure


@chart("grid")
def stress(cells: pd.DataFrame) -> Figure:
    """What a share would cost by bitcoin price and EV mNAV, as a heat-map around the day's own.

    `cells` has the columns btc_price (USD), multiple (EV mNAV) and value (share price in the listing currency; NaN where nothing
    is left for the share), and on every row ticker, date, currency, price, btc_now and multiple_now. Raises ValueError where no
    cell is known.
    """
    if cells["value"].isna().all():
        raise ValueError(
            f"{cells['ticker'].iloc[0]} has no share price at any multiple: an input of mnav_ev is not known"
        )
    one = cells.iloc[0]
    wide = cells.pivot(index="multiple", columns="btc_price", values="value")
    change = (wide / one["price"] - 1) * 100
    title = (
        f"{called(cells, str(one['ticker']))}: a share costs {one['price']:,.5g} {one['currency']} at bitcoin ${one['btc_now']:,.0f} and "
        f"{one['multiple_now']:.2f}x EV mNAV ({one['date']}); below, what other prices and multiples would make of it"
    )
    told = "Share price at which mnav_ev is the multiple of the row, claims, coins and shares as on the day; empty: nothing is left for the share."
    with in_style():
        figure, axes = blank(title, f"{told}  Data: mnav, point-in-time.")
        axes.grid(visible=False)
        limit = max(100.0, float(np.nanmax(np.minimum(change.to_numpy(dtype=float), 300.0))))
        axes.imshow(
            change.to_numpy(dtype=float), cmap="PuOr", norm=TwoSlopeNorm(0.0, -100.0, limit), aspect="auto", origin="lower"
        )  # fmt: skip
        values, changes = wide.to_numpy(dtype=float), change.to_numpy(dtype=float)
        for row, column in np.ndindex(values.shape):
            value, moved = values[row, column], changes[row, column]
            if not np.isnan(value):
                dark = moved < -70 or moved > 0.6 * limit
                axes.text(column, row, f"{value:,.4g}\n{per_cent(moved, 0)}", ha="center", va="center",
                              fontsize=6.5, color="white" if dark else INK)  # fmt: skip
        prices, multiples = wide.columns.to_numpy(dtype=float), wide.index.to_numpy(dtype=float)
        axes.set_xticks(
            range(len(prices)),
            [f"{round_dollars(price)}" + ("\nthat day" if price == one["btc_now"] else "") for price in prices],
        )
        axes.set_yticks(
            range(len(multiples)),
            [("that day " if multiple == one["multiple_now"] else "") + f"{multiple:.3g}x" for multiple in multiples],
        )
        axes.set_xlabel("bitcoin price")
        named(axes, f"EV mNAV down the side; in each cell the share price in {one['currency']} and its change")
    return figure
