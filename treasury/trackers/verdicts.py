"""The rules by which a tracker's claim is judged, tried one after the other: the first that holds gives the verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from treasury.amounts import plain
from treasury.consolidation import CONSOLIDATED_BY, MERGED_INTO
from treasury.intake.share_counts import SHRINKS
from treasury.model import Fact
from treasury.quantities import QUANTITIES
from treasury.trackers.record import SAME, Case, day_known, exactly, near
from treasury.trackers.unit_errors import currency_mistaken, exchange_rate, scale, share_basis

AGREES, LATE, STALE = "agrees", "late", "stale"
DOUBLE, SCOPE, UNIT, DISAGREEMENT = "double count", "different scope", "unit or currency error", "disagreement"

SAME_DAY = "same day"  # the one rule that needs no case: two sources about one day, in the view `disagreements`

LATE_DAYS = 3  # after a Friday evening's filing, Monday is in time
MOST_PLEDGED = 0.5  # of all coins: MARA, the largest lender known, had a third out on 2025-09-30 (17,357 of 52,850)
COPIED_FROM = 1000.0  # below it two companies have the same number by chance

# quantities that count the same thing more narrowly or more widely
KINDRED: dict[str, tuple[str, ...]] = {
    "btc_holdings": ("btc_unencumbered", "btc_holdings_incl_funds", "btc_holdings_pro_forma"),
    "btc_holdings_incl_funds": ("btc_holdings",),
    "shares_basic": (
        "shares_class_a", "shares_class_b", "shares_issued", "shares_listed_units", "shares_assumed_diluted", "shares_weighted_average_basic", "shares_weighted_average",
    ),
    "shares_assumed_diluted": ("shares_basic",),
    "debt_total": ("debt_carrying",),
    "cash": ("usd_reserve",),
}  # fmt: skip
PART_OF_WHOLE = {"btc_holdings": ("btc_encumbered", "btc_fund_units"), "btc_holdings_incl_funds": ("btc_fund_units",)}


@dataclass(frozen=True, slots=True)
class VerdictRule:
    """`why` says in words why a case is one of it, or None where it is not."""

    name: str
    verdict: str
    meaning: str
    why: Callable[[Case], str | None]


# -- coins that are counted in another company's -------------------------------------------------------------------


def _merged(case: Case) -> str | None:
    if case.claim.fact.unit == "BTC":
        for one in case.ground.related(MERGED_INTO, case.on, ticker=case.ticker):
            return f"{case.ticker}'s coins are {one.other}'s since {one.since}"
    return None


def _in_its_parent(case: Case) -> str | None:
    if case.claim.fact.unit != "BTC" or (case.known and not any(map(case.is_near, case.known))):
        return None
    for relation in case.ground.related(CONSOLIDATED_BY, case.on, ticker=case.ticker):
        key = (relation.other, case.claim.fact.quantity, case.claim.fact.instrument)
        listed, filed = case.ground.shown(case.claim.publisher, key, case.on), case.ground.newest(key, case.on)
        apart = listed and filed and near(listed.fact.value + case.value, filed.value)
        if listed and not apart:
            return f"listed beside {relation.other}'s {_number(listed.fact)}, which counts these coins: together they count twice"
    return None


def _on_top_of_its_own(case: Case) -> str | None:
    for name in _subsidiaries(case):
        part = case.newest(case.claim.fact.quantity, name)
        if part and part.value > SAME * case.expected and near(case.value, case.expected + part.value):
            return f"{_cited(case.against)} counts {name}'s {_number(part)} already: added once more"
    return None


def _subsidiaries(case: Case) -> list[str]:
    """Companies whose coins this one counts."""
    if case.claim.fact.unit != "BTC":
        return []
    return [one.ticker for one in case.ground.related(CONSOLIDATED_BY, case.on, other=case.ticker)]


# -- the same value ------------------------------------------------------------------------------------------------


def first_told(value: Fact, known: Iterable[Fact]) -> Fact:
    """The fact by which a value was first known, of those that repeat it up to this one."""
    run = [value]
    for fact in sorted((one for one in known if one.as_of <= value.as_of), key=lambda one: one.as_of, reverse=True):
        if fact.value == value.value:
            run.append(fact)
        elif fact.as_of < value.as_of:
            break
    return min(run, key=day_known)


def _late(case: Case) -> str | None:
    if case.claim.kept_out or not case.is_near(case.against):
        return None
    told = first_told(case.against, case.known)
    claim = case.ground.first_shown(case.claim, told.as_of)
    late = (claim.since - day_known(told)).days
    if claim.first or late <= LATE_DAYS or not exactly(case.value, case.expected):
        return None
    described = _days(claim.since - told.as_of)
    return f"first shown {late} days after it was known, {described} after the day it describes"


def _same(case: Case) -> str | None:
    if not case.is_near(case.against):
        return None
    if exactly(case.value, case.expected):
        return "the same but for rounding"
    others = (*_older(case), *(fact for fact in case.later if fact.as_of > case.against.as_of))
    return None if any(_is(case, fact) for fact in others) else f"within {SAME * 100:g} %"


def _older(case: Case) -> list[Fact]:
    return [fact for fact in case.known if fact.as_of < case.against.as_of]


def _is(case: Case, fact: Fact) -> bool:
    """Whether the claim is another fact's very number."""
    return case.is_near(fact) and exactly(case.value, case.printed(fact))


def _ahead(case: Case) -> str | None:
    an_older = any(_is(case, fact) for fact in _older(case))
    if an_older and case.claim.since < day_known(case.against):
        return None  # left standing
    for fact in case.later:
        if case.against.as_of < fact.as_of and (_is(case, fact) if an_older else case.is_near(fact)):
            return f"{_cited(fact)} says so too, known {_days(day_known(fact) - case.claim.since)} later"
    return None


def _replaced(case: Case) -> str | None:
    older = [fact for fact in _older(case) if _says(case, fact)]
    if not older:
        return None
    was = max(older, key=lambda fact: (_is(case, fact), fact.as_of))
    news = (day_known(one) for one in case.known if one.as_of > was.as_of and not exactly(one.value, was.value))
    since = min(news, default=day_known(case.against))
    return f"the number of {was.as_of} ({was.source}), replaced {_days(case.on - since)} before{_dead(case)}"


def _says(case: Case, fact: Fact) -> bool:
    """Whether a filing says what the claim says, on the share basis of either day."""
    return case.is_near(fact) or (fact.value == case.value and fact.unit == case.claim.fact.unit)


def _rolled_forward(case: Case) -> str | None:
    for name in _subsidiaries(case):
        key = (name, case.claim.fact.quantity, case.claim.fact.instrument)
        then = [fact for fact in case.ground.known(key, case.on) if fact.as_of == case.against.as_of]
        now = case.ground.newest(key, case.on)
        if then and now and near(case.value, case.expected - then[-1].value + now.value):
            return (
                f"{_cited(case.against)} with {name}'s {_number(now)} of {now.as_of} for its {_number(then[-1])} then"
            )
    return None


# -- another thing counted -----------------------------------------------------------------------------------------


def _another_scope(case: Case) -> str | None:
    quantity = case.claim.fact.quantity
    if any(exactly(case.value, case.printed(fact)) for fact in case.known):
        return None  # a filing's own number of another day
    for name in KINDRED.get(quantity, ()):
        if (fact := case.newest(name)) and exactly(case.value, case.printed(fact)):
            return f"equals {name}, {QUANTITIES[name].meaning}: {_number(fact)} of {fact.as_of}"
    for name, part in _parts(case):
        for sign, word in ((-1, "without"), (1, "with")):
            if exactly(case.value, case.expected + sign * part.value):
                return f"{_cited(case.against)} {word} {name}: {_number(part)} of {part.as_of}"
    return None


def _parts(case: Case) -> Iterator[tuple[str, Fact]]:
    quantity = case.claim.fact.quantity
    for name in PART_OF_WHOLE.get(quantity, ()):
        if part := case.newest(name):
            yield name, part
    for name in _subsidiaries(case):
        if part := case.newest(quantity, name):
            yield f"the coins of {name}", part


def _pledged_coins(case: Case) -> str | None:
    free = case.newest("btc_unencumbered") if case.claim.fact.quantity == "btc_holdings" else None
    if free is None or (free is not case.against and free.as_of <= case.against.as_of):
        return None
    if not free.value < case.value <= free.value / (1 - MOST_PLEDGED):
        return None
    return f"{free.source} of {free.as_of} counts {_number(free)} without the coins posted as collateral, this one all"


def _too_few_shares(case: Case) -> str | None:
    if case.claim.fact.unit != "shares" or not case.value < SHRINKS * case.expected:
        return None
    return f"{case.value / case.expected * 100:.0f} % of the shares outstanding: a float, one class or a placeholder"


# -- nothing that explains it --------------------------------------------------------------------------------------


def _not_refreshed(case: Case) -> str | None:
    if case.claim.kept_out or case.claim.since >= case.against.as_of:
        return None
    return f"unchanged since {case.claim.since}, before that day{_dead(case)}"


def _copied(case: Case) -> str | None:
    if case.value < COPIED_FROM or case.value % 10 == 0:
        return None
    other = next(iter(case.ground.same_number(case.claim)), None)
    return f"the very number it shows for {other.fact.ticker}: a copy?" if other else None


def _unconfirmed(case: Case) -> str | None:
    if case.claim.kept_out or math.isnan(case.expected):
        return None
    after = f"{_days(case.claim.since - case.against.as_of)} after that day"
    if case.claim.first:
        return f"seen on the first look, {after}: newer, older or wrong"
    return f"first shown {after}: newer, or wrong"


def _unexplained(case: Case) -> str | None:
    return None if math.isnan(case.expected) else case.claim.kept_out or "no rule explains it"


def _trackers_alone(case: Case) -> str | None:
    if math.isnan(case.expected):
        return None
    before = day_known(case.against) - case.claim.since
    return f"no filing, issuer or press decides; first shown {_days(before)} before the other"


# -- words ---------------------------------------------------------------------------------------------------------


def _number(fact: Fact) -> str:
    return plain(fact.value)


def _cited(fact: Fact) -> str:
    return f"{fact.source} of {fact.as_of}"


def _days(apart: timedelta) -> str:
    return "1 day" if apart.days == 1 else f"{apart.days} days"


def _dead(case: Case) -> str:
    symbol = case.ground.former_symbol(case.ticker, case.on)
    return f"; {symbol}: read under it still?" if symbol else ""


VERDICT_RULES = (
    VerdictRule("merged", DOUBLE, "the company has merged into one that counts its coins", _merged),
    VerdictRule("listed beside its parent", DOUBLE, "a subsidiary's own number, and the tracker lists the parent that counts it too", _in_its_parent),
    VerdictRule("added to its parent", DOUBLE, "parent plus subsidiary, where the parent counts it already", _on_top_of_its_own),
    VerdictRule("late", LATE, f"the newest filing's value, first shown more than {LATE_DAYS} days after it was known", _late),
    VerdictRule("same value", AGREES, f"within {SAME * 100:g} %, or one rounds to the other; not the very number of another filing", _same),
    VerdictRule("ahead of the filing", AGREES, "a filing that came later says the same", _ahead),
    VerdictRule("another scope", SCOPE, "another quantity's value, or the filing's with or without a part that is known", _another_scope),
    VerdictRule("replaced", STALE, "an older filing's value, and a newer filing is known", _replaced),
    VerdictRule("rolled forward", AGREES, "the parent's number with its subsidiary's newer count in it", _rolled_forward),
    VerdictRule("currency mistaken", UNIT, "the filing's number under another currency", currency_mistaken),
    VerdictRule("scale", UNIT, "the filing's value in hundredths, thousands, millions or satoshis", scale),
    VerdictRule("exchange rate", UNIT, "off by that day's rate, once or squared", exchange_rate),
    VerdictRule("share basis", UNIT, "on the other side of a split", share_basis),
    VerdictRule("pledged coins", SCOPE, "the newest filing leaves out collateral, and the claim lies above it by no more than that much again", _pledged_coins),
    VerdictRule("too few shares", SCOPE, "under half of the shares outstanding", _too_few_shares),
    VerdictRule("not refreshed", STALE, "unchanged since before the day the newest filing describes", _not_refreshed),
    VerdictRule("copied", DISAGREEMENT, "the very number the tracker shows for another company", _copied),
    VerdictRule("unconfirmed", DISAGREEMENT, "first shown after the day the newest filing describes: newer, or wrong; on a first look perhaps older", _unconfirmed),
    VerdictRule("unexplained", DISAGREEMENT, "kept out, and none of the above", _unexplained),
)  # fmt: skip
BETWEEN_TRACKERS = (
    *(rule for rule in VERDICT_RULES if rule.name == "same value" or rule.verdict == UNIT),
    VerdictRule("trackers alone", DISAGREEMENT, "two trackers differ, and no filing, issuer or press ever spoke", _trackers_alone),
)  # fmt: skip
