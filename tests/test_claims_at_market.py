"""Preferred stock at market instead of at what it is owed, and the range of an EV multiple of which one claim is not known."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import made
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from made_up import DAYS, closes, company, empty, facts, ground, sheet, store
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import bring_up_to_date, rebuild
from db.reads.published_multiple import subject
from scripts.main import mnav
from treasury.known.resolve import resolve
from treasury.known.vectorised import states
from treasury.metrics.claim_range import claim_range
from treasury.publishers.bridge import bridge
from treasury.publishers.definition import CLOSE, STRATEGY, Multiple
from treasury.publishers.definitions import BY_ID
from treasury.valuation.inputs import inputs_at
from treasury.valuation.vectorised import Days, Prices, columns, value

DAY = "2026-06-26"


def test_strategys_preferred_stock_at_market(read: sqlite3.Connection) -> None:
    """Four series owed $14.58bn are worth $10.41bn; the fifth has no close and stands at the $0.89bn it is owed."""
    row = read.execute("SELECT * FROM mnav_daily WHERE ticker = 'MSTR' AND date = ?", [DAY]).fetchone()
    assert row["preferred_at_market"] == pytest.approx(10.41e9 + 888.9e6, abs=5e6)
    assert row["mnav_ev_at_market"] == pytest.approx(0.913, abs=0.0005)
    assert row["implied_premium_at_market_usd"] < row["implied_premium_usd"] < 0
    assert "AT_PREFERENCE:stre" in row["reason"].split()


@pytest.mark.parametrize(("fixing", "multiple"), [(STRATEGY, 0.905), (CLOSE, 0.913)])
def test_on_the_publishers_bitcoin_price(reference_db: Path, fixing: str, multiple: float) -> None:
    found = Multiple("mnav_ev_at_market", fixing).on(subject(open_database(reference_db), "MSTR", DAY))
    assert found.value == pytest.approx(multiple, abs=0.001)
    assert found.note == "at liquidation preference: stre"


def test_the_bridge_takes_each_series_to_its_own_close(reference_db: Path) -> None:
    on = subject(open_database(reference_db), "MSTR", DAY)
    made = bridge(BY_ID["mnav-ev-at-market"], on)
    market = {term.term: term.delta for term in made.terms if term.term.startswith("at market")}
    assert list(market) == [f"at market: {name}" for name in ("strf", "strc", "strk", "strd")]
    values = on.values()
    assert made.total == pytest.approx(values["mnav_ev_at_market"], rel=1e-12)
    assert sum(market.values()) == pytest.approx(
        (values["mnav_ev_at_market"] or 0) - (values["mnav_ev"] or 0), rel=1e-9
    )


def test_a_day_without_any_close_of_a_series_has_no_market(read: sqlite3.Connection) -> None:
    """The bundled closes end on 26 June; three days later they are of another market, whatever their age."""
    row = read.execute("SELECT * FROM mnav_daily WHERE ticker = 'MSTR' AND date = '2026-06-29'").fetchone()
    assert (row["preferred_at_market"], row["mnav_ev_at_market"]) == (None, None)
    assert "PREFERRED_UNPRICED" in row["reason"].split()
    assert row["mnav_ev"] is not None


@pytest.mark.parametrize(("told", "worth"), [(0.0, 0.0), (1.0, None), (None, 0.0)])
def test_without_a_series_only_nought_is_worth_something_known(told: float | None, worth: float | None) -> None:
    """A zero that was filed, or a list of claims that is whole and has no series."""
    told_of = [made.fact("btc_holdings", 10.0), *([] if told is None else [made.fact("preferred_total", told)])]
    state = resolve(made.ORANGE, made.DAY, told_of, [], [], made.CLOSES)
    plain = inputs_at(state, made.ORANGE, 15.0, made.DAY, made.CLOSES, made.market(1e5))
    known = states([made.ORANGE], [], [], made.columns(told_of), made.CLOSES)
    asked = Days(np.array([0]), np.array([(made.DAY - date(1970, 1, 1)).days]), np.array([15.0]))
    kernel = columns(known, value([made.ORANGE], known, asked, Prices({}, {}, {}), made.CLOSES))["preferred_at_market"]
    assert plain["preferred_at_market"] == worth
    assert kernel.tolist() == [pytest.approx(np.nan if worth is None else worth, nan_ok=True)]


SERIES = ",".join(["{0}", "{1}", "preferred", "{2}", "2024-12-02", *[""] * 11, "filings"])
STATED = (
    "btc_holdings 2025-01-02 - 10 BTC",
    "shares_basic 2025-01-02 - 1000000 shares",
    "debt_total 2025-01-02 - 100000 USD",
    "cash 2025-01-02 - 50000 USD",
)


@pytest.fixture
def world(tmp_path: Path) -> Database:
    """ONE holds 10 bitcoin of 100,000; series `a` is owed 400,000, `b` of ¥ 10m (100,000 USD), and b's closes are in yen."""
    db = empty(tmp_path / "mnav.db")
    ground(db)
    store(
        db, company("ONE"), closes("ONE", 0.5), sheet("instrument", SERIES.format("ONE", "a", "USD"), SERIES.format("ONE", "b", "JPY")),
        facts("ONE", *STATED, "liquidation_preference/a 2025-01-02 - 400000 USD", "liquidation_preference/b 2025-01-02 - 10000000 JPY",
              "stated_amount/a 2024-12-02 - 100 USD", "stated_amount/b 2024-12-02 - 1000 JPY"),
        sheet("instrument_price", *(f"ONE,a,{day},{price},USD,market" for day, price in zip(DAYS, (90, 80, 70, 60, 50), strict=True)
                                    if day != "2025-01-08")),
    )  # fmt: skip
    rebuild(db)
    return db


def at_market(db: Database) -> dict[str, tuple[Any, ...]]:
    rows = db.execute("SELECT date, preferred, preferred_at_market, reason FROM mnav_daily ORDER BY date").fetchall()
    return {day: (preferred, worth, reason) for day, preferred, worth, reason in rows}


def test_a_series_counts_at_its_own_close_or_what_it_is_owed(world: Database) -> None:
    found = at_market(world)
    assert found["2025-01-06"] == (500_000, 460_000, "AT_PREFERENCE:b")
    assert found["2025-01-10"] == (500_000, 300_000, "AT_PREFERENCE:b")
    assert found["2025-01-08"][1:] == (None, "PREFERRED_UNPRICED")  # nothing of that day


def test_a_close_in_another_currency_counts_from_the_day_after(world: Database) -> None:
    """Its exchange's hours are not known: Tokyo's close of a day may be before or after ours."""
    store(world, sheet("instrument_price", "ONE,b,2025-01-07,500,JPY,market"))
    bring_up_to_date(world)
    found = {day: worth for day, (_, worth, _) in at_market(world).items()}
    assert found["2025-01-07"] == 400_000 * 0.8 + 100_000
    assert found["2025-01-09"] == 400_000 * 0.6 + 50_000  # on the 8th there was no close of the day
    assert found["2025-01-08"] is None


def test_a_price_told_later_values_its_days_again_as_a_rebuild_does(world: Database) -> None:
    store(world, sheet("instrument_price", "ONE,a,2025-01-08,65,USD,market"))
    assert bring_up_to_date(world) > 0
    by_change = at_market(world)
    rebuild(world)
    assert by_change == at_market(world)
    assert by_change["2025-01-08"][1] == 360_000


def test_strives_multiple_waits_for_a_price_and_takes_it(tmp_path: Path) -> None:
    """EV/TAV: (500,000 + 100,000 + 320,000 − 50,000) / (1,000,000 + 50,000), preferred stock of 400,000 at 80."""
    db = empty(tmp_path / "mnav.db")
    ground(db)
    terms = sheet("instrument", SERIES.format("ASST", "sata", "USD"))
    owed = ("liquidation_preference/sata 2025-01-02 - 400000 USD", "stated_amount/sata 2024-12-02 - 100 USD")
    store(db, company("ASST"), closes("ASST", 0.5), terms, facts("ASST", *STATED, *owed))
    rebuild(db)
    definition = BY_ID["strive-ev-tav"]
    assert definition.on(subject(db, "ASST")).reason == "MISSING_PREFERRED_MARKET_PRICE"
    store(db, sheet("instrument_price", "ASST,sata,2025-01-10,80,USD,market"))
    bring_up_to_date(db)
    found = definition.on(subject(db, "ASST"))
    assert found.value == pytest.approx(870_000 / 1_050_000)
    assert found.note == "without marketable securities: no fact on them"
    store(db, facts("ASST", "marketable_securities 2025-01-03 - 60000 USD"))
    bring_up_to_date(db)
    assert definition.on(subject(db, "ASST")).value == pytest.approx(810_000 / 1_110_000)


# -- where one claim is not known ----------------------------------------------------------------------------------


def ranges(db: Database) -> tuple[Any, ...]:
    told: tuple[Any, ...] = db.execute(
        "SELECT mnav_ev, mnav_ev_min, mnav_ev_max, mnav_ev_unclear FROM mnav_daily WHERE date = '2025-01-10'"
    ).fetchone()
    return told


@pytest.mark.parametrize(
    ("complete", "without", "more", "expected"),
    [
        ("no", "", (), (None, 0.55, None, "preferred")),  # nobody said anything of preferred stock
        ("no", "", ("liquidation_preference/a 2025-01-02 - 400000 USD",), (None, 0.55, 0.95, "preferred")),
        ("no", "debt_total", ("preferred_total 2025-01-02 - 0 USD", "principal/note 2025-01-02 - 30000 USD"), (None, 0.45, 0.48, "debt")),
        ("no", "cash", ("preferred_total 2025-01-02 - 0 USD",), (None, None, 0.6, "cash")),
        ("no", "cash", (), (None, None, None, None)),  # two are not known
        ("no", "", ("preferred_total 2025-01-02 - 0 USD",), (0.55, None, None, None)),
    ],
)  # fmt: skip
def test_the_claim_that_is_not_known_is_left_out_and_put_in(
    tmp_path: Path, complete: str, without: str, more: tuple[str, ...], expected: tuple[Any, ...]
) -> None:
    db = empty(tmp_path / "mnav.db")
    ground(db)
    note = SERIES.format("ONE", "note", "USD").replace("preferred", "convertible")
    stated = [one for one in STATED if not without or not one.startswith(without)]
    store(
        db, company("ONE", complete=complete), closes("ONE", 0.5),
        sheet("instrument", SERIES.format("ONE", "a", "USD"), note), facts("ONE", *stated, *more),
    )  # fmt: skip
    rebuild(db)
    assert ranges(db) == pytest.approx(expected)


@pytest.mark.slow
def test_the_view_and_python_tell_the_same_ranges(read: sqlite3.Connection) -> None:
    columns = "debt, preferred, cash, btc_nav, market_cap, debt_stated, preferred_stated, mnav_ev, mnav_ev_min, mnav_ev_max, mnav_ev_unclear"
    daily = pd.read_sql_query(f"SELECT {columns} FROM mnav_daily", read)
    wanted = claim_range(daily)
    for name in ("mnav_ev_min", "mnav_ev_max"):
        np.testing.assert_allclose(daily[name].astype(float), wanted[name].astype(float), rtol=1e-12)
    assert daily["mnav_ev_unclear"].fillna("").tolist() == wanted["mnav_ev_unclear"].fillna("").tolist()
    assert not (daily["mnav_ev"].notna() & daily["mnav_ev_unclear"].notna()).any()
    assert (
        (daily["mnav_ev_max"] >= daily["mnav_ev_min"])
        .loc[daily[["mnav_ev_min", "mnav_ev_max"]].notna().all(axis=1)]
        .all()
    )


def test_the_card_tells_both(reference_db: Path) -> None:
    def card(*words: str) -> str:
        return CliRunner().invoke(mnav, ["--db", str(reference_db), "show", *words], prog_name="mnav").stdout

    told = card("MSTR", "--on", DAY)
    assert "at market  preferred $11.30bn, 27.0 % below what it is owed · EV mNAV 0.913x" in told
    assert "count at liquidation preference: stre" in told
    assert "EV without preferred, which is not known, 7.212x: at least that" in card("GLXY", "--on", "2026-08-21")
