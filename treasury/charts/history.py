"""Multiples, premium and drawdown over time."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from treasury.amounts import dollars, per_cent, round_dollars
from treasury.charts import chart
from treasury.charts.measure import axis_name, goes_in_steps, is_multiple, on_axis, written
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
    labelled,
    log_axis,
    mark,
    named,
    note_at,
    values_as,
    with_gaps,
)  # fmt: skip
from treasury.metrics.adjusted import DAY_BY_DAY
from treasury.metrics.column import DailyColumn
from treasury.metrics.definition_range import BAND_REACH
from treasury.metrics.mnav_daily import DAILY
from treasury.trust.findings import OLD_DAYS

FEW = 4  # companies that can be named in a title and told apart on a straight scale
FAR_APART = 20.0  # where the largest of many is so many times the smallest, the scale is logarithmic and says so


@chart("multiples", companies="some")
def mnav(days: pd.DataFrame, *, metric: str = "mnav_ev", log: bool = False, bitcoin_price: str = "close") -> Figure:
    """mNAV history of one or several companies, with the 1.0x line; of one also the band of definitions and its purchases.

    `metric` is any column of mnav_daily that is an amount, in its own unit. `days` has a sorted DatetimeIndex (session days) and
    the columns ticker and value (the metric, NaN unknown); of a single company may follow lowest and highest (over all
    definitions), bought (BTC announced since the session before, NaN none) and stale (whether holdings or shares are old).
    `bitcoin_price`: "close", or "publisher" where the values are on the price of the company's own multiple, which the foot then says.
    Many companies whose values lie far apart stand on a logarithmic scale. Raises ValueError where no company has a single known value,
    where there are more than colours, or a logarithm is asked of a value not above 0.
    """
    column = DAY_BY_DAY[metric]
    known = {str(name): one for name, one in days.groupby("ticker", sort=False) if one["value"].notna().any()}
    if not known:
        raise ValueError(f"{metric} is not known on any day of {', '.join(dict.fromkeys(map(str, days['ticker'])))}")
    lines = {name: one["value"].dropna() for name, one in known.items()}
    least = min(float(line.min()) for line in lines.values())
    if log and least <= 0:
        raise ValueError(f"{metric} is not above 0 on every day, so it has no logarithm; leave out --log")
    if len(lines) > len(COLOURS):
        raise ValueError(f"{len(lines)} companies are too many to tell apart in one chart: give at most {len(COLOURS)}")
    apart = max(float(line.max()) for line in lines.values()) / least if least > 0 else 0.0
    spread_out = not log and len(lines) > FEW and apart > FAR_APART
    with in_style():
        told = (
            column.meaning
            if bitcoin_price == "close"
            else f"{column.meaning} Bitcoin at the company's own price, not at the close."
        )
        figure, axes = blank(_finding(days, lines, column), f"{told}  {SOURCE}")
        figure.set_size_inches(9.0, max(4.8, 1.7 + 0.27 * len(lines)))
        if is_multiple(column) or least < 0:
            axes.axhline(1.0 if is_multiple(column) else 0.0, color=FAINT, linewidth=1.0, linestyle="-")
        ends = {}
        for at, (name, line) in enumerate(lines.items()):
            label = f"{name}, last {written(line.iloc[-1], column)}"
            color = draw_line(axes, line, label, at, drawstyle="steps-post" if goes_in_steps(column) else "default")
            axes.scatter(line.index[-1:], line.iloc[-1:].to_numpy(), s=14, color=color, zorder=3)
            whose = labelled(days, name, 18) if len(lines) > FEW else name  # of a few the title has the names
            ends[f"{whose} {written(line.iloc[-1], column)}"] = (float(line.iloc[-1]), color)
        if len(known) == 1:
            _about_one(axes, next(iter(known.values())))
        if log or spread_out:
            log_axis(axes)
        if spread_out:
            named(axes, f"logarithmic: the largest value is {apart:,.0f} times the smallest")
        values_as(axes, lambda value: on_axis(value, column))
        days_axis(axes)
        if is_multiple(column):
            note_at(axes, 1.0, "1.0x: priced at its bitcoin")
        elif measures := axis_name(column):
            named(axes, " · ".join(part for part in (measures, axes.get_title(loc="left")) if part))
        end_labels(figure, axes, ends)
    return figure


def _about_one(axes: Axes, one: pd.DataFrame) -> None:
    """The band of definitions, purchases and stale stretches of a single company."""
    told = []
    one = one[one["value"].first_valid_index() : one["value"].last_valid_index()]
    if "lowest" in one and (one["highest"] > one["lowest"]).any():
        several = one[one["highest"] > one["lowest"]]
        band = pd.DataFrame({name: with_gaps(several[name]) for name in ("lowest", "highest")})
        top, edge = float(band["highest"].max()), BAND_REACH * float(one["value"].max())
        cut = 0 < edge < top  # a net multiple leaves every scale where claims take nearly all of the bitcoin
        axes.fill_between(
            band.index.to_numpy(),
            band["lowest"],
            band["highest"].clip(upper=edge) if cut else band["highest"],
            color=COLOURS[0],
            alpha=0.16,
            linewidth=0,
            label="band",
        )
        if cut:
            axes.set_ylim(top=edge)
        told.append("shaded: lowest to highest definition known" + (f", which goes to {top:,.0f}x" if cut else ""))
    if "bought" in one and one["bought"].notna().any():
        bought = one["bought"].dropna()
        for marker, some in (("|", bought[bought > 0]), ("x", bought[bought < 0])):
            axes.plot(
                some.index, [0.015] * len(some), marker=marker, color=INK, markersize=6, linestyle="none", linewidth=0,
                transform=axes.get_xaxis_transform(), label="purchases" if marker == "|" else "sales",
            )  # fmt: skip
        told.append("strokes below: purchases" + (", crosses: sales" if (bought < 0).any() else ""))
    stale = one["stale"].astype(bool) if "stale" in one else pd.Series(False, index=one.index)
    if (stale & stale.shift(fill_value=False)).any():  # a single day has no width
        axes.fill_between(
            one.index.to_numpy(), 0.0, 1.0, where=stale, transform=axes.get_xaxis_transform(),
            facecolor="none", edgecolor="#cfcfcf", hatch="////", linewidth=0, label="stale", zorder=0,
        )  # fmt: skip
        told.append(f"hatched: holdings or shares older than {OLD_DAYS} days")
    if told:
        named(axes, " · ".join(told))


def _finding(days: pd.DataFrame, lines: dict[str, pd.Series], column: DailyColumn) -> str:
    label = column.called
    if len(lines) == 1:
        ((name, line),) = lines.items()
        last, high, low = (written(value, column) for value in (line.iloc[-1], line.max(), line.min()))
        return (
            f"{called(days, name)}: {label} {last} at the close of {line.index[-1]:%Y-%m-%d}; "
            f"high {high} ({line.idxmax():%Y-%m-%d}), low {low} ({line.idxmin():%Y-%m-%d})"
        )
    if len(lines) > FEW:
        low, high = (pick(lines, key=lambda name: float(lines[name].iloc[-1])) for pick in (min, max))
        ends = [line.index[-1] for line in lines.values()]
        return (
            f"{label[:1].upper()}{label[1:]} of {len(lines)} companies at their last known closes ({min(ends):%Y-%m-%d} to {max(ends):%Y-%m-%d}): "
            f"from {written(lines[low].iloc[-1], column)}, {called(days, low)}, to {written(lines[high].iloc[-1], column)}, {called(days, high)}"
        )
    shown = ", ".join(
        f"{called(days, name)} {written(line.iloc[-1], column)} ({line.index[-1]:%Y-%m-%d})"
        for name, line in lines.items()
    )
    return f"{label[:1].upper()}{label[1:]} at the last known close: {shown}"


@chart("days", columns=("implied_premium_usd",), companies="some")
def premium(days: pd.DataFrame) -> Figure:
    """Implied premium of one or several companies in dollars: what the market pays for them above their bitcoin.

    `days` has a DatetimeIndex (sorted within a company) and the columns ticker and implied_premium_usd (USD, signed, NaN unknown).
    """
    if days["ticker"].nunique() > 1:
        return mnav(days.rename(columns={"implied_premium_usd": "value"}), metric="implied_premium_usd")
    name, line = one_line(days, "implied_premium_usd")
    top, low, last = line.index[int(line.argmax())], line.index[int(line.argmin())], line.index[-1]
    title = f"{called(days, name)}: implied premium {dollars(line.iloc[-1])} at the close of {last:%Y-%m-%d}"
    if line.iloc[-1] < line.max():
        title += f", down from {dollars(line.max())} on {top:%Y-%m-%d}"
    with in_style():
        figure, axes = blank(title, f"{DAILY['implied_premium_usd'].meaning}  {SOURCE}")
        axes.axhline(0.0, color=FAINT, linewidth=1.0, linestyle="-")
        whole = with_gaps(line)
        axes.fill_between(whole.index.to_numpy(), 0.0, whole.to_numpy(), color=COLOURS[0], alpha=0.16, linewidth=0)
        draw_line(axes, line, "implied premium", 0)
        values_as(axes, round_dollars)
        named(axes, "enterprise value less bitcoin, US dollars")
        days_axis(axes)
        axes.margins(y=0.12)
        mark(axes, top, float(line[top]), f"{dollars(line[top])}, {top:%Y-%m-%d}")
        if low not in (last, top):
            mark(axes, low, float(line[low]), f"{dollars(line[low])}, {low:%Y-%m-%d}", above=False)
        if last != top:
            axes.plot(
                [float(date2num(last))],
                [float(line.iloc[-1])],
                marker="o",
                markersize=4,
                color=INK,
                linestyle="none",
                zorder=4,
            )
        end_labels(figure, axes, {dollars(line.iloc[-1]): (float(line.iloc[-1]), INK)})
    return figure


@chart("days", columns=("price", "shares_basic"), companies="some")
def drawdown(days: pd.DataFrame, *, since: str | None = None) -> Figure:
    """Market cap since a day (or since its high) in per cent, each company in the currency of its listing.

    `days` has a sorted DatetimeIndex and the columns ticker, price (in the currency of the listing) and shares_basic (on the
    basis of the day). With `since` the base is the first known close from that day on, without it the highest of the span.
    """
    lines: dict[str, pd.Series] = {}
    for name, group in days.groupby("ticker", sort=False):
        worth = (group["price"] * group["shares_basic"]).dropna()
        if not worth.empty:
            worth = worth if since is not None else worth[worth.idxmax() :]
            lines[str(name)] = (worth / worth.iloc[0] - 1) * 100
    if not lines:
        raise ValueError(f"market cap is not known on any day of {', '.join(dict.fromkeys(map(str, days['ticker'])))}")
    shown = ", ".join(
        f"{called(days, name)} {per_cent(line.iloc[-1])} from {line.index[0]:%Y-%m-%d} to {line.index[-1]:%Y-%m-%d}"
        for name, line in lines.items()
    )
    with in_style():
        figure, axes = blank(
            f"Market cap: {shown}", f"Basic shares at the close, in the currency of the listing.  {SOURCE}"
        )
        axes.axhline(0.0, color=FAINT, linewidth=1.0, linestyle="-")
        ends = {}
        for at, (name, line) in enumerate(lines.items()):
            color = draw_line(axes, line, name, at)
            ends[f"{name} {per_cent(line.iloc[-1])}"] = (float(line.iloc[-1]), color)
        values_as(axes, lambda value: per_cent(value, 0) if value else "0 %")
        named(axes, "change of market cap, per cent" + ("" if since else "; from the highest close of the span"))
        days_axis(axes)
        end_labels(figure, axes, ends)
    return figure


def one_line(days: pd.DataFrame, column: str) -> tuple[str, pd.Series]:
    """The single company of a frame and its known values; ValueError where there are none."""
    name = str(days["ticker"].iloc[0]) if len(days) else "the company"
    line = days[column].dropna()
    if line.empty:
        raise ValueError(f"{column} is not known on any day of {name}")
    return name, line
