"""The public interface: views whose column names are a promise. Every ratio is rendered from `treasury.metrics.row_wise`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from db.derived import at_close, error_bars
from db.derived.own_past import past_sql
from db.derived.share_basis import adjusted_sql
from treasury.claims.preferred import AT_PREFERENCE, UNPRICED
from treasury.consolidation import CONSOLIDATED_BY, consolidated_sql
from treasury.known.claims import DEBT_CLAIM, PREFERRED_CLAIM
from treasury.known.cost import ANOTHER_DAY
from treasury.known.resolve import NOT_VALUED, NOTHING_KNOWN
from treasury.metrics.claim_range import range_sql
from treasury.metrics.definition_range import band_sql
from treasury.metrics.metric import METRICS, as_sql
from treasury.metrics.mnav_daily import DAILY
from treasury.metrics.over_time import BASE_WITHIN
from treasury.metrics.row_wise import GUARD_REASONS, INPUTS, SAID_ALREADY
from treasury.publishers.definitions import own_mnav_periods
from treasury.quantities import PUBLISHED
from treasury.trackers.record import SAME
from treasury.trackers.verdicts import AGREES, DISAGREEMENT, SAME_DAY
from treasury.trust.grade import OLD_CLOSE_DAYS, grade_sql
from treasury.valuation.inputs import DOUBTED

if TYPE_CHECKING:
    from sqlite_utils import Database

_TABLES = {"valuation": "v", "at_close": "m", "state": "s"}  # of what a row is made, and their names in the view
# what a grade asks of a state, s
OF_STATE = {"secondary": "s.secondary", "reason": "s.reason"}

DAILY_COLUMNS = tuple(DAILY)

# companies come first in every plan: a day is one seek for each, so valuation needs no index but its key
LAST_DATE = "(SELECT max(n.date) FROM valuation n WHERE n.company_id = {company})"
_YEAR = "strftime('%Y-01-01', v.date)"
_QUARTER = "date(v.date, 'start of month', printf('-%d months', (strftime('%m', v.date) - 1) % 3))"
_YEAR_AGO = "date(v.date, '-1 year', '+1 day')"  # the row of that day itself may be the base
# on one share basis throughout
_SATS = "CASE {v}.doubted WHEN 0 THEN {s}.btc / {s}.shares_assumed_diluted * {s}.split_factor END"
HOLDINGS_DOUBTED, SHARES_DOUBTED = 1, 2  # the bits of valuation.doubted


def _base(start: str) -> str:
    """Satoshis per assumed-diluted share at the last close before `start`: the hand-written window of the yields."""
    return (
        f"(SELECT {_SATS.format(v='v0', s='s0')} FROM valuation v0 JOIN state s0 ON s0.id = v0.state WHERE v0.company_id = v.company_id"
        f" AND v0.date < {start} AND v0.date >= date({start}, '-{BASE_WITHIN.days} days') ORDER BY v0.date DESC LIMIT 1)"
    )


def _age(as_of: str) -> str:
    return f"CAST(julianday(v.date) - julianday({as_of}) AS INTEGER)"


def _joined(base: str, pairs: list[tuple[str, str]], more: str = "''") -> str:
    """Names separated by spaces, each where its condition holds, and `more`, an expression for text; NULL where there is none."""
    cases = "".join(f" || CASE WHEN {condition} THEN ' {name}' ELSE '' END" for name, condition in pairs)
    return f"nullif(trim(coalesce({base}, ''){cases} || {more}), '')"


def _fails(guard: str, metrics: dict[str, str]) -> str:
    """That a guard fails for which no other one is named."""
    others = [f"coalesce(({metrics[other]}) <= 0, 0)" for other in SAID_ALREADY.get(guard, ())]
    return " AND NOT ".join([f"({metrics[guard]}) <= 0", *others])


def _own_definition() -> str:
    """The id of the issuer's own mNAV definition in force on the row's day."""
    cases = []
    for ticker, name, since, until in own_mnav_periods():
        condition = f"c.ticker = '{ticker}'"
        condition += f" AND v.date >= '{since}'" if since else ""
        condition += f" AND v.date <= '{until}'" if until else ""
        cases.append(f"WHEN {condition} THEN '{name}'")
    return f"CASE {' '.join(cases)} END"


def daily_columns() -> dict[str, str]:
    """Every column of mnav_daily as SQL over company c, valuation v, what its close met (m) and state s.

    What is stored and what is a row-wise metric comes from its definition; only what is computed otherwise is written here.
    """
    stored = {name: f"{_TABLES[column.stored]}.{name}" for name, column in (INPUTS | DAILY).items() if column.stored}
    stored |= {
        "btc": f"CASE v.doubted & {HOLDINGS_DOUBTED} WHEN 0 THEN s.btc END",
        **{
            name: f"CASE v.doubted & {SHARES_DOUBTED} WHEN 0 THEN s.{name} END"
            for name in ("shares_basic", "shares_assumed_diluted")
        },
        "cost_of_holdings": f"CASE instr(s.reason, '{ANOTHER_DAY}') WHEN 0 THEN v.cost_basis END",
    }
    metrics = as_sql({name: stored[name] for name in INPUTS})
    columns = stored | metrics
    unknown_rates = [
        f"v.{name} IS NULL AND s.{name} IS NOT NULL" for name in ("debt", "preferred", "cash", "cost_basis")
    ]
    unpriced = " OR ".join(["m.btc_price IS NULL", "m.fx IS NULL", *(f"({one})" for one in unknown_rates)])
    ytd = _base(_YEAR)
    columns |= {
        "ticker": "c.ticker",
        "date": "v.date",
        "price_currency": "c.currency",
        "btc_yield_ytd_pct": f"(({_SATS.format(v='v', s='s')}) / {ytd} - 1) * 100",
        "btc_yield_qtd_pct": f"(({_SATS.format(v='v', s='s')}) / {_base(_QUARTER)} - 1) * 100",
        "btc_yield_1y_pct": f"(({_SATS.format(v='v', s='s')}) / {_base(_YEAR_AGO)} - 1) * 100",
        "btc_age_days": _age("s.btc_as_of"),
        "shares_age_days": _age("s.shares_basic_as_of"),
        "claims_age_days": _age(
            "nullif(min(coalesce(s.debt_as_of, '9'), coalesce(s.preferred_as_of, '9'), coalesce(s.cash_as_of, '9')), '9')"
        ),
        "cost_age_days": _age("s.cost_basis_as_of"),
        "award_age_days": _age("s.awards_as_of"),
        "missing": _joined(
            "s.missing",
            [
                (" ".join(NOTHING_KNOWN), "s.id IS NULL"),
                ("btc_price", "m.btc_price IS NULL"),
                ("usd_per_unit", " OR ".join(["m.fx IS NULL", *(f"({one})" for one in unknown_rates)])),
            ],
        ),
        "reason": _joined(
            "s.reason",
            [
                *((code, f"s.id IS NULL AND c.kind = '{kind}'") for kind, code in NOT_VALUED.items()),
                ("MISSING_SHARES", "s.id IS NULL"),
                ("MISSING_PRICE", unpriced),
                *((claim.from_tranches, f"v.raised & {bit}") for bit, claim in ((1, DEBT_CLAIM), (2, PREFERRED_CLAIM))),
                (DOUBTED, "v.doubted"),
                *((code, _fails(guard, metrics)) for guard, code in GUARD_REASONS.items()),
                (UNPRICED, "v.preferred_at_market IS NULL AND v.at_preference IS NOT NULL"),
                ("NO_BASE", f"s.shares_assumed_diluted IS NOT NULL AND s.btc IS NOT NULL AND coalesce({ytd}, 0) = 0"),
            ],
            f"CASE WHEN v.preferred_at_market IS NULL THEN '' ELSE coalesce(' {AT_PREFERENCE}:' || v.at_preference, '') END",
        ),
        "btc_price_at": "strftime('%Y-%m-%dT%H:%M:%SZ', m.btc_price_at, 'unixepoch')",
        "split_factor": "coalesce(s.split_factor, 1.0)",
        "volume": "(SELECT p.volume FROM price p WHERE p.symbol = c.ticker AND p.fixing = 'close' AND p.date = v.date)",
        **error_bars.columns(metrics),
        **band_sql(metrics),
        **range_sql(columns),
        "definition_version": _own_definition(),
    }
    return {name: columns[name] for name in DAILY_COLUMNS}


@cache  # every opening compares them
def definitions() -> dict[str, str]:
    """The SELECT of every view, by name."""
    daily = daily_columns()
    columns = ",\n  ".join(f"{sql} AS {name}" for name, sql in daily.items())
    stale = f"v.date < date(of_exchange.day, '-{OLD_CLOSE_DAYS} days')"
    return {
        "mnav_daily": f"""
SELECT
  {columns}
FROM company c CROSS JOIN valuation v ON v.company_id = c.id{at_close.JOIN} LEFT JOIN state s ON s.id = v.state{error_bars.JOINS}""",
        "mnav_latest": f"""
WITH of_exchange AS (SELECT k.mic, max({LAST_DATE.format(company="k.id")}) AS day FROM company k GROUP BY k.mic),
newest AS (SELECT max(day) AS day FROM of_exchange)
SELECT
  c.name AS name, c.kind AS kind, c.country AS country,
  {columns},
  {stale} AS stale,
  {grade_sql(daily | OF_STATE | {"stale": stale})} AS grade
FROM newest CROSS JOIN company c JOIN of_exchange ON of_exchange.mic IS c.mic CROSS JOIN valuation v ON v.company_id = c.id AND v.date = {LAST_DATE.format(company="c.id")}
{at_close.JOIN} LEFT JOIN state s ON s.id = v.state{error_bars.JOINS}
WHERE c.active_to IS NULL OR c.active_to > newest.day""",
        "mnav_adjusted": adjusted_sql(),
        "known_fact": """
SELECT f.*, src.kind AS source_kind, src.title AS source_title, src.url AS url
FROM fact f JOIN source src ON src.id = f.source
WHERE NOT EXISTS (SELECT 1 FROM retraction r WHERE r.fact = f.id)""",
        "holdings": """
SELECT c.ticker, c.name, c.kind, c.country, f.value AS btc, f.as_of, f.known_at, f.known_assumed, src.kind AS source_kind,
  src.title AS source, src.url, f.note, f.id AS fact
FROM company c
JOIN state s ON s.id = (SELECT id FROM state n WHERE n.company_id = c.id ORDER BY from_date DESC LIMIT 1)
JOIN fact f ON f.id = s.btc_fact JOIN source src ON src.id = f.source
WHERE c.active_to IS NULL""",
        "purchases": """
SELECT p.ticker, c.name, p.announced_on, p.period_start, p.period_end, p.btc, p.cost, p.currency, p.average_price,
  sum(p.btc) OVER (PARTITION BY p.ticker ORDER BY p.announced_on, p.period_end, p.rowid) AS btc_bought_so_far,
  src.title AS source, src.url, p.note
FROM purchase p JOIN company c ON c.ticker = p.ticker JOIN source src ON src.id = p.source""",
        "mnav_past": past_sql(),
        "revisions": revisions(),
        "holdings_total": holdings_total(),
        "disagreements": disagreements(),
    }


# what the journal follows: the quantity it is known by, the input in `state`, and its unit there
JOURNAL = (
    ("btc_holdings", "btc", "'BTC'"),
    ("shares_basic", "shares_basic", "'shares'"),
    ("shares_assumed_diluted", "shares_assumed_diluted", "'shares'"),
    ("debt_total", "debt", "s.debt_unit"),
    ("preferred_total", "preferred", "s.preferred_unit"),
    ("cash", "cash", "s.cash_unit"),
    ("btc_cost_basis", "cost_basis", "s.cost_basis_unit"),
)

# and what it follows besides: closes (of shares, and bitcoin's), rates, splits that were replaced or withdrawn
RESTATED = ("close", "usd_per_unit", "split")

# what became known on the newest day counts from the day after it on
_KNOWN_DAY = "max((SELECT date(max(substr(known_at, 1, 10)), '+1 day') FROM known_fact), coalesce((SELECT max(date) FROM price), ''))"


def revisions() -> str:
    """The journal: every change of what was known, company by company and input by input, every fact, price or other row withdrawn,
    and every price, fixing or split that was replaced.

    What lies after everything known so far (an input that will be too old one day) has not happened yet and is left out.
    """
    changes = [
        f"""
SELECT s.from_date AS date, c.ticker AS ticker, '{quantity}' AS quantity,
  CASE WHEN b.{name} IS NULL THEN 'appeared' WHEN s.{name} IS NULL THEN 'vanished'
       WHEN s.{name}_fact IS b.{name}_fact AND s.split_factor <> b.split_factor THEN 'split' ELSE 'changed' END AS what,
  b.{name} AS old, s.{name} AS new, coalesce({unit}, {unit.replace("s.", "b.")}) AS unit, s.{name}_as_of AS as_of, f.known_at AS known_at,
  f.known_assumed AS known_assumed, f.source AS source, src.url AS url,
  CASE WHEN s.{name} IS NULL THEN nullif(s.reason, '') ELSE f.note END AS note, s.{name}_fact AS fact,
  {unit.replace("s.", "b.")} AS old_unit
FROM step JOIN state s ON s.id = step.id LEFT JOIN state b ON b.id = step.before JOIN company c ON c.id = s.company_id
LEFT JOIN fact f ON f.id = s.{name}_fact LEFT JOIN source src ON src.id = f.source
WHERE s.{name} IS NOT b.{name} AND s.from_date <= (SELECT day FROM known)"""
        for quantity, name, unit in JOURNAL
    ]
    withdrawn = """
SELECT r.retracted_on, f.ticker, f.quantity, 'withdrawn', f.value, NULL, f.unit, f.as_of, f.known_at, f.known_assumed, f.source,
  src.url, r.reason, f.id, f.unit
FROM retraction r JOIN fact f ON f.id = r.fact JOIN source src ON src.id = f.source"""
    dropped = """
SELECT w.withdrawn_on, w.ticker, w.quantity, 'withdrawn', w.value, NULL, w.unit, w.day, NULL, NULL, w.source, src.url, w.reason,
  NULL, w.unit
FROM withdrawn w JOIN source src ON src.id = w.source"""
    restated = """
SELECT w.day, w.ticker, w.quantity, w.what, w.old, w.new, w.unit, w.day, NULL, NULL, w.source, src.url, w.note, NULL, w.unit
FROM restated w JOIN source src ON src.id = w.source"""
    return f"""
WITH known AS (SELECT {_KNOWN_DAY} AS day),
step AS (SELECT id, lag(id) OVER (PARTITION BY company_id ORDER BY from_date) AS before FROM state)""" + "\nUNION ALL".join(
        [*changes, withdrawn, dropped, restated]
    )


def holdings_total() -> str:
    """The bitcoin of all companies from day to day: a consolidated company's coins leave while they are another's."""
    return f"""
SELECT date, sum(sum(change)) OVER (ORDER BY date) AS btc, count(*) AS changes
FROM (
  SELECT r.date, coalesce(r.new, 0) - coalesce(r.old, 0) AS change FROM revisions r
  WHERE r.quantity = 'btc_holdings' AND r.what <> 'withdrawn' -- what is withdrawn counts in no state
    AND NOT EXISTS (SELECT 1 FROM relation k WHERE k.ticker = r.ticker AND {consolidated_sql("k", "r.date")})
  UNION ALL
  SELECT k.day, k.sign * s.btc FROM ( -- once, however many relations begin or end that day
    SELECT DISTINCT e.ticker, e.valid_from AS day, -1 AS sign FROM relation e WHERE e.kind = '{CONSOLIDATED_BY}'
      AND NOT EXISTS (SELECT 1 FROM relation k WHERE k.ticker = e.ticker AND {consolidated_sql("k", "date(e.valid_from, '-1 day')")})
    UNION ALL
    SELECT DISTINCT e.ticker, e.valid_to, 1 FROM relation e WHERE e.kind = '{CONSOLIDATED_BY}' AND e.valid_to IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM relation k WHERE k.ticker = e.ticker AND {consolidated_sql("k", "e.valid_to")})) k
  JOIN company c ON c.ticker = k.ticker
  JOIN state s ON s.id = (SELECT id FROM state n WHERE n.company_id = c.id AND n.from_date < k.day ORDER BY from_date DESC LIMIT 1)
  WHERE s.btc IS NOT NULL AND k.day <= {_KNOWN_DAY})
GROUP BY date"""


# of the view `disagreements` and the table behind it; later columns are appended, none is renamed
RECONCILED = (
    "ticker", "instrument", "quantity", "as_of", "value", "unit", "source", "other_value", "other_source", "difference_pct", "url", "other_url",
    "other_as_of", "other_unit", "source_kind", "other_source_kind", "known_at", "other_known_at", "age_days", "other_age_days", "judged_on",
    "verdict", "rule", "why",
)  # fmt: skip


def disagreements() -> str:
    """What trackers show that is not what was filed by then, and sources that differ about one day, the better one first.

    A tracker's day is the day it was seen, so it is judged by the table `reconciliation` and not by its day.
    """
    published = ", ".join(f"'{name}'" for name in sorted(PUBLISHED))
    dated = (
        "({0}.source_kind <> 'tracker' OR {0}.known_assumed OR substr({0}.known_at, 1, 10) <> {0}.as_of"
        " OR {0}.quantity IN (" + published + "))"
    )
    better = "({0}.source_kind IN ('filing', 'issuer'))"
    a, b = (better.format(one) for one in "ab")
    judged = "max(substr(a.known_at, 1, 10), substr(b.known_at, 1, 10))"
    age = f"CAST(julianday({judged}) - julianday(a.as_of) AS INTEGER)"
    return f"""
SELECT {", ".join(RECONCILED)} FROM reconciliation WHERE verdict <> '{AGREES}'
UNION ALL
SELECT a.ticker, a.instrument, a.quantity, a.as_of, a.value, a.unit, a.source, b.value, b.source, (b.value / a.value - 1) * 100, a.url, b.url,
  b.as_of, b.unit, a.source_kind, b.source_kind, a.known_at, b.known_at, {age}, {age}, {judged}, '{DISAGREEMENT}', '{SAME_DAY}',
  'both speak of that day'
FROM known_fact a JOIN known_fact b ON b.ticker = a.ticker AND b.quantity = a.quantity AND b.as_of = a.as_of
  AND b.instrument IS a.instrument AND b.unit = a.unit AND b.source <> a.source AND ({a} > {b} OR {a} = {b} AND b.id > a.id)
WHERE abs(b.value - a.value) > {SAME} * max(abs(a.value), abs(b.value)) AND {dated.format("a")} AND {dated.format("b")}"""


def create_views(db: Database) -> None:
    """Bring the views up to date with this code; a view that already reads the same, or is the user's own, is left alone."""
    if not outdated_views(db):
        return
    with db.atomic():
        for name in definitions():
            db.execute(f"DROP VIEW IF EXISTS {name}")
        for name, select in definitions().items():
            db.execute(f"CREATE VIEW {name} AS{select}")


def outdated_views(db: Database) -> list[str]:
    """The views of this code that the database does not have, or has in another wording."""
    stored = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'").fetchall())
    return [name for name, select in definitions().items() if stored.get(name) != f"CREATE VIEW {name} AS{select}"]


__all__ = ["DAILY_COLUMNS", "METRICS", "create_views", "definitions"]
