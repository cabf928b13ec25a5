"""Rule 4 and 2: listed units, classes, flows since the last count, doubted inputs; rounded figures and copies."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from made import CLOSES, DAY, ORANGE, fact, market
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import bring_up_to_date, rebuild
from db.feeds.checks import doubted_inputs, ties
from db.tables import objects
from db.tables.store import add, retract
from db.tables.transaction import writing
from treasury.intake.csv_files import SHEETS, read_sheet
from treasury.known.register import Register
from treasury.known.resolve import State, resolve
from treasury.model import Fact, Listing, Split
from treasury.share_classes import ShareClass
from treasury.splits import ShareBasis
from treasury.valuation.inputs import inputs_at, reasons_at

CHANGE = DAY - timedelta(days=30)
TOLD = DAY - timedelta(days=60)


def state(*facts: Fact, register: Register | None = None, splits: list[Split] | None = None, day: date = DAY) -> State:
    return resolve(ORANGE, day, facts, [], splits or [], CLOSES, register or Register())


def shares(*facts: Fact, **more: object) -> tuple[float | None, str]:
    found = state(*facts, **more)  # type: ignore[arg-type]
    return found.shares_basic.value if found.shares_basic else None, " ".join(found.reasons)


# -- listed units --------------------------------------------------------------------------------------------------


def test_a_price_of_a_unit_meets_shares_through_its_ratio() -> None:
    """One ADS of 15 shares: 150 million shares are 10 million of what is quoted, market cap and satoshis per unit alike."""
    register = Register([Listing("ORNG", "ADS", 15.0)])
    facts = [fact("shares_basic", 150e6, TOLD), fact("btc_holdings", 1000.0)]
    found = state(*facts, register=register)
    inputs = inputs_at(found, ORANGE, 3.0, DAY, CLOSES, market(100_000.0))
    assert inputs["shares_basic"] == pytest.approx(10e6)
    assert shares(fact("shares_listed_units", 10e6, TOLD), register=register) == (10e6, "")


def test_the_end_of_a_unit_is_no_split() -> None:
    """One ADS of two shares until the change: the price halves, the shares stay, and a count in units doubles."""
    register = Register([Listing("ORNG", "ADS", 2.0, None, CHANGE)])
    count, units = fact("shares_basic", 300e6, TOLD), fact("shares_listed_units", 150e6, TOLD)
    before = CHANGE - timedelta(days=1)
    assert (shares(count, register=register, day=before)[0], shares(count, register=register)[0]) == (150e6, 300e6)
    assert (shares(units, register=register, day=before)[0], shares(units, register=register)[0]) == (150e6, 300e6)


def test_a_vendors_split_of_the_very_ratio_is_the_change_of_the_unit() -> None:
    """From 10 to 100 shares a unit, which vendors book as a reverse split of 1 for 10: ordinary shares stay."""
    register = Register([Listing("ORNG", "ADS", 10.0, None, CHANGE), Listing("ORNG", "ADS", 100.0, CHANGE)])
    booked = [Split("ORNG", CHANGE, 0.1)]
    assert shares(fact("shares_basic", 250e6, TOLD), register=register, splits=booked) == (2.5e6, "")
    assert shares(fact("shares_listed_units", 25e6, TOLD), register=register, splits=booked) == (2.5e6, "")
    assert shares(fact("shares_listed_units", 2.5e6, CHANGE), register=register, splits=booked) == (2.5e6, "")


def test_a_consolidation_that_takes_the_place_of_the_unit_steps_nothing() -> None:
    """1 for 150 on the day an ADS of 150 ends: one new share for one ADS."""
    basis = ShareBasis([Split("ORNG", CHANGE, 1 / 150)], [Listing("ORNG", "ADS", 150.0, TOLD, CHANGE)])
    assert basis.units(TOLD, DAY) == pytest.approx(1.0)
    assert basis.listed(TOLD, DAY) == pytest.approx(1 / 150)


def test_an_unknown_unit_meets_no_price() -> None:
    register = Register([Listing("ORNG", "ADS", None)])
    assert shares(fact("shares_basic", 150e6, TOLD), register=register) == (None, "UNIT_UNKNOWN")
    assert shares(fact("shares_listed_units", 150e6, TOLD), register=register) == (150e6, "")
    begins = Register([Listing("ORNG", "ADS", 4.0, CHANGE)])  # what the unit was worth before is not known
    assert shares(fact("shares_basic", 150e6, TOLD), register=begins, day=TOLD + timedelta(days=5)) == (
        None,
        "UNIT_UNKNOWN",
    )
    assert shares(fact("shares_listed_units", 150e6, TOLD), register=begins) == (None, "UNIT_UNKNOWN")


@pytest.mark.parametrize("ticker", ["CAN", "NCTY", "SOS", "BTCM", "SQNS", "CANG"])
def test_no_price_of_a_unit_meets_ordinary_shares_unadjusted(reference_db: Path, ticker: str) -> None:
    """Of every company listed in units a count of 100 million ordinary shares never stands as 100 million units."""
    db = open_database(reference_db)
    (company,) = [one for one in objects.companies(db).values() if one.ticker == ticker]
    day = date(2025, 11, 14)
    found = resolve(
        company, day, [fact("shares_basic", 100e6, date(2025, 11, 3), ticker=ticker)], [], objects.splits(db), objects.closes(db), objects.register(db)
    )  # fmt: skip
    ratio = ShareBasis([], objects.register(db).of(ticker).listings).per_unit(day)
    if ratio is None:
        assert found.shares_basic is None
        assert "UNIT_UNKNOWN" in found.reasons
    else:
        assert found.shares_basic is not None
        assert found.shares_basic.value == pytest.approx(100e6 / ratio)
        assert (ratio == 1) == (ticker == "SOS")  # whose share itself is listed since 2025-09-08


# -- classes -------------------------------------------------------------------------------------------------------


def test_classes_count_as_their_rows_say() -> None:
    classes = [ShareClass("ORNG", "A", 1.0), ShareClass("ORNG", "B", None)]
    a, b = fact("shares_class_a", 346e6, TOLD), fact("shares_class_b", 304e6, TOLD)
    assert shares(a, b, register=Register(classes=classes)) == (346e6, "")
    exchangeable = [ShareClass("ORNG", "A", 1.0), ShareClass("ORNG", "B", 0.5)]
    assert shares(a, b, register=Register(classes=exchangeable)) == (498e6, "")
    assert shares(a, b) == (None, "MISSING_SHARES")  # without a row nobody knows what a class is worth
    assert shares(a, register=Register(classes=exchangeable)) == (
        None,
        "MISSING_SHARES",
    )  # nor the whole without a part


def test_a_newer_count_of_all_shares_speaks_before_the_classes() -> None:
    classes = Register(classes=[ShareClass("ORNG", "A", 1.0)])
    a, whole = fact("shares_class_a", 346e6, TOLD), fact("shares_basic", 350e6, TOLD + timedelta(days=1))
    assert shares(a, whole, register=classes)[0] == 350e6
    later = fact("shares_class_a", 360e6, TOLD + timedelta(days=2))
    assert shares(a, whole, later, register=classes)[0] == 360e6


# -- flows ---------------------------------------------------------------------------------------------------------


def flow(
    value: float,
    start: int,
    end: int,
    quantity: str = "shares_sold",
    known: int | None = None,
    *,
    kind: str = "filing",
    source: str = "sec-1",
    instrument: str | None = None,
) -> Fact:
    """Shares sold from one day after TOLD to another."""
    told = TOLD + timedelta(days=end if known is None else known)
    made = fact(quantity, value, TOLD + timedelta(days=end), told, kind=kind, source=source, instrument=instrument)
    return replace(made, period_start=TOLD + timedelta(days=start))


def test_what_an_issuer_sold_and_bought_back_moves_its_last_count() -> None:
    count = fact("shares_basic", 100e6, TOLD)
    assert shares(count, flow(3e6, 1, 7)) == (103e6, "SHARES_ROLLED_FORWARD")
    assert shares(count, flow(3e6, 1, 7), flow(2e6, 8, 14), flow(1e6, 1, 30, "shares_bought_back"))[0] == 104e6
    assert shares(count, flow(3e6, 1, 7), fact("shares_basic", 110e6, TOLD + timedelta(days=20))) == (110e6, "")


def test_a_period_that_began_before_the_count_or_was_counted_already_is_passed_over() -> None:
    count = fact("shares_basic", 100e6, TOLD)
    assert shares(count, flow(3e6, 0, 7)) == (100e6, "")
    quarter = flow(9e6, 3, 90 - 60, source="sec-2")
    assert shares(count, flow(3e6, 1, 7), quarter)[0] == 103e6
    restated = flow(4e6, 1, 7, known=9, source="sec-3")
    assert shares(count, flow(3e6, 1, 7), restated)[0] == 104e6  # known last


def test_only_the_issuers_own_word_and_its_own_share_move_a_count() -> None:
    count = fact("shares_basic", 100e6, TOLD)
    assert shares(count, flow(3e6, 1, 7, kind="press"))[0] == 100e6
    assert shares(count, flow(3e6, 1, 7, instrument="series-a"))[0] == 100e6
    assert shares(count, flow(3e6, 1, 7, instrument="ORNG"))[0] == 103e6
    assert shares(count, flow(3e6, 1, 7, instrument="orng"))[0] == 103e6  # as Strategy's tables name it


# -- doubted inputs ------------------------------------------------------------------------------------------------


def doubted(price: float, held: int, counted: int, splits: list[Split] | None = None) -> tuple[object, ...]:
    """What is left of holdings and shares, and the code, where they are so many days old; 1,000 BTC, a million shares."""
    facts = [
        fact("btc_holdings", 1000.0, DAY - timedelta(days=held)),
        fact("shares_basic", 1e6, DAY - timedelta(days=counted)),
    ]
    found = state(*facts, splits=splits)
    prices = market(100_000.0)
    inputs = inputs_at(found, ORANGE, price, DAY, CLOSES, prices)
    return inputs["btc"], inputs["shares_basic"], " ".join(reasons_at(found, ORANGE, price, DAY, CLOSES, prices))


def test_old_inputs_beside_a_tiny_market_cap_are_not_believed() -> None:
    """A hundred million dollars of bitcoin, and a market cap of nine or eleven."""
    assert doubted(11.0, 300, 300) == (1000.0, 1e6, "")
    assert doubted(9.0, 180, 90) == (1000.0, 1e6, "")
    assert doubted(9.0, 181, 90) == (None, 1e6, "INPUTS_DOUBTED")
    assert doubted(9.0, 180, 91) == (1000.0, None, "INPUTS_DOUBTED")


def test_a_count_from_before_a_large_reverse_split_is_doubted_however_new() -> None:
    """Ten for one since: the count is divided, and whether it was made before or after is the usual mistake."""
    recent = [Split("ORNG", DAY - timedelta(days=5), 0.1)]
    assert doubted(50.0, 1, 10, recent) == (1000.0, None, "INPUTS_DOUBTED")
    assert doubted(50.0, 1, 10, [Split("ORNG", DAY - timedelta(days=5), 0.125)])[2] == ""


@pytest.mark.slow
def test_doubt_shows_in_the_row_and_the_check_and_a_price_alone_can_end_it(bundled: Database) -> None:
    db = bundled
    with db.conn:
        db.execute("INSERT INTO split SELECT 'KULR', '2026-02-04', 1, 20, id, NULL FROM source LIMIT 1")
    rebuild(db)
    select = (
        "SELECT reason, mnav_market_cap, market_cap, btc FROM mnav_daily WHERE ticker = 'KULR' AND date = '2026-02-05'"
    )
    assert db.execute(select).fetchone()[1:3] == (None, None)
    assert "INPUTS_DOUBTED" in db.execute(select).fetchone()[0]
    assert any(one.ticker == "KULR" for one in doubted_inputs(db))
    with db.conn:
        db.execute("UPDATE price SET close = 20000 WHERE symbol = 'KULR' AND date = '2026-02-05'")
        db.execute("INSERT INTO dirty SELECT id, 0, '2026-02-05', '2026-02-05' FROM company WHERE ticker = 'KULR'")
    bring_up_to_date(db)
    reason, multiple, *_ = db.execute(select).fetchone()
    assert "INPUTS_DOUBTED" not in (reason or "")
    assert multiple > 0


# -- rounded figures, ties, copies ---------------------------------------------------------------------------------


def test_a_rounded_figure_never_replaces_an_exact_one_of_its_day() -> None:
    exact = fact("shares_basic", 246_537_259.0, TOLD, TOLD, kind="issuer", source="page")
    rounded = fact("shares_basic", 246_537_000.0, TOLD, TOLD + timedelta(days=3))
    assert shares(exact, rounded)[0] == 246_537_259.0
    early = fact("shares_basic", 246_537_000.0, TOLD, TOLD)
    late = fact("shares_basic", 246_537_259.0, TOLD, TOLD + timedelta(days=3), kind="issuer", source="page")
    assert shares(early, late)[0] == 246_537_259.0
    assert shares(early, late, day=TOLD + timedelta(days=2))[0] == 246_537_000.0  # until it is known
    corrected = fact("shares_basic", 250_000_000.0, TOLD, TOLD + timedelta(days=3))
    assert shares(exact, corrected)[0] == 250_000_000.0  # another number, not the same one rounded


def test_ties_of_one_day_are_listed(bundled: Database) -> None:
    db = bundled
    with db.conn:
        for number, (value, known) in enumerate(
            ((1000.0, "2026-01-02"), (1004.0, "2026-01-03"), (1010.0, "2026-01-04"))
        ):
            db.execute(
                "INSERT INTO fact SELECT NULL, 'KULR', NULL, 'btc_holdings', '2026-01-01', ?, 0, ?, 'BTC', id, NULL, NULL FROM source WHERE kind = 'filing' LIMIT 1 OFFSET ?",
                (known, value, number),
            )
    found = [one for one in ties(db) if one.ticker == "KULR" and one.date == "2026-01-01"]
    assert [one.severity for one in found] == ["note", "note"]
    assert all("1,010" in one.message for one in found)


def test_a_number_that_a_tracker_shows_for_another_company_does_not_speak(bundled: Database) -> None:
    """The later of the two is the copy; what many companies hold, such as 1,500, is none."""
    db = bundled
    rows = [
        ("KULR", 15679.0, "2026-04-20"),
        ("SMLR", 15679.0, "2026-04-15"),
        ("KULR", 1500.0, "2026-04-21"),
        ("SMLR", 1500.0, "2026-04-20"),
    ]
    with db.conn:
        db.execute("INSERT INTO source (id, kind, title) VALUES ('another-2026-04-15', 'tracker', 'another')")
        for ticker, value, known in rows:
            db.execute(
                "INSERT INTO fact SELECT NULL, ?, NULL, 'btc_holdings', ?, ?, 0, ?, 'BTC', 'another-2026-04-15', NULL, NULL",
                (ticker, known, known, value),
            )
    facts = [
        one for ticker in ("KULR", "SMLR") for one in objects.facts(db, ticker) if one.source.startswith("another")
    ]
    assert {(one.ticker, one.value) for one in facts if one.copied} == {("KULR", 15679.0)}
    columns = objects.fact_columns(db, ["KULR", "SMLR"])
    assert {columns.value[at] for at, flag in enumerate(columns.copied) if flag} == {15679.0}


@pytest.mark.slow
def test_a_copy_that_is_told_later_or_withdrawn_makes_the_other_company_again(bundled: Database) -> None:
    db = bundled
    rebuild(db)
    facts = ",".join(SHEETS["fact"].header)
    page = read_sheet(
        [f"{','.join(SHEETS['source'].header)}\n", "another-2026-04-15,tracker,another,,,"], "sources.csv"
    )
    for ticker, known in (("KULR", "2026-04-20"), ("SMLR", "2026-04-15")):
        row = f"{ticker},,btc_holdings,{known},{known},15679,BTC,another-2026-04-15,"
        with writing(db):
            add(db, [(*page, "sources.csv"), (*read_sheet([f"{facts}\n", row], "facts.csv"), "facts.csv")])
        bring_up_to_date(db)
    assert _btc(db) == _after_rebuild(db)
    (fact,) = db.execute("SELECT id FROM fact WHERE ticker = 'SMLR' AND value = 15679").fetchone()
    with writing(db):
        retract(db, fact, "2026-05-01", "another company's")
    bring_up_to_date(db)
    assert _btc(db) == _after_rebuild(db)


def _btc(db: Database) -> list[tuple[object, ...]]:
    return list(
        db.execute(
            "SELECT date, btc, reason FROM mnav_daily WHERE ticker IN ('KULR', 'SMLR') ORDER BY ticker, date"
        ).fetchall()
    )


def _after_rebuild(db: Database) -> list[tuple[object, ...]]:
    rebuild(db)
    return _btc(db)


def test_a_copy_is_heard_by_neither_resolver() -> None:
    moment = datetime(2025, 5, 1, tzinfo=UTC)
    one = fact("btc_holdings", 15_679.0, moment.date(), moment, kind="tracker", source="bitbo-2025-05-01")
    copied = replace(one, copied=True)
    found = state(copied, fact("shares_basic", 1e6, TOLD))
    assert found.btc is None


def test_whose_inputs_are_doubted_in_the_bundle(read: sqlite3.Connection) -> None:
    """Shells with a stale count or coins beside a tiny market cap: no multiple on any of those days."""
    rows = read.execute(
        "SELECT DISTINCT ticker, mnav_market_cap FROM mnav_daily WHERE instr(reason, 'INPUTS_DOUBTED') > 0"
    ).fetchall()
    assert {row["ticker"] for row in rows} == {"LMFA", "NXTT"}
    assert all(row["mnav_market_cap"] is None for row in rows)


def test_counts_in_listed_units_meet_their_prices_in_the_bundle(read: sqlite3.Connection) -> None:
    """Canaan in October 2025: 469 million ADS at the price of one."""
    row = read.execute("SELECT * FROM mnav_daily WHERE ticker = 'CAN' AND date = '2025-10-13'").fetchone()
    assert row["shares_basic"] == 469e6
    assert row["market_cap"] == pytest.approx(row["price"] * 469e6)
