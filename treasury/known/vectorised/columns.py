"""What goes into the kernel and what comes out of it, as columns. Days are int64 days since 1970."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
NEVER = np.int64(1 << 40)  # later than any day
Value = TypeVar("Value", bound=Hashable)
MONEY = ("cash", "debt", "preferred", "cost_basis")


def coded(values: Sequence[Value]) -> tuple[Ints, list[Value]]:
    """Values as codes of the distinct ones among them, and these in the order they come: most facts share their texts."""
    code = {one: number for number, one in enumerate(dict.fromkeys(values))}
    return np.array([code[one] for one in values], dtype=np.int64), list(code)


@dataclass(frozen=True, slots=True)
class FactColumns:
    """Facts as columns of equal length, as the database gives them. Texts are as stored; retracted facts are left out."""

    id: Sequence[int]
    ticker: Sequence[str]
    instrument: Sequence[str | None]
    quantity: Sequence[str]
    as_of: Sequence[str]
    known_at: Sequence[str]
    known_assumed: Sequence[int]
    value: Sequence[float]
    unit: Sequence[str]
    source: Sequence[str]
    source_kind: Sequence[str]
    period_start: Sequence[str | None]
    copied: Sequence[int]


@dataclass(frozen=True, slots=True)
class Claims:
    """Convertibles (kind 0 debt, 1 preferred, 3 net-share settled), awards (kind 2), every series of preferred stock (kind 4), and
    borrowings where no total of debt is known (kind 5) of states, sorted by state. `at` is the conversion price or strike (NaN: none, gross); of a series what one share is owed (NaN: not known)."""

    state: Ints
    kind: Ints
    instrument: list[str]
    unit: Ints
    amount: Floats
    at: Floats
    fact: Ints


@dataclass(frozen=True, slots=True)
class States:
    """One row per company and change of what was known, sorted by company and day; NaN and −1 are unknown.

    `fact` and `as_of` name the chosen fact even where its value is not used (NaN) for the reason in `reason`. Money is in `unit[name]` (a code of `units`); `parts` holds amounts in further currencies. Convertibles and awards
    are flat columns with the state they belong to; `dilution_known` says whether the awards are complete, `from_before`
    whether the share count is from before a large reverse split, `cost_elsewhere` whether the cost is of other coins.
    """

    units: tuple[str, ...]
    company: Ints
    day: Ints
    value: dict[str, Floats]
    unit: dict[str, Ints]
    as_of: dict[str, Ints]
    fact: dict[str, Ints]
    split_factor: Floats
    dilution_known: Ints
    known_assumed: Ints
    from_before: Ints
    cost_elsewhere: Ints
    missing: list[str]
    reason: list[str]
    secondary: list[str]
    parts: dict[str, tuple[Ints, Ints, Floats]]
    claims: Claims
