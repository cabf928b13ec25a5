"""The articles' own figures of November 2025, from the bundled data by the commands docs/story.md shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import forked
import pytest

ROOT = Path(__file__).parent.parent
Rows = list[dict[str, Any]]


@pytest.fixture
def rows(reference_db: Path) -> Any:
    def run(*words: str) -> Rows:
        done = forked.mnav(*words, "--json", "--db", str(reference_db), check=True)
        found: Rows = json.loads(done.stdout)
        return found

    return run


def history(rows: Any, ticker: str, since: str, until: str) -> dict[str, dict[str, Any]]:
    metrics = ("price", "shares_basic", "market_cap", "mnav_ev", "implied_premium_usd")
    words = [word for name in metrics for word in ("--metric", name)]
    return {row["date"]: row for row in rows("history", ticker, *words, "--since", since, "--until", until)}


def test_bitcoin_17_per_cent_below_its_high_and_its_averages(rows: Any) -> None:
    market = {row["measure"]: row["value"] for row in rows("market", "--on", "2025-11-05")}
    assert round(market["drawdown_pct"]) == -17
    assert market["btc_close"] == pytest.approx(104_000, rel=0.005)
    at = [row["btc_price"] for row in rows("stress", "--btc", "50w,100w", "MSTR", "--on", "2025-11-09")]
    assert at == [pytest.approx(103_300, rel=0.005), pytest.approx(82_000, rel=0.005)]


def test_strategys_market_cap_fell_43_per_cent(rows: Any) -> None:
    days = history(rows, "MSTR", "2025-07-11", "2025-11-07")
    july, november = days["2025-07-11"]["market_cap"], days["2025-11-07"]["market_cap"]
    assert july == pytest.approx(122.1e9, abs=0.05e9)
    assert november == pytest.approx(69.5e9, abs=0.05e9)
    assert round((november / july - 1) * 100) == -43


def test_metaplanets_market_cap_fell_56_per_cent_in_yen(rows: Any) -> None:
    days = history(rows, "3350.T", "2025-06-20", "2025-11-07")
    yen = [days[day]["price"] * days[day]["shares_basic"] for day in ("2025-06-20", "2025-11-07")]
    assert round((yen[1] / yen[0] - 1) * 100) == -56


def test_the_premium_from_70_to_15_billion(rows: Any) -> None:
    july = history(rows, "MSTR", "2025-07-01", "2025-07-31")
    assert max(row["mnav_ev"] for row in july.values()) == pytest.approx(2.0, abs=0.05)
    assert max(row["implied_premium_usd"] for row in july.values()) == pytest.approx(
        68.4e9, abs=0.1e9
    )  # 69.1 on the publisher's bitcoin
    november = history(rows, "MSTR", "2025-11-10", "2025-11-11")
    assert all(row["mnav_ev"] < 1.25 for row in november.values())
    assert november["2025-11-11"]["implied_premium_usd"] == pytest.approx(15e9, abs=0.5e9)


def test_both_prices_of_bitcoin_rightly_labelled(rows: Any) -> None:
    at_close = history(rows, "MSTR", "2025-11-10", "2025-11-10")["2025-11-10"]
    assert (round(at_close["mnav_ev"], 3), round(at_close["implied_premium_usd"] / 1e9, 1)) == (1.229, 15.6)
    words = (
        "--metric",
        "mnav_ev",
        "--metric",
        "implied_premium_usd",
        "--metric",
        "btc_fixing",
        "--bitcoin-price",
        "publisher",
    )
    (published,) = rows("history", "MSTR", *words, "--since", "2025-11-10", "--until", "2025-11-10")
    assert (round(published["mnav_ev"], 3), round(published["implied_premium_usd"] / 1e9, 2)) == (1.232, 15.75)
    assert published["btc_fixing"] == "strategy"


def test_the_trade_to_the_open_by_leg(rows: Any) -> None:
    """Sold at 380.30 and bought back at 222.66, on a million dollars: 2,629.50 shares × 157.64 = $414,514.86."""
    exact = rows("pair", "MSTR", "--from", "2024-12-02", "--to", "2025-11-07", "--exit-price", "222.66", "--exit-btc", "100000", "--hedge", "exact")[0]  # fmt: skip
    assert exact["mnav_from"] == pytest.approx(2.5, abs=0.01)
    assert exact["mnav_to"] == pytest.approx(1.23, abs=0.005)
    assert exact["share_leg"] == pytest.approx(414_514.86, abs=0.01)
    # ($380.30 + ($7,263.75m − $46.343m) / 234.227m shares) / 95,694.32 = 0.00429611 BTC a share, × 2,629.50 × 4,305.68
    assert exact["bitcoin_leg"] == pytest.approx(48_639.7, abs=0.5)
    assert exact["multiple"] > exact["total"] > 0 > exact["drift"]


def test_fear_holders_and_futures_on_4_november(rows: Any) -> None:
    """Fear and greed 21; holders as ChartInspect counts them, the article's -405,000 is CryptoQuant's; open interest in per cent."""
    market = {row["measure"]: row for row in rows("market", "--on", "2025-11-04")}
    assert market["fear_greed"]["value"] == 21
    assert "Alternative.me" in market["fear_greed"]["note"]
    assert market["lth_supply_change_30d"]["value"] == -279_290
    assert (
        market["lth_supply_change_30d"]["note"] == "since 2025-10-04; ChartInspect, 155 days, not adjusted for entities"
    )
    assert market["drawdown_intraday_pct"]["value"] == pytest.approx(-19.5, abs=0.05)
    assert market["futures_open_interest_change_24h_pct"]["value"] == pytest.approx(-1.84, abs=0.005)
    assert market["liquidations_long"]["value"] + market["liquidations_short"]["value"] == 1.36e9
    assert "of 1.36bn in all" in market["liquidations_long"]["note"]
    after = {row["measure"]: row for row in rows("market", "--on", "2025-11-05")}
    assert after["futures_open_interest_change_24h_pct"]["value"] == pytest.approx(-3.63, abs=0.005)
