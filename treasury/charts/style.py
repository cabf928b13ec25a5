"""One calm look for every chart: readable without colour vision, nothing that is not data shouts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from textwrap import fill, shorten
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, DayLocator, date2num
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.rcsetup import cycler
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

# Okabe and Ito's palette, told apart with any colour vision, then Tol's; each line also has a dash, which neighbours never share
COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000",
    "#882255", "#44AA99", "#332288", "#999933", "#AA4499", "#8C564B", "#7F7F7F",
)  # fmt: skip
_SEVEN: tuple[Any, ...] = ("-", (0, (6, 1.5)), (0, (2.5, 1.2)), "-.", (0, (1, 1)), (0, (8, 1.5, 2, 1.5)), "-")
DASHES = (*_SEVEN, *_SEVEN[1:], (0, (4, 1)))
HATCHES = ("", "///", "...", "xxx", "---", "\\\\\\", "ooo")
INK, FAINT, GRID = "#222222", "#6b6b6b", "#e4e4e4"
SOURCE = "Data: mnav, point-in-time, at each exchange's close."
CROWD = 0  # points that a remark may cover
LACKING = "□"  # for a letter that the font does not have
WEEK = pd.Timedelta(days=7)
GAP = pd.Timedelta(days=10)  # a longer pause than any holiday is left open in a line

_STYLE: Any = {
    "figure.figsize": (9.0, 4.8),
    "figure.dpi": 150,
    "savefig.dpi": 150,
    "font.family": "DejaVu Sans",  # ships with matplotlib, so every machine draws the same letters
    "font.size": 9.0,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign is a dollar sign
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=COLOURS, linestyle=DASHES),
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "lines.linewidth": 1.5,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "svg.hashsalt": "mnav",
    "svg.fonttype": "path",
}


def in_style() -> AbstractContextManager[None]:
    """Apply the look inside a with block, from matplotlib's own defaults: nobody's matplotlibrc shows in a chart."""
    defaults = {name: value for name, value in mpl.rcParamsDefault.items() if not name.startswith("backend")}
    return mpl.rc_context({**defaults, **_STYLE})


def blank(title: str, source: str = SOURCE) -> tuple[Figure, Axes]:
    """A figure with one pair of axes: the title says the finding, the last line where it comes from."""
    figure, (axes,) = panels(title, source, (1,))
    return figure, axes


def panels(title: str, source: str = SOURCE, heights: Sequence[float] = (1,)) -> tuple[Figure, list[Axes]]:
    """The same with several pairs of axes above each other, sharing their days; `heights` are relative."""
    figure = Figure(layout="constrained")
    if len(heights) > 1:
        figure.set_size_inches(9.0, 5.8)
    axes = figure.subplots(len(heights), sharex=True, squeeze=False, height_ratios=list(heights))
    figure.suptitle(
        fill(title.replace(" %", "\xa0%"), 94).replace("\xa0", " "),
        x=0.012,
        ha="left",
        fontsize=10.5,
        fontweight="bold",
    )
    figure.supxlabel(fill(source, 160), x=0.012, ha="left", fontsize=7.0, color=FAINT)
    return figure, list(axes[:, 0])


def named(axes: Axes, text: str) -> None:
    """What the axis measures, above it and level, where it is read first."""
    axes.set_title(fill(text, 118), loc="left", fontsize=8.0, color=FAINT, pad=5)


def values_as(axes: Axes, text: Callable[[float], str]) -> None:
    """Write the values of the vertical axis with a function."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))


class _WholeDays(AutoDateLocator):
    """Never finer than a day: closes have no hours."""

    def get_locator(self, dmin: Any, dmax: Any) -> Any:
        if dmax - dmin < WEEK:
            daily = DayLocator()
            daily.set_axis(self.axis)
            return daily
        return super().get_locator(dmin, dmax)


def days_axis(axes: Axes) -> None:
    """Days along the bottom, each year said once."""
    locator = _WholeDays()
    axes.xaxis.set_major_locator(locator)
    written = ConciseDateFormatter(
        locator,
        formats=["%Y", "%b", "%d", "%d", "%d", "%d"],
        zero_formats=["", "%Y", "%b", "%d", "%d", "%d"],
        offset_formats=["", "%Y", "%Y-%m", "%Y-%m", "%Y-%m", "%Y-%m"],
    )
    axes.xaxis.set_major_formatter(written)
    axes.margins(x=0.015)
    first, last = axes.dataLim.intervalx
    if first == last:  # one close alone would stand in the middle of four years
        axes.set_xlim(first - 1.5, last + 1.5)


def called(frame: pd.DataFrame, ticker: str) -> str:
    """A company in a title: its name and ticker where the frame was given names (`attrs`), else the ticker."""
    name = frame.attrs.get("names", {}).get(ticker)
    return f"{name} ({ticker})" if name else ticker


def labelled(frame: pd.DataFrame, ticker: str, most: int = 22) -> str:
    """A company beside its mark: as `called`, its name cut at a word to so many letters."""
    name = frame.attrs.get("names", {}).get(ticker)
    if not name:
        return ticker
    cut = shorten(name, most, placeholder="…")
    return f"{cut if cut != '…' else name[: most - 1] + '…'} ({ticker})"


def in_font(text: str) -> str:
    """The text in letters that the font has: a box for one it lacks, such as Japanese ones, nothing for what nobody sees."""
    return "".join(map(_in_font, text))


@cache
def _in_font(letter: str) -> str:
    if not letter.isprintable():
        return " " if letter.isspace() else ""
    return letter if all(font_of(bold).get_char_index(ord(letter)) for bold in (False, True)) else LACKING


def font_of(bold: bool) -> FT2Font:
    """The font of charts and sheets, as it measures its letters."""
    return get_font(findfont(FontProperties(family=_STYLE["font.family"], weight="bold" if bold else "normal")))


def width_of(text: str, size: float) -> float:
    """How wide a text of a chart is, in points."""
    font = FontProperties(family=_STYLE["font.family"], size=size)
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def log_axis(axes: Axes) -> None:
    """A logarithmic vertical axis with ticks at 1, 2 and 5."""
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_minor_locator(NullLocator())


def note_at(axes: Axes, height: float, text: str) -> None:
    """A faint remark at a level line, in the corner above or below it where the fewest points lie.

    Where all four are crowded it stands above the axes. Call it when the limits stand.
    """
    axes.get_xlim()  # what was drawn so far sets the limits only when they are asked for
    to_axes = axes.transData + axes.transAxes.inverted()
    points = _covered(axes)
    level = (
        float(to_axes.transform((0.0, height))[1])
        if axes.get_xscale() == "linear"
        else float(to_axes.transform((1.0, height))[1])
    )

    def crowd(corner: tuple[bool, bool]) -> int:
        left, below = corner
        across = points[:, 0] < 0.24 if left else points[:, 0] > 0.76
        up = points[:, 1] - level
        return int((across & ((up < 0.01) & (up > -0.07) if below else (up > -0.01) & (up < 0.07))).sum())

    left, below = min(((True, True), (True, False), (False, False), (False, True)), key=crowd)
    if crowd((left, below)) > CROWD:
        named(axes, " · ".join(one for one in (axes.get_title(loc="left"), text) if one))
        return
    axes.annotate(
        text,
        (0.0 if left else 1.0, height),
        xycoords=("axes fraction", "data"),
        xytext=(5 if left else -5, -4 if below else 4),
        textcoords="offset points",
        ha="left" if left else "right",
        va="top" if below else "bottom",
        fontsize=7,
        color=FAINT,
    )


def _covered(axes: Axes) -> Any:
    """Points in fractions of the axes that lines and the edges of shaded stretches run through, close beside each other."""
    runs = [line.get_transform().transform(np.asarray(line.get_xydata(), dtype=float)) for line in axes.lines]
    for shade in axes.collections:
        runs += [shade.get_transform().transform(path.vertices) for path in shade.get_paths()]
    inverse = axes.transAxes.inverted()
    steps = np.linspace(0.0, 1.0, 24, endpoint=False)[:, None]
    dense = [np.empty((0, 2))]
    for run in runs:
        at = inverse.transform(run)
        if len(at) > 1:
            dense.append((at[:-1][:, None, :] + (at[1:] - at[:-1])[:, None, :] * steps[None]).reshape(-1, 2))
        dense.append(at)
    return np.vstack(dense)


def mark(axes: Axes, day: pd.Timestamp, value: float, text: str, above: bool = True, color: str = INK) -> None:
    """A point and what is to be said of it, turned inward near the edges. Call it when the limits stand."""
    at = float(date2num(day))
    axes.plot([at], [value], marker="o", markersize=4, color=color, linestyle="none", zorder=4)
    axes.get_xlim()  # what was drawn so far sets the limits only when they are asked for
    across = axes.transAxes.inverted().transform(axes.transData.transform((at, value)))[0]
    side = "left" if across < 0.15 else "right" if across > 0.85 else "center"
    axes.annotate(
        text,
        (at, value),
        xytext=({"left": -3, "right": 3, "center": 0}[side], 6 if above else -6),
        textcoords="offset points",
        ha=side,
        va="bottom" if above else "top",
        fontsize=8,
        color=color,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )


def end_labels(figure: Figure, axes: Axes, ends: Mapping[str, tuple[float, str]]) -> None:
    """Name lines at the right edge, level with where each ends (label: value, colour), none upon another.

    Call it when scale and limits stand. The height of the axes is taken before the layout, which costs as much as drawing.
    """
    if not ends:
        return
    axes.get_ylim()  # what was drawn so far sets the limits only when they are asked for
    least = 15.0 / (axes.get_position().height * figure.get_size_inches()[1] * 72)  # a line of text, and air
    inverse = axes.transAxes.inverted()
    at = [
        (float(inverse.transform(axes.transData.transform((0, value)))[1]), name) for name, (value, _) in ends.items()
    ]
    heights = within(spread([height for height, _ in at], least))
    for (_, name), height in zip(at, heights, strict=True):
        axes.text(1.01, height, name, transform=axes.transAxes, va="center", fontsize=8, color=ends[name][1])


def within(heights: Sequence[float]) -> list[float]:
    """The same heights moved together so that they stand between 0 and 1, where they have room there."""
    over, under = max(0.0, max(heights) - 1.0), max(0.0, -min(heights))
    move = under if under else -min(over, min(heights))
    return [height + move for height in heights]


def spread(heights: Sequence[float], least: float) -> list[float]:
    """The same heights moved apart to at least `least`, in their order and about their middle."""
    order = sorted(range(len(heights)), key=lambda at: heights[at])
    groups: list[list[int]] = []
    for at in order:
        groups.append([at])
        while len(groups) > 1 and _bottom(groups[-1], heights, least) < _top(groups[-2], heights, least) + least:
            last = groups.pop()
            groups[-1] += last
    moved = list(heights)
    for group in groups:
        for step, at in enumerate(group):
            moved[at] = _bottom(group, heights, least) + step * least
    return moved


def _bottom(group: list[int], heights: Sequence[float], least: float) -> float:
    return sum(heights[at] for at in group) / len(group) - least * (len(group) - 1) / 2


def _top(group: list[int], heights: Sequence[float], least: float) -> float:
    return _bottom(group, heights, least) + least * (len(group) - 1)


def with_gaps(line: pd.Series) -> pd.Series:
    """The series with a NaN after every pause longer than a holiday, so that the line is left open there."""
    day = pd.DatetimeIndex(line.index)
    pauses = day[:-1][(day[1:] - day[:-1]) > GAP]
    holes = pd.Series(float("nan"), index=pauses + pd.Timedelta(days=1), dtype=float)
    return pd.concat([line.astype(float), holes]).sort_index() if len(holes) else line.astype(float)


def draw_line(axes: Axes, line: pd.Series, label: str, at: int, **style: Any) -> str:
    """Draw a series, gaps open, in the look of the `at`-th line. Returns its colour."""
    whole = with_gaps(line.dropna())
    color = COLOURS[at % len(COLOURS)]
    looks = {"color": color, "linestyle": DASHES[at % len(DASHES)], "label": label, **style}
    axes.plot(whole.index.to_numpy(), whole.to_numpy(), **looks)  # of an index all days would be made Timestamps first
    return str(looks["color"])
