"""mnav definitions: every publisher's definition with its period and formula, and its value for a company."""

from __future__ import annotations

from typing import Any

import click

from scripts.shared.options import DAY, Settings, known_ticker, verb
from treasury.amounts import counted

DEFINITIONS_SPARE = ("name", "since", "until", "publisher")  # what a narrow terminal does without, the first first
MADE = ("share_count", "cash", "bitcoin_at")
DEFINITIONS_COLUMNS = ("id", "publisher", "name", "unit", "since", "until", *MADE, "formula", "source", "note")
VALUED = (
    "id",
    "publisher",
    "name",
    "value",
    "unit",
    "reason",
    "in_force",
    "since",
    "until",
    "price_at_1x",
    *MADE,
    "formula",
    "source",
    "note",
)


SERIES = ("date", "id", "value", "reason")


@verb()
@click.argument("ticker", required=False)
@click.option(
    "--on", type=DAY, default=None, help="The day [default: the newest valued close; without TICKER: of any day]."
)
@click.option(
    "--all", "everything", is_flag=True, default=False, help="Also those not in force that day, or of other issuers."
)
@click.option("--id", "ids", multiple=True, help="Only this definition; one row for each day (may be repeated).")
@click.option("--since", type=DAY, default=None, help="First day of --id [default: the first valued close].")
@click.option("--until", type=DAY, default=None, help="Last day of --id [default: the newest valued close].")
def command(
    settings: Settings, ticker: str | None, on: str | None, everything: bool, ids: tuple[str, ...], since: str | None, until: str | None
) -> None:  # fmt: skip
    """List the definitions by publisher with the period in which each held; for TICKER, what each gives on that day.

    What a definition needs and no fact gives is unknown, with the reason. price_at_1x is the share price at which the
    multiple would be exactly 1.0x, conversions tested at that price. With --id: one row per day with date, id, value, reason.

    \b
    Examples: mnav definitions --on 2025-11-10
              mnav definitions MSTR --on 2025-11-10
              mnav definitions MSTR --id strategy-ev-2025 --since 2026-06-01 --until 2026-06-29
    """
    from scripts.shared.output import emit
    from treasury.publishers.definitions import BY_ID, DEFINITIONS

    if unknown := [one for one in ids if one not in BY_ID]:
        raise click.UsageError(f"no definition is called {', '.join(unknown)}; `mnav definitions` lists them")
    if (since or until) and not ids:
        raise click.UsageError("--since and --until are for a series: say which definition with --id")
    wanted = [BY_ID[one] for one in dict.fromkeys(ids)]
    if ticker is None:
        from datetime import date

        if since or until:
            raise click.UsageError("of which company? a series needs a ticker")
        listed = [one for one in wanted or DEFINITIONS if on is None or one.in_force(date.fromisoformat(on))]
        rows = [_described(one) for one in listed]
        emit(
            rows,
            DEFINITIONS_COLUMNS if settings.output != "table" else (*DEFINITIONS_COLUMNS[:6], "formula"),
            settings.output,
            below=("formula",),
            spare=DEFINITIONS_SPARE,
        )
        settings.say(f"{len(rows)} definitions of {len({row['publisher'] for row in rows})} publishers")
        return
    from db import open_database

    db = open_database(settings.db)
    ticker = known_ticker(db, ticker)
    if wanted and on is None:
        _series(settings, db, ticker, wanted, since, until)
        return
    if since or until:
        raise click.UsageError("--on is one day, --since and --until are many: give one or the other")
    day, rows = definitions(db, ticker, on, everything or bool(wanted))
    settings.say_if_earlier(ticker, on, day)
    rows = [row for row in rows if not ids or row["id"] in ids]
    if settings.output == "table":
        emit(
            [_for_people(row) for row in rows],
            ("id", "publisher", "name", "value", "1.0x at", "formula or reason"),
            "table",
            below=("formula or reason",),
            spare=DEFINITIONS_SPARE,
        )
        settings.say(
            f"{ticker} on {day}: {sum(row['value'] is not None for row in rows)} of {len(rows)} definitions have a value"
        )
    else:
        emit(rows, VALUED, settings.output)


def _series(settings: Settings, db: Any, ticker: str, wanted: list[Any], since: str | None, until: str | None) -> None:
    from db.reads.published_multiple import definition_series
    from scripts.shared.output import emit_last

    rows = definition_series(db, ticker, wanted, since, until)
    units = {one.id: one.unit for one in wanted}
    shown = rows
    if settings.output == "table":
        shown = [
            {**row, "value": None if row["value"] is None else _number(row["value"], units[row["id"]], 5)}
            for row in rows
        ]
    left = emit_last(shown, SERIES, settings.output, asked=since is not None, more="--since shows more")
    known = sum(row["value"] is not None for row in rows)
    settings.say(
        f"{counted(len(rows), 'row')}, {known:,} with a value{left}"
        if rows
        else f"{ticker} has no valued close in that time"
    )


def definitions(db: Any, ticker: str, on: str | None, everything: bool = False) -> tuple[str, list[dict[str, Any]]]:
    """The day, and each definition with its value there. Raises InputError where the company has no close up to that day."""
    from db.reads.close import close_of
    from db.reads.published_multiple import subject_of
    from treasury.publishers.definition import values_on
    from treasury.publishers.definitions import DEFINITIONS
    from treasury.publishers.price_at_one import price_at_one, terms

    close = close_of(db, ticker, on)
    subject = subject_of(db, close)
    wanted = {one.currency for one in close.state.convertibles} | {one.currency for one in close.state.awards or ()}
    rates = {currency: rate for currency in wanted if (rate := close.rate(currency)) is not None}
    coming, fx = terms(close.state.convertibles, close.state.awards, rates), subject.inputs["fx"]
    rows = []
    for definition in DEFINITIONS:
        answer = definition.on(subject)
        if answer.reason in ("NOT_ITS_ISSUER", "NOT_IN_FORCE") and not everything:
            continue
        par = (
            price_at_one(definition.multiple.metric, values_on(definition.multiple.taken(subject)), coming).value
            if definition.multiple
            else None
        )
        rows.append(
            {**_described(definition), "value": answer.value, "reason": answer.reason, "in_force": definition.in_force(subject.day),
             "price_at_1x": par / fx if par is not None and fx else None, "note": "; ".join(text for text in (answer.note, definition.note) if text)}
        )  # fmt: skip
    return str(subject.day), rows


def _described(one: Any) -> dict[str, Any]:
    from treasury.publishers.definition import PRICED_AT

    made = one.multiple
    return {
        "id": one.id, "publisher": one.publisher, "name": one.name, "unit": one.unit, "since": str(one.since) if one.since else None,
        "until": str(one.until) if one.until else None, "share_count": made.share_count if made else None, "cash": made.cash if made else None,
        "bitcoin_at": PRICED_AT[made.fixing] if made else None, "formula": one.formula, "source": f"docs/metrics.md {one.source}", "note": one.note,
    }  # fmt: skip


def _for_people(row: dict[str, Any]) -> dict[str, Any]:
    value, at = row["value"], row["price_at_1x"]
    return {
        **row,
        "value": "unknown" if value is None else _number(value, row["unit"]),
        "1.0x at": None if at is None else f"{at:,.2f}",
        "formula or reason": row["reason"] if value is None else row["formula"],
    }


def _number(value: float, unit: str, decimals: int = 3) -> str:
    from treasury.amounts import dollars

    if unit == "USD":
        return dollars(value) if abs(value) >= 1e6 else f"${value:,.2f}"
    return (
        f"{value:.{decimals}f}x"
        if unit == "x"
        else f"{value:,.2f} {unit}"
        if abs(value) < 1e5
        else f"{value:,.0f} {unit}"
    )


if __name__ == "__main__":
    command()
