"""What a definition by a publisher is: its formula, the period in which it held, and its value for one company and day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from treasury.claims.capital_stack import Stack
from treasury.instruments import PREFERRED_KINDS
from treasury.metrics.metric import Metric, evaluate, formula
from treasury.metrics.row_wise import INPUTS
from treasury.model import Company
from treasury.publishers.formulas import ALSO, FORMULAS, formula_named, stored_inputs
from treasury.publishers.issuer_page import Page
from treasury.unknown import Answer

Inputs = Mapping[str, float | None]
CLOSE, UTC, STRATEGY = "close", "utc", "strategy"  # when a definition prices bitcoin, as fixings of the price table
PRICED_AT = MappingProxyType({CLOSE: "the close", UTC: "the end of the UTC day", STRATEGY: "24:00 New York"})
# the names under which a published multiple says how it is made, and the metric that is
PRINTED_AS = {"market_cap": "mnav_market_cap", "ev": "mnav_ev", "net": "mnav_net"}


@dataclass(frozen=True, slots=True)
class Subject:
    """One company at one close. `inputs`: the stored inputs of `treasury.metrics.row_wise`; the rest is made when asked for.

    `over_time`: yields, gains and their bases. `fixings`: bitcoin in dollars by fixing; `fixing`: the one of `inputs`.
    `rates`: dollars for one unit of a currency. `shares_as_of` and `cash_as_of`: the days those inputs describe.
    """

    company: Company
    day: date
    inputs: Inputs
    over_time: Callable[[], Mapping[str, float | None]] = field(default=dict, repr=False)
    stack_of: Callable[[], Stack] | None = field(default=None, repr=False)
    page: Page | None = None
    fixings: Mapping[str, float] = field(default_factory=dict)
    fixing: str | None = None
    rates: Mapping[str, float] = field(default_factory=lambda: {"USD": 1.0})
    shares_as_of: date | None = None
    cash_as_of: date | None = None

    @property
    def stack(self) -> Stack:
        """Its capital structure. Raises ValueError for a subject made without one."""
        if self.stack_of is None:
            raise ValueError(f"the capital structure of {self.company.ticker} was not given")
        return self.stack_of()

    def stated_besides(self) -> dict[str, float]:
        """What the close states besides the inputs; empty where there is no capital structure to state it."""
        apart = {} if self.stack_of is None else self.stack_of().apart
        return {name: apart[name] for name in ALSO if name in apart}

    def at_preference(self) -> list[str]:
        """The layers of preferred stock without a close of their own."""
        layers = () if self.stack_of is None else self.stack.layers
        return [one.instrument for one in layers if one.kind in PREFERRED_KINDS and one.at_market is None]

    def get(self, name: str) -> float | None:
        """An input, a metric, a formula of a publisher or a number over time."""
        values = self.values()
        return values[name] if name in values else self.over_time().get(name)

    def values(self) -> dict[str, float | None]:
        """Inputs, metrics and the formulas of publishers, on our own inputs."""
        return values_on({**dict.fromkeys(ALSO, 0.0), **self.stated_besides(), **self.inputs})


def values_on(inputs: Inputs) -> dict[str, float | None]:
    """Inputs, metrics and the formulas of publishers."""
    values = evaluate({**dict.fromkeys((*INPUTS, *ALSO)), **inputs})
    for one in FORMULAS.values():
        values[one.name] = one(*(values[name] for name in one.parameters))
    return values


def value_on(inputs: Inputs, name: str) -> float | None:
    """One of them alone."""
    if name in INPUTS or name in ALSO:
        return inputs.get(name)
    metric = formula_named(name)
    value: float | None = metric(*(value_on(inputs, parameter) for parameter in metric.parameters))
    return value


Compute = Callable[[Subject], Answer]
# what a value leaves out where no fact states it
_UNSTATED = MappingProxyType({
    "other_assets": "opco_excluded: no fact on other assets",
    "marketable_securities": "without marketable securities: no fact on them",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Multiple:
    """How a multiple of market value to bitcoin is made: by which metric, on bitcoin of which fixing, on whose inputs.

    The metric settles the share count, the claims and whether cash is netted; `page` takes all inputs as the issuer's own
    page showed them. `premium`: what is published is the multiple less 1, in per cent.
    """

    metric: str
    fixing: str = CLOSE
    page: bool = False
    premium: bool = False

    @property
    def formula(self) -> Metric:
        return formula_named(self.metric)

    @property
    def needs(self) -> frozenset[str]:
        return stored_inputs(self.formula)

    @property
    def share_count(self) -> str:
        """basic, diluted (if-converted) or assumed diluted."""
        if "shares_assumed_diluted" in self.needs:
            return "assumed diluted"
        return "diluted" if "dilutive_shares" in self.needs else "basic"

    @property
    def cash(self) -> str:
        """Whether cash is netted, and which."""
        if "cash" not in self.needs:
            return "not netted"
        return "netted, as its page showed it" if self.page else "netted, as last reported"

    def taken(self, subject: Subject) -> dict[str, float | None]:
        """The inputs of a close as this definition takes them; where the page is silent, ours."""
        inputs: dict[str, float | None] = {
            **dict.fromkeys(ALSO, 0.0), **subject.stated_besides(), **{name: subject.inputs.get(name) for name in INPUTS}
        }  # fmt: skip
        if self.page and subject.page is not None:
            inputs |= subject.page.in_dollars(subject.rates)
        if self.fixing != CLOSE:
            inputs["btc_price"] = subject.fixings.get(self.fixing)
        return inputs

    def on(self, subject: Subject) -> Answer:
        """The multiple itself, or what it lacks."""
        values = values_on(self.taken(subject))
        value = values[self.metric]
        if value is None:
            return Answer(None, why_unknown(self.metric, values))
        stated = subject.stated_besides()
        notes = [told for name, told in _UNSTATED.items() if name in self.needs and name not in stated]
        if "preferred_at_market" in self.needs and (left := subject.at_preference()):
            notes.append(f"at liquidation preference: {', '.join(left)}")
        return Answer(value, note="; ".join(notes))


@dataclass(frozen=True, slots=True)
class Definition:
    """One publisher's definition. `issuer`: the ticker it is the issuer's own for; then it speaks of that company only.

    `since` None: from the beginning; `until`: the last day, None: still in force. `own_mnav`: the issuer's own multiple,
    which `definition_version` in mnav_daily names. `source` is a section of docs/metrics.md or a page; what it printed is
    stored under sources that begin with one of `prefixes`. A definition has a `multiple` or a `compute` with its `wording`;
    `is_multiple` marks what is a multiple although nobody published its formula, or the facts it needs.
    """

    id: str
    publisher: str
    name: str
    unit: str
    source: str
    multiple: Multiple | None = None
    compute: Compute | None = field(default=None, repr=False)
    wording: str = ""
    issuer: str | None = None
    since: date | None = None
    until: date | None = None
    own_mnav: bool = False
    is_multiple: bool = False
    prefixes: tuple[str, ...] = ()
    note: str = ""

    @property
    def formula(self) -> str:
        """Its arithmetic as text."""
        if self.multiple is None:
            return self.wording
        return f"({text} - 1) * 100" if (text := formula(self.multiple.formula)) and self.multiple.premium else text

    @property
    def meaning(self) -> str:
        """Its arithmetic, share count, rule for cash and the moment of its bitcoin price in one line."""
        if self.multiple is None:
            return self.formula
        on = self.multiple
        return f"{self.formula}; {on.share_count} shares, cash {on.cash}, bitcoin at {PRICED_AT[on.fixing]}"

    @property
    def printed_as(self) -> str | None:
        """The name under which its printed multiple is stored (`PRINTED_AS`); None where its metric has none."""
        return next(
            (name for name, metric in PRINTED_AS.items() if self.multiple and self.multiple.metric == metric), None
        )

    @property
    def walkable(self) -> bool:
        """Whether a bridge leads to it."""
        return self.multiple is not None or self.is_multiple

    def in_force(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def silence_on(self, ticker: str, day: date) -> str:
        """NOT_ITS_ISSUER or NOT_IN_FORCE where it does not speak of that company or day."""
        if self.issuer is not None and self.issuer != ticker:
            return "NOT_ITS_ISSUER"
        return "" if self.in_force(day) else "NOT_IN_FORCE"

    def on(self, subject: Subject) -> Answer:
        """Its value, or the reason for none."""
        if silent := self.silence_on(subject.company.ticker, subject.day):
            return Answer(None, silent)
        if self.multiple is not None:
            found = self.multiple.on(subject)
            return (
                found._replace(value=(found.value - 1) * 100)
                if self.multiple.premium and found.value is not None
                else found
            )
        assert self.compute is not None, f"{self.id} has neither a multiple nor a way to compute it"
        return self.compute(subject)


# -- ways to compute -----------------------------------------------------------------------------------------------


def of_metric(name: str, times: float = 1.0) -> Compute:
    """The value of a row-wise metric or of a metric over time, or the inputs that were not known."""

    def compute(subject: Subject) -> Answer:
        value = subject.get(name)
        if value is not None:
            return Answer(value * times)
        return Answer(None, why_unknown(name, subject.values()))

    return compute


def formula_of(name: str, times: str = "") -> str:
    return formula(formula_named(name)) + times


def without_formula(subject: Subject) -> Answer:
    """For what a publisher shows without saying how it is made."""
    return Answer(None, "FORMULA_UNPUBLISHED")


def without_fact(what: str) -> Compute:
    """For what needs a fact that nobody published."""
    return lambda subject: Answer(None, f"MISSING_{what}")


_GUARD_CODES = MappingProxyType({
    "btc_nav": "NAV_ZERO", "btc": "NAV_ZERO", "net_claims": "NO_CLAIMS", "total_asset_value": "NAV_ZERO",
    **dict.fromkeys(
        ("net_reserve", "equity_nav", "full_nav", "sats_per_share_net_of_cash", "sats_per_share_claims_adjusted"), "NET_RESERVE_NONPOSITIVE",
    ),
})  # fmt: skip
_INPUT_CODES = MappingProxyType({
    "price": "MISSING_PRICE", "fx": "MISSING_PRICE", "btc_price": "MISSING_PRICE", "btc": "MISSING_BTC",
    "shares_basic": "MISSING_SHARES", "dilutive_shares": "MISSING_DILUTION", "shares_assumed_diluted": "MISSING_DILUTED",
    "debt": "MISSING_DEBT", "preferred": "MISSING_PREFERRED", "cash": "MISSING_CASH",
    "preferred_at_market": "MISSING_PREFERRED_MARKET_PRICE",
})  # fmt: skip


def why_unknown(name: str, values: Inputs) -> str:
    """Codes for the stored inputs that were unknown under a metric, or for the guards that failed."""
    if name not in values:
        return "NO_BASE" if name.startswith("btc_") else "MISSING_INPUT"
    codes: dict[str, None] = {}
    waiting = [name]
    while waiting:
        one = formula_named(waiting.pop())
        for parameter in one.parameters:
            value = values[parameter]
            if value is not None and value <= 0 and parameter in one.positive:
                codes[_GUARD_CODES.get(parameter, f"ZERO_{parameter.upper()}")] = None
            elif value is None and parameter in INPUTS:
                codes[_INPUT_CODES.get(parameter, f"MISSING_{parameter.upper()}")] = None
            elif value is None:
                waiting.append(parameter)
    return " ".join(sorted(codes))
