"""Rows to stdout: a table with sensible digits for people, JSON and CSV at full precision for programs."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

MISSING = "–"


def emit(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], output: str, headers: Mapping[str, str] | None = None
) -> None:
    """Print the given columns of all rows as "table", "json" or "csv"; unknown is –, null or an empty cell."""
    if output == "json":
        click.echo(
            json.dumps(
                [{name: _plain(row.get(name)) for name in columns} for row in rows], indent=1, ensure_ascii=False
            )
        )
    elif output == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow(
                ["" if (value := _plain(row.get(name))) is None else spreadsheet_safe(value) for name in columns]
            )
    else:
        from tabulate import tabulate

        shown = [[shown_as(name, row.get(name)) for name in columns] for row in rows]
        titles = [(headers or {}).get(name, name) for name in columns]
        numeric = [all(isinstance(_plain(row.get(name)), int | float | None) for row in rows) for name in columns]
        align = ["right" if one else "left" for one in numeric]
        click.echo(tabulate(shown, titles, tablefmt="simple", colalign=align if rows else None, disable_numparse=True))


def _plain(value: Any) -> Any:
    """A value as JSON and CSV have it: unknown is None, numpy scalars are Python's."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def spreadsheet_safe(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def shown_as(name: str, value: Any) -> str:
    """A value for human eyes, by the kind of column its name tells."""
    value = _plain(value)
    if value is None:
        return MISSING
    if isinstance(value, str):
        return value
    if name.startswith("mnav_") or name in (
        "leverage",
        "claims_ratio",
        "amplification",
        "loan_to_value",
        "equity_rating",
    ):
        return f"{value:.3f}x" if abs(value) < 100 else f"{value:,.0f}x"
    if name.endswith("_pct"):
        return f"{value:,.1f} %"
    if name in MONEY:
        return dollars(value)
    if name.startswith("sats_"):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3f}"
    if isinstance(value, int) or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.6g}"


MONEY = {
    "debt", "preferred", "cash", "debt_otm", "preferred_otm", "market_cap", "market_cap_diluted", "enterprise_value", "btc_nav",
    "net_reserve", "net_claims", "implied_premium_usd", "cost_basis", "unrealised_gain_usd", "debt_itm", "preferred_itm", "equity_nav",
}  # fmt: skip


def dollars(value: float) -> str:
    """US dollars with the scale a person would use: $69.52bn, −$1.20bn, $54.3m."""
    sign, size = "−" if value < 0 else "", abs(value)
    for floor, name, digits in ((1e9, "bn", 2), (1e6, "m", 1), (1e3, "k", 1)):
        if size >= floor:
            return f"{sign}${size / floor:,.{digits}f}{name}"
    return f"{sign}${size:,.0f}"
