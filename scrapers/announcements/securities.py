"""Notes and series of preferred stock newly issued, each under the name printed; reference rows say which instrument that is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from scrapers.announcements.days import days_in
from scrapers.announcements.figures import figures_in
from scrapers.announcements.statement import Statement

_DONE = r"(?:completed|closed|consummated|issued(?: and sold)?|sold)"
_NOTES = re.compile(
    r"(?P<rate>\d{1,2}(?:\.\d+)?)% (?P<kind>(?:(?:exchangeable|convertible|senior|secured|unsecured|subordinated) )+notes) due (?P<due>20\d\d)\b",
    re.I,
)
_OFFERED = re.compile(
    rf"\b{_DONE}\b(?P<between>[^.;]{{0,60}}?(?:\boffering\b|\bplacement\b|\bsale\b|[$€£]\s?\d)(?:[^.;]|\.\d){{0,120}})$",
    re.I,
)
_SOLD_IN_ALL = re.compile(
    r"aggregate principal amount of (?:the )?notes (?:sold|issued) in (?:the|such) (?:offering|placement) was ", re.I
)
_OF_NOTES = re.compile(r"\W*(?:in )?(?:aggregate )?principal amount of (?:its |the )?$", re.I)
_NOT_YET = re.compile(
    r"\b(?:will|would|may|expects?|intends?|plans?|agreed|to be|subject to|proposed|priced|pricing|if)\b", re.I
)
_NEW_CLASS = re.compile(
    r"\bissued (?P<shares>[\d,]+) shares of a new (?:class|series) of (?:its )?(?:capital|preferred) stock(?:,)? (?:titled|designated|known as)(?: as)? [“\"](?P<title>[^”\"]{5,90}Preferred Stock)[”\"]",
    re.I,
)
_PER_SHARE = re.compile(r"liquidation preference of (?P<sign>[$€])(?P<each>\d+(?:\.\d+)?) per share", re.I)
_REACH, _SENTENCE = 1500, re.compile(r"(?<![A-Z])[.;]”? (?=[A-Z“])")
_LATE = 100  # days; older news is told again


def issued(text: str, told: date | None) -> Iterator[Statement]:
    """What one line of a notice's whole text says was issued, on the day it names; each instrument once."""
    seen: set[str] = set()
    for statement in (*_notes(text, told), *_preferred(text, told)):
        if statement.instrument not in seen:
            seen.add(statement.instrument)
            yield statement


def _notes(text: str, told: date | None) -> Iterator[Statement]:
    for named in _NOTES.finditer(text):
        start = max(
            (stop.end() for stop in _SENTENCE.finditer(text, max(0, named.start() - 500), named.start())),
            default=max(0, named.start() - 500),
        )
        before = text[start : named.start()]
        offered = _OFFERED.search(before)
        day = _day(before, told)
        if not offered or day is None or _NOT_YET.search(before[offered.start() :]) or _NOT_YET.search(before[-60:]):
            continue
        own = [one for one in figures_in(before) if len(one.unit) == 3 and _OF_NOTES.fullmatch(before[one.end :])]
        if not own and (whole := _SOLD_IN_ALL.search(text, named.end(), named.end() + _REACH)):
            own = [one for one in figures_in(text[whole.end() : whole.end() + 40])[:1] if len(one.unit) == 3]
        if own and not own[0].bound:
            name = f"{float(named['rate']):g}% {named['kind'].lower()} due {named['due']}"
            part = re.search(r"\b(?:additional|further|remaining)\b", before[offered.start() :], re.I)
            doubts = ("more of notes issued before: the whole is not told",) if part else ()
            yield Statement(
                "principal", own[0].value, own[0].unit, day, None, own[0].step, doubts=doubts, instrument=name
            )


def _preferred(text: str, told: date | None) -> Iterator[Statement]:
    for found in _NEW_CLASS.finditer(text):
        day = _day(text[max(0, found.start() - 200) : found.start()], told)
        each = _PER_SHARE.search(text, found.end(), found.end() + _REACH)
        if day is None or not each:
            continue
        shares, unit = int(found["shares"].replace(",", "")), "EUR" if each["sign"] == "€" else "USD"
        note = f"{found['shares']} shares × {each['each']}"
        value = shares * float(each["each"])
        yield Statement("liquidation_preference", value, unit, day, None, 1.0, note=note, instrument=found["title"])


def _day(before: str, told: date | None) -> date | None:
    days = [day.day for day in days_in(before, told) if day.whole]
    return days[-1] if days and (told is None or 0 <= (told - days[-1]).days <= _LATE) else None
