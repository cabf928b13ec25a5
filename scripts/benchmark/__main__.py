"""mnav benchmark: what valuing, storing and reading cost, as ratios within one run.

Run it alone on a quiet machine: `python -m scripts.benchmark` (200 companies × 5.25 years), `--size L` for 1,000 × 20 years.
Seconds are printed for orientation; only the ratios are bars. The floor is frozen here: a plain numpy kernel over the
same facts, and an in-memory insert of the same rows; the rival is pandas merge_asof and to_sql, with equal results.
"""

from __future__ import annotations

import contextlib
import csv
import gc
import io
import os
import re
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from sqlite_utils import Database

from db import open_database
from db.derived import at_close, valuations
from db.reads import views
from db.tables import store
from db.tables.reference import load_reference
from db.tables.transaction import writing

SEED = 20251107
SIZES = {"XS": (20, 400), "S": (200, 1917), "L": (1000, 7305)}
EPOCH = date(1970, 1, 1)
FIRST = date(2020, 1, 6)
QUARTER, MONTH = 91, 30
HOURS = [f"{hour:02d}:00" for hour in range(24)]
STORED = ("valuation", "at_close", "state")
CURRENCIES = {"USD": "XNYS", "JPY": "XTKS", "EUR": "XFRA", "GBP": "XLON"}


# -- the seeded universe -------------------------------------------------------------------------------------------


def universe(db: Database, companies: int, days: int) -> None:
    """Companies with monthly holdings, quarterly shares and balances, converts for every other one, and daily prices."""
    random = np.random.default_rng(SEED)
    calendar = [str(FIRST + timedelta(days=ahead)) for ahead in range(-10, days)]
    hours = [
        ("XNYS", "America/New_York", "16:00"),
        ("XTKS", "Asia/Tokyo", "15:00"),
        ("XFRA", "Europe/Berlin", "22:00"),
        ("XLON", "Europe/London", "16:35"),
    ]
    with writing(db):
        execute = db.conn.executemany
        execute(
            "INSERT INTO source (id, kind, title) VALUES (?, ?, ?)",
            [("sec", "filing", "10-Q"), ("market", "market", "prices")],
        )
        execute("INSERT INTO exchange (mic, timezone, close_time, source) VALUES (?, ?, ?, 'market')", hours)
        currencies = [list(CURRENCIES)[0 if number % 5 else 1 + number // 5 % 3] for number in range(companies)]
        execute(
            "INSERT INTO company (ticker, name, mic, country, currency, kind, instruments_complete, source) VALUES (?, ?, ?, 'US', ?, 'treasury', 'yes', 'sec')",
            [
                (f"T{number:04d}", f"Company {number}", CURRENCIES[currency], currency)
                for number, currency in enumerate(currencies)
            ],
        )
        facts: list[tuple[object, ...]] = []
        notes: list[tuple[object, ...]] = []
        for number, currency in enumerate(currencies):
            ticker, scale = f"T{number:04d}", float(random.uniform(100, 50_000))
            for ahead in range(0, days, MONTH):
                as_of, known = FIRST + timedelta(days=ahead), FIRST + timedelta(days=ahead + int(random.integers(1, 6)))
                btc = round(scale * (1 + ahead / days) * random.uniform(0.98, 1.02), 4)
                facts.append((ticker, None, "btc_holdings", str(as_of), f"{known}T12:00:00Z", btc, "BTC"))
                facts.append(
                    (ticker, None, "btc_cost_basis", str(as_of), f"{known}T12:00:00Z", round(btc * 40_000), "USD")
                )
            for ahead in range(0, days, QUARTER):
                as_of, known = (
                    FIRST + timedelta(days=ahead),
                    FIRST + timedelta(days=ahead + int(random.integers(20, 45))),
                )
                shares = round(scale * 2_000 * (1 + ahead / days))
                for quantity, value, unit in (
                    ("shares_basic", shares, "shares"), ("shares_assumed_diluted", round(shares * 1.1), "shares"),
                    ("debt_total", round(scale * 5_000), currency), ("preferred_total", round(scale * 3_000), currency),
                    ("cash", round(scale * 500), currency),
                ):  # fmt: skip
                    facts.append((ticker, None, quantity, str(as_of), str(known), float(value), unit))
            if number % 2:
                for side in range(2):
                    notes.append((ticker, f"note-{side}", currency, str(FIRST), 15.0 + 20 * side))
                    facts.append(
                        (ticker, f"note-{side}", "principal", str(FIRST), str(FIRST), round(scale * 1_000), currency)
                    )
        execute(
            "INSERT INTO instrument (ticker, instrument, kind, currency, issue_date, conversion_price, source) VALUES (?, ?, 'convertible', ?, ?, ?, 'sec')",
            notes,
        )
        execute(
            "INSERT INTO fact (ticker, instrument, quantity, as_of, known_at, known_assumed, value, unit, source) VALUES (?, ?, ?, ?, ?, 0, ?, ?, 'sec')",
            facts,
        )
        execute(
            "INSERT INTO price (symbol, date, fixing, close, currency, source) VALUES (?, ?, ?, ?, ?, 'market')",
            _prices(random, companies, currencies, calendar),
        )


def _prices(
    random: np.random.Generator, companies: int, currencies: list[str], calendar: list[str]
) -> Iterator[tuple[object, ...]]:
    def walk(start: float) -> list[float]:
        return np.round(start * np.exp(np.cumsum(random.normal(0, 0.02, len(calendar)))), 6).tolist()  # type: ignore[no-any-return]

    for fixing in (*HOURS, "utc"):
        yield from (("BTC", day, fixing, close, "USD") for day, close in zip(calendar, walk(40_000.0), strict=True))
    for currency, start in (("JPY", 0.007), ("EUR", 1.1), ("GBP", 1.3)):
        yield from (
            (f"{currency}USD", day, "ecb", max(close, 1e-4), "USD")
            for day, close in zip(calendar, walk(start), strict=True)
        )
    for number in range(companies):
        closes = walk(20.0)[10:]
        yield from (
            (f"T{number:04d}", day, "close", max(close, 0.01), currencies[number])
            for day, close in zip(calendar[10:], closes, strict=True)
        )


# -- the frozen floor: plain numpy over the same facts, all in memory; changed by nobody --------------------------


@dataclass(frozen=True, slots=True)
class Frozen:
    """The same facts, notes and days as numbers, read from the database beforehand; reading them is not part of the floor."""

    facts: np.ndarray  # company, quantity (0..7), effective, as_of, known, value
    notes: np.ndarray  # company, principal, conversion price
    company: np.ndarray
    day: np.ndarray
    price: np.ndarray
    nyse: np.ndarray
    utc: np.ndarray
    rate: np.ndarray
    at_new_york: np.ndarray


FROZEN_QUANTITIES = (
    "btc_holdings",
    "btc_cost_basis",
    "shares_basic",
    "shares_assumed_diluted",
    "debt_total",
    "preferred_total",
    "cash",
)


def frozen_kernel(of: Frozen) -> list[np.ndarray]:
    """Winners by running maximum, expanded over days; currency; in-the-money notes: the columns of a valuation."""
    f = of.facts[np.lexsort((of.facts[:, 4], of.facts[:, 3], of.facts[:, 2], of.facts[:, 1], of.facts[:, 0]))]
    series = f[:, 0] * 8 + f[:, 1]
    rank = series * 2.0**40 + f[:, 3] * 2.0**20 + f[:, 4]
    best = rank == np.maximum.accumulate(rank)
    f, series = f[best], series[best]
    key = series * 2.0**22 + f[:, 2]
    winner, inputs = [], []
    for quantity in range(7):
        at = np.searchsorted(key, (of.company * 8 + quantity) * 2.0**22 + of.day, side="right") - 1
        found = (at >= 0) & (series[at] == of.company * 8 + quantity)
        winner.append(np.where(found, at, -1))
        inputs.append(np.where(found, f[at, 5], np.nan))
    btc, cost, basic, assumed, debt, preferred, cash = inputs
    btc_price = np.where(of.at_new_york, of.nyse, of.utc)
    shares, principal = np.zeros(len(of.day)), np.zeros(len(of.day))
    for company, amount, at_price in of.notes:
        rows = slice(*np.searchsorted(of.company, [company, company + 1]))
        in_the_money = of.price[rows] > at_price
        shares[rows] += np.where(in_the_money, amount / at_price, 0.0)
        principal[rows] += np.where(in_the_money, amount, 0.0)
    debt, preferred, cash, principal = (amount * of.rate for amount in (debt, preferred, cash, principal))
    cap, nav = of.price * of.rate * basic, btc * btc_price
    multiples = [
        cap / nav,
        of.price * of.rate * assumed / nav,
        (cap + debt + preferred - cash) / nav,
        (cap + debt + preferred - cash) - nav,
    ]
    assert len(multiples) == 4  # what a user asks for; a valuation stores its inputs
    state = np.maximum.reduce(winner)
    return [
        of.company,
        of.day,
        of.price,
        of.rate,
        btc_price,
        of.at_new_york,
        debt,
        preferred,
        cash,
        cost,
        shares,
        principal,
        np.zeros(len(of.day)),
        state,
    ]


def frozen_inputs(db: Database) -> Frozen:
    rows = db.execute("SELECT ticker, quantity, as_of, known_at, value FROM fact WHERE instrument IS NULL").fetchall()
    facts = pd.DataFrame(rows, columns=["ticker", "quantity", "as_of", "known_at", "value"])
    as_of, known = _days(facts["as_of"]), _days(facts["known_at"].str[:10])
    tokyo = {ticker for (ticker,) in db.execute("SELECT ticker FROM company WHERE mic = 'XTKS'").fetchall()}
    same_day = facts["known_at"].str.len() > 10  # 12:00 UTC lies before every close here but Tokyo's
    usable = np.where(same_day & ~facts["ticker"].isin(tokyo), known, known + 1)
    quantity = facts["quantity"].map(FROZEN_QUANTITIES.index)
    company = facts["ticker"].str[1:].astype(float)
    numbers = np.column_stack([company, quantity, np.maximum(usable, as_of), as_of, known, facts["value"]]).astype(
        float
    )
    notes = np.array(
        db.execute(
            "SELECT CAST(substr(i.ticker, 2) AS REAL), f.value, i.conversion_price FROM instrument i JOIN fact f ON f.ticker = i.ticker"
            " AND f.instrument = i.instrument ORDER BY 1"
        ).fetchall()
    )
    days = pd.DataFrame(
        db.execute(
            "SELECT CAST(substr(c.ticker, 2) AS INTEGER), v.date, v.price, m.btc_price, m.fx, c.mic = 'XNYS' FROM valuation v"
            f" JOIN company c ON c.id = v.company_id{at_close.JOIN} ORDER BY v.company_id, v.date"
        ).fetchall(),
        columns=["company", "date", "price", "btc_price", "rate", "home"],
    )
    price, btc = days["price"].to_numpy(), days["btc_price"].to_numpy()
    return Frozen(
        numbers,
        notes,
        days["company"].to_numpy(),
        _days(days["date"]),
        price,
        btc,
        btc,
        days["rate"].to_numpy(),
        days["home"].to_numpy() == 1,
    )


def _days(texts: pd.Series) -> np.ndarray:
    return texts.to_numpy().astype("datetime64[D]").astype(np.int64)


def in_memory_insert(columns: list[np.ndarray], texts: list[str]) -> None:
    """The kernel's columns, as rows, into a table without a key in a database without a disk."""
    connection = sqlite3.connect(":memory:")
    lists = [column.tolist() for column in columns]
    lists[1] = texts
    lists[5] = ["nyse" if home else "utc" for home in lists[5]]
    connection.execute(f"CREATE TABLE valuation ({', '.join(f'c{at}' for at in range(len(lists)))})")
    connection.executemany(f"INSERT INTO valuation VALUES ({', '.join('?' * len(lists))})", zip(*lists, strict=True))
    connection.commit()
    connection.close()


def rival(of: Frozen, source: sqlite3.Connection, path: Path) -> pd.DataFrame:
    """The same by pandas: read_sql, merge_asof per quantity, arithmetic on columns, to_sql."""
    pd.read_sql(
        "SELECT symbol, date, close FROM price", source
    )  # what it works on is handed over as `of`, decoded already
    pd.read_sql("SELECT ticker, instrument, quantity, as_of, known_at, value, unit FROM fact", source)
    frame = pd.DataFrame(
        {"company": of.company, "day": of.day, "price": of.price, "rate": of.rate, "btc_price": of.nyse}
    ).sort_values("day", kind="stable")
    facts = pd.DataFrame(of.facts, columns=["company", "quantity", "effective", "as_of", "known", "value"]).astype(
        {"company": np.int64, "effective": np.int64}
    )
    facts = facts.sort_values(["effective", "as_of", "known"], kind="stable")
    for number, quantity in enumerate(FROZEN_QUANTITIES):
        right = facts[facts["quantity"] == number][["company", "effective", "value"]].rename(
            columns={"effective": "day", "value": quantity}
        )
        frame = pd.merge_asof(frame, right.drop_duplicates(["company", "day"], keep="last"), on="day", by="company")
    frame["dilutive_shares"], frame["debt_itm"] = 0.0, 0.0
    notes = pd.DataFrame(of.notes, columns=["company", "principal", "at"]).astype({"company": np.int64})
    for _, group in notes.groupby(notes.groupby("company").cumcount()):
        merged = frame[["company", "price"]].merge(group, on="company", how="left")
        in_the_money = merged["price"] > merged["at"]
        frame["dilutive_shares"] += np.where(in_the_money, merged["principal"] / merged["at"], 0.0)
        frame["debt_itm"] += np.where(in_the_money, merged["principal"] * frame["rate"], 0.0)
    for quantity in ("debt_total", "preferred_total", "cash"):
        frame[quantity] *= frame["rate"]
    nav, cap = frame["btc_holdings"] * frame["btc_price"], frame["price"] * frame["rate"] * frame["shares_basic"]
    frame["mnav_market_cap"] = cap / nav
    frame["mnav_ev"] = (cap + frame["debt_total"] + frame["preferred_total"] - frame["cash"]) / nav
    frame["date"] = pd.to_datetime(frame["day"], unit="D").dt.strftime("%Y-%m-%d")
    connection = sqlite3.connect(path)
    frame.drop(columns=["day", "mnav_market_cap", "mnav_ev"]).to_sql("valuation", connection, index=False)
    connection.execute("CREATE INDEX valuation_key ON valuation (company, date)")
    connection.commit()
    connection.close()
    return frame


# -- measuring -----------------------------------------------------------------------------------------------------


def peak_memory() -> float:
    """Megabytes this process has used at most (Linux: since it began; elsewhere as getrusage counts)."""
    status = Path("/proc/self/status")
    if status.exists():
        return float(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / (1024 if sys.platform == "darwin" else 1)


def timed(work: Callable[[], object], repeats: int = 3) -> float:
    seconds = []
    for _ in range(repeats):
        gc.collect()
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def ratio(name: str, value: float, bar: str, note: str = "") -> None:
    click.echo(f"{name:<62} {value:>9.3f}  {bar:<10} {note}")


@click.command()
@click.option(
    "--size",
    type=click.Choice(list(SIZES)),
    default="S",
    show_default=True,
    help="XS tries the benchmark itself; L takes minutes.",
)
@click.option(
    "--memory-only", is_flag=True, hidden=True, help="Rebuild in this process and print the peak memory above imports."
)
@click.option("--database", type=click.Path(), hidden=True)
def command(size: str, memory_only: bool, database: str | None) -> None:
    """Measure valuing, storing and reading on a seeded universe; print ratios against what stands in the benchmark."""
    if memory_only:
        before = peak_memory()
        valuations.rebuild(open_database(str(database), writable=True))
        click.echo(peak_memory() - before)
        return
    companies, days = SIZES[size]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmark.db"
        db = open_database(path, writable=True)
        universe(db, companies, days)
        click.echo(f"{companies:,} companies × {days:,} days = {companies * days:,} company-days, seed {SEED}")
        click.echo(f"{'what':<62} {'ratio':>9}  {'bar':<10} seconds")
        full = _valuing(db, path, Path(folder), companies * days)
        _incremental(db, path, full, days)
        _memory(path, companies * days)
        _size(path, companies * days)
        _reading(db)
        _documents()
        _importing(Path(folder), companies)
        _starting()
        _light_verbs(Path(folder))
        _charting(db, path, Path(folder))


def _valuing(db: Database, path: Path, folder: Path, count: int) -> float:
    valuations.rebuild(db)  # the first call pays for pages and imports
    full = timed(lambda: valuations.rebuild(db))
    of = frozen_inputs(db)
    texts = [text for (text,) in db.execute("SELECT date FROM valuation ORDER BY company_id, date").fetchall()]
    columns = frozen_kernel(of)
    assert len(texts) == count
    kernel, insert = timed(lambda: frozen_kernel(of)), timed(lambda: in_memory_insert(columns, texts))
    ratio(
        "full rebuild / (frozen kernel + in-memory insert of its rows)",
        full / (kernel + insert),
        "<= 1.6",
        f"{full:.2f} / ({kernel:.2f} + {insert:.2f})",
    )
    made: list[pd.DataFrame] = []

    def run_rival() -> None:
        target = folder / "rival.db"
        target.unlink(missing_ok=True)
        made[:] = [rival(of, db.conn, target)]

    other = timed(run_rival, repeats=2)
    ratio("full rebuild / (read_sql + merge_asof + to_sql)", full / other, "< 1", f"{full:.2f} / {other:.2f}")
    ours = pd.DataFrame(
        db.execute(
            "SELECT CAST(substr(ticker, 2) AS INTEGER), date, mnav_market_cap, mnav_ev, debt_otm, coalesce(reason, '') LIKE '%INPUTS_DOUBTED%'"
            " FROM mnav_daily ORDER BY 1, 2"
        ).fetchall(),
        columns=["company", "date", "mnav_market_cap", "mnav_ev", "debt_otm", "doubted"],
    )
    theirs = made[0].sort_values(["company", "date"]).reset_index(drop=True)
    theirs["debt_otm"] = theirs["debt_total"] - theirs["debt_itm"]
    for name in ("mnav_market_cap", "mnav_ev", "debt_otm"):
        # before a total is known we sum the notes, and inputs in doubt have no multiple with us: the rival knows neither rule
        known = theirs[name].notna() & (ours["doubted"] == 0)
        np.testing.assert_allclose(ours.loc[known, name], theirs.loc[known, name], rtol=1e-9, atol=1e-6)
    click.echo("the rival's multiples and debt are equal to 1e-9")
    return full


def _incremental(db: Database, path: Path, full: float, days: int) -> None:
    company = dict(db.execute("SELECT ticker, currency FROM company").fetchall())
    daily = []
    for later in range(3):
        new_day = str(FIRST + timedelta(days=days + later))
        rows: list[tuple[object, ...]] = [
            (ticker, new_day, "close", 21.5, currency, "market", None) for ticker, currency in company.items()
        ]
        rows += [("BTC", new_day, fixing, 51_000.0, "USD", "market", None) for fixing in (*HOURS, "utc")]
        rows += [
            (f"{currency}USD", new_day, "ecb", rate, "USD", "market", None)
            for currency, rate in (("JPY", 0.0071), ("EUR", 1.12), ("GBP", 1.31))
        ]
        with writing(db):
            store.add_prices(db, rows)
        daily.append(timed(lambda: valuations.bring_up_to_date(db), repeats=1))
    seconds = statistics.median(daily)
    ratio("new day for all companies / full rebuild", seconds / full, "<= 0.012", f"{seconds * 1000:.0f} ms")
    past = str(FIRST + timedelta(days=max(days - 730, 30)))
    corrected = []
    for ticker, btc in (("T0003", 4321.5), ("T0005", 4322.5), ("T0006", 4323.5)):
        with writing(db):
            db.conn.execute(
                "INSERT INTO fact (ticker, quantity, as_of, known_at, known_assumed, value, unit, source)"
                " VALUES (?, 'btc_holdings', ?, ?, 0, ?, 'BTC', 'sec')",
                (ticker, past, past, btc),
            )
            db.conn.execute("INSERT INTO dirty SELECT id, 1, ?, NULL FROM company WHERE ticker = ?", (past, ticker))
        corrected.append(timed(lambda: valuations.bring_up_to_date(db), repeats=1))
    seconds = statistics.median(corrected)
    ratio(
        "correction two years back, one company / full rebuild", seconds / full, "<= 0.008", f"{seconds * 1000:.0f} ms"
    )
    incremental = _dump(db)
    valuations.rebuild(db)
    for mine, whole in zip(incremental, _dump(db), strict=True):
        assert len(mine) == len(whole)
        for side, other in zip(mine, whole, strict=True):
            a, b = ([cell for cell in row if isinstance(cell, float)] for row in (side, other))
            assert side == other or np.allclose(a, b, rtol=1e-9)
    click.echo("incremental equals a full rebuild")


def _dump(db: Database) -> list[list[tuple[Any, ...]]]:
    return [db.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in STORED]


def _memory(path: Path, count: int) -> None:
    arguments = [sys.executable, "-m", "scripts.benchmark", "--memory-only", "--database", str(path)]
    peak = float(subprocess.run(arguments, capture_output=True, text=True, check=True).stdout)
    click.echo(f"{'peak memory of a rebuild above imports':<62} {peak:>6.0f} MB  <= 250 MB")


def _size(path: Path, count: int) -> None:
    """Bytes of what is stored of company-days and its indexes, measured as a file that holds nothing else."""
    alone = path.with_name("alone.db")
    connection = sqlite3.connect(alone)
    connection.execute("ATTACH ? AS whole", (str(path),))
    for (sql,) in connection.execute(
        f"SELECT sql FROM whole.sqlite_master WHERE tbl_name IN {STORED} AND sql IS NOT NULL ORDER BY type DESC"
    ).fetchall():
        connection.execute(sql.replace("REFERENCES company", ""))
    for table in STORED:
        connection.execute(f"INSERT INTO main.{table} SELECT * FROM whole.{table}")
    connection.commit()
    connection.close()
    click.echo(f"{'bytes per company-day, with indexes and states':<62} {alone.stat().st_size / count:>9.1f}  <= 130")


READS = {
    "latest, all companies": "SELECT ticker, date, mnav_ev FROM mnav_latest",
    "one company's history": "SELECT date, mnav_ev FROM mnav_daily WHERE ticker = 'T0007'",
    "one date, all companies": "SELECT ticker, mnav_ev FROM mnav_daily WHERE date = '{date}'",
    "top 20 on one date": "SELECT ticker, mnav_ev FROM mnav_daily WHERE date = '{date}' ORDER BY mnav_ev DESC LIMIT 20",
}


def _reading(db: Database) -> None:
    date_ = str(FIRST + timedelta(days=300))
    scan = timed(lambda: db.execute("SELECT max(mnav_ev) FROM mnav_daily").fetchall())
    for name, sql in READS.items():
        statement = sql.format(date=date_)
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()]
        assert not [step for step in plan if step.startswith("SCAN v")], plan
        seconds = timed(lambda statement=statement: db.execute(statement).fetchall(), repeats=9)  # type: ignore[misc]
        ratio(f"read: {name} / full scan", seconds / scan, "<= 0.05", f"{seconds * 1000:.2f} / {scan * 1000:.0f} ms")
    assert len(views.daily(db, "T0007", ["mnav_ev"])) > 0


def _starting() -> None:
    # as on anybody's machine: where no bytecode is kept, every start compiles everything again
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run(*words: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, *words], capture_output=True, check=True, env=kept)

    help_, nothing = timed(run("-c", "from scripts.main import mnav; mnav(['--help'])"), 9), timed(run("-c", "pass"), 9)
    ratio("mnav --help / python -c pass", help_ / nothing, "<= 5", f"{help_ * 1000:.0f} / {nothing * 1000:.0f} ms")


LIGHT = (["show"], ["show", "MSTR"], ["history", "MSTR"], ["holders"], ["explain", "MSTR"], ["sources"], ["revisions", "MSTR"])  # fmt: skip


def _light_verbs(folder: Path) -> None:
    """The CPU of questions about the bundled data against that of --help, in turns, since neighbours come and go."""
    path = folder / "bundled.db"
    db = open_database(path, writable=True)
    load_reference(db)
    valuations.rebuild(db)
    db.close()
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def spent(words: list[str]) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "scripts.main", *words]
        subprocess.run(command, capture_output=True, check=True, env=kept | {"MNAV_DB": str(path)})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    for words in LIGHT:
        asked, help_ = zip(*((spent(words), spent(["--help"])) for _ in range(7)), strict=True)
        used, least = statistics.median(asked), statistics.median(help_)
        ratio(
            f"CPU: mnav {' '.join(words)} / mnav --help",
            used / least,
            "<= 4",
            f"{used * 1000:.0f} / {least * 1000:.0f} ms",
        )


# -- reading and replaying documents -------------------------------------------------------------------------------


LATE = 250  # weeks after FIRST: bitcoin has cost 60,000 dollars by then


def _filing(week: int, padding: int = 0) -> bytes:
    """An 8-K of a made-up week in the layout of 2025, with so many paragraphs of something else before it."""
    first, last = FIRST + timedelta(days=7 * week), FIRST + timedelta(days=7 * week + 6)
    held = 1000 * (week + 1)
    period = f"During Period {first:%B} {first.day}, {first.year} to {last:%B} {last.day}, {last.year}"
    rows = [
        [period, f"As of {last:%B} {last.day}, {last.year}"],
        ["BTC Acquired", "Aggregate Purchase Price (in millions)", "Average Purchase Price", "Aggregate BTC Holdings",
         "Aggregate Purchase Price (in billions)", "Average Purchase Price"],
        ["1,000", "$60.0", "$60,000", f"{held:,}", f"${held * 6e-5:,.2f}", "$60,000"],
    ]  # fmt: skip
    table = "".join("<tr>" + "".join(f"<td><p>{cell}</p></td>" for cell in row) + "</tr>" for row in rows)
    other = "<p>Holders of our common stock may sell, on such terms as we disclosed, at any time.</p><table><tr><td>Item</td><td>9</td></tr></table>"
    return f"<html><body><p>Strategy Inc</p>{other * padding}<p>BTC Update</p><table>{table}</table></body></html>".encode()


def _documents() -> None:
    """Parsing against lxml alone on the same bytes; a recording replayed once, again, and one of twice the length."""
    from lxml import html

    from scrapers import catalogue
    from treasury.model import Document

    url = "https://www.sec.gov/Archives/edgar/data/1050446/{:018d}/mstr.htm"
    now = datetime(2026, 11, 1, tzinfo=UTC)
    large = Document("strategy_8k", url.format(1), _filing(300, 10_000), now)
    source = catalogue.load("strategy_8k")
    assert len(large.body) > 1_000_000
    assert len(catalogue.read(source, large)) == 6
    unread = (replace(large, url=url.format(number)) for number in range(2, 99))  # one read before may be remembered
    parse, alone = (
        timed(lambda: catalogue.read(source, next(unread)), 9),
        timed(lambda: html.document_fromstring(large.body), 9),
    )
    ratio(
        f"parse a filing of {len(large.body) / 1e6:.1f} MB / lxml alone",
        parse / alone,
        "<= 2.0",
        f"{parse * 1000:.0f} ms",
    )

    def replay(count: int, folder: Path) -> tuple[float, float]:
        from scrapers.archive import Archive
        from scripts.shared.options import Settings
        from scripts.shared.scraping import Asked, scrape

        recorded, db = Archive(folder / "recorded"), open_database(folder / "mnav.db", writable=True)
        for week in range(LATE, LATE + count):
            published = datetime.combine(FIRST + timedelta(days=7 * week + 7), datetime.min.time(), UTC)
            recorded.keep(Document("strategy_8k", url.format(week + 1), _filing(week, 300), now, published))
        load_reference(db)
        asked, quiet = Asked(replay=folder / "recorded"), Settings(folder / "mnav.db", quiet=True)
        first = timed(lambda: scrape(db, quiet, asked), 1)
        assert db.execute("SELECT count(*) FROM fact WHERE document IS NOT NULL").fetchone()[0] >= 3 * count * 0.9
        again = timed(lambda: scrape(db, quiet, asked))
        db.close()
        return first, again

    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        (first, again), (twice, _) = replay(100, Path(one)), replay(200, Path(other))
    ratio(
        "the same replay again / the first, 100 documents",
        again / first,
        "<= 0.25",
        f"{again * 1000:.0f} / {first * 1000:.0f} ms",
    )
    ratio("a replay of 200 documents / of 100", twice / first, "<= 2.0", f"{twice * 1000:.0f} / {first * 1000:.0f} ms")


SESSIONS = 1_000  # closes of each company in the file that is imported


def _importing(folder: Path, companies: int) -> None:
    """A file of closes read, judged and stored by the verb, against csv.reader and a plain executemany of them into the same table."""
    from scripts import import_

    random = np.random.default_rng(SEED)
    days = [str(day) for day in np.busday_offset("2020-01-06", np.arange(SESSIONS), roll="forward")]
    path = folder / "closes.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("ticker,date,close,source\n")
        for number in range(companies):
            closes = 20 * np.exp(np.cumsum(random.normal(0, 0.02, SESSIONS)))
            file.writelines(
                f"T{number:04d},{day},{close:.4f},market\n" for day, close in zip(days, closes, strict=True)
            )

    def empty(name: str) -> Database:
        db = open_database(folder / name, writable=True)
        with writing(db):
            db.execute("INSERT INTO source (id, kind, title) VALUES ('market', 'market', 'prices')")
            db.conn.executemany(
                "INSERT INTO company (ticker, name, country, currency, kind, source) VALUES (?, 'x', 'US', 'USD', 'treasury', 'market')",
                [(f"T{number:04d}",) for number in range(companies)],
            )
        return db

    plain = empty("plain.db")
    empty("imported.db").close()

    def executemany() -> None:
        with path.open(encoding="utf-8", newline="") as file, writing(plain):
            rows = csv.reader(file)
            next(rows)
            plain.conn.executemany(
                "INSERT INTO price (symbol, date, fixing, close, currency, source) VALUES (?, ?, 'close', ?, 'USD', ?)",
                ((ticker, day, float(close), source) for ticker, day, close, source in rows),
            )

    words = ["--quiet", "--csv", "--db", str(folder / "imported.db"), str(path)]
    with contextlib.redirect_stdout(io.StringIO()):
        whole = timed(lambda: import_.command.main(words, standalone_mode=False), 1)
    floor = timed(executemany, 1)
    plain.close()
    name = f"import of {companies * SESSIONS:,} closes / csv.reader + executemany"
    ratio(name, whole / floor, "<= 3", f"{whole:.2f} / {floor:.2f} s")


CHARTS = 50


def _charting(db: Database, path: Path, folder: Path) -> None:
    """Charts made from nothing, against one figure whose line is moved; and one chart command against its two imports."""
    from db.feeds import charts
    from treasury.charts import CHARTS as KNOWN
    from treasury.charts import save

    frame, file = charts.multiples(db, ["T0007"], "mnav_ev"), folder / "chart.png"

    def from_nothing() -> None:
        for _ in range(CHARTS):
            save(KNOWN["mnav"].draw(frame), file)

    figure = KNOWN["mnav"].draw(frame)
    (line,) = [one for one in figure.axes[0].lines if str(one.get_label()).startswith("T0007")]
    days, values = np.asarray(line.get_xdata()), np.asarray(line.get_ydata(), dtype=float)

    def on_a_reused_figure() -> None:
        for step in range(CHARTS):
            line.set_data(days, values * (1 + step / 1000))
            save(figure, file)

    save(figure, file)  # the first one pays for fonts
    made, moved = timed(from_nothing, 1), timed(on_a_reused_figure, 1)
    ratio(
        f"{CHARTS} charts as PNG / {CHARTS} on a reused figure", made / moved, "<= 1.15", f"{made:.1f} / {moved:.1f} s"
    )

    def run(*words: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, *words], capture_output=True, check=True)

    command = run("-m", "scripts.plot", "mnav", "T0007", "--db", str(path), "-o", str(file))
    plot, imports = timed(command, 5), timed(run("-c", "import matplotlib.figure, pandas"), 5)
    ratio("mnav plot / importing matplotlib and pandas", plot / imports, "<= 4", f"{plot:.2f} / {imports:.2f} s")


if __name__ == "__main__":
    command()
