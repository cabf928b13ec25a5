"""mnav wall: what falls due quarter by quarter, against cash, issuance and the bitcoin itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import DAY, Between, Settings, known_tickers, verb
from treasury.amounts import counted

if TYPE_CHECKING:
    from sqlite_utils import Database

    from treasury.studies.scenario import Situation

QUARTERS = ("ticker", "btc_price", "quarter", "coupons", "dividends", "maturities", "puts", "calls", "due", "cash_left", "with_issuance")  # fmt: skip
WALL_SUMMARY = (
    "ticker", "date", "btc_price", "cash", "share_price", "issued_a_quarter", "shortfall", "shortfall_with_issuance", "forced_sale_btc",
    "forced_sale_pct", "unknown", "forced_sale_without_issuance_btc", "forced_sale_without_issuance_pct",
)  # fmt: skip
# for people: what cash alone leaves, then the same with issuance
WALL_SHOWN = (
    "ticker", "date", "btc_price", "cash", "share_price", "issued_a_quarter", "shortfall", "forced_sale_without_issuance_btc",
    "forced_sale_without_issuance_pct", "shortfall_with_issuance", "forced_sale_btc", "forced_sale_pct", "unknown",
)  # fmt: skip
# what a narrow terminal does without, the first first
WALL_SPARE = (
    "share_price",
    "date",
    "issued_a_quarter",
    "forced_sale_without_issuance_pct",
    "forced_sale_pct",
    "cash",
    "btc_price",
    "calls",
    "with_issuance",
)
WHOLE_COINS = ("forced_sale_btc", "forced_sale_without_issuance_btc")
DOLLARS = {
    "coupons",
    "dividends",
    "maturities",
    "puts",
    "calls",
    "due",
    "cash_left",
    "with_issuance",
    "issued_a_quarter",
    "cash",
}
WALL_HEADERS = {
    "btc_price": "BTC at", "issued_a_quarter": "issuable a quarter", "shortfall": "cash short in", "cash_left": "cash left",
    "forced_sale_without_issuance_btc": "BTC to sell", "forced_sale_without_issuance_pct": "of holdings",
    "shortfall_with_issuance": "issuing: short in", "forced_sale_btc": "issuing: BTC to sell", "forced_sale_pct": "issuing: of holdings", "calls": "callable",
    "with_issuance": "with issuance", "share_price": "share at",
}  # fmt: skip


@verb()
@click.argument("tickers", nargs=-1)
@click.option(
    "--btc", "prices", default=None, help="Bitcoin prices or levels, as in mnav stress [default: that of each close]."
)
@click.option("--on", type=DAY, default=None, help="As of this day instead of the newest.")
@click.option("--quarters", type=click.IntRange(1, 80), default=12, show_default=True, help="How far ahead.")
@click.option("--issue-pct", type=Between(0, 1000), default=None, help="Per cent of its basic shares a company can sell a quarter [default: as in the year before].")  # fmt: skip
@click.option("--summary", is_flag=True, default=False, help="First shortfall and forced sale instead of the quarters.")
def command(
    settings: Settings, tickers: tuple[str, ...], prices: str | None, on: str | None, quarters: int, issue_pct: float | None, summary: bool
) -> None:  # fmt: skip
    """Coupons, preferred dividends, maturities, puts and calls of the TICKERS (default: the league table) by quarter, against
    cash and what can be issued at today's EV multiple; the first quarter of shortfall and the bitcoin to sell (docs/scenarios.md).

    \b
    Examples: mnav wall MSTR --on 2025-11-28 --quarters 8
              mnav wall MSTR --btc 100000,60000,25000 --summary
    """
    from db import open_database
    from db.reads import views
    from db.reads.close import situations
    from scripts.shared.bitcoin_prices import bitcoin_prices
    from scripts.shared.output import emit
    from treasury.league import in_league

    db = open_database(settings.db)
    chosen = known_tickers(db, tickers) or tuple(row["ticker"] for row in views.league(db, on) if in_league(row))
    at = bitcoin_prices(db, prices, on) if prices else None
    by_quarter: list[dict[str, Any]] = []
    totals: list[dict[str, Any]] = []
    for situation in situations(db, chosen, on):
        for price in at.values() if at else [situation.values()["btc_price"]]:
            if price is None:
                settings.say(f"{situation.company.ticker}: no bitcoin price is known at its close: left out")
                continue
            rows, total = told(db, situation, price, quarters, issue_pct)
            by_quarter += rows
            totals.append(total)
    rows, columns = (totals, WALL_SUMMARY) if summary else (by_quarter, QUARTERS)
    if settings.output == "table":
        rows, columns = [for_people(row) for row in rows], WALL_SHOWN if summary else columns
    emit(rows, columns, settings.output, WALL_HEADERS, turn=summary, below=("unknown",), spare=WALL_SPARE)
    if summary:
        settings.say(
            f"over {quarters} quarters; BTC to sell pays for what cash alone leaves unpaid, issuing: for what issuance at these prices leaves too"
        )
    elif known := [row for row in totals if not row["unknown"]]:
        settings.say(ending(known, quarters))
    for unknown in {(row["ticker"], row["unknown"]) for row in totals if row["unknown"]}:
        settings.say(f"{unknown[0]}: {unknown[1]}")


def ending(totals: list[dict[str, Any]], quarters: int) -> str:
    """One line for the whole: how many fall short of cash, and the first to."""
    short = sorted(
        (row["shortfall"], row["ticker"], row["btc_price"]) for row in totals if row["shortfall"] is not None
    )
    if not short:
        return f"nobody falls short of cash within {counted(quarters, 'quarter')}"
    quarter, ticker, price = short[0]
    first = f"{ticker} at bitcoin {price:,.0f} {'falls short of cash' if len(totals) == 1 else 'first,'} in {quarter}"
    words = (
        ""
        if len(totals) == 1
        else f"{len(short)} of {len(totals)} fall short of cash within {counted(quarters, 'quarter')}, "
    )
    return f"{words}{first}; --summary tells what issuance and sales of bitcoin would do"


def told(
    db: Database, one: Situation, btc_price: float, quarters: int, issue_pct: float | None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The quarters of one company at one bitcoin price, and their summary."""
    from db.reads.close import claims_owed, issued_a_quarter
    from treasury.claims.funding_wall import wall
    from treasury.studies.scenario import price_at_ev

    now = one.values()
    share = price_at_ev(one, btc_price, now["mnav_ev"])
    then = one.values(btc_price, share) if share is not None else {}
    rate = issued_a_quarter(db, one.company.ticker, one.day) if issue_pct is None else issue_pct / 100
    issuable = None
    multiple = then.get("mnav_net") if then.get("mnav_net") is not None else then.get("mnav_ev")
    if share is None:
        issuable = 0.0 if now["mnav_ev"] is not None else None  # nothing is left for the share
    elif rate is not None and multiple is not None:
        issuable = rate * then["market_cap"] if multiple >= 1 else 0.0  # below 1 it would dilute (docs/metrics.md 7.2)
    owed, complete = claims_owed(db, one), one.annual_obligations is not None
    found = wall(owed, one.day, now["cash"], quarters, share, issuable, complete=complete)
    undated = [
        o.terms.instrument for o in owed if o.amount and o.terms.maturity is None and "preferred" not in o.terms.kind
    ]
    unknown = [] if complete else ["not every claim or rate is known: no sum, no shortfall"]
    unknown += [f"no maturity known of {name}" for name in undated]
    unknown += [] if now["cash"] is not None else ["cash unknown"]
    unknown += [] if issuable is not None else ["what can be issued is unknown"]
    rows = [
        {
            "ticker": one.company.ticker, "btc_price": btc_price, "quarter": quarter.name, "coupons": quarter.coupons,
            "dividends": quarter.dividends, "maturities": quarter.maturities, "puts": quarter.puts, "calls": quarter.calls,
            "due": quarter.due, "cash_left": cash, "with_issuance": more,
        }
        for quarter, cash, more in zip(found.quarters, found.cash_left, found.with_issuance, strict=True)
    ]  # fmt: skip
    sale, alone = found.forced_sale(btc_price), found.forced_sale(btc_price, issuing=False)
    return rows, {
        "ticker": one.company.ticker, "date": str(one.day), "btc_price": btc_price, "cash": now["cash"], "share_price": share,
        "issued_a_quarter": issuable, "shortfall": found.shortfall, "shortfall_with_issuance": found.shortfall_with_issuance,
        "forced_sale_btc": sale, "forced_sale_pct": _of(sale, now["btc"]),
        "forced_sale_without_issuance_btc": alone, "forced_sale_without_issuance_pct": _of(alone, now["btc"]),
        "unknown": "; ".join(unknown) or None,
    }  # fmt: skip


def _of(sale: float | None, btc: float | None) -> float | None:
    return sale / btc * 100 if sale is not None and btc else None


def for_people(row: dict[str, Any]) -> dict[str, Any]:
    from treasury.amounts import dollars

    shown: dict[str, Any] = {}
    for name, value in row.items():
        if name in DOLLARS and value is not None:
            shown[name] = dollars(value) if value else "0"
        elif name in ("btc_price", *WHOLE_COINS) and value is not None:
            shown[name] = round(value)
        else:
            shown[name] = value
    return shown


if __name__ == "__main__":
    command()
