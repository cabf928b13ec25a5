"""Charts: what is drawn is what is stored, gaps stay open, and the same data gives the same bytes."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from sqlite_utils import Database

import treasury.charts
from db import open_database
from scripts.main import mnav
from scripts.plot import draw_mnav
from treasury.charts import CHARTS, save
from treasury.model import InputError


@pytest.fixture(scope="module")
def reference(reference_db: Path) -> Iterator[Database]:
    db = open_database(reference_db)
    yield db
    db.close()


@pytest.fixture
def drawn(reference: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Draw from the reference database as `mnav plot` does; the figure instead of a file."""
    figures: list[Figure] = []
    monkeypatch.setattr(treasury.charts, "save", lambda figure, path: figures.append(figure))

    def draw(*tickers: str, **options: object) -> Figure:
        draw_mnav(reference, tickers, tmp_path / "chart.png", **options)  # type: ignore[arg-type]
        return figures.pop()

    return draw


def axes_of(figure: Figure) -> Axes:
    (axes,) = figure.axes
    return axes


def line_of(figure: Figure, name: str) -> Line2D:
    (line,) = [line for line in axes_of(figure).lines if str(line.get_label()).startswith(f"{name}, ")]
    return line


def points(line: Line2D) -> pd.Series:
    return pd.Series(np.asarray(line.get_ydata(), dtype=float), index=pd.DatetimeIndex(line.get_xdata()))


def stored(db: Database, ticker: str, metric: str, since: str = "", until: str = "9999") -> pd.Series:
    rows = db.execute(
        f"SELECT date, {metric} FROM mnav_daily WHERE ticker = ? AND {metric} IS NOT NULL AND date BETWEEN ? AND ? ORDER BY date",
        (ticker, since, until),
    ).fetchall()
    days, values = zip(*rows, strict=True)
    return pd.Series(values, index=pd.DatetimeIndex(days))


# -- what is drawn -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", ["mnav_ev", "mnav_market_cap"])
def test_the_line_is_what_the_database_holds(reference: Database, drawn, metric: str) -> None:
    line = points(line_of(drawn("MSTR", metric=metric), "MSTR"))
    wanted = stored(reference, "MSTR", metric)
    assert len(wanted) > 1000
    pd.testing.assert_series_equal(
        line.dropna(), wanted, check_freq=False, check_names=False, rtol=0, check_index_type=False
    )


def test_each_company_has_its_own_line_and_name(reference: Database, drawn) -> None:
    figure = drawn("MSTR", "3350.T", metric="mnav_market_cap")
    for ticker in ("MSTR", "3350.T"):
        wanted = stored(reference, ticker, "mnav_market_cap")
        line = points(line_of(figure, ticker)).dropna()
        np.testing.assert_array_equal(line.to_numpy(), wanted.to_numpy())
        assert list(line.index) == list(wanted.index)
    legend = axes_of(figure).get_legend()
    assert legend is not None
    assert [text.get_text().split(",")[0] for text in legend.get_texts()] == ["MSTR", "3350.T"]
    first, second = (line_of(figure, ticker) for ticker in ("MSTR", "3350.T"))
    assert first.get_color() != second.get_color()
    assert first.get_linestyle() != second.get_linestyle(), "told apart by colour alone"


def test_only_the_asked_span_is_drawn(reference: Database, drawn) -> None:
    line = points(line_of(drawn("MSTR", since="2025-01-01", until="2025-06-30"), "MSTR")).dropna()
    assert list(line.index) == list(stored(reference, "MSTR", "mnav_ev", "2025-01-01", "2025-06-30").index)
    assert (line.index[0], line.index[-1]) == (pd.Timestamp("2025-01-02"), pd.Timestamp("2025-06-30"))


@pytest.mark.parametrize("log", [False, True])
def test_the_line_at_one_is_there_and_in_sight(drawn, log: bool) -> None:
    axes = axes_of(drawn("MSTR", log=log))
    level = [line for line in axes.lines if list(line.get_ydata()) == [1, 1]]
    assert len(level) == 1
    assert list(level[0].get_xdata()) == [0, 1]  # across the whole width
    low, high = axes.get_ylim()
    assert low < 1 < high
    assert axes.get_yscale() == ("log" if log else "linear")
    assert [text.get_text() for text in axes.texts] == ["1.0x: priced at its bitcoin"]


def frame(values: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame({"ONE": values.values()}, index=pd.DatetimeIndex(list(values)))


def test_a_long_pause_is_left_open_and_a_holiday_is_not() -> None:
    days = {
        "2025-01-02": 1.0,
        "2025-01-03": 2.0,
        "2025-01-13": 3.0,
        "2025-01-24": 4.0,
        "2025-01-27": 5.0,
    }  # 10 days, then 11
    line = points(line_of(CHARTS["mnav"].draw(frame(days)), "ONE"))
    broken = list(line.index[line.isna()])
    assert len(broken) == 1
    assert pd.Timestamp("2025-01-13") < broken[0] < pd.Timestamp("2025-01-24")
    assert list(line.dropna()) == [1, 2, 3, 4, 5]


def test_weeks_of_unknown_values_are_left_open_too(reference: Database, drawn) -> None:
    wanted = stored(reference, "SMLR", "mnav_market_cap")
    pauses = (wanted.index[1:] - wanted.index[:-1]) > pd.Timedelta(days=10)
    line = points(line_of(drawn("SMLR", metric="mnav_market_cap"), "SMLR"))
    assert line.isna().sum() == pauses.sum()
    unknown = {day: float("nan") for day in map(str, pd.bdate_range("2025-02-03", "2025-02-28"))}
    made = frame({"2025-01-31": 1.0} | unknown | {"2025-03-03": 2.0})
    line = points(line_of(CHARTS["mnav"].draw(made), "ONE"))
    assert [value for value in line if value == value] == [1, 2]
    assert line.isna().sum() == 1


def test_the_title_states_the_finding_and_its_day(reference: Database, drawn) -> None:
    wanted = stored(reference, "MSTR", "mnav_ev")
    title = drawn("MSTR").get_suptitle()
    assert title.startswith(f"MSTR: EV mNAV {wanted.iloc[-1]:.2f}x at the close of {wanted.index[-1]:%Y-%m-%d}")
    assert f"high {wanted.max():.2f}x ({wanted.idxmax():%Y-%m-%d})" in title
    assert f"low {wanted.min():.2f}x ({wanted.idxmin():%Y-%m-%d})" in title
    both = drawn("MSTR", "3350.T", metric="mnav_market_cap").get_suptitle()
    for ticker in ("MSTR", "3350.T"):
        last = stored(reference, ticker, "mnav_market_cap")
        assert f"{ticker} {last.iloc[-1]:.2f}x ({last.index[-1]:%Y-%m-%d})" in both


def test_the_last_line_says_what_is_drawn_and_from_where(drawn) -> None:
    told = drawn("MSTR").get_supxlabel()
    assert "Enterprise value per dollar of bitcoin" in told
    assert "Data: mnav" in told


# -- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_data_gives_the_same_bytes(reference: Database, tmp_path: Path, kind: str) -> None:
    paths = [
        draw_mnav(reference, ("MSTR", "3350.T"), tmp_path / f"{number}.{kind}", "mnav_market_cap") for number in (1, 2)
    ]
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert len(first) > 10_000
    if kind == "png":
        assert first.startswith(b"\x89PNG")
        assert b"Software" not in first
    else:
        assert ElementTree.fromstring(first).tag == "{http://www.w3.org/2000/svg}svg"
        assert b"<dc:date>" not in first


def test_another_metric_gives_other_bytes(reference: Database, tmp_path: Path) -> None:
    ev, cap = (draw_mnav(reference, ("MSTR",), tmp_path / f"{metric}.svg", metric).read_bytes() for metric in ("mnav_ev", "mnav_market_cap"))  # fmt: skip
    assert ev != cap


@pytest.mark.parametrize("name", ["chart.gif", "chart", "chart.pdf"])
def test_another_kind_of_file_is_refused_and_not_made(reference: Database, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=f"a chart is a .png or .svg file, not '{name}'"):
        draw_mnav(reference, ("MSTR",), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_drawing_leaves_matplotlib_as_it_was(tmp_path: Path) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    save(CHARTS["mnav"].draw(frame({"2025-01-02": 1.0, "2025-01-03": 2.0})), tmp_path / "chart.svg")
    assert dict(mpl.rcParams) == before


# -- what cannot be drawn ------------------------------------------------------------------------------------------


@pytest.fixture
def plot(reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(mnav, ["--db", str(reference_db), "plot", *arguments])


def unknown_ev(db: Database) -> str:
    """A company with closes and no EV multiple on any day."""
    (ticker,) = db.execute("SELECT ticker FROM mnav_daily GROUP BY ticker HAVING count(mnav_ev) = 0 LIMIT 1").fetchone()
    return str(ticker)


def test_a_company_without_a_single_value_gives_an_error_and_no_file(reference: Database, plot, tmp_path: Path) -> None:
    ticker = unknown_ev(reference)
    result = plot("mnav", ticker, "-o", "chart.png")
    assert result.exit_code == 1
    assert result.stderr == f"Error: mnav_ev is not known on any day of {ticker}\n"
    assert list(tmp_path.iterdir()) == []


def test_a_company_left_out_of_a_chart_is_named(reference: Database, plot) -> None:
    ticker = unknown_ev(reference)
    result = plot("mnav", "MSTR", ticker, "-o", "chart.svg")
    assert (result.exit_code, result.stdout) == (0, "chart.svg\n")
    assert f"mnav_ev is not known on any day of {ticker}" in result.stderr


def test_a_company_without_any_close_gives_an_error(reference: Database, plot) -> None:
    (ticker,) = reference.execute(
        "SELECT ticker FROM company WHERE id NOT IN (SELECT company_id FROM valuation) LIMIT 1"
    ).fetchone()
    result = plot("mnav", ticker, "-o", "chart.png")
    assert result.exit_code == 1
    assert f"mnav_ev is not known on any day of {ticker}" in result.stderr


def test_a_span_without_a_row_gives_an_error(plot) -> None:
    assert "mnav_ev is not known on any day of MSTR" in plot("mnav", "MSTR", "--since", "2040-01-01").stderr


def test_the_list_names_every_chart_with_its_meaning(plot) -> None:
    result = plot("--list")
    assert result.exit_code == 0
    for name, chart in CHARTS.items():
        assert name in result.stdout
        assert chart.meaning in result.stdout
