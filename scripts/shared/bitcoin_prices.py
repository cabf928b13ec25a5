"""Bitcoin prices as `--btc` takes them: numbers, or levels of the market."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlite_utils import Database

LEVELS = ("now", "high", "50w", "100w")  # bitcoin's last close, highest close, 50- and 100-week averages


def bitcoin_prices(db: Database, text: str, on: str | None) -> dict[str, float]:
    """The prices asked for, by the words they were asked in; levels of the market as known on that day."""
    from db.reads.bitcoin import bitcoin_closes
    from treasury.bitcoin.technicals import levels

    words = _words(text)
    known = levels(bitcoin_closes(db, on)[0]) if set(words) & set(LEVELS) else {}
    found = {}
    for word in words:
        if word not in LEVELS:
            found[word] = number(word)
        elif (price := known[word]) is None:
            raise click.UsageError(f"{word!r} is not known" + (f" on {on}" if on else ""))
        else:
            found[word] = price
    return found


def _words(text: str) -> list[str]:
    from treasury.amounts import split_amounts

    try:
        return split_amounts(text)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None


def number(text: str) -> float:
    from treasury.amounts import MOST_TYPED, read_amount

    try:
        value = read_amount(text)
    except ValueError:
        value = 0.0
    if value <= 0:
        raise click.UsageError(f"{text.strip()!r} is not a number above nought and up to {MOST_TYPED:,.0f}")
    return value
