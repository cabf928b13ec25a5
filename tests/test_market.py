"""Market context: RSI against an independent oracle, averages and published values, patterns with known answers."""

from __future__ import annotations

import csv
import json
import math
import shutil
from datetime import date, timedelta
from pathlib import Path

import forked
import pytest
from made_up import store

from db import open_database
from db.reads.bitcoin import bitcoin_closes, context_series
from treasury.bitcoin.condition import CONTEXT, Point, market_measures, series_measures
from treasury.bitcoin.power_law import POWER_LAWS
from treasury.bitcoin.technicals import average, divergences, drawdown, levels, realised_volatility, rsi, swings, weekly
from treasury.bitcoin.wedge import falling_wedge
from treasury.model import InputError

ROOT = Path(__file__).parent.parent
START = date(2025, 1, 5)  # a Sunday


def series(*values: float, every: int = 1) -> list[tuple[date, float]]:
    return [(START + timedelta(days=every * at), value) for at, value in enumerate(values)]


def test_rsi_equals_an_independent_oracle() -> None:
    """Five years of weekly closes and TA-Lib's RSI of them (tests/talib)."""
    path = ROOT / "tests" / "talib" / "rsi14_weekly_btc.csv"
    rows = list(csv.DictReader(path.read_text().splitlines()))
    ours = rsi([float(row["close"]) for row in rows])
    assert len(rows) == 261
    for row, value in zip(rows, ours, strict=True):
        if row["rsi14"] == "":
            assert value is None
        else:
            assert value == pytest.approx(float(row["rsi14"]), rel=0, abs=1e-9)


def test_rsi_by_hand_and_at_its_edges() -> None:
    """14 moves: 7 of +2, 7 of −1: 100 − 100 / (1 + 1 / 0.5) = 66.67; then +7: (13 × 1 + 7) / 14 over 13 × 0.5 / 14 = 3.0769."""
    closes = [100.0]
    for _ in range(7):
        closes += [closes[-1] + 2, closes[-1] + 1]
    assert rsi(closes)[:14] == [None] * 14
    assert rsi(closes)[14] == pytest.approx(200 / 3)
    assert rsi([*closes, closes[-1] + 7])[15] == pytest.approx(100 - 100 / (1 + 20 / 6.5))
    assert rsi([1.0 + one for one in range(16)])[15] == 100
    assert rsi([5.0] * 16)[15] == 50
    assert rsi([16.0 - one for one in range(16)])[15] == 0
    assert rsi([1.0] * 14) == [None] * 14


def test_averages_of_early_november_2025(reference_db: Path) -> None:
    """The article: 50-week about $103,300, 100-week about $82,000; 17 % below the high near $104,000."""
    closes, source = bitcoin_closes(open_database(reference_db), "2025-11-09")
    weeks = weekly(closes)
    assert average(weeks, 50, 7) == pytest.approx(103_300, rel=0.005)
    assert average(weeks, 100, 7) == pytest.approx(82_000, rel=0.005)
    on_the_fifth = [one for one in closes if one[0] <= date(2025, 11, 5)]
    fall = drawdown(on_the_fifth)
    assert on_the_fifth[-1][1] == pytest.approx(104_000, rel=0.005)
    assert fall is not None
    assert round(fall[0] * 100) == -17
    assert fall[1:] == (date(2025, 10, 6), 124_750.0)
    assert source


def test_an_average_needs_every_close() -> None:
    weeks = series(*range(1, 51), every=7)
    assert average(weeks, 50, 7) == 25.5
    assert average(weeks, 51, 7) is None
    assert average([*weeks[:20], *weeks[21:]], 49, 7) is None  # a week is missing
    assert weekly(series(1, 2, 3, 4, 5, 6, 7, 8)) == [(START, 1), (START + timedelta(days=7), 8)]
    assert levels([]) == {"now": None, "high": None, "50w": None, "100w": None}


def test_volatility_by_hand() -> None:
    """Returns +x, −x, +x, −x with x = ln 1.1: the sample deviation is x·√(4/3), a year of 365 days."""
    closes = series(100, 110, 100, 110, 100)
    assert realised_volatility(closes, 4) == pytest.approx(math.log(1.1) * math.sqrt(4 / 3 * 365))
    assert realised_volatility(closes, 5) is None
    assert realised_volatility([*closes[:3], closes[4]], 3) is None


def test_power_laws_match_their_published_values() -> None:
    """docs/metrics.md 7.10, on 2026-11-22, 6,532 days after the first block."""
    values = {one.name: one.price(date(2026, 11, 22)) for one in POWER_LAWS}
    assert values["power_law_santostasi"] == pytest.approx(161_700, abs=100)
    assert values["power_law_bitcoinpowerlaw"] == pytest.approx(192_000, abs=100)
    assert values["power_law_porkopolis"] == pytest.approx(164_800, abs=100)
    assert values["power_law_santostasi_floor"] == pytest.approx(67_900, abs=100)
    assert POWER_LAWS[1].parameters.startswith("0.42 × 1.0117e-17 × d^5.82")


def test_swings_need_closes_on_both_sides() -> None:
    assert swings([5, 4, 3, 4, 5], 2, low=True) == [2]
    assert swings([5, 4, 3, 4], 2, low=True) == []
    assert swings([5, 3, 3, 4, 5], 2, low=True) == []  # two of a height are no swing
    assert swings([1, 2, 3, 2, 1], 2, low=False) == [2]


def test_a_bullish_divergence_is_found_and_dated_by_its_confirmation() -> None:
    """A crash to 50, a bounce, then a slow slide to 49 among small gains: a lower low with a higher RSI."""
    closes = [100.0, 101] * 8 + [90, 80, 70, 60, 50] + [55, 60, 65, 70, 75, 72, 74, 70, 72, 66, 68, 60, 62, 55, 57, 49]
    closes += [52, 55, 58, 60, 62]
    found = divergences(series(*closes, every=7))
    assert [one.kind for one in found] == ["bullish"]
    assert (found[0].first_price, found[0].second_price) == (50, 49)
    assert found[0].second_rsi > found[0].first_rsi
    assert found[0].confirmed_on == found[0].second + timedelta(weeks=5)
    unconfirmed = series(*closes[:-1], every=7)
    assert divergences(unconfirmed) == []
    mirrored = divergences(series(*(200 - one for one in closes), every=7))
    assert [one.kind for one in mirrored] == ["bearish"]


def wedge_closes(breakout: float | None = None) -> list[tuple[date, float]]:
    """Highs on 200 − t, lows on 150 − t / 2: 50 wide at the start, together at t = 100."""
    values = []
    for at in range(80):
        upper, lower = 200 - at, 150 - at / 2
        phase = (at + 10) % 20
        share = phase / 10 if phase <= 10 else (20 - phase) / 10
        values.append(lower + (upper - lower) * share)
    return series(*values, *([breakout] if breakout else []))


def test_a_falling_wedge_and_its_target() -> None:
    found = falling_wedge(wedge_closes(), 5)
    assert found is not None
    assert found.upper.on(START) == pytest.approx(200)
    assert found.upper.per_day == pytest.approx(-1)
    assert found.lower.on(START) == pytest.approx(150)
    assert found.lower.per_day == pytest.approx(-0.5)
    assert found.apex == START + timedelta(days=100)
    assert found.state == "forming"
    out = falling_wedge(wedge_closes(140.0), 5)
    assert out is not None
    assert out.state == "broken out"
    assert out.broke_out_on == START + timedelta(days=80)
    assert out.target == pytest.approx(120 + (out.upper.at_start - out.lower.at_start))
    down = falling_wedge(wedge_closes(50.0), 5)
    assert down is not None
    assert down.state == "failed"
    fallen = falling_wedge([*wedge_closes(140.0), (START + timedelta(days=81), 50.0)], 5)
    assert fallen is not None
    assert (fallen.state, fallen.broke_down_on) == ("failed", START + timedelta(days=81))  # after its breakout


def test_no_wedge_where_lines_rise_or_part() -> None:
    assert falling_wedge(series(*range(60)), 5) is None
    rising = [(day, 400 - price) for day, price in wedge_closes()]
    assert falling_wedge(rising, 5) is None


def test_what_came_later_changes_no_measure(reference_db: Path) -> None:
    closes, source = bitcoin_closes(open_database(reference_db))
    cut = [one for one in closes if one[0] <= date(2025, 3, 2)]
    db = open_database(reference_db)
    assert list(market_measures(cut, "s")) == list(market_measures(bitcoin_closes(db, "2025-03-02")[0], "s"))
    assert source


CONTEXT_FILE = """series,date,known_at,value,unit,source,note
fear_greed,2025-11-07,,24,index,strategy-dashboard,
lth_supply,2025-10-08,,14800000,BTC,strategy-dashboard,
lth_supply,2025-11-07,,14400000,BTC,strategy-dashboard,
sth_supply,2025-11-07,,3600000,BTC,strategy-dashboard,
futures_open_interest,2025-11-06,,70000000000,USD,strategy-dashboard,
futures_open_interest,2025-11-07,2025-11-08,68000000000,USD,strategy-dashboard,
btc_high,2025-10-06,,126198,USD,strategy-dashboard,
btc_high,2025-11-07,,104000,USD,strategy-dashboard,
"""


def test_imported_series(reference_db: Path, tmp_path: Path) -> None:
    path = tmp_path / "mnav.db"
    shutil.copy(reference_db, path)
    db = open_database(path, writable=True)
    db.execute("DELETE FROM context")  # the bundle's
    store(db, CONTEXT_FILE)
    assert store(db, CONTEXT_FILE)["context"] == 0  # again: nothing new
    on = date(2025, 11, 8)
    found = {one.name: one for one in series_measures(context_series(db, "2025-11-08"), on, 102_295.0)}
    assert found["fear_greed"].value == 24
    assert found["lth_supply_change_30d"].value == -400_000
    assert found["lth_share_pct"].value == pytest.approx(80)
    assert found["futures_open_interest_change_24h"].value == -2e9
    assert found["drawdown_intraday_pct"].value == pytest.approx((102_295 / 126_198 - 1) * 100)
    assert found["sth_supply_change_30d"].value is None
    assert found["liquidations_long"].value is None
    # on the 7th the 7th's open interest was not known; ten days later nothing is fresh
    on_the_day = {one.name: one for one in series_measures(context_series(db, "2025-11-07"), date(2025, 11, 7), None)}
    assert on_the_day["futures_open_interest"].value == 70e9
    stale = {one.name: one for one in series_measures(context_series(db, "2025-11-18"), date(2025, 11, 18), None)}
    assert stale["fear_greed"].value is None
    assert "2025-11-07" in stale["fear_greed"].note
    for wrong in ("fear_greed,2025-11-07,,101,index", "fear_greed,2025-11-07,,24,BTC", "greed,2025-11-07,,24,index"):
        with pytest.raises(InputError, match=":2: "):
            store(db, CONTEXT_FILE.splitlines()[0] + f"\n{wrong},strategy-dashboard,\n")


VENUES_FILE = """series,date,known_at,value,unit,source,note
futures_open_interest,2025-11-06,,70000000000,USD,strategy-dashboard,
futures_open_interest_deribit,2025-11-06,,2500000000,USD,strategy-dashboard,
futures_open_interest_deribit,2025-11-07,,2400000000,USD,strategy-dashboard,
options_open_interest_deribit,2025-11-07,,410000,BTC,strategy-dashboard,
futures_open_interest_binance,2025-11-05,,8900000000,USDT,strategy-dashboard,
futures_open_interest_binance,2025-11-06,,8700000000,USDT,strategy-dashboard,
"""


def test_a_venue_speaks_for_itself_alone(reference_db: Path, tmp_path: Path) -> None:
    path = tmp_path / "mnav.db"
    shutil.copy(reference_db, path)
    db = open_database(path, writable=True)
    db.execute("DELETE FROM context")
    store(db, VENUES_FILE)
    found = {one.name: one for one in series_measures(context_series(db, "2025-11-07"), date(2025, 11, 7), None)}
    told = {
        name: (one.value, one.unit, one.on)
        for name, one in found.items() if "open_interest" in name and not name.endswith("_pct")
    }  # fmt: skip
    assert found["futures_open_interest_deribit_change_24h_pct"].value == pytest.approx(-4)
    assert told == {
        "futures_open_interest": (70e9, "USD", date(2025, 11, 6)),
        "futures_open_interest_change_24h": (None, "USD", date(2025, 11, 6)),
        "futures_open_interest_binance": (8.7e9, "USDT", date(2025, 11, 6)),
        "futures_open_interest_binance_change_24h": (-0.2e9, "USDT", date(2025, 11, 6)),
        "futures_open_interest_deribit": (2.4e9, "USD", date(2025, 11, 7)),
        "futures_open_interest_deribit_change_24h": (-0.1e9, "USD", date(2025, 11, 7)),
        "options_open_interest_deribit": (410_000, "BTC", date(2025, 11, 7)),
        "options_open_interest_deribit_change_24h": (None, "BTC", date(2025, 11, 7)),
    }
    for wrong in (
        "futures_open_interest_binance,2025-11-07,,8700000000,USD",
        "futures_open_interest,2025-11-07,,8700000000,USDT",
    ):
        with pytest.raises(InputError, match=":2: "):
            store(db, VENUES_FILE.splitlines()[0] + f"\n{wrong},strategy-dashboard,\n")


def test_a_change_is_between_readings_of_one_source() -> None:
    """Two publishers draw the line between long and short holders at 150 and at 155 days."""
    on = date(2025, 11, 7)
    mixed = {
        "lth_supply": [Point(on - timedelta(days=30), 14.8e6, "155 days"), Point(on, 14.4e6, "150 days")],
        "sth_supply": [Point(on - timedelta(days=30), 5.1e6, "155 days"), Point(on, 5.5e6, "155 days")],
    }
    found = {one.name: one for one in series_measures(mixed, on, None)}
    assert found["lth_supply_change_30d"].value is None
    assert found["lth_supply_change_30d"].note == "no reading of the same source on 2025-10-08"
    assert found["sth_supply_change_30d"].value == pytest.approx(0.4e6)
    assert "lth_share_pct" not in found


def test_every_series_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    for name, one in CONTEXT.items():
        assert f"| `{name}` | {one.unit} | {one.meaning} |" in page


def test_the_verb(reference_db: Path) -> None:
    done = forked.mnav(
        "market", "--on", "2025-11-07", "--support", "98000", "--json", "--db", str(reference_db), check=True
    )
    rows = {row["measure"]: row for row in json.loads(done.stdout)}
    assert rows["btc_close"]["value"] == 103_289
    assert rows["drawdown_pct"]["value"] == pytest.approx(-17.2, abs=0.05)
    assert rows["support_98000"]["note"] == "close above 98,000"
    assert all(row["source"] for row in rows.values() if row["value"] is not None)
    assert "fear_greed" in rows


def test_two_publishers_of_a_series_are_two_series() -> None:
    """The one whose readings came in last bears the plain name; changes are taken within each."""
    on, before = date(2025, 11, 7), date(2025, 10, 8)
    points = [
        Point(before, 15.0e6, "a", "First", stored=1), Point(before, 14.5e6, "b", "Second", "entity-adjusted", 3),
        Point(on, 14.7e6, "a", "First", stored=2), Point(on, 14.1e6, "b", "Second", "entity-adjusted", 4),
    ]  # fmt: skip
    found = {one.name: (one.value, one.note) for one in series_measures({"lth_supply": points}, on, None)}
    assert found["lth_supply"] == (14.1e6, "coins held by long-term holders; Second, entity-adjusted")
    assert found["lth_supply (First)"] == (14.7e6, "coins held by long-term holders; First")
    assert found["lth_supply_change_30d"][0] == pytest.approx(-0.4e6)
    assert found["lth_supply_change_30d (First)"][0] == pytest.approx(-0.3e6)
