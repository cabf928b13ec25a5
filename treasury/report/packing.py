"""A number as the report prints it, and the same number packed so that the page prints no other digits.

Every unit has a smallest step it is shown in (a thousandth of a multiple, $0.01bn). A packed number is the count of those
steps, rounded once, here: the script in the page only puts the separators in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from treasury.amounts import UNKNOWN_SIGN

_SCALES = {1e9: "bn", 1e6: "m"}
_SIGNS = {"x": "x", "%": " %"}
_EPOCH = date(1970, 1, 1).toordinal()


def shown(value: float | None, unit: str) -> str:
    """`value` for people. `unit`: "x", "%", "USD", "BTC", "sats", "shares", "days", or anything else for a plain number."""
    if value is None or math.isnan(value):
        return UNKNOWN_SIGN
    number, power = _counted(value, unit)
    rounded = number * 10**power if power >= 0 else number / 10**-power
    scale, decimals = _step(rounded, unit)
    text = f"{abs(rounded) / scale:,.{decimals}f}"
    sign = "−" if number < 0 else ""
    if unit == "USD":
        return f"{sign}${text}{_SCALES.get(scale, '')}"
    return f"{sign}{text}{_SIGNS.get(unit, '')}"


def pack(days: Sequence[str], columns: Mapping[str, tuple[str, Sequence[float | None]]]) -> dict[str, Any]:
    """Days and columns (name to unit and values, None where unknown) as differences; columns without a value are left out.

    `days` is the first day since 1970 and then the differences. A column is its unit, the power of ten its numbers count,
    and runs of known values: where the run starts, its first number, then the differences.
    """
    numbers = [date.fromisoformat(day).toordinal() - _EPOCH for day in days]
    return {
        "days": _differences(numbers),
        "series": {
            name: _packed(unit, values)
            for name, (unit, values) in columns.items()
            if any(value is not None for value in values)
        },
    }


def _packed(unit: str, values: Sequence[float | None]) -> dict[str, Any]:
    counted = [None if value is None else _counted(value, unit) for value in values]
    power = min(one[1] for one in counted if one is not None)
    runs: list[list[int]] = []
    before = None
    for at, entry in enumerate(counted):
        if entry is None:
            before = None
            continue
        number = entry[0] * 10 ** (entry[1] - power)
        if before is None:
            runs.append([at, number])
        else:
            runs[-1].append(number - before)
        before = number
    return {"unit": unit, "power": power, "runs": runs}


def _counted(value: float, unit: str) -> tuple[int, int]:
    """`value` as a whole number of its smallest shown steps, and the power of ten of that step."""
    scale, decimals = _step(value, unit)
    digits = f"{value / scale:.{decimals}f}".replace(".", "")
    return int(digits), round(math.log10(scale)) - decimals


def _step(value: float, unit: str) -> tuple[float, int]:
    """The scale a number is shown in, and its decimals there. static/report.js has the same table."""
    size = abs(value)
    if unit == "USD":
        return (1e9, 2) if size >= 1e9 else (1e6, 1) if size >= 1e6 else (1.0, 0 if size >= 1000 else 2)
    if unit in ("x", "%"):
        return 1.0, 3 if unit == "x" else 1
    if unit in ("days", "shares"):
        return 1.0, 0
    if unit == "BTC":
        return 1.0, 0 if float(value).is_integer() else 2
    if unit == "sats":
        return 1.0, 0 if size >= 100 else 3
    return 1.0, 2 if size >= 1 else 4


def _differences(numbers: Sequence[int]) -> list[int]:
    return [number - before for number, before in zip(numbers, [0, *numbers[:-1]], strict=True)]
