"""What was known of one company at one close: docs/architecture.md, written as its rules read.

Slow and obvious on purpose. `treasury.known.vectorised` computes the same for every company and day at once, and a property test
holds the two equal; `explain` shows what stands here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
from treasury.known.closing_times import Closes
from treasury.known.precedence import Evidence, Resolved, is_known, observe, resolved_from
from treasury.model import Company, Fact, Instrument, Split
from treasury.splits import split_factor

STALE_DAYS = 400  # older holdings or shares are not used
STATED_WITHIN_DAYS = 7  # an 8-K is due four business days after an issue; later, an amount nobody stated is unknown
CASH_QUANTITIES = ("cash", "usd_reserve")  # one liquid balance: the later of the two, never their sum
COUNT_MISSING = {"option": "options_outstanding", "rsu": "rsu_unvested", "warrant": "warrant_counts"}
NOT_VALUED = {"spac": "SPAC_PENDING", "other_crypto": "OTHER_CRYPTO"}

# the order in which the columns `missing` and `reason` list what applies
MISSING = (
    "btc_holdings", "shares_basic", "shares_assumed_diluted", "instruments", "options_outstanding", "rsu_unvested",
    "warrant_counts", "warrant_strikes", "option_strikes", "debt_total", "preferred_total", "cash", "btc_cost_basis",
)  # fmt: skip
REASONS = (
    "MERGED", "SPAC_PENDING", "OTHER_CRYPTO", "STALE_BTC", "MISSING_SHARES", "STALE_SHARES", "STALE_DILUTED", "DEBT_AT_CARRYING",
)  # fmt: skip

# the inputs of a state that are chosen among sources
INPUTS = ("btc", "shares_basic", "shares_assumed_diluted", "cash", "debt", "preferred", "cost_basis")

# what is missing of a company before the first fact about it was known
NOTHING_KNOWN = (
    "btc_holdings", "shares_basic", "shares_assumed_diluted", "instruments", "debt_total", "preferred_total", "cash",
    "btc_cost_basis",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """Everything that was known of a company at one close. None: unknown, or not to be used for a reason in `reasons`."""

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

    @property
    def known_assumed(self) -> bool:
        facts = [fact for name in INPUTS for fact in self.facts_of(name)]
        return any(fact.known_assumed for fact in (*facts, *self.claim_facts))

    @property
    def secondary(self) -> tuple[str, ...]:
        """The inputs that rest on press or a tracker, wholly or in part."""
        return tuple(name for name in INPUTS if not all(fact.primary for fact in self.facts_of(name)))

    def facts_of(self, name: str) -> tuple[Fact, ...]:
        """The facts that one of INPUTS was made from."""
        resolved: Resolved | None = getattr(self, name)
        return () if resolved is None else resolved.facts


def evidence_at(company: Company, day: date, facts: Iterable[Fact], closes: Closes) -> Evidence:
    """All that was known of `company` at the close of `day`. `facts` may hold other companies' too."""
    moment = closes.moment(company.mic, day)
    own_facts = [fact for fact in facts if fact.ticker == company.ticker]
    return Evidence(day, tuple(seen for seen in observe(own_facts) if is_known(seen.fact, moment, day)))


def resolve(
    company: Company,
    day: date,
    facts: Iterable[Fact],
    instruments: Iterable[Instrument],
    splits: Iterable[Split],
    closes: Closes,
) -> State:
    """The state of `company` at the close of `day`. `facts`, `instruments` and `splits` may hold other companies' too."""
    evidence = evidence_at(company, day, facts, closes)
    if not evidence.seen:
        why = (NOT_VALUED.get(company.kind), "MISSING_SHARES")
        return State(*(None,) * 7, (), None, (), NOTHING_KNOWN, tuple(code for code in why if code))
    own_instruments = sorted(
        (one for one in instruments if one.ticker == company.ticker), key=lambda one: one.instrument
    )
    live = [one for one in own_instruments if one.ends_on is None or day < one.ends_on]
    own_splits = [one for one in splits if one.ticker == company.ticker]
    missing: set[str] = set()
    reasons: set[str] = set()

    def on_todays_basis(resolved: Resolved) -> Resolved:
        assert resolved.as_of is not None
        factor = split_factor(own_splits, resolved.as_of, day)
        return Resolved(
            tuple((unit, amount * factor) for unit, amount in resolved.parts), resolved.as_of, resolved.facts
        )

    def input_(quantity: str, *others: str) -> Resolved | None:
        winner = evidence.winner((quantity, *others))
        if winner is None:
            missing.add(quantity)
        return winner

    btc = input_("btc_holdings")
    if company.active_to is not None and day >= company.active_to:
        reasons.add("MERGED")  # its coins are another's now
        btc = None
    elif company.kind in NOT_VALUED:
        reasons.add(NOT_VALUED[company.kind])
        btc = None
    elif btc is not None and _age(btc, day) > STALE_DAYS:
        reasons.add("STALE_BTC")
        btc = None

    shares_basic = input_("shares_basic")
    if shares_basic is None:
        reasons.add("MISSING_SHARES")
    elif _age(shares_basic, day) > STALE_DAYS:
        reasons.add("STALE_SHARES")
        shares_basic = None
    else:
        shares_basic = on_todays_basis(shares_basic)

    assumed = input_("shares_assumed_diluted")
    if assumed is not None:
        old = _age(assumed, day) > STALE_DAYS
        assumed = on_todays_basis(assumed)
        if old or (shares_basic is not None and assumed.value < shares_basic.value):
            reasons.add("STALE_DILUTED")  # a count that includes the basic shares cannot lie below them
            assumed = None

    claim_facts: list[Fact] = []
    convertibles = _convertibles(evidence, live, own_splits, claim_facts)
    awards = _awards(evidence, company, live, own_splits, missing, claim_facts)
    debt = _total(evidence, company, own_instruments, DEBT_KINDS, "debt_total")
    if debt is None:
        debt = evidence.winner(("debt_carrying",))
        if debt is not None:
            reasons.add("DEBT_AT_CARRYING")
        else:
            missing.add("debt_total")
    preferred = _total(evidence, company, own_instruments, PREFERRED_KINDS, "preferred_total")
    if preferred is None:
        missing.add("preferred_total")

    return State(
        btc=btc,
        shares_basic=shares_basic,
        shares_assumed_diluted=assumed,
        cost_basis=input_("btc_cost_basis"),
        cash=input_(*CASH_QUANTITIES),
        debt=debt,
        preferred=preferred,
        convertibles=convertibles,
        awards=awards,
        claim_facts=tuple(claim_facts),
        missing=tuple(name for name in MISSING if name in missing),
        reasons=tuple(code for code in REASONS if code in reasons),
    )


def _age(resolved: Resolved, day: date) -> int:
    assert resolved.as_of is not None
    return (day - resolved.as_of).days


# -- rule 6: claims ------------------------------------------------------------------------------------------------


def _total(
    evidence: Evidence, company: Company, instruments: list[Instrument], kinds: tuple[str, ...], quantity: str
) -> Resolved | None:
    """The last primary total plus what dated principals changed by since; else the complete sum; else a secondary total."""
    ours = [one for one in instruments if one.kind in kinds]
    total = evidence.primary((quantity,))
    if total is not None:
        amounts, facts, as_of = {total.unit: total.value}, [total], total.as_of
        for one in ours:
            now = principal_on(evidence, one, evidence.day)
            then = principal_on(evidence.until(total.as_of), one, total.as_of)
            if now is None or now.as_of is None or now.as_of <= total.as_of:
                continue  # nothing dated after the total
            if then is None and one.issue_date is not None and one.issue_date <= total.as_of:
                continue  # it existed and the total held it, at an amount nobody printed
            for sign, resolved in ((1, now), (-1, then)):
                for unit, amount in resolved.parts if resolved is not None else ():
                    amounts[unit] = amounts.get(unit, 0.0) + sign * amount
            facts.extend(now.facts)
            as_of = max(as_of, now.as_of)
        return Resolved(tuple(sorted(amounts.items())), as_of, tuple(facts))
    if company.instruments_complete and not any(is_unstated(evidence, one) for one in ours):
        known = [principal for one in ours if (principal := principal_on(evidence, one, evidence.day)) is not None]
        amounts = {}
        for principal in known:
            for unit, amount in principal.parts:
                amounts[unit] = amounts.get(unit, 0.0) + amount
        return Resolved(
            tuple(sorted(amounts.items())) or ((company.currency, 0.0),),
            max((one.as_of for one in known if one.as_of is not None), default=None),
            tuple(fact for one in known for fact in one.facts),
        )
    return resolved_from(evidence.secondary((quantity,), with_primary=False))


def principal_on(evidence: Evidence, one: Instrument, day: date) -> Resolved | None:
    """Principal or liquidation preference on `day`: 0 from retirement or maturity on, None while nobody stated one."""
    winner = evidence.winner((PRINCIPAL_QUANTITY[one.kind],), one.instrument)
    if winner is not None and one.ends_on is not None and one.ends_on <= day:
        return Resolved(((winner.parts[0][0], 0.0),), one.ends_on, winner.facts)
    return winner


def is_unstated(evidence: Evidence, one: Instrument) -> bool:
    """Whether it is outstanding, and nobody has said at what amount although they had the time to."""
    if one.ends_on is not None and one.ends_on <= evidence.day:
        return False
    if one.issue_date is None or (evidence.day - one.issue_date).days < STATED_WITHIN_DAYS:
        return False
    return evidence.winner((PRINCIPAL_QUANTITY[one.kind],), one.instrument) is None


def _convertibles(
    evidence: Evidence, live: list[Instrument], splits: list[Split], claim_facts: list[Fact]
) -> tuple[Convertible, ...]:
    found: list[Convertible] = []
    for one in live:
        at = conversion_price(one)
        if one.kind not in CONVERTIBLE_KINDS or at is None:
            continue
        principal = evidence.winner((PRINCIPAL_QUANTITY[one.kind],), one.instrument)
        if principal is not None and principal.value > 0:
            factor = split_factor(splits, one.issue_date, evidence.day)
            net_share = one.settlement == NET_SHARE
            found.append(
                Convertible(one.instrument, one.kind, principal.parts[0][0], principal.value, at / factor, net_share)
            )
            claim_facts.extend(principal.facts)
    return tuple(found)


def _awards(
    evidence: Evidence,
    company: Company,
    live: list[Instrument],
    splits: list[Split],
    missing: set[str],
    claim_facts: list[Fact],
) -> tuple[Award, ...] | None:
    """Options, units and warrants; None (with what lacks in `missing`) where they or the convertibles are not all known."""
    if not company.instruments_complete:
        missing.add("instruments")
        return None
    if unstated := any(one.kind in CONVERTIBLE_KINDS and is_unstated(evidence, one) for one in live):
        missing.add("instruments")
    known = known_awards(evidence, live, splits, missing, claim_facts)
    return None if unstated or known.incomplete else tuple(known.awards)


@dataclass(frozen=True, slots=True)
class KnownAwards:
    """Awards that dilute, those whose strike moves with the market (counted nowhere), and whether a count is unknown."""

    awards: list[Award]
    moving: list[Award]
    incomplete: bool


def known_awards(
    evidence: Evidence, live: list[Instrument], splits: list[Split], missing: set[str], claim_facts: list[Fact]
) -> KnownAwards:
    """The awards among `live` whose count was known; what lacks goes to `missing`, the facts used to `claim_facts`."""
    found: list[Award] = []
    moving: list[Award] = []
    unknown = False
    for one in live:
        if one.kind not in AWARD_KINDS or (one.issue_date is not None and evidence.day < one.issue_date):
            continue
        count = evidence.winner(COUNT_QUANTITIES[one.kind], one.instrument)
        if count is None:
            missing.add(COUNT_MISSING[one.kind])
            unknown = True
            continue
        strike = (
            None
            if one.conversion_price is None
            else one.conversion_price / split_factor(splits, one.issue_date, evidence.day)
        )
        if strike is None and one.kind == "option":
            missing.add("option_strikes")  # counted gross
        assert count.as_of is not None
        amount = count.value * split_factor(splits, count.as_of, evidence.day)
        award = Award(one.instrument, one.kind, one.currency, amount, strike)
        if strike is None and one.kind == "warrant" and one.shares_per_unit is None:
            missing.add("warrant_strikes")
            moving.append(award)  # a strike that moves with the market dilutes like a sale at the market: not counted
            continue
        found.append(award)
        claim_facts.extend(count.facts)
    return KnownAwards(found, moving, unknown)
