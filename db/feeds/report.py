"""Reads for the report: one company's history, capital, purchases and bridges, and what all of them hold together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from db.reads import views
from db.reads.absence import btc_on, why_none
from db.reads.close import close_of, picture_of
from db.reads.published_multiple import printed, subject
from db.tables import objects
from treasury.consolidation import Consolidation
from treasury.league import why_left_out
from treasury.publishers.bridge import Bridge, bridge
from treasury.publishers.definitions import WALKABLE
from treasury.publishers.printed import PrintedMultiple
from treasury.report.claims import claim_rows

if TYPE_CHECKING:
    from sqlite_utils import Database


def history(db: Database, ticker: str, names: Sequence[str]) -> tuple[list[str], dict[str, list[float | None]]]:
    """The days of one company and some columns of mnav_daily over them; None is unknown."""
    rows = db.execute(
        f"SELECT date, {', '.join(names)} FROM mnav_daily WHERE ticker = ? ORDER BY date", (ticker,)
    ).fetchall()
    days, *columns = zip(*rows, strict=True) if rows else ((),) * (len(names) + 1)
    return list(days), {name: list(column) for name, column in zip(names, columns, strict=True)}


def claims(db: Database, ticker: str, on: str) -> list[dict[str, Any]]:
    """The instruments of a company at a close as its capital stack has them, each with the source of its amount, else of its terms.

    `amount` is in `unit`; `conversion_price` is on the share basis of the day.
    """
    close = close_of(db, ticker, on)
    titles = views.source_titles(db)
    stated_in = dict(db.execute("SELECT instrument, source FROM instrument WHERE ticker = ?", (ticker,)).fetchall())
    rows = claim_rows(picture_of(close).stack, close.state, close.instruments, close.day)
    for row in rows:
        fact = row.pop("fact")
        row["source"], row["url"] = titles.get(
            fact.source if fact else stated_in.get(row["instrument"], ""), (None, None)
        )
    return rows


def purchases(db: Database, ticker: str) -> list[dict[str, Any]]:
    """Disclosed purchases and sales of one company, newest first."""
    sql = "SELECT * FROM purchases WHERE ticker = ? ORDER BY announced_on DESC, btc_bought_so_far DESC"
    return list(db.query(sql, (ticker,)))


def bridges(db: Database, ticker: str) -> list[dict[str, Any]]:
    """The walk from our basic multiple to the newest number of each publisher, newest first; empty where none is known.

    Only days with a close count. `ours` + the deltas of `terms` + `rest` = `published`.
    """
    days = db.execute(
        """SELECT DISTINCT f.as_of FROM known_fact f JOIN mnav_daily d ON d.ticker = f.ticker AND d.date = f.as_of
           WHERE f.ticker = ? AND f.quantity IN ('mnav_published', 'ev_published', 'market_cap_published') ORDER BY f.as_of DESC""",
        (ticker,),
    ).fetchall()
    found: dict[str, dict[str, Any]] = {}
    for (day,) in days:
        stands = subject(db, ticker, day)
        for definition in WALKABLE:
            about = definition.publisher if definition.own_mnav else definition.id
            if about in found:
                continue
            made = bridge(definition, stands)
            number = printed(db, made, stands)
            if number is not None and made.total is not None:
                found[about] = {"date": day, **_bridge(db, made, made.total, number)}
    return list(found.values())


def _bridge(db: Database, made: Bridge, total: float, number: PrintedMultiple) -> dict[str, Any]:
    terms = [{"term": one.term, "delta": one.delta, "multiple": one.multiple, "size": one.note} for one in made.terms]
    if number.market_cap is not None:
        size = "its own market cap: another share price, moment or count"
        terms.append(
            {
                "term": "their market cap",
                "delta": number.market_cap,
                "multiple": total + number.market_cap,
                "size": size,
            }
        )
    row = db.execute("SELECT title, url FROM source WHERE id = ?", (number.source,)).fetchone()
    title, url = row or (number.source, None)
    return {
        "publisher": made.definition.publisher, "definition": made.definition.id, "meaning": made.definition.meaning, "ours": made.start, "terms": terms,
        "rest": number.residual(total), "half_step": number.half_step, "published": number.multiple,
        "how": number.how, "source": title, "url": url,
    }  # fmt: skip


def holdings(db: Database, on: str) -> list[dict[str, Any]]:
    """The bitcoin known of every company on a day with its source, largest first.

    `counted_in` names the company that consolidates it; without those rows the sum is `query.holdings_on`.
    """
    day, rule = date.fromisoformat(on), Consolidation(objects.relations(db))
    rows = db.query(
        """SELECT c.ticker, c.name, s.btc, s.btc_as_of AS as_of, f.known_at, f.known_assumed, src.title AS source, src.url
           FROM company c JOIN state s ON s.id =
             (SELECT id FROM state n WHERE n.company_id = c.id AND n.from_date <= ? ORDER BY n.from_date DESC LIMIT 1)
           JOIN fact f ON f.id = s.btc_fact JOIN source src ON src.id = f.source
           WHERE s.btc > 0 ORDER BY s.btc DESC, c.ticker""",
        (on,),
    )
    return [{**row, "counted_in": next(iter(rule.owners(row["ticker"], day)), None)} for row in rows]


def others(db: Database, valued: Sequence[Mapping[str, Any]], shown: Collection[str], on: str) -> list[dict[str, Any]]:
    """Every company that is not `shown`, most bitcoin first, with the bitcoin known of it on a day and the reason why it is not.

    `valued` are the newest rows of all companies that have one.
    """
    rows = {row["ticker"]: row for row in valued}
    held, missing = btc_on(db, on), why_none(db, on)
    found = [
        {
            "ticker": ticker, "name": name, "country": country, "kind": kind, "btc": held.get(ticker),
            "why": why_left_out(rows[ticker]) if ticker in rows else missing[ticker],
        }
        for ticker, name, country, kind in db.execute("SELECT ticker, name, country, kind FROM company").fetchall()
        if ticker not in shown
    ]  # fmt: skip
    return sorted(found, key=lambda row: (-(row["btc"] or 0.0), row["ticker"]))


def known_as(db: Database) -> dict[str, str]:
    """By ticker, every other name and symbol under which a source knows the company."""
    names: dict[str, list[str]] = {}
    for ticker, alias in db.execute("SELECT DISTINCT ticker, alias FROM alias ORDER BY ticker, alias").fetchall():
        names.setdefault(ticker, []).append(alias)
    return {ticker: " ".join(own) for ticker, own in names.items()}


def last_run(db: Database) -> tuple[int, str | None]:
    """How many runs have ended, and when the last one did: what is served anew once it changes."""
    count, ended = db.execute("SELECT count(*), max(ended_at) FROM run WHERE ended_at IS NOT NULL").fetchone()
    return int(count), ended


def enterprise_days(db: Database) -> list[tuple[str, str, float, float, float]]:
    """Ticker, day, enterprise value, bitcoin NAV (USD) and bitcoin of every day on which a treasury company has all and no other counts
    its coins, oldest first."""
    rows = db.execute(
        """SELECT d.ticker, d.date, d.enterprise_value, d.btc_nav, d.btc FROM company c CROSS JOIN mnav_daily d ON d.ticker = c.ticker
           WHERE c.kind = 'treasury' AND d.enterprise_value IS NOT NULL AND d.btc_nav > 0 ORDER BY d.date, d.ticker"""
    ).fetchall()
    rule = Consolidation(objects.relations(db))
    return [row for row in rows if not rule.counted_elsewhere(row[0], date.fromisoformat(row[1]))]
