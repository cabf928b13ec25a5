"""One row a close of a company, with its price, shares, bitcoin and claims: the facts, prices and companies it tells.

What a row tells counts as known before the close of its day: it is what its writer knew at that close.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from treasury.errors import InputError
from treasury.intake.csv_files import COMPANY_CLOSE, SHEETS, TOLD_BY_COLUMN, Row, Sheet, Value, symbol
from treasury.quantities import A_CURRENCY, QUANTITIES

USER = "user"  # the kind of source of whatever a person typed in
UNKNOWN_COUNTRY = "ZZ"  # ISO 3166's for a country nobody named
DEFAULT_CURRENCY = "USD"


def tells_closes(sheet: Sheet) -> bool:
    return sheet.kind == COMPANY_CLOSE.kind


def as_files(rows: Iterable[Row], name: str, currencies: Mapping[str, str]) -> list[tuple[Sheet, list[Row], str]]:
    """The rows of file `name` as files of source, company, fact and equity_price; `currencies` are those of companies stored already.

    Raises InputError (naming file and line) for a symbol that is none and for a company told in two currencies.
    """
    source = f"{USER}-{name}"
    known = dict(currencies)
    made: dict[str, list[Row]] = {kind: [] for kind in ("source", "company", "fact", "equity_price")}
    made["source"].append(_row("source", 1, id=source, kind=USER, title=f"entered by hand ({name})"))
    problems: list[str] = []
    for row in rows:
        ticker, told, place = str(row["ticker"]), row["currency"], f"{name}:{row.line}"
        if ticker not in known:
            try:
                symbol(ticker)
            except ValueError as problem:
                problems.append(f"{place}: ticker: {problem}")
                continue
            known[ticker] = str(told or DEFAULT_CURRENCY)
            made["company"].append(_company(row, source, known[ticker]))
        if told not in (None, known[ticker]):
            problems.append(f"{place}: currency: {ticker} is told in {known[ticker]}, not in {told}")
            continue
        made["fact"] += _facts(row, source, known[ticker])
        price = {"ticker": ticker, "date": row["date"], "close": row["price"]}
        made["equity_price"].append(_row("equity_price", row.line, **price, source=source))
    if problems:
        raise InputError("\n".join(problems))
    return [(SHEETS[kind], found, name) for kind, found in made.items() if found]


def _company(row: Row, source: str, currency: str) -> Row:
    return _row(
        "company", row.line, ticker=row["ticker"], name=row["name"] or row["ticker"], mic=row["exchange"],
        country=row["country"] or UNKNOWN_COUNTRY, currency=currency, kind="treasury", source=source,
    )  # fmt: skip


def _facts(row: Row, source: str, currency: str) -> list[Row]:
    return [
        _row(
            "fact", row.line, ticker=row["ticker"], quantity=quantity, as_of=row["date"], known_at=f"{row['date']}T00:00:00Z",
            value=row[column], unit=currency if QUANTITIES[quantity].unit == A_CURRENCY else QUANTITIES[quantity].unit, source=source,
        )
        for column, quantity in TOLD_BY_COLUMN.items()
        if row[column] is not None
    ]  # fmt: skip


def _row(sheet: str, line: int, /, **values: Value) -> Row:
    made = Row({column: values.get(column) for column in SHEETS[sheet].header})
    made.line = line
    return made
