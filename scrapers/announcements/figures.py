"""The numbers of a sentence or cell, each with what stands around it: sign, scale, unit, and how sure its author was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scrapers.formats.number_words import number_in
from scrapers.formats.text import SIGNS, scale

BTC, PERCENT, OTHER_COIN = "BTC", "percent", "other coin"

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_ISO = r"USD|GBP|EUR|JPY|HKD|CAD|AUD|SEK|CHF|BRL|KRW|SGD|NZD|INR|NOK|DKK|TWD|THB|CNY|RMB"
_SIGN = "|".join(re.escape(sign) for sign in (*SIGNS, "₿"))
_SCALE = r"(?i:thousand|million|billion|trillion|mn|bn|mm|[kmb])(?![A-Za-z])|千|万|百万|億|十億|兆"
COIN = r"(?:bitcoins?(?: ?\(\W{0,2}(?:BTC|bitcoins?)\W{0,2}\))?|BTCs?|XBT|ビットコイン)"
_FIGURE = re.compile(
    rf"(?<![\w.,/:’'$€£¥₿-])(?:(?P<iso>{_ISO})[ :]?)?(?P<minus>[-−–△▲]|\()?(?P<sign>{_SIGN})? ?(?P<minus2>[-−])?"
    rf"(?P<digits>{_DIGITS})(?![\d]|[.,]\d|:\d|/\d)"
    rf"(?:[ -]?(?P<scale>{_SCALE})(?![A-Za-z]))?"
    rf"(?:(?P<percent> ?(?:%|per ?cent\b|percent\b))|(?P<yen> ?(?:円(?:/BTC)?|[Yy]en\b))|(?P<after> (?:{_ISO})\b))?"
)
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d|[.,]\d)")
_ONE_GROUPED = re.compile(r"(\D{0,8})(\d{1,3}(?: \d{3})+)((?:[.,]\d+)?(?:[^\d].*)?)")
_SPACED_COINS = re.compile(rf"(?<![\d.,])(\d{{1,3}}(?: \d{{3}})+(?:[.,]\d+)?)(?=\s?{COIN}\b)")
_WORDS = re.compile(
    r"(?<![\w-])((?:(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    r"eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|and)[ -]?)+)"
    rf"(?:additional |new |more )?(?={COIN}\b)",
    re.I,
)
_UNIT = re.compile(
    rf"\s?(?:additional |new |more |further |extra |newly[- ]\w+ |self[- ]mined |of (?:its|our|the|his) |units of |(?:un)?restricted and (?:un)?restricted )?(?P<coin>{COIN})(?![\w])",
    re.I,
)
_NOT_COINS = re.compile(
    r"[- ]?(?:denominated|backed|linked|pegged|referenced|based|equivalents?|treasur(?:y|ies) (?:compan|strateg|vehicle)|ETFs?|ETPs?|ATMs?|miners?\b|mining\b|"
    r"machines?|rigs?|compan(?:y|ies)|yield|gains?\b|futures|options?\b|puts?\b|calls?\b|contracts?|trusts?\b|funds?\b|wallets?|addresses|nodes?|"
    r"blocks?\b|cash\b|SV\b|conference|transactions?\b|price|per\b|prize|bonds?\b|loans?\b|notes?\b|hedg\w+|investors?|holders?\b|users?|customers?|strateg)",
    re.I,
)
_OTHER = re.compile(
    r"\s?(?:additional |staked |liquid )?(?:(?i:ethers?|ethereum|solana|ripple|dogecoin|litecoin|avalanche|tokens?|coins?|stablecoins?|satoshis?|sats)\b|"
    r"(?!(?:BTC|USD|EUR|GBP|JPY|CAD|AUD|HKD|SEK|CHF|EH|PH|TH|MW|GW|MWh|KW|AI|HPC|GPU|ATM|RSU|PSU|SPAC|CEO|CFO|IPO|ETF|ADS|PT|ET|EST|EDT|PM|AM|GMT|UTC|US|UK|EU|HK|FY|YTD|QTD|LLC|PLC)\b)"
    r"[A-Z]{3,5}\b(?![./]))"
)
_HEDGE = re.compile(
    r"(?:^|(?<=[\s(,:~≈]))(?P<word>approximately|approx\.?|about|around|roughly|circa|ca\.|c\.|some|nearly|almost|over|more than|above|exceeding|"
    r"at least|up to|as (?:many|much) as|under|less than|fewer than|in excess of|close to|an estimated|estimated|a minimum of|a maximum of|up to and including)\s*$",
    re.I,
)
_SOFT = re.compile(
    r"(?:(?<=[\s(])|^)(?:(?:a )?(?:grand |combined |cumulative |further |net )?total of|an aggregate (?:total |amount |number )?of|in aggregate|an additional|an? (?:further|extra)|another|additional|"
    r"a record|just|only|exactly|its|our|the|US|net of|amounts? of|(?:the )?equivalent of|[~≈(])\s*$",
    re.I,
)
_SIGNED = re.compile(r"[~≈]\s*$")
_APPROXIMATE = (
    "approximately",
    "approx",
    "about",
    "around",
    "roughly",
    "circa",
    "ca",
    "c",
    "some",
    "~",
    "close to",
    "an estimated",
    "estimated",
)
_UPPER = ("up to", "as many as", "as much as", "a maximum of", "up to and including")


@dataclass(frozen=True, slots=True)
class CoinFigure:
    """One number in whole units. `unit` is BTC, percent, an ISO currency, "other coin", or "" where none is printed.

    `hedge` is the word before it that makes it no exact number; `step` is what one unit of its last printed digit is worth.
    `start` is where its text begins (hedges and articles included), `at` where its digits begin, `end` where its unit ends.
    """

    value: float
    step: float
    unit: str
    at: int
    end: int
    start: int
    hedge: str = ""
    coins_of: str = ""  # the words after a unit that make it no number of coins: "bitcoin miners"

    @property
    def bound(self) -> bool:
        """Over, nearly, up to: a bound and no number."""
        return bool(self.hedge) and self.hedge not in _APPROXIMATE

    @property
    def ceiling(self) -> bool:
        return self.hedge in _UPPER


def figures_in(text: str) -> list[CoinFigure]:
    """Every number of the text in order; one that touches letters or other digits in a way nobody writes is none."""
    found = [figure for match in _FIGURE.finditer(text) if (figure := _figure(text, match)) is not None]
    found += list(_written_out(text)) + list(_spaced(text))
    kept: list[CoinFigure] = []
    for figure in sorted(found, key=lambda each: (each.at, -each.end)):
        if kept and figure.at < kept[-1].end:
            if figure.end > kept[-1].end and figure.unit == BTC:  # "1 051 BTC" covers "1" and "051 BTC"
                kept[-1] = figure
            continue
        kept.append(figure)
    grouped = [found.span() for found in _GROUPED.finditer(text)]
    return [each for each in kept if not any(_is_part(each, *span) for span in grouped)]


def thousands_joined(text: str) -> str:
    """A cell or value that is one number with blanks between its thousands, with commas instead."""
    found = _ONE_GROUPED.fullmatch(text)
    return f"{found[1]}{found[2].replace(' ', ',')}{found[3]}" if found else text


def _is_part(figure: CoinFigure, begins: int, ends: int) -> bool:
    """Whether a bare number is a group of digits beside others: "15 391" may be one number or two."""
    return figure.unit in ("", BTC) and begins <= figure.at < ends and not (figure.at == begins and figure.end >= ends)


def _figure(text: str, match: re.Match[str]) -> CoinFigure | None:
    digits = match["digits"]
    if len(digits) > 24:
        return None
    follows = text[match.end() : match.end() + 1]
    if (
        not (match["percent"] or match["yen"] or match["after"] or match["scale"])
        and follows.isalpha()
        and not _UNIT.match(text, match.end())
    ):
        return None  # "3rd", "99.1a", "20-F"
    multiplier = scale(match["scale"]) if match["scale"] else 1
    plain_digits = digits.replace(",", "")
    decimals = len(plain_digits.partition(".")[2])
    value = float(plain_digits) if multiplier == 1 else round(float(plain_digits) * multiplier, 6)
    minus = match["minus2"] or match["minus"] in ("-", "−", "△", "▲")
    if (
        match["minus"] == "("
        and match.start() < len(text)
        and text[match.end() : match.end() + 1] == ")"
        and not match["sign"]
    ):
        minus = _parenthesised(text, match)
    if match["minus"] == "–" and not match["sign"]:
        minus = False
    sign = match["sign"]
    unit = (
        match["iso"] or (match["after"] or "").strip() or (SIGNS.get(sign, "") if sign and sign != "₿" else "")
    ).replace("RMB", "CNY")
    end, of = match.end(), ""
    if sign == "₿":
        unit = BTC
    elif match["percent"]:
        unit = PERCENT
    elif match["yen"]:
        unit = "JPY"
    elif not unit:
        unit, end, of = _coins(text, match.end())
    start, hedge = _hedged(text, match.start())
    return CoinFigure(-value if minus else value, multiplier / 10**decimals, unit, match.start(), end, start, hedge, of)


def _parenthesised(text: str, match: re.Match[str]) -> bool:
    """A number alone in brackets is negative in a cell, and a remark in a sentence."""
    return match.start() == 0 and match.end() + 1 == len(text)


def _coins(text: str, place: int) -> tuple[str, int, str]:
    if unit := _UNIT.match(text, place):
        noun = _NOT_COINS.match(text, unit.end())
        return ("", unit.end(), text[unit.start() : noun.end()].strip()) if noun else (BTC, unit.end(), "")
    if other := _OTHER.match(text, place):
        return OTHER_COIN, other.end(), ""
    return "", place, ""


def _hedged(text: str, place: int) -> tuple[int, str]:
    """Where the articles and hedges before a number begin, and the strongest hedge among them."""
    hedge = ""
    for _ in range(5):
        before = text[max(0, place - 40) : place]
        if found := _HEDGE.search(before):
            hedge = found["word"].lower().rstrip(".")
        elif found := _SIGNED.search(before):
            hedge = hedge or "~"
        elif not (found := _SOFT.search(before)):
            break
        place -= len(before) - found.start()
    return place, hedge


def _written_out(text: str) -> Iterator[CoinFigure]:
    """`eight bitcoins`; "one bitcoin" is a price's unit more often than a holding."""
    for match in _WORDS.finditer(text):
        value = number_in(match[1].strip())
        if value is None or value < 2:
            continue
        unit, end, of = _coins(text, match.end())
        start, hedge = _hedged(text, match.start())
        yield CoinFigure(float(value), 1.0, unit, match.start(), end, start, hedge, of)


def _spaced(text: str) -> Iterator[CoinFigure]:
    """`1 051 BTC`, as Swedes and Frenchmen group their thousands."""
    for match in _SPACED_COINS.finditer(text):
        number = match[1].replace(" ", "").replace(",", ".")
        unit, end, of = _coins(text, match.end())
        start, hedge = _hedged(text, match.start())
        yield CoinFigure(
            float(number), 10.0 ** -len(number.partition(".")[2]), unit, match.start(), end, start, hedge, of
        )
