"""Mutate the valuation core and tell which mutants no fast test noticed: `python -m scripts.mutate --sample 300`.

Every mutant lives in a temporary copy of the tree; the checkout is only read. Takes long: for the night, not for CI.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import click

from scripts.mutate.operators import Mutant, mutants

ROOT = Path(__file__).parents[2]
SEED = 20251107
COPIED = ("treasury", "scrapers", "db", "scripts", "mnav", "tests", "docs")
FASTER_THAN = 3.0  # times the CPU seconds that the unchanged tests took: a mutant that takes more hangs
PATIENCE = 20.0  # CPU seconds that are always allowed
IDLE = 20  # times as long by the clock, for what waits for ever; a busy machine is no hang

_TWINS = ("tests/test_kernel.py::test_kernel_equals_the_rules",)
# what is mutated, and the files of tests that must notice, of each its fast ones, the sharpest first: the first failure ends a run
TESTS: dict[str, tuple[str, ...]] = {
    "treasury/known/": ("edges", "publication", "kernel", "laws", "debt_rules", "cost_rule", "share_units", "market_cap_counts", "stack", "sessions", "coverage"),
    "treasury/valuation/": ("edges", "laws", "kernel", "debt_rules", "claims_at_market", "share_units", "moments"),
    "treasury/metrics/": ("edges", "metric", "uncertainty", "own_past", "mnav_daily", "views", "claims_at_market", "definitions"),
    "treasury/claims/": ("edges", "stack", "wall", "preferred", "stress", "issuance"),
    "treasury/intake/": ("edges", "docs::test_the_table_of_files_is_complete", "sheets", "bounds", "plausible", "identity", "share_classes", "faults_of_imports", "faults_of_prices",
                         "faults_of_counts_and_rates", "import", "add", "hostile::test_a_file_is_refused_with_its_place", "hostile::test_blank_rows_without_end"),
}  # fmt: skip
# slow, and asked only about what those let pass
LAWS: dict[str, tuple[str, ...]] = {"treasury/known/": _TWINS, "treasury/valuation/": _TWINS}
# mutants that say the same as what they came from, with the reason: drawn, they are told and not counted
EQUAL: dict[tuple[str, str], str] = {
    (
        "treasury/intake/csv_files.py",
        "not mark or (exponent.isdigit() and mantissa.isdigit())  →  exponent.isdigit() and mantissa.isdigit()",
    ): "asked only of a cell that has an exponent, and so a mark",
    (
        "treasury/intake/plausible.py",
        "bought or 0.0  →  bought",
    ): "without a number bought it has returned before; the nought is for the types",
    (
        "treasury/claims/capital_stack.py",
        "(amount for amount in notional.values() if amount is not None)  →  (amount for amount in notional.values())",
    ): "where one is unknown nothing is summed; the condition is for the types",
    (
        "treasury/known/claims.py",
        "[one.principal.as_of for one in tranches if one.principal.as_of is not None]  →  [one.principal.as_of for one in tranches]",
    ): "the day of every tranche is known; the condition is for the types",
    (
        "treasury/intake/plausible.py",
        "abs(had / ratio - 1) < STATED_ROUNDING  →  abs(had / ratio - 1) <= STATED_ROUNDING",
    ): "no quotient less one is 0.02 to the last bit",
    (
        "treasury/intake/csv_files.py",
        "str(told) < self._first  →  str(told) <= self._first",
    ): "the first day itself was taken before",
}


@click.command()
@click.option("--sample", type=click.IntRange(1), default=300, show_default=True, help="How many mutants.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Which: the same seed draws the same ones.")
@click.option("--only", default="", metavar="PATH", help="Only of files whose path begins so.")
@click.option("--minutes", type=float, default=None, help="End after these, with what was tried by then.")
@click.option("--at-least", type=float, default=0.0, metavar="PER CENT", help="Exit with 1 where fewer are killed.")
@click.option("--list", "list_", is_flag=True, default=False, help="Show the sample without running it.")
def command(sample: int, seed: int, only: str, minutes: float | None, at_least: float, list_: bool) -> None:
    """Draw a seeded SAMPLE of mutants of the core, run the fast tests of each one's file, print killed or SURVIVED."""
    drawn = draw(sample, seed, only)
    if list_:
        for path, mutant in drawn:
            click.echo(f"{path}:{mutant.line}: {mutant}")
        return
    until = time.monotonic() + minutes * 60 if minutes else None
    ends: Counter[str] = Counter()
    survived: list[str] = []
    limits: dict[tuple[str, ...], float] = {}  # of each question
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(Path(folder))
        for path, mutant in drawn:
            if until is not None and time.monotonic() > until:
                click.echo(f"time is up: {len(drawn) - ends.total()} of the sample were not tried", err=True)
                break
            told = f"{path}:{mutant.line}: {mutant}"
            if (path, str(mutant)) in EQUAL:
                end = "equal"
            else:
                for asked in questions(path):
                    if asked not in limits:
                        limits[asked] = _limit(tree, asked, path)
                end = verdict(tree, path, mutant, {asked: limits[asked] for asked in questions(path)})
            ends[end] += 1
            survived += [told] if end == "SURVIVED" else []
            click.echo(f"{end:<8} {told}")
    counted = ends.total() - ends["equal"]
    killed = counted - len(survived)
    click.echo(f"\n{killed} of {counted} killed ({killed / max(counted, 1):.0%})")
    for told in survived:
        click.echo(f"SURVIVED {told}")
    if killed * 100 < at_least * counted:
        raise SystemExit(1)


def draw(sample: int, seed: int, only: str = "") -> list[tuple[str, Mutant]]:
    """A seeded sample of the mutants of the core, in a drawn order, so that an early end leaves a fair part of it."""
    files = sorted({path for place in TESTS for path in _files(place)})
    every = [
        (path, mutant)
        for path in files
        if path.startswith(only)
        for mutant in mutants((ROOT / path).read_text(encoding="utf-8"))
    ]
    if not every:
        raise click.UsageError(f"no file of the core begins with {only!r}; there are: {', '.join(TESTS)}")
    return random.Random(seed).sample(every, min(sample, len(every)))


def _files(place: str) -> list[str]:
    found = [ROOT / place] if place.endswith(".py") else sorted((ROOT / place).glob("*.py"))
    return [path.relative_to(ROOT).as_posix() for path in found if path.name != "__init__.py"]


def questions(path: str) -> list[tuple[str, ...]]:
    """What pytest is asked, one run after the other, to tell whether a change of this file is noticed."""
    place = next(place for place in TESTS if path.startswith(place))
    files = [
        f"tests/test_{file}.py{colons}{test}" for file, colons, test in (name.partition("::") for name in TESTS[place])
    ]
    return [("-m", "not slow", *files), *([LAWS[place]] if place in LAWS else [])]


def copied(folder: Path) -> Path:
    """The tree as it stands, for mutants to live in."""
    tree = folder / "tree"
    for name in COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "DATA.md"):
        shutil.copy(ROOT / name, tree / name)
    return tree


def _limit(tree: Path, asked: tuple[str, ...], path: str) -> float:
    """The CPU seconds a mutant may take, from those of the unchanged tree. Raises where that fails, for then nothing is told."""
    before = _used()
    done = run(tree, asked, None)
    if done is None or done.returncode:
        raise click.ClickException(f"the tests of {path} fail without a mutant:\n{done and done.stdout[-3000:]}")
    return PATIENCE + FASTER_THAN * (_used() - before)


def _used() -> float:
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return of_children.ru_utime + of_children.ru_stime


def verdict(tree: Path, path: str, mutant: Mutant, limits: dict[tuple[str, ...], float]) -> str:
    """ "killed", "hung" (killed by the clock) or "SURVIVED"."""
    file = tree / path
    before, stamp = file.read_bytes(), file.stat().st_mtime
    try:
        _write(file, mutant.source.encode(), stamp + 2)
        for asked, limit in limits.items():
            done = run(tree, asked, limit)
            if done is None or done.returncode:
                return "hung" if done is None else "killed"
    finally:
        _write(file, before, stamp + 4)
    return "SURVIVED"


def _write(file: Path, body: bytes, stamp: float) -> None:
    """Write it with a time of its own: Python believes old bytecode of a file of the same size and second."""
    file.write_bytes(body)
    os.utime(file, (stamp, stamp))


def run(tree: Path, asked: tuple[str, ...], limit: float | None) -> subprocess.CompletedProcess[str] | None:
    """The tests in the copy, to the first failure; None where they took more CPU seconds than the limit."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    words = [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", "-p", "no:cacheprovider", *asked]
    if limit is not None:
        words = ["/bin/sh", "-c", f'ulimit -t {int(limit) + 1}; exec "$@"', "sh", *words]
    process = subprocess.Popen(
        words, cwd=tree, env=kept | {"PYTHONPATH": str(tree)}, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        out, _ = process.communicate(timeout=None if limit is None else limit * IDLE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # with what the tests started
        process.communicate()
        return None
    if process.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return None
    return subprocess.CompletedProcess(words, process.returncode, out, "")


if __name__ == "__main__":
    command()
