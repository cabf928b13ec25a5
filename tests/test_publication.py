"""Rule 1: the day on which a fact without a moment of publication is taken to be known. A sign turned fails each line."""

from __future__ import annotations

from datetime import date

import pytest
from made import CLOSES, ORANGE, fact

from treasury.known.publication import assumed_known_on
from treasury.known.resolve import resolve


@pytest.mark.parametrize(
    ("as_of", "kind", "title", "country", "known"),
    [
        ("2025-03-31", "filing", "10-Q of March 2025", "US", "2025-05-15"),
        ("2025-12-31", "filing", "10-K for 2025", "US", "2026-03-31"),
        ("2025-12-31", "filing", "20-F for 2025", "CN", "2026-04-30"),
        ("2025-12-31", "issuer", "annual report 2025", "JP", "2026-04-30"),
        ("2025-06-30", "issuer", "half-year report", "GB", "2025-09-28"),
        ("2025-06-30", "press", "a newspaper", "GB", "2025-09-28"),
        ("2025-06-30", "press", "a newspaper", "US", "2025-08-14"),
        ("2025-12-31", "press", "a newspaper", "US", "2026-03-31"),
        ("2025-12-31", "press", "a newspaper", "JP", "2026-04-30"),
        ("2025-03-31", "press", "a newspaper", "JP", "2025-05-15"),
        ("2025-05-20", "press", "a newspaper", "JP", "2025-05-20"),
        ("2025-03-31", "filing", "8-K of 2025-03-31", "US", "2025-03-31"),
        ("2025-03-31", "issuer", "press release", "US", "2025-03-31"),
        ("2025-03-31", "tracker", "10-Q as a tracker shows it", "US", "2025-03-31"),
    ],
)
def test_the_day_a_document_is_taken_to_be_known(as_of: str, kind: str, title: str, country: str, known: str) -> None:
    assert assumed_known_on(date.fromisoformat(as_of), kind, title, country) == date.fromisoformat(known)


def test_a_year_end_counts_from_the_day_after_ninety_days_and_not_before() -> None:
    """The report of 2025-12-31 of a US company: assumed on 2026-03-31, so in force from the close of 2026-04-01."""
    as_of = date(2025, 12, 31)
    told = fact("btc_holdings", 10.0, as_of, assumed_known_on(as_of, "filing", "10-K for 2025", "US"))
    for day, held in ((date(2026, 1, 2), None), (date(2026, 3, 31), None), (date(2026, 4, 1), 10.0)):
        state = resolve(ORANGE, day, [told], [], [], CLOSES)
        assert (state.btc.value if state.btc else None) == held, day
