"""Everything behind one row of mnav_daily, as `mnav explain` prints it and the report lists it."""

from __future__ import annotations

from typing import Any


def explain(db: Any, ticker: str, on: str | None) -> dict[str, Any]:
    """Everything behind one row of mnav_daily. Raises InputError where the company has no close up to that day."""
    from datetime import date

    from db.reads import views
    from db.reads.close import close_of, series_closes
    from treasury.metrics.explain import input_lines, metric_lines
    from treasury.metrics.metric import evaluate
    from treasury.metrics.row_wise import failed_guards

    close = close_of(db, ticker, on)
    company, day, state, inputs = close.company, close.day, close.state, close.inputs
    text = str(day)
    sources = views.source_titles(db)
    bitcoin = close.bitcoin
    rate = close.market.rate_quote(company.currency, close.moment, day)
    quoted = {
        "price": views.price_row(db, ticker, "close", text),
        "btc_price": views.price_row(db, "BTC", bitcoin.series, str(bitcoin.day)) if bitcoin else None,
        "fx": views.price_row(db, f"{company.currency}USD", rate.series, str(rate.day))
        if rate and rate.series
        else None,
    }
    series = series_closes(db, close)
    quoted |= {f"close {name}": told for name, told in series.items()}
    lines = []
    for line in input_lines(
        state,
        inputs,
        company,
        {name: (told["close"], told["currency"], date.fromisoformat(told["date"])) for name, told in series.items()},
    ):
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
        "ticker": ticker, "name": company.name, "date": text, "btc_fixing": bitcoin.fixing if bitcoin else None,
        "btc_price_at": f"{bitcoin.at:%Y-%m-%dT%H:%M:%SZ}" if bitcoin else None, "inputs": lines, "metrics": metrics,
        "across": _across(db, ticker, text), "missing": [*state.missing, *lacking], "reason": [*state.reasons, *unpriced, *close.reasons, *failed_guards(values)],
        "known_assumed": state.known_assumed, "error_bar": _error_bar(db, ticker, text) if values["mnav_ev"] is not None else None,
    }  # fmt: skip


def _across(db: Any, ticker: str, day: str) -> list[dict[str, Any]]:
    """What of the row is made over time or over several definitions: BTC Yields, the band and its zone, the issuer's definition."""
    from db.reads import views
    from treasury.metrics.definition_range import ACROSS
    from treasury.metrics.over_time import OVER_TIME

    told = {name: one for name, one in OVER_TIME.items() if name.startswith("btc_yield_")} | ACROSS
    (row,) = views.daily_rows(db, ticker, list(told), since=day, until=day)
    return [{"name": name, "value": row[name], "unit": one.unit, "meaning": one.meaning} for name, one in told.items()]


def _error_bar(db: Any, ticker: str, day: str) -> dict[str, Any]:
    """How far age puts mnav_ev in doubt: each of shares, holdings and claims with its age, its rate and its effect."""
    from datetime import date

    from db.derived.error_bars import error_bar_on

    bar, aged = error_bar_on(db, ticker, day)
    return {
        "low": bar.low if bar else None, "high": bar.high if bar else None, "doubt": bar.doubt if bar else None,
        "made_of": [
            {
                "name": name, "value": metric.now, "as_of": str(metric.as_of), "age_days": (date.fromisoformat(day) - metric.as_of).days,
                "growth_a_day": metric.growth(), "effect": bar.effects[name] if bar else None,
            }
            for name, metric in aged.items()
        ],
    }  # fmt: skip
