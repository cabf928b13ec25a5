"""One company and day, down to the document behind each input and the arithmetic of each metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from treasury.instruments import Award, Convertible
from treasury.known.precedence import Resolved
from treasury.known.resolve import State
from treasury.metrics.metric import METRICS, evaluate, formula
from treasury.model import Company, Fact


@dataclass(frozen=True, slots=True)
class InputLine:
    """One input, or one fact behind it."""

    name: str
    value: float | None
    unit: str
    as_of: date | None = None
    fact: Fact | None = None
    note: str = ""

    def age(self, day: date) -> int | None:
        return (day - self.as_of).days if self.as_of else None


@dataclass(frozen=True, slots=True)
class MetricLine:
    """formula = numbers = value."""

    name: str
    unit: str
    formula: str
    numbers: str
    value: float | None


_STATE_INPUTS = (
    ("btc", "BTC"), ("shares_basic", "shares"), ("shares_assumed_diluted", "shares"), ("debt", "USD"), ("preferred", "USD"),
    ("cash", "USD"), ("cost_basis", "USD"),
)  # fmt: skip


def input_lines(
    state: State,
    inputs: Mapping[str, float | None],
    company: Company,
    closes: Mapping[str, tuple[float, str, date]] = MappingProxyType({}),
) -> list[InputLine]:
    """Every stored input as used, each followed by the facts it was made from; `closes`: price of a share, currency and day by series."""
    lines = [
        InputLine("price", inputs["price"], company.currency),
        InputLine("fx", inputs["fx"], f"USD per {company.currency}"),
        InputLine("btc_price", inputs["btc_price"], "USD"),
    ]
    for name, unit in _STATE_INPUTS:
        resolved: Resolved | None = getattr(state, name)
        if resolved is None:
            lines.append(InputLine(name, None, unit, note="unknown"))
            if name == "btc" and state.outdated is not None:
                lines += [_fact_line(fact) for fact in state.outdated.facts]
            continue
        lines.append(InputLine(name, inputs[name], unit, resolved.as_of))
        lines += [_fact_line(fact) for fact in resolved.facts]
    price = inputs["price"]
    facts = {fact.instrument: fact for fact in state.claim_facts}
    claims: tuple[Convertible | Award, ...] = (*state.convertibles, *(state.awards or ()))
    for claim in claims:
        fact = facts.get(claim.instrument)
        lines.append(
            InputLine(claim.instrument, None, "", fact.as_of if fact else None, note=_tested(claim, price, company))
        )
        if fact:
            lines.append(_fact_line(fact))
    lines += [
        InputLine(name, inputs[name], unit)
        for name, unit in (
            ("dilutive_shares", "shares"),
            ("debt_itm", "USD"),
            ("preferred_itm", "USD"),
            ("cost_of_holdings", "USD"),
            ("debt_stated", "USD"),
            ("preferred_stated", "USD"),
            ("preferred_at_market", "USD"),
        )
    ]
    lines += [InputLine(f"close {series}", close, currency, day) for series, (close, currency, day) in closes.items()]
    return lines


def metric_lines(inputs: Mapping[str, float | None]) -> list[MetricLine]:
    """Every metric with its formula over names, over numbers, and its result."""
    values = evaluate(inputs)
    return [
        MetricLine(
            metric.name,
            metric.unit,
            formula(metric),
            formula(metric, {name: _shown(values[name]) for name in metric.parameters}),
            values[metric.name],
        )
        for metric in METRICS.values()
    ]


def _fact_line(fact: Fact) -> InputLine:
    named = f"{fact.quantity} {fact.instrument}" if fact.instrument else fact.quantity
    return InputLine(f"· {named}", fact.value, fact.unit, fact.as_of, fact)


def _tested(claim: Convertible | Award, price: float | None, company: Company) -> str:
    if isinstance(claim, Convertible):
        at = f"{claim.currency} {claim.principal:,.0f} at {claim.conversion_price:,.6g}"
        if claim.currency != company.currency or price is None:
            return at
        if price > claim.conversion_price and claim.net_share:
            return f"{at}: in the money, settled net: a claim and {claim.shares_at(price):,.0f} shares for the excess"
        if price > claim.conversion_price:
            return f"{at}: in the money, {claim.shares_at(price):,.0f} shares instead of a claim"
        return f"{at}: out of the money, a claim"
    tested = "gross (no strike known)" if claim.strike is None else f"strike {claim.strike:,.6g}, treasury-stock method"
    return f"{claim.count:,.0f} shares, {tested}"


def _shown(value: float | None) -> str:
    if value is None:
        return "unknown"
    text = f"{value:,.6g}" if abs(value) < 1000 else f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"({text})" if value < 0 else text
