"""What the database knows, as far as a scrape needs it: whom readings can be about, what can be true, what to ask for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from db.tables import objects
from treasury.known.precedence import tracker_name
from treasury.model import Document, Listing
from treasury.share_classes import ShareClass
from treasury.splits import unit_steps

if TYPE_CHECKING:
    from sqlite_utils import Database

    from treasury.intake.identity import Identity
    from treasury.intake.plausible import History

FIRST_BITCOIN = date(
    2020, 8, 1
)  # where nothing is stored: before the first purchase by a listed company of today's kind
BALANCE_SHEET = (("shares_basic", "shares_listed_units"), ("cash", "usd_reserve"), ("debt_total", "debt_carrying"))
OVERLAP = timedelta(days=3)  # asked for again, in case a day came late
MIDNIGHT = (
    "00:00"  # of the hourly prices the one that stands for all: is the series complete, and how far does it reach
)


def identity(db: Database) -> Identity:
    """Everyone the database lists, with their dated aliases."""
    from treasury.intake.identity import Alias, Identity, Listed

    companies = db.execute("SELECT ticker, name, mic, cik, active_to FROM company").fetchall()
    aliases = db.execute("SELECT ticker, alias, kind, valid_from, valid_to FROM alias").fetchall()
    return Identity(
        [Listed(ticker, name, mic, cik, _day(active_to)) for ticker, name, mic, cik, active_to in companies],
        [Alias(ticker, alias, kind, _day(begins), _day(ends)) for ticker, alias, kind, begins, ends in aliases],
        {
            (ticker, name): instrument
            for ticker, name, instrument in db.execute("SELECT ticker, name, instrument FROM tranche_name").fetchall()
        },
        {
            symbol: (ticker, instrument)
            for symbol, ticker, instrument in db.execute(
                "SELECT symbol, ticker, instrument FROM instrument_symbol"
            ).fetchall()
        },
    )


def share_classes(db: Database) -> list[ShareClass]:
    """What is known of classes of shares, with the number under which their companies file."""
    rows = db.execute(
        "SELECT s.ticker, class, ratio, valid_from, valid_to, cik FROM share_class s JOIN company c USING (ticker) ORDER BY s.rowid"
    ).fetchall()
    return [
        ShareClass(ticker, name, ratio, _day(begins), _day(ends), int(cik) if cik and cik.isdigit() else None)
        for ticker, name, ratio, begins, ends, cik in rows
    ]


def known_as(db: Database) -> dict[str, list[str]]:
    """The names and words of every company: its own, its aliases, by ticker and by `CIK 0001050446`."""
    found: dict[str, list[str]] = {}
    rows = db.execute(
        "SELECT c.ticker, cik, name FROM company c UNION ALL SELECT c.ticker, cik, alias FROM alias JOIN company c USING (ticker)"
    ).fetchall()
    for ticker, cik, name in rows:
        for key in (ticker, f"CIK {int(cik):010d}" if cik and cik.isdigit() else ""):
            if key:
                found.setdefault(key, []).append(name)
    return found


def history(db: Database) -> History:
    """Facts, closes, splits and bitcoin prices stored so far."""
    from treasury.intake.plausible import History, priced

    facts = db.execute(
        "SELECT ticker, quantity, instrument, as_of, value, source, source_kind FROM known_fact ORDER BY known_at, as_of, id"
    ).fetchall()
    return History(
        values=[
            (ticker, quantity, one, date.fromisoformat(day), value) for ticker, quantity, one, day, value, *_ in facts
        ],
        trackers=[
            (tracker_name(source), ticker, quantity, one, value)
            for ticker, quantity, one, _, value, source, kind in facts
            if kind == "tracker"
        ],
        closes=[
            (symbol, date.fromisoformat(day), close)
            for symbol, day, close in db.execute(
                "SELECT symbol, date, close FROM price WHERE fixing = 'close'"
            ).fetchall()
        ]
        + [
            (priced(ticker, instrument), date.fromisoformat(day), close)
            for ticker, instrument, day, close in db.execute(
                "SELECT ticker, instrument, date, close FROM instrument_price"
            ).fetchall()
        ],
        splits=stored_splits(db),
        bitcoin=_bitcoin(db, "utc", MIDNIGHT),
        currencies=db.execute("SELECT ticker, currency FROM company").fetchall()
        + [
            (priced(ticker, instrument), currency)
            for ticker, instrument, currency in db.execute("SELECT ticker, instrument, currency FROM instrument")
        ],
        exchanges=db.execute("SELECT ticker, mic FROM company").fetchall()
        + [
            (priced(ticker, instrument), mic)
            for ticker, instrument, mic in db.execute("SELECT ticker, instrument, mic FROM instrument_symbol")
        ],
        sessions=objects.closes(db),
        primary=[
            (ticker, quantity, one, date.fromisoformat(day), value)
            for ticker, quantity, one, day, value, _, kind in facts
            if kind in ("filing", "issuer")
        ],
        rates=[
            (currency, date.fromisoformat(day), rate)
            for currency, day, rate in db.execute(
                "SELECT substr(symbol, 1, 3), date, close FROM price WHERE fixing = 'ecb'"
            ).fetchall()
        ],
        doubted_counts=[
            (ticker, quantity, date.fromisoformat(day), value)
            for ticker, quantity, day, value in db.execute(
                "SELECT c.ticker, q.quantity, q.as_of, q.value FROM quarantine q JOIN company c ON q.company = printf('CIK %010d', c.cik)"
                " WHERE c.cik IS NOT NULL AND q.quantity GLOB 'shares_*' AND q.reason LIKE '%jumps by%'"
            ).fetchall()
        ],
        kinds=db.execute("SELECT ticker, kind FROM company").fetchall(),
        listed_units=_listed_units(db),
        unit_steps=stored_unit_steps(db),
        doubted=[
            (source, priced(company, instrument), date.fromisoformat(day), close, date.fromisoformat(first_seen[:10]))
            for source, company, instrument, day, close, first_seen in db.execute(
                "SELECT source, company, iif(company = 'BTC', NULL, instrument), as_of, value, first_seen FROM quarantine WHERE quantity = 'close' AND resolved_on IS NULL AND value > 0"
            ).fetchall()
        ],
        said=[
            (source, ticker, quantity, date.fromisoformat(day), value, datetime.fromisoformat(seen))
            for source, ticker, quantity, day, value, seen in db.execute(
                "SELECT f.source, ticker, quantity, as_of, value, fetched_at FROM fact f JOIN document d ON d.id = f.document"
            ).fetchall()
        ],
    )


def offers(db: Database, today: date, tickers: Sequence[str] = (), since: date | None = None) -> dict[str, Any]:
    """What sources may name as parameters of `urls` and `parse`.

    - `today`, and what is wanted from when on: `bitcoin_since`, `rates_since`;
    - `symbols`: tickers of companies that hold bitcoin, with the last day whose close is stored (or the day before `since`,
      where that is earlier), None where there is none; `last_closes`: that day and its close; `ciks`: the numbers under which they file with the SEC; `filers`: those numbers with their tickers; `currencies` of companies and claims;
    - `listed_instruments`: symbols of their listed instruments that are outstanding, with the last day whose close is stored, likewise;
    - `splits`: ticker -> (ex-date, new shares for an old one), oldest first; `bitcoin`: day -> its close at 00:00 UTC after it;
    - `share_classes`: what classes of shares are worth in listed shares; `listed_units`: companies whose listing is not one share;
    - `balance_sheets`: the day since which shares, cash and debt of a company are all known, where they are; `quoted_in`: ticker ->
      the currency its shares trade in; `known_as`: what companies are called, by ticker and by the number under which they file,
      `CIK 0001050446`.
    """
    holders = db.execute(
        "SELECT c.ticker, c.cik, p.date, p.close FROM company c LEFT JOIN price p ON p.symbol = c.ticker AND p.fixing = 'close'"
        " AND p.date = (SELECT max(date) FROM price WHERE symbol = c.ticker AND fixing = 'close')"
        " WHERE (c.active_to IS NULL OR c.active_to > ?)"
        " AND EXISTS (SELECT 1 FROM known_fact f WHERE f.ticker = c.ticker AND f.quantity = 'btc_holdings' AND f.value > 0)"
        " ORDER BY c.ticker",
        (today.isoformat(),),
    ).fetchall()
    asked = [one for one in holders if not tickers or one[0] in tickers]
    splits: dict[str, list[tuple[date, float]]] = {}
    for ticker, day, ratio in stored_splits(db):
        splits.setdefault(ticker, []).append((day, ratio))
    asked_before = since - timedelta(days=1) if since else None
    currencies = {one for (one,) in db.execute("SELECT DISTINCT currency FROM company").fetchall()}
    currencies |= {one for (one,) in db.execute("SELECT DISTINCT currency FROM instrument").fetchall()}
    return {
        "today": today,
        "symbols": {ticker: _earlier(_day(last), asked_before) for ticker, _, last, _ in asked},
        "listed_instruments": {
            symbol: _earlier(_day(last), asked_before)
            for symbol, last in _listed_instruments(db, [ticker for ticker, *_ in asked], today)
        },
        "last_closes": {ticker: (date.fromisoformat(last), close) for ticker, _, last, close in asked if last},
        "ciks": [int(cik) for _, cik, *_ in asked if cik and cik.isdigit()],
        "filers": {int(cik): ticker for ticker, cik, *_ in holders if cik and cik.isdigit()},
        "splits": splits,
        "bitcoin": dict(_bitcoin(db, "utc")),
        "share_classes": share_classes(db),
        "listed_units": _listed_units(db),
        "balance_sheets": _balance_sheets(db),
        "quoted_in": dict(db.execute("SELECT ticker, currency FROM company").fetchall()),
        "known_as": known_as(db),
        "currencies": currencies - {"USD"},
        "bitcoin_since": since or _bitcoin_since(db),
        "rates_since": _rates_since(db),
    }


def _listed_instruments(db: Database, tickers: list[str], today: date) -> list[tuple[str, str | None]]:
    """Symbol and last close of every listed instrument of these companies that has not ended."""
    return list(
        db.execute(
            """SELECT symbol, (SELECT max(date) FROM instrument_price p WHERE p.ticker = s.ticker AND p.instrument = s.instrument)
               FROM instrument_symbol s JOIN instrument i USING (ticker, instrument)
               WHERE ticker IN (SELECT value FROM json_each(:tickers)) AND coalesce(retired_on, '9') > :today AND coalesce(maturity, '9') > :today
               ORDER BY symbol""",
            {"tickers": json.dumps(tickers), "today": today.isoformat()},
        ).fetchall()
    )


def _balance_sheets(db: Database) -> dict[str, date]:
    """The oldest of the newest days that shares, cash and debt of a company are known of; left out where one is not known."""
    days: dict[str, list[str]] = {}
    for quantities in BALANCE_SHEET:
        rows = db.execute(
            f"SELECT ticker, max(as_of) FROM known_fact WHERE quantity IN ({', '.join('?' * len(quantities))}) GROUP BY ticker",
            quantities,
        ).fetchall()
        for ticker, day in rows:
            days.setdefault(ticker, []).append(day)
    return {
        ticker: date.fromisoformat(min(found)) for ticker, found in days.items() if len(found) == len(BALANCE_SHEET)
    }


def _listed_units(db: Database) -> set[str]:
    """Companies whose listing is not, or was not always, one share."""
    rows = db.execute("SELECT DISTINCT ticker FROM listing WHERE shares_per_unit IS NULL OR shares_per_unit <> 1")
    return {ticker for (ticker,) in rows.fetchall()}


def stored_splits(db: Database) -> list[tuple[str, date, float]]:
    """Ticker, ex-date, and new shares for one old share."""
    rows = db.execute("SELECT ticker, ex_date, numerator / denominator FROM split ORDER BY ticker, ex_date").fetchall()
    return [(ticker, date.fromisoformat(day), ratio) for ticker, day, ratio in rows]


def stored_unit_steps(db: Database) -> list[tuple[str, date, float]]:
    """The days on which a listed unit becomes another, and how many new ones an old one is worth."""
    listings: dict[str, list[Listing]] = {}
    for row in objects.listings(db):
        listings.setdefault(row.ticker, []).append(row)
    return [
        (ticker, day, ratio)
        for ticker, rows in listings.items()
        for day, ratio in unit_steps(rows)
        if ratio is not None
    ]


def _bitcoin(db: Database, *fixings: str) -> list[tuple[date, float]]:
    places = ", ".join("?" * len(fixings))
    rows = db.execute(
        f"SELECT date, close FROM price WHERE symbol = 'BTC' AND fixing IN ({places})", fixings
    ).fetchall()
    return [(date.fromisoformat(day), close) for day, close in rows]


def is_stored(db: Database, document: Document) -> bool:
    """Whether these very bytes were read and stored as the newest of their URL; older ones that return are news."""
    newest = db.execute(
        "SELECT sha256 FROM document WHERE source = ? AND url = ? ORDER BY fetched_at DESC, id DESC LIMIT 1",
        (document.source, document.url),
    ).fetchone()
    return newest is not None and newest[0] == document.sha256


def _bitcoin_since(db: Database) -> date:
    """The last day of the fixing that lags most, less the overlap; where days are missing in between, the last before them.

    A request that failed leaves such a hole beside newer pages. One hour stands for all: a page of candles holds whole days.
    """
    lasts = []
    for fixing in ("utc", MIDNIGHT):
        days = "SELECT date, lead(date) OVER (ORDER BY date) AS next FROM price WHERE symbol = 'BTC' AND fixing = ? AND date >= ?"
        lasts += db.execute(
            f"SELECT min(date) FROM ({days}) WHERE next IS NULL OR julianday(next) - julianday(date) > 1",
            (fixing, FIRST_BITCOIN.isoformat()),
        ).fetchone()
    return min(date.fromisoformat(last) if last else FIRST_BITCOIN for last in lasts) - OVERLAP


def _rates_since(db: Database) -> date:
    """No rate is needed before the first bitcoin of a treasury company, or the first close stored."""
    first = db.execute("SELECT min(date) FROM price WHERE fixing = 'close'").fetchone()[0]
    return min(date.fromisoformat(first) if first else FIRST_BITCOIN, FIRST_BITCOIN) - OVERLAP


def _earlier(last: date | None, asked_before: date | None) -> date | None:
    """From where a series goes on: what is asked for later than that would leave a hole that nobody fills."""
    return min((day for day in (last, asked_before) if day is not None), default=None)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# -- what the verbs about sources show -----------------------------------------------------------------------------


def last_runs(db: Database) -> dict[str, tuple[str, dict[str, Any]]]:
    """When each source was last asked, and its counts of that run."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for started, counts in db.execute(
        "SELECT started_at, counts FROM run WHERE asked LIKE 'scrape%' AND counts IS NOT NULL ORDER BY id"
    ):
        found |= {source: (started, told) for source, told in json.loads(counts).items()}
    return found


def newest_documents(db: Database) -> dict[str, str]:
    """When each source's newest document was fetched."""
    return dict(db.execute("SELECT source, max(fetched_at) FROM document GROUP BY source").fetchall())


def needed_bodies(db: Database) -> set[str]:
    """The sha256 of every document that a fact or a reading kept out rests on."""
    rows = db.execute(
        "SELECT sha256 FROM document WHERE id IN (SELECT document FROM fact UNION SELECT document FROM quarantine)"
    )
    return {sha256 for (sha256,) in rows.fetchall()}
