"""All treasury companies together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
from matplotlib.figure import Figure

from treasury.amounts import dollars, round_dollars
from treasury.charts import chart
from treasury.charts.style import (
    FAINT,
    SOURCE,
    days_axis,
    draw_line,
    end_labels,
    in_style,
    log_axis,
    named,
    panels,
    values_as,
)
from treasury.league import sector_day

FEWEST = 3  # companies that have a median worth the name
VALID_DAYS = 7  # how long a company's last close stands for it: holidays differ between exchanges


def aggregate(
    rows: pd.DataFrame, outside: Mapping[str, Sequence[tuple[date, date | None]]] | None = None
) -> pd.DataFrame:
    """Sums over companies day by day: companies, closes (of that very day), market_cap and btc_nav (USD), multiple (of the sums) and median (of at least three).

    `rows` has the columns date (Timestamp), ticker, market_cap, btc_nav (USD) and btc; only companies with both known at their last
    close of the past seven days count, so that numerator and denominator are of the same companies. `outside` are stretches in
    which a company is left out: the first day, and the first day it counts again (None: never). The end is
    the sector's day (`treasury.league.sector_day`): what only a few companies have later closes of is no sector.
    """
    spans = [(ticker, pd.Timestamp(begins), pd.Timestamp(ends) if ends else pd.Timestamp.max)
             for ticker, own in (outside or {}).items() for begins, ends in own]  # fmt: skip
    known = rows.dropna(subset=["market_cap", "btc_nav"])
    for ticker, begins, ends in spans:
        known = known[(known["ticker"] != ticker) | (known["date"] < begins) | (known["date"] >= ends)]
    wide = {
        column: known.pivot(index="date", columns="ticker", values=column).asfreq("D").ffill(limit=VALID_DAYS)
        for column in ("market_cap", "btc_nav")
    }
    for ticker, begins, ends in spans:  # nor does its last close before stand for it
        for frame in wide.values():
            if ticker in frame:
                frame.loc[(frame.index >= begins) & (frame.index < ends), ticker] = float("nan")
    days = pd.DatetimeIndex(sorted(known["date"].unique()))
    cap, nav = (wide[column].reindex(days) for column in ("market_cap", "btc_nav"))
    held, closes = nav.where(nav > 0), known.groupby("date").size().reindex(days)
    sums = pd.DataFrame(
        {
            "companies": cap.notna().sum(axis=1),
            "closes": closes,
            "market_cap": cap.sum(axis=1),
            "btc_nav": nav.sum(axis=1),
        }
    )
    gone = {ticker for ticker, _, ends in spans if ends == pd.Timestamp.max}
    last = known[~known["ticker"].isin(gone)].groupby("ticker").tail(1)
    end = sector_day((day.date(), coins) for day, coins in zip(last["date"], last["btc"], strict=True))
    sums = sums if end is None else sums[: pd.Timestamp(end)]
    cap, held = cap.reindex(sums.index), held.reindex(sums.index)
    return sums.assign(
        multiple=sums["market_cap"] / sums["btc_nav"].where(sums["btc_nav"] > 0),
        median=(cap / held).median(axis=1).where(sums["companies"] >= FEWEST),
    )


@chart("sector", companies="any")
def sector(days: pd.DataFrame) -> Figure:
    """The sector together: market cap and bitcoin of all treasury companies, their multiple, and how many they are.

    `days` has a sorted DatetimeIndex and the columns companies and closes (numbers), market_cap, btc_nav (USD), multiple and median (ratios).
    """
    if days.empty:
        raise ValueError("no company has a known market cap and known bitcoin on any day")
    last = days.iloc[-1]  # where the lines end: a company's close of the past week stands for it
    count = int(last["companies"])
    title = (
        f"{count} treasury {'company' if count == 1 else 'companies'}: market cap {dollars(last['market_cap'])} against "
        f"{dollars(last['btc_nav'])} of bitcoin at the close of {last.name:%Y-%m-%d}, together {last['multiple']:.2f}x"
    )
    told = "Basic market cap of the companies whose shares and bitcoin are known; they change in number, as the last panel says."
    with in_style():
        figure, (multiples, money, number) = panels(title, f"{told}  {SOURCE}", (3, 3, 1.2))
        multiples.axhline(1.0, color=FAINT, linewidth=1.0, linestyle="-")
        drawn = []
        for axes, columns, text, what in (
            (
                multiples,
                {"multiple": "together", "median": "median company"},
                lambda value: f"{value:g}x",
                "basic mNAV",
            ),
            (money, {"market_cap": "market cap", "btc_nav": "bitcoin"}, round_dollars, "US dollars"),
        ):
            ends = {}
            for at, (column, label) in enumerate(columns.items()):
                if days[column].isna().all():
                    continue
                ends[label] = (
                    float(days[column].dropna().iloc[-1]),
                    draw_line(axes, days[column], label, at, linewidth=1.2),
                )
            if axes is multiples:
                log_axis(axes)
            values_as(axes, text)
            named(axes, what)
            drawn.append((axes, ends))
        money.set_ylim(bottom=0)
        number.step(
            days.index.to_numpy(), days["companies"], where="post", color=FAINT, linestyle="-", label="companies"
        )
        number.set_ylim(0, float(days["companies"].max()) * 1.25)
        named(number, "number of companies")
        days_axis(number)
        for axes, ends in drawn:
            end_labels(figure, axes, ends)
    return figure
