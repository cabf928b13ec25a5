"""Laws that hold for every company and day: no look-ahead, conversion creates no value, a split changes no ratio, order does not matter."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import CLOSES, DAY, ORANGE, columns, fact, market

from db import open_database
from db.tables import objects
from treasury.known.resolve import resolve
from treasury.known.vectorised import FactColumns, states
from treasury.metrics.metric import METRICS, evaluate
from treasury.model import Fact, Instrument, Split
from treasury.valuation.inputs import inputs_at
from treasury.valuation.vectorised import Prices, Series, value
from treasury.valuation.vectorised import columns as input_columns

EPOCH = date(1970, 1, 1).toordinal()


@pytest.mark.slow
def test_truncation_no_row_of_the_past_knows_the_future(reference_db: Path) -> None:
    """Cut facts, prices and rates at a close, value again: the same row. For every company, on its last day and on days drawn."""
    db = open_database(reference_db)
    companies = objects.companies(db)
    ids = list(companies)
    chunk = [companies[number] for number in ids]
    instruments, splits, closes = objects.instruments(db), objects.splits(db), objects.closes(db)
    facts, prices = objects.fact_columns(db), objects.price_series(db)
    rows = objects.equity_days(db, {number: index for index, number in enumerate(ids)}, companies)
    made = states(chunk, instruments, splits, facts, closes)
    whole = evaluate(input_columns(made, value(chunk, made, rows, prices, closes)))
    cuts = [
        np.datetime64(day, "D").astype(int)
        for day in (
            "2021-05-20",
            "2024-07-16",
            "2024-12-24",
            "2025-02-24",
            "2025-07-29",
            "2025-11-07",
            "2025-11-28",
            "2026-01-16",
        )
    ]
    cuts += random.Random(7).sample(sorted(set(rows.day.tolist())), 6)
    for cut in cuts:
        today = np.flatnonzero(rows.day == cut)
        for mic in {chunk[index].mic for index in rows.company[today]}:
            moment = int(closes.seconds(mic, np.array([cut]))[0])
            known = [_known(text, moment, int(cut)) for text in facts.known_at]
            then = states(
                chunk, instruments, splits, FactColumns(*(_kept(column, known) for column in _columns(facts))), closes
            )
            old = Prices(
                {name: _until(one, _last_day(name, moment)) for name, one in prices.bitcoin.items()},
                {name: _until(one, int(cut)) for name, one in prices.rates.items()},
                {name: _until(one, int(cut)) for name, one in prices.listed.items()},
            )
            again = evaluate(input_columns(then, value(chunk, then, rows, old, closes)))
            for at in today:
                if chunk[rows.company[at]].mic == mic:
                    for name in METRICS:
                        np.testing.assert_array_equal(
                            again[name][at], whole[name][at], err_msg=f"{chunk[rows.company[at]].ticker} {name}"
                        )


def _known(text: str, moment: int, day: int) -> bool:
    if "T" in text:
        return int(datetime.fromisoformat(text).timestamp()) <= moment
    return date.fromisoformat(text).toordinal() - EPOCH < day


def _last_day(fixing: str, moment: int) -> int:
    """The last day whose price of a fixing existed by a moment: of a publisher's series, which may come from later, none."""
    if fixing == "utc":
        return moment // 86400 - 1
    if fixing == "strategy":
        return -1
    hour, minute = map(int, fixing.split(":"))
    return (moment - hour * 3600 - minute * 60) // 86400


def _kept(column: list[Any], known: list[bool]) -> list[Any]:
    return [one for one, keep in zip(column, known, strict=True) if keep]


def _columns(facts: FactColumns) -> list[list[Any]]:
    return [list(getattr(facts, name)) for name in FactColumns.__slots__]


def _until(series: Series, last: int) -> Series:
    keep = series.day <= last
    return Series(series.day[keep], series.value[keep])


NOTE = Instrument("ORNG", "note", "convertible", "USD", date(2025, 1, 2), None, None, 25.0, None)
SERIES = Instrument(
    "ORNG", "series", "convertible_preferred", "USD", date(2025, 1, 2), None, None, 40.0, None, stated_amount=100.0
)


def orange(principal: float = 150e6, preferred: float = 150e6) -> list[Fact]:
    """Orange Corp: 10,000 BTC, 100m shares, one convertible and one convertible preferred series, $30m cash."""
    return [
        fact("btc_holdings", 10_000.0),
        fact("shares_basic", 100e6),
        fact("principal", principal, instrument="note"),
        fact("liquidation_preference", preferred, instrument="series"),
        fact("cash", 30e6),
    ]


def valued(
    facts: list[Fact],
    price: float,
    instruments: list[Instrument],
    splits: list[Split] | None = None,
    btc: float = 100_000.0,
) -> dict[str, float]:
    state = resolve(ORANGE, DAY, facts, instruments, splits or [], CLOSES)
    prices = replace(market(btc), listed={("ORNG", "series", "USD", DAY): 80.0})
    result: dict[str, float] = evaluate(inputs_at(state, ORANGE, price, DAY, CLOSES, prices))
    return result


@given(st.floats(1e3, 1e9), st.floats(0.5, 500.0))
def test_converting_a_note_at_its_price_creates_no_enterprise_value(principal: float, at: float) -> None:
    note = replace(NOTE, conversion_price=at)
    below, above = (valued(orange(principal), price, [note, SERIES]) for price in (at, np.nextafter(at, np.inf)))
    as_debt = below["market_cap_diluted"] + below["debt_otm"]
    as_shares = above["market_cap_diluted"] + above["debt_otm"]
    assert below["debt_otm"] == principal
    assert above["debt_otm"] == 0.0
    assert as_shares == pytest.approx(as_debt, rel=1e-12)
    assert above["mnav_ev_diluted"] == pytest.approx(below["mnav_ev_diluted"], rel=1e-9)
    assert above["net_reserve"] - below["net_reserve"] == pytest.approx(principal)


@given(st.floats(1.0, 200.0))
def test_no_instrument_is_both_shares_and_a_claim(price: float) -> None:
    row = valued(orange(), price, [NOTE, SERIES])
    as_shares = (150e6 / 25.0 if price > 25.0 else 0.0) + (150e6 / 40.0 if price > 40.0 else 0.0)
    as_claims = (0.0 if price > 25.0 else 150e6) + (0.0 if price > 40.0 else 150e6)
    assert row["shares_diluted"] == pytest.approx(100e6 + as_shares)
    assert row["debt_otm"] + row["preferred_otm"] == pytest.approx(as_claims)


@given(st.sampled_from([2.0, 10.0, 0.1, 0.05]), st.floats(5.0, 200.0))
def test_splitting_a_share_changes_no_ratio(ratio: float, price: float) -> None:
    """The day a split takes effect the close is on the new basis; counts, strikes and conversion prices follow by themselves."""
    options = Instrument("ORNG", "options", "option", "USD", date(2025, 1, 2), None, None, 12.0, None)
    facts = [
        *orange(),
        fact("options_outstanding", 3e6, instrument="options"),
        fact("shares_assumed_diluted", 115e6),
        fact("btc_cost_basis", 7e8),
    ]
    stack = [NOTE, SERIES, options]
    before = valued(facts, price, stack)
    after = valued(facts, price / ratio, stack, [Split("ORNG", DAY, ratio)])
    for name, one in METRICS.items():
        expected = before[name]
        if one.unit == "shares":
            expected = expected * ratio
        elif one.unit == "sats" or name in ("price_usd", "net_btc_per_share"):
            expected = expected / ratio
        assert after[name] == pytest.approx(expected, rel=1e-9), name


@settings(max_examples=60)
@given(st.randoms())
def test_order_of_facts_does_not_matter(shuffle: random.Random) -> None:
    facts = [
        fact("btc_holdings", 10.0, DAY - timedelta(days=300), kind="filing", number=1),
        fact("btc_holdings", 12.0, DAY - timedelta(days=40), kind="tracker", source="bitbo-2025-04-23", number=2),
        fact("btc_holdings", 13.0, DAY - timedelta(days=20), kind="tracker", source="bitbo-2025-05-13", number=3),
        fact("btc_holdings", 13.0, DAY - timedelta(days=10), kind="tracker", source="bitbo-2025-05-23", number=4),
        fact("shares_basic", 1e6, DAY - timedelta(days=30), kind="issuer", source="site", number=5),
        fact("shares_basic", 2e6, DAY - timedelta(days=30), kind="filing", source="sec-2", number=6),
        fact("debt_total", 5e6, DAY - timedelta(days=30), number=7),
        fact("principal", 3e6, DAY - timedelta(days=10), instrument="note", number=8),
    ]
    ordered = resolve(ORANGE, DAY, facts, [NOTE], [], CLOSES)
    mixed = facts[:]
    shuffle.shuffle(mixed)
    assert resolve(ORANGE, DAY, mixed, [NOTE], [], CLOSES) == ordered
    a, b = (states([ORANGE], [NOTE], [], columns(some), CLOSES) for some in (facts, mixed))
    for name in a.value:
        np.testing.assert_array_equal(a.value[name], b.value[name])
        np.testing.assert_array_equal(a.fact[name], b.fact[name])
    assert ordered.btc is not None
    assert ordered.btc.value == 13.0  # the filing is 300 days old and the tracker has changed its mind since
    assert ordered.shares_basic is not None
    assert ordered.shares_basic.value == 2e6  # on a tie the filing
