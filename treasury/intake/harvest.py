"""What one document brought, ready to be stored: facts, prices, splits and purchases of our companies, and what was kept out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from treasury.model import Document, Reading


@dataclass(frozen=True, slots=True)
class Origin:
    """The source a fact names: one filing, one snapshot of a tracker, a market's price series."""

    id: str
    kind: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact that has no number yet. `known_at` is an aware UTC moment, a day, or None where nobody says.

    `printed` is the publisher's word for the company.
    """

    ticker: str
    instrument: str | None
    quantity: str
    as_of: date
    known_at: datetime | date | None
    value: float
    unit: str
    note: str | None
    printed: str


@dataclass(frozen=True, slots=True)
class NewPrice:
    """A close as quoted; `symbol` is a ticker, BTC, or a currency against the dollar such as JPYUSD.

    `instrument`: the close is that of this instrument of the ticker, not of its shares. `volume`: what was traded that session.
    """

    symbol: str
    day: date
    fixing: str
    close: float
    currency: str
    instrument: str | None = None
    volume: float | None = None


@dataclass(frozen=True, slots=True)
class NewSplit:
    """`ratio` new shares for one old share."""

    ticker: str
    ex_date: date
    ratio: float


@dataclass(frozen=True, slots=True)
class NewPurchase:
    """Bitcoin bought (negative: sold) in a period, what it cost in all and each."""

    ticker: str
    announced_on: date
    period_start: date | None
    period_end: date
    btc: float
    cost: float | None
    currency: str | None
    average: float | None


@dataclass(frozen=True, slots=True)
class NewContext:
    """One day of a series of treasury/bitcoin/condition.py."""

    series: str
    day: date
    value: float
    unit: str
    note: str | None


@dataclass(frozen=True, slots=True)
class KeptOut:
    """A reading that is not used, and why. A stranger's belongs to no company of ours."""

    reading: Reading
    reason: str
    stranger: bool = False


@dataclass(slots=True)
class Harvest:
    """One document's share. `passed` are all readings found good, those that say nothing new among them."""

    document: Document
    origin: Origin
    facts: list[NewFact] = field(default_factory=list)
    prices: list[NewPrice] = field(default_factory=list)
    splits: list[NewSplit] = field(default_factory=list)
    purchases: list[NewPurchase] = field(default_factory=list)
    context: list[NewContext] = field(default_factory=list)
    kept_out: list[KeptOut] = field(default_factory=list)
    passed: list[Reading] = field(default_factory=list)
