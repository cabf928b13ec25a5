"""Rule 6: what a total of debt or preferred stock is on a day, which sources move it, and which stand below which."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from made import CLOSES, DAY, ORANGE, columns, fact, market

from db import open_database
from db.feeds import report
from db.feeds.checks import overruled_totals
from db.reads.close import close_of, picture_of
from treasury.instruments import DEBT_KINDS, PREFERRED_KINDS, PRINCIPAL_QUANTITY
from treasury.known.resolve import resolve
from treasury.known.vectorised import states
from treasury.model import Fact, Instrument
from treasury.valuation.inputs import inputs_at, reasons_at
from treasury.valuation.vectorised import Days, Prices, Series, value

OPEN = replace(ORANGE, instruments_complete=False)
EARLY, TOTAL, LATER = DAY - timedelta(days=200), DAY - timedelta(days=90), DAY - timedelta(days=30)
LOAN = Instrument("ORNG", "loan", "loan", "USD", EARLY)
BOND = Instrument("ORNG", "bond", "bond", "JPY", EARLY, retired_on=DAY - timedelta(days=5))
NOTE = Instrument("ORNG", "note", "bond", "USD", LATER)
SERIES = Instrument("ORNG", "series", "preferred", "USD", LATER)
ALL = [LOAN, BOND, NOTE, SERIES]
YEN = 0.01  # dollars


def principal(instrument: str, value: float, as_of: date, kind: str, unit: str = "USD") -> Fact:
    return fact("principal", value, as_of, instrument=instrument, kind=kind, source=f"{kind}-1", unit=unit)


def total(value: float, as_of: date, kind: str, unit: str = "USD", quantity: str = "debt_total") -> Fact:
    return fact(quantity, value, as_of, kind=kind, source=f"{kind}-2", unit=unit)


def debt(*facts: Fact, day: date = DAY, name: str = "debt") -> tuple[float | None, str]:
    """The dollars of a day and the codes that go with them."""
    state = resolve(OPEN, day, facts, ALL, [], CLOSES)
    prices = market(100_000.0, day, {"JPY": YEN})
    inputs = inputs_at(state, OPEN, 10.0, day, CLOSES, prices)
    codes = (*state.reasons, *reasons_at(state, OPEN, 10.0, day, CLOSES, prices))
    return inputs[name], " ".join(code for code in codes if code != "MISSING_SHARES")


@pytest.mark.parametrize("kind", ["filing", "issuer", "press", "tracker"])
def test_a_total_of_any_source_moves_by_what_was_drawn_after_it(kind: str) -> None:
    """The draw is press: it moves a total as a dated change, though it raises none by itself."""
    assert debt(total(24e6, TOTAL, kind), principal("note", 100e6, LATER, "press")) == (124e6, "")


def test_a_repayment_after_a_total_moves_it_down() -> None:
    facts = [
        total(50e6, TOTAL, "press"),
        principal("loan", 20e6, EARLY, "press"),
        principal("loan", 5e6, LATER, "press"),
    ]
    assert debt(*facts) == (35e6, "")


@pytest.mark.parametrize("kind", ["press", "tracker"])
def test_a_stale_principal_of_the_press_or_a_tracker_raises_no_total(kind: str) -> None:
    """Repaid unseen before the total was told."""
    assert debt(total(24e6, TOTAL, "press"), principal("loan", 200e6, EARLY, kind)) == (24e6, "")


def test_of_a_total_no_more_is_repaid_than_it_held() -> None:
    """¥30bn by a report of long ago, a total of $24m, and the bond redeemed: what was drawn since is all that is owed."""
    facts = [
        principal("bond", 30e9, EARLY, "press", "JPY"),
        total(24e6, TOTAL, "press"),
        principal("note", 7e6, LATER, "press"),
    ]
    assert debt(*facts) == (7e6, "")
    assert debt(*facts, day=DAY - timedelta(days=6)) == (31e6, "")  # the day before: still held, at what the total says


@pytest.mark.parametrize("kind", ["issuer", "tracker"])
def test_what_was_filed_raises_any_dashboards_total_however_new(kind: str) -> None:
    facts = [principal("loan", 60e6, EARLY, "filing"), total(40e6, TOTAL, kind)]
    assert debt(*facts) == (60e6, "DEBT_FROM_TRANCHES")


def test_a_newer_total_of_a_filing_settles_what_was_filed_before() -> None:
    facts = [principal("loan", 60e6, EARLY, "filing"), total(40e6, TOTAL, "filing")]
    assert debt(*facts) == (40e6, "")
    assert debt(*facts, total(30e6, LATER, "issuer")) == (
        30e6,
        "",
    )  # and of what it settled, no dashboard forgets anything


def test_a_newer_total_of_the_press_settles_what_the_issuer_said_before() -> None:
    """Half of a note redeemed, and told by the press as what is left of all debt."""
    assert debt(principal("loan", 189e6, EARLY, "issuer"), total(94.5e6, TOTAL, "press")) == (94.5e6, "")


def test_a_principal_of_the_day_of_the_total_is_not_older_than_it() -> None:
    assert debt(principal("loan", 60e6, TOTAL, "issuer"), total(40e6, TOTAL, "press")) == (60e6, "DEBT_FROM_TRANCHES")


def test_a_rounded_total_gives_way_to_its_own_tranches_without_a_word() -> None:
    assert debt(principal("loan", 60.2e6, TOTAL, "issuer"), total(60e6, TOTAL, "issuer")) == (60.2e6, "")


def test_across_currencies_the_days_rate_tells_which_is_more() -> None:
    """A bond of ¥6bn filed against a dashboard's $40m: $60m at 0.01 dollars a yen."""
    facts = [principal("bond", 6e9, EARLY, "filing", "JPY"), total(40e6, TOTAL, "issuer")]
    assert debt(*facts, day=LATER) == (60e6, "DEBT_FROM_TRANCHES")
    assert debt(principal("bond", 3e9, EARLY, "filing", "JPY"), facts[1], day=LATER) == (40e6, "")


@pytest.mark.parametrize(("yen", "raised"), [(4.01e9, 0), (4.03e9, 1)])
def test_across_currencies_half_a_per_cent_more_is_no_word_of_its_own_in_the_kernel_either(
    yen: float, raised: int
) -> None:
    """A bond of 40.1 million dollars at the day's rate, beside a total of 40."""
    facts = [principal("bond", yen, EARLY, "filing", "JPY"), total(40e6, TOTAL, "issuer")]
    assert debt(*facts, day=LATER) == (yen * YEN, "DEBT_FROM_TRANCHES" if raised else "")
    day = np.array([(LATER - date(1970, 1, 1)).days])
    prices = Prices({}, {"JPY": Series(day - 1, np.array([YEN]))}, {})
    made = states([OPEN], ALL, [], columns(facts), CLOSES)
    valued = value([OPEN], made, Days(np.array([0]), day, np.array([10.0])), prices, CLOSES)
    assert valued.raised["debt"].tolist() == [raised]


def test_no_fact_stands_twice_behind_a_total() -> None:
    """What was drawn in yen after a total in dollars is both added to it and documented."""
    drawn = replace(NOTE, currency="JPY")
    facts = [total(40e6, TOTAL, "filing"), principal("note", 6e9, LATER, "filing", "JPY")]
    state = resolve(OPEN, DAY, facts, [drawn], [], CLOSES)
    assert state.debt is not None
    assert sorted(one.value for one in state.debt.facts) == [40e6, 6e9]


def test_a_balance_sheet_amount_moves_and_gives_way_too() -> None:
    carrying = total(39e6, TOTAL, "filing", quantity="debt_carrying")
    assert debt(carrying) == (39e6, "DEBT_AT_CARRYING")
    assert debt(carrying, principal("note", 7e6, LATER, "filing")) == (46e6, "DEBT_AT_CARRYING")
    assert debt(carrying, principal("loan", 60e6, LATER, "filing")) == (60e6, "DEBT_FROM_TRANCHES")


@pytest.mark.parametrize(
    ("owed", "on_the_balance_sheet", "left"),
    [
        (100e6, 96e6, (100e6, "")),  # less its discount and the costs of issue
        (100e6, 90e6, (100e6, "")),
        (100e6, 109e6, (100e6, "")),  # at fair value, or with interest
        (100e6, 140e6, (140e6, "DEBT_AT_CARRYING")),  # borrowed since, and nobody told a new total
        (100e6, 60e6, (60e6, "DEBT_AT_CARRYING")),  # repaid since
        (100e6, 0.0, (0.0, "DEBT_AT_CARRYING")),
        (0.0, 60e6, (60e6, "DEBT_AT_CARRYING")),
    ],
)
def test_a_newer_balance_sheet_takes_the_place_of_a_total_it_cannot_be_the_carrying_amount_of(
    owed: float, on_the_balance_sheet: float, left: tuple[float, str]
) -> None:
    sheet = total(on_the_balance_sheet, LATER - timedelta(days=1), "filing", quantity="debt_carrying")
    assert debt(total(owed, TOTAL, "filing"), sheet) == left
    assert debt(total(owed, LATER, "filing"), replace(sheet, as_of=TOTAL)) == (owed, ""), "an older sheet says nothing"
    drawn = principal("note", 7e6, DAY - timedelta(days=9), "filing")
    assert debt(total(owed, TOTAL, "filing"), sheet, drawn) == (left[0] + 7e6, left[1])


def test_a_trackers_balance_sheet_waits_until_a_filed_total_is_old() -> None:
    sheet = total(140e6, LATER, "tracker", quantity="debt_carrying")
    before = total(9e6, EARLY, "tracker", quantity="debt_carrying")  # its first value is of an unknown day
    assert debt(total(100e6, TOTAL, "filing"), before, sheet) == (100e6, "")
    old = total(100e6, EARLY, "filing")
    assert debt(old, before, sheet) == (140e6, "DEBT_AT_CARRYING")


def test_a_newer_balance_sheet_says_nothing_where_only_rates_could_tell_what_is_left() -> None:
    """A bond in yen is redeemed out of a total in dollars: 40 million of a newer sheet may be the rest of it."""
    told = [
        total(100e6, TOTAL, "filing"),
        principal("bond", 6e9, EARLY, "filing", "JPY"),
        principal("bond", 0.0, LATER, "filing", "JPY"),
    ]
    sheet = total(20e6, LATER + timedelta(days=1), "filing", quantity="debt_carrying")
    assert debt(*told, sheet) == (40e6, "")


def test_what_is_documented_counts_where_rates_tell_that_less_of_the_total_is_left() -> None:
    """100 million, less a bond of yen worth 60: 40 are left by the day's rate, and a loan of 50 is documented."""
    bond = [principal("bond", 6e9, EARLY, "filing", "JPY"), principal("bond", 0.0, LATER, "filing", "JPY")]
    told = [total(100e6, TOTAL, "filing"), *bond, principal("loan", 50e6, LATER, "filing")]
    assert debt(*told) == (50e6, "DEBT_FROM_TRANCHES")


def test_a_newer_balance_sheet_says_nothing_where_the_total_is_in_two_currencies_by_then() -> None:
    note = Instrument("ORNG", "yen", "bond", "JPY", TOTAL + timedelta(days=9))
    told = [total(100e6, TOTAL, "filing"), principal("yen", 6e9, TOTAL + timedelta(days=9), "filing", "JPY")]
    sheet = total(300e6, LATER, "filing", quantity="debt_carrying")
    state = resolve(OPEN, DAY, [*told, sheet], [*ALL, note], [], CLOSES)
    inputs = inputs_at(state, OPEN, 10.0, DAY, CLOSES, market(100_000.0, DAY, {"JPY": YEN}))
    assert inputs["debt"] == 160e6
    assert state.debt is not None
    assert len(state.debt.facts) == len(set(state.debt.facts))


def test_without_a_total_of_any_kind_what_is_documented_is_no_total() -> None:
    assert debt(principal("loan", 60e6, LATER, "filing")) == (None, "")


def test_preferred_stock_likewise_and_a_filed_zero_is_a_zero() -> None:
    nothing = total(0.0, TOTAL, "filing", quantity="preferred_total")
    assert debt(nothing, name="preferred") == (0.0, "")
    series = fact("liquidation_preference", 8e6, LATER, instrument="series")
    assert debt(nothing, series, name="preferred") == (8e6, "")
    dashboard = total(5e6, DAY - timedelta(days=9), "issuer", quantity="preferred_total")
    assert debt(dashboard, series, name="preferred") == (8e6, "PREFERRED_FROM_TRANCHES")


# -- the bundled data ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ticker", "day", "expected"),
    [
        ("3350.T", "2025-11-10", 124.68e6),  # a press total of October and the first draw
        ("3350.T", "2025-12-10", 304.68e6),  # the page of the company said $304m
        ("MSTR", "2025-02-21", 7_273.75e6),
        ("MSTR", "2025-02-24", 8_213.75e6),  # the dashboard's 6,516m forgot the notes of that week
        ("MSTR", "2025-03-14", 8_213.75e6),
        ("MSTR", "2025-03-17", 8_224e6),
        ("NAKA", "2025-11-18", 200e6),  # repaid in September with new loans, all of it told on 2025-11-19
        ("NAKA", "2025-12-08", 206e6),
        ("NAKA", "2025-12-09", 206e6),  # replaced that day by a loan the market knew of the day after
        ("NAKA", "2025-12-10", 210e6),
        (
            "MARA",
            "2026-03-02",
            3_648.077e6,
        ),  # its credit line was repaid in December, and the report told after this close
        ("TSLA", "2026-06-16", 8_376e6),  # a total of June 2025 and a balance sheet of December
    ],
)
def test_debt_of_days_known_by_hand(read: sqlite3.Connection, ticker: str, day: str, expected: float) -> None:
    row = read.execute(
        "SELECT debt, mnav_ev, reason FROM mnav_daily WHERE ticker = ? AND date = ?", (ticker, day)
    ).fetchone()
    assert row["debt"] == pytest.approx(expected, rel=1e-12)
    assert ("DEBT_FROM_TRANCHES" in (row["reason"] or "")) == (expected in (8_213.75e6, 3_648.077e6))
    if (ticker, day) == ("3350.T", "2025-11-10"):
        assert row["mnav_ev"] > 1.0


def test_the_check_names_the_weeks_in_which_a_total_was_overruled(reference_db: Path) -> None:
    found = {(one.ticker, one.date): one.message for one in overruled_totals(open_database(reference_db))}
    told = found["MSTR", "2025-02-24"]
    assert "6,516,000,000 USD of 2025-02-24 (strategy-dashboard)" in told
    assert "$8,213,750,000, stands to 2025-03-14" in told


@pytest.mark.slow
def test_row_capital_structure_and_report_show_one_total(reference_db: Path) -> None:
    """On the last close of every company and on days spread over all: the layers add up to the row's debt and preferred stock."""
    db = open_database(reference_db)
    days = db.execute(
        """SELECT ticker, date, debt, preferred FROM mnav_daily d WHERE (debt > 0 OR preferred > 0)
           AND (date IN (SELECT max(date) FROM mnav_daily n WHERE n.ticker = d.ticker) OR date IN ('2025-02-24', '2025-08-29',
             '2025-11-10', '2025-12-10', '2025-12-30', '2026-01-13', '2026-02-04', '2026-05-26'))"""
    ).fetchall()
    assert len(days) > 20
    for ticker, day, *expected in days:
        layers = picture_of(close_of(db, ticker, day)).stack.layers
        shown = {
            row["instrument"]: row["amount"]
            for row in report.claims(db, ticker, day)
            if row["kind"] in PRINCIPAL_QUANTITY
        }
        assert {name: amount for name, amount in shown.items() if amount is not None} == {
            one.instrument: one.amount for one in layers
        }
        for kinds, total_of_row in zip((DEBT_KINDS, PREFERRED_KINDS), expected, strict=True):
            if total_of_row is not None:
                summed = sum(one.notional or 0.0 for one in layers if one.kind in kinds)
                assert summed == pytest.approx(total_of_row, rel=1e-9, abs=1.0), (ticker, day, kinds)
