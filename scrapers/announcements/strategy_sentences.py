"""The sentences of Strategy's bitcoin updates: what was bought, sold, held, issued, and put aside in US dollars.

2020-08-11  "has purchased 21,454 bitcoins at an aggregate purchase price of"; 2020-09-15 "has purchased a total of"
2021-01-22  "holds approximately 70,784 bitcoins that were acquired at an aggregate purchase price of … and an average …"
2021-08-24  shares sold at the market, in a period; 2022-12-28 several transactions, one of them a sale, one position
2025-02-18  weeks without any activity: "did not sell any shares … and did not purchase any bitcoin"
2025-12-01  the USD Reserve; 2026-08-31 "the balances of the USD Reserve and USD Cash were …, respectively"
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from scrapers.announcements.strategy_figures import COMMON_SHARES, COMPANY, Figures, beside, day, position, transaction
from scrapers.formats.text import Printed, number, printed
from treasury.model import ParseError, Reading

_DATE = r"(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, ?\d{4}"
_NUMBER = r"\d(?:[\d,.]*\d)?"
_DOLLARS = rf"\$ ?{_NUMBER}(?: (?:million|billion))?"
_ABOUT = r"(?:approximately |about )?"

_COUNT = re.compile(rf"(?<![\d.,$])({_NUMBER})(?: additional)?$")
_DAY = re.compile(_DATE)
_BETWEEN = re.compile(rf"(?:between|from) ({_DATE}) (?:and|to|through) ({_DATE})")
_ON_OR_AS_OF = re.compile(rf"(?:[Oo]n|[Aa]s of) ({_DATE})")  # no \b: a heading may touch, "BTC UpdateOn May 1, 2026"
_AS_OF_THE = re.compile(rf"[Aa]s of {_DATE}\*?,? the $")
# What "we" did is told in risk factors, which repeat old news; an announcement names the company.
_WE = re.compile(
    r"(?:\bwe|We) (?:have |had )?(?:held|hold|acquired|purchased|bought|sold) (?:an aggregate of |a total of )?"
    + _ABOUT
    + "$"
)
_BOUGHT_OR_SOLD = re.compile(
    r"(acquired|purchased|bought|sold|completed its (?:acquisition|purchase|sale) of) (?:an aggregate of |a total of )?"
    + _ABOUT
    + "$"
)
_IN_ALL = re.compile(r"\bhas purchased (?:an aggregate of |a total of )?" + _ABOUT + "$")
_HELD = re.compile(r"\b(?:holds|held)(?: an aggregate of| a total of)? " + _ABOUT + "$")
_COST = re.compile(
    rf" (?:for|at) (?:cash proceeds of )?(?:an aggregate (?:purchase |sale )?price of )?{_ABOUT}({_DOLLARS})"
)
_BASIS = re.compile(rf"(?:acquired|bitcoins?) (?:at|for) an aggregate purchase price of {_ABOUT}({_DOLLARS})")
_AVERAGE = re.compile(rf"\b(?:at|and) an average (?:purchase |sale )?price of {_ABOUT}({_DOLLARS}) per bitcoin")
_NO_BITCOIN = re.compile(
    r"did not (?:(?:purchase|acquire|sell|purchase or sell|acquire or sell) any|make any purchases of) bitcoin"
)
_NO_SHARES = re.compile(r"did not (?:issue or |issue and )?sell any shares")
_ISSUED = re.compile(
    rf"sold an aggregate of ({_NUMBER}) ((?:(?:STR[A-Z]|{COMPANY}) )?[Ss]hares\b(?:[^.]|\.\d){{0,120}}?) under (?:the|its) "
)
_TICKER = re.compile(r"\b(STR[A-Z])\b|Perpetual (Strike|Strife|Stride|Stretch|Stream)\b", re.I)
_AGREED = re.compile(rf"on ({_DATE}),? [^.]{{0,80}}?entered into")
_RESERVE = re.compile(r"balances? of (?:the |its )?(?:USD Reserve|U\.?S\.? dollar reserve)")
_RESERVE_IS = re.compile(
    rf"(?: and USD Cash)? (?:is|was|were) {_ABOUT}({_DOLLARS})(?: and {_ABOUT}({_DOLLARS}), respectively)?"
)
_RESERVE_MADE = re.compile(rf"established a (?:US|U\.S\.) dollar reserve \([^)]{{0,30}}\) of ({_DOLLARS})")
_CLASSES = re.compile(rf"({_NUMBER}) and ({_NUMBER}) shares of class A common stock and class B common stock\b")
_LIST = re.compile("equity securities were outstanding: ?")
_TWO_CLASSES = re.compile(rf"the Company had (?={_NUMBER} and {_NUMBER} shares of class A)")
_PREFERRED = re.compile(
    rf"({_NUMBER}) shares of (?:Perpetual (Strike|Strife|Stride|Stretch|Stream) Preferred|(STR[A-Z])) Stock"
)
_RATE = re.compile(
    r"dividend rate per annum on (?P<what>[^.%]{3,110}?(?:Stock|STR[A-Z]))\b(?P<how>(?:[^.]|\.\d){10,160})"
)
_RATES = re.compile(rf"from ({_NUMBER})% to ({_NUMBER})%")
_EFFECTIVE = re.compile(rf"on or after ({_DATE})")
_CHANGED = re.compile(r"\b(?:increased|decreased|reduced|raised|lowered) the (?:monthly )?(?:regular )?$")
_SERIES = {"strike": "strk", "strife": "strf", "stride": "strd", "stretch": "strc", "stream": "stre"}
STATED_AMOUNT = 100  # of one share of every series, in its currency (certificates of designations)
_EUROS = ("stre",)

_SENTENCE_END = re.compile(r"(?<![A-Z])[.;]”? ?(?=[A-Z•“])|•")
_PLURAL = re.compile("^s\\b")
_LONGEST_COUNT = 30  # characters
_LISTED = 900  # characters the list of equity securities takes at most
_REACH = 1500  # characters; no sentence of these filings that matters is longer


def readings(text: str, unread: list[str] | None = None) -> Iterator[Reading]:
    """Everything the sentences of this text (one line, single spaces) state; what cannot be read beside bitcoin goes to `unread`."""
    unread = [] if unread is None else unread
    for place in _places(text, " bitcoin"):
        counted = text[place - 1].isdigit() or text.endswith(" additional", 0, place)  # most are not; a pattern is slow
        if counted and (count := _COUNT.search(text, max(0, place - _LONGEST_COUNT), place)):
            yield from _bitcoins(count[1], *_around(text, count.start(), place + len(" bitcoin"), dated=True))
    for found in _starting(_NO_BITCOIN, "did not ", text):
        for first, last in _BETWEEN.findall("".join(_around(text, *found.span())))[:1]:
            yield from transaction(Figures(0.0, Printed(0.0, 0.0)), day(first), day(last))
    for aside in (_shares_sold(text), _usd_reserve(text), _outstanding(text), _rate_changed(text)):
        yield from beside(aside, unread)


def _bitcoins(count: str, before: str, after: str) -> Iterator[Reading]:
    """A sentence that says `before`, `count` bitcoins, `after`; a number that is no purchase, sale or position passes."""
    bought = _BOUGHT_OR_SOLD.search(before)
    if _WE.search(before):
        return
    if _IN_ALL.search(before):  # 2020 only: "To date" is the day of the last purchase, told in the sentence before
        yield from position(_figures(count, _COST, after), _last_day(before))
        if "total of" not in before:
            yield from transaction(_figures(count, _COST, after), None, _last_day(before))
    elif _HELD.search(before):
        if "aggregate purchase price" in after:  # else a collateral account, a subsidiary
            yield from position(_figures(count, _BASIS, after), _last_day(before))
    elif before.endswith("The approximately ") and after.startswith(" held by"):
        yield from position(_figures(count, _BASIS, after), _last_day(after.partition(" were ")[0]))
    elif (
        bought
        and "previously disclosed" not in before
        and (_COST.match(after) or _BETWEEN.search(before) or "announc" in before)
    ):
        sold = bought[1] in ("sold", "completed its sale of")
        yield from transaction(_figures(count, _COST, after), *_period(before), sold=sold)
    elif not bought and _BASIS.match(f"bitcoins{after}"):
        raise ParseError(f"a position in words this parser does not know: {(before + count + after)[-200:]!r}")


def _figures(count: str, cost: re.Pattern[str], after: str) -> Figures:
    total, average = (cost.match if cost is _COST else cost.search)(after), _AVERAGE.search(after)
    if not total:
        raise ParseError(f"{count} bitcoins without what they cost: {after[:120]!r}")
    return Figures(number(count), _dollars(total[1]), _dollars(average[1]) if average else None)


def _period(before: str) -> tuple[date | None, date]:
    """The period a sentence names; where it only says when the purchase was announced or completed, its start is unknown."""
    if between := _BETWEEN.findall(before):
        return day(between[-1][0]), day(between[-1][1])
    end = _last_day(before)
    return (None if re.search(r"announc|completed", before) else end), end


def _shares_sold(text: str) -> Iterator[Reading]:
    sold: dict[tuple[str, date | None, date], set[float]] = {}  # programmes add up; the same sentence again does not
    for found in _starting(_ISSUED, "sold an aggregate of ", text):
        before, _ = _around(text, *found.span())
        start: date | None
        if between := _BETWEEN.findall(before):
            start, end = day(between[-1][0]), day(between[-1][1])
        else:  # "as of September 24, 2023, had issued and sold": all sales under an agreement, since it was entered into
            agreed = _AGREED.findall(text[max(0, found.start() - _REACH) : found.start()])
            start, end = (day(agreed[-1]) if agreed else None), _last_day(before)
        series = _series(found[2])
        if len(series) > 1:
            raise ParseError(f"shares of several series sold in one number: {found[0]!r}")
        sold.setdefault((series.pop() if series else COMMON_SHARES, start, end), set()).add(number(found[1]))
    for found in _starting(_NO_SHARES, "did not ", text):
        before, after = _around(text, *found.span())
        named = _series(after) | {COMMON_SHARES}
        for first, last in _BETWEEN.findall(before + after)[:1]:
            for instrument in sorted(named):
                sold.setdefault((instrument, day(first), day(last)), {0.0})
    for (instrument, start, end), counts in sold.items():
        yield Reading(COMPANY, "shares_sold", sum(counts), "shares", end, instrument, start)


def _series(text: str) -> set[str]:
    return {ticker.lower() or _SERIES[name.lower()] for ticker, name in _TICKER.findall(text)}


def _usd_reserve(text: str) -> Iterator[Reading]:
    for made in _starting(_RESERVE_MADE, "established a U", text):
        yield Reading(COMPANY, "usd_reserve", _dollars(made[1]).value, "USD", _last_day(_around(text, *made.span())[0]))
    for found in _starting(_RESERVE, "balance", text):
        stated = _RESERVE_IS.match(text, found.end())
        near = text[max(0, found.start() - 60) : found.end() + 60]
        if not stated and "$" not in near[-60:]:
            continue
        if not stated or not _AS_OF_THE.search(text[max(0, found.start() - 60) : found.start()]):
            raise ParseError(f"a USD Reserve in words this parser does not know: {near!r}")
        yield Reading(COMPANY, "usd_reserve", _dollars(stated[1]).value, "USD", _last_day(text[: found.start()]))


def _rate_changed(text: str) -> Iterator[Reading]:
    """The dividend rate of a series with a variable one, when it is set anew: of the day it was set, with the day it takes effect."""
    for found in _starting(_RATE, "dividend rate per annum on ", text):
        before, _ = _around(text, *found.span(), dated=True)
        series, rates = _series(found["what"]), _RATES.search(found["how"])
        effective = _EFFECTIVE.search(found["how"])
        if len(series) != 1 or not rates or not effective or not _CHANGED.search(before) or not _DAY.search(before):
            continue
        note = f"from {rates[1]}%, effective {day(effective[1])}"
        yield Reading(
            COMPANY, "dividend_rate_pct", number(rates[2]), "percent", _last_day(before), series.pop(), note=note
        )


def _outstanding(text: str) -> Iterator[Reading]:
    """Share classes and preferred series outstanding, as the updates at a quarter's end list them."""
    for found in (*_starting(_LIST, "equity securities", text), *_starting(_TWO_CLASSES, "the Company had ", text)):
        as_of, listed = _last_day(_around(text, *found.span())[0]), text[found.end() : found.end() + _LISTED]
        listed = listed[: end.start()] if (end := re.search(r"As of |Holders of ", listed)) else listed
        if classes := _CLASSES.search(listed):
            a, b = number(classes[1]), number(classes[2])
            yield Reading(COMPANY, "shares_class_a", a, "shares", as_of)
            yield Reading(COMPANY, "shares_class_b", b, "shares", as_of)
            yield Reading(COMPANY, "shares_basic", a + b, "shares", as_of, note="class A + class B")
        for shares, name, ticker in _PREFERRED.findall(listed):
            series = _SERIES[name.lower()] if name else ticker.lower()
            claim, unit = number(shares) * STATED_AMOUNT, "EUR" if series in _EUROS else "USD"
            note = f"{shares} shares outstanding × {STATED_AMOUNT}"
            yield Reading(COMPANY, "liquidation_preference", claim, unit, as_of, series, note=note)


def _places(text: str, word: str) -> Iterator[int]:
    """Where a word stands. Much faster than a pattern on the long filings of a quarter's end."""
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + len(word))


def _starting(pattern: re.Pattern[str], word: str, text: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern that begins with this word."""
    return (found for place in _places(text, word) if (found := pattern.match(text, place)))


def _around(text: str, start: int, end: int, dated: bool = False) -> tuple[str, str]:
    """The sentence before and after a place. If it must be dated, one without a day ("To date …") takes the one before along."""
    before = text[max(0, start - _REACH) : start]
    ends = [0, *(stop.end() for stop in _SENTENCE_END.finditer(before))]
    first = ends[-2] if dated and len(ends) > 1 and not _DAY.search(before, ends[-1]) else ends[-1]
    after = _PLURAL.sub("", text[end : end + _REACH])
    stop = _SENTENCE_END.search(after)
    return before[first:], after[: stop.start()] if stop else after


def _last_day(text: str) -> date:
    days = _ON_OR_AS_OF.findall(text[-_REACH:])
    if not days:
        raise ParseError(f"figures without their day: {text[-200:]!r}")
    return day(days[-1])


def _dollars(text: str) -> Printed:
    return printed(text.removeprefix("$").lstrip())
