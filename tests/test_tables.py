"""Tables fit the terminal they are on: what is turned, set below, shortened, left out; and every verb on a pseudo-terminal."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import click
import forked
import pytest
from click.testing import CliRunner

from scripts.main import mnav
from scripts.shared import output
from scripts.shared.tables import cut, fitted, folded, laid_out, sparkline, wide
from scripts.shared.terminal import guarded
from treasury.amounts import counted, in_unit

FIXTURES = Path(__file__).parent / "fixtures"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
no_windows = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")


def lines_of(*arguments: Any, **named: Any) -> list[str]:
    laid = laid_out(*arguments, **named)
    return [*laid.head, *(line for row in laid.rows for line in row)]


# -- how a table is laid out ---------------------------------------------------------------------------------------

TABLE = {
    "ticker": ["ticker", "MSTR"],
    "btc": ["btc", "641,692"],
    "leverage": ["leverage", "0.122x"],
    "notes": ["notes", "unknown: preferred, cash"],
}
WHOLE = 6 + 2 + 7 + 2 + 8 + 2 + 24


def test_a_narrow_terminal_gets_fewer_columns_and_a_pipe_all_of_them() -> None:
    spare = ("leverage", "notes")
    assert list(fitted(TABLE, WHOLE, spare)) == list(TABLE)
    assert fitted(TABLE, WHOLE, spare)["notes"][1] == "unknown: preferred, cash"
    assert fitted(TABLE, WHOLE - 1, spare)["notes"][1] == "unknown: preferred, ca…"
    assert list(fitted(TABLE, 41, spare)) == list(TABLE)
    assert list(fitted(TABLE, 40, spare)) == ["ticker", "btc", "notes"]
    assert list(fitted(TABLE, 15, spare)) == ["ticker", "btc"]
    for width in range(6, WHOLE + 3):
        assert max(map(len, lines_of(TABLE, width, spare=spare))) <= width
        kept = fitted(TABLE, width, spare)
        assert kept.get("btc", TABLE["btc"]) == TABLE["btc"], "a number is never shortened"
    assert lines_of(TABLE, None, spare=spare)[2] == "MSTR    641,692    0.122x  unknown: preferred, cash"


def test_what_is_left_out_is_named_and_the_spare_go_before_the_right() -> None:
    assert laid_out(TABLE, 40, spare=("leverage",)).left_out == ["leverage"]
    assert laid_out(TABLE, 15).left_out == ["leverage", "notes"]
    assert laid_out(TABLE, 12, spare=("ticker", "btc")).left_out == ["btc", "leverage", "notes"], "who it is of stays"
    twice = {"a": ["a", "1"], "from": ["now", "12345678"], "to": ["now", "12345678"]}
    assert laid_out(twice, 5).left_out == ["from", "to"], "two columns of one title go by their names"


def test_a_column_of_which_nothing_is_known_goes_first_and_what_fits_after_all_comes_back() -> None:
    table = {"a": ["a", "1"], "volume": ["volume", "–"], "long": ["long", "12345678"], "b": ["b", "2"]}
    assert list(fitted(table, 14, ("b",))) == ["a", "long", "b"], "b is spare, yet there is room without the unknown"
    assert list(fitted(table, 11, ("b", "long"))) == ["a", "long"]
    assert list(fitted(table, 11, ("long", "b"))) == ["a", "b"]
    assert list(fitted(table, 12, ("long", "b"))) == ["a", "volume", "b"], "there is room for it after all"


def test_what_is_below_nought_has_the_sign_of_print_for_people_and_a_hyphen_for_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = {
        "day": "2026-01-02",
        "implied_premium_pct": -43.06,
        "implied_premium_usd": -1.2e9,
        "own": "-0.25",
        "text": "- none",
        "change": -7,
    }
    output.emit([row], tuple(row), "table")
    cells = capsys.readouterr().out.splitlines()[2].split("  ")
    assert [cell.strip() for cell in cells if cell] == ["2026-01-02", "−43.1 %", "−$1.20bn", "−0.25", "- none", "−7"]
    for program in ("csv", "json"):
        output.emit([row], tuple(row), program)
        assert "−" not in (told := capsys.readouterr().out)
        assert "-43.06" in told


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(-0.04, "%", "0.0 %"), (-0.06, "%", "−0.1 %"), (-1.5, "x", "−1.500x"), (-2e-7, "", "−2e-07"), (-5, "BTC", "−5"), (-12.5, "sats", "−12.500")],
)  # fmt: skip
def test_a_number_in_its_unit_below_nought(value: float, unit: str, text: str) -> None:
    assert in_unit(value, unit) == text


def test_one_is_one_and_more_are_many() -> None:
    assert [counted(count, "close") for count in (0, 1, 1373)] == ["0 closes", "1 close", "1,373 closes"]
    assert [counted(count, "company", "companies") for count in (1, 2)] == ["1 company", "2 companies"]


def test_the_last_screen_says_what_is_left_out_and_a_program_gets_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"date": f"2026-01-{day:02}"} for day in range(1, 31)]
    monkeypatch.setattr(output, "terminal_width", lambda: 80)
    monkeypatch.setenv("LINES", "16")
    for asked, kind, lines, said in (
        (False, "table", 8, "; 24 before the last 6 are left out, --all shows all"), (True, "table", 32, ""), (False, "csv", 31, ""),
    ):  # fmt: skip
        assert output.emit_last(rows, ("date",), kind, asked=asked) == said
        assert len(capsys.readouterr().out.splitlines()) == lines


def test_numbers_stand_on_the_right_whatever_their_unit() -> None:
    table = {"what": ["what", "a", "b", "c"], "much": ["much", "$1.20bn", "−$54.3m", "–"], "day": ["day", "2025-11-10", "2025-11-11", "–"]}  # fmt: skip
    assert lines_of(table, None) == [
        "what     much  day",
        "----  -------  ----------",
        "a     $1.20bn  2025-11-10",
        "b     −$54.3m  2025-11-11",
        "c           –  –",
    ]
    for number in ("641,692", "+4.4 %", "−43.1 %", "1.269x", "(30)", "3,521 JPY", "6.1e-05", "0"):
        assert laid_out({"number": ["a number", number]}, None).rows == [[number.rjust(8)]]


def test_a_long_text_stands_below_its_row_where_it_does_not_fit() -> None:
    assert lines_of(TABLE, 30, below=("notes",)) == [
        "ticker      btc  leverage",
        "------  -------  --------",
        "MSTR    641,692    0.122x",
        "    unknown: preferred, cash",
    ]
    assert lines_of(TABLE, 27, below=("notes",))[3:] == ["    unknown: preferred,", "    cash"]
    assert len(lines_of(TABLE, WHOLE, below=("notes",))) == 3
    assert laid_out({**TABLE, "notes": ["notes", "–"]}, 26, below=("notes",)).rows == [["MSTR    641,692    0.122x"]], (
        "nothing is no line"
    )


def test_a_table_of_few_rows_is_turned_on_its_side() -> None:
    assert lines_of(TABLE, 40, turn=True) == [
        "ticker                        MSTR",
        "btc                        641,692",
        "leverage                    0.122x",
        "notes     unknown: preferred, cash",
    ]
    assert laid_out(TABLE, 40, turn=True).left_out == []
    many = {name: [title, *[cell] * 9] for name, (title, cell) in TABLE.items()}
    assert laid_out(many, 40, turn=True).left_out == ["notes"], "of many rows columns go"


def test_signs_of_two_columns_are_counted_as_two() -> None:
    assert wide("メタプラネット") == 14
    assert lines_of({"name": ["name", "メタ", "ab"], "n": ["n", "1", "2"]}, None)[2:] == ["メタ  1", "ab    2"]
    assert cut("メタプラネット", 5) == "メタ…"
    assert cut("abc", 3) == "abc"


def test_prose_is_folded_between_words() -> None:
    assert folded("the closes are old", 10, "  ") == "the closes\n  are old"
    assert folded("short", 10) == "short"
    assert folded("the closes are old", None) == "the closes are old"
    assert max(map(len, folded("https://example.org/" + "a" * 50, 30).split("\n"))) <= 30


def test_a_sparkline_spans_lowest_to_highest_with_gaps_for_the_unknown() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([1, 1, None, None, 3, 3], 3) == "▁ █"
    assert sparkline([2, 2, 2, 2], 2) == "▁▁"
    assert sparkline([None, 1.0], 2) == sparkline([], 4) == ""


# -- colour --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("implied_premium_usd", 3e9, 32), ("implied_premium_pct", -4.0, 31), ("mnav_ev", 1.2, 32), ("mnav_net", 0.8, 31),
        ("btc_age_days", 400, 33), ("btc_age_days", 3, None), ("grade", "A", 32), ("grade", "D", 33), ("grade", "C", None),
        ("mnav_ev", None, None), ("mnav_ev", float("nan"), None), ("btc", 3.0, None),
    ],
)  # fmt: skip
def test_a_cell_is_coloured_by_what_it_says(name: str, value: object, code: int | None) -> None:
    assert output.coloured(name, value, "cell") == ("cell" if code is None else f"\x1b[{code}mcell\x1b[0m")


def test_nothing_is_coloured_in_a_pipe_or_where_it_is_not_wished(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not output.colours()
    monkeypatch.setattr(output, "terminal_width", lambda: 80)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert output.colours()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not output.colours()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not output.colours()


def test_the_colours_of_a_table_pass_the_guard_and_those_of_a_stranger_do_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output, "colours", lambda: True)
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_: False)
    with guarded():
        output.emit([{"ticker": "\x1b[31mORNG", "mnav_ev": 1.2}], ("ticker", "mnav_ev"), "table")
    assert capsys.readouterr().out.splitlines()[2] == "?[31mORNG  \x1b[32m 1.200x\x1b[0m"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\t", "\u2028", "\x0b", "\x85"])
def test_a_cell_never_makes_a_row_of_its_own(capsys: pytest.CaptureFixture[str], end: str) -> None:
    """A name of two lines would look like the row of another company."""
    row = {"name": f"Orange{end}LEMON   999", "btc": 1.0}
    output.emit([row], ("name", "btc"), "table")
    assert capsys.readouterr().out.splitlines()[2:] == ["Orange LEMON   999    1"]
    output.emit([row], ("name", "btc"), "json")
    assert json.loads(capsys.readouterr().out) == [row]


# -- every verb ----------------------------------------------------------------------------------------------------

RULES = """[[alert]]
name = "cheap, which is a long name for an alert"
when = "mnav_ev < 1.25 and btc_age_days < 100000 and shares_age_days < 100000 and claims_age_days < 100000"
say = "look at what it costs, and then look at it again before the day is over and the exchange has shut"
"""
COMMANDS = (
    "accretion MSTR", "add", "doctor", "serve --nonsense", "watch", "watch mine MSTR", "accretion MSTR --issue 0.1", "alert rules.toml --peek", "archive", "attribution 3350.T --from 2025-07-16 --to 2025-11-07",
    "attribution MSTR --from 2025-07-16 --to 2025-11-07", "attribution MSTR --from 2025-11-03 --to 2025-11-07 --daily", "bridge MSTR --to strategy --on 2025-03-03",
    "bridge --list", "bridge MSTR --daily --since 2026-06-01", "bridge --all", "capital MSTR", "check", "check --trackers",
    "compare --from 2025-07-16 --to 2025-11-07", "definitions", "definitions MSTR", "definitions MSTR --id strategy-ev-2025 --since 2026-06-01", "explain MSTR",
    "export --list", "export --company MSTR --columns", "history MSTR", "history MSTR --metric mnav_ev --past", "holders", "holders --since 2025-06-30",
    "import --check facts.csv", "import-document notice.txt --company SWC.L --published-at 2026-05-04T06:00:00Z --check", "index --since 2026-06-01",
    "index --members", "issuance MSTR --weekly 500000000", "market", "metrics", "moment MSTR", "moment MSTR --daily --since 2025-04-01 --until 2025-04-04",
    "pair MSTR --from 2024-12-02 --to 2025-11-07", "pair MSTR --enter mnav_ev>2 --leave mnav_ev<1.25", "pair MSTR --enter mnav_ev>2 --leave mnav_ev<1.25 --summary",
    "parse announcement notice.txt --company SWC.L", "plot --list", "preferred", "preferred strc --since 2026-06-01", "report --nonsense", "revisions MSTR",
    "revisions --total", "run --nonsense", "scrape --nonsense", "sheet NOBODY", "browse --nonsense", "show", "show --all", "show MSTR", "show MSTR 3350.T", "show NOBODY",
    "sources", "sources MSTR", "sources --coverage", "stress --btc 100000,60000", "stress --btc 100000,60000 --layers MSTR",
    "stress --btc 100000,60000 --multiples 0.8,1,1.25,2", "study MSTR", "study MSTR --events", "value", "value --vintage latest --company MSTR", "wall MSTR",
    "wall --summary", "wall MSTR --summary --btc 100000,60000,25000", "nonsense",
)  # fmt: skip


HYPHEN_FOR_MINUS = re.compile(r"(?<!\S)-[$\d][^\n]*")
ONE_OF_MANY = re.compile(r"(?<![\d,.])\b1 (?:closes|companies|days|changes|events|sources|moves|rows)\b[^\n]*")


@pytest.fixture(scope="module")
def folder(reference_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the verbs are called: a database that they may write, and the files they are given."""
    home = tmp_path_factory.mktemp("terminal")
    shutil.copy(reference_db, home / "mnav.db")
    (home / "rules.toml").write_text(RULES)
    (home / "facts.csv").write_text("ticker,quantity\n")
    (home / "notice.txt").write_text("The Smarter Web Company PLC\nTotal Bitcoin Holdings: 2,700 Bitcoin\n")
    return home


@no_windows
@pytest.mark.slow
@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_verb_writes_a_line_longer_than_the_screen(folder: Path, command: str, width: int) -> None:
    status, written = forked.on_a_terminal(
        *command.split(), width=width, folder=folder, environment={"MNAV_DB": "mnav.db"}
    )
    lines = ANSI.sub("", written).split("\n")
    assert not HYPHEN_FOR_MINUS.findall("\n".join(lines)), "what is below 0 has the sign of print"
    assert not ONE_OF_MANY.findall(written)
    assert status in (0, 1, 2, 4), written
    assert "Traceback" not in written
    assert [line for line in lines if wide(line) > width] == []
    assert len(lines) > 1


def test_every_verb_is_tried_on_a_terminal() -> None:
    verbs = set(mnav.list_commands(click.Context(mnav)))
    assert verbs <= {command.split()[0] for command in COMMANDS}


@no_windows
@pytest.mark.slow
def test_what_a_terminal_has_no_room_for_is_said_and_a_pipe_has_it(reference_db: Path) -> None:
    def shown(*words: str, width: int, **environment: str) -> str:
        return forked.on_a_terminal(
            *words, width=width, lines=30, environment={"MNAV_DB": str(reference_db), **environment}
        )[1]

    narrow = ANSI.sub("", shown("show", width=80))
    assert "leverage" not in narrow.splitlines()[0]
    assert "80 columns leave no room for" in narrow
    assert "leave no room" not in shown("show", "-q", width=80)
    assert "its year" in shown("show", width=200).splitlines()[0]
    assert "█" in shown("show", width=200)
    assert "\x1b[3" in shown("show", "MSTR", "3350.T", "--on", "2025-11-10", width=200)
    assert "\x1b" not in shown("show", "MSTR", "3350.T", "--on", "2025-11-10", width=200, NO_COLOR="1")
    history = ANSI.sub("", shown("history", "MSTR", width=120)).splitlines()
    assert len(history) < 30, "the last screen"
    assert "--all shows all" in history[-1]
    assert len(shown("history", "MSTR", "--all", width=120).splitlines()) > 1000
    assert len(shown("history", "MSTR", "--since", "2025-01-01", width=120).splitlines()) > 200
    for long in (
        "revisions MSTR",
        "revisions --total",
        "accretion MSTR",
        "moment MSTR --daily",
        "index",
        "study MSTR --events",
    ):
        screen = ANSI.sub("", shown(*long.split(), width=80)).splitlines()
        assert len(screen) <= 30, long
        assert re.search(
            r"[\d,]+ before the last \d+ are left out, --all shows all", " ".join(" ".join(screen).split())
        ), long
        assert len(shown(*long.split(), "--all", width=80).splitlines()) > 60, long
    piped = forked.mnav("show", environment={"MNAV_DB": str(reference_db)}).stdout
    assert {"leverage", "notes", "grade"} <= set(piped.splitlines()[0].split())
    assert "\x1b" not in piped
    assert "leave no room" not in piped


def test_a_pipe_gets_every_close(reference_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNAV_DB", str(reference_db))
    ended = CliRunner().invoke(mnav, ["history", "3350.T"])
    closes = len(ended.stdout.splitlines()) - 2
    assert closes > 200
    assert f"{closes:,} closes from " in ended.stderr
