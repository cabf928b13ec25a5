"""mnav capital: the capital structure of one company, from the most senior claim to the common."""

from __future__ import annotations

from typing import Any

import click

from scripts.shared.options import DAY, Settings, known_ticker, verb

CAPITAL_COLUMNS = (
    "layer", "kind", "seniority", "currency", "amount", "notional", "as_of", "rate_pct", "falls_due", "converts_at", "test",
    "shares", "claim", "cumulative", "cover", "cover_net_of_cash", "floor_price", "loan_to_value_pct", "share_of_claims_pct",
    "note", "at_market", "put_date", "maturity",
)  # fmt: skip
CAPITAL_SHOWN = (
    "layer", "kind", "notional", "rate_pct", "converts_at", "put_date", "maturity", "shares", "cumulative", "cover", "floor_price",
    "loan_to_value_pct", "share_of_claims_pct", "test",
)  # fmt: skip
CAPITAL_HEADERS = {
    "rate_pct": "coupon", "converts_at": "strike", "put_date": "put", "floor_price": "floor price", "loan_to_value_pct": "LTV",
    "share_of_claims_pct": "of claims",
}  # fmt: skip
CAPITAL_SPARE = (
    "kind",
    "share_of_claims_pct",
    "loan_to_value_pct",
    "shares",
    "floor_price",
    "cumulative",
    "cover",
)  # the first goes first


@verb()
@click.argument("ticker")
@click.option("--on", type=DAY, default=None, help="The day [default: the newest valued close].")
def command(settings: Settings, ticker: str, on: str | None) -> None:
    """Print the claims on TICKER from senior to common: notional, conversion test, cover, floor price, share of claims.

    The coupon of a preferred series is its dividend; put is the day its holders may ask for their money. Cover is bitcoin over the notional of every claim down to the layer; convertibles count there in full, and beside it
    stands whether they are in the money. What is not known is named below the table.

    \b
    Example: mnav capital MSTR --on 2025-11-28
    """
    import json

    from db import open_database
    from scripts.shared.output import emit, prose

    db = open_database(settings.db)
    ticker = known_ticker(db, ticker)
    told = capital(db, ticker, on)
    settings.say_if_earlier(ticker, on, told["date"])
    if settings.output == "json":
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    if settings.output == "csv":
        emit(told["layers"], CAPITAL_COLUMNS, "csv")
        return
    prose(f"{told['name']} ({ticker}), close of {told['date']}\n")
    emit(
        [_shown(row) for row in told["layers"]],
        CAPITAL_SHOWN,
        "table",
        CAPITAL_HEADERS,
        spare=CAPITAL_SPARE,
        below=("test",),
    )
    for line in _remarks(told):
        prose(line, "  ")


def capital(db: Any, ticker: str, on: str | None) -> dict[str, Any]:
    """The stack as plain values: `layers`, the last of them the common; what stands apart; what is unknown."""
    from dataclasses import asdict

    from db.reads.close import picture
    from treasury.claims.credit import loan_to_value_pct

    seen = picture(db, ticker, on)
    stack, values = seen.stack, seen.values
    rows = [
        {
            "layer": layer.instrument, "kind": layer.kind, "seniority": layer.seniority, "currency": layer.currency, "amount": layer.amount,
            "notional": layer.notional, "as_of": str(layer.as_of) if layer.as_of else None, "rate_pct": layer.rate_pct,
            "falls_due": str(layer.falls_due) if layer.falls_due else None, "converts_at": layer.converts_at, "test": layer.test,
            "shares": layer.shares, "claim": layer.claim, "cumulative": layer.cumulative, "cover": layer.cover.value,
            "cover_net_of_cash": layer.cover_net_of_cash.value, "floor_price": layer.floor_price.value,
            "loan_to_value_pct": loan_to_value_pct(layer.cover.value) if layer.cover.value else None,
            "share_of_claims_pct": layer.notional / stack.claims * 100 if layer.notional is not None and stack.claims else None,
            "note": layer.cover.reason, "at_market": layer.at_market,
            "put_date": str(layer.put_date) if layer.put_date else None, "maturity": str(layer.maturity) if layer.maturity else None,
        }
        for layer in stack.layers
    ]  # fmt: skip
    rows += [
        {"layer": award.instrument, "kind": award.kind, "amount": award.count, "currency": award.currency, "converts_at": award.strike,
         "test": award.test, "shares": award.shares}
        for award in stack.awards
    ]  # fmt: skip
    rows += [
        {"layer": moved.instrument, "kind": moved.kind, "amount": moved.count, "currency": moved.currency,
         "test": "strike moves with the market: not counted", "shares": 0.0}
        for moved in stack.moving
    ]  # fmt: skip
    rows.append(
        {"layer": "common", "kind": "common", "shares": values["shares_basic"], "notional": values["market_cap"]}
    )
    return {
        "ticker": ticker, "name": seen.company.name, "date": str(seen.day), "layers": rows, "btc": values["btc"],
        "btc_price": values["btc_price"], "btc_nav": values["btc_nav"], "cash": values["cash"], "claims": stack.claims,
        "claims_reason": "" if stack.claims is not None and stack.claims > 0 else "NO_CLAIMS" if stack.claims == 0 else "MISSING_CLAIMS",
        "shares_basic": values["shares_basic"], "shares_diluted": values["shares_diluted"], "max_shares": stack.max_shares,
        "moving_strike_shares": sum(one.count for one in stack.moving) if stack.moving else None,
        "annual_obligations": asdict_(stack.annual_obligations), "apart": dict(stack.apart), "unknown": list(stack.unknown),
        "instruments_complete": seen.company.instruments_complete, "reason": [*seen.state.reasons, *seen.reasons],
        "shares_basic_facts": [asdict(fact)["source"] for fact in seen.state.shares_basic.facts] if seen.state.shares_basic else [],
    }  # fmt: skip


def asdict_(answer: Any) -> dict[str, Any]:
    return {"value": answer.value, "reason": answer.reason, "note": answer.note}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    from treasury.amounts import dollars

    money = {
        name: dollars(row[name]) for name in ("notional", "cumulative", "floor_price") if row.get(name) is not None
    }
    cover = {"cover": f"{row['cover']:.1f}x"} if row.get("cover") is not None else {}
    shares = {} if row.get("shares") is None else {"shares": f"{row['shares']:,.0f}"}
    strike = {} if row.get("converts_at") is None else {"converts_at": f"{row['converts_at']:,.2f}"}
    return {**row, **money, **cover, **shares, **strike, "floor_price": _price(row.get("floor_price"))}


def _price(value: float | None) -> str | None:
    return None if value is None else f"${value:,.0f}"


def _remarks(told: dict[str, Any]) -> list[str]:
    from treasury.amounts import dollars

    lines = [""]
    if told["btc_nav"] is not None:
        lines.append(f"bitcoin: {told['btc']:,.10g} at ${told['btc_price']:,.2f} = {dollars(told['btc_nav'])}")
    paid = told["annual_obligations"]
    if paid["value"] is not None:
        note = f" ({paid['note']})" if paid["note"] else ""
        lines.append(f"interest and preferred dividends of a year: {dollars(paid['value'])}{note}")
    elif paid["note"]:
        lines.append(f"interest and preferred dividends of a year: unknown, {paid['note']}")
    if told["max_shares"] is not None:
        lines.append(f"shares if everything fixed converts: {told['max_shares']:,.0f}")
    if told["moving_strike_shares"] is not None:
        lines.append(f"apart, at strikes that move with the market: at most {told['moving_strike_shares']:,.0f} shares")
    if "btc_encumbered" in told["apart"]:
        pledged = told["apart"]["btc_encumbered"]
        free = "" if told["btc"] is None else f", free {told['btc'] - pledged:,.10g}"
        lines.append(f"bitcoin pledged: {pledged:,.10g}{free}")
    lines += [
        f"{name.replace('_', ' ')}: {dollars(told['apart'][name])}"
        for name in ("minority_interest", "other_assets")
        if name in told["apart"]
    ]
    if not told["instruments_complete"]:
        lines.append("the list of instruments is not known to be complete")
    if told["unknown"]:
        lines.append("not known: " + "; ".join(told["unknown"]))
    return lines if len(lines) > 1 else []


if __name__ == "__main__":
    command()
