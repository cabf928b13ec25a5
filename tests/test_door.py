"""`import mnav`: frames of many companies, by any of their names, on the basis of today's shares where asked."""

from __future__ import annotations

import inspect
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import forked
import numpy as np
import pandas as pd
import pytest

import mnav
from db import open_database
from db.derived.valuations import bring_up_to_date
from treasury.errors import InputError
from treasury.metrics.adjusted import ADJUSTABLE

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def book(reference_db: Path) -> Iterator[mnav.Book]:
    with mnav.open(reference_db) as made:
        yield made


def test_a_panel_is_the_rows_of_the_view(book: mnav.Book, read: sqlite3.Connection) -> None:
    wide = book.panel(["mnav_ev", "btc"], ["Metaplanet", "mstr"], since="2025-11-03", until=date(2025, 11, 7))
    assert [*wide.columns.to_flat_index()] == [
        (name, ticker) for name in ("mnav_ev", "btc") for ticker in ("3350.T", "MSTR")
    ]
    rows = read.execute("SELECT date, ticker, mnav_ev FROM mnav_daily WHERE ticker IN ('MSTR', '3350.T') AND date BETWEEN '2025-11-03' AND '2025-11-07'").fetchall()  # fmt: skip
    assert len(rows) >= 9
    values = wide["mnav_ev"].stack().dropna().to_dict()
    assert {(str(day)[:10], ticker): value for (day, ticker), value in values.items()} == {
        (row["date"], row["ticker"]): row["mnav_ev"] for row in rows if row["mnav_ev"] is not None
    }
    long = book.panel(["mnav_ev", "btc"], ["Metaplanet", "mstr"], since="2025-11-03", until="2025-11-07", wide=False)
    assert len(long) == len(rows)
    assert long["btc"].to_dict() == wide["btc"].stack().dropna().to_dict()


def test_a_day_may_be_a_text_a_date_or_a_moment(book: mnav.Book) -> None:
    firsts = {
        book.daily("MSTR", ["btc"], since=day).index[0]
        for day in ("2025-11-07", date(2025, 11, 7), datetime(2025, 11, 7, 12), pd.Timestamp("2025-11-07"))  # noqa: DTZ001
    }
    assert firsts == {pd.Timestamp("2025-11-07")}


def test_one_metric_has_the_tickers_as_columns_also_of_who_has_no_row(book: mnav.Book) -> None:
    panel = book.panel("mnav_ev", ["MSTR", "HUT"], since="2025-11-03", until="2025-11-07")
    assert list(panel.columns) == ["MSTR", "HUT"]
    assert panel["MSTR"].notna().all()
    assert panel["HUT"].isna().all()


def test_no_split_shows_in_what_is_adjusted(book: mnav.Book) -> None:
    """Strategy's ten for one of 2024-08-08: the price fell by a tenth of itself and the multiple did not move with it."""
    days = book.panel(
        ["price", "price_adjusted", "shares_basic", "shares_basic_adjusted", "sats_per_share", "sats_per_share_adjusted", "mnav_ev"],
        "MSTR", since="2024-08-07", until="2024-08-08", wide=False,
    ).droplevel("ticker")  # fmt: skip
    before, after = days.iloc[0], days.iloc[1]
    assert before["price_adjusted"] == pytest.approx(before["price"] / 10)
    assert after["price_adjusted"] == after["price"]
    assert before["shares_basic_adjusted"] == pytest.approx(before["shares_basic"] * 10)
    assert before["sats_per_share_adjusted"] == pytest.approx(before["sats_per_share"] / 10)
    assert after["sats_per_share_adjusted"] == after["sats_per_share"]


@pytest.mark.slow
def test_adjusted_columns_keep_every_ratio(book: mnav.Book) -> None:
    """Price times shares, and satoshis times shares, are the same on both bases, for everybody with a row."""
    all_of = book.panel([*ADJUSTABLE, *(f"{name}_adjusted" for name in ADJUSTABLE)], wide=False)
    for each, count in (("price", "shares_basic"), ("sats_per_share", "shares_basic")):
        plain, adjusted = all_of[each] * all_of[count], all_of[f"{each}_adjusted"] * all_of[f"{count}_adjusted"]
        both = plain.notna() & adjusted.notna()
        if each == "price":  # an ADS stands for shares, and its price steps where that number does
            both &= ~all_of.index.get_level_values("ticker").isin(["CAN", "CANG", "NCTY", "SOS", "BTCM", "SQNS"])
        assert both.sum() > 20_000
        assert np.allclose(plain[both], adjusted[both])


def test_what_is_wrong_is_said(book: mnav.Book, tmp_path: Path) -> None:
    with pytest.raises(mnav.MnavError, match=r"unknown ticker 'Metaplanett'; did you mean 3350\.T"):
        book.daily("Metaplanett")
    with pytest.raises(InputError, match="'mnav' is no number of mnav_daily or mnav_adjusted; there are price, "):
        book.panel("mnav")
    with pytest.raises(InputError, match="'mnav_ev_adjusted' is no number"):
        book.panel("mnav_ev_adjusted")
    with pytest.raises(InputError, match="nope is not a column of mnav_daily"):
        book.daily("MSTR", ["nope"])
    attempts: tuple[tuple[Callable[[], object], str], ...] = (
        (lambda: book.panel("btc", "MSTR", since="2025-13-01"), "'2025-13-01' is not a day; write YYYY-MM-DD"),
        (lambda: book.daily("MSTR", since="lately"), "'lately' is not a day"),
        (lambda: book.panel("btc", "MSTR", "2025-12-01", "2025-01-01"), "since 2025-12-01 is after until 2025-01-01"),
        (lambda: book.panel([], "MSTR"), "no metric is named"),
        (lambda: book.panel("btc", []), "no company is named; leave `companies` out"),
        (lambda: book.holders("1999-01-01"), "nobody is known to hold bitcoin on 1999-01-01"),
        (lambda: book.sql("selct"), 'SQLite says of the query: near "selct"'),
        (lambda: book.sql("DELETE FROM company"), "readonly database"),
    )
    for wrong, says in attempts:
        with pytest.raises(InputError, match=re.escape(says)):
            wrong()
    with pytest.raises(mnav.MnavError, match="run `mnav run --offline` to make one"):
        mnav.open(tmp_path / "none.db")


def test_the_view_is_the_panel_and_no_row_of_the_past_depends_on_it(book: mnav.Book, read: sqlite3.Connection) -> None:
    """Also of an ADS, whose unit changed: SQL, panel, history and chart read one basis."""
    frame = book.panel(["price_adjusted", "shares_basic_adjusted"], ["MSTR", "CAN"], wide=False)
    rows = read.execute("SELECT date, ticker, price_adjusted, shares_basic_adjusted FROM mnav_adjusted WHERE ticker IN ('MSTR', 'CAN') ORDER BY date, ticker").fetchall()  # fmt: skip
    assert len(rows) == len(frame) > 1_000
    assert [row["price_adjusted"] for row in rows] == frame["price_adjusted"].where(
        frame["price_adjusted"].notna(), None
    ).tolist()
    one = book.daily("MSTR", ["price_adjusted"], since="2024-08-07", until="2024-08-08")
    assert abs(one["price_adjusted"].pct_change().iloc[-1]) < 0.2


@pytest.mark.slow
def test_what_is_not_yet_worked_out_is_unknown_until_the_next_valuation(reference_db: Path, tmp_path: Path) -> None:
    """A file of an older version has no basis yet: NULL, never the unadjusted price under another name."""
    db = open_database(shutil.copy(reference_db, tmp_path / "older.db"), writable=True)
    db.execute("DELETE FROM share_basis")
    sql = "SELECT price_adjusted FROM mnav_adjusted WHERE ticker = 'MSTR' AND date = '2024-08-07'"
    assert db.execute(sql).fetchall() == [(None,)]
    bring_up_to_date(db)
    assert db.execute(sql).fetchall() == [(pytest.approx(124.685, abs=1e-3),)]
    db.close()


def test_a_column_has_one_type_whatever_is_known(book: mnav.Book) -> None:
    """Of Strategy much is known, of RIOT little."""
    much, little = book.daily("MSTR"), book.daily("RIOT")
    assert much.dtypes.to_dict() == little.dtypes.to_dict()
    latest = book.latest(date(2026, 9, 30))
    told = {name: str(kind).partition("[")[0] for name, kind in latest.dtypes.items()}
    kinds = {
        name: told[name] for name in ("date", "btc_price_at", "stale", "btc", "btc_age_days", "grade", "issuing_zone")
    }
    assert kinds == {
        "date": "datetime64", "btc_price_at": "datetime64", "stale": "boolean", "btc": "float64", "btc_age_days": "float64",
        "grade": "string", "issuing_zone": "string",
    }  # fmt: skip
    assert not [name for name, kind in told.items() if kind == "object"]
    assert str(book.holders("2025-11-10")["as_of"].dtype).startswith("datetime64")


def test_a_function_alone_has_the_signature_of_the_method() -> None:
    for name in ("panel", "daily", "latest", "holders", "back_test", "study", "explain", "sql", "tickers"):
        alone, method = getattr(mnav, name), getattr(mnav.Book, name)
        assert alone.__doc__ == method.__doc__
        assert list(inspect.signature(alone).parameters) == list(inspect.signature(method).parameters)[1:]


@pytest.mark.slow
def test_each_function_alone_opens_the_default(reference_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNAV_DB", str(reference_db))
    assert mnav.daily("MSTR", ["btc"], since="2025-11-07").iloc[0]["btc"] == 641_205
    assert mnav.panel("btc", "MSTR", since="2025-11-07").iloc[0]["MSTR"] == 641_205
    assert "MSTR" in mnav.latest().index
    assert mnav.holders("2025-11-10").index[0] == "MSTR"
    assert mnav.explain("Strategy", "2025-11-10")["date"] == "2025-11-10"
    assert {"MSTR", "3350.T"} <= set(mnav.tickers())
    assert mnav.sql("SELECT count(*) AS rows FROM mnav_daily")["rows"].gt(30_000).all()


def test_the_door_is_light(reference_db: Path) -> None:
    """Nothing heavy comes in before a frame is asked for."""
    code = "import sys, mnav; print([name for name in ('pandas', 'numpy', 'sqlite3', 'sqlite_utils', 'click', 'typing') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_python_m_mnav_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mnav", "--version"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == f"mnav {mnav.__version__}"


def as_printed(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame as rows of the verb's JSON: unknown None, days as text."""
    flat = frame.reset_index()
    columns = {
        str(name): [
            None if pd.isna(value) else f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else value
            for value in column
        ]
        for name, column in flat.items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


RULES = ("mnav_ev > 1.5", "mnav_ev < 1.1")


@pytest.mark.slow
def test_a_back_test_in_frames_is_that_of_the_verb(book: mnav.Book) -> None:
    """Two companies, two variants, costs: every number of --daily, of the trades and of --summary, in columns of one type."""
    made = book.back_test(
        ["Strategy", "metaplanet"], [RULES[0], "mnav_ev > 1.3"], RULES[1], since="2025-01-01", borrow=5, fee_bp=10, folds=2, seed=7
    )  # fmt: skip
    words = [
        "pair", "MSTR", "3350.T", "--enter", RULES[0], "--enter", "mnav_ev > 1.3", "--leave", RULES[1], "--from", "2025-01-01", "--borrow", "5",
        "--fee-bp", "10", "--folds", "2", "--seed", "7", "--json", "--db", book.path,
    ]  # fmt: skip
    for frame, asked, key in (
        (made.trades, [], ("ticker", "run", "from")),
        (made.daily, ["--daily"], ("ticker", "run", "date")),
        (made.summary, ["--summary"], ("ticker", "run")),
    ):
        printed = json.loads(forked.mnav(*words, *asked).stdout)
        if not asked:
            printed = [{**row, "open": row["open"] == "open"} for row in printed]
        by_key = sorted(printed, key=lambda row: tuple(row[name] for name in key))
        assert as_printed(frame) == by_key
        assert len(by_key) > 6
        assert "object" not in {str(kind) for kind in frame.dtypes}
    assert set(made.summary.index.get_level_values("run")) == {
        "known then 1", "known then 2", "look-ahead", "forward 1", "forward 2",
    }  # fmt: skip
    strategy = made.daily.xs(("MSTR", "known then 1"))
    assert isinstance(strategy, pd.DataFrame)
    assert isinstance(strategy.index, pd.DatetimeIndex)
    assert strategy["total"].iloc[-1] == pytest.approx(strategy["profit"].sum())


def test_a_back_test_of_nothing_is_empty_frames_of_the_same_types(book: mnav.Book) -> None:
    none = book.back_test("MSTR", "mnav_ev > 99", "mnav_ev < 1", "2025-11-03", "2025-11-28", folds=0)
    some = book.back_test("MSTR", "mnav_ev > 1", "mnav_ev < 0.5", "2025-11-03", "2025-11-28", folds=0)
    assert none.trades.empty
    assert not some.trades.empty
    assert none.trades.dtypes.to_dict() == some.trades.dtypes.to_dict()
    assert none.summary["sharpe"].isna().all()
    assert (none.daily["profit"] == 0).all()


def test_what_is_no_back_test_is_said(book: mnav.Book) -> None:
    attempts: tuple[tuple[dict[str, object], str], ...] = (
        ({"enter": "mnav_ev"}, "is not a rule"),
        ({"enter": []}, "no rule to enter by is given"),
        ({"enter": "nope > 1"}, "nope is not a column"),
        ({"enter": "grade > 1"}, "grade is not a column"),
        ({"hedge": "none"}, "'none' is no hedge; there are exact, coin, dollar"),
        ({"notional": 0}, "more than 0 US dollars"),
        ({"fee_bp": -1}, "costs are not below 0"),
        ({"companies": []}, "no company is named"),
        ({"since": "2026-08-31"}, "MSTR has 1 priced close in that stretch; a trade needs 3"),
    )
    for wrong, says in attempts:
        asked: dict[str, Any] = {
            "companies": "MSTR",
            "enter": RULES[0],
            "leave": RULES[1],
            "since": "2025-11-03",
        } | wrong
        with pytest.raises(InputError, match=re.escape(says)):
            book.back_test(**asked)


@pytest.mark.slow
def test_a_study_in_frames_is_that_of_the_verb(book: mnav.Book) -> None:
    made = book.study("SQNS", "mnav_ev", least=2, seed=3)
    words = ["study", "SQNS", "--metric", "mnav_ev", "--least", "2", "--seed", "3", "--json", "--db", book.path]
    assert as_printed(made.summary) == sorted(
        json.loads(forked.mnav(*words).stdout), key=lambda row: (row["metric"], row["kind"], row["closes_after"])
    )
    assert as_printed(made.events) == sorted(
        (
            {name: row[name] for name in ("ticker", "date", "kind", "metric", *row)}
            for row in json.loads(forked.mnav(*words, "--events").stdout)
        ),
        key=lambda row: (row["ticker"], row["date"], row["kind"]),
    )
    assert len(made.events) == 3
