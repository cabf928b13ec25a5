"""The derived table `reconciliation`: what trackers show beside what was filed, with verdicts; rebuilt with the valuations."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

from db.derived.views import RECONCILED
from db.tables import for_scraping, objects
from treasury.intake.identity import DIALECTS, Alias, Identity, Listed, Match, former_symbol
from treasury.known.precedence import tracker_name
from treasury.model import Fact
from treasury.quantities import PUBLISHED, QUANTITIES
from treasury.trackers.reconcile import Judged, Score, reconcile, scores
from treasury.trackers.record import TrackerClaim, TrackerRecord
from treasury.trackers.verdicts import KINDRED, PART_OF_WHOLE

if TYPE_CHECKING:
    from sqlite_utils import Database

_DAY_OF_SNAPSHOT = re.compile(r"\d{4}-\d{2}-\d{2}$")
_CIK = re.compile(r"CIK (\d{10})")


def refresh(db: Database) -> None:
    """Judge anew what trackers show; within the transaction of its caller."""
    db.execute("DELETE FROM reconciliation")
    judged = reconcile(ground(db))
    if judged:
        urls = dict(db.execute("SELECT id, url FROM source").fetchall())
        urls |= dict(
            db.execute("SELECT -q.id, d.url FROM quarantine q JOIN document d ON d.id = q.document").fetchall()
        )
        db.conn.executemany(
            f"INSERT INTO reconciliation ({', '.join(RECONCILED)}) VALUES ({', '.join('?' * len(RECONCILED))})",
            [_row(one, urls) for one in judged],
        )


def tracker_scores(db: Database) -> list[Score]:
    """How late and how often wrong each tracker was, over all it has shown."""
    return scores(ground(db))


def ground(db: Database) -> TrackerRecord:
    """Everything stored that bears on what trackers show; nothing where no tracker was ever asked."""
    claimed = _claimed(db)
    kept_out = _kept_out(db)
    if not claimed and not kept_out:
        return TrackerRecord(())
    relations = objects.relations(db)
    asked = claimed | {(one.fact.ticker, one.fact.quantity) for one in kept_out}
    asked |= {(name, "btc_holdings") for one in relations for name in (one.ticker, one.other)}
    companies = db.execute("SELECT ticker, currency, active_to FROM company").fetchall()
    return TrackerRecord(
        facts=[*_facts(db, asked), *_prices(db, kept_out)],
        kept_out=kept_out,
        looks=_looks(db),
        relations=relations,
        splits=objects.splits(db),
        currencies={ticker: currency for ticker, currency, _ in companies},
        ends={ticker: date.fromisoformat(ends) for ticker, _, ends in companies if ends},
        rate=_rates(db),
        former_symbol=_former_symbols(db),
    )


def _claimed(db: Database) -> set[tuple[str, str]]:
    """The companies and quantities that trackers speak of."""
    if db.execute("SELECT 1 FROM source WHERE kind = 'tracker'").fetchone() is None:
        return set()  # without reading every fact
    rows = db.execute(
        "SELECT DISTINCT ticker, quantity FROM fact WHERE source IN (SELECT id FROM source WHERE kind = 'tracker') AND NOT known_assumed"
    ).fetchall()
    return {(ticker, quantity) for ticker, quantity in rows if quantity not in PUBLISHED}


def _facts(db: Database, asked: Collection[tuple[str, str]]) -> list[Fact]:
    """What was said of these companies' quantities, and of those that they are mistaken for."""
    pairs = {
        (ticker, name)
        for ticker, quantity in asked
        for name in (quantity, *KINDRED.get(quantity, ()), *PART_OF_WHOLE.get(quantity, ()))
    }
    listed = "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)"
    return objects.facts_where(db, f"(ticker, quantity) IN ({listed})", [json.dumps(sorted(pairs))])


# -- what was kept out ---------------------------------------------------------------------------------------------


def _kept_out(db: Database) -> list[TrackerClaim]:
    """Readings kept out and not settled since, as far as they name a company of ours or a currency."""
    rows = db.execute(
        "SELECT q.id, q.source, q.company, q.instrument, q.quantity, q.as_of, q.first_seen, q.value, q.unit, q.reason FROM quarantine q"
        " WHERE q.resolved_on IS NULL AND q.reason NOT LIKE 'stranger: %' ORDER BY q.id"
    ).fetchall()
    if not rows:
        return []
    identity = for_scraping.identity(db)
    kinds = _kinds(db, {row[1] for row in rows})
    found = []
    for number, source, company, instrument, quantity, as_of, seen, value, unit, reason in rows:
        day = date.fromisoformat(as_of)
        ticker = company if quantity == "usd_per_unit" or company == "BTC" else _ours(identity, company, source, day)
        if ticker is not None and quantity in QUANTITIES and quantity not in PUBLISHED:
            moment = datetime.fromisoformat(seen)
            kind = kinds.get(source, "tracker")
            fact = Fact(-number, ticker, instrument, quantity, day, moment, value, unit, source, kind)
            found.append(TrackerClaim(source, fact, moment.date(), moment.date(), first=True, kept_out=reason))
    return found


def _kinds(db: Database, publishers: Collection[str]) -> dict[str, str]:
    """What kind of source each is: as its snapshots have it, or the facts of its documents, as a filing bears a name of its own."""
    found = {tracker_name(source): kind for source, kind in db.execute("SELECT id, kind FROM source").fetchall()}
    for publisher in sorted(set(publishers) - set(found)):
        row = db.execute(
            "SELECT s.kind FROM document d JOIN fact f ON f.document = d.id JOIN source s ON s.id = f.source WHERE d.source = ? LIMIT 1",
            (publisher,),
        ).fetchone()
        if row is not None:
            found[publisher] = row[0]
    return found


def _ours(identity: Identity, company: str, source: str, day: date) -> str | None:
    """The company a source means, in whatever way it writes companies."""
    dialect = next((one for one in DIALECTS if source.startswith(one)), "")
    cik = _CIK.fullmatch(company)
    for match in (
        identity.by_ticker(company, day),
        identity.by_cik(int(cik[1]), day) if cik else identity.match(company, day, dialect=dialect),
    ):
        if isinstance(match, Match):
            return match.ticker
    return None


def _prices(db: Database, kept_out: Iterable[TrackerClaim]) -> list[Fact]:
    """The last stored price before each price that was kept out."""
    found = {}
    for reading in kept_out:
        fact = reading.fact
        if fact.quantity not in ("close", "usd_per_unit"):
            continue
        symbol = f"{fact.ticker}USD" if fact.quantity == "usd_per_unit" else fact.ticker
        fixing = fact.instrument or {"usd_per_unit": "ecb"}.get(fact.quantity, "utc" if symbol == "BTC" else "close")
        row = db.execute(
            "SELECT date, close, currency, source FROM price WHERE symbol = ? AND fixing = ? AND date <= ? ORDER BY date DESC LIMIT 1",
            (symbol, fixing, fact.as_of.isoformat()),
        ).fetchone()
        if row is not None:
            day = date.fromisoformat(row[0])
            found[symbol, fixing, day] = Fact(
                0, fact.ticker, fact.instrument, fact.quantity, day, day, row[1], row[2], row[3], "market"
            )
    return list(found.values())


# -- what the rules look up ----------------------------------------------------------------------------------------


def _looks(db: Database) -> dict[str, set[date]]:
    """The days each tracker was looked at: of its snapshots and documents, whatever those brought."""
    trackers = [source for (source,) in db.execute("SELECT id FROM source WHERE kind = 'tracker'").fetchall()]
    days = [(tracker_name(one), snapshot[0]) for one in trackers if (snapshot := _DAY_OF_SNAPSHOT.search(one))]
    days += db.execute(
        "SELECT DISTINCT source, substr(fetched_at, 1, 10) FROM document WHERE source IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(set(map(tracker_name, trackers)))),),
    ).fetchall()
    found: dict[str, set[date]] = {}
    for publisher, day in days:
        found.setdefault(publisher, set()).add(date.fromisoformat(day))
    return found


def _rates(db: Database) -> Callable[[str, date], float | None]:
    @cache
    def rate(currency: str, day: date) -> float | None:
        """US dollars for one unit, by the last rate up to a day."""
        row = db.execute(
            "SELECT close FROM price WHERE symbol = ? AND fixing = 'ecb' AND date <= ? ORDER BY date DESC LIMIT 1",
            (f"{currency}USD", day.isoformat()),
        ).fetchone()
        return None if row is None else float(row[0])

    return rate


def _former_symbols(db: Database) -> Callable[[str, date], str | None]:
    def former(ticker: str, day: date) -> str | None:
        listed = db.execute("SELECT name, mic FROM company WHERE ticker = ?", (ticker,)).fetchone()
        if listed is None:  # bitcoin, or a currency
            return None
        aliases = db.execute(
            "SELECT alias, kind, valid_from, valid_to FROM alias WHERE ticker = ? AND kind = 'symbol'"
            " AND (alias LIKE '%:%' OR valid_to IS NOT NULL)",  # others name no exchange, or are in use
            (ticker,),
        ).fetchall()
        return former_symbol(
            Listed(ticker, *listed),
            [Alias(ticker, alias, kind, _day(begins), _day(ends)) for alias, kind, begins, ends in aliases],
            day,
        )

    return former


# -- rows ----------------------------------------------------------------------------------------------------------


def _row(one: Judged, urls: Mapping[str | int, str | None]) -> tuple[object, ...]:
    ours, theirs = one.against, one.claim.fact
    return (
        theirs.ticker, theirs.instrument, theirs.quantity, str(ours.as_of), ours.value, ours.unit, ours.source, theirs.value, theirs.source,
        one.difference_pct, urls.get(ours.source), urls.get(theirs.id if theirs.id < 0 else theirs.source), str(theirs.as_of), theirs.unit, ours.source_kind, theirs.source_kind,
        objects.written(ours.known_at), objects.written(theirs.known_at), (one.on - ours.as_of).days, (one.on - one.claim.since).days, str(one.on),
        one.rule.verdict, one.rule.name, one.why,
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
