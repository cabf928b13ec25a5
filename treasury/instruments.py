"""The claims on a company besides its common shares: principal at a date, and the if-converted test.

If-converted (docs/metrics.md 6): a convertible whose conversion price lies below the share price counts as shares, principal
divided by conversion price, and no longer as debt. At the conversion price both treatments are worth the same, so
enterprise value has no step there. Nothing ever counts as both. A net-share settled convertible pays its principal in
cash and only the excess in shares: the principal stays a claim, the excess counts as shares, and the enterprise value is
the same. `issuer_choice` and settlements nobody stated are treated as physical.
"""

from __future__ import annotations

from dataclasses import dataclass

from treasury.model import Instrument

DEBT_KINDS = ("convertible", "loan", "bond")
PREFERRED_KINDS = ("preferred", "convertible_preferred")
NET_SHARE = "net_share"  # the settlement of a convertible that pays its principal in cash
CONVERTIBLE_KINDS = ("convertible", "convertible_preferred")
AWARD_KINDS = ("option", "rsu", "warrant")
PRINCIPAL_QUANTITY = {
    **dict.fromkeys(DEBT_KINDS, "principal"),
    **dict.fromkeys(PREFERRED_KINDS, "liquidation_preference"),
}
COUNT_QUANTITIES = {
    "option": ("options_outstanding", "shares_underlying"),
    "rsu": ("rsu_unvested", "shares_underlying"),
    "warrant": ("shares_underlying",),
}


@dataclass(frozen=True, slots=True)
class Convertible:
    """A convertible claim on one day; `conversion_price` is on that day's split basis and in `currency`."""

    instrument: str
    kind: str
    currency: str
    principal: float
    conversion_price: float
    net_share: bool = False

    def shares_at(self, price: float) -> float:
        """Shares it counts as when one share costs `price` (in `currency`); 0 where it counts as debt only.

        Of a net-share settled one the excess over the principal: underlying shares × (1 − conversion price / price).
        """
        if price <= self.conversion_price:
            return 0.0
        underlying = self.principal / self.conversion_price
        return underlying * (1 - self.conversion_price / price) if self.net_share else underlying

    def claim_at(self, price: float) -> float:
        """Principal that is still a claim, in `currency`: none of it where the whole counts as shares."""
        return self.principal if self.net_share or price <= self.conversion_price else 0.0


@dataclass(frozen=True, slots=True)
class Award:
    """Options, warrants or stock units on one day. `strike` None: unknown or none, so the whole count is taken (gross)."""

    instrument: str
    kind: str
    currency: str
    count: float
    strike: float | None

    def shares_at(self, price: float) -> float:
        """Treasury-stock method: count × (1 − strike / price) where in the money (docs/metrics.md 6)."""
        if self.strike is None:
            return self.count
        return self.count * (1 - self.strike / price) if price > self.strike else 0.0


def conversion_price(instrument: Instrument) -> float | None:
    """The price per share at which it converts, on the split basis of its issue."""
    if instrument.conversion_price is not None:
        return instrument.conversion_price
    if instrument.kind in CONVERTIBLE_KINDS and instrument.shares_per_unit is not None:
        return 1000 / instrument.shares_per_unit  # shares per 1,000 of principal (facts: instruments)
    return None
