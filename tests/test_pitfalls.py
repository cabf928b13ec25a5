"""How others went wrong, one test each, named after what goes wrong (share counts, splits, look-ahead, currency, unknowns).

On the reference data where it shows the case, else on a company made up for it. Each number expected here is written out
by hand; none is computed with the code under test.
"""

from __future__ import annotations

import math
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from made_up import empty
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import bring_up_to_date, rebuild
from db.tables import objects
from db.tables.store import add
from db.tables.transaction import writing
from treasury.intake.bundled import reference_sheets
from treasury.intake.csv_files import SHEETS, Row, Sheet, read_sheet
from treasury.known.resolve import State, resolve
from treasury.metrics.metric import METRICS, evaluate
from treasury.metrics.row_wise import INPUTS
from treasury.model import ImplausibleError, InputError
from treasury.quantities import QUANTITIES

Sheets = list[tuple[Sheet, list[Row], str]]


# -- building small databases --------------------------------------------------------------------------------------


def sheet(kind: str, rows: Iterable[Mapping[str, Any]]) -> tuple[Sheet, list[Row], str]:
    """Rows of one kind as the reader gives them; columns not named are empty."""
    header = SHEETS[kind].header
    made: list[Any] = []
    for line, row in enumerate(rows, start=2):
        assert set(row) <= set(header), f"a {kind} has no {set(row) - set(header)}"
        numbered = Row({name: row.get(name) for name in header})
        numbered.line = line
        made.append(numbered)
    return SHEETS[kind], made, f"{kind}.csv"


def valued(path: Path, sheets: Sheets) -> sqlite3.Connection:
    db = empty(path)
    db.execute("PRAGMA synchronous = OFF")  # a hundred of them are made
    with writing(db):
        add(db, sheets)
    rebuild(db)
    db.conn.row_factory = sqlite3.Row
    return db.conn


SOURCES = [
    {"id": "filing", "kind": "filing", "title": "10-Q"},
    {"id": "event", "kind": "filing", "title": "8-K"},
    {"id": "issuer", "kind": "issuer", "title": "its own page"},
    {"id": "table-2025-01-01", "kind": "tracker", "title": "a table of holders"},
    {"id": "market", "kind": "market", "title": "prices"},
]
EXCHANGES = [
    {"mic": "XNAS", "timezone": "America/New_York", "close_time": "16:00", "source": "market"},
    {"mic": "XTKS", "timezone": "Asia/Tokyo", "close_time": "15:30", "source": "market"},
]


@pytest.fixture
def world(tmp_path: Path) -> Iterable[Callable[..., sqlite3.Connection]]:
    """Make up a company ONE and value it.

    Facts are (quantity, as_of, known_at, value) and may go on with unit, instrument, source; prices are day: close; bitcoin
    is 100,000 dollars by the UTC close of every day of 2025 unless given.
    """
    opened: list[sqlite3.Connection] = []

    def make(
        facts: Iterable[tuple[Any, ...]],
        prices: Mapping[str, float],
        *,
        company: Mapping[str, object] | None = None,
        splits: Mapping[str, float] | None = None,
        instruments: Iterable[Mapping[str, object]] = (),
        bitcoin: Mapping[str, float] | None = None,
        rates: Iterable[tuple[str, str, float]] = (),
    ) -> sqlite3.Connection:
        one = {
            "ticker": "ONE", "name": "One", "mic": "XNAS", "country": "US", "currency": "USD", "kind": "treasury",
            "source": "market", **(company or {}),
        }  # fmt: skip
        money = one["currency"]
        rows = []
        for quantity, as_of, known_at, value, *rest in facts:
            plain = QUANTITIES[quantity].unit
            unsaid: tuple[Any, ...] = (money if plain == "money" else plain, None, "filing")
            unit, instrument, source = (*rest, *unsaid[len(rest) :])
            rows.append(
                {
                    "ticker": "ONE", "instrument": instrument, "quantity": quantity, "as_of": as_of, "known_at": known_at,
                    "value": float(value), "unit": unit, "source": source,
                }
            )  # fmt: skip
        if bitcoin is None:
            bitcoin = {str(date.fromordinal(date(2024, 12, 25).toordinal() + n)): 100_000.0 for n in range(400)}
        sheets = [
            sheet("source", SOURCES),
            sheet("exchange", EXCHANGES),
            sheet("company", [one]),
            sheet("instrument", [{"ticker": "ONE", "source": "filing", **row} for row in instruments]),
            sheet("fact", rows),
            sheet(
                "split",
                [
                    {"ticker": "ONE", "ex_date": day, "numerator": ratio, "denominator": 1.0, "source": "event"}
                    for day, ratio in (splits or {}).items()
                ],
            ),
            sheet("equity_price", [{"ticker": "ONE", "date": day, "close": float(close), "source": "market"} for day, close in prices.items()]),
            sheet("btc_price", [{"date": day, "fixing": "utc", "close": float(close), "source": "market"} for day, close in bitcoin.items()]),
            sheet("fx_rate", [{"date": day, "currency": currency, "usd_per_unit": rate, "source": "market"} for day, currency, rate in rates]),
        ]  # fmt: skip
        opened.append(valued(tmp_path / f"world{len(opened)}.db", sheets))
        return opened[-1]

    yield make
    for connection in opened:
        connection.close()


def row(db: sqlite3.Connection, day: str, ticker: str = "ONE") -> sqlite3.Row:
    found = db.execute("SELECT * FROM mnav_daily WHERE ticker = ? AND date = ?", (ticker, day)).fetchone()
    assert found is not None, f"no row of {ticker} on {day}"
    assert isinstance(found, sqlite3.Row)
    return found


def plainly(connection: sqlite3.Connection, day: str, ticker: str = "ONE") -> State:
    """What the slow reference finds."""
    db = Database(connection)
    connection.row_factory = None
    company = next(one for one in objects.companies(db).values() if one.ticker == ticker)
    facts, instruments = objects.facts(db, ticker), objects.instruments(db)
    state = resolve(company, date.fromisoformat(day), facts, instruments, objects.splits(db), objects.closes(db))
    connection.row_factory = sqlite3.Row
    return state


def same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12)
    return one == other


def words(text: str | None) -> set[str]:
    return set((text or "").split())


# -- share counts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "class_a", "class_b"),
    [
        ("2021-04-30", 7_781_568, 1_964_025),  # 10-Q covers, on the basis before the split
        ("2022-05-04", 9_333_523, 1_964_025),
        ("2025-01-06", 226_138_248, 19_640_250),  # 8-K of that morning
    ],
)
def test_class_b_left_out_of_history(read: sqlite3.Connection, day: str, class_a: int, class_b: int) -> None:
    assert row(read, day, "MSTR")["shares_basic"] == class_a + class_b


def test_history_counts_other_shares_than_the_headline(read: sqlite3.Connection) -> None:
    """The last point of the history is the live one, in every column they share."""
    latest = read.execute("SELECT * FROM mnav_latest WHERE ticker = 'MSTR'").fetchone()
    last = row(read, latest["date"], "MSTR")
    assert last["date"] == "2026-08-31"
    assert {name: value for name, value in dict(latest).items() if name in dict(last)} == dict(last)


def test_class_b_added_to_a_total_that_holds_it(world: Callable[..., sqlite3.Connection]) -> None:
    counts = [("shares_basic", 287), ("shares_class_a", 267), ("shares_class_b", 20)]
    facts = [(name, "2025-10-30", "2025-11-03", count * 1e6) for name, count in counts]
    assert row(world(facts, {"2025-11-04": 100}), "2025-11-04")["shares_basic"] == 287e6
    reverse = [(name, "2025-10-30", "2025-11-03", count * 1e6) for name, count in reversed(counts)]
    assert row(world(reverse, {"2025-11-04": 100}), "2025-11-04")["shares_basic"] == 287e6


def test_one_class_taken_for_all(world: Callable[..., sqlite3.Connection]) -> None:
    found = row(world([("shares_class_a", "2025-10-30", "2025-11-03", 267e6)], {"2025-11-04": 100}), "2025-11-04")
    assert found["shares_basic"] is None
    assert found["market_cap"] is None
    assert "shares_basic" in words(found["missing"])


def test_a_class_without_economic_rights_counted(read: sqlite3.Connection) -> None:
    """XXI: 346,548,153 class A; the 304,842,759 class B have votes only."""
    counts = read.execute(
        "SELECT DISTINCT shares_basic FROM mnav_daily WHERE ticker = 'XXI' AND shares_basic IS NOT NULL"
    ).fetchall()
    assert [one[0] for one in counts] == [346_548_153]


def test_todays_share_count_used_for_all_history(reference_db: Path, tmp_path: Path) -> None:
    """A count published later leaves every earlier day of Metaplanet as it was."""
    copy = tmp_path / "mnav.db"
    shutil.copy(reference_db, copy)
    db = open_database(copy, writable=True)
    query = "SELECT * FROM mnav_daily WHERE ticker = '3350.T' AND date {} '2026-03-10' ORDER BY date"
    before, after = (db.execute(query.format(side)).fetchall() for side in ("<=", ">"))
    count = {
        "ticker": "3350.T", "quantity": "shares_basic", "as_of": "2026-03-10", "known_at": "2026-03-10",
        "value": 2_000_000_000.0, "unit": "shares", "source": "tdnet-3350",
    }  # fmt: skip
    with writing(db):
        add(db, [sheet("fact", [count])])
    bring_up_to_date(db)
    assert db.execute(query.format("<=")).fetchall() == before
    assert db.execute(query.format(">")).fetchall() != after
    assert (
        db.execute("SELECT shares_basic FROM mnav_daily WHERE ticker = '3350.T' AND date = '2026-03-11'").fetchone()[0]
        == 2e9
    )
    db.close()


def test_a_market_cap_that_falls_with_the_share_price_although_shares_were_issued(read: sqlite3.Connection) -> None:
    """Metaplanet with today's count: −76.7 %; with the counts of the days: −55.7 %."""
    june, november = row(read, "2025-06-20", "3350.T"), row(read, "2025-11-07", "3350.T")
    assert (june["shares_basic"], november["shares_basic"]) == (600_714_340, 1_140_974_340)


def test_an_unknown_count_becomes_a_placeholder(read: sqlite3.Connection) -> None:
    """No count of Strategy was public before 2021-04-29, none of the others in the files before 2025-09."""
    early = read.execute(
        "SELECT count(*), count(shares_basic), count(market_cap), count(mnav_ev) FROM mnav_daily"
        " WHERE (ticker = 'MSTR' AND date < '2021-04-30') OR (ticker IN ('BITF', 'HIVE', 'CIFR', 'BTDR') AND date < '2025-01-01')"
    ).fetchone()
    assert early[0] > 1_000
    assert tuple(early[1:]) == (0, 0, 0)


@pytest.mark.parametrize("count", [0.0, 99_999.0, 1e12, -5.0, math.inf, math.nan])
def test_a_count_no_company_can_have_is_stored(count: float) -> None:
    with pytest.raises(ImplausibleError, match="shares_basic"):
        QUANTITIES["shares_basic"].check(count, "shares")


def test_a_spacs_float_divided_into_pro_forma_bitcoin(
    read: sqlite3.Connection, world: Callable[..., sqlite3.Connection]
) -> None:
    """Golden N03: Twenty One at "0.06x". CEPO is the SPAC of the reference data."""
    facts = [
        ("btc_holdings", "2025-11-01", "2025-11-01", 43_514),
        ("shares_basic", "2025-11-01", "2025-11-01", 10_000_000),
    ]
    spac = row(world(facts, {"2025-11-10": 24}, company={"kind": "spac"}), "2025-11-10")
    merged = row(world(facts, {"2025-11-10": 24}), "2025-11-10")
    assert merged["mnav_market_cap"] == pytest.approx(0.055, abs=0.001)
    assert [name for name, value in dict(spac).items() if name.startswith("mnav_") and value is not None] == []
    assert "SPAC_PENDING" in words(spac["reason"])
    cepo = read.execute(
        "SELECT count(*), count(mnav_market_cap), count(mnav_ev) FROM mnav_daily WHERE ticker = 'CEPO'"
    ).fetchone()
    assert tuple(cepo) == (407, 0, 0)


def test_a_period_average_taken_for_the_count_at_its_end(world: Callable[..., sqlite3.Connection]) -> None:
    """CleanSpark's 317,761,220 is one, beside 284,327,598 outstanding."""
    facts = [
        ("shares_weighted_average", "2025-09-30", "2025-11-01", 317_761_220),
        ("shares_weighted_average_basic", "2025-09-30", "2025-11-01", 300_000_000),
    ]
    assert row(world(facts, {"2025-11-10": 24}), "2025-11-10")["market_cap"] is None


def test_issued_shares_taken_for_outstanding_ones(world: Callable[..., sqlite3.Connection]) -> None:
    facts = [("shares_issued", "2025-09-30", "2025-11-01", 300e6)]
    assert row(world(facts, {"2025-11-10": 24}), "2025-11-10")["shares_basic"] is None


def test_an_old_count_shown_without_its_age(world: Callable[..., sqlite3.Connection]) -> None:
    """A count of 2024-10-01 is 400 days old on 2025-11-05 and too old on the day after."""
    facts = [("shares_basic", "2024-10-01", "2024-10-05", 10e6), ("btc_holdings", "2025-11-01", "2025-11-02", 1000)]
    db = world(facts, {"2025-11-05": 24, "2025-11-06": 24})
    last, stale = row(db, "2025-11-05"), row(db, "2025-11-06")
    assert (last["shares_basic"], last["shares_age_days"]) == (10e6, 400)
    assert (stale["shares_basic"], stale["market_cap"], stale["mnav_market_cap"]) == (None, None, None)
    assert "STALE_SHARES" in words(stale["reason"])


def test_holdings_repeated_for_ever(world: Callable[..., sqlite3.Connection]) -> None:
    facts = [("btc_holdings", "2024-10-01", "2024-10-05", 500), ("shares_basic", "2025-11-01", "2025-11-02", 10e6)]
    db = world(facts, {"2025-11-05": 24, "2025-11-06": 24})
    assert (row(db, "2025-11-05")["btc"], row(db, "2025-11-05")["btc_age_days"]) == (500, 400)
    assert row(db, "2025-11-06")["btc"] is None
    assert "STALE_BTC" in words(row(db, "2025-11-06")["reason"])


def test_coins_that_were_sold_valued_until_the_next_count(world: Callable[..., sqlite3.Connection]) -> None:
    """A company told that it sold, not what is left: until somebody counts again nothing is known, and nothing is zero."""
    facts = [
        ("btc_holdings", "2025-11-01", "2025-11-02", 500),
        ("shares_basic", "2025-11-01", "2025-11-02", 10e6),
        ("btc_holdings_outdated", "2025-11-04", "2025-11-05", 500),
        ("btc_holdings", "2025-11-03", "2025-11-06", 480),  # told later, of a day before the sale
        ("btc_holdings", "2025-11-04", "2025-11-10", 300),  # of the day of the sale: the new count
    ]
    db = world(facts, dict.fromkeys(("2025-11-05", "2025-11-06", "2025-11-07", "2025-11-10", "2025-11-11"), 24))
    found = {day: row(db, f"2025-11-{day}") for day in ("05", "06", "07", "10", "11")}
    assert [found[day]["btc"] for day in found] == [500, None, None, None, 300]
    assert ["HOLDINGS_OUTDATED" in words(found[day]["reason"]) for day in found] == [False, True, True, True, False]
    assert found["06"]["btc_nav"] is found["06"]["mnav_market_cap"] is None
    assert found["06"]["market_cap"] == 240e6
    assert "NAV_ZERO" not in words(found["06"]["reason"])


def test_a_diluted_count_below_the_basic_one_kept(read: sqlite3.Connection) -> None:
    """Metaplanet's press figure of 866 million when 1,141 million shares were out."""
    found = row(read, "2025-11-07", "3350.T")
    assert (found["shares_assumed_diluted"], found["mnav_assumed_diluted"], found["sats_per_share_assumed"]) == (
        None,
    ) * 3
    assert "STALE_DILUTED" in words(found["reason"])


def test_a_trackers_first_sight_taken_for_news(world: Callable[..., sqlite3.Connection]) -> None:
    """What a table shows first may be a year old: it never overrules the company's own, older word."""
    primary = ("btc_holdings", "2025-01-10", "2025-01-10", 500)
    first = ("btc_holdings", "2025-11-01", "2025-11-01", 200, "BTC", None, "table-2025-01-01")
    changed = ("btc_holdings", "2025-11-04", "2025-11-04", 700, "BTC", None, "table-2025-01-01")
    days = {"2025-11-03": 24, "2025-11-06": 24}
    assert row(world([primary, first], days), "2025-11-06")["btc"] == 500
    db = world([primary, first, changed], days)
    assert (row(db, "2025-11-03")["btc"], row(db, "2025-11-06")["btc"]) == (500, 700)
    assert row(world([first], days), "2025-11-06")["btc"] == 200


# -- splits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ticker", "before", "after"),
    [
        ("MSTR", "2024-08-07", "2024-08-08"),
        ("3350.T", "2024-07-29", "2024-07-30"),
        ("3350.T", "2025-03-27", "2025-03-28"),
        ("KULR", "2025-06-20", "2025-06-23"),
    ],
)
def test_split_basis_of_price_and_shares_differs(
    read: sqlite3.Connection, ticker: str, before: str, after: str
) -> None:
    one, other = row(read, before, ticker), row(read, after, ticker)
    assert max(one["price"] / other["price"], other["price"] / one["price"]) > 5  # the quote does step
    for name in ("market_cap", "mnav_market_cap"):
        assert abs(math.log(other[name] / one[name])) < 0.3, name
    adjusted = [found["sats_per_share"] * found["split_factor"] for found in (one, other)]
    assert abs(math.log(adjusted[1] / adjusted[0])) < 0.3


def split_world(world: Callable[..., sqlite3.Connection], **more: Any) -> sqlite3.Connection:
    """1,000 BTC, 10 million shares; split 10 for 1 on 2025-06-10. The count was printed before, announced after."""
    facts = [
        ("btc_holdings", "2025-01-01", "2025-01-01", 1000),
        ("shares_basic", "2025-01-01", "2025-01-01", 10e6),
        ("shares_assumed_diluted", "2025-01-01", "2025-01-01", 12.5e6),
        ("shares_basic", "2025-06-05", "2025-06-12", 10e6),
        *more.pop("facts", ()),
    ]
    prices = {"2025-01-02": 200, "2025-06-09": 200, "2025-06-10": 20, "2025-06-11": 20, "2025-06-13": 20}
    return world(facts, prices, splits={"2025-06-10": 10.0}, **more)


def test_per_share_series_not_adjusted(world: Callable[..., sqlite3.Connection]) -> None:
    """Nothing bought, nothing issued: satoshis per share drop tenfold on their own basis, and the yield is nil."""
    db = split_world(world)
    before, after = row(db, "2025-06-09"), row(db, "2025-06-10")
    assert (before["sats_per_share"], after["sats_per_share"]) == (pytest.approx(10_000), pytest.approx(1_000))
    assert (before["sats_per_share_assumed"], after["sats_per_share_assumed"]) == (
        pytest.approx(8_000),
        pytest.approx(800),
    )
    assert before["mnav_market_cap"] == after["mnav_market_cap"] == pytest.approx(20)
    opened = split_world(world, bitcoin=None)
    assert row(opened, "2025-06-13")["btc_yield_ytd_pct"] is None  # no close before the year
    year = world(
        [
            ("btc_holdings", "2024-12-27", "2024-12-27", 1000),
            ("shares_assumed_diluted", "2024-12-27", "2024-12-27", 12.5e6),
        ],
        {"2024-12-31": 200, "2025-06-09": 200, "2025-06-10": 20},
        splits={"2025-06-10": 10.0},
    )
    assert row(year, "2025-06-10")["btc_yield_ytd_pct"] == pytest.approx(0, abs=1e-9)


def test_a_count_is_put_on_the_basis_of_the_day_it_was_announced(world: Callable[..., sqlite3.Connection]) -> None:
    """A count describes its as_of: one of 2025-06-05, announced on 06-12 after the split, is on the old basis."""
    db = split_world(world)
    assert [row(db, day)["shares_basic"] for day in ("2025-06-09", "2025-06-10", "2025-06-11", "2025-06-13")] == [
        10e6, 100e6, 100e6, 100e6,
    ]  # fmt: skip


def test_conversion_prices_are_left_on_the_old_basis(world: Callable[..., sqlite3.Connection]) -> None:
    """A note at 250 issued before a 10-for-1 split converts at 25 after it; issued after it, 250 stays."""
    for issued, shares in (("2025-01-01", 4e6), ("2025-06-11", 0)):
        db = split_world(
            world,
            facts=[
                ("principal", issued, issued, 100e6, "USD", "note"),
                ("preferred_total", "2025-01-01", "2025-01-01", 0),
            ],
            company={"instruments_complete": "yes"},
            instruments=[
                {
                    "instrument": "note",
                    "kind": "convertible",
                    "currency": "USD",
                    "issue_date": issued,
                    "conversion_price": 250.0,
                }
            ],
        )
        found = row(db, "2025-06-13")  # at 20 it is out of the money on either basis
        assert (found["debt_otm"], found["shares_diluted"]) == (100e6, 100e6)
        rising = world(
            [
                ("shares_basic", "2025-01-01", "2025-01-01", 10e6),
                ("principal", issued, issued, 100e6, "USD", "note"),
                ("preferred_total", "2025-01-01", "2025-01-01", 0),
            ],
            {"2025-06-13": 30},
            splits={"2025-06-10": 10.0},
            company={"instruments_complete": "yes"},
            instruments=[
                {
                    "instrument": "note",
                    "kind": "convertible",
                    "currency": "USD",
                    "issue_date": issued,
                    "conversion_price": 250.0,
                }
            ],
        )
        assert row(rising, "2025-06-13")["shares_diluted"] == 100e6 + shares


def test_awards_are_left_on_the_old_basis(world: Callable[..., sqlite3.Connection]) -> None:
    """100,000 options and 30,000 units on 1 million shares are a million and 300,000 after a 10-for-1 split."""
    facts = [
        ("shares_basic", "2025-01-01", "2025-01-01", 1e6),
        ("options_outstanding", "2025-01-01", "2025-01-01", 1e5, "shares", "options"),
        ("rsu_unvested", "2025-01-01", "2025-01-01", 3e4, "shares", "units"),
    ]
    awards = [
        {"instrument": name, "kind": kind, "currency": "USD", "issue_date": "2025-01-01"}
        for name, kind in (("options", "option"), ("units", "rsu"))
    ]
    db = world(
        facts,
        {"2025-06-09": 200, "2025-06-10": 20},
        splits={"2025-06-10": 10.0},
        company={"instruments_complete": "yes"},
        instruments=awards,
    )
    assert [row(db, day)["shares_diluted"] for day in ("2025-06-09", "2025-06-10")] == [1.13e6, 11.3e6]


# -- look-ahead ----------------------------------------------------------------------------------------------------


def test_facts_used_before_they_were_public(read: sqlite3.Connection) -> None:
    """641,692 BTC describe 2025-11-09 and were filed on the 10th; on the 7th 641,205 were known."""
    days = ("2025-11-06", "2025-11-07", "2025-11-10")
    assert [row(read, day, "MSTR")["btc"] for day in days] == [641_205, 641_205, 641_692]


@pytest.mark.parametrize(
    ("known_at", "first_day"),
    [
        ("2025-07-08T20:00:00Z", "2025-07-08"),  # 16:00 in New York, summer time: at the close itself
        ("2025-07-08T20:00:01Z", "2025-07-09"),
        ("2025-07-08", "2025-07-09"),  # a day alone counts after its close
        ("2025-12-08T21:00:00Z", "2025-12-08"),  # 16:00 in New York, winter time
        ("2025-12-08T20:30:00Z", "2025-12-08"),
        ("2025-12-08T21:00:01Z", "2025-12-09"),
        ("2025-12-05T22:00:00Z", "2025-12-08"),  # Friday evening: Monday
    ],
)
def test_a_fact_of_after_the_close_used_at_the_close(
    world: Callable[..., sqlite3.Connection], known_at: str, first_day: str
) -> None:
    weekdays = [
        f"2025-{month}-{day:02}" for month in ("07", "12") for day in (7, 8, 9, 10) if (month, day) != ("12", 7)
    ]
    facts = [("shares_basic", "2025-01-01", "2025-01-01", 1e6), ("shares_basic", "2025-07-01", known_at, 2e6)]
    db = world(facts, dict.fromkeys(weekdays, 24))
    knew = [day for day in weekdays if row(db, day)["shares_basic"] == 2e6]
    assert knew[0] == first_day


def test_the_reserve_used_before_it_was_announced(read: sqlite3.Connection) -> None:
    """Strategy's USD Reserve of $1.44bn was announced on the morning of 2025-12-01."""
    assert row(read, "2025-11-28", "MSTR")["cash"] == 54_285_000
    assert row(read, "2025-12-01", "MSTR")["cash"] == 1_440_000_000


def test_reserve_and_cash_added_together(read: sqlite3.Connection) -> None:
    """The cash of 2025-12-31 ($2,301m, in the 10-K of February 2026) holds the reserve of that day."""
    assert row(read, "2026-02-20", "MSTR")["cash"] == 2_250_000_000  # the later of the two, of 2026-01-05


def test_the_end_of_a_period_taken_for_its_publication(read: sqlite3.Connection) -> None:
    """The third quarter of 2025: filed on 2025-11-03 at 16:12 New York time, twelve minutes after the close."""
    cash = {day: row(read, day, "MSTR")["cash"] for day in ("2025-10-01", "2025-11-03", "2025-11-04")}
    assert cash == {"2025-10-01": 50_095_000, "2025-11-03": 50_095_000, "2025-11-04": 54_285_000}


@pytest.mark.parametrize(
    ("as_of", "source", "first_day"),
    [
        ("2025-09-30", "filing", "2025-11-17"),  # a 10-Q: 45 days, 2025-11-14, a Friday; from the next close on
        ("2025-09-30", "event", "2025-10-01"),  # an 8-K: the next trading day
        ("2025-11-05", "table-2025-01-01", "2025-11-06"),
    ],
)
def test_an_undated_fact_known_on_the_day_it_describes(
    world: Callable[..., sqlite3.Connection], as_of: str, source: str, first_day: str
) -> None:
    days = ("2025-09-30", "2025-10-01", "2025-11-05", "2025-11-06", "2025-11-14", "2025-11-17")
    db = world([("shares_basic", as_of, None, 5e6, "shares", None, source)], dict.fromkeys(days, 24))
    knew = [day for day in days if row(db, day)["shares_basic"] is not None]
    assert knew[0] == first_day
    assert row(db, first_day)["known_assumed"] == 1


def test_a_notice_takes_effect_when_it_is_announced(read: sqlite3.Connection) -> None:
    """The 2025 notes, called on 2024-06-13 for 2024-07-15, were debt until then: $4,403.75m, then $650m less."""
    assert row(read, "2024-06-20", "MSTR")["debt"] == 4_403_750_000
    assert row(read, "2024-07-12", "MSTR")["debt"] == 4_403_750_000
    assert row(read, "2024-07-15", "MSTR")["debt"] == 3_753_750_000


def test_redeemed_notes_are_counted_for_ever(read: sqlite3.Connection) -> None:
    """The 2025 notes (397.99) would be in the money for ever: on the day they went only the 2027 and 2030A notes were."""
    found = row(read, "2024-07-15", "MSTR")
    assert found["price"] > 1_497.68  # above the 2025, 2027 and 2030A notes
    assert found["debt"] - found["debt_otm"] == 1_050e6 + 800e6


def test_todays_preferred_used_for_the_past(read: sqlite3.Connection) -> None:
    early = read.execute(
        "SELECT max(preferred) FROM mnav_daily WHERE ticker = 'MSTR' AND date <= '2025-02-05'"
    ).fetchone()
    assert early[0] == 0


# a cost rolled forward to the holdings is a sum of printed ones, and of their day
ROLLED = {"cost_basis": " AND cost_age_days <> btc_age_days"}


def test_values_are_interpolated_between_reports(
    read: sqlite3.Connection, reference: Callable[[str], list[dict[str, str]]]
) -> None:
    """Not $217m of preferred on 2025-01-15. Cash and counts of a day are always numbers that were printed."""
    assert row(read, "2025-01-15", "MSTR")["preferred"] == 0
    printed = {
        name: {
            float(one["value"])
            for one in reference("facts")
            if one["ticker"] == "MSTR" and one["quantity"] in quantities
        }
        for name, quantities in {
            "btc": ("btc_holdings",),
            "cash": ("cash", "usd_reserve"),
            "shares_basic": ("shares_basic",),
            "cost_basis": ("btc_cost_basis",),
        }.items()
    }
    printed["shares_basic"] |= {
        count * 10 for count in printed["shares_basic"]
    }  # before the split, on the basis after it
    for name, values in printed.items():
        used = read.execute(
            f"SELECT DISTINCT {name} FROM mnav_daily WHERE ticker = 'MSTR' AND {name} IS NOT NULL{ROLLED.get(name, '')}"
        ).fetchall()
        assert len(used) > (0 if name in ROLLED else 20)
        assert {one[0] for one in used} <= values, name


def test_an_issue_counted_in_the_total_and_again_by_itself(read: sqlite3.Connection) -> None:
    """The dashboard counts STRF and STRD a day before they settle: 1,593.6m and 3,248.3m were the totals of those weeks."""
    for day, total in (
        ("2025-03-24", 1_593.6),
        ("2025-03-26", 1_593.6),
        ("2025-03-28", 1_593.6),
        ("2025-03-31", 1_614.991),
    ):
        assert row(read, day, "MSTR")["preferred"] == pytest.approx(total * 1e6)
    for day, total in (
        ("2025-06-09", 3_248.3),
        ("2025-06-11", 3_248.3),
        ("2025-06-13", 3_248.3),
        ("2025-06-16", 3_322.16),
    ):
        assert row(read, day, "MSTR")["preferred"] == pytest.approx(total * 1e6)


def test_fridays_share_price_meets_sundays_bitcoin(
    read: sqlite3.Connection, reference: Callable[[str], list[dict[str, str]]]
) -> None:
    """A row for every close, and no other: none on weekends, none filled forward."""
    closes = {(one["ticker"], one["date"], float(one["close"])) for one in reference("equity_prices")}
    rows = {tuple(one) for one in read.execute("SELECT ticker, date, price FROM mnav_daily")}
    assert rows == closes


def test_the_share_at_its_close_against_bitcoin_at_midnight(read: sqlite3.Connection) -> None:
    """New York: bitcoin of 16:00, $102,500.21, not the UTC close of $103,289. Tokyo: the UTC close of the day before."""
    new_york, tokyo = row(read, "2025-11-07", "MSTR"), row(read, "2025-11-07", "3350.T")
    assert (new_york["btc_price"], new_york["btc_fixing"]) == (103_749.09, "nyse")
    assert (tokyo["btc_price"], tokyo["btc_fixing"]) == (102_189.46, "tokyo_1530")


def test_a_merged_company_goes_on_holding_its_coins(
    read: sqlite3.Connection, world: Callable[..., sqlite3.Connection]
) -> None:
    """Semler's 5,048 BTC are Strive's from 2026-01-16 on, whatever a feed goes on quoting for the old symbol."""
    assert read.execute("SELECT max(date) FROM mnav_daily WHERE ticker = 'SMLR'").fetchone()[0] == "2026-01-15"
    assert read.execute("SELECT count(*) FROM mnav_latest WHERE ticker = 'SMLR'").fetchone()[0] == 0
    facts = [("btc_holdings", "2025-11-01", "2025-11-01", 5_048), ("shares_basic", "2025-11-01", "2025-11-01", 15e6)]
    quoted = dict.fromkeys(("2025-11-05", "2025-11-06", "2025-11-07"), 20)
    db = world(facts, quoted, company={"active_to": "2025-11-06"})
    assert [one["date"] for one in db.execute("SELECT date FROM mnav_daily")] == ["2025-11-05"]


# -- currency ------------------------------------------------------------------------------------------------------


def test_one_exchange_rate_for_all_history(
    read: sqlite3.Connection, reference: Callable[[str], list[dict[str, str]]]
) -> None:
    """Each day has the last rate the ECB had published by Tokyo's close: that of the day before."""
    ecb = {one["date"]: float(one["usd_per_unit"]) for one in reference("fx") if one["currency"] == "JPY"}
    rows = read.execute(
        "SELECT date, price, price_usd, fx FROM mnav_daily WHERE ticker = '3350.T' AND fx IS NOT NULL"
    ).fetchall()
    assert len(rows) == 606
    for one in rows:
        assert one["fx"] == ecb[max(day for day in ecb if day < one["date"])], one["date"]
        assert one["price_usd"] == pytest.approx(one["price"] * one["fx"], rel=1e-12)
    assert len({one["fx"] for one in rows}) > 450


def test_yen_taken_for_dollars(read: sqlite3.Connection) -> None:
    """¥415 × 1,140,974,340 shares are $3.08bn, at 153.6 yen to the dollar; mNAV is near one, not 154."""
    found = row(read, "2025-11-07", "3350.T")
    assert found["price_currency"] == "JPY"
    assert found["market_cap"] == pytest.approx(415 * 1_140_974_340 / 153.6, rel=1e-3)
    assert found["mnav_market_cap"] == pytest.approx(0.979, abs=0.001)


@pytest.mark.parametrize(
    ("ticker", "currency", "low", "high"),
    [
        ("3350.T", "JPY", 0.006, 0.0072),
        ("0434.HK", "HKD", 0.127, 0.1295),
        ("BTCT.V", "CAD", 0.68, 0.76),
        ("DCC.AX", "AUD", 0.59, 0.72),
    ],
)
def test_a_rate_turned_upside_down(
    read: sqlite3.Connection, ticker: str, currency: str, low: float, high: float
) -> None:
    rows = read.execute(
        "SELECT price_currency, min(fx), max(fx) FROM mnav_daily WHERE ticker = ?", (ticker,)
    ).fetchone()
    assert rows[0] == currency
    assert low < rows[1] <= rows[2] < high


TOKYO = {"mic": "XTKS", "country": "JP", "currency": "JPY"}
EVERYTHING = [
    ("btc_holdings", "2025-11-01", "2025-11-01", 1_000),
    ("shares_basic", "2025-11-01", "2025-11-01", 50e6),
    ("debt_total", "2025-11-01", "2025-11-01", 10e6, "USD"),
    ("preferred_total", "2025-11-01", "2025-11-01", 2e9, "JPY"),
    ("cash", "2025-11-01", "2025-11-01", 1e6, "EUR"),
]
RATES = [
    ("2025-11-06", "JPY", 0.0065),
    ("2025-11-06", "EUR", 1.15),
    ("2025-11-07", "JPY", 0.5),
    ("2025-11-07", "EUR", 0.5),
]


def test_claims_in_other_currencies_than_the_share(world: Callable[..., sqlite3.Connection]) -> None:
    """¥400 × 50m shares = $130m; + $10m of debt + ¥2bn ($13m) of preferred − €1m ($1.15m) of cash, at Thursday's rates."""
    found = row(world(EVERYTHING, {"2025-11-07": 400}, company=TOKYO, rates=RATES), "2025-11-07")
    assert found["market_cap"] == pytest.approx(130e6)
    assert (found["debt"], found["preferred"], found["cash"]) == (10e6, pytest.approx(13e6), pytest.approx(1.15e6))
    assert found["enterprise_value"] == pytest.approx(151.85e6)
    assert found["mnav_ev"] == pytest.approx(1.5185)


def test_a_missing_rate_counts_as_one(world: Callable[..., sqlite3.Connection]) -> None:
    """Without the yen nothing of the company is in dollars; without the euro only its cash is unknown."""
    without_yen = [one for one in RATES if one[1] != "JPY"]
    found = row(world(EVERYTHING, {"2025-11-07": 400}, company=TOKYO, rates=without_yen), "2025-11-07")
    assert [found[name] for name in ("fx", "price_usd", "market_cap", "preferred", "mnav_market_cap", "mnav_ev")] == [
        None
    ] * 6
    assert (found["debt"], found["btc_nav"]) == (10e6, 100e6)
    assert "usd_per_unit" in words(found["missing"])
    assert "MISSING_PRICE" in words(found["reason"])
    without_euro = [one for one in RATES if one[1] != "EUR"]
    found = row(world(EVERYTHING, {"2025-11-07": 400}, company=TOKYO, rates=without_euro), "2025-11-07")
    assert [found[name] for name in ("cash", "enterprise_value", "mnav_ev", "net_reserve", "mnav_net")] == [None] * 5
    assert found["mnav_market_cap"] == pytest.approx(1.3)
    assert "usd_per_unit" in words(found["missing"])


@pytest.mark.parametrize("unit", ["GBp", "GBX", "gbp", "ZAc", "ZAC", "ILA", "pence"])
def test_pence_taken_for_pounds(unit: str) -> None:
    """Pence, cents and agorot have no code here: whoever gives them must divide by a hundred, once."""
    header = ",".join(SHEETS["company"].header)
    with pytest.raises(InputError, match="currency"):
        read_sheet([f"{header}\n", f"PENNY.L,Penny,XLON,GB,{unit},treasury,,,,,market\n"], "companies.csv")
    with pytest.raises(ImplausibleError, match="cash"):
        QUANTITIES["cash"].check(33.5, unit)


def test_an_old_price_used_without_limit(world: Callable[..., sqlite3.Connection]) -> None:
    """Bitcoin of 2025-11-03 serves until 2025-11-07; on the 10th, a week old, it is no price."""
    facts = [("btc_holdings", "2025-11-01", "2025-11-01", 1_000), ("shares_basic", "2025-11-01", "2025-11-01", 50e6)]
    db = world(facts, {"2025-11-07": 4, "2025-11-10": 4}, bitcoin={"2025-11-03": 100_000})
    assert row(db, "2025-11-07")["mnav_market_cap"] == pytest.approx(2)
    found = row(db, "2025-11-10")
    assert (found["btc_price"], found["btc_nav"], found["mnav_market_cap"]) == (None, None, None)
    assert found["market_cap"] == pytest.approx(200e6)
    assert "btc_price" in words(found["missing"])
    assert "MISSING_PRICE" in words(found["reason"])


# -- unknown is not zero -------------------------------------------------------------------------------------------

DAY = "2025-11-10"
RANGE = {
    "debt_stated",
    "preferred_stated",
    "mnav_ev_min",
    "mnav_ev_max",
    "mnav_ev_unclear",
}  # of a claim that is not known
NOT_COMPARED = {"missing", "reason", "known_assumed", "claims_age_days"} | RANGE
ERROR_BAR = {"mnav_ev_low", "mnav_ev_high", "mnav_ev_doubt"}
MULTIPLES_OF_BITCOIN = ERROR_BAR | {
    "btc_nav", "net_reserve", "mnav_market_cap", "mnav_diluted", "mnav_assumed_diluted", "mnav_ev", "mnav_ev_diluted", "mnav_net",
    "implied_premium_usd", "implied_premium_pct", "equity_premium_pct", "leverage", "claims_ratio", "amplification",
    "unrealised_gain_usd",
}  # fmt: skip
OF_ENTERPRISE_VALUE = ERROR_BAR | {"enterprise_value", "mnav_ev", "implied_premium_usd", "implied_premium_pct"}
OF_NET_RESERVE = {"net_reserve", "mnav_net", "equity_premium_pct", "amplification"}
OF_DILUTION = {
    "dilutive_shares", "shares_diluted", "market_cap_diluted", "mnav_diluted", "mnav_ev_diluted", "mnav_net", "equity_premium_pct",
    "sats_per_share_diluted",
}  # fmt: skip
# what stands beside a NULL and only there
BAND = {"mnav_low", "mnav_high", "issuing_zone"}  # over the multiples that are known: fewer of them, another band
CLAIMED = {"sats_per_share_claims_adjusted"}
YIELDS = {"btc_yield_ytd_pct", "btc_yield_qtd_pct", "btc_yield_1y_pct"}
PER_SHARE = {"sats_per_share", "sats_per_share_diluted", "sats_per_share_assumed"}


def with_dependents(unknown: set[str], before: dict[str, object]) -> set[str]:
    """What is unknown with every metric that is made of it, of those that were known."""
    found = set(unknown)
    for name, metric in METRICS.items():
        if not found.isdisjoint(metric.parameters):
            found.add(name)
    return {name for name in found if name in before and before[name] is not None}


# what is deleted from the facts of Strategy: what `missing` must name, and all that then is unknown
DELETED: dict[str, tuple[set[str], str, set[str]]] = {
    "btc": (
        {"btc_holdings"},
        "btc_holdings",
        {"btc", "btc_age_days", "break_even_btc_price"} | MULTIPLES_OF_BITCOIN | PER_SHARE | YIELDS | BAND | CLAIMED,
    ),
    "shares": (
        {"shares_basic", "shares_class_a"},
        "shares_basic",
        {"shares_basic", "shares_age_days", "market_cap", "mnav_market_cap", "sats_per_share"}
        | CLAIMED
        | OF_ENTERPRISE_VALUE
        | (OF_DILUTION - {"dilutive_shares"}),
    ),
    "debt": (
        {"debt_total", "principal"},
        "debt_total",
        {"debt", "debt_otm", "leverage", "claims_ratio", "break_even_btc_price"}
        | CLAIMED
        | OF_ENTERPRISE_VALUE
        | OF_NET_RESERVE
        | OF_DILUTION,  # its notes might be in the money
    ),
    "preferred": (
        {"preferred_total", "liquidation_preference"},
        "preferred_total",
        {"preferred", "preferred_otm", "preferred_at_market", "claims_ratio", "break_even_btc_price"}
        | CLAIMED
        | OF_ENTERPRISE_VALUE
        | OF_NET_RESERVE
        | OF_DILUTION,  # STRK might be in the money
    ),
    "cash": (
        {"cash", "usd_reserve"},
        "cash",
        {"cash", "break_even_btc_price", "mnav_ev_diluted"} | OF_ENTERPRISE_VALUE | OF_NET_RESERVE,
    ),
    "assumed diluted shares": (
        {"shares_assumed_diluted"},
        "shares_assumed_diluted",
        {"shares_assumed_diluted", "mnav_assumed_diluted", "sats_per_share_assumed"} | YIELDS,
    ),
    "options": ({"options_outstanding"}, "options_outstanding", OF_DILUTION),
    "stock units": ({"rsu_unvested"}, "rsu_unvested", OF_DILUTION),
    "cost": ({"btc_cost_basis"}, "btc_cost_basis", {"cost_basis", "cost_of_holdings", "unrealised_gain_usd", "cost_age_days"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def filtered(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Callable[..., sqlite3.Connection]]:
    """A database of some rows of the reference data: two companies, what a filter keeps, prices of a year."""
    sheets = [one for one in reference_sheets() if one[0].kind not in ("retraction", "withdrawn")]
    opened: list[sqlite3.Connection] = []

    def make(keep: Callable[[str, Row], bool]) -> sqlite3.Connection:
        chosen: Sheets = []
        for one, rows, name in sheets:
            kept = [
                row
                for row in rows
                if row.get("ticker") in ("MSTR", "3350.T", None)
                and "2024-10-25" <= str(row.get("date") or "2025-01-01") <= "2025-11-10"
                and keep(one.kind, row)
            ]
            chosen.append((one, kept, name))
        opened.append(valued(tmp_path_factory.mktemp("filtered") / "mnav.db", chosen))
        return opened[-1]

    yield make
    for connection in opened:
        connection.close()


@pytest.fixture(scope="module")
def whole(filtered: Callable[..., sqlite3.Connection]) -> sqlite3.Connection:
    return filtered(lambda kind, row: True)


def test_nothing_is_unknown_of_strategy_on_the_day_the_deletions_are_tried(
    whole: sqlite3.Connection, read: sqlite3.Connection
) -> None:
    found = dict(row(whole, DAY, "MSTR"))
    assert {name for name, value in found.items() if value is None} == {"reason", "volume", *RANGE}
    assert found == dict(row(read, DAY, "MSTR"))


@pytest.mark.slow
@pytest.mark.parametrize("deleted", DELETED)
def test_an_unknown_input_becomes_zero(
    filtered: Callable[..., sqlite3.Connection], whole: sqlite3.Connection, deleted: str
) -> None:
    """Everything that depends on it is unknown, `missing` names it, and nothing else changes."""
    quantities, named, unknown = DELETED[deleted]
    db = filtered(lambda kind, row: not (kind == "fact" and row["ticker"] == "MSTR" and row["quantity"] in quantities))
    before, after = dict(row(whole, DAY, "MSTR")), dict(row(db, DAY, "MSTR"))
    assert named in words(after["missing"])
    unknown = with_dependents(unknown, before)
    assert {name for name in before if after[name] is None and before[name] is not None} == unknown
    assert named in plainly(db, DAY, "MSTR").missing
    kept = set(before) - unknown - NOT_COMPARED - BAND
    assert {name: (before[name], after[name]) for name in kept if not same(before[name], after[name])} == {}


def test_unknown_debt_becomes_zero(world: Callable[..., sqlite3.Connection]) -> None:
    """No word on debt is not a word of no debt; a printed 0 is."""
    known = [one for one in EVERYTHING if one[0] != "debt_total"]
    arguments = {"company": TOKYO, "rates": RATES}
    assert row(world(known, {"2025-11-07": 400}, **arguments), "2025-11-07")["mnav_ev"] is None
    none = [*known, ("debt_total", "2025-11-01", "2025-11-01", 0, "USD")]
    found = row(world(none, {"2025-11-07": 400}, **arguments), "2025-11-07")
    assert found["debt"] == 0
    assert found["mnav_ev"] == pytest.approx(1.4185)


def test_an_issued_note_whose_principal_nobody_stated_counts_as_nothing(
    world: Callable[..., sqlite3.Connection],
) -> None:
    """A complete list may be summed, but not with one amount unknown; a filing has four business days."""
    note = {"kind": "convertible", "currency": "USD", "conversion_price": 500.0}
    db = world(
        [
            ("principal", "2025-03-03", "2025-03-03", 100e6, "USD", "first"),
            ("shares_basic", "2025-01-01", "2025-01-01", 1e6),
        ],
        {"2025-10-31": 24, "2025-11-04": 24, "2025-11-12": 24},
        company={"instruments_complete": "yes"},
        instruments=[
            {"instrument": "first", "issue_date": "2025-03-03", **note},
            {"instrument": "second", "issue_date": "2025-11-03", **note},
        ],
    )
    assert [row(db, day)["debt"] for day in ("2025-10-31", "2025-11-04", "2025-11-12")] == [100e6, 100e6, None]
    assert "debt_total" in words(row(db, "2025-11-12")["missing"])
    assert row(db, "2025-11-04")["shares_diluted"] == 1e6
    assert row(db, "2025-11-12")["shares_diluted"] is None
    for day, known in (
        ("2025-11-09", True),
        ("2025-11-10", False),
    ):  # the plain resolver draws the line at the same day
        state = plainly(db, day)
        assert (state.debt is not None, state.awards is not None) == (known, known)


def test_a_list_of_some_notes_summed_as_if_it_were_all(world: Callable[..., sqlite3.Connection]) -> None:
    note = {"instrument": "first", "kind": "bond", "currency": "USD", "issue_date": "2025-03-03"}
    facts = [("principal", "2025-03-03", "2025-03-03", 100e6, "USD", "first")]
    for complete, debt in (("yes", 100e6), ("no", None), (None, None)):
        db = world(facts, {"2025-11-04": 24}, company={"instruments_complete": complete}, instruments=[note])
        assert row(db, "2025-11-04")["debt"] == debt


def test_preferred_ignored_where_nobody_said_there_is_none(read: sqlite3.Connection) -> None:
    """Metaplanet's "no preferred" is a statement of 2025-08-13; before it nobody said so."""
    assert row(read, "2025-08-13", "3350.T")["preferred"] is None
    assert row(read, "2025-08-14", "3350.T")["preferred"] == 0


def test_a_carrying_amount_passes_for_principal(read: sqlite3.Connection) -> None:
    """MARA prints what its books carry, $3,599.927m at 2025-12-31: used, moved by the notes it bought back since, and said."""
    found = row(read, "2026-03-26", "MARA")
    assert found["debt"] == 3_599_927_000
    assert "DEBT_AT_CARRYING" in words(found["reason"])
    found = row(read, "2026-03-31", "MARA")
    assert found["debt"] == 3_599_927_000 - 367_500_000 - 633_400_000
    assert "DEBT_AT_CARRYING" in words(found["reason"])


def test_a_missing_bitcoin_price_is_made_up(
    filtered: Callable[..., sqlite3.Connection], whole: sqlite3.Connection
) -> None:
    before = dict(row(whole, DAY, "MSTR"))
    after = dict(row(filtered(lambda kind, row: kind != "btc_price"), DAY, "MSTR"))
    unknown = {"btc_price", "btc_fixing", "btc_price_at"} | MULTIPLES_OF_BITCOIN | BAND | CLAIMED
    unknown = with_dependents(unknown, before)
    assert {name for name in before if after[name] is None and before[name] is not None} == unknown
    assert {name for name in set(before) - unknown - NOT_COMPARED if before[name] != after[name]} == set()
    assert "btc_price" in words(after["missing"])
    assert "MISSING_PRICE" in words(after["reason"])


def test_another_fixing_of_bitcoin_passes_for_the_one_at_the_close(filtered: Callable[..., sqlite3.Connection]) -> None:
    """Without the hour of New York's close the hour before serves, without hours the last UTC close; never the dashboard's, and the row says so."""
    hourless = filtered(lambda kind, row: (row.get("date"), row.get("fixing")) != (DAY, "21:00"))
    found = row(hourless, DAY, "MSTR")
    assert (found["btc_fixing"], found["btc_price_at"]) == ("nyse_1500", f"{DAY}T20:00:00Z")
    found = row(filtered(lambda kind, row: ":" not in str(row.get("fixing"))), DAY, "MSTR")
    assert (found["btc_price"], found["btc_fixing"]) == (104_621, "utc")  # of 2025-11-09
    assert found["btc_price_at"] == f"{DAY}T00:00:00Z"


def test_a_day_without_a_close_gets_one(filtered: Callable[..., sqlite3.Connection]) -> None:
    db = filtered(lambda kind, row: not (kind == "equity_price" and (row["ticker"], row["date"]) == ("MSTR", DAY)))
    days = db.execute("SELECT max(date) FROM mnav_daily WHERE ticker = 'MSTR'").fetchone()
    assert days[0] == "2025-11-07"


def test_a_missing_exchange_rate_is_made_up(
    filtered: Callable[..., sqlite3.Connection], whole: sqlite3.Connection
) -> None:
    """3350.T without any yen: what is in yen is unknown, what never was (debt in dollars, bitcoin) stays."""
    before = dict(row(whole, DAY, "3350.T"))
    after = dict(row(filtered(lambda kind, row: row.get("currency") != "JPY" or kind != "fx_rate"), DAY, "3350.T"))
    unknown = {
        "fx", "price_usd", "market_cap", "mnav_market_cap", "cash", "net_reserve", "amplification", "cost_basis",
        "unrealised_gain_usd", "break_even_btc_price",
    } | (OF_ENTERPRISE_VALUE - ERROR_BAR) | BAND  # fmt: skip  # no rate of its debt was known yet
    unknown = with_dependents(unknown, before)
    assert {name for name in before if after[name] is None and before[name] is not None} == unknown
    assert {name for name in set(before) - unknown - NOT_COMPARED if before[name] != after[name]} == set()
    assert after["preferred"] == 0  # nought yen are nought dollars
    assert "usd_per_unit" in words(after["missing"])


# -- signs ---------------------------------------------------------------------------------------------------------

STRATEGY = {
    "price": 238.88, "fx": 1.0, "btc": 641_692.0, "shares_basic": 287_355_000.0, "dilutive_shares": 23_971_501.4,
    "shares_assumed_diluted": 320_282_000.0, "debt": 8_244e6, "preferred": 6_743e6, "cash": 54.285e6, "debt_itm": 3_213.75e6,
    "preferred_itm": 0.0, "cost_basis": 47_540e6, "cost_of_holdings": 47_540e6, "preferred_at_market": 6_387e6, "debt_stated": None,
    "preferred_stated": None,
}  # fmt: skip
UNDER_WATER = (8_244 - 3_213.75 + 6_743 - 54.285) * 1e6 / 641_692  # below it nothing is left for the common: $18,262.60


def test_a_negative_net_value_flips_the_sign_of_the_multiple() -> None:
    """Bitcoin from 1 to 1,000,000 dollars: at $15,000 Strategy is under water, not at "a discount of 675 %"."""
    assert set(STRATEGY) | {"btc_price"} == set(INPUTS)
    assert abs(UNDER_WATER - 18_262.60) < 0.01
    sweep = [10 ** (step / 200) for step in range(1201)] + [UNDER_WATER * (1 + n * 1e-9) for n in range(-20, 21)]
    last: float | None = None
    for price in sorted(sweep):
        found = evaluate({**STRATEGY, "btc_price": price})
        guarded = [found[name] for name in ("mnav_net", "equity_premium_pct", "amplification")]
        if price < UNDER_WATER * (1 - 1e-12):
            assert found["net_reserve"] < 0
            assert guarded == [None, None, None], price
        elif price > UNDER_WATER * (1 + 1e-12):
            assert all(value is not None and math.isfinite(value) for value in guarded), price
            assert found["mnav_net"] > 0
            assert found["amplification"] > 1
            assert last is None or found["mnav_net"] < last  # it only falls as bitcoin rises
            last = found["mnav_net"]
        for name in METRICS:
            assert found[name] is None or math.isfinite(found[name]), (name, price)
        for name in ("mnav_market_cap", "mnav_ev", "mnav_ev_diluted", "leverage", "claims_ratio"):
            assert found[name] > 0, (name, price)
        assert found["break_even_btc_price"] == pytest.approx(23_270.84, abs=0.01)


def test_a_pole_is_printed_by_the_view(world: Callable[..., sqlite3.Connection]) -> None:
    """The same in SQL: $100m of net claims on 1,000 BTC, at bitcoin prices around $100,000."""
    facts = [
        ("btc_holdings", "2025-01-01", "2025-01-01", 1_000),
        ("shares_basic", "2025-01-01", "2025-01-01", 1e6),
        ("debt_total", "2025-01-01", "2025-01-01", 70e6),
        ("preferred_total", "2025-01-01", "2025-01-01", 40e6),
        ("cash", "2025-01-01", "2025-01-01", 10e6),
    ]
    at = {1.0: -1, 15_000.0: -1, 99_999.99: -1, 100_000.0: 0, 100_000.01: 1, 150_000.0: 1, 1e6: 1}
    days = [f"2025-03-{3 + number:02}" for number in range(len(at))]
    bitcoin = {f"2025-03-{2 + number:02}": price for number, price in enumerate(at)}
    db = world(facts, dict.fromkeys(days, 50), bitcoin=bitcoin, company={"instruments_complete": "yes"})
    for day, (price, sign) in zip(days, at.items(), strict=True):
        found = row(db, day)
        assert found["btc_price"] == price
        assert math.copysign(1, found["net_reserve"]) == sign or found["net_reserve"] == 0 == sign
        for name in ("mnav_net", "equity_premium_pct", "amplification"):
            assert (found[name] is not None) == (sign > 0), (name, price)
        assert ("NET_RESERVE_NONPOSITIVE" in words(found["reason"])) == (sign <= 0)
        assert found["mnav_ev"] == pytest.approx((50e6 + 100e6) / (1_000 * price))
    assert row(db, days[5])["mnav_net"] == pytest.approx(1.0)  # 50m over 150m − 100m


def test_no_bitcoin_gives_an_infinite_multiple(world: Callable[..., sqlite3.Connection]) -> None:
    facts = [("btc_holdings", "2025-01-01", "2025-01-01", 0), ("shares_basic", "2025-01-01", "2025-01-01", 1e6)]
    found = row(world(facts, {"2025-03-03": 50}), "2025-03-03")
    assert found["btc"] == 0
    assert found["mnav_market_cap"] is None
    assert "NAV_ZERO" in words(found["reason"])


def test_a_premium_is_clipped_at_zero(read: sqlite3.Connection) -> None:
    """Strive in February 2026: enterprise value less than its bitcoin."""
    found = row(read, "2026-02-11", "ASST")
    assert found["implied_premium_usd"] == pytest.approx(found["enterprise_value"] - found["btc_nav"])
    assert found["implied_premium_usd"] < 0


def test_the_enterprise_multiple_is_held_above_the_gross_one() -> None:
    """Not where cash is more than debt and preferred: 100 of equity, 60 of cash, 20 of debt, 50 of bitcoin."""
    found = evaluate({**dict.fromkeys(INPUTS), "price": 100.0, "fx": 1.0, "shares_basic": 1.0, "btc": 1.0, "btc_price": 50.0,
                      "debt": 20.0, "preferred": 0.0, "cash": 60.0})  # fmt: skip
    assert (found["mnav_market_cap"], found["mnav_ev"]) == (2.0, 1.2)
    assert found["break_even_btc_price"] is None  # no claims beyond the cash


def test_the_break_even_price_does_not_break_even() -> None:
    """Fed back as the bitcoin price, it leaves bitcoin exactly worth debt and preferred less cash."""
    price = evaluate({**STRATEGY, "btc_price": 100_000.0})["break_even_btc_price"]
    assert price * 641_692 == pytest.approx(8_244e6 + 6_743e6 - 54.285e6)


def test_a_multiple_and_a_premium_confused(read: sqlite3.Connection) -> None:
    """1.229x is a premium of 22.9 %; columns in per cent say so in their name."""
    found = row(read, DAY, "MSTR")
    assert (round(found["mnav_ev"], 3), round(found["implied_premium_pct"], 1)) == (1.229, 22.9)
