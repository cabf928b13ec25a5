"""Issuance at the margin: worked by hand, and by the verb on a day of Strategy."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from db import open_database
from scripts.main import mnav
from treasury.publishers.guidance import guidance_on
from treasury.studies.issuance import by_common, by_preferred, capacity

# 1,000 BTC of 100,000; 1m shares at 150: 1.5x; claims leave 80m of net reserve
CLOSE = {
    "price_usd": 150.0, "market_cap": 150e6, "mnav_market_cap": 1.5, "net_reserve": 80e6, "shares_diluted": 1e6, "btc_price": 100_000.0, "btc": 1000.0,
}  # fmt: skip


def test_common_shares_at_a_premium() -> None:
    """$15m: a tenth of the shares, 150 coins: 1,150 over 1.1m, and 95m over 1.1m."""
    made = by_common(CLOSE, 15e6)
    assert (made.units, made.btc, made.claims) == (100_000, 150, 0)
    assert made.change_pct == pytest.approx((1150 / 1.1 / 1000 - 1) * 100)
    assert made.net_change_pct == pytest.approx((95 / 1.1 / 80 - 1) * 100)
    assert by_common({**CLOSE, "net_reserve": None}, 15e6).net_change_pct is None
    assert made.sats_change == pytest.approx(1150e8 / 1.1e6 - 1000e8 / 1e6)
    assert by_common({**CLOSE, "btc_price": None}, 15e6).btc is None


def test_preferred_stock_below_par_owes_more_than_it_brings() -> None:
    """$8m at 80 of 100: $10m owed at 10 %."""
    made = by_preferred(CLOSE, 8e6, "a", 80.0, 100.0, 10.0)
    assert (made.units, made.btc, made.claims, made.dividends) == (100_000, 80, 10e6, 1e6)
    assert made.change_pct == pytest.approx(8)
    assert made.net_change_pct == pytest.approx(-2.5)
    assert by_preferred(CLOSE, 8e6, "a", 80.0, 100.0, None).dividends is None


def test_guidance_is_the_newest_told_by_then() -> None:
    def says(day: date, multiple: float | None) -> str | None:
        found = guidance_on("MSTR", day, multiple)
        return found.says if found else None

    assert says(date(2025, 7, 30), 1.9) is None
    assert "except for interest" in str(says(date(2025, 8, 1), 1.9))
    assert says(date(2025, 11, 7), 1.27) == "common shares sold tactically"
    assert says(date(2025, 11, 7), 3.0) == "common shares sold opportunistically"
    assert "bitcoin may be sold" in str(says(date(2026, 6, 26), 0.995))
    assert says(date(2026, 6, 26), None) is None
    assert guidance_on("XXI", date(2026, 6, 26), 0.9) is None


def test_what_a_programme_holds_and_the_market_takes() -> None:
    """$6m still to sell at 150 a share, $1.5m a week; $1m trades a session, $5m a week."""
    made = capacity(1.5e6, 150.0, 6e6, 1e6)
    assert (made.programme_usd, made.programme_shares, made.weeks, made.volume_pct) == (6e6, 40_000, 4, 30)
    assert capacity(1.5e6, 150.0, None, None).weeks is None
    assert capacity(1.5e6, None, 6e6, None).programme_shares is None


def verb(db: Path, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(mnav, ["--db", str(db), "issuance", *words], prog_name="mnav")
    return done.exit_code, done.stdout, done.stderr


def test_strategys_programmes_at_a_days_prices(reference_db: Path) -> None:
    """The 8-K of 2026-02-02: $8,063.9m of common, $3,621.4m of STRC; later than 120 days it is told of no more."""
    _, out, said = verb(reference_db, "MSTR", "--on", "2026-02-06", "--json")
    rows = {row["programme"]: row for row in json.loads(out)}
    assert (rows["common"]["programme_usd"], rows["common"]["programme_as_of"]) == (8063.9e6, "2026-02-01")
    assert rows["common"]["weeks"] == pytest.approx(80.639)
    assert rows["strc"]["programme_shares"] == pytest.approx(3621.4e6 / 98.76)
    assert rows["strc"]["volume_pct"] is None
    assert "programmes" not in said
    _, out, said = verb(reference_db, "MSTR", "--on", "2026-06-26", "--json")
    assert {row["programme_usd"] for row in json.loads(out)} == {None}
    assert "more than 120 days before" in said
    _, out, _ = verb(reference_db, "MSTR", "--on", "2026-01-30", "--json")
    assert json.loads(out)[0]["programme_as_of"] == "2026-01-19"  # the next was not yet filed


def test_a_small_change_is_no_minus_nought(reference_db: Path) -> None:
    _, out, _ = verb(reference_db, "MSTR", "--on", "2026-02-06", "--weekly", "1000000")
    assert "-0.0 %" not in out
    assert "−0.0" not in out.replace("−0.001 %", "")
    assert "+0.002 %" in out


def test_the_pace_of_what_trades(reference_db: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    assert verb(path, "MSTR", "--on", "2026-06-26", "--of-volume", "0.05")[0] == 1  # nobody knows what traded
    with open_database(path, writable=True).conn as connection:
        connection.execute(
            "UPDATE price SET volume = 2e7 WHERE symbol = 'MSTR' AND fixing = 'close' AND date > '2026-06-01'"
        )
    code, out, said = verb(path, "MSTR", "--on", "2026-06-26", "--of-volume", "0.05", "--json")
    (row,) = json.loads(out)
    with open_database(path).conn as connection:
        closes = [close for (close,) in connection.execute("SELECT close FROM price WHERE symbol = 'MSTR' AND fixing = 'close' AND date BETWEEN '2026-06-02' AND '2026-06-26'")]  # fmt: skip
        daily = connection.execute(
            "SELECT volume FROM mnav_daily WHERE ticker = 'MSTR' AND date IN ('2026-06-01', '2026-06-26') ORDER BY date"
        )
        assert daily.fetchall() == [(None,), (2e7,)]
    assert code == 0
    assert row["raised"] == pytest.approx(0.05 * 5 * 2e7 * sum(closes) / len(closes))
    assert row["volume_pct"] == pytest.approx(5)
    assert "volume is not known here of strf, strc, strk, strd" in said
    assert verb(path, "MSTR", "--of-volume", "0.05", "--weekly", "1")[0] == 2
    assert verb(path, "MSTR", "--of-volume", "2")[0] == 2


def test_the_verb(reference_db: Path) -> None:
    def run(*words: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(mnav, ["--db", str(reference_db), "issuance", *words], prog_name="mnav")
        return done.exit_code, done.stdout, done.stderr

    code, out, said = run("MSTR", "--weekly", "500000000", "--on", "2026-06-26", "--json")
    assert code == 0
    rows = {row["programme"]: row for row in json.loads(out)}
    assert list(rows) == ["common", "strf", "strc", "strk", "strd"]
    assert rows["common"]["btc"] == pytest.approx(5e8 / 59_716)
    assert rows["common"]["change_pct"] < 0  # the basic multiple is 0.58
    assert rows["strc"]["claims"] == pytest.approx(5e8 * 100 / 74.57)
    assert "guidance since 2025-12-01 at EV 0.995x" in said
    assert "volume is not known here" in said
    assert run("MSTR", "--weekly", "0")[0] == 2
    _, out, said = run("MSTR", "--json")
    assert [row["programme"] for row in json.loads(out)] == list(rows)
    assert "2026-06-26 is the last close with a price of its preferred stock; --on 2026-08-31" in said
