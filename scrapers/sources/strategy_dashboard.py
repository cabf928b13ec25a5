"""api.strategy.com and www.strategy.com — three documents: Strategy's bitcoin, claims, shares and multiples as its dashboard shows them.

It shows the numbers of now; only the home page keeps some older days. Documents are told apart by what they are:
- bitcoinKpis, an object: `timestamp` (UTC without Z) and `results` with `btcHoldings` (a text with commas) and `mNav`,
  neither of them always. What mNAV means has changed: the note holds the definition in force (treasury/publishers/definitions.py).
- mstrKpiData, a list of rows: `marketCap`, `entVal`, `debt`, `pref` in $ MILLIONS, as texts with commas or numbers.
  Its sisters of the preferred series (strcKpiData) are not asked for but read: `notional`, in dollars.
- the home page: `btcTrackerData` in its __NEXT_DATA__, rows in no order, dollars and shares whole, most members optional.
  `cash` is the USD Reserve since there is one. Where `shares` stands beside it as on /shares, its counts are in thousands.
Fields named …ByBN are per cent of the bitcoin, never billions, and `cumulative_notional` is no claim: neither is read. A
share count or market cap in another unit than it should be is refused by how many shares there would be.

2026-05-22  strcKpiData: `marketCap` and `notional` are plain numbers
2026-06-20  `btcHoldings` in bitcoinKpis, `price` as a text in mstrKpiData
2026-07-20  the home page; later clients also find `operating_cash` there, the "USD Cash" of the 8-Ks: not read
2026-07-24  `mNav`, but no `btcHoldings`; `ufPrice` is a number
never seen  `strk_metrics` and its sisters (`shares`, `notional`; STRE perhaps in euros) and `shares` of the home page
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from lxml import etree, html

from scrapers.announcements.strategy_figures import COMPANY, IN_THOUSANDS
from scrapers.announcements.strategy_sentences import STATED_AMOUNT
from scrapers.formats.describe import describe
from scrapers.formats.strict_json import Json, load
from scrapers.formats.text import number
from treasury.model import Document, ParseError, Reading
from treasury.publishers.definitions import DEFINITIONS

HOSTS = ("api.strategy.com", "www.strategy.com")
HOME = "https://www.strategy.com/"
URLS = ("https://api.strategy.com/btc/bitcoinKpis", "https://api.strategy.com/btc/mstrKpiData", HOME)
KIND = "json"
SOURCE_KIND = "issuer"
FALLBACK_FOR = (
    "strategy_8k",
)  # its bitcoin, dated as fetched, would outrank the 8-K of a Monday, which describes Sunday
BESIDE = frozenset(  # what 8-Ks do not print
    {
        "shares_basic", "shares_assumed_diluted", "shares_underlying", "options_outstanding", "rsu_unvested", "usd_reserve",
        "preferred_total", "liquidation_preference", "mnav_published", "market_cap_published", "ev_published",
    }
)  # fmt: skip
DIALECT = "ours"
FRESH = timedelta(hours=6)
AT_LEAST = 1  # bitcoinKpis tells the holdings or the multiple, not always both
RESERVE_SINCE = date(2025, 12, 1)  # the USD Reserve was established; until then `cash` was all cash
SHARES = (5e6, 1e11)  # Strategy never had fewer than 9 million; its count in thousands would be under 5 million
ROUNDING = 0.005  # of a claim converted at a rate of four digits

IN_MILLIONS = {
    "marketCap": "market_cap_published",
    "entVal": "ev_published",
    "debt": "debt_total",
    "pref": "preferred_total",
}
BALANCES = {
    "btc_holdings": ("btc_holdings", "BTC"),
    "debt": ("debt_total", "USD"),
    "pref": ("preferred_total", "USD"),
    "basic_shares_outstanding": ("shares_basic", "shares"),
}
YEAR_TO_DATE = {
    "btc_yield_ytd": ("btc_yield_published_pct", "percent"),
    "btc_gain_ytd": ("btc_gain_published", "BTC"),
}
AWARDS = {"options_outstanding": ("options_outstanding", "options"), "rsu_psu_unvested": ("rsu_unvested", "rsu")}
COUNTS = {
    "basic_shares_outstanding": "shares_basic",
    "assumed_diluted_shares_outstanding": "shares_assumed_diluted",
}
SERIES = {
    "strk": "USD",
    "strf": "USD",
    "strd": "USD",
    "strc": "USD",
    "stre": "EUR",
}  # and what their claim is stated in
_MOMENT = "%Y-%m-%dT%H:%M:%S"


def kind(url: str) -> str:
    """The API answers in JSON, the site with a page."""
    return "html" if urlsplit(url).netloc == urlsplit(HOME).netloc else KIND


def parse(document: Document) -> Iterator[Reading]:
    if document.body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        yield from _home(_page_properties(document))
        return
    answer = load(document)
    if isinstance(answer.value, list):
        for row in answer.rows():
            yield from _quoted(row)
    else:
        yield from _bitcoin(answer)


# -- the API -------------------------------------------------------------------------------------------------------


def _bitcoin(answer: Json) -> Iterator[Reading]:
    shown_at, results = _utc(answer["timestamp"]), answer["results"]
    as_of = shown_at.date()
    if (held := results.get("btcHoldings")) is not None:
        yield Reading(COMPANY, "btc_holdings", _number(held), "BTC", as_of)
    if (multiple := results.get("mNav")) is not None:
        made = next(one for one in DEFINITIONS if one.own_mnav and one.issuer == COMPANY and one.in_force(as_of))
        note = f"at {shown_at:%H:%M} UTC by {made.id}: {made.formula}"
        yield Reading(COMPANY, "mnav_published", _number(multiple), "ratio", as_of, made.printed_as, note=note)


def _quoted(row: Json) -> Iterator[Reading]:
    company, shown_at = row["company"].text(), _utc(row["timeStampUtc"])
    as_of = shown_at.date()
    if SERIES.get(company.lower()) == "USD":
        claim = row["notional"].number()
        yield Reading(COMPANY, "liquidation_preference", claim, "USD", as_of, company.lower())
        return
    if company != COMPANY:
        raise row["company"].wrong(f"{COMPANY} or one of its preferred series in dollars")
    _check_millions(row)
    note = f"printed in $ millions at {shown_at:%H:%M} UTC"
    for name, quantity in IN_MILLIONS.items():
        yield Reading(COMPANY, quantity, _number(row[name]) * 1e6, "USD", as_of, note=note)


def _check_millions(row: Json) -> None:
    """Raise ParseError where the market cap, taken as millions, does not go with the price of a share."""
    price = row.get("ufPrice") or row["price"]
    if not 0 < SHARES[0] * _number(price) <= _number(row["marketCap"]) * 1e6 <= SHARES[1] * _number(price):
        raise row["marketCap"].wrong(f"a market cap in $ millions at {price.value} a share")


# -- the home page -------------------------------------------------------------------------------------------------


def _page_properties(document: Document) -> Json:
    """What the page was made from; a page without it (a challenge, another site) is an error."""
    try:
        root = html.document_fromstring(document.body, parser=html.HTMLParser(encoding="utf-8"))
        told = [(script.text or "").encode() for script in root.iter("script") if script.get("id") == "__NEXT_DATA__"]
    except (etree.LxmlError, ValueError) as error:
        raise ParseError(f"{document.source}: found no HTML ({error}), expected the home page of Strategy") from None
    if len(told) != 1:
        raise ParseError(
            f"{document.source}: found {describe(document.body)}, expected the home page with one __NEXT_DATA__"
        )
    return load(replace(document, body=told[0]))["props"]["pageProps"]


def _home(properties: Json) -> Iterator[Reading]:
    told: list[Reading] = []
    for row in sorted(properties["btcTrackerData"].rows(), key=lambda row: row["as_of_date"].day()):
        told += _statistics(row, row["as_of_date"].day())
    yield from told
    listed = properties.get("shares")
    for row in listed.rows() if listed is not None else ():
        yield from _in_thousands(row, told)


def _statistics(row: Json, as_of: date) -> Iterator[Reading]:
    """One row of btcTrackerData: what it states of its day, each where it is there."""
    for name, (quantity, unit) in BALANCES.items():
        if (cell := row.get(name)) is not None:
            if unit == "shares" and not SHARES[0] <= cell.number() <= SHARES[1]:
                raise cell.wrong("a count of whole shares")
            yield Reading(COMPANY, quantity, cell.number(), unit, as_of)
    if (cash := row.get("cash")) is not None:
        quantity = "usd_reserve" if as_of >= RESERVE_SINCE else "cash"
        yield Reading(COMPANY, quantity, cash.number(), "USD", as_of, note='page field "cash"')
    for name, (quantity, unit) in YEAR_TO_DATE.items():
        if (cell := row.get(name)) is not None:
            period, start = f"YTD{as_of.year}", date(as_of.year, 1, 1)
            yield Reading(COMPANY, quantity, cell.number(), unit, as_of, period, start)
    if (counts := row.get("shares")) is not None:
        yield from _dilution(counts, as_of)
    for series in SERIES:
        if (metrics := row.get(f"{series}_metrics")) is not None and metrics.get("notional") is not None:
            claim, unit = _claim(metrics, SERIES[series])
            yield Reading(COMPANY, "liquidation_preference", claim, unit, as_of, series)


def _dilution(counts: Json, as_of: date) -> Iterator[Reading]:
    """Awards, and the shares each convertible would become (`convert_2028`); an instrument we do not know is kept out later."""
    for name, cell in counts.items():
        if cell.value is None:
            continue
        if name in AWARDS:
            quantity, instrument = AWARDS[name]
            yield Reading(COMPANY, quantity, cell.number(), "shares", as_of, instrument)
        elif re.match(r"convert_|strk$", name):
            instrument = name.replace("_", "-").lower()
            yield Reading(COMPANY, "shares_underlying", cell.number(), "shares", as_of, instrument)


def _claim(metrics: Json, stated_in: str) -> tuple[float, str]:
    """The notional, and the currency that goes with so many shares of a stated amount each."""
    notional, shares = metrics["notional"].number(), metrics["shares"].number()
    if math.isclose(notional, shares * STATED_AMOUNT, rel_tol=ROUNDING):
        return notional, stated_in
    rate = metrics.get("current_fx_rate") if stated_in != "USD" else None
    if rate is not None and math.isclose(notional, shares * STATED_AMOUNT * _number(rate), rel_tol=ROUNDING):
        return notional, "USD"
    raise metrics["notional"].wrong(f"{STATED_AMOUNT} for each of {shares:,.0f} shares, in {stated_in} or converted")


def _in_thousands(row: Json, told: list[Reading]) -> Iterator[Reading]:
    """Share counts of a day in thousands, where no whole count of that day was told; one that contradicts it is an error."""
    as_of = row["date"].day()
    whole = {one.quantity: one.value for one in told if one.as_of == as_of}
    for name, quantity in COUNTS.items():
        if (cell := row.get(name)) is None:
            continue
        count = _number(cell) * 1000
        if not SHARES[0] <= count <= SHARES[1]:
            raise cell.wrong("a count in thousands of shares")
        if quantity not in whole:
            yield Reading(COMPANY, quantity, count, "shares", as_of, note=IN_THOUSANDS)
        elif abs(whole[quantity] - count) > 1000:
            raise cell.wrong(f"the thousands of the {whole[quantity]:,.0f} in btcTrackerData")


# -- cells ---------------------------------------------------------------------------------------------------------


def _number(cell: Json) -> float:
    """A number, or one in a text with commas: the same field comes as either."""
    if not isinstance(cell.value, str):
        return cell.number()
    try:
        return number(cell.text())
    except ParseError:
        raise cell.wrong("a number, with commas or without") from None


def _utc(cell: Json) -> datetime:
    """A moment that is UTC though it does not say so."""
    try:
        return datetime.strptime(cell.text(), _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise cell.wrong("a moment like 2026-07-24T14:59:00") from None
