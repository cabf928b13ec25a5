"""mnav explain: every input of one company and day with its source, every metric with its numbers."""

from __future__ import annotations

from typing import Any

import click

from db.reads.explained import explain
from scripts.shared.options import DAY, Settings, known_ticker, verb
from treasury.amounts import plain

EXPLAIN_SPARE = ("age_days", "source", "known_at")  # what a narrow terminal does without, the first first


@verb()
@click.argument("ticker")
@click.option("--on", type=DAY, default=None, help="The day [default: the newest valued close].")
def command(settings: Settings, ticker: str, on: str | None) -> None:
    """Print each input of TICKER with source, date, age and URL, then each metric as formula = numbers = result.

    \b
    Example: mnav explain MSTR --on 2025-11-10
    """
    from db import open_database
    from scripts.shared.output import emit, prose, shown_as

    db = open_database(settings.db)
    ticker = known_ticker(db, ticker)
    told = explain(db, ticker, on)
    settings.say_if_earlier(ticker, on, told["date"])
    if settings.output == "json":
        import json

        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    if settings.output == "csv":
        emit([{"part": "input", **row} for row in told["inputs"]] + [{"part": "metric", **row} for row in told["metrics"]]
             + [{"part": "across", "name": row["name"], "value": row["value"], "unit": row["unit"], "note": row["meaning"]} for row in told["across"]],
             ["part", "name", "value", "unit", "as_of", "known_at", "age_days", "source", "url", "note", "formula", "numbers"], "csv")  # fmt: skip
        return
    prose(f"{told['name']} ({ticker}), close of {told['date']}\n")
    emit([_shown(row) for row in told["inputs"]], ["name", "value", "unit", "as_of", "known_at", "age_days", "source", "terms", "url"], "table",
         {"name": "input", "age_days": "age"}, below=("terms", "url"), spare=EXPLAIN_SPARE)  # fmt: skip
    click.echo()
    for row in told["metrics"]:
        prose(f"{row['name']} = {row['formula']}\n    = {row['numbers']}\n    = {_result(row)}", " " * 6)
    click.echo("\nover time, and over the definitions:")
    emit(
        [{**row, "value": shown_as(row["name"], row["value"])} for row in told["across"]],
        ["name", "value", "meaning"],
        "table",
        below=("meaning",),
    )
    if told["error_bar"]:
        click.echo("\nerror bar of mnav_ev, had everything gone on at its recent rate:")
        emit([{**row, "effect": None if row["effect"] is None else f"{row['effect']:+.4f}x"} for row in told["error_bar"]["made_of"]],
             ["name", "value", "as_of", "age_days", "growth_a_day", "effect"], "table")  # fmt: skip
        low, high, doubt = (told["error_bar"][name] for name in ("low", "high", "doubt"))
        click.echo(
            "no bar: a rate is unknown"
            if low is None
            else f"from {low:.4f}x to {high:.4f}x, most in doubt: {doubt or 'nothing'}"
        )
    for label, names in (("missing", told["missing"]), ("reason", told["reason"])):
        if names:
            prose(f"\n{label}: {', '.join(names)}", "  ")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    value = row["value"]
    known = f"{row['known_at']} (assumed)" if row["known_assumed"] else row["known_at"]
    return {
        **row,
        "value": None if value is None else plain(value),
        "terms": row["note"] if value is None else "",
        "known_at": known,
        "source": row["source"] or "",
        "age_days": row["age_days"],
    }


def _result(row: dict[str, Any]) -> str:
    from scripts.shared.output import shown_as

    return (
        "unknown"
        if row["value"] is None
        else f"{plain(row['value'])} {row['unit']} ({shown_as(row['name'], row['value'])})"
    )


if __name__ == "__main__":
    command()
