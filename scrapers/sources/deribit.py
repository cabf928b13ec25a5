"""deribit.com, book summary by currency — two calls: every bitcoin future and option of Deribit now, summed to its open interest.

The answer has no history: `as_of` is the (UTC) day it was fetched. It is JSON-RPC: the instruments lie in `result`,
errors in `error`; other members and fields are not read. What an instrument is, its name says: a perpetual or dated
future (BTC-PERPETUAL, BTC-27DEC24), an option (BTC-27DEC24-100000-C), each inverse, settled in bitcoin; with a quote
currency after the coin (BTC_USDC-PERPETUAL, BTC_USDC-27DEC24-100000-C) it is linear. By Deribit's documentation
open interest is in US dollars for inverse futures, and in bitcoin for options and for linear futures. Only the inverse
ones are summed, futures in dollars and options in bitcoin: Deribit lists the linear ones under their own currency, and
were one among the others, the note would count it. Any other form of name is an error.
These are one venue's own figures, never the market's `futures_open_interest`.

2026-11  known from Deribit's documentation and clients' code; no captured answer was at hand
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, timedelta

from scrapers.formats.strict_json import Json, load
from treasury.model import Document, ParseError, Reading

HOSTS = ("www.deribit.com",)
SUMMARY = "https://www.deribit.com/api/v2/public/get_book_summary_by_currency?currency=BTC&kind={}"
URLS = (SUMMARY.format("future"), SUMMARY.format("option"))
KIND = "json"
SOURCE_KIND = "market"
DIALECT = "ours"
FRESH = timedelta(hours=12)
AT_LEAST = 1
PERPETUAL = "BTC-PERPETUAL"  # the largest of the futures, there since 2018
FUTURES, OPTIONS = "futures_open_interest_deribit", "options_open_interest_deribit"
UNITS = {FUTURES: "USD", OPTIONS: "BTC"}

_EXPIRY = r"[0-9]{1,2}(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[0-9]{2}"
_FORMS = {
    FUTURES: re.compile(rf"BTC(?:_[A-Z]+)?-(?:PERPETUAL|{_EXPIRY})"),
    OPTIONS: re.compile(rf"BTC(?:_[A-Z]+)?-{_EXPIRY}-[0-9]+-[CP]"),
}


def parse(document: Document) -> Iterator[Reading]:
    series, interest = _open_interest(document)
    inverse = [amount for name, amount in interest.items() if not name.startswith("BTC_")]
    total, linear = sum(inverse), len(interest) - len(inverse)
    if not 0 < total < math.inf:
        raise ParseError(f"{document.source}: found an open interest of {total:g} in all, expected one above zero")
    note = f"{len(inverse)} inverse instruments" + (f"; without {linear} linear ones" if linear else "")
    yield Reading("BTC", series, total, UNITS[series], document.fetched_at.astimezone(UTC).date(), note=note)


def check_whole(document: Document) -> None:
    """Raise ParseError where the futures lack the perpetual, or the options all calls or all puts."""
    series, interest = _open_interest(document)
    if series == FUTURES and PERPETUAL not in interest:
        raise ParseError(f"{document.source}: found {len(interest)} futures, expected {PERPETUAL} among them")
    if series == OPTIONS and len({name[-1] for name in interest}) < 2:
        raise ParseError(f"{document.source}: found {len(interest)} options of one side, expected calls and puts")


def _open_interest(document: Document) -> tuple[str, dict[str, float]]:
    """Which series the instruments add up to, and the open interest of each by its name."""
    answer = load(document)
    testnet = answer.get("testnet")
    if testnet is not None and testnet.value is not False:
        raise testnet.wrong("false: the exchange itself, not its test network")
    found: set[str] = set()
    interest: dict[str, float] = {}
    for row in answer["result"].rows():
        name = row["instrument_name"].text()
        found.add(_series(row["instrument_name"], name))
        if name in interest:
            raise row["instrument_name"].wrong("every instrument once")
        interest[name] = row["open_interest"].number()
        if interest[name] < 0:
            raise row["open_interest"].wrong("an open interest of zero or more")
    if len(found) != 1:
        raise answer["result"].wrong("either futures or options")
    return found.pop(), interest


def _series(cell: Json, name: str) -> str:
    for series, form in _FORMS.items():
        if form.fullmatch(name):
            return series
    raise cell.wrong("a name like BTC-PERPETUAL, BTC-27DEC24 or BTC-27DEC24-100000-C")
