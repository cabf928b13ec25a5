"""Imports flow one way: scripts -> scrapers and db -> treasury; and treasury knows no network, SQL or clock."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "treasury": {"treasury"},
    "scrapers": {"treasury", "scrapers"},
    "db": {"treasury", "db"},
    "scripts": {"treasury", "scrapers", "db", "scripts"},
}
IMPURE = {"requests", "urllib3", "sqlite3", "sqlite_utils", "socket", "http", "subprocess", "random", "time"}
MODULES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_flow_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    ours = imported(path) & set(MAY_IMPORT)
    assert ours <= MAY_IMPORT[package]
    if package == "treasury":
        assert not imported(path) & IMPURE


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_edge_reads_the_clock(path: Path) -> None:
    """`now` is an argument everywhere but in scripts."""
    if path.relative_to(ROOT).parts[0] == "scripts":
        return
    calls = [
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    assert not {"now", "utcnow", "today", "time_ns"} & set(calls)


def test_only_http_opens_a_socket() -> None:
    users = {
        str(path.relative_to(ROOT)) for path in MODULES if imported(path) & {"requests", "socket", "urllib3", "http"}
    }
    assert users
    assert all(user.startswith("scrapers/transport/") for user in users)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_db_speaks_sql(path: Path) -> None:
    """The benchmark measures it and is left out."""
    if path.relative_to(ROOT).parts[0] == "db" or path.parent.name == "benchmark":
        return
    calls = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not {"execute", "executemany", "executescript"} & calls
