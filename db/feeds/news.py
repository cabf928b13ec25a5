"""What a run brought: which rows of the journal it was the first to have, what was kept out, and which sources failed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from db.reads import views
from db.tables.scraped import STRANGER
from db.tables.transaction import writing
from treasury.messages.news import News
from treasury.model import InputError

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Run:
    """A run that ended, when, and the one before it (id, end and last reading kept out by then; 0 and "" for the first)."""

    id: int
    ended_at: str
    before: int
    before_ended_at: str
    kept_out_before: int


def end_run(db: Database, run: int, now: str, counts: Mapping[str, Any]) -> None:
    """End a run that valued everything, and note it with what the journal did not have before: both or neither.

    What a killed run learned is thus told by the next one; so is what was imported by hand meanwhile.
    """
    with writing(db):
        db.execute(
            f"""INSERT INTO noted (run, ticker, quantity, date, what, new, fact)
                SELECT ?, ticker, quantity, date, what, new, fact FROM revisions r WHERE NOT EXISTS (SELECT 1 FROM noted n WHERE {views.SAME_ROW})""",
            (run,),
        )
        db.execute(
            "UPDATE run SET ended_at = ?, outcome = 'done', counts = ?, quarantine = (SELECT coalesce(max(id), 0) FROM quarantine) WHERE id = ?",
            (now, json.dumps(counts), run),
        )


def last_run(db: Database) -> Run:
    """The last run that ended. Raises InputError where there is none."""
    rows = db.execute(
        "SELECT id, ended_at, quarantine FROM run WHERE quarantine IS NOT NULL ORDER BY id DESC LIMIT 2"
    ).fetchall()
    if not rows:
        raise InputError(
            "no `mnav run` has ended in this database yet, so nothing is new since the last one; run it first"
        )
    (number, ended, _), before = rows[0], rows[1] if len(rows) > 1 else (0, "", 0)
    return Run(number, ended, before[0], before[1], before[2])


def since_last_run(db: Database, tickers: Sequence[str] = (), quantity: str | None = None) -> News:
    """What the last run changed, of some companies and one quantity; what was kept out and failed is of all."""
    run = last_run(db)
    about = f"Run of {_minute(run.ended_at)}" + (
        f", after that of {_minute(run.before_ended_at)}" if run.before else ""
    )
    return News(
        f"{about}. {_newest_close(db)}",
        _named(db, views.revisions(db, tickers, quantity=quantity, run=run.id)),
        *_kept_out(db, "id > ?", run.kept_out_before),
        _failed(db, run.before, run.id),
        first=not run.before,
    )


def since_day(
    db: Database, since: str, until: str | None = None, tickers: Sequence[str] = (), quantity: str | None = None
) -> News:
    """What became known from a day on (through `until`), and was kept out in these days."""
    about = f"Since {since}" + (f", until {until}" if until else "")
    changes = views.revisions(db, tickers, since, until, quantity)
    kept_out = _kept_out(db, "first_seen >= ? AND substr(first_seen, 1, 10) <= ?", since, until or "9999-12-31")
    return News(f"{about}. {_newest_close(db)}", _named(db, changes), *kept_out)


def _named(db: Database, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {"BTC": "Bitcoin"} | dict(db.execute("SELECT ticker, name FROM company").fetchall())
    return [{**row, "name": names.get(row["ticker"], row["ticker"])} for row in rows]  # a rate's is its symbol


def _kept_out(db: Database, where: str, *values: object) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Readings kept out and not settled since: those that cannot be true, and those of companies nobody could match."""
    rows = list(
        db.query(
            f"SELECT source, company, quantity, value, unit, as_of, reason FROM quarantine WHERE resolved_on IS NULL AND {where} ORDER BY id",
            values,
        )
    )
    strangers = {(row["source"], row["company"]): row for row in rows if row["reason"].startswith(STRANGER)}
    return [row for row in rows if not row["reason"].startswith(STRANGER)], list(strangers.values())


def _failed(db: Database, after: int, until: int) -> list[dict[str, Any]]:
    """The sources that failed, wholly or partly, in the scrapes between two runs; how each fared last counts."""
    found: dict[str, dict[str, Any]] = {}
    for (counts,) in db.execute(
        "SELECT counts FROM run WHERE asked LIKE 'scrape%' AND counts IS NOT NULL AND id > ? AND id < ? ORDER BY id",
        (after, until),
    ).fetchall():
        found |= json.loads(counts)
    return [
        {"source": source, "message": told["message"] or told["outcome"]}
        for source, told in found.items()
        if told["outcome"] in ("failed", "partly")
    ]


def _newest_close(db: Database) -> str:
    (newest,) = db.execute("SELECT max(date) FROM mnav_latest").fetchone()
    return f"Newest close {newest}." if newest else "No company has a valued close."


def _minute(moment: str) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC"
