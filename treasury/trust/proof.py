"""Whether a source still tells the truth: its newest numbers beside what others say of the same, and a verdict. A check is one function here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from treasury.amounts import plain
from treasury.known.precedence import TIE

PROVEN, UNPROVEN, CHANGED, DEAD, NOT_ASKED = "proven", "unproven", "changed", "dead", "not asked"
VERDICTS = {
    PROVEN: "what it says was read, and agrees with others",
    UNPROVEN: "what it says was read, and nobody else at hand says the same",
    CHANGED: "what it sends is no longer what we know, or contradicts others",
    DEAD: "nothing came",
    NOT_ASKED: "the last runs did not ask it",
}
WORRYING = (CHANGED, DEAD)

BITCOIN_APART = 0.005  # between exchanges at one moment
CLOSES_APART = 0.005  # between copies of one close: rounding
RATES_APART = 1e-6  # between copies of the ECB's rates: how they are turned into dollars
TRACKER_APART = 0.02  # of holdings: what a company bought since
COUNT_APART = 0.25  # of share counts half a year apart
SUPPLY_APART = 0.01  # of all coins: rewards nobody claimed
NEAR_DAYS = timedelta(days=200)  # a half-year and its report
BETWEEN_WEEKLIES = timedelta(days=8)  # from one weekly filing to the next
LATEST = {  # how old the newest day may be when a source is asked: a running day, a weekend, a holiday beside it
    **dict.fromkeys(("coinbase", "kraken", "bitstamp", "deribit", "binance_futures"), timedelta(days=1)),
    **dict.fromkeys(("fear_greed", "bitview"), timedelta(days=2)),
    **dict.fromkeys(("ecb", "frankfurter", "yahoo_chart", "nasdaq", "nasdaq_screener"), timedelta(days=5)),
}
OF_A_DAY = (  # what documents state of a day, none of a period
    "btc_holdings", "btc_cost_basis", "shares_basic", "shares_class_a", "shares_class_b", "shares_assumed_diluted", "cash", "usd_reserve",
    "debt_total", "debt_carrying", "preferred_total", "principal", "liquidation_preference",
)  # fmt: skip
OPEN_INTEREST = {  # in its own unit; by the venues' own statistics pages, 2023 to 2026, with room on both sides
    "futures_open_interest_deribit": (2e8, 2e10),
    "options_open_interest_deribit": (5e4, 2e6),
    "futures_open_interest_binance": (1e9, 5e10),
}
HALVINGS = (  # the day of the block from which a block brings half as much: blocks 0, 210,000, 420,000, 630,000 and 840,000
    date(2009, 1, 3), date(2012, 11, 28), date(2016, 7, 9), date(2020, 5, 11), date(2024, 4, 20),
)  # fmt: skip
BLOCKS_AN_ERA, BLOCKS_A_DAY, FIRST_REWARD = 210_000, 144, 50.0


@dataclass(frozen=True, slots=True)
class Told:
    """One number somebody tells: of whom (ticker, BTC, a currency, a series), what, of which day; `at` is a price's fixing or an instrument.

    `source` is under which id it is or would be stored; `by_hand` says that people brought it, `primary` that a filing or the issuer says it.
    """

    source: str
    about: str
    quantity: str
    day: date
    value: float
    unit: str = ""
    at: str = ""
    by_hand: bool = False
    primary: bool = False

    @property
    def what(self) -> tuple[str, str, str, date, str]:
        return self.about, self.quantity, self.at, self.day, self.unit

    def __str__(self) -> str:
        return (
            f"{self.about} {self.quantity} of {self.day}{f' {self.at}' if self.at not in ('', 'close', 'ecb') else ''}"
        )


@dataclass(slots=True)
class Asking:
    """How one source fared: what its last run said of it, and what its newest documents, read again, say now."""

    source: str
    outcome: str = ""  # done, partly, failed, skipped; "" where no run is known
    message: str = ""
    fetched: int = 0
    documents: int = 0  # read now
    unread: list[str] = field(default_factory=list)  # why others could not be
    newest: datetime | None = None
    leads_to: tuple[str, ...] = ()
    numbers: list[Told] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one check found of a source and what it expected. One that does not `prove` only can speak against it."""

    source: str
    check: str
    found: str
    expected: str
    holds: bool
    proves: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """One source, and what was compared."""

    source: str
    verdict: str
    about: str
    newest: datetime | None = None  # when its newest document came, or was last confirmed
    comparisons: tuple[Comparison, ...] = ()


class Numbers:
    """Everything that can be compared: each source's own numbers, and those that stand here from others."""

    def __init__(self, asked: Iterable[Asking], stored: Iterable[Told]) -> None:
        self.asked = {one.source: one for one in asked}
        self._same: dict[tuple[str, str, str, date, str], list[Told]] = defaultdict(list)
        self._stored: dict[tuple[str, str], list[Told]] = defaultdict(list)
        for number in stored:
            self._same[number.what].append(number)
            self._stored[number.about, number.quantity].append(number)

    def of(self, source: str, *quantities: str) -> list[Told]:
        found = self.asked[source].numbers if source in self.asked else []
        return [one for one in found if one.quantity in quantities] if quantities else list(found)

    def newest(self, source: str, *quantities: str) -> list[Told]:
        """The latest number of each company."""
        newest: dict[str, Told] = {}
        for number in self.of(source, *quantities):
            if number.about not in newest or newest[number.about].day <= number.day:
                newest[number.about] = number
        return list(newest.values())

    def same(self, ours: Told, source: str) -> Told | None:
        """What somebody else stored of the very same; what the source itself stored speaks for nobody."""
        others = [one for one in self._same[ours.what] if _is_other(one, ours, source)]
        return min(others, key=lambda one: not one.primary, default=None)

    def stored(self, about: str, *quantities: str) -> list[Told]:
        return [one for quantity in quantities for one in self._stored[about, quantity]]

    def near(self, ours: Told, source: str, *quantities: str) -> list[Told]:
        """What others stored of about that time, the nearest day first."""
        found = [
            one
            for one in self.stored(ours.about, *quantities)
            if abs(one.day - ours.day) <= NEAR_DAYS and _is_other(one, ours, source)
        ]
        return sorted(found, key=lambda one: abs(one.day - ours.day))


def verdicts(numbers: Numbers) -> list[Verdict]:
    """Every source with its verdict, as they were given."""
    found: dict[str, list[Comparison]] = defaultdict(list)
    for check in LIVE_CHECKS:
        for comparison in check(numbers):
            found[comparison.source].append(comparison)
    return [_verdict(asking, tuple(found[asking.source])) for asking in numbers.asked.values()]


def _verdict(asking: Asking, comparisons: tuple[Comparison, ...]) -> Verdict:
    against = [one for one in comparisons if not one.holds]
    if asking.outcome == "skipped" or not (asking.outcome or asking.documents or asking.unread):
        return Verdict(asking.source, NOT_ASKED, asking.message, asking.newest)
    if not asking.documents and not asking.unread and asking.outcome == "done":
        return Verdict(asking.source, NOT_ASKED, "there was nothing to ask it for", asking.newest)
    if asking.outcome == "failed" and not asking.fetched and not asking.unread:
        return Verdict(asking.source, DEAD, asking.message or "no document", asking.newest, comparisons)
    if against or asking.unread or asking.outcome in ("failed", "partly"):
        told = "; ".join([asking.message] if asking.message else asking.unread[:1])
        return Verdict(asking.source, CHANGED, told, asking.newest, comparisons)
    proven = any(one.proves for one in comparisons)
    return Verdict(asking.source, PROVEN if proven else UNPROVEN, "", asking.newest, comparisons)


# -- the checks ----------------------------------------------------------------------------------------------------


def newest_days(numbers: Numbers) -> Iterator[Comparison]:
    """The newest day of most it tells of is yesterday's or today's, or that of the last weekday: a page that stands still proves nothing."""
    for source, latest in LATEST.items():
        asking, newest = numbers.asked.get(source), numbers.newest(source)
        if asking is None or asking.newest is None or not newest:
            continue
        asked_on, last = asking.newest.date(), max(one.day for one in newest)
        there = sum(one.day >= asked_on - latest for one in newest)
        found = f"{last}" if len(newest) == 1 else f"{there} of {len(newest)}; the last is {last}"
        expected = f"{asked_on - latest} or later, asked on {asked_on}"
        yield Comparison(source, "newest day", found, expected, 2 * there >= len(newest), proves=False)


def bitcoin_prices(numbers: Numbers) -> Iterator[Comparison]:
    """Exchanges agree on bitcoin at one moment."""
    exchanges = ("coinbase", "kraken", "bitstamp")
    return _the_same(numbers, "bitcoin at one moment", exchanges, ("close",), BITCOIN_APART, 0.95)


def exchange_rates(numbers: Numbers) -> Iterator[Comparison]:
    """The ECB's rates are the same wherever they are read, to the last digit that is printed."""
    return _the_same(numbers, "the ECB's rates", ("ecb", "frankfurter"), ("usd_per_unit",), RATES_APART, 1)


def closes(numbers: Numbers) -> Iterator[Comparison]:
    """A close is the same wherever it is read."""
    sources = ("yahoo_chart", "nasdaq", "nasdaq_screener")
    return _the_same(numbers, "closes of one day", sources, ("close",), CLOSES_APART, 0.9)


def splits(numbers: Numbers) -> Iterator[Comparison]:
    """Splits it tells stand in the split table, and those of the table within the days it tells of are told."""
    spans: dict[str, tuple[date, date]] = {}
    told = {(one.about, one.day): one for one in numbers.of("yahoo_chart", "split")}
    for close in numbers.of("yahoo_chart", "close"):
        first, last = spans.get(close.about, (close.day, close.day))
        spans[close.about] = min(first, close.day), max(last, close.day)
    pairs = _pairs((one, numbers.same(one, "yahoo_chart")) for one in told.values())
    yield from _compared("yahoo_chart", "splits of the split table", pairs, TIE, 1)
    known = [one for ticker in spans for one in numbers.stored(ticker, "split") if one.source != "yahoo_chart"]
    within = [one for one in known if spans[one.about][0] < one.day <= spans[one.about][1]]
    missed = [one for one in within if (one.about, one.day) not in told]
    if within:
        found = f"{len(within) - len(missed)} of {len(within)}" + (f", not {missed[0]}" if missed else "")
        yield Comparison("yahoo_chart", "known splits", found, "all that fall into its days", not missed)


def filed_numbers(numbers: Numbers) -> Iterator[Comparison]:
    """What filings and the issuer say of a day is what others read of that day."""
    sources = ("strategy_8k", "sec_filing", "sec_companyfacts", "announcement", "issuer_notice", "strategy_dashboard")
    return _the_same(numbers, "the same day told by others", sources, OF_A_DAY, TIE, 0.8)


def newest_filing(numbers: Numbers) -> Iterator[Comparison]:
    """The newest 8-K holds as many coins as the issuer's dashboard shows in that week."""
    shown = {one.about: one for one in numbers.newest("strategy_dashboard", "btc_holdings")}
    for filed in numbers.newest("strategy_8k", "btc_holdings"):
        other = shown.get(filed.about)
        if other is not None and timedelta(0) <= other.day - filed.day < BETWEEN_WEEKLIES:
            for source, said, against in (("strategy_8k", filed, other), ("strategy_dashboard", other, filed)):
                check, expected = "newest 8-K and dashboard", f"{plain(against.value)} BTC ({against.source})"
                yield Comparison(source, check, f"{plain(said.value)} BTC", expected, said.value == against.value)


def trackers(numbers: Numbers) -> Iterator[Comparison]:
    """Most of a tracker's holdings were filed by then, or within days: some are late, some a day off, some wrong, not all at once."""
    for source in ("coingecko_treasuries", "bitbo", "bitcointreasuries", "strategytracker", "defillama_dat"):
        pairs = []
        for ours in numbers.newest(source, "btc_holdings"):
            near = [
                one
                for one in numbers.near(ours, source, "btc_holdings")
                if one.primary and one.day < ours.day + BETWEEN_WEEKLIES
            ]
            if near:
                pairs.append((ours, min(near, key=lambda one: _apart(ours.value, one.value))))
        yield from _compared(source, "holdings filed of late", pairs, TRACKER_APART, 0.5)


def share_counts(numbers: Numbers) -> Iterator[Comparison]:
    """Most share counts are near those of another source within half a year, where no split lies between."""
    counts = ("shares_basic", "shares_listed_units")
    for source in ("yahoo_fundamentals", "nasdaq_screener", "strategytracker"):
        pairs = [
            (ours, other)
            for ours in numbers.newest(source, *counts)
            for other in numbers.near(ours, source, *counts)[:1]
            if not any(min(ours.day, other.day) < one.day <= max(ours.day, other.day) for one in numbers.stored(ours.about, "split"))
        ]  # fmt: skip
        yield from _compared(source, "share counts within half a year", pairs, COUNT_APART, 0.6)


def mined(day: date) -> float:
    """Bitcoin mined by a day: exact where the reward was halved, and less than 0.1 % off between."""
    coins = 0.0
    for era, begins in enumerate(HALVINGS):
        if day < begins:
            break
        lasted = (day - begins).days
        if era + 1 < len(HALVINGS):
            blocks = BLOCKS_AN_ERA * min(lasted / (HALVINGS[era + 1] - begins).days, 1)
        else:
            blocks = min(lasted * BLOCKS_A_DAY, BLOCKS_AN_ERA)
        coins += blocks * FIRST_REWARD / 2**era
    return coins


def supply(numbers: Numbers) -> Iterator[Comparison]:
    """Long- and short-term holders have all the coins there are."""
    days: dict[date, dict[str, float]] = defaultdict(dict)
    for number in numbers.of("bitview", "lth_supply", "sth_supply"):
        days[number.day][number.quantity] = number.value
    both = [day for day, held in days.items() if len(held) == 2]
    if both:
        day = max(both)
        held, expected = sum(days[day].values()), mined(day)
        holds = abs(held - expected) <= SUPPLY_APART * expected
        told = f"{expected:,.0f} BTC mined by then, within {SUPPLY_APART * 100:.4g} %"
        yield Comparison("bitview", "all coins", f"{held:,.0f} BTC on {day}", told, holds)


def series(numbers: Numbers) -> Iterator[Comparison]:
    """A day of an index is the same wherever it is read."""
    return _the_same(numbers, "the index of one day", ("fear_greed",), (), 0, 0.95)


def open_interest(numbers: Numbers) -> Iterator[Comparison]:
    """A venue's open interest has the size it has had for years."""
    for source in ("deribit", "binance_futures"):
        newest = {one.quantity: one for one in sorted(numbers.of(source), key=lambda one: one.day)}
        for quantity, number in newest.items():
            low, high = OPEN_INTEREST[quantity]
            found, expected = f"{number.value:,.0f} {number.unit}", f"{low:,.0f} to {high:,.0f} {number.unit}"
            yield Comparison(source, quantity, found, expected, low <= number.value <= high)


def lists(numbers: Numbers) -> Iterator[Comparison]:
    """Where an index leads there are documents that can be read."""
    for asking in numbers.asked.values():
        led = [numbers.asked[one] for one in asking.leads_to if one in numbers.asked]
        if asking.documents and led:
            found = ", ".join(f"{one.documents} of {one.source}" for one in led)
            reached = any(one.documents for one in led)
            yield Comparison(asking.source, "where it leads", found, "documents of one of them", reached)


LIVE_CHECKS: tuple[Callable[[Numbers], Iterator[Comparison]], ...] = (
    newest_days, bitcoin_prices, exchange_rates, closes, splits, filed_numbers, newest_filing, trackers, share_counts, supply, series,
    open_interest, lists,
)  # fmt: skip


# -- comparing -----------------------------------------------------------------------------------------------------


def _is_other(stored: Told, ours: Told, source: str) -> bool:
    """Whether a stored number has another origin than what the source says: somebody's reading, or another publisher's."""
    itself = stored.source in (ours.source, source) or stored.source.startswith(f"{source}-")
    return stored.by_hand or not itself


def _pairs(found: Iterable[tuple[Told, Told | None]]) -> list[tuple[Told, Told]]:
    return [(ours, other) for ours, other in found if other is not None]


def _apart(ours: float, other: float) -> float:
    largest = max(abs(ours), abs(other))
    return abs(ours - other) / largest if largest else 0.0


def _the_same(
    numbers: Numbers, check: str, sources: Sequence[str], quantities: Sequence[str], tolerance: float, least: float
) -> Iterator[Comparison]:
    """Numbers of each source beside the very same as another of them tells it, else as others stored it."""
    for source in sources:
        theirs = {one.what: one for other in sources if other != source for one in numbers.of(other, *quantities)}
        pairs = _pairs(
            (one, theirs.get(one.what) or numbers.same(one, source)) for one in numbers.of(source, *quantities)
        )
        yield from _compared(source, check, pairs, tolerance, least)


def _compared(
    source: str, check: str, pairs: Sequence[tuple[Told, Told]], tolerance: float, least: float
) -> Iterator[Comparison]:
    """How many numbers agree with their counterparts, and which is farthest off; nothing where there is no counterpart."""
    if not pairs:
        return
    agree = sum(_apart(ours.value, other.value) <= tolerance for ours, other in pairs)
    found = f"{agree:,} of {len(pairs):,}"
    if agree < len(pairs):
        ours, other = max(pairs, key=lambda pair: _apart(pair[0].value, pair[1].value))
        found += f"; farthest {ours}: {plain(ours.value)} against {plain(other.value)} ({other.source})"
    within = f"within {tolerance * 100:.4g} %" if tolerance else "equal"
    expected = f"{'all' if least == 1 else f'{least * 100:.0f} % or more'} {within} of what others say"
    yield Comparison(source, check, found, expected, agree >= least * len(pairs))
