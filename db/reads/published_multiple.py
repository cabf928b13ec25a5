"""Our numbers against published ones: the ground of a bridge, the issuer's own series day by day, and every published number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlite_utils import Database

from db.reads import views
from db.reads.close import close_of, company_of
from db.tables import objects
from treasury.claims.tranches import award_shares, tranches
from treasury.publishers.bridge import Bridge, Ground, bridge
from treasury.publishers.issuer_page import CASH_QUANTITY, page_at


def ground(db: Database, ticker: str, on: str | None = None) -> Ground:
    """What bridges of the last close up to a day stand on. Raises InputError where the company has no close by then."""
    close = close_of(db, ticker, on)
    bitcoin = close.market.bitcoin_quote(close.moment, close.day)
    quoted = close.market.bitcoin
    fixings = {name: quoted[name, close.day] for name in ("nyse", "utc") if (name, close.day) in quoted}
    page = page_at(close.facts, close.instruments, close.day, close.moment)
    units = (
        {"USD", close.company.currency} | {one.unit for one in (page.debt, page.preferred, page.cash) if page and one}
        if page
        else {"USD"}
    )
    return Ground(
        day=close.day,
        inputs=close.inputs,
        tranches=tranches(close.evidence, close.instruments, close.state.convertibles, close.rate, close.price_in),
        awards=award_shares(close.state.awards or (), close.price_in),
        page=page,
        fixings=fixings,
        fixing=bitcoin.fixing if bitcoin else None,
        shares_as_of=close.state.shares_basic.as_of if close.state.shares_basic else None,
        cash_as_of=close.state.cash.as_of if close.state.cash else None,
        rates={unit: per_unit for unit in units if (per_unit := close.rate(unit)) is not None},
    )


# -- the multiple a publisher printed -------------------------------------------------------------------------------

_SOURCES = {
    "strategy": ("strategy-", "sec-", "public-course-quoting-strategy"),
    "bitcointreasuries": ("bitcointreasuries",),
    "metaplanet": ("metaplanet", "tdnet"),
}


@dataclass(frozen=True, slots=True)
class Printed:
    """A published multiple of one day. `half_step` is half of its last printed digit."""

    multiple: float
    half_step: float
    source: str
    how: str
    market_cap: float | None = None  # what its own market cap differs by, as a delta of the multiple

    def residual(self, total: float) -> float:
        """What is left between the end of a walk, with the publisher's own market cap, and the published multiple."""
        return self.multiple - total - (0.0 if self.market_cap is None else self.market_cap)


def printed(db: Database, ticker: str, publisher: str, made: Bridge, on: Ground) -> Printed | None:
    """What the publisher printed for the day: its multiple, else its enterprise value (or market cap) over the NAV of the walk."""
    prefixes = _SOURCES.get(publisher, (publisher,))
    rows = db.execute(
        "SELECT quantity, instrument, value, unit, source, note FROM known_fact WHERE ticker = ? AND as_of = ?"
        " AND quantity IN ('mnav_published', 'ev_published', 'market_cap_published') ORDER BY quantity",
        (ticker, str(on.day)),
    ).fetchall()
    ours = [row for row in rows if row[4].startswith(prefixes)]
    for quantity, name, value, _, source, note in ours:
        if quantity == "mnav_published" and name == made.version:
            return Printed(value, half_step(value), source, f"as printed ({note})" if note else "as printed")
    wanted = {"ev": "ev_published", "market_cap": "market_cap_published", "basic": "market_cap_published"}
    btc, price = on.inputs["btc"], on.inputs["btc_price"]
    if any(term.term == "bitcoin fixing" for term in made.terms):
        price = on.fixings["utc" if publisher != "strategy" else "nyse"]
    for quantity, _, value, unit, source, _ in ours:
        if quantity == wanted.get(made.version) and unit in on.rates and btc and price:
            nav, rate = btc * price, on.rates[unit]
            caps = [row[2] * rate for row in ours if row[0] == "market_cap_published" and row[3:5] == (unit, source)]
            own, fx, shares = on.inputs["price"], on.inputs["fx"], on.inputs["shares_basic"]
            differs = None
            if (
                quantity == "ev_published"
                and caps
                and own
                and fx
                and shares
                and abs(caps[0] / (own * fx * shares) - 1) > 1e-5
            ):
                differs = (caps[0] - own * fx * shares) / nav
            return Printed(
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


# -- the issuer's own series, from its page's inputs ----------------------------------------------------------------


def issuer_series(db: Database, ticker: str, since: str | None = None, until: str | None = None) -> pd.DataFrame:
    """Each close with our mnav_ev, the issuer's own EV multiple from its page's inputs, and what makes the difference.

    Columns: mnav_ev, mnav_ev_issuer, difference_pct, and the deltas of the multiple share_count, debt, preferred, cash, holdings,
    which sum to mnav_ev_issuer − mnav_ev. Days before the page netted any cash are left out; NaN is unknown.
    """
    names = ("price_usd", "fx", "btc", "btc_price", "shares_basic", "debt", "preferred", "cash", "mnav_ev")
    frame = views.daily(db, ticker, names, since=since, until=until)
    company, closes = company_of(db, ticker), objects.closes(db)
    facts = objects.facts(db, ticker)
    sources = {one.source for one in facts if one.quantity == CASH_QUANTITY}
    facts = [one for one in facts if one.source in sources or one.quantity == "btc_holdings"]
    instruments = [one for one in objects.instruments(db) if one.ticker == ticker]
    rows = {}
    for day, row in frame.iterrows():
        when = pd.Timestamp(str(day)).date()
        page = page_at(facts, instruments, when, closes.moment(company.mic, when))
        if page is None:
            continue
        rate = {"USD": 1.0, company.currency: row["fx"]}
        of = {
            "shares_basic": page.shares_basic.value if page.shares_basic else row["shares_basic"],
            **{
                name: shown.value * rate.get(shown.unit, float("nan")) if shown else row[name]
                for name, shown in (("debt", page.debt), ("preferred", page.preferred), ("cash", page.cash))
            },
        }
        nav = row["btc"] * row["btc_price"]
        delta = {
            "share_count": (of["shares_basic"] - row["shares_basic"]) * row["price_usd"] / nav,
            "debt": (of["debt"] - row["debt"]) / nav,
            "preferred": (of["preferred"] - row["preferred"]) / nav,
            "cash": -(of["cash"] - row["cash"]) / nav,
        }
        on_ours = (row["price_usd"] * of["shares_basic"] + of["debt"] + of["preferred"] - of["cash"]) / nav
        issuer = on_ours * row["btc"] / (page.btc.value if page.btc else row["btc"])
        delta["holdings"] = issuer - on_ours
        rows[day] = {
            "mnav_ev": row["mnav_ev"], "mnav_ev_issuer": issuer, "difference_pct": (row["mnav_ev"] / issuer - 1) * 100, **delta
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def distribution(series: pd.DataFrame) -> dict[str, Any]:
    """How far plain mnav_ev is from the issuer's own: days, median and worst in per cent, share of days within 0.1 %."""
    gap = series["difference_pct"].abs().dropna() if len(series) else pd.Series(dtype=float)
    if gap.empty:
        return {"days": 0, "median_pct": None, "within_0_1_pct": None, "worst_pct": None, "worst_on": None}
    return {
        "days": len(gap), "median_pct": float(gap.median()), "within_0_1_pct": float((gap <= 0.1).mean() * 100),
        "worst_pct": float(gap.max()), "worst_on": f"{gap.idxmax():%Y-%m-%d}",
    }  # fmt: skip


def bridged(db: Database, ticker: str, publisher: str, on: str | None) -> tuple[Ground, Bridge, Printed | None]:
    """The bridge of a day, what it stands on, and the number the publisher printed for it, where one is known."""
    stands = ground(db, ticker, on)
    made = bridge(publisher, stands)
    return stands, made, printed(db, ticker, publisher, made, stands) if made.total is not None else None
