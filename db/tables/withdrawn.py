"""Rows that are no facts and were wrong or moved: they are dropped, and the journal keeps what stood there and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.tables.outdated import mark_prices, mark_states
from treasury.errors import InputError
from treasury.intake.csv_files import SHEETS, Row, withdrawn_key

if TYPE_CHECKING:
    from sqlite_utils import Database

# of each kind: the expressions for what it is called in the journal, whose it is, its day, what it said, in which unit
_TOLD = {
    "equity_price": ("'close'", "symbol", "date", "close", "currency"),
    "instrument_price": ("'close'", "ticker", "date", "close", "currency"),
    "btc_price": ("'close'", "symbol", "date", "close", "currency"),
    "fx_rate": ("'usd_per_unit'", "symbol", "date", "close", "currency"),
    "split": ("'split'", "ticker", "ex_date", "numerator / denominator", "'ratio'"),
    "purchase": ("'btc_acquired'", "ticker", "announced_on", "btc", "'BTC'"),
    "context": ("series", "series", "date", "value", "unit"),
    "instrument": ("'instrument'", "ticker", "issue_date", "NULL", "NULL"),
    "alias": ("'alias'", "ticker", "valid_from", "NULL", "NULL"),
    "relation": ("'relation'", "ticker", "valid_from", "NULL", "NULL"),
    "share_class": ("'share_class'", "ticker", "valid_from", "ratio", "'shares'"),
    "tranche_name": ("'tranche_name'", "ticker", "NULL", "NULL", "NULL"),
    "instrument_symbol": ("'instrument_symbol'", "ticker", "NULL", "NULL", "NULL"),
    "listing": ("'listing'", "ticker", "valid_from", "shares_per_unit", "'shares'"),
}
_CHANGES_STATES = ("instrument", "split", "listing", "share_class", "purchase")
# kinds that stand in the table of prices: what stands there for their ticker or currency, and the fixing
_PRICES = {"equity_price": ("{ticker}", "close"), "btc_price": ("BTC", "{fixing}"), "fx_rate": ("{currency}USD", "ecb")}


def withdraw(db: Database, rows: list[Row], name: str, *, missing_ok: bool) -> int:
    """Drop the rows that are named, in the caller's transaction; returns how many stood there.

    Raises InputError for one that is not stored, unless `missing_ok`.
    """
    dropped = 0
    problems = []
    for row in rows:
        kind, key = str(row["kind"]), str(row["key"])
        try:
            table, where = _place(kind, key)
        except ValueError as problem:
            problems.append(f"{name}:{row.line}: {problem}")
            continue
        condition = " AND ".join(f"{column} IS ?" for column in where)
        found = db.execute(
            f"SELECT {', '.join(_TOLD[kind])}, source FROM {table} WHERE {condition}", list(where.values())
        ).fetchone()
        if found is None:
            if not missing_ok:
                problems.append(f"{name}:{row.line}: no such {kind} is stored: {key}")
            continue
        db.conn.execute(f"DELETE FROM {table} WHERE {condition}", list(where.values()))
        quantity, ticker, day, value, unit, source = found
        db.conn.execute(
            "INSERT INTO withdrawn (kind, key, quantity, ticker, day, value, unit, source, withdrawn_on, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (kind, key, quantity, ticker, day, value, unit, source, row["withdrawn_on"], row["reason"]),
        )
        if table == "price":
            mark_prices(db, [(str(where["symbol"]), str(where["date"]), str(where["fixing"]))])
        elif kind == "instrument_price":
            mark_prices(db, [(ticker, day, "listed")])
        elif kind in _CHANGES_STATES:
            mark_states(db, ticker)
        dropped += 1
    if problems:
        raise InputError("\n".join(problems))
    return dropped


def _place(kind: str, key: str) -> tuple[str, dict[str, Any]]:
    """The table of a row, and the values of the columns that name it there."""
    sheet = {column.name: column for column in SHEETS[kind].columns}
    cells = dict(zip(withdrawn_key(kind), key.split("|"), strict=True))
    values: dict[str, Any] = {name: sheet[name].read(cell) if cell else None for name, cell in cells.items()}
    if kind not in _PRICES:
        return kind, values
    symbol, fixing = (text.format(**values) for text in _PRICES[kind])
    return "price", {"symbol": symbol, "date": values["date"], "fixing": fixing, "source": values["source"]}
