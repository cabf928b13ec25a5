"""pro-api.llama.fi/…/dat/institutions — one call: the bitcoin of some dozens of treasury companies, and their mNAV as DefiLlama counts it.

Each institution names its holdings by asset; only "bitcoin" is read. Its amount is the sum of the announced transactions, so
`as_of` is the day of the last announcement; where none is printed, the (UTC) day the answer was fetched. The note keeps
which it was. What the coins cost is not read: a transaction without a price is missing from it, and the answer does not say which.

DefiLlama divides three market caps by the worth of everything held, other coins included (its page
on the methodology of treasuries): realized counts the shares outstanding with what was completed since, realistic adds dilution
that cannot be avoided any more, max every instrument with a fixed count. One quantity takes one figure a day, so only
realized_mNAV becomes `mnav_published`, of the day it was fetched: it alone counts shares that exist. The note names the
definition and the assets. No mNAV is null: unknown.

2026-04     86 institutions of all assets (rows in a file of others); realized_mNAV is mcapRealized / totalUsdValue
2026-06-13  the members of an answer, in the types of their own page (github.com/DefiLlama/defillama-app,
            src/containers/DAT/api.types.ts): days are texts; the page also reads timestamps in seconds or milliseconds.
            No answer itself was at hand, and no documentation promises one without a key
2026-11     api.llama.fi asks for a paid key: it is asked under the address of paying clients, with the key in DEFILLAMA_API_KEY only
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, timedelta
from urllib.parse import quote

from scrapers.formats.strict_json import Json, load
from scrapers.formats.text import date_from
from treasury.model import Document, ParseError, Reading

HOSTS = ("pro-api.llama.fi",)
NEEDS_KEY = "DEFILLAMA_API_KEY"
KIND = "json"
FRESH = timedelta(hours=12)
AT_LEAST = 30  # of 86 institutions in 2026 most hold bitcoin, and most of those have an mNAV
BITCOIN = "bitcoin"
TOLERANCE = 0.001  # of the printed total, as for CoinGecko's
DAYS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%fZ")
MILLISECONDS = 1e12  # from here on a timestamp counts them, below it seconds: the rule of DefiLlama's own page


def urls(keys: Mapping[str, str]) -> list[str]:
    """The one call, with the key that stands in its address; it is never stored or shown."""
    return [f"https://pro-api.llama.fi/{quote(keys[NEEDS_KEY], safe='')}/dat/institutions"]


def parse(document: Document) -> Iterator[Reading]:
    fetched = document.fetched_at.astimezone(UTC).date()
    for _, row in load(document)["institutionMetadata"].items():
        held = row["holdings"]
        holding = held.get(BITCOIN)
        if holding is None:
            continue
        name = row["name"].text()
        company = row["ticker"].text() or name
        if not company:
            raise row.wrong("an institution with a ticker or a name")
        amount, mnav = holding["amount"], row["realized_mNAV"]
        if amount.value is not None:
            announced = _day(holding["lastAnnouncementDate"])
            note = f"{name}; last announced {announced}" if announced else f"{name}; no day of announcement"
            yield Reading(company, "btc_holdings", amount.number(), "BTC", announced or fetched, note=note)
        if mnav.value is not None:
            note = f"{name}; realized, over {', '.join(sorted(asset for asset, _ in held.items()))}"
            yield Reading(company, "mnav_published", mnav.number(), "ratio", fetched, note=note)


def check_whole(document: Document) -> None:
    """Raise ParseError where the institutions do not add up to the total printed for bitcoin."""
    answer = load(document)
    total = answer["assetMetadata"][BITCOIN]["totalAmount"].number()
    holdings = [row["holdings"].get(BITCOIN) for _, row in answer["institutionMetadata"].items()]
    amounts = [one["amount"] for one in holdings if one is not None]
    listed = sum(amount.number() for amount in amounts if amount.value is not None)
    if abs(listed - total) > TOLERANCE * total:
        raise ParseError(
            f"{document.source}: found {len(amounts)} institutions with {listed:,.0f} BTC, expected the {total:,.0f} of totalAmount"
        )


def _day(cell: Json) -> date | None:
    """A day as text, or a timestamp in seconds or milliseconds; None where none is printed."""
    if cell.value is None:
        return None
    if not isinstance(cell.value, str):
        seconds = cell.number() / (1000 if cell.number() >= MILLISECONDS else 1)
        return Json(cell.source, cell.path, seconds).moment().date()
    try:
        return date_from(cell.text(), DAYS)
    except ParseError:
        raise cell.wrong("a day like 2026-06-15") from None
