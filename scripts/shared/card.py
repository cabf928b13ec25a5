"""The company card of `mnav show MSTR`: everything that must be known of one company at a glance, on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scripts.shared.output import shown_as
from treasury.amounts import UNKNOWN_SIGN, dollars, per_cent, with_minus
from treasury.intake.company_closes import UNKNOWN_COUNTRY
from treasury.metrics.definition_range import MULTIPLES
from treasury.metrics.lacking import lacking
from treasury.metrics.metric import METRICS
from treasury.metrics.own_past import told
from treasury.trust.findings import OLD_DAYS
from treasury.trust.grade import GRADES, grade
from treasury.unknown import NOT_KNOWN, why

Row = Mapping[str, Any]
WIDTH = 10  # of the words at the left


def card(row: Row, about: Row, purchases: Sequence[Row]) -> list[str]:
    """The lines of the card. `row` is of mnav_daily with name, kind, country, stale, grade, close_age_days, btc_known and btc_outdated; `about` has exchange, btc_as_of and cost_as_of
    (days) and `past` (metric, value, AgainstPast, the last day it was no higher); `purchases` are newest first, with announced_on, btc, cost, currency and average_price."""
    return [
        *_head(row, about),
        "",
        *_multiples(row),
        *_past(about),
        "",
        *_bitcoin(row, about),
        *_claims(row),
        "",
        *_open(row, purchases),
    ]


def _head(row: Row, about: Row) -> Iterator[str]:
    country = "country not known" if row["country"] == UNKNOWN_COUNTRY else row["country"]
    yield f"{row['name']} ({row['ticker']}) · {row['kind']} · {country} · {about['exchange']}"
    old = f", OLD: {row['close_age_days']} days before today" if row["stale"] else ""
    price = f"{shown_as('price', row['price'])} {row['price_currency']}"
    price += f" (${row['price_usd']:,.2f})" if row["price_currency"] != "USD" and row["price_usd"] is not None else ""
    yield f"close of {row['date']}{old}: {price} · bitcoin {shown_as('btc_price', row['btc_price'])} USD ({row['btc_fixing'] or UNKNOWN_SIGN})"


def _multiples(row: Row) -> Iterator[str]:
    known = [row[name] for name in MULTIPLES if row[name] is not None]
    low, high = (shown_as("mnav_", end) for end in (min(known), max(known))) if known else (UNKNOWN_SIGN, UNKNOWN_SIGN)
    band = (
        f"{low} to {high}, by definition"
        if len(known) > 1
        else f"{low}, the one definition known"
        if known
        else "not known"
    )
    yield _line("mNAV", band)
    for name in MULTIPLES:
        label, value = METRICS[name].label.removesuffix(" mNAV"), row[name]
        told = (
            METRICS[name].meaning.partition(";")[0].rstrip(".")
            if value is not None
            else f"needs {', '.join(lacking(name, row)) or 'more'}"
        )
        yield f"  {label[:16]:<16} {shown_as(name, value):>8}  {told}"
    premium, equity = row["implied_premium_usd"], row["equity_premium_pct"]
    share = f" ({_pct(row['implied_premium_pct'])})" if row["implied_premium_pct"] is not None else ""
    if row["mnav_ev_unclear"] is not None:
        yield _line("", _range(row))
    yield _line(
        "premium",
        f"EV less bitcoin {_usd(premium)}{share} · equity to net reserve {_pct(equity)}",
    )


def _range(row: Row) -> str:
    """What the EV multiple can be where just one claim is not known."""
    low, high, unclear = row["mnav_ev_min"], row["mnav_ev_max"], row["mnav_ev_unclear"]
    if low is None:
        return f"EV with no cash {shown_as('mnav_', high)}; its cash is not known, and lowers that"
    stated = f"; with what is stated of it {shown_as('mnav_', high)}" if high is not None else ""
    return f"EV without {unclear}, which is not known, {shown_as('mnav_', low)}: at least that{stated}"


def _past(about: Row) -> Iterator[str]:
    if about["past"] is None:
        return
    metric, value, now, lower_on = about["past"]
    since = f"; not lower since {lower_on}" if lower_on else "; never lower"
    words = told(now)
    yield _line(
        "its past", f"{METRICS[metric].label} {shown_as(metric, value)}" + (f", {words}" if words else "") + since
    )


def _bitcoin(row: Row, about: Row) -> Iterator[str]:
    yield _line(
        "bitcoin", f"{shown_as('btc', row['btc'])} BTC, {_usd(row['btc_nav'])} · holdings {_age(row['btc_age_days'])}"
    )
    if row["btc_known"] is not None and row["btc_known"] != row["btc"]:
        yield _line("", f"known since: {row['btc_known']:,.10g} BTC of {row['btc_known_as_of']}")
    if row["btc_outdated"] and row["btc"] is not None:
        yield _line("", "known since: it bought or sold, and nobody says how many it holds now")
    cost = f"{_usd(row['cost_basis'])}, gain {_usd(row['unrealised_gain_usd'])}"
    if row["cost_basis"] is not None and about["cost_as_of"] != about["btc_as_of"]:
        cost += f"; cost as of {about['cost_as_of']}, coins as of {about['btc_as_of']}"
    yield _line("cost", cost)
    sats = " · ".join(
        f"{label} {shown_as('sats_', row[name])}"
        for label, name in (
            ("basic", "sats_per_share"),
            ("diluted", "sats_per_share_diluted"),
            ("assumed", "sats_per_share_assumed"),
        )
    )
    yield _line("sats/share", sats)
    yields = (("year to date", "btc_yield_ytd_pct"), ("quarter", "btc_yield_qtd_pct"), ("one year", "btc_yield_1y_pct"))
    yield _line("BTC yield", " · ".join(f"{label} {_pct(row[name])}" for label, name in yields))
    yield _line(
        "shares",
        f"{shown_as('shares', row['shares_basic'])} basic, market cap {_usd(row['market_cap'])} · {_age(row['shares_age_days'])}",
    )


def _claims(row: Row) -> Iterator[str]:
    yield _line(
        "claims",
        " · ".join(f"{name} {_usd(row[name])}" for name in ("debt", "preferred", "cash"))
        + f" · {_age(row['claims_age_days'])}",
    )
    if row["preferred"] and row["preferred_at_market"] is not None:
        below = (1 - row["preferred_at_market"] / row["preferred"]) * 100
        yield _line(
            "at market",
            f"preferred {_usd(row['preferred_at_market'])}, {below:.1f} % below what it is owed · EV mNAV"
            f" {shown_as('mnav_', row['mnav_ev_at_market'])}, premium {_usd(row['implied_premium_at_market_usd'])}",
        )
    yield _line(
        "reserve",
        f"net {_usd(row['net_reserve'])} · claims/bitcoin {shown_as('claims_ratio', row['claims_ratio'])} · "
        f"break-even at bitcoin {_usd(row['break_even_btc_price'])}",
    )


def _open(row: Row, purchases: Sequence[Row]) -> Iterator[str]:
    yield _line("grade", f"{row['grade']}: {GRADES[row['grade']]}")
    if row["stale"] and (then := grade({**row, "stale": 0})) != row["grade"]:
        yield _line("", f"on the day of its close {then}: {GRADES[then]}")
    lacks = (row["missing"] or "").split()
    plain = [name for name in lacks if name not in NOT_KNOWN]
    lines = [", ".join(plain)] if plain else []
    lines += [f"{name}: {NOT_KNOWN[name]}" for name in lacks if name in NOT_KNOWN]
    lines += [f"{code.partition(':')[0]}: {why(code)}" for code in (row["reason"] or "").split()]
    for number, line in enumerate(lines):
        yield _line("" if number else "not known", line)
    if row["known_assumed"]:
        yield _line("", "the day the public learned a number is assumed for some of them")
    for number, purchase in enumerate(purchases):
        cost = "" if purchase["cost"] is None else f" for {abs(purchase['cost']):,.0f} {purchase['currency']}"
        average = "" if purchase["average_price"] is None else f", {purchase['average_price']:,.0f} each"
        amount = with_minus(f"{purchase['btc']:+,.10g}").rjust(12)
        done = "sold" if purchase["btc"] < 0 else "bought"
        last = None if not number else "sold" if purchases[number - 1]["btc"] < 0 else "bought"
        yield _line("" if done == last else done, f"{purchase['announced_on']} {amount} BTC{cost}{average}")
    ticker = row["ticker"]
    yield _line(
        "next", f"mnav explain {ticker} · mnav history {ticker} · mnav revisions {ticker} · mnav plot mnav {ticker}"
    )


def _line(word: str, text: str) -> str:
    return f"{word:<{WIDTH}} {text}".rstrip()


def _usd(value: float | None) -> str:
    return UNKNOWN_SIGN if value is None else dollars(value)


def _pct(value: float | None) -> str:
    return UNKNOWN_SIGN if value is None else per_cent(value)


def _age(days: int | None) -> str:
    """An age in days, marked where it is so old that `mnav check` lists it."""
    if days is None:
        return f"age {UNKNOWN_SIGN}"
    return f"{days} days old" + (" (OLD)" if days > OLD_DAYS else "")
