"""data.sec.gov/api/xbrl/companyfacts — one file per filer: cash, borrowings and share count of every 10-Q, 10-K, 20-F and 40-F.

The file holds only what a filing says of the whole company in a standard taxonomy. Whatever a filing breaks down, and
every tag of its own, is dropped: no bitcoin, no preferred series, and no share count of a company with several classes.
Read are balances of a day, in the currency of the report, since SINCE:
- cash and equivalents, under the first of CASH that a filing states of a day; a total with restricted cash only less the
  restricted cash of the same filing, and in doubt where it states none;
- `debt_carrying`: LongTermDebt, or its noncurrent and current part where one filing states both of the same day and they
  are more; some filers tag the noncurrent part alone as LongTermDebt. In doubt where the same filing states other debt beside
  it, or only one part. A carrying value, not the principal (IFRS: Borrowings);
- `shares_basic`, from the cover of filers with one class, as of its own day and on the split basis of that day.
Not read: averages of a period, which are no counts. Their newest values mix split bases within one tag: Strategy's of the
first quarter of 2023 is 11,834,000, that of the nine months to 2023-09-30 is 116,648,000 since the split of 2024-08.

Every filing repeats older balances beside its own. A balance was known on the day it was `filed` first; the same value
filed again is no news, another one is a restatement, known from then on. `fy`, `fp` and `frame` are not looked at: they
describe the filing, or only the filing that came last. A filing that translates its newest balances into dollars for
convenience states the older ones in its own currency only, which is how the two are told apart.

2026-02-09  Strategy's file; `dei` holds the public float only
never seen  a file of an IFRS filer, of one with two currencies, or `cik` as the text that some clients expect
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scrapers.formats.strict_json import Json, load
from treasury.model import Document, ParseError, Reading

HOSTS = ("data.sec.gov",)
KIND = "json"
SOURCE_KIND = "filing"
FILED_AS = "10-Q or 10-K"
DIALECT = "cik"
FRESH = timedelta(days=1)
AT_LEAST = 0  # a newcomer has paid its fees and reported nothing; check_whole looks for the cash of all others
SINCE = date(2020, 6, 30)  # the last quarter before the first purchase by a treasury company, 2020-08-11

CASH = (
    "us-gaap:CashAndCashEquivalentsAtCarryingValue",
    "ifrs-full:CashAndCashEquivalents",
    "us-gaap:Cash",
    "ifrs-full:Cash",
)
WITH_RESTRICTED = "us-gaap:CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents"
RESTRICTED = ("us-gaap:RestrictedCash", "us-gaap:RestrictedCashAndCashEquivalentsAtCarryingValue")
RESTRICTED_PARTS = ("us-gaap:RestrictedCashCurrent", "us-gaap:RestrictedCashNoncurrent")
BORROWINGS = (  # the whole, and the parts that add up to it
    ("us-gaap:LongTermDebt", "us-gaap:LongTermDebtNoncurrent", "us-gaap:LongTermDebtCurrent"),
    (
        "ifrs-full:Borrowings",
        "ifrs-full:LongtermBorrowings",
        "ifrs-full:CurrentBorrowingsAndCurrentPortionOfNoncurrentBorrowings",
    ),
)
NOT_LONG_TERM = (  # debt that LongTermDebt does not hold
    "us-gaap:ShortTermBorrowings", "us-gaap:CommercialPaper", "us-gaap:ConvertibleNotesPayableCurrent", "us-gaap:NotesPayableCurrent",
    "us-gaap:LinesOfCreditCurrent", "us-gaap:LoansPayableCurrent", "us-gaap:ConvertibleNotesPayable", "us-gaap:ConvertibleDebt",
    "us-gaap:NotesPayable", "us-gaap:LoansPayable", "us-gaap:LineOfCredit", "us-gaap:ConvertibleLongTermNotesPayable",
)  # fmt: skip
SHARES = "dei:EntityCommonStockSharesOutstanding"  # a filer with several classes states each under a dimension: absent
REPORTS = ("us-gaap", "ifrs-full")


@dataclass(frozen=True, slots=True)
class Balance:
    """What one filing states of one day."""

    as_of: date
    value: float
    unit: str
    filed: date
    accession: str
    note: str
    doubt: str | None = None

    @property
    def where(self) -> tuple[date, str, str]:
        """The day, the currency and the filing it stands in: what two parts of one sum have in common."""
        return self.as_of, self.unit, self.accession


def urls(ciks: Iterable[int]) -> list[str]:
    return [f"https://data.sec.gov/api/xbrl/companyfacts/CIK{cik:010d}.json" for cik in ciks]


def parse(document: Document) -> Iterator[Reading]:
    answer = load(document)
    company, facts = f"CIK {_cik(document, answer['cik']):010d}", answer["facts"]
    found = {"cash": _cash(facts), "debt_carrying": _debt(facts), "shares_basic": _balances(facts, SHARES)}
    for quantity, balances in found.items():
        for new in _news(balances):
            yield Reading(
                company, quantity, new.value, new.unit, new.as_of, known_at=new.filed, note=new.note, doubt=new.doubt
            )


def check_whole(document: Document) -> None:
    """Raise ParseError where nothing at all is told, or a filer that has reported states no cash."""
    facts = load(document)["facts"]
    told = {taxonomy for taxonomy, _ in facts.items()}
    if not told:
        raise facts.wrong("at least one taxonomy")
    if told.intersection(REPORTS) and not _cash(facts):
        raise ParseError(f"{document.source}: {document.url}: found no balance of {' or '.join(CASH)}, expected some")


def _cash(facts: Json) -> list[Balance]:
    """Each filing's cash of each day once, under the first concept it states it by."""
    found: dict[tuple[date, str, str], Balance] = {}
    listed: list[Balance] = []
    for place, concept in enumerate(CASH):
        for balance in _balances(facts, concept):
            if place == 0 or balance.where not in found:
                listed.append(balance)
            found.setdefault(balance.where, balance)
    apart = _sums(facts, RESTRICTED) | _sums(facts, RESTRICTED_PARTS)
    for balance in _balances(facts, WITH_RESTRICTED):
        if balance.where in found:
            continue
        restricted = apart.get(balance.where)
        if restricted is None or restricted > balance.value:
            listed.append(replace(balance, doubt="it holds restricted cash, and the filing does not state how much"))
        else:
            listed.append(
                replace(
                    balance,
                    value=balance.value - restricted,
                    note=f"{balance.note}; less restricted {restricted:,.10g}",
                )
            )
    return listed


def _sums(facts: Json, concepts: Iterable[str]) -> dict[tuple[date, str, str], float]:
    """What concepts add up to, by day, currency and filing."""
    found: dict[tuple[date, str, str], float] = {}
    for concept in concepts:
        for one in _balances(facts, concept):
            found[one.where] = found.get(one.where, 0.0) + one.value
    return found


def _debt(facts: Json) -> Iterator[Balance]:
    """Of each filing and day the whole: the total as tagged, or its two parts where they are more than what is tagged as it."""
    beside = {where for concept in NOT_LONG_TERM for where, value in _sums(facts, [concept]).items() if value}
    for whole, noncurrent, current in BORROWINGS:
        total = _by_filing(_balances(facts, whole))
        parts = [_by_filing(_balances(facts, concept)) for concept in (noncurrent, current)]
        both = _sums(facts, (noncurrent, current))
        for where in dict.fromkeys((*total, *parts[0], *parts[1])):
            told, stated = total.get(where, []), [one for part in parts for one in part.get(where, [])]
            summed = len(stated) == 2 and (not told or both[where] > max(one.value for one in told))
            if told and not summed:
                found = told
            elif summed:
                found = [replace(stated[0], value=both[where], note=f"{stated[0].note}; noncurrent and current part")]
            else:
                found = [replace(one, doubt="one part of the debt only is stated") for one in stated[:1]]
            for reading in found:
                more = "other debt is stated beside it" if where in beside else None
                yield replace(reading, doubt=reading.doubt or more)


def _by_filing(balances: Iterable[Balance]) -> dict[tuple[date, str, str], list[Balance]]:
    found: dict[tuple[date, str, str], list[Balance]] = {}
    for one in balances:
        found.setdefault(one.where, []).append(one)
    return found


def _balances(facts: Json, concept: str) -> list[Balance]:
    """Every statement of a concept, each filing's in its own currency."""
    taxonomy, _, tag = concept.partition(":")
    tags = facts.get(taxonomy)
    stated = tags.get(tag) if tags is not None else None
    if stated is None:
        return []
    found = [_balance(row, unit) for unit, rows in stated["units"].items() for row in rows.rows()]
    units: dict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        units[one.accession][one.unit] += 1
    return [one for one in found if units[one.accession][one.unit] == max(units[one.accession].values())]


def _balance(row: Json, unit: str) -> Balance:
    if row.get("start") is not None:
        raise row.wrong("a balance of one day, without start")
    accession = row["accn"].text()
    if not re.fullmatch(r"[0-9]{10}-[0-9]{2}-[0-9]{6}", accession):
        raise row["accn"].wrong("an accession number like 0001193125-25-262568")
    note = f"{row['form'].text()} {accession}"
    return Balance(row["end"].day(), row["val"].number(), unit, row["filed"].day(), accession, note)


def _news(balances: Iterable[Balance]) -> Iterator[Balance]:
    """Each balance when it was filed first, and again where a later filing states another value of that day."""
    known: dict[date, tuple[float, str]] = {}
    kept: set[tuple[date, float]] = set()
    for balance in sorted(balances, key=lambda one: (one.filed, one.accession, one.as_of)):
        if balance.as_of < SINCE:
            continue
        if balance.doubt is not None:  # said once, and no news to what is known
            if (balance.as_of, balance.value) not in kept and (balance.value, balance.unit) != known.get(balance.as_of):
                kept.add((balance.as_of, balance.value))
                yield balance
        elif known.get(balance.as_of) != (balance.value, balance.unit):
            known[balance.as_of] = balance.value, balance.unit
            yield balance


def _cik(document: Document, cell: Json) -> int:
    """The number in the file, which must be the one that was asked for."""
    text = str(cell.value) if isinstance(cell.value, int) else cell.text()
    if not re.fullmatch(r"[0-9]{1,10}", text):
        raise cell.wrong("a CIK of up to ten digits")
    asked = re.search(r"CIK([0-9]{10})\.json", document.url)
    if asked and int(asked[1]) != int(text):
        raise cell.wrong(f"the CIK of the URL, {int(asked[1])}")
    return int(text)
