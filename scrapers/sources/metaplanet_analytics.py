"""metaplanet.jp/en/analytics — every purchase Metaplanet (3350.T) has disclosed: coins, average, cost in USD, holdings.

One line a purchase, "Dec 30, 2025 ₿4,279 $105,412 $451.06M ₿35,102": the day it was reported (in Japan), the coins, the
average price, the cost and all coins held after it. The day is the notice's: a quarter may be told as one line, and the
days of the purchases are then unknown. Two lines of October 2024 (23.972 and 5.9095 coins) are option premiums received
in bitcoin, that of 2025-03-31 includes coins from puts and transfers: its average is not the price of the day, so an
average is only compared with the line's own cost, and the holdings with the line before. Yen stand in the notices alone.

2025-09     table headed Reported, BTC Acquisitions, Avg BTC Cost, Acquisition Cost, BTC Holdings; a line of sums without a day
2025-12-30  the line above. No page was captured: only the text of lines is relied on, whatever markup is around them
2026-07     said to lead to analytics.metaplanet.jp, a program without lines of its own (strategytracker has its figures)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from lxml import etree, html

from scrapers.formats.text import Printed, date_from, plain, printed
from treasury.model import Document, ParseError, Reading

HOSTS = ("metaplanet.jp",)
URLS = ("https://metaplanet.jp/en/analytics",)
KIND = "html"
SOURCE_KIND = "issuer"
FALLBACK_FOR = ("strategytracker",)  # which has the same days; this page may be gone
DIALECT = "ours"
DATED = True
FRESH = timedelta(hours=12)
AT_LEAST = 20  # five purchases; there were 19 by the end of 2024 and 52 a year later
COMPANY = "3350.T"

_DATE = r"[A-Z][a-z]{2,8} \d{1,2}, \d{4}"
_BEGINNING = re.compile(rf"{_DATE} ?[-–−]?₿")
_LINE = re.compile(
    rf"(?P<day>{_DATE}) ?₿ ?(?P<coins>[\d.,]+) ?\$ ?(?P<average>[\d.,]+)"
    r" ?\$ ?(?P<cost>[\d.,]+(?: ?[KMB]\b)?) ?₿ ?(?P<held>[\d.,]+)"
)
_UNSEEN = ("script", "style", "noscript", "template")


class Purchase(NamedTuple):
    """One line of the page, its amounts in USD and BTC."""

    day: date
    coins: Printed
    average: Printed
    cost: Printed
    held: Printed


def parse(document: Document) -> Iterator[Reading]:
    """Oldest first, whatever order the page has."""
    purchases = _purchases(document)
    _check_sums(document, purchases)
    for one in purchases:
        yield Reading(COMPANY, "btc_holdings", one.held.value, "BTC", one.day)
        yield Reading(COMPANY, "btc_acquired", one.coins.value, "BTC", one.day)
        yield Reading(COMPANY, "btc_acquired_average", one.average.value, "USD", one.day)
        yield Reading(COMPANY, "btc_acquired_cost", one.cost.value, "USD", one.day)


def _purchases(document: Document) -> list[Purchase]:
    """The lines by day; one printed twice (for wide and narrow screens) counts once."""
    text = _visible(document)
    by_day: dict[date, Purchase] = {}
    for beginning in _BEGINNING.finditer(text):
        line = _LINE.match(text, beginning.start())
        if line is None:
            found = text[beginning.start() : beginning.start() + 80]
            raise ParseError(f'{document.source}: found "{found}", expected a date, ₿ coins, $ average, $ cost, ₿ held')
        purchase = _purchase(document, line)
        if by_day.setdefault(purchase.day, purchase) != purchase:
            raise ParseError(f'{document.source}: found "{line[0]}" and another line of that day, expected one')
    return sorted(by_day.values())


def _visible(document: Document) -> str:
    """The text of the page as a reader sees it, a space between elements."""
    try:
        root = html.document_fromstring(document.body.decode("utf-8"))
    except (etree.LxmlError, ValueError) as error:
        raise ParseError(f"{document.source}: found no HTML in UTF-8 ({error}), expected the analytics page") from error
    etree.strip_tags(root, etree.Comment)  # React puts comments inside a word
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    return plain(" ".join(root.itertext()))


def _purchase(document: Document, line: re.Match[str]) -> Purchase:
    try:
        day = date_from(line["day"], ["%b %d, %Y", "%B %d, %Y"])
        return Purchase(day, *(printed(line[name]) for name in ("coins", "average", "cost", "held")))
    except ParseError as error:
        raise ParseError(f'{document.source}: found "{line[0]}" ({error}), expected a line of numbers') from error


def _check_sums(document: Document, purchases: list[Purchase]) -> None:
    """Raise ParseError where a line contradicts itself, or the line before; rounding of what is printed is allowed."""
    for one in purchases:
        product = one.coins.value * one.average.value
        rounding = one.coins.step * one.average.value + one.average.step * one.coins.value + one.cost.step
        if abs(product - one.cost.value) > rounding / 2:
            raise ParseError(
                f"{document.source}: {one.day}: found a cost of ${one.cost.value:,.0f}, "
                f"expected {one.coins.value:,.10g} × ${one.average.value:,.10g} = ${product:,.0f}"
            )
    for before, one in pairwise(purchases):
        total = before.held.value + one.coins.value
        if abs(total - one.held.value) > (before.held.step + one.coins.step + one.held.step) / 2:
            raise ParseError(
                f"{document.source}: {one.day}: found {one.held.value:,.10g} BTC held, expected "
                f"{before.held.value:,.10g} of {before.day} + {one.coins.value:,.10g} = {total:,.10g}"
            )
