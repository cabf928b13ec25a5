"""mnav stress: every company and the sector at other bitcoin prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.bitcoin_prices import bitcoin_prices, number
from scripts.shared.options import DAY, Settings, known_tickers, verb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlite_utils import Database

    from treasury.studies.scenario import Situation

STRESS_COLUMNS = (
    "ticker", "date", "btc_price", "btc_nav", "net_reserve", "mnav_market_cap", "mnav_diluted", "mnav_assumed_diluted", "mnav_ev",
    "mnav_ev_diluted", "mnav_net", "price", "currency", "price_at_mnav_ev", "price_at_mnav_net", "coverage_months", "uncovered", "moved",
    "companies",
)  # fmt: skip
STRESS_SHOWN = tuple(
    name for name in STRESS_COLUMNS if name not in ("mnav_assumed_diluted", "mnav_ev_diluted", "mnav_diluted")
)
STRESS_HEADERS = {
    "btc_price": "BTC at", "btc_nav": "BTC NAV", "net_reserve": "net reserve", "mnav_market_cap": "mNAV basic", "mnav_ev": "EV",
    "mnav_net": "net", "price_at_mnav_ev": "price at EV x", "price_at_mnav_net": "price at net x", "coverage_months": "cover months",
    "claim_usd": "claim", "cumulative_usd": "down to it", "floor_price": "uncovered below", "floor_price_net": "less cash",
}  # fmt: skip
# what a narrow terminal does without, the first first
STRESS_SPARE = (
    "companies", "net_reserve", "date", "price_at_mnav_net", "price", "currency", "mnav_net", "coverage_months", "btc_nav", "floor_price_net", "claim_usd",
)  # fmt: skip
SUMS_IN = "USD"
LAYER_COLUMNS = ("ticker", "date", "layer", "claim_usd", "cumulative_usd", "floor_price", "floor_price_net")


@verb()
@click.argument("tickers", nargs=-1)
@click.option(
    "--btc",
    "prices",
    required=True,
    help="Bitcoin prices in US dollars or levels (now, high, 50w, 100w), with commas between.",
)
@click.option("--on", type=DAY, default=None, help="As of this day instead of the newest.")
@click.option("--layers", "by_layer", is_flag=True, default=False, help="The layers of claims: floor prices and cover.")
@click.option("--multiples", default=None, help="A grid instead: the share price at each of these EV multiples.")
def command(
    settings: Settings, tickers: tuple[str, ...], prices: str, on: str | None, by_layer: bool, multiples: str | None
) -> None:
    """The given TICKERS (default: the league table) and their sum at other bitcoin prices: multiples at the share's price,
    the share's price at its multiples, what goes uncovered, in (+) or out (−) of the money.

    \b
    Examples: mnav stress --btc 100000,82000,72000,60000 MSTR
              mnav stress --btc high,50w,100w --on 2025-11-07
              mnav stress --btc 74000,25000 MSTR --on 2025-11-28 --layers
              mnav stress --btc 100000,60000 MSTR --multiples 0.8,1,1.25,2
    """
    from db import open_database
    from db.reads import views
    from db.reads.close import situations
    from scripts.shared.output import emit
    from treasury.league import in_league
    from treasury.studies.scenario import price_at_ev

    db = open_database(settings.db)
    chosen = known_tickers(db, tickers) or tuple(row["ticker"] for row in views.league(db, on) if in_league(row))
    at = bitcoin_prices(db, prices, on)
    found = situations(db, chosen, on)
    for ticker in set(chosen) - {one.company.ticker for one in found}:
        settings.say(f"{ticker} has no valued close: left out")
    headers = dict(STRESS_HEADERS)
    if by_layer:
        covers = [f"cover_{name}" for name in at]
        headers |= {f"cover_{name}": f"cover at {price:,.0f}" for name, price in at.items()}
        rows, columns = list(layer_rows(found, at)), (*LAYER_COLUMNS, *covers)
    elif multiples is not None:
        levels = {f"at_{one.strip()}x": number(one) for one in multiples.split(",")}
        rows = [
            {
                "ticker": seen.company.ticker,
                "date": str(seen.day),
                "btc_price": price,
                "currency": seen.company.currency,
            }
            | {name: price_at_ev(seen, price, level) for name, level in levels.items()}
            for seen in found
            for price in at.values()
        ]
        columns = ("ticker", "date", "btc_price", "currency", *levels)
    else:
        rows = list(stress_rows(db, found, list(at.values()), on))
        columns = STRESS_SHOWN if settings.output == "table" else STRESS_COLUMNS
        if left_out := without_sector(found):
            told = ", ".join(f"{one.company.ticker} ({one.day})" for one in left_out)
            settings.say(
                f"SECTOR adds closes of the week to {sector_end(found)}; left out as of another week: {told}"
                f" (--on {sector_end(found)} takes everybody's last close up to then)"
            )
    if settings.output == "table":
        rows = [for_people(row) for row in rows]
    emit(rows, columns, settings.output, headers, below=("uncovered", "moved"), spare=STRESS_SPARE)


def stress_rows(
    db: Database, found: Sequence[Situation], prices: Sequence[float], on: str | None
) -> Iterator[dict[str, Any]]:
    """One row per company and bitcoin price, then the sector where there is more than one company with a close of the same week."""
    from db.tables.objects import relations
    from treasury.consolidation import Consolidation
    from treasury.metrics.definition_range import MULTIPLES
    from treasury.studies.scenario import sector, stress

    columns = ("btc_nav", "net_reserve", *MULTIPLES, "price")
    together: dict[float, list[Any]] = {price: [] for price in prices}
    tickers = [one.company.ticker for one in found]
    once = Consolidation(relations(db)).counted_once(tickers, sector_end(found)) if found else []
    left_out = without_sector(found)
    for row in found:
        for price in prices:
            at = stress(row, price)
            if row.company.ticker in once and row not in left_out:
                together[price].append(at)
            yield {
                "ticker": row.company.ticker, "date": str(row.day), "btc_price": price, **{name: at.values[name] for name in columns},
                "currency": row.company.currency, "price_at_mnav_ev": at.price_at_mnav_ev, "price_at_mnav_net": at.price_at_mnav_net,
                "coverage_months": at.coverage_months, "uncovered": None if at.uncovered is None else " ".join(at.uncovered),
                "moved": " ".join(at.moved),
            }  # fmt: skip
    if len(found) > 1:
        for price in prices:
            total = sector(together[price])
            yield {
                "ticker": "SECTOR", "date": str(sector_end(found)), "btc_price": price, **{name: total.get(name) for name in columns},
                "currency": SUMS_IN, "companies": total["companies"],
            }  # fmt: skip


def sector_end(found: Sequence[Situation]) -> date:
    """The day to whose week the closes of the sector belong; `found` is not empty."""
    from treasury.league import sector_day

    end = sector_day((one.day, one.values()["btc"] or 0.0) for one in found)
    assert end is not None
    return end


def without_sector(found: Sequence[Situation]) -> list[Situation]:
    """The companies whose last close is of another week than the sector's: other days' prices make no sum."""
    from treasury.league import in_week

    return [one for one in found if not in_week(one.day, sector_end(found))]


def layer_rows(found: Sequence[Situation], at: dict[str, float]) -> Iterator[dict[str, Any]]:
    from treasury.claims.credit import btc_floor_price, btc_rating

    for row in found:
        now = row.values()
        for layer in row.stack.layers:
            yield {
                "ticker": row.company.ticker, "date": str(row.day), "layer": layer.instrument, "claim_usd": layer.notional,
                "cumulative_usd": layer.cumulative, "floor_price": layer.floor_price.value,
                "floor_price_net": btc_floor_price(now["btc"], layer.cumulative, now["cash"]).value,
                **{
                    f"cover_{name}": btc_rating(now["btc"] and now["btc"] * price, layer.cumulative).value
                    for name, price in at.items()
                },
            }  # fmt: skip


def for_people(row: dict[str, Any]) -> dict[str, Any]:
    """Dollars and covers with the digits a person uses."""
    from treasury.amounts import dollars

    shown = dict(row)
    for name, value in row.items():
        if value is None:
            continue
        if name in ("claim_usd", "cumulative_usd"):
            shown[name] = dollars(value)
        elif name in ("btc_price", "floor_price", "floor_price_net"):
            shown[name] = round(value)
        elif name == "coverage_months":
            shown[name] = f"{value:,.1f}"
        elif name.startswith("cover_"):
            shown[name] = f"{value:,.2f}x"
    return shown


if __name__ == "__main__":
    command()
