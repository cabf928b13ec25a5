"""The accretion ledger: golden cases S7 to S9 through its functions, worked events, and break-evens fed back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from db import open_database
from db.reads import views
from treasury.studies.accretion import (
    ACCRETION_INPUTS,
    CapitalPurchase,
    break_even_multiple,
    btc_yield_of_issue,
    ledger,
    net_change_of_issue,
    prospect,
)

GOLDEN = Path(__file__).parent / "fixtures" / "golden" / "golden_cases.csv"
CASES = {row["id"]: row for row in csv.DictReader(GOLDEN.read_text(encoding="utf-8").splitlines())}


@pytest.mark.parametrize("case", ["S7", "S8"])
def test_the_worked_issues_of_orange_corp(case: str) -> None:
    """10 % issued at 1.5x adds 4.5 % of bitcoin to each share, at 0.8x takes 1.8 %."""
    row = CASES[case]
    assert btc_yield_of_issue(**json.loads(row["inputs"])) * 100 == pytest.approx(
        float(row["published"]), abs=float(row["tolerance"])
    )


def test_an_issue_between_net_and_gross_adds_net_value() -> None:
    """S9: 10 % issued at $8 (0.8x gross) lifts the net reserve per share by 0.9 %."""
    row = CASES["S9"]
    found = net_change_of_issue(**json.loads(row["inputs"]))
    assert found is not None
    assert found * 100 == pytest.approx(float(row["published"]), abs=float(row["tolerance"]))


@pytest.mark.parametrize(("mnav", "pct"), [(0.8, -1.8), (1.2, 1.8), (1.5, 4.5), (2.5, 13.6), (4.0, 27.3)])
def test_the_table_of_metrics_7_2(mnav: float, pct: float) -> None:
    assert btc_yield_of_issue(mnav, 0.1) * 100 == pytest.approx(pct, abs=0.05)


def test_proceeds_kept_as_cash_dilute() -> None:
    assert btc_yield_of_issue(1.5, 0.1, fee=1.0) == pytest.approx(-0.1 / 1.1)


@pytest.mark.slow
@given(st.floats(0, 0.5), st.floats(0.001, 1.0), st.floats(1e6, 1e12), st.floats(1e5, 1e10))
def test_a_break_even_fed_back_changes_nothing(fee: float, fraction: float, reserve: float, shares: float) -> None:
    multiple = break_even_multiple(fee)
    assert btc_yield_of_issue(multiple, fraction, fee) == pytest.approx(0, abs=1e-12)
    at = reserve / shares * multiple
    assert net_change_of_issue(reserve, shares, fraction * shares, at, fee) == pytest.approx(0, abs=1e-9)


def test_what_an_issue_would_do_at_a_close() -> None:
    """10 % at 1.5x is 4.5 %; 1,000 of reserve on 100 diluted shares at $12: (1,000 + 120) / 110 over 10 is 1.8 %."""
    row = {"mnav_market_cap": 1.5, "mnav_net": 1.2, "net_reserve": 1000.0, "shares_diluted": 100.0, "price_usd": 12.0}
    found = prospect(pd.DataFrame(row, index=pd.DatetimeIndex(["2025-06-02"])), 0.1)
    assert found.change_pct == pytest.approx(50 / 11)
    assert found.net_change_pct == pytest.approx(20 / 11)
    assert (found.date, found.break_even) == ("2025-06-02", 1.0)
    unknown = prospect(pd.DataFrame(row | {"net_reserve": float("nan")}, index=pd.DatetimeIndex(["2025-06-02"])), 0.1)
    assert (unknown.net_change_pct, unknown.change_pct) == (None, found.change_pct)
    with pytest.raises(ValueError, match="above 0"):
        prospect(pd.DataFrame(row, index=pd.DatetimeIndex(["2025-06-02"])), 0.0)


def test_the_verb_tells_what_an_issue_would_do(reference_db: Path) -> None:
    from click.testing import CliRunner

    from scripts.accretion import command

    done = CliRunner().invoke(
        command, ["MSTR", "--issue", "0.1", "--until", "2025-11-10", "--json", "--db", str(reference_db)]
    )
    (row,) = json.loads(done.stdout)
    assert row["date"] == "2025-11-10"
    assert row["change_pct"] == pytest.approx(btc_yield_of_issue(row["mnav_market_cap"], 0.1) * 100)
    assert row["net_change_pct"] == pytest.approx(
        (1 + 0.1 * row["mnav_net"]) / 1.1 * 100 - 100
    )  # the same law after claims
    for wrong in (["--issue", "0"], ["--issue", "0.1", "--since", "2025-11-10"]):
        assert CliRunner().invoke(command, ["MSTR", *wrong, "--db", str(reference_db)]).exit_code == 2


def test_no_net_reserve_no_change() -> None:
    assert net_change_of_issue(-1.0, 100.0, 10.0, 8.0) is None
    with pytest.raises(ValueError, match="fraction"):
        break_even_multiple(1.0)


def closes(*rows: tuple[float, ...]) -> pd.DataFrame:
    index = pd.to_datetime([f"2025-01-{day + 6:02d}" for day in range(len(rows))])
    return pd.DataFrame(rows, columns=list(ACCRETION_INPUTS), index=index)


#        btc    shares  split  debt  preferred  cash  btc price  multiple
START = (100.0, 1000.0, 1.0, 2_000_000.0, 1_000_000.0, 0.0, 100_000.0, 1.5)


def test_a_raise_spent_on_bitcoin_by_hand() -> None:
    """100 more shares at 1.5x buy 15 BTC: 10m → 10,454,545 sats a share (4.5 %); after 30 BTC of claims 7m → 7,727,273 (10.4 %)."""
    after = (115.0, 1100.0, *START[2:])
    bought = CapitalPurchase("2025-01-07", 15.0, 1_500_000.0, "USD")
    (event,) = ledger(closes(START, after), [CapitalPurchase("2024-12-01", 100.0, None, None), bought])
    assert (event.what, event.shares_change, event.btc_change) == ("raise and purchase", 100.0, 15.0)
    assert event.sats_after == pytest.approx(10_454_545.45)
    assert event.change_pct == pytest.approx(4.545454545)
    assert event.sats_net_before == pytest.approx(7_000_000)
    assert event.sats_net_after == pytest.approx(7_727_272.73)
    assert event.net_change_pct == pytest.approx(10.38961)
    assert event.break_even_net == pytest.approx((115 - 30) / 115)
    assert (event.announced_btc, event.announced_cost, event.currency) == (15.0, 1_500_000.0, "USD")


def test_bitcoin_on_credit_lifts_only_the_gross_count() -> None:
    """20 BTC for $2m borrowed: gross +20 %, after claims nothing."""
    (event,) = ledger(closes(START, (120.0, 1000.0, 1.0, 4_000_000.0, *START[4:])), [])
    assert event.what == "purchase"
    assert event.change_pct == pytest.approx(20)
    assert event.net_change_pct == pytest.approx(0, abs=1e-9)


def test_a_split_and_a_price_are_no_events() -> None:
    split = (100.0, 10_000.0, 10.0, *START[3:])
    dearer = (*split[:6], 120_000.0, 1.2)
    assert ledger(closes(START, split, dearer), []) == []


def test_unknown_claims_leave_only_the_net_side_unknown() -> None:
    unknown = float("nan")
    first, after = (*START[:5], unknown, *START[6:]), (90.0, 1000.0, 1.0, 2e6, 1e6, unknown, *START[6:])
    (event,) = ledger(closes(first, after), [])
    assert event.what == "sale"
    assert event.change_pct == pytest.approx(-10)
    assert event.net_change_pct is None
    assert event.break_even_net is None


def test_every_purchase_of_the_reference_data_is_in_the_ledger(reference_db: Path) -> None:
    """What was announced after the first close is told once, and the steps of the holdings sum to the whole."""
    db = open_database(reference_db)
    for ticker in ("MSTR", "3350.T"):
        frame = views.daily(db, ticker, ACCRETION_INPUTS)
        rows = db.execute(
            "SELECT announced_on, btc, cost, currency FROM purchase WHERE ticker = ?", (ticker,)
        ).fetchall()
        first, last = f"{frame.index[0]:%Y-%m-%d}", f"{frame.index[-1]:%Y-%m-%d}"
        events = ledger(frame, [CapitalPurchase(*row) for row in rows])
        told = sum(one.announced_btc or 0.0 for one in events)
        assert told == pytest.approx(sum(row[1] for row in rows if first < row[0] <= last))
        known = frame["btc"].dropna()
        assert sum(one.btc_change or 0.0 for one in events) == pytest.approx(known.iloc[-1] - known.iloc[0])


def test_the_verb(reference_db: Path) -> None:
    from scripts.accretion import command

    done = CliRunner().invoke(
        command, ["MSTR", "--since", "2025-11-17", "--until", "2025-11-17", "--db", str(reference_db), "--json"]
    )
    (row,) = json.loads(done.stdout)
    assert (row["date"], row["btc_change"], row["announced_btc"], row["shares_change"]) == (
        "2025-11-17",
        8178,
        8178,
        41_000,
    )
    assert CliRunner().invoke(command, ["MSTR", "--fee", "1", "--db", str(reference_db)]).exit_code == 2
