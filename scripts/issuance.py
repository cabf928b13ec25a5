"""mnav issuance: what raising a sum a week by common or preferred stock buys, and does to each share."""

from __future__ import annotations

from typing import Any

import click

from scripts.shared.options import DAY, Settings, known_tickers, verb

ISSUANCE_COLUMNS = ("programme", "price", "units", "btc", "change_pct", "net_change_pct", "claims", "dividends")
ISSUANCE_HEADERS = {
    "units": "shares a week", "btc": "BTC a week", "change_pct": "BTC per share", "net_change_pct": "net reserve per share", "claims": "owed more",
    "dividends": "dividends a year",
}  # fmt: skip


@verb()
@click.argument("ticker")
@click.option("--weekly", type=float, default=100e6, show_default=True, metavar="USD", help="US dollars raised a week.")
@click.option("--fee", type=float, default=0.0, show_default=True, help="The part that does not arrive, 0.02 for 2 %.")
@click.option("--on", type=DAY, default=None, help="The day [default: the newest valued close].")
def command(settings: Settings, ticker: str, weekly: float, fee: float, on: str | None) -> None:
    """What TICKER gets for a sum raised each week at its closes, by common shares and by each series of preferred stock with a price: shares,
    bitcoin, what the week does to bitcoin per basic share and to net reserve per diluted share, and what is then owed. Beside it the break-even
    multiple and what the issuer said of when it sells. No volume is known here, so the pace is yours.

    \b
    Example: mnav issuance MSTR --weekly 500000000 --on 2026-06-26
    """
    from dataclasses import asdict

    from db import open_database
    from db.feeds.preferred import preferred
    from db.reads.close import picture
    from scripts.shared.output import emit, shown_as
    from treasury.publishers.guidance import guidance_on
    from treasury.studies.accretion import break_even_multiple
    from treasury.studies.issuance import by_common, by_preferred

    if weekly <= 0 or not 0 <= fee < 1:
        raise click.UsageError("--weekly is a sum above 0, --fee a fraction from 0 to below 1")
    db = open_database(settings.db)
    (ticker,) = known_tickers(db, (ticker,))
    seen = picture(db, ticker, on)
    settings.say_if_earlier(ticker, on, str(seen.day))
    raised = [by_common(seen.values, weekly, fee)]
    for series in preferred(db, str(seen.day)):
        rate = seen.rates.get(series["currency"])
        if (
            series["ticker"] == ticker
            and series["close"] is not None
            and series["par"] is not None
            and rate is not None
        ):
            raised.append(
                by_preferred(
                    seen.values,
                    weekly,
                    series["series"],
                    series["close"] * rate,
                    series["par"] * rate,
                    series["dividend_rate_pct"],
                    fee,
                )
            )
    rows = [asdict(one) for one in raised]
    if settings.output == "table":
        rows = [_for_people(row) for row in rows]
    emit(rows, ISSUANCE_COLUMNS, settings.output, ISSUANCE_HEADERS, spare=("price", "dividends", "units"))
    break_even = break_even_multiple(fee)
    settings.say(
        f"close of {seen.day}: basic {shown_as('mnav_', seen.values['mnav_market_cap'])}, net {shown_as('mnav_', seen.values['mnav_net'])};"
        f" new shares add bitcoin to each above {break_even:.2f}x basic, net reserve above {break_even:.2f}x net"
    )
    rule = guidance_on(ticker, seen.day, seen.values["mnav_ev"])
    if rule is not None:
        settings.say(f"guidance since {rule.since} at EV {shown_as('mnav_', seen.values['mnav_ev'])}: {rule.says}")
    settings.say("volume is not known here: how much the market would take is not said")


def _for_people(row: dict[str, Any]) -> dict[str, Any]:
    """A week moves a share by thousandths of a per cent: they are shown, and nothing is "−0.0 %"."""
    from treasury.amounts import dollars, per_cent

    shown = {name: per_cent(row[name], 3) for name in ("change_pct", "net_change_pct") if row[name] is not None}
    owed = {name: dollars(row[name]) for name in ("claims", "dividends") if row[name] is not None}
    return {**row, **shown, **owed, "units": None if row["units"] is None else round(row["units"])}


if __name__ == "__main__":
    command()
