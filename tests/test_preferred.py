"""Preferred stock at its own price: yields as the issuer prints them, and what the series are worth at market."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from made_up import company, ground, sheet, store
from saved import SAMPLES, needs_samples

from db import open_database
from db.feeds.preferred import closes, covers, history, last_priced, preferred
from db.reads.close import StoredCloses, picture_of
from scripts.main import mnav
from treasury.claims.preferred import at_market, discount_to_par_pct, effective_yield_pct, yield_to_call_pct
from treasury.known.resolve import State, resolve
from treasury.model import InputError


def run(db: Path, *words: str) -> Any:
    return CliRunner().invoke(mnav, ["--db", str(db), *words], prog_name="mnav")


@pytest.mark.parametrize(
    ("series", "day", "published"),
    [("strc", "2026-06-17", 12.92), ("strc", "2026-06-26", 15.42), ("strf", "2026-06-26", 11.85)],
)
def test_the_issuers_effective_yields(reference_db: Path, series: str, day: str, published: float) -> None:
    (row,) = history(open_database(reference_db), "MSTR", series, day, day)
    assert row["effective_yield_pct"] == pytest.approx(published, abs=0.005)


@needs_samples
def test_every_effective_yield_is_the_issuers_to_a_thousandth_of_a_point(reference_db: Path) -> None:
    db = open_database(reference_db)
    text = (SAMPLES.parent / "additions" / "preferred_prices.csv").read_text(encoding="utf-8")
    printed = {
        (row["instrument"], row["date"]): float(row["effective_yield_pct"]) for row in csv.DictReader(text.splitlines())
    }
    ours = {
        (series, row["date"]): row["effective_yield_pct"]
        for series in ("strk", "strf", "strd", "strc") for row in closes(db, "MSTR", series)
    }  # fmt: skip
    assert len(printed) == 1154
    assert {key: ours[key] for key in printed} == pytest.approx(printed, abs=0.001)


def test_four_series_are_worth_ten_billion_against_fourteen_of_notional(reference_db: Path) -> None:
    """On 2026-06-26: $10.41bn against $14.58bn; STRE has no price."""
    rows = {
        row["series"]: row for row in preferred(open_database(reference_db), "2026-06-26") if row["ticker"] == "MSTR"
    }
    priced = [row for row in rows.values() if row["at_market"] is not None]
    assert [row["series"] for row in priced] == ["strf", "strc", "strk", "strd"]  # from senior to junior
    assert sum(row["at_market"] for row in priced) == pytest.approx(10.41e9, abs=5e6)
    assert sum(row["notional"] for row in priced) == pytest.approx(14.58e9, abs=5e6)
    assert (rows["stre"]["close"], rows["stre"]["at_market"], rows["stre"]["reason"]) == (None, None, "NO_PRICE")
    covers = [row["cover"] for row in rows.values()]
    assert covers == sorted(covers, reverse=True)


def test_a_price_of_another_week_is_no_price_of_the_day(reference_db: Path) -> None:
    """The prices end on 2026-06-26, the company's last close is of the 29th; two weeks on they would be old."""
    db = open_database(reference_db)
    (row,) = preferred(db, "2025-07-30", only=["STRC"])
    assert (row["price_date"], row["close"], row["dividend_rate_pct"]) == ("2025-07-30", 94.5, 9.0)
    assert preferred(db, "2025-07-28", only=["strc"]) == []  # not issued yet


def test_the_rate_of_the_day_is_the_newest_stated_by_then(reference_db: Path) -> None:
    rates = {row["date"]: row["dividend_rate_pct"] for row in closes(open_database(reference_db), "MSTR", "strc")}
    assert (rates["2025-08-29"], rates["2025-09-02"], rates["2026-06-26"]) == (9.0, 10.0, 11.5)


def test_formulas() -> None:
    assert discount_to_par_pct(75, 100) == 25
    assert discount_to_par_pct(110, 100) == pytest.approx(-10)
    assert effective_yield_pct(10, 80, 100) == 12.5
    assert effective_yield_pct(4.9, 900, 1000) == pytest.approx(5.4444, abs=1e-4)  # a stated amount of ¥1,000
    assert at_market(14.0e9, 75, 100) == 10.5e9
    assert at_market(14.0e9, None, 100) is None


def test_yield_to_call() -> None:
    """A share bought at par yields its rate compounded monthly, whatever the time; one below par more, above it less."""
    assert yield_to_call_pct(12, 100, 100, 100, 3) == pytest.approx((1.01**12 - 1) * 100, abs=1e-9)
    below, above = yield_to_call_pct(12, 90, 100, 100, 3), yield_to_call_pct(12, 110, 100, 100, 3)
    assert below is not None
    assert above is not None
    assert above < 12.68 < below
    assert yield_to_call_pct(12, 90, 100, 100, 0) is None


def test_the_verb(reference_db: Path, tmp_path: Path) -> None:
    rows = {
        row["series"]: row
        for row in json.loads(
            run(reference_db, "preferred", "--on", "2026-06-26", "--risk-free", "4.2", "--json").stdout
        )
    }
    assert rows["strc"]["spread_pct"] == pytest.approx(15.42 - 4.2, abs=0.005)
    assert rows["strk"]["volatility_pct"] == pytest.approx(45.8, abs=0.1)
    shown = run(reference_db, "preferred", "strc", "--since", "2026-06-24", "--until", "2026-06-26").stdout
    assert [line.split()[7] for line in shown.splitlines()[2:]] == ["14.2", "15.2", "15.4"]
    assert "unknown series 'strx'; there are: " in run(reference_db, "preferred", "strx").output
    assert "name it" in run(reference_db, "preferred", "--since", "2026-06-24").output
    said = run(reference_db, "preferred", "--on", "2026-06-26").stderr
    assert "4 series with $14.58bn of notional are worth $10.41bn at market" in said
    path = tmp_path / "yields.svg"
    assert run(reference_db, "plot", "preferred-yields", "MSTR", "-o", str(path)).exit_code == 0
    assert run(reference_db, "plot", "preferred-yields", "MARA", "-o", str(path)).exit_code == 1


def test_without_a_day_the_last_one_with_a_price_is_shown_and_said(reference_db: Path) -> None:
    done = run(reference_db, "preferred", "--json")
    rows = json.loads(done.stdout)
    assert {row["date"] for row in rows} == {"2026-06-26"}
    assert [row["series"] for row in rows if row["ticker"] == "MSTR"] == ["strf", "strc", "stre", "strk", "strd"]
    assert "2026-06-26 is the last day with a price of a series; --on 2026-08-31 shows" in done.stderr
    db = open_database(reference_db)
    assert last_priced(db, ticker="MSTR") == last_priced(db, ["STRC"]) == ("2026-06-26", "2026-08-31")
    assert last_priced(db, ["sata"]) is None, "it never had a price"
    assert "is the last day" not in run(reference_db, "preferred", "--on", "2026-08-31").stderr
    table = run(reference_db, "preferred", "strc").stdout
    assert "$21,865" in table
    assert " 2.7x " in table


def test_a_price_of_the_newest_week_needs_no_other_day(reference_db: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    db = open_database(path, writable=True)
    db.execute(
        "INSERT INTO instrument_price SELECT ticker, instrument, '2026-08-28', close, currency, source, volume FROM instrument_price"
        " WHERE instrument = 'strc' AND date = '2026-06-26'"
    )
    assert last_priced(db) is None
    assert last_priced(db, ["strk"]) == ("2026-06-26", "2026-08-31")


def test_a_price_is_of_an_instrument_that_is_known(tmp_path: Path) -> None:
    db = open_database(tmp_path / "mnav.db", writable=True)
    ground(db)
    store(db, company("ORNG"))
    with pytest.raises(InputError, match="ORNG has no instrument 'series'; give an instrument file with it"):
        store(db, sheet("instrument_price", "ORNG,series,2025-01-06,90,USD,filings"))


def test_the_chart_of_cover(reference_db: Path) -> None:
    from db.feeds.charts import preferred_covers
    from treasury.charts.preferred import preferred_cover

    db = open_database(reference_db)
    covers = preferred_covers(db, ["MSTR"], "2026-06-26")
    assert covers["series"].tolist() == ["strf", "strc", "stre", "strk", "strd"]
    assert "STRD is covered 2.3 times on 2026-06-26" in preferred_cover(covers).get_suptitle()
    with pytest.raises(ValueError, match="no preferred stock of MARA is outstanding"):
        preferred_covers(db, ["MARA"])


def test_cover_day_by_day_is_that_of_the_capital_structure(reference_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every series at every close of the weeks in which STRE was issued, and resolved only where a state begins."""
    db, (since, until) = open_database(reference_db), ("2025-10-27", "2025-11-28")
    stored = StoredCloses(db)
    days = stored.days("MSTR", since, until)
    expected = [
        (str(day), layer.instrument, layer.cover.value, layer.cover_net_of_cash.value, layer.floor_price.value)
        for day in days for layer in picture_of(stored.at("MSTR", day)).stack.layers if layer.instrument.startswith("str")
    ]  # fmt: skip
    (states,) = db.execute(
        "SELECT count(DISTINCT v.state) FROM valuation v JOIN company c ON c.id = v.company_id WHERE c.ticker = 'MSTR' AND v.date BETWEEN ? AND ?",
        (since, until),
    ).fetchone()
    resolved: list[Any] = []

    def counted(*given: Any) -> State:
        resolved.append(given)
        return resolve(*given)

    monkeypatch.setattr("db.reads.close.resolve", counted)
    rows = covers(db, "MSTR", since, until)
    names = ("date", "series", "cover", "cover_net_of_cash", "floor_price")
    assert [tuple(row[name] for name in names) for row in rows] == expected
    assert {row["series"] for row in rows} == {"strk", "strf", "strd", "strc", "stre"}
    assert len(resolved) == states < len(days)


def test_the_history_of_a_series_goes_on_where_it_has_no_price(reference_db: Path) -> None:
    """STRE has no price at all; STRC's end on 2026-06-26, the closes of its company do not."""
    db = open_database(reference_db)
    (stre,) = history(db, "MSTR", "stre", "2026-06-26", "2026-06-26")
    (row,) = preferred(db, "2026-06-26", only=["stre"])
    assert stre["close"] is None
    assert (stre["cover"], stre["floor_price"]) == (row["cover"], row["floor_price"])
    priced, unpriced = history(db, "MSTR", "strc", "2026-06-26", "2026-06-29")
    assert list(priced) == list(unpriced)
    assert (unpriced["date"], unpriced["close"], unpriced["par"], unpriced["effective_yield_pct"]) == (
        "2026-06-29",
        None,
        100,
        None,
    )
    assert unpriced["cover"] > 2
    assert (
        "no price of stre is known in that stretch"
        in run(reference_db, "preferred", "stre", "--since", "2026-06-26").stderr
    )


def test_the_chart_of_cover_over_time(reference_db: Path) -> None:
    from db.feeds.charts import preferred_cover_days
    from treasury.charts.preferred import preferred_cover_history

    db = open_database(reference_db)
    days = preferred_cover_days(db, ["MSTR"], "2026-06-15", "2026-06-26")
    figure = preferred_cover_history(days)
    cover, prices = figure.axes
    newest = {row["series"]: row for row in preferred(db, "2026-06-26") if row["ticker"] == "MSTR"}
    ends = [
        {str(line.get_label()): np.asarray(line.get_ydata())[-1] for line in axes.lines} for axes in (cover, prices)
    ]
    assert ends[0] | {name.upper(): row["cover"] for name, row in newest.items()} == ends[0]
    assert ends[1] == {name.upper(): row["floor_price"] for name, row in newest.items()} | {
        "bitcoin": days["btc_price"].iloc[-1]
    }
    assert "STRD is covered 2.3 times on 2026-06-26; between" in figure.get_suptitle().replace("\n", " ")
    with pytest.raises(ValueError, match="no preferred stock of MARA is outstanding"):
        preferred_cover_days(db, ["MARA"])


TREASURY = """series,date,known_at,value,unit,source,note
treasury_yield_10y,2026-06-24,,4.1,percent,market,
treasury_yield_10y,2026-06-25,,4.2,percent,market,
treasury_yield_10y,2026-06-29,,4.4,percent,market,
"""


def test_the_spread_to_an_imported_treasury_yield(reference_db: Path, tmp_path: Path) -> None:
    """Of the newest day up to each close: 4.2 on the 26th, none of a week before the first."""
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    assert "no treasury_yield_10y is known" in run(path, "preferred", "--treasury", "10y").output
    file = tmp_path / "yields.csv"
    file.write_text(TREASURY.replace(",market,", ",ecb-fx,"), encoding="utf-8")
    source = tmp_path / "source.csv"
    source.write_text("id,kind,title,url,licence_note\necb-fx,market,Yields,,\n", encoding="utf-8")
    assert run(path, "import", str(source), str(file)).exit_code == 0
    (row,) = json.loads(run(path, "preferred", "strc", "--on", "2026-06-26", "--treasury", "10y", "--json").stdout)
    assert row["risk_free_pct"] == 4.2
    assert row["spread_pct"] == pytest.approx(15.42 - 4.2, abs=0.005)
    told = json.loads(run(path, "preferred", "strc", "--since", "2026-06-23", "--treasury", "10y", "--json").stdout)
    assert [row["spread_pct"] is not None for row in told[:4]] == [False, True, True, True]
    assert {row["spread_pct"] for row in told[4:]} == {None}  # no price, so no yield
    assert "treasury_yield" not in run(path, "market", "--on", "2026-06-26").stdout
    assert run(path, "preferred", "--treasury", "10y", "--risk-free", "4").exit_code == 2


def test_what_pays_the_coupons_and_what_may_still_be_sold(reference_db: Path) -> None:
    """2026-02-06: a USD Reserve over the coupons of notes and STRF is more than over those down to STRD; STRC of the 8-K of 2026-02-02."""
    rows = {
        row["series"]: row for row in preferred(open_database(reference_db), "2026-02-06") if row["ticker"] == "MSTR"
    }
    covers = [row["coupon_cover"] for row in rows.values()]
    assert covers == sorted(covers, reverse=True)
    assert rows["strd"]["coupon_cover"] * 12 == pytest.approx(
        rows["strd"]["reserve_months"]
    )  # the last series: all of it
    strc = rows["strc"]
    assert (strc["programme_usd"], strc["programme_as_of"]) == (3621.4e6, "2026-02-01")
    assert strc["programme_owed"] == pytest.approx(3621.4e6 / 98.76 * 100)
    assert rows["stre"]["programme_usd"] is None
    shown = run(reference_db, "preferred", "--on", "2026-02-06", "--column", "series", "--column", "seniority").stdout
    assert shown.splitlines()[0].split() == ["series", "seniority"]


def test_the_volatility_of_a_day_is_that_of_the_table(reference_db: Path) -> None:
    db = open_database(reference_db)
    (row,) = preferred(db, "2026-06-26", only=["strk"])
    assert history(db, "MSTR", "strk", "2026-06-26", "2026-06-26")[0]["volatility_pct"] == pytest.approx(
        row["volatility_pct"]
    )
    assert history(db, "MSTR", "strk", "2025-02-06", "2025-02-10")[0]["volatility_pct"] is None
