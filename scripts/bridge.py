"""mnav bridge: from our basic multiple to a publisher's number, term by term."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import DAY, Settings, known_ticker, known_tickers, verb
from treasury.amounts import counted, per_cent, signed

if TYPE_CHECKING:
    from sqlite_utils import Database

TERMS = ("term", "delta", "mnav_after", "note")
BRIDGE_PUBLISHED = (
    "ticker", "quantity", "about", "as_of", "published", "unit", "ours", "our_day", "difference_pct", "explanation", "source",
)  # fmt: skip
BRIDGE_DAILY = (
    "date", "mnav_ev", "mnav_ev_issuer", "difference_pct", "bitcoin", "share_price", "share_count", "debt", "preferred", "cash", "holdings",
    "same_bitcoin_pct",
)  # fmt: skip
# what a narrow terminal does without, the first first
PUBLISHED_SPARE = ("source", "about", "unit", "our_day", "as_of", "difference_pct")
PUBLISHED_HEADERS = {"as_of": "as of", "our_day": "our day", "difference_pct": "differs by"}
DAILY_SPARE = ("holdings", "cash", "preferred", "debt", "share_count", "share_price", "same_bitcoin_pct")
LISTED = ("id", "publisher", "from", "until", "definition")


@verb()
@click.argument("ticker", required=False)
@click.option("--to", "name", default=None, help="The definition by its id, or its publisher (--list names them).")
@click.option("--on", type=DAY, default=None, help="The day [default: the newest valued close].")
@click.option("--all", "everything", is_flag=True, default=False, help="Every published number known, beside ours.")
@click.option("--daily", is_flag=True, default=False, help="Our mnav_ev against the issuer's own, day by day.")
@click.option("--since", type=DAY, default=None, help="First day of --daily.")
@click.option("--until", type=DAY, default=None, help="Last day of --daily.")
@click.option(
    "--list", "listing", is_flag=True, default=False, help="List the multiples of publishers and when they held."
)
def command(
    settings: Settings, ticker: str | None, name: str | None, on: str | None, everything: bool, daily: bool,
    since: str | None, until: str | None, listing: bool,
) -> None:  # fmt: skip
    """Walk from TICKER's basic multiple to the number of a publisher: one line per term, the rest shown.

    --to takes the id of any multiple of `mnav definitions`; a publisher alone ("strategy") means the one in force that day.

    \b
    Examples: mnav bridge MSTR --to strategy --on 2025-03-03
              mnav bridge MSTR --to bitcointreasuries-diluted --on 2025-11-28
              mnav bridge --all
    """
    from db import open_database
    from scripts.shared.output import emit
    from treasury.publishers.compared import tally
    from treasury.publishers.definitions import WALKABLE

    if listing:
        rows = [
            {
                "id": definition.id, "publisher": definition.publisher, "from": str(definition.since) if definition.since else None,
                "until": str(definition.until) if definition.until else None, "definition": definition.meaning,
            }
            for definition in WALKABLE
        ]  # fmt: skip
        emit(rows, LISTED, settings.output, below=("definition",))
        return
    db = open_database(settings.db)
    if everything:
        from db.feeds.published import published_numbers

        numbers = published_numbers(db, known_tickers(db, (ticker,) if ticker else ()))
        shown = [_in_its_unit(one) for one in numbers] if settings.output == "table" else numbers
        emit(shown, BRIDGE_PUBLISHED, settings.output, PUBLISHED_HEADERS, below=("explanation",), spare=PUBLISHED_SPARE)
        settings.say(tally(numbers))
        return
    if not ticker:
        raise click.UsageError("which company? give a ticker, or --all for every published number")
    ticker = known_ticker(db, ticker)
    if daily:
        _daily(settings, db, ticker, since, until)
        return
    if name is None:
        raise click.UsageError(f"to which definition? --to one of {', '.join(one.id for one in WALKABLE)}")
    _one(settings, db, ticker, name, on)


def _daily(settings: Settings, db: Database, ticker: str, since: str | None, until: str | None) -> None:
    from db.reads.published_multiple import issuer_series
    from scripts.shared.output import emit_last
    from treasury.publishers.issuer_gap import distribution

    series = issuer_series(db, ticker, since, until)
    rows: list[dict[str, Any]] = [{"date": f"{day:%Y-%m-%d}", **series.loc[day]} for day in series.index]
    if settings.output == "table":
        rows = [{name: _to_five_places(name, value) for name, value in row.items()} for row in rows]
    left = emit_last(
        rows, BRIDGE_DAILY, settings.output, asked=since is not None, more="--since shows more", spare=DAILY_SPARE
    )
    told = distribution(series)
    if not told["days"]:
        settings.say(f"{ticker} has no page that states the cash it nets, so its own multiple cannot be reproduced")
        return
    settings.say(
        f"{counted(told['days'], 'day')}: mnav_ev differs from the issuer's own by {told['median_pct']:.4f} % (median), "
        f"{told['worst_pct']:.2f} % at worst ({told['worst_on']}); with bitcoin at its price "
        f"{distribution(series, 'same_bitcoin_pct')['within_0_1_pct']:.1f} % of the days lie within 0.1 %{left}"
    )


def _to_five_places(name: str, value: Any) -> Any:
    if name == "date" or value != value:
        return value
    if name.startswith("mnav_"):
        return f"{value:.5f}x"
    return per_cent(value, 3) if name.endswith("_pct") else signed(value, 5)


def _one(settings: Settings, db: Database, ticker: str, name: str, on: str | None) -> None:
    from db.reads.close import close_of
    from db.reads.published_multiple import bridged
    from scripts.shared.output import emit
    from treasury.publishers.definitions import WALKABLE, definition_meant

    day = close_of(db, ticker, on).day
    try:
        definition = definition_meant(name, day)
    except KeyError:
        raise click.UsageError(
            f"no multiple is called {name!r}; there are: {', '.join(one.id for one in WALKABLE)}"
        ) from None
    _, made, printed = bridged(db, ticker, definition, on)
    settings.say_if_earlier(ticker, on, str(day))
    rows: list[dict[str, Any]] = [
        {"term": "our mnav_market_cap", "delta": made.start, "mnav_after": made.start, "note": f"close of {day}"}
    ]
    rows += [{"term": one.term, "delta": one.delta, "mnav_after": one.multiple, "note": one.note} for one in made.terms]
    lacking = "; ".join(
        text for text in (f"missing: {', '.join(made.missing)}" if made.missing else "", made.reason) if text
    )
    shown = (
        f"the premium is this less 1: {made.value:,.2f} %" if made.value is not None and definition.unit == "%" else ""
    )
    rows.append({"term": definition.id, "delta": None, "mnav_after": made.total, "note": lacking or shown})
    if printed is not None and made.total is not None:
        if printed.market_cap is not None:
            after, note = (
                made.total + printed.market_cap,
                "the share price, its moment or the count it printed its own market cap with",
            )
            rows.append({"term": "their market cap", "delta": printed.market_cap, "mnav_after": after, "note": note})
        residual = printed.residual(made.total)
        inside = "within" if abs(residual) <= printed.half_step else "beyond"
        rows.append(
            {
                "term": "residual", "delta": residual, "mnav_after": printed.multiple,
                "note": f"{inside} its rounding of {printed.half_step:.2g}",
            }
        )  # fmt: skip
        rows.append({"term": "published", "delta": None, "mnav_after": printed.multiple, "note": f"{printed.how}; {printed.source}"})  # fmt: skip
    if settings.output == "json":
        import json

        told = {
            "ticker": ticker, "date": str(day), "definition": definition.id, "publisher": definition.publisher, "start": made.start,
            "terms": rows[1 : 1 + len(made.terms)], "total": made.total, "value": made.value, "unit": definition.unit, "missing": list(made.missing), "reason": made.reason,
            "published": printed.multiple if printed else None, "published_source": printed.source if printed else None,
            "their_market_cap": printed.market_cap if printed else None,
            "residual": printed.residual(made.total) if printed and made.total is not None else None,
        }  # fmt: skip
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    if settings.output == "table":
        for row in rows:
            row["delta"] = None if row["delta"] is None else signed(row["delta"], 5)
            row["mnav_after"] = None if row["mnav_after"] is None else f"{row['mnav_after']:.5f}x"
    emit(rows, TERMS, settings.output, {"mnav_after": "mNAV"}, below=("note",))


def _in_its_unit(number: dict[str, Any]) -> dict[str, Any]:
    """The row for a table: what was published and ours as an amount of their unit."""
    from treasury.amounts import in_unit

    return number | {
        name: in_unit(number[name], number["unit"]) for name in ("published", "ours") if number[name] is not None
    }


if __name__ == "__main__":
    command()
