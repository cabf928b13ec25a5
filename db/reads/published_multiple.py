"""Our numbers against published ones: what definitions and bridges stand on, the issuer's own series day by day, and every published number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import pandas as pd
from sqlite_utils import Database

from db.reads import views
from db.reads.close import Close, StoredCloses, close_of, picture_of
from treasury.metrics.btc_yield import to_date
from treasury.model import InputError
from treasury.publishers.bridge import Bridge, bridge
from treasury.publishers.definition import PRICED_AT, PRINTED_AS, Definition, Subject, values_on
from treasury.publishers.definitions import WALKABLE
from treasury.publishers.issuer_page import page_at
from treasury.unknown import Answer

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


# -- the multiple a publisher printed -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PrintedMultiple:
    """A published multiple of one day. `half_step` is half of its last printed digit."""

    multiple: float
    half_step: float
    source: str
    how: str
    market_cap: float | None = None  # what its own market cap differs by, as a delta of the multiple

    def residual(self, total: float) -> float:
        """What is left between the end of a walk, with the publisher's own market cap, and the published multiple."""
        return self.multiple - total - (0.0 if self.market_cap is None else self.market_cap)


def printed(db: Database, made: Bridge, on: Subject) -> PrintedMultiple | None:
    """What the publisher printed for the day: its multiple, else its enterprise value (or market cap) over the NAV of the walk."""
    multiple = made.definition.multiple
    if multiple is None or made.total is None:
        return None
    rows = db.execute(
        "SELECT quantity, instrument, value, unit, source, note FROM known_fact WHERE ticker = ? AND as_of = ?"
        " AND quantity IN ('mnav_published', 'ev_published', 'market_cap_published') ORDER BY quantity",
        (on.company.ticker, str(on.day)),
    ).fetchall()
    theirs = [row for row in rows if row[4].startswith(made.definition.prefixes)]
    for quantity, name, value, _, source, note in theirs:
        if quantity == "mnav_published" and PRINTED_AS.get(name or "ev") == multiple.metric:
            return PrintedMultiple(value, half_step(value), source, f"as printed ({note})" if note else "as printed")
    wanted = {"mnav_ev": "ev_published", "mnav_market_cap": "market_cap_published"}.get(multiple.metric)
    values = values_on(multiple.taken(on))
    nav, own_cap = values["btc_nav"], values["market_cap"]
    for quantity, _, value, unit, source, _ in theirs:
        if quantity == wanted and unit in on.rates and nav:
            rate = on.rates[unit]
            caps = [row[2] * rate for row in theirs if row[0] == "market_cap_published" and row[3:5] == (unit, source)]
            other_cap = quantity == "ev_published" and caps and own_cap and abs(caps[0] / own_cap - 1) > 1e-5
            differs = (caps[0] - own_cap) / nav if other_cap and own_cap else None
            return PrintedMultiple(
                value * rate / nav, half_step(value) * rate / nav, source, f"its {quantity} over this NAV", differs
            )
    return None


def half_step(value: float) -> float:
    """Half of the last digit a number was printed with: 1.2 gives 0.05, 61,225,000,000 gives 500,000."""
    text = f"{value:.10g}" if abs(value) < 1e6 else f"{value:.0f}"
    if "." in text:
        return 0.5 * 10.0 ** -len(text.partition(".")[2])
    trailing = len(text) - len(text.rstrip("0"))
    return (
        0.5 * 10.0 ** min(trailing, 8) if abs(value) >= 1e6 else 0.5
    )  # nobody prints less than three digits of billions


# -- the issuer's own series, day by day ----------------------------------------------------------------------------

DELTAS = {
    "btc_price": "bitcoin", "price": "share_price", "shares_basic": "share_count", "debt": "debt", "preferred": "preferred", "cash": "cash",
    "btc": "holdings",
}  # fmt: skip


def issuer_series(db: Database, ticker: str, since: str | None = None, until: str | None = None) -> pd.DataFrame:
    """Each close with our mnav_ev, the issuer's own EV multiple from its page's inputs, and what makes the difference.

    Columns: mnav_ev, mnav_ev_issuer, difference_pct, then the deltas of the multiple, which sum to mnav_ev_issuer − mnav_ev:
    bitcoin (the moment it is priced at), share_price, share_count, debt, preferred, cash, holdings; last same_bitcoin_pct, the
    difference that remains with bitcoin at the issuer's price, and issuer_at_close, its multiple with bitcoin at the share's close. Days on which it published no such multiple are left out; NaN is unknown.
    """
    rows = {}
    theirs = [
        one
        for one in WALKABLE
        if one.issuer == ticker and one.multiple is not None and one.multiple.page and one.multiple.metric == "mnav_ev"
    ]
    stored = StoredCloses(db)
    for day in stored.days(ticker, since, until):
        for definition in [one for one in theirs if one.in_force(day)]:
            stands = subject_of(db, stored.at(ticker, day))
            multiple, made = definition.multiple, bridge(definition, stands)
            if multiple is None or stands.page is None:
                continue
            ours, total = values_on(stands.inputs)[multiple.metric], made.total
            taken, metric = multiple.taken(stands), multiple.metric
            at_their_bitcoin = values_on({**stands.inputs, "btc_price": taken["btc_price"]})[metric]
            at_the_close = values_on({**taken, "btc_price": stands.inputs["btc_price"]})[metric]
            delta = {
                name: sum(term.delta for term in made.terms if term.input == column) for column, name in DELTAS.items()
            }
            rows[pd.Timestamp(day)] = {
                "mnav_ev": ours, "mnav_ev_issuer": total, "difference_pct": _apart_pct(ours, total), **delta,
                "same_bitcoin_pct": _apart_pct(at_their_bitcoin, total), "issuer_at_close": at_the_close,
            }  # fmt: skip
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


def _apart_pct(ours: float | None, theirs: float | None) -> float | None:
    return None if ours is None or not theirs else (ours / theirs - 1) * 100


def distribution(series: pd.DataFrame, column: str = "difference_pct") -> dict[str, Any]:
    """How far plain mnav_ev is from the issuer's own: days, median and worst in per cent, share of days within 0.1 %."""
    gap = series[column].abs().dropna() if len(series) else pd.Series(dtype=float)
    if gap.empty:
        return {"days": 0, "median_pct": None, "within_0_1_pct": None, "worst_pct": None, "worst_on": None}
    return {
        "days": len(gap), "median_pct": float(gap.median()), "within_0_1_pct": float((gap <= 0.1).mean() * 100),
        "worst_pct": float(gap.max()), "worst_on": f"{gap.idxmax():%Y-%m-%d}",
    }  # fmt: skip
