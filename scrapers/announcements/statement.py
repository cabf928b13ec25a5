"""One number of a notice with its quantity, day and doubts: what sentences, rows and labelled lines have in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

HELD, BOUGHT, SOLD, MINED = "held", "bought", "sold", "mined"
PLEDGED, FREE, EXPOSED = "pledged", "unencumbered", "held with funds"

QUANTITY = {
    HELD: "btc_holdings", BOUGHT: "btc_acquired", SOLD: "btc_acquired", MINED: "btc_mined",
    PLEDGED: "btc_encumbered", FREE: "btc_unencumbered", EXPOSED: "btc_holdings_incl_funds",
}  # fmt: skip
COST_OF = {BOUGHT: "btc_acquired_cost", SOLD: "btc_acquired_cost", HELD: "btc_cost_basis"}
AVERAGE_OF = {BOUGHT: "btc_acquired_average", SOLD: "btc_acquired_average", HELD: "btc_average_cost"}


WHOSE = "whose coins these are is not told"
MINED_AND_HELD = "coins mined and held: perhaps a part of the holdings"


@dataclass(frozen=True, slots=True)
class Statement:
    """`step` is the worth of the last printed digit; `dated` where the words themselves tell the day; `earlier` marks a comparative."""

    quantity: str
    value: float
    unit: str
    day: date
    start: date | None = None
    step: float = 1.0
    dated: bool = True
    earlier: bool = False
    doubts: tuple[str, ...] = ()
    note: str = ""
    instrument: str = ""  # as printed, where it is about one

    def doubted(self, reason: str) -> Statement:
        """The same statement with one more reason not to trust it."""
        return self if reason in self.doubts else replace(self, doubts=(*self.doubts, reason))
