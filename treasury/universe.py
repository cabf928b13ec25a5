"""Who stands in the league table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TREASURY_SHARE = 0.10  # of market cap: what a company's bitcoin must be for the league table


def in_league(row: Mapping[str, Any]) -> bool:
    """A treasury company whose bitcoin is at least 10 % of its market cap; `row` has kind, btc_nav and market_cap (USD)."""
    if row["kind"] != "treasury" or row["btc_nav"] is None or row["market_cap"] is None:
        return False
    return bool(row["btc_nav"] >= TREASURY_SHARE * row["market_cap"])
