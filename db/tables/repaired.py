"""Rows of files made before what comes in had bounds: what cannot be true is withdrawn, words are cut, and every step is told.

Nothing goes in silence: facts get retractions, other rows a line in `withdrawn`, each with its reason.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from treasury.bitcoin.condition import check_context
from treasury.intake.csv_files import (
    FIRST_TERM,
    LAST_TERM,
    LATEST_AFTER,
    LONGEST_TICKER,
    MOST_CHARACTERS,
    SHEETS,
    TOLD_OF,
    OfItsTime,
    Row,
    check_purchase,
    cut,
    symbol,
    term,
    withdrawn_key,
)
from treasury.intake.words import BITCOIN_BEGAN, FIRST_RATE, without_marks
from treasury.model import ImplausibleError
from treasury.quantities import QUANTITIES

if TYPE_CHECKING:
    from sqlite_utils import Database

_WORDS = (
    "source", "exchange", "company", "alias", "instrument", "relation", "share_class", "tranche_name", "purchase", "split", "listing",
    "context", "instrument_price", "price", "fact", "retraction", "quarantine", "withdrawn", "restated", "noted",
)  # fmt: skip
_TICKERS = ("ticker", "other", "symbol")  # columns that name a company
_MARK = 8  # hexadecimal digits that keep two cut words apart


def repair(db: Database, written: date) -> list[str]:
    """Withdraw what no file or document could bring any more, in the caller's transaction; returns what was done, a line each.

    Nothing can be known later than the file was last `written`, or ran: a clock set back takes nothing away.
    """
    if db.execute("SELECT 1 FROM source LIMIT 1").fetchone() is None:
        return []  # a new file
    (newest,) = db.execute("SELECT max(substr(started_at, 1, 10)) FROM run").fetchone()
    today = max(written, date.fromisoformat(newest) if newest else written)
    last = today + LATEST_AFTER
    db.execute("PRAGMA defer_foreign_keys = ON")
    guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:  # a fact's words are cut, never what it says
        db.execute(f"DROP TRIGGER {name}")
    done = [*_renamed(db), *_cut(db)]
    for _, made in guards:
        db.execute(made)
    done += [*_facts(db, last, today), *_prices(db, last, today), *_others(db, last, today), *_terms(db, last, today)]
    if done:
        db.execute("INSERT INTO dirty SELECT NULL, 1, '0001-01-01', NULL WHERE EXISTS (SELECT 1 FROM state)")
    return done


# -- words ---------------------------------------------------------------------------------------------------------


def fitted(text: str, most: int = MOST_CHARACTERS) -> str:
    """A text without marks and not longer than a cell may be; a cut one ends in a mark of its own."""
    text = without_marks(text)
    return text if len(text) <= most else f"{text[: most - _MARK - 1]}…{_mark_of(text)}"


def _mark_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_MARK]


def _ticker(text: str) -> str:
    """A symbol that may name a file, in place of one that may not."""
    plain = re.sub(r"[^A-Z0-9]+", "-", fitted(text).upper())[: LONGEST_TICKER - _MARK - 1].strip("-")
    return f"{plain or 'X'}-{_mark_of(text).upper()}"


def _columns(db: Database, table: str) -> list[str]:
    return [name for _, name, kind, *_ in db.execute(f"PRAGMA table_info({table})").fetchall() if kind == "TEXT"]


def _renamed(db: Database) -> Iterator[str]:
    """Companies whose ticker no file would take any more go by one like it, in every table."""
    for (ticker,) in db.execute("SELECT ticker FROM company").fetchall():
        try:
            symbol(ticker)
        except ValueError:
            new = _ticker(ticker)
            for table in _WORDS:
                for column in _columns(db, table):
                    if column in _TICKERS:
                        db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (new, ticker))
            yield f"the company {cut(fitted(ticker))!r} goes by {new}, as its ticker can name no file"


def _cut(db: Database) -> Iterator[str]:
    """Texts longer than a cell, or with marks that nobody prints."""
    db.conn.create_function("fitted", 1, lambda text: text if text is None else fitted(text), deterministic=True)
    db.execute(
        "UPDATE price SET source = fitted(source) WHERE source IN (SELECT id FROM source WHERE id <> fitted(id))"
    )
    for table in _WORDS:
        for column in (
            _columns(db, table) if table != "price" else ()
        ):  # it holds millions; its symbols are looked at below
            odd = f"{column} IS NOT NULL AND {column} <> fitted({column})"
            found = db.conn.execute(f"UPDATE OR IGNORE {table} SET {column} = fitted({column}) WHERE {odd}").rowcount
            left = db.execute(f"SELECT rowid, {column} FROM {table} WHERE {odd}").fetchall()
            for row, text in left:  # without its marks it would be another row's key
                db.execute(
                    f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (f"{fitted(text)[:200]}…{_mark_of(text)}", row)
                )
            if found or left:
                yield f"{found + len(left)} of {table}.{column} cut to {MOST_CHARACTERS:,} characters without control and direction marks"
    db.conn.create_function("fitted", 1, None)


# -- rows ----------------------------------------------------------------------------------------------------------


def _why_not(kind: str, row: Row, refuse_other_times: OfItsTime) -> str | None:
    """Why a stored row cannot be true, by the rules of what comes in; None where it can."""
    try:
        refuse_other_times(row)
        if kind == "fact" and (quantity := QUANTITIES.get(str(row["quantity"]))):
            quantity.check(float(str(row["value"])), str(row["unit"]))
        if kind == "context":
            check_context(str(row["series"]), float(str(row["value"])), str(row["unit"]))
        if kind == "purchase":
            check_purchase(row)
    except (ImplausibleError, KeyError, ValueError) as error:
        return str(error).partition(";")[0]
    return None


def _stored(db: Database, kind: str, table: str, more: str = "") -> Iterator[tuple[int, Row]]:
    names = SHEETS[kind].header
    for number, *cells in db.execute(f"SELECT rowid, {', '.join(names)} FROM {table} {more}").fetchall():
        yield number, Row(zip(names, cells, strict=True))


def _facts(db: Database, last: date, today: date) -> Iterator[str]:
    refuse_other_times = OfItsTime(SHEETS["fact"], last)
    for number, row in _stored(db, "fact", "fact", "WHERE id NOT IN (SELECT fact FROM retraction)"):
        if (reason := _why_not("fact", row, refuse_other_times)) is not None:
            db.execute("INSERT INTO retraction VALUES (?, ?, ?)", (number, today.isoformat(), reason))
            yield f"{row['ticker']} {row['quantity']} of {row['source']} is withdrawn: {reason}"


def _prices(db: Database, last: date, today: date) -> Iterator[str]:
    """Closes and rates; the table may hold millions, so SQLite looks for the odd ones."""
    bounds = QUANTITIES["close"]
    known = {one for (one,) in db.execute("SELECT ticker FROM company").fetchall()} | {"BTC"}
    for number, name, day, fixing, close, currency, source in db.execute(
        "SELECT rowid, symbol, date, fixing, close, currency, source FROM price"
        " WHERE date < iif(fixing = 'ecb', ?, ?) OR date > ? OR close NOT BETWEEN ? AND ? OR length(symbol) > ?",
        (FIRST_RATE, BITCOIN_BEGAN, last.isoformat(), bounds.low, bounds.high, LONGEST_TICKER),
    ).fetchall():
        if close > bounds.high:
            reason = f"{close:.10g} {currency} is more than anything costs ({bounds.high:,.0f})"
        elif close < bounds.low:
            reason = f"{close:.10g} {currency} is less than anything costs ({bounds.low:g})"
        elif len(name) > LONGEST_TICKER and name not in known:
            reason = f"{cut(name)!r} is no ticker"
        else:
            reason = f"{day} is no day of which a price can be known"
        kind = "fx_rate" if fixing == "ecb" else "btc_price" if name == "BTC" else "equity_price"
        told = "usd_per_unit" if fixing == "ecb" else "close"
        yield _withdrawn(db, "price", number, (kind, f"{cut(name)}|{day}|{source}", told, cut(name)), day, last, close, currency, source, today, reason)  # fmt: skip


def _others(db: Database, last: date, today: date) -> Iterator[str]:
    for kind in TOLD_OF:
        if kind in (
            "fact",
            "equity_price",
            "btc_price",
            "fx_rate",
            "company_close",
        ):  # the last is a file of people's, and no table
            continue
        refuse_other_times = OfItsTime(SHEETS[kind], last)
        for number, row in _stored(db, kind, kind):
            if (reason := _why_not(kind, row, refuse_other_times)) is not None:
                key = "|".join(str(row[name] or "") for name in withdrawn_key(kind))
                who, what = str(row.get("ticker") or row.get("series")), str(row.get("series") or kind)
                day = next((str(row[name]) for name in TOLD_OF[kind] if row[name] is not None), None)
                value = next((row[name] for name in ("close", "btc", "value") if name in row), None)
                unit = next((row[name] for name in ("unit", "currency") if row.get(name)), None)
                yield _withdrawn(db, kind, number, (kind, key, what, who), day, last, value, unit, row["source"], today, reason)  # fmt: skip


def _terms(db: Database, last: date, today: date) -> Iterator[str]:
    """Days of terms and validity that no file may state are brought to the first or last one that it may."""
    for kind, sheet in SHEETS.items():
        for name in [column.name for column in sheet.columns if column.read is term]:
            for beyond, nearest in (("<", FIRST_TERM), (">", LAST_TERM)):
                for number, owner, told, source in db.execute(
                    f"SELECT rowid, {sheet.header[0]}, {name}, source FROM {kind} WHERE {name} {beyond} ?", (nearest,)
                ).fetchall():
                    change = f"UPDATE OR IGNORE {kind} SET {name} = ? WHERE rowid = ?"
                    if db.conn.execute(change, (nearest, number)).rowcount:
                        yield f"{kind} of {owner}: {name} {told} is taken as {nearest}"
                    else:  # another row is of that day already
                        named = (kind, f"{owner}|{told}|{source}", kind, str(owner))
                        yield _withdrawn(
                            db,
                            kind,
                            number,
                            named,
                            told,
                            last,
                            None,
                            None,
                            source,
                            today,
                            f"{name} {told} is no day of any",
                        )


def _withdrawn(
    db: Database, table: str, number: int, named: tuple[str, str, str, str], day: str | None, last: date, value: object, unit: object,
    source: object, today: date, reason: str,
) -> str:  # fmt: skip
    """Drop a row and note it; a day that can be on no calendar of ours is told in words alone."""
    told = day[:10] if day is not None and FIRST_RATE <= day <= last.isoformat() else None
    db.execute(
        "INSERT INTO withdrawn (kind, key, quantity, ticker, day, value, unit, source, withdrawn_on, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*named, told, value, unit, source, today.isoformat(), reason),
    )
    db.execute(f"DELETE FROM {table} WHERE rowid = ?", (number,))
    return f"{named[3]} {named[2]} of {day} from {source} is withdrawn: {reason}"
