"""Twelve company-days worked out by hand from the facts: the plain resolver and the stored valuation must find the same."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from db import open_database
from db.reads import views
from db.tables import objects
from treasury.known.resolve import resolve
from treasury.metrics.row_wise import INPUTS
from treasury.valuation.inputs import inputs_at

TABLE = Path(__file__).parent / "fixtures" / "worked" / "company_days.csv"
DAYS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
IDS = [f"{row['ticker']}-{row['date']}" for row in DAYS]
NUMBERS = (
    "price", "fx", "btc_price", "btc", "shares_basic", "shares_assumed_diluted", "shares_diluted", "debt", "preferred",
    "cash", "debt_otm", "preferred_otm", "cost_basis",
)  # fmt: skip
CLOSE_ENOUGH = 1e-9  # the working keeps at least twelve digits


def number(cell: str) -> float | None:
    return float(cell) if cell else None


def same(found: float | None, cell: str) -> bool:
    expected = number(cell)
    return (
        found is None
        if expected is None
        else found is not None and found == pytest.approx(expected, rel=CLOSE_ENOUGH, abs=1e-9)
    )


def differences(found: dict[str, float | None], expected: dict[str, str]) -> list[str]:
    return [
        f"{name}: {found[name]} instead of {expected[name] or 'unknown'}"
        for name in NUMBERS
        if not same(found[name], expected[name])
    ]


def test_the_table_holds_twelve_days_of_two_companies_and_every_number_it_must_compare() -> None:
    assert len(DAYS) == 12
    assert {row["ticker"] for row in DAYS} == {"MSTR", "3350.T"}
    assert set(NUMBERS) <= set(DAYS[0])
    beside = {"dilutive_shares", "debt_itm", "preferred_itm", "cost_of_holdings"}
    beside |= {"preferred_at_market", "debt_stated", "preferred_stated"}  # tests/test_claims_at_market.py
    assert set(NUMBERS) | beside >= set(INPUTS)
    assert sum(row[name] != "" for row in DAYS for name in NUMBERS) == 138


@pytest.fixture(scope="module")
def plain(reference_db: Path) -> Callable[[str, str], tuple[dict[str, float | None], dict[str, Any]]]:
    """The slow reference for one company and day: its inputs, and what the state says besides."""
    db = open_database(reference_db)
    companies = {one.ticker: one for one in objects.companies(db).values()}
    facts = {ticker: objects.facts(db, ticker) for ticker in ("MSTR", "3350.T")}
    instruments, splits, closes, market = (
        objects.instruments(db),
        objects.splits(db),
        objects.closes(db),
        objects.market(db),
    )
    prices = {ticker: views.prices(db, ticker) for ticker in facts}
    db.close()

    def value(ticker: str, day: str) -> tuple[dict[str, float | None], dict[str, Any]]:
        company, when = companies[ticker], date.fromisoformat(day)
        state = resolve(company, when, facts[ticker], instruments, splits, closes)
        inputs = inputs_at(state, company, float(prices[ticker][day]), when, closes, market)
        bitcoin = market.bitcoin_quote(closes.moment(company.mic, when), closes.timezone(company.mic))
        assert bitcoin is not None
        said = {
            "missing": set(state.missing),
            "reason": " ".join(state.reasons),
            "btc_as_of": state.btc and state.btc.as_of,
            "shares_as_of": state.shares_basic and state.shares_basic.as_of,
            "btc_fixing": bitcoin.fixing,
        }
        return inputs, said

    return value


@pytest.mark.parametrize("expected", DAYS, ids=IDS)
def test_the_plain_resolver_finds_what_the_hand_found(
    plain: Callable[[str, str], tuple[dict[str, float | None], dict[str, object]]], expected: dict[str, str]
) -> None:
    inputs, said = plain(expected["ticker"], expected["date"])
    found = dict(inputs)
    for derived, (whole, sign, part) in {
        "shares_diluted": ("shares_basic", 1, "dilutive_shares"),
        "debt_otm": ("debt", -1, "debt_itm"),
        "preferred_otm": ("preferred", -1, "preferred_itm"),
    }.items():
        one, other = inputs[whole], inputs[part]
        found[derived] = None if one is None or other is None else one + sign * other
    assert differences(found, expected) == []
    assert said["missing"] == set(expected["missing"].split())
    assert said["reason"] == expected["reason"]
    assert str(said["btc_as_of"]) == expected["btc_as_of"]
    assert str(said["shares_as_of"]) == expected["shares_as_of"]
    assert said["btc_fixing"] == expected["btc_fixing"]


@pytest.mark.parametrize("expected", DAYS, ids=IDS)
def test_the_stored_valuation_is_what_the_hand_found(read: sqlite3.Connection, expected: dict[str, str]) -> None:
    key = (expected["ticker"], expected["date"])
    row = read.execute("SELECT * FROM mnav_daily WHERE ticker = ? AND date = ?", key).fetchone()
    assert row is not None, f"no row of {key} in mnav_daily"
    assert differences({name: row[name] for name in NUMBERS}, expected) == []
    assert set((row["missing"] or "").split()) == set(expected["missing"].split())
    codes = {code for code in (row["reason"] or "").split() if not code.startswith("AT_PREFERENCE:")}
    assert codes - {"NO_BASE"} == set(expected["reason"].split())
    assert row["price_currency"] == expected["price_currency"]
    assert row["btc_fixing"] == expected["btc_fixing"]
    day = date.fromisoformat(expected["date"])
    assert row["btc_age_days"] == (day - date.fromisoformat(expected["btc_as_of"])).days
    assert row["shares_age_days"] == (day - date.fromisoformat(expected["shares_as_of"])).days
