"""What a metric lacks: the inputs nobody knows, or the guard that failed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from treasury.metrics.row_wise import METRICS


def unknown(value: Any) -> bool:
    """Whether a value is None or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def lacking(metric: str, row: Mapping[str, Any]) -> list[str]:
    """The inputs that a metric would need and the row does not have, or the guard that failed ("net_reserve not above 0").

    `row` has columns of mnav_daily; an input that is no column there counts as lacking where what is made of it is unknown.
    """
    found: dict[str, None] = {}
    one = METRICS[metric]
    for name in one.parameters:
        value = row.get(name)
        if unknown(value):
            if name in METRICS:
                found |= dict.fromkeys(lacking(name, row))
            elif name in row or not any(unknown(row.get(other)) for other in one.parameters if other in row):
                found[name] = None
        elif name in one.positive and value is not None and value <= 0:
            found[f"{name} not above 0"] = None
    return list(found)
