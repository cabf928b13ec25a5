"""All mNAV definitions of a day together: the lowest, the highest, and whether issuing shares adds bitcoin per share.

Above 1.0x under every definition known that day issuing is accretive, below under every one dilutive; where 1.0x lies inside
the band the answer depends on whose definition one holds. The SQL of `mnav_daily` says the same, and a test holds them equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from treasury.metrics.column import MULTIPLES_GROUP as GROUP
from treasury.metrics.column import DailyColumn

if TYPE_CHECKING:
    import pandas as pd

MULTIPLES = (
    "mnav_market_cap", "mnav_diluted", "mnav_assumed_diluted", "mnav_ev", "mnav_ev_diluted", "mnav_net",
)  # fmt: skip
BAND_REACH = (
    3.0  # in charts the band may stretch the scale to so many times the highest value of the line, and is cut there
)
ACCRETIVE, DILUTIVE, BETWEEN = "accretive", "dilutive", "between"

ACROSS = {
    column.name: column
    for column in (
        DailyColumn(
            "mnav_low",
            "x",
            "lowest of the six mNAV definitions known that day",
            formula="over definitions",
            label="lowest mNAV",
        ),
        DailyColumn(
            "mnav_high",
            "x",
            "highest of the six mNAV definitions known that day",
            formula="over definitions",
            label="highest mNAV",
        ),
        DailyColumn(
            "issuing_zone",
            "text",
            "accretive: all those known are above 1.0x; dilutive: all below; between: 1.0x lies in the band",
            formula="over definitions",
            label="issuing",
            group=GROUP,
        ),
        DailyColumn(
            "definition_version",
            "text",
            "the issuer's own mNAV definition in force that day (mnav definitions)",
            formula="over definitions",
            label="issuer's definition",
            group=GROUP,
        ),
    )
}


def band(daily: pd.DataFrame) -> pd.DataFrame:
    """`mnav_low`, `mnav_high` and `issuing_zone` over the six multiples of each row; NaN and None where none is known."""
    import numpy as np
    import pandas as pd

    known = daily[list(MULTIPLES)].astype(float)
    low, high = known.min(axis=1), known.max(axis=1)
    zone = np.select([low > 1, high < 1, low.notna()], [ACCRETIVE, DILUTIVE, BETWEEN], default="")
    named = pd.Series(zone, index=daily.index, dtype=object)
    return pd.DataFrame({"mnav_low": low, "mnav_high": high, "issuing_zone": named.where(named != "", None)})


def band_sql(multiples: dict[str, str]) -> dict[str, str]:
    """The same as SQL expressions over those of the multiples; SQLite's max() of values is NULL when one of them is."""

    def extreme(function: str, beyond: str) -> str:
        values = ", ".join(f"coalesce({multiples[name]}, {beyond})" for name in MULTIPLES)
        return f"nullif({function}({values}), {beyond})"

    low, high = extreme("min", "9e999"), extreme("max", "-9e999")
    zone = f"CASE WHEN ({low}) > 1 THEN '{ACCRETIVE}' WHEN ({high}) < 1 THEN '{DILUTIVE}' WHEN ({low}) <= 1 THEN '{BETWEEN}' END"
    return {"mnav_low": low, "mnav_high": high, "issuing_zone": zone}
