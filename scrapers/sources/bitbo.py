"""bitbo.io/treasuries — one page: some 150 listed companies and their bitcoin, in coins and tenths of one.

The companies stand in the first table of class treasuries-table after the heading h2#public; private holders, funds, miners
and countries have tables like it. Columns are found by their headers, and each cell must be of its column's class. The page
has one day for all of it (td-last-updated), which the note keeps: `as_of` is the (UTC) day it was fetched, and a count may be
many months older (103 of 155 rows never changed from 2025-08-15 to 2026-07-11). A dash is none, an empty cell nobody knows.
What the bitcoin is worth is not read. `company` is the symbol exactly as printed, "DE000A0M93V6:XETRA", "NTHOL TI:IST" and
"HARY:CSE:" included; the name where the symbol is blank, or where two rows print the same one: which of them it is, is not for
this module to say. The name always begins the note.

2025-03-28  "March 28, 2025" in td-last-updated; between heading and table stands another element
2025-08-15  126 companies; the last row says "Totals:" under Filings & Sources; they add up to it within 0.1 BTC
2025-11-02  153 companies; SATO:TSXV twice (75 and 24 BTC, two names); within 0.2 BTC
2026-08     the columns and classes below in scrapers of others. No page itself was at hand: the markup is put together from
            those and a table taken daily (github.com/DarkoIOSG/Public-companies-BTC-holdings)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import Any, NamedTuple

from lxml import etree, html

from scrapers.formats.describe import describe
from scrapers.formats.text import DASH_SIGNS, cell, date_from, number, plain
from treasury.model import Document, ParseError, Reading

HOSTS = ("bitbo.io",)
URLS = ("https://bitbo.io/treasuries/",)
KIND = "html"
DIALECT = "bitbo"
FRESH = timedelta(hours=12)
AT_LEAST = 100  # 126 to 156 were listed in 2025 and 2026
COLUMNS = {"Entity": "td-company", "Symbol:Exchange": "td-symbol", "# of BTC": "td-company_btc"}
TOTALS, TOTAL_CLASS = "Totals:", "td-company_btc"
ROUNDING, TOTAL_ROUNDING = 0.05, 0.5  # half of the last digit printed: of a row, of their total


class HolderRow(NamedTuple):
    """One company as printed; `where` says where, for errors."""

    where: str
    name: str
    symbol: str
    bitcoin: str


def parse(document: Document) -> Iterator[Reading]:
    page = _page(document)
    rows, _ = _rows(document, page)
    updated = _updated(document, page)
    as_of = document.fetched_at.astimezone(UTC).date()
    printed = Counter(row.symbol for row in rows)
    for row in rows:
        bitcoin = _bitcoin(row)
        if bitcoin is not None:
            company = row.symbol if row.symbol and printed[row.symbol] == 1 else row.name
            note = f"{row.name}; page updated {updated}" if updated else row.name
            yield Reading(company, "btc_holdings", bitcoin, "BTC", as_of, note=note)


def check_whole(document: Document) -> None:
    """Raise ParseError where the companies do not add up to the total in the last row."""
    rows, total = _rows(document, _page(document))
    listed = sum(_bitcoin(row) or 0 for row in rows)
    if abs(listed - total) > ROUNDING * len(rows) + TOTAL_ROUNDING:
        raise ParseError(
            f"{document.source}: found {len(rows)} companies with {listed:,.1f} BTC, expected the {total:,.1f} of {TOTALS!r}"
        )


def _page(document: Document) -> Any:
    try:
        return html.document_fromstring(document.body.decode("utf-8"))
    except (etree.LxmlError, ValueError) as error:  # ValueError: not UTF-8, or an XML declaration of another encoding
        found = describe(document.body)
        raise ParseError(f"{document.source}: found {found} ({error}), expected an HTML page in UTF-8") from None


def _rows(document: Document, page: Any) -> tuple[list[HolderRow], float]:
    """The companies, and what the last row says they hold together."""
    table = _table(document, page)
    columns = [plain(header.text_content()) for header in table.xpath("(.//tr[th])[1]/th")]
    missing = [name for name in COLUMNS if columns.count(name) != 1]
    if missing:
        raise ParseError(f"{document.source}: found the columns {columns}, expected one each of {missing} among them")
    filled = [
        (f"{document.source}: row {at} of the public companies", row.xpath("./td"))
        for at, row in enumerate(table.xpath(".//tr[td]"), 1)
    ]
    if not filled:
        raise ParseError(f"{document.source}: found no row of public companies, expected at least {TOTALS!r}")
    return [_row(where, columns, cells) for where, cells in filled[:-1]], _total(*filled[-1])


def _table(document: Document, page: Any) -> Any:
    headings = page.xpath("//h2[@id='public']")
    if len(headings) != 1:
        found = describe(document.body)
        raise ParseError(f"{document.source}: found {len(headings)} headings h2#public in {found}, expected one")
    tables = headings[0].xpath("following::table[contains(concat(' ', @class, ' '), ' treasuries-table ')][1]")
    if not tables or tables[0].xpath("preceding::h2[@id][1]")[0] is not headings[0]:
        raise ParseError(f"{document.source}: found no table of class treasuries-table under h2#public, expected one")
    return tables[0]


def _row(where: str, columns: list[str], cells: list[Any]) -> HolderRow:
    if len(cells) != len(columns):
        raise ParseError(f"{where}: found {len(cells)} cells, expected the {len(columns)} of the headers")
    texts = []
    for column, kind in COLUMNS.items():
        one = cells[columns.index(column)]
        if kind not in one.get("class", "").split():
            raise ParseError(f"{where}: found class {one.get('class')!r} under {column!r}, expected {kind}")
        texts.append(plain(one.text_content()))
    name, symbol, bitcoin = texts
    if not name:
        raise ParseError(f"{where}: found {symbol!r} without a name, expected a company with one")
    return HolderRow(where, name, "" if symbol in DASH_SIGNS else symbol, bitcoin)


def _total(where: str, cells: list[Any]) -> float:
    texts = [plain(one.text_content()) for one in cells]
    if TOTALS not in texts:
        raise ParseError(f"{where}: found {' | '.join(texts)!r}, expected {TOTALS!r} in the last row")
    totals = [text for text, one in zip(texts, cells, strict=True) if TOTAL_CLASS in one.get("class", "").split()]
    if len(totals) != 1:
        raise ParseError(f"{where}: found {len(totals)} cells of class {TOTAL_CLASS}, expected one with the total")
    try:
        return number(totals[0])
    except ParseError as error:
        raise ParseError(f"{where}: found {error}, expected the total in bitcoin") from None


def _bitcoin(row: HolderRow) -> float | None:
    try:
        return cell(row.bitcoin)
    except ParseError as error:
        raise ParseError(f"{row.where}: {row.name}: found {error}, expected a number of bitcoin") from None


def _updated(document: Document, page: Any) -> date | None:
    """The day the page says it was updated; None where it says none."""
    cells = page.xpath("//td[contains(concat(' ', @class, ' '), ' td-last-updated ')]")
    texts = {plain(one.text_content()) for one in cells} - {""}
    if len(texts) > 1:
        raise ParseError(f"{document.source}: found {sorted(texts)} in td-last-updated, expected one day")
    try:
        return date_from(texts.pop(), ["%B %d, %Y"]) if texts else None
    except ParseError as error:
        raise ParseError(f"{document.source}: td-last-updated: found {error}, expected the day of the page") from None
