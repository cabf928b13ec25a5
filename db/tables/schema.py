"""The tables, as migrations in their order. A change of shape is a new function here; a landed one is never edited."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from db.tables.migrations import Migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

_LOG = logging.getLogger("mnav")
migrations = Migrations("mnav")
_MOST_LINES = 20  # of a repair, said one by one
CHANGES_MULTIPLES = frozenset({"publisher_fixing"})  # what is stored is copied before these

_DAY = "CHECK ({0} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')"
_DAY_OR_NONE = "CHECK ({0} IS NULL OR {0} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')"
_KNOWN = "CHECK ({0} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' OR {0} GLOB '????-??-??T??:??:??Z')"


def _day(name: str, required: bool = True) -> str:
    return f"{name} TEXT NOT NULL {_DAY.format(name)}" if required else f"{name} TEXT {_DAY_OR_NONE.format(name)}"


@migrations()
def tables(db: Database) -> None:
    for statement in (
        """CREATE TABLE source (
             id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('filing', 'issuer', 'press', 'tracker', 'market')),
             title TEXT NOT NULL, url TEXT, licence_note TEXT) STRICT""",
        f"""CREATE TABLE exchange (
             mic TEXT NOT NULL, timezone TEXT NOT NULL, close_time TEXT NOT NULL, {_day("valid_from", False)},
             source TEXT NOT NULL REFERENCES source, note TEXT) STRICT""",
        "CREATE UNIQUE INDEX exchange_key ON exchange (mic, coalesce(valid_from, ''))",
        f"""CREATE TABLE company (
             id INTEGER PRIMARY KEY, ticker TEXT NOT NULL UNIQUE, name TEXT NOT NULL, mic TEXT, country TEXT NOT NULL,
             currency TEXT NOT NULL,
             kind TEXT NOT NULL CHECK (kind IN ('treasury', 'miner', 'exchange', 'operating', 'spac', 'other_crypto')),
             cik TEXT, {_day("active_to", False)}, instruments_complete TEXT CHECK (instruments_complete IN ('yes', 'no')),
             note TEXT, source TEXT NOT NULL REFERENCES source) STRICT""",
        f"""CREATE TABLE alias (
             ticker TEXT NOT NULL REFERENCES company (ticker), alias TEXT NOT NULL,
             kind TEXT NOT NULL CHECK (kind IN ('symbol', 'name', 'former_name')),
             {_day("valid_from", False)}, {_day("valid_to", False)}, source TEXT NOT NULL REFERENCES source) STRICT""",
        "CREATE UNIQUE INDEX alias_key ON alias (ticker, alias, kind, coalesce(valid_from, ''))",
        "CREATE INDEX alias_alias ON alias (alias)",
        f"""CREATE TABLE instrument (
             ticker TEXT NOT NULL REFERENCES company (ticker), instrument TEXT NOT NULL,
             kind TEXT NOT NULL CHECK (kind IN ('convertible', 'loan', 'bond', 'preferred', 'convertible_preferred',
                                                'warrant', 'option', 'rsu')),
             currency TEXT NOT NULL, {_day("issue_date")}, {_day("maturity", False)}, {_day("put_date", False)},
             {_day("call_date", False)}, rate_pct REAL, conversion_price REAL CHECK (conversion_price > 0),
             shares_per_unit REAL CHECK (shares_per_unit > 0), settlement TEXT,
             cumulative TEXT CHECK (cumulative IN ('yes', 'no')), seniority INTEGER, {_day("retired_on", False)},
             note TEXT, source TEXT NOT NULL REFERENCES source, PRIMARY KEY (ticker, instrument)) STRICT""",
        """CREATE TABLE document (
             id INTEGER PRIMARY KEY, source TEXT NOT NULL, url TEXT NOT NULL, fetched_at TEXT NOT NULL, published_at TEXT,
             status INTEGER NOT NULL, sha256 TEXT NOT NULL, etag TEXT, last_modified TEXT, media_type TEXT,
             UNIQUE (source, url, sha256)) STRICT""",
        f"""CREATE TABLE fact (
             id INTEGER PRIMARY KEY, ticker TEXT NOT NULL REFERENCES company (ticker), instrument TEXT,
             quantity TEXT NOT NULL, {_day("as_of")}, known_at TEXT NOT NULL {_KNOWN.format("known_at")},
             known_assumed INTEGER NOT NULL CHECK (known_assumed IN (0, 1)), value REAL NOT NULL, unit TEXT NOT NULL,
             source TEXT NOT NULL REFERENCES source, document INTEGER REFERENCES document, note TEXT) STRICT""",
        "CREATE UNIQUE INDEX fact_key ON fact (ticker, quantity, as_of, known_at, source, coalesce(instrument, ''), value, unit)",
        f"""CREATE TABLE retraction (
             fact INTEGER PRIMARY KEY REFERENCES fact, {_day("retracted_on")}, reason TEXT NOT NULL) STRICT""",
        f"""CREATE TABLE purchase (
             ticker TEXT NOT NULL REFERENCES company (ticker), {_day("announced_on")}, {_day("period_start", False)},
             {_day("period_end", False)}, btc REAL NOT NULL, cost REAL, currency TEXT, average_price REAL, note TEXT,
             source TEXT NOT NULL REFERENCES source) STRICT""",
        "CREATE UNIQUE INDEX purchase_key ON purchase (ticker, announced_on, coalesce(period_start, ''), coalesce(period_end, ''), btc, source)",
        f"""CREATE TABLE split (
             ticker TEXT NOT NULL REFERENCES company (ticker), {_day("ex_date")}, numerator REAL NOT NULL CHECK (numerator > 0),
             denominator REAL NOT NULL CHECK (denominator > 0), source TEXT NOT NULL REFERENCES source, note TEXT,
             PRIMARY KEY (ticker, ex_date)) STRICT""",
        f"""CREATE TABLE price (
             symbol TEXT NOT NULL, {_day("date")}, fixing TEXT NOT NULL, close REAL NOT NULL CHECK (close > 0),
             currency TEXT NOT NULL, source TEXT NOT NULL REFERENCES source) STRICT""",
        "CREATE UNIQUE INDEX price_key ON price (symbol, fixing, date)",
        """CREATE TABLE quarantine (
             id INTEGER PRIMARY KEY, source TEXT NOT NULL, company TEXT NOT NULL, instrument TEXT, quantity TEXT NOT NULL,
             as_of TEXT NOT NULL, value REAL NOT NULL, unit TEXT NOT NULL, reason TEXT NOT NULL,
             document INTEGER REFERENCES document, first_seen TEXT NOT NULL, resolved_on TEXT) STRICT""",
        "CREATE UNIQUE INDEX quarantine_key ON quarantine (source, company, quantity, as_of, value, coalesce(instrument, ''))",
        """CREATE TABLE run (
             id INTEGER PRIMARY KEY, started_at TEXT NOT NULL, ended_at TEXT, asked TEXT NOT NULL, outcome TEXT,
             counts TEXT, versions TEXT NOT NULL) STRICT""",
    ):
        db.execute(statement)
    for table in ("fact", "retraction"):
        for verb in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, '{table} is append-only: withdraw a fact with a retraction'); END"
            )


@migrations()
def relations(db: Database) -> None:
    """Whose coins are counted in whose: sums over companies leave the consolidated ones out."""
    db.execute(
        f"""CREATE TABLE relation (
              ticker TEXT NOT NULL REFERENCES company (ticker), other TEXT NOT NULL REFERENCES company (ticker),
              kind TEXT NOT NULL CHECK (kind IN ('consolidated_by', 'merged_into')), {_day("valid_from")},
              {_day("valid_to", False)}, source TEXT NOT NULL REFERENCES source, note TEXT,
              PRIMARY KEY (ticker, other, kind, valid_from)) STRICT"""
    )


@migrations()
def derived(db: Database) -> None:
    """State and valuation are rebuilt at will and never transformed, so WITHOUT ROWID is allowed there."""
    amount = "{0} REAL, {0}_unit TEXT, {0}_as_of TEXT, {0}_fact INTEGER"
    money = ", ".join(amount.format(name) for name in ("debt", "preferred", "cash", "cost_basis"))
    db.execute(
        f"""CREATE TABLE state (
              id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL REFERENCES company, from_date TEXT NOT NULL,
              btc REAL, btc_as_of TEXT, btc_fact INTEGER,
              shares_basic REAL, shares_basic_as_of TEXT, shares_basic_fact INTEGER,
              shares_assumed_diluted REAL, shares_assumed_diluted_as_of TEXT, shares_assumed_diluted_fact INTEGER,
              {money}, claims TEXT, split_factor REAL NOT NULL, dilution_known INTEGER NOT NULL,
              known_assumed INTEGER NOT NULL, missing TEXT NOT NULL, reason TEXT NOT NULL) STRICT"""
    )
    db.execute("CREATE INDEX state_company ON state (company_id, from_date)")
    db.execute(
        """CREATE TABLE valuation (
             company_id INTEGER NOT NULL, date TEXT NOT NULL, price REAL NOT NULL, fx REAL, btc_price REAL, btc_fixing TEXT,
             debt REAL, preferred REAL, cash REAL, cost_basis REAL, dilutive_shares REAL, debt_itm REAL, preferred_itm REAL,
             state INTEGER, PRIMARY KEY (company_id, date)) STRICT, WITHOUT ROWID"""
    )
    # what has to be valued again: by new facts (states too) or by new prices (days only); company_id NULL: everyone
    db.execute(
        """CREATE TABLE dirty (
             company_id INTEGER, states INTEGER NOT NULL CHECK (states IN (0, 1)), from_date TEXT NOT NULL, to_date TEXT) STRICT"""
    )


@migrations()
def context(db: Database) -> None:
    """Series about the market that people bring: sentiment, holders' supply, futures."""
    db.execute(
        f"""CREATE TABLE context (
              series TEXT NOT NULL, {_day("date")}, known_at TEXT, value REAL NOT NULL, unit TEXT NOT NULL,
              source TEXT NOT NULL REFERENCES source, note TEXT, PRIMARY KEY (series, date, source)) STRICT"""
    )


@migrations()
def secondary(db: Database) -> None:
    """Which inputs of a state rest on press or a tracker; what is stored without it is made again."""
    db.execute("ALTER TABLE state ADD COLUMN secondary TEXT NOT NULL DEFAULT ''")
    db.execute("INSERT INTO dirty SELECT NULL, 1, '0001-01-01', NULL WHERE EXISTS (SELECT 1 FROM state)")


@migrations()
def noted(db: Database) -> None:
    """The run that first had a row of the journal, and the last reading kept out by then: what is new since the run before."""
    db.execute(
        f"""CREATE TABLE noted (
              run INTEGER NOT NULL REFERENCES run, ticker TEXT NOT NULL, quantity TEXT NOT NULL, {_day("date")}, what TEXT NOT NULL,
              new REAL, fact INTEGER) STRICT"""
    )
    db.execute("CREATE INDEX noted_row ON noted (ticker, quantity, date)")
    db.execute("ALTER TABLE run ADD COLUMN quarantine INTEGER")


@migrations()
def reconciliation(db: Database) -> None:
    """What trackers show beside what was filed, with verdicts; derived, so all of it is made at the next valuation."""
    db.execute(
        """CREATE TABLE reconciliation (
              ticker TEXT NOT NULL, instrument TEXT, quantity TEXT NOT NULL, as_of TEXT NOT NULL, value REAL NOT NULL, unit TEXT NOT NULL,
              source TEXT NOT NULL, other_value REAL NOT NULL, other_source TEXT NOT NULL, difference_pct REAL, url TEXT, other_url TEXT,
              other_as_of TEXT NOT NULL, other_unit TEXT NOT NULL, source_kind TEXT NOT NULL, other_source_kind TEXT NOT NULL,
              known_at TEXT NOT NULL, other_known_at TEXT NOT NULL, age_days INTEGER NOT NULL, other_age_days INTEGER NOT NULL,
              judged_on TEXT NOT NULL, verdict TEXT NOT NULL, rule TEXT NOT NULL, why TEXT NOT NULL) STRICT"""
    )


@migrations()
def listing(db: Database) -> None:
    """How many of its shares one listed unit of a company (an ADS and the like) stands for, and in which days."""
    db.execute(
        f"""CREATE TABLE listing (
              ticker TEXT NOT NULL REFERENCES company (ticker), unit TEXT NOT NULL, shares_per_unit REAL CHECK (shares_per_unit > 0),
              {_day("valid_from", False)}, {_day("valid_to", False)}, source TEXT NOT NULL REFERENCES source, note TEXT) STRICT"""
    )
    db.execute("CREATE UNIQUE INDEX listing_key ON listing (ticker, coalesce(valid_from, ''))")


@migrations()
def share_classes(db: Database) -> None:
    """What a class of shares is worth in listed shares, and which names in filings mean which instrument."""
    db.execute(
        f"""CREATE TABLE share_class (
              ticker TEXT NOT NULL REFERENCES company (ticker), class TEXT NOT NULL, rights TEXT NOT NULL CHECK (rights IN ('economic', 'votes_only')),
              ratio REAL CHECK (ratio > 0), {_day("valid_from", False)}, {_day("valid_to", False)}, source TEXT NOT NULL REFERENCES source,
              note TEXT, CHECK ((rights = 'economic') = (ratio IS NOT NULL))) STRICT"""
    )
    db.execute("CREATE UNIQUE INDEX share_class_key ON share_class (ticker, class, coalesce(valid_from, ''))")
    db.execute(
        """CREATE TABLE tranche_name (
              ticker TEXT NOT NULL, name TEXT NOT NULL, instrument TEXT NOT NULL, source TEXT NOT NULL REFERENCES source, note TEXT,
              PRIMARY KEY (ticker, name), FOREIGN KEY (ticker, instrument) REFERENCES instrument (ticker, instrument)) STRICT"""
    )


@migrations()
def withdrawn(db: Database) -> None:
    """Rows that are no facts and were taken back: what stood there, since when it does not, and why. For the journal."""
    db.execute(
        f"""CREATE TABLE withdrawn (
              id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, quantity TEXT NOT NULL, ticker TEXT NOT NULL,
              {_day("day", False)}, value REAL,
              unit TEXT, source TEXT NOT NULL REFERENCES source, {_day("withdrawn_on")}, reason TEXT NOT NULL) STRICT"""
    )


@migrations()
def redistributable(db: Database) -> None:
    """Whether what a source says may be given on; NULL where the terms are not known."""
    db.execute("ALTER TABLE source ADD COLUMN redistributable TEXT CHECK (redistributable IN ('yes', 'no'))")


@migrations()
def sessions(db: Database) -> None:
    """Whose shut and short days an exchange keeps, and by how much its closing auction follows a short day's close."""
    db.execute("ALTER TABLE exchange ADD COLUMN calendar TEXT")
    db.execute("ALTER TABLE exchange ADD COLUMN auction_minutes INTEGER")


@migrations()
def raised(db: Database) -> None:
    """Which totals only a day's rates show to be less than what is documented (1 debt, 2 preferred); all of it is made again."""
    db.execute("ALTER TABLE valuation ADD COLUMN raised INTEGER NOT NULL DEFAULT 0")
    db.execute("INSERT INTO dirty SELECT NULL, 1, '0001-01-01', NULL WHERE EXISTS (SELECT 1 FROM state)")


@migrations()
def instrument_prices(db: Database) -> None:
    """Closes of preferred stock and other listed instruments, as quoted, per share."""
    db.execute(
        f"""CREATE TABLE instrument_price (
              ticker TEXT NOT NULL, instrument TEXT NOT NULL, {_day("date")}, close REAL NOT NULL CHECK (close > 0), currency TEXT NOT NULL,
              source TEXT NOT NULL REFERENCES source, PRIMARY KEY (ticker, instrument, date),
              FOREIGN KEY (ticker, instrument) REFERENCES instrument (ticker, instrument)) STRICT"""
    )


@migrations()
def btc_price_at(db: Database) -> None:
    """The moment of the bitcoin price of each row, in seconds since 1970; whatever is stored without it is valued again."""
    db.execute("ALTER TABLE valuation ADD COLUMN btc_price_at INTEGER")
    db.execute("INSERT INTO dirty SELECT NULL, 1, '0001-01-01', NULL WHERE EXISTS (SELECT 1 FROM state)")


@migrations()
def doubted(db: Database) -> None:
    """Share counts from before a reverse split, and inputs that a day's prices put in doubt (1 holdings, 2 shares)."""
    db.execute("ALTER TABLE state ADD COLUMN from_before INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE valuation ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0")
    db.execute("INSERT INTO dirty SELECT NULL, 1, '0001-01-01', NULL WHERE EXISTS (SELECT 1 FROM state)")


@migrations()
def publisher_fixing(db: Database) -> None:
    """Bitcoin prices of Strategy's dashboard, stored as `nyse`, are of 24:00 New York: they move to that publisher's own fixing.

    The journal tells each; a true 16:00 price that a live source stored as `nyse` stays.
    """
    mislabelled = "symbol = 'BTC' AND fixing = 'nyse' AND source = 'strategy-dashboard'"
    db.execute(
        f"""INSERT INTO withdrawn (kind, key, quantity, ticker, day, value, unit, source, withdrawn_on, reason)
            SELECT 'btc_price', date || '|nyse|' || source, 'close', 'BTC', date, close, currency, source, '2026-11-30',
              'the price at 24:00 New York, eight hours after the close: it stays as the publisher''s fixing `strategy`'
            FROM price WHERE {mislabelled}"""
    )
    db.execute(f"UPDATE price SET fixing = 'strategy' WHERE {mislabelled}")
    db.execute("INSERT INTO dirty SELECT NULL, 1, '0001-01-01', NULL WHERE EXISTS (SELECT 1 FROM state)")


@migrations()
def restated(db: Database) -> None:
    """Stored prices and splits that were replaced, and splits told late: what stood there, what stands now. For the journal."""
    db.execute(
        f"""CREATE TABLE restated (
              id INTEGER PRIMARY KEY, ticker TEXT NOT NULL, quantity TEXT NOT NULL, {_day("day")},
              what TEXT NOT NULL CHECK (what IN ('appeared', 'changed')), old REAL, new REAL NOT NULL, unit TEXT NOT NULL,
              source TEXT NOT NULL REFERENCES source, note TEXT NOT NULL) STRICT"""
    )


@migrations()
def award_age(db: Database) -> None:
    """The oldest day on which the awards of a state were counted; what is stored without it is made again."""
    db.execute("ALTER TABLE state ADD COLUMN awards_as_of TEXT")
    db.execute("INSERT INTO dirty SELECT NULL, 1, '0001-01-01', NULL WHERE EXISTS (SELECT 1 FROM state)")


@migrations()
def counts_of_market_caps(db: Database) -> None:
    """Share counts that published market caps give, by the fact that tells the market cap; derived, made anew at will."""
    db.execute("CREATE TABLE derived_count (fact INTEGER PRIMARY KEY REFERENCES fact, value REAL NOT NULL) STRICT")


@migrations()
def preferred_at_market(db: Database) -> None:
    """Preferred stock at its own closes, what counts at its preference there, and what is stated of claims without a total; whatever is stored without it is valued again."""
    db.execute("ALTER TABLE valuation ADD COLUMN preferred_at_market REAL")
    db.execute("ALTER TABLE valuation ADD COLUMN at_preference TEXT")
    db.execute("ALTER TABLE valuation ADD COLUMN debt_stated REAL")
    db.execute("ALTER TABLE valuation ADD COLUMN preferred_stated REAL")
    db.execute("INSERT INTO dirty SELECT NULL, 1, '0001-01-01', NULL WHERE EXISTS (SELECT 1 FROM state)")


@migrations()
def publisher(db: Database) -> None:
    """Whose series a reading of the market belongs to, wherever it was read; NULL: that of its source."""
    db.execute("ALTER TABLE context ADD COLUMN publisher TEXT")


@migrations()
def volumes(db: Database) -> None:
    """Shares traded with a close, where its source said so; under which symbol a market lists an instrument."""
    db.execute("ALTER TABLE price ADD COLUMN volume REAL CHECK (volume >= 0)")
    db.execute("ALTER TABLE instrument_price ADD COLUMN volume REAL CHECK (volume >= 0)")
    db.execute(
        """CREATE TABLE instrument_symbol (
              ticker TEXT NOT NULL, instrument TEXT NOT NULL, symbol TEXT NOT NULL UNIQUE, mic TEXT, source TEXT NOT NULL REFERENCES source,
              note TEXT, PRIMARY KEY (ticker, instrument), FOREIGN KEY (ticker, instrument) REFERENCES instrument (ticker, instrument)) STRICT"""
    )


@migrations()
def watch_lists(db: Database) -> None:
    """Companies a person looks at together, under a name."""
    db.execute(
        """CREATE TABLE watched (
              name TEXT NOT NULL, ticker TEXT NOT NULL REFERENCES company (ticker), UNIQUE (name, ticker)) STRICT"""
    )


@migrations()
def entered_by_hand(db: Database) -> None:
    """Sources of the kind `user`. SQLite changes no CHECK in place, so the table is made anew; open_database does not hold foreign keys meanwhile."""
    db.execute("CREATE TEMP TABLE sources_kept AS SELECT * FROM source")
    db.execute("DROP TABLE source")
    db.execute(
        """CREATE TABLE source (
             id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('filing', 'issuer', 'press', 'tracker', 'market', 'user')),
             title TEXT NOT NULL, url TEXT, licence_note TEXT,
             redistributable TEXT CHECK (redistributable IN ('yes', 'no'))) STRICT"""
    )
    db.execute("INSERT INTO source SELECT id, kind, title, url, licence_note, redistributable FROM sources_kept")
    db.execute("DROP TABLE sources_kept")


@migrations()
def bounds(db: Database) -> None:
    """Rows from before what comes in had bounds (days of year 1 or 9999, closes beyond anything, endless words) are withdrawn or cut, and told."""
    from db.tables.repaired import repair

    (_, _, path), *_ = db.execute("PRAGMA database_list").fetchall()
    written = datetime.fromtimestamp(Path(path).stat().st_mtime, UTC).date() if path else date.max
    done = repair(db, written)
    for line in done[:_MOST_LINES]:
        _LOG.warning("repaired: %s", line)
    if len(done) > _MOST_LINES:
        _LOG.warning("repaired: %d more; `mnav revisions` lists what was withdrawn", len(done) - _MOST_LINES)


@migrations()
def share_basis(db: Database) -> None:
    """Shares and listed units of today for one of a company's, from one day to the next split; derived, made anew at will."""
    db.execute(
        """CREATE TABLE share_basis (
             ticker TEXT NOT NULL REFERENCES company (ticker), from_date TEXT NOT NULL, to_date TEXT, shares REAL NOT NULL, units REAL,
             PRIMARY KEY (ticker, from_date)) STRICT, WITHOUT ROWID"""
    )


@migrations()
def debt_once_known(db: Database) -> None:
    """A retirement counts from the day after, and a balance sheet that a total has outgrown takes its place: claims are worked out again."""
    db.execute("INSERT INTO dirty SELECT NULL, 1, '0001-01-01', NULL WHERE EXISTS (SELECT 1 FROM state)")


@migrations()
def at_close(db: Database) -> None:
    """Bitcoin and the exchange rate at a close, once for all companies of an exchange and currency instead of with each valuation.

    Valuations move with them; one that met something else than its neighbours (what changed was not valued yet) is left out and valued again.
    """
    db.execute(
        f"""CREATE TABLE at_close (
             mic TEXT NOT NULL, currency TEXT NOT NULL, {_day("date")}, fx REAL, btc_price REAL, btc_price_at INTEGER, btc_fixing TEXT,
             PRIMARY KEY (mic, currency, date)) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE TEMP TABLE valued_before AS SELECT * FROM valuation")
    db.execute("DROP TABLE valuation")
    db.execute(
        """CREATE TABLE valuation (
             company_id INTEGER NOT NULL, date TEXT NOT NULL, price REAL NOT NULL, debt REAL, preferred REAL, cash REAL, cost_basis REAL,
             dilutive_shares REAL DEFAULT 0, debt_itm REAL DEFAULT 0, preferred_itm REAL DEFAULT 0, state INTEGER,
             raised INTEGER NOT NULL DEFAULT 0, doubted INTEGER NOT NULL DEFAULT 0, preferred_at_market REAL, at_preference TEXT,
             debt_stated REAL, preferred_stated REAL, PRIMARY KEY (company_id, date)) STRICT, WITHOUT ROWID"""
    )
    met = "fx, btc_price, btc_price_at, btc_fixing"
    db.execute(
        f"""INSERT INTO at_close SELECT coalesce(c.mic, ''), c.currency, v.date, {met}
            FROM valued_before v JOIN company c ON c.id = v.company_id GROUP BY 1, 2, 3"""
    )
    kept = (
        "company_id, date, price, debt, preferred, cash, cost_basis, dilutive_shares, debt_itm, preferred_itm, state, raised, doubted,"
        " preferred_at_market, at_preference, debt_stated, preferred_stated"
    )
    theirs, ours = (", ".join(f"{table}.{name}" for name in met.split(", ")) for table in ("v", "m"))
    db.execute(
        f"""INSERT INTO valuation ({kept}) SELECT {kept.replace("date", "v.date")} FROM valued_before v JOIN company c ON c.id = v.company_id
            JOIN at_close m ON m.mic = coalesce(c.mic, '') AND m.currency = c.currency AND m.date = v.date WHERE ({theirs}) IS ({ours})"""
    )
    db.execute(
        "INSERT INTO dirty SELECT NULL, 1, '0001-01-01', NULL WHERE (SELECT count(*) FROM valuation) < (SELECT count(*) FROM valued_before)"
    )
    db.execute("DROP TABLE valued_before")
    # what was valued at one exchange's closes is no valuation at another's
    db.execute(
        """CREATE TRIGGER company_moved AFTER UPDATE OF mic, currency ON company
           WHEN old.mic IS NOT new.mic OR old.currency IS NOT new.currency
           BEGIN DELETE FROM valuation WHERE company_id = new.id; END"""
    )
