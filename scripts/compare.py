"""mnav compare: the league on two days: market cap, multiples, premium, coins, rank, who came and who left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import DAY, Settings, known_tickers, verb
from treasury.amounts import per_cent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlite_utils import Database

COMPARE_COLUMNS = (
    "ticker", "market_cap_from", "market_cap_to", "market_cap_change_pct", "mnav_market_cap_from", "mnav_market_cap_to", "btc_from", "btc_to",
    "sats_per_share_on_one_basis_change_pct", "rank", "mnav_ev_from", "mnav_ev_to", "implied_premium_usd_from", "implied_premium_usd_to", "what",
)  # fmt: skip
COMPARE_HEADERS = {
    "market_cap_from": "cap then", "market_cap_to": "cap now", "market_cap_change_pct": "change", "mnav_market_cap_from": "mNAV then",
    "mnav_market_cap_to": "now", "btc_from": "BTC then", "btc_to": "now", "sats_per_share_on_one_basis_change_pct": "sats/sh",
    "mnav_ev_from": "EV then", "mnav_ev_to": "EV now", "implied_premium_usd_from": "premium then", "implied_premium_usd_to": "premium now", "what": "",
}  # fmt: skip
# the first goes first; what is left fits 80 columns
COMPARE_SPARE = (
    "implied_premium_usd_from",
    "implied_premium_usd_to",
    "mnav_ev_from",
    "mnav_ev_to",
    "rank",
    "what",
    "sats_per_share_on_one_basis_change_pct",
)


@verb()
@click.argument("tickers", nargs=-1)
@click.option("--from", "start", type=DAY, required=True, help="The earlier day.")
@click.option("--to", "end", type=DAY, required=True, help="The later day.")
@click.option("--all", "everyone", is_flag=True, default=False, help="Miners, exchanges and operating companies too.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    help="Draw the basic multiples of both days into this .png or .svg too.",
)
@click.option("--top", type=click.IntRange(min=1), default=None, help="Only so many, largest bitcoin NAV first.")
def command(
    settings: Settings,
    tickers: tuple[str, ...],
    start: str,
    end: str,
    everyone: bool,
    top: int | None,
    output: str | None,
) -> None:
    """The league on two days, or the given TICKERS: market cap, multiples, implied premium, coins and satoshis per share
    (on the later day's split basis), rank by bitcoin NAV, with the change of each; who entered and who left.

    \b
    Examples: mnav compare --from 2025-07-16 --to 2025-11-07
              mnav compare --from 2025-07-16 --to 2025-11-07 --all --top 10 -o slope.png
    """
    from db import open_database
    from db.feeds.compare import compare
    from scripts.shared.output import emit

    if start >= end:
        raise click.UsageError(f"--from {start} is not before --to {end}")
    db = open_database(settings.db)
    rows = compare(db, start, end, known_tickers(db, tickers), everyone)[:top]
    if settings.output != "table":
        emit(rows, list(rows[0]) if rows else ["ticker"], settings.output)
    else:
        emit(
            [{**row, "rank": _ranks(row)} for row in rows],
            COMPARE_COLUMNS,
            "table",
            COMPARE_HEADERS,
            spare=COMPARE_SPARE,
            right=("rank",),
        )
    if not rows:
        settings.say(
            f"no company of the league has a close near {start} or {end}; mnav show --on {end} tells who is valued"
        )
        return
    settings.say(told(rows, start, end))
    if output is not None:
        settings.say(f"drew {_drawn(db, [row['ticker'] for row in rows], start, end, output)}")


def told(rows: Sequence[dict[str, Any]], start: str, end: str) -> str:
    """One line for the whole: sums over those with a market cap and coins on both days, and who came and went."""
    both = [
        row
        for row in rows
        if all(row[f"{name}_{side}"] is not None for name in ("market_cap", "btc_nav") for side in ("from", "to"))
    ]
    entered, left = (sum(row["what"] == word for row in rows) for word in ("entered", "left"))
    words = f"{start} to {end}: {entered} entered, {left} left"
    if not both:
        return words
    caps, navs = (
        [sum(row[f"{name}_{side}"] for row in both) for side in ("from", "to")] for name in ("market_cap", "btc_nav")
    )
    return (
        f"{words}; the {len(both)} known on both days: market cap {per_cent((caps[1] / caps[0] - 1) * 100, 0)},"
        f" bitcoin NAV {per_cent((navs[1] / navs[0] - 1) * 100, 0)}, together {caps[0] / navs[0]:.2f}x then and {caps[1] / navs[1]:.2f}x now"
    )


def _drawn(db: Database, tickers: Sequence[str], start: str, end: str, output: str) -> Path:
    from pathlib import Path

    from db.feeds.charts import compared
    from treasury.charts import save
    from treasury.charts.slope import slope
    from treasury.model import InputError

    path = Path(output)
    try:
        save(slope(compared(db, tickers, "mnav_market_cap", start, end)), path)
    except ValueError as error:
        raise InputError(str(error)) from None
    return path


def _ranks(row: dict[str, Any]) -> str:
    return " → ".join("–" if row[name] is None else str(row[name]) for name in ("rank_from", "rank_to"))


if __name__ == "__main__":
    command()
