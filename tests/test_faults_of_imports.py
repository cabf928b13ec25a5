"""Files that people's spreadsheets and converters make: each fault by its name, read where it is plain, refused where it is not."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import matplotlib
import pytest
from click.testing import CliRunner, Result
from made_up import BITCOIN, DAYS, EXCHANGES, RATES, SOURCES, closes, company, facts, sheet

from db import open_database
from db.tables.for_scraping import stored_splits, stored_unit_steps
from scripts.main import mnav
from treasury.intake.csv_files import Row, read_sheet
from treasury.intake.plausible import History
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


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1.234,56", 1234.56), ("1.234.567", 1_234_567), ("1,234.56", 1234.56), ("12,5", 12.5)],
)
def test_thousands_that_can_be_nothing_else_are_read_between_semicolons(cell: str, value: float) -> None:
    assert value_of(cell, ";") == value


def test_thousands_one_way_and_decimals_the_other_are_refused() -> None:
    row = "ONE;;cash;2025-0{0}-30;2025-08-05;{1};USD;filings;\n"
    text = HEADER.replace(",", ";") + row.format(6, "1.234,56") + row.format(4, "1,234.56")
    assert "file.csv:3: value: '1,234.56' has another decimal sign" in refusal(text)


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


SETTINGS = ("", "text.usetex: True\n", "font.size: 30\nfigure.dpi: 40\nsavefig.bbox: tight\naxes.grid: False\ntimezone: Asia/Tokyo\n")  # fmt: skip


@pytest.mark.slow
def test_a_chart_looks_the_same_whatever_matplotlibrc_says(tmp_path: Path) -> None:
    draw = (
        "import pandas as pd; from pathlib import Path; import sys; from treasury.charts import save; from treasury.charts.style import *\n"
        "with in_style():\n"
        "    figure, axes = blank('A chart of $5'); axes.plot(pd.date_range('2025-01-01', periods=9, tz='UTC'), range(9)); days_axis(axes)\n"
        "save(figure, Path(sys.argv[1]))\n"
    )
    pictures = []
    for number, text in enumerate(SETTINGS):
        rc, picture = tmp_path / f"{number}.rc", tmp_path / f"{number}.png"
        rc.write_text(text)
        environment = {
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "MATPLOTLIBRC": str(rc),
            "MPLCONFIGDIR": matplotlib.get_cachedir(),  # where the list of fonts is, which takes seconds to make
        }
        subprocess.run([sys.executable, "-c", draw, str(picture)], check=True, env=environment, cwd=tmp_path)
        pictures.append(picture.read_bytes())
    assert pictures == [pictures[0]] * len(SETTINGS)


# -- prices, judged as scraped ones are ----------------------------------------------------------------------------


def stored(tmp_path: Path) -> dict[str, float]:
    with sqlite3.connect(tmp_path / "mnav.db") as db:
        return dict(db.execute("SELECT date, close FROM price WHERE symbol = 'ONE' ORDER BY date").fetchall())


def prices_of(*told: float, first: str = "2025-01-06", source: str = "market") -> str:
    """A file of closes of the weekdays from a day on."""
    days = (date.fromisoformat(first) + timedelta(days=n) for n in range(2 * len(told) + 7))
    shut = {date(2025, 1, 9), date(2025, 1, 20), date(2025, 2, 17)}
    open_days = [day for day in days if day.weekday() < 5 and day not in shut]
    return sheet("equity_price", *(f"ONE,{day},{close},{source}" for day, close in zip(open_days, told, strict=False)))


def test_a_step_of_a_splits_size_on_no_splits_day_waits_until_later_closes_agree(run: Run, tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(prices_of(*[15.0] * 12, *[300.0] * 6))
    taken = run("import", "prices.csv")
    assert taken.exit_code == 0
    assert "kept out, in doubt: prices.csv:14: ONE 2025-01-24 closes at 300 after 15 on 2025-01-23" in taken.stderr
    assert "a split nobody told of?" in taken.stderr
    assert set(stored(tmp_path).values()) == {15.0}
    assert run("value").exit_code == 0
    assert "in quarantine" in run("check").stdout
    (tmp_path / "later.csv").write_text(prices_of(300.0, 301.0, 302.0, first="2025-02-03"))
    taken = run("import", "later.csv")
    assert "kept out" not in taken.stderr
    assert list(stored(tmp_path).values())[12:] == [300.0] * 6 + [300.0, 301.0, 302.0]
    assert run("import", "prices.csv").exit_code == 0, "the same again is taken"
    assert len(stored(tmp_path)) == 21


def test_a_second_source_speaks_for_a_step(run: Run, tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(prices_of(*[15.0] * 12, 45.0))
    assert "until a second source or the next closes agree" in run("import", "prices.csv").stderr
    (tmp_path / "theirs.csv").write_text(prices_of(*[15.0] * 12, 45.2, source="press"))
    assert "kept out" not in run("import", "theirs.csv").stderr
    assert list(stored(tmp_path).values())[-1] == 45.2


def test_a_step_whose_split_comes_with_it_is_taken(run: Run, tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(prices_of(*[15.0] * 12, *[300.0] * 6))
    (tmp_path / "split.csv").write_text(sheet("split", "ONE,2025-01-24,1,20,filings,"))
    assert "kept out" not in run("import", "prices.csv", "split.csv").stderr
    assert len(stored(tmp_path)) == 18


@pytest.mark.parametrize(
    "closes", [(0.61, 3.39, 7.69, 8.12, 7.01, 5.97), (4.26, 33.9, 46.0, 58.5, 135.0, 107.48, 111.5, 66.72)]
)
def test_a_real_move_is_imported(run: Run, tmp_path: Path, closes: tuple[float, ...]) -> None:
    (tmp_path / "prices.csv").write_text(prices_of(*[closes[0], 1.01 * closes[0]] * 6, *closes))
    assert "kept out" not in run("import", "prices.csv").stderr
    assert list(stored(tmp_path).values())[12:] == list(closes)


@pytest.mark.parametrize("odd", [range(3), range(6, 8), range(15, 18)])
def test_pence_among_pounds_of_a_first_file_are_kept_out(run: Run, tmp_path: Path, odd: range) -> None:
    (tmp_path / "prices.csv").write_text(prices_of(*(50.0 if n in odd else 0.5 for n in range(18))))
    taken = run("import", "prices.csv")
    assert taken.stderr.count("hundredths taken for units?") == len(odd)
    assert set(stored(tmp_path).values()) == {0.5}
    assert len(stored(tmp_path)) == 18 - len(odd)


def test_a_check_keeps_nothing_out(run: Run, tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(prices_of(*[15.0] * 12, *[300.0] * 6))
    assert "kept out, in doubt: prices.csv:14" in run("import", "--check", "prices.csv").stderr
    assert stored(tmp_path) == {}
    with sqlite3.connect(tmp_path / "mnav.db") as db:
        assert db.execute("SELECT count(*) FROM quarantine").fetchone() == (0,)


@pytest.mark.parametrize("day", ["2025-01-11", "2025-01-09"])
def test_a_close_of_a_shut_day_is_refused(run: Run, tmp_path: Path, day: str) -> None:
    """A Saturday, and the day of mourning for a president."""
    with sqlite3.connect(tmp_path / "mnav.db") as db:
        db.execute("UPDATE exchange SET calendar = 'XNYS' WHERE mic = 'XNAS'")
    (tmp_path / "prices.csv").write_text(sheet("equity_price", "ONE,2025-01-08,15,market", f"ONE,{day},15,market"))
    refused = run("import", "prices.csv")
    assert refused.exit_code == 1
    assert f"prices.csv:3: XNAS was shut on {day}" in refused.stderr


@pytest.mark.parametrize(("numerator", "denominator"), [(1281, 1000), (1000, 961), (1.0512, 1)])
def test_a_spin_off_is_no_split(run: Run, tmp_path: Path, numerator: float, denominator: float) -> None:
    (tmp_path / "split.csv").write_text(sheet("split", f"ONE,2025-01-08,{numerator},{denominator},filings,"))
    refused = run("import", "split.csv")
    assert refused.exit_code == 1
    assert "split.csv:2: " in refused.stderr
    assert "is no ratio of a split: a spin-off" in refused.stderr


def test_a_split_of_another_day_near_by_is_the_same_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "split.csv").write_text(SPLIT)
    (tmp_path / "again.csv").write_text(SPLIT.replace("2025-01-08", "2025-01-10"))
    assert run("import", "split.csv").exit_code == 0
    refused = run("import", "again.csv")
    assert refused.exit_code == 1
    assert "again.csv:2: ONE has a split of 2025-01-08, which would count twice" in refused.stderr


def test_rates_upside_down_are_refused_in_all_currencies_of_their_day(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(sheet("fx_rate", "2026-06-30,CHF,1.25,market"))
    (tmp_path / "swapped.csv").write_text(sheet("fx_rate", "2026-07-01,CHF,0.8,market", "2026-07-01,AUD,1.54,market"))
    assert run("import", "rates.csv").exit_code == 0
    refused = run("import", "swapped.csv")
    assert refused.exit_code == 1
    assert (
        "swapped.csv:2: CHF of 2026-07-01: 0.8 USD for one CHF after 1.25 on 2026-06-30: upside down?" in refused.stderr
    )
    assert "swapped.csv:3: AUD of 2026-07-01: stands beside a rate of that day which is upside down" in refused.stderr


@pytest.mark.parametrize("odd", [1_080, 1_000_000, 190_000])
def test_a_price_of_bitcoin_that_stands_alone_is_refused(run: Run, tmp_path: Path, odd: float) -> None:
    told = [(day, 100_000 if n != 2 else odd) for n, day in enumerate(DAYS)]
    (tmp_path / "hours.csv").write_text(sheet("btc_price", *(f"{day},21:00,{close},market" for day, close in told)))
    refused = run("import", "hours.csv")
    assert refused.exit_code == 1
    assert f"hours.csv:4: bitcoin at {odd:,} between 100,000 and 100,000" in refused.stderr


def test_a_first_share_count_a_thousand_times_too_high_is_refused(run: Run, tmp_path: Path) -> None:
    """Ten million at 15 dollars are 1.5 times 1,000 bitcoin; ten thousand million are a mistake of the unit."""
    names = ("sources.csv", "exchanges.csv", "bitcoin.csv", "rates.csv")
    (tmp_path / "two.csv").write_text(company("TWO"))
    (tmp_path / "prices.csv").write_text(closes("TWO", 15))
    held, count = "btc_holdings 2024-12-31 2025-01-05 1000 BTC", "shares_basic 2025-01-06 2025-01-06 {} shares"
    for shares, status in (("10000000000", 1), ("10000000", 0)):
        (tmp_path / "held.csv").write_text(facts("TWO", held, count.format(shares)))
        done = run("import", *names, "two.csv", "prices.csv", "held.csv")
        assert done.exit_code == status
        assert ("held.csv:3: TWO shares_basic: " in done.stderr) is bool(status)


def test_every_close_of_the_bundle_would_be_taken_as_a_first_file(reference_db: Path) -> None:
    """Its splits and changes of listed units explain every step of a split's size; SQNS is one of units alone."""
    db = open_database(reference_db)
    closes: dict[str, list[tuple[date, float]]] = {}
    for ticker, day, close in db.execute(
        "SELECT symbol, date, close FROM price WHERE fixing = 'close' ORDER BY date"
    ).fetchall():
        closes.setdefault(ticker, []).append((date.fromisoformat(day), close))
    known = History(splits=stored_splits(db), unit_steps=stored_unit_steps(db))
    assert {ticker for ticker, told in closes.items() if known.why_not_closes(ticker, told, "market")} == set()
    assert "SQNS" in {ticker for ticker, told in closes.items() if History(splits=stored_splits(db)).why_not_closes(ticker, told, "market")}  # fmt: skip


COMPANY = "ticker,name,mic,country,currency,kind,cik,active_to,instruments_complete,note,source\n"
CLOSES = "ticker,date,close,source\n"


@pytest.mark.parametrize(
    "ticker",
    ["A" * 251, "A" * 100_000, "../../x", "MSTR/..", ".hidden", "ev il", "a", "ONE\\TWO", "ONE..T", "ＯＮＥ"],
)
def test_a_symbol_that_is_no_name_for_a_file(ticker: str) -> None:
    said = refusal(f"{COMPANY}{ticker},Evil,XNAS,US,USD,treasury,,,,,market\n")
    assert "file.csv:2: ticker: " in said
    assert len(said) < 250


@pytest.mark.parametrize(
    "ticker", ["MSTR", "3350.T", "BRK-B", "0434.HK", "ALCPB.PA", "BTC-B.ST", "005930.KS", "BITCOIN-BASED.X"]
)
def test_a_symbol_of_any_exchange(ticker: str) -> None:
    assert rows_of(f"{COMPANY}{ticker},Fine,XNAS,US,USD,treasury,,,,,market\n")[0]["ticker"] == ticker


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f"])
def test_marks_that_turn_the_direction_of_a_name(mark: str) -> None:
    said = refusal(f"{COMPANY}ONE,Go{mark}od,XNAS,US,USD,treasury,,,,,market\n")
    assert f"name: the mark U+{ord(mark):04X} turns the direction of the text; take it out" in said
    assert mark not in said


def test_a_cell_as_long_as_a_book() -> None:
    assert "note: 5,000 characters, more than 4,000; shorten it" in refusal(
        f"{COMPANY}ONE,Good,XNAS,US,USD,treasury,,,,{'x' * 5000},market\n"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{CLOSES}ONE,0001-01-03,15,market\n", "date: 0001-01-03 is before 2008-01-01"),
        (f"{CLOSES}ONE,9999-12-31,15,market\n", "date: 9999-12-31 has not come yet"),
        (f"{HEADER}ONE,,btc_holdings,0001-01-01,2025-01-05,5,BTC,filings,\n", "as_of: 0001-01-01 is before 2008-01-01"),
        (f"{HEADER}ONE,,btc_holdings,2025-01-01,0001-01-01,5,BTC,filings,\n", "known_at"),
        (f"{HEADER}ONE,,btc_holdings,2025-01-01,9999-01-01,5,BTC,filings,\n", "known_at: 9999-01-01 has not come yet"),
        ("date,currency,usd_per_unit,source\n1998-12-31,JPY,0.007,market\n", "date: 1998-12-31 is before 1999-01-01"),
    ],
)
def test_a_day_before_bitcoin_or_that_has_not_come(text: str, says: str) -> None:
    assert says in refusal(text)


def test_a_close_beyond_anything() -> None:
    assert "close: '1e308' is more than anything costs" in refusal(f"{CLOSES}ONE,2025-01-06,1e308,market\n")
