"""The captured cases of prices and imports, one by one, where they are here; tests/test_faults_of_*.py hold their kinds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from charted import closes_of, kept_out, scraped, splits_of, waiting, world
from click.testing import CliRunner, Result
from made_up import EXCHANGES, company, facts, sheet
from saved import SAMPLES

from scrapers.sources.yahoo_chart import CHART
from scripts.main import mnav
from treasury.messages.alerts import read_alerts
from treasury.model import Document, InputError

CASES = SAMPLES / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="left out: ../shared/samples/cases is not here")
pytestmark = [needs_cases]

SPLIT = sheet("split", "ORNG,2025-07-21,1,10,filings,")
SPLIT_DAY = date(2025, 7, 21)


def case(name: str) -> Document:
    """A case of Yahoo's chart as if fetched two hours after its last bar closed."""
    body = (CASES / name).read_bytes()
    meta = json.loads(body)["chart"]["result"][0]["meta"]
    fetched_at = datetime.fromtimestamp(meta["regularMarketTime"], UTC) + timedelta(hours=2)
    return Document(
        "yahoo_chart", f"{CHART}{meta['symbol']}?range=max&interval=1d&events=div%2Csplits", body, fetched_at
    )


def test_events_lost_do_not_rewrite_the_closes_before_a_stored_split(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db", SPLIT)
    scraped(db, tmp_path, case("yahoo_events_lost.json"))
    closes = closes_of(db)
    assert {close for day, close in closes.items() if day < SPLIT_DAY} == {2.0}
    assert {close for day, close in closes.items() if day >= SPLIT_DAY} == {20.0}


def test_an_inverted_ratio_gives_way_to_the_filed_split(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db", SPLIT)
    scraped(db, tmp_path, case("yahoo_split_ratio_inverted.json"))
    assert {close for day, close in closes_of(db).items() if day < SPLIT_DAY} == {2.0}
    assert splits_of(db) == [("2025-07-21", 0.1)]
    assert len(waiting(db, "split")) == 1


def test_a_twentyfold_jump_is_in_doubt(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, case("yahoo_twentyfold_jump_no_split.json"))
    assert set(closes_of(db).values()) == {15.0}
    assert "a split nobody told of?" in kept_out(db)[SPLIT_DAY]


def test_a_spin_off_is_no_split(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, case("yahoo_spinoff_as_split.json"))
    assert splits_of(db) == []
    assert "spin-off" in waiting(db, "split")[0]


def test_pence_among_pounds_are_kept_out(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db", ticker="SWCX.L", mic="XLON", currency="GBP")
    scraped(db, tmp_path, case("yahoo_pence_mixed_with_pounds.json"))
    assert set(closes_of(db, "SWCX.L").values()) == {0.5}
    odd = [day for day, reason in kept_out(db).items() if "hundredths" in reason]
    assert sorted(odd) == [date(2025, 7, 14), date(2025, 7, 15), date(2025, 7, 16)]


def test_one_zero_close_costs_itself(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, case("yahoo_one_zero_close.json"))
    assert set(kept_out(db)) >= {date(2025, 7, 10)}
    assert set(closes_of(db).values()) == {15.0}
    assert len(closes_of(db)) >= 65


def test_a_bar_of_a_holiday_is_no_row(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    scraped(db, tmp_path, case("yahoo_holiday_bar_volume_0.json"))
    assert date(2025, 7, 4) not in closes_of(db)
    assert date(2025, 7, 3) in closes_of(db)


def test_a_first_count_a_thousand_times_too_high_is_kept_out(tmp_path: Path) -> None:
    known = (
        facts("ORNG", "btc_holdings 2025-06-30 2025-07-05 5000 BTC"),
        sheet("equity_price", "ORNG,2025-07-31,15,market", "ORNG,2025-08-01,15,market"),
        sheet("btc_price", "2025-08-01,utc,113000,market"),
    )
    db = world(tmp_path / "mnav.db", *known, cik="0000999999")
    body = (CASES / "shares_thousandfold_typo_first_filing.htm").read_bytes()
    url = "https://www.sec.gov/Archives/edgar/data/999999/000099999925000001/orng-20250630.htm"
    filed = datetime(2025, 8, 5, 20, tzinfo=UTC)
    scraped(db, tmp_path, Document("sec_filing", url, body, filed, filed, "text/html"))
    assert db.execute("SELECT count(*) FROM fact WHERE quantity = 'shares_basic'").fetchone() == (0,)
    (reason,) = waiting(db, "shares_basic")
    assert "thousands taken for single shares?" in reason


# -- imports -------------------------------------------------------------------------------------------------------

SOURCES = (
    "id,kind,title,url,licence_note\nfilings,filing,8-K,,\nt10q,filing,10-Q,,\nt8k,filing,8-K,,\nmkt,market,Closes,,\n"
    "market,market,Closes,,\n"
)
Run = Callable[..., Result]


@pytest.fixture
def taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Import cases into a database of one company."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    files = {
        "sources.csv": SOURCES, "exchanges.csv": EXCHANGES + "XNYS,America/New_York,16:00,,market,\n",
        "company.csv": sheet("company", *(company(one, mic="XNYS").splitlines()[1] for one in ("ORNG", "MSTR"))),
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert runner.invoke(mnav, ["import", *files]).exit_code == 0
    return lambda *names: runner.invoke(mnav, ["import", *(str(CASES / name) for name in names)])  # a whole path stays


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("import_scientific.csv",), "import_scientific.csv:2: value: '3.47E+08' has lost digits"),
        (("import_nul.csv",), "import_nul.csv:2: a NUL character"),
        (("import_future_price.csv",), "import_future_price.csv:2: date: 2052-08-05 has not come yet"),
        (("price_of_2052.csv",), "price_of_2052.csv:2: date: 2052-08-05 has not come yet"),
        (("known_split.csv", "adjusted_prices.csv"), "adjusted closes"),
    ],
)
def test_a_case_is_refused_with_its_line_and_remedy(taken: Run, names: tuple[str, ...], says: str) -> None:
    refused = taken(*names)
    assert refused.exit_code == 1
    assert says in refused.stderr


@pytest.mark.parametrize("name", ["import_semicolon.csv", "import_blank_comma_rows.csv", "import_nbsp_ticker.csv"])
def test_a_case_is_read(taken: Run, name: str) -> None:
    done = taken(name)
    assert done.exit_code == 0, done.stderr


def test_a_no_break_space_makes_no_second_company(taken: Run, tmp_path: Path) -> None:
    from db import open_database

    taken("import_nbsp_ticker.csv")
    db = open_database(tmp_path / "mnav.db")
    assert db.execute("SELECT ticker FROM company ORDER BY ticker").fetchall() == [("MSTR",), ("ORNG",)]


def test_a_fact_told_after_an_early_close_is_not_in_the_row_of_that_day(taken: Run, tmp_path: Path) -> None:
    """New York closed at 13:00 on the day after Thanksgiving; the 8-K came at 14:30."""
    held = facts("ORNG", "btc_holdings 2025-11-20 2025-11-21T14:00:00Z 10000 BTC", "shares_basic 2025-11-20 2025-11-21T14:00:00Z 100000000 shares")  # fmt: skip
    hours = [f"2025-11-{day},{hour}:00,90000,market" for day in (26, 28) for hour in (18, 21)]
    for name, text in (("held.csv", held), ("hours.csv", sheet("btc_price", *hours, "2025-12-01,21:00,90000,market"))):
        (tmp_path / name).write_text(text)
    done = taken(
        "halfday_prices.csv", "halfday_fact_after_the_close.csv", tmp_path / "held.csv", tmp_path / "hours.csv"
    )
    assert done.exit_code == 0, done.stderr
    assert CliRunner().invoke(mnav, ["value"]).exit_code == 0
    rows = CliRunner().invoke(mnav, ["history", "ORNG", "--metric", "btc", "--metric", "btc_price_at", "--csv"]).stdout
    assert rows.split()[1:] == [
        "2025-11-26,10000.0,2025-11-26T21:00:00Z",
        "2025-11-28,10000.0,2025-11-28T18:00:00Z",
        "2025-12-01,20000.0,2025-12-01T21:00:00Z",
    ]


def test_a_byte_order_mark_before_alert_rules_is_no_statement() -> None:
    text = (CASES / "alert_rules_bom.toml").read_text(encoding="utf-8")
    with pytest.raises(InputError, match="rule"):  # its table has another name: that is what is said
        read_alerts(text, "rules.toml")
