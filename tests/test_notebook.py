"""The notebooks are run: their cells, one after the other as Jupyter would, print what is stored in them."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

DOCS = Path(__file__).parents[1] / "docs"
# what the picture in each draws
DRAWN = {"notebook": ["mnav_market_cap", "mnav_ev"], "factor-study": ["cheapest", "middle", "dearest"]}


def test_every_notebook_is_run() -> None:
    assert {path.stem for path in DOCS.glob("*.ipynb")} == set(DRAWN)


@pytest.mark.parametrize("name", DRAWN)
def test_the_notebook_prints_what_it_shows(
    name: str, reference_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = DOCS / f"{name}.ipynb"
    shutil.copy(reference_db, tmp_path / "mnav.db")
    monkeypatch.chdir(tmp_path)
    cells = [cell for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    names: dict[str, object] = {}
    printing = drawing = 0
    with plt.rc_context({"backend": "agg"}):
        for cell in cells:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile("".join(cell["source"]), str(notebook), "exec"), names)
            stored = "".join("".join(one["text"]) for one in cell["outputs"] if one["output_type"] == "stream")
            assert out.getvalue() == stored, "run the notebook and save it"
            printing += bool(stored)
            pictures = sum("image/png" in one.get("data", {}) for one in cell["outputs"])
            assert len(plt.get_fignums()) == pictures, "run the notebook and save it"
            drawing += pictures
            if pictures:
                lines = plt.gca().get_lines()
                assert [line.get_label() for line in lines[: len(DRAWN[name])]] == DRAWN[name]
                plt.close("all")
    assert printing >= 5
    assert drawing == 1
