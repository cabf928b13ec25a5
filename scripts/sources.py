"""mnav sources: the sources there are and how each fared last; for companies, which of them serves what since when."""

from __future__ import annotations

from typing import Any

import click

from scripts.shared.options import DAY, Settings, known_tickers, verb
from treasury.trust.grade import BEST_GRADE, GRADES

SOURCES_COLUMNS = ("source", "kind", "asked", "about", "last_run", "outcome", "documents", "new_facts", "new_prices", "kept_out", "newest", "message")  # fmt: skip
SOURCES_HEADERS = {"last_run": "last run", "new_facts": "facts", "new_prices": "prices", "kept_out": "kept out", "newest": "newest document"}  # fmt: skip
OF_A_COMPANY = ("need", "value", "unit", "source_kind", "as_of", "age_days", "first_as_of", "told")
TITLES = {"source_kind": "kind", "as_of": "as of", "age_days": "age", "first_as_of": "first", "told": "source"}  # fmt: skip
SOURCES_SPARE = (
    "fx",
    "cost",
    "assumed",
    "price",
    "diluted",
    "cash",
)  # what a narrow terminal does without, the first first
_RULES = "\n".join(["\b", "Grades, the first that holds:", *(f"  {one}  {meaning}" for one, meaning in GRADES.items())])


@verb(epilog=_RULES)
@click.argument("tickers", nargs=-1)
@click.option(
    "--coverage", "whole", is_flag=True, default=False, help="One row a company, one column a need: kind and age."
)
@click.option(
    "--on", type=DAY, default=None, help="As known at the last close up to this day [default: the last of all]."
)
def command(settings: Settings, tickers: tuple[str, ...], whole: bool, on: str | None) -> None:
    """List every source: what it is, when it was last asked, what came of it, how old its newest document is.

    With TICKERS, what serves each need of these companies at their last close: value, kind of source (filing, issuer, press,
    tracker, market), the day it describes, its age in days, the first day on record, and the source, or what is missing; above them
    the grade of that close and what keeps it from A. With --coverage all companies at a glance, most bitcoin first. --json and
    --csv give one row for each company and need.

    \b
    Examples: mnav sources
              mnav sources MSTR
              mnav sources 3350.T --on 2026-07-31
              mnav sources --coverage
    """
    if tickers or whole:
        _coverage(settings, tickers, whole, on)
    else:
        _sources(settings)


def _sources(settings: Settings) -> None:
    from scrapers import catalogue
    from scripts.shared.output import emit

    runs, newest = _history(settings)
    rows = []
    for name in catalogue.names():
        stated = catalogue.stated(name)
        started, counts = runs.get(name, (None, {}))
        rows.append(
            {
                "source": name,
                "kind": stated.get("SOURCE_KIND", catalogue.USUAL_KIND),
                "asked": catalogue.when_asked(name),
                "about": stated["__doc__"].splitlines()[0],
                "last_run": started,
                "outcome": counts.get("outcome"),
                "documents": counts.get("documents"),
                "new_facts": counts.get("fact", 0) if counts else None,
                "new_prices": counts.get("price", 0) if counts else None,
                "kept_out": counts.get("kept out", 0) if counts else None,
                "newest": newest.get(name),
                "message": counts.get("message") or None,
            }
        )
    shown = [one for one in SOURCES_COLUMNS if settings.output != "table" or one not in ("about", "message")]
    emit(rows, shown, settings.output, SOURCES_HEADERS, spare=("newest", "new_prices", "kept_out", "documents", "kind"))
    for row in rows:
        if row["message"]:
            settings.say(row["message"])
    asked = [row for row in rows if row["last_run"]]
    settings.say(
        f"{len(rows)} sources, {len(asked)} of them asked so far"
        + (f", last at {max(row['last_run'] for row in asked)}" if asked else "")
    )


def _history(settings: Settings) -> tuple[dict[str, tuple[str, dict[str, Any]]], dict[str, str]]:
    """Each source's last run with its counts, and its newest document; nothing where there is no database yet."""
    from db import open_database
    from db.tables import for_scraping

    if not settings.db.exists():
        settings.say(f"no database at {settings.db} yet: no source was asked")
        return {}, {}
    db = open_database(settings.db)
    return for_scraping.last_runs(db), for_scraping.newest_documents(db)


# -- what companies are served with --------------------------------------------------------------------------------


def _coverage(settings: Settings, tickers: tuple[str, ...], whole: bool, on: str | None) -> None:
    from itertools import groupby

    from db import open_database
    from db.feeds.coverage import COVERAGE_COLUMNS, coverage
    from scripts.shared.output import emit

    db = open_database(settings.db)
    rows = coverage(db, known_tickers(db, tickers), on)
    companies = [list(own) for _, own in groupby(rows, key=lambda row: row["ticker"])]
    if settings.output != "table":
        emit(rows, COVERAGE_COLUMNS, settings.output)
    elif whole:
        _glance(settings, companies)
    else:
        for number, own in enumerate(companies):
            _company(own, first=not number)
    if not rows:
        settings.say("no such company stands alone, or none has a valued close; run `mnav run --offline` first")


def _company(rows: list[dict[str, Any]], first: bool) -> None:
    """One company, need by need."""
    from scripts.shared.output import emit, prose

    about = rows[0]
    prose(f"{'' if first else chr(10)}{about['name']} ({about['ticker']}), as known at the close of {about['date']}")
    prose(f"grade {about['grade']}: {GRADES[about['grade']]}", "  ")
    for line in filter(None, about["kept_from_a"].split("; ")):
        prose(f"  kept from {BEST_GRADE}: {line}", "    ")
    click.echo()
    shown = [{**row, "source_kind": row["source_kind"] or "missing", "told": told(row)} for row in rows]
    emit(shown, OF_A_COMPANY, "table", TITLES, spare=("first_as_of", "unit"))


def told(row: dict[str, Any]) -> str:
    """The source of a need in words, or why there is none."""
    from treasury.unknown import NOT_KNOWN, WHY

    if row["missing"]:
        for_scraping = NOT_KNOWN | WHY
        return "; ".join(
            f"{one}: {for_scraping[one]}" if one in for_scraping else one for one in row["missing"].split()
        )
    if row["source"] is None:
        return "its complete list of instruments holds none"
    others = f" and {row['sources'] - 1} more" if row["sources"] > 1 else ""
    return f"{row['source']}{others}"


def _glance(settings: Settings, companies: list[list[dict[str, Any]]]) -> None:
    """All companies, a line each, and on stderr what the grades say."""
    from collections import Counter

    from scripts.shared.output import emit
    from treasury.known.coverage import NAMES

    table = [{"ticker": own[0]["ticker"], "grade": own[0]["grade"], **glance(own)} for own in companies]
    emit(table, ("ticker", "grade", *NAMES), "table", spare=SOURCES_SPARE)
    if table:
        settings.say(
            f"{len(table)} companies as known at their last close up to {max(own[0]['date'] for own in companies)}; a cell is the kind of source and its age in days, – is missing"
        )
        count = Counter(one["grade"] for one in table)
        for letter, meaning in GRADES.items():
            settings.say(f"{count[letter]:>4} {letter}  {meaning}")


def glance(rows: list[dict[str, Any]]) -> dict[str, str | None]:
    """Kind and age of each need of one company; None is missing, "" not needed. Of several currencies the worst."""
    from treasury.known.coverage import FX

    cells: dict[str, str | None] = {FX: ""}
    for row in sorted(rows, key=lambda row: (row["missing"] is not None, row["age_days"] or 0)):
        age = "" if row["age_days"] is None else f" {row['age_days']}"
        cells[row["need"]] = None if row["missing"] else f"{row['source_kind']}{age}"
    return cells


if __name__ == "__main__":
    command()
