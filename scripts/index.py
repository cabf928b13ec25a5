"""mnav index: the sector's multiple, chain-linked, with its members and what each added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import ALL_ROWS, DAY, Settings, verb
from treasury.amounts import counted, per_cent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treasury.studies.sector_index import IndexDay

INDEX_COLUMNS = (
    "date", "mnav_index", "premium_pct", "mnav_index_median", "premium_median_pct", "mnav_aggregate", "mnav_median", "premium_usd",
    "members", "entered", "left",
)  # fmt: skip
INDEX_SPARE = (
    "premium_median_pct",
    "mnav_index_median",
    "mnav_median",
    "premium_usd",
    "mnav_aggregate",
)  # the first goes first
LATELY = 40  # days before the last in which the sector is looked for where most closes end earlier
INDEX_METRICS = ("mnav_market_cap", "mnav_diluted", "mnav_ev", "mnav_net")


@verb()
@click.option(
    "--metric", type=click.Choice(INDEX_METRICS), default="mnav_market_cap", show_default=True, help="Which multiple."
)
@click.option("--since", type=DAY, default=None, help="First day shown; the index itself begins with the data.")
@click.option("--until", type=DAY, default=None, help="Last day shown.")
@click.option(
    "--members", "by_member", is_flag=True, default=False, help="Who was in, from when to when, and what each added."
)
@ALL_ROWS
def command(
    settings: Settings, metric: str, since: str | None, until: str | None, by_member: bool, everything: bool
) -> None:
    """The sector's multiple and premium, aggregate and median, chain-linked over the companies that were there at the time;
    beside them the plain multiples of the day's members. premium_usd is what is paid for them less what that is for: of
    mnav_market_cap their market cap less their bitcoin, of mnav_ev their implied premium. On a terminal the last screen of days, unless
    --since or --all asks for more.

    \b
    Examples: mnav index --since 2025-11-03 --until 2025-11-07
              mnav index --metric mnav_ev --members
    """
    from db import open_database
    from db.feeds.sector_index import index_closes, index_ends
    from scripts.shared.output import emit, emit_last
    from treasury.studies.sector_index import chain

    db = open_database(settings.db)
    found = [
        one
        for one in chain(index_closes(db, metric), index_ends(db))
        if (since or "") <= str(one.day) <= (until or "9999")
    ]
    if by_member:
        emit(member_rows(found), ["ticker", "first", "last", "days", "mnav_added"], settings.output, {"mnav_added": "added to the index"})  # fmt: skip
    else:
        left = emit_last(
            [row(one) for one in found], INDEX_COLUMNS, settings.output, asked=everything or since is not None,
            below=("entered", "left"), spare=INDEX_SPARE,
        )  # fmt: skip
    if found:
        last = found[-1]
        told = f"premium of {last.day}: {per_cent(last.premium_pct)}, {_companies(last)} stand behind it"
        whole = next((one for one in reversed(found[-LATELY:]) if len(one.members) > 2 * len(last.members)), None)
        if whole is not None:
            told += (
                f"; of {whole.day}, the last close of most others: {per_cent(whole.premium_pct)}, {_companies(whole)}"
            )
        settings.say(told)
        if not by_member:
            settings.say(f"{counted(len(found), 'day')} from {found[0].day}{left}")
    else:
        settings.say("no treasury company is valued in that stretch")


def _companies(of: IndexDay) -> str:
    return counted(len(of.members), "company", "companies")


def row(one: IndexDay) -> dict[str, Any]:
    return {
        "date": str(one.day), "mnav_index": one.index, "premium_pct": one.premium_pct, "mnav_index_median": one.index_median,
        "premium_median_pct": one.premium_median_pct, "mnav_aggregate": one.aggregate, "mnav_median": one.median,
        "premium_usd": one.premium_usd, "members": len(one.members), "entered": " ".join(one.entered),
        "left": " ".join(one.left),
    }  # fmt: skip


def member_rows(found: Sequence[IndexDay]) -> list[dict[str, Any]]:
    """Each stretch of membership, and what the company added to the index in it."""
    rows: list[dict[str, Any]] = []
    running: dict[str, dict[str, Any]] = {}
    for at, day in enumerate(found):
        for ticker in day.members:
            if ticker not in running:
                running[ticker] = {"ticker": ticker, "first": str(day.day), "days": 0, "mnav_added": 0.0}
                rows.append(running[ticker])
            running[ticker] |= {"last": str(day.day), "days": running[ticker]["days"] + 1}
        if at:
            for ticker, added in day.contributions.items():
                if ticker in running:
                    running[ticker]["mnav_added"] += added
        for ticker in set(running) - set(day.members):
            del running[ticker]
    return rows


if __name__ == "__main__":
    command()
