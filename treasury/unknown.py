"""Why a number is unknown, in words: what the codes of the column `reason` mean, and what a metric lacks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from treasury.metrics import METRICS

WHY = {
    "MERGED": "it no longer stands alone; its coins are counted in another company's",
    "SPAC_PENDING": "a SPAC before its merger: its shares and the announced coins do not belong together",
    "OTHER_CRYPTO": "its treasury is mainly another crypto asset",
    "STALE_BTC": "the last holdings known are over 400 days old",
    "MISSING_SHARES": "no basic share count is known",
    "STALE_SHARES": "the last basic share count known is over 400 days old",
    "STALE_DILUTED": "the assumed-diluted count is over 400 days old or below the basic count, so it is not current",
    "MISSING_PRICE": "no bitcoin price or exchange rate of the last 4 days",
    "DEBT_AT_CARRYING": "debt is the balance-sheet amount; its principal is not known",
    "NAV_ZERO": "no bitcoin held",
    "NET_RESERVE_NONPOSITIVE": "claims exceed bitcoin and cash: the common is under water",
    "NO_CLAIMS": "cash covers debt and preferred stock: there is no break-even price",
    "NO_BASE": "no opening value for the BTC Yield of the year",
}

NOT_KNOWN = {
    "instruments": "its list of convertibles, preferred stock, options and warrants is not complete",
    "option_strikes": "strikes of its options, which are counted in full",
    "warrant_strikes": "strikes of its warrants, which are not counted",
    "debt_total": "its debt",
    "preferred_total": "its preferred stock; where there is none, nobody has said so",
}


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
