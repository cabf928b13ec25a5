"""A notice as readings: its blocks read in order, what it says twice judged against itself, and what it is where it says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from scrapers.announcements import continental, hkex_return, japanese, none_held, securities
from scrapers.announcements.agreement import RECAPITULATES, judged
from scrapers.announcements.claims import money_stated, others_stated
from scrapers.announcements.dating import AS_OF, day_before, is_month
from scrapers.announcements.days import DatePhrase, days_in, month_before, quarter_before
from scrapers.announcements.figures import BTC, COIN, figures_in
from scrapers.announcements.issuer import Issuer, issuer_of
from scrapers.announcements.layout import Layout, Paragraph, PrintedTable
from scrapers.announcements.number_style import in_english, in_own_dollars
from scrapers.announcements.rows import Default, LabelledRun, labelled_line, table_statements
from scrapers.announcements.sentences import coins_stated, sentences
from scrapers.announcements.setting import Setting, StatedCoins
from scrapers.announcements.statement import BOUGHT, HELD, QUANTITY, SOLD, Statement
from scrapers.announcements.subject import last_subject

NOTHING, EXHIBITS, UNKNOWN = "nothing here", "leads to exhibits", "layout unknown"
_WORTH_READING = re.compile(
    r"bitcoin|\bBTC\b|₿|\bcoins?\b|shares?\b|drawings|debt|borrow|repa[iy]|drew|drawn|cash|ビットコイン|株式", re.I
)
_EXHIBIT = re.compile(r"\b(?:Exhibits?|EX)\b[- ]?.{0,80}?\b99(?:\.\d{1,2})?\b", re.S | re.I)
_REPORT = re.compile(
    r"\b(?P<what>quarter(?:ly)?|half[- ]year(?:ly)?|interim|annual|full[- ]year|monthly|Q[1-4]|months?|production|(?<!Treasury )operations?|operational|mining)\b.{0,60}?\b(?:updates?|results?|reports?|return|production|activities|statements?|review)\b|"
    r"\b(?:report(?:s|ed)?|announce[sd]?|releases?|publishe[sd]|discloses?|updates? on)\b.{0,60}?\b(?P<other>production|results|earnings|(?<!Treasury )operations)\b|月次|月間|月度",
    re.I,
)
_TAKEN_ON = re.compile(
    r"\b(?:update|summary|snapshot|overview)\b[^.;:,()]{0,20}\bas (?:at|of) (?:close of business on )?$", re.I
)
_POINTED = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?!\d|\.\d)|(?<![\d.,])\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d)")
_IN_FUND = re.compile(
    rf"\d[\d,.]* {COIN}[^.;:\d]{{0,40}}\b(?:via|through|in|by|of)\b[^.;:\d]{{0,60}}\b(?:ETFs?|ETPs?|[Ff]unds?|[Tt]rust)\b"
)
_MINED = re.compile(rf"\b(?:mined|produced|earned|production)\b[^.;]{{0,40}}?\d[\d,.]* (?:self-mined )?{COIN}", re.I)
_NOT_SO_MANY = re.compile(  # mined in no period of the issuer's
    r"\bdaily\b|\b(?:per|a|every) day\b|\bnetwork\b|\bworldwide\b|\bglobal\w*|\bever\b|\bcapped\b|\bsupply\b",
    re.I,
)
_PLANNED = re.compile(r"\b(?:will|plans?|expects?|aims?|targets?)\b", re.I)
_ABOUT = re.compile(
    r"^(?:About |Forward[- ]Looking|Cautionary|Safe Harbor|Disclaimer|Risk Factors?|Notes? to|Important (?:Information|Notice)|Additional Information|Disclosure)",
    re.I,
)
_HEADING = re.compile(r"^(?:[A-Z0-9][^.!?;]{2,90}|\d{1,2}[.)] .{2,80})$")
_AS_OF_JAPANESE = re.compile(r" ?(?:現在|時点)")
_FOLLOWS = ("以下のとおりです。", "以下の通りです。", "次のとおりです。", "下記のとおりです。")
_COIN_WORD = re.compile(r"bitcoin|\bBTC\b|₿|ビットコイン", re.I)
_OPENING = 1500  # characters in which a notice says what it is about


@dataclass(frozen=True, slots=True)
class Notice:
    """`statements` in the order printed; `answer` says what the document is where it has none; `unread` shows words not understood."""

    issuer: Issuer
    statements: tuple[Statement, ...]
    answer: str
    unread: tuple[str, ...]


def read(page: Layout, company: str, names: Iterable[str] = (), published_on: date | None = None) -> Notice:
    """Everything a notice states of its issuer; nothing without an issuer or a day."""
    issuer = issuer_of(page, company, names, published_on)
    unread: list[str] = []
    found: list[Statement] = []
    if issuer.company and issuer.day is not None:
        if hkex_return.is_one(page):
            found = list(hkex_return.statements(page))
        else:
            english = in_own_dollars(in_english(page))
            stated = list(_statements(english, issuer, unread))
            if not issuer.reporter:
                known = {(one.quantity, one.day, one.value) for one in stated}
                paragraphs = "。".join(block.text for block in page.blocks if isinstance(block, Paragraph))
                told = [
                    *japanese.statements(paragraphs, issuer.day),
                    *none_held.statements(sentences(page.printed), issuer.day),
                    *continental.statements(
                        (block.text for block in page.blocks if isinstance(block, Paragraph)), issuer
                    ),
                ]
                stated += [one for one in told if (one.quantity, one.day, one.value) not in known]
                named = japanese.deal_days(paragraphs, issuer.day)
                stated = [_perhaps_of(statement, named) for statement in stated]
            found = judged(_of_no_day(stated, issuer.day, english.printed), issuer)
            found += securities.issued(english.printed, issuer.day)
            found = _with_funds(found, english.printed)
            if _POINTED.search(page.printed):
                found = [_perhaps_thousands(statement) for statement in found]
    return Notice(issuer, tuple(found), "" if found else _answer(page, unread), tuple(unread))


def _perhaps_of(statement: Statement, days: set[date]) -> Statement:
    """A purchase without a day, where sentences of the notice tell one that is not the notice's."""
    undated = statement.quantity.startswith("btc_acquired") and not statement.dated
    if not undated or not days or statement.day in days:
        return statement
    return statement.doubted(f"no day is told beside it, and {min(days)} in a sentence")


def _of_no_day(statements: list[Statement], told: date, printed: str) -> list[Statement]:
    """Sales and purchases that no words date, beside coins mined in a month or quarter: perhaps of its days, and not the notice's."""
    mined = any(each.quantity == "btc_mined" and each.day != told for each in statements)
    perhaps = any(  # by whom is not always understood
        not _NOT_SO_MANY.search(printed[max(0, found.start() - 30) : found.end() + 30])
        and not _PLANNED.search(printed[max(0, found.start() - 30) : found.end()])
        for found in _MINED.finditer(printed)
    )
    paid = any(
        each.quantity in ("btc_acquired_cost", "btc_acquired_average") and each.day == told for each in statements
    )
    plain = any(each.quantity == "btc_acquired" and each.day == told and each.dated for each in statements)
    return [
        each.doubted("no day is told beside it, and that of what was mined is another")
        if each.quantity.startswith("btc_acquired")
        and each.day == told
        and each.start is None
        and not plain  # "today"
        and (mined or (perhaps and each.quantity == "btc_acquired" and (each.value < 0 or not paid)))
        else each
        for each in statements
    ]


def _with_funds(statements: list[Statement], printed: str) -> list[Statement]:
    """A total from which coins of a fund leave another number of the notice, as 499.8 is 306.8 held directly and 193 in an ETF."""
    funds = {each.value for found in _IN_FUND.finditer(printed) for each in figures_in(found[0]) if each.unit == BTC}
    coins = {round(each.value, 4) for each in figures_in(printed) if each.unit == BTC} if funds else set()
    return [
        each.doubted(f"{part:,.10g} of them seem to be held through a fund")
        if each.quantity == "btc_holdings"
        and (part := next((one for one in funds if round(each.value - one, 4) in coins), None))
        else each
        for each in statements
    ]


def _perhaps_thousands(statement: Statement) -> Statement:
    """`2.525 BTC` where other numbers of the notice part their thousands with points."""
    pointed = statement.unit == "BTC" and abs(statement.step - 0.001) < 1e-9
    return (
        statement.doubted("a point may part its thousands, as in other numbers of the notice") if pointed else statement
    )


def _answer(page: Layout, unread: list[str]) -> str:
    if unread:
        return UNKNOWN
    return EXHIBITS if _EXHIBIT.search(page.printed) else NOTHING


def _statements(page: Layout, issuer: Issuer, unread: list[str]) -> Iterator[Statement]:
    period = reported_period(page, issuer.day) or _snapshot(page, issuer.day)
    aside = f"somebody else writes ({issuer.reporter!r}); news sets nothing" if issuer.reporter else ""
    run = LabelledRun(issuer.names)
    heading, boilerplate, subject = "", "", None
    previous = ""
    for block in page.blocks:
        default = _default(issuer, period, heading)
        if isinstance(block, PrintedTable):
            yield from _asided(run.statements(), aside)
            bought_on = None if run.found else run.when
            run = LabelledRun(issuer.names, section=heading)
            caption = f"{heading} {previous if len(previous) < 200 else ''}"
            stated, unknown = table_statements(block, default, issuer.day, issuer.names, caption, bought_on)
            yield from _asided(stated, aside)
            if unknown and not stated:
                unread.append(" | ".join(row.label for row in block.rows)[:200])
            for row in block.rows:  # prose set in cells, such as the title in an index of exhibits
                for cell in row.cells:
                    if len(cell.text) > 60:
                        setting = Setting(
                            issuer, heading, period=period, subject=subject, aside=_joined(aside, boilerplate)
                        )
                        yield from _asided(_of_paragraph(cell.text, setting, unread), "")
            continue
        text = block.text
        if _is_heading(block) or _introduces(text):
            day = day_before(text, previous, issuer.day) if issuer.day else None
            heading = f"{text} as of {day:%B %d, %Y}" if day else text  # "At that date, the Group had achieved:"
            boilerplate = "said aside, not as the news of the day" if _ABOUT.match(text) else ""
            if run.found:
                yield from _asided(run.statements(), aside)
                run = LabelledRun(issuer.names, section=text)
            run.section = text
            subject = None
        if labelled_line(text, default, issuer.day, run):
            previous = text
            continue
        if len(text) > 120 and run.found:
            yield from _asided(run.statements(), aside)
            run = LabelledRun(issuer.names, section=heading)
        if _WORTH_READING.search(text) or (previous and _COIN_WORD.search(previous)):
            setting = Setting(
                issuer,
                "" if _is_heading(block) else heading,
                period=period,
                subject=subject,
                aside=_joined(aside, boilerplate),
            )
            yield from _of_paragraph(text, setting, unread)
        for sentence in sentences(text):
            subject = last_subject(sentence, issuer, subject)
        previous = text
    yield from _asided(run.statements(), aside)
    if page.title and _COIN_WORD.search(page.title):
        yield from _of_paragraph(page.title, Setting(issuer, period=period, aside=aside), [])


def _joined(*reasons: str) -> str:
    return "; ".join(reason for reason in reasons if reason)


def _asided(statements: Iterable[Statement], aside: str) -> Iterator[Statement]:
    return (statement.doubted(aside) if aside else statement for statement in statements)


def _of_paragraph(text: str, setting: Setting, unread: list[str]) -> Iterator[Statement]:
    before: list[str] = []
    last: list[StatedCoins] = []
    parts = sentences(text)
    for place, sentence in enumerate(parts):
        own = replace(setting, before=" ".join(before[-2:]), after="".join(parts[place + 1 : place + 2]))
        stated, unknown = (
            coins_stated(sentence, own)
            if _COIN_WORD.search(sentence) or any(map(_COIN_WORD.search, before[-1:]))
            else ([], 0)
        )
        if unknown and not stated:
            unread.append(sentence[:200])
        for each in stated:
            yield _statement(each, setting)
        yield from (_recapped(each, setting) for each in money_stated(sentence, stated, own, last))
        yield from others_stated(sentence, own)
        last = [_of_older_day(each, last) for each in stated] or last
        setting = replace(setting, subject=last_subject(sentence, setting.issuer, setting.subject))
        before.append(sentence)


def _of_older_day(stated: StatedCoins, before: list[StatedCoins]) -> StatedCoins:
    """A comparative, for the sentence after it: the cost that one tells may be of the newer coins told first."""
    newer = any(each.role == stated.role == HELD and each.day > stated.day for each in before)
    return replace(stated, doubts=(*stated.doubts, "of which of two days is not told")) if newer else stated


def _statement(stated: StatedCoins, setting: Setting) -> Statement:
    value = -stated.figure.value if stated.role == SOLD else stated.figure.value
    made = Statement(
        QUANTITY[stated.role], value, "BTC", stated.day, stated.start, stated.figure.step, stated.dated, False, stated.doubts, stated.note
    )  # fmt: skip
    return _recapped(made, setting) if stated.role in (BOUGHT, SOLD) else made


def _recapped(statement: Statement, setting: Setting) -> Statement:
    """A purchase told again at the end of a quarter or half-year adds none."""
    if not statement.quantity.startswith("btc_acquired"):
        return statement
    period = setting.period
    long = statement.start is not None and (statement.day - statement.start).days > RECAPITULATES
    told_again = (
        period is not None
        and period.start is not None
        and (period.day - period.start).days > RECAPITULATES
        and (long or statement.day == period.day)
    )
    old = setting.issuer.day is not None and (setting.issuer.day - statement.day).days > 100
    return (
        statement.doubted("a recap of a longer period adds no purchase")
        if told_again or old or (long and (statement.day - (statement.start or statement.day)).days > 100)
        else statement
    )


def _is_heading(block: Paragraph) -> bool:
    return block.heading or (
        len(block.text) <= 90
        and bool(_HEADING.match(block.text))
        and not re.search(r"\d{3}|[:：]", _without_days(block.text))
    )


def _without_days(text: str) -> str:
    """A line without the days it names as a heading does: "October 2025 Holdings:", "Treasury as of June 30, 2026"."""
    introduces = text.endswith((":", "："))
    for day in reversed(days_in(text, None)):
        if introduces or (day.whole and AS_OF.search(text[: day.at])):
            text = text[: day.at] + text[day.end :]
    return text[:-1] if introduces else text


def _introduces(text: str) -> bool:
    """`The following table shows what the Company held as of June 30, 2026:`, `保有状況（2026年6月末現在）`"""
    days = days_in(text, None)
    if text.endswith((":", "：")):
        return any(day.whole and AS_OF.search(text[: day.at]) for day in days)
    alone = (
        text.endswith(_FOLLOWS) or not re.search(r"\d{2}|。", "".join((text[: days[0].at], text[days[0].end :])))
        if days
        else False
    )
    return alone and days[0].whole and bool(_AS_OF_JAPANESE.match(text, days[0].end))


def _default(issuer: Issuer, period: DatePhrase | None, heading: str) -> Default:
    """The day of a labelled number whose label tells none: the heading's, the period's end, or the notice's."""
    days = [
        day
        for day in days_in(heading, issuer.day)
        if issuer.day and (day.whole or day.start) and (day.day - issuer.day).days <= 1
    ]
    if days:
        return Default(
            days[-1].day, days[-1].start, "" if days[-1].whole else f"the day is inferred from {heading[:60]!r}", True
        )
    if period is not None:
        return Default(
            period.day, period.start, "" if is_month(period) else "the day is inferred from the period reported", False
        )
    return Default(issuer.day, issuer.day, "", False)


def reported_period(page: Layout, told: date | None) -> DatePhrase | None:
    """The month, quarter or half-year a notice reports, by its title or opening words; None for news of the day."""
    if told is None:
        return None
    texts = [page.title, *(_words(block) for block in page.blocks)]
    opening = " ".join(text for text in texts if text)[:_OPENING]
    found = _REPORT.search(opening[:700])
    if not found:
        return None
    days = [
        day
        for day in days_in(opening, told)
        if day.start is not None and day.day <= told and (day.day - day.start).days >= 25
    ]
    if days:
        near = min(days, key=lambda day: min(abs(day.at - found.start()), abs(day.at - found.end())))
        return DatePhrase(near.day, near.at, near.end, near.start, near.whole, near.inferred)
    what = (found["what"] or found["other"] or "").lower()
    if what.startswith(("quarter", "q1", "q2", "q3", "q4")):
        end = quarter_before(told)
        return DatePhrase(end, 0, 0, date(end.year, end.month - 2, 1), whole=False, inferred=True)
    if what.startswith("month"):
        end = month_before(told)
        return DatePhrase(end, 0, 0, end.replace(day=1), whole=False, inferred=True)
    return None


def _snapshot(page: Layout, told: date | None) -> DatePhrase | None:
    """The day of which the opening words say the whole notice is: "a treasury update as at 31 July 2025"."""
    texts = [page.title, *(_words(block) for block in page.blocks)]
    opening = " ".join(text for text in texts if text)[:_OPENING]
    found = {
        day.day: day
        for day in days_in(opening, told)
        if day.whole and told is not None and day.day <= told and _TAKEN_ON.search(opening, max(0, day.at - 60), day.at)
    }
    return found.popitem()[1] if len(found) == 1 else None


def _words(block: Paragraph | PrintedTable) -> str:
    return (
        block.text
        if isinstance(block, Paragraph)
        else " ".join(f"{row.label} {' '.join(cell.text for cell in row.cells)}" for row in block.rows[:3])
    )
