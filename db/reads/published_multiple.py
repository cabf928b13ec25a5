"""Our numbers against published ones: what definitions and bridges stand on, the issuer's own series day by day, and every published number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from db.reads import views
from db.reads.close import Close, StoredCloses, close_of, picture_of
from treasury.metrics.btc_yield import to_date
from treasury.model import InputError
from treasury.publishers.bridge import Bridge, bridge
from treasury.publishers.definition import PRICED_AT, Definition, Subject
from treasury.publishers.issuer_gap import issuer_gap, own_ev_multiples
from treasury.publishers.issuer_page import page_at
from treasury.publishers.printed import PrintedMultiple, PrintedNumber, printed_multiple
from treasury.unknown import Answer

if TYPE_CHECKING:
    from sqlite_utils import Database

LOOKS_BACK = timedelta(days=400)  # a year, and the days its opening close may lie before it


def subject(db: Database, ticker: str, on: str | None = None) -> Subject:
    """What definitions of the last close up to a day stand on. Raises InputError where the company has no close by then."""
    return subject_of(db, close_of(db, ticker, on))


def subject_of(db: Database, close: Close) -> Subject:
    """A close as definitions see it; the capital structure and what is made over time are only made when asked for."""
    page = page_at(close.facts, close.day, close.moment)
    units = (
        {close.company.currency, *(shown.unit for shown in page.inputs().values())}
        if page
        else {close.company.currency}
    )
    bitcoin = close.bitcoin

    @cache
    def over_time() -> dict[str, float | None]:
        since = close.day - LOOKS_BACK
        columns = ["btc", "btc_price", "sats_per_share_assumed", "split_factor"]
        return to_date(views.daily(db, close.company.ticker, columns, since=str(since), until=str(close.day)))

    return Subject(
        company=close.company,
        day=close.day,
        inputs=close.inputs,
        over_time=over_time,
        stack_of=cache(lambda: picture_of(close).stack),
        page=page,
        fixings={
            fixing: close.market.bitcoin[fixing, close.day]
            for fixing in PRICED_AT
            if (fixing, close.day) in close.market.bitcoin
        },
        fixing=bitcoin.fixing if bitcoin else None,
        rates={"USD": 1.0, **{unit: rate for unit in units if (rate := close.rate(unit)) is not None}},
        shares_as_of=close.state.shares_basic.as_of if close.state.shares_basic else None,
        cash_as_of=close.state.cash.as_of if close.state.cash else None,
    )


def definition_series(
    db: Database, ticker: str, wanted: Sequence[Definition], since: str | None = None, until: str | None = None
) -> list[dict[str, Any]]:
    """One row for each close and definition: date, id, value (None is unknown) and reason."""
    stored, rows = StoredCloses(db), []
    for day in stored.days(ticker, since, until):
        silent = {one.id: reason for one in wanted if (reason := one.silence_on(ticker, day))}
        stands = subject_of(db, stored.at(ticker, day)) if len(silent) < len(wanted) else None
        for name in wanted:
            answer = name.on(stands) if stands is not None else Answer(None, silent[name.id])
            rows.append({"date": str(day), "id": name.id, "value": answer.value, "reason": answer.reason})
    return rows


def bridged(
    db: Database, ticker: str, definition: Definition, on: str | None
) -> tuple[Subject, Bridge, PrintedMultiple | None]:
    """The bridge of a day, what it stands on, and the number the publisher printed for it, where one is known."""
    stands = subject(db, ticker, on)
    made = bridge(definition, stands)
    return stands, made, printed(db, made, stands)


def printed(db: Database, made: Bridge, on: Subject) -> PrintedMultiple | None:
    """What the publisher printed for the day: its multiple, else its enterprise value (or market cap) over the NAV of the walk."""
    rows = db.execute(
        "SELECT quantity, instrument, value, unit, source, note FROM known_fact WHERE ticker = ? AND as_of = ?"
        " AND quantity IN ('mnav_published', 'ev_published', 'market_cap_published') ORDER BY quantity",
        (on.company.ticker, str(on.day)),
    ).fetchall()
    return printed_multiple(made, on, [PrintedNumber(*row) for row in rows])


# -- the issuer's own series, day by day ----------------------------------------------------------------------------


def issuer_series(db: Database, ticker: str, since: str | None = None, until: str | None = None) -> pd.DataFrame:
    """Each close on which an issuer published its own EV multiple, with the columns of `issuer_gap`; NaN is unknown."""
    rows = {}
    theirs, stored = own_ev_multiples(ticker), StoredCloses(db)
    for day in stored.days(ticker, since, until):
        for definition in [one for one in theirs if one.in_force(day)]:
            gap = issuer_gap(definition, subject_of(db, stored.at(ticker, day)))
            if gap is not None:
                rows[pd.Timestamp(day)] = gap
    return pd.DataFrame.from_dict(rows, orient="index").astype(float)


def same_moment(db: Database, ticker: str, since: str | None = None, until: str | None = None) -> pd.DataFrame:
    """Each close on which an issuer published its EV multiple, with three of them and the share's `price` adjusted for splits.

    `published`; `same_moment`: the same inputs of its page with bitcoin at the share's close; `mnav_ev`: ours, of what was known
    at that close. Raises InputError for a company that published no such multiple in that time.
    """
    series = issuer_series(db, ticker, since, until)
    if series.empty:
        raise InputError(f"{ticker} published no EV multiple of its own in that time that can be rebuilt from its page")
    daily = views.daily(db, ticker, ["price", "split_factor"], since=since, until=until).reindex(series.index)
    return pd.DataFrame(
        {
            "price": daily["price"] * daily["split_factor"],
            "published": series["mnav_ev_issuer"],
            "same_moment": series["issuer_at_close"],
            "mnav_ev": series["mnav_ev"],
        }
    )
