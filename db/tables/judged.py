"""What people bring is judged as what is scraped is: closes in doubt wait in quarantine, what cannot be true is refused with its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from db.tables.entered import entered
from db.tables.for_scraping import history
from db.tables.store import add, refuse
from treasury.intake.csv_files import SHEETS, Row, Sheet, Value
from treasury.intake.lone_prices import lone_prices
from treasury.intake.plausible import LONG_ENOUGH, SAME_SPLIT_DAYS, WHOLE_COUNTS, History, priced
from treasury.splits import ADJUSTED, is_large, step_at

if TYPE_CHECKING:
    from sqlite_utils import Database

PRICED = ("equity_price", "instrument_price")
JUDGED = (*PRICED, "btc_price", "fx_rate", "fact", "retraction")  # the rest tells what these can be
Sheets = list[tuple[Sheet, list[Row], str]]
Listing = tuple[str, str | None]  # a company's shares, or one of its instruments


class _Close(NamedTuple):
    """A close of a file, or one that waits in quarantine (`row` None)."""

    row: Row | None
    close: float
    source: str
    file: str

    @property
    def line(self) -> str:
        return f"{self.file}:{self.row.line if self.row else 0}"


def add_judged(
    db: Database, sheets: Iterable[tuple[Sheet, list[Row], str]], now: datetime
) -> tuple[Counter[str], list[str]]:
    """Store rows of any kinds as `add` does, but for closes in doubt: how many rows are new or changed, and those kept out, in words.

    Closes that waited are stored once those told now speak for them. Raises InputError (naming file and line) for rates,
    bitcoin prices and first share counts that cannot be true, adjusted closes beside a known split, and a split told twice.
    """
    sheets = entered(db, sheets, now.date())
    _refuse_split_again(db, [one for one in sheets if one[0].kind == "split"])
    counts = add(db, [one for one in sheets if one[0].kind not in JUDGED])
    told = {kind: [one for one in sheets if one[0].kind == kind] for kind in JUDGED}
    if not any(told.values()):
        return counts, []
    known = history(db)
    _refuse_adjusted(db, told["equity_price"])
    refuse([*_rates(known, told["fx_rate"]), *_bitcoin(known, told["btc_price"])])
    believed, kept_out = _closes(db, known, [one for kind in PRICED for one in told[kind]], now)
    refuse(list(_first_counts(db, known, told["fact"])))
    others = [one for kind in JUDGED if kind not in PRICED for one in told[kind]]
    return counts + add(db, [*believed, *others]), kept_out


# -- splits --------------------------------------------------------------------------------------------------------


def _refuse_split_again(db: Database, sheets: Sheets) -> None:
    """A split within days of a known one of another day is the same split, and would count twice."""
    stored: dict[str, list[str]] = {}
    for ticker, day in db.execute("SELECT ticker, ex_date FROM split").fetchall():
        stored.setdefault(ticker, []).append(day)
    refuse(
        [
            f"{name}:{row.line}: {row['ticker']} has a split of {day}, which would count twice; withdraw that one, or take this row out"
            for _, rows, name in sheets
            for row in rows
            for day in stored.get(str(row["ticker"]), ())
            if day != row["ex_date"] and abs((_day(day) - _day(row["ex_date"])).days) <= SAME_SPLIT_DAYS
        ]
    )


def _refuse_adjusted(db: Database, sheets: Sheets) -> None:
    """Closes beside a large split that do not step by it were adjusted for it: with the split they would count twice."""
    splits = [
        split
        for split in db.execute("SELECT ticker, ex_date, numerator / denominator FROM split").fetchall()
        if is_large(split[2])
    ]
    told: dict[str, dict[date, tuple[float, str]]] = {ticker: {} for ticker, *_ in splits}
    for _, rows, name in sheets:
        for row in rows:
            if (lines := told.get(str(row["ticker"]))) is not None:
                lines[_day(row["date"])] = (float(str(row["close"])), f"{name}:{row.line}")
    problems: list[str] = []
    for ticker, ex_day, ratio in splits:
        ex_date, lines = _day(ex_day), told[ticker]
        closes = sorted({**_stored(db, ticker), **{day: close for day, (close, _) in lines.items()}}.items())
        step = step_at(closes, ex_date, ratio)
        if step is None or step[2] >= ADJUSTED:
            continue
        before = max(day for day, _ in closes if day < ex_date)
        after = min(day for day, _ in closes if day >= ex_date)
        if before in lines and after in lines:
            problems.append(
                f"{lines[before][1]}: {ticker} closes at {step[0]:.10g} before its split of {ex_date} by {ratio:.10g} and at"
                f" {step[1]:.10g} after it: adjusted closes; give closes as quoted, here those before times {ratio:.10g}"
            )
    refuse(problems)


# -- closes --------------------------------------------------------------------------------------------------------


def _closes(db: Database, known: History, sheets: Sheets, now: datetime) -> tuple[Sheets, list[str]]:
    """The files without the closes in doubt, those that waited and are believed now in files of their own; and the doubts."""
    told: dict[Listing, dict[date, _Close]] = {}
    for sheet, rows, name in sheets:
        for row in rows:
            close, instrument = row["close"], str(row["instrument"]) if sheet.kind == "instrument_price" else None
            assert isinstance(close, float)
            of_listing = told.setdefault((str(row["ticker"]), instrument), {})
            of_listing[_day(row["date"])] = _Close(row, close, str(row["source"]), name)
    doubted: set[int] = set()
    kept_out: list[str] = []
    released: dict[str, list[Row]] = {kind: [] for kind in PRICED}
    for listing, closes in told.items():
        series = priced(*listing)
        source = next(iter(closes.values())).source
        waiting = _waiting(db, listing, source)
        closes = {**waiting, **closes}
        days, open_ = sorted(closes), _unsettled(db, listing)
        reasons = known.why_not_closes(series, [(day, closes[day].close) for day in days], source)
        if not (waiting or open_ or reasons):  # nearly always: the closes stand as they are told
            known.learn_closes(series, {day: one.close for day, one in closes.items()})
            continue
        newest = min(now, datetime.combine(days[-1], time.max, UTC))  # what a file tells was known on its newest day
        for day in days:
            one = closes[day]
            if day not in reasons:
                if (one.source, day) in open_:
                    _settle(db, listing, day, one.source, now)
                if one.row is None:
                    kind, row = _row(known, listing, day, one)
                    released[kind].append(row)
            elif one.row is not None:
                doubted.add(id(one.row))
                kept_out.append(f"{one.line}: {series} {day} {reasons[day]}")
                _keep_out(db, known, listing, day, one, reasons[day], newest)
        known.learn_closes(series, {day: one.close for day, one in closes.items() if day not in reasons})
    believed = [(sheet, [row for row in rows if id(row) not in doubted], name) for sheet, rows, name in sheets]
    return believed + [(SHEETS[kind], rows, "quarantine") for kind, rows in released.items() if rows], kept_out


def _waiting(db: Database, listing: Listing, source: str) -> dict[date, _Close]:
    """Closes of shares or an instrument that were kept out before, from the same source."""
    rows = db.execute(
        "SELECT as_of, value FROM quarantine WHERE source = ? AND company = ? AND instrument IS ? AND quantity = 'close' AND document IS NULL"
        " AND resolved_on IS NULL",
        (source, *listing),
    ).fetchall()
    return {_day(day): _Close(None, close, source, "") for day, close in rows}


def _unsettled(db: Database, listing: Listing) -> set[tuple[str, date]]:
    """Of which source and day a close is in quarantine still, from a file or a document."""
    rows = db.execute(
        "SELECT source, as_of FROM quarantine WHERE company = ? AND instrument IS ? AND quantity = 'close' AND resolved_on IS NULL",
        listing,
    ).fetchall()
    return {(source, _day(day)) for source, day in rows}


def _row(known: History, listing: Listing, day: date, one: _Close) -> tuple[str, Row]:
    """A close that waited, as the row it was; what was traded with it was not kept."""
    ticker, instrument = listing
    values: dict[str, Value] = {"date": day.isoformat(), "close": one.close}
    if instrument is None:
        kind, row = "equity_price", Row(ticker=ticker, **values, source=one.source, volume=None)
    else:
        currency = known.currencies[priced(*listing)]
        kind, row = (
            "instrument_price",
            Row(ticker=ticker, instrument=instrument, **values, currency=currency, source=one.source, volume=None),
        )
    row.line = 0
    return kind, row


def _keep_out(
    db: Database, known: History, listing: Listing, day: date, one: _Close, reason: str, seen: datetime
) -> None:
    db.conn.execute(
        "INSERT INTO quarantine (source, company, instrument, quantity, as_of, value, unit, reason, first_seen)"
        " VALUES (?, ?, ?, 'close', ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            one.source,
            *listing,
            day.isoformat(),
            one.close,
            known.currencies[priced(*listing)],
            reason,
            f"{seen:%Y-%m-%dT%H:%M:%SZ}",
        ),
    )


def _settle(db: Database, listing: Listing, day: date, source: str, now: datetime) -> None:
    db.conn.execute(
        "UPDATE quarantine SET resolved_on = ? WHERE source = ? AND company = ? AND instrument IS ? AND quantity = 'close' AND as_of = ?"
        " AND resolved_on IS NULL",
        (now.date().isoformat(), source, *listing, day.isoformat()),
    )


# -- what cannot be true -------------------------------------------------------------------------------------------


def _rates(known: History, sheets: Sheets) -> Iterator[str]:
    lines = {
        (str(row["currency"]), _day(row["date"])): (row, f"{name}:{row.line}")
        for _, rows, name in sheets
        for row in rows
    }
    doubts = known.why_not_rates(
        (currency, day, float(str(row["usd_per_unit"]))) for (currency, day), (row, _) in lines.items()
    )
    for key, reason in sorted(doubts.items(), key=lambda one: one[0][::-1]):
        yield f"{lines[key][1]}: {key[0]} of {key[1]}: {reason}"


def _bitcoin(known: History, sheets: Sheets) -> Iterator[str]:
    """Each fixing's prices beside each other, the hours' together, then one by one in time."""
    series: dict[str, list[tuple[datetime, float, str]]] = {}
    for _, rows, name in sheets:
        for row in rows:
            fixing = str(row["fixing"])
            hour = time.fromisoformat(fixing) if ":" in fixing else time()
            moment, close = datetime.combine(_day(row["date"]), hour, UTC), float(str(row["close"]))
            series.setdefault("" if ":" in fixing else fixing, []).append((moment, close, f"{name}:{row.line}"))
    for prices in series.values():
        alone = lone_prices((moment, price) for moment, price, _ in prices)
        for moment, price, line in sorted(prices):
            reason = alone.get(moment) or known.why_not_bitcoin(moment.date(), price)
            if reason is not None:
                yield f"{line}: {reason}"
            else:
                known.learn_bitcoin(moment.date(), price)


def _first_counts(db: Database, known: History, sheets: Sheets) -> Iterator[str]:
    """Filed and entered counts of all shares before which none is known, by what else is told about that time, by price and by bitcoin."""
    judged = {
        one for (one,) in db.execute("SELECT id FROM source WHERE kind IN ('filing', 'issuer', 'user')").fetchall()
    }
    told: dict[str, dict[tuple[str, date], float]] = {}
    counts: list[tuple[date, str, str, float, str]] = []
    for _, rows, name in sheets:
        for row in rows:
            if row["instrument"] is not None:
                continue
            ticker, quantity, value = str(row["ticker"]), str(row["quantity"]), float(str(row["value"]))
            told.setdefault(ticker, {})[quantity, _day(row["as_of"])] = value
            if quantity in WHOLE_COUNTS and row["source"] in judged:
                counts.append((_day(row["as_of"]), ticker, quantity, value, f"{name}:{row.line}"))
    for day, ticker, quantity, value, line in sorted(counts):
        beside = {key: had for key, had in told[ticker].items() if abs(key[1] - day) <= LONG_ENOUGH}
        reason = known.why_not_first_count(ticker, quantity, day, value, beside)
        if reason is not None:
            yield f"{line}: {ticker} {quantity}: {reason}"
        else:
            known.learn(ticker, quantity, None, day, value, primary=True)


def _stored(db: Database, ticker: str) -> dict[date, float]:
    rows = db.execute("SELECT date, close FROM price WHERE symbol = ? AND fixing = 'close'", (ticker,)).fetchall()
    return {_day(day): close for day, close in rows}


@lru_cache(maxsize=20_000)  # files tell many closes of one day
def _day(cell: object) -> date:
    return date.fromisoformat(str(cell))
