"""Charts: DataFrame in, Figure out. One function a chart; the same data gives the same bytes in the same environment.

A chart says which frame it draws: `frame` is the name of a function in `db.feeds.charts`, `columns` what it needs of
`mnav_daily` where that frame is "days". So a new chart over days is one function; one over new data is a function and a query.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart by name: what it shows, the function that draws it, and what that function is given.

    `companies` says how many it is about: "one", "some" (at least one), "any" (none given: those of the league table) or
    "none" (it is about bitcoin).
    """

    name: str
    meaning: str
    draw: Callable[..., Figure]
    frame: str
    columns: tuple[str, ...]
    companies: str

    @property
    def options(self) -> dict[str, Any]:
        """The drawing function's own options with their defaults."""
        parameters = inspect.signature(self.draw).parameters.values()
        return {one.name: one.default for one in parameters if one.kind is one.KEYWORD_ONLY}


CHARTS: dict[str, Chart] = {}


def chart(
    frame: str, columns: tuple[str, ...] = (), companies: str = "one"
) -> Callable[[Callable[..., Figure]], Callable[..., Figure]]:
    """Register a drawing function under its name (underscores become hyphens); its docstring's first line is its meaning."""

    def register(function: Callable[..., Figure]) -> Callable[..., Figure]:
        name = function.__name__.replace("_", "-")
        assert function.__doc__
        CHARTS[name] = Chart(name, function.__doc__.splitlines()[0], function, frame, columns, companies)
        return function

    return register


_NAMED = ("instrument", "series")  # columns of names that companies and people gave


def drawable(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its names in letters that the font of charts has."""
    from treasury.charts.style import in_font

    drawn = frame.assign(**{name: frame[name].map(in_font, na_action="ignore") for name in _NAMED if name in frame})
    drawn.attrs["names"] = {ticker: in_font(name) for ticker, name in frame.attrs.get("names", {}).items()}
    return drawn


# what a file says of itself by default: the day and the version that made it, which are not the data's
_UNSAID: dict[str, tuple[str, ...]] = {
    "png": ("Software",), "svg": ("Date", "Creator"), "pdf": ("CreationDate", "Creator", "Producer"), "jpg": (), "jpeg": (),
}  # fmt: skip


def save(figure: Figure, path: Path) -> None:
    """Write PNG, SVG, PDF or JPG, by the file's ending, without a date or version in it."""
    from treasury.charts.style import in_style
    from treasury.whole_file import whole_file

    kind = path.suffix.lower().removeprefix(".")
    if kind not in _UNSAID:
        raise ValueError(f"a chart is a .png, .svg, .pdf or .jpg file, not {path.name!r}")
    options: dict[str, Any] = {"metadata": dict.fromkeys(_UNSAID[kind])} if _UNSAID[kind] else {}
    with in_style(), whole_file(path) as draft:
        figure.savefig(draft, format=kind, **options)


from treasury.charts import (  # noqa: E402, F401  # they register their charts
    claims,
    history,
    league,
    moments,
    own_past,
    per_share,
    preferred,
    scenarios,
    sector,
    slope,
    vintage,
)
