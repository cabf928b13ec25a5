"""What a tear sheet says of one company, or of the league: gathered from the database, written as texts with their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from scripts.shared.output import shown_as
from treasury.amounts import UNKNOWN_SIGN, dollars, in_unit, per_cent, with_minus
from treasury.unknown import why

if TYPE_CHECKING:
    from sqlite_utils import Database

    from treasury.report.sheet import Block, Drawing, TearSheet

PURCHASES_SHOWN = 6
SUPPOSED_BITCOIN = (1.25, 1.0, 0.75, 0.5)  # of the day's bitcoin price
MOST_SOURCES = 4  # named under a table; of more their number is told
LONGEST_TITLE = 72  # letters of a source's title under a table
SHEET_FOOT = (
    "mnav: point-in-time, nothing that was not public at that close; unknown is –, never 0. Not investment advice."
)
SATOSHIS = ("sats_per_share", "sats_per_share_diluted", "sats_per_share_assumed", "net_btc_per_share")
GROWTH = ("btc_yield_ytd_pct", "btc_yield_qtd_pct", "btc_yield_1y_pct")
SIZE_COLUMNS = (
    "market_cap", "enterprise_value", "enterprise_value_at_market", "btc_nav", "net_reserve", "implied_premium_usd", "implied_premium_at_market_usd",
    "break_even_btc_price", "leverage", "claims_ratio", "amplification", "unrealised_gain_usd",
)  # fmt: skip


def company_sheet(db: Database, ticker: str, on: str | None, today: date) -> TearSheet:
    """The sheet of one company at its newest close up to a day, with age and grade as of `today`. Raises InputError where it has none."""
    from db.reads import views
    from db.reads.close import close_of, picture_of
    from db.reads.explained import explain
    from treasury.report.sheet import TearSheet
    from treasury.trust.grade import OLD_CLOSE_DAYS, aged

    close = close_of(db, ticker, on)
    day = str(close.day)
    row = aged(next(one for one in views.league(db, day) if one["ticker"] == ticker), today)
    age = f", {row['close_age_days']} days old" if row["close_age_days"] > OLD_CLOSE_DAYS else ""
    told = explain(db, ticker, day)
    inputs = {line["name"]: line for line in told["inputs"]}
    stack = picture_of(close).stack
    prices = f"share {_from(inputs['price'])}; bitcoin {_from(inputs['btc_price'])} at {told['btc_price_at'] or UNKNOWN_SIGN}"
    metric = "mnav_ev" if row["mnav_ev"] is not None else "mnav_market_cap"
    return TearSheet(
        f"{row['name']} ({ticker})",
        f"{row['kind']} · {row['country']} · close of {day}{age}: {shown_as('price', row['price'])} {row['price_currency']}"
        f" · bitcoin {shown_as('btc_price', row['btc_price'])} USD ({row['btc_fixing'] or UNKNOWN_SIGN}) · {shown_as('btc', row['btc'])} BTC"
        f" · grade {row['grade']}",
        tuple(
            part
            for part in (
                _worth(db, row, day, prices),
                _pictures(db, ticker, metric, day, prices),
                _size(row, prices),
                _capital(db, stack, row),
                _preferred(db, ticker, day),
                _per_share(row, inputs),
                _purchases(db, ticker, day),
                _stress(db, ticker, day, row),
                _behind(told["inputs"], told["reason"], told["missing"]),
            )
            if part
        ),
        SHEET_FOOT,
    )


def league_sheet(db: Database, on: str | None, today: str) -> TearSheet:
    """The league table on paper."""
    from db.reads import views
    from treasury.league import in_league
    from treasury.report.sheet import Block, Drawing, TearSheet
    from treasury.report.sheet_pictures import beside_each_other
    from treasury.trust.grade import aged

    rows = [one for one in views.league(db, on, today) if in_league(one)]
    past = views.years_of_multiples(db, {one["ticker"]: one["date"] for one in rows})
    rows = [aged(one | past[one["ticker"]], date.fromisoformat(today)) for one in rows]
    names = (
        "date",
        "btc",
        "market_cap",
        "mnav_market_cap",
        "mnav_ev",
        "mnav_net",
        "past_percentile_1y_pct",
        "implied_premium_usd",
        "grade",
    )
    heads = ("company", "close of", "bitcoin", "market cap", "basic", "EV", "net", "of its year", "EV premium", "grade")
    titles = views.source_titles(db)
    held = {
        one["ticker"]: titles[one["source"]][0] for one in db.query(_SOURCES_OF_HOLDINGS) if one["source"] in titles
    }
    multiple = {one["ticker"]: one["mnav_ev"] if one["mnav_ev"] is not None else one["mnav_market_cap"] for one in rows}
    known = sorted(((value, name) for name, value in multiple.items() if value is not None), reverse=True)
    source = "mnav_daily at each company's newest close; multiples at the share's own close, old closes bear their day"
    drawing = Drawing(
        "EV mNAV, or basic mNAV where claims are not known",
        lambda axes: beside_each_other(axes, [name for _, name in known], [value for value, _ in known]),
        source,
        height=max(1.2, 0.15 * len(known)),
    )
    return TearSheet(
        "Bitcoin treasury companies",
        f"{len(rows)} companies whose bitcoin is at least a tenth of their market cap, by what it is worth"
        + (f"; closes up to {max(one['date'] for one in rows)}" if rows else ""),
        (
            Block("League table", heads, tuple((_called(one), *(shown_as(name, one[name]) for name in names)) for one in rows), source,
                  "no company has a valued close", left=(0, 1)),
            *(((drawing,),) if known else ()),
            Block("Holdings", ("company", "bitcoin", "age", "source"),
                  tuple((one["ticker"], shown_as("btc", one["btc"]), _days(one["btc_age_days"]), held.get(one["ticker"], UNKNOWN_SIGN)) for one in rows),
                  "the fact each count was read from", left=(0, 3)),
        ),
        SHEET_FOOT,
    )  # fmt: skip


_SOURCES_OF_HOLDINGS = "SELECT h.ticker, f.source FROM holdings h JOIN fact f ON f.id = h.fact"


# -- one company ---------------------------------------------------------------------------------------------------


def _worth(db: Database, row: Mapping[str, Any], day: str, prices: str) -> Block:
    """Every definition with its place in its own year; of one that is unknown what it lacks."""
    from db.reads import views
    from treasury.metrics.definition_range import MULTIPLES
    from treasury.metrics.lacking import lacking
    from treasury.metrics.metric import METRICS
    from treasury.report.sheet import Block

    rows: list[tuple[str, ...]] = []
    for name in (*MULTIPLES, "mnav_ev_at_market"):
        now = views.past_of(db, name, {row["ticker"]: day})[row["ticker"]]
        note = METRICS[name].meaning.partition(";")[0].partition(" (")[0].rstrip(".")
        if row[name] is None:
            note = f"needs {', '.join(lacking(name, row)) or 'more'}"
        rows.append((
            METRICS[name].label, shown_as("mnav_", row[name]), _number(now.percentile_pct if now else None, "{:.0f} %"), _number(now.range_pct if now else None, "{:.0f} %"),
            _number(now.z if now else None, "{:+.1f}"), _number(now.from_median_pct if now else None, "{:+.0f} %"),
            f"{now.rank:,} of {now.days:,}" if now else UNKNOWN_SIGN, note,
        ))  # fmt: skip
    if row["mnav_ev_unclear"] is not None:
        ends = " to ".join(
            shown_as("mnav_", one) for one in (row["mnav_ev_min"], row["mnav_ev_max"]) if one is not None
        )
        rows.append(
            (f"EV without and with {row['mnav_ev_unclear']}", ends, *[""] * 5, f"{row['mnav_ev_unclear']} is not known")
        )
    heads = (
        "definition",
        "multiple",
        "percentile",
        "in 52 weeks",
        "z",
        "to 5y median",
        "rank",
        "what it says",
    )
    return Block(
        "What it is worth",
        heads,
        tuple(rows),
        f"{prices}; percentile and z of the year before, rank (1 the highest) since the first value known",
        left=(0, 7),
    )


def _pictures(db: Database, ticker: str, metric: str, day: str, prices: str) -> tuple[Drawing, ...]:
    from db.feeds.charts import own_past
    from db.reads import views
    from treasury.metrics.mnav_daily import DAILY
    from treasury.report.sheet import Drawing
    from treasury.report.sheet_pictures import in_its_year, over_time

    past = own_past(db, (ticker,), metric, until=day)
    shares = views.daily(db, ticker, ["sats_per_share", "split_factor"], until=day)
    line = shares["sats_per_share"].astype(float) * shares["split_factor"] / float(shares["split_factor"].iloc[-1])
    made = []
    if past["value"].notna().any():
        made.append(
            Drawing(
                f"{DAILY[metric].called} in the range of its year",
                lambda axes: in_its_year(axes, past, DAILY[metric]),
                f"{prices}; dashed: median of five years",
            )
        )
    if line.notna().any():
        made.append(
            Drawing(
                "Satoshis per basic share, on today's share basis",
                lambda axes: over_time(axes, line, DAILY["sats_per_share"]),
                "mnav_daily; counts and holdings as listed below",
            )
        )
    return tuple(made)


def _size(row: Mapping[str, Any], prices: str) -> Block:
    from treasury.metrics.mnav_daily import DAILY
    from treasury.report.sheet import Block

    told = [(DAILY[name].called, _shown(row, name)) for name in SIZE_COLUMNS]
    half = (len(told) + 1) // 2
    pairs = zip(told[:half], [*told[half:], ("", "")][:half], strict=True)
    return Block(
        "Size and premium",
        ("", "", "", ""),
        tuple((*one, *other) for one, other in pairs),
        f"{prices}; amounts as listed below",
        left=(0, 2),
    )


def _capital(db: Database, stack: Any, row: Mapping[str, Any]) -> Block:
    from db.reads import views
    from treasury.report.sheet import Block

    titles = views.source_titles(db)
    rows = tuple(
        (
            layer.instrument, layer.kind.replace("_", " "), _usd(layer.notional), _usd(layer.at_market), _usd(layer.cumulative), _number(layer.cover.value, "{:.2f}x"),
            _number(layer.floor_price.value, "{:,.0f}"), str(layer.falls_due or UNKNOWN_SIGN), str(layer.as_of or UNKNOWN_SIGN), layer.test.partition(":")[0],
        )
        for layer in stack.layers
    )  # fmt: skip
    heads = (
        "claim",
        "kind",
        "owed",
        "at market",
        "down to it",
        "cover",
        "bitcoin floor",
        "due",
        "as of",
        "conversion",
    )
    source = _named(titles.get(layer.fact.source, (layer.fact.source,))[0] for layer in stack.layers if layer.fact)
    known = row["debt"] is not None and row["preferred"] is not None
    return Block("Capital structure", heads, rows, f"{source}; cover: bitcoin over all claims down to the layer",
                 "no debt and no preferred stock" if known else "debt or preferred stock is not known", left=(0, 1, 9))  # fmt: skip


def _preferred(db: Database, ticker: str, day: str) -> Block | None:
    from db.feeds.preferred import preferred
    from db.reads import views
    from db.reads.close import close_of, series_closes
    from treasury.report.sheet import Block

    found = [one for one in preferred(db, day) if one["ticker"] == ticker]
    if not found:
        return None
    names = (
        "price_date",
        "close",
        "discount_to_par_pct",
        "dividend_rate_pct",
        "effective_yield_pct",
        "yield_to_call_pct",
        "volatility_pct",
        "notional",
        "at_market",
        "reserve_months",
    )
    rows = tuple((one["series"], *(shown_as(name, one[name]) for name in names)) for one in found)
    heads = (
        "series",
        "close of",
        "close",
        "below par",
        "rate",
        "yield",
        "to call",
        "30d vol",
        "owed",
        "at market",
        "reserve months",
    )
    titles = views.source_titles(db)
    quoted = _named(titles[one["source"]][0] for one in series_closes(db, close_of(db, ticker, day)).values())
    return Block("Preferred stock", heads, rows, f"closes: {quoted}; yield = rate × stated amount ÷ close", left=(0, 1))


def _per_share(row: Mapping[str, Any], inputs: Mapping[str, Mapping[str, Any]]) -> Block:
    from treasury.metrics.mnav_daily import DAILY
    from treasury.report.sheet import Block

    names = (*SATOSHIS, *GROWTH)
    heads = tuple(DAILY[name].called for name in names)
    told = tuple(
        per_cent(row[name]) if name in GROWTH and row[name] is not None else _shown(row, name) for name in names
    )
    return Block(
        "Per share",
        heads,
        (told,),
        f"holdings of {inputs['btc']['as_of'] or UNKNOWN_SIGN}, shares of {inputs['shares_basic']['as_of'] or UNKNOWN_SIGN}; growth of satoshis per assumed-diluted share",
        left=(),
    )


def _purchases(db: Database, ticker: str, day: str) -> Block:
    from db.feeds.report import purchases
    from treasury.report.sheet import Block

    rows = [one for one in purchases(db, ticker) if one["announced_on"] <= day][:PURCHASES_SHOWN]
    told = tuple(
        (
            bought["announced_on"], with_minus(f"{bought['btc']:+,.10g}"), _number(bought["cost"], "{:,.0f}"), bought["currency"] or "",
            _number(bought["average_price"], "{:,.0f}"), _number(bought["btc_bought_so_far"], "{:,.0f}"), bought["source"],
        )
        for bought in rows
    )  # fmt: skip
    heads = ("announced", "bitcoin", "cost", "", "each", "disclosed so far", "source")
    return Block(
        "Newest purchases and sales",
        heads,
        told,
        "as disclosed, each with its own",
        "none disclosed that is known here",
        left=(0, 3, 6),
    )


def _stress(db: Database, ticker: str, day: str, row: Mapping[str, Any]) -> Block:
    from db.reads.close import situations
    from treasury.report.sheet import Block
    from treasury.studies.scenario import stress

    heads = (
        "bitcoin at",
        "BTC NAV",
        "net reserve",
        "basic",
        "EV",
        "net",
        "share at the EV multiple",
        "cover months",
        "no longer covered",
    )
    (situation,) = situations(db, [ticker], day)
    rows = []
    for part in SUPPOSED_BITCOIN if row["btc_price"] is not None else ():
        made = stress(situation, row["btc_price"] * part)
        uncovered = UNKNOWN_SIGN if made.uncovered is None else ", ".join(made.uncovered) or "none"
        rows.append((
            f"{made.btc_price:,.0f} ({per_cent((part - 1) * 100, 0) if part != 1 else 'now'})", _usd(made.values["btc_nav"]), _usd(made.values["net_reserve"]),
            *(shown_as("mnav_", made.values[name]) for name in ("mnav_market_cap", "mnav_ev", "mnav_net")), _number(made.price_at_mnav_ev, "{:,.2f}"),
            _number(made.coverage_months, "{:.1f}"), uncovered,
        ))  # fmt: skip
    return Block("Stress", heads, tuple(rows), f"inputs of {day}; multiples with the share's price unchanged, the share's price with its EV multiple unchanged",
                 "no bitcoin price is known", left=(0, 8))  # fmt: skip


def _behind(lines: Sequence[Mapping[str, Any]], reasons: Sequence[str], missing: Sequence[str]) -> Block:
    """Every input with its day, age and source; at the end what is not known, and why."""
    from treasury.report.sheet import Block

    follows = {at for at, line in enumerate(lines[1:]) if line["name"].startswith("· ")}
    rows = [
        (
            line["name"].removeprefix("· "), _value(line), line["unit"] if line["value"] is not None else "", line["as_of"] or UNKNOWN_SIGN,
            _days(line["age_days"]), line["source"] or line["note"] or ("from the facts below" if at in follows else "computed at this close"),
        )
        for at, line in enumerate(lines)
        if line["value"] is not None or line["note"] == "unknown"
    ]  # fmt: skip
    rows += [(name, "not known", "", UNKNOWN_SIGN, UNKNOWN_SIGN, "") for name in missing]
    rows += [(code.partition(":")[0], "", "", UNKNOWN_SIGN, UNKNOWN_SIGN, why(code)) for code in reasons]
    return Block(
        "Sources and ages",
        ("input, and the facts behind it", "value", "unit", "as of", "age", "source, or why not"),
        tuple(rows),
        "the documents named; `mnav explain` gives their addresses",
        left=(0, 2, 3, 5),
    )


# -- texts ---------------------------------------------------------------------------------------------------------


def _from(line: Mapping[str, Any]) -> str:
    return f"{_cut(line['source'] or UNKNOWN_SIGN)}, {line['as_of'] or UNKNOWN_SIGN}"


def _cut(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1].rstrip()}…"


def _named(titles: Iterable[str]) -> str:
    """Distinct titles in their order; of many the first ones and their number."""
    distinct = list(dict.fromkeys(_cut(title) for title in titles))
    shown = "; ".join(distinct[:MOST_SOURCES])
    more = len(distinct) - MOST_SOURCES
    return (shown + (f" and {more} more, listed below" if more > 0 else "")) if distinct else "no fact is known"


def _shown(row: Mapping[str, Any], name: str) -> str:
    from treasury.metrics.mnav_daily import DAILY

    return UNKNOWN_SIGN if row[name] is None else in_unit(row[name], DAILY[name].unit, DAILY[name].each)


def _value(line: Mapping[str, Any]) -> str:
    value = line["value"]
    return UNKNOWN_SIGN if value is None else f"{value:,.10g}" if abs(value) < 1e9 else f"{value:,.0f}"


def _number(value: float | None, form: str) -> str:
    return UNKNOWN_SIGN if value is None else with_minus(form.format(value))


def _usd(value: float | None) -> str:
    return UNKNOWN_SIGN if value is None else dollars(value)


def _days(age: int | None) -> str:
    return UNKNOWN_SIGN if age is None else f"{age} days"


def _called(row: Mapping[str, Any]) -> str:
    return f"{row['ticker']} {row['name']}"[:34]
