"""What a scrape brought goes into the database: one source in one transaction, the same again changes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from db.tables.store import add, add_prices
from db.tables.transaction import writing
from treasury.intake.csv_files import SHEETS, Row, Value
from treasury.intake.harvest import Harvest, KeptOut, NewContext, NewFact, NewPrice, NewPurchase, NewSplit, Origin
from treasury.known.shares import FLOWS
from treasury.model import Document, Reading
from treasury.quantities import OF_INSTRUMENT
from treasury.trackers.record import SAME

if TYPE_CHECKING:
    from sqlite_utils import Database

ROUNDED = 1e-6  # a price this near to the stored one is the same, rounded otherwise
STRANGER = "stranger: "
_PERIODIC = tuple(FLOWS)  # several periods may end on the same day


def take(db: Database, harvests: Sequence[Harvest], again: Iterable[Document] = ()) -> Counter[str]:
    """Store what one source brought, whole or not at all; `again` are documents that were stored before.

    Returns the number of new rows by table. A stored fact is never changed: what contradicts it is kept out.
    """
    counts: Counter[str] = Counter()
    with writing(db):
        for document in again:
            _document(db, document)
        stored = _Stored(db, {harvest.origin.id for harvest in harvests})
        for harvest in harvests:
            number = _document(db, harvest.document)
            contradictions = stored.sift(harvest, number)
            _resolve(db, harvest, {_about(kept.reading) for kept in contradictions})
            for kept in (*harvest.kept_out, *contradictions):
                counts["strangers" if kept.stranger else "kept out"] += _keep_out(db, harvest, kept, number)
        db.conn.executemany(
            "INSERT INTO source (id, kind, title, url) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(one.id, one.kind, one.title, one.url) for one in stored.origins.values()],
        )
        rows = {
            "fact": stored.facts, "split": stored.splits, "purchase": stored.purchases, "context": stored.context,
            "instrument_price": stored.listed,
        }  # fmt: skip
        counts += add(db, [(SHEETS[kind], made, "scrape") for kind, made in rows.items() if made])
        if stored.prices:
            counts["price"] += add_prices(db, stored.prices)
    return counts


def contradictions(db: Database, harvest: Harvest) -> list[KeptOut]:
    """What `take` would keep out beside what the harvest does: instruments nobody explained, and what stands stored otherwise."""
    return _Stored(db, {harvest.origin.id}).sift(harvest, 0)


def strangers(db: Database, source: str | None = None) -> list[tuple[str, str, str]]:
    """Companies nobody could match, as source, company and reason; the ones not resolved since."""
    return db.execute(
        "SELECT DISTINCT source, company, substr(reason, ?) FROM quarantine WHERE resolved_on IS NULL AND reason LIKE ?"
        " AND (? IS NULL OR source = ?) ORDER BY source, company",
        (len(STRANGER) + 1, f"{STRANGER}%", source, source),
    ).fetchall()


def _document(db: Database, document: Document) -> int:
    """The number of a document's row; the same bytes fetched again only tell when."""
    cursor = db.conn.execute(
        "INSERT INTO document (source, url, fetched_at, published_at, status, sha256, media_type) VALUES (?, ?, ?, ?, 200, ?, ?)"
        " ON CONFLICT (source, url, sha256) DO UPDATE SET fetched_at = max(fetched_at, excluded.fetched_at) RETURNING id",
        (
            document.source,
            document.url,
            _moment(document.fetched_at),
            _moment(document.published_at) if document.published_at else None,
            document.sha256,
            document.media_type or None,
        ),
    )
    return int(cursor.fetchone()[0])


class _Stored:
    """What the tables hold, of facts those of the sources that speak now, read once; the new rows beside it."""

    def __init__(self, db: Database, sources: Collection[str]) -> None:
        self.origins: dict[str, Origin] = {}
        self.facts: list[Row] = []
        self.splits: list[Row] = []
        self.purchases: list[Row] = []
        self.context: list[Row] = []
        self.listed: list[Row] = []
        self.prices: list[tuple[object, ...]] = []
        self._db, self._sources = db, json.dumps(sorted(sources))
        self._instruments = set(db.execute("SELECT ticker, instrument FROM instrument").fetchall())
        self._ex_dates = set(db.execute("SELECT ticker, ex_date FROM split").fetchall())
        self._bought: dict[tuple[object, ...], list[tuple[object, object, float]]] = {}
        self._periods: dict[str, set[tuple[str | None, str | None]]] = {}
        for ticker, start, end, announced_on, coins, source in db.execute(
            "SELECT ticker, period_start, period_end, announced_on, btc, source FROM purchase"
        ):
            self._bought.setdefault((ticker, end or announced_on), []).append((start, source, coins))
            self._bought.setdefault((ticker, source), []).append((start, source, coins))
            self._periods.setdefault(ticker, set()).add((start or end, end))
        self._closes: dict[tuple[str, str | None, str], dict[str, tuple[float, str, float | None]]] = {}
        self._told: dict[tuple[str, str], dict[str, float]] = {}

    @cached_property
    def _values(self) -> dict[tuple[object, ...], list[_Told]]:
        """What facts say, and those that were withdrawn; most sources bring none to hold against them."""
        values: dict[tuple[object, ...], list[_Told]] = {}
        for *key, known_at, unit, note, value, withdrawn, url in self._db.execute(
            "SELECT ticker, quantity, instrument, as_of, f.source, CASE WHEN known_assumed = 0 THEN known_at END, unit, note,"
            " value, r.fact IS NOT NULL, url FROM fact f LEFT JOIN retraction r ON r.fact = f.id"
            " LEFT JOIN document d ON d.id = f.document WHERE f.source IN (SELECT value FROM json_each(?))",
            (self._sources,),
        ):
            told = _Told(known_at, url, unit, note if key[1] in _PERIODIC else None, value, bool(withdrawn))
            values.setdefault((*key, _filed_on(known_at)), []).append(told)
        return values

    def sift(self, harvest: Harvest, document: int) -> list[KeptOut]:
        """Add the rows that are new; return what contradicts what the same source said to an earlier reader."""
        source, contradictions = harvest.origin.id, []
        before = self._rows()
        for fact in harvest.facts:
            reason = self._why_not(fact, harvest)
            if reason:
                contradictions.append(KeptOut(_reading(fact), reason))
            elif reason is None:
                self.facts.append(_fact_row(fact, source, document))
        for price in harvest.prices:
            if (news := self._news(price, source)) is not None:
                self.listed += [_listed_row(news, source)] if price.instrument else []
                self.prices += [] if price.instrument else [_price_row(news, source)]
        self.splits += [row for split in harvest.splits for row in self._split(split, source)]
        self.purchases += [row for one in harvest.purchases for row in self._purchase(one, source)]
        self.context += [row for one in harvest.context for row in self._context(one, source)]
        if self._rows() > before:
            self.origins.setdefault(source, harvest.origin)
        return contradictions

    def _rows(self) -> int:
        return sum(
            len(rows) for rows in (self.facts, self.splits, self.purchases, self.prices, self.listed, self.context)
        )

    def _why_not(self, fact: NewFact, harvest: Harvest) -> str | None:
        """None where the fact is new, "" where it is known, else why it cannot be taken."""
        if fact.quantity in OF_INSTRUMENT and (fact.ticker, fact.instrument) not in self._instruments:
            return self._unknown(fact)
        source, known = harvest.origin.id, _known(fact.known_at)
        key = (fact.ticker, fact.quantity, fact.instrument, fact.as_of.isoformat(), source, _filed_on(known))
        period = fact.note if fact.quantity in _PERIODIC else None
        new = _Told(known, harvest.document.url, fact.unit, period, fact.value)
        told = every = self._values.setdefault(key, [])
        if harvest.origin.kind != "filing" and known is not None:  # a page seen at several hours of a day
            looks = [one for one in every if one.url == new.url and one.known_at not in (None, known)]
            told = [one for one in every if one not in looks]
            before = max(
                (one for one in looks if str(one.known_at) < known), key=lambda one: str(one.known_at), default=None
            )
            if not told and before is not None and (before.value, before.unit) == (new.value, new.unit):
                return ""
        if any(one.says(new) for one in told):
            return ""
        standing = next((one for one in told if not one.withdrawn), None)
        if standing is not None:
            stored = f"{standing.value:,.10g} {standing.unit}"
            return f"{source} is stored with {stored}; withdraw that fact first if it was misread"
        every.append(new)
        return None

    def _unknown(self, fact: NewFact) -> str:
        """Why an instrument is not known, with the row that would explain its name."""
        ours = ", ".join(sorted(one for ticker, one in self._instruments if ticker == fact.ticker))
        return (
            f"{fact.ticker} has no instrument {fact.instrument!r}; add it with an instrument file, or the row"
            f" {fact.ticker},{fact.instrument},INSTRUMENT,SOURCE, with a tranche_name file where it is one of {ours or 'ours, none yet'}"
        )

    def _news(self, price: NewPrice, source: str) -> NewPrice | None:
        """A price of a day that no other source has priced, or its volume: what is known is not overwritten."""
        series = (price.symbol, price.instrument, price.fixing)
        if series not in self._closes:
            table, where = (
                ("instrument_price", "ticker = ? AND instrument = ?")
                if price.instrument
                else ("price", "symbol = ? AND fixing = ?")
            )
            rows = self._db.execute(
                f"SELECT date, close, source, volume FROM {table} WHERE {where}",
                (price.symbol, price.instrument or price.fixing),
            )
            self._closes[series] = {day: (close, told, volume) for day, close, told, volume in rows.fetchall()}
        day, known = price.day.isoformat(), self._closes[series]
        had = known.get(day)
        if had is not None and had[1] != source:
            return None
        if had is not None and abs(had[0] / price.close - 1) <= ROUNDED:
            if price.volume is None or had[2] is not None:
                return None
            price = replace(price, close=had[0])
        known[day] = (price.close, source, price.volume)
        return price

    def _context(self, one: NewContext, source: str) -> Iterator[Row]:
        """A day of a series that this source has not told, or tells otherwise now."""
        series = (one.series, source)
        if series not in self._told:
            rows = self._db.execute("SELECT date, value FROM context WHERE series = ? AND source = ?", series)
            self._told[series] = dict(rows.fetchall())
        day, known = one.day.isoformat(), self._told[series]
        if known.get(day) != one.value:
            known[day] = one.value
            yield _row(
                series=one.series,
                date=day,
                known_at=None,
                value=one.value,
                unit=one.unit,
                source=source,
                note=one.note,
                publisher=None,
            )

    def _split(self, split: NewSplit, source: str) -> Iterator[Row]:
        key = (split.ticker, split.ex_date.isoformat())
        if key not in self._ex_dates:
            self._ex_dates.add(key)
            new, old = (split.ratio, 1.0) if split.ratio >= 1 else (1.0, float(f"{1 / split.ratio:.10g}"))
            yield _row(ticker=key[0], ex_date=key[1], numerator=new, denominator=old, source=source, note=None)

    def _purchase(self, one: NewPurchase, source: str) -> Iterator[Row]:
        """A purchase nobody told of: not as many coins of the same period or filing, and no quarter's total of others.

        Where no period was told, the day it was announced stands for it; one day apart is Tokyo's day and New York's.
        """
        start, end = _iso(one.period_start), one.period_end.isoformat()
        of_filing = self._bought.get((one.ticker, source), []) if source.startswith("sec-") else []
        told = self._bought.get((one.ticker, end), []) + of_filing
        for known_start, _, coins in told:
            if abs(coins - one.btc) < 1 and (start is None or known_start is None or start == known_start):
                return
        around = [(one.period_end + timedelta(days=days)).isoformat() for days in (-1, 1)]
        same = [coins for day in around for _, _, coins in self._bought.get((one.ticker, day), ())]
        if start is None and one.btc in same:
            return
        periods = self._periods.setdefault(one.ticker, set())
        if start and any(begins and ends and start <= begins <= ends <= end for begins, ends in periods):
            return
        periods.add((start or end, end))
        self._bought.setdefault((one.ticker, end), []).append((start, source, one.btc))
        yield _row(
            ticker=one.ticker, announced_on=one.announced_on.isoformat(), period_start=start, period_end=end,
            btc=one.btc, cost=one.cost, currency=one.currency, average_price=one.average, note=None, source=source,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Told:
    """What a source says of one quantity and day: when it was known (None: assumed), on which page, for which period."""

    known_at: str | None
    url: str | None
    unit: str
    period: str | None
    value: float
    withdrawn: bool = False

    def says(self, other: _Told) -> bool:
        """Whether both are one statement, rounded otherwise."""
        near = abs(self.value - other.value) <= SAME * max(abs(self.value), abs(other.value))
        return near and (self.unit, self.period) == (other.unit, other.period)


def _filed_on(known_at: str | None) -> str | None:
    """A day was printed by a history of filings, which restate each other: each speaks for itself."""
    return known_at if known_at is not None and len(known_at) == len("2026-01-31") else None


def _row(**values: Value) -> Row:
    row = Row(values)
    row.line = 0
    return row


def _price_row(price: NewPrice, source: str) -> tuple[object, ...]:
    return (price.symbol, price.day.isoformat(), price.fixing, price.close, price.currency, source, price.volume)


def _listed_row(price: NewPrice, source: str) -> Row:
    return _row(
        ticker=price.symbol, instrument=price.instrument, date=price.day.isoformat(), close=price.close,
        currency=price.currency, source=source, volume=price.volume,
    )  # fmt: skip


def _fact_row(fact: NewFact, source: str, document: int) -> Row:
    return _row(
        ticker=fact.ticker, instrument=fact.instrument, quantity=fact.quantity, as_of=fact.as_of.isoformat(),
        known_at=_known(fact.known_at), value=fact.value, unit=fact.unit, source=source, note=fact.note,
        document=document,
    )  # fmt: skip


def _reading(fact: NewFact) -> Reading:
    return Reading(fact.printed, fact.quantity, fact.value, fact.unit, fact.as_of, fact.instrument, note=fact.note)


# -- quarantine ----------------------------------------------------------------------------------------------------


def _keep_out(db: Database, harvest: Harvest, kept: KeptOut, document: int) -> int:
    """Note a reading with its reason; one that says what stands noted already (a tracker day after day) is the same."""
    reading, source = kept.reading, harvest.document.source
    reason = f"{STRANGER}{kept.reason}" if kept.stranger else kept.reason
    tracker = harvest.origin.kind == "tracker"
    noted = db.execute(
        "SELECT 1 FROM quarantine WHERE source = ? AND company = ? AND quantity = ? AND instrument IS ? AND value = ?"
        " AND (as_of = ? OR (? AND resolved_on IS NULL))",
        (
            source,
            reading.company,
            reading.quantity,
            reading.instrument,
            reading.value,
            reading.as_of.isoformat(),
            tracker,
        ),
    ).fetchone()
    if noted:
        return 0
    db.conn.execute(
        "INSERT INTO quarantine (source, company, instrument, quantity, as_of, value, unit, reason, document, first_seen)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            source,
            reading.company,
            reading.instrument,
            reading.quantity,
            reading.as_of.isoformat(),
            reading.value,
            reading.unit,
            reason,
            document,
            _moment(harvest.document.fetched_at),
        ),
    )
    return 1


def _about(reading: Reading) -> tuple[str, str, str | None]:
    return (reading.company, reading.quantity, reading.instrument)


def _resolve(db: Database, harvest: Harvest, contradicted: set[tuple[str, str, str | None]]) -> None:
    """What was kept out is settled once a good reading takes its place: of the same day, or a tracker's later one."""
    source, day = harvest.document.source, harvest.document.fetched_at.astimezone(UTC).date().isoformat()
    told = json.dumps(sorted({one.company for one in harvest.passed}))
    waiting = db.execute(
        "SELECT id, company, quantity, instrument, as_of FROM quarantine"
        " WHERE source = ? AND company IN (SELECT value FROM json_each(?)) AND resolved_on IS NULL",
        (source, told),
    ).fetchall()
    if not waiting:
        return
    newest: dict[tuple[str, str, str | None], str] = {}
    days: set[tuple[str, str, str | None, str]] = set()
    for reading in harvest.passed:
        key = _about(reading)
        if key in contradicted:
            continue
        newest[key] = max(newest.get(key, ""), reading.as_of.isoformat())
        days.add((*key, reading.as_of.isoformat()))
    days -= {(*_about(kept.reading), kept.reading.as_of.isoformat()) for kept in harvest.kept_out}  # doubtful still
    for number, *key, as_of in waiting:
        later = harvest.origin.kind == "tracker" and newest.get(tuple(key), "") >= as_of
        if later or (*key, as_of) in days:
            db.conn.execute("UPDATE quarantine SET resolved_on = ? WHERE id = ?", (day, number))


def _known(known_at: datetime | date | None) -> str | None:
    return _moment(known_at) if isinstance(known_at, datetime) else _iso(known_at)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
