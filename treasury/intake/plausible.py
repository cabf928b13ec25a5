"""Why a new value cannot be true in the light of what is known: jumps, bitcoin prices never seen, a market cap from a shell's float."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from math import isclose, log, prod, sqrt

from treasury.amounts import plain
from treasury.bitcoin.power_law import GENESIS, POWER_LAWS
from treasury.intake import rates, share_counts
from treasury.intake.price_steps import Doubted, doubts
from treasury.known.closing_times import Closes
from treasury.quantities import HUNDREDFOLD
from treasury.splits import is_split_ratio

SUPERSEDED = "superseded"
NO_SESSION = "{mic} was shut on {day}"
MOST_BTC_TO_JUMP = 100.0  # below it a hundredfold is a first purchase
WHOLE_COUNTS = frozenset({"shares_basic", "shares_issued"})  # of all classes: comparable with each other
SHARE_COUNTS = frozenset(
    {
        "shares_basic",
        "shares_assumed_diluted",
        "shares_class_a",
        "shares_class_b",
        "shares_issued",
        "shares_listed_units",
    }
)
FLOAT = 3.0  # bitcoin above this multiple of market cap: shares of a shell against coins of a merger
FRESH = timedelta(days=30)  # a close older than this says nothing about a market cap
LONG_ENOUGH = timedelta(
    days=365
)  # of bitcoin prices, to know what it can have cost; and for a share to change its price by any factor
STATED_ROUNDING = 0.02

MOST_AT_ONCE = 100_000.0  # BTC a tracker may add to a company that more than doubles; 55,500 is the most ever bought (MSTR, 2024-11-24)
PRINTED = 0.05  # BTC: trackers print one decimal
COMPARATIVE = "comparative"  # the note of a number that repeats an earlier day
SAID_THEN = 0.005
HALF_YEAR = timedelta(days=183)
A_MONTH = (timedelta(days=27), timedelta(days=32))  # between the ends of two, and within one
ON_THEIR_WAY = 0.1  # of the coins mined and sold: fees, hosting paid in coins, what is not yet received or delivered
ONE_COIN, COINS_ROUNDED = 1.01, 1e-4  # an issuer rounds to the coin
BITCOIN_LAW = POWER_LAWS[0]
BITCOIN_ABOUT = 15.0  # times the power law, up or down
BITCOIN_YOUNG = date(2011, 12, 31)  # until then bitcoin left this band
SAME_SPLIT_DAYS = 4  # days between the days two sources give for one split

Key = tuple[str, str, str | None]
Series = list[tuple[date, float]]


def priced(ticker: str, instrument: str | None = None) -> str:
    """What a series of closes is called among others: a company's shares by its ticker, an instrument of it with its name."""
    return ticker if instrument is None else f"{ticker} {instrument}"


class History:
    """What is known so far, as far as it tells what can be true; grows with what is accepted. Values as printed."""

    def __init__(
        self,
        *,
        values: Iterable[tuple[str, str, str | None, date, float]] = (),
        trackers: Iterable[tuple[str, str, str, str | None, float]] = (),
        closes: Iterable[tuple[str, date, float]] = (),
        splits: Iterable[tuple[str, date, float]] = (),
        bitcoin: Iterable[tuple[date, float]] = (),
        currencies: Iterable[tuple[str, str]] = (),
        primary: Iterable[tuple[str, str, str | None, date, float]] = (),
        rates: Iterable[tuple[str, date, float]] = (),
        said: Iterable[tuple[str, str, str, date, float, datetime]] = (),
        exchanges: Iterable[tuple[str, str | None]] = (),
        sessions: Closes | None = None,
        doubted: Iterable[tuple[str, str, date, float, date]] = (),
        doubted_counts: Iterable[tuple[str, str, date, float]] = (),
        kinds: Iterable[tuple[str, str]] = (),
        listed_units: Iterable[str] = (),
        unit_steps: Iterable[tuple[str, date, float]] = (),
    ) -> None:
        self._values: dict[Key, Series] = {}
        for ticker, quantity, instrument, day, value in values:
            self._values.setdefault((ticker, quantity, instrument), []).append((day, value))
        self._closes: dict[str, Series] = {}
        for ticker, day, close in closes:
            self._closes.setdefault(ticker, []).append((day, close))
        self._primary: dict[Key, Series] = {}
        for ticker, quantity, instrument, day, value in primary:
            self._primary.setdefault((ticker, quantity, instrument), []).append((day, value))
        self._rates: dict[str, Series] = {}
        for currency, day, rate in rates:
            self._rates.setdefault(currency, []).append((day, rate))
        for group in (self._values, self._closes, self._primary, self._rates):
            for series in group.values():
                series.sort()
        self._trackers = {tuple(key): value for *key, value in trackers}
        self._said: set[tuple[str, str, str, date, float]] = set()
        self._looked: dict[tuple[str, str, str], datetime] = {}
        for source, ticker, quantity, day, value, seen in said:
            self.look(source, ticker, quantity, day, value, seen)
        self._splits: dict[str, Series] = {}
        for ticker, day, ratio in splits:
            self._splits.setdefault(ticker, []).append((day, ratio))
        self._unit_steps: dict[str, Series] = {}
        for ticker, day, ratio in unit_steps:
            self._unit_steps.setdefault(ticker, []).append((day, ratio))
        self._bitcoin = sorted(bitcoin)
        self.currencies = dict(currencies)
        self._exchanges = dict(exchanges)
        self._sessions = sessions
        self._kinds, self._listed_units = dict(kinds), set(listed_units)
        self._doubted_counts: dict[tuple[str, str], Series] = {}
        for ticker, quantity, day, value in doubted_counts:
            self.learn_doubted_count(ticker, quantity, day, value)
        self._doubted: dict[str, dict[date, list[Doubted]]] = {}
        for source, ticker, day, close, first_seen in doubted:
            self.learn_doubted(ticker, day, Doubted(source, close, first_seen))

    # -- what is learned in passing --------------------------------------------------------------------------------

    def learn(
        self, ticker: str, quantity: str, instrument: str | None, day: date, value: float, *, primary: bool = False
    ) -> None:
        for group in (self._values, self._primary) if primary else (self._values,):
            insort(group.setdefault((ticker, quantity, instrument), []), (day, value))

    def learn_split(self, ticker: str, day: date, ratio: float) -> bool:
        """Whether the split is a new one: within four days of a known one of the same ratio it is the same."""
        for known, had in self._splits.get(ticker, ()):
            if abs((known - day).days) <= SAME_SPLIT_DAYS and abs(had / ratio - 1) < STATED_ROUNDING:
                return False
        self._splits.setdefault(ticker, []).append((day, ratio))
        return True

    def learn_closes(self, ticker: str, told: Mapping[date, float]) -> None:
        """Closes that are believed; a day's later one stands for it."""
        known = dict(self._closes.get(ticker, ()))
        self._closes[ticker] = sorted({**known, **told}.items())

    def learn_doubted(self, ticker: str, day: date, doubted: Doubted) -> None:
        """A close that was kept out; another source that says the same makes it believed."""
        self._doubted.setdefault(ticker, {}).setdefault(day, []).append(doubted)

    def learn_bitcoin(self, day: date, price: float) -> None:
        insort(self._bitcoin, (day, price))

    def repeats(self, tracker: str, ticker: str, quantity: str, instrument: str | None, value: float) -> bool:
        """Whether a tracker says what it said before; if not, remember it."""
        key = (tracker, ticker, quantity, instrument)
        if self._trackers.get(key) == value:
            return True
        self._trackers[key] = value
        return False

    def looked(self, source: str, ticker: str, quantity: str) -> datetime | None:
        """When a source was last seen to say something new about a quantity of a company."""
        return self._looked.get((source, ticker, quantity))

    def look(self, source: str, ticker: str, quantity: str, day: date, value: float, seen: datetime) -> None:
        if (one := (source, ticker, quantity, day, value)) not in self._said:
            self._said.add(one)
            self._looked[one[:3]] = max(seen, self._looked.get(one[:3], seen))

    # -- why not ---------------------------------------------------------------------------------------------------

    def why_not_fact(
        self,
        ticker: str,
        quantity: str,
        instrument: str | None,
        day: date,
        value: float,
        *,
        primary: bool = False,
        beside: Mapping[tuple[str, date], float] | None = None,
    ) -> str | None:
        """Why this value after those before it is not believed; None where it is, or where nothing is known before.

        A filing's share count (`primary`) is judged by filings: trackers print placeholders, and the float for the whole. A first
        one is judged by what else is told, by the price and by the bitcoin. `beside`: the company's other values of the same
        document by quantity and day.
        """
        key = (ticker, quantity, instrument)
        before = self._before(key, day)
        if primary:
            filed = self._upto(self._primary.get(key, []), day)
            if quantity in SHARE_COUNTS and not filed:
                return self._why_not_first_count(ticker, quantity, day, value, [had for _, had in before], beside or {})
            before = before + filed
        if not before:
            return self._why_not_first_count(ticker, quantity, day, value, [], beside or {})
        if quantity == "btc_holdings" and all(_hundredfold(value, had) for _, had in before):
            return f"holdings jump from {before[-1][1]:,.10g} to {value:,.10g} BTC, a hundredfold"
        if quantity in SHARE_COUNTS and not any(
            self._grew_in_bounds(ticker, had, since, value, day) for since, had in before
        ):
            since, had = before[-1]
            if primary and self._is_repeated(ticker, quantity, had, day, value, beside or {}):
                return None
            change = (value / had - 1) * 100 if had else float("inf")
            return f"{quantity} jumps by {change:+,.0f} % from {had:,.0f} of {since}, without a split known in between"
        return None

    def why_not_first_count(
        self, ticker: str, quantity: str, day: date, value: float, beside: Mapping[tuple[str, date], float]
    ) -> str | None:
        """Why a filed count of all shares before which none is known is not believed; None where one is known.

        `beside`: the company's other values told with it, by quantity and day.
        """
        key = (ticker, quantity, None)
        if self._upto(self._primary.get(key, []), day):
            return None
        return self._why_not_first_count(
            ticker, quantity, day, value, [had for _, had in self._before(key, day)], beside
        )

    def _why_not_first_count(
        self,
        ticker: str,
        quantity: str,
        day: date,
        value: float,
        secondary: list[float],
        beside: Mapping[tuple[str, date], float],
    ) -> str | None:
        """Why a first count of all shares is not believed: by trackers', by its own document's others, by price and bitcoin."""
        if quantity not in WHOLE_COUNTS or not value:
            return None
        basis = self._basis(ticker, day)
        others = [
            had * self._basis(ticker, told_of) / basis
            for (name, told_of), had in beside.items()
            if name in WHOLE_COUNTS and (name, told_of) != (quantity, day)
        ]
        if (reason := share_counts.why_not_beside(value, [*secondary, *others])) is not None:
            return reason
        price, bitcoin = self._nearest(self._closes.get(ticker, []), day), self._nearest(self._bitcoin, day)
        currency = self.currencies.get(ticker, "")
        rate = 1.0 if currency == "USD" else (self._last(self._rates.get(currency, []), day) or (day, 0.0))[1]
        told_of = max((told_of for name, told_of in beside if name == "btc_holdings" and told_of <= day), default=None)
        held = (
            [beside["btc_holdings", told_of]]
            if told_of
            else [coins for _, coins in self._before((ticker, "btc_holdings", None), day)]
        )
        if not price or not bitcoin or not rate or ticker in self._listed_units:
            return None
        on_basis = value * self._basis(ticker, price[0]) ** -1 * basis
        coins = max(held, default=0.0) if self._kinds.get(ticker) == "treasury" else 0.0
        return share_counts.why_not_worth(on_basis, price[1] * rate, coins, bitcoin[1])

    def _is_repeated(
        self, ticker: str, quantity: str, had: float, day: date, value: float, beside: Mapping[tuple[str, date], float]
    ) -> bool:
        """Whether a count that no issue explains is told again: by the next of its document, or by one kept out before."""
        if had and not 1 / HUNDREDFOLD < value / had < HUNDREDFOLD:
            return False
        later = min((told_of for name, told_of in beside if name == quantity and told_of > day), default=None)
        again = [(told_of, one) for told_of, one in self._doubted_counts.get((ticker, quantity), ())
                 if abs(day - told_of) >= share_counts.BETWEEN_FILINGS]  # fmt: skip
        again += [(later, beside[quantity, later])] if later else []
        return any(
            self._grew_in_bounds(
                ticker, *((entry, told_of, value, day) if told_of <= day else (value, day, entry, told_of))
            )
            for told_of, entry in again
        )

    def learn_doubted_count(self, ticker: str, quantity: str, day: date, value: float) -> None:
        """A filed count that was kept out as a jump; a later filing that repeats it makes it believed."""
        self._doubted_counts.setdefault((ticker, quantity), []).append((day, value))

    def _basis(self, ticker: str, day: date) -> float:
        """What one share of a day has become after all splits since."""
        return prod(ratio for ex_date, ratio in self._splits.get(ticker, ()) if ex_date > day)

    def _nearest(self, series: Series, day: date) -> tuple[date, float] | None:
        at = bisect_right(series, (day, float("inf")))
        near = [one for one in series[max(at - 1, 0) : at + 1] if abs(one[0] - day) <= FRESH]
        return min(near, key=lambda one: abs(one[0] - day), default=None)

    def why_not_current(
        self, ticker: str, quantity: str, instrument: str | None, day: date, value: float
    ) -> str | None:
        """Why what a tracker shows on a day is not that day's: an older filing says it, and a newer one something else.

        The tracker would speak for the company once the newer filing is 120 days old (docs/architecture.md, rule 2).
        """
        filed = [one for one in self._primary.get((ticker, quantity, instrument), ()) if one[0] <= day]
        if not filed:
            return None
        newest = filed[-1][0]
        if any(_printed_alike(value, had) for since, had in filed if since == newest):
            return None
        older = [since for since, had in filed if _printed_alike(value, had)]
        if not older:
            return None
        return f"shows {plain(value)} of {older[-1]} still, {SUPERSEDED} by {plain(filed[-1][1])} of {newest}"

    def why_not_at_once(self, ticker: str, btc: float, day: date) -> str | None:
        """Why no company can hold as many coins as a tracker adds to it from one day to the next."""
        before = self._before((ticker, "btc_holdings", None), day)
        had = max((value for _, value in before), default=0.0)
        if btc - had <= MOST_AT_ONCE or btc <= 2 * had:
            return None
        return f"holdings leap from {plain(had)} to {plain(btc)} BTC; nobody ever bought {MOST_AT_ONCE:,.0f} at once"

    def why_not_rate(self, currency: str, day: date, rate: float) -> str | None:
        """Why this is no rate of that currency: upside down, or far from the rate of the days before."""
        return rates.why_not(currency, day, rate, self._last(self._rates.get(currency, []), day - timedelta(days=1)))

    def why_not_rates(self, told: Iterable[tuple[str, date, float]]) -> dict[tuple[str, date], str]:
        """Which rates (currency, day, dollars) of one answer are in doubt, and why; the others are learned.

        Where one rate of a day is upside down, so may be those of its answer that nothing fresh speaks for.
        """
        found: dict[tuple[str, date], str] = {}
        believed: dict[str, Series] = {}
        unguarded: set[tuple[str, date]] = set()
        for currency, day, rate in sorted(told, key=lambda one: one[1]):
            stored = self._last(self._rates.get(currency, []), day - timedelta(days=1))
            own = believed.setdefault(currency, [])
            before = max([one for one in (stored, *own[-1:]) if one is not None], default=None)
            reason = (
                rates.why_not_first(currency, rate) if before is None else rates.why_not(currency, day, rate, before)
            )
            if reason is not None:
                found[currency, day] = reason
                continue
            own.append((day, rate))
            if stored is None or day - stored[0] > rates.FRESH_RATE:
                unguarded.add((currency, day))
        upside_down = rates.days_upside_down((day, reason) for (_, day), reason in found.items())
        for currency, day in unguarded:
            if day in upside_down:
                found[currency, day] = "stands beside a rate of that day which is upside down"
        for currency, series in believed.items():
            learned = {day: rate for day, rate in series if (currency, day) not in found}
            self._rates[currency] = sorted({**learned, **dict(self._rates.get(currency, ()))}.items())
        return found

    def why_not_bitcoin(self, day: date, price: float) -> str | None:
        """Why bitcoin cannot have closed there: far from its price of the days before, or from what it was ever worth at its age."""
        before = self._last(self._bitcoin, day)
        age = max(day - before[0], FRESH) if before is not None else LONG_ENOUGH
        if price <= 0 or day <= GENESIS:
            return f"bitcoin closes at {price:,.10g} on {day}"
        if before is not None and abs(log(price) - log(before[1])) > log(rates.RATE_JUMP) * sqrt(age / FRESH):
            return f"bitcoin closes at {price:,.10g} after {before[1]:,.10g} on {before[0]}"
        usual = BITCOIN_LAW.price(day)
        if age > FRESH and day > BITCOIN_YOUNG and not usual / BITCOIN_ABOUT <= price <= usual * BITCOIN_ABOUT:
            return f"bitcoin closes at {price:,.10g}, far from the {usual:,.0f} of its age"
        return None

    def why_not_basis(self, ticker: str, quantity: str, day: date, printed_on: date) -> str | None:
        """Why a tracker's count of an earlier day is on another share basis than that day's: it was printed after a split.

        Trackers restate their history at a split, so a count is on the basis of the day it was printed.
        """
        if quantity not in SHARE_COUNTS:
            return None
        between = [(ex_date, ratio) for ex_date, ratio in self._splits.get(ticker, ()) if day < ex_date <= printed_on]
        if abs(prod(ratio for _, ratio in between) - 1) < STATED_ROUNDING:
            return None
        return f"{quantity} of {day}, printed on {printed_on}, is on a share basis from after the split of {max(between)[0]}"

    def why_not_cost(self, cost: float, btc: float, day: date) -> str | None:
        """Why this cost (USD) of this many bitcoin cannot be: each would have cost what bitcoin never did up to that day."""
        at = bisect_right(self._bitcoin, (day, float("inf"))) - 1
        if at < 0 or not btc or day - self._bitcoin[0][0] < LONG_ENOUGH:
            return None
        seen = [price for _, price in self._bitcoin[: at + 1]]
        each, low, high = cost / btc, min(seen), max(seen)
        if low * (1 - STATED_ROUNDING) <= each <= high * (1 + STATED_ROUNDING):
            return None
        return f"{cost:,.0f} USD for {btc:,.10g} BTC is {each:,.0f} each, outside the {low:,.0f} to {high:,.0f} bitcoin has cost so far"

    def why_not_float(self, ticker: str, btc: float, day: date) -> str | None:
        """Why these holdings cannot belong to the shares counted; None where price or shares are unknown, or not in dollars."""
        shares, at = (
            self._before((ticker, "shares_basic", None), day),
            bisect_right(self._bitcoin, (day, float("inf"))) - 1,
        )
        close = self._last(self._closes.get(ticker, []), day)
        if not shares or at < 0 or close is None or day - close[0] > FRESH or self.currencies.get(ticker) != "USD":
            return None
        worth, cap = btc * self._bitcoin[at][1], close[1] * max(value for _, value in shares)
        if worth <= FLOAT * cap:
            return None
        return f"{btc:,.10g} BTC are worth {worth / cap:,.1f} times the market cap of {cap:,.0f} USD: the float of a shell?"

    def why_not_price(self, ticker: str, day: date, close: float, currency: str) -> str | None:
        """Why a share cannot have closed there: another currency than its exchange's, or a hundredfold of the day before."""
        own = self.currencies.get(ticker)
        if own is not None and own != currency:
            return f"quoted in {currency}, but {ticker} trades in {own}"
        mic = self._exchanges.get(ticker)
        if self._sessions is not None and not self._sessions.trades_on(mic, day):
            return f"{NO_SESSION.format(mic=mic, day=day)}: no close can be of that day"
        before = self._last(self._closes.get(ticker, []), day - timedelta(days=1))
        if before is None or day - before[0] > LONG_ENOUGH:
            return None
        ratio = close / before[1]
        for since, split in self._steps(ticker):
            ratio *= split if before[0] < since <= day else 1
        if 1 / HUNDREDFOLD * 2 < ratio < HUNDREDFOLD / 2:
            return None
        return f"closes at {close:,.10g} after {before[1]:,.10g} on {before[0]}: hundredths taken for units?"

    def why_not_closes(self, ticker: str, told: Series, source: str) -> dict[date, str]:
        """Which of the closes of one answer (as quoted, oldest first, a day once) are in doubt, and why."""
        known = sorted(dict(self._closes.get(ticker, ())).items())
        return doubts(told, known, self._steps(ticker), self._doubted.get(ticker), source)

    def _steps(self, ticker: str) -> Series:
        """What moves closes and is no market: splits, and changes of the listed unit that vendors call so too."""
        units = self._unit_steps.get(ticker, [])
        splits = self._splits.get(ticker, [])
        return units + [
            one
            for one in splits
            if not any(one[0] == day and abs(one[1] / ratio - 1) < STATED_ROUNDING for day, ratio in units)
        ]

    def why_not_split(self, ticker: str, day: date, ratio: float) -> str | None:
        """Why this is no split of that day: no ratio of one, or one is known near by of another ratio."""
        if not is_split_ratio(ratio):
            return f"{ratio:.10g} is no ratio of a split: a spin-off, which leaves the shares as they are"
        near = [
            (known, had) for known, had in self._splits.get(ticker, ()) if abs((known - day).days) <= SAME_SPLIT_DAYS
        ]
        if not near or any(abs(had / ratio - 1) < STATED_ROUNDING for _, had in near):
            return None
        known, had = near[0]
        return f"a split by {ratio:.10g}, that of {known} is stored as {had:.10g}: which stands until it is withdrawn"

    def why_not_said_then(self, ticker: str, quantity: str, day: date, value: float, note: str | None) -> str | None:
        """Why a comparative is not what the company itself said of that day; None where it is, or nobody knows."""
        if note != COMPARATIVE:
            return None
        said = [had for when, had in self._primary.get((ticker, quantity, None), []) if when == day]
        if not said or any(isclose(value, had, rel_tol=SAID_THEN) for had in said):
            return None
        return f"a comparative of {day} that says {plain(value)}, where {plain(said[-1])} was said then"

    def why_not_sum(
        self, ticker: str, day: date, held: float, bought: float | None, mined: float | None = None
    ) -> str | None:
        """Why holdings do not follow from those stated before and what the same notice says was bought; None where they do.

        Asked only where the notice says that something was bought or sold and the company stated its holdings within the
        last half-year. A miner's coins come without an announcement: of one it is asked where a monthly notice tells
        what was mined and sold since the month before, with room for fees and coins on their way.
        """
        key = (ticker, "btc_holdings", None)
        before = [one for one in self._primary.get(key, []) if one[0] < day]
        if not before:
            return None
        since, had = before[-1]
        room = max(ONE_COIN, COINS_ROUNDED * held)
        if mined is not None or self._primary.get((ticker, "btc_mined", None)):
            if mined is None or bought is None or not A_MONTH[0] <= day - since <= A_MONTH[1]:
                return None
            room = max(room, ON_THEIR_WAY * (mined + abs(bought)))
        elif not bought or day - since > HALF_YEAR:
            return None
        got = (bought or 0.0) + (mined or 0.0)
        if any(
            abs(had + got - held) <= room or isclose(had, held)
            for had in {had for when, had in before if when == since}
        ):
            return None
        how = (
            f"{plain(bought or 0.0)} bought"
            if mined is None
            else f"{plain(mined)} mined and {plain(-(bought or 0.0))} sold"
        )
        sign = "and" if mined is None else "with"
        return (
            f"{plain(had)} held on {since} {sign} {how} make {plain(had + got)}, not {plain(held)}: "
            f"an announcement between {since} and {day} is missing"
        )

    def _before(self, key: Key, day: date) -> Series:
        """Everything said about the last day up to `day` that anybody spoke of."""
        return self._upto(self._values.get(key, []), day)

    def _upto(self, series: Series, day: date) -> Series:
        upto = series[: bisect_right(series, (day, float("inf")))]
        return [one for one in upto if one[0] == upto[-1][0]] if upto else []

    def _last(self, series: Series, day: date) -> tuple[date, float] | None:
        at = bisect_right(series, (day, float("inf"))) - 1
        return series[at] if at >= 0 else None

    def _grew_in_bounds(self, ticker: str, had: float, since: date, value: float, day: date) -> bool:
        expected = [had]
        for ex_date, ratio in self._splits.get(ticker, ()):
            if since - timedelta(days=4) <= ex_date <= day + timedelta(days=4):
                expected += [one * ratio for one in expected]
        return any(share_counts.grew_in_bounds(one, value, day - since) for one in expected)


def _printed_alike(value: float, had: float) -> bool:
    return isclose(value, had, rel_tol=1e-9, abs_tol=PRINTED)


def _hundredfold(value: float, had: float) -> bool:
    if max(value, had) < MOST_BTC_TO_JUMP or not value or not had:
        return False
    return not 1 / HUNDREDFOLD < value / had < HUNDREDFOLD
