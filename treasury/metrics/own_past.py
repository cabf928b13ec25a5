"""A multiple or premium against its own past: how unusual today's value is among those of the days before (docs/metrics.md 12).

Point-in-time: a day is held against the closes before it and never against itself or a later one. A year is 365 days back, the median
is over five years, the rank over everything since the first value known. The view `mnav_past` says the same (db/derived/own_past.py),
and a test holds them equal.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum, sqrt

YEAR_BEFORE, FIVE_YEARS = timedelta(days=365), timedelta(days=5 * 365 + 1)
FEWEST_CLOSES = 200  # known closes of the year before; with fewer nothing is said
MEDIAN_FEWEST = 250  # closes of the five years before: a year of sessions
# what has a past worth holding it against: multiples and premiums, each in its own unit
WITH_A_PAST = (
    "mnav_ev", "mnav_market_cap", "mnav_diluted", "mnav_assumed_diluted", "mnav_ev_diluted", "mnav_net", "mnav_ev_at_market",
    "implied_premium_usd", "implied_premium_pct", "equity_premium_pct",
)  # fmt: skip

Series = Sequence[tuple[date, float | None]]


@dataclass(frozen=True, slots=True)
class AgainstPast:
    """One day's value against the days before. `z` in standard deviations (n − 1) of the year; `percentile_pct` the share of the year's
    closes at or below it, `range_pct` its place between the year's lowest (0) and highest (100), outside them where it is a new
    extreme; `from_median_pct` its distance from the five-year median; `rank` 1 is the highest of `days` values known so far, this one
    among them. `low` and `high` are the year's ends, `middle` the five-year median. None where too few days are known, or all are alike.
    """

    z: float | None
    percentile_pct: float | None
    range_pct: float | None
    from_median_pct: float | None
    rank: int
    days: int
    low: float | None = None
    high: float | None = None
    middle: float | None = None


def against_past(series: Series) -> Iterator[tuple[date, AgainstPast | None]]:
    """Each day of a series, oldest first, against the days before it; None for a day whose value is not known."""
    days: list[date] = []
    known: list[float] = []
    ordered: list[float] = []
    for day, value in series:
        if value is None:
            yield day, None
            continue
        year, five = (known[bisect_left(days, day - span) :] for span in (YEAR_BEFORE, FIVE_YEARS))
        insort(ordered, value)
        yield day, _measured(value, year, five, len(ordered) - bisect_right(ordered, value) + 1, len(ordered))
        days.append(day)
        known.append(value)


def newest_against_past(series: Series) -> AgainstPast | None:
    """The last day of a series, oldest first, against the days before it; None where its value is not known."""
    if not series or series[-1][1] is None:
        return None
    day, value = series[-1][0], series[-1][1]
    days = [at for at, past in series[:-1] if past is not None]
    known = [past for _, past in series[:-1] if past is not None]
    year, five = (known[bisect_left(days, day - span) :] for span in (YEAR_BEFORE, FIVE_YEARS))
    return _measured(value, year, five, sum(past > value for past in known) + 1, len(known) + 1)


# the columns that say it of a metric, after its name, in the order of AgainstPast
PAST_SUFFIXES = ("z_1y", "percentile_1y_pct", "range_52w_pct", "from_5y_median_pct", "rank", "rank_of")


def columns_of(metric: str, now: AgainstPast | None) -> dict[str, float | None]:
    """The answer as columns named by the metric: mnav_ev_z_1y and so on; all None where nothing is known."""
    told = (None,) * len(PAST_SUFFIXES) if now is None else (
        now.z, now.percentile_pct, now.range_pct, now.from_median_pct, now.rank, now.days,
    )  # fmt: skip
    return {f"{metric}_{suffix}": value for suffix, value in zip(PAST_SUFFIXES, told, strict=True)}


def lowest_since(series: Series) -> date | None:
    """The last day before the newest on which the value was no higher; None where the newest is the lowest of all."""
    known = [(day, value) for day, value in series if value is not None]
    if not known:
        return None
    newest = known[-1][1]
    return next((day for day, value in reversed(known[:-1]) if value <= newest), None)


def told(now: AgainstPast | None) -> str:
    """In words for a card: "lowest tenth of its year", "the lowest in a year", "" where too little is known."""
    if now is None or now.percentile_pct is None or now.range_pct is None:
        return ""
    if now.range_pct <= 0:
        return "the lowest in a year"
    if now.range_pct >= 100:
        return "the highest in a year"
    for limit, words in (
        (10, "lowest tenth"),
        (25, "lowest quarter"),
        (50, "lower half"),
        (75, "upper half"),
        (90, "highest quarter"),
    ):
        if now.percentile_pct <= limit:
            return f"{words} of its year"
    return "highest tenth of its year"


def _measured(value: float, year: list[float], five: list[float], rank: int, days: int) -> AgainstPast:
    from statistics import fmean, median  # 10 ms of every start otherwise

    z = percentile = place = distance = low = high = None
    if len(year) >= FEWEST_CLOSES:
        percentile = sum(past <= value for past in year) / len(year) * 100
        low, high, mean = min(year), max(year), fmean(year)
        if high > low:
            place = (value - low) / (high - low) * 100
            z = (value - mean) / sqrt(fsum((past - mean) ** 2 for past in year) / (len(year) - 1))
    middle = median(five) if len(five) >= MEDIAN_FEWEST else None
    if middle is not None and middle > 0:  # else no part of it is a distance
        distance = (value / middle - 1) * 100
    return AgainstPast(z, percentile, place, distance, rank, days, low, high, middle)
