"""A notice judged against itself: what it says twice, products that must agree, changes that must add up."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

from scrapers.announcements.issuer import Issuer
from scrapers.announcements.statement import WHOSE, Statement

_WHOLLY = re.compile(r"\b(?:wholly|100 ?%)[- ]owned\b", re.I)
RECAPITULATES = 31  # days; a longer period tells again what its months told
_NEAR = 0.015  # of the cost: fees, and an average over lots
_PRODUCTS = (
    ("btc_acquired", "btc_acquired_average", "btc_acquired_cost"),
    ("btc_holdings", "btc_average_cost", "btc_cost_basis"),
)


def judged(statements: list[Statement], issuer: Issuer) -> list[Statement]:
    """Each figure once: the dated one before the undated, the exact before the rounded, in doubt where two differ."""
    kept = _undated_dropped(_claimed([_not_to_come(statement, issuer) for statement in statements]), issuer)
    groups: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
    for statement in kept:
        start = statement.start if statement.quantity == "btc_yield_published_pct" else None
        groups[(statement.quantity, statement.day, statement.unit, start)].append(statement)
    single = [one for group in groups.values() for one in _reconciled(group)]
    return _in_one_currency(_shared_doubts(_products(_parts(single))))


def _not_to_come(statement: Statement, issuer: Issuer) -> Statement:
    """A number of a day after the notice is a plan, whatever its words say."""
    late = issuer.day is not None and (statement.day - issuer.day).days > 1
    return statement.doubted(f"{statement.day} was to come when this was said") if late else statement


def _claimed(statements: list[Statement]) -> list[Statement]:
    """Coins of a company that it owns whole, where a headline tells the same number as the issuer's own."""
    own = [each for each in statements if not each.dated and not each.doubts and each.unit == "BTC"]
    return [
        replace(each, doubts=())
        if len(each.doubts) == 1
        and each.doubts[0].startswith(WHOSE)
        and _WHOLLY.search(each.doubts[0])
        and any(each.quantity == other.quantity and each.value == other.value for other in own)
        else each
        for each in statements
    ]


def _undated_dropped(statements: list[Statement], issuer: Issuer) -> list[Statement]:
    """A headline's number that the text tells with its day is the same statement; one that differs from it is in doubt."""
    kept = []
    for statement in statements:
        dated = [
            other for other in statements if other.quantity == statement.quantity and other.dated and not other.earlier
        ]
        apart = [other for other in dated if not _same(statement, other)]
        surer = any(other.doubts and other.day == statement.day and _same(statement, other) for other in dated)
        if statement.dated or not dated or (surer and not statement.doubts):
            kept.append(statement)
        elif len(apart) < len(dated):
            continue
        elif any(other.day == statement.day for other in apart):
            kept.append(statement)
        elif statement.quantity in ("btc_holdings", "btc_encumbered", "shares_basic"):
            told = ", ".join(sorted({f"{other.value:,.10g} on {other.day}" for other in dated})[:3])
            kept.append(statement.doubted(f"the same notice tells {told}"))
        else:
            kept.append(statement)
    return kept


def _same(one: Statement, other: Statement) -> bool:
    """Equal within the rounding of the coarser of the two."""
    return one.unit == other.unit and abs(one.value - other.value) <= max(one.step, other.step) * 0.5001


def _reconciled(group: list[Statement]) -> list[Statement]:
    """One statement of several about the same quantity and day."""
    finest = min(group, key=lambda each: (len(each.doubts), each.step))
    others = [each for each in group if not _same(each, finest)]
    sure = [each for each in others if not each.doubts]
    if not sure:
        period = next((each.start for each in group if each.start is not None), None)
        return [replace(finest, start=finest.start or period), *_distinct(others)]
    if finest.quantity.startswith(("btc_acquired", "debt_drawn", "debt_repaid", "btc_mined")):
        periods = _once_each([each for each in group if not each.doubts])
        if len({each.start for each in periods}) == len(periods):  # of different periods that end on one day
            return [
                *(_recap_beside(each, periods) for each in periods),
                *_distinct([each for each in others if each.doubts]),
            ]
    values = " and ".join(f"{value:,.10g}" for value in sorted({each.value for each in (finest, *sure)}))
    doubt = f"the same notice tells {values} for {finest.day}"
    return [each.doubted(doubt) for each in _distinct([finest, *sure])]


def _once_each(group: list[Statement]) -> list[Statement]:
    """Those of a group that say another number or another period."""
    kept: list[Statement] = []
    for each in sorted(group, key=lambda one: one.start is None):
        if not any(_same(each, other) and each.start in (other.start, None) for other in kept):
            kept.append(each)
    return kept


def _recap_beside(statement: Statement, group: list[Statement]) -> Statement:
    """A purchase of a quarter or year, where the same notice tells that of its last month too."""
    if not statement.quantity.startswith("btc_acquired") or not _is_long(statement):
        return statement
    last = any(
        other.start and other.start > statement.start and not _is_long(other) for other in group if statement.start
    )
    return statement.doubted("a recap of a longer period adds no purchase") if last else statement


def _is_long(statement: Statement) -> bool:
    return statement.start is not None and (statement.day - statement.start).days > RECAPITULATES


def _distinct(group: list[Statement]) -> list[Statement]:
    """Those of a group that say different numbers, the first of each."""
    distinct: list[Statement] = []
    for each in group:
        if not any(_same(each, other) for other in distinct):
            distinct.append(each)
    return distinct


def _parts(statements: list[Statement]) -> list[Statement]:
    """More pledged than held on one day cannot be."""
    held = {each.day: each.value for each in statements if each.quantity == "btc_holdings" and not each.doubts}
    return [
        each.doubted(f"more than the {held[each.day]:,.10g} held")
        if each.quantity in ("btc_encumbered", "btc_unencumbered")
        and each.day in held
        and each.value > held[each.day] * 1.001
        else each
        for each in statements
    ]


def _products(statements: list[Statement]) -> list[Statement]:
    """Coins × average = cost within their roundings, or both amounts are in doubt."""
    for coins_of, average_of, cost_of in _PRODUCTS:
        for coins in [each for each in statements if each.quantity == coins_of and each.value]:
            average = _beside(statements, average_of, coins)
            cost = _beside(statements, cost_of, coins)
            if average is None or cost is None or average.unit != cost.unit:
                continue
            implied, told = abs(coins.value) * average.value, abs(cost.value)
            slack = coins.step * average.value + abs(coins.value) * average.step + cost.step + _NEAR * told
            if abs(implied - told) > slack:
                doubt = f"{abs(coins.value):,.10g} BTC × {average.value:,.10g} is {implied:,.0f}, printed {told:,.0f}"
                statements = [each.doubted(doubt) if each in (average, cost) else each for each in statements]
    return statements


def _shared_doubts(statements: list[Statement]) -> list[Statement]:
    """What was paid for coins whose number is in doubt is in doubt too."""
    for coins_of, average_of, cost_of in _PRODUCTS:
        days = {each.day for each in statements if each.quantity == coins_of}
        sure = {each.day for each in statements if each.quantity == coins_of and not each.doubts}
        statements = [
            each.doubted("the number of its coins is in doubt")
            if each.quantity in (average_of, cost_of) and each.day in days - sure
            else each
            for each in statements
        ]
    return statements


def _beside(statements: list[Statement], quantity: str, coins: Statement) -> Statement | None:
    """An amount told without doubt for the same day, and for the same period where both tell one."""
    return next(
        (
            each
            for each in statements
            if each.quantity == quantity
            and each.day == coins.day
            and (each.start == coins.start or None in (each.start, coins.start))
            and not each.doubts
        ),
        None,
    )


def _in_one_currency(statements: list[Statement]) -> list[Statement]:
    """An amount printed in two currencies is told in the first."""
    seen: dict[tuple[object, ...], str] = {}
    kept = []
    for each in statements:
        key = (each.quantity, each.day, each.start)
        if (
            len(each.unit) == 3
            and each.unit.isupper()
            and each.unit != "BTC"
            and seen.setdefault(key, each.unit) != each.unit
        ):
            continue
        kept.append(each)
    return kept
