"""What meets the alert rules, told once until it clears: for `mnav alert`, and for `mnav run` after it has valued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sqlite_utils import Database

    from treasury.messages.alerts import Alert

RULES_FILE = "mnav-alerts.toml"
TOLD = "mnav-alerts.json"


def tell(
    db: Database, rules: Path, state: Path, today: date, *, peek: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is new, and all that holds on `today`; remembers what was told unless `peek`. Raises InputError for rules that are none."""
    import json
    from contextlib import suppress

    from db.feeds.alerts import evaluate
    from scripts.shared.given import contents
    from scripts.shared.output import shown_as
    from treasury.messages.alerts import pasts_named, read_alerts, settle, values_named
    from treasury.model import InputError
    from treasury.whole_file import whole_file

    if not rules.exists():
        raise InputError(f"no rules at {rules}; write them there, or name a file (docs/scenarios.md shows one)")
    try:
        alerts = read_alerts(contents(rules).decode(), rules.name)
    except UnicodeDecodeError as error:
        raise InputError(f"{rules.name}: not UTF-8 ({error.reason}); save the file as UTF-8") from None
    alerts = [_meant(db, one, rules.name) for one in alerts]
    extra = ages(db, today)
    if any("coverage_months" in one.when for one in alerts):
        for ticker, own in coverage(db).items():
            extra.setdefault(ticker, {}).update(own)
    for metric in sorted({name for one in alerts for name in pasts_named(one.when)}):
        for ticker, found in past(db, metric).items():
            extra.setdefault(ticker, {}).update(found)
    met = {one.name: evaluate(db, one, rules.name, extra) for one in alerts}
    told: Any = None
    with suppress(ValueError, RecursionError):  # said below
        told = json.loads(contents(state)) if state.exists() else {}
    if not _is_told(told):
        raise InputError(f"{state} is not what mnav alert wrote; delete it, and everything that holds is told again")
    new, after = settle(alerts, met, told)
    if not peek:
        with whole_file(state) as draft:
            draft.write_text(json.dumps(after, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    by_name = {one.name: one for one in alerts}

    def said(name: str, key: str) -> dict[str, Any]:
        row = met[name][key]
        return {
            "alert": name, "ticker": row.get("ticker"), "date": row.get("date") or row.get("as_of") or row.get("announced_on"),
            "close_age_days": row.get("close_age_days"),
            "value": ", ".join(f"{column} {shown_as(column, value)}" for column, value in values_named(by_name[name], row).items()),
            "say": by_name[name].say or None, "when": by_name[name].when, "row": row,
        }  # fmt: skip

    return [said(*one) for one in new], [said(one.name, key) for one in alerts for key in met[one.name]]


def _is_told(told: Any) -> bool:
    """Whether this is a memory as `settle` makes it."""
    return isinstance(told, dict) and all(
        isinstance(one, dict) and isinstance(one.get("rows", []), list) for one in told.values()
    )


def _meant(db: Database, alert: Alert, file: str) -> Alert:
    """A rule with the tickers of the companies it names, in its list or its condition, by any of their names or a watch list.

    Raises InputError where it names nobody, since such a rule never fires.
    """
    from dataclasses import replace

    from db.reads.meant import all_meant, meant
    from treasury.messages.alerts import with_tickers
    from treasury.model import InputError

    try:
        return replace(
            alert, tickers=all_meant(db, alert.tickers), when=with_tickers(alert.when, lambda typed: meant(db, typed))
        )
    except InputError as error:
        raise InputError(f"{file}:{alert.line}: {error}") from None


def ages(db: Database, today: date) -> dict[str, dict[str, object]]:
    """What `mnav_latest` cannot know: the age of the close of every company, and its grade and `stale` as of today."""
    from db.reads import views
    from treasury.trust.grade import aged

    told = {row["ticker"]: aged(row, today) for row in views.league(db)}
    return {ticker: {name: row[name] for name in ("close_age_days", "stale", "grade")} for ticker, row in told.items()}


def past(db: Database, metric: str) -> dict[str, dict[str, float | None]]:
    """A column at the newest close of every company against its own past, as `mnav history --past` names it."""
    from db.reads import views
    from treasury.metrics.own_past import columns_of

    return {
        ticker: columns_of(metric, now) for ticker, now in views.past_of(db, metric, views.newest_closes(db)).items()
    }


def coverage(db: Database) -> dict[str, dict[str, float | None]]:
    """Months of coverage of every company in mnav_latest, as `mnav stress` has them."""
    from db.reads import views
    from db.reads.close import situations
    from treasury.claims.credit import months_of_coverage

    return {
        one.company.ticker: {"coverage_months": months_of_coverage(one.values()["cash"], one.annual_obligations).value}
        for one in situations(db, views.tickers(db))
    }
