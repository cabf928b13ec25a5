"""What every table, view and column is, in words: the metadata with which the database is browsed.

Metrics, inputs and quantities are described where they are defined; here stands only what has no other place.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from db.feeds.questions import QUESTIONS
from treasury.metrics.adjusted import DAY_BY_DAY
from treasury.metrics.metric import METRICS
from treasury.quantities import QUANTITIES
from treasury.trust.grade import GRADES

if TYPE_CHECKING:
    from sqlite_utils import Database

DATA_SOURCE = "public filings, issuers, press and trackers; every row names its own"
LICENCE = "no licence is given for the data; see licence_note in the table source, and DATA.md"

# the public interface first; what is not here is machinery and stays hidden
TABLES: Mapping[str, tuple[str, tuple[str, ...]]] = {  # name: what one row is, the columns offered as facets
    "mnav_latest": ("the newest valued close of every company, under every definition; stale is 1 for rows left behind", ("kind", "country", "grade", "stale")),
    "mnav_daily": ("one company on one trading day, with what was public at that close and nothing later", ()),
    "mnav_adjusted": ("one company on one trading day, prices and counts on the basis of today's shares: splits nobody knew that day are applied", ()),
    "holdings": ("the bitcoin a company is now known to hold, with its source", ("kind", "country", "source_kind")),
    "holdings_total": ("the bitcoin known of all companies together at each day it changed, no coin counted twice", ()),
    "purchases": ("a disclosed purchase or sale of bitcoin, with the running total", ("ticker",)),
    "revisions": ("a change of what was known: old, new, and when it was learned", ("ticker", "quantity", "what")),
    "disagreements": ("a tracker against what was filed, or two sources about one day, more than 0.5 % apart or late, with a verdict", ("ticker", "quantity", "verdict")),
    "reconciliation": ("derived: what a tracker now shows of a company beside what was filed, with a verdict; agreement included", ("ticker", "quantity", "verdict")),
    "known_fact": ("a fact that is not withdrawn, with its source spelled out", ("ticker", "quantity", "source_kind")),
    "company": ("a listed holder of bitcoin", ("kind", "country", "currency")),
    "alias": ("another symbol or name of a company, with its dates", ("kind",)),
    "instrument": ("a claim on a company: convertible, loan, bond, preferred, warrant, option or stock unit, and its terms", ("ticker", "kind")),
    "source": ("a document, page or series that numbers were read from", ("kind",)),
    "fact": ("a number as published, with its day, the moment it became known, and its source; append-only", ("ticker", "quantity", "known_assumed")),
    "retraction": ("a fact withdrawn as our own mistake, when and why", ()),
    "withdrawn": ("a price, split, purchase or other row that was wrong and is dropped: what stood there, and why", ("kind",)),
    "purchase": ("a disclosed acquisition or sale of bitcoin as printed", ("ticker",)),
    "price": ("a price as quoted: shares unadjusted, bitcoin by fixing, US dollars for a unit of a currency", ("fixing", "currency")),
    "split": ("a share split", ("ticker",)),
    "listing": ("how many shares one listed unit (an ADS and the like) stands for, from one day to another", ("ticker",)),
    "relation": ("whose coins are counted in whose", ("kind",)),
    "share_class": ("what a class of shares is worth in listed shares, or that it has votes only", ("rights",)),
    "instrument_price": ("a close of preferred stock or another listed instrument, per share, as quoted", ("instrument",)),
    "tranche_name": ("which instrument a name in a filing means", ()),
    "instrument_symbol": ("under which symbol a market lists an instrument", ()),
    "exchange": ("an exchange's time zone and closing time", ()),
    "quarantine": ("a reading kept out of the valuation, and why", ("reason",)),
    "document": ("what was fetched, and the hash of its bytes", ("source",)),
    "watched": ("a company on a watch list", ("name",)),
    "run": ("one run of mnav: what was asked and how it ended", ()),
    "state": ("derived: everything known of one company from one day until the next fact changed it", ()),
    "valuation": ("derived: the close, amounts in dollars and in-the-money claims of one company on one day", ()),
    "at_close": ("derived: bitcoin and the exchange rate at one exchange's close of one day, for companies quoted in one currency", ()),
}  # fmt: skip

LABELS = {"source": "title", "company": "name"}  # what a link to a row of it says

# columns that mean the same wherever they stand
DESCRIBED: Mapping[str, str] = {
    "grade": "how far the row can be relied on. " + "; ".join(f"{grade}: {meaning}" for grade, meaning in GRADES.items()),
    "stale": "1: more than 7 days behind the newest row of the database",
    "kind": "what it is: of companies treasury, miner, exchange, operating, spac or other_crypto; of sources filing, issuer, press, tracker, market or user (entered by hand)",
    "as_of": "the day the number describes",
    "known_at": "when the public could know it: a UTC moment, or a day (known after that day's close)",
    "instrument": "the claim it is about; empty where it is about the company",
    "quantity": "what is stated; units and meanings are listed above the table",
    "value": "as printed, in its unit, on the share basis of its day",
    "unit": "BTC, shares, percent, or an ISO currency",
    "source": "where it was read: the id, or in views the title, of a row of the table source",
    "source_kind": "filing and issuer are primary; press, tracker and user (entered by hand) secondary",
    "source_title": "the source in words",
    "url": "where the source can be read",
    "note": "the grade (A primary document, B, C) and remarks",
    "fact": "id of the fact behind it",
    "name": "the company's name", "country": "ISO country code", "currency": "ISO currency code", "mic": "the exchange, ISO 10383",
    "announced_on": "the day it was announced", "period_start": "first day of the period bought in", "period_end": "last day of the period bought in",
    "cost": "paid, fees included, in its currency", "average_price": "per bitcoin, in its currency", "btc_bought_so_far": "BTC: running total of the disclosed purchases",
    "what": "appeared, changed, vanished, split or withdrawn", "old": "value before", "new": "value after", "old_unit": "unit of the value before", "changes": "companies whose holdings changed that day",
    "other_value": "the other source's value", "other_source": "the other source", "other_url": "where the other source can be read", "difference_pct": "%: other over first, less one; in one currency and on one share basis",
    "other_as_of": "the day the other number describes; of a tracker, the day it was first shown", "other_unit": "unit of the other value", "other_source_kind": "filing, issuer, press, tracker or market",
    "other_known_at": "when the other number could be known; of a tracker, when it was first seen", "age_days": "days: from the day described to the judgement", "other_age_days": "days: for how long the tracker has shown it; else as age_days",
    "judged_on": "the last day the tracker was looked at", "verdict": "agrees, late, stale, double count, different scope, unit or currency error, or disagreement", "rule": "the rule that gave the verdict", "why": "the verdict in words",
    "cik": "the SEC's company number", "active_to": "the day from which the company no longer stands alone", "instruments_complete": "yes: its list of instruments is complete",
    "issue_date": "day of issue", "maturity": "day it falls due", "put_date": "first day holders may put it", "call_date": "first day the issuer may call it",
    "rate_pct": "%: coupon or dividend a year", "conversion_price": "in its currency, on the share basis of its issue", "shares_per_unit": "shares for 1,000 of principal",
    "seniority": "1 is paid first", "retired_on": "the day it was redeemed or converted", "close": "the price, in its currency", "fixing": "close of a share; of bitcoin utc, or nyse and other exchanges at whose close it was; of a currency ecb",
    "symbol": "ticker, BTC, or a currency and USD", "ex_date": "first day on the new basis", "licence_note": "what is known of the terms", "redistributable": "yes: what it says may be given on; no: not; empty: not known", "title": "the source in words",
}  # fmt: skip


def metadata(db: Database) -> dict[str, Any]:
    """Datasette's metadata of this database: titles, descriptions, units, facets and canned queries."""
    shown = {name: _table(db, name, row, facets) for name, (row, facets) in TABLES.items()}
    stored = [*db.table_names(), *db.view_names()]
    hidden = {name: {"hidden": True} for name in stored if name not in TABLES}
    return {
        "title": "mnav: what listed bitcoin holders trade for",
        "description": "Every figure with its source and the moment it became known. Unknown is empty, never 0. Read-only.",
        "databases": {
            "mnav": {
                "description": "Begin with mnav_latest and mnav_daily, or with a question below. mnav_* are multiples, *_pct per cent, money is in US dollars.",
                "license": LICENCE,
                "source": DATA_SOURCE,
                "tables": {name: about for name, about in {**shown, **hidden}.items() if name in stored},
                "queries": {one.name: one.as_metadata() for one in QUESTIONS},
            }
        },
    }


def describe(name: str) -> str | None:
    """A column in words, its unit first where it has one; None where nothing is known of it."""
    if name in DESCRIBED:
        return DESCRIBED[name]
    column = DAY_BY_DAY.get(name)
    if column is None:
        return None
    text = column.meaning if not column.numeric else f"{column.unit}: {column.meaning}"
    return f"{text} = {column.formula}" if name in METRICS else text


def _table(db: Database, name: str, row: str, facets: tuple[str, ...]) -> dict[str, Any]:
    columns = [column for column, *_ in db.execute(f"SELECT * FROM {name} LIMIT 0").description]
    described = {column: text for column in columns if (text := describe(column))}
    about: dict[str, Any] = {
        "description_html": f"<p>One row is {escape(row)}.</p>",
        "columns": described,
        "license": LICENCE,
        "source": DATA_SOURCE,
    }
    if facets:
        about["facets"] = list(facets)
    if name in LABELS:
        about["label_column"] = LABELS[name]
    if name == "mnav_latest":
        about["sort_desc"] = "btc_nav"
    if "quantity" in columns:
        lines = "".join(
            f"<li><code>{one.id}</code> ({one.unit}): {escape(one.meaning)}</li>" for one in QUANTITIES.values()
        )
        about["description_html"] += f"<details><summary>Quantities and their units</summary><ul>{lines}</ul></details>"
    return about
