"""When the public knew a fact whose document prints no moment of publication (docs/architecture.md, rule 1)."""

from __future__ import annotations

import re
from datetime import date, timedelta

_EVENT = re.compile(r"\b(8-K|6-K|RNS|TDnet|press release)\b", re.IGNORECASE)
_QUARTERLY = re.compile(r"\b10-Q\b")
_ANNUAL_US = re.compile(r"\b10-K\b")
_ANNUAL_ELSEWHERE = re.compile(r"\b(20-F|40-F|annual report)\b", re.IGNORECASE)
_HALF_YEARLY = re.compile(r"\b(half[- ]year(ly)?|interim) report\b", re.IGNORECASE)
_QUARTER_ENDS = {(3, 31), (6, 30), (9, 30), (12, 31)}

QUARTERLY_LAG, HALF_YEARLY_LAG, ANNUAL_LAG_US, ANNUAL_LAG_ELSEWHERE = 45, 90, 90, 120


def assumed_known_on(as_of: date, source_kind: str, source_title: str, country: str) -> date:
    """The day after whose close a fact without `known_at` counts as known.

    Trackers and event documents (8-K, 6-K, RNS, TDnet, press release): `as_of`, so from the next trading day on.
    Periodic reports, told by their title or by an `as_of` at the end of a quarter: 45 days for a quarter, 90 for a half
    year, 90 (US) or 120 for a year.
    """
    if source_kind == "tracker" or _EVENT.search(source_title):
        return as_of
    if _QUARTERLY.search(source_title):
        return as_of + timedelta(days=QUARTERLY_LAG)
    if _ANNUAL_US.search(source_title):
        return as_of + timedelta(days=ANNUAL_LAG_US)
    if _ANNUAL_ELSEWHERE.search(source_title):
        return as_of + timedelta(days=ANNUAL_LAG_ELSEWHERE)
    if _HALF_YEARLY.search(source_title):
        return as_of + timedelta(days=HALF_YEARLY_LAG)
    if (as_of.month, as_of.day) not in _QUARTER_ENDS:
        return as_of
    if as_of.month == 12:
        return as_of + timedelta(days=ANNUAL_LAG_US if country == "US" else ANNUAL_LAG_ELSEWHERE)
    if as_of.month == 6 and country != "US":
        return as_of + timedelta(days=HALF_YEARLY_LAG)
    return as_of + timedelta(days=QUARTERLY_LAG)
