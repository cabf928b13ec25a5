"""A chart from the database into a file, as `mnav plot` and `mnav run` draw it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.shared.options import CHARTS_FOLDER, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd
    from sqlite_utils import Database


NAMED_IN_FILE = 8  # companies whose tickers stand in the name of a file


def draw(
    db: Database,
    name: str,
    tickers: tuple[str, ...],
    path: Path,
    say: Callable[[str], None] = lambda _: None,
    **options: Any,
) -> Path:
    """Draw a chart from the database into a file; `say` is told which companies it had to leave out. Raises InputError."""
    from treasury import charts
    from treasury.model import InputError

    chart = charts.CHARTS[name]
    frame = frame_of(db, name, tickers, **options)
    given = chart.options | {option: value for option, value in options.items() if value is not None}
    try:
        figure = chart.draw(charts.drawable(frame), **{option: given[option] for option in chart.options})
        path.parent.mkdir(parents=True, exist_ok=True)
        charts.save(figure, path)
    except ValueError as error:
        raise InputError(str(error)) from None
    for ticker in left_out(frame, tickers):
        say(f"{given.get('metric', name)} is not known on any day of {ticker}: left out")
    return path


def frame_of(db: Database, name: str, tickers: tuple[str, ...], **options: Any) -> pd.DataFrame:
    """The numbers that a chart draws. Raises InputError."""
    import inspect

    from db.feeds import charts as frames
    from treasury import charts
    from treasury.model import InputError

    chart = charts.CHARTS[name]
    query = getattr(frames, chart.frame)
    given = chart.options | {option: value for option, value in options.items() if value is not None}
    asked = {option: given[option] for option in inspect.signature(query).parameters if option in given}
    try:
        frame: pd.DataFrame = query(db, tickers, **asked, **({"columns": chart.columns} if chart.columns else {}))
    except ValueError as error:
        raise InputError(str(error)) from None
    frame.attrs["names"] = frames.names(db, tickers or frame.index)
    return frame


def rows_of(frame: pd.DataFrame) -> tuple[list[str], list[dict[str, Any]]]:
    """A frame as columns and rows to print, its index first where that says something; days as YYYY-MM-DD, unknown as None."""
    import pandas as pd

    if isinstance(frame.index, pd.DatetimeIndex):
        frame = frame.rename_axis("date")
    named = frame.index.name
    whole = frame.drop(columns=named, errors="ignore").reset_index() if named else frame
    columns = [str(name) for name in whole.columns]
    return columns, [dict(zip(columns, map(_printable, row), strict=True)) for row in whole.itertuples(index=False)]


def _printable(value: Any) -> Any:
    import pandas as pd

    if pd.isna(value):
        return None
    return str(value)[:10] if hasattr(value, "isoformat") else value


def left_out(frame: Any, tickers: tuple[str, ...]) -> list[str]:
    """Companies that were asked for and of which the frame knows nothing."""
    if "value" in frame and "ticker" not in frame:
        frame = frame.assign(ticker=frame.index)
    if "ticker" not in frame:
        return []
    known = set(frame.dropna(subset=[name for name in ("value",) if name in frame])["ticker"])
    return [ticker for ticker in tickers if ticker not in known]


def draw_mnav(
    db: Database,
    tickers: tuple[str, ...],
    path: Path,
    metric: str = "mnav_ev",
    since: str | None = None,
    until: str | None = None,
    log: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Path:
    """The chart mnav, as `mnav run` draws it."""
    return draw(db, "mnav", tickers, path, say, metric=metric, since=since, until=until, log=log)


def default_path(settings: Settings, chart: str, tickers: Sequence[str] = ()) -> Path:
    """Where a chart goes that was given no file: inside the folder of charts, whatever a company's ticker is made of."""
    from urllib.parse import quote

    parts = [chart, *tickers] if len(tickers) <= NAMED_IN_FILE else [chart, tickers[0], f"and-{len(tickers) - 1}-more"]
    return settings.db.parent / CHARTS_FOLDER / f"{quote('-'.join(parts), safe='')}.png"
