"""What a sentence says of the issuer's bitcoin: each number with verb, subject and day becomes held, bought, sold, mined, pledged, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise

from scrapers.announcements.dating import SOME_TIME, THAT_DAY, when
from scrapers.announcements.days import DatePhrase, days_in, unclear_day
from scrapers.announcements.figures import BTC, COIN, OTHER_COIN, CoinFigure, figures_in
from scrapers.announcements.roles import is_bare_holding, role_of, unlikely
from scrapers.announcements.setting import CLAUSE, Setting, StatedCoins
from scrapers.announcements.statement import BOUGHT, FREE, HELD, MINED, MINED_AND_HELD, PLEDGED, SOLD, WHOSE
from scrapers.announcements.subject import owned
from scrapers.announcements.vetoes import why_not

MOST_FIGURES = 60  # of a sentence; the longest list seen has 30, and each is weighed against all others
_PARTLY_OWNED = re.compile(
    r"\b(?:(?:majority|minority|partly|partially)[- ](?:owned|held|controlled)|(?!100)\d{1,3}(?:\.\d+)?[ -]?%[- ](?:owned|held))\b"
    r"|^(?:the|its|our) subsidiary (?:holds|held|owns|owned)\b",
    re.I,
)
_SENTENCE = re.compile(
    r"(?<!\bInc)(?<!\bLtd)(?<!\bCorp)(?<!\bCo)(?<!\bNo)(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bvs)(?<!\bapprox)(?<!\bca)(?<!\bSt)(?<!\bJan)(?<!\bFeb)(?<!\bMar)(?<!\bApr)(?<!\bJun)(?<!\bJul)(?<!\bAug)(?<!\bSep)(?<!\bSept)(?<!\bOct)(?<!\bNov)(?<!\bDec)(?<!\b[A-Z])(?<!U\.S)(?<!a\.m)(?<!p\.m)(?<!i\.e)(?<!e\.g)"
    r"[.!?][”\"’')]*\s+(?=[“\"‘'(•]?[A-Z0-9₿])|(?<=\b(?:Inc|Ltd))\.\s+(?=(?:The|In|On|As|During|This|It|We|Our)\b)|。"
)
_LEFT_OUT = re.compile(
    rf"\b(?:exclud(?:es|ed|ing)|not including|exclusive of|other than|in addition to|besides|on top of)\b[^.;]{{0,50}}\d[\d,.]* {COIN}",
    re.I,
)
_THROUGH_FUNDS = re.compile(
    r"\binclud\w+ (?![^.;]{0,60}\bother than\b)[^.;]{0,60}\b(?:through|via|in|by)\b[^.;]{0,40}\b(?:ETFs?|ETPs?|funds?|trusts?|derivatives?|joint ventures?|associates?)\b",
    re.I,
)
_PASSED = re.compile(
    r"\b(?:surpass(?:es|ed|ing)?|exceed(?:s|ed|ing)?|cross(?:es|ed|ing)?|topp?(?:s|ed|ing)?|beyond|past) (?:the )?$",
    re.I,
)
_SUMMED = re.compile(
    r"\bsince (?:the |its |our )?(?:inception|launch\w*|adopt\w*|begin\w*|start\w*|implement\w*|commenc\w*|january|20\d\d)|\byear[- ]to[- ]date\b|\bYTD\b|\bto date\b"
    r"|\bso far\b|\bcumulative\w*|\b(?:has|have|had) (?:now |already )?(?:accumulated|amassed)\b|\b(?:over|in|during) the (?:past|last) (?:year|quarter|\w+ months)\b|\b(?:this|last) year\b",
    re.I,
)
_LONGER = re.compile(  # than a month
    r"(?<!year )(?<!quarter )\b(?:in|during|over|for|throughout) (?:the |our |its )?(?:(?:first|second|third|fourth|full|entire|last|past|previous|prior) )?(?:quarter|half|year|Q[1-4])\b(?!,? 20)",
    re.I,
)
_ADDED = re.compile(r"\badd(?:s|ed|ing)\b(?: \S+){0,3}\s*$", re.I)
_PAID = re.compile(r"\b(?:purchas|acqui|bought|buy)\w*|\b(?:for|at) [^.;]{0,40}[$€£¥]", re.I)
_PRODUCED = re.compile(r"\b(?:mined|produced|production)\b", re.I)
_SELF_MINED = re.compile(r"\bself[- ]mined\b", re.I)
_MORE = re.compile(r"\b(?:additional|further|another|extra|more)\b", re.I)
_TWO_HOLD = re.compile(  # "Acme and Beta held 500 and 300 bitcoin, respectively": whether each number is of a day or of a company is not told
    r"\b[A-Z][\w&’'-]*(?: [A-Z][\w&’'-]*)* and (?:the )?(?!Subsidiar|Affiliat|Group)[A-Z][\w&’'-]*(?: [A-Z][\w&’'-]*)* (?:\w+ ){0,2}(?:held|hold|owned|own|had|have)\b"
)
_AND_YEAR = re.compile(r",? and (20\d\d)\b(?![-/.]\d)")
_OF_A_YEAR = re.compile(
    r"\b(?:in|during|over|for|throughout) (?:all of )?(?:the )?(?:(?:fiscal|calendar|full)[- ])?(?:year )?20\d\d\b(?![-/.]\d)",
    re.I,
)
_OTHER_MEASURE = re.compile(
    r"\b(?:combined|merged|enlarged|resulting) (?:entity|company|group|business|companies|treasury|organi[sz]ation)\b|\bnet of\b|\bafter (?:deducting|deduction|adjusting|giving effect)\b|\badjusted (?:for|to)\b|"
    r"\blook-through\b|\battributable\b|\bproportiona(?:te|l)\b|\binclud\w+ (?:its|our|the) share\b|\binclud\w+ (?:committed|pending|planned|announced)\b|\bas if\b|\bas adjusted\b",
    re.I,
)
_HEARSAY = re.compile(
    r"\b(?:according to|based on)\b (?!(?:the|its|our) (?:Company|Group|filing|announcement|release|statement|report|update)|our\b|its\b|us\b|the (?:latest|most recent)\b|(?:an?\s|the\s)?(?:[\w.-]+\s){0,4}price\b)[^.;,]{0,40}"
    r"|\b(?:(?:on-chain |blockchain )?data (?:show|suggest|indicate)s?|analysts?|media reports?|sources?|observers?|reportedly|rumou?r\w*|allegedly|is said to|are said to|estimates? that|estimated to)\b",
    re.I,
)
_HOSTED = re.compile(r"\b(?:host(?:ed|ing)|customers?|clients?|joint ventures?)\b", re.I)
_PARTICIPLE = re.compile(
    r"^\W*(?:bringing|increasing|taking|raising|reducing|boosting|expanding|lifting|growing|pushing|with|as|after|following|which)\b",
    re.I,
)


def sentences(paragraph: str) -> list[str]:
    """A paragraph's sentences; a full stop inside Inc., U.S., No. or a number ends none."""
    return [
        part.strip()
        for part in _SENTENCE.sub(lambda found: found[0].rstrip() + "\x00", paragraph).split("\x00")
        if part.strip()
    ]


def coins_stated(text: str, setting: Setting) -> tuple[list[StatedCoins], int]:
    """The coins a sentence states, and how many coin figures it holds in words that are not understood."""
    told = setting.issuer.day
    days = days_in(text, told)
    figures = [
        figure for figure in figures_in(text) if not any(day.at < figure.end and figure.at < day.end for day in days)
    ]
    if len(figures) > MOST_FIGURES:
        return [], len(figures)
    unclear = unclear_day(text, days)
    found: list[StatedCoins] = []
    unknown = 0
    pair = () if _respectively(text, figures) else _pair(text, figures)
    for figure in _with_units(text, figures, pair):
        clause = _clause(text, figure)
        veto = why_not(text, figure, clause, days, told)
        left, right = text[: figure.start], text[figure.end :]
        if figure.at in (each.at for each in pair):
            left, right = text[: pair[0].start], text[pair[1].end :]
        role = None if veto else role_of(text, left, right, figure)
        if veto or role == "":
            continue
        if role is None:
            unknown += 1
            continue
        owner = owned(text, figure, setting)
        if owner is False:
            continue
        day, start, doubts, dated = when(text, figure, figures, days, role, setting)
        if figure.at in (each.at for each in pair):
            day, start, doubts, dated = _of_pair(text, figure, pair, days, role)
        if day is None:
            continue
        doubts += [f"{figure.hedge!r}: a bound, no number"] if figure.bound else []
        doubts += (
            [f"{figure.hedge} {figure.value:,.10g}: a round number"]
            if figure.hedge and not figure.bound and _round(figure)
            else []
        )
        doubts += [f"of which day {unclear} is"] if unclear else []
        doubts += [doubt] if (doubt := unlikely(left, right, role)) else []
        doubts += [f"{hearsay[0].strip()!r}: the word of others"] if (hearsay := _HEARSAY.search(text)) else []
        doubts += [f"{other[0].strip()!r}: by another measure"] if (other := _OTHER_MEASURE.search(left)) else []
        doubts += ["passed, and how far is not told"] if role == HELD and _PASSED.search(left) else []
        summed = _SUMMED.search(text, *clause) or _OF_A_YEAR.search(text, *(clause if dated else (0, len(text))))
        if role in (BOUGHT, SOLD) and not dated and (some := SOME_TIME.search(text) or THAT_DAY.search(text)):
            doubts.append(f"{some[0]!r}: of which days is not told")
        if role == MINED and not dated and (span := _LONGER.search(text)):
            doubts.append(f"{span[0]!r}: of which days is not told")
        if (
            role == BOUGHT
            and _ADDED.search(left)
            and not _PAID.search(text)
            and _PRODUCED.search(" ".join((setting.heading, setting.before, text)))
        ):
            doubts.append("added to a treasury, perhaps as mined and not bought")
        doubts += ["a sum of what was told before"] if role in (BOUGHT, SOLD) and summed else []
        doubts += [MINED_AND_HELD] if role == HELD and _SELF_MINED.search(text, figure.at, figure.end) else []
        more = role in (PLEDGED, FREE) and _MORE.search(text[figure.start : figure.at])
        doubts += ["added to others: the whole is not told"] if more else []
        doubts += ["coins held through others are in it"] if role == HELD and _THROUGH_FUNDS.search(right) else []
        doubts += (
            ["hosted by others, or for others, and how many is not told"]
            if role == MINED and _HOSTED.search(right)
            else []
        )
        doubts += ["some coins are left out of it"] if role == HELD and _LEFT_OUT.search(text) else []
        partly = _PARTLY_OWNED.search(text, 0, figure.start)
        doubts += [f"{WHOSE}: {text[:80]!r}"] if owner is None or partly else []
        doubts += [setting.aside] if setting.aside else []
        note = figure.hedge if figure.hedge and not figure.bound else ""
        found.append(StatedCoins(role, figure, day, start, dated, tuple(doubts), note, text))
    return found, unknown


def _round(figure: CoinFigure) -> bool:
    """`approximately 18,000` is rounded; `approximately 18,488` is exact to the coin in spite of its lawyer."""
    return figure.step >= 1 and (figure.value % 100 == 0 or (figure.value >= 10_000 and figure.value % 10 == 0))


def _pair(text: str, figures: list[CoinFigure]) -> tuple[CoinFigure, ...]:
    """`held 2,203 and 780 bitcoin at June 30 and December 31, respectively`: the two numbers, of a day each."""
    if "respectively" not in text:
        return ()
    return next(
        (
            (first, second)
            for first, second in pairwise(figures)
            if second.unit == BTC
            and first.unit in ("", BTC)
            and re.fullmatch(r",? and ", text[first.end : second.start])
        ),
        (),
    )


def _of_pair(
    text: str, figure: CoinFigure, pair: tuple[CoinFigure, ...], days: list[DatePhrase], role: str
) -> tuple[date | None, date | None, list[str], bool]:
    """The day of one of a pair, by the two days told in the same order; None where the sentence tells them in another way."""
    told = [
        (first, second.day, second.end)
        for first, second in pairwise(days)
        if first.whole and second.whole and re.fullmatch(r",? and ", text[first.end : second.at])
    ]
    told += [  # "June 30, 2026 and 2025"
        (first, date(int(year[1]), first.day.month, first.day.day), first.end + year.end())
        for first in days
        if first.whole and (year := _AND_YEAR.match(text[first.end :])) and (first.day.month, first.day.day) != (2, 29)
    ]
    if len(told) != 1 or role not in (HELD, PLEDGED, FREE):
        return None, None, [], False
    first, later, end = told[0]
    if first.at > pair[1].end and not re.match(r",? respectively", text[end:]):
        return None, None, [], False  # "in hot and cold wallets, respectively, at June 30 and July 1"
    two = _TWO_HOLD.search(text, 0, pair[0].start)
    doubts = [f"{two[0]!r}: each number may be of a company, not of a day"] if two else []
    return first.day if figure.at == pair[0].at else later, None, doubts, True


def _with_units(text: str, figures: list[CoinFigure], pair: tuple[CoinFigure, ...] = ()) -> Iterator[CoinFigure]:
    """Coin figures: in BTC as printed, or bare behind words for a holding of bitcoin; and lists that end in "respectively"."""
    paired = _respectively(text, figures) or dict.fromkeys(pair, True)
    for figure in figures:
        if figure in paired:
            if paired[figure]:
                yield replace(figure, unit=BTC)
            continue
        if figure.unit == BTC or figure.coins_of:
            yield figure
        elif not figure.unit and is_bare_holding(text, figure):
            yield replace(figure, unit=BTC)


def _respectively(text: str, figures: list[CoinFigure]) -> dict[CoinFigure, bool]:
    """`BTC and ETH were 768.7 and 27,689.6, respectively`: the figures in the order of the coins; whether each is bitcoin."""
    if "respectively" not in text:
        return {}
    found = re.search(
        r"\b((?:[A-Z]{2,5}|[Bb]itcoin|[Ee]thereum|[Ee]ther|[Ss]olana)(?:,? (?:and )?(?:[A-Z]{2,5}|[Bb]itcoin|[Ee]thereum|[Ee]ther|[Ss]olana)){1,9})\b(.{0,400}?)\brespectively",
        text,
    )
    if not found:
        return {}
    coins = re.findall(r"[A-Z]{2,5}\b|[Bb]itcoin|[Ee]thereum|[Ee]ther|[Ss]olana", found[1])
    numbers = [
        figure
        for figure in figures
        if found.start(2) <= figure.at < found.end(2) and figure.unit in ("", BTC, OTHER_COIN)
    ]
    if len(numbers) != len(coins):
        return dict.fromkeys(numbers, False)
    return {number: coin.lower() in ("btc", "bitcoin") for coin, number in zip(coins, numbers, strict=True)}


def _clause(text: str, figure: CoinFigure) -> tuple[int, int]:
    """Where the figure's clause begins and ends; a participle's clause begins with its sentence."""
    starts = [0] + [found.start() for found in CLAUSE.finditer(text, 0, figure.start)]
    start = starts[-1]
    if _PARTICIPLE.match(text[start:].lstrip(" ,")):
        start = starts[-2] if len(starts) > 1 else 0
        if _PARTICIPLE.match(text[start:].lstrip(" ,")):
            start = 0
    end = next((found.start() for found in CLAUSE.finditer(text, figure.end)), len(text))
    return start, end
