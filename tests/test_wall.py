"""The funding wall: a worked company, Strategy's own dates, and what must not be guessed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import forked
import pytest

from db import open_database
from db.reads.close import claims_owed, issued_a_quarter, situations
from scripts.wall import ending
from treasury.claims.funding_wall import Owed, quarter_after, wall
from treasury.model import Instrument

ROOT = Path(__file__).parent.parent
DAY = date(2026, 1, 1)


def owed(amount: float, rate: float | None, kind: str = "bond", strike: float | None = None, **dates: date) -> Owed:
    days = {name: dates.get(name) for name in ("maturity", "put_date", "call_date")}
    return Owed(
        Instrument("X", "one", kind, "USD", maturity=days["maturity"], put_date=days["put_date"], call_date=days["call_date"]), amount, rate, strike,
    )  # fmt: skip


BOND = owed(365e6, 10.0, maturity=date(2026, 8, 1))
PREFERRED = owed(730e6, 5.0, kind="preferred")


def test_the_wall_ends_with_who_falls_short_first() -> None:
    rows = [{"ticker": "ORNG", "btc_price": 6e4, "shortfall": quarter} for quarter in ("2028Q1", None, "2027Q3")]
    assert ending(rows, 12).startswith(
        "2 of 3 fall short of cash within 12 quarters, ORNG at bitcoin 60,000 first, in 2027Q3"
    )
    assert ending(rows[1:2], 8) == "nobody falls short of cash within 8 quarters"
    assert ending(rows[:1], 8).startswith("ORNG at bitcoin ")
    assert " falls short of cash in 20" in ending(rows[:1], 8)


def test_a_company_by_hand() -> None:
    """The bond costs 0.1m a day: 90 days in Q1, 91 in Q2, 31 in Q3, then 365m; the preferred 0.1m a day for ever. Cash 40m."""
    found = wall([BOND, PREFERRED], DAY, 40e6, 4, 10.0, 5e6)
    assert [one.name for one in found.quarters] == ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]
    assert [one.coupons for one in found.quarters] == [
        pytest.approx(9e6),
        pytest.approx(9.1e6),
        pytest.approx(3.1e6),
        0,
    ]
    assert [one.dividends for one in found.quarters] == [pytest.approx(one) for one in (9e6, 9.1e6, 9.2e6, 9.2e6)]
    assert [one.maturities for one in found.quarters] == [0, 0, 365e6, 0]
    assert found.cash_left == tuple(pytest.approx(one) for one in (22e6, 3.8e6, -373.5e6, -382.7e6))
    assert found.with_issuance == tuple(pytest.approx(one) for one in (27e6, 13.8e6, -358.5e6, -362.7e6))
    assert found.shortfall == found.shortfall_with_issuance == "2026Q3"
    assert found.forced_sale(100_000) == pytest.approx(3627)
    assert found.forced_sale(100_000, issuing=False) == pytest.approx(
        -min(left for left in found.cash_left if left is not None) / 100_000
    )


def test_only_the_rest_of_the_first_quarter_counts() -> None:
    found = wall([BOND], date(2026, 3, 2), 40e6, 1, 10.0, 9e6)
    assert found.quarters[0].coupons == pytest.approx(3e6)  # 30 days of 0.1m
    assert found.with_issuance[0] == pytest.approx(40e6 - 3e6 + 9e6 * 30 / 90)


def test_a_put_is_the_maturity_of_what_is_out_of_the_money() -> None:
    note = owed(
        100e6,
        0.0,
        "convertible",
        50.0,
        put_date=date(2026, 5, 1),
        maturity=date(2027, 5, 1),
        call_date=date(2026, 2, 1),
    )
    out, into = (wall([note], DAY, 0.0, 8, price, 0.0) for price in (49.0, 51.0))
    assert [one.puts for one in out.quarters][:2] == [0, 100e6]
    assert all(one.maturities == 0 for one in out.quarters)
    assert all(one.puts == one.maturities == 0 for one in into.quarters)
    assert into.shortfall is None
    assert [one.calls for one in out.quarters][:2] == [100e6, 0]
    assert out.quarters[0].due == 0  # a call is the issuer's choice
    after = wall([note], date(2026, 6, 1), 0.0, 8, 49.0, 0.0)
    assert sum(one.maturities for one in after.quarters) == 100e6  # not put: it runs to its maturity
    assert wall([note], DAY, 0.0, 8, None, 0.0).shortfall == "2026Q2"  # the share's price is not known


def test_what_is_unknown_stays_so() -> None:
    rateless = wall([owed(10e6, None)], DAY, 1e6, 2, 10.0, 0.0)
    assert rateless.quarters[0].coupons is None
    assert rateless.quarters[0].due is None
    assert rateless.shortfall is None
    assert rateless.forced_sale(1.0) is None
    undeclared = wall([owed(10e6, None, kind="preferred"), PREFERRED], DAY, 1e6, 2, 10.0, 0.0)
    assert [one.dividends for one in undeclared.quarters] == [None, None]
    partly = wall([BOND, PREFERRED], DAY, 1e6, 1, 10.0, 0.0, complete=False).quarters[0]
    assert (partly.coupons, partly.dividends) == (None, None)
    assert wall([BOND], DAY, None, 1, 10.0, 0.0).cash_left == (None,)
    assert wall([BOND], DAY, 40e6, 1, 10.0, None).with_issuance == (None,)


def test_what_may_be_called_from_a_day_on_is_told_once_in_the_quarter_of_that_day() -> None:
    for day, calls in ((date(2026, 3, 31), [1e6, 0.0, 0.0]), (date(2026, 4, 1), [0.0, 1e6, 0.0])):
        found = wall([owed(1e6, 0.0, call_date=day)], date(2026, 1, 1), 0.0, 3, 10.0, 0.0)
        assert [one.calls for one in found.quarters] == calls


def test_issuance_counts_the_rest_of_the_first_quarter_once() -> None:
    """A dollar a day, 91 a quarter, from two days before the end of June: 2, 93, 184."""
    found = wall([], date(2026, 6, 29), 0.0, 3, None, 91.0)
    assert found.with_issuance == pytest.approx((2.0, 93.0, 184.0))
    assert wall([], date(2026, 7, 1), 0.0, 2, None, 92.0).with_issuance == pytest.approx((92.0, 184.0))


def test_quarters_follow_one_another() -> None:
    assert quarter_after(date(2026, 1, 1)) == date(2026, 4, 1)
    assert quarter_after(date(2026, 10, 1)) == date(2027, 1, 1)


def test_strategys_first_put(reference_db: Path) -> None:
    """$1.01bn of the 2028 notes on 2027-09-15 (docs/metrics.md 7.9); with its first reserve the cash lasts until then."""
    db = open_database(reference_db)
    (one,) = situations(db, ["MSTR"], "2025-12-01")
    found = wall(claims_owed(db, one), one.day, one.values()["cash"], 10, one.price, 0.0)
    puts = {quarter.name: quarter.puts for quarter in found.quarters if quarter.puts}
    assert puts["2027Q3"] == 1010e6
    assert next(iter(puts)) == "2027Q3"
    assert found.shortfall == "2027Q3"
    yearly = sum((quarter.coupons or 0) + (quarter.dividends or 0) for quarter in found.quarters[1:5])
    assert yearly == pytest.approx(one.annual_obligations, rel=0.005)
    # 208.7m class A and 19.6m class B at the end of 2024's November, 287m and more a year later: about 6 % a quarter
    assert issued_a_quarter(db, "MSTR", one.day) == pytest.approx(0.065, abs=0.025)


def test_the_verb(reference_db: Path) -> None:
    def rows(*words: str) -> list[dict[str, object]]:
        done = forked.mnav(
            "wall", "MSTR", "--on", "2025-12-01", *words, "--json", "--db", str(reference_db), check=True
        )
        found: list[dict[str, object]] = json.loads(done.stdout)
        return found

    quarters = rows("--quarters", "8")
    assert [row["quarter"] for row in quarters][:2] == ["2025Q4", "2026Q1"]
    assert quarters[-1]["puts"] == 1010e6
    high, low = rows("--btc", "100000,25000", "--summary", "--quarters", "16", "--issue-pct", "0")
    for row, price in ((high, 100_000), (low, 25_000)):
        assert row["shortfall"] == row["shortfall_with_issuance"] == "2027Q3"
        assert isinstance(row["forced_sale_btc"], float)
        assert row["forced_sale_btc"] * price > 1e9
        assert row["forced_sale_without_issuance_btc"] == row["forced_sale_btc"], "nothing is issued"
    assert float(str(low["forced_sale_pct"])) > float(str(high["forced_sale_pct"]))
    (issuing,) = rows("--btc", "100000", "--summary", "--quarters", "16", "--issue-pct", "5")
    assert (issuing["forced_sale_btc"], issuing["forced_sale_without_issuance_btc"]) == (0, high["forced_sale_btc"])
