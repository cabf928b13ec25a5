"""What one share and one listed unit of a day are on today's basis: by this the view `mnav_adjusted` divides. Derived, made anew at will."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from db.tables import objects
from treasury.metrics.adjusted import ADJUSTABLE, ADJUSTED_SUFFIX, COUNTS_OF_SHARES, OF_THE_LISTED_UNIT
from treasury.splits import ShareBasis

if TYPE_CHECKING:
    from sqlite_utils import Database

    from treasury.model import Listing, Split

# a row of mnav_daily, d, beside the basis of its day, b; without one (a file not yet valued by this version) nothing is known
JOINED = "mnav_daily d LEFT JOIN share_basis b ON b.ticker = d.ticker AND b.from_date <= d.date AND (b.to_date IS NULL OR d.date < b.to_date)"


def refresh(db: Database) -> None:
    """Write the basis of every company, in the caller's transaction."""
    splits: dict[str, list[Split]] = {}
    listings: dict[str, list[Listing]] = {}
    for split in objects.splits(db):
        splits.setdefault(split.ticker, []).append(split)
    for listing in objects.listings(db):
        listings.setdefault(listing.ticker, []).append(listing)
    whole = _stretches((), ())  # of most companies
    rows = [
        (ticker, *stretch)
        for (ticker,) in db.execute("SELECT ticker FROM company").fetchall()
        for stretch in (
            _stretches(splits.get(ticker, ()), listings.get(ticker, ()))
            if ticker in splits or ticker in listings
            else whole
        )
    ]
    if db.execute("SELECT * FROM share_basis ORDER BY ticker, from_date").fetchall() != sorted(
        rows, key=lambda row: row[:2]
    ):
        db.execute("DELETE FROM share_basis")
        db.conn.executemany("INSERT INTO share_basis VALUES (?, ?, ?, ?, ?)", rows)


def _stretches(
    splits: Sequence[Split], listings: Sequence[Listing]
) -> list[tuple[str, str | None, float, float | None]]:
    """Of one company from one split or change of its unit to the next: the first day, the day after the last, and what a share and a unit are today."""
    basis = ShareBasis(splits, listings)
    cuts = sorted({split.ex_date for split in basis.splits} | {step for step, _ in basis.steps})
    return [
        (
            str(begins or date.min),
            None if ends is None else str(ends),
            basis.shares(begins, date.max),
            basis.units(begins, date.max),
        )
        for begins, ends in zip([None, *cuts], [*cuts, None], strict=True)
    ]


def columns() -> dict[str, str]:
    """Every adjusted column as SQL over JOINED."""
    return {f"{name}{ADJUSTED_SUFFIX}": _on_todays_basis(name) for name in ADJUSTABLE}


def _on_todays_basis(name: str) -> str:
    if name in COUNTS_OF_SHARES:
        return f"d.{name} * b.shares"
    return f"d.{name} / b.{'units' if name in OF_THE_LISTED_UNIT else 'shares'}"


def adjusted_sql() -> str:
    """The view `mnav_adjusted`: a row for each of mnav_daily."""
    made = ",\n  ".join(f"{sql} AS {name}" for name, sql in columns().items())
    return f"""
SELECT
  d.ticker AS ticker, d.date AS date,
  {made}
FROM {JOINED}"""
