"""mnav preferred: preferred stock at its own price: yield, discount, what stands behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import DAY, Between, Settings, verb
from treasury.amounts import counted
from treasury.bitcoin.condition import TREASURY_YIELDS

if TYPE_CHECKING:
    from sqlite_utils import Database

PREFERRED_COLUMNS = (
    "ticker", "series", "price_date", "close", "discount_to_par_pct", "dividend_rate_pct", "effective_yield_pct", "yield_to_call_pct", "spread_pct",
    "volatility_pct", "notional", "at_market", "cover", "coupon_cover", "floor_price", "reserve_months", "programme_usd", "programme_shares", "reason",
)  # fmt: skip
HEADERS = {
    "price_date": "close of", "discount_to_par_pct": "below par", "dividend_rate_pct": "rate", "effective_yield_pct": "yield",
    "yield_to_call_pct": "to call", "spread_pct": "spread", "volatility_pct": "30d vol", "at_market": "at market", "floor_price": "floor at",
    "reserve_months": "months", "coupon_cover": "coupons", "programme_usd": "programme", "programme_shares": "its shares",
}  # fmt: skip
SPARE = (
    "programme_shares", "reserve_months", "yield_to_call_pct", "spread_pct", "volatility_pct", "floor_price", "programme_usd", "coupon_cover",
    "reason", "price_date", "at_market", "ticker", "dividend_rate_pct",
)  # fmt: skip
PREFERRED_HISTORY = (
    "date", "close", "currency", "discount_to_par_pct", "dividend_rate_pct", "effective_yield_pct", "spread_pct", "volatility_pct", "volume",
    "cover", "floor_price",
)  # fmt: skip
PREFERRED_HISTORY_SPARE = (
    "currency",
    "volume",
    "spread_pct",
    "volatility_pct",
    "dividend_rate_pct",
    "discount_to_par_pct",
    "floor_price",
)
# what a row holds besides; any of them can be asked for
FURTHER = (
    "date", "currency", "par", "risk_free_pct", "seniority", "annual_dividends", "cover_net_of_cash", "risk_pct", "credit_bp",
    "programme_as_of", "programme_owed",
)  # fmt: skip
TREASURIES = [name.removeprefix("treasury_yield_") for name in TREASURY_YIELDS]


@verb()
@click.argument("names", nargs=-1, metavar="[SERIES]...")
@click.option("--on", type=DAY, default=None, help="The day [default: the newest with a price of a series].")
@click.option("--since", type=DAY, default=None, help="One series day by day from this day on.")
@click.option("--until", type=DAY, default=None, help="One series day by day up to this day.")
@click.option(
    "--risk-free", type=Between(-100, 1000), default=None, metavar="PERCENT", help="A yield to show the spread to."
)
@click.option(
    "--treasury", type=click.Choice(TREASURIES), default=None, help="The imported Treasury yield to show the spread to."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME",
    type=click.Choice((*PREFERRED_COLUMNS, *FURTHER)),
    help="A column of the table, instead of those it has; again for more.",
)
def command(
    settings: Settings,
    names: tuple[str, ...],
    on: str | None,
    since: str | None,
    until: str | None,
    risk_free: float | None,
    treasury: str | None,
    columns: tuple[str, ...],
) -> None:
    """Every series of preferred stock (or the given SERIES, as strc) at its own price: discount to its stated amount, dividend rate,
    effective yield (rate × stated amount ÷ close), volatility over 30 sessions, notional and what it is worth at market, what stands
    behind it (cover down to the series, how often the US dollar reserve pays a year's coupons down to it, the bitcoin price at which it is
    just covered), and what its programme may still sell at that price. The series of a company stand in the order they are served, the most
    senior first. With --since or --until one series day by day, its price beside its cover at each close of its company; mnav plot
    preferred-cover-history draws the cover.

    \b
    Examples: mnav preferred --on 2026-06-26 --risk-free 4.2
              mnav preferred strc --since 2026-06-01
              mnav preferred --column series --column seniority --column credit_bp
    """
    from db import open_database
    from db.feeds import preferred
    from db.reads.bitcoin import treasury_yields
    from scripts.shared.output import emit, emit_last

    if risk_free is not None and treasury is not None:
        raise click.UsageError("--risk-free and --treasury are two yields: give one")
    db = open_database(settings.db)
    _refuse_unknown(db, names)
    yields: preferred.RiskFree = preferred.no_yield
    if treasury is not None:
        yields = preferred.yields_of(treasury_yields(db, f"treasury_yield_{treasury}"))
    elif risk_free is not None:
        yields = lambda _: risk_free  # noqa: E731
    if since or until:
        if len(names) != 1:
            raise click.UsageError("--since and --until tell one series day by day: name it")
        ticker, instrument = next(one for one in preferred.series(db) if one[1].lower() == names[0].lower())
        rows = preferred.history(db, ticker, instrument, since, until, yields)
        earlier = emit_last(
            rows,
            PREFERRED_HISTORY if settings.output == "table" else list(rows[0]) if rows else ["date"],
            settings.output,
            HEADERS,
            asked=since is not None,
            more="--since shows more",
            spare=PREFERRED_HISTORY_SPARE,
        )
        if rows:
            settings.say(f"{counted(len(rows), 'close')} from {rows[0]['date']} to {rows[-1]['date']}{earlier}")
        if not any(row["close"] is not None for row in rows):
            settings.say(f"no price of {names[0]} is known in that stretch; import an instrument_price file")
        return
    left = preferred.last_priced(db, names) if on is None else None
    rows = preferred.preferred(db, left[0] if left else on, yields, names)
    emit(
        [_shown(row) for row in rows] if settings.output == "table" else rows,
        columns or (PREFERRED_COLUMNS if settings.output == "table" else list(rows[0]) if rows else ["series"]),
        settings.output,
        HEADERS,
        spare=() if columns else SPARE,
    )
    if not rows:
        settings.say("no preferred stock is outstanding" + (f" on {on}" if on else ""))
        return
    settings.say(told(rows))
    if left:
        settings.say(f"{left[0]} is the last day with a price of a series; --on {left[1]} shows what is known since")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """The row for a table: a cover with the digits `mnav capital` gives it, the price of bitcoin in dollars."""
    covers = {name: f"{row[name]:,.1f}x" for name in ("cover", "coupon_cover") if row[name] is not None}
    return row | covers | ({"floor_price": f"${row['floor_price']:,.0f}"} if row["floor_price"] is not None else {})


def told(rows: list[dict[str, Any]]) -> str:
    """The sums in a line: notional and market value of the series with a price, and who has none."""
    priced = [row for row in rows if row["at_market"] is not None]
    without = ", ".join(row["series"] for row in rows if row["at_market"] is None)
    words = f"close of {max(row['date'] for row in rows)}: " + (
        f"{len(priced)} series with ${sum(row['notional'] for row in priced) / 1e9:.2f}bn of notional are worth"
        f" ${sum(row['at_market'] for row in priced) / 1e9:.2f}bn at market"
        if priced
        else "no series has a price"
    )
    return words + (f"; without a price of that week: {without}" if without else "")


def _refuse_unknown(db: Database, names: tuple[str, ...]) -> None:
    from db.feeds.preferred import series

    known = {instrument.lower() for _, instrument in series(db)}
    for name in names:
        if name.lower() not in known:
            raise click.UsageError(f"unknown series {name!r}; there are: {', '.join(sorted(known)) or 'none'}")


if __name__ == "__main__":
    command()
