"""Stored rows as the domain's objects, and as columns for the kernel: what resolving and valuing read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from treasury.consolidation import Relation
from treasury.intake.bundled import bundled_calendars, bundled_sessions
from treasury.known.closing_times import Closes, Hours
from treasury.known.cost import ANOTHER_DAY
from treasury.known.precedence import is_copy, is_telling, tracker_name
from treasury.known.register import Register
from treasury.known.shares import FLOWS, FROM_MARKET_CAP, period_start_of
from treasury.model import Company, Fact, Instrument, Listing, Purchase, Split
from treasury.share_classes import ShareClass
from treasury.valuation.inputs import PRICE_FRESH_DAYS, Market

if TYPE_CHECKING:
    from sqlite_utils import Database

    from treasury.known.vectorised import FactColumns, Floats, Ints, States
    from treasury.valuation.vectorised import Days, Prices, Series


def companies(db: Database) -> dict[int, Company]:
    rows = db.execute(
        "SELECT id, ticker, name, mic, country, currency, kind, active_to, instruments_complete FROM company ORDER BY id"
    ).fetchall()
    return {
        number: Company(ticker, name, mic, country, currency, kind, _day(active_to), complete == "yes")
        for number, ticker, name, mic, country, currency, kind, active_to, complete in rows
    }


def instruments(db: Database, tickers: Collection[str] | None = None) -> list[Instrument]:
    """All instruments, or those of some companies."""
    own = "" if tickers is None else "WHERE ticker IN (SELECT value FROM json_each(?))"
    rows = db.execute(
        "SELECT ticker, instrument, kind, currency, issue_date, maturity, retired_on, conversion_price, shares_per_unit, settlement,"
        f" put_date, rate_pct, seniority, call_date, {_STATED_AMOUNT} FROM instrument i {own} ORDER BY ticker, instrument",
        () if tickers is None else (json.dumps(list(tickers)),),
    ).fetchall()
    return [
        Instrument(
            ticker,
            name,
            kind,
            currency,
            _day(issued),
            _day(matures),
            _day(retired),
            price,
            per_unit,
            settlement or "",
            _day(put),
            rate,
            seniority,
            _day(call),
            stated,
        )
        for ticker, name, kind, currency, issued, matures, retired, price, per_unit, settlement, put, rate, seniority, call, stated in rows
    ]


# what one share of a series is owed never changes: it is a term, whoever stated it last, in the currency of the series
_STATED_AMOUNT = """(SELECT f.value FROM fact f WHERE f.ticker = i.ticker AND f.quantity = 'stated_amount' AND f.instrument = i.instrument
  AND f.unit = i.currency AND f.value > 0 AND NOT EXISTS (SELECT 1 FROM retraction r WHERE r.fact = f.id) ORDER BY f.as_of DESC, f.id DESC LIMIT 1)"""


def splits(db: Database) -> list[Split]:
    rows = db.execute("SELECT ticker, ex_date, numerator / denominator FROM split ORDER BY ticker, ex_date").fetchall()
    return [Split(ticker, date.fromisoformat(ex_date), ratio) for ticker, ex_date, ratio in rows]


def relations(db: Database) -> list[Relation]:
    """Whose coins are counted in whose, and which company went up in which."""
    return [
        Relation(ticker, other, kind, date.fromisoformat(since), _day(until))
        for ticker, other, kind, since, until in db.execute(
            "SELECT ticker, other, kind, valid_from, valid_to FROM relation ORDER BY ticker, other, valid_from"
        ).fetchall()
    ]


def register(db: Database) -> Register:
    """Listed units, classes of shares, and bitcoin bought and sold, of all companies."""
    classes = db.execute("SELECT ticker, class, ratio, valid_from, valid_to FROM share_class ORDER BY rowid").fetchall()
    purchases = db.execute(
        "SELECT ticker, announced_on, coalesce(period_end, announced_on), btc, coalesce(cost, btc * average_price), currency FROM purchase"
    ).fetchall()
    return Register(
        listings(db),
        [ShareClass(ticker, name, ratio, _day(since), _day(until)) for ticker, name, ratio, since, until in classes],
        [
            Purchase(ticker, date.fromisoformat(told), date.fromisoformat(day), btc, cost, currency)
            for ticker, told, day, btc, cost, currency in purchases
        ],
    )


def listings(db: Database) -> list[Listing]:
    """What listed units stand for."""
    rows = db.execute("SELECT ticker, unit, shares_per_unit, valid_from, valid_to FROM listing").fetchall()
    return [Listing(ticker, unit, per_unit, _day(since), _day(until)) for ticker, unit, per_unit, since, until in rows]


def closes(db: Database) -> Closes:
    """When exchanges close. One whose row names no calendar has the short days that the bundled data gives it, and its own days."""
    bundled = bundled_calendars()
    rows = db.execute(
        "SELECT mic, timezone, close_time, valid_from, calendar, auction_minutes FROM exchange"
    ).fetchall()
    hours = []
    for mic, timezone, clock, valid_from, calendar, auction in rows:
        named, minutes = (calendar, auction or 0) if calendar else bundled.get(mic, (None, 0))
        close_time = time.fromisoformat(clock)
        hours.append(Hours(mic, timezone, close_time, _day(valid_from), named, minutes, own_days=calendar is None))
    return Closes(hours, bundled_sessions())


SECONDS_OF_AN_HOUR = 3600
_FLOWS = ", ".join(f"'{name}'" for name in FLOWS)
_NOTE = f"CASE WHEN quantity IN ({_FLOWS}) THEN note END"  # of a flow it names the period
_FACT = f"id, ticker, instrument, quantity, as_of, known_at, known_assumed, value, unit, source, source_kind, {_NOTE}"


# the counts that published market caps give, as facts: each bears the number of the one that tells the market cap
_DERIVED = f"""SELECT {{columns}} FROM (SELECT f.id, f.ticker, f.instrument, '{FROM_MARKET_CAP}' AS quantity, f.as_of, f.known_at, f.known_assumed,
  d.value, 'shares' AS unit, f.source, f.source_kind, f.note FROM derived_count d CROSS JOIN known_fact f ON f.id = d.fact)"""


def fact_columns(db: Database, tickers: Sequence[str] | None = None) -> FactColumns:
    """Every fact that is not retracted, as columns; of some companies only where `tickers` is given."""
    from treasury.known.vectorised import FactColumns

    own = "" if tickers is None else f" WHERE ticker IN ({', '.join('?' * len(tickers))})"
    columns = f"id, ticker, instrument, quantity, as_of, known_at, known_assumed, value, unit, {_NOTE}, source"
    rows = db.execute(f"SELECT {columns} FROM fact{own}", list(tickers or ())).fetchall()
    rows += db.execute(_DERIVED.format(columns=columns) + own, list(tickers or ())).fetchall()
    if retracted := {fact for (fact,) in db.execute("SELECT fact FROM retraction").fetchall()}:
        rows = [row for row in rows if row[0] not in retracted]
    if not rows:
        return FactColumns(*((),) * 13)
    kinds = dict(db.execute("SELECT id, kind FROM source").fetchall())
    told = list(zip(*rows, strict=True))
    notes = told.pop(9)
    told.append(tuple(map(kinds.__getitem__, told[-1])))
    told.append(tuple(note and period_start_of(note) for note in notes) if any(notes) else notes)
    trackers = {source for source, kind in kinds.items() if kind == "tracker"}
    shown = [(*row[:2], row[3], *row[7:9], row[10], row[5]) for row in rows if row[10] in trackers] if trackers else []
    copies = copied(db, shown)
    told.append(tuple(number in copies for number in told[0]) if copies else (0,) * len(rows))
    return FactColumns(*told)


def copied(db: Database, shown: Iterable[Shown]) -> set[int]:
    """Of facts that trackers show those that are another company's number: the same tracker showed it for that one by then."""
    told = [one for one in shown if is_telling(one[3])]
    found: set[int] = set()
    for quantity in {one[2] for one in told}:
        others: dict[tuple[object, ...], list[tuple[str, str]]] = {}
        for ticker, value, unit, source, known_at in db.execute(_TRACKED, (quantity,)).fetchall():
            others.setdefault((tracker_name(source), value, unit), []).append((ticker, known_at))
        for number, ticker, of, value, unit, source, known_at in told:
            if of == quantity and any(
                other != ticker and is_copy(_moment(known_at), _moment(known))
                for other, known in others.get((tracker_name(source), value, unit), ())
            ):
                found.add(number)
    return found


Shown = tuple[int, str, str, float, str, str, str]  # id, ticker, quantity, value, unit, source and known_at of a fact
# company by company, so that each is a seek
_TRACKED = """SELECT f.ticker, f.value, f.unit, f.source, f.known_at FROM company c CROSS JOIN fact f ON f.ticker = c.ticker AND f.quantity = ?
  JOIN source s ON s.id = f.source WHERE s.kind = 'tracker' AND NOT EXISTS (SELECT 1 FROM retraction r WHERE r.fact = f.id)"""


def facts(db: Database, ticker: str) -> list[Fact]:
    """One company's facts that are not retracted, and the share counts that published market caps give."""
    derived = db.execute(f"{_DERIVED.format(columns=_FACT)} WHERE ticker = ?", [ticker]).fetchall()
    return [*facts_where(db, "ticker = ?", [ticker]), *_as_facts(derived, set())]


def facts_where(db: Database, condition: str, values: Sequence[object]) -> list[Fact]:
    """The facts that meet a condition of SQL and are not retracted."""
    rows = db.execute(f"SELECT {_FACT} FROM known_fact WHERE {condition}", values).fetchall()
    return _as_facts(rows, copied(db, ((*row[:2], row[3], *row[7:10], row[5]) for row in rows if row[10] == "tracker")))


def _as_facts(rows: Iterable[Sequence[Any]], copies: Collection[int]) -> list[Fact]:
    return [
        Fact(
            number,
            ticker,
            instrument,
            quantity,
            date.fromisoformat(as_of),
            _moment(known_at),
            value,
            unit,
            source,
            kind,
            bool(assumed),
            _day(period_start_of(note)),
            number in copies,
        )
        for number, ticker, instrument, quantity, as_of, known_at, assumed, value, unit, source, kind, note in rows
    ]


def currencies(db: Database, companies: Sequence[Company]) -> set[str]:
    """The currencies that valuing some companies can need: their own, and those of what was stated of them."""
    own = {one.currency for one in companies}
    for company in companies:
        stated = "SELECT unit FROM fact WHERE ticker = ?1 UNION SELECT currency FROM instrument WHERE ticker = ?1"
        own |= {unit for (unit,) in db.execute(stated, (company.ticker,)).fetchall()}
    return own


def price_series(
    db: Database,
    since: str = "0001-01-01",
    until: str = "9999-12-31",
    currencies: Collection[str] | None = None,
    companies: Collection[Company] | None = None,
    bitcoin: bool = True,
) -> Prices:
    """Bitcoin prices and exchange rates: all, or those that can serve a span of days, some currencies and some companies' closes.

    Without `bitcoin` only the rates, and the closes of instruments.
    """
    import numpy as np

    from treasury.valuation.vectorised import Prices

    early, late = _serving(since, until)
    rates: dict[str, Series] = {}
    for symbol in _rate_symbols(db) if currencies is None else [f"{one}USD" for one in currencies]:
        if (series := _series(db, symbol, "ecb", early, late)) is not None:
            rates[symbol.removesuffix("USD")] = series
    listed = _listed(db, early, late)
    if not bitcoin:
        return Prices({}, rates, listed)
    named = _fixings(db)
    first, last = (None, None) if companies is None else _first_and_last_close(db, companies)
    if companies is not None and first and last:
        span = day_numbers([max(since, first), min(until, last)])
        hours, mics = closes(db), {one.mic for one in companies}
        moments = np.concatenate([hours.seconds(mic, np.arange(span[0], span[1] + 1)) for mic in mics])
        wanted = set((moments % 86400 // 60).tolist())
        some = [
            fixing
            for fixing in named
            if (at := _minute(fixing)) is None or any(0 <= (one - at) % 1440 < 60 for one in wanted)
        ]
        made = Prices(_bitcoin_series(db, some, early, late), rates, listed)
        if made.readings.within(SECONDS_OF_AN_HOUR, moments):  # a later price within the hour hides every earlier one
            return made
    return Prices(_bitcoin_series(db, named, early, late), rates, listed)


def _first_and_last_close(db: Database, companies: Collection[Company]) -> tuple[str | None, str | None]:
    own = "(SELECT {}(date) FROM price WHERE symbol = value AND fixing = 'close')"
    asked = f"SELECT min({own.format('min')}), max({own.format('max')}) FROM json_each(?)"
    first, last = db.execute(asked, (json.dumps([one.ticker for one in companies]),)).fetchone()
    return first, last


def _listed(db: Database, early: str, late: str) -> dict[tuple[str, str, str], Series]:
    """The closes of instruments by ticker, instrument and currency."""
    import numpy as np

    from treasury.valuation.vectorised import Series

    found: dict[tuple[str, str, str], list[tuple[str, float]]] = {}
    for *key, day, close in db.execute(_OF_INSTRUMENTS, (early, late)).fetchall():
        found.setdefault((key[0], key[1], key[2]), []).append((day, close))
    return {
        key: Series(day_numbers([day for day, _ in rows]), np.array([close for _, close in rows], dtype=float))
        for key, rows in found.items()
    }


_OF_INSTRUMENTS = "SELECT ticker, instrument, currency, date, close FROM instrument_price WHERE date BETWEEN ? AND ? ORDER BY ticker, instrument, date"


def _bitcoin_series(db: Database, fixings: Sequence[str], early: str, late: str) -> dict[str, Series]:
    found = {fixing: _series(db, "BTC", fixing, early, late) for fixing in fixings}
    return {fixing: series for fixing, series in found.items() if series is not None}


def _series(db: Database, symbol: str, fixing: str, early: str, late: str) -> Series | None:
    import numpy as np

    from treasury.valuation.vectorised import Series

    rows = db.conn.execute(
        "SELECT date, close FROM price WHERE symbol = ? AND fixing = ? AND date BETWEEN ? AND ? ORDER BY date",
        (symbol, fixing, early, late),
    ).fetchall()
    if not rows:
        return None
    days, values = zip(*rows, strict=True)
    return Series(day_numbers(days), np.array(values, dtype=float))


def _minute(fixing: str) -> int | None:
    """The minute of the UTC day of an hourly price; None for other fixings."""
    hour, colon, minute = fixing.partition(":")
    return int(hour) * 60 + int(minute) if colon else None


def market_series(db: Database) -> list[tuple[str, str]]:
    """Symbol and fixing of every series that is no share's."""
    return [("BTC", fixing) for fixing in _fixings(db)] + [(symbol, "ecb") for symbol in _rate_symbols(db)]


# one seek for each value of a column, not a scan of all prices
_DISTINCT = """WITH RECURSIVE s (x) AS (SELECT min({0}) FROM price WHERE {1} UNION ALL
  SELECT (SELECT min({0}) FROM price WHERE {1} AND {0} > x) FROM s WHERE x IS NOT NULL) SELECT x FROM s WHERE x IS NOT NULL"""


def _fixings(db: Database) -> list[str]:
    return [fixing for (fixing,) in db.execute(_DISTINCT.format("fixing", "symbol = 'BTC'")).fetchall()]


def _rate_symbols(db: Database) -> list[str]:
    symbols = db.execute(_DISTINCT.format("symbol", "1")).fetchall()
    return [symbol for (symbol,) in symbols if symbol.endswith("USD")]


def _serving(since: str, until: str) -> tuple[str, str]:
    """The days of prices that a span of closes can need: some before it, and the UTC day in which the last one ends."""
    first, last = date.fromisoformat(since), date.fromisoformat(until)
    early = max(first, date(1, 2, 1)) - timedelta(days=PRICE_FRESH_DAYS + 2)
    return str(early), str(min(last, date(9999, 12, 1)) + timedelta(days=1))


def market(db: Database, since: str = "0001-01-01", until: str = "9999-12-31") -> Market:
    """The same for the plain resolver."""
    span = _serving(since, until)
    bitcoin, rates = {}, {}
    for symbol, fixing in market_series(db):
        for day, close in db.execute(
            "SELECT date, close FROM price WHERE symbol = ? AND fixing = ? AND date BETWEEN ? AND ?",
            (symbol, fixing, *span),
        ):
            if symbol == "BTC":
                bitcoin[fixing, date.fromisoformat(day)] = close
            else:
                rates[symbol.removesuffix("USD"), date.fromisoformat(day)] = close
    listed = {
        (ticker, instrument, currency, date.fromisoformat(day)): close
        for ticker, instrument, currency, day, close in db.execute(_OF_INSTRUMENTS, span).fetchall()
    }
    return Market(bitcoin, rates, listed)


_CLOSES = """SELECT date, close FROM price WHERE symbol = ? AND fixing = 'close' AND date >= ? AND date <= ? AND date < ? ORDER BY date"""


def equity_days(
    db: Database,
    numbers: Mapping[int, int],
    companies: Mapping[int, Company],
    since: Mapping[int, str] | None = None,
    until: str = "9999-12-31",
) -> Days:
    """The closes of companies (database id to index), of each from a day on, without those after it ceased to stand alone.

    A close stored for a day on which the exchange was shut is left out.
    """
    import numpy as np

    from treasury.valuation.vectorised import Days

    company: list[int] = []
    days: list[Ints] = []
    prices: list[Floats] = []
    before: tuple[object, ...] = ()
    sessions = closes(db)
    cursor = db.conn.cursor()  # one for all: a new day asks two hundred companies for a row of each
    for number, index in sorted(numbers.items(), key=lambda one: one[1]):
        one = companies[number]
        ends = one.active_to.isoformat() if one.active_to else "9999-12-31"
        span = (one.ticker, since[index] if since else "", until, ends)
        if rows := cursor.execute(_CLOSES, span).fetchall():
            told, close = zip(*rows, strict=True)
            company.append(index)
            if (one.mic, told) != before:  # most companies trade on the same days
                number_of = day_numbers(told)
                is_open, before = sessions.open_on(one.mic, number_of), (one.mic, told)
            days.append(number_of[is_open])
            prices.append(np.array(close, dtype=float)[is_open])
    lengths = [len(one) for one in days]
    nothing = np.empty(0)
    return Days(
        np.repeat(np.array(company, dtype=np.int64), lengths),
        np.concatenate([*days, nothing.astype(np.int64)]),
        np.concatenate([*prices, nothing]),
    )


def states(db: Database, ids: Sequence[int], low: str, high: str) -> States:
    """The stored states in force on some days of a span, as the kernel makes them (what valuing needs of them)."""
    import numpy as np

    from treasury.known.vectorised import Claims, States
    from treasury.known.vectorised.claims import MONEY_PARTS, ROLES

    # amounts in a stored state besides the first, by name; and where the unit stands in an entry
    more = tuple(f"{name}{part}" for name in ("debt", "preferred") for part in MONEY_PARTS)
    unit_at = {**dict.fromkeys(ROLES, 1), **dict.fromkeys(more, 0)}
    marks = ", ".join("?" * len(ids))
    rows = db.execute(
        f"""SELECT s.company_id, s.from_date, s.btc, s.shares_basic, s.shares_assumed_diluted, s.debt, s.debt_unit, s.preferred,
              s.preferred_unit, s.cash, s.cash_unit, s.cost_basis, s.cost_basis_unit, s.split_factor, s.dilution_known, s.claims,
              s.btc_as_of, s.shares_basic_as_of, s.from_before, instr(s.reason, '{ANOTHER_DAY}') > 0
            FROM company c CROSS JOIN state s ON s.company_id = c.id AND s.from_date <= ? AND s.from_date >= coalesce(
              (SELECT max(n.from_date) FROM state n WHERE n.company_id = c.id AND n.from_date <= ?), '')
            WHERE c.id IN ({marks})""",
        (high, low, *ids),
    ).fetchall()
    index = {number: at for at, number in enumerate(ids)}
    rows.sort(key=lambda row: (index[row[0]], row[1]))
    claims = [json.loads(row[15]) if row[15] else {} for row in rows]
    units = sorted(
        {"USD"}
        | {row[at] for row in rows for at in (6, 8, 10, 12) if row[at]}
        | {one[unit_at[name]] for held in claims for name in held for one in held[name]}
    )
    code = {unit: number for number, unit in enumerate(units)}

    def numbers(at: int) -> Ints:
        return np.array([row[at] for row in rows], dtype=float)  # None becomes NaN

    def codes(at: int) -> Ints:
        return np.array([code.get(row[at], -1) for row in rows], dtype=np.int64)

    money = dict(zip(("debt", "preferred", "cash", "cost_basis"), (5, 7, 9, 11), strict=True))
    held = [
        (state, kind, *one)
        for state, found in enumerate(claims)
        for kind, role in enumerate(ROLES)
        for one in found.get(role, ())
    ]
    state, kind, instrument, unit, amount, at, fact = zip(*held, strict=True) if held else ((),) * 7
    return States(
        units=tuple(units),
        company=np.array([index[row[0]] for row in rows], dtype=np.int64),
        day=day_numbers([row[1] for row in rows]),
        value={"btc": numbers(2), "shares_basic": numbers(3), "shares_assumed_diluted": numbers(4)}
        | {name: numbers(at) for name, at in money.items()},
        unit={name: codes(at + 1) for name, at in money.items()},
        as_of={name: days_or_never([row[at] for row in rows]) for name, at in (("btc", 16), ("shares_basic", 17))},
        fact={},
        split_factor=numbers(13),
        dilution_known=np.array([row[14] for row in rows], dtype=np.int64),
        known_assumed=np.zeros(len(rows), dtype=np.int64),
        from_before=np.array([row[18] for row in rows], dtype=np.int64),
        cost_elsewhere=np.array([row[19] for row in rows], dtype=bool),
        missing=[],
        reason=[],
        secondary=[],
        parts={name: _parts(claims, name, code) for name in more},
        claims=Claims(
            np.array(state, dtype=np.int64),
            np.array(kind, dtype=np.int64),
            list(instrument),
            np.array([code[one] for one in unit], dtype=np.int64),
            np.array(amount, dtype=float),
            np.array(at, dtype=float),
            np.array(fact, dtype=np.int64),
        ),
    )


def _parts(claims: list[dict[str, list[list[Any]]]], name: str, code: Mapping[str, int]) -> tuple[Ints, Ints, Ints]:
    import numpy as np

    found = [(state, code[unit], amount) for state, held in enumerate(claims) for unit, amount in held.get(name, ())]
    state, unit, amount = zip(*found, strict=True) if found else ((), (), ())
    return np.array(state, dtype=np.int64), np.array(unit, dtype=np.int64), np.array(amount, dtype=float)


def day_numbers(days: Sequence[str]) -> Ints:
    """ISO days as int64 days since 1970."""
    import numpy as np

    return np.array(days, dtype="datetime64[D]").astype(np.int64)


def days_or_never(days: Sequence[str | None]) -> Ints:
    """The same, where a day may not be known."""
    import numpy as np

    from treasury.known.vectorised import NEVER

    return np.array(
        [NEVER if day is None else date.fromisoformat(day).toordinal() - _EPOCH for day in days], dtype=np.int64
    )


_EPOCH = date(1970, 1, 1).toordinal()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str) -> datetime | date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def written(known_at: datetime | date) -> str:
    """A moment or day as the tables hold it."""
    return f"{known_at:%Y-%m-%dT%H:%M:%SZ}" if isinstance(known_at, datetime) else known_at.isoformat()
