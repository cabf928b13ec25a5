"""Published power laws of the bitcoin price in its age (docs/metrics.md 7.10); descriptions of the past, each with its parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

GENESIS = date(2009, 1, 3)  # the day of bitcoin's first block


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """US dollars = 10^`log10_scale` × days^`exponent` × `times`, days since the first block."""

    name: str
    log10_scale: float
    exponent: float
    source: str
    times: float = 1.0

    def price(self, day: date) -> float:
        return float(self.times * 10**self.log10_scale * (day - GENESIS).days ** self.exponent)

    @property
    def parameters(self) -> str:
        times = "" if self.times == 1 else f"{self.times:g} × "
        return f"{times}{10**self.log10_scale:.5g} × d^{self.exponent:g}, d days since {GENESIS}"


_SANTOSTASI = (math.log10(1.0117e-17), 5.82, "bitcoinfairprice.com, charts.bgeometrics.com")
POWER_LAWS = (
    PowerLaw("power_law_santostasi", *_SANTOSTASI),
    PowerLaw("power_law_santostasi_floor", *_SANTOSTASI, times=0.42),
    PowerLaw("power_law_bitcoinpowerlaw", -17.0161223, 5.8451542, "bitcoinpowerlaw.com"),
    PowerLaw("power_law_porkopolis", math.log10(1.6e-17), 5.77, "Porkopolis, as rationalmnav.com quotes it"),
)
