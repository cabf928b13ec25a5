"""A number, or the code of the reason why there is none."""

from __future__ import annotations

from typing import NamedTuple


class Answer(NamedTuple):
    """`value` None is unknown, and `reason` then says why (docs/metrics.md, codes). `note` says what the number leaves out."""

    value: float | None
    reason: str = ""
    note: str = ""


def unless_missing(value: float | None, reason: str) -> Answer:
    """The value, or the reason where it is unknown."""
    return Answer(None, reason) if value is None else Answer(value)
