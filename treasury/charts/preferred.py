"""Preferred stock at its own price: yields of all series side by side, and one against its stated amount."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
from matplotlib.figure import Figure

from treasury.amounts import round_dollars
from treasury.charts import chart
from treasury.charts.style import (
    COLOURS,
    FAINT,
    INK,
    SOURCE,
    blank,
    called,
    days_axis,
    draw_line,
    end_labels,
    in_style,
    named,
    note_at,
    panels,
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
    title = f"{_issuer(days)}{highest.upper()} yields most, {newest[highest]:.1f} % on {days.index.max():%Y-%m-%d}; the least is {newest.min():.1f} %"
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
    title = f"{_issuer(days)}{below} of {len(newest)} series below what a share is owed on {days.index.max():%Y-%m-%d}, the lowest at {newest.min():.0f} % of it"
    return _lines(
        days,
        names,
        "of_par",
        title,
        "Close in per cent of the stated amount.",
        lambda value: f"{value:g} %",
        level=100.0,
    )


def _issuer(frame: pd.DataFrame) -> str:
    """Whose series they are, to begin a title with; empty where the frame was not given its name."""
    return "".join(f"{called(frame, ticker)}: " for ticker in list(frame.attrs.get("names", {}))[:1])


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
            note_at(axes, level, f"{text(level)}: what a share is owed")
        values_as(axes, text)
        days_axis(axes)
        axes.tick_params(axis="y", labelcolor=INK)
        end_labels(figure, axes, ends)
    return figure


@chart("preferred_covers", companies="one")
def preferred_cover(covers: pd.DataFrame) -> Figure:
    """How often the bitcoin covers all claims down to each preferred series, and the bitcoin price at which it just does.

    `covers` has one row a series, senior first, with the columns series, cover (x), floor_price (US dollars) and date.
    """
    known = covers.dropna(subset=["cover"])
    if known.empty:
        raise ValueError("the cover of no series is known")
    last = known.iloc[-1]
    title = f"{_issuer(covers)}{str(last['series']).upper()} is covered {last['cover']:.1f} times on {last['date']}, down to bitcoin at ${last['floor_price']:,.0f}"
    with in_style():
        figure, axes = blank(
            title, f"Bitcoin over every claim down to the series, at its liquidation preference.  {SOURCE}"
        )
        at = list(range(len(known)))
        axes.barh(at, known["cover"], color=COLOURS[0], alpha=0.8, height=0.6)
        axes.set_yticks(at, [str(name).upper() for name in known["series"]])
        axes.invert_yaxis()
        axes.axvline(1.0, color=INK, linewidth=1.0, linestyle="-")
        for row, (cover, floor) in enumerate(zip(known["cover"], known["floor_price"], strict=True)):
            axes.annotate(
                f"{cover:.2f}x, floor ${floor:,.0f}",
                (cover, row),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
        axes.margins(x=0.22)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}x")
        axes.grid(visible=False, axis="y")
    return figure


@chart("preferred_cover_days", companies="one")
def preferred_cover_history(days: pd.DataFrame) -> Figure:
    """Cover down to each preferred series over time, and bitcoin against the prices at which each is just covered.

    `days` is indexed by close with the columns series (senior first), cover (x), floor_price and btc_price (US dollars).
    """
    known = days.dropna(subset=["cover"])
    if known.empty:
        raise ValueError("the cover of no series is known on any day")
    last = known.iloc[-1]
    junior = known[known["series"] == last["series"]]["cover"]
    names = list(
        dict.fromkeys([*days.loc[days.index[-1] :, "series"], *days["series"]])
    )  # senior first, those that ended last
    title = (
        f"{_issuer(days)}{str(last['series']).upper()} is covered {last['cover']:.1f} times on {known.index[-1]:%Y-%m-%d}; "
        f"between {junior.min():.1f} times ({junior.idxmin():%Y-%m-%d}) and {junior.max():.1f} ({junior.idxmax():%Y-%m-%d}) since {junior.index[0]:%Y-%m-%d}"
    )
    told = "Bitcoin over every claim down to the series, at its liquidation preference; floor price: bitcoin at which that is 1."
    with in_style():
        figure, (covers, prices) = panels(title, f"{told}  {SOURCE}", (1, 1))
        for axes, column, text, what in (
            (covers, "cover", lambda value: f"{value:g}x", "cover"),
            (prices, "floor_price", round_dollars, "bitcoin at the close, and floor prices, US dollars"),
        ):
            named(axes, what)
            ends = {}
            for number, name in enumerate(names):
                line = days.loc[days["series"] == name, column].dropna()
                if line.empty:
                    continue
                steps = {"drawstyle": "steps-post"} if column == "floor_price" else {}
                draw_line(axes, line, str(name).upper(), number, **steps)
                ends[f"{str(name).upper()} {text(_three(line.iloc[-1]))}"] = (
                    float(line.iloc[-1]),
                    COLOURS[number % len(COLOURS)],
                )
            if column == "floor_price":
                bitcoin = days["btc_price"].groupby(level=0).first().dropna()
                draw_line(axes, bitcoin, "bitcoin", 0, color=INK, linestyle="-")
                ends[f"bitcoin {text(_three(bitcoin.iloc[-1]))}"] = (float(bitcoin.iloc[-1]), INK)
            axes.set_ylim(bottom=0)
            values_as(axes, text)
            axes.tick_params(axis="y", labelcolor=INK)
            end_labels(figure, axes, ends)
        covers.axhline(1.0, color=FAINT, linewidth=1.0, linestyle="-")
        days_axis(prices)
    return figure


def _three(value: float) -> float:
    """To three digits."""
    return float(f"{value:.3g}")
