"""Feed of `mnav compare`: the league on two days, company by company."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from db.reads import views
from treasury.league import in_league

if TYPE_CHECKING:
    from sqlite_utils import Database

COMPARED = (
    "price_usd", "market_cap", "btc", "btc_nav", "sats_per_share_on_one_basis", "mnav_market_cap", "mnav_ev", "mnav_net",
    "implied_premium_usd", "equity_premium_pct",
)  # fmt: skip
RECENT_DAYS = 10  # a row older than this against the day asked for is no row of that day


def compare(
    db: Database,
    start: str,
    end: str,
    tickers: Sequence[str] = (),
    everyone: bool = False,
    metrics: Sequence[str] = COMPARED,
) -> list[dict[str, Any]]:
    """A row per company that was in the league on either day (or is asked for), largest bitcoin NAV of the later day first.

    Every one of `metrics` stands as NAME_from and NAME_to (USD, BTC, satoshis, ratios; None unknown), with NAME_change_pct for
    money, coins and satoshis and NAME_change for multiples and premiums. Prices and satoshis are per share of the later day's split
    basis. `rank_*` is by bitcoin NAV within the league of the day; `what` is "entered", "left" or "".
    """
    then, now = _league(db, start, tickers, everyone), _league(db, end, tickers, everyone)
    rows = []
    for ticker in {**now, **then}:
        a, b = then.get(ticker), now.get(ticker)
        newer = b or a
        assert newer is not None
        row: dict[str, Any] = {
            "ticker": ticker, "name": newer["name"], "kind": newer["kind"], "country": newer["country"],
            "date_from": a and a["date"], "date_to": b and b["date"], "rank_from": a and a["rank"], "rank_to": b and b["rank"],
            "what": "entered" if a is None else "left" if b is None else "",
        }  # fmt: skip
        basis = newer["split_factor"]
        for name in metrics:
            old, new = (_value(side, name, basis) for side in (a, b))
            row |= {f"{name}_from": old, f"{name}_to": new} | _change(name, old, new)
        rows.append(row)
    return sorted(rows, key=lambda row: (-(row["btc_nav_to"] or 0), -(row["btc_nav_from"] or 0), row["ticker"]))


def _league(db: Database, day: str, tickers: Sequence[str], everyone: bool) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in views.league(db, day):
        fresh = (date.fromisoformat(day) - date.fromisoformat(row["date"])).days <= RECENT_DAYS
        if fresh and (row["ticker"] in tickers if tickers else in_league(row) or (everyone and row["btc"])):
            found[row["ticker"]] = {**row, "rank": len(found) + 1}
    return found


def _value(row: dict[str, Any] | None, name: str, basis: float) -> float | None:
    """A column of one day; per share on the split basis `basis` (the view's `split_factor` of the later day)."""
    if row is None:
        return None
    if name == "sats_per_share_on_one_basis":
        sats = row["sats_per_share"]
        return None if sats is None else float(sats * row["split_factor"] / basis)
    if name == "price_usd":
        return None if row[name] is None else float(row[name] * row["split_factor"] / basis)
    value: float | None = row[name]
    return value


def _change(name: str, old: float | None, new: float | None) -> dict[str, float | None]:
    known = old is not None and new is not None
    if name.startswith("mnav_") or name.endswith("_pct") or name == "implied_premium_usd":
        return {f"{name}_change": new - old if known else None}  # type: ignore[operator]
    return {f"{name}_change_pct": (new / old - 1) * 100 if known and old else None}  # type: ignore[operator]
