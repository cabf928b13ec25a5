"""Reads: the numbers that stand here, as whoever tells the same can be compared with (treasury/trust/proof.py)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import date

from sqlite_utils import Database

from treasury.intake.bundled import reference_sheets
from treasury.trust.proof import Told

SPEAKS_FIRST = ("filing", "issuer")


def told(db: Database, symbols: Collection[str], since: date) -> Iterator[Told]:
    """Facts and splits of all days; prices of these symbols and days of series from a day on; the bundled exchange rates."""
    for ticker, quantity, instrument, day, value, unit, source, kind, document in db.execute(
        "SELECT ticker, quantity, coalesce(instrument, ''), as_of, value, unit, source, source_kind, document FROM known_fact"
    ).fetchall():
        yield Told(
            source, ticker, quantity, date.fromisoformat(day), value, unit, instrument, by_hand=document is None, primary=kind in SPEAKS_FIRST
        )  # fmt: skip
    for ticker, day, ratio, source in db.execute(
        "SELECT ticker, ex_date, numerator / denominator, source FROM split"
    ).fetchall():
        yield Told(source, ticker, "split", date.fromisoformat(day), ratio, "ratio")
    for symbol, day, fixing, close, currency, source in db.execute(
        "SELECT symbol, date, fixing, close, currency, source FROM price WHERE symbol IN (SELECT value FROM json_each(?)) AND date >= ?",
        (json.dumps(sorted(symbols)), since.isoformat()),
    ).fetchall():
        yield Told(source, symbol, "close", date.fromisoformat(day), close, currency, fixing)
    for series, day, value, unit, source in db.execute(
        "SELECT series, date, value, unit, source FROM context WHERE date >= ?", (since.isoformat(),)
    ).fetchall():
        yield Told(source, "BTC", series, date.fromisoformat(day), value, unit)
    for _, rows, _ in reference_sheets("fx_rate"):  # what is stored of the ECB is the ECB's own
        for row in rows:
            day, rate = date.fromisoformat(str(row["date"])), float(row["usd_per_unit"] or 0)
            yield Told(str(row["source"]), str(row["currency"]), "usd_per_unit", day, rate, "USD", "ecb", by_hand=True)
