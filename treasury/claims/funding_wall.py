"""The funding wall: what falls due quarter by quarter, against cash, what can be issued, and in the end the bitcoin itself.

A put date is the maturity of a convertible that is out of the money (docs/metrics.md 7.9); one in the money becomes shares and asks
for no cash. Preferred dividends count as due, though an issuer may defer them. Nothing is refinanced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from treasury.instruments import PREFERRED_KINDS
from treasury.model import Instrument

YEAR_DAYS = 365
SHORTEST_YEAR_DAYS, LONGEST_YEAR_DAYS = (
    360,
    375,
)  # how far back the count of a year before may lie: no close falls on every day


def share_issued_a_quarter(counts: Sequence[tuple[date, float]], day: date) -> float | None:
    """A quarter of the share of its basic shares that a company issued in the year before a day; 0 where they fell.

    `counts` are basic shares on one share basis, oldest first, of the days up to `day` and at most LONGEST_YEAR_DAYS before it.
    None where none is of a year before.
    """
    year_before = [count for then, count in counts if (day - then).days >= SHORTEST_YEAR_DAYS]
    return float(max(0.0, counts[-1][1] / year_before[-1] - 1) / 4) if year_before else None


@dataclass(frozen=True, slots=True)
class Owed:
    """One claim: its terms, what is outstanding (US dollars), its rate then (per cent a year), its strike in the listing currency."""

    terms: Instrument
    amount: float
    rate_pct: float | None
    strike: float | None = None

    def falls_due(self, day: date, share_price: float | None) -> tuple[date | None, str]:
        """When and how cash is asked for after `day`: "put", "maturity", or never ("converts", "" for a perpetual).

        Where the share's price or the strike is not known a convertible counts as out of the money.
        """
        if self.strike is not None and share_price is not None and share_price > self.strike:
            return None, "converts"
        if self.terms.put_date is not None and self.terms.put_date > day:
            return self.terms.put_date, "put"
        return self.terms.maturity, "maturity" if self.terms.maturity is not None else ""


@dataclass(frozen=True, slots=True)
class Quarter:
    """What falls due in one quarter, US dollars; `calls` is what the issuer may call and need not. None: not known."""

    first: date
    coupons: float | None
    dividends: float | None
    maturities: float
    puts: float
    calls: float

    @property
    def name(self) -> str:
        return f"{self.first.year}Q{(self.first.month + 2) // 3}"

    @property
    def due(self) -> float | None:
        if self.coupons is None or self.dividends is None:
            return None
        return self.coupons + self.dividends + self.maturities + self.puts


@dataclass(frozen=True, slots=True)
class Wall:
    """The quarters, and what is left after each: of the cash alone, and with what is issued besides. None: not known."""

    quarters: tuple[Quarter, ...]
    cash_left: tuple[float | None, ...]
    with_issuance: tuple[float | None, ...]

    @property
    def shortfall(self) -> str | None:
        """The first quarter that the cash does not pay for."""
        return self._first(self.cash_left)

    @property
    def shortfall_with_issuance(self) -> str | None:
        return self._first(self.with_issuance)

    def forced_sale(self, btc_price: float, *, issuing: bool = True) -> float | None:
        """Bitcoin to sell by the last quarter for what neither cash nor (where `issuing`) issuance paid; None where that is not known."""
        after = self.with_issuance if issuing else self.cash_left
        left = [one for one in after if one is not None]
        if len(left) < len(after) or not left:
            return None
        return max(0.0, -min(left)) / btc_price

    def _first(self, left: Sequence[float | None]) -> str | None:
        return next(
            (one.name for one, rest in zip(self.quarters, left, strict=True) if rest is not None and rest < 0), None
        )


def quarter_after(first: date) -> date:
    return date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)


def wall(
    owed: Sequence[Owed],
    day: date,
    cash: float | None,
    quarters: int,
    share_price: float | None,
    issued_a_quarter: float | None,
    *,
    complete: bool = True,
) -> Wall:
    """The wall of `quarters` quarters from the one `day` stands in, of which only the rest counts.

    `share_price` (listing currency) decides what is in the money. `issued_a_quarter` is US dollars, None where not known.
    `complete` False says that not all claims are known one by one: then no sum of coupons or dividends is.
    """
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    of_first = (quarter_after(first) - day).days / (quarter_after(first) - first).days
    found: list[Quarter] = []
    cash_left: list[float | None] = []
    with_issuance: list[float | None] = []
    paid: float | None = 0.0
    for number in range(quarters):
        after = quarter_after(first)
        one = _quarter(owed, day, first, after, share_price, complete)
        found.append(one)
        paid = None if paid is None or one.due is None else paid + one.due
        rest = None if paid is None or cash is None else cash - paid
        share = number + of_first
        cash_left.append(rest)
        with_issuance.append(None if rest is None or issued_a_quarter is None else rest + share * issued_a_quarter)
        first = after
    return Wall(tuple(found), tuple(cash_left), tuple(with_issuance))


def _quarter(
    owed: Sequence[Owed], day: date, first: date, after: date, share_price: float | None, complete: bool
) -> Quarter:
    coupons: float | None = 0.0 if complete else None
    dividends: float | None = 0.0 if complete else None
    maturities = puts = calls = 0.0
    for claim in owed:
        ends, how = claim.falls_due(day, share_price)
        until = after if ends is None else min(after, ends)
        days = max(0, (until - max(first, day)).days)
        cost = None if claim.rate_pct is None else claim.amount * claim.rate_pct / 100 * days / YEAR_DAYS
        if days and claim.terms.kind in PREFERRED_KINDS:
            dividends = None if dividends is None or cost is None else dividends + cost
        elif days:
            coupons = None if coupons is None or cost is None else coupons + cost
        if ends is not None and max(first, day) <= ends < after:
            puts += claim.amount if how == "put" else 0.0
            maturities += claim.amount if how == "maturity" else 0.0
        call = claim.terms.call_date
        if call is not None and max(first, day) <= call < after:
            calls += claim.amount
    return Quarter(first, coupons, dividends, maturities, puts, calls)
