"""What is known of companies besides facts, instruments and splits, and goes into their state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from treasury.model import Listing, Purchase
from treasury.share_classes import ShareClass


@dataclass(frozen=True, slots=True)
class Register:
    """Rows of any companies: what a listed unit stands for, what classes of shares are worth, and bitcoin bought and sold."""

    listings: Sequence[Listing] = ()
    classes: Sequence[ShareClass] = ()
    purchases: Sequence[Purchase] = ()

    def of(self, ticker: str) -> Register:
        """One company's."""
        return Register(
            [row for row in self.listings if row.ticker == ticker],
            [row for row in self.classes if row.ticker == ticker],
            [row for row in self.purchases if row.ticker == ticker],
        )


NO_REGISTER = Register()
