"""mnav attribution: why the share price and the market cap moved between two days, part by part."""

from __future__ import annotations

from typing import Any

import click

from scripts.shared.options import DAY, Settings, known_ticker, verb
from treasury.amounts import counted, signed

ATTRIBUTION_KEYS = ("model", "measure", "unit", "currency", "from", "to", "start", "end", "move")
ATTRIBUTION_SPARE = (
    "reason",
    "residual",
    "start",
    "end",
    "currency",
    "fx",
    "claims",
    "issuance",
)  # the first goes first
LINK = ("date", "start", "end", "move")


@verb()
@click.argument("ticker")
@click.option("--from", "start", type=DAY, default=None, help="The first close [default: the first one there is].")
@click.option("--to", "end", type=DAY, default=None, help="The last close [default: the newest].")
@click.option("--daily", is_flag=True, default=False, help="From close to close, with the running total of each part.")
@click.option("--model", type=click.Choice(["basic", "ev"]), default=None, help="Only this model [--daily: basic].")
@click.option(
    "--measure", type=click.Choice(["price", "price_usd", "market_cap", "market_cap_usd"]), default=None,
    help="Only this measure [--daily: price].",
)  # fmt: skip
def command(
    settings: Settings, ticker: str, start: str | None, end: str | None, daily: bool, model: str | None, measure: str | None
) -> None:  # fmt: skip
    """Split TICKER's move between two closes into bitcoin, purchases, issuance, claims, FX and multiple.

    \b
    Example: mnav attribution MSTR --from 2025-07-16 --to 2025-11-07
    """
    from db import open_database
    from db.reads import views
    from db.reads.close import company_of
    from scripts.shared.output import emit, emit_last, terminal_width
    from treasury.model import InputError
    from treasury.studies.attribution import ATTRIBUTION_INPUTS, PARTS, attribute, links, rest

    db = open_database(settings.db)
    ticker = known_ticker(db, ticker)
    frame = views.daily(
        db, ticker, ATTRIBUTION_INPUTS, since=start and (views.last_close(db, ticker, start) or start), until=end
    )
    if len(frame) < 2:
        raise InputError(f"{ticker} has no two closes in that span")
    first, last = f"{frame.index[0]:%Y-%m-%d}", f"{frame.index[-1]:%Y-%m-%d}"
    if (start or first, end or last) != (first, last):
        settings.say(f"{ticker} has no close on the days asked: taken are {first} and {last}.")
    if daily:
        try:
            rows = links(frame, model or "basic", measure or "price", "money")
        except ValueError as problem:
            raise InputError(f"{ticker}: {problem}") from None
        running = rows[list(PARTS)].cumsum().add_suffix("_so_far")
        parts = rows[list(PARTS)].sum(axis=1)
        rows["residual"] = [rest(*one) for one in zip(rows["move"], parts, rows["start"], strict=True)]
        printed: list[dict[str, Any]] = [
            {"date": f"{day:%Y-%m-%d}", **rows.loc[day], **running.loc[day]} for day in rows.index
        ]
        so_far = [f"{name}_so_far" for name in PARTS]
        if settings.output == "table":
            of = {
                "measure": measure or "price",
                "unit": "money",
                "currency": "USD" if (measure or "").endswith("_usd") else company_of(db, ticker).currency,
            }
            printed = [_for_people(row | of) for row in printed]
        left = emit_last(
            printed, [*LINK, *PARTS, "residual", *so_far], settings.output, asked=start is not None, more="--from shows more",
            spare=(*reversed(so_far), "residual", "fx", "claims"),
        )  # fmt: skip
        settings.say(f"{counted(len(printed), 'move')} from the close of {first} to that of {last}{left}")
        return
    currency = company_of(db, ticker).currency
    moves: list[dict[str, Any]] = [
        {
            "model": move.model, "measure": move.measure, "unit": move.unit,
            "currency": "USD" if move.measure.endswith("_usd") else currency,
            "from": first, "to": last, "start": move.start, "end": move.end, "move": move.move, **move.parts,
            "residual": move.residual, "reason": move.reason,
        }
        for move in attribute(frame)
        if model in (None, move.model) and measure in (None, move.measure)
    ]  # fmt: skip
    columns = [*ATTRIBUTION_KEYS, *PARTS, "residual", "reason"]
    if settings.output == "table":
        moves = [_for_people(row) for row in moves]
        if terminal_width():  # the last line tells the days, and dollars are told once
            columns = [name for name in columns if name not in ("from", "to")]
            moves = [row for row in moves if currency != "USD" or measure or not row["measure"].endswith("_usd")]
    emit(moves, columns, settings.output, turn=True, spare=ATTRIBUTION_SPARE)
    settings.say(
        f"{ticker} from the close of {first} to that of {last}: logs add up to the log of the move, money to the move itself; --measure shows one"
    )


def _for_people(row: dict[str, Any]) -> dict[str, Any]:
    """Market caps in the scale a person uses, prices to the cent, logs to four places."""
    from treasury.amounts import dollars

    def shown(name: str, value: Any) -> Any:
        if not isinstance(value, float) or value != value:
            return value
        if name not in ("start", "end") and row["unit"] == "log":
            return signed(value, 4)
        if not row["measure"].startswith("market_cap"):
            return f"{value:,.2f}"
        return dollars(value) if row["currency"] == "USD" else dollars(value).replace("$", "")

    return {name: shown(name, value) for name, value in row.items()}


if __name__ == "__main__":
    command()
