"""What a bitcoin price is called: a fixing is a time of day, at a place or in UTC, and so tells the moment of each day's price.

- `utc`: the close of the UTC day, at 00:00 UTC of the next;
- `HH:MM`: that time of the UTC day, as hourly candles give it;
- a place's stock exchange at its usual close (`nyse` is 16:00 New York), or with another local time (`nyse_1300`).

A publisher's own series (`strategy`) is no price of a moment we would choose: it serves that publisher's definitions alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

UTC_CLOSE = "utc"
# places, their time zone, and the local time meant where no other is given
PLACES: dict[str, tuple[str, time | None]] = {
    "nyse": ("America/New_York", time(16, 0)),
    "hong_kong": ("Asia/Hong_Kong", time(16, 0)),
    "sao_paulo": ("America/Sao_Paulo", time(17, 0)),
    "johannesburg": ("Africa/Johannesburg", time(17, 0)),
    "frankfurt": ("Europe/Berlin", time(22, 0)),
    "dubai": ("Asia/Dubai", time(15, 0)),
    "bahrain": ("Asia/Bahrain", time(13, 0)),
    "tokyo": ("Asia/Tokyo", time(15, 0)),  # its close until it moved to 15:30 on 2024-11-05
    "london": ("Europe/London", None),
    "paris": ("Europe/Paris", None),
    "stockholm": ("Europe/Stockholm", None),
    "oslo": ("Europe/Oslo", None),
    "milan": ("Europe/Rome", None),
    "dublin": ("Europe/Dublin", None),
    "istanbul": ("Europe/Istanbul", None),
    "sydney": ("Australia/Sydney", None),
    "seoul": ("Asia/Seoul", None),
    "mumbai": ("Asia/Kolkata", None),
    "bangkok": ("Asia/Bangkok", None),
}
PUBLISHERS = {
    "strategy": "Strategy's dashboard: bitcoin at 24:00 New York of the day (the export of 2026-06-29: 15:29)"
}
_PLACE_OF = {zone: place for place, (zone, _) in PLACES.items()} | {"America/Toronto": "nyse"}
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_LOCAL = re.compile(r"([a-z_]+?)(?:_([01]\d|2[0-3])([0-5]\d))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day in a time zone, `days_later` than the day a price is filed under."""

    timezone: str
    time: time
    days_later: int = 0

    def on(self, day: date) -> datetime:
        """The moment in UTC."""
        return datetime.combine(day + timedelta(days=self.days_later), self.time, ZoneInfo(self.timezone)).astimezone(
            UTC
        )


@cache
def clock_of(fixing: str) -> Clock | None:
    """When prices of a fixing are taken; None for a publisher's own series. Raises ValueError for a name that means nothing."""
    if fixing == UTC_CLOSE:
        return Clock("UTC", time(0), days_later=1)
    if found := _CLOCK.fullmatch(fixing):
        return Clock("UTC", time(int(found[1]), int(found[2])))
    if fixing in PUBLISHERS:
        return None
    found = _LOCAL.fullmatch(fixing)
    timezone, usual = PLACES.get(found[1], ("", None)) if found else ("", None)
    at = time(int(found[2]), int(found[3])) if found and found[2] else usual
    if not timezone or at is None:
        named = ", ".join(place for place, (_, usual) in PLACES.items() if usual)
        raise ValueError(
            f"{fixing!r} is no fixing of bitcoin; write utc, a time of the UTC day as HH:MM, {named}, or a place with its"
            f" local time such as london_1630; a publisher's own series is called {', '.join(PUBLISHERS)}"
        )
    return Clock(timezone, at)


def fixing_moment(fixing: str, day: date) -> datetime:
    """The moment in UTC of which the price of `fixing` and `day` is. Raises ValueError for what has none."""
    clock = clock_of(fixing)
    if clock is None:
        raise ValueError(f"{fixing} is a publisher's own series")
    return clock.on(day)


def preference(fixing: str) -> int:
    """Of two prices of one moment the one filed under a place stands, then an hour of the UTC day, then the day's close."""
    return 0 if fixing == UTC_CLOSE else 1 if _CLOCK.fullmatch(fixing) else 2


def named(timezone: str, minute_of_day: int) -> str:
    """What a price of a local minute is called where the exchange is: nyse, nyse_1300, london_1630."""
    place = _PLACE_OF.get(timezone) or timezone.rpartition("/")[2].lower()
    at = time(*divmod(minute_of_day, 60))
    return place if PLACES.get(place, ("", None))[1] == at else f"{place}_{at:%H%M}"
