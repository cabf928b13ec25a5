"""Rule 6, the claims on a company: totals of debt and preferred stock, what each instrument stands at, convertibles and awards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from treasury.instruments import (
    AWARD_KINDS,
    CONVERTIBLE_KINDS,
    COUNT_QUANTITIES,
    DEBT_KINDS,
    NET_SHARE,
    PREFERRED_KINDS,
    PRINCIPAL_QUANTITY,
    Award,
    Convertible,
    conversion_price,
)
from treasury.known.precedence import PRIMARY_FRESH_DAYS, Evidence, Resolved
from treasury.model import Company, Fact, Instrument
from treasury.splits import ShareBasis

STATED_WITHIN_DAYS = 7  # an 8-K is due four business days after an issue; later, an amount nobody stated is unknown
MORE = 1 + 1e-9  # sums of the same amounts in another order are no more than each other
OVERRULED = 1.005  # within half a per cent a total and its tranches say the same, one of them rounded or translated on another day
CARRYING_WITHIN = 0.1  # discount, costs of issue and accrued interest explain less between what is owed and what a balance sheet shows
COUNT_MISSING = {"option": "options_outstanding", "rsu": "rsu_unvested", "warrant": "warrant_counts"}


@dataclass(frozen=True, slots=True)
class ClaimKind:
    """What is added up under one name: the instruments of these kinds, the quantities of its totals, and the reasons it can give."""

    kinds: tuple[str, ...]
    quantity: str
    carrying: str | None
    from_tranches: str


DEBT_CLAIM = ClaimKind(DEBT_KINDS, "debt_total", "debt_carrying", "DEBT_FROM_TRANCHES")
PREFERRED_CLAIM = ClaimKind(PREFERRED_KINDS, "preferred_total", None, "PREFERRED_FROM_TRANCHES")
AT_CARRYING = "DEBT_AT_CARRYING"


@dataclass(frozen=True, slots=True)
class StatedInstrument:
    """What one instrument stands at: its principal or liquidation preference, 0 from the day it ended.

    `documented`: by a filing or the issuer, and no total that covers it is newer.
    """

    terms: Instrument
    principal: Resolved
    documented: bool


# -- one instrument ------------------------------------------------------------------------------------------------


def principal_on(evidence: Evidence, one: Instrument, day: date) -> Resolved | None:
    """Principal or liquidation preference on `day`: 0 once it is known to be gone, None while nobody stated one."""
    winner = evidence.winner((PRINCIPAL_QUANTITY[one.kind],), one.instrument)
    if winner is not None and one.gone_from is not None and one.gone_from <= day:
        return Resolved(((winner.parts[0][0], 0.0),), one.ends_on, winner.facts)
    return winner


def is_unstated(evidence: Evidence, one: Instrument) -> bool:
    """Whether it is outstanding, and nobody has said at what amount although they had the time to."""
    if one.gone_from is not None and one.gone_from <= evidence.day:
        return False
    if one.issue_date is None or (evidence.day - one.issue_date).days < STATED_WITHIN_DAYS:
        return False
    return evidence.winner((PRINCIPAL_QUANTITY[one.kind],), one.instrument) is None


def stated(evidence: Evidence, claim: ClaimKind, instruments: Iterable[Instrument]) -> list[StatedInstrument]:
    """What every instrument of a claim's kinds stands at, of those whose amount anybody stated."""
    covered = {kind: _covered(evidence, claim, kind) for kind in ("filing", "issuer")}
    found = []
    for instrument in instruments:
        principal = principal_on(evidence, instrument, evidence.day) if instrument.kind in claim.kinds else None
        if principal is None:
            continue
        (fact,) = principal.facts
        found.append(StatedInstrument(instrument, principal, fact.primary and fact.as_of >= covered[fact.source_kind]))
    return found


def _covered(evidence: Evidence, claim: ClaimKind, kind: str) -> date:
    """The day of the newest total that settles what older principals from a kind of source still stand at.

    A dashboard, the issuer's or a tracker's, does not settle what was filed: it forgets issues and is read for the sum.
    """
    totals = (claim.quantity, claim.carrying)
    settles = ("filing", "press") if kind == "filing" else ("filing", "issuer", "press", "tracker")
    days = [
        seen.fact.as_of
        for seen in evidence.seen
        if seen.fact.quantity in totals
        and seen.fact.instrument is None
        and seen.fact.source_kind in settles
        and not seen.first
    ]
    return max(days, default=date.min)


# -- totals --------------------------------------------------------------------------------------------------------


def total(
    evidence: Evidence,
    company: Company,
    claim: ClaimKind,
    instruments: Sequence[Instrument],
    tranches: Sequence[StatedInstrument],
) -> tuple[Resolved | None, str | None]:
    """A total and the reason it needs: the last one told with what changed since, or the sum of a complete list; never less than is documented."""
    ours = [one for one in instruments if one.kind in claim.kinds]
    base = evidence.primary((claim.quantity,))
    if base is None:
        if company.instruments_complete and not any(is_unstated(evidence, one) for one in ours):
            return _sum_of(company, tranches), None
        base = evidence.secondary((claim.quantity,), with_primary=False)
    reason = None
    carrying = None if claim.carrying is None else evidence.winner((claim.carrying,))
    if carrying is not None and (base is None or _outgrown(evidence, base, ours, carrying.facts[0])):
        (base,), reason = carrying.facts, AT_CARRYING
    if base is None:
        return None, None
    moved = _moved(evidence, base, ours, evidence.day)
    backed, sum_of_backed = _not_below(moved, [one for one in tranches if one.documented])
    overruled = sum_of_backed > sum(amount for _, amount in moved.parts) * OVERRULED
    return backed, (claim.from_tranches if overruled else reason)


def _outgrown(evidence: Evidence, base: Fact, instruments: Sequence[Instrument], carrying: Fact) -> bool:
    """Whether a newer balance sheet cannot show the carrying amount of what the total was by its day: more was borrowed since, or repaid."""
    if carrying.as_of <= base.as_of or carrying.unit != base.unit:
        return False
    if base.primary and not carrying.primary and (evidence.day - base.as_of).days <= PRIMARY_FRESH_DAYS:
        return False
    then = _moved(evidence.until(carrying.as_of), base, instruments, carrying.as_of)
    if then.repaid or len(then.parts) > 1:
        return False  # only exchange rates could tell
    return abs(carrying.value - then.value) > then.value * CARRYING_WITHIN


def _sum_of(company: Company, tranches: Sequence[StatedInstrument]) -> Resolved:
    amounts: dict[str, float] = {}
    for one in tranches:
        _add(amounts, one.principal)
    days = [one.principal.as_of for one in tranches if one.principal.as_of is not None]
    facts = tuple(fact for one in tranches for fact in one.principal.facts)
    return Resolved(_parts(amounts) or ((company.currency, 0.0),), max(days, default=None), facts)


def _moved(evidence: Evidence, base: Fact, instruments: Sequence[Instrument], day: date) -> Resolved:
    """A total with what dated principals added and repaid after its day, as it stood on `day`. What it held is all that can have been repaid of it."""
    added: dict[str, float] = {}
    repaid: dict[str, float] = {}
    facts, as_of = [base], base.as_of
    by_then = evidence.until(base.as_of)
    for instrument in instruments:
        now, then = principal_on(evidence, instrument, day), principal_on(by_then, instrument, base.as_of)
        if now is None or now.as_of is None or now.as_of <= base.as_of:
            continue  # nothing dated after the total
        if then is None and instrument.issue_date is not None and instrument.issue_date <= base.as_of:
            continue  # it existed and the total held it, at an amount nobody printed
        unit = now.parts[0][0]
        before = 0.0
        if then is not None and then.parts[0][0] == unit:
            before = then.value
        elif then is not None:
            _add(repaid, then)
        change = now.value - before
        side = added if change > 0 else repaid
        side[unit] = side.get(unit, 0.0) + abs(change)
        facts.extend(now.facts)
        as_of = max(as_of, now.as_of)
    added, repaid = ({unit: amount for unit, amount in side.items() if amount} for side in (added, repaid))
    if set(repaid) - {base.unit}:  # only exchange rates can tell how much of it is left
        return Resolved(((base.unit, base.value),), as_of, tuple(facts), _parts(added), _parts(repaid))
    amounts = {base.unit: max(base.value - repaid.get(base.unit, 0.0), 0.0)}
    for unit, amount in added.items():
        amounts[unit] = amounts.get(unit, 0.0) + amount
    return Resolved(_parts(amounts), as_of, tuple(facts))


def _not_below(moved: Resolved, documented: Sequence[StatedInstrument]) -> tuple[Resolved, float]:
    """The total, or what is documented where that sums to more, with that sum.

    Where currencies differ the day's exchange rates must tell: the total then carries what is documented, and the sum is 0.
    """
    amounts: dict[str, float] = {}
    for one in documented:
        _add(amounts, one.principal)
    amounts = {unit: amount for unit, amount in amounts.items() if amount}
    if not amounts:
        return moved, 0.0
    counted = [one for one in documented if one.principal.value]
    facts = tuple(fact for one in counted for fact in one.principal.facts)
    if moved.repaid or len({unit for unit, amount in moved.parts if amount} | set(amounts)) > 1:
        others = tuple(fact for fact in facts if fact not in moved.facts)
        return replace(moved, documented=_parts(amounts), facts=(*moved.facts, *others)), 0.0
    ((unit, summed),) = amounts.items()
    if summed <= sum(amount for _, amount in moved.parts) * MORE:
        return moved, summed
    days = [one.principal.as_of for one in counted if one.principal.as_of is not None]
    return Resolved(((unit, summed),), max(days), facts), summed


def _add(amounts: dict[str, float], resolved: Resolved) -> None:
    for unit, amount in resolved.parts:
        amounts[unit] = amounts.get(unit, 0.0) + amount


def _parts(amounts: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(amounts.items()))


# -- convertibles and awards ---------------------------------------------------------------------------------------


def convertibles(tranches: Iterable[StatedInstrument], basis: ShareBasis, day: date) -> tuple[Convertible, ...]:
    """The tranches that convert at a price somebody stated, that price of one listed unit on the basis of `day`."""
    found = []
    for tranche in tranches:
        at, terms = conversion_price(tranche.terms), tranche.terms
        factor = basis.units(terms.issue_date, day)
        if terms.kind in CONVERTIBLE_KINDS and at is not None and factor is not None and tranche.principal.value > 0:
            ((unit, amount),) = tranche.principal.parts
            net_share = terms.settlement == NET_SHARE
            found.append(Convertible(terms.instrument, terms.kind, unit, amount, at / factor, net_share))
    return tuple(sorted(found, key=lambda one: one.instrument))


@dataclass(frozen=True, slots=True)
class KnownAwards:
    """Awards that dilute, those whose strike moves with the market (counted nowhere), and what is not known of them.

    `counts` names the fact behind each; `lacks` are words of `missing`; `incomplete`: a count is unknown.
    """

    awards: tuple[Award, ...] = ()
    moving: tuple[Award, ...] = ()
    counts: Mapping[str, Fact] = field(default_factory=dict)
    lacks: frozenset[str] = frozenset()
    incomplete: bool = False

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Those of the awards that dilute."""
        return tuple(self.counts[one.instrument] for one in self.awards)


def known_awards(evidence: Evidence, live: Iterable[Instrument], basis: ShareBasis) -> KnownAwards:
    """The options, units and warrants among `live` whose count was known, in listed units of the day."""
    awards: list[Award] = []
    moving: list[Award] = []
    counts: dict[str, Fact] = {}
    lacks: set[str] = set()
    incomplete = False
    for instrument in live:
        if instrument.kind not in AWARD_KINDS or (
            instrument.issue_date is not None and evidence.day < instrument.issue_date
        ):
            continue
        count = evidence.winner(COUNT_QUANTITIES[instrument.kind], instrument.instrument)
        per_unit = basis.units(instrument.issue_date, evidence.day)
        units = None if count is None else basis.listed(count.as_of, evidence.day)
        if count is None or units is None or (instrument.conversion_price is not None and per_unit is None):
            lacks.add(COUNT_MISSING[instrument.kind])
            incomplete = True
            continue
        strike = (
            None if instrument.conversion_price is None or per_unit is None else instrument.conversion_price / per_unit
        )
        if strike is None and instrument.kind == "option":
            lacks.add("option_strikes")  # counted gross
        (counts[instrument.instrument],) = count.facts
        award = Award(instrument.instrument, instrument.kind, instrument.currency, count.value * units, strike)
        if strike is None and instrument.kind == "warrant" and instrument.shares_per_unit is None:
            lacks.add("warrant_strikes")
            moving.append(award)  # a strike that moves with the market dilutes like a sale at the market: not counted
            continue
        awards.append(award)
    return KnownAwards(tuple(awards), tuple(moving), counts, frozenset(lacks), incomplete)
