"""How sure a mean or a sum is: circular block bootstrap with a seed, so that the same question has the same answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

DRAWS = 2_000
LEVEL = 0.95


Statistic = Callable[[Any], Any]  # of drawn values, a row each


def mean(drawn: Any) -> Any:
    return drawn.mean(axis=1)


def interval(
    values: Sequence[float], *, block: int = 1, tries: int = 1, seed: int = 0, draws: int = DRAWS, of: Statistic = mean
) -> tuple[float, float] | None:
    """The interval of the mean, or of what `of` makes of each row of drawn values; None for fewer values than two blocks.

    Blocks of neighbouring values keep what depends on the day before together. `tries` is how many rules were looked at
    before this one: the interval holds for all of them together (Bonferroni: 1 − 5 % / tries).
    """
    if len(values) < 2 * block:
        return None
    data = np.asarray(values, dtype=float)
    blocks = -(-len(data) // block)
    starts = np.random.default_rng(seed).integers(0, len(data), size=(draws, blocks))
    taken = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, : len(data)] % len(data)
    tail = (1 - LEVEL) / tries / 2
    low, high = np.quantile(of(data[taken]), [tail, 1 - tail])
    return float(low), float(high)
