"""What a definition by a publisher is: its formula, the period in which it held, and its value for one company and day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from treasury.claims.capital_stack import Stack
from treasury.metrics.metric import formula
from treasury.metrics.row_wise import METRICS
from treasury.model import Company
from treasury.unknown import Answer


@dataclass(frozen=True, slots=True)
class Subject:
    """One company at one close. `values`: every input and row-wise metric; `over_time`: yields, gains and their bases."""

    company: Company
    day: date
    values: Mapping[str, float | None]
    over_time: Mapping[str, float | None]
    stack: Stack

    def get(self, name: str) -> float | None:
        return self.values[name] if name in self.values else self.over_time.get(name)


@dataclass(frozen=True, slots=True)
class Definition:
    """One publisher's definition. `issuer`: the ticker it is the issuer's own for; then it speaks of that company only.

    `since` None: from the beginning; `until`: the last day, None: still in force. `own_mnav`: the issuer's own multiple,
    which `definition_version` in mnav_daily names. `source` is a section of docs/metrics.md or a page.
    """

    id: str
    publisher: str
    name: str
    unit: str
    formula: str
    source: str
    compute: Callable[[Subject], Answer] = field(repr=False)
    issuer: str | None = None
    since: date | None = None
    until: date | None = None
    own_mnav: bool = False
    note: str = ""

    def in_force(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def on(self, subject: Subject) -> Answer:
        """Its value; NOT_ITS_ISSUER and NOT_IN_FORCE where it does not speak of that company or day."""
        if self.issuer is not None and self.issuer != subject.company.ticker:
            return Answer(None, "NOT_ITS_ISSUER")
        if not self.in_force(subject.day):
            return Answer(None, "NOT_IN_FORCE")
        return self.compute(subject)


def of_metric(name: str, times: float = 1.0) -> Callable[[Subject], Answer]:
    """The value of a row-wise metric or of a metric over time, or the inputs that were not known."""

    def compute(subject: Subject) -> Answer:
        value = subject.get(name)
        if value is not None:
            return Answer(value * times)
        return Answer(None, _why(name, subject))

    return compute


def formula_of(name: str, times: str = "") -> str:
    return formula(METRICS[name]) + times


def without_formula(subject: Subject) -> Answer:
    """For what a publisher shows without saying how it is made."""
    return Answer(None, "FORMULA_UNPUBLISHED")


def without_fact(what: str) -> Callable[[Subject], Answer]:
    """For what needs a fact that nobody published."""
    return lambda subject: Answer(None, f"MISSING_{what}")


_GUARD_CODES = {
    "btc_nav": "NAV_ZERO", "btc": "NAV_ZERO", "net_reserve": "NET_RESERVE_NONPOSITIVE", "equity_nav": "NET_RESERVE_NONPOSITIVE",
    "net_claims": "NO_CLAIMS",
}  # fmt: skip
_INPUT_CODES = {
    "price": "MISSING_PRICE", "fx": "MISSING_PRICE", "btc_price": "MISSING_PRICE", "btc": "MISSING_BTC",
    "shares_basic": "MISSING_SHARES", "dilutive_shares": "MISSING_DILUTION", "shares_assumed_diluted": "MISSING_DILUTED",
    "debt": "MISSING_DEBT", "preferred": "MISSING_PREFERRED", "cash": "MISSING_CASH",
}  # fmt: skip


def _why(name: str, subject: Subject) -> str:
    """Codes for the stored inputs that were unknown under a metric, or for the guards that failed."""
    if name not in METRICS:
        return "NO_BASE" if name.startswith("btc_") else "MISSING_INPUT"
    codes: dict[str, None] = {}
    waiting = [name]
    while waiting:
        one = METRICS[waiting.pop()]
        for parameter in one.parameters:
            value = subject.values[parameter]
            if value is not None and value <= 0 and parameter in one.positive:
                codes[_GUARD_CODES.get(parameter, f"ZERO_{parameter.upper()}")] = None
            elif value is None and parameter in METRICS:
                waiting.append(parameter)
            elif value is None:
                codes[_INPUT_CODES.get(parameter, f"MISSING_{parameter.upper()}")] = None
    return " ".join(sorted(codes))
