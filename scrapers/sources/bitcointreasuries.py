"""bitcointreasuries.net/__data.json — the data of its front page: over 140 listed companies, their bitcoin and its cost in USD.

Asked only when named: it is no API, its owner may turn programs away, and no terms allow reuse. SvelteKit's flattened array
(scrapers/formats/devalue.py): the page whose data have `entities` is found by that name. Only entities of type PUBLIC_COMPANY are read.
Numbers are plain or a BigDecimal, whose text they are. Null and undefined mean unknown, and so does a cost of 0. The answer has
no date: `as_of` is the (UTC) day it was fetched, and its owner says that stale values are carried forward. `company` is the
symbol as printed, "MSTR" without an exchange, or the name where there is none; the name is always in the note.

2025-07-08  141 listed companies in the table of the page, 48 of them with a cost
2025-08     the page held the array as a text inside a text (data-sveltekit-fetched); not read here
2026-07     __data.json with nodes[1].data[0].entities, by a client of others; no answer itself was at hand. What that client
            also allows for, and nobody saw: a btc_balance or cost_basis that is an object of several currencies (refused)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta

from scrapers.formats.devalue import unpacked
from scrapers.formats.strict_json import Json, load
from scrapers.formats.text import number
from treasury.model import Document, ParseError, Reading

HOSTS = ("bitcointreasuries.net",)
URLS = ("https://bitcointreasuries.net/__data.json",)
KIND = "json"
FRESH = timedelta(hours=12)
AT_LEAST = 100  # 141 holdings and 48 costs in 2025-07
ASKED_ONLY = True
LISTED = "PUBLIC_COMPANY"


def parse(document: Document) -> Iterator[Reading]:
    as_of = document.fetched_at.astimezone(UTC).date()
    for entity in _entities(document):
        if entity["type"].text() != LISTED:
            continue
        name, ticker = entity["name"].text(), entity.get("ticker")
        symbol = ticker.get("symbol") if ticker else None
        company = (symbol.text() if symbol else "") or name
        if not company:
            raise entity.wrong("a company with a symbol or a name")
        balance, cost = _number(entity["btc_balance"]), _number(entity["cost_basis"])
        if balance is not None:
            yield Reading(company, "btc_holdings", balance, "BTC", as_of, note=name)
        if cost:
            yield Reading(company, "btc_cost_basis", cost, "USD", as_of, note=name)


def _entities(document: Document) -> list[Json]:
    """The entities of the one page among the nodes that has some."""
    nodes = load(document)["nodes"]
    pages = [data for node in nodes.rows() if node.value is not None and (data := node.get("data")) is not None]
    found = [data for data in pages if data[0].get("entities") is not None]
    if len(found) != 1:
        raise nodes.wrong(f"one page with entities, not {len(found)}")
    return unpacked(found[0], "entities").rows()


def _number(cell: Json) -> float | None:
    """A number, plain or as the text of a BigDecimal; None where nobody knows it."""
    if cell.value is None:
        return None
    if not isinstance(cell.value, dict):
        return cell.number()
    decimal = cell["BigDecimal"]
    try:
        return number(decimal.text())
    except ParseError:
        raise decimal.wrong("a decimal number") from None
