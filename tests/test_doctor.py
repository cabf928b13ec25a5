"""`mnav doctor`: every check agrees with what is true and objects to what is not; verdicts, exit status, and samples that name nobody."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import healthy
import pytest
from click.testing import CliRunner, Result
from misbehaving import FAILURES, MisbehavingServer

from scrapers import catalogue
from scrapers.archive import Archive
from scrapers.formats.sample import SHORT_ENOUGH, sample
from scrapers.gather import Outcome
from scripts.main import mnav
from scripts.shared.scraping import Asked
from treasury.model import Document
from treasury.trust import proof
from treasury.trust.proof import CHANGED, DEAD, NOT_ASKED, PROVEN, UNPROVEN, Asking, Numbers, Told, mined, verdicts

DAY = date(2026, 9, 18)
ASKED_AT = datetime(2026, 9, 19, 22, tzinfo=UTC)


def told(source: str, about: str, quantity: str, value: float, unit: str = "", day: date = DAY, at: str = "", by_hand: bool = False, primary: bool = False) -> Told:  # fmt: skip
    return Told(source, about, quantity, day, value, unit, at, by_hand, primary)


def asking(source: str, *numbers: Told, **how: object) -> Asking:
    return replace(Asking(source, "done", documents=1, newest=ASKED_AT, numbers=list(numbers)), **how)  # type: ignore[arg-type]


Case = tuple[str, list[Asking], list[Told]]


def coin(source: str, price: float) -> Asking:
    return asking(source, told(source, "BTC", "close", price, "USD", at="utc"))


def rate(source: str, value: float) -> Asking:
    return asking(source, told(source, "JPY", "usd_per_unit", value, "USD"))


def filed(ticker: str, btc: float) -> Told:
    return told("sec-1", ticker, "btc_holdings", btc, "BTC", date(2026, 9, 14), primary=True)


def cases(wrong: bool) -> dict[str, Case]:
    """For every check a source with others around it; what it says is tenfold where `wrong`."""
    by = 10 if wrong else 1
    held = told("8k", "MSTR", "btc_holdings", 640_000 * by, "BTC", date(2026, 9, 14), primary=True)
    shown = told("strategy_dashboard", "MSTR", "btc_holdings", 640_000, "BTC")
    splits = [told("table", "ASST", "split", 0.05, "ratio")]
    yahoo = [told("yahoo_chart", "ASST", "close", 12, "USD", day, "close") for day in (date(2026, 9, 10), DAY)]
    return {
        "bitcoin_prices": ("kraken", [coin("kraken", 80_900 * by), coin("coinbase", 80_875)], []),
        "exchange_rates": ("frankfurter", [rate("frankfurter", 0.0064 * by), rate("ecb", 0.0064)], []),
        "closes": ("yahoo_chart", [asking("yahoo_chart", told("yahoo_chart", "MSTR", "close", 300 * by, "USD", at="close"))], [told("fa-closes", "MSTR", "close", 300.004, "USD", at="close")]),
        "splits": ("yahoo_chart", [asking("yahoo_chart", *yahoo, told("yahoo_chart", "ASST", "split", 0.05 * by, "ratio"))], splits),
        "filed_numbers": ("sec_filing", [asking("sec_filing", told("sec-2", "KULR", "cash", 7e6 * by, "USD"))], [told("sec-2", "KULR", "cash", 7e6, "USD", by_hand=True)]),
        "newest_filing": ("strategy_8k", [asking("strategy_8k", held), asking("strategy_dashboard", shown)], []),
        "trackers": ("bitbo", [asking("bitbo", *(told("bitbo-2026-09-18", one, "btc_holdings", 1000 * by, "BTC") for one in ("CLSK", "MARA", "HUT")))], [filed("CLSK", 1000), filed("MARA", 1001), filed("HUT", 5000)]),
        "share_counts": ("yahoo_fundamentals", [asking("yahoo_fundamentals", told("yahoo_fundamentals-2026-09-18", "SWC.L", "shares_basic", 3e8 * by, "shares"))], [told("rns", "SWC.L", "shares_basic", 2.9e8, "shares", date(2026, 6, 30))]),
        "supply": ("bitview", [asking("bitview", told("bitview", "BTC", "lth_supply", 14.5e6 * by, "BTC"), told("bitview", "BTC", "sth_supply", 5.58e6, "BTC"))], []),
        "series": ("fear_greed", [asking("fear_greed", told("fear_greed", "BTC", "fear_greed", 7 * by, "index"))], [told("fng-zkasuran", "BTC", "fear_greed", 7, "index")]),
        "open_interest": ("deribit", [asking("deribit", told("deribit", "BTC", "options_open_interest_deribit", 300_000 * by, "BTC"))], []),
        "lists": ("sec_submissions", [asking("sec_submissions", leads_to=("strategy_8k",)), asking("strategy_8k", documents=int(not wrong))], []),
    }  # fmt: skip


@pytest.mark.parametrize("check", cases(wrong=False))
def test_a_check_proves_what_is_true_and_objects_to_what_is_not(check: str) -> None:
    for wrong, verdict in ((False, PROVEN), (True, CHANGED)):
        source, asked, stored = cases(wrong)[check]
        found = {one.source: one for one in verdicts(Numbers(asked, stored))}[source]
        assert found.verdict == verdict, found
        assert check in {one.__name__ for one in proof.LIVE_CHECKS}
        assert all(one.found and one.expected for one in found.comparisons)


def test_every_check_is_tried() -> None:
    assert {one.__name__ for one in proof.LIVE_CHECKS} == {*cases(wrong=False), "newest_days"}


def test_a_page_that_stands_still_is_changed_and_one_that_moves_is_not_yet_proven() -> None:
    old = told("ecb", "JPY", "usd_per_unit", 0.0064, "USD", date(2026, 9, 8))
    for day, verdict in ((DAY, UNPROVEN), (old.day, CHANGED)):
        (found,) = verdicts(Numbers([asking("ecb", replace(old, day=day))], []))
        assert found.verdict == verdict, found


def test_most_companies_must_have_a_close_of_the_last_days() -> None:
    def closes(*days: date) -> Asking:
        return asking("yahoo_chart", *(told("yahoo_chart", f"T{n}", "close", 5, "USD", day, "close") for n, day in enumerate(days)))  # fmt: skip

    old = date(2026, 8, 21)
    for asked, verdict in ((closes(DAY, DAY, old), UNPROVEN), (closes(DAY, old, old), CHANGED)):
        (found,) = verdicts(Numbers([asked], []))
        assert found.verdict == verdict, found
    assert found.comparisons[0].found == f"1 of 3; the last is {DAY}"


def test_every_check_is_told_of_in_its_page() -> None:
    page = (Path(__file__).parents[1] / "docs" / "first-live-run.md").read_text(encoding="utf-8")
    for source, asked, stored in cases(wrong=False).values():
        for found in verdicts(Numbers(asked, stored)):
            for comparison in found.comparisons:
                name = "open interest" if comparison.check in proof.OPEN_INTEREST else comparison.check
                assert name in page, (source, comparison.check)


def test_what_a_source_stored_itself_speaks_for_nobody() -> None:
    asked = [asking("bitbo", told("bitbo-2026-09-18", "CLSK", "btc_holdings", 5, "BTC"))]
    stored = replace(filed("CLSK", 5), source="bitbo-2026-09-12")
    assert verdicts(Numbers(asked, [stored]))[0].verdict == UNPROVEN
    assert verdicts(Numbers(asked, [replace(stored, by_hand=True)]))[0].verdict == PROVEN


def test_a_count_from_before_a_split_is_not_compared() -> None:
    source, asked, stored = cases(wrong=True)["share_counts"]
    between = told("table", "SWC.L", "split", 10, "ratio", date(2026, 8, 1))
    assert verdicts(Numbers(asked, [*stored, between]))[0].verdict == UNPROVEN, source


def test_how_a_source_fared_is_part_of_its_verdict() -> None:
    good = told("ecb", "JPY", "usd_per_unit", 0.0064, "USD")
    for found, verdict in (
        (asking("ecb", outcome="", documents=0), NOT_ASKED),
        (asking("ecb", outcome="skipped", message="ecb: skipped: no contact"), NOT_ASKED),
        (asking("ecb", documents=0), NOT_ASKED),
        (asking("ecb", good, outcome="failed", message="ecb: found silence for 30 s"), DEAD),
        (asking("ecb", outcome="failed", fetched=1, documents=0, unread=["ecb: found no column JPY"]), CHANGED),
        (asking("ecb", good, outcome="partly", message="ecb: found status 500"), CHANGED),
        (asking("ecb", good), UNPROVEN),
    ):
        (told_of,) = verdicts(Numbers([found], []))
        assert told_of.verdict == verdict, found
        assert not found.message or told_of.about == found.message


def test_coins_mined_are_those_of_the_halvings() -> None:
    """Blocks 210,000, 420,000, 630,000 and 840,000 came on these days; 20,086,123 by Bitview's answer of 19 September 2026."""
    days = (date(2012, 11, 28), date(2016, 7, 9), date(2020, 5, 11), date(2024, 4, 20))
    assert [mined(day) for day in days] == [10.5e6, 15.75e6, 18.375e6, 19_687_500]
    assert mined(DAY) == pytest.approx(20_086_123, rel=0.001)
    assert mined(date(2009, 1, 2)) == 0


# -- the verb ------------------------------------------------------------------------------------------------------


@pytest.fixture
def day(tmp_path: Path) -> Callable[..., Result]:
    """A scrape of some sources on a good day, one of them perhaps failing, and what the doctor then says."""

    def played(*names: str, failing: str = "", how: str = "500 for ever") -> Result:
        db = healthy.world(tmp_path / "mnav.db")
        with MisbehavingServer() as server:
            healthy.answers(server)
            if failing:
                healthy.fail(server, failing, FAILURES[how][0])
            healthy.run(db, tmp_path, server, Asked(sources=names))
        db.close()
        return doctor(tmp_path)

    return played


def doctor(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(mnav, ["doctor", "--db", str(folder / "mnav.db"), *words], catch_exceptions=False)


@pytest.mark.slow
def test_sources_that_agree_are_proven_and_the_status_is_zero(day: Callable[..., Result], tmp_path: Path) -> None:
    done = day("kraken", "bitstamp", "bitview")
    assert done.exit_code == 0, done.output
    assert {line.split()[0] for line in done.stdout.splitlines()[2:]} == {"kraken", "bitstamp", "bitview"}
    assert "not asked: announcement, " in done.stderr
    rows = json.loads(doctor(tmp_path, "--json", "-q").stdout)
    assert {row["source"] for row in rows if row["verdict"] == PROVEN} == {"kraken", "bitstamp", "bitview"}
    assert {row["source"] for row in rows} == set(catalogue.names()), "every source, asked or not"
    (row,) = json.loads(doctor(tmp_path, "--json", "-q", "--source", "coinbase").stdout)
    assert (row["verdict"], row["found"]) == (NOT_ASKED, proof.VERDICTS[NOT_ASKED])


@pytest.mark.slow
def test_a_source_that_is_silent_is_dead_and_what_to_send_is_told(day: Callable[..., Result], tmp_path: Path) -> None:
    done = day("kraken", "bitview", failing="kraken")
    assert done.exit_code == 3
    assert (
        "to report: what stands above, and the files that `mnav doctor --source kraken --sample to-send` writes"
        in done.stderr
    )
    (row,) = json.loads(doctor(tmp_path, "--source", "kraken", "--json", "-q").stdout)
    assert row["verdict"] == DEAD
    assert "status 500" in row["found"]


@pytest.mark.slow
def test_a_source_whose_documents_are_all_gone_says_so_once_as_the_docs_show(
    day: Callable[..., Result], tmp_path: Path
) -> None:
    day("deribit", failing="deribit", how="404")
    (row,) = json.loads(doctor(tmp_path, "--source", "deribit", "--json", "-q").stdout)
    page = (Path(__file__).parents[1] / "docs" / "first-live-run.md").read_text(encoding="utf-8")
    assert row["verdict"] == DEAD
    assert f"\n{row['found']}\n" in page


def test_failures_that_say_the_same_are_told_once() -> None:
    gone = [f"sec_filing: {ticker}: https://www.sec.gov/{n}.htm: found status 404 Not Found; expected an HTML page" for n in range(75) for ticker in ("MSTR", "MARA")]  # fmt: skip
    assert Outcome("sec_filing", gone=gone).problems_told == [f"{gone[0]}; the same of 149 more addresses"]
    two = Outcome("ecb", gone=["ecb: https://a.example/1: found nothing", "ecb: https://a.example/2: found nothing"])
    assert two.problems_told == ["ecb: https://a.example/1: found nothing; the same of 1 more address"]
    odd = [f"bitbo: row {n} of the public companies: found an odd one" for n in range(40)]
    assert Outcome("bitbo", failures=odd).problems_told == [*odd[:10], "bitbo: 30 failures more"]
    assert Outcome("bitbo", documents=1, gone=gone).problems_told == []


@pytest.mark.slow
def test_a_page_that_changed_since_is_found_in_a_recording_too(day: Callable[..., Result], tmp_path: Path) -> None:
    """Its document is written for the report, without the address of whoever asked."""
    day("kraken")
    page = b'{"error": [], "result": {"XXBTZUSD": "moved", "asked by": "jane@doe.example, 203.0.113.7"}}'
    spoilt = Document("kraken", "https://api.kraken.com/0/public/OHLC?pair=XBTUSD&interval=60", page, healthy.NOW)
    Archive(tmp_path / "recorded").keep(spoilt)
    done = doctor(tmp_path, "--replay", str(tmp_path / "recorded"), "--sample", str(tmp_path / "to-send"))
    assert done.exit_code == 3
    report = json.loads((tmp_path / "to-send" / "report.json").read_text())
    (source,) = report["sources"]
    assert source["checks"][0]["verdict"] == CHANGED
    assert "expected" in source["checks"][0]["found"]
    written = (tmp_path / "to-send" / source["documents"][0]["file"]).read_text()
    assert "moved" in written
    assert "someone@example.org, 192.0.2.1" in written
    assert "jane" not in written


@pytest.mark.slow
def test_a_damaged_document_costs_itself(tmp_path: Path) -> None:
    healthy.world(tmp_path / "mnav.db").close()
    archive = Archive(tmp_path / "mnav-archive")
    for name, minute in (("whole", 0), ("torn", 1)):
        moment = healthy.NOW.replace(minute=minute)
        archive.keep(Document("deribit", f"https://www.deribit.com/{name}", name.encode(), moment))
    next(archive.folder.glob("bodies/*/*.gz")).write_bytes(b"torn")
    done = doctor(tmp_path, "--source", "deribit", "--sample", str(tmp_path / "to-send"), "--json")
    assert done.exit_code == 3
    report = (tmp_path / "to-send" / "report.json").read_text()
    (source,) = json.loads(report)["sources"]
    assert [bool(one["file"]) for one in source["documents"]].count(True) == 1
    assert "is damaged" in report
    assert str(tmp_path) not in report


def test_an_unknown_source_is_wrong_usage(tmp_path: Path) -> None:
    healthy.world(tmp_path / "mnav.db").close()
    done = doctor(tmp_path, "--source", "karken")
    assert done.exit_code == 2
    assert "unknown source 'karken'; the sources are" in done.stderr


# -- samples -------------------------------------------------------------------------------------------------------


def test_a_sample_is_cut_where_it_is_long_and_keeps_columns_of_equal_length() -> None:
    columns = {"day": list(range(50_000)), "value": list(range(50_000))}
    suffix, text = sample(json.dumps(columns).encode()) or ("", "")
    assert suffix == "json"
    assert json.loads(text) == {"day": [0, 1, 2, 3, 49998, 49999], "value": [0, 1, 2, 3, 49998, 49999]}
    suffix, text = sample(b"<html>" + b"x" * 10 * SHORT_ENOUGH + b"</html>") or ("", "")
    assert suffix == "html"
    assert len(text) < SHORT_ENOUGH
    assert "characters left out" in text
    assert text.endswith("</html>")


def test_a_sample_shows_a_zip_as_text_and_leaves_a_pdf_out() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("rates.csv", "Date,JPY,\n")
    assert sample(packed.getvalue()) == ("txt", "rates.csv:\nDate,JPY,\n")
    assert sample(b"%PDF-1.7 \0") is None


def test_a_sample_holds_no_address_and_none_of_the_words_given() -> None:
    page = b"Undeclared tool of Jane Doe <jane@doe.example> at 203.0.113.7 and 2001:db8:1:2:3:4:5:6, key k3ys, 12:30:00, 8.7 %"
    _, text = sample(page, ["Jane Doe", "k3ys", "o", ""]) or ("", "")
    assert text == "Undeclared tool of … <someone@example.org> at 192.0.2.1 and 2001:db8::1, key …, 12:30:00, 8.7 %"


@pytest.mark.parametrize(
    "told",
    ["jane%40doe.example", "jane&#64;doe.example", "jane&#x40;doe.example", "jane&commat;doe.example", r"jane\u0040doe.example", "2a02:8071::1c2d", "2A02:8071:1:2::5",
     "fe80::1", "JANE O'DOE", "Jane O&#x27;Doe", "Jane+O%27Doe", "Jane%20O%27Doe", "k&amp;3ys", "k%263ys", r"J\u00f6rg", "j%C3%B6rg", "/home/jane"],
)  # fmt: skip
def test_a_sample_holds_no_address_however_a_page_writes_it(told: str) -> None:
    secrets = ["Jane O'Doe", "k&3ys", "Jörg", "/home/jane"]
    _, text = sample(f"you are {told}, not allowed".encode(), secrets) or ("", "")
    assert text.startswith("you are ")
    assert text.removeprefix("you are ").removesuffix(", not allowed") in ("someone@example.org", "2001:db8::1", "…")


def test_times_and_styles_are_no_addresses() -> None:
    page = "at 12:30:00 and 2025-11-10T16:00:00Z, a::before, std::cafe, 1:2:3 for @user, 40 % off"
    assert sample(page.encode()) == ("txt", page)


def test_a_zip_that_unpacks_without_end_or_not_at_all_costs_its_sample() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("rates.csv", "w") as file:
            for _ in range(200):
                file.write(b"a" * 1_000_000)
        for number in range(50):
            archive.writestr(f"more-{number}", "x")
    tracemalloc.start()
    suffix, text = sample(packed.getvalue()) or ("", "")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 60_000_000
    assert suffix == "txt"
    assert text.startswith("rates.csv:\naaa")
    assert len(text) < 50_000
    damaged = packed.getvalue().replace(b"PK\x03\x04", b"PK\x03\x05", 1)
    assert sample(damaged) is None


@pytest.mark.slow
def test_sources_that_nobody_asked_are_one_sentence_and_complete_for_programs(reference_db: Path) -> None:
    def doctor(*words: str) -> Result:
        return CliRunner().invoke(mnav, ["--db", str(reference_db), "doctor", *words], prog_name="mnav")

    before = doctor()
    assert before.stdout == ""
    assert before.stderr.strip() == (
        f"none of {len(catalogue.names())} sources was asked yet, so nothing can be proven: `mnav run` without --offline asks them"
    )
    assert {row["source"] for row in json.loads(doctor("--json").stdout)} == set(catalogue.names())
    assert doctor("--source", "kraken").stdout.splitlines()[-1].split()[:3] == ["kraken", "not", "asked"]
