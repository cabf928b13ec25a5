"""What all companies of an exchange and a currency meet at a day's close, stored once for all of them: bitcoin and the exchange rate. Derived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

    from treasury.known.vectorised import Ints
    from treasury.valuation.vectorised import AtClose, Venue

# a valuation v of company c beside what its close met, m; LEFT, so that no plan begins with it
JOIN = " LEFT JOIN at_close m ON m.mic = coalesce(c.mic, '') AND m.currency = c.currency AND m.date = v.date"
_MET = ("fx", "btc_price", "btc_price_at", "btc_fixing")
_STORED = f"SELECT date, {', '.join(_MET)} FROM at_close WHERE mic = ? AND currency = ? AND date BETWEEN ? AND ? ORDER BY date"


def stored(db: Database, wanted: Mapping[Venue, Ints]) -> dict[Venue, AtClose] | None:
    """What is stored of the closes of each venue; None where one of them has none yet."""
    import numpy as np

    from db.tables.objects import day_numbers
    from treasury.valuation.vectorised import AtClose

    found = {}
    for (mic, currency), days in wanted.items():
        first, last = (str(days[at].astype("datetime64[D]")) for at in (0, -1))
        rows = db.execute(_STORED, (mic or "", currency, first, last)).fetchall()
        if not rows:
            return None
        of_day, fx, price, moment, fixing = zip(*rows, strict=True)
        day = day_numbers(of_day)
        at = np.searchsorted(day, days)
        if at[-1] == len(day) or (day[at] != days).any():
            return None
        moments = np.array([-1 if one is None else one for one in moment], dtype=np.int64)
        found[mic, currency] = AtClose(
            days, np.array(fx, dtype=float)[at], np.array(price, dtype=float)[at], moments[at], np.array(fixing, dtype=object)[at]
        )  # fmt: skip
    return found


def write(db: Database, made: Mapping[Venue, AtClose], known: dict[Venue, Ints] | None = None) -> None:
    """Store what is not stored yet, or differs; where a table is filled, `known` are the days written so far, and no row is looked up."""
    import numpy as np

    from db.derived.written import Column, amounts, insert, iso, numbers, told

    for (mic, currency), met in made.items():
        if not len(met.day):
            continue
        columns: dict[str, Column | None] = {
            "date": iso(met.day),
            "fx": amounts(met.fx),
            "btc_price": amounts(met.btc_price),
            "btc_price_at": numbers(met.btc_price_at),
            "btc_fixing": told(met.btc_fixing.tolist()),
        }
        if known is None:
            days, *parts = (columns[name] or [None] * len(met.day) for name in ("date", *_MET))
            rows = db.execute(_STORED, (mic or "", currency, days[0], days[-1])).fetchall()
            before_now = {day: rest for day, *rest in rows}
            made_now = (
                [None if cell != cell else cell for cell in row] for row in zip(*parts, strict=True)
            )  # NaN: unknown
            new = [at for at, row in enumerate(made_now) if before_now.get(days[at]) != row]
        else:
            before = known.get((mic, currency), met.day[:0])
            new = np.flatnonzero(~np.isin(met.day, before)).tolist()
            known[mic, currency] = np.union1d(before, met.day)
        columns = {name: column and [column[at] for at in new] for name, column in columns.items()}
        columns |= {"mic": [mic or ""] * len(new), "currency": [currency] * len(new)}
        insert(db, "INSERT OR REPLACE INTO at_close", columns)
