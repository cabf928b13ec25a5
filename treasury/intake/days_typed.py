"""Days as people type them: 2025-11-07, a month, a year, today, yesterday."""

from __future__ import annotations

import re
from datetime import date, timedelta

from treasury.intake.csv_files import day


def day_typed(text: str, today: date, *, first: bool) -> str:
    """The day as YYYY-MM-DD; of a month or year the first, or else the last. Raises ValueError for what is no day."""
    word = text.strip().lower()
    if word in ("today", "yesterday"):
        return (today - timedelta(days=word == "yesterday")).isoformat()
    if found := re.fullmatch(r"([12]\d{3})(?:-(0[1-9]|1[0-2]))?", word, re.ASCII):
        year, month = int(found[1]), int(found[2] or (1 if first else 12))
        begins = date(year, month, 1)
        ends = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return (begins if first else ends).isoformat()
    try:
        return day(word)
    except ValueError:
        raise ValueError(f"{text!r} is not a day; write YYYY-MM-DD, YYYY-MM, today or yesterday") from None
