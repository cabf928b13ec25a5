"""Charts: DataFrame in, Figure out. One function a chart; the same data gives the same bytes in the same environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart by name: what it shows, and the function that draws it."""

    name: str
    meaning: str
    draw: Callable[..., Figure]


CHARTS: dict[str, Chart] = {}


def chart(function: Callable[..., Figure]) -> Callable[..., Figure]:
    """Register a drawing function under its name (underscores become hyphens); its docstring's first line is its meaning."""
    name = function.__name__.replace("_", "-")
    assert function.__doc__
    CHARTS[name] = Chart(name, function.__doc__.splitlines()[0], function)
    return function


def save(figure: Figure, path: Path) -> None:
    """Write PNG or SVG, by the file's ending, without a date or version in it."""
    from treasury.charts.style import in_style

    kind = path.suffix.lower().removeprefix(".")
    metadata = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
    if kind not in metadata:
        raise ValueError(f"a chart is a .png or .svg file, not {path.name!r}")
    with in_style():
        figure.savefig(path, format=kind, metadata=metadata[kind])


from treasury.charts import history, vintage  # noqa: E402, F401  # they register their charts
