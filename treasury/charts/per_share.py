"""One company's bitcoin: how much, at what cost, for each share, and what the market makes of it."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from treasury.amounts import dollars, per_cent, round_dollars, with_minus
from treasury.charts import chart
from treasury.charts.history import one_line
from treasury.charts.style import (
    COLOURS,
    FAINT,
    SOURCE,
    blank,
    called,
    days_axis,
    draw_line,
    end_labels,
    in_style,
    named,
    panels,
    values_as,
    with_gaps,
)  # fmt: skip


@chart("holdings")
def holdings(days: pd.DataFrame) -> Figure:
    """Holdings of one company step by step, with the bitcoin price and what its coins cost on average.

    `days` has a sorted DatetimeIndex and the columns ticker, btc (BTC), btc_price and average_cost
    (USD per bitcoin) and cost_as_of (the day the average cost describes, text).
    """
    name, btc = one_line(days, "btc")
    price, cost = days["btc_price"].dropna(), days["average_cost"].dropna()
    last = btc.index[-1]
    title = f"{called(days, name)} held {btc.iloc[-1]:,.0f} BTC at the close of {last:%Y-%m-%d}"
    if len(cost) and cost.index[-1] == last:
        bought, now = cost.iloc[-1], days["btc_price"][last]
        title += f", bought at {dollars_whole(bought)} on average up to {days['cost_as_of'][last]}; bitcoin stood at {dollars_whole(now)} ({per_cent((now / bought - 1) * 100)})"
    with in_style():
        figure, (above, below) = panels(
            title,
            f"Average cost: published cost basis / holdings of the same day, until both are stated again.  {SOURCE}",
            (1, 1),
        )
        steps = with_gaps(btc)
        above.plot(
            steps.index.to_numpy(),
            steps.to_numpy(),
            drawstyle="steps-post",
            color=COLOURS[0],
            linestyle="-",
            label="BTC held",
        )
        above.fill_between(
            steps.index.to_numpy(), 0, steps.to_numpy(), step="post", color=COLOURS[0], alpha=0.16, linewidth=0
        )
        above.set_ylim(bottom=0)
        values_as(above, lambda value: f"{value:,.0f}")
        named(above, "bitcoin held")
        ends = {}
        for at, (label, line) in enumerate((("bitcoin", price), ("average cost", cost))):
            if len(line):
                style = "steps-post" if line is cost else "default"
                ends[label] = (float(line.iloc[-1]), draw_line(below, line, label, at, linewidth=1.2, drawstyle=style))
        below.set_ylim(bottom=0)
        values_as(below, round_dollars)
        named(below, "US dollars per bitcoin")
        days_axis(below)
        end_labels(figure, below, ends)
    return figure


def dollars_whole(value: float) -> str:
    return f"${value:,.0f}"


@chart(
    "days",
    columns=("btc", "shares_basic", "shares_assumed_diluted", "split_factor", "btc_yield_1y_pct", "btc_yield_ytd_pct"),
)
def sats_per_share(days: pd.DataFrame) -> Figure:
    """Satoshis per share of one company on the newest share basis, and the BTC yield.

    `days` has a sorted DatetimeIndex and the columns ticker, btc, shares_basic and shares_assumed_diluted (on the basis of the
    day), split_factor (shares of that basis for one of the first), btc_yield_1y_pct and btc_yield_ytd_pct.
    """
    factor = days["split_factor"] / days["split_factor"].iloc[-1] if len(days) else 1.0
    sats = {
        label: (days["btc"] * 1e8 / days[column] * factor).dropna()
        for label, column in (
            ("per basic share", "shares_basic"),
            ("per assumed-diluted share", "shares_assumed_diluted"),
        )
    }
    known = {label: line for label, line in sats.items() if len(line)}
    name = str(days["ticker"].iloc[0]) if len(days) else "the company"
    if not known:
        raise ValueError(f"satoshis per share are not known on any day of {name}")
    yields = {
        label: days[column].dropna()
        for label, column in (("one year", "btc_yield_1y_pct"), ("year to date", "btc_yield_ytd_pct"))
        if days[column].notna().any()
    }
    label, line = next(iter(known.items()))
    title = f"{called(days, name)}: {line.iloc[-1]:,.0f} sats {label} at the close of {line.index[-1]:%Y-%m-%d}"
    if yields:
        which, grown = next(iter(yields.items()))
        title += f"; BTC yield {per_cent(grown.iloc[-1])} over {which} ({grown.index[-1]:%Y-%m-%d})".replace(
            "over year", "year"
        )
    told = f"BTC yield: growth of satoshis per assumed-diluted share, unknown where that count is. Shares on the basis of {days.index[-1]:%Y-%m-%d}."
    with in_style():
        figure, axes = panels(title, f"{told}  {SOURCE}", (3, 2) if yields else (1,))
        drawn = [(axes[0], known, lambda value: f"{value:,.0f}", "satoshis per share")]
        if yields:
            drawn.append((axes[1], yields, lambda value: with_minus(f"{value:,.0f} %"), "BTC yield, per cent"))
            axes[1].axhline(0.0, color=FAINT, linewidth=1.0, linestyle="-")
        for at, lines, text, what in drawn:
            for number, (label, line) in enumerate(lines.items()):
                draw_line(at, line, label, number, drawstyle="steps-post")
            values_as(at, text)
            named(at, what)
        axes[0].set_ylim(bottom=0)
        days_axis(axes[-1])
        for at, lines, _, _ in drawn:
            end_labels(
                figure,
                at,
                {label: (float(line.iloc[-1]), COLOURS[number]) for number, (label, line) in enumerate(lines.items())},
            )
    return figure


@chart("days", columns=("market_cap", "btc_nav", "debt", "preferred", "cash"))
def market_cap(days: pd.DataFrame) -> Figure:
    """Market cap of one company against its bitcoin and the claims that come before the shares.

    `days` has a sorted DatetimeIndex and the columns ticker, market_cap, btc_nav, debt, preferred and cash (USD, NaN unknown).
    """
    name, cap = one_line(days, "market_cap")
    nav = days["btc_nav"].dropna()
    claims = (days["debt"] + days["preferred"] - days["cash"]).dropna()
    lines = {"market cap": cap, "bitcoin": nav, "claims less cash": claims}
    lines = {label: line for label, line in lines.items() if len(line)}
    last = cap.index[-1]
    against = [f"{dollars(line[last])} of {label}" for label, line in list(lines.items())[1:] if last in line.index]
    title = f"{called(days, name)}: market cap {dollars(cap.iloc[-1])} at the close of {last:%Y-%m-%d}"
    title += f", against {' and '.join(against)}" if against else ""
    with in_style():
        figure, axes = blank(
            title,
            f"Claims: debt and preferred stock at what is owed, less cash; unknown where one of them is.  {SOURCE}",
        )
        ends = {}
        for at, (label, line) in enumerate(lines.items()):
            ends[f"{label} {dollars(line.iloc[-1])}"] = (
                float(line.iloc[-1]),
                draw_line(axes, line, label, at, drawstyle="steps-post" if line is claims else "default"),
            )
        if len(claims):
            whole = with_gaps(claims)
            axes.fill_between(
                whole.index.to_numpy(), 0, whole.to_numpy(), step="post", color=COLOURS[2], alpha=0.16, linewidth=0
            )
        axes.set_ylim(bottom=min(0.0, float(claims.min()) * 1.1) if len(claims) else 0.0)
        values_as(axes, round_dollars)
        named(axes, "US dollars")
        days_axis(axes)
        end_labels(figure, axes, ends)
    return figure
