"""The derived tables: states and valuations, made from facts and prices, whole or only where something changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from db.derived import at_close, market_caps, reconciliation, share_basis
from db.derived.written import EPOCH, ROWS_A_STATEMENT, Column, amounts, counts, insert, iso, numbers, told
from db.tables import objects
from db.tables.transaction import without_collector, writing
from treasury.known.vectorised import Ints, States, states
from treasury.known.vectorised.claims import ROLES
from treasury.valuation.vectorised import Valued, value, venue_days

if TYPE_CHECKING:
    from sqlite_utils import Database

    from treasury.model import Company
    from treasury.valuation.vectorised import Prices, Venue

CHUNK = 20  # companies valued at once: bounds memory (docs/performance.md)
FIRST_DAY = "0001-01-01"
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode  # json.dumps would make one for each state
_STATE_DAYS = 100_000  # state id = company id × this + days since 1970: stable across rebuilds
RAISED = ("debt", "preferred")  # in the order of the bits of the column `raised`
_STATE_INPUTS = ("btc", "shares_basic", "shares_assumed_diluted")
_STATE_AMOUNTS = ("debt", "preferred", "cash", "cost_basis")  # in a currency of their own


def rebuild(db: Database) -> int:
    """Value every company and day anew, in one transaction. Returns the number of valuations."""
    written = 0
    with (
        without_collector(),
        writing(db),
    ):  # read under the lock too: what another writer adds meanwhile must stay marked as changed
        market_caps.refresh(db)
        companies = objects.companies(db)
        closes, splits = objects.closes(db), objects.splits(db)
        instruments, register = objects.instruments(db), objects.register(db)
        prices = objects.price_series(db, companies=companies.values())
        for table in ("valuation", "at_close", "state"):
            db.execute(f"DELETE FROM {table}")
        stored: dict[Venue, Ints] = {}  # of each venue the days that companies before shared
        for ids in _chunks(list(companies)):
            chunk = [companies[number] for number in ids]
            facts = objects.fact_columns(db, [one.ticker for one in chunk])
            made = states(chunk, instruments, splits, facts, closes, register)
            days = objects.equity_days(db, {number: index for index, number in enumerate(ids)}, companies)
            write_states(db, ids, made)
            valued = value(chunk, made, days, prices, closes)
            at_close.write(db, valued.at_close, stored)
            written += write_valuations(db, ids, made, valued)
        reconciliation.refresh(db)
        share_basis.refresh(db)
        db.execute("DELETE FROM dirty")
    return written


def bring_up_to_date(db: Database, tickers: Sequence[str] = (), since: str | None = None) -> int:
    """Value again only what changed since the last time, in one transaction. Returns the number of valuations made.

    `tickers` and `since` make these companies' days count as changed, and leave changes of single others for later: what concerns
    everyone, a price of bitcoin say, is made for everyone, since companies share what their closes meet.
    """
    with writing(db):
        whole = db.execute("SELECT 1 FROM state LIMIT 1").fetchone() is None
        if not whole:
            market_caps.refresh(db)
            written = _value_changes(db, tickers, since)
            reconciliation.refresh(db)
            share_basis.refresh(db)
    return rebuild(db) if whole else written


def _value_changes(db: Database, tickers: Sequence[str], since: str | None) -> int:
    companies = objects.companies(db)
    asked = [number for number, one in companies.items() if one.ticker in tickers] if tickers else list(companies)
    rows = db.execute("SELECT company_id, states, from_date, to_date FROM dirty").fetchall()
    if tickers or since:
        rows += [(number, 1, since or FIRST_DAY, None) for number in asked]
    anew: dict[int, str] = {}
    priced: dict[int, list[tuple[str, str]]] = {}
    whom = set(asked)
    for owner, whole, begins, ends in rows:
        for number in companies if owner is None else [owner] if owner in whom else []:
            if whole:
                anew[number] = min(anew.get(number, begins), begins)
            else:
                priced.setdefault(number, []).append((begins, ends))
    shared = bool(tickers or since) or any(owner is None for owner, *_ in rows)
    written = _states_anew(db, companies, anew, shared) if anew else 0
    written += _prices_anew(db, companies, _by_span(priced, anew)) if priced else 0
    if tickers:
        db.execute(
            f"DELETE FROM dirty WHERE company_id IS NULL OR company_id IN ({', '.join('?' * len(asked))})", asked
        )
    else:
        db.execute("DELETE FROM dirty")
    return written


def _states_anew(db: Database, companies: Mapping[int, Company], begins: Mapping[int, str], shared: bool) -> int:
    """Make states and valuations of some companies (database ids), of each from a day on.

    What their closes meet is read where it is stored, unless what companies share may have changed (`shared`).
    """
    ours = [companies[number] for number in begins]
    closes, splits, register = objects.closes(db), objects.splits(db), objects.register(db)
    instruments = objects.instruments(db, [one.ticker for one in ours])
    needed = objects.currencies(db, ours)
    prices_of = partial(objects.price_series, db, since=min(begins.values()), currencies=needed, companies=ours)
    rates = prices_of(bitcoin=False)
    prices: Prices | None = None
    written = 0
    for ids in _chunks(list(begins)):
        chunk = [companies[number] for number in ids]
        facts = objects.fact_columns(db, [one.ticker for one in chunk])
        made = states(chunk, instruments, splits, facts, closes, register)
        for number in ids:
            db.execute("DELETE FROM state WHERE company_id = ? AND from_date >= ?", (number, begins[number]))
            db.execute("DELETE FROM valuation WHERE company_id = ? AND date >= ?", (number, begins[number]))
        since = {index: begins[number] for index, number in enumerate(ids)}
        days = objects.equity_days(db, {number: index for index, number in enumerate(ids)}, companies, since)
        write_states(db, ids, made, since)
        met = None if shared else at_close.stored(db, venue_days(chunk, days))
        if met is not None:
            written += write_valuations(db, ids, made, value(chunk, made, days, rates, closes, met))
        else:
            prices = prices or prices_of()
            written += _write(db, ids, made, value(chunk, made, days, prices, closes))
    return written


def _prices_anew(db: Database, companies: Mapping[int, Company], spans: Mapping[tuple[str, str], list[int]]) -> int:
    """Make valuations of the days of some spans anew, from the states that are stored."""
    written = 0
    closes = objects.closes(db)
    for (low, high), ids in spans.items():
        prices = objects.price_series(db, since=low, until=high)
        for some in _chunks(ids, max(CHUNK, 50_000 // _length(low, high))):
            chunk = [companies[number] for number in some]
            made = objects.states(db, some, low, high)
            numbers, since = {number: index for index, number in enumerate(some)}, dict.fromkeys(range(len(some)), low)
            days = objects.equity_days(db, numbers, companies, since, high)
            db.conn.executemany(
                "DELETE FROM valuation WHERE company_id = ? AND date BETWEEN ? AND ?",
                [(number, low, high) for number in some],
            )
            written += _write(db, some, made, value(chunk, made, days, prices, closes))
    return written


def _write(db: Database, ids: Sequence[int], made: States, valued: Valued) -> int:
    at_close.write(db, valued.at_close)
    return write_valuations(db, ids, made, valued)


def _by_span(priced: dict[int, list[tuple[str, str]]], anew: dict[int, str]) -> dict[tuple[str, str], list[int]]:
    """Companies by the span of days whose prices changed; days that were made anew already are left out."""
    spans: dict[tuple[str, str], list[int]] = {}
    for number, own in priced.items():
        merged: list[tuple[str, str]] = []
        for low, high in sorted(own):
            if merged and low <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        for low, high in merged:
            if low < anew.get(number, "9999"):
                spans.setdefault((low, high), []).append(number)
    return spans


def _length(low: str, high: str) -> int:
    return (date.fromisoformat(high) - date.fromisoformat(low)).days + 1


def _chunks(ids: list[int], size: int = CHUNK) -> Iterable[list[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def write_states(db: Database, ids: Sequence[int], made: States, begins: Mapping[int, str] | None = None) -> None:
    """Store states, of each company (index to day) only those from a day on; `ids` are the companies' database ids."""
    columns: dict[str, Column | None] = {
        "id": state_ids(ids, made).tolist(),
        "company_id": _company_ids(ids, made.company),
        "from_date": iso(made.day),
    }
    units = [*made.units, None]
    for name in (*_STATE_INPUTS, *_STATE_AMOUNTS):
        columns[name] = amounts(made.value[name])
        columns[f"{name}_as_of"] = iso(made.as_of[name])
        columns[f"{name}_fact"] = numbers(made.fact[name])
    for name in _STATE_AMOUNTS:
        columns[f"{name}_unit"] = told([units[code] for code in made.unit[name].tolist()])
    columns |= {
        "claims": told(_claims(made)),
        "split_factor": made.split_factor.tolist(),
        "dilution_known": made.dilution_known.astype(int).tolist(),
        "known_assumed": made.known_assumed.tolist(),
        "missing": made.missing,
        "reason": made.reason,
        "secondary": made.secondary,
        "from_before": counts(made.from_before),
        "awards_as_of": iso(made.as_of["awards"]),
    }
    if begins is not None:
        first = np.array([date.fromisoformat(begins[index]).toordinal() - EPOCH for index in range(len(ids))])
        kept = np.flatnonzero(made.day >= first[made.company]).tolist()
        columns = {name: column and [column[index] for index in kept] for name, column in columns.items()}
    insert(db, "INSERT OR FAIL INTO state", columns)


def write_valuations(db: Database, ids: Sequence[int], made: States, valued: Valued) -> int:
    """Store valuations where there are none. Returns their number."""
    if not len(valued.days.day):
        return 0
    company, day = _company_ids(ids, valued.days.company), iso(valued.days.day)
    assert day is not None
    state = np.append(state_ids(ids, made), -1)[valued.state]
    raised = valued.raised[RAISED[0]] + 2 * valued.raised[RAISED[1]]
    for rows in _stretches(valued.days.company):
        columns: dict[str, Column | None] = {
            "company_id": company[rows],
            "date": day[rows],
            "price": valued.days.price[rows].tolist(),
            **{name: amounts(valued.money[name][rows]) for name in _STATE_AMOUNTS},
            "dilutive_shares": amounts(valued.dilutive_shares[rows], 0),
            "debt_itm": amounts(valued.debt_itm[rows], 0),
            "preferred_itm": amounts(valued.preferred_itm[rows], 0),
            "state": numbers(state[rows]),
            "raised": counts(raised[rows]),
            "doubted": counts(valued.doubted[rows]),
            "preferred_at_market": amounts(valued.preferred_at_market[rows]),
            "at_preference": told(valued.at_preference[rows]),
            "debt_stated": amounts(valued.debt_stated[rows]),
            "preferred_stated": amounts(valued.preferred_stated[rows]),
        }
        insert(db, "INSERT OR FAIL INTO valuation", columns)
    return len(company)


def _stretches(company: Ints) -> Iterator[slice]:
    """The rows of a company, or of several that have few: a column that says nothing of them need not be written."""
    begin = 0
    for end in [*(np.flatnonzero(np.diff(company)) + 1).tolist(), len(company)]:
        if end - begin >= ROWS_A_STATEMENT[0] or end == len(company):
            yield slice(begin, end)
            begin = end


def state_ids(ids: Sequence[int], made: States) -> Ints:
    found: Ints = np.array(ids, dtype=np.int64)[made.company] * _STATE_DAYS + made.day
    return found


def _company_ids(ids: Sequence[int], company: Ints) -> list[int]:
    return list(np.array(ids, dtype=np.int64)[company].tolist())


def _claims(made: States) -> list[str | None]:
    """What a state holds besides single amounts, as JSON: amounts in further currencies, convertibles, awards."""
    found: dict[int, dict[str, list[object]]] = {}
    for name, (state, unit, amount) in made.parts.items():
        for at, code, part in zip(state.tolist(), unit.tolist(), amount.tolist(), strict=True):
            found.setdefault(at, {}).setdefault(name, []).append([made.units[code], part])
    claims = made.claims
    rows = zip(
        claims.state.tolist(), claims.kind.tolist(), claims.instrument, claims.unit.tolist(), claims.amount.tolist(), claims.at.tolist(),
        claims.fact.tolist(), strict=True,
    )  # fmt: skip
    for at, kind, instrument, code, amount, price, fact in rows:
        strike = None if price != price else price
        found.setdefault(at, {}).setdefault(ROLES[kind], []).append(
            [instrument, made.units[code], amount, strike, fact]
        )
    texts: list[str | None] = []
    before: dict[str, list[object]] | None = None
    for at in range(len(made.day)):
        held = found.get(at)
        if not texts or held != before:  # most states hold what the one before held
            before, text = held, None if held is None else _ENCODE(held)
        texts.append(text)
    return texts
