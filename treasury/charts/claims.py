"""What stands before the shares, when it falls due, and what a share's return came from."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from treasury.amounts import dollars, per_cent, round_dollars
from treasury.charts import chart
from treasury.charts.style import COLOURS, FAINT, HATCHES, INK, SOURCE, blank, called, in_style, named, values_as

_LOOK = {"loan": 0, "bond": 0, "debt": 0, "convertible": 1, "preferred": 2, "convertible_preferred": 3}


@chart("stack")
def stack(claims: pd.DataFrame) -> Figure:
    """Capital stack of one company, senior first, with the bitcoin price at which each claim is just covered.

    `claims` has a row for each claim, senior first: instrument, kind, usd, above (USD, with all before it), floor_price (USD per
    bitcoin); and on every row ticker, date (text), btc, btc_nav and market_cap (USD). Raises ValueError where there is none.
    """
    first = claims.iloc[0]
    owed, nav = float(claims["above"].iloc[-1]), float(first["btc_nav"])
    title = (
        f"{called(claims, str(first['ticker']))}: {dollars(owed)} of claims before the shares, covered down to a bitcoin price of "
        f"${claims['floor_price'].iloc[-1]:,.0f}; bitcoin {dollars(nav)} at the close of {first['date']}"
    )
    told = "Claims at principal or liquidation preference, cash not deducted. Floor price: the claim and all before it / bitcoin held."
    with in_style():
        figure, axes = blank(title, f"{told}  {SOURCE}")
        figure.set_size_inches(9.0, max(3.4, 1.9 + 0.3 * len(claims)))
        for at, (_, claim) in enumerate(claims.iterrows()):
            look = _LOOK[str(claim["kind"])]
            axes.barh(
                at, claim["usd"], left=claim["above"] - claim["usd"], height=0.7, color="white" if look else COLOURS[0],
                edgecolor=COLOURS[look], hatch=HATCHES[look], linewidth=0.9, label=str(claim["kind"]),
            )  # fmt: skip
            axes.annotate(
                f"{dollars(claim['usd'])}  floor ${claim['floor_price']:,.0f}", (claim["above"], at), xytext=(5, 0),
                textcoords="offset points", va="center", fontsize=8, zorder=5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
            )  # fmt: skip
        axes.set_yticks(
            range(len(claims)),
            [f"{one['instrument']}  ({str(one['kind']).replace('_', ' ')})" for _, one in claims.iterrows()],
        )
        axes.tick_params(axis="y", labelcolor=INK, length=0)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        widest = max(owed * 1.3, nav * 1.04 if nav < owed * 12 else 0.0)
        axes.set_xlim(0, widest)
        if nav <= widest:
            axes.axvline(nav, color=INK, linewidth=1.2, linestyle="-")
            axes.annotate(
                "bitcoin held", (nav, 1.0), xycoords=("data", "axes fraction"), xytext=(-3, -3), textcoords="offset points", ha="right",
                va="top", fontsize=8, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
            )  # fmt: skip
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: round_dollars(value)))
        top = axes.secondary_xaxis(
            "top", functions=(lambda usd: usd / first["btc"], lambda price: price * first["btc"])
        )
        top.xaxis.set_major_formatter(FuncFormatter(lambda value, _: round_dollars(value)))
        top.set_xlabel("bitcoin price at which the bitcoin held is worth as much", fontsize=8, color=FAINT)
        axes.set_xlabel("US dollars", fontsize=8, color=FAINT, loc="left")
    return figure


@chart("wall")
def wall(claims: pd.DataFrame) -> Figure:
    """Convertible and put wall of one company: what its holders can ask back or what matures, quarter by quarter.

    `claims` has a row for each dated claim: instrument, usd, quarter (2027Q3), what ("put" or "maturity"), in_the_money (whether
    the conversion price lies below the share price); and on every row ticker and date (text).
    """
    quarters = [str(one) for one in pd.period_range(claims["quarter"].min(), claims["quarter"].max(), freq="Q")]
    place = {quarter: at for at, quarter in enumerate(quarters)}
    sums = claims.groupby("quarter")["usd"].sum()
    first = claims.iloc[0]
    title = (
        f"{called(claims, str(first['ticker']))}: {dollars(claims['usd'].sum())} falls due between {quarters[0]} and {quarters[-1]}; "
        f"most in {sums.idxmax()}, {dollars(sums.max())}, as known at the close of {first['date']}"
    )
    told = "At the first day holders may put, else at maturity; principal. Hatched: in the money, so likely to become shares."
    with in_style():
        figure, axes = blank(title, f"{told}  {SOURCE}")
        height = dict.fromkeys(quarters, 0.0)
        least = float(sums.max()) * 0.05
        for _, claim in claims.iterrows():
            base = height[claim["quarter"]]
            height[claim["quarter"]] += float(claim["usd"])
            axes.bar(
                place[claim["quarter"]], claim["usd"], bottom=base, width=0.74, linewidth=0.9, edgecolor=COLOURS[1],
                color="white", hatch="///" if claim["in_the_money"] else "", label=str(claim["instrument"]),
            )  # fmt: skip
            if claim["usd"] > least:
                axes.text(
                    place[claim["quarter"]], base + claim["usd"] / 2, f"{claim['instrument']}\n{claim['what']} {dollars(claim['usd'])}", ha="center",
                    va="center", fontsize=7, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.9},
                )  # fmt: skip
        axes.set_xticks(range(len(quarters)), [quarter.replace("Q", " Q") for quarter in quarters], fontsize=8)
        axes.set_xlim(-0.9, max(len(quarters) - 0.1, 3.9))
        axes.grid(visible=False, axis="x")
        axes.margins(y=0.08)
        values_as(axes, round_dollars)
        named(axes, "US dollars falling due in the quarter")
    return figure


@chart("attribution")
def attribution(terms: pd.DataFrame) -> Figure:
    """Return attribution of one share between two days: bitcoin, bitcoin per share, the multiple, the currency.

    `terms` has the columns term and points (percentage points, adding up to the return); and on every row ticker, since and
    until (text).
    """
    first, total = terms.iloc[0], float(terms["points"].sum())
    largest = terms.iloc[int(terms["points"].abs().argmax())]
    title = (
        f"{called(terms, str(first['ticker']))}: share {per_cent(total)} from {first['since']} to {first['until']}, "
        f"the largest part of it the {largest['term']} ({in_points(largest['points'])})"
    )
    told = (
        "Price = multiple × bitcoin price × bitcoin per basic share; the return is shared out in proportion to the logarithms, "
        "so the terms add up to it."
    )
    with in_style():
        figure, axes = blank(title, f"{told}  {SOURCE}")
        axes.axhline(0.0, color=FAINT, linewidth=1.0, linestyle="-")
        names = [*terms["term"], "share price"]
        ends = [0.0, *terms["points"].cumsum()]
        for at, points in enumerate([*terms["points"], total]):
            whole = at == len(terms)
            base = 0.0 if whole else ends[at]
            axes.bar(
                at, points, bottom=base, width=0.62, color=FAINT if whole else COLOURS[0] if points >= 0 else "white", linewidth=0.9,
                edgecolor=FAINT if whole else COLOURS[0] if points >= 0 else COLOURS[1], hatch="" if whole or points >= 0 else "///",
            )  # fmt: skip
            edge = max(base, base + points) if points >= 0 else min(base, base + points)
            axes.annotate(
                per_cent(points) if whole else in_points(points), (at, edge), xytext=(0, 4 if points >= 0 else -4), textcoords="offset points", ha="center",
                va="bottom" if points >= 0 else "top", fontsize=9,
            )  # fmt: skip
            if not whole:
                axes.plot([at - 0.31, at + 1.31], [ends[at + 1]] * 2, color=FAINT, linewidth=0.8, linestyle=":")
        axes.set_xticks(range(len(names)), names, fontsize=9)
        axes.tick_params(axis="x", labelcolor=INK, length=0)
        axes.grid(visible=False, axis="x")
        low, high = min(0.0, *ends, total), max(0.0, *ends, total)
        axes.set_ylim(low - 0.12 * (high - low), high + 0.12 * (high - low))
        values_as(axes, lambda value: per_cent(value, 0) if value else "0 %")
        named(axes, "percentage points of the share's return; hatched: down")
    return figure


def in_points(value: float) -> str:
    """A part of a return, in percentage points."""
    return per_cent(value).replace("%", "pp")
