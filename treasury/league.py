"""Who stands in the league table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from treasury.unknown import why

ONE_WEEK = 7  # days of closes that stand beside each other
STANDS_FOR_ALL = 0.5  # of the coins: fewer are no sector
TREASURY_SHARE = 0.10  # of market cap: what a company's bitcoin must be for the league table


def mostly_bitcoin(btc_nav: float | None, market_cap: float | None) -> bool:
    """Whether a company's bitcoin is at least 10 % of its market cap (USD): below it a multiple says little of bitcoin."""
    return btc_nav is not None and market_cap is not None and btc_nav >= TREASURY_SHARE * market_cap


def in_league(row: Mapping[str, Any]) -> bool:
    """A treasury company whose bitcoin is at least 10 % of its market cap; `row` has kind, btc_nav and market_cap (USD)."""
    return row["kind"] == "treasury" and mostly_bitcoin(row["btc_nav"], row["market_cap"])


def why_left_out(row: Mapping[str, Any]) -> str:
    """Why a company with a close, `row` of the newest closes, does not stand in the league table."""
    if row["kind"] != "treasury":
        return f"counts as {row['kind'].replace('_', ' ')}, not as a treasury company; `mnav report --all` shows it"
    if row["btc_nav"] is None or row["market_cap"] is None:
        return (
            "; ".join(why(code) for code in (row["reason"] or "").split())
            or "its bitcoin or its market cap is not known"
        )
    if not mostly_bitcoin(row["btc_nav"], row["market_cap"]):
        return f"its bitcoin is less than {TREASURY_SHARE:.0%} of its market cap"
    return "not asked for in this report"


def stand_for_all(held: float, held_by_all: float) -> bool:
    """Whether some companies may stand for the sector: those that hold at least half of what all hold."""
    return held >= STANDS_FOR_ALL * held_by_all


def in_week(day: date, end: date) -> bool:
    """Whether a close is of the week to `end`: closes of other weeks make no sum and no comparison."""
    return 0 <= (end - day).days <= ONE_WEEK


def sector_day(closes: Iterable[tuple[date, float]]) -> date | None:
    """The newest day to whose week belong the last closes of companies with at least half of all coins; a few later ones are no sector.

    `closes` are each company's last close and its coins. None where there is none.
    """
    found = list(closes)
    days = sorted({day for day, _ in found}, reverse=True)
    held_by_all = sum(coins for _, coins in found)
    full = (end for end in days if stand_for_all(sum(coins for day, coins in found if in_week(day, end)), held_by_all))
    return next(full, days[0] if days else None)


def largest_of_two_countries(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The largest holder with a basic multiple, and beside it the largest of another country; `rows` are largest first."""
    valued = [row for row in rows if row["mnav_market_cap"] is not None]
    others = [row for row in valued if row["country"] != valued[0]["country"]]
    return tuple(row["ticker"] for row in (*valued[:1], *others[:1]))
