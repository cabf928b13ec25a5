"""The instruments of a company as the report lists them: the layers and awards of its capital stack, and what has no stated amount."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from treasury.claims.capital_stack import Stack
from treasury.known.resolve import State
from treasury.model import Instrument


def claim_rows(stack: Stack, state: State, instruments: Iterable[Instrument], day: date) -> list[dict[str, Any]]:
    """One row a claim, senior first, then awards, then instruments whose amount nobody stated by then.

    `amount` is the one the capital stack holds, in `unit`, and `usd` the same of a claim in US dollars; `conversion_price` is on the share basis of the day; `fact` is where the
    amount was read. Terms are those of the instrument.
    """
    terms = {one.instrument: one for one in instruments if one.gone_from is None or day < one.gone_from}
    rows = [
        _row(layer.instrument, layer.kind, layer.currency, terms) | {
            "quantity": layer.fact.quantity if layer.fact else None, "amount": layer.amount, "unit": layer.currency, "as_of": layer.as_of,
            "usd": layer.notional,
            "rate_pct": layer.rate_pct, "conversion_price": layer.converts_at, "fact": layer.fact,
        }
        for layer in stack.layers
    ]  # fmt: skip
    awards = [(award.instrument, award.kind, award.currency, award.count, award.strike) for award in stack.awards]
    awards += [(award.instrument, award.kind, award.currency, award.count, award.strike) for award in stack.moving]
    for instrument, kind, currency, count, strike in awards:
        fact = state.known_awards.counts.get(instrument)
        rows.append(
            _row(instrument, kind, currency, terms) | {
                "quantity": fact.quantity if fact else None, "amount": count, "unit": "shares", "as_of": fact.as_of if fact else None,
                "conversion_price": strike, "fact": fact,
            }
        )  # fmt: skip
    told = {row["instrument"] for row in rows} | {one.terms.instrument for one in state.tranches}
    rows += [
        _row(one.instrument, one.kind, one.currency, terms) | {"rate_pct": one.rate_pct}
        for one in terms.values()
        if one.instrument not in told and (one.issue_date is None or one.issue_date <= day)
    ]
    return rows


def _row(instrument: str, kind: str, currency: str, terms: Mapping[str, Instrument]) -> dict[str, Any]:
    one = terms.get(instrument)
    dates: dict[str, date | None] = {
        name: getattr(one, name) if one else None for name in ("issue_date", "maturity", "put_date")
    }
    unknown = dict.fromkeys(("quantity", "amount", "usd", "unit", "as_of", "rate_pct", "conversion_price", "fact"))
    return {"instrument": instrument, "kind": kind, "currency": currency, **unknown, **dates}
