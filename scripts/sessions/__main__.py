"""Make treasury/reference/sessions.csv anew: `python -m scripts.sessions`, in a checkout with the extra `reference`.

Taken from exchange_calendars are only which weekdays are shut, which weekend days are open and when short days close: its
regular closes leave out closing auctions, so those stand in exchanges.csv, whose column `calendar` names the calendars.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import click
import exchange_calendars

from treasury.intake.bundled import bundled_calendars

FIRST_KEPT, LAST_KEPT = date(2020, 1, 1), date(2027, 12, 31)
SESSIONS = Path(__file__).parents[2] / "treasury" / "reference" / "sessions.csv"
SATURDAY = 5


def table() -> str:
    """The whole file as text: a row a shut weekday (no closes_at), short day or open weekend day, by calendar and day."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("calendar", "date", "closes_at"))
    for name in sorted({calendar for calendar, _ in bundled_calendars().values() if calendar}):
        writer.writerows((name, day.isoformat(), closes_at) for day, closes_at in _days(name))
    return text.getvalue()


def _days(name: str) -> Iterator[tuple[date, str]]:
    """The days of one calendar that are not as its weekdays are, with their close in local time."""
    known_to = exchange_calendars.get_calendar(name).bound_max()
    last = min(LAST_KEPT, known_to.date()) if known_to is not None else LAST_KEPT
    calendar = exchange_calendars.get_calendar(name, start=FIRST_KEPT.isoformat(), end=last.isoformat())
    closes = calendar.closes.dt.tz_convert(calendar.tz)
    at = {session.date(): close for session, close in closes.items()}
    for ahead in range((last - FIRST_KEPT).days + 1):
        day = FIRST_KEPT + timedelta(days=ahead)
        if day not in at:
            if day.weekday() < SATURDAY:
                yield day, ""
            continue
        regular = [clock for since, clock in calendar.close_times if since is None or since.date() <= day][-1]
        if at[day].time() < regular or day.weekday() >= SATURDAY:
            yield day, f"{at[day]:%H:%M}"


@click.command()
def command() -> None:
    """Write the table; `git diff` shows what a newer exchange_calendars changes."""
    SESSIONS.write_text(table(), encoding="utf-8")
    click.echo(SESSIONS)


if __name__ == "__main__":
    command()
