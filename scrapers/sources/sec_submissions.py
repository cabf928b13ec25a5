"""data.sec.gov/submissions — the index of a company's filings: the newest 1,000 in one file, older ones on pages it names.

An index gives no readings but says which documents exist: `filings` lists them, `next_urls` names the older pages of
this same source, `updates` picks the 8-Ks that may carry a bitcoin update; `leads` gives them as what the source
LEADS_TO reads, with `accepted_at` as its document's `published_at`. Filings are told apart by accession number only: the name of
the primary document repeats from week to week.

2015-05-12  `acceptanceDateTime` ends in Z and yet is Eastern time (8-Ks filed at 8 am say 08:00); none is outside
            EDGAR's hours, 06:00 to 22:00; an 8-K outside them would mean that SEC now prints UTC, and is refused
2026-01-21  a column `core_type` has appeared: columns are read by name
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scrapers.formats.strict_json import Json, load
from treasury.model import Document, ParseError, Reading

HOSTS = ("data.sec.gov", "www.sec.gov")
STRATEGY = 1050446
KIND = "json"
SOURCE_KIND = "filing"
FRESH = timedelta(hours=1)
AT_LEAST = 0  # an index holds no readings; check_whole counts its filings
NEWEST_AT_LEAST = 1000  # where older pages exist, SEC promises as many in the first file
LEADS_TO = ("strategy_8k", "sec_filing")
FIRST_PURCHASE = date(2020, 8, 11)
CURRENT_REPORTS = ("8-K", "8-K/A")
PERIODIC_REPORTS = tuple(form + amended for form in ("10-Q", "10-K", "20-F", "40-F") for amended in ("", "/A"))
IN_FORCE = timedelta(days=135)  # a quarter and the time until the next report is due: older ones are superseded
UPDATE_ITEMS = {"7.01", "8.01"}  # every one of the 56 captured updates names 8.01; 7.01 came beside it since 2024

_EASTERN = ZoneInfo("America/New_York")
_OPENS, _CLOSES = time(6), time(22)  # EDGAR
_COLUMNS = ("accessionNumber", "filingDate", "acceptanceDateTime", "form", "items", "primaryDocument")


@dataclass(frozen=True, slots=True)
class Filing:
    """One filing of one company. `accepted_at` (UTC) is when the public could read it."""

    cik: int
    accession: str
    form: str
    filed_on: date
    accepted_at: datetime
    items: tuple[str, ...]
    primary_document: str

    @property
    def folder(self) -> str:
        """Where all documents of the filing lie; `index.json` there lists them."""
        return f"https://www.sec.gov/Archives/edgar/data/{self.cik}/{self.accession.replace('-', '')}/"

    @property
    def url(self) -> str:
        """The primary document; old filings without one lie under the accession number as plain text."""
        return self.folder + (self.primary_document or f"{self.accession}.txt")


def urls(ciks: Iterable[int] = (STRATEGY,)) -> list[str]:
    return [f"https://data.sec.gov/submissions/CIK{cik:010d}.json" for cik in ciks]


def parse(document: Document) -> Iterator[Reading]:
    """No readings; an index that cannot be read is an error here too."""
    filings(document)
    return iter(())


def filings(document: Document) -> list[Filing]:
    """The filings of the first file or of an older page, in the order printed: newest first."""
    answer = load(document)
    cik, columns = _cik(document, answer), _columnar(answer)
    arrays = [columns[name].rows() for name in _COLUMNS]
    if len({len(array) for array in arrays}) != 1:
        lengths = ", ".join(f"{name} {len(array)}" for name, array in zip(_COLUMNS, arrays, strict=True))
        raise ParseError(
            f"{document.source}: {columns.path}: found columns of unequal length ({lengths}), expected one length"
        )
    found = [_filing(cik, *cells) for cells in zip(*arrays, strict=True)]
    seen: set[str] = set()
    for filing in found:
        if filing.accession in seen:
            raise ParseError(f"{document.source}: found accession number {filing.accession} twice, expected once")
        seen.add(filing.accession)
    return found


def next_urls(document: Document, since: date = FIRST_PURCHASE) -> list[str]:
    """Strategy's older pages with filings since that day; a page names no further ones, and nobody else's is needed."""
    if _cik(document, load(document)) != STRATEGY:
        return []
    files = [file for file in _pages(load(document)) if file["filingTo"].day() >= since]
    names = [file["name"].text() for file in files]
    for file, name in zip(files, names, strict=True):
        if not re.fullmatch(r"CIK[0-9]{10}-submissions-[0-9]{3}\.json", name):
            raise file["name"].wrong("a name like CIK0001050446-submissions-001.json")
    return [f"https://data.sec.gov/submissions/{name}" for name in names]


def updates(filings: Iterable[Filing], since: date = FIRST_PURCHASE) -> list[Filing]:
    """The 8-Ks that may carry a bitcoin update, oldest first; what they hold only they can say."""
    chosen = [
        filing
        for filing in filings
        if filing.form in CURRENT_REPORTS and filing.filed_on >= since and UPDATE_ITEMS & set(filing.items)
    ]
    return sorted(chosen, key=lambda filing: (filing.accepted_at, filing.accession))


def periodic(filings: Iterable[Filing], since: date) -> list[Filing]:
    """The quarterly and annual reports filed since a day, oldest first."""
    chosen = [filing for filing in filings if filing.form in PERIODIC_REPORTS and filing.filed_on >= since]
    return sorted(chosen, key=lambda filing: (filing.accepted_at, filing.accession))


def leads(document: Document, since: date | None = None) -> list[tuple[str, str, datetime]]:
    """Strategy's 8-Ks that may carry a bitcoin update and everybody's periodic reports, oldest first; when each was published.

    Without `since`: all such 8-Ks, and the periodic reports in force when the index was fetched.
    """
    listed = filings(document)
    weekly = updates(listed, since or FIRST_PURCHASE) if _cik(document, load(document)) == STRATEGY else []
    reports = periodic(listed, since or document.fetched_at.date() - IN_FORCE)
    return [
        (target, filing.url, filing.accepted_at)
        for target, chosen in zip(LEADS_TO, (weekly, reports), strict=True)
        for filing in chosen
    ]


def check_whole(document: Document) -> None:
    """Raise ParseError where the first file holds fewer filings than SEC promises."""
    count, pages = len(filings(document)), len(_pages(load(document)))
    expected = NEWEST_AT_LEAST if pages else 1
    if count < expected:
        raise ParseError(
            f"{document.source}: found {count} filings beside {pages} older pages, expected at least {expected}"
        )


def _cik(document: Document, answer: Json) -> int:
    """From the first file itself; an older page has it in its URL only."""
    if (own := answer.get("cik")) is not None:
        if not re.fullmatch(r"[0-9]{1,10}", own.text()):
            raise own.wrong("a CIK of up to ten digits")
        return int(own.text())
    if match := re.search(r"CIK([0-9]{10})", document.url):
        return int(match[1])
    raise ParseError(f"{document.source}: found no cik, expected it in the document or its URL, not {document.url!r}")


def _columnar(answer: Json) -> Json:
    """The arrays: `filings.recent` of the first file, the whole of an older page."""
    return answer["filings"]["recent"] if answer.get("accessionNumber") is None else answer


def _pages(answer: Json) -> list[Json]:
    return answer["filings"]["files"].rows() if answer.get("accessionNumber") is None else []


def _filing(cik: int, accession: Json, filed: Json, accepted: Json, form: Json, items: Json, primary: Json) -> Filing:
    if not re.fullmatch(r"[0-9]{10}-[0-9]{2}-[0-9]{6}", accession.text()):
        raise accession.wrong("an accession number like 0001193125-26-016002")
    if not re.fullmatch(r"[A-Za-z0-9._/-]*", primary.text()) or ".." in primary.text():
        raise primary.wrong("a file name")
    filing = Filing(
        cik=cik,
        accession=accession.text(),
        form=form.text(),
        filed_on=filed.day(),
        accepted_at=_accepted(accepted),
        items=tuple(item.strip() for item in items.text().split(",") if item.strip()),
        primary_document=primary.text(),
    )
    clock = filing.accepted_at.astimezone(_EASTERN).time()
    if filing.form in CURRENT_REPORTS and filing.filed_on >= FIRST_PURCHASE and not _OPENS <= clock <= _CLOSES:
        raise accepted.wrong("Eastern time within EDGAR's hours, 06:00 to 22:00 (does SEC print UTC now?)")
    return filing


def _accepted(cell: Json) -> datetime:
    """Eastern time in spite of its Z, as UTC."""
    text = cell.text()
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.000Z", text):
            raise ValueError(text)
        return datetime.fromisoformat(text[:19]).replace(tzinfo=_EASTERN).astimezone(UTC)
    except (ValueError, OverflowError):
        raise cell.wrong("a moment like 2026-01-20T08:00:28.000Z") from None
