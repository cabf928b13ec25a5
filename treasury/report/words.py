"""Stored names as the report says them: btc_holdings is "bitcoin held", shares_basic "basic shares"."""

from __future__ import annotations

from treasury.metrics.mnav_daily import DAILY
from treasury.metrics.row_wise import INPUTS

_CALLED = {
    "price": "share price", "fx": "exchange rate", "btc_holdings": "bitcoin held", "btc_cost_basis": "cost of the bitcoin held",
    "cost_basis": "cost of the bitcoin held", "cost_of_holdings": "cost of these very coins", "debt_total": "debt in total",
    "debt_carrying": "debt at its balance-sheet amount", "preferred_total": "preferred stock in total", "preferred": "preferred stock",
    "usd_reserve": "dollar reserve", "shares_listed_units": "shares in listed units", "options_outstanding": "options outstanding",
    "rsu_unvested": "stock units, unvested", "btc_acquired": "bitcoin bought or sold", "shares_bought_back": "shares bought back",
}  # fmt: skip
_WORDS = {"btc": "bitcoin", "usd": "dollars", "ev": "EV", "mnav": "mNAV", "rsu": "stock units", "pct": "%"}


def in_words(name: str) -> str:
    """A quantity, an input or a column as people call it."""
    if name in _CALLED:
        return _CALLED[name]
    column = INPUTS.get(name) or DAILY.get(name)
    if column is not None and column.label:
        return column.label
    return " ".join(_WORDS.get(word, word) for word in name.split("_"))


def input_in_words(name: str) -> str:
    """A line of `mnav explain`: an input, or "· " and the quantity of a fact behind it, of an instrument where one follows."""
    if name.startswith("close "):
        return f"close of {name.removeprefix('close ').upper()}"
    fact = name.startswith("· ")
    quantity, _, instrument = name.removeprefix("· ").partition(" ") if fact else (name, "", "")
    if not fact and quantity not in INPUTS:
        return quantity  # an instrument, by its own name
    return ("· " if fact else "") + in_words(quantity) + (f" of {instrument}" if instrument else "")
