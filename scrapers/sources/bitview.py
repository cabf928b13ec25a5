"""bitview.space/api/series/bulk — one call: bitcoin held long and short, every day since 2020-08-01, and the dates beside it.

Bitview serves what the open-source Bitcoin Research Kit (BRK) computes from the chain; no key. A coin is held short for
150 days after it moved, then long (other publishers take 155); there is no knowledge of who holds it. The answer is a
list of one object per series, in the order of the URL and without their names: {version, index, type, start, end,
stamp, data}. Rows are counted from an origin that clients give as 2009-01-01 or 2009-01-03, so it is never used: the
series `date` is asked for in the same call, the others are aligned with it, and an answer without it is refused.
`type` is the unit: "Bitcoin" (the series ending in _sats would be "Sats"). `end` is not included. null is a value
nobody knows. `stamp` is when the answer was made. A day's value is that of its last block: the day still running at
the stamp is dropped. Paths died before: /api/vecs, /api/metrics.

2026-11  known from BRK's own source and from clients' code; no captured answer of the bulk endpoint was at hand, and
         none at all of these two series: that their type is "Bitcoin" is read in BRK's source
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

from scrapers.formats.strict_json import Json, load
from scrapers.formats.text import date_from
from treasury.model import Document, ParseError, Reading

HOSTS = ("bitview.space",)
DATES = "date"
SERIES = ("lth_supply", "sth_supply")  # their names are ours
URLS = (f"https://bitview.space/api/series/bulk?series={DATES},{','.join(SERIES)}&index=day1&start=2020-08-01",)
KIND = "json"
SOURCE_KIND = "market"
DIALECT = "ours"
FRESH = timedelta(hours=12)
AT_LEAST = 60  # a month of both; nothing in an answer says how far back it must reach
LATEST = timedelta(days=2)  # how old the newest day may be, the running one included
DAY = timedelta(days=1)


def parse(document: Document) -> Iterator[Reading]:
    days, values, made_at = _table(document)
    running = min(made_at, document.fetched_at.astimezone(UTC)).date()
    for i, day in enumerate(days):
        for name in values if day < running else ():
            if values[name][i].value is not None:
                yield Reading("BTC", name, values[name][i].number(), "BTC", day)


def check_whole(document: Document) -> None:
    """Raise ParseError where a day is missing between two others, or the newest ones are."""
    days, _, _ = _table(document)
    today = document.fetched_at.astimezone(UTC).date()
    for earlier, later in pairwise(days):
        if later - earlier != DAY:
            raise ParseError(f"{document.source}: found {later} after {earlier}, expected every day once, oldest first")
    if not days or today - days[-1] > LATEST:
        newest = str(days[-1]) if days else "no day"
        raise ParseError(
            f"{document.source}: found {newest} as the newest day, expected one of {today - LATEST} or later"
        )


@lru_cache(maxsize=1)  # a document is judged whole and read one after the other
def _table(document: Document) -> tuple[list[date], dict[str, list[Json]], datetime]:
    """The days, per series a value for each of them, and when the answer was made."""
    answer, names = load(document), _asked(document)
    if not isinstance(answer.value, list) or len(answer.value) != len(names):
        raise answer.wrong(f"a list of {len(names)} series: {', '.join(names)}")
    series = dict(zip(names, answer.rows(), strict=True))
    columns = {name: _column(one, "Date" if name == DATES else "Bitcoin") for name, one in series.items()}
    for line in series.values():
        for bound in ("start", "end"):
            if line[bound].number() != series[DATES][bound].number():
                raise line[bound].wrong(f"the {bound} of the dates, {series[DATES][bound].number():.0f}")
    days = [_day(cell) for cell in columns.pop(DATES)]
    if len(set(days)) != len(days):
        raise series[DATES]["data"].wrong("every day once")
    return days, columns, min(_moment(one["stamp"]) for one in series.values())


def _asked(document: Document) -> list[str]:
    """The series in the order of the URL: the answer does not name them."""
    names = parse_qs(urlsplit(document.url).query).get("series", [""])[0].split(",")
    if DATES not in names or len(set(names)) != len(names) or not set(names) <= {DATES, *SERIES}:
        raise ParseError(
            f"{document.source}: found {','.join(names)!r} as the series of the URL, "
            f"expected {DATES} and one or more of {', '.join(SERIES)}: the answer does not name them"
        )
    return names


def _column(series: Json, kind: str) -> list[Json]:
    """The values of a daily series of that type, as many as its bounds say."""
    for key, expected in (("index", "day1"), ("type", kind)):
        if series[key].text() != expected:
            raise series[key].wrong(expected)
    rows = series["data"].rows()
    if series["end"].number() - series["start"].number() != len(rows):
        raise series["data"].wrong(f"{series['end'].number() - series['start'].number():.0f} values, from start to end")
    return rows


def _day(cell: Json) -> date:
    text = cell.text()
    try:
        return date_from(text, ["%Y-%m-%d"])
    except ParseError:
        raise cell.wrong("a day like 2026-04-13") from None


def _moment(cell: Json) -> datetime:
    text = cell.text()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise cell.wrong("a moment like 2026-04-13T12:00:00Z")
    return moment.astimezone(UTC)
