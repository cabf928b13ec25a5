"""Which publisher is a listed company itself: its definitions then speak of that company alone."""

from __future__ import annotations

from functools import cache

from treasury.intake.bundled import reference_sheets


def issuer_of(publisher: str) -> str:
    """The ticker of a company that defines its own numbers, by the name it goes by. Raises KeyError for one that no alias names."""
    return _tickers()[publisher]


@cache
def _tickers() -> dict[str, str]:
    """Companies by the names in reference/aliases.csv."""
    return {
        str(row["alias"]): str(row["ticker"])
        for _, rows, _ in reference_sheets("alias")
        for row in rows
        if row["kind"] == "name"
    }
