"""mnav explain: every input of one company and day with its source, every metric with its numbers."""

from __future__ import annotations

from typing import Any

import click

from scripts.shared.options import DAY, Settings, known_tickers, verb
from treasury.amounts import plain


@verb()
@click.argument("ticker")
@click.option("--on", type=DAY, default=None, help="The day [default: the newest valued close].")
def command(settings: Settings, ticker: str, on: str | None) -> None:
    """Print each input of TICKER with source, date, age and URL, then each metric as formula = numbers = result.

    \b
    Example: mnav explain MSTR --on 2025-11-10
    """
    from db import open_database
    from scripts.shared.output import emit, shown_as

    db = open_database(settings.db)
    (ticker,) = known_tickers(db, (ticker,))
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
    click.echo(f"{told['name']} ({ticker}), close of {told['date']}\n")
    emit([_shown(row) for row in told["inputs"]], ["name", "value", "unit", "as_of", "known_at", "age_days", "source", "url"], "table",
         {"name": "input", "age_days": "age"})  # fmt: skip
    click.echo()
    for row in told["metrics"]:
        click.echo(f"{row['name']} = {row['formula']}\n    = {row['numbers']}\n    = {_result(row)}")
    click.echo("\nover time, and over the definitions:")
    emit(
        [{**row, "value": shown_as(row["name"], row["value"])} for row in told["across"]],
        ["name", "value", "meaning"],
        "table",
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
            click.echo(f"\n{label}: {', '.join(names)}")


def explain(db: Any, ticker: str, on: str | None) -> dict[str, Any]:
    """Everything behind one row of mnav_daily. Raises InputError where the company has no close up to that day."""
    from datetime import date

    from db.reads import views
    from db.reads.close import close_of
    from treasury.metrics.explain import input_lines, metric_lines
    from treasury.metrics.metric import evaluate
    from treasury.metrics.row_wise import failed_guards

    close = close_of(db, ticker, on)
    company, day, state, inputs = close.company, close.day, close.state, close.inputs
    text = str(day)
    sources = views.source_titles(db)
    bitcoin = close.market.bitcoin_quote(close.moment, day)
    rate = close.market.rate_quote(company.currency, close.moment, day)
    fixing = bitcoin.fixing if bitcoin else None
    quoted = {
        "price": views.price_row(db, ticker, "close", text),
        "btc_price": views.price_row(db, "BTC", bitcoin.fixing, str(bitcoin.day)) if bitcoin else None,
        "fx": views.price_row(db, f"{company.currency}USD", rate.fixing, str(rate.day))
        if rate and rate.fixing
        else None,
    }
    lines = []
    for line in input_lines(state, inputs, company):
        source, known_at, as_of = None, None, line.as_of
        if line.fact is not None:
            source, known_at = line.fact.source, line.fact.known_at
        elif (price_row := quoted.get(line.name)) is not None:
            source, as_of = price_row["source"], date.fromisoformat(price_row["date"])
        title, url = sources.get(source, (None, None)) if source else (None, None)
        lines.append(
            {
                "name": line.name,
                "value": line.value,
                "unit": line.unit,
                "as_of": str(as_of) if as_of else None,
                "known_at": (f"{known_at:%Y-%m-%dT%H:%M:%SZ}" if hasattr(known_at, "hour") else str(known_at))
                if known_at
                else None,
                "known_assumed": bool(line.fact and line.fact.known_assumed),
                "age_days": (day - as_of).days if as_of else None,
                "source": title,
                "source_id": source,
                "url": url,
                "note": line.note,
            }
        )
    metrics = [
        {"name": one.name, "unit": one.unit, "formula": one.formula, "numbers": one.numbers, "value": one.value}
        for one in metric_lines(inputs)
    ]
    values = evaluate(inputs)
    amounts = {"debt": state.debt, "preferred": state.preferred, "cash": state.cash, "cost_basis": state.cost_basis}
    unrated = inputs["fx"] is None or any(one and inputs[name] is None for name, one in amounts.items())
    lacking = [name for name, lacks in (("btc_price", inputs["btc_price"] is None), ("usd_per_unit", unrated)) if lacks]
    unpriced = ["MISSING_PRICE"] if lacking else []
    return {
        "ticker": ticker, "name": company.name, "date": text, "btc_fixing": fixing, "inputs": lines, "metrics": metrics,
        "across": _across(db, ticker, text), "missing": [*state.missing, *lacking], "reason": [*state.reasons, *unpriced, *failed_guards(values)],
        "known_assumed": state.known_assumed, "error_bar": _error_bar(db, ticker, text) if values["mnav_ev"] is not None else None,
    }  # fmt: skip


def _across(db: Any, ticker: str, day: str) -> list[dict[str, Any]]:
    """What of the row is made over time or over several definitions: BTC Yields, the band and its zone, the issuer's definition."""
    from db.reads import views
    from treasury.metrics.definition_range import ACROSS
    from treasury.metrics.over_time import OVER_TIME

    told = {name: one for name, one in OVER_TIME.items() if name.startswith("btc_yield_")} | ACROSS
    row = views.daily(db, ticker, list(told), since=day, until=day).iloc[0]
    return [
        {"name": name, "value": None if row[name] is None or row[name] != row[name] else row[name], "unit": one.unit, "meaning": one.meaning}
        for name, one in told.items()
    ]  # fmt: skip


def _error_bar(db: Any, ticker: str, day: str) -> dict[str, Any]:
    """How far age puts mnav_ev in doubt: each of shares, holdings and claims with its age, its rate and its effect."""
    from datetime import date

    from db.derived.error_bars import error_bar_on

    bar, aged = error_bar_on(db, ticker, day)
    return {
        "low": bar.low if bar else None, "high": bar.high if bar else None, "doubt": bar.doubt if bar else None,
        "made_of": [
            {
                "name": name, "value": one.now, "as_of": str(one.as_of), "age_days": (date.fromisoformat(day) - one.as_of).days,
                "growth_a_day": one.growth(), "effect": bar.effects[name] if bar else None,
            }
            for name, one in aged.items()
        ],
    }  # fmt: skip


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    value = row["value"]
    text = row["note"] if value is None else plain(value)
    known = f"{row['known_at']} (assumed)" if row["known_assumed"] else row["known_at"]
    return {
        **row,
        "value": text or "–",
        "known_at": known,
        "source": (row["source"] or "")[:48],
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
