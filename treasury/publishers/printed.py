"""The multiple a publisher printed for a day: as printed, or its enterprise value or market cap over the bitcoin of a walk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from treasury.publishers.bridge import Bridge
from treasury.publishers.definition import PRINTED_AS, Subject, values_on

SAME_CAP = 1e-5  # below it a publisher's market cap is ours, and its price and count too


class PrintedNumber(NamedTuple):
    """A multiple, enterprise value or market cap that some source published of one day."""

    quantity: str
    name: str | None  # which multiple
    value: float
    unit: str
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class PrintedMultiple:
    """A published multiple of one day. `half_step` is half of its last printed digit."""

    multiple: float
    half_step: float
    source: str
    how: str
    market_cap: float | None = None  # what its own market cap differs by, as a delta of the multiple

    def residual(self, total: float) -> float:
        """What is left between the end of a walk, with the publisher's own market cap, and the published multiple."""
        return self.multiple - total - (0.0 if self.market_cap is None else self.market_cap)


def printed_multiple(made: Bridge, on: Subject, told: Sequence[PrintedNumber]) -> PrintedMultiple | None:
    """What the walk's publisher printed for its day, of all numbers told of it: its multiple, else one of its amounts over the NAV of the walk.

    None where it printed nothing of that kind, or in a currency without a rate.
    """
    multiple = made.definition.multiple
    if multiple is None or made.total is None:
        return None
    theirs = [number for number in told if number.source.startswith(made.definition.prefixes)]
    for number in theirs:
        if number.quantity == "mnav_published" and PRINTED_AS.get(number.name or "ev") == multiple.metric:
            how = f"as printed ({number.note})" if number.note else "as printed"
            return PrintedMultiple(number.value, half_step(number.value), number.source, how)
    wanted = {"mnav_ev": "ev_published", "mnav_market_cap": "market_cap_published"}.get(multiple.metric)
    values = values_on(multiple.taken(on))
    nav, own_cap = values["btc_nav"], values["market_cap"]
    for number in theirs:
        if number.quantity == wanted and number.unit in on.rates and nav:
            rate = on.rates[number.unit]
            caps = [
                other.value * rate
                for other in theirs
                if other.quantity == "market_cap_published"
                and (other.unit, other.source) == (number.unit, number.source)
            ]
            other_cap = number.quantity == "ev_published" and caps and own_cap and abs(caps[0] / own_cap - 1) > SAME_CAP
            differs = (caps[0] - own_cap) / nav if other_cap and own_cap else None
            return PrintedMultiple(
                number.value * rate / nav,
                half_step(number.value) * rate / nav,
                number.source,
                f"its {number.quantity} over this NAV",
                differs,
            )
    return None


def half_step(value: float) -> float:
    """Half of the last digit a number was printed with: 1.2 gives 0.05, 61,225,000,000 gives 500,000."""
    text = f"{value:.10g}" if abs(value) < 1e6 else f"{value:.0f}"
    if "." in text:
        return 0.5 * 10.0 ** -len(text.partition(".")[2])
    trailing = len(text) - len(text.rstrip("0"))
    return (
        0.5 * 10.0 ** min(trailing, 8) if abs(value) >= 1e6 else 0.5
    )  # nobody prints less than three digits of billions
