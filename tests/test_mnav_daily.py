"""One list of columns: every metric of the README is a column of mnav_daily, of history, export and report, and can be drawn."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from db import open_database
from db.derived.views import DAILY_COLUMNS
from scripts.main import mnav
from treasury.amounts import in_unit
from treasury.metrics.mnav_daily import DAILY, PROMISED, metric_rows, readme_table
from treasury.report import COLUMNS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
IN_README = re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE)
NUMERIC = [name for name in IN_README if DAILY[name].numeric]
DAY = ("--since", "2025-11-10", "--until", "2025-11-10")


@pytest.fixture(scope="module")
def reference(reference_db: Path) -> Iterator[Database]:
    db = open_database(reference_db)
    yield db
    db.close()


def run(reference_db: Path, *words: str) -> str:
    result = CliRunner().invoke(mnav, ["--db", str(reference_db), *words], prog_name="mnav")
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_readme_has_the_table_that_mnav_metrics_makes(reference_db: Path) -> None:
    assert readme_table() in README, "run `mnav metrics --markdown` and put its table into the README"
    assert run(reference_db, "metrics", "--markdown").rstrip("\n") == readme_table()
    assert [column.name for column in metric_rows()] == IN_README


def test_nothing_that_was_promised_moves() -> None:
    assert tuple(DAILY)[: len(PROMISED)] == PROMISED
    assert tuple(DAILY) == DAILY_COLUMNS
    assert len(set(PROMISED)) == len(PROMISED)


def test_every_metric_of_the_readme_is_in_view_history_export_and_report(reference_db: Path) -> None:
    """The same number by four roads: SQL, `history`, `export`, and the report's row."""
    asked = [word for name in IN_README for word in ("--metric", name)]
    (history,) = json.loads(run(reference_db, "history", "MSTR", *asked, *DAY, "--json"))
    exported = run(reference_db, "export", "mnav_daily", "--company", "MSTR", *DAY, "--columns", ",".join(IN_README))
    (row,) = csv.DictReader(io.StringIO(exported))
    db = open_database(reference_db)
    (stored,) = db.query(f"SELECT {', '.join(IN_README)} FROM mnav_daily WHERE ticker = 'MSTR' AND date = '2025-11-10'")
    db.close()
    reported = {column.name for column in COLUMNS}
    for name in IN_README:
        assert history[name] == stored[name], name
        number = DAILY[name].numeric and stored[name] is not None
        assert (float(row[name]) if number else row[name] or None) == stored[name], name
        assert name in reported
    assert sum(value is not None for value in stored.values()) > 45


@pytest.mark.slow
@pytest.mark.parametrize("name", NUMERIC)
def test_every_numeric_metric_can_be_drawn(name: str, reference: Database) -> None:
    """The figure of `plot mnav TICKER --metric …` has the last known value of the view, in the metric's own unit."""
    from db.feeds.charts import multiples
    from treasury.charts.history import mnav as draw
    from treasury.charts.measure import written

    ticker = {"mnav_ev_min": "GLXY", "mnav_ev_max": "3350.T", "debt_stated": "RIOT"}.get(name, "MSTR")
    figure = draw(multiples(reference, (ticker,), name), metric=name)
    ((last,),) = reference.execute(
        f"SELECT {name} FROM mnav_daily WHERE ticker = ? AND {name} IS NOT NULL ORDER BY date DESC LIMIT 1", (ticker,)
    ).fetchall()
    title = re.sub(r"\s+", " ", figure.get_suptitle())
    assert f"{DAILY[name].called} {written(last, DAILY[name])} at the close of" in title


def test_a_multiple_has_its_level_and_another_ratio_has_none(reference: Database) -> None:
    from db.feeds.charts import multiples
    from treasury.charts.history import mnav as draw

    said = {}
    for name in ("mnav_claims_adjusted", "loan_to_value", "equity_nav"):
        (axes,) = draw(multiples(reference, ("MSTR",), name), metric=name).axes
        said[name] = [*(text.get_text() for text in axes.texts), axes.get_title(loc="left")]
    assert any("1.0x: priced at its bitcoin" in text for text in said["mnav_claims_adjusted"])
    assert not any("priced at its bitcoin" in text for text in said["loan_to_value"] + said["equity_nav"])
    assert any("US dollars" in text for text in said["equity_nav"])


def test_what_is_negative_has_no_logarithm(reference_db: Path, tmp_path: Path) -> None:
    words = ["plot", "mnav", "MSTR", "--metric", "btc_yield_ytd_pct", "--log", "-o", str(tmp_path / "a.png")]
    result = CliRunner().invoke(mnav, ["--db", str(reference_db), *words], prog_name="mnav")
    assert result.exit_code == 1
    assert "has no logarithm" in result.stderr


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (1.2321, "mnav_ev", "1.232x"), (0.1209, "loan_to_value", "0.121x"), (15.75e9, "equity_nav", "$15.75bn"),
        (238.881, "price_usd", "238.88"), (105_703.8, "implied_btc_price", "105,703.80"), (93.056, "net_btc_per_share", "93.06"),
        (-12.34, "implied_premium_pct", "−12.3 %"), (206_115.2, "sats_per_share_claims_adjusted", "206,115"), (41, "claims_age_days", "41"),
    ],
)  # fmt: skip
def test_a_metric_is_shown_in_its_own_unit(value: float, name: str, text: str) -> None:
    assert in_unit(value, DAILY[name].unit, DAILY[name].each) == text


def test_what_one_coin_or_one_share_costs_is_told_in_full() -> None:
    told = {name for name, column in DAILY.items() if column.each}
    assert told == {"price_usd", "btc_price", "implied_btc_price", "break_even_btc_price", "net_btc_per_share", "fx", "split_factor"}  # fmt: skip
    assert in_unit(78_878.86, DAILY["btc_price"].unit, DAILY["btc_price"].each) == "78,878.86"
