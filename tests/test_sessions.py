"""Shut and short days: the bundled table, closes on short days, and no row for a day without a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from made_up import closes as close_sheet
from made_up import company, facts, store
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import bring_up_to_date, rebuild
from db.tables import for_scraping, objects
from treasury.intake.bundled import bundled_calendars, bundled_sessions
from treasury.known.closing_times import Closes, Hours, local_moment, local_seconds
from treasury.model import InputError

EXCHANGE = "mic,timezone,close_time,valid_from,source,note"
EPOCH = date(1970, 1, 1).toordinal()
BLACK_FRIDAY = "2025-11-28"  # New York closed at 13:00


@pytest.fixture
def world(bundled: Database) -> Database:
    """The reference data, and a company of one's own in New York."""
    db = bundled
    store(
        db,
        "id,kind,title,url,licence_note\nfilings,filing,Form 8-K,,\nmarket,market,Closing prices,,\n",
        company("ORNG"),
        facts(
            "ORNG", "btc_holdings 2025-11-24 2025-11-25 1000 BTC", "shares_basic 2025-11-24 2025-11-25 10000000 shares"
        ),
    )
    return db


@pytest.fixture(scope="module")
def closes(loaded: Path) -> Closes:
    return objects.closes(open_database(loaded))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::Warning:exchange_calendars")
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # of pandas calls in exchange_calendars 4.13
def test_the_table_is_what_exchange_calendars_says() -> None:
    """After an update of that package: `python -m scripts.sessions`, and look at what changes."""
    pytest.importorskip("exchange_calendars")
    from scripts.sessions.__main__ import SESSIONS, table

    assert SESSIONS.read_text(encoding="utf-8") == table()


def test_every_exchange_has_a_calendar_or_is_named_as_without_one() -> None:
    data = Path(__file__).parent.parent / "DATA.md"
    (line,) = [one for one in data.read_text(encoding="utf-8").splitlines() if "no calendar" in one]
    without = {mic for mic, (calendar, _) in bundled_calendars().items() if calendar is None}
    assert without == {"AQSE", "GROW", "MERK", "XADS", "XBAH"}
    assert all(mic in line for mic in without)
    assert {calendar for calendar, _ in bundled_calendars().values() if calendar} == set(bundled_sessions())


# as the exchanges announced them: nyse.com, tsx.com, londonstockexchange.com, euronext.com, xetra.com, asx.com.au, hkex.com.hk
@pytest.mark.parametrize(
    ("mic", "day", "clock"),
    [
        ("XNAS", "2025-11-28", "18:00"), ("XNYS", "2024-07-03", "17:00"), ("XASE", "2024-12-24", "18:00"),
        ("XTSX", "2024-12-24", "18:00"), ("XCNQ", "2025-11-28", "21:00"),  # Canada trades on Thanksgiving's Friday
        ("XLON", "2024-12-24", "12:35"), ("ALXP", "2024-12-31", "13:05"), ("XETR", "2024-12-30", "13:05"),
        ("XDUS", "2025-12-30", "13:00"), ("XASX", "2024-12-24", "03:10"), ("XGEM", "2024-12-31", "04:00"),
        ("XSAT", "2025-10-31", "12:00"), ("XOSL", "2025-04-16", "11:05"), ("XIST", "2024-10-28", "09:40"),
        ("XNAS", "2025-11-26", "21:00"), ("XLON", "2025-01-02", "16:35"), ("XTKS", "2025-12-30", "06:30"),
        ("BVMF", "2025-07-01", "20:00"), ("BVMF", "2025-12-01", "21:00"),  # 17:00 and 18:00 in Sao Paulo: with New York
    ],
)  # fmt: skip
def test_closes_of_short_and_whole_days(closes: Closes, mic: str, day: str, clock: str) -> None:
    when = date.fromisoformat(day)
    expected = datetime.combine(when, time.fromisoformat(clock), UTC)
    assert closes.moment(mic, when) == expected
    (seconds,) = closes.seconds(mic, np.array([when.toordinal() - EPOCH]))
    assert seconds == expected.timestamp()
    assert closes.is_session(mic, when)


@pytest.mark.parametrize(
    ("mic", "day"),
    [
        ("XASX", "2025-04-25"), ("XNAS", "2025-01-09"), ("XTKS", "2025-01-03"), ("XTSE", "2025-07-01"), ("XHKG", "2025-01-29"),
        ("XLON", "2025-05-05"), ("XNAS", "2025-11-29"), ("BVMF", "2025-03-04"),
    ],
)  # fmt: skip
def test_days_without_a_session(closes: Closes, mic: str, day: str) -> None:
    assert not closes.is_session(mic, date.fromisoformat(day))


def test_days_and_closes_at_once_are_those_of_each_day(closes: Closes) -> None:
    days = np.arange(date(2020, 1, 1).toordinal(), date(2028, 3, 1).toordinal()) - EPOCH
    for mic in (*bundled_calendars(), None):
        every = [date.fromordinal(int(day) + EPOCH) for day in days]
        assert closes.open_on(mic, days).tolist() == [closes.is_session(mic, day) for day in every], mic
        assert closes.seconds(mic, days).tolist() == [int(closes.moment(mic, day).timestamp()) for day in every], mic


def test_many_days_close_as_each_does_wherever_the_first_and_last_of_them_lie() -> None:
    for count in (1, 255, 256, 257):
        for first in range(19_968 - 2, 19_968 + 2):  # about a multiple of 256
            days = np.arange(first, first + count)
            each = [local_moment("Europe/London", time(16, 30), date.fromordinal(EPOCH + int(day))) for day in days]
            assert local_seconds("Europe/London", time(16, 30), days).tolist() == [one.timestamp() for one in each]


def test_an_exchange_nobody_described_is_named_and_a_company_without_one_closes_with_the_day() -> None:
    with pytest.raises(InputError, match="no closing time is known for exchange 'XNOP'"):
        Closes([]).moment("XNOP", date(2025, 11, 10))
    assert Closes([]).moment(None, date(2025, 11, 10)) == datetime(2025, 11, 10, 23, 59, tzinfo=UTC)


def test_a_weekend_day_in_the_table_is_open() -> None:
    saturday, monday = date(2025, 2, 1), date(2025, 2, 3)
    closes = Closes(
        [Hours("XBOM", "Asia/Kolkata", time(15, 30), calendar="C")], {"C": {saturday: time(15, 30), monday: None}}
    )
    assert closes.is_session("XBOM", saturday)
    assert not closes.is_session("XBOM", monday)
    assert closes.open_on("XBOM", np.array([saturday.toordinal() - EPOCH, monday.toordinal() - EPOCH])).tolist() == [
        True,
        False,
    ]


def test_a_short_day_ends_when_the_table_says_and_after_an_auction_where_there_is_one() -> None:
    friday = date(2025, 11, 28)
    hours = Hours("XNYS", "America/New_York", time(16, 0), calendar="C")
    for told, clock in ((hours, "13:00"), (replace(hours, auction_minutes=10), "13:10")):
        closes = Closes([told], {"C": {friday: time(13, 0)}})
        assert f"{closes.moment('XNYS', friday).astimezone(ZoneInfo('America/New_York')):%H:%M}" == clock


def test_an_imported_close_of_a_day_without_a_session_is_refused_with_its_line(world: Database) -> None:
    with pytest.raises(
        InputError, match=r"file0\.csv:3: XNAS was shut on 2025-11-27, so ORNG has no close of that day"
    ):
        store(world, close_sheet("ORNG", 15, ("2025-11-26", "2025-11-27", BLACK_FRIDAY)))
    assert world.execute("SELECT count(*) FROM price WHERE symbol = 'ORNG'").fetchone() == (0,)


def test_a_scraped_close_of_a_day_without_a_session_is_kept_out(world: Database) -> None:
    history = for_scraping.history(world)
    assert (
        history.why_not_price("ORNG", date(2025, 11, 27), 15, "USD")
        == "XNAS was shut on 2025-11-27: no close can be of that day"
    )
    assert history.why_not_price("ORNG", date(2025, 11, 28), 15, "USD") is None


@pytest.mark.slow
def test_a_close_stored_for_a_shut_day_makes_no_row(world: Database) -> None:
    """Older databases hold some: DCC.AX of 2025-04-25 came with the bundle."""
    world.execute(
        "INSERT INTO price (symbol, date, fixing, close, currency, source) VALUES ('DCC.AX', '2025-04-25', 'close', 0.2, 'AUD', 'market')"
    )
    rebuild(world)
    found = "SELECT date FROM mnav_daily WHERE ticker = 'DCC.AX' AND date BETWEEN '2025-04-24' AND '2025-04-28' ORDER BY date"
    assert world.execute(found).fetchall() == [("2025-04-24",), ("2025-04-28",)]


@pytest.mark.slow
def test_a_fact_of_the_afternoon_of_a_half_day_counts_from_the_next_close(world: Database) -> None:
    """14:30 New York on the day after Thanksgiving: the exchange had closed at 13:00."""
    store(
        world,
        close_sheet("ORNG", 15, ("2025-11-26", BLACK_FRIDAY, "2025-12-01")),
        facts("ORNG", f"btc_holdings {BLACK_FRIDAY} {BLACK_FRIDAY}T19:30:00Z 20000 BTC"),
    )
    rebuild(world)
    rows = "SELECT date, btc FROM mnav_daily WHERE ticker = 'ORNG' ORDER BY date"
    assert world.execute(rows).fetchall() == [("2025-11-26", 1000), (BLACK_FRIDAY, 1000), ("2025-12-01", 20000)]


def test_an_exchange_of_ones_own_has_its_own_days_and_the_short_days_that_are_known(tmp_path: Path) -> None:
    """On an empty database somebody describes New York without a calendar: half days are half days all the same."""
    db = open_database(tmp_path / "mnav.db", writable=True)
    store(
        db,
        "id,kind,title,url,licence_note\nfilings,filing,Form 8-K,,\nmarket,market,Closing prices,,\n",
        f"{EXCHANGE}\nXNAS,America/New_York,16:00,,market,\n",
        company("ORNG"),
        close_sheet("ORNG", 15, ("2025-11-27", BLACK_FRIDAY)),
    )
    own = objects.closes(db)
    assert own.is_session("XNAS", date(2025, 11, 27))
    assert own.moment("XNAS", date(2025, 11, 28)) == datetime(2025, 11, 28, 18, tzinfo=UTC)


def test_a_file_without_the_later_columns_leaves_the_calendar_as_it_is(world: Database) -> None:
    store(world, f"{EXCHANGE}\nXLON,Europe/London,16:30,,market,mine\n")
    told = "SELECT close_time, note, calendar, auction_minutes FROM exchange WHERE mic = 'XLON'"
    assert world.execute(told).fetchall() == [("16:30", "mine", "XLON", 5)]


@pytest.mark.slow
def test_another_calendar_values_everything_again(world: Database) -> None:
    store(
        world,
        close_sheet("ORNG", 15, (BLACK_FRIDAY,)),
        facts("ORNG", f"btc_holdings {BLACK_FRIDAY} {BLACK_FRIDAY}T19:30:00Z 20000 BTC"),
    )
    rebuild(world)
    toronto = "XNAS,America/New_York,16:00,,market,,XTSE,"  # whose Black Friday is a whole day
    store(world, f"{EXCHANGE},calendar,auction_minutes\n{toronto}\n")
    bring_up_to_date(world)
    assert world.execute("SELECT btc FROM mnav_daily WHERE ticker = 'ORNG'").fetchall() == [(20000,)]
