"""Rule 4, the share count: which one speaks, in which unit, and what the issuer sold and bought back since."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from treasury.known.precedence import Evidence, Resolved, rank
from treasury.quantities import QUANTITIES, SHARES_BOUNDS
from treasury.share_classes import ShareClass
from treasury.splits import ShareBasis

LISTED_UNITS = "shares_listed_units"
SHARE_QUANTITIES = ("shares_basic", LISTED_UNITS)
FROM_MARKET_CAP = "shares_from_market_cap"
IN_LISTED_UNITS = (LISTED_UNITS, FROM_MARKET_CAP)
FLOWS = {"shares_sold": 1.0, "shares_bought_back": -1.0}
CLASS_QUANTITIES = {name[-1].upper(): name for name in QUANTITIES if name.startswith("shares_class_")}
ROLLED, UNIT_UNKNOWN, DERIVED = "SHARES_ROLLED_FORWARD", "UNIT_UNKNOWN", "SHARES_FROM_MARKET_CAP"
_PERIOD = re.compile(r"from (\d{4}-\d{2}-\d{2})\b")  # how the note of a flow begins
DERIVED_DAYS = 90  # a market cap is older than a quarter's report then: its count is not used
LARGE_REVERSE_SPLIT = 0.1  # new shares for an old one: a count from before it is doubted beside a tiny market cap


@dataclass(frozen=True, slots=True)
class Count:
    """A count as told, with the day it describes, and the same in listed units of the day asked (None: unit not known).

    `rolled`: moved by what the issuer sold and bought back since; `shares` is then of the last day of that. `derived`: nobody told one,
    and a published market cap gives it.
    """

    told_on: date
    shares: Resolved | None
    rolled: bool = False
    derived: bool = False


def period_start_of(note: str | None) -> str | None:
    """The first day of the period of a flow, as its note says."""
    found = _PERIOD.match(note or "")
    return found[1] if found else None


def is_own_share(instrument: str | None, ticker: str) -> bool:
    """Whether a flow is of the company's listed share: of none by name, or of its ticker, as `mstr` in Strategy's tables."""
    return instrument is None or instrument.upper() == ticker.upper()


def basic_count(evidence: Evidence, ticker: str, basis: ShareBasis, classes: Sequence[ShareClass]) -> Count | None:
    """The count that speaks; the sum of the classes where each has a newer one. Where nobody told any, that of a market cap, or None."""
    day, told = evidence.day, evidence.winner(SHARE_QUANTITIES)
    by_class = _sum_of_classes(evidence, basis, classes)
    derived = told is None and by_class is None
    if derived:
        told = evidence.winner((FROM_MARKET_CAP,))
    if by_class is not None and (told is None or told.as_of is None or by_class.told_on > told.as_of):
        count = by_class
    elif told is not None and told.as_of is not None:
        (fact,) = told.facts
        factor = (basis.units if fact.quantity in IN_LISTED_UNITS else basis.listed)(told.as_of, day)
        shares = None if factor is None else replace(told, parts=((fact.unit, told.value * factor),))
        count = Count(told.as_of, shares, derived=derived)
    else:
        return None
    return _rolled(evidence, ticker, basis, count)


def _sum_of_classes(evidence: Evidence, basis: ShareBasis, classes: Sequence[ShareClass]) -> Count | None:
    """Σ count × ratio over every class with a share in profits; None where one has no primary count, or no class is known."""
    economic = [row for row in classes if row.ratio is not None and row.holds_on(evidence.day)]
    facts = [
        evidence.primary((CLASS_QUANTITIES[row.name],)) if row.name in CLASS_QUANTITIES else None for row in economic
    ]
    counted = [fact for fact in facts if fact is not None]
    if not counted or len(counted) < len(economic):
        return None
    as_of = min(fact.as_of for fact in counted)
    factors = [basis.listed(fact.as_of, evidence.day) for fact in counted]
    if any(factor is None for factor in factors):
        return Count(as_of, None)
    total = sum(
        fact.value * (row.ratio or 0.0) * (factor or 0.0)
        for fact, row, factor in zip(counted, economic, factors, strict=True)
    )
    return Count(as_of, Resolved((("shares", total),), as_of, tuple(counted)))


def _rolled(evidence: Evidence, ticker: str, basis: ShareBasis, count: Count) -> Count:
    """The count with the flows of whole periods after it; a period that overlaps one counted already is passed over."""
    if count.shares is None:
        return count
    flows = [
        seen
        for seen in evidence.seen
        if seen.fact.quantity in FLOWS and seen.fact.primary and is_own_share(seen.fact.instrument, ticker)
    ]
    flows.sort(key=rank, reverse=True)  # of several reports of one period the better one is met first
    flows.sort(key=lambda seen: (seen.fact.quantity, seen.fact.period_start or seen.fact.as_of, seen.fact.as_of))
    until = dict.fromkeys(FLOWS, count.told_on)
    moved, facts = 0.0, list(count.shares.facts)
    for seen in flows:
        flow = seen.fact
        factor = basis.listed(flow.as_of, evidence.day)
        if basis.per_unit(flow.as_of) != 1 or factor is None:
            continue  # nobody says whether it counts shares or units
        if (flow.period_start or flow.as_of) > until[flow.quantity]:
            moved += FLOWS[flow.quantity] * flow.value * factor
            until[flow.quantity] = flow.as_of
            facts.append(flow)
    if len(facts) == len(count.shares.facts):
        return count
    ((unit, amount),) = count.shares.parts
    return replace(count, shares=Resolved(((unit, amount + moved),), max(until.values()), tuple(facts)), rolled=True)


def count_from_market_cap(cap: float, rate: float, close: float, close_rate: float) -> float | None:
    """Listed units: a market cap by the close of its day, each with its dollars per unit. None where no company has as many."""
    low, high = SHARES_BOUNDS
    count = round(cap * rate / (close * close_rate))
    return float(count) if low <= count <= high else None


def is_from_before_a_large_reverse_split(basis: ShareBasis, as_of: date, day: date) -> bool:
    """Whether the company took back most of its shares since a count was made."""
    return any(as_of < split.ex_date <= day and split.ratio <= LARGE_REVERSE_SPLIT for split in basis.splits)
