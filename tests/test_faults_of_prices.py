"""Price series as publishers get them wrong: each fault by its name, scraped from end to end, and real moves that stay."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from charted import chart, closes_of, kept_out, on, scraped, sessions, splits_of, waiting, world
from made_up import sheet

from scrapers.sources.coinbase import CANDLES
from treasury.intake.lone_prices import lone_prices
from treasury.intake.price_steps import Doubted, doubts
from treasury.model import Document
from treasury.splits import is_split_ratio

DAYS = sessions(40)
SPLIT_DAY = DAYS[20]
REVERSE = sheet("split", f"ORNG,{SPLIT_DAY},1,10,filings,")
QUOTED = on(DAYS, [2.0] * 20 + [20.0] * 20)


def market(*closes: float) -> list[float]:
    """Twelve calm closes before those given."""
    return [closes[0] * (1.01 if at % 2 else 1.0) for at in range(12)] + list(closes)


# -- splits --------------------------------------------------------------------------------------------------------


def test_a_stored_split_that_the_answer_forgets_is_undone_all_the_same(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db", REVERSE)
    scraped(db, tmp_path, chart([20.0] * 40, splits={SPLIT_DAY: (1, 10)}))
    assert closes_of(db) == QUOTED
    scraped(db, tmp_path, chart([20.0] * 41))
    assert closes_of(db) == {**QUOTED, sessions(41)[-1]: 20.0}
    assert not kept_out(db)


def test_events_lost_without_a_stored_split_rewrite_nothing(tmp_path: Path) -> None:
    """Stored as quoted before the split; the next answer is adjusted for a split that nobody lists."""
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, chart([2.0] * 20), chart([20.0] * 21))
    assert closes_of(db) == on(DAYS[:20], [2.0] * 20)
    assert len(kept_out(db)) == 21
    assert all("split" in reason for reason in kept_out(db).values())


def test_closes_not_adjusted_for_a_forgotten_split_stay_as_quoted(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db", REVERSE)
    scraped(db, tmp_path, chart([2.0] * 20 + [20.0] * 20))
    assert closes_of(db) == QUOTED


@pytest.mark.parametrize("before", [20.0, 0.2])
def test_a_ratio_upside_down_gives_way_to_the_filed_split(tmp_path: Path, before: float) -> None:
    """Whether the closes were adjusted by the true ratio or by the wrong one, the closes about the split tell."""
    db = world(tmp_path / "mnav.db", REVERSE)
    scraped(db, tmp_path, chart([before] * 20 + [20.0] * 20, splits={SPLIT_DAY: (10, 1)}))
    assert closes_of(db) == QUOTED
    assert splits_of(db) == [(SPLIT_DAY.isoformat(), 0.1)]
    (reason,) = waiting(db, "split")
    assert reason.startswith(f"a split by 10, that of {SPLIT_DAY} is stored as 0.1")


def test_a_spin_off_is_no_split_but_what_closes_were_adjusted_by(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, chart([15.0] * 40, splits={SPLIT_DAY: (1281, 1000)}))
    assert splits_of(db) == []
    assert closes_of(db) == on(DAYS, [19.215] * 20 + [15.0] * 20)
    assert "no ratio of a split: a spin-off" in waiting(db, "split")[0]


@pytest.mark.parametrize(
    ("new", "old", "is_split"),
    [(10, 1, True), (1, 250, True), (3, 2, True), (5, 4, True), (21, 20, True), (2, 15, True), (1281, 1000, False),
     (1054, 1000, False), (1000, 961, False), (1, 1000, True), (10_000, 9_561, False)],
)  # fmt: skip
def test_a_split_is_of_few_shares(new: float, old: float, is_split: bool) -> None:
    assert is_split_ratio(new / old) is is_split


# -- steps ---------------------------------------------------------------------------------------------------------


def test_a_twentyfold_step_on_no_splits_day_is_in_doubt_until_later_closes_agree(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, chart([15.0] * 20 + [300.0] * 20))
    assert closes_of(db) == on(DAYS[:20], [15.0] * 20)
    assert set(kept_out(db)) == set(DAYS[20:])
    assert "a split nobody told of? in doubt until" in kept_out(db)[SPLIT_DAY]
    scraped(db, tmp_path, chart([15.0] * 20 + [300.0] * 22))
    assert len(closes_of(db)) == 20, "two more closes are few"
    scraped(db, tmp_path, chart([15.0] * 20 + [300.0] * 23))
    assert closes_of(db) == on(sessions(43), [15.0] * 20 + [300.0] * 23)
    assert kept_out(db) == {}, "released"


def test_the_level_before_a_step_is_the_measure_however_long_the_one_after(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, chart([15.0] * 15 + [300.0] * 20))
    assert set(closes_of(db).values()) == {15.0}


def test_a_step_is_believed_once_its_split_is_known(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, chart([15.0] * 20 + [300.0] * 20))
    scraped(db, tmp_path, chart([300.0] * 41, splits={SPLIT_DAY: (1, 20)}))
    assert closes_of(db) == on(sessions(41), [15.0] * 20 + [300.0] * 21)
    assert kept_out(db) == {}


def test_a_step_of_the_last_close_waits_for_the_next(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, chart([15.0] * 20 + [45.0]))
    assert DAYS[20] not in closes_of(db)
    assert "until a second source or the next closes agree" in kept_out(db)[DAYS[20]]
    scraped(db, tmp_path, chart([15.0] * 20 + [45.0, 58.0, 49.0]))
    assert closes_of(db) == on(DAYS[:23], [15.0] * 20 + [45.0, 58.0, 49.0])
    assert kept_out(db) == {}


def test_a_second_source_settles_a_step() -> None:
    told = [(day, 15.0) for day in DAYS[:20]] + [(DAYS[20], 45.0)]
    other = {DAYS[20]: [Doubted("screener", 45.2, DAYS[20])]}
    assert set(doubts(told, [], [], source="chart")) == {DAYS[20]}
    assert doubts(told, [], [], other, source="chart") == {}
    assert set(doubts(told, [], [], other, source="screener")) == {DAYS[20]}, "a source is no second to itself"
    assert doubts(told, [(DAYS[20], 45.0)], [], source="chart") == {}, "stored by another"


@pytest.mark.parametrize(
    ("ticker", "closes"),
    [
        ("ASST", (0.61, 3.39, 7.69, 8.12, 7.01, 5.97)),
        ("BMNR", (4.26, 33.9, 46.0, 58.5, 135.0, 107.48, 111.5, 66.72, 46.01)),
        ("ONMD", (0.48, 0.959, 0.642, 0.794, 0.761, 0.789)),
        ("MOGO", (1.21, 2.57, 2.2, 1.99, 1.96, 1.87)),
        ("BTM", (4.65, 2.62, 2.78, 2.93, 0.7842, 0.563, 0.718)),
        ("NXTT", (0.43, 0.1148, 0.0917, 0.072, 0.0601)),
        ("BTCS", (2.8, 5.91, 4.17, 4.29, 4.53, 4.05)),
    ],
)
def test_real_moves_stay(tmp_path: Path, ticker: str, closes: tuple[float, ...]) -> None:
    db = world(tmp_path / "mnav.db", ticker=ticker)
    told = market(*closes)
    scraped(db, tmp_path, chart(told, symbol=ticker))
    assert list(closes_of(db, ticker).values()) == pytest.approx(told)


def test_real_moves_stay_as_they_come_in_day_by_day() -> None:
    """Each day brings one close: a step waits two days at most."""
    told = on(DAYS[:20], market(4.26, 33.9, 46.0, 58.5, 135.0, 107.48, 111.5, 66.72))
    believed: dict[date, float] = {}
    for upto in range(1, 21):
        answer = list(told.items())[:upto]
        waits = doubts(answer, sorted(believed.items()), [])
        assert set(waits) <= {day for day, _ in answer[-2:]}
        believed |= {day: close for day, close in answer if day not in waits}
    assert believed == told


@pytest.mark.parametrize(
    ("told", "odd"),
    [
        ([50.0] * 15 + [5000.0] * 3 + [50.0] * 15, range(15, 18)),
        ([5000.0] * 3 + [50.0] * 20, range(3)),
        ([50.0] * 20 + [5000.0] * 3, range(20, 23)),
        ([5000.0, 50.0, 5000.0, 50.0, 50.0, 50.0], (0, 2)),
        ([50.0] * 20 + [0.5] + [50.0] * 5, (20,)),
    ],
)
def test_pence_among_pounds_are_kept_out_of_a_first_answer(tmp_path: Path, told: list[float], odd: range) -> None:
    db = world(tmp_path / "mnav.db", ticker="SWCX.L", mic="XLON", currency="GBP")
    scraped(db, tmp_path, chart(told, symbol="SWCX.L", currency="GBp", zone="Europe/London"))
    assert set(kept_out(db)) == {DAYS[at] for at in odd}
    assert set(closes_of(db, "SWCX.L").values()) == {0.5}
    assert "hundredths taken for units?" in next(iter(kept_out(db).values()))


def test_a_stretch_of_another_companys_closes_is_kept_out(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, chart([15.0] * 20 + [404.23, 390.0, 411.0] + [15.2] * 10))
    assert set(kept_out(db)) == set(DAYS[20:23])
    assert "15.2 again on" in kept_out(db)[DAYS[20]]
    assert len(closes_of(db)) == 30


def test_a_first_close_that_is_odd_costs_itself(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, chart([150.0] + [15.0] * 20))
    assert set(kept_out(db)) == {DAYS[0]}


def test_a_long_pause_lets_a_share_move_farther() -> None:
    before, after = date(2025, 1, 6), date(2025, 7, 7)
    told = [(before + timedelta(days=n), 4.0) for n in range(4)] + [(after + timedelta(days=n), 12.0) for n in range(2)]
    assert doubts(told, [], []) == {}


# -- single bars ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("close", [0.0, -15.0])
def test_one_close_of_zero_costs_itself(tmp_path: Path, close: float) -> None:
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, chart([15.0] * 10 + [close] + [15.0] * 10))
    assert set(kept_out(db)) == {DAYS[10]}
    assert "without a price" in kept_out(db)[DAYS[10]]
    assert len(closes_of(db)) == 20


def test_bars_of_a_holiday_and_a_weekend_are_no_rows(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    days = sorted([*DAYS[:30], date(2025, 7, 4), date(2025, 6, 7)])
    scraped(db, tmp_path, chart([15.0] * 32, days))
    assert list(closes_of(db)) == DAYS[:30]
    assert set(kept_out(db)) == {date(2025, 7, 4), date(2025, 6, 7)}


def test_a_bar_of_a_day_to_come_is_kept_out(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    document = chart([15.0] * 20)
    early = replace(document, fetched_at=document.fetched_at - timedelta(days=1))
    scraped(db, tmp_path, early)
    assert DAYS[19] not in closes_of(db)


# -- bitcoin and rates ---------------------------------------------------------------------------------------------


def hours(*closes: float | None) -> Document:
    """Coinbase's candles of the hours from 2026-11-30 00:00 UTC, newest first."""
    first = datetime(2026, 11, 30, tzinfo=UTC)
    at = [int((first + timedelta(hours=n)).timestamp()) for n in range(len(closes))]
    rows = [[start, close, close, close, close, 10] for start, close in zip(at, closes, strict=True)]
    return Document("coinbase", f"{CANDLES}?granularity=3600", json.dumps(rows[::-1]).encode(), first + timedelta(days=1))  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("odd", [0.0, 9.0, 200_000.0, 45_000.0, 9_000_000.0])
@pytest.mark.parametrize("at", [0, 6, 11])
def test_one_bad_hour_of_bitcoin_costs_itself(tmp_path: Path, odd: float, at: int) -> None:
    db = world(tmp_path / "mnav.db")
    told = [90_000.0 + 100 * n for n in range(12)]
    told[at] = odd
    (outcome,) = scraped(db, tmp_path, hours(*told))
    assert outcome.word == "done"
    rows = db.execute("SELECT fixing, close FROM price WHERE symbol = 'BTC' ORDER BY fixing").fetchall()
    assert rows == [(f"{n + 1:02d}:00", close) for n, close in enumerate(told) if n != at]
    assert list(kept_out(db)) == [date(2026, 11, 30)]


def test_an_hour_of_bitcoin_without_a_number_is_told(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    (outcome,) = scraped(db, tmp_path, hours(90_000, 90_100, None, 90_300, 90_400))
    assert outcome.word == "done"
    assert outcome.remarks == [f"coinbase: $[2][1]: found null, expected a number in {CANDLES}?granularity=3600"]
    assert db.execute("SELECT count(*) FROM price WHERE symbol = 'BTC'").fetchone() == (4,)


def test_a_move_of_bitcoin_that_stays_is_taken() -> None:
    """March 2020: 7,911 to 4,970 dollars in a day."""
    days = [datetime(2020, 3, day, tzinfo=UTC) for day in range(9, 17)]
    assert lone_prices(zip(days, (7_936, 7_886, 7_911, 4_970, 5_563, 5_200, 5_361, 5_028), strict=True)) == {}
