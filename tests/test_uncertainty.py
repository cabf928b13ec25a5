"""Error bars from age: worked by hand, equal in Python and in the view, wide where a company is stale, and never from the future."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from db import open_database
from db.derived.valuations import rebuild
from treasury.metrics.error_bars import Aged, ErrorBar, error_bar

DAY = date(2026, 1, 1)
A_YEAR_BEFORE = date(2024, 10, 1)
STATED = date(2025, 10, 1)  # 92 days before DAY, 365 days after the earlier value


def bar(shares: float = 100.0, btc: float = 100.0, claims: float = 200_000.0, as_of: date = STATED) -> ErrorBar | None:
    """Market cap $1m on 100 shares, NAV $1m on 100 BTC, claims $200,000; a year before the given amounts."""
    return error_bar(
        DAY, 1e6, 200_000.0, 1e6, Aged(100.0, as_of, shares, A_YEAR_BEFORE), Aged(100.0, as_of, btc, A_YEAR_BEFORE),
        Aged(200_000.0, as_of, claims, A_YEAR_BEFORE),
    )  # fmt: skip


def test_shares_that_grew_lift_the_top_by_their_growth_since() -> None:
    """50 shares more in 365 days, 92 days ago: 12.6 more shares, $126,027 more market cap on $1m of bitcoin."""
    found = bar(shares=50.0)
    assert found is not None
    assert found.high == pytest.approx(1.2 + 0.1 * 92 * 50 / 365 / 10, rel=1e-12)
    assert (found.low, found.doubt) == (1.2, "shares")


def test_holdings_that_grew_lower_the_bottom() -> None:
    """36.5 BTC more a year is 0.1 a day: 109.2 BTC by now, 1.2m / 1.092m."""
    found = bar(btc=63.5)
    assert found is not None
    assert found.low == pytest.approx(1.2 / 1.092, rel=1e-12)
    assert (found.high, found.doubt) == (1.2, "holdings")


def test_claims_and_all_together() -> None:
    """$73,000 more a year is $200 a day, $18,400 since; each effect goes to its side."""
    found = bar(claims=127_000.0)
    assert found is not None
    assert found.high == pytest.approx(1.2184, rel=1e-12)
    together = bar(50.0, 63.5, 127_000.0)
    assert together is not None
    assert together.low == pytest.approx(1.2 / 1.092)
    assert together.high == pytest.approx(1.2184 + 0.12602739726)
    assert together.doubt == "shares"


def test_nothing_is_in_doubt_on_the_day_itself_or_where_nothing_ever_moves() -> None:
    today = bar(50.0, 63.5, 127_000.0, as_of=DAY)
    assert today is not None
    assert (today.low, today.high, today.doubt) == (1.2, 1.2, None)
    still = bar()
    assert still is not None
    assert (still.low, still.high, still.doubt) == (1.2, 1.2, None)


def test_an_unknown_rate_gives_no_bar() -> None:
    aged = Aged(100.0, STATED, 50.0, A_YEAR_BEFORE)
    for at in range(3):
        assert error_bar(DAY, 1e6, 0.0, 1e6, *[Aged(100.0, STATED) if one == at else aged for one in range(3)]) is None
    close = Aged(100.0, STATED, 50.0, date(2025, 9, 15))  # two weeks of growth say nothing
    assert error_bar(DAY, 1e6, 0.0, 1e6, close, aged, aged) is None
    assert error_bar(DAY, 1e6, 0.0, 0.0, aged, aged, aged) is None
    sold = Aged(1.0, STATED, 1000.0, A_YEAR_BEFORE)
    assert error_bar(DAY, 1e6, 0.0, 1e6, aged, sold, aged) is None


def aged(now: sqlite3.Row, then: sqlite3.Row | None, name: str, factor: float = 1.0) -> Aged:
    as_of = date.fromisoformat(now[f"{name}_as_of"])
    if then is None:
        return Aged(now[name], as_of)
    return Aged(now[name], as_of, then[name] * factor, date.fromisoformat(then[f"{name}_as_of"]))


def earlier(rows: list[sqlite3.Row], day: str, as_of: str, known: list[str]) -> sqlite3.Row | None:
    """The last row a year before a day that knew it all, else the first."""
    limit = date.fromordinal(date.fromisoformat(as_of).toordinal() - 365).isoformat()
    knew = [row for row in rows if all(row[name] is not None for name in known)]
    before = [row for row in knew if row[day] <= limit]
    return before[-1] if before else knew[0] if knew else None


@pytest.mark.slow
@pytest.mark.parametrize("ticker", ["MSTR", "3350.T", "SMLR", "KULR", "HUT"])
def test_the_view_and_the_function_agree_on_every_close(ticker: str, read: sqlite3.Connection) -> None:
    number = read.execute("SELECT id FROM company WHERE ticker = ?", (ticker,)).fetchone()[0]
    states = read.execute("SELECT * FROM state WHERE company_id = ? ORDER BY from_date", (number,)).fetchall()
    by_id = {row["id"]: row for row in states}
    closes = read.execute("SELECT * FROM valuation WHERE company_id = ? ORDER BY date", (number,)).fetchall()
    told = 0
    for view in read.execute("SELECT * FROM mnav_daily WHERE ticker = ? ORDER BY date", (ticker,)).fetchall():
        columns = (view["mnav_ev_low"], view["mnav_ev_high"], view["mnav_ev_doubt"])
        if view["mnav_ev"] is None:
            assert columns == (None, None, None)
            continue
        close = next(row for row in closes if row["date"] == view["date"])
        state = by_id[close["state"]]
        shares = earlier(states, "from_date", state["shares_basic_as_of"], ["shares_basic"])
        btc = earlier(states, "from_date", state["btc_as_of"], ["btc"])
        of = min(state[f"{name}_as_of"] or "9" for name in ("debt", "preferred", "cash"))
        if of == "9":
            assert columns == (None, None, None)
            continue
        base = earlier(closes, "date", of, ["debt", "preferred", "cash"])
        assert shares is not None
        assert base is not None
        base_of = min(by_id[base["state"]][f"{name}_as_of"] or "9" for name in ("debt", "preferred", "cash"))
        claims = Aged(
            view["debt"] + view["preferred"] - view["cash"], date.fromisoformat(of),
            base["debt"] + base["preferred"] - base["cash"], None if base_of == "9" else date.fromisoformat(base_of),
        )  # fmt: skip
        found = error_bar(
            date.fromisoformat(view["date"]), view["market_cap"], claims.now, view["btc_nav"],
            aged(state, shares, "shares_basic", state["split_factor"] / shares["split_factor"]), aged(state, btc, "btc"), claims,
        )  # fmt: skip
        if found is None:
            assert columns == (None, None, None), view["date"]
            continue
        told += 1
        assert view["mnav_ev_low"] == pytest.approx(found.low, rel=1e-9), view["date"]
        assert view["mnav_ev_high"] == pytest.approx(found.high, rel=1e-9), view["date"]
        assert view["mnav_ev_doubt"] == found.doubt, view["date"]
        assert view["mnav_ev_low"] <= view["mnav_ev"] * (1 + 1e-12)
        assert view["mnav_ev_high"] >= view["mnav_ev"] * (1 - 1e-12)
    assert told > 100 or ticker not in ("MSTR", "3350.T")


def test_a_stale_company_looks_stale(read: sqlite3.Connection) -> None:
    """Strategy told everything within days, Metaplanet's claims are of half a year before."""

    def width(ticker: str, day: str) -> float:
        row = read.execute(
            "SELECT (mnav_ev_high - mnav_ev_low) / mnav_ev FROM mnav_daily WHERE ticker = ? AND date = ?", (ticker, day)
        ).fetchone()
        return float(row[0])

    assert width("MSTR", "2025-11-10") < 0.02
    assert width("3350.T", "2026-04-24") > 0.3


@pytest.mark.slow
def test_no_bar_knows_the_future(reference_db: Path, tmp_path: Path) -> None:
    """What becomes known after a day changes no bar of that day."""
    copy = tmp_path / "mnav.db"
    shutil.copy(reference_db, copy)
    before = sqlite3.connect(reference_db).execute(BARS).fetchall()
    assert len(before) > 500
    raw = sqlite3.connect(copy)
    for table in ("fact", "retraction"):
        for verb in ("update", "delete"):
            raw.execute(f"DROP TRIGGER {table}_no_{verb}")
    raw.execute("DELETE FROM fact WHERE substr(known_at, 1, 10) > '2025-06-30'")
    raw.commit()
    raw.close()
    db = open_database(copy, writable=True)
    rebuild(db)
    assert db.execute(BARS).fetchall() == before


BARS = "SELECT ticker, date, mnav_ev_low, mnav_ev_high, mnav_ev_doubt FROM mnav_daily WHERE date <= '2025-06-30' AND mnav_ev_low IS NOT NULL ORDER BY 1, 2"
