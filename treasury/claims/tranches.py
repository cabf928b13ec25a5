"""The tranches of debt and preferred stock outstanding on a day, in dollars, and the shares that those in the money count as."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from treasury.instruments import DEBT_KINDS, PREFERRED_KINDS, PRINCIPAL_QUANTITY, Award, Convertible
from treasury.known.precedence import Evidence
from treasury.model import Instrument


@dataclass(frozen=True, slots=True)
class Tranche:
    """One instrument: `usd` its principal or liquidation preference; `shares` what it counts as in the money, else 0."""

    instrument: str
    kind: str
    usd: float
    shares: float = 0.0

    @property
    def side(self) -> str:
        return "debt" if self.kind in DEBT_KINDS else "preferred"


def tranches(
    evidence: Evidence,
    instruments: Iterable[Instrument],
    convertibles: Sequence[Convertible],
    rate: Callable[[str], float | None],
    price_in: Callable[[str], float | None],
) -> list[Tranche]:
    """Those with a stated amount above zero, most senior kind first; one whose currency has no rate is left to the rest.

    `rate` gives dollars for one unit of a currency, `price_in` the share price in it.
    """
    converts = {one.instrument: one for one in convertibles}
    found = []
    for one in sorted(instruments, key=lambda one: (one.kind in PREFERRED_KINDS, one.issue_date, one.instrument)):
        if one.kind not in PRINCIPAL_QUANTITY or (one.ends_on is not None and one.ends_on <= evidence.day):
            continue
        stated = evidence.winner((PRINCIPAL_QUANTITY[one.kind],), one.instrument)
        if stated is None or stated.value <= 0:
            continue
        unit = stated.parts[0][0]
        per_unit, price = rate(unit), price_in(unit)
        if per_unit is None:
            continue
        claim = converts.get(one.instrument)
        shares = claim.shares_at(price) if claim is not None and price is not None else 0.0
        found.append(Tranche(one.instrument, one.kind, stated.value * per_unit, shares))
    return found


def award_shares(awards: Sequence[Award], price_in: Callable[[str], float | None]) -> list[tuple[str, float]]:
    """Each award with the shares it counts as; one whose price is unknown is left out (the diluted count is unknown then)."""
    found = []
    for one in awards:
        price = price_in(one.currency)
        if price is not None:
            found.append((one.instrument, one.shares_at(price)))
    return found
