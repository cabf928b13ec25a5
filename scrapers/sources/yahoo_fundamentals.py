"""query1.finance.yahoo.com/ws/fundamentals-timeseries — one company's share counts, debt, cash and preferred stock by period.

Morningstar's figures of any listed company, without a key. Each point is dated by its period (moved to the month's end), in the
currency it states, and known when it was first seen: Yahoo does not say when a report came out. Quarters are asked first, years
where no quarter is told (half-yearly reporters). An entry without points says nothing, and is never a zero; a zero that is
told is one. Read are, with the definitions of Morningstar whose `dataId` the points carry:

- `shares_basic`: OrdinarySharesNumber, the count of the balance sheet's day, older than that of a cover; `shares_issued`: ShareIssued.
  Of a listing in ADS nobody has said which of the two is counted: in doubt.
- `debt_carrying`: CurrentDebt + LongTermDebt, without leases. One of them alone may be a part: it stands where NetDebt + cash or
  TotalDebt (which counts leases in some years and not in others) says that it is the whole, else in doubt. TotalDebt speaks where both are absent.
- `cash`: CashAndCashEquivalents. `minority_interest`: MinorityInterest.
- `preferred_carrying`: PreferredStockEquity + PreferredSecuritiesOutsideStockEquity, an amount of the balance sheet and not the
  liquidation preference; a told 0 of all of them, or of PreferredSharesNumber, is `preferred_total` 0.

A count 10 % apart from market cap ÷ close of the same day (in the share's own currency) is in doubt: classes, ADS, or a stale quarter.

2025-02-21  recorded answers: entries in no order, one per type asked, an entry without its array for what is not there; values are
            integers, fractions or in E notation; one answer mixes currencies (BABA: CNY, and USD per share)
2026-08     clients' code: null, {} and [{}] between the points; errors under `finance` instead of `timeseries`
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Set
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, quote, unquote, urlsplit

from scrapers.formats.strict_json import load
from treasury.model import DelistedError, Document, ParseError, Reading

HOSTS = ("query1.finance.yahoo.com",)
SERIES = "https://query1.finance.yahoo.com/ws/fundamentals-timeseries/v1/finance/timeseries/"
KIND = "json"
DIALECT = "ours"  # our tickers are Yahoo's symbols
DATED = True
FRESH = timedelta(days=7)
AT_LEAST = 0  # quarters nobody told lead to years; years nobody told are an answer of their own
TOO_OLD = timedelta(days=60)  # a balance sheet in force that old is worth asking for a newer one
SHARE_NAMES = {"OrdinarySharesNumber": "shares_basic", "ShareIssued": "shares_issued"}
MONEY_NAMES = {"CashAndCashEquivalents": "cash", "MinorityInterest": "minority_interest"}
DEBT, PREFERRED = ("CurrentDebt", "LongTermDebt"), ("PreferredStockEquity", "PreferredSecuritiesOutsideStockEquity")
WHOLE = ("TotalDebt", "CapitalLeaseObligations", "NetDebt")
NUMBERS = ("PreferredSharesNumber",)
MARKET_CAP = "MarketCap"
NAMES = (*SHARE_NAMES, *NUMBERS, *DEBT, *WHOLE, *PREFERRED, *MONEY_NAMES)
BEGINS = date(2020, 1, 1)
SAME = 0.005  # between two sums of one balance sheet
APART = 0.10  # between a count and market cap ÷ close
NEAR = timedelta(days=7)  # between the day of a market cap and that of a close
NO_LEASES_SAID = "with leases, as far as counted"


def urls(symbols: Mapping[str, date | None], balance_sheets: Mapping[str, date], today: date) -> list[str]:
    """The quarters of every company without a balance sheet of the last 60 days, those abroad first; its address is the same all year."""
    wanted = [one for one in symbols if one not in balance_sheets or today - balance_sheets[one] > TOO_OLD]
    return [
        _url(one, "quarterly", date(today.year + 1, 1, 1))
        for one in sorted(wanted, key=lambda one: ("." not in one, one))
    ]


def next_urls(document: Document) -> list[str]:
    """The years of a company that reports none of its quarters."""
    symbol, period, points = _points(document)
    if period != "quarterly" or any(name != MARKET_CAP for name, _ in points):
        return []
    until = parse_qs(urlsplit(document.url).query).get("period2", [""])[0]
    end = datetime.fromtimestamp(int(until), UTC).date() if until.isdecimal() else document.fetched_at.date()
    return [_url(symbol, "annual", end)]


def parse(
    document: Document,
    last_closes: Mapping[str, tuple[date, float]] | None = None,
    quoted_in: Mapping[str, str] | None = None,
    listed_units: Set[str] = frozenset(),
) -> Iterator[Reading]:
    """The points by quantity, oldest first. `listed_units` are companies whose listing is not one share."""
    symbol, period, points = _points(document)
    days = sorted({day for name, day in points if name != MARKET_CAP})
    if not days and period == "annual":
        raise DelistedError(
            f"{document.source}: {symbol}: found no figure of any year, expected a company that reports; {document.url}"
        )
    close, seen = (last_closes or {}).get(symbol), document.fetched_at.astimezone(UTC).replace(microsecond=0)
    for day in days:
        told = {name: point for (name, of), point in points.items() if of == day}
        doubt = _why_not_day(told, day, document.fetched_at.date())
        for reading in _of_day(symbol, day, told):
            odd = doubt
            if odd is None and reading.quantity in SHARE_NAMES.values():
                newest = day == days[-1] and reading.quantity == "shares_basic"
                capped = _cap(points, close, (quoted_in or {}).get(symbol)) if newest else None
                odd = _why_not_count(reading.value, symbol in listed_units, capped)
            yield Reading(
                symbol, reading.quantity, reading.value, reading.unit, day, note=reading.note, known_at=seen,
                doubt=odd or reading.doubt,
            )  # fmt: skip


def _of_day(symbol: str, day: date, told: Mapping[str, tuple[float, str]]) -> Iterator[Reading]:
    """What the points of one balance sheet say."""
    for name, quantity in SHARE_NAMES.items():
        if name in told:
            yield Reading(symbol, quantity, told[name][0], "shares", day, note=f"{name} at the period's end")
    for name, quantity in MONEY_NAMES.items():
        if name in told:
            yield Reading(symbol, quantity, *told[name], day, note=name)
    yield from _debt(symbol, day, told)
    preferred = [told[name] for name in PREFERRED if name in told]
    if preferred:
        total = sum(value for value, _ in preferred)
        note = " + ".join(name for name in PREFERRED if name in told)
        yield Reading(symbol, "preferred_carrying", total, preferred[0][1], day, note=note)
    none = told.get("PreferredSharesNumber", (1.0, ""))[0] == 0 or "PreferredStockEquity" in told
    if none and all(value == 0 for value, _ in preferred):
        currency = next((unit for name, (_, unit) in told.items() if name not in (*SHARE_NAMES, *NUMBERS)), None)
        if currency is not None:
            yield Reading(symbol, "preferred_total", 0.0, currency, day, note="told as none")


def _debt(symbol: str, day: date, told: Mapping[str, tuple[float, str]]) -> Iterator[Reading]:
    """Borrowings without leases, or the best that is told."""
    parts = [told[name] for name in DEBT if name in told]
    total, doubt = told.get("TotalDebt"), None
    if len(parts) == len(DEBT):
        value, note = sum(part for part, _ in parts), " + ".join(DEBT)
    elif parts:
        name = next(name for name in DEBT if name in told)
        value, note = parts[0][0], f"{name} alone"
        if not any(abs(value - whole) <= SAME * max(value, whole) for whole in _wholes(told)):
            doubt = f"{name} is told without the other half of debt, and no sum says that it is the whole"
    elif total is not None:
        value, note = total[0], f"TotalDebt, {NO_LEASES_SAID}"
    else:
        return
    yield Reading(symbol, "debt_carrying", value, (parts or [told["TotalDebt"]])[0][1], day, note=note, doubt=doubt)


def _wholes(told: Mapping[str, tuple[float, str]]) -> Iterator[float]:
    """What the whole of debt is by other sums of the same balance sheet."""
    if "TotalDebt" in told:
        yield told["TotalDebt"][0]
        yield told["TotalDebt"][0] - told.get("CapitalLeaseObligations", (0.0, ""))[0]
    if "NetDebt" in told and "CashAndCashEquivalents" in told:
        yield told["NetDebt"][0] + told["CashAndCashEquivalents"][0]


def _why_not_day(told: Mapping[str, tuple[float, str]], day: date, fetched: date) -> str | None:
    """What a balance sheet says against itself."""
    currencies = {unit for name, (_, unit) in told.items() if name not in (*SHARE_NAMES, *NUMBERS, MARKET_CAP)}
    if len(currencies) > 1:
        return f"the balance sheet of {day} is in {' and '.join(sorted(currencies))}"
    if day.day != monthrange(day.year, day.month)[1]:
        return f"dated {day}, which is no month's end"
    return f"dated {day}, after it was fetched" if day > fetched else None


def _why_not_count(count: float, in_units: bool, capped: float | None) -> str | None:
    if in_units:
        return "listed in units of several shares: whether units or shares are counted is not told"
    if capped is not None and abs(count / capped - 1) > APART:
        return f"counts {count:,.0f} shares, but market cap ÷ close counts {capped:,.0f}: classes, units, or a stale quarter"
    return None


def _cap(
    points: Mapping[tuple[str, date], tuple[float, str]], close: tuple[date, float] | None, currency: str | None
) -> float | None:
    """How many shares the newest market cap is worth at the close stored; None where days or currencies do not meet."""
    caps = sorted((day, value, unit) for (name, day), (value, unit) in points.items() if name == MARKET_CAP)
    if not caps or close is None:
        return None
    day, value, unit = caps[-1]
    return value / close[1] if abs(day - close[0]) <= NEAR and unit == currency and value > 0 else None


def _points(document: Document) -> tuple[str, str, dict[tuple[str, date], tuple[float, str]]]:
    """The symbol, the kind of period, and every point by name and day, with its value and currency."""
    answer = load(document)
    if (failure := answer.get("finance")) is not None:
        error = failure["error"]
        raise ParseError(
            f"{document.source}: found {error['code'].text()}: {error['description'].text()}; expected figures; {document.url}"
        )
    results = answer["timeseries"]["result"]
    if not results.value:
        raise results.wrong("an entry for every type asked for")
    asked = unquote(urlsplit(document.url).path.rpartition("/")[2]) if document.url else ""
    symbols, periods, points = set(), set(), {}
    for entry in results.rows():
        if not entry.value:
            continue
        meta = entry["meta"]
        symbols.add(meta["symbol"][0].text())
        kind = meta["type"][0].text()
        period = next((one for one in ("quarterly", "annual", "trailing", "monthly") if kind.startswith(one)), "")
        name = kind.removeprefix(period)
        if period in ("quarterly", "annual"):
            periods.add(period)
        if name not in (*NAMES, MARKET_CAP) or (values := entry.get(kind)) is None:
            continue
        for point in values.rows():
            if not point.value or not (reported := point.get("reportedValue")) or reported.get("raw") is None:
                continue
            points[name, point["asOfDate"].day()] = (reported["raw"].number(), point["currencyCode"].text())
    if len(symbols) != 1 or (asked and symbols != {asked}):
        raise results.wrong(f"figures of {asked or 'one company'}, not of {', '.join(sorted(symbols)) or 'nobody'}")
    if len(periods) > 1:
        raise results.wrong("quarters or years, not both")
    return symbols.pop(), next(iter(periods), ""), points


def _url(symbol: str, period: str, until: date) -> str:
    begin, end = (int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) for day in (BEGINS, until))
    types = ",".join((*(f"{period}{name}" for name in NAMES), f"trailing{MARKET_CAP}"))
    name = quote(symbol, safe="")
    return f"{SERIES}{name}?symbol={name}&type={types}&period1={begin}&period2={end}"
