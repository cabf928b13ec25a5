"""The plan of the house holds: imports flow one way and in no circle, rooms stand on their floors, names have one meaning.

What each room is for and where a new thing goes: docs/architecture.md.
"""

from __future__ import annotations

import ast
import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "treasury": {"treasury"},
    "scrapers": {"treasury", "scrapers"},
    "db": {"treasury", "db"},
    "scripts": {"treasury", "scrapers", "db", "scripts"},
    "mnav": {"treasury", "db", "scripts", "mnav"},  # the door of Python users; `__main__` is the command
}
IMPURE = {"requests", "urllib3", "sqlite3", "sqlite_utils", "socket", "http", "subprocess", "random", "time"}
MODULES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))
MOST_ROOMS = {"treasury": 26, "db": 7, "scrapers": 12}
FLOORS = {  # from the ground up: a room imports from rooms before it in the list, and from itself
    "db": ("tables", "derived", "connection", "reads", "feeds"),
    "scrapers": ("request", "formats", "archive", "transport", "prices", "sec_reports", "announcements", "sources", "catalogue", "normalise", "gather", "reread"),
}  # fmt: skip


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All of a module, listed once: to walk through it takes longer than to parse it."""
    return tuple(ast.walk(tree(path)))


def name_of(path: Path) -> str:
    """The dotted name of a module; of a package's `__init__` the package's."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path): path for path in MODULES}


@cache
def imported(path: Path) -> set[str]:
    """The dotted names a file imports, wherever in it the import stands."""
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def ours(path: Path) -> set[str]:
    """The modules of this repository a file imports; a package only where nothing in it is named."""
    found = {name for name in imported(path) if name in NAMES}
    return {name for name in found if not any(other.startswith(f"{name}.") for other in found)} - {name_of(path)}


def room(name: str) -> str:
    """The room of a module: the folder or file right below its package."""
    return ".".join(name.split(".")[:2])


@cache
def calls_of(path: Path) -> set[str]:
    return {
        node.func.attr for node in nodes(path) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def by_path(path: Path) -> str:
    return str(path.relative_to(ROOT))


def every_module(test: Callable[[Path], None]) -> Callable[[], None]:
    """The test of one module as one of all, which names every module that fails: two thousand tests take longer to count than to run."""

    def of_all() -> None:
        failed = []
        for path in MODULES:
            try:
                test(path)
            except AssertionError as error:
                failed.append(f"{by_path(path)}: {str(error).splitlines()[0] if str(error) else 'no'}")
        assert not failed, "\n".join(failed)

    of_all.__name__, of_all.__doc__ = test.__name__, test.__doc__
    return of_all


@pytest.mark.slow
@every_module
def test_imports_flow_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    tops = {name.partition(".")[0] for name in imported(path)}
    assert tops & set(MAY_IMPORT) <= MAY_IMPORT[package]
    if package == "treasury":
        assert not tops & IMPURE


@pytest.mark.slow
def test_no_import_circle() -> None:
    list(TopologicalSorter({name: ours(path) for name, path in NAMES.items()}).static_order())


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_arrow_between_rooms_runs_back_up(package: str) -> None:
    graph: dict[str, set[str]] = defaultdict(set)
    for name, path in NAMES.items():
        if name.startswith(f"{package}."):
            graph[room(name)] |= {room(other) for other in ours(path) if other.startswith(f"{package}.")} - {room(name)}
    list(TopologicalSorter(graph).static_order())
    for number, floor in enumerate(FLOORS.get(package, ())):
        below = {f"{package}.{other}" for other in FLOORS[package][:number]}
        assert graph[f"{package}.{floor}"] <= below, floor


@pytest.mark.parametrize(("package", "most"), MOST_ROOMS.items())
def test_a_package_has_few_rooms_and_each_says_what_lives_there(package: str, most: int) -> None:
    rooms = {room(name) for name in NAMES if "." in name and name.startswith(f"{package}.")}
    assert len(rooms) <= most
    for path in MODULES:
        if path.name == "__init__.py":
            assert ast.get_docstring(tree(path)), f"{by_path(path)} does not say what lives there"


@every_module
def test_only_the_edge_reads_the_clock(path: Path) -> None:
    """`now` is an argument everywhere but in scripts."""
    if path.relative_to(ROOT).parts[0] != "scripts":
        assert not {"now", "utcnow", "today", "time_ns"} & calls_of(path)


def test_only_the_transport_opens_a_socket() -> None:
    users = {
        by_path(path)
        for path in MODULES
        if {name.partition(".")[0] for name in imported(path)} & {"requests", "socket", "urllib3", "http"}
    }
    assert users
    listens = {"scripts/serve.py"}  # to this machine, and asks nobody
    assert all(user.startswith("scrapers/transport/") for user in users - listens)


@every_module
def test_only_db_speaks_sql(path: Path) -> None:
    """The benchmark measures it and is left out."""
    if path.relative_to(ROOT).parts[0] != "db" and path.parent.name != "benchmark":
        assert not {"execute", "executemany", "executescript"} & calls_of(path)


@every_module
def test_modules_are_found_by_name_only_where_they_are_discovered(path: Path) -> None:
    """Verbs and sources are discovered; everything else is imported where a reader can follow it."""
    if by_path(path) not in ("scripts/main.py", "scrapers/catalogue.py"):
        assert "import_module" not in path.read_text(encoding="utf-8")


@every_module
def test_a_page_named_in_the_code_is_in_the_repository(path: Path) -> None:
    for page in re.findall(r"\b[\w./-]*\w\.md\b", path.read_text(encoding="utf-8")):
        places = (ROOT / page, ROOT / "docs" / page, path.parent / page)
        assert any(place.exists() for place in places), f"{by_path(path)} names {page}, which is not here"


def test_a_source_is_told_of_in_its_pages() -> None:
    pages = {page: (ROOT / page).read_text(encoding="utf-8") for page in ("docs/sources.md", "DATA.md")}
    for path in sorted((ROOT / "scrapers" / "sources").glob("[!_]*.py")):
        for page, text in pages.items():
            assert re.search(rf"\b{path.stem}\b", text), f"{page} does not name {path.stem}"


VERBS = {path.stem for path in (ROOT / "scripts").glob("*.py")} - {"__init__", "main"}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_verb_imports_no_other_verb(verb: str) -> None:
    """What two verbs share lies in scripts/shared, which knows no verb either."""
    shared = (ROOT / "scripts" / "shared").glob("*.py")
    for path in (ROOT / "scripts" / f"{verb}.py", *shared):
        asked = {name.split(".")[1] for name in imported(path) if name.startswith("scripts.")}
        assert not asked & VERBS, by_path(path)


# -- company data is data ------------------------------------------------------------------------------------------

WORDS_OF_OTHERS = {"GLOB", "LIKE"}  # SQL's, and by chance a ticker
SAID_TO_PEOPLE = {"help", "metavar", "epilog"}  # keywords of a command's options


def spoken(module: ast.Module) -> set[int]:
    """The constants that are docstrings or help texts."""
    found: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            first = node.body[0]
            assert isinstance(first, ast.Expr)
            found.add(id(first.value))
        if isinstance(node, ast.keyword) and node.arg in SAID_TO_PEOPLE:
            found |= {id(inner) for inner in ast.walk(node.value)}
    return found


@cache
def companies() -> tuple[set[str], set[int]]:
    """Tickers of three characters and more, and CIKs."""
    with (ROOT / "treasury" / "reference" / "companies.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    tickers = {row["ticker"] for row in rows if len(row["ticker"]) > 2} - WORDS_OF_OTHERS
    return tickers, {int(row["cik"]) for row in rows if row["cik"]}


def companies_named(module: ast.Module) -> list[str]:
    """Those among the constants of a module."""
    tickers, ciks = companies()
    named, said = [], spoken(module)
    for node in ast.walk(module):
        if not isinstance(node, ast.Constant) or id(node) in said:
            continue
        if isinstance(node.value, str):
            words = re.findall(r"(?<![\w.])[A-Z0-9]+(?:\.[A-Z]+)?(?!\w)", node.value)
            named += [word for word in words if word in tickers]
            named += [text for text in re.findall(r"(?<!\d)\d{6,10}(?!\d)", node.value) if int(text) in ciks]
        elif isinstance(node.value, int) and not isinstance(node.value, bool) and node.value > 9999:
            named += [str(node.value)] if node.value in ciks else []
    return named


@pytest.mark.slow
@every_module
def test_no_company_is_named_in_code(path: Path) -> None:
    """Which company it is, is said in treasury/reference (and in tests, docstrings and help texts)."""
    if "benchmark" not in path.parts:
        assert companies_named(tree(path)) == []


def test_a_company_in_code_is_found() -> None:
    """In a string, in a pattern, in an f-string, and as a number; not in a docstring or a help text."""
    code = '"""Of MSTR."""\nA = ("MSTR", r"Common|ASST|x", 1050446)\nB = f"CIK0001050446 of {A}"\nC = option(help="as 3350.T")\nD = "btc-3350.T"\nE = 1050447\n'
    assert sorted(companies_named(ast.parse(code))) == ["0001050446", "1050446", "3350.T", "ASST", "MSTR"]


# -- one rule, one constant ----------------------------------------------------------------------------------------


def constants(path: Path) -> dict[str, str]:
    """The names in capitals that a module gives a value, each with it as text."""
    found: dict[str, str] = {}
    for node in tree(path).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        for target in targets:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            values = (
                value.elts if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) else [value] * len(names)
            )
            for name, own in zip(names, values, strict=False):
                if isinstance(name, ast.Name) and name.id.isupper() and own is not None:
                    found[name.id] = ast.unparse(own)
    return found


def is_measure(value: str) -> bool:
    """Whether it is a number, several of them or a span of time: what a rule is made of."""
    return bool(re.fullmatch(r"[\d._eE+\-*/() ,]+|(?:pd\.Timedelta|timedelta)\([\w=,. ]+\)", value))


def test_no_constant_has_two_values() -> None:
    """Nor is a rule's number written twice: whoever needs it imports it. A private name is a file's own word.

    A source is a page of its own: its names are those that the catalogue reads.
    """
    values: dict[str, list[str]] = defaultdict(list)
    for path in MODULES:
        if path.parent.name != "sources" and "benchmark" not in path.parts:
            for name, value in constants(path).items():
                if not name.startswith("_"):
                    values[name].append(value)
    twice = {name: own for name, own in values.items() if len(set(own)) > 1}
    twice |= {name: own for name, own in values.items() if len(own) > 1 and is_measure(own[0])}
    assert twice == {}


def test_two_values_of_a_constant_are_found(tmp_path: Path) -> None:
    module = tmp_path / "made_up.py"
    module.write_text("A, B = 1, timedelta(days=2)\nC: str = 'x'\nd = 3\n", encoding="utf-8")
    assert constants(module) == {"A": "1", "B": "timedelta(days=2)", "C": "'x'"}
    assert [is_measure(value) for value in constants(module).values()] == [True, True, False]


# -- names ---------------------------------------------------------------------------------------------------------


def test_a_public_class_name_is_there_once() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for path in MODULES:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(by_path(path))
    assert not {name: places for name, places in homes.items() if len(places) > 1}


def _loops_over_one(path: Path) -> Iterator[int]:
    for node in nodes(path):
        if isinstance(node, ast.For | ast.AsyncFor):
            targets, long = [node.target], node.body[0].lineno != node.body[-1].end_lineno
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            targets, long = [part.target for part in node.generators], node.elt.lineno != node.elt.end_lineno
        elif isinstance(node, ast.DictComp):
            targets, long = [part.target for part in node.generators], node.key.lineno != node.value.end_lineno
        else:
            continue
        names = {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
        if "one" in names and long:
            yield node.lineno


@every_module
def test_a_loop_longer_than_a_line_names_what_it_goes_over(path: Path) -> None:
    assert not list(_loops_over_one(path))
