"""The mutation command: which changes it makes, that a test that notices kills one, and that the checkout is only read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.mutate.__main__ import EQUAL, LAWS, TESTS, command, draw, questions, verdict
from scripts.mutate.operators import Mutant, mutants

ROOT = Path(__file__).parents[1]
MODULE = '''"""Older than 5 is old."""

from functools import lru_cache

LIMIT: int = 5


@lru_cache(maxsize=9)
def old(age: int, told: list[int]) -> bool:
    """Whether it is older than 5."""
    if age > LIMIT and not told:
        raise ValueError(f"{age + 1} of " + "5")
    told.append(min(age, 3))
    return any(one == age for one in told if one)
'''


def changes(source: str) -> list[tuple[int, str, str]]:
    return [(mutant.line, mutant.before, mutant.after) for mutant in mutants(source)]


def test_a_module_has_these_mutants_and_no_others() -> None:
    assert changes(MODULE) == [
        (5, "5", "6"),
        (11, "age > LIMIT and not told", "age > LIMIT or not told"),
        (11, "age > LIMIT and not told", "not told"),
        (11, "age > LIMIT and not told", "age > LIMIT"),
        (11, "age > LIMIT", "age >= LIMIT"),
        (11, "not told", "told"),
        (12, 'raise ValueError(f"{age + 1} of " + "5")', "pass"),
        (13, "told.append(min(age, 3))", "pass"),
        (13, "min(age, 3)", "max(age, 3)"),
        (13, "3", "4"),
        (14, "return any(one == age for one in told if one)", "return None"),
        (14, "any(one == age for one in told if one)", "all((one == age for one in told if one))"),
        (14, "(one == age for one in told if one)", "(one == age for one in told)"),
        (14, "one == age", "one != age"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [("a + b", "a - b"), ("a / b", "a * b"), ("a is None", "a is not None"), ("-a", "a"), ("True", "False"), ("a in b", "a not in b"),
     ("a if b else c", "a if not b else c"), ("1.5", "2.5")],
)  # fmt: skip
def test_an_expression_becomes_its_likeliest_mistake(before: str, after: str) -> None:
    assert (1, before, after) in changes(f"x = {before}\n")


def test_a_change_stands_in_its_place_and_binds_as_what_it_replaces() -> None:
    """Behind letters of two bytes, and inside a product."""
    (sum_, product) = [one for one in mutants("größe = 2 * (ä + b)\n") if one.before != "2"][::-1]
    assert sum_.source == "größe = 2 * ((ä - b))\n"
    assert product.source == "größe = (2 / (ä + b))\n"
    assert str(sum_) == "ä + b  →  ä - b"


def test_every_mutant_of_a_file_of_the_core_is_python_and_differs() -> None:
    source = (ROOT / "treasury" / "known" / "cost.py").read_text(encoding="utf-8")
    for mutant in mutants(source):
        assert ast.dump(ast.parse(mutant.source)) != ast.dump(ast.parse(source)), str(mutant)


@pytest.mark.slow
def test_the_same_seed_draws_the_same_sample_of_the_whole_core() -> None:
    first, again, other = draw(60, 1), draw(60, 1), draw(60, 2)
    assert first == again
    assert first != other
    assert {path.split("/")[1] for path, _ in first} == {"known", "valuation", "metrics", "claims", "intake"}
    assert {path for path, _ in draw(5, 1, "treasury/known/cost.py")} == {"treasury/known/cost.py"}


def test_every_file_of_tests_that_is_asked_is_there_and_every_equal_mutant_can_be_drawn() -> None:
    for place in TESTS:
        for words in questions(f"{place}x.py"):
            for word in words:
                if word.startswith("tests/"):
                    file, _, test = word.partition("::")
                    assert f"def {test}" in (ROOT / file).read_text(encoding="utf-8"), word
    assert set(LAWS) <= set(TESTS)
    for path, change in EQUAL:
        assert change in {str(mutant) for mutant in mutants((ROOT / path).read_text(encoding="utf-8"))}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A module with one test, which asks for six only."""
    (tmp_path / "old.py").write_text("def old(age):\n    return age > 5\n", encoding="utf-8")
    (tmp_path / "test_old.py").write_text(
        "from old import old\n\n\ndef test_old():\n    assert old(6)\n", encoding="utf-8"
    )
    return tmp_path


@pytest.mark.slow
def test_what_a_test_notices_is_killed_and_the_file_is_as_it_was(tree: Path) -> None:
    """Also right after each other, where the file keeps its size: Python must not run the bytecode of the one before."""
    before = (tree / "old.py").read_text(encoding="utf-8")
    ends = [(one.after, verdict(tree, "old.py", one, {("test_old.py",): 600.0})) for one in mutants(before)]
    assert ends == [("return None", "killed"), ("age >= 5", "SURVIVED"), ("6", "killed")]
    less = Mutant(2, "", "", before.replace(">", "<"))
    assert verdict(tree, "old.py", less, {("test_old.py",): 600.0}) == "killed"
    assert (tree / "old.py").read_text(encoding="utf-8") == before
    assert verdict(tree, "old.py", Mutant(2, "", "", before), {("test_old.py",): 600.0}) == "SURVIVED"


@pytest.mark.slow
def test_what_takes_too_much_is_hung(tree: Path) -> None:
    """A loop for ever by its CPU seconds, and by the clock where none are allowed."""
    forever = Mutant(2, "", "", "def old(age):\n    while True:\n        pass\n")
    assert verdict(tree, "old.py", forever, {("test_old.py",): 3.0}) == "hung"
    assert verdict(tree, "old.py", forever, {("test_old.py",): 0.0}) == "hung"


def test_the_list_names_file_line_and_change() -> None:
    told = CliRunner().invoke(command, ["--list", "--sample", "3", "--only", "treasury/known/cost.py"])
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("treasury/known/cost.py:") and "  →  " in line for line in lines)
    wrong = CliRunner().invoke(command, ["--list", "--only", "nothing"])
    assert wrong.exit_code == 2
    assert "no file of the core begins with 'nothing'" in wrong.output
