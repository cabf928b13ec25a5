"""The frame each chart draws: a function here is named by the chart that needs it, and its keywords are options of `mnav plot`.

Every one takes the database and tickers. ValueError says in one sentence what is not known, so that nothing empty is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from db.derived import at_close
from db.feeds import preferred
from db.feeds.compare import compare
from db.reads import hindsight, repriced, views
from db.reads.bitcoin import bitcoin_closes
from db.reads.close import Picture, picture, situations
from db.reads.published_multiple import same_moment
from db.tables import objects
from treasury.bitcoin.technicals import average, rsi, weekly
from treasury.charts.measure import is_multiple
from treasury.charts.scenarios import BTC_STEPS, MULTIPLE_STEPS, round_steps
from treasury.charts.sector import aggregate
from treasury.charts.tables import falling_due, return_terms
from treasury.consolidation import Consolidation
from treasury.league import in_league, in_week, sector_day
from treasury.metrics.adjusted import DAY_BY_DAY
from treasury.metrics.definition_range import MULTIPLES
from treasury.metrics.metric import METRICS
from treasury.metrics.own_past import against_past
from treasury.metrics.row_wise import INPUTS
from treasury.publishers.definition import CLOSE
from treasury.studies.scenario import price_at_ev
from treasury.trust.findings import OLD_DAYS

if TYPE_CHECKING:
    from sqlite_utils import Database


def names(db: Database, tickers: Iterable[Any]) -> dict[str, str]:
    """The names of companies by ticker, for titles."""
    wanted = {str(ticker) for ticker in tickers}
    rows = db.execute("SELECT ticker, name FROM company").fetchall()
    return {ticker: name for ticker, name in rows if ticker in wanted}


def days(
    db: Database, tickers: Sequence[str], columns: Sequence[str], since: str | None = None, until: str | None = None
) -> pd.DataFrame:
    """Columns of mnav_daily, company after company, indexed by date, with the column ticker."""
    found = [views.daily(db, ticker, columns, since=since, until=until).assign(ticker=ticker) for ticker in tickers]
    return pd.concat([one for one in found if len(one)] or found[:1])


def multiples(
    db: Database,
    tickers: Sequence[str],
    metric: str,
    since: str | None = None,
    until: str | None = None,
    bitcoin_price: str = CLOSE,
) -> pd.DataFrame:
    """The metric as `value`; of a single company also lowest, highest (of multiples), bought and stale (see `treasury.charts.history.mnav`).

    `bitcoin_price` is "close", or "publisher": as the company's own multiple prices it.
    """
    read = repriced.daily if bitcoin_price == repriced.PUBLISHER else views.daily
    if len(tickers) > 1:
        found = [(ticker, read(db, ticker, [metric], since=since, until=until)) for ticker in tickers]
        lines = [one.assign(ticker=ticker) if len(one) else _nothing(ticker, metric) for ticker, one in found]
        return pd.concat(lines).rename(columns={metric: "value"})
    (ticker,) = tickers
    ages = ("btc_age_days", "shares_age_days")
    columns = dict.fromkeys([*MULTIPLES, metric, *ages])
    frame = read(db, ticker, list(columns), since=since, until=until)
    if frame.empty:
        return _nothing(ticker, "value")
    every = frame[list(MULTIPLES)].astype(float) if is_multiple(DAY_BY_DAY[metric]) else frame[[metric]].astype(float)
    old = frame[list(ages)].astype(float).max(axis=1) > OLD_DAYS
    return pd.DataFrame(
        {
            "ticker": ticker,
            "value": frame[metric],
            "lowest": every.min(axis=1),
            "highest": every.max(axis=1),
            "bought": _bought(db, ticker, pd.DatetimeIndex(frame.index)),
            "stale": old,
        }
    )


def _nothing(ticker: str, column: str) -> pd.DataFrame:
    return pd.DataFrame({"ticker": [ticker], column: [np.nan]}, index=pd.DatetimeIndex([pd.Timestamp(0)]))


def _bought(db: Database, ticker: str, sessions: pd.DatetimeIndex) -> pd.Series:
    """BTC announced since the session before, on the first session that could know it; NaN without any."""
    bought = pd.Series(np.nan, index=sessions)
    rows = db.execute(
        "SELECT announced_on, sum(btc) FROM purchase WHERE ticker = ? GROUP BY announced_on", (ticker,)
    ).fetchall()
    for announced, btc in rows:
        at = int(sessions.searchsorted(pd.Timestamp(announced)))
        if at < len(sessions) and (at or sessions[0] == pd.Timestamp(announced)):
            bought.iloc[at] = float(np.nansum([bought.iloc[at], btc]))
    return bought


def holdings(db: Database, tickers: Sequence[str], since: str | None = None, until: str | None = None) -> pd.DataFrame:
    """Columns btc, btc_price, average_cost and cost_as_of (text) of one company, indexed by date.

    The average cost is taken where cost basis and holdings describe the same day, and stands until they do again: newer coins
    over an older cost would show an average that nobody paid.
    """
    (ticker,) = tickers
    rows = db.execute(
        f"""SELECT v.date, s.btc, m.btc_price, CASE WHEN s.btc_as_of = s.cost_basis_as_of AND s.btc > 0 THEN v.cost_basis / s.btc END,
             s.cost_basis_as_of
           FROM company c JOIN valuation v ON v.company_id = c.id{at_close.JOIN} JOIN state s ON s.id = v.state
           WHERE c.ticker = ? AND v.date >= ? AND v.date <= ? ORDER BY v.date""",
        (ticker, since or "0001-01-01", until or "9999-12-31"),
    ).fetchall()
    frame = pd.DataFrame(rows, columns=["date", "btc", "btc_price", "average_cost", "cost_as_of"]).assign(ticker=ticker)
    frame["cost_as_of"] = frame["cost_as_of"].where(frame["average_cost"].notna()).ffill()
    frame["average_cost"] = frame["average_cost"].astype(float).ffill()
    return frame.astype({"btc": float, "btc_price": float}).assign(date=pd.to_datetime(frame["date"])).set_index("date")


def league(db: Database, tickers: Sequence[str], metric: str, on: str | None = None) -> pd.DataFrame:
    """The last row of the given companies (none given: of the league table), indexed by ticker, the metric as `value`.

    `stale`: it is from before the week to the day of most of them; that of one company alone on its exchange can be as old as the rest.
    """
    rows = [row for row in views.league(db, on) if (row["ticker"] in tickers if tickers else in_league(row))]
    frame = pd.DataFrame(
        [[row[name] for name in ("ticker", "date", metric, "btc_nav")] for row in rows],
        columns=["ticker", "date", "value", "btc_nav"],
    )
    end = sector_day((date.fromisoformat(row["date"]), row["btc"] or 0.0) for row in rows)
    if end is None:
        raise ValueError(f"no company has a valued close up to {on}" if on else "no company has a valued close")
    closes = [date.fromisoformat(row["date"]) for row in rows]
    frame["stale"] = [int(day < end and not in_week(day, end)) for day in closes]
    return frame.astype({"value": float, "btc_nav": float}).set_index("ticker")


def compared(
    db: Database, tickers: Sequence[str], metric: str, since: str | None = None, until: str | None = None
) -> pd.DataFrame:
    """A multiple of the given companies (none given: of the league table) on two days, indexed by ticker.

    `until` defaults to the newest day of the sector (of the given companies), `since` to a year before it.
    """
    if until is None:
        last = [row for row in views.league(db) if row["ticker"] in tickers or (not tickers and in_league(row))]
        end = sector_day((date.fromisoformat(row["date"]), row["btc"] or 0.0) for row in last)
        if end is None:
            raise ValueError("no company has a valued close")
        until = str(end)
    since = since or f"{int(until[:4]) - 1}{until[4:].replace('-02-29', '-02-28')}"
    side = {"then": "from", "now": "to"}
    rows = [
        [row["ticker"], *(row[f"{metric}_{of}"] for of in side.values()), row["btc_nav_to"] or row["btc_nav_from"]]
        for row in compare(db, since, until, tickers, metrics=(metric, "btc_nav"))
    ]
    frame = pd.DataFrame(rows, columns=["ticker", *side, "btc_nav"]).set_index("ticker").astype(float)
    frame.attrs |= {"since": since, "until": until}
    return frame


def own_past(
    db: Database, tickers: Sequence[str], metric: str, since: str | None = None, until: str | None = None
) -> pd.DataFrame:
    """A metric of one company day by day, with the ends of the year before, the five-year median and the z-score (`treasury.metrics.own_past`)."""
    (ticker,) = tickers
    line = views.daily(db, ticker, [metric], until=until)[metric].astype(float)
    series = [
        (at.date(), None if np.isnan(value) else float(value))
        for at, value in zip(pd.DatetimeIndex(line.index), line, strict=True)
    ]
    told = [
        (None,) * 4 if now is None else (now.low, now.high, now.middle, now.z) for _, now in against_past(series)
    ]  # fmt: skip
    frame = pd.DataFrame(told, columns=["low", "high", "middle", "z"], index=line.index, dtype=float)
    return frame.assign(ticker=ticker, value=line).loc[since:]


def preferred_closes(
    db: Database, tickers: Sequence[str], since: str | None = None, until: str | None = None
) -> pd.DataFrame:
    """Every session of each of one company's preferred series that has prices: close, par and effective yield, by series."""
    parts = [
        pd.DataFrame(rows).assign(series=instrument)
        for ticker, instrument in preferred.series(db)
        if ticker == tickers[0] and (rows := preferred.closes(db, ticker, instrument, since, until))
    ]
    if not parts:
        raise ValueError(f"no price of a preferred series of {tickers[0]} is known in that stretch")
    frame = pd.concat(parts)[["date", "series", "close", "par", "effective_yield_pct"]]
    return frame.assign(date=pd.to_datetime(frame["date"])).astype({"par": float}).set_index("date")


def preferred_cover_days(
    db: Database, tickers: Sequence[str], since: str | None = None, until: str | None = None
) -> pd.DataFrame:
    """Each series of preferred stock of one company at each of its closes, senior first: series, cover, floor_price and btc_price."""
    rows = preferred.covers(db, tickers[0], since, until)
    if not rows:
        raise ValueError(f"no preferred stock of {tickers[0]} is outstanding in that stretch")
    frame = pd.DataFrame(rows)[["date", "series", "cover", "floor_price", "btc_price"]]
    numbers = dict.fromkeys(("cover", "floor_price", "btc_price"), float)
    return frame.assign(date=pd.to_datetime(frame["date"])).astype(numbers).set_index("date")


def preferred_covers(db: Database, tickers: Sequence[str], on: str | None = None) -> pd.DataFrame:
    """Each series of preferred stock of one company at a close, senior first: series, cover, floor_price and date."""
    rows = [row for row in preferred.preferred(db, on) if row["ticker"] == tickers[0]]
    if not rows:
        raise ValueError(f"no preferred stock of {tickers[0]} is outstanding")
    return pd.DataFrame(rows)[["series", "cover", "floor_price", "date"]].astype({"cover": float, "floor_price": float})


def sector(db: Database, tickers: Sequence[str], since: str | None = None, until: str | None = None) -> pd.DataFrame:
    """Sums over the given companies, each while its coins are in no other's of them (none given: all treasuries while no other
    company counts their coins); none beyond the day it stands alone no longer."""
    where = f"c.ticker IN ({', '.join('?' * len(tickers))})" if tickers else "c.kind = 'treasury'"
    rows = db.execute(
        f"SELECT d.date, d.ticker, d.market_cap, d.btc_nav, d.btc FROM company c JOIN mnav_daily d ON d.ticker = c.ticker"
        f" WHERE {where} AND d.date >= ? AND d.date <= ? ORDER BY d.date, d.ticker",
        [*tickers, since or "0001-01-01", until or "9999-12-31"],
    ).fetchall()
    frame = pd.DataFrame(rows, columns=["date", "ticker", "market_cap", "btc_nav", "btc"])
    rule = Consolidation(objects.relations(db))
    outside = {ticker: rule.spans(ticker, tickers or None) for ticker in frame["ticker"].unique()}
    for company in objects.companies(db).values():
        if company.ticker in outside and company.active_to is not None:
            outside[company.ticker].append((company.active_to, None))
    numbers = frame.assign(date=pd.to_datetime(frame["date"])).astype(
        {"market_cap": float, "btc_nav": float, "btc": float}
    )
    return aggregate(numbers, outside)


def stack(db: Database, tickers: Sequence[str], on: str | None = None) -> pd.DataFrame:
    """The claims on one company at its last close, senior first, with floor prices, as `mnav capital` lists them."""
    frame, seen = _claims(db, tickers[0], on)
    if frame.empty:
        raise ValueError(f"no claim on {tickers[0]} is known at the close of {seen.day}")
    if not seen.values["btc"] or seen.values["btc_nav"] is None:
        raise ValueError(f"the bitcoin of {tickers[0]} is not known at the close of {seen.day}")
    if frame["above"].isna().any():
        unknown = "; ".join(seen.stack.unknown)
        raise ValueError(f"the claims on {tickers[0]} are not all known at the close of {seen.day}: {unknown}")
    return frame.assign(
        ticker=tickers[0],
        date=str(seen.day),
        floor_price=frame["above"] / seen.values["btc"],
        **{name: seen.values[name] for name in ("btc", "btc_nav", "market_cap")},
    )


def wall(db: Database, tickers: Sequence[str], on: str | None = None) -> pd.DataFrame:
    """What of those claims has a day on which it falls due."""
    frame, seen = _claims(db, tickers[0], on)
    due = falling_due(frame)
    if due.empty:
        raise ValueError(f"no claim on {tickers[0]} with a put or maturity date is known at the close of {seen.day}")
    return due.assign(
        in_the_money=due["conversion_price"] < seen.values["price"], ticker=tickers[0], date=str(seen.day)
    )


def _claims(db: Database, ticker: str, on: str | None) -> tuple[pd.DataFrame, Picture]:
    """The layers of the capital structure: instrument, kind, usd, above (USD, with all before it), conversion_price, put_date, maturity."""
    seen = picture(db, ticker, on)
    dates = {one.instrument: one for one in objects.instruments(db) if one.ticker == ticker}
    rows: list[dict[str, Any]] = []
    for layer in seen.stack.layers:
        terms = dates.get(layer.instrument)
        rows.append(
            {
                "instrument": layer.instrument, "kind": layer.kind, "usd": layer.notional, "above": layer.cumulative,
                "conversion_price": layer.converts_at, "put_date": terms.put_date if terms else None,
                "maturity": terms.maturity if terms else None,
            }
        )  # fmt: skip
    columns = ["instrument", "kind", "usd", "above", "conversion_price", "put_date", "maturity"]
    return pd.DataFrame(rows, columns=columns).astype({"usd": float, "above": float, "conversion_price": float}), seen


def _row(db: Database, ticker: str, on: str) -> dict[str, Any]:
    rows = list(
        db.query("SELECT * FROM mnav_daily WHERE ticker = ? AND date <= ? ORDER BY date DESC LIMIT 1", [ticker, on])
    )
    if not rows:
        raise ValueError(f"{ticker} has no valued close" + (f" up to {on}" if on < "9999" else ""))
    return dict(rows[0])


def attribution(
    db: Database, tickers: Sequence[str], since: str | None = None, until: str | None = None
) -> pd.DataFrame:
    """What a share's return came from, between the last closes up to `since` (default: a year before) and `until`."""
    names = ("price", "fx", "btc_price", "btc", "split_factor")
    after = _row(db, tickers[0], until or "9999-12-31")
    start = since or str((pd.Timestamp(after["date"]) - pd.DateOffset(years=1)).date())
    before = _row(db, tickers[0], start)
    ends = [{name: row[name] for name in names} | {"shares": row["shares_basic"]} for row in (before, after)]
    try:
        terms = return_terms(*ends)
    except ValueError as problem:
        raise ValueError(f"{tickers[0]}, {before['date']} to {after['date']}: {problem}") from None
    return terms.assign(ticker=tickers[0], since=before["date"], until=after["date"])


def vintages(db: Database, tickers: Sequence[str], metric: str, since: str | None = None) -> pd.DataFrame:
    """Columns then and now: the metric from what was known on each close and from what is known today, and ticker."""
    (ticker,) = tickers
    if metric not in METRICS and metric not in INPUTS:
        raise ValueError(
            f"{metric} runs over time or definitions: what hindsight changes is drawn of inputs and row-wise metrics"
        )
    return hindsight.vintages(db, ticker, metric, since).assign(ticker=ticker)


def moments(db: Database, tickers: Sequence[str], since: str | None = None, until: str | None = None) -> pd.DataFrame:
    """Columns ticker, published and same_moment: the issuer's own EV multiple, and the same with bitcoin at the share's close."""
    (ticker,) = tickers
    return same_moment(db, ticker, since, until).assign(ticker=ticker)


def bitcoin(db: Database, tickers: Sequence[str], since: str | None = None, until: str | None = None) -> pd.DataFrame:
    """Bitcoin's closes of UTC days with what `treasury.bitcoin.technicals` makes of them; averages and RSI stand on Sundays.

    Without `since` the last four years are given; everything before is in the averages, the RSI and the highest close.
    """
    closes, _ = bitcoin_closes(db, until)
    weeks = weekly(closes)
    at = pd.DatetimeIndex([day for day, _ in closes])
    close = pd.Series([value for _, value in closes], index=at, dtype=float)
    frame = pd.DataFrame({"close": close, "drawdown_pct": (close / close.cummax() - 1) * 100})
    sundays = pd.DatetimeIndex([day for day, _ in weeks])
    for bars in (50, 100):
        means = [average(weeks[max(0, end - bars) : end], bars, 7) for end in range(1, len(weeks) + 1)]
        frame[f"sma_{bars}w"] = pd.Series(means, index=sundays, dtype=float)
    frame["rsi_14w"] = pd.Series(rsi([value for _, value in weeks]), index=sundays, dtype=float)
    if frame.empty:
        return frame
    return frame.loc[since or str((frame.index[-1] - pd.DateOffset(years=4)).date()) :]


def grid(db: Database, tickers: Sequence[str], on: str | None = None) -> pd.DataFrame:
    """The share price of one company at other bitcoin prices and EV multiples (see `treasury.charts.scenarios.stress`)."""
    found = situations(db, tickers, on)
    if not found:
        raise ValueError(f"{tickers[0]} has no valued close" + (f" up to {on}" if on else ""))
    (one,) = found
    now = one.values()
    if now["btc_price"] is None or now["mnav_ev"] is None:
        raise ValueError(f"mnav_ev of {tickers[0]} is not known at the close of {one.day}")
    cells = [
        {
            "btc_price": price,
            "multiple": multiple,
            "value": price_at_ev(one, price, multiple),
        }
        for price in round_steps(now["btc_price"], BTC_STEPS)
        for multiple in round_steps(now["mnav_ev"], MULTIPLE_STEPS)
    ]
    return pd.DataFrame(cells).astype(float).assign(
        ticker=tickers[0], date=str(one.day), currency=one.company.currency, price=one.price,
        btc_now=now["btc_price"], multiple_now=now["mnav_ev"],
    )  # fmt: skip
