"""One bad bar costs itself: what of a series cannot be read is told, what cannot be true is in doubt, while both are the fewer.

Where more than half of the bars are odd, the layout is another one, and the document is refused.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar

from treasury.model import ParseError

At = TypeVar("At", date, datetime)
Bar = TypeVar("Bar", bound=Hashable)


class Odd(NamedTuple, Generic[At]):
    """A bar that is not used, and why; its moment and its value as far as they could be read."""

    at: At | None
    value: float | None
    why: str


def check_few(source: str, odd: Sequence[Odd[At]], of: int) -> None:
    """Raise ParseError with the first reason where more than half of the bars are odd."""
    if 2 * len(odd) > of:
        raise ParseError(f"{source}: {odd[0].why}")


def reason(error: ParseError) -> str:
    """What a ParseError says, without the name of the source before it."""
    return str(error).partition(": ")[2]


def in_doubt(odd: Iterable[Odd[At]]) -> list[tuple[At, float, str]]:
    """Moment, value and reason of the odd bars that have both: they wait in quarantine."""
    return [(one.at, one.value, one.why) for one in odd if one.at is not None and one.value is not None]


def unreadable(odd: Iterable[Odd[At]]) -> list[str]:
    """The reasons of the others: there is no number of a day that could wait."""
    return [one.why for one in odd if one.at is None or one.value is None]


def each_once(
    bars: Iterable[Bar], at: Callable[[Bar], At], value: Callable[[Bar], float | None]
) -> tuple[list[Bar], list[Odd[At]]]:
    """The bars whose moment is there once, and the others: of two different bars of one moment neither is believed.

    One repeated to the letter is one bar.
    """
    read = list(dict.fromkeys(bars))
    times = Counter(at(bar) for bar in read)
    twice = [bar for bar in read if times[at(bar)] > 1]
    odd = [Odd(at(bar), value(bar), f"found {times[at(bar)]} bars of {at(bar)}, expected each once") for bar in twice]
    return [bar for bar in read if times[at(bar)] == 1], odd


def sifted(
    bars: Iterable[Bar], at: Callable[[Bar], At], value: Callable[[Bar], float | None], *, newest_first: bool = False
) -> tuple[list[Bar], list[Odd[At]]]:
    """Like `each_once`, and only the bars that stand in order: those in every longest run of ascending moments.

    `newest_first`: of descending ones.
    """
    once, odd = each_once(bars, at, value)
    stand = _stands([at(bar) for bar in once], newest_first)
    order = "newest first" if newest_first else "oldest first"
    for bar, stands in zip(once, stand, strict=True):
        if not stands:
            odd.append(
                Odd(at(bar), value(bar), f"found the bar of {at(bar)} out of order, expected {order}, each once")
            )
    return [bar for bar, stands in zip(once, stand, strict=True) if stands], odd


def _stands(moments: Sequence[At], newest_first: bool) -> list[bool]:
    """Which of these, each there once, belong to every longest run in order."""
    ranks = {moment: rank for rank, moment in enumerate(sorted(moments, reverse=newest_first))}
    order = [ranks[moment] for moment in moments]
    upto, onward = _runs(order), _runs([-rank for rank in order[::-1]])[::-1]
    longest = max(upto, default=0)
    on_longest = [one + other - 1 == longest for one, other in zip(upto, onward, strict=True)]
    places = Counter(one for one, on in zip(upto, on_longest, strict=True) if on)
    return [on and places[one] == 1 for one, on in zip(upto, on_longest, strict=True)]


def _runs(order: Sequence[int]) -> list[int]:
    """The length of the longest ascending run that ends at each."""
    ends: list[int] = []  # the lowest end of a run of each length
    lengths = []
    for rank in order:
        length = bisect_left(ends, rank)
        ends[length : length + 1] = [rank]
        lengths.append(length + 1)
    return lengths
