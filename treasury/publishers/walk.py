"""The walk from our basic multiple to a publisher's definition, step by step: first what it counts, then on whose inputs.

A step moves stored inputs: from a company without claims, dilution or cash, of which every multiple is the basic one, to the
company as the definition takes it. What a step does to the multiple is the definition's own metric before and after, so a
walk leads to any metric that can be made of the inputs, and one of a new definition needs no line here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from treasury.claims.capital_stack import OTHER_DEBT, OTHER_PREFERRED, Holding, Layer
from treasury.instruments import DEBT_KINDS
from treasury.publishers.definition import CLOSE, PRICED_AT, Multiple, Subject

START = "mnav_market_cap"
_NOUGHT = (
    "debt",
    "preferred",
    "cash",
    "dilutive_shares",
    "debt_itm",
    "preferred_itm",
    "preferred_at_market",
    "other_assets",
    "minority_interest",
    "marketable_securities",
)
_LEAST = 0.5  # dollars or shares: less than that is rounding


@dataclass(frozen=True, slots=True)
class Step:
    """What it is, by how much it moves which inputs, and a word on it.

    `input` names the one that the publisher takes from elsewhere than we do: of such steps the walk from our own metric consists.
    """

    term: str
    moves: dict[str, float]
    note: str = ""
    input: str = field(default="")


def bare(inputs: dict[str, float | None]) -> dict[str, float | None]:
    """A company without claims, dilution and cash."""
    return {**inputs, **dict.fromkeys(_NOUGHT, 0.0), "shares_assumed_diluted": inputs["shares_basic"]}


def steps(multiple: Multiple, subject: Subject) -> Iterator[Step]:
    """From `bare` inputs of ours to the inputs as the definition takes them, in the order in which they are printed."""
    needs = multiple.needs
    if "dilutive_shares" in needs:
        yield from _in_the_money(subject)
    if "shares_assumed_diluted" in needs:
        yield from _assumed(subject)
    for side in ("debt", "preferred"):
        if side in needs:
            yield from _claims(subject, side, f"{side}_itm" in needs)
    if "preferred_at_market" in needs:
        yield from _at_market(subject)
    if "cash" in needs and (cash := subject.inputs.get("cash")) is not None:
        since = f", of {subject.cash_as_of}" if subject.cash_as_of else ""
        yield Step("cash", {"cash": cash}, f"${cash:,.0f} last reported{since}")
    for name, value in subject.stated_besides().items():
        if name in needs:
            yield Step(name.replace("_", " "), {name: value}, f"${value:,.0f}")
    yield from _elsewhere(multiple, subject)


# -- what it counts ------------------------------------------------------------------------------------------------


def _in_the_money(subject: Subject) -> Iterator[Step]:
    """If-converted: each convertible in the money and each award as the shares it counts as."""
    total = subject.inputs.get("dilutive_shares")
    if total is None:
        return
    rest = total
    claims: tuple[Layer | Holding, ...] = (*subject.stack.layers, *subject.stack.awards)
    for claim in claims:
        if claim.shares:
            rest -= claim.shares
            yield Step(
                f"diluted shares: {claim.instrument}", {"dilutive_shares": claim.shares}, f"{claim.shares:,.0f} shares"
            )
    if abs(rest) >= _LEAST:
        yield Step("diluted shares: not itemised", {"dilutive_shares": rest}, f"{rest:,.0f} shares")


def _assumed(subject: Subject) -> Iterator[Step]:
    assumed, basic = subject.inputs.get("shares_assumed_diluted"), subject.inputs.get("shares_basic")
    if assumed is not None and basic is not None:
        more = assumed - basic
        yield Step(
            "diluted shares", {"shares_assumed_diluted": more}, f"{more:,.0f} shares, every conversion and award"
        )


def _claims(subject: Subject, side: str, converts: bool) -> Iterator[Step]:
    """Each claim of debt or preferred stock, and what the total holds besides; one that became shares is none."""
    total, in_shares = subject.inputs.get(side), subject.inputs.get(f"{side}_itm") or 0.0
    if total is None:
        return
    for layer in subject.stack.layers:
        if _side(layer) != side or layer.notional is None:
            continue
        total -= layer.notional
        converted = layer.notional - layer.claim if converts and layer.claim is not None else 0.0
        in_shares -= converted
        if layer.notional - converted:
            term = "not itemised" if layer.instrument in (OTHER_DEBT, OTHER_PREFERRED) else layer.instrument
            yield Step(
                f"{side}: {term}",
                {side: layer.notional, f"{side}_itm": converted},
                f"${layer.notional - converted:,.0f}",
            )
        else:
            yield Step("", {side: layer.notional, f"{side}_itm": converted})
    if abs(total) >= _LEAST:
        name = "not itemised" if total > 0 else "the stated total lies below its tranches"
        yield Step(f"{side}: {name}", {side: total}, f"${abs(total):,.0f}")
    if converts and abs(in_shares) >= _LEAST:
        yield Step(f"{side}: converted, not itemised", {f"{side}_itm": in_shares}, f"${in_shares:,.0f}")


def _at_market(subject: Subject) -> Iterator[Step]:
    """Each series of preferred stock as a claim, and what its own close takes from or adds to that."""
    total = subject.inputs.get("preferred_at_market")
    if total is None:
        return
    for layer in subject.stack.layers:
        if _side(layer) != "preferred" or layer.notional is None:
            continue
        name = "not itemised" if layer.instrument == OTHER_PREFERRED else layer.instrument
        total -= layer.notional
        yield Step(f"preferred: {name}", {"preferred_at_market": layer.notional}, f"${layer.notional:,.0f}")
        if layer.at_market is not None:
            total -= layer.at_market - layer.notional
            step = {"preferred_at_market": layer.at_market - layer.notional}
            yield Step(f"at market: {name}", step, f"${layer.at_market:,.0f} at its own close")
    if abs(total) >= _LEAST:
        yield Step("preferred at market: not itemised", {"preferred_at_market": total}, f"${total:,.0f}")


def _side(layer: Layer) -> str:
    return "debt" if layer.kind in DEBT_KINDS else "preferred"


# -- on whose inputs -----------------------------------------------------------------------------------------------

_TERMS = {
    "cash": "cash vintage", "debt": "debt vintage", "preferred": "preferred vintage", "shares_basic": "share-count date",
    "btc": "holdings date", "price": "share price", "btc_price": "",
}  # fmt: skip


def _elsewhere(multiple: Multiple, subject: Subject) -> Iterator[Step]:
    """From our inputs to those of the publisher: its page's, and bitcoin at the moment at which it prices it."""
    taken = multiple.taken(subject)
    for name, term in _TERMS.items():
        theirs, ours = taken[name], subject.inputs.get(name)
        if name not in multiple.needs or theirs is None or theirs == ours:
            continue
        moves = {name: theirs - (ours or 0.0)}
        if name == "btc_price" and multiple.fixing != CLOSE:
            note = f"{theirs:,.2f}" + ("" if ours is None else f", at the close {ours:,.2f} ({subject.fixing})")
            yield Step(f"bitcoin at {PRICED_AT[multiple.fixing]} instead of the close", moves, note, name)
        else:
            yield Step(term, moves, _told(subject, name, theirs, ours), name)


def _told(subject: Subject, name: str, theirs: float, ours: float | None) -> str:
    shown = subject.page.inputs()[name] if subject.page else None
    since = f" (since {shown.since})" if shown else ""
    form = "{:,.10g} BTC" if name == "btc" else "${:,.0f}" if name in ("debt", "preferred", "cash") else "{:,.10g}"
    known = "nothing was known" if ours is None else f"known were {form.format(ours)}"
    if name == "shares_basic" and ours is not None and subject.shares_as_of:
        known += f" (of {subject.shares_as_of})"
    return f"its page used {form.format(theirs)}{since}, {known}"
