"""When a trading day ends on each exchange, early closes included, and when a currency's rate became known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

from treasury.model import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

Ints: TypeAlias = "npt.NDArray[Any]"
_EPOCH = date(1970, 1, 1).toordinal()
_SATURDAY = 5
_SPAN = 256  # days

NEW_YORK_CLOSE = ("America/New_York", time(16, 0))
ECB_PUBLISHES = ("Europe/Berlin", time(16, 0))  # euro reference rates, about 16:00 CET (ECB)
UNLISTED = ("UTC", time(23, 59))  # a company whose exchange nobody named: the end of the UTC day


@dataclass(frozen=True, slots=True)
class Hours:
    """The regular close of an exchange from `valid_from` on (None: from the beginning).

    `calendar` names the table of shut and short days it keeps (None: nobody told); on a short day it closes
    `auction_minutes` after the time in that table, which leaves out some exchanges' closing auctions. `own_days`: which
    days have a close is the word of who described the exchange, and the calendar tells short days only.
    """

    mic: str
    timezone: str
    close_time: time
    valid_from: date | None = None
    calendar: str | None = None
    auction_minutes: int = 0
    own_days: bool = False


Sessions = Mapping[str, Mapping[date, time | None]]  # by calendar: when short days close, None for shut ones


class Closes:
    """Closing moments by exchange and day, from dated rows of hours and the shut and short days of calendars."""

    def __init__(self, hours: Iterable[Hours], sessions: Sessions | None = None) -> None:
        self._hours: dict[str, list[Hours]] = {}
        for row in hours:
            self._hours.setdefault(row.mic, []).append(row)
        for rows in self._hours.values():
            rows.sort(key=lambda row: row.valid_from or date.min)
        self._sessions = sessions or {}
        self._short: dict[str | None, dict[date, time]] = {}
        self._short_seconds: dict[str | None, tuple[Ints, Ints]] = {}

    def periods(self, mic: str | None) -> list[Hours]:
        """All hours of one exchange, oldest first. Raises InputError for an exchange nobody described."""
        if mic is None:
            return [Hours("", *UNLISTED)]
        if mic not in self._hours:
            raise InputError(f"no closing time is known for exchange {mic!r}; add it with an exchange file")
        return self._hours[mic]

    def timezone(self, mic: str | None) -> str:
        """Where the exchange's days begin and end: as its newest hours say."""
        return self.periods(mic)[-1].timezone

    def is_session(self, mic: str | None, day: date) -> bool:
        """Whether the exchange was open: on weekdays its calendar does not show as shut; always where no calendar is known."""
        return _is_open(self._calendar(mic), day)

    def trades_on(self, mic: str | None, day: date) -> bool:
        """The same by the exchange's calendar alone, whatever days somebody who described the exchange has closes of."""
        return _is_open(self._sessions.get(self.periods(mic)[-1].calendar or ""), day)

    def open_on(self, mic: str | None, days: Ints) -> Ints:
        """The same for many days (int64 days since 1970): where the exchange was open."""
        import numpy as np

        if (calendar := self._calendar(mic)) is None:
            return np.full(len(days), True)
        told = np.array([day.toordinal() - _EPOCH for day in calendar])
        shut = np.array([day.toordinal() - _EPOCH for day, at in calendar.items() if at is None])
        weekday = (days + _EPOCH - 1) % 7 < _SATURDAY  # the first day of the year 1 was a Monday
        return np.where(np.isin(days, told), ~np.isin(days, shut), weekday)

    def _calendar(self, mic: str | None) -> Mapping[date, time | None] | None:
        """The shut and short days of an exchange; None where a close of any day is taken as it comes."""
        last = self.periods(mic)[-1]
        return None if last.own_days else self._sessions.get(last.calendar or "")

    def moment(self, mic: str | None, day: date) -> datetime:
        """The close of `day` as an aware UTC moment; the earliest known hours serve the days before them."""
        periods = self.periods(mic)
        hours = ([row for row in periods if row.valid_from is None or row.valid_from <= day] or periods[:1])[-1]
        return local_moment(hours.timezone, self.short_days(mic).get(day, hours.close_time), day)

    def seconds(self, mic: str | None, days: Ints) -> Ints:
        """The closes of many days (int64 days since 1970) as int64 seconds since 1970, UTC."""
        import numpy as np

        periods = self.periods(mic)
        closes = local_seconds(periods[0].timezone, periods[0].close_time, days)
        for hours in periods[1:]:
            assert hours.valid_from is not None
            later = days >= hours.valid_from.toordinal() - _EPOCH
            closes = np.where(later, local_seconds(hours.timezone, hours.close_time, days), closes)
        of_day, moments = self._of_short_days(mic)
        if len(of_day):
            found = np.minimum(np.searchsorted(of_day, days), len(of_day) - 1)
            closes = np.where(of_day[found] == days, moments[found], closes)
        return closes

    def _of_short_days(self, mic: str | None) -> tuple[Ints, Ints]:
        """The short days of an exchange and their closes, in days and seconds since 1970."""
        import numpy as np

        if mic not in self._short_seconds:
            short = self.short_days(mic)
            self._short_seconds[mic] = (
                np.array([day.toordinal() - _EPOCH for day in short], dtype=np.int64),
                np.array([int(self.moment(mic, day).timestamp()) for day in short], dtype=np.int64),
            )
        return self._short_seconds[mic]

    def short_days(self, mic: str | None) -> Mapping[date, time]:
        """The short days of an exchange, in their order, and when it closed on them, closing auction included."""
        if mic not in self._short:
            last = self.periods(mic)[-1]
            auction = timedelta(minutes=last.auction_minutes)
            self._short[mic] = {
                day: (datetime.combine(day, at) + auction).time()
                for day, at in sorted(self._sessions.get(last.calendar or "", {}).items())
                if at is not None
            }
        return self._short[mic]


def _is_open(calendar: Mapping[date, time | None] | None, day: date) -> bool:
    if calendar is None:
        return True
    return calendar[day] is not None if day in calendar else day.weekday() < _SATURDAY


def local_moment(timezone: str, clock: time, day: date) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(timezone)).astimezone(UTC)


def local_seconds(timezone: str, clock: time, days: Ints) -> Ints:
    """The same for many days at once: int64 days since 1970 to int64 seconds since 1970, UTC."""
    import numpy as np

    if not len(days):
        return np.empty(0, dtype=np.int64)
    first = int(days.min()) // _SPAN * _SPAN  # in whole spans, so that days that lie near each other share one
    last = int(days.max()) // _SPAN * _SPAN + _SPAN - 1
    chosen: Ints = _seconds_of_span(timezone, clock, first, last)[days - first]
    return chosen


@lru_cache(maxsize=32)  # companies of an exchange share their days
def _seconds_of_span(timezone: str, clock: time, first: int, last: int) -> Ints:
    import numpy as np
    import pandas as pd

    every = np.arange(first, last + 1).astype("datetime64[D]").astype("datetime64[s]")
    local = pd.DatetimeIndex(every + np.timedelta64(clock.hour * 60 + clock.minute, "m"))
    moments = local.tz_localize(timezone).tz_convert("UTC").tz_localize(None).to_numpy()
    seconds: Ints = moments.astype("datetime64[s]").astype(np.int64)
    seconds.flags.writeable = False
    return seconds


def local_minutes(timezone: str, seconds: Ints) -> Ints:
    """The local minute of the day of many moments (int64 seconds since 1970, UTC)."""
    return _local_minutes(timezone, seconds.astype("int64").tobytes())


@lru_cache(maxsize=32)  # companies of an exchange share their closes
def _local_minutes(timezone: str, seconds: bytes) -> Ints:
    import numpy as np

    zone = ZoneInfo(timezone)
    local = [datetime.fromtimestamp(one, zone) for one in np.frombuffer(seconds, dtype=np.int64).tolist()]
    minutes: Ints = np.array([one.hour * 60 + one.minute for one in local], dtype=np.int64)
    minutes.flags.writeable = False
    return minutes


def rate_moment(day: date) -> datetime:
    """When the ECB published the rates of `day`."""
    return local_moment(*ECB_PUBLISHES, day)
