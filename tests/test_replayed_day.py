"""A day of all captured documents, replayed over the bundled history: all are stored or told, twice the same, and the words read well."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from saved import SAMPLES, needs_samples
from sqlite_utils import Database

from db import open_database
from db.derived.valuations import rebuild
from scrapers import catalogue
from scrapers.archive import Archive
from scrapers.sources import sec_submissions
from scripts.shared.options import Settings
from scripts.shared.scraping import Asked, scrape
from treasury.model import Document

pytestmark = [needs_samples, pytest.mark.slow, pytest.mark.usefixtures("quick_archive")]

DAY = datetime(2026, 11, 30, 12, tzinfo=UTC)
STORED = ("fact", "price", "split", "purchase", "context", "quarantine", "source", "document")
AFTER_PERIOD = timedelta(days=45)  # when a report whose name holds its period only came out, here
LISTED = {
    "3350": "3350.T",
    "ANAP": "3189.T",
    "GUMI": "3903.T",
    "DCC": "DCC.AX",
    "1723": "1723.HK",
    "NDA": "NDA.V",
    "ALCPB": "ALCPB.PA",
    "SWC": "SWC.L",
}
MOST_LINES = 3  # of words for one source, failures apart
SLACK = 1.5  # of twice the statements, for twice the documents


def _index() -> dict[str, sec_submissions.Filing]:
    body = (SAMPLES / "sec_xbrl" / "mstr_subs.json").read_bytes()
    url = "https://data.sec.gov/submissions/CIK0001050446.json"
    listed = sec_submissions.filings(Document("sec_submissions", url, body, DAY))
    return {f"8k-{filing.filed_on}-{filing.accession[-6:]}.html": filing for filing in listed}


def _filings() -> Iterator[Document]:
    """Strategy's 8-Ks under their addresses, and reports under addresses made of their CIK and a number."""
    for name, filing in _index().items():
        if (path := SAMPLES / "sec_8k" / name).exists():
            yield Document("strategy_8k", filing.url, path.read_bytes(), DAY, filing.accepted_at)
    paths = sorted([*(SAMPLES / "reports").glob("*.htm*"), *(SAMPLES / "sec_10q").glob("*.htm*")])
    for number, path in enumerate(paths):
        body = path.read_bytes()
        cik = re.search(rb"EntityCentralIndexKey[^>]*>(?:<[^>]*>)*\s*0*(\d{1,10})", body)
        day = re.search(r"\d{4}-\d{2}-\d{2}", path.name)
        if cik is None:
            continue
        moment = (
            datetime.combine(date.fromisoformat(day[0]) if day else date(2025, 6, 30), datetime.min.time(), UTC)
            + AFTER_PERIOD
        )
        url = f"https://www.sec.gov/Archives/edgar/data/{int(cik[1])}/{9999999999}25{number:06d}/{path.name}"
        yield Document("sec_filing", url, body, DAY, moment)


def _others() -> Iterator[Document]:
    for path in sorted((SAMPLES / "sec_edgar" / "submissions").glob("CIK*.json")):
        yield Document("sec_submissions", f"https://data.sec.gov/submissions/{path.name}", path.read_bytes(), DAY)
    for path in sorted((SAMPLES / "yahoo_fundamentals" / "cut").glob("*.json")):
        yield Document(
            "yahoo_fundamentals",
            f"https://query1.finance.yahoo.com/timeseries/{path.stem.partition('_')[0]}",
            path.read_bytes(),
            DAY,
        )
    for name, source, moment in (
        ("feargreed/fng_limit30_2026-09-19.json", "fear_greed", datetime(2026, 9, 19, 19, 10, tzinfo=UTC)),
        ("deribit/future_2026-09-19.json", "deribit", datetime(2026, 9, 19, 19, tzinfo=UTC)),
        ("nasdaq/CAPR_bom.json", "nasdaq", datetime(2026, 8, 14, 22, tzinfo=UTC)),
    ):
        host = catalogue.load(source).HOSTS[0]
        yield Document(source, f"https://{host}/{Path(name).name}", (SAMPLES / name).read_bytes(), moment)


def _releases() -> Iterator[Document]:
    """All announcements, as filed where their company has a CIK, else as notices that somebody imported."""
    with (Path(__file__).parents[1] / "treasury" / "reference" / "companies.csv").open(newline="") as file:
        ciks = {row["ticker"]: int(row["cik"]) for row in csv.DictReader(file) if row["cik"].isdigit()}
    with (SAMPLES / "releases" / "golden.csv").open(newline="") as file:
        published = {row["file"]: row["published_on"] for row in csv.DictReader(file)}
    for number, (name, day) in enumerate(sorted(published.items())):
        path, folder = SAMPLES / "releases" / name, name.partition("/")[0]
        told = date.fromisoformat(day if len(day) == 10 else f"{day}-15")
        moment = datetime.combine(told, datetime.min.time(), UTC) + timedelta(hours=21)
        if cik := ciks.get(folder):
            url = f"https://www.sec.gov/Archives/edgar/data/{cik}/{9999999998}25{number:06d}/{path.name}"
            yield Document("announcement", url, path.read_bytes(), DAY, moment)
        elif folder != "MANY":
            url = f"issuer:{LISTED.get(folder, folder)}/https://notices.example/{number}/{path.name}"
            yield Document("issuer_notice", url, path.read_bytes(), DAY, moment)


def _record(folder: Path, documents: list[Document]) -> Path:
    archive = Archive(folder)
    for document in documents:
        archive.keep(document)
    return folder


def _dump(db: Database) -> dict[str, Counter[tuple[object, ...]]]:
    return {table: Counter(db.execute(f"SELECT * FROM {table}").fetchall()) for table in STORED}


def _database(reference_db: Path, folder: Path) -> Database:
    folder.mkdir()
    return open_database(Path(shutil.copy(reference_db, folder / "mnav.db")), writable=True)


@pytest.mark.slow
def test_a_day_of_everything_is_stored_or_told_and_the_same_again_changes_nothing(
    reference_db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = [*_filings(), *_others(), *_releases()]
    kept = Counter(document.source for document in documents)
    assert kept["strategy_8k"] > 70
    assert kept["sec_filing"] > 35
    assert min(kept["announcement"], kept["issuer_notice"]) > 20
    asked = Asked(replay=_record(tmp_path / "recorded", documents))
    db = _database(reference_db, tmp_path / "first")
    outcomes = scrape(db, Settings(tmp_path / "first" / "mnav.db"), asked, clock=lambda: DAY)
    said = capsys.readouterr().err.splitlines()

    for outcome in outcomes:
        lost = kept[outcome.source] - outcome.documents
        assert 0 <= lost <= len(outcome.failures) + len(outcome.gone), (
            f"{outcome.source}: a document is lost without a word"
        )
        about = [line for line in said if line.startswith(f"{outcome.source}: ") and " documents …" not in line]
        assert 1 < len(about) <= MOST_LINES, about
    stored = db.execute("SELECT source, count(*) FROM document GROUP BY source").fetchall()
    assert dict(stored) == {one.source: one.documents for one in outcomes if one.documents}
    assert all(len(line) < 1000 for line in said)

    before = _dump(db)
    again = scrape(db, Settings(tmp_path / "first" / "mnav.db", quiet=True), asked, clock=lambda: DAY)
    assert {one.source: one.counts for one in again if one.counts} == {}
    assert _dump(db) == before

    other = _database(reference_db, tmp_path / "second")
    scrape(other, Settings(tmp_path / "second" / "mnav.db", quiet=True), asked, clock=lambda: DAY)
    assert _dump(other) == before, "another machine, the same day"


def test_twice_the_documents_cost_twice_the_statements(reference_db: Path, tmp_path: Path) -> None:
    """No wall clock: what is counted are the statements the database is asked to run."""
    weekly = [document for document in _filings() if document.source == "strategy_8k"]
    counted = []
    for number, part in enumerate((weekly[: len(weekly) // 2], weekly)):
        asked = Asked(replay=_record(tmp_path / f"recorded{number}", part))
        db = _database(reference_db, tmp_path / str(number))
        statements: list[str] = []
        db.conn.set_trace_callback(statements.append)
        scrape(db, Settings(tmp_path / str(number) / "mnav.db", quiet=True), asked, clock=lambda: DAY)
        counted.append(len(statements))
    assert counted[1] <= SLACK * 2 * counted[0]


def test_shares_sold_move_the_count_between_reports(reference_db: Path, tmp_path: Path) -> None:
    """Without the dashboard's counts from November 2025 on; the weeks whose 8-K is not among the captured ones are left out."""
    db = _database(reference_db, tmp_path / "sold")
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    shown = "ticker = 'MSTR' AND quantity IN ('shares_basic', 'shares_assumed_diluted') AND source = 'strategy-dashboard' AND as_of >= '2025-11-01'"
    counts = dict(
        db.execute(
            f"SELECT as_of, value FROM fact WHERE {shown} AND quantity = 'shares_basic' ORDER BY as_of"
        ).fetchall()
    )
    db.execute(f"DELETE FROM fact WHERE {shown}")
    db.conn.commit()
    weekly = [document for document in _filings() if document.source == "strategy_8k"]
    asked = Asked(replay=_record(tmp_path / "recorded", weekly))
    scrape(db, Settings(tmp_path / "sold" / "mnav.db", quiet=True), asked, clock=lambda: DAY)
    rebuild(db)
    found = dict(db.execute("SELECT date, shares_basic FROM mnav_daily WHERE ticker = 'MSTR' AND date >= '2025-11-01'").fetchall())  # fmt: skip
    for day in ("2025-11-03", "2025-11-10", "2025-11-17", "2025-12-01", "2025-12-08"):
        assert found[day] == pytest.approx(counts[day], rel=0.001), day
    for before, after in (("2025-12-15", "2025-12-29"), ("2025-12-29", "2026-01-05"), ("2026-01-12", "2026-01-20")):  # fmt: skip
        assert found[after] - found[before] == pytest.approx(counts[after] - counts[before], abs=0.001 * counts[after]), after  # fmt: skip
