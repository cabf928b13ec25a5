"""That a company holds no bitcoin on a day: zero is a reading where it says so of itself, without an exception."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from scrapers.announcements.days import days_in
from scrapers.announcements.statement import HELD, QUANTITY, Statement

_NONE = re.compile(
    r"\b(?:we|the (?:company|group))\s+(?:currently\s+|now\s+|no\s+longer\s+)?"
    r"(?:(?:(?:does|do|did)\s+not\s+(?:currently\s+)?|(?<=no\slonger\s))(?:holds?|owns?)\s+any|(?:hold|holds|held|own|owns|owned)\s+(?:no|zero))\s+(?:bitcoins?|BTC)\b\s*(?P<more>[^.;]{0,60})",
    re.I,
)
_AS_OF = re.compile(r"\b(?:as\s+of|as\s+at|at|on)\s+$", re.I)
_NOTHING_ELSE = re.compile(
    r"[\s,)”\"]*(?:(?:as\s+of|as\s+at|at)\b.*|(?:and|or)\s+(?:other|any\s+other)?\s*(?:digital|crypto)\S*\s+(?:assets?|currenc\w+)\b.*|(?:and|or)\s+(?:any\s+)?(?:ether(?:eum)?|ETH)\b)?",
    re.I,
)
_VETO = re.compile(
    r"\b(?:if|unless|until|may|might|could|would|will|should|other\s+than|except|besides|apart\s+from|prior|before|customers?|clients?|directly|previously|plans?|intends?|expects?)\b",
    re.I,
)
_LATE = 100  # days; older news is told again


def statements(sentences: Iterable[str], told: date | None) -> Iterator[Statement]:
    """Zero coins, of the one day a sentence names."""
    for sentence in sentences:
        found = _NONE.search(sentence)
        if not found or _VETO.search(sentence) or not _NOTHING_ELSE.fullmatch(found["more"]):
            continue
        days = days_in(sentence, told)
        if len(days) != 1 or not days[0].whole or days[0].inferred or not _AS_OF.search(sentence[: days[0].at]):
            continue
        if told is None or 0 <= (told - days[0].day).days <= _LATE:
            yield Statement(QUANTITY[HELD], 0.0, "BTC", days[0].day, note=f"in words: {found[0][:80].strip()}")
