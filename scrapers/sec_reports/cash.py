"""Unrestricted cash in a periodic report: the first row of the assets whose label begins with cash, whatever its tag.

Restricted cash inside the row comes off where it is tagged, else the row is in doubt; so is one that holds anything else, or that
stands in a sheet whose assets do not add up.
Without a printed sheet the tags for cash and equivalents speak.

2024-03     Fold, GameSquare: `us-gaap:Cash`; a row "Cash" under the tag of the total with restricted cash
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from scrapers.sec_reports.balance_sheet import SheetRow
from scrapers.sec_reports.labels import plain_label
from scrapers.sec_reports.report import FiledReport, named
from treasury.model import Reading

_CASH_ROW = re.compile(r"(?:unrestricted\s+)?cash\b|bank\s+balances?\s+and\s+cash\b|cash,", re.I)
_ELSEWHERE = re.compile(
    r"\b(?:trust|escrow|segregated|customers?|clients?|users?|custod\w+|collateral|margin|restricted|surrender|pledged|reserved?)\b",
    re.I,
)
_ONLY_CASH = re.compile(
    r"(?:unrestricted|cash|equivalents?|bank|banks|balances?|deposits?|short[-\s]term|term|time|demand|on|hand|in|at|and|of|with|the|held|total|items?|position|due\s+from\s+banks|money\s+market\s+(?:funds?|accounts?)|(?:other\s+)?liquid\s+(?:assets?|funds?)|current\s+assets?:"
    r"|excluding|restricted|net|including|amounts?|petty|carrying|value|fair|[&,:;/.()\-–—'*]|\s)+",
    re.I,
)
_NOT_RESTRICTED = re.compile(r"\b(?:unrestricted|excluding|exclusive\s+of|other\s+than)\b", re.I)
_RESTRICTED = re.compile(r"^RestrictedCash(?!.*(?:Increase|Decrease|Policy|Equivalents(?:Including|Period)))")
_TAGS = (
    named("us-gaap:CashAndCashEquivalentsAtCarryingValue", "ifrs-full:CashAndCashEquivalents"),
    named("us-gaap:Cash", "ifrs-full:Cash", "us-gaap:CashAndDueFromBanks"),
    named(
        "us-gaap:CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents",
        "us-gaap:CashAndCashEquivalentsFairValueDisclosure",
    ),
)


def readings(filing: FiledReport) -> Iterator[Reading]:
    """`cash` of the day of the balance sheet."""
    rows = (
        [row for row in filing.sheet.assets if _CASH_ROW.match(plain_label(row.label))]
        if filing.sheet is not None
        else []
    )
    filled = [row for row in rows if row.amount is not None]
    own = [row for row in filled if not _ELSEWHERE.search(_without_excluded(row.label))]
    if own or filled:
        yield _of_row(filing, _whole(filing, own or filled), filing.sheet.open_assets if filing.sheet else None)
    else:
        yield from _tagged(filing)


def _whole(filing: FiledReport, rows: list[SheetRow]) -> SheetRow:
    """The first row of cash, or all of them as one: "Cash" and "Cash equivalents" in two lines; a tagged total says which."""
    first, *others = rows
    if not others:
        return first
    totals = [one.value for one in filing.at_end(_TAGS[0]) if not one.members and one.doubt is None]
    both = sum(row.amount or 0.0 for row in rows)
    if any(abs(value - both) <= 0.5 for value in totals):
        return replace(first, amount=both, label=" and ".join(row.label for row in rows))
    if first.amount in totals:
        return first
    if summed := [row for row in others if row.sums_up and row.amount in totals]:
        return summed[0]
    told = " and ".join(f"{row.label[:40]!r} {row.amount:,.10g}" for row in rows)
    return replace(first, doubt=first.doubt or f"several rows are cash, and no tag says which of them is all: {told}")


def _of_row(filing: FiledReport, row: SheetRow, open_assets: str | None) -> Reading:
    assert row.amount is not None
    words, amount, note, doubt = plain_label(row.label), row.amount, row.label[:80], row.doubt or open_assets
    said = _without_excluded(words)
    if re.search(r"\brestricted\b", said, re.I):
        restricted = _restricted(filing, row)
        if restricted is None or restricted > amount:
            doubt = doubt or f"the row {row.label[:80]!r} holds restricted cash, and how much is not tagged"
        else:
            amount, note = amount - restricted, f"{note} {row.amount:,.10g} less restricted {restricted:,.10g}"
    elif _ELSEWHERE.search(said):
        doubt = doubt or f"the row {row.label[:80]!r} is not all at the company's disposal"
    elif not _ONLY_CASH.fullmatch(re.sub(r"\([^()]*\)", " ", words)):
        doubt = doubt or f"the row {row.label[:80]!r} holds more than cash"
    if amount < 0:
        amount, doubt = 0.0, doubt or f"the row {row.label[:80]!r} prints {row.amount:,.10g}"
    return filing.stated("cash", amount, note=note, doubt=doubt)


def _without_excluded(label: str) -> str:
    """A label without what it says is not in it: "Cash (excluding restricted cash)", "Unrestricted cash"."""
    return re.sub(r"\(?\b(?:excluding|exclusive\s+of|other\s+than)\b[^)]*\)?|\bunrestricted\b", " ", label, flags=re.I)


def _restricted(filing: FiledReport, row: SheetRow | None = None) -> float | None:
    """All restricted cash of the day: tagged in all, or its current and later part; beside a row only what no other row prints."""
    others = [one for one in filing.sheet.assets if one is not row] if filing.sheet is not None and row else []
    elsewhere = {fact.name for one in others for fact in one.facts}
    told = {
        one.local: one.value
        for one in filing.at_end(_RESTRICTED)
        if not one.members and one.currency and one.doubt is None and one.name not in elsewhere
    }
    if any(one.amount and re.search(r"\brestricted\b", one.label, re.I) for one in others):
        told = {name: value for name, value in told.items() if re.search(r"Current|Noncurrent", name)}
    whole = [value for name, value in told.items() if not re.search(r"Current|Noncurrent", name)]
    parts = [value for name, value in told.items() if re.search(r"Current|Noncurrent", name)]
    if whole:
        return max(whole)
    return sum(parts) if parts else None


def _tagged(filing: FiledReport) -> Iterator[Reading]:
    for place, wanted in enumerate(_TAGS):
        found = [one for one in filing.at_end(wanted) if not one.members and one.currency]
        if not found:
            continue
        for row in found:
            doubt = None
            if place == len(_TAGS) - 1:
                restricted = _restricted(filing)
                if restricted is None or restricted > row.value:
                    doubt = f"{row.local} holds restricted cash, and how much is not tagged"
                else:
                    yield filing.stated(
                        "cash",
                        row.value - restricted,
                        note=f"{row.local} less restricted {restricted:,.10g}",
                        doubt=row.doubt,
                    )
                    continue
            yield filing.reading("cash", row, note=None if place == 0 else row.local, doubt=doubt)
        return
