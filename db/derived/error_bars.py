"""The error bars of treasury.uncertainty as SQL over company c, valuation v and state s: the hand-written window beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

from db.derived import at_close
from treasury.metrics.error_bars import DOUBTS, LEAST_DAYS, RATE_OVER_DAYS, Aged, ErrorBar, error_bar

ERROR_BAR_COLUMNS = ("mnav_ev_low", "mnav_ev_high", "mnav_ev_doubt")


def _earlier_state(value: str, as_of: str) -> str:
    """The state in force a year before the day a value describes, else the first that knew it."""
    known = f"SELECT n.id FROM state n WHERE n.company_id = s.company_id AND n.{value} IS NOT NULL"
    return (
        f"coalesce(({known} AND n.from_date <= date(s.{as_of}, '-{RATE_OVER_DAYS} days') ORDER BY n.from_date DESC LIMIT 1),"
        f" ({known} ORDER BY n.from_date LIMIT 1))"
    )


def _claims_as_of(state: str) -> str:
    dates = ", ".join(f"coalesce({state}.{name}_as_of, '9')" for name in ("debt", "preferred", "cash"))
    return f"nullif(min({dates}), '9')"


def _earlier_claims(what: str) -> str:
    """The close a year before the day the claims describe, else the first that knew them: its date or its state."""
    known = (
        f"SELECT n.{what} FROM valuation n WHERE v.debt + v.preferred + v.cash IS NOT NULL AND n.company_id = v.company_id"
        " AND n.debt + n.preferred + n.cash IS NOT NULL"
    )
    limit = f"date({_claims_as_of('s')}, '-{RATE_OVER_DAYS} days')"
    return f"coalesce(({known} AND n.date <= {limit} ORDER BY n.date DESC LIMIT 1), ({known} ORDER BY n.date LIMIT 1))"


# joined on unique keys, so that SQLite leaves them out wherever no column of a bar is asked for
JOINS = f"""
LEFT JOIN state es ON es.id = {_earlier_state("shares_basic", "shares_basic_as_of")}
LEFT JOIN state eb ON eb.id = {_earlier_state("btc", "btc_as_of")}
LEFT JOIN valuation ev ON ev.company_id = v.company_id AND ev.date = {_earlier_claims("date")}
LEFT JOIN state ec ON ec.id = {_earlier_claims("state")}"""


def _drift(now: str, as_of: str, then: str, then_as_of: str) -> str:
    """Growth a day × age in days; NULL where the two values lie too close together."""
    span = f"(julianday({as_of}) - julianday({then_as_of}))"
    return f"CASE WHEN {span} >= {LEAST_DAYS} THEN ({now} - {then}) / {span} * (julianday(v.date) - julianday({as_of})) END"


def columns(metrics: dict[str, str]) -> dict[str, str]:
    """The three columns, from the SQL of the row-wise metrics."""
    cap, nav, multiple = (f"({metrics[name]})" for name in ("market_cap", "btc_nav", "mnav_ev"))
    then = "es.shares_basic * s.split_factor / es.split_factor"
    shares = _drift("s.shares_basic", "s.shares_basic_as_of", then, "es.shares_basic_as_of")
    btc = _drift("s.btc", "s.btc_as_of", "eb.btc", "eb.btc_as_of")
    claims = _drift(
        "(v.debt + v.preferred - v.cash)", _claims_as_of("s"), "(ev.debt + ev.preferred - ev.cash)", _claims_as_of("ec")
    )
    effects = (
        f"({cap} * ({shares}) / s.shares_basic / {nav})",
        f"({multiple} * (s.btc / (CASE WHEN s.btc + ({btc}) > 0 THEN s.btc + ({btc}) END) - 1))",
        f"(({claims}) / {nav})",
    )
    low = " + ".join(f"min({one}, 0.0)" for one in effects)
    high = " + ".join(f"max({one}, 0.0)" for one in effects)
    sizes = [f"abs({one})" for one in effects]
    return {
        "mnav_ev_low": f"{multiple} + {low}",
        "mnav_ev_high": f"{multiple} + {high}",
        "mnav_ev_doubt": (
            f"CASE WHEN {multiple} + {low} IS NULL OR {' + '.join(sizes)} = 0 THEN NULL"
            f" WHEN {sizes[0]} >= max({sizes[1]}, {sizes[2]}) THEN 'shares'"
            f" WHEN {sizes[1]} >= {sizes[2]} THEN 'holdings' ELSE 'claims' END"
        ),
    }


def error_bar_on(db: Any, ticker: str, day: str) -> tuple[ErrorBar | None, dict[str, Aged]]:
    """The bar of one close and what it is made of, by name; a value or day that is unknown is left out, and then there is no bar."""
    row = db.execute(
        f"""SELECT v.price * m.fx * s.shares_basic, s.btc * m.btc_price,
              s.shares_basic, s.shares_basic_as_of, es.shares_basic * s.split_factor / es.split_factor, es.shares_basic_as_of,
              s.btc, s.btc_as_of, eb.btc, eb.btc_as_of,
              v.debt + v.preferred - v.cash, {_claims_as_of("s")}, ev.debt + ev.preferred - ev.cash, {_claims_as_of("ec")}
            FROM company c CROSS JOIN valuation v ON v.company_id = c.id{at_close.JOIN} LEFT JOIN state s ON s.id = v.state{JOINS}
            WHERE c.ticker = ? AND v.date = ?""",
        (ticker, day),
    ).fetchone()
    if row is None:
        return None, {}
    market_cap, nav = row[:2]
    aged = {
        name: Aged(now, date.fromisoformat(as_of), then, date.fromisoformat(then_as_of) if then_as_of else None)
        for name, (now, as_of, then, then_as_of) in zip(DOUBTS, (row[2:6], row[6:10], row[10:14]), strict=True)
        if now is not None and as_of is not None
    }
    if len(aged) < len(DOUBTS) or market_cap is None or nav is None:
        return None, aged
    made = error_bar(
        date.fromisoformat(day), market_cap, aged["claims"].now, nav, aged["shares"], aged["holdings"], aged["claims"]
    )
    return made, aged
