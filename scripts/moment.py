"""mnav moment: a published multiple against the one of the share's own close, and what a back-test gains by the hours between."""

from __future__ import annotations

from typing import Any

import click

from scripts.shared.options import ALL_ROWS, DAY, Settings, known_ticker, verb
from treasury.amounts import counted, signed

_COLUMNS = ("trade", "by", "closes", "mean_bp", "low_bp", "high_bp", "total_pct")
_BY_DAY = ("date", "published", "same_moment", "difference_pct", "mnav_ev")


@verb()
@click.argument("ticker")
@click.option("--since", type=DAY, default=None, help="First day [default: the first published multiple].")
@click.option("--until", type=DAY, default=None, help="Last day.")
@click.option("--daily", is_flag=True, default=False, help="Both multiples day by day instead.")
@ALL_ROWS
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
def command(
    settings: Settings, ticker: str, since: str | None, until: str | None, daily: bool, everything: bool, seed: int
) -> None:
    """Set the EV multiple TICKER published against the same with bitcoin at the share's close, by a back-test of both, and of ours.

    The trade: hold the share to the next close after each at which the multiple fell; long-short: and sell it short after
    each at which it rose. Mean return a session in basis points with its 95 % interval (docs/same-moment.md).

    \b
    Examples: mnav moment MSTR
              mnav moment MSTR --daily --since 2025-04-01 --until 2025-04-04
    """
    from dataclasses import asdict

    from db import open_database
    from db.reads.published_multiple import same_moment
    from scripts.shared.output import emit, emit_last, shown_as
    from treasury.model import InputError
    from treasury.studies.look_ahead import outcomes

    db = open_database(settings.db)
    ticker = known_ticker(db, ticker)
    days = same_moment(db, ticker, since, until)
    apart = (days["published"] / days["same_moment"] - 1) * 100
    if daily:
        rows: list[dict[str, Any]] = [
            {
                "date": f"{day:%Y-%m-%d}",
                **days.loc[day, ["published", "same_moment", "mnav_ev"]],
                "difference_pct": apart[day],
            }
            for day in days.index
        ]
        if settings.output == "table":
            rows = [
                {
                    "date": row["date"],
                    **{name: shown_as("mnav_", row[name]) for name in ("published", "same_moment", "mnav_ev")},
                    "difference_pct": None
                    if row["difference_pct"] != row["difference_pct"]
                    else signed(row["difference_pct"], 2),
                }
                for row in rows
            ]
        left = emit_last(rows, _BY_DAY, settings.output, asked=everything or since is not None)
    else:
        try:
            rows = [asdict(one) for one in outcomes(days, seed)]
        except ValueError as error:
            raise InputError(str(error)) from None
        if settings.output == "table":
            rows = [
                {name: signed(value, 1) if isinstance(value, float) else value for name, value in row.items()}
                for row in rows
            ]
        left = ""
        emit(rows, _COLUMNS, settings.output)
    far = apart.abs().dropna()
    settings.say(
        f"{counted(len(far), 'close')}: the published multiple is {far.median():.2f} % from that of the same moment in the median, "
        f"{far.quantile(0.9):.2f} % at the 90th percentile, {far.max():.2f} % at worst ({far.idxmax():%Y-%m-%d}){left}"
    )


if __name__ == "__main__":
    command()
