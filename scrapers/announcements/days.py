"""Days and periods as announcements print them: in full, without a year, as a month or quarter, in Japanese."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:20\d{2})"
_COUNT = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12}  # fmt: skip
_COUNTS = "|".join(_COUNT)
_WRITTEN = re.compile(
    rf"(?<![\w-])(?:(?P<m1>{MONTH}) ?(?P<d1>{_DAY})(?:,? ?(?P<y1>{_YEAR}))?(?![\d%])"
    rf"|(?P<d2>{_DAY})(?: of)? (?P<m2>{MONTH})(?:,? (?P<y2>{_YEAR}))?(?!\w)"
    rf"|(?P<y3>{_YEAR})(?P<by>[-/.])(?P<m3>\d{{1,2}})(?P=by)(?P<d3>\d{{1,2}})(?![\d-])"
    rf"|(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>{_YEAR})(?!\d)"
    rf"|(?:(?P<y4>{_YEAR})|令和 ?(?P<era>\d{{1,2}}|元)) ?年 ?(?P<m4>\d{{1,2}}) ?月(?: ?(?P<d4>\d{{1,2}}) ?日|(?P<end4>末)|(?!期))"
    rf"|(?P<m6>\d{{1,2}})/(?P<d6>\d{{1,2}})/(?P<y6>{_YEAR})(?!\d)"
    rf"|(?P<m5>{MONTH})(?: of)?,? '?(?P<y5>{_YEAR}|\d{{2}})(?![\d%]|[.,]\d)"
    rf"|Q(?P<q1>[1-4]),? (?P<y7>{_YEAR})|(?P<q2>first|second|third|fourth) (?:quarter|qtr\.?)(?: of|,)? (?P<y8>{_YEAR})"
    rf"|(?P<n1>first (?:{_COUNTS}) months) of (?P<y9>{_YEAR}))",
    re.I,
)
_BARE_MONTH = re.compile(
    r"\b(?:[Ii]n|[Dd]uring|[Ff]or|[Tt]hroughout|[Ee]nd of|[Mm]onth of|[Ss]ince|month-end|[Ee]nded|[Cc]losed|[Ff]inished|[Ee]xited) (?P<month>January|February|March|April|May|June|July|August|"
    r"September|October|November|December)\b(?! \d)"
)
_BETWEEN = re.compile(
    r"(?:\s*\([^()]{1,120}\))?\s*,?\s*(?:and|to|through|until|[-–—〜～~]|から)\s*(?:and including )?(?:ended |ending )?$"
)
_MONTHS_TO_DATE = re.compile(
    rf"(?P<n>{_COUNTS})(?:[- ]month period)?(?: and (?:six|nine|twelve))?(?:[- ]months?(?: periods?)?)? (?:ended|ending) (?:on )?$",
    re.I,
)
_QUARTER_TO_DATE = re.compile(
    r"(?P<what>quarter|half[- ]year|month|(?:fiscal |full |financial )?year) (?:ended|ending) (?:on )?$", re.I
)
_IN_NUMBERS = re.compile(r"(?<![\d.,/])\d{1,2}(?P<by>[/.-])\d{1,2}(?P=by)(?:20)?\d{2}(?![\d/])")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(
    rf"\b(?:as of|as at|on|last) (?P<weekday>{'|'.join(_WEEKDAYS)})\b(?!,? (?:the )?(?:\d|{MONTH}))", re.I
)
_ORDINAL = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_SPAN = re.compile(
    rf"(?<![\w-])(?:(?P<m1>{MONTH}) ?(?P<a1>{_DAY}) ?(?P<by1>and|to|through|[-–—〜～~]) ?(?P<b1>{_DAY})(?:,? ?(?P<y1>{_YEAR}))?(?![\d%])"
    rf"|(?P<a2>{_DAY}) ?(?P<by2>and|to|through|[-–—〜～~]) ?(?P<b2>{_DAY})(?: of)? (?P<m2>{MONTH})(?:,? (?P<y2>{_YEAR}))?(?!\w))",
    re.I,
)


@dataclass(frozen=True, slots=True)
class DatePhrase:
    """A day or the last day of a period [start, day], and where its text stands.

    `whole` is false where only a month or quarter was printed; `inferred` where its year or month was.
    """

    day: date
    at: int
    end: int
    start: date | None = None
    whole: bool = True
    inferred: bool = False

    @property
    def running(self) -> bool:
        """Whether only a month was printed that was not over when it was told: its day is then the notice's."""
        return not self.whole and self.inferred and self.day != _end(self.day.year, self.day.month)


def days_in(text: str, told: date | None) -> list[DatePhrase]:
    """Every day named in the text, in order; a missing year is that of the latest such day not after `told`."""
    found = [span for match in _SPAN.finditer(text) if (span := _span(match, text, told)) is not None]
    within = [(span.at, span.end) for span in found]
    found += [
        day
        for match in _WRITTEN.finditer(text)
        if not any(at < match.end() and match.start() < end for at, end in within)
        and (day := _day(match, told)) is not None
    ]
    if told is not None:
        taken = [(day.at, day.end) for day in found]
        for match in _BARE_MONTH.finditer(text):
            if all(not (at < match.end() and match.start() < end) for at, end in taken):
                found.append(_month_before(match, told))
        found += [
            DatePhrase(told - timedelta(days=back), *match.span("weekday"), whole=False, inferred=True)
            for match in _WEEKDAY.finditer(text)
            if (back := (told.weekday() - _WEEKDAYS.index(match["weekday"].lower())) % 7)
        ]
    return sorted(_periods(text, found), key=lambda day: day.at)


def unclear_day(text: str, days: list[DatePhrase]) -> str:
    """A day in numbers that can be read in two ways, or in none; "" where there is none."""
    return next(
        (
            found[0]
            for found in _IN_NUMBERS.finditer(text)
            if not any(day.at < found.end() and found.start() < day.end for day in days)
        ),
        "",
    )


def quarter_before(told: date) -> date:
    """The end of the last calendar quarter that was over on a day."""
    month = (told.month - 1) // 3 * 3
    return _end(told.year, month) if month else date(told.year - 1, 12, 31)


def month_before(told: date) -> date:
    """The end of the last month that was over on a day."""
    return told.replace(day=1) - timedelta(days=1)


def _day(match: re.Match[str], told: date | None) -> DatePhrase | None:
    part = match.groupdict()
    if part["era"]:
        part["y4"] = str(2018 + (1 if part["era"] == "元" else int(part["era"])))
    at, end = match.span()
    for number in "1234":
        if part.get(f"m{number}") and (number != "4" or part["d4"]):
            return _full(part[f"m{number}"], part[f"d{number}"], part[f"y{number}"], told, at, end)
    if part["day"]:
        return _full(part["month"], part["day"], part["year"], told, at, end)
    if part["m6"]:  # 9/30/2025, 30/9/2025; 3/4/2025 may be March or April
        ways = [_full(*way, part["y6"], told, at, end) for way in ((part["m6"], part["d6"]), (part["d6"], part["m6"]))]
        past = {way.day: way for way in ways if way and (told is None or way.day <= told + timedelta(days=1))}
        return past.popitem()[1] if len(past) == 1 else None
    if part["m4"]:
        month = _month(int(part["y4"]), int(part["m4"]), at, end)
        return replace(month, start=None, whole=True) if month and part["end4"] else month
    if part["m5"]:
        year = int(part["y5"])
        return _month(year if year > 100 else 2000 + year, MONTHS.index(part["m5"][:3].lower()) + 1, at, end)
    if part["n1"]:
        months = _COUNT[part["n1"].split()[1].lower()]
        year = int(part["y9"])
        return DatePhrase(_end(year, months), at, end, date(year, 1, 1), whole=False)
    quarter = int(part["q1"]) if part["q1"] else _ORDINAL[part["q2"].lower()]
    year = int(part["y7"] or part["y8"])
    return DatePhrase(_end(year, quarter * 3), at, end, date(year, quarter * 3 - 2, 1), whole=False)


def _span(match: re.Match[str], text: str, told: date | None) -> DatePhrase | None:
    """`June 22–28, 2026` and `between 22 and 28 June`: the last day with the first."""
    part = {name[:-1]: value for name, value in match.groupdict().items() if value}
    if part["by"].lower() == "and" and "between" not in text[max(0, match.start() - 12) : match.start()].lower():
        return None
    at, end = match.span()
    last = _full(part["m"], part["b"], part.get("y"), told, at, end)
    first = _full(part["m"], part["a"], str(last.day.year), told, at, end) if last else None
    return replace(last, start=first.day) if last and first and first.day < last.day else None


def _full(month: str, day: str, year: str | None, told: date | None, at: int, end: int) -> DatePhrase | None:
    number = int(month) if month.isdigit() else MONTHS.index(month[:3].lower()) + 1
    in_month = int(re.sub(r"\D", "", day))
    if not 1 <= number <= 12 or not 1 <= in_month <= 31:
        return None
    if year is None and told is None:
        return None
    years = [int(year)] if year else [told.year, told.year - 1]  # type: ignore[union-attr]
    for each in years:
        if in_month > monthrange(each, number)[1]:
            continue
        found = date(each, number, in_month)
        if year or told is None or found <= told + timedelta(days=1):
            return DatePhrase(found, at, end, inferred=year is None)
    return None


def _month(year: int, month: int, at: int, end: int) -> DatePhrase | None:
    if not 1 <= month <= 12:
        return None
    return DatePhrase(_end(year, month), at, end, date(year, month, 1), whole=False)


def _month_before(match: re.Match[str], told: date) -> DatePhrase:
    return month_of_name(MONTHS.index(match["month"][:3].lower()) + 1, told, *match.span("month"))


def month_of_name(month: int, told: date, at: int, end: int) -> DatePhrase:
    """A month without a year: the one running on the day told as far as that day, else the last one that was over."""
    if month == told.month and told.day < monthrange(told.year, month)[1]:  # "in July to date", said in July
        return DatePhrase(told, at, end, told.replace(day=1), whole=False, inferred=True)
    year = told.year if _end(told.year, month) <= told else told.year - 1
    return DatePhrase(_end(year, month), at, end, date(year, month, 1), whole=False, inferred=True)


def _end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _periods(text: str, days: list[DatePhrase]) -> Iterator[DatePhrase]:
    """Two days with "and", "to" or a dash between them after "between", "from", "during" are one period."""
    skipped = -1
    for place, day in enumerate(days):
        if place == skipped:
            continue
        after = days[place + 1] if place + 1 < len(days) else None
        if (
            after is not None and after.inferred and not day.inferred and after.whole
        ):  # "from September 8, 2026 through September 11"
            after = _in_year_of(after, day)
        if after is not None and after.day >= day.day and _BETWEEN.fullmatch(text[day.end : after.at]):
            before = text[max(0, day.at - 24) : day.at].lower()
            joined = text[day.end : after.at].rpartition(")")[2].strip(" ,").lower()
            if joined != "and" or "between" in before:
                skipped = place + 1
                start = day.start or day.day
                yield DatePhrase(after.day, day.at, after.end, start, inferred=after.inferred)
                continue
        yield _ended(text, day)


def _in_year_of(after: DatePhrase, before: DatePhrase) -> DatePhrase:
    for year in (before.day.year, before.day.year + 1):
        if after.day.day <= monthrange(year, after.day.month)[1] and after.day.replace(year=year) >= before.day:
            return replace(after, day=after.day.replace(year=year))
    return after


def _ended(text: str, day: DatePhrase) -> DatePhrase:
    """`the three months ended June 30`: the day with the start of its period."""
    before = text[max(0, day.at - 40) : day.at]
    months = 0
    if found := _MONTHS_TO_DATE.search(before):
        months = _COUNT[found["n"].lower()]
    elif found := _QUARTER_TO_DATE.search(before):
        what = found["what"].lower()
        months = 3 if what == "quarter" else 6 if what.startswith("half") else 1 if what == "month" else 12
    if not months:
        return day
    first = day.day.year * 12 + day.day.month - months
    return DatePhrase(day.day, day.at, day.end, date(first // 12, first % 12 + 1, 1), inferred=day.inferred)
