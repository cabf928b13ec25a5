"""mnav preferred: preferred stock at its own price: yield, discount, what stands behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import DAY, Settings, verb

if TYPE_CHECKING:
    from sqlite_utils import Database

PREFERRED_COLUMNS = (
    "series", "price_date", "close", "discount_to_par_pct", "dividend_rate_pct", "effective_yield_pct", "yield_to_call_pct", "spread_pct",
    "volatility_pct", "notional", "at_market", "cover", "floor_price", "reserve_months", "reason",
)  # fmt: skip
HEADERS = {
    "price_date": "close of", "discount_to_par_pct": "below par", "dividend_rate_pct": "rate", "effective_yield_pct": "yield",
    "yield_to_call_pct": "to call", "spread_pct": "spread", "volatility_pct": "30d vol", "at_market": "at market", "floor_price": "floor at",
    "reserve_months": "months",
}  # fmt: skip
PREFERRED_SPARE = (
    "reserve_months",
    "yield_to_call_pct",
    "spread_pct",
    "volatility_pct",
    "floor_price",
    "at_market",
    "reason",
    "dividend_rate_pct",
)
PREFERRED_HISTORY = ("date", "close", "currency", "discount_to_par_pct", "dividend_rate_pct", "effective_yield_pct")


@verb()
@click.argument("names", nargs=-1, metavar="[SERIES]...")
@click.option("--on", type=DAY, default=None, help="The day [default: the newest valued close].")
@click.option("--since", type=DAY, default=None, help="One series close by close from this day on.")
@click.option("--until", type=DAY, default=None, help="One series close by close up to this day.")
@click.option("--risk-free", type=float, default=None, metavar="PERCENT", help="A yield to show the spread to.")
def command(
    settings: Settings,
    names: tuple[str, ...],
    on: str | None,
    since: str | None,
    until: str | None,
    risk_free: float | None,
) -> None:
    """Every series of preferred stock (or the given SERIES, as strc) at its own price: discount to its stated amount, dividend rate,
    effective yield (rate × stated amount ÷ close), volatility over 30 sessions, notional and what it is worth at market, and what stands
    behind it: cover down to the series, and the bitcoin price at which it is just covered.

    \b
    Examples: mnav preferred --on 2026-06-26 --risk-free 4.2
              mnav preferred strc --since 2026-06-01
    """
    from db import open_database
    from db.feeds import preferred
    from scripts.shared.output import emit

    db = open_database(settings.db)
    _refuse_unknown(db, names)
    if since or until:
        if len(names) != 1:
            raise click.UsageError("--since and --until tell one series close by close: name it")
        ticker, instrument = next(one for one in preferred.series(db) if one[1].lower() == names[0].lower())
        rows = preferred.history(db, ticker, instrument, since, until)
        emit(
            rows,
            PREFERRED_HISTORY if settings.output == "table" else list(rows[0]) if rows else ["date"],
            settings.output,
            HEADERS,
        )
        if not rows:
            settings.say(f"no price of {names[0]} is known in that stretch; import an instrument_price file")
        return
    rows = preferred.preferred(db, on, risk_free, names)
    emit(
        rows,
        PREFERRED_COLUMNS if settings.output == "table" else list(rows[0]) if rows else ["series"],
        settings.output,
        HEADERS,
        spare=PREFERRED_SPARE,
    )
    if not rows:
        settings.say("no preferred stock is outstanding" + (f" on {on}" if on else ""))
        return
    settings.say(told(rows))


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
