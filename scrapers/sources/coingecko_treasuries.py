"""api.coingecko.com, companies endpoint — one call: some 175 companies, their bitcoin and what it cost in USD.

The answer has no date: `as_of` is the (UTC) day it was fetched, and the holdings behind it may be months older.
An entry value of 0 means that nobody knows the cost, so it gives no reading; neither does a negative one (−2 was seen),
which the note keeps. Holdings of 0 are a claim. `company` is the symbol exactly as printed, or the name where the
symbol is blank; the name is always in the note. Attribution: "Powered by CoinGecko".

2025-06-28  34 companies; symbols NASDAQ:MSTR, "TSE: GLXY" with a space, CORZ:NASDAQ reversed, "JAS. BK"
2026-02     symbols became MSTR.US; pages of up to 250
2026-07     175 companies
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from urllib.parse import parse_qs, urlsplit

from scrapers.formats.strict_json import load
from treasury.model import Document, ParseError, Reading

HOSTS = ("api.coingecko.com",)
PAGE = "https://api.coingecko.com/api/v3/companies/public_treasury/bitcoin?per_page=250&page={}&order=total_holdings_usd_desc"
PER_PAGE = 250
URLS = (PAGE.format(1),)
KIND = "json"
DIALECT = "coingecko"
FRESH = timedelta(hours=12)
AT_LEAST = 30  # 34 companies gave 56 in 2025; what is missing of more, check_whole finds
TOLERANCE = 0.001  # printed total and sum differed by 8 in a million on 2025-06-28; the smaller half holds 0.6 %


def parse(document: Document) -> Iterator[Reading]:
    as_of = document.fetched_at.astimezone(UTC).date()
    for row in load(document)["companies"].rows():
        name, symbol = row["name"].text(), row["symbol"].text()
        company = symbol or name
        if not company:
            raise row.wrong("a company with a symbol or a name")
        holdings, cost = row["total_holdings"], row["total_entry_value_usd"]
        cost_known = cost.value is not None and cost.number() > 0
        odd = cost.value is not None and cost.number() < 0
        note = f"{name}; entry value printed as {cost.number():.10g}" if odd else name
        if holdings.value is not None:
            yield Reading(company, "btc_holdings", holdings.number(), "BTC", as_of, note=note)
        if cost_known:
            yield Reading(company, "btc_cost_basis", cost.number(), "USD", as_of, note=note)


def next_urls(document: Document) -> list[str]:
    """The next page, where this one is full."""
    page = _page(document)
    return [PAGE.format(page + 1)] if len(load(document)["companies"].rows()) >= PER_PAGE else []


def check_whole(document: Document) -> None:
    """Raise ParseError where the companies do not add up to the printed total (it covers all pages: one page only)."""
    answer = load(document)
    rows = answer["companies"].rows()
    if len(rows) >= PER_PAGE or _page(document) > 1:
        return
    total = answer["total_holdings"].number()
    listed = sum(row["total_holdings"].number() for row in rows if row["total_holdings"].value is not None)
    if abs(listed - total) > TOLERANCE * total:
        raise ParseError(
            f"{document.source}: found {len(rows)} companies with {listed:,.0f} BTC, expected the {total:,.0f} of total_holdings"
        )


def _page(document: Document) -> int:
    page = parse_qs(urlsplit(document.url).query).get("page", ["1"])[0]
    return int(page) if page.isdecimal() else 1
