"""data.strategytracker.com — bitcoin and share counts by day of eight companies, most of which file nothing with the SEC.

The feed behind treasury.strive.com and analytics.metaplanet.jp; no published terms. `latest.json` names the newest
version, and each company has a file of it: its ticker, a `_` for every dot. A file that is not there is answered with
403, which ends the round over this host: the companies seen longest stand first in reference/company_lists.csv.

`treasury_table`, oldest row first, gives the day, the bitcoin then held and the shares; what a later row of the same day
tells holds, and only what changes from day to day is a reading. `as_of` is the day as printed: Metaplanet's rows lie up
to a day off Tokyo's (2025-07-27 for what was announced on 2025-07-28), and two sources one day apart tell of one event.
Figures of 2024 are cut to four digits or whole coins (97 for 97.85); share counts up to June 2025 are in thousands, and
the oldest may be the first the tracker knew (LQWD's is one number from 2022 to 2025). Every count is on the share basis
of the day the file was made, whatever day it describes: the note says so, and scrapers/normalise.py keeps out those from
before a split. The diluted count is the tracker's own, gross of every instrument; where it equals the basic one nobody
has worked it out, so it is unknown.

What has no day in the file is as of the day it was fetched: cash and debt (in `targetCurrency`, at the tracker's rate,
whatever the company reports in; 0 where the tracker values a company without them, so 0 is unknown), and a latest count
that no row holds. `navPremiumBasic` is a ratio, not a premium. Never read: `historicalData` and `historicalDataOriginal`
(one exchange rate for all years), every cost (summed over cut figures, or converted at today's rate),
`sharesOutstanding` and `currentMarketCap` (a vendor's float). NaN in this feed means unknown, as null does.

2025-07-28  one company's object without an envelope, as white-label sites send it; no cash, no debt
2026-05-25  `latest.json`; the object of a company stands under `companies` by its ticker
2026-09-09  cash and debt, 3350_T for 3350.T, rows without a purchase; of these files only excerpts were seen
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from scrapers.formats.strict_json import Json, load
from scrapers.formats.text import date_from
from treasury.intake.bundled import company_list
from treasury.model import Document, ParseError, Reading

HOSTS = ("data.strategytracker.com",)
URLS = ("https://data.strategytracker.com/latest.json",)
FILE = "https://data.strategytracker.com/{}.v{}.json"
KIND = "json"
SOURCE_KIND = "tracker"
DATED = True
FRESH = timedelta(hours=12)
AT_LEAST = 0  # latest.json holds no readings; check_whole counts rows
ROWS_AT_LEAST = 3  # of any company; Metaplanet had 43 on 2025-07-28, 146 in July 2026
STALE = timedelta(days=7)  # a new version came every quarter of an hour
COMPANIES = company_list("strategytracker")
ROUNDING = 0.001
BASIC, DILUTED = "shares_basic", "shares_assumed_diluted"
BY_DAY = {"BTC Balance": "btc_holdings", "Total Outstanding Shares": BASIC, "Diluted Shares Outstanding": DILUTED}
NEWEST = {"latestTotalShares": BASIC, "latestDilutedShares": DILUTED}
AMOUNTS = {"latestCashBalance": "cash", "latestDebt": "debt_total"}

_VERSION = re.compile(r"\d{8}T\d{6}Z")
_FILE_NAME = re.compile(r"/([^/]+)\.v\d{8}T\d{6}Z\.json")
_DAY_UNKNOWN = "the day is not printed: as fetched"
_OWN_COUNT = "the tracker's own count"


def parse(document: Document) -> Iterator[Reading]:
    """What a company's file states; nothing of latest.json, though one that cannot be read is an error here too."""
    answer = _answer(document)
    if _is_index(answer):
        _version(answer)
        return
    fetched_on = document.fetched_at.astimezone(UTC).date()
    for company, metrics in _companies(answer):
        yield from _by_day(company, metrics, fetched_on)
        yield from _undated(company, metrics, fetched_on)


def next_urls(document: Document) -> list[str]:
    """The files of the companies wanted, in the version that latest.json names."""
    answer = _answer(document)
    if not _is_index(answer):
        return []
    return [FILE.format(_file_name(company), _version(answer)) for company in COMPANIES]


def check_whole(document: Document) -> None:
    """Raise ParseError for an abandoned feed, another company's file, and a table that ends before its own latest state."""
    answer = _answer(document)
    if _is_index(answer):
        _check_age(document, answer)
        return
    companies = _companies(answer)
    wanted = _FILE_NAME.fullmatch(urlsplit(document.url).path)
    if wanted and wanted[1] not in [_file_name(company) for company, _ in companies]:
        found = ", ".join(company for company, _ in companies) or "no company"
        raise ParseError(f"{document.source}: found {found}, expected the company of {document.url}")
    for _, metrics in companies:
        _check_table(metrics)


def _answer(document: Document) -> Json:
    return load(document, nan_is_null=True)


def _is_index(answer: Json) -> bool:
    return answer.get("files") is not None


def _version(answer: Json) -> str:
    version = answer["version"]
    if not _VERSION.fullmatch(version.text()):
        raise version.wrong("a version like 20260525T121934Z")
    return version.text()


def _check_age(document: Document, answer: Json) -> None:
    try:
        made_at = datetime.strptime(_version(answer), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise answer["version"].wrong("a moment like 20260525T121934Z") from None
    if document.fetched_at - made_at > STALE:
        raise answer["version"].wrong(
            f"a version of the {STALE.days} days before {document.fetched_at:%Y-%m-%d}: is the feed still kept?"
        )


def _companies(answer: Json) -> list[tuple[str, Json]]:
    """Each company's ticker and figures, with the envelope of 2026 or without."""
    envelope = answer.get("companies")
    if envelope is None:
        metrics = answer["processedMetrics"]
        return [(metrics["ticker"].text(), metrics)]
    return [(ticker, company["processedMetrics"]) for ticker, company in envelope.items()]


def _file_name(company: str) -> str:
    return company.replace(".", "_")


# -- what stands by day --------------------------------------------------------------------------------------------


def _by_day(company: str, metrics: Json, fetched_on: date) -> Iterator[Reading]:
    """A reading for each figure that differs from the one before."""
    where = ("the date may be a day off Tokyo's",) if company.endswith(".T") else ()
    basis = (*where, f"on the share basis of {fetched_on}")
    notes = {"btc_holdings": where, BASIC: basis, DILUTED: (*basis, _OWN_COUNT)}
    last: dict[str, float] = {}
    for day, told in _rows(metrics).items():
        for quantity, value in told.items():
            if value != last.get(quantity):
                unit = "BTC" if quantity == "btc_holdings" else "shares"
                yield Reading(company, quantity, value, unit, day, note=_note(metrics, *notes[quantity]))
        last |= told


def _rows(metrics: Json) -> dict[date, dict[str, float]]:
    """What is told of each day, by quantity."""
    rows: dict[date, dict[str, float]] = {}
    latest = date.min
    for row in metrics["treasury_table"].rows():
        day = _day(row["Date"])
        if day < latest:
            raise row["Date"].wrong(f"a day from {latest} on: oldest first")
        latest = day
        rows[day] = rows.get(day, {}) | _told({quantity: row[column] for column, quantity in BY_DAY.items()})
    return rows


def _last(rows: dict[date, dict[str, float]]) -> dict[str, float]:
    last: dict[str, float] = {}
    for told in rows.values():
        last |= told
    return last


def _check_table(metrics: Json) -> None:
    rows, table = _rows(metrics), metrics["treasury_table"]
    if len(rows) < ROWS_AT_LEAST:
        raise table.wrong(f"at least {ROWS_AT_LEAST} days")
    day, balance = _day(metrics["latestTreasuryDate"]), metrics["latestBtcBalance"].number()
    held = _last(rows).get("btc_holdings")
    if held != balance or max(rows) != day:
        raise ParseError(
            f"{table.source}: {table.path}: found {held} BTC and {max(rows)} at its end, "
            f"expected {balance} of latestBtcBalance and {day} of latestTreasuryDate"
        )


# -- what has no day -----------------------------------------------------------------------------------------------


def _undated(company: str, metrics: Json, fetched_on: date) -> Iterator[Reading]:
    """Counts that no row holds, cash and debt, as of the day fetched; the ratio as of its price."""
    last = _last(_rows(metrics))
    for quantity, value in _told({quantity: metrics.get(member) for member, quantity in NEWEST.items()}).items():
        if value != last.get(quantity):
            note = _note(metrics, _DAY_UNKNOWN, *([_OWN_COUNT] if quantity == DILUTED else []))
            yield Reading(company, quantity, value, "shares", fetched_on, note=note)
    for member, quantity in AMOUNTS.items():
        if amount := _known(metrics.get(member)):
            currency, origin = _currency(metrics)
            yield Reading(company, quantity, amount, currency, fetched_on, note=_note(metrics, _DAY_UNKNOWN, origin))
    if (premium := _known(metrics.get("navPremiumBasic"))) is not None:
        note = _note(metrics, _definition(metrics, premium))
        yield Reading(company, "mnav_published", premium, "ratio", _day(metrics["stockPriceDate"]), note=note)


def _currency(metrics: Json) -> tuple[str, str]:
    """The currency of amounts, and where it comes from."""
    info = metrics["currencyInfo"]
    target, original = info["targetCurrency"].text(), info["originalCurrency"].text()
    if info["conversionApplied"].value is True:
        return target, f"converted by the tracker from {original} at {info['fxRate'].number():.10g}"
    if target != original:
        raise info["conversionApplied"].wrong(f"true, since {original} is told in {target}")
    return target, "not converted"


def _definition(metrics: Json, premium: float) -> str:
    cap, worth = _known(metrics.get("marketCapBasic")), _known(metrics.get("holdingsValue"))
    if cap is None or worth is None:
        return "on basic shares; the definition cannot be checked"
    if abs(cap - premium * worth) <= ROUNDING * abs(cap):
        return "market cap of the basic shares over the bitcoin"
    return "on basic shares, but not their market cap over the bitcoin"


# -- cells ---------------------------------------------------------------------------------------------------------


def _day(cell: Json) -> date:
    try:
        return date_from(cell.text(), ["%Y-%m-%d"])
    except ParseError:
        raise cell.wrong("a day like 2025-07-27") from None


def _known(cell: Json | None) -> float | None:
    return None if cell is None or cell.value is None else cell.number()


def _told(cells: dict[str, Json | None]) -> dict[str, float]:
    """What cells tell by quantity; a diluted count equal to the basic one was never worked out."""
    told = {quantity: value for quantity, cell in cells.items() if (value := _known(cell)) is not None}
    if told.get(DILUTED) == told.get(BASIC):
        told.pop(DILUTED, None)
    return told


def _note(metrics: Json, *remarks: str) -> str:
    """The company's name first, which makes a ticker without an exchange certain."""
    return "; ".join((metrics["companyName"].text(), *remarks))
