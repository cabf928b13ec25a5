"""mnav issuance: what raising a sum a week by common or preferred stock buys, and does to each share."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import AMOUNT, DAY, FEE, Between, Settings, known_ticker, verb
from treasury.amounts import dollars, per_cent
from treasury.model import InputError

if TYPE_CHECKING:
    from sqlite_utils import Database

    from db.reads.close import Picture

WEEKLY = 100e6
ISSUANCE_COLUMNS = (
    "programme", "price", "raised", "units", "btc", "change_pct", "sats_change", "net_change_pct", "claims", "dividends",
    "programme_usd", "programme_shares", "programme_as_of", "weeks", "volume_pct",
)  # fmt: skip
ISSUANCE_HEADERS = {
    "raised": "a week", "units": "shares a week", "btc": "BTC a week", "change_pct": "BTC per share", "sats_change": "sats per share",
    "net_change_pct": "net reserve per share", "claims": "owed more", "dividends": "dividends a year", "programme_usd": "still available",
    "programme_shares": "shares of it", "programme_as_of": "told of", "weeks": "weeks it lasts", "volume_pct": "of volume",
}  # fmt: skip
ISSUANCE_SPARE = (
    "programme_as_of", "programme_shares", "raised", "dividends", "sats_change", "net_change_pct", "weeks", "claims", "programme_usd", "units",
)  # fmt: skip
CHANGES = ("change_pct", "net_change_pct")
COUNTS = ("units", "btc", "sats_change", "programme_shares", "weeks")
SUMS = ("raised", "claims", "dividends", "programme_usd")


@verb()
@click.argument("ticker")
@click.option(
    "--weekly", type=AMOUNT, default=None, metavar="USD", help="US dollars raised a week [default: 100 million]."
)
@click.option(
    "--of-volume",
    type=Between(0, 1, min_open=True),
    default=None,
    metavar="FRACTION",
    help="Instead: this part of what trades, 0.05 for 5 %.",
)
@FEE
@click.option(
    "--on",
    type=DAY,
    default=None,
    help="The day [default: the newest close with a price of its preferred stock, where it has any].",
)
def command(
    settings: Settings, ticker: str, weekly: float | None, of_volume: float | None, fee: float, on: str | None
) -> None:
    """What TICKER gets for a sum raised each week at its closes, by common shares and by each series of preferred stock with a price: shares,
    bitcoin, what the week does to bitcoin per basic share and to net reserve per diluted share, and what is then owed. Beside it what the
    company's programmes may still sell at that price, how much of the volume the pace takes (of 30 sessions, where prices came with
    volumes), the break-even multiple, and what the issuer said of when it sells.

    \b
    Example: mnav issuance MSTR --weekly 500000000 --on 2026-06-26
    """
    from db import open_database
    from db.feeds.preferred import last_priced
    from db.reads.close import picture
    from scripts.shared.output import emit, shown_as
    from treasury.publishers.guidance import guidance_on
    from treasury.studies.accretion import break_even_multiple

    if weekly is not None and of_volume is not None:
        raise click.UsageError("--weekly and --of-volume are two paces: give one")
    if weekly is not None and weekly <= 0:
        raise click.UsageError("--weekly is a sum above 0")
    db = open_database(settings.db)
    ticker = known_ticker(db, ticker)
    left = last_priced(db, ticker=ticker) if on is None else None
    seen = picture(db, ticker, left[0] if left else on)
    settings.say_if_earlier(ticker, on, str(seen.day))
    rows, silent = _raised(db, seen, weekly or WEEKLY, of_volume, fee)
    if not rows:
        raise InputError(
            f"no volume of {ticker} is known on {seen.day}, so {of_volume:g} of it is no sum: "
            "`mnav scrape yahoo_chart` and price files with a volume bring it; or give --weekly"
        )
    shown = [_precise(row) for row in rows] if settings.output == "table" else rows
    emit(
        shown,
        ISSUANCE_COLUMNS,
        settings.output,
        ISSUANCE_HEADERS,
        spare=ISSUANCE_SPARE,
        right=(*CHANGES, *SUMS, *COUNTS),
    )
    if left:
        settings.say(
            f"{seen.day} is the last close with a price of its preferred stock; --on {left[1]} has the common at its newest"
        )
    break_even = break_even_multiple(fee)
    settings.say(
        f"close of {seen.day}: basic {shown_as('mnav_', seen.values['mnav_market_cap'])}, net {shown_as('mnav_', seen.values['mnav_net'])};"
        f" new shares add bitcoin to each above {break_even:.2f}x basic, net reserve above {break_even:.2f}x net"
    )
    rule = guidance_on(ticker, seen.day, seen.values["mnav_ev"])
    if rule is not None:
        settings.say(f"guidance since {rule.since} at EV {shown_as('mnav_', seen.values['mnav_ev'])}: {rule.says}")
    if silent:
        settings.say(
            f"volume is not known here of {', '.join(silent)}: how much the market would take is not said; "
            "`mnav scrape yahoo_chart` and price files with a volume bring it"
        )
    if not any(row["programme_usd"] is not None for row in rows):
        settings.say("what its programmes may still sell is not known, or was told more than 120 days before")


def _raised(
    db: Database, seen: Picture, weekly: float, of_volume: float | None, fee: float
) -> tuple[list[dict[str, Any]], list[str]]:
    """A row for the common and for each series with a price; and those whose volume is not known."""
    from db.feeds.preferred import preferred
    from db.feeds.programmes import programme
    from treasury.studies.issuance import SESSIONS_A_WEEK, by_common, by_preferred, capacity

    rows: list[dict[str, Any]] = []
    silent: list[str] = []
    listed = [
        (one["series"], one["close"] * rate, one["par"] * rate, one["dividend_rate_pct"])
        for one in preferred(db, str(seen.day))
        if one["ticker"] == seen.company.ticker
        and one["close"] is not None
        and one["par"] is not None
        and (rate := seen.rates.get(one["currency"])) is not None
    ]
    for name, price, par, rate_pct in ((None, 0.0, 0.0, None), *listed):
        told = programme(db, seen, name)
        if told.traded is None:
            silent.append(name or "common")
        pace = weekly
        if of_volume is not None:
            if not told.traded:
                continue
            pace = told.traded * SESSIONS_A_WEEK * of_volume
        made = (
            by_common(seen.values, pace, fee)
            if name is None
            else by_preferred(seen.values, pace, name, price, par, rate_pct, fee)
        )
        more = capacity(pace, made.price, told.available, told.traded)
        rows.append(
            {
                **asdict(made),
                "raised": pace,
                **asdict(more),
                "programme_as_of": str(told.as_of) if told.available is not None else None,
            }
        )
    return rows, silent


def _precise(row: dict[str, Any]) -> dict[str, Any]:
    """The row for a table, its small changes in the digits they have: a week does little to a share, and none of it is −0.0 %."""
    told = {name: dollars(row[name]) for name in SUMS if row[name] is not None}
    told |= {
        name: per_cent(value, 3) if (value := round(row[name], 3)) else "0 %"
        for name in CHANGES
        if row[name] is not None
    }
    told |= {name: f"{row[name]:,.0f}" for name in COUNTS if row[name] is not None}
    return row | told


if __name__ == "__main__":
    command()
