"""data.sec.gov/submissions — the index of a company's filings: the newest 1,000 in one file, older ones on pages it names.

An index gives no readings but says which documents exist: `filings` lists them, `next_urls` names the older pages of
this same source, `updates` picks the 8-Ks that may carry Strategy's bitcoin update. `leads` gives them as what the sources
LEADS_TO read, with `accepted_at` as its document's `published_at`: periodic reports by themselves, current reports (8-K, 6-K), 40-Fs
and everything whose moment is in doubt by the filing's own index page, which alone tells its documents apart and prints
EDGAR's moment. Filings are told apart by accession number only: the name of the primary document repeats from week to week.

2015-05-12  `acceptanceDateTime` ends in Z and yet is New York's clock for about a fifth of all filers, Strategy among them
2026-01-21  a column `core_type` has appeared: columns are read by name
2026-03     names with two dots in a row (cree.inc..txt); an index without any filing; `items` of only commas
2026-04     a column `isXBRLNumeric` has appeared
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from scrapers.formats.strict_json import Json, load
from scrapers.sec_reports import clock
from treasury.intake.bundled import cik_of
from treasury.model import Document, ParseError, Reading
from treasury.publishers.issuers import issuer_of

HOSTS = ("data.sec.gov", "www.sec.gov")
STRATEGY = cik_of(issuer_of("Strategy"))  # the 8-Ks of its weekly updates are asked for back to the first
KIND = "json"
SOURCE_KIND = "filing"
FRESH = timedelta(hours=1)
AT_LEAST = 0  # an index holds no readings; check_whole counts its filings
NEWEST_AT_LEAST = 1000  # where older pages exist, SEC promises as many in the first file
LEADS_TO = ("strategy_8k", "sec_filing", "sec_filing_index")
FIRST_PURCHASE = date(2020, 8, 11)
CURRENT_REPORTS = ("8-K", "8-K/A")
ANNOUNCING = (*CURRENT_REPORTS, "6-K", "6-K/A")
PERIODIC = ("10-Q", "10-QT", "10-K", "10-KT", "20-F", "40-F")
PERIODIC_REPORTS = tuple(form + amended for form in PERIODIC for amended in ("", "/A"))
IN_EXHIBITS = ("40-F", "40-F/A")  # whose statements are not in its primary document
IN_FORCE = timedelta(days=135)  # a quarter and the time until the next report is due: older ones are superseded
LONGEST_SILENCE = timedelta(days=400)  # holdings older than that value nobody
UPDATE_ITEMS = {"7.01", "8.01"}  # every one of the 56 captured updates names 8.01; 7.01 came beside it since 2024
SECURITIES_ITEMS = {"2.03", "3.02", "3.03"}  # an obligation created, equity sold unregistered, holders' rights modified

_COLUMNS = ("accessionNumber", "filingDate", "acceptanceDateTime", "form", "items", "primaryDocument")
_WANTED = frozenset((*ANNOUNCING, *PERIODIC_REPORTS))
_NAME = re.compile(r"[A-Za-z0-9._~+=,@%() -]+(?:/[A-Za-z0-9._~+=,@%() -]+)*|")


@dataclass(frozen=True, slots=True)
class Filing:
    """One filing of one company. `accepted_at` (UTC) is when the public could read it; `clock` is how that was told.

    Undecided: `accepted_at` is the later of what the index can mean. `report_date` is the day a report describes.
    """

    cik: int
    accession: str
    form: str
    filed_on: date
    accepted_at: datetime
    items: tuple[str, ...]
    primary_document: str
    clock: clock.Clock = "undecided"
    report_date: date | None = None

    @property
    def folder(self) -> str:
        """Where all documents of the filing lie."""
        return f"https://www.sec.gov/Archives/edgar/data/{self.cik}/{self.accession.replace('-', '')}/"

    @property
    def url(self) -> str:
        """The primary document; old filings without one lie under the accession number as plain text."""
        return self.folder + (quote(self.primary_document) or f"{self.accession}.txt")

    @property
    def index_url(self) -> str:
        """The page that lists its documents by type."""
        return f"{self.folder}{self.accession}-index.html"

    @property
    def note(self) -> str | None:
        """What must be said of its moment; None where nothing."""
        if self.clock != "undecided":
            return None
        return "EDGAR's index can mean New York's clock or UTC: the later one is taken"


class Index(NamedTuple):
    """What could be read of an index, and a line for every row of interest that could not."""

    filings: list[Filing]
    unread: list[str]


def urls(ciks: Iterable[int] = (STRATEGY,)) -> list[str]:
    return [f"https://data.sec.gov/submissions/CIK{cik:010d}.json" for cik in ciks]


def parse(document: Document) -> Iterator[Reading]:
    """No readings; an index that cannot be read is an error here too."""
    filings(document)
    return iter(())


def filings(document: Document) -> list[Filing]:
    """The filings of the first file or of an older page, in the order printed: newest first."""
    return read(document).filings


def unread(document: Document) -> list[str]:
    """The rows of interest that could not be read, in words; the others stand."""
    return read(document).unread


@lru_cache(maxsize=1)  # a document is judged whole, read and remarked on one after the other
def read(document: Document) -> Index:
    """The filings of an index; a row that cannot be read costs itself, and is told where its form is one of interest."""
    answer = load(document)
    cik, columns = _cik(document, answer), _columnar(answer)
    arrays = [columns[name].rows() for name in _COLUMNS]
    if len({len(array) for array in arrays}) != 1:
        lengths = ", ".join(f"{name} {len(array)}" for name, array in zip(_COLUMNS, arrays, strict=True))
        raise ParseError(
            f"{document.source}: {columns.path}: found columns of unequal length ({lengths}), expected one length"
        )
    described = columns.get("reportDate")
    ends: list[Json | None] = [*described.rows()] if described is not None else []
    if len(ends) != len(arrays[0]):
        ends = [None] * len(arrays[0])
    index, rows = Index([], []), list(zip(*arrays, ends, strict=True))
    told = clock.decide(_clock_rows(arrays))
    whose = f"{name.text()}, " if (name := answer.get("name")) is not None else ""
    seen: dict[str, Filing] = {}
    for accession, filed, accepted, form, items, primary, end in rows:
        try:
            filing = _filing(cik, accession, filed, accepted, form, items, primary, end, told)
            if (before := seen.setdefault(filing.accession, filing)) is not filing:
                if before != filing:
                    raise accession.wrong("every accession number once")
                continue
        except ParseError as error:
            if form.value in _WANTED or not isinstance(form.value, str):
                index.unread.append(f"{error}; a filing of {whose}CIK {cik:010d} that is not read")
            continue
        index.filings.append(filing)
    if rows and not index.filings:
        why = f"; {index.unread[0]}" if index.unread else ""
        raise ParseError(f"{document.source}: found no row that can be read, expected {len(rows)} filings{why}")
    return index


def next_urls(document: Document, since: date = FIRST_PURCHASE) -> list[str]:
    """Strategy's older pages with filings since that day; a page names no further ones, and nobody else's is needed."""
    if _cik(document, load(document)) != STRATEGY:
        return []
    files = [file for file in _pages(load(document)) if file["filingTo"].day() >= since]
    names = [file["name"].text() for file in files]
    for file, name in zip(files, names, strict=True):
        if not re.fullmatch(r"CIK[0-9]{10}-submissions-[0-9]{3}\.json", name):
            raise file["name"].wrong("a name like CIK…-submissions-001.json")
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
    """The quarterly and annual reports filed since a day, oldest first, and those in force of any age.

    In force are the newest report and whatever amends it: nobody else says what it says until the next one is filed.
    """
    listed = sorted(
        (filing for filing in filings if filing.form in PERIODIC_REPORTS),
        key=lambda filing: (filing.accepted_at, filing.accession),
    )
    whole = [filing for filing in listed if not filing.form.endswith("/A")]
    newest = max(whole, key=lambda filing: (filing.report_date or filing.filed_on, filing.filed_on), default=None)
    in_force = min(since, newest.filed_on) if newest is not None else date.min
    return [
        filing
        for filing in listed
        if filing.filed_on >= since or (filing.filed_on >= in_force and (filing is newest or filing not in whole))
    ]


def current(filings: Iterable[Filing], since: date) -> list[Filing]:
    """The 8-Ks and 6-Ks filed since a day, oldest first, whatever items they name."""
    chosen = [filing for filing in filings if filing.form in ANNOUNCING and filing.filed_on >= since]
    return sorted(chosen, key=lambda filing: (filing.accepted_at, filing.accession))


def announced_since(filings: Iterable[Filing], today: date) -> date:
    """From when on announcements say more than reports do: the day that the newest report describes, 400 days back at most."""
    earliest = today - LONGEST_SILENCE
    described = [filing.report_date or filing.filed_on - IN_FORCE for filing in filings if filing.form in PERIODIC]
    return max([earliest, *described])


def leads(document: Document, since: date | None = None) -> list[tuple[str, str, datetime]]:
    """What to read of a company's filings and when each was published, oldest first.

    Strategy's 8-Ks that may carry a bitcoin update or new securities; everybody's periodic reports; everybody else's 8-Ks and 6-Ks. Without `since`: all
    such updates, the reports in force when the index was fetched, and what was announced since the day the newest one describes.
    """
    answer, listed, today = load(document), filings(document), document.fetched_at.date()
    strategys = _cik(document, answer) == STRATEGY  # whose current reports have a source of their own
    weekly = updates(listed, since or FIRST_PURCHASE) if strategys else []
    announced = current(listed, since or announced_since(listed, today))
    if strategys:
        announced = [one for one in announced if SECURITIES_ITEMS & set(one.items)]
    reports = periodic(listed, since or today - IN_FORCE)
    if _older(answer):  # what is in force there the first file tells
        reports = [one for one in reports if one.filed_on >= (since or today - IN_FORCE)]
    direct = [one for one in reports if one.form not in IN_EXHIBITS and one.clock != "undecided"]
    by_page = [one for one in reports if one not in direct] + announced
    return [
        *(("strategy_8k", one.url, one.accepted_at) for one in weekly),
        *(("sec_filing", one.url, one.accepted_at) for one in direct),
        *(("sec_filing_index", one.index_url, one.accepted_at) for one in by_page),
    ]


def check_whole(document: Document) -> None:
    """Raise ParseError where the first file holds fewer filings than SEC promises; one without any is a filer's first day."""
    answer = load(document)
    pages, printed = len(_pages(answer)), len(_columnar(answer)["accessionNumber"].rows())
    if pages and printed < NEWEST_AT_LEAST:
        raise ParseError(
            f"{document.source}: found {printed} filings beside {pages} older pages, expected at least {NEWEST_AT_LEAST}"
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
    return answer if _older(answer) else answer["filings"]["recent"]


def _older(answer: Json) -> bool:
    """Whether it is one of the pages that the first file names."""
    return answer.get("accessionNumber") is not None


def _pages(answer: Json) -> list[Json]:
    return [] if _older(answer) else answer["filings"]["files"].rows()


def _clock_rows(arrays: list[list[Json]]) -> Iterator[clock.IndexRow]:
    """What the rows say about the clock; one that cannot be read says nothing."""
    _, filed, accepted, form, *_ = arrays
    for cells in zip(accepted, filed, form, strict=True):
        try:
            yield clock.IndexRow(_printed(cells[0]), cells[1].day(), cells[2].text())
        except ParseError:
            continue  # told where the row is read


def _filing(
    cik: int,
    accession: Json,
    filed: Json,
    accepted: Json,
    form: Json,
    items: Json,
    primary: Json,
    end: Json | None,
    told: clock.Clock,
) -> Filing:
    if not re.fullmatch(r"[0-9]{10}-[0-9]{2}-[0-9]{6}", accession.text()):
        raise accession.wrong("an accession number like 0001193125-26-016002")
    name = primary.text() if primary.value is not None else ""
    if not _NAME.fullmatch(name) or {".", ".."} & set(name.split("/")):
        raise primary.wrong("a file name")
    return Filing(
        cik=cik,
        accession=accession.text(),
        form=form.text(),
        filed_on=filed.day(),
        accepted_at=clock.accepted_at(_printed(accepted), filed.day(), told),
        items=tuple(
            item.strip() for item in (items.text() if items.value is not None else "").split(",") if item.strip()
        ),
        primary_document=name,
        clock=told,
        report_date=end.day() if end is not None and end.value else None,
    )


def _printed(cell: Json) -> datetime:
    """The moment as printed, without its Z."""
    text = cell.text()
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z", text):
            raise ValueError(text)
        return datetime.fromisoformat(text[:19])
    except (ValueError, OverflowError):
        raise cell.wrong("a moment like 2026-01-20T08:00:28.000Z") from None
