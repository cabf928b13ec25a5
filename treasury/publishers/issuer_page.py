"""What an issuer's own page showed on a day: the inputs behind the enterprise value it published, apart from ours.

A page is later or earlier than the filings, rounds, and nets another balance of cash; so its values are for comparison
(docs/architecture.md, rule 7) and never inputs of a metric. A page's facts are steps: each row says from which day on it
showed the value. The page is the source that states `cash_used_in_published_ev`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from treasury.instruments import PREFERRED_KINDS
from treasury.known.precedence import is_known, known_order
from treasury.model import Fact, Instrument

CASH_QUANTITY = "cash_used_in_published_ev"


@dataclass(frozen=True, slots=True)
class Shown:
    """One value as the page showed it, since when, and in whose currency (shares have none)."""

    value: float
    since: date
    unit: str


@dataclass(frozen=True, slots=True)
class Page:
    """The issuer's page at one close; None where it is silent."""

    source: str
    btc: Shown | None
    shares_basic: Shown | None
    debt: Shown | None
    preferred: Shown | None
    cash: Shown | None


def page_at(facts: Iterable[Fact], instruments: Iterable[Instrument], day: date, moment: datetime) -> Page | None:
    """The page of one company (`facts` and `instruments` are its own) at the close `moment` of `day`; None where there is none.

    Before the page showed a total of preferred stock, the series it showed by then are summed. Its holdings are the last ones
    the issuer had announced, whoever reported them: a page is the first to show what its owner has bought.
    """
    known = [one for one in facts if is_known(one, moment, day)]
    stated = [one for one in known if one.quantity == CASH_QUANTITY]
    if not stated:
        return None
    source = max(stated, key=_age).source
    ours = [one for one in known if one.source == source]
    announced = [one for one in known if one.quantity == "btc_holdings" and one.source_kind != "tracker"]
    held = max(announced, key=_age) if announced else None

    def shown(quantity: str, instrument: str | None = None) -> Shown | None:
        rows = [one for one in ours if one.quantity == quantity and one.instrument == instrument]
        if not rows:
            return None
        last = max(rows, key=_age)
        return Shown(last.value, last.as_of, last.unit)

    preferred = shown("preferred_total")
    if preferred is None:
        series = [
            one
            for name in sorted({one.instrument for one in instruments if one.kind in PREFERRED_KINDS})
            if (one := shown("liquidation_preference", name)) is not None
        ]
        if series and len({one.unit for one in series}) == 1:
            preferred = Shown(sum(one.value for one in series), max(one.since for one in series), series[0].unit)
    btc = Shown(held.value, held.as_of, held.unit) if held is not None else None
    return Page(source, btc, shown("shares_basic"), shown("debt_total"), preferred, shown(CASH_QUANTITY))


def _age(fact: Fact) -> tuple[date, datetime]:
    return fact.as_of, known_order(fact.known_at)
