"""The market around the companies on one day, as measures with value, unit, date and source; and the series beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from treasury.amounts import signed
from treasury.bitcoin.power_law import POWER_LAWS
from treasury.bitcoin.technicals import Closes, average, divergences, drawdown, realised_volatility, rsi, weekly
from treasury.bitcoin.wedge import falling_wedge
from treasury.model import ImplausibleError

WEDGE_DAYS = 180  # the stretch of daily closes in which a wedge is sought
FRESH_DAYS = 7  # an older reading of a series is not shown as today's


@dataclass(frozen=True, slots=True)
class ContextSeries:
    """A series, scraped or imported (kind context): its unit and the bounds outside which a value cannot be true.

    `change_days` is over how many days its change is quoted, 0 where nobody quotes one; `in_per_cent`: it is quoted in per cent too.
    `publisher` is whose it is wherever it was read; "" where several publish a series of that name.
    """

    unit: str
    low: float
    high: float
    meaning: str
    change_days: int = 0
    in_per_cent: bool = False
    publisher: str = ""

    @property
    def change_label(self) -> str:
        """How a change over that time is called: 30d, and 24h for one day."""
        return "24h" if self.change_days == 1 else f"{self.change_days}d"


# yields that spreads are taken to (`mnav preferred --treasury`); no part of what is told about bitcoin's market
TREASURY_YIELDS = {
    f"treasury_yield_{term}": ContextSeries("percent", -5, 50, f"yield of US Treasuries of {term}, constant maturity")
    for term in ("1m", "3m", "2y", "10y", "30y")
}
CONTEXT = TREASURY_YIELDS | {
    "fear_greed": ContextSeries("index", 0, 100, "the fear and greed index", publisher="Alternative.me"),
    "lth_supply": ContextSeries("BTC", 0, 21e6, "coins held by long-term holders", 30),
    "sth_supply": ContextSeries("BTC", 0, 21e6, "coins held by short-term holders", 30),
    "sth_to_exchanges_at_loss": ContextSeries("BTC", 0, 21e6, "coins sent to exchanges at a loss that day"),
    "futures_open_interest": ContextSeries(
        "USD", 0, 1e13, "open interest of bitcoin futures on all venues of its publisher", 1, True
    ),
    "futures_open_interest_binance": ContextSeries(
        "USDT", 0, 1e13, "open interest of BTCUSDT futures on Binance", 1, True, "Binance"
    ),
    "futures_open_interest_deribit": ContextSeries(
        "USD", 0, 1e13, "open interest of inverse futures on Deribit", 1, True, "Deribit"
    ),
    "options_open_interest_deribit": ContextSeries(
        "BTC", 0, 21e6, "open interest of inverse options on Deribit", 1, True, "Deribit"
    ),
    "liquidations_long": ContextSeries("USD", 0, 1e12, "long positions liquidated that day"),
    "liquidations_short": ContextSeries("USD", 0, 1e12, "short positions liquidated that day"),
    "btc_high": ContextSeries("USD", 0, 1e9, "bitcoin's highest price of the day"),
}


def check_context(series: str, value: float, unit: str) -> None:
    """Raises ImplausibleError for a value that cannot be true, or in another unit than the series has."""
    known = CONTEXT[series]
    if unit != known.unit:
        raise ImplausibleError(f"{series} is in {known.unit}, not {unit}")
    if not known.low <= value <= known.high:
        raise ImplausibleError(f"{series} of {value:.10g} {unit} lies outside {known.low:g} to {known.high:g}")


@dataclass(frozen=True, slots=True)
class Measure:
    """One number about the market: None where it cannot be said, with the reason in `note`."""

    name: str
    value: float | None
    unit: str
    on: date | None
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One reading of a context series. `publisher` is whose series it is ("": that of its source), `note` what its row says, `stored` its
    place in the order in which readings came in.
    """

    on: date
    value: float
    source: str
    publisher: str = ""
    note: str = ""
    stored: int = 0

    @property
    def whose(self) -> str:
        return self.publisher or self.source


def market_measures(closes: Closes, source: str, supports: Sequence[float] = ()) -> Iterator[Measure]:
    """What bitcoin's daily UTC closes up to a day say. `source` names the series; no close after the last one is used."""
    if not closes:
        return
    on, price = closes[-1]
    yield Measure("btc_close", price, "USD", on, source, "00:00 UTC following the date")
    fall = drawdown(closes)
    assert fall is not None
    yield Measure(
        "drawdown_pct", fall[0] * 100, "%", on, source, f"from the highest close, {fall[2]:,.0f} on {fall[1]}"
    )
    weeks = weekly(closes)
    for bars in (50, 100):
        mean = average(weeks, bars, 7)
        note = f"mean of {bars} Sunday closes" if mean is not None else f"needs {bars} Sunday closes"
        yield Measure(f"sma_{bars}w", mean, "USD", weeks[-1][0] if weeks else None, source, note)
    strength = rsi([close for _, close in weeks])
    yield Measure(
        "rsi_14w", strength[-1] if strength else None, "index", weeks[-1][0] if weeks else None, source,
        f"Wilder, seeded in {weeks[0][0]:%B %Y}" if weeks else "needs 15 Sunday closes",
    )  # fmt: skip
    yield _divergence(weeks, on, source)
    for days in (30, 90, 365):
        volatility = realised_volatility(closes, days)
        yield Measure(f"realised_volatility_{days}d_pct", None if volatility is None else volatility * 100, "%", on, source,
                      f"{days} daily log returns, a year of 365 days")  # fmt: skip
    yield from _wedge(closes, on, source)
    for law in POWER_LAWS:
        yield Measure(law.name, law.price(on), "USD", on, law.source, law.parameters)
    for support in supports:
        yield Measure(f"support_{support:.0f}", (price / support - 1) * 100, "%", on, "the user's level",
                      f"close above {support:,.0f}" if price >= support else f"close below {support:,.0f}")  # fmt: skip


def _divergence(weeks: Closes, on: date, source: str) -> Measure:
    found = [one for one in divergences(weeks) if (on - one.confirmed_on).days <= 182]
    if not found:
        return Measure("rsi_divergence", None, "index", None, source, "none confirmed in the last 26 weeks")
    last = found[-1]
    return Measure(
        "rsi_divergence", last.second_rsi - last.first_rsi, "index", last.confirmed_on, source,
        f"{last.kind}: {last.first} {last.first_price:,.0f} RSI {last.first_rsi:.1f}, {last.second} {last.second_price:,.0f} RSI {last.second_rsi:.1f}",
    )  # fmt: skip


def _wedge(closes: Closes, on: date, source: str) -> Iterator[Measure]:
    stretch = [one for one in closes if (on - one[0]).days <= WEDGE_DAYS]
    found = falling_wedge(stretch)
    if found is None:
        yield Measure("wedge_target", None, "USD", None, source, f"no falling wedge in the last {WEDGE_DAYS} days")
        return
    fell = f" on {found.broke_down_on}" if found.state == "failed" else ""
    lines = f"{found.state}{fell}; {found.highs} highs, {found.lows} lows since {found.upper.start}; apex {found.apex}"
    yield Measure("wedge_upper", found.upper.on(on), "USD", on, source, f"{found.upper.at_start:,.0f} {signed(found.upper.per_day, 1)} a day")  # fmt: skip
    yield Measure("wedge_lower", found.lower.on(on), "USD", on, source, f"{found.lower.at_start:,.0f} {signed(found.lower.per_day, 1)} a day")  # fmt: skip
    yield Measure(
        "wedge_target",
        None if found.state == "failed" else found.target,
        "USD",
        on if found.state == "failed" else found.broke_out_on or on,
        source,
        lines,
    )


def series_measures(series: Mapping[str, Sequence[Point]], on: date, btc_close: float | None) -> Iterator[Measure]:
    """What the stored series say on a day: the newest reading, and the changes people quote with it, publisher by publisher.

    A name alone is the series of the publisher whose readings came in last; another's bears its publisher beside the name.
    """
    fresh: dict[str, list[tuple[str, Sequence[Point]]]] = {}
    for name, known in CONTEXT.items():
        if name in TREASURY_YIELDS:
            continue
        told = _by_publisher([one for one in series.get(name, ()) if one.on <= on])
        new = [points for points in told if (on - points[-1].on).days <= FRESH_DAYS]
        if not new:
            newest = max((points[-1].on for points in told), default=None)
            why = "none known" if newest is None else f"last one is of {newest}"
            yield Measure(name, None, known.unit, None, "", why)
            continue
        fresh[name] = [(name if not at else f"{name} ({points[-1].whose})", points) for at, points in enumerate(new)]
        for label, points in fresh[name]:
            last = points[-1]
            yield Measure(label, last.value, known.unit, last.on, last.source, _told(known.meaning, last))
    for name, several in fresh.items():
        for label, points in several:
            yield from _changes(CONTEXT[name], label.replace(name, "{}", 1), name, points)
    for long_label, longs in fresh.get("lth_supply", ()):
        for _, shorts in fresh.get("sth_supply", ()):
            long, short = longs[-1], shorts[-1]
            if (long.on, long.whose) == (short.on, short.whose):
                yield Measure(long_label.replace("lth_supply", "lth_share_pct"), long.value / (long.value + short.value) * 100, "%", long.on,
                              long.source, "of long- and short-term holders' coins together")  # fmt: skip
    for label, highs in fresh.get("btc_high", ()) if btc_close is not None else ():
        top = max(highs, key=lambda one: one.value)
        yield Measure(label.replace("btc_high", "drawdown_intraday_pct"), ((btc_close or 0.0) / top.value - 1) * 100, "%", on, top.source,
                      _told(f"from the highest price since {highs[0].on}, {top.value:,.0f} on {top.on}", top))  # fmt: skip


def _by_publisher(points: Sequence[Point]) -> list[list[Point]]:
    """The readings of each publisher, oldest first; the publisher whose readings came in last is first."""
    found: dict[str, dict[date, Point]] = {}
    for one in points:
        found.setdefault(one.whose, {})[one.on] = one
    return sorted(
        ([days[day] for day in sorted(days)] for days in found.values()),
        key=lambda own: -max(one.stored for one in own),
    )


def _changes(known: ContextSeries, label: str, name: str, points: Sequence[Point]) -> Iterator[Measure]:
    """How much a series changed over the time that is quoted with it, in its unit and, where it is quoted so, in per cent."""
    if not known.change_days:
        return
    last = points[-1]
    day = last.on - timedelta(days=known.change_days)
    before = next((one for one in points if one.on == day), None)
    note = _told(f"since {day}", last) if before else f"no reading of the same source on {day}"
    change = None if before is None else last.value - before.value
    called = f"{name}_change_{known.change_label}"
    yield Measure(label.format(called), change, known.unit, last.on, last.source, note)
    if known.in_per_cent:
        part = change / before.value * 100 if before and before.value and change is not None else None
        yield Measure(label.format(f"{called}_pct"), part, "%", last.on, last.source, note)


def _told(text: str, one: Point) -> str:
    """What is said of a reading, with its publisher and what its own row notes."""
    return "; ".join(part for part in (text, ", ".join(part for part in (one.publisher, one.note) if part)) if part)
