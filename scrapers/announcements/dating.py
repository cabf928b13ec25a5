"""Which day a number describes: that of its clause, of the sentence, of the words before or after, or the notice's own."""

from __future__ import annotations

import re
from datetime import date, timedelta

from scrapers.announcements.days import MONTH, DatePhrase, days_in, month_before, quarter_before
from scrapers.announcements.figures import BTC, CoinFigure
from scrapers.announcements.roles import COMPARED_WITH, is_whole_of
from scrapers.announcements.setting import CLAUSE, Setting
from scrapers.announcements.statement import BOUGHT, FREE, HELD, MINED, PLEDGED, SOLD

_PRESENT = re.compile(
    r"\b(?:holds?|owns?|has|have|is|are|now|currently|today|to date|bring(?:s|ing)|reach(?:es|ing)?|rising|increas(?:es|ing)|stands?|includ(?:es|e|ing)|total(?:s|ing|ling)?|takes?|taking|possess(?:es)?|maintains?)\b",
    re.I,
)
_TODAY = re.compile(
    r"\b(?:today|now|currently|to date|as of (?:the )?date (?:hereof|of this)|as of (?:today|this|publication)|at the date of this|as of the issuance|at present|date hereof)\b",
    re.I,
)
_ANNOUNCES = re.compile(
    r" (?:announce|report|publish|provide|release|issue)[sd]?\b", re.I
)  # "today": of the notice, not of its deal
_NOW = re.compile(r"\b(?:now|currently)\b", re.I)
_HELD_THEN = re.compile(r"\b(?<!has )(?<!have )(?<!had )(?:held|had|owned)\b(?! by\b)[^.;,]{0,40}$", re.I)
_COMPONENT = re.compile(
    r"\b(?:of which|including|includes|comprising|consisting of)\W*(?:approximately |about )?$", re.I
)
_PERIOD_END = re.compile(
    r"\b(?:quarter|month|year|half|period)[- ]end\b|\bend of the (?P<of>month|quarter|year|period|half)|\b(?:ended|ending|closed|exited|finished) (?:the )?(?:(?P<q>Q[1-4]|first|second|third|fourth)\b|(?P<what>month|quarter|year|period))",
    re.I,
)
_OF_STATE = re.compile(
    r"\b(?:as of|as at|at|at the end of|at the close of|close of business on|ended|ending|end of|through|until the end of|in|for|during|month of|holdings on|balance on)\W*(?:the )?(?:close of |end of |month of )?$",
    re.I,
)
_AT_ITS_END = re.compile(
    r"\b(?:as of|as at|ended|ending|end of|month-end|closed|finished|exited)\W*(?:the )?(?:month of )?$", re.I
)
_ON = re.compile(r"\bon\W*(?:or about )?$", re.I)
_THIS_DAY = re.compile(
    r"\bas (?:of|at) (?:the )?(?:date (?:hereof|of this)|today|this (?:date|release|announcement))|\b(?:at|on) the date (?:hereof|of this)",
    re.I,
)
AS_OF = re.compile(r"\b(?:as of|as at|at)\W*(?:the )?(?:close of (?:business on )?)?$", re.I)
_DEAL_DONE = re.compile(
    r"\b(?:sales?|purchases?|acquisitions?|transactions?)\b[^.;]{0,60}\b(?:completed|settled|executed|made|closed|conducted|took place)\b",
    re.I,
)
_DEAL_OF_A_PERIOD = re.compile(
    r"\b(?:spread|staggered|carried out|executed)\b[^.;]{0,30}\b(?:sales?|purchases?|acquisitions?)\b", re.I
)
_IT_MINED = re.compile(r"\b(?:it|we|they)(?: had)? (?:mined|produced|earned)\b", re.I)
_TO = re.compile(r",? to (?:approximately )?")
THAT_DAY = re.compile(r"\b(?:at|on|as of|as at) (?:that|such|the same) (?:date|day)\b", re.I)
_LATER = re.compile(  # than the period a notice reports
    r"\b(?:subsequent to|after|following|since) (?:the )?(?:(?:end|close) of the )?(?:quarter|period|year|month|half[- ]year)(?:[- ]end)?\b"
    rf"|\b(?:subsequent to|after|following) (?:{MONTH} \d|\d{{1,2}} {MONTH})"
    r"|\bsubsequent events?\b|\bpost[- ](?:quarter|period|balance)\b",
    re.I,
)
SOME_TIME = re.compile(
    r"\b(?:last|past|previous|prior) (?:week|month|quarter|year)\b|\bthe (?:last|past|previous) \w+ (?:days|weeks|months)\b|\bpreviously (?:held|owned)\b"
    r"|\b(?:in|during|over|for|throughout) the (?:(?:first|second|third|fourth|full|entire) )?(?:quarter|half|month|period|year)\b"
    r"|\b(?:start|beginning) of the (?:year|month|quarter)\b|\bsince (?!then\b)\w+|\bQ[1-4]\b(?!,? 20| (?:results|earnings|reports?|filings?|calls?|guidance)\b)"
    r"|\b(?:hours?|days?|weeks?|months?) (?:after|following|prior|earlier|ago|before)\b",
    re.I,
)
_OF_SOMETHING_ELSE = re.compile(
    r"\b(?:announced|dated|entered into|launched|established|founded|since|due|matur\w+|expir\w+|until|by|before|prior to|filed|effective|up from|down from|compared (?:to|with)|versus|than|"
    r"agreement of|adopted|issued|approved|starting|beginning|commencing|began|listed|held on|meeting|from|after|following|subsequent to|price (?:of bitcoin )?(?:as of|on)|based on|valued|value|conversion)\b\W*(?:on |of |in |at |as of )?(?:the )?$",
    re.I,
)


def when(
    text: str, figure: CoinFigure, figures: list[CoinFigure], days: list[DatePhrase], role: str, setting: Setting
) -> tuple[date | None, date | None, list[str], bool]:
    """The day (and the start of the period) a figure describes, with doubts; None where nothing dates it."""
    told = setting.issuer.day
    best = _best_day(text, figure, figures, days, role, told)
    if role == HELD and best is not None and best.end <= figure.start and _NOW.search(text[best.end : figure.start]):
        if setting.period is not None and best.day > setting.period.day:
            return told, None, [], False  # later than the period reported
        best = None  # "purchased 19 BTC in the week ending June 28 and now owns 512"
    today = _THIS_DAY.search(text, figure.end, figure.end + 60)
    if best is not None and best.inferred and today and not CLAUSE.search(text, figure.end, today.start()):
        best = None  # "its shares closed on Tuesday at $5; it holds 512 as of today"
    some_time = SOME_TIME.search(text) or _PERIOD_END.search(text)
    if best is not None and some_time and _is_of_the_news(best, text, told):
        best = None  # "New York, July 2, 2026 — Acme sold 512 during the quarter"
    if best is None and role in (BOUGHT, SOLD):
        best = _completed(setting.after, told)
    if best is not None:
        reported = setting.period is not None and best.day == setting.period.day and is_month(setting.period)
        of_period = role != HELD and best.start is not None and not best.inferred  # "mined 30 BTC in June 2026"
        at_its_end = (
            role == HELD and best.start is not None and not best.running and bool(_PERIOD_END.search(text))
        )  # "during June, and held 10 at month-end"
        told_plainly = (
            best.whole
            or reported
            or of_period
            or at_its_end
            or (
                best.start is not None and not best.running and _AT_ITS_END.search(text[max(0, best.at - 24) : best.at])
            )
        )
        doubts = [] if told_plainly else [f"the day is inferred from {text[best.at : best.end]!r}"]
        start = best.start if role in (BOUGHT, SOLD, MINED) else None
        return best.day, start or (best.day if role in (BOUGHT, SOLD) and best.whole else None), doubts, True
    if told is None:
        return None, None, [], False
    if _THIS_DAY.search(text, figure.end, figure.end + 60) or _THIS_DAY.search(text, 0, figure.start):
        return told, None, [], True
    if later := _LATER.search(text) or _LATER.search(setting.heading):
        return told, None, [f"{later[0]!r}: of which day is not told"], False
    if role in (PLEDGED, FREE):  # parts of what is held, on the one day that the sentence tells
        states = {
            day.day
            for day in days
            if day.whole and day.day <= told and _OF_STATE.search(text[max(0, day.at - 48) : day.at])
        }
        if len(states) == 1:
            return states.pop(), None, [], True
    said = _TODAY.search(text, max(0, figure.start - 120), figure.end + 60)
    if said and not (setting.period or some_time):
        return told, None, [], not _ANNOUNCES.match(text, said.end())
    hint = _PERIOD_END.search(text)
    of_this_month = hint and "month" in hint[0].lower() and setting.period is not None and is_month(setting.period)
    inherited = setting.period if of_this_month else _inherited(setting, told)
    if hint and not inherited:
        word = (hint["of"] or hint["what"] or hint["q"] or hint[0]).lower()
        end = (
            month_before(told)
            if "month" in word
            else date(told.year - 1, 12, 31)
            if "year" in word
            else quarter_before(told)
        )
        return end, None, [f"the day is inferred from {hint[0]!r}"], True
    of_a_report = (
        inherited is not None
        and inherited.start is not None
        and (inherited.day - inherited.start).days > 26
        and not _TODAY.search(text)
    )
    if inherited and (hint or of_a_report or role != HELD or setting.period or not _PRESENT.search(text)):
        of_the_month = setting.period is not None and inherited.day == setting.period.day and is_month(setting.period)
        inferred = not of_the_month and (inherited is setting.period or not inherited.whole)
        doubts = [f"the day is inferred from the period reported: {inherited.day}"] if inferred else []
        if role == MINED and inherited.start is None:  # the day of a state, told before
            doubts.append("of which period is not told")
        return inherited.day, inherited.start if role in (BOUGHT, SOLD, MINED) else None, doubts, False
    if role == MINED:
        return None, None, [], False
    past = _HELD_THEN.search(text[: figure.start])
    if role in (BOUGHT, SOLD) and _IT_MINED.search(text, figure.end):
        return told, None, ["no day is told beside it, and that of what was mined is another"], False
    if role != HELD or not (past or (re.search(r"\b(?:held|had|owned)\b", text) and not _PRESENT.search(text))):
        return told, None, [], False
    return told, None, ["no day is told; that of the notice is taken"], False


def day_before(text: str, before: str, told: date) -> date | None:
    """The day that "at that date" points to: the one of state in the last of the sentences before that tells any."""
    if not THAT_DAY.search(text):
        return None
    days = [
        day
        for day in days_in(before, told)
        if day.whole and day.day <= told and _OF_STATE.search(before[max(0, day.at - 48) : day.at])
    ]
    last = {day.day for day in days if not re.search(r"[.;] ", before[day.end : days[-1].at])}
    return last.pop() if len(last) == 1 else None


def _is_of_the_news(day: DatePhrase, text: str, told: date | None) -> bool:
    """Whether a day is the notice's own as its place and day are printed before the news, not a day the sentence tells."""
    before = text[max(0, day.at - 48) : day.at]
    return day.day == told and day.start is None and not (_OF_STATE.search(before) or _ON.search(before))


def period_to_date(words: str, told: date) -> tuple[date | None, str]:
    """The start and name of a period that ends on the day told: year, half-year or quarter to date, so many days."""
    quarter = quarter_before(told) + timedelta(days=1)
    if re.search(r"\bso far this quarter|this quarter so far\b", words, re.I):
        return quarter, "quarter to date"
    if re.search(r"year[- ]to[- ]date|\bytd\b|\bso far this year|this year so far\b", words, re.I):
        return told.replace(month=1, day=1), "year to date"
    if found := re.search(r"\bq(?:uarter)?([1-4])?[- ]to[- ]date|\bqtd\b", words, re.I):
        named = found[1] is None or (told.month + 2) // 3 == int(found[1])
        return (quarter, "quarter to date") if named else (None, "")
    if found := re.search(r"(\d{1,3})[- ]day", words, re.I):
        return told - timedelta(days=int(found[1])), f"{found[1]} days"
    if found := re.search(r"\bh([12])\b", words, re.I):
        return told.replace(month=1 if found[1] == "1" else 7, day=1), f"half-year {found[1]} to date"
    return None, ""


def is_month(period: DatePhrase) -> bool:
    """Whether a notice says of itself that it reports one month: what it then holds, it holds at the month's end."""
    return not period.inferred and period.start is not None and (period.day - period.start).days <= 31


def _completed(after: str, told: date | None) -> DatePhrase | None:
    """`The sales were completed on September 11, 2026`, said in the next sentence."""
    days = [day for day in days_in(after, told) if day.whole and (told is None or day.day <= told)]
    told_so = _DEAL_DONE.search(after) or (_DEAL_OF_A_PERIOD.search(after) and days and days[0].start)
    return days[0] if days and told_so else None


def _best_day(
    text: str, figure: CoinFigure, figures: list[CoinFigure], days: list[DatePhrase], role: str, told: date | None
) -> DatePhrase | None:
    scored = []
    others = [
        each
        for each in figures
        if each is not figure
        and each.unit in (BTC, "")
        and (each.unit == BTC or each.value >= 100)
        and not (_COMPONENT.search(text[max(0, each.start - 40) : each.start]) or is_whole_of(text, each))
    ]
    for day in days:
        if told is not None and (day.day - told).days > 1:
            continue
        before = text[max(0, day.at - 48) : day.at]
        if day.at > figure.end and before.rstrip().endswith("(") and text[day.end :].lstrip().startswith(":"):
            continue  # "1,000 BTC (June 30, 2025: 800 BTC)"
        if (
            day.end <= figure.start
            and _TO.fullmatch(text, day.end, figure.start)
            and any(each.end <= day.at for each in others)
        ):
            continue  # "from 458 BTC in March to 351 BTC in April"
        if role in (BOUGHT, SOLD) and _IT_MINED.search(text, figure.end, max(figure.end, day.at)):
            continue  # "sold the 188 BTC it mined in January"
        of_state, on, of_else = _OF_STATE.search(before), _ON.search(before), _OF_SOMETHING_ELSE.search(before)
        if (
            of_else
            and role == HELD
            and told is not None
            and day.day <= told
            and re.search(r"\bby\W*(?:the )?$", before, re.I)
        ):
            of_state = of_else  # "grew to 3,021 BTC by June 30"
        period = day.start is not None and day.whole
        if of_else and not of_state and not period:
            continue
        between = range(figure.end, day.at) if day.at > figure.end else range(day.end, figure.start)
        crossed = sum(1 for each in others if each.at in between)
        parted = 1 if CLAUSE.search(text, min(between, default=0), max(between, default=0)) else 0
        other_part = ";" in text[figure.end : day.at]  # "5 BTC at year end; 6 BTC as of February 19"
        compared = any(
            each.at in between and COMPARED_WITH.search(text[max(0, each.start - 90) : each.start]) for each in others
        )
        if day.at > figure.end and crossed and (other_part or compared or text[day.end : day.end + 3].strip()):
            continue  # "43,000 BTC, up from 35,102 BTC as of June 30"
        of_a_balance = (  # "held 512 as of May 31 and bought 20 on June 20"
            role in (BOUGHT, SOLD)
            and day.end <= figure.start
            and AS_OF.search(before)
            and any(each.end <= day.at for each in others)
        )
        rank = 3 if (period or (of_state and not of_a_balance)) else 2 if (on or of_state) else 1
        if rank == 1 and (role not in (BOUGHT, SOLD) or not between):
            rank = 0 if len(before.strip()) else 1
        if rank == 0 and not day.whole and role != HELD:
            continue
        scored.append(
            (
                rank + (0.4 if day.whole else 0.0) - parted * (1.0 if day.at > figure.end else 0.5) - crossed,
                -len(between),
                day,
            )
        )
    return max(scored, key=lambda each: each[:2])[2] if scored else None


def _inherited(setting: Setting, told: date) -> DatePhrase | None:
    """A day of state in the sentences before, in the heading, or the end of the period the notice is about."""
    for text in (setting.before, setting.heading):
        for day in reversed(days_in(text, told)):
            before = text[max(0, day.at - 40) : day.at]
            if (day.day - told).days <= 1 and (_OF_STATE.search(before) or day.start is not None):
                return day
    return setting.period
