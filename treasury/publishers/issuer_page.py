"""What an issuer's own page showed on a day: the inputs behind the enterprise value it published, apart from ours.

A page is later or earlier than the filings, rounds, nets another balance of cash and may quote another share price; so its
values are for comparison (docs/architecture.md, rule 7) and never inputs of a metric. A page's facts are steps: each row says
from which day on it showed the value. The page is the source that states `cash_used_in_published_ev`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from treasury.known.precedence import is_known, known_order
from treasury.model import Fact

CASH_QUANTITY = "cash_used_in_published_ev"
PRICE_QUANTITY = "share_price_published"  # of the day itself: no step, it does not last


@dataclass(frozen=True, slots=True)
class Shown:
    """One value as the page showed it, since when, and in whose currency (counts have none)."""

    value: float
    since: date
    unit: str


@dataclass(frozen=True, slots=True)
class Page:
    """The issuer's page on one day; None where it is silent. `price` is in the currency of the share."""

    source: str
    btc: Shown | None
    shares_basic: Shown | None
    debt: Shown | None
    preferred: Shown | None
    cash: Shown | None
    price: Shown | None = None

    def inputs(self) -> dict[str, Shown]:
        """What it shows, by the name of the input it stands for."""
        named = {name: getattr(self, name) for name in ("price", "btc", "shares_basic", "debt", "preferred", "cash")}
        return {name: shown for name, shown in named.items() if shown is not None}

    def in_dollars(self, rates: Mapping[str, float]) -> dict[str, float | None]:
        """The same as numbers, amounts in US dollars: None where a currency has no rate. `rates`: dollars for one unit."""
        money = ("debt", "preferred", "cash")
        found: dict[str, float | None] = {}
        for name, shown in self.inputs().items():
            rate = rates.get(shown.unit) if name in money else 1.0
            found[name] = None if rate is None else shown.value * rate
        return found


def page_at(facts: Iterable[Fact], day: date, moment: datetime) -> Page | None:
    """The page of one company (`facts` are its own) on the day that closes at `moment`; None where there is none.

    Its rows hold from the day they were shown. The enterprise value of a page that shows no total of preferred stock holds
    none. Its holdings are the last ones the issuer had announced, whoever reported them and be it that day at an hour nobody
    noted: a page is the first to show what its owner has bought.
    """
    dated = [one for one in facts if one.as_of <= day]
    stated = [one for one in dated if one.quantity == CASH_QUANTITY]
    if not stated:
        return None
    source = max(stated, key=_age).source
    ours = [one for one in dated if one.source == source]
    announced = [
        one
        for one in dated
        if one.quantity == "btc_holdings"
        and (one.source == source or (one.source_kind != "tracker" and _is_public(one, moment, day)))
    ]

    def shown(quantity: str, of: list[Fact]) -> Shown | None:
        rows = [one for one in of if one.quantity == quantity and one.instrument is None]
        last = max(rows, key=_age, default=None)
        return None if last is None else Shown(last.value, last.as_of, last.unit)

    cash = shown(CASH_QUANTITY, ours)
    assert cash is not None
    return Page(
        source=source,
        btc=shown("btc_holdings", announced),
        shares_basic=shown("shares_basic", ours),
        debt=shown("debt_total", ours),
        preferred=shown("preferred_total", ours) or Shown(0.0, cash.since, cash.unit),
        cash=cash,
        price=shown(PRICE_QUANTITY, [one for one in ours if one.as_of == day]),
    )


def _is_public(fact: Fact, moment: datetime, day: date) -> bool:
    return is_known(fact, moment, day) or fact.known_at == day


def _age(fact: Fact) -> tuple[date, datetime]:
    return fact.as_of, known_order(fact.known_at)
