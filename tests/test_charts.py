"""Charts: what is drawn is what is stored, gaps stay open, and the same data gives the same bytes."""

from __future__ import annotations

import itertools
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.dates import num2date
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox
from sqlite_utils import Database

import treasury.charts
from db import open_database
from db.feeds import charts
from scripts.main import mnav
from scripts.market import measures
from scripts.shared.drawing import default_path, draw, draw_mnav
from scripts.shared.options import Settings
from treasury.charts import CHARTS, save, style
from treasury.charts.style import COLOURS, DASHES, spread
from treasury.league import sector_day
from treasury.model import InputError


@pytest.fixture(scope="module")
def reference(reference_db: Path) -> Iterator[Database]:
    db = open_database(reference_db)
    yield db
    db.close()


@pytest.fixture
def drawn(reference: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Draw from the reference database as `mnav plot` does; the figure instead of a file."""
    figures: list[Figure] = []
    monkeypatch.setattr(treasury.charts, "save", lambda figure, path: figures.append(figure))

    def draw(*tickers: str, **options: object) -> Figure:
        draw_mnav(reference, tickers, tmp_path / "chart.png", **options)
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
def test_the_line_is_what_the_database_holds(reference: Database, drawn: Any, metric: str) -> None:
    line = points(line_of(drawn("MSTR", metric=metric), "MSTR"))
    wanted = stored(reference, "MSTR", metric)
    assert len(wanted) > 1000
    pd.testing.assert_series_equal(
        line.dropna(), wanted, check_freq=False, check_names=False, rtol=0, check_index_type=False
    )


def test_each_company_has_its_own_line_and_name(reference: Database, drawn: Any) -> None:
    figure = drawn("MSTR", "3350.T", metric="mnav_market_cap")
    for ticker in ("MSTR", "3350.T"):
        wanted = stored(reference, ticker, "mnav_market_cap")
        line = points(line_of(figure, ticker)).dropna()
        np.testing.assert_array_equal(line.to_numpy(), wanted.to_numpy())
        assert list(line.index) == list(wanted.index)
    names = [text for text in axes_of(figure).texts if not text.get_text().startswith("1.0x")]
    assert [text.get_text().split()[0] for text in names] == ["MSTR", "3350.T"]
    first, second = (line_of(figure, ticker) for ticker in ("MSTR", "3350.T"))
    assert [text.get_color() for text in names] == [first.get_color(), second.get_color()]
    assert first.get_color() != second.get_color()
    assert first.get_linestyle() != second.get_linestyle(), "told apart by colour alone"


def test_only_the_asked_span_is_drawn(reference: Database, drawn: Any) -> None:
    line = points(line_of(drawn("MSTR", since="2025-01-01", until="2025-06-30"), "MSTR")).dropna()
    assert list(line.index) == list(stored(reference, "MSTR", "mnav_ev", "2025-01-01", "2025-06-30").index)
    assert (line.index[0], line.index[-1]) == (pd.Timestamp("2025-01-02"), pd.Timestamp("2025-06-30"))


@pytest.mark.parametrize("log", [False, True])
def test_the_line_at_one_is_there_and_in_sight(drawn: Any, log: bool) -> None:
    axes = axes_of(drawn("MSTR", log=log))
    level = [line for line in axes.lines if list(line.get_ydata()) == [1, 1]]
    assert len(level) == 1
    assert list(level[0].get_xdata()) == [0, 1]  # across the whole width
    low, high = axes.get_ylim()
    assert low < 1 < high
    assert axes.get_yscale() == ("log" if log else "linear")
    assert [text.get_text() for text in axes.texts] == ["MSTR 1.05x"]
    assert "1.0x: priced at its bitcoin" in axes.get_title(loc="left").replace(
        "\n", " "
    )  # the band leaves it no room inside


def test_a_remark_stands_at_its_line_where_nothing_runs_and_above_the_axes_where_something_does(drawn: Any) -> None:
    from treasury.charts.style import blank, note_at

    def remarks(*columns: tuple[str, float]) -> tuple[list[str], str]:
        _, axes = blank("title")
        axes.set_xlim(0, 10)
        axes.set_ylim(0, 2)
        for kind, height in columns:
            if kind == "line":
                axes.plot([0, 10], [height, height])  # two points far apart: what lies between counts too
            else:
                axes.fill_between([0, 10], height - 0.05, height + 0.05)
        note_at(axes, 1.0, "here")
        return texts(axes), axes.get_title(loc="left")

    assert remarks() == (["here"], "")
    assert remarks(("line", 1.05)) == (["here"], "")
    assert remarks(("line", 1.05), ("line", 0.95)) == ([], "here")
    assert remarks(("line", 1.05), ("shade", 0.95)) == ([], "here")


def title_of(figure: Figure) -> str:
    return figure.get_suptitle().replace("\n", " ")


def frame(values: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame({"ticker": "ONE", "value": values.values()}, index=pd.DatetimeIndex(list(values)))


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


def test_weeks_of_unknown_values_are_left_open_too(reference: Database, drawn: Any) -> None:
    wanted = stored(reference, "SMLR", "mnav_market_cap")
    pauses = (wanted.index[1:] - wanted.index[:-1]) > pd.Timedelta(days=10)
    line = points(line_of(drawn("SMLR", metric="mnav_market_cap"), "SMLR"))
    assert line.isna().sum() == pauses.sum()
    unknown = {day: float("nan") for day in map(str, pd.bdate_range("2025-02-03", "2025-02-28"))}
    made = frame({"2025-01-31": 1.0} | unknown | {"2025-03-03": 2.0})
    line = points(line_of(CHARTS["mnav"].draw(made), "ONE"))
    assert [value for value in line if value == value] == [1, 2]
    assert line.isna().sum() == 1


def test_the_title_states_the_finding_and_its_day(reference: Database, drawn: Any) -> None:
    wanted = stored(reference, "MSTR", "mnav_ev")
    title = title_of(drawn("MSTR"))
    assert title.startswith(
        f"Strategy Inc (MSTR): EV mNAV {wanted.iloc[-1]:.2f}x at the close of {wanted.index[-1]:%Y-%m-%d}"
    )
    assert f"high {wanted.max():.2f}x ({wanted.idxmax():%Y-%m-%d})" in title
    assert f"low {wanted.min():.2f}x ({wanted.idxmin():%Y-%m-%d})" in title
    both = title_of(drawn("MSTR", "3350.T", metric="mnav_market_cap"))
    for ticker, name in (("MSTR", "Strategy Inc"), ("3350.T", "Metaplanet Inc.")):
        last = stored(reference, ticker, "mnav_market_cap")
        assert f"{name} ({ticker}) {last.iloc[-1]:.2f}x ({last.index[-1]:%Y-%m-%d})" in both


def test_the_last_line_says_what_is_drawn_and_from_where(drawn: Any) -> None:
    told = drawn("MSTR").get_supxlabel().replace("\n", " ")
    assert "Enterprise value per dollar of bitcoin" in told
    assert "Data: mnav" in told


# -- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "svg", "pdf", "jpg"])
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
    elif kind == "pdf":
        assert first.startswith(b"%PDF-")
        assert not re.search(rb"/(CreationDate|Creator|Producer)", first)
    elif kind == "jpg":
        assert first.startswith(b"\xff\xd8\xff")
    else:
        assert ElementTree.fromstring(first).tag == "{http://www.w3.org/2000/svg}svg"
        assert b"<dc:date>" not in first


def test_another_metric_gives_other_bytes(reference: Database, tmp_path: Path) -> None:
    ev, cap = (draw_mnav(reference, ("MSTR",), tmp_path / f"{metric}.svg", metric).read_bytes() for metric in ("mnav_ev", "mnav_market_cap"))  # fmt: skip
    assert ev != cap


@pytest.mark.parametrize("name", ["chart.gif", "chart", "chart.csv"])
def test_another_kind_of_file_is_refused_and_not_made(reference: Database, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=f"a chart is a .png, .svg, .pdf or .jpg file, not '{name}'"):
        draw_mnav(reference, ("MSTR",), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_drawing_leaves_matplotlib_as_it_was(tmp_path: Path) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    save(CHARTS["mnav"].draw(frame({"2025-01-02": 1.0, "2025-01-03": 2.0})), tmp_path / "chart.svg")
    assert dict(mpl.rcParams) == before


@pytest.mark.filterwarnings("error")
def test_names_in_letters_that_the_font_lacks_are_drawn_as_boxes(
    reference: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures: list[Figure] = []
    monkeypatch.setattr(charts, "names", lambda *_: {"MSTR": "\ufeffメタ\tplanet"})
    monkeypatch.setattr(treasury.charts, "save", lambda figure, path: (figures.append(figure), save(figure, path)))
    draw(reference, "mnav", ("MSTR",), tmp_path / "chart.pdf", since="2025-11-01")
    assert figures[0].get_suptitle().startswith("□□ planet (MSTR): ")


# -- what cannot be drawn ------------------------------------------------------------------------------------------


@pytest.fixture
def plot(reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(mnav, ["--db", str(reference_db), "plot", *arguments])


def unknown_ev(db: Database) -> str:
    """A company with closes and no EV multiple on any day."""
    (ticker,) = db.execute("SELECT ticker FROM mnav_daily GROUP BY ticker HAVING count(mnav_ev) = 0 LIMIT 1").fetchone()
    return str(ticker)


def test_a_company_without_a_single_value_gives_an_error_and_no_file(
    reference: Database, plot: Any, tmp_path: Path
) -> None:
    ticker = unknown_ev(reference)
    result = plot("mnav", ticker, "-o", "chart.png")
    assert result.exit_code == 1
    assert result.stderr == f"Error: mnav_ev is not known on any day of {ticker}\n"
    assert list(tmp_path.iterdir()) == []


def test_a_company_left_out_of_a_chart_is_named(reference: Database, plot: Any) -> None:
    ticker = unknown_ev(reference)
    result = plot("mnav", "MSTR", ticker, "-o", "chart.svg")
    assert (result.exit_code, result.stdout) == (0, "chart.svg\n")
    assert f"mnav_ev is not known on any day of {ticker}" in result.stderr


def test_a_company_without_any_close_gives_an_error(reference: Database, plot: Any) -> None:
    (ticker,) = reference.execute(
        "SELECT ticker FROM company WHERE id NOT IN (SELECT company_id FROM valuation) LIMIT 1"
    ).fetchone()
    result = plot("mnav", ticker, "-o", "chart.png")
    assert result.exit_code == 1
    assert f"mnav_ev is not known on any day of {ticker}" in result.stderr


def test_a_span_without_a_row_gives_an_error(plot: Any) -> None:
    assert "mnav_ev is not known on any day of MSTR" in plot("mnav", "MSTR", "--since", "2040-01-01").stderr


def test_the_list_names_every_chart_with_its_meaning(plot: Any) -> None:
    result = plot("--list")
    assert result.exit_code == 0
    for name, chart in CHARTS.items():
        assert name in result.stdout
        assert chart.meaning in result.stdout


# -- every other chart: what is drawn is what is stored --------------------------------------------------------------


@pytest.fixture
def figure_of(reference: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Draw any chart from the reference database; the figure instead of a file."""
    figures: list[Figure] = []
    monkeypatch.setattr(treasury.charts, "save", lambda figure, path: figures.append(figure))

    def drawn_as(chart: str, *tickers: str, **options: object) -> Figure:
        draw(reference, chart, tickers, tmp_path / "chart.png", **options)
        return figures.pop()

    return drawn_as


def labelled(axes: Axes, label: str) -> pd.Series:
    (line,) = [line for line in axes.lines if line.get_label() == label]
    return points(line).dropna()


def ticker_in(label: str) -> str:
    """The ticker of a label such as "Strategy Inc (MSTR)", or the label."""
    return label.rpartition("(")[2].removesuffix(")")


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def bars(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def equal(drawn: pd.Series, wanted: pd.Series) -> None:
    assert len(wanted) > 50
    np.testing.assert_allclose(drawn.to_numpy(), wanted.to_numpy(), rtol=1e-12)
    assert list(drawn.index) == list(wanted.index)


def test_of_one_company_the_band_lies_between_its_lowest_and_highest_definition(
    reference: Database, drawn: Any
) -> None:
    axes = axes_of(drawn("MSTR", since="2025-11-10", until="2025-11-11"))
    (band,) = [one for one in axes.collections if one.get_label() == "band"]
    vertices = band.get_paths()[0].vertices
    row = reference.execute(
        "SELECT mnav_market_cap, mnav_diluted, mnav_assumed_diluted, mnav_ev, mnav_ev_diluted, mnav_net FROM mnav_daily"
        " WHERE ticker = 'MSTR' AND date = '2025-11-10'"
    ).fetchone()
    first_day = vertices[np.isclose(vertices[:, 0], vertices[:, 0].min())]
    assert {round(value, 9) for value in first_day[:, 1]} == {round(min(row), 9), round(max(row), 9)}
    assert (min(row), max(row)) == pytest.approx((1.009, 1.321), abs=5e-4)  # the table in the README


def test_purchases_stand_on_the_first_session_that_could_know_them(reference: Database, drawn: Any) -> None:
    axes = axes_of(drawn("MSTR", since="2025-01-01", until="2025-12-31"))
    marks = list(labelled(axes, "purchases").index)
    announced = [
        pd.Timestamp(day)
        for (day,) in reference.execute(
            "SELECT DISTINCT announced_on FROM purchase WHERE ticker = 'MSTR' AND btc > 0 AND announced_on BETWEEN '2025-01-02' AND '2025-12-31'"
        )
    ]
    assert len(announced) > 30
    sessions = list(stored(reference, "MSTR", "price", "2025-01-01", "2025-12-31").index)
    assert marks == sorted({min(day for day in sessions if day >= one) for one in announced})
    assert pd.Timestamp("2025-11-10") in marks  # 487 BTC, 8-K of that Monday


def test_stale_stretches_are_shaded(reference: Database, drawn: Any) -> None:
    axes = axes_of(drawn("MSTR"))
    (shaded,) = [one for one in axes.collections if one.get_label() == "stale"]
    spans = [
        (num2date(path.vertices[:, 0].min()).date(), num2date(path.vertices[:, 0].max()).date())
        for path in shaded.get_paths()
    ]
    old = reference.execute(
        "SELECT date FROM mnav_daily WHERE ticker = 'MSTR' AND max(coalesce(btc_age_days, 0), coalesce(shares_age_days, 0)) > 120 ORDER BY date"
    ).fetchall()
    assert str(spans[0][0]) == old[0][0]
    assert str(spans[-1][1]) == old[-1][0]
    for (day,) in old:
        assert any(str(first) <= day <= str(last) for first, last in spans)


@pytest.mark.parametrize(("highest", "top"), [(6000.0, 4.5), (2.0, None)])
def test_a_band_that_leaves_every_scale_is_cut_and_told(highest: float, top: float | None) -> None:
    """Where claims take nearly all of the bitcoin a net multiple is in thousands; the line stays to be read."""
    days = [f"2025-01-{day:02}" for day in range(6, 11)]
    one = frame(dict.fromkeys(days, 1.5)).assign(lowest=1.0, highest=[1.6, 1.7, highest, 1.7, 1.6])
    axes = axes_of(CHARTS["mnav"].draw(one))
    assert ("which goes to 6,000x" in axes.get_title(loc="left")) is (top is not None)
    assert axes.get_ylim()[1] == top if top else axes.get_ylim()[1] > 2.0


@pytest.mark.parametrize("old", [{2}, {2, 3}])
def test_what_is_not_to_be_seen_is_not_told(old: set[int]) -> None:
    """A single old day has no width to hatch."""
    days = [f"2025-01-{day:02}" for day in range(6, 11)]
    one = frame(dict.fromkeys(days, 1.5)).assign(stale=[at in old for at in range(5)])
    axes = axes_of(CHARTS["mnav"].draw(one))
    assert ("hatched" in axes.get_title(loc="left")) is (len(old) > 1)


def test_the_premium_is_in_dollars_and_falls_from_seventy_to_fifteen_billion(
    reference: Database, figure_of: Any
) -> None:
    figure = figure_of("premium", "MSTR", since="2025-07-01", until="2025-11-10")
    equal(
        labelled(axes_of(figure), "implied premium"),
        stored(reference, "MSTR", "implied_premium_usd", "2025-07-01", "2025-11-10"),
    )
    title = title_of(figure)
    assert title.startswith(
        "Strategy Inc (MSTR): implied premium $15.57bn at the close of 2025-11-10, down from $68.44bn on 2025-07-16"
    )
    assert "$68.44bn, 2025-07-16" in texts(axes_of(figure))


@pytest.mark.slow
def test_market_cap_stands_against_bitcoin_and_claims(reference: Database, figure_of: Any) -> None:
    axes = axes_of(figure_of("market-cap", "MSTR"))
    for label, column in (
        ("market cap", "market_cap"), ("bitcoin", "btc_nav"), ("claims less cash", "debt + preferred - cash"),
    ):  # fmt: skip
        wanted = reference.execute(
            f"SELECT date, {column} FROM mnav_daily WHERE ticker = 'MSTR' AND {column} IS NOT NULL ORDER BY date"
        ).fetchall()
        equal(labelled(axes, label), pd.Series({pd.Timestamp(day): value for day, value in wanted}))
    assert axes.get_ylim()[0] <= 0, "an area that does not begin at zero misleads"


@pytest.mark.parametrize(("ticker", "since", "fall"), [("MSTR", "2025-07-11", -43), ("3350.T", "2025-06-20", -56)])
def test_the_published_falls_of_market_cap(figure_of: Any, ticker: str, since: str, fall: int) -> None:
    """The falls of July and June to 2025-11-07 that the press printed; Metaplanet's in yen."""
    figure = figure_of("drawdown", ticker, since=since, until="2025-11-07")
    line = labelled(axes_of(figure), ticker)
    assert (line.index[0], line.iloc[0]) == (pd.Timestamp(since), 0)
    assert line.iloc[-1] == pytest.approx(fall, abs=0.5)


def test_without_a_day_the_drawdown_begins_at_the_highest_close(figure_of: Any) -> None:
    line = labelled(axes_of(figure_of("drawdown", "MSTR", until="2025-11-07")), "MSTR")
    assert line.iloc[0] == 0
    assert line.max() == 0


def test_holdings_go_in_steps_over_the_price_and_the_average_cost(reference: Database, figure_of: Any) -> None:
    figure = figure_of("holdings", "MSTR")
    above, below = figure.axes
    equal(labelled(above, "BTC held"), stored(reference, "MSTR", "btc"))
    assert [line.get_drawstyle() for line in above.lines] == ["steps-post"]
    wanted = stored(reference, "MSTR", "btc_price")
    equal(labelled(below, "bitcoin"), wanted[wanted.index >= labelled(below, "bitcoin").index[0]])
    assert labelled(below, "average cost")[pd.Timestamp("2025-11-03")] == pytest.approx(
        74_057, abs=8
    )  # 8-K of that day


def test_the_average_cost_is_of_coins_and_cost_of_the_same_day(reference: Database, figure_of: Any) -> None:
    """Metaplanet states its cost less often than its coins: older cost over newer coins would be an average nobody paid."""
    cost = labelled(figure_of("holdings", "3350.T").axes[1], "average cost")
    mixed = stored(reference, "3350.T", "cost_basis / btc")
    assert mixed.min() < 45_000  # the error there would be
    assert cost[cost.index >= "2025-01-01"].min() > 60_000


def test_satoshis_per_share_are_on_one_share_basis(reference: Database, figure_of: Any) -> None:
    above, below = figure_of("sats-per-share", "MSTR").axes
    sats = labelled(above, "per basic share")
    day, before = pd.Timestamp("2024-08-08"), pd.Timestamp("2024-08-07")  # 10 for 1
    assert sats[day] == pytest.approx(sats[before], rel=0.01)
    assert sats[day] == pytest.approx(stored(reference, "MSTR", "sats_per_share")[day])
    equal(labelled(below, "year to date"), stored(reference, "MSTR", "btc_yield_ytd_pct"))
    assert above.get_ylim()[0] == 0


@pytest.mark.parametrize("ticker", ["XXI"])
def test_without_a_yield_there_is_no_empty_panel(reference: Database, figure_of: Any, ticker: str) -> None:
    assert reference.execute(
        "SELECT count(btc_yield_ytd_pct) FROM mnav_daily WHERE ticker = ?", [ticker]
    ).fetchone() == (0,)
    assert len(figure_of("sats-per-share", ticker).axes) == 1


def test_the_league_has_a_bar_for_every_known_multiple_and_names_the_unknown(
    reference: Database, figure_of: Any
) -> None:
    figure = figure_of("league", metric="mnav_ev")
    axes = axes_of(figure)
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert "Strategy Inc (MSTR)" in labels
    assert "KULR Technology… (KULR)" in labels
    names = [ticker_in(label) for label in labels]
    shown = dict(zip(names, (bar.get_width() for bar in bars(axes)), strict=True))
    rows = reference.execute(
        "SELECT ticker, mnav_ev, date < '2026-08-24' FROM mnav_latest WHERE kind = 'treasury' AND btc_nav >= 0.1 * market_cap"
    ).fetchall()  # most coins are at companies whose last close is of 2026-08-31
    assert shown == {ticker: value for ticker, value, _ in rows if value is not None}
    hatched = {name for name, bar in zip(names, bars(axes), strict=True) if bar.get_hatch()}
    assert hatched == {ticker for ticker, value, stale in rows if stale and value is not None}
    unknown = sorted(ticker for ticker, value, _ in rows if value is None)
    assert f"Unknown for {', '.join(unknown)}." in figure.get_supxlabel().replace("\n", " ")
    assert list(shown.values()) == sorted(shown.values())  # drawn from the bottom: the largest stands on top


def test_a_company_alone_on_its_exchange_is_as_old_as_its_close(figure_of: Any) -> None:
    axes = axes_of(figure_of("league"))
    names = [ticker_in(text.get_text()) for text in axes.get_yticklabels()]
    hatched = {name for name, bar in zip(names, bars(axes), strict=True) if bar.get_hatch()}
    assert {"DCC.AX", "BTCT.V", "0434.HK"} <= hatched  # of 2026-02-05
    assert not {"MSTR", "3350.T"} & hatched  # of the week of most, and later


def test_the_scatter_has_every_company_at_its_size(reference: Database, figure_of: Any) -> None:
    axes = axes_of(figure_of("size"))
    drawn_at = {tuple(point) for group in axes.collections for point in np.asarray(group.get_offsets())}
    rows = reference.execute(
        "SELECT btc_nav, mnav_market_cap, ticker FROM mnav_latest WHERE kind = 'treasury' AND btc_nav >= 0.1 * market_cap"
    ).fetchall()
    assert drawn_at == {(nav, multiple) for nav, multiple, _ in rows}
    assert {ticker for *_, ticker in rows} == {ticker_in(text) for text in texts(axes)}
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def boxes_of(figure: Figure) -> dict[str, Bbox]:
    """Where the texts inside the axes stand in the finished picture, in pixels."""
    figure.draw_without_rendering()
    return {text.get_text(): text.get_window_extent() for text in axes_of(figure).texts}


def line_at_one(figure: Figure) -> tuple[float, float]:
    """Where a level line at 1.0 stands in the finished picture, across and up."""
    figure.draw_without_rendering()
    across, up = axes_of(figure).transData.transform((1.0, 1.0))
    return float(across), float(up)


def of_multiples(**values: float) -> pd.DataFrame:
    """A league of made-up companies, each holding thrice what the one before holds."""
    held = [3.0**at * 1e7 for at in range(len(values))]
    rows = pd.DataFrame({"value": list(values.values()), "btc_nav": held}, index=list(values)).assign(
        date="2025-11-07", stale=0
    )
    rows.attrs["names"] = {ticker: f"{ticker.title()} Holdings of a Long Name" for ticker in values}
    return rows


@pytest.mark.parametrize("near", [0.93, 0.995])
def test_a_value_near_one_stands_beside_the_line_at_one(near: float) -> None:
    for high in (1.2, 12.0):
        figure = CHARTS["league"].draw(of_multiples(LOW=0.4, NEAR=near, HIGH=high))
        box, (line, _) = boxes_of(figure)[f"{near:.2f}x"], line_at_one(figure)
        assert not box.x0 < line < box.x1


def test_names_in_the_scatter_lie_neither_on_each_other_nor_on_a_point_nor_on_the_line_at_one() -> None:
    values = {"LOW": 0.5, "NEAR": 0.99, "NEXT": 1.03, "CLOSE": 0.97, "SAME": 0.52, "ALSO": 0.53, "HIGH": 2.0}
    figure = CHARTS["size"].draw(of_multiples(**values))
    boxes, (_, line) = boxes_of(figure), line_at_one(figure)
    assert {ticker_in(name) for name in boxes} >= set(values)
    assert "High Holdings of… (HIGH)" in boxes
    names = {text: box for text, box in boxes.items() if ticker_in(text) in values}
    points = axes_of(figure).transData.transform(
        [point for group in axes_of(figure).collections for point in group.get_offsets()]
    )
    for name, box in names.items():
        assert not box.y0 < line < box.y1, name
        assert not [other for other, taken in names.items() if other != name and box.overlaps(taken)], name
        assert not [point for point in points if box.contains(*point)], name


def test_the_slope_names_companies_where_it_ends_and_keeps_the_line_at_one_from_names(
    reference: Database, figure_of: Any
) -> None:
    figure = figure_of("slope", "MSTR", "3350.T", since="2025-07-16", until="2025-11-07")
    assert set(texts(axes_of(figure))) == {
        "MSTR 1.79x",
        "3350.T 3.16x",
        "Strategy Inc (MSTR) 1.05x",
        "Metaplanet Inc. (3350.T) 0.98x",
    }
    (level,) = [line for line in axes_of(figure).lines if set(line.get_ydata()) == {1.0}]
    assert list(level.get_xdata()) == [0, 1]


def test_a_name_is_cut_at_a_word() -> None:
    frame = pd.DataFrame()
    frame.attrs["names"] = {"A": "Boyaa Interactive International", "B": "日" * 40}
    assert style.labelled(frame, "A", 22) == "Boyaa Interactive… (A)"
    assert style.labelled(frame, "A", 40) == "Boyaa Interactive International (A)"
    assert style.labelled(frame, "B", 10) == "日日日日日日日日日… (B)"
    assert style.labelled(frame, "C") == "C"


def test_the_stack_is_the_published_one_from_debt_to_strd(figure_of: Any) -> None:
    """BTC Ratings published for 2025-11-28 at $91,000: 7.2x for the debt to 3.7x for STRD (docs/metrics.md 1.6); floor = price / rating."""
    axes = figure_of("stack", "MSTR", on="2025-11-28").axes[0]
    names = [text.get_text().split()[0] for text in axes.get_yticklabels()]
    assert names[:7] == [
        "other",  # the $30m that the reported total holds besides the notes; first, so that no cover is overstated
        "convert-2028",
        "convert-2030b",
        "convert-2029",
        "convert-2030a",
        "convert-2031",
        "convert-2032",
    ]
    assert names[7:] == ["strf", "strc", "stre", "strk", "strd"]
    ends = {name: bar.get_x() + bar.get_width() for name, bar in zip(names, bars(axes), strict=True)}
    nav = 650_000 * 91_000
    for name, rating in (
        ("convert-2032", 7.2),
        ("strf", 6.2),
        ("strc", 4.8),
        ("stre", 4.4),
        ("strk", 4.0),
        ("strd", 3.7),
    ):
        assert nav / (ends[name] - ends["other"]) == pytest.approx(rating, abs=0.05), (
            name
        )  # the publisher leaves it out
    debt = bars(axes)[6]
    assert debt.get_x() + debt.get_width() == pytest.approx(8.244e9)  # the reported total
    assert any(text.endswith("floor $12,686") for text in texts(axes))  # 8,244m / 649,870 BTC, as mnav capital says


def test_the_wall_has_puts_before_maturities(figure_of: Any) -> None:
    """The first put is $1.01bn on 2027-09-15 (docs/metrics.md 7.9)."""
    axes = axes_of(figure_of("wall", "MSTR", on="2025-11-28"))
    quarters = [text.get_text() for text in axes.get_xticklabels()]
    stood = {
        str(one.get_label()): (quarters[round(one[0].get_x() + 0.37)], one[0].get_height()) for one in axes.containers
    }
    assert stood == {
        "convert-2028": ("2027 Q3", 1.01e9), "convert-2030b": ("2028 Q1", 2e9), "convert-2029": ("2028 Q2", 3e9),
        "convert-2030a": ("2028 Q3", 8e8), "convert-2031": ("2028 Q3", 603.75e6), "convert-2032": ("2029 Q2", 8e8),
    }  # fmt: skip
    assert quarters == ["2027 Q3", "2027 Q4", "2028 Q1", "2028 Q2", "2028 Q3", "2028 Q4", "2029 Q1", "2029 Q2"]
    in_the_money = {str(one.get_label()) for one in axes.containers if one[0].get_hatch()}
    assert in_the_money == {"convert-2030a"}  # 149.77 below 177.18; the others convert above it


def test_the_attribution_is_the_published_decomposition(figure_of: Any, reference: Database) -> None:
    """docs/metrics.md 7.1, MSTR 2025-07-16 to 2025-11-07: −63.4 log points = −13.9 bitcoin + 4.4 bitcoin a share − 53.9 multiple."""
    frame_ = charts.attribution(reference, ["MSTR"], "2025-07-16", "2025-11-07")
    assert list(frame_["term"]) == ["bitcoin price", "bitcoin per share", "multiple"]
    assert frame_["log_points"].sum() == pytest.approx(-63.4, abs=0.05)
    assert list(frame_["log_points"]) == pytest.approx(
        [-13.9, 4.4, -53.9], abs=0.8
    )  # bitcoin at the share's close, not at UTC
    axes = axes_of(figure_of("attribution", "MSTR", since="2025-07-16", until="2025-11-07"))
    heights = [bar.get_height() for bar in bars(axes)]
    assert heights[:-1] == pytest.approx(list(frame_["points"]))
    assert heights[-1] == pytest.approx((241.93 / 455.90 - 1) * 100)
    assert sum(heights[:-1]) == pytest.approx(heights[-1], abs=1e-9)


def test_the_attribution_of_a_foreign_share_has_its_currency_and_no_split(reference: Database) -> None:
    """Ten for one on 2025-03-28: the share did not fall by nine tenths."""
    frame_ = charts.attribution(reference, ["3350.T"], "2025-03-27", "2025-03-28").set_index("term")
    assert "currency" in frame_.index
    assert abs(frame_["points"].sum()) < 15
    assert abs(frame_.loc["bitcoin per share", "points"]) < 5


def test_the_sector_is_the_sum_of_the_same_companies(reference: Database, figure_of: Any) -> None:
    figure = figure_of("sector", until="2026-02-05")
    multiples, money, number = figure.axes
    day = pd.Timestamp("2026-02-05")
    rows = reference.execute(
        "SELECT d.market_cap, d.btc_nav FROM company c JOIN mnav_daily d USING (ticker) WHERE c.kind = 'treasury' AND d.date = '2026-02-05'"
        " AND d.market_cap IS NOT NULL AND d.btc_nav IS NOT NULL"
    ).fetchall()
    assert len(rows) == 15
    assert labelled(money, "market cap")[day] == pytest.approx(sum(cap for cap, _ in rows))
    assert labelled(money, "bitcoin")[day] == pytest.approx(sum(nav for _, nav in rows))
    assert labelled(multiples, "together")[day] == pytest.approx(
        sum(cap for cap, _ in rows) / sum(nav for _, nav in rows)
    )
    assert labelled(multiples, "median company")[day] == pytest.approx(sorted(cap / nav for cap, nav in rows)[7])
    assert labelled(number, "companies")[day] == 15
    assert title_of(figure).startswith("15 treasury companies")


def test_the_sector_ends_on_the_day_that_the_league_calls_its_day(reference: Database) -> None:
    last = reference.execute(
        "SELECT d.date, d.btc FROM company c JOIN mnav_latest d USING (ticker) WHERE c.kind = 'treasury' AND d.btc_nav IS NOT NULL"
        " AND d.market_cap IS NOT NULL"
    ).fetchall()
    end = sector_day((date.fromisoformat(day), coins) for day, coins in last)
    assert end is not None
    assert charts.sector(reference, ()).index[-1] == pd.Timestamp(end)
    assert str(end) < max(day for day, _ in last)  # a few small holders have later closes


def test_many_companies_have_a_colour_each_and_a_scale_that_says_what_it_is(reference: Database, drawn: Any) -> None:
    tickers = ("MSTR", "3350.T", "XXI", "ASST", "NAKA", "KULR", "SQNS", "EMPD", "BRR", "GDC", "ZOOZ", "DDC")
    figure = drawn(*tickers, metric="mnav_market_cap")
    axes = axes_of(figure)
    lines = [line_of(figure, ticker) for ticker in tickers]
    assert len({line.get_color() for line in lines}) == len(tickers)
    assert all(one != two for one, two in itertools.pairwise(DASHES))
    assert len(DASHES) == len(COLOURS) == len(set(COLOURS))
    assert axes.get_yscale() == "log"
    assert "logarithmic: the largest value is " in axes.get_title(loc="left")
    named = [text.get_text() for text in sorted(axes.texts, key=lambda text: -text.get_position()[1])]
    assert [text for text in named if "(MSTR)" in text] == ["Strategy Inc (MSTR) 0.80x"]
    values = [float(text.split()[-1].removesuffix("x")) for text in named]
    assert values == sorted(values, reverse=True)  # the names stand in the order of the lines' ends
    heights = [text.get_position()[1] for text in axes.texts]
    assert min(heights) >= 0
    assert max(heights) <= 1
    assert title_of(figure).startswith(
        "Basic mNAV of 12 companies at their last known closes (2025-12-31 to 2026-09-30)"
    )
    assert drawn("MSTR", "3350.T", metric="mnav_market_cap").axes[0].get_yscale() == "linear"


def test_more_companies_than_colours_are_refused(reference: Database, drawn: Any) -> None:
    tickers = [
        ticker
        for (ticker,) in reference.execute(
            "SELECT DISTINCT ticker FROM mnav_daily WHERE mnav_market_cap IS NOT NULL LIMIT 15"
        )
    ]
    with pytest.raises(InputError, match="15 companies are too many to tell apart in one chart: give at most 14"):
        drawn(*tickers, metric="mnav_market_cap")


@pytest.mark.parametrize(
    ("since", "until"), [("2025-11-10", "2025-11-10"), ("2025-11-03", "2025-11-07"), ("2025-10-20", "2025-11-07")]
)
def test_an_axis_of_closes_has_no_hours(drawn: Any, since: str, until: str) -> None:
    figure = drawn("MSTR", since=since, until=until)
    figure.draw_without_rendering()
    axis = axes_of(figure).xaxis
    assert all(":" not in label.get_text() for label in axis.get_ticklabels())
    assert all(num2date(at).hour == 0 for at in axis.get_ticklocs())
    assert axis.get_offset_text().get_text() in ("2025-11", "2025")


@pytest.mark.parametrize(
    ("metric", "steps"),
    [
        ("btc", True),
        ("shares_basic", True),
        ("debt", True),
        ("sats_per_share", True),
        ("price", False),
        ("mnav_ev", False),
        ("implied_premium_usd", False),
    ],
)
def test_what_stands_until_it_is_told_anew_goes_in_steps(drawn: Any, metric: str, steps: bool) -> None:
    assert line_of(drawn("MSTR", metric=metric), "MSTR").get_drawstyle() == ("steps-post" if steps else "default")


def test_counts_and_claims_go_in_steps_in_every_chart(figure_of: Any) -> None:
    lines = {
        str(line.get_label()): line.get_drawstyle()
        for name in ("holdings", "sats-per-share", "market-cap")
        for axes in figure_of(name, "MSTR").axes
        for line in axes.lines
    }
    for label in ("BTC held", "average cost", "per basic share", "per assumed-diluted share", "claims less cash"):
        assert lines[label] == "steps-post", label
    for label in ("bitcoin", "market cap"):
        assert lines[label] == "default", label


def test_the_premium_of_several_companies_is_a_line_each(reference: Database, figure_of: Any) -> None:
    figure = figure_of("premium", "MSTR", "3350.T")
    for ticker in ("MSTR", "3350.T"):
        equal(points(line_of(figure, ticker)).dropna(), stored(reference, ticker, "implied_premium_usd"))
    assert title_of(figure).startswith("Implied premium at the last known close: Strategy Inc (MSTR) $")


def test_no_ticker_leads_out_of_the_folder_of_charts(tmp_path: Path) -> None:
    settings = Settings(db=tmp_path / "mnav.db")
    folder = tmp_path / "mnav-charts"
    for tickers in (
        ("../x",),
        ("..",),
        ("/etc/x",),
        ("a\\b",),
        ("a\nb",),
        ("CON:", "x" * 3),
        tuple(f"T{n}" for n in range(60)),
    ):
        path = default_path(settings, "mnav", tickers)
        assert path.parent == folder
        assert path.resolve().parent == folder.resolve()
        assert re.fullmatch(r"[A-Za-z0-9._~%-]+\.png", path.name), path.name
        assert len(path.name) < 120
    assert default_path(settings, "mnav", ("3350.T", "MSTR")).name == "mnav-3350.T-MSTR.png"
    assert default_path(settings, "mnav", ("A/B",)) != default_path(settings, "mnav", ("A_B",))


# -- the registry ----------------------------------------------------------------------------------------------------

ABOUT = {"none": [], "one": ["MSTR"], "some": ["MSTR", "3350.T"], "any": []}
SHORT = {
    name: {"since": "2026-01-01"} for name in ("moments", "preferred-cover-history")
}  # what takes the resolver day by day


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CHARTS))
def test_every_chart_is_drawn_whole_and_the_same_twice(reference: Database, tmp_path: Path, name: str) -> None:
    """No text reaches over the edge of the figure, and the bytes are the same."""
    from treasury.charts import save as really

    drawn_: list[Figure] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(treasury.charts, "save", lambda figure, path: (drawn_.append(figure), really(figure, path)))
        paths = [
            draw(reference, name, tuple(ABOUT[CHARTS[name].companies]), tmp_path / f"{n}.svg", **SHORT.get(name, {}))
            for n in (1, 2)
        ]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    figure = drawn_[0]
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert box.x0 >= -0.02
    assert box.y0 >= -0.02
    assert box.x1 <= width + 0.02
    assert box.y1 <= height + 0.02
    assert "Data: mnav" in figure.get_supxlabel()
    assert any(letter.isdigit() for letter in figure.get_suptitle()), "a title states the finding and its day"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("holdings MSTR 3350.T", "holdings is about one company"),
        ("premium MSTR --log", "premium takes no --log; it takes: --since, --until"),
        ("league --since 2025-01-01", "league takes no --since; it takes: --metric, --on"),
        ("wall", "which companies?"),
    ],
)
def test_what_a_chart_does_not_take_is_wrong_usage(plot: Any, command: str, says: str) -> None:
    result = plot(*command.split())
    assert result.exit_code == 2
    assert says in result.stderr.replace("\n", " ")


def test_the_list_says_what_each_chart_takes(plot: Any) -> None:
    rows = {row["chart"]: row for row in json.loads(plot("--list", "--json").stdout)}
    assert rows["mnav"]["options"] == "bitcoin-price log metric since until"
    assert rows["stack"] == {
        "chart": "stack", "companies": "one", "options": "on", "shows": CHARTS["stack"].meaning,
    }  # fmt: skip
    assert set(rows) == set(CHARTS)


def test_a_company_without_claims_gives_an_error(plot: Any, tmp_path: Path) -> None:
    result = plot("wall", "3350.T", "-o", "wall.png")
    assert result.exit_code == 1
    assert "no claim on 3350.T with a put or maturity date is known" in result.stderr
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.01, 0.2))
def test_labels_moved_apart_keep_their_order_and_their_distance(heights: list[float], least: float) -> None:
    moved = spread(heights, least)
    order = sorted(range(len(heights)), key=lambda at: heights[at])
    placed = [moved[at] for at in order]
    assert all(upper - lower >= least - 1e-9 for lower, upper in itertools.pairwise(placed))
    if all(heights[b] - heights[a] >= least for a, b in itertools.pairwise(order)):
        assert moved == heights


def test_the_bitcoin_chart_draws_the_measures_of_the_market(reference: Database, figure_of: Any) -> None:
    figure = figure_of("market", until="2025-11-09")
    price, _, strength = figure.axes
    drawn = {str(line.get_label()): line for line in price.lines}
    known = {one.name: one.value for one in measures(reference, "2025-11-09")}
    assert drawn["50 weeks"].get_ydata()[-1] == pytest.approx(known["sma_50w"], rel=1e-12)
    assert drawn["100 weeks"].get_ydata()[-1] == pytest.approx(known["sma_100w"], rel=1e-12)
    assert drawn["close"].get_ydata()[-1] == known["btc_close"]
    assert strength.lines[0].get_ydata()[-1] == pytest.approx(known["rsi_14w"], rel=1e-12)
    assert f"{-known['drawdown_pct']:.1f} % below" in figure.get_suptitle()


def test_the_heat_map_has_todays_price_at_todays_bitcoin_and_multiple(reference: Database) -> None:
    cells = charts.grid(reference, ["MSTR"], "2025-11-07")
    here = cells[(cells["btc_price"] == cells["btc_now"]) & (cells["multiple"] == cells["multiple_now"])]
    assert here["value"].tolist() == [
        pytest.approx(241.93, abs=1e-9)
    ]  # the close of that day, by the multiple's definition
    row = next(iter(reference.query("SELECT * FROM mnav_daily WHERE ticker = 'MSTR' AND date = '2025-11-07'")))
    halfway = cells[(cells["btc_price"] == 40_000.0) & (cells["multiple"] == 2.5)]
    equity = 2.5 * 40_000 * row["btc"] - row["debt"] - row["preferred"] + row["cash"]
    assert halfway["value"].tolist() == [pytest.approx(equity / row["shares_basic"], rel=1e-9)]
    figure = CHARTS["stress"].draw(cells)
    (axes,) = figure.axes
    across = [text.get_text() for text in axes.get_xticklabels()]
    assert across == [
        "$25k", "$40k", "$55k", "$75k", "$90k", "$103.7k\nthat day", "$120k", "$135k", "$155k", "$180k", "$200k",
    ]  # fmt: skip
    assert [text.get_text() for text in axes.get_yticklabels()][:4] == ["0.75x", "0.9x", "1x", "1.15x"]
    shown = axes.images[0].get_array()
    wide = cells.pivot(index="multiple", columns="btc_price", values="value")
    assert np.allclose(np.ma.filled(shown, np.nan), (wide / 241.93 - 1) * 100, equal_nan=True)
    assert wide.isna().to_numpy().any(), "where claims exceed the company's value nothing is left for the share"


def test_charts_of_bitcoin_take_no_ticker(plot: Any) -> None:
    result = plot("market", "MSTR")
    assert result.exit_code == 2
    assert "is about bitcoin itself" in result.stderr
