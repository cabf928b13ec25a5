"""Companies by the names people type, and watch lists, wherever a verb or a rule takes a company."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import forked
import pytest
from click.shell_completion import ShellComplete, get_completion_class
from click.testing import CliRunner, Result

import mnav as door
from db import open_database
from scripts.main import mnav
from scripts.shared.alerting import tell
from treasury.messages.alerts import with_tickers
from treasury.model import InputError

Run = Callable[..., Result]
BESIDE = {  # what a verb needs beside a company
    "attribution": ["--from", "2025-07-16", "--to", "2025-11-07"],
    "bridge": ["--to", "strategy"],
    "compare": ["--from", "2025-07-16", "--to", "2025-11-07"],
    "export": ["holdings"],
    "import-document": ["notice.txt", "--published-at", "2026-05-04T06:00:00Z"],
    "issuance": ["--weekly", "1000000"],
    "pair": ["--from", "2025-07-16", "--to", "2025-11-07"],
    "plot": ["mnav"],
    "sheet": ["-o", "sheet.html"],
    "stress": ["--btc", "100000"],
    "watch": ["mine"],
}
NOT_OURS = {"parse", "add"}  # whose company may be one that nobody knows yet


def about_companies() -> dict[str, str]:
    """The verbs that take companies, each with how."""
    context = click.Context(mnav)
    found = {}
    for name in mnav.list_commands(context):
        command = mnav.get_command(context, name)
        assert command is not None
        for parameter in command.params:
            if parameter.name in ("ticker", "tickers", "company", "companies") and name not in NOT_OURS:
                found[name] = "" if isinstance(parameter, click.Argument) else parameter.opts[0]
    return found


@pytest.fixture
def run(reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    path = shutil.copy(reference_db, tmp_path / "mnav.db")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notice.txt").write_text("bought bitcoin", encoding="utf-8")
    return lambda *words: CliRunner().invoke(mnav, [*words, "--db", str(path)], prog_name="mnav")


def test_there_are_verbs_about_companies() -> None:
    assert len(about_companies()) > 20


@pytest.mark.slow
@pytest.mark.parametrize("verb", about_companies())
def test_every_verb_says_whom_a_misspelt_name_means(run: Run, verb: str) -> None:
    option = about_companies()[verb]
    words = [*([option] if option else []), "Metaplant"]
    beside = BESIDE.get(verb, [])
    order = [*beside, *words] if verb in ("export", "import-document", "plot", "watch") else [*words, *beside]
    done = run(verb, *order)
    assert done.exit_code == 2, done.output
    assert "unknown ticker 'Metaplant'; did you mean 3350.T?" in done.stderr


@pytest.mark.parametrize("typed", ["metaplanet", "MTPLF", "tyo:3350", "3350-T", "$MSTR", "mstr.us", "MicroStrategy"])
def test_a_verb_takes_a_company_by_any_of_its_names(reference_db: Path, typed: str) -> None:
    words = ("history", typed, "--metric", "ticker", "--since", "2025-11-10", "--until", "2025-11-10", "--csv")
    done = forked.mnav(*words, environment={"MNAV_DB": str(reference_db)}, check=True)
    assert done.stdout.splitlines()[-1] in ("2025-11-10,3350.T", "2025-11-10,MSTR")


def test_a_notice_is_parsed_as_of_the_company_meant(run: Run, tmp_path: Path) -> None:
    told = "Tokyo, July 2, 2026 - Metaplanet Inc. today announced its bitcoin treasury. Metaplanet holds 500 BTC.\n"
    (tmp_path / "notice.txt").write_text(told, encoding="utf-8")
    words = ("parse", "announcement", "notice.txt", "--company", "MTPLF", "--published-at", "2026-07-02T16:00:00Z")
    (row,) = json.loads(run(*words, "--json").stdout)
    assert (row["company"], row["value"]) == ("3350.T", 500)


# -- rules ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "becomes"),
    [
        ("ticker = 'metaplanet' and mnav_ev < 1", "ticker = '<metaplanet>' and mnav_ev < 1"),
        ("ticker IN ('a', 'b') or name = 'c'", "ticker IN ('<a>', '<b>') or name = 'c'"),
        ("ticker not in ('a')", "ticker not in ('<a>')"),
        ("ticker <> 'a'", "ticker <> '<a>'"),
        ("ticker LIKE 'M%'", "ticker LIKE 'M%'"),
    ],
)
def test_companies_in_a_condition_are_meant_as_people_name_them(when: str, becomes: str) -> None:
    assert with_tickers(when, lambda typed: f"<{typed}>") == becomes


def test_a_condition_about_nobody_is_refused_instead_of_never_met(reference_db: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"

    def told(when: str) -> int:
        from datetime import date

        rules.write_text(f'[[alert]]\nname = "one"\nwhen = "{when}"\n', encoding="utf-8")
        return len(tell(open_database(reference_db), rules, tmp_path / "told.json", date(2026, 9, 30), peek=True)[0])

    assert told("ticker = 'Metaplanet' and btc > 0") == 1
    with pytest.raises(InputError, match=r"^rules\.toml:3: unknown ticker 'Metaplant'; did you mean 3350\.T\?"):
        told("ticker = 'Metaplant' and btc > 0")


# -- watch lists ---------------------------------------------------------------------------------------------------


def test_a_watch_list_is_made_used_and_taken_away(run: Run, tmp_path: Path) -> None:
    assert run("watch", "Mine", "MSTR", "metaplanet", "--csv").stdout == "list,ticker\nmine,MSTR\nmine,3350.T\n"
    shown = run("show", "@mine", "--on", "2025-11-10", "--json").stdout
    assert '"3350.T"' in shown
    assert '"MSTR"' in shown
    assert run("export", "holdings", "--company", "@mine").stdout.count("\n") == 3  # its header and two companies
    with door.open(tmp_path / "mnav.db") as book:
        assert set(book.panel("mnav_market_cap", "@mine").columns) == {"MSTR", "3350.T"}
    rules = tmp_path / "mnav-alerts.toml"
    rules.write_text('[[alert]]\nname = "one"\nwhen = "btc > 0"\ntickers = ["@mine"]\n', encoding="utf-8")
    assert run("alert", "--peek", "--csv").stdout.count("\none,") == 2
    assert run("watch", "mine", "MSTR", "--remove", "--csv").stdout == "list,ticker\nmine,3350.T\n"
    assert run("watch", "mine", "--remove").exit_code == 0
    assert "no watch list @mine; there is none yet" in run("show", "@mine").stderr


def test_a_verb_about_one_company_takes_no_list_of_several(run: Run) -> None:
    run("watch", "mine", "MSTR", "metaplanet")
    assert "@mine names MSTR, 3350.T; this verb takes one company" in run("capital", "@mine").stderr
    assert "stack is about one company" in run("plot", "stack", "@mine").stderr
    run("watch", "mine", "MSTR", "--remove")
    assert run("capital", "@mine").exit_code == 0


def test_a_name_that_is_none_is_refused(run: Run) -> None:
    assert "'my list' is no name of a watch list" in run("watch", "my list", "MSTR").stderr


def test_a_valuation_made_anew_keeps_the_lists(run: Run) -> None:
    run("watch", "mine", "MSTR")
    assert run("value", "--full").exit_code == 0
    assert run("watch", "--csv").stdout == "list,ticker\nmine,MSTR\n"


# -- completion ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "begun", "completed"),
    [
        ("", "hist", {"history"}),
        ("show", "xx", {"XXI"}),
        ("show", "@", {"@mine"}),
        ("capital", "mst", {"MSTR"}),
        ("export holdings --company", "335", {"3350.T"}),
        ("plot", "stac", {"stack"}),
        ("history MSTR --metric", "mnav_ev_d", {"mnav_ev_diluted", "mnav_ev_doubt"}),
    ],
)
def test_the_shell_completes_what_there_is(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, begun: str, completed: set[str]) -> None:  # fmt: skip
    run("watch", "mine", "MSTR")
    monkeypatch.setenv("MNAV_DB", str(tmp_path / "mnav.db"))
    found = ShellComplete(mnav, {}, "mnav", "_MNAV_COMPLETE").get_completions(words.split(), begun)
    assert {one.value for one in found} == completed


def test_the_lines_for_shells_are_those_that_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[1] / "docs" / "commands.md").read_text(encoding="utf-8")
    for shell in ("bash", "zsh", "fish"):
        assert f"_MNAV_COMPLETE={shell}_source mnav" in page
        assert get_completion_class(shell) is not None
