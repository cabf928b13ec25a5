"""Why a company has no row in a table, in words that say what would bring it back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

RECENT = timedelta(days=7)  # a close older than this against the day asked for is no price of that day
NO_HOLDINGS_KNOWN = "no holdings known; import them with `mnav import`"
NOT_VALUED_YET = "not valued yet; run `mnav value`"
_REMEDY = "import closes with `mnav import`, or let `mnav run` fetch them"


def why_without_a_price(db: Database, on: str) -> dict[str, str]:
    """By ticker, of every company without a recent close on a day: why, and the remedy."""
    merged = {
        ticker: f"merged into {other} on {since}"
        for ticker, other, since in db.execute(
            "SELECT ticker, other, valid_from FROM relation WHERE kind = 'merged_into' AND valid_from <= ?", (on,)
        ).fetchall()
    }
    found: dict[str, str] = {}
    for ticker, mic, active_to, last, first in db.execute(
        """SELECT c.ticker, c.mic, c.active_to,
             (SELECT max(p.date) FROM price p WHERE p.symbol = c.ticker AND p.fixing = 'close' AND p.date <= ?),
             (SELECT min(p.date) FROM price p WHERE p.symbol = c.ticker AND p.fixing = 'close')
           FROM company c""",
        (on,),
    ).fetchall():
        if last is not None and date.fromisoformat(last) >= date.fromisoformat(on) - RECENT:
            continue
        if ticker in merged:
            found[ticker] = merged[ticker]
        elif active_to is not None and active_to <= on:
            found[ticker] = f"not listed since {active_to}"
        elif mic is None:
            found[ticker] = "not listed on an exchange we know"
        elif last is None and first is not None:
            found[ticker] = f"no price known by {on}; its closes begin on {first}"
        elif last is None:
            found[ticker] = f"no price known; {_REMEDY}"
        else:
            found[ticker] = f"lacks a price since {last}; {_REMEDY}"
    return found


def btc_on(db: Database, on: str) -> dict[str, float | None]:
    """The bitcoin known of every company on a day, by ticker; None where none is."""
    return dict(
        db.execute(
            """SELECT c.ticker, s.btc FROM company c LEFT JOIN state s ON s.id =
                 (SELECT id FROM state n WHERE n.company_id = c.id AND n.from_date <= ? ORDER BY n.from_date DESC LIMIT 1)""",
            (on,),
        ).fetchall()
    )


def why_none(db: Database, on: str) -> dict[str, str]:
    """By ticker, of every company: what its row of a day lacks, or what would make one."""
    held = btc_on(db, on)
    unpriced = why_without_a_price(db, on)
    return {
        ticker: unpriced.get(ticker) or (NO_HOLDINGS_KNOWN if btc is None else NOT_VALUED_YET)
        for ticker, btc in held.items()
    }


def why_not_valued(db: Database, ticker: str, on: str) -> str:
    """Why a company has no row up to a day, and what would mend it."""
    return why_none(db, on)[ticker]


def why_no_close(db: Database, ticker: str, since: str | None, until: str | None) -> str:
    """That a span holds no valued close of a company, and between which days it has any."""
    first, last = db.execute(
        "SELECT min(v.date), max(v.date) FROM valuation v JOIN company c ON c.id = v.company_id WHERE c.ticker = ?",
        (ticker,),
    ).fetchone()
    if first is None:
        return f"{ticker} has no valued close: {why_not_valued(db, ticker, until or '9999-12-31')}"
    span = " ".join(f"{word} {day}" for word, day in (("since", since), ("until", until)) if day)
    return f"{ticker} has no valued close {span}; its closes run from {first} to {last}"
