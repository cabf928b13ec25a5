"""Our numbers against published ones: what definitions and bridges stand on, the issuer's own series day by day, and every published number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from db.reads import views
from db.reads.close import Close, StoredCloses, close_of, picture_of
from db.tables import objects
from treasury.metrics.btc_yield import to_date
from treasury.metrics.row_wise import METRICS
from treasury.model import Company, Fact, InputError
from treasury.publishers.bridge import Bridge, bridge
from treasury.publishers.definition import PRICED_AT, Definition, Inputs, Multiple, Subject, value_on
from treasury.publishers.formulas import stored_inputs
from treasury.publishers.issuer_gap import at_the_close, issuer_gap, own_ev_multiples
from treasury.publishers.issuer_page import page_at
from treasury.publishers.printed import PrintedMultiple, PrintedNumber, printed_multiple
from treasury.unknown import Answer
from treasury.valuation.inputs import Market

if TYPE_CHECKING:
    from sqlite_utils import Database

EV = "mnav_ev"
EV_INPUTS = sorted(stored_inputs(METRICS[EV]))
LOOKS_BACK = timedelta(days=400)  # a year, and the days its opening close may lie before it


def subject(db: Database, ticker: str, on: str | None = None) -> Subject:
    """What definitions of the last close up to a day stand on. Raises InputError where the company has no close by then."""
    return subject_of(db, close_of(db, ticker, on))


def subject_of(db: Database, close: Close) -> Subject:
    """A close as definitions see it; the capital structure and what is made over time are only made when asked for."""
    bitcoin = close.bitcoin

    @cache
    def over_time() -> dict[str, float | None]:
        since = close.day - LOOKS_BACK
        columns = ["btc", "btc_price", "sats_per_share_assumed", "split_factor"]
        return to_date(views.daily(db, close.company.ticker, columns, since=str(since), until=str(close.day)))

    return replace(
        _with_its_page(close.company, close.day, close.moment, close.facts, close.market, close.inputs),
        over_time=over_time,
        stack_of=cache(lambda: picture_of(close).stack),
        fixing=bitcoin.fixing if bitcoin else None,
        shares_as_of=close.state.shares_basic.as_of if close.state.shares_basic else None,
        cash_as_of=close.state.cash.as_of if close.state.cash else None,
    )


def _with_its_page(
    company: Company, day: date, moment: datetime, facts: list[Fact], market: Market, inputs: Inputs
) -> Subject:
    """What a definition takes from the page of an issuer and the prices of a day; `facts` are the company's own."""
    page = page_at(facts, day, moment)
    units = {company.currency, *(shown.unit for shown in page.inputs().values())} if page else {company.currency}
    return Subject(
        company=company,
        day=day,
        inputs=inputs,
        page=page,
        fixings={fixing: market.bitcoin[fixing, day] for fixing in PRICED_AT if (fixing, day) in market.bitcoin},
        rates={"USD": 1.0, **{unit: rate for unit in units if (rate := market.rate_at(unit, moment, day)) is not None}},
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
    daily = views.daily(db, ticker, [EV, "split_factor", *EV_INPUTS], since=since, until=until)
    theirs = {
        day: {"published": value_on(multiple.taken(stands), EV), "same_moment": at_the_close(multiple, stands)}
        for day, multiple, stands in _own_multiples(db, ticker, daily[EV_INPUTS])
    }
    if not theirs:
        raise InputError(f"{ticker} published no EV multiple of its own in that time that can be rebuilt from its page")
    found = pd.DataFrame.from_dict(theirs, orient="index").astype(float)
    ours = daily.loc[found.index]
    found.insert(0, "price", ours["price"] * ours["split_factor"])
    return found.assign(mnav_ev=ours[EV])


def _own_multiples(db: Database, ticker: str, inputs: pd.DataFrame) -> Iterator[tuple[pd.Timestamp, Multiple, Subject]]:
    """Each day of stored `inputs` on which the issuer's page showed an EV multiple of its own, and what that is made of.

    Without the capital structure, which an EV multiple does not ask for: nothing is resolved anew.
    """
    theirs = own_ev_multiples(ticker)
    days = [day for day in pd.DatetimeIndex(inputs.index) if any(one.in_force(day.date()) for one in theirs)]
    if not days:
        return
    (company,) = [one for one in objects.companies(db).values() if one.ticker == ticker]
    facts, closes = objects.facts(db, ticker), objects.closes(db)
    market = objects.market(db, f"{days[0]:%Y-%m-%d}", f"{days[-1]:%Y-%m-%d}")
    for at in days:
        day = at.date()
        known = {str(name): None if pd.isna(value) else float(value) for name, value in inputs.loc[at].items()}
        stands = _with_its_page(company, day, closes.moment(company.mic, day), facts, market, known)
        for definition in theirs:
            if definition.in_force(day) and definition.multiple is not None and stands.page is not None:
                yield at, definition.multiple, stands
