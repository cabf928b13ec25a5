"""mnav scrape from end to end: a good day, a recording replayed, a killed run, and every way a host can fail every source."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from healthy import (
    EVERYTHING,
    FILING,
    IMPATIENT,
    NOW,
    PATHS,
    PATIENT,
    UNLED,
    answers,
    bodies,
    brought,
    bystanders,
    fail,
    pages,
    run,
    transport,
    world,
)  # fmt: skip
from misbehaving import FAILURES, HASTY, HTML, JSON, MisbehavingServer, document
from saved import FIXTURES
from sqlite_utils import Database

import scrapers.sources
from db import open_database
from db.derived.valuations import bring_up_to_date
from db.tables import for_scraping, scraped
from scrapers import catalogue, gather
from scrapers.archive import Archive
from scripts.main import mnav
from scripts.shared.options import Settings
from scripts.shared.scraping import Asked, scrape
from treasury.model import Document

CHECKOUT = Path(__file__).parents[1]
KEPT = ("fact", "price", "split", "purchase", "quarantine", "source")

pytestmark = pytest.mark.usefixtures("quick_archive")


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGAR_IDENTITY", "Ada Tester ada@example.org")


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as one:
        answers(one)
        yield one


@pytest.fixture(scope="module")
def good_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database of a good day, its archive, and a recording of it in `recorded`."""
    folder = tmp_path_factory.mktemp("good")
    os.environ["EDGAR_IDENTITY"] = "Ada Tester ada@example.org"
    with MisbehavingServer() as one:
        answers(one)
        run(world(folder / "mnav.db"), folder, one, Asked(record=folder / "recorded"))
    return folder


def dump(db: Database, tables: tuple[str, ...] = KEPT) -> dict[str, list[tuple[Any, ...]]]:
    """The rows that must not change, without the numbers that depend on their order of arrival."""
    rows = {}
    for table in tables:
        names = [one.name for one in db[table].columns if one.name not in ("id", "document")]
        rows[table] = sorted(db.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall(), key=repr)
    return rows


# -- a good day ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_good_day_brings_what_every_source_has(tmp_path: Path, server: MisbehavingServer) -> None:
    db = world(tmp_path / "mnav.db")
    outcomes = run(db, tmp_path, server)
    needless = {name for name in catalogue.names() if catalogue.fallback_for(name) or catalogue.asked_only(name)}
    beside = {name for name in needless if catalogue.beside(name)}
    assert set(outcomes) == set(catalogue.names()) - (needless - beside)
    for name in needless:
        outcomes |= run(world(tmp_path / f"{name}.db"), tmp_path, server, Asked(sources=(name,)))
    assert {name: one.problems for name, one in outcomes.items() if one.word != "done"} == {}
    for name in set(catalogue.names()) - {"sec_submissions"}:
        counts = brought(name)
        assert {table: outcomes[name].counts.get(table) for table in counts} == counts, name
    fact = db.execute(
        "SELECT known_at, f.source, d.url, d.published_at FROM fact f JOIN document d ON d.id = f.document"
        " WHERE quantity = 'btc_holdings' AND as_of = '2025-01-05' AND value = 447470"
    ).fetchall()
    assert fact == [
        (
            "2025-01-06T13:00:10Z",
            "sec-0000950170-25-001854",
            f"https://www.sec.gov{FILING}",
            "2025-01-06T13:00:10Z",
        )
    ]
    tracker = db.execute(
        "SELECT as_of, known_at, value FROM fact WHERE source LIKE 'coingecko%' ORDER BY value"
    ).fetchall()
    assert tracker == [
        ("2025-01-15", "2025-01-15T22:30:00Z", 447_470.0),
        ("2025-01-15", "2025-01-15T22:30:00Z", 27_954_000_000.0),
    ]
    assert db.execute("SELECT close, source FROM price WHERE symbol = 'MSTR' AND date = '2025-01-15'").fetchall() == [
        (350.0, "yahoo_chart")
    ]
    assert bring_up_to_date(db) > 0
    assert db.execute("SELECT btc, price FROM mnav_daily WHERE ticker = 'MSTR' AND date = '2025-01-15'").fetchall() == [
        (447_470.0, 350.0)
    ]


def test_the_dashboard_is_asked_beside_the_8k_for_what_filings_do_not_print(good_day: Path, tmp_path: Path) -> None:
    stored = "SELECT DISTINCT quantity FROM fact JOIN document d ON d.id = fact.document WHERE d.source = 'strategy_dashboard'"
    told = {quantity for (quantity,) in open_database(good_day / "mnav.db").execute(stored)}
    assert {"shares_basic", "preferred_total"} <= told <= catalogue.beside("strategy_dashboard")
    db = world(tmp_path / "mnav.db")
    alone = Asked(replay=good_day / "recorded", sources=("strategy_dashboard",))
    scrape(db, Settings(tmp_path / "mnav.db", quiet=True), alone, clock=lambda: NOW)
    assert {"btc_holdings", "debt_total"} <= {quantity for (quantity,) in db.execute(stored)}


@pytest.mark.slow
def test_what_is_known_is_not_overwritten(tmp_path: Path, server: MisbehavingServer) -> None:
    """The world closes MSTR at 340 and bitcoin at 100,000 to 10 January; Yahoo and Coinbase say otherwise."""
    db = world(tmp_path / "mnav.db")
    before = dump(db)
    run(db, tmp_path, server)
    after = dump(db)
    for table in KEPT:
        assert set(before[table]) <= set(after[table]), table


def test_a_rate_rounded_otherwise_is_the_same_rate_and_a_corrected_one_replaces_it(
    tmp_path: Path, server: MisbehavingServer
) -> None:
    """The bundled rates have ten digits; rewriting them in turns would value every day again in every run."""
    db = world(tmp_path / "mnav.db")
    db.execute("INSERT INTO source (id, kind, title) VALUES ('ecb', 'market', 'as bundled')")
    rates = [("2025-01-13", 0.0064375001), ("2025-01-14", 0.0064)]
    db.conn.executemany(
        "INSERT INTO price (symbol, date, fixing, close, currency, source) VALUES ('JPYUSD', ?, 'ecb', ?, 'USD', 'ecb')",
        rates,
    )
    db.conn.commit()
    run(db, tmp_path, server, Asked(sources=("ecb",)))
    stored = (
        "SELECT date, close FROM price WHERE symbol = 'JPYUSD' AND date IN ('2025-01-13', '2025-01-14') ORDER BY date"
    )
    assert db.execute(stored).fetchall() == [("2025-01-13", 0.0064375001), ("2025-01-14", 0.0064375)]
    assert db.execute("SELECT title FROM source WHERE id = 'ecb'").fetchall() == [("as bundled",)]


def test_the_same_again_changes_nothing_but_run_and_fetched_at(good_day: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(good_day, tmp_path / "again"))
    db = open_database(folder / "mnav.db", writable=True)
    everything = (*KEPT, "document", "company", "alias", "dirty")
    before = dump(db, everything)
    outcomes = scrape(db, Settings(folder / "mnav.db", quiet=True), Asked(replay=good_day / "recorded"))
    assert {one.word for one in outcomes} == {"done"}
    assert {one.source: one.counts for one in outcomes if one.counts} == {}
    assert dump(db, everything) == before
    assert db.execute("SELECT count(*) FROM run").fetchone() == (2,)


@pytest.mark.slow
def test_a_recording_replayed_elsewhere_gives_the_same_database(good_day: Path, tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    asked = Asked(replay=good_day / "recorded")
    outcomes = scrape(db, Settings(tmp_path / "mnav.db", quiet=True), asked, clock=lambda: NOW)
    assert {one.word for one in outcomes} == {"done"}
    assert dump(db) == dump(open_database(good_day / "mnav.db"))
    again = scrape(db, Settings(tmp_path / "mnav.db", quiet=True), Asked(from_archive=True), clock=lambda: NOW)
    assert {one.word for one in again} == {"done"}
    assert dump(db) == dump(open_database(good_day / "mnav.db"))


@pytest.mark.slow
def test_a_dry_run_stores_nothing(tmp_path: Path, server: MisbehavingServer) -> None:
    db = world(tmp_path / "mnav.db")
    before = dump(db, (*KEPT, "document", "run"))
    outcomes = run(db, tmp_path, server, Asked(dry_run=True))
    assert outcomes["coinbase"].counts["price"] >= 9
    assert dump(db, (*KEPT, "document", "run")) == before


@pytest.mark.slow
def test_the_second_time_only_stale_documents_are_asked_for(tmp_path: Path, server: MisbehavingServer) -> None:
    db = world(tmp_path / "mnav.db")
    run(db, tmp_path, server)
    asked = len(server.hits)
    run(db, tmp_path, server)
    again = {hit.path for hit in server.hits[asked:]}
    served = {page.path for name in catalogue.names() for page in pages(name)}
    assert again & served == set()  # coinbase is asked for fewer days (other URLs), and what is not there may have come


@pytest.mark.slow
def test_without_an_identity_the_sec_is_skipped_with_a_clear_line(
    tmp_path: Path, server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("EDGAR_IDENTITY")
    db = world(tmp_path / "mnav.db")
    outcomes = scrape(db, Settings(tmp_path / "mnav.db"), Asked(), transport(server), lambda: NOW)
    words = {one.source: one.word for one in outcomes}
    assert {name for name, word in words.items() if word == "skipped"} == {
        name for name in words if "data.sec.gov" in catalogue.load(name).HOSTS or catalogue.leaders(name)
    }
    assert set(words.values()) == {"done", "skipped"}
    said = capsys.readouterr().err
    assert "strategy_dashboard: asked in place of strategy_8k (skipped)" in said
    assert "sec_submissions: skipped: set EDGAR_IDENTITY to 'Your Name mail@your.domain'" in said
    assert said.count("set EDGAR_IDENTITY") == 2, "sec_submissions and sec_companyfacts"
    assert "strategy_8k: skipped with sec_submissions, which lists its documents\n" in said
    assert "33 readings not matched" in said
    assert "coingecko_treasuries: 33 companies not matched: XX1.US, XX10.US, " in said
    assert not [hit for hit in server.hits if "sec.gov" in hit.host]


def test_one_source_takes_along_the_one_that_leads_to_it(tmp_path: Path, server: MisbehavingServer) -> None:
    outcomes = run(world(tmp_path / "mnav.db"), tmp_path, server, Asked(sources=("strategy_8k",)))
    assert list(outcomes) == ["sec_submissions", "strategy_8k"]


def test_an_update_in_an_exhibit_is_fetched(tmp_path: Path, server: MisbehavingServer) -> None:
    server.answers(FILING, document((FIXTURES / "strategy_8k" / "2025-05-27.html").read_bytes(), HTML))
    exhibit = FILING.rpartition("/")[0] + "/mstr-ex99_1.htm"
    server.answers(exhibit, document((FIXTURES / "strategy_8k" / "2025-05-27-ex99.html").read_bytes(), HTML))
    db = world(tmp_path / "mnav.db")
    outcome = run(db, tmp_path, server, Asked(sources=("strategy_8k",)))["strategy_8k"]
    assert outcome.documents == 2
    assert [hit.path for hit in server.hits if "Archives" in hit.path] == [FILING, exhibit]
    kept = db.execute("SELECT DISTINCT reason FROM quarantine WHERE source = 'strategy_8k'").fetchall()
    assert [reason for (reason,) in kept if "after it was published" in reason], (
        "the fixture is of May, the index says January"
    )


# -- judgement -----------------------------------------------------------------------------------------------------


def _holders(holdings: float, other: float = 1) -> bytes:
    """What CoinGecko sends where MSTR and a stranger hold so many, and nobody knows what MSTR paid."""
    answer = json.loads(bodies()["coingecko_treasuries"])
    answer["companies"][1]["total_holdings"] = other
    answer["companies"][0] |= {"total_holdings": holdings, "total_entry_value_usd": 0}
    answer["total_holdings"] = sum(one["total_holdings"] for one in answer["companies"])
    return json.dumps(answer).encode()


def test_a_hundredfold_is_kept_out_with_its_reason_and_settled_by_a_good_value(
    tmp_path: Path, server: MisbehavingServer
) -> None:
    db, path = world(tmp_path / "mnav.db"), PATHS["coingecko_treasuries"]
    only = Asked(sources=("coingecko_treasuries",), refresh=True)
    server.answers(path, document(_holders(4.4747), JSON), document(_holders(447_470), JSON))
    run(db, tmp_path, server, only)
    waiting = "SELECT value, reason, resolved_on FROM quarantine WHERE company = 'MSTR.US'"
    ((value, reason, resolved),) = db.execute(waiting).fetchall()
    assert (value, resolved) == (4.4747, None)
    assert "a hundredfold" in reason
    assert db.execute("SELECT value FROM fact WHERE quantity = 'btc_holdings'").fetchall() == [(446_400.0,)]
    run(db, tmp_path, server, only)
    assert db.execute(waiting).fetchall() == [(4.4747, reason, "2025-01-15")]
    assert (447_470.0,) in db.execute("SELECT value FROM fact WHERE quantity = 'btc_holdings'").fetchall()


def test_more_bitcoin_than_there_can_be_is_kept_out_whole(tmp_path: Path, server: MisbehavingServer) -> None:
    answer = json.loads(bodies()["coingecko_treasuries"])
    for one in answer["companies"]:
        one["total_holdings"] = 700_000
    answer["total_holdings"] = 700_000 * len(answer["companies"])
    server.answers(PATHS["coingecko_treasuries"], document(json.dumps(answer).encode(), JSON))
    db = world(tmp_path / "mnav.db")
    counts = run(db, tmp_path, server, Asked(sources=("coingecko_treasuries",)))["coingecko_treasuries"].counts
    assert "fact" not in counts
    assert counts["kept out"] == 35


def test_a_tracker_speaks_when_its_value_changes_and_never_else(tmp_path: Path, server: MisbehavingServer) -> None:
    db = world(tmp_path / "mnav.db")
    steps = (447_470, 447_470, 450_000, 447_470)
    server.answers(
        PATHS["coingecko_treasuries"],
        *(document(_holders(value, other=1 + n % 3), JSON) for n, value in enumerate(steps)),
    )
    for day in range(len(steps)):
        settings, asked = Settings(tmp_path / "mnav.db", quiet=True), Asked(sources=("coingecko_treasuries",))
        scrape(db, settings, asked, transport(server), lambda day=day: NOW + timedelta(days=day))  # type: ignore[misc]
    told = db.execute("SELECT as_of, value FROM fact WHERE source LIKE 'coingecko%' ORDER BY as_of").fetchall()
    assert told == [("2025-01-15", 447_470.0), ("2025-01-17", 450_000.0), ("2025-01-18", 447_470.0)]
    assert len(scraped.strangers(db)) == 33, "a stranger is noted once, not every day"


def test_another_value_from_a_filing_read_before_is_kept_out(good_day: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(good_day, tmp_path / "again"))
    db = open_database(folder / "mnav.db", writable=True)
    url = f"https://www.sec.gov{FILING}"
    body = bodies()["strategy_8k"].replace(b"447,470", b"447,970")
    assert body != bodies()["strategy_8k"]
    recording = Archive(tmp_path / "recorded")
    recording.keep(Document("strategy_8k", url, body, NOW, NOW - timedelta(days=9), HTML))
    before = dump(db, ("fact", "purchase"))
    (outcome,) = scrape(db, Settings(folder / "mnav.db", quiet=True), Asked(replay=tmp_path / "recorded"))
    assert outcome.word in ("done", "failed")
    assert dump(db, ("fact", "purchase")) == before


# -- a new source --------------------------------------------------------------------------------------------------


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Adds a source of one file, with its constants beyond the required ones and what it yields."""
    folder = tmp_path / "sources"
    folder.mkdir()
    monkeypatch.setattr(scrapers.sources, "__path__", [*scrapers.sources.__path__, str(folder)])

    def add(name: str, constants: str, *readings: str) -> None:
        (folder / f"{name}.py").write_text(
            f'"""example.org/{name} — one number of one company."""\n'
            "from datetime import date, timedelta\n"
            "from treasury.model import Reading\n"
            f'HOSTS, URLS, KIND, FRESH = ("{name}.example.org",), ("https://{name}.example.org/{name}",), "json", timedelta(hours=1)\n'
            f"AT_LEAST = 1\n{constants}\n"
            "def parse(document):\n" + "".join(f"    yield {one}\n" for one in readings)
        )

    return add


TALLY = 'Reading("NASDAQ:MSTR", "btc_holdings", float(document.body), "BTC", document.fetched_at.date())'


@pytest.mark.slow
def test_a_toy_source_takes_one_file_and_no_other_edit(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    toy("tally", "", TALLY)
    server.answers("/tally", document(b"450000", JSON))
    db = world(tmp_path / "mnav.db")
    outcomes = run(db, tmp_path, server)
    assert outcomes["tally"].counts == {"fact": 1}
    stored = "SELECT ticker, value, source, source_kind FROM known_fact WHERE source LIKE 'tally%'"
    assert db.execute(stored).fetchall() == [("MSTR", 450_000.0, "tally-2025-01-15", "tracker")]


@pytest.mark.slow
def test_a_fallback_is_asked_only_where_all_it_stands_in_for_failed(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    toy("first_aid", 'FALLBACK_FOR = ("coinbase",)', TALLY)
    toy("second_aid", 'FALLBACK_FOR = ("coinbase", "first_aid")', TALLY)
    for name in ("first_aid", "second_aid"):
        server.answers(f"/{name}", document(b"450000", JSON))
    assert not {"first_aid", "second_aid"} & set(run(world(tmp_path / "good.db"), tmp_path, server))
    fail(server, "coinbase", FAILURES["500 for ever"][0])
    db = world(tmp_path / "mnav.db")
    outcomes = {one.source: one for one in scrape(db, Settings(tmp_path / "bad" / "mnav.db"), Asked(), transport(server), lambda: NOW)}  # fmt: skip
    assert (outcomes["coinbase"].word, outcomes["first_aid"].word) == ("failed", "done")
    assert "second_aid" not in outcomes
    assert "first_aid: asked in place of coinbase (failed)" in capsys.readouterr().err
    server.answers("/first_aid", FAILURES["500 for ever"][0](b"", JSON))
    assert run(world(tmp_path / "worse.db"), tmp_path / "worse", server)["second_aid"].word == "done"


@pytest.mark.slow
def test_what_is_asked_only_by_name_is_not_asked_otherwise(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    toy("shy", "ASKED_ONLY = True", TALLY)
    server.answers("/shy", document(b"450000", JSON))
    assert "shy" not in run(world(tmp_path / "mnav.db"), tmp_path, server)
    assert run(world(tmp_path / "more.db"), tmp_path, server, Asked(sources=("shy",)))["shy"].word == "done"


def test_a_history_told_anew_is_one_history_known_day_by_day(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    rows = [f'Reading("MSTR", "btc_holdings", {held}, "BTC", date(2025, 1, {day}))' for day, held in ((3, 446_500), (8, 447_000))]  # fmt: skip
    bought = 'Reading("MSTR", "btc_acquired", 500.0, "BTC", date(2025, 1, 8))'
    toy("almanac", 'DIALECT, DATED = "ours", True', *rows, bought)
    db = world(tmp_path / "mnav.db")
    for body in (b"1", b"2"):  # other bytes: read again
        server.answers("/almanac", document(body, JSON))
        run(db, tmp_path, server, Asked(sources=("almanac",), refresh=True))
    told = db.execute("SELECT as_of, known_at, known_assumed, value, source FROM fact WHERE source = 'almanac'").fetchall()  # fmt: skip
    assert told == [("2025-01-03", "2025-01-03", 1, 446_500.0, "almanac"), ("2025-01-08", "2025-01-08", 1, 447_000.0, "almanac")]  # fmt: skip
    assert db.execute("SELECT announced_on, btc FROM purchase").fetchall() == [("2025-01-08", 500.0)]


def test_a_document_that_says_when_it_was_known_is_believed_and_ciks_are_companies(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    toy(
        "registry",
        'DIALECT, SOURCE_KIND = "cik", "filing"',
        *(f'Reading("CIK 0001050446", "cash", {value}e6, "USD", date(2024, 9, 30), known_at=date(2024, {month}, 1))'
          for month, value in ((11, 46), (12, 47))),
        'Reading("CIK 0000000001", "cash", 5e6, "USD", date(2024, 9, 30))',
    )  # fmt: skip
    server.answers("/registry", document(b"1", JSON))
    db = world(tmp_path / "mnav.db")
    outcome = run(db, tmp_path, server, Asked(sources=("registry",)))["registry"]
    assert outcome.counts == {"fact": 2, "strangers": 1}
    told = db.execute("SELECT ticker, known_at, known_assumed, value FROM known_fact WHERE quantity = 'cash' ORDER BY value").fetchall()  # fmt: skip
    assert told == [("MSTR", "2024-11-01", 0, 46e6), ("MSTR", "2024-12-01", 0, 47e6)]


def test_a_series_about_the_market_lands_in_its_own_table_once(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    toy("mood", 'SOURCE_KIND = "market"', 'Reading("BTC", "fear_greed", 20.0 + int(document.body), "index", date(2025, 1, 14))')  # fmt: skip
    db = world(tmp_path / "mnav.db")
    for body, counts in ((b"1", {"context": 1}), (b"1 ", {}), (b"2", {"context": 1})):
        server.answers("/mood", document(body, JSON))
        assert run(db, tmp_path, server, Asked(sources=("mood",), refresh=True))["mood"].counts == counts
    assert db.execute("SELECT series, date, known_at, value, source FROM context").fetchall() == [
        ("fear_greed", "2025-01-14", None, 22.0, "mood")
    ]


def test_a_tracker_full_of_stale_values_and_one_with_millions_too_many_change_no_valuation(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    """What a newer filing replaced, and 3.8 million BTC for a day, are kept out, however old the filing in force is."""
    toy("tally", "", TALLY)
    db = world(tmp_path / "mnav.db")
    add = "INSERT INTO fact (ticker, quantity, as_of, known_at, known_assumed, value, unit, source) VALUES ('MSTR', 'btc_holdings', ?, ?, 0, ?, 'BTC', 'filings')"  # fmt: skip
    for day, held in (("2024-08-01", 226_500), ("2024-09-06", 244_800)):
        db.execute(add, (day, day, held))
    db.conn.commit()
    bring_up_to_date(db)
    before = dump(db, ("mnav_daily",))
    for body, reason in ((b"226500", "superseded"), (b"4240000", "leap"), (b"244800", "superseded")):
        server.answers("/tally", document(body, JSON))
        assert run(db, tmp_path, server, Asked(sources=("tally",), refresh=True))["tally"].counts == {"kept out": 1}
        assert reason in db.execute("SELECT reason FROM quarantine ORDER BY id DESC LIMIT 1").fetchone()[0]
    bring_up_to_date(db)
    assert dump(db, ("mnav_daily",)) == before
    server.answers("/tally", document(b"447470", JSON))  # newer than what is filed: a fact, and the others are settled
    assert run(db, tmp_path, server, Asked(sources=("tally",), refresh=True))["tally"].counts == {"fact": 1}
    assert db.execute("SELECT count(*) FROM quarantine WHERE resolved_on IS NULL").fetchone() == (0,)


def test_a_trackers_silence_removes_nobody(tmp_path: Path, server: MisbehavingServer) -> None:
    answer = json.loads(bodies()["coingecko_treasuries"])
    orange = {"name": "ORNG Inc", "symbol": "ORNG.T", "total_holdings": 5_000, "total_entry_value_usd": 0}
    listed = {"total_holdings": answer["total_holdings"] + 5_000, "companies": [*answer["companies"], orange]}
    db, held = world(tmp_path / "mnav.db"), "SELECT ticker, btc FROM holdings ORDER BY ticker"
    for told in (listed, answer):
        server.answers(PATHS["coingecko_treasuries"], document(json.dumps(told).encode(), JSON))
        run(db, tmp_path, server, Asked(sources=("coingecko_treasuries",), refresh=True))
        bring_up_to_date(db)
        assert db.execute(held).fetchall() == [("MSTR", 446_400.0), ("ORNG", 5_000.0)]


def looked(
    db: Database, folder: Path, server: MisbehavingServer, name: str, *bodies: bytes, hours: int = 5
) -> list[dict[str, int]]:
    """The counts of several looks at a toy source, so many hours apart; the first at half past one."""
    counts = []
    for number, body in enumerate(bodies):
        server.answers(f"/{name}", document(body, JSON))
        moment = NOW.replace(hour=1) + timedelta(hours=hours * number)
        settings, asked = Settings(folder / "mnav.db", quiet=True), Asked(sources=(name,), refresh=True)
        counts += [one.counts for one in scrape(db, settings, asked, transport(server), lambda moment=moment: moment)]  # type: ignore[misc]
    return counts


@pytest.mark.parametrize("kind", ["tracker", "issuer"])
def test_what_a_page_changes_within_a_day_is_a_fact_of_that_hour(
    kind: str, tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    """Sources are asked several times a day; a purchase told at noon is no contradiction of the morning."""
    toy(f"hourly_{kind}", f'SOURCE_KIND = "{kind}"', TALLY)
    db = world(tmp_path / "mnav.db")
    bodies = (b"447470", b"447470 ", b"449000", b"460000", b"447470")
    assert looked(db, tmp_path, server, f"hourly_{kind}", *bodies) == [
        {"fact": 1}, {}, {"fact": 1}, {"fact": 1}, {"fact": 1},
    ]  # fmt: skip
    stored = "SELECT known_at, value FROM fact WHERE source LIKE 'hourly%' ORDER BY known_at"
    told = db.execute(stored).fetchall()
    assert told == [
        ("2025-01-15T01:30:00Z", 447_470.0), ("2025-01-15T11:30:00Z", 449_000.0),
        ("2025-01-15T16:30:00Z", 460_000.0), ("2025-01-15T21:30:00Z", 447_470.0),
    ]  # fmt: skip
    again = Asked(sources=(f"hourly_{kind}",), from_archive=True)
    (outcome,) = scrape(db, Settings(tmp_path / "mnav.db", quiet=True), again, clock=lambda: NOW)
    assert (outcome.word, outcome.counts) == ("done", {})
    assert db.execute(stored).fetchall() == told


@pytest.mark.parametrize(
    "second", ['"shares_sold", 3e6, "shares", date(2025, 1, 12), period_start=date(2025, 1, 1)', '"cash", 1e6, "EUR", date(2025, 1, 12), period_start=date(2025, 1, 1)'],
    ids=["period", "currency"],
)  # fmt: skip
def test_what_cannot_be_stored_beside_another_number_is_kept_out_and_stops_nobody(
    second: str, tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None], request: pytest.FixtureRequest
) -> None:
    name = f"sales_{request.node.callspec.id}"
    first = second.replace("3e6", "1e6").replace("EUR", "USD").replace("date(2025, 1, 1)", "date(2025, 1, 6)")
    toy(name, 'DIALECT, SOURCE_KIND = "ours", "issuer"', *(f'Reading("MSTR", {one})' for one in (first, second)))
    db = world(tmp_path / "mnav.db")
    assert looked(db, tmp_path, server, name, b"1", hours=0) == [{"fact": 1, "kept out": 1}]
    ((reason,),) = db.execute("SELECT reason FROM quarantine").fetchall()
    assert "is stored with 1,000,000" in reason


def test_a_restatement_in_doubt_is_not_settled_by_what_stands_beside_it(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    """A share count filed again after a split, for a day before it: the first one, read again, says nothing for it."""
    readings = [
        f'Reading("CIK 0001050446", "shares_basic", {count}, "shares", date(2025, 1, 3), known_at=date(2025, 1, {day}))'
        for count, day in ((246e6, 6), (2460e6, 10))
    ]
    toy("refiled", 'DIALECT, SOURCE_KIND = "cik", "filing"', *readings)
    db = world(tmp_path / "mnav.db")
    assert looked(db, tmp_path, server, "refiled", b"1", b"2") == [{"fact": 1, "kept out": 1}, {}]
    assert db.execute("SELECT value, resolved_on FROM quarantine").fetchall() == [(2460e6, None)]


def test_a_contradiction_is_settled_under_the_word_it_was_printed_with(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    row = 'Reading("NASDAQ:MSTR", "btc_holdings", float(document.body), "BTC", date(2025, 1, 13), note="Strategy")'
    toy("refuted", "DATED = True", row)
    db = world(tmp_path / "mnav.db")
    looked(db, tmp_path, server, "refuted", b"447470", b"470000")
    assert db.execute("SELECT company, value, resolved_on FROM quarantine").fetchall() == [
        ("NASDAQ:MSTR", 470_000.0, None)
    ]
    looked(db, tmp_path, server, "refuted", b"447471")
    assert db.execute("SELECT resolved_on FROM quarantine").fetchall() == [("2025-01-15",)]


def test_a_former_symbol_that_begins_like_the_ticker_is_still_the_company(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    toy("belated", "", TALLY.replace("NASDAQ:MSTR", "NASDAQ:MSTRX"))
    db = world(tmp_path / "mnav.db")
    db.execute("INSERT INTO alias VALUES ('MSTR', 'MSTRX:NASDAQ', 'symbol', NULL, '2024-06-01', 'filings')")
    db.conn.commit()
    assert looked(db, tmp_path, server, "belated", b"447470") == [{"fact": 1}]


def test_a_split_and_a_record_price_of_the_same_run_are_known_to_the_filings(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    """A filing is read once: kept out for want of a split that the next source brings, it would stay out."""
    toy(
        "a_cover", 'DIALECT, SOURCE_KIND = "ours", "filing"',
        'Reading("MSTR", "shares_basic", 1.23e9, "shares", date(2025, 1, 14))',
        'Reading("MSTR", "btc_holdings", 446500.0, "BTC", date(2025, 1, 14))',
        'Reading("MSTR", "btc_cost_basis", 446500 * 115e3, "USD", date(2025, 1, 14))',
    )  # fmt: skip
    toy(
        "z_market", 'DIALECT, SOURCE_KIND = "ours", "market"',
        'Reading("MSTR", "split", 5.0, "ratio", date(2025, 1, 13))',
        'Reading("BTC", "close", 120e3, "USD", date(2025, 1, 13), "utc")',
        'Reading("BTC", "close", 9e3, "USD", date(2025, 1, 14), "utc")',
    )  # fmt: skip
    db = world(tmp_path / "mnav.db")
    db.execute(
        "INSERT INTO price (symbol, date, fixing, close, currency, source) VALUES ('BTC', '2023-01-01', 'utc', 16500, 'USD', 'market') ON CONFLICT DO NOTHING"
    )
    db.conn.commit()
    for name in ("a_cover", "z_market"):
        server.answers(f"/{name}", document(b"1", JSON))
    outcomes = run(db, tmp_path, server, Asked(sources=("a_cover", "z_market")))
    assert outcomes["a_cover"].counts == {"fact": 3}
    assert outcomes["z_market"].counts == {"split": 1, "price": 1, "kept out": 1}
    ((reason,),) = db.execute("SELECT reason FROM quarantine").fetchall()
    assert reason == "bitcoin closes at 9,000 after 120,000 on 2025-01-13"


def test_a_trackers_placeholder_keeps_no_filing_out(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    toy("guess", 'DIALECT = "ours"', 'Reading("ORNG", "shares_basic", 10e6, "shares", date(2025, 1, 13))')
    filed = 'Reading("ORNG", "shares_basic", float(document.body), "shares", document.fetched_at.date())'
    toy("notice", 'DIALECT, SOURCE_KIND = "ours", "filing"', filed)
    db = world(tmp_path / "mnav.db")
    assert looked(db, tmp_path, server, "guess", b"1") == [{"fact": 1}]
    assert looked(db, tmp_path, server, "notice", b"300e6", b"900e6", hours=24) == [{"fact": 1}, {"kept out": 1}]


def test_a_parser_that_reads_no_number_fails_alone(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    toy("hollow", "", TALLY.replace("document.body", '"nan"'))
    server.answers("/hollow", document(b"1", JSON))
    (outcome,) = run(world(tmp_path / "mnav.db"), tmp_path, server, Asked(sources=("hollow",))).values()
    assert outcome.problems == ["hollow: found NASDAQ:MSTR btc_holdings 2025-01-15 as NaN, expected a number"]


def test_a_row_that_a_history_adds_for_a_day_it_had_passed_over_is_known_when_it_is_seen(
    tmp_path: Path, server: MisbehavingServer, toy: Callable[..., None]
) -> None:
    """Dated back to its own day, it would let January know what nobody could."""
    days = ("3", "9", "int(document.body)")
    rows = [f'Reading("MSTR", "btc_holdings", 447e3 + {day}, "BTC", date(2025, 1, {day}))' for day in days]
    toy("chronicle", 'DIALECT, DATED = "ours", True', *rows)
    db = world(tmp_path / "mnav.db")
    looked(db, tmp_path, server, "chronicle", b"12", b"7", b"24", b"7 ", hours=120)
    stored = "SELECT as_of, known_at, known_assumed FROM fact WHERE source = 'chronicle' ORDER BY as_of"
    told = db.execute(stored).fetchall()
    assert told == [
        ("2025-01-03", "2025-01-03", 1), ("2025-01-07", "2025-01-20T01:30:00Z", 0), ("2025-01-09", "2025-01-09", 1),
        ("2025-01-12", "2025-01-12", 1), ("2025-01-24", "2025-01-24", 1),
    ]  # fmt: skip
    (tmp_path / "again").mkdir()
    elsewhere = world(tmp_path / "again" / "mnav.db")
    asked = Asked(replay=tmp_path / "mnav-archive", sources=("chronicle",))
    scrape(elsewhere, Settings(tmp_path / "again" / "mnav.db", quiet=True), asked)
    assert elsewhere.execute(stored).fetchall() == told
    scrape(db, Settings(tmp_path / "mnav.db", quiet=True), Asked(sources=("chronicle",), from_archive=True))
    assert db.execute(stored).fetchall() == told


# -- bad days ------------------------------------------------------------------------------------------------------

LED = tuple(name for name in EVERYTHING.sources if name not in UNLED)
HALVES = (LED[::2], LED[1::2])
ENDLESS = ("silence", "slow drip", "slow headers")


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.parametrize("half", HALVES, ids=["even", "odd"])
@pytest.mark.parametrize(
    "failure",
    [pytest.param(kind, marks=[pytest.mark.slow, pytest.mark.waits] if kind in ENDLESS else []) for kind in FAILURES],
)
def test_a_source_that_fails_is_told_and_the_others_land(
    failure: str, half: tuple[str, ...], tmp_path: Path, server: MisbehavingServer
) -> None:
    factory, words = FAILURES[failure]
    words = words.removesuffix(f"{HASTY.silence:g} s").removesuffix(f"{HASTY.answer:g} s")  # healthy.py waits less
    for name in half:
        fail(server, name, factory)
    db = world(tmp_path / "mnav.db")
    before = dump(db)
    outcomes = run(db, tmp_path, server, EVERYTHING, IMPATIENT if failure in ENDLESS else PATIENT)
    refused = [name for name in half if catalogue.may_refuse(name) and failure in ("403 page", "451 JSON")]
    for name in half:
        assert outcomes[name].word == ("skipped" if name in refused else "failed"), outcomes[name]
        said = outcomes[name].skipped if name in refused else " ".join(outcomes[name].problems)
        assert said.startswith(f"{name}: ")
        assert words in said or (catalogue.all_leaders(name) & set(half) and "found no list of its documents" in said)
        assert "found" in said
        assert "expected" in said
    for name in bystanders(half):
        assert outcomes[name].word == "done", outcomes[name]
        assert outcomes[name].counts or catalogue.fallback_for(name) or catalogue.leads_to(name)
    after = dump(db)
    for table in KEPT:
        assert set(before[table]) <= set(after[table]), table
    (outcome, counts) = db.execute("SELECT outcome, counts FROM run").fetchone()
    assert outcome == "some sources failed"
    assert {json.loads(counts)[name]["outcome"] for name in set(half) - set(refused)} == {"failed"}


TRAPS: dict[str, Callable[[bytes], bytes]] = {
    "half a document": lambda body: body[: len(body) // 2],
    "an empty list": lambda body: b"[]",
    "NaN": lambda body: b'{"companies": [NaN], "chart": NaN, "filings": NaN}',
    "another layout": lambda body: b'{"data": []}',
}


@pytest.mark.slow
@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("half", HALVES, ids=["even", "odd"])
def test_a_page_that_changed_is_told_and_the_others_land(
    trap: str, half: tuple[str, ...], tmp_path: Path, server: MisbehavingServer
) -> None:
    half = tuple(name for name in half if name != "strategy_8k")  # prose: half of a filing may be a whole one
    for name in half:
        fail(server, name, lambda body, media: document(TRAPS[trap](body), media))
    db = world(tmp_path / "mnav.db")
    outcomes = run(db, tmp_path, server, EVERYTHING)
    for name in half:
        assert outcomes[name].word == "failed", outcomes[name]
        assert "found" in outcomes[name].problems[0]
        assert "expected" in outcomes[name].problems[0]
    for name in bystanders(half):
        assert outcomes[name].word == "done"


def _changed(name: str, change: Any) -> bytes:
    answer = json.loads(bodies()[name])
    change(answer)
    return json.dumps(answer).encode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("coingecko_treasuries", lambda told: told["companies"].__delitem__(slice(17, None)), "found 18 readings, expected at least 30"),
        ("coingecko_treasuries", lambda told: told["companies"].append(told["companies"][0]), "expected"),
        ("coingecko_treasuries", lambda told: [one.update(btc=one.pop("total_holdings")) for one in told["companies"]], "total_holdings"),
        ("yahoo_chart", lambda told: told["chart"]["result"][0].pop("timestamp"), "expected"),
        ("yahoo_chart", lambda told: told["chart"]["result"][0]["timestamp"].pop(), "timestamp"),
        ("sec_submissions", lambda told: told["filings"]["recent"].pop("items"), "items"),
    ],
    ids=["half the rows", "a row twice", "a column renamed", "no bars", "bars missing", "a column gone"],
)  # fmt: skip
def test_rows_that_are_missing_or_renamed_are_noticed(
    name: str, change: Any, words: str, tmp_path: Path, server: MisbehavingServer
) -> None:
    server.answers(PATHS[name], document(_changed(name, change), JSON))
    outcome = run(world(tmp_path / "mnav.db"), tmp_path, server)[name]
    assert outcome.word == "failed"
    assert words in outcome.problems[0]


@pytest.mark.slow
def test_a_failure_that_passes_is_no_failure(tmp_path: Path, server: MisbehavingServer) -> None:
    for name in catalogue.names():
        for page in pages(name) if name != "coinbase" else ():
            failing = FAILURES["500 for ever"][0](page.body, page.media)
            server.answers(page.path, failing, document(page.body, page.media))
    outcomes = run(world(tmp_path / "mnav.db"), tmp_path, server, EVERYTHING)
    assert {one.word for one in outcomes.values()} == {"done"}


@pytest.mark.slow
def test_a_host_that_turns_us_away_is_asked_no_more(tmp_path: Path, server: MisbehavingServer) -> None:
    db = world(tmp_path / "mnav.db")
    db.execute("INSERT INTO fact (ticker, quantity, as_of, known_at, known_assumed, value, unit, source) VALUES ('ORNG', 'btc_holdings', '2025-01-06', '2025-01-06', 0, 5, 'BTC', 'filings')")  # fmt: skip
    db.conn.commit()
    fail(server, "yahoo_chart", FAILURES["403 page"][0])
    outcome = run(db, tmp_path, server)["yahoo_chart"]
    assert [hit.path for hit in server.hits if "chart/" in hit.path and "ORNG" in hit.path] == []
    assert outcome.word == "failed"


# -- the command line ----------------------------------------------------------------------------------------------


def test_exit_status_3_where_a_recorded_source_cannot_be_read(
    good_day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = Archive(tmp_path / "recorded")
    recording.keep(Document("coingecko_treasuries", "https://api.coingecko.com/x", b"{}", NOW))
    recording.keep(
        Document("ecb", "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip", bodies()["ecb"], NOW)
    )
    monkeypatch.chdir(tmp_path)
    world(tmp_path / "mnav.db")
    result = CliRunner().invoke(mnav, ["scrape", "--replay", "recorded"], prog_name="mnav")
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "1 of 2 sources failed: coingecko_treasuries; what was known stands" in result.stderr
    assert "ecb: done; 1 document, " in result.stderr
    told = CliRunner().invoke(mnav, ["sources", "--json"], prog_name="mnav")
    assert {one["source"]: one["outcome"] for one in json.loads(told.stdout)}["coingecko_treasuries"] == "failed"


@pytest.mark.parametrize(
    "arguments", [["--source", "nobody"], ["--company", "NOBODY"], ["--record", "a", "--from-archive"]]
)
def test_wrong_usage_of_scrape(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    world(tmp_path / "mnav.db")
    assert CliRunner().invoke(mnav, ["scrape", *arguments], prog_name="mnav").exit_code == 2


@pytest.mark.parametrize("option", [["--replay", "."], ["--from-archive"]])
def test_nothing_to_read_again_is_an_error(option: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(mnav, ["scrape", *option], prog_name="mnav")
    assert result.exit_code == 1
    assert "found no document of any source in " in result.stderr


@pytest.mark.slow
def test_a_scrape_into_a_new_database_says_what_it_took_from_the_reference_data(
    good_day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["scrape", "--replay", str(good_day / "recorded"), "--source", "ecb"]
    assert " new fact, " in CliRunner().invoke(mnav, words, prog_name="mnav").stderr


def test_what_went_wrong_last_is_told_under_the_name_of_its_source_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    world(tmp_path / "mnav.db")
    (tmp_path / "none").mkdir()
    CliRunner().invoke(mnav, ["scrape", "--source", "ecb", "--replay", "none"], prog_name="mnav")
    told = CliRunner().invoke(mnav, ["sources"], prog_name="mnav").stderr
    wrong, summary = told.splitlines()
    assert wrong == "ecb: found no recorded document in none, expected at least one"
    assert " sources, 1 of them asked so far, last at " in summary


def test_parse_names_the_file_where_no_url_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.html").write_text("<html>Just a moment...</html>")
    told = CliRunner().invoke(mnav, ["parse", "strategy_8k", "page.html"], prog_name="mnav").stderr
    assert "strategy_8k: page.html: not a filing of Strategy" in told


def test_parse_prints_readings_and_an_empty_list_where_there_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def parse(stem: str, *options: str) -> Any:
        file = str(FIXTURES / "strategy_8k" / f"{stem}.html")
        result = CliRunner().invoke(mnav, ["parse", "strategy_8k", file, "--json", *options], prog_name="mnav")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    assert parse("2026-01-02") == []
    (held,) = [
        one
        for one in parse("2025-01-06", "--published-at", "2025-01-06T08:00:10-05:00")
        if one["quantity"] == "btc_holdings"
    ]
    assert held == {
        "company": "MSTR", "instrument": None, "quantity": "btc_holdings", "value": 447_470.0, "unit": "BTC",
        "as_of": "2025-01-05", "period_start": None, "known_at": "2025-01-06T13:00:10Z", "note": None, "doubt": None,
    }  # fmt: skip
    page = tmp_path / "page.html"
    page.write_text("<html>Just a moment...</html>")
    assert CliRunner().invoke(mnav, ["parse", "strategy_8k", str(page)], prog_name="mnav").exit_code == 1


def test_prune_keeps_what_facts_rest_on(good_day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(good_day, tmp_path / "again"))
    monkeypatch.chdir(folder)
    archive = Archive(folder / "mnav-archive")
    old = archive.keep(
        Document(
            "ecb", "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip", b"old", NOW - timedelta(days=99)
        )
    )
    result = CliRunner().invoke(mnav, ["archive", "--prune", "--json"], prog_name="mnav")
    assert result.exit_code == 0
    assert "deleted 1 documents" in result.stderr
    assert old.sha256 not in {path.name.removesuffix(".gz") for path in (folder / "mnav-archive").rglob("*.gz")}
    assert {one["source"] for one in json.loads(result.stdout)} == set(gather.order(())) - {
        name
        for name in catalogue.names()
        if (catalogue.fallback_for(name) and not catalogue.beside(name)) or catalogue.asked_only(name) or name in UNLED
    }


# -- killed --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.45, 0.6, 0.75, 0.95])
def test_a_killed_scrape_is_finished_by_the_next(after: float, good_day: Path, tmp_path: Path) -> None:
    world(tmp_path / "mnav.db").close()
    words = [
        sys.executable,
        "-m",
        "scripts.scrape",
        "--replay",
        str(good_day / "recorded"),
        "--db",
        str(tmp_path / "mnav.db"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    process = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert subprocess.run(words, env=environment, capture_output=True, check=False).returncode == 0
    assert dump(open_database(tmp_path / "mnav.db")) == dump(open_database(good_day / "mnav.db"))


def test_since_asks_for_days_already_stored(tmp_path: Path, server: MisbehavingServer) -> None:
    run(world(tmp_path / "mnav.db"), tmp_path, server, Asked(sources=("coinbase",), since=date(2025, 1, 2)))
    assert all("start=2025-01-0" in hit.path for hit in server.hits)
    assert any("start=2025-01-02T" in hit.path for hit in server.hits)


def test_since_leaves_no_hole_after_the_last_close(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    (last,) = db.execute("SELECT max(date) FROM price WHERE symbol = 'MSTR'").fetchone()
    for since in (date(2025, 1, 2), date(2025, 3, 1)):
        asked = for_scraping.offers(db, date(2025, 3, 10), since=since)["symbols"]["MSTR"]
        assert asked == min(date.fromisoformat(last), since - timedelta(days=1))


def test_days_of_bitcoin_that_a_failed_request_left_out_are_asked_for_again(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    last = for_scraping.offers(db, date(2025, 3, 10))["bitcoin_since"] + for_scraping.OVERLAP
    for fixing, first in (("utc", last + timedelta(days=1)), ("00:00", last + timedelta(days=1))):
        for n in range(30):
            day = (first + timedelta(days=n)).isoformat()
            db.execute("INSERT INTO price (symbol, date, fixing, close, currency, source) VALUES ('BTC', ?, ?, 1e5, 'USD', 'market') ON CONFLICT DO NOTHING", (day, fixing))  # fmt: skip
    db.conn.commit()
    whole = for_scraping.offers(db, date(2025, 3, 10))["bitcoin_since"]
    assert whole > last + timedelta(days=20)
    db.execute("DELETE FROM price WHERE symbol = 'BTC' AND fixing = 'utc' AND date = ?", ((last + timedelta(days=9)).isoformat(),))  # fmt: skip
    assert (
        for_scraping.offers(db, date(2025, 3, 10))["bitcoin_since"] == last + timedelta(days=8) - for_scraping.OVERLAP
    )


# -- hostile answers -----------------------------------------------------------------------------------------------


def test_one_surrogate_in_one_name_costs_that_name(
    tmp_path: Path, server: MisbehavingServer, capsys: pytest.CaptureFixture[str]
) -> None:
    path = PATHS["coingecko_treasuries"]
    answer = json.loads(bodies()["coingecko_treasuries"])
    answer["companies"][3] |= {"name": "Half \ud800 Inc", "symbol": "HALF\ud800.US"}
    answer["companies"][4] |= {"name": "Turned \u202e Inc", "symbol": "\x1b[31mTURN.US"}
    answer["companies"][5] |= {"symbol": "B" * 1_000_000 + ".US"}
    server.answers(path, document(json.dumps(answer).encode(), JSON))
    db = world(tmp_path / "mnav.db")
    only = Asked(sources=("coingecko_treasuries",), refresh=True)
    for _ in range(2):  # the second scrape reads what the first kept out
        settings = Settings(tmp_path / "mnav.db")
        (outcome,) = scrape(db, settings, only, transport(server), lambda: NOW)
        assert outcome.word == "done", outcome
    assert db.execute("SELECT count(*) FROM fact WHERE quantity = 'btc_holdings'").fetchone()[0] >= 1
    kept = [company for (company,) in db.execute("SELECT company FROM quarantine").fetchall()]
    assert max(map(len, kept)) <= 200
    assert all(one.isprintable() for one in kept)
    assert {"HALF\ufffd.US", "[31mTURN.US"} <= set(kept)
    assert all(sign.isprintable() or sign == "\n" for sign in capsys.readouterr().err)


@pytest.mark.slow
def test_a_source_that_cannot_be_stored_costs_itself(
    tmp_path: Path, server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = scraped.take

    def stumbling(db: Database, harvests: Any, again: Any = ()) -> Any:
        if harvests and harvests[0].document.source == "coingecko_treasuries":
            raise RuntimeError("no such thing")
        return take(db, harvests, again)

    monkeypatch.setattr(scraped, "take", stumbling)
    outcomes = run(world(tmp_path / "mnav.db"), tmp_path, server, Asked(sources=("coingecko_treasuries", "ecb")))
    assert outcomes["coingecko_treasuries"].word == "failed"
    assert (
        "stumbled over what it brought together (RuntimeError: no such thing)"
        in outcomes["coingecko_treasuries"].failures[0]
    )
    assert outcomes["ecb"].counts["price"] > 1_000
