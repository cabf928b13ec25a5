"""One calm look for every chart: readable without colour vision, nothing that is not data shouts."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's palette, told apart with any colour vision; each line also has a dash of its own
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
DASHES = ("-", (0, (6, 1.5)), (0, (2.5, 1.2)), "-.", (0, (1, 1)), (0, (8, 1.5, 2, 1.5)), "-")
INK, FAINT, GRID = "#222222", "#6b6b6b", "#e4e4e4"

_STYLE: Any = {
    "figure.figsize": (9.0, 4.8),
    "figure.dpi": 150,
    "savefig.dpi": 150,
    "font.family": "DejaVu Sans",  # ships with matplotlib, so every machine draws the same letters
    "font.size": 9.0,
    "text.color": INK,
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
    "legend.frameon": False,
    "svg.hashsalt": "mnav",
    "svg.fonttype": "path",
}


def in_style() -> AbstractContextManager[None]:
    """Apply the look inside a with block."""
    return mpl.rc_context(_STYLE)


def blank(title: str, source: str) -> tuple[Figure, Axes]:
    """A figure with one pair of axes: the title says the finding, the last line where it comes from."""
    figure = Figure(layout="constrained")
    axes = figure.subplots()
    figure.suptitle(title, x=0.012, ha="left", fontsize=10.5, fontweight="bold")
    figure.supxlabel(source, x=0.012, ha="left", fontsize=7.0, color=FAINT)
    return figure, axes
