"""Idempotent writes: a row equal to one stored changes nothing, a fact is never changed, and what changed is valued again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from db.tables.for_scraping import identity
from db.tables.objects import closes
from db.tables.outdated import mark_prices, mark_states
from db.tables.restated import restate
from db.tables.withdrawn import withdraw
from treasury.intake.csv_files import ORDER, Row, Sheet
from treasury.intake.plausible import NO_SESSION
from treasury.known.precedence import is_telling
from treasury.known.publication import assumed_known_on
from treasury.model import InputError
from treasury.quantities import OF_INSTRUMENT

if TYPE_CHECKING:
    from sqlite_utils import Database

# tables whose rows are descriptions: a differing row replaces the stored one. Key columns, as the unique index has them
_DESCRIPTIONS: dict[str, tuple[str, ...]] = {
    "source": ("id",),
    "exchange": ("mic", "coalesce(valid_from, '')"),
    "company": ("ticker",),
    "alias": ("ticker", "alias", "kind", "coalesce(valid_from, '')"),
    "instrument": ("ticker", "instrument"),
    "relation": ("ticker", "other", "kind", "valid_from"),
    "share_class": ("ticker", "class", "coalesce(valid_from, '')"),
    "instrument_price": ("ticker", "instrument", "date"),
    "tranche_name": ("ticker", "name"),
    "instrument_symbol": ("ticker", "instrument"),
    "purchase": ("ticker", "announced_on", "coalesce(period_start, '')", "coalesce(period_end, '')", "btc", "source"),
    "split": ("ticker", "ex_date"),
    "listing": ("ticker", "coalesce(valid_from, '')"),
    "context": ("series", "date", "source"),
}
_KEY = "ticker, instrument, quantity, as_of, known_at, source"  # names a fact; its value and unit are what it says
_CHANGES_STATES = ("exchange", "company", "instrument", "split", "listing", "share_class", "purchase")
_SHOWN = 20


def add(db: Database, sheets: Iterable[tuple[Sheet, list[Row], str]], *, bundled: bool = False) -> Counter[str]:
    """Store rows of any kinds, in the caller's transaction. Returns how many rows of each table are new or changed.

    `bundled` rows never replace what somebody else brought, and may take back what is not stored.
    Raises InputError (naming file and line) for a row that contradicts what is stored or names something unknown.
    """
    counts: Counter[str] = Counter()
    ordered = sorted(sheets, key=lambda one: ORDER.index(one[0].kind))
    for sheet, rows, name in ordered:  # what is corrected in this very call goes first
        if sheet.kind == "retraction":
            counts["retraction"] += _add_retractions(db, rows, name, missing_ok=True)
        elif sheet.kind == "withdrawn":
            counts["withdrawn"] += withdraw(db, rows, name, missing_ok=bundled)
    ours = sorted(str(row["id"]) for sheet, rows, _ in ordered if sheet.kind == "source" for row in rows)
    for sheet, rows, name in ordered:
        _refer(db, sheet, rows, name)
        if sheet.kind == "fact":
            counts["fact"] += _add_facts(db, rows, name)
        elif sheet.kind == "retraction":
            counts["retraction"] += _add_retractions(db, rows, name, missing_ok=bundled)
        elif sheet.kind == "withdrawn":
            continue  # done
        elif sheet.kind in ("equity_price", "btc_price", "fx_rate"):
            counts["price"] += _add_prices(db, sheet.kind, rows, name, bundled=bundled)
        else:
            counts[sheet.kind] += _describe(db, sheet, rows, ours if bundled else None)
    return counts


def refuse(problems: list[str]) -> None:
    """Raise InputError with the first of these, where there are any."""
    if problems:
        raise InputError("\n".join(problems[:_SHOWN] + (["…"] if len(problems) > _SHOWN else [])))


def _values(row: Row) -> tuple[object, ...]:
    return tuple(row.values())


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _refer(db: Database, sheet: Sheet, rows: list[Row], name: str) -> None:
    """Every ticker, source and exchange a row names must exist; said with the line it stands on."""
    problems: list[str] = []
    for column, table, key in (
        ("ticker", "company", "ticker"), ("other", "company", "ticker"), ("source", "source", "id"), ("mic", "exchange", "mic"),
    ):  # fmt: skip
        if column not in sheet.header or (sheet.kind, column) in {("company", "ticker"), ("exchange", "mic")}:
            continue
        stored = {value for (value,) in db.execute(f"SELECT {key} FROM {table}").fetchall()}
        for row in rows:
            if row[column] is not None and row[column] not in stored:
                known = {"company": "a company", "source": "a source", "exchange": "an exchange"}[table]
                near = _likely(db, str(row[column])) if table == "company" else ""
                problems.append(
                    f"{name}:{row.line}: unknown {column} {row[column]!r}; {near}give {known} file with it, before or beside this one"
                )
    if sheet.kind in ("tranche_name", "instrument_price", "instrument_symbol"):
        instruments = set(db.execute("SELECT ticker, instrument FROM instrument").fetchall())
        problems += [
            f"{name}:{row.line}: {row['ticker']} has no instrument {row['instrument']!r}; give an instrument file with it, before or beside this one"
            for row in rows
            if (row["ticker"], row["instrument"]) not in instruments
        ]
    refuse(problems)


def _likely(db: Database, typed: str) -> str:
    known = identity(db)
    likely = known.meant(typed) or known.near(typed, 1)
    return f"write {' or '.join(likely)} where you mean that, or " if likely else ""


def _describe(db: Database, sheet: Sheet, rows: list[Row], only_of: Sequence[str] | None) -> int:
    """Add or replace descriptions; with `only_of`, a stored one of another source than those stays as it is.

    A column that a file left out (`late`) takes nothing away.
    """
    table = sheet.kind
    columns, key = sheet.header, _DESCRIPTIONS[table]
    rest = {
        column.name: f"coalesce(excluded.{column.name}, {column.name})" if column.late else f"excluded.{column.name}"
        for column in sheet.columns
        if column.name not in key and f"coalesce({column.name}, '')" not in key
    }
    statement = (
        f"{_insert(table, columns)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(f'{c} = {new}' for c, new in rest.items())}"
        f" WHERE ({' OR '.join(f'{c} IS NOT {new}' for c, new in rest.items())})"
    )
    more: tuple[object, ...] = ()
    if only_of is not None and "source" in rest:
        statement += f" AND {table}.source IN (SELECT value FROM json_each(?))"
        more = (json.dumps(only_of),)
    kinds = dict(db.execute("SELECT id, kind FROM source").fetchall()) if table == "source" else {}
    if table == "split":
        _restate_splits(db, rows)
    if table == "instrument_symbol":
        _refuse_taken_symbols(db, rows)
    elif table == "instrument_price":
        _refuse_listed_without_session(db, rows)
    changed = 0
    priced: list[tuple[str, str, str]] = []
    for row in rows:
        touched = db.conn.execute(statement, (*_values(row), *more)).rowcount
        changed += touched
        if touched and table in _CHANGES_STATES:
            if table == "purchase":
                mark_states(db, row["ticker"], str(row["announced_on"]))
            else:
                mark_states(db, row.get("ticker"))
        elif touched and table == "instrument_price":
            priced.append((str(row["ticker"]), str(row["date"]), "listed"))
        elif table == "source" and kinds.get(row["id"], row["kind"]) != row["kind"]:
            told = db.execute("SELECT DISTINCT ticker FROM fact WHERE source = ?", (row["id"],)).fetchall()
            for (ticker,) in told:  # a primary source may have become a secondary one
                mark_states(db, ticker)
    if priced:
        mark_prices(db, priced)
    return changed


def _refuse_taken_symbols(db: Database, rows: list[Row]) -> None:
    """A symbol names one instrument, and no company: its closes would be taken for shares'."""
    taken: dict[str, tuple[Any, Any]] = {
        ticker: (ticker, None) for (ticker,) in db.execute("SELECT ticker FROM company")
    }
    taken |= {
        symbol: (ticker, instrument)
        for ticker, instrument, symbol in db.execute(
            "SELECT ticker, instrument, symbol FROM instrument_symbol"
        ).fetchall()
    }
    problems = []
    for row in rows:
        owner = taken.setdefault(str(row["symbol"]), (row["ticker"], row["instrument"]))
        if owner != (row["ticker"], row["instrument"]):
            whose = f"the instrument {owner[1]} of {owner[0]}" if owner[1] else "the shares of a company"
            problems.append(
                f"{row['ticker']} {row['instrument']}: the symbol {row['symbol']} is that of {whose}; mend or withdraw one"
            )
    refuse(problems)


def _restate_splits(db: Database, rows: list[Row]) -> None:
    """Tell the journal of splits that change what is valued already: another ratio, or one nobody had told."""
    stored = {
        (ticker, day): ratio
        for ticker, day, ratio in db.execute("SELECT ticker, ex_date, numerator / denominator FROM split").fetchall()
    }
    until = dict(
        db.execute(
            "SELECT c.ticker, max(v.date) FROM company c JOIN valuation v ON v.company_id = c.id GROUP BY 1"
        ).fetchall()
    )
    told = []
    for row in rows:
        old, new = (
            stored.get((row["ticker"], row["ex_date"])),
            float(row["numerator"] or 0) / float(row["denominator"] or 1),
        )
        if old != new and str(row["ex_date"]) <= until.get(row["ticker"], ""):
            note = "a split told after days from it on were valued" if old is None else "another ratio of a split"
            told.append(
                (
                    row["ticker"],
                    "split",
                    row["ex_date"],
                    "appeared" if old is None else "changed",
                    old,
                    new,
                    "ratio",
                    row["source"],
                    note,
                )
            )
    restate(db, told)


def _add_facts(db: Database, rows: list[Row], name: str) -> int:
    instruments = set(db.execute("SELECT ticker, instrument FROM instrument").fetchall())
    countries = dict(db.execute("SELECT ticker, country FROM company").fetchall())
    sources = {one: (kind, title) for one, kind, title in db.execute("SELECT id, kind, title FROM source").fetchall()}
    stored, retracted = _stored_facts(db, {str(row["source"]) for row in rows}), _retracted(db)
    fresh: list[tuple[object, ...]] = []
    earliest: dict[str, str] = {}
    problems: list[str] = []
    for row in rows:
        ticker, as_of, known_at = str(row["ticker"]), str(row["as_of"]), row["known_at"]
        assumed = known_at is None
        if row["quantity"] in OF_INSTRUMENT and (ticker, row["instrument"]) not in instruments:
            problems.append(
                f"{name}:{row.line}: {row['quantity']} is stated of an instrument, and {ticker} has none called"
                f" {row['instrument'] or ''!r}; give an instrument file with it, before or beside this one"
            )
            continue
        if assumed:
            kind, title = sources[str(row["source"])]
            known_at = assumed_known_on(date.fromisoformat(as_of), kind, title, countries[ticker]).isoformat()
        key = (ticker, row["instrument"], row["quantity"], as_of, known_at, row["source"])
        same = (row["value"], row["unit"])
        earlier = stored.get(key)
        if (*key, *same) in retracted:
            continue
        if earlier is None:
            stored[key] = [same]
            fresh.append(
                (*key[:3], as_of, known_at, int(assumed), *same, row["source"], row["note"], row.get("document"))
            )
            begins = _begins(as_of, str(known_at))
            earliest[ticker] = min(earliest.get(ticker, begins), begins)
        elif same not in earlier:
            problems.append(
                f"{name}:{row.line}: {ticker} {row['quantity']} as of {as_of} is stored as {earlier[0][0]:.10g} {earlier[0][1]} from the same"
                f" source; this row says {row['value']:.10g} {row['unit']}. Withdraw the stored fact with a retraction first"
            )
    refuse(problems)
    columns = (
        "ticker",
        "instrument",
        "quantity",
        "as_of",
        "known_at",
        "known_assumed",
        "value",
        "unit",
        "source",
        "note",
        "document",
    )
    db.conn.executemany(_insert("fact", columns), fresh)
    for ticker, begins in earliest.items():
        mark_states(db, ticker, begins)
    trackers = {one for one, (kind, _) in sources.items() if kind == "tracker"}
    if db.execute("SELECT 1 FROM state LIMIT 1").fetchone():  # else all of it is made anew
        for company, _, quantity, day, _, _, value, _, source, *_ in fresh:
            if source in trackers:
                _mark_likenesses(db, company, quantity, value, day)
    return len(fresh)


def _mark_likenesses(db: Database, ticker: object, quantity: object, value: object, begins: object) -> None:
    """What a tracker shows for one company may make a copy of what it shows for another, or no longer (rule 2)."""
    if not is_telling(float(str(value))):
        return
    others = db.execute(
        "SELECT DISTINCT f.ticker FROM company c CROSS JOIN fact f ON f.ticker = c.ticker AND f.quantity = ? WHERE f.value = ? AND f.ticker <> ?",
        (quantity, value, ticker),
    ).fetchall()
    for (other,) in others:
        mark_states(db, other, str(begins))


def _begins(as_of: str, known_at: str) -> str:
    """A day before which a fact cannot have counted anywhere on earth."""
    return max(as_of, (date.fromisoformat(known_at[:10]) - timedelta(days=1)).isoformat())


def retract(db: Database, fact: int, day: str, reason: str) -> None:
    """Withdraw a fact as our own mistake, in the caller's transaction. Raises InputError where there is no such fact to withdraw."""
    row = db.execute("SELECT ticker, as_of, known_at, quantity, value FROM known_fact WHERE id = ?", (fact,)).fetchone()
    if row is None:
        raise InputError(f"there is no fact {fact} to withdraw, or it was withdrawn already")
    if not reason.strip():
        raise InputError(f"a reason is needed to withdraw fact {fact}")
    db.conn.execute("INSERT INTO retraction (fact, retracted_on, reason) VALUES (?, ?, ?)", (fact, day, reason))
    ticker, as_of, known_at, quantity, value = row
    mark_states(db, ticker, _begins(as_of, known_at))
    _mark_likenesses(db, ticker, quantity, value, as_of)


def _add_retractions(db: Database, rows: list[Row], name: str, *, missing_ok: bool) -> int:
    """Withdraw the facts that rows name; one withdrawn already is passed over."""
    problems: list[str] = []
    withdrawn = 0
    for row in rows:
        found = db.execute(
            "SELECT f.id, r.fact FROM fact f LEFT JOIN retraction r ON r.fact = f.id WHERE f.ticker = ? AND f.instrument IS ?"
            " AND f.quantity = ? AND f.as_of = ? AND f.source = ? AND f.value = ? AND (f.known_at = ? OR (? IS NULL AND f.known_assumed))",
            [
                row[column]
                for column in ("ticker", "instrument", "quantity", "as_of", "source", "value", "known_at", "known_at")
            ],
        ).fetchall()
        if not found and not missing_ok:
            problems.append(
                f"{name}:{row.line}: no such fact is stored; give ticker, quantity, as_of, known_at, value and source as it is"
            )
        for fact, already in found:
            if already is None:
                retract(db, fact, str(row["retracted_on"]), str(row["reason"]))
                withdrawn += 1
    refuse(problems)
    return withdrawn


def _stored_facts(db: Database, sources: Collection[str]) -> dict[tuple[object, ...], list[tuple[object, object]]]:
    """The values that stand under each key of some sources."""
    stored: dict[tuple[object, ...], list[tuple[object, object]]] = {}
    of_them = f"SELECT {_KEY}, value, unit FROM known_fact WHERE source IN (SELECT value FROM json_each(?))"
    for *key, value, unit in db.execute(of_them, [json.dumps(sorted(sources))]).fetchall():
        stored.setdefault(tuple(key), []).append((value, unit))
    return stored


def _retracted(db: Database) -> set[tuple[object, ...]]:
    """Keys with the values that were withdrawn: given again, they are not taken again."""
    return set(db.execute(f"SELECT {_KEY}, value, unit FROM retraction r JOIN fact f ON f.id = r.fact").fetchall())


def _add_prices(db: Database, kind: str, rows: list[Row], name: str, *, bundled: bool) -> int:
    prices: list[tuple[object, ...]]
    if kind == "equity_price":
        _refuse_days_without_session(db, rows, name)
        currencies = dict(db.execute("SELECT ticker, currency FROM company").fetchall())
        prices = [
            (row["ticker"], row["date"], "close", row["close"], currencies[row["ticker"]], row["source"], row["volume"])
            for row in rows
        ]
    elif kind == "btc_price":
        prices = [("BTC", row["date"], row["fixing"], row["close"], "USD", row["source"], None) for row in rows]
    else:
        prices = [
            (f"{row['currency']}USD", row["date"], "ecb", row["usd_per_unit"], "USD", row["source"], None)
            for row in rows
        ]
    return add_prices(db, prices, only_own=bundled)


def _refuse_days_without_session(db: Database, rows: list[Row], name: str) -> None:
    sessions, exchanges = closes(db), dict(db.execute("SELECT ticker, mic FROM company").fetchall())

    @cache  # many companies of one exchange
    def is_session(mic: str | None, day: str) -> bool:
        return sessions.is_session(mic, date.fromisoformat(day))

    refuse(
        [
            f"{name}:{row.line}: {NO_SESSION.format(mic=mic, day=row['date'])}, so {row['ticker']} has no close of that day; take the row out"
            for row in rows
            if not is_session(mic := exchanges[row["ticker"]], str(row["date"]))
        ]
    )


def _refuse_listed_without_session(db: Database, rows: list[Row]) -> None:
    sessions = closes(db)
    exchanges = {
        (ticker, name): mic
        for ticker, name, mic in db.execute(
            "SELECT ticker, instrument, mic FROM instrument_symbol WHERE mic IS NOT NULL"
        )
    }
    refuse(
        [
            f"{NO_SESSION.format(mic=mic, day=row['date'])}, so {row['ticker']} {row['instrument']} has no close of that day; take the row out"
            for row in rows
            if (mic := exchanges.get((str(row["ticker"]), str(row["instrument"])))) is not None
            and not sessions.is_session(mic, date.fromisoformat(str(row["date"])))
        ]
    )


def closes_near(db: Database, ticker: str, day: str) -> list[tuple[date, float]]:
    """The last close before a day and the first from it on, where there are such."""
    about = "SELECT date, close FROM price WHERE symbol = ? AND fixing = 'close' AND date"
    rows = db.execute(
        f"SELECT * FROM ({about} < ? ORDER BY date DESC LIMIT 1) UNION ALL SELECT * FROM ({about} >= ? ORDER BY date LIMIT 1)",
        (ticker, day, ticker, day),
    ).fetchall()
    return [(date.fromisoformat(one), close) for one, close in rows]


def add_prices(db: Database, prices: Iterable[tuple[object, ...]], *, only_own: bool = False) -> int:
    """Store (symbol, date, fixing, close, currency, source, volume) rows; a different close for a stored day replaces it.

    With `only_own` it does so only where the same source said the stored one. A volume joins the close its own source told.
    """
    columns = ("symbol", "date", "fixing", "close", "currency", "source", "volume")
    prices = list(prices)
    days: dict[tuple[object, object], list[str]] = {}
    for row in prices:
        days.setdefault((row[0], row[2]), []).append(str(row[1]))
    stored = {
        (symbol, fixing, day): (close, source, volume)
        for (symbol, fixing), own in days.items()
        for day, close, source, volume in db.execute(
            "SELECT date, close, source, volume FROM price WHERE symbol = ? AND fixing = ? AND date BETWEEN ? AND ?",
            (symbol, fixing, min(own), max(own)),
        )
    }
    fresh, replaced, traded = {}, [], []
    for row in prices:
        key = (row[0], row[2], row[1])
        close, source, volume = stored.get(key, (None, None, None))
        if close is None:
            fresh[key] = row
        elif close != row[3] and (source == row[5] or not only_own):
            replaced.append((row, close, source))
        elif close == row[3] and source == row[5] and row[6] not in (None, volume):
            traded.append((row[6], row[0], row[2], row[1]))
    db.conn.executemany(_insert("price", columns), fresh.values())
    db.conn.executemany(
        "UPDATE price SET close = ?, currency = ?, source = ?, volume = ? WHERE symbol = ? AND fixing = ? AND date = ?",
        [(*row[3:], row[0], row[2], row[1]) for row, *_ in replaced],
    )
    db.conn.executemany("UPDATE price SET volume = ? WHERE symbol = ? AND fixing = ? AND date = ?", traded)
    changed = [*fresh.values(), *(row for row, *_ in replaced)]
    mark_prices(db, ((str(row[0]), str(row[1]), str(row[2])) for row in changed))
    restate(
        db,
        (
            (symbol, "usd_per_unit" if fixing == "ecb" else "close", day, "changed", old, new, currency, source,
             f"{'' if symbol != 'BTC' else f'at {fixing}, '}replaces what {before} said")
            for (symbol, day, fixing, new, currency, source, _), old, before in replaced
        ),
    )  # fmt: skip
    return len(changed) + len(traded)


# -- runs ----------------------------------------------------------------------------------------------------------


def begin_run(db: Database, asked: str, now: str, versions: Mapping[str, str]) -> int:
    cursor = db.conn.execute(
        "INSERT INTO run (started_at, asked, versions) VALUES (?, ?, ?)", (now, asked, json.dumps(versions))
    )
    db.conn.commit()
    return int(cursor.lastrowid or 0)


def end_run(db: Database, run: int, now: str, outcome: str, counts: Mapping[str, Any]) -> None:
    db.conn.execute(
        "UPDATE run SET ended_at = ?, outcome = ?, counts = ? WHERE id = ?", (now, outcome, json.dumps(counts), run)
    )
    db.conn.commit()
