"""The page of what moved when bitcoin moved to the share's own close: its table is what the bundled data says."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "same-moment-changes.md"
HEADER = "| company | days | price before | moved, median | worst | on | last day | basic then | now | EV then | now |"


class Moved(NamedTuple):
    """One day of a company: which price it met before, its multiples now over those then less one, and those now."""

    day: str
    fixing: str
    by: float
    basic: float
    ev: float | None


@pytest.fixture(scope="module")
def moved(reference_db: Path) -> dict[str, list[Moved]]:
    """Every day with a multiple of market cap then and now, by company."""
    db = sqlite3.connect(reference_db)
    prices = {
        (fixing, day): close
        for fixing, day, close in db.execute(
            "SELECT fixing, date, close FROM price WHERE symbol = 'BTC' AND fixing IN ('utc', 'strategy')"
        )
    }
    found: dict[str, list[Moved]] = {}
    for ticker, zone, day, price, at, basic, ev in db.execute(
        "SELECT d.ticker, e.timezone, d.date, d.btc_price, d.btc_price_at, d.mnav_market_cap, d.mnav_ev FROM mnav_daily d"
        " JOIN company c USING (ticker) JOIN exchange e ON e.mic = c.mic AND e.valid_from IS NULL"
        " WHERE d.mnav_market_cap IS NOT NULL ORDER BY 1, 3"
    ):
        # before: the dashboard's price of that day for New York and Toronto, else that of the last 00:00 UTC
        dashboard = prices.get(("strategy", day)) if zone in ("America/New_York", "America/Toronto") else None
        midnight = datetime.fromisoformat(at).astimezone(UTC).date() - timedelta(days=1)
        before = dashboard or prices.get(("utc", midnight.isoformat()))
        if before is None:
            continue  # a later close, which the series of then does not reach
        found.setdefault(ticker, []).append(Moved(day, "nyse" if dashboard else "utc", before / price - 1, basic, ev))
    db.close()
    return found


def line(ticker: str, days: list[Moved]) -> str:
    worst, last = max(days, key=lambda one: abs(one.by)), days[-1]
    fixings = ", ".join(sorted({one.fixing for one in days}))
    multiples = [
        cell
        for now in (last.basic, last.ev)
        for cell in (("–", "–") if now is None else (f"{now / (1 + last.by):.3f}x", f"{now:.3f}x"))
    ]
    cells = [
        ticker, f"{len(days):,}", fixings, f"{median(abs(one.by) for one in days):.2%}".replace("%", " %"),
        f"{worst.by:+.2%}".replace("%", " %"), worst.day, last.day, *multiples,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def test_every_company_stands_on_the_page_with_its_multiples_then_and_now(moved: dict[str, list[Moved]]) -> None:
    wanted = [line(ticker, days) for ticker, days in sorted(moved.items())]
    text = PAGE.read_text(encoding="utf-8")
    shown = text[text.index(HEADER) :].splitlines()
    shown = shown[2 : shown.index("")]
    assert shown == wanted, "the table the page wants:\n" + "\n".join(wanted)


def test_the_page_sums_it_up(moved: dict[str, list[Moved]]) -> None:
    every = [one for days in moved.values() for one in days]
    text = PAGE.read_text(encoding="utf-8").replace("\n", " ")
    assert f"Over the {len(every):,} rows with a multiple of {len(moved)} companies" in text
    assert f"the median move is {median(abs(one.by) for one in every):.2%}".replace("%", " %") in text
    assert abs(median(one.by for one in every)) < 0.001, "no bias"
    assert Counter(one.fixing for one in moved["3350.T"]).keys() == {"utc"}


def test_strategys_dashboard_lies_as_far_from_the_close_as_the_page_says(moved: dict[str, list[Moved]]) -> None:
    days = [one for one in moved["MSTR"] if one.fixing == "nyse"]
    assert median(abs(one.by) for one in days) == pytest.approx(0.0066, abs=5e-5)
    worst = max(days, key=lambda one: abs(one.by))
    assert worst.day == "2022-01-20"
    assert worst.by == pytest.approx(-0.0905, abs=5e-5)
