"""The capital structure of one company at one close, instrument by instrument, from the most senior claim to the common.

A layer's cover, floor price and loan-to-value are Strategy's BTC Rating family (`treasury.claims.credit`): over the notional of every
claim down to it, convertibles in full whether they are in the money or not. Beside that stands how each is counted once it
is converted: as a claim or as shares, never as both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from treasury.claims.credit import btc_floor_price, btc_rating
from treasury.claims.preferred import at_market
from treasury.instruments import CONVERTIBLE_KINDS, DEBT_KINDS, PREFERRED_KINDS, Award, Convertible
from treasury.known.claims import StatedInstrument
from treasury.known.precedence import Resolved
from treasury.known.resolve import CASH_QUANTITIES, State
from treasury.model import Company, Fact, Instrument
from treasury.unknown import Answer

# without a stated seniority debt stands before preferred stock, a loan before notes; ties go by what falls due first
UNSTATED_SENIORITY = {"loan": 1, "bond": 2, "convertible": 2, "preferred": 50, "convertible_preferred": 50}
OTHER_DEBT, OTHER_PREFERRED = "other debt", "other preferred stock"
FAR = date.max
PRINTED_OFF = 1e-4  # of a total: more is no rounding, however round it is printed
TRANSLATED_OFF = (
    0.02  # of an amount in another currency than its total's, which was translated at the rate of another day
)
Rate = Callable[[str], float | None]


@dataclass(frozen=True, slots=True)
class Layer:
    """One claim. Amounts in US dollars but `amount`, which is in `currency`; None is unknown.

    `test` says how a convertible stands; `shares` it counts as and `claim` what of it is then still a claim.
    `rate_pct` is the coupon or dividend of the day; it falls due at the earlier of the holders' put and its maturity, in so many `years` (None: never, or not stated). `at_market` is what a
    series of preferred stock costs at its own close; None where it has none.
    """

    instrument: str
    kind: str
    currency: str
    amount: float
    notional: float | None
    as_of: date | None
    fact: Fact | None
    seniority: int | None
    rate_pct: float | None
    falls_due: date | None
    put_date: date | None
    maturity: date | None
    years: float | None
    converts_at: float | None
    test: str
    shares: float | None
    claim: float | None
    at_market: float | None
    cumulative: float | None
    cover: Answer
    cover_net_of_cash: Answer
    floor_price: Answer


@dataclass(frozen=True, slots=True)
class Holding:
    """An award: options, units, warrants. `shares` None: counted nowhere (`test` says why)."""

    instrument: str
    kind: str
    count: float
    strike: float | None
    currency: str
    shares: float | None
    test: str


@dataclass(frozen=True, slots=True)
class Stack:
    """Layers from senior to junior, awards beside the common, and by name what is not known.

    `claims` are all of them in US dollars: 0 where there are none, None where debt or preferred stock is unknown.
    `annual_obligations` is a year's interest and preferred dividends in US dollars at the rates of the day.
    `max_shares` counts every conversion and award gross, moving strikes not among them. `apart`: amounts as reported that
    enter no multiple here (encumbered bitcoin, minority interest, other assets), by name.
    """

    layers: tuple[Layer, ...]
    claims: float | None
    awards: tuple[Holding, ...]
    moving: tuple[Award, ...]
    annual_obligations: Answer
    usd_reserve: float | None
    max_shares: float | None
    apart: Mapping[str, float]
    unknown: tuple[str, ...]


def obligations_down_to(stack: Stack, last: Layer, state: State) -> Answer:
    """A year's interest and preferred dividends, US dollars, of every layer down to one, by the rule of all of them."""
    return _obligations(stack.layers[: stack.layers.index(last) + 1], state)


def no_close(instrument: str, currency: str) -> float | None:
    """That no instrument has a price of its own."""


def capital_stack(
    company: Company,
    state: State,
    inputs: Mapping[str, float | None],
    day: date,
    rate: Rate,
    close: Callable[[str, str], float | None] = no_close,
) -> Stack:
    """The stack at the close of `day`; `inputs` are those of the day, `rate` gives US dollars for one unit, `close` what a share of an
    instrument cost that day in a currency.

    Its layers add up to the day's debt and preferred stock, as far as these are printed: what a total holds besides the instruments is a layer of its
    own, and a stale amount that the total has no room for is no layer.
    """
    price, btc, btc_price = inputs["price"], inputs["btc"], inputs["btc_price"]
    btc_nav = None if btc is None or btc_price is None else btc * btc_price
    unknown = _unknown(state)
    listed: list[Layer] = []
    for name, kinds, total, resolved in (
        ("debt", DEBT_KINDS, inputs["debt"], state.debt),
        ("preferred stock", PREFERRED_KINDS, inputs["preferred"], state.preferred),
    ):
        tranches = [one for one in state.tranches if one.terms.kind in kinds and one.principal.value > 0]
        listed += _listed(
            _with_room(tranches, name, total, resolved, rate, unknown), state, company, day, price, rate, close
        )
    bare = sorted([*listed, *_others(listed, state, inputs, unknown)], key=_rank)
    layers, running = [], 0.0
    total_known = {"debt": state.debt is not None, "preferred": state.preferred is not None}
    complete = True
    for layer in bare:
        complete &= layer.notional is not None and total_known["debt"]
        complete &= layer.kind not in PREFERRED_KINDS or total_known["preferred"]
        running += layer.notional or 0.0
        cumulative = running if complete else None
        layers.append(_with_cover(layer, cumulative, btc, btc_nav, inputs["cash"]))
    return Stack(
        layers=tuple(layers),
        claims=running if complete and all(total_known.values()) else None,
        awards=tuple(_holding(one, price, company, rate) for one in state.known_awards.awards),
        moving=state.known_awards.moving,
        annual_obligations=_obligations(layers, state),
        usd_reserve=_dollars_of(state, "usd_reserve", rate),
        max_shares=_max_shares(state, inputs),
        apart=_apart(state, rate),
        unknown=tuple(unknown),
    )


# -- layers --------------------------------------------------------------------------------------------------------


def _with_room(
    tranches: Sequence[StatedInstrument],
    name: str,
    total: float | None,
    resolved: Resolved | None,
    rate: Rate,
    unknown: list[str],
) -> list[StatedInstrument]:
    """The tranches that a total in US dollars has room for; of those that nothing backs the oldest amount gives way first."""
    kept = sorted(tranches, key=lambda one: (one.documented, one.principal.facts[0].as_of, one.terms.instrument))
    notional = {one.terms.instrument: _notional(one, rate) for one in kept}
    if total is None or None in notional.values():
        return kept
    listed = sum(amount for amount in notional.values() if amount is not None)
    for layer in [one for one in kept if not one.documented]:
        amounts = [(one.principal.parts[0][0], notional[one.terms.instrument]) for one in kept]
        if listed <= total + _told_off(total, resolved, amounts):
            break
        ((currency, amount),), (fact,) = layer.principal.parts, layer.principal.facts
        unknown.append(
            f"amount of {layer.terms.instrument}: {currency} {amount:,.0f} as of {fact.as_of} is more than the {name} has room for"
        )
        listed -= notional[layer.terms.instrument] or 0.0
        kept.remove(layer)
    return kept


def _rounding(total: float) -> float:
    """What sums of the same amounts may differ by."""
    return max(1.0, 1e-9 * total)


def _told_off(total: float, resolved: Resolved | None, amounts: Iterable[tuple[str, float | None]]) -> float:
    """How far a total may lie below the sum of its parts, (currency, US dollars), as it was printed and translated."""
    units = {unit for unit, _ in resolved.parts} if resolved else set()
    translated = sum(amount or 0.0 for currency, amount in amounts if currency not in units)
    return _printed_off(total, resolved) + TRANSLATED_OFF * translated


def _printed_off(total: float, resolved: Resolved | None) -> float:
    """The same where only the total is printed to the million and its parts are not: half its last digit."""
    (value,) = [fact.value for fact in resolved.facts] if resolved and len(resolved.facts) == 1 else (0.0,)
    step = next((10.0**digits for digits in range(12, 0, -1) if value and value % 10.0**digits == 0), 0.0)
    return max(_rounding(total), total * min(step / 2 / value, PRINTED_OFF) if value else 0.0)


def _notional(one: StatedInstrument, rate: Rate) -> float | None:
    ((currency, amount),) = one.principal.parts
    at = rate(currency)
    return None if at is None else amount * at


def _listed(
    tranches: Iterable[StatedInstrument],
    state: State,
    company: Company,
    day: date,
    price: float | None,
    rate: Rate,
    close: Callable[[str, str], float | None],
) -> list[Layer]:
    convertibles = {one.instrument: one for one in state.convertibles}
    found = []
    for tranche in tranches:
        terms, principal = tranche.terms, tranche.principal
        ((currency, amount),) = principal.parts
        notional = _notional(tranche, rate)
        note = convertibles.get(terms.instrument)
        test, shares, claim = _tested(note, terms, notional, company, price, rate)
        due, par = terms.falls_due, terms.stated_amount if terms.currency == currency else None
        found.append(
            _layer(
                terms.instrument, terms.kind, currency, amount, notional, principal.as_of, principal.facts[0],
                seniority=terms.seniority, rate_pct=state.rates.get(terms.instrument, terms.rate_pct), falls_due=due, put_date=terms.put_date, maturity=terms.maturity,
                years=(due - day).days / 365.25 if due else None,
                converts_at=note.conversion_price if note else None, test=test, shares=shares, claim=claim,
                at_market=at_market(notional, close(terms.instrument, currency), par) if terms.kind in PREFERRED_KINDS else None,
            )
        )  # fmt: skip
    return found


def _tested(
    note: Convertible | None,
    one: Instrument,
    notional: float | None,
    company: Company,
    price: float | None,
    rate: Rate,
) -> tuple[str, float | None, float | None]:
    """How a claim stands against its conversion price, the shares it counts as, and what of it is still a claim."""
    if note is None:
        return ("no conversion price known" if one.kind in CONVERTIBLE_KINDS else ""), 0.0, notional
    ours, theirs = rate(company.currency), rate(note.currency)
    if price is None or notional is None or ours is None or theirs is None:
        return "no price to test", None, None
    at = price if note.currency == company.currency else price * ours / theirs
    if at <= note.conversion_price:
        return "out of the money: a claim", 0.0, notional
    how = "in the money, settled net: a claim, the excess shares" if note.net_share else "in the money: shares"
    return how, note.shares_at(at), notional * (note.claim_at(at) / note.principal)


def _others(listed: list[Layer], state: State, inputs: Mapping[str, float | None], unknown: list[str]) -> list[Layer]:
    """What the reported totals of debt and of preferred stock hold besides the listed instruments; its terms are not known."""
    found = []
    for name, kind, kinds, total, resolved in (
        (OTHER_DEBT, "loan", DEBT_KINDS, inputs["debt"], state.debt),
        (OTHER_PREFERRED, "preferred", PREFERRED_KINDS, inputs["preferred"], state.preferred),
    ):
        amounts = [one.notional for one in listed if one.kind in kinds]
        if total is None or resolved is None or None in amounts:
            continue
        rest = total - sum(amount for amount in amounts if amount is not None)
        what = name.removeprefix("other ")
        if rest < -_told_off(total, resolved, [(one.currency, one.notional) for one in listed if one.kind in kinds]):
            unknown.append(f"why the listed {what} is ${-rest:,.0f} more than the reported total")
        elif rest > _rounding(total):
            unknown.append(f"terms of ${rest:,.0f} of the reported {what}")
            fact = resolved.facts[0] if resolved.facts else None
            found.append(_layer(name, kind, "USD", rest, rest, resolved.as_of, fact, claim=rest, shares=0.0))
    return found


def _layer(
    instrument: str,
    kind: str,
    currency: str,
    amount: float,
    notional: float | None,
    as_of: date | None,
    fact: Fact | None,
    **more: Any,
) -> Layer:
    """A layer whose place in the stack, and so its cover, is not settled yet."""
    bare = dict.fromkeys(
        ("seniority", "rate_pct", "falls_due", "put_date", "maturity", "years", "converts_at", "shares", "claim", "at_market", "cumulative")
    )  # fmt: skip
    covers = dict.fromkeys(("cover", "cover_net_of_cash", "floor_price"), Answer(None))
    return Layer(instrument, kind, currency, amount, notional, as_of, fact, **{**bare, "test": "", **covers, **more})


def _rank(one: Layer) -> tuple[int, int, date, str]:
    """Debt before preferred stock, then by seniority, then by what falls due first (1.6); of each, what has unknown terms comes first, so that no cover is overstated."""
    if one.instrument in (OTHER_DEBT, OTHER_PREFERRED):
        return int(one.kind in PREFERRED_KINDS), 0, FAR, one.instrument
    seniority = one.seniority if one.seniority is not None else UNSTATED_SENIORITY[one.kind]
    return int(one.kind in PREFERRED_KINDS), seniority, one.falls_due or FAR, one.instrument


def _with_cover(
    one: Layer, cumulative: float | None, btc: float | None, btc_nav: float | None, cash: float | None
) -> Layer:
    return replace(
        one,
        cumulative=cumulative,
        cover=btc_rating(btc_nav, cumulative),
        cover_net_of_cash=btc_rating(btc_nav, cumulative, cash),
        floor_price=btc_floor_price(btc, cumulative),
    )


# -- beside the layers ---------------------------------------------------------------------------------------------


def _holding(one: Award, price: float | None, company: Company, rate: Rate) -> Holding:
    ours, theirs = rate(company.currency), rate(one.currency)
    shares: float | None = None
    if price is not None and one.currency == company.currency:
        shares = one.shares_at(price)
    elif price is not None and ours is not None and theirs is not None:
        shares = one.shares_at(price * ours / theirs)
    if one.strike is None:
        test = "unit: counted in full" if one.kind == "rsu" else "no strike known or none: counted in full"
    else:
        test = "in the money: treasury-stock method" if shares else "out of the money: not counted"
    return Holding(one.instrument, one.kind, one.count, one.strike, one.currency, shares, test)


def _obligations(layers: Iterable[Layer], state: State) -> Answer:
    """Σ notional × rate. Debt of unknown terms bears no known interest: it is left out, and the note says so."""
    if state.debt is None or state.preferred is None:
        return Answer(None, "MISSING_CLAIMS")
    total, left_out = 0.0, ""
    for layer in layers:
        if layer.instrument == OTHER_DEBT:
            left_out = f"without interest on ${layer.amount:,.0f} of debt whose terms are not known"
        elif layer.notional is None or layer.rate_pct is None:
            return Answer(None, "MISSING_RATES", f"rate of {layer.instrument} is not known")
        else:
            total += layer.notional * layer.rate_pct / 100
    return Answer(total, note=left_out)


def _max_shares(state: State, inputs: Mapping[str, float | None]) -> float | None:
    basic = inputs["shares_basic"]
    if basic is None or state.awards is None or state.known_awards.incomplete:
        return None
    converted = sum(one.principal / one.conversion_price for one in state.convertibles)
    return basic + converted + sum(one.count for one in state.awards)


def _apart(state: State, rate: Rate) -> dict[str, float]:
    pledged = state.beside.get("btc_encumbered")
    amounts = {
        "btc_encumbered": pledged.value if pledged else None,
        "minority_interest": _dollars_of(state, "minority_interest", rate),
        "other_assets": _dollars_of(state, "other_assets", rate),
        "marketable_securities": _dollars_of(state, "marketable_securities", rate),
    }
    return {name: value for name, value in amounts.items() if value is not None}


def _dollars_of(state: State, name: str, rate: Rate) -> float | None:
    if name not in state.beside:
        return None
    ((unit, amount),) = state.beside[name].parts
    at = rate(unit)
    return None if at is None else amount * at


def _unknown(state: State) -> list[str]:
    claims = ("debt_total", "preferred_total", CASH_QUANTITIES[0], "instruments", "options_outstanding", "rsu_unvested")
    return [
        name for name in state.missing if name in claims or name.startswith("warrant") or name.startswith("option_")
    ] + [f"amount of {name}" for name in state.unstated]
