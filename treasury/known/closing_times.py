"""When a trading day ends on each exchange, and when a bitcoin or currency fixing became known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from treasury.model import InputError

Ints = npt.NDArray[Any]
_EPOCH = date(1970, 1, 1).toordinal()

NEW_YORK_CLOSE = ("America/New_York", time(16, 0))
# bitcoin prices taken at a share's own close, for exchanges that close on the hour; "utc" is the close of the UTC day
FIXINGS = {
    "nyse": NEW_YORK_CLOSE,  # Toronto's close too
    "hong_kong": ("Asia/Hong_Kong", time(16, 0)),
    "sao_paulo": ("America/Sao_Paulo", time(17, 0)),
    "johannesburg": ("Africa/Johannesburg", time(17, 0)),
    "frankfurt": ("Europe/Berlin", time(22, 0)),
    "dubai": ("Asia/Dubai", time(15, 0)),
    "bahrain": ("Asia/Bahrain", time(13, 0)),
    "tokyo": ("Asia/Tokyo", time(15, 0)),  # until its close moved to 15:30 on 2024-11-05
}
ECB_PUBLISHES = ("Europe/Berlin", time(16, 0))  # euro reference rates, about 16:00 CET (ECB)
UNLISTED = ("UTC", time(23, 59))  # a company whose exchange nobody named: the end of the UTC day


@dataclass(frozen=True, slots=True)
class Hours:
    """The regular close of an exchange from `valid_from` on (None: from the beginning). Half days are not modelled."""

    mic: str
    timezone: str
    close_time: time
    valid_from: date | None = None


class Closes:
    """Closing moments by exchange and day, from dated rows of hours."""

    def __init__(self, hours: Iterable[Hours]) -> None:
        self._hours: dict[str, list[Hours]] = {}
        for row in hours:
            self._hours.setdefault(row.mic, []).append(row)
        for rows in self._hours.values():
            rows.sort(key=lambda row: row.valid_from or date.min)

    def periods(self, mic: str | None) -> list[Hours]:
        """All hours of one exchange, oldest first. Raises InputError for an exchange nobody described."""
        if mic is None:
            return [Hours("", *UNLISTED)]
        if mic not in self._hours:
            raise InputError(f"no closing time is known for exchange {mic!r}; add it with an exchange file")
        return self._hours[mic]

    def moment(self, mic: str | None, day: date) -> datetime:
        """The close of `day` as an aware UTC moment; the earliest known hours serve the days before them."""
        periods = self.periods(mic)
        hours = [row for row in periods if row.valid_from is None or row.valid_from <= day] or periods[:1]
        return local_moment(hours[-1].timezone, hours[-1].close_time, day)

    def seconds(self, mic: str | None, days: Ints) -> Ints:
        """The closes of many days (int64 days since 1970) as int64 seconds since 1970, UTC."""
        periods = self.periods(mic)
        closes = local_seconds(periods[0].timezone, periods[0].close_time, days)
        for hours in periods[1:]:
            assert hours.valid_from is not None
            later = days >= hours.valid_from.toordinal() - _EPOCH
            closes = np.where(later, local_seconds(hours.timezone, hours.close_time, days), closes)
        return closes


def local_moment(timezone: str, clock: time, day: date) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(timezone)).astimezone(UTC)


def local_seconds(timezone: str, clock: time, days: Ints) -> Ints:
    """The same for many days at once: int64 days since 1970 to int64 seconds since 1970, UTC."""
    if not len(days):
        return np.empty(0, dtype=np.int64)
    first = days.min()
    every = np.arange(first, days.max() + 1).astype("datetime64[D]").astype("datetime64[s]")
    local = pd.DatetimeIndex(every + np.timedelta64(clock.hour * 60 + clock.minute, "m"))
    moments = local.tz_localize(timezone).tz_convert("UTC").tz_localize(None).to_numpy()
    seconds: Ints = moments.astype("datetime64[s]").astype(np.int64)
    chosen: Ints = seconds[days - first]
    return chosen


def fixing_moment(fixing: str, day: date) -> datetime:
    """When the bitcoin price of `fixing` and `day` existed: `utc` is the close at 00:00 UTC following the day."""
    if fixing == "utc":
        return datetime.combine(day + timedelta(days=1), time(0), UTC)
    timezone, clock = FIXINGS[fixing]
    return local_moment(timezone, clock, day)


def rate_moment(day: date) -> datetime:
    """When the ECB published the rates of `day`."""
    return local_moment(*ECB_PUBLISHES, day)
