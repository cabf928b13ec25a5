"""The bridge: from our basic multiple to a publisher's definition, one line per term, and on to the number it printed.

A walk moves a numerator and a denominator in steps; the term of a step is what it changes the multiple by. The steps follow
one another, so the terms sum to the whole whatever their order, which is the order printed. Definitions: docs/metrics.md 1.2, 4, 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from treasury.claims.tranches import Tranche
from treasury.publishers.issuer_page import Page, Shown

Inputs = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a walk stands on: the stored inputs of a close, the tranches behind them, the issuer's page, other bitcoin fixings.

    `awards` are (instrument, shares counted). `fixings` gives bitcoin in dollars by fixing. `rates`: dollars for one unit.
    """

    day: date
    inputs: Inputs
    tranches: Sequence[Tranche] = ()
    awards: Sequence[tuple[str, float]] = ()
    page: Page | None = None
    fixings: Mapping[str, float] = field(default_factory=dict)
    fixing: str | None = None
    shares_as_of: date | None = None
    cash_as_of: date | None = None
    rates: Mapping[str, float] = field(default_factory=lambda: {"USD": 1.0})


@dataclass(frozen=True, slots=True)
class Term:
    """One step: what it changes the multiple by, the multiple after it, and what it is."""

    term: str
    delta: float
    multiple: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bridge:
    """`start` is our basic multiple, `total` the publisher's definition on our inputs and its vintages; start + terms = total.

    `total` is None where something is `missing` or a `reason` forbids a multiple.
    """

    publisher: str
    version: str
    start: float | None
    terms: tuple[Term, ...]
    total: float | None
    missing: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    term: str
    numerator: float = 0.0
    denominator: float = 0.0
    note: str = ""


Walk = Callable[["_Walk"], None]


@dataclass(frozen=True, slots=True)
class Definition:
    """A publisher's definition in the period in which it held (`valid_from` included, `valid_to` not)."""

    publisher: str
    version: str
    meaning: str
    walk: Walk = field(repr=False)
    valid_from: date = date.min
    valid_to: date = date.max


def definition_of(publisher: str, day: date) -> Definition:
    """The definition a publisher used on a day. Raises KeyError for an unknown publisher."""
    versions = [one for one in DEFINITIONS if one.publisher == publisher]
    if not versions:
        raise KeyError(publisher)
    return next(one for one in versions if one.valid_from <= day < one.valid_to)


def bridge(publisher: str, ground: Ground) -> Bridge:
    """Walk from our basic multiple to the definition `publisher` used on the day."""
    definition = definition_of(publisher, ground.day)
    walk = _Walk(ground)
    price, btc, bitcoin = walk.need("price_usd"), walk.need("btc"), walk.need("btc_price")
    numerator, denominator = price * walk.need("shares_basic"), btc * bitcoin
    definition.walk(walk)
    if walk.missing:
        return Bridge(publisher, definition.version, None, (), None, tuple(dict.fromkeys(walk.missing)))
    if denominator <= 0:
        return Bridge(publisher, definition.version, None, (), None, reason="NAV_ZERO")
    start = multiple = numerator / denominator
    terms = []
    for step in walk.steps:
        numerator, denominator = numerator + step.numerator, denominator + step.denominator
        if denominator <= 0:
            return Bridge(publisher, definition.version, start, (), None, reason="NET_RESERVE_NONPOSITIVE")
        terms.append(Term(step.term, numerator / denominator - multiple, numerator / denominator, step.note))
        multiple = numerator / denominator
    return Bridge(publisher, definition.version, start, tuple(terms), multiple)


class _Walk:
    """Collects steps; what a definition needs and nobody knows is collected too, and then there is no total."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.steps: list[Step] = []
        self.missing: list[str] = []

    def need(self, name: str) -> float:
        if name == "price_usd":
            return self.need("price") * self.need("fx")
        value = self.ground.inputs.get(name)
        if value is None:
            self.missing.append(name)
            return 0.0
        return value

    def add(self, term: str, numerator: float = 0.0, denominator: float = 0.0, note: str = "") -> None:
        self.steps.append(Step(term, numerator, denominator, note))

    # -- terms ---------------------------------------------------------------------------------------------------

    def claims(self, *, in_the_numerator: bool, without_converted: bool) -> None:
        """Each tranche of debt and preferred stock, and what the totals hold besides; added above or taken from below."""
        sign = 1.0 if in_the_numerator else -1.0
        for side in ("debt", "preferred"):
            rest = self.need(side)
            for one in self.ground.tranches:
                if one.side != side:
                    continue
                rest -= one.usd
                if without_converted and one.shares:
                    continue
                self._claim(f"{side}: {one.instrument}", sign * one.usd, in_the_numerator)
            if abs(rest) >= 0.5:
                name = "not itemised" if rest > 0 else "the stated total lies below its tranches"
                self._claim(f"{side}: {name}", sign * rest, in_the_numerator)

    def _claim(self, term: str, usd: float, in_the_numerator: bool) -> None:
        above, below = (usd, 0.0) if in_the_numerator else (0.0, usd)
        self.add(term, above, below, f"${abs(usd):,.0f}")

    def cash(self, *, in_the_numerator: bool) -> None:
        usd, since = self.need("cash"), self.ground.cash_as_of
        note = f"${usd:,.0f} last reported" + (f", of {since}" if since else "")
        self.add("cash", -usd if in_the_numerator else 0.0, 0.0 if in_the_numerator else usd, note)

    def in_the_money_shares(self) -> None:
        """If-converted: each convertible in the money and each award as the shares it counts as."""
        price, total = self.need("price_usd"), self.need("dilutive_shares")
        rest = total
        for name, shares in [*((one.instrument, one.shares) for one in self.ground.tranches), *self.ground.awards]:
            if shares:
                rest -= shares
                self.add(f"diluted shares: {name}", price * shares, note=f"{shares:,.0f} shares")
        if abs(rest) >= 0.5:
            self.add("diluted shares: not itemised", price * rest, note=f"{rest:,.0f} shares")

    def assumed_shares(self) -> None:
        more = self.need("shares_assumed_diluted") - self.need("shares_basic")
        self.add(
            "diluted shares", self.need("price_usd") * more, note=f"{more:,.0f} shares, every conversion and award"
        )

    def bitcoin_fixing(self, fixing: str) -> None:
        """From the fixing our row uses to the publisher's."""
        if self.ground.fixing == fixing:
            return
        other = self.ground.fixings.get(fixing)
        if other is None:
            self.missing.append(f"btc_price_{fixing}")
            return
        ours = self.need("btc_price")
        self.add("bitcoin fixing", 0.0, self.need("btc") * (other - ours), f"{fixing} {other:,.2f}, ours {ours:,.2f}")

    def page_shares(self) -> None:
        """The issuer's page can show an older or newer count than the last filing."""
        page = self.ground.page
        if page is None or page.shares_basic is None:
            return
        ours, shown, since = self.need("shares_basic"), page.shares_basic, self.ground.shares_as_of
        if shown.value != ours:
            note = f"its page showed {shown.value:,.0f} (since {shown.since}), known were {ours:,.0f}" + (
                f" (of {since})" if since else ""
            )
            self.add("share-count date", self.need("price_usd") * (shown.value - ours), note=note)

    def page_holdings(self) -> None:
        """The issuer's page counts what it has just announced; the filing may follow days later."""
        page = self.ground.page
        if page is None or page.btc is None:
            return
        ours, bitcoin = self.need("btc"), self.need("btc_price")
        if page.btc.value != ours:
            note = f"announced were {page.btc.value:,.10g} BTC (of {page.btc.since}), in our row {ours:,.10g}"
            self.add("holdings date", denominator=(page.btc.value - ours) * bitcoin, note=note)

    def page_claims(self) -> None:
        page = self.ground.page
        if page is None:
            return
        for name, term, sign in (("debt", "debt vintage", 1), ("preferred", "preferred vintage", 1), ("cash", "cash vintage", -1)):  # fmt: skip
            shown: Shown | None = getattr(page, name)
            if shown is None:
                continue
            rate = self.ground.rates.get(shown.unit)
            if rate is None:
                self.missing.append("usd_per_unit")
                continue
            usd, ours = shown.value * rate, self.need(name)
            if usd != ours:
                note = f"its page used ${usd:,.0f} (since {shown.since}), known were ${ours:,.0f}"
                self.add(term, sign * (usd - ours), note=note)


# -- the definitions -------------------------------------------------------------------------------------------------


def _basic(walk: _Walk) -> None:
    """Market cap over NAV as it stands."""


def _page_basic(walk: _Walk) -> None:
    walk.page_shares()
    walk.page_holdings()
    walk.bitcoin_fixing("nyse")


def _ev(walk: _Walk) -> None:
    walk.claims(in_the_numerator=True, without_converted=False)
    walk.cash(in_the_numerator=True)


def _page_ev(walk: _Walk) -> None:
    _ev(walk)
    walk.page_claims()
    walk.page_shares()
    walk.page_holdings()
    walk.bitcoin_fixing("nyse")


def _net(walk: _Walk) -> None:
    walk.in_the_money_shares()
    walk.claims(in_the_numerator=False, without_converted=True)
    walk.cash(in_the_numerator=False)


def _tangible(walk: _Walk) -> None:
    walk.claims(in_the_numerator=False, without_converted=False)
    walk.cash(in_the_numerator=False)


def _on_utc(walk: Walk) -> Walk:
    def walked(steps: _Walk) -> None:
        walk(steps)
        steps.bitcoin_fixing("utc")

    return walked


def _assumed(walk: _Walk) -> None:
    walk.assumed_shares()


EV_ERA, NET_ERA = (
    date(2024, 12, 31),
    date(2026, 7, 1),
)  # the EV series begins 2024-12-31; net since mid-2026 (docs/metrics.md 1.2)
DEFINITIONS = (
    Definition("strategy", "market_cap", "market cap ÷ NAV, on its page's share count", _page_basic, valid_to=EV_ERA),
    Definition("strategy", "ev", "(market cap + debt + preferred − cash) ÷ NAV, on its page's vintages", _page_ev, EV_ERA, NET_ERA),
    Definition("strategy", "net", "share price ÷ net bitcoin per fully diluted share", _net, NET_ERA),
    Definition("metaplanet", "ev", "(market cap on issued shares + debt + preferred − cash) ÷ NAV", _ev),
    Definition("bitcointreasuries", "ev", "(market cap + debt + preferred − cash) ÷ NAV, UTC bitcoin price", _on_utc(_ev)),
    Definition("bitcointreasuries-basic", "basic", "market cap ÷ NAV, UTC bitcoin price", _on_utc(_basic)),
    Definition("bitcointreasuries-diluted", "diluted", "market cap on assumed-diluted shares ÷ NAV, UTC bitcoin price", _on_utc(_assumed)),
    Definition("bitbo", "diluted", "share price ÷ NAV per assumed-diluted share, UTC bitcoin price", _on_utc(_assumed)),
    Definition("defillama", "realized", "outstanding shares × price ÷ NAV, UTC bitcoin price; no debt, preferred or cash", _on_utc(_basic)),
    Definition("defillama-maximum", "maximum", "every fixed-count instrument as shares ÷ NAV, UTC bitcoin price", _on_utc(_assumed)),
    Definition("nydig", "full NAV", "diluted market cap ÷ (NAV + cash − debt − preferred); the premium is this less 1", _net),
    Definition("strive", "NTAV", "market cap ÷ (NAV + cash − debt − preferred liquidation)", _tangible),
)  # fmt: skip
PUBLISHERS = tuple(dict.fromkeys(one.publisher for one in DEFINITIONS))
