"""The oldest version of each dependency that pyproject allows, one a line, for pip: python tests/oldest.py > oldest.txt (CONTRIBUTING.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
EXTRAS = ("html", "browse", "parquet", "excel", "reference", "test")  # what tests need; linters judge with their newest


def requirements(*extras: str) -> Iterator[Requirement]:
    """What pyproject asks for: always, and with these extras (default: all)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    for text in [*project["dependencies"], *(line for extra in extras or optional for line in optional[extra])]:
        if (requirement := Requirement(text)).name != "mnav":
            yield requirement


def oldest(requirement: Requirement) -> str:
    (version,) = [one.version for one in requirement.specifier if one.operator == ">="]
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}=={version}{marker}"


if __name__ == "__main__":
    print(*map(oldest, requirements(*EXTRAS)), sep="\n")  # noqa: T201  # for pip
