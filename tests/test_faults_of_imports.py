"""Files that people's spreadsheets and converters make: each fault by its name, read where it is plain, refused where it is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_up import BITCOIN, DAYS, EXCHANGES, RATES, SOURCES, closes, company, facts, sheet

from scripts.main import mnav
from treasury.intake.csv_files import Row, read_sheet
from treasury.messages.alerts import read_alerts
from treasury.model import InputError

HEADER = "ticker,instrument,quantity,as_of,known_at,value,unit,source,note\n"
TODAY = date(2026, 11, 30)
Run = Callable[..., Result]


def rows_of(text: str, today: date | None = TODAY) -> list[Row]:
    return read_sheet(text.splitlines(keepends=True), "file.csv", today)[1]


def value_of(cell: str, separator: str = ",") -> object:
    """The value of a fact file whose value stands like this."""
    cells = ["ONE", "", "cash", "2025-06-30", "2025-08-05", cell, "USD", "filings", ""]
    return rows_of(HEADER.replace(",", separator) + separator.join(cells) + "\n")[0]["value"]


def refusal(text: str) -> str:
    with pytest.raises(InputError) as raised:
        rows_of(text)
    return str(raised.value)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `mnav …` in a folder with a database of one company at 15 USD."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MNAV_DB", raising=False)
    runner = CliRunner()

    def call(*arguments: str) -> Result:
        return runner.invoke(mnav, list(arguments), prog_name="mnav")

    files = {
        "sources.csv": SOURCES, "exchanges.csv": EXCHANGES, "bitcoin.csv": BITCOIN, "rates.csv": RATES, "one.csv": company("ONE"),
        "facts.csv": facts("ONE", "btc_holdings 2024-12-31 2025-01-05 1000 BTC", "shares_basic 2024-12-31 2025-01-05 10000000 shares"),
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert call("import", *files).exit_code == 0
    return call


@pytest.mark.parametrize("cell", ["3.47E+08", "3.5E8", "1E+06", "3.47e+08", "1.234E-05", "-2.5E+7"])
def test_a_number_that_a_spreadsheet_shortened_has_lost_digits(cell: str) -> None:
    text = f"{HEADER}ONE,,cash,2025-06-30,2025-08-05,{cell},USD,filings,\n"
    assert refusal(text).startswith(f"file.csv:2: value: {cell!r} has lost digits")
    assert "without exponent" in refusal(text)


@pytest.mark.parametrize(
    ("cell", "value"), [("1e6", 1e6), ("2.5e-05", 2.5e-05), ("3.475e2", 347.5), ("347000000", 347e6)]
)
def test_an_exponent_that_loses_nothing_is_a_number(cell: str, value: float) -> None:
    assert value_of(cell) == value


@pytest.mark.parametrize(("cell", "value"), [("1,5", 1.5), ("1.5", 1.5), ("0,125", 0.125), ("1234,567", 1234.567), ("12", 12.0), ("+3,25", 3.25)])  # fmt: skip
def test_a_file_between_semicolons_is_read_with_its_decimal_commas(cell: str, value: float) -> None:
    assert value_of(cell, ";") == value


@pytest.mark.parametrize("cell", ["1,500", "1.500", "12,345", "-999,999"])
def test_a_comma_that_may_part_thousands_is_refused(cell: str) -> None:
    with pytest.raises(InputError, match=r"value: .* may mean thousands or decimals"):
        value_of(cell, ";")


def test_two_decimal_signs_in_one_file_are_refused() -> None:
    text = (
        HEADER + "ONE,,cash,2025-06-30,2025-08-05,1#5,USD,filings,\nONE,,cash,2025-07-31,2025-08-05,1.5,USD,filings,\n"
    ).replace(",", ";")
    assert "file.csv:3: value: '1.5' has another decimal sign" in refusal(text.replace("#", ","))


def test_thousands_of_both_signs_are_no_number() -> None:
    with pytest.raises(InputError, match=r"'1\.234,56' is not a number"):
        value_of("1.234,56", ";")


def test_a_decimal_comma_between_commas_is_still_refused() -> None:
    assert "'1,5' is not a number" in refusal(f'{HEADER}ONE,,cash,2025-06-30,2025-08-05,"1,5",USD,filings,\n')


def test_rows_of_nothing_but_commas_are_passed_over() -> None:
    row = "ONE,,cash,2025-06-30,2025-08-05,1,USD,filings,\n"
    assert len(rows_of(HEADER + row + ",,,,,,,,\n , ,,,,,,,\n\n,,,\n")) == 1


@pytest.mark.parametrize("ticker", ["ONE\u00a0", "\u00a0ONE", "ONE ", "ONE\u200b", "\ufeffONE", "ONE\u202f"])
def test_a_name_with_an_unseen_space_is_no_second_company(ticker: str) -> None:
    assert rows_of(company("ONE").replace("ONE,", f"{ticker},", 1))[0]["ticker"] == "ONE"
    twice = sheet("company", *(company(name).splitlines()[1] for name in ("ONE", "TWO"))).replace(
        "TWO,", f"{ticker},", 1
    )
    assert "repeats line 2 (ticker ONE)" in refusal(twice)


def test_a_no_break_space_inside_a_name_is_a_space() -> None:
    assert rows_of(company("ONE").replace("ONE Inc", "ONE\u00a0Inc"))[0]["name"] == "ONE Inc"


def test_a_nul_is_said_with_its_line() -> None:
    text = f"{HEADER}ONE,,cash,2025-06-30,2025-08-05,1,USD,filings,\0\n"
    assert refusal(text).startswith("file.csv:2: a NUL character")
    assert "save it as UTF-8" in refusal(text)


def test_a_control_character_is_refused() -> None:
    assert "U+001B" in refusal(f"{HEADER}ONE,,cash,2025-06-30,2025-08-05,1,USD,filings,\x1b[2J\n")


@pytest.mark.parametrize(
    ("kind", "row", "column"),
    [
        ("equity_price", "ONE,2052-08-05,15,market", "date"),
        ("btc_price", "2026-12-02,utc,100000,market", "date"),
        ("fx_rate", "2062-12-02,JPY,0.0067,market", "date"),
        ("fact", "ONE,,cash,2027-06-30,2027-08-05,1,USD,filings,", "as_of"),
        ("fact", "ONE,,cash,2025-06-30,2027-08-05,1,USD,filings,", "known_at"),
        ("fact", "ONE,,cash,2025-06-30,2027-08-05T10:00:00Z,1,USD,filings,", "known_at"),
        ("purchase", "ONE,2027-01-04,,,10,,,,,filings", "announced_on"),
        ("context", "fear_greed,2027-01-04,,50,index,market,", "date"),
    ],
)
def test_what_is_told_of_a_day_to_come_is_refused(kind: str, row: str, column: str) -> None:
    assert f"file.csv:2: {column}: " in refusal(sheet(kind, row))
    assert "has not come yet" in refusal(sheet(kind, row))


def test_tomorrow_has_begun_in_tokyo_and_what_is_announced_ahead_may_lie_ahead() -> None:
    assert rows_of(sheet("equity_price", "ONE,2026-12-01,15,market"))
    assert rows_of(sheet("fact", "ONE,,cash,2027-06-30,2026-08-05,1,USD,filings,forward dated: falls due"))
    assert rows_of(sheet("split", "ONE,2027-01-04,10,1,filings,"))


def test_a_price_of_2052_does_not_reach_the_database(run: Run, tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(sheet("equity_price", "ONE,2025-01-06,15,market", "ONE,2052-08-05,15,market"))
    refused = run("import", "prices.csv")
    assert refused.exit_code == 1
    assert "prices.csv:3: date: 2052-08-05 has not come yet" in refused.stderr


@pytest.mark.parametrize(("currency", "rate"), [("JPY", "152.3"), ("GBP", "0.0075"), ("KRW", "1390")])
def test_a_rate_upside_down_in_a_first_file_is_refused(currency: str, rate: str) -> None:
    assert f"file.csv:2: {float(rate):,.10g} USD for one {currency}" in refusal(
        sheet("fx_rate", f"2025-06-30,{currency},{rate},market")
    )


SPLIT = sheet("split", "ONE,2025-01-08,1,10,filings,")


def test_adjusted_closes_beside_a_known_split_are_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "split.csv").write_text(SPLIT)
    (tmp_path / "adjusted.csv").write_text(closes("ONE", 20))
    refused = run("import", "split.csv", "adjusted.csv")
    assert refused.exit_code == 1
    assert (
        "adjusted.csv:3: ONE closes at 20 before its split of 2025-01-08 by 0.1 and at 20 after it: adjusted closes"
        in refused.stderr
    )
    assert run("import", "split.csv").exit_code == 0
    assert run("import", "adjusted.csv").exit_code == 1, "the split is known from before"


def test_closes_as_quoted_beside_a_known_split_are_taken(run: Run, tmp_path: Path) -> None:
    (tmp_path / "split.csv").write_text(SPLIT)
    quoted = [f"ONE,{day},{2 if day < '2025-01-08' else 20},market" for day in DAYS]
    (tmp_path / "quoted.csv").write_text(sheet("equity_price", *quoted))
    assert run("import", "split.csv", "quoted.csv").exit_code == 0


def test_a_split_that_comes_after_adjusted_closes_is_listed_by_check(run: Run, tmp_path: Path) -> None:
    (tmp_path / "split.csv").write_text(SPLIT)
    (tmp_path / "adjusted.csv").write_text(closes("ONE", 20))
    assert run("import", "adjusted.csv").exit_code == 0
    assert run("import", "split.csv").exit_code == 0
    assert run("value").exit_code == 0
    assert "split without a step" in run("check").stdout


def test_alert_rules_with_a_byte_order_mark_are_read() -> None:
    (alert,) = read_alerts('\ufeff[[alert]]\nname = "a"\nwhen = "mnav_ev < 1"\n', "rules.toml")
    assert alert.name == "a"


@pytest.mark.slow
@pytest.mark.parametrize("settings", ["text.usetex: True\n", "font.size: 30\nfigure.dpi: 40\nsavefig.bbox: tight\naxes.grid: False\ntimezone: Asia/Tokyo\n"])  # fmt: skip
def test_a_chart_looks_the_same_whatever_matplotlibrc_says(tmp_path: Path, settings: str) -> None:
    draw = (
        "import pandas as pd; from pathlib import Path; import sys; from treasury.charts import save; from treasury.charts.style import *\n"
        "with in_style():\n"
        "    figure, axes = blank('A chart of $5'); axes.plot(pd.date_range('2025-01-01', periods=9, tz='UTC'), range(9)); days_axis(axes)\n"
        "save(figure, Path(sys.argv[1]))\n"
    )
    rc = tmp_path / "matplotlibrc"
    pictures = []
    for name, text in (("plain.png", ""), ("theirs.png", settings)):
        rc.write_text(text)
        environment = {
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "MATPLOTLIBRC": str(rc),
            "MPLCONFIGDIR": str(tmp_path),
        }
        subprocess.run([sys.executable, "-c", draw, str(tmp_path / name)], check=True, env=environment, cwd=tmp_path)
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] == pictures[1]
