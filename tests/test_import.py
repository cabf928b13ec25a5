"""mnav import: people's own files are taken whole or not at all, and what is wrong is said with file, line and remedy."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_up import BITCOIN, DAYS, EXCHANGES, RATES, SOURCES, closes, company, facts, sheet

from scripts.main import mnav

CHECKOUT = Path(__file__).parents[1]
Run = Callable[..., Result]

# ONE: 1,000 BTC at 100,000 USD, 10 million shares at 15 USD, so a multiple of 1.5
FILES = {
    "sources.csv": SOURCES,
    "exchanges.csv": EXCHANGES,
    "bitcoin.csv": BITCOIN,
    "rates.csv": RATES,
    "one.csv": company("ONE"),
    "facts.csv": facts("ONE", "btc_holdings 2024-12-31 2025-01-05 1000 BTC", "shares_basic 2024-12-31 2025-01-05 10000000 shares"),
    "prices.csv": closes("ONE", 15),
}  # fmt: skip
GOOD = facts("ONE", "btc_holdings 2025-01-08 2025-01-08 1200 BTC", "cash 2025-01-08 2025-01-08 5000000 USD")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `mnav …` in an empty folder in which `mnav.db` is made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MNAV_DB", raising=False)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(mnav, [str(one) for one in arguments], prog_name="mnav")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with FILES, imported and valued."""
    folder = tmp_path_factory.mktemp("template")
    write(folder, FILES)
    runner = CliRunner()
    done = runner.invoke(mnav, ["--db", str(folder / "mnav.db"), "import", *(str(folder / name) for name in FILES)])
    assert done.exit_code == 0, done.stderr
    assert runner.invoke(mnav, ["--db", str(folder / "mnav.db"), "value"]).exit_code == 0
    return folder / "mnav.db"


@pytest.fixture
def stored(run: Run, template: Path, tmp_path: Path) -> Path:
    """The same with FILES beside it, imported and valued."""
    write(tmp_path, FILES)
    return Path(shutil.copy(template, tmp_path / "mnav.db"))


def write(folder: Path, files: dict[str, str]) -> list[str]:
    for name, body in files.items():
        (folder / name).write_text(body, encoding="utf-8")
    return list(files)


def dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    lines = list(connection.iterdump())
    connection.close()
    return lines


def refused(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("Error: ")
    return result.stderr.removeprefix("Error: ")


def multiples(run: Run, ticker: str = "ONE") -> list[float | None]:
    told = run("history", ticker, "--metric", "mnav_market_cap", "--json")
    assert told.exit_code == 0, told.stderr
    return [row["mnav_market_cap"] for row in json.loads(told.stdout)]


# -- bad files -----------------------------------------------------------------------------------------------------

FACT = "ticker,instrument,quantity,as_of,known_at,value,unit,source,note\n"
FINE = "ONE,,cash,2025-01-07,2025-01-07,1000000,USD,filings,\n"  # a good row before the bad one


def bad(row: str, *says: str, header: str = FACT, first: str = FINE) -> tuple[bytes, tuple[str, ...]]:
    """A fact file whose second row is bad, and the words its refusal must have; the line is 3 unless they say another."""
    return (header + first + row + "\n").encode(), ("bad.csv:3: ", *says)


BAD: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "unknown column": (
        b"ticker,instrument,quantity,as_of,known_at,amount,unit,source,note\n" + FINE.encode(),
        ("bad.csv:1: read as a fact file: unknown column 'amount'; missing column 'value'; its columns are ticker, [instrument], quantity",),
    ),
    "another kind of file": (b"name,age\nada,36\n", ("bad.csv:1: read as a ", "unknown column", "its columns are ")),
    "unknown ticker": bad(
        "NONE,,cash,2025-01-07,2025-01-07,1,USD,filings,",
        "unknown ticker 'NONE'; write ONE where you mean that, or give a company file with it, before or beside this one",
    ),
    "unknown source": bad(
        "ONE,,btc_holdings,2025-01-07,2025-01-07,1,BTC,a-dream,",
        "unknown source 'a-dream'; give a source file with it, before or beside this one",
    ),
    "unknown exchange": (
        company("TWO", mic="XMOON").encode(),
        ("bad.csv:2: unknown mic 'XMOON'; give an exchange file with it, before or beside this one",),
    ),
    "an instrument nobody described": bad(
        "ONE,note-2030,principal,2025-01-07,2025-01-07,1000000,USD,filings,",
        "principal is stated of an instrument, and ONE has none called 'note-2030'; give an instrument file with it",
    ),
    "an instrument left out": bad(
        "ONE,,principal,2025-01-07,2025-01-07,1000000,USD,filings,", "ONE has none called ''; give an instrument file"
    ),
    "unknown quantity": bad("ONE,,bitcoins,2025-01-07,2025-01-07,1,BTC,filings,", "'bitcoins' is not one of btc_holdings, "),
    "a price among the facts": bad("ONE,,close,2025-01-07,2025-01-07,1,USD,filings,", "close is no fact: it belongs in a file of the kind equity_price"),
    "thousands separators": bad(
        'ONE,,btc_holdings,2025-01-07,2025-01-07,"1,200",BTC,filings,',
        "value: '1,200' is not a number; write digits with '.' as decimal sign and no separators",
    ),
    "a decimal comma": bad('ONE,,btc_holdings,2025-01-07,2025-01-07,"12,5",BTC,filings,', "'12,5' is not a number; write"),
    "a sign of currency": bad("ONE,,cash,2025-01-08,2025-01-08,$5,USD,filings,", "'$5' is not a number; write digits"),
    "nan": bad("ONE,,btc_holdings,2025-01-07,2025-01-07,NaN,BTC,filings,", "value: 'NaN' is not a number"),
    "infinity": bad("ONE,,btc_holdings,2025-01-07,2025-01-07,inf,BTC,filings,", "value: 'inf' is not a number"),
    "a number beyond numbers": bad("ONE,,cash,2025-01-08,2025-01-08,1e999,USD,filings,", "'1e999' is too large"),
    "no such day": bad(
        "ONE,,btc_holdings,2025-02-30,2025-03-01,1,BTC,filings,", "as_of: '2025-02-30' is not a day; write YYYY-MM-DD"
    ),
    "a day in another order": bad("ONE,,cash,07/01/2025,2025-01-08,1,USD,filings,", "'07/01/2025' is not a day; write YYYY-MM-DD"),
    "a moment without zone": bad(
        "ONE,,btc_holdings,2025-01-07,2025-01-07T20:00:00,1,BTC,filings,", "is not a moment; write YYYY-MM-DDTHH:MM:SSZ in UTC"
    ),
    "known before it was so": bad(
        "ONE,,btc_holdings,2025-01-07,2025-01-06,1,BTC,filings,",
        "known_at 2025-01-06 is before as_of 2025-01-07; if it was announced ahead, begin the note with 'forward dated'",
    ),
    "a repeated key": bad("ONE,,cash,2025-01-07,2025-01-07,2000000,USD,filings,", "repeats line 2 (ticker ONE, quantity cash"),
    "a repeated row": bad(FINE.strip(), "repeats line 2 (ticker ONE, quantity cash"),
    "coins for shares": bad("ONE,,shares_basic,2025-01-07,2025-01-07,10000000,BTC,filings,", "shares_basic is in shares, not 'BTC'"),
    "dollars for coins": bad("ONE,,btc_holdings,2025-01-07,2025-01-07,10,USD,filings,", "btc_holdings is in BTC, not 'USD'"),
    "pence": bad("ONE,,cash,2025-01-08,2025-01-08,100,GBX,filings,", "its unit must be an ISO currency code, not 'GBX'"),
    "negative shares": bad(
        "ONE,,shares_basic,2025-01-07,2025-01-07,-10000000,shares,filings,",
        "shares_basic -10,000,000 shares is outside 100,000 to 100,000,000,000",
    ),
    "shares in millions": bad("ONE,,shares_basic,2025-01-07,2025-01-07,10,shares,filings,", "shares_basic 10 shares is outside 100,000"),
    "22 million bitcoin": bad(
        "ONE,,btc_holdings,2025-01-07,2025-01-07,22000000,BTC,filings,", "btc_holdings 22,000,000 BTC is outside 0 to 21,000,000"
    ),
    "an empty value": bad("ONE,,btc_holdings,2025-01-07,2025-01-07,,BTC,filings,", "value is empty; it is required"),
    "cut in a row": bad("ONE,,btc_holdings,2025-01-0", "4 cells where the header has 9; is the file cut off?"),
    "cut in a quoted note": (
        (FACT + FINE + 'ONE,,btc_holdings,2025-01-07,2025-01-07,1,BTC,filings,"as the comp').encode(),
        ("bad.csv:3: ", "is the file complete, and are quotes closed?"),
    ),
    "cut in its header": (FACT[:20].encode(), ("bad.csv:1: read as a ", "its columns are ")),
    "empty": (b"", ("bad.csv:1: the file is empty; it must begin with a header row",)),
    "latin-1": (
        (FACT + FINE + "ONE,,btc_holdings,2025-01-07,2025-01-07,1,BTC,filings,Méliuz\n").encode("latin-1"),
        ("bad.csv:3: not UTF-8 (", "save the file as UTF-8"),
    ),
    "utf-16": ((FACT + FINE).encode("utf-16"), ("bad.csv:1: not UTF-8 (", "save the file as UTF-8")),
    "a contradiction": bad(
        "ONE,,btc_holdings,2024-12-31,2025-01-05,1001,BTC,filings,",
        "ONE btc_holdings as of 2024-12-31 is stored as 1000 BTC from the same source; this row says 1001 BTC.",
        "Withdraw the stored fact with a retraction first",
    ),
    "a retraction of nothing": (
        sheet("retraction", "ONE,,btc_holdings,2024-12-31,2025-01-05,1001,filings,2025-02-01,a typing error").encode(),
        ("bad.csv:2: no such fact is stored; give ticker, quantity, as_of, known_at, value and source as it is",),
    ),
    "a retraction without a reason": (
        sheet("retraction", "ONE,,btc_holdings,2024-12-31,2025-01-05,1000,filings,2025-02-01,").encode(),
        ("bad.csv:2: reason is empty; it is required",),
    ),
    "a share price of zero": (sheet("equity_price", "ONE,2025-01-13,0,market").encode(), ("bad.csv:2: close: '0' must be above zero",)),
    "a price of an unknown company": (
        sheet("equity_price", "ONE,2025-01-13,15,market", "NONE,2025-01-13,15,market").encode(),
        ("bad.csv:3: unknown ticker 'NONE'; write ONE where you mean that, or give a company file",),
    ),
    "an unknown kind of company": (company("TWO", kind="bank").encode(), ("bad.csv:2: kind: 'bank' is not one of treasury, miner",)),
    "a relation to an unknown company": (
        sheet("relation", "ONE,TWO,consolidated_by,2025-01-01,,filings,").encode(),
        ("bad.csv:2: unknown other 'TWO'; give a company file",),
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_says_where_and_what_to_do_and_nothing_is_stored(stored: Path, run: Run, case: str) -> None:
    body, says = BAD[case]
    folder = stored.parent
    (folder / "bad.csv").write_bytes(body)
    write(folder, {"good.csv": GOOD, "two.csv": company("BESIDE")})
    before = dump(stored)
    told = refused(run("import", "bad.csv"))
    for words in says:
        assert words in told
    assert told.count("\n") == 1, "one problem, one line"
    assert refused(run("import", "good.csv", "two.csv", "bad.csv")) == told
    assert refused(run("import", "--check", "bad.csv", "good.csv", "two.csv")) == told
    assert dump(stored) == before


def test_the_good_files_that_stood_beside_are_taken_alone(stored: Path, run: Run) -> None:
    """The test above would pass, were they refused too."""
    write(stored.parent, {"good.csv": GOOD, "two.csv": company("BESIDE")})
    done = run("import", "good.csv", "two.csv")
    assert done.exit_code == 0, done.stderr
    assert "2 new or changed fact rows" in done.stderr
    assert "1 new or changed company rows" in done.stderr


def test_every_problem_of_a_file_is_told_with_its_line(stored: Path, run: Run) -> None:
    rows = [
        "ONE,,cash,2025-01-07,2025-01-07,1e6,USD,filings,",
        "ONE,,cash,2025-01-xx,2025-01-08,1e6,USD,filings,",
        "ONE,,cash,2025-01-09,2025-01-09,1e6,EURO,filings,",
    ]
    write(stored.parent, {"bad.csv": sheet("fact", *rows)})
    lines = refused(run("import", "bad.csv")).splitlines()
    assert [line.split(": ")[0] for line in lines] == ["bad.csv:3", "bad.csv:4"]


def test_a_file_cut_anywhere_in_its_last_row_is_refused(stored: Path, run: Run) -> None:
    before = dump(stored)
    body = sheet("equity_price", "ONE,2025-01-13,15,market", "ONE,2025-01-14,16.25,market")
    start = body.index("ONE,2025-01-14")
    for cut in range(start + 1, len(body) - 1):
        (stored.parent / "bad.csv").write_text(body[:cut], encoding="utf-8")
        assert "bad.csv:3: " in refused(run("import", "bad.csv")), body[start:cut]
    assert dump(stored) == before


def test_a_file_that_is_not_there_is_wrong_usage(stored: Path, run: Run) -> None:
    before = dump(stored)
    assert run("import", "one.csv", "nowhere.csv").exit_code == 2
    assert run("import").exit_code == 2
    assert dump(stored) == before


def test_a_file_that_cannot_be_read_leaves_no_database(tmp_path: Path, run: Run) -> None:
    write(tmp_path, {"bad.csv": FACT + "ONE,,cash,2025-01-07,2025-01-07,NaN,USD,filings,\n"})
    refused(run("import", "bad.csv"))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


def test_a_file_that_refers_to_nothing_leaves_an_empty_database_at_most(tmp_path: Path, run: Run) -> None:
    write(tmp_path, {"facts.csv": FILES["facts.csv"], "sources.csv": SOURCES})
    assert "facts.csv:2: unknown ticker 'ONE'" in refused(run("import", "sources.csv", "facts.csv"))
    connection = sqlite3.connect(tmp_path / "mnav.db")
    assert [connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in ("source", "fact", "dirty")] == [(0,)] * 3  # fmt: skip
    connection.close()


# -- good files ----------------------------------------------------------------------------------------------------


def test_an_own_company_on_an_empty_database_is_valued(stored: Path, run: Run) -> None:
    # 10m shares x 15 / (1,000 x 100,000), known from the close after 5 January on
    assert multiples(run) == [pytest.approx(1.5)] * len(DAYS)


def test_an_own_company_in_another_currency(stored: Path, run: Run) -> None:
    """TEN: 2,000 BTC; 100m shares at 3,000 yen of a cent each are 3bn USD for 200m USD of bitcoin: 15."""
    write(
        stored.parent,
        {
            "ten.csv": company("TEN", mic="XTKS", currency="JPY"),
            "tf.csv": facts("TEN", "btc_holdings 2025-01-05 2025-01-05 2000 BTC", "shares_basic 2025-01-05 2025-01-05 100000000 shares"),
            "tp.csv": closes("TEN", 3000),
        },
    )  # fmt: skip
    assert run("import", "tp.csv", "tf.csv", "ten.csv").exit_code == 0
    assert run("value").exit_code == 0
    assert multiples(run, "TEN") == [pytest.approx(15)] * len(DAYS)
    assert multiples(run) == [pytest.approx(1.5)] * len(DAYS)


@pytest.mark.slow
def test_files_may_stand_in_any_order(tmp_path: Path, run: Run) -> None:
    names = write(tmp_path, FILES | {"more.csv": GOOD})
    shuffled = random.Random(3)
    dumps = set()
    for number, order in enumerate([names, names[::-1], *(shuffled.sample(names, len(names)) for _ in range(6))]):
        path = tmp_path / f"{number}.db"
        done = run("import", *order, "--db", path)
        assert done.exit_code == 0, done.stderr
        assert run("value", "--db", path).exit_code == 0
        connection = sqlite3.connect(path)
        dumps.add(
            json.dumps(
                [
                    connection.execute(sql).fetchall()
                    for sql in (
                        "SELECT ticker, quantity, as_of, known_at, value, unit, source FROM fact ORDER BY 1, 2, 3",
                        "SELECT * FROM price ORDER BY symbol, fixing, date",
                        "SELECT * FROM mnav_daily ORDER BY ticker, date",
                    )
                ]
            )
        )
        connection.close()
    assert len(dumps) == 1


def test_importing_twice_changes_nothing(stored: Path, run: Run) -> None:
    before = dump(stored)
    done = run("import", *FILES)
    assert done.exit_code == 0
    assert done.stderr == "taken: nothing new\n"
    assert dump(stored) == before
    assert run("value").stderr == "valued 0 company-days again\n"
    assert dump(stored) == before


def test_the_same_file_twice_in_one_call_is_taken_once(stored: Path, run: Run) -> None:
    write(stored.parent, {"good.csv": GOOD, "again.csv": GOOD})
    done = run("import", "good.csv", "again.csv")
    assert done.exit_code == 0
    assert "2 new or changed fact rows" in done.stderr


def test_two_files_of_one_call_that_contradict_each_other_are_refused(stored: Path, run: Run) -> None:
    before = dump(stored)
    write(stored.parent, {"good.csv": GOOD, "other.csv": GOOD.replace(",1200,", ",1300,")})
    assert "other.csv:2: ONE btc_holdings as of 2025-01-08 is stored as 1200 BTC" in refused(
        run("import", "good.csv", "other.csv")
    )
    assert dump(stored) == before


def test_what_was_taken_is_told_by_file(stored: Path, run: Run) -> None:
    write(stored.parent, {"good.csv": GOOD})
    told = run("import", "good.csv", "prices.csv", "--json")
    assert json.loads(told.stdout) == [
        {"file": "good.csv", "kind": "fact", "rows": 2},
        {"file": "prices.csv", "kind": "equity_price", "rows": 5},
    ]
    assert told.stderr == "taken: 2 new or changed fact rows; now run `mnav value`\n"


def test_a_spreadsheet_may_have_saved_it(stored: Path, run: Run) -> None:
    """Excel's mark, Windows line ends, every cell quoted, blank lines at the end."""
    quoted = "\r\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in GOOD.strip().splitlines())
    (stored.parent / "excel.csv").write_bytes(b"\xef\xbb\xbf" + quoted.encode() + b"\r\n\r\n")
    done = run("import", "excel.csv")
    assert done.exit_code == 0, done.stderr
    assert "2 new or changed fact rows" in done.stderr


# -- only checking -------------------------------------------------------------------------------------------------


def test_a_check_stores_nothing(stored: Path, run: Run) -> None:
    before = dump(stored)
    write(stored.parent, {"good.csv": GOOD})
    done = run("import", "--check", "good.csv")
    assert done.exit_code == 0
    assert done.stderr == "could be taken: 2 new or changed fact rows\n"
    assert dump(stored) == before


def test_a_check_makes_no_database(tmp_path: Path, run: Run) -> None:
    names = write(tmp_path, FILES)
    done = run("import", "--check", *names)
    assert done.exit_code == 0, done.stderr
    assert done.stderr.startswith("could be taken: 5 new or changed source rows, ")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert "unknown source 'market'" in refused(run("import", "--check", "prices.csv", "one.csv", "exchanges.csv"))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


# -- withdrawing ---------------------------------------------------------------------------------------------------

WRONG = "ONE,,btc_holdings,2025-01-07,2025-01-07,10,BTC,filings,"
RIGHT = WRONG.replace(",10,", ",1250,")
WITHDRAWN = sheet("retraction", "ONE,,btc_holdings,2025-01-07,2025-01-07,10,filings,2025-02-01,read thousands as units")


@pytest.mark.parametrize("order", [("right.csv", "withdrawn.csv"), ("withdrawn.csv", "right.csv")])
def test_a_retraction_and_the_right_value_are_taken_in_one_call(stored: Path, run: Run, order: tuple[str, str]) -> None:
    write(
        stored.parent,
        {"wrong.csv": sheet("fact", WRONG), "right.csv": sheet("fact", RIGHT), "withdrawn.csv": WITHDRAWN},
    )
    assert run("import", "wrong.csv").exit_code == 0
    assert run("value").exit_code == 0
    assert multiples(run)[1:3] == [pytest.approx(1.5), pytest.approx(150)]
    assert "is stored as 10 BTC" in refused(run("import", "right.csv"))
    done = run("import", *order)
    assert done.exit_code == 0, done.stderr
    assert done.stderr == "taken: 1 new or changed retraction rows, 1 new or changed fact rows; now run `mnav value`\n"
    assert run("value").exit_code == 0
    assert multiples(run)[1:3] == [pytest.approx(1.5), pytest.approx(150e6 / 125e6)]  # 1.2 from the day after
    # the wrong value stays out when its file comes again, and stays visible
    after = dump(stored)
    for again in (["wrong.csv"], ["right.csv"], ["withdrawn.csv"], ["wrong.csv", "withdrawn.csv", "right.csv"]):
        assert run("import", *again).stderr == "taken: nothing new\n"
    assert dump(stored) == after
    rows = json.loads(run("revisions", "ONE", "--quantity", "btc_holdings", "--json").stdout)
    assert [(row["date"], row["what"], row["old"], row["new"], row["note"]) for row in rows] == [
        ("2025-01-06", "appeared", None, 1000, None),
        ("2025-01-08", "changed", 1000, 1250, None),
        ("2025-02-01", "withdrawn", 10, None, "read thousands as units"),
    ]


def test_a_mistake_and_its_retraction_may_come_together(stored: Path, run: Run) -> None:
    write(stored.parent, {"wrong.csv": sheet("fact", WRONG), "withdrawn.csv": WITHDRAWN})
    assert run("import", "withdrawn.csv", "wrong.csv").exit_code == 0
    assert run("value").exit_code == 0
    assert multiples(run) == [pytest.approx(1.5)] * len(DAYS)


# -- long files ----------------------------------------------------------------------------------------------------

LONG = """
import sys
from scripts import import_
import_.LONG, import_.LINES_PER_STEP = {threshold}, 50
sys.argv = ["mnav", "import", "long.csv"{flags}]
from scripts.main import main
main()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
@pytest.mark.parametrize(
    ("threshold", "flags", "bar"), [(1000, "", True), (10_000_000, "", False), (1000, ', "-q"', False)]
)
def test_a_long_file_shows_its_progress_on_a_terminal(
    stored: Path, threshold: int, flags: str, bar: bool
) -> None:  # fmt: skip
    import pty

    days = [f"{year}-{month:02}-{day:02}" for year in (2010, 2011) for month in range(1, 13) for day in range(1, 29)]
    write(stored.parent, {"long.csv": closes("ONE", 15, days)})
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-c", LONG.format(threshold=threshold, flags=flags)],
        cwd=stored.parent,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    told = b""
    while True:
        try:
            block = os.read(ours, 4096)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not block:
            break
        told += block
    os.close(ours)
    assert done.stdout is not None
    printed = done.stdout.read()
    done.stdout.close()
    assert done.wait(30) == 0, told
    assert "equity_price" in printed
    assert "reading" not in printed
    assert (b"reading long.csv" in told) == bar
    assert (b"100%" in told) == bar
    assert (told.count(b"%") > 5) == bar, "it moves"
    connection = sqlite3.connect(stored)
    assert connection.execute("SELECT count(*) FROM price WHERE symbol = 'ONE'").fetchone() == (672 + 5,)
    connection.close()
