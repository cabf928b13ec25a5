"""What can be taken out of the database: the public views, and every kind of file that `mnav import` takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treasury.intake.csv_files import SHEETS
from treasury.model import InputError
from treasury.quantities import OF_INSTRUMENT

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Export:
    """One table to take out: its rows as SQL, their order, and the column that a span of days is about ("" none)."""

    name: str
    meaning: str
    sql: str
    order: str
    day: str = ""
    tickers: bool = True  # whether its rows are of companies


def _sheet(kind: str, meaning: str, order: str, table: str = "", day: str = "", tickers: bool = True) -> Export:
    columns = ", ".join(SHEETS[kind].header)
    return Export(
        kind,
        f"{meaning}, as `mnav import` takes it",
        f"SELECT {columns} FROM {table or kind} AS one",
        order,
        day,
        tickers,
    )


# a day that nobody printed was assumed when the fact was taken, and will be again
_FACTS = (
    "(SELECT id, ticker, instrument, quantity, as_of, CASE WHEN known_assumed THEN NULL ELSE known_at END AS known_at, value, unit,"
    " source, note FROM known_fact)"
)
_RETRACTIONS = (
    "(SELECT f.id, f.ticker, f.instrument, f.quantity, f.as_of, CASE WHEN f.known_assumed THEN NULL ELSE f.known_at END AS known_at,"
    " f.value, f.source, r.retracted_on, r.reason FROM retraction r JOIN fact f ON f.id = r.fact)"
)
EXPORTS: dict[str, Export] = {
    one.name: one
    for one in (
        Export("mnav_daily", "every company and day with every metric", "SELECT * FROM mnav_daily", "ticker, date", "date"),
        Export("mnav_adjusted", "prices, counts and amounts of a share on the basis of today's shares", "SELECT * FROM mnav_adjusted", "ticker, date", "date"),
        Export("mnav_latest", "the newest row of every company", "SELECT * FROM mnav_latest", "ticker"),
        Export("holdings", "the bitcoin each company is known to hold, with its source", "SELECT * FROM holdings", "ticker"),
        Export("purchases", "purchases and sales with running totals and sources", "SELECT * FROM purchases", "ticker, announced_on", "announced_on"),
        Export("revisions", "the journal: what changed, old and new, when it was learned", "SELECT * FROM revisions", "date, ticker, quantity", "date"),
        _sheet("source", "sources", "id", tickers=False),
        _sheet("exchange", "exchanges and their closing times", "mic, valid_from", tickers=False),
        _sheet("company", "companies", "id"),
        _sheet("alias", "further symbols and names", "rowid"),
        _sheet("relation", "whose coins are counted in whose", "rowid"),
        _sheet("instrument", "claims on companies and their terms", "rowid"),
        _sheet("share_class", "what classes of shares are worth in listed shares", "rowid"),
        _sheet("tranche_name", "which names in filings mean which instrument", "rowid"),
        _sheet("instrument_symbol", "under which symbol a market lists an instrument", "rowid"),
        _sheet("fact", "facts that were not withdrawn", "id", _FACTS, "as_of"),
        _sheet("retraction", "facts withdrawn, with the reason", "id", _RETRACTIONS, "as_of"),
        _sheet("purchase", "purchases and sales", "rowid", day="announced_on"),
        _sheet("split", "splits", "rowid", day="ex_date"),
        _sheet("listing", "how many shares a listed unit stands for", "rowid"),
        _sheet(
            "equity_price", "closes of shares as quoted", "ticker, date",
            "(SELECT symbol AS ticker, date, close, source, volume FROM price WHERE fixing = 'close')", "date",
        ),
        _sheet("instrument_price", "closes of preferred series and other listed instruments, as quoted", "ticker, instrument, date", day="date"),
        _sheet(
            "btc_price", "bitcoin by fixing", "fixing, date", "(SELECT date, fixing, close, source FROM price WHERE symbol = 'BTC')", "date", False,
        ),
        _sheet("context", "series about the market that people brought", "series, date, source", day="date", tickers=False),
        _sheet(
            "fx_rate", "exchange rates", "currency, date",
            "(SELECT date, substr(symbol, 1, 3) AS currency, close AS usd_per_unit, source FROM price WHERE fixing = 'ecb')", "date", False,
        ),
        _sheet("withdrawn", "rows that are no facts and were taken back, with the reason", "id", tickers=False),
    )
}  # fmt: skip
# what makes the same database again: all kinds of file but what was withdrawn from it
WHOLE = tuple(kind for kind in SHEETS if kind not in ("retraction", "withdrawn"))
# who exists, where it is listed and which sources there are is told by ourselves; the rest is what a source says
_OURS = ("source", "exchange", "company", "alias", "relation")
_GIVEN_ON = "EXISTS (SELECT 1 FROM source k WHERE k.id = {0}.source AND k.redistributable = 'yes')"
_OF_INSTRUMENT = ", ".join(f"'{quantity}'" for quantity in sorted(OF_INSTRUMENT))


def rows(
    db: Database,
    name: str,
    tickers: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    columns: Sequence[str] = (),
    redistributable: bool = False,
) -> tuple[list[str], Iterator[Sequence[str | float | int | None]]]:
    """Column names and rows of one export, of some companies, days and columns (default: all).

    `redistributable` leaves out what a source says that is not marked as one that may be given on. Raises InputError where
    it has no such column, is not about companies or days, or mixes sources.
    """
    one = EXPORTS[name]
    for given, holds, about in ((tickers, one.tickers, "companies"), (since or until, one.day, "days")):
        if given and not holds:
            raise InputError(f"{name} is not about {about}, so it cannot be cut down to some")
    where, values = [], list(tickers)
    if tickers:
        where.append(f"ticker IN ({', '.join('?' * len(tickers))})")
    for day, sign in ((since, ">="), (until, "<=")):
        if day:
            where.append(f"{one.day} {sign} ?")
            values.append(day)
    if redistributable and name not in SHEETS:
        raise InputError(
            f"{name} mixes what several sources say; only kinds of import file can be cut down to what may be given on"
        )
    if redistributable and name not in _OURS:
        where.append(_GIVEN_ON.format("one"))
        if name == "fact":  # a fact of an instrument needs the instrument beside it
            where.append(
                f"(quantity NOT IN ({_OF_INSTRUMENT}) OR EXISTS (SELECT 1 FROM instrument i WHERE i.ticker = one.ticker"
                f" AND i.instrument = one.instrument AND {_GIVEN_ON.format('i')}))"
            )
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    cursor = db.execute(f"{one.sql}{condition} ORDER BY {one.order}", values)
    names = [column for column, *_ in cursor.description]
    for column in columns:
        if column not in names:
            raise InputError(f"{name} has no column {column}; there are: {', '.join(names)}")
    if not columns:
        return names, iter(cursor)
    at = [names.index(column) for column in columns]
    return list(columns), ([row[index] for index in at] for row in cursor)


def sources(db: Database, tickers: Sequence[str] = ()) -> tuple[list[str], list[Sequence[str | None]]]:
    """Where what is told of some companies (default: all) is from, prices and rates included: column names and rows."""
    among = f"WHERE {{}} IN ({', '.join('?' * len(tickers))})" if tickers else ""
    used = " UNION ".join(
        f"SELECT source FROM {table} {among.format(company)}"
        for table, company in (
            ("known_fact", "ticker"),
            ("purchase", "ticker"),
            ("instrument", "ticker"),
            ("split", "ticker"),
        )
    )
    priced = f"{among.format('symbol')} OR fixing <> 'close'" if tickers else ""  # bitcoin and rates are everybody's
    cursor = db.execute(
        f"SELECT id AS source, kind, title, url, licence_note, redistributable FROM source WHERE id IN ({used} UNION"
        f" SELECT source FROM price {priced}) ORDER BY id",
        [*tickers] * 5,
    )
    return [column for column, *_ in cursor.description], cursor.fetchall()
