"""Rule 9, a cost belongs to the coins it bought: of the day of the holdings, or rolled forward to it coin by coin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from treasury.known.precedence import Evidence, Resolved
from treasury.model import Purchase

ANOTHER_DAY = "COST_OF_ANOTHER_DAY"
COST_QUANTITIES = ("btc_cost_basis",)
WITHIN_COINS, WITHIN_SHARE = 1.0, 0.001  # "to the coin": less than one coin, and of few coins less than a thousandth


def cost_of(evidence: Evidence, held: Resolved | None, purchases: Iterable[Purchase]) -> tuple[Resolved | None, bool]:
    """The cost of the coins `held`, and whether it is that of other coins: the last one told, of another day."""
    told = evidence.winner(COST_QUANTITIES)
    if told is None or held is None or held.as_of is None or told.as_of is None:
        return told, False
    of_the_day = evidence.on(held.as_of).winner(COST_QUANTITIES)
    if of_the_day is not None:
        return of_the_day, False
    rolled = _rolled_forward(evidence, told, held, purchases)
    return (told, True) if rolled is None else (rolled, False)


def _rolled_forward(
    evidence: Evidence, told: Resolved, held: Resolved, purchases: Iterable[Purchase]
) -> Resolved | None:
    """What was paid since is added, what was sold takes its average cost along; None where the coins do not come out."""
    assert told.as_of is not None
    assert held.as_of is not None
    before = evidence.on(told.as_of).winner(("btc_holdings",))
    if before is None or told.as_of > held.as_of:
        return None
    ((unit, cost),) = told.parts
    coins = before.value
    for known_purchase in sorted(known_purchases(purchases, evidence.day), key=lambda one: (one.day, one.btc)):
        if not told.as_of < known_purchase.day <= held.as_of:
            continue
        if known_purchase.btc >= 0:
            if known_purchase.cost is None or known_purchase.currency != unit:
                return None
            cost += known_purchase.cost
        elif coins + known_purchase.btc < 0:
            return None
        else:
            cost *= (coins + known_purchase.btc) / coins
        coins += known_purchase.btc
    if not is_to_the_coin(coins, held.value):
        return None
    return Resolved(((unit, cost),), held.as_of, told.facts)


def known_purchases(purchases: Iterable[Purchase], day: date) -> list[Purchase]:
    """Those announced before a day, each once: of one day and as many coins, the one with a cost."""
    found: dict[tuple[date, float], Purchase] = {}
    for purchase in sorted(
        purchases, key=lambda one: (one.cost is None, one.announced_on, one.cost or 0.0, one.currency or "")
    ):
        if purchase.announced_on < day:
            found.setdefault((purchase.day, purchase.btc), purchase)
    return list(found.values())


def is_to_the_coin(coins: float, held: float) -> bool:
    return abs(coins - held) < WITHIN_COINS and abs(coins - held) <= WITHIN_SHARE * held
