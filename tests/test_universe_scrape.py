"""Every source for every company of the reference data, replayed: each document costs what the one before it cost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from healthy import EVERYTHING, NOW, Page, candle_pages, pages
from saved import documents

from db import open_database
from scrapers import catalogue
from scrapers.archive import Archive
from scripts.shared.options import Settings
from scripts.shared.scraping import Asked, scrape
from treasury.model import Document

MSTR_CIK = "1050446"
PER_COMPANY = ("sec_companyfacts", "sec_filing", "sec_submissions", "yahoo_chart")


def _recording(folder: Path, companies: list[tuple[str, str]]) -> int:
    """A good day's documents of every source, and of those that are asked company by company one for each; how many."""
    archive = Archive(folder)
    count = 0
    for name in set(EVERYTHING.sources) - set(PER_COMPANY):
        for page in pages(name) if name != "coinbase" else candle_pages():
            count += _keep(archive, name, page, page.body)
    for ticker, cik in companies:
        for name in PER_COMPANY:
            for page in pages(name):
                body = page.body.replace(MSTR_CIK.encode(), cik.encode()).replace(b'"MSTR"', f'"{ticker}"'.encode())
                path = page.path.replace(MSTR_CIK, cik).replace("MSTR", ticker)
                count += _keep(archive, name, page._replace(path=path), body)
    return count


def _keep(archive: Archive, name: str, page: Page, body: bytes) -> int:
    url = f"https://{catalogue.load(name).HOSTS[0]}{page.path}"
    archive.keep(Document(name, url, body, NOW, NOW, page.media.partition(";")[0]))
    return 1


def _work(reference_db: Path, folder: Path, companies: list[tuple[str, str]]) -> tuple[int, int]:
    """Documents replayed, and thousands of steps SQLite took for them."""
    folder.mkdir()
    shutil.copy(reference_db, folder / "mnav.db")
    count = _recording(folder / "recorded", companies)
    db = open_database(folder / "mnav.db", writable=True)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    db.conn.set_progress_handler(step, 1000)
    outcomes = scrape(
        db, Settings(folder / "mnav.db", quiet=True), Asked(replay=folder / "recorded"), clock=lambda: NOW
    )
    db.conn.set_progress_handler(None, 1000)
    db.close()
    assert {one.source: one.problems for one in outcomes if one.word != "done"} == {}
    assert {one.source for one in outcomes} == set(EVERYTHING.sources)
    return count, steps


@pytest.fixture
def companies(reference_db: Path) -> list[tuple[str, str]]:
    db = open_database(reference_db)
    rows = db.execute("SELECT ticker, ltrim(cik, '0') FROM company WHERE length(ltrim(cik, '0')) = 7 ORDER BY ticker").fetchall()  # fmt: skip
    db.close()
    return rows


@pytest.mark.slow
def test_a_run_over_the_universe_stays_linear_in_documents(
    reference_db: Path, tmp_path: Path, companies: list[tuple[str, str]]
) -> None:
    assert len(companies) >= 60
    assert any(path.name.startswith("good_day") for path in documents("sec_companyfacts"))
    few, some, many = (_work(reference_db, tmp_path / str(n), companies[:n]) for n in (15, 30, 60))
    first = (some[1] - few[1]) / (some[0] - few[0])
    then = (many[1] - some[1]) / (many[0] - some[0])
    assert then <= 1.25 * first
