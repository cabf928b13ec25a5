"""What the Z of EDGAR's `acceptanceDateTime` means: the clock of New York for one filer, true UTC for another.

Counted in September 2026 among 808 large filers: 181 New York, 624 UTC. The same index never mixes the two (13 indexes of
2026), so each decides for itself: read by the wrong clock, filings arrive outside EDGAR's hours, after the day under which they
are filed, or in the evening of a day whose filings ended at 17:30.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
Clock = Literal["New York", "UTC", "undecided"]

_OPENS, _CLOSES = time(6), time(22)  # EDGAR's hours
_DONE = time(22, 15)  # what came before 22:00 may be accepted minutes later (22:05:07)
_SAME_DAY = time(17, 31)  # what arrives later is filed under the next business day, but for owners' and insiders' forms
_TO_TEN = re.compile(r"[345](?:/A)?|144(?:/A)?|S(?:C|CHEDULE) 13[DG](?:/A)?|.*MEF")  # filed under their day until 22:00
_STAFF = re.compile(  # what the staff posts, at any hour and under any day
    r"EFFECT|UPLOAD|CORRESP|QUALIF|LETTER|REVOKED|ARS|STOP ORDER|CERT.*|NO ?ACT|CT ORDER|SEC STAFF.*|APP .*|40-.*ORDR?|X-17A.*"
)
_MIDNIGHTS = frozenset(
    {time(0), time(4), time(5)}
)  # to the second: only the day is known (before 2001), in either clock
_DECISIVE = 4.0  # how many times more the other reading must be contradicted
_ENOUGH = 1.0


class IndexRow(NamedTuple):
    """A filing as its index prints it: `printed` is the moment without its Z."""

    printed: datetime
    filed_on: date
    form: str


def decide(rows: Iterable[IndexRow]) -> Clock:
    """The clock under which the rows could have happened; undecided where neither or both could."""
    against = {"New York": 0.0, "UTC": 0.0}
    for row in rows:
        if _STAFF.fullmatch(row.form) or row.printed.time() in _MIDNIGHTS:
            continue
        against["New York"] += _against(row.printed, row)
        against["UTC"] += _against(_in_new_york(row.printed), row)
    if against["New York"] >= _ENOUGH and against["New York"] > _DECISIVE * against["UTC"]:
        return "UTC"
    if against["UTC"] >= _ENOUGH and against["UTC"] > _DECISIVE * against["New York"]:
        return "New York"
    return "undecided"


def accepted_at(printed: datetime, filed_on: date, clock: Clock) -> datetime:
    """The moment (UTC) of an acceptance; undecided: the later of the two, New York's; only a day: EDGAR's close of it."""
    if printed.time() in _MIDNIGHTS:
        return datetime.combine(filed_on, time(22), NEW_YORK).astimezone(UTC)
    if clock == "UTC":
        return printed.replace(tzinfo=UTC)
    return from_new_york(printed)


def from_new_york(printed: datetime) -> datetime:
    """A moment of New York's clock, as filings' own headers always print it, in UTC."""
    return printed.replace(tzinfo=NEW_YORK).astimezone(UTC)


def _in_new_york(printed: datetime) -> datetime:
    return printed.replace(tzinfo=UTC).astimezone(NEW_YORK).replace(tzinfo=None)


def _against(accepted: datetime, row: IndexRow) -> float:
    """How strongly a row speaks against having been accepted at this time in New York: 1 impossible, ½ rare, 0 not at all."""
    day, hour = accepted.date(), accepted.time()
    if not _OPENS <= hour <= _DONE or accepted.weekday() > 4 or row.filed_on < day:
        return 1.0
    late = 0.5 if hour > _CLOSES else 0.0
    in_time = hour < _SAME_DAY or bool(_TO_TEN.fullmatch(row.form))
    if in_time != (row.filed_on == day):
        late += 0.5  # EDGAR allows a late filing its day after an outage (8-K of 2019-10-29)
    return late
