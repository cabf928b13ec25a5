"""The kernel equals the plain rules: on random companies, and on the reference data."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import CLOSES, DAY, ORANGE, columns, fact

from db import open_database
from db.tables import objects
from treasury.claims.preferred import AT_PREFERENCE, UNPRICED
from treasury.known.claims import DEBT_CLAIM, PREFERRED_CLAIM
from treasury.known.register import Register
from treasury.known.resolve import State, resolve
from treasury.known.shares import FLOWS
from treasury.known.vectorised import MONEY, NEVER, States, states
from treasury.model import Company, Fact, Instrument, Listing, Purchase, Split
from treasury.share_classes import ShareClass
from treasury.valuation.inputs import DOUBTED, Market, inputs_at, reasons_at
from treasury.valuation.vectorised import Days, Prices, Series, Valued, value
from treasury.valuation.vectorised import columns as input_columns

EPOCH = date(1970, 1, 1).toordinal()
FIRST = date(2024, 1, 1)
SPAN = 900  # days, so that facts can grow too old

days = st.integers(0, SPAN).map(lambda ahead: FIRST + timedelta(days=ahead))
moments = st.builds(
    lambda day, minute: datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=UTC),
    days,
    st.integers(0, 1439),
)
amounts = st.sampled_from([0.0, 1.0, 2.5, 40.0, 41.0, 1e6, 999_500.0, 1_000_400.0])
kinds = st.sampled_from(["filing", "issuer", "press", "tracker", "user"])
sources = st.sampled_from(["a", "b", "bitbo-2025-01-01", "bitbo-2025-02-01", "other-2025-01"])
INSTRUMENTS = [
    Instrument("ORNG", "note", "convertible", "USD", date(2024, 2, 1), date(2025, 9, 1), None, 12.0, None),
    Instrument(
        "ORNG", "net-note", "convertible", "USD", date(2024, 2, 20), date(2026, 3, 1), None, 13.0, None, "net_share"
    ),
    Instrument("ORNG", "net-yen-note", "convertible", "JPY", date(2024, 2, 25), None, None, 2000.0, None, "net_share"),
    Instrument("ORNG", "yen-bond", "bond", "JPY", date(2024, 3, 1), None, date(2025, 11, 1)),
    Instrument(
        "ORNG",
        "series-a",
        "convertible_preferred",
        "USD",
        date(2024, 4, 1),
        None,
        None,
        20.0,
        None,
        stated_amount=100.0,
    ),
    Instrument("ORNG", "series-b", "preferred", "JPY", date(2024, 6, 1), None, date(2026, 2, 1), stated_amount=1000.0),
    Instrument("ORNG", "series-c", "preferred", "USD", date(2024, 6, 1)),
    Instrument("ORNG", "options", "option", "USD", date(2024, 1, 20)),
    Instrument("ORNG", "warrants", "warrant", "USD", date(2024, 5, 1), date(2026, 1, 1), None, 8.0, None),
    Instrument("ORNG", "moving", "warrant", "USD", date(2024, 5, 1)),
    Instrument("ORNG", "units", "rsu", "USD", date(2024, 1, 20)),
]
QUANTITIES = [
    *((quantity, None, unit) for quantity, unit in (
        ("btc_holdings", "BTC"), ("btc_holdings", "BTC"), ("btc_holdings_outdated", "BTC"), ("btc_cost_basis", "USD"), ("shares_basic", "shares"), ("shares_from_market_cap", "shares"),
        ("shares_listed_units", "shares"), ("shares_class_a", "shares"), ("shares_class_b", "shares"), ("shares_sold", "shares"),
        ("shares_bought_back", "shares"), ("shares_assumed_diluted", "shares"), ("btc_cost_basis", "USD"),
        ("cash", "USD"), ("cash", "JPY"), ("usd_reserve", "USD"), ("debt_total", "USD"), ("debt_total", "JPY"),
        ("preferred_total", "USD"), ("preferred_total", "JPY"), ("debt_carrying", "USD"), ("debt_carrying", "JPY"),
    )),
    ("principal", "note", "USD"), ("principal", "net-note", "USD"), ("principal", "net-yen-note", "JPY"), ("principal", "yen-bond", "JPY"), ("liquidation_preference", "series-a", "USD"), ("liquidation_preference", "series-b", "JPY"), ("liquidation_preference", "series-c", "USD"),
    ("options_outstanding", "options", "shares"), ("shares_underlying", "warrants", "shares"), ("shares_underlying", "moving", "shares"),
    ("rsu_unvested", "units", "shares"),
]  # fmt: skip


@st.composite
def random_facts(draw: st.DrawFn) -> list[Fact]:
    made = []
    for number in range(draw(st.integers(0, 25))):
        quantity, instrument, unit = draw(st.sampled_from(QUANTITIES))
        as_of = draw(days)
        known = draw(st.one_of(st.just(as_of), days, moments))
        made.append(
            Fact(
                number + 1,
                "ORNG",
                instrument,
                quantity,
                as_of,
                known,
                draw(amounts),
                unit,
                draw(sources),
                draw(kinds),
                draw(st.booleans()),
                as_of - timedelta(days=draw(st.integers(0, 40))) if quantity in FLOWS and draw(st.booleans()) else None,
                draw(st.integers(0, 9)) == 0,
            )
        )
    # the database holds no two facts alike but for what is not part of their key
    return list(
        {
            (one.instrument, one.quantity, one.as_of, one.known_at, one.source, one.value, one.unit): one
            for one in made
        }.values()
    )


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """A listed unit that changes, classes of shares, and bitcoin bought and sold."""
    bounds = sorted(draw(st.lists(days, max_size=3, unique=True)))
    units = st.sampled_from([None, 2.0, 10.0, 150.0])
    listings = [
        Listing("ORNG", "ADS", draw(units), since, until)
        for since, until in zip([draw(st.one_of(st.none(), st.just(FIRST))), *bounds], bounds, strict=False)
    ]
    if listings and draw(amounts) > 40:
        listings.append(Listing("ORNG", "ADS", draw(units), bounds[-1]))
    classes = [
        ShareClass("ORNG", name, draw(st.sampled_from([None, 1.0, 0.5])), draw(st.one_of(st.none(), days)))
        for name in draw(st.lists(st.sampled_from(["A", "B", "V"]), unique=True, max_size=2))
    ]
    purchases = [
        Purchase("ORNG", day + timedelta(days=draw(st.integers(0, 5))), day, draw(st.sampled_from([1.0, 1.5, -1.0, 37.5])),
                 draw(st.sampled_from([None, 10.0, 30.0])), draw(st.sampled_from(["USD", "USD", "JPY"])))
        for day in draw(st.lists(days, max_size=4))
    ]  # fmt: skip
    return Register(listings, classes, purchases)


def series(values: dict[date, float]) -> Series:
    ordered = sorted(values)
    return Series(
        np.array([day.toordinal() - EPOCH for day in ordered], dtype=np.int64),
        np.array([values[day] for day in ordered], dtype=float),
    )


def assert_same(
    plain: State, inputs: dict[str, float | None], by_rates: tuple[str, ...], made: States, valued: Valued, row: int
) -> None:
    """One row of the kernel's result against the plain resolver's."""
    at = int(valued.state[row])
    if at < 0:
        # before its first fact a company has no state; a complete list of instruments then sums to nothing
        assert all(
            inputs[name] is None for name in ("btc", "shares_basic", "shares_assumed_diluted", "cash", "cost_basis")
        )
        assert not inputs["debt"]
        assert not inputs["preferred"]
        return
    got = {name: column.iloc[row] for name, column in input_columns(made, valued).items()}
    for name, expected in inputs.items():
        if expected is None:
            assert np.isnan(got[name]), name
        else:
            np.testing.assert_allclose(got[name], expected, rtol=1e-12, atol=1e-9, err_msg=name)
    overruled = [
        claim.from_tranches
        for name, claim in (("debt", DEBT_CLAIM), ("preferred", PREFERRED_CLAIM))
        if valued.raised[name][row]
    ]
    told = [DOUBTED] if valued.doubted[row] else []
    if names := valued.at_preference[row]:
        told.append(UNPRICED if np.isnan(valued.preferred_at_market[row]) else f"{AT_PREFERENCE}:{names}")
    assert (*overruled, *told) == by_rates
    assert made.missing[at] == " ".join(plain.missing)
    assert made.reason[at] == " ".join(plain.reasons)
    assert made.secondary[at] == " ".join(plain.secondary)
    assert bool(made.known_assumed[at]) == plain.known_assumed
    if plain.awards is not None:
        counted = made.as_of["awards"][at]
        assert (None if counted == NEVER else date.fromordinal(int(counted) + EPOCH)) == plain.awards_as_of
    for name in ("btc", "shares_basic", "shares_assumed_diluted", *MONEY):
        resolved = getattr(plain, name)
        if resolved is not None:
            day = made.as_of[name][at]
            assert (None if day == NEVER else date.fromordinal(int(day) + EPOCH)) == resolved.as_of, name
            if len(resolved.facts) == 1 and name not in ("debt", "preferred"):
                assert made.fact[name][at] == resolved.facts[0].id, name


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    random_facts(),
    st.booleans(),
    st.sampled_from(["XNYS", "XTKS"]),
    st.sampled_from(["treasury", "treasury", "spac"]),
    st.one_of(st.none(), days),
    st.lists(st.tuples(days, st.sampled_from([0.1, 2.0, 10.0])), max_size=2, unique_by=lambda one: one[0]),
    st.lists(days, min_size=1, max_size=8, unique=True),
    st.sampled_from([1e-7, 5.0, 12.0, 15.0, 25.0]),
    registers(),
)
def test_kernel_equals_the_rules(
    facts: list[Fact],
    complete: bool,
    mic: str,
    kind: str,
    active_to: date | None,
    split_days: list[tuple[date, float]],
    closes: list[date],
    price: float,
    register: Register,
) -> None:
    company = Company("ORNG", "Orange", mic, "US", "USD", kind, active_to, complete)
    splits = [Split("ORNG", day, ratio) for day, ratio in split_days]
    every = [
        FIRST + timedelta(days=ahead) for ahead in range(-6, SPAN + 1) if ahead % 9
    ]  # with holes: some rates are too old
    bitcoin = {("utc", day): 50_000.0 + index for index, day in enumerate(every)}
    bitcoin |= {("nyse", day): 60_000.0 + index for index, day in enumerate(every) if index % 3}
    bitcoin |= {("tokyo", day): 70_000.0 + index for index, day in enumerate(every) if index % 4}
    bitcoin |= {("05:00", day): 80_000.0 + index for index, day in enumerate(every) if index % 5}
    bitcoin |= {("20:00", day): 85_000.0 + index for index, day in enumerate(every) if index % 7}
    bitcoin |= {("strategy", day): 90_000.0 for day in every}
    rates = {("JPY", day): 0.006 + index * 1e-6 for index, day in enumerate(every) if index % 40 > 6}
    listed = {("ORNG", "series-a", "USD", day): 60.0 + index % 70 for index, day in enumerate(every) if index % 11 > 5}
    listed |= {("ORNG", "series-b", "JPY", day): 900.0 + index for index, day in enumerate(every) if index % 2}
    listed |= {("ORNG", "series-c", "USD", day): 10.0 for day in every}  # nobody said what a share of it is owed
    market = Market(bitcoin, rates, listed)
    prices = Prices(
        {
            fixing: series({day: at for (name, day), at in bitcoin.items() if name == fixing})
            for fixing in dict.fromkeys(name for name, _ in bitcoin)
        },
        {"JPY": series({day: at for (_, day), at in rates.items()})},
        {
            ("ORNG", name, currency): series({day: at for (_, of, _, day), at in listed.items() if of == name})
            for name, currency in (("series-a", "USD"), ("series-b", "JPY"), ("series-c", "USD"))
        },
    )
    ordered = sorted(closes)
    rows = Days(
        np.zeros(len(ordered), dtype=np.int64),
        np.array([day.toordinal() - EPOCH for day in ordered]),
        np.full(len(ordered), price),
    )
    made = states([company], INSTRUMENTS, splits, columns(facts), CLOSES, register)
    valued = value([company], made, rows, prices, CLOSES)
    for row, day in enumerate(ordered):
        plain = resolve(company, day, facts, INSTRUMENTS, splits, CLOSES, register)
        by_rates = reasons_at(plain, company, price, day, CLOSES, market)
        assert_same(plain, inputs_at(plain, company, price, day, CLOSES, market), by_rates, made, valued, row)


def test_bitcoin_is_priced_by_the_last_reading_before_the_shares_own_close() -> None:
    """Tokyo closed at 15:00 until its hours changed to 15:30; a reading one minute after the close, or a publisher's, is not used."""
    quotes = Market(
        {
            ("tokyo", date(2024, 11, 1)): 70_000.0, ("utc", date(2024, 11, 4)): 69_000.0, ("05:30", date(2024, 11, 5)): 71_000.0,
            ("06:31", date(2024, 11, 5)): 72_000.0, ("strategy", date(2024, 11, 5)): 73_000.0,
        },
        {},
    )  # fmt: skip
    told = {}
    for day in (1, 5):
        quote = quotes.bitcoin_quote(CLOSES.moment("XTKS", date(2024, 11, day)), "Asia/Tokyo")
        told[day] = quote and (quote.value, quote.fixing, quote.at)
    assert told == {
        1: (70_000.0, "tokyo", datetime(2024, 11, 1, 6, tzinfo=UTC)),
        5: (71_000.0, "tokyo_1430", datetime(2024, 11, 5, 5, 30, tzinfo=UTC)),
    }


@pytest.mark.slow
def test_kernel_equals_the_rules_on_the_reference_data(reference_db: Path) -> None:
    db = open_database(reference_db)
    companies = objects.companies(db)
    instruments, splits, closes, market = (
        objects.instruments(db),
        objects.splits(db),
        objects.closes(db),
        objects.market(db),
    )
    ids = list(companies)
    chunk = [companies[number] for number in ids]
    register = objects.register(db)
    made = states(chunk, instruments, splits, objects.fact_columns(db), closes, register)
    rows = objects.equity_days(db, {number: index for index, number in enumerate(ids)}, companies)
    valued = value(chunk, made, rows, objects.price_series(db), closes)
    facts = {one.ticker: objects.facts(db, one.ticker) for one in chunk}
    for row in random.Random(20251107).sample(range(len(rows.day)), 400):
        company, day = chunk[rows.company[row]], date.fromordinal(int(rows.day[row]) + EPOCH)
        plain = resolve(company, day, facts[company.ticker], instruments, splits, closes, register)
        inputs = inputs_at(plain, company, float(rows.price[row]), day, closes, market)
        assert_same(
            plain, inputs, reasons_at(plain, company, float(rows.price[row]), day, closes, market), made, valued, row
        )


def test_an_old_total_gives_way_to_a_trackers_balance_sheet_on_a_day_of_its_own() -> None:
    """Nothing is told that day: the filed total has been 120 days old the day before, and the tracker's sheet is newer."""
    company, begins = replace(ORANGE, instruments_complete=False), DAY - timedelta(days=300)
    told = [
        fact("debt_total", 100e6, begins, kind="filing", source="filing-1"),
        fact("debt_carrying", 9e6, begins - timedelta(days=200), kind="tracker", source="tracker-1"),
        fact("debt_carrying", 140e6, begins + timedelta(days=10), kind="tracker", source="tracker-1"),
    ]
    made = states([company], [], [], columns(told), CLOSES)
    debts = []
    for ahead in range(1, 200):
        day = begins + timedelta(days=ahead)
        plain = resolve(company, day, told, [], [], CLOSES).debt
        assert plain is not None
        at = int(np.searchsorted(made.day, day.toordinal() - EPOCH, side="right")) - 1
        assert made.value["debt"][at] == plain.value, ahead
        debts.append(plain.value)
    assert debts == [100e6] * 120 + [140e6] * 79


def test_the_day_is_no_trading_day_of_the_future() -> None:
    """The made-up day of the helpers is a Monday on which New York traded."""
    assert DAY.weekday() == 0
