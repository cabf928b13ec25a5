"""The words of the domain: documents hold readings, a reading about a known company is a fact."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from treasury.errors import DelistedError, FetchError, ImplausibleError, InputError, MnavError, ParseError

__all__ = [
    "Company", "DelistedError", "Document", "Fact", "FetchError", "ImplausibleError", "InputError", "Instrument", "MnavError", "ParseError",
    "Reading", "Split",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes one source sent. `published_at` is the publisher's own moment (UTC), where it gave one."""

    source: str
    url: str
    body: bytes = field(repr=False)
    fetched_at: datetime
    published_at: datetime | None = None
    media_type: str = ""
    digest: str = field(default="", repr=False)

    @property
    def sha256(self) -> str:
        return self.digest or hashlib.sha256(self.body).hexdigest()

    def without_body(self) -> Document:
        """What is left to know of it once it has been read: thousands of filings need not lie in memory."""
        return replace(self, body=b"", digest=self.sha256)


@dataclass(frozen=True, slots=True)
class Reading:
    """One number as printed on a document: their name for the company, their unit.

    `unit` is "BTC", "shares", "percent", "ratio" or an ISO 4217 currency. `known_at` is set only where the document
    itself says when the public learned it. `doubt` is what the same document says against it: such a reading is kept
    out, and this is the reason shown.
    """

    company: str
    quantity: str
    value: float
    unit: str
    as_of: date
    instrument: str | None = None
    period_start: date | None = None
    known_at: datetime | date | None = None
    note: str | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """A listed holder. `active_to` is the first day it no longer stands alone (merged, delisted)."""

    ticker: str
    name: str
    mic: str | None
    country: str
    currency: str
    kind: str
    active_to: date | None = None
    instruments_complete: bool = False


@dataclass(frozen=True, slots=True)
class Instrument:
    """A claim on a company other than its common shares. `conversion_price` is on the split basis of `issue_date`.

    `rate_pct` is the annual coupon or dividend as first fixed; `seniority` 1 is the most senior, None unstated.
    `stated_amount` is what one preferred share is owed, in `currency`; None where nobody said it.
    """

    ticker: str
    instrument: str
    kind: str
    currency: str
    issue_date: date | None = None
    maturity: date | None = None
    retired_on: date | None = None
    conversion_price: float | None = None
    shares_per_unit: float | None = None
    settlement: str = ""
    put_date: date | None = None
    rate_pct: float | None = None
    seniority: int | None = None
    call_date: date | None = None
    stated_amount: float | None = None

    @property
    def falls_due(self) -> date | None:
        """The earlier of maturity and the holders' first put; None for what never has to be repaid."""
        days = [day for day in (self.maturity, self.put_date) if day is not None]
        return min(days) if days else None

    @property
    def ends_on(self) -> date | None:
        """The day it ended: that of its retirement, or its maturity where none is stated (a loan may outlive it)."""
        return self.retired_on or self.maturity

    @property
    def gone_from(self) -> date | None:
        """The first day at whose close it claims nothing any more: its maturity, which its terms told long before, or the day after a
        retirement, whose moment nobody gave. A principal of 0 that was known earlier counts earlier.
        """
        return self.maturity if self.retired_on is None else self.retired_on + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Split:
    """`ratio` new shares for one old share, from the close of `ex_date` on."""

    ticker: str
    ex_date: date
    ratio: float


@dataclass(frozen=True, slots=True)
class Listing:
    """How many shares one listed unit (an ADS and the like) stands for, from one day to another; None: not known.

    `valid_to` is the first day on which it no longer holds; None where no day is known.
    """

    ticker: str
    unit: str
    shares_per_unit: float | None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """Bitcoin bought (negative: sold) until `day`, as announced; `cost` in `currency` is unknown where nobody printed it."""

    ticker: str
    announced_on: date
    day: date
    btc: float
    cost: float | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A reading tied to our company, quantity and unit; append-only.

    `as_of` is the day it describes, `known_at` the moment the public could know it: an aware UTC moment, or a date
    when only the day is known (it then counts from the next day on). `known_assumed` says that nobody printed it.
    `period_start` is the first day of a flow, such as shares sold, that ends on `as_of`. `copied`: its tracker shows the
    same number for another company too.
    """

    id: int
    ticker: str
    instrument: str | None
    quantity: str
    as_of: date
    known_at: datetime | date
    value: float
    unit: str
    source: str
    source_kind: str
    known_assumed: bool = False
    period_start: date | None = None
    copied: bool = False

    @property
    def primary(self) -> bool:
        """Filings and the issuer itself stand above press and trackers."""
        return self.source_kind in ("filing", "issuer")
