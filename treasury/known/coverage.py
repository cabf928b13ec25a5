"""What a valuation needs of a company, and which facts serve each need: from whom, of which day, or what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from treasury.known.precedence import Resolved
from treasury.known.resolve import State
from treasury.model import Fact

LIST = "list"  # the kind of source of a zero: a complete list of instruments that holds none


@dataclass(frozen=True, slots=True)
class Need:
    """One need. `quantities` can serve it; `lacks` are the words of `missing` and `reason` that say why it is not served."""

    name: str
    meaning: str
    quantities: tuple[str, ...]
    lacks: tuple[str, ...]
    input: str = ""


NEEDS = (
    Need("holdings", "bitcoin held", ("btc_holdings",), ("MERGED", "SPAC_PENDING", "OTHER_CRYPTO", "btc_holdings", "HOLDINGS_OUTDATED", "STALE_BTC"), "btc"),
    Need("shares", "basic shares", ("shares_basic", "shares_listed_units", "shares_from_market_cap"), ("shares_basic", "STALE_SHARES", "UNIT_UNKNOWN"), "shares_basic"),
    Need("diluted", "the convertibles, options, units and warrants that a day's price turns into shares", ("principal", "liquidation_preference", "shares_underlying", "options_outstanding", "rsu_unvested"), ("instruments", "options_outstanding", "rsu_unvested", "warrant_counts")),
    Need("assumed", "the issuer's assumed-diluted share count", ("shares_assumed_diluted",), ("shares_assumed_diluted", "STALE_DILUTED"), "shares_assumed_diluted"),
    Need("debt", "principal of all borrowings", ("debt_total", "debt_carrying", "principal"), ("debt_total",), "debt"),
    Need("preferred", "liquidation preference of all preferred stock", ("preferred_total", "liquidation_preference"), ("preferred_total",), "preferred"),
    Need("cash", "liquid balance", ("cash", "usd_reserve"), ("cash",), "cash"),
    Need("cost", "what the bitcoin cost", ("btc_cost_basis",), ("btc_cost_basis",), "cost_basis"),
)  # fmt: skip
PRICE, FX = "price", "fx"  # what the market serves
NAMES = (*(need.name for need in NEEDS), PRICE, FX)


@dataclass(frozen=True, slots=True)
class Served:
    """How one need is met: the fact that speaks for it and how many there are, the day it describes, or what is `missing`.

    Of several facts the weakest speaks: press and trackers before the others, then the newest. A sum in several currencies has no value.
    """

    need: Need
    value: float | None = None
    unit: str | None = None
    as_of: date | None = None
    fact: Fact | None = None
    facts: int = 0
    missing: tuple[str, ...] = ()

    @property
    def kind(self) -> str | None:
        return None if self.missing else self.fact.source_kind if self.fact else LIST


def served(state: State) -> list[Served]:
    """Every need that facts serve, in the order of NEEDS."""
    words = (*state.missing, *state.reasons)
    return [_served(need, state, tuple(word for word in need.lacks if word in words)) for need in NEEDS]


def _served(need: Need, state: State, missing: tuple[str, ...]) -> Served:
    if not need.input:
        if state.awards is None:
            return Served(need, missing=missing)
        claims, fact = (*state.convertibles, *state.awards), _speaks(state.claim_facts)
        return Served(need, len(claims), "claims", fact.as_of if fact else None, fact, len(state.claim_facts))
    resolved: Resolved | None = getattr(state, need.input)
    if resolved is None:
        return Served(need, missing=missing)
    unit, value = resolved.parts[0] if len(resolved.parts) == 1 else (None, None)
    return Served(need, value, unit, resolved.as_of, _speaks(resolved.facts), len(resolved.facts))


def _speaks(facts: Sequence[Fact]) -> Fact | None:
    return max(facts, key=lambda fact: (not fact.primary, fact.as_of), default=None)


def currencies(state: State, own: str) -> list[str]:
    """The currencies besides the dollar in which the price and the money of a state stand, the company's own first."""
    amounts = [resolved for need in NEEDS if need.input and (resolved := getattr(state, need.input)) is not None]
    units = {unit for one in amounts for unit, amount in one.parts if amount and unit not in ("BTC", "shares")}
    return [one for one in (own, *sorted(units - {own})) if one != "USD"]
