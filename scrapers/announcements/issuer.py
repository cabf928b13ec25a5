"""Whose notice it is, when it was given, and whether the company speaks or somebody writes about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from scrapers.announcements.days import days_in
from scrapers.announcements.layout import Layout, Paragraph

_CIK = re.compile(r"/edgar/data/(\d{1,10})/", re.I)
_CENTRAL = re.compile(r"CENTRAL INDEX KEY:?\s*(\d{4,10})")
_META = re.compile(rb"<meta\s+name=[\"']sec-cik[\"']\s+content=[\"'](\d{4,10})", re.I)
_TAGGED = re.compile(rb"name=\"dei:EntityCentralIndexKey\"[^>]*>(?:<[^>]+>)*\s*(\d{4,10})", re.I)
_DEFINED = re.compile(
    r"(?P<name>[A-Z0-9][\w.,&’' -]{1,70}?)\s*(?:\([^()]{0,90}\)\s*)?(?:,? (?:together|collectively) with [^()]{0,60})?\((?:together with [^()]{0,60}?,? ?|collectively,? )?"
    r"[“\"‘'](?P<short>[^”\"’']{2,40})[”\"’'](?:[^()]{0,40}?(?:or|and|,)\s*(?:the\s+|“the |\"the )?[“\"‘']?(?:the )?(?P<also>Company|Group|Corporation|Issuer|[\w. -]{2,40}?)[”\"’'])?[^()]{0,30}\)"
)
_CALLED = re.compile(
    r"[“\"‘']([A-Z][\w.&’' -]{1,40}?)[,”\"’']+,? ?(?:or|and|,) ?(?:the )?[“\"‘'](?:the )?(?:Company|Group|Corporation|Issuer|we|our)\b"
)
_SUBSIDIARY = re.compile(
    r"\b(?:its|our|[Tt]he Company[’']s) (?:\w+, )?(?:wholly[- ]owned|100%[- ]owned) (?:[\w-]+ )?subsidiary,? (?P<name>[A-Z][\w&’'-]*(?: [A-Z][\w&’'-]*)*)"
    r"|(?P<also>[A-Z][\w&’'-]*(?: [A-Z][\w&’'-]*)*\.?),? (?:\([^()]{2,60}\), )?an? (?:\w+, )?(?:wholly[- ]owned|100%[- ]owned) (?:[\w-]+ )?subsidiary of (?:ours|the (?:Company|Group|Issuer))\b"
)
_CHARTERED = re.compile(r"^\W*\((?:Exact name|Translation of registrant)", re.I)
_CONFORMED = re.compile(r"COMPANY CONFORMED NAME:\s*([A-Z0-9][\w .,&/-]{2,60}?)(?=\s+CENTRAL INDEX KEY|\s{2,}|$)")
_LISTED = re.compile(  # "(“SWC” or the “Company”, Nasdaq: ASST | …)": tickers behind the name of their exchange
    r"\((?:[“\"][^)”\"]{0,60}[”\"],? ?)?[\w .]{1,60}?\s?[:|]\s?\W{0,2}(?P<ticker>[A-Z0-9.]{1,8})\b[^()]{0,120}\)"
)
_NAME_LENGTH = 90  # characters before its ticker
_DATED = re.compile(
    r"Date of [Rr]eport[^:]{0,60}:\s*(.{6,40})|(?:Date Submitted|Release [Dd]ate|Date|Filing Date|Announcement [Dd]ate)\s*:?\s*\|?\s*(.{6,30})"
)
_DATELINE = re.compile(
    r"^[A-Z][^a-z()]{2,60}?[,–—-]+\s*(?:\w[\w .]{2,20}[,–—-]+\s*)?(.{6,40}?)\s*(?:/|--|—|–|\(|\s-\s)|^.{0,90}?,? ((?:[A-Z][a-z]+\.? \d{1,2}(?:st|nd|rd|th)?,? 20\d\d))\s*(?:/|--|—|–|\(|\s-\s)"
)
_REPORTER = re.compile(
    r"sponsored content|informational purposes only and is not intended to be investing|independent media outlet|\bBenzinga\b|originally published on|"
    r"\bSeeking Alpha\b|seekingalpha|TipRanks|Earnings Call Insights|updates? coverage on|initiat\w+ coverage|\bEpisode \d+\b|"
    r"issued on behalf of and sponsored by|author of the [Aa]rticle|has been retained and compensated|RazorPitch|\bdigest\b|"
    r"per (?:the )?Q[1-4] \d{4} 10-[QK]|would later report|An update from [A-Z].{2,40} is now available|joined Steve Darling",
)
_SUFFIX = re.compile(
    r"(?:,? (?:Inc|Incorporated|Corp|Corporation|Company|Co|Ltd|Limited|plc|PLC|LLC|L\.?P|SA|S\.A|AB|ASA|AG|SE|NV|N\.V|KK|K\.K|Holdings?|Group|Enterprises?|International|Technolog(?:y|ies)|Digital|Global)\b\.?)+$",
    re.I,
)
_LAST_NAME = re.compile(r"(?:[A-Z0-9][\w.&’'-]*,? (?:of |and |& )?)*[A-Z0-9][\w.&’'-]*$")
_BEGINNINGS = frozenset(
    """
    about april as at august by december event events february for friday from in item january july june march may monday
    november october of on september the thursday today tuesday wednesday
    """.split()  # noqa: SIM905 - read as words
)
_NEAR = timedelta(days=8)
_COVER = 2500  # characters in which a notice names itself and its day


@dataclass(frozen=True, slots=True)
class Issuer:
    """`company` as readings name it; `names` are words of its own; `day` is the notice's; `reporter` where somebody else writes.

    `subsidiaries` are words of companies that it owns whole: what they hold is its own, and perhaps not all of it.
    """

    company: str
    names: frozenset[str]
    day: date | None
    reporter: str = ""
    subsidiaries: frozenset[str] = frozenset()

    def owns(self, name: str) -> bool | None:
        """Whether a proper name is the issuer's own; None where nothing is known of its names, and for a company it owns."""
        if not self.names:
            return None
        words = significant(name)
        if words & self.names or any(
            len(own) >= 4 and len(word) >= 4 and (own in word or word in own) for own in self.names for word in words
        ):
            return True
        return None if words & self.subsidiaries else False


def cik_of(url: str, body: bytes, printed: str) -> str:
    """`CIK 0001920406` by the address of the filing, its tags or its header; "" where none is told."""
    found = _CIK.search(url)
    number = found[1] if found else ""
    for pattern in (_TAGGED, _META):
        if not number and (tagged := pattern.search(body[:200_000])):
            number = tagged[1].decode()
    if not number and (header := _CENTRAL.search(printed[:5000])):
        number = header[1]
    return f"CIK {int(number):010d}" if number else ""


def issuer_of(page: Layout, company: str, names: Iterable[str], published_on: date | None) -> Issuer:
    """Who speaks. `names` are what the issuer is known as beside what the notice itself says."""
    printed = page.printed
    own = {word for name in (*names, *_own_names(page, printed, company)) for word in significant(name)}
    ticker = company.partition(".")[0]
    if not company.startswith("CIK ") and not ticker.isdigit():
        own.add(ticker.lower())
    marker = _REPORTER.search(f"{page.title} {printed} {page.links}")
    owned = {
        word for found in _SUBSIDIARY.finditer(printed[:60_000]) for word in significant(found["name"] or found["also"])
    }
    return Issuer(company, frozenset(own), _day(page, published_on), marker[0] if marker else "", frozenset(owned))


def significant(name: str) -> frozenset[str]:
    """The words by which a name is told from others, lower case, legal forms left out."""
    bare = _SUFFIX.sub("", name.strip(" .,'’s"))
    words = re.findall(r"[a-z0-9]{2,}", re.sub(r"[’']s\b", "", bare).lower())
    common = {
        "the",
        "and",
        "of",
        "company",
        "group",
        "corporation",
        "holdings",
        "bitcoin",
        "btc",
        "treasury",
        "inc",
        "ltd",
        "plc",
        "digital",
        "capital",
        "technologies",
    }
    return frozenset(words) - common or frozenset(words) - {"the", "and", "of", "company", "group"}


def _own_names(page: Layout, printed: str, company: str) -> list[str]:
    top = printed[:60_000]
    found = [
        name
        for match in _DEFINED.finditer(top)
        if match["also"] or "ompany" in match["short"]
        for name in (_tail(match["name"]), match["short"])
        if "ompany" not in name
    ]
    found += [match[1] for match in _CALLED.finditer(top)]
    found += [match[1] for match in _CONFORMED.finditer(top)]
    texts = [block.text for block in page.blocks if isinstance(block, Paragraph)][:80]
    found += [before for before, text in pairwise(texts) if _CHARTERED.match(text) and len(before) < 80]
    ticker = company.partition(".")[0]
    found += [
        _tail(printed[max(0, match.start() - _NAME_LENGTH) : match.start()])
        for match in _LISTED.finditer(printed)
        if match["ticker"].partition(".")[0] == ticker
    ]
    return found


def _tail(text: str) -> str:
    """The name a definition stands behind: the last capitalised words, without the day or the word that begins the sentence."""
    found = _LAST_NAME.search(text.strip(" ,"))
    words = found[0].replace(",", " ").split() if found else []
    while words and (words[0].lower() in _BEGINNINGS or words[0][:1].isdigit()):
        words.pop(0)
    return " ".join(words)


def _day(page: Layout, published_on: date | None) -> date | None:
    """The day the notice bears, where it is near the moment it was published; else that moment's day."""
    printed = list(_printed_days(page))
    if published_on is None:
        return printed[0] if printed else None
    near = [day for day in printed if timedelta(days=-1) <= published_on - day <= _NEAR]
    return min(near, key=lambda day: abs(published_on - day)) if near else published_on


def _printed_days(page: Layout) -> list[date]:
    texts = [
        block.text
        if isinstance(block, Paragraph)
        else " ".join((row.label + " " + " ".join(cell.text for cell in row.cells)) for row in block.rows)
        for block in page.blocks
    ]
    found: list[date] = []
    read = 0
    for text in texts:
        if read > _COVER and not text.startswith(("Date", "DATE")):
            continue
        read += len(text)
        alone = days_in(text, None) if len(text) <= 40 else []
        if alone and alone[0].whole and len(text) - (alone[0].end - alone[0].at) <= 20:
            found.append(alone[0].day)
        for pattern in (_DATED, _DATELINE):
            for match in pattern.finditer(text[:400]):
                found += [day.day for part in match.groups() if part for day in days_in(part, None)[:1] if day.whole]
    return found
