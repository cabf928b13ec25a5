"""The league table, or the card of a single company, as `mnav show` and `mnav run` print them; and the notes beside a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import Settings
from treasury.claims.preferred import AT_PREFERENCE, UNPRICED
from treasury.league import in_league

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database

LEAGUE_COLUMNS = (
    "ticker", "date", "btc", "market_cap", "mnav_market_cap", "mnav_diluted", "mnav_ev", "mnav_net", "past_percentile_1y_pct",
    "implied_premium_usd", "sats_per_share", "leverage", "btc_age_days", "grade", "notes",
)  # fmt: skip
LEAGUE_HEADERS = {
    "market_cap": "market cap", "mnav_market_cap": "mNAV basic", "mnav_diluted": "diluted", "mnav_ev": "EV", "mnav_net": "net",
    "implied_premium_usd": "EV premium", "sats_per_share": "sats/share", "btc_age_days": "BTC age", "date": "close of",
    "past_percentile_1y_pct": "of its year", "course": "its year",
}  # fmt: skip
# what a narrow terminal does without, the first first
LEAGUE_SPARE = (
    "leverage",
    "past_percentile_1y_pct",
    "sats_per_share",
    "course",
    "mnav_diluted",
    "btc_age_days",
    "implied_premium_usd",
    "mnav_net",
    "grade",
    "notes",
    "market_cap",
    "mnav_ev",
)
COURSE = 12  # characters of the multiple's course over a year, a month each
NEWEST_PURCHASES = 3  # on the card


def show(
    settings: Settings,
    db: Database,
    tickers: tuple[str, ...] = (),
    on: str | None = None,
    everyone: bool = False,
    wanted: Callable[[dict[str, Any]], bool] = lambda row: True,
    sort: str | None = None,
    ascending: bool = False,
) -> None:
    """Print the league table, or the card of a single company, and say on stderr how old it is."""
    from db.reads import views
    from db.reads.absence import why_not_valued
    from scripts.shared.output import draws, emit
    from scripts.shared.tables import sparkline
    from treasury.trust.grade import OLD_CLOSE_DAYS, aged

    today = settings.clock(on)
    newest = views.league(db, on, str(today))
    valued = [aged(row, today) for row in newest]
    rows = [row for row in valued if (row["ticker"] in tickers if tickers else everyone or in_league(row))]
    rows = [row for row in rows if wanted(row)]
    past = views.years_of_multiples(db, {row["ticker"]: row["date"] for row in rows})
    courses = {ticker: told.pop("past_values") for ticker, told in past.items()}
    rows = sorted_by([row | past[row["ticker"]] for row in rows], sort, ascending)
    if settings.output != "table":
        emit(rows, list(rows[0]) if rows else ["ticker"], settings.output)
    elif len(tickers) == 1 and len(rows) == 1:
        print_card(db, rows[0])
    elif rows or not tickers:
        columns = list(LEAGUE_COLUMNS)
        if sort is not None and sort not in columns and sort not in ("name", "kind", "country", "stale"):
            columns.insert(2, sort)
        for row in rows:
            row["notes"] = notes(row)
        if draws():
            columns.insert(columns.index("past_percentile_1y_pct"), "course")
            for row in rows:
                row["course"] = sparkline(courses[row["ticker"]], COURSE)
        shown = [{**row, "date": f"{row['date']} old" if row["stale"] else row["date"]} for row in rows]
        emit(
            shown, columns, "table", LEAGUE_HEADERS, spare=[name for name in LEAGUE_SPARE if name != sort], old="stale"
        )
    for ticker in set(tickers) - {row["ticker"] for row in rows}:
        settings.say(f"{ticker}: {why_not_valued(db, ticker, str(today))}")
    if not rows and tickers:
        return
    if not rows and valued:
        settings.say(
            f"none of the {len(valued)} companies with a valued close{f' up to {on}' if on else ''} meets --min-btc, --kind and --country"
        )
        return
    if not rows:
        settings.say("no company has a valued close" + (f" up to {on}" if on else "; run `mnav run --offline` first"))
        return
    if settings.output == "table" and not tickers:
        settings.say(summary(rows))
    last = max(row["date"] for row in rows)
    if on is not None and last < on:
        settings.say(f"No close on {on}: the last earlier one is shown, {last}.")
    ages = sorted(row["close_age_days"] for row in rows)
    if ages[-1] > OLD_CLOSE_DAYS:
        settings.say(
            f"the close of {last} is {ages[0]} days old on {today}, the day of the grade; `mnav run` asks the sources for a newer one"
            if len(rows) == 1
            else f"{sum(age > OLD_CLOSE_DAYS for age in ages)} of {len(ages)} closes are more than {OLD_CLOSE_DAYS} days old on {today}"
            f" (the newest is of {last}, {ages[0]} days before); grades are of today. `mnav run` asks the sources for newer ones."
        )


def summary(rows: list[dict[str, Any]]) -> str:
    """The last line of the table: how many hold how much, and how many stand at less than their bitcoin."""
    from statistics import median

    from treasury.amounts import dollars

    multiples = [row["mnav_market_cap"] for row in rows if row["mnav_market_cap"] is not None]
    held = f"{len(rows)} companies with {sum(row['btc'] or 0 for row in rows):,.0f} BTC worth {dollars(sum(row['btc_nav'] or 0 for row in rows))}"
    if not multiples:
        return held
    return f"{held}; median basic mNAV {median(multiples):.3f}x, below 1x {sum(one < 1 for one in multiples)} of {len(multiples)}"


def sorted_by(rows: list[dict[str, Any]], column: str | None, ascending: bool) -> list[dict[str, Any]]:
    """Rows in the order of a column, unknown last; without one as they are, largest bitcoin NAV first."""
    if column is None and not ascending:
        return rows
    column = column or "btc_nav"
    if rows and column not in rows[0]:
        raise click.UsageError(f"unknown column {column!r}; there are: {', '.join(rows[0])}")
    known = sorted((row for row in rows if row[column] is not None), key=lambda row: row[column], reverse=not ascending)
    return known + [row for row in rows if row[column] is None]


def print_card(db: Database, row: dict[str, Any]) -> None:
    """The card of one company, on the day of its row."""
    from db.reads import views
    from scripts.shared.card import WIDTH, card
    from scripts.shared.output import faint, painted_lines, terminal_width
    from scripts.shared.tables import cut, folded
    from scripts.shared.terminal import plain

    lines = card(
        row,
        views.about(db, row["ticker"], row["date"]) | {"past": views.own_past(db, row["ticker"], row["date"])},
        views.purchases(db, row["ticker"], row["date"], NEWEST_PURCHASES),
    )
    width = terminal_width()
    printed = []
    for line in map(plain, lines):
        if line.startswith("  ") and not line.startswith(" " * WIDTH):  # a multiple and its meaning
            printed.append(faint(cut(line, width) if width else line))
        else:
            text = folded(line, width, " " * (WIDTH + 1))
            printed.append(faint(text) if line.startswith("next ") else text)
    painted_lines(printed)


# codes of what the table does not show
_ELSEWHERE = ("NO_BASE", "NO_CLAIMS", "COST_OF_ANOTHER_DAY", UNPRICED, AT_PREFERENCE)


def _same(valued: float | None, known: float) -> bool:
    """Whether a newer count is the valued one, in as many decimals as it was printed with."""
    return valued is not None and round(valued, len(f"{known:.10g}".partition(".")[2])) == known


def notes(row: dict[str, Any]) -> str:
    """What the reader must know of a row: why numbers are missing."""
    words = [code for code in (row["reason"] or "").split() if code.partition(":")[0] not in _ELSEWHERE]
    if row["btc_known"] is not None and not _same(row["btc"], row["btc_known"]):
        words.append(f"{row['btc_known']:,.10g} BTC known of {row['btc_known_as_of']}")
    if row["btc_outdated"] and row["btc"] is not None:
        words.append("bought or sold since, how many it holds is not known")
    unknown = [name for name in (row["missing"] or "").split() if name in ("debt_total", "preferred_total", "cash")]
    if unknown:
        words.append("unknown: " + ", ".join(name.removesuffix("_total") for name in unknown))
    return "; ".join(words)
