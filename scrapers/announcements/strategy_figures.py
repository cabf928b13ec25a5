"""What Strategy's tables and sentences have in common: a bitcoin transaction or position, whose figures must agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from scrapers.formats.text import Printed, date_from
from treasury.model import ParseError, Reading
from treasury.publishers.issuers import issuer_of

COMPANY = issuer_of("Strategy")
COMMON_SHARES = COMPANY.lower()  # the instrument id of the common shares sold; the preferred series have theirs
IN_THOUSANDS = "printed in thousands"  # the note of a rounded count
PRODUCT_TOLERANCE = 0.01  # coins × average price against the cost, all three rounded by the issuer


@dataclass(frozen=True, slots=True)
class Figures:
    """Coins with what they cost, in US dollars, in all and each. None where the document does not say."""

    coins: float
    cost: Printed | None = None
    average: Printed | None = None

    def __post_init__(self) -> None:
        if self.coins < 0 or any(amount is not None and amount.value < 0 for amount in (self.cost, self.average)):
            raise ParseError(f"negative figures for bitcoin: {self}")
        if self.coins == 0:
            if self.cost is not None and self.cost.value:
                raise ParseError(f"a cost for no bitcoin: {self}")
        elif self.cost is not None and self.average is not None:
            implied = self.coins * self.average.value
            if abs(implied - self.cost.value) > max(PRODUCT_TOLERANCE * self.cost.value, 0.51 * self.cost.step):
                raise ParseError(
                    f"{self.coins:,} BTC × {self.average.value:,} is {implied:,.0f}, printed {self.cost.value:,.0f}"
                )


def beside(readings: Iterator[Reading], unread: list[str]) -> Iterator[Reading]:
    """What stands beside the bitcoin of an update; what of it cannot be read costs itself, and is noted."""
    try:
        yield from readings
    except ParseError as error:
        unread.append(str(error))


def day(text: str) -> date:
    """`March 3, 2025`, with or without the space after the comma."""
    return date_from(text.replace(",", ", "), ["%B %d, %Y"])


def transaction(figures: Figures, start: date | None, end: date, sold: bool = False) -> Iterator[Reading]:
    """What was bought in a period; coins and cost of a sale are negative, its average price is not."""
    sign = -1 if sold and figures.coins else 1
    yield Reading(COMPANY, "btc_acquired", sign * figures.coins, "BTC", end, period_start=start)
    if figures.cost is not None:
        yield Reading(COMPANY, "btc_acquired_cost", sign * figures.cost.value, "USD", end, period_start=start)
    if figures.average is not None and figures.coins:
        yield Reading(COMPANY, "btc_acquired_average", figures.average.value, "USD", end, period_start=start)


def position(figures: Figures, as_of: date) -> Iterator[Reading]:
    """What was held at the end of a day, and what it had cost."""
    yield Reading(COMPANY, "btc_holdings", figures.coins, "BTC", as_of)
    if figures.cost is not None:
        yield Reading(COMPANY, "btc_cost_basis", figures.cost.value, "USD", as_of)
    if figures.average is not None and figures.coins:
        yield Reading(COMPANY, "btc_average_cost", figures.average.value, "USD", as_of)
