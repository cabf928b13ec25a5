"""mnav holders: everybody who is known to hold bitcoin, priced or not."""

from __future__ import annotations

import click

from scripts.shared.options import DAY, Settings, verb

HOLDERS_COLUMNS = (
    "rank", "ticker", "name", "btc", "share_pct", "change", "as_of", "source_kind", "country", "kind", "mnav_market_cap", "price", "notes",
)  # fmt: skip
HOLDERS_HEADERS = {
    "rank": "#", "share_pct": "of all", "as_of": "as of", "source_kind": "source", "mnav_market_cap": "mNAV basic",
}  # fmt: skip
HOLDERS_SPARE = (
    "price",
    "kind",
    "country",
    "mnav_market_cap",
    "share_pct",
    "source_kind",
    "rank",
    "change",
    "as_of",
)  # the first goes first
HOLDERS_WHOLE = (
    "rank", "ticker", "name", "btc", "share_pct", "change", "as_of", "age_days", "known_at", "known_assumed", "source_kind", "source", "url",
    "country", "kind", "counted_in", "price", "price_currency", "price_date", "mnav_market_cap", "mnav_ev", "valued_on", "without_price", "note",
)  # fmt: skip


@verb()
@click.option("--on", type=DAY, default=None, help="What was known at the end of this day [default: the newest].")
@click.option("--since", type=DAY, default=None, help="Show the change since what was known at the end of this day.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    help="Only treasury, miner, exchange, operating, spac or other_crypto (repeatable).",
)
@click.option("--country", "countries", multiple=True, help="Only this country, as US or JP (repeatable).")
def command(
    settings: Settings, on: str | None, since: str | None, kinds: tuple[str, ...], countries: tuple[str, ...]
) -> None:
    """Everybody who is known to hold bitcoin, most first: count, day, source, share of all, and the price or why there is none.

    Coins that another company already counts (a subsidiary's) stand in brackets, without a rank, and are summed once.

    \b
    Examples: mnav holders --on 2025-11-10
              mnav holders --kind miner --since 2025-06-30
    """
    from db import open_database
    from db.feeds.holders import holders, newest_day
    from scripts.shared.output import emit
    from treasury.intake.csv_files import COMPANY_KINDS

    for kind in kinds:
        if kind not in COMPANY_KINDS:
            raise click.UsageError(f"unknown kind {kind!r}; there are: {', '.join(COMPANY_KINDS)}")
    db = open_database(settings.db)
    day = on or newest_day(db)
    if since is not None and since >= day:
        raise click.UsageError(f"--since {since} is not before {day}")
    asked = {country.upper() for country in countries}
    everybody = holders(db, day, since)
    rows = [row for row in everybody if (not kinds or row["kind"] in kinds) and (not asked or row["country"] in asked)]
    if settings.output != "table":
        emit(rows, HOLDERS_WHOLE, settings.output)
    else:
        columns = [name for name in HOLDERS_COLUMNS if since is not None or name != "change"]
        shown = [
            {**row, "btc": f"{row['btc']:,.10g}" if row["counted_in"] is None else f"({row['btc']:,.10g})",
             "price": f"{row['price']:,.6g} {row['price_currency']}" if row["price"] is not None else None,
             "notes": _notes(row)}
            for row in rows
        ]  # fmt: skip
        emit(shown, columns, "table", HOLDERS_HEADERS, spare=HOLDERS_SPARE, right=("btc", "price"))
    counted = [row for row in rows if row["counted_in"] is None]
    if not rows:
        asked_for = " of those asked for" if kinds or countries else ""
        settings.say(f"nobody{asked_for} is known to hold bitcoin at the end of {day}")
        return
    of_the_day, before = (
        sum(row["mnav_market_cap"] is not None and (row["without_price"] is None) is fresh for row in rows)
        for fresh in (True, False)
    )
    settings.say(
        f"{len(rows)} companies hold {sum(row['btc'] for row in counted):,.0f} BTC, known at the end of {day}"
        f" ({sum(row['btc'] for row in counted) / 21e6 * 100:.1f} % of all there can be); {of_the_day} of them have a multiple that day"
        + (f", {before} one of an earlier close" if before else "")
    )


def _notes(row: dict[str, object]) -> str:
    why = str(row["without_price"] or "").partition(";")[0]
    if why and row["mnav_market_cap"] is not None:
        why = f"multiple of {row['valued_on']}"
    words = [f"counted in {row['counted_in']}" if row["counted_in"] else "", why]
    return "; ".join(word for word in words if word)


if __name__ == "__main__":
    command()
