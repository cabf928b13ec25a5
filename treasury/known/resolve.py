"""What was known of one company at one close: docs/architecture.md, written as its rules read.

Slow and obvious on purpose. `treasury.known.vectorised` computes the same for every company and day at once, and a property test
holds the two equal; `explain` shows what stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from treasury.instruments import CONVERTIBLE_KINDS, PRINCIPAL_QUANTITY, Award, Convertible
from treasury.known.claims import (
    AT_CARRYING,
    DEBT_CLAIM,
    PREFERRED_CLAIM,
    KnownAwards,
    StatedInstrument,
    convertibles,
    is_unstated,
    known_awards,
    stated,
    total,
)
from treasury.known.closing_times import Closes
from treasury.known.cost import ANOTHER_DAY, COST_QUANTITIES, cost_of
from treasury.known.precedence import Evidence, Resolved, is_known, observe
from treasury.known.register import NO_REGISTER, Register
from treasury.known.shares import (
    DERIVED,
    DERIVED_DAYS,
    ROLLED,
    UNIT_UNKNOWN,
    basic_count,
    is_from_before_a_large_reverse_split,
)
from treasury.model import Company, Fact, Instrument, Split
from treasury.splits import ShareBasis

STALE_DAYS = 400  # older holdings or shares are not used
CASH_QUANTITIES = ("cash", "usd_reserve")  # one liquid balance: the later of the two, never their sum
OUTDATED, HOLDINGS_OUTDATED = "btc_holdings_outdated", "HOLDINGS_OUTDATED"  # told to be others than the last count
NOT_VALUED = {"spac": "SPAC_PENDING", "other_crypto": "OTHER_CRYPTO"}

# the order in which the columns `missing` and `reason` list what applies
MISSING = (
    "btc_holdings", "shares_basic", "shares_assumed_diluted", "instruments", "options_outstanding", "rsu_unvested",
    "warrant_counts", "warrant_strikes", "option_strikes", "debt_total", "preferred_total", "cash", "btc_cost_basis",
)  # fmt: skip
REASONS = (
    "MERGED", "SPAC_PENDING", "OTHER_CRYPTO", HOLDINGS_OUTDATED, "STALE_BTC", "MISSING_SHARES", "STALE_SHARES", "STALE_DILUTED", AT_CARRYING,
    DEBT_CLAIM.from_tranches, PREFERRED_CLAIM.from_tranches, UNIT_UNKNOWN, ROLLED, DERIVED, ANOTHER_DAY,
)  # fmt: skip

# the inputs of a state that are chosen among sources
STATE_INPUTS = ("btc", "shares_basic", "shares_assumed_diluted", "cash", "debt", "preferred", "cost_basis")
# what stands beside the multiples and enters none
BESIDE = ("usd_reserve", "minority_interest", "other_assets", "marketable_securities", "btc_encumbered")
RATE_QUANTITY = "dividend_rate_pct"

# what is missing of a company before the first fact about it was known
NOTHING_KNOWN = (
    "btc_holdings", "shares_basic", "shares_assumed_diluted", "instruments", "debt_total", "preferred_total", "cash",
    "btc_cost_basis",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """Everything that was known of a company at one close. None: unknown, or not to be used for a reason in `reasons`.

    `tranches` are the debt and preferred instruments with a stated amount, those that ended at 0; `unstated` names those
    that stand at an amount nobody stated. `known_awards` holds the awards known of a list that need not be complete, where
    `awards` is None. `from_before`: the share count is from before a large reverse split. `outdated` says that the count of coins stands no longer, where that is why there is none. `rates` are the dividend rates last stated, `beside` what enters no multiple (BESIDE), each by name.
    """

    btc: Resolved | None
    shares_basic: Resolved | None
    shares_assumed_diluted: Resolved | None
    cost_basis: Resolved | None
    cash: Resolved | None
    debt: Resolved | None
    preferred: Resolved | None
    convertibles: tuple[Convertible, ...]
    awards: tuple[Award, ...] | None
    claim_facts: tuple[Fact, ...]
    missing: tuple[str, ...]
    reasons: tuple[str, ...]
    tranches: tuple[StatedInstrument, ...] = ()
    unstated: tuple[str, ...] = ()
    known_awards: KnownAwards = field(default_factory=KnownAwards)
    rates: Mapping[str, float] = field(default_factory=dict)
    beside: Mapping[str, Resolved] = field(default_factory=dict)
    from_before: bool = False
    outdated: Resolved | None = None

    @property
    def known_assumed(self) -> bool:
        facts = [fact for name in STATE_INPUTS for fact in self.facts_of(name)]
        return any(fact.known_assumed for fact in (*facts, *self.claim_facts))

    @property
    def awards_as_of(self) -> date | None:
        """The oldest day on which awards that count were counted; None where none do."""
        return min((fact.as_of for fact in self.known_awards.facts), default=None) if self.awards is not None else None

    @property
    def secondary(self) -> tuple[str, ...]:
        """The inputs that rest on press or a tracker, wholly or in part."""
        return tuple(name for name in STATE_INPUTS if not all(fact.primary for fact in self.facts_of(name)))

    def facts_of(self, name: str) -> tuple[Fact, ...]:
        """The facts that one of INPUTS was made from."""
        resolved: Resolved | None = getattr(self, name)
        return () if resolved is None else resolved.facts


def evidence_at(company: Company, day: date, facts: Iterable[Fact], closes: Closes) -> Evidence:
    """All that was known of `company` at the close of `day`. `facts` may hold other companies' too."""
    moment = closes.moment(company.mic, day)
    own_facts = tuple(fact for fact in facts if fact.ticker == company.ticker)
    return Evidence(day, tuple(seen for seen in observe(own_facts) if is_known(seen.fact, moment, day)))


def resolve(
    company: Company,
    day: date,
    facts: Iterable[Fact],
    instruments: Iterable[Instrument],
    splits: Iterable[Split],
    closes: Closes,
    register: Register = NO_REGISTER,
) -> State:
    """The state of `company` at the close of `day`. All that is given may hold other companies' too."""
    evidence = evidence_at(company, day, facts, closes)
    if not evidence.seen:
        why = (NOT_VALUED.get(company.kind), "MISSING_SHARES")
        return State(*(None,) * 7, (), None, (), NOTHING_KNOWN, tuple(code for code in why if code))
    own_instruments = sorted(
        (one for one in instruments if one.ticker == company.ticker), key=lambda one: one.instrument
    )
    live = [one for one in own_instruments if one.gone_from is None or day < one.gone_from]
    own = register.of(company.ticker)
    basis = ShareBasis([one for one in splits if one.ticker == company.ticker], own.listings)
    missing: set[str] = set()
    reasons: set[str] = set()

    def input_(quantity: str, *others: str) -> Resolved | None:
        winner = evidence.winner((quantity, *others))
        if winner is None:
            missing.add(quantity)
        return winner

    btc = held = input_("btc_holdings")
    outdated = _outdated(evidence, held)
    if company.active_to is not None and day >= company.active_to:
        reasons.add("MERGED")  # its coins are another's now
        btc = None
    elif company.kind in NOT_VALUED:
        reasons.add(NOT_VALUED[company.kind])
        btc = None
    elif outdated is not None:
        reasons.add(HOLDINGS_OUTDATED)
        btc = None
    elif btc is not None and _age(btc, day) > STALE_DAYS:
        reasons.add("STALE_BTC")
        btc = None

    count = basic_count(evidence, company.ticker, basis, own.classes)
    shares_basic = None if count is None else count.shares
    if count is None:
        missing.add("shares_basic")
        reasons.add("MISSING_SHARES")
    elif (day - count.told_on).days > (DERIVED_DAYS if count.derived else STALE_DAYS):
        reasons.add("STALE_SHARES")
        shares_basic = None
    elif shares_basic is None:
        reasons.add(UNIT_UNKNOWN)
    elif count.rolled:
        reasons.add(ROLLED)
    if count is not None and count.derived:
        reasons.add(DERIVED)

    assumed = input_("shares_assumed_diluted")
    if assumed is not None:
        factor = basis.listed(assumed.as_of, day)
        old = _age(assumed, day) > STALE_DAYS
        if factor is not None:
            assumed = replace(assumed, parts=(("shares", assumed.value * factor),))
        if old or (factor is not None and shares_basic is not None and assumed.value < shares_basic.value):
            reasons.add("STALE_DILUTED")  # a count that includes the basic shares cannot lie below them
            assumed = None
        elif factor is None:
            reasons.add(UNIT_UNKNOWN)
            assumed = None

    cost_basis, of_other_coins = cost_of(evidence, held, own.purchases)
    if cost_basis is None:
        missing.add(COST_QUANTITIES[0])
    if of_other_coins and "MERGED" not in reasons:  # coins that are another's now are nobody's gain here
        reasons.add(ANOTHER_DAY)

    awards = known_awards(evidence, live, basis)
    unstated = [one for one in live if one.kind in PRINCIPAL_QUANTITY and is_unstated(evidence, one)]
    dilution_open = any(one.kind in CONVERTIBLE_KINDS for one in unstated)
    if company.instruments_complete:
        missing |= awards.lacks
    if not company.instruments_complete or dilution_open:
        missing.add("instruments")
    all_known = company.instruments_complete and not dilution_open and not awards.incomplete

    tranches: list[StatedInstrument] = []
    totals: list[Resolved | None] = []
    for claim in (DEBT_CLAIM, PREFERRED_CLAIM):
        told = stated(evidence, claim, own_instruments)
        amount, reason = total(evidence, company, claim, own_instruments, told)
        if amount is None:
            missing.add(claim.quantity)
        if reason is not None:
            reasons.add(reason)
        totals.append(amount)
        tranches += told
    debt, preferred = totals
    notes = convertibles(tranches, basis, day)
    converts = {one.instrument for one in notes}
    claim_facts = [fact for one in tranches if one.terms.instrument in converts for fact in one.principal.facts]
    if company.instruments_complete:
        claim_facts += awards.facts

    return State(
        btc=btc,
        shares_basic=shares_basic,
        shares_assumed_diluted=assumed,
        cost_basis=cost_basis,
        cash=input_(*CASH_QUANTITIES),
        debt=debt,
        preferred=preferred,
        convertibles=notes,
        awards=awards.awards if all_known else None,
        claim_facts=tuple(claim_facts),
        missing=tuple(name for name in MISSING if name in missing),
        reasons=tuple(code for code in REASONS if code in reasons),
        tranches=tuple(tranches),
        unstated=tuple(one.instrument for one in unstated),
        known_awards=awards,
        rates=_rates(evidence, live),
        beside=_beside(evidence, live),
        outdated=outdated if HOLDINGS_OUTDATED in reasons else None,
        from_before=count is not None and is_from_before_a_large_reverse_split(basis, count.told_on, day),
    )


def _outdated(evidence: Evidence, held: Resolved | None) -> Resolved | None:
    """What says that a count of coins stands no longer, of a day after the one it describes; None where it stands."""
    told = evidence.winner((OUTDATED,))
    if told is None or held is None:
        return None
    assert told.as_of is not None
    assert held.as_of is not None
    return told if told.as_of > held.as_of else None


def _age(resolved: Resolved, day: date) -> int:
    assert resolved.as_of is not None
    return (day - resolved.as_of).days


# -- beside the inputs ---------------------------------------------------------------------------------------------


def _rates(evidence: Evidence, live: Iterable[Instrument]) -> dict[str, float]:
    told = {one.instrument: evidence.winner((RATE_QUANTITY,), one.instrument) for one in live}
    return {name: rate.value for name, rate in told.items() if rate is not None}


def _beside(evidence: Evidence, live: Iterable[Instrument]) -> dict[str, Resolved]:
    """What enters no multiple; bitcoin pledged instrument by instrument is added up where nobody stated the whole."""
    found = {name: winner for name in BESIDE if (winner := evidence.winner((name,))) is not None}
    pledged = [one for at in live if (one := evidence.winner(("btc_encumbered",), at.instrument)) is not None]
    if pledged and "btc_encumbered" not in found:
        facts = tuple(fact for one in pledged for fact in one.facts)
        day = min(fact.as_of for fact in facts)
        found["btc_encumbered"] = Resolved((("BTC", sum(one.value for one in pledged)),), day, facts)
    return found
