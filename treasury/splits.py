"""Shares on one basis: what splits between two days make of one share."""

from __future__ import annotations

from datetime import date

from treasury.model import Split


def split_factor(splits: list[Split], after: date | None, until: date) -> float:
    """New shares for one share of the basis of `after`, on the basis of `until`. `after` None: from the beginning."""
    factor = 1.0
    for split in sorted(splits, key=lambda split: split.ex_date):
        if (after is None or after < split.ex_date) and split.ex_date <= until:
            factor *= split.ratio
    return factor
