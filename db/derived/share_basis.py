"""What one share and one listed unit of a day are on today's basis: by this the view `mnav_adjusted` divides. Derived, made anew at will."""

from __future__ import annotations

from datetime import date

from sqlite_utils import Database

from db.tables import objects
from treasury.metrics.adjusted import ADJUSTABLE, ADJUSTED_SUFFIX, COUNTS_OF_SHARES, OF_THE_LISTED_UNIT
from treasury.splits import ShareBasis

# a row of mnav_daily, d, beside the basis of its day, b; without one (a file not yet valued by this version) nothing is known
JOINED = "mnav_daily d LEFT JOIN share_basis b ON b.ticker = d.ticker AND b.from_date <= d.date AND (b.to_date IS NULL OR d.date < b.to_date)"


def refresh(db: Database) -> None:
    """Write the basis of every company, in the caller's transaction."""
    splits, listings = objects.splits(db), objects.listings(db)
    rows: list[tuple[str, str, str | None, float, float | None]] = []
    for company in objects.companies(db).values():
        basis = ShareBasis(
            [one for one in splits if one.ticker == company.ticker],
            [one for one in listings if one.ticker == company.ticker],
        )
        cuts = sorted({split.ex_date for split in basis.splits} | {step for step, _ in basis.steps})
        for begins, ends in zip([None, *cuts], [*cuts, None], strict=True):
            rows.append(
                (
                    company.ticker,
                    str(begins or date.min),
                    None if ends is None else str(ends),
                    basis.shares(begins, date.max),
                    basis.units(begins, date.max),
                )
            )
    if db.execute("SELECT * FROM share_basis ORDER BY ticker, from_date").fetchall() != sorted(
        rows, key=lambda row: row[:2]
    ):
        db.execute("DELETE FROM share_basis")
        db.conn.executemany("INSERT INTO share_basis VALUES (?, ?, ?, ?, ?)", rows)


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
