"""Attribution sums exactly, over splits and currencies, on every company; and its parts are the ones worked out by hand."""

from __future__ import annotations

import json
import math
import sqlite3
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from db import open_database
from db.reads import views
from treasury.studies.attribution import ATTRIBUTION_INPUTS, MEASURES, PARTS, Attribution, attribute, links, shapley

EXACT = 1e-9


def two_closes(**changed: float) -> pd.DataFrame:
    """100 BTC at $100,000, 1m shares at $15, claims of $2m net; and the same with what changed."""
    first = {
        "price": 15.0, "fx": 1.0, "btc_price": 100_000.0, "btc": 100.0, "shares_basic": 1e6, "debt": 2e6, "preferred": 1e6,
        "cash": 1e6, "split_factor": 1.0,
    }  # fmt: skip
    return pd.DataFrame([first, first | changed], index=pd.to_datetime(["2025-01-06", "2025-01-07"]))[
        list(ATTRIBUTION_INPUTS)
    ]


def of(rows: list[Attribution], model: str, measure: str, unit: str = "money") -> Attribution:
    (found,) = [one for one in rows if (one.model, one.measure, one.unit) == (model, measure, unit)]
    return found


def test_metrics_7_1_worked_example(read: sqlite3.Connection, reference_db: Path) -> None:
    """docs/metrics.md 7.1, MSTR 2025-07-16 to 2025-11-07: −63.4 % = −13.9 % bitcoin + 4.4 % bitcoin per share − 53.9 % multiple (there on UTC closes)."""
    frame = views.daily(open_database(reference_db), "MSTR", ATTRIBUTION_INPUTS, since="2025-07-16", until="2025-11-07")
    log = of(attribute(frame), "basic", "price", "log")
    assert log.move == pytest.approx(-0.634, abs=0.0005)
    parts = {name: part for name, part in log.parts.items() if part is not None}
    assert parts["purchases"] + parts["issuance"] == pytest.approx(0.044, abs=0.001)
    assert parts["bitcoin"] == pytest.approx(-0.139, abs=0.005)
    assert parts["multiple"] == pytest.approx(-0.539, abs=0.005)


def test_one_factor_alone_gets_the_whole_move() -> None:
    """Twice the shares at half the price: all of it issuance. Bitcoin up a tenth, EV multiple kept: EV 17m → 18.7m, price 16.70."""
    halved = of(attribute(two_closes(price=7.5, shares_basic=2e6)), "basic", "price")
    assert halved.parts["issuance"] == pytest.approx(-7.5)
    assert halved.parts["multiple"] == pytest.approx(0, abs=1e-12)
    rise = of(attribute(two_closes(price=16.7, btc_price=110_000.0)), "ev", "price")
    assert rise.parts["bitcoin"] == pytest.approx(1.7)
    assert rise.parts["multiple"] == pytest.approx(0, abs=1e-12)
    borrowed = of(attribute(two_closes(price=14.0, debt=3e6)), "ev", "price")
    assert borrowed.parts["claims"] == pytest.approx(-1.0)  # $1m more ahead of 1m shares


def test_claims_paid_in_shares_and_currency_by_hand() -> None:
    """Yen worth half as much: the price in dollars is 7.50 for the same 15 yen, so fx +15 log-wise and multiple the opposite."""
    frame = two_closes(fx=0.5)
    local = of(attribute(frame), "basic", "price", "log")
    assert local.parts["fx"] == pytest.approx(math.log(2))
    assert local.parts["multiple"] == pytest.approx(-math.log(2))
    assert of(attribute(frame), "basic", "price_usd", "log").parts["fx"] == 0.0


def test_a_split_is_no_move() -> None:
    """Ten for one: price 1.50, ten million shares. Nothing happened to the holder."""
    for one in attribute(two_closes(price=1.5, shares_basic=1e7, split_factor=10.0)):
        assert one.move == pytest.approx(0, abs=1e-6)
        assert all(abs(part) < 1e-6 for part in one.parts.values() if part is not None)


@pytest.mark.parametrize("lacking", ["cash", "shares_basic", "btc_price"])
def test_an_unknown_factor_gives_unknown_with_the_reason(lacking: str) -> None:
    frame = two_closes(**{lacking: float("nan")})
    row = of(attribute(frame), "ev", "price")
    assert row.move is None
    assert set(row.parts.values()) == {None}
    assert row.reason == f"{lacking} unknown on 2025-01-07"
    basic = of(attribute(frame), "basic", "price")
    assert (basic.move is None) == (lacking != "cash")


def test_no_bitcoin_or_a_negative_enterprise_value_is_not_split() -> None:
    assert "zero or less" in of(attribute(two_closes(btc=0.0)), "basic", "price").reason
    rich = of(attribute(two_closes(cash=9e7)), "ev", "price")
    assert rich.move is None
    assert "enterprise value" in rich.reason


def test_shapley_of_a_product_by_hand() -> None:
    """2 × 3 → 4 × 5: moving the first adds 2 × (3 + 5) / 2 = 8, the second 2 × (2 + 4) / 2 = 6; together 14."""
    one = np.array([2.0]), np.array([4.0])
    two = np.array([3.0]), np.array([5.0])
    parts = shapley({"one": one, "two": two}, ["one", "two"], lambda of: of["one"] * of["two"])
    assert parts["one"] == pytest.approx([8.0])
    assert parts["two"] == pytest.approx([6.0])


@pytest.mark.slow
def test_every_company_and_many_spans_of_the_reference_data_sum_exactly(reference_db: Path) -> None:
    db = open_database(reference_db)
    told = 0
    tickers = [
        ticker for (ticker,) in db.execute("SELECT DISTINCT symbol FROM price WHERE fixing = 'close'").fetchall()
    ]
    for ticker in tickers:
        frame = views.daily(db, ticker, ATTRIBUTION_INPUTS)
        frame = frame.loc[
            frame.dropna(subset=["btc", "shares_basic", "btc_price"]).first_valid_index() or frame.index[-1] :
        ]
        if len(frame) < 2:
            continue
        cuts = sorted({*np.linspace(0, len(frame) - 1, 7).astype(int).tolist(), len(frame) - 2})
        spans = [(0, len(frame) - 1), *pairwise(cuts)]
        for low, high in spans:
            for one in attribute(frame.iloc[low : high + 1]):
                assert (one.move is None) == bool(one.reason)
                if one.move is None:
                    continue
                told += 1
                assert one.residual is not None
                assert one.residual == 0.0, (ticker, low, high, one)  # no rounding of sums is printed
                scale = 1.0 if one.unit == "log" else one.start
                assert scale is not None
                total = sum(part for part in one.parts.values() if part is not None)
                assert abs(total - one.move) / scale < EXACT
    assert told > 1000


@pytest.mark.parametrize("ticker", ["MSTR", "3350.T", "ASST"])
def test_daily_parts_add_up_to_the_span(ticker: str, reference_db: Path) -> None:
    """Over MSTR's 10:1, Metaplanet's two splits and Strive's 1:20."""
    frame = views.daily(open_database(reference_db), ticker, ATTRIBUTION_INPUTS)
    known = frame.dropna(subset=["btc", "shares_basic", "btc_price", "fx"])
    frame = frame.loc[known.index[0] : known.index[-1]]
    for one in attribute(frame):
        if one.move is None:
            continue
        daily = links(frame, one.model, one.measure, one.unit)
        for name in PARTS:
            part = one.parts[name]
            if part is not None and one.start is not None:
                scale = 1.0 if one.unit == "log" else one.start
                assert abs(daily[name].sum() - part) / scale < EXACT
        # the log parts of many days are those of the two ends alone
        if one.unit == "log":
            ends = of(attribute(frame.iloc[[0, -1]]), one.model, one.measure, "log")
            assert ends.parts["multiple"] == pytest.approx(one.parts["multiple"], abs=EXACT)


def test_the_verb_prints_every_measure_in_both_currencies(reference_db: Path) -> None:
    from scripts.attribution import command

    arguments = ["3350.T", "--from", "2025-06-20", "--to", "2025-11-07", "--db", str(reference_db), "--json"]
    rows = json.loads(CliRunner().invoke(command, arguments).stdout)
    assert {row["measure"] for row in rows} == set(MEASURES)
    cap = next(row for row in rows if (row["model"], row["measure"], row["unit"]) == ("basic", "market_cap", "log"))
    assert cap["currency"] == "JPY"
    assert math.exp(cap["move"]) - 1 == pytest.approx(-0.557, abs=0.001)  # facts/README: falls 55.7 %
    daily = json.loads(CliRunner().invoke(command, [*arguments, "--daily"]).stdout)
    assert daily[-1]["end"] == 415
    assert all(row["residual"] == 0.0 for row in daily)
