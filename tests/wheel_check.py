"""Run by .ci/run with the environment into which the wheel was installed: exactly the packages, with their data."""

from __future__ import annotations

import sys
from pathlib import Path

site = next((Path(sys.argv[1]) / "lib").glob("python3.*/site-packages"))
for needed in (
    "treasury/reference/facts.csv",
    "treasury/py.typed",
    "treasury/report/template.html",
    "treasury/static/report.js",
    "treasury/static/report.css",
    "treasury/static/uPlot-1.6.32.iife.min.js",
    "treasury/static/uPlot-LICENSE",
    "db/tables/schema.py",
    "scripts/main.py",
    "mnav/__init__.py",
    "mnav/py.typed",
    "scrapers/__init__.py",
):
    assert (site / needed).exists(), f"the wheel lacks {needed}"
for unwanted in ("tests", "docs"):
    assert not (site / unwanted).exists(), f"the wheel carries {unwanted}"
