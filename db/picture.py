"""One company at one close as the plain resolver sees it: state, inputs and capital structure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlite_utils import Database

from db.close import Close, close_of
from treasury.metric import evaluate
from treasury.model import Company
from treasury.resolve import State
from treasury.stack import Stack, capital_stack


@dataclass(frozen=True, slots=True)
class Picture:
    """`values` are the day's inputs and every row-wise metric; `rates` US dollars for one unit of each currency used."""

    company: Company
    day: date
    state: State
    values: dict[str, Any]
    stack: Stack
    rates: dict[str, float]


def picture(db: Database, ticker: str, on: str | None = None) -> Picture:
    """The newest close up to a day. Raises InputError where the company has none."""
    return picture_of(close_of(db, ticker, on))


def picture_of(close: Close) -> Picture:
    """What is known at a close, with the capital structure."""
    wanted = {"USD", close.company.currency, *(currency for currency, _ in close.market.rates)}
    wanted |= {one.currency for one in close.instruments}
    rates = {currency: rate for currency in wanted if (rate := close.rate(currency)) is not None}
    stack = capital_stack(
        close.company, close.state, close.inputs, close.evidence, close.instruments, close.splits, rates.get
    )
    return Picture(close.company, close.day, close.state, evaluate(close.inputs), stack, rates)
