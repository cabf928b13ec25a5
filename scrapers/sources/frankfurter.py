"""api.frankfurter.dev/v1 — the ECB's euro reference rates once more, every currency asked for, since 1999-01-04.

One request for all days, {"amount": 1.0, "base": "EUR", "start_date", "end_date", "rates": {"2024-01-02": {"USD":
1.0956, …}, …}}. Asked for the euro as base, so that the rates are the ECB's own to the last digit (any other base is
crossed and rounded by Frankfurter; /v2 blends other banks' rates), and crossed exactly as scrapers/sources/ecb.py does.
The range may begin on the business day before the one asked for. TARGET days only; nothing is filled in for the days
between. A currency the ECB has no rate of (TWD) is left out without a word; a rate that cannot be read costs itself. Nothing in the range is status 404,
{"message": "not found"}. An answer is kept for a day by the servers between: today's rates may come tomorrow.

2024-11-20  a range that begins on a weekend brings the Friday before
2025-12-11  until about here rates were rounded (INR 104.6 for 104.6008)
2026-04-14  the answers of /v1 are the ECB's, those of /v2 are not
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from scrapers.formats.strict_json import Json, load
from scrapers.prices import euro_rates
from scrapers.prices.bars import Odd, check_few, reason
from scrapers.prices.euro_rates import Day
from treasury.model import Document, ParseError, Reading

HOSTS = ("api.frankfurter.dev",)
RANGE = "https://api.frankfurter.dev/v1/{}..{}?base=EUR&symbols={}"
KIND = "json"
SOURCE_KIND = "market"
DIALECT = "ours"
FALLBACK_FOR = ("ecb",)
FRESH = timedelta(hours=6)
AT_LEAST = 1
SHARE_EXPECTED = 0.6  # of the weekdays; holidays take a tenth at most, and weekly rates would be a fifth


def urls(currencies: Collection[str], rates_since: date, today: date) -> list[str]:
    """One request for all days: some 50 bytes a day for two currencies."""
    symbols = sorted({*currencies, "USD"} - {"EUR"})
    return [RANGE.format(rates_since, today, ",".join(symbols))]


def parse(
    document: Document, currencies: Collection[str] | None = None, rates_since: date = date.min
) -> Iterator[Reading]:
    """Only the `currencies` asked for, or all, and only from a day on."""
    days, _ = _days(document)
    yield from euro_rates.crossed(document.source, days, currencies, rates_since)


def remarks(document: Document) -> list[str]:
    """Days and rates that cannot be read, where the others stand."""
    return euro_rates.unread(*_days(document))


def check_whole(document: Document) -> None:
    """Raise ParseError where days of the range are missing, at either end or in between."""
    answer, (read, odd) = load(document), _days(document)
    days = sorted({*(day for day, _ in read), *(one.at for one in odd if one.at is not None)})
    for name, day in (("start_date", days[0]), ("end_date", days[-1])):
        if answer[name].day() != day:
            raise answer[name].wrong(f"{day}, as in the rates")
    first, last = _asked(document) or (days[0], days[-1])
    last = min(last, document.fetched_at.date())
    euro_rates.check_gaps(document.source, [first, *days, last])
    weekdays = sum((first + timedelta(n)).weekday() < 5 for n in range((last - first).days + 1))
    if len(days) < SHARE_EXPECTED * weekdays:
        raise ParseError(
            f"{document.source}: found {len(days)} days, expected about {weekdays} from {first} to {last}; {document.url}"
        )


@lru_cache(maxsize=1)  # a document is judged whole, read and remarked on one after the other
def _days(document: Document) -> tuple[list[Day], list[Odd[date]]]:
    """The rates of each day as printed, of one euro; and what of them cannot be used."""
    answer = load(document)
    if answer["amount"].number() != 1:
        raise answer["amount"].wrong("rates of one euro")
    if answer["base"].text() != "EUR":
        raise answer["base"].wrong("EUR")
    days: list[Day] = []
    odd: list[Odd[date]] = []
    unread: list[Odd[date]] = []
    for text, rates in answer["rates"].items():
        day: date | None = None
        try:
            day = Json(document.source, f"$.rates.{text}", text).day()
            known = dict(_rates(rates, day, unread))
        except ParseError as error:
            odd.append(Odd(day, None, reason(error)))
        else:
            days.append((day, known))
    check_few(document.source, odd, len(answer["rates"].value))
    check_few(document.source, unread, sum(len(rates) for _, rates in days) + len(unread))
    if not days:
        raise answer["rates"].wrong("at least one day")
    return days, odd + unread


def _rates(rates: Json, day: date, unread: list[Odd[date]]) -> Iterator[tuple[str, float]]:
    """Those that can be read; why the others cannot is added to `unread`."""
    for name, rate in rates.items():
        try:
            yield name, _rate(rate)
        except ParseError as error:
            unread.append(Odd(day, None, reason(error)))


def _rate(cell: Json) -> float:
    if cell.number() <= 0:
        raise cell.wrong("a rate above zero")
    return cell.number()


def _asked(document: Document) -> tuple[date, date] | None:
    """First and last day of the range in the URL, where it has one."""
    told = urlsplit(document.url).path.rpartition("/")[2]
    if ".." not in told:
        return None
    try:
        first, last = (date.fromisoformat(day) for day in told.split(".."))
    except ValueError:
        raise ParseError(f"{document.source}: found {told[:40]} in the URL, expected 2024-01-01..2024-12-31") from None
    return first, last
