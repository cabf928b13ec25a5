"""Valuing only what changed ends where valuing everything anew ends, whatever changed and in whatever order."""

from __future__ import annotations

import math
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import EXCHANGES, SOURCES, company, facts, sheet, store
from sqlite_utils import Database

from db import open_database
from db.derived import at_close
from db.derived.valuations import bring_up_to_date, rebuild
from db.tables.outdated import mark_states
from db.tables.store import retract
from db.tables.transaction import writing
from treasury.model import InputError

FIRST = date(2023, 1, 3)
CLOSES = [FIRST + timedelta(days=18 * number) for number in range(44)]  # two years, a close every 18 days …
CLOSES += [CLOSES[-1] + timedelta(days=number) for number in range(1, 9)]  # … and eight days in a row
LAST = CLOSES[-1]
TODAY = LAST + timedelta(days=1)
COMPANIES = ("AMER", "NIPP", "TRAK", "SPAC", "LATE")
TRACKED = ("tracker-2023-06-01", "tracker-2024-01-06", "tracker-2024-02-03", "tracker-2024-12-20")


def bitcoin(day: date) -> float:
    return 30_000 + 83 * ((day.toordinal() * 7919) % 601)


def prices() -> Iterator[str]:
    around = sorted({day - timedelta(days=before) for day in CLOSES for before in (0, 1)})
    yield sheet(
        "btc_price",
        *(f"{day},utc,{bitcoin(day)},market" for day in around),
        *(f"{day},nyse,{bitcoin(day) + 500},market" for day in CLOSES[::2]),
    )
    yield sheet("fx_rate", *(f"{day},JPY,{0.0065 + day.day / 1e5},market" for day in CLOSES))
    for number, ticker in enumerate(COMPANIES):
        own = CLOSES[number * 3 :]
        yield sheet(
            "equity_price", *(f"{ticker},{day},{20 + (day.toordinal() * (number + 3)) % 17},market" for day in own)
        )


def everything() -> list[str]:
    """Companies of every sort: complete and not, in dollars and yen, told of by filings and by trackers only."""
    return [
        SOURCES + "".join(f"{one},tracker,A tracker,,\n" for one in TRACKED),
        EXCHANGES,
        *prices(),
        company("AMER"),
        company("NIPP", mic="XTKS", currency="JPY", complete=""),
        company("TRAK", complete=""),
        company("SPAC", kind="spac"),
        company("LATE"),
        sheet(
            "instrument",
            "AMER,note,convertible,USD,2023-03-01,2028-03-01,,,,30,,,,,,,filings",
            "AMER,options,option,USD,2023-01-01,,,,,25,,,,,,,filings",
            "NIPP,bond,bond,JPY,2024-01-01,2024-12-01,,,,,,,,,,,filings",
        ),
        sheet("split", "AMER,2024-05-01,2,1,filings,"),
        facts(
            "AMER",
            "btc_holdings 2023-01-10 2023-01-11T21:30:00Z 100 BTC",
            "btc_holdings 2024-02-01 2024-02-02 150 BTC",
            "btc_holdings 2024-11-03 2024-11-04T13:00:00Z 180 BTC",
            "shares_basic 2023-01-01 2023-01-20 500000 shares",
            "shares_basic 2024-03-31 - 600000 shares",
            "shares_basic 2024-11-01 2024-11-02T12:00:00Z 1300000 shares",
            "shares_assumed_diluted 2024-02-01 2024-02-02 700000 shares",
            "debt_total 2023-12-31 2024-02-15 1000000 USD",
            "principal/note 2023-03-01 2023-03-02 900000 USD",
            "options_outstanding/options 2023-02-01 2023-02-03 40000 shares",
            "cash 2023-12-31 2024-02-15 200000 USD",
            "btc_cost_basis 2024-02-01 2024-02-02 3000000 USD",
        ),
        facts(
            "NIPP",
            "btc_holdings 2023-04-01 2023-04-01T05:00:00Z 20 BTC",
            "btc_holdings 2024-09-01 2024-09-01T07:00:00Z 40 BTC",
            "shares_basic 2023-04-01 2023-04-02 900000 shares",
            "shares_basic 2024-09-01 2024-09-02 950000 shares",
            "debt_total 2023-12-31 2024-02-10 50000000 JPY",
            "principal/bond 2024-01-01 2024-01-02 70000000 JPY",
            "preferred_total 2024-01-01 2024-01-05 10000 USD",
            "cash 2023-12-31 2024-02-10 9000000 JPY",
        ),
        *(facts("TRAK", f"btc_holdings {one[-10:]} - {btc} BTC", source=one) for one, btc in zip(TRACKED, (5, 5, 6, 9), strict=True)),
        facts("TRAK", "shares_basic 2023-06-01 2023-06-02 400000 shares", source="press"),
        facts("SPAC", "btc_holdings 2024-01-01 2024-01-02 7 BTC", "shares_basic 2024-01-01 2024-01-02 200000 shares"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def valued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made-up") / "mnav.db"
    db = open_database(path, writable=True)
    store(db, *everything())
    rebuild(db)
    db.close()
    return path


@pytest.fixture
def world(valued: Path, tmp_path: Path) -> Iterator[Database]:
    db = open_database(shutil.copy(valued, tmp_path / "mnav.db"), writable=True)
    yield db
    db.close()


def snapshot(db: Database) -> dict[str, list[tuple[object, ...]]]:
    return {
        "state": db.execute("SELECT * FROM state ORDER BY company_id, from_date").fetchall(),
        "valuation": db.execute("SELECT * FROM valuation ORDER BY company_id, date").fetchall(),
        "at_close": db.execute(
            f"SELECT v.company_id, v.date, m.* FROM company c JOIN valuation v ON v.company_id = c.id{at_close.JOIN} ORDER BY 1, 2"
        ).fetchall(),
    }


def assert_equal(ours: dict[str, list[tuple[object, ...]]], whole: dict[str, list[tuple[object, ...]]]) -> None:
    for table in whole:
        assert [row[:2] for row in ours[table]] == [row[:2] for row in whole[table]], table
        for one, other in zip(ours[table], whole[table], strict=True):
            same = all(
                math.isclose(a, b, rel_tol=1e-9) if isinstance(a, float) and isinstance(b, float) else a == b
                for a, b in zip(one, other, strict=True)
            )
            assert same, f"{table}: brought up to date {one}, made anew {other}"


# -- one change at a time ------------------------------------------------------------------------------------------

Change = Callable[[Database], object]


@dataclass(frozen=True)
class adding:  # reads as a verb; its repr is what a failing example shows
    """Files imported."""

    files: tuple[str, ...]

    def __init__(self, *files: str) -> None:
        object.__setattr__(self, "files", files)

    def __call__(self, db: Database) -> None:
        store(db, *self.files)


def withdrawing(ticker: str, quantity: str, as_of: str) -> Change:
    def change(db: Database) -> None:
        (fact,) = db.execute(
            "SELECT id FROM fact WHERE ticker = ? AND quantity = ? AND as_of = ?", [ticker, quantity, as_of]
        ).fetchone()
        with writing(db):
            retract(db, fact, "2025-06-01", "read from the wrong column")

    return change


MIDDLE = CLOSES[20]
CHANGES: dict[str, Change] = {
    "a new fact today": adding(facts("AMER", f"btc_holdings {LAST} {LAST}T06:00:00Z 333 BTC")),
    "a back-dated fact two years ago": adding(facts("AMER", "btc_holdings 2023-01-01 2023-01-02 55 BTC")),
    "a back-dated fact that changes what was current": adding(facts("AMER", "shares_basic 2023-06-30 2023-07-10 555000 shares")),
    "a fact known long after": adding(facts("NIPP", "cash 2024-03-31 2024-12-01 5000000 JPY")),
    "a tracker's earlier value": adding(facts("TRAK", "btc_holdings 2023-09-01 - 4 BTC", source="tracker-2025-01-06")),
    "a fact announced ahead": adding(
        sheet("fact", "AMER,note,principal,2024-10-01,2024-08-20T12:00:00Z,0,USD,filings,forward dated: called")
    ),
    "the first fact of a company": adding(facts("LATE", "btc_holdings 2024-01-01 2024-01-02 3 BTC")),
    "a retraction": withdrawing("AMER", "btc_holdings", "2024-02-01"),
    "a retraction of the first fact": withdrawing("NIPP", "btc_holdings", "2023-04-01"),
    "a retraction of the last fact": withdrawing("AMER", "shares_basic", "2024-11-01"),
    "a retraction of a claim": withdrawing("AMER", "principal", "2023-03-01"),
    "a changed close": adding(sheet("equity_price", f"AMER,{MIDDLE},99,market")),
    "a changed bitcoin price (utc)": adding(sheet("btc_price", f"{CLOSES[-3]},utc,77000,market")),
    "a changed bitcoin price (nyse)": adding(sheet("btc_price", f"{CLOSES[20]},nyse,77000,market")),
    "a new bitcoin price (nyse)": adding(sheet("btc_price", f"{CLOSES[21]},nyse,77000,market")),
    "a changed rate": adding(sheet("fx_rate", f"{CLOSES[-4]},JPY,0.009,market")),
    "a rate in a currency nobody quoted before": adding(
        sheet("fx_rate", *(f"{day},EUR,1.1,market" for day in CLOSES)), facts("AMER", "preferred_total 2024-06-01 2024-06-02 1000 EUR")
    ),
    "a new day for all companies": adding(
        sheet("equity_price", *(f"{ticker},{TODAY},21,market" for ticker in COMPANIES)),
        sheet("btc_price", f"{LAST},utc,91000,market", f"{TODAY},utc,92000,market", f"{TODAY},nyse,91500,market"),
        sheet("fx_rate", f"{TODAY},JPY,0.0071,market"),
    ),
    "a close on a day before the first": adding(sheet("equity_price", "AMER,2022-12-30,19,market")),
    "a new split": adding(sheet("split", "NIPP,2024-03-01,1,10,filings,")),
    "a corrected split": adding(sheet("split", "AMER,2024-05-01,4,1,filings,")),
    "a new instrument": adding(
        sheet("instrument", "AMER,units,rsu,USD,2023-01-01,,,,,,,,,,,,filings"), facts("AMER", "rsu_unvested/units 2024-01-01 2024-01-05 9000 shares")
    ),
    "a corrected conversion price": adding(sheet("instrument", "AMER,note,convertible,USD,2023-03-01,2028-03-01,,,,22,,,,,,,filings")),
    "a note retired": adding(sheet("instrument", "AMER,note,convertible,USD,2023-03-01,2028-03-01,,,,30,,,,,2024-09-09,,filings")),
    "a new company": adding(
        company("NEWCO"),
        facts("NEWCO", "btc_holdings 2024-06-01 2024-06-02 11 BTC", "shares_basic 2024-06-01 2024-06-02 300000 shares"),
        sheet("equity_price", *(f"NEWCO,{day},12,market" for day in CLOSES[25:])),
    ),
    "a list of instruments found incomplete": adding(company("AMER", complete="")),
    "a company merged away": adding(company("NIPP", mic="XTKS", currency="JPY", complete="", active_to="2024-10-10")),
    "a spac merged": adding(company("SPAC", kind="treasury")),
    "a company that moved to another exchange": adding(company("TRAK", mic="XTKS", complete="")),
    "an exchange that closes later": adding(EXCHANGES.replace("16:00", "20:00")),
    "a source that is no filing after all": adding(SOURCES.replace("filings,filing", "filings,press")),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_one_change_brought_up_to_date_is_everything_made_anew(world: Database, change: Change) -> None:
    before = snapshot(world)
    change(world)
    bring_up_to_date(world)
    ours = snapshot(world)
    assert ours != before, "the change must matter, or this test could not fail"
    assert world.execute("SELECT count(*) FROM dirty").fetchone() == (0,)
    rebuild(world)
    assert_equal(ours, snapshot(world))


def test_without_a_change_nothing_is_valued(world: Database) -> None:
    before = snapshot(world)
    assert bring_up_to_date(world) == 0
    assert snapshot(world) == before


@pytest.mark.parametrize(
    ("change", "at_most"), [("a changed close", 1), ("a new fact today", 3), ("a new day for all companies", 15)]
)
def test_a_small_change_is_little_work(world: Database, change: str, at_most: int) -> None:
    CHANGES[change](world)
    assert 0 < bring_up_to_date(world) <= at_most


def test_a_fact_is_valued_over_what_its_closes_met_before(world: Database) -> None:
    CHANGES["a back-dated fact that changes what was current"](world)
    asked: list[str] = []
    world.conn.set_trace_callback(asked.append)
    bring_up_to_date(world)
    world.conn.set_trace_callback(None)
    assert any("FROM at_close" in one for one in asked)
    assert not any("FROM price" in one and "'BTC'" in one for one in asked)


def test_a_close_that_met_nothing_yet_is_met_anew(world: Database) -> None:
    before = snapshot(world)
    with writing(world):
        world.execute("DELETE FROM at_close WHERE date = ?", (str(CLOSES[30]),))
        for ticker in ("AMER", "NIPP"):
            mark_states(world, ticker, str(CLOSES[20]))
    bring_up_to_date(world)
    assert_equal(before, snapshot(world))


def test_an_empty_database_is_valued_whole(tmp_path: Path) -> None:
    db = open_database(tmp_path / "mnav.db", writable=True)
    store(db, *everything())
    (closes,) = db.execute("SELECT count(*) FROM price WHERE fixing = 'close'").fetchone()
    assert bring_up_to_date(db) == closes
    ours = snapshot(db)
    rebuild(db)
    assert_equal(ours, snapshot(db))
    db.close()


def test_one_company_at_a_time_ends_at_the_same_place(world: Database) -> None:
    for change in ("a changed bitcoin price (utc)", "a retraction", "a new split", "an exchange that closes later"):
        CHANGES[change](world)
    for ticker in COMPANIES:
        bring_up_to_date(world, [ticker])
    ours = snapshot(world)
    rebuild(world)
    assert_equal(ours, snapshot(world))


def test_a_price_of_bitcoin_is_valued_for_everyone_where_one_company_is_asked(world: Database) -> None:
    """Companies share what their closes meet: a new price beside amounts and doubts of the old one would be nobody's valuation."""
    CHANGES["a changed bitcoin price (nyse)"](world)
    CHANGES["a changed rate"](world)
    bring_up_to_date(world, ["AMER"])
    ours = snapshot(world)
    rebuild(world)
    assert_equal(ours, snapshot(world))


def test_a_company_that_moved_has_no_valuation_until_the_next_one(world: Database) -> None:
    own = "SELECT count(*) FROM valuation v JOIN company c ON c.id = v.company_id WHERE c.ticker = 'TRAK'"
    assert world.execute(own).fetchone()[0] > 0
    CHANGES["a company that moved to another exchange"](world)
    assert world.execute(own).fetchone()[0] == 0


def test_a_killed_update_leaves_the_last_good_state_and_the_next_one_finishes(
    world: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(world)
    CHANGES["a new split"](world)

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("db.derived.valuations.write_valuations", killed)
        with pytest.raises(KeyboardInterrupt):
            bring_up_to_date(world)
    assert snapshot(world) == before
    bring_up_to_date(world)
    ours = snapshot(world)
    assert ours != before
    rebuild(world)
    assert_equal(ours, snapshot(world))


@pytest.mark.slow
def test_the_reference_data_after_many_changes(reference_db: Path, tmp_path: Path) -> None:
    db = open_database(shutil.copy(reference_db, tmp_path / "mnav.db"), writable=True)
    before = snapshot(db)
    filing, rate = "sec-0001193125-25-273310", "ecb"
    store(
        db,
        sheet("fact", f"MSTR,,btc_holdings,2024-01-05,2024-01-06,190000,BTC,{filing},a mistake", f"MARA,,cash,2025-11-01,2025-11-02T12:00:00Z,5,USD,{filing},"),
        sheet("equity_price", f"MSTR,2024-05-06,1264,{filing}", f"3350.T,2025-06-20,1900,{filing}", f"MSTR,2026-06-30,95,{filing}"),
        sheet("btc_price", f"2025-11-07,nyse,99999,{filing}", f"2025-07-15,utc,120000,{filing}"),
        sheet("fx_rate", f"2025-11-06,JPY,0.0066,{rate}"),
        sheet("split", f"MARA,2025-02-03,3,1,{filing},"),
    )  # fmt: skip
    with writing(db):
        for ticker, quantity in (("MSTR", "shares_basic"), ("3350.T", "btc_holdings"), ("MSTR", "debt_total")):
            (fact,) = db.execute(
                "SELECT max(id) FROM known_fact WHERE ticker = ? AND quantity = ?", [ticker, quantity]
            ).fetchone()
            retract(db, fact, "2026-07-01", "a test")
    assert 0 < bring_up_to_date(db) < len(before["valuation"])
    ours = snapshot(db)
    assert ours != before
    rebuild(db)
    assert_equal(ours, snapshot(db))
    db.close()


# -- any changes in any order --------------------------------------------------------------------------------------

_days = st.one_of(st.sampled_from(CLOSES), st.dates(FIRST - timedelta(days=5), TODAY + timedelta(days=3)))
_tickers = st.sampled_from(COMPANIES)


@st.composite
def _fact(draw: st.DrawFn) -> Change:
    quantity, unit, low = draw(
        st.sampled_from(
            [
                ("btc_holdings", "BTC", 1), ("shares_basic", "shares", 200_000), ("shares_assumed_diluted", "shares", 300_000),
                ("debt_total", "USD", 0), ("debt_carrying", "JPY", 1000), ("preferred_total", "USD", 0), ("cash", "JPY", 5), ("usd_reserve", "USD", 9),
                ("btc_cost_basis", "USD", 9), ("principal/note", "USD", 0), ("principal/bond", "JPY", 10), ("options_outstanding/options", "shares", 0),
            ]
        )
    )  # fmt: skip
    as_of = draw(_days)
    lag = draw(st.sampled_from([0, 0, 1, 45, 400, -1, -40]))
    known = (as_of + timedelta(days=lag)).isoformat() + draw(
        st.sampled_from(["", "T03:00:00Z", "T06:30:00Z", "T21:00:00Z", "T23:59:59Z"])
    )
    source = draw(st.sampled_from(["filings", "press", "tracker-2025-01-06", "tracker-2025-02-03"]))
    quantity, _, instrument = quantity.partition("/")
    value = low + draw(st.integers(0, 5)) * 100_000
    row = f"{draw(_tickers)},{instrument},{quantity},{as_of},{draw(st.sampled_from([known, known, '']))},{value},{unit},{source},forward dated"
    return adding(sheet("fact", row))


@st.composite
def _retraction(draw: st.DrawFn) -> Change:
    number = draw(st.integers(0, 10_000))

    def change(db: Database) -> None:
        standing = [one for (one,) in db.execute("SELECT id FROM known_fact ORDER BY id").fetchall()]
        if standing:
            with writing(db):
                retract(db, standing[number % len(standing)], "2025-06-01", "a test")

    return change


@st.composite
def _price(draw: st.DrawFn) -> Change:
    day, factor = draw(_days), draw(st.sampled_from([0.5, 1.3, 2.0]))
    return adding(
        draw(
            st.sampled_from(
                [
                    sheet("equity_price", f"{draw(_tickers)},{day},{20 * factor},market"),
                    sheet("btc_price", f"{day},utc,{60_000 * factor},market"),
                    sheet("btc_price", f"{day},nyse,{60_000 * factor},market"),
                    sheet(
                        "fx_rate", f"{day},JPY,{0.007 * min(max(factor, 0.9), 1.5)},market"
                    ),  # within what a yen was ever worth
                ]
            )
        )
    )


@st.composite
def _description(draw: st.DrawFn) -> Change:
    ticker, day = draw(_tickers), draw(_days)
    yen = ticker == "NIPP"
    about = {"mic": "XTKS" if yen else "XNAS", "currency": "JPY" if yen else "USD"}
    return adding(
        draw(
            st.sampled_from(
                [
                    sheet("split", f"{ticker},{day},{draw(st.sampled_from(['2,1', '1,10', '3,2']))},filings,"),
                    sheet("instrument", f"{ticker},note,convertible,USD,{day},2030-01-01,,,,{draw(st.sampled_from([15, 25, 40]))},,,,,,,filings"),
                    sheet("instrument", f"{ticker},bond,bond,JPY,2023-02-01,{day},,,,,,,,,,,filings"),
                    sheet("instrument", f"{ticker},options,option,USD,2023-01-01,,,,,{draw(st.sampled_from([10, 30]))},,,,,{day},,filings"),
                    company(ticker, complete=draw(st.sampled_from(["yes", ""])), kind=draw(st.sampled_from(["treasury", "spac"])), **about),
                    company(ticker, active_to=str(day), **about),
                    EXCHANGES.replace("16:00", draw(st.sampled_from(["13:00", "20:00"]))),
                    SOURCES.replace("press,press", draw(st.sampled_from(["press,filing", "press,tracker"]))),
                ]
            )
        )
    )  # fmt: skip


def _partly(tickers: list[str], since: date | None) -> Change:
    return lambda db: bring_up_to_date(db, tickers, str(since) if since else None)


_updates = st.one_of(
    st.just(bring_up_to_date), st.builds(_partly, st.lists(_tickers, max_size=2), st.one_of(st.none(), _days))
)


def test_a_late_secondary_source_adds_no_state_before_it(valued: Path, tmp_path: Path) -> None:
    """Press of May on a debt that had gone 120 days without news in April: the age of the old fact is no change in April."""
    db = open_database(shutil.copy(valued, tmp_path / "mnav.db"), writable=True)
    store(db, facts("NIPP", "debt_total 2024-05-03 2024-05-03 0 USD", source="press"))
    bring_up_to_date(db)
    ours = snapshot(db)
    rebuild(db)
    assert_equal(ours, snapshot(db))


@pytest.mark.slow
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.one_of(_fact(), _fact(), _retraction(), _price(), _price(), _description(), _updates), min_size=1, max_size=8
    )
)
def test_any_changes_in_any_order(valued: Path, changes: list[Change]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = open_database(shutil.copy(valued, Path(folder) / "mnav.db"), writable=True)
        for change in changes:
            try:
                change(db)
            except InputError as error:
                # it contradicts an earlier one of the same source, or speaks of an instrument nobody described
                assert re.search("is stored as|is stated of an instrument", str(error))  # noqa: PT017
        bring_up_to_date(db)
        ours = snapshot(db)
        rebuild(db)
        assert_equal(ours, snapshot(db))
        db.close()
