"""mnav definitions: every publisher's definition with its period and formula, and its value for a company."""

from __future__ import annotations

from typing import Any

import click

from scripts.shared.options import DAY, Settings, known_tickers, verb

COLUMNS = ("id", "publisher", "name", "unit", "since", "until", "formula", "source", "note")
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
    "formula",
    "source",
    "note",
)


@verb()
@click.argument("ticker", required=False)
@click.option(
    "--on", type=DAY, default=None, help="The day [default: the newest valued close; without TICKER: of any day]."
)
@click.option(
    "--all", "everything", is_flag=True, default=False, help="Also those not in force that day, or of other issuers."
)
def command(settings: Settings, ticker: str | None, on: str | None, everything: bool) -> None:
    """List the definitions by publisher with the period in which each held; for TICKER, what each gives on that day.

    What a definition needs and no fact gives is unknown, with the reason. price_at_1x is the share price at which the
    multiple would be exactly 1.0x, conversions tested at that price.

    \b
    Examples: mnav definitions --on 2025-11-10
              mnav definitions MSTR --on 2025-11-10
    """
    from scripts.shared.output import emit
    from treasury.publishers.table import DEFINITIONS

    if ticker is None:
        from datetime import date

        listed = [one for one in DEFINITIONS if on is None or one.in_force(date.fromisoformat(on))]
        rows = [_described(one) for one in listed]
        emit(
            [_short(row) for row in rows] if settings.output == "table" else rows,
            COLUMNS if settings.output != "table" else COLUMNS[:7],
            settings.output,
        )
        return
    from db import open_database

    db = open_database(settings.db)
    (ticker,) = known_tickers(db, (ticker,))
    day, rows = definitions(db, ticker, on, everything)
    settings.say_if_earlier(ticker, on, day)
    if settings.output == "table":
        emit(
            [_for_people(row) for row in rows],
            ("id", "publisher", "name", "value", "1.0x at", "formula or reason"),
            "table",
        )
    else:
        emit(rows, VALUED, settings.output)


def definitions(db: Any, ticker: str, on: str | None, everything: bool = False) -> tuple[str, list[dict[str, Any]]]:
    """The day, and each definition with its value there. Raises InputError where the company has no close up to that day."""
    from db.reads import views
    from db.reads.close import picture
    from treasury.metrics.btc_yield import to_date
    from treasury.publishers.definition import Subject
    from treasury.publishers.table import DEFINITIONS

    seen = picture(db, ticker, on)
    daily = views.daily(db, ticker, ["btc", "btc_price", "sats_per_share_assumed", "split_factor"], until=seen.day)
    subject = Subject(seen.company, seen.day, seen.values, to_date(daily), seen.stack)
    prices = par_prices(seen)
    rows = []
    for one in DEFINITIONS:
        answer = one.on(subject)
        if answer.reason in ("NOT_ITS_ISSUER", "NOT_IN_FORCE") and not everything:
            continue
        note = "; ".join(text for text in (answer.note, one.note) if text)
        rows.append(
            {**_described(one), "value": answer.value, "reason": answer.reason, "in_force": one.in_force(seen.day),
             "price_at_1x": prices.get(one.formula), "note": note}
        )  # fmt: skip
    return str(seen.day), rows


def par_prices(seen: Any) -> dict[str, float | None]:
    """The share price at 1.0x in the share's currency, by the formula of the multiple."""
    from treasury.publishers.definition import formula_of
    from treasury.publishers.price_at_one import par_price_basic, par_price_diluted, terms

    values = seen.values
    coming = terms(seen.state.convertibles, seen.state.awards, seen.rates)
    basic, nav, claims = values["shares_basic"], values["btc_nav"], values["net_claims"]
    net = None if claims is None or nav is None else nav - claims
    unknown_claims = claims is None
    found = {
        "mnav_market_cap": par_price_basic(nav, basic),
        "mnav_assumed_diluted": par_price_basic(nav, values["shares_assumed_diluted"]),
        "mnav_ev": par_price_basic(net, basic),
        "mnav_claims_adjusted": par_price_basic(net, basic),
        "mnav_diluted": par_price_diluted(basic, coming, nav, None),
        "mnav_net": par_price_diluted(basic, None if unknown_claims else coming, nav, claims),
        "mnav_ev_diluted": par_price_diluted(basic, None if unknown_claims else coming, nav, claims),
    }
    fx = values["fx"]
    return {formula_of(name): one.value / fx if one.value is not None and fx else None for name, one in found.items()}


def _described(one: Any) -> dict[str, Any]:
    return {
        "id": one.id, "publisher": one.publisher, "name": one.name, "unit": one.unit, "since": str(one.since) if one.since else None,
        "until": str(one.until) if one.until else None, "formula": one.formula, "source": f"docs/metrics.md {one.source}", "note": one.note,
    }  # fmt: skip


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "formula": _cut(row["formula"])}


def _cut(text: str) -> str:
    return text if len(text) <= 70 else text[:69] + "…"


def _for_people(row: dict[str, Any]) -> dict[str, Any]:
    value, at = row["value"], row["price_at_1x"]
    return {
        **row,
        "value": "unknown" if value is None else _number(value, row["unit"]),
        "1.0x at": None if at is None else f"{at:,.2f}",
        "formula or reason": _cut(row["reason"] if value is None else row["formula"]),
    }


def _number(value: float, unit: str) -> str:
    from treasury.amounts import dollars

    if unit == "USD":
        return dollars(value) if abs(value) >= 1e6 else f"${value:,.2f}"
    return f"{value:.3f}x" if unit == "x" else f"{value:,.2f} {unit}" if abs(value) < 1e5 else f"{value:,.0f} {unit}"


if __name__ == "__main__":
    command()
