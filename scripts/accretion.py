"""mnav accretion: what each raise and purchase did to the bitcoin of one share, before and after claims."""

from __future__ import annotations

import click

from scripts.shared.options import DAY, Settings, known_ticker, verb

ACCRETION_COLUMNS = (
    "date", "what", "shares_change", "btc_change", "sats_before", "sats_after", "change_pct", "sats_net_before", "sats_net_after",
    "net_change_pct", "mnav_market_cap", "break_even", "break_even_net", "announced_btc", "announced_cost", "currency",
)  # fmt: skip


@verb()
@click.argument("ticker")
@click.option("--since", type=DAY, default=None, help="First day.")
@click.option("--until", type=DAY, default=None, help="Last day.")
@click.option(
    "--fee",
    type=float,
    default=0.0,
    show_default=True,
    help="The part of an issue's proceeds that does not arrive, 0.02 for 2 %.",
)
@click.option(
    "--issue",
    type=float,
    default=None,
    help="Instead: what selling this part of the shares (0.1 for 10 %) at the last close would do.",
)
def command(
    settings: Settings, ticker: str, since: str | None, until: str | None, fee: float, issue: float | None
) -> None:
    """List TICKER's raises and purchases on the day they became known, with the break-even multiple of that day.

    \b
    Examples: mnav accretion MSTR --since 2025-11-01
              mnav accretion MSTR --issue 0.1 --until 2025-11-10
    """
    from dataclasses import asdict

    from db import open_database
    from db.reads import views
    from scripts.shared.output import emit
    from treasury.studies.accretion import ACCRETION_INPUTS as NEEDED
    from treasury.studies.accretion import OF_A_CLOSE, CapitalPurchase, ledger, prospect

    if not 0 <= fee < 1:
        raise click.UsageError(f"--fee is a fraction from 0 to below 1, not {fee:g}")
    db = open_database(settings.db)
    ticker = known_ticker(db, ticker)
    if issue is not None:
        if issue <= 0 or since is not None:
            raise click.UsageError(
                "--issue is a part of the shares above 0, of the last close up to --until; it has no --since"
            )
        frame = views.daily(db, ticker, OF_A_CLOSE, until=until)
        if frame.empty:
            raise click.UsageError(f"{ticker} has no close by then")
        row = asdict(prospect(frame, issue, fee))
        emit([row], tuple(row), settings.output)
        return
    frame = views.daily(db, ticker, NEEDED, until=until)
    events = ledger(frame, [CapitalPurchase(*row) for row in views.disclosed_purchases(db, ticker)], fee)
    shown = [asdict(one) for one in events if since is None or one.date >= since]
    emit(shown, ACCRETION_COLUMNS, settings.output)
    if not shown:
        when = " in that stretch" if events else ""
        settings.say(f"{ticker} has no close on which its known holdings or shares changed{when}")


if __name__ == "__main__":
    command()
