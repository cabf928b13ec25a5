"""The tear sheet: every number has a source line, no two texts overlap, and it is small and the same each time."""

from __future__ import annotations

import re
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pypdfium2
import pypdfium2.raw as pdfium_raw
import pytest
from click.testing import CliRunner
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from db import open_database
from scripts.main import mnav
from scripts.shared.sheets import company_sheet, league_sheet
from treasury.charts.style import in_style
from treasury.metrics.mnav_daily import DAILY
from treasury.model import InputError
from treasury.report.sheet import Block, TearSheet, html, pages, save_pdf
from treasury.report.sheet_pictures import in_its_year


def overlaps(sheet: TearSheet) -> list[tuple[str, str]]:
    """Pairs of texts on one page whose boxes share more than their edges, and texts that leave the page."""
    found = []
    with in_style():
        for figure in pages(sheet):
            renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
            figure.canvas.draw()
            texts = [one for one in figure.texts if one.get_text().strip()]
            boxes = [(one.get_text(), one.get_window_extent(renderer)) for one in texts]
            for (first, a), (second, b) in combinations(boxes, 2):
                if min(a.x1, b.x1) - max(a.x0, b.x0) > 1.5 and min(a.y1, b.y1) - max(a.y0, b.y0) > 2.5:
                    found.append((first, second))
            found += [(text, "edge") for text, box in boxes if box.x1 > figure.bbox.x1 - 30 or box.y0 < 0]
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ticker", "on"),
    [("MSTR", "2026-06-26"), pytest.param("3350.T", None, marks=pytest.mark.slow), pytest.param("ASST", None, marks=pytest.mark.slow),
     pytest.param("MARA", None, marks=pytest.mark.slow), pytest.param("GLXY", None, marks=pytest.mark.slow)],
)  # fmt: skip
def test_nothing_overlaps_and_every_part_names_its_source(reference_db: Path, ticker: str, on: str | None) -> None:
    sheet = company_sheet(open_database(reference_db), ticker, on, date(2026, 9, 4))
    for part in sheet.parts:
        for one in (part,) if isinstance(part, Block) else part:
            assert one.source.strip()
    assert overlaps(sheet) == []
    assert len(pages(sheet)) <= 2


@pytest.mark.slow
def test_what_it_says_of_strategy(reference_db: Path) -> None:
    sheet = company_sheet(open_database(reference_db), "MSTR", "2026-06-26", date(2026, 9, 4))
    blocks = {part.title: part for part in sheet.parts if isinstance(part, Block)}
    worth = {row[0]: row for row in blocks["What it is worth"].rows}
    assert worth["EV mNAV"][1:] == (
        "0.995x",
        "0 %",
        "−2 %",
        "−1.4",
        "−41 %",
        "1,295 of 1,295",
        "Enterprise value per dollar of bitcoin",
    )
    assert worth["EV mNAV at market"][1] == "0.913x"
    owed = {row[0]: row[2:4] for row in blocks["Capital structure"].rows}
    assert owed["strc"] == ("$10.49bn", "$7.82bn")
    assert owed["stre"] == ("$888.9m", "–")
    assert any(row[0] == "AT_PREFERENCE" and row[-1].endswith(": stre") for row in blocks["Sources and ages"].rows)
    known = [row for row in blocks["Sources and ages"].rows if row[1] not in ("", "–", "not known")]
    assert all(row[-1] for row in known)


def test_a_company_with_gaps_says_what_lacks(reference_db: Path) -> None:
    sheet = company_sheet(open_database(reference_db), "GLXY", "2026-08-21", date(2026, 9, 4))
    (worth,) = [part for part in sheet.parts if isinstance(part, Block) and part.title == "What it is worth"]
    rows = {row[0]: row for row in worth.rows}
    assert rows["EV mNAV"][-1] == "needs preferred"
    assert rows["EV without and with preferred"][1] == "7.212x"
    with pytest.raises(InputError, match="GLXY has no valued close up to 2020-01-01"):
        company_sheet(open_database(reference_db), "GLXY", "2020-01-01", date(2026, 9, 4))


@pytest.mark.slow
def test_the_league_on_paper(reference_db: Path) -> None:
    sheet = league_sheet(open_database(reference_db), None, "2026-08-22")
    (table, *_) = [part for part in sheet.parts if isinstance(part, Block)]
    assert table.rows[0][0] == "MSTR Strategy Inc"
    assert overlaps(sheet) == []


@pytest.mark.slow
def test_the_file_is_small_and_the_same_each_time(reference_db: Path, tmp_path: Path) -> None:
    sheet = league_sheet(open_database(reference_db), None, "2026-08-22")
    first, second = tmp_path / "a.pdf", tmp_path / "b.pdf"
    save_pdf(sheet, first)
    save_pdf(sheet, second)
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().startswith(b"%PDF")
    assert first.stat().st_size < 1_000_000
    page = html(sheet)
    assert len(page) < 1_000_000
    assert page.count('class="source"') == len(re.findall(r"<h2>", page))
    assert "<svg" in page


@pytest.mark.slow
def test_the_verb(reference_db: Path, tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(mnav, ["--db", str(reference_db), "sheet", *words], prog_name="mnav")
        return done.exit_code, done.output

    path = tmp_path / "mstr.html"
    assert run("MSTR", "--on", "2025-11-10", "-o", str(path))[0] == 0
    assert "<h1>Strategy Inc (MSTR)</h1>" in path.read_text(encoding="utf-8")
    code, said = run("MSTR", "-o", "mstr.docx")
    assert code == 2
    assert "a .pdf or .html file" in said
    assert "name one company, or give --league" in run("-o", str(path))[1]
    assert "name one company, or give --league" in run("MSTR", "--league", "-o", str(path))[1]


@pytest.mark.slow
@pytest.mark.parametrize("ticker", ["MSTR", "COIN"])
def test_the_pdf_opens_and_prints_within_its_margins(reference_db: Path, tmp_path: Path, ticker: str) -> None:
    """Rendered by another program: words are words, lines are vectors, and a finger's breadth round each page stays white."""
    path = tmp_path / "sheet.pdf"
    save_pdf(company_sheet(open_database(reference_db), ticker, None, date(2026, 9, 4)), path)
    assert path.stat().st_size < 1_000_000
    with pypdfium2.PdfDocument(path) as document:
        assert 1 <= len(document) <= 2
        for page in document:
            words = page.get_textpage().get_text_bounded()
            assert "Source: " in words
            assert "Not investment advice." in words
            assert {one.type for one in page.get_objects(max_depth=1)}.isdisjoint({pdfium_raw.FPDF_PAGEOBJ_IMAGE})
            shades = page.render(scale=1, grayscale=True).to_numpy().squeeze()
            rows, columns = (shades < 200).any(axis=1).nonzero()[0], (shades < 200).any(axis=0).nonzero()[0]
            assert shades.shape in ((842, 595), (842, 596))  # A4 in points
            assert rows.min() > 28
            assert rows.max() < 842 - 10
            assert columns.min() > 28
            assert columns.max() < 595 - 28


def test_a_range_of_a_year_stays_open_where_nothing_was_known() -> None:
    """Between two stretches of closes months apart no band is drawn."""
    stretches = pd.date_range("2024-01-01", periods=20).union(pd.date_range("2024-09-01", periods=20))
    days = pd.DataFrame({"value": 1.5, "low": 1.0, "high": 2.0, "middle": 1.4}, index=stretches)
    figure = Figure()
    axes = figure.add_subplot()
    in_its_year(axes, days, DAILY["mnav_ev"])
    band = axes.collections[0].get_paths()
    assert len(band) == 2
    assert max(np.ptp(np.asarray(path.vertices)[:, 0]) for path in band) < 25


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("メタ Planet", "□□ Planet"),
        ("Moon\U0001f680", "Moon□"),
        ("\ufeffab\u200bc", "abc"),  # marks that nobody sees
        ("two\nlines\tand\u3000more", "two lines and more"),
    ],
)
def test_letters_that_the_font_lacks_are_boxes_on_paper(name: str, printed: str, tmp_path: Path) -> None:
    sheet = TearSheet(name, name, (Block("table", ("name",), ((name,),), name),), "foot")
    assert save_pdf(sheet, tmp_path / "sheet.pdf") == 1
    (page,) = pages(sheet)
    assert [text.get_text() for text in page.texts if text.get_text().endswith(printed)] == [printed] * 3 + [
        f"Source: {printed}"
    ]
