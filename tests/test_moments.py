"""True at the same moment: every row's bitcoin price is the last one before that share's own close, and says of when it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from conftest import Rows
from made import CLOSES, DAY, ORANGE
from made_up import closes as close_sheet
from made_up import company, empty, facts, ground, sheet, store
from sqlite_utils import Database

from db import open_database, prices
from db.derived.valuations import bring_up_to_date, rebuild
from db.reads.bitcoin import newest_price
from db.tables import objects
from treasury.intake.csv_files import read_sheet
from treasury.known.fixings import PUBLISHERS, clock_of, fixing_moment, named
from treasury.model import InputError
from treasury.valuation.inputs import Market

# where and when the exchanges of the bundled prices close; half days as their exchanges announced them
NEW_YORK = ("America/New_York", time(16))
HALF_DAYS = {
    **dict.fromkeys(
        ("2020-11-27", "2020-12-24", "2021-11-26", "2022-11-25", "2023-07-03", "2023-11-24", "2024-07-03", "2024-11-29",
         "2024-12-24", "2025-07-03", "2025-11-28", "2025-12-24"), time(13),
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def hours(reference: Callable[[str], Rows]) -> dict[str, float]:
    """The bundled hourly and half-hourly series by moment, from the file."""
    return {f"{row['date']}T{row['fixing']}:00Z": float(row["close"]) for row in reference("btc_hourly")}


def utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def test_mstr_is_priced_by_the_hour_of_its_close_on_every_day(
    read: sqlite3.Connection, hours: dict[str, float]
) -> None:
    rows = read.execute(
        "SELECT date, btc_price, btc_price_at, btc_fixing FROM mnav_daily WHERE ticker = 'MSTR'"
    ).fetchall()
    assert len(rows) > 1_470
    for row in rows:
        clock = HALF_DAYS.get(row["date"], time(16))
        close = utc(datetime.combine(date.fromisoformat(row["date"]), clock, ZoneInfo(NEW_YORK[0])))
        assert row["btc_price_at"] == close, row["date"]
        assert row["btc_price"] == pytest.approx(hours[close], rel=1e-4), row["date"]
        assert row["btc_fixing"] == ("nyse" if clock == time(16) else "nyse_1300"), row["date"]
    assert {row["date"] for row in rows} >= set(HALF_DAYS)


def test_no_row_has_a_bitcoin_price_from_after_its_close(read: sqlite3.Connection, hours: dict[str, float]) -> None:
    """Of every company: the last reading there is at or before the close of its own exchange, of the last hour."""
    stored = objects.closes(Database(read))
    moments = np.array(sorted(hours))
    rows = read.execute(
        "SELECT c.ticker, c.mic, d.date, d.btc_price, d.btc_price_at FROM mnav_daily d JOIN company c ON c.ticker = d.ticker"
    ).fetchall()
    assert len({row["mic"] for row in rows}) > 5
    for row in rows:
        close = utc(stored.moment(row["mic"], date.fromisoformat(row["date"])))
        last = moments[int(np.searchsorted(moments, close, side="right")) - 1]
        assert row["btc_price_at"] == last <= close, (row["ticker"], row["date"])
        assert row["btc_price"] == hours[last]
        assert datetime.fromisoformat(close) - datetime.fromisoformat(last) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("ticker", "day", "fixing", "moment"),
    [
        ("3350.T", "2024-11-01", "tokyo", "06:00"),  # closed at 15:00 until 2024-11-04
        ("3350.T", "2025-11-10", "tokyo_1530", "06:30"),
        ("0434.HK", "2025-11-10", "hong_kong", "08:00"), ("0434.HK", "2024-12-24", "hong_kong_1200", "04:00"),
        ("DCC.AX", "2025-11-10", "sydney_1600", "05:00"), ("DCC.AX", "2025-07-10", "sydney_1600", "06:00"),
        ("DCC.AX", "2025-12-24", "sydney_1400", "03:00"),
        ("SRAG.DU", "2025-11-10", "frankfurt", "21:00"), ("SRAG.DU", "2025-12-30", "frankfurt_1400", "13:00"),
        ("BTCT.V", "2025-11-28", "nyse", "21:00"), ("BTCT.V", "2025-12-24", "nyse_1300", "18:00"),  # Toronto's own half day
    ],
)  # fmt: skip
def test_the_close_of_each_exchange(read: sqlite3.Connection, ticker: str, day: str, fixing: str, moment: str) -> None:
    row = read.execute(
        "SELECT btc_fixing, btc_price_at FROM mnav_daily WHERE ticker = ? AND date = ?", (ticker, day)
    ).fetchone()
    assert tuple(row) == (fixing, f"{day}T{moment}:00Z")


def test_mstr_on_2025_11_10_at_the_close_and_on_the_publishers_price(read: sqlite3.Connection) -> None:
    """238.88 × 287,355,000 + 8,244m + 6,743m − 54.285m over 641,692 BTC at 105,985.94 (21:00 UTC), or at the dashboard's 105,703.80."""
    row = read.execute("SELECT * FROM mnav_daily WHERE ticker = 'MSTR' AND date = '2025-11-10'").fetchone()
    value = 238.88 * 287_355_000 + 8_244e6 + 6_743_170_000 - 54_285_000
    assert row["mnav_ev"] == pytest.approx(value / (641_692 * 105_985.94), rel=1e-9)
    assert (round(row["mnav_ev"], 3), round(row["implied_premium_usd"] / 1e9, 1)) == (1.229, 15.6)
    theirs = 641_692 * 105_703.80
    assert (round(value / theirs, 3), round((value - theirs) / 1e9, 2)) == (1.232, 15.75)


# -- the series ----------------------------------------------------------------------------------------------------


def test_no_hour_is_missing_and_the_half_hours_are_those_of_closes(reference: Callable[[str], Rows]) -> None:
    rows = reference("btc_hourly")
    moments = [datetime.fromisoformat(f"{row['date']}T{row['fixing']}:00+00:00") for row in rows]
    full = [moment for moment in moments if not moment.minute]
    first, last = datetime(2020, 7, 1, tzinfo=UTC), datetime(2026, 10, 2, 23, tzinfo=UTC)
    assert full == [first + timedelta(hours=ahead) for ahead in range((last - first) // timedelta(hours=1) + 1)]
    assert {row["fixing"] for row in rows if not row["fixing"].endswith(":00")} == {"06:30", "15:30", "16:30"}
    assert len(rows) - len(full) == 4_083
    assert sorted(moments) == moments


def test_the_hourly_series_agrees_with_the_daily_closes_of_other_sources(
    reference: Callable[[str], Rows], hours: dict[str, float]
) -> None:
    """The bundled UTC closes were gathered by others: 0.01 % apart in the middle, half a per cent at worst (2022-11-09)."""
    apart = {}
    for row in reference("btc_usd"):
        if row["fixing"] == "utc":
            midnight = f"{date.fromisoformat(row['date']) + timedelta(days=1)}T00:00:00Z"
            if midnight in hours:
                apart[row["date"]] = abs(hours[midnight] / float(row["close"]) - 1)
    assert len(apart) > 2_200
    assert median(apart.values()) < 1e-4
    assert sorted(apart.values())[int(len(apart) * 0.99)] < 0.002
    assert max(apart.values()) < 0.005


def test_the_dashboards_series_is_the_price_of_midnight_in_new_york(
    reference: Callable[[str], Rows], hours: dict[str, float]
) -> None:
    """Why it is called `strategy` and not `nyse`: it fits 24:00 New York within 0.02 % in the middle, 16:00 only within 0.7 %."""
    midnight, close = [], []
    for row in reference("btc_usd"):
        if row["fixing"] == "strategy":
            day = date.fromisoformat(row["date"])
            at = {
                ahead: utc(datetime.combine(day + timedelta(days=ahead), clock, ZoneInfo(NEW_YORK[0])))
                for ahead, clock in ((0, time(16)), (1, time(0)))
            }
            close.append(abs(float(row["close"]) / hours[at[0]] - 1))
            midnight.append(abs(float(row["close"]) / hours[at[1]] - 1))
    assert len(close) == 1_478
    assert median(midnight) < 2e-4
    assert 0.006 < median(close) < 0.008


# -- fixings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fixing", "day", "moment"),
    [
        ("utc", "2025-11-10", "2025-11-11T00:00:00Z"), ("21:00", "2025-11-10", "2025-11-10T21:00:00Z"),
        ("nyse", "2025-07-10", "2025-07-10T20:00:00Z"), ("nyse", "2025-11-10", "2025-11-10T21:00:00Z"),
        ("nyse_1300", "2025-11-28", "2025-11-28T18:00:00Z"), ("hong_kong", "2025-11-10", "2025-11-10T08:00:00Z"),
        ("london_1630", "2025-07-10", "2025-07-10T15:30:00Z"), ("tokyo", "2025-11-10", "2025-11-10T06:00:00Z"),
    ],
)  # fmt: skip
def test_a_fixing_is_a_moment_of_the_day(fixing: str, day: str, moment: str) -> None:
    assert utc(fixing_moment(fixing, date.fromisoformat(day))) == moment


def test_a_publishers_series_has_no_moment_of_ours() -> None:
    assert [clock_of(fixing) for fixing in PUBLISHERS] == [None] * len(PUBLISHERS)
    assert Market({("strategy", DAY): 1.0}, {}).bitcoin_quote(CLOSES.moment(ORANGE.mic, DAY), NEW_YORK[0]) is None


@pytest.mark.parametrize("fixing", ["nasdaq", "london", "24:00", "9:30", "NYSE", "tokyo_2560", ""])
def test_an_unknown_fixing_is_refused_with_its_line(fixing: str) -> None:
    with pytest.raises(InputError, match=r"file\.csv:2: fixing"):
        read_sheet(["date,fixing,close,source\n", f"2025-11-10,{fixing},100000,market\n"], "file.csv")


def test_names_of_moments_at_places() -> None:
    assert named("America/New_York", 16 * 60) == named("America/Toronto", 16 * 60) == "nyse"
    assert named("Europe/London", 16 * 60 + 30) == "london_1630"
    assert named("Europe/Zurich", 17 * 60 + 20) == "zurich_1720"


# -- of two prices, of gaps and of what is too old -----------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> Database:
    db = empty(tmp_path / "mnav.db")
    ground(db)
    store(db, company("ONE"), facts("ONE", "btc_holdings 2025-01-05 2025-01-05 1000 BTC"))
    return db


def priced(db: Database, *rows: str) -> list[tuple[object, ...]]:
    """What ONE's rows are priced by, with some bitcoin prices more; made whole and step by step alike."""
    store(db, close_sheet("ONE", 15), sheet("btc_price", *rows))
    bring_up_to_date(db)
    told = "SELECT date, btc_price, btc_fixing, btc_price_at FROM mnav_daily WHERE ticker = 'ONE' ORDER BY date"
    found: list[tuple[object, ...]] = db.execute(told).fetchall()
    rebuild(db)
    assert db.execute(told).fetchall() == found
    return found


def test_the_last_reading_at_or_before_the_close_whatever_it_is_called(world: Database) -> None:
    found = priced(
        world,
        "2025-01-06,21:00,101,market", "2025-01-06,21:01,999,market",  # the second is a minute after the close
        "2025-01-07,nyse,102,market", "2025-01-07,21:00,103,market",  # one moment: the one filed under the place stands
        "2025-01-08,20:30,104,market", "2025-01-08,strategy,999,market",  # no price of the close itself, and a publisher's
    )  # fmt: skip
    assert found[:3] == [
        ("2025-01-06", 101, "nyse", "2025-01-06T21:00:00Z"),
        ("2025-01-07", 102, "nyse", "2025-01-07T21:00:00Z"),
        ("2025-01-08", 104, "nyse_1530", "2025-01-08T20:30:00Z"),
    ]
    assert found[3:] == [(day, 100_000, "utc", f"{day}T00:00:00Z") for day in ("2025-01-09", "2025-01-10")]


def test_a_place_where_the_day_ends_in_the_next_utc_day(world: Database) -> None:
    """17:00 in Honolulu is 03:00 UTC of the next day: the prices of that UTC day before it are known."""
    store(
        world,
        "mic,timezone,close_time,valid_from,source,note\nXHON,Pacific/Honolulu,17:00,,market,\n",
        company("TWO", mic="XHON"),
        facts("TWO", "btc_holdings 2025-01-05 2025-01-05 1000 BTC"),
        close_sheet("TWO", 15),
    )
    rebuild(world)
    store(world, sheet("btc_price", "2025-01-08,03:00,77,market", "2025-01-08,04:00,78,market"))
    bring_up_to_date(world)
    rows = "SELECT date, btc_price, btc_price_at FROM mnav_daily WHERE ticker = 'TWO' AND date <= '2025-01-08' ORDER BY date"
    found = world.execute(rows).fetchall()
    assert found[1] == ("2025-01-07", 77, "2025-01-08T03:00:00Z")
    rebuild(world)
    assert world.execute(rows).fetchall() == found


@pytest.mark.parametrize(("last", "price"), [("2025-01-06,22:00", 5), ("2025-01-06,20:00", None)])
def test_a_price_more_than_four_days_old_is_none(tmp_path: Path, last: str, price: float | None) -> None:
    db = empty(tmp_path / "mnav.db")
    ground(db)
    db.execute("DELETE FROM price WHERE symbol = 'BTC'")
    store(
        db,
        company("ONE"),
        facts("ONE", "btc_holdings 2025-01-05 2025-01-05 1000 BTC"),
        close_sheet("ONE", 15, ("2025-01-10",)),
    )
    store(db, sheet("btc_price", f"{last},5,market"))
    rebuild(db)
    (row,) = db.execute(
        "SELECT btc_price, btc_price_at IS NULL, btc_fixing IS NULL, reason FROM mnav_daily WHERE ticker = 'ONE'"
    ).fetchall()
    assert row[:3] == (price, price is None, price is None)
    assert ("MISSING_PRICE" in row[3]) == (price is None)


def test_the_prices_read_for_some_exchanges_value_like_all_of_them(reference_db: Path) -> None:
    """Only hours before closes are read, where each close has one: the kernel's prices are those of the whole series."""
    db = open_database(reference_db)
    every = objects.price_series(db).readings
    (strategy,) = (one for one in objects.companies(db).values() if one.ticker == "MSTR")
    for mics in (["XNAS"], ["XTKS", "XLON"], [None, "XASX", "XHKG"]):
        some = objects.price_series(db, companies=[replace(strategy, mic=mic) for mic in mics]).readings
        closes, days = objects.closes(db), np.arange(18_500, 20_600)
        assert len(some.moment) < len(every.moment) / 3
        for mic in mics:
            moments = closes.seconds(mic, days)
            found, all_found = (
                one.value[np.searchsorted(one.moment, moments, side="right") - 1] for one in (some, every)
            )
            np.testing.assert_array_equal(found, all_found)


def test_the_newest_price_is_the_last_moment_and_no_publishers(world: Database) -> None:
    store(world, sheet("btc_price", "2025-01-11,05:00,7,market", "2025-01-12,strategy,9,market"))
    newest = newest_price(world)
    assert newest is not None
    assert (newest["at"], newest["close"]) == ("2025-01-11 05:00 UTC", 7)


def test_prices_of_a_place_are_the_hours_of_the_utc_day(reference_db: Path) -> None:
    series = prices(open_database(reference_db), "BTC", "nyse")
    assert (series["2025-07-10"], series["2025-11-10"]) == (113_399.95, 105_985.94)
    assert len(series) > 2_200
