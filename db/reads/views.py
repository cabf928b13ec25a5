"""Reads for people and reports: rows and DataFrames of the public views, prices and the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from db.derived import share_basis
from db.derived.views import DAILY_COLUMNS, OF_STATE
from db.reads.bitcoin import local_prices
from db.tables import objects
from treasury.consolidation import Consolidation
from treasury.known.resolve import HOLDINGS_OUTDATED
from treasury.metrics.adjusted import DAY_BY_DAY
from treasury.metrics.own_past import YEAR_BEFORE, AgainstPast, lowest_since, newest_against_past
from treasury.trust.grade import OLD_CLOSE_DAYS, aged, grade_sql

if TYPE_CHECKING:
    import pandas as pd
    from sqlite_utils import Database

# a row of the journal, r, is one that a run noted, n
SAME_ROW = "n.ticker = r.ticker AND n.quantity = r.quantity AND n.date = r.date AND n.what = r.what AND n.new IS r.new AND n.fact IS r.fact"


def daily(
    db: Database,
    ticker: str,
    columns: Iterable[str] | None = None,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
) -> pd.DataFrame:
    """One company's rows of mnav_daily, indexed by `date` (sorted, tz-naive session days of its exchange).

    Columns of mnav_adjusted may be asked for too (`price_adjusted`), and come only when asked. Units are those of the view: ratios in mnav_*, per cent in *_pct, US dollars elsewhere; NaN is unknown, never 0.
    Raises KeyError for an unknown column; an unknown ticker gives an empty frame.
    """
    wanted = (
        list(columns) if columns is not None else [name for name in DAILY_COLUMNS if name not in ("ticker", "date")]
    )
    return _frame(_daily(db, ticker, wanted, since, until), ["date", *wanted])


def daily_rows(
    db: Database,
    ticker: str,
    columns: Sequence[str],
    *,
    since: str | date | None = None,
    until: str | date | None = None,
) -> list[dict[str, Any]]:
    """The same as rows with their `date`, for who needs no frame: None is unknown."""
    names = ["date", *columns]
    return [dict(zip(names, row, strict=True)) for row in _daily(db, ticker, columns, since, until)]


def _daily(
    db: Database, ticker: str, columns: Sequence[str], since: str | date | None, until: str | date | None
) -> list[tuple[Any, ...]]:
    for name in columns:
        if name not in DAY_BY_DAY:
            raise KeyError(f"{name} is not a column of mnav_daily; there are {', '.join(DAY_BY_DAY)}")
    sql = f"SELECT d.date, {selected(columns)} FROM {share_basis.JOINED} WHERE d.ticker = ? AND d.date >= ? AND d.date <= ? ORDER BY d.date"
    return db.execute(sql, (ticker, str(since or "0001-01-01"), str(until or "9999-12-31"))).fetchall()


def selected(columns: Iterable[str]) -> str:
    """Columns of mnav_daily and mnav_adjusted as SQL over `share_basis.JOINED`."""
    adjusted = share_basis.columns()
    return ", ".join(f"{adjusted.get(name, f'd.{name}')} AS {name}" for name in columns)


def share_steps(db: Database, ticker: str, since: str | None = None, until: str | None = None) -> list[str]:
    """Days within a span, and between a company's first and last close, on which its share or listed unit became another."""
    rows = db.execute(
        """SELECT b.from_date FROM share_basis b WHERE b.ticker = ? AND b.from_date > ? AND b.from_date <= ?
           AND EXISTS (SELECT 1 FROM price p WHERE p.symbol = b.ticker AND p.fixing = 'close' AND p.date < b.from_date)
           AND EXISTS (SELECT 1 FROM price p WHERE p.symbol = b.ticker AND p.fixing = 'close' AND p.date >= b.from_date)
           ORDER BY b.from_date""",
        (ticker, since or "0001-01-01", until or "9999-12-31"),
    ).fetchall()
    return [day for (day,) in rows]


def league(db: Database, on: str | None = None, known_by: str | None = None) -> list[dict[str, Any]]:
    """The newest row of every company up to a day (default: of all days), largest bitcoin NAV first.

    `stale` is 1 where the row is more than seven days older than the newest of its exchange; `grade` is of the row's own day
    (treasury.trust.grade, whose `aged` tells both as of a later one). `btc_known` is the newest count known by `known_by`
    (default: the day of the row's league), valued or not; `btc_outdated` is 1 where by then it was told to stand no longer.
    """
    newest = db.execute(
        "SELECT max((SELECT max(n.date) FROM valuation n WHERE n.company_id = c.id AND n.date <= ?)) FROM company c",
        (on or "9999-12-31",),
    ).fetchone()[0]
    if newest is None:
        return []
    stale = f"d.date < date(x.day, '-{OLD_CLOSE_DAYS} days')"
    columns = {name: f"d.{name}" for name in DAILY_COLUMNS} | OF_STATE | {"stale": stale}
    cursor = db.execute(
        f"""WITH newest AS (
             SELECT k.mic, max((SELECT max(n.date) FROM valuation n WHERE n.company_id = k.id AND n.date <= :on)) AS day
             FROM company k GROUP BY k.mic)
           SELECT c.name, c.kind, c.country, d.*, {stale} AS stale, {grade_sql(columns)} AS grade, s.secondary,
             z.btc AS btc_known, z.btc_as_of AS btc_known_as_of, instr(z.reason, '{HOLDINGS_OUTDATED}') > 0 AS btc_outdated
           FROM company c JOIN newest x ON x.mic IS c.mic CROSS JOIN mnav_daily d ON d.ticker = c.ticker
             AND d.date = (SELECT max(n.date) FROM valuation n WHERE n.company_id = c.id AND n.date <= :newest)
           JOIN valuation v ON v.company_id = c.id AND v.date = d.date LEFT JOIN state s ON s.id = v.state
           LEFT JOIN state z ON z.id =
             (SELECT n.id FROM state n WHERE n.company_id = c.id AND n.from_date <= :known_by ORDER BY n.from_date DESC LIMIT 1)
           WHERE c.active_to IS NULL OR c.active_to > :newest ORDER BY d.btc_nav IS NULL, d.btc_nav DESC, c.ticker""",
        {"newest": newest, "on": on or "9999-12-31", "known_by": known_by or on or newest},
    )
    names = [column for column, *_ in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def latest(db: Database, today: date | None = None) -> pd.DataFrame:
    """The newest row of every company (the view mnav_latest), indexed by ticker; `stale` is 1 for rows left behind.

    With `today` the rows read as of that day: `close_age_days` is added, `stale` and `grade` are of then.
    """
    import pandas as pd

    cursor = db.execute("SELECT * FROM mnav_latest")
    frame = pd.DataFrame(cursor.fetchall(), columns=[column for column, *_ in cursor.description])
    if today is not None:
        old = {row["ticker"]: aged(row, today) for row in league(db)}
        for name in ("close_age_days", "stale", "grade"):
            frame[name] = [old[ticker][name] for ticker in frame["ticker"]]
    return frame.set_index("ticker").sort_index()


def about(db: Database, ticker: str, on: str) -> dict[str, Any]:
    """Where a company is listed, and the days that its holdings and their cost describe at the close of a day."""
    mic, btc_as_of, cost_as_of = db.execute(
        """SELECT c.mic, s.btc_as_of, s.cost_basis_as_of FROM company c JOIN valuation v ON v.company_id = c.id AND v.date = ?
           LEFT JOIN state s ON s.id = v.state WHERE c.ticker = ?""",
        (on, ticker),
    ).fetchone()
    return {"exchange": mic or "not listed", "btc_as_of": btc_as_of, "cost_as_of": cost_as_of}


def own_past(db: Database, ticker: str, on: str) -> tuple[str, float, AgainstPast | None, date | None] | None:
    """A company's EV multiple (where it has none, the basic one) of a day against its own past: metric, value, where it stands, and the
    last day on which it was no higher. None where neither is known that day."""
    for metric in ("mnav_ev", "mnav_market_cap"):
        series = [
            (date.fromisoformat(day), value)
            for day, value in db.execute(
                f"SELECT date, {metric} FROM mnav_daily WHERE ticker = ? AND date <= ? ORDER BY date", (ticker, on)
            ).fetchall()
        ]
        if series and series[-1][1] is not None:
            return metric, series[-1][1], newest_against_past(series), lowest_since(series)
    return None


def newest_closes(db: Database) -> dict[str, str]:
    """The day of each company's row in mnav_latest."""
    return dict(db.execute("SELECT ticker, date FROM mnav_latest").fetchall())


def past_of(db: Database, metric: str, closes: Mapping[str, str]) -> dict[str, AgainstPast | None]:
    """A column of mnav_daily at one close of each company (ticker to day) against its own past."""
    found = {}
    for ticker, day in closes.items():
        rows = db.execute(
            f"SELECT date, {metric} FROM mnav_daily WHERE ticker = ? AND date <= ? ORDER BY date", (ticker, day)
        ).fetchall()
        found[ticker] = newest_against_past([(date.fromisoformat(at), value) for at, value in rows])
    return found


def years_of_multiples(db: Database, closes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """For a league table: where the EV multiple of one close of each company (the basic one where that is not known) stands in the year
    before it. `past_metric`, `past_z_1y`, `past_percentile_1y_pct`, `past_range_52w_pct` and `past_values` (that year's, oldest first) by ticker."""
    found: dict[str, dict[str, Any]] = {}
    for ticker, day in closes.items():
        rows = db.execute(
            "SELECT date, mnav_ev, mnav_market_cap FROM mnav_daily WHERE ticker = ? AND date <= ? AND date >= date(?, ?) ORDER BY date",
            (ticker, day, day, f"-{YEAR_BEFORE.days} days"),
        ).fetchall()
        at = 1 if rows and rows[-1][1] is not None else 2
        now = newest_against_past([(date.fromisoformat(row[0]), row[at]) for row in rows])
        found[ticker] = {
            "past_metric": ("mnav_ev", "mnav_market_cap")[at - 1],
            "past_z_1y": now.z if now else None,
            "past_percentile_1y_pct": now.percentile_pct if now else None,
            "past_range_52w_pct": now.range_pct if now else None,
            "past_values": [row[at] for row in rows],
        }
    return found


def purchases(db: Database, ticker: str, until: str, limit: int) -> list[dict[str, Any]]:
    """The newest purchases and sales of a company announced up to a day, newest first."""
    return list(
        db.query(
            "SELECT announced_on, btc, cost, currency, average_price FROM purchase WHERE ticker = ? AND announced_on <= ?"
            " ORDER BY announced_on DESC, rowid DESC LIMIT ?",
            [ticker, until, limit],
        )
    )


def prices(db: Database, symbol: str, fixing: str = "close") -> pd.Series:
    """One price series as quoted, indexed by day: a ticker, "BTC" (utc, nyse and other fixings), or "JPYUSD" (ecb)."""
    if symbol == "BTC":
        rows = local_prices(db, fixing)
    else:
        rows = db.execute(
            "SELECT date, close FROM price WHERE symbol = ? AND fixing = ? ORDER BY date", (symbol, fixing)
        ).fetchall()
    return _frame(rows, ["date", "close"])["close"].rename(symbol)


def _frame(rows: Sequence[Sequence[object]], columns: list[str]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame(rows, columns=columns)
    frame["date"] = pd.to_datetime(frame["date"], format="%Y-%m-%d")
    for name in columns[1:]:
        if frame[name].isna().all():
            frame[name] = np.nan  # a column of unknowns is a column of numbers
    return frame.set_index("date").sort_index()


def queried(db: Database, sql: str, parameters: Sequence[object] | dict[str, object] = ()) -> pd.DataFrame:
    """What a query of the user's gives, as a frame."""
    import pandas as pd

    cursor = db.execute(sql, parameters)
    return pd.DataFrame(cursor.fetchall(), columns=[name for name, *_ in cursor.description])


def with_multiple(db: Database, tickers: Iterable[str], metric: str) -> list[str]:
    """Those of `tickers` that have the metric on at least one day."""
    return [ticker for ticker in tickers if daily(db, ticker, [metric])[metric].notna().any()]


def price_row(db: Database, symbol: str, fixing: str, on: str) -> dict[str, Any] | None:
    """The last quoted row of a series up to a day: date, close, currency, source."""
    cursor = db.execute(
        "SELECT date, close, currency, source FROM price WHERE symbol = ? AND fixing = ? AND date <= ? ORDER BY date DESC LIMIT 1",
        (symbol, fixing, on),
    )
    row = cursor.fetchone()
    return dict(zip(("date", "close", "currency", "source"), row, strict=True)) if row else None


def revisions(
    db: Database,
    tickers: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    quantity: str | None = None,
    run: int | None = None,
) -> list[dict[str, Any]]:
    """Rows of the journal, oldest first, of some companies (default: all), days and one quantity; `run`: that it was the first to have."""
    where: list[str] = ["date >= ?", "date <= ?"]
    values: list[object] = [since or "0001-01-01", until or "9999-12-31"]
    if tickers:
        where.append(f"ticker IN ({', '.join('?' * len(tickers))})")
        values += list(tickers)
    if quantity:
        where.append("quantity = ?")
        values.append(quantity)
    if run is not None:
        where.append(f"EXISTS (SELECT 1 FROM noted n WHERE {SAME_ROW} AND n.run = ?)")
        values.append(run)
    return list(
        db.query(f"SELECT * FROM revisions r WHERE {' AND '.join(where)} ORDER BY date, ticker, quantity", values)
    )


def holdings_totals(db: Database, since: str | None = None, until: str | None = None) -> list[dict[str, Any]]:
    """The bitcoin known of all companies at each day it changed, coins of consolidated companies counted once."""
    return list(
        db.query(
            "SELECT * FROM holdings_total WHERE date >= ? AND date <= ? ORDER BY date",
            (since or "0001-01-01", until or "9999-12-31"),
        )
    )


def holdings_on(db: Database, on: str) -> float:
    """The bitcoin known of all companies on a day, summed from their states; no coin counted twice."""
    day, rule = date.fromisoformat(on), Consolidation(objects.relations(db))
    rows = db.execute(
        """SELECT c.ticker, s.btc FROM company c JOIN state s ON s.id =
             (SELECT id FROM state n WHERE n.company_id = c.id AND n.from_date <= ? ORDER BY n.from_date DESC LIMIT 1)
           WHERE s.btc IS NOT NULL ORDER BY c.ticker""",
        (on,),
    ).fetchall()
    return float(sum(btc for ticker, btc in rows if not rule.counted_elsewhere(ticker, day)))


def tickers(db: Database) -> list[str]:
    """Every company's canonical symbol, sorted."""
    return [ticker for (ticker,) in db.execute("SELECT ticker FROM company ORDER BY ticker").fetchall()]


def last_close(db: Database, ticker: str, until: str) -> str | None:
    """The last valued day up to and including `until`; None where there is none."""
    day: str | None = db.execute(
        "SELECT max(date) FROM mnav_daily WHERE ticker = ? AND date <= ?", (ticker, until)
    ).fetchone()[0]
    return day


def newest_day(db: Database) -> str | None:
    """The newest close of any company, as a day; None in a database without one."""
    day: str | None = db.execute("SELECT max(date) FROM valuation").fetchone()[0]
    return day


def source_titles(db: Database) -> dict[str, tuple[str, str | None]]:
    """Title and URL of every source by its id."""
    return {one: (title, url) for one, title, url in db.execute("SELECT id, title, url FROM source").fetchall()}


def disclosed_purchases(db: Database, ticker: str) -> list[tuple[str, float, float | None, str | None]]:
    """Day, bitcoin, cost and its currency of every purchase and sale as printed, oldest first."""
    return list(
        db.execute(
            "SELECT announced_on, btc, cost, currency FROM purchase WHERE ticker = ? ORDER BY announced_on", (ticker,)
        ).fetchall()
    )
