"""Who serves what: for every company and need the source in force, since when, or what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from db.reads import views
from db.tables import objects
from treasury.known.coverage import FX, PRICE, Served, currencies, served
from treasury.known.resolve import State, resolve
from treasury.model import Company
from treasury.trust.grade import LOWEST_GRADE, kept_from_best
from treasury.valuation.inputs import PRICE_FRESH_DAYS

if TYPE_CHECKING:
    from sqlite_utils import Database

COVERAGE_COLUMNS = (
    "ticker", "name", "kind", "date", "grade", "need", "value", "unit", "source_kind", "source", "source_id", "url", "quantity", "as_of",
    "known_at", "age_days", "first_as_of", "sources", "missing", "kept_from_a",
)  # fmt: skip


def coverage(db: Database, tickers: Sequence[str] = (), on: str | None = None) -> list[dict[str, Any]]:
    """A row for each company that stands alone and each need, most bitcoin first; empty where nothing is valued yet.

    What counts is what was known at the company's last close up to a day (default: of all), `date`; one without a close has the newest
    of the others. Ages are days up to it. `as_of` is the day that the value in force describes, `first_as_of` the first that any stored
    fact of the need does. `sources` counts the facts of a sum. `kept_from_a` is what keeps its grade from the best one.
    """
    valued = {row["ticker"]: row for row in views.league(db, on)}
    if not valued:
        return []
    newest = max(row["date"] for row in valued.values())
    read = _Read(db)
    found = []
    for company in objects.companies(db).values():
        if (tickers and company.ticker not in tickers) or (company.active_to and str(company.active_to) <= newest):
            continue
        row = valued.get(company.ticker)
        day = row["date"] if row else newest
        state = read.state(company, date.fromisoformat(day))
        about = {
            "ticker": company.ticker,
            "name": company.name,
            "kind": company.kind,
            "date": day,
            "grade": row["grade"] if row else LOWEST_GRADE,
            "kept_from_a": "; ".join(kept_from_best(row)) if row else "no close is valued",
        }
        held = state.btc.value if state.btc else 0.0
        found.append((-held, company.ticker, [{**about, **row} for row in read.rows(company, state)]))
    return [row for *_, rows in sorted(found) for row in rows]


class _Read:
    """What all companies share, read once."""

    def __init__(self, db: Database) -> None:
        self._db, self._day = db, date.min
        self._instruments, self._splits, self._closes = objects.instruments(db), objects.splits(db), objects.closes(db)
        self._register = objects.register(db)
        self._titles = views.source_titles(db)
        self._kinds = dict(db.execute("SELECT id, kind FROM source").fetchall())
        self._first: dict[tuple[str, str], str] = {
            (ticker, quantity): first
            for ticker, quantity, first in db.execute(
                "SELECT ticker, quantity, min(as_of) FROM known_fact GROUP BY ticker, quantity"
            )
        }

    def state(self, company: Company, day: date) -> State:
        self._day = day
        facts = objects.facts(self._db, company.ticker)
        return resolve(company, self._day, facts, self._instruments, self._splits, self._closes, self._register)

    def rows(self, company: Company, state: State) -> Iterator[dict[str, Any]]:
        for one in served(state):
            yield self._fact_row(company.ticker, one)
        yield self._quote_row(PRICE, company.ticker, "close", company.currency, None)
        for currency in currencies(state, company.currency):
            yield self._quote_row(FX, f"{currency}USD", "ecb", f"USD per {currency}", PRICE_FRESH_DAYS)

    def _fact_row(self, ticker: str, one: Served) -> dict[str, Any]:
        firsts = [first for name in one.need.quantities if (first := self._first.get((ticker, name)))]
        fact = one.fact
        return self._row(
            one.need.name, one.value, one.unit, one.kind, fact.source if fact else None, one.as_of, min(firsts, default=str(one.as_of) if one.as_of else None),
            known_at=None if fact is None else _text(fact.known_at), quantity=fact.quantity if fact else None,
            sources=one.facts, missing=" ".join(one.missing) or None,
        )  # fmt: skip

    def _quote_row(self, need: str, symbol: str, fixing: str, unit: str, fresh: int | None) -> dict[str, Any]:
        """The last price of a series; one that is too old to be used is missing."""
        since = "0001-01-01" if fresh is None else str(self._day - timedelta(days=fresh))
        quote = views.price_row(self._db, symbol, fixing, str(self._day))
        (first,) = self._db.execute(
            "SELECT min(date) FROM price WHERE symbol = ? AND fixing = ?", (symbol, fixing)
        ).fetchone()
        if quote is None or quote["date"] < since:
            lacks = "price" if need == PRICE else "usd_per_unit"
            return self._row(need, None, unit, None, None, None, first, sources=0, missing=lacks)
        as_of, source = date.fromisoformat(quote["date"]), quote["source"]
        return self._row(need, quote["close"], unit, self._kinds[source], source, as_of, first, sources=1)

    def _row(
        self, need: str, value: float | None, unit: str | None, kind: str | None, source: str | None, as_of: date | None, first: str | None,
        *, known_at: str | None = None, quantity: str | None = None, sources: int, missing: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        title, url = self._titles[source] if source else (None, None)
        return {
            "need": need, "value": value, "unit": unit, "source_kind": kind, "source": title, "source_id": source, "url": url,
            "quantity": quantity, "as_of": str(as_of) if as_of else None, "known_at": known_at,
            "age_days": (self._day - as_of).days if as_of else None, "first_as_of": first, "sources": sources, "missing": missing,
        }  # fmt: skip


def _text(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if hasattr(moment, "hour") else str(moment)
