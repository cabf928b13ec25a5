"""The day's prices, and a state met with them: the inputs of every metric (docs/architecture.md, rule 5, 6 and 8)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from treasury.claims.preferred import AT_PREFERENCE, OTHER_SERIES, PRICE_AGE_DAYS, UNPRICED, at_market
from treasury.instruments import DEBT_KINDS, PREFERRED_KINDS, Award, Convertible
from treasury.known.claims import DEBT_CLAIM, OVERRULED, PREFERRED_CLAIM
from treasury.known.closing_times import Closes, rate_moment
from treasury.known.cost import ANOTHER_DAY
from treasury.known.fixings import UTC_CLOSE, clock_of, named, preference
from treasury.known.precedence import Resolved
from treasury.known.resolve import State
from treasury.model import Company

DOUBTED = "INPUTS_DOUBTED"
TINY_MARKET_CAP = 0.10  # of the bitcoin: below it old inputs are not believed
DOUBTED_HOLDINGS_DAYS, DOUBTED_SHARES_DAYS = 180, 90
PRICE_FRESH_DAYS = 4  # an older bitcoin price or exchange rate is not used
_ANY = 9  # above every preference: finds the last of several prices of one moment


@dataclass(frozen=True, slots=True)
class Quote:
    """A price, the series and the day it is filed under, and for bitcoin its moment (UTC) and what it is called there."""

    value: float
    series: str
    day: date
    at: datetime | None = None
    fixing: str = ""


@dataclass(frozen=True)
class Market:
    """Bitcoin prices by (fixing, day), US dollars per unit by (currency, day), closes of instruments by (ticker, instrument, currency, day)."""

    bitcoin: Mapping[tuple[str, date], float]
    rates: Mapping[tuple[str, date], float]
    listed: Mapping[tuple[str, str, str, date], float] = field(default_factory=dict)

    @cached_property
    def currencies(self) -> frozenset[str]:
        """The currencies there are rates of."""
        return frozenset(currency for currency, _ in self.rates)

    def bitcoin_quote(self, moment: datetime, timezone: str) -> Quote | None:
        """Bitcoin at a close: the latest price of a moment at or before it; a publisher's own series is none (rule 8)."""
        at = bisect_right(self._readings, (moment, _ANY)) - 1
        if at < 0 or moment - self._readings[at][0] > timedelta(days=PRICE_FRESH_DAYS):
            return None
        taken, _, series, day = self._readings[at]
        local = taken.astimezone(ZoneInfo(timezone))
        fixing = series if series == UTC_CLOSE else named(timezone, local.hour * 60 + local.minute)
        return Quote(self.bitcoin[series, day], series, day, taken, fixing)

    @cached_property
    def _readings(self) -> list[tuple[datetime, int, str, date]]:
        """Moment, preference among those of one moment, fixing and day of every price that has a moment, in their order."""
        return sorted(
            (clock.on(day), preference(fixing), fixing, day)
            for fixing, day in self.bitcoin
            if (clock := clock_of(fixing)) is not None
        )

    def rate_quote(self, currency: str, moment: datetime, day: date) -> Quote | None:
        """US dollars per unit: the latest rate published at or before a close."""
        if currency == "USD":
            return Quote(1.0, "", day)
        for quoted in _days_back(day):
            if (currency, quoted) in self.rates and rate_moment(quoted) <= moment:
                return Quote(self.rates[currency, quoted], "ecb", quoted)
        return None

    def close_of(self, company: Company, instrument: str, currency: str, day: date) -> Quote | None:
        """What one share of a listed instrument cost in a currency at the company's close of a day: its own last close, at most four days
        old. One in another currency than the share's is of another exchange, whose hours are not known: it counts from the day after.
        """
        for age in range(0 if currency == company.currency else 1, PRICE_AGE_DAYS + 1):
            quoted = day - timedelta(days=age)
            close = self.listed.get((company.ticker, instrument, currency, quoted))
            if close is not None:
                return Quote(close, instrument, quoted)
        return None

    def rate_at(self, currency: str, moment: datetime, day: date) -> float | None:
        """The rate of `rate_quote`."""
        quote = self.rate_quote(currency, moment, day)
        return None if quote is None else quote.value


def _days_back(day: date) -> list[date]:
    return [day - timedelta(days=age) for age in range(PRICE_FRESH_DAYS + 1)]


def in_dollars(amounts: Sequence[tuple[str, float]], rate: Callable[[str], float | None]) -> float | None:
    """The sum of amounts by unit; an amount of 0 needs no rate, and without a rate of any other the sum is unknown."""
    found = [(amount, rate(unit)) for unit, amount in amounts if amount]
    if any(at is None for _, at in found):
        return None
    return sum(amount * at for amount, at in found if at is not None)


def claim_in_dollars(total: Resolved, rate: Callable[[str], float | None]) -> tuple[float | None, bool]:
    """A total of claims, no less than what is documented (rule 6), and whether that overruled what was told."""
    held, added, repaid, documented = (
        in_dollars(amounts, rate) for amounts in (total.parts, total.added, total.repaid, total.documented)
    )
    if held is None or added is None or repaid is None or documented is None:
        return None, False
    moved = max(held - repaid, 0.0) + added
    return max(moved, documented), documented > moved * OVERRULED


def reasons_at(
    state: State, company: Company, price: float, day: date, closes: Closes, market: Market
) -> tuple[str, ...]:
    """The codes of `reason` that only the day's prices and rates can give, besides those of the state."""
    moment = closes.moment(company.mic, day)
    overruled = tuple(
        claim.from_tranches
        for claim, total in ((DEBT_CLAIM, state.debt), (PREFERRED_CLAIM, state.preferred))
        if total is not None and claim_in_dollars(total, lambda unit: market.rate_at(unit, moment, day))[1]
    )
    doubted = (DOUBTED,) if any(_doubted(state, company, price, day, closes, market)) else ()
    worth = preferred_at_market(state, company, day, market, lambda unit: market.rate_at(unit, moment, day))
    return (*overruled, *doubted, *worth.reasons)


@dataclass(frozen=True, slots=True)
class AtMarket:
    """Preferred stock at its own closes in US dollars; `value` None is unknown. `at_preference` names what has no close and so counts
    at its liquidation preference; `unpriced`: series with a stated amount are outstanding, and nothing can be told at market.
    """

    value: float | None
    at_preference: tuple[str, ...] = ()
    unpriced: bool = False

    @property
    def reasons(self) -> tuple[str, ...]:
        if self.unpriced:
            return (UNPRICED,)
        return (f"{AT_PREFERENCE}:{','.join(self.at_preference)}",) if self.at_preference else ()


def preferred_at_market(
    state: State, company: Company, day: date, market: Market, rate: Callable[[str], float | None]
) -> AtMarket:
    """The total of preferred stock, each series with a close of its own taken at that close instead of its liquidation preference.

    Unknown where no series has one of that very day (then the market of the day is not known, only an older one), or where those that
    have are owed more than the total (then it is not known what is outstanding).
    """
    preferred = None if state.preferred is None else claim_in_dollars(state.preferred, rate)[0]
    if not preferred:
        return AtMarket(preferred)
    discount, priced, stated, of_the_day, has_par, without = 0.0, 0.0, 0.0, False, False, []
    for tranche in state.tranches:
        terms = tranche.terms
        ((unit, amount),) = tranche.principal.parts
        if terms.kind not in PREFERRED_KINDS or not amount:
            continue
        at, par = rate(unit), terms.stated_amount if terms.currency == unit else None
        has_par |= par is not None
        notional = None if at is None else amount * at
        quote = market.close_of(company, terms.instrument, unit, day)
        worth = at_market(notional, quote.value if quote else None, par)
        stated += notional or 0.0
        if notional is None or worth is None:
            without.append(terms.instrument)
        else:
            discount, priced = discount + (notional - worth), priced + notional
            of_the_day |= quote is not None and quote.day == day
    if preferred > stated * OVERRULED:
        without.append(OTHER_SERIES)
    if not of_the_day or priced > preferred * OVERRULED:
        return AtMarket(None, unpriced=has_par)
    return AtMarket(preferred - discount, tuple(without))


def _doubted(
    state: State, company: Company, price: float, day: date, closes: Closes, market: Market
) -> tuple[bool, bool]:
    """Whether holdings, and whether shares, are not believed: old, and the market cap is tiny beside the bitcoin (rule 4)."""
    moment = closes.moment(company.mic, day)
    fx = market.rate_at(company.currency, moment, day)
    bitcoin = market.bitcoin_quote(moment, closes.timezone(company.mic))
    btc, shares = state.btc, state.shares_basic
    if fx is None or bitcoin is None or btc is None or shares is None or btc.as_of is None or shares.as_of is None:
        return False, False
    tiny = price * fx * shares.value < TINY_MARKET_CAP * btc.value * bitcoin.value
    old_shares = (day - shares.as_of).days > DOUBTED_SHARES_DAYS or state.from_before
    return tiny and (day - btc.as_of).days > DOUBTED_HOLDINGS_DAYS, tiny and old_shares


def inputs_at(
    state: State,
    company: Company,
    price: float,
    day: date,
    closes: Closes,
    market: Market,
    close: float | None = None,
) -> dict[str, float | None]:
    """The stored inputs of `treasury.metrics.row_wise` for one close; None for what is unknown, too old or not believed.

    Where `price` is supposed, `close` is the day's own: what is believed does not change with it.
    """
    moment = closes.moment(company.mic, day)
    bitcoin = market.bitcoin_quote(moment, closes.timezone(company.mic))

    def rate(currency: str) -> float | None:
        return market.rate_at(currency, moment, day)

    def dollars(resolved: Resolved | None) -> float | None:
        return None if resolved is None else claim_in_dollars(resolved, rate)[0]

    def price_in(currency: str) -> float | None:
        """The share's price in the currency of a strike."""
        if currency == company.currency:
            return price
        ours, theirs = rate(company.currency), rate(currency)
        return None if ours is None or theirs is None else price * ours / theirs

    def converted(kind: str) -> float | None:
        total = 0.0
        for convertible in state.convertibles:
            if convertible.kind != kind or convertible.net_share:
                continue
            at, per_unit = price_in(convertible.currency), rate(convertible.currency)
            if at is None or per_unit is None:
                return None
            total += (convertible.principal - convertible.claim_at(at)) * per_unit
        return total

    def stated(kinds: tuple[str, ...], total: Resolved | None) -> float | None:
        """What single tranches are stated at where no total is known."""
        if total is not None:
            return None
        ours = [one.principal.parts[0] for one in state.tranches if one.terms.kind in kinds]
        return in_dollars(ours, rate) or None

    def dilution() -> float | None:
        if state.awards is None:
            return None
        total = 0.0
        claims: tuple[Convertible | Award, ...] = (*state.convertibles, *state.awards)
        for claim in claims:
            at = price_in(claim.currency)
            if at is None:
                return None
            total += claim.shares_at(at)
        return total

    no_holdings, no_shares = _doubted(state, company, price if close is None else close, day, closes, market)
    btc = None if no_holdings else state.btc
    basic, assumed = (None, None) if no_shares else (state.shares_basic, state.shares_assumed_diluted)
    cost_basis = dollars(state.cost_basis)
    return {
        "price": price,
        "fx": rate(company.currency),
        "btc_price": bitcoin.value if bitcoin else None,
        "btc": btc.value if btc else None,
        "shares_basic": basic.value if basic else None,
        "dilutive_shares": dilution(),
        "shares_assumed_diluted": assumed.value if assumed else None,
        "debt": dollars(state.debt),
        "preferred": dollars(state.preferred),
        "preferred_at_market": preferred_at_market(state, company, day, market, rate).value,
        "cash": dollars(state.cash),
        "debt_stated": stated(DEBT_KINDS, state.debt),
        "preferred_stated": stated(PREFERRED_KINDS, state.preferred),
        "debt_itm": converted("convertible"),
        "preferred_itm": converted("convertible_preferred"),
        "cost_basis": cost_basis,
        "cost_of_holdings": None if ANOTHER_DAY in state.reasons else cost_basis,
    }
