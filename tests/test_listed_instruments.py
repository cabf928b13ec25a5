"""Closes of preferred stock and other listed instruments: from a market's answer or a file, judged as closes of shares are."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from charted import chart, closes_of, kept_out, scraped, sessions, waiting, world
from click.testing import CliRunner
from made_up import sheet, store
from sqlite_utils import Database

from db import open_database
from db.tables.for_scraping import offers
from scrapers.sources import yahoo_chart
from scripts.main import mnav
from treasury.intake.csv_files import SHEETS
from treasury.model import InputError

SERIES = sheet("instrument", "ORNG,a,preferred,USD,2025-01-02,,,,10,,,,,1,,,filings")
SYMBOL = sheet("instrument_symbol", "ORNG,a,ORNGP,XNAS,filings,")
HOLDS = sheet("fact", "ORNG,,btc_holdings,2025-01-02,2025-01-03,100,BTC,filings,")


def listed(db: Database) -> list[tuple[Any, ...]]:
    return db.execute(
        "SELECT instrument, date, close, currency, source, volume FROM instrument_price ORDER BY date"
    ).fetchall()


def imported(db: Path, file: Path, text: str) -> Any:
    file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(mnav, ["--db", str(db), "import", str(file)], prog_name="mnav")


def test_a_symbol_is_asked_for_and_its_closes_are_the_instruments(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db", SERIES, SYMBOL, HOLDS)
    asked = offers(db, date(2025, 6, 5))["listed_instruments"]
    assert asked == {"ORNGP": None}
    assert "/ORNGP?range=max" in yahoo_chart.urls({"ORNG": None}, date(2025, 6, 5), asked)[1]
    scraped(db, tmp_path, chart([95, 96, 94.5], symbol="ORNGP", volumes=[1000, None, 0]))
    days = [str(day) for day in sessions(3)]
    assert listed(db) == [
        ("a", days[0], 95, "USD", "yahoo_chart", 1000),
        ("a", days[1], 96, "USD", "yahoo_chart", None),
        ("a", days[2], 94.5, "USD", "yahoo_chart", 0),
    ]
    assert closes_of(db) == {}  # nothing of it is taken for the shares
    assert offers(db, date(2025, 6, 5))["listed_instruments"] == {"ORNGP": date.fromisoformat(days[2])}


def test_the_shares_split_does_not_move_the_series(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db", SERIES, SYMBOL, HOLDS, sheet("split", "ORNG,2025-06-04,10,1,filings,"))
    scraped(db, tmp_path, chart([95] * 6, symbol="ORNGP"))
    assert {close for _, _, close, *_ in listed(db)} == {95}


def test_a_split_of_the_instrument_is_told_and_the_closes_stay_as_quoted(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db", SERIES, SYMBOL, HOLDS)
    days = sessions(6)
    scraped(db, tmp_path, chart([25, 25, 25, 24, 24, 24], symbol="ORNGP", splits={days[3]: (4, 1)}))
    assert [close for _, _, close, *_ in listed(db)][:3] == [100, 100, 100]
    assert "import its new stated amount" in waiting(db, "split")[0]
    assert "a step of a split's size" in kept_out(db)[days[-1]] or "a split nobody told of" in kept_out(db)[days[-1]]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (chart([95, 96, 0.94], symbol="ORNGP"), "hundredths taken for units"),
        (chart([95, 96, 94], symbol="ORNGP", currency="CAD"), "quoted in CAD, but ORNG a trades in USD"),
        (chart([95, 96], [date(2025, 7, 3), date(2025, 7, 4)], symbol="ORNGP"), "XNAS was shut on 2025-07-04"),
    ],
)
def test_what_cannot_be_its_close_waits(tmp_path: Path, answer: Any, reason: str) -> None:
    db = world(tmp_path / "mnav.db", SERIES, SYMBOL, HOLDS)
    scraped(db, tmp_path, answer)
    assert any(reason in told for told in kept_out(db).values())


def test_a_file_is_judged_by_the_same_rules_and_released_by_later_closes(tmp_path: Path) -> None:
    path = tmp_path / "mnav.db"
    world(path, SERIES, SYMBOL, HOLDS).close()
    days = [str(day) for day in sessions(8)]
    rows = [
        f"ORNG,a,{day},{close},USD,market" for day, close in zip(days, [95, 96, 95, 96, 48, 48, 48, 48], strict=True)
    ]
    done = imported(path, tmp_path / "a.csv", sheet("instrument_price", *rows[:5]))
    assert f"ORNG a {days[4]} closes at 48 after 96" in done.output
    done = imported(path, tmp_path / "b.csv", sheet("instrument_price", *rows[5:]))
    assert done.exit_code == 0
    assert len(listed(open_database(path))) == 8  # those that came later speak for the one that waited


def test_a_live_close_is_not_replaced_and_its_volume_joins_it(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db", SERIES, SYMBOL, HOLDS)
    day = sessions(1)[0]
    store(db, sheet("instrument_price", f"ORNG,a,{day},95,USD,market"))
    scraped(db, tmp_path, chart([94, 96], symbol="ORNGP", volumes=[7, 8]))
    assert [(close, source, volume) for *_, close, _, source, volume in listed(db)] == [
        (95, "market", None), (96, "yahoo_chart", 8),
    ]  # fmt: skip
    scraped(db, tmp_path, chart([94, 96, 96], symbol="ORNGP", volumes=[7, 8, 9]))
    assert [volume for *_, volume in listed(db)] == [None, 8, 9]


def test_volumes_of_shares_are_in_the_shares_of_their_day(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db", HOLDS)
    days = sessions(4)
    answer = chart([10, 10, 10.5, 10.5], splits={days[2]: (10, 1)}, volumes=[5000, 6000, 7000, "many"])  # type: ignore[list-item]
    (outcome,) = [one for one in scraped(db, tmp_path, answer) if one.source == "yahoo_chart"]
    volumes = db.execute("SELECT volume FROM price WHERE symbol = 'ORNG' ORDER BY date").fetchall()
    assert volumes == [(500,), (600,), (7000,), (None,)]
    assert "many" in json.dumps(str(outcome))


def test_a_symbol_names_one_listing(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db", SERIES, SYMBOL)
    with pytest.raises(InputError, match="the symbol ORNG is that of the shares of a company"):
        store(db, sheet("instrument_symbol", "ORNG,a,ORNG,,filings,"))
    other = sheet("instrument", "ORNG,b,preferred,USD,2025-01-02,,,,10,,,,,1,,,filings")
    with pytest.raises(InputError, match="the symbol ORNGP is that of the instrument a of ORNG"):
        store(db, other, sheet("instrument_symbol", "ORNG,b,ORNGP,,filings,"))
    with pytest.raises(InputError, match="ORNG has no instrument 'c'"):
        store(db, sheet("instrument_symbol", "ORNG,c,ORNGC,,filings,"))


def test_a_volume_comes_in_a_file_too(tmp_path: Path) -> None:
    db = world(tmp_path / "mnav.db")
    text = f"{','.join(SHEETS['equity_price'].header)}\nORNG,2025-06-02,10,market,1500\nORNG,2025-06-03,10,market,\n"
    store(db, text)
    assert db.execute("SELECT volume FROM price ORDER BY date").fetchall() == [(1500,), (None,)]
    store(db, sheet("equity_price", "ORNG,2025-06-02,10,market"))
    assert db.execute("SELECT volume FROM price ORDER BY date").fetchone() == (
        1500,
    )  # a file without volumes takes none away


def test_a_database_from_before_volumes_keeps_its_closes(tmp_path: Path) -> None:
    path = tmp_path / "mnav.db"
    db = world(path, SERIES, HOLDS)
    day = str(sessions(1)[0])
    store(db, sheet("instrument_price", f"ORNG,a,{day},95,USD,market"), sheet("equity_price", f"ORNG,{day},10,market"))
    db.close()
    with closing(sqlite3.connect(path)) as old:
        for (view,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
            old.execute(f"DROP VIEW {view}")
        for statement in (
            "ALTER TABLE price DROP COLUMN volume",
            "ALTER TABLE instrument_price DROP COLUMN volume",
            "DROP TABLE instrument_symbol",
            "DELETE FROM _sqlite_migrations WHERE name = 'volumes'",
        ):
            old.execute(statement)
        old.commit()
    db = open_database(path, writable=True)
    store(db, SYMBOL)
    scraped(db, tmp_path, chart([94, 96], symbol="ORNGP", volumes=[7, 8]))
    assert [(close, volume) for *_, close, _, _, volume in listed(db)] == [(95, None), (96, 8)]
    assert closes_of(db) == {date.fromisoformat(day): 10}
