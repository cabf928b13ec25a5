"""The Hong Kong exchange's form FF301, every issuer's monthly return of its share counts (Listing Rule 13.25B)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrapers.announcements.days import days_in
from scrapers.announcements.layout import Layout
from scrapers.announcements.statement import Statement
from scrapers.formats.text import number

_ENDED = re.compile(r"For the month ended:?\s*(?P<day>\d{1,2} \w+ 20\d\d)")
_PART = re.compile(
    r"Movements in Issued Shares.{0,200}?Class of shares\s+(?P<class>Ordinary shares|[\w ]{3,40}?)\s+Type of shares(?P<rest>.*?)(?=Class of shares|III\. Details|$)",
    re.S,
)
_CLOSE = re.compile(r"Balance at close of the month\s+(?P<own>[\d,]+)\s+(?P<treasury>[\d,]+)\s+(?P<all>[\d,]+)")
_CONVERTIBLE = re.compile(
    r"\b(?P<currency>[A-Z]{3}) (?P<before>[\d,]{5,})(?: [A-Z][a-z]+(?: [\d,]+)?)? (?P<after>[\d,]{5,}|0) (?P<shares>[\d,]+)\s+Type of the Convertibles\s+Bond/Notes"
)


def is_one(page: Layout) -> bool:
    """Whether this is such a form."""
    opening = page.printed[:800]
    return "FF301" in opening and "Monthly Return" in opening


def statements(page: Layout) -> Iterator[Statement]:
    """Issued shares without treasury shares at the end of the month, and the convertible notes outstanding."""
    text = page.printed
    ended = _ENDED.search(text)
    days = days_in(ended["day"], None) if ended else []
    if not days:
        return
    counts = [(part["class"], close) for part in _PART.finditer(text) if (close := _CLOSE.search(part["rest"]))]
    for of_class, close in counts:
        own, treasury, everything = (number(close[name]) for name in ("own", "treasury", "all"))
        doubts: tuple[str, ...] = ("its parts do not add up",) if abs(own + treasury - everything) > 0.5 else ()
        doubts += (f"one of {len(counts)} classes: {of_class}",) if len(counts) > 1 else ()
        yield Statement(
            "shares_basic",
            own,
            "shares",
            days[0].day,
            doubts=doubts,
            note=f"{treasury:,.0f} treasury shares left out" if treasury else "",
        )
    notes = list(_CONVERTIBLE.finditer(text))
    if notes and len({note["currency"] for note in notes}) == 1:
        total = sum(number(note["after"]) for note in notes)
        yield Statement(
            "debt_total",
            total,
            notes[0]["currency"],
            days[0].day,
            doubts=("convertible notes only; other borrowings are not told",),
        )
