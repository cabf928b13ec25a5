"""The same rows on two bitcoin prices: at the share's close, and as the company's own multiple prices it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from db import open_database
from db.derived.views import DAILY_COLUMNS
from db.feeds import charts
from db.reads import repriced, views
from scripts.main import mnav
from treasury.model import InputError
from treasury.publishers.definition import STRATEGY

SPAN = {"since": "2025-02-03", "until": "2025-02-14"}


@pytest.fixture
def db(reference_db: Path) -> Database:
    return open_database(reference_db)


def test_a_multiple_moves_by_the_price_and_what_does_not_depend_on_it_stays(db: Database) -> None:
    columns = [
        "price",
        "btc",
        "btc_price",
        "btc_fixing",
        "enterprise_value",
        "mnav_ev",
        "mnav_low",
        "mnav_net",
        "btc_yield_ytd_pct",
    ]
    ours, theirs = views.daily(db, "MSTR", columns, **SPAN), repriced.daily(db, "MSTR", columns, **SPAN)
    price = views.prices(db, "BTC", STRATEGY)[ours.index]
    assert len(ours) == 10
    assert list(theirs.columns) == columns
    assert set(theirs["btc_fixing"]) == {STRATEGY}
    moments = repriced.daily(db, "MSTR", ["btc_price_at"], **SPAN)["btc_price_at"]
    assert moments.isna().all()  # 24:00 New York is after the close
    np.testing.assert_allclose(theirs["btc_price"], price)
    np.testing.assert_allclose(theirs["mnav_ev"], ours["enterprise_value"] / (ours["btc"] * price), rtol=1e-12)
    np.testing.assert_allclose(
        theirs["mnav_low"] * price, ours["mnav_low"] * ours["btc_price"], rtol=1e-12
    )  # market cap over bitcoin
    for name in ("price", "btc", "enterprise_value", "btc_yield_ytd_pct"):
        pd.testing.assert_series_equal(theirs[name], ours[name])


def test_with_the_prices_exchanged_every_column_is_ours_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Priced at our own close, the remade rows are the stored ones: no column is left behind, none is made another way."""
    columns = [
        name
        for name in DAILY_COLUMNS
        if name not in ("ticker", "date", "btc_fixing", "btc_price_at", *repriced._WITHOUT)
    ]
    ours = views.daily(db, "MSTR", columns, **SPAN)
    monkeypatch.setattr(views, "prices", lambda *_: ours["btc_price"])
    theirs = repriced.daily(db, "MSTR", columns, **SPAN)
    for name in columns:
        if pd.api.types.is_numeric_dtype(ours[name]):
            np.testing.assert_allclose(theirs[name].astype(float), ours[name].astype(float), rtol=1e-9, err_msg=name)
        else:
            assert theirs[name].tolist() == ours[name].tolist(), name


def test_days_without_its_price_are_unknown_and_companies_without_one_are_refused(db: Database) -> None:
    after = repriced.daily(db, "MSTR", ["mnav_ev", "price"], since="2020-08-03", until="2020-08-07")
    assert after["mnav_ev"].isna().all()
    assert after["price"].notna().all()
    with pytest.raises(InputError, match=r"no bitcoin price of its own is known of 3350\.T"):
        repriced.daily(db, "3350.T", ["mnav_ev"])
    with pytest.raises(InputError, match="the bars are of our own multiple"):
        repriced.daily(db, "MSTR", ["mnav_ev_low"])


@pytest.mark.slow
def test_the_verbs_take_it_and_the_chart_says_so(reference_db: Path, tmp_path: Path, db: Database) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(mnav, ["--db", str(reference_db), *arguments], prog_name="mnav")
        return done.exit_code, done.output if done.exit_code else done.stdout

    status, told = run(
        "history",
        "MSTR",
        "--metric",
        "mnav_ev",
        "--bitcoin-price",
        "publisher",
        "--since",
        "2025-02-07",
        "--until",
        "2025-02-07",
        "--json",
    )
    assert status == 0, told
    (row,) = json.loads(told)
    assert row["mnav_ev"] == pytest.approx(repriced.daily(db, "MSTR", ["mnav_ev"], **SPAN).loc["2025-02-07", "mnav_ev"])
    picture = tmp_path / "published.svg"
    status, told = run("plot", "mnav", "MSTR", "--bitcoin-price", "publisher", "-o", str(picture))
    assert status == 0, told
    assert "at the close" in picture.read_text(encoding="utf-8")
    frame = charts.multiples(db, ["MSTR"], "mnav_ev", bitcoin_price="publisher", **SPAN)
    np.testing.assert_allclose(frame["value"], repriced.daily(db, "MSTR", ["mnav_ev"], **SPAN)["mnav_ev"])
    for wrong in (
        ["plot", "capital", "MSTR", "--bitcoin-price", "publisher"],
        ["plot", "stack", "MSTR", "--bitcoin-price", "publisher"],
    ):
        assert run(*wrong)[0] == 2, wrong
    assert run("history", "3350.T", "--bitcoin-price", "publisher")[0] == 1
