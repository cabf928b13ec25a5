"""What mnav stands on: every library that is imported is declared, with bounds and a reason; the lock keeps to them; builds are the same twice."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from oldest import EXTRAS, ROOT, oldest, requirements
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGES = ("treasury", "scrapers", "db", "scripts", "mnav")
LOCK = (ROOT / "constraints.txt").read_text(encoding="utf-8")
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def imported() -> set[str]:
    """The names of modules that are not Python's own and not ours, wherever they are imported."""
    found = set()
    for path in (one for package in PACKAGES for one in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - set(PACKAGES)


@pytest.mark.slow
def test_whatever_is_imported_is_declared() -> None:
    names = packages_distributions()
    declared = {canonicalize_name(one.name) for one in requirements()}
    undeclared = {
        module: names.get(module)
        for module in imported()
        if not declared & {canonicalize_name(one) for one in names.get(module, [])}
    }
    assert undeclared == {}


@pytest.mark.parametrize("requirement", list(requirements()), ids=str)
def test_every_dependency_has_bounds_and_a_reason_beside_them(requirement: Requirement) -> None:
    signs = {one.operator for one in requirement.specifier}
    assert signs == ({">="} if requirement.name == "tzdata" else {">=", "<"})
    (line, *_) = [
        line
        for line in PYPROJECT.splitlines()
        if re.match(rf'(\s*|\w+ = \[)"{re.escape(requirement.name)}[<>=;]', line)
    ]
    assert "#" in line, f"no reason beside {requirement}"


def test_the_lock_has_every_dependency_within_its_bounds() -> None:
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)$", LOCK, re.MULTILINE))
    versions = {canonicalize_name(name): version for name, version in pinned.items()}
    for requirement in requirements():
        if requirement.marker is None or requirement.marker.evaluate():
            version = versions[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version, prereleases=True), (str(requirement), version)
    assert "/" not in re.sub(r"^#.*$", "", LOCK, flags=re.MULTILINE), "a path or an address of one machine"


def test_the_oldest_versions_are_the_lower_bounds() -> None:
    told = [oldest(one) for one in requirements(*EXTRAS)]
    assert "pandas==2.2" in told
    assert 'tzdata==2025.2 ; sys_platform == "win32"' in told
    assert len(told) == len(set(told)) > 20


@pytest.mark.slow
def test_what_is_installed_fits_together() -> None:
    if importlib.util.find_spec("pip") is None:
        pytest.skip("pip is not installed here")
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_wheel_and_sdist_are_the_same_bytes_twice(tmp_path: Path) -> None:
    for needed in ("build", "hatchling"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed: the extra lint has it")
    sums = []
    for folder in ("first", "second"):
        subprocess.run(
            [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path / folder), str(ROOT)],
            check=True, capture_output=True, env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"},
        )  # fmt: skip
        sums.append(
            {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / folder).iterdir()}
        )
    assert sums[0] == sums[1]
    assert {Path(name).suffix for name in sums[0]} == {".whl", ".gz"}


@pytest.mark.slow
def test_what_the_container_copies_makes_the_same_wheel(tmp_path: Path) -> None:
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed: the extra lint has it")
    recipe = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    build, run = re.split(r"^FROM .*$", recipe, flags=re.MULTILINE)[1:]
    for name in [name for line in re.findall(r"^COPY (.+) \S+$", build, re.MULTILINE) for name in line.split()]:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    contents = []
    for folder in (ROOT, tmp_path):
        made = tmp_path / f"wheel-of-{folder.name}"
        subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(made)], cwd=folder, check=True, capture_output=True)  # fmt: skip
        (wheel,) = made.glob("*.whl")
        contents.append(
            [(one.filename, one.CRC) for one in zipfile.ZipFile(wheel).infolist() if "__pycache__" not in one.filename]
        )
    assert [name for name, _ in contents[0]] == [name for name, _ in contents[1]]
    assert contents[0] == contents[1]
    assert re.search(r"^USER (?!root|0)\w+$", run, re.MULTILINE), "the container runs as root"
    assert run.index("USER ") < run.index("ENTRYPOINT ")
