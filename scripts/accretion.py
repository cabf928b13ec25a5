"""mnav accretion: what each raise and purchase did to the bitcoin of one share, before and after claims."""

from __future__ import annotations

import click

from scripts.shared.options import ALL_ROWS, DAY, FEE, Between, Settings, known_ticker, verb
from treasury.amounts import counted

ACCRETION_COLUMNS = (
    "date", "what", "shares_change", "btc_change", "sats_before", "sats_after", "change_pct", "sats_net_before", "sats_net_after",
    "net_change_pct", "mnav_market_cap", "break_even", "break_even_net", "announced_btc", "announced_cost", "currency",
)  # fmt: skip
ACCRETION_HEADERS = {
    "shares_change": "shares",
    "btc_change": "BTC",
    "change_pct": "sats/share",
    "net_change_pct": "net of claims",
}
# what a narrow terminal does without, the first first
ACCRETION_SPARE = (
    "announced_cost", "currency", "announced_btc", "break_even_net", "sats_net_before", "sats_net_after", "break_even", "sats_before",
    "sats_after", "mnav_market_cap",
)  # fmt: skip


@verb()
@click.argument("ticker")
@click.option("--since", type=DAY, default=None, help="First day.")
@click.option("--until", type=DAY, default=None, help="Last day.")
@FEE
@click.option(
    "--issue",
    type=Between(0, 100, min_open=True),
    default=None,
    help="Instead: what selling this part of the shares (0.1 for 10 %) at the last close would do.",
)
@ALL_ROWS
def command(
    settings: Settings, ticker: str, since: str | None, until: str | None, fee: float, issue: float | None, everything: bool
) -> None:  # fmt: skip
    """List TICKER's raises and purchases on the day they became known, with the break-even multiple of that day.

    \b
    Examples: mnav accretion MSTR --since 2025-11-01
              mnav accretion MSTR --issue 0.1 --until 2025-11-10
    """
    from dataclasses import asdict

    from db import open_database
    from db.reads import views
    from scripts.shared.output import emit, emit_last
    from treasury.studies.accretion import ACCRETION_INPUTS as NEEDED
    from treasury.studies.accretion import OF_A_CLOSE, CapitalPurchase, ledger, prospect

    db = open_database(settings.db)
    ticker = known_ticker(db, ticker)
    if issue is not None:
        if since is not None:
            raise click.UsageError("--issue is of the last close up to --until; it has no --since")
        frame = views.daily(db, ticker, OF_A_CLOSE, until=until)
        if frame.empty:
            raise click.UsageError(f"{ticker} has no close by then")
        row = asdict(prospect(frame, issue, fee))
        emit([row], tuple(row), settings.output, turn=True)
        return
    frame = views.daily(db, ticker, NEEDED, until=until)
    events = ledger(frame, [CapitalPurchase(*row) for row in views.disclosed_purchases(db, ticker)], fee)
    told = [asdict(one) for one in events if since is None or one.date >= since]
    left = emit_last(
        told, ACCRETION_COLUMNS, settings.output, ACCRETION_HEADERS, asked=everything or since is not None, spare=ACCRETION_SPARE
    )  # fmt: skip
    if told:
        settings.say(
            f"{counted(len(told), 'change')} from {told[0]['date']} to {told[-1]['date']}: {sum(one['change_pct'] > 0 for one in told if one['change_pct'] is not None):,} added"
            f" bitcoin to each share{left}"
        )
    else:
        when = " in that stretch" if events else ""
        settings.say(f"{ticker} has no close on which its known holdings or shares changed{when}")


if __name__ == "__main__":
    command()
